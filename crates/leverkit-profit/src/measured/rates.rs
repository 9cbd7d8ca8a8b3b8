//! The rates of a period as ratios over groups of customers: limits, and how unsure they are, alone and together.

use leverkit_core::stats::{Interval, Ratio, wilson};

use super::result::{Measured, Source};
use super::sums::Sums;
use crate::{Correlation, Distribution};

pub(super) const LEVEL: f64 = 0.95;

/// Each customer counts once: limits are those of a count.
const COUNTED: [&str; 2] = ["retention_rate", "reactivation_rate"];

/// Shares of money.
const SHARES: [&str; 2] = ["discount_rate", "return_rate"];

/// What groups of so few customers tell can be a sum of the others to the last bit, and no correlation is quite 1.
const NEARLY_ONE: f64 = 1.0 - 1e-6;

/// A rate over the groups of customers, unless there is nothing to divide by.
pub(super) struct Rate {
    name: &'static str,
    ratio: Ratio,
    /// Where each customer counts once: how many did, and of how many.
    counts: Option<(f64, f64)>,
}

/// The rates of a period.
pub(super) fn rates(by_group: &[Sums]) -> Vec<Option<Rate>> {
    let groups: Vec<_> = by_group.iter().map(Sums::rates).collect();
    let rate = |(at, (name, _, _)): (usize, &(&'static str, f64, f64))| {
        let column = |of: fn(&(&'static str, f64, f64)) -> f64| -> Vec<f64> {
            groups.iter().map(|rates| of(&rates[at])).collect()
        };
        let (parts, wholes) = (column(|rate| rate.1), column(|rate| rate.2));
        let counts = || (parts.iter().sum(), wholes.iter().sum());
        let ratio = Ratio::of(&wholes, &parts)?;
        Some(Rate { name, ratio, counts: COUNTED.contains(name).then(counts) })
    };
    Sums::default().rates().iter().enumerate().map(rate).collect()
}

impl Rate {
    /// Limits; `None` where one group of customers alone tells of it.
    pub(super) fn limits(&self) -> Option<Interval> {
        if let Some((part, whole)) = self.counts {
            return wilson(part as u64, whole as u64, LEVEL).ok();
        }
        let found = match self.value() {
            value if self.is_share() => Interval { estimate: value, ..self.ratio.share(LEVEL) },
            value if value > 0.0 => self.ratio.size(LEVEL),
            value => Interval::around(value, self.ratio.reach(LEVEL) * self.ratio.std_error()),
        };
        Some(found).filter(|found| !found.lower.is_nan())
    }

    /// How it is spread: as a count's posterior, as a share of as many trials as tell as much, or as a size on its logarithm. `None` where nothing varies that could tell.
    pub(super) fn spread(&self) -> Option<Distribution> {
        if let Some((part, whole)) = self.counts {
            return Some(share_of(part, whole));
        }
        let (value, reach) = (self.value(), self.ratio.reach(LEVEL));
        let error = Some(reach * self.ratio.std_error()).filter(|error| *error > 0.0)?;
        Some(match value {
            value if self.is_share() => {
                let trials = self.ratio.trials() / reach.powi(2);
                share_of(value * trials, trials)
            }
            value if value > 0.0 => Distribution::Lognormal { median: value, sigma: (error / value).min(MOST_SIGMA) },
            value => Distribution::Normal { mean: value, std: error },
        })
    }

    fn value(&self) -> f64 {
        self.ratio.value
    }

    fn is_share(&self) -> bool {
        SHARES.contains(&self.name) && (0.0..=1.0).contains(&self.value())
    }

    /// As a measured value.
    pub(super) fn measured(&self, n: f64, source: Source) -> Measured {
        Measured { limits: self.limits(), spread: self.spread(), ..Measured::known(self.name, self.value(), n, source) }
    }
}

/// A size whose limits lie a factor of e⁹ apart is not known at all.
const MOST_SIGMA: f64 = 9.0;

/// The posterior of a share under the prior of Jeffreys (1946).
pub(super) fn share_of(part: f64, whole: f64) -> Distribution {
    Distribution::Beta { a: part + 0.5, b: whole - part + 0.5 }
}

/// How the rates of a period move together: what the same customers tell is not independent.
pub(super) fn correlations(rates: &[Option<Rate>]) -> Vec<Correlation> {
    let known: Vec<&Rate> = rates.iter().flatten().filter(|rate| rate.spread().is_some()).collect();
    let pairs = known.iter().enumerate().flat_map(|(at, one)| known[at + 1..].iter().map(move |other| (*one, *other)));
    let together = |(one, other): (&Rate, &Rate)| {
        let correlation = NEARLY_ONE * one.ratio.correlation(&other.ratio);
        (correlation != 0.0).then(|| (one.name.to_owned(), other.name.to_owned(), correlation))
    };
    pairs.filter_map(together).collect()
}
