//! What was planted is found: the norm, outliers and leaks of deals, targets of peers, the line of the value map, who follows whom.

#![allow(clippy::unwrap_used)] // A test may fail.

mod common;

use common::{Draw, as_deals, deals, norm, price_war};
use leverkit_core::{Table, batch};
use leverkit_pricing::{
    DealScoreParams, HedonicParams, LeadershipParams, LeakageParams, PositionParams, ValueMapParams, deal_score,
    hedonic, leadership, leakage, position, value_map,
};

/// Of 50,000 deals with noise of 0.01: the norm is off by at most 0.004 (share of list price) between 3 and 150 units, every planted outlier is found, and
/// fewer than one deal in a thousand is called one wrongly.
#[test]
fn norm_and_outliers_are_found() {
    let planted = deals(50_000, 0.0, 1);
    let found = leakage(&as_deals(&planted.table), &LeakageParams::default()).unwrap();
    let worst =
        (3..=150).map(|units| (found.norm.at(f64::from(units)) - norm(f64::from(units))).abs()).fold(0.0, f64::max);
    assert!(worst < 0.004, "the norm is off by {worst}");
    let mut rows: Vec<u32> = found.outliers.iter().map(|outlier| outlier.row).collect();
    rows.sort_unstable();
    assert!(planted.outliers.iter().all(|row| rows.binary_search(row).is_ok()));
    let wrong = rows.len() - planted.outliers.len();
    assert!(wrong < 50, "{wrong} of 50,000 deals are called outliers wrongly");
}

/// One rep of ten gives 0.04 more: she is named first with 0.04 beyond the others within 0.003, and nobody else.
#[test]
fn a_rep_who_gives_too_much_is_named_with_the_share() {
    let planted = deals(50_000, 0.04, 2);
    let params = LeakageParams { by: vec!["rep".into()], ..LeakageParams::default() };
    let found = leakage(&as_deals(&planted.table), &params).unwrap();
    let reps = &found.leaks[1..];
    assert_eq!(reps[0].value.as_deref(), Some("rep0"));
    let closable = reps[0].closable.unwrap();
    assert!((closable.estimate / reps[0].list - 0.04).abs() < 0.003, "{closable:?} of {}", reps[0].list);
    assert!(closable.lower < 0.04 * reps[0].list && 0.04 * reps[0].list < closable.upper);
    assert!(reps[1..].iter().all(|rep| rep.closable.is_none()));
    assert_eq!((found.totals[0].values, found.totals[0].leaking), (10, 1));
}

/// Deals of 12 groups with planted medians: targets are found within 0.004, floors and stretches (normal quantiles) within 0.006, and the money up to the
/// planted targets within 2 %.
#[test]
fn planted_targets_are_found() {
    let mut draw = Draw::new(3);
    let target = |group: usize| 0.70 + 0.02 * group as f64;
    let (mut groups, mut paid) = (Vec::new(), Vec::new());
    let mut worth = 0.0;
    for _ in 0..40_000 {
        let group = draw.below(12);
        let price = target(group) + 0.05 * draw.normal();
        worth += 100.0 * (target(group) - price).max(0.0);
        groups.push(group as i32);
        paid.push(100.0 * price);
    }
    let table = Table::from(
        batch!("list" => vec![100.0; paid.len()], "units" => vec![1.0; paid.len()], "paid" => paid, "group" => groups)
            .unwrap(),
    );
    let params = DealScoreParams { peers: vec!["group".into()], size_bands: 1, ..DealScoreParams::default() };
    let found = deal_score(&as_deals(&table), &params).unwrap();
    assert_eq!(found.nodes.len(), 13);
    for node in &found.nodes[1..] {
        let group: usize = node.values[0].as_deref().unwrap().parse().unwrap();
        assert!((node.shrunk[1] - target(group)).abs() < 0.004, "{group}: {:?}", node.shrunk);
        // The lowest and the highest fifth of a normal distribution begin 0.8416 standard deviations from its mean.
        assert!((node.shrunk[0] - (target(group) - 0.05 * 0.8416)).abs() < 0.006);
        assert!((node.shrunk[2] - (target(group) + 0.05 * 0.8416)).abs() < 0.006);
    }
    let opportunity: f64 = found.nodes.iter().map(|node| node.opportunity).sum();
    assert!((opportunity / worth - 1.0).abs() < 0.02, "{opportunity} for {worth}");
}

/// Of 200 groups of 30 deals each, medians drawn from a normal distribution: drawing them to the whole makes targets truer.
#[test]
fn shrinking_makes_targets_of_thin_groups_truer() {
    let mut draw = Draw::new(4);
    let targets: Vec<f64> = (0..200).map(|_| 0.8 + 0.01 * draw.normal()).collect();
    let rows: Vec<usize> = (0..6000).map(|row| row % 200).collect();
    let paid: Vec<f64> = rows.iter().map(|&group| targets[group] + 0.05 * draw.normal()).collect();
    let groups: Vec<i32> = rows.iter().map(|&group| group as i32).collect();
    let table = Table::from(
        batch!("list" => vec![1.0; 6000], "units" => vec![1.0; 6000], "paid" => paid, "group" => groups).unwrap(),
    );
    let params = DealScoreParams { peers: vec!["group".into()], size_bands: 1, ..DealScoreParams::default() };
    let found = deal_score(&as_deals(&table), &params).unwrap();
    let error = |of: fn(&leverkit_pricing::PeerGroup) -> f64| -> f64 {
        let of_group =
            |node: &leverkit_pricing::PeerGroup| targets[node.values[0].as_deref().unwrap().parse::<usize>().unwrap()];
        (found.nodes[1..].iter().map(|node| (of(node) - of_group(node)).powi(2)).sum::<f64>() / 200.0).sqrt()
    };
    let (own, shrunk) = (error(|node| node.own[1]), error(|node| node.shrunk[1]));
    assert!(shrunk < 0.8 * own, "root mean squared error {shrunk} for {own}");
}

#[test]
fn a_group_with_too_few_deals_is_judged_by_the_group_around_it() {
    let table = Table::from(batch!(
        "list" => vec![10.0; 41], "units" => vec![1.0; 41], "paid" => (0..41).map(|i| 8.0 + f64::from(i) / 100.0).collect::<Vec<_>>(),
        "group" => (0..41).map(|i| i32::from(i == 40)).collect::<Vec<_>>(),
    ).unwrap());
    let params = DealScoreParams { peers: vec!["group".into()], size_bands: 1, ..DealScoreParams::default() };
    let found = deal_score(&as_deals(&table), &params).unwrap();
    assert_eq!(found.nodes[found.deals[40].node as usize].depth, 0);
    assert_eq!(found.nodes[found.deals[0].node as usize].depth, 1);
}

/// Of 4,000 value maps of 40 products, 95 % limits hold the true slope and the true line in 94 to 96 %, the bootstrap's limits of the gap the true gap in 90 to
/// 97 %.
#[test]
fn limits_of_the_value_map_hold_the_truth() {
    let mut draw = Draw::new(5);
    let (samples, products) = (4000, 40);
    let (mut slopes, mut lines, mut gaps) = (0, 0, 0);
    for seed in 0..samples {
        let values: Vec<f64> = (0..products).map(|_| 10.0 * draw.uniform()).collect();
        let prices: Vec<f64> = values.iter().map(|value| 5.0 + 2.0 * value + draw.normal()).collect();
        let truth = 5.0 + 2.0 * values[7];
        let gap = prices[7] - truth;
        let names: Vec<i32> = (0..products).collect();
        let table = Table::from(batch!("product" => names, "price" => prices, "score" => values).unwrap());
        let params =
            ValueMapParams { replicates: 200, seed, ..ValueMapParams::new("product", "price", &[("score", 1.0)]) };
        let found = value_map(&table, &params).unwrap();
        let holds = |lower: f64, upper: f64, truth: f64| u64::from(lower <= truth && truth <= upper);
        let slope = found.line[1].estimate.unwrap();
        let product = &found.products[7];
        slopes += holds(slope.interval.lower, slope.interval.upper, 2.0);
        lines += holds(product.fair_price.interval.lower, product.fair_price.interval.upper, truth);
        gaps += holds(product.gap.lower, product.gap.upper, gap);
    }
    let share = |held: u64| held as f64 / samples as f64;
    assert!((0.94..0.96).contains(&share(slopes)), "slope: {}", share(slopes));
    assert!((0.94..0.96).contains(&share(lines)), "line: {}", share(lines));
    assert!((0.90..0.97).contains(&share(gaps)), "gap: {}", share(gaps));
}

/// South follows north by 0.8 a week later: found within 0.03 at that lag, and within three standard errors (each 0.03) over four lags; nobody else surely follows anybody.
#[test]
fn who_follows_whom_is_found() {
    let prices = price_war(40, 104, 6);
    let found = leadership(&prices, &LeadershipParams::new("sku", "seller", "price", "day")).unwrap();
    let first = &found.reactions[0];
    assert_eq!((first.leader.as_str(), first.follower.as_str()), ("north", "south"));
    let response = first.response.unwrap();
    assert!(
        response.std_error < 0.03 && (response.interval.estimate - 0.8).abs() < 3.0 * response.std_error,
        "{response:?}"
    );
    assert!((first.by_lag[0].interval.estimate - 0.8).abs() < 0.03);
    assert!((first.mean_lag.unwrap() - 1.0).abs() < 0.35); // three standard errors: those of later lags weigh more
    assert_eq!(found.days_per_date, 7.0);
    assert!(first.q_value < 1e-9 && found.reactions[1..].iter().all(|other| other.q_value > 0.01));
}

#[test]
fn our_index_against_theirs_is_the_reciprocal_of_theirs_against_ours() {
    let prices = price_war(20, 3, 7);
    let of = |own: &str, other: &str| {
        let params = PositionParams { date: Some("day".into()), ..PositionParams::new("sku", "seller", "price", own) };
        let found = position(&prices, &params).unwrap();
        let row = found.indices.into_iter().find(|row| row.competitor.as_deref() == Some(other)).unwrap();
        (row.index.unwrap().interval.estimate, row.cheaper.unwrap(), row.dearer.unwrap())
    };
    let (ours, theirs) = (of("north", "west"), of("west", "north"));
    assert!((ours.0 * theirs.0 / 1e4 - 1.0).abs() < 1e-12);
    assert_eq!((ours.1, ours.2), (theirs.2, theirs.1));
}

#[test]
fn repeated_prices_are_averaged_and_their_rows_named() {
    let table = Table::from(
        batch!("sku" => ["b", "a", "a", "a"], "shop" => ["us", "them", "us", "us"], "price" => [5.0, 8.0, 9.0, 11.0])
            .unwrap(),
    );
    let found = position(&table, &PositionParams::new("sku", "shop", "price", "us")).unwrap();
    assert_eq!(found.products[0].own, 10.0);
    assert_eq!((found.left_out[0].rows, found.left_out[0].first_row), (1, 3));
    let error = position(&table, &PositionParams::new("sku", "shop", "price", "thm")).unwrap_err().to_string();
    assert!(error.contains("did you mean \"them\"?"), "{error}");
}

/// A unit of size is worth 10 % and a brand 25 % of the price: found within 1 % of the price.
#[test]
fn attributes_are_worth_what_they_were_planted_with() {
    let mut draw = Draw::new(8);
    let (mut size, mut brand, mut price) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..4000 {
        let (s, b) = (10.0 * draw.uniform(), ["plain", "plain", "known"][draw.below(3)]);
        price.push(
            (2.0 + 1.1_f64.ln() * s + if b == "known" { 1.25_f64.ln() } else { 0.0 } + 0.1 * draw.normal()).exp(),
        );
        size.push(s);
        brand.push(b);
    }
    let table = Table::from(batch!("price" => price, "size" => size, "brand" => brand).unwrap());
    let found = hedonic(&table, &HedonicParams::new("price", &["size", "brand"])).unwrap();
    assert!((found.terms[1].share.unwrap().estimate - 0.10).abs() < 0.01);
    assert!((found.terms[2].share.unwrap().estimate - 0.25).abs() < 0.01);
}

#[test]
fn an_attribute_that_is_no_number_is_left_out_like_one_that_is_missing() {
    let table = Table::from(
        batch!("price" => [1.0, 2.0, 3.0, 4.5, 5.0], "size" => [Some(1.0), Some(2.0), Some(f64::NAN), None, Some(5.0)])
            .unwrap(),
    );
    let found = hedonic(&table, &HedonicParams { log: false, ..HedonicParams::new("price", &["size"]) }).unwrap();
    assert_eq!((found.n, found.left_out[0].rows, found.left_out[0].first_row), (3, 2, 2));
    assert!((found.terms[1].term.estimate.unwrap().interval.estimate - 1.0).abs() < 1e-12);
}
