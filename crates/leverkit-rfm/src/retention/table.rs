//! Tables of limit days, norms, triggers, migration, cohorts and tenure.

use leverkit_core::frames::{each, number};
use leverkit_core::stats::Interval;
use leverkit_core::{Column, Error, RecordBatch, Tables, batch};

use super::cohorts::Cohorts;
use super::limit_day::{CustomerLimit, GroupLimit, LimitDays};
use super::migration::{Flow, Migration, NONE};
use super::norms::{Norm, Norms};
use super::tenure::{Tenure, TenureRow};
use super::triggers::{TriggerRow, Triggers};

/// The ids of customers given by code.
fn ids(all: &Column, codes: impl Iterator<Item = u32>) -> Result<Column, Error> {
    all.take(&codes.collect::<Vec<_>>())
}

/// Names by position, where there is one.
fn names(all: &[String], positions: impl Iterator<Item = Option<u8>>) -> Vec<Option<&str>> {
    positions.map(|position| position.map(|position| all[usize::from(position)].as_str())).collect()
}

impl Tables for LimitDays {
    const TABLES: &'static [&'static str] = &["limits", "customers", "curve"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "customers" => self.customers_batch(),
            "curve" => self.curve_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl LimitDays {
    /// One row per group: `group`, `n` (gaps), `returned`, `limit_day`, `lower`, `upper` (days), `horizon` (days), `mean_gap` (days),
    /// `gaps_for_half` (gaps after which a customer's own rhythm counts half), `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let groups: Vec<&GroupLimit> = self.listed().collect();
        batch!(
            "group" => each(&groups, |group| group.group.clone()),
            "n" => each(&groups, |group| group.n as i64),
            "returned" => each(&groups, |group| group.returned as i64),
            "limit_day" => each(&groups, |group| group.limit_day),
            "lower" => each(&groups, |group| group.lower),
            "upper" => each(&groups, |group| group.upper),
            "horizon" => vec![self.horizon; groups.len()],
            "mean_gap" => each(&groups, |group| Some(group.rhythm.mean_days).filter(|days| !days.is_nan())),
            "gaps_for_half" => each(&groups, |group| group.rhythm.gaps_for_half),
            "reason" => each(&groups, |group| group.reason.clone()),
        )
    }

    /// One row per customer: `customer`, `group`, `last_order`, `gaps`, `rhythm_days`, `limit_day` (days), `limit_date`,
    /// `days_left` (from `as_of`; negative where past), `return_chance` (share, within the horizon).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn customers_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.customers;
        let left = |row: &CustomerLimit| row.limit_date().map(|date| date - self.as_of);
        batch!(
            "customer" => ids(&self.ids, rows.iter().map(|row| row.customer))?,
            "group" => each(rows, |row| self.groups[row.group as usize].group.as_deref()),
            "last_order" => each(rows, |row| row.last_order),
            "gaps" => each(rows, |row| row.gaps),
            "rhythm_days" => each(rows, |row| row.rhythm_days),
            "limit_day" => each(rows, |row| row.limit_day),
            "limit_date" => each(rows, CustomerLimit::limit_date),
            "days_left" => each(rows, left),
            "return_chance" => each(rows, |row| row.return_chance),
        )
    }

    /// The return-time curves, one row per group and day: `group`, `day`, `at_risk`, `returned`, `censored`, `survival` (share not yet
    /// returned), `std_error`, `lower`, `upper` (Greenwood's limits), `return_chance` within the horizon after that many silent
    /// days, `chance_lower`, `chance_upper`; null where the data do not reach.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn curve_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<(&GroupLimit, usize)> =
            self.listed().flat_map(|group| (0..group.curve.times.len()).map(move |day| (group, day))).collect();
        let curve = |pick: fn(&GroupLimit) -> &[f64]| each(&rows, |(group, day)| pick(group)[*day]);
        let count = |pick: fn(&GroupLimit) -> &[f64]| each(&rows, |(group, day)| pick(group)[*day] as i64);
        let chance = |pick: fn(&Interval) -> f64| each(&rows, |(group, day)| group.chances.get(*day).map(pick));
        batch!(
            "group" => each(&rows, |(group, _)| group.group.clone()),
            "day" => each(&rows, |(_, day)| *day as i32),
            "at_risk" => count(|group| &group.curve.at_risk),
            "returned" => count(|group| &group.curve.events),
            "censored" => count(|group| &group.curve.censored),
            "survival" => curve(|group| &group.curve.survival),
            "std_error" => curve(|group| &group.curve.std_error),
            "lower" => curve(|group| &group.curve.lower),
            "upper" => curve(|group| &group.curve.upper),
            "return_chance" => chance(|chance| chance.estimate),
            "chance_lower" => chance(|chance| chance.lower),
            "chance_upper" => chance(|chance| chance.upper),
        )
    }

    /// Groups that have a gap.
    fn listed(&self) -> impl Iterator<Item = &GroupLimit> {
        self.groups.iter().filter(|group| group.n > 0)
    }
}

impl Tables for Norms {
    const TABLES: &'static [&'static str] = &["table", "windows"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "windows" => self.windows_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Norms {
    /// One row per measure: `measure`, `direction`, `norm`, `lower`, `upper`, `youden`, `n`, `n_test`, `share_above` (of customers,
    /// within the norm), `return_rate_above`, `return_rate_below` (shares, within and outside), `lift`, `lift_lower`, `lift_upper`, `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.norms;
        let estimate =
            |pick: fn(&Norm) -> Option<Interval>| each(rows, |norm| pick(norm).map(|interval| interval.estimate));
        batch!(
            "measure" => each(rows, |norm| norm.measure),
            "direction" => each(rows, |norm| norm.direction),
            "norm" => estimate(|norm| norm.norm),
            "lower" => each(rows, |norm| norm.norm.map(|norm| norm.lower).filter(|limit| !limit.is_nan())),
            "upper" => each(rows, |norm| norm.norm.map(|norm| norm.upper).filter(|limit| !limit.is_nan())),
            "youden" => each(rows, |norm| norm.youden),
            "n" => each(rows, |norm| norm.n as i64),
            "n_test" => each(rows, |norm| norm.n_test as i64),
            "share_above" => each(rows, |norm| norm.share_above),
            "return_rate_above" => estimate(|norm| norm.return_rate_above),
            "return_rate_below" => estimate(|norm| norm.return_rate_below),
            "lift" => estimate(|norm| norm.lift),
            "lift_lower" => each(rows, |norm| norm.lift.map(|lift| lift.lower)),
            "lift_upper" => each(rows, |norm| norm.lift.map(|lift| lift.upper)),
            "reason" => each(rows, |norm| norm.reason.clone()),
        )
    }

    /// One row per window: `date`, `use` (choose or judge), `customers`, `returned`, `return_rate` (share).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn windows_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.windows;
        batch!(
            "date" => each(rows, |window| window.date),
            "use" => each(rows, |window| if window.is_test { "judge" } else { "choose" }),
            "customers" => each(rows, |window| window.customers as i64),
            "returned" => each(rows, |window| window.returned as i64),
            "return_rate" => each(rows, |window| window.returned as f64 / window.customers as f64),
        )
    }
}

impl Tables for Triggers {
    const TABLES: &'static [&'static str] = &["table"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.to_batch()
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Triggers {
    /// One row per customer to call: `customer`, `date`, `trigger`, `segment`, `last_order`, `limit_date`, `value_at_risk` (money a
    /// year), `probability` (share: not returning within the horizon), `expected_loss`, `expected_value` (money per year), `saved` (chance that a call
    /// saves who would be lost), `expected_saving` (money per year).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.rows;
        batch!(
            "customer" => ids(&self.ids, rows.iter().map(|row| row.customer))?,
            "date" => each(rows, |row| row.date),
            "trigger" => each(rows, |row| row.trigger.name()),
            "segment" => names(&self.segments, rows.iter().map(|row| Some(row.segment))),
            "last_order" => each(rows, |row| row.last_order),
            "limit_date" => each(rows, |row| row.limit_date),
            "value_at_risk" => each(rows, |row| row.value_at_risk),
            "probability" => each(rows, |row| row.probability),
            "expected_loss" => each(rows, TriggerRow::expected_loss),
            "expected_value" => each(rows, TriggerRow::expected_value),
            "saved" => each(rows, |row| row.saved),
            "expected_saving" => each(rows, TriggerRow::expected_saving),
        )
    }
}

impl Tables for Migration {
    const TABLES: &'static [&'static str] = &["flows", "moved_down"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "moved_down" => self.moved_down_batch(),
            _ => self.to_batch(),
        }
    }
}

impl Migration {
    /// One row per flow: `from_date`, `to_date`, `from_segment` (null for customers without an order by then), `to_segment`,
    /// `customers`, `revenue` (money after `from_date`, up to `to_date`), `move` (new, same, up, down by the segments' order).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.flows;
        batch!(
            "from_date" => each(rows, |flow| flow.from_date),
            "to_date" => each(rows, |flow| flow.to_date),
            "from_segment" => names(&self.segments, rows.iter().map(|flow| flow.from_segment)),
            "to_segment" => names(&self.segments, rows.iter().map(|flow| Some(flow.to_segment))),
            "customers" => each(rows, |flow| flow.customers as i64),
            "revenue" => each(rows, |flow| flow.revenue),
            "move" => each(rows, Flow::direction),
        )
    }

    /// Customers who moved to a lower segment in the last step, most money first: `customer`, `from_segment`, `to_segment`,
    /// `revenue` (money of the step).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn moved_down_batch(&self) -> Result<RecordBatch, Error> {
        let (before, now, revenue) = &self.last_step;
        let mut rows: Vec<usize> =
            (0..now.len()).filter(|&code| before[code] != NONE && now[code] > before[code]).collect();
        rows.sort_by(|&a, &b| before[a].cmp(&before[b]).then(revenue[b].total_cmp(&revenue[a])));
        batch!(
            "customer" => ids(&self.ids, rows.iter().map(|&code| code as u32))?,
            "from_segment" => names(&self.segments, rows.iter().map(|&code| Some(before[code]))),
            "to_segment" => names(&self.segments, rows.iter().map(|&code| Some(now[code]))),
            "revenue" => each(&rows, |&code| revenue[code]),
        )
    }
}

impl Tables for Cohorts {
    const TABLES: &'static [&'static str] = &["table"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.to_batch()
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Cohorts {
    /// One row per cohort and period: `cohort` (first day of its period), `period` (number since then), `cohort_size`, `customers`
    /// (with an order), `retention`, `retention_lower`, `retention_upper` (shares of the cohort, Wilson limits), `revenue` (money),
    /// `cumulative_revenue_per_customer` (money), `complete`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.cells;
        batch!(
            "cohort" => each(rows, |cell| cell.cohort),
            "period" => each(rows, |cell| cell.period as i32),
            "cohort_size" => each(rows, |cell| cell.cohort_size as i64),
            "customers" => each(rows, |cell| cell.customers as i64),
            "retention" => each(rows, |cell| cell.retention.estimate),
            "retention_lower" => each(rows, |cell| cell.retention.lower),
            "retention_upper" => each(rows, |cell| cell.retention.upper),
            "revenue" => each(rows, |cell| cell.revenue),
            "cumulative_revenue_per_customer" => each(rows, |cell| cell.cumulative_revenue_per_customer),
            "complete" => each(rows, |cell| cell.complete),
        )
    }
}

impl Tables for Tenure {
    const TABLES: &'static [&'static str] = &["table"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.to_batch()
    }
}

impl Tenure {
    /// One row per band: `from_days`, `to_days` (since the first order; null for the last band), `customers`, `orders`,
    /// `orders_per_customer`, `revenue`, `revenue_per_customer` (money), `active` (customers), `active_share`, `active_lower`,
    /// `active_upper` (shares of the band, Wilson limits); null without customers.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.rows;
        let share = |pick: fn(Interval) -> f64| each(rows, |row: &TenureRow| row.active_share.map(pick));
        batch!(
            "from_days" => each(rows, |row| row.from_days),
            "to_days" => each(rows, |row| row.to_days),
            "customers" => each(rows, |row| row.customers as i64),
            "orders" => each(rows, |row| row.orders as i64),
            "orders_per_customer" => each(rows, |row| number(row.orders as f64 / row.customers as f64)),
            "revenue" => each(rows, |row| row.revenue),
            "revenue_per_customer" => each(rows, |row| number(row.revenue / row.customers as f64)),
            "active" => each(rows, |row| row.active as i64),
            "active_share" => share(|share| share.estimate),
            "active_lower" => share(|share| share.lower),
            "active_upper" => share(|share| share.upper),
        )
    }
}
