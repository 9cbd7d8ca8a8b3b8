//! Confidence sequences: limits that hold at all times together, for dashboards that are looked at daily.

/// The half-width of the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2021) after `n` units, in standard deviations of one unit:
/// √(2(nρ² + 1)/(n²ρ²) · ln(√(nρ² + 1)/α)).
///
/// ```
/// use leverkit_effect::monitor::{sequence_half_width, tuned_for};
/// let rho = tuned_for(1000.0, 0.95);
/// assert!((sequence_half_width(1000.0, rho, 0.95) - 0.095989).abs() < 1e-6);
/// ```
pub fn sequence_half_width(n: f64, rho: f64, level: f64) -> f64 {
    let spread = n * rho * rho + 1.0;
    (2.0 * spread / (n * rho).powi(2) * (spread.sqrt() / (1.0 - level)).ln()).sqrt()
}

/// The ρ whose sequence is narrowest after about so many units.
///
/// ```
/// use leverkit_effect::monitor::{sequence_half_width, tuned_for};
/// let width = |rho| sequence_half_width(1000.0, rho, 0.95);
/// assert!(width(tuned_for(1000.0, 0.95)) < width(tuned_for(100.0, 0.95)));
/// ```
pub fn tuned_for(n: f64, level: f64) -> f64 {
    let log = -2.0 * (1.0 - level).ln();
    ((log + log.ln() + 1.0) / n).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_paper_s_formula() {
        let rho = tuned_for(1000.0, 0.95);
        for (n, half) in [(100.0, 0.376326), (1000.0, 0.095989), (10_000.0, 0.032554)] {
            assert!((sequence_half_width(n, rho, 0.95) - half).abs() < 1e-6, "{n}");
        }
    }
}
