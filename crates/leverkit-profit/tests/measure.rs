//! Measured parameters against what the lines say, and attribution over many rows.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::frames::each;
use leverkit_core::{Ledger, Period, Roles, batch, format_day, parse_day};
use leverkit_profit::{
    BookEntry, ChangeMethod, Error, Formula, MeasureParams, OwnNorm, Source, attribute, attribute_rows,
    attribute_segments, measure,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

fn ledger(lines: &[(u8, i32, f64, f64)]) -> Ledger {
    let day = |offset: i32| format_day(parse_day("day", "2024-01-01").unwrap() + offset);
    let batch = batch!(
        "who" => each(lines, |line| i32::from(line.0)),
        "day" => each(lines, |line| day(line.1)),
        "paid" => each(lines, |line| line.2),
        "units" => each(lines, |line| line.3),
        "list" => each(lines, |line| if line.3 > 0.0 { line.2.abs() / line.3 * 1.1 } else { 0.0 }),
    )
    .unwrap();
    let roles = Roles {
        quantity: Some("units".into()),
        list_price: Some("list".into()),
        ..Roles::new("who", "day").amount("paid")
    };
    Ledger::from_batches(&[batch], &roles).unwrap()
}

fn params(limit_day: u32) -> MeasureParams {
    MeasureParams { limit_day, replicates: 100, ..MeasureParams::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn measured_values_give_back_revenue(
        lines in proptest::collection::vec((0..20_u8, 0..200_i32, 1.0..90.0_f64, 1..5_u8, 0..8_u8), 5..150),
        limit_day in 20..90_u32,
    ) {
        // A line in eight is a refund of a part; a large line in each month, the last one too, makes it one whose sales exceed its refunds.
        let mut all: Vec<_> = lines
            .into_iter()
            .map(|(who, day, paid, units, kind)| (who, day, if kind == 0 { -paid / 10.0 } else { paid }, f64::from(units)))
            .collect();
        all.extend((0..8).map(|month| (99, month * 30 + 1, 5000.0, 2.0)));
        let ledger = ledger(&all);
        let formula = Formula::full();
        for period in [Period::Month, Period::Quarter] {
            let found = measure(&ledger, &MeasureParams { period, ..params(limit_day) }, &[]).unwrap();
            let revenue = formula.node("revenue").unwrap();
            // Refunds without a sale are no product of anything.
            for period in found.periods.iter().filter(|period| period.orders > 0.0) {
                let measured = formula.point(&period.scenario()).unwrap()[revenue];
                prop_assert!((measured - period.revenue).abs() <= 1e-9 * period.revenue.abs().max(1.0), "{measured} {period:?}");
            }
            let total: f64 = found.periods.iter().map(|period| period.revenue).sum();
            prop_assert!((total - all.iter().map(|line| line.2).sum::<f64>()).abs() < 1e-6);
        }
    }

    #[test]
    fn parts_of_rows_and_segments_add_up(rows in proptest::collection::vec(proptest::array::uniform8(0.1..9.0_f64), 1..700)) {
        let formula = Formula::minimal();
        let column = |place: usize, share: bool| -> Vec<f64> {
            rows.iter().map(|row| if share { row[place] / 10.0 } else { row[place] }).collect()
        };
        let before: Vec<Vec<f64>> = (0..4).map(|place| column(place, place == 1)).collect();
        let after: Vec<Vec<f64>> = (4..8).map(|place| column(place, place == 5)).collect();
        let at = |columns: &[Vec<f64>], row: usize| columns.iter().map(|column| column[row]).collect::<Vec<_>>();
        for method in [ChangeMethod::Shapley, ChangeMethod::Lmdi, ChangeMethod::Sequential] {
            let parts = attribute_rows(&formula, &before, &after, method).unwrap();
            for row in [0, rows.len() / 2, rows.len() - 1] {
                let alone = attribute(&formula, &at(&before, row), &at(&after, row), method).unwrap();
                prop_assert_eq!(&alone.parts, &at(&parts, row));
                let change = alone.after - alone.before;
                prop_assert!((alone.parts.iter().sum::<f64>() - change).abs() <= 1e-9 * alone.before.max(alone.after));
            }
        }
        let found = attribute_segments(&formula, &before, &after, "customers", ChangeMethod::Lmdi).unwrap();
        prop_assert_eq!(&found.parts, &attribute_rows(&formula, &before, &after, ChangeMethod::Lmdi).unwrap());
        // One more segment that sells nothing changes no bit of the others.
        let more = |side: &[Vec<f64>]| side.iter().map(|column| [&column[..], &[0.0]].concat()).collect::<Vec<_>>();
        let with_one = attribute_segments(&formula, &more(&before), &more(&after), "customers", ChangeMethod::Lmdi).unwrap();
        prop_assert_eq!((&with_one.volume[..rows.len()], &with_one.mix[..rows.len()]), (&found.volume[..], &found.mix[..]));
        prop_assert_eq!(&with_one.rate[..rows.len()], &found.rate[..]);
        for row in 0..rows.len() {
            let sum = found.volume[row] + found.mix[row] + found.rate[row];
            let change = found.after[row] - found.before[row];
            prop_assert!((sum - change).abs() <= 1e-9 * found.before[row].max(found.after[row]));
        }
    }
}

#[test]
fn a_wrong_value_is_told_by_its_row_and_before_a_result_that_is_no_number() {
    let mut before = vec![vec![10.0; 2000], vec![0.5; 2000], vec![3.0; 2000], vec![1e300; 2000]];
    let after = before.clone();
    before[0][5] = 1e300;
    let error = |before: &[Vec<f64>]| {
        attribute_segments(&Formula::minimal(), before, &after, "customers", ChangeMethod::Lmdi)
            .unwrap_err()
            .to_string()
    };
    assert!(error(&before).contains("row 5"), "{}", error(&before));
    before[1][1900] = 1.5;
    assert!(error(&before).starts_with("conversion") && error(&before).contains("row 1900"), "{}", error(&before));
    let error = attribute_rows(&Formula::minimal(), &before, &after, ChangeMethod::Lmdi).unwrap_err().to_string();
    assert!(error.starts_with("conversion"), "{error}");
    // Profit is the first parameter; the second is wrong all the same.
    let sold = Formula::from_expressions("sold", &[("profit", "money"), ("share", "money / units")]).unwrap();
    let error = attribute_rows(&sold, &[[1.0], [f64::NAN]], &[[2.0], [1.0]], ChangeMethod::Lmdi).unwrap_err();
    assert!(error.to_string().starts_with("units"), "{error}");
}

#[test]
fn where_the_size_is_what_profit_is_each_unit_brings_one_and_the_rate_has_no_part() {
    let before = [[1000.0, 500.0], [0.1, 0.2], [50.0, 40.0], [2.0, 1.0]];
    let after = [[1200.0, 400.0], [0.1, 0.2], [50.0, 44.0], [2.0, 1.0]];
    let found = attribute_segments(&Formula::minimal(), &before, &after, "revenue", ChangeMethod::Lmdi).unwrap();
    assert_eq!((&found.before[..], &found.after[..]), (&[10_000.0, 4000.0][..], &[12_000.0, 3520.0][..]));
    assert!(found.rate.iter().all(|rate| rate.abs() < 1e-9), "{found:?}");
    let change: f64 = found.volume.iter().chain(&found.mix).sum();
    assert!((change - 1520.0).abs() < 1e-9);
}

#[test]
fn customers_are_new_active_or_dormant_by_the_limit_day() {
    // Customer 1 orders each month, 2 in January and again after three months, 3 comes in March.
    let lines = [
        (1, 4, 10.0, 1.0),
        (1, 35, 10.0, 1.0),
        (1, 65, 10.0, 1.0),
        (1, 95, 10.0, 1.0),
        (2, 10, 30.0, 2.0),
        (2, 100, 30.0, 2.0),
        (3, 70, 5.0, 1.0),
    ];
    let found = measure(&ledger(&lines), &params(45), &[]).unwrap();
    let value = |period: usize, name: &str| {
        found.periods[period].values.iter().find(|value| value.parameter == name).unwrap().value
    };
    assert_eq!((found.periods[0].new, found.periods[2].new, found.periods[3].new), (2.0, 1.0, 0.0));
    assert_eq!(
        (value(1, "base"), value(1, "retention_rate")),
        (2.0, 0.5),
        "both ordered in January, one did in February"
    );
    assert_eq!((value(3, "base"), value(3, "dormant"), value(3, "reactivation_rate")), (2.0, 1.0, 1.0));
    assert!((value(3, "discount_rate") - (1.0 - 1.0 / 1.1)).abs() < 1e-12);
    let complete: Vec<bool> = found.periods.iter().map(|period| period.is_complete).collect();
    assert_eq!(complete, [false, false, true, false], "too little before, too little before, whole, cut short");
    let names: Vec<&str> = found.missing.iter().map(|missing| missing.parameter).collect();
    assert!(names.contains(&"reach") && names.contains(&"fixed_cost") && !names.contains(&"items"), "{names:?}");
}

#[test]
fn books_fill_the_steps_and_the_costs() {
    let lines = [(1, 4, 100.0, 1.0), (2, 10, 300.0, 2.0), (3, 70, 5.0, 1.0)];
    let day = parse_day("day", "2024-01-15").unwrap();
    let entry = BookEntry {
        day,
        contacts: Some(1000.0),
        leads: Some(40.0),
        spend: Some(50.0),
        fixed_cost: Some(100.0),
        order_cost: Some(20.0),
        tax: Some(23.0),
        ..BookEntry::default()
    };
    let found = measure(
        &ledger(&lines),
        &params(30),
        &[entry.clone(), BookEntry { day, leads: Some(10.0), ..BookEntry::default() }],
    )
    .unwrap();
    let value = |name: &str| found.periods[0].values.iter().find(|value| value.parameter == name).unwrap().clone();
    assert_eq!((value("reach").value, value("response_rate").source), (1000.0, Source::Assumed));
    assert_eq!(
        (value("lead_rate").value, value("close_rate").value),
        (0.05, 0.04),
        "50 leads of 1,000, 2 first orders of 50"
    );
    assert!(value("close_rate").limits.unwrap().lower < 0.04);
    assert_eq!(
        (value("contact_cost").value, value("order_cost").value, value("fixed_cost").value),
        (0.05, 10.0, 100.0)
    );
    assert!((value("tax_rate").value - 0.1).abs() < 1e-12, "23 of 400 − 50 − 100 − 20");
    let formula = Formula::full();
    assert!((formula.profit(&found.periods[0].scenario()).unwrap() - 207.0).abs() < 1e-9);
    let few = BookEntry { leads: Some(1.0), ..entry.clone() };
    let error = measure(&ledger(&lines), &params(30), &[few]).unwrap_err();
    insta::assert_snapshot!(error, @"leads: got 1 in the stage before close_rate and 2 after it, 2024-01-01; expected stages that hold all of the next: not fewer than it");
    let negative = measure(&ledger(&lines), &params(30), &[BookEntry { spend: Some(-1.0), ..entry }]).unwrap_err();
    assert!(matches!(negative, Error::Value { .. }));
}

/// A parameter of the only period.
fn measured(ledger: &Ledger, parameter: &str) -> f64 {
    let found = measure(ledger, &params(30), &[]).unwrap();
    found.periods[0].values.iter().find(|value| value.parameter == parameter).unwrap().value
}

#[test]
fn a_discount_line_is_a_discount_and_no_return() {
    let lines = batch!(
        "who" => ["a", "a", "a", "b", "b", "b"], "day" => ["2024-01-01"; 6], "order" => [1, 1, 1, 2, 2, 2],
        "what" => ["tea", "discount", "gift card", "milk", "discount", "gift card"],
        "paid" => [50.0, -5.0, -20.0, 50.0, -5.0, -20.0],
    )
    .unwrap();
    let roles = Roles::new("who", "day").amount("paid").order("order").product("what");
    let ledger = Ledger::from_batches(&[lines], &roles).unwrap();
    assert_eq!((measured(&ledger, "return_rate"), measured(&ledger, "discount_rate")), (0.0, 0.5));
}

#[test]
fn a_return_booked_by_its_quantity_alone_is_a_return() {
    let lines = batch!(
        "who" => ["a", "a", "b"], "day" => ["2024-01-01", "2024-01-05", "2024-01-02"], "order" => ["1", "R1", "2"],
        "paid" => [100.0, 40.0, 50.0], "units" => [2, -1, 1],
    )
    .unwrap();
    let roles = Roles::new("who", "day").amount("paid").order("order").quantity("units");
    let ledger = Ledger::from_batches(&[lines], &roles).unwrap();
    assert_eq!((measured(&ledger, "return_rate"), measured(&ledger, "list_price")), (40.0 / 150.0, 50.0));
}

/// Orders of 300 customers in 30 months: each comes in a month with a chance, on a day of it, and pays 10.
fn company(seed: u64, chance: impl Fn(usize) -> f64) -> Ledger {
    let mut random = Pcg64::seed_from_u64(seed);
    let start = parse_day("day", "2022-01-01").unwrap();
    let first = Period::Month.index(start);
    let mut lines = Vec::new();
    for customer in 0..300 {
        for month in 0..30 {
            if month == 0 || random.random_bool(chance(month)) {
                lines.push((customer, Period::Month.start(first + month as i32) + random.random_range(0..28)));
            }
        }
    }
    let batch = batch!(
        "who" => each(&lines, |line| line.0),
        "day" => each(&lines, |line| format_day(line.1)),
        "paid" => vec![10.0; lines.len()],
    );
    Ledger::from_batches(&[batch.unwrap()], &Roles::new("who", "day").amount("paid")).unwrap()
}

fn retention_norm(ledger: &Ledger) -> OwnNorm {
    let found = measure(ledger, &MeasureParams { replicates: 200, ..params(62) }, &[]).unwrap();
    found.norms.into_iter().find(|norm| norm.parameter == "retention_rate").unwrap()
}

#[test]
fn a_company_that_never_changes_has_hardly_a_norm() {
    let lucky = (0..40).filter(|&seed| retention_norm(&company(seed, |_| 0.5)).way.is_some()).count();
    assert!(lucky <= 4, "{lucky} of 40 good quarters were luck");
}

#[test]
fn a_season_is_no_norm() {
    let season = |month: usize| if month % 12 == 11 { 0.8 } else { 0.5 };
    let lucky = (0..20).filter(|&seed| retention_norm(&company(seed, season)).way.is_some()).count();
    assert!(lucky <= 3, "{lucky} of 20 Decembers were taken for a norm");
}

#[test]
fn a_rate_that_fell_has_its_former_level_as_norm() {
    for seed in 0..10 {
        let norm = retention_norm(&company(seed, |month| if month < 18 { 0.6 } else { 0.4 }));
        let way = norm.way.expect("a norm");
        assert!((way.today - 0.4).abs() < 0.05 && (way.norm - 0.6).abs() < 0.06, "{} to {}", way.today, way.norm);
    }
}

#[test]
fn less_than_two_years_tell_no_norm_and_say_so() {
    let short = company(1, |month| if month < 20 { 0.5 } else { 0.0 });
    let norm = retention_norm(&short);
    assert!(norm.way.is_none() && norm.reason.unwrap().contains("24 would"));
}

#[test]
fn the_base_earns_what_the_last_complete_year_earned() {
    let ledger = company(3, |month| 0.3 + 0.01 * month as f64);
    let found = measure(&ledger, &params(62), &[]).unwrap();
    let last: Vec<_> = found.periods.iter().filter(|period| period.is_complete).rev().take(12).collect();
    let earned: f64 = last.iter().map(|period| period.revenue).sum();
    let formula = Formula::full();
    let mean = formula.point(&found.base.values).unwrap()[formula.node("revenue").unwrap()];
    assert!(found.base.is_year && (12.0 * mean - earned).abs() < 1e-6 * earned);
    assert_eq!(found.base.end, last[0].end);
}
