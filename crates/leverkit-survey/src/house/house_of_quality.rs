//! The house of quality: which characteristics serve what customers need, and how sure their order is.

use leverkit_core::Params;
use leverkit_core::stats::budget::Watched;
use leverkit_core::stats::{Interval, percentile_interval};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::Serialize;

use super::agreement::{Metric, krippendorff_alpha};
use super::ahp::{drawn_times, places};
use super::input::{Characteristic, HouseInput, Need, Plan};
use super::params::{HouseMethod, HouseParams};
use crate::Error;

/// Scales of three strengths that are in use; which one is taken is a convention.
const SCALES: [[f64; 3]; 4] = [[9.0, 3.0, 1.0], [5.0, 3.0, 1.0], [4.0, 2.0, 1.0], [3.0, 2.0, 1.0]];

/// From this probability on something is said.
const SURE: f64 = 0.9;

/// The importance of a characteristic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HouseRow {
    /// Its name.
    pub characteristic: String,
    /// Weights times strengths.
    pub raw: f64,
    /// That as a share of all.
    pub relative: f64,
    /// Share after Lyman.
    pub lyman: f64,
    /// Share after Wasserman; `None` without a roof, or where it leaves none.
    pub wasserman: Option<f64>,
    /// Place by the method asked for, from 1, with limits.
    pub rank: Interval,
    /// The chance of the first place.
    pub first: f64,
    /// The chance of a place at the top.
    pub top: f64,
    /// Whether it is at the top: "top", "not top" or "can't tell".
    pub verdict: &'static str,
}

/// The importance of a need.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HouseNeed {
    /// Its weight as a share of all, with limits; these equal the weight where it was given.
    pub weight: Interval,
    /// Target over today's rating.
    pub improvement: f64,
    /// How much more it matters because it sells.
    pub sales_point: f64,
    /// Weight × improvement × sales point as a share of all.
    pub importance: f64,
    /// The competitor that serves it best, with its rating.
    pub best: Option<(String, f64)>,
}

/// Two characteristics held against each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HousePair {
    /// The one that is more important.
    pub first: String,
    /// The other.
    pub second: String,
    /// By how much, share of all importance, with limits.
    pub difference: Interval,
    /// The chance that it is more important.
    pub probability: f64,
    /// "apart" or "can't tell".
    pub verdict: &'static str,
}

/// A characteristic on one of the scales in use.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HouseScale {
    /// The scale, such as "9-3-1".
    pub scale: String,
    /// The characteristic.
    pub characteristic: String,
    /// Its importance as a share of all.
    pub importance: f64,
    /// Its place.
    pub rank: f64,
    /// Whether another has the same.
    pub is_tied: bool,
}

/// A house of quality.
///
/// ```
/// use leverkit_survey::{Characteristic, HouseInput, HouseParams, Need, Relation, house_of_quality};
/// let need = |name: &str, weight| Need { name: name.into(), weight: Some(weight), current: None, target: None, sales_point: None, competitors: vec![] };
/// let part = |name: &str, cost| Characteristic { name: name.into(), target: None, difficulty: None, cost: Some(cost) };
/// let cell = |need: &str, part: &str, strength| Relation { need: need.into(), characteristic: part.into(), strength, judge: None };
/// let house = house_of_quality(&HouseInput {
///     needs: vec![need("fast", 2.0), need("cheap", 1.0)],
///     characteristics: vec![part("engine", 80.0), part("paint", 30.0)],
///     relations: vec![cell("fast", "engine", 9.0), cell("cheap", "engine", 1.0), cell("cheap", "paint", 3.0)],
///     ..HouseInput::default()
/// }, &HouseParams::default())?;
/// // What to improve for 100: the engine is worth more, and both cost too much.
/// let choice = house.choose(100.0, 0.0)?;
/// assert_eq!(choice.rows.iter().filter(|row| row.is_chosen).map(|row| row.characteristic.as_str()).collect::<Vec<_>>(), ["engine"]);
/// // The next house asks what serves the engine and the paint.
/// let next = house.cascade(HouseInput {
///     characteristics: vec![part("turbo", 20.0), part("lacquer", 10.0)],
///     relations: vec![cell("engine", "turbo", 9.0), cell("paint", "lacquer", 9.0)],
///     ..HouseInput::default()
/// })?;
/// assert!((next.rows[0].relative - house.rows[0].relative).abs() < 1e-12);
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct HouseOfQuality {
    /// What it was made with.
    pub params: HouseParams,
    /// What it was built of.
    pub input: HouseInput,
    /// Its characteristics, in the order given.
    pub rows: Vec<HouseRow>,
    /// Its needs, in the order given.
    pub needs: Vec<HouseNeed>,
    /// Each pair of characteristics.
    pub pairs: Vec<HousePair>,
    /// The same house on other scales; only for scales of three strengths.
    pub scales: Vec<HouseScale>,
    /// The mean strength of each relation, need by need.
    pub strengths: Vec<f64>,
    /// Agreement of judges on the relations: Krippendorff's alpha of ordered strengths; `None` for one judge.
    pub alpha: Option<f64>,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    /// Importances in the houses drawn.
    pub(crate) drawn: Vec<Vec<f64>>,
    /// The importance that the method asked for gives.
    pub(crate) importance: Vec<f64>,
}

/// Weighs characteristics by how strongly they serve needs.
///
/// Raw importance is wⱼ = Σ wᵢ Rᵢⱼ; Lyman divides each row of R by its sum before, Wasserman (1993) each row of R·Γ, Γ being the roof. The order is judged by
/// drawing houses: respondents anew where they answered, judges anew where there are several (each relation a step up or down, with chances ¼ and ¼, where
/// there is one), and one of the scales 9-3-1, 5-3-1, 4-2-1, 3-2-1.
///
/// # Errors
/// [`Error::Core`] for names that do not fit, a strength outside the scale, or weights below 0; [`Error::NotIdentified`] where Wasserman is asked for and the roof
/// leaves a need with a sum of 0 or less, or no relation is left.
///
/// ```
/// use leverkit_survey::{Characteristic, HouseInput, HouseParams, Need, Relation, house_of_quality};
/// let need = |name: &str, weight| Need { name: name.into(), weight: Some(weight), current: None, target: None, sales_point: None, competitors: vec![] };
/// let part = |name: &str| Characteristic { name: name.into(), target: None, difficulty: None, cost: None };
/// let cell = |need: &str, part: &str, strength| Relation { need: need.into(), characteristic: part.into(), strength, judge: None };
/// let input = HouseInput {
///     needs: vec![need("fast", 2.0), need("cheap", 1.0)],
///     characteristics: vec![part("engine"), part("paint")],
///     relations: vec![cell("fast", "engine", 9.0), cell("cheap", "engine", 1.0), cell("cheap", "paint", 3.0)],
///     ..HouseInput::default()
/// };
/// let house = house_of_quality(&input, &HouseParams::default())?;
/// assert!((house.rows[0].relative - 19.0 / 22.0).abs() < 1e-12);
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn house_of_quality(input: &HouseInput, params: &HouseParams) -> Result<HouseOfQuality, Error> {
    params.check()?;
    let plan = input.plan(params)?;
    let model = Model { input, params, plan: &plan };
    let weights = model.adjusted(&plan.weights);
    let strengths = model.strengths(|_| 1.0, &params.scale, |step| step);
    let importance = model.importance(&weights, &strengths, params.method)?;
    let houses: Vec<House> =
        (0..params.draws as u64).into_par_iter().watched().filter_map(|draw| model.draw(draw)).collect();
    if houses.is_empty() {
        return Err(Error::not_identified("house_of_quality", "no house that was drawn has any importance left"));
    }
    let (drawn_weights, drawn): (Vec<_>, Vec<_>) =
        houses.into_iter().map(|house| (house.weights, house.importance)).unzip();
    let mut found = HouseOfQuality {
        rows: model.rows(&weights, &strengths, &importance, &drawn)?,
        needs: model.needs(&weights, &drawn_weights)?,
        pairs: model.pairs(&importance, &drawn)?,
        scales: model.scales(&weights)?,
        alpha: model.alpha(),
        notes: model.remarks(&weights, &strengths),
        params: params.clone(),
        input: input.clone(),
        strengths,
        drawn,
        importance,
    };
    found.notes.extend(found.tied());
    Ok(found)
}

impl HouseOfQuality {
    /// The next house of a cascade: its needs are the characteristics of this one, weighted by their importance, whose uncertainty it takes over.
    ///
    /// # Errors
    /// As [`house_of_quality`].
    pub fn cascade(&self, mut next: HouseInput) -> Result<Self, Error> {
        next.needs = self
            .input
            .characteristics
            .iter()
            .zip(&self.importance)
            .map(|(found, weight)| Need {
                name: found.name.clone(),
                weight: Some(*weight),
                current: None,
                target: None,
                sales_point: None,
                competitors: Vec::new(),
            })
            .collect();
        next.weight_draws.clone_from(&self.drawn);
        house_of_quality(&next, &self.params)
    }

    /// Which scales tie the first places, or change them.
    fn tied(&self) -> Option<String> {
        let first = |scale: &str| -> Vec<&str> {
            let rows = self.scales.iter().filter(|row| row.scale == scale && row.rank == 1.0);
            rows.map(|row| row.characteristic.as_str()).collect()
        };
        let names = SCALES.map(|scale| scale_name(&scale));
        let firsts: Vec<Vec<&str>> = names.iter().map(|name| first(name)).collect();
        let differs = firsts.windows(2).any(|pair| pair[0] != pair[1]);
        differs.then(|| "The first place depends on the scale of strengths alone; see scales.".to_owned())
    }
}

struct House {
    weights: Vec<f64>,
    importance: Vec<f64>,
}

struct Model<'a> {
    input: &'a HouseInput,
    params: &'a HouseParams,
    plan: &'a Plan,
}

impl Model<'_> {
    fn width(&self) -> usize {
        self.input.characteristics.len()
    }

    /// Weights with improvement and sales point, adding up to one.
    fn adjusted(&self, weights: &[f64]) -> Vec<f64> {
        let of = |(weight, need): (&f64, &Need)| weight * improvement(need) * need.sales_point.unwrap_or(1.0);
        shares(weights.iter().zip(&self.input.needs).map(of).collect())
    }

    /// The mean strength of each relation over judges, each counted so many times.
    fn strengths(
        &self,
        times: impl Fn(usize) -> f64,
        scale: &[f64],
        mut moved: impl FnMut(usize) -> usize,
    ) -> Vec<f64> {
        let mut sums = vec![0.0; self.input.needs.len() * self.width()];
        let mut total = 0.0;
        for (judge, steps) in self.plan.judged.iter().enumerate() {
            total += times(judge);
            for (sum, step) in sums.iter_mut().zip(steps) {
                let step = if *step == 0 { 0 } else { moved(*step) };
                *sum +=
                    times(judge) * step.checked_sub(1).and_then(|place| scale.get(place)).copied().unwrap_or_default();
            }
        }
        sums.into_iter().map(|sum| sum / total).collect()
    }

    /// Importance as a share of all.
    fn importance(&self, weights: &[f64], strengths: &[f64], method: HouseMethod) -> Result<Vec<f64>, Error> {
        let found = match method {
            HouseMethod::Raw => weighed(weights, strengths, self.width()),
            HouseMethod::Lyman => weighed(weights, &by_row_sums(strengths, self.width()), self.width()),
            HouseMethod::Wasserman => {
                let carried = self.carried(strengths)?;
                weighed(weights, &by_row_sums(&carried, self.width()), self.width())
            }
        };
        if found.iter().all(|value| *value == 0.0) {
            let reason = "no characteristic serves a need that has a weight; give relations of at least one";
            return Err(Error::not_identified("house_of_quality", reason));
        }
        Ok(shares(found))
    }

    /// R·Γ; refused where a need is left with a sum of 0 or less, which would turn the order of its characteristics round.
    fn carried(&self, strengths: &[f64]) -> Result<Vec<f64>, Error> {
        let width = self.width();
        let Some(roof) = &self.plan.roof else {
            return Err(Error::parameter("method", "\"wasserman\" without a roof", "a roof, or another method"));
        };
        let mut carried = Vec::with_capacity(strengths.len());
        for (need, row) in self.input.needs.iter().zip(strengths.chunks_exact(width)) {
            let products: Vec<f64> = (0..width)
                .map(|to| row.iter().enumerate().map(|(from, strength)| strength * roof[from * width + to]).sum())
                .collect();
            let sum: f64 = products.iter().sum();
            if sum <= 0.0 && row.iter().any(|strength| *strength > 0.0) {
                let reason = format!(
                    "the roof leaves need {:?} with strengths that add up to {sum:.3}; weaken its negative correlations or use another method",
                    need.name
                );
                return Err(Error::not_identified("wasserman", reason));
            }
            carried.extend(products);
        }
        Ok(carried)
    }

    /// A house as it might have been; `None` where nothing is left of it.
    fn draw(&self, draw: u64) -> Option<House> {
        let mut random = Pcg64::seed_from_u64(self.params.seed ^ draw.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let draws = &self.input.weight_draws;
        let given =
            if draws.is_empty() { self.plan.weights.clone() } else { draws[draw as usize % draws.len()].clone() };
        let weights = self.adjusted(&given);
        let scale: &[f64] =
            if self.params.scale.len() == 3 { &SCALES[random.random_range(0..4)] } else { &self.params.scale };
        let judges = self.plan.judged.len();
        let strengths = if judges > 1 {
            let times = drawn_times(judges, &mut random);
            self.strengths(|judge| times[judge], scale, |step| step)
        } else {
            self.strengths(|_| 1.0, scale, |step| moved(step, scale.len(), &mut random))
        };
        let importance = self.importance(&weights, &strengths, self.params.method).ok()?;
        Some(House { weights: shares(given), importance })
    }

    fn rows(
        &self,
        weights: &[f64],
        strengths: &[f64],
        importance: &[f64],
        drawn: &[Vec<f64>],
    ) -> Result<Vec<HouseRow>, Error> {
        let raw = weighed(weights, strengths, self.width());
        let relative = shares(raw.clone());
        let lyman = self.importance(weights, strengths, HouseMethod::Lyman)?;
        let wasserman = self.importance(weights, strengths, HouseMethod::Wasserman).ok();
        let (own, ranks) = (places(importance), drawn.iter().map(|drawn| places(drawn)).collect::<Vec<_>>());
        let top_places = self.params.top as f64;
        let row = |(at, found): (usize, &Characteristic)| {
            let places: Vec<f64> = ranks.iter().map(|ranks| ranks[at]).collect();
            let share = |most: f64| places.iter().filter(|place| **place <= most).count() as f64 / places.len() as f64;
            let top = share(top_places);
            Ok(HouseRow {
                characteristic: found.name.clone(),
                raw: raw[at],
                relative: relative[at],
                lyman: lyman[at],
                wasserman: wasserman.as_ref().map(|shares| shares[at]),
                rank: percentile_interval(own[at], &places, self.params.level)?,
                first: share(1.0),
                top,
                verdict: if top >= SURE {
                    "top"
                } else if top <= 1.0 - SURE {
                    "not top"
                } else {
                    "can't tell"
                },
            })
        };
        self.input.characteristics.iter().enumerate().map(row).collect()
    }

    fn needs(&self, importance: &[f64], drawn: &[Vec<f64>]) -> Result<Vec<HouseNeed>, Error> {
        let weights = shares(self.plan.weights.clone());
        let of = |(at, need): (usize, &Need)| {
            let drawn: Vec<f64> = drawn.iter().map(|weights| weights[at]).collect();
            Ok(HouseNeed {
                weight: percentile_interval(weights[at], &drawn, self.params.level)?,
                improvement: improvement(need),
                sales_point: need.sales_point.unwrap_or(1.0),
                importance: importance[at],
                best: need.competitors.iter().max_by(|a, b| a.1.total_cmp(&b.1)).cloned(),
            })
        };
        self.input.needs.iter().enumerate().map(of).collect()
    }

    fn pairs(&self, importance: &[f64], drawn: &[Vec<f64>]) -> Result<Vec<HousePair>, Error> {
        let mut order: Vec<usize> = (0..self.width()).collect();
        order.sort_by(|a, b| importance[*b].total_cmp(&importance[*a]));
        let name = |at: usize| self.input.characteristics[at].name.clone();
        let mut pairs = Vec::new();
        for (place, &one) in order.iter().enumerate() {
            for &other in &order[place + 1..] {
                let gaps: Vec<f64> = drawn.iter().map(|drawn| drawn[one] - drawn[other]).collect();
                let difference = percentile_interval(importance[one] - importance[other], &gaps, self.params.level)?;
                pairs.push(HousePair {
                    first: name(one),
                    second: name(other),
                    difference,
                    probability: gaps.iter().filter(|gap| **gap > 0.0).count() as f64 / gaps.len() as f64,
                    verdict: if difference.lower > 0.0 { "apart" } else { "can't tell" },
                });
            }
        }
        Ok(pairs)
    }

    fn scales(&self, weights: &[f64]) -> Result<Vec<HouseScale>, Error> {
        let mut rows = Vec::new();
        for scale in SCALES.iter().filter(|_| self.params.scale.len() == 3) {
            let strengths = self.strengths(|_| 1.0, scale, |step| step);
            let importance = self.importance(weights, &strengths, self.params.method)?;
            let ranks = places(&importance);
            let row = |(at, found): (usize, &Characteristic)| HouseScale {
                scale: scale_name(scale),
                characteristic: found.name.clone(),
                importance: importance[at],
                rank: ranks[at],
                is_tied: ranks.iter().filter(|rank| **rank == ranks[at]).count() > 1,
            };
            rows.extend(self.input.characteristics.iter().enumerate().map(row));
        }
        Ok(rows)
    }

    /// Agreement on the relations, none among them.
    fn alpha(&self) -> Option<f64> {
        let judged = &self.plan.judged;
        let unit =
            |at: usize| judged.iter().map(|steps| rank_of(steps[at], self.params.scale.len())).collect::<Vec<_>>();
        let units: Vec<Vec<f64>> = (0..judged[0].len()).map(unit).collect();
        krippendorff_alpha(&units, Metric::Ordinal)
    }

    fn remarks(&self, weights: &[f64], strengths: &[f64]) -> Vec<String> {
        let mut notes = self.input.notes.clone();
        for (need, row) in self.input.needs.iter().zip(strengths.chunks_exact(self.width())) {
            if row.iter().all(|strength| *strength == 0.0) {
                notes.push(format!("Need {:?} is served by no characteristic.", need.name));
            }
        }
        for (at, found) in self.input.characteristics.iter().enumerate() {
            if strengths.iter().skip(at).step_by(self.width()).all(|strength| *strength == 0.0) {
                notes.push(format!("Characteristic {:?} serves no need.", found.name));
            }
        }
        if self.input.weight_draws.is_empty() {
            notes.push("Weights are taken as certain: ranks vary with relations and scale alone.".into());
        }
        if self.plan.judged.len() == 1 {
            notes.push("One judge of relations: each is moved by a step to draw houses.".into());
        }
        if let (Some(_), Err(Error::NotIdentified { reason, .. })) =
            (&self.plan.roof, self.importance(weights, strengths, HouseMethod::Wasserman))
        {
            notes.push(format!("No importance after Wasserman: {reason}."));
        }
        notes
    }
}

fn improvement(need: &Need) -> f64 {
    need.target.zip(need.current).map_or(1.0, |(target, current)| target / current)
}

/// None is 0, the weakest 1.
fn rank_of(step: usize, steps: usize) -> f64 {
    if step == 0 { 0.0 } else { (steps + 1 - step) as f64 }
}

/// A relation a step up or down, each with a chance of ¼; below the weakest there is none.
fn moved(step: usize, steps: usize, random: &mut Pcg64) -> usize {
    match random.random_range(0..4) {
        0 => (step - 1).max(1),
        1 if step == steps => 0,
        1 => step + 1,
        _ => step,
    }
}

fn weighed(weights: &[f64], matrix: &[f64], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; width];
    for (weight, row) in weights.iter().zip(matrix.chunks_exact(width)) {
        sums.iter_mut().zip(row).for_each(|(sum, cell)| *sum += weight * cell);
    }
    sums
}

fn by_row_sums(matrix: &[f64], width: usize) -> Vec<f64> {
    let of_row = |row: &[f64]| {
        let sum: f64 = row.iter().sum();
        row.iter().map(move |cell| if sum == 0.0 { 0.0 } else { cell / sum }).collect::<Vec<_>>()
    };
    matrix.chunks_exact(width).flat_map(of_row).collect()
}

fn shares(values: Vec<f64>) -> Vec<f64> {
    let total: f64 = values.iter().sum();
    values.into_iter().map(|value| value / total).collect()
}

fn scale_name(scale: &[f64]) -> String {
    scale.iter().map(f64::to_string).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::input::{Relation, RoofCell};
    use super::*;

    const STRENGTHS: [[f64; 4]; 3] = [[9.0, 3.0, 0.0, 0.0], [3.0, 9.0, 1.0, 0.0], [0.0, 1.0, 9.0, 9.0]];

    /// Three needs, four characteristics a to d.
    pub(crate) fn input(roof: &[(&str, &str, f64)]) -> HouseInput {
        let need = |(name, weight): (&str, f64)| Need {
            name: name.into(),
            weight: Some(weight),
            current: None,
            target: None,
            sales_point: None,
            competitors: Vec::new(),
        };
        let names = ["a", "b", "c", "d"];
        let cell = |row: usize, column: usize| Relation {
            need: ["x", "y", "z"][row].into(),
            characteristic: names[column].into(),
            strength: STRENGTHS[row][column],
            judge: None,
        };
        HouseInput {
            needs: [("x", 5.0), ("y", 3.0), ("z", 2.0)].map(need).to_vec(),
            characteristics: names
                .map(|name| Characteristic { name: name.into(), target: None, difficulty: None, cost: None })
                .to_vec(),
            relations: (0..12).map(|at| cell(at / 4, at % 4)).collect(),
            roof: roof
                .iter()
                .map(|(first, second, correlation)| RoofCell {
                    first: (*first).into(),
                    second: (*second).into(),
                    correlation: *correlation,
                })
                .collect(),
            ..HouseInput::default()
        }
    }

    fn close(found: impl IntoIterator<Item = f64>, expected: [f64; 4]) {
        for (found, expected) in found.into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
        }
    }

    /// Computed by numpy from the formulas.
    #[test]
    fn importances_are_those_of_the_formulas() {
        let found = house_of_quality(&input(&[("a", "b", 0.3), ("c", "d", 0.1)]), &HouseParams::default()).unwrap();
        close(found.rows.iter().map(|row| row.raw), [5.4, 4.4, 2.1, 1.8]);
        close(found.rows.iter().map(|row| row.relative), [0.394161, 0.321168, 0.153285, 0.131387]);
        close(found.rows.iter().map(|row| row.lyman), [0.444231, 0.343219, 0.117814, 0.094737]);
        close(found.rows.iter().filter_map(|row| row.wasserman), [0.422547, 0.370015, 0.111803, 0.095635]);
    }

    #[test]
    fn the_scale_alone_can_tie_the_first_places() {
        let found = house_of_quality(&input(&[]), &HouseParams::default()).unwrap();
        let last: Vec<&HouseScale> = found.scales.iter().filter(|row| row.scale == "3-2-1").collect();
        assert!(last[0].is_tied && last[1].is_tied && (last[0].importance - 0.368421).abs() < 1e-6);
        assert!(found.notes.iter().any(|note| note.contains("depends on the scale")));
        let pair = &found.pairs[0];
        assert_eq!((pair.first.as_str(), pair.second.as_str(), pair.verdict), ("a", "b", "can't tell"));
    }

    #[test]
    fn a_roof_that_leaves_nothing_is_refused() {
        let roof = [("a", "b", -0.9), ("a", "c", -0.9)];
        let found = house_of_quality(&input(&roof), &HouseParams::default()).unwrap();
        assert!(found.rows.iter().all(|row| row.wasserman.is_none()));
        assert!(found.notes.iter().any(|note| note.starts_with("No importance after Wasserman")));
        let params = HouseParams { method: HouseMethod::Wasserman, ..HouseParams::default() };
        assert!(house_of_quality(&input(&roof), &params).unwrap_err().to_string().contains("the roof leaves need"));
    }

    #[test]
    fn a_cascade_is_the_product_of_the_houses() {
        let found = house_of_quality(&input(&[]), &HouseParams::default()).unwrap();
        let part = |name: &str| Characteristic { name: name.into(), target: None, difficulty: None, cost: None };
        let cell = |need: &str, part: &str, strength| Relation {
            need: need.into(),
            characteristic: part.into(),
            strength,
            judge: None,
        };
        let next = HouseInput {
            characteristics: vec![part("p"), part("q")],
            relations: vec![cell("a", "p", 9.0), cell("b", "q", 9.0), cell("c", "q", 1.0)],
            ..HouseInput::default()
        };
        let second = found.cascade(next).unwrap();
        assert!((second.rows[0].raw - 9.0 * found.rows[0].relative).abs() < 1e-12);
        assert!(second.needs[0].weight.lower < second.needs[0].weight.upper, "what was not sure stays so");
    }

    #[test]
    fn a_strength_outside_the_scale_is_named() {
        let mut wrong = input(&[]);
        wrong.relations[1].strength = 4.0;
        let said = house_of_quality(&wrong, &HouseParams::default()).unwrap_err().to_string();
        assert_eq!(said, "relations: got 4 for \"x\" and \"b\"; expected a strength of the scale: 9, 3, 1 or 0");
    }
}
