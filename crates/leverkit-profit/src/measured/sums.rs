//! What groups of customers did in each period: one pass over the lines.

use leverkit_core::{Calendar, CustomerLines, Day, Ledger};

/// What a group of customers did in a period.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) base: f64,
    pub(super) retained: f64,
    pub(super) dormant: f64,
    pub(super) returned: f64,
    pub(super) new: f64,
    pub(super) orders: f64,
    pub(super) units: f64,
    pub(super) list: f64,
    pub(super) gross: f64,
    pub(super) refunds: f64,
    pub(super) cost: f64,
}

impl Sums {
    pub(super) fn add(&mut self, other: &Self, times: f64) {
        self.base += times * other.base;
        self.retained += times * other.retained;
        self.dormant += times * other.dormant;
        self.returned += times * other.returned;
        self.new += times * other.new;
        self.orders += times * other.orders;
        self.units += times * other.units;
        self.list += times * other.list;
        self.gross += times * other.gross;
        self.refunds += times * other.refunds;
        self.cost += times * other.cost;
    }

    pub(super) fn customers(&self) -> f64 {
        self.new + self.retained + self.returned
    }

    /// The parameters that lines tell: what is divided, and by what.
    pub(super) fn rates(&self) -> [(&'static str, f64, f64); 8] {
        [
            ("retention_rate", self.retained, self.base),
            ("reactivation_rate", self.returned, self.dormant),
            ("frequency", self.orders, self.customers()),
            ("items", self.units, self.orders),
            ("list_price", self.list, self.units),
            ("discount_rate", self.list - self.gross, self.list),
            ("return_rate", self.refunds, self.gross),
            ("unit_cost", self.cost, self.units),
        ]
    }
}

/// Sums by period and group of customers: those of a period stand together.
pub(super) fn add_up(ledger: &Ledger, calendar: &Calendar, groups: usize, limit_day: i32) -> Vec<Sums> {
    let fresh = || vec![Sums::default(); calendar.periods() * groups];
    let add = |sums: &mut Vec<Sums>, customer: CustomerLines<'_>| {
        let group = group_of(customer.code, groups, ledger.n_customers());
        add_orders(sums, calendar, groups, group, limit_day, customer.order_days);
        add_lines(sums, ledger, calendar, groups, group, customer);
    };
    let merge = |mut left: Vec<Sums>, right: Vec<Sums>| {
        left.iter_mut().zip(&right).for_each(|(left, right)| left.add(right, 1.0));
        left
    };
    ledger.fold_customers(fresh, add, merge)
}

/// Few customers are a group each; of many, neighbours in the ledger may be alike, and groups mix them.
fn group_of(customer: u32, groups: usize, customers: usize) -> usize {
    if customers <= groups {
        return customer as usize;
    }
    (u64::from(customer).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize % groups
}

fn add_orders(sums: &mut [Sums], calendar: &Calendar, groups: usize, group: usize, limit_day: i32, days: &[Day]) {
    let Some(first) = days.first() else { return };
    let (mut from, mut last) = (0, None);
    for period in calendar.of(*first)..calendar.periods() {
        let end = calendar.start_of(period + 1);
        let orders = days[from..].iter().take_while(|day| **day < end).count();
        let sums = &mut sums[period * groups + group];
        let came = f64::from(u8::from(orders > 0));
        match last {
            None => sums.new += came,
            Some(last) if calendar.start_of(period) - last <= limit_day => {
                sums.base += 1.0;
                sums.retained += came;
            }
            Some(_) => {
                sums.dormant += 1.0;
                sums.returned += came;
            }
        }
        sums.orders += orders as f64;
        from += orders;
        last = days[..from].last().copied();
    }
}

fn add_lines(
    sums: &mut [Sums],
    ledger: &Ledger,
    calendar: &Calendar,
    groups: usize,
    group: usize,
    customer: CustomerLines<'_>,
) {
    let known = |column: Option<&[f64]>, line: usize| column.map(|values| values[line]).filter(|value| !value.is_nan());
    for ((line, &day), &amount) in customer.lines().zip(customer.days).zip(customer.amounts) {
        let sums = &mut sums[calendar.of(day) * groups + group];
        if ledger.is_deduction(line) {
            // A discount on the order's other lines.
            sums.gross += amount;
            continue;
        }
        if amount < 0.0 {
            sums.refunds -= amount;
            continue;
        }
        let units = known(ledger.quantities(), line).unwrap_or(1.0).max(0.0);
        let discounts: f64 = ledger.discounts().iter().filter_map(|named| known(Some(&named.values), line)).sum();
        let list = known(ledger.list_prices(), line).map_or(amount + discounts, |price| price * units);
        sums.units += units;
        sums.list += list;
        sums.gross += amount;
        sums.cost += ledger.cost_of(line).unwrap_or_default();
    }
}
