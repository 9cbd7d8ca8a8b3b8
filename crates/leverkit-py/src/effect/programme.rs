//! A programme judged, for Python.

use leverkit::core::format_day;
use leverkit::effect::Error;
use leverkit::effect::programme::{Beside, ProgrammeParams, Relabelled};
use leverkit::stats::Interval;
use pyo3::prelude::*;

use crate::args::{Given, params};
use crate::call::ask;
use crate::frame::{stream_of, whole};
use crate::ledger::Ledger;
use crate::result::result;

/// Judges a programme by the members that the table lists, with what is known beside their lines.
#[pyfunction]
#[pyo3(signature = (ledger, members, redeemed, known, **given))]
pub(crate) fn programme(
    py: Python<'_>,
    ledger: &Ledger,
    members: &Bound<'_, PyAny>,
    redeemed: Option<Bound<'_, PyAny>>,
    known: Option<Bound<'_, PyAny>>,
    given: Option<Given<'_, '_>>,
) -> PyResult<Programme> {
    let (params, stream) = (params::<ProgrammeParams>(py, given)?, stream_of(members)?);
    let redeemed = redeemed.as_ref().map(stream_of).transpose()?;
    let known = known.as_ref().map(stream_of).transpose()?;
    ask(py, &ledger.0, move |ledger| {
        let members = whole::<Error>(stream, &params.columns())?;
        let rewards = redeemed.map(|stream| whole::<Error>(stream, &params.reward_columns())).transpose()?;
        let covariates = known.map(|stream| whole::<Error>(stream, &params.covariate_columns())).transpose()?;
        let beside = Beside { rewards: rewards.as_ref(), covariates: covariates.as_ref() };
        leverkit::effect::programme::programme_with(ledger, &members, beside, &params)
    })
}

/// An estimate with its limits.
type Limits = (f64, f64, f64);

fn limits(found: Option<Interval>) -> Option<Limits> {
    found.map(|found| (found.estimate, found.lower, found.upper))
}

result! {
    /// A programme judged.
    Programme of leverkit::effect::programme::Programme {
        verdict: &'static str = |found| found.verdict.text();
        reason: String = |found| found.reason.clone();
        /// The effect on money per member and period.
        effect: Option<Limits> = |found| limits(found.effect);
        bracket: Option<Limits> = |found| limits(found.bracket);
        kept: Option<Limits> = |found| limits(found.kept);
        detectable: Option<f64> = |found| found.detectable;
        outcome: &'static str = |found| found.outcome;
        /// The joint test of the periods before joining: statistic, degrees of freedom, p-value.
        pre_trend_test: Option<(f64, usize, f64)> = |found| found.pre_trend.map(|test| (test.statistic, test.df, test.p_value));
        /// Joining dealt out at random: times, share of false alarms, p-value.
        relabelled: Option<(usize, f64, f64)> = |found| {
            found.relabelled.map(|Relabelled { times, false_alarms, p_value }| (times, false_alarms, p_value))
        };
        /// First days of the periods.
        periods: Vec<String> = |found| found.periods.0.iter().map(|&day| format_day(day)).collect();
        last_day: String = |found| format_day(found.periods.1);
        n_members: u64 = |found| found.counts.members;
        n_controls: u64 = |found| found.counts.controls;
        member_periods: u64 = |found| found.counts.member_periods;
        effective_controls: Option<f64> = |found| Some(found.counts.effective_controls).filter(|n| n.is_finite());
    }
}
