//! Correspondence analysis of a table of counts: who is like whom, and whether the table holds more than chance.

use leverkit_core::columns::{find, numbers};
use leverkit_core::left_out::Tallies;
use leverkit_core::stats::{benjamini_hochberg, bootstrap};
use leverkit_core::{LeftOut, Params, Reason, Table};
use leverkit_stats::Estimate;
use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::map::{Counts, Map, MapPoint, Names, axes_of, counted, map, permuted};
use super::params::CorrespondenceParams;
use crate::Error;

/// More counts than this are not permuted one by one.
const MOST: f64 = 1e6;

/// A cell of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CountCell {
    /// The row.
    pub row: String,
    /// The column.
    pub column: String,
    /// How many.
    pub count: f64,
    /// How many if columns did not depend on rows.
    pub expected: f64,
    /// Adjusted residual (Haberman 1973): standard normal if they do not.
    pub residual: f64,
    /// Its p-value.
    pub p_value: f64,
    /// By Benjamini & Hochberg over all cells.
    pub q_value: f64,
}

/// A table of counts and its map.
#[derive(Debug, Clone)]
pub struct Correspondence {
    /// What it was made with.
    pub params: CorrespondenceParams,
    /// The map.
    pub map: Map,
    /// Row by row.
    pub cells: Vec<CountCell>,
    /// Of no relation of rows and columns.
    pub chi_squared: f64,
    /// Its degrees of freedom.
    pub df: f64,
    /// Its p-value.
    pub p_value: f64,
    /// All counts.
    pub n: f64,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Maps a table of counts in which each person counts once. Ellipses come from a bootstrap of persons, tests from permutations and from χ².
///
/// # Errors
/// [`Error::Core`] for an unknown column, a count that is no whole number of 0 or more, or more than a million counts; [`Error::NotIdentified`] for fewer than two rows or
/// columns; [`Error::Empty`] where nothing is left.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::{CorrespondenceParams, correspondence};
/// let counts = Table::from(batch!("group" => ["a", "a", "b", "b"], "says" => ["x", "y", "x", "y"], "n" => [30, 10, 10, 30])?);
/// let found = correspondence(&counts, &CorrespondenceParams { count: Some("n".into()), ..CorrespondenceParams::new("group", "says") })?;
/// assert!((found.map.inertia - 0.25).abs() < 1e-12 && found.p_value < 0.001);
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn correspondence(table: &Table, params: &CorrespondenceParams) -> Result<Correspondence, Error> {
    params.check()?;
    let read = Read::of(table, params)?;
    let counts = &read.counts;
    let (n, size) = (counts.total(), (counts.rows, counts.columns));
    if size.0 < 2 || size.1 < 2 {
        let reason = format!("{} rows and {} columns have counts; at least two of each are needed", size.0, size.1);
        return Err(Error::not_identified("correspondence", reason));
    }
    if n > MOST {
        return Err(Error::parameter("count", n.to_string(), "at most a million counts in all"));
    }
    let persons: Vec<Vec<u32>> =
        counts.cells.iter().enumerate().flat_map(|(cell, count)| vec![vec![cell as u32]; *count as usize]).collect();
    let drawn = bootstrap(persons.len(), params.replicates, params.seed, |times| {
        counted(&persons, |person| f64::from(times[person]), size)
    })?;
    let mixed = permuted(&[persons.concat()], |_| 1.0, size, params.replicates, params.seed);
    let names = Names { kinds: ["row", "column"], rows: &read.rows, columns: &read.columns };
    let mut map = map(counts, &names, &drawn, &mixed)?;
    map.points.extend(read.supplementary()?);
    let (chi_squared, df) = (map.inertia * n, ((size.0 - 1) * (size.1 - 1)) as f64);
    let p_value = ChiSquared::new(df).map_or(f64::NAN, |chance| chance.sf(chi_squared));
    let mut notes: Vec<String> = map.doubt().into_iter().collect();
    if !read.empty.is_empty() {
        notes.push(format!("No counts in {}: left out of the map.", read.empty.join(", ")));
    }
    Ok(Correspondence {
        cells: read.cells(),
        chi_squared,
        df,
        p_value,
        n,
        map,
        notes,
        left_out: read.left_out,
        params: params.clone(),
    })
}

struct Read {
    rows: Vec<String>,
    columns: Vec<String>,
    counts: Counts,
    passive: Vec<(String, Vec<f64>)>,
    empty: Vec<String>,
    left_out: Vec<LeftOut>,
}

impl Read {
    fn of(table: &Table, params: &CorrespondenceParams) -> Result<Self, Error> {
        let rows = find(table, "row", &params.row)?.texts();
        let columns = find(table, "column", &params.column)?.texts();
        let counts = match &params.count {
            Some(name) => numbers(&find(table, "count", name)?, "count")?,
            None => vec![1.0; table.rows()],
        };
        let mut tallies = Tallies::default();
        let mut known = Vec::new();
        for (row, count) in counts.iter().enumerate() {
            let (Some(one), Some(other), false) = (&rows[row], &columns[row], count.is_nan()) else {
                tallies.note(Reason::UnknownTick, row, f64::NAN);
                continue;
            };
            if *count < 0.0 || count.fract() != 0.0 {
                return Err(Error::parameter("count", format!("{count} in row {row}"), "a whole number of 0 or more"));
            }
            known.push((one.as_str(), other.as_str(), *count));
        }
        let left_out = tallies.left_out(&[Reason::UnknownTick]);
        let is_passive = |name: &str| params.supplementary.iter().any(|passive| passive == name);
        let unknown = params.supplementary.iter().find(|name| !known.iter().any(|(row, ..)| row == name));
        if let Some(name) = unknown {
            return Err(Error::parameter("supplementary", format!("{name:?}"), "names of rows"));
        }
        let active = || known.iter().filter(|(row, ..)| !is_passive(row));
        let (row_names, empty_rows) = with_counts(active().map(|(row, _, count)| (*row, *count)));
        let (column_names, empty_columns) = with_counts(active().map(|(_, column, count)| (*column, *count)));
        if row_names.is_empty() {
            return Err(Error::empty("correspondence", table.rows(), &left_out));
        }
        let place = |names: &[String], name: &str| names.binary_search_by(|known| known.as_str().cmp(name)).ok();
        let mut found = Counts::zeros(row_names.len(), column_names.len());
        let mut passive: Vec<(String, Vec<f64>)> =
            params.supplementary.iter().map(|name| (name.clone(), vec![0.0; column_names.len()])).collect();
        for (row, column, count) in &known {
            let Some(column) = place(&column_names, column) else { continue };
            if let Some((_, cells)) = passive.iter_mut().find(|(name, _)| name == row) {
                cells[column] += count;
            } else if let Some(row) = place(&row_names, row) {
                found.cells[row * column_names.len() + column] += count;
            }
        }
        let empty = empty_rows.into_iter().chain(empty_columns).collect();
        Ok(Self { rows: row_names, columns: column_names, counts: found, passive, empty, left_out })
    }

    /// Supplementary rows at the mean of the columns' standard coordinates, weighted by their profile.
    fn supplementary(&self) -> Result<Vec<MapPoint>, Error> {
        let Some(axes) = axes_of(&self.counts) else { return Ok(Vec::new()) };
        let point = |(name, cells): &(String, Vec<f64>)| {
            let total: f64 = cells.iter().sum();
            let along = |axis: usize| {
                let unit = axes.inertias.get(axis).map_or(f64::INFINITY, |inertia| inertia.sqrt());
                cells.iter().zip(&axes.columns).map(|(count, place)| count / total * place[axis]).sum::<f64>() / unit
            };
            if total == 0.0 {
                return Err(Error::parameter("supplementary", format!("{name:?} without counts"), "rows with counts"));
            }
            let (x, y) = (along(0), along(1));
            Ok(MapPoint {
                kind: "supplementary",
                name: name.clone(),
                x,
                y,
                scatter: None,
                mass: 0.0,
                inertia: 0.0,
                quality: None,
            })
        };
        self.passive.iter().map(point).collect()
    }

    fn cells(&self) -> Vec<CountCell> {
        let counts = &self.counts;
        let (expected, n) = (counts.expected(), counts.total());
        let (rows, columns) = (counts.row_sums(), counts.column_sums());
        let cell = |at: usize| {
            let (row, column) = (at / counts.columns, at % counts.columns);
            let variance = expected[at] * (1.0 - rows[row] / n) * (1.0 - columns[column] / n);
            let residual = (counts.cells[at] - expected[at]) / variance.sqrt();
            CountCell {
                row: self.rows[row].clone(),
                column: self.columns[column].clone(),
                count: counts.cells[at],
                expected: expected[at],
                residual,
                p_value: Estimate::normal(residual, 1.0, 0.95).p_value,
                q_value: f64::NAN,
            }
        };
        let mut cells: Vec<CountCell> = (0..counts.cells.len()).map(cell).collect();
        let q_values = benjamini_hochberg(&cells.iter().map(|cell| cell.p_value).collect::<Vec<_>>());
        cells.iter_mut().zip(q_values).for_each(|(cell, q)| cell.q_value = q);
        cells
    }
}

/// Names with counts, sorted, and those without.
fn with_counts<'a>(named: impl Iterator<Item = (&'a str, f64)>) -> (Vec<String>, Vec<String>) {
    let mut sums = std::collections::BTreeMap::<&str, f64>::new();
    named.for_each(|(name, count)| *sums.entry(name).or_default() += count);
    let (known, empty): (Vec<_>, Vec<_>) = sums.into_iter().partition(|(_, count)| *count > 0.0);
    let owned = |found: Vec<(&str, f64)>| found.into_iter().map(|(name, _)| name.to_owned()).collect();
    (owned(known), owned(empty))
}

#[cfg(test)]
mod tests {
    use leverkit_core::batch;

    use super::*;

    /// The `smoke` table of R's `ca`: 193 people. χ² by scipy 1.17, adjusted residuals by numpy.
    #[test]
    fn smoke_is_not_beyond_chance() {
        let staff = ["SM", "JM", "SE", "JE", "SC"];
        let smokes = ["none", "light", "medium", "heavy"];
        let counts = [4, 2, 3, 2, 4, 3, 7, 4, 25, 10, 12, 4, 18, 24, 33, 13, 10, 6, 7, 2];
        let table = batch!("staff" => (0..20).map(|at| staff[at / 4]).collect::<Vec<_>>(),
            "smokes" => (0..20).map(|at| smokes[at % 4]).collect::<Vec<_>>(), "n" => counts.to_vec())
        .unwrap();
        let params = CorrespondenceParams { count: Some("n".into()), ..CorrespondenceParams::new("staff", "smokes") };
        let found = correspondence(&table.into(), &params).unwrap();
        assert!((found.chi_squared - 16.4416).abs() < 1e-4 && (found.p_value - 0.172).abs() < 5e-4);
        assert!((found.map.p_value - 0.172).abs() < 0.04, "{}", found.map.p_value);
        assert!(found.notes[0].starts_with("The map shows no more than chance"));
        let residual = |row: &str, column: &str| {
            found.cells.iter().find(|cell| cell.row == row && cell.column == column).unwrap().residual
        };
        assert!((residual("SE", "none") - 3.1182).abs() < 5e-5 && (residual("JE", "none") + 3.0505).abs() < 5e-5);
        let senior = found.map.points.iter().find(|point| point.name == "SM").unwrap().scatter.unwrap();
        assert!((senior.sd_x - 0.32).abs() < 0.05 && (senior.sd_y - 0.35).abs() < 0.06, "{senior:?}");
    }
}
