//! A build keeps to the memory that it was given. Alone in its process, whose memory is measured.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // A test may fail.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use leverkit_core::saved::{About, SavedBuilder};
use leverkit_core::{Day, Ledger, Memory, RecordBatch, Roles, batch};

const LINES: u64 = 10_000_000;
const BATCH: u64 = 100_000;
const MIB: u64 = 1 << 20;

/// Memory of the process that is not that of a file.
fn anonymous() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// The most memory that some work takes at any time.
fn peak_of(work: impl FnOnce()) -> u64 {
    let (done, peak) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                peak.fetch_max(anonymous(), Relaxed);
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        work();
        done.store(true, Relaxed);
    });
    peak.into_inner()
}

/// Lines of a million customers, in the order of time, with orders of two lines.
fn lines(first: u64) -> RecordBatch {
    let rows = first..first + BATCH;
    let drawn = |row: u64| (row / 2).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    batch!(
        "client" => rows.clone().map(|row| (drawn(row) % 1_000_000) as i64).collect::<Vec<_>>(),
        "day" => rows.clone().map(|row| Day::from(19_000 + (row * 700 / LINES) as i32)).collect::<Vec<_>>().as_slice(),
        "paid" => rows.clone().map(|row| (drawn(row) % 9_000 + 1) as f64 / 100.0).collect::<Vec<_>>(),
        "receipt" => rows.clone().map(|row| (row / 2) as i64).collect::<Vec<_>>(),
        "sku" => rows.map(|row| format!("product {}", (drawn(row) + row) % 2_000)).collect::<Vec<_>>(),
    )
    .unwrap()
}

#[test]
fn ten_million_lines_are_built_in_the_memory_that_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.ledger");
    let roles = Roles::new("client", "day").amount("paid").order("receipt").product("sku");
    let memory = 256 * MIB;
    let before = anonymous();
    let peak = peak_of(|| {
        let mut builder = SavedBuilder::new(roles, &path, Memory::of_bytes(memory)).unwrap();
        (0..LINES).step_by(BATCH as usize).for_each(|first| builder.push(&lines(first)).unwrap());
        builder.finish(&About::default(), None).unwrap();
    });
    let ledger = Ledger::open(&path).unwrap();
    assert_eq!((ledger.n_lines() as u64, ledger.n_orders() as u64), (LINES, LINES / 2));
    assert!(peak - before < memory, "{} MiB", (peak - before) / MIB);
}
