//! Outcomes of units by period, of which few are treated from some period on.

use leverkit_core::columns::{find, numbers};
use leverkit_core::left_out::Tallies;
use leverkit_core::{Groups, LeftOut, Reason, Table};

use super::params::SyntheticParams;
use crate::Error;

/// A balanced panel: the treated units' mean first, then every donor.
pub(super) struct Panel {
    /// The periods, as texts.
    pub(super) times: Vec<String>,
    /// The donors' names.
    pub(super) donors: Vec<String>,
    /// Outcomes by period: of the treated, then of the donors.
    pub(super) paths: Vec<Vec<f64>>,
    /// How many periods come before the start.
    pub(super) before: usize,
    /// How many units are treated.
    pub(super) treated_units: usize,
    pub(super) left_out: Vec<LeftOut>,
}

impl Panel {
    pub(super) fn read(table: &Table, params: &SyntheticParams) -> Result<Self, Error> {
        let column = |role: &str, name: &str| find(table, role, name);
        let units = Groups::of(table.rows(), &[column("unit", &params.unit)?])?;
        let periods = Groups::of(table.rows(), &[column("time", &params.time)?])?;
        let outcomes = numbers(&column("outcome", &params.outcome)?, "outcome")?;
        let (names, times) = (units.keys()[0].texts(), periods.keys()[0].texts());
        let mut cells = vec![vec![f64::NAN; times.len()]; names.len()];
        for (row, outcome) in outcomes.iter().enumerate() {
            let (unit, period) = (units.codes()[row] as usize, periods.codes()[row] as usize);
            let cell = &mut cells[unit][period];
            if !cell.is_nan() {
                return Err(Error::Value {
                    role: "unit, time".into(),
                    column: params.unit.clone(),
                    row,
                    got: format!("{:?} at {:?} again", names[unit], times[period]),
                    expected: "one row per unit and period: add them up first".into(),
                });
            }
            *cell = *outcome;
        }
        // A null is the last of its groups.
        let known: Vec<String> = times.into_iter().flatten().collect();
        let treated = treated(&names, &cells, &known, params)?;
        let (donors, paths, left_out) = donors(&names, cells, &known, params);
        let before = before(&known, params)?;
        if donors.len() < 2 {
            return Err(Error::not_identified(
                "synthetic",
                format!("{} donors with an outcome in every period; at least 2 are needed", donors.len()),
            ));
        }
        let paths = std::iter::once(treated).chain(paths).collect();
        Ok(Self { times: known, donors, paths, before, treated_units: params.treated.len(), left_out })
    }

    /// The number of periods from the start on.
    pub(super) fn after(&self) -> usize {
        self.times.len() - self.before
    }
}

/// The mean path of the treated units.
fn treated(
    names: &[Option<String>],
    cells: &[Vec<f64>],
    times: &[String],
    params: &SyntheticParams,
) -> Result<Vec<f64>, Error> {
    let mut mean = vec![0.0; times.len()];
    for unit in &params.treated {
        let Some(at) = names.iter().position(|name| name.as_ref() == Some(unit)) else {
            let near = leverkit_core::nearest(unit, names.iter().flatten().map(String::as_str));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
            return Err(Error::parameter(
                "treated",
                format!("{unit:?}"),
                format!("a unit of column {:?}{hint}", params.unit),
            ));
        };
        if let Some(period) = (0..times.len()).find(|period| !cells[at][*period].is_finite()) {
            let reason = format!(
                "the treated unit {unit:?} has no outcome at {:?}: fill it, or leave the period out",
                times[period]
            );
            return Err(Error::not_identified("synthetic", reason));
        }
        mean.iter_mut().zip(&cells[at]).for_each(|(mean, cell)| *mean += cell / params.treated.len() as f64);
    }
    Ok(mean)
}

/// The others that have an outcome in every period.
fn donors(
    names: &[Option<String>],
    cells: Vec<Vec<f64>>,
    times: &[String],
    params: &SyntheticParams,
) -> (Vec<String>, Vec<Vec<f64>>, Vec<LeftOut>) {
    let (mut donors, mut paths, mut tallies) = (Vec::new(), Vec::new(), Tallies::default());
    for (at, (name, mut path)) in names.iter().zip(cells).enumerate() {
        path.truncate(times.len());
        match name {
            Some(name) if params.treated.contains(name) => {}
            Some(name) if path.iter().all(|outcome| outcome.is_finite()) => {
                donors.push(name.clone());
                paths.push(path);
            }
            _ => tallies.note(Reason::PeriodsMissing, at, f64::NAN),
        }
    }
    (donors, paths, tallies.left_out(&[Reason::PeriodsMissing]))
}

/// How many periods come before the start.
fn before(times: &[String], params: &SyntheticParams) -> Result<usize, Error> {
    let Some(before) = times.iter().position(|time| *time == params.start) else {
        let (first, last) = (times.first(), times.last());
        let (first, last) = (first.map_or("?", String::as_str), last.map_or("?", String::as_str));
        let expected = format!("one of the {} periods from {first:?} to {last:?}", times.len());
        return Err(Error::parameter("start", format!("{:?}", params.start), expected));
    };
    if before < FEWEST {
        let reason = format!("{before} periods before the start; at least {FEWEST} are needed to find weights");
        return Err(Error::not_identified("synthetic", reason));
    }
    Ok(before)
}

/// Fewer periods than this before the start find no weights worth the name.
const FEWEST: usize = 3;
