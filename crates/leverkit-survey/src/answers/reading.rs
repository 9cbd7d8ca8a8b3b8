//! Columns of answers as numbers, for analyses that take any rating: numbers stay as they are, labels stand for their place on a scale.

use leverkit_core::columns::{find, flags, is_text, numbers_or_flags};
use leverkit_core::{Column, Encoded, NO_CODE, Table, encode};

use super::labels::{AGREEMENT, IMPORTANCE, KANO, SATISFACTION, YES_NO};
use super::scale::{Meaning, Scale};
use super::sheet::refused;
use crate::Error;

/// A table of answers with what is needed to read its columns.
pub(crate) struct Reading<'a> {
    pub(crate) table: &'a Table,
    /// The user's labels, each with the label or number that it stands for.
    pub(crate) own: &'a [(String, String)],
    /// Who answered, for messages.
    pub(crate) respondent: Option<Column>,
}

impl Reading<'_> {
    /// Numbers as they are; labels by their place on the scale, NaN where there is no answer. Labels of all columns are read together, as they are of one
    /// questionnaire.
    pub(crate) fn numbers(&self, role: &str, names: &[&String], scale: &Scale) -> Result<Vec<Vec<f64>>, Error> {
        let columns: Vec<Column> = names.iter().map(|name| find(self.table, role, name)).collect::<Result<_, _>>()?;
        let labelled: Vec<Column> = columns.iter().filter(|column| self.is_labelled(column)).cloned().collect();
        let mut labels = self.labels(role, &labelled, scale)?.into_iter();
        let mut values = |column: &Column| {
            let read = if self.is_labelled(column) { labels.next() } else { None };
            read.map_or_else(|| numbers_or_flags(column, role), Ok)
        };
        Ok(columns.iter().map(&mut values).collect::<Result<_, _>>()?)
    }

    /// 1 and 0: truth values, these numbers, or labels of yes and no.
    pub(crate) fn flags(&self, role: &str, name: &str) -> Result<Vec<f64>, Error> {
        let column = find(self.table, role, name)?;
        if !self.is_labelled(&column) {
            return Ok(flags(&column, role)?);
        }
        Ok(self.labels(role, &[column], &YES_NO)?.concat())
    }

    fn is_labelled(&self, column: &Column) -> bool {
        !self.own.is_empty() || is_text(column)
    }

    fn labels(&self, role: &str, columns: &[Column], scale: &Scale) -> Result<Vec<Vec<f64>>, Error> {
        let coded: Vec<Encoded> =
            columns.iter().map(|column| encode(column.clone(), role)).collect::<Result<_, _>>()?;
        let texts: Vec<Vec<String>> = coded.iter().map(|coded| texts_of(&coded.values)).collect();
        let starts: Vec<usize> =
            texts.iter().scan(0, |start, texts| Some(std::mem::replace(start, *start + texts.len()))).collect();
        let all = texts.concat();
        let meanings = scale.read(&all, self.own).map_err(|error| {
            let column = starts.partition_point(|start| *start <= error.place()) - 1;
            let code = (error.place() - starts[column]) as u32;
            let row = coded[column].codes.iter().position(|known| *known == code).unwrap_or_default();
            refused(role, &columns[column], row, &all[error.place()], self.respondent.as_ref(), &error)
        })?;
        let value = |start: usize, code: u32| match meanings.get(start + code as usize) {
            Some(Meaning::Answer(answer) | Meaning::Number(answer)) if code != NO_CODE => *answer,
            _ => f64::NAN,
        };
        let read = |(coded, start): (&Encoded, &usize)| coded.codes.iter().map(|code| value(*start, *code)).collect();
        Ok(coded.iter().zip(&starts).map(read).collect())
    }
}

fn texts_of(values: &Column) -> Vec<String> {
    values.texts().into_iter().map(Option::unwrap_or_default).collect()
}

/// The places of texts on the first scale that knows all of them, NaN for "don't know"; `None` where none does.
pub(crate) fn places(texts: &[String]) -> Option<Vec<f64>> {
    let scales = [&IMPORTANCE, &SATISFACTION, &AGREEMENT, &KANO, &YES_NO];
    scales.into_iter().find_map(|scale| scale.places(texts))
}

#[cfg(test)]
mod tests {
    use leverkit_core::batch;

    use super::super::RATING;
    use super::*;

    fn table() -> Table {
        batch!(
            "who" => ["a", "b", "c"],
            "number" => [1.5, 4.0, 12.0],
            "words" => [Some("agree"), Some("полностью согласен"), None],
            "ticks" => ["да", "no", "не знаю"],
            "wrong" => ["agree", "perhaps", "agree"]
        )
        .unwrap()
        .into()
    }

    #[test]
    fn numbers_stay_and_labels_stand_for_their_places() {
        let table = table();
        let reading = Reading { table: &table, own: &[], respondent: None };
        let names = ["number", "words"].map(str::to_owned);
        let found = reading.numbers("value", &[&names[0], &names[1]], &RATING).unwrap();
        assert_eq!(found[0], [1.5, 4.0, 12.0]);
        assert!(found[1][..2] == [4.0, 5.0] && found[1][2].is_nan());
        let ticks = reading.flags("picked", "ticks").unwrap();
        assert!(ticks[..2] == [1.0, 0.0] && ticks[2].is_nan());
    }

    #[test]
    fn an_unknown_label_is_named_with_its_respondent() {
        let table = table();
        let respondent = find(&table, "respondent", "who").unwrap();
        let reading = Reading { table: &table, own: &[], respondent: Some(respondent) };
        let said = reading.numbers("value", &[&"wrong".to_owned()], &RATING).unwrap_err().to_string();
        assert!(said.contains("\"perhaps\" of respondent \"b\" in row 1"), "{said}");
    }

    #[test]
    fn scales_are_known_by_their_labels() {
        let texts = ["very important", "не важно", "don't know"].map(str::to_owned);
        let found = places(&texts).unwrap();
        assert!(found[..2] == [5.0, 2.0] && found[2].is_nan());
        assert_eq!(places(&["red".to_owned(), "blue".to_owned()]), None);
    }
}
