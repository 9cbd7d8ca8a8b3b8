//! The target, the stages, possible improvements and dates of a reverse funnel, and their check.

use leverkit_core::{Day, Error, Params, check, format_day, nearest, parse_day};
use serde::{Deserialize, Serialize};

use crate::error::refused;

/// Numbers beyond this are no plan.
pub(crate) const MOST: f64 = 1e15;

/// What a target counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetUnit {
    /// Numbers of the last stage.
    #[default]
    Orders,
    /// Money of the last stage: orders times average check.
    Revenue,
    /// Profit: orders times average check times margin, minus the cost of the first stage and fixed costs.
    Profit,
}

/// What to reach, and what is known of the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReverseParams {
    /// What to reach.
    pub target: f64,
    /// What it counts.
    pub unit: TargetUnit,
    /// Stages in order, with the number observed at each: of those at a stage, this many reached the next.
    pub stages: Vec<(String, u64)>,
    /// The chance with which the target is to be met.
    pub confidence: f64,
    /// Money that one of the first stage costs.
    pub cost_per_first: Option<f64>,
    /// Money of one of the last stage.
    pub average_check: Option<f64>,
    /// Share of it that remains before the cost of the first stage.
    pub margin: f64,
    /// Fixed costs to be covered, for a target in profit.
    pub fixed_costs: f64,
    /// How many there will be at the first stage anyway.
    pub available: Option<f64>,
    /// What could be improved, at what price.
    pub improvements: Vec<Improvement>,
    /// By when, and at what pace.
    pub plan: Timing,
}

impl Default for ReverseParams {
    fn default() -> Self {
        Self {
            target: 0.0,
            unit: TargetUnit::Orders,
            stages: Vec::new(),
            confidence: 0.9,
            cost_per_first: None,
            average_check: None,
            margin: 1.0,
            fixed_costs: 0.0,
            available: None,
            improvements: Vec::new(),
            plan: Timing::default(),
        }
    }
}

/// What a better conversion costs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Improvement {
    /// The stage into which more are to come; not the first.
    pub stage: String,
    /// Money for one percentage point of its conversion.
    pub cost_per_point: f64,
    /// The most points by which it can rise; by default up to 100 %.
    #[serde(default)]
    pub most_points: Option<f64>,
}

/// By when, and at what pace.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timing {
    /// Mean days from each stage to the next; an empty list means immediately.
    pub lags: Vec<f64>,
    /// The first day, ISO.
    pub start: Option<String>,
    /// The day by whose end the target should be reached, ISO.
    pub due: Option<String>,
    /// The most that a stage can take a week.
    pub capacity: Vec<(String, f64)>,
}

impl Params for ReverseParams {
    fn check(&self) -> Result<(), Error> {
        check_flow(&self.stages, self.confidence)?;
        let at_most = |name: &str, value: f64, most: f64, expected: &str| {
            check::that(value > 0.0 && value <= most, name, &format_args!("{value}"), expected)
        };
        at_most("target", self.target, MOST, "a number above 0 and at most 10^15")?;
        at_most("margin", self.margin, 1.0, "a share above 0 and at most 1")?;
        self.average_check.map_or(Ok(()), |check| at_most("average_check", check, MOST, "money above 0"))?;
        not_negative("cost_per_first", self.cost_per_first.unwrap_or_default(), "a number not below 0")?;
        not_negative("available", self.available.unwrap_or_default(), "a number not below 0")?;
        not_negative("fixed_costs", self.fixed_costs, "money not below 0")?;
        let names: Vec<&str> = self.stages.iter().map(|(name, _)| name.as_str()).collect();
        self.improvements.iter().try_for_each(|one| one.check(&names))?;
        self.plan.check(&names)
    }
}

fn not_negative(name: &str, value: f64, expected: &str) -> Result<(), Error> {
    check::that((0.0..=MOST).contains(&value), name, &format_args!("{value}"), expected)
}

/// Checks that counts are of one flow, and the chance that is asked of it.
pub(crate) fn check_flow(stages: &[(String, u64)], confidence: f64) -> Result<(), Error> {
    check::that(stages.len() >= 2, "stages", &format_args!("{} of them", stages.len()), "at least two")?;
    for (at, (name, count)) in stages.iter().enumerate() {
        let is_new = stages[..at].iter().all(|(known, _)| known != name);
        check::that(is_new, "stages", &format_args!("{name:?} twice"), "a name for each stage")?;
        let expected = "at least 1: from none seen it cannot be told what it takes";
        check::that(*count > 0, "stages", &format_args!("0 at {name:?}"), expected)?;
        if let Some((before, more)) = at.checked_sub(1).map(|before| &stages[before]) {
            let got = format_args!("{count} at {name:?} after {more} at {before:?}");
            check::that(count <= more, "stages", &got, "counts of one flow, none above the stage before")?;
        }
    }
    let expected = "a share above 0 and below 1, such as 0.9";
    check::that(confidence > 0.0 && confidence < 1.0, "confidence", &format_args!("{confidence}"), expected)
}

impl Improvement {
    fn check(&self, stages: &[&str]) -> Result<(), Error> {
        let at = known_stage("improvements", &self.stage, stages)?;
        let problem = if at == 0 {
            Some("a stage after the first, into which a conversion leads; more of the first come at cost_per_first")
        } else if !(self.cost_per_point >= 0.0 && self.cost_per_point.is_finite()) {
            Some("money not below 0 for a point")
        } else if self.most_points.is_some_and(|most| !(most > 0.0 && most <= 100.0)) {
            Some("points above 0 and at most 100")
        } else {
            None
        };
        problem.map_or(Ok(()), |expected| Err(refused("improvements", format!("{:?}", self.stage), expected)))
    }
}

impl Timing {
    fn check(&self, stages: &[&str]) -> Result<(), Error> {
        let steps = stages.len() - 1;
        let got = format_args!("{} of them", self.lags.len());
        let fits = self.lags.is_empty() || self.lags.len() == steps;
        check::that(fits, "lags", &got, &format!("{steps}: days from each stage to the next"))?;
        for lag in &self.lags {
            check::that((0.0..=3650.0).contains(lag), "lags", &format_args!("{lag}"), "days from 0 to 3650")?;
        }
        for (stage, most) in &self.capacity {
            known_stage("capacity", stage, stages)?;
            let got = format_args!("{most} at {stage:?}");
            check::that(*most > 0.0 && most.is_finite(), "capacity", &got, "a number above 0 a week")?;
        }
        let has_both = self.start.is_some() == self.due.is_some();
        check::that(has_both, "due", &format_args!("one of start and due alone"), "both, or neither")
    }

    /// The first day and the due day; none without dates.
    pub(crate) fn days(&self) -> Result<Option<(Day, Day)>, Error> {
        let (Some(start), Some(due)) = (&self.start, &self.due) else { return Ok(None) };
        let (start, due) = (parse_day("start", start)?, parse_day("due", due)?);
        let expected = format!("a day not before start, {}", format_day(start));
        check::that(due >= start, "due", &format_args!("{}", format_day(due)), &expected)?;
        Ok(Some((start, due)))
    }
}

/// The place of a stage; an error that says which is meant where a name is none.
fn known_stage(parameter: &str, name: &str, stages: &[&str]) -> Result<usize, Error> {
    stages.iter().position(|stage| *stage == name).ok_or_else(|| {
        let hint =
            nearest(name, stages.iter().copied()).map_or(String::new(), |name| format!("; did you mean {name:?}?"));
        refused(parameter, format!("{name:?}"), format!("one of {}{hint}", stages.join(", ")))
    })
}
