#![doc = include_str!("../README.md")]
//!
//! A [`Lever`] is what an engine found to do: the money it is worth a year, with limits, and the parameter of the profit formula through
//! which it works. [`join`] moves the formula by one lever, by each pair and by all together. What levers do alone does not add up, as
//! they work on the same customers and orders; the joint effect is the truth, and each lever's part in it is its Shapley value.
//!
//! [`plan`] makes the levers of a company's own lines: it runs the engines on a [`Ledger`](leverkit_core::Ledger), measures the formula and
//! joins what they found.
//!
//! Money is drawn: each lever's in the same worlds, so that limits, the chance that it earns anything, the chance that it is the best and what it would be worth to
//! know all come from one place. Levers that earn money in fewer than 95 % of the worlds, or rest on a rule of thumb, are not sure: they are in the plan's table, not in its sum.

mod assumptions;
mod decide;
mod demand;
mod dormant;
mod draws;
mod error;
mod fading;
mod gather;
mod grade;
mod joint;
mod leaking;
mod lever;
mod levers;
mod params;
mod prices;
mod result;
mod table;
mod year;

pub use assumptions::{Assumptions, Share};
pub use decide::Decision;
pub use demand::{Demand, price_change};
pub use dormant::{Dormancy, dormant_after};
pub use draws::{Dice, Draws};
pub use error::Error;
pub use fading::{Fading, FadingSegment, fading};
pub use gather::plan;
pub use grade::Grade;
pub use joint::join;
pub use leaking::Leaking;
pub use lever::{Assumed, Engine, Gain, Lever, Trial};
pub use levers::{close_leaks, keep_customers, recommend, revive_segments, shift_entries, to_norm, win_back};
pub use params::{JoinParams, PlanParams};
pub use prices::{Market, move_prices};
pub use result::{LeverLeftOut, Overlap, Plan, PlannedLever};
pub use year::Year;
