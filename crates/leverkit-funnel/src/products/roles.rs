//! The roles of products: by which door customers come in, what they repeat, and what they are led to.

use leverkit_core::{Codes, Column, CustomerLines, Ledger, NO_CODE, Params};
use serde::Serialize;

use crate::error::Error;
use crate::products::baskets::{Baskets, products};
use crate::products::params::RoleParams;
use leverkit_stats::at_most;
use leverkit_stats::tails::binomial;

/// The occasion on which a product is bought, and the role of a product that has more of it than others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// In the customer's first order.
    Entry,
    /// Bought by the customer before.
    Repeat,
    /// Not bought before; more expensive than what the customer bought before in its category.
    Upsell,
    /// Not bought before, nor anything in its category.
    CrossSell,
    /// Another product of a known category that is not more expensive; also the role of products that have none of the others.
    Core,
}

/// All roles, in the order of counts.
pub const ROLES: [Role; 5] = [Role::Entry, Role::Repeat, Role::Upsell, Role::CrossSell, Role::Core];

/// Roles of products.
#[derive(Debug, Clone, Serialize)]
pub struct ProductRoles {
    /// What they were told by.
    pub params: RoleParams,
    /// The products, the most bought first.
    pub products: Vec<ProductRole>,
    /// Share of each occasion among all purchases, in the order of [`ROLES`].
    pub overall: [f64; 5],
    #[serde(skip)]
    pub(crate) names: Column,
}

/// A product's role.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ProductRole {
    /// The product's code.
    pub product: u32,
    /// Orders that held it.
    pub count: u64,
    /// The role.
    pub role: Role,
    /// Share of the role's occasion among the product's purchases, over that of all products; 1 for core.
    pub lift: f64,
    /// Money per unit, on average.
    pub price: f64,
    /// Share of each occasion, in the order of [`ROLES`].
    pub shares: [f64; 5],
}

/// Tells the role of each product: the occasion of which it has most compared with all products, if an exact binomial test finds that no
/// accident.
///
/// # Errors
/// [`Error::Parameter`](leverkit_core::Error::Parameter) for a ledger without products or an `alpha` outside (0, 1); [`Error::Core`] for a
/// category that is no dimension.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_funnel::{RoleParams, roles};
/// let lines = batch!("c" => [1, 1, 2, 2], "t" => ["2024-01-01", "2024-02-01", "2024-01-01", "2024-03-01"], "a" => [9.0; 4], "p" => ["trial", "pack", "trial", "pack"])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles { product: Some("p".into()), ..Roles::new("c", "t").amount("a") })?;
/// assert_eq!(roles(&ledger, &RoleParams::default())?.products.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn roles(ledger: &Ledger, params: &RoleParams) -> Result<ProductRoles, Error> {
    params.check()?;
    let codes = products(ledger)?;
    let category = params.category.as_ref().map(|name| ledger.dimension(name)).transpose()?;
    let baskets = Baskets::of(ledger)?;
    let work = Work {
        baskets: &baskets,
        prices: prices(ledger, codes),
        category_of: category.map(|category| categories(codes, category)),
        categories: category.map_or(0, |category| category.dictionary.len()),
    };
    let fresh = || Counts::new(baskets.n_products(), work.categories);
    let counts = ledger.fold_customers(fresh, |counts, lines| work.add(counts, &lines), Counts::merge).occasions;
    let mut totals = [0_u64; 5];
    counts.iter().for_each(|row| totals.iter_mut().zip(row).for_each(|(total, count)| *total += u64::from(*count)));
    let all: u64 = totals.iter().sum();
    let overall = totals.map(|total| total as f64 / all.max(1) as f64);
    let mut rows: Vec<ProductRole> = (0..)
        .zip(&counts)
        .filter(|(_, row)| row.iter().any(|count| *count > 0))
        .map(|(product, row)| role(product, row, &overall, work.prices[product as usize], params.alpha))
        .collect();
    rows.sort_by(|a, b| b.count.cmp(&a.count).then(a.product.cmp(&b.product)));
    Ok(ProductRoles { params: params.clone(), products: rows, overall, names: codes.dictionary.values().clone() })
}

/// Money per unit of each product.
fn prices(ledger: &Ledger, codes: &Codes) -> Vec<f64> {
    let (mut money, mut units) = (vec![0.0; codes.dictionary.len()], vec![0.0; codes.dictionary.len()]);
    for (line, (&product, &amount)) in codes.codes.iter().zip(ledger.amounts()).enumerate() {
        let quantity = ledger.quantities().map_or(1.0, |quantities| quantities[line]);
        if product != NO_CODE && amount >= 0.0 && quantity > 0.0 {
            money[product as usize] += amount;
            units[product as usize] += quantity;
        }
    }
    money.iter().zip(&units).map(|(money, units)| if *units > 0.0 { money / units } else { 0.0 }).collect()
}

/// The category of each product: that of its first line.
fn categories(codes: &Codes, category: &Codes) -> Vec<u32> {
    let mut of = vec![NO_CODE; codes.dictionary.len()];
    for (&product, &category) in codes.codes.iter().zip(category.codes.iter()) {
        if product != NO_CODE && of[product as usize] == NO_CODE {
            of[product as usize] = category;
        }
    }
    of
}

struct Work<'a> {
    baskets: &'a Baskets,
    prices: Vec<f64>,
    category_of: Option<Vec<u32>>,
    categories: usize,
}

struct Counts {
    occasions: Vec<[u32; 5]>,
    /// The customer, by code + 1, who bought each product last.
    owner: Vec<u32>,
    /// By category: that customer, and the sum and number of prices that they have bought at.
    bought: Vec<(u32, f64, u32)>,
}

impl Counts {
    fn new(products: usize, categories: usize) -> Self {
        Self { occasions: vec![[0; 5]; products], owner: vec![0; products], bought: vec![(0, 0.0, 0); categories] }
    }

    fn merge(mut self, other: Self) -> Self {
        for (row, more) in self.occasions.iter_mut().zip(other.occasions) {
            row.iter_mut().zip(more).for_each(|(count, more)| *count += more);
        }
        self
    }
}

impl Work<'_> {
    fn add(&self, counts: &mut Counts, lines: &CustomerLines<'_>) {
        let customer = lines.code + 1;
        for place in 0..lines.order_days.len() {
            let order = self.baskets.order(lines.first_order as usize + place);
            for &product in order {
                let role = if place == 0 { Role::Entry } else { self.occasion(counts, customer, product) };
                counts.occasions[product as usize][role as usize] += 1;
            }
            for &product in order {
                counts.owner[product as usize] = customer;
                if let Some(bought) = self.category(product).map(|category| &mut counts.bought[category]) {
                    if bought.0 != customer {
                        *bought = (customer, 0.0, 0);
                    }
                    bought.1 += self.prices[product as usize];
                    bought.2 += 1;
                }
            }
        }
    }

    fn category(&self, product: u32) -> Option<usize> {
        let category = self.category_of.as_ref()?[product as usize];
        (category != NO_CODE).then_some(category as usize)
    }

    fn occasion(&self, counts: &Counts, customer: u32, product: u32) -> Role {
        if counts.owner[product as usize] == customer {
            return Role::Repeat;
        }
        let Some(category) = self.category(product) else { return Role::Core };
        let (owner, sum, n) = counts.bought[category];
        if owner != customer {
            Role::CrossSell
        } else if !at_most(self.prices[product as usize], sum / f64::from(n)) {
            Role::Upsell
        } else {
            Role::Core
        }
    }
}

fn role(product: u32, counts: &[u32; 5], overall: &[f64; 5], price: f64, alpha: f64) -> ProductRole {
    let count: u64 = counts.iter().map(|count| u64::from(*count)).sum();
    let shares = counts.map(|occasion| f64::from(occasion) / count as f64);
    let mut best = (Role::Core, 1.0);
    for place in 0..ROLES.len() - 1 {
        let lift = shares[place] / overall[place];
        let chance = || binomial(u64::from(counts[place]), count, overall[place]);
        if !at_most(lift, best.1) && at_most(chance(), alpha) {
            best = (ROLES[place], lift);
        }
    }
    ProductRole { product, count, role: best.0, lift: best.1, price, shares }
}
