//! What all models of when customers order have in common: a history's likelihood is that of a customer who is still alive plus that of
//! one who has left, so that P(alive) is the share of the first. A model says how large the two are; everything else is written once.

use serde::{Deserialize, Serialize};

use super::special::log_add;

/// Parameters of a timing model; all have four.
pub(crate) const N: usize = 4;

/// One customer's repeat orders as the models see them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct History {
    /// Repeat orders: periods with an order after the first.
    pub frequency: f64,
    /// Time from the first to the last order.
    pub recency: f64,
    /// Time from the first order to the end of observation.
    pub t: f64,
    /// Sum of the logarithms of the gaps between orders; 0 where it is not known. Only models of regular timing read it.
    pub log_gaps: f64,
}

/// A distinct history and how many customers have it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) history: History,
    pub(crate) weight: f64,
    /// Which pattern of covariates.
    pub(crate) pattern: u32,
}

/// Logarithms of the likelihood of a history on its two ways, with gradients by the logarithms of the parameters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Branches {
    pub(crate) ln_alive: f64,
    pub(crate) ln_left: f64,
    pub(crate) alive: [f64; N],
    pub(crate) left: [f64; N],
}

impl Branches {
    /// ln of the likelihood, its gradient, and P(alive).
    pub(crate) fn join(&self) -> (f64, [f64; N], f64) {
        let (ln, alive) = log_add(self.ln_alive, self.ln_left);
        let mut gradient = self.alive;
        if alive < 1.0 {
            gradient
                .iter_mut()
                .zip(self.left)
                .for_each(|(alive_slope, left)| *alive_slope += (1.0 - alive) * (left - *alive_slope));
        }
        (ln, gradient, alive)
    }
}

/// A model of when customers order and leave.
pub(crate) trait Timing: Send + Sync {
    /// The model with these parameters; `k` events make an order, which only models of regular timing read.
    fn new(parameters: [f64; N], k: u8) -> Self;

    /// What histories with equal frequency share.
    type Shared;

    /// What histories with this frequency share.
    fn shared(&self, frequency: f64) -> Self::Shared;

    /// The two ways of a history.
    fn branches(&self, shared: &Self::Shared, history: &History) -> Branches;

    /// Orders expected in the next `t` from a customer who is alive at the end of their history.
    fn expected_if_alive(&self, history: &History, t: f64) -> f64;

    /// Probabilities that a customer who is alive at the end of their history orders 0, 1 … `most` times in the next `t`.
    fn counts_if_alive(&self, history: &History, t: f64, most: usize) -> Vec<f64>;

    /// The chance that a customer who is alive at the end of their history still is `t` later.
    fn stays_if_alive(&self, history: &History, t: f64) -> f64;

    /// The chance that a customer who is alive at the end of their history orders within the next `t`.
    fn returns_if_alive(&self, history: &History, t: f64) -> f64;

    /// Orders expected up to `t` after a customer's first order.
    fn expected_new(&self, t: f64) -> f64;
}

/// The family of a timing model.
///
/// ```
/// use leverkit_clv::Family;
/// assert_eq!(Family::Regular(2).name(), "MBG/CNBD-2");
/// assert_eq!(Family::ParetoNbd.parameter_names(), ["r", "alpha", "s", "beta"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// BG/NBD (Fader, Hardie & Lee 2005): a customer may leave after each repeat order.
    BetaGeo,
    /// MBG/NBD (Batislam, Denizel & Filiztekin 2007): a customer may leave after each order, the first included.
    ModifiedBetaGeo,
    /// Pareto/NBD (Schmittlein, Morrison & Colombo 1987): a customer may leave at any time.
    ParetoNbd,
    /// BG/BB (Fader, Hardie & Shang 2010): a customer orders or not, and may leave, at each of `t` occasions.
    BetaGeoBetaBinom,
    /// MBG/CNBD-k (Reutterer, Platzer & Schröder 2021): MBG/NBD with Erlang-k gaps, which are more regular the larger k is.
    Regular(u8),
}

impl Family {
    /// The model's usual name.
    pub fn name(self) -> String {
        match self {
            Self::BetaGeo => "BG/NBD".into(),
            Self::ModifiedBetaGeo => "MBG/NBD".into(),
            Self::ParetoNbd => "Pareto/NBD".into(),
            Self::BetaGeoBetaBinom => "BG/BB".into(),
            Self::Regular(k) => format!("MBG/CNBD-{k}"),
        }
    }

    /// The names of its parameters, as its paper and users of other libraries know them.
    pub fn parameter_names(self) -> [&'static str; N] {
        match self {
            Self::BetaGeo | Self::ModifiedBetaGeo | Self::Regular(_) => ["r", "alpha", "a", "b"],
            Self::ParetoNbd => ["r", "alpha", "s", "beta"],
            Self::BetaGeoBetaBinom => ["alpha", "beta", "gamma", "delta"],
        }
    }

    /// Which parameters are times, so that they change with the unit of time.
    pub(crate) fn is_time(self) -> [bool; N] {
        match self {
            Self::BetaGeo | Self::ModifiedBetaGeo | Self::Regular(_) => [false, true, false, false],
            Self::ParetoNbd => [false, true, false, true],
            Self::BetaGeoBetaBinom => [false; N],
        }
    }

    /// How many events of the underlying Poisson process make an order.
    pub(crate) fn k(self) -> u8 {
        if let Self::Regular(k) = self { k } else { 1 }
    }
}
