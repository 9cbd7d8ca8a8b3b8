//! What must be true of every plan.

use leverkit_core::stats::Interval;
use leverkit_plan::{Dice, Engine, Error, Gain, Grade, JoinParams, Lever, Plan, join};
use leverkit_profit::Formula;
use proptest::prelude::*;

/// Lines of a company that earns 10,000 a month.
const VALUES: [f64; 4] = [1000.0, 0.1, 50.0, 2.0];

/// Money with limits of a fifth of it on both sides, in worlds of their own.
fn lever(name: &str, parameter: &str, money: f64) -> Lever {
    within(name, parameter, Interval::around(money, 0.2 * money.abs()))
}

fn within(name: &str, parameter: &str, money: Interval) -> Lever {
    let seed = name.bytes().map(u64::from).sum();
    Lever {
        name: name.into(),
        engine: Engine::Rfm,
        parameter: parameter.into(),
        gain: Gain::Profit,
        money: Dice::new(seed, 500).normal(money),
        grade: Grade::Test,
        by_thumb: false,
        effort: None,
        n: 10,
        subject: None,
        facts: Vec::new(),
        assumed: None,
        trial: None,
    }
}

fn exactly(name: &str, parameter: &str, money: f64) -> Lever {
    within(name, parameter, Interval::around(money, 0.0))
}

fn joined(levers: &[Lever]) -> Plan {
    join(&Formula::minimal(), &VALUES, levers, &JoinParams::default()).expect("a plan")
}

fn parts(found: &Plan) -> f64 {
    found.levers.iter().filter_map(|lever| lever.part).map(|part| part.estimate).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn parts_of_sure_levers_add_up_to_the_joint_effect(money in prop::collection::vec(-20_000.0..60_000.0f64, 1..4)) {
        let levers: Vec<Lever> = ["leads", "price", "quantity"]
            .iter()
            .zip(&money)
            .map(|(parameter, &money)| lever(parameter, parameter, money))
            .collect();
        let found = joined(&levers);
        prop_assert!((parts(&found) - found.joint.estimate).abs() <= 1e-9 * found.profit);
        prop_assert!(found.joint.lower <= found.joint.estimate && found.joint.estimate <= found.joint.upper);
        for planned in &found.levers {
            prop_assert_eq!(planned.is_sure(), planned.chance >= 0.95);
        }
    }

    #[test]
    fn a_lever_alone_earns_what_its_engine_says(money in 50.0..200_000.0f64) {
        let found = joined(&[exactly("leads", "leads", money)]);
        prop_assert!((found.levers[0].alone.estimate - money).abs() < 1e-6);
        prop_assert_eq!(Some(found.levers[0].alone), found.levers[0].part);
        prop_assert_eq!(found.levers[0].part, Some(found.joint));
    }
}

#[test]
fn levers_that_multiply_help_each_other_and_levers_on_one_bound_share_it() {
    let found = joined(&[exactly("leads", "leads", 12_000.0), exactly("price", "price", 12_000.0)]);
    assert!((found.overlaps[0].money + 1_200.0).abs() < 1e-6, "10 % of 10 % of a year's 120,000");
    assert!((found.claimed() - 24_000.0).abs() < 1e-6 && (found.joint.estimate - 25_200.0).abs() < 1e-6);

    // Conversion is at most 1: from 0.1 it can earn nine times the profit, however many levers work on it.
    let most = 9.0 * found.profit;
    let found = joined(&[exactly("calls", "conversion", 0.8 * most), exactly("site", "conversion", 0.7 * most)]);
    assert!((found.joint.estimate - most).abs() < 1e-6);
    assert!((found.overlaps[0].money - 0.5 * most).abs() < 1e-6);
    assert!(found.joint.estimate < found.claimed());
}

#[test]
fn a_lever_that_may_lose_shows_it_and_is_in_no_sum() {
    let risky = within("risky", "price", Interval { estimate: 9_000.0, lower: -3_000.0, upper: 21_000.0 });
    let found = joined(&[lever("leads", "leads", 12_000.0), risky]);
    let risky = &found.levers[1];
    assert!(risky.alone.lower < 0.0 && !risky.is_sure() && (0.5..0.95).contains(&risky.chance));
    assert!((found.joint.estimate - found.levers[0].alone.estimate).abs() < 1e-6);
    assert!(found.overlaps.is_empty());
}

#[test]
fn what_rests_on_a_rule_of_thumb_is_not_sure_whatever_it_promises() {
    let untried = Lever { by_thumb: true, ..lever("untried", "leads", 50_000.0) };
    let found = joined(&[untried, lever("tried", "price", 5_000.0)]);
    assert_eq!(found.levers.iter().map(|lever| lever.lever.name.as_str()).collect::<Vec<_>>(), ["tried", "untried"]);
    assert!(found.levers[0].is_sure() && !found.levers[1].is_sure());
    assert_eq!(found.test_first().map(|lever| lever.lever.name.as_str()), Some("untried"));
}

#[test]
fn without_a_sure_lever_the_plan_adds_nothing() {
    let found = joined(&[Lever { by_thumb: true, ..lever("untried", "leads", 50_000.0) }]);
    assert_eq!((found.joint.lower, found.joint.estimate, found.joint.upper), (0.0, 0.0, 0.0));
}

#[test]
fn the_lever_to_test_first_is_the_one_whose_uncertainty_costs_most() {
    let unsure = |name: &str, parameter: &str, estimate: f64, half: f64| Lever {
        by_thumb: true,
        ..within(name, parameter, Interval::around(estimate, half))
    };
    // Both promise about the same: to know the wide one may change the choice, to know the narrow one hardly.
    let found = joined(&[unsure("narrow", "leads", 10_000.0, 500.0), unsure("wide", "price", 9_500.0, 15_000.0)]);
    let first = found.test_first().expect("a lever to test");
    assert_eq!(first.lever.name, "wide");
    assert!(first.decision.value_of_knowing > 1_000.0);
    let chances: f64 = found.levers.iter().map(|lever| lever.decision.first).sum();
    assert!((0.95..=1.0).contains(&chances));
}

#[test]
fn a_bound_stops_a_lever_and_is_said() {
    let found = joined(&[lever("site", "conversion", 20.0 * 120_000.0)]);
    assert!(found.levers[0].capped);
    assert!((found.levers[0].new_value - 1.0).abs() < 1e-12);
}

#[test]
fn a_norm_gives_way_to_the_lever_that_leads_to_it() {
    let norm = Lever { engine: Engine::Profit, ..lever("to_norm_leads", "leads", 9_000.0) };
    let found = joined(&[norm, lever("adverts", "leads", 12_000.0), lever("other", "weather", 1.0)]);
    assert_eq!(found.levers.len(), 1);
    let reasons: Vec<&str> = found.left_out.iter().map(|left| left.reason.as_str()).collect();
    assert_eq!(reasons, ["adverts already works on leads", "the formula has no parameter weather"]);
}

#[test]
fn a_lever_whose_parameter_has_nothing_to_work_on_is_left_out() {
    // Nobody to retain: no retention rate earns anything.
    let formula = Formula::full();
    let mut values = vec![0.0; formula.parameters().len()];
    for (name, value) in [("reach", 100.0), ("frequency", 1.0), ("items", 1.0), ("list_price", 10.0)] {
        values[formula.position(name).expect("a parameter")] = value;
    }
    let calls = Lever { gain: Gain::Revenue, ..lever("keep_customers", "retention_rate", 500.0) };
    let found = join(&formula, &values, &[calls], &JoinParams::default()).expect("a plan");
    assert!(found.levers.is_empty());
    assert!(found.left_out[0].reason.starts_with("retention_rate moves no profit"), "{:?}", found.left_out);
}

#[test]
fn what_would_be_lost_is_told_in_profit_as_the_lever_is() {
    let formula = Formula::minimal();
    let calls = Lever {
        gain: Gain::Revenue,
        facts: vec![("customers", 5.0), ("expected_loss", 100_000.0)],
        ..exactly("keep_customers", "leads", 12_000.0)
    };
    let found = join(&formula, &VALUES, &[calls], &JoinParams::default()).expect("a plan");
    let (planned, share) = (&found.levers[0], found.levers[0].alone.estimate / 12_000.0);
    assert!((planned.lever.facts[1].1 - share * 100_000.0).abs() < 1e-6);
    assert!((planned.lever.facts[0].1 - 5.0).abs() < 1e-12);
}

#[test]
fn effort_is_taken_off_before_levers_are_ranked() {
    let dear = Lever { effort: Some(15_000.0), ..lever("dear", "leads", 18_000.0) };
    let found = joined(&[dear, lever("cheap", "price", 6_000.0)]);
    assert_eq!(found.levers[0].lever.name, "cheap");
    assert!(found.levers[1].net() < found.levers[1].alone.estimate);
}

#[test]
fn the_plan_is_the_same_on_any_number_of_threads() {
    let levers = [lever("leads", "leads", 12_000.0), lever("price", "price", 9_000.0), lever("q", "quantity", 5_000.0)];
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| joined(&levers))
    };
    assert_eq!(on(1), on(2));
    assert_eq!(on(1), on(4));
}

#[test]
fn what_is_wrong_with_levers_is_named() {
    let refused = |levers: &[Lever]| match join(&Formula::minimal(), &VALUES, levers, &JoinParams::default()) {
        Err(Error::Core(leverkit_core::Error::Parameter { parameter, .. })) => parameter,
        other => panic!("expected a refusal, got {other:?}"),
    };
    assert_eq!(refused(&vec![lever("a", "leads", 1.0); 2]), "levers");
    assert_eq!(refused(&[lever("a", "leads", f64::NAN)]), "a");
    let fewer = Lever { money: Dice::new(1, 10).normal(Interval::around(1.0, 0.1)), ..lever("b", "leads", 1.0) };
    assert_eq!(refused(&[lever("a", "leads", 1.0), fewer]), "b");
    let many: Vec<Lever> = (0..13).map(|at| lever(&at.to_string(), "leads", 1.0)).collect();
    assert_eq!(refused(&many), "levers");
}

#[test]
fn limits_at_a_lower_level_are_narrower_and_those_of_a_lever_alone_are_its_own() {
    let money = Dice::new(3, 4000).normal(Interval::around(12_000.0, 2_400.0));
    let levers = [Lever { money, ..lever("leads", "leads", 12_000.0) }];
    let at = |level| {
        let params = JoinParams { level, ..JoinParams::default() };
        join(&Formula::minimal(), &VALUES, &levers, &params).expect("a plan").joint
    };
    let (wide, narrow) = (at(0.95), at(0.5));
    assert!(narrow.lower > wide.lower && narrow.upper < wide.upper);
    assert!((wide.lower - 9_600.0).abs() < 200.0 && (wide.upper - 14_400.0).abs() < 200.0);
    assert!((narrow.upper - 12_000.0 - 0.674_49 * 2_400.0 / 1.959_96).abs() < 60.0);
}
