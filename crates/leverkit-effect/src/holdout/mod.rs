//! What a test found: arms that were drawn by lot, compared by what they were meant to receive.

mod contrast;
mod of_ledger;
mod over_time;
mod params;
mod parts;
mod quantiles;
mod received;
mod segments;
mod table;
mod units;
mod uplift;

use leverkit_core::{LeftOut, Params, Table};
use leverkit_stats::{Estimate, Interval, benjamini_hochberg};
use serde::Serialize;

use self::contrast::{ArmValues, Contrast, cuped, difference, lin, ratio};
use self::units::{Units, pick};
use crate::Error;
use crate::trial::sample_ratio;

pub use of_ledger::holdout_of_ledger;
pub use over_time::{EffectTrend, PeriodEffect};
pub use params::{HoldoutParams, WindowParams};
pub use parts::PartEffect;
pub use quantiles::QuantileEffect;
pub use received::ReceivedEffect;
pub use segments::SegmentEffect;
pub use units::units_of_ledger;
pub use uplift::{Uplift, UpliftBin};

/// What a test found.
#[derive(Debug, Clone)]
pub struct Holdout {
    /// What it was made with.
    pub params: HoldoutParams,
    /// The arms with their units; the control is the first.
    pub arms: Vec<(String, u64)>,
    /// One row per arm, metric and estimate.
    pub effects: Vec<ArmEffect>,
    /// The parts of metrics that are 0 for many: who has any, and how much those have.
    pub parts: Vec<PartEffect>,
    /// Effects on quantiles.
    pub quantiles: Vec<QuantileEffect>,
    /// Effects within segments.
    pub segments: Vec<SegmentEffect>,
    /// Effects on those who received what they were meant to.
    pub received: Vec<ReceivedEffect>,
    /// What choosing by the score would bring.
    pub uplift: Vec<Uplift>,
    /// Effects by period, where a test is followed.
    pub over_time: Vec<PeriodEffect>,
    /// How effects change from period to period.
    pub trends: Vec<EffectTrend>,
    /// χ² and p-value of the arms' sizes against their shares.
    pub sample_ratio: (f64, f64),
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// The effect of an arm on a metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArmEffect {
    /// The arm.
    pub arm: String,
    /// The metric or ratio.
    pub metric: String,
    /// How it is estimated: `difference`, `cuped`, `lin` or `ratio`.
    pub estimate: &'static str,
    /// Whether it is the one to read for this metric: the last of them.
    pub is_main: bool,
    /// Units of the arm.
    pub n_treated: u64,
    /// Units of the control.
    pub n_control: u64,
    /// The arm's mean or ratio as it is.
    pub treated: Option<f64>,
    /// The control's.
    pub control: Option<f64>,
    /// The effect.
    pub effect: Option<Estimate>,
    /// The effect as a share of the control's mean, with limits by the delta method.
    pub lift: Option<Interval>,
    /// The p-value, corrected for all metrics and arms (Benjamini & Hochberg 1995); main estimates alone have one.
    pub q_value: Option<f64>,
    /// Why there is no effect.
    pub reason: Option<String>,
}

/// Compares the arms of a test by what they were meant to receive (intention to treat).
///
/// Every metric has the difference of means; with its value before the test also CUPED and Lin's regression, which is then the one to read. Ratios
/// have the delta method over units.
///
/// # Errors
/// [`Error::Core`] for an unknown column or a parameter out of range; [`Error::Empty`] where no unit is left; [`Error::NotIdentified`] where
/// all units are in one arm.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_effect::holdout::{HoldoutParams, holdout};
/// let units = Table::from(batch!("arm" => ["a", "b", "a", "b", "a", "b"], "spend" => [1.0, 4.0, 2.0, 5.0, 3.0, 6.0])?);
/// let found = holdout(&units, &HoldoutParams::new("arm", "a", &["spend"]))?;
/// assert_eq!(found.effects[0].effect.unwrap().interval.estimate, 3.0);
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
pub fn holdout(table: &Table, params: &HoldoutParams) -> Result<Holdout, Error> {
    params.check()?;
    let units = Units::read(table, params)?;
    let sample_ratio = sample_ratio(&units.counts(), &shares(&units, params)?)?;
    let mut effects = Vec::new();
    for metric in &params.metrics {
        effects.extend(metric_effects(&units, metric, params)?);
    }
    for names in &params.ratios {
        effects.extend(ratio_effects(&units, names, params)?);
    }
    correct(&mut effects);
    Ok(Holdout {
        params: params.clone(),
        arms: units.arms.iter().cloned().zip(units.counts()).collect(),
        parts: parts::parts(&units, params)?,
        quantiles: quantiles::quantile_effects(&units, params)?,
        segments: segments::segment_effects(&units, params)?,
        received: received::received_effects(&units, params)?,
        uplift: uplift::uplift(&units, params)?,
        over_time: Vec::new(),
        trends: Vec::new(),
        notes: notes(&units, sample_ratio, params),
        effects,
        sample_ratio,
        left_out: units.left_out,
    })
}

/// The share of each arm in the draw.
fn shares(units: &Units, params: &HoldoutParams) -> Result<Vec<f64>, Error> {
    let Some(shares) = &params.shares else { return Ok(vec![1.0; units.arms.len()]) };
    let of = |arm: &String| {
        let found = shares.iter().find(|(name, _)| name == arm).map(|(_, share)| *share);
        let expected = format!("a share for each arm; that of {arm:?} is missing");
        found.ok_or_else(|| Error::parameter("shares", format!("{shares:?}"), expected))
    };
    units.arms.iter().map(of).collect()
}

/// A metric's effects in all arms, by each estimate.
fn metric_effects(units: &Units, metric: &str, params: &HoldoutParams) -> Result<Vec<ArmEffect>, Error> {
    let values = units.numbers("metrics", metric)?;
    let before = params.before(metric).map(|name| units.numbers("before", name)).transpose()?;
    let of_arm = |arm: usize| {
        let rows = &units.rows[arm];
        (pick(&values, rows), before.as_ref().map(|before| pick(before, rows)))
    };
    let control = of_arm(0);
    let mut effects = Vec::new();
    for arm in 1..units.arms.len() {
        let treated = of_arm(arm);
        let plain = difference(&treated.0, &control.0);
        let sides = [&treated, &control].map(|side| ArmValues { values: &side.0, before: side.1.as_deref() });
        let adjusted = [("cuped", cuped(sides[0], sides[1])), ("lin", lin(sides[0], sides[1]))];
        let known = adjusted.into_iter().filter_map(|(name, contrast)| Some((name, contrast?)));
        let found: Vec<(&str, Contrast)> = std::iter::once(("difference", plain)).chain(known).collect();
        let last = found.len() - 1;
        let row = |(at, (name, contrast)): (usize, (&'static str, Contrast))| {
            effect_row(units, arm, metric, (name, at == last), &plain, &contrast, params.level)
        };
        effects.extend(found.into_iter().enumerate().map(row));
    }
    Ok(effects)
}

fn ratio_effects(
    units: &Units,
    names: &(String, String, String),
    params: &HoldoutParams,
) -> Result<Vec<ArmEffect>, Error> {
    let (name, above, below) = names;
    let (above, below) = (units.numbers("ratios", above)?, units.numbers("ratios", below)?);
    let side = |arm: usize| ratio(&pick(&above, &units.rows[arm]), &pick(&below, &units.rows[arm]));
    let rows = (1..units.arms.len()).map(|arm| match side(arm).zip(side(0)) {
        Some((treated, control)) => {
            let contrast = Contrast { treated, control };
            effect_row(units, arm, name, ("ratio", true), &contrast, &contrast, params.level)
        }
        None => without_effect(units, arm, name, ("ratio", true), "the denominator is 0 in an arm"),
    });
    Ok(rows.collect())
}

fn effect_row(
    units: &Units,
    arm: usize,
    metric: &str,
    (estimate, is_main): (&'static str, bool),
    plain: &Contrast,
    contrast: &Contrast,
    level: f64,
) -> ArmEffect {
    let Some(effect) = contrast.estimate(level) else {
        let few = units.rows[arm].len().min(units.rows[0].len()) < 2;
        let reason = if few { "an arm has fewer than two units" } else { "it does not vary within the arms" };
        return without_effect(units, arm, metric, (estimate, is_main), reason);
    };
    ArmEffect {
        treated: Some(plain.treated.value),
        control: Some(plain.control.value),
        effect: Some(effect),
        lift: lift(&effect, plain, contrast),
        reason: None,
        ..without_effect(units, arm, metric, (estimate, is_main), "")
    }
}

fn without_effect(
    units: &Units,
    arm: usize,
    metric: &str,
    (estimate, is_main): (&'static str, bool),
    reason: &str,
) -> ArmEffect {
    ArmEffect {
        arm: units.arms[arm].clone(),
        metric: metric.into(),
        estimate,
        is_main,
        n_treated: units.rows[arm].len() as u64,
        n_control: units.rows[0].len() as u64,
        treated: None,
        control: None,
        effect: None,
        lift: None,
        q_value: None,
        reason: Some(reason.into()),
    }
}

/// The effect as a share of the control's mean. The adjusted control is what the plain one keeps after adjusting, so that both share its variance.
fn lift(effect: &Estimate, plain: &Contrast, contrast: &Contrast) -> Option<Interval> {
    let base = plain.control.value.abs();
    if base == 0.0 {
        return None;
    }
    let share = effect.interval.estimate / base;
    let signed = share * plain.control.value.signum();
    let variance =
        effect.std_error.powi(2) + signed.powi(2) * plain.control.variance + 2.0 * signed * contrast.control.variance;
    let quantile = (effect.interval.upper - effect.interval.estimate) / effect.std_error;
    Some(Interval::around(share, quantile * variance.max(0.0).sqrt() / base))
}

/// Corrects the main estimates' p-values for one another.
fn correct(effects: &mut [ArmEffect]) {
    let is_tested = |row: &ArmEffect| row.is_main && row.effect.is_some();
    let p: Vec<f64> = effects.iter().filter(|row| is_tested(row)).filter_map(|row| Some(row.effect?.p_value)).collect();
    let mut q = benjamini_hochberg(&p).into_iter();
    effects.iter_mut().filter(|row| is_tested(row)).for_each(|row| row.q_value = q.next());
}

/// Below this chance the sizes of the arms are no accident (Fabijan et al. 2019 use 0.0005 to 0.01).
const MISMATCH: f64 = 0.001;

fn notes(units: &Units, (_, p): (f64, f64), params: &HoldoutParams) -> Vec<String> {
    let mut notes = Vec::new();
    if p < MISMATCH {
        notes.push(format!(
            "The arms are not as large as they were to be (p = {p:.2e}): units were lost or assigned unevenly. Find out why before you trust an effect"
        ));
    }
    let small: Vec<&String> =
        units.arms.iter().zip(&units.rows).filter(|arm| arm.1.len() < 30).map(|arm| arm.0).collect();
    if !small.is_empty() {
        notes.push(format!("Fewer than 30 units in {small:?}: limits rest on the means being about normal"));
    }
    if params.segments.len() + params.metrics.len() + params.ratios.len() > 1 {
        notes.push("Several comparisons: read q-values, which are corrected for them".into());
    }
    notes
}

#[cfg(test)]
mod tests {
    use leverkit_core::batch;

    use super::*;

    /// Forty units whose spend rises by 2 with treatment, and by what they spent before.
    pub(super) fn units() -> Table {
        let n = 40;
        let treated = |at: i64| at % 2 == 1;
        let before: Vec<f64> = (0..n).map(|at| ((at * 17) % 23) as f64).collect();
        let spend = |at: i64| before[at as usize] + if treated(at) { 2.0 } else { 0.0 } + ((at * 7) % 3) as f64 * 0.1;
        batch!(
            "arm" => (0..n).map(|at| if treated(at) { "mail" } else { "none" }).collect::<Vec<_>>(),
            "spend" => (0..n).map(spend).collect::<Vec<_>>(),
            "before" => before.clone(),
            "orders" => (0..n).map(|at| (at % 3) as f64).collect::<Vec<_>>(),
            "got" => (0..n).map(|at| treated(at) && at % 4 == 1).collect::<Vec<_>>(),
            "size" => (0..n).map(|at| if at < 20 { "big" } else { "small" }).collect::<Vec<_>>(),
        )
        .unwrap()
        .into()
    }

    fn params() -> HoldoutParams {
        HoldoutParams {
            before: vec![("spend".into(), "before".into())],
            ratios: vec![("check".into(), "spend".into(), "orders".into())],
            segments: vec!["size".into()],
            received: Some("got".into()),
            score: Some("before".into()),
            bins: 4,
            quantiles: vec![0.5],
            ..HoldoutParams::new("arm", "none", &["spend"])
        }
    }

    #[test]
    fn the_adjusted_estimate_is_the_main_one_and_finds_the_two() {
        let found = holdout(&units(), &params()).unwrap();
        let main = found.effects.iter().find(|row| row.is_main).unwrap();
        let effect = main.effect.unwrap();
        assert_eq!(main.estimate, "lin");
        assert!((effect.interval.estimate - 2.0).abs() < 0.1 && effect.std_error < 0.1, "{effect:?}");
        assert!(main.q_value.unwrap() < 1e-6 && found.effects[0].q_value.is_none());
        assert_eq!(found.sample_ratio.1, 1.0);
    }

    #[test]
    fn everything_that_was_asked_for_is_told() {
        let found = holdout(&units(), &params()).unwrap();
        assert_eq!((found.segments.len(), found.received.len(), found.uplift.len()), (2, 1, 1));
        let received = found.received[0].effect.unwrap().interval.estimate;
        assert!((received - 4.0).abs() < 1.5, "half of them received it: {received}");
        assert_eq!(found.quantiles.len(), 1);
    }

    #[test]
    fn a_control_without_units_is_named() {
        let error = holdout(&units(), &HoldoutParams::new("arm", "nobody", &["spend"])).unwrap_err();
        insta::assert_snapshot!(error, @r#"control: got "nobody"; expected one of the arms ["mail", "none"]; column "arm" has no unit of it"#);
    }

    #[test]
    fn arms_of_one_size_that_should_differ_are_a_mismatch() {
        let shares = Some(vec![("mail".into(), 0.9), ("none".into(), 0.1)]);
        let found = holdout(&units(), &HoldoutParams { shares, ..params() }).unwrap();
        assert!(found.notes[0].starts_with("The arms are not as large"), "{:?}", found.notes);
    }
}
