//! Pareto/NBD of Schmittlein, Morrison & Colombo (1987): orders at rate λ ~ Gamma(r, α), and the customer leaves at rate μ ~ Gamma(s, β).
//!
//! The likelihood (Fader & Hardie 2005, "A note on deriving the Pareto/NBD model") is
//! Γ(r + x) α^r β^s / Γ(r) · [ (α + T)^−(r+x) (β + T)^−s + s ∫ (α + y)^−(r+x) (β + y)^−(s+1) dy over tₓ … T ].
//! The note turns the integral into a difference of two ₂F₁; here it is summed as it stands, see [`super::special`].

use super::special::{decay, panel, power_integral, rise, rise_slope};
use super::timing::{Branches, History, N, Timing};

pub(crate) struct ParetoNbd {
    r: f64,
    alpha: f64,
    s: f64,
    beta: f64,
}

pub(crate) struct Shared {
    ln: f64,
    slopes: [f64; N],
}

impl ParetoNbd {
    /// λ ~ Gamma(r + x, α + T) and μ ~ Gamma(s, β + T) of a customer who is alive.
    fn posterior(&self, history: &History) -> Self {
        let (t, x) = (history.t, history.frequency);
        Self { r: self.r + x, alpha: self.alpha + t, s: self.s, beta: self.beta + t }
    }

    /// Orders expected in the next `t`: E[λ (1 − e^−μt) / μ], without the pole at s = 1.
    fn expected(&self, t: f64) -> f64 {
        self.r * self.beta / self.alpha * decay(self.s - 1.0, (t / self.beta).ln_1p())
    }

    /// The chance of an order within `t`.
    fn returns(&self, t: f64) -> f64 {
        let Self { r, alpha, s, beta } = *self;
        let stays_silent = (-r * (t / alpha).ln_1p() - s * (t / beta).ln_1p()).exp();
        let leaves = power_integral(alpha, r, beta, s + 1.0, 0.0, t).ln + s.ln() + r * alpha.ln() + s * beta.ln();
        (1.0 - stays_silent - leaves.exp()).clamp(0.0, 1.0)
    }

    /// Probabilities of 0 … `most` orders in the next `t`: a negative binomial until the customer leaves, or until `t`.
    fn counts(&self, t: f64, most: usize) -> Vec<f64> {
        let Self { r, alpha, s, beta } = *self;
        let mut chances = vec![0.0; most + 1];
        let mut add = |time: f64, weight: f64| {
            let z = time / (alpha + time);
            let mut chance = weight * (-r * (time / alpha).ln_1p()).exp();
            for (n, sum) in chances.iter_mut().enumerate() {
                *sum += chance;
                chance *= (r + n as f64) * z / (n as f64 + 1.0);
            }
        };
        add(t, (-s * (t / beta).ln_1p()).exp());
        let m = alpha.min(beta);
        let (start, end) = (m.ln(), (m + t).ln());
        let panels = ((end - start) * (2.0 + (r + most as f64).sqrt() / 8.0)).ceil().max(2.0);
        let width = (end - start) / panels;
        for i in 0..panels as usize {
            panel(start + width * i as f64, width, |v, weight| {
                let u = v.exp() - m;
                add(u, weight * v.exp() * s / (beta + u) * (-s * (u / beta).ln_1p()).exp());
            });
        }
        chances
    }
}

impl Timing for ParetoNbd {
    type Shared = Shared;

    fn new([r, alpha, s, beta]: [f64; N], _: u8) -> Self {
        Self { r, alpha, s, beta }
    }

    fn shared(&self, x: f64) -> Shared {
        let Self { r, alpha, s, beta } = *self;
        let (ln_alpha, ln_beta) = (alpha.ln(), beta.ln());
        Shared {
            ln: rise(r, x) + r * ln_alpha + s * ln_beta,
            slopes: [r * (rise_slope(r, x) + ln_alpha), r, s * ln_beta, s],
        }
    }

    fn branches(&self, shared: &Shared, history: &History) -> Branches {
        let Self { r, alpha, s, beta } = *self;
        let (power, t) = (r + history.frequency, history.t);
        let (ln_a, ln_b) = ((alpha + t).ln(), (beta + t).ln());
        let slopes = shared.slopes;
        let gone = power_integral(alpha, power, beta, s + 1.0, history.recency, t);
        Branches {
            ln_alive: shared.ln - power * ln_a - s * ln_b,
            ln_left: shared.ln + s.ln() + gone.ln,
            alive: [
                slopes[0] - r * ln_a,
                slopes[1] - alpha * power / (alpha + t),
                slopes[2] - s * ln_b,
                slopes[3] - beta * s / (beta + t),
            ],
            left: [
                slopes[0] - r * gone.ln_m,
                slopes[1] - alpha * power * gone.inverse_m,
                slopes[2] + 1.0 - s * gone.ln_n,
                slopes[3] - beta * (s + 1.0) * gone.inverse_n,
            ],
        }
    }

    fn expected_if_alive(&self, history: &History, t: f64) -> f64 {
        self.posterior(history).expected(t)
    }

    fn counts_if_alive(&self, history: &History, t: f64, most: usize) -> Vec<f64> {
        self.posterior(history).counts(t, most)
    }

    fn stays_if_alive(&self, history: &History, t: f64) -> f64 {
        (-self.s * (t / (self.beta + history.t)).ln_1p()).exp()
    }

    fn returns_if_alive(&self, history: &History, t: f64) -> f64 {
        self.posterior(history).returns(t)
    }

    fn expected_new(&self, t: f64) -> f64 {
        self.expected(t)
    }
}
