//! The door of the ledger: files as people have them, with what each must come to.

#![allow(clippy::unwrap_used)] // A test may fail.

use std::sync::Arc;

use leverkit_core::arrow_array::types::Int32Type;
use leverkit_core::arrow_array::{ArrayRef, DictionaryArray};
use leverkit_core::{
    Clean, Error, IdStep, Ledger, NoteKind, QualityNote, Reason, RecordBatch, Returns, Roles, Table, batch, columns,
    format_day,
};

fn roles() -> Roles {
    Roles::new("c", "t").amount("a")
}

fn build(lines: &RecordBatch, roles: &Roles) -> Ledger {
    Ledger::from_batches(std::slice::from_ref(lines), roles).unwrap()
}

fn fail(lines: &RecordBatch, roles: &Roles) -> Error {
    Ledger::from_batches(std::slice::from_ref(lines), roles).unwrap_err()
}

fn of_kind(ledger: &Ledger, kind: NoteKind) -> Vec<QualityNote> {
    ledger.quality().notes.iter().filter(|note| note.kind == kind).cloned().collect()
}

fn texts_of(ledger: &Ledger, kind: NoteKind) -> Vec<String> {
    of_kind(ledger, kind).iter().map(QualityNote::text).collect()
}

/// Rows and money of the one note of a kind.
fn sized(ledger: &Ledger, kind: NoteKind) -> (u64, Option<f64>) {
    let notes = of_kind(ledger, kind);
    assert_eq!(notes.len(), 1, "{kind:?} among {:?}", ledger.quality().notes);
    (notes[0].rows, notes[0].money)
}

fn spend(ledger: &Ledger) -> Vec<f64> {
    ledger.par_customers(|| (), |(), lines| lines.amounts.iter().sum())
}

/// The quality table's rows that are no notes add up to the rows that came in.
fn assert_adds_up(ledger: &Ledger) {
    let table = Table::from(ledger.quality_batch().unwrap());
    let rows = columns::numbers(table.column("rows").unwrap(), "rows").unwrap();
    let statuses = table.column("status").unwrap().texts();
    let sum: f64 = statuses.iter().zip(rows).filter(|(s, _)| s.as_deref() != Some("note")).map(|(_, rows)| rows).sum();
    assert_eq!(sum, ledger.quality().rows as f64);
}

/// Days of January 2024, then February and so on, as text.
fn day(number: i32) -> String {
    format_day(19_723 + number)
}

// Missing

#[test]
fn blank_customers_are_set_aside_with_their_money() {
    let lines = batch!("c" => ["", "  ", "ann"], "t" => ["2024-01-01"; 3], "a" => [10.0, 20.0, 40.0]).unwrap();
    let ledger = build(&lines, &roles());
    assert_eq!((ledger.n_customers(), ledger.rejected().rows.as_slice()), (1, &[0, 1][..]));
    assert_eq!(ledger.quality().set_aside[0].1.amount, 30.0);
    assert_eq!(ledger.quality().summary().unwrap(), "2 of 3 rows (67 %, 30.00) were set aside: no customer");
    assert_adds_up(&ledger);
}

#[test]
fn blank_means_missing_for_categories_products_and_dimensions_too() {
    let categories: DictionaryArray<Int32Type> = ["", "ann", "ann"].into_iter().collect();
    let lines = batch!(
        "c" => Arc::new(categories) as ArrayRef, "t" => ["2024-01-01"; 3], "a" => [1.0; 3],
        "p" => ["tea", "", "tea"], "d" => ["x", "\u{a0}", "x"],
    )
    .unwrap();
    let ledger = build(&lines, &roles().product("p").dimension("d"));
    assert_eq!((ledger.n_customers(), ledger.n_lines()), (1, 2));
    assert_eq!(ledger.products().unwrap().dictionary.len(), 1);
    assert_eq!(ledger.dimension("d").unwrap().dictionary.len(), 1);
    assert_eq!(ledger.quality().unknown, [("product".into(), 1), ("d".into(), 1)]);
}

#[test]
fn a_blank_order_id_falls_back_to_the_day() {
    for blank in [Some(""), Some(" "), None] {
        let lines =
            batch!("c" => ["ann"; 3], "t" => ["2024-01-01", "2024-01-01", "2024-01-03"], "a" => [1.0; 3], "o" => [blank; 3])
                .unwrap();
        let ledger = build(&lines, &roles().order("o"));
        assert_eq!(ledger.n_orders(), 2, "{blank:?}");
        assert_eq!(format_day(*ledger.order_days().last().unwrap()), "2024-01-03");
    }
}

#[test]
fn a_blank_time_is_no_time_and_not_one_that_cannot_be_read() {
    let lines = batch!("c" => ["ann"; 3], "t" => ["", " ", "2024-01-03"], "a" => [1.0; 3]).unwrap();
    assert_eq!(build(&lines, &roles()).rejected().reasons, [Reason::NullTime; 2]);
}

#[test]
fn texts_that_mean_missing_are_ids_with_a_note() {
    let lines = batch!(
        "c" => ["NULL", "NULL", "nan", "ann", "None", "-"], "t" => ["2024-01-01"; 6], "a" => [1.0, 2.0, 4.0, 8.0, 16.0, 32.0],
        "p" => ["tea", "N/A", "tea", "<NA>", "\\N", "tea"],
    )
    .unwrap();
    let ledger = build(&lines, &roles().product("p"));
    assert_eq!(ledger.n_customers(), 5);
    let notes = of_kind(&ledger, NoteKind::MissingText);
    let null = notes.iter().find(|note| note.value.as_deref() == Some("NULL")).unwrap();
    assert_eq!(null.text(), r#"2 rows (3.00) with the customer "NULL""#);
    assert_eq!(null.advice(), r#"if that means missing, set clean={"missing": {"customer": ["NULL"]}}"#);
    assert_eq!((notes.len(), notes.iter().filter(|note| note.role == "product").count()), (7, 3));
}

#[test]
fn what_clean_calls_missing_is_missing() {
    let lines = batch!(
        "c" => ["NULL", " NULL ", "ann"], "t" => ["2024-01-01"; 3], "a" => [1.0, 2.0, 4.0], "p" => ["NULL", "tea", "tea"],
    )
    .unwrap();
    let everywhere = roles().product("p").clean(Clean::default().missing(["NULL"]));
    let ledger = build(&lines, &everywhere);
    assert_eq!((ledger.n_customers(), ledger.rejected().rows.as_slice()), (1, &[0, 1][..]));
    assert!(of_kind(&ledger, NoteKind::MissingText).is_empty());
    let one = build(&lines, &roles().product("p").clean(Clean::default().missing_in("product", ["NULL"])));
    assert_eq!((one.n_customers(), one.products().unwrap().dictionary.len()), (3, 1));
}

#[test]
fn numbers_and_categories_can_be_called_missing() {
    let clean = roles().clean(Clean::default().missing_in("customer", ["0"]));
    let numbers = batch!("c" => [0, 7, 0], "t" => ["2024-01-01"; 3], "a" => [1.0; 3]).unwrap();
    assert_eq!(build(&numbers, &clean).rejected().rows, [0, 2]);
    let categories: DictionaryArray<Int32Type> = ["0", "7", "0"].into_iter().collect();
    let categories =
        batch!("c" => Arc::new(categories) as ArrayRef, "t" => ["2024-01-01"; 3], "a" => [1.0; 3]).unwrap();
    assert_eq!(build(&categories, &clean).rejected().rows, [0, 2]);
}

// Ids

#[test]
fn ids_that_differ_by_case_and_white_space_get_a_note_and_become_one_where_asked() {
    let lines = batch!(
        "c" => ["Ann@X.com", "ann@x.com ", "ann@x.com", "bob"], "t" => ["2024-01-01"; 4], "a" => [1.0, 2.0, 4.0, 8.0],
    )
    .unwrap();
    let ledger = build(&lines, &roles());
    assert_eq!(ledger.n_customers(), 4);
    assert_eq!(
        texts_of(&ledger, NoteKind::SameIds),
        [
            r#"3 ids are one after trimming and case-folding, 3 rows (7.00) with c: "Ann@X.com", "ann@x.com", "ann@x.com ""#
        ]
    );
    let clean = Clean::default().id("customer", [IdStep::Trim, IdStep::Casefold]);
    let one = build(&lines, &roles().clean(clean));
    assert_eq!((one.n_customers(), spend(&one)), (2, vec![7.0, 8.0]));
    assert!(of_kind(&one, NoteKind::SameIds).is_empty());
}

#[test]
fn categories_are_mended_and_stay_categories() {
    let ids: DictionaryArray<Int32Type> = ["B ", "a", "b"].into_iter().collect();
    let kind = leverkit_core::arrow_array::Array::data_type(&ids).clone();
    let lines = batch!("c" => Arc::new(ids) as ArrayRef, "t" => ["2024-01-01"; 3], "a" => [1.0, 2.0, 4.0]).unwrap();
    let ledger = build(&lines, &roles().clean(Clean::default().id("customer", [IdStep::Trim, IdStep::Casefold])));
    assert_eq!(spend(&ledger), [2.0, 5.0]);
    assert_eq!(ledger.customers().values().data_type(), &kind);
}

#[test]
fn letters_beyond_ascii_fold_too() {
    let lines = batch!("c" => ["МАША", "маша", "Ёж"], "t" => ["2024-01-01"; 3], "a" => [1.0; 3]).unwrap();
    assert_eq!(of_kind(&build(&lines, &roles()), NoteKind::SameIds)[0].count, 2);
}

#[test]
fn what_is_not_seen_makes_no_other_id() {
    let names = ["Ann Lee", "Ann\u{a0}Lee", "\u{feff}ann lee", "An\u{ad}n  Lee", "Jose\u{301}", "José"];
    let lines = batch!("c" => names, "t" => ["2024-01-01"; 6], "a" => [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]).unwrap();
    let note = &of_kind(&build(&lines, &roles()), NoteKind::SameIds)[0];
    assert_eq!((note.rows, note.money, note.count, note.of), (6, Some(63.0), 6, 2));
    let one = build(&lines, &roles().clean(Clean::default().id("customer", [IdStep::Trim, IdStep::Casefold])));
    assert_eq!(spend(&one), [15.0, 48.0]);
}

#[test]
fn numbers_written_in_two_ways_are_noted_and_become_one_where_asked() {
    let ids = ["007", "7", "7.0", "8", "7.5"];
    let lines = batch!("c" => ids, "t" => ["2024-01-01"; 5], "a" => [1.0, 2.0, 4.0, 8.0, 16.0]).unwrap();
    let ledger = build(&lines, &roles());
    assert_eq!(
        texts_of(&ledger, NoteKind::SameNumbers),
        [r#"3 ids are one as numbers, 3 rows (7.00) with c: "007", "7", "7.0""#]
    );
    let note = &of_kind(&ledger, NoteKind::SameNumbers)[0];
    assert_eq!(note.advice(), r#"if they are one, set clean={"customer": ["number"]}"#);
    let one = build(&lines, &roles().clean(Clean::default().id("customer", [IdStep::Number])));
    assert_eq!(spend(&one), [7.0, 16.0, 8.0]);
    assert!(of_kind(&one, NoteKind::SameNumbers).is_empty());
}

#[test]
fn letters_of_two_alphabets_that_look_alike_are_noted() {
    // The last letter of the second one is Cyrillic.
    let lines = batch!("c" => ["Anna", "Annа", "Анна"], "t" => ["2024-01-01"; 3], "a" => [1.0, 2.0, 4.0]).unwrap();
    let note = &of_kind(&build(&lines, &roles()), NoteKind::LookAlikes)[0];
    assert_eq!((note.rows, note.money, note.count, note.of), (2, Some(3.0), 2, 1));
}

#[test]
fn ids_that_a_spreadsheet_has_cut_are_noted_wherever_they_stand() {
    let ids: Vec<String> = (0..2000).map(|id| if id < 1990 { id.to_string() } else { "1.23E+11".into() }).collect();
    let lines = batch!("c" => ids, "t" => vec!["2024-01-01"; 2000], "a" => vec![1.0; 2000]).unwrap();
    assert_eq!(
        texts_of(&build(&lines, &roles()), NoteKind::ShortenedIds),
        [r#"10 rows (10.00) with ids cut by a spreadsheet in c, such as "1.23E+11""#]
    );
}

#[test]
fn a_row_of_sums_is_noted_with_its_money() {
    let ids = ["ann", "bob", "ann", "TOTAL:"];
    let lines = batch!("c" => ids, "t" => ["2024-01-01"; 4], "a" => [1.0, 2.0, 4.0, 7.0]).unwrap();
    let ledger = build(&lines, &roles());
    assert_eq!(texts_of(&ledger, NoteKind::Total), [r#"the customer "TOTAL:" is called as sums are, 1 line (7.00)"#]);
    let names = ["Итого", "гость", "гость"];
    let russian = batch!("c" => names, "t" => ["2024-01-01", "2024-01-01", "2024-01-02"], "a" => [7.0, 1.0, 2.0]);
    let russian = build(&russian.unwrap(), &roles());
    assert_eq!(of_kind(&russian, NoteKind::Total)[0].money, Some(7.0));
    assert_eq!(of_kind(&russian, NoteKind::SharedCustomer)[0].money, Some(3.0));
    let clean = Clean::default().missing_in("customer", ["TOTAL:"]);
    assert_eq!(spend(&build(&lines, &roles().clean(clean))), [5.0, 2.0]);
}

#[test]
fn cleaning_ids_that_there_are_not_is_refused() {
    let lines = batch!("c" => ["ann"], "t" => ["2024-01-01"], "a" => [1.0]).unwrap();
    let error = fail(&lines, &roles().clean(Clean::default().id("custmer", [IdStep::Trim])));
    insta::assert_snapshot!(error, @r#"clean: got "custmer"; expected ids that there are: customer; did you mean "customer"?"#);
}

#[test]
fn a_guest_s_id_gets_a_note() {
    let days = ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"];
    let numbers = batch!("c" => [0, 0, 0, 17], "t" => days, "a" => [10.0, 10.0, 10.0, 5.0]).unwrap();
    assert_eq!(
        texts_of(&build(&numbers, &roles()), NoteKind::SharedCustomer),
        [r#"the customer "0" has 3 of 4 orders, 3 lines (30.00)"#]
    );
    let names = batch!("c" => ["Guest", "Guest", "guesthouse", "guesthouse"], "t" => days, "a" => [1.0; 4]).unwrap();
    assert_eq!(of_kind(&build(&names, &roles()), NoteKind::SharedCustomer)[0].value.as_deref(), Some("Guest"));
}

#[test]
fn zero_is_a_number_like_any_other_where_ids_are_counted_from_it() {
    let lines = batch!(
        "c" => [0, 0, 1, 1, 1, 2], "t" => (0..6).map(day).collect::<Vec<_>>(), "a" => [1.0; 6],
    )
    .unwrap();
    assert!(of_kind(&build(&lines, &roles()), NoteKind::SharedCustomer).is_empty());
}

#[test]
fn a_customer_with_a_large_share_of_the_orders_gets_a_note() {
    let customers: Vec<i32> = (0..400).map(|row| if row % 4 == 0 { 9_999 } else { 10 + row }).collect();
    let lines = batch!("c" => customers, "t" => (0..400).map(day).collect::<Vec<_>>(), "a" => vec![1.0; 400]).unwrap();
    let note = &of_kind(&build(&lines, &roles()), NoteKind::SharedCustomer)[0];
    assert_eq!((note.value.as_deref(), note.count, note.of), (Some("9999"), 100, 400));
}

#[test]
fn an_order_id_that_is_the_customer_s_own_gets_a_note() {
    let customers: Vec<i32> = (0..40).map(|row| row % 10).collect();
    let lines = batch!(
        "c" => customers.clone(), "t" => (0..40).map(day).collect::<Vec<_>>(), "a" => vec![1.0; 40], "o" => customers,
    )
    .unwrap();
    let ledger = build(&lines, &roles().order("o"));
    assert_eq!(
        texts_of(&ledger, NoteKind::SharedOrder),
        ["10 of 10 customers who come on several days have one order id for all of them, 40 lines (40.00)"]
    );
    let shipped =
        batch!("c" => ["ann"; 2], "t" => ["2024-01-01", "2024-01-03"], "a" => [10.0, 20.0], "o" => ["A"; 2]).unwrap();
    let ledger = build(&shipped, &roles().order("o"));
    assert_eq!((ledger.n_orders(), ledger.quality().notes.len(), ledger.quality().returns.rows), (1, 0, 0));
}

// Signs

fn with_return() -> RecordBatch {
    batch!(
        "c" => ["a", "a", "b"], "t" => ["2024-01-01", "2024-01-05", "2024-01-02"], "a" => [100.0, 40.0, 50.0],
        "q" => [2.0, -1.0, 1.0], "o" => ["1", "R1", "2"],
    )
    .unwrap()
}

#[test]
fn a_negative_quantity_beside_a_positive_amount_is_a_return_of_it() {
    let roles = roles().quantity("q").order("o");
    let ledger = build(&with_return(), &roles);
    assert_eq!(spend(&ledger), [60.0, 50.0]);
    assert_eq!((ledger.quality().kept.amount, ledger.quality().returns.amount, ledger.n_orders()), (110.0, -40.0, 2));
    assert_eq!(sized(&ledger, NoteKind::SignTurned), (1, Some(-40.0)));
    let dropped = build(&with_return(), &roles.returns(Returns::Drop));
    let (reason, tally) = dropped.quality().set_aside[0];
    assert_eq!((reason, tally.rows, tally.amount), (Reason::ReturnDropped, 1, -40.0));
    assert_eq!((dropped.rejected().rows.as_slice(), dropped.n_lines()), (&[1][..], 2));
    assert_adds_up(&dropped);
}

#[test]
fn price_times_quantity_is_negative_already_and_two_negative_signs_stay() {
    let lines = batch!("c" => ["a"; 3], "t" => ["2024-01-01", "2024-01-05", "2024-01-06"], "p" => [50.0, 40.0, -30.0], "q" => [2, -1, -1]).unwrap();
    let made = build(&lines, &Roles::new("c", "t").price("p").quantity("q"));
    assert_eq!(made.amounts(), [100.0, -40.0, -30.0]);
    let lines =
        batch!("c" => ["a"; 2], "t" => ["2024-01-01", "2024-01-05"], "a" => [100.0, -40.0], "q" => [2, -1]).unwrap();
    let given = build(&lines, &roles().quantity("q"));
    assert_eq!((given.amounts(), given.quality().notes.len()), (&[100.0, -40.0][..], 0));
}

fn with_deductions() -> RecordBatch {
    batch!(
        "c" => ["a", "a", "a", "b", "b", "b"], "t" => ["2024-01-01"; 6], "o" => ["1", "1", "1", "2", "2", "2"],
        "p" => ["tea", "discount", "gift card", "milk", "discount", "gift card"],
        "a" => [50.0, -5.0, -50.0, 50.0, -5.0, -50.0],
    )
    .unwrap()
}

#[test]
fn a_discount_line_in_an_order_is_no_return() {
    let roles = roles().order("o").product("p");
    for returns in [Returns::Net, Returns::Drop] {
        let ledger = build(&with_deductions(), &roles.clone().returns(returns));
        assert_eq!((ledger.quality().returns.rows, ledger.n_lines(), ledger.n_orders()), (0, 6, 2), "{returns:?}");
        assert_eq!(spend(&ledger), [-5.0, -5.0]);
        assert_eq!(sized(&ledger, NoteKind::Deduction), (4, Some(-110.0)));
        assert!((0..6).all(|line| !ledger.is_return(line)));
        assert_adds_up(&ledger);
    }
}

#[test]
fn a_refund_of_what_was_sold_or_of_a_later_day_stays_a_return() {
    let lines = batch!(
        "c" => ["a"; 4], "t" => ["2024-01-01", "2024-01-01", "2024-01-01", "2024-01-09"], "o" => ["1"; 4],
        "p" => ["tea", "milk", "tea", "parcel"], "a" => [50.0, 10.0, -50.0, -4.0],
    )
    .unwrap();
    let ledger = build(&lines, &roles().order("o").product("p"));
    assert_eq!((ledger.quality().returns.rows, ledger.quality().returns.amount), (2, -54.0));
    let of_goods =
        batch!("c" => ["a"; 2], "t" => ["2024-01-01"; 2], "o" => ["1"; 2], "a" => [50.0, -5.0], "q" => [1, -1])
            .unwrap();
    assert_eq!(build(&of_goods, &roles().order("o").quantity("q")).quality().returns.rows, 1);
}

#[test]
fn deductions_stay_what_they_are_in_slices() {
    let ledger = build(&with_deductions(), &roles().order("o").product("p").dimension("o"));
    let second = ledger.where_in("o", &["2".into()]).unwrap();
    assert_eq!((0..3).map(|line| second.is_deduction(line)).collect::<Vec<_>>(), [false, true, true]);
    let together = Ledger::concat(&ledger.partition(2).unwrap()).unwrap();
    assert_eq!((0..6).filter(|&line| together.is_deduction(line)).count(), 4);
}

#[test]
fn discounts_that_are_negative_throughout_are_taken_by_magnitude() {
    let of = |discounts: [f64; 3]| {
        let lines = batch!("c" => ["a"; 3], "t" => ["2024-01-01", "2024-01-02", "2024-01-03"], "a" => [90.0, 80.0, -90.0], "d" => discounts).unwrap();
        build(&lines, &roles().discount("promo", "d"))
    };
    let turned = of([-10.0, -20.0, 10.0]);
    assert_eq!(turned.discounts()[0].values.as_slice(), [10.0, 20.0, -10.0]);
    assert_eq!(
        texts_of(&turned, NoteKind::DiscountTurned),
        [r#"the discount "d" is never above 0, 2 rows (30.00): taken by magnitude"#]
    );
    let mixed = of([-10.0, 20.0, 0.0]);
    assert_eq!(mixed.discounts()[0].values.as_slice(), [-10.0, 20.0, 0.0]);
    assert_eq!(
        texts_of(&mixed, NoteKind::DiscountMixed),
        [r#"the discount "d" has both signs among the sales: 1 below 0, 1 above"#]
    );
    assert!(of([10.0, 0.0, -10.0]).quality().notes.is_empty());
}

// Dirt

#[test]
fn copies_are_counted_and_dropped_where_asked() {
    let rows = 300;
    let all: Vec<i32> = (0..rows).chain(0..263).collect();
    let text = |of: &dyn Fn(&i32) -> String| all.iter().map(of).collect::<Vec<_>>();
    let lines = batch!(
        "c" => text(&|row| format!("client {}", row % 37)), "t" => text(&|row| day(row % 90)),
        "o" => text(&|row| format!("order {row}")), "a" => all.iter().map(|&row| f64::from(row)).collect::<Vec<_>>(),
    )
    .unwrap();
    let roles = roles().order("o");
    let money = f64::from((0..263).sum::<i32>());
    let ledger = build(&lines, &roles);
    assert_eq!((ledger.n_lines(), sized(&ledger, NoteKind::Duplicate)), (563, (263, Some(money))));
    let once = build(&lines, &roles.clean(Clean::default().drop_duplicates()));
    assert_eq!(once.n_lines(), 300);
    assert_eq!(once.rejected().rows, (300..563).collect::<Vec<u32>>());
    assert_eq!(
        once.quality().set_aside,
        [(Reason::DuplicateDropped, leverkit_core::Tally { rows: 263, amount: money })]
    );
    assert!(of_kind(&once, NoteKind::Duplicate).is_empty());
    assert_adds_up(&once);
}

#[test]
fn many_equal_lines_of_one_time_are_found_whatever_stands_between() {
    let lines = batch!(
        "c" => vec!["a"; 60], "t" => vec!["2024-01-01"; 60], "o" => vec!["1"; 60],
        "a" => (0..60).map(|row| f64::from(row % 20)).collect::<Vec<_>>(), "q" => (0..60).map(|row| if row == 59 { 2 } else { 1 }).collect::<Vec<_>>(),
    )
    .unwrap();
    let roles = roles().order("o").quantity("q").clean(Clean::default().drop_duplicates());
    let ledger = build(&lines, &roles);
    assert_eq!(ledger.rejected().rows, (20..59).collect::<Vec<u32>>());
}

#[test]
fn equal_lines_are_no_copies_where_nothing_could_tell_them_apart() {
    let lines = batch!("c" => ["a"; 2], "t" => ["2024-01-01"; 2], "a" => [5.0; 2]).unwrap();
    assert!(build(&lines, &roles()).quality().notes.is_empty());
    let clocks = batch!("c" => ["a"; 2], "t" => ["2024-01-01 12:03:04"; 2], "a" => [5.0; 2]).unwrap();
    assert_eq!(sized(&build(&clocks, &roles()), NoteKind::Duplicate), (1, Some(5.0)));
}

#[test]
fn returns_and_copies_are_dropped_together_in_input_order() {
    let lines = batch!(
        "c" => ["b", "a", "a", "a", "b"], "t" => ["2024-01-03", "2024-01-01", "2024-01-01", "2024-01-02", "2024-01-04"],
        "o" => ["4", "1", "1", "2", "5"], "a" => [7.0, 5.0, 5.0, -5.0, 1.0],
    )
    .unwrap();
    let ledger = build(&lines, &roles().order("o").returns(Returns::Drop).clean(Clean::default().drop_duplicates()));
    assert_eq!(ledger.rejected().rows, [2, 3]);
    assert_eq!(ledger.rejected().reasons, [Reason::DuplicateDropped, Reason::ReturnDropped]);
    assert_eq!(
        (spend(&ledger), ledger.n_orders(), format_day(ledger.as_of())),
        (vec![5.0, 8.0], 3, "2024-01-05".into())
    );
    assert_adds_up(&ledger);
}

#[test]
fn an_amount_a_thousand_times_the_median_gets_a_note() {
    let mut amounts: Vec<f64> = (0..50).map(|row| 10.0 + f64::from(row % 5)).collect();
    amounts[31] = 12_345_600.0;
    let units: Vec<f64> = (0..50).map(|row| if row == 7 { 5_000.0 } else { 2.0 }).collect();
    let lines = batch!("c" => (0..50).collect::<Vec<_>>(), "t" => (0..50).map(day).collect::<Vec<_>>(), "a" => amounts, "q" => units).unwrap();
    let ledger = build(&lines, &roles().quantity("q"));
    assert_eq!(
        texts_of(&ledger, NoteKind::HugeAmount),
        ["1 line (12345600.00) with the amount more than 1,000 times its median, the largest 12345600, median 12"]
    );
    assert_eq!(sized(&ledger, NoteKind::HugeQuantity), (1, Some(12.0)));
}

#[test]
fn an_order_s_total_on_each_line_gets_a_note() {
    let total = |order: i32| 10.0 + f64::from(order * order);
    let of = |amount: &dyn Fn(i32) -> f64| {
        let orders: Vec<i32> = (0..30).map(|row| row / 3).collect();
        let lines = batch!(
            "c" => orders.iter().map(|order| order % 4).collect::<Vec<_>>(), "t" => orders.iter().map(|&order| day(order)).collect::<Vec<_>>(),
            "p" => (0..30).map(|row| row % 3).collect::<Vec<_>>(), "a" => (0..30).map(amount).collect::<Vec<_>>(), "o" => orders,
        )
        .unwrap();
        build(&lines, &roles().order("o").product("p"))
    };
    let note = &of_kind(&of(&|row| total(row / 3)), NoteKind::RepeatedTotal)[0];
    assert_eq!((note.count, note.of, note.rows), (10, 10, 30));
    assert!(of_kind(&of(&|row| total(row)), NoteKind::RepeatedTotal).is_empty());
    assert!(of_kind(&of(&|_| 9.99), NoteKind::RepeatedTotal).is_empty(), "a shop of one price");
}

#[test]
fn a_month_of_two_days_is_partial() {
    let of = |days: &[i32]| {
        let lines = batch!("c" => vec!["a"; days.len()], "t" => days.iter().map(|&number| day(number)).collect::<Vec<_>>(), "a" => vec![1.0; days.len()]).unwrap();
        build(&lines, &roles())
    };
    // January and February 2024 have 60 days.
    let ledger = of(&(0..62).collect::<Vec<_>>());
    assert_eq!(
        texts_of(&ledger, NoteKind::PartialLastMonth),
        ["the last month, 2024-03, has lines on its first 2 of 31 days alone: 2 lines (2.00)"]
    );
    let late = of(&(28..91).collect::<Vec<_>>());
    assert_eq!(sized(&late, NoteKind::PartialFirstMonth), (3, Some(3.0)));
    let whole = of(&(0..60).collect::<Vec<_>>());
    let sparse = of(&[0, 20, 45, 61]);
    assert!(whole.quality().notes.is_empty() && sparse.quality().notes.is_empty());
}

#[test]
fn a_last_day_with_few_lines_is_partial() {
    let days: Vec<i32> = (0..30).flat_map(|number| vec![number; if number == 29 { 5 } else { 40 }]).collect();
    let lines = batch!("c" => (0..days.len() as i32).collect::<Vec<_>>(), "t" => days.iter().map(|&number| day(number)).collect::<Vec<_>>(), "a" => vec![1.0; days.len()]).unwrap();
    assert_eq!(
        texts_of(&build(&lines, &roles()), NoteKind::PartialLastDay),
        ["the last day, 2024-01-30, has 5 lines (5.00); the same weekday had at least 40 in the four weeks before"]
    );
}

#[test]
fn days_far_from_all_others_get_a_note() {
    let mut days: Vec<String> = (0..20).map(day).collect();
    days.extend(["1900-01-01".into(), "1970-01-01".into(), "2099-12-31".into()]);
    let lines = batch!("c" => vec!["a"; 23], "t" => days, "a" => vec![2.0; 23]).unwrap();
    let far = of_kind(&build(&lines, &roles()), NoteKind::FarDay);
    assert_eq!(
        far.iter().map(|note| note.value.as_deref().unwrap()).collect::<Vec<_>>(),
        ["1900-01-01", "1970-01-01", "2099-12-31"]
    );
    assert!(far.iter().all(|note| (note.rows, note.money) == (1, Some(2.0))));
}

#[test]
fn watched_columns_are_told_of() {
    let lines = batch!(
        "c" => ["a", "b", "c", "d"], "t" => ["2024-01-01"; 4], "a" => [20.0, 500.0, 30.0, 7.0],
        "status" => [Some("paid"), Some("cancelled"), Some("paid"), None], "money" => ["USD", "KRW", "EUR", "USD"], "one" => ["x"; 4],
        "is_refunded" => [false, false, true, false],
    )
    .unwrap();
    let roles = roles().watch("status").watch("money").watch("one").watch("is_refunded");
    assert_eq!(roles.columns(), ["c", "t", "a", "status", "money", "one", "is_refunded"]);
    let ledger = build(&lines, &roles);
    assert_eq!(
        texts_of(&ledger, NoteKind::Status),
        [r#"1 row (500.00) with status = "cancelled""#, r#"1 row (30.00) with is_refunded = "true""#]
    );
    assert_eq!(
        texts_of(&ledger, NoteKind::Currency),
        [
            r#"2 rows (27.00) with money = "USD", one of 3 currencies"#,
            r#"1 row (30.00) with money = "EUR", one of 3 currencies"#,
            r#"1 row (500.00) with money = "KRW", one of 3 currencies"#,
        ]
    );
    assert_eq!((ledger.quality().notes.len(), ledger.n_lines()), (5, 4));
    let error = fail(&lines, &Roles { watched: vec!["statis".into()], ..roles });
    assert!(error.to_string().starts_with("watched: there is no column \"statis\""), "{error}");
}

// What is said

#[test]
fn texts_in_another_order_are_an_error_that_names_the_way() {
    let lines = batch!("c" => ["a"; 3], "t" => ["12/25/2024", "12/26/2024", "1/2/2025"], "a" => [1.0; 3]).unwrap();
    let error = fail(&lines, &roles());
    assert!(
        matches!(&error, Error::Unreadable { role, column, count: 3, rows: 3, row: 0, .. } if role == "time" && column == "t")
    );
    insta::assert_snapshot!(error, @r#"time: column "t": 3 of 3 rows could not be read, first '12/25/2024' in row 0; expected ISO 8601 text such as 2024-01-31 or time_format=… such as "%d.%m.%Y". Say how it is written, or set max_unreadable to a larger share to set such rows aside and count them"#);
    let ledger = build(&lines, &roles().time_format("%m/%d/%Y"));
    assert_eq!(
        (format_day(ledger.start().unwrap()), format_day(ledger.end().unwrap())),
        ("2024-12-25".into(), "2025-01-02".into())
    );
}

#[test]
fn few_times_that_cannot_be_read_are_set_aside_and_more_where_allowed() {
    let of = |bad: usize| {
        let times: Vec<String> =
            (0..100).map(|row| if row < bad { "31.12.2024".into() } else { day(row as i32) }).collect();
        batch!("c" => vec!["a"; 100], "t" => times, "a" => vec![1.0; 100]).unwrap()
    };
    assert_eq!(build(&of(5), &roles()).rejected().rows.len(), 5);
    assert!(matches!(fail(&of(6), &roles()), Error::Unreadable { count: 6, rows: 100, .. }));
    assert_eq!(build(&of(60), &roles().max_unreadable(0.6)).rejected().rows.len(), 60);
    let error = fail(&of(1), &roles().max_unreadable(1.5));
    insta::assert_snapshot!(error, @"max_unreadable: got 1.5; expected a share from 0 to 1");
}

#[test]
fn where_nothing_is_left_each_reason_is_counted_with_a_value() {
    let lines = batch!(
        "c" => [None, Some(" "), Some("a"), Some("a"), Some("a")],
        "t" => ["2024-01-01", "2024-01-01", "12/25/2024", "2024-01-01", "9999-12-31"], "a" => [1.0, 1.0, 1.0, f64::NAN, 1.0],
    )
    .unwrap();
    insta::assert_snapshot!(fail(&lines, &roles()), @"no order lines: 5 rows came in, 5 of them were set aside; 2 rows have no customer; 1 time could not be read, such as '12/25/2024'; expected a date, a datetime or ISO 8601 text such as 2024-01-31, or text as time_format has it; 1 time is out of range, such as '9999-12-31'; expected a time from 1900-01-01 to 2100-12-31; 1 row has no amount");
    let returns = batch!("c" => ["a"], "t" => ["2024-01-01"], "a" => [-1.0]).unwrap();
    insta::assert_snapshot!(fail(&returns, &roles().returns(Returns::Drop)), @"no order lines: 1 rows came in, 1 of them were set aside; 1 row is a return, dropped as asked");
}

// Slices and ledgers put together

fn half_empty() -> RecordBatch {
    let customers: Vec<Option<String>> =
        (0..40).map(|row| (row % 2 == 0).then(|| format!("client {}", row % 6))).collect();
    batch!("c" => customers, "t" => (0..40).map(day).collect::<Vec<_>>(), "a" => vec![10.0; 40]).unwrap()
}

#[test]
fn slices_keep_the_quality_of_their_input_and_count_it_once_together() {
    let ledger = build(&half_empty(), &roles());
    let said = "20 of 40 rows (50 %, 200.00) were set aside: no customer";
    assert_eq!(ledger.quality().summary().unwrap(), said);
    let parts = ledger.partition(3).unwrap();
    assert_eq!(parts[0].quality().summary().unwrap(), said);
    let whole = Ledger::concat(&parts).unwrap();
    assert_eq!((whole.quality(), whole.rejected()), (ledger.quality(), ledger.rejected()));
    let other = build(&half_empty(), &roles());
    let both = Ledger::concat(&[ledger, other]).unwrap();
    assert_eq!(both.quality().summary().unwrap(), "40 of 80 rows (50 %, 400.00) were set aside: no customer");
    assert_adds_up(&both);
}

#[test]
fn notes_of_inputs_add_up_and_those_of_lines_are_of_the_whole() {
    let roles = roles().order("o").quantity("q");
    let one = build(&with_return(), &roles);
    let other = build(&with_return(), &roles);
    let both = Ledger::concat(&[one, other]).unwrap();
    assert_eq!(sized(&both, NoteKind::SignTurned), (2, Some(-80.0)));
    assert_eq!(sized(&both, NoteKind::Duplicate), (3, Some(110.0)), "each line of the second is in the first");
}

#[test]
fn the_quality_table_has_the_notes() {
    let ledger = build(&with_deductions(), &roles().order("o").product("p"));
    let table = Table::from(ledger.quality_batch().unwrap());
    let reasons = table.column("reason").unwrap().texts();
    assert!(reasons.contains(&Some("discount or gift-card lines, not returns".into())), "{reasons:?}");
    let notes = Table::from(ledger.notes_batch().unwrap());
    assert_eq!(notes.column("kind").unwrap().texts()[0].as_deref(), Some("deduction"));
    assert!(notes.column("advice").unwrap().texts().iter().all(Option::is_some));
}
