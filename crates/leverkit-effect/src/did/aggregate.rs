//! What effects by cohort and period add up to (Callaway & Sant'Anna 2021, section 3): over all, by time since treatment, by cohort, by period.

use super::group_time::Cell;
use crate::panel::{Contrast, Joint};

/// Effects along one axis, and their mean.
#[derive(Debug, Clone)]
pub(crate) struct Aggregate {
    /// Event time, cohort or period, each with its effect.
    pub(crate) parts: Vec<(i64, Contrast)>,
    /// The mean over the parts that are treated; `None` where none is.
    pub(crate) overall: Option<Contrast>,
}

/// All treated cells, by the size of their cohort.
pub(crate) fn simple(joint: &Joint, cells: &[Cell]) -> Option<Contrast> {
    let post: Vec<(usize, &Contrast)> =
        cells.iter().filter(|cell| cell.is_post()).map(|cell| (cell.cohort, &cell.contrast)).collect();
    (!post.is_empty()).then(|| joint.by_share(&post))
}

/// By periods since treatment; with `balance`, only cohorts that are seen so long, up to then.
pub(crate) fn dynamic(joint: &Joint, cells: &[Cell], balance: Option<usize>) -> Aggregate {
    let last = joint.periods as i64 - 1;
    let is_seen = |cell: &&Cell| {
        balance.is_none_or(|balance| {
            let balance = balance as i64;
            last - i64::from(cell.first) >= balance && cell.event_time() <= balance
        })
    };
    let parts = by(joint, cells.iter().filter(is_seen), Cell::event_time);
    let post = parts.iter().filter(|(time, _)| *time >= 0).map(|(_, effect)| effect);
    let overall = mean(joint, &post.collect::<Vec<_>>());
    Aggregate { parts, overall }
}

/// By cohort: the mean over its treated periods.
pub(crate) fn group(joint: &Joint, cells: &[Cell]) -> Aggregate {
    let mut groups: Vec<(usize, i64, Contrast)> = Vec::new();
    for own in cells.chunk_by(|a, b| a.cohort == b.cohort) {
        let post: Vec<&Contrast> = own.iter().filter(|cell| cell.is_post()).map(|cell| &cell.contrast).collect();
        if let Some(mean) = mean(joint, &post) {
            groups.push((own[0].cohort, i64::from(own[0].first), mean));
        }
    }
    let parts: Vec<(usize, &Contrast)> = groups.iter().map(|(cohort, _, effect)| (*cohort, effect)).collect();
    let overall = (!parts.is_empty()).then(|| joint.by_share(&parts));
    Aggregate { overall, parts: groups.into_iter().map(|(_, first, effect)| (first, effect)).collect() }
}

/// By period: the mean over the cohorts that are treated by then.
pub(crate) fn calendar(joint: &Joint, cells: &[Cell]) -> Aggregate {
    let parts = by(joint, cells.iter().filter(|cell| cell.is_post()), |cell| cell.period as i64);
    let overall = mean(joint, &parts.iter().map(|(_, effect)| effect).collect::<Vec<_>>());
    Aggregate { parts, overall }
}

fn by<'a>(joint: &Joint, cells: impl Iterator<Item = &'a Cell>, key: impl Fn(&Cell) -> i64) -> Vec<(i64, Contrast)> {
    let mut cells: Vec<&Cell> = cells.collect();
    cells.sort_by_key(|cell| key(cell));
    let parts = cells.chunk_by(|a, b| key(a) == key(b)).map(|own| {
        let own_parts: Vec<(usize, &Contrast)> = own.iter().map(|cell| (cell.cohort, &cell.contrast)).collect();
        (key(own[0]), joint.by_share(&own_parts))
    });
    parts.collect()
}

fn mean(joint: &Joint, parts: &[&Contrast]) -> Option<Contrast> {
    (!parts.is_empty()).then(|| joint.mean(parts.iter().copied()))
}
