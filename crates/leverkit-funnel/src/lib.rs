//! The product funnel: what customers buy first, what next and when, who stops, and what goes together.
//!
//! [`ladder`] follows customers from order to order, [`entry_products`] says which first products build a base, [`next_products`] what comes
//! next and when, [`roles`] what part a product plays, [`basket_rules`] and [`sequences`] what goes together in an order and across orders.
//!
//! ```
//! use leverkit_core::{Ledger, Roles, batch};
//! use leverkit_funnel::{LadderParams, ladder};
//! let lines = batch!("c" => [1, 1, 2], "t" => ["2024-01-01", "2024-01-11", "2024-01-01"], "a" => [10.0, 20.0, 30.0])?;
//! let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
//! let rungs = ladder(&ledger, &LadderParams { horizon: 10, ..LadderParams::default() })?.rungs;
//! assert_eq!(rungs[0].conversion.map(|share| share.estimate), Some(0.5));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attribution;
mod baskets;
mod entry;
mod error;
mod events;
mod groups;
mod improve;
mod itemsets;
mod journey;
mod journey_tables;
mod ladder;
mod next;
mod pooling;
mod posterior;
mod quantities;
mod quantity_rows;
mod quantity_tables;
mod recommend;
mod reverse;
mod reverse_tables;
mod roles;
mod rules;
mod schedule;
mod sequences;
mod stage_tables;
mod stages;
mod table;
mod tails;

pub use attribution::{Attribution, AttributionMethod, AttributionParams, Credit, attribution};
pub use entry::{EntryParams, EntryProduct, EntryProducts, EntryStep, Verdict, entry_products};
pub use error::Error;
pub use events::{EventColumns, EventLog, EventLogBuilder, SetAside};
pub use groups::By;
pub use improve::{Improvement, Lever, Mix};
pub use itemsets::Itemset;
pub use journey::{Journey, JourneyLoop, JourneyParams, JourneyPath, JourneyTransition, journey};
pub use ladder::{Ladder, LadderParams, Rung, ladder};
pub use next::{NextParams, NextProducts, Start, State, StateRow, Transition, next_products};
pub use quantities::{Quantities, QuantityGroup, QuantityLevel, QuantityParams, QuantityStep, Value, quantities};
pub use recommend::Recommendation;
pub use reverse::{Forward, Reverse, ReverseParams, StageNeed, StageYield, TargetUnit, forward, reverse};
pub use roles::{ProductRole, ROLES, Role, RoleParams, Roles, roles};
pub use rules::{BasketRules, Rule, RuleParams, basket_rules};
pub use schedule::{Pace, Schedule, Timing, Week};
pub use sequences::{Pattern, SequenceParams, Sequences, sequences};
pub use stages::{
    Audit, AuditRow, Exclusion, MixRow, Mode, StageComparison, StageDifference, StageFunnel, StageParams, StageRow,
    StageRule, Ties, Touch, ValidStageParams, WindowFrom, compare_stages, parse_span, stages,
};
