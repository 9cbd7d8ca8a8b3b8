//! The parameters of a stage funnel: stages, window, mode, ties; and the check that they are compatible.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

use crate::error::refused;
use crate::stages::spans::span;

/// One stage, or what breaks a chain: which events it stands for.
///
/// ```
/// use leverkit_funnel::StageRule;
/// let rule = StageRule { events: vec!["pay".into(), "pay by card".into()], ..StageRule::event("paid") };
/// assert_eq!((rule.name.as_str(), rule.events.len(), rule.conditions.len()), ("paid", 2, 0));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRule {
    /// Its name in the tables.
    pub name: String,
    /// Events with any of these names; with any name if the list is empty.
    pub events: Vec<String>,
    /// Further columns, each of which must hold one of the values.
    pub conditions: Vec<(String, Vec<String>)>,
}

impl StageRule {
    /// The stage that one event is.
    pub fn event(name: &str) -> Self {
        Self { name: name.into(), events: vec![name.into()], conditions: Vec::new() }
    }
}

/// Events that break a chain between two stages: it must start again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusion {
    /// The events.
    pub rule: StageRule,
    /// The stage after which they break the chain; the first by default.
    pub after: Option<String>,
    /// The stage before which they do; the last by default.
    pub before: Option<String>,
}

/// A rule for what counts as a chain; none is the plain ordered funnel. All but `Unordered` are those of `ClickHouse`'s `windowFunnel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A stage that comes a second time ends the search.
    StrictDeduplication,
    /// An event that is not a stage, or a stage that comes too early, ends the search.
    StrictOrder,
    /// A stage must come later than the stage before.
    StrictIncrease,
    /// A stage must come later than the latest event of the stage before, as `windowFunnel` had it until it kept the earlier ones too.
    StrictIncreaseLatest,
    /// An event counts for one stage of a chain alone.
    StrictOnce,
    /// With strict order: stages that come too early are ignored.
    AllowReentry,
    /// Stages in any order: how many of them come within one window.
    Unordered,
}

impl Mode {
    /// Its name, as it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::StrictDeduplication => "strict_deduplication",
            Self::StrictOrder => "strict_order",
            Self::StrictIncrease => "strict_increase",
            Self::StrictIncreaseLatest => "strict_increase_latest",
            Self::StrictOnce => "strict_once",
            Self::AllowReentry => "allow_reentry",
            Self::Unordered => "unordered",
        }
    }
}

/// What comes first among events of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// They stand as they came in.
    #[default]
    Input,
    /// They are taken in the order of the stages, so that a stage may follow another at the same moment; `ClickHouse`'s rule.
    Lenient,
    /// They are taken in the reverse order of the stages, so that none follows another at the same moment.
    Strict,
}

/// From when the window runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowFrom {
    /// From the first stage of the chain.
    #[default]
    First,
    /// From the stage before.
    Previous,
}

/// Which events of the first stage may begin a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Touch {
    /// Any.
    #[default]
    Any,
    /// The entity's first alone.
    First,
}

/// What a stage funnel is asked.
///
/// ```
/// use leverkit_funnel::{StageParams, StageRule};
/// let steps = ["see", "try", "see"].map(StageRule::event).to_vec();
/// let params = StageParams { stages: steps, window: Some(7 * 86_400_000_000), ..StageParams::default() };
/// assert_eq!(params.numbered().labels(), ["see", "try", "see (2)"]);
/// assert!(params.policy().starts_with("3 stages in order, within 7 days of the first;"));
/// assert_eq!(params.wanted().map(|events| events.len()), Some(3));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StageParams {
    /// At least two and at most 32, in order.
    pub stages: Vec<StageRule>,
    /// Microseconds, both ends included; `None` means no limit.
    pub window: Option<i64>,
    /// From when it runs.
    pub window_from: WindowFrom,
    /// Rules that are added to the plain funnel.
    pub modes: Vec<Mode>,
    /// What comes first among events of one moment.
    pub ties: Ties,
    /// Which events may begin a chain.
    pub touch: Touch,
    /// Names of stages that may be skipped; not the first and the last.
    pub optional: Vec<String>,
    /// What breaks a chain.
    pub exclusions: Vec<Exclusion>,
    /// A property that must be the same in all stages of a chain.
    pub hold: Option<String>,
    /// A property to group by: its value at the event that first reached a stage.
    pub by: Option<String>,
    /// Level of the intervals.
    pub level: f64,
}

impl Default for StageParams {
    fn default() -> Self {
        Self {
            stages: Vec::new(),
            window: Some(30 * leverkit_core::MICROS_PER_DAY),
            window_from: WindowFrom::First,
            modes: Vec::new(),
            ties: Ties::Input,
            touch: Touch::Any,
            optional: Vec::new(),
            exclusions: Vec::new(),
            hold: None,
            by: None,
            level: 0.95,
        }
    }
}

/// Stages are bits of a 32-bit word.
pub(crate) const MOST_STAGES: usize = 32;

impl Params for StageParams {
    /// ```
    /// use leverkit_core::Params;
    /// use leverkit_funnel::{StageParams, StageRule};
    /// let stages = vec![StageRule::event("see"), StageRule::event("buy")];
    /// assert!(StageParams { stages, ..StageParams::default() }.check().is_ok());
    /// assert!(StageParams::default().check().is_err());
    /// ```
    fn check(&self) -> Result<(), Error> {
        let n = self.stages.len();
        let is_chain = (2..=MOST_STAGES).contains(&n);
        check::that(is_chain, "stages", &format_args!("{n} stages"), "2 to 32 stages, in order")?;
        let window = self.window.unwrap_or(i64::MAX);
        let got = format_args!("{} seconds", window as f64 / 1e6);
        check::that(window > 0, "window", &got, "more than 0, such as \"30d\", or none")?;
        check::share("level", self.level)?;
        self.check_modes()?;
        self.check_extras()
    }
}

impl StageParams {
    pub(crate) fn has(&self, mode: Mode) -> bool {
        self.modes.contains(&mode)
    }

    fn check_modes(&self) -> Result<(), Error> {
        let refuse = |got: &str, expected: &str| Err(refused("mode", format!("{got:?}"), expected));
        if self.has(Mode::AllowReentry) && !self.has(Mode::StrictOrder) {
            return refuse("allow_reentry", "allow_reentry together with strict_order");
        }
        if !self.has(Mode::Unordered) {
            return Ok(());
        }
        if self.modes.len() > 1 {
            return refuse("unordered", "unordered alone: the other modes are about the order of stages");
        }
        if self.window_from == WindowFrom::Previous {
            return refuse("unordered", "window_from=\"first\": without an order there is no stage before");
        }
        if let Some(name) = repeated(&self.stages) {
            return refuse("unordered", &format!("stages that differ; {name:?} is there twice"));
        }
        Ok(())
    }

    /// Optional stages and exclusions belong to the plain funnel: the strict modes stop at what these would pass over.
    fn check_extras(&self) -> Result<(), Error> {
        let is_plain = self.modes.iter().all(|mode| matches!(mode, Mode::StrictIncrease | Mode::StrictIncreaseLatest));
        for (parameter, given) in [("optional", !self.optional.is_empty()), ("exclude", !self.exclusions.is_empty())] {
            if given && !is_plain {
                let got = format!("{parameter} with mode {:?}", self.modes);
                return Err(refused(parameter, got, "mode \"default\" or \"strict_increase\""));
            }
        }
        for name in &self.optional {
            let stage = self.stage(name)?;
            if stage == 0 || stage + 1 == self.stages.len() {
                return Err(refused("optional", format!("{name:?}"), "neither the first nor the last stage"));
            }
        }
        if self.exclusions.len() > MOST_STAGES {
            let got = format!("{} exclusions", self.exclusions.len());
            return Err(refused("exclude", got, "at most 32"));
        }
        self.exclusions.iter().try_for_each(|exclusion| self.check_exclusion(exclusion))
    }

    /// An exclusion that is a stage between its ends would break each chain that comes there.
    fn check_exclusion(&self, exclusion: &Exclusion) -> Result<(), Error> {
        let (after, before) = self.between(exclusion)?;
        let Some(stage) = self.stages[after..=before].iter().find(|stage| overlap(stage, &exclusion.rule)) else {
            return Ok(());
        };
        let got = format!("{:?}, which is the stage {:?} too", exclusion.rule.name, stage.name);
        let expected = "events that are no stage, or \"after\" and \"before\" between which that stage does not lie";
        Err(refused("exclude", got, expected))
    }

    /// What the stages are called in tables: their names or, where their order does not matter, how many of them there are.
    pub fn labels(&self) -> Vec<String> {
        let n = self.stages.len();
        if self.has(Mode::Unordered) {
            return (1..=n).map(|k| format!("{k} of {n}")).collect();
        }
        self.stages.iter().map(|stage| stage.name.clone()).collect()
    }

    /// The same parameters, with repeated stages distinguished by a number after their names.
    #[must_use]
    pub fn numbered(&self) -> Self {
        let mut asked = self.clone();
        number_repeats(&mut asked.stages);
        asked
    }

    /// The events that the funnel looks at; `None` where it looks at all: in strict order, and where a rule names none.
    pub fn wanted(&self) -> Option<Vec<String>> {
        let rules = self.stages.iter().chain(self.exclusions.iter().map(|exclusion| &exclusion.rule));
        let mut names = Vec::new();
        for rule in rules {
            if rule.events.is_empty() {
                return None;
            }
            names.extend(rule.events.iter().cloned());
        }
        (!self.has(Mode::StrictOrder)).then_some(names)
    }

    /// The columns that rules, groups and the constant property need.
    pub fn properties(&self) -> Vec<String> {
        let rules = self.stages.iter().chain(self.exclusions.iter().map(|exclusion| &exclusion.rule));
        let conditions = rules.flat_map(|rule| rule.conditions.iter().map(|(column, _)| column));
        let mut names: Vec<String> = conditions.chain(&self.hold).chain(&self.by).cloned().collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// A stage of whose events one may stand for an earlier stage too.
    pub(crate) fn shared(&self) -> Option<&str> {
        let is_shared =
            |(place, stage): &(usize, &StageRule)| self.stages[..*place].iter().any(|known| overlap(known, stage));
        self.stages.iter().enumerate().find(is_shared).map(|(_, stage)| stage.name.as_str())
    }

    /// The stage that conversions to this one are counted from: the one before that may not be left out.
    pub(crate) fn before(&self, stage: usize) -> Option<usize> {
        (0..stage).rev().find(|before| !self.optional.contains(&self.stages[*before].name))
    }

    /// The rules in a sentence: what a number of the funnel means.
    pub fn policy(&self) -> String {
        let n = self.stages.len();
        let order = if self.has(Mode::Unordered) { "in any order" } else { "in order" };
        let window = match (self.window, self.window_from) {
            (None, _) => "without a time limit".to_owned(),
            (Some(window), WindowFrom::First) => format!("within {} of the first", span(window)),
            (Some(window), WindowFrom::Previous) => format!("each within {} of the one before", span(window)),
        };
        let touch = match self.touch {
            Touch::Any => "any event of the first stage may start a chain",
            Touch::First => "only the entity's first event of the first stage may start a chain",
        };
        let ties = match self.ties {
            Ties::Input => "events at the same moment keep their input order",
            Ties::Lenient => "events at the same moment are taken in the order of the stages",
            Ties::Strict => "no stage follows another at the same moment",
        };
        let added = self.modes.iter().filter(|mode| **mode != Mode::Unordered);
        let modes: Vec<&str> = added.map(|mode| mode.name()).collect();
        let modes = if modes.is_empty() { String::new() } else { format!("; {}", modes.join(", ")) };
        format!("{n} stages {order}, {window}; {touch}; {ties}{modes}.")
    }

    /// The place of a stage.
    pub(crate) fn stage(&self, name: &str) -> Result<usize, Error> {
        let names = self.labels();
        names.iter().position(|known| known == name).ok_or_else(|| {
            let near = leverkit_core::nearest(name, names.iter().map(String::as_str));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
            refused("stage", format!("{name:?}"), format!("one of {names:?}{hint}"))
        })
    }

    /// The stages between which an exclusion breaks chains.
    pub(crate) fn between(&self, exclusion: &Exclusion) -> Result<(usize, usize), Error> {
        let after = exclusion.after.as_ref().map_or(Ok(0), |name| self.stage(name))?;
        let before = exclusion.before.as_ref().map_or(Ok(self.stages.len() - 1), |name| self.stage(name))?;
        if after >= before {
            let got = format!("after {:?}, before {:?}", self.stages[after].name, self.stages[before].name);
            return Err(refused("exclude", got, "a stage and a later one"));
        }
        Ok((after, before))
    }
}

/// A stage that occurs twice: by its name or by its events.
fn repeated(stages: &[StageRule]) -> Option<&str> {
    let same = |a: &StageRule, b: &StageRule| a.name == b.name || overlap(a, b);
    stages
        .iter()
        .enumerate()
        .find(|(place, stage)| stages[..*place].iter().any(|known| same(known, stage)))
        .map(|(_, stage)| stage.name.as_str())
}

/// Whether the same event can be both, as far as names tell.
fn overlap(a: &StageRule, b: &StageRule) -> bool {
    a.conditions == b.conditions && a.events.iter().any(|event| b.events.contains(event))
}

fn number_repeats(stages: &mut [StageRule]) {
    for place in 0..stages.len() {
        let (before, rest) = stages.split_at_mut(place);
        let Some(stage) = rest.first_mut() else { continue };
        let plain = stage.name.clone();
        let mut number = 2;
        while before.iter().any(|known| known.name == stage.name) {
            stage.name = format!("{plain} ({number})");
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(names: &[&str]) -> StageParams {
        StageParams { stages: names.iter().map(|name| StageRule::event(name)).collect(), ..StageParams::default() }
    }

    #[test]
    fn parameters_that_do_not_go_together_are_refused() {
        let text = |params: StageParams| params.check().unwrap_err().to_string();
        insta::assert_snapshot!(text(params(&["a"])), @"stages: got 1 stages; expected 2 to 32 stages, in order");
        let none = StageParams { window: Some(0), ..params(&["a", "b"]) };
        insta::assert_snapshot!(text(none), @r#"window: got 0 seconds; expected more than 0, such as "30d", or none"#);
        let reentry = StageParams { modes: vec![Mode::AllowReentry], ..params(&["a", "b"]) };
        insta::assert_snapshot!(text(reentry), @r#"mode: got "allow_reentry"; expected allow_reentry together with strict_order"#);
        let twice = StageParams { modes: vec![Mode::Unordered], ..params(&["a", "b", "a"]) };
        insta::assert_snapshot!(text(twice), @r#"mode: got "unordered"; expected stages that differ; "a" is there twice"#);
        let optional = StageParams { optional: vec!["bb".into()], ..params(&["aa", "bbb", "cc"]) };
        insta::assert_snapshot!(text(optional), @r#"stage: got "bb"; expected one of ["aa", "bbb", "cc"]; did you mean "bbb"?"#);
    }

    #[test]
    fn an_exclusion_between_whose_ends_a_stage_lies_is_refused() {
        let exclude = |event: &str, after: Option<&str>| {
            let exclusions =
                vec![Exclusion { rule: StageRule::event(event), after: after.map(Into::into), before: None }];
            StageParams { exclusions, ..params(&["see", "cart", "buy"]) }.check()
        };
        let error = exclude("cart", None).unwrap_err().to_string();
        insta::assert_snapshot!(error, @r#"exclude: got "cart", which is the stage "cart" too; expected events that are no stage, or "after" and "before" between which that stage does not lie"#);
        assert!(exclude("leave", None).is_ok());
        assert!(exclude("see", Some("cart")).is_ok());
    }

    #[test]
    fn repeated_stages_are_numbered() {
        let numbered = params(&["a", "b", "a", "a"]).numbered();
        let names: Vec<&str> = numbered.stages.iter().map(|stage| stage.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "a (2)", "a (3)"]);
    }
}
