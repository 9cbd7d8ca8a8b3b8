//! The KPI system in five steps: parameters and what influences them; the positions that decide them; the same by position; the share of
//! the bonus that each KPI carries; and where its numbers come from. Plan and fact then give each position's bonus.

pub(crate) mod table;

use leverkit_core::stats::at_least;
use serde::{Deserialize, Serialize};

use crate::{Direction, Error};

/// A parameter as a KPI: its value and plan, what influences it, who decides it, and where its numbers come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kpi {
    /// The parameter's name.
    pub parameter: String,
    /// Its present value.
    pub value: f64,
    /// The value planned; the present one where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<f64>,
    /// Which way it should move.
    #[serde(default)]
    pub direction: Direction,
    /// What influences it.
    #[serde(default)]
    pub factors: Vec<String>,
    /// The positions for which it is decisive.
    pub positions: Vec<String>,
    /// Where its numbers come from.
    #[serde(default)]
    pub source: String,
    /// Who answers for the numbers.
    #[serde(default)]
    pub owner: String,
    /// How often they are taken.
    #[serde(default)]
    pub period: String,
    /// How good they are.
    #[serde(default)]
    pub quality: String,
}

impl Kpi {
    /// The value planned.
    pub fn planned(&self) -> f64 {
        self.plan.unwrap_or(self.value)
    }

    /// How much of the plan a fact attains: fact over plan, or plan over fact where less is better.
    fn attainment(&self, fact: f64) -> f64 {
        match self.direction {
            Direction::Up => fact / self.planned(),
            Direction::Down => self.planned() / fact,
        }
    }
}

/// A position, its bonus for a whole plan, and weights of its KPIs where they should not count alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobPosition {
    /// The name.
    pub name: String,
    /// Money a period when every KPI meets its plan.
    pub bonus: f64,
    /// Weights by parameter; those left out count 1.
    #[serde(default)]
    pub weights: std::collections::BTreeMap<String, f64>,
}

/// A KPI system.
///
/// ```
/// use leverkit_profit::KpiSystem;
/// let system = KpiSystem::from_toml(r#"
///     [[kpi]]
///     parameter = "close_rate"
///     value = 0.25
///     positions = ["seller"]
///     [[kpi]]
///     parameter = "items"
///     value = 2.0
///     positions = ["seller"]
///     [[position]]
///     name = "seller"
///     bonus = 1000.0
/// "#)?;
/// assert_eq!(system.shares().iter().map(|share| share.share).collect::<Vec<_>>(), [0.5, 0.5]);
/// let earned = system.bonus(&[("close_rate".into(), 0.20), ("items".into(), 2.0)])?;
/// assert_eq!(earned.iter().map(|row| row.earned).collect::<Vec<_>>(), [400.0, 500.0]);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KpiSystem {
    /// Attainment below this earns nothing.
    #[serde(default)]
    floor: f64,
    /// Attainment above this earns no more.
    #[serde(default = "whole")]
    cap: f64,
    kpi: Vec<Kpi>,
    position: Vec<JobPosition>,
}

fn whole() -> f64 {
    1.0
}

/// The share of a position's bonus that a KPI carries.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KpiShare {
    /// The position.
    pub position: String,
    /// How many KPIs it has.
    pub kpis: usize,
    /// The mean share of a KPI, 1 over their number.
    pub mean_share: f64,
    /// The parameter.
    pub parameter: String,
    /// Its weight.
    pub weight: f64,
    /// Its share: its weight over the sum of weights.
    pub share: f64,
    /// The money it carries when the plan is met.
    pub bonus: f64,
}

/// What a KPI earned a position.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Earned {
    /// The position.
    pub position: String,
    /// The parameter.
    pub parameter: String,
    /// The value planned.
    pub plan: f64,
    /// The value that came out.
    pub fact: f64,
    /// How much of the plan was attained, before floor and cap; infinite for a fact of 0 where less is better.
    pub attainment: f64,
    /// The share of the bonus that it carries.
    pub share: f64,
    /// Money for a plan that is met.
    pub bonus: f64,
    /// Money earned.
    pub earned: f64,
}

impl KpiSystem {
    /// Reads a system: `[[kpi]]` and `[[position]]` tables, and `floor` and `cap` of attainment (0 and 1 where none are given).
    ///
    /// # Errors
    /// [`Error::Syntax`] for text that is no system; [`Error::UnknownName`] for a KPI's position, or a weight's parameter, that there is not;
    /// [`Error::Core`] for a negative bonus or weight, a plan of 0, or a position without a KPI.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let system: Self = toml::from_str(text).map_err(|error| Error::syntax("KPI system", error.message()))?;
        system.check()?;
        Ok(system)
    }

    fn check(&self) -> Result<(), Error> {
        if !(0.0 <= self.floor && self.floor <= self.cap && self.cap.is_finite()) {
            return Err(Error::parameter(
                "floor and cap",
                format!("{} and {}", self.floor, self.cap),
                "0 ≤ floor ≤ cap",
            ));
        }
        for kpi in &self.kpi {
            for name in &kpi.positions {
                known(name, &kpi.parameter, self.position.iter().map(|position| position.name.as_str()))?;
            }
            if !(kpi.planned() > 0.0 && kpi.planned().is_finite()) {
                return Err(Error::parameter(&kpi.parameter, format!("a plan of {}", kpi.planned()), "a plan above 0"));
            }
        }
        for position in &self.position {
            self.check_position(position)?;
        }
        Ok(())
    }

    fn check_position(&self, position: &JobPosition) -> Result<(), Error> {
        let own: Vec<&Kpi> = self.kpis_of(&position.name).collect();
        let repeated = |(at, kpi): &(usize, &&Kpi)| own[..*at].iter().any(|earlier| earlier.parameter == kpi.parameter);
        if let Some((_, kpi)) = own.iter().enumerate().find(repeated) {
            let got = format!("the parameter {} twice", kpi.parameter);
            return Err(Error::parameter(
                &position.name,
                got,
                "each parameter once a position; another position may have a plan of its own",
            ));
        }
        if own.is_empty() {
            return Err(Error::parameter(&position.name, "no KPI", "a position that at least one KPI names"));
        }
        for name in position.weights.keys() {
            known(name, &position.name, own.iter().map(|kpi| kpi.parameter.as_str()))?;
        }
        let weights: Vec<f64> = own.iter().map(|kpi| weight(position, kpi)).collect();
        let is_sound =
            weights.iter().all(|weight| *weight >= 0.0 && weight.is_finite()) && weights.iter().sum::<f64>() > 0.0;
        if !(is_sound && position.bonus >= 0.0 && position.bonus.is_finite()) {
            let got = format!("bonus {} and weights {weights:?}", position.bonus);
            return Err(Error::parameter(&position.name, got, "a bonus and weights of at least 0, not all weights 0"));
        }
        Ok(())
    }

    /// Steps 1, 2 and 5: the KPIs with factors, positions and where their numbers come from.
    pub fn kpis(&self) -> &[Kpi] {
        &self.kpi
    }

    /// The positions.
    pub fn positions(&self) -> &[JobPosition] {
        &self.position
    }

    /// Step 3: the KPIs of a position.
    ///
    /// ```
    /// use leverkit_profit::KpiSystem;
    /// let system = KpiSystem::from_toml(r#"
    ///     [[kpi]]
    ///     parameter = "close_rate"
    ///     value = 0.25
    ///     plan = 0.30
    ///     positions = ["seller"]
    ///     [[kpi]]
    ///     parameter = "leads"
    ///     value = 400.0
    ///     positions = ["seller", "marketer"]
    ///     [[position]]
    ///     name = "seller"
    ///     bonus = 1000.0
    ///     weights = { leads = 0.25 }
    ///     [[position]]
    ///     name = "marketer"
    ///     bonus = 500.0
    /// "#)?;
    /// let planned: Vec<f64> = system.kpis_of("seller").map(|kpi| kpi.planned()).collect();
    /// assert_eq!(planned, [0.30, 400.0]);
    /// let shares: Vec<f64> = system.shares().iter().map(|share| share.bonus).collect();
    /// assert_eq!(shares, [800.0, 200.0, 500.0]);
    /// assert_eq!((system.kpis().len(), system.positions()[1].name.as_str()), (2, "marketer"));
    /// # Ok::<(), leverkit_profit::Error>(())
    /// ```
    pub fn kpis_of<'a>(&'a self, position: &'a str) -> impl Iterator<Item = &'a Kpi> {
        self.kpi.iter().filter(move |kpi| kpi.positions.iter().any(|name| name == position))
    }

    /// Step 4: the share of each position's bonus that each of its KPIs carries.
    pub fn shares(&self) -> Vec<KpiShare> {
        self.position.iter().flat_map(|position| self.shares_of(position)).collect()
    }

    fn shares_of(&self, position: &JobPosition) -> Vec<KpiShare> {
        let own: Vec<&Kpi> = self.kpis_of(&position.name).collect();
        let total: f64 = own.iter().map(|kpi| weight(position, kpi)).sum();
        own.iter()
            .map(|kpi| {
                let weight = weight(position, kpi);
                KpiShare {
                    position: position.name.clone(),
                    kpis: own.len(),
                    mean_share: 1.0 / own.len() as f64,
                    parameter: kpi.parameter.clone(),
                    weight,
                    share: weight / total,
                    bonus: position.bonus * weight / total,
                }
            })
            .collect()
    }

    /// Plan and fact: what each KPI earned each position. Attainment is fact over plan (plan over fact where less is better); under the
    /// floor it earns nothing, above the cap no more.
    ///
    /// # Errors
    /// [`Error::Missing`] for a KPI without a fact, [`Error::UnknownName`] for a fact of none, [`Error::Value`] for one that is below 0
    /// where less is better, or no finite number.
    pub fn bonus(&self, facts: &[(String, f64)]) -> Result<Vec<Earned>, Error> {
        for (name, _) in facts {
            known(name, "results", self.kpi.iter().map(|kpi| kpi.parameter.as_str()))?;
        }
        let own = self.position.iter().flat_map(|position| self.kpis_of(&position.name).zip(self.shares_of(position)));
        own.map(|(kpi, share)| Ok(self.earned(kpi, share, self.fact_of(kpi, facts)?))).collect()
    }

    fn earned(&self, kpi: &Kpi, share: KpiShare, fact: f64) -> Earned {
        let attainment = kpi.attainment(fact);
        let counted = if at_least(attainment, self.floor) { attainment.clamp(0.0, self.cap) } else { 0.0 };
        Earned {
            position: share.position,
            parameter: share.parameter,
            plan: kpi.planned(),
            fact,
            attainment,
            share: share.share,
            bonus: share.bonus,
            earned: share.bonus * counted,
        }
    }

    fn fact_of(&self, kpi: &Kpi, facts: &[(String, f64)]) -> Result<f64, Error> {
        let found = facts.iter().find(|(name, _)| *name == kpi.parameter);
        let needed = || self.kpi.iter().map(|kpi| kpi.parameter.as_str()).collect::<Vec<_>>().join(", ");
        let (_, fact) = found.ok_or_else(|| Error::Missing { parameter: kpi.parameter.clone(), needed: needed() })?;
        let is_sound = fact.is_finite() && (kpi.direction == Direction::Up || *fact >= 0.0);
        if !is_sound {
            let expected = if kpi.direction == Direction::Up { "a finite number" } else { "a number of at least 0" };
            let expected = expected.to_owned();
            return Err(Error::Value { parameter: kpi.parameter.clone(), row: 0, got: *fact, expected });
        }
        Ok(*fact)
    }
}

fn weight(position: &JobPosition, kpi: &Kpi) -> f64 {
    position.weights.get(&kpi.parameter).copied().unwrap_or(1.0)
}

fn known<'a>(name: &str, place: &str, names: impl Iterator<Item = &'a str> + Clone) -> Result<(), Error> {
    if names.clone().any(|known| known == name) {
        return Ok(());
    }
    Err(Error::UnknownName { place: place.into(), name: name.into(), nearest: leverkit_core::nearest(name, names) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = r#"
        [[kpi]]
        parameter = "lead_rate"
        value = 0.10
        plan = 0.12
        factors = ["landing page", "speed of reply"]
        positions = ["marketer"]
        [[kpi]]
        parameter = "close_rate"
        value = 0.25
        plan = 0.30
        factors = ["script", "training"]
        positions = ["seller", "head of sales"]
        [[kpi]]
        parameter = "items"
        value = 2.0
        positions = ["seller", "head of sales"]
        [[kpi]]
        parameter = "contact_cost"
        value = 0.05
        plan = 0.04
        direction = "down"
        positions = ["marketer", "head of sales"]
        [[position]]
        name = "marketer"
        bonus = 20000.0
        weights = { lead_rate = 3.0 }
        [[position]]
        name = "seller"
        bonus = 30000.0
        [[position]]
        name = "head of sales"
        bonus = 60000.0
    "#;

    /// Worked by hand: the head of sales has three KPIs of a third each; the marketer's lead rate counts three times her costs.
    #[test]
    fn five_steps_to_the_last_per_cent() {
        let system = KpiSystem::from_toml(SHOP).unwrap();
        let shares: Vec<(String, String, f64, f64)> = system
            .shares()
            .into_iter()
            .map(|share| (share.position, share.parameter, share.share, share.bonus))
            .collect();
        let row = |position: &str, parameter: &str, share: f64, bonus: f64| {
            (position.to_owned(), parameter.to_owned(), share, bonus)
        };
        assert_eq!(
            shares,
            [
                row("marketer", "lead_rate", 0.75, 15_000.0),
                row("marketer", "contact_cost", 0.25, 5000.0),
                row("seller", "close_rate", 0.5, 15_000.0),
                row("seller", "items", 0.5, 15_000.0),
                row("head of sales", "close_rate", 1.0 / 3.0, 20_000.0),
                row("head of sales", "items", 1.0 / 3.0, 20_000.0),
                row("head of sales", "contact_cost", 1.0 / 3.0, 20_000.0),
            ]
        );
        let facts = [("lead_rate", 0.09), ("close_rate", 0.33), ("items", 1.8), ("contact_cost", 0.05)];
        let facts: Vec<(String, f64)> = facts.iter().map(|(name, fact)| ((*name).into(), *fact)).collect();
        let of = |position: &str| -> f64 {
            system.bonus(&facts).unwrap().iter().filter(|row| row.position == position).map(|row| row.earned).sum()
        };
        // 0.09/0.12 = 75 % of 15,000 and 0.04/0.05 = 80 % of 5,000.
        assert!((of("marketer") - 15_250.0).abs() < 1e-9);
        // 110 % counts as 100 %, and 1.8/2.0 = 90 %.
        assert!((of("seller") - 28_500.0).abs() < 1e-9);
        assert!((of("head of sales") - (20_000.0 + 18_000.0 + 16_000.0)).abs() < 1e-9);
    }

    #[test]
    fn a_floor_and_a_cap_of_one_s_own_hold() {
        let system = KpiSystem::from_toml(&format!("floor = 0.8\ncap = 1.2\n{SHOP}")).unwrap();
        let facts = [("lead_rate", 0.09), ("close_rate", 0.33), ("items", 2.0), ("contact_cost", 0.04)];
        let facts: Vec<(String, f64)> = facts.iter().map(|(name, fact)| ((*name).into(), *fact)).collect();
        let rows = system.bonus(&facts).unwrap();
        assert_eq!(rows[0].earned, 0.0, "75 % lies under the floor");
        assert!((rows[2].earned - 16_500.0).abs() < 1e-9, "110 % lies under the cap");
    }

    /// Bonuses of these facts in a system of KPIs with positions a and b, 1000 each.
    fn earned(kpis: &str, fact: f64) -> Result<Vec<f64>, Error> {
        let positions = "[[position]]\nname = \"a\"\nbonus = 1000.0\n[[position]]\nname = \"b\"\nbonus = 1000.0";
        let rows = KpiSystem::from_toml(&format!("{kpis}\n{positions}"))?.bonus(&[("sales".to_owned(), fact)])?;
        Ok(rows.into_iter().map(|row| row.earned).collect())
    }

    #[test]
    fn each_position_is_paid_by_its_own_plan() {
        let kpi = |plan: u32, position: &str| {
            format!("[[kpi]]\nparameter = \"sales\"\nvalue = 80.0\nplan = {plan}.0\npositions = [\"{position}\"]\n")
        };
        assert_eq!(earned(&(kpi(100, "a") + &kpi(200, "b")), 100.0).unwrap(), [1000.0, 500.0]);
        let twice = earned(&(kpi(100, "a") + &kpi(200, "a") + &kpi(200, "b")), 100.0).unwrap_err();
        insta::assert_snapshot!(twice, @"a: got the parameter sales twice; expected each parameter once a position; another position may have a plan of its own");
    }

    #[test]
    fn nothing_where_less_is_better_is_the_whole_bonus() {
        let kpi = "[[kpi]]\nparameter = \"sales\"\nvalue = 5.0\ndirection = \"down\"\npositions = [\"a\", \"b\"]";
        assert_eq!(earned(kpi, 0.0).unwrap(), [1000.0, 1000.0]);
        assert!(earned(kpi, -1.0).is_err());
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let error = |from: &str, to: &str| KpiSystem::from_toml(&SHOP.replace(from, to)).unwrap_err().to_string();
        insta::assert_snapshot!(error("positions = [\"marketer\"]", "positions = [\"marketeer\"]"), @r#"lead_rate: unknown name "marketeer"; did you mean "marketer"?"#);
        insta::assert_snapshot!(error("lead_rate = 3.0", "close_rate = 3.0"), @r#"marketer: unknown name "close_rate""#);
        insta::assert_snapshot!(error("plan = 0.30", "plan = 0.0"), @"close_rate: got a plan of 0; expected a plan above 0");
        let facts = [("lead_rate".to_owned(), 0.1)];
        let error = KpiSystem::from_toml(SHOP).unwrap().bonus(&facts).unwrap_err();
        insta::assert_snapshot!(error, @"contact_cost: no value given; needed are lead_rate, close_rate, items, contact_cost");
    }
}
