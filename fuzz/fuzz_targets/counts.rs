//! Counts as bytes whose check sum was made anew, as a forger would: they are read, merged, scored and given limit days, or refused.

#![no_main]

use std::panic;
use std::sync::LazyLock;

use leverkit_core::counts::{Counts, Question, Reads};
use leverkit_core::{Ledger, Roles, batch};
use leverkit_rfm::{LimitDayParams, ScoreParams, limit_day, score};
use libfuzzer_sys::fuzz_target;
use xxhash_rust::xxh3::xxh3_64;

/// Counts of another customer, which those of the corpus go together with.
static OTHER: LazyLock<Counts> = LazyLock::new(|| {
    let lines = batch!("c" => ["zoe"], "t" => ["2024-03-01"], "a" => [5.0], "o" => [9], "p" => ["tea"]);
    let roles = Roles::new("c", "t").amount("a").order("o").product("p");
    let ledger = lines.and_then(|lines| Ledger::from_batches(&[lines], &roles)).expect("a small ledger can be built");
    Counts::of_ledger(&ledger, &Reads::default(), Question { analysis: "rfm.score".into(), ..Question::default() })
});

/// The bytes with the check sum of what they became.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let body = bytes.split_last_chunk::<8>().map_or(bytes, |(body, _)| body);
    [body, &xxh3_64(body).to_le_bytes()].concat()
}

// What Arrow's own reader panics on is caught by leverkit, so a panic is told, and ends the run only if it leaves the target; libFuzzer's hook would end it at once.
fuzz_target!(init: panic::set_hook(Box::new(|panic| eprintln!("{panic}"))), |bytes: &[u8]| {
    let _ = Counts::from_bytes(bytes);
    let Ok(counts) = Counts::from_bytes(&sealed(bytes)) else { return };
    let again = counts.to_bytes().and_then(|bytes| Counts::from_bytes(&bytes));
    for counts in [again, Counts::merge(&[counts.clone(), OTHER.clone()]), Ok(counts)].into_iter().flatten() {
        let Ok(Some(ledger)) = counts.ledger() else { continue };
        let _ = score(ledger, &ScoreParams::default());
        let _ = limit_day(ledger, &LimitDayParams::default());
    }
});
