//! Where answers stand in their table, whichever way they are laid out, and what their labels mean.

use leverkit_core::columns::find;
use leverkit_core::{Column, Encoded, Error as CoreError, NO_CODE, Table, encode};

use super::scale::{Meaning, Unreadable};
use super::{AnswerParams, Layout, Question};
use crate::Error;

/// Columns of answers, coded, and where their answers belong.
pub(super) struct Sheet {
    pub(super) items: Vec<String>,
    questions: usize,
    columns: Vec<(Column, Encoded)>,
    /// The item of each row, unless each item has columns of its own; [`NO_CODE`] where it is unknown.
    item_of: Option<Vec<u32>>,
    /// The question of each row, where questions share a column; [`NO_CODE`] for others.
    question_of: Option<Vec<u32>>,
    /// Rows without an item.
    pub(super) nameless: Vec<usize>,
    /// Who answered, for messages.
    respondent: Option<Column>,
}

/// An answer and where it belongs.
pub(super) struct Cell {
    pub(super) row: usize,
    pub(super) owner: usize,
    pub(super) question: usize,
    pub(super) item: usize,
    pub(super) column: usize,
    pub(super) code: usize,
}

impl Sheet {
    pub(super) fn read(table: &Table, params: &AnswerParams, questions: &[Question<'_>]) -> Result<Self, Error> {
        let coded = |role: &str, name: &str| {
            let column = find(table, role, name)?;
            Ok::<_, Error>((column.clone(), encode(column, role)?))
        };
        let roles = questions.iter().map(|question| question.role);
        let mut found = Self {
            items: Vec::new(),
            questions: questions.len(),
            columns: Vec::new(),
            item_of: None,
            question_of: None,
            nameless: Vec::new(),
            respondent: params.respondent.as_ref().map(|name| find(table, "respondent", name)).transpose()?,
        };
        match &params.layout {
            Layout::Wide { items } => {
                for (item, columns) in items {
                    check_columns(columns, questions)?;
                    found.items.push(item.clone());
                    for (role, name) in roles.clone().zip(columns) {
                        found.columns.push(coded(role, name)?);
                    }
                }
            }
            Layout::Long { item, columns } => {
                check_columns(columns, questions)?;
                found.with_items(table, item)?;
                found.columns = roles.zip(columns).map(|(role, name)| coded(role, name)).collect::<Result<_, _>>()?;
            }
            Layout::Tall { item, question, answer, values } => {
                check_columns(values, questions)?;
                found.with_items(table, item)?;
                found.question_of = Some(asked(&coded("question", question)?.1, questions, values)?);
                found.columns = vec![coded("answer", answer)?];
            }
        }
        Ok(found)
    }

    fn with_items(&mut self, table: &Table, name: &str) -> Result<(), Error> {
        let items = encode(find(table, "item", name)?, "item")?;
        self.items = items.values.texts().into_iter().flatten().collect();
        self.nameless = (0..table.rows()).filter(|&row| items.codes[row] == NO_CODE).collect();
        self.item_of = Some(items.codes);
        Ok(())
    }

    /// Shows each answer that is there, null or not.
    pub(super) fn each_cell(&self, owners: &[u32], mut see: impl FnMut(Cell)) {
        for (row, &owner) in owners.iter().enumerate().filter(|(_, owner)| **owner != NO_CODE) {
            for (column, (_, coded)) in self.columns.iter().enumerate() {
                let (item, question) = match (&self.item_of, &self.question_of) {
                    (None, _) => ((column / self.questions) as u32, (column % self.questions) as u32),
                    (Some(item), None) => (item[row], column as u32),
                    (Some(item), Some(question)) => (item[row], question[row]),
                };
                if item != NO_CODE && question != NO_CODE {
                    // A null has the place after all values.
                    let code = (coded.codes[row] as usize).min(coded.values.len());
                    see(Cell {
                        row,
                        owner: owner as usize,
                        question: question as usize,
                        item: item as usize,
                        column,
                        code,
                    });
                }
            }
        }
    }

    /// What each value means, by question and column; null means nothing.
    pub(super) fn meanings(
        &self,
        owners: &[u32],
        questions: &[Question<'_>],
        params: &AnswerParams,
    ) -> Result<Vec<Vec<Vec<Option<Meaning>>>>, Error> {
        let empty: Vec<Vec<Option<Meaning>>> =
            self.columns.iter().map(|(_, coded)| vec![None; coded.values.len() + 1]).collect();
        // The first row in which each value of a column answers each question.
        let mut firsts: Vec<Vec<Vec<Option<usize>>>> =
            vec![self.columns.iter().map(|(_, coded)| vec![None; coded.values.len()]).collect(); questions.len()];
        self.each_cell(owners, |cell| {
            if let Some(first) = firsts[cell.question][cell.column].get_mut(cell.code) {
                first.get_or_insert(cell.row);
            }
        });
        let mut meanings = vec![empty; questions.len()];
        for (question, firsts) in firsts.iter().enumerate() {
            let (mut values, mut places) = (Vec::new(), Vec::new());
            for (column, firsts) in firsts.iter().enumerate() {
                let texts = self.columns[column].1.values.texts();
                for (code, row) in firsts.iter().enumerate().filter_map(|(code, row)| Some((code, (*row)?))) {
                    values.push(texts[code].clone().unwrap_or_default());
                    places.push((column, code, row));
                }
            }
            let read = questions[question].scale.read(&values, &params.scale);
            let read = read.map_err(|error| self.refused(&questions[question], &error, &values, &places))?;
            read.into_iter()
                .zip(&places)
                .for_each(|(meaning, &(column, code, _))| meanings[question][column][code] = Some(meaning));
        }
        Ok(meanings)
    }

    fn refused(
        &self,
        question: &Question<'_>,
        error: &Unreadable,
        values: &[String],
        places: &[(usize, usize, usize)],
    ) -> Error {
        let (column, _, row) = places[error.place()];
        let column = &self.columns[column].0;
        refused(question.role, column, row, &values[error.place()], self.respondent.as_ref(), error)
    }
}

/// A value that its scale does not have, with who gave it and what would do.
pub(super) fn refused(
    role: &str,
    column: &Column,
    row: usize,
    value: &str,
    respondent: Option<&Column>,
    error: &Unreadable,
) -> Error {
    let who = respondent.and_then(|respondent| respondent.text(row));
    let of = who.map_or_else(String::new, |who| format!(" of respondent {who:?}"));
    CoreError::UnknownValue {
        role: role.into(),
        column: column.name().into(),
        row,
        got: format!("{value:?}{of}"),
        expected: error.expected().to_owned(),
    }
    .into()
}

fn check_columns(columns: &[String], questions: &[Question<'_>]) -> Result<(), Error> {
    if columns.len() == questions.len() {
        return Ok(());
    }
    let roles = questions.iter().map(|question| question.role).collect::<Vec<_>>().join(", ");
    let expected = format!("{}, one for each of {roles}", questions.len());
    Err(Error::parameter("columns", format!("{} {columns:?}", columns.len()), expected))
}

/// The question of each row, by the value that stands for it.
fn asked(coded: &Encoded, questions: &[Question<'_>], values: &[String]) -> Result<Vec<u32>, Error> {
    let texts = coded.values.texts();
    let mut of_code = vec![NO_CODE; texts.len()];
    for (at, value) in values.iter().enumerate() {
        if let Some(code) = texts.iter().position(|text| text.as_ref() == Some(value)) {
            of_code[code] = at as u32;
        } else {
            let there: Vec<String> = texts.iter().flatten().take(6).map(|text| format!("{text:?}")).collect();
            let expected = format!("a value of the column of questions, such as {}", there.join(", "));
            return Err(Error::parameter(questions[at].role, format!("{value:?}"), expected));
        }
    }
    Ok(coded.codes.iter().map(|&code| of_code.get(code as usize).copied().unwrap_or(NO_CODE)).collect())
}
