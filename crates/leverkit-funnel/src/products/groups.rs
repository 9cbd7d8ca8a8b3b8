//! The groups of a ladder.

use leverkit_core::{Codes, CustomerLines, Ledger, NO_CODE};

use crate::error::Error;
use crate::products::baskets::products;
use crate::products::params::LadderBy;

/// The groups of a ledger's customers; nulls are the last.
pub(crate) struct Groups<'a> {
    kind: Kind<'a>,
    pub(crate) names: Vec<Option<String>>,
}

enum Kind<'a> {
    All,
    EntryProduct(&'a Codes),
    Dimension(&'a Codes),
}

/// More groups than this are a mistake: each needs customers enough to follow.
const MOST_GROUPS: usize = 1000;

impl<'a> Groups<'a> {
    pub(crate) fn new(ledger: &'a Ledger, by: &LadderBy) -> Result<Self, Error> {
        let kind = match by {
            LadderBy::All => return Ok(Self { kind: Kind::All, names: vec![Some("all".into())] }),
            LadderBy::EntryProduct => Kind::EntryProduct(products(ledger)?),
            LadderBy::Dimension(name) => Kind::Dimension(ledger.dimension(name)?),
        };
        let (Kind::EntryProduct(codes) | Kind::Dimension(codes)) = &kind else {
            return Ok(Self { kind, names: Vec::new() });
        };
        let names: Vec<_> = codes.dictionary.values().texts().into_iter().chain([None]).collect();
        if names.len() > MOST_GROUPS + 1 {
            let expected =
                format!("at most {MOST_GROUPS}: take a coarser level, such as a category with Ledger.with_product");
            return Err(Error::parameter("by", format!("{} groups", names.len() - 1), expected));
        }
        Ok(Self { kind, names })
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// The group of a customer with an order.
    pub(crate) fn of(&self, lines: &CustomerLines<'_>) -> Option<usize> {
        let code = match &self.kind {
            Kind::All => return Some(0),
            Kind::EntryProduct(codes) => lines.entry_product(codes)?,
            Kind::Dimension(codes) => codes.codes[lines.first_lines().next()?],
        };
        Some(if code == NO_CODE { self.names.len() - 1 } else { code as usize })
    }
}
