//! Who answered: respondents found in the rows of a table, with what is known of each.

use leverkit_core::columns::{find, numbers};
use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, Encoded, Error as CoreError, Groups, NO_CODE, Reason, Table, encode};

use super::{AnswerParams, Respondents};
use crate::Error;

/// Respondents, and whose row each is.
pub(crate) struct People {
    pub(crate) respondents: Respondents,
    /// The respondent of each row; [`NO_CODE`] where the row is left out.
    pub(crate) owners: Vec<u32>,
    /// The first row of each respondent, and how many there are.
    pub(crate) rows: Vec<(u32, u32)>,
    pub(crate) seconds: Option<Vec<f64>>,
}

impl People {
    pub(crate) fn read(table: &Table, params: &AnswerParams, tallies: &mut Tallies) -> Result<Self, Error> {
        let ids = if let Some(name) = &params.respondent {
            encode(find(table, "respondent", name)?, "respondent")?
        } else {
            let rows: Vec<u32> = (0..table.rows() as u32).collect();
            Encoded { codes: rows.clone(), values: Column::new("respondent", rows) }
        };
        Self::by(table, ids, params, tallies)
    }

    /// Respondents by ids of one's own, such as those of a person in a wave.
    pub(crate) fn by(table: &Table, ids: Encoded, params: &AnswerParams, tallies: &mut Tallies) -> Result<Self, Error> {
        let weights =
            params.weight.as_ref().map(|name| numbers(&find(table, "weight", name)?, "weight")).transpose()?;
        let mut owners = ids.codes;
        for (row, owner) in owners.iter_mut().enumerate() {
            if *owner == NO_CODE {
                tallies.note(Reason::NullRespondent, row, f64::NAN);
            } else if weights.as_ref().is_some_and(|weights| weights[row].is_nan() || weights[row] <= 0.0) {
                tallies.note(Reason::AnswerWithoutWeight, row, f64::NAN);
                *owner = NO_CODE;
            }
        }
        let (rows, known) = renumbered(&mut owners, ids.values.len());
        let first: Vec<u32> = rows.iter().map(|(first, _)| *first).collect();
        let own = Own { table, owners: &owners, first: &first };
        let seconds = params.seconds.as_ref().map(|name| own.numbers("seconds", name)).transpose()?;
        let segments = params.by.as_ref().map(|name| own.groups("by", name)).transpose()?;
        let strata = params.strata.as_ref().map(|name| own.groups("strata", name)).transpose()?;
        let weight = params.weight.as_ref().map(|name| own.numbers("weight", name)).transpose()?;
        let respondents = Respondents {
            ids: ids.values.take(&known)?,
            weights: weight.unwrap_or_else(|| vec![1.0; rows.len()]),
            segments,
            strata: strata.map_or_else(|| vec![(0..rows.len() as u32).collect()], |groups| members(&groups)),
            population: params.population,
        };
        Ok(Self { respondents, owners, rows, seconds })
    }
}

impl People {
    /// The first row of each respondent, which counts in a table of one row per respondent; further ones are left out.
    pub(crate) fn firsts(&self, tallies: &mut Tallies) -> Vec<usize> {
        let firsts: Vec<usize> = self.rows.iter().map(|(first, _)| *first as usize).collect();
        let is_again = |(row, owner): &(usize, &u32)| **owner != NO_CODE && firsts[**owner as usize] != *row;
        let again = self.owners.iter().enumerate().filter(is_again);
        again.for_each(|(row, _)| tallies.note(Reason::RepeatedAnswer, row, f64::NAN));
        firsts
    }
}

/// Numbers owners without gaps; gives the first row and the number of rows of each, and its old number.
fn renumbered(owners: &mut [u32], most: usize) -> (Vec<(u32, u32)>, Vec<u32>) {
    let mut of_old = vec![(NO_CODE, 0); most];
    for (row, owner) in owners.iter().enumerate().filter(|(_, owner)| **owner != NO_CODE) {
        let (first, rows) = &mut of_old[*owner as usize];
        *first = (*first).min(row as u32);
        *rows += 1;
    }
    let known: Vec<u32> = (0..most as u32).filter(|&old| of_old[old as usize].1 > 0).collect();
    let mut new = vec![NO_CODE; most];
    known.iter().zip(0..).for_each(|(&old, at)| new[old as usize] = at);
    owners.iter_mut().filter(|owner| **owner != NO_CODE).for_each(|owner| *owner = new[*owner as usize]);
    (known.iter().map(|&old| of_old[old as usize]).collect(), known)
}

fn members(groups: &Groups) -> Vec<Vec<u32>> {
    let mut members = vec![Vec::new(); groups.len()];
    groups.codes().iter().zip(0..).for_each(|(&group, at)| members[group as usize].push(at));
    members
}

/// What respondents have one of, in a column that says it in each of their rows.
struct Own<'a> {
    table: &'a Table,
    owners: &'a [u32],
    first: &'a [u32],
}

impl Own<'_> {
    fn numbers(&self, role: &str, name: &str) -> Result<Vec<f64>, Error> {
        let column = find(self.table, role, name)?;
        let values = numbers(&column, role)?;
        self.check(role, &column, |row, first| values[row].to_bits() == values[first].to_bits())?;
        Ok(self.first.iter().map(|&row| values[row as usize]).collect())
    }

    fn groups(&self, role: &str, name: &str) -> Result<Groups, Error> {
        let column = find(self.table, role, name)?;
        let codes = Groups::of(self.table.rows(), std::slice::from_ref(&column))?.into_codes();
        self.check(role, &column, |row, first| codes[row] == codes[first])?;
        Ok(Groups::of(self.first.len(), &[column.take(self.first)?])?)
    }

    fn check(&self, role: &str, column: &Column, is_same: impl Fn(usize, usize) -> bool) -> Result<(), Error> {
        let first = |row: usize| self.first[self.owners[row] as usize] as usize;
        let is_odd = |row: &usize| self.owners[*row] != NO_CODE && !is_same(*row, first(*row));
        let Some(row) = (0..self.owners.len()).find(is_odd) else { return Ok(()) };
        let said = |row| column.text(row).unwrap_or_else(|| "null".into());
        Err(CoreError::UnknownValue {
            role: role.into(),
            column: column.name().into(),
            row,
            got: said(row),
            expected: format!("{}, as in the respondent's other rows", said(first(row))),
        }
        .into())
    }
}
