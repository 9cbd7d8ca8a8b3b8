//! Deal scores: what deals like this one were sold for.

use leverkit_core::stats::budget::Watched;
use leverkit_core::stats::{Interval, at_least, normal_quantile, quantiles};
use leverkit_core::{Column, Groups, LeftOut, Params, bucketed};
use rayon::prelude::*;
use serde::Serialize;

use super::band::Weighted;
use super::deals::{Block, Deals};
use super::lines::{Line, usable};
use super::params::DealScoreParams;
use crate::Error;

/// A group of peers: a node of the tree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeerGroup {
    /// How many attributes its deals share: 0 for all deals.
    pub depth: usize,
    /// The attributes' values.
    pub values: Vec<Option<String>>,
    /// The node above.
    pub parent: Option<usize>,
    /// Deals.
    pub deals: u64,
    /// Weight of its own prices against those of the node above, 0 to 1 (Bühlmann 1967).
    pub credibility: f64,
    /// Its own quantiles: floor, target, stretch, shares of list price.
    pub own: [f64; 3],
    /// The same drawn to the node above by what the credibility leaves.
    pub shrunk: [f64; 3],
    /// Limits of its own target (Woodruff 1952); `None` with too few deals.
    pub target_limits: Option<Interval>,
    /// Deals that are judged here: those that no smaller group of enough peers holds.
    pub scored: u64,
    /// Money at list price of those.
    pub list: f64,
    /// Money that raising those of them that are below the target to it would bring.
    pub opportunity: f64,
}

/// A deal among its peers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ScoredDeal {
    /// Its row, from 0.
    pub row: u32,
    /// Its peers: a node.
    pub node: u32,
    /// Its price, share of list price.
    pub price: f64,
    /// Its money at list price.
    pub list: f64,
    /// Its units, or its money at list price.
    pub weight: f64,
    /// Share of its peers that sold for less, those at the same price counted half.
    pub score: f64,
}

impl ScoredDeal {
    fn unscored(line: &Line) -> Self {
        Self { row: line.row, price: line.value, list: line.list, weight: line.weight, node: 0, score: 0.0 }
    }
}

/// Deals scored against their peers.
#[derive(Debug, Clone)]
pub struct DealScores {
    /// What they were made with.
    pub params: DealScoreParams,
    /// What the tree goes by, level for level.
    pub attributes: Vec<String>,
    /// Upper edges of the bands of size but the last.
    pub size_edges: Vec<f64>,
    /// The tree, level by level.
    pub nodes: Vec<PeerGroup>,
    /// The deals, in the order of the rows.
    pub deals: Vec<ScoredDeal>,
    /// Whether sizes are units.
    pub by_units: bool,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Where a price stands among floor, target and stretch.
///
/// ```
/// use leverkit_pricing::Zone;
/// let marks = [0.7, 0.8, 0.9]; // floor, target and stretch
/// assert_eq!([0.65, 0.75, 0.85, 0.9].map(|price| Zone::of(price, marks)), [Zone::BelowFloor, Zone::BelowTarget, Zone::OnTarget, Zone::Stretch]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Zone {
    /// Below the floor.
    BelowFloor,
    /// From the floor to the target.
    BelowTarget,
    /// From the target to the stretch.
    OnTarget,
    /// At the stretch or above.
    Stretch,
}

impl Zone {
    /// The zone of a price.
    pub fn of(price: f64, [floor, target, stretch]: [f64; 3]) -> Self {
        if !at_least(price, floor) {
            Self::BelowFloor
        } else if !at_least(price, target) {
            Self::BelowTarget
        } else if !at_least(price, stretch) {
            Self::OnTarget
        } else {
            Self::Stretch
        }
    }
}

/// Scores each deal among its peers: the deals that share as many attributes with it, in their order, as leave at least `min_peers` of them.
///
/// A group's quantiles are drawn to those of the group above it by Bühlmann's (1967) credibility n/(n + k), k the variance of prices within
/// groups of the level over that between them.
///
/// # Errors
/// [`Error::Parameter`] for quantiles out of order or numbers of 0; [`Error::Core`] for an unknown column; [`Error::Empty`] where no row can be used.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_pricing::{DealRoles, Deals, DealScoreParams, deal_score};
/// let paid: Vec<f64> = (0..100).map(|i| 8.0 + f64::from(i % 10) / 10.0).collect();
/// let lines = batch!("list" => vec![10.0; 100], "paid" => paid, "units" => vec![1; 100])?;
/// let deals = Deals::from_table(&lines.into(), &DealRoles::new("list").pocket_price("paid").quantity("units"))?;
/// let scores = deal_score(&deals, &DealScoreParams::default())?;
/// assert_eq!(scores.deals[0].score, 0.05); // of the cheapest tenth
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn deal_score(deals: &Deals, params: &DealScoreParams) -> Result<DealScores, Error> {
    params.check()?;
    let z = normal_quantile(0.5 + params.level / 2.0);
    let (lines, left_out) = usable("deal_score", deals, Block::price)?;
    let (columns, attributes, size_edges) = attributes(deals, &lines, params)?;
    let levels: Vec<Groups> =
        (0..=columns.len()).map(|depth| Groups::of(lines.len(), &columns[..depth])).collect::<Result<_, _>>()?;
    let mut nodes: Vec<PeerGroup> = Vec::new();
    let mut scored: Vec<ScoredDeal> = lines.iter().map(ScoredDeal::unscored).collect();
    // The node of each group of the level above; groups too small for one have no smaller groups either.
    let mut above: Vec<Option<usize>> = Vec::new();
    for (depth, groups) in levels.iter().enumerate() {
        let members = members(groups, &lines);
        let above_groups = depth.checked_sub(1).map(|depth| &levels[depth]);
        let parent_of =
            |deals: &Vec<u32>| above_groups.and_then(|groups| above[groups.codes()[deals[0] as usize] as usize]);
        let parents: Vec<Option<usize>> = members.iter().map(parent_of).collect();
        let variances = Variances::of(&members, &lines, &parents, params.min_peers);
        let level = Level { depth, groups, lines: &lines, variances, params, z };
        above = vec![None; groups.len()];
        for (group, deals) in members.iter().enumerate() {
            let is_own = deals.len() >= params.min_peers && parents[group].is_some();
            if depth == 0 || is_own {
                above[group] = Some(nodes.len());
                place(deals, &lines, nodes.len() as u32, &mut scored);
                let parent = parents[group].map(|parent| (parent, nodes[parent].shrunk));
                nodes.push(level.node(group, deals, parent));
            }
        }
    }
    for deal in &scored {
        let node = &mut nodes[deal.node as usize];
        node.scored += 1;
        node.list += deal.list;
        node.opportunity += deal.list * (node.shrunk[1] - deal.price).max(0.0);
    }
    Ok(DealScores {
        params: params.clone(),
        attributes,
        size_edges,
        nodes,
        deals: scored,
        by_units: deals.has_units(),
        left_out,
    })
}

/// Columns, names, and the edges between bands of size.
type Attributes = (Vec<Column>, Vec<String>, Vec<f64>);

/// The attributes' columns of the usable lines, their names, and the edges between bands of size.
fn attributes(deals: &Deals, lines: &[Line], params: &DealScoreParams) -> Result<Attributes, Error> {
    let rows: Vec<u32> = lines.iter().map(|line| line.row).collect();
    let mut columns = params
        .peers
        .iter()
        .map(|name| Ok(deals.column("peers", name)?.take(&rows)?))
        .collect::<Result<Vec<_>, Error>>()?;
    let mut names = params.peers.clone();
    let mut sizes: Vec<f64> = lines.iter().map(|line| line.weight).collect();
    let shares: Vec<f64> = (1..params.size_bands).map(|band| band as f64 / params.size_bands as f64).collect();
    let mut edges = if shares.is_empty() { Vec::new() } else { quantiles(&mut sizes, &shares) };
    edges.dedup();
    if !edges.is_empty() {
        let band: Vec<u32> =
            lines.iter().map(|line| edges.partition_point(|edge| *edge < line.weight) as u32 + 1).collect();
        let place = columns.len().min(1);
        columns.insert(place, Column::new("size band", band));
        names.insert(place, "size band".into());
    }
    Ok((columns, names, edges))
}

/// Positions of each group's lines, the lowest price first.
fn members(groups: &Groups, lines: &[Line]) -> Vec<Vec<u32>> {
    let all: Vec<u32> = (0..lines.len() as u32).collect();
    let (starts, sorted) = bucketed(&all, groups.len(), |&at| groups.codes()[at as usize] as usize);
    let mut members: Vec<Vec<u32>> = starts.windows(2).map(|pair| sorted[pair[0]..pair[1]].to_vec()).collect();
    members.par_iter_mut().for_each(|members| {
        members.sort_unstable_by(|&a, &b| lines[a as usize].value.total_cmp(&lines[b as usize].value));
    });
    members
}

/// How prices vary within the groups of a level, and the groups within theirs.
struct Variances {
    within: f64,
    between: f64,
}

impl Variances {
    /// Analysis of variance, groups nested in those above (Bühlmann & Straub's estimators with weights of 1).
    fn of(members: &[Vec<u32>], lines: &[Line], parents: &[Option<usize>], min_peers: usize) -> Self {
        let moments = |deals: &Vec<u32>| {
            let n = deals.len() as f64;
            let mean = deals.iter().map(|&at| lines[at as usize].value).sum::<f64>() / n;
            let squares: f64 = deals.iter().map(|&at| (lines[at as usize].value - mean).powi(2)).sum();
            (n, mean, squares)
        };
        let groups: Vec<(usize, f64, f64, f64)> = members
            .par_iter()
            .watched()
            .zip(parents)
            .filter(|(deals, parent)| deals.len() >= min_peers && parent.is_some())
            .map(|(deals, parent)| {
                let (n, mean, squares) = moments(deals);
                (parent.unwrap_or_default(), n, mean, squares)
            })
            .collect();
        let families = groups.iter().map(|group| group.0 + 1).max().unwrap_or_default();
        let mut totals = vec![(0.0, 0.0, 0.0); families];
        for &(parent, n, mean, _) in &groups {
            let total = &mut totals[parent];
            (total.0, total.1, total.2) = (total.0 + n, total.1 + n * mean, total.2 + n * n);
        }
        let deals: f64 = groups.iter().map(|group| group.1).sum();
        let families = totals.iter().filter(|total| total.0 > 0.0);
        let (parents, spread) =
            families.fold((0.0, 0.0), |(count, spread), total| (count + 1.0, spread + total.2 / total.0));
        let within = groups.iter().map(|group| group.3).sum::<f64>() / (deals - groups.len() as f64).max(1.0);
        let apart: f64 =
            groups.iter().map(|&(parent, n, mean, _)| n * (mean - totals[parent].1 / totals[parent].0).powi(2)).sum();
        let between = (apart - (groups.len() as f64 - parents) * within) / (deals - spread);
        Self { within, between: if between.is_nan() { 0.0 } else { between.max(0.0) } }
    }

    /// The weight of a group's own prices.
    fn credibility(&self, deals: usize) -> f64 {
        let own = deals as f64 * self.between;
        if own == 0.0 { 0.0 } else { own / (own + self.within) }
    }
}

/// A level of the tree.
struct Level<'a> {
    depth: usize,
    groups: &'a Groups,
    lines: &'a [Line],
    variances: Variances,
    params: &'a DealScoreParams,
    z: f64,
}

impl Level<'_> {
    fn node(&self, group: usize, deals: &[u32], parent: Option<(usize, [f64; 3])>) -> PeerGroup {
        // Peers count alike here, whatever their size.
        let sorted: Vec<Line> = deals.iter().map(|&at| Line { weight: 1.0, ..self.lines[at as usize] }).collect();
        let prices = Weighted::of(&sorted);
        let params = self.params;
        let own = [params.floor, params.target, params.stretch].map(|share| prices.quantile(share));
        let credibility = parent.map_or(1.0, |_| self.variances.credibility(deals.len()));
        let shrunk = parent.map_or(own, |(_, above)| {
            std::array::from_fn(|mark| credibility * own[mark] + (1.0 - credibility) * above[mark])
        });
        PeerGroup {
            depth: self.depth,
            values: self.groups.keys().iter().map(|key| key.text(group)).collect(),
            parent: parent.map(|(parent, _)| parent),
            deals: deals.len() as u64,
            credibility,
            own,
            shrunk,
            target_limits: prices.limits(params.target, self.z),
            scored: 0,
            list: 0.0,
            opportunity: 0.0,
        }
    }
}

/// Scores the deals of a group, lowest price first.
fn place(deals: &[u32], lines: &[Line], node: u32, scored: &mut [ScoredDeal]) {
    let n = deals.len() as f64;
    let mut from = 0;
    for equals in deals.chunk_by(|&a, &b| lines[a as usize].value == lines[b as usize].value) {
        let score = (from as f64 + equals.len() as f64 / 2.0) / n;
        for &at in equals {
            let deal = &mut scored[at as usize];
            (deal.node, deal.score) = (node, score);
        }
        from += equals.len();
    }
}
