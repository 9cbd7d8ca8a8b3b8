//! Ratios of totals over some respondents, and how far they differ from the others', with errors by linearisation (Cochran 1977, §6.3).

use leverkit_core::stats::{Estimate, Interval, normal_quantile, wilson_share};

use crate::answers::Respondents;

/// A ratio over some respondents, and what each respondent adds to its error.
pub(super) struct Part {
    pub(super) value: f64,
    influence: Vec<f64>,
    /// Respondents of equal weight that would tell as much.
    effective: f64,
}

/// Respondents with the limits that are asked for.
pub(super) struct Sample<'a> {
    pub(super) respondents: &'a Respondents,
    pub(super) level: f64,
}

impl Sample<'_> {
    /// The ratio of Σ `above` to Σ `below` over the respondents of `is_in`; `None` where nothing is below.
    pub(super) fn part(
        &self,
        above: impl Fn(usize) -> f64,
        below: impl Fn(usize) -> f64,
        is_in: impl Fn(usize) -> bool,
    ) -> Option<Part> {
        let weights = &self.respondents.weights;
        let counted: Vec<usize> = (0..weights.len()).filter(|&at| is_in(at) && below(at) != 0.0).collect();
        let total: f64 = counted.iter().map(|&at| weights[at] * below(at)).sum();
        if counted.is_empty() || total == 0.0 {
            return None;
        }
        let value = counted.iter().map(|&at| weights[at] * above(at)).sum::<f64>() / total;
        let mut influence = vec![0.0; weights.len()];
        counted.iter().for_each(|&at| influence[at] = weights[at] * (above(at) - value * below(at)) / total);
        let effective = self.respondents.effective(|at| counted.binary_search(&at).is_ok());
        Some(Part { value, influence, effective })
    }

    /// The ratio with its limits.
    pub(super) fn limits(&self, part: &Part, is_share: bool) -> Interval {
        let variance = self.respondents.covariance(&part.influence, &part.influence);
        if is_share {
            // As many trials as would vary as much; where nothing varies, as many as there are respondents.
            let trials = if variance > 0.0 { part.value * (1.0 - part.value) / variance } else { part.effective };
            return wilson_share(part.value, trials, normal_quantile(0.5 + self.level / 2.0));
        }
        Estimate::normal(part.value, variance.sqrt(), self.level).interval
    }

    /// How far a part differs from another.
    pub(super) fn difference(&self, part: &Part, other: &Part) -> Estimate {
        let influence: Vec<f64> = part.influence.iter().zip(&other.influence).map(|(a, b)| a - b).collect();
        let error = self.respondents.covariance(&influence, &influence).sqrt();
        Estimate::normal(part.value - other.value, error, self.level)
    }

    /// How far a part differs from a number that is known with an error of its own.
    pub(super) fn difference_to(&self, part: &Part, (value, error): (f64, f64)) -> Estimate {
        let variance = self.respondents.covariance(&part.influence, &part.influence) + error * error;
        Estimate::normal(part.value - value, variance.sqrt(), self.level)
    }
}

/// The ratio of totals over all of `places`, and its standard error.
pub(super) fn ratio_of(above: &[f64], below: &[f64], places: &[usize]) -> Option<(f64, f64)> {
    let total: f64 = places.iter().map(|&at| below[at]).sum();
    if total == 0.0 {
        return None;
    }
    let value = places.iter().map(|&at| above[at]).sum::<f64>() / total;
    let squares: f64 = places.iter().map(|&at| (above[at] - value * below[at]).powi(2)).sum();
    Some((value, squares.sqrt() / total))
}

/// What may be said of a difference.
pub(super) fn verdict(difference: Option<&Estimate>, q_value: f64, fdr: f64) -> &'static str {
    match difference {
        Some(found) if q_value <= fdr && found.interval.estimate > 0.0 => "higher",
        Some(found) if q_value <= fdr && found.interval.estimate < 0.0 => "lower",
        _ => "can't tell",
    }
}
