//! Frames go in as they are and results come out as frames.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::{Ledger, Roles, batch};
use leverkit_polars::prelude::*;
use leverkit_rfm::{ScoreParams, score};

fn lines() -> DataFrame {
    df!(
        "client" => ["zoe", "ann", "zoe"],
        "paid" => [20.0, 15.0, 30.0],
        "day" => [19_700, 19_701, 19_702],
        "unused" => [Some(true), None, Some(false)],
    )
    .unwrap()
}

fn dated(mut frame: DataFrame) -> DataFrame {
    let days = frame.column("day").unwrap().cast(&DataType::Date).unwrap();
    frame.with_column(days).unwrap();
    frame
}

#[test]
fn a_frame_of_several_chunks_gives_the_ledger_of_the_whole() {
    let roles = Roles::new("client", "day").amount("paid");
    let whole = Ledger::from_frame(&dated(lines()), &roles).unwrap();
    let chunked = lines().head(Some(1)).vstack(&lines().slice(1, 2)).unwrap();
    assert_eq!(chunked.column("client").unwrap().as_materialized_series().chunks().len(), 2);
    let parts = Ledger::from_frame(&dated(chunked), &roles).unwrap();
    assert_eq!((parts.n_customers(), parts.amounts()), (2, whole.amounts()));
}

#[test]
fn numbers_cross_without_a_copy() {
    let frame = lines();
    let table = frame.to_table().unwrap();
    let own = frame.column("paid").unwrap().f64().unwrap().cont_slice().unwrap().as_ptr();
    let crossed = table.column("paid").unwrap().chunks()[0].to_data().buffers()[0].as_ptr();
    assert_eq!(own.cast::<u8>(), crossed);
}

#[test]
fn results_come_out_as_frames_with_nulls_dates_and_categories() {
    let mut frame = dated(lines());
    let categories = frame.column("client").unwrap().cast(&DataType::from_categories(Categories::global())).unwrap();
    frame.with_column(categories).unwrap();
    let ledger = Ledger::from_frame(&frame, &Roles::new("client", "day").amount("paid")).unwrap();
    let scores = score(&ledger, &ScoreParams::default()).unwrap().to_batch().unwrap().to_frame().unwrap();
    assert!(scores.column("customer").unwrap().dtype().is_categorical());
    assert_eq!(scores.column("last_order").unwrap().dtype(), &DataType::Date);
    let nulls = batch!("x" => [Some(1), None], "y" => [None, Some("text")]).unwrap().to_frame().unwrap();
    assert!(nulls.equals_missing(&df!("x" => [Some(1), None], "y" => [None, Some("text")]).unwrap()));
}
