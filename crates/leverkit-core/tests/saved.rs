//! A ledger that stays: what is opened is what was built, what is appended is what would be built of all, and damage is told.

#![allow(clippy::unwrap_used)] // A test may fail.

mod same;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use leverkit_core::saved::{About, Saved};
use leverkit_core::stats::Budget;
use leverkit_core::{Error, Ledger, RecordBatch, Repeated, Returns, Roles, Table, batch};
use proptest::prelude::*;
use same::{assert_same, names, place};
use tempfile::TempDir;

/// A drawn line: customer, day, money in cents, order and product.
type Line = (u8, u8, i16, u8, u8);

fn roles() -> Roles {
    Roles::new("client", "at")
        .amount("paid")
        .order("receipt")
        .product("sku")
        .quantity("units")
        .list_price("list")
        .unit_cost("cost")
        .discount("loyalty", "off")
        .dimension("store")
        .dimension("channel")
        .watch("status")
}

/// Lines with what a ledger has to tell: rejected rows, returns with and without a purchase, deductions, unknown values, texts and numbers as ids.
fn lines() -> RecordBatch {
    batch!(
        "client" => [Some("ann"), Some("bob"), None, Some("ann"), Some("cy"), Some("bob"), Some("ann"), Some("bob")],
        "at" => ["2024-01-05T10:00:00", "2024-01-06T11:30:00", "2024-01-06T12:00:00", "2024-01-05T10:00:00", "nonsense", "2024-02-01T09:00:00", "2024-03-01T08:00:00", "2024-03-02T08:00:00"],
        "paid" => [20.0, 0.1 + 0.2, 5.0, -2.0, 7.0, -4.0, 1e-300, 8.0],
        "receipt" => [Some("r1"), Some("r2"), Some("r3"), Some("r1"), Some("r4"), Some("r9"), None, Some("r5")],
        "sku" => [Some("milk"), Some("bread"), Some("salt"), Some("coupon"), Some("milk"), Some("bread"), None, Some("milk")],
        "units" => [Some(1.0), None, Some(1.0), None, Some(1.0), Some(-1.0), Some(2.0), Some(1.0)],
        "list" => [Some(25.0), Some(1.0), None, None, None, Some(4.0), Some(2.0), Some(9.0)],
        "cost" => [Some(10.0), Some(0.2), None, None, None, None, Some(1.0), Some(4.0)],
        "off" => [-5.0, -0.7, 0.0, 0.0, 0.0, 0.0, -1.0, -1.0],
        "store" => [Some(7), Some(330), None, Some(7), Some(7), Some(330), Some(7), Some(7)],
        "channel" => ["web", "shop", "shop", "web", "web", "shop", "web", "web"],
        "status" => ["paid", "paid", "paid", "paid", "paid", "refunded", "paid", "pending"],
    )
    .unwrap()
}

fn built() -> Ledger {
    Ledger::from_batches(&[lines()], &roles().max_unreadable(0.5)).unwrap()
}

#[test]
fn what_is_opened_is_what_was_built() {
    let (_folder, path) = place();
    let ledger = built();
    assert!(ledger.rejected().rows == [2, 4] && !ledger.quality().notes.is_empty() && !ledger.deductions().is_empty());
    ledger.save(&path).unwrap();
    let opened = Ledger::open(&path).unwrap();
    assert_same(&ledger, &opened);
    Saved::verify(&path).unwrap();
    let slices = |ledger: &Ledger| {
        [
            ledger.where_in("channel", &["web".into()]),
            ledger.with_product("store"),
            ledger.partition(2).map(|mut parts| parts.remove(1)),
        ]
    };
    for (a, b) in slices(&ledger).into_iter().zip(slices(&opened)) {
        assert_same(&a.unwrap(), &b.unwrap());
    }
    assert_same(
        &Ledger::concat(&[ledger.clone(), ledger]).unwrap(),
        &Ledger::concat(&[opened.clone(), opened]).unwrap(),
    );
}

#[test]
fn plain_ledgers_slices_and_other_days_to_look_back_from_come_back_too() {
    let (_folder, path) = place();
    let plain =
        batch!("c" => [3, 1, 2], "t" => ["2024-01-05", "2024-01-01", "2024-01-02"], "a" => [1.0, 2.0, 3.0]).unwrap();
    let plain = Ledger::from_batches(&[plain], &Roles::new("c", "t").amount("a")).unwrap();
    let early = plain.clone().with_as_of(plain.as_of() + 30);
    let slice = plain.between(None, plain.start()).unwrap();
    let empty = plain.between(Some(plain.as_of()), None).unwrap();
    for ledger in [plain, early, slice, empty] {
        ledger.save(&path).unwrap();
        assert_same(&ledger, &Ledger::open(&path).unwrap());
    }
}

#[test]
fn what_is_known_beside_the_lines_is_kept() {
    let (_folder, path) = place();
    let about = About { currency: Some("EUR".into()), how: "days first".into(), frames: "pandas".into() };
    let edition = built().save_with(&path, &about).unwrap();
    let saved = Saved::open(&path).unwrap();
    assert_eq!((saved.about, saved.edition), (about, edition));
}

#[test]
fn a_save_replaces_the_ledger_and_who_has_it_open_keeps_it() {
    let (_folder, path) = place();
    let first = built();
    first.save(&path).unwrap();
    let opened = Ledger::open(&path).unwrap();
    let second = first.between(None, first.start()).unwrap();
    second.save(&path).unwrap();
    assert_same(&opened, &first);
    assert_same(&Ledger::open(&path).unwrap(), &second);
    // An opened ledger can be saved over itself.
    Ledger::open(&path).unwrap().save(&path).unwrap();
    assert_same(&Ledger::open(&path).unwrap(), &second);
    assert_eq!(names(&path).len(), 3, "one edition, manifest and lock: {:?}", names(&path));
}

#[test]
fn writers_and_readers_at_once_do_no_harm() {
    let (_folder, path) = place();
    let ledgers = [built(), built().between(None, built().start()).unwrap()];
    ledgers[0].save(&path).unwrap();
    std::thread::scope(|scope| {
        for ledger in &ledgers {
            scope.spawn(|| (0..20).for_each(|_| ledger.save(&path).unwrap()));
            scope.spawn(|| {
                for _ in 0..50 {
                    let lines = Ledger::open(&path).unwrap().n_lines();
                    assert!(ledgers.iter().any(|ledger| ledger.n_lines() == lines));
                }
            });
        }
    });
    Saved::verify(&path).unwrap();
    assert_eq!(names(&path).len(), 3);
}

#[test]
fn what_a_crash_left_is_removed_by_the_next_save() {
    let (_folder, path) = place();
    built().save(&path).unwrap();
    let stump = path.join("edition-0000000000000000");
    fs::create_dir(&stump).unwrap();
    fs::write(stump.join("writing.lock"), "").unwrap();
    built().save(&path).unwrap();
    assert!(!stump.exists() && Ledger::open(&path).is_ok());
}

#[test]
fn a_save_that_is_stopped_leaves_what_was_there() {
    let (_folder, path) = place();
    let ledger = built();
    let stopped = || Budget::within(Duration::ZERO).run(|| ledger.save(&path)).is_err();
    assert!(stopped() && !path.exists());
    ledger.save(&path).unwrap();
    assert!(stopped());
    assert_eq!(names(&path).len(), 3);
    assert_same(&Ledger::open(&path).unwrap(), &ledger);
}

/// The message of an error, without the folder's name.
fn told<T: std::fmt::Debug>(result: Result<T, Error>, path: &Path) -> String {
    result.unwrap_err().to_string().replace(&path.display().to_string(), "shop.ledger")
}

#[test]
fn folders_that_are_no_ledger_are_refused() {
    let (folder, path) = place();
    insta::assert_snapshot!(told(Ledger::open(&path), &path), @"shop.ledger: there is no such folder; give the folder to which a ledger was saved");
    fs::create_dir(&path).unwrap();
    insta::assert_snapshot!(told(Ledger::open(&path), &path), @"shop.ledger: it is no saved ledger; give the folder to which a ledger was saved");
    fs::write(path.join("thesis.doc"), "").unwrap();
    insta::assert_snapshot!(told(built().save(&path), &path), @"shop.ledger: the folder holds other files and is no ledger; give another path: nothing was changed");
    assert_eq!(names(&path), ["thesis.doc"]);
    let file = path.join("thesis.doc");
    insta::assert_snapshot!(told(built().save(&file), &path), @"shop.ledger/thesis.doc: it is a file; give another path, or remove the file");
    let nowhere = folder.path().join("none").join("shop.ledger");
    insta::assert_snapshot!(told(built().save(&nowhere), &nowhere), @"shop.ledger: there is no folder to put it in; make the folder above it first");
}

fn saved() -> (TempDir, PathBuf) {
    let (folder, path) = place();
    built().save(&path).unwrap();
    (folder, path)
}

fn file_of(path: &Path, name: &str) -> PathBuf {
    let edition = names(path).into_iter().find(|name| name.starts_with("edition-")).unwrap();
    path.join(edition).join(name)
}

#[test]
fn a_newer_or_damaged_manifest_says_so() {
    let (_folder, path) = saved();
    let manifest = path.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"version\": 1", "\"version\": 2")).unwrap();
    insta::assert_snapshot!(told(Ledger::open(&path), &path), @"shop.ledger: a newer leverkit wrote this ledger (format 2; this one reads up to 1); upgrade leverkit, or build the ledger again with this version");
    fs::write(&manifest, text.replace("\"lines\": 6", "\"lines\": 5")).unwrap();
    insta::assert_snapshot!(told(Ledger::open(&path), &path), @"shop.ledger: the manifest is damaged (its check sum is another); take it from a backup, or build the ledger again");
    fs::write(&manifest, &text[..text.len() / 2]).unwrap();
    assert!(told(Ledger::open(&path), &path).starts_with("shop.ledger: the manifest is damaged (EOF while parsing"));
}

#[test]
fn every_file_that_is_missing_cut_or_changed_is_told() {
    let (_folder, path) = saved();
    let edition = file_of(&path, "");
    for name in names(&edition) {
        let file = edition.join(&name);
        let bytes = fs::read(&file).unwrap();
        let told = |damaged: &[u8]| {
            fs::write(&file, damaged).unwrap();
            told(Ledger::open(&path), &path)
        };
        assert!(told(&bytes[..bytes.len() - 8]).contains("the file is damaged: it "), "{name}");
        assert!(told(&[]).contains("damaged"), "{name}");
        for at in [0, 9, bytes.len() - 1, bytes.len() - 12, bytes.len() - 60] {
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            assert!(told(&changed).contains("the file is damaged"), "{name} at {at}");
        }
        fs::remove_file(&file).unwrap();
        let missing = Ledger::open(&path).unwrap_err().to_string();
        assert!(missing.contains(&format!("{name} is missing; take the ledger from a backup")), "{missing}");
        fs::write(&file, bytes).unwrap();
        Saved::verify(&path).unwrap();
    }
}

#[test]
fn values_that_were_changed_are_found_by_reading_all() {
    let (_folder, path) = saved();
    let file = file_of(&path, "amount.arrow");
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.windows(8).position(|eight| eight == 20.0_f64.to_le_bytes()).unwrap();
    bytes[at] ^= 1;
    fs::write(&file, bytes).unwrap();
    assert!(Ledger::open(&path).is_ok());
    assert!(told(Saved::verify(&path), &path).ends_with(
        "amount.arrow: the file is damaged: its check sum is another; take the ledger from a backup, or build it again"
    ));
}

#[test]
fn starts_that_do_not_rise_are_refused_at_once() {
    let (_folder, path) = saved();
    let file = file_of(&path, "customer_starts.arrow");
    let bytes = fs::read(&file).unwrap();
    let starts: Vec<u8> = built().offsets().iter().flat_map(|start| start.to_le_bytes()).collect();
    let at = bytes.windows(starts.len()).position(|window| window == starts).unwrap();
    let mut changed = bytes;
    changed[at + 4] = 0xff;
    fs::write(&file, changed).unwrap();
    assert!(told(Ledger::open(&path), &path).contains("its values don't rise"));
}

/// Rows that come to an order each, or to several of a customer's day.
fn rows() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec((0..6_u8, 0..9_u8, -30..90_i16, 0..12_u8, 0..5_u8), 1..60)
}

fn batch_of(rows: &[Line], with_ids: bool) -> RecordBatch {
    let each = |value: &dyn Fn(&Line) -> Option<String>| rows.iter().map(value).collect::<Vec<_>>();
    let mut table = Table::from(
        batch!(
            "client" => each(&|row| (row.0 > 0).then(|| format!("c{}", row.0))),
            "at" => each(&|row| (row.1 != 8).then(|| format!("2024-01-{:02}", row.1 + 1))),
            "paid" => rows.iter().map(|row| (row.2 != 0).then(|| f64::from(row.2) / 10.0)).collect::<Vec<_>>(),
            "sku" => each(&|row| (row.4 > 0).then(|| format!("p{}", row.4))),
            "off" => rows.iter().map(|row| -f64::from(row.4) / 10.0).collect::<Vec<_>>(),
            "store" => rows.iter().map(|row| i32::from(row.4 % 3)).collect::<Vec<_>>(),
        )
        .unwrap(),
    );
    if with_ids {
        table = table
            .with(leverkit_core::Column::new("receipt", each(&|row| (row.3 > 0).then(|| row.3.to_string()))))
            .unwrap();
    }
    table.to_batch().unwrap()
}

fn roles_of(with_ids: bool, returns: Returns) -> Roles {
    let roles = Roles::new("client", "at").amount("paid").product("sku").discount("loyalty", "off").dimension("store");
    let roles = roles.returns(returns).max_unreadable(1.0);
    if with_ids { roles.order("receipt") } else { roles }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))] // Each goes through the disk.

    /// Whatever the rows, with orders whole in one part, and through the disk.
    #[test]
    fn what_is_appended_is_what_would_be_built_of_all(rows in rows(), with_ids: bool, cut in 0..10_u8, how in 0..3_usize) {
        let returns = [Returns::Net, Returns::Drop, Returns::Keep][how];
        let is_early = |row: &&Line| if with_ids && row.3 > 0 { row.3 < cut } else { row.1 < cut };
        let early: Vec<_> = rows.iter().filter(is_early).copied().collect();
        let late: Vec<_> = rows.iter().filter(|row| !is_early(row)).copied().collect();
        let build = |rows: &[_]| Ledger::from_batches(&[batch_of(rows, with_ids)], &roles_of(with_ids, returns));
        let (Ok(first), Ok(second)) = (build(&early), build(&late)) else { return Ok(()) };
        let all: Vec<_> = early.into_iter().chain(late).collect();
        let (_folder, path) = place();
        first.save(&path).unwrap();
        let together = Ledger::open(&path).unwrap().append(&second, Repeated::Refuse).unwrap();
        assert_same(&together, &build(&all).unwrap());
    }
}

#[test]
fn orders_that_come_again_are_refused_or_replaced() {
    let first = built();
    let again = batch_at(&lines(), &[0, 3, 5]);
    let later = Ledger::from_batches(&[again], first.built_with()).unwrap();
    insta::assert_snapshot!(first.append(&later, Repeated::Refuse).unwrap_err(), @r#"2 orders of these lines are in the ledger already, such as "r1" of customer "ann": leave them out, or set duplicates="replace" to put the new lines in their place"#);
    let replaced = first.append(&later, Repeated::Replace).unwrap();
    assert_eq!(replaced.to_batch().unwrap(), first.to_batch().unwrap());
    assert_eq!(replaced.quality().rows, first.quality().rows);
    // All of it again, returns without a purchase too.
    assert_eq!(first.append(&first, Repeated::Replace).unwrap().to_batch().unwrap(), first.to_batch().unwrap());
}

fn batch_at(lines: &RecordBatch, rows: &[u32]) -> RecordBatch {
    let columns = Table::from(lines).columns().iter().map(|column| column.take(rows).unwrap()).collect();
    Table::new(columns).unwrap().to_batch().unwrap()
}

#[test]
fn a_day_to_look_back_from_moves_along_unless_it_was_set() {
    let rows = [(1, 0, 10, 1, 1), (2, 1, 10, 2, 1), (1, 5, 20, 3, 2)];
    let build = |rows: &[_]| Ledger::from_batches(&[batch_of(rows, true)], &roles_of(true, Returns::Net)).unwrap();
    let (first, later) = (build(&rows[..2]), build(&rows[2..]));
    assert_eq!(first.append(&later, Repeated::Refuse).unwrap().as_of(), later.as_of());
    let set = first.as_of() + 100;
    assert_eq!(first.with_as_of(set).append(&later, Repeated::Refuse).unwrap().as_of(), set);
}

#[test]
fn later_lines_have_the_roles_of_the_ledger() {
    let later = batch!("client" => ["ann"], "at" => ["2024-01-01"], "paid" => [1.0]).unwrap();
    let later = Ledger::from_batches(&[later], &Roles::new("client", "at").amount("paid")).unwrap();
    assert!(
        matches!(built().append(&later, Repeated::Refuse), Err(Error::Parameter { parameter, .. }) if parameter == "lines")
    );
}
