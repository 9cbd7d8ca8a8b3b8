//! Results against competitors as record batches.

use leverkit_core::estimates::terms_batch;
use leverkit_core::frames::{beside, each, number, with_keys};
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};
use leverkit_stats::Estimate;

use super::hedonic::Hedonic;
use super::leadership::{Leadership, Reaction};
use super::position::{Position, PositionIndex};
use super::value_map::{MappedProduct, ValueMap};

impl Tables for Position {
    const TABLES: &'static [&'static str] = &["table", "products"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "products" => self.products_batch(),
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

impl Position {
    /// One row per day, competitor and scope: `date`, `competitor` (null for the geometric mean of all), `items` ("all" or "key"), `prices` ("all" or
    /// "regular"), `matched`, `own_products`, `index` with `lower` and `upper`, `weighted_index` with limits, `all_products_index`, `median_gap`, `cheaper`,
    /// `equal`, `dearer` (shares of the matched products).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.indices;
        let of = |pick: fn(&PositionIndex) -> Option<Estimate>, part: fn(Estimate) -> f64| {
            each(rows, |row| pick(row).map(part))
        };
        batch!(
            "date" => each(rows, |row| row.day),
            "competitor" => each(rows, |row| row.competitor.as_deref()),
            "items" => each(rows, |row| if row.key_items { "key" } else { "all" }),
            "prices" => each(rows, |row| if row.regular { "regular" } else { "all" }),
            "matched" => each(rows, |row| row.matched),
            "own_products" => each(rows, |row| row.own_products),
            "index" => of(|row| row.index, |found| found.interval.estimate),
            "lower" => of(|row| row.index, |found| found.interval.lower),
            "upper" => of(|row| row.index, |found| found.interval.upper),
            "weighted_index" => of(|row| row.weighted, |found| found.interval.estimate),
            "weighted_lower" => of(|row| row.weighted, |found| found.interval.lower),
            "weighted_upper" => of(|row| row.weighted, |found| found.interval.upper),
            "all_products_index" => each(rows, |row| row.all_products),
            "median_gap" => each(rows, |row| row.median_gap),
            "cheaper" => each(rows, |row| row.cheaper),
            "equal" => each(rows, |row| row.equal),
            "dearer" => each(rows, |row| row.dearer),
        )
    }

    /// One row per day and product: `date`, the product's columns, `own` (price), `competitors`, `lowest`, `median`, `highest` (their prices), `gap_to_lowest`,
    /// `gap_to_median` (own over theirs less 1), `rank` (1 is the cheapest), `key_item`, `promotion`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn products_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.products;
        let days = batch!("date" => each(rows, |row| row.day))?;
        let prices = batch!(
            "own" => each(rows, |row| row.own),
            "competitors" => each(rows, |row| row.competitors),
            "lowest" => each(rows, |row| row.lowest),
            "median" => each(rows, |row| row.median),
            "highest" => each(rows, |row| row.highest),
            "gap_to_lowest" => each(rows, |row| row.lowest.map(|lowest| row.own / lowest - 1.0)),
            "gap_to_median" => each(rows, |row| row.median.map(|median| row.own / median - 1.0)),
            "rank" => each(rows, |row| row.rank),
            "key_item" => each(rows, |row| row.key_item),
            "promotion" => each(rows, |row| row.promotion),
        )?;
        beside(&[days, with_keys(prices, &self.items, &each(rows, |row| row.item as u32))?])
    }
}

impl Tables for ValueMap {
    const TABLES: &'static [&'static str] = &["table", "line"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "line" => self.line_batch(),
            _ => self.to_batch(),
        }
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl ValueMap {
    /// One row per product: `product`, `value`, `price`, `fair_price` with `fair_lower` and `fair_upper`, `premium_taken`, `premium_earned`, `gap` (price less fair
    /// price) with `gap_lower` and `gap_upper`, money, `probability_above`, `verdict`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.products;
        batch!(
            "product" => each(rows, |row| row.product.as_str()),
            "value" => each(rows, |row| row.value),
            "price" => each(rows, |row| row.price),
            "fair_price" => each(rows, |row| row.fair_price.interval.estimate),
            "fair_lower" => each(rows, |row| row.fair_price.interval.lower),
            "fair_upper" => each(rows, |row| row.fair_price.interval.upper),
            "premium_taken" => each(rows, |row| row.premium_taken),
            "premium_earned" => each(rows, |row| row.premium_earned),
            "gap" => each(rows, |row| row.gap.estimate),
            "gap_lower" => each(rows, |row| row.gap.lower),
            "gap_upper" => each(rows, |row| row.gap.upper),
            "probability_above" => each(rows, |row| row.probability_above),
            "verdict" => each(rows, MappedProduct::verdict),
        )
    }

    /// Intercept and slope of the line; columns as [`terms_batch`].
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn line_batch(&self) -> Result<RecordBatch, Error> {
        terms_batch(&self.line)
    }
}

impl Tables for Hedonic {
    const TABLES: &'static [&'static str] = &["table"];

    fn make(&self, _: &str) -> Result<RecordBatch, Error> {
        self.to_batch()
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Hedonic {
    /// One row per term: the columns of [`terms_batch`], `money`, `money_lower`, `money_upper` (at the mean price), `share`, `share_lower`, `share_upper` (of the
    /// price).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.terms;
        let terms = terms_batch(&each(rows, |row| row.term.clone()))?;
        let worth = batch!(
            "money" => each(rows, |row| row.money.map(|money| money.estimate)),
            "money_lower" => each(rows, |row| row.money.map(|money| money.lower)),
            "money_upper" => each(rows, |row| row.money.map(|money| money.upper)),
            "share" => each(rows, |row| row.share.map(|share| share.estimate)),
            "share_lower" => each(rows, |row| row.share.map(|share| share.lower)),
            "share_upper" => each(rows, |row| row.share.map(|share| share.upper)),
        )?;
        beside(&[terms, worth])
    }
}

impl Tables for Leadership {
    const TABLES: &'static [&'static str] = &["table", "lags"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "lags" => self.lags_batch(),
            _ => self.to_batch(),
        }
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Leadership {
    /// One row per ordered pair of sellers, the surest first: `leader`, `follower`, `n` (changes of price), `products`, `response` (per cent for each per cent,
    /// over all lags) with `std_error`, `lower` and `upper`, `mean_lag` (dates), `mean_days`, `p_value`, `q_value`, `reason`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.reactions;
        let of = |part: fn(Estimate) -> f64| each(rows, |row| row.response.map(part));
        batch!(
            "leader" => each(rows, |row| row.leader.as_str()),
            "follower" => each(rows, |row| row.follower.as_str()),
            "n" => each(rows, |row| row.n),
            "products" => each(rows, |row| row.products),
            "response" => of(|found| found.interval.estimate),
            "std_error" => of(|found| found.std_error),
            "lower" => of(|found| found.interval.lower),
            "upper" => of(|found| found.interval.upper),
            "mean_lag" => each(rows, |row| row.mean_lag),
            "mean_days" => each(rows, |row| row.mean_lag.map(|lag| lag * self.days_per_date)),
            "p_value" => each(rows, |row| number(row.p_value)),
            "q_value" => each(rows, |row| number(row.q_value)),
            "reason" => each(rows, |row| row.reason.as_deref()),
        )
    }

    /// One row per pair and lag: `leader`, `follower`, `lag` (dates), `response`, `std_error`, `lower`, `upper`, `p_value`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    fn lags_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<(&Reaction, usize)> =
            self.reactions.iter().flat_map(|row| (0..row.by_lag.len()).map(move |lag| (row, lag))).collect();
        let of = |part: fn(Estimate) -> f64| each(&rows, |row| part(row.0.by_lag[row.1]));
        batch!(
            "leader" => each(&rows, |row| row.0.leader.as_str()),
            "follower" => each(&rows, |row| row.0.follower.as_str()),
            "lag" => each(&rows, |row| row.1 as u32 + 1),
            "response" => of(|found| found.interval.estimate),
            "std_error" => of(|found| found.std_error),
            "lower" => of(|found| found.interval.lower),
            "upper" => of(|found| found.interval.upper),
            "p_value" => of(|found| found.p_value),
        )
    }
}
