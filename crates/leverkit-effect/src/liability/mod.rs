//! Points that were earned: how many will be redeemed, what they will cost, and what of rewards was paid for nothing.

mod curve;
mod deferral;
mod lots;
mod params;
mod subsidy;
mod table;

use leverkit_core::{Day, LeftOut, Params, Table};
use leverkit_stats::{Interval, bootstrap, budget, percentile_interval};
use serde::Serialize;

use self::curve::{Ages, Curve};
use self::lots::{Lot, Lots};
use crate::Error;

pub use deferral::{Deferral, DeferralPeriod, deferral};
pub(crate) use lots::points;
pub use params::{DeferralParams, LiabilityParams};
pub use subsidy::{Subsidy, subsidy};

/// What points will cost.
#[derive(Debug, Clone)]
pub struct Liability {
    /// What it was made with.
    pub params: LiabilityParams,
    /// The share of points that is redeemed at last, with bootstrap limits over customers.
    pub redemption_rate: Interval,
    /// Points that are open.
    pub outstanding: f64,
    /// What those will cost, money, with limits.
    pub liability: Interval,
    /// The curve by age.
    pub curve: Vec<CurveAge>,
    /// One row per period in which points were earned.
    pub cohorts: Vec<CohortPoints>,
    /// One row per period of earning and age.
    pub triangle: Vec<TriangleCell>,
    /// Customers who earned points.
    pub customers: u64,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// Points of one age, over all earnings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurveAge {
    /// Periods since the earning; 0 is that of the earning.
    pub age: u32,
    /// Points at risk at its beginning.
    pub at_risk: f64,
    /// Points redeemed during it.
    pub redeemed: f64,
    /// Points that lapsed during it.
    pub expired: f64,
    /// Share redeemed by its end, with bootstrap limits.
    pub redeemed_share: Interval,
    /// Share still open at its end.
    pub open_share: f64,
}

/// What was earned in one period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CohortPoints {
    /// The first day of the period.
    pub start: Day,
    /// Points earned.
    pub earned: f64,
    /// Of them redeemed so far.
    pub redeemed: f64,
    /// Lapsed so far.
    pub expired: f64,
    /// Open.
    pub outstanding: f64,
    /// Of the open ones, those that will be redeemed.
    pub expected: f64,
    /// What those will cost, money.
    pub liability: f64,
}

/// Points of one earning period at one age.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TriangleCell {
    /// The first day of the period of earning.
    pub start: Day,
    /// Periods since then.
    pub age: u32,
    /// Points open at its beginning.
    pub at_risk: f64,
    /// Redeemed during it.
    pub redeemed: f64,
    /// Lapsed during it.
    pub expired: f64,
    /// Whether it is over.
    pub is_complete: bool,
}

/// Values points that were earned and are still open.
///
/// Redemptions take a customer's oldest points first. The redemption curve weighs every point alike; points that are still open are censored, and a
/// period that is not over counts for balances alone. Breakage is what is never redeemed: 1 − the redemption rate.
///
/// # Errors
/// [`Error::Core`] for an unknown column or a parameter out of range; [`Error::Value`] for negative points; [`Error::Empty`] where no row is left;
/// [`Error::NotIdentified`] where no points were earned.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_effect::liability::{LiabilityParams, liability};
/// let points = Table::from(batch!(
///     "who" => ["ann", "bob", "ann"], "day" => ["2024-01-05", "2024-01-09", "2024-02-29"], "earned" => [100, 100, 0], "redeemed" => [0, 0, 80],
/// )?);
/// let found = liability(&points, &LiabilityParams::new("who", "day", "earned", "redeemed"))?;
/// assert_eq!((found.redemption_rate.estimate, found.outstanding), (0.4, 120.0));
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
pub fn liability(table: &Table, params: &LiabilityParams) -> Result<Liability, Error> {
    params.check()?;
    let lots = Lots::read(table, params)?;
    let customers = Ages::of_all(&lots);
    let all = total(&customers, lots.complete, |_| 1.0);
    let curve = all.curve();
    let drawn =
        bootstrap(customers.len(), params.replicates(customers.len() * lots.complete * 3), params.seed, |draws| {
            total(&customers, lots.complete, |customer| f64::from(draws[customer])).curve()
        })?;
    let limits = |of: &dyn Fn(&Curve) -> f64| -> Result<Interval, Error> {
        // Every age has limits of its own, each a sort of all replicates.
        budget::check();
        let values: Vec<f64> = drawn.iter().map(of).collect();
        Ok(percentile_interval(of(&curve), &values, params.level)?)
    };
    let open = open_by_age(&lots);
    let cost = |curve: &Curve| -> f64 {
        params.point_cost * open.iter().enumerate().map(|(ages, points)| points * curve.of_open(ages)).sum::<f64>()
    };
    let ages = (0..lots.complete).map(|age| {
        Ok(CurveAge {
            age: age as u32,
            at_risk: all.at_risk[age],
            redeemed: all.redeemed[age],
            expired: all.expired[age],
            redeemed_share: limits(&|curve| curve.redeemed[age + 1])?,
            open_share: curve.open[age + 1],
        })
    });
    Ok(Liability {
        params: params.clone(),
        redemption_rate: limits(&Curve::ultimate)?,
        outstanding: open.iter().sum(),
        liability: limits(&cost)?,
        curve: ages.collect::<Result<_, Error>>()?,
        cohorts: cohorts(&lots, &curve, params),
        triangle: triangle(&lots, params),
        customers: customers.len() as u64,
        notes: notes(&lots, &curve),
        left_out: lots.left_out,
    })
}

/// The ages of all customers, each so many times.
fn total(customers: &[Ages], complete: usize, times: impl Fn(usize) -> f64) -> Ages {
    let mut sum = Ages::new(complete);
    for (customer, ages) in customers.iter().enumerate() {
        let times = times(customer);
        if times > 0.0 {
            sum.add(ages, times);
        }
    }
    sum
}

/// Open points by the number of ages, over by now, that they have been through.
fn open_by_age(lots: &Lots) -> Vec<f64> {
    let mut open = vec![0.0; lots.complete + 1];
    for lot in lots.customers.iter().flatten() {
        open[lots.complete.saturating_sub(lot.cohort)] += lot.open;
    }
    open
}

fn cohorts(lots: &Lots, curve: &Curve, params: &LiabilityParams) -> Vec<CohortPoints> {
    let mut rows: Vec<CohortPoints> = (0..lots.periods)
        .map(|cohort| CohortPoints {
            start: params.period.start(lots.first + cohort as i32),
            earned: 0.0,
            redeemed: 0.0,
            expired: 0.0,
            outstanding: 0.0,
            expected: 0.0,
            liability: 0.0,
        })
        .collect();
    for lot in lots.customers.iter().flatten() {
        let row = &mut rows[lot.cohort];
        row.earned += lot.earned;
        row.redeemed += lot.left.iter().map(|left| left.redeemed).sum::<f64>();
        row.expired += lot.left.iter().map(|left| left.expired).sum::<f64>();
        row.outstanding += lot.open;
    }
    for (cohort, row) in rows.iter_mut().enumerate() {
        row.expected = row.outstanding * curve.of_open(lots.complete.saturating_sub(cohort));
        row.liability = row.expected * params.point_cost;
    }
    rows
}

fn triangle(lots: &Lots, params: &LiabilityParams) -> Vec<TriangleCell> {
    let mut by_cohort: Vec<Vec<&Lot>> = vec![Vec::new(); lots.periods];
    lots.customers.iter().flatten().for_each(|lot| by_cohort[lot.cohort].push(lot));
    let mut cells = Vec::new();
    for (cohort, own) in by_cohort.iter().enumerate().filter(|(_, own)| !own.is_empty()) {
        let mut at_risk: f64 = own.iter().map(|lot| lot.earned).sum();
        for age in 0..lots.periods - cohort {
            let gone = own.iter().flat_map(|lot| &lot.left).filter(|left| left.age == age);
            let (redeemed, expired) = gone.fold((0.0, 0.0), |sum, left| (sum.0 + left.redeemed, sum.1 + left.expired));
            cells.push(TriangleCell {
                start: params.period.start(lots.first + cohort as i32),
                age: age as u32,
                at_risk,
                redeemed,
                expired,
                is_complete: cohort + age < lots.complete,
            });
            at_risk = (at_risk - redeemed - expired).max(0.0);
        }
    }
    cells
}

/// The share of points still open at the oldest age above which the rate is called a lower bound.
const STILL_OPEN: f64 = 0.05;

fn notes(lots: &Lots, curve: &Curve) -> Vec<String> {
    let mut notes = Vec::new();
    let open = curve.open[curve.open.len() - 1];
    if open > STILL_OPEN {
        notes.push(format!(
            "{:.0} % of points are still open at the oldest age that the data show: what becomes of them is unknown, so the redemption rate is a lower bound",
            100.0 * open
        ));
    }
    if lots.unearned > 0.0 {
        notes.push(format!(
            "{:.0} points were redeemed or lapsed that were not earned in the data: they are left out; give movements from the programme's start",
            lots.unearned
        ));
    }
    if lots.complete < lots.periods {
        notes.push("The last period is not over: it counts for balances, not for the curve".into());
    }
    notes
}

#[cfg(test)]
mod tests {
    use leverkit_core::batch;

    use super::*;

    fn points() -> Table {
        // Ann earns 100 in January and redeems 60 in March; Bob earns 100 in February and keeps them; Cy redeems what he did not earn.
        batch!(
            "who" => ["ann", "ann", "bob", "cy"],
            "day" => ["2024-01-10", "2024-03-10", "2024-02-01", "2024-04-30"],
            "earned" => [Some(100.0), None, Some(100.0), None],
            "redeemed" => [None, Some(60.0), None, Some(5.0)],
        )
        .unwrap()
        .into()
    }

    fn params() -> LiabilityParams {
        LiabilityParams { point_cost: 0.5, ..LiabilityParams::new("who", "day", "earned", "redeemed") }
    }

    #[test]
    fn open_points_are_worth_what_the_curve_says_of_their_age() {
        let found = liability(&points(), &params()).unwrap();
        // Age 2: 60 of 200 at risk; Ann's 40 are 4 ages old and Bob's 100 are 3: nothing is ever redeemed after age 2.
        assert!((found.redemption_rate.estimate - 0.3).abs() < 1e-12);
        assert_eq!((found.outstanding, found.liability.estimate), (140.0, 0.0));
        assert!(found.notes.iter().any(|note| note.contains("lower bound")));
        assert!(found.notes.iter().any(|note| note.starts_with("5 points were redeemed")));
        assert_eq!(found.cohorts.iter().map(|row| row.outstanding).collect::<Vec<_>>(), [40.0, 100.0, 0.0, 0.0]);
    }

    #[test]
    fn young_points_will_be_redeemed_as_older_ones_were() {
        let later = LiabilityParams { as_of: leverkit_core::parse_day("as_of", "2024-04-01").ok(), ..params() };
        let found = liability(&points(), &later).unwrap();
        // Bob's points have been through two ages; in the third, 60 of Ann's 100 went.
        assert!((found.cohorts[1].expected - 60.0).abs() < 1e-9 && (found.liability.estimate - 30.0).abs() < 1e-9);
    }

    #[test]
    fn a_rule_lets_points_lapse() {
        let rule = LiabilityParams { expires_after: Some(2), ..params() };
        let found = liability(&points(), &rule).unwrap();
        assert_eq!((found.outstanding, found.redemption_rate.estimate), (0.0, 0.0));
        assert_eq!(found.cohorts[0].expired, 100.0);
    }

    #[test]
    fn every_point_is_accounted_for() {
        let found = liability(&points(), &LiabilityParams { expires_after: Some(3), ..params() }).unwrap();
        assert!(
            found.cohorts.iter().all(|row| (row.earned - row.redeemed - row.expired - row.outstanding).abs() < 1e-9)
        );
    }

    #[test]
    fn negative_points_are_named() {
        let table =
            batch!("who" => ["ann"], "day" => ["2024-01-31"], "earned" => [10.0], "redeemed" => [-1.0]).unwrap();
        let error = liability(&table.into(), &params()).unwrap_err();
        insta::assert_snapshot!(error, @r#"redeemed: column "redeemed" holds -1 in row 0; expected points of 0 or more: give what is earned, redeemed and expired as columns of their own"#);
    }
}
