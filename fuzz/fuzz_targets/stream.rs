//! A stream of Arrow: whatever its first three columns are, they become a ledger or an error.

#![no_main]

use std::panic;

use arrow_ipc::reader::StreamReader;
use leverkit_core::{Ledger, RecordBatch, Roles};
use libfuzzer_sys::fuzz_target;

/// The batches of a stream. Arrow's reader, which is not leverkit's, panics on some forged offsets: such a stream holds nothing to try.
fn batches(bytes: &[u8]) -> Option<Vec<RecordBatch>> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let read =
        panic::catch_unwind(|| StreamReader::try_new(bytes, None).map(|reader| reader.map_while(Result::ok).collect()));
    panic::set_hook(hook);
    read.ok()?.ok()
}

fuzz_target!(|bytes: &[u8]| {
    let Some(batches) = batches(bytes) else { return };
    let Some(first) = batches.first() else { return };
    let schema = first.schema();
    let [customer, time, amount, ..] = &schema.fields()[..] else { return };
    let _ = Ledger::from_batches(&batches, &Roles::new(customer.name(), time.name()).amount(amount.name()));
});
