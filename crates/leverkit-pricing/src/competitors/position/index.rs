//! The price index over the products that both sell, with all that stands beside it.

use leverkit_core::Day;
use leverkit_core::stats::median;
use leverkit_stats::Estimate;
use serde::Serialize;

use super::offers::Offer;

/// Own prices against one competitor, or all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PositionIndex {
    /// The day; `None` without dates.
    pub day: Option<Day>,
    /// The competitor; `None` for the geometric mean of all.
    pub competitor: Option<String>,
    /// Only key-value items?
    pub key_items: bool,
    /// Only where neither price is a promotion's?
    pub regular: bool,
    /// Products that both sell.
    pub matched: u64,
    /// Products that one sells oneself.
    pub own_products: u64,
    /// 100 times the geometric mean of own price over theirs, over the matched products (Jevons), with limits; `None` with fewer than two.
    pub index: Option<Estimate>,
    /// The same weighted by own revenue.
    pub weighted: Option<Estimate>,
    /// 100 times the geometric mean of all own prices over that of all of theirs, matched or not.
    pub all_products: Option<f64>,
    /// Median of own price over theirs less 1.
    pub median_gap: Option<f64>,
    /// Shares of the matched products that are cheaper, equal, more expensive.
    pub cheaper: Option<f64>,
    /// At the same price.
    pub equal: Option<f64>,
    /// Dearer.
    pub dearer: Option<f64>,
}

/// Logarithms of own price over theirs, with weights; and of all prices of both.
#[derive(Default)]
pub(super) struct Matched {
    ratios: Vec<f64>,
    weights: Vec<f64>,
    own: Vec<f64>,
    theirs: Vec<f64>,
}

impl Matched {
    pub(super) fn of(
        shelves: &[&[Offer]],
        own: u32,
        competitor: Option<u32>,
        (key_items, regular): (bool, bool),
    ) -> Self {
        let mut found = Self::default();
        for shelf in shelves {
            if key_items && !shelf.iter().any(|offer| offer.is_key) {
                continue;
            }
            let counts = |offer: &&Offer| !(regular && offer.is_promotion);
            let mine = shelf.iter().filter(counts).find(|offer| offer.seller == own);
            let is_theirs =
                |offer: &&Offer| offer.seller != own && competitor.is_none_or(|seller| offer.seller == seller);
            let (sum, n) = shelf
                .iter()
                .filter(counts)
                .filter(is_theirs)
                .fold((0.0, 0), |(sum, n), offer| (sum + offer.price.ln(), n + 1));
            found.own.extend(mine.map(|mine| mine.price.ln()));
            if n > 0 {
                let theirs = sum / f64::from(n);
                found.theirs.push(theirs);
                if let Some(mine) = mine {
                    found.ratios.push(mine.price.ln() - theirs);
                    found.weights.push(mine.revenue);
                }
            }
        }
        found
    }

    pub(super) fn index(&self, level: f64) -> PositionIndex {
        let n = self.ratios.len();
        let share = |is: fn(f64) -> bool| {
            (n > 0).then(|| self.ratios.iter().filter(|ratio| is(**ratio)).count() as f64 / n as f64)
        };
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let all = mean(&self.own) - mean(&self.theirs);
        PositionIndex {
            day: None,
            competitor: None,
            key_items: false,
            regular: false,
            matched: n as u64,
            own_products: self.own.len() as u64,
            index: geometric(&self.ratios, &vec![1.0; n], level),
            weighted: geometric(&self.ratios, &self.weights, level),
            all_products: (!all.is_nan()).then(|| 100.0 * all.exp()),
            median_gap: median(&mut self.ratios.clone()).map(f64::exp_m1),
            cheaper: share(|ratio| ratio < -SAME),
            equal: share(|ratio| ratio.abs() <= SAME),
            dearer: share(|ratio| ratio > SAME),
        }
    }
}

/// Prices nearer than this share are the same.
pub(super) const SAME: f64 = 1e-9;

/// 100 times the weighted geometric mean of ratios, given as logarithms, with limits by Student's t.
fn geometric(ratios: &[f64], weights: &[f64], level: f64) -> Option<Estimate> {
    let (n, total) = (ratios.len() as f64, weights.iter().sum::<f64>());
    if total <= 0.0 || ratios.len() < 2 {
        return None;
    }
    let mean = ratios.iter().zip(weights).map(|(ratio, weight)| ratio * weight).sum::<f64>() / total;
    let squares: f64 = ratios.iter().zip(weights).map(|(ratio, weight)| (weight * (ratio - mean)).powi(2)).sum();
    let std_error = (squares * n / (n - 1.0)).sqrt() / total;
    let log = Estimate::of(mean, std_error, n - 1.0, level);
    let interval = log.interval.map(|log| 100.0 * log.exp());
    Some(Estimate { interval, std_error: interval.estimate * std_error, ..log })
}
