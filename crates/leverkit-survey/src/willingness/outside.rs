//! The choice of nothing, which often stands among the alternatives with zeros or nulls: without a constant of its own it would be a product of price zero.

use leverkit_core::columns::is_number;
use leverkit_core::design::known_rows;
use leverkit_core::{Column, Groups};

use crate::Error;

/// What an alternative that stands for choosing nothing needs.
const ADVICE: &str = "if it stands for choosing none of the others, give it 0 for numbers and a level of its own for texts, and set constants=True";

/// Alternatives and what they offer.
pub(crate) struct Outside<'a> {
    alternatives: &'a Groups,
    /// The price among them.
    attributes: &'a [Column],
    /// The values of each attribute as codes.
    values: Vec<Groups>,
    /// An alternative without a row whose attributes are known.
    unknown: Option<String>,
}

impl<'a> Outside<'a> {
    pub(crate) fn of(alternatives: &'a Groups, attributes: &'a [Column]) -> Result<Self, leverkit_core::Error> {
        let rows = alternatives.codes().len();
        let values = attributes.iter().map(|column| Groups::of(rows, std::slice::from_ref(column)));
        let mut known = vec![false; alternatives.len()];
        let is_known = known_rows(rows, attributes)?;
        alternatives.codes().iter().zip(is_known).for_each(|(&alternative, is)| known[alternative as usize] |= is);
        let unknown = known.iter().position(|known| !known).and_then(|alternative| name(alternatives, alternative));
        Ok(Self { alternatives, attributes, values: values.collect::<Result<_, _>>()?, unknown })
    }

    /// Says which alternative never has attributes.
    pub(crate) fn unknown(&self) -> Option<String> {
        let name = self.unknown.as_ref()?;
        Some(format!("Alternative {name} has no price or attributes in any row: {ADVICE}."))
    }

    /// The error of situations that cannot be used, with advice where an alternative never has attributes.
    pub(crate) fn explained(&self, error: Error) -> Error {
        match (error, self.unknown()) {
            (Error::Empty { what, rows, reason }, Some(note)) => {
                Error::Empty { what, rows, reason: format!("{reason}. {}", note.trim_end_matches('.')) }
            }
            (error, _) => error,
        }
    }

    /// Says which alternative of all these situations always has the same price and attributes while those of others vary, and shares their levels.
    pub(crate) fn constant(&self, kept: &[usize], situations: usize) -> Option<String> {
        let (rows, varies) = self.seen(kept);
        let is_constant = |alternative: &usize| !varies[*alternative] && rows[*alternative] == situations;
        let mut constant = (0..rows.len()).filter(is_constant);
        let (found, None) = (constant.next()?, constant.next()) else { return None };
        if !varies.contains(&true) || self.has_own_level(found, kept) {
            return None;
        }
        let name = name(self.alternatives, found)?;
        Some(format!(
            "Alternative {name} has the same price and attributes in every situation: if it stands for choosing none of the others, set constants=True, or its missing constant bends the price and what people would pay."
        ))
    }

    /// How many rows each alternative has, and whether its values differ among them.
    fn seen(&self, kept: &[usize]) -> (Vec<usize>, Vec<bool>) {
        let mut rows = vec![0; self.alternatives.len()];
        let mut varies = vec![false; self.alternatives.len()];
        let mut first = vec![0; self.alternatives.len()];
        for &row in kept {
            let alternative = self.alternatives.codes()[row] as usize;
            if rows[alternative] == 0 {
                first[alternative] = row;
            }
            rows[alternative] += 1;
            let differs = |values: &Groups| values.codes()[row] != values.codes()[first[alternative]];
            varies[alternative] |= self.values.iter().any(differs);
        }
        (rows, varies)
    }

    /// Whether an alternative has a level that no other has, which is as good as a constant.
    fn has_own_level(&self, alternative: usize, kept: &[usize]) -> bool {
        let of = |row: &usize| self.alternatives.codes()[*row] as usize == alternative;
        let Some(&own) = kept.iter().find(|row| of(row)) else { return false };
        let is_own = |values: &Groups| kept.iter().all(|row| of(row) || values.codes()[*row] != values.codes()[own]);
        let mut levels = self.attributes.iter().zip(&self.values).filter(|(column, _)| !is_number(column));
        levels.any(|(_, values)| is_own(values))
    }
}

/// The name of an alternative; none where it is null.
fn name(alternatives: &Groups, alternative: usize) -> Option<String> {
    alternatives.keys()[0].text(alternative)
}
