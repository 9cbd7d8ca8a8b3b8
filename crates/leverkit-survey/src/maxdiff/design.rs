//! Tasks to ask: every item as often as any other, every pair as often as any other, every item in every place.
//!
//! A search by swaps: items are dealt evenly, then two items of different tasks change places wherever pairs become more even; where a balanced incomplete
//! block design exists and is small, the search finds one. Last, items are moved within their tasks until places are even.

use leverkit_core::Params;
use leverkit_core::stats::budget;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::MaxDiffDesignParams;
use super::tasks::connected;
use crate::Error;

/// Starts of the search, and swaps tried at each without finding a better one before it ends.
const STARTS: u64 = 12;
const PATIENCE: usize = 4000;

/// Tasks to ask, and how balanced they are.
#[derive(Debug, Clone, PartialEq)]
pub struct MaxDiffDesign {
    /// What it was made with.
    pub params: MaxDiffDesignParams,
    /// Version, task and items by place.
    pub tasks: Vec<(u64, u64, Vec<usize>)>,
    /// Fewest and most times an item is shown.
    pub frequency: (u64, u64),
    /// Fewest and most times a pair is shown together.
    pub pairs: (u64, u64),
    /// Fewest and most times an item is in a place.
    pub places: (u64, u64),
    /// What to know before asking.
    pub notes: Vec<String>,
}

/// Makes the tasks of a best–worst survey.
///
/// # Errors
/// [`Error::Core`] for parameters out of range, and where tasks are too few to compare all items with each other, if only through others.
///
/// ```
/// use leverkit_survey::{MaxDiffDesignParams, maxdiff_design};
/// let items = ["a", "b", "c", "d", "e", "f"].map(String::from).to_vec();
/// let params = MaxDiffDesignParams { items, per_task: 3, tasks: 10, versions: 1, seed: 1 };
/// let found = maxdiff_design(&params)?;
/// assert_eq!((found.frequency, found.pairs), ((5, 5), (2, 2))); // a balanced incomplete block design
/// # Ok::<(), leverkit_survey::Error>(())
/// ```
pub fn maxdiff_design(params: &MaxDiffDesignParams) -> Result<MaxDiffDesign, Error> {
    params.check()?;
    let mut best: Option<(u64, Vec<Vec<usize>>)> = None;
    for start in 0..STARTS {
        let mut random = Pcg64::seed_from_u64(params.seed ^ start.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut search = Search::new(params, &mut random);
        search.improve(&mut random);
        let unevenness = search.unevenness();
        if best.as_ref().is_none_or(|known| unevenness < known.0) {
            best = Some((unevenness, search.tasks));
        }
    }
    let mut tasks = best.map(|known| known.1).unwrap_or_default();
    even_places(&mut tasks, params.items.len());
    let codes: Vec<Vec<u32>> = tasks.iter().map(|task| task.iter().map(|&item| item as u32).collect()).collect();
    let sets = connected(params.items.len(), codes.iter().map(Vec::as_slice));
    if let Some(other) = sets.iter().position(|set| *set != sets[0]) {
        let expected = format!(
            "more: {:?} and {:?} are never compared, not even through other items",
            params.items[0], params.items[other]
        );
        return Err(Error::parameter("tasks", params.tasks.to_string(), expected));
    }
    Ok(MaxDiffDesign::of(params, tasks))
}

impl MaxDiffDesign {
    fn of(params: &MaxDiffDesignParams, tasks: Vec<Vec<usize>>) -> Self {
        let n = params.items.len();
        let (mut frequency, mut pairs) = (vec![0_u64; n], vec![0_u64; n * n]);
        let mut places = vec![0_u64; n * params.per_task];
        for task in &tasks {
            budget::check();
            for (place, &item) in task.iter().enumerate() {
                frequency[item] += 1;
                places[item * params.per_task + place] += 1;
                task.iter().filter(|other| **other > item).for_each(|other| pairs[item * n + other] += 1);
            }
        }
        let range = |counts: &mut dyn Iterator<Item = u64>| {
            counts.fold((u64::MAX, 0), |(low, high), count| (low.min(count), high.max(count)))
        };
        let above = (0..n).flat_map(|a| (a + 1..n).map(move |b| a * n + b));
        let pairs = range(&mut above.map(|at| pairs[at]));
        let notes = if pairs.0 == 0 {
            vec!["Some pairs are never shown together: they are compared through other items alone.".into()]
        } else {
            Vec::new()
        };
        let number =
            |(at, task): (usize, Vec<usize>)| ((at / params.tasks) as u64 + 1, (at % params.tasks) as u64 + 1, task);
        Self {
            params: params.clone(),
            frequency: range(&mut frequency.into_iter()),
            pairs,
            places: range(&mut places.into_iter()),
            tasks: tasks.into_iter().enumerate().map(number).collect(),
            notes,
        }
    }

    /// Whether each pair is shown as often as any other: a balanced incomplete block design.
    ///
    /// ```
    /// use leverkit_survey::{MaxDiffDesignParams, maxdiff_design};
    /// let tasks = |tasks| {
    ///     let items = ["a", "b", "c", "d", "e", "f"].map(String::from).to_vec();
    ///     maxdiff_design(&MaxDiffDesignParams { items, per_task: 3, tasks, versions: 1, seed: 1 })
    /// };
    /// assert!(tasks(10)?.is_balanced() && !tasks(7)?.is_balanced());
    /// # Ok::<(), leverkit_survey::Error>(())
    /// ```
    pub fn is_balanced(&self) -> bool {
        self.frequency.0 == self.frequency.1 && self.pairs.0 == self.pairs.1
    }
}

struct Search {
    tasks: Vec<Vec<usize>>,
    /// How often each pair is shown, both ways round.
    pairs: Vec<u32>,
    items: usize,
}

impl Search {
    /// Deals items evenly: each comes up once before any comes up again; one that is in the task already waits for the next.
    fn new(params: &MaxDiffDesignParams, random: &mut Pcg64) -> Self {
        let (n, k) = (params.items.len(), params.per_task);
        let mut waiting: Vec<usize> = Vec::new();
        let mut tasks = Vec::with_capacity(params.tasks * params.versions);
        for _ in 0..params.tasks * params.versions {
            budget::check();
            let mut task: Vec<usize> = Vec::with_capacity(k);
            while task.len() < k {
                if let Some(at) = waiting.iter().position(|item| !task.contains(item)) {
                    task.push(waiting.remove(at));
                } else {
                    let mut deck: Vec<usize> = (0..n).collect();
                    deck.shuffle(random);
                    waiting.extend(deck);
                }
            }
            tasks.push(task);
        }
        let mut search = Self { tasks, pairs: vec![0; n * n], items: n };
        for at in 0..search.tasks.len() {
            budget::check();
            let task = search.tasks[at].clone();
            task.iter().for_each(|&item| search.count(&task, item, 1));
        }
        search
    }

    /// Counts the pairs of an item with the others of a task, one way round.
    fn count(&mut self, task: &[usize], item: usize, by: i32) {
        for &other in task.iter().filter(|other| **other != item) {
            let pair = &mut self.pairs[item * self.items + other];
            *pair = pair.wrapping_add_signed(by);
        }
    }

    /// Squares of how often pairs are shown, which are least where all are even.
    fn unevenness(&self) -> u64 {
        self.pairs.iter().map(|pair| u64::from(*pair) * u64::from(*pair)).sum()
    }

    /// What the squares would change by if an item came into a task in the place of another, as far as its pairs with the rest of the task.
    fn change(&self, task: &[usize], out: usize, item: usize) -> i64 {
        let rest = task.iter().filter(|other| **other != out);
        let of = |other: &usize| {
            let (gone, more) = (self.pairs[out * self.items + other], self.pairs[item * self.items + other]);
            2 * i64::from(more) + 1 - (2 * i64::from(gone) - 1)
        };
        rest.map(of).sum()
    }

    fn improve(&mut self, random: &mut Pcg64) {
        let (tasks, k) = (self.tasks.len(), self.tasks[0].len());
        if tasks < 2 {
            return;
        }
        let patience = PATIENCE.max(20 * tasks);
        let mut idle = 0;
        while idle < patience {
            budget::check();
            idle += 1;
            let (a, b) = (random.random_range(0..tasks), random.random_range(0..tasks));
            let (i, j) = (random.random_range(0..k), random.random_range(0..k));
            let (one, other) = (self.tasks[a][i], self.tasks[b][j]);
            if a == b || one == other || self.tasks[a].contains(&other) || self.tasks[b].contains(&one) {
                continue;
            }
            // Pairs with what both tasks show stay as they are; they were counted up and down.
            let both = self.tasks[a].iter().filter(|item| self.tasks[b].contains(item)).count() as i64;
            let change = self.change(&self.tasks[a], one, other) + self.change(&self.tasks[b], other, one) - 4 * both;
            if change <= 0 {
                self.swap((a, i), (b, j));
                // Level swaps lead to better ones, but end some time.
                idle = if change < 0 { 0 } else { idle };
            }
        }
    }

    fn swap(&mut self, (a, i): (usize, usize), (b, j): (usize, usize)) {
        for (task, place, by) in [(a, i, -1), (b, j, -1)] {
            self.recount(task, place, by);
        }
        let (one, other) = (self.tasks[a][i], self.tasks[b][j]);
        self.tasks[a][i] = other;
        self.tasks[b][j] = one;
        for (task, place, by) in [(a, i, 1), (b, j, 1)] {
            self.recount(task, place, by);
        }
    }

    /// Counts the pairs of the item in a place, both ways round.
    fn recount(&mut self, task: usize, place: usize, by: i32) {
        let items = self.tasks[task].clone();
        let item = items[place];
        self.count(&items, item, by);
        for &other in items.iter().filter(|other| **other != item) {
            let pair = &mut self.pairs[other * self.items + item];
            *pair = pair.wrapping_add_signed(by);
        }
    }
}

/// Puts the item that was least often in a place there, task by task, as often as that makes places more even.
fn even_places(tasks: &mut [Vec<usize>], items: usize) {
    let k = tasks.first().map_or(0, Vec::len);
    let mut counts = vec![0_i64; items * k];
    for task in tasks.iter_mut() {
        budget::check();
        for place in 0..k {
            let least = (place..k).min_by_key(|&at| counts[task[at] * k + place]).unwrap_or(place);
            task.swap(place, least);
            counts[task[place] * k + place] += 1;
        }
    }
    for _ in 0..20 {
        let mut moved = false;
        for task in tasks.iter_mut() {
            for (a, b) in (0..k).flat_map(|a| (a + 1..k).map(move |b| (a, b))) {
                let (x, y) = (task[a], task[b]);
                let of = |item: usize, place: usize| counts[item * k + place];
                // Σ counts² after less before.
                let change = of(x, b) + of(y, a) - (of(x, a) - 1) - (of(y, b) - 1);
                if change < 0 {
                    task.swap(a, b);
                    for (item, from, to) in [(x, a, b), (y, b, a)] {
                        counts[item * k + from] -= 1;
                        counts[item * k + to] += 1;
                    }
                    moved = true;
                }
            }
        }
        if !moved {
            break;
        }
    }
}
