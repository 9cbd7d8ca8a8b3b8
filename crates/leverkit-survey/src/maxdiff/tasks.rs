//! Tasks, read from a table with one row each.

use leverkit_core::columns::find;
use leverkit_core::left_out::Tallies;
use leverkit_core::{Encoded, LeftOut, NO_CODE, Reason, Table, encode};

use super::MaxDiffParams;
use super::anchor::{THRESHOLD, pairs, read as read_anchor};
use crate::Error;
use crate::answers::{People, Respondents};

/// Why a respondent's row is left out.
const REASONS: [Reason; 2] = [Reason::NullRespondent, Reason::AnswerWithoutWeight];

/// Why a task is left out.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wrong {
    Unknown,
    Twice,
    NotShown,
    Same,
}

impl Wrong {
    const ALL: [Self; 4] = [Self::Unknown, Self::Twice, Self::NotShown, Self::Same];

    fn note(self, rows: &[usize]) -> String {
        let why = match self {
            Self::Unknown => "without a best or a worst",
            Self::Twice => "that show an item twice",
            Self::NotShown => "whose best or worst was not shown",
            Self::Same => "whose best is the worst",
        };
        format!("{} tasks {why} are left out, the first in row {}.", rows.len(), rows[0])
    }
}

/// A column of items.
struct Choices {
    codes: Vec<u32>,
    /// What each code says; `None` for a blank.
    names: Vec<Option<String>>,
}

impl Choices {
    fn read(table: &Table, role: &str, name: &str) -> Result<Self, Error> {
        let Encoded { codes, values } = encode(find(table, role, name)?, role)?;
        let named = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(Self { codes, names: values.texts().into_iter().map(named).collect() })
    }

    /// The place of each row's item among all; [`NO_CODE`] for one that is not among them, `None` for a blank.
    fn among(&self, items: &[String]) -> Vec<Option<u32>> {
        let place = |name: &String| items.binary_search(name).map_or(NO_CODE, |at| at as u32);
        let places: Vec<Option<u32>> = self.names.iter().map(|name| name.as_ref().map(place)).collect();
        self.codes.iter().map(|&code| places.get(code as usize).copied().flatten()).collect()
    }
}

/// Tasks that can be used, those of a respondent beside each other.
#[derive(Debug, Clone)]
pub(super) struct Tasks {
    pub(super) items: Vec<String>,
    /// The place of the threshold, the last of the items, where one was asked for.
    pub(super) threshold: Option<u32>,
    pub(super) respondents: Respondents,
    /// Where each task begins among what was shown.
    pub(super) starts: Vec<usize>,
    pub(super) shown: Vec<u32>,
    /// Places of the best and the worst within each task.
    pub(super) choices: Vec<(u32, u32)>,
    /// Where the tasks of each respondent begin.
    pub(super) people: Vec<usize>,
    pub(super) left_out: Vec<LeftOut>,
    /// What was wrong with tasks that are left out.
    pub(super) notes: Vec<String>,
}

impl Tasks {
    pub(super) fn read(table: &Table, params: &MaxDiffParams) -> Result<Self, Error> {
        let mut tallies = Tallies::default();
        let people = People::read(table, &params.people(), &mut tallies)?;
        let shown: Vec<Choices> =
            params.shown.iter().map(|name| Choices::read(table, "shown", name)).collect::<Result<_, _>>()?;
        let (best, worst) =
            (Choices::read(table, "best", &params.best)?, Choices::read(table, "worst", &params.worst)?);
        let anchors = params.anchor.as_ref().map(|name| read_anchor(table, name)).transpose()?;
        let mut items: Vec<String> = shown.iter().flat_map(|column| column.names.iter().flatten().cloned()).collect();
        items.sort_unstable();
        items.dedup();
        let shown: Vec<Vec<Option<u32>>> = shown.iter().map(|column| column.among(&items)).collect();
        let (best, worst) = (best.among(&items), worst.among(&items));
        let mut read: Vec<(u32, Vec<u32>, (u32, u32))> = Vec::new();
        let mut wrong: Vec<(Wrong, usize)> = Vec::new();
        for (row, &owner) in people.owners.iter().enumerate().filter(|(_, owner)| **owner != NO_CODE) {
            let task: Vec<u32> = shown.iter().filter_map(|column| column[row]).collect();
            match choice(&task, best[row], worst[row]) {
                Ok(choice) => {
                    if let Some(matter) = anchors.as_ref().and_then(|anchors| anchors[row]) {
                        let threshold = items.len() as u32;
                        let said = pairs(matter, &task, choice, threshold);
                        read.extend(said.into_iter().map(|pair| (owner, pair.to_vec(), (0, 1))));
                    }
                    read.push((owner, task, choice));
                }
                Err(reason) => wrong.push((reason, row)),
            }
        }
        let left_out = tallies.left_out(&REASONS);
        let of = |kind: &Wrong| wrong.iter().filter(|of| of.0 == *kind).map(|of| of.1).collect::<Vec<_>>();
        let notes: Vec<String> = Wrong::ALL
            .iter()
            .map(|kind| (kind, of(kind)))
            .filter(|of| !of.1.is_empty())
            .map(|of| of.0.note(&of.1))
            .collect();
        if read.is_empty() {
            let reason = notes.first().cloned();
            let error = Error::empty("maxdiff", table.rows(), &left_out);
            return Err(match (error, reason) {
                (Error::Empty { what, rows, .. }, Some(reason)) => Error::Empty { what, rows, reason },
                (error, _) => error,
            });
        }
        // In an order that rows do not change, so that sums are the same to the last bit.
        read.sort_unstable();
        let mut owners: Vec<u32> = read.iter().map(|task| task.0).collect();
        owners.dedup();
        let mut starts = vec![0];
        read.iter().for_each(|task| starts.push(starts[starts.len() - 1] + task.1.len()));
        let mut begins: Vec<usize> = (0..read.len()).filter(|&at| at == 0 || read[at].0 != read[at - 1].0).collect();
        begins.push(read.len());
        let threshold = anchors.map(|_| items.len() as u32);
        items.extend(threshold.map(|_| THRESHOLD.to_owned()));
        Ok(Self {
            items,
            threshold,
            respondents: people.respondents.picked(&owners)?,
            starts,
            shown: read.iter().flat_map(|task| task.1.iter().copied()).collect(),
            choices: read.iter().map(|task| task.2).collect(),
            people: begins,
            left_out,
            notes,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.choices.len()
    }

    /// Whether a task was shown; the others hold an item against the threshold.
    pub(super) fn is_shown(&self, at: usize) -> bool {
        self.threshold.is_none_or(|threshold| !self.task(at).contains(&threshold))
    }

    /// How many of these tasks were shown.
    pub(super) fn shown_of(&self, tasks: std::ops::Range<usize>) -> u64 {
        tasks.filter(|&at| self.is_shown(at)).count() as u64
    }

    /// How many items there are beside the threshold.
    pub(super) fn n_items(&self) -> usize {
        self.items.len() - usize::from(self.threshold.is_some())
    }

    /// Items of a task.
    pub(super) fn task(&self, at: usize) -> &[u32] {
        &self.shown[self.starts[at]..self.starts[at + 1]]
    }

    /// The respondent of each task.
    pub(super) fn owners(&self) -> Vec<u32> {
        let of = |(who, bounds): (usize, &[usize])| std::iter::repeat_n(who as u32, bounds[1] - bounds[0]);
        self.people.windows(2).enumerate().flat_map(of).collect()
    }

    /// Refuses tasks in which items fall apart into sets that are never compared.
    pub(super) fn check_connected(&self) -> Result<(), Error> {
        let sets = connected(self.items.len(), (0..self.len()).map(|at| self.task(at)));
        let Some(other) = sets.iter().position(|set| *set != sets[0]) else { return Ok(()) };
        let reason = format!(
            "{:?} and {:?} are never compared, not even through other items: show them together in some tasks",
            self.items[0], self.items[other]
        );
        Err(Error::not_identified("maxdiff", reason))
    }

    /// The items that are not in the largest set in which each is somewhere preferred to each other; their utilities grow without limit.
    pub(super) fn unbounded(&self) -> Vec<bool> {
        let n = self.items.len();
        let mut beats = vec![vec![false; n]; n];
        for at in 0..self.len() {
            let (task, (best, worst)) = (self.task(at), self.choices[at]);
            for (place, &item) in task.iter().enumerate() {
                beats[task[best as usize] as usize][item as usize] |= place != best as usize;
                beats[item as usize][task[worst as usize] as usize] |= place != worst as usize;
            }
        }
        let reach = |from: usize, beats: &dyn Fn(usize, usize) -> bool| {
            let (mut seen, mut open) = (vec![false; n], vec![from]);
            while let Some(item) = open.pop() {
                if !std::mem::replace(&mut seen[item], true) {
                    open.extend((0..n).filter(|&other| !seen[other] && beats(item, other)));
                }
            }
            seen
        };
        let sets = (0..n).map(|item| {
            let (down, up) = (reach(item, &|a, b| beats[a][b]), reach(item, &|a, b| beats[b][a]));
            (0..n).map(|other| down[other] && up[other]).collect::<Vec<bool>>()
        });
        let largest = sets.max_by_key(|set| set.iter().filter(|is| **is).count()).unwrap_or_default();
        largest.iter().map(|is_in| !is_in).collect()
    }
}

/// Places of the best and the worst of a task, or why it cannot be used. `None` is no choice, [`NO_CODE`] one that was shown nowhere.
fn choice(task: &[u32], best: Option<u32>, worst: Option<u32>) -> Result<(u32, u32), Wrong> {
    let (Some(best), Some(worst)) = (best, worst) else { return Err(Wrong::Unknown) };
    if (1..task.len()).any(|at| task[..at].contains(&task[at])) {
        return Err(Wrong::Twice);
    }
    let place = |item: u32| task.iter().position(|shown| *shown == item).map(|at| at as u32);
    match (place(best), place(worst)) {
        (Some(best), Some(worst)) if best == worst => Err(Wrong::Same),
        (Some(best), Some(worst)) => Ok((best, worst)),
        _ => Err(Wrong::NotShown),
    }
}

/// The set of each item: items of a task are in one.
pub(super) fn connected<'a>(items: usize, tasks: impl Iterator<Item = &'a [u32]>) -> Vec<usize> {
    let mut sets: Vec<usize> = (0..items).collect();
    for task in tasks {
        for &item in &task[1..] {
            let (one, other) = (root(&sets, task[0] as usize), root(&sets, item as usize));
            sets[one.max(other)] = one.min(other);
        }
    }
    (0..items).map(|item| root(&sets, item)).collect()
}

fn root(sets: &[usize], mut item: usize) -> usize {
    while sets[item] != item {
        item = sets[item];
    }
    item
}
