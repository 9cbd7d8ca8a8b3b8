//! Saved cut points: what is read again scores a ledger, or is refused.

#![no_main]

use leverkit_core::{Ledger, Roles, batch};
use leverkit_rfm::ScoreModel;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(model) = ScoreModel::from_json(text) else { return };
    let lines = batch!("c" => [1, 1, 2], "t" => ["2024-01-05", "2024-02-05", "2024-01-31"], "a" => [10.0, 20.0, 30.0]);
    let ledger = lines.and_then(|lines| Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a")));
    let _ = ledger.map(|ledger| model.apply(&ledger, None));
});
