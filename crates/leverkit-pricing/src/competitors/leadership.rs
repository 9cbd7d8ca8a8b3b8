//! Price leadership: whose price changes the others follow, and how fast.

use faer::prelude::*;
use leverkit_core::columns::{days, find, numbers};
use leverkit_core::design::known_rows;
use leverkit_core::left_out::Tallies;
use leverkit_core::stats::budget::Watched;
use leverkit_core::stats::{benjamini_hochberg, median};
use leverkit_core::{Day, Groups, LeftOut, Params, Reason, Table};
use leverkit_stats::Estimate;
use leverkit_stats::regression::Fit;
use rayon::prelude::*;
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::params::LeadershipParams;
use crate::Error;

/// How one seller reacts to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reaction {
    /// Whose change comes first.
    pub leader: String,
    /// Who reacts.
    pub follower: String,
    /// Changes of price behind the estimate.
    pub n: u64,
    /// Products behind it.
    pub products: u64,
    /// Per cent that the follower moves for each per cent of the leader, over all lags.
    pub response: Option<Estimate>,
    /// The same by lag.
    pub by_lag: Vec<Estimate>,
    /// Mean lag of the reaction, in dates; `None` where reactions of different lags go different ways.
    pub mean_lag: Option<f64>,
    /// Of no reaction at any lag (Granger 1969, by F).
    pub p_value: f64,
    /// The same over all pairs (Benjamini & Hochberg 1995).
    pub q_value: f64,
    /// Why there is no estimate.
    pub reason: Option<String>,
}

/// Who follows whom.
#[derive(Debug, Clone, Serialize)]
pub struct Leadership {
    /// What it was made with.
    pub params: LeadershipParams,
    /// Each ordered pair of sellers, the surest first.
    pub reactions: Vec<Reaction>,
    /// Median days between dates.
    pub days_per_date: f64,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Explains the changes of one seller's prices by earlier changes of another's, beyond its own earlier ones, for each pair of sellers, over all
/// products:
///
/// ```text
/// Δln p_f(t) = a + Σ γ_l Δln p_f(t − l) + Σ β_l Δln p_g(t − l)
/// ```
///
/// Standard errors are clustered by product (CR2 below 40 products), or robust where there are fewer than five. The test that all β are zero is Granger's (1969).
///
/// Earlier does not mean caused: both may follow something that one of them hears first.
///
/// # Errors
/// [`Error::Parameter`] for no lag or more prices than fit in memory; [`Error::NotIdentified`] for fewer than two sellers; [`Error::Core`] for an
/// unknown column.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_pricing::{LeadershipParams, leadership};
/// // `b` goes half of the way that `a` went a week before.
/// let (mut a, mut b, mut before) = (1.0, 1.0, 0.0);
/// let mut rows: (Vec<&str>, Vec<String>, Vec<f64>) = Default::default();
/// for week in 0..28_i32 {
///     let step = f64::from(week * week * 7 % 11) / 100.0;
///     (a, b, before) = (a + step, b + 0.5 * before + f64::from(week * 3 % 4) / 1000.0, step);
///     for (seller, log) in [("a", a), ("b", b)] {
///         rows.0.push(seller);
///         rows.1.push(format!("2024-{:02}-{:02}", 1 + week / 4, 1 + 7 * (week % 4)));
///         rows.2.push(f64::exp(log));
///     }
/// }
/// let prices = batch!("sku" => vec!["x"; 56], "seller" => rows.0, "day" => rows.1, "price" => rows.2)?;
/// let params = LeadershipParams { lags: 1, ..LeadershipParams::new("sku", "seller", "price", "day") };
/// let first = leadership(&prices.into(), &params)?.reactions[0].clone();
/// assert_eq!((first.leader.as_str(), first.follower.as_str()), ("a", "b"));
/// assert!((first.response.unwrap().interval.estimate - 0.5).abs() < 0.05);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn leadership(table: &Table, params: &LeadershipParams) -> Result<Leadership, Error> {
    params.check()?;
    let level = params.level;
    let panel = Panel::read(table, params)?;
    let sellers = panel.sellers.len();
    if sellers < 2 {
        return Err(Error::not_identified("leadership", "one seller; prices of at least two are needed"));
    }
    let pairs: Vec<(usize, usize)> =
        (0..sellers).flat_map(|a| (0..sellers).filter(move |&b| b != a).map(move |b| (a, b))).collect();
    let mut reactions: Vec<Reaction> = pairs
        .par_iter()
        .watched()
        .map(|&(leader, follower)| panel.reaction(leader, follower, params.lags, level))
        .collect();
    let q_values = benjamini_hochberg(&reactions.iter().map(|reaction| reaction.p_value).collect::<Vec<_>>());
    reactions.iter_mut().zip(q_values).for_each(|(reaction, q_value)| reaction.q_value = q_value);
    reactions.sort_by(|a, b| a.p_value.is_nan().cmp(&b.p_value.is_nan()).then(a.p_value.total_cmp(&b.p_value)));
    Ok(Leadership { params: params.clone(), reactions, days_per_date: panel.days_per_date, left_out: panel.left_out })
}

/// Changes of the logarithm of prices: by seller, product and date; NaN where a price is not known.
struct Panel {
    sellers: Vec<String>,
    products: usize,
    dates: usize,
    changes: Vec<f64>,
    days_per_date: f64,
    left_out: Vec<LeftOut>,
}

impl Panel {
    fn read(table: &Table, params: &LeadershipParams) -> Result<Self, Error> {
        let column = |role: &str, name: &str| find(table, role, name);
        let rows = table.rows();
        let prices = numbers(&column("price", &params.price)?, "price")?;
        let times = days(&column("date", &params.date)?, "date")?;
        let keys = [column("seller", &params.seller)?, column("product", &params.product)?];
        let has_keys = known_rows(rows, &keys)?;
        let [sellers, products] = keys.map(|key| Groups::of(rows, &[key]));
        let (sellers, products) = (sellers?, products?);
        let mut known: Vec<Day> = times.iter().flatten().copied().collect();
        known.sort_unstable();
        known.dedup();
        let dates = known.len();
        let cells = checked_cells(sellers.len(), products.len(), dates)?;
        let (mut sums, mut counts) = (vec![0.0; cells], vec![0u32; cells]);
        let mut tallies = Tallies::default();
        for row in 0..rows {
            if !has_keys[row] {
                tallies.note(Reason::UnknownKey, row, f64::NAN);
                continue;
            }
            let Some(day) = times[row].filter(|_| prices[row] > 0.0) else {
                tallies.note(Reason::NoPriceOrDate, row, f64::NAN);
                continue;
            };
            let line = sellers.codes()[row] as usize * products.len() + products.codes()[row] as usize;
            let cell = line * dates + known.partition_point(|known| *known < day);
            sums[cell] += prices[row];
            counts[cell] += 1;
        }
        let logs: Vec<f64> = sums
            .iter()
            .zip(&counts)
            .map(|(sum, &n)| if n == 0 { f64::NAN } else { (sum / f64::from(n)).ln() })
            .collect();
        let change = |cell: usize| if cell.is_multiple_of(dates) { f64::NAN } else { logs[cell] - logs[cell - 1] };
        // The unknown one is the last, and has no price.
        let names = sellers.keys()[0].texts().into_iter().flatten();
        let mut gaps: Vec<f64> = known.windows(2).map(|pair| f64::from(pair[1] - pair[0])).collect();
        Ok(Self {
            sellers: names.collect(),
            products: products.len(),
            dates,
            changes: (0..logs.len()).map(change).collect(),
            days_per_date: median(&mut gaps).unwrap_or(1.0),
            left_out: tallies.left_out(&[Reason::UnknownKey, Reason::NoPriceOrDate]),
        })
    }

    fn of(&self, seller: usize, product: usize) -> &[f64] {
        let start = (seller * self.products + product) * self.dates;
        &self.changes[start..start + self.dates]
    }

    fn reaction(&self, leader: usize, follower: usize, lags: usize, level: f64) -> Reaction {
        let mut columns = vec![Vec::new(); 1 + 2 * lags];
        let (mut y, mut clusters) = (Vec::new(), Vec::new());
        for product in 0..self.products {
            let (theirs, own) = (self.of(leader, product), self.of(follower, product));
            for date in lags..self.dates {
                let row: Vec<f64> =
                    (1..=lags).map(|lag| theirs[date - lag]).chain((1..=lags).map(|lag| own[date - lag])).collect();
                if own[date].is_nan() || row.iter().any(|value| value.is_nan()) {
                    continue;
                }
                y.push(own[date]);
                clusters.push(product as u32);
                columns.iter_mut().zip(row.into_iter().chain([1.0])).for_each(|(column, value)| column.push(value));
            }
        }
        let mut seen = clusters.clone();
        seen.dedup();
        let codes: Vec<u32> =
            clusters.iter().map(|cluster| seen.partition_point(|known| known < cluster) as u32).collect();
        let none = Reaction {
            leader: self.sellers[leader].clone(),
            follower: self.sellers[follower].clone(),
            n: y.len() as u64,
            products: seen.len() as u64,
            response: None,
            by_lag: Vec::new(),
            mean_lag: None,
            p_value: f64::NAN,
            q_value: f64::NAN,
            reason: None,
        };
        if y.len() < 4 * columns.len() {
            let reason = format!("{} changes of price for {} coefficients: too few", y.len(), columns.len());
            return Reaction { reason: Some(reason), ..none };
        }
        match Fit::of(&columns, &y) {
            Ok(fit) if fit.kept.len() == columns.len() => estimated(&fit, &codes, seen.len(), lags, level, none),
            _ => Reaction { reason: Some("prices of one of both hardly change".into()), ..none },
        }
    }
}

/// Sellers × products × dates, each with a price of its own.
fn checked_cells(sellers: usize, products: usize, dates: usize) -> Result<usize, Error> {
    const MOST: usize = 1 << 28;
    let cells = sellers.checked_mul(products).and_then(|lines| lines.checked_mul(dates));
    cells.filter(|&cells| cells <= MOST).ok_or_else(|| {
        let got = format!("{sellers} sellers of {products} products on {dates} dates");
        Error::parameter("prices", got, format!("at most {MOST} combinations; take fewer products, or weekly prices"))
    })
}

/// Fewest products whose errors are clustered.
const FEWEST_CLUSTERS: usize = 5;

fn estimated(fit: &Fit, clusters: &[u32], n_clusters: usize, lags: usize, level: f64, reaction: Reaction) -> Reaction {
    let is_clustered = n_clusters >= FEWEST_CLUSTERS;
    let covariance = if is_clustered { fit.clustered(clusters, n_clusters) } else { fit.robust() };
    let dfs = covariance.dfs();
    let matrix = &covariance.matrix;
    let by_lag: Vec<Estimate> =
        (0..lags).map(|at| Estimate::of(fit.beta[at], matrix[(at, at)].sqrt(), dfs[at], level)).collect();
    let of_total: Vec<f64> = (0..fit.beta.len()).map(|at| f64::from(u8::from(at < lags))).collect();
    let least_df = dfs[..lags].iter().copied().fold(f64::INFINITY, f64::min);
    let total: f64 = fit.beta[..lags].iter().sum();
    let variance: f64 = (0..lags).flat_map(|a| (0..lags).map(move |b| (a, b))).map(|at| matrix[at]).sum();
    let beta = Mat::from_fn(lags, 1, |row, _| fit.beta[row]);
    let inner = Mat::from_fn(lags, lags, |row, column| matrix[(row, column)]);
    let solved = inner.partial_piv_lu().solve(&beta);
    let wald = (0..lags).map(|at| fit.beta[at] * solved[(at, 0)]).sum::<f64>() / lags as f64;
    let same_way = fit.beta[..lags].iter().all(|beta| beta * total >= 0.0)
        || by_lag.iter().filter(|lag| lag.p_value < 0.05).all(|lag| lag.interval.estimate * total > 0.0);
    let mean_lag = fit.beta[..lags].iter().enumerate().map(|(at, beta)| (at + 1) as f64 * beta).sum::<f64>() / total;
    Reaction {
        response: Some(Estimate::of(total, variance.sqrt(), covariance.df(&of_total), level)),
        by_lag,
        mean_lag: (same_way && mean_lag >= 1.0 && mean_lag <= lags as f64).then_some(mean_lag),
        p_value: FisherSnedecor::new(lags as f64, least_df).map_or(f64::NAN, |f| f.sf(wald)),
        ..reaction
    }
}
