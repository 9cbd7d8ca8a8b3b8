//! The difference between two arms: of means, adjusted for what was known before, and of ratios.

use leverkit_stats::{Estimate, sum};

use crate::trial::moments::Moments;

/// What an arm's units say: the estimate of its mean and its variance, and the degrees of freedom of that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Side {
    pub(super) value: f64,
    pub(super) variance: f64,
    pub(super) df: f64,
}

/// Two arms' sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Contrast {
    pub(super) treated: Side,
    pub(super) control: Side,
}

impl Contrast {
    /// The difference with limits by Welch's degrees of freedom; `None` where neither side varies.
    pub(super) fn estimate(&self, level: f64) -> Option<Estimate> {
        let (treated, control) = (self.treated, self.control);
        let variance = treated.variance + control.variance;
        let df = variance.powi(2) / (treated.variance.powi(2) / treated.df + control.variance.powi(2) / control.df);
        let known = variance > 0.0 && variance.is_finite();
        known.then(|| Estimate::of(treated.value - control.value, variance.sqrt(), df, level))
    }
}

/// Outcomes of an arm's units with what was known before, if anything was.
#[derive(Debug, Clone, Copy)]
pub(super) struct ArmValues<'a> {
    pub(super) values: &'a [f64],
    pub(super) before: Option<&'a [f64]>,
}

fn mean(values: &[f64]) -> f64 {
    sum(values) / values.len() as f64
}

/// The mean of an arm with its variance.
pub(super) fn side(values: &[f64]) -> Side {
    let (n, centre) = (values.len() as f64, mean(values));
    let squares: Vec<f64> = values.iter().map(|value| (value - centre).powi(2)).collect();
    Side { value: centre, variance: sum(&squares) / (n - 1.0) / n, df: n - 1.0 }
}

/// The plain difference of means.
pub(super) fn difference(treated: &[f64], control: &[f64]) -> Contrast {
    Contrast { treated: side(treated), control: side(control) }
}

/// CUPED (Deng, Xu, Kohavi & Walker 2013): outcomes less θ times what was known before, θ of both arms together.
pub(super) fn cuped(treated: ArmValues<'_>, control: ArmValues<'_>) -> Option<Contrast> {
    let (pre_treated, pre_control) = (treated.before?, control.before?);
    let moments = Moments::of(&[treated.values, control.values].concat(), &[pre_treated, pre_control].concat());
    let theta = moments.theta();
    let adjusted = |values: &[f64], before: &[f64]| -> Vec<f64> {
        values.iter().zip(before).map(|(value, before)| value - theta * (before - moments.pre_mean)).collect()
    };
    Some(difference(&adjusted(treated.values, pre_treated), &adjusted(control.values, pre_control)))
}

/// Lin (2013): a line per arm, read at the mean of both arms, with HC2 variances; consistent whatever the truth is, and never less precise than
/// the difference in large samples.
pub(super) fn lin(treated: ArmValues<'_>, control: ArmValues<'_>) -> Option<Contrast> {
    let at = mean(&[treated.before?, control.before?].concat());
    Some(Contrast {
        treated: line_at(treated.values, treated.before?, at)?,
        control: line_at(control.values, control.before?, at)?,
    })
}

/// The least-squares line through an arm's units, read at a value, with its HC2 variance: that of the weights which the units have in it.
/// `None` for fewer than three units, or where the pre-period value does not vary.
fn line_at(values: &[f64], before: &[f64], at: f64) -> Option<Side> {
    let n = values.len() as f64;
    let moments = Moments::of(values, before);
    let spread = moments.pre_variance * (n - 1.0);
    if n < 3.0 || spread <= 0.0 {
        return None;
    }
    let slope = moments.theta();
    let reach = at - moments.pre_mean;
    let parts: Vec<f64> = values
        .iter()
        .zip(before)
        .map(|(value, before)| {
            let off = before - moments.pre_mean;
            let residual = value - moments.mean - slope * off;
            let (weight, leverage) = (1.0 / n + reach * off / spread, 1.0 / n + off * off / spread);
            // A unit through which the line must go has no residual.
            if leverage > 1.0 - 1e-9 { 0.0 } else { (weight * residual).powi(2) / (1.0 - leverage) }
        })
        .collect();
    Some(Side { value: moments.mean + slope * reach, variance: sum(&parts), df: n - 2.0 })
}

/// A ratio of sums over units by the delta method: the units, not their orders, are the sample. `None` where the denominator is 0.
pub(super) fn ratio(above: &[f64], below: &[f64]) -> Option<Side> {
    let whole = mean(below);
    if whole == 0.0 {
        return None;
    }
    let value = mean(above) / whole;
    let linear: Vec<f64> = above.iter().zip(below).map(|(above, below)| (above - value * below) / whole).collect();
    Some(Side { value, ..side(&linear) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f64; 12] = [12.0, 12.0, 9.0, 9.0, 4.0, 5.0, 8.0, 7.0, 6.0, 6.0, 14.0, 13.0];
    const Y: [f64; 12] = [15.0, 13.0, 11.0, 9.0, 6.0, 5.0, 11.0, 7.0, 8.0, 5.0, 17.0, 14.0];

    fn arm(values: &[f64; 12], odd: usize) -> Vec<f64> {
        values.iter().skip(odd).step_by(2).copied().collect()
    }

    fn close(contrast: Contrast, effect: f64, std_error: f64) {
        let found = contrast.estimate(0.95).unwrap();
        assert!((found.interval.estimate - effect).abs() < 1e-6, "{found:?}");
        assert!((found.std_error - std_error).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn cuped_and_lin_s_regression_are_as_statsmodels_has_them() {
        // numpy and statsmodels 0.14: OLS on intercept, arm, centred x and their product, `cov_type="HC2"`.
        let (y1, x1, y0, x0) = (arm(&Y, 0), arm(&X, 0), arm(&Y, 1), arm(&X, 1));
        let (treated, control) =
            (ArmValues { values: &y1, before: Some(&x1) }, ArmValues { values: &y0, before: Some(&x0) });
        close(difference(&y1, &y0), 2.5, 2.324985);
        close(cuped(treated, control).unwrap(), 2.307430, 0.240901);
        close(lin(treated, control).unwrap(), 2.308108, 0.238629);
        assert!((Moments::of(&Y, &X).theta() - 1.155419).abs() < 1e-6);
    }

    #[test]
    fn a_ratio_has_its_error_from_the_delta_method() {
        let found = ratio(&[30.0, 0.0, 55.0, 20.0, 0.0, 90.0], &[2.0, 0.0, 3.0, 1.0, 0.0, 4.0]).unwrap();
        assert!((found.value - 19.5).abs() < 1e-12 && (found.variance.sqrt() - 1.688194).abs() < 1e-6);
        assert_eq!(ratio(&[1.0, 2.0], &[0.0, 0.0]), None);
    }

    #[test]
    fn what_does_not_vary_has_no_estimate() {
        assert_eq!(difference(&[1.0, 1.0], &[1.0, 1.0]).estimate(0.95), None);
        assert_eq!(line_at(&[1.0, 2.0, 3.0], &[5.0, 5.0, 5.0], 5.0), None);
    }
}
