//! Choices between alternatives: read from a long table, one row per alternative of a situation, checked, and laid out situation by situation.

use std::collections::HashSet;

use leverkit_core::columns::{find, flags, is_text, numbers};
use leverkit_core::design::{AttributeDesign, known_rows};
use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, Groups, LeftOut, Reason, Table, bucketed};
use leverkit_stats::regression::Situations;
use rayon::prelude::*;

use super::outside::Outside;
use super::params::ConjointParams;
use crate::Error;

/// Why a situation cannot be used; rows are counted.
const REASONS: [Reason; 6] = [
    Reason::UnknownInSituation,
    Reason::NothingChosen,
    Reason::SeveralChosen,
    Reason::SingleAlternative,
    Reason::SameAlternative,
    Reason::SeveralRespondents,
];

/// Choices that can be used.
#[derive(Debug)]
pub(crate) struct Choices {
    pub(crate) situations: Situations,
    pub(crate) design: AttributeDesign,
    /// The term of the price.
    pub(crate) price: Option<usize>,
    /// The alternatives' names.
    pub(crate) alternatives: Vec<String>,
    /// The alternative of each row, in the order of the situations.
    pub(crate) of_row: Vec<u32>,
    /// The respondent of each situation, and how many there are.
    pub(crate) respondents: Option<(Vec<u32>, usize)>,
    pub(crate) left_out: Vec<LeftOut>,
    /// How the choices were read, and what the data seem to lack.
    pub(crate) notes: Vec<String>,
}

impl Choices {
    pub(crate) fn read(table: &Table, params: &ConjointParams) -> Result<Self, Error> {
        let column = |role: &str, name: &String| find(table, role, name);
        let rows = table.rows();
        let groups = |role: &str, name: &String| Ok::<_, Error>(Groups::of(rows, &[column(role, name)?])?);
        let (situations, alternatives) =
            (groups("situation", &params.situation)?, groups("alternative", &params.alternative)?);
        let respondents = params.respondent.as_ref().map(|name| groups("respondent", name)).transpose()?;
        let alternative = column("alternative", &params.alternative)?;
        let (chosen, named) = chosen(&column("chosen", &params.chosen)?, &alternative, &situations)?;
        let attributes = attributes(table, params)?;
        let is_known = known(table, params, &chosen, &attributes)?;
        let outside = Outside::of(&alternatives, &attributes)?;

        let all: Vec<u32> = (0..rows as u32).collect();
        let in_order = situations.codes().is_sorted();
        let by_situation = |row: &u32| situations.codes()[*row as usize] as usize;
        let (starts, sorted) = if in_order {
            (starts_of(situations.codes(), situations.len()), all)
        } else {
            bucketed(&all, situations.len(), by_situation)
        };

        let mut tallies = Tallies::default();
        let (mut kept, mut begins, mut picks, mut owners) = (Vec::with_capacity(rows), vec![0], Vec::new(), Vec::new());
        let mut seen = vec![u32::MAX; alternatives.len()];
        for (number, bounds) in starts.windows(2).enumerate().filter(|(_, bounds)| bounds[0] < bounds[1]) {
            let members = &sorted[bounds[0]..bounds[1]];
            let owner = |row: u32| respondents.as_ref().map_or(0, |groups| groups.codes()[row as usize]);
            let mut twice = false;
            for &row in members {
                let alternative = &mut seen[alternatives.codes()[row as usize] as usize];
                twice |= std::mem::replace(alternative, number as u32) == number as u32;
            }
            let is_picked = |row: &u32| chosen[*row as usize] == 1.0;
            let picked = members.iter().filter(|row| is_picked(row)).count();
            let one_owner = members.iter().all(|&row| owner(row) == owner(members[0]));
            let all_known = members.iter().all(|&row| is_known[row as usize]);
            if let Some(reason) = wrong(all_known, one_owner, twice, members.len(), picked) {
                members.iter().for_each(|&row| tallies.note(reason, row as usize, f64::NAN));
                continue;
            }
            kept.extend(members.iter().map(|&row| row as usize));
            begins.push(kept.len());
            picks.push(members.iter().position(is_picked).unwrap_or_default() as u32);
            owners.push(owner(members[0]));
        }
        let left_out = tallies.left_out(&REASONS);
        if kept.is_empty() {
            return Err(outside.explained(Error::empty("conjoint", rows, &left_out)));
        }
        let constant = if params.constants { None } else { outside.constant(&kept, begins.len() - 1) };
        let notes = named.into_iter().chain(outside.unknown()).chain(constant).collect();
        let design = AttributeDesign::of(&attributes, &kept, params.coding)?;
        let price = params.price.as_ref().map(|_| design.terms.len() - 1);
        let labels = alternatives.keys()[0].texts();
        Ok(Self {
            situations: Situations::new(&kept, begins, picks, design.terms.len(), |row, out| design.fill(row, out))
                .map_err(too_many_terms)?,
            alternatives: labels.into_iter().map(|label| label.unwrap_or_else(|| "unknown".into())).collect(),
            of_row: kept.par_iter().map(|&row| alternatives.codes()[row]).collect(),
            respondents: respondents.map(|groups| densely(&owners, groups.len())),
            design: design.without_values(),
            price,
            left_out,
            notes,
        })
    }
}

/// Why a situation of so many alternatives, of which so many are chosen, cannot be used.
fn wrong(all_known: bool, one_owner: bool, twice: bool, alternatives: usize, chosen: usize) -> Option<Reason> {
    match (alternatives, chosen) {
        _ if !all_known => Some(Reason::UnknownInSituation),
        _ if !one_owner => Some(Reason::SeveralRespondents),
        _ if twice => Some(Reason::SameAlternative),
        (1, _) => Some(Reason::SingleAlternative),
        (_, 0) => Some(Reason::NothingChosen),
        (_, 1) => None,
        _ => Some(Reason::SeveralChosen),
    }
}

/// The only thing that a logit refuses in situations that are laid out here.
fn too_many_terms(error: leverkit_stats::Error) -> Error {
    match error {
        leverkit_stats::Error::Parameter { parameter: "terms", got, .. } => {
            Error::parameter("attributes", format!("{got} terms"), "at most 128; join rare levels")
        }
        other => other.into(),
    }
}

/// The columns of the terms: attributes, the alternative where it has constants, and last the price.
fn attributes(table: &Table, params: &ConjointParams) -> Result<Vec<Column>, Error> {
    let mut columns: Vec<Column> =
        params.attributes.iter().map(|name| find(table, "attributes", name)).collect::<Result<_, _>>()?;
    if params.constants {
        let column = find(table, "alternative", &params.alternative)?;
        // Numbers that name alternatives are levels too.
        columns.insert(0, if is_text(&column) { column } else { Column::new(column.name(), column.texts()) });
    }
    if let Some(price) = &params.price {
        let column = find(table, "price", price)?;
        let values = numbers(&column, "price")?;
        columns.push(Column::new(column.name(), values));
    }
    if columns.is_empty() {
        return Err(Error::parameter("attributes", "none", "at least one attribute, or a price"));
    }
    Ok(columns)
}

/// Whether all that a row needs is known.
fn known(table: &Table, params: &ConjointParams, chosen: &[f64], attributes: &[Column]) -> Result<Vec<bool>, Error> {
    let mut needed = attributes.to_vec();
    for name in [Some(&params.situation), Some(&params.alternative), params.respondent.as_ref()].into_iter().flatten() {
        needed.push(find(table, "situation", name)?);
    }
    let mut is_known = known_rows(table.rows(), &needed)?;
    is_known.par_iter_mut().zip(chosen).for_each(|(known, chosen)| *known &= !chosen.is_nan());
    Ok(is_known)
}

/// Flags of what was chosen, and what is to be said of them: the chosen alternative may stand in each row of its situation instead.
fn chosen(
    column: &Column,
    alternative: &Column,
    situations: &Groups,
) -> Result<(Vec<f64>, Option<String>), leverkit_core::Error> {
    let error = match flags(column, "chosen") {
        Ok(flags) => return Ok((flags, None)),
        Err(error) => error,
    };
    let found = named(&labels(column), &labels(alternative), situations).ok_or(error)?;
    Ok((
        found,
        Some(format!("{} names the chosen alternative in each row of its situation, and is read so.", column.name())),
    ))
}

/// Whether each row is of the alternative that its situation names in all its rows; `None` where one names none of the alternatives, or several.
fn named(names: &[Option<String>], own: &[Option<String>], situations: &Groups) -> Option<Vec<f64>> {
    let alternatives: HashSet<&Option<String>> = own.iter().collect();
    let mut of_situation = vec![None; situations.len()];
    let mut is_one = |(name, &situation): (&Option<String>, &u32)| {
        let one = of_situation[situation as usize].get_or_insert_with(|| name.clone());
        one == name && (name.is_none() || alternatives.contains(name))
    };
    if !names.iter().zip(situations.codes()).all(&mut is_one) {
        return None;
    }
    let flag = |(name, own): (&Option<String>, &Option<String>)| match name {
        None => f64::NAN,
        Some(_) => f64::from(u8::from(name == own)),
    };
    Some(names.iter().zip(own).map(flag).collect())
}

/// Values as text; a whole number reads the same whatever its type.
fn labels(column: &Column) -> Vec<Option<String>> {
    match numbers(column, "chosen") {
        Ok(values) => values.iter().map(|value| value.is_finite().then(|| value.to_string())).collect(),
        Err(_) => column.texts(),
    }
}

fn starts_of(codes: &[u32], groups: usize) -> Vec<usize> {
    (0..=groups).into_par_iter().map(|group| codes.partition_point(|&code| (code as usize) < group)).collect()
}

/// Codes without gaps, and how many there are.
fn densely(codes: &[u32], most: usize) -> (Vec<u32>, usize) {
    let mut places = vec![u32::MAX; most];
    let mut next = 0;
    let dense = codes
        .iter()
        .map(|&code| {
            let place = &mut places[code as usize];
            if *place == u32::MAX {
                *place = next;
                next += 1;
            }
            *place
        })
        .collect();
    (dense, next as usize)
}
