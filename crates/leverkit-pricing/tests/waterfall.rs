//! The waterfall adds up: by row, by group and in total, with components that are missing or zero, in batches or at once.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::{RecordBatch, batch};
use leverkit_pricing::{
    BandParams, Basis, DealRoles, Deals, Error, StepKind, Waterfall, WaterfallBuilder, WaterfallParams, price_band,
    waterfall,
};
use proptest::prelude::*;

/// Cents; a component, quantity or list price may be unknown.
#[derive(Debug, Clone)]
struct Row {
    region: u8,
    units: Option<u16>,
    list: Option<u32>,
    off: [Option<u32>; 3],
    cost: Option<u32>,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let known = |most: u32| prop_oneof![6 => (0..most).prop_map(Some), 2 => Just(Some(0)), 1 => Just(None)];
    let units = prop_oneof![8 => (0..200_u16).prop_map(Some), 1 => Just(None)];
    let list = prop_oneof![8 => (0..10_000_000_u32).prop_map(Some), 1 => Just(None)];
    let row = (0..4_u8, units, list, [known(90_000), known(9000), known(90)], known(500_000))
        .prop_map(|(region, units, list, off, cost)| Row { region, units, list, off, cost });
    prop::collection::vec(row, 1..120)
}

fn lines(rows: &[Row]) -> RecordBatch {
    let money = |of: &dyn Fn(&Row) -> Option<u32>| -> Vec<Option<f64>> {
        rows.iter().map(|row| of(row).map(|cents| f64::from(cents) / 100.0)).collect()
    };
    batch!(
        "region" => rows.iter().map(|row| i32::from(row.region)).collect::<Vec<_>>(),
        "units" => rows.iter().map(|row| row.units.map(i32::from)).collect::<Vec<_>>(),
        "list" => money(&|row| row.list),
        "discount" => money(&|row| row.off[0]),
        "rebate" => money(&|row| row.off[1]),
        "freight" => money(&|row| row.off[2]),
        "cost" => money(&|row| row.cost),
    )
    .unwrap()
}

fn roles() -> DealRoles {
    let names = ["discount", "rebate", "freight"];
    names
        .into_iter()
        .fold(DealRoles::new("list").unit_cost("cost").quantity("units"), |roles, it| roles.component(it, it))
}

fn params() -> WaterfallParams {
    WaterfallParams { by: vec!["region".into()], on_invoice: vec!["rebate".into()], ..WaterfallParams::default() }
}

/// Cents of list price, each component, and cost of the rows that can be used.
fn cents(rows: &[Row]) -> ([i128; 5], u64) {
    let mut sums = [0; 5];
    let mut kept = 0;
    for row in rows {
        let (Some(units), Some(list), Some(cost)) = (row.units, row.list, row.cost) else { continue };
        kept += 1;
        let off = row.off.map(|off| off.unwrap_or(0));
        for (sum, cents) in sums.iter_mut().zip([list, off[0], off[1], off[2], cost]) {
            *sum += i128::from(units) * i128::from(cents);
        }
    }
    (sums, kept)
}

/// Every subtotal is the sum of the steps before it, to the last bit.
fn adds_up(found: &Waterfall) -> bool {
    found.groups.iter().chain([&found.total]).all(|fall| {
        let mut left = 0.0;
        found.steps.iter().zip(&fall.amounts).all(|(step, &amount)| match step.kind {
            StepKind::Invoice | StepKind::Pocket | StepKind::Margin => amount == left,
            StepKind::List | StepKind::Component | StepKind::Cost => {
                left += amount;
                true
            }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn steps_add_up_exactly_and_to_the_cent(rows in rows()) {
        let (expected, kept) = cents(&rows);
        let found = waterfall(&Deals::from_table(&lines(&rows).into(), &roles()).unwrap(), &params());
        if kept == 0 {
            let is_empty = matches!(found, Err(Error::Empty { .. }));
            prop_assert!(is_empty);
            return Ok(());
        }
        let found = found.unwrap();
        prop_assert!(adds_up(&found));
        for step in 0..found.steps.len() {
            prop_assert_eq!(found.groups.iter().map(|fall| fall.amounts[step]).sum::<f64>(), found.total.amounts[step]);
        }
        let amount = |name: &str| found.total.amounts[found.steps.iter().position(|step| step.name == name).unwrap()];
        let [list, discount, rebate, freight, cost] = expected.map(|cents| cents as f64 / 100.0);
        let pocket = (expected[0] - expected[1] - expected[2] - expected[3]) as f64 / 100.0;
        for (name, money) in [
            ("list price", list), ("rebate", -rebate), ("invoice price", list - rebate), ("discount", -discount),
            ("freight", -freight), ("pocket price", pocket), ("cost", -cost), ("margin", pocket - cost),
        ] {
            prop_assert!((amount(name) - money).abs() < 0.005, "{}: {} for {}", name, amount(name), money);
        }
        let set_aside: u64 = found.left_out.iter().filter(|left| left.reason.text().contains("left out")).map(|left| left.rows).sum();
        prop_assert_eq!(found.total.rows, kept);
        prop_assert_eq!(found.total.rows + set_aside, rows.len() as u64);
    }

    #[test]
    fn batches_give_what_all_rows_at_once_give(rows in rows(), cut in 0..120_usize) {
        let lines = lines(&rows);
        let at_once = waterfall(&Deals::from_table(&lines.clone().into(), &roles()).unwrap(), &params());
        let mut builder = WaterfallBuilder::new(roles(), params()).unwrap();
        let cut = cut.min(rows.len());
        builder.push(&lines.slice(0, cut)).unwrap();
        builder.push(&lines.slice(cut, rows.len() - cut)).unwrap();
        match (at_once, builder.finish()) {
            (Ok(at_once), Ok(batches)) => {
                prop_assert_eq!(at_once.groups, batches.groups);
                prop_assert_eq!(at_once.left_out, batches.left_out);
            }
            (at_once, batches) => prop_assert_eq!(at_once.is_err(), batches.is_err()),
        }
    }

    #[test]
    fn raising_prices_to_the_median_never_costs_and_quantiles_rise(rows in rows()) {
        let Ok(found) = price_band(&Deals::from_table(&lines(&rows).into(), &roles()).unwrap(), &BandParams { by: vec!["region".into()], floor: Some(0.9), level: 0.9, ..BandParams::default() }) else { return Ok(()) };
        for band in &found.bands {
            prop_assert!(band.quantiles.windows(2).all(|pair| pair[0] <= pair[1]));
            prop_assert!(band.raise.estimate >= 0.0 && band.raise.lower <= band.raise.estimate && band.raise.estimate <= band.raise.upper);
            prop_assert!((band.histogram.iter().sum::<f64>() - band.volume).abs() < 1e-6);
        }
    }
}

#[test]
fn a_row_that_misses_its_pocket_price_is_named_with_its_money() {
    let lines = batch!("list" => [10.0, 10.0], "off" => [1.0, 1.0], "paid" => [9.0, 8.5]).unwrap();
    let deals =
        Deals::from_table(&lines.into(), &DealRoles::new("list").component("off", "off").pocket_price("paid")).unwrap();
    let error = waterfall(&deals, &WaterfallParams::default()).unwrap_err().to_string();
    assert!(error.contains("1 of 2 rows do not add up"), "{error}");
    assert!(error.contains("row 1: list price 10 − components 1 = 9, pocket price is 8.5"), "{error}");
}

#[test]
fn what_is_left_out_carries_its_money() {
    let lines = batch!("list" => [Some(10.0), Some(20.0), None], "units" => [Some(1.0), None, Some(1.0)]).unwrap();
    let roles = DealRoles::new("list").quantity("units").basis(Basis::Line);
    let found = waterfall(&Deals::from_table(&lines.into(), &roles).unwrap(), &WaterfallParams::default()).unwrap();
    let told: Vec<_> = found.left_out.iter().map(|left| (left.rows, left.first_row, left.money)).collect();
    assert_eq!(told, [(1, 2, None), (1, 1, Some(20.0))]);
}

#[test]
fn two_segments_are_compared_step_by_step() {
    let lines = batch!("year" => [1, 1, 2], "list" => [10.0, 30.0, 50.0], "off" => [1.0, 3.0, 10.0]).unwrap();
    let deals = Deals::from_table(&lines.into(), &DealRoles::new("list").component("off", "off")).unwrap();
    let params = WaterfallParams { by: vec!["year".into()], ..WaterfallParams::default() };
    let steps = waterfall(&deals, &params).unwrap().compare("year", "1", "2").unwrap();
    assert_eq!((steps[1].base, steps[1].against), (-4.0, -10.0));
    assert_eq!((steps[1].base_share, steps[1].against_share), (-0.1, -0.2));
}

#[test]
fn a_group_called_as_a_column_of_the_result_is_refused_by_name() {
    let lines = batch!("amount" => ["x", "y"], "list" => [10.0, 30.0]).unwrap();
    let deals = Deals::from_table(&lines.into(), &DealRoles::new("list")).unwrap();
    let params = WaterfallParams { by: vec!["amount".into()], ..WaterfallParams::default() };
    let error = waterfall(&deals, &params).unwrap().to_batch().unwrap_err().to_string();
    assert!(error.contains("two columns are called \"amount\""), "{error}");
}

#[test]
fn a_batch_whose_columns_stand_elsewhere_is_no_continuation() {
    let mut builder = WaterfallBuilder::new(DealRoles::new("list").component("off", "off"), params()).unwrap();
    builder.push(&batch!("list" => [10.0], "off" => [1.0]).unwrap()).unwrap();
    let error = builder.push(&batch!("off" => [1.0], "list" => [10.0]).unwrap()).unwrap_err().to_string();
    assert!(error.contains("\"off\" after rows with \"list\""), "{error}");
}
