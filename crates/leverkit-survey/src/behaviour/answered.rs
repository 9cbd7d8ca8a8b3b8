//! Respondents found among the customers of a ledger.

use std::collections::HashMap;

use leverkit_core::left_out::Tallies;
use leverkit_core::{Column, Ledger, LeftOut, Reason, Table};

use crate::Error;
use crate::answers::{AnswerParams, People, Respondents};

/// Why a row is left out.
const REASONS: [Reason; 2] = [Reason::NullRespondent, Reason::AnswerWithoutWeight];

/// Respondents who are customers.
pub(super) struct Answered {
    pub(super) respondents: Respondents,
    /// The code of each as a customer.
    pub(super) customers: Vec<u32>,
    /// The first row of each in the table.
    pub(super) rows: Vec<usize>,
    /// Respondents whom the ledger does not know.
    pub(super) unknown: u64,
    pub(super) notes: Vec<String>,
    pub(super) left_out: Vec<LeftOut>,
}

impl Answered {
    pub(super) fn read(ledger: &Ledger, table: &Table, params: &AnswerParams, what: &str) -> Result<Self, Error> {
        let mut tallies = Tallies::default();
        let people = People::read(table, params, &mut tallies)?;
        let left_out = tallies.left_out(&REASONS);
        if people.respondents.is_empty() {
            return Err(Error::empty(what, table.rows(), &left_out));
        }
        let ids = people.respondents.ids.ids();
        let known = codes(ledger, &ids);
        let found: Vec<u32> = (0..ids.len() as u32).filter(|&at| known[at as usize].is_some()).collect();
        let example = ids.iter().zip(&known).find(|(_, code)| code.is_none()).and_then(|(id, _)| id.clone());
        if found.is_empty() {
            return Err(nobody(ledger, what, &example.unwrap_or_default()));
        }
        let unknown = (ids.len() - found.len()) as u64;
        let note = example.map(|id| format!("{unknown} respondents are no customers of the ledger, such as {id}."));
        Ok(Self {
            respondents: people.respondents.picked(&found)?,
            customers: found.iter().filter_map(|&at| known[at as usize]).collect(),
            rows: found.iter().map(|&at| people.rows[at as usize].0 as usize).collect(),
            unknown,
            notes: note.into_iter().collect(),
            left_out,
        })
    }
}

/// The codes of these ids as customers, by their texts.
fn codes(ledger: &Ledger, ids: &[Option<String>]) -> Vec<Option<u32>> {
    let places: HashMap<&str, usize> =
        ids.iter().enumerate().filter_map(|(at, id)| Some((id.as_deref()?, at))).collect();
    let mut found = vec![None; ids.len()];
    for (id, code) in ledger.customers().values().ids().iter().zip(0..) {
        if let Some(&at) = id.as_deref().and_then(|id| places.get(id)) {
            found[at] = Some(code);
        }
    }
    found
}

fn nobody(ledger: &Ledger, what: &str, example: &str) -> Error {
    let known = Column::text(ledger.customers().values(), 0).unwrap_or_default();
    let reason = format!(
        "customer: no respondent is a customer of the ledger, such as {known:?}; got ids such as {example:?}: give the ids of the ledger"
    );
    Error::not_identified(what, reason)
}
