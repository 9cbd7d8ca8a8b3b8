//! Every customer's earnings as lots, from which the oldest points are redeemed first.

use std::collections::VecDeque;

use leverkit_core::columns::{days, find, numbers};
use leverkit_core::left_out::Tallies;
use leverkit_core::{Day, LeftOut, NO_CODE, Reason, Table, encode};

use super::params::LiabilityParams;
use crate::Error;

/// Points of one earning that left in one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Left {
    /// Periods since they were earned.
    pub(super) age: usize,
    pub(super) redeemed: f64,
    pub(super) expired: f64,
}

/// What was earned by a customer in one period, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lot {
    /// The period of the earning, from that of the first row on.
    pub(super) cohort: usize,
    pub(super) earned: f64,
    pub(super) open: f64,
    pub(super) left: Vec<Left>,
}

/// The lots of all customers.
pub(super) struct Lots {
    /// Of each customer, oldest first.
    pub(super) customers: Vec<Vec<Lot>>,
    /// The number of the first period.
    pub(super) first: i32,
    /// How many periods there are; the last may not be over.
    pub(super) periods: usize,
    /// How many of them are over.
    pub(super) complete: usize,
    /// Points redeemed or expired without having been earned in the data.
    pub(super) unearned: f64,
    pub(super) left_out: Vec<LeftOut>,
}

/// Why a row cannot be used.
const REASONS: [Reason; 2] = [Reason::NoUnitOrDate, Reason::NoPoints];

/// A movement of points.
struct Movement {
    customer: u32,
    day: Day,
    earned: f64,
    redeemed: f64,
    expired: f64,
}

impl Lots {
    pub(super) fn read(table: &Table, params: &LiabilityParams) -> Result<Self, Error> {
        let (mut movements, customers, left_out) = read(table, params)?;
        let (Some(first), Some(last)) =
            (movements.iter().map(|row| row.day).min(), movements.iter().map(|row| row.day).max())
        else {
            return Err(Error::empty("liability", table.rows(), &left_out));
        };
        let as_of = params.as_of.unwrap_or(last + 1);
        movements.retain(|row| row.day < as_of);
        let first = params.period.index(first);
        let periods = params.period.index(as_of - 1) - first + 1;
        let complete = params.period.index(as_of) - first;
        if periods < 1 || complete < 1 {
            let expected = "a day after at least one whole period of movements";
            return Err(Error::parameter("as_of", format!("{:?}", leverkit_core::format_day(as_of)), expected));
        }
        // Of one day, earnings come first.
        movements.sort_by_key(|row| (row.customer, row.day, row.earned <= 0.0));
        let mut lots = Self {
            customers: vec![Vec::new(); customers],
            first,
            periods: periods as usize,
            complete: complete as usize,
            unearned: 0.0,
            left_out,
        };
        lots.run(&movements, params);
        if lots.customers.iter().all(Vec::is_empty) {
            return Err(Error::not_identified("liability", format!("column {:?} has no points earned", params.earned)));
        }
        Ok(lots)
    }

    fn run(&mut self, movements: &[Movement], params: &LiabilityParams) {
        for rows in movements.chunk_by(|a, b| a.customer == b.customer) {
            let mut account = Account { expires_after: params.expires_after, ..Account::default() };
            for row in rows {
                let period = (params.period.index(row.day) - self.first) as usize;
                account.lapse(period);
                account.earn(period, row.earned);
                self.unearned += account.take(period, row.redeemed, true) + account.take(period, row.expired, false);
            }
            account.lapse(self.periods - 1);
            self.customers[rows[0].customer as usize] = account.lots;
        }
    }
}

/// A customer's points: those that are open are the lots from `oldest` on.
#[derive(Default)]
struct Account {
    lots: Vec<Lot>,
    open: VecDeque<usize>,
    expires_after: Option<u32>,
}

impl Account {
    fn earn(&mut self, period: usize, points: f64) {
        if points <= 0.0 {
            return;
        }
        match self.lots.last_mut().filter(|lot| lot.cohort == period) {
            Some(lot) => (lot.earned, lot.open) = (lot.earned + points, lot.open + points),
            None => self.lots.push(Lot { cohort: period, earned: points, open: points, left: Vec::new() }),
        }
        let place = self.lots.len() - 1;
        if self.open.back() != Some(&place) {
            self.open.push_back(place);
        }
    }

    /// Lets points lapse whose time is over before a period.
    fn lapse(&mut self, period: usize) {
        let Some(after) = self.expires_after.map(|periods| periods as usize) else { return };
        while let Some(&place) = self.open.front()
            && self.lots[place].cohort + after <= period
        {
            let lot = &mut self.lots[place];
            let points = std::mem::take(&mut lot.open);
            lot.note(after, points, false);
            self.open.pop_front();
        }
    }

    /// Takes points from the oldest lots; returns those that there were not.
    fn take(&mut self, period: usize, mut points: f64, is_redeemed: bool) -> f64 {
        while points > 0.0
            && let Some(&place) = self.open.front()
        {
            let lot = &mut self.lots[place];
            let part = points.min(lot.open);
            points -= part;
            lot.open -= part;
            lot.note(period - lot.cohort, part, is_redeemed);
            if lot.open <= 0.0 {
                self.open.pop_front();
            }
        }
        points
    }
}

impl Lot {
    fn note(&mut self, age: usize, points: f64, is_redeemed: bool) {
        if self.left.last().is_none_or(|left| left.age != age) {
            self.left.push(Left { age, redeemed: 0.0, expired: 0.0 });
        }
        if let Some(left) = self.left.last_mut() {
            *if is_redeemed { &mut left.redeemed } else { &mut left.expired } += points;
        }
    }
}

fn read(table: &Table, params: &LiabilityParams) -> Result<(Vec<Movement>, usize, Vec<LeftOut>), Error> {
    let customers = encode(find(table, "customer", &params.customer)?, "customer")?;
    let dates = days(&find(table, "date", &params.date)?, "date")?;
    let earned = points(table, "earned", &params.earned)?;
    let redeemed = points(table, "redeemed", &params.redeemed)?;
    let expired = params.expired.as_ref().map(|name| points(table, "expired", name)).transpose()?;
    let mut tallies = Tallies::default();
    let mut movements = Vec::with_capacity(table.rows());
    for row in 0..table.rows() {
        let all = [earned[row], redeemed[row], expired.as_ref().map_or(f64::NAN, |expired| expired[row])];
        match (customers.codes[row], dates[row]) {
            (customer, Some(day)) if customer != NO_CODE => {
                if all.iter().all(|points| points.is_nan()) {
                    tallies.note(Reason::NoPoints, row, f64::NAN);
                    continue;
                }
                // A row that tells one movement has nothing in the columns of the others.
                let [earned, redeemed, expired] = all.map(|points| if points.is_nan() { 0.0 } else { points });
                movements.push(Movement { customer, day, earned, redeemed, expired });
            }
            _ => tallies.note(Reason::NoUnitOrDate, row, f64::NAN),
        }
    }
    Ok((movements, customers.values.len(), tallies.left_out(&REASONS)))
}

/// A column of points, none of which may be negative.
pub(crate) fn points(table: &Table, role: &str, name: &str) -> Result<Vec<f64>, Error> {
    let values = numbers(&find(table, role, name)?, role)?;
    match values.iter().position(|points| *points < 0.0 || points.is_infinite()) {
        None => Ok(values),
        Some(row) => {
            let (role, column, got) = (role.into(), name.into(), values[row].to_string());
            let expected =
                "points of 0 or more: give what is earned, redeemed and expired as columns of their own".into();
            Err(Error::Value { role, column, row, got, expected })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_points_go_first_and_lapse_when_their_time_is_over() {
        let mut account = Account { expires_after: Some(3), ..Account::default() };
        account.earn(0, 10.0);
        account.earn(1, 5.0);
        assert_eq!(account.take(1, 4.0, true), 0.0);
        account.lapse(3);
        assert_eq!(account.take(3, 7.0, true), 2.0, "5 of the second earning are left");
        let left = &account.lots[0].left;
        assert_eq!((left[0].age, left[0].redeemed, left[1].age, left[1].expired), (1, 4.0, 3, 6.0));
    }
}
