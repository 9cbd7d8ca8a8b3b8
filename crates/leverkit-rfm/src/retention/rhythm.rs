//! A customer's own rhythm: the mean gap between their orders, shrunk to the group's by credibility.
//!
//! With n gaps of mean x a customer's rhythm is z·x + (1 − z)·m, z = n/(n + K), K = the variance within customers over that
//! between them (Bühlmann & Straub 1970, Glaubwürdigkeit für Schadensätze).

use serde::Serialize;

/// Sums over a group's closed gaps, from which credibility is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct RhythmCounts {
    customers: f64,
    gaps: f64,
    gaps_squared: f64,
    days: f64,
    within: f64,
    between: f64,
}

impl RhythmCounts {
    /// Adds a customer's closed gaps.
    pub(crate) fn add(&mut self, gaps: impl Iterator<Item = u32> + Clone) {
        let (n, days) = total(gaps.clone());
        if n == 0.0 {
            return;
        }
        let mean = days / n;
        self.customers += 1.0;
        self.gaps += n;
        self.gaps_squared += n * n;
        self.days += days;
        self.within += gaps.map(|gap| (f64::from(gap) - mean).powi(2)).sum::<f64>();
        self.between += n * mean * mean;
    }

    pub(crate) fn merge(self, other: &Self) -> Self {
        Self {
            customers: self.customers + other.customers,
            gaps: self.gaps + other.gaps,
            gaps_squared: self.gaps_squared + other.gaps_squared,
            days: self.days + other.days,
            within: self.within + other.within,
            between: self.between + other.between,
        }
    }

    /// The group's mean gap and how much a customer's own gaps count.
    pub(crate) fn estimate(&self) -> Rhythm {
        let mean = self.days / self.gaps;
        let within = self.within / (self.gaps - self.customers);
        let spread = self.between - self.gaps * mean * mean - (self.customers - 1.0) * within;
        let between = spread / (self.gaps - self.gaps_squared / self.gaps);
        Rhythm {
            customers: self.customers as u64,
            mean_days: mean,
            gaps_for_half: (between > 0.0).then(|| within / between),
        }
    }
}

fn total(gaps: impl Iterator<Item = u32>) -> (f64, f64) {
    gaps.fold((0.0, 0.0), |(n, days), gap| (n + 1.0, days + f64::from(gap)))
}

/// How customers' rhythms differ within a group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rhythm {
    /// Customers with a closed gap.
    pub customers: u64,
    /// Mean of closed gaps, in days; NaN without any.
    pub mean_days: f64,
    /// Gaps after which a customer's own mean counts half, the K of credibility; `None` where customers do not differ more than chance.
    pub gaps_for_half: Option<f64>,
}

impl Rhythm {
    /// A customer's gaps relative to the group's: 2 means twice as long. `None` where the group has no closed gap, or gaps of 0 days alone.
    pub(crate) fn pace(&self, gaps: impl Iterator<Item = u32>) -> Option<f64> {
        let (n, days) = total(gaps);
        let credibility = self.gaps_for_half.filter(|_| n > 0.0).map_or(0.0, |half| n / (n + half));
        let own = if n > 0.0 { days / n } else { self.mean_days };
        (self.mean_days > 0.0).then(|| 1.0 + credibility * (own / self.mean_days - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_without_gaps_has_the_group_s_rhythm_and_many_gaps_their_own() {
        let mut counts = RhythmCounts::default();
        for own in [[9, 10, 11, 10], [29, 31, 30, 30]] {
            counts.add(own.into_iter());
        }
        let rhythm = counts.estimate();
        assert_eq!(rhythm.mean_days, 20.0);
        assert_eq!(rhythm.pace([].into_iter()), Some(1.0));
        let fast = rhythm.pace([10; 50].into_iter()).unwrap();
        assert!((fast - 0.5).abs() < 0.01, "{fast}");
        let once = rhythm.pace([10].into_iter()).unwrap();
        assert!(fast < once && once < 1.0, "{once}");
    }

    #[test]
    fn where_customers_do_not_differ_their_own_gaps_do_not_count() {
        let mut counts = RhythmCounts::default();
        for own in [[10, 30], [30, 10], [20, 20]] {
            counts.add(own.into_iter());
        }
        let rhythm = counts.estimate();
        assert_eq!(rhythm.gaps_for_half, None);
        assert_eq!(rhythm.pace([40].into_iter()), Some(1.0));
    }
}
