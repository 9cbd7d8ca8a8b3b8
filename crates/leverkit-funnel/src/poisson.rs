//! Tails of the Poisson distribution, exact to floating point.

/// ln n!: Stirling's series beyond the table, whose error there is far under the last digit.
pub(crate) fn ln_factorial(n: u64) -> f64 {
    const SMALL: u64 = 32;
    if n < SMALL {
        return (2..=n).map(|k| (k as f64).ln()).sum();
    }
    let x = n as f64;
    let series = (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * x * x)) / (x * x)) / x;
    (x + 0.5) * x.ln() - x + 0.918_938_533_204_672_7 + series
}

/// ln P(X = n) for mean `lambda`.
pub(crate) fn ln_pmf(n: u64, lambda: f64) -> f64 {
    if lambda == 0.0 {
        return if n == 0 { 0.0 } else { f64::NEG_INFINITY };
    }
    n as f64 * lambda.ln() - lambda - ln_factorial(n)
}

/// P(X ≥ n): the sum of its terms from n upwards where they fall, and one minus those below otherwise.
pub(crate) fn upper_tail(n: u64, lambda: f64) -> f64 {
    if n == 0 {
        return 1.0;
    }
    if n as f64 > lambda {
        let (mut term, mut sum, mut k) = (1.0, 1.0, n as f64);
        while term > 1e-17 * sum {
            k += 1.0;
            term *= lambda / k;
            sum += term;
        }
        return (ln_pmf(n, lambda) + sum.ln()).exp().min(1.0);
    }
    let (mut term, mut sum, mut k) = (1.0, 1.0, (n - 1) as f64);
    while k > 0.0 && term > 1e-17 * sum {
        term *= k / lambda;
        k -= 1.0;
        sum += term;
    }
    (1.0 - (ln_pmf(n - 1, lambda) + sum.ln()).exp()).clamp(0.0, 1.0)
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
            let found = upper_tail(n, lambda);
            assert!((found / expected - 1.0).abs() < 1e-9, "{n} of {lambda}: {found} is not {expected}");
        }
    }
}
