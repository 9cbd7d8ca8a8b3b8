//! Where to cut the customers of all runs, so that the lines of each part fit the memory.
//!
//! A run's customers stand in the order of their ids. A few from each run, with the lines that they stand for, tell where about as many lines end
//! as a part may have; each run is then searched for that id.

use std::ops::Range;

use super::run::Run;
use crate::encode::{Encoded, encode};
use crate::ledger::Ledger;
use crate::{Column, Error};

/// Samples of all runs for each part: a part is larger than wanted by at most the lines between two samples of each run.
const SAMPLES: usize = 8;

/// The customers of each run, for each part.
pub(super) fn parts(runs: &[Run], lines_of_part: usize) -> Result<Vec<Vec<Range<usize>>>, Error> {
    let mut parts = Vec::new();
    let mut starts = vec![0; runs.len()];
    for last in last_ids(runs, lines_of_part)? {
        let ends = runs.iter().map(|run| up_to(&last, run.ledger.customers.values())).collect::<Result<Vec<_>, _>>()?;
        parts.push(ranges(&starts, &ends));
        starts = ends;
    }
    let ends: Vec<usize> = runs.iter().map(|run| run.ledger.n_customers()).collect();
    parts.push(ranges(&starts, &ends));
    parts.retain(|ranges| ranges.iter().any(|range| !range.is_empty()));
    Ok(parts)
}

fn ranges(starts: &[usize], ends: &[usize]) -> Vec<Range<usize>> {
    starts.iter().zip(ends).map(|(&start, &end)| start..end).collect()
}

/// The last id of each part but the last one.
fn last_ids(runs: &[Run], lines_of_part: usize) -> Result<Vec<Column>, Error> {
    let step = (lines_of_part / (SAMPLES * runs.len())).max(1);
    let mut samples: Option<Column> = None;
    let mut weights = Vec::new();
    for run in runs {
        let (customers, lines) = sample(&run.ledger, step);
        let ids = run.ledger.customers.values().take(&customers)?;
        weights.extend(lines);
        match &mut samples {
            None => samples = Some(ids),
            Some(known) => known.append(&ids)?,
        }
    }
    let Some(samples) = samples else { return Ok(Vec::new()) };
    let Encoded { codes, values } = encode(samples, "customer")?;
    let mut lines = vec![0; values.len()];
    codes.iter().zip(weights).for_each(|(&code, weight)| lines[code as usize] += weight);
    let (mut last, mut sum) = (Vec::new(), 0);
    for (code, lines) in lines.into_iter().enumerate() {
        sum += lines;
        if sum >= lines_of_part && code + 1 < values.len() {
            last.push(values.take(&[code as u32])?);
            sum = 0;
        }
    }
    Ok(last)
}

/// Customers about every so many lines, with the lines since the one before.
fn sample(ledger: &Ledger, step: usize) -> (Vec<u32>, Vec<usize>) {
    let (mut customers, mut lines, mut before) = (Vec::new(), Vec::new(), 0);
    let mut next = 0;
    while next < ledger.n_customers() {
        let end = before + step;
        let at =
            ledger.offsets.partition_point(|&start| (start as usize) < end).min(ledger.n_customers()).max(next + 1) - 1;
        let upto = ledger.offsets[at + 1] as usize;
        customers.push(at as u32);
        lines.push(upto - before);
        (before, next) = (upto, at + 1);
    }
    (customers, lines)
}

/// How many ids come no later than this one. They stand in order, and are compared in the only way in which ids are.
fn up_to(last: &Column, ids: &Column) -> Result<usize, Error> {
    const PROBES: usize = 64;
    let (mut low, mut high) = (0, ids.len());
    while low < high {
        let places: Vec<u32> = (low..high).step_by((high - low).div_ceil(PROBES)).map(|place| place as u32).collect();
        let mut probed = last.clone();
        probed.append(&ids.take(&places)?)?;
        let codes = encode(probed, "customer")?.codes;
        match codes[1..].iter().take_while(|&&code| code <= codes[0]).count() {
            0 => return Ok(low),
            before => {
                low = places[before - 1] as usize + 1;
                high = places.get(before).map_or(high, |&place| place as usize);
            }
        }
    }
    Ok(low)
}
