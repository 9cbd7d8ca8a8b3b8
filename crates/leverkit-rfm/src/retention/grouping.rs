//! The groups in which gaps are counted.

use leverkit_core::{Codes, CustomerLines, Day, Ledger, NO_CODE, counted, format_day, names_and_none};

use super::gaps::{Gap, Gaps};
use super::params::LimitDayBy;
use crate::scores::segments_by_customer;
use crate::{Error, ScoreParams};

/// More groups than this are a mistake: each needs customers enough to estimate from.
const MOST_GROUPS: usize = 10_000;

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
    pub(crate) fn find(ledger: &'a Ledger, by: &LimitDayBy, landmark: Day, as_of: Day) -> Result<Self, Error> {
        let (kind, names) = match by {
            LimitDayBy::All => (Kind::All, vec![Some("all".into())]),
            LimitDayBy::Segment => {
                let params = ScoreParams::default();
                let names = params.segments.segments().iter().map(|segment| Some(segment.name.clone())).collect();
                let then = segments_by_customer(ledger, landmark, &params)?;
                (Kind::Segments { landmark, then, now: segments_by_customer(ledger, as_of, &params)? }, names)
            }
            LimitDayBy::EntryProduct => {
                let products = ledger.products().ok_or_else(|| {
                    Error::parameter("by", "\"entry_product\"", "a ledger with the product role, or another grouping")
                })?;
                (Kind::Entry { products }, names_and_none(products.dictionary.values()))
            }
            LimitDayBy::Dimension(name) => {
                let codes = ledger.dimension(name)?;
                (Kind::Dimension { codes }, names_and_none(codes.dictionary.values()))
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
                let last = lines.first_lines().nth(gaps.orders().checked_sub(1)?)?;
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
                    "Segments are those of {}; gaps are seen from that day on. Left out of the estimate: {} without an order by then.",
                    format_day(*landmark),
                    counted(later, "customer", "customers")
                ))
            }
            Kind::All | Kind::Entry { .. } | Kind::Dimension { .. } => None,
        }
    }
}
