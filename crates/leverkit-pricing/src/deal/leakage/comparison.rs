//! What makes deals comparable, and which of them are drawn together: sizes, products and months; customers, orders, and products within months.

use std::sync::{Arc, OnceLock};

use leverkit_core::columns::{days, missing};
use leverkit_core::{Column, Groups, Period, bucketed};
use leverkit_stats::regression::{Levels, compact, pairs};

use super::super::deals::Deals;
use crate::Error;

/// The levels of deals in everything that is known of them besides their price.
pub(super) struct Known {
    size: Vec<u32>,
    product: Option<Vec<u32>>,
    month: Option<Vec<u32>>,
    customer: Option<Arc<Way>>,
    order: Option<Arc<Way>>,
    /// Of a product in a month, or of a product.
    shared: Option<(&'static str, Arc<Way>)>,
}

impl Known {
    /// Of these rows of the deals; `size` is given.
    pub(super) fn of(deals: &Deals, rows: &[u32], size: &[u32]) -> Result<Self, Error> {
        let setting = deals.setting();
        let of = |column: &Option<Column>, read: fn(&Column) -> Result<Vec<u32>, Error>| {
            column.as_ref().map(|column| Ok::<_, Error>(among(&read(column)?, rows))).transpose()
        };
        let (product, month) = (of(&setting.product, values)?, of(&setting.time, months)?);
        let shared = product.as_ref().map(|product| match &month {
            Some(month) => ("product and month", Way::of(pairs(product, month))),
            None => ("product", Way::of(product.clone())),
        });
        Ok(Self {
            size: among(size, &(0..rows.len() as u32).collect::<Vec<_>>()),
            product,
            month,
            customer: of(&setting.customer, ids)?.map(Way::of),
            order: of(&setting.order, ids)?.map(Way::of),
            shared,
        })
    }

    /// What cannot be compared because it is not known.
    pub(super) fn notes(&self) -> Vec<String> {
        let missing = [
            (
                &self.product,
                "No product is known, so deals of different products are compared; name its column with product.",
            ),
            (&self.month, "No time is known, so deals of different months are compared; name its column with time."),
        ];
        missing.iter().filter(|(codes, _)| codes.is_none()).map(|(_, note)| (*note).into()).collect()
    }

    /// What the values of a column are compared within; notes say what is left out.
    pub(super) fn controls(&self, column: &str, groups: Levels<'_>, notes: &mut Vec<String>) -> Vec<Control<'_>> {
        let all = [
            ("size", "sizes", Some(&self.size)),
            ("product", "products", self.product.as_ref()),
            ("month", "months", self.month.as_ref()),
        ];
        let mut controls = Vec::new();
        for (name, plural, codes) in all {
            let Some(levels) = codes.map(|codes| Levels::all(codes)).filter(|levels| levels.len > 1) else { continue };
            if levels.is_nested_in(&groups) || groups.is_nested_in(&levels) {
                notes.push(format!("By {column}: its values and {plural} cannot be told apart, so deals of different {plural} are compared."));
            } else if 2 * levels.len > levels.codes.len() {
                notes.push(format!(
                    "By {column}: most {plural} have one deal alone, so deals of different {plural} are compared."
                ));
            } else {
                controls.push(Control { name, levels });
            }
        }
        controls
    }

    /// Deals of which kinds are drawn together: of a customer, or of an order where each value of the column is one customer's; and of a product in a month.
    pub(super) fn clusters(&self, groups: Levels<'_>) -> Clusters {
        let apart = |way: &Arc<Way>| !groups.is_nested_in(&Levels::all(&way.codes));
        let own = [("customer", &self.customer), ("order", &self.order)];
        let own = own.into_iter().find_map(|(name, way)| Some((name, way.clone().filter(|way| apart(way))?)));
        let (name, own) = own.unwrap_or_else(|| ("deal", Way::of((0..groups.codes.len() as u32).collect())));
        let shared = self.shared.clone().filter(|(_, way)| apart(way));
        let is_own = shared.as_ref().is_some_and(|(_, way)| Levels::all(&way.codes).is_nested_in(&groups));
        Clusters {
            names: [name].into_iter().chain(shared.as_ref().map(|(name, _)| *name)).collect(),
            own,
            shared: shared.map(|(_, way)| way),
            is_own,
        }
    }
}

/// What deals are compared within.
pub(super) struct Control<'a> {
    pub(super) name: &'static str,
    pub(super) levels: Levels<'a>,
}

/// Deals that are drawn together, in one or two ways.
pub(super) struct Clusters {
    pub(super) names: Vec<&'static str>,
    pub(super) own: Arc<Way>,
    pub(super) shared: Option<Arc<Way>>,
    /// Whether the deals of a cluster of the second way are all of one value.
    pub(super) is_own: bool,
}

/// A way in which deals are drawn together, the same for all columns: the cluster of each.
pub(super) struct Way {
    pub(super) codes: Vec<u32>,
    buckets: OnceLock<Buckets>,
}

impl Way {
    fn of(codes: Vec<u32>) -> Arc<Self> {
        Arc::new(Self { codes, buckets: OnceLock::new() })
    }

    /// Deals by cluster.
    pub(super) fn buckets(&self) -> &Buckets {
        self.buckets.get_or_init(|| {
            let clusters = self.codes.iter().max().map_or(0, |max| *max as usize + 1);
            let every: Vec<u32> = (0..self.codes.len() as u32).collect();
            let (starts, deals) = bucketed(&every, clusters, |&at| self.codes[at as usize] as usize);
            Buckets { starts, deals }
        })
    }
}

/// Deals of a cluster side by side, in their order.
pub(super) struct Buckets {
    pub(super) starts: Vec<usize>,
    pub(super) deals: Vec<u32>,
}

/// The codes of some rows, without gaps.
pub(super) fn among(codes: &[u32], rows: &[u32]) -> Vec<u32> {
    compact(&Levels::all(codes), rows)
}

fn values(column: &Column) -> Result<Vec<u32>, Error> {
    Ok(Groups::of(column.len(), std::slice::from_ref(column))?.into_codes())
}

/// Codes of ids; a row without one stands for itself.
fn ids(column: &Column) -> Result<Vec<u32>, Error> {
    let mut codes = values(column)?;
    if let Some(missing) = missing(column) {
        let next = codes.iter().max().map_or(0, |max| max + 1);
        let unknown = (0..).zip(&mut codes).zip(missing).filter(|(_, missing)| *missing);
        unknown.for_each(|((row, code), _)| *code = next + row);
    }
    Ok(codes)
}

/// Codes of months; rows whose time is not known have one of their own.
fn months(column: &Column) -> Result<Vec<u32>, Error> {
    let months: Vec<Option<i32>> =
        days(column, "time")?.into_iter().map(|day| Some(Period::Month.index(day?))).collect();
    let first = months.iter().flatten().min().copied().unwrap_or_default();
    Ok(months.into_iter().map(|month| month.map_or(0, |month| (month - first) as u32 + 1)).collect())
}
