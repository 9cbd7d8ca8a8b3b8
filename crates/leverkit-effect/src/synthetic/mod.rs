//! A few treated units, such as shops or cities, against a weighted mean of the others.

mod conformal;
mod estimate;
mod panel;
mod params;
mod simplex;
mod table;

use leverkit_core::stats::budget::Watched;
use leverkit_core::{LeftOut, Params, Table};
use leverkit_stats::normal_quantile;
use rayon::prelude::*;
use serde::Serialize;

use self::estimate::{Fitted, Problem, rms};
use self::panel::Panel;
use crate::Error;

pub use params::SyntheticParams;

/// What the treated would have done, by four methods, with placebos.
#[derive(Debug, Clone)]
pub struct Synthetic {
    /// What it was made with.
    pub params: SyntheticParams,
    /// One row per method; synthetic control first.
    pub effects: Vec<SyntheticEffect>,
    /// The periods, as texts.
    pub times: Vec<String>,
    /// How many of them come before the start.
    pub before: usize,
    /// The treated's path.
    pub observed: Vec<f64>,
    /// The donors' names.
    pub donors: Vec<String>,
    /// Every unit in the treated's place: the treated first.
    pub placebos: Vec<PlaceboUnit>,
    /// Earlier starts, at which nothing happened.
    pub earlier: Vec<EarlierStart>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// The effect by one method.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SyntheticEffect {
    /// `synthetic`, `synthetic_did`, `augmented` or `did`.
    pub method: &'static str,
    /// The mean gap from the start on.
    pub effect: f64,
    /// As a share of the counterfactual's mean; `None` where that is 0.
    pub lift: Option<f64>,
    /// The standard deviation of the donors' effects in the treated's place.
    pub std_error: f64,
    /// Limits: conformal for synthetic control, else by the standard error; `None` where there are none.
    pub limits: Option<(f64, f64)>,
    /// For synthetic control the rank of the ratio of errors after and before the start, else that of the effect's size, over the number of units.
    pub p_value: f64,
    /// Root mean square of the gaps before the start.
    pub rmspe: f64,
    /// The counterfactual path.
    pub path: Vec<f64>,
    /// The donors' weights.
    pub weights: Vec<f64>,
    /// The weights of the periods before the start, where the method has them.
    pub time_weights: Option<Vec<f64>>,
}

/// A unit in the treated's place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlaceboUnit {
    /// The unit.
    pub unit: String,
    /// Root mean square of the gaps before the start.
    pub rmspe_before: f64,
    /// From the start on.
    pub rmspe_after: f64,
    /// The second over the first; `None` where the first is 0.
    pub ratio: Option<f64>,
    /// The mean gap from the start on.
    pub effect: f64,
    /// The gaps by period.
    pub gaps: Vec<f64>,
}

/// A start before the real one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarlierStart {
    /// The period.
    pub start: String,
    /// The mean gap from then to the real start.
    pub effect: f64,
    /// Root mean square of the gaps before.
    pub rmspe: f64,
}

/// Methods by name.
type Method = (&'static str, fn(&Problem<'_>) -> Fitted);
const METHODS: [Method; 4] = [
    ("synthetic", |problem| problem.synthetic()),
    ("synthetic_did", |problem| problem.synthetic_did()),
    ("augmented", |problem| problem.augmented()),
    ("did", |problem| problem.did()),
];

/// Compares a few treated units with a weighted mean of the others, by synthetic control, synthetic difference-in-differences, ridge-augmented synthetic
/// control and plain difference-in-differences. Placebos put every donor into the treated's place, and earlier periods into the start's.
///
/// # Errors
/// [`Error::Core`] for an unknown column, unit or period; [`Error::Value`] for two rows of one unit and period; [`Error::NotIdentified`] for fewer
/// than 3 periods before the start, 2 donors, or a treated unit without an outcome.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_effect::synthetic::{SyntheticParams, synthetic};
/// let panel = Table::from(batch!(
///     "shop" => ["a", "a", "a", "a", "b", "b", "b", "b", "c", "c", "c", "c"],
///     "month" => [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4],
///     "sales" => [2.0, 3.0, 4.0, 9.0, 1.0, 2.0, 3.0, 4.0, 3.0, 4.0, 5.0, 6.0],
/// )?);
/// let found = synthetic(&panel, &SyntheticParams::new("shop", "month", "sales", "a", "4"))?;
/// assert!((found.effects[0].effect - 4.0).abs() < 1e-9); // half of b and half of c make 5
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
pub fn synthetic(table: &Table, params: &SyntheticParams) -> Result<Synthetic, Error> {
    params.check()?;
    let panel = Panel::read(table, params)?;
    // Every unit in the treated's place, by every method.
    let fits: Vec<[Fitted; 4]> = (0..panel.paths.len())
        .into_par_iter()
        .watched()
        .map(|unit| {
            let problem = place(&panel, unit);
            METHODS.map(|(_, method)| method(&problem))
        })
        .collect();
    let names = || std::iter::once(params.treated.join(" + ")).chain(panel.donors.iter().cloned());
    let placebos: Vec<PlaceboUnit> = names()
        .zip(&fits)
        .enumerate()
        .map(|(unit, (name, fits))| placebo(name, &place(&panel, unit), &fits[0]))
        .collect();
    let effects = (0..METHODS.len()).map(|method| effect(&panel, method, &fits, &placebos, params.level)).collect();
    Ok(Synthetic {
        params: params.clone(),
        notes: notes(&panel, &placebos, params),
        earlier: earlier(&panel),
        observed: panel.paths[0].clone(),
        effects,
        placebos,
        times: panel.times,
        before: panel.before,
        donors: panel.donors,
        left_out: panel.left_out,
    })
}

/// A unit against all others, the treated among them (Abadie, Diamond & Hainmueller 2010).
fn place(panel: &Panel, unit: usize) -> Problem<'_> {
    let others = panel.paths.iter().enumerate().filter(|(at, _)| *at != unit);
    let donors = others.map(|(_, path)| path.as_slice()).collect();
    let units = if unit == 0 { panel.treated_units } else { 1 };
    Problem { treated: &panel.paths[unit], donors, before: panel.before, units }
}

fn placebo(unit: String, problem: &Problem<'_>, fitted: &Fitted) -> PlaceboUnit {
    let gaps = problem.gap(&fitted.path);
    let (rmspe_before, rmspe_after) = (rms(&gaps[..problem.before]), rms(&gaps[problem.before..]));
    let ratio = Some(rmspe_after / rmspe_before).filter(|ratio| ratio.is_finite());
    PlaceboUnit { unit, rmspe_before, rmspe_after, ratio, effect: problem.effect(fitted), gaps }
}

fn effect(panel: &Panel, method: usize, fits: &[[Fitted; 4]], placebos: &[PlaceboUnit], level: f64) -> SyntheticEffect {
    let of = |unit: usize| place(panel, unit).effect(&fits[unit][method]);
    let (problem, fitted, own) = (place(panel, 0), &fits[0][method], of(0));
    let others: Vec<f64> = (1..fits.len()).map(of).collect();
    let centre = others.iter().sum::<f64>() / others.len() as f64;
    let spread = others.iter().map(|effect| (effect - centre).powi(2)).sum::<f64>() / (others.len() - 1) as f64;
    let std_error = spread.sqrt();
    let gaps = problem.gap(&fitted.path);
    let is_synthetic = method == 0;
    let ratio = |unit: &PlaceboUnit| unit.ratio.unwrap_or(f64::INFINITY);
    let above = if is_synthetic {
        placebos[1..].iter().filter(|unit| ratio(unit) >= ratio(&placebos[0])).count()
    } else {
        others.iter().filter(|effect| effect.abs() >= own.abs()).count()
    };
    let half = normal_quantile(0.5 + level / 2.0) * std_error;
    let limits = if is_synthetic {
        conformal::limits(&problem, own, rms(&gaps[..panel.before]).max(std_error / 10.0), level)
    } else {
        Some((own - half, own + half))
    };
    let base = fitted.path[panel.before..].iter().sum::<f64>() / panel.after() as f64;
    SyntheticEffect {
        method: METHODS[method].0,
        effect: own,
        lift: Some(own / base.abs()).filter(|lift| lift.is_finite()),
        std_error,
        limits,
        p_value: (above + 1) as f64 / fits.len() as f64,
        rmspe: rms(&gaps[..panel.before]),
        path: fitted.path.clone(),
        weights: fitted.weights.clone(),
        time_weights: fitted.time_weights.clone(),
    }
}

/// Starts in the later half of the periods before the real one, by synthetic control.
fn earlier(panel: &Panel) -> Vec<EarlierStart> {
    let starts = (panel.before / 2).max(3)..panel.before;
    let of = |start: usize| {
        let path = |unit: usize| &panel.paths[unit][..panel.before];
        let donors = (1..panel.paths.len()).map(path).collect();
        let problem = Problem { treated: path(0), donors, before: start, units: panel.treated_units };
        let fitted = problem.synthetic();
        let rmspe = rms(&problem.gap(&fitted.path)[..start]);
        EarlierStart { start: panel.times[start].clone(), effect: problem.effect(&fitted), rmspe }
    };
    starts.into_par_iter().watched().map(of).collect()
}

/// Above this share of the outcome's own spread before the start, the donors do not follow the treated.
const POOR_FIT: f64 = 0.5;

fn notes(panel: &Panel, placebos: &[PlaceboUnit], params: &SyntheticParams) -> Vec<String> {
    let units = placebos.len();
    let mut notes = vec![format!("{units} units: no p-value of a rank can be below {:.3}", 1.0 / units as f64)];
    let before = &panel.paths[0][..panel.before];
    let centre = before.iter().sum::<f64>() / before.len() as f64;
    let spread = rms(&before.iter().map(|value| value - centre).collect::<Vec<_>>());
    if placebos[0].rmspe_before > POOR_FIT * spread {
        notes.push("No mix of donors follows the treated before the start: the gap after it says little".into());
    }
    if 1.0 / panel.times.len() as f64 > 1.0 - params.level {
        notes.push(format!(
            "{} periods are too few for limits of synthetic control at a level of {:.0} %",
            panel.times.len(),
            100.0 * params.level
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use leverkit_core::batch;

    use super::*;

    /// Twelve shops over 30 weeks; the first sells 5 more from week 20 on.
    fn panel() -> Table {
        let (shops, weeks) = (12_i64, 30_i64);
        let sales = |shop: i64, week: i64| {
            let season = ((week * (2 + shop % 3)) as f64).sin() * 3.0;
            let chance = ((shop * 31 + week * 17) % 13) as f64 / 20.0;
            50.0 + 4.0 * ((shop + 2) % 5) as f64 + season + chance + if shop == 0 && week >= 20 { 5.0 } else { 0.0 }
        };
        let all = || (0..shops).flat_map(|shop| (0..weeks).map(move |week| (shop, week)));
        batch!(
            "shop" => all().map(|(shop, _)| format!("s{shop}")).collect::<Vec<_>>(),
            "week" => all().map(|(_, week)| week).collect::<Vec<_>>(),
            "sales" => all().map(|(shop, week)| sales(shop, week)).collect::<Vec<_>>(),
        )
        .unwrap()
        .into()
    }

    fn params() -> SyntheticParams {
        SyntheticParams::new("shop", "week", "sales", "s0", "20")
    }

    #[test]
    fn every_method_finds_the_five() {
        let found = synthetic(&panel(), &params()).unwrap();
        for row in &found.effects[..2] {
            assert!((row.effect - 5.0).abs() < 1.0, "{} {}", row.method, row.effect);
        }
        let sum: f64 = found.effects[0].weights.iter().sum();
        assert!((sum - 1.0).abs() < 1e-9 && found.effects[0].weights.iter().all(|weight| *weight >= 0.0));
        assert_eq!(found.effects[0].p_value, 1.0 / 12.0);
        let (lower, upper) = found.effects[0].limits.unwrap_or((f64::NAN, f64::NAN));
        assert!(lower < 5.0 && 5.0 < upper && lower > 2.0, "{lower} {upper}");
    }

    #[test]
    fn a_unit_or_period_that_is_not_there_is_named() {
        let error = synthetic(&panel(), &SyntheticParams { treated: vec!["s99".into()], ..params() }).unwrap_err();
        assert!(error.to_string().starts_with(r#"treated: got "s99"; expected a unit of column "shop""#), "{error}");
        let error = synthetic(&panel(), &SyntheticParams { start: "31".into(), ..params() }).unwrap_err();
        insta::assert_snapshot!(error, @r#"start: got "31"; expected one of the 30 periods from "0" to "29""#);
        let error = synthetic(&panel(), &SyntheticParams { start: "2".into(), ..params() }).unwrap_err();
        insta::assert_snapshot!(error, @"synthetic: not identified: 2 periods before the start; at least 3 are needed to find weights");
    }
}
