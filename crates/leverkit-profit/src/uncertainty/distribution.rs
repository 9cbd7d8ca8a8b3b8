//! Distributions of uncertain parameters.

use leverkit_core::stats::{BetaQuantiles, normal_quantile};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::Error;

/// How an uncertain parameter is spread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Distribution {
    /// The normal distribution.
    Normal {
        /// Its mean.
        mean: f64,
        /// Its standard deviation.
        std: f64,
    },
    /// The exponential of a normal distribution.
    Lognormal {
        /// Its median.
        median: f64,
        /// The standard deviation of its logarithm.
        sigma: f64,
    },
    /// All values alike.
    Uniform {
        /// The least value.
        low: f64,
        /// The greatest value.
        high: f64,
    },
    /// A triangle over low, most likely and high value.
    Triangular {
        /// The least value.
        low: f64,
        /// The most likely value.
        mode: f64,
        /// The greatest value.
        high: f64,
    },
    /// The beta distribution of project planning: over low, most likely and high value with weight 4 on the mode (Malcolm et al. 1959).
    Pert {
        /// The least value.
        low: f64,
        /// The most likely value.
        mode: f64,
        /// The greatest value.
        high: f64,
    },
    /// The beta distribution, for shares.
    Beta {
        /// Successes, plus the prior's.
        a: f64,
        /// Failures, plus the prior's.
        b: f64,
    },
    /// Values that were seen, all alike.
    Empirical {
        /// The values.
        values: Vec<f64>,
    },
}

impl Distribution {
    /// The kind and its numbers by name, as in JSON; of seen values there are none.
    pub(crate) fn numbers(&self) -> (&'static str, Vec<(&'static str, f64)>) {
        match *self {
            Self::Normal { mean, std } => ("normal", vec![("mean", mean), ("std", std)]),
            Self::Lognormal { median, sigma } => ("lognormal", vec![("median", median), ("sigma", sigma)]),
            Self::Uniform { low, high } => ("uniform", vec![("low", low), ("high", high)]),
            Self::Triangular { low, mode, high } => ("triangular", vec![("low", low), ("mode", mode), ("high", high)]),
            Self::Pert { low, mode, high } => ("pert", vec![("low", low), ("mode", mode), ("high", high)]),
            Self::Beta { a, b } => ("beta", vec![("a", a), ("b", b)]),
            Self::Empirical { .. } => ("empirical", Vec::new()),
        }
    }

    /// Checks the parameters of the distribution of `name` and makes it ready to draw from.
    pub(crate) fn sampler(&self, name: &str) -> Result<Sampler, Error> {
        let wrong = |expected: &str| Err(Error::parameter(name, format!("{self:?}"), expected));
        match *self {
            Self::Normal { mean, std } if mean.is_finite() && std >= 0.0 && std.is_finite() => {
                Ok(Sampler::Table(Quantiles::new(|share| mean + std * normal_quantile(share))))
            }
            Self::Normal { .. } => wrong("a finite mean and a std of at least 0"),
            Self::Lognormal { median, sigma } if median > 0.0 && median.is_finite() && (0.0..10.0).contains(&sigma) => {
                Ok(Sampler::Table(Quantiles::new(|share| median * (sigma * normal_quantile(share)).exp())))
            }
            Self::Lognormal { .. } => wrong("a median above 0 and a sigma from 0 to 10"),
            Self::Uniform { low, high } if low <= high && low.is_finite() && high.is_finite() => {
                Ok(Sampler::Uniform { low, width: high - low })
            }
            Self::Uniform { .. } => wrong("finite low ≤ high"),
            Self::Triangular { low, mode, high } if is_triple(low, mode, high) => {
                Ok(Sampler::Triangular { low, mode, high })
            }
            Self::Pert { low, mode, high } if is_triple(low, mode, high) => {
                let (a, b) = (1.0 + 4.0 * (mode - low) / (high - low), 1.0 + 4.0 * (high - mode) / (high - low));
                beta(a, b, low, high - low).map_or_else(|| wrong("finite low < high"), Ok)
            }
            Self::Triangular { .. } | Self::Pert { .. } => wrong("finite low ≤ mode ≤ high with low < high"),
            Self::Beta { a, b } => beta(a, b, 0.0, 1.0).map_or_else(|| wrong("finite a and b above 0"), Ok),
            Self::Empirical { ref values } if !values.is_empty() && values.iter().all(|value| value.is_finite()) => {
                let mut sorted = values.clone();
                sorted.sort_unstable_by(f64::total_cmp);
                Ok(Sampler::Steps(sorted))
            }
            Self::Empirical { .. } => wrong("finite values, at least one"),
        }
    }
}

fn is_triple(low: f64, mode: f64, high: f64) -> bool {
    low <= mode && mode <= high && low < high && low.is_finite() && high.is_finite()
}

/// Halvings of a share that a table tells apart, on each side of the median: draws beyond one in 2³³ are that one.
const OCTAVES: usize = 32;

/// Cells of each halving.
const CELLS: usize = 64;

/// Quantiles as a table with straight lines between its points. Points lie closer towards both ends, where quantiles bend: a share's
/// side is its first bit, its cell the position of the next set bit and the six bits after it.
pub(crate) struct Quantiles {
    /// Values at shares from 2⁻³³ up to one half.
    lower: Vec<f64>,
    /// Values at one minus those shares.
    upper: Vec<f64>,
}

impl Quantiles {
    fn new(quantile: impl Fn(f64) -> f64) -> Self {
        let shares: Vec<f64> = (0..=OCTAVES * CELLS)
            .map(|point| {
                let start = 0.5_f64.powi((OCTAVES - point / CELLS) as i32 + 1);
                start * (1.0 + (point % CELLS) as f64 / CELLS as f64)
            })
            .collect();
        Self {
            lower: shares.iter().map(|share| quantile(*share)).collect(),
            upper: shares.iter().map(|share| quantile(1.0 - share)).collect(),
        }
    }

    /// The quantile of 64 bits read as a share.
    #[inline]
    fn at(&self, bits: u64) -> f64 {
        let points = if bits >> 63 == 0 { &self.lower } else { &self.upper };
        let rest = bits << 1 | 1;
        let halvings = rest.leading_zeros() as usize;
        if halvings >= OCTAVES {
            return points[0];
        }
        let below_first = rest << halvings << 1;
        let cell = (OCTAVES - 1 - halvings) * CELLS + (below_first >> (64 - CELLS.ilog2())) as usize;
        let between = (below_first << CELLS.ilog2() >> 11) as f64 * 0.5_f64.powi(53);
        points[cell] + between * (points[cell + 1] - points[cell])
    }
}

fn beta(a: f64, b: f64, low: f64, width: f64) -> Option<Sampler> {
    let beta = BetaQuantiles::new(a, b)?;
    Some(Sampler::Table(Quantiles::new(|share| low + width * beta.at(share))))
}

/// A distribution ready to draw from.
pub(crate) enum Sampler {
    Uniform {
        low: f64,
        width: f64,
    },
    Triangular {
        low: f64,
        mode: f64,
        high: f64,
    },
    Table(Quantiles),
    /// Sorted values.
    Steps(Vec<f64>),
}

impl Sampler {
    /// The value at a standard normal number.
    pub(crate) fn at_normal(&self, z: f64) -> f64 {
        self.at_share(Normal::standard().cdf(z))
    }

    /// The quantile of a share.
    pub(crate) fn at_share(&self, share: f64) -> f64 {
        // The upper side counts down from 1: its bits are those of what is left.
        let bits = |half: f64| ((half * 2.0_f64.powi(64)) as u64).min((1 << 63) - 1);
        match self {
            Self::Table(table) if share < 0.5 => table.at(bits(share)),
            Self::Table(table) => table.at(bits(1.0 - share) | 1 << 63),
            Self::Uniform { low, width } => low + width * share,
            Self::Triangular { low, mode, high } => {
                let below = (mode - low) / (high - low);
                if share < below {
                    low + (share * (high - low) * (mode - low)).sqrt()
                } else {
                    high - ((1.0 - share) * (high - low) * (high - mode)).sqrt()
                }
            }
            Self::Steps(values) => values[((share * values.len() as f64) as usize).min(values.len() - 1)],
        }
    }

    /// Fills a column with draws.
    pub(crate) fn fill(&self, random: &mut impl Rng, column: &mut [f64]) {
        match self {
            Self::Table(table) => column.iter_mut().for_each(|value| *value = table.at(random.next_u64())),
            _ => column.iter_mut().for_each(|value| *value = self.at_share(random.random())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_of(distribution: &Distribution) -> f64 {
        let sampler = distribution.sampler("x").unwrap();
        (0..10_000).map(|i| sampler.at_share((f64::from(i) + 0.5) / 10_000.0)).sum::<f64>() / 10_000.0
    }

    #[test]
    fn tables_keep_to_the_quantiles_that_they_stand_for() {
        let normal = Distribution::Normal { mean: 0.0, std: 1.0 }.sampler("x").unwrap();
        for share in [1e-9, 1e-6, 0.001, 0.024, 0.3, 0.499_999, 0.5, 0.51, 0.77, 0.975, 0.999_999] {
            let (found, exact) = (normal.at_share(share), normal_quantile(share));
            assert!((found - exact).abs() < 5e-5, "{share}: {found} is not {exact}");
        }
        let mut draws = vec![0.0; 1 << 20];
        let mut random = rand_pcg::Pcg64Mcg::new(7);
        normal.fill(&mut random, &mut draws);
        let n = draws.len() as f64;
        let moment = |power: i32| draws.iter().map(|draw| draw.powi(power)).sum::<f64>() / n;
        assert!(moment(1).abs() < 0.004 && (moment(2) - 1.0).abs() < 0.006 && (moment(4) - 3.0).abs() < 0.04);
    }

    #[test]
    fn beta_distributions_of_any_parameters_are_ready_at_once_and_have_their_mean() {
        for (a, b) in [(3.0, 1e7), (1e7, 3.0), (1e3, 1e8), (1e12, 1e12), (1e5, 3.0)] {
            let found = mean_of(&Distribution::Beta { a, b });
            let (mean, most) = (a / (a + b), 1.0);
            assert!((found / mean - 1.0).abs() < 2e-3 && found <= most, "{a}, {b}: {found} is not {mean}");
        }
        let near_the_end = Distribution::Pert { low: 0.0, mode: 1e-12, high: 1.0 };
        assert!((mean_of(&near_the_end) * 6.0 - 1.0).abs() < 2e-3);
    }

    #[test]
    fn means_are_those_of_the_books() {
        let means = [
            (Distribution::Normal { mean: 3.0, std: 2.0 }, 3.0),
            (Distribution::Lognormal { median: 2.0, sigma: 0.5 }, 2.0 * 0.125_f64.exp()),
            (Distribution::Uniform { low: 1.0, high: 4.0 }, 2.5),
            (Distribution::Triangular { low: 0.0, mode: 1.0, high: 5.0 }, 2.0),
            (Distribution::Pert { low: 0.0, mode: 1.0, high: 5.0 }, 1.5),
            (Distribution::Beta { a: 2.0, b: 6.0 }, 0.25),
            (Distribution::Empirical { values: vec![1.0, 5.0, 3.0] }, 3.0),
        ];
        for (distribution, mean) in means {
            let found = mean_of(&distribution);
            assert!((found - mean).abs() < 2e-3 * mean, "{distribution:?}: {found} is not {mean}");
        }
    }
}
