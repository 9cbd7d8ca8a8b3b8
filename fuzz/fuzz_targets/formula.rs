//! The text of a formula: an error, or a number for each parameter at 1.

#![no_main]

use leverkit_profit::Formula;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(formula) = Formula::from_expressions("fuzz", &[("profit", text)]) {
        let _ = formula.profit(&vec![1.0; formula.parameters().len()]);
    }
});
