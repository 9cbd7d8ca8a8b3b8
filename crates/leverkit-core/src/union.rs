//! The values of two columns of ids put together.

use crate::clean::each_text;
use crate::columns::is_text;
use crate::encode::{Encoded, encode};
use crate::{Column, Error};

/// Values of two columns together: their codes in each, and the values.
pub(crate) struct Union {
    pub(crate) first: Vec<u32>,
    pub(crate) second: Vec<u32>,
    pub(crate) values: Column,
}

impl Union {
    pub(crate) fn of(first: &Column, second: &Column, role: &str) -> Result<Self, Error> {
        let mut all = first.clone();
        // Columns without a value take the type of the others.
        if first.is_empty() {
            all = second.clone();
        } else if !second.is_empty() {
            all.append(&as_texts_of(first, second)).map_err(|error| error.of_role(role))?;
        }
        let Encoded { mut codes, values } = encode(all, role)?;
        let second = codes.split_off(first.len());
        Ok(Self { first: codes, second, values })
    }
}

/// Texts in the way in which others are laid out; other columns as they are.
pub(crate) fn as_texts_of(known: &Column, more: &Column) -> Column {
    if known.data_type() == more.data_type() || !is_text(known) || !is_text(more) {
        return more.clone();
    }
    let field = more.field().as_ref().clone().with_data_type(known.data_type().clone());
    let chunks = more.chunks().iter().map(|chunk| each_text(chunk, known.data_type(), str::to_owned)).collect();
    Column::of_chunks(std::sync::Arc::new(field), chunks)
}
