//! Both sides of many changes, gone through stretch by stretch in the processor's cache. What a stretch comes to is left to `attribution` and `segments`.

use std::ops::Range;

use leverkit_core::stats::budget::Watched;
use leverkit_core::zeros;
use rayon::prelude::*;

use super::Formula;
use super::program::{Program, Registers, WIDTH};
use crate::Error;

/// A column for each parameter before and after, with a row for each change.
pub(super) struct Sides<'a> {
    pub(super) formula: &'a Formula,
    pub(super) before: Vec<&'a [f64]>,
    pub(super) after: Vec<&'a [f64]>,
    rows: usize,
}

/// Rows whose registers are known on both sides.
pub(super) struct Stretch<'a> {
    pub(super) rows: Range<usize>,
    pub(super) start: &'a Registers,
    pub(super) end: &'a Registers,
}

impl<'a> Sides<'a> {
    pub(super) fn of(
        formula: &'a Formula,
        before: &'a [impl AsRef<[f64]>],
        after: &'a [impl AsRef<[f64]>],
    ) -> Result<Self, Error> {
        let (before, after) = (slices(before), slices(after));
        formula.check_count(before.len())?;
        formula.check_count(after.len())?;
        let rows = before.first().map_or(0, |column| column.len());
        if let Some(other) = before.iter().chain(&after).find(|column| column.len() != rows) {
            return Err(Error::parameter("after", format!("{} rows", other.len()), format!("{rows}, as before")));
        }
        Ok(Self { formula, before, after, rows })
    }

    /// New columns: `fill` gets the registers of a stretch of rows up to the `last`, and those rows of each column.
    pub(super) fn fill(
        &self,
        columns: usize,
        last: usize,
        fill: impl Fn(&Stretch, &mut [&mut [f64]]) -> Result<(), Error> + Sync,
    ) -> Result<Vec<Vec<f64>>, Error> {
        // Parameters come first, and all of them are checked: profit may be one of them.
        let program = self.formula.program().up_to(last.max(self.formula.text.parameter.len().saturating_sub(1)));
        let mut filled: Vec<Vec<f64>> = (0..columns).map(|_| zeros(self.rows)).collect();
        let room = || [program.registers(), program.registers()];
        let outcome = stretches(&mut filled).into_par_iter().watched().enumerate().try_for_each_init(
            room,
            |[start, end], (stretch, mut columns)| {
                let rows = stretch * WIDTH..self.rows.min((stretch + 1) * WIDTH);
                let (first, second) = (&self.before, &self.after);
                if !(self.load(&program, first, &rows, start) & self.load(&program, second, &rows, end)) {
                    self.check()?;
                }
                fill(&Stretch { rows, start, end }, &mut columns)
            },
        );
        // A value out of its bounds is told first, wherever else something failed before it was met.
        outcome.or_else(|error| self.check().and(Err(error)))?;
        Ok(filled)
    }

    /// Evaluates rows of a side, and says whether every value is within its bounds: looked at on the way, as the memory is read once.
    fn load(&self, program: &Program, columns: &[&[f64]], rows: &Range<usize>, registers: &mut Registers) -> bool {
        let is_whole = std::cell::Cell::new(true);
        program.run(registers, |parameter, out| {
            let allows = self.formula.text.parameter[parameter].allows();
            let mut all = true;
            for (out, &value) in out.iter_mut().zip(&columns[parameter][rows.clone()]) {
                *out = value;
                all &= allows(value);
            }
            is_whole.set(is_whole.get() & all);
        });
        is_whole.get()
    }

    fn check(&self) -> Result<(), Error> {
        self.formula.check_columns(&self.before)?;
        self.formula.check_columns(&self.after)
    }

    /// Checks that expressions are finite numbers.
    pub(super) fn check_nodes(&self, nodes: &[usize]) -> Result<(), Error> {
        self.formula.evaluate_nodes(&self.before, nodes)?;
        self.formula.evaluate_nodes(&self.after, nodes).map(drop)
    }
}

/// Columns cut into stretches: those of the same rows together.
pub(super) fn stretches(columns: &mut [Vec<f64>]) -> Vec<Vec<&mut [f64]>> {
    let rows = columns.first().map_or(0, Vec::len);
    let mut cut: Vec<Vec<&mut [f64]>> = (0..rows.div_ceil(WIDTH)).map(|_| Vec::new()).collect();
    for column in columns {
        column.chunks_mut(WIDTH).zip(&mut cut).for_each(|(chunk, stretch)| stretch.push(chunk));
    }
    cut
}

fn slices<C: AsRef<[f64]>>(columns: &[C]) -> Vec<&[f64]> {
    columns.iter().map(AsRef::as_ref).collect()
}
