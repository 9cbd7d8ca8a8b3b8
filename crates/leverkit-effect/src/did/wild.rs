//! Tests with few clusters, where the normal distribution promises too much: residuals of whole clusters, taken under the hypothesis that there is no effect, are turned at random and the
//! effect is estimated again (the restricted wild cluster bootstrap of Cameron, Gelbach & Miller 2008, with the six points of Webb 2023).

use leverkit_stats::budget;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::panel::{Clusters, Contrast, Joint};

/// From so many clusters on the normal distribution is near enough.
const ENOUGH: usize = 50;
/// √1½, 1 and √½, each also with a minus.
const POINTS: [f64; 3] = [1.224_744_871_391_589, 1.0, std::f64::consts::FRAC_1_SQRT_2];

/// The p-value of no effect by redrawn clusters; `None` where there are enough of them, or none.
pub(super) fn wild_p_value(joint: &Joint, contrast: &Contrast, draws: usize, seed: u64) -> Option<f64> {
    let clusters = joint.clusters.as_ref().filter(|clusters| clusters.scores.nrows() < ENOUGH)?;
    let parts = Parts::of(joint, clusters, contrast);
    let own = contrast.value.abs() / error(&parts.added);
    let mut random = Pcg64::seed_from_u64(seed);
    let mut as_far = 1;
    for _ in 0..draws {
        budget::check();
        let turned: Vec<f64> = (0..clusters.scores.nrows()).map(|_| point(&mut random)).collect();
        as_far += usize::from(parts.statistic(clusters, &turned) >= own);
    }
    own.is_finite().then(|| as_far as f64 / (draws + 1) as f64)
}

fn point(random: &mut Pcg64) -> f64 {
    let point = POINTS[random.random_range(0..POINTS.len())];
    if random.random_bool(0.5) { point } else { -point }
}

fn error(added: &[Vec<f64>]) -> f64 {
    added.iter().map(|cohorts| cohorts.iter().sum::<f64>().powi(2)).sum::<f64>().sqrt()
}

/// What each cluster adds to an effect, cohort by cohort.
struct Parts {
    /// Around the cohorts' own means.
    added: Vec<Vec<f64>>,
    /// Around means that leave no effect.
    restricted: Vec<Vec<f64>>,
}

impl Parts {
    fn of(joint: &Joint, clusters: &Clusters, contrast: &Contrast) -> Self {
        let (cohorts, periods) = (joint.first.len(), joint.periods);
        let slope = |cohort: usize, period: usize| contrast.gradient[joint.at(cohort, period)];
        // No effect is left by moving the cohorts' means as little as their sizes allow.
        let ease: Vec<f64> = (0..cohorts)
            .map(|cohort| (0..periods).map(|period| slope(cohort, period).powi(2)).sum::<f64>() / joint.sizes[cohort])
            .collect();
        let total: f64 = ease.iter().sum();
        let added = |cluster: usize| {
            let of = |cohort: usize| {
                let score = |period: usize| clusters.scores[(cluster, joint.at(cohort, period))];
                (0..periods).map(|period| slope(cohort, period) * score(period)).sum()
            };
            (0..cohorts).map(of).collect::<Vec<f64>>()
        };
        let added: Vec<Vec<f64>> = (0..clusters.scores.nrows()).map(added).collect();
        let moved = |(cluster, own): (usize, &Vec<f64>)| {
            let back = |cohort: usize| clusters.shares[(cluster, cohort)] * ease[cohort] / total * contrast.value;
            own.iter().enumerate().map(|(cohort, part)| part + back(cohort)).collect()
        };
        Self { restricted: added.iter().enumerate().map(moved).collect(), added }
    }

    /// The effect over its error, estimated again where each cluster's residuals are turned.
    fn statistic(&self, clusters: &Clusters, turned: &[f64]) -> f64 {
        let cohorts = self.restricted[0].len();
        let mean =
            |cohort: usize| self.restricted.iter().zip(turned).map(|(own, times)| times * own[cohort]).sum::<f64>();
        let means: Vec<f64> = (0..cohorts).map(mean).collect();
        let again = |(cluster, (own, times)): (usize, (&Vec<f64>, &f64))| {
            let around = |cohort: usize| times * own[cohort] - clusters.shares[(cluster, cohort)] * means[cohort];
            (0..cohorts).map(around).collect()
        };
        let added: Vec<Vec<f64>> = self.restricted.iter().zip(turned).enumerate().map(again).collect();
        means.iter().sum::<f64>().abs() / error(&added)
    }
}
