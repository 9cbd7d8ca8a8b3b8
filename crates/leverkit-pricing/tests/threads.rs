//! Results are the same to the last bit on any number of threads.

#![allow(clippy::unwrap_used)] // A test may fail.

mod common;

use common::{as_deals, deals, price_war};
use leverkit_core::polars::prelude::*;
use leverkit_pricing::{
    BandParams, BridgeParams, LeadershipParams, LeakageParams, PositionParams, ScoreParams, ValueMapParams,
    WaterfallParams, deal_score, leadership, leakage, position, price_band, price_volume_mix, value_map, waterfall,
};

fn tables(frame: &DataFrame, prices: &DataFrame) -> Vec<DataFrame> {
    let by = || vec!["rep".to_owned(), "region".to_owned()];
    let deals = as_deals(frame);
    let bands = price_band(&deals, &BandParams { by: by(), ..BandParams::default() }).unwrap();
    let leaks = leakage(&deals, &LeakageParams { by: by(), ..LeakageParams::default() }).unwrap();
    let scores = deal_score(&deals, &ScoreParams { peers: by(), ..ScoreParams::default() }).unwrap();
    let keys = ["rep", "units"];
    let bridge = price_volume_mix(frame, &BridgeParams::new("region", "1", "2", &keys, "units", "paid")).unwrap();
    let shelf = PositionParams { date: Some("day".into()), ..PositionParams::new("sku", "seller", "price", "north") };
    let lags = leadership(prices, &LeadershipParams::new("sku", "seller", "price", "day")).unwrap();
    let products = prices.head(Some(90));
    let map = value_map(&products, &ValueMapParams::new("seller", "price", &[("sku", 1.0), ("price", 0.5)])).unwrap();
    vec![
        waterfall(&deals, &WaterfallParams { by: by(), tolerance: 1e9, ..WaterfallParams::default() })
            .unwrap()
            .to_frame()
            .unwrap(),
        bands.to_frame().unwrap(),
        bands.histogram_frame().unwrap(),
        leaks.to_frame().unwrap(),
        leaks.outliers_frame().unwrap(),
        scores.to_frame().unwrap(),
        scores.peers_frame().unwrap(),
        bridge.by_key_frame().unwrap(),
        bridge.granularity_frame().unwrap(),
        position(prices, &shelf).unwrap().to_frame().unwrap(),
        lags.to_frame().unwrap(),
        map.to_frame().unwrap(),
    ]
}

#[test]
fn one_two_and_four_threads_give_the_same_tables() {
    let (frame, prices) = (deals(400_000, 0.04, 9).frame, price_war(12, 40, 10));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| tables(&frame, &prices))
    };
    let one = on(1);
    for threads in [2, 4] {
        for (at, (one, several)) in one.iter().zip(on(threads)).enumerate() {
            assert!(one.equals_missing(&several), "table {at} on {threads} threads");
        }
    }
}
