//! What to offer each customer next, and when.

use std::collections::HashMap;

use leverkit_core::stats::budget::Watched;
use leverkit_core::{Day, Ledger};
use rayon::prelude::*;
use serde::Serialize;

use crate::error::Error;
use crate::products::baskets::Baskets;
use crate::products::next::{NextProducts, State, Transition};

/// A product to offer a customer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Recommendation {
    /// The customer's code.
    pub customer: u32,
    /// 1 for the best.
    pub rank: u32,
    /// The product's code.
    pub next: u32,
    /// Chance that it comes next within the horizon: the mean over the products of the last order.
    pub probability: f64,
    /// The product of the last order that speaks for it most.
    pub because: u32,
    /// The day of the last order.
    pub last_order: Day,
    /// The last order and the median days from that product to this one.
    pub due: Day,
    /// Probability × its average money in such orders.
    pub expected_revenue: f64,
}

/// What speaks for a product: the sum of its probabilities, and the strongest of them.
#[derive(Clone, Copy, Default)]
struct Reason {
    sum: f64,
    best: f64,
    place: usize,
    state: usize,
}

/// What a thread reuses between customers.
struct Room {
    reasons: Vec<Reason>,
    touched: Vec<u32>,
}

impl Room {
    fn new(products: usize) -> Self {
        Self { reasons: vec![Reason::default(); products], touched: Vec::new() }
    }

    fn add(&mut self, transition: &Transition, place: usize, state: usize) {
        let (reason, probability) = (&mut self.reasons[transition.next as usize], transition.probability.estimate);
        if reason.sum == 0.0 {
            self.touched.push(transition.next);
        }
        reason.sum += probability;
        if probability > reason.best {
            (reason.best, reason.place, reason.state) = (probability, place, state);
        }
    }
}

/// A chance without the rounding of its sum: sums of equal parts are equal.
fn billionths(row: &Recommendation) -> f64 {
    (row.probability * 1e9).round()
}

impl NextProducts {
    /// The `k` best next products of customers, best first; all customers where none are named. With `exclude_owned` products that a customer
    /// has bought before are left out.
    ///
    /// # Errors
    /// [`Error::Parameter`](leverkit_core::Error::Parameter) for a `k` of 0, or a ledger without products.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, batch};
    /// use leverkit_funnel::{NextParams, next_products};
    /// let days = ["2024-01-01", "2024-01-11", "2024-01-01", "2024-01-09", "2024-01-20"];
    /// let lines = batch!("c" => [1, 1, 2, 2, 3], "t" => days, "a" => [10.0; 5], "p" => ["tea", "cup", "tea", "cup", "tea"])?;
    /// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a").product("p"))?;
    /// let next = next_products(&ledger, &NextParams { horizon: 10, ..NextParams::default() })?;
    /// // Customer 3 has bought tea; whoever did so came back for a cup.
    /// let offers = next.recommend(&ledger, Some(&[2]), 1, true)?;
    /// let products = ledger.products().unwrap().dictionary.values();
    /// assert_eq!(products.text(offers[0].next as usize), Some("cup".into()));
    /// // It falls due after the usual number of days.
    /// assert_eq!(next.due(&ledger, offers[0].due, 1, true)?.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn recommend(
        &self,
        ledger: &Ledger,
        customers: Option<&[u32]>,
        k: usize,
        exclude_owned: bool,
    ) -> Result<Vec<Recommendation>, Error> {
        if k == 0 {
            return Err(Error::parameter("k", "0", "at least 1"));
        }
        let baskets = Baskets::of(ledger)?;
        let all: Vec<u32> = (0..ledger.n_customers() as u32).collect();
        let states: HashMap<State, usize> =
            self.states.iter().enumerate().map(|(place, row)| (row.state, place)).collect();
        let of_customer = |room: &mut Room, &customer: &u32| {
            let mut rows = self.of_customer(ledger, &baskets, &states, room, customer, exclude_owned);
            let best = |a: &Recommendation, b: &Recommendation| {
                billionths(b).total_cmp(&billionths(a)).then(a.next.cmp(&b.next))
            };
            if rows.len() > k {
                rows.select_nth_unstable_by(k - 1, best);
                rows.truncate(k);
            }
            rows.sort_by(best);
            (1..).zip(&mut rows).for_each(|(rank, row)| row.rank = rank);
            rows
        };
        let room = || Room::new(baskets.n_products());
        let customers = customers.unwrap_or(&all);
        let found: Vec<Vec<Recommendation>> = customers.par_iter().watched().map_init(room, of_customer).collect();
        Ok(found.into_iter().flatten().collect())
    }

    /// Customers whose best next product falls due from `date` over `days` days, the most expected money first.
    ///
    /// # Errors
    /// As [`NextProducts::recommend`].
    pub fn due(
        &self,
        ledger: &Ledger,
        date: Day,
        days: u32,
        exclude_owned: bool,
    ) -> Result<Vec<Recommendation>, Error> {
        let mut rows = self.recommend(ledger, None, 1, exclude_owned)?;
        rows.retain(|row| row.due >= date && row.due < date + days as i32);
        rows.sort_by(|a, b| b.expected_revenue.total_cmp(&a.expected_revenue).then(a.customer.cmp(&b.customer)));
        Ok(rows)
    }

    fn of_customer(
        &self,
        ledger: &Ledger,
        baskets: &Baskets,
        states: &HashMap<State, usize>,
        room: &mut Room,
        customer: u32,
        exclude_owned: bool,
    ) -> Vec<Recommendation> {
        let lines = ledger.customer(customer);
        let Some(&last_order) = lines.order_days.last() else { return Vec::new() };
        let last = lines.first_order as usize + lines.order_days.len() - 1;
        let known: Vec<usize> = self
            .states_of(baskets, lines.first_order as usize, last)
            .filter_map(|state| states.get(&state).copied())
            .collect();
        for &state in &known {
            for place in self.offsets[state]..self.offsets[state + 1] {
                room.add(&self.transitions[place], place, state);
            }
        }
        let owned = |product: u32| {
            (lines.first_order as usize..=last).any(|order| baskets.order(order).binary_search(&product).is_ok())
        };
        let mut rows = Vec::new();
        for next in room.touched.drain(..) {
            let reason = std::mem::take(&mut room.reasons[next as usize]);
            if exclude_owned && owned(next) {
                continue;
            }
            let (probability, transition) = (reason.sum / known.len() as f64, &self.transitions[reason.place]);
            rows.push(Recommendation {
                customer,
                rank: 0,
                next,
                probability,
                because: self.states[reason.state].state.product,
                last_order,
                due: last_order + transition.median_days.round() as i32,
                expected_revenue: probability * transition.revenue / transition.count as f64,
            });
        }
        rows
    }

    fn states_of<'a>(&self, baskets: &'a Baskets, first: usize, last: usize) -> Box<dyn Iterator<Item = State> + 'a> {
        let products = baskets.order(last).iter();
        if self.params.order == 1 {
            return Box::new(products.map(|&product| State { before: None, product }));
        }
        if last == first {
            return Box::new(std::iter::empty());
        }
        Box::new(products.flat_map(move |&product| {
            baskets.order(last - 1).iter().map(move |&before| State { before: Some(before), product })
        }))
    }
}
