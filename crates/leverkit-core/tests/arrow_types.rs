//! The Arrow types that people have, at the boundary: each is read right, or refused by role and column.

#![allow(clippy::unwrap_used)] // A test may fail.

use std::collections::HashMap;
use std::sync::Arc;

use leverkit_core::arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, RunEndIndexType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use leverkit_core::arrow_array::{
    ArrayRef, BinaryArray, BinaryViewArray, BooleanArray, Date32Array, Date64Array, Decimal32Array, Decimal64Array,
    Decimal128Array, Decimal256Array, DictionaryArray, DurationSecondArray, FixedSizeBinaryArray, Float16Array,
    Float32Array, Int8Array, LargeBinaryArray, LargeStringArray, ListArray, NullArray, PrimitiveArray, RunArray,
    StringArray, StringViewArray, StructArray, Time32SecondArray, TimestampMicrosecondArray, TimestampSecondArray,
    UInt64Array,
};
use leverkit_core::arrow_schema::{DataType, Field};
use leverkit_core::{Column, Error, Ledger, Reason, Roles, Table, batch, columns, format_day};

fn roles() -> Roles {
    Roles::new("c", "t").amount("a")
}

/// Three lines whose customers are given: the first and the last are one, the second another.
fn by_customer(ids: ArrayRef) -> Result<Ledger, Error> {
    let days = ["2024-01-01", "2024-01-02", "2024-01-03"];
    Ledger::from_batches(&[batch!("c" => ids, "t" => days, "a" => [1.0, 2.0, 4.0])?], &roles())
}

fn assert_two_customers(ids: ArrayRef) {
    let kind = ids.data_type().clone();
    let ledger = by_customer(ids).unwrap();
    let spent = ledger.par_customers(|| (), |(), lines| lines.amounts.iter().sum::<f64>());
    let mut sorted = spent.clone();
    sorted.sort_by(f64::total_cmp);
    assert_eq!(sorted, [2.0, 5.0], "{kind}");
    assert_eq!(ledger.customers().values().data_type(), &kind, "values keep their type");
    assert!(ledger.customers().values().texts().iter().all(Option::is_some), "{kind}");
}

fn dictionary<K: ArrowDictionaryKeyType>() -> ArrayRef {
    Arc::new(["b", "a", "b"].into_iter().collect::<DictionaryArray<K>>())
}

#[test]
fn ids_of_every_type_are_read() {
    let uuids = [[7_u8; 16], [1; 16], [7; 16]];
    let wide = 1_i128 << 100;
    let ids: Vec<ArrayRef> = vec![
        Arc::new(Int8Array::from(vec![3, -1, 3])),
        Arc::new(UInt64Array::from(vec![u64::MAX, 1, u64::MAX])),
        Arc::new(Float32Array::from(vec![2.5, -1.0, 2.5])),
        Arc::new(BooleanArray::from(vec![true, false, true])),
        Arc::new(StringArray::from(vec!["b", "a", "b"])),
        Arc::new(LargeStringArray::from(vec!["b", "a", "b"])),
        Arc::new(StringViewArray::from(vec![
            "b, and much longer than twelve bytes",
            "a",
            "b, and much longer than twelve bytes",
        ])),
        Arc::new(BinaryArray::from(vec![&b"b"[..], b"a", b"b"])),
        Arc::new(LargeBinaryArray::from(vec![&b"b"[..], b"a", b"b"])),
        Arc::new(BinaryViewArray::from(vec![&b"\xff"[..], b"a", b"\xff"])),
        Arc::new(FixedSizeBinaryArray::try_from_iter(uuids.iter()).unwrap()),
        Arc::new(Decimal32Array::from(vec![2, 1, 2]).with_precision_and_scale(5, 1).unwrap()),
        Arc::new(Decimal64Array::from(vec![2, 1, 2]).with_precision_and_scale(15, 1).unwrap()),
        Arc::new(Decimal128Array::from(vec![wide, 1, wide]).with_precision_and_scale(38, 0).unwrap()),
        Arc::new(Decimal256Array::from(vec![Some(2.into()), Some(1.into()), Some(2.into())])),
        Arc::new(Date32Array::from(vec![2, 1, 2])),
        Arc::new(Date64Array::from(vec![2 * 86_400_000, 0, 2 * 86_400_000])),
        Arc::new(Time32SecondArray::from(vec![2, 1, 2])),
        Arc::new(DurationSecondArray::from(vec![2, 1, 2])),
        Arc::new(TimestampSecondArray::from(vec![2, 1, 2]).with_timezone("UTC")),
        dictionary::<Int8Type>(),
        dictionary::<Int16Type>(),
        dictionary::<Int32Type>(),
        dictionary::<Int64Type>(),
        dictionary::<UInt8Type>(),
        dictionary::<UInt16Type>(),
        dictionary::<UInt32Type>(),
        dictionary::<UInt64Type>(),
    ];
    ids.into_iter().for_each(assert_two_customers);
}

#[test]
fn a_uuid_is_written_as_people_know_it() {
    let ids = FixedSizeBinaryArray::try_from_iter([[0x12_u8; 16]; 3].iter()).unwrap();
    let ledger = by_customer(Arc::new(ids)).unwrap();
    assert_eq!(ledger.customers().values().text(0).unwrap(), "12121212-1212-1212-1212-121212121212");
}

#[test]
fn runs_of_equal_values_are_laid_out() {
    fn runs<R: RunEndIndexType>(ends: Vec<R::Native>) -> ArrayRef
    where
        PrimitiveArray<R>: From<Vec<R::Native>>,
    {
        let values = StringArray::from(vec!["b", "a", "b"]);
        Arc::new(RunArray::<R>::try_new(&PrimitiveArray::<R>::from(ends), &values).unwrap())
    }
    for ids in [runs::<Int16Type>(vec![1, 2, 3]), runs::<Int32Type>(vec![1, 2, 3]), runs::<Int64Type>(vec![1, 2, 3])] {
        assert_eq!(by_customer(ids).unwrap().n_customers(), 2);
    }
}

#[test]
fn a_type_that_is_no_id_is_refused_by_role_and_column() {
    let halves = Float16Array::new_null(3);
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(1)]), None, Some([Some(2)])]);
    let field = Arc::new(Field::new("x", DataType::Utf8, true));
    let records = StructArray::from(vec![(field, Arc::new(StringArray::from(vec!["b", "a", "b"])) as ArrayRef)]);
    let ids: [ArrayRef; 3] = [Arc::new(halves), Arc::new(list), Arc::new(records)];
    for (ids, kind) in ids.into_iter().zip(["f16", "list", "struct"]) {
        let error = by_customer(ids).unwrap_err().to_string();
        assert!(error.starts_with(&format!("customer: column \"c\" has type {kind}; expected ids")), "{error}");
    }
}

#[test]
fn as_many_codes_are_missing_as_ids_are_null() {
    let wide = Decimal128Array::from(vec![Some(1 << 100), None, Some(1)]).with_precision_and_scale(38, 0).unwrap();
    let ledger = by_customer(Arc::new(wide)).unwrap();
    assert_eq!((ledger.n_customers(), ledger.rejected().rows.as_slice()), (2, &[1][..]));
    assert_eq!(
        by_customer(Arc::new(NullArray::new(3))).unwrap_err().to_string().split(';').next().unwrap(),
        "no order lines: 3 rows came in, 3 of them were set aside"
    );
}

#[test]
fn numbers_of_every_type_are_read() {
    let amounts: Vec<ArrayRef> = vec![
        Arc::new(Int8Array::from(vec![Some(1), None, Some(4)])),
        Arc::new(Float32Array::from(vec![Some(1.0), Some(f32::NAN), Some(4.0)])),
        Arc::new(Decimal32Array::from(vec![Some(10), None, Some(40)]).with_precision_and_scale(5, 1).unwrap()),
        Arc::new(Decimal128Array::from(vec![Some(100), None, Some(400)]).with_precision_and_scale(20, 2).unwrap()),
        Arc::new(
            Decimal256Array::from(vec![Some(100.into()), None, Some(400.into())])
                .with_precision_and_scale(40, 2)
                .unwrap(),
        ),
    ];
    for amounts in amounts {
        let kind = amounts.data_type().clone();
        let lines = batch!("c" => [1, 1, 1], "t" => ["2024-01-01"; 3], "a" => amounts).unwrap();
        let ledger = Ledger::from_batches(&[lines], &roles()).unwrap();
        assert_eq!(ledger.amounts(), [1.0, 4.0], "{kind}");
        assert_eq!(ledger.rejected().reasons, [Reason::NullAmount], "{kind}");
    }
}

#[test]
fn decimals_become_the_nearest_float() {
    let column = |values: Vec<i128>, scale| {
        Column::new("a", Decimal128Array::from(values).with_precision_and_scale(38, scale).unwrap())
    };
    assert_eq!(columns::numbers(&column(vec![1, 10, 123_456_789], 2), "a").unwrap(), [0.01, 0.1, 1_234_567.89]);
    let long = columns::numbers(&column(vec![12_345_678_901_234_567_890_123], 10), "a").unwrap();
    assert_eq!(long, ["1234567890123.4567890123".parse::<f64>().unwrap()]);
}

#[test]
fn a_sentinel_with_a_zone_is_set_aside_alone() {
    let end_of_time = 253_402_214_400_000_000;
    let times = TimestampMicrosecondArray::from(vec![Some(1_704_150_000_000_000), Some(end_of_time), Some(i64::MAX)]);
    let lines =
        batch!("c" => [1, 1, 1], "t" => Arc::new(times.with_timezone("Europe/Paris")) as ArrayRef, "a" => [1.0; 3])
            .unwrap();
    let ledger = Ledger::from_batches(&[lines], &roles()).unwrap();
    assert_eq!(format_day(ledger.start().unwrap()), "2024-01-02");
    assert_eq!(ledger.rejected().reasons, [Reason::TimeOutOfRange; 2]);
    assert_eq!(ledger.rejected().values[0].as_deref(), Some("9999-12-31 00:00:00Z"));
}

#[test]
fn columns_without_a_role_are_never_touched() {
    let unreadable = HashMap::from([(columns::UNREADABLE.to_owned(), "a type from the future".to_owned())]);
    let strange = Arc::new(Field::new("x", DataType::Null, true).with_metadata(unreadable));
    let strange = Column::of_chunks(strange, vec![Arc::new(NullArray::new(1))]);
    let twins = [Column::new("y", [1]), Column::new("y", ["two"])];
    let own = [Column::new("c", [1]), Column::new("t", ["2024-01-01"]), Column::new("a", [1.0])];
    let table = Table::new(own.into_iter().chain(twins).chain([strange]).collect()).unwrap().to_batch().unwrap();
    assert_eq!(Ledger::from_batches(std::slice::from_ref(&table), &roles()).unwrap().n_lines(), 1);
    let error = |roles: Roles| Ledger::from_batches(std::slice::from_ref(&table), &roles).unwrap_err().to_string();
    insta::assert_snapshot!(error(roles().product("y")), @r#"product: two columns are called "y"; rename one of them"#);
    insta::assert_snapshot!(error(roles().product("x")), @r#"product: column "x" has type a type from the future; expected a type that Arrow knows; cast the column first"#);
}

#[test]
fn a_zone_is_checked_even_where_no_time_needs_it() {
    let lines = batch!("c" => [1], "t" => ["2024-01-01"], "a" => [1.0]).unwrap();
    let error = Ledger::from_batches(&[lines], &roles().time_zone("Mars/X")).unwrap_err();
    insta::assert_snapshot!(error, @r#"time_zone: got "Mars/X"; expected an IANA zone such as "Europe/Paris" or an offset such as "+05:30""#);
}
