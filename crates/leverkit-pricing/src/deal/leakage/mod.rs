//! Leakage: who gives more than the others do in comparable deals, and which deals are far from what is normal for their size.

mod clustered;
mod comparison;
mod excess;
mod table;

use leverkit_core::stats::budget::Watched;
use leverkit_core::{LeftOut, Params, bucketed};
use leverkit_stats::regression::Levels;
use leverkit_stats::{Estimate, Interval, benjamini_hochberg, median};
use rayon::prelude::*;
use serde::Serialize;

use self::comparison::{Known, among};
use self::excess::Compared;
use super::deals::{Deals, Size, size_of};
use super::lines::{Line, usable};
use super::norm::DiscountNorm;
use super::params::LeakageParams;
use crate::Error;

/// What deals of one value of a column gave away.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leak {
    /// The column; `None` for all deals together.
    pub dimension: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// Deals.
    pub deals: u64,
    /// Money at list price.
    pub list: f64,
    /// Money off the list price.
    pub discount: f64,
    /// Money beyond what comparable deals of all values of the column give, below zero where it is less; these add up to zero. `None` where there are no
    /// comparable deals of others.
    pub excess: Option<f64>,
    /// The same with its limits and test; `None` where too few customers or products are behind it.
    pub estimate: Option<Estimate>,
    /// The excess as far as chance does not explain it.
    pub shrunk: Option<f64>,
    /// Money that a value which leaks gives beyond those which don't; `None` where it does not leak.
    pub closable: Option<Interval>,
    /// Deals with an unusually deep discount for their size.
    pub outliers: u64,
    /// Of no excess, over all values of all columns (Benjamini & Hochberg 1995).
    pub q_value: f64,
    /// Why there is no excess, or no estimate of it.
    pub reason: Option<String>,
}

/// What the values of a column that leak give away together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeakTotal {
    /// The column.
    pub dimension: String,
    /// How many values it has.
    pub values: u64,
    /// How many of them leak: an excess above zero with a q-value of at most 0.05.
    pub leaking: u64,
    /// Deals of those.
    pub deals: u64,
    /// Their money at list price.
    pub list: f64,
    /// Their money off the list price.
    pub discount: f64,
    /// Money that they give beyond the values that don't leak.
    pub closable: Interval,
    /// The standard deviation of values beyond chance, a share of list price.
    pub between: f64,
    /// What deals are compared within: size, product, month.
    pub within: Vec<&'static str>,
    /// Which deals are taken as drawn together.
    pub clusters: Vec<&'static str>,
}

/// A deal far from the norm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Outlier {
    /// Its row, from 0.
    pub row: u32,
    /// Its size.
    pub size: f64,
    /// Its discount, share of list price.
    pub discount: f64,
    /// The normal discount of its size.
    pub norm: f64,
    /// Money beyond the norm.
    pub money: f64,
    /// Robust standard deviations from the norm.
    pub z: f64,
}

/// Discounts against those of comparable deals.
#[derive(Debug, Clone)]
pub struct Leakage {
    /// What it was made with.
    pub params: LeakageParams,
    /// What made deals large.
    pub size: Size,
    /// The norm that outliers are far from.
    pub norm: DiscountNorm,
    /// All deals, then each value of each column.
    pub leaks: Vec<Leak>,
    /// Each column.
    pub totals: Vec<LeakTotal>,
    /// Deals far from the norm, the most money first.
    pub outliers: Vec<Outlier>,
    /// Some deals, evenly drawn, for a picture: size and discount.
    pub sample: Vec<(f64, f64)>,
    /// What could not be compared.
    pub notes: Vec<String>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Deals of a picture.
const SAMPLE: usize = 2000;
/// Values with a greater q-value do not leak: of those that do, one in twenty is expected to be chance.
const FALSE_LEAKS: f64 = 0.05;

/// Says who gives more than the others do in comparable deals, and which deals are far from what is normal for their size.
///
/// The discount of a deal, a share of its list price, is what its value of a column gives, plus what its size, product and month give, by least squares
/// weighted with money at list price. A value's excess is its effect less the mean of all; it is spread as customers and products are, not as deals. Values are
/// drawn to the mean by empirical Bayes; those with an excess above zero and a q-value of at most 0.05 leak.
///
/// The norm of a size is the quantile of the discount that never falls with it (isotonic quantile regression). Outliers are by the modified z-score
/// of Iglewicz & Hoaglin (1993): 0.6745 · (residual − median) / median absolute deviation.
///
/// # Errors
/// [`Error::Parameter`] for a share outside 0 to 1 or a limit of outliers not above 0; [`Error::Empty`] where no row can be used; [`Error::NotConverged`]
/// where values and products hardly overlap.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_pricing::{DealRoles, Deals, LeakageParams, leakage};
/// // Of three reps one gives five points more; 300 customers have discounts of their own.
/// let rows = 0..3000_i32;
/// let off = |row: i32| f64::from(row % 300 * 7 % 11) / 100.0 + if row % 3 == 0 { 0.05 } else { 0.0 };
/// let lines = batch!(
///     "list" => vec![10.0; 3000],
///     "paid" => rows.clone().map(|row| 10.0 * (1.0 - off(row))).collect::<Vec<_>>(),
///     "rep" => rows.clone().map(|row| ["ann", "bob", "eve"][row as usize % 3]).collect::<Vec<_>>(),
///     "client" => rows.map(|row| row % 300).collect::<Vec<_>>(),
/// )?;
/// let deals = Deals::from_table(&lines.into(), &DealRoles::new("list").pocket_price("paid").customer("client"))?;
/// let found = leakage(&deals, &LeakageParams { by: vec!["rep".into()], ..LeakageParams::default() })?;
/// let ann = &found.leaks[1];
/// assert_eq!(ann.value.as_deref(), Some("ann"));
/// let limits = ann.closable.expect("she leaks");
/// assert!(limits.lower < 500.0 && 500.0 < limits.upper);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn leakage(deals: &Deals, params: &LeakageParams) -> Result<Leakage, Error> {
    params.check()?;
    let size = size_of(deals, "size", params.size)?;
    let (lines, left_out) = usable("leakage", deals, |block, row| 1.0 - block.price(row))?;
    let large = |line: &Line| if size == Size::Quantity { line.weight } else { line.list };
    let norm = DiscountNorm::fit(lines.iter().map(|line| (large(line), line.value)).collect(), params.quantile);
    let normal: Vec<f64> = lines.par_iter().map(|line| norm.at(large(line))).collect();
    let scores =
        robust_scores(&lines.iter().zip(&normal).map(|(line, normal)| line.value - normal).collect::<Vec<_>>());
    let mut leaks = vec![tally(lines.iter().zip(&scores), params)];
    let sizes: Vec<u32> = lines.par_iter().map(|line| norm.bin(large(line))).collect();
    let (more, totals, notes) = compared(deals, &lines, &sizes, &scores, params)?;
    leaks.extend(more);
    let mut outliers: Vec<Outlier> = lines
        .iter()
        .zip(normal.iter().zip(&scores))
        .filter(|(_, (_, z))| z.abs() > params.outlier)
        .map(|(line, (&norm, &z))| Outlier {
            row: line.row,
            size: large(line),
            discount: line.value,
            norm,
            money: (line.value - norm) * line.list,
            z,
        })
        .collect();
    outliers.sort_by(|a, b| b.money.total_cmp(&a.money).then(a.row.cmp(&b.row)));
    let step = lines.len().div_ceil(SAMPLE);
    let sample = lines.iter().step_by(step).map(|line| (large(line), line.value)).collect();
    Ok(Leakage { params: params.clone(), size, norm, leaks, totals, outliers, sample, notes, left_out })
}

/// Modified z-scores; where more than half of the residuals are equal, by the mean absolute deviation.
fn robust_scores(residuals: &[f64]) -> Vec<f64> {
    let centre = median(&mut residuals.to_vec()).unwrap_or_default();
    let mut away: Vec<f64> = residuals.iter().map(|residual| (residual - centre).abs()).collect();
    let mean = away.iter().sum::<f64>() / away.len() as f64;
    // 1.4826 and 1.2533 make both the standard deviation of a normal distribution.
    let spread = match median(&mut away) {
        Some(mad) if mad > 1e-12 => 1.482_602_218_505_602 * mad,
        _ => 1.253_314_137_315_5 * mean,
    };
    let score = |residual: &f64| if spread > 1e-12 { (residual - centre) / spread } else { 0.0 };
    residuals.iter().map(score).collect()
}

/// The values of all columns, the columns, and notes on what could not be compared.
type Comparisons = (Vec<Leak>, Vec<LeakTotal>, Vec<String>);

fn compared(
    deals: &Deals,
    lines: &[Line],
    sizes: &[u32],
    scores: &[f64],
    params: &LeakageParams,
) -> Result<Comparisons, Error> {
    if params.by.is_empty() {
        return Ok(Default::default());
    }
    let rows: Vec<u32> = lines.iter().map(|line| line.row).collect();
    let known = Known::of(deals, &rows, sizes)?;
    let mut notes = known.notes();
    let columns: Vec<Values> = params
        .by
        .iter()
        .map(|column| Values::of(deals, column, (lines, &rows), scores, (&known, params), &mut notes))
        .collect::<Result<_, Error>>()?;
    // Whoever looks at several columns finds something in one of them by chance: all are one family of tests.
    let p_values: Vec<f64> = columns.iter().flat_map(Values::p_values).collect();
    let mut q_values = benjamini_hochberg(&p_values).into_iter();
    let closed = columns.into_iter().map(|column| column.closed(&mut q_values));
    let (leaks, totals): (Vec<Vec<Leak>>, Vec<LeakTotal>) = closed.unzip();
    Ok((leaks.concat(), totals, notes))
}

/// The values of a column with what they gave away.
struct Values {
    column: String,
    leaks: Vec<Leak>,
    compared: Compared,
}

impl Values {
    fn of(
        deals: &Deals,
        column: &str,
        (lines, rows): (&[Line], &[u32]),
        scores: &[f64],
        (known, params): (&Known, &LeakageParams),
        notes: &mut Vec<String>,
    ) -> Result<Self, Error> {
        let groups = deals.groups(std::slice::from_ref(&column.to_owned()))?;
        let codes = among(groups.codes(), rows);
        let levels = Levels::all(&codes);
        let discounts: Vec<f64> = lines.iter().map(|line| line.value).collect();
        let lists: Vec<f64> = lines.iter().map(|line| line.list).collect();
        let compared = Compared::of(column, levels, (&discounts, &lists), known, params.level, notes)?;
        let every: Vec<u32> = (0..lines.len() as u32).collect();
        let (starts, members) = bucketed(&every, levels.len, |&at| codes[at as usize] as usize);
        let names = groups.keys()[0].texts();
        let leak = |group: usize| {
            let members = &members[starts[group]..starts[group + 1]];
            let value = names[groups.codes()[rows[members[0] as usize] as usize] as usize].clone();
            let own = tally(members.iter().map(|&at| (&lines[at as usize], &scores[at as usize])), params);
            Leak { dimension: Some(column.into()), value, ..own }.with(&compared, group, levels.len)
        };
        Ok(Self {
            column: column.into(),
            leaks: (0..levels.len).into_par_iter().watched().map(leak).collect(),
            compared,
        })
    }

    fn p_values(&self) -> Vec<f64> {
        self.leaks.iter().map(|leak| leak.estimate.map_or(f64::NAN, |estimate| estimate.p_value)).collect()
    }

    /// Takes its q-values and says what can be closed; the most to close first, then the greatest excess.
    fn closed(mut self, q_values: &mut impl Iterator<Item = f64>) -> (Vec<Leak>, LeakTotal) {
        self.leaks.iter_mut().zip(q_values).for_each(|(leak, q_value)| leak.q_value = q_value);
        let closable = self.compared.close(|group| self.leaks[group].q_value <= FALSE_LEAKS);
        for (group, leak) in self.leaks.iter_mut().enumerate() {
            leak.shrunk = closable.shrunk[group].map(|share| share * leak.list);
            leak.closable = closable.money[group];
        }
        let leaking = || self.leaks.iter().filter(|leak| leak.closable.is_some());
        let total = LeakTotal {
            dimension: self.column,
            values: self.leaks.len() as u64,
            leaking: leaking().count() as u64,
            deals: leaking().map(|leak| leak.deals).sum(),
            list: leaking().map(|leak| leak.list).sum(),
            discount: leaking().map(|leak| leak.discount).sum(),
            closable: closable.total,
            between: closable.between,
            within: self.compared.within.clone(),
            clusters: self.compared.clusters().to_vec(),
        };
        let closable = |leak: &Leak| leak.closable.map_or(0.0, |money| money.estimate);
        let excess = |leak: &Leak| leak.excess.unwrap_or(f64::NEG_INFINITY);
        self.leaks.sort_by(|a, b| closable(b).total_cmp(&closable(a)).then(excess(b).total_cmp(&excess(a))));
        (self.leaks, total)
    }
}

impl Leak {
    /// Money that comparable deals of the others would have been given.
    ///
    /// ```
    /// # use leverkit_core::batch;
    /// # use leverkit_pricing::{DealRoles, Deals, LeakageParams, leakage};
    /// # let rows = 0..3000_i32;
    /// # let off = |row: i32| f64::from(row % 300 * 7 % 11) / 100.0 + if row % 3 == 0 { 0.05 } else { 0.0 };
    /// # let lines = batch!(
    /// #     "list" => vec![10.0; 3000],
    /// #     "paid" => rows.clone().map(|row| 10.0 * (1.0 - off(row))).collect::<Vec<_>>(),
    /// #     "rep" => rows.clone().map(|row| ["ann", "bob", "eve"][row as usize % 3]).collect::<Vec<_>>(),
    /// #     "client" => rows.map(|row| row % 300).collect::<Vec<_>>(),
    /// # )?;
    /// # let deals = Deals::from_table(&lines.into(), &DealRoles::new("list").pocket_price("paid").customer("client"))?;
    /// let found = leakage(&deals, &LeakageParams { by: vec!["rep".into()], ..LeakageParams::default() })?;
    /// let ann = &found.leaks[1];
    /// assert_eq!(ann.expected(), ann.excess.map(|excess| ann.discount - excess));
    /// // What is normal for a deal's size.
    /// assert!(found.norm.at(10.0) > 0.0);
    /// # Ok::<(), leverkit_pricing::Error>(())
    /// ```
    pub fn expected(&self) -> Option<f64> {
        self.excess.map(|excess| self.discount - excess)
    }

    fn with(self, compared: &Compared, group: usize, groups: usize) -> Self {
        let excess = compared.excess(group).map(|share| share * self.list);
        let estimate = compared.estimate(group);
        let reason = match (excess, estimate) {
            (None, _) if groups == 1 => Some("there is no other value to compare with"),
            (None, _) => Some("no other value has comparable deals: they differ in size, product or month"),
            (Some(_), None) => Some("too few customers, orders or products are behind it to tell it from chance"),
            _ => None,
        };
        Self { excess, estimate, reason: reason.map(Into::into), ..self }
    }
}

/// Adds up deals.
fn tally<'a>(rows: impl Iterator<Item = (&'a Line, &'a f64)>, params: &LeakageParams) -> Leak {
    let mut sum = Leak {
        dimension: None,
        value: None,
        deals: 0,
        list: 0.0,
        discount: 0.0,
        excess: None,
        estimate: None,
        shrunk: None,
        closable: None,
        outliers: 0,
        q_value: f64::NAN,
        reason: None,
    };
    for (line, z) in rows {
        sum.deals += 1;
        sum.list += line.list;
        sum.discount += line.value * line.list;
        sum.outliers += u64::from(*z > params.outlier);
    }
    sum
}
