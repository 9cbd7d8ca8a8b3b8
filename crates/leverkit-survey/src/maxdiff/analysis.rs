//! The analysis of best–worst choices.

use leverkit_core::stats::{Estimate, Interval, normal_quantile, percentile_interval};
use leverkit_core::{Column, LeftOut, Params, Table};
use serde::Serialize;

use super::MaxDiffParams;
use super::individual::{Individuals, ROUNDS};
use super::likelihood::Fit;
use super::tasks::Tasks;
use crate::Error;
use crate::answers::FEW;

/// Why the last item has no test.
const BASE: &str = "the base: other utilities are differences from its own";

/// What choices say of an item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// The item.
    pub item: String,
    /// How often it was shown, weighted.
    pub shown: f64,
    /// How often it was the best.
    pub best: f64,
    /// How often it was the worst.
    pub worst: f64,
    /// (best − worst) / shown, with bootstrap limits.
    pub score: Interval,
    /// Its utility, that of the last item, or of the threshold, being 0, with errors clustered by respondent; `None` where it grows without limit.
    pub utility: Option<Estimate>,
    /// The error of the utility if all tasks were of different people.
    pub std_error: Option<f64>,
    /// exp(v) / Σ exp(v), with limits.
    pub share: Option<Interval>,
    /// With a threshold: `matters`, `does not matter` or `can't tell`, by the limits of the utility.
    pub matters: Option<&'static str>,
    /// Why there is no utility, or no test of it.
    pub reason: Option<String>,
}

/// What best–worst choices say.
#[derive(Debug, Clone)]
pub struct MaxDiff {
    /// What it was made with.
    pub params: MaxDiffParams,
    /// Items, those of the greatest score first.
    pub items: Vec<Item>,
    /// Each person's own utilities; `None` where they were not asked for, or the choices do not tell items apart.
    pub individuals: Option<Individuals>,
    /// The log-likelihood, and that of all choices being equally likely; `None` where utilities grow without limit.
    pub log_likelihood: Option<(f64, f64)>,
    /// Respondents' ids.
    pub respondents: Column,
    /// Respondents.
    pub n: u64,
    /// Tasks.
    pub tasks: u64,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// The names of items in the order of persons' utilities.
    pub(super) names: Vec<String>,
}

/// Judges items by best–worst choices: counts, utilities of the logit with errors clustered by respondent, shares of preference, and each person's own
/// utilities.
///
/// # Errors
/// [`Error::Core`] for an unknown column; [`Error::Empty`] where no task can be used; [`Error::NotIdentified`] for items that are never compared.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::{MaxDiffParams, maxdiff};
/// let tasks = batch!(
///     "who" => [1, 2, 3, 4], "a" => ["tea"; 4], "b" => ["milk"; 4], "c" => ["beer"; 4],
///     "best" => ["tea", "tea", "milk", "beer"], "worst" => ["beer", "milk", "tea", "milk"],
/// )?;
/// let found = maxdiff(&tasks.into(), &MaxDiffParams::new("who", &["a", "b", "c"], "best", "worst"))?;
/// assert_eq!(found.items[0].item, "tea");
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn maxdiff(table: &Table, params: &MaxDiffParams) -> Result<MaxDiff, Error> {
    params.check()?;
    let tasks = Tasks::read(table, params)?;
    tasks.check_connected()?;
    let unbounded = tasks.unbounded();
    let fit = if unbounded.contains(&true) { None } else { Some(Fit::of(&tasks, params.model)?) };
    let individuals = match &fit {
        Some(fit) if params.individual => Some(Individuals::of(&tasks, fit, params)?),
        _ => None,
    };
    let items = items(&tasks, fit.as_ref(), &unbounded, params)?;
    let (n, n_items) = (tasks.respondents.len(), tasks.n_items());
    let mut notes = tasks.notes.clone();
    if n < FEW {
        notes.push(format!("{n} respondents: fewer than {FEW}, so most items cannot be told apart."));
    }
    if let Some(individuals) = &individuals {
        let random = individuals.people.iter().filter(|person| person.rlh < individuals.random).count();
        if random > 0 {
            notes.push(format!("{random} respondents choose no more consistently than people who choose at random."));
        }
        if !individuals.is_settled {
            notes.push(format!("People's own utilities did not settle in {ROUNDS} rounds: they are rough; fewer items or more tasks may help."));
        }
    }
    Ok(MaxDiff {
        params: params.clone(),
        items,
        individuals,
        log_likelihood: fit.map(|fit| (fit.log_likelihood, fit.null)),
        n: n as u64,
        tasks: tasks.shown_of(0..tasks.len()),
        respondents: tasks.respondents.ids,
        notes,
        left_out: tasks.left_out,
        names: tasks.items[..n_items].to_vec(),
    })
}

fn items(tasks: &Tasks, fit: Option<&Fit>, unbounded: &[bool], params: &MaxDiffParams) -> Result<Vec<Item>, Error> {
    let (n, base) = (tasks.n_items(), tasks.items.len() - 1);
    let by_person: Vec<Vec<(u32, [f64; 3])>> =
        tasks.people.windows(2).map(|own| counts(tasks, own[0]..own[1])).collect();
    let add = |weights: &[f64]| {
        let mut sums = vec![[0.0; 3]; n];
        for (own, weight) in by_person.iter().zip(weights).filter(|(_, weight)| **weight > 0.0) {
            for (item, counts) in own {
                sums[*item as usize].iter_mut().zip(counts).for_each(|(sum, count)| *sum += weight * count);
            }
        }
        sums
    };
    let score = |counts: &[f64; 3]| (counts[1] - counts[2]) / counts[0];
    let whole = add(&tasks.respondents.weights);
    let drawn = tasks
        .respondents
        .bootstrap(params.replicates, params.seed, |weights| add(weights).iter().map(score).collect::<Vec<f64>>())?;
    let z = normal_quantile(0.5 + params.level / 2.0);
    let reason = fit.is_none().then(|| {
        let names: Vec<&str> = (0..=base).filter(|&at| unbounded[at]).map(|at| tasks.items[at].as_str()).collect();
        format!("{} are always, or never, preferred to all others: utilities grow without limit", names.join(", "))
    });
    let mut found: Vec<Item> = (0..n)
        .map(|at| {
            let drawn: Vec<f64> = drawn.iter().map(|scores| scores[at]).filter(|score| score.is_finite()).collect();
            Ok::<_, Error>(Item {
                item: tasks.items[at].clone(),
                shown: whole[at][0],
                best: whole[at][1],
                worst: whole[at][2],
                score: percentile_interval(score(&whole[at]), &drawn, params.level)?,
                utility: fit.map(|fit| utility(fit, at, params.level)),
                std_error: fit.map(|fit| if at < base { fit.covariance[(at, at)].sqrt() } else { 0.0 }),
                share: fit.map(|fit| share(fit, at, n, z)),
                matters: tasks.threshold.and(fit).map(|fit| matters(utility(fit, at, params.level).interval)),
                reason: reason.clone().or_else(|| (at == base).then(|| BASE.into())),
            })
        })
        .collect::<Result<_, _>>()?;
    found.sort_by(|a, b| b.score.estimate.total_cmp(&a.score.estimate).then_with(|| a.item.cmp(&b.item)));
    Ok(found)
}

/// How often a person saw each item, and chose it as the best and as the worst.
fn counts(tasks: &Tasks, own: std::ops::Range<usize>) -> Vec<(u32, [f64; 3])> {
    let mut found: Vec<(u32, [f64; 3])> = Vec::new();
    for at in own.filter(|&at| tasks.is_shown(at)) {
        let (best, worst) = tasks.choices[at];
        for (place, &item) in tasks.task(at).iter().enumerate() {
            let is = |chosen: u32| f64::from(u8::from(chosen as usize == place));
            let more = [1.0, is(best), is(worst)];
            match found.iter_mut().find(|known| known.0 == item) {
                Some((_, counts)) => counts.iter_mut().zip(more).for_each(|(count, more)| *count += more),
                None => found.push((item, more)),
            }
        }
    }
    found
}

fn utility(fit: &Fit, at: usize, level: f64) -> Estimate {
    if at + 1 == fit.utilities.len() {
        // The base is where it is.
        let interval = Interval::around(0.0, 0.0);
        return Estimate { interval, std_error: 0.0, t: f64::NAN, p_value: f64::NAN };
    }
    Estimate::normal(fit.utilities[at], fit.clustered[(at, at)].max(0.0).sqrt(), level)
}

/// Where an item lies for sure, given the threshold at 0.
fn matters(utility: Interval) -> &'static str {
    match utility {
        Interval { lower, .. } if lower > 0.0 => "matters",
        Interval { upper, .. } if upper < 0.0 => "does not matter",
        _ => "can't tell",
    }
}

/// The share of preference among `n` items; its logarithm has the variance gᵀVg, g the item less the shares of all.
fn share(fit: &Fit, at: usize, n: usize, z: f64) -> Interval {
    let top = fit.utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let raised: Vec<f64> = fit.utilities[..n].iter().map(|utility| (utility - top).exp()).collect();
    let total: f64 = raised.iter().sum();
    let base = n.min(fit.utilities.len() - 1);
    let slope = |item: usize| f64::from(u8::from(item == at)) - raised[item] / total;
    let variance: f64 = (0..base)
        .flat_map(|a| (0..base).map(move |b| (a, b)))
        .map(|(a, b)| slope(a) * fit.clustered[(a, b)] * slope(b))
        .sum();
    let log = (raised[at] / total).ln();
    Interval::around(log, z * variance.max(0.0).sqrt()).map(|log| log.exp().min(1.0))
}

impl MaxDiff {
    /// `McFadden`'s pseudo-R²: 1 − log-likelihood / that of equally likely choices.
    ///
    /// ```
    /// use leverkit_core::{Table, batch};
    /// use leverkit_survey::{MaxDiffParams, maxdiff};
    /// let tasks = batch!(
    ///     "who" => [1, 2, 3, 4], "a" => ["tea"; 4], "b" => ["milk"; 4], "c" => ["beer"; 4],
    ///     "best" => ["tea", "tea", "milk", "beer"], "worst" => ["beer", "milk", "tea", "milk"],
    /// )?;
    /// let found = maxdiff(&tasks.into(), &MaxDiffParams::new("who", &["a", "b", "c"], "best", "worst"))?;
    /// let explained = found.pseudo_r_squared().unwrap();
    /// assert!(0.0 < explained && explained < 0.1); // four people hardly agree
    /// # Ok::<(), leverkit_survey::Error>(())
    /// ```
    pub fn pseudo_r_squared(&self) -> Option<f64> {
        self.log_likelihood.map(|(fitted, null)| 1.0 - fitted / null)
    }
}
