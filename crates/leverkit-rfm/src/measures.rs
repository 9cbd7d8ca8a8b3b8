//! Recency, frequency and monetary value of every customer, with what else describes them.

use leverkit_core::polars::prelude::Series;
use leverkit_core::{CustomerLines, Day, Ledger, NO_CODE};

use crate::Error;

/// The measures of one customer up to `as_of`.
#[derive(Debug, Clone, Copy)]
struct One {
    days: Option<(Day, Day)>,
    orders: u32,
    total: f64,
    lines: u32,
    products: u32,
}

/// Measures of the customers who had a line up to `as_of`, in customer order; one vector each.
#[derive(Debug, Clone)]
pub struct Measures {
    /// The day from which they look back.
    pub as_of: Day,
    /// The customers' ids.
    pub customers: Series,
    /// The days of the first and last order; `None` for customers with returns alone.
    pub order_days: Vec<Option<(Day, Day)>>,
    /// Number of orders.
    pub orders: Vec<u32>,
    /// Money of all lines, net of returns.
    pub totals: Vec<f64>,
    /// Number of lines.
    pub lines: Vec<u32>,
    /// Number of distinct products, where the ledger knows products.
    pub products: Option<Vec<u32>>,
    /// Customers whose first line is after `as_of`.
    pub later_customers: usize,
}

/// Takes the measures from a ledger; lines after `as_of` are left out.
///
/// # Errors
/// [`Error::NothingToScore`] where no customer has an order up to `as_of`.
///
/// ```
/// use leverkit_core::{Ledger, Roles, polars::prelude::*};
/// let lines = df!("c" => [1, 1, 2], "t" => ["2024-01-01", "2024-01-05", "2024-01-02"], "a" => [1.0, 2.0, 3.0])?;
/// let ledger = Ledger::from_frame(&lines, &Roles::new("c", "t").amount("a"))?;
/// let measures = leverkit_rfm::measure(&ledger, ledger.as_of())?;
/// assert_eq!((measures.recency(0), measures.orders[0], measures.totals[0]), (Some(1), 2, 3.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn measure(ledger: &Ledger, as_of: Day) -> Result<Measures, Error> {
    let products = ledger.products().map(|products| products.codes.as_slice());
    let all = ledger.par_customers(Vec::new, |scratch, lines| one(&lines, as_of, products, scratch));
    let seen = all.iter().filter(|one| one.lines > 0).count();
    if !all.iter().any(|one| one.orders > 0) {
        return Err(Error::NothingToScore {
            customers: ledger.n_customers(),
            as_of: leverkit_core::format_day(as_of),
            hint: "choose a later as_of, or returns=\"keep\" if negative amounts are purchases".into(),
        });
    }
    let mut measures = Measures {
        as_of,
        customers: seen_ids(ledger, &all, seen)?,
        order_days: Vec::with_capacity(seen),
        orders: Vec::with_capacity(seen),
        totals: Vec::with_capacity(seen),
        lines: Vec::with_capacity(seen),
        products: products.map(|_| Vec::with_capacity(seen)),
        later_customers: all.len() - seen,
    };
    all.iter().filter(|one| one.lines > 0).for_each(|one| measures.push(one));
    Ok(measures)
}

fn one(lines: &CustomerLines<'_>, as_of: Day, products: Option<&[u32]>, scratch: &mut Vec<u32>) -> One {
    let n_lines = up_to(lines.days, as_of);
    let orders = up_to(lines.order_days, as_of);
    One {
        days: lines.order_days[..orders].first().copied().zip(lines.order_days[..orders].last().copied()),
        orders: orders as u32,
        total: lines.amounts[..n_lines].iter().sum(),
        lines: n_lines as u32,
        products: products
            .map_or(0, |products| distinct(&products[lines.first_line..lines.first_line + n_lines], scratch)),
    }
}

/// How many of the ascending days are at most `as_of`; mostly all of them.
fn up_to(days: &[Day], as_of: Day) -> usize {
    if days.last().is_some_and(|&last| last <= as_of) { days.len() } else { days.partition_point(|&day| day <= as_of) }
}

fn distinct(products: &[u32], scratch: &mut Vec<u32>) -> u32 {
    scratch.clear();
    scratch.extend(products.iter().filter(|&&product| product != NO_CODE));
    scratch.sort_unstable();
    scratch.dedup();
    scratch.len() as u32
}

fn seen_ids(ledger: &Ledger, all: &[One], seen: usize) -> Result<Series, Error> {
    let ids = ledger.customers().values();
    if seen == all.len() {
        return Ok(ids.clone());
    }
    let mask = all.iter().map(|one| one.lines > 0).collect();
    Ok(ids.filter(&mask)?)
}

impl Measures {
    fn push(&mut self, one: &One) {
        self.order_days.push(one.days);
        self.orders.push(one.orders);
        self.totals.push(one.total);
        self.lines.push(one.lines);
        if let Some(products) = &mut self.products {
            products.push(one.products);
        }
    }

    /// How many customers there are.
    pub fn len(&self) -> usize {
        self.orders.len()
    }

    /// Whether there is no customer.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
    }

    /// Days since the last order; `None` for customers with returns alone.
    pub fn recency(&self, customer: usize) -> Option<i32> {
        self.order_days[customer].map(|(_, last)| self.as_of - last)
    }

    /// Days since the first order; `None` for customers with returns alone.
    pub fn tenure(&self, customer: usize) -> Option<i32> {
        self.order_days[customer].map(|(first, _)| self.as_of - first)
    }

    /// Money an order; `None` without orders.
    pub fn average_check(&self, customer: usize) -> Option<f64> {
        (self.orders[customer] > 0).then(|| self.totals[customer] / f64::from(self.orders[customer]))
    }

    /// Appends the measures of further customers, from another partition of the ledger.
    ///
    /// # Errors
    /// [`Error::Parameter`] where the two look back from different days.
    pub fn merge(mut self, other: Self) -> Result<Self, Error> {
        if self.as_of != other.as_of {
            return Err(Error::parameter(
                "as_of",
                other.as_of.to_string(),
                format!("{} as in the first part", self.as_of),
            ));
        }
        self.customers.append(&other.customers)?;
        self.order_days.extend(other.order_days);
        self.orders.extend(other.orders);
        self.totals.extend(other.totals);
        self.lines.extend(other.lines);
        self.products = self.products.zip(other.products).map(|(mut products, more)| {
            products.extend(more);
            products
        });
        self.later_customers += other.later_customers;
        Ok(self)
    }
}
