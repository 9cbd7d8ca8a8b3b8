//! Pricing in the deal, from tables in memory.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leverkit::core::{Table, batch};
use leverkit::pricing::{
    BandParams, BridgeParams, DealRoles, DealScoreParams, Deals, LeakageParams, WaterfallParams, deal_score, leakage,
    price_band, price_volume_mix, waterfall,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const DEALS: usize = 1_000_000;

/// Deals whose discount rises with the logarithm of units.
fn deals() -> Table {
    let mut random = Pcg64::seed_from_u64(7);
    let units: Vec<f64> = (0..DEALS).map(|_| (1.0 + 99.0 * random.random::<f64>().powi(3)).floor()).collect();
    let list: Vec<f64> = (0..DEALS).map(|_| 1.0 + (random.random::<f64>() * 100.0).floor()).collect();
    let off: Vec<f64> = units.iter().map(|units| 0.03 * units.ln_1p() + 0.02 * random.random::<f64>()).collect();
    let mut code = |n: i32| (0..DEALS).map(|_| random.random_range(0..n)).collect::<Vec<_>>();
    batch!(
        "region" => code(12), "product" => code(2000), "year" => code(2),
        "discount" => list.iter().zip(&off).map(|(list, off)| list * off).collect::<Vec<_>>(),
        "paid" => list.iter().zip(&off).zip(&units).map(|((list, off), units)| list * (1.0 - off) * units).collect::<Vec<_>>(),
        "list" => list, "units" => units,
    )
    .unwrap()
    .into()
}

fn pricing(criterion: &mut Criterion) {
    let table = deals();
    let roles = DealRoles::new("list").component("discount", "discount").quantity("units");
    let deals = Deals::from_table(&table, &roles).unwrap();
    let by = || vec!["region".to_owned()];
    let mut group = criterion.benchmark_group("pricing");
    group.throughput(Throughput::Elements(DEALS as u64)).sample_size(10);
    group.bench_function("waterfall", |bencher| {
        bencher.iter(|| waterfall(&deals, &WaterfallParams { by: by(), ..WaterfallParams::default() }).unwrap());
    });
    group.bench_function("price band", |bencher| {
        bencher.iter(|| price_band(&deals, &BandParams { by: by(), ..BandParams::default() }).unwrap());
    });
    group.bench_function("leakage", |bencher| {
        bencher.iter(|| leakage(&deals, &LeakageParams { by: by(), ..LeakageParams::default() }).unwrap());
    });
    group.bench_function("deal score", |bencher| {
        bencher.iter(|| deal_score(&deals, &DealScoreParams { peers: by(), ..DealScoreParams::default() }).unwrap());
    });
    group.bench_function("bridge", |bencher| {
        let params = BridgeParams::new("year", "0", "1", &["product", "region"], "units", "paid");
        bencher.iter(|| price_volume_mix(&table, &params).unwrap());
    });
}

criterion_group!(benches, pricing);
criterion_main!(benches);
