//! Results as polars frames; the one file of this crate that builds frames.

use leverkit_core::polars::prelude::*;
use leverkit_core::stats::Interval;
use leverkit_core::{Day, Ledger};

use crate::{
    BasketRules, EntryProducts, Error, Ladder, NextProducts, ProductRole, ROLES, Recommendation, Role, Roles,
    Sequences, Verdict,
};

impl Ladder {
    /// One row a group and step: `group`, `order` (reached; the step leads to the next), `customers`, `returned` (seen to place the next),
    /// `conversion`, `lower`, `upper` (share within the horizon), `naive_conversion` (returned within it ÷ customers), `median_days`, `naive_median_days`
    /// (of those who returned), `average_check`, `average_margin`, `revenue_lost` (money), `followed` (share through the horizon), `reason`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.rungs;
        Ok(df!(
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
        )?)
    }

    /// One row a group, step and day: `group`, `order`, `day`, `at_risk`, `returned`, `censored`, `survival` (share not yet back), `std_error`, `lower`,
    /// `upper`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn curves_frame(&self) -> Result<DataFrame, Error> {
        let rows: Vec<_> =
            self.rungs.iter().flat_map(|rung| (0..rung.curve.times.len()).map(move |day| (rung, day))).collect();
        Ok(df!(
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
        )?)
    }
}

impl EntryProducts {
    /// One row a product: `product`, `customers`, `share`, `conversion`, `lower`, `upper`, `shrunk` (shares with a second order within the horizon),
    /// `difference`, `difference_lower`, `difference_upper` (from customers without it), `p_value`, `q_value`, `verdict`, `median_days`, `followed`,
    /// `revenue`, `margin` (money of a followed customer within the horizon).
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.products;
        let verdict = |verdict: Verdict| match verdict {
            Verdict::BuildsBase => "builds base",
            Verdict::BurnsTraffic => "burns traffic",
            Verdict::Unclear => "unclear",
        };
        let mut frame = df!(
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
        )?;
        frame.insert_column(0, named("product", &self.names, each(rows, |row| row.product))?)?;
        Ok(frame)
    }

    /// One row a product, order and horizon: `product`, `order` (2 or 3), `horizon` (days), `conversion`, `lower`, `upper`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn steps_frame(&self) -> Result<DataFrame, Error> {
        let rows: Vec<_> =
            self.products.iter().flat_map(|row| row.steps.iter().map(move |step| (row.product, step))).collect();
        let mut frame = df!(
            "order" => each(&rows, |row| u32::from(row.1.order)),
            "horizon" => each(&rows, |row| row.1.horizon),
            "conversion" => each(&rows, |row| estimate(row.1.conversion)),
            "lower" => each(&rows, |row| lower(row.1.conversion)),
            "upper" => each(&rows, |row| upper(row.1.conversion)),
        )?;
        frame.insert_column(0, named("product", &self.names, each(&rows, |row| row.0))?)?;
        Ok(frame)
    }
}

impl NextProducts {
    /// One row a state and next product: `before` (where two orders are known), `product`, `next`, `count`, `conversion`, `probability`, `lower`,
    /// `upper`, `lift`, `median_days`, `revenue` (money).
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.transitions;
        let lengths = self.offsets.windows(2).map(|range| range[1] - range[0]);
        let states = self.states.iter().zip(lengths).flat_map(|(row, n)| std::iter::repeat_n(row.state, n));
        let mut frame = df!(
            "count" => each(rows, |row| row.count),
            "conversion" => each(rows, |row| row.conversion),
            "probability" => each(rows, |row| row.probability.estimate),
            "lower" => each(rows, |row| row.probability.lower),
            "upper" => each(rows, |row| row.probability.upper),
            "lift" => each(rows, |row| row.lift),
            "median_days" => each(rows, |row| row.median_days),
            "revenue" => each(rows, |row| row.revenue),
        )?;
        frame.insert_column(0, named("product", &self.names, states.clone().map(|state| state.product).collect())?)?;
        frame.insert_column(1, named("next", &self.names, each(rows, |row| row.next))?)?;
        if self.params.order == 2 {
            let before = states.map(|state| state.before.unwrap_or_default()).collect();
            frame.insert_column(0, named("before", &self.names, before)?)?;
        }
        Ok(frame)
    }

    /// One row a state: `before` (where two orders are known), `product`, `n` (orders), `returned`, `nothing`, `repeat`, `unknown` (shares),
    /// `repeat_count`, `known` (orders whose outcome is known).
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn states_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.states;
        let mut frame = df!(
            "n" => each(rows, |row| row.n),
            "returned" => each(rows, |row| row.returned),
            "nothing" => each(rows, |row| row.nothing),
            "repeat" => each(rows, |row| row.repeat),
            "unknown" => each(rows, |row| row.unknown),
            "repeat_count" => each(rows, |row| row.repeat_count),
            "known" => each(rows, |row| row.known),
        )?;
        frame.insert_column(0, named("product", &self.names, each(rows, |row| row.state.product))?)?;
        if self.params.order == 2 {
            let before = each(rows, |row| row.state.before.unwrap_or_default());
            frame.insert_column(0, named("before", &self.names, before)?)?;
        }
        Ok(frame)
    }

    /// Recommendations as a frame: `customer`, `rank`, `next`, `probability`, `because`, `last_order`, `due`, `expected_revenue` (money).
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn recommendations_frame(&self, ledger: &Ledger, rows: &[Recommendation]) -> Result<DataFrame, Error> {
        let customers = each(rows, |row| row.customer);
        Ok(DataFrame::new(
            rows.len(),
            vec![
                named("customer", ledger.customers().values(), customers)?,
                Column::new("rank".into(), each(rows, |row| row.rank)),
                named("next", &self.names, each(rows, |row| row.next))?,
                Column::new("probability".into(), each(rows, |row| row.probability)),
                named("because", &self.names, each(rows, |row| row.because))?,
                dates("last_order", each(rows, |row| row.last_order))?,
                dates("due", each(rows, |row| row.due))?,
                Column::new("expected_revenue".into(), each(rows, |row| row.expected_revenue)),
            ],
        )?)
    }
}

impl Roles {
    /// One row a product: `product`, `count` (orders), `role`, `lift`, `price` (money per unit), and the share of each occasion: `entry`,
    /// `repeat`, `upsell`, `cross_sell`, `core`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.products;
        let mut columns = vec![
            named("product", &self.names, each(rows, |row| row.product))?,
            Column::new("count".into(), each(rows, |row| row.count)),
            Column::new("role".into(), each(rows, |row| name_of(row.role))),
            Column::new("lift".into(), each(rows, |row| row.lift)),
            Column::new("price".into(), each(rows, |row| row.price)),
        ];
        for (place, role) in ROLES.into_iter().enumerate() {
            let share = |row: &ProductRole| row.shares[place];
            columns.push(Column::new(name_of(role).into(), rows.iter().map(share).collect::<Vec<_>>()));
        }
        Ok(DataFrame::new(rows.len(), columns)?)
    }

    /// The share of each occasion among all purchases: `role`, `share`, and the `rule` in words.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn overall_frame(&self) -> Result<DataFrame, Error> {
        let rule = |role: Role| match role {
            Role::Entry => "in the customer's first order",
            Role::Repeat => "bought by the customer before",
            Role::Upsell => "not bought before, dearer than what the customer bought before in its category",
            Role::CrossSell => "not bought before, nor anything in its category",
            Role::Core => "the rest, and products that have no more of an occasion than others",
        };
        Ok(df!(
            "role" => ROLES.map(name_of).to_vec(),
            "share" => self.overall.to_vec(),
            "rule" => ROLES.map(rule).to_vec(),
        )?)
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

impl BasketRules {
    /// One row a rule, the most margin first: `antecedent` (a list where sets larger than pairs were asked for), `consequent`, `count`, `expected`
    /// (orders by chance), `support`, `confidence`, `lift`, `leverage`, `conviction`, `zhang`, `p_value`, `q_value`, `margin` (money beyond
    /// chance).
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.rules;
        let antecedent = if self.params.max_size > 2 {
            lists("antecedent", &self.names, rows.iter().map(|row| row.antecedent.as_slice()))?
        } else {
            named("antecedent", &self.names, each(rows, |row| row.antecedent[0]))?
        };
        let mut frame = df!(
            "count" => each(rows, |row| row.count),
            "expected" => each(rows, |row| row.expected),
            "support" => each(rows, |row| row.support),
            "confidence" => each(rows, |row| row.confidence),
            "lift" => each(rows, |row| row.lift),
            "leverage" => each(rows, |row| row.leverage),
            "conviction" => each(rows, |row| row.conviction),
            "zhang" => each(rows, |row| row.zhang),
            "p_value" => each(rows, |row| row.p_value),
            "q_value" => each(rows, |row| row.q_value),
            "margin" => each(rows, |row| row.margin),
        )?;
        frame.insert_column(0, antecedent)?;
        frame.insert_column(1, named("consequent", &self.names, each(rows, |row| row.consequent))?)?;
        Ok(frame)
    }

    /// One row a set of products that reaches the minimum support: `products` (a list), `size`, `count`, `support`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn itemsets_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.itemsets;
        let mut frame = df!(
            "size" => each(rows, |row| row.products.len() as u32),
            "count" => each(rows, |row| row.count),
            "support" => each(rows, |row| row.count as f64 / self.n_orders as f64),
        )?;
        frame.insert_column(0, lists("products", &self.names, rows.iter().map(|row| row.products.as_slice()))?)?;
        Ok(frame)
    }
}

impl Sequences {
    /// One row a sequence: `products` (a list, in time order), `length`, `customers`, `support` (share of customers), `closed`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let rows = &self.patterns;
        let mut frame = df!(
            "length" => each(rows, |row| row.products.len() as u32),
            "customers" => each(rows, |row| row.customers),
            "support" => each(rows, |row| row.customers as f64 / self.n_customers as f64),
            "closed" => each(rows, |row| row.is_closed),
        )?;
        frame.insert_column(0, lists("products", &self.names, rows.iter().map(|row| row.products.as_slice()))?)?;
        Ok(frame)
    }
}

/// Ids by their codes.
fn named(name: &str, names: &Series, codes: Vec<u32>) -> Result<Column, Error> {
    let codes = IdxCa::from_vec("".into(), codes);
    Ok(names.take(&codes)?.with_name(name.into()).into_column())
}

/// Lists of ids by their codes.
fn lists<'a>(name: &str, names: &Series, rows: impl Iterator<Item = &'a [u32]>) -> Result<Column, Error> {
    let mut series: Vec<Series> = Vec::new();
    for codes in rows {
        let codes = IdxCa::from_vec("".into(), codes.to_vec());
        series.push(names.take(&codes)?);
    }
    if series.is_empty() {
        let empty = Series::new_empty(name.into(), &DataType::List(Box::new(names.dtype().clone())));
        return Ok(empty.into_column());
    }
    Ok(Series::new(name.into(), series).into_column())
}

fn dates(name: &str, days: Vec<Day>) -> PolarsResult<Column> {
    Ok(Series::new(name.into(), days).cast(&DataType::Date)?.into_column())
}

fn each<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

fn estimate(interval: Option<Interval>) -> Option<f64> {
    interval.map(|interval| interval.estimate)
}

fn lower(interval: Option<Interval>) -> Option<f64> {
    interval.map(|interval| interval.lower)
}

fn upper(interval: Option<Interval>) -> Option<f64> {
    interval.map(|interval| interval.upper)
}
