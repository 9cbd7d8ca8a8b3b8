//! The Python wrapper: one file per topic in folders of its engine, plus what they share.
//!
//! - `frame` is the crossing of tables, by the Arrow C stream, both ways.
//! - `args` makes the engines' parameters of keyword arguments.
//! - `text` reads text, halves of surrogate pairs included.
//! - `result` has the macro that writes the class of a result.
//! - `call` runs work: without the interpreter lock, on a pool that survives fork, answering Ctrl-C, with errors and panics mapped.
//! - `error` matches each error variant to a Python exception.
//!
//! | Rust | Python |
//! |---|---|
//! | table in | any object with `__arrow_c_stream__` |
//! | table out | `Frame`, which has `__arrow_c_stream__` |
//! | day | ISO text; the face makes it a `datetime.date` |
//! | choice (returns, method …) | text |

#![allow(missing_docs)] // The Python face documents what users see; here docs are for maintainers.
#![allow(clippy::needless_pass_by_value)] // Arguments from Python arrive owned.

mod args;
mod call;
mod class;
mod clv;
mod counts;
mod defaults;
mod effect;
mod error;
mod frame;
mod funnel;
mod hide;
mod ledger;
mod number;
mod plan;
mod pricing;
mod profit;
mod result;
mod rfm;
mod survey;
mod text;

use pyo3::prelude::*;

/// The compiled part of leverkit; use the `leverkit` package instead of this module.
#[pymodule]
mod _engine {
    #[pymodule_export]
    use super::clv::{
        ClvSummary, Contest, LifetimeValues, ModelDrift, SpendModel, TimingModel, Tracking, Validation, clv_summary,
        contest, fit_spend, fit_timing, length_in, lifetime_value, spend_of, timing_of, tracking, validate,
    };
    #[pymodule_export]
    use super::effect::{
        did::{Did, did},
        holdout::{Holdout, holdout, holdout_of_ledger},
        liability::{Deferral, Liability, deferral, liability, subsidy},
        monitor::{Monitor, bounds, monitor},
        programme::{Programme, programme},
        synthetic::{Synthetic, synthetic},
        trial::{Assignment, TestDesign, design, randomise, sample_ratio, sample_size},
    };
    #[pymodule_export]
    use super::funnel::{
        journeys::{Attribution, Journey, attribution, journey},
        products::{BasketRules, EntryProducts, Ladder, NextProducts, ProductRoles, Sequences},
        products::{basket_rules, entry_products, ladder, next_products, roles, sequences},
        quantities::{Quantities, quantities},
        reverse::{Forward, Reverse, forward, reverse},
        stages::{EventLog, StageComparison, StageFunnel, StageQuestion, compare_stages, stages},
    };
    #[pymodule_export]
    use super::plan::{Plan, dormant_after, plan};
    #[pymodule_export]
    use super::pricing::{
        competitors::{Hedonic, Leadership, Position, ValueMap, hedonic, leadership, position, value_map},
        deal::{Bridge, DealScores, Deals, Leakage, PriceBand, Waterfall, ledger_bridge, price_volume_mix, waterfall},
        demand::{Elasticity, GroupElasticities, OptimalPrice, break_even_volume, elasticity, elasticity_by},
        demand::{market_grid, market_panel, optimal_price},
        indices::{PriceIndex, price_index},
    };
    #[pymodule_export]
    use super::profit::{
        formula::{Formula, Simulation},
        kpi::KpiSystem,
        measured::{MeasuredSegments, Measurement, measure_formula, measure_segments},
    };
    #[pymodule_export]
    use super::rfm::{
        retention::{
            Cohorts, LimitDays, Migration, Norms, Tenure, Triggers, cohorts, limit_day, migration, norms, tenure,
            triggers,
        },
        scores::{CustomerClusters, ScoreModel, Scores, clusters, score},
    };
    #[pymodule_export]
    use super::survey::behaviour::{MetNeeds, SegmentWorth, met_needs, worth};
    #[pymodule_export]
    use super::survey::house::{Ahp, HouseChoice, HouseOfQuality, ahp, answered_house, house_of_quality};
    #[pymodule_export]
    use super::survey::needs::{Missions, Needs, needs, needs_from_baskets};
    #[pymodule_export]
    use super::survey::positioning::{
        BrandPosition, Correspondence, Image, Similarity, brand_position, correspondence, image, similarity,
    };
    #[pymodule_export]
    use super::survey::{
        Conjoint, Drift, GaborGranger, Kano, MaxDiff, MaxDiffDesign, Opportunity, Priorities, RatingConjoint,
        SampleSize, Westendorp, conjoint, gabor_granger, kano, maxdiff, maxdiff_design, opportunity, rating_conjoint,
        survey_size, van_westendorp,
    };
    #[pymodule_export]
    use super::{
        counts::{Counts, count_lines, count_rows, merge_counts, recount},
        defaults::defaults,
        frame::{Frame, row_of},
        hide::hide_small,
        ledger::Ledger,
    };

    /// The version of the package.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");

    /// Whether this is a debug build, many times slower.
    #[pymodule_export]
    const DEBUG_BUILD: bool = cfg!(debug_assertions);
}
