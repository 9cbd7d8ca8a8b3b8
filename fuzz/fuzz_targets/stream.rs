//! A stream of Arrow: whatever its first three columns are, they become a ledger or an error.

#![no_main]

use arrow_ipc::reader::StreamReader;
use leverkit_core::{Ledger, RecordBatch, Roles};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(reader) = StreamReader::try_new(bytes, None) else { return };
    let names: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    let [customer, time, amount, ..] = names.as_slice() else { return };
    let batches: Vec<RecordBatch> = reader.map_while(Result::ok).collect();
    let _ = Ledger::from_batches(&batches, &Roles::new(customer, time).amount(amount));
});
