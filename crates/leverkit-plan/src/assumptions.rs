//! Shares that no data tell until they are tried, and what a test has found in their place.

use leverkit_core::stats::Interval;
use leverkit_core::{Error, Params};
use serde::{Deserialize, Serialize};

use crate::error::wrong;
use crate::grade::Grade;

/// A share with its limits: assumed, or measured by a test of one's own.
///
/// ```
/// use leverkit_plan::{Assumptions, Grade, Share};
/// let kept = Share { n: 800, grade: Grade::Test, ..Share::assumed(0.06, 0.11, 0.16) };
/// assert!(kept.is_measured() && !Assumptions::default().kept.is_measured());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// What is expected, or was measured.
    pub estimate: f64,
    /// Lower limit: the least where it is assumed, of 95 % where it was measured.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// Customers, orders or deals of the measurement; 0 where it is assumed.
    #[serde(default)]
    pub n: u64,
    /// How it is known.
    #[serde(default = "assumption")]
    pub grade: Grade,
    /// Whether nobody has set it: the company itself has neither tried it nor stated what it expects.
    #[serde(default)]
    pub rule_of_thumb: bool,
}

fn assumption() -> Grade {
    Grade::Assumption
}

impl Share {
    /// A share that is expected, and that nobody has tried.
    pub const fn assumed(lower: f64, estimate: f64, upper: f64) -> Self {
        Self { estimate, lower, upper, n: 0, grade: Grade::Assumption, rule_of_thumb: false }
    }

    const fn by_thumb(lower: f64, estimate: f64, upper: f64) -> Self {
        Self { rule_of_thumb: true, ..Self::assumed(lower, estimate, upper) }
    }

    /// Whether it was tried.
    pub fn is_measured(&self) -> bool {
        self.grade != Grade::Assumption
    }

    /// The estimate with its limits.
    pub fn interval(&self) -> Interval {
        Interval { estimate: self.estimate, lower: self.lower, upper: self.upper }
    }

    /// A test may find that an action does harm; nobody assumes that.
    fn is_in_order(&self, least: f64, most: f64) -> bool {
        let least = if self.is_measured() { f64::NEG_INFINITY } else { least };
        let Self { estimate, lower, upper, .. } = *self;
        least <= lower && lower <= estimate && estimate <= upper && upper <= most && lower.is_finite()
    }

    fn text(&self) -> String {
        format!("({}, {}, {})", self.lower, self.estimate, self.upper)
    }
}

/// Shares that no data tell: rules of thumb, with limits, to be replaced by tests of one's own.
///
/// ```
/// use leverkit_core::Params;
/// use leverkit_plan::{Assumptions, Share};
/// let mut assumptions = Assumptions::default();
/// assumptions.set("kept", Share::assumed(0.2, 0.3, 0.4))?;
/// assert_eq!(assumptions.kept.estimate, 0.3);
/// let error = assumptions.set("keep", Share::assumed(0.2, 0.3, 0.4)).unwrap_err();
/// assert_eq!(error.to_string(), "assumptions: got \"keep\"; expected one of kept, won_back, moved, caused, taken, closed, reached, elasticity, growth");
/// assumptions.kept.lower = 0.9;
/// assert!(assumptions.check().is_err());
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Assumptions {
    /// Of the customers who would be lost, those who stay because they were called before their limit day.
    pub kept: Share,
    /// Of the customers past their limit day who can still return, those who return because they were called.
    pub won_back: Share,
    /// Of the customers who enter with a product that burns traffic, those who can be brought in with one that builds a base.
    pub moved: Share,
    /// Of the difference between customers of two kinds of entry, what the entry does and not who chose it.
    pub caused: Share,
    /// Of the orders to which the next product is recommended, those that take it.
    pub taken: Share,
    /// Of the discounts that comparable deals do not explain, the part that can be closed.
    pub closed: Share,
    /// Of the way to its norm, the part that a parameter can go in a year.
    pub reached: Share,
    /// Per cent of quantity for each per cent of price, below 0, where the lines do not tell it: no share, but a range that is assumed like one.
    pub elasticity: Share,
    /// Of sales from the last year to the next; where nobody has set it, the company's own growth has its say.
    pub growth: Share,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            kept: Share::by_thumb(0.05, 0.10, 0.15),
            won_back: Share::by_thumb(0.01, 0.03, 0.05),
            moved: Share::by_thumb(0.10, 0.20, 0.30),
            caused: Share::by_thumb(0.0, 0.5, 1.0),
            taken: Share::by_thumb(0.01, 0.02, 0.03),
            closed: Share::by_thumb(0.25, 0.50, 0.75),
            reached: Share::by_thumb(0.25, 0.50, 0.75),
            elasticity: Share::by_thumb(-3.0, -2.0, -1.0),
            growth: Share::by_thumb(-0.3, 0.0, 0.3),
        }
    }
}

impl Assumptions {
    /// Sets a share by its name.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a name that there is not, and where limits are out of order or range.
    pub fn set(&mut self, name: &str, share: Share) -> Result<(), Error> {
        let Some((known, place)) = self.by_name().into_iter().find(|(known, _)| *known == name) else {
            let names = Self::default().by_name().map(|(name, _)| name).join(", ");
            return Err(wrong("assumptions", format!("{name:?}"), format!("one of {names}")));
        };
        *place = share;
        check(known, &share)
    }

    fn by_name(&mut self) -> [(&'static str, &mut Share); 9] {
        [
            ("kept", &mut self.kept),
            ("won_back", &mut self.won_back),
            ("moved", &mut self.moved),
            ("caused", &mut self.caused),
            ("taken", &mut self.taken),
            ("closed", &mut self.closed),
            ("reached", &mut self.reached),
            ("elasticity", &mut self.elasticity),
            ("growth", &mut self.growth),
        ]
    }
}

impl Params for Assumptions {
    fn check(&self) -> Result<(), Error> {
        let mut assumptions = *self;
        assumptions.by_name().into_iter().try_for_each(|(name, share)| check(name, share))
    }
}

fn check(name: &str, share: &Share) -> Result<(), Error> {
    let (least, most, expected) = match name {
        "elasticity" => {
            (f64::NEG_INFINITY, 0.0, "three elasticities of at most 0, lower, expected and upper, in this order")
        }
        "growth" => (
            -0.95,
            f64::INFINITY,
            "three relative changes of sales above −0.95, lower, expected and upper, in this order",
        ),
        _ => (0.0, 1.0, "three shares of one, lower, expected and upper, in this order"),
    };
    if share.is_in_order(least, most) {
        return Ok(());
    }
    Err(wrong("assumptions", format!("values where {name} is {}", share.text()), expected))
}
