//! Rewards paid on purchases that would have come anyway.

use leverkit_core::check;
use leverkit_stats::Interval;
use serde::Serialize;

use crate::Error;

/// The part of rewards that was paid on purchases which the counterfactual says would have come anyway.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Subsidy {
    /// As a share of the rewards.
    pub share: Interval,
    /// Money.
    pub money: Interval,
}

/// What of `rewards` (money) was paid on purchases that would have come anyway: members spent `spend` in all, of which the programme brought `effect`.
/// Rewards are taken to be earned evenly on all spend.
///
/// # Errors
/// [`Error::Core`] for money below 0, no spend, or limits out of order.
///
/// ```
/// use leverkit_stats::Interval;
/// let found = leverkit_effect::liability::subsidy(50_000.0, 1_000_000.0, Interval { estimate: 200_000.0, lower: 100_000.0, upper: 300_000.0 })?;
/// assert_eq!((found.money.estimate, found.money.lower, found.money.upper), (40_000.0, 35_000.0, 45_000.0));
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
pub fn subsidy(rewards: f64, spend: f64, effect: Interval) -> Result<Subsidy, Error> {
    check::not_negative("rewards", rewards)?;
    check::above_zero("spend", spend)?;
    let in_order = effect.lower <= effect.estimate && effect.estimate <= effect.upper;
    let limits = (effect.lower, effect.estimate, effect.upper);
    check::that(
        in_order && effect.lower.is_finite() && effect.upper.is_finite(),
        "effect",
        &limits,
        "limits in order",
    )?;
    // An effect below 0 brought nothing, one above all spend brought all.
    let anyway = |effect: f64| 1.0 - (effect / spend).clamp(0.0, 1.0);
    let share =
        Interval { estimate: anyway(effect.estimate), lower: anyway(effect.upper), upper: anyway(effect.lower) };
    Ok(Subsidy { share, money: share.map(|share| share * rewards) })
}
