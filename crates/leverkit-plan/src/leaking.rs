//! Columns whose values leak, each for what the columns before it leave.

use leverkit_core::Ledger;
use leverkit_pricing::{Deals, Error, Leak, LeakTotal, Leakage, LeakageParams, leakage};

/// What can be closed, column by column, no deal's discount for two of them.
///
/// ```
/// use leverkit_core::frames::each;
/// use leverkit_core::{Ledger, Roles, batch, format_day};
/// // Of three reps one gives five points more; 300 customers have discounts of their own.
/// let rows: Vec<i32> = (0..3000).collect();
/// let off = |row: &i32| f64::from(row % 300 * 7 % 11) / 100.0 + if row % 3 == 0 { 0.05 } else { 0.0 };
/// let lines = batch!(
///     "who" => each(&rows, |row| row % 300),
///     "day" => each(&rows, |row| format_day(19_000 + row / 10)),
///     "rep" => each(&rows, |row| ["ann", "bob", "eve"][*row as usize % 3]),
///     "paid" => each(&rows, |row| 10.0 * (1.0 - off(row))),
///     "off" => each(&rows, |row| 10.0 * off(row)),
/// )?;
/// let roles = Roles::new("who", "day").amount("paid").discount("off", "off").dimension("rep");
/// let found = leverkit_plan::Leaking::of(&Ledger::from_batches(&[lines], &roles)?)?;
/// assert_eq!((found.columns[0].dimension.as_str(), found.columns[0].leaking), ("rep", 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Leaking {
    /// The columns that leak, the one with most to close first: money of all deals of their values.
    pub columns: Vec<LeakTotal>,
    /// Money of all deals at list price.
    pub list: f64,
}

impl Leaking {
    /// Of all dimensions of a ledger. A rep who gives more makes the region leak where most of the sales are hers: once a column is found, the others are compared by the deals
    /// outside of its leaking values alone. What they leak there, a share of list price, counts for all their deals.
    ///
    /// # Errors
    /// As [`leakage`].
    pub fn of(ledger: &Ledger) -> Result<Self, Error> {
        let mut by = ledger.roles().dimensions.clone();
        let whole = compared(ledger, &by)?;
        let list = whole.leaks.first().map_or(0.0, |all| all.list);
        let (mut columns, mut found, mut rest) = (Vec::new(), whole.clone(), ledger.clone());
        while let Some(total) = greatest(&found) {
            let leaking = values(&found, |leak| leak.dimension.as_ref() == Some(&total.dimension), true);
            let others = values(&found, |leak| leak.dimension.as_ref() == Some(&total.dimension), false);
            columns.push(of_all(total, &leaking, &whole));
            by.retain(|column| *column != total.dimension);
            if by.is_empty() || others.is_empty() {
                break;
            }
            rest = rest.where_in(&total.dimension, &others)?;
            found = compared(&rest, &by)?;
        }
        Ok(Self { columns, list })
    }
}

fn compared(ledger: &Ledger, by: &[String]) -> Result<Leakage, Error> {
    leakage(&Deals::from_ledger(ledger)?, &LeakageParams { by: by.to_vec(), ..LeakageParams::default() })
}

/// The column with the most to close, if any leaks.
fn greatest(found: &Leakage) -> Option<&LeakTotal> {
    let leaking = found.totals.iter().filter(|total| total.leaking > 0);
    leaking.max_by(|a, b| a.closable.estimate.total_cmp(&b.closable.estimate))
}

fn values(found: &Leakage, of: impl Fn(&&Leak) -> bool, leaks: bool) -> Vec<String> {
    let known = found.leaks.iter().filter(of).filter(|leak| leak.closable.is_some() == leaks);
    known.filter_map(|leak| leak.value.clone()).collect()
}

/// What was found by some deals of the values, for all of theirs.
fn of_all(found: &LeakTotal, leaking: &[String], whole: &Leakage) -> LeakTotal {
    let own = |leak: &&Leak| {
        leak.dimension.as_ref() == Some(&found.dimension)
            && leak.value.as_ref().is_some_and(|value| leaking.contains(value))
    };
    let sum = |of: fn(&Leak) -> f64| whole.leaks.iter().filter(own).map(of).sum::<f64>();
    let list = sum(|leak| leak.list);
    LeakTotal {
        deals: whole.leaks.iter().filter(own).map(|leak| leak.deals).sum(),
        discount: sum(|leak| leak.discount),
        closable: found.closable.map(|money| money * list / found.list),
        list,
        ..found.clone()
    }
}
