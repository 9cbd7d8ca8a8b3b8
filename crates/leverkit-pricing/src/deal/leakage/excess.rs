//! What each value of a column gives beyond the others, and what of it can be closed.

use leverkit_stats::pooling::{between, credibility};
use leverkit_stats::regression::{Contrasts, Levels, contrasts};
use leverkit_stats::{Estimate, Interval};

use super::clustered::{Item, Spread, Sums, of_sum};
use super::comparison::{Clusters, Known};
use crate::Error;

/// Shares of list price nearer to each other than this differ by rounding.
const ROUNDING: f64 = 1e-12;
/// A mean of fewer equal clusters than this has no spread.
const FEWEST_CLUSTERS: f64 = 2.0;

/// The values of a column compared with each other.
pub(super) struct Compared {
    items: Vec<Item>,
    clusters: Clusters,
    contrasts: Contrasts,
    /// By how much variances are greater for what is estimated beside the values.
    wider: Vec<f64>,
    /// How far each value's excess is spread, a share of list price.
    spreads: Vec<Spread>,
    /// Whether no other value can be compared with it.
    is_alone: Vec<bool>,
    pub(super) within: Vec<&'static str>,
    level: f64,
}

impl Compared {
    /// Compares groups of deals by their discounts, shares of list price, and their money at list price.
    pub(super) fn of(
        column: &str,
        groups: Levels<'_>,
        deals: (&[f64], &[f64]),
        known: &Known,
        level: f64,
        notes: &mut Vec<String>,
    ) -> Result<Self, Error> {
        let (discounts, lists) = deals;
        let controls = if groups.len > 1 { known.controls(column, groups, notes) } else { Vec::new() };
        let levels: Vec<Levels<'_>> = controls.iter().map(|control| control.levels).collect();
        let mut contrasts = contrasts(discounts, groups, &levels, lists)?;
        let shares = contrasts.above.iter_mut().chain(&mut contrasts.residuals);
        shares.filter(|share| share.abs() < ROUNDING).for_each(|share| *share = 0.0);
        let clusters = known.clusters(groups);
        let items = items(groups.codes, lists, &contrasts.residuals, &clusters);
        let sums = Sums::of(&items, &clusters, &contrasts.comparable, &contrasts.weights);
        let (rows, beside) = (lists.len() as f64, levels.iter().map(|levels| levels.len as f64 - 1.0).sum::<f64>());
        let wider: Vec<f64> = contrasts.inflation.iter().map(|inflation| inflation * rows / (rows - beside)).collect();
        let spreads = (0..groups.len).map(|group| sums.of_group(group).times(wider[group])).collect();
        let within = controls.iter().map(|control| control.name).collect();
        let is_alone = alone(&contrasts.comparable);
        Ok(Self { items, clusters, contrasts, wider, spreads, is_alone, within, level })
    }

    /// Which deals are drawn together.
    pub(super) fn clusters(&self) -> &[&'static str] {
        &self.clusters.names
    }

    /// What a value gives beyond the others, a share of list price; `None` where none of them can be compared with it.
    pub(super) fn excess(&self, group: usize) -> Option<f64> {
        (!self.is_alone[group]).then_some(self.contrasts.above[group])
    }

    /// The same in money with its limits; `None` where too few are drawn to know them.
    pub(super) fn estimate(&self, group: usize) -> Option<Estimate> {
        let list = self.contrasts.weights[group];
        let spread = self.spread(group)?;
        Some(spread.estimate(self.contrasts.above[group] * list, list * list, self.level))
    }

    fn spread(&self, group: usize) -> Option<Spread> {
        let spread = self.spreads[group];
        (!self.is_alone[group] && spread.clusters >= FEWEST_CLUSTERS).then_some(spread)
    }

    /// What of each value's excess chance does not explain, and what those who `leak` give beyond those who don't.
    pub(super) fn close(&self, leaks: impl Fn(usize) -> bool) -> Closable {
        let groups = self.contrasts.above.len();
        let known: Vec<Option<f64>> = (0..groups).map(|group| Some(self.spread(group)?.variance)).collect();
        let pairs = self.contrasts.above.iter().zip(&known).filter_map(|(above, known)| Some((*above, (*known)?)));
        let between = between(&pairs.collect::<Vec<_>>(), 0.0);
        let keeps: Vec<Option<f64>> = known.iter().map(|known| Some(credibility((*known)?, between))).collect();
        let shrunk: Vec<Option<f64>> =
            keeps.iter().zip(&self.contrasts.above).map(|(keeps, above)| Some((*keeps)? * above)).collect();
        let is_leak: Vec<bool> =
            (0..groups).map(|group| shrunk[group].is_some_and(|shrunk| shrunk > 0.0) && leaks(group)).collect();
        let sides = Sides::of(&self.contrasts, &shrunk, is_leak);
        let money = |group: usize| {
            let (own, keeps) = (shrunk[group]?, keeps[group]?);
            // What is measured is a value against all; against the others it is greater, and known as much less well.
            let (apart, list) = (own - sides.level_of_others(group), self.contrasts.weights[group]);
            let scale = keeps * (apart / own * list).powi(2);
            sides.is_leak[group].then(|| self.spreads[group].estimate(apart * list, scale, self.level).interval)
        };
        Closable {
            money: (0..groups).map(money).collect(),
            total: self.total(&shrunk, &sides),
            between: between.sqrt(),
            shrunk,
        }
    }

    /// What all who leak give beyond those who don't.
    fn total(&self, shrunk: &[Option<f64>], sides: &Sides<'_>) -> Interval {
        let sum = |of: &dyn Fn(usize) -> f64| {
            let leaking = (0..shrunk.len()).filter(|group| sides.is_leak[*group]);
            leaking.map(|group| self.contrasts.weights[group] * of(group)).sum::<f64>()
        };
        let own = |group: usize| shrunk[group].unwrap_or_default();
        let list = sum(&|_| 1.0);
        if list <= 0.0 {
            return Interval { estimate: 0.0, lower: 0.0, upper: 0.0 };
        }
        let money = sum(&|group| own(group) - sides.level_of_others(group));
        let keeps = sum(&own) / sum(&|group| self.contrasts.above[group]);
        let wider = sum(&|group| self.wider[group]) / list;
        let counted: Vec<Item> = self.items.iter().map(|item| sides.counted(item)).collect();
        of_sum(&counted, &self.clusters).estimate(money, keeps * wider, self.level).interval
    }
}

fn alone(sets: &[u32]) -> Vec<bool> {
    let mut sizes = vec![0; sets.len()];
    sets.iter().for_each(|&set| sizes[set as usize] += 1);
    sets.iter().map(|&set| sizes[set as usize] == 1).collect()
}

fn items(groups: &[u32], lists: &[f64], residuals: &[f64], clusters: &Clusters) -> Vec<Item> {
    let shared = |row: usize| clusters.shared.as_ref().map_or(0, |way| way.codes[row]);
    let item = |row: usize| Item {
        group: groups[row],
        weight: lists[row],
        error: lists[row] * residuals[row],
        shared: shared(row),
    };
    (0..groups.len()).map(item).collect()
}

/// What can be closed of a column.
pub(super) struct Closable {
    /// The excess of each value as far as chance does not explain it, a share of list price.
    pub(super) shrunk: Vec<Option<f64>>,
    /// What each that leaks gives beyond those who don't.
    pub(super) money: Vec<Option<Interval>>,
    /// The same of all that leak.
    pub(super) total: Interval,
    /// The standard deviation of values beyond chance, a share of list price.
    pub(super) between: f64,
}

/// Those who leak and those who don't, in each set of values that can be compared.
struct Sides<'a> {
    sets: &'a [u32],
    is_leak: Vec<bool>,
    of_set: Vec<Side>,
}

/// Money at list price on both sides, and the excess of those who leak, of one set.
#[derive(Clone, Default)]
struct Side {
    leaking: f64,
    others: f64,
    excess: f64,
}

impl<'a> Sides<'a> {
    fn of(contrasts: &'a Contrasts, shrunk: &[Option<f64>], is_leak: Vec<bool>) -> Self {
        let sets = &contrasts.comparable;
        let mut of_set = vec![Side::default(); sets.iter().max().map_or(0, |max| *max as usize + 1)];
        for (group, &set) in sets.iter().enumerate() {
            let (side, list) = (&mut of_set[set as usize], contrasts.weights[group]);
            if is_leak[group] {
                side.leaking += list;
                side.excess += list * shrunk[group].unwrap_or_default();
            } else {
                side.others += list;
            }
        }
        Self { sets, is_leak, of_set }
    }

    /// The mean excess of those who don't leak: what those who do have more, they have less, as all add up to nothing.
    fn level_of_others(&self, group: usize) -> f64 {
        let side = &self.of_set[self.sets[group] as usize];
        if side.others > 0.0 { -side.excess / side.others } else { 0.0 }
    }

    /// A deal as it counts in what all who leak give beyond the others: theirs in full, the others' less by as much money.
    fn counted(&self, item: &Item) -> Item {
        let side = &self.of_set[self.sets[item.group as usize] as usize];
        let factor = if self.is_leak[item.group as usize] { 1.0 } else { -side.leaking / side.others };
        Item { group: 0, error: item.error * factor, weight: item.weight * factor.abs(), ..*item }
    }
}
