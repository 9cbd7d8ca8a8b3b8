//! The price index over the products that both sell, with all that stands beside it.

use leverkit_core::stats::median;
use leverkit_stats::Estimate;

use super::Index;
use super::offers::Offer;

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

    pub(super) fn index(&self, level: f64) -> Index {
        let n = self.ratios.len();
        let share = |is: fn(f64) -> bool| {
            (n > 0).then(|| self.ratios.iter().filter(|ratio| is(**ratio)).count() as f64 / n as f64)
        };
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let all = mean(&self.own) - mean(&self.theirs);
        Index {
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
