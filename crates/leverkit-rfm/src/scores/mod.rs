//! Scoring: measures → cut points → scores → segments, and the same cut points on other data.

use leverkit_core::{Column, Day, Ledger, format_day};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::cuts::{Bound, ntile};
use crate::{
    CustomerMeasures, Cut, Error, Measure, Measures, Method, Monetary, ScoreParams, SegmentMap, ValidScoreParams,
    measure,
};

/// Scores of every customer with all that explains them.
#[derive(Debug, Clone)]
pub struct Scores {
    /// What the scores were made from.
    pub measures: Measures,
    /// Recency, frequency and monetary scores; 0 for customers without an order.
    pub scores: [Vec<u8>; 3],
    /// The position of each customer's segment in the map; meaningless for customers without an order.
    pub segments: Vec<u8>,
    /// The parameters and cut points.
    pub model: ScoreModel,
    /// What was left out, and which measure uses fewer scores.
    pub notes: Vec<String>,
}

/// Parameters and cut points: all that is needed to score other customers the same way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreModel {
    /// The parameters.
    pub params: ScoreParams,
    /// The day from which the customers were scored whose values made the cut points.
    pub fitted_as_of: Day,
    /// The cut points of each measure.
    pub cuts: Vec<Cut>,
}

/// Scores the customers of a ledger.
///
/// # Errors
/// [`Error::NothingToScore`] where no customer has an order up to `as_of`.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_rfm::{Method, ScoreParams, score};
/// let lines = batch!("c" => [1, 2, 3], "t" => ["2024-01-01", "2024-01-05", "2024-01-09"], "a" => [1.0, 2.0, 3.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let params = ScoreParams { bins: [3; 3], method: Method::Rank, ..ScoreParams::default() };
/// let scores = score(&ledger, &params.check()?)?;
/// assert_eq!(scores.scores, [vec![1, 2, 3], vec![1, 2, 3], vec![1, 2, 3]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn score(ledger: &Ledger, params: &ValidScoreParams) -> Result<Scores, Error> {
    let params = params.get().clone();
    let measures = measure(ledger, params.as_of.unwrap_or(ledger.as_of()))?;
    let values = Values::of(&measures, params.monetary);
    let (cuts, scores) = match params.method {
        Method::Nested => nested(&values, &params)?,
        Method::Rank => by_rank(&values, &params)?,
        Method::Quantile | Method::Thresholds | Method::EqualWidth | Method::Kmeans => each(&values, &params)?,
    };
    let notes = cuts.iter().filter_map(|cut| cut.note(params.bins[cut.measure as usize])).collect();
    let model = ScoreModel { fitted_as_of: measures.as_of, params, cuts };
    Ok(Scores::new(measures, scores, model, notes))
}

/// The segment of each customer of a ledger as of a day, by code; `None` for those without an order by then.
pub(crate) fn segments_by_customer(
    ledger: &Ledger,
    as_of: Day,
    params: &ValidScoreParams,
) -> Result<Vec<Option<u8>>, Error> {
    let params = ScoreParams { as_of: Some(as_of), ..params.get().clone() };
    let scores = score(ledger, &params.check()?)?;
    let mut position = 0;
    let segment = |customer: usize| {
        let first = ledger.offsets()[customer] as usize;
        // Scores hold the customers with a line by then, in the order of codes.
        (ledger.days()[first] <= as_of).then(|| {
            position += 1;
            scores.is_scored(position - 1).then(|| scores.segments[position - 1])
        })?
    };
    Ok((0..ledger.n_customers()).map(segment).collect())
}

impl ScoreModel {
    /// Scores the customers of another ledger, or of the same one later, with these cut points.
    /// `as_of` is by default the ledger's.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a model of ranks, which mean nothing outside the customers they were made from;
    /// [`Error::NothingToScore`] where no customer has an order up to `as_of`.
    pub fn apply(&self, ledger: &Ledger, as_of: Option<Day>) -> Result<Scores, Error> {
        if self.params.method == Method::Rank {
            return Err(Error::parameter(
                "method",
                "rank",
                "a method with cut points: ranks hold only among the customers they were made from",
            ));
        }
        let measures = measure(ledger, as_of.unwrap_or(ledger.as_of()))?;
        let values = Values::of(&measures, self.params.monetary);
        let mut model = self.clone();
        let [r, f, m] = Measure::ALL.map(|measure| self.cuts_of(measure));
        let r_scores = values.score(0, |_| r[0]);
        let f_scores = values.score(1, |customer| within(&f, &[r_scores[customer]]));
        let m_scores = values.score(2, |customer| within(&m, &[r_scores[customer], f_scores[customer]]));
        let scores = [r_scores, f_scores, m_scores];
        model.cuts.par_iter_mut().for_each(|cut| values.observe(cut, &scores));
        let note = format!(
            "Scored as of {} with cut points of {}.",
            format_day(measures.as_of),
            format_day(self.fitted_as_of)
        );
        Ok(Scores::new(measures, scores, model, vec![note]))
    }

    fn cuts_of(&self, measure: Measure) -> Vec<&Cut> {
        self.cuts.iter().filter(|cut| cut.measure == measure).collect()
    }

    /// The model as JSON.
    ///
    /// # Errors
    /// [`Error::Format`] where it cannot be written.
    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string_pretty(self).map_err(|error| Error::format("score model", &error))
    }

    /// Reads a model from JSON.
    ///
    /// # Errors
    /// [`Error::Format`] where the text is no model, [`Error::Parameter`] and [`Error::SegmentMap`] where its parameters are wrong.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let model: Self = serde_json::from_str(text).map_err(|error| Error::format("score model", &error))?;
        model.params.clone().check()?;
        for measure in Measure::ALL {
            if model.cuts_of(measure).is_empty() {
                return Err(Error::format("score model", &format!("no cut points for {}", measure.name())));
            }
        }
        Ok(model)
    }
}

/// The cut of a customer with these scores; where no customer had them when the cuts were made, the nearest scores'.
fn within<'a>(cuts: &[&'a Cut], scores: &[u8]) -> &'a Cut {
    let distance = |cut: &Cut| -> u32 { cut.within.iter().zip(scores).map(|(a, b)| u32::from(a.abs_diff(*b))).sum() };
    let mut nearest = cuts[0];
    for cut in cuts {
        if distance(cut) < distance(nearest) {
            nearest = cut;
        }
    }
    nearest
}

impl Scores {
    fn new(measures: Measures, scores: [Vec<u8>; 3], model: ScoreModel, mut notes: Vec<String>) -> Self {
        let unscored = measures.each.iter().filter(|customer| customer.orders == 0).count();
        if unscored > 0 {
            notes.push(format!("{unscored} customers have returns but no order: they are listed without scores."));
        }
        if measures.later_customers > 0 {
            notes.push(format!(
                "{} customers came after {}: they are left out.",
                measures.later_customers,
                format_day(measures.as_of)
            ));
        }
        let segments = segments(&scores, &model.cuts, &model.params.segments);
        Self { measures, scores, segments, model, notes }
    }

    /// The customers' ids.
    pub fn customers(&self) -> &Column {
        &self.measures.customers
    }

    /// Whether a customer has scores.
    pub fn is_scored(&self, customer: usize) -> bool {
        self.scores[0][customer] > 0
    }

    /// The weighted mean of a customer's scores.
    pub fn weighted(&self, customer: usize) -> f64 {
        let weights = self.model.params.weights;
        let sum: f64 =
            weights.iter().zip(&self.scores).map(|(weight, scores)| weight * f64::from(scores[customer])).sum();
        sum / weights.iter().sum::<f64>()
    }
}

/// Finds each customer's segment through a table of all combinations of scores.
fn segments(scores: &[Vec<u8>; 3], cuts: &[Cut], map: &SegmentMap) -> Vec<u8> {
    let bins = Measure::ALL
        .map(|measure| cuts.iter().filter(|cut| cut.measure == measure).map(|cut| cut.bins).max().unwrap_or(1));
    let table = SegmentTable::new(bins, map);
    let at = |(r, (f, m)): (&u8, (&u8, &u8))| if *r == 0 { 0 } else { table.find(*r, *f, *m) };
    scores[0].par_iter().zip(scores[1].par_iter().zip(&scores[2])).map(at).collect()
}

/// The segment of every combination of scores.
pub(crate) struct SegmentTable {
    bins: [usize; 3],
    segments: Vec<u8>,
}

impl SegmentTable {
    pub(crate) fn new(bins: [u8; 3], map: &SegmentMap) -> Self {
        let mut segments = Vec::new();
        for r in 1..=bins[0] {
            for f in 1..=bins[1] {
                for m in 1..=bins[2] {
                    segments.push(map.find([r, f, m], bins) as u8);
                }
            }
        }
        Self { bins: bins.map(usize::from), segments }
    }

    pub(crate) fn find(&self, r: u8, f: u8, m: u8) -> u8 {
        let [r, f, m] = [r, f, m].map(|score| usize::from(score) - 1);
        self.segments[(r * self.bins[1] + f) * self.bins[2] + m]
    }
}

/// The three measures as numbers; NaN for customers without an order.
struct Values([Vec<f64>; 3]);

impl Values {
    fn of(measures: &Measures, monetary: Monetary) -> Self {
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
    fn score<'a>(&self, measure: usize, cut: impl Fn(usize) -> &'a Cut + Sync) -> Vec<u8> {
        let score = |(customer, value): (usize, &f64)| if value.is_nan() { 0 } else { cut(customer).score(*value) };
        self.0[measure].par_iter().enumerate().map(score).collect()
    }

    /// Notes down in a cut who got which of its scores.
    fn observe(&self, cut: &mut Cut, scores: &[Vec<u8>; 3]) {
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
fn each(values: &Values, params: &ScoreParams) -> Result<(Vec<Cut>, [Vec<u8>; 3]), Error> {
    let mut cuts = cut_each(values, params)?;
    let scores = score_each(values, &cuts);
    cuts.par_iter_mut().for_each(|cut| values.observe(cut, &scores));
    Ok((cuts, scores))
}

/// Cuts each measure on its own.
fn cut_each(values: &Values, params: &ScoreParams) -> Result<Vec<Cut>, Error> {
    let cut = |measure: Measure| {
        if params.method == Method::Quantile {
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
fn nested(values: &Values, params: &ScoreParams) -> Result<(Vec<Cut>, [Vec<u8>; 3]), Error> {
    let mut cuts = Vec::new();
    let mut scores = [const { Vec::new() }; 3];
    for measure in Measure::ALL {
        let index = measure as usize;
        let bins = params.bins[index];
        let column = values.of_measure(measure);
        let mut of_customer = vec![0; column.len()];
        for (within, customers) in groups(column, &scores[..index]) {
            let mut known: Vec<f64> = customers.iter().map(|&customer| column[customer]).collect();
            let cut = Cut::find(measure, within, bins, Method::Nested, &[], &mut known)?;
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
fn by_rank(values: &Values, params: &ScoreParams) -> Result<(Vec<Cut>, [Vec<u8>; 3]), Error> {
    let mut cuts = Vec::new();
    let mut scores = [const { Vec::new() }; 3];
    for measure in Measure::ALL {
        let index = measure as usize;
        scores[index] = rank_scores(values.of_measure(measure), params.bins[index], measure == Measure::Recency);
        cuts.push(Cut::find(measure, Vec::new(), params.bins[index], Method::Rank, &[], &mut [])?);
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
