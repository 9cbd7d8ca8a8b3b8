//! An elasticity for each group (product), pulled towards the mean of its category, with a status that says whether it can be used.
//!
//! Slopes of single products are noisy: one in six comes out positive on real data. Empirical Bayes weighs each by how much it knows.

use std::borrow::Cow;
use std::ops::Range;

use leverkit_core::{Column, LeftOut, Params, Table, bucketed};
use leverkit_stats::budget::Watched;
use leverkit_stats::regression::{
    Design, INTEREST, Levels, Ranked, Spread, Within, least_squares, pairs, without_singletons,
};
use leverkit_stats::{Estimate, Interval};
use rayon::prelude::*;
use serde::Serialize;

use super::elasticity::refused;
use super::numbers::Numbers;
use super::params::{DemandModel, ElasticityParams, ErrorSpread};
use super::sample::{CATEGORY, Category, STRETCH, Sample};
use crate::Error;

/// Prices whose logarithms have a standard deviation below this within effects do not vary.
const LEAST_VARIATION: f64 = 0.01;
/// Fewer groups than this tell nothing of a category; those of all groups are taken.
const FEWEST_GROUPS: usize = 5;

/// Whether an elasticity can be used.
///
/// ```
/// assert_eq!(leverkit_pricing::ElasticityStatus::WrongSign.text(), "wrong sign");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ElasticityStatus {
    /// It can.
    Ok,
    /// Sales rise with the price: something else moves both.
    WrongSign,
    /// The price hardly changes within effects.
    NoPriceVariation,
    /// Too few periods, rows or clusters.
    TooFewWeeks,
}

impl ElasticityStatus {
    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::WrongSign => "wrong sign",
            Self::NoPriceVariation => "no price variation",
            Self::TooFewWeeks => "too few weeks",
        }
    }
}

/// An estimate pulled towards its category.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shrunk {
    /// The posterior mean with its limits.
    #[serde(flatten)]
    pub interval: Interval,
    /// The posterior standard deviation.
    pub std_error: f64,
    /// Weight of the category's mean in it, 0 to 1.
    pub weight: f64,
}

/// The elasticity of a group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupElasticity {
    /// Its category, a place in [`GroupElasticities::categories`].
    pub category: usize,
    /// Rows used.
    pub n: u64,
    /// Periods used, or rows where none are named.
    pub periods: u64,
    /// Revenue, where it is known.
    pub revenue: Option<f64>,
    /// Its own estimate; `None` where it is not identified.
    pub estimate: Option<Estimate>,
    /// The estimate pulled towards its category's mean.
    pub shrunk: Option<Shrunk>,
    /// Whether it can be used.
    pub status: ElasticityStatus,
    /// Why not.
    pub reason: Option<String>,
}

/// What groups of a category have in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CategoryElasticity {
    /// Its name; `None` for all groups.
    pub name: Option<String>,
    /// Groups with an estimate.
    pub groups: u64,
    /// Mean elasticity; `None` without an estimate.
    pub mean: Option<Estimate>,
    /// Standard deviation of true elasticities.
    pub deviation: Option<f64>,
    /// The same over all groups was taken, as there are too few of its own.
    pub borrowed: bool,
}

/// Elasticities of groups.
#[derive(Debug, Clone, Serialize)]
pub struct GroupElasticities {
    /// What they were made with.
    pub params: ElasticityParams,
    /// The columns that make groups, a value a group.
    #[serde(skip)]
    pub keys: Vec<Column>,
    /// One a group.
    pub groups: Vec<GroupElasticity>,
    /// One a category.
    pub categories: Vec<CategoryElasticity>,
    /// The small-sample correction of the standard errors, in words.
    pub correction: &'static str,
    /// Rows used.
    pub n: u64,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// Estimates an elasticity for each group by least squares on its own rows, and draws it to the mean of its category.
///
/// A group's estimate b with standard error s is taken as drawn around its true elasticity, true elasticities of a category around its mean μ with variance
/// τ²: N(β, s²) and N(μ, τ²). μ and τ² are Paule & Mandel's (1982); the shrunk estimate is Bμ + (1 − B)b with B = s²/(s² + τ²), its variance
/// (1 − B)s² + B²var(μ) + 2B²(b − μ)²/(m − 3) for m groups (Morris 1983).
///
/// # Errors
/// [`Error::Parameter`] for no `by`, or instruments or PPML with it; else as [`elasticity`](crate::elasticity).
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_pricing::{ElasticityParams, elasticity_by};
/// let sales = Table::from(batch!(
///     "product" => ["a", "a", "a", "a", "b", "b", "b", "b"],
///     "price" => [1.0, 2.0, 4.0, 8.0, 10.0, 20.0, 40.0, 80.0],
///     "units" => [64.0, 17.0, 4.0, 1.1, 640.0, 320.0, 165.0, 80.0],
/// )?);
/// let found = elasticity_by(&sales, &ElasticityParams { by: vec!["product".into()], ..ElasticityParams::new("units", "price") })?;
/// assert_eq!(found.groups.len(), 2);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn elasticity_by(table: &Table, params: &ElasticityParams) -> Result<GroupElasticities, Error> {
    params.check()?;
    if params.by.is_empty() {
        return Err(Error::parameter("by", "no column", "the columns that make groups"));
    }
    if params.model == DemandModel::Ppml || !params.instruments.is_empty() {
        return Err(Error::parameter(
            "by",
            "groups with instruments or model=\"ppml\"",
            "least squares within groups, or one elasticity of all",
        ));
    }
    let by = params.by.join("^");
    let mut wanted = params.wanted();
    wanted.categories.push(("by", &by));
    wanted.categories.extend(params.category.iter().map(|name| (CATEGORY, name.as_str())));
    wanted.categories.extend(params.period.iter().map(|name| ("period", name.as_str())));
    let sample = Sample::read(table, &wanted)?;
    let job = Job::of(&sample, params, &by)?;
    let mut groups: Vec<GroupElasticity> =
        job.starts.par_windows(2).watched().map(|pair| job.estimate(&job.rows_of(pair[0]..pair[1]))).collect();
    let categories = shrink(&mut groups, job.category, params.level);
    let keys = sample.category(&by)?.keys.clone();
    let notes = notes(&groups);
    Ok(GroupElasticities {
        params: params.clone(),
        keys,
        groups,
        categories,
        correction: job.correction,
        n: sample.rows as u64,
        left_out: sample.left_out.clone(),
        notes,
    })
}

fn notes(groups: &[GroupElasticity]) -> Vec<String> {
    use ElasticityStatus::{NoPriceVariation, Ok, TooFewWeeks, WrongSign};
    let of = |status: ElasticityStatus| groups.iter().filter(move |group| group.status == status);
    let mut notes = Vec::new();
    for status in [Ok, WrongSign, NoPriceVariation, TooFewWeeks] {
        let (count, money) = (of(status).count(), of(status).filter_map(|group| group.revenue).sum::<f64>());
        if count > 0 {
            let money = if money > 0.0 { format!(" with revenue of {money:.0}") } else { String::new() };
            notes.push(format!("{count} of {} groups{money}: {}.", groups.len(), status.text()));
        }
    }
    notes.push("Within one group nothing tells prices that answered demand from demand that answered prices: effects, controls and clusters are all there is.".into());
    notes
}

/// What groups are estimated from.
struct Job<'a> {
    sample: &'a Sample,
    params: &'a ElasticityParams,
    names: Vec<&'a str>,
    columns: Vec<&'a Numbers>,
    /// Rows, those of a group beside each other, where they do not lie so, and where each group starts.
    rows: Option<Vec<u32>>,
    starts: Vec<usize>,
    effects: Vec<Levels<'a>>,
    clusters: Vec<Levels<'a>>,
    period: Option<Levels<'a>>,
    category: Option<&'a Category>,
    correction: &'static str,
}

impl<'a> Job<'a> {
    fn of(sample: &'a Sample, params: &'a ElasticityParams, by: &str) -> Result<Self, Error> {
        let correction = match (params.cluster.is_empty(), params.errors) {
            (false, _) => params.small.correction(),
            (true, ErrorSpread::Robust) => Spread::Robust.correction(),
            (true, ErrorSpread::Iid) => Spread::Equal.correction(),
        };
        let groups = sample.category(by)?.levels();
        let (starts, rows) = by_group(&groups);
        let category = |name: &Option<String>| name.as_ref().map(|name| sample.category(name)).transpose();
        let period = category(&params.period)?;
        let (names, columns) = sample.explaining().into_iter().unzip();
        Ok(Self {
            sample,
            params,
            names,
            columns,
            rows,
            starts,
            effects: sample.levels(&params.effects)?,
            clusters: sample.levels(&params.cluster)?,
            period: period.map(Category::levels),
            category: category(&params.category)?,
            correction,
        })
    }

    /// The rows of the group that starts and ends there.
    fn rows_of(&self, group: Range<usize>) -> Rows<'_> {
        match &self.rows {
            None => Rows::Beside(group),
            Some(rows) => Rows::Apart(rows[group].into()),
        }
    }

    fn estimate(&self, rows: &Rows<'_>) -> GroupElasticity {
        let revenue = self.sample.revenue(|column| rows.numbers(column));
        let category = self.category.map_or(0, |category| category.levels().codes[rows.first()] as usize);
        let mut group = GroupElasticity {
            category,
            n: rows.len() as u64,
            periods: 0,
            revenue,
            estimate: None,
            shrunk: None,
            status: ElasticityStatus::TooFewWeeks,
            reason: None,
        };
        if let Err((status, reason)) = self.fit(rows, &mut group) {
            group.status = status;
            group.reason = Some(reason);
        }
        group
    }

    /// Fits a group's own rows; where it cannot be, the status and the reason.
    fn fit(&self, rows: &Rows<'_>, group: &mut GroupElasticity) -> Result<(), Refusal> {
        let (kept, effects) = self.without_singletons(rows);
        group.n = kept.len() as u64;
        group.periods = self.period.as_ref().map_or(group.n, |period| kept.ranked(period).levels().len as u64);
        self.check_periods(group)?;
        let clusters = self.clusters_of(&kept);
        let spread = self.spread(&clusters);
        let values: Vec<Cow<'_, [f64]>> = self.columns.iter().map(|column| kept.numbers(column)).collect();
        let design = Design {
            names: self.names.clone(),
            values: values.iter().map(|values| &**values).collect(),
            instruments: 0,
        };
        let within = design.within(all(&effects)).map_err(unfit)?;
        self.check_variation(&within)?;
        let found = least_squares(&design, &within, &spread, self.params.level).map_err(unfit)?;
        let estimate = found.terms[0].estimate.filter(|found| found.std_error > 0.0);
        group.estimate = Some(estimate.ok_or_else(|| no_error(spread.fewest().unwrap_or_default()))?);
        if estimate.is_some_and(|found| found.interval.estimate >= 0.0) {
            return Err((ElasticityStatus::WrongSign, "sales rose with the price: promotion, season or quality moved both, or it is noise; use the shrunk estimate if it is negative".into()));
        }
        group.status = ElasticityStatus::Ok;
        Ok(())
    }

    /// The rows that are not alone in a level of an effect, and the levels of what is left.
    fn without_singletons<'b>(&'b self, rows: &'b Rows<'b>) -> (Rows<'b>, Vec<Ranked<'b>>) {
        let effects = |rows: &Rows<'_>| self.effects.iter().map(|effect| rows.ranked(effect)).collect::<Vec<_>>();
        let own = effects(rows);
        let Some(mask) = without_singletons(&all(&own), rows.len()) else { return (rows.clone(), own) };
        let kept = rows.kept(&mask);
        let own = effects(&kept);
        (kept, own)
    }

    fn check_periods(&self, group: &GroupElasticity) -> Result<(), Refusal> {
        if group.periods >= u64::from(self.params.min_periods) && group.n > 0 {
            return Ok(());
        }
        let what = if self.period.is_some() { "periods" } else { "rows" };
        let reason = format!("{} {what}, at least {} are needed", group.periods, self.params.min_periods);
        Err((ElasticityStatus::TooFewWeeks, reason))
    }

    /// The clusters of some rows, of each kind, and the intersections of two kinds.
    fn clusters_of(&self, rows: &Rows<'_>) -> Vec<Ranked<'a>> {
        let mut clusters: Vec<Ranked<'a>> = self.clusters.iter().map(|cluster| rows.ranked(cluster)).collect();
        if let [one, two] = &clusters[..] {
            let both = pairs(one.levels().codes, two.levels().codes);
            let len = Levels::all(&both).len;
            clusters.push(Ranked::of(both.into(), len));
        }
        clusters
    }

    fn spread<'b>(&self, clusters: &'b [Ranked<'_>]) -> Spread<'b> {
        match (clusters.is_empty(), self.params.errors) {
            (false, _) => Spread::Clusters(all(clusters), self.params.small),
            (true, ErrorSpread::Robust) => Spread::Robust,
            (true, ErrorSpread::Iid) => Spread::Equal,
        }
    }

    fn check_variation(&self, within: &Within<'_>) -> Result<(), Refusal> {
        let deviation = within.variance(INTEREST).sqrt();
        let is_constant = within.is_absorbed(INTEREST) || self.params.log && deviation < LEAST_VARIATION;
        if !is_constant {
            return Ok(());
        }
        let reason = if self.params.log {
            format!("the price varies by {:.1} % only within effects", 100.0 * deviation)
        } else {
            "the price does not vary within effects".into()
        };
        Err((ElasticityStatus::NoPriceVariation, reason))
    }
}

/// Rows of a group.
#[derive(Clone)]
enum Rows<'a> {
    /// Rows beside each other, whose values and codes need not be copied.
    Beside(Range<usize>),
    /// Rows anywhere.
    Apart(Cow<'a, [u32]>),
}

impl Rows<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Beside(rows) => rows.len(),
            Self::Apart(rows) => rows.len(),
        }
    }

    fn first(&self) -> usize {
        match self {
            Self::Beside(rows) => rows.start,
            Self::Apart(rows) => rows[0] as usize,
        }
    }

    fn numbers<'b>(&self, numbers: &'b Numbers) -> Cow<'b, [f64]> {
        match self {
            Self::Beside(rows) => numbers.rows(rows.clone()),
            Self::Apart(rows) => {
                let numbers: &[f64] = numbers;
                rows.iter().map(|&row| numbers[row as usize]).collect()
            }
        }
    }

    /// The levels that the rows have.
    fn ranked<'b>(&self, levels: &Levels<'b>) -> Ranked<'b> {
        let codes = match self {
            Self::Beside(rows) => levels.codes[rows.clone()].into(),
            Self::Apart(rows) => rows.iter().map(|&row| levels.codes[row as usize]).collect(),
        };
        Ranked::of(codes, levels.len)
    }

    /// The rows that a mask keeps.
    fn kept(&self, mask: &[bool]) -> Rows<'static> {
        let places = (0..mask.len()).filter(|&place| mask[place]);
        Rows::Apart(match self {
            Self::Beside(rows) => places.map(|place| (rows.start + place) as u32).collect(),
            Self::Apart(rows) => places.map(|place| rows[place]).collect(),
        })
    }
}

/// The rows, those of a group beside each other in their order, where they do not lie so, and where each group starts.
fn by_group(groups: &Levels<'_>) -> (Vec<usize>, Option<Vec<u32>>) {
    let (codes, n) = (groups.codes, groups.codes.len());
    // Panels mostly lie group by group, which all threads see at once; rows in any order are sorted by one.
    let in_order = |stretch: usize| codes[stretch * STRETCH..n.min((stretch + 1) * STRETCH + 1)].is_sorted();
    if (0..n.div_ceil(STRETCH)).into_par_iter().all(in_order) {
        let starts = (0..=groups.len as u32).map(|group| codes.partition_point(|&code| code < group));
        return (starts.collect(), None);
    }
    let every = (0..n as u32).into_par_iter().collect::<Vec<_>>();
    let (starts, rows) = bucketed(&every, groups.len, |&row| codes[row as usize] as usize);
    (starts, Some(rows))
}

/// Why a group has no elasticity that can be used.
type Refusal = (ElasticityStatus, String);

/// A regression that was refused.
fn unfit(error: leverkit_stats::Error) -> Refusal {
    (ElasticityStatus::TooFewWeeks, refused(error).to_string())
}

/// An estimate without a standard error.
fn no_error(clusters: usize) -> Refusal {
    let reason = if clusters > 0 {
        format!("{clusters} clusters, too few for a standard error")
    } else {
        "no standard error: a perfect fit".into()
    };
    (ElasticityStatus::TooFewWeeks, reason)
}

fn all<'a>(ranked: &'a [Ranked<'_>]) -> Vec<Levels<'a>> {
    ranked.iter().map(Ranked::levels).collect()
}

/// Mean and variance of true elasticities.
#[derive(Debug, Clone, Copy)]
struct Prior {
    mean: f64,
    /// Of the mean.
    variance: f64,
    /// τ², of true elasticities.
    tau2: f64,
    groups: usize,
}

impl Prior {
    /// Paule & Mandel (1982): τ² such that Σ (b − μ)²/(s² + τ²) is the number of groups less one, or zero where they differ less than that.
    fn of(estimates: &[Estimate]) -> Option<Self> {
        if estimates.is_empty() {
            return None;
        }
        let at = |tau2: f64| {
            let weight = |found: &Estimate| 1.0 / (found.std_error.powi(2) + tau2);
            let total: f64 = estimates.iter().map(weight).sum();
            let mean = estimates.iter().map(|found| weight(found) * found.interval.estimate).sum::<f64>() / total;
            let spread: f64 =
                estimates.iter().map(|found| weight(found) * (found.interval.estimate - mean).powi(2)).sum();
            (mean, 1.0 / total, spread)
        };
        let aim = estimates.len() as f64 - 1.0;
        let furthest = estimates
            .iter()
            .map(|found| found.interval.estimate)
            .fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
        let (mut low, mut high) = (0.0, (furthest.1 - furthest.0).powi(2) * estimates.len() as f64);
        if at(0.0).2 > aim {
            for _ in 0..100 {
                let middle = f64::midpoint(low, high);
                if at(middle).2 > aim { low = middle } else { high = middle }
            }
        } else {
            high = 0.0;
        }
        let (mean, variance, _) = at(high);
        Some(Self { mean, variance, tau2: high, groups: estimates.len() })
    }

    fn shrink(&self, found: &Estimate) -> Shrunk {
        let own = found.std_error.powi(2);
        let weight = own / (own + self.tau2);
        let value = weight * self.mean + (1.0 - weight) * found.interval.estimate;
        let spare = self.groups as f64 - 3.0;
        let unsure =
            if spare > 0.0 { 2.0 / spare * (weight * (found.interval.estimate - self.mean)).powi(2) } else { 0.0 };
        let std_error = ((1.0 - weight) * own + weight * weight * self.variance + unsure).sqrt();
        // As many standard errors as the group's own limits are wide.
        let half = (found.interval.upper - found.interval.estimate) / found.std_error * std_error;
        Shrunk { interval: Interval::around(value, half), std_error, weight }
    }
}

/// Draws each estimate to its category's mean.
fn shrink(groups: &mut [GroupElasticity], category: Option<&Category>, level: f64) -> Vec<CategoryElasticity> {
    let estimates: Vec<Estimate> = groups.iter().filter_map(|group| group.estimate).collect();
    let overall = Prior::of(&estimates);
    let names: Vec<Option<String>> = match category {
        None => vec![None],
        Some(category) => {
            let name = |(level, name)| (!category.is_null(level)).then_some(name);
            category.names().into_iter().enumerate().map(name).collect()
        }
    };
    let mut by_category = vec![Vec::new(); names.len()];
    groups.iter().for_each(|group| by_category[group.category].extend(group.estimate));
    // Groups without a category are of no kind: they have nothing in common but with all.
    let borrows = |(name, estimates): (&Option<String>, &Vec<Estimate>)| {
        category.is_some() && (name.is_none() || estimates.len() < FEWEST_GROUPS)
    };
    let borrowed: Vec<bool> = names.iter().zip(&by_category).map(borrows).collect();
    let own = |(estimates, borrows): (&Vec<Estimate>, &bool)| if *borrows { overall } else { Prior::of(estimates) };
    let priors: Vec<Option<Prior>> = by_category.iter().zip(&borrowed).map(own).collect();
    for group in groups.iter_mut() {
        group.shrunk = group.estimate.zip(priors[group.category]).map(|(found, prior)| prior.shrink(&found));
    }
    let told = |(at, name): (usize, Option<String>)| CategoryElasticity {
        name,
        groups: by_category[at].len() as u64,
        mean: priors[at]
            .map(|prior| Estimate::of(prior.mean, prior.variance.sqrt(), (prior.groups as f64 - 1.0).max(1.0), level)),
        deviation: priors[at].map(|prior| prior.tau2.sqrt()),
        borrowed: borrowed[at],
    };
    names.into_iter().enumerate().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_lie_by_group_are_grouped_as_others_are() {
        let n = 3 * STRETCH + 7;
        let sorted: Vec<u32> = (0..n).map(|row| (row * 40 / n) as u32 + u32::from(row > n / 2)).collect();
        let mut late = sorted.clone();
        late.swap(STRETCH - 1, STRETCH + 900);
        for codes in [&sorted, &late, &vec![0; n]] {
            let groups = Levels { codes, len: 42 };
            let every: Vec<u32> = (0..n as u32).collect();
            let (starts, rows) = by_group(&groups);
            assert_eq!(rows.is_none(), codes.is_sorted());
            assert!(
                (starts, rows.unwrap_or(every.clone())) == bucketed(&every, 42, |&row| codes[row as usize] as usize)
            );
        }
        assert_eq!(by_group(&Levels { codes: &[], len: 0 }), (vec![0], None));
    }
}
