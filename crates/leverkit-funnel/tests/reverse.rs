//! The reverse funnel's promises.

use leverkit_funnel::{Improvement, ReverseParams, TargetUnit, Timing, forward, reverse};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_distr::{Binomial, Distribution};
use rand_pcg::Pcg64;

fn stages(counts: &[u64]) -> Vec<(String, u64)> {
    counts.iter().enumerate().map(|(at, count)| (format!("s{at}"), *count)).collect()
}

fn to(target: f64, counts: &[u64]) -> ReverseParams {
    ReverseParams { target, stages: stages(counts), ..ReverseParams::default() }
}

fn draw(random: &mut Pcg64, n: u64, p: f64) -> u64 {
    Binomial::new(n, p).expect("a share").sample(random)
}

/// Each month: a history is drawn from a known truth, the number of leads for 90 % is asked for, and the month to come is drawn.
#[test]
fn the_promise_of_nine_in_ten_holds_in_ten_thousand_months() {
    let truth = [0.4, 0.2];
    let months = 10_000;
    let mut random = Pcg64::seed_from_u64(9);
    let kept = (0..months).filter(|_| {
        let qualified = draw(&mut random, 5000, truth[0]);
        let orders = draw(&mut random, qualified, truth[1]);
        let found = reverse(&to(1000.0, &[5000, qualified, orders])).unwrap();
        let leads = found.stages[0].confident.unwrap();
        let qualified = draw(&mut random, leads, truth[0]);
        draw(&mut random, qualified, truth[1]) >= 1000
    });
    let share = kept.count() as f64 / f64::from(months);
    assert!((0.88..=0.92).contains(&share), "kept in {share} of the months");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn forward_and_reverse_are_inverse(target in 1_u64..50_000, first in 50_u64..5000, shares in prop::collection::vec(0.05..1.0_f64, 1..4), confidence in 0.5..0.99_f64) {
        let mut counts = vec![first];
        for share in shares {
            counts.push(((counts[counts.len() - 1] as f64 * share) as u64).max(1));
        }
        let params = ReverseParams { confidence, ..to(target as f64, &counts) };
        let found = reverse(&params).unwrap();
        let back = forward(found.stages[0].needed.estimate, &params.stages, None, confidence).unwrap();
        let last = back.stages.last().unwrap().expected.estimate;
        prop_assert!((last - target as f64).abs() <= 1e-9 * target as f64, "{last}");
        for at in 0..counts.len() {
            let expected = found.stages[0].needed.estimate * counts[at] as f64 / counts[0] as f64;
            prop_assert!((found.stages[at].needed.estimate / expected - 1.0).abs() < 1e-12);
        }
        let leads = found.stages[0].confident.unwrap();
        let chance = |n: u64| forward(n as f64, &params.stages, Some(target as f64), confidence).unwrap().chance.unwrap();
        prop_assert!(chance(leads) >= confidence - 1e-9 && chance(leads - 1) < confidence + 1e-9, "{} and {}", chance(leads), chance(leads - 1));
    }
}

#[test]
fn a_target_in_profit_pays_for_its_leads_too() {
    let params = ReverseParams {
        unit: TargetUnit::Profit,
        cost_per_first: Some(2.0),
        average_check: Some(100.0),
        margin: 0.5,
        fixed_costs: 1000.0,
        ..to(10_000.0, &[5000, 2000, 400])
    };
    let found = reverse(&params).unwrap();
    // Each lead brings 0.08 · 50 − 2 = 2, so 11,000 take 5,500 of them.
    assert!((found.stages[0].needed.estimate - 5500.0).abs() < 1e-9);
    let leads = found.stages[0].confident.unwrap() as f64;
    assert!(leads > 5500.0);
    let error = reverse(&ReverseParams { cost_per_first: Some(5.0), ..params.clone() }).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cost_per_first: got 5 for each \"s0\"; expected less than the 4.0000 that it brings on average: more of them lose more"
    );
    let unsure = reverse(&ReverseParams { cost_per_first: Some(3.9), ..params }).unwrap();
    assert_eq!(unsure.stages[0].confident, None, "it is not 90 % sure that a lead brings more than it costs");
    assert!(unsure.notes[0].starts_with("No number of s0"), "{:?}", unsure.notes);
}

#[test]
fn the_cheapest_mix_is_no_dearer_than_any_other() {
    let improvements = vec![
        Improvement { stage: "s1".into(), cost_per_point: 300.0, most_points: Some(10.0) },
        Improvement { stage: "s2".into(), cost_per_point: 500.0, most_points: None },
    ];
    let params = ReverseParams {
        available: Some(9000.0),
        cost_per_first: Some(4.0),
        improvements,
        ..to(1000.0, &[5000, 2000, 400])
    };
    let mix = reverse(&params).unwrap().mix.unwrap();
    assert!((mix.expected.0 - 720.0).abs() < 1e-9);
    assert!((mix.expected.1 / mix.wanted - 1.0).abs() < 1e-9, "{mix:?}");
    for a in 0..=50 {
        for b in 0..=400 {
            let (p, q) = (0.4 + f64::from(a) / 500.0, 0.2 + f64::from(b) / 1000.0);
            let leads = (mix.wanted / (p * q)).max(9000.0);
            let cost = 30_000.0 * (p - 0.4) + 50_000.0 * (q - 0.2) + 4.0 * (leads - 9000.0);
            assert!(mix.cost <= cost + 1e-6, "{a} {b}: {cost} is less than {}", mix.cost);
        }
    }
}

#[test]
fn a_date_that_cannot_be_met_is_said_with_the_earliest() {
    let plan = |due: &str, capacity: Vec<(String, f64)>| Timing {
        lags: vec![7.0, 14.0],
        start: Some("2024-01-01".into()),
        due: Some(due.into()),
        capacity,
    };
    let with = |plan| reverse(&ReverseParams { plan, ..to(100.0, &[5000, 2000, 400]) }).unwrap();
    let easy = with(plan("2024-03-31", Vec::new()));
    let schedule = easy.schedule.unwrap();
    assert!(schedule.can_be_met);
    for (at, stage) in easy.stages.iter().enumerate() {
        let all: f64 = schedule.weeks.iter().map(|week| week.counts[at]).sum();
        assert!((all / stage.planned.unwrap() - 1.0).abs() < 1e-12, "weeks add up to the plan");
    }
    let soon = with(plan("2024-01-15", Vec::new()));
    assert!(!soon.schedule.unwrap().can_be_met);
    assert_eq!(
        soon.notes[0],
        "2024-01-15 cannot be met: from the first stage to the last it takes 21 days; the earliest is 2024-01-22."
    );
    let narrow = with(plan("2024-03-31", vec![("s1".into(), 50.0)]));
    let schedule = narrow.schedule.unwrap();
    assert!(!schedule.can_be_met && narrow.notes[0].contains("s1 would have to take"), "{:?}", narrow.notes);
    let weeks = schedule.paces[1].weeks_at_capacity.unwrap();
    assert!((weeks - narrow.stages[1].planned.unwrap() / 50.0).abs() < 1e-12);
}

#[test]
fn what_is_no_funnel_is_refused() {
    let message = |params: ReverseParams| reverse(&params).unwrap_err().to_string();
    assert_eq!(message(to(10.0, &[5])), "stages: got 1 of them; expected at least two");
    assert_eq!(
        message(to(10.0, &[5, 0])),
        "stages: got 0 at \"s1\"; expected at least 1: from none seen it cannot be told what it takes"
    );
    assert_eq!(
        message(to(10.0, &[5, 6])),
        "stages: got 6 at \"s1\" after 5 at \"s0\"; expected counts of one flow, none above the stage before"
    );
    assert_eq!(message(to(f64::NAN, &[5, 3])), "target: got NaN; expected a number above 0 and at most 10^15");
    let mut twice = to(10.0, &[5, 4]);
    twice.stages[1].0 = "s0".into();
    assert_eq!(message(twice), "stages: got \"s0\" twice; expected a name for each stage");
    let revenue = ReverseParams { unit: TargetUnit::Revenue, ..to(10.0, &[5, 4]) };
    assert_eq!(
        message(revenue),
        "average_check: got none; expected money of an order, for a target in revenue or profit"
    );
    let plan = Timing { capacity: vec![("s9".into(), 1.0)], ..Timing::default() };
    let unknown = ReverseParams { plan, ..to(10.0, &[50, 40]) };
    assert!(message(unknown).starts_with("capacity: got \"s9\"; expected one of s0, s1"));
}

#[test]
fn few_and_many_are_answered_alike() {
    for counts in [&[1_u64, 1][..], &[2, 1], &[1_000_000_000, 1_000_000, 1], &[10, 10, 10]] {
        for target in [1.0, 1e3, 1e6] {
            let found = reverse(&to(target, counts)).unwrap();
            let confident = found.stages[0].confident;
            assert!(confident.is_none_or(|n| n as f64 >= target), "{counts:?} {target}: {confident:?}");
            assert!(found.stages.iter().all(|stage| stage.needed.lower <= stage.needed.upper));
        }
    }
}
