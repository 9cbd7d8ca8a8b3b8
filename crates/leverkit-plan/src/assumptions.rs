//! Shares that no data tell until they are tried.

use leverkit_core::stats::Interval;
use leverkit_core::{Error, Params};
use serde::{Deserialize, Serialize};

use crate::error::wrong;

/// Shares that no data tell: rules of thumb, with limits, to be replaced by tests of one's own.
///
/// ```
/// use leverkit_core::Params;
/// use leverkit_plan::Assumptions;
/// let mut assumptions = Assumptions::default();
/// assumptions.set("kept", &[0.2, 0.3, 0.4])?;
/// assert_eq!(assumptions.kept.estimate, 0.3);
/// let error = assumptions.set("keep", &[0.2, 0.3, 0.4]).unwrap_err();
/// assert_eq!(error.to_string(), "assumptions: got \"keep\"; expected one of kept, won_back, moved, taken, closed, reached");
/// assumptions.kept.lower = 0.9;
/// assert!(assumptions.check().is_err());
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Assumptions {
    /// Of the customers who would be lost, those who stay because they were called before their limit day.
    pub kept: Interval,
    /// Of the customers past their limit day, those who return because they were called.
    pub won_back: Interval,
    /// Of the customers who enter with a product that burns traffic, those who can be brought in with one that builds a base.
    pub moved: Interval,
    /// Of the orders to which the next product is recommended, those that take it.
    pub taken: Interval,
    /// Of the discounts that the size of deals does not explain, the part that can be closed.
    pub closed: Interval,
    /// Of the way to its norm, the part that a parameter can go in a year.
    pub reached: Interval,
}

impl Default for Assumptions {
    fn default() -> Self {
        let share = |lower, estimate, upper| Interval { estimate, lower, upper };
        Self {
            kept: share(0.05, 0.10, 0.15),
            won_back: share(0.01, 0.03, 0.05),
            moved: share(0.10, 0.20, 0.30),
            taken: share(0.01, 0.02, 0.03),
            closed: share(0.25, 0.50, 0.75),
            reached: share(0.25, 0.50, 0.75),
        }
    }
}

impl Assumptions {
    /// Sets a share by its name: lower limit, what is expected, and upper limit.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a name that there is not, and where there are not three shares in this order.
    pub fn set(&mut self, name: &str, share: &[f64]) -> Result<(), Error> {
        let Some((_, place)) = self.by_name().into_iter().find(|(known, _)| *known == name) else {
            let names = Self::default().by_name().map(|(name, _)| name).join(", ");
            return Err(wrong("assumptions", format!("{name:?}"), format!("one of {names}")));
        };
        match *share {
            [lower, estimate, upper] if in_order(lower, estimate, upper) => {
                *place = Interval { estimate, lower, upper }
            }
            _ => return Err(no_share(name, share)),
        }
        Ok(())
    }

    fn by_name(&mut self) -> [(&'static str, &mut Interval); 6] {
        [
            ("kept", &mut self.kept),
            ("won_back", &mut self.won_back),
            ("moved", &mut self.moved),
            ("taken", &mut self.taken),
            ("closed", &mut self.closed),
            ("reached", &mut self.reached),
        ]
    }
}

impl Params for Assumptions {
    fn check(&self) -> Result<(), Error> {
        let mut assumptions = *self;
        let wrong =
            assumptions.by_name().into_iter().find(|(_, share)| !in_order(share.lower, share.estimate, share.upper));
        wrong.map_or(Ok(()), |(name, share)| Err(no_share(name, &[share.lower, share.estimate, share.upper])))
    }
}

fn in_order(lower: f64, estimate: f64, upper: f64) -> bool {
    0.0 <= lower && lower <= estimate && estimate <= upper && upper <= 1.0
}

fn no_share(name: &str, share: &[f64]) -> Error {
    let share = share.iter().map(f64::to_string).collect::<Vec<_>>().join(", ");
    let expected = "three shares of one, lower, expected and upper, in this order";
    wrong("assumptions", format!("values where {name} is ({share})"), expected)
}
