//! What a house of quality is built of, and its check.

use leverkit_core::{Error as CoreError, LeftOut, nearest};
use serde::{Deserialize, Serialize};

use super::params::HouseParams;
use crate::Error;

/// A need of customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Its name.
    pub name: String,
    /// How much it matters, 0 or more; not needed where weights are drawn or answered.
    #[serde(default)]
    pub weight: Option<f64>,
    /// How well we serve it today.
    #[serde(default)]
    pub current: Option<f64>,
    /// How well we mean to serve it.
    #[serde(default)]
    pub target: Option<f64>,
    /// How much more it matters because it sells: 1, 1.2 or 1.5.
    #[serde(default)]
    pub sales_point: Option<f64>,
    /// How well each competitor serves it.
    #[serde(default)]
    pub competitors: Vec<(String, f64)>,
}

/// A characteristic of the product that can be changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Characteristic {
    /// Its name.
    pub name: String,
    /// What is aimed at, with its unit.
    #[serde(default)]
    pub target: Option<String>,
    /// How hard it is to reach.
    #[serde(default)]
    pub difficulty: Option<f64>,
    /// What reaching it costs, money.
    #[serde(default)]
    pub cost: Option<f64>,
}

/// How strongly a characteristic serves a need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// The need.
    pub need: String,
    /// The characteristic.
    pub characteristic: String,
    /// A strength of the scale, or 0.
    pub strength: f64,
    /// Who judged, where several did.
    #[serde(default)]
    pub judge: Option<String>,
}

/// How two characteristics go together: below 0 where one stands in the way of the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoofCell {
    /// One characteristic.
    pub first: String,
    /// The other.
    pub second: String,
    /// From −1 to 1.
    pub correlation: f64,
}

/// All that a house is built of.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HouseInput {
    /// The needs, in the order of the rows.
    pub needs: Vec<Need>,
    /// The characteristics, in the order of the columns.
    pub characteristics: Vec<Characteristic>,
    /// The relations that there are; all others are none.
    pub relations: Vec<Relation>,
    /// The roof; empty without.
    pub roof: Vec<RoofCell>,
    /// Weights drawn elsewhere, each a possible set; beside the needs' weights. Answers give them, and a house before this one.
    pub weight_draws: Vec<Vec<f64>>,
    /// What to know of the answers that weights come from.
    #[serde(skip)]
    pub notes: Vec<String>,
    /// Rows of answers that were left out.
    #[serde(skip)]
    pub left_out: Vec<LeftOut>,
}

/// The places of relations and roof, checked.
pub(crate) struct Plan {
    /// Steps of the scale from 1, the strongest; 0 for none. By judge, row by row.
    pub(crate) judged: Vec<Vec<usize>>,
    /// The roof with ones on its diagonal, row by row; `None` without.
    pub(crate) roof: Option<Vec<f64>>,
    /// How much each need matters, before improvement and sales point.
    pub(crate) weights: Vec<f64>,
}

impl HouseInput {
    pub(crate) fn plan(&self, params: &HouseParams) -> Result<Plan, Error> {
        let needs: Vec<&str> = self.needs.iter().map(|need| need.name.as_str()).collect();
        let characteristics: Vec<&str> = self.characteristics.iter().map(|found| found.name.as_str()).collect();
        check_names("needs", &needs)?;
        check_names("characteristics", &characteristics)?;
        Ok(Plan {
            judged: self.judged(&needs, &characteristics, &params.scale)?,
            roof: self.roof(&characteristics)?,
            weights: self.weights()?,
        })
    }

    /// The strengths of each judge as steps of the scale.
    fn judged(&self, needs: &[&str], characteristics: &[&str], scale: &[f64]) -> Result<Vec<Vec<usize>>, Error> {
        let mut judges: Vec<Option<&str>> = self.relations.iter().map(|cell| cell.judge.as_deref()).collect();
        judges.sort_unstable();
        judges.dedup();
        let mut steps = vec![vec![0; needs.len() * characteristics.len()]; judges.len().max(1)];
        let mut is_given = vec![vec![false; needs.len() * characteristics.len()]; judges.len().max(1)];
        for cell in &self.relations {
            let row = place("relations: need", &cell.need, needs)?;
            let column = place("relations: characteristic", &cell.characteristic, characteristics)?;
            let step = scale.iter().position(|strength| *strength == cell.strength).map(|place| place + 1);
            let Some(step) = step.or((cell.strength == 0.0).then_some(0)) else {
                let got = format!("{} for {:?} and {:?}", cell.strength, cell.need, cell.characteristic);
                let known = scale.iter().map(f64::to_string).collect::<Vec<_>>().join(", ");
                return Err(Error::parameter("relations", got, format!("a strength of the scale: {known} or 0")));
            };
            let judge = judges.binary_search(&cell.judge.as_deref()).unwrap_or_default();
            let at = row * characteristics.len() + column;
            if std::mem::replace(&mut is_given[judge][at], true) {
                let got = format!("{:?} and {:?} twice", cell.need, cell.characteristic);
                return Err(Error::parameter("relations", got, "one row per need and characteristic, and judge"));
            }
            steps[judge][at] = step;
        }
        Ok(steps)
    }

    fn roof(&self, characteristics: &[&str]) -> Result<Option<Vec<f64>>, Error> {
        if self.roof.is_empty() {
            return Ok(None);
        }
        let n = characteristics.len();
        let mut roof: Vec<f64> = (0..n * n).map(|at| f64::from(u8::from(at / n == at % n))).collect();
        for cell in &self.roof {
            let one = place("roof: first", &cell.first, characteristics)?;
            let other = place("roof: second", &cell.second, characteristics)?;
            let pair = format!("{} for {:?} and {:?}", cell.correlation, cell.first, cell.second);
            if one == other || !(-1.0..=1.0).contains(&cell.correlation) {
                return Err(Error::parameter("roof", pair, "a number from -1 to 1 for two characteristics"));
            }
            let known = roof[one * n + other];
            if known != 0.0 && known != cell.correlation {
                return Err(Error::parameter("roof", pair, format!("{known}, as the same pair has before")));
            }
            roof[one * n + other] = cell.correlation;
            roof[other * n + one] = cell.correlation;
        }
        Ok(Some(roof))
    }

    /// The needs' weights, adding up to one, with improvement and sales point.
    fn weights(&self) -> Result<Vec<f64>, Error> {
        let n = self.needs.len();
        let (rows, is_weight) = (&self.weight_draws, |value: &f64| value.is_finite() && *value >= 0.0);
        if let Some(at) = rows.iter().position(|row| row.len() != n || !row.iter().all(is_weight)) {
            let got = format!("{:?} in row {at}", rows[at]);
            return Err(Error::parameter("weight_draws", got, format!("{n} numbers of 0 or more")));
        }
        for need in &self.needs {
            let wrong = |what: &str, got: f64, expected: &str| {
                Err(Error::parameter(what, format!("{got} for {:?}", need.name), expected))
            };
            match need.weight {
                Some(weight) if !(weight >= 0.0 && weight.is_finite()) => return wrong("weight", weight, "0 or more"),
                None => return wrong("weight", f64::NAN, "a weight for each need, or answers"),
                Some(_) => {}
            }
            let above_zero = [("current", need.current), ("target", need.target), ("sales_point", need.sales_point)];
            for (what, value) in above_zero {
                if let Some(value) = value.filter(|value| !(*value > 0.0 && value.is_finite())) {
                    return wrong(what, value, "a number above 0");
                }
            }
        }
        let given: Vec<f64> = self.needs.iter().map(|need| need.weight.unwrap_or_default()).collect();
        if given.iter().sum::<f64>() <= 0.0 {
            return Err(Error::parameter("weight", "0 for all needs", "a weight above 0 for at least one"));
        }
        Ok(given)
    }
}

fn check_names(what: &str, names: &[&str]) -> Result<(), Error> {
    if names.is_empty() {
        return Err(Error::parameter(what, "none", "at least one"));
    }
    match (1..names.len()).find(|&at| names[..at].contains(&names[at])) {
        Some(at) => Err(Error::parameter(what, format!("{:?} twice", names[at]), "a name for each")),
        None => Ok(()),
    }
}

fn place(role: &str, name: &str, names: &[&str]) -> Result<usize, Error> {
    names.iter().position(|known| *known == name).ok_or_else(|| {
        let near = nearest(name, names.iter().copied());
        let hint = near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
        let expected = format!("one of {}{hint}", names.join(", "));
        CoreError::Parameter { parameter: role.into(), got: format!("{name:?}"), expected }.into()
    })
}
