//! All notes on a ledger's lines: what the files beside find, in the order in which it is told.

use super::found::Found;
use super::{QualityNote, dates, dirt, ids};
use crate::Error;
use crate::ledger::Ledger;

/// What is worth knowing of a ledger's lines, with what was found while their order ids were at hand.
pub(crate) fn notes(ledger: &Ledger, found: &Found) -> Result<Vec<QualityNote>, Error> {
    let mut notes: Vec<QualityNote> = dirt::deductions(ledger).into_iter().collect();
    notes.extend(dirt::discounts(ledger));
    notes.extend(ids::notes(ledger, found)?);
    notes.extend(dirt::notes(ledger, found));
    notes.extend(dates::notes(ledger));
    Ok(notes)
}
