//! Gaps between a customer's orders, and the groups in which they are counted.

use leverkit_core::{Codes, Column, CustomerLines, Day, Ledger, NO_CODE, format_day};
use serde::{Deserialize, Serialize};

use crate::score::segments_by_customer;
use crate::{Error, ScoreParams};

/// More groups than this are a mistake: each needs customers enough to estimate from.
const MOST_GROUPS: usize = 10_000;

/// By what limit days are told apart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// All customers together.
    #[default]
    All,
    /// The RFM segment a horizon before the end; gaps count from that day on, so that the segment does not know how they end.
    Segment,
    /// The product on which most was spent in a customer's first order.
    EntryProduct,
    /// A dimension's value at the order after which the gap begins.
    Dimension(String),
}

impl From<&str> for By {
    fn from(text: &str) -> Self {
        match text {
            "segment" => Self::Segment,
            "entry_product" => Self::EntryProduct,
            dimension => Self::Dimension(dimension.into()),
        }
    }
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

    /// The days between consecutive orders.
    pub(crate) fn closed(&self) -> impl Iterator<Item = u32> + Clone + 'a {
        self.order_days.windows(2).map(|pair| (pair[1] - pair[0]) as u32)
    }

    /// All gaps, the open one last.
    fn all(&self) -> impl Iterator<Item = Gap> + 'a {
        let open = self.last_order().map(|last| Gap { from: 0, days: (self.until - last) as u32, returned: false });
        self.closed().map(|days| Gap { from: 0, days, returned: true }).chain(open)
    }

    /// Gaps as seen from a day on: those over by then are left out, the one open then is seen late.
    fn after(&self, landmark: Day) -> impl Iterator<Item = Gap> + 'a {
        self.order_days.iter().zip(self.all()).filter(move |(begin, gap)| **begin + gap.days as Day > landmark).map(
            move |(begin, gap)| Gap { from: if *begin <= landmark { (landmark - begin) as u32 + 1 } else { 0 }, ..gap },
        )
    }
}

/// Which group a gap or a customer belongs to.
pub(crate) struct Grouping<'a> {
    kind: Kind<'a>,
    names: Vec<Option<String>>,
}

enum Kind<'a> {
    All,
    Segments { landmark: Day, then: Vec<Option<u8>>, now: Vec<Option<u8>> },
    Entry { products: &'a Codes },
    Dimension { codes: &'a Codes },
}

impl<'a> Grouping<'a> {
    pub(crate) fn find(ledger: &'a Ledger, by: &By, landmark: Day, as_of: Day) -> Result<Self, Error> {
        let (kind, names) = match by {
            By::All => (Kind::All, vec![Some("all".into())]),
            By::Segment => {
                let params = ScoreParams::default();
                let names = params.segments.segments().iter().map(|segment| Some(segment.name.clone())).collect();
                let params = params.check()?;
                let then = segments_by_customer(ledger, landmark, &params)?;
                (Kind::Segments { landmark, then, now: segments_by_customer(ledger, as_of, &params)? }, names)
            }
            By::EntryProduct => {
                let products = ledger.products().ok_or_else(|| {
                    Error::parameter("by", "\"entry_product\"", "a ledger with the product role, or another grouping")
                })?;
                (Kind::Entry { products }, names(products.dictionary.values()))
            }
            By::Dimension(name) => {
                let codes = ledger.dimension(name)?;
                (Kind::Dimension { codes }, names(codes.dictionary.values()))
            }
        };
        if names.len() > MOST_GROUPS {
            return Err(Error::parameter(
                "by",
                format!("{} groups", names.len()),
                format!("at most {MOST_GROUPS}: take a coarser level, such as a category with Ledger.with_product"),
            ));
        }
        Ok(Self { kind, names })
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn names(&self) -> Vec<Option<String>> {
        self.names.clone()
    }

    /// Calls `count` with each gap of a customer and its group.
    pub(crate) fn for_each_gap(&self, lines: &CustomerLines<'_>, gaps: &Gaps<'_>, mut count: impl FnMut(usize, Gap)) {
        match &self.kind {
            Kind::All => gaps.all().for_each(|gap| count(0, gap)),
            Kind::Segments { landmark, then, .. } => {
                if let Some(segment) = then[lines.code as usize] {
                    gaps.after(*landmark).for_each(|gap| count(usize::from(segment), gap));
                }
            }
            Kind::Entry { products } => {
                if let Some(group) = self.entry_product(lines, products) {
                    gaps.all().for_each(|gap| count(group, gap));
                }
            }
            Kind::Dimension { codes } => {
                let mut first_lines = lines.first_lines();
                for gap in gaps.all() {
                    if let Some(line) = first_lines.next() {
                        count(self.group_of(codes.codes[line]), gap);
                    }
                }
            }
        }
    }

    /// The group of a customer as they are now: for a dimension, that of the last order.
    pub(crate) fn of_customer(&self, lines: &CustomerLines<'_>, gaps: &Gaps<'_>) -> Option<usize> {
        match &self.kind {
            Kind::All => Some(0),
            Kind::Segments { now, .. } => now[lines.code as usize].map(usize::from),
            Kind::Entry { products } => self.entry_product(lines, products),
            Kind::Dimension { codes } => {
                let last = lines.first_lines().nth(gaps.order_days.len().checked_sub(1)?)?;
                Some(self.group_of(codes.codes[last]))
            }
        }
    }

    /// Nulls are the last group.
    fn group_of(&self, code: u32) -> usize {
        if code == NO_CODE { self.names.len() - 1 } else { code as usize }
    }

    fn entry_product(&self, lines: &CustomerLines<'_>, products: &Codes) -> Option<usize> {
        lines.entry_product(products).map(|product| self.group_of(product))
    }

    pub(crate) fn notes(&self) -> Option<String> {
        match &self.kind {
            Kind::Segments { landmark, then, .. } => {
                let later = then.iter().filter(|segment| segment.is_none()).count();
                Some(format!(
                    "Segments are those of {}; gaps are seen from that day on. {later} customers without an order by then are left out of the estimate.",
                    format_day(*landmark)
                ))
            }
            Kind::All | Kind::Entry { .. } | Kind::Dimension { .. } => None,
        }
    }
}

/// The names of a dictionary's values, and of none.
fn names(values: &Column) -> Vec<Option<String>> {
    let mut names = values.texts();
    names.push(None);
    names
}
