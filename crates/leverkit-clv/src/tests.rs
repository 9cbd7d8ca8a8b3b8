//! What must hold of all timing models, whatever their formulas.

use proptest::prelude::*;

use super::*;
use crate::models::likelihood::Likelihood;
use crate::models::timing::{N, Row, Timing};
use crate::models::with_family;

const FAMILIES: [Family; 6] = [
    Family::BetaGeo,
    Family::ModifiedBetaGeo,
    Family::ParetoNbd,
    Family::BetaGeoBetaBinom,
    Family::Regular(1),
    Family::Regular(3),
];

/// The log-likelihood of one history under given parameters, and P(alive).
fn one_history(family: Family, values: [f64; N], history: &History) -> (f64, f64) {
    with_family!(family, Model => {
        let model = Model::new(values, family.k());
        let branches = model.branches(&model.shared(history.frequency), history);
        let (ln, _, alive) = branches.join();
        (ln, alive)
    })
}

fn history_for(family: Family, x: u32, recency: f64, t: f64) -> History {
    let x = f64::from(x);
    if family == Family::BetaGeoBetaBinom {
        let t = (t.ceil() + x).min(2000.0 + x);
        let recency = if x == 0.0 { 0.0 } else { (x + (recency * (t - x)).floor()).min(t) };
        return History { frequency: x, recency, t, log_gaps: 0.0 };
    }
    let recency = if x == 0.0 { 0.0 } else { recency * t };
    History { frequency: x, recency, t, log_gaps: 0.0 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn gradients_are_those_of_the_likelihood(
        theta in [-2.5..2.5_f64, -3.0..5.0_f64, -2.5..2.5_f64, -2.5..4.0_f64], x in prop_oneof![Just(0_u32), 1_u32..30, 30_u32..2000],
        share in 0.001..1.0_f64, t in -7.0..11.5_f64,
    ) {
        for family in FAMILIES {
            let rows = [Row { history: history_for(family, x, share, t.exp()), weight: 1.0, pattern: 0 }];
            let likelihood = Likelihood { family, rows: &rows, patterns: &[vec![]], effects: &[] };
            let found = likelihood.at(&theta);
            prop_assert!(found.ln.is_finite(), "{family:?} {rows:?}");
            for i in 0..4 {
                let shifted = |by: f64| {
                    let mut shifted = theta;
                    shifted[i] += by;
                    likelihood.at(&shifted).ln
                };
                let slope = (shifted(1e-4) - shifted(-1e-4)) / 2e-4;
                prop_assert!((slope - found.gradient[i]).abs() < 1e-5 * (1.0 + slope.abs() + 1e-4 * found.ln.abs()), "{family:?} {i}: {slope} {}", found.gradient[i]);
            }
        }
    }

    #[test]
    fn one_event_an_order_is_the_modified_model(theta in [-2.0..2.0_f64, -2.0..4.0_f64, -2.0..2.0_f64, -2.0..3.0_f64], x in 0_u32..50, share in 0.0..1.0_f64) {
        let values = theta.map(f64::exp);
        let history = history_for(Family::BetaGeo, x, share, 30.0);
        let (a, b) = (one_history(Family::ModifiedBetaGeo, values, &history), one_history(Family::Regular(1), values, &history));
        prop_assert!((a.0 - b.0).abs() < 1e-9 * a.0.abs().max(1.0) && (a.1 - b.1).abs() < 1e-9);
    }

    #[test]
    fn chances_of_counts_have_the_expected_mean(theta in [-1.0..1.5_f64, -0.5..3.0_f64, -1.0..1.5_f64, -1.0..2.0_f64], x in 0_u32..8, share in 0.1..1.0_f64) {
        for family in FAMILIES {
            let columns = [history_for(family, x, share, 10.0)];
            let histories = Histories::new(Columns {
                frequency: vec![columns[0].frequency], recency: vec![columns[0].recency], t: vec![columns[0].t], log_gaps: Some(vec![0.0]), ..Columns::default()
            }, family).unwrap();
            let fit = Fit::of(family, theta.map(f64::exp)).unwrap();
            let expected = fit.expected_purchases(&histories, 5.0).unwrap()[0];
            let chances: Vec<f64> = (0..400).map(|n| fit.purchase_probability(&histories, 5.0, n).unwrap()[0]).collect();
            let mean: f64 = chances.iter().enumerate().map(|(n, chance)| n as f64 * chance).sum();
            prop_assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-4, "{family:?} {}", chances.iter().sum::<f64>());
            prop_assert!((mean - expected).abs() < 1e-3 * (1.0 + expected), "{family:?}: {mean} {expected}");
        }
    }
}

#[test]
fn single_customers_of_the_published_check() {
    // Computed from the paper's formula in 50 digits with mpmath; a = .8, b = 2.5, r = .25, alpha = 4.
    let values = [0.25, 4.0, 0.8, 2.5];
    let of = |x: f64, recency: f64, t: f64| {
        one_history(Family::BetaGeo, values, &History { frequency: x, recency, t, log_gaps: 0.0 }).0
    };
    assert!((of(0.0, 0.0, 40.0) + 0.59947).abs() < 1e-5);
    assert!((of(200.0, 38.0, 40.0) - 100.7957).abs() < 1e-4);
}

fn customers(n: usize) -> Columns {
    let frequency: Vec<f64> = (0..n).map(|i| (i * i % 11 * (i % 3)) as f64 / 4.0).map(f64::floor).collect();
    let t: Vec<f64> = (0..n).map(|i| 27.0 + (i % 80) as f64 / 7.0).collect();
    let recency =
        (0..n).map(|i| if frequency[i] == 0.0 { 0.0 } else { t[i] * ((i * 7 % 100) as f64 + 1.0) / 101.0 }).collect();
    Columns { frequency, recency, t, ..Columns::default() }
}

#[test]
fn compressed_customers_fit_as_the_customers_themselves() {
    let once = customers(1500);
    let three = |values: &[f64]| values.iter().flat_map(|value| [*value; 3]).collect::<Vec<f64>>();
    let thrice = Columns {
        frequency: three(&once.frequency),
        recency: three(&once.recency),
        t: three(&once.t),
        ..Columns::default()
    };
    let weighted = Columns { weights: Some(vec![3.0; 1500]), ..once.clone() };
    for family in [Family::BetaGeo, Family::ModifiedBetaGeo, Family::ParetoNbd] {
        let fitted = |columns: &Columns| {
            fit(&Histories::new(columns.clone(), family).unwrap(), family, &FitParams::default()).unwrap()
        };
        let (a, b) = (fitted(&thrice), fitted(&weighted));
        assert_eq!(a.estimates.values, b.estimates.values);
        assert_eq!(a.estimates.log_likelihood, b.estimates.log_likelihood);
    }
}

#[test]
fn the_unit_of_time_changes_times_alone() {
    let weeks = customers(1500);
    let scaled = |by: f64| {
        let scale = |values: &[f64]| values.iter().map(|value| value * by).collect::<Vec<f64>>();
        let columns = Columns { recency: scale(&weeks.recency), t: scale(&weeks.t), ..weeks.clone() };
        fit(&Histories::new(columns, Family::ParetoNbd).unwrap(), Family::ParetoNbd, &FitParams::default()).unwrap()
    };
    let (a, b) = (scaled(1.0), scaled(1e-6));
    let orders: f64 = weeks.frequency.iter().sum();
    assert!((a.estimates.values[1] * 1e-6 / b.estimates.values[1] - 1.0).abs() < 1e-5);
    assert!((a.estimates.values[0] / b.estimates.values[0] - 1.0).abs() < 1e-5);
    let moved = b.estimates.log_likelihood - a.estimates.log_likelihood;
    assert!((moved - orders * 1e6_f64.ln()).abs() < 1e-6 * moved.abs());
}

#[test]
fn a_fit_is_the_same_to_the_last_bit_on_any_number_of_threads() {
    let histories = Histories::new(customers(6000), Family::ModifiedBetaGeo).unwrap();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(&histories, Family::ModifiedBetaGeo, &FitParams::default()).unwrap().estimates.values)
    };
    assert_eq!(run(1), run(4));
}

#[test]
fn without_repeat_orders_there_is_nothing_to_fit() {
    let columns = Columns { frequency: vec![0.0; 50], recency: vec![0.0; 50], t: vec![30.0; 50], ..Columns::default() };
    let error =
        fit(&Histories::new(columns, Family::BetaGeo).unwrap(), Family::BetaGeo, &FitParams::default()).unwrap_err();
    insta::assert_snapshot!(error, @"BG/NBD did not converge: no customer ordered again, so the rate of orders has no maximum above 0. Tried: looked at 50 customers; no start can succeed. Take a longer period of observation, or set penalizer");
}

#[test]
fn impossible_histories_are_named() {
    let wrong = |x: f64, recency: f64, t: f64, family| {
        let columns =
            Columns { frequency: vec![1.0, x], recency: vec![1.0, recency], t: vec![2.0, t], ..Columns::default() };
        Histories::new(columns, family).unwrap_err().to_string()
    };
    insta::assert_snapshot!(wrong(1.5, 1.0, 2.0, Family::BetaGeo), @"frequency: row 1 holds 1.5; expected a whole number of repeat orders, from 0 to 1,000,000,000");
    insta::assert_snapshot!(wrong(1.0, f64::NAN, 2.0, Family::BetaGeo), @"recency: row 1 holds null or NaN; expected a time from the first to the last order, 0 or more");
    insta::assert_snapshot!(wrong(1.0, 1.0, -2.0, Family::BetaGeo), @"T: row 1 holds -2; expected a time from 0 to 1,000,000,000");
    insta::assert_snapshot!(wrong(0.0, 1.0, 2.0, Family::BetaGeo), @"recency: row 1 holds 1; expected 0, as frequency is 0");
    insta::assert_snapshot!(wrong(1.0, 1.0, 2.5, Family::BetaGeoBetaBinom), @"T: row 1 holds 2.5; expected a whole number of occasions, at most 100,000");
}
