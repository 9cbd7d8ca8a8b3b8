//! The signs of discounts, which are money above 0: those that are never above among the sales, and below in some, are turned.

use leverkit_stats::Summing;
use rayon::prelude::*;

use crate::ledger::Ledger;
use crate::quality::{NoteKind, QualityNote, lines_where};
use crate::{Numbers, Roles};

/// What the signs of each discount are, and what was turned.
#[derive(Debug, Default)]
pub(crate) struct Signs(Vec<Sign>);

#[derive(Debug, Default)]
struct Sign {
    is_above: bool,
    is_below: bool,
    turned: u64,
    money: Summing,
}

impl Signs {
    pub(crate) fn of(ledger: &Ledger) -> Self {
        let mut signs = Self::default();
        signs.look(ledger);
        signs
    }

    /// Looks at the lines of a part of the customers.
    pub(crate) fn look(&mut self, ledger: &Ledger) {
        self.0.resize_with(ledger.discounts.len(), Sign::default);
        for (sign, discount) in self.0.iter_mut().zip(&ledger.discounts) {
            sign.is_above = sign.is_above || any_sale(ledger, &discount.values, |value| value > 0.0);
            // A discount that is above somewhere is not turned, however many are below.
            sign.is_below =
                sign.is_below || (!sign.is_above && any_sale(ledger, &discount.values, |value| value < 0.0));
        }
    }

    /// Turns the discounts of a part of the customers that are to be turned by what all parts are like.
    pub(crate) fn turn(&mut self, ledger: &mut Ledger) {
        for (index, sign) in self.0.iter_mut().enumerate().filter(|(_, sign)| sign.is_below && !sign.is_above) {
            let values = &ledger.discounts[index].values;
            let turned: Vec<f64> = values.par_iter().map(|value| 0.0 - value).collect();
            let below = lines_where(values.len(), |line| values[line] < 0.0 && ledger.amounts[line] >= 0.0);
            below.iter().for_each(|&line| sign.money.add(turned[line as usize]));
            sign.turned += below.len() as u64;
            ledger.discounts[index].values = turned.into();
        }
    }

    pub(crate) fn notes(&self, roles: &Roles) -> Vec<QualityNote> {
        let turned = self.0.iter().zip(&roles.discounts).filter(|(sign, _)| sign.turned > 0);
        let note = |(sign, (_, column)): (&Sign, &(String, String))| {
            let role = ("discounts", column.as_str());
            QualityNote::new(NoteKind::DiscountTurned, role, sign.turned, Some(sign.money.total()))
        };
        turned.map(note).collect()
    }
}

fn any_sale(ledger: &Ledger, values: &Numbers, holds: impl Fn(f64) -> bool + Sync) -> bool {
    values.par_iter().zip(ledger.amounts.par_iter()).any(|(&value, &amount)| amount >= 0.0 && holds(value))
}
