//! The bootstrap over clusters (customers), seeded.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::budget::{Steps, Watched};
use crate::error::check_level;
use crate::{Error, Interval, quantiles, student_quantile};

/// Replicates of a statistic under resampling of `n` clusters with replacement (Efron 1979).
/// `statistic` gets how often each cluster was drawn. Every replicate has a random stream of its own, so the result does not depend on threads.
///
/// # Errors
/// No cluster, or no replicate.
///
/// ```
/// use leverkit_stats::{bootstrap, bootstrap_interval};
/// let spend = [10.0, 12.0, 9.0, 30.0, 11.0];
/// let mean = |draws: &[u32]| draws.iter().zip(spend).map(|(n, value)| f64::from(*n) * value).sum::<f64>() / 5.0;
/// let replicates = bootstrap(5, 1000, 7, mean)?;
/// let interval = bootstrap_interval(14.4, &replicates, 0.9, 5)?;
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
    let steps = Steps::of(replicates);
    let one = |draws: &mut Vec<u32>, replicate: usize| {
        let mut random = Pcg64::seed_from_u64(seed ^ (replicate as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        draws.fill(0);
        (0..n).for_each(|_| draws[random.random_range(0..n)] += 1);
        let found = statistic(draws);
        steps.done();
        found
    };
    Ok((0..replicates).into_par_iter().watched().map_init(|| vec![0; n], one).collect())
}

/// The limits between which the middle `level` of draws lie; draws that are NaN are left out. For draws of a bootstrap see [`bootstrap_interval`].
///
/// # Errors
/// A level outside (0, 1), or no draw that is a number.
///
/// ```
/// let draws: Vec<f64> = (0..=100).map(f64::from).collect();
/// let found = leverkit_stats::percentile_interval(50.0, &draws, 0.9)?;
/// assert_eq!((found.lower, found.upper), (5.0, 95.0));
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn percentile_interval(estimate: f64, draws: &[f64], level: f64) -> Result<Interval, Error> {
    check_level(level)?;
    between(estimate, draws, (1.0 - level) / 2.0)
}

/// The limits of an estimate from `n` units by its replicates. Replicates of a few units spread too little: the middle of them that is taken is as much wider as
/// Student's t of n − 1 degrees of freedom is than the normal distribution (the expanded percentile interval of Hesterberg 2015).
///
/// # Errors
/// A level outside (0, 1), or no replicate that is a number.
///
/// ```
/// use leverkit_stats::bootstrap_interval;
/// let replicates: Vec<f64> = (0..=1000).map(f64::from).collect();
/// let of = |units| bootstrap_interval(500.0, &replicates, 0.95, units).map(|found| found.lower);
/// assert!((of(1_000_000)? - 25.0).abs() < 0.1 && (of(10)? - 8.5).abs() < 0.1);
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
pub fn bootstrap_interval(estimate: f64, replicates: &[f64], level: f64, n: usize) -> Result<Interval, Error> {
    check_level(level)?;
    between(estimate, replicates, tail((1.0 - level) / 2.0, n as f64))
}

fn between(estimate: f64, draws: &[f64], tail: f64) -> Result<Interval, Error> {
    let mut known: Vec<f64> = draws.iter().copied().filter(|value| !value.is_nan()).collect();
    match quantiles(&mut known, &[tail, 1.0 - tail])[..] {
        [lower, upper] => Ok(Interval { estimate, lower, upper }),
        _ => Err(Error::parameter("draws", &"none", "at least one number")),
    }
}

/// The share of replicates of `n` units beyond a limit that a share `tail` of samples lies beyond.
fn tail(tail: f64, n: f64) -> f64 {
    if n < 2.0 {
        return 0.0;
    }
    Normal::standard().cdf(student_quantile(tail, n - 1.0) * (n / (n - 1.0)).sqrt())
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
