//! The image of brands: what respondents say of which, beyond how often a brand or a statement is named at all.

use leverkit_core::columns::find;
use leverkit_core::left_out::Tallies;
use leverkit_core::stats::{Interval, benjamini_hochberg, percentile_interval};
use leverkit_core::{Column, Encoded, Groups, LeftOut, NO_CODE, Params, Reason, Table, encode};
use leverkit_stats::Estimate;
use serde::Serialize;

use super::map::{Axes, CHANCE, Counts, Map, MapPoint, Names, Place, Scatter, axes_of, counted, map, permuted};
use super::params::ImageParams;
use crate::Error;
use crate::answers::{FEW, People, Reading, Respondents};

/// Why a row is left out.
const REASONS: [Reason; 3] = [Reason::UnknownTick, Reason::NullRespondent, Reason::AnswerWithoutWeight];

/// What is said of a brand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImageCell {
    /// The brand.
    pub brand: String,
    /// The attribute.
    pub attribute: String,
    /// How many respondents said so, weighted.
    pub picks: f64,
    /// Their share of all respondents.
    pub share: f64,
    /// Points of all respondents above what the brand's and the attribute's own sums make expected, with bootstrap limits.
    pub deviation: Interval,
    /// Of no deviation, by its bootstrap error; `None` where samples do not differ.
    pub p_value: Option<f64>,
    /// By Benjamini & Hochberg over all cells.
    pub q_value: Option<f64>,
    /// "strength", "weakness" or "can't tell".
    pub verdict: &'static str,
}

/// How a brand moved on the map from the first wave to the second.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImageMove {
    /// The brand.
    pub brand: String,
    /// Where it was.
    pub from: Place,
    /// Where it is.
    pub to: Place,
    /// How the movement scatters.
    pub scatter: Scatter,
    /// Of no movement, by the bootstrap covariance of both coordinates.
    pub p_value: Option<f64>,
    /// "moved" or "can't tell".
    pub verdict: &'static str,
}

/// The image of brands.
#[derive(Debug, Clone)]
pub struct Image {
    /// What it was made with.
    pub params: ImageParams,
    /// Brand by brand.
    pub cells: Vec<ImageCell>,
    /// The map of brands and attributes.
    pub map: Map,
    /// Movements between two waves; empty without.
    pub moves: Vec<ImageMove>,
    /// Respondents.
    pub n: u64,
    /// What to know before using the numbers.
    pub notes: Vec<String>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// Tells what is said of brands from what is said of all of them (Romaniuk & Sharp 2000): a large brand has more ticks everywhere, and some statements fit everybody.
/// Expected is row sum × column sum / total. As respondents tick many boxes, errors come from a bootstrap over respondents, not from χ². The map is a correspondence
/// analysis; whether it shows more than chance is tested by dealing each respondent's attributes anew to the brands that they ticked.
///
/// # Errors
/// [`Error::Core`] for an unknown column or a flag that is none; [`Error::Empty`] where no tick is left; [`Error::NotIdentified`] for fewer than two brands or attributes.
///
/// ```
/// use leverkit_core::{Table, batch};
/// use leverkit_survey::{ImageParams, image};
/// let who: Vec<i64> = (0..40).flat_map(|who| [who, who]).collect();
/// let brand: Vec<&str> = (0..80).map(|row| if row % 2 == 0 { "a" } else { "b" }).collect();
/// let said: Vec<&str> = (0..80).map(|row| if (row % 2 == 0) == (row % 10 > 1) { "fresh" } else { "cheap" }).collect();
/// let found = image(&Table::from(batch!("who" => who, "brand" => brand, "said" => said)?), &ImageParams::new("who", "brand", "said"))?;
/// assert_eq!(found.cells[0].verdict, "weakness"); // of a to be cheap
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn image(table: &Table, params: &ImageParams) -> Result<Image, Error> {
    params.check()?;
    let picks = Picks::read(table, params)?;
    let size = (picks.brands.len(), picks.attributes.len());
    if size.0 < 2 || size.1 < 2 {
        let reason =
            format!("{} brands and {} attributes were ticked; at least two of each are needed", size.0, size.1);
        return Err(Error::not_identified("image", reason));
    }
    let counts = picks.counts(|_| true);
    let drawn = picks
        .respondents
        .bootstrap(params.replicates, params.seed, |weights| counted(&picks.people, |person| weights[person], size))?;
    let weights = &picks.respondents.weights;
    let mixed = permuted(&picks.people, |person| weights[person], size, params.replicates, params.seed);
    let names = Names { kinds: ["brand", "attribute"], rows: &picks.brands, columns: &picks.attributes };
    let mut map = map(&counts, &names, &drawn, &mixed)?;
    map.points.extend(picks.supplementary(&counts, params)?);
    let moves = picks.moves(&counts, params)?;
    let notes = picks.remarks(&map, params);
    Ok(Image {
        cells: picks.cells(&counts, &drawn, params)?,
        map,
        moves,
        n: picks.people.len() as u64,
        notes,
        left_out: picks.left_out,
        params: params.clone(),
    })
}

/// Ticked boxes by respondent.
struct Picks {
    brands: Vec<String>,
    attributes: Vec<String>,
    /// The cells that each ticked, ascending, none twice.
    people: Vec<Vec<u32>>,
    /// The same of brands that are only shown.
    passive: Vec<Vec<u32>>,
    respondents: Respondents,
    /// Which wave each belongs to; names of the waves, sorted.
    waves: (Vec<usize>, Vec<String>),
    /// Brands and attributes that nobody ticked.
    empty: Vec<String>,
    left_out: Vec<LeftOut>,
}

impl Picks {
    fn read(table: &Table, params: &ImageParams) -> Result<Self, Error> {
        let texts = |role: &str, name: &String| Ok::<_, Error>(find(table, role, name)?.texts());
        let (brands, attributes) = (texts("brand", &params.brand)?, texts("attribute", &params.attribute)?);
        let reading =
            Reading { table, own: &params.scale, respondent: Some(find(table, "respondent", &params.respondent)?) };
        let picked = params.picked.as_ref().map(|name| reading.flags("picked", name)).transpose()?;
        let mut tallies = Tallies::default();
        let (ids, waves) = people_of_waves(table, params)?;
        let people = People::by(table, ids, &params.people(), &mut tallies)?;
        let is_ticked = |row: usize| picked.as_ref().is_none_or(|picked| picked[row] == 1.0);
        let is_known = |row: usize| waves.is_known(row) && picked.as_ref().is_none_or(|picked| !picked[row].is_nan());
        let is_passive =
            |brand: &Option<String>| brand.as_ref().is_some_and(|brand| params.supplementary.contains(brand));
        if let Some(name) =
            params.supplementary.iter().find(|name| !brands.iter().flatten().any(|known| known == *name))
        {
            return Err(Error::parameter("supplementary", format!("{name:?}"), "names of brands"));
        }
        let (known_brands, mut empty_brands) = named(&brands, &|row| is_ticked(row) && !is_passive(&brands[row]));
        empty_brands.retain(|brand| !params.supplementary.contains(brand));
        let (known_attributes, empty_attributes) = named(&attributes, &is_ticked);
        let mut ticked = vec![Vec::new(); people.rows.len()];
        let mut shown_only = vec![Vec::new(); people.rows.len()];
        let mut is_said = vec![false; people.rows.len()];
        for (row, &owner) in people.owners.iter().enumerate().filter(|(_, owner)| **owner != NO_CODE) {
            let (Some(brand), Some(attribute), true) = (&brands[row], &attributes[row], is_known(row)) else {
                tallies.note(Reason::UnknownTick, row, f64::NAN);
                continue;
            };
            is_said[owner as usize] = true;
            let (true, Ok(attribute)) = (is_ticked(row), known_attributes.binary_search(attribute)) else { continue };
            let cell = |brand: usize| (brand * known_attributes.len() + attribute) as u32;
            if let Some(brand) = params.supplementary.iter().position(|known| known == brand) {
                shown_only[owner as usize].push(cell(brand));
            } else if let Ok(brand) = known_brands.binary_search(brand) {
                ticked[owner as usize].push(cell(brand));
            }
        }
        let left_out = tallies.left_out(&REASONS);
        if ticked.iter().all(Vec::is_empty) {
            return Err(Error::empty("image", table.rows(), &left_out));
        }
        // Only respondents of whom something is known, and each box once.
        let kept: Vec<u32> = (0..ticked.len() as u32).filter(|&at| is_said[at as usize]).collect();
        let of_kept = |mut ticked: Vec<Vec<u32>>| {
            let own = |&at: &u32| {
                let mut cells = std::mem::take(&mut ticked[at as usize]);
                cells.sort_unstable();
                cells.dedup();
                cells
            };
            kept.iter().map(own).collect()
        };
        Ok(Self {
            people: of_kept(ticked),
            passive: of_kept(shown_only),
            respondents: people.respondents.picked(&kept)?,
            waves: waves.of(&kept.iter().map(|&at| people.rows[at as usize].0 as usize).collect::<Vec<_>>()),
            empty: empty_brands.into_iter().chain(empty_attributes).collect(),
            brands: known_brands,
            attributes: known_attributes,
            left_out,
        })
    }

    fn counts(&self, is_of: impl Fn(usize) -> bool) -> Counts {
        let weight = |person: usize| if is_of(person) { self.respondents.weights[person] } else { 0.0 };
        counted(&self.people, weight, (self.brands.len(), self.attributes.len()))
    }

    fn cells(&self, counts: &Counts, drawn: &[Counts], params: &ImageParams) -> Result<Vec<ImageCell>, Error> {
        let n: f64 = self.respondents.weights.iter().sum();
        let own = deviations(counts, n);
        // Samples of other weight have other totals; points are of the sample's own.
        let resampled: Vec<Vec<f64>> = drawn.iter().map(|counts| deviations(counts, n)).collect();
        let of = |at: usize| {
            let values: Vec<f64> = resampled.iter().map(|draw| draw[at]).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let error =
                (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)).sqrt();
            let p_value = (error > 0.0).then(|| Estimate::normal(own[at], error, params.level).p_value);
            Ok((percentile_interval(own[at], &values, params.level)?, p_value))
        };
        let found: Vec<(Interval, Option<f64>)> = (0..own.len()).map(of).collect::<Result<_, Error>>()?;
        let q_values = benjamini_hochberg(&found.iter().map(|(_, p)| p.unwrap_or(f64::NAN)).collect::<Vec<_>>());
        let cell = |(at, ((deviation, p_value), q)): (usize, (&(Interval, Option<f64>), &f64))| ImageCell {
            brand: self.brands[at / counts.columns].clone(),
            attribute: self.attributes[at % counts.columns].clone(),
            picks: counts.cells[at],
            share: counts.cells[at] / n,
            deviation: *deviation,
            p_value: *p_value,
            q_value: p_value.map(|_| *q),
            verdict: match deviation.estimate {
                estimate if *q <= params.fdr && estimate > 0.0 => "strength",
                estimate if *q <= params.fdr && estimate < 0.0 => "weakness",
                _ => "can't tell",
            },
        };
        Ok(found.iter().zip(&q_values).enumerate().map(cell).collect())
    }

    /// Brands that are only shown, on the map of the others, whose axes are held still.
    fn supplementary(&self, counts: &Counts, params: &ImageParams) -> Result<Vec<MapPoint>, Error> {
        let (true, Some(axes)) = (!params.supplementary.is_empty(), axes_of(counts)) else { return Ok(Vec::new()) };
        let (standard, size) = (standard(&axes), (params.supplementary.len(), counts.columns));
        let places = |weights: &[f64]| -> Vec<Option<Place>> {
            let counts = counted(&self.passive, |person| weights[person], size);
            counts.cells.chunks_exact(size.1).map(|row| projected(row, &standard)).collect()
        };
        let own = places(&self.respondents.weights);
        let drawn = self.respondents.bootstrap(params.replicates, params.seed, places)?;
        let point = |(at, name): (usize, &String)| {
            let Some([x, y]) = own[at] else {
                let got = format!("{name:?} without ticks");
                return Err(Error::parameter("supplementary", got, "brands that somebody ticked"));
            };
            let scatter = Scatter::of(&drawn.iter().filter_map(|places| places[at]));
            let (name, kind) = (name.clone(), "supplementary");
            Ok(MapPoint { kind, name, x, y, scatter: Some(scatter), mass: 0.0, inertia: 0.0, quality: None })
        };
        params.supplementary.iter().enumerate().map(point).collect()
    }

    /// Where brands were and are, both waves as supplementary points of the map of all; axes are held still.
    fn moves(&self, counts: &Counts, params: &ImageParams) -> Result<Vec<ImageMove>, Error> {
        if params.wave.is_none() {
            return Ok(Vec::new());
        }
        if self.waves.1.len() != 2 {
            let got = format!("{} waves", self.waves.1.len());
            return Err(Error::parameter("wave", got, "two waves"));
        }
        let Some(axes) = axes_of(counts) else { return Ok(Vec::new()) };
        let standard = standard(&axes);
        let project = |counts: &Counts| -> Vec<Option<Place>> {
            counts.cells.chunks_exact(counts.columns).map(|row| projected(row, &standard)).collect()
        };
        let of_wave = |wave: usize| project(&self.counts(|person| self.waves.0[person] == wave));
        let (before, after) = (of_wave(0), of_wave(1));
        // Waves are samples of their own.
        let drawn_of = |wave: usize| {
            let inside: Vec<u32> =
                (0..self.people.len() as u32).filter(|&person| self.waves.0[person as usize] == wave).collect();
            let people: Vec<Vec<u32>> = inside.iter().map(|&person| self.people[person as usize].clone()).collect();
            let sample = self.respondents.picked(&inside)?;
            let drawn = sample.bootstrap(params.replicates, params.seed + wave as u64, |weights| {
                project(&counted(&people, |person| weights[person], (counts.rows, counts.columns)))
            });
            Ok::<_, Error>(drawn?)
        };
        let drawn: Vec<[Vec<Option<Place>>; 2]> =
            drawn_of(0)?.into_iter().zip(drawn_of(1)?).map(|(one, two)| [one, two]).collect();
        let brand = |at: usize| {
            let (from, to) = (before[at]?, after[at]?);
            let gaps: Vec<Place> = drawn.iter().filter_map(|[one, two]| Some(minus(two[at]?, one[at]?))).collect();
            let scatter = Scatter::of(&gaps.iter().copied());
            let p_value = no_movement(minus(to, from), scatter);
            let verdict = if p_value.is_some_and(|p| p <= CHANCE) { "moved" } else { "can't tell" };
            Some(ImageMove { brand: self.brands[at].clone(), from, to, scatter, p_value, verdict })
        };
        Ok((0..counts.rows).filter_map(brand).collect())
    }

    fn remarks(&self, map: &Map, params: &ImageParams) -> Vec<String> {
        let mut notes: Vec<String> = map.doubt().into_iter().collect();
        if !self.empty.is_empty() {
            notes.push(format!("Nobody ticked {}: left out of the map.", self.empty.join(", ")));
        }
        if self.people.len() < FEW {
            notes.push(format!("{} respondents are few: look at the limits.", self.people.len()));
        }
        if params.picked.is_none() {
            notes
                .push("Respondents who ticked nothing are not known: shares are of those who ticked something.".into());
        }
        notes
    }
}

/// The wave of each row, if there are waves.
struct Waves(Option<Vec<Option<String>>>);

impl Waves {
    fn is_known(&self, row: usize) -> bool {
        self.0.as_ref().is_none_or(|texts| texts[row].is_some())
    }

    /// Which wave each of these rows is of, and the names of the waves, sorted.
    fn of(&self, rows: &[usize]) -> (Vec<usize>, Vec<String>) {
        let Some(texts) = &self.0 else { return (vec![0; rows.len()], Vec::new()) };
        let mut names: Vec<String> = rows.iter().filter_map(|&row| texts[row].clone()).collect();
        names.sort_unstable();
        names.dedup();
        let place = |text: &Option<String>| names.iter().position(|name| Some(name) == text.as_ref());
        (rows.iter().map(|&row| place(&texts[row]).unwrap_or_default()).collect(), names)
    }
}

/// Who answered in each row: a respondent of two waves is two samples.
fn people_of_waves(table: &Table, params: &ImageParams) -> Result<(Encoded, Waves), Error> {
    let respondent = find(table, "respondent", &params.respondent)?;
    let mut ids = encode(respondent.clone(), "respondent")?;
    let Some(name) = &params.wave else { return Ok((ids, Waves(None))) };
    let wave = find(table, "wave", name)?;
    let texts = wave.texts();
    let crossed = Groups::of(table.rows(), &[wave, respondent])?;
    for (code, crossed) in ids.codes.iter_mut().zip(crossed.codes()).filter(|(code, _)| **code != NO_CODE) {
        *code = *crossed;
    }
    let values = Column::new("respondent", (0..crossed.len() as u32).collect::<Vec<_>>());
    Ok((Encoded { codes: ids.codes, values }, Waves(Some(texts))))
}

/// Names that somebody ticked, sorted, and those that nobody did.
fn named(texts: &[Option<String>], is_ticked: &dyn Fn(usize) -> bool) -> (Vec<String>, Vec<String>) {
    let distinct = |is_wanted: &dyn Fn(usize) -> bool| {
        let mut names: Vec<String> =
            texts.iter().enumerate().filter(|(row, _)| is_wanted(*row)).filter_map(|(_, text)| text.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let known = distinct(is_ticked);
    let empty = distinct(&|_| true).into_iter().filter(|name| known.binary_search(name).is_err()).collect();
    (known, empty)
}

/// Points of n by which counts exceed what is expected of their sums.
fn deviations(counts: &Counts, n: f64) -> Vec<f64> {
    counts.cells.iter().zip(counts.expected()).map(|(count, expected)| 100.0 * (count - expected) / n).collect()
}

/// Standard coordinates of the columns: principal ones over the root of their axis' inertia.
fn standard(axes: &Axes) -> Vec<Place> {
    let unit = |axis: usize| axes.inertias.get(axis).map_or(0.0, |inertia| inertia.sqrt());
    let of = |place: &Place| [0, 1].map(|axis| if unit(axis) > 0.0 { place[axis] / unit(axis) } else { 0.0 });
    axes.columns.iter().map(of).collect()
}

/// A profile among standard coordinates of the columns; `None` for an empty one.
fn projected(row: &[f64], standard: &[Place]) -> Option<Place> {
    let total: f64 = row.iter().sum();
    let along = |axis: usize| row.iter().zip(standard).map(|(count, place)| count / total * place[axis]).sum();
    (total > 0.0).then(|| [along(0), along(1)])
}

fn minus(one: Place, other: Place) -> Place {
    [one[0] - other[0], one[1] - other[1]]
}

/// The chance of a movement as far, measured in its own scatter: χ² of two degrees of freedom, whose tail is exp(−d²/2).
fn no_movement([x, y]: Place, scatter: Scatter) -> Option<f64> {
    let (a, b, r) = (x / scatter.sd_x, y / scatter.sd_y, scatter.correlation);
    let squared = (a * a - 2.0 * r * a * b + b * b) / (1.0 - r * r);
    Some((-squared / 2.0).exp()).filter(|p| p.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by hand from expected = row · column / total.
    #[test]
    fn deviations_are_corrected_for_use() {
        let cells = [60, 45, 30, 40, 50, 15, 20, 10, 30].map(f64::from).to_vec();
        let found = deviations(&Counts { rows: 3, columns: 3, cells }, 100.0);
        let expected = [6.0, -2.25, -3.75, -2.0, 13.25, -11.25, -4.0, -11.0, 15.0];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
        }
    }
}
