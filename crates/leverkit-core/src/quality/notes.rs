//! All notes on a ledger's lines: what the files beside find, in the order in which it is told.

use super::{QualityNote, dates, dirt, ids as codes};
use crate::Error;
use crate::ledger::{Codes, Ledger};

/// What is worth knowing of a ledger's lines. `ids` are the order ids of the lines, where they have some.
pub(crate) fn notes(ledger: &Ledger, ids: Option<&Codes>) -> Result<Vec<QualityNote>, Error> {
    let mut notes: Vec<QualityNote> = dirt::deductions(ledger).into_iter().collect();
    notes.extend(dirt::discounts(ledger));
    notes.extend(codes::notes(ledger, ids)?);
    notes.extend(dirt::notes(ledger, ids));
    notes.extend(dates::notes(ledger));
    Ok(notes)
}
