//! The analytic hierarchy process of Saaty (1977, 1980): weights from pairwise comparisons.

use leverkit_core::stats::budget::Watched;
use leverkit_core::stats::{Interval, percentile_interval};
use leverkit_core::{LeftOut, Params, Table};
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::Serialize;

use super::agreement::{Concordance, mid_ranks};
use super::comparisons::{Comparisons, Judgements};
use super::params::AhpParams;
use super::weights::{Eigen, eigenvector, geometric_index, log_weights, normalised, random_index};
use crate::Error;

/// A compared item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AhpItem {
    /// Its name.
    pub item: String,
    /// Its weight by the principal eigenvector, with bootstrap limits; these equal the weight where nothing is known of its error.
    pub weight: Interval,
    /// Its weight by geometric means.
    pub geometric: f64,
    /// Its place by weight, from 1, with limits.
    pub rank: Interval,
    /// The chance that its weight is the greatest.
    pub first: f64,
}

/// A comparison held against all others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AhpJudgement {
    /// The item that is compared.
    pub first: String,
    /// The item it is compared with.
    pub second: String,
    /// How many times more the first matters.
    pub value: f64,
    /// The ratio of the weights.
    pub fitted: f64,
    /// What all other comparisons imply; `None` where they imply nothing.
    pub best: Option<f64>,
    /// The consistency ratio if it were that.
    pub ratio: Option<f64>,
}

/// What one judge says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AhpJudge {
    /// The judge.
    pub judge: String,
    /// Comparisons made.
    pub comparisons: u64,
    /// Consistency; `None` where no comparison is spare.
    pub ratio: Option<f64>,
    /// Geometric consistency index.
    pub geometric_index: Option<f64>,
    /// Spearman's correlation of the judge's weights with those of the group; `None` where the judge's comparisons do not tie all items together.
    pub agreement: Option<f64>,
}

/// Weights of items, and how consistent the comparisons are.
#[derive(Debug, Clone)]
pub struct Ahp {
    /// What it was made with.
    pub params: AhpParams,
    /// The items, by name.
    pub items: Vec<AhpItem>,
    /// The comparisons, the one that most breaks consistency first.
    pub judgements: Vec<AhpJudgement>,
    /// The judges, by name.
    pub judges: Vec<AhpJudge>,
    /// The greatest eigenvalue.
    pub lambda: f64,
    /// (λ − n) / (n − 1).
    pub index: f64,
    /// What random comparisons have; `None` where none could be inconsistent.
    pub random_index: Option<f64>,
    /// Consistency ratio: index over random index.
    pub ratio: Option<f64>,
    /// Geometric consistency index.
    pub geometric_index: Option<f64>,
    /// How far judges agree; `None` for fewer than two.
    pub concordance: Option<Concordance>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Weighs items by their pairwise comparisons. Not every pair has to be compared, but all items must hang together. Several judges are put together
/// by geometric means; limits then come from a bootstrap over judges, and for a single judge from the comparisons' own scatter around the weights
/// (Crawford & Williams 1985).
///
/// # Errors
/// [`Error::Core`] for an unknown column, a comparison that is not above 0, or one that is not the reciprocal of its reverse;
/// [`Error::NotIdentified`] where no chain of comparisons ties the items together; [`Error::Empty`] for fewer than two items.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::{AhpParams, ahp};
/// let pairs = Table::from(batch!("a" => ["x", "x", "y"], "b" => ["y", "z", "z"], "times" => [3.0, 5.0, 3.0])?);
/// let found = ahp(&pairs, &AhpParams::new("a", "b", "times"))?;
/// assert!((found.items[0].weight.estimate - 0.636986).abs() < 1e-6 && (found.lambda - 3.038511).abs() < 1e-6);
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn ahp(table: &Table, params: &AhpParams) -> Result<Ahp, Error> {
    params.check()?;
    let read = Comparisons::read(table, params)?;
    let judges: Vec<&Judgements> = read.judges.iter().map(|(_, judged)| judged).collect();
    let group = Judgements::group(&judges, |_| 1.0);
    if let Some(&item) = group.apart().first() {
        let (item, other) = (&read.items[item], &read.items[0]);
        let reason = format!("no chain of comparisons leads from {item:?} to {other:?}; compare one with the other");
        return Err(Error::not_identified("ahp", reason));
    }
    let (eigen, logs) = (eigenvector(&group), log_weights(&group));
    let random = random_index(&group, params.random_index, params.seed);
    let mut drawn = draws(&judges, &group, &logs, params);
    if drawn.is_empty() {
        // No sample of judges ties the items together: nothing is known of the error.
        drawn.push(eigen.weights.clone());
    }
    let mut found = Ahp {
        items: items(&read.items, &eigen, &normalised(&logs), &drawn, params)?,
        judgements: judgements(&read.items, &group, &logs, random),
        judges: read.judges.iter().map(|(name, judged)| judge(name, judged, &eigen, params)).collect(),
        lambda: eigen.lambda,
        index: eigen.index(),
        random_index: random,
        ratio: random.map(|random| eigen.index() / random),
        geometric_index: geometric_index(&group, &logs),
        concordance: Concordance::of(&judges.iter().filter_map(|judged| own_weights(judged)).collect::<Vec<_>>()),
        notes: Vec::new(),
        left_out: read.left_out,
        params: params.clone(),
    };
    found.notes = found.remarks(&group);
    Ok(found)
}

impl Ahp {
    fn remarks(&self, group: &Judgements) -> Vec<String> {
        let mut notes = Vec::new();
        match self.ratio {
            Some(ratio) if ratio > 0.1 => notes.push(format!(
                "The consistency ratio {ratio:.3} is above 0.1: look at the first rows of judgements before using the weights."
            )),
            None if group.spare() == 0 && self.items.len() > 2 => notes
                .push("Consistency is not known: no pair was compared that the others already imply.".into()),
            _ => {}
        }
        if self.judges.len() == 1 {
            notes.push("One judge: limits tell how consistent the judge is, not how others would judge.".into());
        } else if self.judges.len() < 5 {
            notes.push(format!("Limits rest on {} judges: too few to tell much of others.", self.judges.len()));
        }
        notes
    }
}

fn own_weights(judged: &Judgements) -> Option<Vec<f64>> {
    judged.apart().is_empty().then(|| eigenvector(judged).weights)
}

/// Weights of bootstrap samples of judges; of a single judge, with the scatter of the comparisons added to them.
fn draws(judges: &[&Judgements], group: &Judgements, logs: &[f64], params: &AhpParams) -> Vec<Vec<f64>> {
    let error = geometric_index(group, logs).unwrap_or_default().sqrt();
    let one = |draw: u64| {
        let mut random = Pcg64::seed_from_u64(params.seed ^ draw.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let drawn = if judges.len() > 1 {
            let times = drawn_times(judges.len(), &mut random);
            Judgements::group(judges, |judge| times[judge])
        } else {
            let mut drawn = group.clone();
            for (row, column, log) in group.pairs() {
                let noise: f64 = StandardNormal.sample(&mut random);
                drawn.set(row, column, log + error * noise);
            }
            drawn
        };
        own_weights(&drawn)
    };
    (0..params.draws as u64).into_par_iter().watched().filter_map(one).collect()
}

/// How often each of `n` is drawn in `n` draws with replacement.
pub(crate) fn drawn_times(n: usize, random: &mut Pcg64) -> Vec<f64> {
    use rand::RngExt;
    let mut times = vec![0.0; n];
    (0..n).for_each(|_| times[random.random_range(0..n)] += 1.0);
    times
}

fn items(
    names: &[String],
    eigen: &Eigen,
    geometric: &[f64],
    drawn: &[Vec<f64>],
    params: &AhpParams,
) -> Result<Vec<AhpItem>, Error> {
    let ranks: Vec<Vec<f64>> = drawn.iter().map(|weights| places(weights)).collect();
    let own = places(&eigen.weights);
    let of = |estimate: f64, drawn: &[Vec<f64>], at: usize| {
        let values: Vec<f64> = drawn.iter().map(|values| values[at]).collect();
        percentile_interval(estimate, &values, params.level)
    };
    let item = |(at, name): (usize, &String)| {
        let first = ranks.iter().filter(|ranks| ranks[at] == 1.0).count();
        Ok(AhpItem {
            item: name.clone(),
            weight: of(eigen.weights[at], drawn, at)?,
            geometric: geometric[at],
            rank: of(own[at], &ranks, at)?,
            first: first as f64 / ranks.len().max(1) as f64,
        })
    };
    names.iter().enumerate().map(item).collect()
}

/// Places from 1, the greatest first; values that differ by rounding alone share the first of theirs.
pub(crate) fn places(values: &[f64]) -> Vec<f64> {
    let is_above = |other: f64, value: f64| other - value > 1e-9 * value.abs().max(other.abs());
    values.iter().map(|value| 1.0 + values.iter().filter(|other| is_above(**other, *value)).count() as f64).collect()
}

/// Each comparison against what the others imply, the one whose correction helps consistency most first.
fn judgements(names: &[String], group: &Judgements, logs: &[f64], random: Option<f64>) -> Vec<AhpJudgement> {
    let judgement = |(row, column, log): (usize, usize, f64)| {
        let mut others = group.clone();
        others.set(row, column, f64::NAN);
        let best = others.apart().is_empty().then(|| {
            let without = log_weights(&others);
            without[row] - without[column]
        });
        let ratio = best.zip(random).map(|(best, random)| {
            others.set(row, column, best);
            eigenvector(&others).index() / random
        });
        AhpJudgement {
            first: names[row].clone(),
            second: names[column].clone(),
            value: log.exp(),
            fitted: (logs[row] - logs[column]).exp(),
            best: best.map(f64::exp),
            ratio,
        }
    };
    let mut rows: Vec<AhpJudgement> = group.pairs().into_par_iter().watched().map(judgement).collect();
    rows.sort_by(|a, b| a.ratio.unwrap_or(f64::INFINITY).total_cmp(&b.ratio.unwrap_or(f64::INFINITY)));
    rows
}

fn judge(name: &str, judged: &Judgements, group: &Eigen, params: &AhpParams) -> AhpJudge {
    let is_whole = judged.apart().is_empty();
    let random = random_index(judged, params.random_index, params.seed).filter(|_| is_whole);
    let eigen = is_whole.then(|| eigenvector(judged));
    AhpJudge {
        judge: name.to_owned(),
        comparisons: judged.pairs().len() as u64,
        ratio: random.zip(eigen.as_ref()).map(|(random, eigen)| eigen.index() / random),
        geometric_index: is_whole.then(|| geometric_index(judged, &log_weights(judged))).flatten(),
        agreement: eigen.and_then(|eigen| correlation(&mid_ranks(&eigen.weights), &mid_ranks(&group.weights))),
    }
}

fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_x, mean_y) = (mean(x), mean(y));
    let product =
        |a: &[f64], b: &[f64], (c, d): (f64, f64)| -> f64 { a.iter().zip(b).map(|(a, b)| (a - c) * (b - d)).sum() };
    let spread = (product(x, x, (mean_x, mean_x)) * product(y, y, (mean_y, mean_y))).sqrt();
    (spread > 0.0).then(|| product(x, y, (mean_x, mean_y)) / spread)
}

#[cfg(test)]
mod tests {
    use leverkit_core::batch;

    use super::*;

    const DRINKS: [&str; 7] = ["coffee", "wine", "tea", "beer", "sodas", "milk", "water"];
    const TIMES: [(usize, usize, f64); 21] = [
        (0, 1, 9.0),
        (0, 2, 5.0),
        (0, 3, 2.0),
        (0, 4, 1.0),
        (0, 5, 1.0),
        (0, 6, 0.5),
        (2, 1, 3.0),
        (3, 1, 9.0),
        (4, 1, 9.0),
        (5, 1, 9.0),
        (6, 1, 9.0),
        (3, 2, 3.0),
        (4, 2, 4.0),
        (5, 2, 3.0),
        (6, 2, 9.0),
        (4, 3, 2.0),
        (5, 3, 1.0),
        (6, 3, 3.0),
        (4, 5, 2.0),
        (6, 4, 2.0),
        (6, 5, 3.0),
    ];

    fn drinks(rows: &[(usize, usize, f64)]) -> Table {
        batch!("first" => rows.iter().map(|row| DRINKS[row.0]).collect::<Vec<_>>(),
            "second" => rows.iter().map(|row| DRINKS[row.1]).collect::<Vec<_>>(),
            "value" => rows.iter().map(|row| row.2).collect::<Vec<_>>())
        .unwrap()
        .into()
    }

    fn params() -> AhpParams {
        AhpParams { draws: 200, ..AhpParams::new("first", "second", "value") }
    }

    /// Saaty, "Decision making with the analytic hierarchy process" (2008): consumption of drinks in the US.
    #[test]
    fn drinks_weigh_what_saaty_says() {
        let found = ahp(&drinks(&TIMES), &params()).unwrap();
        let golden = [0.177457, 0.019149, 0.041831, 0.116417, 0.189572, 0.128781, 0.326793];
        for (name, expected) in DRINKS.iter().zip(golden) {
            let item = found.items.iter().find(|item| item.item == *name).unwrap();
            assert!((item.weight.estimate - expected).abs() < 1e-6, "{name}");
            assert!(item.weight.lower <= item.weight.estimate && item.weight.estimate <= item.weight.upper);
        }
        assert!((found.lambda - 7.176629).abs() < 1e-6 && (found.index - 0.029438).abs() < 1e-6);
        assert_eq!(found.random_index, Some(1.32));
        assert!((found.ratio.unwrap() - 0.022302).abs() < 1e-6);
        let worst = &found.judgements[0];
        assert!(worst.ratio.unwrap() < found.ratio.unwrap());
        assert!(found.judgements.iter().all(|row| row.ratio.unwrap() >= worst.ratio.unwrap()));
    }

    #[test]
    fn a_wrong_judgement_is_found_with_its_value() {
        // Weights 4 : 2 : 1 : 1, but the last pair is judged 7.
        let rows = [(0, 1, 2.0), (0, 2, 4.0), (0, 3, 4.0), (1, 2, 2.0), (1, 3, 2.0), (2, 3, 7.0)];
        let found = ahp(&drinks(&rows), &params()).unwrap();
        let worst = &found.judgements[0];
        assert_eq!((worst.first.as_str(), worst.second.as_str()), ("beer", "tea"));
        assert!((worst.best.unwrap() - 1.0).abs() < 1e-9 && worst.ratio.unwrap() < 1e-9);
    }

    #[test]
    fn comparisons_that_were_not_made_follow_from_the_others() {
        let found = ahp(&drinks(&TIMES[..12]), &params()).unwrap();
        let total: f64 = found.items.iter().map(|item| item.weight.estimate).sum();
        assert!((total - 1.0).abs() < 1e-12 && found.ratio.is_some());
        let chain = ahp(&drinks(&TIMES[..6]), &params()).unwrap();
        assert!(chain.ratio.is_none() && chain.notes[0].starts_with("Consistency is not known"));
    }

    #[test]
    fn what_is_no_comparison_is_refused() {
        let said = |rows: &[(usize, usize, f64)]| ahp(&drinks(rows), &params()).unwrap_err().to_string();
        assert!(said(&[(0, 1, 0.0)]).contains("expected a number above 0"));
        assert!(said(&[(0, 1, 3.0), (1, 0, 0.5)]).contains("must be reciprocal"));
        assert!(said(&[(0, 0, 3.0)]).contains("as much as itself"));
        assert!(said(&[(0, 1, 3.0), (2, 3, 3.0)]).contains("no chain of comparisons"));
        assert!(ahp(&drinks(&[(0, 1, 3.0), (1, 0, 0.33)]), &params()).is_ok());
    }
}
