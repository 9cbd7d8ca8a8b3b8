//! Clusters of customers by behaviour: k-means over chosen measures, with as many clusters as are found again in other samples. They may be one.

use leverkit_core::stats::{median, sum};
use leverkit_core::{Column, Day, Ledger, Params, counted};
use leverkit_stats::{Partition, PartitionFit, Points, partition, partition_fits};
use rayon::prelude::*;
use serde::Serialize;

use super::measures::{Measures, measure};
use super::params::{ClusterMeasure, ClusterParams};
use crate::Error;

/// Customers by whom the number of clusters is judged, where there are more.
const SAMPLE: usize = 2000;
const STARTS: usize = 10;
/// A cluster is named by measures whose mean is this many standard deviations from that of all.
const DISTINCT: f64 = 0.5;
/// Measures that a name tells of, where these tell clusters apart.
const WORDS: usize = 2;

/// Clusters of customers, and what speaks for their number.
#[derive(Debug, Clone)]
pub struct CustomerClusters {
    /// What they were computed with.
    pub params: ClusterParams,
    /// The day from which measures look back.
    pub as_of: Day,
    /// The clusters, the largest first.
    pub clusters: Vec<ClusterRow>,
    /// The numbers of clusters that were judged.
    pub fits: Vec<PartitionFit>,
    /// Each customer's cluster, by its place in the rows.
    pub of: Vec<u32>,
    /// What was left out, and why clusters are one where they are.
    pub notes: Vec<String>,
    /// The ids of the customers.
    pub(crate) ids: Column,
}

/// A cluster: what its customers have in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClusterRow {
    /// What is distinct about them, such as "recent, frequent".
    pub name: String,
    /// How many customers.
    pub customers: u64,
    /// Of all customers in clusters.
    pub share_customers: f64,
    /// Money of all their lines, net of returns.
    pub revenue: f64,
    /// Of all customers' revenue; `None` where that is not positive.
    pub share_revenue: Option<f64>,
    /// The median of each measure of [`ClusterMeasure::ALL`]; `None` where it is not known.
    pub medians: Vec<Option<f64>>,
    /// How surely it is found again: the mean overlap with the most similar cluster of other samples (Hennig 2007); `None` for one cluster.
    pub stability: Option<f64>,
}

/// Finds clusters of customers.
///
/// Measures are taken as logarithms of their ratio to the median, ln(1 + |x| / median), and in standard deviations, so that money in any unit gives the same
/// clusters. The number of clusters is that which [`partition_fits`] chooses, by at most 2,000 customers drawn from all, unless it is given.
///
/// # Errors
/// [`Error::Core`] for a parameter out of its range, or products without a ledger that knows them; [`Error::NothingToScore`] where no customer has an order.
///
/// ```
/// use leverkit_core::{Ledger, Roles, batch};
/// use leverkit_core::frames::each;
/// use leverkit_rfm::{ClusterParams, clusters};
/// // Half of 80 customers order once and little, half every month and much.
/// let lines: Vec<(i32, i32, f64)> = (0..80)
///     .flat_map(|who| (0..if who % 2 == 0 { 1 } else { 12 }).map(move |n| (who, n * 30 + who % 5, f64::from(10 + who % 2 * 90 + who % 7))))
///     .collect();
/// let day = |line: &(i32, i32, f64)| leverkit_core::Day::from(19_000 + line.1);
/// let batch = batch!("c" => each(&lines, |line| line.0), "t" => each(&lines, day), "a" => each(&lines, |line| line.2))?;
/// let ledger = Ledger::from_batches(&[batch], &Roles::new("c", "t").amount("a"))?;
/// let found = clusters(&ledger, &ClusterParams::default())?;
/// assert_eq!(found.clusters.iter().map(|cluster| cluster.customers).collect::<Vec<_>>(), [40, 40]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn clusters(ledger: &Ledger, params: &ClusterParams) -> Result<CustomerClusters, Error> {
    params.check()?;
    if params.measures.contains(&ClusterMeasure::Products) && ledger.products().is_none() {
        return Err(Error::parameter("measures", "\"products\"", "measures that the ledger knows: it has no products"));
    }
    let measures = measure(ledger, params.as_of.unwrap_or(ledger.as_of()))?;
    let bought: Vec<usize> = (0..measures.each.len()).filter(|&customer| measures.each[customer].orders > 0).collect();
    let mut notes = left_out(&measures, bought.len());
    let (points, used) = standardised(&measures, &bought, params, &mut notes)?;
    let sample = points.take(&drawn(points.len(), params.seed));
    let most = params.most.max(params.number.unwrap_or(1)).min(sample.len());
    let fits = if sample.len() < 2 {
        Vec::new()
    } else {
        partition_fits(&sample, most, params.replicates, params.seed)
            .map_err(|error| Error::format("clusters", &error))?
    };
    let judged = fits.iter().find(|fit| fit.chosen).map_or(1, |fit| fit.k);
    let number = params.number.unwrap_or(judged).min(sample.len());
    notes.extend(of_number(number, judged, params.number.is_some()));
    let small = partition(&sample, number, STARTS, params.seed).map_err(|error| Error::format("clusters", &error))?;
    let whole = small.refined(&points);
    let stability = if whole.centres.len() > 1 {
        let of = Partition { of: whole.nearest(&sample), ..whole.clone() };
        Some(of.overlap(&sample, params.replicates, params.seed).map_err(|error| Error::format("clusters", &error))?)
    } else {
        None
    };
    let codes: Vec<u32> = bought.iter().map(|&customer| customer as u32).collect();
    Ok(CustomerClusters {
        clusters: rows(&measures, &bought, &whole, &used, stability.as_deref()),
        params: params.clone(),
        as_of: measures.as_of,
        fits,
        of: whole.of.iter().map(|&cluster| cluster as u32).collect(),
        notes,
        ids: measures.customers.take(&codes)?,
    })
}

fn left_out(measures: &Measures, bought: usize) -> Vec<String> {
    let without = measures.each.len() - bought;
    let note = || {
        let customers = counted(without, "customer has", "customers have");
        format!("{customers} returns but no order: in no cluster.")
    };
    (without > 0).then(note).into_iter().collect()
}

fn of_number(number: usize, judged: usize, is_given: bool) -> Option<String> {
    if is_given && number != judged {
        return Some(format!(
            "The number of clusters was given: {number}. Judged by their stability there are {judged}."
        ));
    }
    (number == 1).then(|| {
        "By these measures the customers are one group: more clusters are not found again in other samples, or are no closer than chance makes them.".into()
    })
}

/// The points of customers, and the measures that differ between them.
fn standardised(
    measures: &Measures,
    bought: &[usize],
    params: &ClusterParams,
    notes: &mut Vec<String>,
) -> Result<(Points, Vec<ClusterMeasure>), Error> {
    let columns: Vec<(ClusterMeasure, Option<Vec<f64>>)> =
        params.measures.par_iter().map(|&of| (of, scaled(&of.values(measures, bought)))).collect();
    let mut used = Vec::new();
    let mut kept = Vec::new();
    for (of, column) in columns {
        match column {
            Some(column) => {
                used.push(of);
                kept.push(column);
            }
            None => notes.push(format!("{} is the same for all customers: it tells no clusters apart.", of.name())),
        }
    }
    if kept.is_empty() {
        kept.push(vec![0.0; bought.len()]);
    }
    let values = (0..bought.len()).flat_map(|row| kept.iter().map(move |column| column[row])).collect();
    Ok((Points::new(values, kept.len()).map_err(|error| Error::format("clusters", &error))?, used))
}

/// Logarithms of the ratio to the median, in standard deviations; `None` where all values are the same.
fn scaled(values: &[f64]) -> Option<Vec<f64>> {
    let middle = median(&mut values.iter().map(|value| value.abs()).collect::<Vec<_>>()).unwrap_or_default();
    let unit = if middle > 0.0 { middle } else { 1.0 };
    let logs: Vec<f64> = values.iter().map(|value| (value.abs() / unit).ln_1p().copysign(*value)).collect();
    let n = logs.len() as f64;
    let mean = sum(&logs) / n;
    let spread = (sum(&logs.iter().map(|log| (log - mean).powi(2)).collect::<Vec<_>>()) / n).sqrt();
    // What differs by less is the rounding of sums.
    (spread > 1e-9).then(|| logs.iter().map(|log| (log - mean) / spread).collect())
}

/// Places of customers that are drawn without replacement, ascending; all where they are few.
fn drawn(n: usize, seed: u64) -> Vec<usize> {
    if n <= SAMPLE {
        return (0..n).collect();
    }
    let mut keyed: Vec<(u64, usize)> = (0..n).map(|place| (mixed(seed ^ mixed(place as u64)), place)).collect();
    keyed.select_nth_unstable(SAMPLE);
    let mut places: Vec<usize> = keyed[..SAMPLE].iter().map(|(_, place)| *place).collect();
    places.sort_unstable();
    places
}

/// A number mixed up (the finaliser of splitmix64, Steele, Lea & Flood 2014).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn rows(
    measures: &Measures,
    bought: &[usize],
    found: &Partition,
    used: &[ClusterMeasure],
    stability: Option<&[f64]>,
) -> Vec<ClusterRow> {
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); found.centres.len()];
    bought.iter().zip(&found.of).for_each(|(&customer, &cluster)| members[cluster].push(customer));
    let money =
        |members: &[usize]| sum(&members.iter().map(|&customer| measures.each[customer].total).collect::<Vec<_>>());
    let revenues: Vec<f64> = members.iter().map(|members| money(members)).collect();
    let total = sum(&revenues);
    let names = names(&found.centres, used);
    let row = |(cluster, (members, name)): (usize, (&Vec<usize>, String))| ClusterRow {
        name,
        customers: members.len() as u64,
        share_customers: members.len() as f64 / bought.len() as f64,
        revenue: revenues[cluster],
        share_revenue: (total > 0.0).then(|| revenues[cluster] / total),
        medians: ClusterMeasure::ALL.map(|of| of.median(measures, members)).to_vec(),
        stability: stability.map(|stability| stability[cluster]),
    };
    members.iter().zip(names).enumerate().map(row).collect()
}

/// Names by what is distinct: of measures far from the mean of all the farthest two; more where two clusters would have the same name.
fn names(centres: &[Vec<f64>], used: &[ClusterMeasure]) -> Vec<String> {
    let all: Vec<Vec<&str>> = centres.iter().map(|centre| words(centre, used)).collect();
    let short: Vec<String> = all.iter().map(|words| named(words, WORDS)).collect();
    let mut names: Vec<String> = Vec::new();
    for (words, name) in all.iter().zip(&short) {
        let is_alone = short.iter().filter(|other| *other == name).count() == 1;
        let long = if is_alone { name.clone() } else { named(words, words.len()) };
        let before = names.iter().filter(|other| **other == long || other.starts_with(&format!("{long} ("))).count();
        names.push(if before == 0 { long } else { format!("{long} ({})", before + 1) });
    }
    names
}

fn words<'a>(centre: &[f64], used: &[ClusterMeasure]) -> Vec<&'a str> {
    let mut far: Vec<(f64, ClusterMeasure)> = centre.iter().copied().zip(used.iter().copied()).collect();
    far.retain(|(place, _)| place.abs() >= DISTINCT);
    far.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    far.iter().map(|(place, of)| of.word(*place > 0.0)).collect()
}

fn named(words: &[&str], most: usize) -> String {
    if words.is_empty() { "average".into() } else { words[..most.min(words.len())].join(", ") }
}

impl ClusterMeasure {
    /// The measure of each of these customers, who have an order.
    fn values(self, measures: &Measures, customers: &[usize]) -> Vec<f64> {
        customers.iter().map(|&customer| self.value(measures, customer)).collect()
    }

    fn value(self, measures: &Measures, customer: usize) -> f64 {
        let one = &measures.each[customer];
        let days = |days: Option<i32>| days.map_or(0.0, f64::from);
        match self {
            Self::Recency => days(measures.recency(customer)),
            Self::Frequency => f64::from(one.orders),
            Self::Monetary => one.total,
            Self::AverageCheck => one.average_check().unwrap_or_default(),
            Self::OrdersPerYear => measures.orders_per_year(customer).unwrap_or_default(),
            Self::Tenure => days(measures.tenure(customer)),
            Self::Products => f64::from(one.products),
        }
    }

    fn median(self, measures: &Measures, customers: &[usize]) -> Option<f64> {
        let is_known = self != Self::Products || measures.knows_products;
        is_known.then(|| median(&mut self.values(measures, customers))).flatten()
    }

    /// What customers are of whom it is high, or low.
    fn word(self, is_high: bool) -> &'static str {
        let (high, low) = match self {
            Self::Recency => ("long silent", "recent"),
            Self::Frequency => ("frequent", "seldom"),
            Self::Monetary => ("high spend", "low spend"),
            Self::AverageCheck => ("large checks", "small checks"),
            Self::OrdersPerYear => ("fast rhythm", "slow rhythm"),
            Self::Tenure => ("long-standing", "recently joined"),
            Self::Products => ("many products", "few products"),
        };
        if is_high { high } else { low }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_of_the_same_name_are_told_apart() {
        let used = [ClusterMeasure::Recency, ClusterMeasure::Frequency, ClusterMeasure::Tenure];
        let centres = [vec![-1.0, 0.9, 0.0], vec![-1.0, 0.9, 0.7], vec![0.1, 0.0, 0.2], vec![0.2, 0.1, 0.0]];
        assert_eq!(
            names(&centres, &used),
            ["recent, frequent", "recent, frequent, long-standing", "average", "average (2)"]
        );
    }

    #[test]
    fn a_sample_is_drawn_from_all_places_once() {
        let places = drawn(50_000, 3);
        assert!(places.len() == SAMPLE && places.windows(2).all(|pair| pair[0] < pair[1]));
        assert!((places.iter().sum::<usize>() / SAMPLE).abs_diff(25_000) < 1500);
    }
}
