//! Results are the same to the last bit on any number of threads.

#![allow(clippy::unwrap_used)] // A test may fail.

mod common;

use common::{as_deals, deals, price_war};
use leverkit_core::{RecordBatch, Table, Tables};
use leverkit_pricing::{
    BandParams, BridgeParams, DealScoreParams, LeadershipParams, LeakageParams, PositionParams, ValueMapParams,
    WaterfallParams, deal_score, leadership, leakage, position, price_band, price_volume_mix, value_map, waterfall,
};

fn tables(sales: &Table, prices: &Table) -> Vec<RecordBatch> {
    let by = || vec!["rep".to_owned(), "region".to_owned()];
    let deals = as_deals(sales);
    let bands = price_band(&deals, &BandParams { by: by(), ..BandParams::default() }).unwrap();
    let leaks = leakage(&deals, &LeakageParams { by: by(), ..LeakageParams::default() }).unwrap();
    let scores = deal_score(&deals, &DealScoreParams { peers: by(), ..DealScoreParams::default() }).unwrap();
    let keys = ["rep", "units"];
    let bridge = price_volume_mix(sales, &BridgeParams::new("region", "1", "2", &keys, "units", "paid")).unwrap();
    let shelf = PositionParams { date: Some("day".into()), ..PositionParams::new("sku", "seller", "price", "north") };
    let lags = leadership(prices, &LeadershipParams::new("sku", "seller", "price", "day")).unwrap();
    let products = prices.slice(0, 90);
    let map = value_map(&products, &ValueMapParams::new("seller", "price", &[("sku", 1.0), ("price", 0.5)])).unwrap();
    let fall = waterfall(&deals, &WaterfallParams { by: by(), tolerance: 1e9, ..WaterfallParams::default() }).unwrap();
    let shelf = position(prices, &shelf).unwrap();
    [
        of(&fall),
        of(&bands),
        of(&leaks),
        of(&scores),
        of(&bridge),
        vec![bridge.granularity_batch().unwrap()],
        of(&shelf),
        of(&lags),
        of(&map),
    ]
    .concat()
}

fn of(found: &impl Tables) -> Vec<RecordBatch> {
    found.tables().unwrap().into_iter().map(|(_, table)| table).collect()
}

#[test]
fn one_two_and_four_threads_give_the_same_tables() {
    let (sales, prices) = (deals(400_000, 0.04, 9).table, price_war(12, 40, 10));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| tables(&sales, &prices))
    };
    let one = on(1);
    for threads in [2, 4] {
        for (at, (one, several)) in one.iter().zip(on(threads)).enumerate() {
            assert!(*one == several, "table {at} on {threads} threads");
        }
    }
}
