//! What scores promise: equal values equal scores, ntile's counts, explained cut points, and the same scores again from saved ones.

#![allow(clippy::unwrap_used)] // A test may fail.

use leverkit_core::columns::numbers;
use leverkit_core::frames::each;
use leverkit_core::{Day, Ledger, Params, Roles, Table, batch};
use leverkit_rfm::{Error, Monetary, ScoreMethod, ScoreModel, ScoreParams, Thresholds, measure, score};
use proptest::prelude::*;

fn ledger(lines: &[(i64, i32, f64)]) -> Ledger {
    let batch = batch!(
        "c" => each(lines, |line| line.0),
        "t" => each(lines, |line| Day::from(line.1)),
        "a" => each(lines, |line| line.2),
    );
    Ledger::from_batches(&[batch.unwrap()], &Roles::new("c", "t").amount("a")).unwrap()
}

fn lines() -> impl Strategy<Value = Vec<(i64, i32, f64)>> {
    prop::collection::vec((0i64..60, 19_000..19_400, (0i32..40).prop_map(f64::from)), 1..400)
}

fn params(method: ScoreMethod, bins: u8) -> ScoreParams {
    ScoreParams { method, bins: [bins; 3], ..ScoreParams::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn equal_values_get_equal_scores_and_better_values_no_worse(lines in lines(), bins in 2u8..=10, which in 0usize..3) {
        let method = [ScoreMethod::Quantile, ScoreMethod::EqualWidth, ScoreMethod::Kmeans][which];
        let scores = score(&ledger(&lines), &params(method, bins)).unwrap();
        let measures = &scores.measures;
        for a in 0..measures.each.len() {
            for b in 0..measures.each.len() {
                let better = [measures.recency(a) <= measures.recency(b), measures.each[a].orders >= measures.each[b].orders, measures.each[a].total >= measures.each[b].total];
                for (measure, better) in better.into_iter().enumerate() {
                    prop_assert!(!better || scores.scores[measure][a] >= scores.scores[measure][b]);
                }
            }
        }
    }

    #[test]
    fn ranks_fill_buckets_as_ntile_does(lines in lines(), bins in 2u8..=10) {
        let scores = score(&ledger(&lines), &params(ScoreMethod::Rank, bins)).unwrap();
        let n = scores.measures.each.len();
        for of_measure in &scores.scores {
            for bucket in 1..=bins {
                let count = of_measure.iter().map(|score| usize::from(*score == bucket)).sum::<usize>();
                prop_assert_eq!(count, n / usize::from(bins) + usize::from(usize::from(bucket) <= n % usize::from(bins)));
            }
        }
    }

    #[test]
    fn saved_cut_points_give_the_same_scores_again(lines in lines(), which in 0usize..4) {
        let method = [ScoreMethod::Quantile, ScoreMethod::EqualWidth, ScoreMethod::Kmeans, ScoreMethod::Nested][which];
        let ledger = ledger(&lines);
        let scores = score(&ledger, &params(method, 4)).unwrap();
        let model = ScoreModel::from_json(&scores.model.to_json().unwrap()).unwrap();
        prop_assert_eq!(&model, &scores.model);
        prop_assert_eq!(model.apply(&ledger, None).unwrap().scores, scores.scores);
    }

    #[test]
    fn parts_measured_apart_are_the_whole_measured_at_once(lines in lines(), parts in 1usize..5) {
        let ledger = ledger(&lines);
        let whole = measure(&ledger, ledger.as_of()).unwrap();
        let parts = ledger.partition(parts).unwrap().into_iter().map(|part| measure(&part, ledger.as_of()).unwrap());
        let merged = parts.reduce(|a, b| a.merge(b).unwrap()).unwrap();
        prop_assert_eq!(merged.each, whole.each);
    }

    #[test]
    fn lines_after_as_of_change_nothing(lines in lines(), as_of in 19_100..19_300) {
        let before: Vec<_> = lines.iter().filter(|line| line.1 <= as_of).copied().collect();
        prop_assume!(!before.is_empty());
        let all = measure(&ledger(&lines), as_of.into()).unwrap();
        let past = measure(&ledger(&before), as_of.into()).unwrap();
        prop_assert_eq!(all.each, past.each);
        prop_assert_eq!(all.customers.texts(), past.customers.texts());
    }
}

fn three() -> Ledger {
    ledger(&[(1, 19_000, 10.0), (2, 19_010, 20.0), (2, 19_020, 20.0), (3, 19_030, 90.0)])
}

#[test]
fn thresholds_are_the_company_s_own_norms() {
    let thresholds = Thresholds { recency: vec![11.0], frequency: vec![2.0], monetary: vec![40.0, 90.0] };
    let params = ScoreParams { thresholds: Some(thresholds), ..params(ScoreMethod::Thresholds, 5) };
    let scores = score(&three(), &params).unwrap();
    assert_eq!(scores.scores, [vec![1, 2, 2], vec![1, 2, 1], vec![1, 2, 3]]);
}

#[test]
fn the_average_check_is_the_total_divided_by_orders() {
    let params = ScoreParams { monetary: Monetary::AverageCheck, ..params(ScoreMethod::Quantile, 3) };
    let table = Table::from(score(&three(), &params).unwrap().to_batch().unwrap());
    assert_eq!(numbers(table.column("monetary").unwrap(), "monetary").unwrap(), [10.0, 20.0, 90.0]);
}

#[test]
fn nested_bins_of_frequency_lie_within_recency() {
    let lines: Vec<_> =
        (0..40).map(|i| (i64::from(i), 19_000 + i / 20 * 100, 1.0)).chain((0..10).map(|i| (i, 18_999, 1.0))).collect();
    let scores = score(&ledger(&lines), &params(ScoreMethod::Nested, 2)).unwrap();
    let within: Vec<_> = scores.model.cuts.iter().map(|cut| cut.within.clone()).collect();
    assert_eq!(within[..3], [vec![], vec![1], vec![2]]);
    assert_eq!(scores.scores[1][0], 2, "two orders are many among those who left");
}

#[test]
fn customers_with_returns_alone_are_listed_without_scores() {
    let scores =
        score(&ledger(&[(1, 19_000, 10.0), (2, 19_001, -5.0), (3, 19_002, 8.0)]), &params(ScoreMethod::Quantile, 5))
            .unwrap();
    assert_eq!(scores.scores[0][1], 0);
    assert_eq!(Table::from(scores.to_batch().unwrap()).column("rfm").unwrap().null_count(), 1);
    assert_eq!(scores.segment_rows().iter().map(|row| row.customers).sum::<u64>(), 2);
    insta::assert_snapshot!(scores.notes.last().unwrap(), @"1 customer has returns but no order: listed without scores.");
}

#[test]
fn one_customer_and_all_equal_values_are_scored_and_noted() {
    for lines in [vec![(1, 19_000, 5.0)], vec![(1, 19_000, 5.0), (2, 19_000, 5.0), (3, 19_000, 5.0)]] {
        for method in [
            ScoreMethod::Quantile,
            ScoreMethod::Nested,
            ScoreMethod::EqualWidth,
            ScoreMethod::Kmeans,
            ScoreMethod::Rank,
        ] {
            let scores = score(&ledger(&lines), &params(method, 5)).unwrap();
            assert!(scores.scores.iter().flatten().all(|score| (1..=5).contains(score)), "{method:?}");
        }
        assert_eq!(score(&ledger(&lines), &params(ScoreMethod::Quantile, 5)).unwrap().notes.len(), 3);
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    let rank = score(&three(), &params(ScoreMethod::Rank, 3)).unwrap();
    insta::assert_snapshot!(rank.model.apply(&three(), None).unwrap_err(), @"method: got rank; expected a method with cut points: ranks hold only among the customers they were made from");
    insta::assert_snapshot!(params(ScoreMethod::Thresholds, 5).check().unwrap_err(), @r#"thresholds: got none; expected cut points for recency, frequency and monetary with method="thresholds""#);
    let early = ScoreParams { as_of: Some(18_000.into()), ..ScoreParams::default() };
    assert!(matches!(score(&three(), &early), Err(Error::NothingToScore { .. })));
    let weights = ScoreParams { weights: [0.0; 3], ..ScoreParams::default() };
    insta::assert_snapshot!(weights.check().unwrap_err(), @"weights: got [0.0, 0.0, 0.0]; expected three numbers of at least 0, not all 0");
    assert!(matches!(ScoreModel::from_json("{}"), Err(Error::Format { .. })));
}
