//! How far a weighted mean, or a ratio of sums, is spread when few units carry most of the weight.

/// The spread of an estimate, with the degrees of freedom that its variance is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedSpread {
    /// Its variance.
    pub variance: f64,
    /// Degrees of freedom of Student's t.
    pub df: f64,
}

impl WeightedSpread {
    /// The spread of a weighted mean, or of a ratio Σy/Σx as the mean of y/x weighted by x. `influences` are what each unit moves it by, `weight · (value − mean)`;
    /// `weights` are not negative. A unit of share w pulls the mean towards itself, so its square is too small by 1 − w (CR2 of Bell & `McCaffrey` 2002); the degrees
    /// of freedom are Satterthwaite's where a value varies the less, the more it weighs. With equal weights that is n/(n − 1) Σd² and n − 1. `None` where one
    /// unit alone has weight.
    ///
    /// ```
    /// use leverkit_stats::WeightedSpread;
    /// let found = WeightedSpread::of(&[1.0; 4], &[-0.5, 0.25, 0.0, 0.25]).unwrap();
    /// assert!((found.variance - 0.375 * 4.0 / 3.0).abs() < 1e-12 && (found.df - 3.0).abs() < 1e-12);
    /// assert_eq!(WeightedSpread::of(&[1.0, 0.0], &[0.0, 0.0]), None);
    /// ```
    pub fn of(weights: &[f64], influences: &[f64]) -> Option<Self> {
        let total: f64 = weights.iter().sum();
        let shares = || weights.iter().map(|weight| weight / total);
        // A share of all but rounding leaves nothing to be spread.
        if shares().any(|share| !share.is_finite() || share > 1.0 - 1e-12) {
            return None;
        }
        let variance = shares().zip(influences).map(|(share, move_)| move_ * move_ / (1.0 - share)).sum();
        let pulls = || shares().map(|share| share * share / (1.0 - share));
        let squares: f64 = shares().map(|share| share * share).sum();
        let apart = pulls().sum::<f64>().powi(2) - pulls().map(|pull| pull * pull).sum::<f64>();
        Some(Self { variance, df: 1.0 / (squares + apart) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (Σλ)²/Σλ² with the matrix of the quadratic form written out.
    #[test]
    fn degrees_of_freedom_are_satterthwaites() {
        let shares = [0.5, 0.3, 0.15, 0.05_f64];
        let found = WeightedSpread::of(&shares, &[0.1, -0.1, 0.05, -0.05]).unwrap();
        let cell = |a: usize, b: usize| {
            let scale = |at: usize| (shares[at] / (1.0 - shares[at])).sqrt();
            scale(a) * scale(b) * (f64::from(u8::from(a == b)) - (shares[a] * shares[b]).sqrt())
        };
        let trace: f64 = (0..4).map(|at| cell(at, at)).sum();
        let squares: f64 = (0..4).flat_map(|a| (0..4).map(move |b| (a, b))).map(|(a, b)| cell(a, b).powi(2)).sum();
        assert!((found.df - trace * trace / squares).abs() < 1e-12);
        assert!((found.variance - (0.02 + 0.01 / 0.7 + 0.0025 / 0.85 + 0.0025 / 0.95)).abs() < 1e-12);
    }
}
