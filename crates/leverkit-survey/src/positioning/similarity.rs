//! Maps of what respondents find alike: multidimensional scaling of pairs that they compared.

use leverkit_core::columns::find;
use leverkit_core::left_out::Tallies;
use leverkit_core::stats::budget::Watched;
use leverkit_core::stats::{Interval, percentile_interval};
use leverkit_core::{LeftOut, NO_CODE, Params, Reason, Table};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::Serialize;

use super::map::{Place, Scatter, aligned, chance};
use super::params::{ScalingMethod, SimilarityParams};
use super::scaling::{Places, Square, classical, pairs, smacof};
use crate::Error;
use crate::answers::{FEW, People, RATING, Reading, Respondents};

/// Why a row is left out.
const REASONS: [Reason; 3] = [Reason::UnknownTick, Reason::NullRespondent, Reason::AnswerWithoutWeight];

/// So many dimensions are tried, to tell how many are needed.
const DIMENSIONS: usize = 5;
/// More items are no survey: every pair has to be compared.
const MOST: usize = 100;

/// An item on the map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimilarityPoint {
    /// The item.
    pub item: String,
    /// Its place across: distances on the map are in units of the answers.
    pub x: f64,
    /// And upwards.
    pub y: f64,
    /// How far the place scatters over samples of respondents; `None` for a single one.
    pub scatter: Option<Scatter>,
    /// Its share of all squared errors.
    pub error: Option<f64>,
}

/// Two items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimilarityPair {
    /// One.
    pub one: String,
    /// The other.
    pub other: String,
    /// Respondents who compared them.
    pub n: u64,
    /// How far their answers are from "the same" on average, with bootstrap limits.
    pub dissimilarity: Interval,
    /// Their distance on the map.
    pub distance: f64,
}

/// How well so many dimensions fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimilarityFit {
    /// How many.
    pub dimensions: usize,
    /// The root of Σ(δ − d)² / Σδ².
    pub stress: f64,
}

/// A map of what is alike.
#[derive(Debug, Clone)]
pub struct Similarity {
    /// What it was made with.
    pub params: SimilarityParams,
    /// The items, sorted by name.
    pub points: Vec<SimilarityPoint>,
    /// All pairs.
    pub pairs: Vec<SimilarityPair>,
    /// One dimension and more.
    pub fits: Vec<SimilarityFit>,
    /// The stress of the map, in two dimensions.
    pub stress: f64,
    /// The chance of as low a stress where answers have nothing to do with pairs, by permutation.
    pub p_value: f64,
    /// Respondents.
    pub n: u64,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Maps items by how unlike respondents find them, pair by pair: distances on the map are as near as can be to the mean dissimilarities. By majorisation of the stress (de Leeuw 1977) or by the
/// classical method (Torgerson 1952). Ellipses come from a bootstrap of respondents, each sample turned onto the map; whether the map shows more than chance is tested by dealing each respondent's
/// answers anew to the pairs that they compared (Mair, Borg & Rusch 2016).
///
/// # Errors
/// [`Error::Core`] for an unknown column, answers on both sides of `same`, or an item beside itself; [`Error::NotIdentified`] for fewer than three items or a pair that nobody compared;
/// [`Error::Empty`] where no answer is left.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::{SimilarityParams, similarity};
/// // Tea and coffee are alike (2 of 9), and soup is like neither (8).
/// let who: Vec<i64> = (0..120).map(|row| row / 3).collect();
/// let one: Vec<&str> = (0..120).map(|row| ["tea", "tea", "coffee"][row % 3]).collect();
/// let other: Vec<&str> = (0..120).map(|row| ["coffee", "soup", "soup"][row % 3]).collect();
/// let unlike: Vec<f64> = (0..120).map(|row| [2.0, 8.0, 8.0][row % 3]).collect();
/// let answers = Table::from(batch!("who" => who, "one" => one, "other" => other, "unlike" => unlike)?);
/// let found = similarity(&answers, &SimilarityParams::new("who", "one", "other", "unlike", 1.0))?;
/// assert!((found.pairs[1].distance - 1.0).abs() < 1e-6); // coffee and tea
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn similarity(table: &Table, params: &SimilarityParams) -> Result<Similarity, Error> {
    params.check()?;
    let compared = Compared::of(table, params)?;
    let items = compared.items.len();
    let weights = &compared.respondents.weights;
    let own = compared.means(weights, |person, at| compared.answers[person][at].1);
    if let Some(at) = own.iter().position(|mean| mean.is_nan()) {
        let (one, other) = pairs(items).nth(at).unwrap_or_default();
        let reason = format!(
            "nobody compared {:?} with {:?}; leave one of them out, or ask for this pair",
            compared.items[one], compared.items[other]
        );
        return Err(Error::not_identified("similarity", reason));
    }
    let wanted = Square::of(items, &own);
    let fitted =
        |means: &[f64], dimensions: usize| params.method.fit(&Square::of(items, means), dimensions, params.seed);
    let places = fitted(&own, 2).filter(|_| own.iter().any(|mean| *mean > 0.0)).ok_or_else(|| {
        Error::not_identified("similarity", "all pairs are said to be the same, so nothing tells them apart")
    })?;
    let drawn = compared.respondents.bootstrap(params.replicates, params.seed, |weights| {
        compared.means(weights, |person, at| compared.answers[person][at].1)
    })?;
    let drawn: Vec<Vec<f64>> = drawn.into_iter().filter(|means| means.iter().all(|mean| mean.is_finite())).collect();
    let on_map = on_plane(&places);
    let scattered: Vec<Vec<Place>> =
        drawn.par_iter().watched().filter_map(|means| Some(aligned(&on_plane(&fitted(means, 2)?), &on_map))).collect();
    let stress = places.stress(&wanted);
    let dealt: Vec<f64> = (0..params.replicates as u64)
        .into_par_iter()
        .watched()
        .filter_map(|draw| {
            let means = compared.dealt(draw, params.seed);
            Some(fitted(&means, 2)?.stress(&Square::of(items, &means)))
        })
        .collect();
    let p_value = chance(dealt.iter().filter(|other| **other <= stress + 1e-6).count(), dealt.len());
    let n = compared.respondents.len();
    let errors = places.errors(&wanted);
    let all: f64 = errors.iter().sum();
    let point = |item: usize| SimilarityPoint {
        item: compared.items[item].clone(),
        x: on_map[item][0],
        y: on_map[item][1],
        scatter: (n > 1).then(|| Scatter::of(&scattered.iter().map(|places| places[item]))),
        error: (stress > 1e-6).then(|| errors[item] / all),
    };
    let pair = |(at, (one, other)): (usize, (usize, usize))| {
        let values: Vec<f64> = drawn.iter().map(|means| means[at]).collect();
        Ok(SimilarityPair {
            one: compared.items[one].clone(),
            other: compared.items[other].clone(),
            n: compared.answers.iter().filter(|answers| answers.iter().any(|(known, _)| *known == at)).count() as u64,
            dissimilarity: percentile_interval(own[at], &values, params.level)?,
            distance: places.distance(one, other),
        })
    };
    let fit = |dimensions: usize| {
        let stress = fitted(&own, dimensions)?.stress(&wanted);
        Some(SimilarityFit { dimensions, stress })
    };
    Ok(Similarity {
        points: (0..items).map(point).collect(),
        pairs: pairs(items).enumerate().map(pair).collect::<Result<_, Error>>()?,
        fits: (1..=DIMENSIONS.min(items - 1)).filter_map(fit).collect(),
        stress,
        p_value,
        n: n as u64,
        notes: remarks(n, items, p_value),
        left_out: compared.left_out,
        params: params.clone(),
    })
}

impl ScalingMethod {
    fn fit(self, wanted: &Square, dimensions: usize, seed: u64) -> Option<Places> {
        match self {
            Self::Smacof => smacof(wanted, dimensions, seed),
            Self::Classical => classical(wanted, dimensions),
        }
    }
}

fn on_plane(places: &Places) -> Vec<Place> {
    places.at.chunks_exact(2).map(|place| [place[0], place[1]]).collect()
}

fn remarks(n: usize, items: usize, p_value: f64) -> Vec<String> {
    let mut notes = Vec::new();
    if items < 5 {
        notes.push(format!("{items} items fit a plane nearly always: the map says no more than the pairs."));
    } else {
        notes.extend(super::map::doubt(p_value));
    }
    if n < FEW {
        notes.push(format!("{n} respondents are few: look at the limits."));
    }
    notes
}

/// How unlike respondents find pairs of items.
struct Compared {
    items: Vec<String>,
    respondents: Respondents,
    /// By respondent, pairs (in the order of [`pairs`]) and how unlike they are.
    answers: Vec<Vec<(usize, f64)>>,
    left_out: Vec<LeftOut>,
}

impl Compared {
    fn of(table: &Table, params: &SimilarityParams) -> Result<Self, Error> {
        let mut tallies = Tallies::default();
        let people = People::read(table, &params.people(), &mut tallies)?;
        let one = find(table, "one", &params.one)?.texts();
        let other = find(table, "other", &params.other)?.texts();
        let respondent = Some(find(table, "respondent", &params.respondent)?);
        let reading = Reading { table, own: &params.scale, respondent };
        let values = reading.numbers("value", &[&params.value], &RATING)?.concat();
        let unlike = unlike(&values, params)?;
        let mut rows = Vec::new();
        for (row, &owner) in people.owners.iter().enumerate().filter(|(_, owner)| **owner != NO_CODE) {
            let (Some(one), Some(other), false) = (&one[row], &other[row], unlike[row].is_nan()) else {
                tallies.note(Reason::UnknownTick, row, f64::NAN);
                continue;
            };
            if one == other {
                let got = format!("{one:?} beside itself in row {row}");
                return Err(Error::parameter("one, other", got, "pairs of two different items"));
            }
            rows.push((owner as usize, one, other, unlike[row]));
        }
        let left_out = tallies.left_out(&REASONS);
        if rows.is_empty() {
            return Err(Error::empty("similarity", table.rows(), &left_out));
        }
        let mut items: Vec<String> =
            rows.iter().flat_map(|(_, one, other, _)| [(*one).clone(), (*other).clone()]).collect();
        items.sort_unstable();
        items.dedup();
        if !(3..=MOST).contains(&items.len()) {
            let reason =
                format!("{} items were compared; a map needs at least three, and takes {MOST} at most", items.len());
            return Err(Error::not_identified("similarity", reason));
        }
        let place = |item: &String| items.binary_search(item).unwrap_or_default();
        let n = items.len();
        // A pair that was answered twice, in either order, counts once, by the mean.
        let mut sums = vec![std::collections::BTreeMap::<usize, (f64, f64)>::new(); people.rows.len()];
        for (owner, one, other, unlike) in rows {
            let (low, high) = (place(one).min(place(other)), place(one).max(place(other)));
            let cell = sums[owner].entry(low * n - low * (low + 1) / 2 + high - low - 1).or_default();
            *cell = (cell.0 + unlike, cell.1 + 1.0);
        }
        let means = |own: std::collections::BTreeMap<usize, (f64, f64)>| {
            own.into_iter().map(|(pair, (sum, n))| (pair, sum / n)).collect()
        };
        let answers = sums.into_iter().map(means).collect();
        Ok(Self { items, respondents: people.respondents, answers, left_out })
    }

    /// Mean dissimilarities of all pairs by the weights of respondents, NaN where nobody answered.
    fn means(&self, weights: &[f64], answer: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let n = self.items.len();
        let mut sums = vec![(0.0, 0.0); n * (n - 1) / 2];
        for (person, answers) in self.answers.iter().enumerate() {
            for (at, (pair, _)) in answers.iter().enumerate() {
                let cell = &mut sums[*pair];
                *cell = (cell.0 + weights[person] * answer(person, at), cell.1 + weights[person]);
            }
        }
        sums.into_iter().map(|(sum, n)| sum / n).collect()
    }

    /// Means where each respondent's answers are dealt anew to their pairs; those who compared one pair exchange theirs with one another.
    fn dealt(&self, draw: u64, seed: u64) -> Vec<f64> {
        let mut random = Pcg64::seed_from_u64(seed ^ (draw + 1).wrapping_mul(0xD1B5_4A32_D192_ED03));
        let mut singles: Vec<f64> = self.answers.iter().filter(|own| own.len() == 1).map(|own| own[0].1).collect();
        singles.shuffle(&mut random);
        let mut singles = singles.into_iter();
        let mut dealt = |own: &Vec<(usize, f64)>| -> Vec<f64> {
            if own.len() == 1 {
                return singles.next().into_iter().collect();
            }
            let mut cards: Vec<f64> = own.iter().map(|(_, unlike)| *unlike).collect();
            cards.shuffle(&mut random);
            cards
        };
        let dealt: Vec<Vec<f64>> = self.answers.iter().map(&mut dealt).collect();
        self.means(&self.respondents.weights, |person, at| dealt[person][at])
    }
}

/// How far answers are from "the same"; all lie on one side of it.
fn unlike(values: &[f64], params: &SimilarityParams) -> Result<Vec<f64>, Error> {
    let first = |is: &dyn Fn(f64) -> bool| values.iter().position(|value| is(*value));
    if let (Some(below), Some(above)) = (first(&|value| value < params.same), first(&|value| value > params.same)) {
        let got =
            format!("{}, with {} in row {below} and {} in row {above}", params.same, values[below], values[above]);
        return Err(Error::parameter(
            "same",
            got,
            "the end of the scale that means \"the same\": all answers on one side of it",
        ));
    }
    Ok(values.iter().map(|value| (value - params.same).abs()).collect())
}
