//! Gaps between a customer's orders, up to the last day seen.

use leverkit_core::{CustomerLines, Day, Ledger, format_day};

use crate::Error;

/// The first day with a line and the last day seen, looking back from `as_of`.
///
/// # Errors
/// [`Error::NothingToScore`] where there is no line by then.
pub(crate) fn days_seen(ledger: &Ledger, as_of: Day) -> Result<(Day, Day), Error> {
    let until = ledger.seen_until(as_of);
    ledger.start().filter(|&start| start <= until).map(|start| (start, until)).ok_or_else(|| Error::NothingToScore {
        customers: ledger.n_customers(),
        as_of: format_day(as_of),
        hint: "choose a later as_of".into(),
    })
}

/// One customer's gaps up to the last day seen.
#[derive(Clone, Copy)]
pub(crate) struct Gaps<'a> {
    order_days: &'a [Day],
    until: Day,
}

/// A stretch between two orders of a customer, or from the last order to the last day seen.
pub(crate) struct Gap {
    /// The first silent day from which it is under observation.
    pub from: u32,
    /// Its length.
    pub days: u32,
    /// Whether it ended in an order.
    pub returned: bool,
}

impl<'a> Gaps<'a> {
    pub(crate) fn of(lines: &CustomerLines<'a>, until: Day) -> Self {
        Self { order_days: &lines.order_days[..lines.order_days.partition_point(|&day| day <= until)], until }
    }

    /// The day of the last order; `None` without orders.
    pub(crate) fn last_order(&self) -> Option<Day> {
        self.order_days.last().copied()
    }

    /// How many orders there are.
    pub(crate) fn orders(&self) -> usize {
        self.order_days.len()
    }

    /// The days between consecutive orders.
    pub(crate) fn closed(&self) -> impl Iterator<Item = u32> + Clone + 'a {
        self.order_days.windows(2).map(|pair| (pair[1] - pair[0]) as u32)
    }

    /// All gaps, the open one last.
    pub(crate) fn all(&self) -> impl Iterator<Item = Gap> + 'a {
        let open = self.last_order().map(|last| Gap { from: 0, days: (self.until - last) as u32, returned: false });
        self.closed().map(|days| Gap { from: 0, days, returned: true }).chain(open)
    }

    /// Gaps as seen from a day on: those over by then are left out, the one open then is seen late.
    pub(crate) fn after(&self, landmark: Day) -> impl Iterator<Item = Gap> + 'a {
        self.order_days.iter().zip(self.all()).filter(move |(begin, gap)| **begin + gap.days as i32 > landmark).map(
            move |(begin, gap)| Gap {
                from: if *begin <= landmark { (landmark - *begin) as u32 + 1 } else { 0 },
                ..gap
            },
        )
    }
}
