//! BG/BB of Fader, Hardie & Shang (2010) for discrete occasions rather than time: at each of n occasions a customer who is alive orders with
//! probability p ~ Beta(α, β); before each they leave with probability θ ~ Beta(γ, δ). `t` is n, recency the number of the last occasion with an order.

use super::special::{rise, rise_slope};
use super::timing::{Branches, History, N, Timing};

pub(crate) struct BetaGeoBetaBinom {
    alpha: f64,
    beta: f64,
    gamma: f64,
    delta: f64,
}

impl BetaGeoBetaBinom {
    /// ln and gradient of B(α + x, β + misses) / B(α, β) · B(γ + leaves, δ + stays) / B(γ, δ).
    fn term(&self, x: f64, misses: f64, leaves: f64, stays: f64) -> (f64, [f64; N]) {
        let (ln_orders, orders) = beta_ratio(self.alpha, self.beta, x, misses);
        let (ln_stays, kept) = beta_ratio(self.gamma, self.delta, leaves, stays);
        (ln_orders + ln_stays, [orders[0], orders[1], kept[0], kept[1]])
    }

    /// Chances to be alive at each of the next occasions, for a customer who was at the last of `n`.
    fn stays(&self, n: f64, t: f64) -> impl Iterator<Item = f64> {
        let Self { gamma, delta, .. } = *self;
        (0..t.max(0.0) as u32).scan(1.0, move |stays, i| {
            *stays *= (delta + n + f64::from(i)) / (gamma + delta + n + f64::from(i));
            Some(*stays)
        })
    }

    /// Chances of an order at each of the next occasions, for a customer who was alive at the last.
    pub(crate) fn chances_if_alive(&self, history: &History, t: f64) -> impl Iterator<Item = f64> {
        let (a, b) = self.orders(history);
        self.stays(history.t, t).map(move |stays| a / (a + b) * stays)
    }

    /// p ~ Beta(α + x, β + n − x) of a customer who is alive.
    fn orders(&self, history: &History) -> (f64, f64) {
        (self.alpha + history.frequency, self.beta + history.t - history.frequency)
    }
}

/// ln B(a + m, b + n) / B(a, b) and its derivatives by ln a and ln b.
fn beta_ratio(a: f64, b: f64, m: f64, n: f64) -> (f64, [f64; 2]) {
    let both = rise_slope(a + b, m + n);
    (rise(a, m) + rise(b, n) - rise(a + b, m + n), [a * (rise_slope(a, m) - both), b * (rise_slope(b, n) - both)])
}

impl Timing for BetaGeoBetaBinom {
    type Shared = ();

    fn new([alpha, beta, gamma, delta]: [f64; N], _: u8) -> Self {
        Self { alpha, beta, gamma, delta }
    }

    fn shared(&self, _: f64) {}

    fn branches(&self, (): &(), history: &History) -> Branches {
        let (x, last, n) = (history.frequency, history.recency, history.t);
        let (ln_alive, alive) = self.term(x, n - x, 0.0, n);
        // Left before occasion last + 1 + i: sums of terms relative to the largest.
        let terms: Vec<(f64, [f64; N])> =
            (0..(n - last) as u32).map(|i| self.term(x, last - x + f64::from(i), 1.0, last + f64::from(i))).collect();
        let top = terms.iter().map(|term| term.0).fold(f64::NEG_INFINITY, f64::max);
        let mut left = [0.0; N];
        let mut mass = 0.0;
        for (ln, slopes) in &terms {
            let share = (ln - top).exp();
            mass += share;
            left.iter_mut().zip(slopes).for_each(|(sum, slope)| *sum += share * slope);
        }
        left.iter_mut().for_each(|sum| *sum /= mass);
        let ln_left = if terms.is_empty() { f64::NEG_INFINITY } else { top + mass.ln() };
        Branches { ln_alive, ln_left, alive, left }
    }

    fn expected_if_alive(&self, history: &History, t: f64) -> f64 {
        self.chances_if_alive(history, t).sum()
    }

    fn counts_if_alive(&self, history: &History, t: f64, most: usize) -> Vec<f64> {
        // Alive for exactly m of the next occasions: orders among them are beta-binomial.
        let (a, b) = self.orders(history);
        let stays: Vec<f64> = std::iter::once(1.0).chain(self.stays(history.t, t)).collect();
        let mut chances = vec![0.0; most + 1];
        for m in 0..stays.len() {
            let ends_here = stays[m] - stays.get(m + 1).copied().unwrap_or(0.0);
            let trials = m as f64;
            for (n, chance) in chances.iter_mut().enumerate().take(m + 1) {
                let n = n as f64;
                let ways = rise(1.0, trials) - rise(1.0, n) - rise(1.0, trials - n);
                *chance += ends_here * (ways + beta_ratio(a, b, n, trials - n).0).exp();
            }
        }
        chances
    }

    fn stays_if_alive(&self, history: &History, t: f64) -> f64 {
        self.stays(history.t, t).last().unwrap_or(1.0)
    }

    fn returns_if_alive(&self, history: &History, t: f64) -> f64 {
        1.0 - self.counts_if_alive(history, t, 0)[0]
    }

    fn expected_new(&self, t: f64) -> f64 {
        self.expected_if_alive(&History::default(), t)
    }
}
