//! The analysis, and what it finds.

use leverkit_core::{LeftOut, Params, Table};
use leverkit_stats::Estimate;

use super::aggregate::{Aggregate, calendar, dynamic, group, simple};
use super::band::critical_value;
use super::covariates::adjusted_cells;
use super::group_time::{Cell, cells};
use super::imputation::imputation;
use super::params::{Base, Comparison, Control, DidParams};
use super::pre_trends::{Bound, Honest, Wald, detectable_slope, wald};
use super::two_way::{TwoByTwo, bacon, small_sample, two_way};
use super::wild::wild_p_value;
use crate::Error;
use crate::panel::{CohortMoments, Contrast, Joint, NEVER, Panel, Sections, Units};

/// The power with which a pre-trend must have been seen to count as ruled out.
const POWER: f64 = 0.8;

/// A mean effect on the treated.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanEffect {
    /// How it was estimated: `simple`, `dynamic`, `group`, `calendar`, `sun_abraham`, `imputation`, `two_way`.
    pub estimator: &'static str,
    /// The effect; `None` where it is not identified.
    pub effect: Option<Estimate>,
    /// The p-value by redrawn clusters, where there are fewer than 50.
    pub wild_p: Option<f64>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// The effect on a cohort in a period.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupTime {
    /// First treated period of the cohort.
    pub cohort: String,
    /// The period.
    pub period: String,
    /// Periods since the first treated one.
    pub event_time: i64,
    /// The effect; its error is 0 in the base period itself.
    pub effect: Estimate,
    /// Limits that hold all effects at once.
    pub band: (f64, f64),
    /// Units of the cohort.
    pub n_treated: u64,
    /// Their controls.
    pub n_control: u64,
}

/// The effect at a time since treatment, of a cohort, or in a period.
#[derive(Debug, Clone, PartialEq)]
pub struct AxisEffect {
    /// Periods since the first treated one; or the place of the cohort or period, counted from 0.
    pub at: i64,
    /// The effect.
    pub effect: Estimate,
    /// Limits that hold all effects of the axis at once.
    pub band: (f64, f64),
}

/// What the periods before treatment say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PreTrend {
    /// The joint test that all effects before treatment are 0.
    pub wald: Option<Wald>,
    /// The slope of a difference in trends, per period, that a test at 5 % sees with a power of 80 %.
    pub detectable_slope: Option<f64>,
    /// By how much such a slope, going on, would have moved the mean effect.
    pub detectable_bias: Option<f64>,
    /// How many times as much as before treatment trends may differ after it, until the limits of the mean effect hold 0.
    pub breakdown: Option<f64>,
}

/// Effects of a treatment that units came to at different times.
#[derive(Debug, Clone)]
pub struct Did {
    /// Mean effects by estimator, the simple mean first.
    pub effects: Vec<MeanEffect>,
    /// By cohort and period.
    pub group_time: Vec<GroupTime>,
    /// By time since treatment.
    pub event_study: Vec<AxisEffect>,
    /// By cohort.
    pub by_cohort: Vec<AxisEffect>,
    /// By period.
    pub by_period: Vec<AxisEffect>,
    /// What the periods before treatment say.
    pub pre_trend: PreTrend,
    /// Limits of the mean effect if trends differ after treatment.
    pub sensitivity: Vec<Bound>,
    /// What two-way fixed effects average.
    pub bacon: Vec<TwoByTwo>,
    /// The periods.
    pub periods: Vec<String>,
    /// Units of each cohort, by first treated period; [`NEVER`] last.
    pub cohorts: Vec<(u32, u64)>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    /// Rows that were left out.
    pub left_out: Vec<LeftOut>,
}

/// Estimates effects of a treatment on a panel of units, each of which is treated from some period on, or never. Without a column of units, rows are
/// repeated cross-sections: each is another unit, and means of a cohort are independent from period to period.
///
/// # Errors
/// Columns or parameters that do not fit; [`Error::Value`] for a unit twice in a period; [`Error::NotIdentified`] without a treated unit or
/// a control.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_effect::did::{DidParams, did};
///
/// let panel = batch!(
///     "shop" => [1, 1, 2, 2, 3, 3, 4, 4],
///     "year" => [2023, 2024, 2023, 2024, 2023, 2024, 2023, 2024],
///     "sales" => [10.0, 15.0, 11.0, 16.5, 9.0, 11.0, 8.0, 10.5],
///     "opened" => [Some(2024), Some(2024), Some(2024), Some(2024), None, None, None, None],
/// )?;
/// let found = did(&Table::from(panel), &DidParams::new("shop", "year", "sales", "opened"))?;
/// assert!((found.effects[0].effect.unwrap().interval.estimate - 3.0).abs() < 1e-12);
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
pub fn did(table: &Table, params: &DidParams) -> Result<Did, Error> {
    params.check()?;
    let (panel, plain) = if params.unit.is_some() { of_units(table, params)? } else { of_sections(table, params)? };
    let cohorts: Vec<(u32, u64)> = plain.first.iter().copied().zip(plain.counts.iter().copied()).collect();
    check_cohorts(&cohorts, params.control)?;
    let work = Work { panel: &panel, plain: &plain, params };
    let (joint, own, trimmed) = work.cells(params.comparison())?;
    if !own.iter().any(Cell::is_post) {
        let reason = "no treated period has a base period and a control; add periods before treatment, or units that are treated later or never";
        return Err(Error::not_identified("did", reason));
    }
    let universal = Comparison { base: Base::Universal, ..params.comparison() };
    let (long_joint, long, _) =
        if params.base == Base::Universal { (joint.clone(), own.clone(), 0) } else { work.cells(universal)? };
    let honest_axis = dynamic(&long_joint, &long, params.balance);
    let honest = Honest::of(&long_joint, &honest_axis.parts, params.level);
    let axis = dynamic(&joint, &own, params.balance);
    let (groups, calendar) = (group(&joint, &own), calendar(&joint, &own));
    let mut effects = vec![
        work.mean(&joint, "simple", simple(&joint, &own)),
        work.mean(&joint, "dynamic", axis.overall.clone()),
        work.mean(&joint, "group", groups.overall.clone()),
        work.mean(&joint, "calendar", calendar.overall.clone()),
    ];
    if params.covariates.is_empty() && params.unit.is_some() {
        effects.extend(work.others());
    }
    let pre_trend = work.pre_trend(&joint, &own, (&long_joint, &honest_axis), honest.as_ref());
    let steps = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0];
    Ok(Did {
        group_time: work.group_time(&joint, &own),
        event_study: work.axis(&joint, &axis),
        by_cohort: work.axis(&joint, &groups),
        by_period: work.axis(&joint, &calendar),
        pre_trend,
        sensitivity: honest.map_or_else(Vec::new, |honest| steps.map(|times| honest.bound(times)).to_vec()),
        bacon: if params.unit.is_some() { bacon(&plain) } else { Vec::new() },
        notes: notes(&panel, &cohorts, trimmed, params),
        cohorts,
        effects,
        left_out: panel.left_out,
        periods: panel.periods,
    })
}

/// A panel, and the mean path of each cohort.
fn of_units(table: &Table, params: &DidParams) -> Result<(Panel, Joint), Error> {
    let panel = Panel::read(table, &params.roles())?;
    let moments = CohortMoments::of(panel.periods.len(), &panel.first, &panel.paths);
    let (weights, clusters) = (panel.weights.as_deref(), panel.clusters.as_deref());
    let joint = if clusters.is_some() || weights.is_some() {
        Joint::weighted(&moments, &Units { first: &panel.first, paths: &panel.paths, weights, clusters })
    } else {
        Joint::of(&moments)
    };
    Ok((panel, joint))
}

/// Repeated cross-sections as a panel without units, and the mean of each cohort and period.
fn of_sections(table: &Table, params: &DidParams) -> Result<(Panel, Joint), Error> {
    let sections = Sections::read(table, &params.roles())?;
    let joint = Joint::of_sections(&sections).map_err(|(first, period)| {
        let name = |period: u32| sections.periods.get(period as usize).map_or("never", String::as_str);
        let (cohort, period) = (name(first), name(period as u32));
        let reason = format!(
            "no row of those first treated in {cohort} is of period {period}: add rows, or leave the cohort out"
        );
        Error::not_identified("did", reason)
    })?;
    let Sections { periods, clusters, left_out, .. } = sections;
    let (first, paths, covariates) = (Vec::new(), Vec::new(), Vec::new());
    Ok((Panel { periods, first, paths, clusters, weights: None, covariates, left_out }, joint))
}

fn check_cohorts(cohorts: &[(u32, u64)], control: Control) -> Result<(), Error> {
    let treated = cohorts.iter().any(|(first, _)| *first != NEVER);
    let never = cohorts.iter().any(|(first, _)| *first == NEVER);
    let reason = if !treated {
        "no unit is treated after the first period and before the end; check the column of first_treated"
    } else if !never && control == Control::Never {
        "every unit is treated by the last period; control=\"not_yet\" compares with those that are not treated yet"
    } else if !never && cohorts.len() < 2 {
        "all units are treated in the same period, and none never; add units that are not"
    } else {
        return Ok(());
    };
    Err(Error::not_identified("did", reason))
}

fn notes(panel: &Panel, cohorts: &[(u32, u64)], trimmed: u64, params: &DidParams) -> Vec<String> {
    let mut notes = Vec::new();
    let few: u64 = cohorts.iter().filter(|(first, _)| *first != NEVER).map(|(_, n)| n).sum();
    if few < 30 {
        notes.push(format!("{few} treated units; with fewer than 30 errors and tests are rough"));
    }
    for (first, n) in cohorts {
        let before = *first as usize;
        if *first != NEVER && before <= params.anticipation {
            let name = &panel.periods[before];
            notes.push(format!(
                "cohort {name}: no period before treatment and its anticipation, {n} units without an effect"
            ));
        } else if before == 1 {
            notes.push(format!("cohort {}: one period before treatment, which shows no trend", panel.periods[before]));
        }
    }
    if trimmed > 0 {
        notes.push(format!("{trimmed} controls left out of a comparison, with a chance of treatment above 98 %"));
    }
    notes
}

/// What all parts of the analysis look at.
struct Work<'a> {
    panel: &'a Panel,
    plain: &'a Joint,
    params: &'a DidParams,
}

impl Work<'_> {
    fn cells(&self, comparison: Comparison) -> Result<(Joint, Vec<Cell>, u64), Error> {
        let plain = cells(self.plain, &comparison);
        if self.params.covariates.is_empty() {
            return Ok((self.plain.clone(), plain, 0));
        }
        adjusted_cells(self.panel, self.plain, plain, &comparison, self.params.adjustment)
    }

    fn estimate(&self, joint: &Joint, contrast: &Contrast) -> Estimate {
        Estimate::normal(contrast.value, joint.std_error(contrast), self.params.level)
    }

    fn mean(&self, joint: &Joint, estimator: &'static str, contrast: Option<Contrast>) -> MeanEffect {
        let effect = contrast.as_ref().map(|contrast| self.estimate(joint, contrast));
        let wild_p = contrast.and_then(|contrast| self.wild(joint, &contrast));
        let reason = effect.is_none().then(|| "no treated period with a control".to_owned());
        MeanEffect { estimator, effect, wild_p, reason }
    }

    fn wild(&self, joint: &Joint, contrast: &Contrast) -> Option<f64> {
        wild_p_value(joint, contrast, self.params.draws, self.params.seed)
    }

    /// Estimators of the same effect that need no covariates.
    fn others(&self) -> Vec<MeanEffect> {
        let joint = self.plain;
        let never = joint.first.contains(&NEVER);
        let clusters = self
            .panel
            .clusters
            .as_ref()
            .map_or(joint.n(), |codes| codes.iter().collect::<std::collections::BTreeSet<_>>().len() as f64);
        let scaled = |contrast: &Contrast, factor: f64| {
            Estimate::normal(contrast.value, joint.std_error(contrast) * factor.sqrt(), self.params.level)
        };
        let without = |estimator, reason: &str| {
            let reason = Some(reason.into());
            MeanEffect { estimator, effect: None, wild_p: None, reason }
        };
        let found = |estimator, effect, contrast: &Contrast| {
            let wild_p = self.wild(joint, contrast);
            MeanEffect { estimator, effect: Some(effect), wild_p, reason: None }
        };
        let sun_abraham = if never {
            let (contrast, terms) = sun_abraham(joint);
            let rows = joint.n() * joint.periods as f64;
            let factor = clusters / (clusters - 1.0) * (rows - 1.0) / (rows - (terms + joint.periods) as f64);
            found("sun_abraham", scaled(&contrast, factor), &contrast)
        } else {
            without("sun_abraham", "needs units that are never treated")
        };
        let last = if never { joint.periods } else { joint.first.last().map_or(0, |first| *first as usize) };
        let treated: Vec<(usize, usize)> = (0..joint.first.len())
            .flat_map(|cohort| (joint.first[cohort] as usize..last).map(move |period| (cohort, period)))
            .collect();
        let imputed = imputation(joint, &treated).filter(|_| !treated.is_empty());
        let imputed = imputed.map_or_else(
            || without("imputation", "period effects are not identified: in some period all units are treated"),
            |contrast| found("imputation", self.estimate(joint, &contrast), &contrast),
        );
        let two_way = two_way(joint).map_or_else(
            || without("two_way", "treatment does not vary within units and periods"),
            |contrast| found("two_way", scaled(&contrast, small_sample(joint, clusters)), &contrast),
        );
        vec![sun_abraham, imputed, two_way]
    }

    fn band(&self, joint: &Joint, contrasts: &[&Contrast]) -> Vec<(Estimate, (f64, f64))> {
        let critical = critical_value(joint, contrasts, self.params.level, self.params.draws, self.params.seed);
        let of = |contrast: &&Contrast| {
            let found = self.estimate(joint, contrast);
            let half = critical * found.std_error;
            (found, (found.interval.estimate - half, found.interval.estimate + half))
        };
        contrasts.iter().map(of).collect()
    }

    fn axis(&self, joint: &Joint, axis: &Aggregate) -> Vec<AxisEffect> {
        let contrasts: Vec<&Contrast> = axis.parts.iter().map(|(_, contrast)| contrast).collect();
        let found = self.band(joint, &contrasts);
        let effects = axis.parts.iter().zip(found);
        effects.map(|((at, _), (effect, band))| AxisEffect { at: *at, effect, band }).collect()
    }

    fn group_time(&self, joint: &Joint, cells: &[Cell]) -> Vec<GroupTime> {
        let contrasts: Vec<&Contrast> = cells.iter().map(|cell| &cell.contrast).collect();
        let found = self.band(joint, &contrasts);
        let name = |period: usize| self.panel.periods[period].clone();
        let rows = cells.iter().zip(found).map(|(cell, (effect, band))| GroupTime {
            cohort: name(cell.first as usize),
            period: name(cell.period),
            event_time: cell.event_time(),
            effect,
            band,
            n_treated: cell.n_treated,
            n_control: cell.n_control,
        });
        rows.collect()
    }

    fn pre_trend(
        &self,
        joint: &Joint,
        cells: &[Cell],
        (long_joint, long): (&Joint, &Aggregate),
        honest: Option<&Honest>,
    ) -> PreTrend {
        let is_pre = |cell: &&Cell| cell.event_time() + (self.params.anticipation as i64) < 0 && !cell.is_base;
        let pre: Vec<&Contrast> = cells.iter().filter(is_pre).map(|cell| &cell.contrast).collect();
        let slope_axis: Vec<(i64, &Contrast)> =
            long.parts.iter().filter(|(time, _)| *time < -1).map(|(time, contrast)| (*time, contrast)).collect();
        let slope = detectable_slope(long_joint, &slope_axis, 0.05, POWER);
        let post: Vec<f64> =
            long.parts.iter().filter(|(time, _)| *time >= 0).map(|(time, _)| (time + 1) as f64).collect();
        let reach = post.iter().sum::<f64>() / post.len() as f64;
        PreTrend {
            wald: wald(joint, &pre),
            detectable_slope: slope,
            detectable_bias: slope.map(|slope| slope * reach),
            breakdown: honest.and_then(Honest::breakdown),
        }
    }
}

/// The mean over treated cells, weighed with cohorts' shares that are taken as given (Sun & Abraham 2021), and how many terms the saturated
/// regression has.
fn sun_abraham(joint: &Joint) -> (Contrast, usize) {
    let comparison = Comparison { control: Control::Never, base: Base::Universal, anticipation: 0 };
    let cells = cells(joint, &comparison);
    let post: Vec<&Cell> = cells.iter().filter(|cell| cell.is_post()).collect();
    let total: f64 = post.iter().map(|cell| joint.sizes[cell.cohort]).sum();
    let mut mean = joint.nothing();
    post.iter().for_each(|cell| mean.add(&cell.contrast, joint.sizes[cell.cohort] / total));
    (mean, cells.iter().filter(|cell| !cell.is_base).count())
}
