//! A judged programme as record batches.

use leverkit_core::estimates::estimates_batch;
use leverkit_core::frames::{beside, each, number};
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};
use leverkit_stats::{Estimate, Interval};

use super::{GroupVerdict, Programme};
use crate::did::axis_batch;

impl Tables for Programme {
    const TABLES: &'static [&'static str] = &["effects", "event_study", "split", "money", "balance", "groups"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "event_study" => axis_batch(&self.event_study, "event_time", |at| at),
            "split" => self.split_batch(),
            "money" => batch!(
                "item" => each(&self.money, |row| row.item),
                "money" => each(&self.money, |row| row.value.and_then(|value| number(value.estimate))),
                "lower" => each(&self.money, |row| row.value.and_then(|value| number(value.lower))),
                "upper" => each(&self.money, |row| row.value.and_then(|value| number(value.upper))),
            ),
            "balance" => batch!(
                "covariate" => each(&self.balance, |row| row.covariate.as_str()),
                "members" => each(&self.balance, |row| number(row.members)),
                "controls" => each(&self.balance, |row| number(row.controls)),
                "difference" => each(&self.balance, |row| number(row.difference)),
                "weighted_difference" => each(&self.balance, |row| number(row.weighted_difference)),
                "variance_ratio" => each(&self.balance, |row| number(row.variance_ratio)),
            ),
            "groups" => self.groups_batch(),
            _ => self.effects_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Programme {
    fn effects_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.effects;
        let keys = batch!("design" => each(rows, |row| row.design), "outcome" => each(rows, |row| row.outcome))?;
        let placebo =
            |part: fn(&Estimate) -> f64| each(rows, |row| row.placebo.as_ref().and_then(|found| number(part(found))));
        let more = batch!(
            "percent" => each(rows, |row| row.percent),
            "q_value" => each(rows, |row| row.q_value.and_then(number)),
            "placebo" => placebo(|found| found.interval.estimate),
            "placebo_lower" => placebo(|found| found.interval.lower),
            "placebo_upper" => placebo(|found| found.interval.upper),
            "placebo_p" => placebo(|found| found.p_value),
            "status" => each(rows, |row| row.status.as_str()),
        )?;
        beside(&[keys, estimates_batch(&each(rows, |row| row.effect))?, more])
    }

    fn groups_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.groups;
        let design = |of: fn(&GroupVerdict) -> Option<Estimate>, part: fn(&Interval) -> f64| {
            each(rows, |row| of(row).and_then(|found| number(part(&found.interval))))
        };
        batch!(
            "group" => each(rows, |row| row.group.as_str()),
            "members" => each(rows, |row| row.members),
            "verdict" => each(rows, |row| row.verdict.text()),
            "effect" => each(rows, |row| row.effect.and_then(|effect| number(effect.estimate))),
            "lower" => each(rows, |row| row.effect.and_then(|effect| number(effect.lower))),
            "upper" => each(rows, |row| row.effect.and_then(|effect| number(effect.upper))),
            "did" => design(|row| row.did, |limits| limits.estimate),
            "did_lower" => design(|row| row.did, |limits| limits.lower),
            "did_upper" => design(|row| row.did, |limits| limits.upper),
            "adjusted" => design(|row| row.adjusted, |limits| limits.estimate),
            "adjusted_lower" => design(|row| row.adjusted, |limits| limits.lower),
            "adjusted_upper" => design(|row| row.adjusted, |limits| limits.upper),
            "reason" => each(rows, |row| row.reason.as_str()),
        )
    }

    fn split_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.split;
        batch!(
            "factor" => each(rows, |row| row.factor),
            "actual" => each(rows, |row| row.actual),
            "counterfactual" => each(rows, |row| row.counterfactual),
            "effect" => each(rows, |row| number(row.effect.interval.estimate)),
            "effect_lower" => each(rows, |row| number(row.effect.interval.lower)),
            "effect_upper" => each(rows, |row| number(row.effect.interval.upper)),
            "money" => each(rows, |row| number(row.money.interval.estimate)),
            "money_lower" => each(rows, |row| number(row.money.interval.lower)),
            "money_upper" => each(rows, |row| number(row.money.interval.upper)),
        )
    }
}
