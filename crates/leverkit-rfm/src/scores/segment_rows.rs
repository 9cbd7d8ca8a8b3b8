//! The segments with their customers and money.

use leverkit_core::stats;
use serde::Serialize;

use super::Scores;

/// One segment's customers, money and what to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentRow {
    /// The name.
    pub segment: String,
    /// How many customers.
    pub customers: u64,
    /// Of all scored customers.
    pub share_customers: f64,
    /// Money of all their lines, net of returns.
    pub revenue: f64,
    /// Of all scored customers' revenue; `None` where that is not positive.
    pub share_revenue: Option<f64>,
    /// Revenue an order; `None` without orders.
    pub average_check: Option<f64>,
    /// Median days since the last order; `None` without customers.
    pub median_recency: Option<f64>,
    /// Number of orders.
    pub orders: u64,
    /// What to do with them first.
    pub action: String,
}

impl Scores {
    /// The segments, in the order of the map; customers without scores are in none.
    pub fn segment_rows(&self) -> Vec<SegmentRow> {
        let map = self.model.params.segments.segments();
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); map.len()];
        for customer in (0..self.measures.each.len()).filter(|&customer| self.is_scored(customer)) {
            members[usize::from(self.segments[customer])].push(customer);
        }
        let revenues: Vec<f64> = members.iter().map(|members| self.revenue(members)).collect();
        let (all, total) = (members.iter().map(Vec::len).sum::<usize>(), stats::sum(&revenues));
        map.iter()
            .zip(members.iter().zip(&revenues))
            .map(|(segment, (members, &revenue))| {
                let orders: u64 = members.iter().map(|&customer| u64::from(self.measures.each[customer].orders)).sum();
                let mut recencies: Vec<f64> =
                    members.iter().filter_map(|&customer| self.measures.recency(customer).map(f64::from)).collect();
                SegmentRow {
                    segment: segment.name.clone(),
                    customers: members.len() as u64,
                    share_customers: members.len() as f64 / all as f64,
                    revenue,
                    share_revenue: (total > 0.0).then(|| revenue / total),
                    average_check: (orders > 0).then(|| revenue / orders as f64),
                    median_recency: stats::quantiles(&mut recencies, &[0.5]).first().copied(),
                    orders,
                    action: segment.action.clone(),
                }
            })
            .collect()
    }

    fn revenue(&self, members: &[usize]) -> f64 {
        stats::sum(&members.iter().map(|&customer| self.measures.each[customer].total).collect::<Vec<_>>())
    }
}
