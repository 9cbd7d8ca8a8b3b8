//! What a programme earned: the effect over all members and periods, less what it cost.

use leverkit_stats::Interval;

use super::params::ProgrammeParams;

/// Money of a programme over the periods that were compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Money {
    /// What it is: `incremental_spend` or `incremental_margin`, `reward_cost`, `running_cost`, `subsidy`, `net`, `roi` (net over cost).
    pub item: &'static str,
    /// The money with limits; `None` where the effect is not identified.
    pub value: Option<Interval>,
}

/// The money of an effect per member and period, over so many of both. `kept` is the share of what members spent that would have come anyway.
pub(super) fn money(
    effect: Option<Interval>,
    kept: Option<f64>,
    member_periods: f64,
    is_margin: bool,
    params: &ProgrammeParams,
) -> Vec<Money> {
    let sure = |value: f64| Some(Interval { estimate: value, lower: value, upper: value });
    let running = params.running_cost * member_periods;
    let cost = params.reward_cost + running;
    let earned = effect.map(|effect| effect.map(|value| value * member_periods));
    let net = earned.map(|earned| earned.map(|value| value - cost));
    let subsidy = kept.and_then(|kept| sure(params.reward_cost * kept));
    let roi = net.filter(|_| cost > 0.0).map(|net| net.map(|value| value / cost));
    let item = |item, value| Money { item, value };
    vec![
        item(if is_margin { "incremental_margin" } else { "incremental_spend" }, earned),
        item("reward_cost", sure(params.reward_cost)),
        item("running_cost", sure(running)),
        item("subsidy", subsidy),
        item("net", net),
        item("roi", roi),
    ]
}
