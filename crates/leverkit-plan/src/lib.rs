//! Which lever first: levers of all engines in one table, in money a year, without counting the same money twice.
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
//!
//! ```
//! use leverkit_core::stats::Interval;
//! use leverkit_plan::{Dice, Engine, Gain, Grade, JoinParams, Lever, join};
//! use leverkit_profit::Formula;
//!
//! let mut dice = Dice::new(1, 2000);
//! let mut lever = |parameter: &str, money: f64| Lever {
//!     name: format!("more {parameter}"),
//!     engine: Engine::Profit,
//!     parameter: parameter.into(),
//!     gain: Gain::Profit,
//!     money: dice.normal(Interval::around(money, 0.1 * money)),
//!     grade: Grade::Test,
//!     by_thumb: false,
//!     effort: None,
//!     n: 100,
//!     subject: None,
//!     facts: vec![],
//!     assumed: None,
//!     trial: None,
//! };
//! let levers = [lever("leads", 12_000.0), lever("price", 24_000.0)];
//! // 10,000 a month: 10 % more leads are worth 12,000 a year, 20 % more price 24,000, both 38,400.
//! let found = join(&Formula::minimal(), &[1000.0, 0.1, 50.0, 2.0], &levers, &JoinParams::default())?;
//! assert!((found.joint.estimate - 38_400.0).abs() < 200.0);
//! let parts: f64 = found.levers.iter().filter_map(|lever| lever.part).map(|part| part.estimate).sum();
//! assert!((parts - found.joint.estimate).abs() < 1e-6);
//! # Ok::<(), leverkit_plan::Error>(())
//! ```

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
