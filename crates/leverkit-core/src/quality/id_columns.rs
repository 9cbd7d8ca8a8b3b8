//! The columns of ids of a ledger, and notes on some of their ids.

use super::{NoteKind, QualityNote, Tally, lines_where};
use crate::Column;
use crate::ledger::{Codes, Ledger};

/// A column of ids: the customers, whose lines stand together, or codes by line.
pub(super) struct Ids<'a> {
    pub(super) role: &'static str,
    column: &'a str,
    pub(super) values: &'a Column,
    codes: Option<&'a [u32]>,
}

/// The columns of ids that a ledger has, without those of its orders.
pub(super) fn all_ids(ledger: &Ledger) -> Vec<Ids<'_>> {
    let roles = &ledger.roles;
    let mut all =
        vec![Ids { role: "customer", column: &roles.customer, values: ledger.customers.values(), codes: None }];
    all.extend(roles.product.as_ref().zip(ledger.products()).map(|(column, codes)| coded("product", column, codes)));
    all.extend(ledger.dimensions.iter().map(|named| coded("dimensions", &named.name, &named.values)));
    all
}

fn coded<'a>(role: &'static str, column: &'a str, codes: &'a Codes) -> Ids<'a> {
    Ids { role, column, values: codes.dictionary.values(), codes: Some(codes.codes.as_slice()) }
}

impl Ids<'_> {
    /// The lines of some ids, which are given in order.
    pub(super) fn tally(&self, ledger: &Ledger, ids: &[u32]) -> Tally {
        let lines = match self.codes {
            Some(codes) => lines_where(codes.len(), |line| ids.binary_search(&codes[line]).is_ok()),
            None => ids.iter().flat_map(|&id| ledger.offsets[id as usize]..ledger.offsets[id as usize + 1]).collect(),
        };
        Tally::of(&lines, &ledger.amounts)
    }

    pub(super) fn note(&self, kind: NoteKind, tally: Tally) -> QualityNote {
        QualityNote::new(kind, (self.role, self.column), tally.rows, Some(tally.amount))
    }
}
