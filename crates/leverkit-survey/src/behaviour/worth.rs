//! What segments of respondents are worth: money, orders and return of those who are customers, against the others'.

use leverkit_core::stats::{Estimate, Interval, benjamini_hochberg};
use leverkit_core::{Ledger, LeftOut, Params, Table};
use serde::Serialize;

use super::answered::Answered;
use super::compared::{Part, Sample, ratio_of, verdict};
use super::measures::{Measure, measures};
use super::params::WorthParams;
use crate::Error;
use crate::answers::FEW;

/// A measure of a part of the customers, against the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorthCell {
    /// The segment; empty for all who answered.
    pub segment: String,
    /// `revenue`, `margin` and `orders` per customer, `check` per order, `returned` of those who had ordered before; or a group of customers.
    pub measure: String,
    /// Respondents of the segment.
    pub n: u64,
    /// The mean or share with its limits.
    pub value: Interval,
    /// That of the others; `None` where there are none.
    pub others: Option<f64>,
    /// How far they differ.
    pub difference: Option<Estimate>,
    /// By Benjamini & Hochberg over the table.
    pub q_value: Option<f64>,
    /// `higher`, `lower` or `can't tell`.
    pub verdict: &'static str,
}

/// A segment, and its part of the money.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorthSegment {
    /// The segment.
    pub segment: String,
    /// Respondents who are customers.
    pub n: u64,
    /// Its share of them.
    pub size: Interval,
    /// Its share of their revenue; `None` without revenue.
    pub revenue: Option<Interval>,
}

/// What segments of respondents are worth.
#[derive(Debug, Clone)]
pub struct SegmentWorth {
    /// What it was made with.
    pub params: WorthParams,
    /// The segments, in the order of their names.
    pub segments: Vec<WorthSegment>,
    /// Segment by segment, measure by measure.
    pub cells: Vec<WorthCell>,
    /// Segment by segment: the share of each group of customers.
    pub groups: Vec<WorthCell>,
    /// Those who answered against the customers who did not.
    pub answered: Vec<WorthCell>,
    /// Respondents who are customers.
    pub n: u64,
    /// Respondents who are none.
    pub unknown: u64,
    /// Customers who did not answer.
    pub without: u64,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Tells what segments of respondents are worth: what they spent, how often they ordered and whether they returned in the days before the ledger's day, by the ids that both
/// have. `groups` names a group of each customer of the ledger, such as the segment by recency, frequency and money; an empty slice is none.
///
/// Those who answer surveys are seldom like those who do not, and `answered` says how far: segments stand for the customers as far as it finds no difference.
///
/// # Errors
/// [`Error::Core`] for an unknown column; [`Error::Empty`] where nobody answered; [`Error::NotIdentified`] where no respondent is a customer, or none has a segment.
///
/// ```
/// use leverkit_core::{Ledger, Roles, Table, batch};
/// use leverkit_survey::{WorthParams, worth};
/// let ids: Vec<i64> = (0..80).collect();
/// let paid: Vec<f64> = ids.iter().map(|id| (id % 2 * 50 + id % 7) as f64).collect();
/// let lines = batch!("c" => ids.clone(), "t" => vec!["2024-05-01"; 80], "a" => paid)?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let answers = batch!("who" => ids.clone(), "wants" => ids.iter().map(|id| ["less", "more"][(id % 2) as usize]).collect::<Vec<_>>())?;
/// let found = worth(&ledger, &Table::from(answers), &[], &WorthParams::new("who", "wants"))?;
/// assert_eq!((found.cells[0].measure.as_str(), found.cells[0].verdict), ("revenue", "lower"));
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn worth(
    ledger: &Ledger,
    table: &Table,
    groups: &[Option<String>],
    params: &WorthParams,
) -> Result<SegmentWorth, Error> {
    params.check()?;
    let mut answered = Answered::read(ledger, table, &params.people(), "worth")?;
    let measures = measures(ledger, params.days);
    let Some(segments) = Segments::of(&answered) else {
        return Err(Error::not_identified("worth", "no respondent who is a customer has a segment"));
    };
    let work = Work { answered: &answered, segments: &segments, params };
    let (cells, found) = (work.cells(&measures), work.segments(&measures[0]));
    let (groups, answered_cells) = (work.groups(groups), work.answered(&measures, ledger.n_customers()));
    let mut notes = std::mem::take(&mut answered.notes);
    notes.extend(segments.remark());
    notes.extend(remarks(&found, &answered_cells));
    Ok(SegmentWorth {
        segments: found,
        cells,
        groups,
        answered: answered_cells,
        n: answered.customers.len() as u64,
        unknown: answered.unknown,
        without: (ledger.n_customers() - answered.customers.len()) as u64,
        notes,
        left_out: answered.left_out,
        params: params.clone(),
    })
}

fn remarks(segments: &[WorthSegment], answered: &[WorthCell]) -> Vec<String> {
    let few: Vec<&str> = segments.iter().filter(|row| row.n < FEW as u64).map(|row| row.segment.as_str()).collect();
    let unlike: Vec<&str> =
        answered.iter().filter(|cell| cell.verdict != "can't tell").map(|cell| cell.measure.as_str()).collect();
    let mut notes = Vec::new();
    if !few.is_empty() {
        notes.push(format!("Segments of fewer than {FEW} customers: {}; look at the limits.", few.join(", ")));
    }
    if !unlike.is_empty() {
        notes.push(format!(
            "Those who answered are not like the other customers in {}: segments stand for those who answer.",
            unlike.join(", ")
        ));
    }
    notes
}

/// The segments' names, and the segment of each respondent.
struct Segments {
    names: Vec<String>,
    of: Vec<Option<usize>>,
}

impl Segments {
    fn of(answered: &Answered) -> Option<Self> {
        let groups = answered.respondents.segments.as_ref()?;
        let texts = groups.keys()[0].texts();
        let mut names: Vec<String> = texts.iter().flatten().cloned().collect();
        names.sort_unstable_by(|a, b| match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.total_cmp(&b),
            _ => a.cmp(b),
        });
        let place = |code: &u32| {
            let name = texts.get(*code as usize)?.as_ref()?;
            names.iter().position(|known| known == name)
        };
        let of = groups.codes().iter().map(place).collect();
        (!names.is_empty()).then_some(Self { names, of })
    }

    /// Who is in none of them.
    fn remark(&self) -> Option<String> {
        let without = self.of.iter().filter(|of| of.is_none()).count();
        (without > 0)
            .then(|| format!("{without} respondents have no segment: they count among those who answered alone."))
    }
}

/// What all tables are made of.
struct Work<'a> {
    answered: &'a Answered,
    segments: &'a Segments,
    params: &'a WorthParams,
}

impl Work<'_> {
    fn sample(&self) -> Sample<'_> {
        Sample { respondents: &self.answered.respondents, level: self.params.level }
    }

    fn is_in(&self, segment: usize) -> impl Fn(usize) -> bool + '_ {
        move |at| self.segments.of[at] == Some(segment)
    }

    fn n(&self, segment: usize) -> u64 {
        (0..self.segments.of.len()).filter(|&at| self.is_in(segment)(at)).count() as u64
    }

    /// A measure of the respondents of `is_in`.
    fn part(&self, measure: &Measure, is_in: impl Fn(usize) -> bool) -> Option<Part> {
        let customer = |at: usize| self.answered.customers[at] as usize;
        self.sample().part(|at| measure.above[customer(at)], |at| measure.below[customer(at)], is_in)
    }

    /// A measure of a segment against the other segments.
    fn cell(&self, segment: usize, measure: &Measure) -> Option<WorthCell> {
        let sample = self.sample();
        let own = self.part(measure, self.is_in(segment))?;
        let others = self.part(measure, |at| self.segments.of[at].is_some_and(|of| of != segment));
        Some(WorthCell {
            segment: self.segments.names[segment].clone(),
            measure: measure.name.to_owned(),
            n: self.n(segment),
            value: sample.limits(&own, measure.is_share),
            others: others.as_ref().map(|others| others.value),
            difference: others.map(|others| sample.difference(&own, &others)),
            q_value: None,
            verdict: "can't tell",
        })
    }

    fn cells(&self, measures: &[Measure]) -> Vec<WorthCell> {
        let each = |segment: usize| measures.iter().filter_map(move |measure| self.cell(segment, measure));
        self.judged((0..self.segments.names.len()).flat_map(each).collect())
    }

    fn segments(&self, revenue: &Measure) -> Vec<WorthSegment> {
        let sample = self.sample();
        let flag = |is: bool| f64::from(u8::from(is));
        let has_segment = |at: usize| self.segments.of[at].is_some();
        let spent = |at: usize| revenue.above[self.answered.customers[at] as usize];
        let one = |(segment, name): (usize, &String)| {
            let is_in = self.is_in(segment);
            let size = sample.part(|at| flag(is_in(at)), |_| 1.0, has_segment)?;
            let money = sample.part(|at| flag(is_in(at)) * spent(at), spent, has_segment);
            Some(WorthSegment {
                segment: name.clone(),
                n: self.n(segment),
                size: sample.limits(&size, true),
                revenue: money.map(|money| sample.limits(&money, false)),
            })
        };
        self.segments.names.iter().enumerate().filter_map(one).collect()
    }

    /// The share of each group of customers among the respondents of a segment.
    fn groups(&self, groups: &[Option<String>]) -> Vec<WorthCell> {
        let mut names: Vec<&String> = groups.iter().flatten().collect();
        names.sort_unstable();
        names.dedup();
        let flag = |is: bool| f64::from(u8::from(is));
        let below: Vec<f64> = groups.iter().map(|group| flag(group.is_some())).collect();
        let measure = |name: &String| Measure {
            name: "",
            is_share: true,
            above: groups.iter().map(|group| flag(group.as_ref() == Some(name))).collect(),
            below: below.clone(),
        };
        let mut cells = Vec::new();
        for name in names {
            let measure = measure(name);
            let each = (0..self.segments.names.len()).filter_map(|segment| self.cell(segment, &measure));
            cells.extend(each.map(|cell| WorthCell { measure: name.clone(), ..cell }));
        }
        self.judged(cells)
    }

    /// Those who answered against the customers who did not.
    fn answered(&self, measures: &[Measure], customers: usize) -> Vec<WorthCell> {
        let mut has_answered = vec![false; customers];
        self.answered.customers.iter().for_each(|&code| has_answered[code as usize] = true);
        let others: Vec<usize> = (0..customers).filter(|&at| !has_answered[at]).collect();
        let sample = self.sample();
        let cell = |measure: &Measure| {
            let own = self.part(measure, |_| true)?;
            let others = ratio_of(&measure.above, &measure.below, &others);
            Some(WorthCell {
                segment: String::new(),
                measure: measure.name.to_owned(),
                n: self.answered.customers.len() as u64,
                value: sample.limits(&own, measure.is_share),
                others: others.map(|(value, _)| value),
                difference: others.map(|others| sample.difference_to(&own, others)),
                q_value: None,
                verdict: "can't tell",
            })
        };
        self.judged(measures.iter().filter_map(cell).collect())
    }

    /// Cells with what may be said of them, given how many there are.
    fn judged(&self, mut cells: Vec<WorthCell>) -> Vec<WorthCell> {
        let p_values: Vec<f64> =
            cells.iter().map(|cell| cell.difference.map_or(f64::NAN, |difference| difference.p_value)).collect();
        for (cell, q_value) in cells.iter_mut().zip(benjamini_hochberg(&p_values)) {
            cell.q_value = Some(q_value).filter(|q| !q.is_nan());
            cell.verdict = verdict(cell.difference.as_ref(), q_value, self.params.fdr);
        }
        cells
    }
}
