//! Outcomes per value of a dimension and period: shops, regions or routes as the units of a programme.

use leverkit_core::{Codes, Day, Ledger, NO_CODE, NO_ORDER};

use super::histories::{Histories, Joined, NotCompared, Timeline};
use super::moments::NEVER;

impl Histories {
    /// Reads a ledger in one pass. A unit's `active` is how many customers ordered; it is in if it has a line before the base day.
    pub(crate) fn of_units(
        ledger: &Ledger,
        units: &Codes,
        joined: &Joined,
        timeline: &Timeline,
        base: Day,
    ) -> (Self, NotCompared) {
        let periods = timeline.periods();
        let mut outcomes = vec!["active", "orders", "spend"];
        if ledger.unit_costs().is_some() {
            outcomes.push("margin");
        }
        let stride = outcomes.len() * periods;
        let mut sums = vec![0.0; units.dictionary.len() * stride];
        let mut is_known = vec![false; units.dictionary.len()];
        let mut seen: Vec<(u32, usize)> = Vec::new();
        for customer in 0..ledger.n_customers() as u32 {
            let lines = ledger.customer(customer);
            seen.clear();
            let mut order = NO_ORDER;
            for (at, line) in lines.lines().enumerate() {
                let (code, day) = (units.codes[line], lines.days[at]);
                if code == NO_CODE {
                    continue;
                }
                is_known[code as usize] |= day < base;
                let Some(period) = timeline.period(day) else { continue };
                let own = &mut sums[code as usize * stride..][..stride];
                own[2 * periods + period] += lines.amounts[at];
                if outcomes.len() > 3 {
                    own[3 * periods + period] += lines.amounts[at] - ledger.cost_of(line).unwrap_or(0.0);
                }
                // An order belongs to the unit of its first line.
                if lines.orders[at] != NO_ORDER && std::mem::replace(&mut order, lines.orders[at]) != lines.orders[at] {
                    own[periods + period] += 1.0;
                    if !seen.contains(&(code, period)) {
                        seen.push((code, period));
                        own[period] += 1.0;
                    }
                }
            }
        }
        Self { outcomes, periods, ..Self::default() }.kept(&sums, &is_known, joined, timeline)
    }

    fn kept(mut self, sums: &[f64], is_known: &[bool], joined: &Joined, timeline: &Timeline) -> (Self, NotCompared) {
        let stride = self.outcomes.len() * self.periods;
        let mut out = NotCompared::default();
        for (code, path) in sums.chunks_exact(stride).enumerate() {
            let first = joined.days[code].map_or(NEVER, |day| timeline.first_of(day));
            if !is_known[code] {
                out.customers_later += 1;
                out.members_later += u64::from(first != NEVER);
            } else if first == 0 {
                out.joined_from_the_first += 1;
            } else {
                self.first.push(first);
                self.codes.push(code as u32);
                self.paths.extend(path);
            }
        }
        (self, out)
    }
}
