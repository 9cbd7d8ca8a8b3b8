//! Two funnels beside each other: two periods, or two groups. What the difference is, how sure it is, and whether it comes from other
//! rates or from another mix of groups.

use leverkit_stats::Interval;
use serde::Serialize;

use crate::error::Error;
use crate::stages::{StageFunnel, StageRow, share};

/// The difference between two funnels.
#[derive(Debug, Clone, Serialize)]
pub struct StageComparison {
    /// One row per stage.
    pub stages: Vec<StageDifference>,
    /// One row per group, where both funnels have the same kind of groups.
    pub mix: Vec<MixRow>,
    /// What was left out.
    pub notes: Vec<String>,
}

/// One stage in both funnels.
#[derive(Debug, Clone, Serialize)]
pub struct StageDifference {
    /// The stage.
    pub stage: String,
    /// Entities at it in the first and the second funnel.
    pub reached: (u64, u64),
    /// Share of those at the stage before, in both.
    pub from_previous: (Option<f64>, Option<f64>),
    /// Second minus first, with Newcombe's limits.
    pub previous_difference: Option<Interval>,
    /// Share of those at the first stage, in both.
    pub from_first: (Option<f64>, Option<f64>),
    /// Second minus first, with Newcombe's limits.
    pub first_difference: Option<Interval>,
}

/// What one group adds to the difference of the conversions from the first to the last stage; all together add up to it.
#[derive(Debug, Clone, Serialize)]
pub struct MixRow {
    /// The group.
    pub group: Option<String>,
    /// Its share of entities at the first stage, in both funnels.
    pub share: (f64, f64),
    /// Its conversion from the first to the last stage, in both; none where it has no entity.
    pub conversion: (Option<f64>, Option<f64>),
    /// By its share having changed.
    pub mix: f64,
    /// By its conversion having changed.
    pub rate: f64,
}

/// Compares two funnels with the same stages; of groups alone, or of all together.
///
/// Differences of two shares have the limits of Newcombe (1998, method 10). The mix and the rate are those of the symmetric split: each
/// group's change of share times its mean conversion, less the mean of all, and its change of conversion times its mean share.
///
/// # Errors
/// [`Error::Parameter`](leverkit_core::Error::Parameter) for different stages or unknown groups.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_funnel::{EventColumns, EventLog, StageParams, StageRule, compare_stages, stages};
/// let events = batch!("who" => [1, 1, 2, 2, 3, 4], "at" => ["2024-01-01"; 6], "what" => ["see", "buy", "see", "buy", "see", "see"],
///     "page" => ["old", "old", "new", "new", "new", "new"])?;
/// let log = EventLog::from_batches(&[events], &EventColumns { properties: vec!["page".into()], ..EventColumns::new("who", "at", "what") })?;
/// let asked = StageParams { stages: vec![StageRule::event("see"), StageRule::event("buy")], by: Some("page".into()), ..StageParams::default() };
/// let funnel = stages(&log, &asked)?;
/// let found = compare_stages(&funnel, &funnel, Some("old"), Some("new"))?;
/// assert_eq!(found.stages.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compare_stages(
    base: &StageFunnel,
    against: &StageFunnel,
    base_group: Option<&str>,
    against_group: Option<&str>,
) -> Result<StageComparison, Error> {
    let names =
        |funnel: &StageFunnel| -> Vec<String> { funnel.params.stages.iter().map(|stage| stage.name.clone()).collect() };
    if names(base) != names(against) {
        let got = format!("{:?}", names(against));
        return Err(Error::parameter("against", got, format!("a funnel with the same stages, {:?}", names(base))));
    }
    let (first, second) = (totals(base, base_group)?, totals(against, against_group)?);
    let rows = (0..first.len()).map(|stage| difference(base, against, &first, &second, stage)).collect();
    let mut notes = Vec::new();
    if rules(base) != rules(against) {
        notes.push("The funnels use different rules: part of the difference may come from them.".into());
    }
    let has_groups = base.params.by.is_some() && base.params.by == against.params.by;
    let mix =
        if has_groups && base_group.is_none() && against_group.is_none() { mix(base, against) } else { Vec::new() };
    Ok(StageComparison { stages: rows, mix, notes })
}

fn rules(funnel: &StageFunnel) -> String {
    funnel.params.policy()
}

/// Entities at each stage, of a group or of all.
fn totals(funnel: &StageFunnel, group: Option<&str>) -> Result<Vec<u64>, Error> {
    let n = funnel.params.stages.len();
    let mut sum = vec![0; n];
    let chosen = funnel.rows.chunks(n).filter(|rows| group.is_none() || rows[0].group.as_deref() == group);
    let mut found = false;
    for rows in chosen {
        sum.iter_mut().zip(rows).for_each(|(sum, row)| *sum += row.reached);
        found = true;
    }
    if !found {
        let names: Vec<&str> = funnel.rows.chunks(n).filter_map(|rows| rows[0].group.as_deref()).collect();
        let got = format!("{:?}", group.unwrap_or("all"));
        return Err(Error::parameter("group", got, format!("one of {names:?}")));
    }
    Ok(sum)
}

fn difference(
    base: &StageFunnel,
    against: &StageFunnel,
    first: &[u64],
    second: &[u64],
    stage: usize,
) -> StageDifference {
    let of = |funnel: &StageFunnel, counts: &[u64], before: Option<usize>| {
        before.and_then(|before| share(counts[stage], counts[before], funnel.params.level))
    };
    let before = base.params.before(stage);
    let pair = |before| (of(base, first, before), of(against, second, before));
    let (previous, from_first) = (pair(before), pair(Some(0)));
    let estimates =
        |pair: (Option<Interval>, Option<Interval>)| (pair.0.map(|a| a.estimate), pair.1.map(|b| b.estimate));
    StageDifference {
        stage: base.params.labels()[stage].clone(),
        reached: (first[stage], second[stage]),
        from_previous: estimates(previous),
        previous_difference: newcombe(previous),
        from_first: estimates(from_first),
        first_difference: newcombe(from_first).filter(|_| stage > 0),
    }
}

/// The second share less the first, with limits from those of both (Newcombe 1998, method 10).
fn newcombe((first, second): (Option<Interval>, Option<Interval>)) -> Option<Interval> {
    let (a, b) = (first?, second?);
    let estimate = b.estimate - a.estimate;
    let lower = estimate - (b.estimate - b.lower).hypot(a.upper - a.estimate);
    let upper = estimate + (b.upper - b.estimate).hypot(a.estimate - a.lower);
    Some(Interval { estimate, lower, upper })
}

fn mix(base: &StageFunnel, against: &StageFunnel) -> Vec<MixRow> {
    let n = base.params.stages.len();
    let mut groups: Vec<Option<String>> =
        [base, against].iter().flat_map(|funnel| funnel.rows.chunks(n).map(|rows| rows[0].group.clone())).collect();
    groups.sort_by_key(|group| (group.is_none(), group.clone()));
    groups.dedup();
    let ends = |funnel: &StageFunnel, group: &Option<String>| -> (u64, u64) {
        let rows: Option<&[StageRow]> = funnel.rows.chunks(n).find(|rows| rows[0].group == *group);
        rows.map_or((0, 0), |rows| (rows[0].reached, rows[n - 1].reached))
    };
    let total = |funnel: &StageFunnel| {
        groups.iter().map(|group| ends(funnel, group)).fold((0, 0), |sum, ends| (sum.0 + ends.0, sum.1 + ends.1))
    };
    let (all_base, all_against) = (total(base), total(against));
    let rate = |ends: (u64, u64)| (ends.0 > 0).then(|| ends.1 as f64 / ends.0 as f64);
    let part = |ends: (u64, u64), all: (u64, u64)| if all.0 > 0 { ends.0 as f64 / all.0 as f64 } else { 0.0 };
    // The mean of all is taken off, so that a group counts by how it differs; over all groups this adds nothing.
    let mean = f64::midpoint(rate(all_base).unwrap_or_default(), rate(all_against).unwrap_or_default());
    let row = |group: &Option<String>| {
        let (a, b) = (ends(base, group), ends(against, group));
        let conversion = (rate(a), rate(b));
        // A group that is in one funnel alone changes the mix, not a rate.
        let before = conversion.0.or(conversion.1).unwrap_or_default();
        let after = conversion.1.or(conversion.0).unwrap_or_default();
        let share = (part(a, all_base), part(b, all_against));
        MixRow {
            group: group.clone(),
            share,
            conversion,
            mix: (share.1 - share.0) * (f64::midpoint(before, after) - mean),
            rate: (after - before) * f64::midpoint(share.0, share.1),
        }
    };
    groups.iter().map(row).collect()
}
