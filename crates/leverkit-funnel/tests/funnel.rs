//! The product funnel on random orders, against counts made the slow way, and on any number of threads.

#![allow(clippy::unwrap_used)] // A test may fail.

use std::collections::{BTreeMap, BTreeSet};

use leverkit_core::arrow_array::cast::AsArray;
use leverkit_core::arrow_array::types::Int32Type;
use leverkit_core::counts::Counting;
use leverkit_core::{Ledger, Roles, batch, format_day};
use leverkit_funnel::{
    EntryParams, Error, LadderBy, LadderCounts, LadderParams, NextParams, RoleParams, RuleParams, SequenceParams,
    Start, basket_rules, entry_products, ladder, next_products, roles, sequences,
};
use proptest::prelude::*;

/// Customer, day, product.
type Line = (u8, i32, u8);

fn ledger(lines: &[Line]) -> Ledger {
    let lines = batch!(
        "who" => lines.iter().map(|line| i32::from(line.0)).collect::<Vec<_>>(),
        "day" => lines.iter().map(|line| format_day(19_700 + line.1)).collect::<Vec<_>>(),
        "what" => lines.iter().map(|line| i32::from(line.2)).collect::<Vec<_>>(),
        "paid" => vec![10.0; lines.len()],
    )
    .unwrap();
    let roles = Roles { product: Some("what".into()), ..Roles::new("who", "day").amount("paid") };
    Ledger::from_batches(&[lines], &roles).unwrap()
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    proptest::collection::vec((0..30_u8, 0..120_i32, 0..8_u8), 1..250)
}

/// The products of each customer's days.
fn baskets(lines: &[Line]) -> BTreeMap<(u8, i32), BTreeSet<u8>> {
    let mut baskets: BTreeMap<(u8, i32), BTreeSet<u8>> = BTreeMap::new();
    for &(who, day, what) in lines {
        baskets.entry((who, day)).or_default().insert(what);
    }
    baskets
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_follows_first_orders_does_not_depend_on_what_later_ones_hold(mut lines in lines(), order in 1..3_u8, horizon in 1..130_u32) {
        // Somebody who buys everything, so that products have the same codes.
        lines.extend((0..8).map(|what| (30, 0, what)));
        let days: Vec<(u8, i32)> = baskets(&lines).into_keys().collect();
        let is_later = |line: &Line| days.iter().filter(|(who, day)| *who == line.0 && *day < line.1).count() > usize::from(order);
        let others: Vec<Line> = lines.iter().map(|line| if is_later(line) { (line.0, line.1, 7 - line.2) } else { *line }).collect();
        let params = NextParams { start: Start::First, order, horizon, ..NextParams::default() };
        let found = |lines: &[Line]| format!("{:?}", next_products(&ledger(lines), &params).unwrap());
        prop_assert_eq!(found(&lines), found(&others));
    }

    #[test]
    fn transitions_and_shares_are_those_of_a_walk_through_the_orders(lines in lines(), horizon in 1..130_u32) {
        let found = next_products(&ledger(&lines), &NextParams { horizon, ..NextParams::default() }).unwrap();
        let days: Vec<_> = baskets(&lines).into_iter().collect();
        let mut expected: BTreeMap<(u8, u8), u64> = BTreeMap::new();
        for pair in days.windows(2) {
            let (((who, day), before), ((next_who, next_day), after)) = (&pair[0], &pair[1]);
            if who == next_who && next_day - day <= horizon as i32 {
                before.iter().flat_map(|p| after.iter().map(move |q| (*p, *q))).for_each(|pair| *expected.entry(pair).or_default() += 1);
            }
        }
        let counted: u64 = found.transitions.iter().map(|row| row.count).sum::<u64>()
            + found.states.iter().map(|row| row.repeat_count).sum::<u64>();
        prop_assert_eq!(counted, expected.values().sum::<u64>());
        for (place, state) in found.states.iter().enumerate() {
            let own = &found.transitions[found.offsets[place]..found.offsets[place + 1]];
            let sum: f64 = own.iter().map(|row| row.probability.estimate).sum();
            prop_assert!((sum + state.nothing + state.repeat + state.unknown - 1.0).abs() < 1e-9);
            prop_assert!(own.iter().all(|row| row.probability.lower <= row.probability.estimate && row.median_days <= f64::from(horizon)));
        }
    }

    #[test]
    fn pairs_are_those_of_a_walk_through_the_orders(lines in lines()) {
        let found = basket_rules(&ledger(&lines), &RuleParams { fdr: 1.0, ..RuleParams::default() }).unwrap();
        let mut expected = 0;
        for products in baskets(&lines).values() {
            expected += products.len() * (products.len() - 1) / 2;
        }
        prop_assert_eq!(found.rules.iter().map(|rule| rule.count).sum::<u64>(), 2 * expected as u64);
        prop_assert!(found.rules.iter().all(|rule| (0.0..=1.0).contains(&rule.p_value) && rule.zhang.abs() <= 1.0 + 1e-12));
    }

    #[test]
    fn ladders_lose_nobody(lines in lines(), horizon in 1..200_u32) {
        let found = ladder(&ledger(&lines), &LadderParams { horizon, rungs: 20, ..LadderParams::default() }).unwrap();
        for pair in found.rungs.windows(2) {
            prop_assert_eq!(pair[0].returned, pair[1].customers);
        }
        for share in found.rungs.iter().filter_map(|rung| rung.conversion) {
            prop_assert!(0.0 <= share.lower && share.lower <= share.estimate && share.estimate <= share.upper && share.upper <= 1.0);
        }
    }

    #[test]
    fn ladders_counted_in_any_parts_are_the_whole_to_the_last_bit(lines in lines(), parts in 1..9_usize, rungs in 1..6_usize, is_grouped: bool) {
        let by = if is_grouped { LadderBy::EntryProduct } else { LadderBy::All };
        let (ledger, params) = (ledger(&lines), LadderParams { rungs, by, horizon: 30, ..LadderParams::default() });
        let counted = ledger.partition(parts).unwrap().into_iter().map(|part| LadderCounts::of(&part, &params).unwrap());
        let merged = counted.rev().reduce(LadderCounts::merge).unwrap();
        let (found, whole) = (merged.conclude(&ledger, &params), leverkit_funnel::ladder(&ledger, &params));
        prop_assert_eq!(format!("{found:?}"), format!("{whole:?}"));
    }
}

#[test]
fn every_analysis_is_the_same_on_any_number_of_threads() {
    let lines: Vec<Line> =
        (0..4000_u32).map(|i| ((i * 37 % 251) as u8, (i * 7919 % 360) as i32, (i * 104_729 % 23) as u8)).collect();
    let ledger = ledger(&lines);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let next = next_products(&ledger, &NextParams { order: 2, ..NextParams::default() }).unwrap();
            (
                format!("{:?}", ladder(&ledger, &LadderParams::default()).unwrap().rungs),
                format!("{:?}", entry_products(&ledger, &EntryParams::default()).unwrap().products),
                format!("{:?}", (&next.states, &next.transitions)),
                format!("{:?}", next.recommend(&ledger, None, 3, false).unwrap()),
                format!("{:?}", roles(&ledger, &RoleParams::default()).unwrap().products),
                format!(
                    "{:?}",
                    basket_rules(&ledger, &RuleParams { max_size: 3, ..RuleParams::default() }).unwrap().rules
                ),
                format!(
                    "{:?}",
                    sequences(&ledger, &SequenceParams { min_support: Some(0.3), max_length: 3, max_gap: Some(40) })
                        .unwrap()
                        .patterns
                ),
            )
        })
    };
    let one = run(1);
    assert!(one == run(2) && one == run(4));
}

#[test]
fn errors_say_what_would_do() {
    let ledger = ledger(&[(1, 0, 1)]);
    let error = next_products(&ledger, &NextParams { horizon: 0, ..NextParams::default() }).unwrap_err();
    insta::assert_snapshot!(error, @"horizon: got 0; expected 1 to 36,500 days");
    let lines = batch!("who" => [1], "day" => ["2024-01-01"], "paid" => [1.0]).unwrap();
    let bare = Ledger::from_batches(&[lines], &Roles::new("who", "day").amount("paid")).unwrap();
    let error = basket_rules(&bare, &RuleParams::default()).unwrap_err();
    assert!(
        matches!(error, Error::Core(leverkit_core::Error::Parameter { ref parameter, .. }) if parameter == "ledger"),
        "{error}"
    );
}

#[test]
fn tables_tell_products_by_their_ids_and_sequences_in_order_of_time() {
    let lines: Vec<Line> = (0..10).flat_map(|who| [(who, 0, 7), (who, 5, 3)]).collect();
    let params = SequenceParams { min_support: Some(0.5), max_length: 2, max_gap: None };
    let found = sequences(&ledger(&lines), &params).unwrap();
    let batch = found.to_batch().unwrap();
    let longest = found.patterns.iter().position(|pattern| pattern.products.len() == 2).unwrap();
    let products = batch.column_by_name("products").unwrap().as_list::<i64>().value(longest);
    assert_eq!(products.as_primitive::<Int32Type>().values()[..], [7, 3]);
    let none =
        sequences(&ledger(&[(1, 0, 1), (2, 0, 2)]), &SequenceParams { min_support: Some(1.0), ..params }).unwrap();
    assert_eq!(none.to_batch().unwrap().num_rows(), 0);
}
