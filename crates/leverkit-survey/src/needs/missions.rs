//! Needs from baskets: the missions that people come for, found in what they buy together.
//!
//! An order is a bag of categories. Orders of one mission draw their categories from one distribution: a mixture of multinomials (Nigam et al. 2000), fitted to different bags only.

use std::ops::Range;

use leverkit_core::stats::budget::{self, Watched};
use leverkit_core::stats::{Mergeable, sums};
use leverkit_core::{Column, Day, Ledger, MICROS_PER_DAY, NO_CODE, NO_ORDER, Params};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::Serialize;

use super::lost::{LostMission, Thirds, lost};
use super::model::normalise;
use super::params::MissionParams;
use crate::Error;
use crate::climb::{Point, Reached, climb};

/// One customer in so many is held out to choose the number of missions.
const HELD_OUT: u32 = 5;
/// Random starts, plain steps before they are compared, and the most steps of the best.
const STARTS: u64 = 4;
const SHORT: usize = 10;
const MOST_STEPS: usize = 3000;
/// A gain of the mean log-likelihood of orders below this ends the steps.
const TOLERANCE: f64 = 1e-10;
/// What a number of missions may be behind the best, whatever its error: so little foretells nothing.
const NOTHING: f64 = 1e-3;
/// Orders that every category is taken to have in every mission, so that none is impossible.
const PRIOR: f64 = 0.1;
/// More categories than this are products.
const MOST_CATEGORIES: usize = 2000;

/// A number of missions, and how well it foretells orders of customers held out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MissionFit {
    /// Missions.
    pub k: usize,
    /// Mean log-likelihood of an order of a customer who was held out.
    pub held_out: f64,
    /// Its distance to the best number, and the standard error of that.
    pub behind: f64,
    /// See `behind`.
    pub std_error: f64,
    /// Whether it was chosen.
    pub is_chosen: bool,
}

/// A mission.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mission {
    /// Its number from 1, the most frequent first.
    pub mission: usize,
    /// The categories that tell it apart most, three at most.
    pub categories: Vec<String>,
    /// Its share of orders.
    pub share: f64,
    /// Orders assigned to it.
    pub orders: u64,
    /// Their money.
    pub revenue: f64,
    /// Customers who have at least one.
    pub customers: u64,
    /// Shares of its orders by weekday, Monday first.
    pub weekdays: [f64; 7],
    /// Shares of its orders by hour of the day; `None` where times have no clock.
    pub hours: Option<[f64; 24]>,
}

/// How much of a mission is a category.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MissionCategory {
    /// The mission.
    pub mission: usize,
    /// The category.
    pub category: String,
    /// Its share of what is bought on the mission.
    pub share: f64,
    /// That over its share of what is bought on all.
    pub lift: f64,
}

/// A customer's missions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MissionCustomer {
    /// The customer's code.
    pub customer: u32,
    /// The mission of most orders.
    pub main: usize,
    /// Its share of the customer's orders.
    pub share: f64,
    /// How many missions the customer has.
    pub missions: u64,
    /// Orders.
    pub orders: u64,
}

/// Missions of orders.
#[derive(Debug, Clone)]
pub struct Missions {
    /// What they were made with.
    pub params: MissionParams,
    /// The numbers of missions that were tried.
    pub fits: Vec<MissionFit>,
    /// The missions.
    pub missions: Vec<Mission>,
    /// Their categories, the greatest lift first.
    pub categories: Vec<MissionCategory>,
    /// Customers by code.
    pub customers: Vec<MissionCustomer>,
    /// What became of customers who gave a mission up.
    pub lost: Vec<LostMission>,
    /// The customers' ids.
    pub(crate) ids: Column,
    /// Orders with a known category.
    pub n: u64,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// Finds the missions of orders: bags of categories that are bought together. The number of missions is the least whose orders of customers held out are foretold as well as by the
/// best, within one standard error or a thousandth; one mission is among the answers.
///
/// # Errors
/// [`Error::Core`] where the ledger has no product, or more than 2,000 of them; [`Error::NotIdentified`] for fewer than 100 orders with a known category,
/// and where so few customers have them that nobody is left to fit missions to, or to hold out.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_survey::{MissionParams, needs_from_baskets};
/// let rows: Vec<i64> = (0..2000).collect();
/// let lines = batch!("c" => rows.iter().map(|row| row / 20).collect::<Vec<_>>(), "o" => rows.iter().map(|row| row / 2).collect::<Vec<_>>(),
///     "t" => vec!["2024-01-05"; 2000], "a" => vec![1.0; 2000],
///     "p" => rows.iter().map(|row| ["bread", "milk", "beer", "chips"][(row % 2 + 2 * (row / 2 % 2)) as usize]).collect::<Vec<_>>())?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a").order("o").product("p"))?;
/// assert_eq!(needs_from_baskets(&ledger, &MissionParams::default())?.missions.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn needs_from_baskets(ledger: &Ledger, params: &MissionParams) -> Result<Missions, Error> {
    params.check()?;
    let bags = Bags::of(ledger)?;
    let fits = bags.fits(params);
    let k = fits.iter().find(|fit| fit.is_chosen).map_or(1, |fit| fit.k);
    let reached = bags.fitted(k, &bags.counts, params.seed);
    let names = ledger.products().map(|products| products.dictionary.values().texts()).unwrap_or_default();
    bags.told(ledger, &reached, &names, fits, params)
}

/// Different bags of categories, and which each order has.
struct Bags {
    categories: usize,
    /// Where each bag begins among `items`.
    starts: Vec<usize>,
    items: Vec<u32>,
    counts: Vec<f64>,
    /// How many orders of customers who are held out have it.
    held: Vec<f64>,
    /// The bag of each order; `NO_CODE` without a known category.
    of_order: Vec<u32>,
}

impl Bags {
    fn of(ledger: &Ledger) -> Result<Self, Error> {
        let Some(products) = ledger.products() else {
            return Err(Error::parameter("product", "none", "a ledger with a product, such as the category"));
        };
        let categories = products.dictionary.len();
        if categories > MOST_CATEGORIES {
            let expected = format!("at most {MOST_CATEGORIES} categories; use ledger.with_product(\"category\")");
            return Err(Error::parameter("product", categories.to_string(), expected));
        }
        let bag = |customer: u32| {
            let lines = ledger.customer(customer);
            let mut bags: Vec<Vec<u32>> = vec![Vec::new(); lines.order_days.len()];
            for (place, order) in lines.lines().zip(lines.orders) {
                let code = products.codes[place];
                if *order != NO_ORDER && code != NO_CODE && lines.amounts[place - lines.first_line] > 0.0 {
                    bags[(order - lines.first_order) as usize].push(code);
                }
            }
            bags.iter_mut().for_each(|bag| {
                bag.sort_unstable();
                bag.dedup();
            });
            bags
        };
        let all: Vec<Vec<u32>> =
            (0..ledger.n_customers() as u32).into_par_iter().watched().flat_map_iter(bag).collect();
        let mut order: Vec<u32> = (0..all.len() as u32).filter(|at| !all[*at as usize].is_empty()).collect();
        if order.len() < 100 {
            let reason = format!("{} orders with a known category; at least 100 are needed", order.len());
            return Err(Error::not_identified("needs_from_baskets", reason));
        }
        order.par_sort_unstable_by(|a, b| all[*a as usize].cmp(&all[*b as usize]).then(a.cmp(b)));
        let is_held = held_out(ledger);
        let mut found = Self {
            categories,
            starts: vec![0],
            items: Vec::new(),
            counts: Vec::new(),
            held: Vec::new(),
            of_order: vec![NO_CODE; all.len()],
        };
        for (place, &at) in order.iter().enumerate() {
            let bag = &all[at as usize];
            if place == 0 || all[order[place - 1] as usize] != *bag {
                found.items.extend(bag);
                found.starts.push(found.items.len());
                found.counts.push(0.0);
                found.held.push(0.0);
            }
            let last = found.counts.len() - 1;
            found.counts[last] += 1.0;
            found.held[last] += f64::from(u8::from(is_held[at as usize]));
            found.of_order[at as usize] = last as u32;
        }
        found.check_sides()?;
        Ok(found)
    }

    /// Few customers may all be held out, or none of them.
    fn check_sides(&self) -> Result<(), Error> {
        let left = match self.held.iter().sum::<f64>() {
            0.0 => "hold out",
            held if held == self.counts.iter().sum::<f64>() => "fit missions to",
            _ => return Ok(()),
        };
        let reason = format!(
            "one customer in {HELD_OUT} is held out to choose the number of missions, and none with a known category is left to {left}: more customers are needed"
        );
        Err(Error::not_identified("needs_from_baskets", reason))
    }

    fn len(&self) -> usize {
        self.counts.len()
    }

    fn bag(&self, at: usize) -> &[u32] {
        &self.items[self.starts[at]..self.starts[at + 1]]
    }

    /// Fits each number to the customers who are not held out.
    fn fits(&self, params: &MissionParams) -> Vec<MissionFit> {
        let counts: Vec<f64> = self.counts.iter().zip(&self.held).map(|(all, held)| all - held).collect();
        let of = |k: &usize| self.log_likelihoods(&self.fitted(*k, &counts, params.seed).model);
        let logs: Vec<Vec<f64>> = params.k.iter().map(of).collect();
        let total: f64 = self.held.iter().sum();
        let mean =
            |values: &dyn Fn(usize) -> f64| (0..self.len()).map(|at| self.held[at] * values(at)).sum::<f64>() / total;
        let means: Vec<f64> = logs.iter().map(|logs| mean(&|at| logs[at])).collect();
        let best =
            (0..means.len()).reduce(|best, at| if means[at] > means[best] { at } else { best }).unwrap_or_default();
        let fit = |at: usize| {
            let behind = means[best] - means[at];
            let variance = mean(&|bag| (logs[best][bag] - logs[at][bag] - behind).powi(2));
            MissionFit {
                k: params.k[at],
                held_out: means[at],
                behind,
                std_error: (variance / total).sqrt(),
                is_chosen: false,
            }
        };
        let mut fits: Vec<MissionFit> = (0..means.len()).map(fit).collect();
        if let Some(least) = fits.iter_mut().find(|fit| fit.behind <= fit.std_error.max(NOTHING)) {
            least.is_chosen = true;
        }
        fits
    }

    /// The best of a few starts.
    fn fitted(&self, k: usize, counts: &[f64], seed: u64) -> Reached<Model> {
        let start = |start: u64| {
            let mut random = Pcg64::seed_from_u64(seed ^ (start + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let mut model = self.random_model(k, counts, &mut random);
            let mut likelihood = f64::NEG_INFINITY;
            for _ in 0..SHORT {
                budget::check();
                (likelihood, model) = self.step(&model, counts);
            }
            (likelihood, model)
        };
        let starts = if k == 1 { 1 } else { STARTS };
        let tried: Vec<(f64, Model)> = (0..starts).map(start).collect();
        let first = tried.into_iter().reduce(|best, tried| if tried.0 > best.0 { tried } else { best });
        let (_, model) = first.unwrap_or_else(|| (f64::NEG_INFINITY, Model::even(k, self.categories)));
        let tolerance = TOLERANCE * counts.iter().sum::<f64>();
        let found = climb(model, (MOST_STEPS, tolerance), |model| self.step(model, counts), Model::settle);
        Reached { model: found.model.by_share(), ..found }
    }

    /// Missions around bags drawn at random.
    fn random_model(&self, k: usize, counts: &[f64], random: &mut Pcg64) -> Model {
        let mut shares = vec![PRIOR; self.categories];
        for (at, count) in counts.iter().enumerate() {
            self.bag(at).iter().for_each(|category| shares[*category as usize] += count);
        }
        let total: f64 = shares.iter().sum();
        let mut places: Vec<usize> = (0..self.len()).filter(|at| counts[*at] > 0.0).collect();
        places.shuffle(random);
        let mut model = Model::even(k, self.categories);
        for class in 0..k {
            let bag = self.bag(places[class % places.len()]);
            let own = model.logs_mut(class);
            own.iter_mut().zip(&shares).for_each(|(log, share)| *log = share / total * (0.5 + random.random::<f64>()));
            bag.iter().for_each(|category| own[*category as usize] += 1.0 / bag.len() as f64);
            let sum: f64 = own.iter().sum();
            own.iter_mut().for_each(|log| *log = (*log / sum).ln());
        }
        model
    }

    /// The log-likelihood of the model with that of its prior, which is what steps raise, and the model after one step.
    fn step(&self, model: &Model, counts: &[f64]) -> (f64, Model) {
        let (k, width) = (model.k, self.categories);
        let add = |bags: Range<usize>, found: &mut StepSums| {
            let mut chances = vec![0.0; k];
            for at in bags.filter(|at| counts[*at] > 0.0) {
                found.likelihood += counts[at] * model.posterior(self.bag(at), &mut chances);
                for (class, chance) in chances.iter().enumerate() {
                    found.shares[class] += counts[at] * chance;
                    let own = &mut found.categories[class * width..][..width];
                    self.bag(at).iter().for_each(|category| own[*category as usize] += counts[at] * chance);
                }
            }
        };
        let new = || StepSums { likelihood: 0.0, shares: vec![0.0; k], categories: vec![0.0; k * width] };
        let found = sums(self.len(), k * width, new, add);
        let total: f64 = found.shares.iter().sum();
        let logs = found.categories.chunks_exact(width).flat_map(|own| {
            let sum: f64 = own.iter().sum::<f64>() + PRIOR * width as f64;
            own.iter().map(move |count| ((count + PRIOR) / sum).ln())
        });
        let shares = found.shares.iter().map(|share| ((share + PRIOR) / (total + PRIOR * k as f64)).ln());
        let prior = PRIOR * model.values.iter().sum::<f64>();
        (found.likelihood + prior, Model { k, values: shares.chain(logs).collect() })
    }

    fn log_likelihoods(&self, model: &Model) -> Vec<f64> {
        let of = |at: usize| model.posterior(self.bag(at), &mut vec![0.0; model.k]);
        (0..self.len()).into_par_iter().watched().map(of).collect()
    }

    fn told(
        &self,
        ledger: &Ledger,
        reached: &Reached<Model>,
        names: &[Option<String>],
        fits: Vec<MissionFit>,
        params: &MissionParams,
    ) -> Result<Missions, Error> {
        let model = &reached.model;
        let k = model.k;
        let likeliest = |at: usize| {
            let mut chances = vec![0.0; k];
            model.posterior(self.bag(at), &mut chances);
            (0..k).reduce(|best, class| if chances[class] > chances[best] { class } else { best }).unwrap_or_default()
        };
        let of_bag: Vec<usize> = (0..self.len()).into_par_iter().watched().map(likeliest).collect();
        let mut totals = vec![Total::default(); k];
        let (mut customers, mut visits) = (Vec::new(), Vec::new());
        for code in 0..ledger.n_customers() as u32 {
            let lines = ledger.customer(code);
            let mut own = vec![0_u64; k];
            let mission = |order: u32| {
                let bag = self.of_order[order as usize];
                (bag != NO_CODE).then(|| of_bag[bag as usize])
            };
            let mut came = Vec::new();
            for ((order, day), line) in (lines.first_order..).zip(lines.order_days).zip(lines.first_lines()) {
                if let Some(mission) = mission(order) {
                    own[mission] += 1;
                    came.push((*day, mission));
                    totals[mission].add(*day, ledger.micros().map(|micros| micros[line]));
                }
            }
            visits.push(came);
            for (order, amount) in lines.orders.iter().zip(lines.amounts).filter(|(order, _)| **order != NO_ORDER) {
                if let Some(mission) = mission(*order) {
                    totals[mission].revenue += amount;
                }
            }
            let orders: u64 = own.iter().sum();
            if orders > 0 {
                (0..k).filter(|class| own[*class] > 0).for_each(|class| totals[class].customers += 1);
                let main =
                    (0..k).reduce(|best, class| if own[class] > own[best] { class } else { best }).unwrap_or_default();
                customers.push(MissionCustomer {
                    customer: code,
                    main: main + 1,
                    share: own[main] as f64 / orders as f64,
                    missions: own.iter().filter(|orders| **orders > 0).count() as u64,
                    orders,
                });
            }
        }
        let categories = self.categories_of(model, names);
        let mission = |(class, total): (usize, &Total)| Mission {
            mission: class + 1,
            categories: categories
                .iter()
                .filter(|row| row.mission == class + 1 && row.lift > 1.0)
                .take(3)
                .map(|row| row.category.clone())
                .collect(),
            share: model.share(class),
            orders: total.orders,
            revenue: total.revenue,
            customers: total.customers,
            weekdays: total.weekdays.map(|orders| total.share(orders)),
            hours: ledger.micros().map(|_| total.hours.map(|orders| total.share(orders))),
        };
        let mut notes = Vec::new();
        if !reached.is_settled {
            notes.push(format!("The missions did not settle in {MOST_STEPS} steps: their shares and categories are rough; fewer may settle."));
        }
        if k == 1 {
            notes.push("One mission: categories are bought together no more than by chance.".into());
        }
        if fits.last().is_some_and(|fit| fit.is_chosen && fit.k > 1) {
            notes.push(format!("{k} missions are the most that were tried: there may be more; raise k."));
        }
        let thirds = Thirds::of(ledger.start().unwrap_or_default(), ledger.end().unwrap_or_default());
        Ok(Missions {
            missions: totals.iter().enumerate().map(mission).collect(),
            customers,
            lost: lost(&visits, k, &thirds, params)?,
            ids: ledger.customers().values().clone(),
            n: self.counts.iter().sum::<f64>() as u64,
            categories,
            fits,
            notes,
            params: params.clone(),
        })
    }

    /// Categories by what they add to a mission: share × ln lift.
    fn categories_of(&self, model: &Model, names: &[Option<String>]) -> Vec<MissionCategory> {
        let overall: Vec<f64> = (0..self.categories)
            .map(|category| (0..model.k).map(|class| model.share(class) * model.logs(class)[category].exp()).sum())
            .collect();
        let mut rows = Vec::new();
        for class in 0..model.k {
            let row = |category: usize| {
                let share = model.logs(class)[category].exp();
                MissionCategory {
                    mission: class + 1,
                    category: names.get(category).cloned().flatten().unwrap_or_default(),
                    share,
                    lift: share / overall[category],
                }
            };
            let mut own: Vec<MissionCategory> = (0..self.categories).map(row).collect();
            let tells = |row: &MissionCategory| row.share * row.lift.ln();
            own.sort_by(|a, b| tells(b).total_cmp(&tells(a)).then_with(|| a.category.cmp(&b.category)));
            rows.extend(own);
        }
        rows
    }
}

/// What the orders of a mission add up to.
#[derive(Debug, Clone, Default)]
struct Total {
    orders: u64,
    revenue: f64,
    customers: u64,
    weekdays: [u64; 7],
    hours: [u64; 24],
}

impl Total {
    fn add(&mut self, day: Day, micros: Option<i64>) {
        self.orders += 1;
        // 1970-01-01 was a Thursday.
        self.weekdays[(i64::from(day) + 3).rem_euclid(7) as usize] += 1;
        if let Some(micros) = micros {
            self.hours[(micros.rem_euclid(MICROS_PER_DAY) / (MICROS_PER_DAY / 24)) as usize] += 1;
        }
    }

    fn share(&self, orders: u64) -> f64 {
        if self.orders == 0 { 0.0 } else { orders as f64 / self.orders as f64 }
    }
}

/// For each order, whether its customer is held out; by the customer's place, so that it does not depend on the order of rows.
fn held_out(ledger: &Ledger) -> Vec<bool> {
    let of = |customer: u32| {
        let is_held = (customer.wrapping_mul(0x9E37_79B9) >> 16).is_multiple_of(HELD_OUT);
        vec![is_held; ledger.customer(customer).order_days.len()]
    };
    (0..ledger.n_customers() as u32).flat_map(of).collect()
}

/// Log shares of missions, then log shares of categories in each.
#[derive(Debug, Clone)]
struct Model {
    k: usize,
    values: Vec<f64>,
}

impl Point for Model {
    fn values(&self) -> &[f64] {
        &self.values
    }

    fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }
}

impl Model {
    fn even(k: usize, categories: usize) -> Self {
        let logs = std::iter::repeat_n(-(categories as f64).ln(), k * categories);
        Self { k, values: std::iter::repeat_n(-(k as f64).ln(), k).chain(logs).collect() }
    }

    fn share(&self, class: usize) -> f64 {
        self.values[class].exp()
    }

    fn places(&self, class: usize) -> Range<usize> {
        let width = self.values.len() / self.k - 1;
        self.k + class * width..self.k + (class + 1) * width
    }

    fn logs(&self, class: usize) -> &[f64] {
        &self.values[self.places(class)]
    }

    fn logs_mut(&mut self, class: usize) -> &mut [f64] {
        let places = self.places(class);
        &mut self.values[places]
    }

    /// Shares that add up to one.
    fn settle(&mut self) {
        normalise(&mut self.values[..self.k]);
        (0..self.k).for_each(|class| normalise(self.logs_mut(class)));
    }

    /// The log-likelihood of a bag, and the chance of each mission.
    fn posterior(&self, bag: &[u32], chances: &mut [f64]) -> f64 {
        for (class, chance) in chances.iter_mut().enumerate() {
            let own = self.logs(class);
            *chance = self.values[class] + bag.iter().map(|category| own[*category as usize]).sum::<f64>();
        }
        let greatest = chances.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut total = 0.0;
        for chance in chances.iter_mut() {
            *chance = (*chance - greatest).exp();
            total += *chance;
        }
        chances.iter_mut().for_each(|chance| *chance /= total);
        greatest + total.ln()
    }

    /// The most frequent mission first.
    fn by_share(self) -> Self {
        let mut order: Vec<usize> = (0..self.k).collect();
        order.sort_by(|a, b| self.values[*b].total_cmp(&self.values[*a]));
        let shares = order.iter().map(|class| self.values[*class]);
        let logs = order.iter().flat_map(|class| self.logs(*class).iter().copied());
        Self { k: self.k, values: shares.chain(logs).collect() }
    }
}

struct StepSums {
    likelihood: f64,
    shares: Vec<f64>,
    categories: Vec<f64>,
}

impl Mergeable for StepSums {
    fn merge(&mut self, later: Self) {
        self.likelihood += later.likelihood;
        self.shares.merge(later.shares);
        self.categories.merge(later.categories);
    }
}

#[cfg(test)]
mod tests {
    use leverkit_core::{Roles, batch};

    use super::*;

    /// 300 orders of 30 customers, a third of either mission and a third of both mixed.
    fn ledger() -> Ledger {
        let rows: Vec<(i32, i32, &str)> = (0..300)
            .flat_map(|order| {
                let pair = [["bread", "milk"], ["beer", "chips"], ["milk", "chips"]][order as usize % 3];
                pair.map(|product| (order / 10, order, product))
            })
            .collect();
        let column = |of: fn(&(i32, i32, &'static str)) -> i32| rows.iter().map(of).collect::<Vec<_>>();
        let products: Vec<&str> = rows.iter().map(|row| row.2).collect();
        let lines =
            batch!("c" => column(|row| row.0), "o" => column(|row| row.1), "t" => vec!["2024-01-05"; rows.len()],
            "a" => vec![1.0; rows.len()], "p" => products)
            .unwrap();
        Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a").order("o").product("p")).unwrap()
    }

    #[test]
    fn missions_are_fitted_to_the_end_and_a_note_says_where_not() {
        let (ledger, params) = (ledger(), MissionParams::default());
        let bags = Bags::of(&ledger).unwrap();
        let reached = bags.fitted(2, &bags.counts, 1);
        assert!(reached.is_settled);
        // Many plain steps more lead nowhere else.
        let further = (0..2000).fold(reached.model.clone(), |model, _| bags.step(&model, &bags.counts).1);
        assert!((further.share(0) - reached.model.share(0)).abs() < 1e-3);
        let told = |reached: &Reached<Model>| bags.told(&ledger, reached, &[], Vec::new(), &params).unwrap().notes;
        assert!(told(&reached).is_empty());
        let unsettled = Reached { is_settled: false, ..reached };
        assert!(told(&unsettled)[0].contains("did not settle in 3000 steps"));
    }
}
