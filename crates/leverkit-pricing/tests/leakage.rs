//! Who leaks: nobody where discounts are drawn alike for all, those who were planted where they are not, and nothing that cannot be told.

#![allow(clippy::unwrap_used)] // A test may fail.

mod common;

use common::Draw;
use leverkit_core::{Table, batch};
use leverkit_pricing::{DealRoles, Deals, Leak, Leakage, LeakageParams, leakage};
use proptest::prelude::*;

const REPS: usize = 5;
const PRODUCTS: usize = 24;
const CATEGORIES: usize = 6;
const MONTHS: usize = 12;

/// A company whose discounts are mostly none: customers have their reps and habits, products are on promotion in some months, and one rep gives `extra` more.
struct Company {
    customers: usize,
    extra: f64,
    seed: u64,
}

impl Company {
    fn deals(&self) -> Deals {
        let mut draw = Draw::new(self.seed);
        let promoted: Vec<bool> = (0..PRODUCTS * MONTHS).map(|_| draw.uniform() < 0.1).collect();
        let [mut rep, mut client, mut order, mut sku, mut category] = [const { Vec::new() }; 5];
        let (mut day, mut list, mut paid) = (Vec::new(), Vec::new(), Vec::new());
        for customer in 0..self.customers {
            let (who, habit, size) = (draw.below(REPS), 0.6 * draw.uniform().powi(2), (0.5 * draw.normal()).exp());
            for _ in 0..=draw.below(12) {
                let (product, month) = (draw.below(PRODUCTS), draw.below(MONTHS));
                let own = if draw.uniform() < habit { 0.05 + 0.15 * draw.uniform() } else { 0.0 };
                let promotion = if promoted[product * MONTHS + month] { 0.15 } else { 0.0 };
                let money = 100.0 * size * (0.8 * draw.normal()).exp();
                let off = own + promotion + if who == 0 { self.extra } else { 0.0 };
                rep.push(who as u32);
                client.push(customer as u32);
                order.push(order.len() as u32);
                sku.push(product as u32);
                category.push((product % CATEGORIES) as u32);
                day.push(format!("2024-{:02}-{:02}", month + 1, 1 + draw.below(28)));
                list.push(money);
                paid.push(money * (1.0 - off));
            }
        }
        let lines = batch!(
            "rep" => rep, "client" => client, "order" => order, "sku" => sku, "category" => category, "day" => day,
            "list" => list, "paid" => paid,
        );
        Deals::from_table(&lines.unwrap().into(), &roles()).unwrap()
    }

    fn by(&self, columns: &[&str]) -> Leakage {
        of(&self.deals(), columns)
    }
}

fn roles() -> DealRoles {
    DealRoles::new("list").pocket_price("paid").customer("client").order("order").product("sku").time("day")
}

fn of(deals: &Deals, columns: &[&str]) -> Leakage {
    let by = columns.iter().map(|&column| column.into()).collect();
    leakage(deals, &LeakageParams { by, ..LeakageParams::default() }).unwrap()
}

fn null(seed: u64) -> Company {
    Company { customers: 400, extra: 0.0, seed }
}

fn value<'a>(found: &'a Leakage, name: &str) -> &'a Leak {
    found.leaks.iter().find(|leak| leak.value.as_deref() == Some(name)).unwrap()
}

/// Kolmogorov's distance of p-values from the uniform distribution, times the root of their number: beyond 1.63 in one of a hundred (Smirnov 1948).
fn kolmogorov(mut p_values: Vec<f64>) -> f64 {
    p_values.sort_by(f64::total_cmp);
    let n = p_values.len() as f64;
    let far = |(at, p): (usize, &f64)| ((at as f64 + 1.0) / n - p).max(p - at as f64 / n);
    p_values.iter().enumerate().map(far).fold(0.0, f64::max) * n.sqrt()
}

/// Of `runs` companies without a leak: how many name one, and how far p-values of one value are from uniform ones.
fn without_leaks(runs: u64, column: &str) -> (f64, f64) {
    let found: Vec<Leakage> = (0..runs).map(|seed| null(seed).by(&[column])).collect();
    let wrong = found.iter().filter(|found| found.totals[0].leaking > 0).count();
    let p_values = found.iter().filter_map(|found| Some(value(found, "0").estimate?.p_value)).collect();
    (wrong as f64 / runs as f64, kolmogorov(p_values))
}

/// Of `runs` companies one rep of which gives five points more: how often her money lies within its limits, alone and in the total.
fn with_a_leak(runs: u64) -> (f64, f64) {
    let inside = |seed: u64| {
        let found = Company { customers: 2000, extra: 0.05, seed }.by(&["rep"]);
        let leak = value(&found, "0");
        let truth = 0.05 * leak.list;
        let holds = |limits: Option<leverkit_stats::Interval>| {
            limits.is_some_and(|limits| limits.lower < truth && truth < limits.upper)
        };
        (holds(leak.closable), holds(Some(found.totals[0].closable)))
    };
    let found: Vec<(bool, bool)> = (0..runs).map(inside).collect();
    let share = |of: fn(&(bool, bool)) -> bool| found.iter().filter(|run| of(run)).count() as f64 / runs as f64;
    (share(|run| run.0), share(|run| run.1))
}

#[test]
fn nobody_leaks_where_all_discounts_are_drawn_alike() {
    let (reps, distance) = without_leaks(200, "rep");
    assert!(reps <= 0.07, "a rep leaks in {reps} of companies");
    assert!(distance < 1.63, "p-values are {distance} from uniform");
    let (categories, _) = without_leaks(200, "category");
    assert!(categories <= 0.07, "a category leaks in {categories} of companies");
}

#[test]
fn a_planted_leak_is_found_with_its_money() {
    let (alone, total) = with_a_leak(200);
    assert!((0.91..=0.99).contains(&alone) && (0.91..=0.99).contains(&total), "{alone} alone, {total} in the total");
}

#[test]
#[ignore = "ten times the companies: make long"]
fn leaks_are_judged_by_many_companies() {
    let (reps, distance) = without_leaks(2000, "rep");
    let (categories, _) = without_leaks(2000, "category");
    assert!(reps <= 0.06 && categories <= 0.06, "a rep leaks in {reps} of companies, a category in {categories}");
    assert!(distance < 1.63, "p-values by rep are {distance} from uniform");
    let (alone, total) = with_a_leak(2000);
    assert!((0.93..=0.97).contains(&alone) && (0.93..=0.97).contains(&total), "{alone} alone, {total} in the total");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn what_all_values_give_beyond_the_others_adds_up_to_nothing(seed in 0u64..1000, customers in 5usize..80) {
        let found = Company { customers, extra: 0.1, seed }.by(&["rep", "category", "client"]);
        for column in ["rep", "category", "client"] {
            let of = |leak: &&Leak| leak.dimension.as_deref() == Some(column);
            let sum: f64 = found.leaks.iter().filter(of).filter_map(|leak| leak.excess).sum();
            prop_assert!(sum.abs() < 1e-7 * found.leaks[0].list, "{column}: {sum}");
        }
    }
}

#[test]
fn a_rep_who_sells_what_is_discounted_does_not_leak() {
    // Product 1 has ten points off for everybody; ann sells it three times as often as bob.
    let n = 400;
    let is_ann = |row: usize| row < n / 2;
    let product = |row: usize| usize::from(if is_ann(row) { row % 4 < 3 } else { row % 4 < 1 });
    let off = |row: usize| 0.1 * product(row) as f64 + 0.01 * (row * 7 % 5) as f64;
    let lines = batch!(
        "list" => vec![1.0; n], "paid" => (0..n).map(|row| 1.0 - off(row)).collect::<Vec<_>>(),
        "rep" => (0..n).map(is_ann).map(i32::from).collect::<Vec<_>>(), "sku" => (0..n).map(|row| product(row) as u32).collect::<Vec<_>>(),
    );
    let table = Table::from(lines.unwrap());
    let roles = DealRoles::new("list").pocket_price("paid");
    let blind = of(&Deals::from_table(&table, &roles).unwrap(), &["rep"]);
    assert_eq!(value(&blind, "1").closable.map(|money| money.lower > 0.0), Some(true));
    let seeing = of(&Deals::from_table(&table, &roles.product("sku")).unwrap(), &["rep"]);
    assert_eq!(seeing.totals[0].leaking, 0);
    assert_eq!(seeing.totals[0].within, ["product"]);
    assert!(blind.notes[0].starts_with("No product is known") && seeing.notes[0].starts_with("No time is known"));
}

#[test]
fn products_within_categories_are_not_held_against_them() {
    let found = null(1).by(&["category", "rep"]);
    assert_eq!(found.totals[0].within, ["size", "month"]);
    assert_eq!(found.totals[1].within, ["size", "product", "month"]);
    assert_eq!(
        found.notes,
        ["By category: its values and products cannot be told apart, so deals of different products are compared."]
    );
}

#[test]
fn customers_are_compared_by_their_orders() {
    let found = null(2).by(&["client", "rep"]);
    assert_eq!(found.totals[0].clusters, ["order", "product and month"]);
    assert_eq!(found.totals[1].clusters, ["customer", "product and month"]);
}

#[test]
fn one_product_that_changed_its_category_proves_nothing() {
    // Forty products, twenty in each category, each with a discount of its own. Product 0 alone moved, and what it gave before and after differs by chance.
    let mut draw = Draw::new(4);
    let own: Vec<f64> = (0..40).map(|_| 0.1 * draw.uniform()).collect();
    let [mut sku, mut category] = [const { Vec::new() }; 2];
    let mut paid = Vec::new();
    for row in 0..4000_u32 {
        let product = row % 40;
        sku.push(product);
        category.push(if product == 0 { row / 2000 } else { product / 20 });
        paid.push(1.0 - own[product as usize] - 0.05 * draw.uniform());
    }
    let lines = batch!("list" => vec![1.0; 4000], "paid" => paid, "sku" => sku, "category" => category).unwrap();
    let deals = Deals::from_table(&lines.into(), &DealRoles::new("list").pocket_price("paid").product("sku")).unwrap();
    let found = of(&deals, &["category"]);
    assert_eq!(found.totals[0].within, ["product"]);
    assert!(found.leaks[1].q_value > 0.05, "{:?}", found.leaks[1]);
}

#[test]
fn who_is_alone_or_has_one_customer_is_not_judged_and_it_is_said_why() {
    let n = 60;
    let lines = batch!(
        "list" => vec![10.0; n], "paid" => (0..n).map(|row| 8.0 + 0.1 * (row % 7) as f64).collect::<Vec<_>>(),
        "region" => vec!["north"; n], "rep" => (0..n).map(|row| if row < 5 { "new" } else { "old" }).collect::<Vec<_>>(),
        "client" => (0..n).map(|row| if row < 5 { 0 } else { row as u32 }).collect::<Vec<_>>(),
    );
    let deals =
        Deals::from_table(&lines.unwrap().into(), &DealRoles::new("list").pocket_price("paid").customer("client"))
            .unwrap();
    let found = of(&deals, &["region", "rep"]);
    let (north, new) = (value(&found, "north"), value(&found, "new"));
    assert_eq!((north.excess, north.reason.as_deref()), (None, Some("there is no other value to compare with")));
    assert!(new.excess.is_some() && new.estimate.is_none() && new.q_value.is_nan());
    assert!(new.reason.as_deref().unwrap().starts_with("too few customers"));
    assert_eq!(found.totals.iter().map(|total| total.leaking).collect::<Vec<_>>(), [0, 0]);
}

#[test]
fn columns_are_one_family_of_tests() {
    let company = Company { customers: 300, extra: 0.012, seed: 3 };
    let (alone, beside) = (company.by(&["rep"]), company.by(&["rep", "category", "client"]));
    assert_eq!(
        value(&alone, "0").estimate,
        beside
            .leaks
            .iter()
            .find(|leak| leak.dimension.as_deref() == Some("rep") && leak.value.as_deref() == Some("0"))
            .unwrap()
            .estimate
    );
    let least = |found: &Leakage| {
        found
            .leaks
            .iter()
            .filter(|leak| leak.dimension.as_deref() == Some("rep"))
            .map(|leak| leak.q_value)
            .fold(1.0, f64::min)
    };
    assert!(least(&alone) < least(&beside));
}

#[test]
fn equal_discounts_leak_nowhere() {
    let n = 100;
    let lines = batch!(
        "list" => (0..n).map(|row| 0.1 + f64::from(row)).collect::<Vec<_>>(), "paid" => (0..n).map(|row| 0.9 * (0.1 + f64::from(row))).collect::<Vec<_>>(),
        "rep" => (0..n).map(|row| row % 3).collect::<Vec<_>>(),
    );
    let deals = Deals::from_table(&lines.unwrap().into(), &DealRoles::new("list").pocket_price("paid")).unwrap();
    let found = of(&deals, &["rep"]);
    assert_eq!(found.totals[0].leaking, 0);
    assert!(found.leaks[1..].iter().all(|leak| leak.excess == Some(0.0)));
}
