//! The next product: from the products of one order to those of the next, as competing risks.

use std::cmp::Reverse;

use leverkit_core::stats::budget::Watched;
use leverkit_core::{Column, Ledger, Params};
use leverkit_stats::{Interval, normal_quantile, wilson_share};
use rayon::prelude::*;
use serde::Serialize;

use crate::error::Error;
use crate::products::baskets::{Baskets, Follow, follows, products};
use crate::products::params::{NextParams, Start};

/// What customers are known by: a product of their last order, and where two orders are known one of the order before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct State {
    /// A product of the order before the last.
    pub before: Option<u32>,
    /// A product of the last order.
    pub product: u32,
}

/// What follows each state.
#[derive(Debug, Clone, Serialize)]
pub struct NextProducts {
    /// What they were computed with.
    pub params: NextParams,
    /// The states, in order of their codes.
    pub states: Vec<StateRow>,
    /// What follows them, state by state, the most probable first; the same product again is kept apart, in the states.
    pub transitions: Vec<Transition>,
    /// Where each state's transitions begin, and where the last end.
    pub offsets: Vec<usize>,
    /// Where two orders are known, what follows the same orders by the product of the last alone, whatever came before; an order counts once.
    pub last: Option<Box<NextProducts>>,
    #[serde(skip)]
    pub(crate) names: Column,
}

/// A state, and what becomes of it within the horizon. Shares add up to 1 with those of its transitions, where all were kept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StateRow {
    /// What is known.
    pub state: State,
    /// Orders in this state.
    pub n: u64,
    /// Those followed by an order within the horizon.
    pub returned: u64,
    /// Share without an order within the horizon.
    pub nothing: f64,
    /// Share whose next order is of the same product again.
    pub repeat: f64,
    /// Orders whose next one within the horizon held the same product again.
    pub repeat_count: u64,
    /// Share whose next order holds no known product.
    pub unknown: f64,
    /// Orders whose outcome is known: an order within the horizon, or none seen through it.
    pub known: u64,
}

/// A next product.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Transition {
    /// The product.
    pub next: u32,
    /// Orders in the state whose next one within the horizon held it.
    pub count: u64,
    /// Their share of the orders in the state; an order with several products counts for each of them.
    pub conversion: f64,
    /// Chance that it is what comes next within the horizon, with limits: an order with several products is shared out among them, and
    /// orders that are still open are accounted for (Aalen & Johansen 1978).
    pub probability: Interval,
    /// Share of the next orders that hold it, over its share of all next orders.
    pub lift: f64,
    /// Days to the next order that held it, the median.
    pub median_days: f64,
    /// Its money in those orders.
    pub revenue: f64,
}

/// Follows the products of orders to those of the next order.
///
/// # Errors
/// [`Error::Parameter`](leverkit_core::Error::Parameter) for a horizon, order or top out of range, or a ledger without products.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_funnel::{NextParams, next_products};
/// let lines = batch!("c" => [1, 1, 2, 2, 3], "t" => ["2024-01-01", "2024-01-11", "2024-01-01", "2024-01-06", "2024-01-01"],
///     "a" => [10.0; 5], "p" => ["tea", "cup", "tea", "tea", "tea"])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles { product: Some("p".into()), ..Roles::new("c", "t").amount("a") })?;
/// let found = next_products(&ledger, &NextParams { horizon: 10, ..NextParams::default() })?;
/// let tea = &found.states[1];
/// assert_eq!((tea.n, tea.returned, tea.repeat_count), (4, 2, 1));
/// assert!((tea.nothing + tea.repeat + found.transitions[0].probability.estimate - 1.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn next_products(ledger: &Ledger, params: &NextParams) -> Result<NextProducts, Error> {
    params.check()?;
    let names = products(ledger)?.dictionary.values().clone();
    let most = match params.start {
        Start::Any => u32::MAX,
        // The order that is looked on from, which is the second where two are known, and the next.
        Start::First => u32::from(params.order) + 1,
    };
    let baskets = Baskets::first(ledger, most)?;
    let follows = follows(ledger, most);
    let orders = orders_followed(&baskets, params);
    let base = base(&baskets, &follows, &orders, params.horizon);
    let z = normal_quantile(0.5 + params.level / 2.0);
    let work = Work { baskets: &baskets, follows: &follows, base: &base, params, z };
    let by_last = || Occurrences::by_product(&baskets, &orders);
    if params.order == 1 {
        return Ok(work.follow(&by_last(), names));
    }
    let last =
        NextProducts { params: NextParams { order: 1, ..params.clone() }, ..work.follow(&by_last(), names.clone()) };
    Ok(NextProducts { last: Some(Box::new(last)), ..work.follow(&Occurrences::by_pair(&baskets, &orders), names) })
}

/// The orders from which is looked on: of two orders that hold known products the later ones.
fn orders_followed(baskets: &Baskets, params: &NextParams) -> Vec<u32> {
    let customers = baskets.offsets().windows(2).filter(|pair| pair[0] < pair[1]);
    let follows_known = |order: &u32| !baskets.order(*order as usize - 1).is_empty();
    match (params.order, params.start) {
        (1, Start::Any) => (0..baskets.n_orders() as u32).collect(),
        (1, Start::First) => customers.map(|pair| pair[0]).collect(),
        (_, Start::Any) => customers.flat_map(|pair| pair[0] + 1..pair[1]).filter(follows_known).collect(),
        (_, Start::First) => {
            customers.flat_map(|pair| pair[0] + 1..pair[1].min(pair[0] + 2)).filter(follows_known).collect()
        }
    }
}

/// The orders of each state.
struct Occurrences {
    states: Vec<State>,
    offsets: Vec<usize>,
    orders: Vec<u32>,
}

impl Occurrences {
    fn by_product(baskets: &Baskets, orders: &[u32]) -> Self {
        let index = crate::products::baskets::Index::new(baskets.n_products(), orders.len(), |row| {
            baskets.order(orders[row] as usize).iter().map(move |product| (*product, orders[row]))
        });
        let states = (0..baskets.n_products() as u32).map(|product| State { before: None, product }).collect();
        Self { states, offsets: index.offsets.iter().map(|&start| start as usize).collect(), orders: index.values }
    }

    fn by_pair(baskets: &Baskets, orders: &[u32]) -> Self {
        let mut keys: Vec<(u32, u32, u32)> = orders
            .par_iter()
            .watched()
            .flat_map_iter(|&order| {
                let (before, last) = (baskets.order(order as usize - 1), baskets.order(order as usize));
                before.iter().flat_map(move |&before| last.iter().map(move |&product| (before, product, order)))
            })
            .collect();
        keys.par_sort_unstable();
        let (mut states, mut offsets): (Vec<State>, Vec<usize>) = (Vec::new(), Vec::new());
        for (place, &(before, product, _)) in keys.iter().enumerate() {
            let state = State { before: Some(before), product };
            if states.last() != Some(&state) {
                states.push(state);
                offsets.push(place);
            }
        }
        offsets.push(keys.len());
        Self { states, offsets, orders: keys.into_iter().map(|(_, _, order)| order).collect() }
    }

    /// States that were seen, with their orders.
    fn groups(&self) -> Vec<(State, &[u32])> {
        let ranges = self.states.iter().zip(self.offsets.windows(2));
        let groups = ranges.map(|(state, range)| (*state, &self.orders[range[0]..range[1]]));
        groups.filter(|(_, orders)| !orders.is_empty()).collect()
    }
}

/// The share of next orders within the horizon that hold each product, over the orders from which is looked on.
fn base(baskets: &Baskets, follows: &[Follow], orders: &[u32], horizon: u32) -> Vec<f64> {
    let mut counts = vec![0_u64; baskets.n_products()];
    let mut all = 0_u64;
    for &order in orders.iter().filter(|order| !baskets.order(**order as usize).is_empty()) {
        let follow = follows[order as usize];
        if follow.observed && follow.days <= horizon {
            all += 1;
            baskets.order(order as usize + 1).iter().for_each(|product| counts[*product as usize] += 1);
        }
    }
    counts.into_iter().map(|count| count as f64 / all.max(1) as f64).collect()
}

/// What a thread reuses between states.
struct Room {
    /// Events and censorings by day up to the horizon.
    events: Vec<u32>,
    censored: Vec<u32>,
    /// What one order with an event on a day adds to probabilities.
    weights: Vec<f64>,
    /// The next orders within the horizon, with their days.
    next: Vec<(u32, u32)>,
    sums: Vec<Sums>,
    touched: Vec<u32>,
    days: Vec<(u32, u32)>,
    sorted: Vec<u32>,
    /// Where the days of each touched product go.
    places: Vec<u32>,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    count: u32,
    probability: f64,
    revenue: f64,
}

impl Room {
    fn new(products: usize, horizon: u32) -> Self {
        let days = horizon as usize + 1;
        Self {
            events: vec![0; days],
            censored: vec![0; days],
            weights: vec![0.0; days],
            next: Vec::new(),
            sums: vec![Sums::default(); products],
            touched: Vec::new(),
            days: Vec::new(),
            sorted: Vec::new(),
            places: vec![0; products],
        }
    }
}

struct Work<'a> {
    baskets: &'a Baskets,
    follows: &'a [Follow],
    base: &'a [f64],
    params: &'a NextParams,
    /// The normal quantile of the limits' level.
    z: f64,
}

impl Work<'_> {
    /// What follows each state, all in their order.
    fn follow(&self, occurrences: &Occurrences, names: Column) -> NextProducts {
        let longest = self.follows.iter().map(|follow| follow.days).max().unwrap_or_default();
        let room = || Room::new(self.baskets.n_products(), self.params.horizon.min(longest));
        let parts: Vec<(StateRow, Vec<Transition>)> = occurrences
            .groups()
            .into_par_iter()
            .watched()
            .map_init(room, |room, (state, orders)| self.state(room, state, orders))
            .collect();
        let mut offsets = vec![0];
        let (mut states, mut transitions) = (Vec::with_capacity(parts.len()), Vec::new());
        for (state, next) in parts {
            states.push(state);
            transitions.extend(next);
            offsets.push(transitions.len());
        }
        NextProducts { params: self.params.clone(), states, transitions, offsets, last: None, names }
    }

    fn state(&self, room: &mut Room, state: State, orders: &[u32]) -> (StateRow, Vec<Transition>) {
        let (nothing, returned, open) = self.weigh(room, orders);
        let next = std::mem::take(&mut room.next);
        let unknown = next.iter().map(|(order, days)| self.add_next(room, *order as usize, *days)).sum();
        room.next = next;
        let known = orders.len() as u64 - open;
        let transitions = self.transitions(room, state, orders.len(), returned, known);
        let own = room.sums[state.product as usize];
        room.touched.drain(..).for_each(|product| room.sums[product as usize] = Sums::default());
        room.days.clear();
        let row = StateRow {
            state,
            n: orders.len() as u64,
            returned,
            nothing,
            repeat: own.probability,
            repeat_count: u64::from(own.count),
            unknown,
            known,
        };
        (row, transitions)
    }

    /// Kaplan and Meier's curve of the time to the next order: a weight for each day, the share without an order at the horizon, orders
    /// with a next one, and orders that are still open.
    fn weigh(&self, room: &mut Room, orders: &[u32]) -> (f64, u64, u64) {
        let horizon = self.params.horizon as usize;
        room.next.clear();
        let mut last = 0;
        for &order in orders {
            let Follow { days, observed } = self.follows[order as usize];
            if days as usize > horizon {
                continue;
            }
            last = last.max(days as usize);
            if observed {
                room.events[days as usize] += 1;
                room.next.push((order + 1, days));
            } else {
                room.censored[days as usize] += 1;
            }
        }
        let (mut at_risk, mut survival) = (orders.len() as f64, 1.0);
        let mut open = 0;
        for day in 0..=last {
            let (events, censored) = (std::mem::take(&mut room.events[day]), std::mem::take(&mut room.censored[day]));
            // Those last seen on the horizon's day have been followed through it.
            open += if day < horizon { u64::from(censored) } else { 0 };
            let events = f64::from(events);
            room.weights[day] = if events > 0.0 { survival / at_risk } else { 0.0 };
            survival *= if events > 0.0 { 1.0 - events / at_risk } else { 1.0 };
            at_risk -= events + f64::from(censored);
        }
        (survival, room.next.len() as u64, open)
    }

    /// Adds the next order's products; returns the share that falls on no known product.
    fn add_next(&self, room: &mut Room, next: usize, days: u32) -> f64 {
        let products = self.baskets.order(next);
        let weight = room.weights[days as usize];
        if products.is_empty() {
            return weight;
        }
        let share = weight / products.len() as f64;
        for (&product, amount) in products.iter().zip(self.baskets.amounts(next)) {
            let sums = &mut room.sums[product as usize];
            if sums.count == 0 {
                room.touched.push(product);
            }
            sums.count += 1;
            sums.probability += share;
            sums.revenue += amount;
            room.days.push((product, days));
        }
        0.0
    }

    fn transitions(&self, room: &mut Room, state: State, n: usize, returned: u64, known: u64) -> Vec<Transition> {
        room.touched.sort_unstable();
        // The days of each product side by side: places by counts, then each median by selection.
        room.sorted.resize(room.days.len(), 0);
        let mut end = 0;
        for &product in &room.touched {
            room.places[product as usize] = end;
            end += room.sums[product as usize].count;
        }
        for &(product, days) in &room.days {
            let place = &mut room.places[product as usize];
            room.sorted[*place as usize] = days;
            *place += 1;
        }
        let mut rows: Vec<Transition> = Vec::new();
        for &product in &room.touched {
            let (sums, end) = (room.sums[product as usize], room.places[product as usize]);
            let days = &mut room.sorted[(end - sums.count) as usize..end as usize];
            if product == state.product {
                continue;
            }
            let share = f64::from(sums.count) / returned as f64;
            rows.push(Transition {
                next: product,
                count: u64::from(sums.count),
                conversion: f64::from(sums.count) / n as f64,
                probability: wilson_share(sums.probability.min(1.0), known.max(1) as f64, self.z),
                lift: share / self.base[product as usize],
                median_days: median(days),
                revenue: sums.revenue,
            });
        }
        rows.sort_by_key(rank);
        rows.truncate(self.params.top.unwrap_or(usize::MAX));
        rows
    }
}

/// The most probable first; of equals that with more orders, then the first in the order of their names. Sums of parts such as 1/3 are equal but for rounding.
fn rank(row: &Transition) -> (Reverse<i64>, Reverse<u64>, u32) {
    let billionths = (row.probability.estimate * 1e9).round() as i64;
    (Reverse(billionths), Reverse(row.count), row.next)
}

/// The median by selection; the mean of both middle values where they are two.
fn median(days: &mut [u32]) -> f64 {
    let half = days.len() / 2;
    let (below, middle, _) = days.select_nth_unstable(half);
    let middle = f64::from(*middle);
    if below.len() == half && days.len().is_multiple_of(2) {
        let lower = days[..half].iter().max().copied().map_or(middle, f64::from);
        return f64::midpoint(lower, middle);
    }
    middle
}
