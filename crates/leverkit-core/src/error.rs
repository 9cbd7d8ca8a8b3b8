//! What can go wrong between a frame and a Ledger, said so that the reader knows what to do.

/// Errors of the data model.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A role names a column that the frame does not have.
    #[error("{role}: there is no column {column:?}; {}{}", there_are(available), did_you_mean(nearest.as_deref()))]
    UnknownColumn {
        /// The role, such as `customer`.
        role: String,
        /// The column asked for.
        column: String,
        /// The columns that there are.
        available: Vec<String>,
        /// The column whose name is nearest, where one is near.
        nearest: Option<String>,
    },
    /// A required role was given no column.
    #[error("{role}: no column given; {hint}")]
    MissingRole {
        /// The role, such as `amount`.
        role: String,
        /// What to give.
        hint: String,
    },
    /// A column has a type that its role cannot use.
    #[error("{role}: column {column:?} has type {got}; expected {expected}")]
    WrongType {
        /// The role, such as `time`.
        role: String,
        /// The column.
        column: String,
        /// The type it has.
        got: String,
        /// The types that would do.
        expected: String,
    },
    /// A value cannot be used and `on_invalid = "raise"`.
    #[error(
        "{role}: row {row} of column {column:?} holds {got}: {reason}; expected {expected}. Mend the row, or set on_invalid=\"reject\" to set such rows aside and count them"
    )]
    InvalidValue {
        /// The role, such as `amount`.
        role: String,
        /// The column.
        column: String,
        /// The row number, from 0.
        row: usize,
        /// The value.
        got: String,
        /// What is wrong with it.
        reason: String,
        /// What would do.
        expected: String,
    },
    /// A value is there that means nothing in its column, such as a 2 among flags.
    #[error("{role}: column {column:?} holds {got} in row {row}; expected {expected}")]
    UnknownValue {
        /// The role, such as `buys`.
        role: String,
        /// The column.
        column: String,
        /// The row number, from 0.
        row: usize,
        /// The value.
        got: String,
        /// What would do.
        expected: String,
    },
    /// More values than are allowed are there but cannot be read: the column is written in another way.
    #[error(
        "{role}: column {column:?}: {count} of {rows} rows could not be read, first '{value}' in row {row}; expected {expected}. Say how it is written, or set {allow} to a larger share to set such rows aside and count them"
    )]
    Unreadable {
        /// The role, such as `time`.
        role: String,
        /// The column.
        column: String,
        /// How many rows could not be read.
        count: usize,
        /// Rows of the frame.
        rows: usize,
        /// The first of them, from 0.
        row: usize,
        /// Its value.
        value: String,
        /// What would do.
        expected: String,
        /// The parameter that allows more of them.
        allow: String,
    },
    /// No line is left to analyse.
    #[error("no order lines: {rows} rows came in, {rejected} of them were set aside; {hint}")]
    Empty {
        /// Rows of the frame.
        rows: usize,
        /// Rows that were set aside.
        rejected: usize,
        /// What to look at.
        hint: String,
    },
    /// A parameter is out of its range.
    #[error("{parameter}: got {got}; expected {expected}")]
    Parameter {
        /// The parameter.
        parameter: String,
        /// Its value.
        got: String,
        /// What would do.
        expected: String,
    },
    /// Orders of later lines are in the ledger already.
    #[error(
        "{orders} orders of these lines are in the ledger already, such as {order} of customer {customer:?}: leave them out, or set duplicates=\"replace\" to put the new lines in their place"
    )]
    Repeated {
        /// How many orders.
        orders: usize,
        /// One of them.
        order: String,
        /// Its customer.
        customer: String,
    },
    /// More rows than the row numbers can count.
    #[error("{rows} rows; a Ledger holds at most {limit}: split the data by customer and merge the results")]
    TooLarge {
        /// Rows of the frame.
        rows: usize,
        /// The limit.
        limit: usize,
    },
    /// Two columns of the table have the name that a role asks for.
    #[error("{role}: two columns are called {column:?}; rename one of them")]
    TwoColumns {
        /// The role, such as `customer`.
        role: String,
        /// The name.
        column: String,
    },
    /// What should be a table is a column alone, whose type this is.
    #[error("expected a table, got a stream of a column of type {0:?}")]
    NoTable(String),
    /// The table's source failed while it was read.
    #[error("the table could not be read: {0}")]
    Source(String),
    /// A saved ledger cannot be opened or written.
    #[error("{path}: {problem}; {advice}")]
    Saved {
        /// The folder, or the file in it.
        path: String,
        /// What is wrong.
        problem: String,
        /// What to do.
        advice: String,
    },
    /// Counts cannot be read, or not put together.
    #[error("{problem}; {advice}")]
    Counts {
        /// What is wrong.
        problem: String,
        /// What to do.
        advice: String,
    },
    /// The system refused to read or write a file.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Arrow refused.
    #[error("table: {0}")]
    Arrow(#[from] arrow_schema::ArrowError),
}

impl Error {
    pub(crate) fn parameter(parameter: &str, got: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Parameter { parameter: parameter.into(), got: got.into(), expected: expected.into() }
    }

    /// The same error, of the columns with a role.
    pub(crate) fn of_role(self, name: &str) -> Self {
        match self {
            Self::WrongType { column, got, expected, .. } => {
                Self::WrongType { role: name.into(), column, got, expected }
            }
            other => other,
        }
    }

    pub(crate) fn saved(path: &str, problem: &(impl ToString + ?Sized), advice: &str) -> Self {
        Self::Saved { path: path.into(), problem: problem.to_string(), advice: advice.into() }
    }

    pub(crate) fn counts(problem: &str, advice: &str) -> Self {
        Self::Counts { problem: problem.into(), advice: advice.into() }
    }

    pub(crate) fn file(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), source }
    }
}

fn there_are(columns: &[String]) -> String {
    if columns.is_empty() {
        return "there is none at all".to_owned();
    }
    format!("columns are {}", list(columns))
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean {name:?}?"))
}

/// The name nearest to `wanted` by edits, where it differs in at most a third of its letters or contains it.
///
/// ```
/// assert_eq!(leverkit_core::nearest("custmer", ["customer", "amount"]), Some("customer".into()));
/// assert_eq!(leverkit_core::nearest("x", ["customer", "amount"]), None);
/// ```
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let wanted = wanted.to_lowercase();
    names
        .into_iter()
        .map(|name| (edits(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, name)| {
            *distance * 3 <= wanted.len().max(name.len()) || name.to_lowercase().contains(&wanted)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name.to_owned())
}

/// Levenshtein's distance, one row at a time.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        let names = ["customer_id", "amount"];
        assert_eq!(nearest("custmer_id", names), Some("customer_id".into()));
        assert_eq!(nearest("customer", names), Some("customer_id".into()));
        assert_eq!(nearest("weather", names), None);
    }

    #[test]
    fn the_message_names_role_column_columns_and_the_nearest() {
        let error = Error::UnknownColumn {
            role: "customer".into(),
            column: "custmer".into(),
            available: vec!["customer".into(), "paid".into()],
            nearest: Some("customer".into()),
        };
        insta::assert_snapshot!(error, @r#"customer: there is no column "custmer"; columns are "customer", "paid"; did you mean "customer"?"#);
        let error = Error::UnknownColumn {
            role: "dimensions".into(),
            column: "store".into(),
            available: vec![],
            nearest: None,
        };
        insta::assert_snapshot!(error, @r#"dimensions: there is no column "store"; there is none at all"#);
    }
}
