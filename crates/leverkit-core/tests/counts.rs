//! Counts as values: any parts of the customers, merged in any order and through bytes, are the whole to the last bit; what does not fit is told.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::counts::{Counts, Question, Reads};
use leverkit_core::{Column, Error, Ledger, LedgerBuilder, Period, Reason, RecordBatch, Returns, Roles, Table, batch};
use proptest::prelude::*;

#[allow(dead_code)] // Places are for saved ledgers.
mod same;
use same::assert_same_lines;

/// A drawn line: customer, hour, money in tenths, order and product.
type Line = (u8, u16, i16, u8, u8);

fn question() -> Question {
    Question { analysis: "rfm.score".into(), params: "{}".into(), ..Question::default() }
}

fn roles(returns: Returns) -> Roles {
    let roles = Roles::new("client", "at").amount("paid").order("receipt").product("sku").quantity("units");
    let roles = roles.list_price("list").unit_cost("cost").discount("loyalty", "off").dimension("store");
    roles.returns(returns).max_unreadable(1.0)
}

fn batch_of(rows: &[Line]) -> RecordBatch {
    let texts = |value: &dyn Fn(&Line) -> Option<String>| rows.iter().map(value).collect::<Vec<_>>();
    let numbers = |value: &dyn Fn(&Line) -> Option<f64>| rows.iter().map(value).collect::<Vec<_>>();
    batch!(
        "client" => texts(&|row| (row.0 > 0).then(|| format!("c{}", row.0))),
        "at" => texts(&|row| Some(format!("2024-01-{:02}T{:02}:00:00", 1 + row.1 / 24, row.1 % 24)).filter(|_| row.1 != 9)),
        "paid" => numbers(&|row| (row.2 != 3).then(|| f64::from(row.2) / 10.0)),
        "receipt" => texts(&|row| (row.3 > 0).then(|| format!("r{}-{}", row.0, row.3))),
        "sku" => texts(&|row| (row.4 > 0).then(|| format!("p{}", row.4))),
        "units" => numbers(&|row| (row.4 != 1).then(|| f64::from(row.2.signum()) * f64::from(row.4))),
        "list" => numbers(&|row| Some(f64::from(row.2).abs())),
        "cost" => numbers(&|row| (row.3 != 2).then_some(0.3)),
        "off" => numbers(&|row| Some(0.0 - f64::from(row.4) / 10.0)),
        "store" => rows.iter().map(|row| i32::from(row.4 % 3)).collect::<Vec<_>>(),
    )
    .unwrap()
}

fn part(rows: &[Line], returns: Returns) -> Ledger {
    let mut builder = LedgerBuilder::new(roles(returns));
    builder.push(&batch_of(rows)).unwrap();
    builder.part().unwrap()
}

fn bytes_of(ledger: &Ledger, reads: &Reads) -> Vec<u8> {
    Counts::of_ledger(ledger, reads, question()).to_bytes().unwrap()
}

fn merged(parts: &[Vec<u8>]) -> Result<Counts, Error> {
    Counts::merge(&parts.iter().map(|part| Counts::from_bytes(part)).collect::<Result<Vec<_>, _>>()?)
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec((0..9_u8, 0..600_u16, -30..90_i16, 0..4_u8, 0..5_u8), 1..80)
}

proptest! {
    /// Parts of customers in any order, some of them without a line, merged step by step through bytes.
    #[test]
    fn parts_of_customers_are_the_whole(rows in lines(), how in 0..3_usize, parts in 1..8_usize, turn in 0..8_usize) {
        let returns = [Returns::Net, Returns::Drop, Returns::Keep][how];
        let Ok(whole) = Ledger::from_batches(&[batch_of(&rows)], &roles(returns)) else { return Ok(()) };
        let mut counted: Vec<Vec<u8>> = (0..parts)
            .map(|at| rows.iter().filter(|row| usize::from(row.0) % parts == at).copied().collect::<Vec<_>>())
            .map(|rows| bytes_of(&part(&rows, returns), &Reads::everything()))
            .collect();
        counted.rotate_left(turn % parts);
        let two = merged(&counted[..parts.div_ceil(2)]).unwrap().to_bytes().unwrap();
        let rest = [&[two], &counted[parts.div_ceil(2)..]].concat();
        let together = merged(&rest).unwrap();
        let together = together.ledger().unwrap().unwrap();
        assert_same_lines(together, &whole);
        let (own, all) = (together.quality(), whole.quality());
        prop_assert_eq!(own.rows, all.rows);
        prop_assert_eq!((own.kept.rows, own.kept.amount.to_bits()), (all.kept.rows, all.kept.amount.to_bits()));
        let rows = |of: &leverkit_core::Quality| of.set_aside.iter().map(|(reason, tally)| (*reason, tally.rows)).collect::<Vec<_>>();
        prop_assert_eq!(rows(own), rows(all));
    }

    /// Slices of one ledger, whose input counts once.
    #[test]
    fn slices_of_a_ledger_are_the_ledger(rows in lines(), parts in 1..8_usize) {
        let Ok(whole) = Ledger::from_batches(&[batch_of(&rows)], &roles(Returns::Net)) else { return Ok(()) };
        let whole = whole.clone().with_as_of(whole.as_of() + 7);
        let slices = whole.partition(parts).unwrap();
        let counted: Vec<_> = slices.iter().rev().map(|slice| bytes_of(slice, &Reads::everything())).collect();
        let together = merged(&counted).unwrap();
        let together = together.ledger().unwrap().unwrap();
        assert_same_lines(together, &whole);
        prop_assert_eq!(together.quality(), whole.quality());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))] // Three ways of counting each.

    /// Days of orders without lines, and lines that are added up by period.
    #[test]
    fn less_than_the_lines_of_parts_is_that_of_the_whole(rows in lines(), parts in 1..8_usize) {
        let Ok(whole) = Ledger::from_batches(&[batch_of(&rows)], &roles(Returns::Net)) else { return Ok(()) };
        let of = |added_up: Option<Period>| Reads { quantity: true, unit_cost: true, orders_alone: added_up.is_none(), added_up, ..Reads::default() };
        for reads in [of(None), of(Some(Period::Day)), of(Some(Period::Week))] {
            let counted: Vec<Vec<u8>> = (0..parts)
                .map(|at| rows.iter().filter(|row| usize::from(row.0) % parts == at).copied().collect::<Vec<_>>())
                .map(|rows| bytes_of(&part(&rows, Returns::Net), &reads))
                .collect();
            let (together, at_once) = (merged(&counted).unwrap(), Counts::of_ledger(&whole, &reads, question()));
            let (together, at_once) = (together.ledger().unwrap().unwrap(), at_once.ledger().unwrap().unwrap());
            assert_same_lines(together, at_once);
            prop_assert_eq!((together.order_days(), together.end()), (whole.order_days(), whole.end()));
            prop_assert_eq!((together.n_customers(), together.quality().rows), (whole.n_customers(), whole.quality().rows));
        }
    }
}

const ROWS: [Line; 4] = [(2, 30, 50, 1, 2), (1, 40, 70, 1, 3), (2, 300, -20, 2, 2), (1, 500, 10, 2, 4)];

#[test]
fn columns_that_nobody_reads_do_not_travel_and_orders_stay() {
    let whole = part(&ROWS, Returns::Net);
    let counts = merged(&[bytes_of(&whole, &Reads { dimensions: Some(vec![]), ..Reads::default() })]).unwrap();
    let slim = counts.ledger().unwrap().unwrap();
    assert!(slim.products().is_none() && slim.quantities().is_none() && slim.micros().is_none());
    assert!(slim.dimensions().is_empty() && slim.discounts().is_empty());
    assert_eq!((slim.orders(), slim.order_days(), slim.days()), (whole.orders(), whole.order_days(), whole.days()));
    assert!(bytes_of(&whole, &Reads::everything()).len() > bytes_of(slim, &Reads::default()).len());
}

#[test]
fn columns_are_read_by_their_names_too_and_orders_of_lines_where_they_matter() {
    let whole = part(&ROWS, Returns::Net);
    let named = |names: &[&str], lines_alone| {
        let dimensions = Some(names.iter().map(|&name| name.to_owned()).collect());
        let reads = Reads { dimensions, lines_alone, ..Reads::default() };
        merged(&[bytes_of(&whole, &reads)]).unwrap().ledger().unwrap().unwrap().clone()
    };
    let slim = named(&["sku", "off", "receipt"], false);
    assert!(slim.products().is_some() && slim.quantities().is_none() && slim.dimensions().is_empty());
    assert_eq!((slim.discounts().len(), slim.orders()), (1, whole.orders()));
    assert!(slim.to_batch().unwrap().column_by_name("receipt").is_some());
    let alone = named(&[], true);
    assert_eq!((alone.order_days(), alone.amounts()), (whole.order_days(), whole.amounts()));
    assert!(alone.orders().iter().all(|&order| order == leverkit_core::NO_ORDER) && alone.discounts().is_empty());
}

#[test]
fn lines_of_a_period_become_one_with_their_money_and_costs() {
    let whole = part(&[(1, 5, 20, 1, 2), (1, 40, 70, 1, 3), (1, 300, -20, 3, 2), (2, 500, 10, 2, 4)], Returns::Net);
    let reads = Reads { quantity: true, unit_cost: true, added_up: Some(Period::Week), ..Reads::default() };
    let counts = merged(&[bytes_of(&whole, &reads)]).unwrap();
    let weeks = counts.ledger().unwrap().unwrap();
    let costs = |ledger: &Ledger| (0..ledger.n_lines()).map(|line| ledger.cost_of(line)).collect::<Vec<_>>();
    assert_eq!((weeks.offsets(), weeks.amounts()), (&[0, 2, 3][..], &[9.0, -2.0, 1.0][..]));
    assert_eq!(costs(weeks), [Some(0.3 * 2.0 + 0.3 * 3.0), Some(-0.3 * 2.0), Some(0.0)]);
    assert_eq!((weeks.order_days(), weeks.end()), (whole.order_days(), whole.end()));
}

#[test]
fn a_part_may_have_no_line_but_all_parts_together_may_not() {
    let empty = part(&[(0, 1, 10, 1, 1)], Returns::Net);
    let one = merged(&[bytes_of(&empty, &Reads::default())]).unwrap();
    insta::assert_snapshot!(one.ledger().unwrap_err(), @"no order lines: 1 rows came in, 1 of them were set aside; 1 row has no customer");
    let both = merged(&[bytes_of(&empty, &Reads::default()), bytes_of(&part(&ROWS, Returns::Net), &Reads::default())]);
    let both = both.unwrap();
    let ledger = both.ledger().unwrap().unwrap();
    assert_eq!((ledger.n_lines(), ledger.quality().rows, ledger.quality().rows_set_aside()), (4, 5, 1));
}

#[test]
fn times_that_cannot_be_read_are_judged_over_all_parts() {
    let roles = Roles::new("client", "at").amount("paid");
    let of = |client: &str, times: &[&str]| {
        let mut builder = LedgerBuilder::new(roles.clone());
        let clients = vec![client; times.len()];
        builder
            .push(&batch!("client" => clients, "at" => times.to_vec(), "paid" => vec![1.0; times.len()]).unwrap())
            .unwrap();
        bytes_of(&builder.part().unwrap(), &Reads::default())
    };
    let (bad, few) = (of("a", &["x", "y"]), of("b", &["2024-01-01"; 10]));
    insta::assert_snapshot!(merged(&[bad.clone(), few]).unwrap().ledger().unwrap_err(), @r#"time: column "at": 2 of 12 rows could not be read, first 'x' in row 0; expected ISO 8601 text such as 2024-01-31 or time_format=… such as "%d.%m.%Y". Say how it is written, or set max_unreadable to a larger share to set such rows aside and count them"#);
    assert!(merged(&[bad, of("b", &["2024-01-01"; 100])]).unwrap().ledger().is_ok());
}

#[test]
fn the_first_thousand_rows_set_aside_are_kept_and_all_are_counted() {
    let nobody: Vec<Line> = (0..1_500).map(|at| (0, at % 500 + 10, 10, 1, 1)).collect();
    let parts = [
        bytes_of(&part(&nobody, Returns::Net), &Reads::default()),
        bytes_of(&part(&[(1, 9, 10, 1, 1), (1, 20, 10, 1, 1)], Returns::Net), &Reads::default()),
    ];
    let counts = merged(&parts).unwrap();
    let ledger = counts.ledger().unwrap().unwrap();
    assert_eq!(ledger.quality().rows_set_aside(), 1_501);
    let rejected = ledger.rejected();
    assert_eq!((rejected.rows.len(), rejected.rows[999]), (1_001, 999));
    assert_eq!((rejected.rows[1_000], rejected.reasons[1_000]), (1_500, Reason::NullTime));
}

#[test]
fn what_does_not_fit_together_is_told() {
    let of = |rows: &[Line]| Counts::of_ledger(&part(rows, Returns::Net), &Reads::default(), question());
    let told = |parts: &[Counts]| Counts::merge(parts).unwrap_err().to_string();
    insta::assert_snapshot!(told(&[]), @"there are no counts to merge; give those of at least one part");
    insta::assert_snapshot!(told(&[of(&ROWS), of(&ROWS[..1])]), @r#"the customer "c2" is in two parts; split the rows by customer, so that each is whole in one part"#);
    let asked = |question| Counts::of_ledger(&part(&ROWS[..1], Returns::Net), &Reads::default(), question);
    insta::assert_snapshot!(told(&[of(&ROWS[1..2]), asked(Question { analysis: "plan".into(), ..question() })]), @"counts of one analysis, rfm.score, cannot be merged with counts of another, plan; count all parts with the same call");
    insta::assert_snapshot!(told(&[of(&ROWS[1..2]), asked(Question { params: "{\"bins\": 3}".into(), ..question() })]), @r#"counts of one set of parameters, {}, cannot be merged with counts of another, {"bins": 3}; count all parts with the same call"#);
    let kept = Counts::of_ledger(&part(&ROWS[..1], Returns::Keep), &Reads::default(), question());
    assert!(told(&[of(&ROWS[1..2]), kept]).contains("build all parts with the same roles"));
    let products =
        Counts::of_ledger(&part(&ROWS[..1], Returns::Net), &Reads { quantity: true, ..Reads::default() }, question());
    insta::assert_snapshot!(told(&[of(&ROWS[1..2]), products]), @"1 of 2 counts have quantity, the others do not; build all parts from the same columns");
    let early = part(&ROWS[..1], Returns::Net);
    let set = Counts::of_ledger(&early.clone().with_as_of(early.as_of() + 3), &Reads::default(), question());
    insta::assert_snapshot!(told(&[of(&ROWS[1..2]), set]), @"some counts look back from 2024-01-06 and others from 2024-01-03; give all parts the same as_of");
    let rows = Counts::of_table(&Table::from(batch_of(&ROWS)), Some("client"), question()).unwrap();
    insta::assert_snapshot!(told(&[of(&ROWS), rows]), @"some counts are of another kind: of lines, of rows, or an analysis' own; count all parts in one way, with the same leverkit");
}

#[test]
fn bytes_that_are_damaged_or_newer_are_told() {
    let bytes = bytes_of(&part(&ROWS, Returns::Net), &Reads::everything());
    let told = |bytes: &[u8]| Counts::from_bytes(bytes).unwrap_err().to_string();
    insta::assert_snapshot!(told(b"PAR1"), @"these bytes are no counts; give what leverkit's counts or merge returned");
    insta::assert_snapshot!(told(&bytes[..bytes.len() - 1]), @"the counts are damaged (their check sum is another); count that part again");
    let mut newer = bytes.clone();
    newer[8] = 4;
    insta::assert_snapshot!(told(&newer), @"a newer leverkit wrote these counts (format 4; this one reads up to 3); use the same leverkit everywhere");
    for at in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x40;
        assert!(matches!(Counts::from_bytes(&changed), Err(Error::Counts { .. })), "at {at}");
        assert!(matches!(Counts::from_bytes(&bytes[..at]), Err(Error::Counts { .. })), "cut at {at}");
    }
}

#[test]
fn rows_of_entities_come_together_in_the_order_of_the_entities() {
    let table = |who: &[Option<&str>], what: &[i32]| {
        let batch = batch!("who" => who.to_vec(), "what" => what.to_vec()).unwrap();
        Counts::of_table(&Table::from(batch), Some("who"), question()).unwrap()
    };
    let (one, two) = (table(&[Some("b"), None, Some("b")], &[1, 2, 3]), table(&[Some("a")], &[4]));
    let through = |counts: &Counts| Counts::from_bytes(&counts.to_bytes().unwrap()).unwrap();
    let together = Counts::merge(&[through(&one), through(&two)]).unwrap();
    let column = |name: &str| together.table().unwrap().column(name).map(Column::texts).unwrap();
    assert_eq!(column("what"), ["4", "1", "3", "2"].map(|text| Some(text.to_owned())));
    assert!(together.ledger().unwrap().is_none());
    insta::assert_snapshot!(Counts::merge(&[one.clone(), one]).unwrap_err(), @r#"the entity "b" is in two parts; split the rows by entity, so that each is whole in one part"#);
    assert!(Counts::of_table(&Table::from(batch_of(&ROWS)), Some("nobody"), question()).is_err());
}

#[test]
fn tables_beside_the_lines_are_the_same_in_all_parts() {
    let beside = |rows: Vec<i32>| vec![("members".to_owned(), Table::from(batch!("who" => rows).unwrap()))];
    let of = |row: usize, tables| {
        let counts = Counts::of_ledger(&part(&ROWS[row..=row], Returns::Net), &Reads::default(), question());
        Counts::from_bytes(&counts.with_beside(tables).to_bytes().unwrap()).unwrap()
    };
    let together = Counts::merge(&[of(0, beside(vec![1, 2])), of(1, beside(vec![1, 2]))]).unwrap();
    let [(name, table)] = together.beside() else { panic!("one table stays") };
    assert_eq!((name.as_str(), table.rows()), ("members", 2));
    let told = |other| Counts::merge(&[of(0, beside(vec![1, 2])), of(1, other)]).unwrap_err().to_string();
    insta::assert_snapshot!(told(beside(vec![2, 1])), @"members: some counts have another table beside them than others; give all parts the same table, whole and in one order");
    insta::assert_snapshot!(told(Vec::new()), @r#"some counts have the tables ["members"] beside them, others []; give all parts the same tables"#);
}

#[test]
fn rows_that_are_entities_of_their_own_may_be_split_anyhow() {
    let table = |what: &[i32]| Table::from(batch!("what" => what.to_vec()).unwrap());
    let of = |what: &[i32]| Counts::of_table(&table(what), None, question()).unwrap();
    let through = |counts: &Counts| Counts::from_bytes(&counts.to_bytes().unwrap()).unwrap();
    let together = Counts::merge(&[through(&of(&[3, 1])), through(&of(&[1]))]).unwrap();
    assert_eq!(together.table().unwrap().rows(), 3);
    let named = Counts::of_table(&table(&[2]), Some("what"), question()).unwrap();
    insta::assert_snapshot!(Counts::merge(&[of(&[1]), named]).unwrap_err(), @r#"the entity of some counts is each row, of others "what"; count all parts with the same call"#);
}

#[test]
fn bytes_with_a_forged_check_sum_are_read_or_refused_without_a_panic() {
    let ledger = part(&[(1, 5, 20, 1, 1), (1, 40, -3, 2, 2), (2, 60, 30, 0, 0)], Returns::Net);
    let table = Table::from(batch!("who" => ["a", "b", "a"], "what" => ["x", "y", "z"]).unwrap());
    let beside = vec![("members".to_owned(), table.clone())];
    let of_rows = Counts::of_table(&table, Some("who"), question()).unwrap().with_beside(beside).to_bytes().unwrap();
    for bytes in [bytes_of(&ledger, &Reads::default()), of_rows] {
        // The mark and the length of the header stay, so that what comes behind is looked at.
        for (place, value) in (16..bytes.len() - 8).flat_map(|place| [0, 1, 0x7f, 0xff].map(|value| (place, value))) {
            let mut forged = bytes[..bytes.len() - 8].to_vec();
            forged[place] = value;
            let check = xxhash_rust::xxh3::xxh3_64(&forged);
            forged.extend(check.to_le_bytes());
            let other = Counts::from_bytes(&bytes).unwrap();
            let merged = Counts::from_bytes(&forged).and_then(|counts| Counts::merge(&[counts, other]));
            let _ = merged.and_then(|counts| counts.to_bytes());
        }
    }
}
