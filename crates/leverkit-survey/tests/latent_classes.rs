//! Latent classes against published values.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::{Column, Table, batch};
use leverkit_survey::{NeedsParams, NeedsProfile, needs};

/// Stouffer & Toby (1951): 216 people, four situations; counts as in Goodman (1974).
const COUNTS: [u32; 16] = [42, 23, 6, 25, 6, 24, 7, 38, 1, 4, 1, 6, 2, 9, 2, 20];

fn stouffer_toby() -> Table {
    let rows: Vec<u32> = (0..16).flat_map(|pattern| (0..COUNTS[pattern as usize]).map(move |_| pattern)).collect();
    let item = |at: u32| rows.iter().map(|pattern| pattern >> (3 - at) & 1 == 1).collect::<Vec<_>>();
    batch!("a" => item(0), "b" => item(1), "c" => item(2), "d" => item(3)).unwrap().into()
}

fn close(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() < within, "{found} is not {expected}");
}

#[test]
fn stouffer_and_toby_have_the_classes_of_goodman() {
    let params = NeedsParams { k: vec![1, 2], ..NeedsParams::new(&["a", "b", "c", "d"]) };
    let found = needs(&stouffer_toby(), &params).unwrap();
    for (fit, (log_likelihood, g_squared, df, bic)) in
        found.fits.iter().zip([(-543.649825, 81.0842, 11.0, 1108.8008), (-504.467670, 2.7199, 6.0, 1057.3128)])
    {
        close(fit.log_likelihood, log_likelihood, 1e-6);
        close(fit.g_squared.unwrap(), g_squared, 1e-4);
        assert_eq!(fit.df, Some(df));
        close(fit.bic, bic, 1e-4);
    }
    let found = needs(&stouffer_toby(), &NeedsParams { k: vec![2], ..params }).unwrap();
    close(found.segments[0].size.estimate, 0.720754, 1e-5);
}

#[test]
fn three_classes_gain_next_to_nothing() {
    let params = NeedsParams { k: vec![3], starts: 50, ..NeedsParams::new(&["a", "b", "c", "d"]) };
    let found = needs(&stouffer_toby(), &params).unwrap();
    close(found.fits[0].log_likelihood, -503.301137, 1e-4);
    close(found.fits[0].g_squared.unwrap(), 0.3869, 2e-4);
    close(found.fits[0].bic, 1081.8562, 1e-3);
}

#[test]
fn more_classes_than_patterns_tell_apart_are_refused() {
    let params = NeedsParams { k: vec![4], ..NeedsParams::new(&["a", "b", "c", "d"]) };
    let said = needs(&stouffer_toby(), &params).unwrap_err().to_string();
    assert!(said.contains("4 segments leave -4 degrees of freedom"), "{said}");
}

/// Two kinds of respondents who disagree on everything, and one who says half of what each says: the chance of all those answers is no number of a computer.
#[test]
fn answers_of_no_kind_to_many_items_have_a_likelihood() {
    const ITEMS: usize = 500;
    const PEOPLE: usize = 61;
    let says = |who: usize, item: usize| if who == 0 { item.is_multiple_of(2) } else { who.is_multiple_of(2) };
    let column =
        |item: usize| Column::new(&format!("q{item}"), (0..PEOPLE).map(|who| says(who, item)).collect::<Vec<_>>());
    let table = Table::new((0..ITEMS).map(column).collect()).unwrap();
    let names: Vec<String> = (0..ITEMS).map(|item| format!("q{item}")).collect();
    let items: Vec<&str> = names.iter().map(String::as_str).collect();
    let found = needs(&table, &NeedsParams { k: vec![2], refits: 10, ..NeedsParams::new(&items) }).unwrap();
    let log = |segment: usize, who: usize| {
        let is_own = |row: &&NeedsProfile| {
            let item: usize = row.item[1..].parse().unwrap();
            row.segment == segment + 1 && row.level.as_deref() == Some(if says(who, item) { "true" } else { "false" })
        };
        let of_items: f64 = found.profile.iter().filter(is_own).map(|row| row.value.estimate.ln()).sum();
        of_items + found.segments[segment].size.estimate.ln()
    };
    let of = |who: usize| {
        let (one, other) = (log(0, who), log(1, who));
        one.max(other) + (-(one - other).abs()).exp().ln_1p()
    };
    close(found.fits[0].log_likelihood, (0..PEOPLE).map(of).sum(), 1e-6);
    assert!(log(0, 0).max(log(1, 0)) < -750.0, "{} and {}", log(0, 0), log(1, 0));
}

/// Respondents of one kind, whose answers differ by chance alone.
fn of_one_kind(seed: u64) -> Table {
    use rand::{RngExt, SeedableRng};
    let mut random = rand_pcg::Pcg64::seed_from_u64(seed);
    let mut item = |chance: f64| (0..300).map(|_| random.random::<f64>() < chance).collect::<Vec<_>>();
    batch!("a" => item(0.2), "b" => item(0.3), "c" => item(0.5), "d" => item(0.6), "e" => item(0.7), "f" => item(0.8))
        .unwrap()
        .into()
}

#[test]
#[ignore = "minutes: make long"]
fn a_single_kind_of_respondents_is_found_as_one() {
    let items = ["a", "b", "c", "d", "e", "f"];
    let params = NeedsParams { k: vec![1, 2, 3], simulations: Some(19), ..NeedsParams::new(&items) };
    let found = (0..100).filter(|seed| needs(&of_one_kind(*seed), &params).unwrap().segments.len() == 1).count();
    assert!(found >= 90, "{found} of 100");
}
