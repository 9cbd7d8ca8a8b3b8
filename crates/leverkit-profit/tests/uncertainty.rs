//! Simulation and Sobol's indices against what is known in closed form.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_profit::{Distribution, Error, Formula, simulate, sobol};

const VALUES: [f64; 4] = [1000.0, 0.1, 50.0, 2.0];

fn normal(name: &str, mean: f64, std: f64) -> (String, Distribution) {
    (name.into(), Distribution::Normal { mean, std })
}

/// Ishigami & Homma (1990): sin x₁ + 7 sin² x₂ + 0.1 x₃⁴ sin x₁ over [−π, π]³. The sine of a uniform angle is spread as 2β − 1 with β from
/// Beta(½, ½). Indices from Sobol & Levitan (1999): S₁ = 0.3139, S₂ = 0.4424, S₃ = 0, S₁₃ = 0.2437.
#[test]
fn the_indices_of_ishigami_s_function_are_known() {
    let formula = Formula::from_expressions(
        "ishigami",
        &[("s", "2 * u - 1"), ("t", "2 * v - 1"), ("profit", "s + 7 * t * t + 0.1 * x * x * x * x * s")],
    )
    .unwrap();
    let sine = Distribution::Beta { a: 0.5, b: 0.5 };
    let pi = std::f64::consts::PI;
    let uncertain =
        [("u".into(), sine.clone()), ("v".into(), sine), ("x".into(), Distribution::Uniform { low: -pi, high: pi })];
    let found = sobol(&formula, &[0.5, 0.5, 0.0], &uncertain, 1 << 15, 1).unwrap();
    let expected = [(0.3139, 0.3139 + 0.2437), (0.4424, 0.4424), (0.0, 0.2437)];
    for (index, (first, total)) in found.iter().zip(expected) {
        assert!((index.first.estimate - first).abs() < 0.01, "{index:?} is not {first}");
        assert!((index.total.estimate - total).abs() < 0.01, "{index:?} is not {total}");
    }
}

#[test]
fn a_sum_of_normal_numbers_is_normal() {
    let formula = Formula::from_expressions("sum", &[("profit", "a + b")]).unwrap();
    let uncertain = [normal("a", 10.0, 3.0), normal("b", 0.0, 4.0)];
    let found = simulate(&formula, &[10.0, 0.0], &uncertain, &[], 400_000, 3, Some(15.0)).unwrap();
    assert!((found.profit.std - 5.0).abs() < 0.03, "{}", found.profit.std);
    assert!(found.profit.mean.lower < 10.0 && 10.0 < found.profit.mean.upper);
    assert!((found.profit.percentiles[49] - 10.0).abs() < 0.03 && (found.profit.percentiles[89] - 16.408).abs() < 0.05);
    assert!((found.loss.estimate - 0.02275).abs() < 0.001, "Φ(−2)");
    assert!((found.target.unwrap().estimate - 0.15866).abs() < 0.003, "1 − Φ(1)");
}

#[test]
fn correlation_widens_a_sum() {
    let formula = Formula::from_expressions("sum", &[("profit", "a + b")]).unwrap();
    let uncertain = [normal("a", 10.0, 3.0), normal("b", 0.0, 4.0)];
    let together = [("a".to_owned(), "b".to_owned(), 0.5)];
    let found = simulate(&formula, &[10.0, 0.0], &uncertain, &together, 400_000, 3, None).unwrap();
    assert!((found.profit.std - 37.0_f64.sqrt()).abs() < 0.04, "9 + 16 + 2 · 0.5 · 12; got {}", found.profit.std);
    let impossible = [("a".to_owned(), "b".to_owned(), 1.5)];
    assert!(matches!(
        simulate(&formula, &[10.0, 0.0], &uncertain, &impossible, 100, 3, None),
        Err(Error::Core(leverkit_core::Error::Parameter { parameter, .. })) if parameter == "correlations"
    ));
}

#[test]
fn draws_beyond_a_bound_are_moved_to_it_and_counted() {
    let uncertain = [normal("conversion", 0.95, 0.1)];
    let found = simulate(&Formula::minimal(), &VALUES, &uncertain, &[], 50_000, 1, None).unwrap();
    let (name, times) = &found.clipped[0];
    assert_eq!(name, "conversion");
    assert!((*times as f64 / 50_000.0 - 0.3085).abs() < 0.01, "1 − Φ(0.5)");
}

#[test]
fn the_same_seed_gives_the_same_bits_on_any_number_of_threads() {
    let uncertain = [normal("price", 50.0, 5.0), normal("leads", 1000.0, 200.0)];
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let simulated = simulate(&Formula::minimal(), &VALUES, &uncertain, &[], 70_001, 9, None).unwrap();
            (simulated, sobol(&Formula::minimal(), &VALUES, &uncertain, 3000, 9).unwrap())
        })
    };
    assert_eq!(run(1), run(4));
    assert_ne!(run(1).0, simulate(&Formula::minimal(), &VALUES, &uncertain, &[], 70_001, 10, None).unwrap());
}

#[test]
fn what_cannot_be_drawn_is_named() {
    let error = |uncertain: &[(String, Distribution)]| {
        simulate(&Formula::minimal(), &VALUES, uncertain, &[], 100, 1, None).unwrap_err().to_string()
    };
    insta::assert_snapshot!(error(&[normal("prise", 1.0, 1.0)]), @r#"parameter: unknown name "prise"; did you mean "price"?"#);
    insta::assert_snapshot!(error(&[normal("price", 1.0, -1.0)]), @"price: got Normal { mean: 1.0, std: -1.0 }; expected a finite mean and a std of at least 0");
    insta::assert_snapshot!(error(&[]), @"uncertainty: got none; expected a distribution for at least one parameter");
}
