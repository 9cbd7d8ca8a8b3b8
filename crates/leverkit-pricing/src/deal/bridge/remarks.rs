//! What is to be said of items whose units leave no price: the items by name.

use leverkit_core::Column;
use rayon::prelude::*;

use super::effects::is_on_both_sides;
use super::items::{Items, Sums};
use crate::Error;

/// Most items that are named.
const MOST_NAMES: usize = 3;

/// The items and their names.
pub(super) struct Remarks<'a> {
    pub(super) items: &'a Items,
    pub(super) keys: &'a [Column],
}

impl Remarks<'_> {
    /// Refuses a base whose units add up to nothing while items sold on both sides need its average value; says which items have money and no units.
    pub(super) fn checked(&self) -> Result<Option<String>, Error> {
        let is = |holds: bool| f64::from(u8::from(holds));
        let look = |&[q0, q1, ..]: &Sums| [q0, q0.abs(), is(is_on_both_sides(q0, q1)), is(q0 == 0.0 && q1 == 0.0)];
        let [net, gross, compared, without_units] = self.items.sum(look);
        if compared > 0.0 && net.abs() <= 1e-12 * gross {
            return Err(self.no_average());
        }
        // Nearly always there is none, and none is looked for.
        let names = (without_units > 0.0).then(|| self.names(|sums| sums[0] == 0.0 && sums[1] == 0.0)).flatten();
        Ok(names.map(|names| format!("Money without units is a step of its own: {names}.")))
    }

    fn no_average(&self) -> Error {
        let negative = self.names(|sums| sums[0] < 0.0).unwrap_or_default();
        Error::not_identified(
            "price_volume_mix",
            format!(
                "the units of the base add up to nothing, with units below 0 of {negative}: without an average value of a unit volume and mix cannot be told apart; leave returns out, or take a longer base"
            ),
        )
    }

    /// The first items of a kind by name, and how many more there are; `None` where there are none.
    fn names(&self, is: impl Fn(&Sums) -> bool + Sync) -> Option<String> {
        let found: Vec<usize> =
            (0..self.items.len()).into_par_iter().filter(|&item| is(&self.items.get(item))).collect();
        let first: Vec<String> = found.iter().take(MOST_NAMES).map(|&item| self.name(item)).collect();
        let more = match found.len() - first.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        (!first.is_empty()).then(|| format!("{}{more}", first.join(", ")))
    }

    fn name(&self, item: usize) -> String {
        let value = |key: &Column| key.text(item).unwrap_or_else(|| "unknown".into());
        self.keys.iter().map(value).collect::<Vec<_>>().join(" · ")
    }
}
