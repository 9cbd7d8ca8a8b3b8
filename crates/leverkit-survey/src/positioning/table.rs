//! Images and maps as record batches.

use leverkit_core::frames::each;
use leverkit_core::{Error, LeftOut, RecordBatch, Tables, batch};

use super::counts::Correspondence;
use super::image::Image;
use super::map::{Map, MapAxis, MapPoint};
use super::position::Position;
use super::similarity::Similarity;

impl Tables for Image {
    const TABLES: &'static [&'static str] = &["table", "map", "axes", "moves"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "map" => self.map.to_batch(),
            "axes" => axes_batch(&self.map.axes),
            "moves" => self.moves_batch(),
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

impl Image {
    /// One row per brand and attribute: `brand`, `attribute`, `picks`, `share` (of respondents), `deviation` (points of respondents) with `lower` and `upper`, `p_value`,
    /// `q_value`, `verdict`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.cells;
        batch!(
            "brand" => each(rows, |row| row.brand.as_str()),
            "attribute" => each(rows, |row| row.attribute.as_str()),
            "picks" => each(rows, |row| row.picks),
            "share" => each(rows, |row| row.share),
            "deviation" => each(rows, |row| row.deviation.estimate),
            "lower" => each(rows, |row| row.deviation.lower),
            "upper" => each(rows, |row| row.deviation.upper),
            "p_value" => each(rows, |row| row.p_value),
            "q_value" => each(rows, |row| row.q_value),
            "verdict" => each(rows, |row| row.verdict),
        )
    }

    /// One row per brand: `brand`, `from_x`, `from_y`, `to_x`, `to_y`, `sd_x`, `sd_y`, `correlation` (of the movement), `p_value`, `verdict`.
    fn moves_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.moves;
        batch!(
            "brand" => each(rows, |row| row.brand.as_str()),
            "from_x" => each(rows, |row| row.from[0]),
            "from_y" => each(rows, |row| row.from[1]),
            "to_x" => each(rows, |row| row.to[0]),
            "to_y" => each(rows, |row| row.to[1]),
            "sd_x" => each(rows, |row| row.scatter.sd_x),
            "sd_y" => each(rows, |row| row.scatter.sd_y),
            "correlation" => each(rows, |row| row.scatter.correlation),
            "p_value" => each(rows, |row| row.p_value),
            "verdict" => each(rows, |row| row.verdict),
        )
    }
}

impl Map {
    /// One row per point: `kind`, `name`, `x`, `y` (principal coordinates; of the dimensions on a map of scores, directions), `sd_x`, `sd_y`, `correlation` (over bootstrap samples), `mass`,
    /// `inertia` (share of all), `quality` (share of the distance that the map shows).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        points_batch(&self.points)
    }
}

fn points_batch(rows: &[MapPoint]) -> Result<RecordBatch, Error> {
    batch!(
        "kind" => each(rows, |row| row.kind),
        "name" => each(rows, |row| row.name.as_str()),
        "x" => each(rows, |row| row.x),
        "y" => each(rows, |row| row.y),
        "sd_x" => each(rows, |row| row.scatter.map(|scatter| scatter.sd_x)),
        "sd_y" => each(rows, |row| row.scatter.map(|scatter| scatter.sd_y)),
        "correlation" => each(rows, |row| row.scatter.map(|scatter| scatter.correlation)),
        "mass" => each(rows, |row| row.mass),
        "inertia" => each(rows, |row| row.inertia),
        "quality" => each(rows, |row| row.quality),
    )
}

/// One row per axis: `axis`, `inertia`, `share`, `p_value`.
fn axes_batch(rows: &[MapAxis]) -> Result<RecordBatch, Error> {
    batch!(
        "axis" => each(rows, |row| row.axis as i64),
        "inertia" => each(rows, |row| row.inertia),
        "share" => each(rows, |row| row.share),
        "p_value" => each(rows, |row| row.p_value),
    )
}

impl Tables for Correspondence {
    const TABLES: &'static [&'static str] = &["table", "axes", "cells"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "axes" => axes_batch(&self.map.axes),
            "cells" => self.cells_batch(),
            _ => self.map.to_batch(),
        }
    }

    fn notes(&self) -> &[String] {
        &self.notes
    }

    fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }
}

impl Correspondence {
    /// One row per cell: `row`, `column`, `count`, `expected`, `residual` (adjusted), `p_value`, `q_value`.
    fn cells_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.cells;
        batch!(
            "row" => each(rows, |row| row.row.as_str()),
            "column" => each(rows, |row| row.column.as_str()),
            "count" => each(rows, |row| row.count),
            "expected" => each(rows, |row| row.expected),
            "residual" => each(rows, |row| row.residual),
            "p_value" => each(rows, |row| row.p_value),
            "q_value" => each(rows, |row| row.q_value),
        )
    }
}

impl Tables for Similarity {
    const TABLES: &'static [&'static str] = &["table", "pairs", "fits"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "pairs" => self.pairs_batch(),
            "fits" => self.fits_batch(),
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

impl Similarity {
    /// One row per item: `item`, `x`, `y`, `sd_x`, `sd_y`, `correlation` (over bootstrap samples), `error` (share of all squared errors).
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.points;
        batch!(
            "item" => each(rows, |row| row.item.as_str()),
            "x" => each(rows, |row| row.x),
            "y" => each(rows, |row| row.y),
            "sd_x" => each(rows, |row| row.scatter.map(|scatter| scatter.sd_x)),
            "sd_y" => each(rows, |row| row.scatter.map(|scatter| scatter.sd_y)),
            "correlation" => each(rows, |row| row.scatter.map(|scatter| scatter.correlation)),
            "error" => each(rows, |row| row.error),
        )
    }

    /// One row per pair: `one`, `other`, `n`, `dissimilarity` with `lower` and `upper`, `distance` (on the map).
    fn pairs_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.pairs;
        batch!(
            "one" => each(rows, |row| row.one.as_str()),
            "other" => each(rows, |row| row.other.as_str()),
            "n" => each(rows, |row| row.n),
            "dissimilarity" => each(rows, |row| row.dissimilarity.estimate),
            "lower" => each(rows, |row| row.dissimilarity.lower),
            "upper" => each(rows, |row| row.dissimilarity.upper),
            "distance" => each(rows, |row| row.distance),
        )
    }

    /// One row per number of dimensions: `dimensions`, `stress`.
    fn fits_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.fits;
        batch!(
            "dimensions" => each(rows, |row| row.dimensions as i64),
            "stress" => each(rows, |row| row.stress),
        )
    }
}

impl Tables for Position {
    const TABLES: &'static [&'static str] =
        &["table", "brands", "spaces", "map", "axes", "funnel", "rivals", "drivers", "facts"];

    fn make(&self, name: &str) -> Result<RecordBatch, Error> {
        match name {
            "brands" => self.brands_batch(),
            "spaces" => self.spaces_batch(),
            "map" => points_batch(self.map.as_ref().map_or(&[], |map| &map.points)),
            "axes" => axes_batch(self.map.as_ref().map_or(&[], |map| &map.axes)),
            "funnel" => self.funnel_batch(),
            "rivals" => self.rivals_batch(),
            "drivers" => self.drivers_batch(),
            "facts" => self.facts_batch(),
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
    /// One row per brand and block: `brand`, `block`, `n`, `score` (mean, or share at the top) with `lower` and `upper`, `best` (the chance that it is best), `gap` (to the
    /// best of the others) with `gap_lower` and `gap_upper`, `verdict`.
    ///
    /// # Errors
    /// [`Error::Arrow`] where Arrow refuses.
    pub fn to_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.cells;
        batch!(
            "brand" => each(rows, |row| row.brand.as_str()),
            "block" => each(rows, |row| row.block.as_str()),
            "n" => each(rows, |row| row.n),
            "score" => each(rows, |row| row.score.estimate),
            "lower" => each(rows, |row| row.score.lower),
            "upper" => each(rows, |row| row.score.upper),
            "best" => each(rows, |row| row.best),
            "gap" => each(rows, |row| row.gap.estimate),
            "gap_lower" => each(rows, |row| row.gap.lower),
            "gap_upper" => each(rows, |row| row.gap.upper),
            "verdict" => each(rows, |row| row.verdict),
        )
    }

    /// One row per brand: `brand`, `best_on` (blocks), `best_on_none` (chance), `bottleneck` with its `probability`, `verdict`.
    fn brands_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.brands;
        batch!(
            "brand" => each(rows, |row| row.brand.as_str()),
            "best_on" => each(rows, |row| row.best_on.join(", ")),
            "best_on_none" => each(rows, |row| row.best_on_none),
            "bottleneck" => each(rows, |row| row.bottleneck.as_str()),
            "probability" => each(rows, |row| row.bottleneck_probability),
            "verdict" => each(rows, |row| row.verdict),
        )
    }

    /// One row per block: `block`, `importance`, `leader`, `best` (the chance that the leader is best), `verdict`.
    fn spaces_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.spaces;
        batch!(
            "block" => each(rows, |row| row.block.as_str()),
            "importance" => each(rows, |row| row.importance),
            "leader" => each(rows, |row| row.leader.as_str()),
            "best" => each(rows, |row| row.best),
            "verdict" => each(rows, |row| row.verdict),
        )
    }

    /// One row per brand and step: `brand`, `step`, `n`, `share` with `lower` and `upper`.
    fn funnel_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.steps;
        batch!(
            "brand" => each(rows, |row| row.brand.as_str()),
            "step" => each(rows, |row| row.step.as_str()),
            "n" => each(rows, |row| row.n),
            "share" => each(rows, |row| row.share.estimate),
            "lower" => each(rows, |row| row.share.lower),
            "upper" => each(rows, |row| row.share.upper),
        )
    }

    /// One row per pair of brands and block: `brand`, `rival`, `block`, `only_brand`, `only_rival` (respondents at the top for one alone), `p_value`, `q_value`, `verdict`.
    fn rivals_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.rivals;
        batch!(
            "brand" => each(rows, |row| row.brand.as_str()),
            "rival" => each(rows, |row| row.rival.as_str()),
            "block" => each(rows, |row| row.block.as_str()),
            "only_brand" => each(rows, |row| row.only.0),
            "only_rival" => each(rows, |row| row.only.1),
            "p_value" => each(rows, |row| row.p_value),
            "q_value" => each(rows, |row| row.q_value),
            "verdict" => each(rows, |row| row.verdict),
        )
    }

    /// One row per fact: `block`, `brand`, `fact` (more is better), `fact_rank`, `score`, `score_rank`, `best` (the chance that it is best in the eyes of respondents), `verdict`.
    fn facts_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.facts;
        batch!(
            "block" => each(rows, |row| row.block.as_str()),
            "brand" => each(rows, |row| row.brand.as_str()),
            "fact" => each(rows, |row| row.fact),
            "fact_rank" => each(rows, |row| row.fact_rank as i64),
            "score" => each(rows, |row| row.score),
            "score_rank" => each(rows, |row| row.score_rank as i64),
            "best" => each(rows, |row| row.best),
            "verdict" => each(rows, |row| row.verdict),
        )
    }

    /// One row per block: `block`, `estimate` (log odds of choice per point) with `std_error`, `lower` and `upper`, `p_value`, `worth` (points of choice per point) with `worth_lower` and
    /// `worth_upper`, `share` (of R²), `reason`.
    fn drivers_batch(&self) -> Result<RecordBatch, Error> {
        let rows = &self.drivers;
        batch!(
            "block" => each(rows, |row| row.block.as_str()),
            "estimate" => each(rows, |row| row.estimate.map(|found| found.interval.estimate)),
            "std_error" => each(rows, |row| row.estimate.map(|found| found.std_error)),
            "lower" => each(rows, |row| row.estimate.map(|found| found.interval.lower)),
            "upper" => each(rows, |row| row.estimate.map(|found| found.interval.upper)),
            "p_value" => each(rows, |row| row.estimate.map(|found| found.p_value)),
            "worth" => each(rows, |row| row.worth.map(|worth| worth.estimate)),
            "worth_lower" => each(rows, |row| row.worth.map(|worth| worth.lower)),
            "worth_upper" => each(rows, |row| row.worth.map(|worth| worth.upper)),
            "share" => each(rows, |row| row.share),
            "reason" => each(rows, |row| row.reason.as_deref()),
        )
    }
}
