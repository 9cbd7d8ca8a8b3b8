//! Expectation and maximisation, accelerated by squared extrapolation (Varadhan & Roland 2008).

use leverkit_core::stats::budget;

/// A model that is its parameters, which may be any numbers.
pub(crate) trait Point: Clone {
    fn values(&self) -> &[f64];
    fn values_mut(&mut self) -> &mut [f64];
}

/// Where steps came to.
#[derive(Debug, Clone)]
pub(crate) struct Reached<M> {
    pub(crate) model: M,
    pub(crate) likelihood: f64,
    /// Whether the likelihood rose no more, and steps did not just run out.
    pub(crate) is_settled: bool,
}

/// Steps until the likelihood rises by less than `tolerance`, `most` steps at most. A step gives the likelihood of a model and the model after it. Every third point is
/// extrapolated from the two before, made a model by `settle`, and taken back if it is worse than they are.
pub(crate) fn climb<M: Point>(
    start: M,
    (most, tolerance): (usize, f64),
    step: impl Fn(&M) -> (f64, M),
    settle: impl Fn(&mut M),
) -> Reached<M> {
    let mut now = step(&start);
    let mut model = start;
    let mut steps = 1;
    while steps < most {
        budget::check();
        let then = step(&now.1);
        let tried = extrapolated(&model, &now.1, &then.1).map(|mut tried| {
            settle(&mut tried);
            (step(&tried), tried)
        });
        steps += 2;
        let (reached, at) = match tried {
            Some((stepped, tried)) if stepped.0 >= then.0 => (stepped, tried),
            _ => (step(&then.1), then.1),
        };
        let gain = reached.0 - now.0;
        (model, now) = (at, reached);
        if gain < tolerance {
            return Reached { model, likelihood: now.0, is_settled: true };
        }
    }
    Reached { model, likelihood: now.0, is_settled: false }
}

/// θ − 2αr + α²v with r = θ₁ − θ, v = θ₂ − 2θ₁ + θ, α = −|r| / |v|; `None` where that is no more than θ₂.
pub(crate) fn extrapolated<M: Point>(at: &M, one: &M, two: &M) -> Option<M> {
    let (mut r2, mut v2) = (0.0, 0.0);
    for ((at, one), two) in at.values().iter().zip(one.values()).zip(two.values()) {
        r2 += (one - at).powi(2);
        v2 += (two - 2.0 * one + at).powi(2);
    }
    let alpha = -(r2 / v2).sqrt();
    if alpha >= -1.0 || !alpha.is_finite() {
        return None;
    }
    let mut model = at.clone();
    for ((value, one), two) in model.values_mut().iter_mut().zip(one.values()).zip(two.values()) {
        let (r, v) = (one - *value, two - 2.0 * one + *value);
        *value += -2.0 * alpha * r + alpha * alpha * v;
    }
    Some(model)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Point for Vec<f64> {
        fn values(&self) -> &[f64] {
            self
        }

        fn values_mut(&mut self) -> &mut [f64] {
            self
        }
    }

    /// Each step leads a hundredth of the way to 1 and 2.
    fn slow(at: &[f64]) -> (f64, Vec<f64>) {
        let next = vec![at[0] + (1.0 - at[0]) / 100.0, at[1] + (2.0 - at[1]) / 100.0];
        (-(at[0] - 1.0).powi(2) - (at[1] - 2.0).powi(2), next)
    }

    #[test]
    fn slow_steps_are_extrapolated_and_running_out_is_told() {
        let found = climb(vec![0.0, 0.0], (100, 1e-12), |at| slow(at), |_| {});
        assert!(found.is_settled && (found.model[1] - 2.0).abs() < 1e-5, "{found:?}");
        assert!(!climb(vec![0.0, 0.0], (2, 1e-12), |at| slow(at), |_| {}).is_settled);
    }
}
