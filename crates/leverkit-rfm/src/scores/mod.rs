//! Scoring: measures → cut points → scores → segments, and the same cut points on other data; clusters of customers by the same measures.

mod clusters;
mod cuts;
mod drift;
mod measures;
mod methods;
mod model;
mod params;
mod segment_rows;
mod segments;
mod table;

use leverkit_core::{Column, Day, Drift, Ledger, Params, counted, format_day};
use rayon::prelude::*;

use crate::Error;
use methods::Values;
use model::within;

pub use clusters::{ClusterRow, CustomerClusters, clusters};
pub(crate) use cuts::fractions;
pub use cuts::{Bin, Bound, Cut};
pub use measures::{CustomerMeasures, Measure, Measures, measure};
pub use model::ScoreModel;
pub(crate) use params::check_bins;
pub use params::{ClusterMeasure, ClusterParams, Monetary, ScoreMethod, ScoreParams, Thresholds};
pub use segment_rows::SegmentRow;
pub(crate) use segments::SegmentTable;
pub use segments::{Rule, Segment, SegmentMap};

/// Scores of every customer with all that explains them.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_rfm::{ScoreParams, score};
/// let days = ["2024-01-05", "2024-02-01", "2024-01-06", "2023-01-01"];
/// let lines = batch!("c" => ["ann", "ann", "bob", "eve"], "t" => days, "a" => [20.0, 30.0, 15.0, 5.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let scores = score(&ledger, &ScoreParams { bins: [3; 3], weights: [2.0, 1.0, 1.0], ..ScoreParams::default() })?;
/// assert_eq!((scores.customers().text(2), scores.is_scored(2), scores.weighted(0)), (Some("eve".into()), true, 3.0));
/// assert!(scores.rule().starts_with("Cut points are quantiles"));
/// let champions = &scores.segment_rows()[0];
/// assert_eq!((champions.segment.as_str(), champions.customers, champions.revenue), ("Champions", 1, 50.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scores {
    /// What the scores were made from.
    pub measures: Measures,
    /// Recency, frequency and monetary scores; 0 for customers without an order.
    pub scores: [Vec<u8>; 3],
    /// The position of each customer's segment in the map; meaningless for customers without an order.
    pub segments: Vec<u8>,
    /// The parameters and cut points, with the customers from whom these were made.
    pub model: ScoreModel,
    /// The cut points with the customers scored.
    pub cuts: Vec<Cut>,
    /// Whether customers have drifted from those of the cut points, by measure; empty where they are the same.
    pub drift: Vec<Drift>,
    /// What was left out, and which measure uses fewer scores.
    pub notes: Vec<String>,
}

/// Scores the customers of a ledger.
///
/// # Errors
/// [`Error::Core`] for a parameter out of its range; [`Error::NothingToScore`] where no customer has an order up to `as_of`.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_rfm::{ScoreMethod, ScoreParams, score};
/// let lines = batch!("c" => [1, 2, 3], "t" => ["2024-01-01", "2024-01-05", "2024-01-09"], "a" => [1.0, 2.0, 3.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let params = ScoreParams { bins: [3; 3], method: ScoreMethod::Rank, ..ScoreParams::default() };
/// let scores = score(&ledger, &params)?;
/// assert_eq!(scores.scores, [vec![1, 2, 3], vec![1, 2, 3], vec![1, 2, 3]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn score(ledger: &Ledger, params: &ScoreParams) -> Result<Scores, Error> {
    params.check()?;
    let params = params.with_bins_of_thresholds();
    let measures = measure(ledger, params.as_of.unwrap_or(ledger.as_of()))?;
    let values = Values::of(&measures, params.monetary);
    let (cuts, scores) = match params.method {
        ScoreMethod::Nested => methods::nested(&values, &params)?,
        ScoreMethod::Rank => methods::by_rank(&values, &params)?,
        ScoreMethod::Quantile | ScoreMethod::Thresholds | ScoreMethod::EqualWidth | ScoreMethod::Kmeans => {
            methods::each(&values, &params)?
        }
    };
    let notes = cuts.iter().filter_map(|cut| cut.note(params.bins[cut.measure as usize])).collect();
    let model = ScoreModel { fitted_as_of: measures.as_of, params, cuts: cuts.clone() };
    Ok(Scores::new(measures, scores, model, cuts, notes))
}

impl ScoreModel {
    /// Scores the customers of another ledger, or of the same one later, with these cut points.
    /// `as_of` is by default the ledger's.
    ///
    /// # Errors
    /// [`Error::Core`] for a model of ranks, which mean nothing outside the customers they were made from;
    /// [`Error::NothingToScore`] where no customer has an order up to `as_of`.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, batch};
    /// use leverkit_rfm::{ScoreParams, score};
    /// let ledger = |days: [&str; 3]| {
    ///     let lines = batch!("c" => ["ann", "bob", "eve"], "t" => days, "a" => [20.0, 30.0, 15.0])?;
    ///     Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))
    /// };
    /// let january = ledger(["2024-01-05", "2024-01-20", "2024-01-31"])?;
    /// let model = score(&january, &ScoreParams { bins: [3; 3], ..ScoreParams::default() })?.model;
    /// // All customers of February came on its last day: by the cut points of January all have the best recency.
    /// let february = model.apply(&ledger(["2024-02-29"; 3])?, None)?;
    /// assert_eq!(february.scores[0], [3, 3, 3]);
    /// assert_eq!(february.notes[0], "Scored as of 2024-03-01 with cut points of 2024-02-01.");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply(&self, ledger: &Ledger, as_of: Option<Day>) -> Result<Scores, Error> {
        if self.params.method == ScoreMethod::Rank {
            return Err(Error::parameter(
                "method",
                "rank",
                "a method with cut points: ranks hold only among the customers they were made from",
            ));
        }
        let measures = measure(ledger, as_of.unwrap_or(ledger.as_of()))?;
        let values = Values::of(&measures, self.params.monetary);
        let [r, f, m] = Measure::ALL.map(|measure| self.cuts_of(measure));
        let r_scores = values.score(0, |_| r[0]);
        let f_scores = values.score(1, |customer| within(&f, &[r_scores[customer]]));
        let m_scores = values.score(2, |customer| within(&m, &[r_scores[customer], f_scores[customer]]));
        let scores = [r_scores, f_scores, m_scores];
        let mut cuts = self.cuts.clone();
        cuts.par_iter_mut().for_each(|cut| values.observe(cut, &scores));
        let note = format!(
            "Scored as of {} with cut points of {}.",
            format_day(measures.as_of),
            format_day(self.fitted_as_of)
        );
        let drift = drift::between(&self.cuts, &cuts);
        let notes = std::iter::once(note).chain(Drift::notes(&drift, "make the cut points anew")).collect();
        Ok(Scores { drift, ..Scores::new(measures, scores, self.clone(), cuts, notes) })
    }
}

/// The name of each customer's segment, by code; `None` for those without an order by the day of the scores.
///
/// # Errors
/// As [`score`].
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_rfm::{ScoreParams, segment_names};
/// let lines = batch!("c" => ["ann", "ann", "bob"], "t" => ["2024-01-01", "2024-01-09", "2023-01-05"], "a" => [5.0, 9.0, 1.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// assert_eq!(segment_names(&ledger, &ScoreParams::default())?.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn segment_names(ledger: &Ledger, params: &ScoreParams) -> Result<Vec<Option<String>>, Error> {
    let segments = segments_by_customer(ledger, params.as_of.unwrap_or_else(|| ledger.as_of()), params)?;
    let names = params.segments.segments();
    Ok(segments.into_iter().map(|segment| Some(names[usize::from(segment?)].name.clone())).collect())
}

/// The segment of each customer of a ledger as of a day, by code; `None` for those without an order by then.
pub(crate) fn segments_by_customer(
    ledger: &Ledger,
    as_of: Day,
    params: &ScoreParams,
) -> Result<Vec<Option<u8>>, Error> {
    let params = ScoreParams { as_of: Some(as_of), ..params.clone() };
    let scores = score(ledger, &params)?;
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

impl Scores {
    fn new(
        measures: Measures,
        scores: [Vec<u8>; 3],
        model: ScoreModel,
        cuts: Vec<Cut>,
        mut notes: Vec<String>,
    ) -> Self {
        let unscored = measures.each.iter().filter(|customer| customer.orders == 0).count();
        if unscored > 0 {
            let customers = counted(unscored, "customer has", "customers have");
            notes.push(format!("{customers} returns but no order: listed without scores."));
        }
        if measures.later_customers > 0 {
            notes.push(format!(
                "{} after {}: left out.",
                counted(measures.later_customers, "customer came", "customers came"),
                format_day(measures.as_of)
            ));
        }
        let segments = segments_of(&scores, &cuts, &model.params.segments);
        Self { measures, scores, segments, model, cuts, drift: Vec::new(), notes }
    }

    /// How the scores were made, in a sentence.
    pub fn rule(&self) -> &'static str {
        match self.model.params.method {
            ScoreMethod::Quantile => {
                "Cut points are quantiles over all customers (Hyndman & Fan type 7); a value above a cut point lies in the next bin, so equal values get equal scores."
            }
            ScoreMethod::Nested => {
                "Cut points are quantiles: of recency over all customers, of frequency within each recency score, of monetary within each pair of both."
            }
            ScoreMethod::Thresholds => {
                "Cut points are the company's own norms: recency up to and including a cut point, frequency and monetary from a cut point on, earn the better score."
            }
            ScoreMethod::EqualWidth => "Bins have equal width from the least to the greatest value.",
            ScoreMethod::Kmeans => {
                "Bins are the clusters with the least squared distance to their means (exact one-dimensional k-means); cut points lie midway between them."
            }
            ScoreMethod::Rank => {
                "Customers are ranked and cut into buckets of equal size, as SQL's ntile; ties go by the order of ids, so equal values may get different scores."
            }
        }
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
fn segments_of(scores: &[Vec<u8>; 3], cuts: &[Cut], map: &SegmentMap) -> Vec<u8> {
    let bins = Measure::ALL
        .map(|measure| cuts.iter().filter(|cut| cut.measure == measure).map(|cut| cut.bins).max().unwrap_or(1));
    let table = SegmentTable::new(bins, map);
    let at = |(r, (f, m)): (&u8, (&u8, &u8))| if *r == 0 { 0 } else { table.find(*r, *f, *m) };
    scores[0].par_iter().zip(scores[1].par_iter().zip(&scores[2])).map(at).collect()
}
