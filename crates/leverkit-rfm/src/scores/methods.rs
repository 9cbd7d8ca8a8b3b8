//! How values become scores: each method finds its cut points and scores the customers with them.

use rayon::prelude::*;

use super::cuts::{Bound, Cut, ntile};
use super::measures::{CustomerMeasures, Measure, Measures};
use super::params::{Monetary, ScoreMethod, ScoreParams};
use crate::Error;

/// The three measures as numbers; NaN for customers without an order.
pub(super) struct Values([Vec<f64>; 3]);

impl Values {
    pub(super) fn of(measures: &Measures, monetary: Monetary) -> Self {
        let money = |customer: &CustomerMeasures| match monetary {
            Monetary::Total => (customer.orders > 0).then_some(customer.total),
            Monetary::AverageCheck => customer.average_check(),
        };
        let each = |value: &(dyn Fn(&CustomerMeasures) -> Option<f64> + Sync)| {
            measures.each.par_iter().map(|customer| value(customer).unwrap_or(f64::NAN)).collect()
        };
        Self([
            each(&|customer| customer.order_days().map(|(_, last)| f64::from(measures.as_of - last))),
            each(&|customer| (customer.orders > 0).then_some(f64::from(customer.orders))),
            each(&money),
        ])
    }

    fn of_measure(&self, measure: Measure) -> &[f64] {
        &self.0[measure as usize]
    }

    /// Scores a measure with the cut of each customer; 0 where there is no value.
    pub(super) fn score<'a>(&self, measure: usize, cut: impl Fn(usize) -> &'a Cut + Sync) -> Vec<u8> {
        let score = |(customer, value): (usize, &f64)| if value.is_nan() { 0 } else { cut(customer).score(*value) };
        self.0[measure].par_iter().enumerate().map(score).collect()
    }

    /// Notes down in a cut who got which of its scores.
    pub(super) fn observe(&self, cut: &mut Cut, scores: &[Vec<u8>; 3]) {
        let measure = cut.measure as usize;
        let within = cut.within.clone();
        let belongs = |customer: usize| within.iter().zip(scores).all(|(wanted, scores)| scores[customer] == *wanted);
        let pairs = self.0[measure].iter().zip(&scores[measure]).enumerate();
        cut.observe(
            pairs
                .filter(|(customer, (_, score))| **score > 0 && belongs(*customer))
                .map(|(_, (value, score))| (*value, *score)),
        );
    }
}

/// Cuts each measure on its own, scores customers and notes down who got which score.
pub(super) fn each(values: &Values, params: &ScoreParams) -> Result<(Vec<Cut>, [Vec<u8>; 3]), Error> {
    let mut cuts = cut_each(values, params)?;
    let scores = score_each(values, &cuts);
    cuts.par_iter_mut().for_each(|cut| values.observe(cut, &scores));
    Ok((cuts, scores))
}

/// Cuts each measure on its own.
fn cut_each(values: &Values, params: &ScoreParams) -> Result<Vec<Cut>, Error> {
    let cut = |measure: Measure| {
        if params.method == ScoreMethod::Quantile {
            return Ok(Cut::at_quantiles(measure, params.bins[measure as usize], values.of_measure(measure)));
        }
        let mut known: Vec<f64> = values.of_measure(measure).iter().copied().filter(|value| !value.is_nan()).collect();
        let edges = params.thresholds.as_ref().map_or(&[][..], |thresholds| thresholds.of(measure));
        Cut::find(measure, Vec::new(), params.bins[measure as usize], params.method, edges, &mut known)
    };
    Measure::ALL.into_par_iter().map(cut).collect()
}

fn score_each(values: &Values, cuts: &[Cut]) -> [Vec<u8>; 3] {
    [0, 1, 2].map(|measure| cuts[measure].score_all(&values.0[measure]))
}

/// Cuts recency, then frequency within each recency score, then monetary within each pair of both.
pub(super) fn nested(values: &Values, params: &ScoreParams) -> Result<(Vec<Cut>, [Vec<u8>; 3]), Error> {
    let mut cuts = Vec::new();
    let mut scores = [const { Vec::new() }; 3];
    for measure in Measure::ALL {
        let index = measure as usize;
        let bins = params.bins[index];
        let column = values.of_measure(measure);
        let mut of_customer = vec![0; column.len()];
        for (within, customers) in groups(column, &scores[..index]) {
            let mut known: Vec<f64> = customers.iter().map(|&customer| column[customer]).collect();
            let cut = Cut::find(measure, within, bins, ScoreMethod::Nested, &[], &mut known)?;
            customers.iter().for_each(|&customer| of_customer[customer] = cut.score(column[customer]));
            cuts.push(cut);
        }
        scores[index] = of_customer;
    }
    cuts.par_iter_mut().for_each(|cut| values.observe(cut, &scores));
    Ok((cuts, scores))
}

/// The customers with a value, by their scores so far, in the order of these.
fn groups(values: &[f64], scores: &[Vec<u8>]) -> std::collections::BTreeMap<Vec<u8>, Vec<usize>> {
    let mut groups = std::collections::BTreeMap::<Vec<u8>, Vec<usize>>::new();
    for customer in (0..values.len()).filter(|&customer| !values[customer].is_nan()) {
        groups.entry(scores.iter().map(|scores| scores[customer]).collect()).or_default().push(customer);
    }
    groups
}

/// Buckets of equal size by rank; ties go by the customers' order, so the result is the same on every run.
pub(super) fn by_rank(values: &Values, params: &ScoreParams) -> Result<(Vec<Cut>, [Vec<u8>; 3]), Error> {
    let mut cuts = Vec::new();
    let mut scores = [const { Vec::new() }; 3];
    for measure in Measure::ALL {
        let index = measure as usize;
        scores[index] = rank_scores(values.of_measure(measure), params.bins[index], measure == Measure::Recency);
        cuts.push(Cut::find(measure, Vec::new(), params.bins[index], ScoreMethod::Rank, &[], &mut [])?);
    }
    cuts.par_iter_mut().for_each(|cut| values.observe(cut, &scores));
    debug_assert!(cuts.iter().all(|cut| cut.includes == Bound::Rank));
    Ok((cuts, scores))
}

fn rank_scores(values: &[f64], bins: u8, descending: bool) -> Vec<u8> {
    let mut ranked: Vec<u32> =
        (0..values.len() as u32).filter(|&customer| !values[customer as usize].is_nan()).collect();
    let by_value = |a: &u32, b: &u32| {
        let order = values[*a as usize].total_cmp(&values[*b as usize]);
        (if descending { order.reverse() } else { order }).then(a.cmp(b))
    };
    ranked.par_sort_unstable_by(by_value);
    let mut scores = vec![0; values.len()];
    for (rank, &customer) in ranked.iter().enumerate() {
        scores[customer as usize] = ntile(rank, ranked.len(), bins);
    }
    scores
}
