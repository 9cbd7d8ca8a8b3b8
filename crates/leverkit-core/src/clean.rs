//! What is mended at the door because the quality notes advise it: ids trimmed and case-folded, texts read as missing, duplicates dropped.
//!
//! Ids are mended in their dictionary, once for each distinct value and not for each row.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, LargeStringArray, StringArray, StringViewArray};
use arrow_schema::DataType;
use arrow_select::nullif::nullif;
use serde::{Deserialize, Serialize};

use crate::columns::{is_number, is_text, numbers};
use crate::encode::{Encoded, encode};
use crate::error::nearest;
use crate::gather::gather;
use crate::spelling::{as_number, trimmed};
use crate::texts::Texts;
use crate::{Column, Error, NO_CODE, Roles};

/// What is done to the text of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdStep {
    /// White space before and after it falls away, any run of it within is one blank, and characters that are not seen fall away.
    Trim,
    /// It is written in lower case.
    Casefold,
    /// Of digits, zeros before them and a fraction of zeros fall away: 007 and 7.0 are 7.
    Number,
}

/// What becomes of a line that equals another in all columns that play a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duplicates {
    /// It stays, and a note counts it.
    #[default]
    Keep,
    /// It is dropped, and counted in the quality table; the first one stays.
    Drop,
}

/// Ids that mean "no id", for all id columns or for some. They are compared as a whole, without surrounding white space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MissingTexts {
    /// In every id column.
    Everywhere(Vec<String>),
    /// By role (`customer`, `order`, `product`) or a dimension's column.
    ByRole(BTreeMap<String, Vec<String>>),
}

impl Default for MissingTexts {
    fn default() -> Self {
        Self::Everywhere(Vec::new())
    }
}

impl MissingTexts {
    fn of(&self, role: &str) -> &[String] {
        match self {
            Self::Everywhere(texts) => texts,
            Self::ByRole(by_role) => by_role.get(role).map_or(&[], Vec::as_slice),
        }
    }
}

/// What is mended at the door; by default nothing.
///
/// ```
/// use leverkit_core::{Clean, IdStep, Ledger, Roles, batch};
/// let lines = batch!("who" => ["Ann@X.com", "ann@x.com "], "day" => ["2024-01-05", "2024-01-06"], "paid" => [20.0, 15.0])?;
/// let clean = Clean::default().id("customer", [IdStep::Trim, IdStep::Casefold]);
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("who", "day").amount("paid").clean(clean))?;
/// assert_eq!(ledger.customers().values().texts(), [Some("ann@x.com".into())]);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Clean {
    /// What is done to the ids of a role (`customer`, `order`, `product`) or of a dimension's column.
    #[serde(flatten)]
    pub ids: BTreeMap<String, Vec<IdStep>>,
    /// Ids that are read as missing.
    pub missing: MissingTexts,
    /// What becomes of lines that equal another.
    pub duplicates: Duplicates,
}

impl Clean {
    /// Adds what is done to the ids of a role or of a dimension's column.
    #[must_use]
    pub fn id(mut self, role: impl Into<String>, steps: impl IntoIterator<Item = IdStep>) -> Self {
        self.ids.insert(role.into(), steps.into_iter().collect());
        self
    }

    /// Sets the ids that are read as missing in every id column.
    #[must_use]
    pub fn missing<T: Into<String>>(mut self, texts: impl IntoIterator<Item = T>) -> Self {
        self.missing = MissingTexts::Everywhere(texts.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the ids that are read as missing in the columns of one role, or in a dimension's column.
    ///
    /// ```
    /// use leverkit_core::{Clean, Ledger, Roles, batch};
    /// let lines = batch!("c" => ["ann", "ann", "guest"], "t" => ["2024-01-05"; 3], "o" => [7, 7, 8], "a" => [20.0, 20.0, 15.0])?;
    /// let clean = Clean::default().missing_in("customer", ["guest"]).drop_duplicates();
    /// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a").order("o").clean(clean))?;
    /// assert_eq!((ledger.amounts(), ledger.quality().rows_set_aside()), (&[20.0][..], 2));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    #[must_use]
    pub fn missing_in<T: Into<String>>(mut self, role: &str, texts: impl IntoIterator<Item = T>) -> Self {
        let texts = texts.into_iter().map(Into::into).collect();
        match &mut self.missing {
            MissingTexts::ByRole(by_role) => {
                by_role.insert(role.into(), texts);
            }
            MissingTexts::Everywhere(_) => self.missing = MissingTexts::ByRole([(role.into(), texts)].into()),
        }
        self
    }

    /// Drops lines that equal another.
    #[must_use]
    pub fn drop_duplicates(mut self) -> Self {
        self.duplicates = Duplicates::Drop;
        self
    }

    /// Whether nothing is mended.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Every role that it names is one of the ledger's ids.
    pub(crate) fn check(&self, roles: &Roles) -> Result<(), Error> {
        let optional = [("order", &roles.order), ("product", &roles.product)];
        let given = optional.into_iter().filter(|(_, column)| column.is_some()).map(|(role, _)| role);
        let known: Vec<&str> =
            ["customer"].into_iter().chain(given).chain(roles.dimensions.iter().map(String::as_str)).collect();
        let by_role = match &self.missing {
            MissingTexts::ByRole(by_role) => by_role.keys().collect(),
            MissingTexts::Everywhere(_) => Vec::new(),
        };
        match self.ids.keys().chain(by_role).find(|role| !known.contains(&role.as_str())) {
            None => Ok(()),
            Some(role) => {
                let near = nearest(role, known.iter().copied())
                    .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
                let expected = format!("ids that there are: {}{near}", known.join(", "));
                Err(Error::parameter("clean", format!("{role:?}"), expected))
            }
        }
    }

    /// The column of a role's ids, with those that mean none as null.
    pub(crate) fn known_ids(&self, column: Column, role: &str) -> Result<Column, Error> {
        let texts = self.missing.of(role);
        if texts.is_empty() || !(is_text(&column) || is_number(&column)) {
            return Ok(column);
        }
        let chunks = column.chunks().iter().map(|chunk| without(chunk, texts)).collect::<Result<_, _>>()?;
        Ok(Column::of_chunks(Arc::clone(column.field()), chunks))
    }

    /// Ids whose values were mended: those that are one now share a code.
    pub(crate) fn mended(&self, ids: Encoded, role: &str) -> Result<Encoded, Error> {
        let steps = self.ids.get(role).map_or(&[][..], Vec::as_slice);
        if steps.is_empty() || !is_text(&ids.values) {
            return Ok(ids);
        }
        let chunks = ids
            .values
            .chunks()
            .iter()
            .map(|chunk| each_text(chunk, chunk.data_type(), |text| mend(text, steps)))
            .collect();
        let mended = encode(Column::of_chunks(Arc::clone(ids.values.field()), chunks), role)?;
        let places: Vec<u32> = mended.codes.iter().copied().chain([NO_CODE]).collect();
        let null = places.len() as u32 - 1;
        let rows: Vec<u32> = ids.codes.iter().map(|&code| code.min(null)).collect();
        Ok(Encoded { codes: gather(&rows, &places), values: mended.values })
    }
}

fn mend(text: &str, steps: &[IdStep]) -> String {
    let text = if steps.contains(&IdStep::Trim) { trimmed(text) } else { text.into() };
    let text = if steps.contains(&IdStep::Number) { as_number(&text) } else { &text };
    if steps.contains(&IdStep::Casefold) { text.to_lowercase() } else { text.to_owned() }
}

/// An array whose values that equal one of the texts are null.
fn without(array: &ArrayRef, texts: &[String]) -> Result<ArrayRef, Error> {
    if let Some(categories) = array.as_any_dictionary_opt() {
        return Ok(categories.with_values(without(categories.values(), texts)?));
    }
    let is_missing: BooleanArray = if let Some(values) = Texts::of(array) {
        let among = |text: &str| texts.iter().any(|missing| missing == text.trim());
        (0..array.len()).map(|row| values.get(row).map(among)).collect()
    } else {
        let missing: Vec<f64> = texts.iter().filter_map(|text| text.parse().ok()).collect();
        let values = numbers(&Column::new("", Arc::clone(array)), "")?;
        values.iter().map(|value| Some(missing.contains(value))).collect()
    };
    Ok(nullif(array, &is_missing)?)
}

/// An array of texts or categories with each text changed; texts are laid out as a type has them.
pub(crate) fn each_text(array: &ArrayRef, layout: &DataType, change: impl Fn(&str) -> String + Copy) -> ArrayRef {
    if let Some(categories) = array.as_any_dictionary_opt() {
        let texts = categories.values();
        return categories.with_values(each_text(texts, texts.data_type(), change));
    }
    let Some(texts) = Texts::of(array) else { return Arc::clone(array) };
    let changed = (0..array.len()).map(|row| texts.get(row).map(change));
    match layout {
        DataType::Utf8 => Arc::new(changed.collect::<StringArray>()),
        DataType::LargeUtf8 => Arc::new(changed.collect::<LargeStringArray>()),
        _ => Arc::new(changed.collect::<StringViewArray>()),
    }
}
