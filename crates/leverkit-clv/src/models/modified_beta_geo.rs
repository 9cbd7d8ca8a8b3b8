//! MBG/NBD of Batislam, Denizel & Filiztekin (2007), also BG/CBG of Hoppe & Wagner (2007): like BG/NBD, but a customer may leave after the first
//! order too. So P(alive) of a customer without a repeat order is below 1 and falls with silence.

use super::beta_geo::{shared_part, two_ways};
use super::geometric::Posterior;
use super::timing::{Branches, History, N, Timing};

pub(crate) struct ModifiedBetaGeo {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
}

pub(crate) struct Shared {
    ln: f64,
    slopes: [f64; N],
    ln_leave: f64,
    leave_slope: f64,
}

impl ModifiedBetaGeo {
    fn posterior(&self, history: &History) -> Posterior {
        let x = history.frequency;
        Posterior { r: self.r + x, alpha: self.alpha + history.t, a: self.a, b: self.b + x + 1.0 }
    }
}

impl Timing for ModifiedBetaGeo {
    type Shared = Shared;

    fn new([r, alpha, a, b]: [f64; N], _: u8) -> Self {
        Self { r, alpha, a, b }
    }

    fn shared(&self, x: f64) -> Shared {
        let Self { r, alpha, a, b } = *self;
        let (ln, slopes) = shared_part(r, alpha, a, b, x, x + 1.0);
        Shared { ln, slopes, ln_leave: (a / (b + x)).ln(), leave_slope: -b / (b + x) }
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
        self.b / (self.a + self.b) * self.posterior(&History::default()).expected(t)
    }
}
