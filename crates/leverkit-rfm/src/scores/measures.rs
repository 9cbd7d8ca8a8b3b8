//! Recency, frequency and monetary value of every customer, with what else describes them.

use leverkit_core::{Column, CustomerLines, DAYS_PER_YEAR, Day, Ledger, NO_CODE};
use serde::{Deserialize, Serialize};

use crate::Error;

/// A measure of RFM.
///
/// ```
/// use leverkit_rfm::Measure;
/// assert_eq!(Measure::ALL.map(Measure::name), ["recency", "frequency", "monetary"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Days since the last order; less is better.
    Recency,
    /// Number of orders; more is better.
    Frequency,
    /// Money; more is better.
    Monetary,
}

impl Measure {
    /// The three measures in the order of their letters.
    pub const ALL: [Self; 3] = [Self::Recency, Self::Frequency, Self::Monetary];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recency => "recency",
            Self::Frequency => "frequency",
            Self::Monetary => "monetary",
        }
    }

    /// Whether a lower value earns a higher score.
    pub(crate) fn is_better_low(self) -> bool {
        self == Self::Recency
    }
}

/// One customer up to a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CustomerMeasures {
    /// The days of the first and last order; meaningless without orders.
    order_days: (Day, Day),
    /// Number of orders.
    pub orders: u32,
    /// Number of lines.
    pub lines: u32,
    /// Number of distinct products; 0 where the ledger knows none.
    pub products: u32,
    /// Money of all lines, net of returns.
    pub total: f64,
}

impl CustomerMeasures {
    fn of(lines: &CustomerLines<'_>, as_of: Day, products: Option<&[u32]>, scratch: &mut Vec<u32>) -> Self {
        let n_lines = up_to(lines.days, as_of);
        let order_days = &lines.order_days[..up_to(lines.order_days, as_of)];
        let products = products.map(|products| &products[lines.first_line..lines.first_line + n_lines]);
        Self {
            order_days: order_days.first().copied().zip(order_days.last().copied()).unwrap_or_default(),
            orders: order_days.len() as u32,
            lines: n_lines as u32,
            products: products.map_or(0, |products| distinct(products, scratch)),
            total: lines.amounts[..n_lines].iter().sum(),
        }
    }

    /// The days of the first and the last order; `None` for customers with returns alone.
    pub fn order_days(&self) -> Option<(Day, Day)> {
        (self.orders > 0).then_some(self.order_days)
    }

    /// Money an order; `None` without orders.
    pub fn average_check(&self) -> Option<f64> {
        (self.orders > 0).then(|| self.total / f64::from(self.orders))
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

/// Measures of the customers who had a line up to `as_of`, in customer order.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_rfm::measure;
/// let lines = batch!("c" => ["ann", "ann", "bob"], "t" => ["2024-01-01", "2024-12-31", "2024-06-30"], "a" => [10.0, 20.0, -5.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let measures = measure(&ledger, ledger.as_of())?;
/// assert_eq!((measures.recency(0), measures.tenure(0), measures.orders_per_year(0)), (Some(1), Some(366), Some(2.0 * 365.25 / 366.0)));
/// assert_eq!((measures.each[0].average_check(), measures.each[0].order_days().map(|(first, _)| first)), (Some(15.0), ledger.start()));
/// // Bob has a return alone.
/// assert_eq!((measures.recency(1), measures.each[1].average_check()), (None, None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Measures {
    /// The day from which they look back.
    pub as_of: Day,
    /// The customers' ids.
    pub customers: Column,
    /// The measures of each.
    pub each: Vec<CustomerMeasures>,
    /// Whether the ledger knows products.
    pub knows_products: bool,
    /// Customers whose first line is after `as_of`.
    pub later_customers: usize,
}

/// Takes the measures from a ledger; lines after `as_of` are left out.
///
/// # Errors
/// [`Error::NothingToScore`] where no customer has an order up to `as_of`.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// let lines = batch!("c" => [1, 1, 2], "t" => ["2024-01-01", "2024-01-05", "2024-01-02"], "a" => [1.0, 2.0, 3.0])?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
/// let measures = leverkit_rfm::measure(&ledger, ledger.as_of())?;
/// assert_eq!((measures.recency(0), measures.each[0].orders, measures.each[0].total), (Some(1), 2, 3.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn measure(ledger: &Ledger, as_of: Day) -> Result<Measures, Error> {
    let products = ledger.products().map(|products| products.codes.as_slice());
    let mut each =
        ledger.par_customers(Vec::new, |scratch, lines| CustomerMeasures::of(&lines, as_of, products, scratch));
    if !each.iter().any(|customer| customer.orders > 0) {
        return Err(Error::NothingToScore {
            customers: ledger.n_customers(),
            as_of: leverkit_core::format_day(as_of),
            hint: "choose a later as_of, or returns=\"keep\" if negative amounts are purchases".into(),
        });
    }
    let mut customers = ledger.customers().values().clone();
    let seen = each.iter().filter(|customer| customer.lines > 0).count();
    if seen < each.len() {
        let codes = 0..each.len() as u32;
        let is_seen = |&code: &u32| each[code as usize].lines > 0;
        customers = customers.take(&codes.filter(is_seen).collect::<Vec<_>>())?;
        each.retain(|customer| customer.lines > 0);
    }
    let later_customers = ledger.n_customers() - seen;
    Ok(Measures { as_of, customers, each, knows_products: products.is_some(), later_customers })
}

impl Measures {
    /// Days since the last order; `None` for customers with returns alone.
    pub fn recency(&self, customer: usize) -> Option<i32> {
        self.each[customer].order_days().map(|(_, last)| self.as_of - last)
    }

    /// Days since the first order; `None` for customers with returns alone.
    pub fn tenure(&self, customer: usize) -> Option<i32> {
        self.each[customer].order_days().map(|(first, _)| self.as_of - first)
    }

    /// Orders a year since the first order; a tenure under a year counts as the days it has. `None` for customers with returns alone.
    pub fn orders_per_year(&self, customer: usize) -> Option<f64> {
        let tenure = self.tenure(customer)?.max(1);
        Some(f64::from(self.each[customer].orders) * DAYS_PER_YEAR / f64::from(tenure))
    }

    /// Appends the measures of further customers, from another partition of the ledger.
    ///
    /// # Errors
    /// [`Error::Core`] where the two look back from different days.
    ///
    /// ```
    /// # use leverkit_core::{Ledger, Roles, batch};
    /// # use leverkit_rfm::measure;
    /// let lines = batch!("c" => ["ann", "bob"], "t" => ["2024-01-01", "2024-01-05"], "a" => [10.0, 20.0])?;
    /// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
    /// let parts = ledger.partition(2)?;
    /// let merged = measure(&parts[0], ledger.as_of())?.merge(measure(&parts[1], ledger.as_of())?)?;
    /// assert_eq!(merged.each, measure(&ledger, ledger.as_of())?.each);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn merge(mut self, other: Self) -> Result<Self, Error> {
        if self.as_of != other.as_of {
            return Err(Error::parameter(
                "as_of",
                leverkit_core::format_day(other.as_of),
                format!("{} as in the first part", leverkit_core::format_day(self.as_of)),
            ));
        }
        self.customers.append(&other.customers)?;
        self.each.extend(other.each);
        self.later_customers += other.later_customers;
        Ok(self)
    }
}
