//! Moments of cohorts: any way to part the units gives the same.

use leverkit_effect::panel::{CohortMoments, NEVER};
use proptest::prelude::*;

const PERIODS: usize = 4;

fn units() -> impl Strategy<Value = Vec<(u32, Vec<f64>)>> {
    let first = prop_oneof![Just(NEVER), 1..4_u32];
    prop::collection::vec((first, prop::collection::vec(-100.0..100.0, PERIODS)), 1..60)
}

fn moments(units: &[(u32, Vec<f64>)]) -> CohortMoments {
    let mut all = CohortMoments::new(PERIODS);
    units.iter().for_each(|(first, path)| all.add(*first, path));
    all
}

proptest! {
    #[test]
    fn parts_that_are_merged_are_the_whole(units in units(), cut in 0.0..1.0) {
        let (left, right) = units.split_at((units.len() as f64 * cut) as usize);
        let (whole, merged) = (moments(&units), moments(left).merge(moments(right)));
        prop_assert_eq!(whole.n(), merged.n());
        for (one, two) in whole.cohorts.values().zip(merged.cohorts.values()) {
            prop_assert_eq!(one.n, two.n);
            let pairs = one.mean.iter().zip(&two.mean).chain(one.products.iter().zip(&two.products));
            for (a, b) in pairs {
                prop_assert!((a - b).abs() <= 1e-8 * (1.0 + a.abs()), "{a} and {b}");
            }
        }
    }

    #[test]
    fn products_are_those_of_deviations_from_the_mean(paths in prop::collection::vec(prop::collection::vec(-9.0..9.0, PERIODS), 1..30)) {
        let units: Vec<(u32, Vec<f64>)> = paths.iter().map(|path| (NEVER, path.clone())).collect();
        let found = &moments(&units).cohorts[&NEVER];
        let n = paths.len() as f64;
        let mean = |at: usize| paths.iter().map(|path| path[at]).sum::<f64>() / n;
        let product = paths.iter().map(|path| (path[3] - mean(3)) * (path[1] - mean(1))).sum::<f64>();
        // Row 3 of the lower triangle begins at 6.
        prop_assert!((found.products[7] - product).abs() < 1e-9 * (1.0 + product.abs()));
    }
}

#[test]
fn units_together_count_as_one_by_one() {
    let first: Vec<u32> = (0..2000).map(|unit| [3, 7, NEVER][unit % 3]).collect();
    let paths: Vec<f64> = (0..2000 * PERIODS).map(|at| f64::from((at * 7919 % 1013) as u32) + 1e4).collect();
    let all = CohortMoments::of(PERIODS, &first, &paths);
    let mut each = CohortMoments::new(PERIODS);
    first.iter().zip(paths.chunks_exact(PERIODS)).for_each(|(first, path)| each.add(*first, path));
    for (found, expected) in all.cohorts.values().zip(each.cohorts.values()) {
        assert_eq!(found.n, expected.n);
        let values = found.mean.iter().chain(&found.products).zip(expected.mean.iter().chain(&expected.products));
        values.for_each(|(found, expected)| assert!((found - expected).abs() < 1e-9 * expected.abs().max(1e4)));
    }
    assert!(all.cohorts.keys().eq(each.cohorts.keys()));
}
