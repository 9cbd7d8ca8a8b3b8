//! Distributions of uncertain parameters.

use leverkit_core::stats::normal_quantile;
use serde::{Deserialize, Serialize};
use statrs::distribution::{Beta, ContinuousCDF, Normal};

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
    /// Checks the parameters of the distribution of `name` and makes it ready to draw from.
    pub(crate) fn sampler(&self, name: &str) -> Result<Sampler, Error> {
        let wrong = |expected: &str| Err(Error::parameter(name, format!("{self:?}"), expected));
        match *self {
            Self::Normal { mean, std } if mean.is_finite() && std >= 0.0 && std.is_finite() => {
                Ok(Sampler::Normal { mean, std })
            }
            Self::Normal { .. } => wrong("a finite mean and a std of at least 0"),
            Self::Lognormal { median, sigma } if median > 0.0 && median.is_finite() && (0.0..10.0).contains(&sigma) => {
                Ok(Sampler::Lognormal { median, sigma })
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
                beta_table(a, b, low, high - low).map_or_else(|| wrong("finite low < high"), Ok)
            }
            Self::Triangular { .. } | Self::Pert { .. } => wrong("finite low ≤ mode ≤ high with low < high"),
            Self::Beta { a, b } => beta_table(a, b, 0.0, 1.0).map_or_else(|| wrong("finite a and b above 0"), Ok),
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

/// Cells of a table of quantiles: between them quantiles are straight lines.
const CELLS: usize = 1 << 12;

fn beta_table(a: f64, b: f64, low: f64, width: f64) -> Option<Sampler> {
    let beta = Beta::new(a, b).ok()?;
    let quantile = |cell: usize| low + width * beta.inverse_cdf(cell as f64 / CELLS as f64);
    Some(Sampler::Lines((0..=CELLS).map(quantile).collect()))
}

/// A distribution ready to draw from.
pub(crate) enum Sampler {
    Normal {
        mean: f64,
        std: f64,
    },
    Lognormal {
        median: f64,
        sigma: f64,
    },
    Uniform {
        low: f64,
        width: f64,
    },
    Triangular {
        low: f64,
        mode: f64,
        high: f64,
    },
    /// Quantiles at even shares, and straight lines between them.
    Lines(Vec<f64>),
    /// Sorted values.
    Steps(Vec<f64>),
}

impl Sampler {
    /// Whether it is drawn from a normal number rather than from a share.
    pub(crate) fn is_normal(&self) -> bool {
        matches!(self, Self::Normal { .. } | Self::Lognormal { .. })
    }

    /// The value at a standard normal number.
    pub(crate) fn at_normal(&self, z: f64) -> f64 {
        match self {
            Self::Normal { mean, std } => mean + std * z,
            Self::Lognormal { median, sigma } => median * (sigma * z).exp(),
            Self::Uniform { .. } | Self::Triangular { .. } | Self::Lines(_) | Self::Steps(_) => {
                self.at_share(Normal::standard().cdf(z))
            }
        }
    }

    /// The quantile of a share.
    pub(crate) fn at_share(&self, share: f64) -> f64 {
        match self {
            Self::Normal { .. } | Self::Lognormal { .. } => self.at_normal(normal_quantile(share)),
            Self::Uniform { low, width } => low + width * share,
            Self::Triangular { low, mode, high } => {
                let below = (mode - low) / (high - low);
                if share < below {
                    low + (share * (high - low) * (mode - low)).sqrt()
                } else {
                    high - ((1.0 - share) * (high - low) * (high - mode)).sqrt()
                }
            }
            Self::Lines(quantiles) => {
                let place = share * CELLS as f64;
                let cell = (place as usize).min(CELLS - 1);
                quantiles[cell] + (place - cell as f64) * (quantiles[cell + 1] - quantiles[cell])
            }
            Self::Steps(values) => values[((share * values.len() as f64) as usize).min(values.len() - 1)],
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
