//! What a test can show: the smallest effect, in per cent and in money, from the company's own history.

use std::ops::Range;

use leverkit_core::{CustomerLines, Day, Ledger, Params};
use leverkit_stats::{Interval, normal_quantile, sum, wilson};
use serde::Serialize;

use super::moments::Moments;
use super::outcomes::Metric;
use super::params::DesignParams;
use super::relabel::{Shown, relabel};
use super::size::quantiles;
use crate::Error;

const WEEKS_PER_YEAR: f64 = leverkit_core::DAYS_PER_YEAR / 7.0;

/// What tests of several lengths can show.
#[derive(Debug, Clone)]
pub struct TestDesign {
    /// What it was made with.
    pub params: DesignParams,
    /// One row per length, shortest first.
    pub lengths: Vec<TestLength>,
    /// The shortest length at which the adjusted estimate would find the lift asked for.
    pub weeks: Option<u32>,
    /// The length whose past was re-randomised: that one, or else the longest that the history holds.
    pub tried: Option<u32>,
    /// What re-randomising the past shows: the plain estimate and the one adjusted for the pre-period.
    pub placebos: Vec<PlaceboTest>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// What a test of this length can show.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestLength {
    /// Weeks of the test.
    pub weeks: u32,
    /// Customers who could take part: with an order before its start.
    pub customers: u64,
    /// Mean and spread of the metric; `None` where the history is too short.
    pub power: Option<LengthPower>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// Mean and spread of the metric, and what follows from them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LengthPower {
    /// Mean per customer.
    pub mean: f64,
    /// Standard deviation between customers.
    pub std_dev: f64,
    /// Correlation with the same metric in the weeks before.
    pub correlation: f64,
    /// The share of customers that adjusting for the weeks before saves: the correlation squared.
    pub saving: f64,
    /// The smallest effect on the mean that is found with the power asked for.
    pub smallest: f64,
    /// The same with the adjusted estimate.
    pub smallest_adjusted: f64,
    /// Customers, in all groups, that the lift asked for needs; `None` where the mean is 0.
    pub needed: Option<f64>,
    /// The same with the adjusted estimate.
    pub needed_adjusted: Option<f64>,
    /// Money a year that one unit of effect on the mean brings, with all these customers; `None` where the worth is unknown.
    pub money_per_unit: Option<f64>,
    /// The effect, as a share of the mean, whose first year pays for the test; `None` without its cost.
    pub break_even_lift: Option<f64>,
}

impl LengthPower {
    /// An effect as a share of the mean.
    ///
    /// ```
    /// use leverkit_core::{Day, Ledger, Roles, batch, frames::each};
    /// use leverkit_effect::{DesignParams, design};
    /// let lines: Vec<(i32, i32)> = (0..200).flat_map(|who| (0..12).map(move |n| (who, who % 10 + n * (14 + who % 5)))).collect();
    /// let (days, paid) = (each(&lines, |line| Day::from(19_000 + line.1)), each(&lines, |line| f64::from(10 + line.0 % 7)));
    /// let batch = batch!("c" => each(&lines, |line| line.0), "t" => days, "a" => paid)?;
    /// let ledger = Ledger::from_batches(&[batch], &Roles::new("c", "t").amount("a"))?;
    /// let found = design(&ledger, &DesignParams { weeks: vec![4], replicates: 100, ..DesignParams::default() })?;
    /// let power = found.lengths[0].power.unwrap();
    /// assert_eq!(power.lift(power.smallest), Some(power.smallest / power.mean));
    /// # Ok::<(), leverkit_effect::Error>(())
    /// ```
    pub fn lift(&self, effect: f64) -> Option<f64> {
        (self.mean != 0.0).then(|| effect / self.mean.abs())
    }
}

/// What re-randomising the past shows of an estimate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlaceboTest {
    /// `difference` of means, or `adjusted` for the pre-period.
    pub estimate: &'static str,
    /// How often an effect was found where there was none, with Wilson's limits.
    pub false_alarms: Interval,
    /// How often the lift asked for was found where it was planted, with Wilson's limits.
    pub power: Interval,
    /// The power that the formula promises.
    pub expected_power: f64,
    /// The standard deviation of the estimates.
    pub spread: f64,
    /// The mean of their standard errors.
    pub std_error: f64,
}

/// Says what tests on this ledger's customers could show, judged by the last weeks of its history.
///
/// For each length the last so many weeks are taken as the test, and as many before as the pre-period. Those who could take part are the
/// customers with an order before the test's start, so that nobody is counted for what the test would have changed. The smallest effect is
/// (z(1 − α/2) + z(power)) · √(σ²/n₁ + σ²/n₀); adjusting for the pre-period takes σ² times 1 − ρ² (Deng, Xu, Kohavi & Walker 2013, "CUPED").
/// Then the past is re-randomised: how often a test finds something where nothing was done, and where the lift asked for is planted.
///
/// # Errors
/// [`Error::Core`] where a parameter is out of its range or a role is missing; [`Error::NotIdentified`] where no length fits into the history.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_effect::trial::{DesignParams, design};
/// let day = |at: usize| format!("2024-{:02}-{:02}", 1 + at / 28 % 3, 1 + at % 28);
/// let lines = batch!(
///     "c" => (0..900).map(|at| at % 100).collect::<Vec<i64>>(),
///     "t" => (0..900).map(|at| day(at * 7)).collect::<Vec<_>>(),
///     "a" => (0..900).map(|at| (at % 13) as f64).collect::<Vec<_>>(),
/// )?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let found = design(&ledger, &DesignParams { weeks: vec![2, 4], ..DesignParams::default() })?;
/// assert_eq!(found.lengths.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn design(ledger: &Ledger, params: &DesignParams) -> Result<TestDesign, Error> {
    params.check()?;
    params.metric.check(ledger)?;
    let History { lengths, takers } = History::of(ledger, params)?;
    let found = |length: &TestLength| Some(length.power?.needed_adjusted? <= length.customers as f64);
    let weeks = lengths.iter().find(|length| found(length) == Some(true)).map(|length| length.weeks);
    let tried =
        lengths.iter().rposition(|length| length.power.is_some() && (weeks.is_none() || weeks == Some(length.weeks)));
    let placebos = tried.map_or_else(|| Ok(Vec::new()), |at| takers[at].placebos(params))?;
    Ok(TestDesign {
        params: params.clone(),
        weeks,
        tried: tried.map(|at| lengths[at].weeks),
        notes: notes(&lengths, &placebos, params),
        lengths,
        placebos,
    })
}

/// The customers who could have taken part in tests at the end of the history.
struct History {
    lengths: Vec<TestLength>,
    takers: Vec<Takers>,
}

impl History {
    fn of(ledger: &Ledger, params: &DesignParams) -> Result<Self, Error> {
        let end = params.as_of.unwrap_or(ledger.as_of());
        let mut weeks = params.weeks.clone();
        weeks.sort_unstable();
        weeks.dedup();
        let takers: Vec<Takers> = weeks.iter().map(|weeks| Takers::of(ledger, params, *weeks, end)).collect();
        let start = ledger.start().unwrap_or(end);
        let lengths: Vec<TestLength> =
            weeks.iter().zip(&takers).map(|(weeks, takers)| takers.length(*weeks, params, start)).collect();
        match lengths.first() {
            Some(TestLength { power: None, reason: Some(reason), .. }) => Err(Error::not_identified("design", reason)),
            _ => Ok(Self { lengths, takers }),
        }
    }
}

/// Customers with an order before a test's start: their metric in it, and before it.
struct Takers {
    before: Day,
    values: Vec<f64>,
    pre: Vec<f64>,
}

impl Takers {
    fn of(ledger: &Ledger, params: &DesignParams, weeks: u32, end: Day) -> Self {
        let start = end - 7 * weeks as i32;
        let before = start - 7 * params.pre_weeks.unwrap_or(weeks) as i32;
        let known = params.active_days.map_or(Day::MIN, |days| start - days as i32)..start;
        let measured = |metric: Metric| {
            let of = |(): &mut (), customer: CustomerLines<'_>| {
                let orders = customer.order_days;
                let last = orders[..orders.partition_point(|day| *day < start)].last()?;
                let of = |days: Range<Day>| metric.of(ledger, &customer, &days);
                known.contains(last).then(|| (of(start..end), of(before..start)))
            };
            ledger.par_customers(|| (), of).into_iter().flatten().unzip::<f64, f64, Vec<f64>, Vec<f64>>()
        };
        let Some((above, below)) = params.metric.ratio() else {
            let (values, pre) = measured(params.metric);
            return Self { before, values, pre };
        };
        let ((above, pre_above), (below, pre_below)) = (measured(above), measured(below));
        Self { before, values: linearised(&above, &below), pre: linearised(&pre_above, &pre_below) }
    }

    fn length(&self, weeks: u32, params: &DesignParams, first_day: Day) -> TestLength {
        let reason = self.reason(first_day);
        let power = reason.is_none().then(|| self.power(weeks, params));
        TestLength { weeks, customers: self.values.len() as u64, power, reason }
    }

    /// Why nothing can be said.
    fn reason(&self, first_day: Day) -> Option<String> {
        let missing = (first_day - self.before + 6) / 7;
        if missing > 0 {
            return Some(format!("the history is {missing} weeks too short for the test and the weeks before it"));
        }
        if self.values.len() < FEWEST {
            return Some(format!("{} customers with an order before: at least {FEWEST} are needed", self.values.len()));
        }
        let first = self.values[0];
        self.values.iter().all(|value| *value == first).then(|| "the metric is the same for all customers".into())
    }

    fn power(&self, weeks: u32, params: &DesignParams) -> LengthPower {
        let moments = Moments::of(&self.values, &self.pre);
        let (alpha, beta) = quantiles(params.level, params.power);
        // Both groups together: 1/n₁ + 1/n₀ = 1/(n · share · (1 − share)).
        let of_all = (alpha + beta).powi(2) / (params.share * (1.0 - params.share));
        let adjusted = moments.adjusted_variance();
        let smallest = |variance: f64| (of_all * variance / moments.n).sqrt();
        let gap = (params.lift * moments.mean).powi(2);
        let needed = |variance: f64| (gap > 0.0).then(|| (of_all * variance / gap).ceil());
        let money_per_unit = params.worth().map(|worth| worth * moments.n * WEEKS_PER_YEAR / f64::from(weeks));
        let per_lift = money_per_unit.map(|money| money * moments.mean.abs()).filter(|money| *money > 0.0);
        LengthPower {
            mean: moments.mean,
            std_dev: moments.variance.sqrt(),
            correlation: moments.correlation(),
            saving: moments.correlation().powi(2),
            smallest: smallest(moments.variance),
            smallest_adjusted: smallest(adjusted),
            needed: needed(moments.variance),
            needed_adjusted: needed(adjusted),
            money_per_unit,
            break_even_lift: params.cost.zip(per_lift).map(|(cost, money)| cost / money),
        }
    }

    /// Re-randomises these customers.
    fn placebos(&self, params: &DesignParams) -> Result<Vec<PlaceboTest>, Error> {
        let moments = Moments::of(&self.values, &self.pre);
        let (theta, mean, pre_mean) = (moments.theta(), moments.mean, moments.pre_mean);
        let centred: Vec<f64> = self.values.iter().map(|value| value - mean).collect();
        let adjusted: Vec<f64> =
            centred.iter().zip(&self.pre).map(|(value, before)| value - theta * (before - pre_mean)).collect();
        let shown = relabel(&centred, &adjusted, params.share, params.replicates, params.seed);
        let planted = params.lift * mean.abs();
        let tests: [PlaceboOf; 2] = [("difference", |shown| shown.plain), ("adjusted", |shown| shown.adjusted)];
        tests.into_iter().map(|(name, of)| placebo(name, &shown, of, planted, params)).collect()
    }
}

/// Numbers of units whose mean is the ratio of sums and varies as it does, by the delta method: R + (a − R·b) / mean of b.
fn linearised(above: &[f64], below: &[f64]) -> Vec<f64> {
    let (total, n) = (sum(below), below.len() as f64);
    if total == 0.0 {
        return vec![0.0; below.len()];
    }
    let ratio = sum(above) / total;
    above.iter().zip(below).map(|(above, below)| ratio + (above - ratio * below) * n / total).collect()
}

/// An estimate by name, and how it is read off a re-randomisation.
type PlaceboOf = (&'static str, fn(&Shown) -> (f64, f64));

/// Fewer customers than this are no test.
const FEWEST: usize = 30;

fn placebo(
    estimate: &'static str,
    shown: &[Shown],
    of: impl Fn(&Shown) -> (f64, f64),
    planted: f64,
    params: &DesignParams,
) -> Result<PlaceboTest, Error> {
    let known: Vec<(f64, f64)> =
        shown.iter().map(of).filter(|(effect, error)| effect.is_finite() && *error > 0.0).collect();
    let (n, critical) = (known.len() as f64, normal_quantile(0.5 + params.level / 2.0));
    let found =
        |planted: f64| known.iter().filter(|(effect, error)| (effect + planted).abs() > critical * error).count();
    let share = |planted: f64| wilson(found(planted) as u64, known.len() as u64, params.level);
    let effects: Vec<f64> = known.iter().map(|(effect, _)| effect * effect).collect();
    let errors: Vec<f64> = known.iter().map(|(_, error)| *error).collect();
    let std_error = sum(&errors) / n;
    let chance = |z: f64| statrs::function::erf::erfc(-z / std::f64::consts::SQRT_2) / 2.0;
    Ok(PlaceboTest {
        estimate,
        false_alarms: share(0.0)?,
        power: share(planted)?,
        expected_power: chance(planted / std_error - critical) + chance(-planted / std_error - critical),
        spread: (sum(&effects) / n).sqrt(),
        std_error,
    })
}

fn notes(lengths: &[TestLength], placebos: &[PlaceboTest], params: &DesignParams) -> Vec<String> {
    let mut notes = Vec::new();
    let allowed = 1.0 - params.level;
    for test in placebos.iter().filter(|test| test.false_alarms.lower > allowed) {
        notes.push(format!(
            "On the past the {} estimate gives false alarms in {:.1} % of tests, where {:.1} % are allowed: a few customers decide the mean. Cap the metric, or test on orders",
            test.estimate,
            100.0 * test.false_alarms.estimate,
            100.0 * allowed
        ));
    }
    if params.worth().is_none() {
        notes.push(format!(
            "What one unit of {} is worth is unknown: give `value` for effects in money",
            params.metric.name()
        ));
    }
    let short = lengths.iter().filter(|length| length.power.is_none()).count();
    if short > 0 {
        notes.push(format!("{short} of {} lengths cannot be judged: see their reasons", lengths.len()));
    }
    notes
}
