//! Ledgers built of more rows than memory may hold: to the last bit what is built in memory, in the memory that was asked for.

#![allow(clippy::unwrap_used)] // A test may fail.

mod same;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use leverkit_core::arrow_array::types::Int32Type;
use leverkit_core::arrow_array::{ArrayRef, DictionaryArray, TimestampMicrosecondArray};
use leverkit_core::saved::{About, Saved, SavedBuilder};
use leverkit_core::stats::Budget;
use leverkit_core::{
    Clean, Column, Error, IdStep, Ledger, Memory, OnInvalid, RecordBatch, Returns, Roles, Table, batch, format_day,
};
use proptest::prelude::*;
use same::{assert_same, names, place};

/// A drawn row: customer, minute, money in tenths, order, product and what else there is.
type Row = (u8, u16, i16, u8, u8, u8);

/// How ids are laid out, and which columns have a role.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools)] // Each is drawn by itself.
struct Shape {
    customers: u8,
    with_orders: bool,
    numbered_orders: bool,
    with_clock: bool,
    text_times: bool,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((0..9_u8, 0..40_u16, -40..90_i16, 0..14_u8, 0..6_u8, any::<u8>()), 1..90)
}

fn shapes() -> impl Strategy<Value = Shape> {
    (0..4_u8, any::<[bool; 4]>()).prop_map(|(customers, [with_orders, numbered_orders, with_clock, text_times])| {
        Shape { customers, with_orders, numbered_orders, with_clock, text_times }
    })
}

fn customers(rows: &[Row], shape: Shape) -> Column {
    let names = rows.iter().map(|row| match row.0 {
        0 => None,
        1 => Some(" Ann".to_owned()),
        2 => Some("ann".to_owned()),
        3 => Some("guest".to_owned()),
        other => Some(format!("customer with a long name {other}")),
    });
    match shape.customers {
        0 => {
            Column::new("client", rows.iter().map(|row| (row.0 > 0).then(|| i64::from(row.0) * 7)).collect::<Vec<_>>())
        }
        1 => Column::new("client", rows.iter().map(|row| f64::from(row.0) * 1e12).collect::<Vec<_>>()),
        2 => {
            let names: Vec<Option<String>> = names.collect();
            let names: DictionaryArray<Int32Type> = names.iter().map(Option::as_deref).collect();
            Column::new("client", Arc::new(names) as ArrayRef)
        }
        _ => Column::new("client", names.collect::<Vec<_>>()),
    }
}

fn times(rows: &[Row], shape: Shape) -> Column {
    let day = |row: &Row| format_day(19_723 + i32::from(row.1) / 4);
    let clock = |row: &Row| if shape.with_clock { format!("{}T{:02}:00:00", day(row), row.1 % 4) } else { day(row) };
    let texts = |row: &Row| match row.5 % 23 {
        0 => None,
        1 => Some("some time".to_owned()),
        _ => Some(clock(row)),
    };
    if shape.text_times {
        return Column::new("at", rows.iter().map(texts).collect::<Vec<_>>());
    }
    let micros = |row: &Row| (19_723 * 24 + i64::from(row.1 / 4) * 24 + i64::from(row.1 % 4)) * 3_600_000_000;
    let times = rows.iter().map(|row| (row.5 % 23 > 0).then(|| micros(row)));
    Column::new("at", times.collect::<TimestampMicrosecondArray>())
}

fn orders(rows: &[Row], shape: Shape) -> Column {
    if shape.numbered_orders {
        return Column::new(
            "receipt",
            rows.iter().map(|row| (row.3 > 0).then_some(i32::from(row.3))).collect::<Vec<_>>(),
        );
    }
    let text = |row: &Row| match row.3 {
        0 => None,
        1 => Some("-".to_owned()),
        2 => Some("1.23E+11".to_owned()),
        3 => Some("9.99E+15".to_owned()),
        4 => Some("total".to_owned()),
        other => Some(format!("r{other}")),
    };
    Column::new("receipt", rows.iter().map(text).collect::<Vec<_>>())
}

fn batch_of(rows: &[Row], shape: Shape) -> RecordBatch {
    let numbers = |value: &dyn Fn(&Row) -> Option<f64>| rows.iter().map(value).collect::<Vec<_>>();
    let texts = |value: &dyn Fn(&Row) -> Option<String>| rows.iter().map(value).collect::<Vec<_>>();
    let rest = batch!(
        "paid" => numbers(&|row| (row.2 != 0).then(|| f64::from(row.2) / 10.0)),
        "units" => numbers(&|row| Some(if row.5 % 11 == 0 { -1.0 } else { f64::from(row.5 % 3) })),
        "sku" => texts(&|row| (row.4 > 0).then(|| format!("p{}", row.4))),
        "off" => numbers(&|row| Some(-f64::from(row.4) / 10.0)),
        "both" => numbers(&|row| Some(f64::from(i16::from(row.4) - 2) / 10.0)),
        "store" => rows.iter().map(|row| i32::from(row.5 % 3)).collect::<Vec<_>>(),
        "status" => texts(&|row| (row.5 % 7 > 0).then(|| ["paid", "refunded", "pending"][usize::from(row.5 % 3)].to_owned())),
    );
    let mut columns = vec![customers(rows, shape), times(rows, shape), orders(rows, shape)];
    columns.extend(Table::from(rest.unwrap()).columns().iter().cloned());
    Table::new(columns).unwrap().to_batch().unwrap()
}

fn roles_of(shape: Shape, returns: Returns, clean: Clean) -> Roles {
    let roles = Roles::new("client", "at").amount("paid").quantity("units").product("sku").dimension("store");
    let roles = roles.discount("loyalty", "off").discount("other", "both").watch("status");
    let roles = roles.returns(returns).clean(clean).max_unreadable(1.0);
    if shape.with_orders { roles.order("receipt") } else { roles }
}

fn cleaning(how: u8) -> Clean {
    let clean = if how & 1 > 0 { Clean::default().drop_duplicates() } else { Clean::default() };
    if how & 2 > 0 { clean.id("customer", [IdStep::Trim, IdStep::Casefold]).missing(["guest", "-"]) } else { clean }
}

/// The files of an edition that hold no texts, which may be laid out in several buffers.
fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
    let edition = names(path).into_iter().find(|name| name.starts_with("edition-")).unwrap();
    let mut files = names(&path.join(&edition));
    files.retain(|name| !name.contains("_id") && name != "customer.arrow");
    files.sort();
    files.into_iter().map(|name| (name.clone(), fs::read(path.join(&edition).join(name)).unwrap())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))] // Each goes through the disk twice.

    /// Whatever the rows, the batches in which they come and the memory: the columns, what is said of them, and the files' bytes.
    #[test]
    fn what_is_built_beyond_memory_is_what_is_built_in_memory(
        rows in rows(), shape in shapes(), how in 0..3_usize, clean in 0..4_u8, size in 1..40_usize, memory in 100..20_000_u64,
    ) {
        let roles = roles_of(shape, [Returns::Net, Returns::Drop, Returns::Keep][how], cleaning(clean));
        let batches: Vec<RecordBatch> = rows.chunks(size).map(|rows| batch_of(rows, shape)).collect();
        let (_folder, path) = place();
        let built = Ledger::build(&batches, &roles, &path, Memory::of_bytes(memory));
        match Ledger::from_batches(&batches, &roles) {
            Err(error) => {
                prop_assert_eq!(built.unwrap_err().to_string(), error.to_string());
                prop_assert!(!path.exists());
            }
            Ok(ledger) => {
                assert_same(&built.unwrap(), &ledger);
                Saved::verify(&path).unwrap();
                let (_folder, other) = place();
                ledger.save(&other).unwrap();
                prop_assert_eq!(files(&path), files(&other));
            }
        }
    }
}

fn plain(customers: &[i64]) -> RecordBatch {
    batch!("c" => customers, "t" => vec!["2024-01-05"; customers.len()], "a" => vec![1.0; customers.len()]).unwrap()
}

fn plain_roles() -> Roles {
    Roles::new("c", "t").amount("a")
}

/// So little that every batch is a run, and every customer a part.
const LITTLE: Memory = Memory::of_bytes(1);

#[test]
fn customers_of_all_runs_come_in_the_order_of_their_ids() {
    let (_folder, path) = place();
    let batches = [plain(&[5, 1, 9]), plain(&[7, 1, -3]), plain(&[5, i64::MAX, 2]), plain(&[i64::MIN])];
    let built = Ledger::build(&batches, &plain_roles(), &path, LITTLE).unwrap();
    assert_same(&built, &Ledger::from_batches(&batches, &plain_roles()).unwrap());
    assert_eq!(built.offsets(), [0, 1, 2, 4, 5, 7, 8, 9, 10]);
}

#[test]
fn what_is_known_beside_the_lines_and_another_day_to_look_back_from_are_kept() {
    let (_folder, path) = place();
    let about = About { currency: Some("EUR".into()), how: "days first".into(), frames: "pandas".into() };
    for memory in [LITTLE, Memory::default()] {
        let mut builder = SavedBuilder::new(plain_roles(), &path, memory).unwrap();
        builder.push(&plain(&[1, 2])).unwrap();
        builder.push(&plain(&[2, 3])).unwrap();
        let edition = builder.finish(&about, Some(20_000.into())).unwrap();
        let saved = Saved::open(&path).unwrap();
        assert_eq!((&saved.about, saved.edition, saved.ledger.as_of()), (&about, edition, 20_000.into()));
        assert_eq!(names(&path).len(), 3, "one edition, manifest and lock: {:?}", names(&path));
    }
}

#[test]
fn a_ledger_that_is_there_is_replaced_as_a_whole_or_stays() {
    let (_folder, path) = place();
    let first = Ledger::build(&[plain(&[1])], &plain_roles(), &path, LITTLE).unwrap();
    let bad = batch!("c" => [1_i64], "t" => ["2024-01-05"], "a" => [f64::NAN]).unwrap();
    let raising = plain_roles().on_invalid(OnInvalid::Raise);
    let error = Ledger::build(&[plain(&[1, 2]), bad], &raising, &path, LITTLE).unwrap_err();
    assert!(matches!(error, Error::InvalidValue { row: 2, .. }), "{error}");
    assert_same(&Ledger::open(&path).unwrap(), &first);
    assert_eq!(names(&path).len(), 3);
    let second = Ledger::build(&[plain(&[4]), plain(&[3])], &plain_roles(), &path, LITTLE).unwrap();
    assert_same(&Ledger::open(&path).unwrap(), &second);
    assert_eq!((first.n_customers(), second.n_customers(), names(&path).len()), (1, 2, 3));
}

#[test]
fn a_build_that_is_given_up_or_stopped_leaves_nothing() {
    let (_folder, path) = place();
    let mut builder = SavedBuilder::new(plain_roles(), &path, LITTLE).unwrap();
    builder.push(&plain(&[1, 2])).unwrap();
    assert!(path.exists());
    drop(builder);
    assert!(!path.exists());
    let batches = [plain(&[1]), plain(&[2])];
    let build = || Ledger::build(&batches, &plain_roles(), &path, LITTLE);
    assert!(Budget::within(Duration::ZERO).run(build).is_err() && !path.exists());
}

#[test]
fn later_batches_have_the_types_of_the_first_whatever_waits_on_the_disk() {
    let (_folder, path) = place();
    let other = batch!("c" => ["ann"], "t" => ["2024-01-05"], "a" => [1.0]).unwrap();
    let error = Ledger::build(&[plain(&[1]), other], &plain_roles(), &path, LITTLE).unwrap_err();
    assert_eq!(error.to_string(), r#"table: column "c" has type str; expected i64, as in the rows before"#);
    assert!(!path.exists());
}

#[test]
fn a_place_that_will_not_do_is_told_before_anything_is_read() {
    let (folder, _) = place();
    let nowhere = folder.path().join("none").join("shop.ledger");
    assert!(matches!(SavedBuilder::new(plain_roles(), &nowhere, LITTLE), Err(Error::Saved { .. })));
}

#[test]
fn no_line_that_is_left_is_an_error_with_the_reasons() {
    let (_folder, path) = place();
    let none = || batch!("c" => [None::<i64>], "t" => ["2024-01-05"], "a" => [1.0]).unwrap();
    let batches = [none(), none()];
    let error = Ledger::build(&batches, &plain_roles(), &path, LITTLE).unwrap_err();
    assert_eq!(error.to_string(), Ledger::from_batches(&batches, &plain_roles()).unwrap_err().to_string());
    assert!(!path.exists());
}
