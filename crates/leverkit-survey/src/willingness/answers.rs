//! The answers of a price sensitivity meter: read, checked, and laid out over the prices that were named.

use leverkit_core::columns::{find, numbers};
use leverkit_core::left_out::Tallies;
use leverkit_core::{LeftOut, Reason, Table};
use rayon::prelude::*;

use super::curves::Curves;
use super::params::WestendorpParams;
use crate::Error;

/// Why an answer cannot be used.
const REASONS: [Reason; 4] =
    [Reason::AnswerWithoutPrice, Reason::PricesOutOfOrder, Reason::AnswerWithoutWeight, Reason::IntentOffScale];

/// Answers that can be used.
pub(crate) struct Answers {
    /// Too cheap (below all where that was not asked), cheap, expensive, too expensive.
    prices: Vec<[f64; 4]>,
    /// The probability to buy at the cheap and at the expensive price.
    intents: Option<Vec<[f64; 2]>>,
    weights: Vec<f64>,
    pub(crate) left_out: Vec<LeftOut>,
}

impl Answers {
    pub(crate) fn read(table: &Table, params: &WestendorpParams) -> Result<Self, Error> {
        let column = |role: &str, name: &str| numbers(&find(table, role, name)?, role);
        let price = |(role, name): (&str, Option<&String>)| match name {
            Some(name) => column(role, name),
            None => Ok(vec![f64::NEG_INFINITY; table.rows()]),
        };
        let [too_cheap, cheap, expensive, too_expensive] = params.prices().map(price);
        let prices = [too_cheap?, cheap?, expensive?, too_expensive?];
        let weights = params.weights.as_ref().map(|name| column("weights", name)).transpose()?;
        let buy = match (&params.buy_cheap, &params.buy_expensive) {
            (Some(cheap), Some(expensive)) => Some([column("buy_cheap", cheap)?, column("buy_expensive", expensive)?]),
            _ => None,
        };
        let chance = |value: f64| params.intents.iter().find(|intent| intent.0 == value).map(|intent| intent.1);
        let mut found = Self {
            prices: Vec::new(),
            intents: buy.as_ref().map(|_| Vec::new()),
            weights: Vec::new(),
            left_out: Vec::new(),
        };
        let mut tallies = Tallies::default();
        for row in 0..table.rows() {
            let answer = prices.each_ref().map(|column| column[row]);
            let weight = weights.as_ref().map_or(1.0, |weights| weights[row]);
            let intents = buy.as_ref().map(|buy| buy.each_ref().map(|column| chance(column[row])));
            if let Some(reason) = wrong(&answer, weight, intents) {
                tallies.note(reason, row, f64::NAN);
                continue;
            }
            found.prices.push(answer);
            found.weights.push(weight);
            if let (Some(known), Some([Some(cheap), Some(expensive)])) = (&mut found.intents, intents) {
                known.push([cheap, expensive]);
            }
        }
        found.left_out = tallies.left_out(&REASONS);
        if found.prices.is_empty() {
            return Err(Error::empty("van_westendorp", table.rows(), &found.left_out));
        }
        Ok(found)
    }

    pub(crate) fn len(&self) -> usize {
        self.prices.len()
    }
}

/// Why an answer cannot be used.
fn wrong(prices: &[f64; 4], weight: f64, intents: Option<[Option<f64>; 2]>) -> Option<Reason> {
    if prices.iter().any(|price| price.is_nan() || *price < 0.0 && price.is_finite()) {
        Some(Reason::AnswerWithoutPrice)
    } else if !prices.is_sorted_by(|low, high| low < high) {
        Some(Reason::PricesOutOfOrder)
    } else if weight.is_nan() || weight <= 0.0 {
        Some(Reason::AnswerWithoutWeight)
    } else {
        intents.filter(|intents| intents.contains(&None)).map(|_| Reason::IntentOffScale)
    }
}

/// The prices that were named, and where on them each answer lies.
pub(crate) struct Grid {
    pub(crate) prices: Vec<f64>,
    places: Vec<[u32; 4]>,
    /// How each answer changes the slope of the reach at its four prices.
    bends: Option<Vec<[f64; 4]>>,
}

impl Grid {
    pub(crate) fn of(answers: &Answers) -> Self {
        let mut prices: Vec<f64> =
            answers.prices.as_flattened().iter().copied().filter(|price| price.is_finite()).collect();
        prices.par_sort_unstable_by(f64::total_cmp);
        prices.dedup();
        let place = |price: f64| prices.partition_point(|known| *known < price) as u32;
        let places = answers.prices.par_iter().map(|answer| answer.map(place)).collect();
        let bends = answers.intents.as_ref().map(|intents| {
            answers.prices.iter().zip(intents).map(|(answer, intents)| bends(answer, intents)).collect()
        });
        Self { prices, places, bends }
    }

    /// The curves, each answer counted so many times.
    pub(crate) fn curves(&self, answers: &Answers, times: impl Fn(usize) -> f64) -> Curves {
        let mut below: [Vec<f64>; 4] = std::array::from_fn(|_| vec![0.0; self.prices.len()]);
        let mut slopes = self.bends.as_ref().map(|_| vec![0.0; self.prices.len()]);
        let mut total = 0.0;
        for (row, places) in self.places.iter().enumerate() {
            let weight = times(row) * answers.weights[row];
            if weight == 0.0 {
                continue;
            }
            total += weight;
            places.iter().zip(&mut below).for_each(|(place, below)| below[*place as usize] += weight);
            if let (Some(bends), Some(slopes)) = (&self.bends, &mut slopes) {
                places.iter().zip(bends[row]).for_each(|(place, bend)| slopes[*place as usize] += weight * bend);
            }
        }
        below.iter_mut().for_each(|below| accumulate(below));
        Curves { below, total, reach: slopes.map(|slopes| reach(&self.prices, &slopes)) }
    }
}

/// Weights at each price become those at or below it; nothing at the lowest price that was named, where the curve begins.
fn accumulate(weights: &mut [f64]) {
    let mut sum = 0.0;
    for weight in weights {
        let before = sum;
        sum += *weight;
        *weight = if before == 0.0 { 0.0 } else { sum };
    }
}

/// The probability to buy rises from 0 to the first intent, goes on to the second, and falls to 0: by how much its slope changes at each price.
fn bends(&[too_cheap, cheap, expensive, too_expensive]: &[f64; 4], &[first, second]: &[f64; 2]) -> [f64; 4] {
    let slopes =
        [first / (cheap - too_cheap), (second - first) / (expensive - cheap), -second / (too_expensive - expensive)];
    [slopes[0], slopes[1] - slopes[0], slopes[2] - slopes[1], -slopes[2]]
}

/// A curve from the changes of its slope. Steep pieces of single answers come and go, so both sums carry what they rounded off (Neumaier 1974).
fn reach(prices: &[f64], bends: &[f64]) -> Vec<f64> {
    let (mut slope, mut height) = (Carried::default(), Carried::default());
    let mut before = prices.first().copied().unwrap_or_default();
    prices
        .iter()
        .zip(bends)
        .map(|(price, bend)| {
            height.add(slope.value() * (price - before));
            slope.add(*bend);
            before = *price;
            height.value().max(0.0)
        })
        .collect()
}

/// A sum with what was rounded off.
#[derive(Default)]
struct Carried {
    sum: f64,
    carry: f64,
}

impl Carried {
    fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.carry += if self.sum.abs() >= value.abs() { (self.sum - sum) + value } else { (value - sum) + self.sum };
        self.sum = sum;
    }

    fn value(&self) -> f64 {
        self.sum + self.carry
    }
}

#[cfg(test)]
mod tests {
    use leverkit_core::{Column, RecordBatch, batch};

    use super::*;
    use crate::willingness::{Intersection, van_westendorp};

    /// Twelve answers whose points are known.
    const TWELVE: [[i32; 4]; 12] = [
        [3, 5, 9, 12],
        [4, 6, 10, 13],
        [5, 7, 11, 13],
        [5, 8, 11, 15],
        [6, 8, 12, 15],
        [6, 9, 12, 16],
        [7, 9, 13, 17],
        [7, 10, 14, 17],
        [8, 10, 14, 18],
        [8, 11, 15, 19],
        [9, 12, 16, 20],
        [10, 12, 16, 22],
    ];
    const CHEAP: [i32; 12] = [5, 5, 4, 4, 3, 5, 4, 3, 5, 4, 4, 5];
    const EXPENSIVE: [i32; 12] = [3, 2, 2, 1, 1, 3, 2, 1, 2, 2, 1, 3];

    fn answers() -> RecordBatch {
        let column = |at: usize| TWELVE.map(|answer| answer[at]).to_vec();
        batch!("tc" => column(0), "c" => column(1), "e" => column(2), "te" => column(3), "bc" => CHEAP, "be" => EXPENSIVE).unwrap()
    }

    fn params(rule: Intersection) -> WestendorpParams {
        WestendorpParams {
            buy_cheap: Some("bc".into()),
            buy_expensive: Some("be".into()),
            intersection: rule,
            ..WestendorpParams::new("tc", "c", "e", "te")
        }
    }

    #[test]
    fn twelve_answers_give_the_known_points_by_every_rule() {
        for (rule, optimal) in [
            (Intersection::Min, 10.0),
            (Intersection::Max, 12.0),
            (Intersection::Mean, 11.0),
            (Intersection::Median, 11.0),
        ] {
            let found = van_westendorp(&answers().into(), &params(rule)).unwrap();
            let prices: Vec<f64> = found.points.iter().map(|point| point.price.unwrap().estimate).collect();
            let known = [7.25, 14.0, 31.0 / 3.0, optimal, 28.0 / 3.0, 12.0, 9.0, 11.0];
            assert!(prices.iter().zip(known).all(|(a, b)| (a - b).abs() < 1e-12), "{rule:?}: {prices:?}");
            assert!(found.points.iter().all(|point| {
                point.price.is_some_and(|price| price.lower <= price.estimate && price.estimate <= price.upper)
            }));
            assert!((found.points[6].value.unwrap() - 0.277083).abs() < 1e-6);
            assert!((found.points[7].value.unwrap() - 2.780556).abs() < 1e-6);
        }
    }

    #[test]
    fn a_weight_of_two_is_the_answer_twice() {
        let twice = Table::of_batches(&[answers(), answers().slice(0, 4)]).unwrap();
        let weights: Vec<f64> = (0..12).map(|row| if row < 4 { 2.0 } else { 1.0 }).collect();
        let weighted = Table::from(answers()).with(Column::new("w", weights)).unwrap();
        let given = WestendorpParams { weights: Some("w".into()), ..params(Intersection::Mean) };
        let (a, b) =
            (van_westendorp(&weighted, &given).unwrap(), van_westendorp(&twice, &params(Intersection::Mean)).unwrap());
        for (a, b) in a.points.iter().zip(&b.points) {
            assert!((a.price.unwrap().estimate - b.price.unwrap().estimate).abs() < 1e-12, "{}", a.name);
        }
        assert!(a.reach.iter().zip(&b.reach).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    #[test]
    fn answers_out_of_order_are_counted_and_left_out() {
        let wrong =
            batch!("tc" => [9, 3], "c" => [5, 3], "e" => [9, 9], "te" => [12, 12], "bc" => [5, 5], "be" => [1, 1])
                .unwrap();
        let all = Table::of_batches(&[answers(), wrong.clone()]).unwrap();
        let found = van_westendorp(&all, &params(Intersection::Mean)).unwrap();
        assert_eq!((found.n, found.left_out[0].rows, found.left_out[0].first_row), (12, 2, 12));
        let none = van_westendorp(&wrong.into(), &params(Intersection::Mean)).unwrap_err();
        insta::assert_snapshot!(none, @"van_westendorp: none of 2 rows can be used: prices not in the order too cheap < cheap < expensive < too expensive, answer left out");
    }

    #[test]
    fn without_too_cheap_the_other_points_are_the_same() {
        let meter = WestendorpParams::new("tc", "c", "e", "te");
        let all = van_westendorp(&answers().into(), &meter).unwrap();
        let found = van_westendorp(&answers().into(), &WestendorpParams { too_cheap: None, ..meter.clone() }).unwrap();
        for (point, known) in found.points.iter().zip(&all.points) {
            let needs_it = ["marginal_cheapness", "optimal", "narrower_cheapness"].contains(&point.name);
            assert_eq!(point.price, known.price.filter(|_| !needs_it), "{}", point.name);
            assert_eq!(point.reason.is_some(), needs_it);
        }
        let intents = WestendorpParams { buy_cheap: Some("bc".into()), buy_expensive: Some("be".into()), ..meter };
        let refused = van_westendorp(&answers().into(), &WestendorpParams { too_cheap: None, ..intents }).unwrap_err();
        insta::assert_snapshot!(refused, @"too_cheap: got none; expected the price that is too cheap: intents to buy fall to 0 there");
    }

    #[test]
    fn too_few_answers_identify_no_point() {
        let found = van_westendorp(&answers().slice(0, 3).into(), &params(Intersection::Mean)).unwrap();
        assert!(found.points.iter().all(|point| point.price.is_none()));
        assert_eq!(found.points[0].reason.as_deref(), Some("3 answers; at least 10 are needed"));
    }

    #[test]
    fn the_reach_is_the_mean_of_the_respondents_own_curves() {
        let found = van_westendorp(&answers().into(), &params(Intersection::Mean)).unwrap();
        let chance = |answer: [i32; 4], heights: [f64; 4], price: f64| {
            (0..3).find(|&at| f64::from(answer[at]) <= price && price <= f64::from(answer[at + 1])).map_or(0.0, |at| {
                let (low, high) = (f64::from(answer[at]), f64::from(answer[at + 1]));
                heights[at] + (heights[at + 1] - heights[at]) * (price - low) / (high - low)
            })
        };
        let scale = |value: i32| [0.0, 0.1, 0.3, 0.5, 0.7][value as usize - 1];
        for (price, reach) in found.prices.iter().zip(&found.reach) {
            let all =
                (0..12).map(|row| chance(TWELVE[row], [0.0, scale(CHEAP[row]), scale(EXPENSIVE[row]), 0.0], *price));
            assert!((all.sum::<f64>() / 12.0 - reach).abs() < 1e-14, "at {price}");
        }
    }
}
