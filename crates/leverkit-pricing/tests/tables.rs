//! Every result has its tables by name, and every analysis checks its parameters first.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::{Params, RecordBatch, Table, Tables, batch};
use leverkit_pricing::{
    BandParams, Base, BridgeParams, DealRoles, DealScoreParams, Deals, Demand, ElasticityParams, HedonicParams,
    IndexParams, LeadershipParams, LeakageParams, OptimalPriceParams, PositionParams, ValueMapParams, WaterfallParams,
    elasticity, elasticity_by, hedonic, optimal_price, price_band, price_index, value_map, waterfall,
};

/// The names of a result's tables, each with its number of rows.
fn of(found: &impl Tables) -> Vec<(&'static str, usize)> {
    let rows = |(name, table): (&'static str, RecordBatch)| (name, table.num_rows());
    found.tables().unwrap().into_iter().map(rows).collect()
}

/// Two shops in four weeks; a tenth more asked costs a fifth of the units, as near as whole weeks come.
fn sales() -> Table {
    batch!(
        "shop" => ["a", "b", "a", "b", "a", "b", "a", "b"],
        "week" => [1, 1, 2, 2, 3, 3, 4, 4],
        "price" => [10.0, 20.0, 11.0, 19.0, 9.0, 22.0, 10.5, 21.0],
        "units" => [100.0, 50.0, 80.0, 56.0, 120.0, 40.0, 92.0, 46.0],
    )
    .unwrap()
    .into()
}

#[test]
fn results_have_their_tables_by_name() {
    let deals = Deals::from_table(&sales(), &DealRoles::new("price").quantity("units")).unwrap();
    let by = || vec!["shop".to_owned()];
    let fall = waterfall(&deals, &WaterfallParams { by: by(), ..WaterfallParams::default() }).unwrap();
    assert_eq!(of(&fall), [("table", 4), ("total", 2)]);
    let band = price_band(&deals, &BandParams { by: by(), ..BandParams::default() }).unwrap();
    assert_eq!(of(&band)[..2], [("table", 2), ("total", 1)]);
    let params = ElasticityParams::new("units", "price");
    let found = elasticity(&sales(), &params.clone().effects(&["shop"])).unwrap();
    assert_eq!(of(&found), [("table", 1), ("tests", 0), ("compared", 2), ("left_out", 0)]);
    let groups = elasticity_by(&sales(), &ElasticityParams { by: by(), min_periods: 3, ..params }).unwrap();
    assert_eq!(of(&groups), [("table", 2), ("categories", 1), ("left_out", 0)]);
    let best = optimal_price(&OptimalPriceParams::new((-2.0, None, None), 6.0)).unwrap();
    assert_eq!(best.notes(), &best.notes[..]);
    let index = price_index(&sales(), &IndexParams::new("week", "shop", "price", "units")).unwrap();
    assert_eq!(of(&index), [("table", 4), ("drift", 4), ("turnover", 4)]);
    let map = value_map(&sales(), &ValueMapParams::new("shop", "price", &[("units", 1.0)])).unwrap();
    assert_eq!(of(&map), [("table", 8), ("line", 2)]);
    let worth = hedonic(&sales(), &HedonicParams::new("price", &["shop"])).unwrap();
    assert_eq!(of(&worth), [("table", 2)]);
    assert!(worth.table("tables").unwrap_err().to_string().ends_with("did you mean \"table\"?"));
}

#[test]
fn every_analysis_checks_its_parameters_first() {
    let said = |params: &dyn Params| params.check().unwrap_err().to_string();
    let level = 1.5;
    let wrong = "level: got 1.5; expected a share above 0 and below 1";
    let shelf = PositionParams { level, ..PositionParams::new("sku", "shop", "price", "us") };
    let lags = LeadershipParams { lags: 0, ..LeadershipParams::new("sku", "shop", "price", "day") };
    let optimal = OptimalPriceParams::new((-2.0, Some(-1.0), None), 6.0);
    assert_eq!(said(&BandParams { level, ..BandParams::default() }), wrong);
    assert_eq!(said(&shelf), wrong);
    assert_eq!(said(&HedonicParams { level, ..HedonicParams::new("price", &[]) }), wrong);
    assert_eq!(said(&ElasticityParams { level, ..ElasticityParams::new("units", "price") }), wrong);
    assert_eq!(said(&lags), "lags: got 0; expected 1 to 366");
    assert_eq!(
        said(&WaterfallParams { tolerance: -1.0, ..WaterfallParams::default() }),
        "tolerance: got -1; expected money of at least 0"
    );
    assert_eq!(
        said(&LeakageParams { outlier: 0.0, ..LeakageParams::default() }),
        "outlier: got 0; expected robust standard deviations above 0"
    );
    assert_eq!(
        said(&DealScoreParams { floor: 0.6, ..DealScoreParams::default() }),
        "floor, target, stretch: got [0.6, 0.5, 0.8]; expected rising quantiles such as 0.2, 0.5, 0.8"
    );
    assert_eq!(
        said(&BridgeParams::new("year", "1", "2", &[], "q", "r")),
        "keys: got none; expected the columns whose values are an item, such as [\"sku\"]"
    );
    assert_eq!(
        said(&ValueMapParams::new("sku", "price", &[("taste", 0.0)])),
        "attributes: got [(\"taste\", 0.0)]; expected weights of at least 0, one above"
    );
    assert_eq!(
        said(&optimal),
        "elasticity: got -2 with limits -1 and none; expected a lower limit below it and an upper one above"
    );
    assert_eq!(
        said(&OptimalPriceParams {
            demand: Demand::Logit,
            price: Some(9.0),
            ..OptimalPriceParams::new((-2.0, None, None), 6.0)
        }),
        "share: got none; expected the share of possible buyers who buy at today's price"
    );
    assert_eq!(
        said(&IndexParams {
            base: Base::Chained,
            drift_alarm: 0.0,
            ..IndexParams::new("week", "sku", "price", "units")
        }),
        "drift_alarm: got 0; expected a share above 0"
    );
}
