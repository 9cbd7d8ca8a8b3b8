//! Few clusters: scores corrected for the leverage of their cluster, and the degrees of freedom of what is estimated from them.
//!
//! A cluster that pulls the fit towards itself leaves residuals that are too small. CR2 (Bell & `McCaffrey` 2002) takes the square root of what is left
//! of them, `(I − H_gg)^(−1/2)`. In coefficients that is `B X'_g (I − H_gg)^(−1/2) = R (I − N_g)^(−1/2) R' X'_g` with the bread `B = R R'` and the
//! cluster's share of the information `N_g = R' X'_g X_g R`: no matrix is larger than the coefficients.

use faer::{Mat, Side};

/// Under so many clusters the plain sandwich is too small (Cameron & Miller 2015).
pub const FEW_CLUSTERS: usize = 40;

/// A cluster whose share of the information leaves less than this determines a direction alone.
const ALONE: f64 = 1e-10;

/// How errors in few clusters are corrected.
///
/// ```
/// use leverkit_stats::regression::SmallSample;
/// assert!(SmallSample::Cr2.corrects(12) && !SmallSample::Cr2.corrects(200) && !SmallSample::Fixest.corrects(12));
/// assert!(SmallSample::Fixest.correction().starts_with("CRV1"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmallSample {
    /// Under [`FEW_CLUSTERS`] CR2 with Satterthwaite's degrees of freedom, else as [`Fixest`](Self::Fixest).
    Cr2,
    /// CRV1 with the factors of fixest and pyfixest, however few clusters there are.
    Fixest,
}

impl SmallSample {
    /// Whether clusters as few as these have their leverage corrected.
    pub fn corrects(self, clusters: usize) -> bool {
        self == Self::Cr2 && clusters < FEW_CLUSTERS
    }

    /// The correction in words, whatever the number of clusters.
    pub fn correction(self) -> &'static str {
        match self {
            Self::Cr2 => "CR2 with Satterthwaite's degrees of freedom below 40 clusters, else CRV1",
            Self::Fixest => {
                "CRV1: G/(G − 1) · (n − 1)/(n − k), G the fewest clusters, k without effects nested in clusters"
            }
        }
    }
}

/// The covariance of coefficients, and how many degrees of freedom it leaves.
///
/// ```
/// use leverkit_stats::regression::Fit;
/// let fit = Fit::of(&[vec![1.0; 4], vec![0.0, 1.0, 2.0, 3.0]], &[1.0, 3.1, 4.9, 7.0])?;
/// let covariance = fit.plain();
/// assert_eq!((covariance.matrix.nrows(), covariance.dfs(), covariance.df(&[1.0, 1.0])), (2, vec![2.0, 2.0], 2.0));
/// # Ok::<(), leverkit_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Covariance {
    /// Coefficients by coefficients.
    pub matrix: Mat<f64>,
    /// Where leverage was not corrected.
    pub(crate) df: f64,
    /// One for each way of clusters whose leverage was.
    pub(crate) few: Vec<Leverage>,
}

impl Covariance {
    /// Degrees of freedom of Student's t for a sum of the coefficients times `contrast`.
    pub fn df(&self, contrast: &[f64]) -> f64 {
        if self.few.is_empty() {
            return self.df;
        }
        self.few.iter().map(|few| few.df(contrast)).fold(f64::INFINITY, f64::min)
    }

    /// Those of each coefficient on its own.
    pub fn dfs(&self) -> Vec<f64> {
        let k = self.matrix.nrows();
        (0..k).map(|at| self.df(&(0..k).map(|column| f64::from(u8::from(column == at))).collect::<Vec<_>>())).collect()
    }
}

/// What clusters contribute to a fit.
#[derive(Debug, Clone)]
pub(crate) struct Leverage {
    /// R of the bread R Rᵀ.
    root: Mat<f64>,
    /// Each cluster's share of the information, N.
    shares: Vec<Mat<f64>>,
    /// (I − N)^(−1/2).
    corrections: Vec<Mat<f64>>,
}

impl Leverage {
    /// Of clusters with this information each, a matrix after the other; `None` where the bread is no number.
    pub(crate) fn of(bread: &Mat<f64>, information: &[f64]) -> Option<Self> {
        let k = bread.nrows();
        let root = root(bread)?;
        let share = |own: &[f64]| {
            let own = Mat::from_fn(k, k, |row, column| own[row * k + column]);
            root.transpose() * own * &root
        };
        let shares: Vec<Mat<f64>> = information.chunks_exact(k * k).map(share).collect();
        let corrections = shares.iter().map(correction).collect::<Option<_>>()?;
        Some(Self { root, shares, corrections })
    }

    /// CR2 of these sums of scores, a row per cluster.
    pub(crate) fn covariance(&self, scores: &[f64]) -> Mat<f64> {
        let k = self.root.nrows();
        let mut covariance = Mat::<f64>::zeros(k, k);
        for (score, correction) in scores.chunks_exact(k).zip(&self.corrections) {
            let score = Mat::from_fn(k, 1, |row, _| score[row]);
            let moved = &self.root * (correction * (self.root.transpose() * score));
            covariance += &moved * moved.transpose();
        }
        covariance
    }

    /// Satterthwaite's degrees of freedom of a contrast, (Σ λ)²/Σ λ², where errors are independent and of equal variance (Bell & `McCaffrey` 2002; Pustejovsky
    /// & Tipton 2018, theorem 1).
    pub(crate) fn df(&self, contrast: &[f64]) -> f64 {
        let k = self.root.nrows();
        let contrast = self.root.transpose() * Mat::from_fn(k, 1, |row, _| contrast[row]);
        let moved: Vec<Mat<f64>> = self.corrections.iter().map(|correction| correction * &contrast).collect();
        let images: Vec<Mat<f64>> = self.shares.iter().zip(&moved).map(|(share, moved)| share * moved).collect();
        let own: Vec<f64> = moved.iter().zip(&images).map(|(moved, image)| dot(moved, image)).collect();
        let (mut trace, mut squares) = (0.0, 0.0);
        for (g, image) in images.iter().enumerate() {
            for (h, other) in images.iter().enumerate() {
                let cell = if g == h { own[g] } else { 0.0 } - dot(image, other);
                squares += cell * cell;
                trace += if g == h { cell } else { 0.0 };
            }
        }
        trace * trace / squares
    }
}

fn dot(a: &Mat<f64>, b: &Mat<f64>) -> f64 {
    (0..a.nrows()).map(|row| a[(row, 0)] * b[(row, 0)]).sum()
}

/// R of R Rᵀ, whatever the scales of the coefficients; zero where a coefficient has no variance.
fn root(bread: &Mat<f64>) -> Option<Mat<f64>> {
    let k = bread.nrows();
    let scale: Vec<f64> = (0..k).map(|at| bread[(at, at)].sqrt()).collect();
    let scaled = |row: usize, column: usize| match scale[row] * scale[column] {
        0.0 => 0.0,
        both => f64::midpoint(bread[(row, column)], bread[(column, row)]) / both,
    };
    let eigen = Mat::from_fn(k, k, scaled).self_adjoint_eigen(Side::Lower).ok()?;
    Some(Mat::from_fn(k, k, |row, at| scale[row] * eigen.U()[(row, at)] * eigen.S()[at].max(0.0).sqrt()))
}

/// (I − N)^(−1/2), without the directions that a cluster determines alone: they have no residual.
fn correction(share: &Mat<f64>) -> Option<Mat<f64>> {
    let k = share.nrows();
    let symmetric = Mat::from_fn(k, k, |a, b| f64::midpoint(share[(a, b)], share[(b, a)]));
    let eigen = symmetric.self_adjoint_eigen(Side::Lower).ok()?;
    let factor = |at: usize| match 1.0 - eigen.S()[at] {
        left if left > ALONE => left.sqrt().recip(),
        _ => 0.0,
    };
    let part = |a: usize, b: usize, at: usize| eigen.U()[(a, at)] * factor(at) * eigen.U()[(b, at)];
    Some(Mat::from_fn(k, k, |a, b| (0..k).map(|at| part(a, b, at)).sum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_the_error_of_a_sample() {
        // Each value a cluster of its own: s²/n with n − 1 degrees of freedom.
        let values = [3.0, 5.0, 4.0, 8.0, 5.0_f64];
        let (n, mean) = (5.0, 5.0);
        let scores: Vec<f64> = values.iter().map(|value| value - mean).collect();
        let found = Leverage::of(&Mat::from_fn(1, 1, |_, _| 1.0 / n), &[1.0; 5]).unwrap();
        let squares: f64 = scores.iter().map(|score| score * score).sum();
        assert!((found.covariance(&scores)[(0, 0)] - squares / (n - 1.0) / n).abs() < 1e-12);
        assert!((found.df(&[1.0]) - 4.0).abs() < 1e-9);
    }

    #[test]
    fn scales_do_not_matter() {
        // A coefficient in millionths has the same degrees of freedom.
        let information = [2.0, 0.5, 0.5, 1.0, 1.0, 0.0, 0.0, 3.0, 3.0, -1.0, -1.0, 1.0];
        let df = |scale: f64| {
            let own = |at: usize| [1.0, scale, scale, scale * scale][at % 4];
            let scaled: Vec<f64> = information.iter().enumerate().map(|(at, cell)| cell * own(at)).collect();
            let total = |cell: usize| scaled.iter().skip(cell).step_by(4).sum::<f64>();
            let determinant = total(0) * total(3) - total(1) * total(2);
            let cells = [total(3), -total(1), -total(2), total(0)];
            let bread = Mat::from_fn(2, 2, |a, b| cells[2 * a + b] / determinant);
            Leverage::of(&bread, &scaled).unwrap().df(&[0.0, 1.0])
        };
        assert!((df(1.0) / df(1e-6) - 1.0).abs() < 1e-9, "{} {}", df(1.0), df(1e-6));
    }
}
