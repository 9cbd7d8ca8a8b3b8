//! Leaving after an order with each customer's own probability p ~ Beta(a, b): what BG/NBD, MBG/NBD and MBG/CNBD-k predict for a customer who is alive
//! and whose rate is λ ~ Gamma(r, α).

use super::special::{decay, rise};

/// From so many times the time that α stands for on, sums over events are left for integrals.
const MANY: f64 = 1000.0;

/// What is known of a customer who is alive: λ ~ Gamma(r, α), p ~ Beta(a, b).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Posterior {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) a: f64,
    pub(crate) b: f64,
}

impl Posterior {
    /// Orders expected in the next `t`: E[(1 − e^−λpt) / p], formula (10) of Fader, Hardie & Lee (2005) without its poles at a = 1 and a + b = 1.
    ///
    /// With Euler's transformation of ₂F₁ the series runs in a − 1 and c − r, c = a + b − 1, whatever the frequency:
    /// E = c (1 − (1 − z)^(a−1)) / (a − 1) − (1 − z)^(a−1) Σₙ (a)ₙ₋₁ (c − r)ₙ / (c + 1)ₙ₋₁ zⁿ / n!,  z = t / (α + t).
    pub(crate) fn expected(&self, t: f64) -> f64 {
        let Self { r, alpha, a, b } = *self;
        let z = t / (alpha + t);
        // Large c − r makes terms of alternating size and sign; z near 1 makes too many.
        if z > 0.9 || b > 200.0 * (1.0 + r) {
            return self.expected_by_quadrature(t);
        }
        let (c, l) = (a + b - 1.0, -(t / alpha).ln_1p());
        let mut term = (c - r) * z;
        let mut sum = term;
        let mut n = 1.0;
        while term.abs() > 1e-16 * sum.abs() && n < 5000.0 {
            term *= (a + n - 1.0) * (c - r + n) / ((c + n) * (n + 1.0)) * z;
            sum += term;
            n += 1.0;
        }
        let rest = ((a - 1.0) * l).exp() * sum;
        let found = c * decay(a - 1.0, -l) - rest;
        // Where the two parts cancel, the integral does not.
        if found.abs() < 1e-6 * rest.abs() { self.expected_by_quadrature(t) } else { found }
    }

    /// The same as ∫ (1 − (1 + pt/α)^−r) / p dBeta(p).
    fn expected_by_quadrature(&self, t: f64) -> f64 {
        let (r, tau) = (self.r, t / self.alpha);
        // −expm1 keeps the digits where p is tiny; the limit of the quotient there is rτ.
        self.mean_over_p(|p| if p * tau < 1e-14 { r * tau } else { -(-r * (p * tau).ln_1p()).exp_m1() / p })
    }

    /// ∫ value(p) dBeta(p) on the logit of p by the trapezoid rule, which is exact to rounding for such bells.
    fn mean_over_p(&self, value: impl Fn(f64) -> f64) -> f64 {
        let Self { a, b, .. } = *self;
        let ln_density = |w: f64| {
            let (ln_p, ln_q) = if w > 0.0 {
                (-(-w).exp().ln_1p(), -w - (-w).exp().ln_1p())
            } else {
                (w - w.exp().ln_1p(), -w.exp().ln_1p())
            };
            (ln_p, a * ln_p + b * ln_q)
        };
        let centre = (a / b).ln();
        let step = 0.35 * ((a + b) / (a * b)).sqrt().min(1.0);
        let top = ln_density(centre).1;
        let (mut sum, mut mass) = (0.0, 0.0);
        for direction in [step, -step] {
            let mut w = if direction > 0.0 { centre } else { centre + direction };
            for _ in 0..200_000 {
                let (ln_p, height) = ln_density(w);
                let density = (height - top).exp();
                let value = value(ln_p.exp());
                sum += density * value;
                mass += density;
                if density * value.max(1.0) < 1e-17 * sum.min(mass) {
                    break;
                }
                w += direction;
            }
        }
        sum / mass
    }

    /// ln of the chance to be alive after the next `n` orders, if one goes on ordering: E[(1 − p)ⁿ].
    pub(crate) fn ln_stays(&self, n: f64) -> f64 {
        rise(self.b, n) - rise(self.a + self.b, n)
    }

    /// Probabilities of 0, 1 … `most` orders in the next `t`, where each takes `k` events and `done` of the next one's have happened:
    /// the n-th order happens if the customer has stayed after n − 1 and there are nk − done events.
    pub(crate) fn counts(&self, t: f64, most: usize, k: usize, done: usize) -> Vec<f64> {
        let events = self.event_tails(t, (most + 1) * k);
        let mut ln_stays = 0.0;
        let mut at_least = vec![1.0];
        for n in 1..=most + 1 {
            at_least.push(f64::exp(ln_stays) * events[n * k - done]);
            ln_stays = self.ln_stays(n as f64);
        }
        at_least.windows(2).map(|pair| (pair[0] - pair[1]).max(0.0)).collect()
    }

    /// P(at least m events in the next t) for m = 0 … `most`.
    fn event_tails(&self, t: f64, most: usize) -> Vec<f64> {
        let mut tail = 1.0_f64;
        let less = |chance: f64| {
            let at_least = tail.max(0.0);
            tail -= chance;
            at_least
        };
        self.event_chances(t).take(most + 1).map(less).collect()
    }

    /// P(m events in the next t) for m = 0, 1 …: a negative binomial of r and t / (α + t).
    fn event_chances(&self, t: f64) -> impl Iterator<Item = f64> {
        let Self { r, alpha, .. } = *self;
        let z = t / (alpha + t);
        let mut ln_chance = -r * (t / alpha).ln_1p();
        (0..u32::MAX).map(move |m| {
            let chance = ln_chance.exp();
            ln_chance += ((r + f64::from(m)) * z / (f64::from(m) + 1.0)).ln();
            chance
        })
    }

    /// The chance to be alive after the next `t`, and orders expected in it: Σₙ P(at least n orders), where each takes `k` events and `done` of the
    /// next one's have happened.
    pub(crate) fn stays_and_orders(&self, t: f64, k: usize, done: usize) -> (f64, f64) {
        if t / self.alpha > MANY { self.over_leaving(t, k, done) } else { self.over_events(t, k, done) }
    }

    /// Both as sums over the number of events.
    fn over_events(&self, t: f64, k: usize, done: usize) -> (f64, f64) {
        let Self { r, alpha, a, b } = *self;
        let (mut seen, mut alive, mut sum) = (0.0, 0.0, 0.0);
        // Orders paid by m events: Σ over n ≤ (m + done) / k of E[(1 − p)^(n − 1)].
        let (mut orders, mut stays, mut n, mut phase) = (0.0, 1.0, 0.0, done);
        for (m, chance) in self.event_chances(t).enumerate() {
            seen += chance;
            alive += chance * stays;
            sum += chance * orders;
            if 1.0 - seen < 1e-13 || (m as f64 > r * t / alpha && chance < 1e-18) {
                break;
            }
            phase += 1;
            if phase == k {
                phase = 0;
                orders += stays;
                stays *= (b + n) / (a + b + n);
                n += 1.0;
            }
        }
        (alive, sum)
    }

    /// Both as integrals over p, which cost the same however many events there are: who leaves with chance p after an order is alive after N events
    /// with q^⌊(N + done) / k⌋, q = 1 − p, and has placed (1 − that) / p orders.
    fn over_leaving(&self, t: f64, k: usize, done: usize) -> (f64, f64) {
        // Where q is at most 1/2, powers above 60 are nothing.
        let few: Vec<f64> = self.event_chances(t).take(60 * k).collect();
        let by_events = |q: f64| -> f64 {
            few.iter().enumerate().map(|(m, chance)| chance * q.powi(((m + done) / k) as i32)).sum()
        };
        let alive = |p: f64| if p < 0.5 { self.alive_by_roots(p, t, k, done) } else { by_events(1.0 - p) };
        // For smaller p the difference from 1 has lost its digits, and the quotient is at its limit.
        let least = 1e-8 / (1.0 + (1.0 + self.r) * t / self.alpha / k as f64);
        let orders = |p: f64| (1.0 - alive(p.max(least))) / p.max(least);
        (self.mean_over_p(alive), self.mean_over_p(orders))
    }

    /// E[q^⌊M / k⌋] of M = N + done: with s = q^(1/k) and the k-th roots ω of 1 it is 1/k Σ over ω and l < k of (sω)^−l E[(sω)^M], and
    /// E[x^N] = (1 + (1 − x) t/α)^−r.
    fn alive_by_roots(&self, p: f64, t: f64, k: usize, done: usize) -> f64 {
        let tau = t / self.alpha;
        let ln_s = (-p).ln_1p() / k as f64;
        let (s, leaves) = (ln_s.exp(), -ln_s.exp_m1());
        let by_root = |j: usize| {
            let turn = std::f64::consts::TAU * j as f64 / k as f64;
            let (re, im) = (1.0 + tau * (leaves + s * (1.0 - turn.cos())), -tau * s * turn.sin());
            let angle = -self.r * im.atan2(re);
            let powers = (0..k).map(|l| {
                let power = done as f64 - l as f64;
                (power * ln_s).exp() * (power * turn + angle).cos()
            });
            (-self.r * re.hypot(im).ln()).exp() * powers.sum::<f64>()
        };
        (0..k).map(by_root).sum::<f64>() / k as f64
    }

    /// The chance of an order within `t`.
    pub(crate) fn returns(&self, t: f64) -> f64 {
        -(-self.r * (t / self.alpha).ln_1p()).exp_m1()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn series_quadrature_and_sum_over_orders_agree(r in -2.0..3.0_f64, alpha in -2.0..5.0_f64, a in -2.0..3.0_f64, b in -2.0..4.0_f64, t in -2.0..4.0_f64) {
            let p = Posterior { r: r.exp(), alpha: alpha.exp(), a: a.exp(), b: b.exp() };
            let t = t.exp();
            let (found, integral) = (p.expected(t), p.expected_by_quadrature(t));
            prop_assert!((found - integral).abs() < 1e-8 * integral, "{p:?} {t}: {found} {integral}");
            if t / p.alpha < 20.0 {
                let sum = p.stays_and_orders(t, 1, 0).1;
                prop_assert!((sum - integral).abs() < 1e-7 * integral, "{p:?} {t}: {sum} {integral}");
            }
        }

        #[test]
        fn sums_over_events_and_integrals_over_leaving_agree(
            r in -3.0..3.0_f64, a in -2.0..3.0_f64, b in -2.0..4.0_f64, tau in 0.0..7.0_f64, k in 1_usize..5, done in 0_usize..5,
        ) {
            let p = Posterior { r: r.exp(), alpha: 2.0, a: a.exp(), b: b.exp() };
            let t = 2.0 * tau.exp();
            let (sums, integrals) = (p.over_events(t, k, done.min(k - 1)), p.over_leaving(t, k, done.min(k - 1)));
            prop_assert!((sums.0 - integrals.0).abs() < 1e-9, "{p:?} {t}: {sums:?} {integrals:?}");
            prop_assert!((sums.1 - integrals.1).abs() < 1e-7 * (1.0 + integrals.1), "{p:?} {t}: {sums:?} {integrals:?}");
        }

        #[test]
        fn counts_are_probabilities_with_the_expected_mean(r in 0.2..5.0_f64, k in 1_usize..4) {
            let p = Posterior { r, alpha: 4.0, a: 0.8, b: 2.5 };
            let counts = p.counts(6.0, 400, k, k - 1);
            let mean: f64 = counts.iter().enumerate().map(|(n, chance)| n as f64 * chance).sum();
            prop_assert!((counts.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert!((mean - p.stays_and_orders(6.0, k, k - 1).1).abs() < 1e-6);
        }
    }

    #[test]
    fn endless_time_is_answered_at_once() {
        let p = Posterior { r: 2.0, alpha: 1e-9, a: 0.8, b: 2.5 };
        let orders = p.stays_and_orders(1e4, 1, 0).1;
        assert!((orders / p.expected(1e4) - 1.0).abs() < 1e-7);
        // A third of the events are orders, of which ever fewer are left to place.
        let (alive, thirds) = p.stays_and_orders(1e4, 3, 2);
        assert!(alive < 1e-9 && thirds < orders && thirds > orders / 3.0);
    }

    #[test]
    fn one_is_no_pole() {
        let at = |a: f64| Posterior { r: 0.5, alpha: 4.0, a, b: 2.0 }.expected(10.0);
        assert!((at(1.0) - f64::midpoint(at(1.0 - 1e-6), at(1.0 + 1e-6))).abs() < 1e-9);
        let at = |b: f64| Posterior { r: 0.5, alpha: 4.0, a: 0.4, b }.expected(10.0);
        assert!((at(0.6) - f64::midpoint(at(0.6 - 1e-6), at(0.6 + 1e-6))).abs() < 1e-9);
    }
}
