//! Expectation and maximisation (Dempster, Laird & Rubin 1977) of a latent class model.

use faer::prelude::*;
use faer::{Mat, Side};

use super::data::{Block, Data, Shape};
use super::model::{Model, score};
use crate::climb::{Reached, climb};

/// An improvement of the log-likelihood below this is none.
const TOLERANCE: f64 = 1e-8;
pub(crate) const MOST_STEPS: usize = 3000;
/// Answers that no class has given keep this part of one, so that logarithms exist.
const NOTHING: f64 = 1e-300;

/// A few plain steps from a start; returns the model, and the log-likelihood of that before.
pub(crate) fn warm(data: &Data, mut model: Model, steps: usize) -> (f64, Model) {
    let mut log_likelihood = f64::NEG_INFINITY;
    for _ in 0..steps {
        let stepped = step(data, &model);
        (log_likelihood, model) = (stepped.log_likelihood, stepped.model);
    }
    (log_likelihood, model)
}

/// Steps until the log-likelihood rises no more.
pub(crate) fn fit(data: &Data, start: Model) -> Reached<Model> {
    let stepped = |model: &Model| {
        let stepped = step(data, model);
        (stepped.log_likelihood, stepped.model)
    };
    climb(start, (MOST_STEPS, TOLERANCE), stepped, |model| model.settle(data))
}

/// The log-likelihood of a model, and the model after one step.
pub(crate) struct Stepped {
    pub(crate) log_likelihood: f64,
    pub(crate) model: Model,
}

/// Calls a kernel compiled for the number of classes.
macro_rules! with_classes {
    ($classes:expr, $call:ident ( $($argument:expr),* )) => {
        match $classes {
            1 => $call::<1>($($argument),*),
            2 => $call::<2>($($argument),*),
            3 => $call::<3>($($argument),*),
            4 => $call::<4>($($argument),*),
            5 => $call::<5>($($argument),*),
            6 => $call::<6>($($argument),*),
            7 => $call::<7>($($argument),*),
            8 => $call::<8>($($argument),*),
            9 => $call::<9>($($argument),*),
            10 => $call::<10>($($argument),*),
            11 => $call::<11>($($argument),*),
            _ => $call::<12>($($argument),*),
        }
    };
}

pub(crate) use with_classes;

/// The most classes that kernels are compiled for.
pub(crate) const MOST_CLASSES: usize = 12;

pub(crate) fn step(data: &Data, model: &Model) -> Stepped {
    with_classes!(model.classes, step_of(data, model))
}

/// The chance of each class for each pattern.
pub(crate) fn posteriors(data: &Data, model: &Model) -> Vec<f64> {
    with_classes!(model.classes, posteriors_of(data, model))
}

/// What each class makes of the codes of a block: chances of its items multiplied, each held against the class that it is likeliest in; missing ones as 1.
fn table<const K: usize>(data: &Data, block: &Block, model: &Model, greatest: &mut Vec<Vec<f64>>) -> Vec<[f64; K]> {
    let mut table = vec![[1.0; K]];
    for ((&item, &radix), &levels) in block.items.iter().zip(&block.radixes).zip(&block.levels) {
        let logs = model.logs(item, data.shapes[item]);
        let of = |level: usize| -> [f64; K] { std::array::from_fn(|class| logs[class * levels + level]) };
        let most: Vec<f64> = (0..levels).map(|level| of(level).into_iter().fold(f64::NEG_INFINITY, f64::max)).collect();
        let mut chances: Vec<[f64; K]> =
            (0..levels).map(|level| of(level).map(|log| (log - most[level]).exp())).collect();
        chances.resize(radix, [1.0; K]);
        let mut next = Vec::with_capacity(table.len() * radix);
        table.iter().for_each(|entry| next.extend(chances.iter().map(|chance| times(entry, chance))));
        table = next;
        greatest.push(most);
    }
    table
}

#[inline]
fn times<const K: usize>(one: &[f64; K], other: &[f64; K]) -> [f64; K] {
    std::array::from_fn(|class| one[class] * other[class])
}

/// Below this, products of chances are taken by their logarithms.
const LEAST_CHANCE: f64 = 1e-150;

/// Evaluates classes for patterns: the tables of all blocks, and the numbers.
struct Scorer<'a, const K: usize> {
    sizes: [f64; K],
    tables: Vec<(&'a [u16], Vec<[f64; K]>)>,
    /// The logarithm that each answer's chances are held against, item by item in the order of blocks.
    greatest: Vec<Vec<f64>>,
    numbers: Vec<(&'a [f64], [f64; K], f64)>,
}

/// What classes make of a pattern: the chance of each times that of the pattern, their sum, and a logarithm that all are held against.
struct Scored<const K: usize> {
    chances: [f64; K],
    total: f64,
    log: f64,
}

impl<'a, const K: usize> Scorer<'a, K> {
    fn of(data: &'a Data, model: &Model) -> Self {
        let number = |(item, values): &'a (usize, Vec<f64>)| {
            let part = model.part(*item);
            (values.as_slice(), std::array::from_fn(|class| part[class]), 0.5 / part[K].exp())
        };
        let mut greatest = Vec::new();
        let mut of_block = |block: &'a Block| (block.codes.as_slice(), table::<K>(data, block, model, &mut greatest));
        Self {
            sizes: std::array::from_fn(|class| model.values[class].exp()),
            tables: data.blocks.iter().map(&mut of_block).collect(),
            greatest,
            numbers: data.numbers.iter().map(number).collect(),
        }
    }

    #[inline]
    fn scored(&self, pattern: usize) -> Scored<K> {
        let mut chances = self.sizes;
        for (codes, table) in &self.tables {
            chances = times(&chances, &table[codes[pattern] as usize]);
        }
        let mut log = 0.0;
        if !self.numbers.is_empty() {
            let logs = self.of_numbers(pattern);
            log = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            chances = times(&chances, &logs.map(|own| (own - log).exp()));
        }
        let total: f64 = chances.iter().sum();
        if total < LEAST_CHANCE { self.by_logarithms(pattern) } else { Scored { chances, total, log } }
    }

    /// Log densities of the numbers, without what all classes have in common.
    fn of_numbers(&self, pattern: usize) -> [f64; K] {
        let mut logs = [0.0; K];
        for (values, means, precision) in &self.numbers {
            let value = values[pattern];
            if !value.is_nan() {
                (0..K).for_each(|class| logs[class] -= (value - means[class]).powi(2) * precision);
            }
        }
        logs
    }

    #[cold]
    fn by_logarithms(&self, pattern: usize) -> Scored<K> {
        let mut logs = self.of_numbers(pattern);
        for class in 0..K {
            let of_blocks = self.tables.iter().map(|(codes, table)| table[codes[pattern] as usize][class].ln());
            logs[class] += self.sizes[class].ln() + of_blocks.sum::<f64>();
        }
        let log = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let chances = logs.map(|own| (own - log).exp());
        Scored { chances, total: chances.iter().sum(), log }
    }

    /// The chance of each class.
    #[inline]
    fn posterior(&self, pattern: usize) -> [f64; K] {
        let Scored { chances, total, .. } = self.scored(pattern);
        chances.map(|chance| chance / total)
    }
}

fn posteriors_of<const K: usize>(data: &Data, model: &Model) -> Vec<f64> {
    let scorer = Scorer::<K>::of(data, model);
    let chances: Vec<[f64; K]> = (0..data.len()).map(|pattern| scorer.posterior(pattern)).collect();
    chances.into_flattened()
}

fn step_of<const K: usize>(data: &Data, model: &Model) -> Stepped {
    let scorer = Scorer::<K>::of(data, model);
    let mut sums = Sums::<K>::of(data, &scorer);
    let mut logs = Logarithms { sum: 0.0, product: 1.0, count: 1.0 };
    for (pattern, &count) in data.counts.iter().enumerate() {
        let Scored { chances, total, log } = scorer.scored(pattern);
        logs.add(count, total, log);
        let share = count / total;
        sums.add(data, pattern, &chances.map(|chance| chance * share));
    }
    logs.settle();
    sums.stepped(data, model, &scorer.greatest, logs.sum)
}

/// A sum of logarithms: those of one count in a row are multiplied first, so that few are taken.
struct Logarithms {
    sum: f64,
    product: f64,
    count: f64,
}

impl Logarithms {
    #[inline]
    fn add(&mut self, count: f64, value: f64, log: f64) {
        if count != self.count {
            self.settle();
            self.count = count;
        }
        self.product *= value;
        if self.product < LEAST_CHANCE {
            self.settle();
        }
        self.sum += count * log;
    }

    fn settle(&mut self) {
        self.sum += self.count * self.product.ln();
        self.product = 1.0;
    }
}

/// How much of each class gave each code, and the sums of numbers.
struct Sums<const K: usize> {
    sizes: [f64; K],
    tables: Vec<Vec<[f64; K]>>,
    /// Weight, value and square of each class.
    numbers: Vec<[[f64; K]; 3]>,
}

impl<const K: usize> Sums<K> {
    fn of(data: &Data, scorer: &Scorer<'_, K>) -> Self {
        Self {
            sizes: [0.0; K],
            tables: scorer.tables.iter().map(|(_, table)| vec![[0.0; K]; table.len()]).collect(),
            numbers: vec![[[0.0; K]; 3]; data.numbers.len()],
        }
    }

    #[inline]
    fn add(&mut self, data: &Data, pattern: usize, chances: &[f64; K]) {
        (0..K).for_each(|class| self.sizes[class] += chances[class]);
        for (block, table) in data.blocks.iter().zip(&mut self.tables) {
            let entry = &mut table[block.codes[pattern] as usize];
            (0..K).for_each(|class| entry[class] += chances[class]);
        }
        for (((_, values), (mean, _)), sums) in data.numbers.iter().zip(&data.moments).zip(&mut self.numbers) {
            // Around the mean of all, so that squares do not cancel.
            let value = values[pattern] - mean;
            if !value.is_nan() {
                for (class, chance) in chances.iter().enumerate() {
                    sums[0][class] += chance;
                    sums[1][class] += chance * value;
                    sums[2][class] += chance * value * value;
                }
            }
        }
    }

    /// The next model, and the log-likelihood of that `before`: `log_likelihood` with what each answer was held against.
    fn stepped(self, data: &Data, before: &Model, greatest: &[Vec<f64>], mut log_likelihood: f64) -> Stepped {
        let mut model = before.clone();
        (0..K).for_each(|class| model.values[class] = (self.sizes[class] + NOTHING).ln());
        let mut greatest = greatest.iter().rev();
        for (block, table) in data.blocks.iter().zip(self.tables).rev() {
            for ((item, found), most) in of_items(block, table).into_iter().zip(&mut greatest) {
                let levels = most.len();
                log_likelihood += found.iter().enumerate().map(|(at, count)| count * most[at % levels]).sum::<f64>();
                let part = model.part_mut(item);
                match data.shapes[item] {
                    Shape::Ordinal(_) => ordinal(part, &found, levels),
                    Shape::Nominal(_) | Shape::Number => {
                        part.iter_mut().zip(&found).for_each(|(log, count)| *log = (count + NOTHING).ln());
                    }
                }
            }
        }
        for (((item, _), (mean, _)), [weights, values, squares]) in
            data.numbers.iter().zip(&data.moments).zip(&self.numbers)
        {
            let part = model.part_mut(*item);
            let known: f64 = weights.iter().sum();
            log_likelihood -= 0.5 * known * (std::f64::consts::TAU.ln() + part[K]);
            let mut within = 0.0;
            for class in 0..K {
                let centre = values[class] / weights[class].max(NOTHING);
                part[class] = mean + centre;
                within += squares[class] - centre * values[class];
            }
            part[K] = (within.max(0.0) / known).max(NOTHING).ln();
        }
        model.settle(data);
        Stepped { log_likelihood, model }
    }
}

/// The items of a block from the last to the first, with how often each class gave each answer, class by class.
fn of_items<const K: usize>(block: &Block, mut table: Vec<[f64; K]>) -> Vec<(usize, Vec<f64>)> {
    let mut items = Vec::with_capacity(block.items.len());
    for ((&item, &radix), &levels) in block.items.iter().zip(&block.radixes).zip(&block.levels).rev() {
        let mut found = vec![[0.0; K]; radix];
        let mut rest = Vec::with_capacity(table.len() / radix);
        for entries in table.chunks_exact(radix) {
            let mut sum = [0.0; K];
            for (found, entry) in found.iter_mut().zip(entries) {
                *found = plus(found, entry);
                sum = plus(&sum, entry);
            }
            rest.push(sum);
        }
        table = rest;
        items.push((item, (0..K).flat_map(|class| found[..levels].iter().map(move |of| of[class])).collect()));
    }
    items
}

#[inline]
pub(crate) fn plus<const K: usize>(one: &[f64; K], other: &[f64; K]) -> [f64; K] {
    std::array::from_fn(|class| one[class] + other[class])
}

/// Newton steps for intercepts αₗ and slopes θₖ of log pₖₗ = αₗ + θₖ sₗ − cₖ, given how often each class gave each answer. Halved while the likelihood falls.
fn ordinal(part: &mut [f64], found: &[f64], levels: usize) {
    let classes = part.len() - levels;
    let mut now = ordinal_likelihood(part, found, levels);
    for _ in 0..3 {
        let (gradient, information) = ordinal_slope(part, found, levels, classes);
        let Ok(factor) = information.llt(Side::Lower) else { return };
        let direction = factor.solve(&gradient);
        let mut share = 1.0;
        let before = part.to_vec();
        loop {
            (0..part.len()).for_each(|at| part[at] = before[at] + share * direction[(at, 0)]);
            let then = ordinal_likelihood(part, found, levels);
            if then >= now {
                let is_done = then - now < 1e-10;
                now = then;
                if is_done {
                    return;
                }
                break;
            }
            share /= 2.0;
            if share < 1e-6 {
                part.copy_from_slice(&before);
                return;
            }
        }
    }
}

fn ordinal_chances(part: &[f64], levels: usize, class: usize) -> (Vec<f64>, f64) {
    let logs = (0..levels).map(|level| part[level] + part[levels + class] * score(level, levels));
    let mut chances: Vec<f64> = logs.collect();
    let greatest = chances.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    chances.iter_mut().for_each(|log| *log = (*log - greatest).exp());
    let total: f64 = chances.iter().sum();
    chances.iter_mut().for_each(|chance| *chance /= total);
    (chances, greatest + total.ln())
}

fn ordinal_likelihood(part: &[f64], found: &[f64], levels: usize) -> f64 {
    let of = |(class, counts): (usize, &[f64])| {
        let constant = ordinal_chances(part, levels, class).1;
        let logs = counts
            .iter()
            .enumerate()
            .map(|(level, count)| count * (part[level] + part[levels + class] * score(level, levels) - constant));
        logs.sum::<f64>()
    };
    found.chunks_exact(levels).enumerate().map(of).sum()
}

fn ordinal_slope(part: &[f64], found: &[f64], levels: usize, classes: usize) -> (Mat<f64>, Mat<f64>) {
    let width = levels + classes;
    let mut gradient = Mat::zeros(width, 1);
    let mut information = Mat::zeros(width, width);
    for (class, counts) in found.chunks_exact(levels).enumerate() {
        let total: f64 = counts.iter().sum();
        let (chances, _) = ordinal_chances(part, levels, class);
        let at = levels + class;
        let mean: f64 = (0..levels).map(|level| chances[level] * score(level, levels)).sum();
        for level in 0..levels {
            let gap = counts[level] - total * chances[level];
            let own = score(level, levels);
            gradient[(level, 0)] += gap;
            gradient[(at, 0)] += gap * own;
            information[(level, level)] += total * chances[level];
            for other in 0..levels {
                information[(level, other)] -= total * chances[level] * chances[other];
            }
            let crossed = total * chances[level] * (own - mean);
            information[(level, at)] += crossed;
            information[(at, level)] += crossed;
            information[(at, at)] += crossed * own;
        }
    }
    // Two directions change nothing: all intercepts, and all slopes against a slope of the intercepts.
    (0..width).for_each(|at| information[(at, at)] += 1e-6 * (1.0 + information[(at, at)]));
    (gradient, information)
}
