//! Tables of scores, cut points, segments and clusters.

use leverkit_core::frames::each;
use leverkit_core::{Cell, Column, Day, Drift, Error, NO_CODE, RecordBatch, Table, Tables, batch};
use rayon::prelude::*;

use super::Scores;
use super::clusters::{ClusterRow, CustomerClusters};
use super::cuts::Bound;
use super::measures::CustomerMeasures;
use super::params::{ClusterMeasure, Monetary};

impl Tables for Scores {
    const TABLES: &'static [&'static str] = &["customers", "cuts", "segments", "drift", "drift_bins"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "cuts" => self.cuts_batch(),
            "segments" => self.segments_batch(),
            "drift" => Drift::to_batch(&self.drift),
            "drift_bins" => Drift::bins_to_batch(&self.drift),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Scores {
    /// One row per customer, in the order of the ids: `customer`, `recency` (days), `frequency` (orders), `monetary` (money),
    /// `average_check`, `orders_per_year`, `tenure` (days), `lines`, `products`, `first_order`, `last_order`, `r`, `f`, `m`, `rfm`, `rfm_weighted`, `segment`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let measures = &self.measures;
        let monetary = |customer: &CustomerMeasures| match self.model.params.monetary {
            Monetary::Total => Some(customer.total),
            Monetary::AverageCheck => customer.average_check(),
        };
        let columns: [&(dyn Fn() -> Result<Column, Error> + Sync); 17] = [
            &|| Ok(self.customers().renamed("customer")),
            &|| Ok(self.by_position("recency", |customer| measures.recency(customer))),
            &|| Ok(self.by_customer("frequency", |customer| Some(customer.orders))),
            &|| Ok(self.by_customer("monetary", monetary)),
            &|| Ok(self.by_customer("average_check", CustomerMeasures::average_check)),
            &|| Ok(self.by_position("orders_per_year", |customer| measures.orders_per_year(customer))),
            &|| Ok(self.by_position("tenure", |customer| measures.tenure(customer))),
            &|| Ok(self.by_customer("lines", |customer| Some(customer.lines))),
            &|| Ok(self.by_customer("products", |customer| measures.knows_products.then_some(customer.products))),
            &|| Ok(self.day_column("first_order", |(first, _)| first)),
            &|| Ok(self.day_column("last_order", |(_, last)| last)),
            &|| Ok(self.score_column("r", 0)),
            &|| Ok(self.score_column("f", 1)),
            &|| Ok(self.score_column("m", 2)),
            &|| self.rfm_column(),
            &|| {
                Ok(self
                    .by_position("rfm_weighted", |customer| self.is_scored(customer).then(|| self.weighted(customer))))
            },
            &|| self.segment_column(),
        ];
        let columns = columns.into_par_iter().map(|column| column()).collect::<Result<_, _>>()?;
        Table::new(columns)?.to_batch()
    }

    fn by_position<T>(&self, name: &str, value: impl Fn(usize) -> Option<T>) -> Column
    where
        Option<T>: Cell,
    {
        Column::new(name, Cell::array((0..self.measures.each.len()).map(value)))
    }

    fn by_customer<T>(&self, name: &str, value: impl Fn(&CustomerMeasures) -> Option<T>) -> Column
    where
        Option<T>: Cell,
    {
        self.by_position(name, |customer| value(&self.measures.each[customer]))
    }

    fn day_column(&self, name: &str, pick: impl Fn((Day, Day)) -> Day) -> Column {
        Column::new(name, each(&self.measures.each, |customer| customer.order_days().map(&pick)))
    }

    fn score_column(&self, name: &str, measure: usize) -> Column {
        let scores = &self.scores[measure];
        self.by_position(name, |customer| (scores[customer] > 0).then_some(scores[customer] as i8))
    }

    /// The scores as text, such as "543"; with a score of 10, as "10-4-3".
    fn rfm_column(&self) -> Result<Column, Error> {
        let separator = if self.scores.iter().flatten().any(|&score| score > 9) { "-" } else { "" };
        let mut texts = Vec::with_capacity(1000);
        for code in 0..1000 {
            texts.push(
                [code / 100 + 1, code / 10 % 10 + 1, code % 10 + 1].map(|score| score.to_string()).join(separator),
            );
        }
        let [r, f, m] = &self.scores;
        let codes = (0..r.len()).map(|customer| {
            let at = |scores: &[u8]| u32::from(scores[customer]) - 1;
            if r[customer] > 0 { at(r) * 100 + at(f) * 10 + at(m) } else { NO_CODE }
        });
        take_names("rfm", &texts, codes)
    }

    fn segment_column(&self) -> Result<Column, Error> {
        let names: Vec<String> = self.model.params.segments.names();
        let codes = self.segments.iter().enumerate();
        let codes = codes.map(|(customer, &segment)| if self.is_scored(customer) { segment.into() } else { NO_CODE });
        take_names("segment", &names, codes)
    }

    /// One row per measure, group and score that can be reached: `measure`, `within`, `score`, `lower`, `upper`, `includes`,
    /// `minimum`, `maximum` (observed), `customers`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn cuts_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<_> = self.cuts.iter().flat_map(|cut| cut.observed.iter().map(move |bin| (cut, bin))).collect();
        let includes = |bound: Bound| match bound {
            Bound::Lower => "lower",
            Bound::Upper => "upper",
            Bound::Rank => "rank",
        };
        batch!(
            "measure" => each(&rows, |(cut, _)| cut.measure.name()),
            "within" => each(&rows, |(cut, _)| within_text(&cut.within)),
            "score" => each(&rows, |(_, bin)| bin.score as i8),
            "lower" => each(&rows, |(_, bin)| bin.lower),
            "upper" => each(&rows, |(_, bin)| bin.upper),
            "includes" => each(&rows, |(cut, _)| includes(cut.includes)),
            "minimum" => each(&rows, |(_, bin)| bin.minimum),
            "maximum" => each(&rows, |(_, bin)| bin.maximum),
            "customers" => each(&rows, |(_, bin)| bin.customers as i64),
        )
    }

    /// The segments as a table, columns as in [`SegmentRow`].
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn segments_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.segment_rows();
        batch!(
            "segment" => each(&rows, |row| row.segment.as_str()),
            "customers" => each(&rows, |row| row.customers as i64),
            "share_customers" => each(&rows, |row| row.share_customers),
            "revenue" => each(&rows, |row| row.revenue),
            "share_revenue" => each(&rows, |row| row.share_revenue),
            "average_check" => each(&rows, |row| row.average_check),
            "median_recency" => each(&rows, |row| row.median_recency),
            "orders" => each(&rows, |row| row.orders as i64),
            "action" => each(&rows, |row| row.action.as_str()),
        )
    }
}

impl Tables for CustomerClusters {
    const TABLES: &'static [&'static str] = &["table", "customers", "fits"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "customers" => self.customers_batch(),
            "fits" => self.fits_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl CustomerClusters {
    /// One row per cluster, the largest first: `cluster` (its number), `name`, `customers`, `share_customers`, `revenue`, `share_revenue`, the medians of all
    /// measures, `stability` (mean overlap with the most similar cluster of other samples).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.clusters;
        let median = |(place, of): (usize, ClusterMeasure)| {
            Column::new(of.name(), each(rows, |row: &ClusterRow| row.medians[place]))
        };
        let columns = [
            Column::new("cluster", (1..=rows.len() as i32).collect::<Vec<_>>()),
            Column::new("name", each(rows, |row| row.name.as_str())),
            Column::new("customers", each(rows, |row| row.customers as i64)),
            Column::new("share_customers", each(rows, |row| row.share_customers)),
            Column::new("revenue", each(rows, |row| row.revenue)),
            Column::new("share_revenue", each(rows, |row| row.share_revenue)),
        ];
        let medians = ClusterMeasure::ALL.into_iter().enumerate().map(median);
        let stability = Column::new("stability", each(rows, |row| row.stability));
        Table::new(columns.into_iter().chain(medians).chain([stability]).collect())?.to_batch()
    }

    /// One row per customer with an order: `customer`, `cluster`, `name`.
    fn customers_batch(&self) -> Result<RecordBatch, Error> {
        let names: Vec<String> = self.clusters.iter().map(|row| row.name.clone()).collect();
        batch!(
            "customer" => self.ids.clone(),
            "cluster" => each(&self.of, |cluster| *cluster as i32 + 1),
            "name" => take_names("name", &names, self.of.iter().copied())?,
        )
    }

    /// One row per number of clusters that was judged: `k`, `explained`, `gap`, `gap_error`, `stability`, `chosen`.
    fn fits_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.fits;
        batch!(
            "k" => each(rows, |fit| fit.k as i64),
            "explained" => each(rows, |fit| fit.explained),
            "gap" => each(rows, |fit| fit.gap),
            "gap_error" => each(rows, |fit| fit.gap_error),
            "stability" => each(rows, |fit| fit.stability),
            "chosen" => each(rows, |fit| fit.chosen),
        )
    }
}

fn take_names(name: &str, names: &[String], codes: impl Iterator<Item = u32>) -> Result<Column, Error> {
    Column::new(name, names).take(&codes.collect::<Vec<_>>())
}

fn within_text(within: &[u8]) -> Option<String> {
    match within {
        [] => None,
        [r] => Some(format!("r={r}")),
        [r, f, ..] => Some(format!("r={r}, f={f}")),
    }
}
