//! The demand curve from answers to "would you buy at this price?" (Gabor & Granger 1966).

use leverkit_core::columns::{find, flags, numbers};
use leverkit_core::design::known_rows;
use leverkit_core::left_out::Tallies;
use leverkit_core::stats::{Interval, bootstrap, bootstrap_interval, normal_quantile, wilson_share};
use leverkit_core::{Groups, LeftOut, Params, Reason, Table};
use serde::Serialize;

use super::params::GaborGrangerParams;
use crate::Error;

/// Demand at a price.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PriceDemand {
    /// The price, money.
    pub price: f64,
    /// Respondents whose answer at this price is known.
    pub asked: u64,
    /// Share of them who would buy, with Wilson's limits.
    pub share: Interval,
    /// The share, made to fall with the price: neighbours that rise are pooled (Ayer et al. 1955), with bootstrap limits.
    pub demand: Interval,
    /// Price times demand with limits, money per respondent.
    pub revenue: Interval,
    /// (Price − unit cost) times demand with limits; `None` without a cost.
    pub profit: Option<Interval>,
}

/// The best of the prices asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BestPrice {
    /// What is at its best: revenue or profit.
    pub aim: &'static str,
    /// The price with bootstrap limits.
    pub price: Interval,
    /// What it brings in, money per respondent.
    pub value: f64,
    /// Whether it lies at an end of the prices asked, so that the best may lie beyond.
    pub at_end: bool,
}

/// Demand and revenue by price.
#[derive(Debug, Clone)]
pub struct GaborGranger {
    /// What it was made with.
    pub params: GaborGrangerParams,
    /// By price, ascending.
    pub prices: Vec<PriceDemand>,
    /// The price of most revenue, and of most profit where a cost is known; none where nobody buys at any price.
    pub best: Vec<BestPrice>,
    /// Respondents, or answers without.
    pub n: u64,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Why an answer cannot be used.
const REASONS: [Reason; 3] = [Reason::NullRespondent, Reason::NoPriceOrAnswer, Reason::Contradiction];

/// Makes a demand curve of answers. With respondents, whoever would buy at a price would at lower ones, and whoever refuses one refuses higher ones;
/// prices between are unknown for them, as in questioning that stops. Respondents who contradict themselves are left out and counted.
///
/// # Errors
/// [`Error::Empty`] where no answer can be used; [`Error::NotIdentified`] for a single price; [`Error::Core`] for an unknown column.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::{GaborGrangerParams, gabor_granger};
/// let answers = Table::from(batch!("price" => [5, 5, 5, 8, 8, 8], "buys" => [true, true, true, true, true, false])?);
/// let found = gabor_granger(&answers, &GaborGrangerParams::new("price", "buys"))?;
/// assert_eq!((found.best[0].price.estimate, found.best[0].value), (8.0, 16.0 / 3.0));
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn gabor_granger(table: &Table, params: &GaborGrangerParams) -> Result<GaborGranger, Error> {
    params.check()?;
    let answers = Answers::read(table, params)?;
    let whole = answers.tally(|_| 1.0);
    let drawn = bootstrap(answers.people.len(), params.replicates, params.seed, |draws| {
        answers.tally(|person| f64::from(draws[person])).demand()
    })?;
    let sample =
        Sample { prices: &answers.prices, demand: whole.demand(), drawn, people: answers.people.len(), params };
    let prices = (0..answers.prices.len()).map(|at| sample.price(at, &whole)).collect::<Result<_, Error>>()?;
    Ok(GaborGranger {
        params: params.clone(),
        prices,
        best: sample.bests()?,
        n: answers.people.len() as u64,
        left_out: answers.left_out,
    })
}

/// The demand of the sample, and of samples drawn from it.
struct Sample<'a> {
    prices: &'a [f64],
    demand: Vec<f64>,
    drawn: Vec<Vec<f64>>,
    people: usize,
    params: &'a GaborGrangerParams,
}

impl Sample<'_> {
    fn limits(&self, of: impl Fn(&[f64]) -> f64) -> Result<Interval, Error> {
        let drawn: Vec<f64> = self.drawn.iter().map(|demand| of(demand)).collect();
        Ok(bootstrap_interval(of(&self.demand), &drawn, self.params.level, self.people)?)
    }

    fn price(&self, at: usize, whole: &Tally) -> Result<PriceDemand, Error> {
        let (price, asked) = (self.prices[at], whole.asked[at]);
        let z = normal_quantile(0.5 + self.params.level / 2.0);
        let earned = |cost: f64| self.limits(|demand| (price - cost) * demand[at]);
        Ok(PriceDemand {
            price,
            asked: asked as u64,
            share: wilson_share(whole.buyers[at] / asked, asked, z),
            demand: self.limits(|demand| demand[at])?,
            revenue: earned(0.0)?,
            profit: self.params.unit_cost.map(earned).transpose()?,
        })
    }

    /// The best price of each aim; none where nobody buys at any.
    fn bests(&self) -> Result<Vec<BestPrice>, Error> {
        if self.demand.iter().all(|demand| *demand == 0.0) {
            return Ok(Vec::new());
        }
        let aims = [("revenue", Some(0.0)), ("profit", self.params.unit_cost)];
        aims.into_iter().filter_map(|(aim, cost)| Some(self.best(aim, cost?))).collect()
    }

    /// The price of which the most is left after this cost.
    fn best(&self, aim: &'static str, cost: f64) -> Result<BestPrice, Error> {
        let values = |demand: &[f64]| -> Vec<f64> {
            self.prices.iter().zip(demand).map(|(price, demand)| (price - cost) * demand).collect()
        };
        let place = |demand: &[f64]| highest(&values(demand));
        let at = place(&self.demand);
        Ok(BestPrice {
            aim,
            price: self.limits(|demand| self.prices[place(demand)])?,
            value: values(&self.demand)[at],
            at_end: at == 0 || at + 1 == self.prices.len(),
        })
    }
}

/// The first place of the greatest value; NaN is none.
fn highest(values: &[f64]) -> usize {
    values
        .iter()
        .enumerate()
        .fold((0, f64::NEG_INFINITY), |best, (at, value)| if *value > best.1 { (at, *value) } else { best })
        .0
}

/// What each respondent says of the prices: places on the grid with yes or no.
struct Answers {
    prices: Vec<f64>,
    people: Vec<Vec<(u32, bool)>>,
    left_out: Vec<LeftOut>,
}

impl Answers {
    fn read(table: &Table, params: &GaborGrangerParams) -> Result<Self, Error> {
        let column = |role: &str, name: &str| find(table, role, name);
        let prices = numbers(&column("price", &params.price)?, "price")?;
        let buys = flags(&column("buys", &params.buys)?, "buys")?;
        let respondent = params.respondent.as_ref().map(|name| column("respondent", name)).transpose()?;
        let has_owner = known_rows(table.rows(), respondent.as_slice())?;
        let owners = match respondent {
            Some(respondent) => Groups::of(table.rows(), &[respondent])?.into_codes(),
            None => (0..table.rows() as u32).collect(),
        };
        let is_known = |row: &usize| prices[*row] > 0.0 && !buys[*row].is_nan();
        let mut grid: Vec<f64> = (0..table.rows()).filter(is_known).map(|row| prices[row]).collect();
        grid.sort_unstable_by(f64::total_cmp);
        grid.dedup();
        let mut tallies = Tallies::default();
        let mut said: Vec<Vec<(u32, bool, usize)>> =
            vec![Vec::new(); owners.iter().max().map_or(0, |most| *most as usize + 1)];
        for row in 0..table.rows() {
            if !has_owner[row] {
                tallies.note(Reason::NullRespondent, row, f64::NAN);
            } else if is_known(&row) {
                let place = grid.partition_point(|price| *price < prices[row]) as u32;
                said[owners[row] as usize].push((place, buys[row] == 1.0, row));
            } else {
                tallies.note(Reason::NoPriceOrAnswer, row, f64::NAN);
            }
        }
        let mut people = Vec::new();
        for answers in said.into_iter().filter(|answers| !answers.is_empty()) {
            match person(&answers, grid.len() as u32, params.respondent.is_some()) {
                Some(answers) => people.push(answers),
                None => answers.iter().for_each(|answer| tallies.note(Reason::Contradiction, answer.2, f64::NAN)),
            }
        }
        let left_out = tallies.left_out(&REASONS);
        if people.is_empty() {
            return Err(Error::empty("gabor_granger", table.rows(), &left_out));
        }
        if grid.len() < 2 {
            return Err(Error::not_identified("gabor_granger", "one price was asked; at least two are needed"));
        }
        let mut found = Self { prices: grid, people, left_out };
        found.drop_unanswered();
        Ok(found)
    }

    /// A price that nobody's answer is known at is none of the curve.
    fn drop_unanswered(&mut self) {
        let asked = self.tally(|_| 1.0).asked;
        if asked.iter().all(|asked| *asked > 0.0) {
            return;
        }
        let mut places = vec![0; asked.len()];
        let mut next = 0;
        for (place, asked) in places.iter_mut().zip(&asked) {
            *place = next;
            next += u32::from(*asked > 0.0);
        }
        self.people.iter_mut().flatten().for_each(|answer| answer.0 = places[answer.0 as usize]);
        let mut asked = asked.iter();
        self.prices.retain(|_| asked.next().is_some_and(|asked| *asked > 0.0));
    }

    fn tally(&self, times: impl Fn(usize) -> f64) -> Tally {
        let mut tally = Tally { asked: vec![0.0; self.prices.len()], buyers: vec![0.0; self.prices.len()] };
        for (person, answers) in self.people.iter().enumerate() {
            let weight = times(person);
            for &(place, buys) in answers {
                tally.asked[place as usize] += weight;
                tally.buyers[place as usize] += if buys { weight } else { 0.0 };
            }
        }
        tally
    }
}

/// What a person says of places on the grid: of a respondent, what follows for the other prices, too; `None` for one who would buy at a price and refuses it
/// or a lower one.
fn person(answers: &[(u32, bool, usize)], prices: u32, is_respondent: bool) -> Option<Vec<(u32, bool)>> {
    if !is_respondent {
        return Some(answers.iter().map(|answer| (answer.0, answer.1)).collect());
    }
    let places = |says: bool| answers.iter().filter(move |answer| answer.1 == says).map(|answer| answer.0);
    let (accepted, refused) = (places(true).max(), places(false).min());
    if accepted.zip(refused).is_some_and(|(accepted, refused)| accepted >= refused) {
        return None;
    }
    let yes = (0..accepted.map_or(0, |at| at + 1)).map(|at| (at, true));
    Some(yes.chain((refused.unwrap_or(prices)..prices).map(|at| (at, false))).collect())
}

struct Tally {
    asked: Vec<f64>,
    buyers: Vec<f64>,
}

impl Tally {
    /// The shares, neighbours that rise with the price pooled until none does; a price that nobody was asked goes with the one before.
    fn demand(&self) -> Vec<f64> {
        let mut pools: Vec<(f64, f64, usize)> = Vec::new();
        for (&asked, &buyers) in self.asked.iter().zip(&self.buyers) {
            let mut pool = (buyers, asked, 1);
            while let Some(&(before, of, many)) = pools.last()
                && (of == 0.0 || pool.1 == 0.0 || before * pool.1 < pool.0 * of)
            {
                pools.pop();
                pool = (before + pool.0, of + pool.1, many + pool.2);
            }
            pools.push(pool);
        }
        pools.into_iter().flat_map(|(buyers, asked, many)| std::iter::repeat_n(buyers / asked, many)).collect()
    }
}

#[cfg(test)]
mod tests {
    use leverkit_core::batch;

    use super::*;

    #[test]
    fn shares_that_rise_with_the_price_are_pooled() {
        // 2 of 4 at 1, 3 of 4 at 2, 1 of 4 at 3: the first two are pooled to 5 of 8.
        let buys = [1, 1, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0];
        let price: Vec<i32> = (0..12).map(|at| 1 + at / 4).collect();
        let answers = batch!("price" => price, "buys" => buys).unwrap();
        let found = gabor_granger(
            &answers.into(),
            &GaborGrangerParams { unit_cost: Some(1.0), ..GaborGrangerParams::new("price", "buys") },
        )
        .unwrap();
        let demand: Vec<f64> = found.prices.iter().map(|row| row.demand.estimate).collect();
        assert_eq!(demand, [0.625, 0.625, 0.25]);
        assert_eq!((found.best[0].price.estimate, found.best[0].value), (2.0, 1.25));
        assert_eq!((found.best[1].aim, found.best[1].price.estimate, found.best[1].value), ("profit", 2.0, 0.625));
        assert!(
            found
                .prices
                .iter()
                .all(|row| row.demand.lower <= row.demand.estimate && row.demand.estimate <= row.demand.upper)
        );
    }

    #[test]
    fn who_buys_at_a_price_would_buy_at_lower_ones() {
        // Ann was asked 8 (yes) and 12 (no); Bob 8 (no) and 5 (yes); Cy contradicts himself.
        let answers = batch!("who" => ["ann", "ann", "bob", "bob", "cy", "cy"], "price" => [8, 12, 8, 5, 5, 12],
            "buys" => [true, false, false, true, false, true])
        .unwrap();
        let found = gabor_granger(
            &answers.into(),
            &GaborGrangerParams { respondent: Some("who".into()), ..GaborGrangerParams::new("price", "buys") },
        )
        .unwrap();
        let known: Vec<(f64, u64, f64)> =
            found.prices.iter().map(|row| (row.price, row.asked, row.share.estimate)).collect();
        assert_eq!(known, [(5.0, 2, 1.0), (8.0, 2, 0.5), (12.0, 2, 0.0)]);
        assert_eq!((found.n, found.left_out[0].rows, found.left_out[0].first_row), (2, 2, 4));
    }

    #[test]
    fn there_is_no_best_price_where_nobody_buys() {
        let answers = batch!("price" => [5, 5, 8, 8], "buys" => [0, 0, 0, 0]).unwrap();
        let params = GaborGrangerParams { unit_cost: Some(1.0), ..GaborGrangerParams::new("price", "buys") };
        assert!(gabor_granger(&answers.into(), &params).unwrap().best.is_empty());
    }

    #[test]
    fn a_two_among_flags_is_neither_yes_nor_no() {
        let answers = batch!("price" => [5, 5, 8, 8], "buys" => [1, 1, 1, 2]).unwrap();
        let error = gabor_granger(&answers.into(), &GaborGrangerParams::new("price", "buys")).unwrap_err();
        insta::assert_snapshot!(error, @r#"buys: column "buys" holds 2 in row 3; expected true and false, or 1 for yes and 0 for no: recode the column"#);
    }

    #[test]
    fn one_price_makes_no_curve() {
        let error = gabor_granger(
            &batch!("price" => [5, 5], "buys" => [1, 0]).unwrap().into(),
            &GaborGrangerParams::new("price", "buys"),
        )
        .unwrap_err();
        insta::assert_snapshot!(error, @"gabor_granger: not identified: one price was asked; at least two are needed");
    }
}
