//! Need segments: who wants what, found by latent classes (Lazarsfeld & Henry 1968), told only as far as they hold.

use leverkit_core::columns::find;
use leverkit_core::stats::{Interval, percentile_interval};
use leverkit_core::{Column, LeftOut, Params, RecordBatch, Table, batch};
use serde::Serialize;

use super::answers::{Answers, Item, coded};
use super::covariates::{Covariates, Outcome, Steps};
use super::data::{Data, Shape};
use super::em::{MOST_STEPS, posteriors};
use super::fits::likeliest;
use super::model::Model;
use super::params::{ItemKind, NeedsParams};
use super::selection::{Candidate, NeedsFit, Sample, choose, degrees};
use super::typing::{TypingStep, typing};
use crate::Error;

/// Fewer respondents than this say little.
const FEW: f64 = 30.0;

/// A segment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NeedsSegment {
    /// Its number from 1, the greatest first.
    pub segment: usize,
    /// Its share of respondents, with bootstrap limits.
    pub size: Interval,
    /// The mean chance of those assigned to it.
    pub sureness: Option<f64>,
}

/// What a segment says to an item, held against all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NeedsProfile {
    /// The segment.
    pub segment: usize,
    /// The item.
    pub item: String,
    /// The answer; `None` for a number.
    pub level: Option<String>,
    /// The share that gives it, or the mean, with bootstrap limits.
    pub value: Interval,
    /// That of all respondents.
    pub overall: f64,
    /// "higher", "lower" or "can't tell".
    pub verdict: &'static str,
}

/// A respondent's segment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NeedsAssignment {
    /// The row of the table.
    pub row: usize,
    /// The likeliest segment.
    pub segment: usize,
    /// Its chance.
    pub probability: f64,
}

/// Segments by needs.
#[derive(Debug, Clone)]
pub struct Needs {
    /// What it was made with.
    pub params: NeedsParams,
    /// What speaks for each number of segments.
    pub fits: Vec<NeedsFit>,
    /// The segments of the number chosen.
    pub segments: Vec<NeedsSegment>,
    /// What each says.
    pub profile: Vec<NeedsProfile>,
    /// Who is in which.
    pub assignments: Vec<NeedsAssignment>,
    /// The respondents' ids.
    pub(crate) respondents: Option<Column>,
    /// What tells who is in which segment; `None` without covariates, or with one segment.
    pub covariates: Option<Covariates>,
    /// What differs between segments.
    pub outcomes: Vec<Outcome>,
    /// The shortest way to find a respondent's segment.
    pub typing: Vec<TypingStep>,
    /// Respondents that count; Kish's effective number with weights.
    pub n: f64,
    /// How items were read, and what to know before using the numbers.
    pub notes: Vec<String>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    pub(crate) items: Vec<Item>,
    pub(crate) model: Model,
}

/// Finds segments of respondents who answer alike: latent classes, within which items are independent.
///
/// Items may be nominal, ordinal (adjacent-category logit) or continuous, with answers missing at random. Each number of segments is fitted from many starts.
/// From the best by BIC downwards, a number is chosen that a bootstrap likelihood-ratio test against one fewer shows (p ≤ 0.05) and whose bootstrap refits
/// assign respondents alike (adjusted Rand ≥ `stable`). One segment is reported where no other holds.
///
/// # Errors
/// [`Error::Core`] for an unknown column or an item that is no question; [`Error::Empty`] where nobody answered; [`Error::NotIdentified`] for more segments than
/// the patterns of answers can tell apart.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::{NeedsParams, needs};
/// let likes: Vec<bool> = (0..200).map(|row| row % 2 == 0).collect();
/// let mixed: Vec<bool> = (0..200).map(|row| (row % 2 == 0) != (row % 10 == 0)).collect();
/// let answers = Table::from(batch!("a" => likes.clone(), "b" => mixed.clone(), "c" => likes, "d" => mixed)?);
/// let params = NeedsParams { k: vec![1, 2], ..NeedsParams::new(&["a", "b", "c", "d"]) };
/// assert_eq!(needs(&answers, &params)?.segments.len(), 2);
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn needs(table: &Table, params: &NeedsParams) -> Result<Needs, Error> {
    params.check()?;
    let answers = Answers::read(table, params)?;
    let shapes = answers.shapes();
    let (data, places) = Data::of(&shapes, &answers.rows, &answers.weights);
    check_degrees(&shapes, &params.k)?;
    let mut candidates: Vec<Candidate> = params.k.iter().map(|&k| Candidate::of(&data, k, params)).collect();
    let sample = Sample { respondents: &answers.respondents, places: &places };
    let chosen = choose(&data, &sample, &mut candidates, params)?;
    let fits = candidates.iter().map(|found| found.row.clone()).collect();
    let Candidate { model, refits, .. } = candidates.swap_remove(chosen);
    let chances = posteriors(&data, &model);
    let classes = likeliest(&chances, model.classes);
    let assignments: Vec<NeedsAssignment> = answers
        .kept
        .iter()
        .zip(&places)
        .map(|(&row, &pattern)| {
            let segment = classes[pattern as usize];
            let probability = chances[pattern as usize * model.classes + segment];
            NeedsAssignment { row, segment: segment + 1, probability }
        })
        .collect();
    let steps = Steps::of(&model, &chances, &classes, &places, &answers.weights);
    let rows: Vec<u32> = answers.kept.iter().map(|&row| row as u32).collect();
    let respondents =
        params.respondent.as_ref().map(|name| find(table, "respondent", name)?.take(&rows)).transpose()?;
    let mut found = Needs {
        fits,
        segments: segments(&data, &model, &refits, &chances, &classes, params.level)?,
        profile: profile(&data, &answers.items, &model, &refits, params.level)?,
        assignments,
        respondents,
        covariates: steps.covariates(table, &answers.kept, params)?,
        outcomes: steps.outcomes(table, &answers.kept, params)?,
        typing: typing(&data, &answers.items, &model, params.seed),
        n: data.total(),
        notes: Vec::new(),
        left_out: answers.left_out,
        items: answers.items,
        model,
        params: params.clone(),
    };
    found.notes = found.remarks();
    Ok(found)
}

/// Refuses numbers of segments with more parameters than patterns can tell apart.
fn check_degrees(shapes: &[Shape], k: &[usize]) -> Result<(), Error> {
    for &k in k {
        if let Some(df) = degrees(shapes, k).filter(|df| *df < 0.0) {
            let reason = format!("{k} segments leave {df} degrees of freedom; ask for fewer segments or add items");
            return Err(Error::not_identified("needs", reason));
        }
    }
    Ok(())
}

impl Needs {
    /// The segments of respondents who were not in the sample, by what they answer to the same items: `row`, `segment`, `probability`, `known` (items answered).
    /// Rows without any known answer have no segment.
    ///
    /// # Errors
    /// [`Error::Core`] where a column is missing.
    ///
    /// ```
    /// use leverkit_core::{Table, batch};
    /// use leverkit_survey::{NeedsParams, needs};
    /// let likes: Vec<bool> = (0..200).map(|row| row % 2 == 0).collect();
    /// let mixed: Vec<bool> = (0..200).map(|row| (row % 2 == 0) != (row % 10 == 0)).collect();
    /// let answers = Table::from(batch!("a" => likes.clone(), "b" => mixed.clone(), "c" => likes, "d" => mixed)?);
    /// let found = needs(&answers, &NeedsParams { k: vec![1, 2], ..NeedsParams::new(&["a", "b", "c", "d"]) })?;
    /// // New respondents, the second of whom answered two of the questions.
    /// let more = batch!("a" => [true, false], "b" => [Some(true), None], "c" => [true, false], "d" => [Some(true), None])?;
    /// let assigned = Table::from(found.assign(&more.into())?);
    /// let segments = assigned.column("segment").unwrap().texts();
    /// assert!(segments[0].is_some() && segments[0] != segments[1]);
    /// assert_eq!(assigned.column("known").and_then(|known| known.text(1)), Some("2".into()));
    /// # Ok::<(), leverkit_survey::Error>(())
    /// ```
    pub fn assign(&self, table: &Table) -> Result<RecordBatch, Error> {
        let columns: Vec<Column> =
            self.items.iter().map(|item| find(table, "items", &item.name)).collect::<Result<_, _>>()?;
        let rows = coded(&self.items, &columns)?;
        let shapes: Vec<Shape> = self.items.iter().map(|item| item.shape).collect();
        let (data, places) = Data::of(&shapes, &rows, &vec![1.0; table.rows()]);
        let chances = posteriors(&data, &self.model);
        let classes = likeliest(&chances, self.model.classes);
        let categorical: Vec<&Item> = self.items.iter().filter(|item| item.shape != Shape::Number).collect();
        let known = |row: usize| {
            let answered =
                categorical.iter().zip(&rows.codes).filter(|(item, codes)| (codes[row] as usize) < item.levels.len());
            answered.count() + rows.numbers.iter().filter(|values| !values[row].is_nan()).count()
        };
        let known: Vec<i64> = (0..table.rows()).map(|row| known(row) as i64).collect();
        let of = |row: usize| (known[row] > 0).then_some(places[row] as usize);
        Ok(batch!(
            "row" => (0..table.rows() as i64).collect::<Vec<_>>(),
            "segment" => (0..table.rows()).map(|row| of(row).map(|at| classes[at] as i64 + 1)).collect::<Vec<_>>(),
            "probability" => (0..table.rows())
                .map(|row| of(row).map(|at| chances[at * self.model.classes + classes[at]]).filter(|chance| chance.is_finite()))
                .collect::<Vec<_>>(),
            "known" => known,
        )?)
    }

    fn remarks(&self) -> Vec<String> {
        let names = |kind: ItemKind| {
            let is_kind = |item: &&Item| match item.shape {
                Shape::Nominal(_) => kind == ItemKind::Nominal,
                Shape::Ordinal(_) => kind == ItemKind::Ordinal,
                Shape::Number => kind == ItemKind::Continuous,
            };
            self.items.iter().filter(is_kind).map(|item| item.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let kinds =
            [(ItemKind::Nominal, "nominal"), (ItemKind::Ordinal, "ordinal"), (ItemKind::Continuous, "continuous")];
        let mut notes: Vec<String> = kinds
            .into_iter()
            .map(|(kind, name)| (name, names(kind)))
            .filter(|(_, items)| !items.is_empty())
            .map(|(name, items)| format!("Read as {name}: {items}."))
            .collect();
        if let Some(fit) = self.fits.iter().find(|fit| fit.status == "chosen" || fit.k == self.segments.len()) {
            if fit.status != "chosen" {
                notes.push(format!("{} segments do not hold ({}); fewer were not tried.", fit.k, fit.status));
            }
            if fit.k > 1 && fit.reached < 2 {
                notes.push("Only one start came to this likelihood: a better one may exist; raise starts.".into());
            }
            if !fit.is_settled {
                notes.push(format!("The segments did not settle in {MOST_STEPS} steps: their shares and answers are rough; fewer segments may settle."));
            }
        }
        if self.segments.len() == 1 {
            notes.push("One segment: respondents differ no more than answers of one kind of people would.".into());
        }
        if self.n < FEW {
            notes.push(format!("{:.0} respondents are few: no number of segments is sure.", self.n));
        }
        notes
    }
}

fn segments(
    data: &Data,
    model: &Model,
    refits: &[Model],
    chances: &[f64],
    classes: &[usize],
    level: f64,
) -> Result<Vec<NeedsSegment>, Error> {
    let drawn: Vec<Vec<f64>> = refits.iter().map(Model::sizes).collect();
    let of = |(class, size): (usize, f64)| {
        let sizes: Vec<f64> = drawn.iter().map(|sizes| sizes[class]).collect();
        let inside = (0..data.len()).filter(|pattern| classes[*pattern] == class);
        let (sum, total) = inside.fold((0.0, 0.0), |(sum, total), pattern| {
            let count = data.counts[pattern];
            (sum + count * chances[pattern * model.classes + class], total + count)
        });
        Ok(NeedsSegment {
            segment: class + 1,
            size: percentile_interval(size, &sizes, level)?,
            sureness: (total > 0.0).then(|| sum / total),
        })
    };
    model.sizes().into_iter().enumerate().map(of).collect()
}

fn profile(
    data: &Data,
    items: &[Item],
    model: &Model,
    refits: &[Model],
    level: f64,
) -> Result<Vec<NeedsProfile>, Error> {
    let mut rows = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let own = values(model, at, item);
        let drawn: Vec<Vec<f64>> = refits.iter().map(|refit| values(refit, at, item)).collect();
        let overall = overall(data, at, item);
        let width = overall.len();
        for segment in 0..model.classes {
            for (answer, all) in overall.iter().enumerate() {
                let place = segment * width + answer;
                let refitted: Vec<f64> = drawn.iter().map(|values| values[place]).collect();
                let value = percentile_interval(own[place], &refitted, level)?;
                rows.push(NeedsProfile {
                    segment: segment + 1,
                    item: item.name.clone(),
                    level: item.levels.get(answer).cloned(),
                    value,
                    overall: *all,
                    verdict: if model.classes == 1 {
                        "can't tell"
                    } else if value.lower > *all {
                        "higher"
                    } else if value.upper < *all {
                        "lower"
                    } else {
                        "can't tell"
                    },
                });
            }
        }
    }
    rows.sort_by_key(|row| row.segment);
    Ok(rows)
}

/// Shares of answers, or the mean, class by class.
fn values(model: &Model, at: usize, item: &Item) -> Vec<f64> {
    match item.shape {
        Shape::Number => model.part(at)[..model.classes].to_vec(),
        shape => model.logs(at, shape).into_iter().map(f64::exp).collect(),
    }
}

fn overall(data: &Data, at: usize, item: &Item) -> Vec<f64> {
    if item.shape == Shape::Number {
        let place = data.numbers.iter().position(|(item, _)| *item == at).unwrap_or_default();
        return vec![data.moments[place].0];
    }
    let of_item = data.digits().find(|(item, ..)| *item == at);
    let shares = of_item.map_or_else(Vec::new, |(_, block, digit)| block.totals(&data.counts).swap_remove(digit));
    let total: f64 = shares.iter().sum();
    shares.into_iter().map(|share| share / total).collect()
}
