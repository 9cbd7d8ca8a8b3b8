//! What customers did, each measure a ratio of two totals: money per customer, orders per customer, money per order, those who returned among those who could.

use leverkit_core::{CustomerLines, Ledger};

/// A measure of customers.
pub(super) struct Measure {
    pub(super) name: &'static str,
    /// Whether it is a share of customers.
    pub(super) is_share: bool,
    /// What is added up, customer by customer.
    pub(super) above: Vec<f64>,
    /// What that is divided by.
    pub(super) below: Vec<f64>,
}

/// One customer's part of all measures.
struct Did {
    revenue: f64,
    margin: f64,
    orders: f64,
    returned: f64,
    was_there: f64,
}

/// What all customers did in so many days before the ledger's day.
pub(super) fn measures(ledger: &Ledger, days: u32) -> Vec<Measure> {
    let last = ledger.seen_until(ledger.as_of());
    let first = last + 1 - i32::try_from(days).unwrap_or(i32::MAX);
    let of = |(): &mut (), lines: CustomerLines<'_>| {
        let is_in = |day: leverkit_core::Day| first <= day && day <= last;
        let places = || lines.lines().zip(lines.days).filter(|(_, day)| is_in(**day)).map(|(place, _)| place);
        let revenue = places().map(|place| ledger.amounts()[place]).sum();
        let costs: f64 = places().filter_map(|place| ledger.cost_of(place)).sum();
        let orders = lines.order_days.iter().filter(|day| is_in(**day)).count() as f64;
        let was_there = lines.order_days.first().is_some_and(|day| *day < first);
        let returned = was_there && orders > 0.0;
        let flag = |is: bool| f64::from(u8::from(is));
        Did { revenue, margin: revenue - costs, orders, returned: flag(returned), was_there: flag(was_there) }
    };
    let did = ledger.par_customers(|| (), of);
    let each = |of: fn(&Did) -> f64| did.iter().map(of).collect::<Vec<f64>>();
    let measure =
        |name, above, below| Measure { name, is_share: name == "returned", above: each(above), below: each(below) };
    let mut found = vec![
        measure("revenue", |did| did.revenue, |_| 1.0),
        measure("orders", |did| did.orders, |_| 1.0),
        measure("check", |did| did.revenue, |did| did.orders),
        measure("returned", |did| did.returned, |did| did.was_there),
    ];
    if ledger.unit_costs().is_some() {
        found.insert(1, measure("margin", |did| did.margin, |_| 1.0));
    }
    found
}
