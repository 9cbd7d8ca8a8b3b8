//! Ledgers with fewer lines for analyses that need no more: a customer's lines of a period as one, where they are added up anyway, or no line, where the days of orders are enough. What travels then grows with
//! orders and periods, and not with the lines.

use leverkit_stats::budget;

use crate::ledger::NO_ORDER;
use crate::{CustomerLines, Day, Ledger, Period, Roles};

/// A customer's lines in a period: the day of the first, their money and their costs.
struct Cell {
    day: Day,
    amount: f64,
    cost: f64,
}

impl Ledger {
    /// One line for each customer and period, with the day of the first, the money of all, and their costs as the cost of a unit. Orders keep their days; which line is of which order is not kept.
    pub(super) fn added_up(&self, period: Period) -> Self {
        let (mut days, mut amounts, mut costs, mut offsets) = (Vec::new(), Vec::new(), Vec::new(), vec![0]);
        for customer in 0..self.n_customers() as u32 {
            budget::check();
            for cell in self.cells(&self.customer(customer), period) {
                days.push(cell.day);
                amounts.push(cell.amount);
                costs.push(cell.cost);
            }
            offsets.push(days.len() as u32);
        }
        Self {
            orders: vec![NO_ORDER; days.len()].into(),
            offsets: offsets.into(),
            days: days.into(),
            amounts: amounts.into(),
            unit_costs: self.unit_costs.as_ref().map(|_| costs.into()),
            ..self.orders_alone()
        }
    }

    /// Customers and the days of their orders, without a line.
    pub(super) fn orders_alone(&self) -> Self {
        Self {
            roles: Roles { discounts: Vec::new(), dimensions: Vec::new(), ..self.roles.clone() },
            orders: Vec::new().into(),
            offsets: vec![0; self.n_customers() + 1].into(),
            days: Vec::new().into(),
            micros: None,
            amounts: Vec::new().into(),
            order_ids: None,
            loose_ids: None,
            products: None,
            quantities: None,
            list_prices: None,
            unit_costs: None,
            discounts: Vec::new(),
            dimensions: Vec::new(),
            deductions: Vec::new().into(),
            ..self.clone()
        }
    }

    fn cells(&self, lines: &CustomerLines<'_>, period: Period) -> Vec<Cell> {
        let mut cells: Vec<Cell> = Vec::new();
        for (at, line) in lines.lines().enumerate() {
            let (day, cost) = (lines.days[at], self.cost_of(line).unwrap_or(0.0));
            match cells.last_mut().filter(|cell| period.index(cell.day) == period.index(day)) {
                Some(cell) => (cell.amount, cell.cost) = (cell.amount + lines.amounts[at], cell.cost + cost),
                None => cells.push(Cell { day, amount: 0.0 + lines.amounts[at], cost: 0.0 + cost }),
            }
        }
        cells
    }
}
