//! Counts of an analysis that are a plain value of its own: they merge by adding, and stay small however many lines there are.

use leverkit_stats::budget;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use xxhash_rust::xxh3::xxh3_64;

use super::envelope::{CUSTOMERS, Sectioned, Sections, damaged, raw};
use super::{lines, unite};
use crate::{Codes, Column, Dictionary, Error, Ledger, Params, Shared, batch};

/// What an analysis counts over some customers, whatever the others are: a plain value, which merges by adding. The analysis of a ledger is
/// [`of`](Self::of) and [`conclude`](Self::conclude) in a row.
///
/// ```
/// use leverkit_core::counts::{Counting, Counts, Question, Reads};
/// use leverkit_core::{Error, Ledger, Params, Roles, batch};
/// use serde::{Deserialize, Serialize};
/// /// Counts the orders.
/// #[derive(Serialize, Deserialize)]
/// struct Orders(usize);
/// struct Nothing;
/// impl Params for Nothing {
///     fn check(&self) -> Result<(), Error> {
///         Ok(())
///     }
/// }
/// impl Counting for Orders {
///     type Params = Nothing;
///     type Found = usize;
///     type Error = Error;
///
///     fn of(ledger: &Ledger, _: &Nothing) -> Result<Self, Error> {
///         Ok(Self(ledger.n_orders()))
///     }
///
///     fn merge(self, other: Self) -> Self {
///         Self(self.0 + other.0)
///     }
///
///     fn conclude(&self, _: &Ledger, _: &Nothing) -> Result<usize, Error> {
///         Ok(self.0)
///     }
/// }
/// let of = |client: &str| {
///     let lines = batch!("c" => [client; 2], "t" => ["2024-01-05", "2024-02-05"], "a" => [20.0, 15.0])?;
///     let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a"))?;
///     Counts::of::<Orders>(&ledger, &Reads::default(), &Nothing, Question::default())
/// };
/// let both = Counts::merge_of::<Orders>(&[of("ann")?, of("bob")?])?;
/// assert_eq!((both.is_own(), both.conclude::<Orders>(&Nothing)?), (true, 4));
/// // Customers who are in two parts are refused; that is not looked for where they are known to be apart.
/// assert!(Counts::merge_of::<Orders>(&[of("ann")?, of("ann")?]).is_err());
/// assert!(Counts::merge_of::<Orders>(&[of("ann")?.known_apart(), of("bob")?.known_apart()]).is_ok());
/// # Ok::<(), Error>(())
/// ```
pub trait Counting: Serialize + DeserializeOwned {
    /// The parameters of the analysis.
    type Params: Params;
    /// Its result.
    type Found;
    /// Its error.
    type Error: From<Error>;

    /// Counts the customers of a ledger, who may be none.
    ///
    /// # Errors
    /// Where parameters or roles are not those that the analysis needs.
    fn of(ledger: &Ledger, params: &Self::Params) -> Result<Self, Self::Error>;

    /// Both counts together, with the same bits in any order.
    #[must_use]
    fn merge(self, other: Self) -> Self;

    /// The result. What is known of all lines together is read off `whole`: the roles, the first day and the last, the day to look back from, names of groups. It
    /// may have no line.
    ///
    /// # Errors
    /// Those of the analysis.
    fn conclude(&self, whole: &Ledger, params: &Self::Params) -> Result<Self::Found, Self::Error>;
}

/// Counts with what is known of the lines beside them.
#[derive(Debug, Clone)]
pub(super) struct Own {
    counts: Box<RawValue>,
    /// The ledger without its lines.
    about: Ledger,
    /// Whether the lines were a slice of what was built of their input.
    is_slice: bool,
    /// Marks of the customers' ids in order, by which one in two parts is found; none where they are known to be apart.
    customers: Option<Vec<i64>>,
}

#[derive(Serialize, Deserialize)]
struct Said {
    counts: Box<RawValue>,
    about: Box<RawValue>,
    knows_customers: bool,
}

impl Own {
    pub(super) fn of<C: Counting>(ledger: &Ledger, params: &C::Params) -> Result<Self, C::Error> {
        let counts = raw(&C::of(ledger, params)?)?;
        Ok(Self {
            counts,
            about: ledger.without_lines(),
            is_slice: unite::is_slice(ledger),
            customers: Some(marks(ledger.customers.values())),
        })
    }

    pub(super) fn about(&self) -> &Ledger {
        &self.about
    }

    pub(super) fn known_apart(self) -> Self {
        Self { customers: None, ..self }
    }

    pub(super) fn counts<C: Counting>(&self) -> Result<C, Error> {
        serde_json::from_str(self.counts.get()).map_err(|error| damaged(&error.to_string()))
    }

    pub(super) fn unite<C: Counting>(parts: &[&Self]) -> Result<Self, Error> {
        let abouts: Vec<(&Ledger, bool)> = parts.iter().map(|part| (&part.about, part.is_slice)).collect();
        let about = unite::unite_abouts(&abouts)?.without_lines();
        let customers = together(parts)?;
        let mut counts: C = parts[0].counts()?;
        for part in &parts[1..] {
            budget::check();
            counts = counts.merge(part.counts()?);
        }
        Ok(Self { counts: raw(&counts)?, about, is_slice: parts.iter().any(|part| part.is_slice), customers })
    }

    pub(super) fn write(&self) -> Result<Sectioned, Error> {
        let (about, mut sections) = lines::write(&self.about, self.is_slice)?;
        let customers = self.customers.clone().unwrap_or_default();
        sections.push((CUSTOMERS.into(), batch!("mark" => Shared::from(customers).to_array())?));
        let knows_customers = self.customers.is_some();
        Ok((raw(&Said { counts: self.counts.clone(), about, knows_customers })?, sections))
    }

    pub(super) fn read(contents: &RawValue, sections: &Sections) -> Result<Self, Error> {
        let said: Said = serde_json::from_str(contents.get()).map_err(|error| damaged(&error.to_string()))?;
        let marks = lines::values::<i64>(sections.table(CUSTOMERS)?, "mark")?;
        let (about, is_slice) = lines::read(&said.about, sections)?;
        Ok(Self {
            counts: said.counts,
            about,
            is_slice,
            customers: said.knows_customers.then(|| marks.as_slice().to_vec()),
        })
    }
}

/// A mark of each id as text, in order. Two of a hundred million ids share one with a chance of 1 to 3,700.
fn marks(ids: &Column) -> Vec<i64> {
    let mut marks: Vec<i64> = ids.texts().iter().flatten().map(|id| xxh3_64(id.as_bytes()).cast_signed()).collect();
    marks.sort_unstable();
    marks
}

/// The marks of all parts' customers; an error where parts share some.
fn together(parts: &[&Own]) -> Result<Option<Vec<i64>>, Error> {
    let Some(marks) = parts.iter().map(|part| part.customers.as_ref()).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let mut all: Vec<i64> = marks.into_iter().flatten().copied().collect();
    all.sort_unstable();
    match all.windows(2).filter(|pair| pair[0] == pair[1]).count() {
        0 => Ok(Some(all)),
        shared => {
            let problem = format!("{} in two parts", crate::counted(shared, "customer is", "customers are"));
            Err(Error::counts(&problem, "split the rows by customer, so that each is whole in one part"))
        }
    }
}

impl Ledger {
    /// What is known beside the lines: the same roles and dictionaries of products and dimensions, the days and what became of the rows. The first customer stays, so
    /// that ids of two types are not taken for other customers.
    fn without_lines(&self) -> Self {
        let none = |column: &Option<crate::Numbers>| column.as_ref().map(|_| Vec::new().into());
        let codes = |codes: &Codes| Codes { codes: Vec::new().into(), dictionary: codes.dictionary.clone() };
        let named = |name: &String, codes: Codes| crate::Named { name: name.clone(), values: codes };
        let discounts = self.discounts.iter();
        let none_of_each = vec![0; self.n_customers().min(1) + 1];
        Self {
            customers: Dictionary::new(self.customers.values().slice(0, 1)),
            offsets: none_of_each.clone().into(),
            days: Vec::new().into(),
            micros: self.micros.as_ref().map(|_| Vec::new().into()),
            amounts: Vec::new().into(),
            orders: Vec::new().into(),
            order_offsets: none_of_each.into(),
            order_days: Vec::new().into(),
            order_ids: None,
            loose_ids: None,
            products: self.products.as_ref().map(codes),
            quantities: none(&self.quantities),
            list_prices: none(&self.list_prices),
            unit_costs: none(&self.unit_costs),
            discounts: discounts
                .map(|named| crate::Named { name: named.name.clone(), values: Vec::new().into() })
                .collect(),
            dimensions: self
                .dimensions
                .iter()
                .map(|dimension| named(&dimension.name, codes(&dimension.values)))
                .collect(),
            deductions: Vec::new().into(),
            ..self.clone()
        }
    }
}
