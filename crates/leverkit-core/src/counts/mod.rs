//! Counts as values: what an analysis reads of some customers, as bytes that travel, merge and are concluded elsewhere.
//!
//! The counts of an analysis of order lines are a value of its own where that is exact for any parts of the customers ([`Counting`], in `own`). Else they are the
//! lines themselves, coded and sorted, with the columns that it reads: so its conclusion is that of the whole to the last bit, whatever it looks at. Those of an
//! analysis of other tables are the table's rows by entity. `envelope` writes the bytes, `lines` lays a ledger out in them, `unite` puts ledgers of other
//! customers together, `added_up` has what takes the place of lines where less is enough, `beside` the tables that an analysis takes beside its lines.

mod added_up;
mod beside;
mod envelope;
mod lines;
mod own;
mod reads;
mod rows;
mod unite;

use serde::{Deserialize, Serialize};

pub use own::Counting;
pub use reads::Reads;

use crate::build::none_left;
use crate::{Error, Ledger, Quality, Table};
use beside::Beside;
use lines::Lines;
use own::Own;
use rows::Rows;

/// What counts are for, and what whoever concludes has to know beside them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Question {
    /// The analysis.
    pub analysis: String,
    /// Its parameters, as JSON.
    pub params: String,
    /// The kind of frame that results become.
    pub frames: String,
    /// The currency of all money.
    pub currency: Option<String>,
    /// Whether results tell which rows were set aside: where the lines came as a frame.
    pub tells: bool,
}

/// Counts of an analysis over some customers or entities.
///
/// ```
/// use leverkit_core::counts::{Counts, Question, Reads};
/// use leverkit_core::{Ledger, Roles, batch};
/// let roles = Roles::new("client", "date").amount("paid");
/// let question = Question { analysis: "rfm.cohorts".into(), ..Question::default() };
/// let of = |client: &str, paid: f64| {
///     let ledger = Ledger::from_batches(&[batch!("client" => [client], "date" => ["2024-01-05"], "paid" => [paid])?], &roles)?;
///     Counts::of_ledger(&ledger, &Reads::default(), question.clone()).to_bytes()
/// };
/// let parts = [of("bob", 15.0)?, of("ann", 20.0)?];
/// let merged = Counts::merge(&[Counts::from_bytes(&parts[0])?, Counts::from_bytes(&parts[1])?])?;
/// assert_eq!(merged.ledger()?.unwrap().amounts(), [20.0, 15.0]);
/// # Ok::<(), leverkit_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Counts {
    question: Question,
    beside: Beside,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    Lines(Box<Lines>),
    Own(Box<Own>),
    Rows(Rows),
}

impl Counts {
    /// The counts of an analysis of order lines; a ledger without lines has counts, too.
    pub fn of_ledger(ledger: &Ledger, reads: &Reads, question: Question) -> Self {
        Self::made(question, Body::Lines(Box::new(Lines::of_ledger(ledger, reads))))
    }

    /// The counts of an analysis of order lines that has counts of its own.
    ///
    /// # Errors
    /// Those of the analysis, where parameters or roles are not those that it needs.
    pub fn of<C: Counting>(
        ledger: &Ledger,
        reads: &Reads,
        params: &C::Params,
        question: Question,
    ) -> Result<Self, C::Error> {
        Ok(Self::made(question, Body::Own(Box::new(Own::of::<C>(&ledger.reading(reads), params)?))))
    }

    /// The counts of an analysis of another table, whose entities are whole in one part; without a column of entities each row is one.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] where there is no column of the entities.
    ///
    /// ```
    /// use leverkit_core::{Table, batch, counts::{Counts, Question}};
    /// let question = Question { analysis: "survey.likert".into(), ..Question::default() };
    /// let of = |who: [u32; 2]| Counts::of_table(&Table::from(batch!("who" => who, "answer" => [1, 5])?), Some("who"), question.clone());
    /// let merged = Counts::merge(&[of([1, 2])?, of([3, 4])?])?;
    /// assert_eq!(merged.table().map(Table::rows), Some(4));
    /// // A respondent who is in two parts is refused.
    /// assert!(Counts::merge(&[of([1, 2])?, of([2, 3])?]).is_err());
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn of_table(table: &Table, entity: Option<&str>, question: Question) -> Result<Self, Error> {
        Ok(Self::made(question, Body::Rows(Rows::of(table, entity)?)))
    }

    fn made(question: Question, body: Body) -> Self {
        Self { question, beside: Beside::default(), body }
    }

    /// The same counts with the tables that the analysis takes beside what is counted, by the names of its parameters: the same in all parts.
    ///
    /// ```
    /// use leverkit_core::{Table, batch, counts::{Counts, Question}};
    /// let costs = Table::from(batch!("feature" => ["app"], "cost" => [900.0])?);
    /// let answers = Table::from(batch!("who" => [1, 2], "answer" => [1, 5])?);
    /// let counts = Counts::of_table(&answers, Some("who"), Question::default())?.with_beside(vec![("costs".into(), costs)]);
    /// assert_eq!((counts.beside()[0].0.as_str(), counts.beside()[0].1.rows()), ("costs", 1));
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_beside(self, tables: Vec<(String, Table)>) -> Self {
        Self { beside: Beside(tables), ..self }
    }

    /// The tables that the analysis takes beside what was counted, by the names of its parameters.
    pub fn beside(&self) -> &[(String, Table)] {
        &self.beside.0
    }

    /// What they are for.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// Puts counts of one analysis over other customers together; those of its own by [`merge_of`](Self::merge_of).
    ///
    /// # Errors
    /// [`Error::Counts`] where there are none, where they are of another analysis or of other parameters, columns or roles, and where a customer is in two.
    pub fn merge(parts: &[Self]) -> Result<Self, Error> {
        let first = Self::of_one_question(parts)?;
        let lines: Vec<&Lines> = parts.iter().filter_map(Self::own_lines).collect();
        let rows: Vec<&Rows> = parts.iter().filter_map(Self::rows).collect();
        let body = match (lines.len(), rows.len()) {
            (n, _) if n == parts.len() => Body::Lines(Box::new(Lines::unite(&lines)?)),
            (_, n) if n == parts.len() => Body::Rows(Rows::unite(&rows)?),
            _ => return Err(several_kinds()),
        };
        Ok(Self { question: first.question.clone(), beside: first.beside.clone(), body })
    }

    /// Puts an analysis' own counts over other customers together.
    ///
    /// # Errors
    /// As [`merge`](Self::merge).
    pub fn merge_of<C: Counting>(parts: &[Self]) -> Result<Self, Error> {
        let first = Self::of_one_question(parts)?;
        let own = parts.iter().map(|part| part.own().ok_or_else(several_kinds)).collect::<Result<Vec<_>, _>>()?;
        let body = Body::Own(Box::new(Own::unite::<C>(&own)?));
        Ok(Self { question: first.question.clone(), beside: first.beside.clone(), body })
    }

    /// The first of several, which are all for the same question.
    fn of_one_question(parts: &[Self]) -> Result<&Self, Error> {
        let Some(first) = parts.first() else {
            return Err(Error::counts("there are no counts to merge", "give those of at least one part"));
        };
        for part in parts {
            first.check_question(&part.question)?;
            first.beside.check_same(&part.beside)?;
        }
        Ok(first)
    }

    /// The result of an analysis that has counts of its own.
    ///
    /// # Errors
    /// [`Error::Counts`] where these are none of its own; those of [`ledger`](Self::ledger); those of the analysis.
    pub fn conclude<C: Counting>(&self, params: &C::Params) -> Result<C::Found, C::Error> {
        let own = self.own().ok_or_else(several_kinds)?;
        self.ledger()?;
        own.counts::<C>()?.conclude(own.about(), params)
    }

    /// Whether they are of an analysis that has counts of its own.
    pub fn is_own(&self) -> bool {
        self.own().is_some()
    }

    /// The same counts, whose customers are known to be in no other part: it is not checked again.
    #[must_use]
    pub fn known_apart(self) -> Self {
        match self.body {
            Body::Own(own) => Self { body: Body::Own(Box::new(own.known_apart())), ..self },
            body => Self { body, ..self },
        }
    }

    fn check_question(&self, other: &Question) -> Result<(), Error> {
        let own = &self.question;
        let pairs = [
            ("analysis", own.analysis.as_str(), other.analysis.as_str()),
            ("set of parameters", &own.params, &other.params),
            ("currency", own.currency.as_deref().unwrap_or("none"), other.currency.as_deref().unwrap_or("none")),
        ];
        match pairs.into_iter().find(|(_, own, other)| own != other) {
            None => Ok(()),
            Some((what, own, other)) => Err(Error::counts(
                &format!("counts of one {what}, {own}, cannot be merged with counts of another, {other}"),
                "count all parts with the same call",
            )),
        }
    }

    /// What became of the rows; `None` where the counts are of another table.
    pub fn quality(&self) -> Option<&Quality> {
        self.about().map(Ledger::quality)
    }

    /// The lines, where these are the counts; there may be none.
    pub fn lines(&self) -> Option<&Ledger> {
        self.own_lines().map(|lines| &lines.ledger)
    }

    fn own_lines(&self) -> Option<&Lines> {
        if let Body::Lines(lines) = &self.body { Some(lines) } else { None }
    }

    /// What is known of the lines, which are not there where an analysis has counts of its own.
    fn about(&self) -> Option<&Ledger> {
        self.lines().or_else(|| self.own().map(Own::about))
    }

    fn own(&self) -> Option<&Own> {
        if let Body::Own(own) = &self.body { Some(own) } else { None }
    }

    fn rows(&self) -> Option<&Rows> {
        if let Body::Rows(rows) = &self.body { Some(rows) } else { None }
    }

    /// The lines to conclude from, or what is known beside them where an analysis has counts of its own; `None` where the counts are of another table.
    ///
    /// # Errors
    /// [`Error::Empty`] where there is no line, [`Error::Unreadable`] where more times could not be read than is allowed: over all parts.
    pub fn ledger(&self) -> Result<Option<&Ledger>, Error> {
        let Some(ledger) = self.about() else { return Ok(None) };
        ledger.check_readable()?;
        if ledger.n_lines() == 0 && ledger.quality().kept.rows == 0 {
            let quality = ledger.quality();
            return Err(none_left(quality.rows as usize, &quality.set_aside, ledger.rejected()));
        }
        Ok(Some(ledger))
    }

    /// The same customers' counts for another question, of the columns that its analysis reads; `None` where these are of another table.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, batch, counts::{Counts, Question, Reads}};
    /// let lines = batch!("c" => ["ann"], "t" => ["2024-01-05"], "a" => [20.0], "p" => ["tea"])?;
    /// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a").product("p"))?;
    /// let whole = Counts::of_ledger(&ledger, &Reads::everything(), Question::default());
    /// let narrow = whole.asked(&Reads::default(), Question { analysis: "rfm.score".into(), ..Question::default() }).unwrap();
    /// assert_eq!(narrow.question().analysis, "rfm.score");
    /// assert!(whole.lines().unwrap().products().is_some() && narrow.lines().unwrap().products().is_none());
    /// # Ok::<(), leverkit_core::Error>(())
    /// ```
    pub fn asked(&self, reads: &Reads, question: Question) -> Option<Self> {
        let asked = |lines: &Lines| Body::Lines(Box::new(Lines::of(&lines.ledger, lines.is_slice, reads)));
        self.own_lines().map(|lines| Self::made(question, asked(lines)))
    }

    /// The rows to conclude from, entity by entity; `None` where the counts are of order lines.
    pub fn table(&self) -> Option<&Table> {
        self.rows().map(Rows::table)
    }

    /// The counts as bytes, with a version and a check sum.
    ///
    /// # Errors
    /// [`Error::Arrow`] where a column cannot be laid out.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let (contents, mut sections) = match &self.body {
            Body::Lines(lines) => lines.write()?,
            Body::Own(own) => own.write()?,
            Body::Rows(rows) => rows.write()?,
        };
        sections.extend(self.beside.write()?);
        envelope::write(&self.question, contents, &sections)
    }

    /// Counts of their bytes.
    ///
    /// # Errors
    /// [`Error::Counts`] where the bytes are no counts or damaged, or where a newer leverkit wrote them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let envelope::Opened { question, contents, sections } = envelope::read(bytes)?;
        let body = if sections.has(envelope::ROWS) {
            Body::Rows(Rows::read(&contents, &sections)?)
        } else if sections.has(envelope::CUSTOMERS) {
            Body::Own(Box::new(Own::read(&contents, &sections)?))
        } else {
            Body::Lines(Box::new(Lines::read(&contents, &sections)?))
        };
        Ok(Self { question, beside: Beside::read(&sections), body })
    }
}

fn several_kinds() -> Error {
    Error::counts(
        "some counts are of another kind: of lines, of rows, or an analysis' own",
        "count all parts in one way, with the same leverkit",
    )
}
