//! Need segments as record batches.

use leverkit_core::frames::each;
use leverkit_core::{Column, Error, LeftOut, RecordBatch, Table, Tables, batch};

use super::missions::{Mission, Missions};
use super::segments::Needs;

impl Tables for Needs {
    const TABLES: &'static [&'static str] =
        &["table", "fits", "profile", "respondents", "covariates", "outcomes", "typing"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "fits" => self.fits_batch(),
            "profile" => self.profile_batch(),
            "respondents" => self.respondents_batch(),
            "covariates" => self.covariates_batch(),
            "outcomes" => self.outcomes_batch(),
            "typing" => self.typing_batch(),
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

impl Needs {
    /// One row per segment: `segment` (from 1, the greatest first), `size` (share) with `lower` and `upper`, `sureness` (mean chance of those assigned to it).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.segments;
        batch!(
            "segment" => each(rows, |row| row.segment as i64),
            "size" => each(rows, |row| row.size.estimate),
            "lower" => each(rows, |row| row.size.lower),
            "upper" => each(rows, |row| row.size.upper),
            "sureness" => each(rows, |row| row.sureness),
        )
    }

    /// One row per number of segments: `k`, `log_likelihood`, `parameters`, `aic`, `bic`, `icl`, `entropy`, `g_squared` with `df` and `p_value`, `followed` (starts
    /// followed to the end), `reached` (those that came to this likelihood), `bootstrap_p`, `stability`, `status`.
    fn fits_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.fits;
        batch!(
            "k" => each(rows, |row| row.k as i64),
            "log_likelihood" => each(rows, |row| row.log_likelihood),
            "parameters" => each(rows, |row| row.parameters as i64),
            "aic" => each(rows, |row| row.aic),
            "bic" => each(rows, |row| row.bic),
            "icl" => each(rows, |row| row.icl),
            "entropy" => each(rows, |row| row.entropy),
            "g_squared" => each(rows, |row| row.g_squared),
            "df" => each(rows, |row| row.df),
            "p_value" => each(rows, |row| row.p_value),
            "followed" => each(rows, |row| row.followed as i64),
            "reached" => each(rows, |row| row.reached as i64),
            "bootstrap_p" => each(rows, |row| row.bootstrap_p),
            "stability" => each(rows, |row| row.stability),
            "status" => each(rows, |row| row.status),
        )
    }

    /// One row per segment, item and answer: `segment`, `item`, `level` (null for a number), `value` (share, or mean) with `lower` and `upper`, `overall`, `verdict`.
    fn profile_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.profile;
        batch!(
            "segment" => each(rows, |row| row.segment as i64),
            "item" => each(rows, |row| row.item.as_str()),
            "level" => each(rows, |row| row.level.as_deref()),
            "value" => each(rows, |row| row.value.estimate),
            "lower" => each(rows, |row| row.value.lower),
            "upper" => each(rows, |row| row.value.upper),
            "overall" => each(rows, |row| row.overall),
            "verdict" => each(rows, |row| row.verdict),
        )
    }

    /// One row per respondent: `respondent` (its id, or the row from 0), `segment`, `probability`.
    fn respondents_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.assignments;
        let ids = match &self.respondents {
            Some(ids) => ids.renamed("respondent"),
            None => Column::new("respondent", each(rows, |row| row.row as i64)),
        };
        Table::new(vec![
            ids,
            Column::new("segment", each(rows, |row| row.segment as i64)),
            Column::new("probability", each(rows, |row| row.probability)),
        ])?
        .to_batch()
    }

    /// One row per segment but the greatest, and term: `segment`, `term`, `estimate` (log odds against the greatest segment), `std_error`, `lower`, `upper`, `p_value`.
    fn covariates_batch(&self) -> Result<RecordBatch, Error> {
        let rows = self.covariates.as_ref().map_or(&[][..], |found| &found.terms);
        batch!(
            "segment" => each(rows, |row| row.segment as i64),
            "term" => each(rows, |row| row.term.as_str()),
            "estimate" => each(rows, |row| row.estimate.interval.estimate),
            "std_error" => each(rows, |row| row.estimate.std_error),
            "lower" => each(rows, |row| row.estimate.interval.lower),
            "upper" => each(rows, |row| row.estimate.interval.upper),
            "p_value" => each(rows, |row| row.estimate.p_value),
        )
    }

    /// One row per outcome and segment: `outcome`, `segment`, `mean` with `lower` and `upper`, `overall`, `verdict`.
    fn outcomes_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.outcomes;
        batch!(
            "outcome" => each(rows, |row| row.outcome.as_str()),
            "segment" => each(rows, |row| row.segment as i64),
            "mean" => each(rows, |row| row.mean.map(|mean| mean.estimate)),
            "lower" => each(rows, |row| row.mean.map(|mean| mean.lower)),
            "upper" => each(rows, |row| row.mean.map(|mean| mean.upper)),
            "overall" => each(rows, |row| row.overall),
            "verdict" => each(rows, |row| row.verdict),
        )
    }

    /// One row per question added: `questions`, `item`, `agreement` (share of respondents put where all questions would put them).
    fn typing_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.typing;
        batch!(
            "questions" => each(rows, |row| row.questions as i64),
            "item" => each(rows, |row| row.item.as_str()),
            "agreement" => each(rows, |row| row.agreement),
        )
    }
}

impl Tables for Missions {
    const TABLES: &'static [&'static str] = &["table", "fits", "categories", "weekdays", "hours", "customers", "lost"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "fits" => self.fits_batch(),
            "categories" => self.categories_batch(),
            "weekdays" => self.weekdays_batch(),
            "hours" => self.hours_batch(),
            "customers" => self.customers_batch(),
            "lost" => self.lost_batch(),
            _ => self.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl Missions {
    /// One row per mission: `mission` (from 1, the most frequent first), `categories` (that tell it apart), `share` (of orders), `orders`, `revenue` (money), `order_value` (money),
    /// `customers`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.missions;
        batch!(
            "mission" => each(rows, |row| row.mission as i64),
            "categories" => each(rows, |row| row.categories.join(", ")),
            "share" => each(rows, |row| row.share),
            "orders" => each(rows, |row| row.orders),
            "revenue" => each(rows, |row| row.revenue),
            "order_value" => each(rows, |row| (row.orders > 0).then(|| row.revenue / row.orders as f64)),
            "customers" => each(rows, |row| row.customers),
        )
    }

    /// One row per number of missions: `k`, `held_out` (mean log-likelihood of an order), `behind` (the best) with `std_error`, `is_chosen`.
    fn fits_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.fits;
        batch!(
            "k" => each(rows, |row| row.k as i64),
            "held_out" => each(rows, |row| row.held_out),
            "behind" => each(rows, |row| row.behind),
            "std_error" => each(rows, |row| row.std_error),
            "is_chosen" => each(rows, |row| row.is_chosen),
        )
    }

    /// One row per mission and category: `mission`, `category`, `share` (of what is bought on it), `lift`.
    fn categories_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.categories;
        batch!(
            "mission" => each(rows, |row| row.mission as i64),
            "category" => each(rows, |row| row.category.as_str()),
            "share" => each(rows, |row| row.share),
            "lift" => each(rows, |row| row.lift),
        )
    }

    /// One row per mission and weekday: `mission`, `weekday` (1 is Monday), `share` (of its orders).
    fn weekdays_batch(&self) -> Result<RecordBatch, Error> {
        let rows: Vec<(usize, i64, f64)> = self
            .missions
            .iter()
            .flat_map(|row| row.weekdays.iter().zip(1..).map(|(share, day)| (row.mission, day, *share)))
            .collect();
        batch!(
            "mission" => each(&rows, |row| row.0 as i64),
            "weekday" => each(&rows, |row| row.1),
            "share" => each(&rows, |row| row.2),
        )
    }

    /// One row per mission and hour of the day: `mission`, `hour` (0 to 23), `share` (of its orders); none where times have no clock.
    fn hours_batch(&self) -> Result<RecordBatch, Error> {
        let of = |row: &Mission| {
            let hours = row.hours.into_iter().flatten().zip(0_i64..);
            hours.map(|(share, hour)| (row.mission, hour, share)).collect::<Vec<_>>()
        };
        let rows: Vec<(usize, i64, f64)> = self.missions.iter().flat_map(of).collect();
        batch!(
            "mission" => each(&rows, |row| row.0 as i64),
            "hour" => each(&rows, |row| row.1),
            "share" => each(&rows, |row| row.2),
        )
    }

    /// One row per mission: `mission`, `had` (customers who had it in the first third of the time and ordered in the second), `lost` (share without it in the second) with `lost_lower`
    /// and `lost_upper`, `left_after` (share of those who then ordered nothing in the last third), `left_otherwise` (of those who kept it), `difference` (among customers of as many
    /// orders) with `lower` and `upper`, `p_value`, `q_value`, `verdict`.
    fn lost_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.lost;
        batch!(
            "mission" => each(rows, |row| row.mission as i64),
            "had" => each(rows, |row| row.had),
            "lost" => each(rows, |row| row.lost.map(|lost| lost.estimate)),
            "lost_lower" => each(rows, |row| row.lost.map(|lost| lost.lower)),
            "lost_upper" => each(rows, |row| row.lost.map(|lost| lost.upper)),
            "left_after" => each(rows, |row| row.left_after),
            "left_otherwise" => each(rows, |row| row.left_otherwise),
            "difference" => each(rows, |row| row.difference.map(|found| found.interval.estimate)),
            "lower" => each(rows, |row| row.difference.map(|found| found.interval.lower)),
            "upper" => each(rows, |row| row.difference.map(|found| found.interval.upper)),
            "p_value" => each(rows, |row| row.difference.map(|found| found.p_value)),
            "q_value" => each(rows, |row| row.q_value),
            "verdict" => each(rows, |row| row.verdict),
        )
    }

    /// One row per customer: `customer`, `mission` (of most orders), `share` (of the customer's orders), `missions`, `orders`.
    fn customers_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.customers;
        let codes: Vec<u32> = each(rows, |row| row.customer);
        Table::new(vec![
            self.ids.take(&codes)?.renamed("customer"),
            Column::new("mission", each(rows, |row| row.main as i64)),
            Column::new("share", each(rows, |row| row.share)),
            Column::new("missions", each(rows, |row| row.missions)),
            Column::new("orders", each(rows, |row| row.orders)),
        ])?
        .to_batch()
    }
}
