//! Norms: the recency, orders per year and average check that best separate customers who buy again from those who do not.
//!
//! Customers are observed as they were on past days, a horizon apart, and followed for one horizon. All windows but the last
//! choose the norm, by the greatest sensitivity + specificity − 1 (Youden 1950, Index for rating diagnostic tests); the last tells
//! what it is worth. What customers were like is in `panel`, the choice in `tried`.

use leverkit_core::stats::{Interval, at_most, bootstrap, bootstrap_interval, wilson};
use leverkit_core::{Day, Ledger, Params};
use rayon::prelude::*;
use serde::Serialize;

use super::gaps::days_seen;
use super::panel::{NormMeasure, NormWindow, Panel, Row, Rows};
use super::params::NormParams;
use super::tried::{Tried, keeps, sums};
use crate::Error;

/// The most windows: more than a year at the usual horizon, so that all seasons count.
const MOST_WINDOWS: i32 = 5;
const REPLICATES: usize = 400;
/// Where a curve is highest, fewer customers than this do not tell: limits of their bootstrap hold the truth too rarely.
const FEWEST_CUSTOMERS: usize = 100;

/// The norms of a ledger's customers.
#[derive(Debug, Clone, Serialize)]
pub struct Norms {
    /// What they were computed with.
    pub params: NormParams,
    /// One each for recency, orders per year and average check, and one for all of them together.
    pub norms: Vec<Norm>,
    /// The windows, the last to judge by.
    pub windows: Vec<NormWindow>,
    /// What was left out.
    pub notes: Vec<String>,
}

/// One norm.
#[derive(Debug, Clone, Serialize)]
pub struct Norm {
    /// The measure: `recency`, `orders_per_year`, `average_check`, or `all` norms at once.
    pub measure: &'static str,
    /// Whether a value up to the norm keeps it, or one from it on.
    pub direction: &'static str,
    /// The norm, with limits by bootstrap over customers; NaN where these are too few for limits.
    pub norm: Option<Interval>,
    /// Sensitivity + specificity − 1 where the norm was chosen.
    pub youden: Option<f64>,
    /// Customer windows in which it was chosen.
    pub n: u64,
    /// Customers in the last window.
    pub n_test: u64,
    /// Share of them within the norm.
    pub share_above: Option<f64>,
    /// Share of those within it who bought again.
    pub return_rate_above: Option<Interval>,
    /// Share of the others who did.
    pub return_rate_below: Option<Interval>,
    /// The first share over that of all, with limits by bootstrap over customers.
    pub lift: Option<Interval>,
    /// Why there is no norm, or none with limits.
    pub reason: Option<String>,
}

/// Finds the norms.
///
/// # Errors
/// [`Error::Core`] for a level outside (0, 1) or a horizon of no days; [`Error::NothingToScore`] without lines.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_rfm::{NormParams, norms};
/// let lines = batch!("c" => [1, 1, 2], "t" => ["2024-01-01", "2024-01-05", "2024-01-02"], "a" => [1.0, 2.0, 3.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let found = norms(&ledger, &NormParams::default())?;
/// assert_eq!(found.norms[0].norm, None);
/// assert!(found.norms[0].reason.as_deref().is_some_and(|reason| reason.contains("4 days")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn norms(ledger: &Ledger, params: &NormParams) -> Result<Norms, Error> {
    params.check()?;
    let as_of = params.as_of.unwrap_or(ledger.as_of());
    let (start, until) = days_seen(ledger, as_of)?;
    let horizon = params.horizon as i32;
    // Each window needs a horizon of history before it.
    let count = ((until - start) / horizon - 1).clamp(0, MOST_WINDOWS);
    let dates: Vec<Day> = (1..=count).rev().map(|back| until - back * horizon).collect();
    let panel = Panel { start, horizon, dates };
    let (parts, groups) = panel.rows(ledger);
    let windows = panel.windows(&parts);
    let mut notes = Vec::new();
    if count == 1 {
        notes.push("One window alone fits the data: it both chose and judges the norms, which flatters them.".into());
    }
    if count == 0 {
        let reason = format!(
            "the data span {} days; a norm takes at least {} for a horizon of {horizon}",
            until - start,
            2 * horizon
        );
        let norms = NormMeasure::ALL.map(|measure| Norm::none(measure, reason.clone())).to_vec();
        return Ok(Norms { params: params.clone(), norms, windows, notes });
    }
    let judge: Vec<&Rows> = parts.iter().map(|part| &part.judge).collect();
    let choose: Vec<&Rows> = parts.iter().map(|part| &part.choose).collect();
    let choose = if rows(&choose) == 0 { judge.clone() } else { choose };
    let sample = Sample { panel: &panel, choose, judge, groups, params };
    let found: Result<Vec<Norm>, Error> =
        NormMeasure::ALL.into_par_iter().map(|measure| sample.find(measure)).collect();
    let mut norms = found?;
    norms.push(sample.together(&norms)?);
    Ok(Norms { params: params.clone(), norms, windows, notes })
}

impl Norm {
    fn none(measure: NormMeasure, reason: String) -> Self {
        Self {
            measure: measure.name(),
            direction: if measure.is_better_low() { "at most" } else { "at least" },
            norm: None,
            youden: None,
            n: 0,
            n_test: 0,
            share_above: None,
            return_rate_above: None,
            return_rate_below: None,
            lift: None,
            reason: Some(reason),
        }
    }

    /// Takes the norm back where customers within it did not return more often in the last window.
    fn withdraw_if_useless(mut self, level: f64) -> Self {
        if let Some(lift) = self.lift.filter(|lift| at_most(lift.lower, 1.0)) {
            self.norm = None;
            self.reason = Some(format!(
                "customers within it did not return more often in the last window: lift {:.2}, {:.0} % limits {:.2} to {:.2}",
                lift.estimate,
                100.0 * level,
                lift.lower,
                lift.upper
            ));
        }
        self
    }
}

/// What norms are found from: the rows that choose them, and those that judge them.
struct Sample<'a> {
    panel: &'a Panel,
    choose: Vec<&'a Rows>,
    judge: Vec<&'a Rows>,
    /// Groups of customers, which are resampled.
    groups: usize,
    params: &'a NormParams,
}

impl Sample<'_> {
    fn find(&self, measure: NormMeasure) -> Result<Norm, Error> {
        let tried = Tried::count(measure, self.panel, &self.choose, self.groups);
        let n = rows(&self.choose);
        let Some((norm, youden)) = tried.best(|_| 1) else {
            let reason = "in the windows that choose it all customers bought again, or none did".into();
            return Ok(Norm { n, n_test: rows(&self.judge), ..Norm::none(measure, reason) });
        };
        let (norm, reason) = self.limits(norm, &tried)?;
        let within = |row: &Row, check: f64| {
            keeps(measure.is_better_low(), self.panel.value(measure, row, check), norm.estimate)
        };
        let judged = self.judge_norm(measure, within)?;
        let found = Norm { norm: Some(norm), youden: Some(youden), n, reason, ..judged };
        Ok(found.withdraw_if_useless(self.params.level))
    }

    /// The norm with limits, or why it has none.
    fn limits(&self, norm: f64, tried: &Tried) -> Result<(Interval, Option<String>), Error> {
        let groups = self.groups;
        if groups < FEWEST_CUSTOMERS {
            let reason = format!(
                "{groups} customers are too few for limits of the norm; at least {FEWEST_CUSTOMERS} are needed"
            );
            return Ok((Interval { estimate: norm, lower: f64::NAN, upper: f64::NAN }, Some(reason)));
        }
        let stats = |error| Error::format("norms", &error);
        let best = |draws: &[u32]| tried.best(|group| draws[group]).map_or(f64::NAN, |(norm, _)| norm);
        let replicates = bootstrap(groups, REPLICATES, self.params.seed, best).map_err(stats)?;
        Ok((bootstrap_interval(norm, &replicates, self.params.level, groups).map_err(stats)?, None))
    }

    /// The norms that were found, all at once.
    fn together(&self, norms: &[Norm]) -> Result<Norm, Error> {
        let all = |norm: Norm| Norm { measure: "all", direction: "", ..norm };
        let found: Vec<(NormMeasure, f64)> = NormMeasure::ALL
            .into_iter()
            .zip(norms)
            .filter_map(|(measure, norm)| Some((measure, norm.norm?.estimate)))
            .collect();
        // A measure stands for all of them; its name is not shown.
        let [any, ..] = NormMeasure::ALL;
        if found.is_empty() {
            return Ok(all(Norm::none(any, "there is no norm".into())));
        }
        let is_kept = |row: &Row, check: f64, (measure, norm): &(NormMeasure, f64)| {
            keeps(measure.is_better_low(), self.panel.value(*measure, row, check), *norm)
        };
        let judged = self.judge_norm(any, |row, check| found.iter().all(|norm| is_kept(row, check, norm)))?;
        Ok(all(Norm { n: rows(&self.choose), reason: None, ..judged }))
    }

    /// What became of customers within a norm, and of the others.
    fn judge_norm(&self, measure: NormMeasure, within: impl Fn(&Row, f64) -> bool + Sync) -> Result<Norm, Error> {
        // Of each group: within and returned, within, returned, all.
        let counts = sums(&self.judge, self.groups, |rows, counts: &mut [[u64; 4]]| {
            for (row, &check) in rows.rows.iter().zip(&rows.checks) {
                let (inside, returned) = (u64::from(within(row, check)), u64::from(row.returned));
                let more = [inside * returned, inside, returned, 1];
                counts[row.group as usize].iter_mut().zip(more).for_each(|(count, more)| *count += more);
            }
        });
        let sum = |weight: &dyn Fn(usize) -> u64| {
            let mut sums = [0; 4];
            for (group, counts) in counts.iter().enumerate() {
                sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += weight(group) * count);
            }
            sums
        };
        let lift =
            |[both, inside, returned, all]: [u64; 4]| (both as f64 * all as f64) / (inside as f64 * returned as f64);
        let [both, inside, returned, all] = sum(&|_| 1);
        let (level, groups) = (self.params.level, self.groups);
        let share = |successes, trials: u64| (trials > 0).then(|| wilson(successes, trials, level)).transpose();
        let stats = |error| Error::format("norms", &error);
        let estimate = lift([both, inside, returned, all]);
        let resampled = |draws: &[u32]| lift(sum(&|group| u64::from(draws[group])));
        let replicates = bootstrap(groups, REPLICATES, self.params.seed, resampled).map_err(stats)?;
        Ok(Norm {
            n_test: all,
            share_above: (all > 0).then(|| inside as f64 / all as f64),
            return_rate_above: share(both, inside).map_err(stats)?,
            return_rate_below: share(returned - both, all - inside).map_err(stats)?,
            lift: if estimate.is_finite() {
                Some(bootstrap_interval(estimate, &replicates, level, groups).map_err(stats)?)
            } else {
                None
            },
            ..Norm::none(measure, String::new())
        })
    }
}

fn rows(parts: &[&Rows]) -> u64 {
    parts.iter().map(|part| part.rows.len() as u64).sum()
}
