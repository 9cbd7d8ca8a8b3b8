//! BG/NBD of Fader, Hardie & Lee (2005), "Counting your customers" the easy way: orders at rate λ ~ Gamma(r, α); after each repeat order the
//! customer leaves with chance p ~ Beta(a, b). A customer without a repeat order has had no chance to leave: their P(alive) is 1.

use super::geometric::Posterior;
use super::special::{rise, rise_slope};
use super::timing::{Branches, History, N, Timing};

pub(crate) struct BetaGeo {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
}

/// What is shared by histories of one frequency.
pub(crate) struct Shared {
    /// ln of all that does not hold the times, for the customer who is alive.
    ln: f64,
    /// Its gradient.
    slopes: [f64; N],
    /// ln (a / (b + x − 1)): what leaving after the last order adds; −∞ without a repeat order.
    ln_leave: f64,
    /// Its derivative by ln b.
    leave_slope: f64,
}

impl BetaGeo {
    fn posterior(&self, history: &History) -> Posterior {
        let x = history.frequency;
        Posterior { r: self.r + x, alpha: self.alpha + history.t, a: self.a, b: self.b + x }
    }
}

/// ln and gradient of Γ(r + x) / Γ(r) α^r · B(a, b + s) / B(a, b), after `s` orders that a customer has survived.
pub(crate) fn shared_part(r: f64, alpha: f64, a: f64, b: f64, x: f64, survived: f64) -> (f64, [f64; N]) {
    let ln_alpha = alpha.ln();
    let ln = rise(r, x) + r * ln_alpha + rise(b, survived) - rise(a + b, survived);
    let both = rise_slope(a + b, survived);
    (ln, [r * (rise_slope(r, x) + ln_alpha), r, -a * both, b * (rise_slope(b, survived) - both)])
}

/// The two ways of a history, given what its frequency shares: −(r + x) ln(α + T) alive, −(r + x) ln(α + tₓ) left, with `events` for x.
pub(crate) fn two_ways(
    r: f64,
    alpha: f64,
    events: f64,
    ln: f64,
    slopes: [f64; N],
    leave: (f64, f64),
    history: &History,
) -> Branches {
    let power = r + events;
    let way = |time: f64| {
        let ln_time = (alpha + time).ln();
        let mut gradient = slopes;
        gradient[0] -= r * ln_time;
        gradient[1] -= alpha * power / (alpha + time);
        (ln - power * ln_time, gradient)
    };
    let (ln_alive, alive) = way(history.t);
    if leave.0 == f64::NEG_INFINITY {
        return Branches { ln_alive, ln_left: leave.0, alive, left: alive };
    }
    let (ln_left, mut left) = way(history.recency);
    left[2] += 1.0;
    left[3] += leave.1;
    Branches { ln_alive, ln_left: ln_left + leave.0, alive, left }
}

impl Timing for BetaGeo {
    type Shared = Shared;

    fn new([r, alpha, a, b]: [f64; N], _: u8) -> Self {
        Self { r, alpha, a, b }
    }

    fn shared(&self, x: f64) -> Shared {
        let Self { r, alpha, a, b } = *self;
        let (ln, slopes) = shared_part(r, alpha, a, b, x, x);
        if x == 0.0 {
            return Shared { ln, slopes, ln_leave: f64::NEG_INFINITY, leave_slope: 0.0 };
        }
        Shared { ln, slopes, ln_leave: (a / (b + x - 1.0)).ln(), leave_slope: -b / (b + x - 1.0) }
    }

    fn branches(&self, shared: &Shared, history: &History) -> Branches {
        let leave = (shared.ln_leave, shared.leave_slope);
        two_ways(self.r, self.alpha, history.frequency, shared.ln, shared.slopes, leave, history)
    }

    fn expected_if_alive(&self, history: &History, t: f64) -> f64 {
        self.posterior(history).expected(t)
    }

    fn counts_if_alive(&self, history: &History, t: f64, most: usize) -> Vec<f64> {
        self.posterior(history).counts(t, most, 1, 0)
    }

    fn stays_if_alive(&self, history: &History, t: f64) -> f64 {
        self.posterior(history).stays_and_orders(t, 1, 0).0
    }

    fn returns_if_alive(&self, history: &History, t: f64) -> f64 {
        self.posterior(history).returns(t)
    }

    fn expected_new(&self, t: f64) -> f64 {
        self.posterior(&History::default()).expected(t)
    }
}
