//! A panel from a frame.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::{Table, batch};
use leverkit_effect::panel::{Panel, PanelColumns};

#[test]
fn rows_in_any_order_make_the_same_panel() {
    let unit = [1, 1, 1, 2, 2, 2, 3, 3, 3];
    let table = Table::from(
        batch!(
            "unit" => unit,
            "period" => [1, 2, 3, 1, 2, 3, 1, 2, 3],
            "outcome" => [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
            "first" => [Some(2), Some(2), Some(2), None, None, None, Some(3), Some(3), Some(3)],
            "shop" => ["b", "b", "b", "a", "a", "a", "b", "b", "b"],
            "weight" => unit.map(f64::from),
            "size" => [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0],
        )
        .unwrap(),
    );
    let covariates = ["size".to_owned()];
    let columns = PanelColumns {
        unit: Some("unit"),
        period: "period",
        outcome: "outcome",
        first_treated: "first",
        cluster: Some("shop"),
        weight: Some("weight"),
        covariates: &covariates,
    };
    let order: Vec<u32> = vec![8, 3, 0, 5, 2, 7, 4, 1, 6];
    let shuffled = Table::new(table.columns().iter().map(|column| column.take(&order).unwrap()).collect()).unwrap();
    let (one, other) = (Panel::read(&table, &columns).unwrap(), Panel::read(&shuffled, &columns).unwrap());
    assert_eq!((one.first, one.paths), (other.first, other.paths));
    assert_eq!((one.clusters, one.weights), (other.clusters, other.weights));
    assert_eq!((one.covariates, one.periods), (other.covariates, other.periods));
}
