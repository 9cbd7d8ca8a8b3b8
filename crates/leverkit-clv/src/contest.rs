//! Which family suits the customers: a contest by rolling holdout. Each model is fitted to what was known on several days, and judged by how likely it held
//! what came after (the log score, which uses the times of orders) and by its error in counts, beside a naive baseline.

use leverkit_core::stats::budget::Steps;
use leverkit_core::{Day, Ledger, Params, format_day};
use serde::Serialize;

use crate::fit::{Fit, fit};
use crate::histories::Histories;
use crate::models::timing::Family;
use crate::summary::{Summary, summary};
use crate::validate::{Errors, validate};
use crate::{ContestParams, Error, FitParams, SummaryParams, Unit};

/// The contest's outcome.
#[derive(Debug, Clone, Serialize)]
pub struct Contest {
    /// Each model with its scores, best first; the naive baseline last.
    pub entries: Vec<Contender>,
    /// The last day of each calibration.
    pub origins: Vec<Day>,
    /// Length of a holdout.
    pub horizon: f64,
    /// In words.
    pub verdict: String,
    /// What to know.
    pub notes: Vec<String>,
}

/// One contender.
#[derive(Debug, Clone, Serialize)]
pub struct Contender {
    /// Its name.
    pub model: String,
    /// Its family; `None` for the naive baseline.
    pub family: Option<Family>,
    /// Log-likelihood of all histories up to the last day; of models with regular timing it counts the gaps too, as for k = 1.
    pub log_likelihood: Option<f64>,
    /// Mean over holdouts of the log-likelihood of what came after each calibration, given what came before.
    pub log_score: Option<f64>,
    /// What it lacks to the best in both together, which decides.
    pub behind: Option<f64>,
    /// Errors of the counts of orders, mean over holdouts.
    pub errors: Option<Errors>,
    /// Why it could not take part.
    pub reason: Option<String>,
}

/// Holds the contest among BG/NBD, MBG/NBD, Pareto/NBD and, where gaps are regular, MBG/CNBD-k.
///
/// # Errors
/// [`Error::Core`] where the days seen are too few for the holdouts.
///
/// ```
/// use leverkit_clv::{ContestParams, contest};
/// use leverkit_core::{Day, Ledger, Roles, batch, frames::each};
/// // 200 customers of two years; each orders at gaps of their own, half of them stop after a while.
/// let lines: Vec<(i32, i32)> = (0..200)
///     .flat_map(|who| (0..2 + who % 9).map(move |n| (who, who % 90 + n * (20 + who % 30))))
///     .filter(|(_, day)| *day < 720)
///     .collect();
/// let batch = batch!("c" => each(&lines, |line| line.0), "t" => each(&lines, |line| Day::from(19_000 + line.1)), "a" => vec![10.0; lines.len()])?;
/// let ledger = Ledger::from_batches(&[batch], &Roles::new("c", "t").amount("a"))?;
/// let found = contest(&ledger, &ContestParams::default())?;
/// assert!(!found.verdict.is_empty());
/// # Ok::<(), leverkit_clv::Error>(())
/// ```
pub fn contest(ledger: &Ledger, params: &ContestParams) -> Result<Contest, Error> {
    params.check()?;
    let whole = summary(ledger, &SummaryParams { unit: params.unit, ..SummaryParams::default() })?;
    let start = ledger.start().unwrap_or(whole.end);
    let days = whole.end - start + 1;
    let horizon_days = params.horizon.map_or(days / 4, |horizon| (horizon * params.unit.days()).round() as i32);
    if horizon_days < 1 || horizon_days * 2 > days {
        let expected = format!("at least 1 day and at most half of the {days} days seen");
        return Err(Error::parameter("horizon", format!("{horizon_days} days"), expected));
    }
    let origins = origins(start, whole.end, horizon_days, params.folds);
    let folds: Result<Vec<Summary>, Error> =
        origins.iter().map(|&origin| fold(ledger, params.unit, origin, origin + horizon_days)).collect();
    let folds = folds?;
    let mut families = vec![Family::BetaGeo, Family::ModifiedBetaGeo, Family::ParetoNbd];
    families.extend(most_regular(&whole, params.most_regular));
    let steps = Steps::of(families.len() * (folds.len() + 1));
    let mut entries: Vec<Contender> =
        families.into_iter().map(|family| enter(family, &whole, &folds, &steps)).collect();
    drop(steps);
    rank(&mut entries);
    entries.push(naive(&folds));
    let verdict = verdict(&entries);
    let mut notes = vec![format!(
        "Holdouts of {horizon_days} days after {}. Models are ranked by the likelihood of the histories they were fitted to and of what came after.",
        origins.iter().map(|&day| format_day(day)).collect::<Vec<_>>().join(", ")
    )];
    notes.extend(without_orders(&folds));
    notes.extend(whole.notes);
    Ok(Contest { entries, origins, horizon: f64::from(horizon_days) / params.unit.days(), verdict, notes })
}

/// The last days of calibration: the latest leaves one holdout, the others lie evenly before it, at least half-way through the data.
fn origins(start: Day, end: Day, horizon: i32, folds: usize) -> Vec<Day> {
    let last = end - horizon;
    let first = (start + (end - start) / 2).min(last);
    let step = (last - first) / folds.max(1) as i32;
    let mut origins: Vec<Day> = (0..folds as i32).map(|fold| last - step * fold).collect();
    origins.reverse();
    origins.dedup();
    origins
}

fn fold(ledger: &Ledger, unit: Unit, origin: Day, end: Day) -> Result<Summary, Error> {
    let params = SummaryParams { unit, calibration_end: Some(origin), end: Some(end), ..SummaryParams::default() };
    summary(ledger, &params)
}

/// Says of holdouts without an order that nothing can be ranked there.
fn without_orders(folds: &[Summary]) -> Option<String> {
    let empty = folds.iter().filter(|fold| fold.each.iter().all(|one| one.frequency_holdout == 0)).count();
    (empty > 0).then(|| {
        format!("Nobody ordered in {empty} of {} holdouts: Gini coefficients are those of the others.", folds.len())
    })
}

/// The k above 1 whose likelihood is best, where it beats k = 1.
fn most_regular(whole: &Summary, most: u8) -> Option<Family> {
    let value = |k: u8| {
        let histories = whole.histories(Family::Regular(k)).ok()?;
        fit(&histories, Family::Regular(k), &FitParams::default()).ok().map(|fit| fit.estimates.log_likelihood)
    };
    let poisson = value(1)?;
    let mut best = None;
    for k in 2..=most {
        let Some(found) = value(k) else { break };
        if found <= best.map_or(poisson, |(_, value)| value) {
            break;
        }
        best = Some((k, found));
    }
    best.map(|(k, _)| Family::Regular(k))
}

fn enter(family: Family, whole: &Summary, folds: &[Summary], steps: &Steps) -> Contender {
    match judge(family, whole, folds, steps) {
        Ok(entry) => entry,
        Err(error) => Contender {
            model: family.name(),
            family: Some(family),
            log_likelihood: None,
            log_score: None,
            behind: None,
            errors: None,
            reason: Some(error.to_string()),
        },
    }
}

fn judge(family: Family, whole: &Summary, folds: &[Summary], steps: &Steps) -> Result<Contender, Error> {
    let full = fit(&whole.histories(family)?, family, &FitParams::default())?;
    steps.done();
    let mut scores = Vec::new();
    let mut errors = Vec::new();
    for fold in folds {
        let before = fold.histories(family)?;
        let fitted = fit(&before, family, &FitParams::default())?;
        scores.push(log_score(&fitted, fold, &before)?);
        errors.push(errors_of(&fitted, fold, &before)?.0);
        steps.done();
    }
    let errors = Some(mean_errors(&errors)).filter(|errors| errors.mae.is_finite());
    Ok(Contender {
        model: family.name(),
        family: Some(family),
        log_likelihood: Some(full.estimates.log_likelihood),
        log_score: Some(scores.iter().sum::<f64>() / scores.len() as f64),
        behind: None,
        reason: errors.is_none().then(|| "no number of orders follows from it in a holdout: too few customers".into()),
        errors,
    })
}

/// ln p(what came after | what came before), at parameters that know only what came before.
fn log_score(fitted: &Fit, fold: &Summary, before: &Histories) -> Result<f64, Error> {
    let theta = fitted.estimates.theta();
    let after = Histories::new(fold.columns(true), fitted.family)?;
    Ok(fitted.log_likelihood_at(&after, &theta).0 - fitted.log_likelihood_at(before, &theta).0)
}

fn errors_of(fitted: &Fit, fold: &Summary, before: &Histories) -> Result<(Errors, Errors), Error> {
    let actual: Vec<f64> = fold.each.iter().map(|one| f64::from(one.frequency_holdout)).collect();
    let found = validate(fitted, before, &actual, &vec![fold.holdout.unwrap_or(0.0); actual.len()])?;
    Ok((found.model, found.naive))
}

fn mean_errors(errors: &[Errors]) -> Errors {
    let mean = |pick: fn(&Errors) -> f64| errors.iter().map(pick).sum::<f64>() / errors.len().max(1) as f64;
    let ginis: Vec<f64> = errors.iter().filter_map(|one| one.gini).collect();
    Errors {
        mae: mean(|one| one.mae),
        rmse: mean(|one| one.rmse),
        actual: mean(|one| one.actual),
        predicted: mean(|one| one.predicted),
        gini: (!ginis.is_empty()).then(|| ginis.iter().sum::<f64>() / ginis.len() as f64),
    }
}

fn naive(folds: &[Summary]) -> Contender {
    let anything = Fit::of(Family::BetaGeo, [1.0; 4]);
    let errors: Option<Vec<Errors>> = folds
        .iter()
        .map(|fold| {
            errors_of(anything.as_ref().ok()?, fold, &fold.histories(Family::BetaGeo).ok()?).ok().map(|both| both.1)
        })
        .collect();
    Contender {
        model: "naive: own rate".into(),
        family: None,
        log_likelihood: None,
        log_score: None,
        behind: None,
        errors: errors.as_deref().map(mean_errors),
        reason: None,
    }
}

fn rank(entries: &mut [Contender]) {
    let total = |entry: &Contender| Some(entry.log_likelihood? + entry.log_score?);
    let best = entries.iter().filter_map(total).fold(f64::NEG_INFINITY, f64::max);
    entries.iter_mut().for_each(|entry| entry.behind = total(entry).map(|total| best - total));
    entries.sort_by(|a, b| a.behind.unwrap_or(f64::INFINITY).total_cmp(&b.behind.unwrap_or(f64::INFINITY)));
}

fn verdict(entries: &[Contender]) -> String {
    let ranked: Vec<(&Contender, f64)> =
        entries.iter().filter_map(|entry| entry.behind.map(|behind| (entry, behind))).collect();
    let Some((best, _)) = ranked.first() else { return "No model could be fitted.".into() };
    let close: Vec<&str> =
        ranked[1..].iter().filter(|(_, behind)| *behind < 2.0).map(|(entry, _)| entry.model.as_str()).collect();
    let lead = match (close.is_empty(), ranked.get(1)) {
        (false, _) => {
            format!(
                "{} is first, but {} is as likely: choose the one whose assumptions fit",
                best.model,
                close.join(" and ")
            )
        }
        (true, Some((second, behind))) => {
            format!("{} suits these customers best, {behind:.1} log units ahead of {}", best.model, second.model)
        }
        (true, None) => format!("{} is the only model that could be fitted", best.model),
    };
    let naive = entries.iter().find(|entry| entry.family.is_none()).and_then(|entry| entry.errors);
    match (naive, best.errors) {
        (Some(naive), Some(errors)) if errors.mae >= naive.mae => {
            format!("{lead}. Its mean error of {:.3} orders is no better than the naive {:.3}.", errors.mae, naive.mae)
        }
        (Some(naive), Some(errors)) => {
            format!("{lead}. Its mean error is {:.3} orders, the naive one's {:.3}.", errors.mae, naive.mae)
        }
        _ => format!("{lead}."),
    }
}
