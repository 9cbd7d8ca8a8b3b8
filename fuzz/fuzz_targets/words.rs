//! Short texts that stand for days, spans and lengths: read, or refused.

#![no_main]

use leverkit_clv::Unit;
use leverkit_core::{format_day, parse_day};
use leverkit_funnel::parse_span;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(day) = parse_day("day", text) {
        assert_eq!(parse_day("day", &format_day(day)).ok(), Some(day));
    }
    let _ = parse_span("window", text);
    let _ = [Unit::Day, Unit::Week, Unit::Month, Unit::Quarter, Unit::Year].map(|unit| unit.length("t", text));
});
