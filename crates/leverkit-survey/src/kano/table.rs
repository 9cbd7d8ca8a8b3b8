//! Results of a Kano survey as record batches.

use leverkit_core::frames::{beside, each, number};
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};
use leverkit_stats::Interval;

use super::feature::Coefficients;
use super::{Category, Drift, Feature, Kano, Movement, Priorities, Quadrant};
use crate::answers::quality_batch;

/// Points of an ellipse.
const POINTS: usize = 48;

impl Tables for Kano {
    const TABLES: &'static [&'static str] =
        &["table", "categories", "continuous", "segments", "differences", "ellipses", "quality"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "categories" => self.categories_batch(),
            "continuous" => self.continuous_batch(),
            "segments" => self.segments_batch(),
            "differences" => self.differences_batch(),
            "ellipses" => self.ellipses_batch(),
            "quality" => quality_batch(&self.quality),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Kano {
    /// One row per feature: `feature`, `n`, counts `A`, `O`, `M`, `I`, `R`, `Q` (weighted ones scaled to n), `category` (the verdict), `probability` (that the
    /// mode leads), `mode`, `second`, `rule` (M > O > A > I within the tolerance), `strength` and `total_strength` with limits, `better` and `worse` with
    /// limits and standard errors, their `corr`, `fong_limit` (answers) and `fong` (whether it calls the mode), `p_value` and `q_value` (of mode and second
    /// being equal), `status` (clear, unclear, split, few), `flipped` (whether its absence is judged), `incomplete` (pairs).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<&Feature> = self.features.iter().collect();
        let judged = batch!(
            "category" => each(&rows, |row| row.category()),
            "probability" => each(&rows, |row| row.probabilities[row.mode as usize]),
            "mode" => each(&rows, |row| row.mode.letter()),
            "second" => each(&rows, |row| row.second.letter()),
            "rule" => each(&rows, |row| row.rule.letter()),
        )?;
        let tests = batch!(
            "fong_limit" => each(&rows, |row| row.fong_limit),
            "fong" => each(&rows, |row| row.is_called_by_fong()),
            "p_value" => each(&rows, |row| number(row.p_value)),
            "q_value" => each(&rows, |row| number(row.q_value)),
            "status" => each(&rows, |row| row.status.name()),
            "flipped" => each(&rows, |row| row.is_flipped),
            "incomplete" => each(&rows, |row| row.incomplete),
        )?;
        let strengths = [
            limits("strength", &each(&rows, |row| Some(row.strength)))?,
            limits("total_strength", &each(&rows, |row| Some(row.total_strength)))?,
        ];
        let [strength, total] = strengths;
        beside(&[counts(&rows)?, judged, strength, total, coefficients(&rows)?, tests])
    }

    /// One row per feature and category: `feature`, `category`, `count`, `share`, `probability` (that it is the largest).
    fn categories_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<(&Feature, Category)> = self
            .features
            .iter()
            .flat_map(|feature| Category::ALL.into_iter().map(move |category| (feature, category)))
            .collect();
        batch!(
            "feature" => each(&rows, |row| row.0.feature.as_str()),
            "category" => each(&rows, |row| row.1.letter()),
            "count" => each(&rows, |row| row.0.count(row.1)),
            "share" => each(&rows, |row| row.0.shares[row.1 as usize]),
            "probability" => each(&rows, |row| row.0.probabilities[row.1 as usize]),
        )
    }

    /// One row per feature: `feature`, `n`, means `functional` and `dysfunctional` with `_sd` and `_se`, `covariance` (of answers), `corr` (of the means),
    /// `weighted_functional` and `weighted_dysfunctional` (by importance), `quadrant`, `probability` (of the quadrant), `p_A`, `p_O`, `p_M`, `p_I`, `stable`
    /// (whether other scales in use give the same quadrant).
    fn continuous_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.continuous;
        let chance = |quadrant: Quadrant| each(rows, move |row| row.probabilities[quadrant as usize]);
        batch!(
            "feature" => each(rows, |row| row.feature.as_str()),
            "n" => each(rows, |row| row.n),
            "functional" => each(rows, |row| row.means[0]),
            "functional_sd" => each(rows, |row| row.sds[0]),
            "functional_se" => each(rows, |row| row.of_means[0].sqrt()),
            "dysfunctional" => each(rows, |row| row.means[1]),
            "dysfunctional_sd" => each(rows, |row| row.sds[1]),
            "dysfunctional_se" => each(rows, |row| row.of_means[1].sqrt()),
            "covariance" => each(rows, |row| row.covariance),
            "weighted_functional" => each(rows, |row| row.weighted.map(|means| means[0])),
            "weighted_dysfunctional" => each(rows, |row| row.weighted.map(|means| means[1])),
            "quadrant" => each(rows, |row| row.quadrant.letter()),
            "probability" => each(rows, |row| row.probabilities[row.quadrant as usize]),
            "p_A" => chance(Quadrant::Attractive),
            "p_O" => chance(Quadrant::OneDimensional),
            "p_M" => chance(Quadrant::MustBe),
            "p_I" => chance(Quadrant::Indifferent),
            "stable" => each(rows, |row| row.is_stable),
        )
    }

    /// One row per segment and feature: `segment`, `feature`, `n`, counts, `category`, `probability`, `mode`, `second`, `better` and `worse` with limits,
    /// `status`.
    fn segments_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<&Feature> = self.segments.iter().map(|row| &row.feature).collect();
        let segments = batch!("segment" => each(&self.segments, |row| row.segment.as_str()))?;
        let judged = batch!(
            "category" => each(&rows, |row| row.category()),
            "probability" => each(&rows, |row| row.probabilities[row.mode as usize]),
            "mode" => each(&rows, |row| row.mode.letter()),
            "second" => each(&rows, |row| row.second.letter()),
            "status" => each(&rows, |row| row.status.name()),
        )?;
        beside(&[segments, counts(&rows)?, judged, coefficients(&rows)?])
    }

    /// One row per feature: `feature`, `statistic` (likelihood ratio), `df`, `p_value`, `q_value`, `test` (`likelihood_ratio`, or shuffled).
    fn differences_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.differences;
        batch!(
            "feature" => each(rows, |row| row.feature.as_str()),
            "statistic" => each(rows, |row| row.statistic),
            "df" => each(rows, |row| row.df),
            "p_value" => each(rows, |row| number(row.p_value)),
            "q_value" => each(rows, |row| number(row.q_value)),
            "test" => each(rows, |row| row.test),
        )
    }

    /// One row per point of the ellipse in which a feature lies at the level asked for: `map` (coefficients: x is worse, y is better; continuous: x is
    /// dysfunctional, y is functional), `feature`, `x`, `y`.
    fn ellipses_batch(&self) -> Result<RecordBatch, Error> {
        let level = self.params.level;
        let discrete = self.features.iter().filter_map(|feature| {
            let coefficients = feature.coefficients.as_ref()?;
            Some(("coefficients", feature.feature.as_str(), coefficients.ellipse(level, POINTS)))
        });
        let continuous =
            self.continuous.iter().map(|of| ("continuous", of.feature.as_str(), of.ellipse(level, POINTS)));
        let rows: Vec<(&str, &str, f64, f64)> = discrete
            .chain(continuous)
            .flat_map(|(map, feature, points)| points.into_iter().map(move |(y, x)| (map, feature, x, y)))
            .collect();
        batch!(
            "map" => each(&rows, |row| row.0),
            "feature" => each(&rows, |row| row.1),
            "x" => each(&rows, |row| row.2),
            "y" => each(&rows, |row| row.3),
        )
    }
}

fn counts(rows: &[&Feature]) -> Result<RecordBatch, Error> {
    let of = |category: Category| each(rows, move |row| row.count(category));
    batch!(
        "feature" => each(rows, |row| row.feature.as_str()),
        "n" => each(rows, |row| row.n),
        "A" => of(Category::Attractive),
        "O" => of(Category::OneDimensional),
        "M" => of(Category::MustBe),
        "I" => of(Category::Indifferent),
        "R" => of(Category::Reverse),
        "Q" => of(Category::Questionable),
    )
}

fn coefficients(rows: &[&Feature]) -> Result<RecordBatch, Error> {
    let of = |value: fn(&Coefficients) -> f64| each(rows, move |row| row.coefficients.as_ref().map(value));
    let errors = batch!(
        "better_se" => of(|found| found.better_se),
        "worse_se" => of(|found| found.worse_se),
        "corr" => of(|found| found.correlation),
    )?;
    let interval = |value: fn(&Coefficients) -> Interval| each(rows, move |row| row.coefficients.as_ref().map(value));
    beside(&[
        limits("better", &interval(|found| found.better))?,
        limits("worse", &interval(|found| found.worse))?,
        errors,
    ])
}

/// The columns of an estimate with its limits.
fn limits(name: &str, rows: &[Option<Interval>]) -> Result<RecordBatch, Error> {
    let of = |part: fn(&Interval) -> f64| each(rows, move |row| row.as_ref().map(part).and_then(number));
    batch!(
        name => of(|found| found.estimate),
        &format!("{name}_lower") => of(|found| found.lower),
        &format!("{name}_upper") => of(|found| found.upper),
    )
}

impl Tables for Drift {
    const TABLES: &'static [&'static str] = &["table"];

    /// One row per feature: `feature`, `from`, `to`, `better` and `worse` (changes) with limits, `p_value`, `q_value`, `moved`.
    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        let rows = &self.movements;
        let names = batch!(
            "feature" => each(rows, |row| row.feature.as_str()),
            "from" => each(rows, |row| row.from.as_str()),
            "to" => each(rows, |row| row.to.as_str()),
        )?;
        let tests = batch!(
            "p_value" => each(rows, |row| number(row.p_value)),
            "q_value" => each(rows, |row| number(row.q_value)),
            "moved" => each(rows, Movement::has_moved),
        )?;
        let better = limits("better", &each(rows, |row| Some(row.better.interval)))?;
        let worse = limits("worse", &each(rows, |row| Some(row.worse.interval)))?;
        beside(&[names, better, worse, tests])
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Tables for Priorities {
    const TABLES: &'static [&'static str] = &["table"];

    /// One row per feature, the most at stake per money first: `order`, `feature`, `category`, `cost`, `reach`, `satisfied`, `dissatisfied`, `stake` and
    /// `per_cost` with limits, `first` (the probability that it is the first).
    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        let rows = &self.priorities;
        let names = batch!(
            "order" => each(rows, |row| row.order),
            "feature" => each(rows, |row| row.feature.as_str()),
            "category" => each(rows, |row| row.category.as_str()),
            "cost" => each(rows, |row| row.cost),
            "reach" => each(rows, |row| row.reach),
        )?;
        let first = batch!("first" => each(rows, |row| row.first))?;
        beside(&[
            names,
            limits("satisfied", &each(rows, |row| Some(row.satisfied)))?,
            limits("dissatisfied", &each(rows, |row| Some(row.dissatisfied)))?,
            limits("stake", &each(rows, |row| Some(row.stake)))?,
            limits("per_cost", &each(rows, |row| Some(row.per_cost)))?,
            first,
        ])
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}
