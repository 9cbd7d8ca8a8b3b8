//! The Ledger against a naive group-by, on random frames; and what becomes of bad rows and bad roles.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::polars::prelude::*;
use leverkit_core::{Error, Ledger, LedgerBuilder, NO_ORDER, OnInvalid, Reason, Returns, Roles, parse_day};
use proptest::prelude::*;

/// One input row: customer, day, amount; `None` is null.
type Row = (Option<i64>, Option<i32>, Option<f64>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let amount = prop_oneof![8 => (-50i32..500).prop_map(|cents| Some(f64::from(cents) / 10.0)), 1 => Just(None), 1 => Just(Some(f64::NAN))];
    let customer = prop_oneof![9 => (0i64..12).prop_map(|id| Some(id * 1_000_003)), 1 => Just(None)];
    prop::collection::vec((customer, prop::option::weighted(0.95, 19_000..19_040), amount), 1..300)
}

fn frame(rows: &[Row]) -> DataFrame {
    let days: Int32Chunked = rows.iter().map(|row| row.1).collect();
    df!(
        "customer" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        "time" => days.into_date(),
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
fn expected(rows: &[Row]) -> Vec<(i64, i32, f64)> {
    let mut lines: Vec<(i64, i32, f64)> =
        rows.iter().filter(|row| is_valid(row)).map(|row| (row.0.unwrap(), row.1.unwrap(), row.2.unwrap())).collect();
    lines.sort_by_key(|line| (line.0, line.1));
    lines
}

fn lines_of(ledger: &Ledger) -> Vec<(i64, i32, f64)> {
    let ids = ledger.customers().values().i64().unwrap().clone();
    (0..ledger.n_customers())
        .flat_map(|customer| {
            let id = ids.get(customer).unwrap();
            let lines = ledger.customer(customer as u32);
            lines.days.iter().zip(lines.amounts).map(move |(day, amount)| (id, *day, *amount)).collect::<Vec<_>>()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn lines_are_the_valid_rows_by_customer_and_time(rows in rows()) {
        prop_assume!(rows.iter().any(is_valid));
        let ledger = Ledger::from_frame(&frame(&rows), &roles()).unwrap();
        prop_assert_eq!(lines_of(&ledger), expected(&rows));
    }

    #[test]
    fn batches_give_the_ledger_of_the_whole(rows in rows(), cut in 0.0..1.0f64) {
        prop_assume!(rows.iter().any(is_valid));
        let (first, second) = rows.split_at((cut * rows.len() as f64) as usize);
        let mut builder = LedgerBuilder::new(roles());
        builder.push(frame(first)).unwrap();
        builder.push(frame(second)).unwrap();
        let (parts, whole) = (builder.finish().unwrap(), Ledger::from_frame(&frame(&rows), &roles()).unwrap());
        prop_assert_eq!(lines_of(&parts), lines_of(&whole));
        prop_assert_eq!(parts.quality(), whole.quality());
        prop_assert_eq!(&parts.rejected().rows, &whole.rejected().rows);
        prop_assert_eq!(&parts.rejected().reasons, &whole.rejected().reasons);
    }

    #[test]
    fn every_row_is_in_the_ledger_or_among_the_rejected(rows in rows()) {
        prop_assume!(rows.iter().any(is_valid));
        let ledger = Ledger::from_frame(&frame(&rows), &roles()).unwrap();
        let invalid: Vec<u32> = (0..rows.len() as u32).filter(|&row| !is_valid(&rows[row as usize])).collect();
        prop_assert_eq!(&ledger.rejected().rows, &invalid);
        prop_assert_eq!(ledger.quality().kept.rows + ledger.quality().rows_set_aside(), rows.len() as u64);
        let table = ledger.quality_frame().unwrap();
        let statuses = table.column("status").unwrap().str().unwrap().clone();
        let counts = table.column("rows").unwrap().i64().unwrap().clone();
        let sum: i64 = statuses.iter().zip(counts.iter()).filter(|(status, _)| *status != Some("note")).filter_map(|(_, rows)| rows).sum();
        prop_assert_eq!(sum, rows.len() as i64);
    }

    #[test]
    fn an_order_is_a_day_with_a_purchase(rows in rows()) {
        prop_assume!(rows.iter().any(is_valid));
        let ledger = Ledger::from_frame(&frame(&rows), &roles()).unwrap();
        let mut days: Vec<(i64, i32)> = expected(&rows).into_iter().filter(|line| line.2 >= 0.0).map(|line| (line.0, line.1)).collect();
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
        let frame = frame(&rows);
        let build = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let ledger = pool.install(|| Ledger::from_frame(&frame, &roles())).unwrap();
            format!("{ledger:?}")
        };
        let one = build(1);
        prop_assert_eq!(&one, &build(2));
        prop_assert_eq!(&one, &build(4));
    }

    #[test]
    fn parts_put_together_are_the_whole(rows in rows(), parts in 1usize..6) {
        prop_assume!(rows.iter().any(is_valid));
        let ledger = Ledger::from_frame(&frame(&rows), &roles()).unwrap();
        let parts = ledger.partition(parts).unwrap();
        prop_assert_eq!(parts.iter().map(Ledger::n_customers).sum::<usize>(), ledger.n_customers());
        let whole = Ledger::concat(&parts).unwrap();
        prop_assert_eq!(lines_of(&whole), lines_of(&ledger));
        prop_assert_eq!(whole.orders(), ledger.orders());
    }

    #[test]
    fn a_slice_is_what_a_ledger_of_its_rows_would_be(rows in rows(), start in 19_000..19_040, length in 0..20) {
        let end = start + length;
        let inside: Vec<Row> = rows.iter().filter(|row| is_valid(row) && (start..=end).contains(&row.1.unwrap())).copied().collect();
        prop_assume!(!inside.is_empty());
        let slice = Ledger::from_frame(&frame(&rows), &roles()).unwrap().between(Some(start), Some(end)).unwrap();
        let direct = Ledger::from_frame(&frame(&inside), &roles()).unwrap();
        prop_assert_eq!(lines_of(&slice), lines_of(&direct));
        prop_assert_eq!(slice.orders(), direct.orders());
        prop_assert_eq!(slice.order_days(), direct.order_days());
    }

    #[test]
    fn ids_of_any_type_give_the_same_lines(rows in rows()) {
        prop_assume!(rows.iter().any(is_valid));
        let plain = frame(&rows);
        let by_integer = Ledger::from_frame(&plain, &roles()).unwrap();
        let padded: StringChunked = rows.iter().map(|row| row.0.map(|id| format!("{id:012}"))).collect();
        for dtype in [DataType::String, DataType::from_categories(Categories::global())] {
            let mut other = plain.clone();
            other.with_column(padded.clone().with_name("customer".into()).into_series().cast(&dtype).unwrap().into()).unwrap();
            let by_text = Ledger::from_frame(&other, &roles()).unwrap();
            prop_assert_eq!(by_text.amounts(), by_integer.amounts());
            prop_assert_eq!(by_text.orders(), by_integer.orders());
        }
        let mut floats = plain.clone();
        floats.with_column(plain.column("customer").unwrap().cast(&DataType::Float64).unwrap()).unwrap();
        let by_float = Ledger::from_frame(&floats, &roles()).unwrap();
        prop_assert_eq!(by_float.amounts(), by_integer.amounts());
    }
}

fn small() -> DataFrame {
    df!(
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
    let ledger = Ledger::from_frame(&small(), &small_roles()).unwrap();
    assert_eq!(ledger.amounts(), [10.0, 10.0, -4.0, 21.0]);
    assert_eq!(ledger.roles().amount.as_deref(), Some("amount"));
}

#[test]
fn returns_lower_value_and_are_no_orders_unless_kept() {
    let orders = |returns| {
        Ledger::from_frame(&small(), &small_roles().returns(returns))
            .map(|ledger| (ledger.n_orders(), ledger.n_lines()))
            .unwrap()
    };
    assert_eq!(orders(Returns::Net), (2, 4));
    assert_eq!(orders(Returns::Drop), (2, 3));
    assert_eq!(orders(Returns::Keep), (3, 4));
    let dropped = Ledger::from_frame(&small(), &small_roles().returns(Returns::Drop)).unwrap();
    assert_eq!(dropped.rejected().reasons, [Reason::ReturnDropped]);
}

#[test]
fn a_refund_with_the_order_id_joins_its_order_and_does_not_move_its_day() {
    let lines =
        df!("c" => [1, 1], "t" => ["2024-01-01", "2024-03-01"], "o" => ["A", "A"], "a" => [10.0, -10.0]).unwrap();
    let ledger = Ledger::from_frame(&lines, &Roles::new("c", "t").amount("a").order("o")).unwrap();
    assert_eq!((ledger.n_orders(), ledger.orders()), (1, &[0, 0][..]));
    assert_eq!(ledger.order_days(), [parse_day("", "2024-01-01").unwrap()]);
}

#[test]
fn dimensions_slice_and_take_the_product_s_place() {
    let ledger = Ledger::from_frame(&small(), &small_roles()).unwrap();
    let west = ledger.where_in("store", &["west".into()]).unwrap();
    assert_eq!((west.n_lines(), west.n_customers()), (2, 2));
    assert_eq!(ledger.with_product("store").unwrap().products().unwrap().dictionary.len(), 2);
    let wrong = ledger.where_in("store", &["wst".into()]).unwrap_err();
    insta::assert_snapshot!(wrong, @r#"store: got "wst"; expected one of its 2 values; did you mean "west"?"#);
    let unknown = ledger.with_product("stor").unwrap_err();
    insta::assert_snapshot!(unknown, @r#"dimensions: there is no column "stor"; columns are "store"; did you mean "store"?"#);
}

#[test]
fn the_frame_of_a_ledger_gives_the_ledger_back() {
    let ledger = Ledger::from_frame(&small(), &small_roles()).unwrap();
    let again = Ledger::from_frame(&ledger.to_frame().unwrap(), ledger.roles()).unwrap();
    assert_eq!(again.amounts(), ledger.amounts());
    assert_eq!(again.orders(), ledger.orders());
    assert_eq!(again.days(), ledger.days());
}

#[test]
fn a_zone_decides_the_day() {
    let late = Int64Chunked::from_vec("t".into(), vec![1_704_150_000_000_000])
        .into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    let lines = df!("c" => [1], "t" => late, "a" => [1.0]).unwrap();
    let day = |zone: Option<&str>| {
        let roles = Roles { time_zone: zone.map(Into::into), ..Roles::new("c", "t").amount("a") };
        leverkit_core::format_day(Ledger::from_frame(&lines, &roles).unwrap().start().unwrap())
    };
    assert_eq!(day(None), "2024-01-01");
    assert_eq!(day(Some("Europe/Paris")), "2024-01-02");
}

#[test]
fn datetimes_of_all_units_and_text_give_the_same_times() {
    let second = 1_704_110_400i64;
    let times =
        [(TimeUnit::Milliseconds, 1_000), (TimeUnit::Microseconds, 1_000_000), (TimeUnit::Nanoseconds, 1_000_000_000)];
    let roles = Roles::new("c", "t").amount("a");
    let mut micros = Vec::new();
    for (unit, factor) in times {
        let time = Int64Chunked::from_vec("t".into(), vec![second * factor]).into_datetime(unit, None);
        let ledger = Ledger::from_frame(&df!("c" => [1], "t" => time, "a" => [1.0]).unwrap(), &roles).unwrap();
        micros.push(ledger.micros().unwrap()[0]);
    }
    let text =
        Ledger::from_frame(&df!("c" => [1], "t" => ["2024-01-01T12:00:00"], "a" => [1.0]).unwrap(), &roles).unwrap();
    micros.push(text.micros().unwrap()[0]);
    assert_eq!(micros, [second * 1_000_000; 4]);
}

#[test]
fn each_kind_of_bad_row_is_set_aside_with_its_reason() {
    use Reason::{InfiniteAmount, NullAmount, NullCustomer, NullTime, TimeOutOfRange, UnreadableTime};
    let lines = df!(
        "c" => [Some("a"), None, Some("a"), Some("a"), Some("a"), Some("a"), Some("a")],
        "t" => [Some("2024-01-01"), Some("2024-01-01"), None, Some("garbage-10"), Some("9999-12-31"), Some("2024-01-01"), Some("2024-01-01")],
        "a" => [1.0, 2.0, 3.0, 4.0, 5.0, f64::NAN, f64::INFINITY],
    )
    .unwrap();
    let ledger = Ledger::from_frame(&lines, &Roles::new("c", "t").amount("a")).unwrap();
    assert_eq!(
        ledger.rejected().reasons,
        [NullCustomer, NullTime, UnreadableTime, TimeOutOfRange, NullAmount, InfiniteAmount]
    );
    assert_eq!(ledger.rejected().rows, [1, 2, 3, 4, 5, 6]);
    assert_eq!(ledger.quality().set_aside[2].1.amount, 4.0);
}

#[test]
fn errors_say_what_is_wrong_and_what_to_do() {
    let fail = |roles: &Roles| Ledger::from_frame(&small(), roles).unwrap_err().to_string();
    let roles = Roles::new("client", "when").amount("price");
    insta::assert_snapshot!(fail(&Roles { customer: "clint".into(), ..roles.clone() }), @r#"customer: there is no column "clint"; columns are "client", "when", "order", "price", "units", "store"; did you mean "client"?"#);
    insta::assert_snapshot!(fail(&Roles { time: "price".into(), ..roles.clone() }), @r#"time: column "price" has type f64; expected Date, Datetime or ISO 8601 text; parse the column first"#);
    insta::assert_snapshot!(fail(&Roles { amount: Some("store".into()), ..roles.clone() }), @r#"amount: column "store" has type str; expected a number; cast the column first"#);
    insta::assert_snapshot!(fail(&Roles { amount: None, ..roles.clone() }), @"amount: no column given; give amount (money of the line), or price and quantity");
    insta::assert_snapshot!(fail(&roles.clone().time_zone("Mars/Crater")), @r#"time_zone: got "Mars/Crater"; expected an IANA zone such as "Europe/Paris""#);
    let bad = df!("c" => [Some(1), None], "t" => ["2024-01-01", "2024-01-01"], "a" => [1.0, 2.0]).unwrap();
    let raised = Ledger::from_frame(&bad, &Roles::new("c", "t").amount("a").on_invalid(OnInvalid::Raise)).unwrap_err();
    insta::assert_snapshot!(raised, @r#"customer: row 1 of column "c" holds null: null customer; expected a customer id. Mend the row, or set on_invalid="reject" to set such rows aside and count them"#);
}

#[test]
fn an_empty_frame_and_one_without_a_usable_row_are_refused() {
    let empty = small().head(Some(0));
    assert!(matches!(Ledger::from_frame(&empty, &small_roles()), Err(Error::Empty { rows: 0, .. })));
    let useless = df!("c" => [None::<i32>], "t" => ["2024-01-01"], "a" => [1.0]).unwrap();
    assert!(matches!(
        Ledger::from_frame(&useless, &Roles::new("c", "t").amount("a")),
        Err(Error::Empty { rows: 1, rejected: 1, .. })
    ));
}
