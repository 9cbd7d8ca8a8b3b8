//! Positions of brands on dimensions: who is best at what, who at nothing, and which dimension is nobody's.

use leverkit_core::stats::{
    Estimate, Interval, benjamini_hochberg, normal_quantile, percentile_interval, tails, wilson_share,
};
use leverkit_core::{LeftOut, Params, Table};
use serde::Serialize;

use super::blocks::{BlockAnswers, BlockRow};
use super::cell::PositionCell;
use super::drivers::{Driver, drivers};
use super::facts::{FactCheck, checked};
use super::map::Map;
use super::params::{PositionBlock, PositionMeasure, PositionParams};
use crate::Error;
use crate::answers::FEW;

/// From this probability on something is said.
const SURE: f64 = 0.9;

/// A brand over all dimensions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PositionBrand {
    /// The brand.
    pub brand: String,
    /// Blocks on which it is best, for sure.
    pub best_on: Vec<String>,
    /// The chance that it is best on none.
    pub best_on_none: f64,
    /// The block that lies lowest against the mean of all brands.
    pub bottleneck: String,
    /// The chance of that.
    pub bottleneck_probability: f64,
    /// "best at something", "black hole" or "can't tell".
    pub verdict: &'static str,
}

/// A dimension over all brands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PositionSpace {
    /// The block.
    pub block: String,
    /// How much it matters, as given.
    pub importance: Option<f64>,
    /// The brand with the highest score.
    pub leader: String,
    /// The chance that it is best.
    pub best: f64,
    /// "taken" or "free": whether one brand is best for sure.
    pub verdict: &'static str,
}

/// How many respondents come how far.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PositionStep {
    /// The brand.
    pub brand: String,
    /// The blocks so far.
    pub step: String,
    /// Respondents who answered all blocks.
    pub n: u64,
    /// The share that is at the top of all blocks so far, with Wilson's limits.
    pub share: Interval,
}

/// Two brands on a block, by respondents who answered for both.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PositionRival {
    /// The brand.
    pub brand: String,
    /// The competitor.
    pub rival: String,
    /// The block.
    pub block: String,
    /// Respondents at the top for the brand alone, and for the competitor alone.
    pub only: (u64, u64),
    /// `McNemar`'s exact test; with weights or strata that of the weighted difference of both shares.
    pub p_value: f64,
    /// By Benjamini & Hochberg over all pairs and blocks.
    pub q_value: f64,
    /// "ahead", "behind" or "can't tell".
    pub verdict: &'static str,
}

/// Positions of brands.
#[derive(Debug, Clone)]
pub struct Position {
    /// What it was made with.
    pub params: PositionParams,
    /// Brand by brand, block by block.
    pub cells: Vec<PositionCell>,
    /// The brands.
    pub brands: Vec<PositionBrand>,
    /// The blocks.
    pub spaces: Vec<PositionSpace>,
    /// The biplot of scores; `None` where all brands have the same.
    pub map: Option<Map>,
    /// The funnel of blocks; empty where they are none.
    pub steps: Vec<PositionStep>,
    /// Pairs of brands; empty for means.
    pub rivals: Vec<PositionRival>,
    /// What blocks say of choice; empty without.
    pub drivers: Vec<Driver>,
    /// Scores held against facts; empty without.
    pub facts: Vec<FactCheck>,
    /// Respondents.
    pub n: u64,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Places brands on dimensions, each asked by one or more statements.
///
/// Dimensions may be the five of Ander & Stern (2004) – cheapest, biggest, hottest, easiest, quickest –, resonance, differentiation and belief, or any others. Whether a brand is
/// best on a dimension is the share of bootstrap samples of respondents in which it is. A brand that is best on none with a probability of 0.9 lies in the black hole; a dimension on
/// which nobody is best with that probability is free. A biplot (Gabriel 1971) shows all scores at once; whether it shows more than chance is tested by dealing each respondent's answers
/// anew to the brands that they answered for.
///
/// # Errors
/// [`Error::Core`] for an unknown column or statement; [`Error::Empty`] where no answer is left; [`Error::NotIdentified`] for a single brand, or a brand without an answer to a
/// block.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::{PositionParams, position};
/// let rows: Vec<usize> = (0..160).collect();
/// let answers = Table::from(batch!("who" => rows.iter().map(|row| (row / 4) as i64).collect::<Vec<_>>(),
///     "brand" => rows.iter().map(|row| ["a", "b"][row / 2 % 2]).collect::<Vec<_>>(),
///     "says" => rows.iter().map(|row| ["cheap", "quick"][row % 2]).collect::<Vec<_>>(),
///     "rating" => rows.iter().map(|row| [5.0, 2.0, 3.0, 4.0][row % 4]).collect::<Vec<_>>())?);
/// let found = position(&answers, &PositionParams::new("who", "brand", "says", "rating", &["cheap", "quick"]))?;
/// assert_eq!(found.brands[0].best_on, ["cheap"]);
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn position(table: &Table, params: &PositionParams) -> Result<Position, Error> {
    params.check()?;
    let read = BlockAnswers::of(table, params)?;
    let own = read.scores(&read.respondents.weights);
    if let Some(at) = own.iter().position(|score| score.is_nan()) {
        let (brand, block) = (&read.brands[at / read.blocks()], &params.blocks[at % read.blocks()].name);
        let reason = format!("brand {brand:?} has no answer to block {block:?}; leave the brand or the block out");
        return Err(Error::not_identified("position", reason));
    }
    let drawn = read.respondents.bootstrap(params.replicates, params.seed, |weights| read.scores(weights))?;
    let drawn: Vec<Vec<f64>> = drawn.into_iter().filter(|scores| scores.iter().all(|score| !score.is_nan())).collect();
    if let Some(fact) = params.facts.iter().find(|fact| !read.brands.contains(&fact.brand)) {
        return Err(Error::parameter(
            "facts",
            format!("{:?}", fact.brand),
            format!("brands of the answers: {}", read.brands.join(", ")),
        ));
    }
    let cells = read.cells(&own, &drawn)?;
    let steps = if params.funnel { read.steps()? } else { Vec::new() };
    let rivals = if params.measure == PositionMeasure::Top { read.rivals() } else { Vec::new() };
    let map = read.map(&own, &drawn);
    let mut notes: Vec<String> = map.iter().filter_map(Map::doubt).collect();
    let n = read.respondents.len();
    if n < FEW {
        notes.push(format!("{n} respondents are few: look at the limits."));
    }
    if params.choice.is_some() && !read.respondents.are_alike() {
        notes.push("Drivers of choice are of the respondents as they answered, without weights.".into());
    }
    if !read.others.is_empty() {
        notes.push(format!("Statements of no block are left out: {}.", read.others.join(", ")));
    }
    Ok(Position {
        brands: read.over_blocks(&own, &drawn, &cells),
        spaces: read.over_brands(&cells),
        drivers: drivers(&read.block_rows(), n, params)?,
        facts: checked(&cells, params),
        cells,
        map,
        steps,
        rivals,
        n: n as u64,
        notes,
        left_out: read.left_out,
        params: params.clone(),
    })
}

impl BlockAnswers<'_> {
    /// The score less the best of the others'.
    fn gaps(&self, scores: &[f64]) -> Vec<f64> {
        let width = self.blocks();
        let gap = |at: usize| {
            let others =
                scores.iter().skip(at % width).step_by(width).enumerate().filter(|(brand, _)| *brand != at / width);
            scores[at] - others.map(|(_, score)| *score).fold(f64::NEG_INFINITY, f64::max)
        };
        (0..scores.len()).map(gap).collect()
    }

    fn cells(&self, own: &[f64], drawn: &[Vec<f64>]) -> Result<Vec<PositionCell>, Error> {
        let gaps = self.gaps(own);
        let drawn_gaps: Vec<Vec<f64>> = drawn.iter().map(|scores| self.gaps(scores)).collect();
        let spread = |at: usize| {
            let mean = drawn_gaps.iter().map(|gaps| gaps[at]).sum::<f64>() / drawn_gaps.len() as f64;
            (drawn_gaps.iter().map(|gaps| (gaps[at] - mean).powi(2)).sum::<f64>() / drawn_gaps.len() as f64).sqrt()
        };
        let spreads: Vec<f64> = (0..own.len()).map(spread).collect();
        // The greatest of all standardised differences holds all limits at once.
        let greatest = |drawn: &Vec<f64>| {
            let of = |at: usize| if spreads[at] > 0.0 { ((drawn[at] - gaps[at]) / spreads[at]).abs() } else { 0.0 };
            (0..own.len()).map(of).fold(0.0, f64::max)
        };
        let most: Vec<f64> = drawn_gaps.iter().map(greatest).collect();
        let reach =
            percentile_interval(0.0, &most, 2.0 * self.params.level - 1.0).map_or(f64::NAN, |limits| limits.upper);
        let cell = |at: usize| {
            let (brand, block) = (at / self.blocks(), at % self.blocks());
            let values: Vec<f64> = drawn.iter().map(|scores| scores[at]).collect();
            let best = drawn_gaps.iter().map(|gaps| f64::from(u8::from(gaps[at] > 0.0))).sum::<f64>()
                / drawn_gaps.len() as f64;
            let answered = |row: &&BlockRow| row.brand as usize == brand && !row.means[block].is_nan();
            Ok(PositionCell {
                brand: self.brands[brand].clone(),
                block: self.params.blocks[block].name.clone(),
                n: self.rows.iter().filter(answered).count() as u64,
                score: percentile_interval(own[at], &values, self.params.level)?,
                best,
                gap: Interval::around(gaps[at], reach * spreads[at]),
                verdict: if best >= SURE {
                    "best"
                } else if best <= 1.0 - SURE {
                    "not best"
                } else {
                    "can't tell"
                },
            })
        };
        (0..own.len()).map(cell).collect()
    }

    fn over_blocks(&self, own: &[f64], drawn: &[Vec<f64>], cells: &[PositionCell]) -> Vec<PositionBrand> {
        let width = self.blocks();
        let lowest = |scores: &[f64], brand: usize| {
            let against = |block: usize| {
                let norm = scores.iter().skip(block).step_by(width).sum::<f64>() / self.brands.len() as f64;
                scores[brand * width + block] - norm
            };
            (0..width).min_by(|a, b| against(*a).total_cmp(&against(*b))).unwrap_or_default()
        };
        let of = |(brand, name): (usize, &String)| {
            let mine = &cells[brand * width..][..width];
            let none = |scores: &&Vec<f64>| self.gaps(scores)[brand * width..][..width].iter().all(|gap| *gap <= 0.0);
            let best_on_none = drawn.iter().filter(none).count() as f64 / drawn.len() as f64;
            let bottleneck = lowest(own, brand);
            let same = drawn.iter().filter(|scores| lowest(scores, brand) == bottleneck).count();
            let best_on: Vec<String> =
                mine.iter().filter(|cell| cell.verdict == "best").map(|cell| cell.block.clone()).collect();
            PositionBrand {
                brand: name.clone(),
                best_on_none,
                bottleneck: self.params.blocks[bottleneck].name.clone(),
                bottleneck_probability: same as f64 / drawn.len() as f64,
                verdict: if !best_on.is_empty() {
                    "best at something"
                } else if best_on_none >= SURE {
                    "black hole"
                } else {
                    "can't tell"
                },
                best_on,
            }
        };
        self.brands.iter().enumerate().map(of).collect()
    }

    fn over_brands(&self, cells: &[PositionCell]) -> Vec<PositionSpace> {
        let of = |(at, block): (usize, &PositionBlock)| {
            let of_block = || cells.iter().skip(at).step_by(self.blocks());
            let leader =
                of_block().reduce(|best, cell| if cell.score.estimate > best.score.estimate { cell } else { best });
            let best = leader.map_or(0.0, |leader| leader.best);
            PositionSpace {
                block: block.name.clone(),
                importance: block.importance,
                leader: leader.map(|leader| leader.brand.clone()).unwrap_or_default(),
                best,
                verdict: if best >= SURE { "taken" } else { "free" },
            }
        };
        self.params.blocks.iter().enumerate().map(of).collect()
    }

    fn steps(&self) -> Result<Vec<PositionStep>, Error> {
        let names: Vec<&str> = self.params.blocks.iter().map(|block| block.name.as_str()).collect();
        let mut steps = Vec::new();
        for (brand, name) in self.brands.iter().enumerate() {
            let whole = |row: &&BlockRow| row.brand as usize == brand && row.means.iter().all(|mean| !mean.is_nan());
            let rows: Vec<&BlockRow> = self.rows.iter().filter(whole).collect();
            for last in 0..names.len() {
                if rows.is_empty() {
                    let reason = format!("nobody answered all blocks for brand {name:?}; ask for no funnel");
                    return Err(Error::not_identified("position", reason));
                }
                steps.push(PositionStep {
                    brand: name.clone(),
                    step: names[..=last].join(" ∧ "),
                    n: rows.len() as u64,
                    share: self.share(&rows, |row| row.means[..=last].iter().all(|mean| *mean >= self.params.top)),
                });
            }
        }
        Ok(steps)
    }

    /// The weighted share of rows, with Wilson's limits by the effective number of respondents.
    fn share(&self, rows: &[&BlockRow], is: impl Fn(&BlockRow) -> bool) -> Interval {
        let weight = |row: &BlockRow| self.respondents.weights[row.person as usize];
        let total: f64 = rows.iter().map(|row| weight(row)).sum();
        let inside: f64 = rows.iter().filter(|row| is(row)).map(|row| weight(row)).sum();
        let mut asked = vec![false; self.respondents.len()];
        rows.iter().for_each(|row| asked[row.person as usize] = true);
        let z = normal_quantile(0.5 + self.params.level / 2.0);
        wilson_share(inside / total, self.respondents.effective(|at| asked[at]), z)
    }

    fn rivals(&self) -> Vec<PositionRival> {
        let mut tops: Vec<std::collections::HashMap<u32, &BlockRow>> =
            vec![std::collections::HashMap::new(); self.brands.len()];
        self.rows.iter().for_each(|row| {
            tops[row.brand as usize].insert(row.person, row);
        });
        let mut found = Vec::new();
        for brand in 0..self.brands.len() {
            for rival in brand + 1..self.brands.len() {
                for (at, block) in self.params.blocks.iter().enumerate() {
                    let (mut mine, mut theirs) = (0, 0);
                    let mut ahead = vec![0.0; self.respondents.len()];
                    for (person, row) in &tops[brand] {
                        let Some(other) = tops[rival].get(person) else { continue };
                        let (one, two) = (self.score(row.means[at]), self.score(other.means[at]));
                        mine += u64::from(one > two);
                        theirs += u64::from(two > one);
                        ahead[*person as usize] = f64::from(u8::from(one > two)) - f64::from(u8::from(two > one));
                    }
                    let p_value = self.no_difference(mine, theirs, &ahead);
                    found.push(PositionRival {
                        brand: self.brands[brand].clone(),
                        rival: self.brands[rival].clone(),
                        block: block.name.clone(),
                        only: (mine, theirs),
                        p_value,
                        q_value: f64::NAN,
                        verdict: "can't tell",
                    });
                }
            }
        }
        let q_values = benjamini_hochberg(&found.iter().map(|row| row.p_value).collect::<Vec<_>>());
        for (row, q) in found.iter_mut().zip(q_values) {
            row.q_value = q;
            if q <= self.params.fdr {
                row.verdict = if row.only.0 > row.only.1 { "ahead" } else { "behind" };
            }
        }
        found
    }

    /// The chance of such a difference if both brands are at the top as often: exact where respondents are alike, else by the error of the weighted sum.
    fn no_difference(&self, mine: u64, theirs: u64, ahead: &[f64]) -> f64 {
        let (n, most) = (mine + theirs, mine.max(theirs));
        if n == 0 {
            return 1.0;
        }
        if self.respondents.are_alike() {
            return (2.0 * tails::binomial(most, n, 0.5)).min(1.0);
        }
        let parts: Vec<f64> = ahead.iter().zip(&self.respondents.weights).map(|(sign, weight)| sign * weight).collect();
        let error = self.respondents.covariance(&parts, &parts).sqrt();
        if error > 0.0 { Estimate::normal(parts.iter().sum(), error, self.params.level).p_value } else { 1.0 }
    }

    /// What each respondent says of each brand, where all blocks were answered and the choice is known.
    fn block_rows(&self) -> Vec<&BlockRow> {
        self.rows.iter().filter(|row| row.choice.is_some() && row.means.iter().all(|mean| !mean.is_nan())).collect()
    }
}
