//! The steps of each group, and the same pulled towards the overall ones, the more the smaller the group.

use leverkit_core::{Error, Groups};
use leverkit_stats::{Interval, Ratio, normal_quantile, share_limits};
use serde::Serialize;

use crate::quantities::params::QuantityParams;
use crate::quantities::rows::Rows;
use leverkit_stats::pooling::{between, credibility};

/// A group's step.
#[derive(Debug, Clone, Serialize)]
pub struct QuantityGroup {
    /// The column.
    pub dimension: String,
    /// Its value; `None` where it is null.
    pub group: Option<String>,
    /// The level that is come to.
    pub level: String,
    /// Entities of the group.
    pub entities: u64,
    /// Units at the level before, and at this.
    pub quantities: (f64, f64),
    /// The group's own conversion; `None` without a unit before.
    pub conversion: Option<Interval>,
    /// The same, pulled towards the overall one, the more the smaller the group.
    pub shrunk: Option<Interval>,
    /// Money at this level and lost before it.
    pub value: Option<(f64, f64)>,
}

/// The steps of each group. How much an entity's units hang together is taken from all entities: few of them do not tell it.
pub(crate) fn by_groups(rows: &Rows, units: &[Vec<f64>], params: &QuantityParams) -> Result<Vec<QuantityGroup>, Error> {
    let z = normal_quantile(0.5 + params.confidence / 2.0);
    let mut found = Vec::new();
    for (dimension, column) in params.by.iter().zip(&rows.by) {
        let groups = Groups::of(column.len(), std::slice::from_ref(column))?;
        let names = groups.keys()[0].texts();
        let sum = |column: &Vec<f64>| {
            let mut sums = vec![0.0; groups.len()];
            groups.codes().iter().zip(column).for_each(|(group, value)| sums[*group as usize] += value);
            sums
        };
        let sums: Vec<Vec<f64>> = rows.units.iter().map(sum).collect();
        let money: Option<Vec<Vec<f64>>> = rows.money.as_ref().map(|money| money.iter().map(sum).collect());
        let entities = distinct(groups.codes(), &rows.entities, groups.len());
        for at in 1..params.levels.len() {
            let Some(all) = Ratio::of(&units[at - 1], &units[at]) else { continue };
            let shares = pooled(&sums[at - 1], &sums[at], all.value, all.design_effect(), z);
            found.extend(shares.into_iter().enumerate().map(|(group, shares)| QuantityGroup {
                dimension: dimension.clone(),
                group: names[group].clone(),
                level: params.levels[at].clone(),
                entities: entities[group],
                quantities: (sums[at - 1][group], sums[at][group]),
                conversion: shares.map(|shares| shares.0),
                shrunk: shares.map(|shares| shares.1),
                value: money.as_ref().map(|money| (money[at][group], money[at - 1][group] - money[at][group])),
            }));
        }
    }
    Ok(found)
}

/// Each group's own conversion and the same pulled towards the overall one; `None` without a unit at the level before.
fn pooled(before: &[f64], here: &[f64], all: f64, effect: f64, z: f64) -> Vec<Option<(Interval, Interval)>> {
    let spread = if all > 0.0 && all < 1.0 { all * (1.0 - all) } else { 0.0 };
    let variance = |x: f64| effect * spread / x;
    let known: Vec<(f64, f64)> =
        before.iter().zip(here).filter(|(x, _)| **x > 0.0).map(|(x, y)| (y / x, variance(*x))).collect();
    let between = between(&known, all);
    let one = |(x, y): (&f64, &f64)| {
        let own = Some(y / x).filter(|_| *x > 0.0)?;
        let weight = credibility(variance(*x), between);
        let estimate = weight * own + (1.0 - weight) * all;
        // Without a spread of all groups nothing tells how unsure one is, and a ratio above 1 has no variance of its own.
        let of_all = if spread > 0.0 { variance(*x) } else { f64::NAN };
        let half = z * (weight * of_all).sqrt();
        let (lower, upper) = ((estimate - half).clamp(0.0, f64::INFINITY), (estimate + half).clamp(0.0, own.max(1.0)));
        let own_variance = if own <= 1.0 { effect * own * (1.0 - own) / x } else { of_all };
        Some((share_limits(own, own_variance, x / effect.max(1e-9), z), Interval { estimate, lower, upper }))
    };
    before.iter().zip(here).map(one).collect()
}

/// How many different entities each group has.
fn distinct(groups: &[u32], entities: &[u32], n_groups: usize) -> Vec<u64> {
    let mut pairs: Vec<(u32, u32)> = groups.iter().copied().zip(entities.iter().copied()).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut counts = vec![0; n_groups];
    pairs.iter().for_each(|(group, _)| counts[*group as usize] += 1);
    counts
}
