//! Limit day, norms, triggers, migration, cohorts and tenure for Python.

use leverkit::core::format_day;

use crate::result::{analyses, result};

analyses! {
    /// Estimates limit days.
    limit_day(ledger) -> LimitDays = leverkit::rfm::limit_day;
    /// Finds norms.
    norms(ledger) -> Norms = leverkit::rfm::norms;
    /// Lists triggers.
    triggers(ledger) -> Triggers = leverkit::rfm::triggers;
    /// Follows customers between segments.
    migration(ledger) -> Migration = leverkit::rfm::migration;
    /// Follows cohorts.
    cohorts(ledger) -> Cohorts = leverkit::rfm::cohorts, by leverkit::rfm::CohortCounts;
    /// Lays customers out by the time since their first order.
    tenure(ledger) -> Tenure = leverkit::rfm::tenure;
}

result! {
    /// Limit days of groups and customers, with the curves they come from.
    LimitDays of leverkit::rfm::LimitDays {
        /// The horizon in days that the data allow.
        horizon: u32 = |found| found.horizon;
        /// The day from which they look back.
        as_of: String = |found| format_day(found.as_of);
    }
}

result! {
    /// The norms that keep a customer loyal.
    Norms of leverkit::rfm::Norms {}
}

result! {
    /// Whom to call in a range of days.
    Triggers of leverkit::rfm::Triggers {
        /// The first day of the range.
        start: String = |found| format_day(found.start);
        /// The last day of the range.
        end: String = |found| format_day(found.end);
        /// The horizon in days within which a return counts.
        horizon: u32 = |found| found.horizon;
    }
}

result! {
    /// Who moved between segments from date to date.
    Migration of leverkit::rfm::Migration {
        /// The dates, ascending.
        dates: Vec<String> = |found| found.dates.iter().map(|&date| format_day(date)).collect();
        /// The segments' names, best first.
        segments: Vec<String> = |found| found.segments.clone();
    }
}

result! {
    /// Retention and revenue of cohorts.
    Cohorts of leverkit::rfm::Cohorts {}
}

result! {
    /// Customers by the time since their first order.
    Tenure of leverkit::rfm::Tenure {
        /// Customers who have returns but no order.
        without_order: u64 = |found| found.without_order;
    }
}
