//! The Ledger against a naive group-by, on random frames; and what becomes of bad rows and bad roles.

#![allow(clippy::unwrap_used)] // A test may fail.

use std::sync::Arc;

use leverkit_core::arrow_array::cast::AsArray;
use leverkit_core::arrow_array::types::Int64Type;
use leverkit_core::arrow_array::{
    ArrayRef, DictionaryArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray,
};
use leverkit_core::{
    Column, Day, Error, Ledger, LedgerBuilder, NO_ORDER, OnInvalid, Reason, RecordBatch, Returns, Roles, Table, batch,
    columns, parse_day,
};
use proptest::prelude::*;

/// One input row: customer, day, amount; `None` is null.
type Row = (Option<i64>, Option<Day>, Option<f64>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let amount = prop_oneof![8 => (-50i32..500).prop_map(|cents| Some(f64::from(cents) / 10.0)), 1 => Just(None), 1 => Just(Some(f64::NAN))];
    let customer = prop_oneof![9 => (0i64..12).prop_map(|id| Some(id * 1_000_003)), 1 => Just(None)];
    prop::collection::vec(
        (customer, prop::option::weighted(0.95, (19_000..19_040).prop_map(Day::from)), amount),
        1..300,
    )
}

fn table(rows: &[Row]) -> RecordBatch {
    batch!(
        "customer" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        "time" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
        "amount" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
    )
    .unwrap()
}

fn roles() -> Roles {
    Roles::new("customer", "time").amount("amount")
}

fn is_valid(row: &Row) -> bool {
    row.0.is_some() && row.1.is_some() && row.2.is_some_and(|amount| !amount.is_nan())
}

/// The valid rows by customer and day, ties in input order: what the ledger must hold.
fn expected(rows: &[Row]) -> Vec<(i64, Day, f64)> {
    let mut lines: Vec<(i64, Day, f64)> =
        rows.iter().filter(|row| is_valid(row)).map(|row| (row.0.unwrap(), row.1.unwrap(), row.2.unwrap())).collect();
    lines.sort_by_key(|line| (line.0, line.1));
    lines
}

fn lines_of(ledger: &Ledger) -> Vec<(i64, Day, f64)> {
    let ids = ledger.customers().values().array().unwrap();
    let ids = ids.as_primitive::<Int64Type>();
    (0..ledger.n_customers())
        .flat_map(|customer| {
            let id = ids.value(customer);
            let lines = ledger.customer(customer as u32);
            lines.days.iter().zip(lines.amounts).map(move |(day, amount)| (id, *day, *amount)).collect::<Vec<_>>()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 3 } else { 200 }))]

    #[test]
    fn lines_are_the_valid_rows_by_customer_and_time(rows in rows()) {
        prop_assume!(rows.iter().any(is_valid));
        let ledger = Ledger::from_batches(&[table(&rows)], &roles()).unwrap();
        prop_assert_eq!(lines_of(&ledger), expected(&rows));
    }

    #[test]
    fn batches_give_the_ledger_of_the_whole(rows in rows(), cut in 0.0..1.0f64) {
        prop_assume!(rows.iter().any(is_valid));
        let (first, second) = rows.split_at((cut * rows.len() as f64) as usize);
        let mut builder = LedgerBuilder::new(roles());
        builder.push(&table(first)).unwrap();
        builder.push(&table(second)).unwrap();
        let (parts, whole) = (builder.finish().unwrap(), Ledger::from_batches(&[table(&rows)], &roles()).unwrap());
        prop_assert_eq!(lines_of(&parts), lines_of(&whole));
        prop_assert_eq!(parts.quality(), whole.quality());
        prop_assert_eq!(&parts.rejected().rows, &whole.rejected().rows);
        prop_assert_eq!(&parts.rejected().reasons, &whole.rejected().reasons);
    }

    #[test]
    fn every_row_is_in_the_ledger_or_among_the_rejected(rows in rows()) {
        prop_assume!(rows.iter().any(is_valid));
        let ledger = Ledger::from_batches(&[table(&rows)], &roles()).unwrap();
        let invalid: Vec<u32> = (0..rows.len() as u32).filter(|&row| !is_valid(&rows[row as usize])).collect();
        prop_assert_eq!(&ledger.rejected().rows, &invalid);
        prop_assert_eq!(ledger.quality().kept.rows + ledger.quality().rows_set_aside(), rows.len() as u64);
        let quality = Table::from(ledger.quality_batch().unwrap());
        let statuses = quality.column("status").unwrap().texts();
        let counts = columns::numbers(quality.column("rows").unwrap(), "rows").unwrap();
        let sum: f64 = statuses.iter().zip(counts).filter(|(status, _)| status.as_deref() != Some("note")).map(|(_, rows)| rows).sum();
        prop_assert_eq!(sum, rows.len() as f64);
    }

    #[test]
    fn an_order_is_a_day_with_a_purchase(rows in rows()) {
        prop_assume!(rows.iter().any(is_valid));
        let ledger = Ledger::from_batches(&[table(&rows)], &roles()).unwrap();
        let mut days: Vec<(i64, Day)> = expected(&rows).into_iter().filter(|line| line.2 >= 0.0).map(|line| (line.0, line.1)).collect();
        days.dedup();
        prop_assert_eq!(ledger.n_orders(), days.len());
        prop_assert_eq!(ledger.order_days(), days.iter().map(|(_, day)| *day).collect::<Vec<_>>());
        for (line, &order) in ledger.orders().iter().enumerate() {
            let day = ledger.days()[line];
            prop_assert!(order == NO_ORDER || ledger.order_days()[order as usize] == day);
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_byte(rows in rows()) {
        prop_assume!(rows.iter().any(is_valid));
        let table = [table(&rows)];
        let build = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let ledger = pool.install(|| Ledger::from_batches(&table, &roles())).unwrap();
            format!("{ledger:?}")
        };
        let one = build(1);
        prop_assert_eq!(&one, &build(2));
        prop_assert_eq!(&one, &build(4));
    }

    #[test]
    fn parts_put_together_are_the_whole(rows in rows(), parts in 1usize..6) {
        prop_assume!(rows.iter().any(is_valid));
        let ledger = Ledger::from_batches(&[table(&rows)], &roles()).unwrap();
        let parts = ledger.partition(parts).unwrap();
        prop_assert_eq!(parts.iter().map(Ledger::n_customers).sum::<usize>(), ledger.n_customers());
        let whole = Ledger::concat(&parts).unwrap();
        prop_assert_eq!(lines_of(&whole), lines_of(&ledger));
        prop_assert_eq!(whole.orders(), ledger.orders());
    }

    #[test]
    fn a_slice_is_what_a_ledger_of_its_rows_would_be(rows in rows(), start in 19_000..19_040, length in 0..20) {
        let (start, end) = (Day::from(start), Day::from(start + length));
        let inside: Vec<Row> = rows.iter().filter(|row| is_valid(row) && (start..=end).contains(&row.1.unwrap())).copied().collect();
        prop_assume!(!inside.is_empty());
        let slice = Ledger::from_batches(&[table(&rows)], &roles()).unwrap().between(Some(start), Some(end)).unwrap();
        let direct = Ledger::from_batches(&[table(&inside)], &roles()).unwrap();
        prop_assert_eq!(lines_of(&slice), lines_of(&direct));
        prop_assert_eq!(slice.orders(), direct.orders());
        prop_assert_eq!(slice.order_days(), direct.order_days());
    }

    #[test]
    fn ids_of_any_type_give_the_same_lines(rows in rows()) {
        prop_assume!(rows.iter().any(is_valid));
        let plain = Table::from(table(&rows));
        let by_integer = Ledger::from_batches(&[table(&rows)], &roles()).unwrap();
        let of = |ids: ArrayRef| {
            let table = plain.clone().with(Column::new("customer", ids)).unwrap();
            Ledger::from_batches(&[table.to_batch().unwrap()], &roles()).unwrap()
        };
        let padded: Vec<Option<String>> = rows.iter().map(|row| row.0.map(|id| format!("{id:012}"))).collect();
        let categories: DictionaryArray<leverkit_core::arrow_array::types::Int16Type> = padded.iter().map(Option::as_deref).collect();
        let floats: Vec<Option<f64>> = rows.iter().map(|row| row.0.map(|id| id as f64)).collect();
        let arrays = [Column::new("", padded).array().unwrap(), Arc::new(categories), Column::new("", floats).array().unwrap()];
        for ledger in arrays.map(of) {
            prop_assert_eq!(ledger.amounts(), by_integer.amounts());
            prop_assert_eq!(ledger.orders(), by_integer.orders());
        }
    }
}

fn small() -> RecordBatch {
    batch!(
        "client" => ["ann", "ann", "ann", "bob"],
        "when" => ["2024-01-01", "2024-01-01", "2024-01-05", "2024-01-02"],
        "order" => [1, 1, 2, 1],
        "price" => [10.0, 5.0, -4.0, 7.0],
        "units" => [1, 2, 1, 3],
        "store" => ["east", "west", "east", "west"],
    )
    .unwrap()
}

fn small_roles() -> Roles {
    Roles::new("client", "when").price("price").quantity("units").order("order").dimension("store")
}

#[test]
fn price_and_quantity_stand_in_for_the_amount() {
    let ledger = Ledger::from_batches(&[small()], &small_roles()).unwrap();
    assert_eq!(ledger.amounts(), [10.0, 10.0, -4.0, 21.0]);
    assert_eq!(ledger.roles().amount.as_deref(), Some("amount"));
}

#[test]
fn returns_lower_value_and_are_no_orders_unless_kept() {
    let orders = |returns| {
        Ledger::from_batches(&[small()], &small_roles().returns(returns))
            .map(|ledger| (ledger.n_orders(), ledger.n_lines()))
            .unwrap()
    };
    assert_eq!(orders(Returns::Net), (2, 4));
    assert_eq!(orders(Returns::Drop), (2, 3));
    assert_eq!(orders(Returns::Keep), (3, 4));
    let dropped = Ledger::from_batches(&[small()], &small_roles().returns(Returns::Drop)).unwrap();
    assert_eq!(dropped.rejected().reasons, [Reason::ReturnDropped]);
}

#[test]
fn a_refund_with_the_order_id_joins_its_order_and_does_not_move_its_day() {
    let lines =
        batch!("c" => [1, 1], "t" => ["2024-01-01", "2024-03-01"], "o" => ["A", "A"], "a" => [10.0, -10.0]).unwrap();
    let ledger =
        Ledger::from_batches(std::slice::from_ref(&lines), &Roles::new("c", "t").amount("a").order("o")).unwrap();
    assert_eq!((ledger.n_orders(), ledger.orders()), (1, &[0, 0][..]));
    assert_eq!(ledger.order_days(), [parse_day("", "2024-01-01").unwrap()]);
}

#[test]
fn dimensions_slice_and_take_the_product_s_place() {
    let ledger = Ledger::from_batches(&[small()], &small_roles()).unwrap();
    let west = ledger.where_in("store", &["west".into()]).unwrap();
    assert_eq!((west.n_lines(), west.n_customers()), (2, 2));
    assert_eq!(ledger.with_product("store").unwrap().products().unwrap().dictionary.len(), 2);
    let wrong = ledger.where_in("store", &["wst".into()]).unwrap_err();
    insta::assert_snapshot!(wrong, @r#"store: got "wst"; expected one of its 2 values; did you mean "west"?"#);
    let unknown = ledger.with_product("stor").unwrap_err();
    insta::assert_snapshot!(unknown, @r#"dimensions: there is no column "stor"; columns are "store"; did you mean "store"?"#);
}

#[test]
fn the_table_of_a_ledger_gives_the_ledger_back() {
    let ledger = Ledger::from_batches(&[small()], &small_roles()).unwrap();
    let again = Ledger::from_batches(&[ledger.to_batch().unwrap()], ledger.roles()).unwrap();
    assert_eq!(again.amounts(), ledger.amounts());
    assert_eq!(again.orders(), ledger.orders());
    assert_eq!(again.days(), ledger.days());
}

#[test]
fn a_zone_decides_the_day() {
    let late = TimestampMicrosecondArray::from(vec![1_704_150_000_000_000]).with_timezone("UTC");
    let lines = batch!("c" => [1], "t" => late, "a" => [1.0]).unwrap();
    let day = |zone: Option<&str>| {
        let roles = Roles { time_zone: zone.map(Into::into), ..Roles::new("c", "t").amount("a") };
        leverkit_core::format_day(Ledger::from_batches(std::slice::from_ref(&lines), &roles).unwrap().start().unwrap())
    };
    assert_eq!(day(None), "2024-01-01");
    assert_eq!(day(Some("Europe/Paris")), "2024-01-02");
    assert_eq!(day(Some("+05:30")), "2024-01-02");
}

#[test]
fn datetimes_of_all_units_and_text_give_the_same_times() {
    let second = 1_704_110_400i64;
    let roles = Roles::new("c", "t").amount("a");
    let micros = |times: ArrayRef| {
        let lines = batch!("c" => [1], "t" => times, "a" => [1.0]).unwrap();
        Ledger::from_batches(&[lines], &roles).unwrap().micros().unwrap()[0]
    };
    let times: [ArrayRef; 5] = [
        Arc::new(TimestampSecondArray::from(vec![second])),
        Arc::new(TimestampMillisecondArray::from(vec![second * 1_000])),
        Arc::new(TimestampMicrosecondArray::from(vec![second * 1_000_000])),
        Arc::new(TimestampNanosecondArray::from(vec![second * 1_000_000_000])),
        Column::new("t", ["2024-01-01T12:00:00"]).array().unwrap(),
    ];
    assert_eq!(times.map(micros), [second * 1_000_000; 5]);
}

#[test]
fn each_kind_of_bad_row_is_set_aside_with_its_reason() {
    use Reason::{InfiniteAmount, NullAmount, NullCustomer, NullTime, TimeOutOfRange, UnreadableTime};
    let lines = batch!(
        "c" => [Some("a"), None, Some("a"), Some("a"), Some("a"), Some("a"), Some("a")],
        "t" => [Some("2024-01-01"), Some("2024-01-01"), None, Some("garbage-10"), Some("9999-12-31"), Some("2024-01-01"), Some("2024-01-01")],
        "a" => [1.0, 2.0, 3.0, 4.0, 5.0, f64::NAN, f64::INFINITY],
    )
    .unwrap();
    let ledger = Ledger::from_batches(std::slice::from_ref(&lines), &Roles::new("c", "t").amount("a")).unwrap();
    assert_eq!(
        ledger.rejected().reasons,
        [NullCustomer, NullTime, UnreadableTime, TimeOutOfRange, NullAmount, InfiniteAmount]
    );
    assert_eq!(ledger.rejected().rows, [1, 2, 3, 4, 5, 6]);
    assert_eq!(ledger.quality().set_aside[2].1.amount, 4.0);
}

#[test]
fn errors_say_what_is_wrong_and_what_to_do() {
    let fail = |roles: &Roles| Ledger::from_batches(&[small()], roles).unwrap_err().to_string();
    let roles = Roles::new("client", "when").amount("price");
    insta::assert_snapshot!(fail(&Roles { customer: "clint".into(), ..roles.clone() }), @r#"customer: there is no column "clint"; columns are "client", "when", "order", "price", "units", "store"; did you mean "client"?"#);
    insta::assert_snapshot!(fail(&Roles { time: "price".into(), ..roles.clone() }), @r#"time: column "price" has type f64; expected Date, Datetime or ISO 8601 text; parse the column first"#);
    insta::assert_snapshot!(fail(&Roles { amount: Some("store".into()), ..roles.clone() }), @r#"amount: column "store" has type str; expected a number; cast the column first"#);
    insta::assert_snapshot!(fail(&Roles { amount: None, ..roles.clone() }), @"amount: no column given; give amount (money of the line), or price and quantity");
    insta::assert_snapshot!(fail(&roles.clone().time_zone("Mars/Crater")), @r#"time_zone: got "Mars/Crater"; expected an IANA zone such as "Europe/Paris" or an offset such as "+05:30""#);
    let bad = batch!("c" => [Some(1), None], "t" => ["2024-01-01", "2024-01-01"], "a" => [1.0, 2.0]).unwrap();
    let raised =
        Ledger::from_batches(&[bad], &Roles::new("c", "t").amount("a").on_invalid(OnInvalid::Raise)).unwrap_err();
    insta::assert_snapshot!(raised, @r#"customer: row 1 of column "c" holds null: null customer; expected a customer id. Mend the row, or set on_invalid="reject" to set such rows aside and count them"#);
}

#[test]
fn numbers_that_are_not_known_are_null_in_the_frame_of_the_lines() {
    let unknown = || [Some(1.0), None, Some(f64::NAN), Some(f64::INFINITY)];
    let days = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"];
    let lines = batch!(
        "c" => [1, 1, 1, 1], "t" => days, "a" => [1.0; 4],
        "units" => unknown(), "listed" => unknown(), "cost" => unknown(), "off" => unknown()
    );
    let roles = Roles::new("c", "t").amount("a").quantity("units").list_price("listed").unit_cost("cost");
    let ledger = Ledger::from_batches(&[lines.unwrap()], &roles.discount("rebate", "off")).unwrap();
    let table = Table::from(ledger.to_batch().unwrap());
    for name in ["units", "listed", "cost", "off"] {
        let texts = table.column(name).unwrap().texts();
        assert_eq!(texts, [Some("1.0".into()), None, None, None], "{name}");
    }
    let again = Ledger::from_batches(&[ledger.to_batch().unwrap()], ledger.roles()).unwrap();
    assert_eq!(again.quality().unknown, ledger.quality().unknown);
}

#[test]
fn an_id_that_is_no_finite_number_is_no_id() {
    let ids = [1.5, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    let days = ["2024-01-01"; 4];
    let lines = batch!("c" => ids, "t" => days, "a" => [1.0; 4]).unwrap();
    let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a")).unwrap();
    assert_eq!((ledger.n_customers(), ledger.n_lines(), ledger.rejected().rows.len()), (1, 1, 3));
    assert_eq!(ledger.rejected().reasons, [Reason::NullCustomer; 3]);
}

#[test]
fn an_empty_frame_and_one_without_a_usable_row_are_refused() {
    let empty = small().slice(0, 0);
    assert!(matches!(Ledger::from_batches(&[empty], &small_roles()), Err(Error::Empty { rows: 0, .. })));
    let useless = batch!("c" => [None::<i32>], "t" => ["2024-01-01"], "a" => [1.0]).unwrap();
    assert!(matches!(
        Ledger::from_batches(&[useless], &Roles::new("c", "t").amount("a")),
        Err(Error::Empty { rows: 1, rejected: 1, .. })
    ));
}

#[test]
fn batches_of_days_and_of_moments_make_one_ledger() {
    let of_days = batch!("c" => ["ann", "bob"], "t" => ["2024-01-05", "2024-01-04"], "a" => [1.0, 2.0]).unwrap();
    let of_moments =
        batch!("c" => ["ann"; 2], "t" => ["2024-01-05 10:00", "2024-01-04 23:00"], "a" => [3.0, 4.0]).unwrap();
    for batches in [[of_days.clone(), of_moments.clone()], [of_moments, of_days]] {
        let ledger = Ledger::from_batches(&batches, &Roles::new("c", "t").amount("a")).unwrap();
        let hours: Vec<i64> = ledger.micros().unwrap().iter().map(|micros| micros / 3_600_000_000 % 24).collect();
        assert_eq!((ledger.amounts(), hours), (&[4.0, 1.0, 3.0, 2.0][..], vec![23, 0, 10, 0]));
    }
}
