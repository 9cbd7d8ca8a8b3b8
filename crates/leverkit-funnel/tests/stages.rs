//! The stage funnel on golden values of `ClickHouse`'s published tests, and against a search that tries every chain.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::arrow_array::TimestampMicrosecondArray;
use leverkit_core::columns::numbers;
use leverkit_core::{Table, batch};
use leverkit_funnel::{
    EventColumns, EventLog, Exclusion, Mode, StageFunnel, StageParams, StageRule, Ties, Touch, WindowFrom, stages,
};
use proptest::prelude::*;

type Event = (u32, i64, &'static str);

/// Events given as entity, second and name.
fn log(events: &[Event]) -> EventLog {
    let micros: Vec<i64> = events.iter().map(|event| event.1 * 1_000_000).collect();
    let batch = batch!(
        "who" => events.iter().map(|event| event.0).collect::<Vec<_>>(),
        "what" => events.iter().map(|event| event.2).collect::<Vec<_>>(),
        "at" => TimestampMicrosecondArray::from(micros),
    )
    .unwrap();
    EventLog::from_batches(&[batch], &EventColumns::new("who", "at", "what")).unwrap()
}

fn asked(names: &[&str], seconds: i64) -> StageParams {
    StageParams {
        stages: names.iter().map(|name| StageRule::event(name)).collect(),
        window: Some(seconds * 1_000_000),
        ..StageParams::default()
    }
}

fn run(log: &EventLog, params: &StageParams) -> StageFunnel {
    stages(log, params).unwrap()
}

fn reached(log: &EventLog, params: &StageParams) -> Vec<u64> {
    run(log, params).rows.iter().map(|row| row.reached).collect()
}

/// How far each entity came: 0 where it is at no stage.
fn levels(log: &EventLog, params: &StageParams, entities: u32) -> Vec<usize> {
    let funnel = run(log, params);
    let mut levels = vec![0; entities as usize];
    for (place, row) in funnel.rows.iter().enumerate() {
        let dropped = Table::from(funnel.dropped_batch(&row.stage).unwrap());
        for who in numbers(dropped.column("who").unwrap(), "who").unwrap() {
            levels[who as usize] = place + 1;
        }
    }
    levels
}

// Published stateless tests of ClickHouse, 00632_aggregation_window_funnel.sql --------------------------------------------

#[test]
fn the_window_counts_both_ends() {
    let events: Vec<Event> = ["1000", "1001", "1002", "1003", "1004", "1005", "1006", "1007", "1008"]
        .iter()
        .zip(0..)
        .map(|(name, t)| (0, t, *name))
        .collect();
    let log = log(&events);
    let chain = ["1003", "1004", "1005", "1006", "1007"];
    for (window, level) in [(2, 3), (3, 4), (4, 5)] {
        assert_eq!(levels(&log, &asked(&chain, window), 1), [level]);
    }
    assert_eq!(levels(&log, &asked(&["1001", "1008"], 10000), 1), [2]);
    assert_eq!(levels(&log, &asked(&["1008", "1001"], 10000), 1), [1]);
}

#[test]
fn modes_end_the_search_as_published() {
    let users: [&[&str]; 7] = [
        &["a", "b", "c"],
        &["a", "d", "b", "c"],
        &["a", "a", "b", "b", "c", "c"],
        &["a", "a", "a", "a", "b", "b", "c", "c"],
        &["a", "a", "b", "b", "d", "c", "c"],
        &["c", "c", "b", "b", "a", "a"],
        &["a", "c", "b"],
    ];
    let leak = |name: &&str| -> &'static str { ["a", "b", "c", "d"].into_iter().find(|known| known == name).unwrap() };
    let events: Vec<Event> = users
        .iter()
        .zip(0..)
        .flat_map(|(names, user)| names.iter().zip(1..).map(move |(name, t)| (user, t, leak(name))))
        .collect();
    let log = log(&events);
    let in_modes =
        |modes: &[Mode]| levels(&log, &StageParams { modes: modes.to_vec(), ..asked(&["a", "b", "c"], 86400) }, 7);
    assert_eq!(in_modes(&[]), [3, 3, 3, 3, 3, 1, 2]);
    assert_eq!(in_modes(&[Mode::StrictOrder]), [3, 1, 3, 3, 2, 1, 1]);
    assert_eq!(in_modes(&[Mode::StrictDeduplication, Mode::StrictOrder]), [3, 1, 2, 2, 2, 1, 1]);
    assert_eq!(in_modes(&[Mode::StrictOrder, Mode::AllowReentry])[6], 2, "c before its turn is passed over");
}

#[test]
fn strict_increase_wants_later_times() {
    let log = log(&[(0, 0, "1000"), (0, 1, "1001"), (0, 1, "1002"), (0, 1, "1003"), (0, 2, "1004")]);
    let chain = ["1000", "1001", "1002", "1003", "1004"];
    let lenient = StageParams { ties: Ties::Lenient, ..asked(&chain, 10000) };
    assert_eq!(levels(&log, &lenient, 1), [5]);
    assert_eq!(levels(&log, &StageParams { modes: vec![Mode::StrictIncrease], ..lenient.clone() }, 1), [2]);
    let thrice = StageParams { ties: Ties::Lenient, ..asked(&["1004", "1004", "1004"], 10000) };
    assert_eq!(levels(&log, &thrice, 1), [3], "one event may be three stages");
    assert_eq!(levels(&log, &StageParams { modes: vec![Mode::StrictOnce], ..thrice }, 1), [1]);
}

// Rules beyond ClickHouse -------------------------------------------------------------------------------------------------

#[test]
fn the_first_touch_alone_may_begin() {
    let log = log(&[(0, 0, "a"), (0, 50, "a"), (0, 55, "b")]);
    assert_eq!(reached(&log, &asked(&["a", "b"], 10)), [1, 1]);
    assert_eq!(reached(&log, &StageParams { touch: Touch::First, ..asked(&["a", "b"], 10) }), [1, 0]);
}

#[test]
fn a_window_between_neighbours_begins_anew_at_each_stage() {
    let log = log(&[(0, 0, "a"), (0, 8, "b"), (0, 16, "c")]);
    assert_eq!(reached(&log, &asked(&["a", "b", "c"], 10)), [1, 1, 0]);
    let neighbours = StageParams { window_from: WindowFrom::Previous, ..asked(&["a", "b", "c"], 10) };
    assert_eq!(reached(&log, &neighbours), [1, 1, 1]);
}

#[test]
fn an_optional_stage_may_be_left_out() {
    let log = log(&[(0, 0, "a"), (0, 1, "b"), (0, 2, "c"), (1, 0, "a"), (1, 2, "c"), (2, 0, "a"), (2, 1, "b")]);
    let params = StageParams { optional: vec!["b".into()], ..asked(&["a", "b", "c"], 10) };
    let funnel = run(&log, &params);
    assert_eq!(funnel.rows.iter().map(|row| row.reached).collect::<Vec<_>>(), [3, 2, 2]);
    assert_eq!(
        funnel.rows[2].from_previous.map(|share| share.estimate),
        Some(2.0 / 3.0),
        "of those at the last stage that had to be"
    );
    assert_eq!(funnel.rows.iter().map(|row| row.dropped).collect::<Vec<_>>(), [0, 1, 0]);
}

#[test]
fn an_exclusion_breaks_a_chain_between_its_stages_alone() {
    let log = log(&[
        (0, 0, "a"),
        (0, 1, "x"),
        (0, 2, "b"),
        (0, 3, "c"),
        (1, 0, "a"),
        (1, 1, "b"),
        (1, 2, "x"),
        (1, 3, "c"),
        (2, 0, "a"),
        (2, 1, "x"),
        (2, 2, "a"),
        (2, 3, "b"),
        (2, 4, "c"),
        (3, 0, "x"),
        (3, 1, "a"),
        (3, 2, "b"),
        (3, 3, "c"),
        (3, 4, "x"),
    ]);
    let between = |after: &str, before: &str| Exclusion {
        rule: StageRule::event("x"),
        after: Some(after.into()),
        before: Some(before.into()),
    };
    let counts =
        |exclusion| levels(&log, &StageParams { exclusions: vec![exclusion], ..asked(&["a", "b", "c"], 10) }, 4);
    assert_eq!(counts(between("a", "b")), [1, 3, 3, 3]);
    assert_eq!(counts(between("b", "c")), [3, 2, 3, 3]);
    assert_eq!(counts(between("a", "c")), [1, 2, 3, 3]);
}

#[test]
fn any_order_counts_different_stages_within_a_window() {
    let log = log(&[(0, 5, "a"), (0, 3, "b"), (0, 0, "c"), (1, 0, "a"), (1, 20, "b"), (1, 21, "c"), (1, 22, "b")]);
    let params = StageParams { modes: vec![Mode::Unordered], ..asked(&["a", "b", "c"], 10) };
    let funnel = run(&log, &params);
    assert_eq!(funnel.rows.iter().map(|row| row.reached).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(funnel.rows[2].stage, "3 of 3");
}

#[test]
fn many_events_of_one_moment_and_several_stages_are_no_burden() {
    let events: Vec<Event> = (0..400).map(|row| (0, 0, if row % 2 == 0 { "a" } else { "b" })).collect();
    let both =
        |name: &str| StageRule { name: name.into(), events: vec!["a".into(), "b".into()], conditions: Vec::new() };
    let stages = (0..8).map(|place| both(&format!("s{place}"))).collect();
    let params = StageParams { stages, modes: vec![Mode::StrictOnce], ties: Ties::Lenient, ..StageParams::default() };
    assert_eq!(levels(&log(&events), &params, 1), [8]);
}

// Properties --------------------------------------------------------------------------------------------------------------

const NAMES: [&str; 4] = ["a", "b", "c", "x"];

fn events() -> impl Strategy<Value = Vec<Event>> {
    prop::collection::vec((0..3_u32, 0..8_i64, (0..4_usize).prop_map(|name| NAMES[name])), 1..40).prop_map(
        |mut events| {
            // Every name is there, so that none is unknown; far away from everything else.
            events.extend(NAMES.iter().zip(0..).map(|(name, t)| (9, 1_000 * t, *name)));
            events
        },
    )
}

/// The furthest stage of an entity by trying every chain of events, in time and, within a moment, under the rule for ties.
fn brute(events: &[Event], entity: u32, window: i64, ties: Ties, excluded: bool) -> usize {
    let mut own: Vec<&Event> = events.iter().filter(|event| event.0 == entity).collect();
    own.sort_by_key(|event| event.1);
    let place = |event: &Event| NAMES[..3].iter().position(|name| *name == event.2);
    let may_follow = |a: usize, b: usize| match ties {
        Ties::Input => b > a,
        Ties::Lenient => own[b].1 >= own[a].1,
        Ties::Strict => own[b].1 > own[a].1,
    };
    let is_broken = |a: usize, b: usize| {
        excluded
            && (0..own.len()).any(|x| {
                own[x].2 == "x"
                    && match ties {
                        Ties::Input => x > a && x < b,
                        Ties::Lenient => own[x].1 > own[a].1 && own[x].1 < own[b].1,
                        Ties::Strict => own[x].1 >= own[a].1 && own[x].1 <= own[b].1,
                    }
            })
    };
    let mut best = 0;
    for a in (0..own.len()).filter(|a| place(own[*a]) == Some(0)) {
        best = best.max(1);
        let within = |b: usize| own[b].1 <= own[a].1 + window;
        for b in
            (0..own.len()).filter(|b| place(own[*b]) == Some(1) && may_follow(a, *b) && within(*b) && !is_broken(a, *b))
        {
            best = best.max(2);
            let third = |c: &usize| place(own[*c]) == Some(2) && may_follow(b, *c) && within(*c) && !is_broken(b, *c);
            if (0..own.len()).any(|c| third(&c)) {
                best = 3;
            }
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_search_finds_what_trying_every_chain_finds(events in events(), window in 1..9_i64, excluded: bool) {
        let log = log(&events);
        for ties in [Ties::Input, Ties::Lenient, Ties::Strict] {
            let exclusion = Exclusion { rule: StageRule::event("x"), after: None, before: None };
            let exclusions = if excluded { vec![exclusion] } else { Vec::new() };
            let params = StageParams { ties, exclusions, ..asked(&["a", "b", "c"], window) };
            let levels = levels(&log, &params, 10);
            for entity in 0..3 {
                prop_assert_eq!(levels[entity as usize], brute(&events, entity, window, ties, excluded), "{:?} {}", ties, entity);
            }
        }
    }

    #[test]
    fn strict_and_lenient_are_the_limits_of_any_order_within_moments(events in events(), window in 1..9_i64) {
        let log = log(&events);
        let funnel = run(&log, &asked(&["a", "b", "c"], window));
        let under = |ties| reached(&log, &StageParams { ties, ..asked(&["a", "b", "c"], window) });
        let (strict, lenient) = (under(Ties::Strict), under(Ties::Lenient));
        for (stage, row) in funnel.rows.iter().enumerate() {
            prop_assert!(strict[stage] <= row.reached && row.reached <= lenient[stage]);
            prop_assert_eq!(row.ties, (strict[stage], lenient[stage]));
        }
        let audit = funnel.audit().unwrap();
        prop_assert_eq!(&audit.rows[0].reached, &funnel.rows.iter().map(|row| row.reached).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_held_constant_is_a_funnel_of_each_value(events in events(), window in 1..9_i64) {
        // The entity itself as the value that is held: nothing changes.
        let micros: Vec<i64> = events.iter().map(|event| event.1 * 1_000_000).collect();
        let batch = batch!(
            "who" => events.iter().map(|event| event.0 / 2).collect::<Vec<_>>(),
            "contract" => events.iter().map(|event| event.0).collect::<Vec<_>>(),
            "what" => events.iter().map(|event| event.2).collect::<Vec<_>>(),
            "at" => TimestampMicrosecondArray::from(micros),
        ).unwrap();
        let columns = EventColumns { properties: vec!["contract".into()], ..EventColumns::new("who", "at", "what") };
        let held = EventLog::from_batches(&[batch], &columns).unwrap();
        let params = StageParams { hold: Some("contract".into()), ..asked(&["a", "b", "c"], window) };
        let of_pairs = levels(&held, &params, 10);
        let single = levels(&log(&events), &asked(&["a", "b", "c"], window), 10);
        for who in 0..2 {
            prop_assert_eq!(of_pairs[who], single[2 * who].max(single[2 * who + 1]));
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_to_the_last_bit() {
    let draw = |i: u64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    let n = 200_000_u64;
    let micros: Vec<i64> = (0..n).map(|i| (draw(i + 7) % 2_000) as i64 * 1_000_000).collect();
    let batch = batch!(
        "who" => (0..n).map(|i| draw(i) % 9_000).collect::<Vec<_>>(),
        "what" => (0..n).map(|i| NAMES[(draw(i + 3) % 4) as usize]).collect::<Vec<_>>(),
        "paid" => (0..n).map(|i| draw(i + 5) as f64 / 7.0).collect::<Vec<_>>(),
        "at" => TimestampMicrosecondArray::from(micros),
    )
    .unwrap();
    let columns = EventColumns { value: Some("paid".into()), ..EventColumns::new("who", "at", "what") };
    let of_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let funnel = run(
                &EventLog::from_batches(std::slice::from_ref(&batch), &columns).unwrap(),
                &asked(&["a", "b", "c"], 100),
            );
            let rows: Vec<_> = funnel
                .rows
                .iter()
                .map(|row| (row.reached, row.ties, row.value.map(f64::to_bits), row.median_time.map(f64::to_bits)))
                .collect();
            (rows, funnel.dropped_batch("a").unwrap())
        })
    };
    let one = of_threads(1);
    for threads in [2, 4] {
        assert_eq!(one, of_threads(threads));
    }
}

#[test]
fn an_entity_column_with_the_name_of_another_is_refused() {
    let batch = batch!("stage" => [1, 1], "at" => ["2024-01-01"; 2], "what" => ["a", "b"]).unwrap();
    let log = EventLog::from_batches(&[batch], &EventColumns::new("stage", "at", "what")).unwrap();
    let error = run(&log, &asked(&["a", "b"], 1)).dropped_batch("a").unwrap_err();
    insta::assert_snapshot!(error, @r#"entity: two columns are called "stage"; rename one of them"#);
}
