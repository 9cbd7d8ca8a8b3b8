//! The formula engine: derivatives, lift, attribution and goals, on the shipped formulas and on random ones.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::columns::numbers;
use leverkit_core::{Column, Table, batch};
use leverkit_profit::{
    ChangeMethod, Formula, Response, attribute, bottlenecks, break_even, elasticities, interactions, lift_table, solve,
    tornado,
};
use proptest::prelude::*;

/// A company in two years; the order is that of the full formula.
const BEFORE: [f64; 22] = [
    2e6, 0.02, 0.15, 0.6, 0.25, 12_000.0, 0.55, 8000.0, 0.06, 0.04, 1.8, 2.4, 30.0, 0.12, 0.08, 0.04, 14.0, 4.0, 0.02,
    1.5, 60_000.0, 0.2,
];
const AFTER: [f64; 22] = [
    2.3e6, 0.019, 0.16, 0.62, 0.24, 13_000.0, 0.53, 9000.0, 0.07, 0.05, 1.9, 2.3, 31.5, 0.15, 0.09, 0.05, 14.6, 4.4,
    0.024, 1.7, 64_000.0, 0.2,
];

/// The formula written out as in its specification.
fn by_hand(p: &[f64; 22]) -> f64 {
    let new = p[0] * p[1] * p[2] * p[3] * p[4];
    let retained = p[5] * p[6];
    let customers = new + retained + p[7] * p[8] + retained * p[9];
    let orders = customers * p[10];
    let check = p[11] * p[12] * (1.0 - p[13]) * (1.0 + p[14]) * (1.0 - p[15]);
    let pretax = orders * check
        - orders * p[11] * (1.0 + p[14]) * p[16]
        - orders * p[17]
        - customers * p[19]
        - p[0] * p[18]
        - p[20];
    if pretax > 0.0 { pretax * (1.0 - p[21]) } else { pretax }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

#[test]
fn the_full_formula_is_the_one_written_by_hand() {
    let formula = Formula::full();
    for values in [BEFORE, AFTER] {
        assert!(close(formula.profit(&values).unwrap(), by_hand(&values)));
    }
    let mut loss = BEFORE;
    loss[20] = 1e7;
    assert!(close(formula.profit(&loss).unwrap(), by_hand(&loss)), "no tax on a loss");
}

#[test]
fn columns_give_what_points_give() {
    let formula = Formula::full();
    let columns: Vec<Vec<f64>> = (0..22)
        .map(|p| (0..1300).map(|row| BEFORE[p] + (AFTER[p] - BEFORE[p]) * f64::from(row) / 1300.0).collect())
        .collect();
    let results = formula.evaluate(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
    for row in [0, 511, 512, 1299] {
        let values: Vec<f64> = columns.iter().map(|column| column[row]).collect();
        assert_eq!(results.iter().map(|column| column[row]).collect::<Vec<_>>(), formula.point(&values).unwrap());
    }
}

#[test]
fn all_four_of_the_minimal_formula_raised_by_a_fifth_double_the_revenue_and_more() {
    let table = lift_table(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], 0.20, &[]).unwrap();
    assert!(close(table[4].profit_lift.unwrap(), 1.0736));
    assert!(table[..4].iter().all(|row| close(row.profit_lift.unwrap(), 0.2)));
}

#[test]
fn shares_stop_at_one_and_say_so() {
    let table = lift_table(&Formula::minimal(), &[1000.0, 0.9, 50.0, 2.0], 0.20, &[]).unwrap();
    let conversion = table.iter().find(|row| row.parameter.as_deref() == Some("conversion")).unwrap();
    assert!(conversion.is_capped && conversion.new_value == Some(1.0));
    assert!(table[4].is_capped);
}

#[test]
fn costs_move_down() {
    let table = lift_table(&Formula::full(), &BEFORE, 0.20, &[]).unwrap();
    let cost = table.iter().find(|row| row.parameter.as_deref() == Some("unit_cost")).unwrap();
    assert!(cost.new_value.unwrap() < cost.value.unwrap() && cost.profit_change > 0.0);
    let worse: Vec<_> =
        table[..22].iter().filter(|row| row.profit_change < 0.0).map(|row| row.parameter.as_deref()).collect();
    assert_eq!(worse, [Some("reach")], "a contact costs more here than it brings");
}

#[test]
fn a_price_that_costs_conversion_earns_less() {
    let response = Response { cause: "price".into(), effect: "conversion".into(), elasticity: -1.0 };
    let table = lift_table(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], 0.20, &[response]).unwrap();
    let price = table.iter().find(|row| row.parameter.as_deref() == Some("price")).unwrap();
    assert!(close(price.profit_change, 2000.0));
    assert!(price.profit_change_with_responses.abs() < 1e-6, "elasticity −1 leaves revenue as it was");
}

#[test]
fn interactions_of_a_product_are_known() {
    let pairs = interactions(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], 0.20).unwrap();
    assert_eq!(pairs.len(), 6);
    assert!(pairs.iter().all(|pair| close(pair.interaction, 0.04 * 10_000.0)));
}

#[test]
fn the_tornado_is_widest_first_and_bottlenecks_say_what_is_left() {
    let formula = Formula::minimal();
    let values = [1000.0, 0.1, 50.0, 2.0];
    let bars = tornado(&formula, &values, &[900.0, 0.05, 49.0, 2.0], &[1100.0, 0.15, 51.0, 2.0]).unwrap();
    assert_eq!(
        bars.iter().map(|bar| bar.parameter.as_str()).collect::<Vec<_>>(),
        ["conversion", "leads", "price", "quantity"]
    );
    let rows = bottlenecks(&formula, &values, &[Some(900.0), Some(0.2), None, None]).unwrap();
    assert_eq!(rows.iter().map(|row| row.parameter.as_str()).collect::<Vec<_>>(), ["conversion", "leads"]);
    assert!(close(rows[0].money_left, 10_000.0) && rows[1].money_left == 0.0);
}

#[test]
fn elasticities_of_a_product_are_one() {
    assert_eq!(elasticities(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0]).unwrap(), [Some(1.0); 4]);
}

fn game(profit: &str, players: &[&str]) -> Formula {
    let parameter = |name: &&str| format!("[[parameter]]\nname = '{name}'\nkind = 'count'\n");
    let parameters = players.iter().map(parameter).collect::<Vec<_>>().concat();
    let text = format!(
        "name = 'game'\nrevenue = 'v'\nprofit = 'v'\n{parameters}[[expression]]\nname = 'v'\nformula = '{profit}'"
    );
    Formula::from_toml(&text).unwrap()
}

/// Shapley (1953) and the glove market in every textbook: two left gloves, one right.
#[test]
fn the_glove_game_has_its_known_shapley_value() {
    let found =
        attribute(&game("min(l + k, r)", &["l", "k", "r"]), &[0.0; 3], &[1.0; 3], ChangeMethod::Shapley).unwrap();
    for (part, expected) in found.parts.iter().zip([1.0 / 6.0, 1.0 / 6.0, 2.0 / 3.0]) {
        assert!(close(*part, expected), "{:?}", found.parts);
    }
}

/// Littlechild & Owen (1973): aeroplanes share a runway that the longest needs; costs 1, 2, 3.
#[test]
fn the_airport_game_has_its_known_shapley_value() {
    let found =
        attribute(&game("max(max(a, b), c)", &["a", "b", "c"]), &[0.0; 3], &[1.0, 2.0, 3.0], ChangeMethod::Shapley)
            .unwrap();
    for (part, expected) in found.parts.iter().zip([1.0 / 3.0, 1.0 / 3.0 + 0.5, 1.0 / 3.0 + 0.5 + 1.0]) {
        assert!(close(*part, expected), "{:?}", found.parts);
    }
}

/// Ang (2004): for two factors, ΔV = L(V₁, V₀)·ln(x₁/x₀) + L(V₁, V₀)·ln(y₁/y₀).
#[test]
fn lmdi_of_two_factors_is_ang_s() {
    let found = attribute(&game("x * y", &["x", "y"]), &[10.0, 2.0], &[12.0, 1.5], ChangeMethod::Lmdi).unwrap();
    let mean = (18.0 - 20.0) / (18.0_f64 / 20.0).ln();
    assert!(close(found.parts[0], mean * 1.2_f64.ln()) && close(found.parts[1], mean * 0.75_f64.ln()));
}

#[test]
fn lmdi_gives_a_factor_that_was_zero_the_whole_change() {
    let found = attribute(&game("x * y", &["x", "y"]), &[0.0, 2.0], &[3.0, 5.0], ChangeMethod::Lmdi).unwrap();
    assert_eq!(found.parts, [15.0, 0.0]);
}

#[test]
fn shapley_is_its_definition_over_all_orders() {
    let formula = game("a * b - max(c * d, a) / (1 + b)", &["a", "b", "c", "d"]);
    let (before, after) = ([1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 4.0, 6.0]);
    let mut expected = [0.0; 4];
    let mut orders = 0.0;
    let mut order = [0, 1, 2, 3];
    permute(&mut order, 0, &mut |order| {
        let mut values = before;
        for &parameter in order {
            let last = formula.profit(&values).unwrap();
            values[parameter] = after[parameter];
            expected[parameter] += formula.profit(&values).unwrap() - last;
        }
        orders += 1.0;
    });
    let found = attribute(&formula, &before, &after, ChangeMethod::Shapley).unwrap();
    for (part, expected) in found.parts.iter().zip(expected) {
        assert!(close(*part, expected / orders));
    }
}

fn permute(order: &mut [usize; 4], from: usize, visit: &mut impl FnMut(&[usize; 4])) {
    if from == 4 {
        return visit(order);
    }
    for other in from..4 {
        order.swap(from, other);
        permute(order, from + 1, visit);
        order.swap(from, other);
    }
}

#[test]
fn all_methods_add_up_on_the_full_formula() {
    let formula = Formula::full();
    for method in [ChangeMethod::Shapley, ChangeMethod::Lmdi, ChangeMethod::Sequential] {
        let found = attribute(&formula, &BEFORE, &AFTER, method).unwrap();
        assert!(close(found.parts.iter().sum::<f64>(), found.after - found.before), "{method:?}");
        assert_eq!(found.parts[21], 0.0, "what did not change has no part");
    }
}

/// Random expressions over four parameters between 0.5 and 2: sums, products, quotients, min and max.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![Just("a"), Just("b"), Just("c"), Just("d"), Just("1.5")].prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 2, |inner| {
        (inner.clone(), inner, 0..6_usize).prop_map(|(left, right, kind)| match kind {
            0 => format!("({left} + {right})"),
            1 => format!("({left} - {right})"),
            2 | 3 => format!("({left} * {right})"),
            4 => format!("({left} / (1 + {right} * {right}))"),
            _ => format!("max({left}, {right})"),
        })
    })
}

fn values() -> impl Strategy<Value = [f64; 4]> {
    prop::array::uniform4(0.5..2.0f64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn parts_add_up_to_the_change(text in expression(), before in values(), after in values()) {
        let formula = game(&text, &["a", "b", "c", "d"]);
        for method in [ChangeMethod::Shapley, ChangeMethod::Lmdi, ChangeMethod::Sequential] {
            let found = attribute(&formula, &before, &after, method).unwrap();
            let (sum, change) = (found.parts.iter().sum::<f64>(), found.after - found.before);
            let size = found.parts.iter().map(|part| part.abs()).sum::<f64>().max(found.after.abs()).max(1.0);
            prop_assert!((sum - change).abs() <= 1e-9 * size, "{:?}: {} is not {}", method, sum, change);
        }
    }

    #[test]
    fn derivatives_are_those_of_finite_differences(text in expression(), at in values()) {
        let formula = game(&text, &["a", "b", "c", "d"]);
        let gradient = formula.gradient(&at).unwrap();
        for (parameter, slope) in gradient.iter().enumerate() {
            let moved = |step: f64| {
                let mut values = at;
                values[parameter] += step;
                formula.profit(&values).unwrap()
            };
            let step = 1e-6;
            let [below, present, above] = [moved(-step), moved(0.0), moved(step)];
            // Skip where max has its corner within the step: the derivative jumps there.
            prop_assume!(((above - present) - (present - below)).abs() <= 1e-9 * (1.0 + present.abs()));
            let difference = (above - below) / (2.0 * step);
            prop_assert!((slope - difference).abs() <= 1e-4 * (1.0 + slope.abs()), "{} is not {}", slope, difference);
        }
    }

    #[test]
    fn solving_gives_back_what_was_put_in(leads in 10.0..1e5f64, present in 10.0..1e5f64) {
        let formula = Formula::minimal();
        let target = formula.profit(&[leads, 0.1, 50.0, 2.0]).unwrap();
        let found = solve(&formula, &[present, 0.1, 50.0, 2.0], "revenue", target, "leads").unwrap();
        prop_assert!((found - leads).abs() <= 1e-9 * leads);
    }
}

#[test]
fn a_target_out_of_reach_says_what_can_be_reached() {
    let error = solve(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], "revenue", 2e6, "conversion").unwrap_err();
    insta::assert_snapshot!(error, @"target: got revenue = 2000000; expected what conversion from 0 to 1 can reach: 0 to 100000");
}

#[test]
fn a_break_even_at_a_bound_is_found_and_none_beyond_all_numbers() {
    let rows = break_even(&Formula::minimal(), &[1e308, 0.1, 50.0, 2.0]);
    assert!(rows.is_err_and(|error| error.to_string().contains("comes to inf")));
    let leads = |values: &[f64]| break_even(&Formula::minimal(), values).unwrap().swap_remove(0);
    assert_eq!(
        (leads(&[1000.0, 0.1, 50.0, 2.0]).break_even, leads(&[1000.0, 0.1, 50.0, 2.0]).room),
        (Some(0.0), Some(-1.0))
    );
    // Each value that is found is a number; so is each room.
    for text in [
        "price * units - fixed",
        "units / price - fixed",
        "price * price * price - fixed * units",
        "fixed / (price - units)",
    ] {
        let formula = Formula::from_expressions("own", &[("profit", text)]).unwrap();
        for values in [[1e150, 3.0, 1e-300], [5e-324, 3.0, 1.0], [1e100, -1e-100, 1e200], [7.0, 1e308, 0.5]] {
            for row in break_even(&formula, &values).unwrap_or_default() {
                assert!(
                    row.break_even.is_none_or(f64::is_finite) && row.room.is_none_or(f64::is_finite),
                    "{text}: {row:?}"
                );
                assert_eq!(row.break_even.is_none(), row.reason.is_some(), "{text}: {row:?}");
            }
        }
    }
}

#[test]
fn a_pole_is_no_break_even() {
    let formula = Formula::from_expressions("own", &[("profit", "fixed / (price - cost)")]).unwrap();
    let rows = break_even(&formula, &[10.0, 6.0, 5.0]).unwrap();
    let found = |name: &str| rows.iter().find(|row| row.parameter == name).and_then(|row| row.break_even);
    assert_eq!((found("fixed"), found("price"), found("cost")), (Some(0.0), None, None));
}

#[test]
fn wrong_formulas_and_values_are_named() {
    let error = |text: &str| Formula::from_toml(text).unwrap_err().to_string();
    let with = |formula: &str| {
        format!(
            "name = 'x'\nrevenue = 'r'\nprofit = 'r'\n[[parameter]]\nname = 'price'\nkind = 'money'\n[[parameter]]\nname = 'number'\nkind = 'count'\n{formula}"
        )
    };
    insta::assert_snapshot!(error(&with("[[expression]]\nname = 'r'\nformula = 'q'\n[[expression]]\nname = 'q'\nformula = 'r * number'")), @"circular expressions: r → q → r; each needs the next");
    insta::assert_snapshot!(error(&with("[[expression]]\nname = 'r'\nformula = 'price + number'")), @"formula: adds, subtracts or compares money and what is no money; look at the kinds of its parameters");
    insta::assert_snapshot!(error(&with("[[expression]]\nname = 'price'\nformula = 'number'")), @r#"formula: "price" is defined twice"#);
    insta::assert_snapshot!(error(&with("[[expression]]\nname = 'q'\nformula = 'number'")), @r#"revenue: unknown name "r""#);
    let formula = Formula::full();
    let mut values = BEFORE;
    values[3] = 1.2;
    insta::assert_snapshot!(formula.profit(&values).unwrap_err(), @"qualified_rate: row 0 holds 1.2; expected 0 to 1");
    values[3] = f64::NAN;
    insta::assert_snapshot!(formula.profit(&values).unwrap_err(), @"qualified_rate: row 0 holds NaN; expected 0 to 1");
    insta::assert_snapshot!(formula.profit(&BEFORE[..2]).unwrap_err(), @"lead_rate: no value given; needed are reach, response_rate, lead_rate, qualified_rate, close_rate, base, retention_rate, dormant, reactivation_rate, referral_rate, frequency, items, list_price, discount_rate, upsell_rate, return_rate, unit_cost, order_cost, contact_cost, service_cost, fixed_cost, tax_rate");
}

#[test]
fn scenarios_of_a_table_are_evaluated_and_what_is_no_number_is_refused_by_name() {
    let evaluate = |conversion: Column| {
        let table = Table::from(batch!("leads" => [1000, 500], "price" => [50.0, 40.0], "quantity" => [2, 1]).unwrap());
        Formula::minimal().evaluate_batch(&table.with(conversion).unwrap())
    };
    let found = Table::from(evaluate(Column::new("conversion", [0.1, 0.2])).unwrap());
    assert_eq!(numbers(found.column("customers").unwrap(), "customers").unwrap(), [100.0, 100.0]);
    insta::assert_snapshot!(evaluate(Column::new("conversion", ["0.1", "0.2"])).unwrap_err(), @r#"conversion: column "conversion" has type str; expected a number; cast the column first"#);
    insta::assert_snapshot!(evaluate(Column::new("conversion", [Some(0.1), None])).unwrap_err(), @"conversion: row 1 holds NaN; expected 0 to 1");
    insta::assert_snapshot!(evaluate(Column::new("conversions", [0.1, 0.2])).unwrap_err(), @"conversion: no value given; needed are leads, conversion, price, quantity");
}
