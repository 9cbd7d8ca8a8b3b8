//! What tests of saved ledgers share: a place for one, and what it means that two ledgers are the same.

use std::fs;
use std::path::{Path, PathBuf};

use leverkit_core::Ledger;
use tempfile::TempDir;

pub(crate) fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.ledger");
    (folder, path)
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Every column and everything that is said of two ledgers is the same, to the last bit.
pub(crate) fn assert_same(a: &Ledger, b: &Ledger) {
    assert_same_lines(a, b);
    assert_eq!(a.quality(), b.quality());
    assert_eq!(a.quality_batch().unwrap(), b.quality_batch().unwrap());
    assert_eq!(a.notes_batch().unwrap(), b.notes_batch().unwrap());
    assert_eq!(a.rejected_batch().unwrap(), b.rejected_batch().unwrap());
}

/// Every column of two ledgers is the same.
pub(crate) fn assert_same_lines(a: &Ledger, b: &Ledger) {
    let bits = |numbers: Option<&[f64]>| numbers.map(|all| all.iter().map(|one| one.to_bits()).collect::<Vec<_>>());
    assert_eq!(a.roles(), b.roles());
    assert_eq!(a.built_with(), b.built_with());
    assert_eq!(a.customers().values().texts(), b.customers().values().texts());
    assert_eq!((a.offsets(), a.days(), a.micros()), (b.offsets(), b.days(), b.micros()));
    assert_eq!((a.orders(), a.order_offsets(), a.order_days()), (b.orders(), b.order_offsets(), b.order_days()));
    assert_eq!(bits(Some(a.amounts())), bits(Some(b.amounts())));
    assert_eq!(bits(a.quantities()), bits(b.quantities()));
    assert_eq!(bits(a.list_prices()), bits(b.list_prices()));
    assert_eq!(bits(a.unit_costs()), bits(b.unit_costs()));
    assert_eq!(a.deductions(), b.deductions());
    assert_eq!((a.start(), a.end(), a.as_of()), (b.start(), b.end(), b.as_of()));
    for (a, b) in a.discounts().iter().zip(b.discounts()) {
        assert_eq!((&a.name, bits(Some(&a.values))), (&b.name, bits(Some(&b.values))));
    }
    let codes = a.products().zip(b.products()).into_iter();
    let dimensions = a.dimensions().iter().zip(b.dimensions());
    for (a, b) in codes.chain(dimensions.map(|(a, b)| (&a.values, &b.values))) {
        assert_eq!(a.codes.as_slice(), b.codes.as_slice());
        assert_eq!(a.dictionary.values().texts(), b.dictionary.values().texts());
        assert_eq!(a.dictionary.values().data_type(), b.dictionary.values().data_type());
    }
    assert_eq!(a.to_batch().unwrap(), b.to_batch().unwrap());
}
