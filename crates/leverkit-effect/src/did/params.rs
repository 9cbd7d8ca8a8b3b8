//! What effects by cohort and period are asked for with.

use leverkit_core::{Error, Params, check};
use serde::{Deserialize, Serialize};

use crate::panel::PanelColumns;

/// With whom those who were treated are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// With units that are never treated.
    Never,
    /// Also with those that are not treated yet.
    NotYet,
}

/// Which period the change is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// The last before treatment; before it, the period before.
    Varying,
    /// The last before treatment, for all periods.
    Universal,
}

/// How covariates are adjusted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// By a regression of the change among controls.
    Regression,
    /// By weighing controls with their odds of treatment.
    Weighting,
    /// By both: right where either is (Sant'Anna & Zhao 2020).
    DoublyRobust,
}

/// Which column is what, and with whom to compare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DidParams {
    /// The unit: a customer, a shop, a county; `None` for repeated cross-sections, in which each row is another unit.
    pub unit: Option<String>,
    /// The period.
    pub period: String,
    /// What is measured.
    pub outcome: String,
    /// The first treated period of the unit, null where it never is.
    pub first_treated: String,
    /// What was known of a unit; the value of its cohort's base period counts.
    pub covariates: Vec<String>,
    /// How covariates are adjusted for.
    pub adjustment: Adjustment,
    /// Units of one value vary together; by default each unit by itself.
    pub cluster: Option<String>,
    /// The column of how much a unit counts.
    pub weight: Option<String>,
    /// With whom those who were treated are compared.
    pub control: Control,
    /// Which period the change is counted from.
    pub base: Base,
    /// Periods before treatment in which it may have had an effect already.
    pub anticipation: usize,
    /// Keep only cohorts seen at least so many periods after the first, so that all of the event study is of the same units.
    pub balance: Option<usize>,
    /// Confidence level.
    pub level: f64,
    /// Draws for the bands that hold a whole curve.
    pub draws: usize,
    /// The seed of the draws.
    pub seed: u64,
}

impl DidParams {
    /// Those never treated as controls, without covariates.
    pub fn new(unit: &str, period: &str, outcome: &str, first_treated: &str) -> Self {
        Self {
            unit: Some(unit.into()),
            period: period.into(),
            outcome: outcome.into(),
            first_treated: first_treated.into(),
            covariates: Vec::new(),
            adjustment: Adjustment::DoublyRobust,
            cluster: None,
            weight: None,
            control: Control::Never,
            base: Base::Varying,
            anticipation: 0,
            balance: None,
            level: 0.95,
            draws: 2000,
            seed: 1,
        }
    }

    /// The columns that are read.
    pub fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        let named = [&self.period, &self.outcome, &self.first_treated];
        for name in named.into_iter().chain(&self.unit).chain(&self.cluster).chain(&self.weight).chain(&self.covariates)
        {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        columns
    }

    pub(crate) fn roles(&self) -> PanelColumns<'_> {
        PanelColumns {
            unit: self.unit.as_deref(),
            period: &self.period,
            outcome: &self.outcome,
            first_treated: &self.first_treated,
            cluster: self.cluster.as_deref(),
            weight: self.weight.as_deref(),
            covariates: &self.covariates,
        }
    }

    /// What cells are made with.
    pub(crate) fn comparison(&self) -> Comparison {
        Comparison { control: self.control, base: self.base, anticipation: self.anticipation }
    }
}

impl Params for DidParams {
    fn check(&self) -> Result<(), Error> {
        check::share("level", self.level)?;
        check::count("draws", self.draws, 100, 1_000_000)?;
        let needs_units = self.weight.is_some() || !self.covariates.is_empty();
        check::that(
            self.unit.is_some() || !needs_units,
            "unit",
            &format_args!("none"),
            "a column of units: repeated cross-sections have neither covariates nor weights",
        )?;
        let both = self.weight.is_some() && !self.covariates.is_empty();
        check::that(
            !both,
            "weight",
            &format_args!("weights and covariates"),
            "one of them: covariates are adjusted for by units that count alike",
        )
    }
}

/// With whom, and from which period.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Comparison {
    pub(crate) control: Control,
    pub(crate) base: Base,
    pub(crate) anticipation: usize,
}

impl Comparison {
    /// The period that a cohort's change is counted from.
    pub(crate) fn base_of(&self, first: u32, period: usize) -> Option<usize> {
        let last_before = (first as usize).checked_sub(1 + self.anticipation)?;
        match self.base {
            Base::Varying if period <= last_before => period.checked_sub(1),
            Base::Varying | Base::Universal => Some(last_before),
        }
    }

    /// Whether a cohort is a control in a comparison of two periods.
    pub(crate) fn is_control(&self, other: u32, first: u32, periods: (usize, usize)) -> bool {
        let last = periods.0.max(periods.1);
        let is_untreated = match self.control {
            Control::Never => other == crate::panel::NEVER,
            Control::NotYet => other == crate::panel::NEVER || other as usize > last + self.anticipation,
        };
        is_untreated && other != first
    }
}
