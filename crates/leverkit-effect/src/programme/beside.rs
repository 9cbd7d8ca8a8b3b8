//! What may be known of customers beside their lines: what members redeemed, and what was known of each before joining.

use std::collections::HashMap;

use leverkit_core::columns::{days, find, numbers_or_flags};
use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, Day, LeftOut, Reason, Table, format_day};

use super::params::{DATE, ProgrammeParams, REDEEMED};
use crate::Error;
use crate::liability::points;
use crate::panel::{Histories, Joined, NEVER, Timeline};

/// Why a reward is left out.
const REASONS: [Reason; 2] = [Reason::NoUnitOrDate, Reason::NoPoints];

/// Tables beside the members, each with the column of the customer and a column `date`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// What was redeemed: a column `redeemed` of points.
    pub rewards: Option<&'a Table>,
    /// What was known of customers before anybody could join, one row each: the numbers of `covariates`.
    pub covariates: Option<&'a Table>,
}

/// The units that are compared, by the text of their ids.
pub(super) struct Compared<'a> {
    units: HashMap<String, usize>,
    histories: &'a Histories,
    timeline: &'a Timeline,
}

/// What rewards cost.
pub(super) struct Rewards {
    pub(super) cost: f64,
    pub(super) notes: Vec<String>,
    pub(super) left_out: Vec<LeftOut>,
}

impl<'a> Compared<'a> {
    pub(super) fn of(ids: &Column, histories: &'a Histories, timeline: &'a Timeline) -> Self {
        let mut texts = ids.ids();
        let units = histories.codes.iter().enumerate();
        let units = units.filter_map(|(unit, &code)| Some((texts[code as usize].take()?, unit))).collect();
        Self { units, histories, timeline }
    }

    /// What members redeemed from joining on, in the periods that are compared.
    pub(super) fn rewards(&self, table: &Table, params: &ProgrammeParams) -> Result<Rewards, Error> {
        let ids = find(table, "rewards", &params.customer)?.ids();
        let dates = days(&find(table, "rewards", DATE)?, "rewards")?;
        let redeemed = points(table, "rewards", REDEEMED)?;
        let mut tallies = Tallies::default();
        let (mut within, mut elsewhere) = (0.0, 0.0);
        for (row, (id, day)) in ids.into_iter().zip(dates).enumerate() {
            match (id, day) {
                (Some(_), Some(_)) if redeemed[row].is_nan() => tallies.note(Reason::NoPoints, row, f64::NAN),
                (Some(id), Some(day)) if self.is_member(&id, day) => within += redeemed[row],
                (Some(_), Some(_)) => elsewhere += redeemed[row],
                _ => tallies.note(Reason::NoUnitOrDate, row, f64::NAN),
            }
        }
        let note = format!(
            "Rewards of {elsewhere:.0} points do not count: they were redeemed by others than the members compared, before joining, or outside of the periods."
        );
        Ok(Rewards {
            cost: within * params.point_cost,
            notes: if elsewhere > 0.0 { vec![note] } else { Vec::new() },
            left_out: tallies.left_out(&REASONS),
        })
    }

    fn is_member(&self, id: &str, day: Day) -> bool {
        let first = self.units.get(id).map_or(NEVER, |&unit| self.histories.first[unit]);
        self.timeline.period(day).is_some_and(|period| period as u32 >= first)
    }

    /// What was known of each unit, column by column, around its mean and in its standard deviations; who is not listed, or has a null, has the mean.
    pub(super) fn covariates(
        &self,
        table: &Table,
        joined: &Joined,
        params: &ProgrammeParams,
    ) -> Result<(Vec<Vec<f64>>, Vec<String>), Error> {
        let ids = find(table, "covariates", &params.customer)?;
        let rows = self.rows(&ids)?;
        self.check_dates(table, &ids, &rows, joined)?;
        let mut notes = Vec::new();
        let missing = rows.iter().filter(|row| row.is_none()).count();
        if missing > 0 {
            notes.push(format!("{missing} customers have no row of covariates: the mean stands for theirs."));
        }
        let column = |name: &String| {
            let values = numbers_or_flags(&find(table, "covariates", name)?, "covariates")?;
            Ok::<_, Error>(scaled(rows.iter().map(|row| row.map_or(f64::NAN, |row| values[row])).collect()))
        };
        Ok((params.covariates.iter().map(column).collect::<Result<_, _>>()?, notes))
    }

    /// The row of each unit.
    fn rows(&self, ids: &Column) -> Result<Vec<Option<usize>>, Error> {
        let mut rows = vec![None; self.histories.n()];
        for (row, id) in ids.ids().into_iter().enumerate() {
            let Some(&unit) = id.as_ref().and_then(|id| self.units.get(id)) else { continue };
            if rows[unit].replace(row).is_some() {
                let expected = "one row per customer: what was known of them before joining".into();
                let (role, column) = ("covariates".into(), ids.name().into());
                return Err(Error::Value {
                    role,
                    column,
                    row,
                    got: format!("{:?} again", id.unwrap_or_default()),
                    expected,
                });
            }
        }
        Ok(rows)
    }

    /// What is known only after joining may be an effect of it: adjusting for it would take the effect away.
    fn check_dates(&self, table: &Table, ids: &Column, rows: &[Option<usize>], joined: &Joined) -> Result<(), Error> {
        let dates = days(&find(table, "covariates", DATE)?, "covariates")?;
        let start = joined.start();
        for (unit, row) in rows.iter().enumerate().filter_map(|(unit, row)| Some((unit, (*row)?))) {
            let until = joined.days[self.histories.codes[unit] as usize].or(start);
            let day = dates[row];
            if day.zip(until).is_some_and(|(day, until)| day < until) {
                continue;
            }
            let got = day.map_or_else(|| "no day".into(), format_day);
            let who = ids.text(row).unwrap_or_default();
            let until = until.map(format_day).unwrap_or_default();
            return Err(Error::Value {
                role: "covariates".into(),
                column: DATE.into(),
                row,
                got,
                expected: format!(
                    "a day before {until}, when {who:?} joined or the programme began: what is known later may be an effect of it"
                ),
            });
        }
        Ok(())
    }
}

/// Values around their mean, in standard deviations; unknown ones at the mean.
fn scaled(values: Vec<f64>) -> Vec<f64> {
    let known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let n = known.len().max(1) as f64;
    let mean = known.iter().sum::<f64>() / n;
    let spread = (known.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
    let one = |value: f64| if value.is_finite() && spread > 0.0 { (value - mean) / spread } else { 0.0 };
    values.into_iter().map(one).collect()
}
