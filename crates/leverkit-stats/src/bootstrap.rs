//! The bootstrap over clusters (customers), seeded.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;

use crate::error::check_level;
use crate::{Error, Interval, quantiles};

/// Replicates of a statistic under resampling of `n` clusters with replacement (Efron 1979).
/// `statistic` gets how often each cluster was drawn. Every replicate has a random stream of its own, so the result does not depend on threads.
///
/// # Errors
/// No cluster, or no replicate.
///
/// ```
/// use leverkit_stats::{bootstrap, percentile_interval};
/// let spend = [10.0, 12.0, 9.0, 30.0, 11.0];
/// let mean = |draws: &[u32]| draws.iter().zip(spend).map(|(n, value)| f64::from(*n) * value).sum::<f64>() / 5.0;
/// let replicates = bootstrap(5, 1000, 7, mean)?;
/// let interval = percentile_interval(14.4, &replicates, 0.9)?;
/// assert!(interval.lower < 14.4 && 14.4 < interval.upper);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn bootstrap<R: Send>(
    n: usize,
    replicates: usize,
    seed: u64,
    statistic: impl Fn(&[u32]) -> R + Sync,
) -> Result<Vec<R>, Error> {
    if n == 0 {
        return Err(Error::parameter("n", &n, "at least one cluster"));
    }
    if replicates == 0 {
        return Err(Error::parameter("replicates", &replicates, "at least 1"));
    }
    let one = |draws: &mut Vec<u32>, replicate: u64| {
        let mut random = Pcg64::seed_from_u64(seed ^ replicate.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        draws.fill(0);
        (0..n).for_each(|_| draws[random.random_range(0..n)] += 1);
        statistic(draws)
    };
    Ok((0..replicates as u64).into_par_iter().map_init(|| vec![0; n], one).collect())
}

/// The limits between which the middle `level` of the replicates lie; replicates that are NaN are left out.
///
/// # Errors
/// A level outside (0, 1), or no replicate that is a number.
pub fn percentile_interval(estimate: f64, replicates: &[f64], level: f64) -> Result<Interval, Error> {
    check_level(level)?;
    let mut known: Vec<f64> = replicates.iter().copied().filter(|value| !value.is_nan()).collect();
    let tail = (1.0 - level) / 2.0;
    match quantiles(&mut known, &[tail, 1.0 - tail])[..] {
        [lower, upper] => Ok(Interval { estimate, lower, upper }),
        _ => Err(Error::parameter("replicates", &"none", "at least one number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_replicates_on_any_number_of_threads() {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| bootstrap(50, 200, 3, |draws| f64::from(draws[0])).unwrap())
        };
        assert_eq!(run(1), run(4));
        let mean = run(2).iter().sum::<f64>() / 200.0;
        assert!((mean - 1.0).abs() < 0.25, "each cluster is drawn once on average, got {mean}");
    }
}
