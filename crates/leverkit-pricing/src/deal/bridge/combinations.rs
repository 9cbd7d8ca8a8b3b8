//! The combinations of keys, numbered in the order of their values; not each need occur.

use leverkit_core::{Column, Groups};
use rayon::prelude::*;

use crate::Error;

/// What the numbers of combinations stand for.
pub(super) struct Combinations {
    columns: Vec<Groups>,
    len: usize,
}

impl Combinations {
    /// The number of each row, and what the numbers stand for.
    pub(super) fn of(rows: usize, keys: &[Column]) -> Result<(Vec<u32>, Self), Error> {
        let alone = keys.iter().map(|key| Groups::of(rows, std::slice::from_ref(key)));
        let mut columns: Vec<Groups> = alone.collect::<Result<_, _>>()?;
        let product = |columns: &[Groups]| columns.iter().try_fold(1_u32, |len, key| len.checked_mul(key.len() as u32));
        // More than can be numbered are numbered as far as they occur.
        if product(&columns).is_none() {
            columns = vec![Groups::of(rows, keys)?];
        }
        let len = product(&columns).map_or(0, |len| len as usize);
        Ok((numbers(rows, &columns), Self { columns, len }))
    }

    /// How many there could be.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The values of numbered combinations, by column.
    pub(super) fn keys(&self, mut numbers: Vec<u32>) -> Result<Vec<Column>, Error> {
        let mut keys = Vec::new();
        for column in self.columns.iter().rev() {
            let width = column.len() as u32;
            let places: Vec<u32> = numbers.par_iter().map(|number| number % width).collect();
            numbers.par_iter_mut().for_each(|number| *number /= width);
            for key in column.keys().iter().rev() {
                keys.push(key.take(&places)?);
            }
        }
        keys.reverse();
        Ok(keys)
    }
}

/// Codes as the digits of one number.
fn numbers(rows: usize, columns: &[Groups]) -> Vec<u32> {
    const PIECE: usize = 1 << 14;
    let mut numbers = leverkit_core::zeros(rows);
    numbers.par_chunks_mut(PIECE).enumerate().for_each(|(piece, numbers): (usize, &mut [u32])| {
        for column in columns {
            let codes = &column.codes()[piece * PIECE..];
            numbers.iter_mut().zip(codes).for_each(|(number, code)| *number = *number * column.len() as u32 + code);
        }
    });
    numbers
}
