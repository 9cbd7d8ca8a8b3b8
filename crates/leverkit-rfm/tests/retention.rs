//! Limit day, norms, triggers, migration and cohorts: what must hold whatever the data, and simulations whose truth is known.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::counts::Counting;
use leverkit_core::frames::each;
use leverkit_core::{Day, Ledger, Period, Roles, Step, Tables, batch};
use leverkit_rfm::{
    CohortCounts, CohortParams, LimitDayBy, LimitDayParams, MigrationParams, NormParams, ScoreParams, TriggerParams,
    cohorts, limit_day, migration, norms, score, triggers,
};
use proptest::prelude::*;

const START: Day = Day::since_epoch(19_000);

/// Random numbers from a seed: splitmix64.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Days until the next order, geometric with the chance `rate` each day.
    fn gap(&mut self, rate: f64) -> i32 {
        1 + (self.uniform().max(1e-300).ln() / (1.0 - rate).ln()) as i32
    }
}

type Line = (i64, Day, f64);

fn ledger_of(lines: &[Line]) -> Ledger {
    let batch = batch!(
        "c" => each(lines, |line| line.0),
        "t" => each(lines, |line| line.1),
        "a" => each(lines, |line| line.2),
    )
    .unwrap();
    Ledger::from_batches(&[batch], &Roles::new("c", "t").amount("a")).unwrap()
}

/// Customers who come at `rate` a day, over `days`, and leave for good after an order with the chance `churn`.
fn customers(n: i64, days: i32, rate: f64, churn: f64, seed: u64) -> Vec<Line> {
    let mut random = Random(seed);
    let mut lines = Vec::new();
    for customer in 0..n {
        let mut day = (random.uniform() * f64::from(days)) as i32;
        while day < days {
            lines.push((customer, START + day, 10.0 + (customer % 7) as f64));
            if random.uniform() < churn {
                break;
            }
            day += random.gap(rate);
        }
    }
    lines
}

/// The chance of return within the horizon after so many silent days, in `customers`.
fn true_chance(silent: i32, horizon: i32, rate: f64, churn: f64) -> f64 {
    let still = |days: i32| (1.0 - rate).powi(days);
    (1.0 - churn) * (still(silent) - still(silent + horizon)) / ((1.0 - churn) * still(silent) + churn)
}

#[test]
fn the_true_limit_day_lies_within_the_interval() {
    let (rate, churn, horizon, p) = (0.03, 0.25, 120, 0.10);
    let truth = (0..900).find(|&day| true_chance(day, horizon, rate, churn) < p).unwrap() as u32;
    let params = LimitDayParams { p, horizon: horizon as u32, ..LimitDayParams::default() };
    let hits = (0..200)
        .filter(|&run| {
            let found = limit_day(&ledger_of(&customers(400, 900, rate, churn, 1000 + run)), &params).unwrap();
            let group = &found.groups[0];
            group.lower.is_some_and(|lower| lower <= truth) && group.upper.is_none_or(|upper| upper >= truth)
        })
        .count();
    assert!(
        (180..=198).contains(&hits),
        "the true limit day, {truth}, lay within the 95 % interval in {hits} of 200 runs"
    );
}

#[test]
fn a_limit_day_that_cannot_be_seen_is_none_with_a_reason() {
    let lines = customers(200, 100, 0.02, 0.0, 5);
    let found = limit_day(&ledger_of(&lines), &LimitDayParams::default()).unwrap();
    assert_eq!(found.groups[0].limit_day, None);
    assert!(
        found.groups[0].reason.as_ref().unwrap().contains("never falls under 10 %"),
        "{:?}",
        found.groups[0].reason
    );
    assert!(found.notes[0].contains("too few to see whether customers return within 365"), "{:?}", found.notes);
}

#[test]
fn slow_customers_have_more_time() {
    let mut lines = customers(300, 700, 0.10, 0.1, 7);
    lines.extend(customers(300, 700, 0.02, 0.1, 8).into_iter().map(|(c, day, amount)| (c + 1000, day, amount)));
    let params = LimitDayParams { horizon: 200, ..LimitDayParams::default() };
    let found = limit_day(&ledger_of(&lines), &params).unwrap();
    let mean = |slow: bool| {
        let days: Vec<f64> = found
            .customers
            .iter()
            .filter(|customer| (customer.customer >= 300) == slow && customer.gaps > 3)
            .filter_map(|customer| customer.limit_day.map(f64::from))
            .collect();
        days.iter().sum::<f64>() / days.len() as f64
    };
    assert!(mean(true) > 2.0 * mean(false), "{} days are not twice {}", mean(true), mean(false));
}

#[test]
fn segments_are_those_of_a_horizon_ago() {
    let lines = customers(400, 800, 0.03, 0.2, 11);
    let params = LimitDayParams { horizon: 100, by: LimitDayBy::Segment, ..LimitDayParams::default() };
    let found = limit_day(&ledger_of(&lines), &params).unwrap();
    let named = |name: &str| found.groups.iter().find(|group| group.group.as_deref() == Some(name)).unwrap();
    // Those long silent at the landmark come under observation late: nobody is at risk of a return on day 0 but after a new order.
    assert!(named("Lost").curve.at_risk[0] < named("Lost").n as f64);
    assert!(found.notes.iter().any(|note| note.contains("Segments are those of")), "{:?}", found.notes);
}

/// Two ledgers that agree up to `cut` and differ after it.
fn with_another_future(lines: &[Line], cut: Day) -> (Ledger, Ledger) {
    let mut other: Vec<Line> = lines.iter().copied().filter(|line| line.1 <= cut).collect();
    other.extend(lines.iter().filter(|line| line.1 > cut).map(|line| (line.0 + 50, line.1 + 13, 3.0 * line.2)));
    (ledger_of(lines), ledger_of(&other))
}

#[test]
fn norms_and_triggers_know_nothing_of_the_future() {
    let lines = customers(500, 900, 0.03, 0.2, 21);
    let cut = START + 600;
    let (one, other) = with_another_future(&lines, cut);
    let table = |ledger: &Ledger| {
        let params = NormParams { as_of: Some(cut), ..NormParams::default() };
        norms(ledger, &params).unwrap().to_batch().unwrap()
    };
    assert_eq!(table(&one), table(&other));
    let list = |ledger: &Ledger| {
        let params =
            TriggerParams { start: Some(cut + 1), end: Some(cut + 30), horizon: 200, ..TriggerParams::default() };
        triggers(ledger, &params).unwrap().to_batch().unwrap()
    };
    assert!(list(&one).num_rows() > 0);
    assert_eq!(list(&one), list(&other));
}

#[test]
fn a_planted_norm_is_found() {
    // Customers with a check of at least 50 stay, the others leave after an order in two cases of three.
    let mut lines = Vec::new();
    let mut random = Random(3);
    for customer in 0..1500 {
        let check = 20.0 + 60.0 * random.uniform();
        let churn = if check >= 50.0 { 0.02 } else { 0.66 };
        let mut day = (random.uniform() * 500.0) as i32;
        while day < 800 {
            lines.push((customer, START + day, check));
            if random.uniform() < churn {
                break;
            }
            day += random.gap(0.03);
        }
    }
    let found = norms(&ledger_of(&lines), &NormParams::default()).unwrap();
    let check = &found.norms[2];
    assert_eq!(check.measure, "average_check");
    let norm = check.norm.unwrap();
    assert!((norm.estimate - 50.0).abs() < 2.0, "{norm:?}");
    assert!(norm.lower <= 50.5 && norm.upper >= 49.5, "{norm:?}");
    assert!(check.lift.unwrap().lower > 1.2, "{:?}", check.lift);
}

#[test]
fn a_measure_that_tells_nothing_has_no_norm() {
    let mut random = Random(9);
    let lines: Vec<Line> = customers(600, 900, 0.02, 0.1, 31)
        .into_iter()
        .map(|(customer, day, _)| (customer, day, 10.0 + 90.0 * random.uniform()))
        .collect();
    let found = norms(&ledger_of(&lines), &NormParams::default()).unwrap();
    let check = &found.norms[2];
    assert_eq!(check.norm, None, "{check:?}");
    assert!(check.reason.as_ref().unwrap().contains("did not return more often"), "{:?}", check.reason);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn margins_of_migration_are_the_scores_of_each_date(seed in 0_u64..1000, bins in 2_u8..6) {
        let ledger = ledger_of(&customers(60, 200, 0.05, 0.1, seed));
        let params = MigrationParams { dates: None, every: Step::parse("every", "1mo").unwrap(), bins: [bins; 3] };
        let found = migration(&ledger, &params).unwrap();
        for pair in found.dates.windows(2) {
            let scores = score(&ledger, &ScoreParams { as_of: Some(pair[1]), bins: [bins; 3], ..ScoreParams::default() }).unwrap();
            for (position, row) in scores.segment_rows().iter().enumerate() {
                let flows = found.flows.iter().filter(|flow| flow.to_date == pair[1] && usize::from(flow.to_segment) == position);
                prop_assert_eq!(flows.map(|flow| flow.customers).sum::<u64>(), row.customers);
            }
            let scores = score(&ledger, &ScoreParams { as_of: Some(pair[0]), bins: [bins; 3], ..ScoreParams::default() }).unwrap();
            for (position, row) in scores.segment_rows().iter().enumerate() {
                let flows = found.flows.iter().filter(|flow| flow.from_date == pair[0] && flow.from_segment.map(usize::from) == Some(position));
                prop_assert_eq!(flows.map(|flow| flow.customers).sum::<u64>(), row.customers);
            }
        }
        let span = found.dates[0] + 1..=*found.dates.last().unwrap();
        let revenue: f64 = (0..ledger.n_lines()).filter(|&line| span.contains(&ledger.days()[line])).map(|line| ledger.amounts()[line]).sum();
        prop_assert!((found.flows.iter().map(|flow| flow.revenue).sum::<f64>() - revenue).abs() < 1e-6);
    }

    #[test]
    fn cohorts_hold_every_customer_once_and_all_money(seed in 0_u64..1000) {
        let ledger = ledger_of(&customers(60, 200, 0.05, 0.1, seed));
        let cells = cohorts(&ledger, &CohortParams::default()).unwrap().cells;
        let first: Vec<_> = cells.iter().filter(|cell| cell.period == 0).collect();
        prop_assert_eq!(first.iter().map(|cell| cell.customers).sum::<u64>(), ledger.n_customers() as u64);
        prop_assert!(first.iter().all(|cell| cell.retention.estimate == 1.0));
        let revenue: f64 = cells.iter().map(|cell| cell.revenue).sum();
        prop_assert!((revenue - ledger.amounts().iter().sum::<f64>()).abs() < 1e-6);
    }

    #[test]
    fn cohorts_counted_in_any_parts_are_the_whole_to_the_last_bit(seed in 0_u64..1000, parts in 1..9_usize, weekly: bool, back in 0..150) {
        let ledger = ledger_of(&customers(60, 200, 0.05, 0.1, seed));
        let period = if weekly { Period::Week } else { Period::Month };
        let params = CohortParams { period, as_of: Some(START + 200 - back), ..CohortParams::default() };
        let counted = ledger.partition(parts).unwrap().into_iter().map(|part| CohortCounts::of(&part, &params).unwrap());
        let merged = counted.rev().reduce(CohortCounts::merge).unwrap();
        let (found, whole) = (merged.conclude(&ledger, &params), cohorts(&ledger, &params));
        prop_assert_eq!(format!("{found:?}"), format!("{whole:?}"));
    }
}

#[test]
fn results_are_the_same_on_any_number_of_threads() {
    let lines = customers(30_000, 900, 0.03, 0.1, 41);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let ledger = ledger_of(&lines);
            let every = Step::parse("every", "1q").unwrap();
            vec![
                limit_day(&ledger, &LimitDayParams::default()).unwrap().table("customers").unwrap(),
                norms(&ledger, &NormParams::default()).unwrap().to_batch().unwrap(),
                triggers(&ledger, &TriggerParams::default()).unwrap().to_batch().unwrap(),
                migration(&ledger, &MigrationParams { dates: None, every, bins: [5; 3] }).unwrap().to_batch().unwrap(),
                cohorts(&ledger, &CohortParams::default()).unwrap().to_batch().unwrap(),
            ]
        })
    };
    let one = run(1);
    for threads in [2, 4] {
        assert!(one == run(threads), "{threads} threads");
    }
}
