//! Moving prices to where they earn most, product by product, where their elasticity and their cost are known.

use std::collections::HashMap;

use leverkit_core::columns::{find, numbers};
use leverkit_core::stats::Interval;
use leverkit_core::{Ledger, Table};
use leverkit_pricing::{
    ElasticityParams, ElasticityStatus, Error, GroupElasticity, OptimalPriceParams, elasticity_by, market_panel,
    optimal_price,
};

use crate::lever::{Engine, Gain, Lever};

/// Fewer weeks of sales say little of how a product's demand answers.
const FEWEST_WEEKS: u32 = 26;

/// What is known of a product beside its elasticity.
#[derive(Debug, Clone, Copy)]
struct Sold {
    /// Lowest and highest price of a week.
    range: (f64, f64),
    units: f64,
    revenue: f64,
    /// Money of its units at cost, and the units whose cost is known.
    cost: (f64, f64),
}

/// Moving each price to its optimum; `None` where the ledger knows no costs or quantities, or no price pays to be moved. `years` is how long it is.
///
/// Elasticities are of products week by week, drawn to their mean; only those that can be used count, and only optima within the prices
/// observed. Products count whose profit rises at the estimate; the limits are those of the elasticities.
///
/// # Errors
/// As [`elasticity_by`].
pub fn move_prices(ledger: &Ledger, years: f64) -> Result<Option<Lever>, Error> {
    if ledger.products().is_none() || ledger.quantities().is_none() || ledger.unit_costs().is_none() || years <= 0.0 {
        return Ok(None);
    }
    let panel = Table::from(market_panel(ledger)?);
    let params = ElasticityParams {
        by: vec!["product".into()],
        period: Some("week".into()),
        min_periods: FEWEST_WEEKS,
        ..ElasticityParams::new("quantity", "price")
    };
    let found = match elasticity_by(&panel, &params) {
        Ok(found) => found,
        // Prices that never move tell nothing, and that is no fault.
        Err(Error::Empty { .. } | Error::NotIdentified { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let sold = sold(ledger, &panel)?;
    let mut gains = Vec::new();
    for (at, group) in found.groups.iter().enumerate() {
        let known = found.keys[0].text(at).and_then(|product| sold.get(&product));
        gains.extend(known.and_then(|sold| gain(group, sold, years)));
    }
    Ok(lever(&gains))
}

/// What is known of each product by its name.
fn sold(ledger: &Ledger, panel: &Table) -> Result<HashMap<String, Sold>, Error> {
    let products = find(panel, "panel", "product")?.texts();
    let column = |name: &str| numbers(&find(panel, "panel", name)?, "panel");
    let (price, units, revenue) = (column("price")?, column("quantity")?, column("revenue")?);
    let mut sold: HashMap<String, Sold> = HashMap::new();
    for (row, product) in products.into_iter().enumerate() {
        let fresh = Sold { range: (f64::INFINITY, 0.0), units: 0.0, revenue: 0.0, cost: (0.0, 0.0) };
        let entry = sold.entry(product.unwrap_or_default()).or_insert(fresh);
        if units[row] > 0.0 && price[row] > 0.0 {
            entry.range = (entry.range.0.min(price[row]), entry.range.1.max(price[row]));
            entry.units += units[row];
            entry.revenue += revenue[row];
        }
    }
    let (Some(products), Some(quantities)) = (ledger.products(), ledger.quantities()) else { return Ok(sold) };
    let mut costs = vec![(0.0, 0.0); products.dictionary.len()];
    for (line, &code) in products.codes.iter().enumerate() {
        if let (Some(cost), Some(known)) = (ledger.cost_of(line), costs.get_mut(code as usize))
            && quantities[line] > 0.0
        {
            known.0 += cost;
            known.1 += quantities[line];
        }
    }
    for (code, cost) in costs.into_iter().enumerate() {
        let name = products.dictionary.values().text(code);
        if let Some(entry) = name.and_then(|name| sold.get_mut(&name)) {
            entry.cost = cost;
        }
    }
    Ok(sold)
}

/// Profit a year that a product's best price adds to today's.
fn gain(group: &GroupElasticity, sold: &Sold, years: f64) -> Option<Interval> {
    let elasticity = group.shrunk.filter(|_| group.status == ElasticityStatus::Ok)?.interval;
    let params = OptimalPriceParams {
        price_range: Some(sold.range),
        price: Some(sold.revenue / sold.units),
        quantity: sold.units / years,
        ..OptimalPriceParams::new(
            (elasticity.estimate, Some(elasticity.lower), Some(elasticity.upper)),
            sold.cost.0 / sold.cost.1,
        )
    };
    // A product without a known cost or with refunds alone is refused, and brings nothing.
    let found = optimal_price(&params).ok()?;
    let today = found.today?.profit.estimate;
    let gain = found.outcome?.profit.map(|best| best - today);
    (gain.estimate > 0.0 && gain.lower.is_finite() && gain.upper.is_finite()).then_some(gain)
}

/// All products together; their elasticities err independently.
fn lever(gains: &[Interval]) -> Option<Lever> {
    let sum = |value: &dyn Fn(&Interval) -> f64| gains.iter().map(value).sum::<f64>();
    let estimate = sum(&|gain| gain.estimate);
    let money = Interval {
        estimate,
        lower: estimate - sum(&|gain| (gain.estimate - gain.lower).powi(2)).sqrt(),
        upper: estimate + sum(&|gain| (gain.upper - gain.estimate).powi(2)).sqrt(),
    };
    (estimate > 0.0).then(|| Lever {
        name: "move_prices".into(),
        engine: Engine::Pricing,
        parameter: "list_price".into(),
        gain: Gain::Profit,
        money,
        effort: None,
        n: gains.len() as u64,
        subject: None,
        facts: vec![("products", gains.len() as f64), ("money", estimate)],
        assumed: None,
    })
}
