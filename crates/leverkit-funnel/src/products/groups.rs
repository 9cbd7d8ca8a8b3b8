//! The groups that a ladder is told apart by.

use leverkit_core::{Codes, CustomerLines, Ledger, NO_CODE};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::products::baskets::products;

/// By what customers are told apart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// All together.
    #[default]
    All,
    /// The product on which most was spent in the first order.
    EntryProduct,
    /// A dimension's value at the first order.
    Dimension(String),
}

impl From<&str> for By {
    fn from(text: &str) -> Self {
        if text == "entry_product" { Self::EntryProduct } else { Self::Dimension(text.into()) }
    }
}

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
    pub(crate) fn new(ledger: &'a Ledger, by: &By) -> Result<Self, Error> {
        let kind = match by {
            By::All => return Ok(Self { kind: Kind::All, names: vec![Some("all".into())] }),
            By::EntryProduct => Kind::EntryProduct(products(ledger)?),
            By::Dimension(name) => Kind::Dimension(ledger.dimension(name)?),
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
