//! Tables of scores, cut points and segments.

use leverkit_core::frames::{dates, each};
use leverkit_core::{Cell, Column, Day, NO_CODE, RecordBatch, Table, batch, stats};
use rayon::prelude::*;
use serde::Serialize;

use crate::cuts::Bound;
use crate::{CustomerMeasures, Error, Method, Monetary, Scores};

/// One segment's customers, money and what to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SegmentRow {
    /// The name.
    pub segment: String,
    /// How many customers.
    pub customers: u64,
    /// Of all scored customers.
    pub share_customers: f64,
    /// Money of all their lines, net of returns.
    pub revenue: f64,
    /// Of all scored customers' revenue; `None` where that is not positive.
    pub share_revenue: Option<f64>,
    /// Revenue an order; `None` without orders.
    pub average_check: Option<f64>,
    /// Median days since the last order; `None` without customers.
    pub median_recency: Option<f64>,
    /// Number of orders.
    pub orders: u64,
    /// What to do with them first.
    pub action: String,
}

impl Scores {
    /// One row a customer, in the order of the ids: `customer`, `recency` (days), `frequency` (orders), `monetary` (money),
    /// `average_check`, `orders_per_year`, `tenure` (days), `lines`, `products`, `first_order`, `last_order`, `r`, `f`, `m`, `rfm`, `rfm_weighted`, `segment`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
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
            &|| Ok(self.by_position("orders_per_year", |customer| self.orders_per_year(customer))),
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
        Ok(Table::new(columns)?.to_batch()?)
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
        Column::new(name, dates(self.measures.each.iter().map(|customer| customer.order_days().map(&pick))))
    }

    /// Orders a year since the first order; a tenure under a year counts as the days it has.
    fn orders_per_year(&self, customer: usize) -> Option<f64> {
        let tenure = self.measures.tenure(customer)?.max(1);
        Some(f64::from(self.measures.each[customer].orders) * 365.25 / f64::from(tenure))
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
        let names: Vec<String> =
            self.model.params.segments.segments().iter().map(|segment| segment.name.clone()).collect();
        let codes = self.segments.iter().enumerate();
        let codes = codes.map(|(customer, &segment)| if self.is_scored(customer) { segment.into() } else { NO_CODE });
        take_names("segment", &names, codes)
    }

    /// One row for each measure, group and score that can be reached: `measure`, `within`, `score`, `lower`, `upper`, `includes`,
    /// `minimum`, `maximum` (observed), `customers`.
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn cuts_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<_> =
            self.model.cuts.iter().flat_map(|cut| cut.observed.iter().map(move |bin| (cut, bin))).collect();
        let includes = |bound: Bound| match bound {
            Bound::Lower => "lower",
            Bound::Upper => "upper",
            Bound::Rank => "rank",
        };
        Ok(batch!(
            "measure" => each(&rows, |(cut, _)| cut.measure.name()),
            "within" => each(&rows, |(cut, _)| within_text(&cut.within)),
            "score" => each(&rows, |(_, bin)| bin.score as i8),
            "lower" => each(&rows, |(_, bin)| bin.lower),
            "upper" => each(&rows, |(_, bin)| bin.upper),
            "includes" => each(&rows, |(cut, _)| includes(cut.includes)),
            "minimum" => each(&rows, |(_, bin)| bin.minimum),
            "maximum" => each(&rows, |(_, bin)| bin.maximum),
            "customers" => each(&rows, |(_, bin)| bin.customers as i64),
        )?)
    }

    /// The segments, in the order of the map; customers without scores are in none.
    pub fn segment_rows(&self) -> Vec<SegmentRow> {
        let map = self.model.params.segments.segments();
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); map.len()];
        for customer in (0..self.measures.each.len()).filter(|&customer| self.is_scored(customer)) {
            members[usize::from(self.segments[customer])].push(customer);
        }
        let revenues: Vec<f64> = members.iter().map(|members| self.revenue(members)).collect();
        let (all, total) = (members.iter().map(Vec::len).sum::<usize>(), stats::sum(&revenues));
        map.iter()
            .zip(members.iter().zip(&revenues))
            .map(|(segment, (members, &revenue))| {
                let orders: u64 = members.iter().map(|&customer| u64::from(self.measures.each[customer].orders)).sum();
                let mut recencies: Vec<f64> =
                    members.iter().filter_map(|&customer| self.measures.recency(customer).map(f64::from)).collect();
                SegmentRow {
                    segment: segment.name.clone(),
                    customers: members.len() as u64,
                    share_customers: members.len() as f64 / all as f64,
                    revenue,
                    share_revenue: (total > 0.0).then(|| revenue / total),
                    average_check: (orders > 0).then(|| revenue / orders as f64),
                    median_recency: stats::quantiles(&mut recencies, &[0.5]).first().copied(),
                    orders,
                    action: segment.action.clone(),
                }
            })
            .collect()
    }

    fn revenue(&self, members: &[usize]) -> f64 {
        stats::sum(&members.iter().map(|&customer| self.measures.each[customer].total).collect::<Vec<_>>())
    }

    /// The segments as a table, columns as in [`SegmentRow`].
    ///
    /// # Errors
    /// [`Error::Core`] where Arrow refuses.
    pub fn segments_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.segment_rows();
        Ok(batch!(
            "segment" => each(&rows, |row| row.segment.as_str()),
            "customers" => each(&rows, |row| row.customers as i64),
            "share_customers" => each(&rows, |row| row.share_customers),
            "revenue" => each(&rows, |row| row.revenue),
            "share_revenue" => each(&rows, |row| row.share_revenue),
            "average_check" => each(&rows, |row| row.average_check),
            "median_recency" => each(&rows, |row| row.median_recency),
            "orders" => each(&rows, |row| row.orders as i64),
            "action" => each(&rows, |row| row.action.as_str()),
        )?)
    }

    /// How the scores were made, in a sentence.
    pub fn rule(&self) -> &'static str {
        match self.model.params.method {
            Method::Quantile => {
                "Cut points are quantiles over all customers (Hyndman & Fan type 7); a value above a cut point lies in the next bin, so equal values get equal scores."
            }
            Method::Nested => {
                "Cut points are quantiles: of recency over all customers, of frequency within each recency score, of monetary within each pair of both."
            }
            Method::Thresholds => {
                "Cut points are the company's own norms: recency up to and including a cut point, frequency and monetary from a cut point on, earn the better score."
            }
            Method::EqualWidth => "Bins have equal width from the least to the greatest value.",
            Method::Kmeans => {
                "Bins are the clusters with the least squared distance to their means (exact one-dimensional k-means); cut points lie midway between them."
            }
            Method::Rank => {
                "Customers are ranked and cut into buckets of equal size, as SQL's ntile; ties go by the order of ids, so equal values may get different scores."
            }
        }
    }
}

fn take_names(name: &str, names: &[String], codes: impl Iterator<Item = u32>) -> Result<Column, Error> {
    Ok(Column::new(name, names).take(&codes.collect::<Vec<_>>())?)
}

fn within_text(within: &[u8]) -> Option<String> {
    match within {
        [] => None,
        [r] => Some(format!("r={r}")),
        [r, f, ..] => Some(format!("r={r}, f={f}")),
    }
}
