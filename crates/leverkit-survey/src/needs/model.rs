//! The parameters of a latent class model as one vector, in a scale without bounds in which they can be extrapolated.

use super::data::{Data, Shape};
use crate::climb::Point;

/// The logarithm below which no probability falls.
const LEAST: f64 = -27.631_021_115_928_547; // ln 1e-12
/// A slope or intercept beyond this changes no probability that anyone could see.
const STEEPEST: f64 = 30.0;
/// The least share of its variance that a number keeps within classes.
const NARROWEST: f64 = 1e-6;

/// Parameters: log sizes of the classes; then for each item log probabilities (class by class), or intercepts and slopes, or means and a log variance.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Model {
    pub(crate) classes: usize,
    pub(crate) values: Vec<f64>,
    /// Where each item begins.
    starts: Vec<usize>,
}

impl Point for Model {
    fn values(&self) -> &[f64] {
        &self.values
    }

    fn values_mut(&mut self) -> &mut [f64] {
        &mut self.values
    }
}

impl Model {
    pub(crate) fn zeros(shapes: &[Shape], classes: usize) -> Self {
        let mut at = classes;
        let mut starts = Vec::with_capacity(shapes.len());
        for shape in shapes {
            starts.push(at);
            at += match shape {
                Shape::Nominal(levels) => classes * levels,
                Shape::Ordinal(levels) => levels + classes,
                Shape::Number => classes + 1,
            };
        }
        Self { classes, values: vec![0.0; at], starts }
    }

    /// Free parameters.
    pub(crate) fn count(shapes: &[Shape], classes: usize) -> usize {
        let of = |shape: &Shape| match shape {
            Shape::Nominal(levels) => classes * (levels - 1),
            Shape::Ordinal(levels) => levels - 1 + classes - 1,
            Shape::Number => classes + 1,
        };
        classes - 1 + shapes.iter().map(of).sum::<usize>()
    }

    pub(crate) fn part(&self, item: usize) -> &[f64] {
        let end = self.starts.get(item + 1).copied().unwrap_or(self.values.len());
        &self.values[self.starts[item]..end]
    }

    pub(crate) fn part_mut(&mut self, item: usize) -> &mut [f64] {
        let end = self.starts.get(item + 1).copied().unwrap_or(self.values.len());
        &mut self.values[self.starts[item]..end]
    }

    pub(crate) fn sizes(&self) -> Vec<f64> {
        self.values[..self.classes].iter().map(|log| log.exp()).collect()
    }

    /// Log probabilities of a categorical item, class by class.
    pub(crate) fn logs(&self, item: usize, shape: Shape) -> Vec<f64> {
        match shape {
            Shape::Nominal(_) => self.part(item).to_vec(),
            Shape::Ordinal(levels) => {
                let (intercepts, slopes) = self.part(item).split_at(levels);
                let of = |slope: &f64| {
                    let mut logs: Vec<f64> =
                        intercepts.iter().zip(0..).map(|(log, level)| log + slope * score(level, levels)).collect();
                    normalise(&mut logs);
                    logs
                };
                slopes.iter().flat_map(of).collect()
            }
            Shape::Number => Vec::new(),
        }
    }

    /// Back into what is allowed: probabilities that add up to one, slopes and variances within bounds.
    pub(crate) fn settle(&mut self, data: &Data) {
        normalise(&mut self.values[..self.classes]);
        let classes = self.classes;
        let mut number = 0;
        for (item, shape) in data.shapes.iter().enumerate() {
            let part = self.part_mut(item);
            match shape {
                Shape::Nominal(levels) => part.chunks_exact_mut(*levels).for_each(normalise),
                Shape::Ordinal(_) => part.iter_mut().for_each(|value| *value = value.clamp(-STEEPEST, STEEPEST)),
                Shape::Number => {
                    let variance = data.moments[number].1;
                    let least = (variance * NARROWEST).max(f64::MIN_POSITIVE).ln();
                    part[classes] = part[classes].clamp(least, least + 50.0);
                    number += 1;
                }
            }
        }
    }

    /// The classes in another order.
    pub(crate) fn reordered(&self, shapes: &[Shape], order: &[usize]) -> Self {
        let mut new = self.clone();
        order.iter().enumerate().for_each(|(to, &from)| new.values[to] = self.values[from]);
        for (item, shape) in shapes.iter().enumerate() {
            let (start, width) = match shape {
                Shape::Nominal(levels) => (0, *levels),
                Shape::Ordinal(levels) => (*levels, 1),
                Shape::Number => (0, 1),
            };
            for (to, &from) in order.iter().enumerate() {
                let old = self.part(item)[start + from * width..][..width].to_vec();
                new.part_mut(item)[start + to * width..][..width].copy_from_slice(&old);
            }
        }
        new
    }
}

/// Scores of ordered answers, around 0 so that slopes and intercepts do not pull at one another.
pub(crate) fn score(level: usize, levels: usize) -> f64 {
    level as f64 - (levels as f64 - 1.0) / 2.0
}

/// Log probabilities that add up to one, none of them below what a computer can tell from nothing.
pub(crate) fn normalise(logs: &mut [f64]) {
    let greatest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logs.iter_mut().for_each(|log| *log = (*log - greatest).max(LEAST));
    let total: f64 = logs.iter().map(|log| log.exp()).sum();
    logs.iter_mut().for_each(|log| *log -= total.ln());
}
