//! Outcomes per customer and period, from a ledger: who is in is settled before anybody joined, and periods without a purchase are rows.

use std::collections::HashMap;

use leverkit_core::columns::{days, find};
use leverkit_core::{Column, Day, Dictionary, Ledger, Period, Table, format_day};

use super::moments::{CohortMoments, NEVER};
use crate::Error;

/// Periods that follow each other without a gap, each seen from its first day to its last.
#[derive(Debug, Clone)]
pub(crate) struct Timeline {
    /// First day of each period, and the day after the last.
    starts: Vec<Day>,
    of_day: Vec<u32>,
}

impl Timeline {
    /// Calendar periods that lie within the days seen.
    pub(crate) fn calendar(period: Period, start: Day, end: Day) -> Self {
        let first = period.index(start);
        let first = if period.start(first) < start { first + 1 } else { first };
        Self::of((first..=period.index(end + 1)).map(|index| period.start(index)).collect())
    }

    /// Periods of so many days that begin on a day, or whole periods before and after it.
    pub(crate) fn around(anchor: Day, days: u32, start: Day, end: Day) -> Self {
        let days = days as i32;
        let before = (anchor - start).max(0) / days;
        let after = (end + 1 - anchor).div_euclid(days);
        Self::of((-before..=after).map(|index| anchor + index * days).collect())
    }

    fn of(starts: Vec<Day>) -> Self {
        let lengths =
            starts.windows(2).zip(0..).flat_map(|(pair, at)| std::iter::repeat_n(at, (pair[1] - pair[0]) as usize));
        let of_day = lengths.collect();
        Self { starts, of_day }
    }

    pub(crate) fn periods(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The period of a day; `None` outside.
    pub(crate) fn period(&self, day: Day) -> Option<usize> {
        let place = usize::try_from(day - *self.starts.first()?).ok()?;
        self.of_day.get(place).map(|&period| period as usize)
    }

    /// The first treated period of who joined on a day: [`NEVER`] after the last.
    pub(crate) fn first_of(&self, day: Day) -> u32 {
        match self.starts.first() {
            Some(start) if day < *start => 0,
            _ => self.period(day).map_or(NEVER, |period| period as u32),
        }
    }

    pub(crate) fn start(&self, period: usize) -> Day {
        self.starts[period]
    }

    /// The day after a period's last.
    pub(crate) fn end(&self, period: usize) -> Day {
        self.starts[period + 1]
    }

    /// The first day and the last.
    pub(crate) fn span(&self) -> Option<(Day, Day)> {
        (self.periods() > 0).then(|| (self.starts[0], self.starts[self.periods()] - 1))
    }
}

/// When customers joined.
#[derive(Debug, Clone)]
pub(crate) struct Joined {
    /// The day that each customer of the ledger joined.
    pub(crate) days: Vec<Option<Day>>,
    /// Members that the ledger does not know.
    pub(crate) unknown: u64,
    /// One of them.
    pub(crate) example: Option<String>,
    /// Members with more than one joining; the first counts.
    pub(crate) again: u64,
    /// Members who left again.
    pub(crate) left: u64,
    /// The group of each member by the code of the unit, where members are told apart.
    pub(crate) groups: Vec<Option<String>>,
}

/// Which columns of members are what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MemberColumns<'a> {
    pub(crate) unit: &'a str,
    pub(crate) joined: &'a str,
    pub(crate) left: Option<&'a str>,
    pub(crate) by: Option<&'a str>,
}

/// One member: the first day of joining with its group, and whether they left.
#[derive(Debug, Clone)]
struct Member {
    day: Day,
    group: Option<String>,
    left: bool,
}

impl Joined {
    /// Reads members, who are `units`; a member without a date has not joined.
    pub(crate) fn read(units: &Dictionary, members: &Table, columns: &MemberColumns<'_>) -> Result<Self, Error> {
        let ids = find(members, "customer", columns.unit)?;
        let dates = days(&find(members, "joined", columns.joined)?, "joined")?;
        let left = columns.left.map(|name| days(&find(members, "left", name)?, "left")).transpose()?;
        let by = columns.by.map(|name| Ok::<_, Error>(find(members, "by", name)?.texts())).transpose()?;
        let mut first: HashMap<String, Member> = HashMap::new();
        let mut again = 0;
        for (row, (id, day)) in ids.ids().into_iter().zip(dates).enumerate() {
            let (Some(id), Some(day)) = (id, day) else { continue };
            let has_left = left.as_ref().is_some_and(|left| left[row].is_some());
            let group = by.as_ref().and_then(|by| by[row].clone());
            match first.get_mut(&id) {
                None => {
                    first.insert(id, Member { day, group, left: has_left });
                }
                Some(known) => {
                    again += u64::from(known.day != day);
                    known.left |= has_left;
                    if day < known.day {
                        (known.day, known.group) = (day, group);
                    }
                }
            }
        }
        let members = first.len();
        let found: Vec<Option<Member>> =
            units.values().ids().into_iter().map(|id| id.and_then(|id| first.remove(&id))).collect();
        let example = first.keys().min().cloned();
        if members == first.len() {
            let known = Column::text(units.values(), 0).unwrap_or_default();
            let reason = example.map_or_else(
                || "members: none has a date of joining; expected at least one".into(),
                |id| format!("members: none is a customer of the ledger, such as {known:?}; got ids such as {id:?}: give the ids of the ledger"),
            );
            return Err(Error::not_identified("programme", reason));
        }
        Ok(Self {
            unknown: first.len() as u64,
            example,
            again,
            left: found.iter().flatten().filter(|member| member.left).count() as u64,
            days: found.iter().map(|member| member.as_ref().map(|member| member.day)).collect(),
            groups: found.into_iter().map(|member| member.and_then(|member| member.group)).collect(),
        })
    }

    /// The first day that anybody joined.
    pub(crate) fn start(&self) -> Option<Day> {
        self.days.iter().flatten().min().copied()
    }
}

/// The outcomes of customers who ordered before anybody joined.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histories {
    pub(crate) outcomes: Vec<&'static str>,
    pub(crate) periods: usize,
    /// First treated period of each customer.
    pub(crate) first: Vec<u32>,
    /// Their codes in the ledger.
    pub(crate) codes: Vec<u32>,
    /// Customer by customer: the periods of the first outcome, those of the second …
    pub(crate) paths: Vec<f64>,
    /// What else was known of customers before anybody joined: names, and a number for each customer.
    pub(crate) covariates: Vec<(String, Vec<f64>)>,
}

/// Why customers are in no comparison.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NotCompared {
    /// First order only after the first joining: whether they came through the programme is another question.
    pub customers_later: u64,
    /// Of these, those who joined.
    pub members_later: u64,
    /// Joined in the first period or before, so that nothing is known of before.
    pub joined_from_the_first: u64,
}

impl Histories {
    /// Reads a ledger in one pass.
    pub(crate) fn read(ledger: &Ledger, joined: &Joined, timeline: &Timeline, base: Day) -> (Self, NotCompared) {
        let periods = timeline.periods();
        let mut outcomes = vec!["active", "orders", "spend"];
        if ledger.unit_costs().is_some() {
            outcomes.push("margin");
        }
        let kernel = |(): &mut (), lines: leverkit_core::CustomerLines<'_>| {
            let day = joined.days[lines.code as usize];
            let known_before = lines.order_days.first().is_some_and(|&first| first < base);
            let first = day.map_or(NEVER, |day| timeline.first_of(day));
            if !known_before {
                return (first, None);
            }
            if first == 0 {
                return (0, Some(Vec::new()));
            }
            let mut path = vec![0.0; outcomes.len() * periods];
            for period in lines.order_days.iter().filter_map(|&day| timeline.period(day)) {
                path[period] = 1.0;
                path[periods + period] += 1.0;
            }
            for (at, line) in lines.lines().enumerate() {
                let Some(period) = timeline.period(lines.days[at]) else { continue };
                path[2 * periods + period] += lines.amounts[at];
                if outcomes.len() > 3 {
                    path[3 * periods + period] += ledger.cost_of(line).unwrap_or(0.0);
                }
            }
            // Money less costs, each added up, so that a period may be one line as well.
            let (known, costs) = path.split_at_mut(3 * periods);
            costs.iter_mut().zip(&known[2 * periods..]).for_each(|(cost, spend)| *cost = spend - *cost);
            (first, Some(path))
        };
        let read = ledger.par_customers(|| (), kernel);
        let mut found = Self { outcomes: outcomes.clone(), periods, ..Self::default() };
        let mut out = NotCompared::default();
        for (code, (first, path)) in (0..).zip(read) {
            match path {
                None => {
                    out.customers_later += 1;
                    out.members_later += u64::from(first != NEVER);
                }
                Some(path) if path.is_empty() => out.joined_from_the_first += 1,
                Some(path) => {
                    found.first.push(first);
                    found.codes.push(code);
                    found.paths.extend(path);
                }
            }
        }
        (found, out)
    }

    /// Those of whom `is_in` holds.
    pub(crate) fn only(&self, is_in: impl Fn(usize) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.n()).filter(|&unit| is_in(unit)).collect();
        let stride = self.outcomes.len() * self.periods;
        Self {
            outcomes: self.outcomes.clone(),
            periods: self.periods,
            first: kept.iter().map(|&unit| self.first[unit]).collect(),
            codes: kept.iter().map(|&unit| self.codes[unit]).collect(),
            paths: kept.iter().flat_map(|&unit| &self.paths[unit * stride..][..stride]).copied().collect(),
            covariates: self
                .covariates
                .iter()
                .map(|(name, values)| (name.clone(), kept.iter().map(|&unit| values[unit]).collect()))
                .collect(),
        }
    }

    /// How many customers are compared.
    pub(crate) fn n(&self) -> usize {
        self.first.len()
    }

    /// The path of an outcome of a customer.
    pub(crate) fn path(&self, unit: usize, outcome: usize) -> &[f64] {
        let start = (unit * self.outcomes.len() + outcome) * self.periods;
        &self.paths[start..start + self.periods]
    }

    /// The moments of all outcomes together, so that it is known how they vary with each other.
    pub(crate) fn moments(&self) -> CohortMoments {
        CohortMoments::of(self.outcomes.len() * self.periods, &self.first, &self.paths)
    }
}

/// What there is to compare, in words.
pub(crate) fn said(timeline: &Timeline, seen: (Day, Day)) -> Option<String> {
    let (first, last) = timeline.span()?;
    let cut = first > seen.0 || last < seen.1;
    cut.then(|| {
        format!(
            "Periods from {} to {}; days before and after are of periods that are not whole.",
            format_day(first),
            format_day(last)
        )
    })
}
