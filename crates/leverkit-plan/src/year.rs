//! The year that levers earn in: how much of it the lines hold, and how far it may be from the last one.

use leverkit_core::{Day, Ledger};
use leverkit_profit::{MeasuredPeriod, Measurement};

use crate::assumptions::Share;
use crate::draws::{Dice, Draws};

/// Fewer pairs of the same months of two years do not tell how far they differ.
const FEWEST_PAIRS: usize = 3;
/// A company that loses more in a year is no more.
const LEAST_GROWTH: f64 = -0.95;

/// The coming year beside the one by which money is told.
///
/// ```
/// use leverkit_core::frames::each;
/// use leverkit_core::{Ledger, Roles, batch, format_day};
/// use leverkit_plan::{Assumptions, Dice, Year};
/// use leverkit_profit::{MeasureParams, measure};
/// // Fifty customers order every ten days, for two years.
/// let orders: Vec<(i32, i32)> = (0..50).flat_map(|who| (0..73).map(move |time| (who, time))).collect();
/// let lines = batch!(
///     "who" => each(&orders, |order| order.0),
///     "day" => each(&orders, |order| format_day(19_000 + order.1 * 10 + order.0 % 7)),
///     "paid" => vec![25.0; orders.len()],
/// )?;
/// let ledger = Ledger::from_batches(&[lines], &Roles::new("who", "day").amount("paid"))?;
/// let (shares, mut dice) = (Assumptions::default(), Dice::new(1, 1000));
/// let year = Year::of(&ledger, &measure(&ledger, &MeasureParams::default(), &[])?, &shares.growth, &mut dice);
/// assert!((year.years - 2.0).abs() < 0.1);
/// // Next year is like this one on average; of a small part of sales nobody knows it as well.
/// let (all, part) = (year.next(1.0, &mut dice).interval(0.95), year.next(0.01, &mut dice).interval(0.95));
/// assert!((all.estimate - 1.0).abs() < 0.05 && all.upper - all.lower < part.upper - part.lower);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Year {
    /// How many of the base's years the lines hold, by money: they may grow, and hold one season twice.
    pub years: f64,
    /// New customers of such a year.
    pub newcomers: f64,
    /// The logarithm of its volume over the last one's, in each world.
    growth: Draws,
    /// Square of the relative error that chance among customers gives a year's money.
    chance: f64,
}

impl Year {
    /// Of the base of a measurement. The next year is expected to be like the last; how far it may be away follows from what is assumed of `growth` and, where the same
    /// months of two years are known, from what the company's own was.
    pub fn of(ledger: &Ledger, found: &Measurement, growth: &Share, dice: &mut Dice) -> Self {
        let base = &found.base;
        let is_base = |day: Day| (base.start..=base.end).contains(&day);
        let money: Vec<(f64, f64)> = ledger.par_customers(
            || (),
            |(), lines| {
                let own = lines.days.iter().zip(lines.amounts);
                own.fold((0.0, 0.0), |(all, year), (&day, &amount)| {
                    (all + amount, year + if is_base(day) { amount } else { 0.0 })
                })
            },
        );
        let sum = |of: fn(&(f64, f64)) -> f64| money.iter().map(of).sum::<f64>();
        let (all, last) = (sum(|money| money.0), sum(|money| money.1));
        let a_year = found.params.period.a_year();
        let is_whole = |period: &&MeasuredPeriod| Some(period.start) >= ledger.start() && period.end <= base.end;
        let whole: Vec<f64> = found.periods.iter().filter(is_whole).map(|period| period.revenue).collect();
        let part = base.periods as f64 / a_year;
        let chance = if last > 0.0 { sum(|money| money.1.powi(2)) / last.powi(2) } else { 0.0 };
        Self {
            years: if last > 0.0 { all / last * part } else { part },
            newcomers: a_year * newcomers(found),
            growth: grown(&whole, a_year.round() as usize, growth, dice),
            chance,
        }
    }

    /// What becomes of money that a `share` of all sales brings: 1 on average. Growth moves all of it alike. Chance decides which customers order in either year; as about half of them order
    /// in both, it is that of one year in the difference of two.
    pub fn next(&self, share: f64, dice: &mut Dice) -> Draws {
        let spread = (self.chance / share.clamp(1e-3, 1.0)).ln_1p().sqrt();
        self.growth.with(&dice.standard(), |growth, z| (growth + spread * z - spread.powi(2) / 2.0).exp())
    }
}

/// New customers of a period of the base, as far as their past is known.
fn newcomers(found: &Measurement) -> f64 {
    let of_base = |period: &&MeasuredPeriod| period.start >= found.base.start && period.end <= found.base.end;
    let mean = |known: Vec<f64>| (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64);
    let periods = || found.periods.iter().filter(of_base);
    let complete = mean(periods().filter(|period| period.is_complete).map(|period| period.new).collect());
    complete.or_else(|| mean(periods().map(|period| period.new).collect())).unwrap_or_default()
}

/// The logarithm of a year's growth, around none.
///
/// Growth of companies is taken to be spread as `assumed`, τ, and to last by half: of what the same months of two years show, g with standard error s, the next year has
/// w·g, w = ½·τ²/(τ² + s²), and what is left of τ² is τ²·(1 − w/2). As money is told by the last year, w·g is a way that it may go, and no shift.
fn grown(revenues: &[f64], a_year: usize, assumed: &Share, dice: &mut Dice) -> Draws {
    let drawn = dice.share(assumed).map(|growth| growth.max(LEAST_GROWTH).ln_1p());
    if assumed.rule_of_thumb
        && let Some((seen, error)) = seen(revenues, a_year)
    {
        // The standard deviation of a triangle.
        let spread = (assumed.upper - assumed.lower) / 24f64.sqrt();
        let known = spread.powi(2) / (spread.powi(2) + error.powi(2));
        let variance = (known * seen / 2.0).powi(2) + spread.powi(2) * (1.0 - known / 4.0);
        return dice.standard().map(|z| z * variance.sqrt() - variance / 2.0);
    }
    drawn
}

/// The logarithm of the growth between the same periods of two years, with its standard error.
fn seen(revenues: &[f64], a_year: usize) -> Option<(f64, f64)> {
    let pairs = revenues.iter().zip(revenues.get(a_year..)?).filter(|(before, after)| **before > 0.0 && **after > 0.0);
    let grown: Vec<f64> = pairs.map(|(before, after)| (after / before).ln()).collect();
    let n = grown.len() as f64;
    let mean = grown.iter().sum::<f64>() / n;
    let variance = grown.iter().map(|growth| (growth - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (grown.len() >= FEWEST_PAIRS).then(|| (mean, (variance / n).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNSET: Share = Share { rule_of_thumb: true, ..Share::assumed(-0.3, 0.0, 0.3) };

    fn spread(of: &Draws) -> f64 {
        let mean = of.mean();
        of.map(|value| (value - mean).powi(2)).mean().sqrt()
    }

    #[test]
    fn without_a_past_growth_is_what_is_assumed() {
        let grown = grown(&[100.0; 12], 12, &UNSET, &mut Dice::new(1, 20_000));
        assert!((spread(&grown) - 0.3 / 6f64.sqrt()).abs() < 0.01);
        let planned = Share::assumed(0.1, 0.1, 0.1);
        let grown = super::grown(&[100.0; 36], 12, &planned, &mut Dice::new(1, 100));
        assert!(grown.values().iter().all(|growth| (growth - 0.1_f64.ln_1p()).abs() < 1e-9));
    }

    #[test]
    fn a_company_that_grows_may_go_on() {
        let of = |rate: f64| -> f64 {
            let revenues: Vec<f64> = (0..36).map(|month| 100.0 * rate.powf(f64::from(month) / 12.0)).collect();
            spread(&grown(&revenues, 12, &UNSET, &mut Dice::new(1, 20_000)))
        };
        let (still, doubling) = (of(1.0), of(2.0));
        assert!((still - 0.3 / 6f64.sqrt() * 0.75_f64.sqrt()).abs() < 0.01, "{still}");
        assert!((doubling - still.hypot(2f64.ln() / 2.0)).abs() < 0.02, "{doubling}");
    }

    #[test]
    fn the_money_of_a_year_is_the_same_on_average_and_less_sure_where_it_hangs_on_few() {
        let mut dice = Dice::new(1, 20_000);
        let growth = grown(&[100.0; 12], 12, &Share::assumed(0.0, 0.0, 0.0), &mut dice);
        let year = Year { years: 1.0, newcomers: 10.0, growth, chance: 0.01 };
        let (all, part) = (year.next(1.0, &mut dice), year.next(0.25, &mut dice));
        assert!((all.mean() - 1.0).abs() < 0.01 && (part.mean() - 1.0).abs() < 0.01);
        assert!((spread(&all) - 0.1).abs() < 0.01 && (spread(&part) - 0.2).abs() < 0.02);
    }
}
