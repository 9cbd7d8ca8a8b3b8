//! Tables of scores, cut points and segments.

use leverkit_core::Day;
use leverkit_core::polars::prelude::*;
use leverkit_core::stats;
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
    /// [`Error::Core`] where the frame library refuses.
    pub fn to_frame(&self) -> Result<DataFrame, Error> {
        let measures = &self.measures;
        let monetary = |customer: &CustomerMeasures| match self.model.params.monetary {
            Monetary::Total => Some(customer.total),
            Monetary::AverageCheck => customer.average_check(),
        };
        let columns: [&(dyn Fn() -> Result<Series, Error> + Sync); 17] = [
            &|| Ok(self.customers().clone().with_name("customer".into())),
            &|| Ok(self.by_position::<Int32Type>("recency", |customer| measures.recency(customer))),
            &|| Ok(self.by_customer::<UInt32Type>("frequency", |customer| Some(customer.orders))),
            &|| Ok(self.by_customer::<Float64Type>("monetary", monetary)),
            &|| Ok(self.by_customer::<Float64Type>("average_check", CustomerMeasures::average_check)),
            &|| Ok(self.by_position::<Float64Type>("orders_per_year", |customer| self.orders_per_year(customer))),
            &|| Ok(self.by_position::<Int32Type>("tenure", |customer| measures.tenure(customer))),
            &|| Ok(self.by_customer::<UInt32Type>("lines", |customer| Some(customer.lines))),
            &|| {
                Ok(self.by_customer::<UInt32Type>("products", |customer| {
                    measures.knows_products.then_some(customer.products)
                }))
            },
            &|| self.day_column("first_order", |(first, _)| first),
            &|| self.day_column("last_order", |(_, last)| last),
            &|| Ok(self.score_column("r", 0)),
            &|| Ok(self.score_column("f", 1)),
            &|| Ok(self.score_column("m", 2)),
            &|| self.rfm_column(),
            &|| {
                Ok(self.by_position::<Float64Type>("rfm_weighted", |customer| {
                    self.is_scored(customer).then(|| self.weighted(customer))
                }))
            },
            &|| self.segment_column(),
        ];
        let columns = columns.into_par_iter().map(|column| column().map(Column::from)).collect::<Result<_, _>>()?;
        Ok(DataFrame::new(measures.each.len(), columns)?)
    }

    fn by_position<T: PolarsNumericType>(&self, name: &str, value: impl Fn(usize) -> Option<T::Native>) -> Series
    where
        ChunkedArray<T>: IntoSeries,
    {
        let values: ChunkedArray<T> = (0..self.measures.each.len()).map(value).collect_ca_trusted(name.into());
        values.into_series()
    }

    fn by_customer<T: PolarsNumericType>(
        &self,
        name: &str,
        value: impl Fn(&CustomerMeasures) -> Option<T::Native>,
    ) -> Series
    where
        ChunkedArray<T>: IntoSeries,
    {
        self.by_position::<T>(name, |customer| value(&self.measures.each[customer]))
    }

    fn day_column(&self, name: &str, pick: impl Fn((Day, Day)) -> Day) -> Result<Series, Error> {
        let days = self.by_customer::<Int32Type>(name, |customer| customer.order_days().map(&pick));
        Ok(days.cast(&DataType::Date)?)
    }

    /// Orders a year since the first order; a tenure under a year counts as the days it has.
    fn orders_per_year(&self, customer: usize) -> Option<f64> {
        let tenure = self.measures.tenure(customer)?.max(1);
        Some(f64::from(self.measures.each[customer].orders) * 365.25 / f64::from(tenure))
    }

    fn score_column(&self, name: &str, measure: usize) -> Series {
        let scores = &self.scores[measure];
        self.by_position::<Int8Type>(name, |customer| (scores[customer] > 0).then_some(scores[customer] as i8))
    }

    /// The scores as text, such as "543"; with a score of 10, as "10-4-3".
    fn rfm_column(&self) -> Result<Series, Error> {
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
            (r[customer] > 0).then(|| at(r) * 100 + at(f) * 10 + at(m))
        });
        take_names("rfm", &texts, &codes.collect_ca_trusted("".into()))
    }

    fn segment_column(&self) -> Result<Series, Error> {
        let names: Vec<String> =
            self.model.params.segments.segments().iter().map(|segment| segment.name.clone()).collect();
        let codes = self
            .segments
            .iter()
            .enumerate()
            .map(|(customer, &segment)| self.is_scored(customer).then_some(u32::from(segment)));
        take_names("segment", &names, &codes.collect_ca_trusted("".into()))
    }

    /// One row for each measure, group and score that can be reached: `measure`, `within`, `score`, `lower`, `upper`, `includes`,
    /// `minimum`, `maximum` (observed), `customers`.
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn cuts_frame(&self) -> Result<DataFrame, Error> {
        let rows: Vec<_> =
            self.model.cuts.iter().flat_map(|cut| cut.observed.iter().map(move |bin| (cut, bin))).collect();
        let includes = |bound: Bound| match bound {
            Bound::Lower => "lower",
            Bound::Upper => "upper",
            Bound::Rank => "rank",
        };
        Ok(df!(
            "measure" => rows.iter().map(|(cut, _)| cut.measure.name()).collect::<Vec<_>>(),
            "within" => rows.iter().map(|(cut, _)| within_text(&cut.within)).collect::<Vec<_>>(),
            "score" => rows.iter().map(|(_, bin)| bin.score as i8).collect::<Vec<_>>(),
            "lower" => rows.iter().map(|(_, bin)| bin.lower).collect::<Vec<_>>(),
            "upper" => rows.iter().map(|(_, bin)| bin.upper).collect::<Vec<_>>(),
            "includes" => rows.iter().map(|(cut, _)| includes(cut.includes)).collect::<Vec<_>>(),
            "minimum" => rows.iter().map(|(_, bin)| bin.minimum).collect::<Vec<_>>(),
            "maximum" => rows.iter().map(|(_, bin)| bin.maximum).collect::<Vec<_>>(),
            "customers" => rows.iter().map(|(_, bin)| bin.customers as i64).collect::<Vec<_>>(),
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

    /// The segments as a frame, columns as in [`SegmentRow`].
    ///
    /// # Errors
    /// [`Error::Core`] where the frame library refuses.
    pub fn segments_frame(&self) -> Result<DataFrame, Error> {
        let rows = self.segment_rows();
        Ok(df!(
            "segment" => rows.iter().map(|row| row.segment.as_str()).collect::<Vec<_>>(),
            "customers" => rows.iter().map(|row| row.customers as i64).collect::<Vec<_>>(),
            "share_customers" => rows.iter().map(|row| row.share_customers).collect::<Vec<_>>(),
            "revenue" => rows.iter().map(|row| row.revenue).collect::<Vec<_>>(),
            "share_revenue" => rows.iter().map(|row| row.share_revenue).collect::<Vec<_>>(),
            "average_check" => rows.iter().map(|row| row.average_check).collect::<Vec<_>>(),
            "median_recency" => rows.iter().map(|row| row.median_recency).collect::<Vec<_>>(),
            "orders" => rows.iter().map(|row| row.orders as i64).collect::<Vec<_>>(),
            "action" => rows.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(),
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

fn take_names(name: &str, names: &[String], codes: &IdxCa) -> Result<Series, Error> {
    Ok(Series::new(name.into(), names).take(codes)?)
}

fn within_text(within: &[u8]) -> Option<String> {
    match within {
        [] => None,
        [r] => Some(format!("r={r}")),
        [r, f, ..] => Some(format!("r={r}, f={f}")),
    }
}
