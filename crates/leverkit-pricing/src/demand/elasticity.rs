//! Price elasticity of demand: by how many per cent sales change when the price rises by one.
//!
//! One model in three strengths beside each other: least squares on all rows (what a scatter plot shows), within effects (products with themselves, weeks with
//! themselves), and with instruments (prices moved by what demand does not know). The regressions are those of `leverkit_stats`;
//! groups on their own are left to `shrink`.

use leverkit_core::analysis::of_model;
use leverkit_core::{Column, Groups, LeftOut, Params, Table};
use leverkit_stats::regression::{
    FEW_CLUSTERS, Fitted, Levels, SmallSample, Spread, TwoStage, least_squares, poisson, two_stage,
};
use leverkit_stats::{FTest, Term};
use serde::Serialize;

use super::params::{DemandModel, ElasticityParams, ErrorSpread};
use super::sample::{Role, Sample};
use crate::Error;

/// One of the models beside each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// "OLS", "FE", "IV"; "Poisson" and "Poisson FE" with PPML.
    pub model: &'static str,
    /// What it says of the price.
    pub price: Term,
    /// Rows.
    pub n: u64,
}

/// A test of the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelTest {
    /// Its name.
    pub test: &'static str,
    /// F.
    pub statistic: f64,
    /// Degrees of freedom above.
    pub df1: f64,
    /// Degrees of freedom below.
    pub df2: f64,
    /// Of what it is against.
    pub p_value: f64,
    /// What it says, in words.
    pub reading: String,
}

impl ModelTest {
    fn of(test: &'static str, found: FTest, reading: String) -> Self {
        let FTest { statistic, df1, df2, p_value } = found;
        Self { test, statistic, df1, df2, p_value, reading }
    }
}

/// An elasticity with everything that explains it.
#[derive(Debug, Clone, Serialize)]
pub struct Elasticity {
    /// What it was made with.
    pub params: ElasticityParams,
    /// "OLS", "FE", "IV", "Poisson" or "Poisson FE".
    pub model: &'static str,
    /// The price first, then cross prices, controls and the intercept.
    pub terms: Vec<Term>,
    /// The models beside each other.
    pub compared: Vec<Compared>,
    /// First-stage F and Durbin–Wu–Hausman where there are instruments.
    pub tests: Vec<ModelTest>,
    /// Rows used.
    pub n: u64,
    /// Levels of each effect.
    pub levels: Vec<(String, u64)>,
    /// Clusters of each kind.
    pub clusters: Vec<(String, u64)>,
    /// The small-sample correction of the standard errors, in words.
    pub correction: &'static str,
    /// Degrees of freedom of Student's t for the price; `None` where limits are normal.
    pub df: Option<f64>,
    /// Share of the variance within effects that is explained; `None` with PPML.
    pub r_squared_within: Option<f64>,
    /// Lowest and highest price used.
    pub prices: (f64, f64),
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
}

/// Estimates the elasticity of demand.
///
/// ```text
/// ln q = β ln p + γ'controls + effects + ε
/// ```
///
/// With instruments by two-stage least squares; with [`DemandModel::Ppml`] E q = exp(…) by Poisson pseudo maximum likelihood.
///
/// # Errors
/// [`Error::NotIdentified`] where the price does not vary within effects, or there are fewer rows than coefficients; [`Error::Empty`] where no row can be used;
/// [`Error::Parameter`] for parameters that do not fit together; [`Error::Core`] for an unknown column.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_pricing::{ElasticityParams, elasticity};
/// let sales = Table::from(batch!(
///     "product" => ["a", "a", "a", "b", "b", "b"],
///     "price" => [1.0, 2.0, 4.0, 10.0, 20.0, 40.0],
///     "units" => [64.0, 16.0, 4.0, 640.0, 160.0, 40.0],
/// )?);
/// let found = elasticity(&sales, &ElasticityParams::new("units", "price").effects(&["product"]))?;
/// assert!((found.terms[0].estimate.unwrap().interval.estimate + 2.0).abs() < 1e-12);
/// # Ok::<(), leverkit_pricing::Error>(())
/// ```
pub fn elasticity(table: &Table, params: &ElasticityParams) -> Result<Elasticity, Error> {
    params.check()?;
    let mut sample = Sample::read(table, &params.wanted())?;
    sample.drop_singletons(&params.effects)?;
    if params.model == DemandModel::Ppml {
        sample.drop_separated(&params.effects)?;
    }
    let crossing = crossing(&sample, &params.cluster)?;
    let spread = spread(&sample, params, crossing.as_ref())?;
    let mut compared = Vec::new();
    let mut main = None;
    let wanted: [(bool, &[String], bool); 3] = [
        (true, &[], false),
        (!params.effects.is_empty(), &params.effects, false),
        (!params.instruments.is_empty(), &params.effects, true),
    ];
    for (_, effects, with_instruments) in wanted.into_iter().filter(|(is_wanted, ..)| *is_wanted) {
        let found = fit(&sample, params, effects, with_instruments, &spread);
        let model = name(params, effects, with_instruments);
        compared.push(match &found {
            Ok((found, _)) => Compared { model, price: found.terms[0].clone(), n: sample.rows as u64 },
            Err(error) => {
                let price = Term { term: params.price.clone(), estimate: None, reason: Some(error.to_string()) };
                Compared { model, price, n: sample.rows as u64 }
            }
        });
        main = Some((model, found));
    }
    let (model, found) = main.ok_or_else(|| Error::not_identified("elasticity", "there is no model"))?;
    result(&sample, params, model, found?, compared, &spread)
}

fn name(params: &ElasticityParams, effects: &[String], with_instruments: bool) -> &'static str {
    match (params.model, effects.is_empty(), with_instruments) {
        (DemandModel::Ppml, true, _) => "Poisson",
        (DemandModel::Ppml, false, _) => "Poisson FE",
        (DemandModel::Ols, _, true) => "IV",
        (DemandModel::Ols, true, false) => "OLS",
        (DemandModel::Ols, false, false) => "FE",
    }
}

fn result(
    sample: &Sample,
    params: &ElasticityParams,
    model: &'static str,
    (found, tests): (Fitted, Vec<ModelTest>),
    compared: Vec<Compared>,
    spread: &Spread<'_>,
) -> Result<Elasticity, Error> {
    let levels_of = |names: &[String]| -> Result<Vec<(String, u64)>, Error> {
        names.iter().map(|name| Ok((name.clone(), sample.category(name)?.levels().len as u64))).collect()
    };
    let prices = sample.numbers(Role::Price).flat_map(|(_, values)| values.iter());
    let (low, high) =
        prices.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &price| (low.min(price), high.max(price)));
    let prices = if params.log { (low.exp(), high.exp()) } else { (low, high) };
    let mut elasticity = Elasticity {
        params: params.clone(),
        model,
        terms: found.terms,
        compared,
        tests,
        n: sample.rows as u64,
        levels: levels_of(&params.effects)?,
        clusters: levels_of(&params.cluster)?,
        correction: spread.correction(),
        df: Some(found.df).filter(|df| df.is_finite()),
        r_squared_within: found.r_squared,
        prices,
        left_out: sample.left_out.clone(),
        notes: Vec::new(),
    };
    elasticity.notes = notes(&elasticity);
    if found.repaired {
        elasticity.notes.push(REPAIRED.into());
    }
    Ok(elasticity)
}

/// With fewer degrees of freedom than this even corrected limits are a guess (Pustejovsky & Tipton 2018).
const FEW_DEGREES: f64 = 4.0;
const REPAIRED: &str = "Two-way clusters gave a variance below zero: negative eigenvalues of the covariance were set to zero (Cameron, Gelbach & Miller 2011); trust its limits less than those of either cluster alone.";
/// A first stage below this is weak (Staiger & Stock 1997).
const WEAK: f64 = 10.0;

fn notes(found: &Elasticity) -> Vec<String> {
    let mut notes = Vec::new();
    let share = 1.0 - found.params.level;
    for test in &found.tests {
        notes.push(format!("{}: {}.", test.test, test.reading));
    }
    if found.params.instruments.is_empty() {
        notes.push(
            "Whether prices answered demand (were set low when sales were expected to be low, or high) cannot be judged without instruments: name what moves \
             costs but not demand as instruments=[…]."
                .into(),
        );
    } else if found.tests.iter().any(|test| test.test == ENDOGENEITY && test.p_value < share) {
        notes.push("Price is endogenous: the estimates without instruments are biased, use that with them.".into());
    }
    let terms = found.terms.iter().filter(|term| term.estimate.is_some()).count() as u64;
    for (name, clusters) in &found.clusters {
        if *clusters <= terms {
            notes.push(format!(
                "{clusters} clusters of {name} for {terms} coefficients: standard errors cannot be told; cluster by a column with more values."
            ));
        } else if *clusters < FEW_CLUSTERS as u64 {
            notes.push(few_clusters(found, name, *clusters));
        }
    }
    if let Some(found) =
        found.terms.first().and_then(|term| term.estimate).filter(|price| price.interval.estimate >= 0.0)
    {
        notes.push(format!("The sign is wrong for a demand elasticity ({:+.2}): something that moves prices and demand together is left out.", found.interval.estimate));
    }
    notes
}

fn few_clusters(found: &Elasticity, name: &str, clusters: u64) -> String {
    match (found.params.small, found.df) {
        (SmallSample::Fixest, _) => format!(
            "{clusters} clusters of {name} are few: intervals are too narrow (Cameron & Miller 2015); small=\"cr2\" corrects them."
        ),
        (SmallSample::Cr2, Some(df)) if df < FEW_DEGREES => format!(
            "{clusters} clusters of {name} are worth {df:.1} degrees of freedom: intervals are corrected for it (CR2), but below 4 they are a guess; cluster by a column with more values."
        ),
        (SmallSample::Cr2, _) => format!(
            "{clusters} clusters of {name} are few: intervals are corrected for it (CR2, Satterthwaite's degrees of freedom; Pustejovsky & Tipton 2018)."
        ),
    }
}

/// The test of whether the price is endogenous.
const ENDOGENEITY: &str = "Durbin–Wu–Hausman";

/// The intersections of two kinds of clusters.
fn crossing(sample: &Sample, cluster: &[String]) -> Result<Option<Groups>, Error> {
    let [one, two] = cluster else { return Ok(None) };
    let column = |name: &str| Ok::<_, Error>(Column::new(name, sample.category(name)?.levels().codes));
    Ok(Some(Groups::of(sample.rows, &[column(one)?, column(two)?])?))
}

fn spread<'a>(
    sample: &'a Sample,
    params: &ElasticityParams,
    crossing: Option<&'a Groups>,
) -> Result<Spread<'a>, Error> {
    Ok(match (params.cluster.is_empty(), params.model, params.errors) {
        (false, ..) => {
            let mut kinds = sample.levels(&params.cluster)?;
            kinds.extend(crossing.map(|groups| Levels { codes: groups.codes(), len: groups.len() }));
            Spread::Clusters(kinds, params.small)
        }
        (true, _, ErrorSpread::Robust) => Spread::Robust,
        (true, DemandModel::Ols, ErrorSpread::Iid) => Spread::Equal,
        (true, DemandModel::Ppml, ErrorSpread::Iid) => Spread::Known,
    })
}

/// What a regression refused, in the words of demand.
pub(crate) fn refused(error: leverkit_stats::Error) -> Error {
    match error {
        leverkit_stats::Error::NoVariation { regressor } => Error::not_identified(
            "elasticity",
            format!(
                "{regressor} does not vary within the effects: a price that never changes tells nothing of how demand answers; absorb fewer effects"
            ),
        ),
        other => of_model("elasticity")(other),
    }
}

/// A model on its data, with its tests.
fn fit(
    sample: &Sample,
    params: &ElasticityParams,
    effects: &[String],
    with_instruments: bool,
    spread: &Spread<'_>,
) -> Result<(Fitted, Vec<ModelTest>), Error> {
    let effects = sample.levels(effects)?;
    let design = sample.design(with_instruments);
    if params.model == DemandModel::Ppml {
        let fitted = poisson(&design, &effects, spread, params.level).map_err(refused)?;
        return Ok((fitted, Vec::new()));
    }
    let within = design.within(effects).map_err(refused)?;
    if with_instruments {
        let found = two_stage(&design, &within, spread, params.level).map_err(refused)?;
        return Ok((found.fitted.clone(), tests(&found, params.level)));
    }
    Ok((least_squares(&design, &within, spread, params.level).map_err(refused)?, Vec::new()))
}

/// What the instruments are worth, and whether they were needed.
fn tests(found: &TwoStage, level: f64) -> Vec<ModelTest> {
    let first = ModelTest::of("first stage", found.first_stage, strength(found.first_stage.statistic));
    let second = found.endogeneity.map(|test| ModelTest::of(ENDOGENEITY, test, bias(test.p_value, level)));
    std::iter::once(first).chain(second).collect()
}

/// Whether a first stage is weak, in words.
fn strength(f: f64) -> String {
    if f < WEAK {
        format!(
            "instruments are weak (F = {f:.1}, below {WEAK}): the estimate with them is biased towards that without, and its limits are too narrow"
        )
    } else {
        format!("instruments move the price (F = {f:.1})")
    }
}

/// Whether least squares is biased, in words.
fn bias(p: f64, level: f64) -> String {
    if p < 1.0 - level {
        format!("price answers demand (p = {p:.3}): least squares is biased")
    } else {
        format!("no sign that price answers demand (p = {p:.2}); with weak instruments that says little")
    }
}
