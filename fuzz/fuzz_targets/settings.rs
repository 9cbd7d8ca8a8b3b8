//! TOML: formulas, systems of KPIs and maps of segments.

#![no_main]

use leverkit_profit::{Formula, KpiSystem};
use leverkit_rfm::SegmentMap;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Formula::from_toml(text);
    let _ = KpiSystem::from_toml(text);
    let _ = SegmentMap::from_toml(text);
});
