//! Tables of groups without what they tell of few: small groups are hidden, and as many others as keep them from being had by subtraction.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use arrow_schema::DataType;
use serde::{Deserialize, Serialize};

use crate::columns::{find, numbers};
use crate::{Column, Error, NO_CODE, Params, Table, check};

/// Parameters of hiding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HideParams {
    /// The column that counts the people of a group.
    pub count: String,
    /// Groups of fewer people are hidden; k of k-anonymity.
    pub least: u64,
    /// Columns within whose values groups add up to a total that others may know.
    pub within: Vec<String>,
    /// Columns that stay, such as the number of a group; text stays as well.
    pub keep: Vec<String>,
}

impl Default for HideParams {
    fn default() -> Self {
        Self { count: "customers".into(), least: 10, within: Vec::new(), keep: Vec::new() }
    }
}

impl Params for HideParams {
    fn check(&self) -> Result<(), Error> {
        check::that(self.least >= 2, "least", &self.least, "2 people or more")
    }
}

/// Makes all but the names of small groups null, and says how many rows were hidden.
///
/// A group is small if it has somebody, but fewer than `least` people. One hidden group could be had by subtraction from the total, so where one alone is hidden, or all hidden
/// ones together are fewer than `least`, the next smallest is hidden as well (complementary suppression).
///
/// # Errors
/// [`Error::UnknownColumn`] for a column that is not there, [`Error::WrongType`] for a count that is no number.
///
/// ```
/// use leverkit_core::{HideParams, Table, batch, hide_small};
/// let table = batch!("group" => ["a", "b", "c"], "customers" => [500, 3, 40], "revenue" => [9e4, 120.0, 800.0])?;
/// let (safe, hidden) = hide_small(&Table::from(table), &HideParams::default())?;
/// // The group of 3 is too small; that of 40 would give it away.
/// assert_eq!((safe.column(2).null_count(), hidden), (2, 2));
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn hide_small(table: &Table, params: &HideParams) -> Result<(RecordBatch, u64), Error> {
    params.check()?;
    let counts = numbers(&find(table, "count", &params.count)?, "count")?;
    let keys = params.within.iter().map(|name| Ok(find(table, "within", name)?.texts()));
    let keys: Vec<Vec<Option<String>>> = keys.collect::<Result<_, Error>>()?;
    params.keep.iter().try_for_each(|name| find(table, "keep", name).map(drop))?;
    let mut groups: BTreeMap<Vec<Option<&str>>, Vec<usize>> = BTreeMap::new();
    for row in 0..table.rows() {
        groups.entry(keys.iter().map(|key| key[row].as_deref()).collect()).or_default().push(row);
    }
    let mut rows: Vec<u32> = (0..table.rows() as u32).collect();
    let hidden: Vec<usize> = groups.values().flat_map(|rows| small(rows, &counts, params.least as f64)).collect();
    hidden.iter().for_each(|&row| rows[row] = NO_CODE);
    let stays = |column: &Column| {
        is_text(column.data_type())
            || [&params.keep, &params.within].into_iter().flatten().any(|name| name == column.name())
    };
    let shown = |column: &Column| if stays(column) { Ok(column.clone()) } else { column.take(&rows) };
    let columns = table.columns().iter().map(shown).collect::<Result<_, _>>()?;
    Ok((Table::new(columns)?.to_batch()?, hidden.len() as u64))
}

/// The rows of one total that are hidden.
fn small(rows: &[usize], counts: &[f64], least: f64) -> Vec<usize> {
    let mut known: Vec<usize> = rows.iter().copied().filter(|&row| counts[row] > 0.0).collect();
    known.sort_by(|&a, &b| counts[a].total_cmp(&counts[b]));
    let few = known.iter().take_while(|&&row| counts[row] < least).count();
    let mut end = few;
    let is_open = |end: usize| end == 1 || known[..end].iter().map(|&row| counts[row]).sum::<f64>() < least;
    while few > 0 && end < known.len() && is_open(end) {
        end += 1;
    }
    known.truncate(end);
    known
}

fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch;

    fn hidden(counts: &[i64], within: &[&str]) -> Vec<bool> {
        let table = batch!("customers" => counts.to_vec(), "of" => within.to_vec()).unwrap();
        let params = HideParams { within: vec!["of".into()], ..HideParams::default() };
        let (safe, _) = hide_small(&Table::from(table), &params).unwrap();
        (0..counts.len()).map(|row| safe.column(0).is_null(row)).collect()
    }

    #[test]
    fn nobody_can_be_had_by_subtraction() {
        assert_eq!(hidden(&[50, 9, 0, 20], &["x"; 4]), [false, true, false, true]);
        assert_eq!(hidden(&[50, 4, 3, 20], &["x"; 4]), [false, true, true, true]);
        assert_eq!(hidden(&[50, 9, 9, 20], &["x"; 4]), [false, true, true, false]);
        assert_eq!(hidden(&[50, 10, 20], &["x"; 3]), [false; 3]);
    }

    #[test]
    fn each_total_is_kept_apart_and_a_group_alone_is_hidden() {
        assert_eq!(hidden(&[50, 9, 4, 20], &["x", "x", "y", "z"]), [true, true, true, false]);
    }
}
