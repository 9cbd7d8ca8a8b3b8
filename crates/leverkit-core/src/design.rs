//! Attributes as the terms of a model: numbers as they are, texts and flags as one term for each level but the base.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::columns::{find, is_number, missing, numbers};
use crate::{Column, Error, Groups, Table, nearest};

/// How levels become numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Coding {
    /// 1 at the level, 0 elsewhere: a term is the difference from the base.
    Dummy,
    /// 1 at the level, −1 at the base, 0 elsewhere: a term is the difference from the mean of the levels.
    Effects,
}

/// A term of the model.
#[derive(Debug, Clone)]
pub struct DesignTerm {
    /// Which attribute it belongs to.
    pub attribute: usize,
    /// Which of its levels; `None` for a number.
    pub level: Option<usize>,
}

/// An attribute: a number, or levels with a base.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Its column's name.
    pub name: String,
    /// A number, or levels.
    pub kind: AttributeKind,
}

/// What an attribute is.
#[derive(Debug, Clone)]
pub enum AttributeKind {
    /// From the least to the greatest value in use.
    Number(f64, f64),
    /// Levels by name, and which of them is the base.
    Levels(Vec<String>, usize),
}

/// What a row holds of an attribute.
#[derive(Debug, Clone, Copy)]
pub enum AttributeCell {
    /// The number.
    Number(f64),
    /// Which of the levels.
    Level(usize),
}

/// Attributes, their terms, and their values in the rows of a table.
#[derive(Debug, Clone)]
pub struct AttributeDesign {
    /// The attributes.
    pub attributes: Vec<Attribute>,
    /// The terms, attribute by attribute.
    pub terms: Vec<DesignTerm>,
    /// How levels become numbers.
    pub coding: Coding,
    values: Vec<Values>,
}

#[derive(Debug, Clone)]
enum Values {
    Numbers(Vec<f64>),
    Levels(Vec<u32>),
}

impl Values {
    fn cell(&self, row: usize) -> AttributeCell {
        match self {
            Self::Numbers(numbers) => AttributeCell::Number(numbers[row]),
            Self::Levels(codes) => AttributeCell::Level(codes[row] as usize),
        }
    }
}

impl AttributeDesign {
    /// The base is the most frequent level among `rows`, the first of equally frequent ones; levels that no row has make no term.
    ///
    /// # Errors
    /// [`Error::WrongType`] for a column that holds neither numbers nor levels.
    ///
    /// ```
    /// use leverkit_core::Column;
    /// use leverkit_core::design::{AttributeDesign, Coding};
    /// let columns = [Column::new("size", [1.0, 2.0, 3.0]), Column::new("brand", ["x", "y", "x"])];
    /// let design = AttributeDesign::of(&columns, &[0, 1, 2], Coding::Dummy)?;
    /// assert_eq!(design.names(), ["size", "brand[y]"]);
    /// assert_eq!(design.columns(&[0, 1, 2]), [[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]]);
    /// let mut row = [0.0; 2];
    /// design.fill(1, &mut row);
    /// assert_eq!(row, [2.0, 1.0]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn of(columns: &[Column], rows: &[usize], coding: Coding) -> Result<Self, Error> {
        let mut design = Self { attributes: Vec::new(), terms: Vec::new(), coding, values: Vec::new() };
        for (attribute, column) in columns.iter().enumerate() {
            let (kind, values) = if is_number(column) { number(column, rows)? } else { levels(column, rows)? };
            let of_level = |level| DesignTerm { attribute, level };
            match &kind {
                AttributeKind::Number(..) => design.terms.push(of_level(None)),
                AttributeKind::Levels(names, base) => {
                    design
                        .terms
                        .extend((0..names.len()).filter(|level| level != base).map(|level| of_level(Some(level))));
                }
            }
            design.attributes.push(Attribute { name: column.name().to_string(), kind });
            design.values.push(values);
        }
        Ok(design)
    }

    /// The terms' names: an attribute, or `attribute[level]`.
    pub fn names(&self) -> Vec<String> {
        let name = |term: &DesignTerm| {
            let attribute = &self.attributes[term.attribute];
            match (&attribute.kind, term.level) {
                (AttributeKind::Levels(names, _), Some(level)) => format!("{}[{}]", attribute.name, names[level]),
                _ => attribute.name.clone(),
            }
        };
        self.terms.iter().map(name).collect()
    }

    /// Each attribute of levels with its base.
    pub fn bases(&self) -> Vec<(String, String)> {
        let base = |attribute: &Attribute| match &attribute.kind {
            AttributeKind::Levels(names, base) => Some((attribute.name.clone(), names[*base].clone())),
            AttributeKind::Number(..) => None,
        };
        self.attributes.iter().filter_map(base).collect()
    }

    /// What a term is at a cell of its attribute.
    pub fn value(&self, term: &DesignTerm, cell: AttributeCell) -> f64 {
        let is_base =
            |level| matches!(self.attributes[term.attribute].kind, AttributeKind::Levels(_, base) if base == level);
        match cell {
            AttributeCell::Number(number) => number,
            AttributeCell::Level(level) if term.level == Some(level) => 1.0,
            AttributeCell::Level(level) if self.coding == Coding::Effects && is_base(level) => -1.0,
            AttributeCell::Level(_) => 0.0,
        }
    }

    /// Writes a row's terms.
    pub fn fill(&self, row: usize, out: &mut [f64]) {
        for (term, out) in self.terms.iter().zip(out) {
            *out = self.value(term, self.values[term.attribute].cell(row));
        }
    }

    /// The terms of some rows, column by column.
    pub fn columns(&self, rows: &[usize]) -> Vec<Vec<f64>> {
        let column = |term: &DesignTerm| {
            rows.iter().map(|&row| self.value(term, self.values[term.attribute].cell(row))).collect()
        };
        self.terms.iter().map(column).collect()
    }

    /// Lets the values go where the rows are no longer needed.
    #[must_use]
    pub fn without_values(mut self) -> Self {
        self.values.clear();
        self
    }

    /// The cells of new products, row by row; a level that no row had is an error that names the nearest.
    ///
    /// # Errors
    /// [`Error::Parameter`] for such a level or an unknown number; [`Error::UnknownColumn`] for an attribute that the table does not have.
    ///
    /// ```
    /// use leverkit_core::{Column, Table, batch, design::{AttributeDesign, Coding}};
    /// let brand = Column::new("brand", ["x", "y", "x"]);
    /// let design = AttributeDesign::of(&[brand], &[0, 1, 2], Coding::Effects)?.without_values();
    /// assert_eq!(design.bases(), [("brand".into(), "x".into())]);
    /// let cells = design.cells(&Table::from(batch!("brand" => ["y", "x"])?))?;
    /// assert_eq!([design.value(&design.terms[0], cells[0][0]), design.value(&design.terms[0], cells[1][0])], [1.0, -1.0]);
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn cells(&self, table: &Table) -> Result<Vec<Vec<AttributeCell>>, Error> {
        let columns: Vec<Vec<AttributeCell>> =
            self.attributes.iter().map(|attribute| attribute.cells(table)).collect::<Result<_, _>>()?;
        Ok((0..table.rows()).map(|row| columns.iter().map(|column| column[row]).collect()).collect())
    }
}

impl Attribute {
    fn cells(&self, table: &Table) -> Result<Vec<AttributeCell>, Error> {
        let column = find(table, "products", &self.name)?;
        let unknown =
            |got: &str, expected: String| Error::parameter(&format!("products: {}", self.name), got, expected);
        match &self.kind {
            AttributeKind::Number(..) => numbers(&column, "products")?
                .into_iter()
                .map(|number| {
                    if number.is_nan() {
                        Err(unknown("an unknown value", "a number".into()))
                    } else {
                        Ok(AttributeCell::Number(number))
                    }
                })
                .collect(),
            AttributeKind::Levels(names, _) => {
                let level = |text: Option<String>| {
                    let text = text.as_deref().unwrap_or("unknown");
                    let near = nearest(text, names.iter().map(String::as_str));
                    let hint = near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
                    let expected = || format!("one of {}{hint}", names.join(", "));
                    names
                        .iter()
                        .position(|name| name == text)
                        .map(AttributeCell::Level)
                        .ok_or_else(|| unknown(&format!("{text:?}"), expected()))
                };
                column.texts().into_iter().map(level).collect()
            }
        }
    }
}

/// Whether all of these columns are known, row by row: no null, and no NaN among numbers with a fraction.
///
/// # Errors
/// [`Error::WrongType`] for numbers that cannot be read.
///
/// ```
/// use leverkit_core::{Column, design::known_rows};
/// let columns = [Column::new("size", [1.5, f64::NAN]), Column::new("brand", [Some("a"), Some("b")])];
/// assert_eq!(known_rows(2, &columns)?, [true, false]);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
pub fn known_rows(rows: usize, columns: &[Column]) -> Result<Vec<bool>, Error> {
    let mut is_known = vec![true; rows];
    for column in columns {
        if is_number(column) && !column.data_type().is_integer() {
            let values = numbers(column, "attributes")?;
            is_known.par_iter_mut().zip(values).for_each(|(known, value)| *known &= !value.is_nan());
        } else if let Some(missing) = missing(column) {
            is_known.iter_mut().zip(missing).for_each(|(known, missing)| *known &= !missing);
        }
    }
    Ok(is_known)
}

fn number(column: &Column, rows: &[usize]) -> Result<(AttributeKind, Values), Error> {
    let values = numbers(column, "attributes")?;
    let (low, high) = rows
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &row| (values[row].min(low), values[row].max(high)));
    Ok((AttributeKind::Number(low, high), Values::Numbers(values)))
}

fn levels(column: &Column, rows: &[usize]) -> Result<(AttributeKind, Values), Error> {
    let groups = Groups::of(column.len(), std::slice::from_ref(column))?;
    let mut counts = vec![0_u64; groups.len()];
    rows.iter().for_each(|&row| counts[groups.codes()[row] as usize] += 1);
    // Levels in use keep their order and get new numbers.
    let mut places = vec![u32::MAX; groups.len()];
    let (mut names, mut used) = (Vec::new(), Vec::new());
    for (level, text) in groups.keys()[0].texts().into_iter().enumerate().filter(|(level, _)| counts[*level] > 0) {
        places[level] = names.len() as u32;
        names.push(text.unwrap_or_else(|| "unknown".into()));
        used.push(counts[level]);
    }
    let base = (0..used.len()).rev().max_by_key(|&level| used[level]).unwrap_or_default();
    let codes = groups.codes().iter().map(|&code| places[code as usize]).collect();
    Ok((AttributeKind::Levels(names, base), Values::Levels(codes)))
}
