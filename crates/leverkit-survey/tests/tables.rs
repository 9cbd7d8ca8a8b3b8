//! Every result has its tables by name, and every analysis checks its parameters first.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::{Params, Tables, batch};
use leverkit_survey::{
    ConjointParams, GaborGrangerParams, RatingParams, WestendorpParams, conjoint, gabor_granger, rating_conjoint,
    van_westendorp,
};

/// The names of a result's tables, each with its first column.
fn of(found: &impl Tables) -> Vec<(&'static str, String)> {
    let tables = found.tables().unwrap();
    tables.into_iter().map(|(name, table)| (name, table.schema_ref().field(0).name().clone())).collect()
}

fn named(tables: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    tables.iter().map(|(name, column)| (*name, (*column).to_owned())).collect()
}

const WORTHS: [(&str, &str); 4] =
    [("table", "term"), ("part_worths", "attribute"), ("importance", "attribute"), ("willingness_to_pay", "term")];

#[test]
fn results_have_their_tables_by_name() {
    let answers = batch!("tc" => [3, 4, 5], "c" => [5, 6, 7], "e" => [9, 10, 11], "te" => [12, 13, 13]).unwrap();
    let meter = van_westendorp(&answers.into(), &WestendorpParams::new("tc", "c", "e", "te")).unwrap();
    let curves = [("table", "point"), ("curves", "price"), ("reach", "price"), ("revenue", "price")];
    assert_eq!(of(&meter), named(&curves));

    let answers = batch!("price" => [5, 5, 8, 8], "buys" => [true, true, true, false]).unwrap();
    let curve = gabor_granger(&answers.into(), &GaborGrangerParams::new("price", "buys")).unwrap();
    assert_eq!(of(&curve), named(&[("table", "price"), ("best", "aim")]));

    let choices = batch!("task" => [1, 1, 2, 2, 3, 3, 4, 4], "option" => ["a", "b", "a", "b", "a", "b", "a", "b"],
        "price" => [1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0, 1.0], "picked" => [1, 0, 0, 1, 0, 1, 0, 1])
    .unwrap();
    let params = ConjointParams { price: Some("price".into()), ..ConjointParams::new("task", "option", "picked", &[]) };
    assert_eq!(of(&conjoint(&choices.into(), &params).unwrap()), named(&WORTHS));

    let ratings = batch!("score" => [9.0, 6.1, 7.0, 4.0, 8.9], "brand" => ["x", "y", "x", "y", "x"],
        "price" => [1.0, 1.0, 2.0, 2.0, 1.0])
    .unwrap();
    let params = RatingParams { price: Some("price".into()), ..RatingParams::new("score", &["brand"]) };
    assert_eq!(of(&rating_conjoint(&ratings.into(), &params).unwrap()), named(&WORTHS));
}

#[test]
fn every_kind_of_parameters_is_checked() {
    let said = |params: &dyn Params| params.check().unwrap_err().to_string();
    let (level, wrong) = (0.0, "level: got 0; expected a share above 0 and below 1");
    assert_eq!(said(&ConjointParams { level, ..ConjointParams::new("task", "option", "picked", &[]) }), wrong);
    assert_eq!(said(&RatingParams { level, ..RatingParams::new("score", &[]) }), wrong);
    assert_eq!(
        said(&GaborGrangerParams { unit_cost: Some(-1.0), ..GaborGrangerParams::new("price", "buys") }),
        "unit_cost: got -1; expected 0 or more"
    );
    assert_eq!(
        said(&WestendorpParams { buy_cheap: Some("b".into()), ..WestendorpParams::new("tc", "c", "e", "te") }),
        "buy_cheap, buy_expensive: got one of them; expected both or none"
    );
}
