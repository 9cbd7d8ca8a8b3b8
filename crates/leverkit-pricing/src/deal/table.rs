//! Results in the deal as record batches.

use leverkit_core::frames::{beside, each, number, with_keys};
use leverkit_core::{Column, Error, LeftOut, RecordBatch, Table, Tables, batch};

use super::band::{BAND_QUANTILES, Band, PriceBand};
use super::bridge::{Bridge, Effect, Parts};
use super::leakage::{Leak, Leakage};
use super::score::{DealScores, ScoredDeal, Zone};
use super::waterfall::{Fall, StepChange, StepKind, Waterfall, WaterfallStep};

impl Tables for Waterfall {
    const TABLES: &'static [&'static str] = &["table", "total"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "total" => self.total_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Waterfall {
    /// One row per group and step: the columns it was laid out by, `step`, `kind`, `amount` (money; components and cost below zero), `share` (of list
    /// price), `per_unit` (money), `rows`, `units`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let falls: Vec<&Fall> = self.groups.iter().collect();
        let batch = self.falls_batch(&falls)?;
        let groups: Vec<u32> =
            (0..falls.len() as u32).flat_map(|group| std::iter::repeat_n(group, self.steps.len())).collect();
        with_keys(batch, &self.keys, &groups)
    }

    /// All groups together; the columns of [`Self::to_batch`] without those it was laid out by.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn total_batch(&self) -> Result<RecordBatch, Error> {
        self.falls_batch(&[&self.total])
    }

    fn falls_batch(&self, falls: &[&Fall]) -> Result<RecordBatch, Error> {
        let rows: Vec<(&Fall, usize)> =
            falls.iter().flat_map(|fall| (0..self.steps.len()).map(move |step| (*fall, step))).collect();
        batch!(
            "step" => each(&rows, |row| self.steps[row.1].name.as_str()),
            "kind" => each(&rows, |row| kind(&self.steps[row.1])),
            "amount" => each(&rows, |row| row.0.amounts[row.1]),
            "share" => each(&rows, |row| number(row.0.share(row.1))),
            "per_unit" => each(&rows, |row| row.0.per_unit(row.1)),
            "rows" => each(&rows, |row| row.0.rows),
            "units" => each(&rows, |row| row.0.units),
        )
    }
}

fn kind(step: &WaterfallStep) -> &'static str {
    match step.kind {
        StepKind::List => "list",
        StepKind::Component => "component",
        StepKind::Invoice => "invoice",
        StepKind::Pocket => "pocket",
        StepKind::Cost => "cost",
        StepKind::Margin => "margin",
    }
}

/// One row per step: `step`, `kind`, `base`, `against`, `change` (money), `base_share`, `against_share`, `share_change` (of list price),
/// `base_per_unit`, `against_per_unit`, `per_unit_change` (money).
///
/// # Errors
/// [`Error::Arrow`] where Arrow refuses.
pub fn comparison_batch(rows: &[StepChange]) -> Result<RecordBatch, Error> {
    batch!(
        "step" => each(rows, |row| row.step.name.as_str()),
        "kind" => each(rows, |row| kind(&row.step)),
        "base" => each(rows, |row| row.base),
        "against" => each(rows, |row| row.against),
        "change" => each(rows, |row| row.against - row.base),
        "base_share" => each(rows, |row| number(row.base_share)),
        "against_share" => each(rows, |row| number(row.against_share)),
        "share_change" => each(rows, |row| number(row.against_share - row.base_share)),
        "base_per_unit" => each(rows, |row| row.base_per_unit),
        "against_per_unit" => each(rows, |row| row.against_per_unit),
        "per_unit_change" => each(rows, |row| row.base_per_unit.zip(row.against_per_unit).map(|(base, against)| against - base)),
    )
}

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

impl Tables for Leakage {
    const TABLES: &'static [&'static str] = &["table", "totals", "norm", "outliers", "sample"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "totals" => self.totals_batch(),
            "norm" => self.norm_batch(),
            "outliers" => self.outliers_batch(),
            "sample" => self.sample_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Leakage {
    /// All deals in the first row, then one row per column and value, the most to close first: `dimension`, `value`, `deals`, `list_value`, `discount`,
    /// `expected` (by comparable deals of all values), `excess` with `lower` and `upper`, `shrunk` (what of it chance does not explain), `closable` with
    /// `closable_lower` and `closable_upper` (money), `excess_share` (of list value), `outliers`, `p_value`, `q_value`, `reason` (of a null).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.leaks;
        batch!(
            "dimension" => each(rows, |row| row.dimension.as_deref()),
            "value" => each(rows, |row| row.value.as_deref()),
            "deals" => each(rows, |row| row.deals),
            "list_value" => each(rows, |row| row.list),
            "discount" => each(rows, |row| row.discount),
            "expected" => each(rows, Leak::expected),
            "excess" => each(rows, |row| row.excess),
            "lower" => each(rows, |row| row.estimate.map(|found| found.interval.lower)),
            "upper" => each(rows, |row| row.estimate.map(|found| found.interval.upper)),
            "shrunk" => each(rows, |row| row.shrunk),
            "closable" => each(rows, |row| row.estimate.map(|_| row.closable.map_or(0.0, |money| money.estimate))),
            "closable_lower" => each(rows, |row| row.closable.map(|money| money.lower)),
            "closable_upper" => each(rows, |row| row.closable.map(|money| money.upper)),
            "excess_share" => each(rows, |row| row.excess.map(|excess| excess / row.list)),
            "outliers" => each(rows, |row| row.outliers),
            "p_value" => each(rows, |row| row.estimate.and_then(|found| number(found.p_value))),
            "q_value" => each(rows, |row| number(row.q_value)),
            "reason" => each(rows, |row| row.reason.as_deref()),
        )
    }

    /// One row per column: `dimension`, `values`, `leaking` (values), `deals`, `list_value`, `discount` (of those), `closable` with `lower` and `upper` (money of all that
    /// leak together), `between` (the standard deviation of values beyond chance, a share of list price), `within` (what deals are compared within),
    /// `clusters` (deals of which kinds are drawn together).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn totals_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.totals;
        batch!(
            "dimension" => each(rows, |row| row.dimension.as_str()),
            "values" => each(rows, |row| row.values),
            "leaking" => each(rows, |row| row.leaking),
            "deals" => each(rows, |row| row.deals),
            "list_value" => each(rows, |row| row.list),
            "discount" => each(rows, |row| row.discount),
            "closable" => each(rows, |row| row.closable.estimate),
            "lower" => each(rows, |row| row.closable.lower),
            "upper" => each(rows, |row| row.closable.upper),
            "between" => each(rows, |row| row.between),
            "within" => each(rows, |row| row.within.join(", ")),
            "clusters" => each(rows, |row| row.clusters.join("; ")),
        )
    }

    /// One row per knot of the norm: `size`, `discount` (share of list price), `deals`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn norm_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.norm.knots;
        batch!(
            "size" => each(rows, |row| row.size),
            "discount" => each(rows, |row| row.discount),
            "deals" => each(rows, |row| row.deals),
        )
    }

    /// One row per outlier, the most money first: `row` (from 0), `size`, `discount`, `norm` (shares of list price), `money` (beyond the norm), `z`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn outliers_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.outliers;
        batch!(
            "row" => each(rows, |row| row.row),
            "size" => each(rows, |row| row.size),
            "discount" => each(rows, |row| row.discount),
            "norm" => each(rows, |row| row.norm),
            "money" => each(rows, |row| row.money),
            "z" => each(rows, |row| row.z),
        )
    }

    /// Some deals, evenly drawn, for a picture: `size`, `discount`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn sample_batch(&self) -> Result<RecordBatch, Error> {
        batch!("size" => each(&self.sample, |row| row.0), "discount" => each(&self.sample, |row| row.1))
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

impl Tables for Bridge {
    const TABLES: &'static [&'static str] = &["bridge", "by_key"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "by_key" => self.by_key_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Bridge {
    /// The bridge, one row per step: `effect` (base, price, volume …, against), `amount` (money), `share` (of the base).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let mut rows = vec![("base", self.total.value[0])];
        rows.extend(self.effects(&[self.total]).map(|effect| (effect.name(), self.total.effects[effect as usize])));
        rows.push(("against", self.total.value[1]));
        batch!(
            "effect" => each(&rows, |row| row.0),
            "amount" => each(&rows, |row| row.1),
            "share" => each(&rows, |row| number(row.1 / self.total.value[0])),
        )
    }

    /// The items, one row each: the keys, `base_quantity`, `against_quantity`, `base`, `against`, `change` (money), a column for each effect, `residual`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn by_key_batch(&self) -> Result<RecordBatch, Error> {
        self.parts_batch(self.keys.clone(), &self.items())
    }

    /// The effects of the items added up by some of the keys; columns as [`Self::by_key_batch`], and `items`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a column that is no key.
    pub fn drill_batch(&self, by: &[String]) -> Result<RecordBatch, crate::Error> {
        let (keys, parts) = self.drill(by)?;
        Ok(self.parts_batch(keys, &parts)?)
    }

    /// One row per grain: `keys`, `items`, `change`, a column for each effect (money), `residual`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for more than six keys.
    pub fn granularity_batch(&self) -> Result<RecordBatch, crate::Error> {
        let grains = self.granularity()?;
        let parts: Vec<Parts> = each(&grains, |grain| grain.parts);
        let grains = batch!(
            "keys" => each(&grains, |grain| grain.keys.join(" × ")),
            "items" => each(&parts, |row| row.items),
        )?;
        Ok(beside(&[grains, self.changes(&parts)?])?)
    }

    fn parts_batch(&self, keys: Vec<Column>, parts: &[Parts]) -> Result<RecordBatch, Error> {
        let sides = batch!(
            "items" => each(parts, |row| row.items),
            "base_quantity" => each(parts, |row| row.quantity[0]),
            "against_quantity" => each(parts, |row| row.quantity[1]),
            "base" => each(parts, |row| row.value[0]),
            "against" => each(parts, |row| row.value[1]),
        )?;
        beside(&[Table::new(keys)?.to_batch()?, sides, self.changes(parts)?])
    }

    /// The change, a column for each effect, and what they leave of it.
    fn changes(&self, parts: &[Parts]) -> Result<RecordBatch, Error> {
        let mut columns = vec![Column::new("change", each(parts, |row| row.value[1] - row.value[0]))];
        columns.extend(
            self.effects(parts)
                .map(|effect| Column::new(effect.name(), each(parts, |row| row.effects[effect as usize]))),
        );
        columns.push(Column::new("residual", each(parts, Parts::residual)));
        Table::new(columns)?.to_batch()
    }

    /// The effects that these parts of the bridge can have.
    fn effects(&self, parts: &[Parts]) -> impl Iterator<Item = Effect> {
        let without_units = parts.iter().any(|row| row.effects[Effect::WithoutUnits as usize] != 0.0);
        let has = move |effect: &Effect| match effect {
            Effect::WithoutUnits => without_units,
            Effect::Currency => self.params.local_revenue.is_some(),
            Effect::Cost => self.params.cost.is_some(),
            Effect::Price | Effect::Volume | Effect::Mix | Effect::New | Effect::Lost => true,
        };
        Effect::ALL.into_iter().filter(has)
    }
}
