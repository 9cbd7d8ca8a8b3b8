//! The event log: what entities did and when, grouped by entity and in time order. Built once from any table, or from a Ledger, like
//! which it is laid out: entity `e` owns rows `offsets[e]..offsets[e + 1]`, every column is a vector of its own.

use std::collections::HashMap;
use std::sync::Arc;

use leverkit_core::columns::{find, missing, numbers, times};
use leverkit_core::{
    Codes, Column, Dictionary, Encoded, Ledger, MICROS_PER_DAY, NO_CODE, NO_MICROS, Named, Numbers, Pieces,
    RecordBatch, Shared, Shuffle, Table, encode, nearest,
};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The columns of an event log.
///
/// ```
/// use leverkit_funnel::EventColumns;
/// let columns = EventColumns { value: Some("paid".into()), ..EventColumns::new("who", "at", "what") };
/// assert_eq!(columns.names(), ["who", "at", "what", "paid"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventColumns {
    /// Who did it: ids of any type.
    pub entity: String,
    /// When: dates, datetimes of any unit and zone, or ISO 8601 text.
    pub time: String,
    /// What: names, categories or numbers, which become text.
    pub event: String,
    /// Money of the event, where it has any.
    #[serde(default)]
    pub value: Option<String>,
    /// Further columns to group, filter and hold constant by; their values become text.
    #[serde(default)]
    pub properties: Vec<String>,
}

impl EventColumns {
    /// The three columns that every log has.
    pub fn new(entity: &str, time: &str, event: &str) -> Self {
        let (entity, time, event) = (entity.into(), time.into(), event.into());
        Self { entity, time, event, value: None, properties: Vec::new() }
    }

    /// All names.
    pub fn names(&self) -> Vec<String> {
        let three = [&self.entity, &self.time, &self.event];
        three.into_iter().chain(&self.value).chain(&self.properties).cloned().collect()
    }
}

/// Events of entities, grouped by entity and in time order; ties keep input order. Cheap to clone: columns are shared.
#[derive(Debug, Clone)]
pub struct EventLog {
    pub(crate) columns: EventColumns,
    pub(crate) entities: Dictionary,
    pub(crate) offsets: Arc<Vec<u32>>,
    /// Microseconds since 1970-01-01: instants of one clock, so that spans are right across a change to summer time.
    pub(crate) micros: Arc<Vec<i64>>,
    pub(crate) events: Arc<Vec<u32>>,
    /// What the codes of events stand for, events that were not kept included.
    pub(crate) names: Vec<String>,
    pub(crate) values: Option<Numbers>,
    pub(crate) properties: Vec<Named<Property>>,
    pub(crate) left_out: EventsLeftOut,
    /// The last moment that was seen, of whatever event.
    pub(crate) seen_until: i64,
}

/// A further column: a code for each row, [`NO_CODE`] where null, and what the codes stand for.
#[derive(Debug, Clone)]
pub(crate) struct Property {
    pub(crate) codes: Shared<u32>,
    pub(crate) names: Vec<String>,
}

/// Rows that came in and those that are not in the log, by the first reason that holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct EventsLeftOut {
    /// Rows that came in.
    pub rows: u64,
    /// Without an entity.
    pub no_entity: u64,
    /// Without a readable time between 1900 and 2100.
    pub no_time: u64,
    /// Without an event.
    pub no_event: u64,
    /// Returns among the lines of a Ledger, which are no steps forward.
    pub returns: u64,
    /// Events that nobody asked for: not kept, to save memory.
    pub not_asked: u64,
}

impl EventsLeftOut {
    /// What was left out, in words.
    pub(crate) fn notes(&self) -> Vec<String> {
        let counts = [
            (self.no_entity, "without an entity"),
            (self.no_time, "without a readable time between 1900 and 2100"),
            (self.no_event, "without an event"),
            (self.returns, "that are returns"),
        ];
        let told = counts.into_iter().filter(|(count, _)| *count > 0);
        told.map(|(count, what)| format!("{count} of {} rows {what} were left out.", self.rows)).collect()
    }
}

impl EventLog {
    /// Builds a log of all events of record batches of one schema.
    ///
    /// # Errors
    /// [`Error::Core`] where columns are missing or of a wrong type; [`Error::NoEvents`] where no row is left.
    ///
    /// ```
    /// use leverkit_core::batch;
    /// use leverkit_funnel::{EventColumns, EventLog};
    /// let events = batch!("who" => [2, 1, 2], "at" => ["2024-01-02", "2024-01-01", "2024-01-01"], "what" => ["buy", "see", "see"])?;
    /// let log = EventLog::from_batches(&[events], &EventColumns::new("who", "at", "what"))?;
    /// assert_eq!((log.n_entities(), log.n_events()), (2, 3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_batches(batches: &[RecordBatch], columns: &EventColumns) -> Result<Self, Error> {
        let mut builder = EventLogBuilder::new(columns.clone(), None);
        batches.iter().try_for_each(|batch| builder.push(batch))?;
        builder.finish()
    }

    /// The events of a table.
    pub(crate) fn from_table(table: &Table, columns: &EventColumns) -> Result<Self, Error> {
        let mut builder = EventLogBuilder::new(columns.clone(), None);
        builder.read(table)?;
        builder.finish()
    }

    /// The lines of a Ledger as events, named by the product or a dimension; returns are left out. The line's money is the value, the
    /// product and all dimensions are properties.
    ///
    /// # Errors
    /// [`Error::Core`] where the Ledger has no such column; [`Error::NoEvents`] where it has no lines.
    ///
    /// ```
    /// use leverkit_core::{Ledger, Roles, batch};
    /// use leverkit_funnel::EventLog;
    /// let days = ["2024-01-01", "2024-01-05", "2024-01-02"];
    /// let lines = batch!("c" => [1, 1, 2], "t" => days, "a" => [9.0; 3], "p" => ["trial", "course", "trial"])?;
    /// let ledger = Ledger::from_batches(&[lines], &Roles::new("c", "t").amount("a").product("p"))?;
    /// let log = EventLog::from_ledger(&ledger, "p")?;
    /// assert_eq!((log.n_entities(), log.n_events(), log.names().len()), (2, 3, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_ledger(ledger: &Ledger, event: &str) -> Result<Self, Error> {
        let roles = ledger.roles();
        let mut columns: Vec<Named<&Codes>> = ledger
            .dimensions()
            .iter()
            .map(|column| Named { name: column.name.clone(), values: &column.values })
            .collect();
        if let (Some(products), Some(name)) = (ledger.products(), &roles.product) {
            columns.push(Named { name: name.clone(), values: products });
            columns.push(Named { name: "product".into(), values: products });
        }
        let stage = columns.iter().find(|column| column.name == event).ok_or_else(|| unknown(event, &columns))?;
        let is_return: Vec<bool> = (0..ledger.n_lines()).map(|line| ledger.is_netted_return(line)).collect();
        let returns = is_return.iter().filter(|is_return| **is_return).count() as u64;
        let mut events = stage.values.codes.to_vec();
        events.iter_mut().zip(is_return).filter(|(_, is_return)| *is_return).for_each(|(code, _)| *code = NO_CODE);
        if events.iter().all(|event| *event == NO_CODE) {
            return Err(Error::no_events(format!("the Ledger's {} lines are returns or lack {event:?}", events.len())));
        }
        let micros = match ledger.micros() {
            Some(micros) => micros.to_vec(),
            None => ledger.days().iter().map(|day| i64::from(*day) * MICROS_PER_DAY).collect(),
        };
        let seen_until = i64::from(ledger.seen_until(ledger.as_of())) * MICROS_PER_DAY;
        let micros_of_last = micros.iter().copied().max().unwrap_or(seen_until);
        Ok(Self {
            columns: EventColumns {
                value: roles.amount.clone().or(Some("amount".into())),
                ..EventColumns::new(&roles.customer, &roles.time, event)
            },
            entities: ledger.customers().clone(),
            offsets: Arc::new(ledger.offsets().to_vec()),
            micros: Arc::new(micros),
            names: texts(stage.values.dictionary.values()),
            values: Some(ledger.amounts().to_vec().into()),
            left_out: EventsLeftOut { rows: events.len() as u64, returns, ..EventsLeftOut::default() },
            seen_until: seen_until.max(micros_of_last),
            events: Arc::new(events),
            properties: columns
                .iter()
                .map(|column| {
                    let names = texts(column.values.dictionary.values());
                    let values = Property { codes: column.values.codes.clone(), names };
                    Named { name: column.name.clone(), values }
                })
                .collect(),
        })
    }

    /// Number of entities with an event in the log.
    pub fn n_entities(&self) -> usize {
        self.entities.len()
    }

    /// Number of events in the log.
    pub fn n_events(&self) -> usize {
        self.events.len()
    }

    /// Names of all events that came in, in the order of first appearance.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Rows that came in and those that are not in the log.
    pub fn left_out(&self) -> &EventsLeftOut {
        &self.left_out
    }

    /// The old name of [`Self::left_out`].
    #[deprecated(note = "use `left_out`")]
    pub fn set_aside(&self) -> &EventsLeftOut {
        &self.left_out
    }

    /// Whether all events are in the log, not those alone that were asked for.
    pub fn is_whole(&self) -> bool {
        self.left_out.not_asked == 0
    }

    pub(crate) fn property(&self, role: &str, name: &str) -> Result<&Property, Error> {
        let known = self.properties.iter().find(|property| property.name == name);
        known.map(|property| &property.values).ok_or_else(|| {
            let names: Vec<String> = self.properties.iter().map(|property| property.name.clone()).collect();
            Error::Core(leverkit_core::Error::UnknownColumn {
                role: role.into(),
                column: name.into(),
                nearest: nearest(name, names.iter().map(String::as_str)),
                available: names,
            })
        })
    }
}

fn unknown(event: &str, columns: &[Named<&Codes>]) -> Error {
    let available: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    Error::Core(leverkit_core::Error::UnknownColumn {
        role: "stage".into(),
        column: event.into(),
        nearest: nearest(event, available.iter().map(String::as_str)),
        available,
    })
}

fn texts(values: &Column) -> Vec<String> {
    values.texts().into_iter().map(Option::unwrap_or_default).collect()
}

/// Builds an event log from a table that comes in batches. A batch's columns are read and freed, all but the entities' ids.
///
/// ```
/// use leverkit_core::batch;
/// use leverkit_funnel::{EventColumns, EventLogBuilder};
/// let columns = EventColumns::new("who", "at", "what");
/// let mut builder = EventLogBuilder::new(columns, Some(vec!["see".into(), "buy".into()]));
/// builder.push(&batch!("who" => [1, 1], "at" => ["2024-01-01", "2024-01-02"], "what" => ["see", "scroll"])?)?;
/// builder.push(&batch!("who" => [1, 2], "at" => ["2024-01-03", "2024-01-01"], "what" => ["buy", "see"])?)?;
/// let log = builder.finish()?;
/// assert_eq!((log.n_events(), log.left_out().not_asked, log.is_whole()), (3, 1, false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct EventLogBuilder {
    columns: EventColumns,
    /// Names of the events to keep; all where there are none.
    only: Option<Vec<String>>,
    names: Names,
    is_wanted: Vec<bool>,
    entities: Option<Column>,
    micros: Pieces<i64>,
    events: Pieces<u32>,
    values: Option<Pieces<f64>>,
    properties: Vec<(Names, Pieces<u32>)>,
    /// The time of the last row, kept or not.
    seen_until: i64,
    left_out: EventsLeftOut,
}

impl EventLogBuilder {
    /// A builder without events. With `only`, events of other names are counted and not kept.
    pub fn new(columns: EventColumns, only: Option<Vec<String>>) -> Self {
        Self {
            values: columns.value.as_ref().map(|_| Pieces::default()),
            properties: columns.properties.iter().map(|_| Default::default()).collect(),
            columns,
            only,
            names: Names::default(),
            is_wanted: Vec::new(),
            entities: None,
            micros: Pieces::default(),
            events: Pieces::default(),
            seen_until: i64::MIN,
            left_out: EventsLeftOut::default(),
        }
    }

    /// Reads a batch; all must have the same columns.
    ///
    /// # Errors
    /// [`Error::Core`] where columns are missing or of a wrong type, or rows too many.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.read(&Table::from(batch))
    }

    fn read(&mut self, table: &Table) -> Result<(), Error> {
        let limit = NO_CODE as usize - 1;
        let rows = self.events.len() + table.rows();
        if rows > limit {
            return Err(leverkit_core::Error::TooLarge { rows, limit }.into());
        }
        let entities = find(table, "entity", &self.columns.entity)?;
        let micros = times(&find(table, "time", &self.columns.time)?, Some("UTC"), false)?.into_micros();
        let events = self.names.codes(find(table, "stage", &self.columns.event)?, "stage")?;
        self.is_wanted
            .extend(self.names.names[self.is_wanted.len()..].iter().map(|name| wants(self.only.as_deref(), name)));
        let last = micros.iter().copied().filter(|time| *time != NO_MICROS).max();
        self.seen_until = last.map_or(self.seen_until, |last| last.max(self.seen_until));
        let kept = self.kept(&entities, &micros, &events);
        let rows = kept.as_deref();
        self.micros.push(those_kept(micros, rows));
        self.events.push(those_kept(events, rows));
        if let (Some(values), Some(name)) = (&mut self.values, &self.columns.value) {
            values.push(those_kept(numbers(&find(table, "value", name)?, "value")?, rows));
        }
        for ((names, codes), name) in self.properties.iter_mut().zip(&self.columns.properties) {
            codes.push(those_kept(names.codes(find(table, "property", name)?, "property")?, rows));
        }
        let entities = match rows {
            None => entities,
            Some(rows) => entities.take(rows)?,
        };
        match &mut self.entities {
            None => self.entities = Some(entities),
            Some(known) => known.append(&entities)?,
        }
        Ok(())
    }

    /// Counts the rows that are left out, and says which are kept; none where all are.
    fn kept(&mut self, entities: &Column, micros: &[i64], events: &[u32]) -> Option<Vec<u32>> {
        let missing = missing(entities);
        let has_entity = |row: usize| missing.as_ref().is_none_or(|missing| !missing[row]);
        let has_time = |row: usize| micros[row] != NO_MICROS;
        let is_wanted = |row: usize| self.is_wanted.get(events[row] as usize).copied().unwrap_or_default();
        let n = micros.len();
        // Without a branch, which half of the rows would take by surprise.
        let (mut rows, mut kept) = (vec![0_u32; n], 0);
        for row in 0..n {
            rows[kept] = row as u32;
            kept += usize::from(has_entity(row) & has_time(row) & is_wanted(row));
        }
        rows.truncate(kept);
        let no_entity = if missing.is_some() { count(n, |row| !has_entity(row)) } else { 0 };
        let no_time = count(n, |row| !has_time(row) & has_entity(row));
        let no_event = count(n, |row| (events[row] == NO_CODE) & has_time(row) & has_entity(row));
        self.left_out.rows += n as u64;
        self.left_out.no_entity += no_entity;
        self.left_out.no_time += no_time;
        self.left_out.no_event += no_event;
        self.left_out.not_asked += (n - kept) as u64 - no_entity - no_time - no_event;
        (kept < n).then_some(rows)
    }

    /// Codes the entities and brings the events in order.
    ///
    /// # Errors
    /// [`Error::NoEvents`] where no row is left.
    pub fn finish(self) -> Result<EventLog, Error> {
        let Some(entities) = self.entities.filter(|_| !self.events.is_empty()) else {
            return Err(nothing(&self.left_out, &self.names.names, self.only.as_deref()));
        };
        let Encoded { codes, values } = encode(entities, "entity")?;
        let (shuffle, offsets, micros) = Shuffle::sort(codes, values.len(), self.micros);
        Ok(EventLog {
            columns: self.columns.clone(),
            entities: Dictionary::new(values),
            offsets: Arc::new(offsets),
            micros: Arc::new(micros),
            events: Arc::new(shuffle.apply(self.events)),
            names: self.names.names,
            values: self.values.map(|values| shuffle.apply(values).into()),
            properties: self
                .columns
                .properties
                .into_iter()
                .zip(self.properties)
                .map(|(name, (names, codes))| {
                    let values = Property { codes: shuffle.apply(codes).into(), names: names.names };
                    Named { name, values }
                })
                .collect(),
            seen_until: self.seen_until,
            left_out: self.left_out,
        })
    }
}

fn count(rows: usize, is: impl Fn(usize) -> bool) -> u64 {
    (0..rows).map(|row| u64::from(is(row))).sum()
}

/// The values of the rows that are kept: all, or these.
fn those_kept<T: Copy>(values: Vec<T>, kept: Option<&[u32]>) -> Vec<T> {
    match kept {
        None => values,
        Some(rows) => rows.iter().map(|row| values[*row as usize]).collect(),
    }
}

fn wants(only: Option<&[String]>, name: &String) -> bool {
    only.is_none_or(|only| only.contains(name))
}

/// Why no event is left.
fn nothing(left_out: &EventsLeftOut, names: &[String], only: Option<&[String]>) -> Error {
    let EventsLeftOut { rows, no_entity, no_time, no_event, .. } = left_out;
    if *rows == 0 {
        return Error::no_events("the log is empty".into());
    }
    let missing = only.and_then(|only| only.iter().find(|name| !names.contains(name)));
    if let Some(missing) = missing.filter(|_| left_out.not_asked > 0) {
        return unknown_event(missing, names);
    }
    Error::no_events(format!(
        "{rows} rows came in; {no_entity} lack an entity, {no_time} a readable time, {no_event} an event"
    ))
}

/// An event that no row has; `names` are those that there are.
pub(crate) fn unknown_event(name: &str, names: &[String]) -> Error {
    const SHOWN: usize = 8;
    let near = nearest(name, names.iter().map(String::as_str));
    let mut known: Vec<&str> = names.iter().map(String::as_str).collect();
    known.sort_unstable();
    let more = known.len().saturating_sub(SHOWN);
    let mut expected = known.iter().take(SHOWN).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    if more > 0 {
        expected = format!("{expected} and {more} more");
    }
    let hint = near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
    Error::parameter("stages", format!("{name:?}"), format!("an event of the log ({expected}){hint}"))
}

/// Texts as codes that stay the same from batch to batch.
#[derive(Default)]
struct Names {
    codes: HashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    fn codes(&mut self, column: Column, role: &str) -> Result<Vec<u32>, Error> {
        let Encoded { mut codes, values } = encode(column, role)?;
        let mut global: Vec<u32> = texts(&values).into_iter().map(|name| self.code(name)).collect();
        if global.iter().zip(0..).any(|(code, own)| *code != own) {
            global.push(NO_CODE);
            let null = global.len() - 1;
            codes.iter_mut().for_each(|code| *code = global[(*code as usize).min(null)]);
        }
        Ok(codes)
    }

    fn code(&mut self, name: String) -> u32 {
        let fresh = self.names.len() as u32;
        let names = &mut self.names;
        *self.codes.entry(name).or_insert_with_key(|name| {
            names.push(name.clone());
            fresh
        })
    }
}

#[cfg(test)]
mod tests {
    use leverkit_core::batch;

    use super::*;

    #[test]
    fn rows_without_entity_time_or_event_are_counted_and_left_out() {
        let events = batch!(
            "who" => [Some("b"), None, Some("a"), Some("a"), Some("b")],
            "at" => ["2024-01-02", "2024-01-01", "never", "2024-01-05", "2024-01-01T12:00:00Z"],
            "what" => [Some("x"), Some("x"), Some("x"), None, Some("y")],
        )
        .unwrap();
        let log = EventLog::from_batches(&[events], &EventColumns::new("who", "at", "what")).unwrap();
        let expected = EventsLeftOut { rows: 5, no_entity: 1, no_time: 1, no_event: 1, ..EventsLeftOut::default() };
        assert_eq!(*log.left_out(), expected);
        assert_eq!((log.n_entities(), log.events.as_slice()), (1, &[1, 0][..]), "in time order");
    }

    #[test]
    fn batches_give_what_the_whole_gives() {
        let events = batch!("who" => [1, 2, 1, 2], "at" => ["2024-01-04", "2024-01-03", "2024-01-02", "2024-01-01"], "what" => ["b", "c", "a", "b"]).unwrap();
        let columns = EventColumns::new("who", "at", "what");
        let mut builder = EventLogBuilder::new(columns.clone(), Some(vec!["a".into(), "b".into()]));
        builder.push(&events.slice(0, 2)).unwrap();
        builder.push(&events.slice(2, 2)).unwrap();
        let log = builder.finish().unwrap();
        let named: Vec<&str> = log.events.iter().map(|code| log.names[*code as usize].as_str()).collect();
        assert_eq!((named, log.left_out.not_asked), (vec!["a", "b", "b"], 1));
        assert!(!log.is_whole());
    }
}
