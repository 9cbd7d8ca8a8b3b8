//! Tails of counts, exact to floating point: Poisson, binomial and hypergeometric.

use std::sync::LazyLock;

/// ln n!: Stirling's series beyond the table, whose error there is far under the last digit.
///
/// ```
/// assert!((leverkit_stats::tails::ln_factorial(10) - 3_628_800_f64.ln()).abs() < 1e-12);
/// ```
pub fn ln_factorial(n: u64) -> f64 {
    static SMALL: LazyLock<[f64; 32]> =
        LazyLock::new(|| std::array::from_fn(|n| (2..=n).map(|k| (k as f64).ln()).sum()));
    if n < SMALL.len() as u64 {
        return SMALL[n as usize];
    }
    let x = n as f64;
    let series = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * x * x)) / (x * x)) / x;
    (x + 0.5) * x.ln() - x + 0.918_938_533_204_672_7 + series
}

/// ln P(X = n) for mean `lambda`.
///
/// ```
/// assert!((leverkit_stats::tails::ln_pmf(0, 2.0) + 2.0).abs() < 1e-12);
/// ```
pub fn ln_pmf(n: u64, lambda: f64) -> f64 {
    if lambda == 0.0 {
        return if n == 0 { 0.0 } else { f64::NEG_INFINITY };
    }
    n as f64 * lambda.ln() - lambda - ln_factorial(n)
}

/// P(X ≥ n) of the Poisson distribution.
///
/// ```
/// assert!((leverkit_stats::tails::poisson(1, 2.0) - (1.0 - (-2.0_f64).exp())).abs() < 1e-12);
/// ```
pub fn poisson(n: u64, lambda: f64) -> f64 {
    if n as f64 > lambda {
        return upwards(ln_pmf(n, lambda), n, u64::MAX, |k| lambda / (k + 1) as f64);
    }
    1.0 - downwards(n, |k| ln_pmf(k, lambda), |k| k as f64 / lambda)
}

/// P(X ≥ k) of the binomial distribution of n draws with chance p.
///
/// ```
/// assert!((leverkit_stats::tails::binomial(2, 2, 0.5) - 0.25).abs() < 1e-12);
/// ```
pub fn binomial(k: u64, n: u64, p: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        return f64::from(u8::from(k == 0 || p >= 1.0));
    }
    let odds = p / (1.0 - p);
    let ln_term = |k: u64| ln_choose(n, k) + k as f64 * p.ln() + (n - k) as f64 * (-p).ln_1p();
    if k as f64 > n as f64 * p {
        return upwards(ln_term(k), k, n, |k| (n - k) as f64 / (k + 1) as f64 * odds);
    }
    1.0 - downwards(k, ln_term, |k| k as f64 / (n - k + 1) as f64 / odds)
}

/// P(X ≥ k) of the hypergeometric distribution: `good` among `all`, of which `n` are drawn.
///
/// ```
/// // Two draws of five, of which three are good: 3/5 · 2/4.
/// assert!((leverkit_stats::tails::hypergeometric(2, 5, 3, 2) - 0.3).abs() < 1e-12);
/// ```
pub fn hypergeometric(k: u64, all: u64, good: u64, n: u64) -> f64 {
    let (least, most) = ((good + n).saturating_sub(all), good.min(n));
    if k <= least || k > most {
        return f64::from(u8::from(k <= least));
    }
    let ln_term = |k: u64| ln_choose(good, k) + ln_choose(all - good, n - k) - ln_choose(all, n);
    let rise = |k: u64| (good - k) as f64 * (n - k) as f64 / ((k + 1) as f64 * (all + k + 1 - good - n) as f64);
    if k as f64 * all as f64 > good as f64 * n as f64 {
        return upwards(ln_term(k), k, most, rise);
    }
    1.0 - downwards(k, ln_term, |k| if k <= least { 0.0 } else { 1.0 / rise(k - 1) })
}

fn ln_choose(n: u64, k: u64) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// The sum of terms from k upwards, where they fall; `ratio` is that of the next term to the one at k.
fn upwards(ln_first: f64, mut k: u64, most: u64, ratio: impl Fn(u64) -> f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    while k < most && term > 1e-17 * sum {
        term *= ratio(k);
        k += 1;
        sum += term;
    }
    (ln_first + sum.ln()).exp().min(1.0)
}

/// The sum of terms below n; `ratio` is that of the term before k to the one at k.
fn downwards(n: u64, ln_term: impl Fn(u64) -> f64, ratio: impl Fn(u64) -> f64) -> f64 {
    let Some(mut k) = n.checked_sub(1) else { return 0.0 };
    let (first, mut term, mut sum) = (ln_term(k), 1.0, 1.0);
    while k > 0 && term > 1e-17 * sum {
        term *= ratio(k);
        k -= 1;
        sum += term;
    }
    (first + sum.ln()).exp().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.poisson.sf(n - 1, mean)`, scipy 1.17.
    #[test]
    fn tails_are_those_of_scipy() {
        let cases = [
            (1, 0.1, 0.095_162_581_964_040_44),
            (5, 1.0, 0.003_659_846_827_343_713),
            (12, 3.5, 0.000_288_992_219_930_300_2),
            (60, 100.0, 0.999_993_658_496_572_6),
            (150, 100.0, 1.884_210_466_038_684_4e-6),
            (40_400, 40_000.0, 0.023_020_310_560_383_176),
        ];
        for (n, lambda, expected) in cases {
            let found = poisson(n, lambda);
            assert!((found / expected - 1.0).abs() < 1e-9, "{n} of {lambda}: {found} is not {expected}");
        }
    }

    /// `scipy.stats.binom.sf(k - 1, n, p)` and `scipy.stats.hypergeom.sf(k - 1, all, good, n)`, scipy 1.17.
    #[test]
    fn tails_of_draws_are_those_of_scipy() {
        let close =
            |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-9, "{found} is not {expected}");
        close(binomial(3, 10, 0.1), 0.0701908264);
        close(binomial(20, 20, 0.973), 0.5784379860564229);
        close(binomial(1, 1, 0.08), 0.08);
        close(binomial(480, 1000, 0.5), 0.9026168357691174);
        close(binomial(530, 1000, 0.5), 0.031011597549181716);
        close(hypergeometric(8, 30, 12, 10), 0.002654716597745083);
        close(hypergeometric(3, 30, 12, 10), 0.8830013564646249);
        close(hypergeometric(20, 2000, 1940, 20), 0.5421883480059875);
        close(hypergeometric(900, 20000, 8000, 2000), 9.537353335794936e-07);
        close(hypergeometric(760, 20000, 8000, 2000), 0.9745525349712336);
    }
}
