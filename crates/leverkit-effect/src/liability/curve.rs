//! What becomes of points by their age: the redemption curve.

use super::lots::{Lot, Lots};

/// Points by age: at risk at its beginning, and what left during it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ages {
    pub(super) at_risk: Vec<f64>,
    pub(super) redeemed: Vec<f64>,
    pub(super) expired: Vec<f64>,
}

impl Ages {
    pub(super) fn new(ages: usize) -> Self {
        Self { at_risk: vec![0.0; ages], redeemed: vec![0.0; ages], expired: vec![0.0; ages] }
    }

    /// A customer's points, as far as periods are over: those still open are censored there.
    pub(super) fn of(lots: &[Lot], complete: usize) -> Self {
        let mut ages = Self::new(complete);
        for lot in lots.iter().filter(|lot| lot.cohort < complete) {
            let seen = complete - lot.cohort;
            let mut open = lot.earned;
            let mut left = lot.left.iter().peekable();
            for age in 0..seen {
                ages.at_risk[age] += open;
                while let Some(gone) = left.next_if(|gone| gone.age == age) {
                    ages.redeemed[age] += gone.redeemed;
                    ages.expired[age] += gone.expired;
                    open -= gone.redeemed + gone.expired;
                }
            }
        }
        ages
    }

    pub(super) fn add(&mut self, other: &Self, times: f64) {
        for (sums, more) in [
            (&mut self.at_risk, &other.at_risk),
            (&mut self.redeemed, &other.redeemed),
            (&mut self.expired, &other.expired),
        ] {
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += times * more);
        }
    }

    pub(super) fn of_all(lots: &Lots) -> Vec<Self> {
        lots.customers.iter().filter(|lots| !lots.is_empty()).map(|own| Self::of(own, lots.complete)).collect()
    }

    /// The curve: open is Kaplan & Meier's estimate over all points that left, and redeemed Aalen & Johansen's (1978) share of them, so that points that
    /// lapsed are not taken for points that will be redeemed later. Each point weighs one.
    pub(super) fn curve(&self) -> Curve {
        let (mut open, mut redeemed) = (1.0, 0.0);
        let mut curve = Curve { redeemed: vec![0.0], open: vec![1.0] };
        for (age, &at_risk) in self.at_risk.iter().enumerate() {
            if at_risk > 0.0 {
                redeemed += open * self.redeemed[age] / at_risk;
                // Sums of parts may end a hair below nothing.
                open = (open * (1.0 - (self.redeemed[age] + self.expired[age]) / at_risk)).max(0.0);
            }
            curve.redeemed.push(redeemed);
            curve.open.push(open);
        }
        curve
    }
}

/// Shares of points by how many ages they have been through.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    pub(super) redeemed: Vec<f64>,
    pub(super) open: Vec<f64>,
}

impl Curve {
    /// The share that is redeemed at last.
    pub(super) fn ultimate(&self) -> f64 {
        self.redeemed[self.redeemed.len() - 1]
    }

    /// The share of points, open after so many ages, that will still be redeemed.
    pub(super) fn of_open(&self, ages: usize) -> f64 {
        let open = self.open[ages];
        if open > 0.0 { ((self.ultimate() - self.redeemed[ages]) / open).clamp(0.0, 1.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_lapses_the_curve_is_kaplan_and_meier_s() {
        let ages = Ages { at_risk: vec![100.0, 60.0, 20.0], redeemed: vec![20.0, 15.0, 5.0], expired: vec![0.0; 3] };
        let curve = ages.curve();
        let survival = [1.0, 0.8, 0.8 * 0.75, 0.8 * 0.75 * 0.75];
        for (age, survival) in survival.into_iter().enumerate() {
            assert!(
                (curve.redeemed[age] - (1.0 - survival)).abs() < 1e-12 && (curve.open[age] - survival).abs() < 1e-12
            );
        }
        assert!((curve.of_open(1) - (curve.ultimate() - 0.2) / 0.8).abs() < 1e-12);
    }

    #[test]
    fn lapsed_points_are_not_redeemed_later() {
        let ages = Ages { at_risk: vec![100.0, 80.0], redeemed: vec![20.0, 0.0], expired: vec![0.0, 80.0] };
        assert_eq!((ages.curve().ultimate(), ages.curve().open[2]), (0.2, 0.0));
    }
}
