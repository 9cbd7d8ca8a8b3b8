//! The Python wrapper: one file per topic in folders of its engine, plus what they share.
//!
//! - `frame` is the crossing of tables, by the Arrow C stream, both ways.
//! - `args` makes the engines' parameters of keyword arguments.
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
mod clv;
mod defaults;
mod elasticity;
mod error;
mod frame;
mod funnel;
mod ledger;
mod plan;
mod pricing;
mod profit;
mod result;
mod rfm;
mod surveys;

use pyo3::prelude::*;

/// The compiled part of leverkit; use the `leverkit` package instead of this module.
#[pymodule]
mod _engine {
    #[pymodule_export]
    use super::clv::{
        ClvSummary, Contest, LifetimeValues, SpendModel, TimingModel, Tracking, Validation, clv_summary, contest,
        fit_spend, fit_timing, length_in, lifetime_value, timing_of, tracking, validate,
    };
    #[pymodule_export]
    use super::defaults::defaults;
    #[pymodule_export]
    use super::elasticity::{
        Elasticity, GroupElasticities, OptimalPrice, break_even_volume, elasticity, elasticity_by, market_panel,
        optimal_price,
    };
    #[pymodule_export]
    use super::frame::Frame;
    #[pymodule_export]
    use super::funnel::journeys::{Attribution, Journey, attribution, journey};
    #[pymodule_export]
    use super::funnel::products::{
        BasketRules, EntryProducts, Ladder, NextProducts, ProductRoles, Sequences, basket_rules, entry_products,
        ladder, next_products, roles, sequences,
    };
    #[pymodule_export]
    use super::funnel::quantities::{Quantities, quantities};
    #[pymodule_export]
    use super::funnel::reverse::{Forward, Reverse, forward, reverse};
    #[pymodule_export]
    use super::ledger::Ledger;
    #[pymodule_export]
    use super::plan::{Plan, dormant_after, plan};
    #[pymodule_export]
    use super::pricing::{
        Bridge, DealScores, Deals, Hedonic, Leadership, Leakage, Position, PriceBand, ValueMap, Waterfall, hedonic,
        leadership, position, price_volume_mix, value_map, waterfall,
    };
    #[pymodule_export]
    use super::profit::formula::{Formula, Simulation};
    #[pymodule_export]
    use super::profit::kpi::KpiSystem;
    #[pymodule_export]
    use super::profit::measured::{MeasuredSegments, Measurement, measure_formula, measure_segments};
    #[pymodule_export]
    use super::rfm::retention::{
        Cohorts, LimitDays, Migration, Norms, Triggers, cohorts, limit_day, migration, norms, triggers,
    };
    #[pymodule_export]
    use super::rfm::scores::{ScoreModel, Scores, score};
    #[pymodule_export]
    use super::surveys::{
        Conjoint, GaborGranger, PriceIndex, RatingConjoint, Westendorp, conjoint, gabor_granger, price_index,
        rating_conjoint, van_westendorp,
    };

    #[pymodule_export]
    use super::funnel::stages::{EventLog, StageComparison, StageFunnel, StageQuestion, compare_stages, stages};

    /// The version of the package.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");

    /// Whether this is a debug build, many times slower.
    #[pymodule_export]
    const DEBUG_BUILD: bool = cfg!(debug_assertions);
}
