//! Choice-based conjoint: part-worths by multinomial logit, elasticities, and a market simulator.

use leverkit_core::analysis::of_model;
use leverkit_core::design::AttributeCell;
use leverkit_core::{LeftOut, Params, Table};
use leverkit_stats::regression::{LogitFit, softmax};
use leverkit_stats::{Estimate, Interval, Term, sums};
use serde::Serialize;

use super::choices::Choices;
use super::params::ConjointParams;
use super::part_worths::PartWorths;
use crate::Error;

/// What choices say of attributes and prices.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::{ConjointParams, conjoint};
/// // Eight tasks of two products; the cheaper one and the blue one are chosen more often.
/// let choices = batch!(
///     "task" => (0..16).map(|row| row / 2).collect::<Vec<u32>>(),
///     "option" => ["a", "b"].repeat(8),
///     "price" => [1.0, 2.0, 2.0, 1.0].repeat(4),
///     "colour" => ["blue", "red", "blue", "red", "red", "blue", "red", "blue"].repeat(2),
///     "picked" => [1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1],
/// )?;
/// let params = ConjointParams { price: Some("price".into()), ..ConjointParams::new("task", "option", "picked", &["colour"]) };
/// let found = conjoint(&choices.into(), &params)?;
/// assert!((found.pseudo_r_squared() - 0.094).abs() < 1e-3);
/// // What shares two products would have, and one of them at other prices.
/// let market = Table::from(batch!("price" => [1.0, 2.0], "colour" => ["red", "blue"])?);
/// let shares = found.simulate(&market)?;
/// assert!((shares[0].share.estimate + shares[1].share.estimate - 1.0).abs() < 1e-12);
/// let curve = found.price_curve(&market, 1, &[1.0, 2.0])?;
/// assert!(curve[0].share.estimate > curve[1].share.estimate);
/// assert_eq!((found.why_no_elasticities(), found.elasticities()?.len()), (None, 4));
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
#[derive(Debug)]
pub struct Conjoint {
    /// What it was made with.
    pub params: ConjointParams,
    /// Part-worths.
    pub part_worths: PartWorths,
    /// The log-likelihood, and that of all alternatives being equally likely.
    pub log_likelihood: (f64, f64),
    /// Situations.
    pub n: u64,
    /// Respondents; `None` without.
    pub respondents: Option<u64>,
    /// Newton's steps.
    pub steps: u64,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    choices: Choices,
}

/// How the demand for an alternative answers to the price of another, or its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChoiceElasticity {
    /// Whose demand.
    pub alternative: String,
    /// Whose price.
    pub of: String,
    /// Per cent of demand for each per cent of price; `None` where it is not identified.
    pub elasticity: Option<Estimate>,
}

/// A product in a simulated market.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulatedProduct {
    /// Its utility.
    pub utility: f64,
    /// Its share of choices with simulated limits.
    pub share: Interval,
    /// Its price, money; `None` without a price in the model.
    pub price: Option<f64>,
    /// Per cent of its share for each per cent of its price.
    pub own_elasticity: Option<f64>,
}

/// Estimates part-worths from choices.
///
/// Errors are those of the information matrix, or clustered by respondent: H⁻¹ (Σ sₘsₘᵀ) H⁻¹ · G/(G−1), below 40 respondents CR2 with Student's t. Terms that do not vary within situations, that
/// others make up, or that part the chosen from the others perfectly have no estimate but a reason.
///
/// # Errors
/// [`Error::Empty`] where no situation can be used; [`Error::Parameter`] for a level outside 0 and 1, no attribute, or more than 128 terms;
/// [`Error::Core`] for an unknown column.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::{ConjointParams, conjoint};
/// let choices = Table::from(batch!("task" => [1, 1, 2, 2, 3, 3, 4, 4], "option" => ["a", "b", "a", "b", "a", "b", "a", "b"],
///     "price" => [1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0, 1.0], "picked" => [1, 0, 0, 1, 0, 1, 0, 1])?);
/// let found = conjoint(&choices, &ConjointParams { price: Some("price".into()), ..ConjointParams::new("task", "option", "picked", &[]) })?;
/// // Three of four chose the cheaper: the coefficient is −ln 3.
/// assert!((found.part_worths.terms[0].estimate.unwrap().interval.estimate + 3f64.ln()).abs() < 1e-9);
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn conjoint(table: &Table, params: &ConjointParams) -> Result<Conjoint, Error> {
    params.check()?;
    let level = params.level;
    let choices = Choices::read(table, params)?;
    let fit = LogitFit::of(&choices.situations).map_err(of_model("conjoint"))?;
    let covariance = match &choices.respondents {
        Some((clusters, n)) if *n > 1 => fit.clustered(&choices.situations, clusters, *n),
        _ => fit.plain(),
    };
    let (dfs, covariance) = (covariance.dfs(), covariance.matrix);
    let term = |(at, name): (usize, String)| {
        let known = || Estimate::of(fit.beta[at], covariance[(at, at)].sqrt(), dfs[at], level);
        let estimate = fit.reasons[at].is_none().then(known);
        Term { term: name, estimate, reason: fit.reasons[at].clone() }
    };
    let part_worths = PartWorths {
        terms: choices.design.names().into_iter().enumerate().map(term).collect(),
        bases: choices.design.bases(),
        design: choices.design.clone(),
        beta: fit.beta,
        covariance,
        price: choices.price,
        level,
        draws: Vec::new(),
    };
    Ok(Conjoint {
        params: params.clone(),
        part_worths: part_worths.drawn(params.draws, params.seed),
        log_likelihood: (fit.log_likelihood, fit.null),
        n: choices.situations.count() as u64,
        respondents: choices.respondents.as_ref().map(|(_, n)| *n as u64),
        steps: fit.steps as u64,
        left_out: choices.left_out.clone(),
        notes: choices.notes.clone(),
        choices,
    })
}

impl Conjoint {
    /// `McFadden`'s pseudo-R²: 1 less the log-likelihood over that of equal chances.
    pub fn pseudo_r_squared(&self) -> f64 {
        1.0 - self.log_likelihood.0 / self.log_likelihood.1
    }

    /// Elasticities of demand over the situations of the data, weighted by the chance of choice:
    /// `E_jk = Σ P_j (δ_jk − P_k) β x_k / Σ P_j`. Their errors are by the delta method.
    ///
    /// # Errors
    /// [`Error::NotIdentified`] without a price coefficient, or for more than 50 alternatives.
    pub fn elasticities(&self) -> Result<Vec<ChoiceElasticity>, Error> {
        let (names, worths) = (&self.choices.alternatives, &self.part_worths);
        let price = match (self.why_no_elasticities(), worths.price) {
            (None, Some(price)) => price,
            (reason, _) => return Err(Error::not_identified("elasticities", reason.unwrap_or_default())),
        };
        let found = self.elasticities_at(&worths.beta, price);
        let sure: Vec<usize> = (0..worths.beta.len()).filter(|&term| worths.covariance[(term, term)] > 0.0).collect();
        let slopes: Vec<Vec<f64>> = sure
            .iter()
            .map(|&term| {
                let step = 1e-4 * worths.covariance[(term, term)].sqrt().max(1e-6 * worths.beta[term].abs());
                let moved = |by: f64| {
                    let mut beta = worths.beta.clone();
                    beta[term] += by;
                    self.elasticities_at(&beta, price)
                };
                moved(step).iter().zip(moved(-step)).map(|(up, down)| (up - down) / (2.0 * step)).collect()
            })
            .collect();
        let variance = |cell: usize| -> f64 {
            let pair =
                |(a, b): (usize, usize)| slopes[a][cell] * slopes[b][cell] * worths.covariance[(sure[a], sure[b])];
            (0..sure.len()).flat_map(|a| (0..sure.len()).map(move |b| (a, b))).map(pair).sum()
        };
        Ok((0..names.len() * names.len())
            .map(|cell| ChoiceElasticity {
                alternative: names[cell / names.len()].clone(),
                of: names[cell % names.len()].clone(),
                elasticity: found[cell]
                    .is_finite()
                    .then(|| Estimate::normal(found[cell], variance(cell).max(0.0).sqrt(), worths.level)),
            })
            .collect())
    }

    /// Why there are no elasticities; `None` where there are.
    pub fn why_no_elasticities(&self) -> Option<String> {
        const MOST: usize = 50;
        let n = self.choices.alternatives.len();
        match self.part_worths.price {
            None => Some("there is no price among the attributes".into()),
            Some(price) if self.part_worths.terms[price].estimate.is_none() => {
                self.part_worths.terms[price].reason.clone()
            }
            Some(_) if n > MOST => Some(format!(
                "{n} alternatives make too large a table; name alternatives by what they have in common, such as the brand, 50 at most"
            )),
            Some(_) => None,
        }
    }

    fn elasticities_at(&self, beta: &[f64], price: usize) -> Vec<f64> {
        let (n, data) = (self.choices.alternatives.len(), &self.choices.situations);
        let size = n * n + n;
        let found = sums(
            data.count(),
            size,
            || vec![0.0; size],
            |part, sum: &mut Vec<f64>| {
                let (cross, totals) = sum.split_at_mut(n * n);
                let mut shares = Vec::new();
                for situation in part {
                    data.shares(situation, beta, &mut shares);
                    let start = data.starts[situation];
                    for (j, share) in shares.iter().enumerate() {
                        let demand = self.choices.of_row[start + j] as usize;
                        totals[demand] += share;
                        for (k, other) in shares.iter().enumerate() {
                            let own = if j == k { 1.0 } else { 0.0 };
                            let cell = demand * n + self.choices.of_row[start + k] as usize;
                            cross[cell] += share * (own - other) * beta[price] * data.term(start + k, price);
                        }
                    }
                }
            },
        );
        (0..n * n).map(|cell| found[cell] / found[n * n + cell / n]).collect()
    }

    /// Shares of products in a market where they are all that can be chosen. `products` has the columns of the attributes and of the price.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a level that the data did not have; [`Error::Core`] for an unknown column.
    pub fn simulate(&self, products: &Table) -> Result<Vec<SimulatedProduct>, Error> {
        if products.rows() < 2 {
            return Err(Error::parameter(
                "products",
                format!("{} rows", products.rows()),
                "at least 2: a share is one of alternatives",
            ));
        }
        let cells = self.part_worths.design.cells(products)?;
        Ok(self.market(&cells))
    }

    /// The shares of one product at these prices, the others' unchanged.
    ///
    /// # Errors
    /// As [`Self::simulate`]; [`Error::Parameter`] for a row that is not there or a model without a price.
    pub fn price_curve(&self, products: &Table, row: usize, prices: &[f64]) -> Result<Vec<SimulatedProduct>, Error> {
        let mut cells = self.part_worths.design.cells(products)?;
        let price = self.part_worths.price.map(|price| self.part_worths.design.terms[price].attribute);
        let (Some(price), true) = (price, row < cells.len() && cells.len() > 1) else {
            return Err(Error::parameter(
                "product",
                format!("row {row}"),
                "a row among at least two products, and a model with a price",
            ));
        };
        let at = |&value: &f64| {
            cells[row][price] = AttributeCell::Number(value);
            self.market(&cells).swap_remove(row)
        };
        Ok(prices.iter().map(at).collect())
    }

    fn market(&self, cells: &[Vec<AttributeCell>]) -> Vec<SimulatedProduct> {
        let worths = &self.part_worths;
        let rows: Vec<Vec<f64>> = cells
            .iter()
            .map(|row| worths.design.terms.iter().map(|term| worths.design.value(term, row[term.attribute])).collect())
            .collect();
        let utility = |row: &[f64], beta: &[f64]| row.iter().zip(beta).map(|(x, beta)| x * beta).sum::<f64>();
        let shares = |beta: &[f64]| {
            let mut shares: Vec<f64> = rows.iter().map(|row| utility(row, beta)).collect();
            softmax(&mut shares);
            shares
        };
        let drawn: Vec<Vec<f64>> = worths.draws.chunks_exact(worths.beta.len()).map(shares).collect();
        let product = |(at, share): (usize, f64)| {
            let mut draw = 0..drawn.len();
            let price = worths.price.map(|price| rows[at][price]);
            SimulatedProduct {
                utility: utility(&rows[at], &worths.beta),
                share: worths.with_limits(share, |_| draw.next().map_or(f64::NAN, |draw| drawn[draw][at])),
                price,
                own_elasticity: worths.price.zip(price).map(|(term, price)| worths.beta[term] * price * (1.0 - share)),
            }
        };
        shares(&worths.beta).into_iter().enumerate().map(product).collect()
    }
}

#[cfg(test)]
mod tests {
    use leverkit_core::design::Coding;
    use leverkit_core::{Column, RecordBatch, batch};

    use super::*;

    /// Eight tasks of two options; the brand x is liked, a high price is not.
    const PICKED: [i32; 16] = [1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0];

    fn tasks() -> RecordBatch {
        batch!(
            "task" => (0..16).map(|at| at / 2).collect::<Vec<i32>>(),
            "option" => (0..16).map(|at| if at % 2 == 0 { "left" } else { "right" }).collect::<Vec<_>>(),
            "who" => (0..16).map(|at| at / 4).collect::<Vec<i32>>(),
            "brand" => ["x", "y", "x", "x", "y", "x", "x", "y", "y", "x", "y", "y", "x", "y", "y", "x"],
            "price" => [3.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 3.0, 1.0, 3.0, 2.0, 3.0, 3.0, 1.0, 1.0, 2.0],
            "picked" => PICKED,
        )
        .unwrap()
    }

    fn params(coding: Coding) -> ConjointParams {
        let price = Some("price".into());
        ConjointParams { price, coding, draws: 500, ..ConjointParams::new("task", "option", "picked", &["brand"]) }
    }

    #[test]
    fn codings_tell_the_same_story() {
        let (dummy, effects) = (
            conjoint(&tasks().into(), &params(Coding::Dummy)).unwrap(),
            conjoint(&tasks().into(), &params(Coding::Effects)).unwrap(),
        );
        assert!((dummy.log_likelihood.0 - effects.log_likelihood.0).abs() < 1e-9);
        // The difference from the base is twice that from the mean of two.
        let of = |found: &Conjoint| found.part_worths.terms[0].estimate.unwrap().interval.estimate;
        assert!((of(&dummy) - 2.0 * of(&effects)).abs() < 1e-8);
        let market = Table::from(batch!("brand" => ["x", "y"], "price" => [2.0, 1.5]).unwrap());
        let shares = |found: &Conjoint| found.simulate(&market).unwrap()[0].share.estimate;
        assert!((shares(&dummy) - shares(&effects)).abs() < 1e-9);
        let levels = effects.part_worths.levels();
        assert!(
            (levels[0].utility.unwrap().interval.estimate + levels[1].utility.unwrap().interval.estimate).abs() < 1e-12,
            "they add up to nothing"
        );
    }

    #[test]
    fn elasticities_are_what_a_small_change_of_price_does() {
        let found = conjoint(&tasks().into(), &params(Coding::Dummy)).unwrap();
        let market = Table::from(batch!("brand" => ["x", "y"], "price" => [2.0, 1.5]).unwrap());
        let products = found.simulate(&market).unwrap();
        assert!((products[0].share.estimate + products[1].share.estimate - 1.0).abs() < 1e-12);
        let step = 1e-6;
        let moved = found.price_curve(&market, 0, &[2.0 * (1.0 + step)]).unwrap();
        let own = (moved[0].share.estimate / products[0].share.estimate).ln() / step;
        assert!((own - products[0].own_elasticity.unwrap()).abs() < 1e-4);
        let table = found.elasticities().unwrap();
        assert_eq!(table.len(), 4);
        assert!(
            table[0].elasticity.unwrap().interval.estimate < 0.0
                && table[1].elasticity.unwrap().interval.estimate > 0.0
        );
        assert!(table.iter().all(|row| row.elasticity.unwrap().std_error > 0.0));
    }

    #[test]
    fn bad_situations_are_left_out_with_the_reason() {
        let mut picked = PICKED;
        (picked[0], picked[1]) = (0, 0);
        (picked[2], picked[3]) = (1, 1);
        let mut brand: Vec<Option<&str>> = [Some("x"), Some("y")].repeat(8);
        brand[5] = None;
        let columns = [Column::new("picked", picked), Column::new("brand", brand)];
        let bad = columns.into_iter().try_fold(Table::from(tasks()), Table::with).unwrap().to_batch().unwrap();
        let alone = bad.slice(0, 15);
        let found = conjoint(&alone.into(), &params(Coding::Dummy)).unwrap();
        let reasons: Vec<(u64, u64)> = found.left_out.iter().map(|left| (left.rows, left.first_row)).collect();
        assert_eq!(reasons, [(2, 4), (2, 0), (2, 2), (1, 14)]);
        assert_eq!(found.n, 4);
        let none = conjoint(&bad.slice(0, 4).into(), &params(Coding::Dummy)).unwrap_err();
        insta::assert_snapshot!(none, @"conjoint: none of 4 rows can be used: no alternative chosen, situation left out");
    }

    #[test]
    fn money_is_told_only_where_the_price_surely_matters() {
        let weak = conjoint(&tasks().into(), &params(Coding::Dummy)).unwrap();
        let found = &weak.part_worths.willingness()[0];
        assert!(found.money.is_none() && found.reason.as_deref().unwrap().contains("not surely below 0"), "{found:?}");
        let mut many = Table::default();
        for task in 0..40 {
            let numbers: Vec<i32> = (0..16).map(|at| task * 8 + at / 2).collect();
            many.append(&Table::from(tasks()).with(Column::new("task", numbers)).unwrap()).unwrap();
        }
        let sure = conjoint(&many, &params(Coding::Dummy)).unwrap();
        let found = &sure.part_worths.willingness()[0];
        let (money, simulated) = (found.money.unwrap().interval, found.simulated.unwrap());
        assert!(money.lower < money.estimate && money.estimate < money.upper);
        assert!((simulated.lower - money.lower).abs() < 0.5 * (money.upper - money.lower));
        let importance: f64 = sure.part_worths.importance().iter().map(|row| row.share.unwrap().estimate).sum();
        assert!((importance - 1.0).abs() < 1e-12);
    }

    /// Tasks of two offers and the choice of neither.
    fn with_neither(price: Option<f64>) -> Table {
        let rows: Vec<(usize, usize)> = (0..24).map(|row| (row / 3, row % 3)).collect();
        let prices: Vec<Option<f64>> = rows
            .iter()
            .map(|&(task, option)| if option == 2 { price } else { Some((1 + (task + option * task) % 4) as f64) })
            .collect();
        let options: Vec<&str> = rows.iter().map(|row| ["left", "right", "neither"][row.1]).collect();
        let picked: Vec<bool> = rows.iter().map(|&(task, option)| option == task % 3).collect();
        let task: Vec<i32> = rows.iter().map(|row| row.0 as i32).collect();
        batch!("task" => task, "option" => options, "price" => prices, "picked" => picked).unwrap().into()
    }

    fn price_alone() -> ConjointParams {
        let price = Some("price".into());
        ConjointParams { price, draws: 50, ..ConjointParams::new("task", "option", "picked", &[]) }
    }

    #[test]
    fn the_choice_of_nothing_needs_a_constant() {
        let found = conjoint(&with_neither(Some(0.0)), &price_alone()).unwrap();
        insta::assert_snapshot!(found.notes[0], @"Alternative neither has the same price and attributes in every situation: if it stands for choosing none of the others, set constants=True, or its missing constant bends the price and what people would pay.");
        let constants = ConjointParams { constants: true, ..price_alone() };
        assert!(conjoint(&with_neither(Some(0.0)), &constants).unwrap().notes.is_empty());
    }

    #[test]
    fn the_choice_of_nothing_without_values_is_named_in_the_error() {
        let error = conjoint(&with_neither(None), &price_alone()).unwrap_err();
        insta::assert_snapshot!(error, @"conjoint: none of 24 rows can be used: situation, alternative, choice or an attribute unknown in one of its rows, situation left out. Alternative neither has no price or attributes in any row: if it stands for choosing none of the others, give it 0 for numbers and a level of its own for texts, and set constants=True");
    }

    #[test]
    fn the_number_of_the_chosen_alternative_is_understood() {
        let (flags, options) = (with_neither(Some(0.0)), |row: usize| 1 + row as i32 % 3);
        let numbers: Vec<i32> = (0..24).map(options).collect();
        let chosen: Vec<i32> = (0..24).map(|row| 1 + (row / 3) % 3).collect();
        let columns = [Column::new("option", numbers), Column::new("picked", chosen)];
        let named = columns.into_iter().try_fold(flags.clone(), Table::with).unwrap();
        let (named, flags) = (conjoint(&named, &price_alone()).unwrap(), conjoint(&flags, &price_alone()).unwrap());
        assert_eq!(named.log_likelihood, flags.log_likelihood);
        assert_eq!(named.notes[0], "picked names the chosen alternative in each row of its situation, and is read so.");
    }

    #[test]
    fn a_number_that_is_no_alternative_is_no_choice() {
        let seven = with_neither(Some(0.0)).with(Column::new("picked", vec![7; 24])).unwrap();
        let error = conjoint(&seven, &price_alone()).unwrap_err();
        insta::assert_snapshot!(error, @r#"chosen: column "picked" holds 7 in row 0; expected true and false, or 1 for yes and 0 for no: recode the column"#);
    }

    #[test]
    fn an_unknown_level_is_named() {
        let found = conjoint(&tasks().into(), &params(Coding::Dummy)).unwrap();
        let market = Table::from(batch!("brand" => ["x", "z"], "price" => [2.0, 1.5]).unwrap());
        let error = found.simulate(&market).unwrap_err();
        insta::assert_snapshot!(error, @r#"products: brand: got "z"; expected one of x, y"#);
    }
}
