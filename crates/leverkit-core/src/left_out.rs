//! Rows that were left out, or of which something was assumed: counted by reason, with the money that they carry.

use serde::{Deserialize, Serialize};

use crate::frames::each;
use crate::{Error, RecordBatch, batch};

/// Why a row was left out, or what was assumed of it: the one list of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The customer is null, not finite or blank.
    NullCustomer,
    /// The time is null or blank.
    NullTime,
    /// The time is text that is no ISO 8601 date or datetime, or not as its format has it.
    UnreadableTime,
    /// The time is before 1900 or after 2100.
    TimeOutOfRange,
    /// The amount is null or NaN.
    NullAmount,
    /// The amount is infinite.
    InfiniteAmount,
    /// A return, with `returns = "drop"`.
    ReturnDropped,
    /// A line that equals another, with `clean.duplicates = "drop"`.
    DuplicateDropped,
    /// A deal without a list price.
    NoListPrice,
    /// A deal without a quantity.
    NoQuantity,
    /// A deal without a pocket price.
    NoPocketPrice,
    /// A row of a waterfall without a list price.
    UnknownListPrice,
    /// A row of a waterfall without a cost.
    UnknownCost,
    /// A component that is unknown, taken as none.
    UnknownComponent,
    /// A row of a bridge without quantity, revenue or cost.
    UnknownInBridge,
    /// A row of a bridge that is on neither side.
    NeitherSide,
    /// A row without a quantity.
    UnknownQuantity,
    /// A row of demand without a price.
    UnknownPrice,
    /// A price of zero or less.
    PriceNotPositive,
    /// A quantity below zero.
    ReturnedQuantity,
    /// A quantity of zero, which has no logarithm.
    ZeroQuantity,
    /// A regressor beside the price is unknown.
    UnknownRegressor,
    /// An effect, cluster or group is unknown.
    UnknownLevel,
    /// A row without sales that a Poisson model fits for sure.
    Separated,
    /// The only row of a level of an effect.
    Singleton,
    /// A row of prices over time without period or product.
    NoPeriodOrProduct,
    /// A row of prices over time without a price above zero.
    NoPrice,
    /// A price or date is unknown or not positive.
    NoPriceOrDate,
    /// It is unknown what a price is of, or whose.
    UnknownKey,
    /// A product without a price above zero, or with an unknown attribute.
    NoPriceOrAttribute,
    /// Several prices of one seller for one product and day.
    RepeatedPrice,
    /// An answer with an unknown or negative price.
    AnswerWithoutPrice,
    /// An answer whose four prices are not in order.
    PricesOutOfOrder,
    /// An answer without a weight above zero.
    AnswerWithoutWeight,
    /// An answer whose intent to buy is not on the scale.
    IntentOffScale,
    /// A row of answers whose respondent is unknown.
    NullRespondent,
    /// A row of answers whose item is unknown.
    NullItem,
    /// A row of costs without a feature, or with a cost, reach or margin that is unknown.
    NoFeatureOrCost,
    /// A second answer of a respondent to the same question.
    RepeatedAnswer,
    /// A respondent who gave all items the same answer, where such are to be dropped.
    StraightLining,
    /// A respondent who was fast, where such are to be dropped.
    Speeding,
    /// A respondent who contradicts themselves, where such are to be dropped.
    ContradictoryAnswers,
    /// A price or answer is unknown.
    NoPriceOrAnswer,
    /// A respondent who contradicts their own answers.
    Contradiction,
    /// A situation with something unknown in one of its rows.
    UnknownInSituation,
    /// A situation without a choice.
    NothingChosen,
    /// A situation with two or more choices.
    SeveralChosen,
    /// A situation of one alternative.
    SingleAlternative,
    /// A situation with an alternative twice.
    SameAlternative,
    /// A situation of two or more respondents.
    SeveralRespondents,
    /// A rating with something unknown.
    UnknownRating,
    /// A row of a hedonic regression without a price above zero, or with an unknown attribute.
    UnknownWorth,
    /// A row of a panel without unit or period.
    NoUnitOrPeriod,
    /// A row of a panel whose outcome or covariate is unknown.
    UnknownOutcome,
    /// A unit that is not there in every period.
    UnitWithGaps,
    /// A unit that was treated from the first period on.
    TreatedFromTheFirst,
    /// A tick or a count with something unknown.
    UnknownTick,
    /// A respondent who answered none of the items.
    NoAnswer,
    /// A pairwise comparison with something unknown.
    UnknownComparison,
    /// A row whose unit is unknown.
    NoUnit,
    /// A unit whose arm is unknown.
    NoArm,
    /// A unit with a number of the test that is unknown.
    UnknownMetric,
    /// A movement of points without customer or date.
    NoUnitOrDate,
    /// A movement without a number of points.
    NoPoints,
    /// A donor without an outcome in some period.
    PeriodsMissing,
}

impl Reason {
    /// The reason in words.
    pub fn text(self) -> &'static str {
        match self {
            Self::NullCustomer => "null customer",
            Self::NullTime => "null time",
            Self::UnreadableTime => "unreadable time",
            Self::TimeOutOfRange => "time out of range",
            Self::NullAmount => "null amount",
            Self::InfiniteAmount => "infinite amount",
            Self::ReturnDropped => "return dropped",
            Self::DuplicateDropped => "duplicate dropped",
            Self::NoListPrice => "list price unknown or not positive, row left out",
            Self::NoQuantity => "quantity unknown or not positive, row left out",
            Self::NoPocketPrice => "pocket price unknown, row left out",
            Self::UnknownListPrice => "list price unknown, row left out",
            Self::UnknownCost => "cost unknown, row left out",
            Self::UnknownComponent => "a component unknown, taken as none",
            Self::UnknownInBridge => "quantity, revenue or cost unknown, row left out",
            Self::NeitherSide => "neither base nor against, row left out",
            Self::UnknownQuantity => "quantity unknown, row left out",
            Self::UnknownPrice => "price unknown, row left out",
            Self::PriceNotPositive => "price zero or negative, row left out",
            Self::ReturnedQuantity => "quantity negative (a return), row left out",
            Self::ZeroQuantity => "quantity zero, row left out: it has no logarithm, model=\"ppml\" keeps it",
            Self::UnknownRegressor => "a control, cross price or instrument unknown or out of range, row left out",
            Self::UnknownLevel => "an effect, cluster or group unknown, row left out",
            Self::Separated => "no sales, and effects or regressors say so for sure (separated), row left out",
            Self::Singleton => "alone in a level of an effect (a singleton), row left out",
            Self::NoPeriodOrProduct => "period or product unknown, row left out",
            Self::NoPrice => "price unknown or not positive, row left out",
            Self::NoPriceOrDate => "price or date unknown or not positive, row left out",
            Self::UnknownKey => "product, store or seller unknown, row left out",
            Self::NoPriceOrAttribute => "price not positive or an attribute unknown, product left out",
            Self::RepeatedPrice => "several prices of a seller for one product and day, averaged",
            Self::AnswerWithoutPrice => "a price unknown or negative, answer left out",
            Self::PricesOutOfOrder => {
                "prices not in the order too cheap < cheap < expensive < too expensive, answer left out"
            }
            Self::AnswerWithoutWeight => "weight unknown or not positive, answer left out",
            Self::IntentOffScale => "intent to buy unknown or not on the scale, answer left out",
            Self::NullRespondent => "respondent unknown, row left out",
            Self::NullItem => "item unknown, row left out",
            Self::NoFeatureOrCost => "feature, cost, reach or margin unknown, row left out",
            Self::RepeatedAnswer => "a second answer of the respondent to the same question, left out",
            Self::StraightLining => "a respondent who gave all items the same answer, rows left out",
            Self::Speeding => "a respondent who took less than a third of the median time, rows left out",
            Self::ContradictoryAnswers => {
                "a respondent who contradicts themselves in more than a quarter of the answers, rows left out"
            }
            Self::NoPriceOrAnswer => "price or answer unknown, or price not positive, row left out",
            Self::Contradiction => "a respondent who would buy at a higher price than one they refused, rows left out",
            Self::UnknownInSituation => {
                "situation, alternative, choice or an attribute unknown in one of its rows, situation left out"
            }
            Self::NothingChosen => "no alternative chosen, situation left out",
            Self::SeveralChosen => "two or more alternatives chosen, situation left out",
            Self::SingleAlternative => "a single alternative, which leaves no choice, situation left out",
            Self::SameAlternative => {
                "the same alternative twice, situation left out: make the situation of respondent and task where respondents share the numbers of tasks"
            }
            Self::SeveralRespondents => {
                "rows of two or more respondents, situation left out: make the situation of respondent and task"
            }
            Self::UnknownRating => "rating, respondent or an attribute unknown, row left out",
            Self::UnknownTick => "a name, mark or count unknown, row left out",
            Self::NoAnswer => "no item answered, respondent left out",
            Self::UnknownComparison => "item, judge or comparison unknown, row left out",
            Self::UnknownWorth => "price not positive or an attribute unknown, row left out",
            Self::NoUnitOrPeriod => "unit or period unknown, row left out",
            Self::UnknownOutcome => "outcome or a covariate unknown, row left out",
            Self::UnitWithGaps => "a unit without a row in every period, its rows left out",
            Self::TreatedFromTheFirst => {
                "treated from the first period on, so that nothing is known of before: the unit's rows left out"
            }
            Self::NoUnit => "unit unknown, row left out",
            Self::NoArm => "arm unknown, unit left out",
            Self::UnknownMetric => "a metric unknown or infinite, unit left out",
            Self::NoUnitOrDate => "customer or date unknown, row left out",
            Self::NoPoints => "no number of points, row left out",
            Self::PeriodsMissing => "a unit without an outcome in some period, unit left out",
        }
    }
}

/// How many rows were left out for a reason.
///
/// ```
/// use leverkit_core::{Reason, left_out::rows_left_out};
/// let left_out = &rows_left_out(Reason::NoListPrice, &[4, 9])[0];
/// assert_eq!((left_out.rows, left_out.first_row, left_out.reason.text()), (2, 4, "list price unknown or not positive, row left out"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeftOut {
    /// Why.
    pub reason: Reason,
    /// How many rows.
    pub rows: u64,
    /// The first of them, from 0.
    pub first_row: u64,
    /// Their money as far as it is known, at list price or as revenue; `None` where none is.
    pub money: Option<f64>,
}

/// Rows left out, counted by reason on the way: a tally for each reason in the order in which they are looked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tallies(Vec<LeftOut>);

impl Tallies {
    /// Counts a row; its money is NaN where it is not known.
    ///
    /// ```
    /// use leverkit_core::left_out::{Reason, Tallies};
    /// let mut tallies = Tallies::default();
    /// tallies.note(Reason::NoQuantity, 4, 10.0);
    /// tallies.note(Reason::NoQuantity, 7, f64::NAN);
    /// let found = tallies.left_out(&[Reason::NoListPrice, Reason::NoQuantity]);
    /// assert_eq!((found[0].rows, found[0].first_row, found[0].money), (2, 4, Some(10.0)));
    /// ```
    pub fn note(&mut self, reason: Reason, row: usize, money: f64) {
        let money = Some(money).filter(|money| money.is_finite());
        self.add(&LeftOut { reason, rows: 1, first_row: row as u64, money });
    }

    /// Adds the tallies of later rows.
    ///
    /// ```
    /// use leverkit_core::{Reason, left_out::Tallies};
    /// let (mut first, mut later) = (Tallies::default(), Tallies::default());
    /// first.note(Reason::NullCustomer, 3, 20.0);
    /// later.note(Reason::NullCustomer, 1000, 15.0);
    /// first.merge(&later);
    /// let told = first.left_out(&[Reason::NullTime, Reason::NullCustomer]);
    /// assert_eq!((told.len(), told[0].rows, told[0].first_row, told[0].money), (1, 2, 3, Some(35.0)));
    /// ```
    pub fn merge(&mut self, later: &Self) {
        later.0.iter().for_each(|tally| self.add(tally));
    }

    fn add(&mut self, more: &LeftOut) {
        match self.0.iter_mut().find(|known| known.reason == more.reason) {
            None => self.0.push(more.clone()),
            Some(known) => {
                known.rows += more.rows;
                known.first_row = known.first_row.min(more.first_row);
                known.money = known.money.map_or(more.money, |money| Some(money + more.money.unwrap_or_default()));
            }
        }
    }

    /// What to tell of each reason that occurred, in this order.
    pub fn left_out(&self, order: &[Reason]) -> Vec<LeftOut> {
        order.iter().filter_map(|reason| self.0.iter().find(|tally| tally.reason == *reason)).cloned().collect()
    }
}

/// Rows without money of their own, left out for one reason.
///
/// ```
/// use leverkit_core::left_out::{Reason, rows_left_out};
/// let found = rows_left_out(Reason::NoPrice, &[3, 8]);
/// assert_eq!((found[0].rows, found[0].first_row), (2, 3));
/// ```
pub fn rows_left_out(reason: Reason, rows: &[usize]) -> Vec<LeftOut> {
    let mut tallies = Tallies::default();
    rows.iter().for_each(|&row| tallies.note(reason, row, f64::NAN));
    tallies.left_out(&[reason])
}

/// One row per reason: `reason`, `rows`, `first_row` (from 0), `money` (of those rows, as far as it is known).
///
/// # Errors
/// [`Error::Arrow`] where Arrow refuses.
///
/// ```
/// use leverkit_core::left_out::{Reason, left_out_batch, rows_left_out};
/// assert_eq!(left_out_batch(&rows_left_out(Reason::NoPrice, &[3, 8]))?.num_rows(), 1);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn left_out_batch(rows: &[LeftOut]) -> Result<RecordBatch, Error> {
    batch!(
        "reason" => each(rows, |row| row.reason.text()),
        "rows" => each(rows, |row| row.rows),
        "first_row" => each(rows, |row| row.first_row),
        "money" => each(rows, |row| row.money),
    )
}

/// Why nothing is left: the first reason that rows were left out for.
///
/// ```
/// assert_eq!(leverkit_core::left_out::none_left(&[]), "there is no row");
/// ```
pub fn none_left(left_out: &[LeftOut]) -> &'static str {
    left_out.first().map_or("there is no row", |left| left.reason.text())
}
