//! The joint law of a test's looks: a Brownian motion with drift, seen at increasing times while it stays within its bounds.
//!
//! At look k the score is S = z · √t, t the share of the planned information; between looks it gains a normal step of mean drift · Δt and variance Δt.
//! Its density on the way is carried from look to look by numerical integration (Armitage, `McPherson` & Rowe 1969).

use std::f64::consts::{PI, SQRT_2};

use statrs::function::erf::erfc;

/// The density of the score among those who went on after a look: nodes, and the mass at each.
pub(super) struct Density {
    time: f64,
    drift: f64,
    nodes: Vec<f64>,
    masses: Vec<f64>,
}

impl Density {
    /// Before the first look: all mass at 0.
    pub(super) fn start(drift: f64) -> Self {
        Self { time: 0.0, drift, nodes: vec![0.0], masses: vec![1.0] }
    }

    /// The chance of going on until this time and then being at or above a z-value.
    pub(super) fn above(&self, time: f64, z: f64) -> f64 {
        let (mean, deviation) = self.step(time);
        let score = z * time.sqrt();
        let chance = |(node, mass): (&f64, &f64)| mass * upper_tail((score - node - mean) / deviation);
        self.nodes.iter().zip(&self.masses).map(chance).sum()
    }

    /// The density after a look at which those within ±z go on.
    pub(super) fn within(&self, time: f64, z: f64) -> Self {
        let (mean, deviation) = self.step(time);
        let reach = (z * time.sqrt()).min(WIDEST * time.sqrt() + (self.drift * time).abs());
        // Nodes must lie closer than the step is wide.
        let count = ((reach / deviation * 16.0) as usize).clamp(64, 1600);
        let (places, weights) = gauss_legendre(count);
        let density = |at: f64| -> f64 {
            let part = |(node, mass): (&f64, &f64)| {
                let off = (at - node - mean) / deviation;
                mass * (-0.5 * off * off).exp()
            };
            self.nodes.iter().zip(&self.masses).map(part).sum::<f64>() / (deviation * (2.0 * PI).sqrt())
        };
        let nodes: Vec<f64> = places.iter().map(|place| place * reach).collect();
        let masses = nodes.iter().zip(&weights).map(|(node, weight)| weight * reach * density(*node)).collect();
        Self { time, drift: self.drift, nodes, masses }
    }

    /// Mean and deviation of the step to a time.
    fn step(&self, time: f64) -> (f64, f64) {
        let gap = time - self.time;
        (self.drift * gap, gap.sqrt())
    }
}

/// Farther out no mass is that a double could tell.
const WIDEST: f64 = 9.0;

/// The chance of a standard normal above z.
pub(super) fn upper_tail(z: f64) -> f64 {
    erfc(z / SQRT_2) / 2.0
}

/// Nodes and weights of Gauss–Legendre integration on −1 to 1, by Newton's method on Legendre's recursion.
fn gauss_legendre(count: usize) -> (Vec<f64>, Vec<f64>) {
    let n = count as f64;
    let one = |at: usize| {
        let mut x = (PI * (at as f64 + 0.75) / (n + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..20 {
            let (mut before, mut value) = (1.0, x);
            for degree in 2..=count {
                let k = degree as f64;
                (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
            }
            slope = n * (x * value - before) / (x * x - 1.0);
            let step = value / slope;
            x -= step;
            if step.abs() < 1e-15 {
                break;
            }
        }
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..count).map(one).unzip()
}

/// Where a falling function reaches a value, by halving.
pub(super) fn falls_to(target: f64, low: f64, high: f64, of: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low, high);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if of(middle) > target { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauss_legendre_integrates_polynomials_exactly() {
        let (x, w) = gauss_legendre(5);
        let integral = |power: i32| x.iter().zip(&w).map(|(x, w)| w * x.powi(power)).sum::<f64>();
        assert!((integral(0) - 2.0).abs() < 1e-14 && (integral(8) - 2.0 / 9.0).abs() < 1e-14);
    }

    #[test]
    fn what_goes_on_and_what_stops_add_up() {
        let (up, down) = (Density::start(0.7), Density::start(-0.7));
        let first = up.above(0.3, 2.0) + down.above(0.3, 2.0);
        let (up, down) = (up.within(0.3, 2.0), down.within(0.3, 2.0));
        let second = up.above(0.5, 2.5) + down.above(0.5, 2.5);
        let mass: f64 = up.within(0.5, 2.5).masses.iter().sum();
        assert!((mass + first + second - 1.0).abs() < 1e-9, "{mass} {first} {second}");
    }
}
