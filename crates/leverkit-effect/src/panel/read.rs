//! A panel from a frame: one row per unit and period.

use leverkit_core::columns::{days, find, is_number, is_text, missing, numbers};
use leverkit_core::left_out::Tallies;
use leverkit_core::stats::budget::Watched;
use leverkit_core::{Column, Day, Error as CoreError, Groups, LeftOut, NO_CODE, Reason, Table};
use rayon::prelude::*;

use super::moments::NEVER;
use crate::Error;

/// Which column is what.
#[derive(Debug, Clone, Copy)]
pub struct PanelColumns<'a> {
    /// The unit: a customer, a shop, a county; `None` where each period has others (repeated cross-sections).
    pub unit: Option<&'a str>,
    /// The period: a number, a date, or text whose order in time can be told.
    pub period: &'a str,
    /// What is measured.
    pub outcome: &'a str,
    /// The first treated period of the unit, null where it never is.
    pub first_treated: &'a str,
    /// Units of one value vary together.
    pub cluster: Option<&'a str>,
    /// How much a unit counts.
    pub weight: Option<&'a str>,
    /// What was known of a unit; the value of its base period counts.
    pub covariates: &'a [String],
}

/// The units that have an outcome in every period.
#[derive(Debug, Clone)]
pub struct Panel {
    /// The periods in the order of time, as text.
    pub periods: Vec<String>,
    /// The first treated period of each unit, counted from 0; [`NEVER`] where there is none, or none until the last.
    pub first: Vec<u32>,
    /// The outcomes, unit by unit.
    pub paths: Vec<f64>,
    /// The cluster of each unit.
    pub clusters: Option<Vec<u32>>,
    /// The weight of each unit, around a mean of 1.
    pub weights: Option<Vec<f64>>,
    /// The covariates of each unit and period, covariate by covariate, laid out as `paths`.
    pub covariates: Vec<Vec<f64>>,
    /// Rows that were left out.
    pub left_out: Vec<LeftOut>,
}

const REASONS: [Reason; 4] =
    [Reason::NoUnitOrPeriod, Reason::UnknownOutcome, Reason::UnitWithGaps, Reason::TreatedFromTheFirst];

impl Panel {
    /// Reads a frame.
    ///
    /// # Errors
    /// Columns that are not there or of another type; [`Error::Value`] for a unit that is in a period twice, or first treated in two periods;
    /// [`Error::Empty`] where no unit has all periods.
    ///
    /// ```
    /// use leverkit_core::{Table, batch};
    /// use leverkit_effect::panel::{CohortMoments, NEVER, Panel, PanelColumns};
    /// let rows = batch!(
    ///     "shop" => ["a", "a", "b", "b", "c"],
    ///     "month" => [1, 2, 1, 2, 1],
    ///     "sales" => [10.0, 14.0, 9.0, 9.0, 7.0],
    ///     "since" => [Some(2), Some(2), None, None, None],
    /// )?;
    /// let columns = PanelColumns {
    ///     unit: Some("shop"),
    ///     period: "month",
    ///     outcome: "sales",
    ///     first_treated: "since",
    ///     cluster: None,
    ///     weight: None,
    ///     covariates: &[],
    /// };
    /// let panel = Panel::read(&Table::from(rows), &columns)?;
    /// // Shop c is not there in the second month.
    /// assert_eq!((panel.first.as_slice(), panel.left_out[0].rows), (&[1, NEVER][..], 1));
    /// let moments = CohortMoments::of(panel.periods.len(), &panel.first, &panel.paths);
    /// assert_eq!(moments.cohorts[&1].mean, [10.0, 14.0]);
    /// # Ok::<(), leverkit_effect::Error>(())
    /// ```
    pub fn read(table: &Table, columns: &PanelColumns<'_>) -> Result<Self, Error> {
        let rows = Rows::read(table, columns)?;
        if rows.is_laid_out() {
            return Ok(rows.panel());
        }
        let mut tallies = Tallies::default();
        let slots = rows.slots(columns, &mut tallies)?;
        let periods = rows.periods.len();
        let cells = |unit: usize| &slots[unit * periods..(unit + 1) * periods];
        let mut panel = Self {
            periods: rows.names(),
            first: Vec::new(),
            paths: Vec::new(),
            clusters: rows.clusters.as_ref().map(|_| Vec::new()),
            weights: rows.weights.as_ref().map(|_| Vec::new()),
            covariates: vec![Vec::new(); rows.covariates.len()],
            left_out: Vec::new(),
        };
        for unit in 0..rows.units.len() {
            let cells = cells(unit);
            let Some(&some) = cells.iter().find(|&&row| row != NO_CODE) else { continue };
            let first = rows.first[some as usize];
            let reason = if cells.contains(&NO_CODE) {
                Some(Reason::UnitWithGaps)
            } else if first == 0 {
                Some(Reason::TreatedFromTheFirst)
            } else {
                None
            };
            let known = cells.iter().filter(|&&row| row != NO_CODE);
            if let Some(reason) = reason {
                known.for_each(|&row| tallies.note(reason, row as usize, f64::NAN));
                continue;
            }
            panel.first.push(if first as usize >= periods { NEVER } else { first });
            panel.paths.extend(known.clone().map(|&row| rows.outcome[row as usize]));
            for (into, from) in panel.covariates.iter_mut().zip(&rows.covariates) {
                into.extend(known.clone().map(|&row| from[row as usize]));
            }
            if let (Some(into), Some(from)) = (&mut panel.clusters, &rows.clusters) {
                into.push(from[some as usize]);
            }
            if let (Some(into), Some(from)) = (&mut panel.weights, &rows.weights) {
                into.push(from[some as usize]);
            }
        }
        panel.left_out = tallies.left_out(&REASONS);
        if panel.first.is_empty() {
            return Err(Error::empty("did", table.rows(), &panel.left_out));
        }
        if let Some(weights) = &mut panel.weights {
            around_one(weights);
        }
        Ok(panel)
    }
}

/// Weights around a mean of 1.
fn around_one(weights: &mut [f64]) {
    let mean = weights.iter().sum::<f64>() / weights.len() as f64;
    weights.iter_mut().for_each(|weight| *weight /= mean);
}

/// Rows of repeated cross-sections: each period has units of its own.
#[derive(Debug, Clone)]
pub(crate) struct Sections {
    /// The periods in the order of time, as text.
    pub(crate) periods: Vec<String>,
    /// The first treated period of each row, counted from 0; [`NEVER`] where there is none, or none until the last.
    pub(crate) first: Vec<u32>,
    /// The period of each row.
    pub(crate) period: Vec<u32>,
    pub(crate) outcome: Vec<f64>,
    /// The cluster of each row.
    pub(crate) clusters: Option<Vec<u32>>,
    pub(crate) left_out: Vec<LeftOut>,
}

impl Sections {
    /// Reads a frame.
    ///
    /// # Errors
    /// Columns that are not there or of another type; [`Error::Empty`] where no row can be used.
    pub(crate) fn read(table: &Table, columns: &PanelColumns<'_>) -> Result<Self, Error> {
        let rows = Rows::read(table, columns)?;
        let periods = rows.periods.len();
        let mut tallies = Tallies::default();
        let mut found = Self {
            periods: rows.names(),
            first: Vec::new(),
            period: Vec::new(),
            outcome: Vec::new(),
            clusters: rows.clusters.as_ref().map(|_| Vec::new()),
            left_out: Vec::new(),
        };
        for (row, &outcome) in rows.outcome.iter().enumerate() {
            let reason = if rows.unknown[row] {
                Some(Reason::NoUnitOrPeriod)
            } else if outcome.is_nan() {
                Some(Reason::UnknownOutcome)
            } else if rows.first[row] == 0 {
                Some(Reason::TreatedFromTheFirst)
            } else {
                None
            };
            if let Some(reason) = reason {
                tallies.note(reason, row, f64::NAN);
                continue;
            }
            let first = rows.first[row];
            found.first.push(if first as usize >= periods { NEVER } else { first });
            found.period.push(rows.periods.codes()[row]);
            found.outcome.push(outcome);
            if let (Some(into), Some(from)) = (&mut found.clusters, &rows.clusters) {
                into.push(from[row]);
            }
        }
        found.left_out = tallies.left_out(&REASONS);
        if found.first.is_empty() {
            return Err(Error::empty("did", table.rows(), &found.left_out));
        }
        Ok(found.in_order())
    }

    /// The rows in an order of their own, so that sums do not depend on that in which they came.
    fn in_order(self) -> Self {
        let cluster = |row: usize| self.clusters.as_ref().map_or(0, |clusters| clusters[row]);
        let place = |row: usize| (self.first[row], self.period[row], cluster(row));
        let mut order: Vec<usize> = (0..self.first.len()).collect();
        order.par_sort_by(|&one, &two| {
            place(one).cmp(&place(two)).then_with(|| self.outcome[one].total_cmp(&self.outcome[two]))
        });
        let codes = |codes: &Vec<u32>| order.iter().map(|&row| codes[row]).collect::<Vec<u32>>();
        Self {
            first: codes(&self.first),
            period: codes(&self.period),
            outcome: order.iter().map(|&row| self.outcome[row]).collect(),
            clusters: self.clusters.as_ref().map(codes),
            ..self
        }
    }
}

/// The columns, row by row.
struct Rows {
    /// Each row by itself where there are no units.
    units: Groups,
    periods: Groups,
    unknown: Vec<bool>,
    outcome: Vec<f64>,
    first: Vec<u32>,
    clusters: Option<Vec<u32>>,
    weights: Option<Vec<f64>>,
    covariates: Vec<Vec<f64>>,
}

impl Rows {
    fn read(table: &Table, columns: &PanelColumns<'_>) -> Result<Self, Error> {
        let unit = match columns.unit {
            Some(name) => find(table, "unit", name)?,
            None => Column::new("row", (0..table.rows() as u32).collect::<Vec<u32>>()),
        };
        let period = find(table, "period", columns.period)?;
        let first = find(table, "first_treated", columns.first_treated)?;
        let unknown = |column: &Column| missing(column).unwrap_or_else(|| vec![false; column.len()]);
        let unknown = unknown(&unit).into_iter().zip(unknown(&period)).map(|(unit, period)| unit || period).collect();
        let periods = Groups::in_time(&period, "period")?;
        let covariates = columns.covariates.iter().map(|name| numbers(&find(table, "covariates", name)?, "covariates"));
        let cluster = |name: &str| -> Result<Vec<u32>, CoreError> {
            Ok(Groups::of(table.rows(), &[find(table, "cluster", name)?])?.into_codes())
        };
        Ok(Self {
            units: Groups::of(table.rows(), std::slice::from_ref(&unit))?,
            unknown,
            outcome: numbers(&find(table, "outcome", columns.outcome)?, "outcome")?,
            first: first_periods(&periods, &first)?,
            periods,
            clusters: columns.cluster.map(cluster).transpose()?,
            weights: columns.weight.map(|name| weights(table, name)).transpose()?,
            covariates: covariates.collect::<Result<_, _>>()?,
        })
    }

    /// The periods, as text.
    fn names(&self) -> Vec<String> {
        self.periods.keys()[0].texts().into_iter().map(Option::unwrap_or_default).collect()
    }

    /// Whether rows are those of a panel as it is kept: unit by unit, all periods of each in their order, and none to be left out.
    fn is_laid_out(&self) -> bool {
        let (units, periods) = (self.units.len(), self.periods.len());
        let is_in_place = |unit: usize| {
            let start = unit * periods;
            (start..start + periods).all(|row| {
                self.units.codes()[row] as usize == unit
                    && self.periods.codes()[row] as usize == row - start
                    && !self.unknown[row]
                    && !self.outcome[row].is_nan()
                    && self.first[row] != 0
                    && self.first[row] == self.first[start]
                    && self.covariates.iter().all(|values| !values[row].is_nan())
                    && self.weights.as_ref().is_none_or(|weights| weights[row] == weights[start])
            })
        };
        units > 0 && self.outcome.len() == units * periods && (0..units).into_par_iter().watched().all(is_in_place)
    }

    /// The panel of rows that are laid out as it is.
    fn panel(self) -> Panel {
        fn of_units<T: Copy>(values: &[T], periods: usize) -> Vec<T> {
            values.iter().step_by(periods).copied().collect()
        }
        let periods = self.periods.len();
        let first = |&first: &u32| if first as usize >= periods { NEVER } else { first };
        let mut weights = self.weights.as_ref().map(|weights| of_units(weights, periods));
        if let Some(weights) = &mut weights {
            around_one(weights);
        }
        Panel {
            periods: self.names(),
            first: self.first.iter().step_by(periods).map(first).collect(),
            paths: self.outcome,
            clusters: self.clusters.map(|clusters| of_units(&clusters, periods)),
            weights,
            covariates: self.covariates,
            left_out: Vec::new(),
        }
    }

    /// The row of each unit and period.
    fn slots(&self, columns: &PanelColumns<'_>, tallies: &mut Tallies) -> Result<Vec<u32>, Error> {
        let periods = self.periods.len();
        let mut slots = vec![NO_CODE; self.units.len() * periods];
        let mut first_rows = vec![NO_CODE; self.units.len()];
        for row in 0..self.outcome.len() {
            if self.unknown[row] {
                tallies.note(Reason::NoUnitOrPeriod, row, f64::NAN);
                continue;
            }
            let unit = self.units.codes()[row] as usize;
            let known = std::mem::replace(&mut first_rows[unit], row as u32);
            let other_weight = |weights: &Vec<f64>| known != NO_CODE && weights[known as usize] != weights[row];
            if self.weights.as_ref().is_some_and(other_weight) {
                let expected = "one weight per unit, the same in all its rows";
                return Err(self.refused(columns, ("weight", columns.weight.unwrap_or_default()), row, expected));
            }
            if known != NO_CODE && self.first[known as usize] != self.first[row] {
                let expected = "one first treated period per unit, the same in all its rows";
                return Err(self.refused(columns, ("first_treated", columns.first_treated), row, expected));
            }
            let slot = &mut slots[unit * periods + self.periods.codes()[row] as usize];
            if *slot != NO_CODE {
                let expected = "one row per unit and period; add the rows of a period up";
                return Err(self.refused(columns, ("period", columns.period), row, expected));
            }
            let lacks = self.outcome[row].is_nan() || self.covariates.iter().any(|values| values[row].is_nan());
            if lacks {
                tallies.note(Reason::UnknownOutcome, row, f64::NAN);
                continue;
            }
            *slot = row as u32;
        }
        Ok(slots)
    }

    fn refused(&self, columns: &PanelColumns<'_>, (role, column): (&str, &str), row: usize, expected: &str) -> Error {
        let text = |groups: &Groups| groups.keys()[0].text(groups.codes()[row] as usize).unwrap_or_default();
        let got = match role {
            "period" => format!("{} of unit {} again", text(&self.periods), text(&self.units)),
            _ => {
                format!("another value for unit {} of column {:?}", text(&self.units), columns.unit.unwrap_or_default())
            }
        };
        Error::Value { role: role.into(), column: column.into(), row, got, expected: expected.into() }
    }
}

/// Weights, all above 0.
fn weights(table: &Table, name: &str) -> Result<Vec<f64>, Error> {
    let values = numbers(&find(table, "weight", name)?, "weight")?;
    let odd = values.iter().position(|weight| !(*weight > 0.0 && weight.is_finite()));
    odd.map_or(Ok(values.clone()), |row| {
        let (got, expected) = (values[row].to_string(), "a weight above 0; leave the unit's rows out".into());
        Err(Error::Value { role: "weight".into(), column: name.into(), row, got, expected })
    })
}

/// The first treated period of each row, counted from 0: the first that is not before the value; [`NEVER`] where null.
fn first_periods(periods: &Groups, first: &Column) -> Result<Vec<u32>, Error> {
    let known = &periods.keys()[0];
    if is_number(known) {
        let (known, first) = (numbers(known, "period")?, numbers(first, "first_treated")?);
        let zero = first.iter().position(|&value| value == 0.0);
        if let Some(row) = zero.filter(|_| known.first().is_some_and(|&period| period > 1.0)) {
            return Err(Error::Value {
                role: "first_treated".into(),
                column: "first_treated".into(),
                row,
                got: "0, before all periods".into(),
                expected: "a period, or null for a unit that is never treated: replace 0 by null".into(),
            });
        }
        let place = |value: f64| {
            if value.is_nan() { NEVER } else { known.partition_point(|&period| period < value) as u32 }
        };
        // Rows of a unit mostly stand together.
        let mut last = (f64::NAN, NEVER);
        let of_row = |&value: &f64| {
            if value.to_bits() != last.0.to_bits() {
                last = (value, place(value));
            }
            last.1
        };
        return Ok(first.iter().map(of_row).collect());
    }
    if is_text(known) {
        let both = Groups::in_time(&joined(known, first)?, "first_treated")?;
        let (known, first) = both.codes().split_at(known.len());
        let nulls = both.keys()[0].texts().iter().position(Option::is_none).map_or(NEVER, |at| at as u32);
        let place = |&code: &u32| {
            if code == nulls { NEVER } else { known.partition_point(|&period| period < code) as u32 }
        };
        return Ok(first.iter().map(place).collect());
    }
    let (known, first) = (days(known, "period")?, days(first, "first_treated")?);
    let place = |day: &Option<Day>| match day {
        None => NEVER,
        Some(_) => known.partition_point(|period| period < day) as u32,
    };
    Ok(first.iter().map(place).collect())
}

/// Two columns of text, one after the other.
fn joined(known: &Column, first: &Column) -> Result<Column, Error> {
    let texts = |column: &Column| Column::new("first_treated", column.texts());
    let mut both = texts(known);
    both.append(&texts(first))?;
    Ok(both)
}
