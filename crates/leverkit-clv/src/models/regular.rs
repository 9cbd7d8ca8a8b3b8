//! MBG/CNBD-k of Reutterer, Platzer & Schröder (2021), "Leveraging purchase regularity for predicting customer behavior the easy way": as MBG/NBD, but
//! each gap between orders takes k events of a Poisson process (Erlang-k gaps, Chatfield & Goodhardt's condensed process), so that gaps
//! are the more regular the larger k is. With k = 1 it is MBG/NBD.
//!
//! Densities hold the product of the gaps, Σ ln gap = `log_gaps`, so that likelihoods of different k compare.

use super::beta_geo::shared_part;
use super::geometric::Posterior;
use super::special::{log_add, rise};
use super::timing::{Branches, History, N, Timing};

pub(crate) struct Regular {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
    k: usize,
}

pub(crate) struct Shared {
    ln: f64,
    slopes: [f64; N],
    ln_leave: f64,
    leave_slope: f64,
}

impl Regular {
    fn events(&self, history: &History) -> f64 {
        history.frequency * self.k as f64
    }

    /// ln of the weight of each number of events j since the last order, for a customer who is alive:
    /// Γ(r + kx + j) / Γ(r + kx) (T − tₓ)^j / j! (α + T)^−(r + kx + j).
    fn phases(&self, history: &History) -> impl Iterator<Item = f64> {
        let power = self.r + self.events(history);
        let (silent, time) = (history.t - history.recency, self.alpha + history.t);
        let first = -power * time.ln();
        (0..self.k).scan(first, move |ln, j| {
            let here = *ln;
            *ln += ((power + j as f64) * silent / (time * (j as f64 + 1.0))).ln();
            Some(here)
        })
    }

    /// What is known of a customer who is alive with `j` events since the last order.
    fn posterior(&self, history: &History, j: usize) -> Posterior {
        Posterior {
            r: self.r + self.events(history) + j as f64,
            alpha: self.alpha + history.t,
            a: self.a,
            b: self.b + history.frequency + 1.0,
        }
    }

    /// The mean of a prediction over the events since the last order.
    fn mix(&self, history: &History, predict: impl Fn(&Posterior, usize) -> f64) -> f64 {
        let weights: Vec<f64> = self.phases(history).collect();
        let top = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut sum, mut mass) = (0.0, 0.0);
        for (j, ln) in weights.iter().enumerate() {
            let weight = (ln - top).exp();
            mass += weight;
            if weight > 0.0 {
                sum += weight * predict(&self.posterior(history, j), j);
            }
        }
        sum / mass
    }
}

impl Timing for Regular {
    type Shared = Shared;

    fn new([r, alpha, a, b]: [f64; N], k: u8) -> Self {
        Self { r, alpha, a, b, k: usize::from(k) }
    }

    fn shared(&self, x: f64) -> Shared {
        let Self { r, alpha, a, b, k } = *self;
        let events = x * k as f64;
        let (ln, slopes) = shared_part(r, alpha, a, b, events, x + 1.0);
        let factorials = x * rise(1.0, k as f64 - 1.0);
        Shared { ln: ln - factorials, slopes, ln_leave: (a / (b + x)).ln(), leave_slope: -b / (b + x) }
    }

    fn branches(&self, shared: &Shared, history: &History) -> Branches {
        let Self { r, alpha, .. } = *self;
        let power = r + self.events(history);
        let ln = shared.ln + (self.k as f64 - 1.0) * history.log_gaps;
        let (left_time, time) = (alpha + history.recency, alpha + history.t);
        let mut left = shared.slopes;
        left[0] -= r * left_time.ln();
        left[1] -= alpha * power / left_time;
        left[2] += 1.0;
        left[3] += shared.leave_slope;
        // Alive: the sum over events since the last order; derivatives of ln Γ(r + kx + j) / Γ(r + kx) by r add up term by term.
        let (mut ln_sum, mut by_r, mut mean_j, mut added) = (f64::NEG_INFINITY, 0.0, 0.0, 0.0);
        for (j, weight) in self.phases(history).enumerate() {
            let (sum, old) = log_add(ln_sum, weight);
            by_r = old * by_r + (1.0 - old) * added;
            mean_j = old * mean_j + (1.0 - old) * j as f64;
            ln_sum = sum;
            added += 1.0 / (power + j as f64);
        }
        let mut alive = shared.slopes;
        alive[0] += r * (by_r - time.ln());
        alive[1] -= alpha * (power + mean_j) / time;
        Branches { ln_alive: ln + ln_sum, ln_left: ln + shared.ln_leave - power * left_time.ln(), alive, left }
    }

    fn expected_if_alive(&self, history: &History, t: f64) -> f64 {
        self.mix(history, |posterior, j| posterior.stays_and_orders(t, self.k, j).1)
    }

    fn counts_if_alive(&self, history: &History, t: f64, most: usize) -> Vec<f64> {
        let chances: Vec<Vec<f64>> =
            (0..self.k).map(|j| self.posterior(history, j).counts(t, most, self.k, j)).collect();
        (0..=most).map(|n| self.mix(history, |_, j| chances[j][n])).collect()
    }

    fn stays_if_alive(&self, history: &History, t: f64) -> f64 {
        self.mix(history, |posterior, j| posterior.stays_and_orders(t, self.k, j).0)
    }

    fn returns_if_alive(&self, history: &History, t: f64) -> f64 {
        1.0 - self.counts_if_alive(history, t, 0)[0]
    }

    fn expected_new(&self, t: f64) -> f64 {
        self.b / (self.a + self.b) * self.expected_if_alive(&History::default(), t)
    }
}
