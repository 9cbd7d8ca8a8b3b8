//! Extreme periods set to a cap (winsorising), where it is asked for: a few large customers then decide no mean.

use leverkit_stats::quantiles;

use super::histories::Histories;

/// What was capped.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Capped {
    pub(crate) outcome: &'static str,
    /// The money that more counts as.
    pub(crate) cap: f64,
    /// Customers' periods that were above it.
    pub(crate) periods: u64,
}

impl Histories {
    /// Sets money above a quantile of the periods with money before anybody joined to that quantile, whenever it was spent: the cap then does not depend on the effect.
    pub(crate) fn capped(&mut self, share: f64, base: usize) -> Vec<Capped> {
        let is_money = |at: &usize| matches!(self.outcomes[*at], "spend" | "margin");
        let money: Vec<usize> = (0..self.outcomes.len()).filter(is_money).collect();
        money.into_iter().filter_map(|outcome| self.cap(outcome, share, base)).collect()
    }

    fn cap(&mut self, outcome: usize, share: f64, base: usize) -> Option<Capped> {
        let before = (0..self.n()).flat_map(|unit| &self.path(unit, outcome)[..base]);
        let mut known: Vec<f64> = before.copied().filter(|value| *value > 0.0).collect();
        let cap = quantiles(&mut known, &[share]).first().copied()?;
        let (stride, start) = (self.outcomes.len() * self.periods, outcome * self.periods);
        let mut periods = 0;
        for path in self.paths.chunks_exact_mut(stride) {
            for value in path[start..start + self.periods].iter_mut().filter(|value| **value > cap) {
                *value = cap;
                periods += 1;
            }
        }
        Some(Capped { outcome: self.outcomes[outcome], cap, periods })
    }
}

#[cfg(test)]
mod tests {
    use super::super::NEVER;
    use super::*;

    #[test]
    fn money_above_the_cap_of_before_counts_as_the_cap() {
        let mut histories = Histories {
            outcomes: vec!["active", "orders", "spend"],
            periods: 2,
            first: vec![1, NEVER],
            codes: vec![0, 1],
            paths: vec![1.0, 1.0, 1.0, 9.0, 10.0, 50.0, 1.0, 0.0, 1.0, 0.0, 20.0, 0.0],
            ..Histories::default()
        };
        let found = histories.capped(0.5, 1);
        assert_eq!(found, [Capped { outcome: "spend", cap: 15.0, periods: 2 }]);
        assert_eq!((histories.path(0, 2), histories.path(1, 2)), (&[10.0, 15.0][..], &[15.0, 0.0][..]));
        assert_eq!(histories.path(0, 1)[1], 9.0); // orders are no money
    }
}
