//! Tables of products as record batches.

use leverkit_core::frames::each;
use leverkit_core::{Column, Error, Ledger, RecordBatch, Table, Tables, batch, zeros};
use rayon::prelude::*;

use crate::columns::{estimate, lower, upper};
use crate::products::entry::{EntryProducts, Verdict};
use crate::products::ladder::Ladder;
use crate::products::next::{NextProducts, State};
use crate::products::recommend::Recommendation;
use crate::products::roles::{ProductRoles, ROLES, Role};
use crate::products::rules::{BasketRule, BasketRules};
use crate::products::sequences::Sequences;

impl Tables for Ladder {
    const TABLES: &'static [&'static str] = &["table", "curves"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        if name == "curves" { self.curves_batch() } else { self.to_batch() }
    }
}

impl Ladder {
    /// One row per group and step: `group`, `order` (reached; the step leads to the next), `customers`, `returned` (observed to place the next one),
    /// `conversion`, `lower`, `upper` (share within the horizon), `naive_conversion` (returned within it ÷ customers), `median_days`, `naive_median_days`
    /// (of those who returned), `average_check`, `average_margin`, `revenue_lost` (money), `followed` (share through the horizon), `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.rungs;
        batch!(
            "group" => each(rows, |row| row.group.as_deref()),
            "order" => each(rows, |row| row.order as u32),
            "customers" => each(rows, |row| row.customers),
            "returned" => each(rows, |row| row.returned),
            "conversion" => each(rows, |row| estimate(row.conversion)),
            "lower" => each(rows, |row| lower(row.conversion)),
            "upper" => each(rows, |row| upper(row.conversion)),
            "naive_conversion" => each(rows, |row| row.naive_conversion),
            "median_days" => each(rows, |row| row.median_days),
            "naive_median_days" => each(rows, |row| row.median_days_of_returned),
            "average_check" => each(rows, |row| row.average_check),
            "average_margin" => each(rows, |row| row.average_margin),
            "revenue_lost" => each(rows, |row| row.revenue_lost),
            "followed" => each(rows, |row| row.followed),
            "reason" => each(rows, |row| row.reason.as_deref()),
        )
    }

    /// One row per group, step and day: `group`, `order`, `day`, `at_risk`, `returned`, `censored`, `survival` (share not yet back), `std_error`, `lower`,
    /// `upper`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn curves_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<_> =
            self.rungs.iter().flat_map(|rung| (0..rung.curve.times.len()).map(move |day| (rung, day))).collect();
        batch!(
            "group" => each(&rows, |row| row.0.group.as_deref()),
            "order" => each(&rows, |row| row.0.order as u32),
            "day" => each(&rows, |row| row.0.curve.times[row.1] as u32),
            "at_risk" => each(&rows, |row| row.0.curve.at_risk[row.1]),
            "returned" => each(&rows, |row| row.0.curve.events[row.1]),
            "censored" => each(&rows, |row| row.0.curve.censored[row.1]),
            "survival" => each(&rows, |row| row.0.curve.survival[row.1]),
            "std_error" => each(&rows, |row| row.0.curve.std_error[row.1]),
            "lower" => each(&rows, |row| row.0.curve.lower[row.1]),
            "upper" => each(&rows, |row| row.0.curve.upper[row.1]),
        )
    }
}

impl Tables for EntryProducts {
    const TABLES: &'static [&'static str] = &["table", "steps"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        if name == "steps" { self.steps_batch() } else { self.to_batch() }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl EntryProducts {
    /// One row per product: `product`, `customers`, `share`, `conversion`, `lower`, `upper`, `shrunk` (shares with a second order within the horizon),
    /// `difference`, `difference_lower`, `difference_upper` (from customers without it), `p_value`, `q_value`, `verdict`, `median_days`, `followed`,
    /// `revenue`, `margin` (money of a followed customer within the horizon).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.products;
        let verdict = |verdict: Verdict| match verdict {
            Verdict::BuildsBase => "builds base",
            Verdict::BurnsTraffic => "burns traffic",
            Verdict::Unclear => "unclear",
        };
        batch!(
            "product" => self.names.take(&each(rows, |row| row.product))?,
            "customers" => each(rows, |row| row.customers),
            "share" => each(rows, |row| row.share),
            "conversion" => each(rows, |row| estimate(row.conversion)),
            "lower" => each(rows, |row| lower(row.conversion)),
            "upper" => each(rows, |row| upper(row.conversion)),
            "shrunk" => each(rows, |row| row.shrunk),
            "difference" => each(rows, |row| estimate(row.difference)),
            "difference_lower" => each(rows, |row| lower(row.difference)),
            "difference_upper" => each(rows, |row| upper(row.difference)),
            "p_value" => each(rows, |row| row.p_value),
            "q_value" => each(rows, |row| row.q_value),
            "verdict" => each(rows, |row| verdict(row.verdict)),
            "median_days" => each(rows, |row| row.median_days),
            "followed" => each(rows, |row| row.followed),
            "revenue" => each(rows, |row| row.revenue),
            "margin" => each(rows, |row| row.margin),
        )
    }

    /// One row per product, order and horizon: `product`, `order` (2 or 3), `horizon` (days), `conversion`, `lower`, `upper`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn steps_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<_> =
            self.products.iter().flat_map(|row| row.steps.iter().map(move |step| (row.product, step))).collect();
        batch!(
            "product" => self.names.take(&each(&rows, |row| row.0))?,
            "order" => each(&rows, |row| u32::from(row.1.order)),
            "horizon" => each(&rows, |row| row.1.horizon),
            "conversion" => each(&rows, |row| estimate(row.1.conversion)),
            "lower" => each(&rows, |row| lower(row.1.conversion)),
            "upper" => each(&rows, |row| upper(row.1.conversion)),
        )
    }
}

impl Tables for NextProducts {
    const TABLES: &'static [&'static str] = &["table", "states"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        if name == "states" { self.states_batch() } else { self.to_batch() }
    }
}

impl NextProducts {
    /// One row per state and next product: `before` (where two orders are known), `product`, `next`, `count`, `conversion`, `probability`, `lower`,
    /// `upper`, `lift`, `median_days`, `revenue` (money).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.transitions;
        let lengths = self.offsets.windows(2).map(|range| range[1] - range[0]);
        let states = self.states.iter().zip(lengths).flat_map(|(row, n)| std::iter::repeat_n(row.state, n));
        let transitions = batch!(
            "product" => self.names.take(&states.clone().map(|state| state.product).collect::<Vec<_>>())?,
            "next" => self.names.take(&each(rows, |row| row.next))?,
            "count" => each(rows, |row| row.count),
            "conversion" => each(rows, |row| row.conversion),
            "probability" => each(rows, |row| row.probability.estimate),
            "lower" => each(rows, |row| row.probability.lower),
            "upper" => each(rows, |row| row.probability.upper),
            "lift" => each(rows, |row| row.lift),
            "median_days" => each(rows, |row| row.median_days),
            "revenue" => each(rows, |row| row.revenue),
        )?;
        self.with_before(states, transitions)
    }

    /// One row per state: `before` (where two orders are known), `product`, `n` (orders), `returned`, `nothing`, `repeat`, `unknown` (shares),
    /// `repeat_count`, `known` (orders whose outcome is known).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn states_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.states;
        let states = batch!(
            "product" => self.names.take(&each(rows, |row| row.state.product))?,
            "n" => each(rows, |row| row.n),
            "returned" => each(rows, |row| row.returned),
            "nothing" => each(rows, |row| row.nothing),
            "repeat" => each(rows, |row| row.repeat),
            "unknown" => each(rows, |row| row.unknown),
            "repeat_count" => each(rows, |row| row.repeat_count),
            "known" => each(rows, |row| row.known),
        )?;
        self.with_before(rows.iter().map(|row| row.state), states)
    }

    /// The rows of states, led by the product of the order before where two orders are known.
    fn with_before(&self, states: impl Iterator<Item = State>, rows: RecordBatch) -> Result<RecordBatch, Error> {
        if self.params.order != 2 {
            return Ok(rows);
        }
        let before: Vec<u32> = states.map(|state| state.before.unwrap_or_default()).collect();
        let mut columns = vec![self.names.take(&before)?.renamed("before")];
        columns.extend_from_slice(Table::from(rows).columns());
        Table::new(columns)?.to_batch()
    }

    /// One row per recommendation: `customer`, `rank`, `next`, `probability`, `because`, `last_order`, `due`, `expected_revenue` (money).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn recommendations_batch(&self, ledger: &Ledger, rows: &[Recommendation]) -> Result<RecordBatch, Error> {
        batch!(
            "customer" => ledger.customers().values().take(&each(rows, |row| row.customer))?,
            "rank" => each(rows, |row| row.rank),
            "next" => self.names.take(&each(rows, |row| row.next))?,
            "probability" => each(rows, |row| row.probability),
            "because" => self.names.take(&each(rows, |row| row.because))?,
            "last_order" => each(rows, |row| row.last_order),
            "due" => each(rows, |row| row.due),
            "expected_revenue" => each(rows, |row| row.expected_revenue),
        )
    }
}

impl Tables for ProductRoles {
    const TABLES: &'static [&'static str] = &["table", "rules"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        if name == "rules" { self.overall_batch() } else { self.to_batch() }
    }
}

impl ProductRoles {
    /// One row per product: `product`, `count` (orders), `role`, `lift`, `price` (money per unit), and the share of each occasion: `entry`,
    /// `repeat`, `upsell`, `cross_sell`, `core`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.products;
        let mut columns = vec![
            self.names.take(&each(rows, |row| row.product))?.renamed("product"),
            Column::new("count", each(rows, |row| row.count)),
            Column::new("role", each(rows, |row| name_of(row.role))),
            Column::new("lift", each(rows, |row| row.lift)),
            Column::new("price", each(rows, |row| row.price)),
        ];
        for (place, role) in ROLES.into_iter().enumerate() {
            columns.push(Column::new(name_of(role), each(rows, |row| row.shares[place])));
        }
        Table::new(columns)?.to_batch()
    }

    /// The share of each occasion among all purchases: `role`, `share`, and the `rule` in words.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn overall_batch(&self) -> Result<RecordBatch, Error> {
        let rule = |role: Role| match role {
            Role::Entry => "in the customer's first order",
            Role::Repeat => "bought by the customer before",
            Role::Upsell => "not bought before, dearer than what the customer bought before in its category",
            Role::CrossSell => "not bought before, nor anything in its category",
            Role::Core => "the rest, and products that have no more of an occasion than others",
        };
        batch!(
            "role" => ROLES.map(name_of),
            "share" => self.overall,
            "rule" => ROLES.map(rule),
        )
    }
}

fn name_of(role: Role) -> &'static str {
    match role {
        Role::Entry => "entry",
        Role::Repeat => "repeat",
        Role::Upsell => "upsell",
        Role::CrossSell => "cross_sell",
        Role::Core => "core",
    }
}

impl Tables for BasketRules {
    const TABLES: &'static [&'static str] = &["table", "itemsets"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        if name == "itemsets" { self.itemsets_batch() } else { self.to_batch() }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl BasketRules {
    /// One row per rule, largest margin first: `antecedent` (a list if sets larger than pairs were requested), `consequent`, `count`, `expected`
    /// (orders by chance), `support`, `confidence`, `lift`, `leverage`, `conviction`, `zhang`, `p_value`, `q_value`, `margin` (money beyond
    /// chance).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.rules;
        let [first, consequent] = par_columns(rows, [|row| row.antecedent[0], |row| row.consequent]);
        let [count] = par_columns(rows, [|row| row.count]);
        let [expected, support, confidence, lift, leverage, conviction, zhang, p_value, q_value, margin] = par_columns(
            rows,
            [
                |row| row.expected,
                |row| row.support,
                |row| row.confidence,
                |row| row.lift,
                |row| row.leverage,
                |row| row.conviction,
                |row| row.zhang,
                |row| row.p_value,
                |row| row.q_value,
                |row| row.margin,
            ],
        );
        let antecedent = if self.params.max_size > 2 {
            self.names.take_lists(&each(rows, |row| row.antecedent.as_slice()))?
        } else {
            self.names.take(&first)?
        };
        batch!(
            "antecedent" => antecedent,
            "consequent" => self.names.take(&consequent)?,
            "count" => count,
            "expected" => expected,
            "support" => support,
            "confidence" => confidence,
            "lift" => lift,
            "leverage" => leverage,
            "conviction" => conviction,
            "zhang" => zhang,
            "p_value" => p_value,
            "q_value" => q_value,
            "margin" => margin,
        )
    }

    /// One row per set of products that reaches the minimum support: `products` (a list), `size`, `count`, `support`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn itemsets_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.itemsets;
        batch!(
            "products" => self.names.take_lists(&each(rows, |row| row.products.as_slice()))?,
            "size" => each(rows, |row| row.products.len() as u32),
            "count" => each(rows, |row| row.count),
            "support" => each(rows, |row| row.count as f64 / self.n_orders as f64),
        )
    }
}

impl Tables for Sequences {
    const TABLES: &'static [&'static str] = &["table"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.to_batch()
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Sequences {
    /// One row per sequence: `products` (a list, in time order), `length`, `customers`, `support` (share of customers), `closed`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.patterns;
        batch!(
            "products" => self.names.take_lists(&each(rows, |row| row.products.as_slice()))?,
            "length" => each(rows, |row| row.products.len() as u32),
            "customers" => each(rows, |row| row.customers),
            "support" => each(rows, |row| row.customers as f64 / self.n_customers as f64),
            "closed" => each(rows, |row| row.is_closed),
        )
    }
}

/// Values of many rows, a column each. All columns are filled by blocks of rows, which the processor's cache holds meanwhile.
fn par_columns<T: Clone + Default + Send, const N: usize>(
    rows: &[BasketRule],
    values: [fn(&BasketRule) -> T; N],
) -> [Vec<T>; N] {
    const BLOCK: usize = 1 << 10;
    let mut columns = [(); N].map(|()| zeros(rows.len()));
    let mut blocks: Vec<(&[BasketRule], Vec<&mut [T]>)> = rows.chunks(BLOCK).map(|rows| (rows, Vec::new())).collect();
    for column in &mut columns {
        blocks.iter_mut().zip(column.chunks_mut(BLOCK)).for_each(|((_, parts), part)| parts.push(part));
    }
    blocks.into_par_iter().for_each(|(rows, parts)| {
        for (part, value) in parts.into_iter().zip(values) {
            part.iter_mut().zip(rows).for_each(|(slot, row)| *slot = value(row));
        }
    });
    columns
}
