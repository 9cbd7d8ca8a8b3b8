//! Price bands and scores of deals as record batches.

use leverkit_core::frames::{beside, each, number, with_keys};
use leverkit_core::{Column, Error, LeftOut, RecordBatch, Table, Tables, batch};

use super::band::{BAND_QUANTILES, Band, PriceBand};
use super::score::{DealScores, ScoredDeal, Zone};

impl Tables for PriceBand {
    const TABLES: &'static [&'static str] = &["table", "total", "histogram"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "total" => self.total_batch(),
            "histogram" => self.histogram_batch(),
            _ => self.to_batch(),
        }
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl PriceBand {
    /// One row per group: the columns it was made by, `deals`, `volume` (units, or money at list price), `list_value`, `pocket_value` (money), `price`
    /// (pocket over list), `p05` to `p95` (shares of list price), `median_lower`, `median_upper`, `width` (p90 − p10), `below_floor` (share of pocket
    /// money), `deals_below_floor`, `raise_value`, `raise_lower`, `raise_upper` (money that raising the lowest tenth to the median is worth).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.bands;
        let sums = batch!(
            "deals" => each(rows, |row| row.deals),
            "volume" => each(rows, |row| row.volume),
            "list_value" => each(rows, |row| row.list),
            "pocket_value" => each(rows, |row| row.pocket),
            "price" => each(rows, |row| number(row.pocket / row.list)),
        )?;
        let quantile = |(at, share): (usize, &f64)| {
            Column::new(&format!("p{:02.0}", 100.0 * share), each(rows, |row| row.quantiles[at]))
        };
        let quantiles = Table::new(BAND_QUANTILES.iter().enumerate().map(quantile).collect())?.to_batch()?;
        let rest = batch!(
            "median_lower" => each(rows, |row| row.median_limits.map(|limits| limits.lower)),
            "median_upper" => each(rows, |row| row.median_limits.map(|limits| limits.upper)),
            "width" => each(rows, Band::width),
            "below_floor" => each(rows, |row| row.below_floor.and_then(number)),
            "deals_below_floor" => each(rows, |row| row.deals_below_floor),
            "raise_value" => each(rows, |row| row.raise.estimate),
            "raise_lower" => each(rows, |row| row.raise.lower),
            "raise_upper" => each(rows, |row| row.raise.upper),
        )?;
        beside(&[Table::new(self.keys.clone())?.to_batch()?, sums, quantiles, rest])
    }

    /// One row, all groups together: `deals`, `list_value`, `pocket_value` (money), `price` (pocket over list), `raise_value`, `raise_lower`,
    /// `raise_upper` (money that raising the lowest tenth of each group to its median is worth, the groups being independent).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn total_batch(&self) -> Result<RecordBatch, Error> {
        let total = |part: fn(&Band) -> f64| self.bands.iter().map(part).sum::<f64>();
        let (list, pocket) = (total(|band| band.list), total(|band| band.pocket));
        batch!(
            "deals" => [self.bands.iter().map(|band| band.deals).sum::<u64>()],
            "list_value" => [list],
            "pocket_value" => [pocket],
            "price" => [number(pocket / list)],
            "raise_value" => [self.raise.estimate],
            "raise_lower" => [self.raise.lower],
            "raise_upper" => [self.raise.upper],
        )
    }

    /// One row per group and bin: the columns it was made by, `from`, `to` (shares of list price), `volume`, `share` (of the group's volume).
    /// The first and the last bin hold what lies beyond.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn histogram_batch(&self) -> Result<RecordBatch, Error> {
        let bins = self.edges.len() - 1;
        let rows: Vec<(usize, usize)> =
            (0..self.bands.len()).flat_map(|group| (0..bins).map(move |bin| (group, bin))).collect();
        let volume = |row: &(usize, usize)| self.bands[row.0].histogram[row.1];
        let batch = batch!(
            "from" => each(&rows, |row| self.edges[row.1]),
            "to" => each(&rows, |row| self.edges[row.1 + 1]),
            "volume" => each(&rows, volume),
            "share" => each(&rows, |row| volume(row) / self.bands[row.0].volume),
        )?;
        with_keys(batch, &self.keys, &each(&rows, |row| row.0 as u32))
    }
}

impl Tables for DealScores {
    const TABLES: &'static [&'static str] = &["table", "peers", "zones"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "peers" => self.peers_batch(),
            "zones" => self.zones_batch(),
            _ => self.to_batch(),
        }
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl DealScores {
    /// One row per deal, in the order of the rows: `row` (from 0), `peers` (how many), `depth` (attributes shared with them), `price`, `floor`, `target`,
    /// `stretch` (shares of list price), `unit_price`, `unit_floor`, `unit_target`, `unit_stretch` (money per unit, or of the row without units),
    /// `score` (share of peers that sold for less), `zone`, `opportunity` (money up to the target).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.deals;
        let node = |row: &ScoredDeal| &self.nodes[row.node as usize];
        let mark = |at: usize| each(rows, |row| node(row).shrunk[at]);
        let unit = |row: &ScoredDeal| if self.by_units { row.list / row.weight } else { row.list };
        let money = |at: usize| each(rows, |row| node(row).shrunk[at] * unit(row));
        batch!(
            "row" => each(rows, |row| row.row),
            "peers" => each(rows, |row| node(row).deals),
            "depth" => each(rows, |row| node(row).depth as u32),
            "price" => each(rows, |row| row.price),
            "floor" => mark(0),
            "target" => mark(1),
            "stretch" => mark(2),
            "unit_price" => each(rows, |row| row.price * unit(row)),
            "unit_floor" => money(0),
            "unit_target" => money(1),
            "unit_stretch" => money(2),
            "score" => each(rows, |row| row.score),
            "zone" => each(rows, |row| zone(Zone::of(row.price, node(row).shrunk))),
            "opportunity" => each(rows, |row| row.list * (node(row).shrunk[1] - row.price).max(0.0)),
        )
    }

    /// One row per group of peers: a column for each attribute (null where the group goes without it), `depth`, `deals`, `credibility`, `own_floor`,
    /// `own_target`, `own_stretch`, `target_lower`, `target_upper`, `floor`, `target`, `stretch` (shares of list price), `scored` (deals judged here),
    /// `list_value`, `opportunity` (money).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn peers_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.nodes;
        let marks = batch!(
            "depth" => each(rows, |row| row.depth as u32),
            "deals" => each(rows, |row| row.deals),
            "credibility" => each(rows, |row| row.credibility),
            "own_floor" => each(rows, |row| row.own[0]),
            "own_target" => each(rows, |row| row.own[1]),
            "own_stretch" => each(rows, |row| row.own[2]),
            "target_lower" => each(rows, |row| row.target_limits.map(|limits| limits.lower)),
            "target_upper" => each(rows, |row| row.target_limits.map(|limits| limits.upper)),
            "floor" => each(rows, |row| row.shrunk[0]),
            "target" => each(rows, |row| row.shrunk[1]),
            "stretch" => each(rows, |row| row.shrunk[2]),
            "scored" => each(rows, |row| row.scored),
            "list_value" => each(rows, |row| row.list),
            "opportunity" => each(rows, |row| row.opportunity),
        )?;
        let attribute = |(at, name): (usize, &String)| {
            Column::new(name, each(rows, |row| row.values.get(at).and_then(Option::as_deref)))
        };
        let attributes = Table::new(self.attributes.iter().enumerate().map(attribute).collect())?;
        beside(&[attributes.to_batch()?, marks])
    }

    /// One row per zone: `zone`, `deals`, `list_value`, `pocket_value`, `opportunity` (money).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn zones_batch(&self) -> Result<RecordBatch, Error> {
        let zones = [Zone::BelowFloor, Zone::BelowTarget, Zone::OnTarget, Zone::Stretch];
        let mut sums = [(0_u64, 0.0, 0.0, 0.0); 4];
        for deal in &self.deals {
            let marks = self.nodes[deal.node as usize].shrunk;
            let sum = &mut sums[Zone::of(deal.price, marks) as usize];
            sum.0 += 1;
            sum.1 += deal.list;
            sum.2 += deal.list * deal.price;
            sum.3 += deal.list * (marks[1] - deal.price).max(0.0);
        }
        batch!(
            "zone" => each(&zones, |&it| zone(it)),
            "deals" => each(&sums, |sum| sum.0),
            "list_value" => each(&sums, |sum| sum.1),
            "pocket_value" => each(&sums, |sum| sum.2),
            "opportunity" => each(&sums, |sum| sum.3),
        )
    }
}

fn zone(zone: Zone) -> &'static str {
    match zone {
        Zone::BelowFloor => "below floor",
        Zone::BelowTarget => "floor to target",
        Zone::OnTarget => "target to stretch",
        Zone::Stretch => "stretch",
    }
}
