//! The lines of all runs put together, one part of the customers after the other, as the columns of an edition.

use leverkit_stats::budget::Steps;

use super::cuts;
use super::growth::Growth;
use super::part::{Dictionaries, Part, width};
use super::run::Run;
use crate::ledger::{Ledger, NO_ORDER};
use crate::quality::Rejected;
use crate::quality::found::Found;
use crate::saved::columns::write;
use crate::signs::Signs;
use crate::{Error, Roles, Shared};

/// What is known of all lines once their parts were looked at.
pub(super) struct Merge<'a> {
    pub(super) roles: &'a Roles,
    pub(super) rejected: &'a mut Rejected,
    pub(super) found: &'a mut Found,
    pub(super) signs: &'a mut Signs,
}

/// How much there is of the edition.
#[derive(Default, Clone, Copy)]
pub(super) struct Size {
    pub(super) customers: usize,
    pub(super) orders: u32,
    pub(super) lines: u32,
}

impl Merge<'_> {
    /// Writes all parts, of which each may take so much memory.
    pub(super) fn run(&mut self, runs: &[Run], limit: usize, growth: &mut Growth<'_>) -> Result<Size, Error> {
        let dictionaries = Dictionaries::of(runs)?;
        let parts = cuts::parts(runs, (limit / width(&runs[0])).max(1))?;
        let (steps, mut size) = (Steps::of(parts.len()), Size::default());
        for customers in &parts {
            let ledger = self.settled(&Part::of(runs, customers), &dictionaries, size)?;
            let more = Size {
                customers: size.customers + ledger.n_customers(),
                orders: size.orders + ledger.n_orders() as u32,
                lines: size.lines + ledger.n_lines() as u32,
            };
            write(&placed(ledger, size), growth)?;
            size = more;
            steps.done();
        }
        Ok(size)
    }

    fn settled(&mut self, part: &Part<'_>, dictionaries: &Dictionaries, before: Size) -> Result<Ledger, Error> {
        let mut sorted = part.lines(dictionaries)?.sort(self.roles)?;
        self.signs.turn(&mut sorted.ledger);
        let mut dropped = Rejected::default();
        let (ledger, found) = sorted.settle_lines(&mut dropped)?;
        self.found.append(found, before.lines);
        if !dropped.rows.is_empty() {
            let rows = part.rows();
            dropped.rows.iter_mut().for_each(|row| *row = rows[*row as usize]);
            self.rejected.append(&dropped);
        }
        Ok(ledger)
    }
}

/// A part's lines and orders, numbered behind those before.
fn placed(ledger: Ledger, before: Size) -> Ledger {
    let behind = |numbers: &[u32], first: u32| {
        let placed = numbers.iter().map(|&number| if number == NO_ORDER { NO_ORDER } else { first + number });
        Shared::from(placed.collect::<Vec<u32>>())
    };
    Ledger {
        offsets: behind(&ledger.offsets, before.lines),
        order_offsets: behind(&ledger.order_offsets, before.orders),
        orders: behind(&ledger.orders, before.orders),
        deductions: behind(&ledger.deductions, before.lines),
        ..ledger
    }
}
