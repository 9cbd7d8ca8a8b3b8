//! Limits of the lift table where parameters are uncertain.

use leverkit_core::stats::{Interval, quantiles};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::draws::{Correlation, Draws, Uncertain};
use crate::formula::program::WIDTH;
use crate::{Error, Formula, Lift};

/// Scenarios behind each limit.
const SCENARIOS: usize = 10_000;

/// Gives the rows of a [`lift_table`](crate::lift_table) limits between which 95 % of the changes of profit lie when parameters are spread as in `uncertain` and move together as in `correlations`:
/// each of 10,000 scenarios has a lift table of its own.
///
/// # Errors
/// As [`crate::simulate`].
///
/// ```
/// use leverkit_profit::{Distribution, Formula, lift_intervals, lift_table};
/// let (formula, values) = (Formula::minimal(), [1000.0, 0.1, 50.0, 2.0]);
/// let mut table = lift_table(&formula, &values, 0.20, &[])?;
/// let uncertain = [("price".to_string(), Distribution::Normal { mean: 50.0, std: 5.0 })];
/// lift_intervals(&formula, &values, &mut table, 0.20, &uncertain, &[], 1)?;
/// let limits = table[0].profit_limits.expect("limits");
/// assert!((limits.lower - 2000.0 * 0.804).abs() < 20.0 && (limits.upper - 2000.0 * 1.196).abs() < 20.0);
/// # Ok::<(), leverkit_profit::Error>(())
/// ```
pub fn lift_intervals(
    formula: &Formula,
    values: &[f64],
    rows: &mut [Lift],
    step: f64,
    uncertain: &[Uncertain],
    correlations: &[Correlation],
    seed: u64,
) -> Result<(), Error> {
    let columns = scenarios(&Draws::new(formula, values, uncertain, correlations)?, values, seed);
    let before = profits(formula, &columns);
    let move_column = |columns: &mut [Vec<f64>], parameter: usize| {
        columns[parameter].iter_mut().for_each(|value| *value = formula.parameters()[parameter].moved(*value, step).0);
    };
    for row in rows {
        let mut moved = columns.clone();
        match &row.parameter {
            Some(name) => move_column(&mut moved, formula.position(name)?),
            None => (0..values.len()).for_each(|parameter| move_column(&mut moved, parameter)),
        }
        let mut changes: Vec<f64> =
            profits(formula, &moved).iter().zip(&before).map(|(after, before)| after - before).collect();
        if let [lower, upper] = quantiles(&mut changes, &[0.025, 0.975])[..] {
            row.profit_limits = Some(Interval { estimate: row.profit_change, lower, upper });
        }
    }
    Ok(())
}

/// Scenarios as a column for each parameter, for what looks at each more than once.
fn scenarios(draws: &Draws<'_>, values: &[f64], seed: u64) -> Vec<Vec<f64>> {
    let mut columns: Vec<Vec<f64>> = values.iter().map(|value| vec![*value; SCENARIOS]).collect();
    let mut random = Pcg64Mcg::seed_from_u64(seed);
    let mut stretch = vec![vec![0.0; WIDTH]; draws.samplers.len()];
    for start in (0..SCENARIOS).step_by(WIDTH) {
        let length = WIDTH.min(SCENARIOS - start);
        draws.draw(&mut random, &mut stretch, &mut vec![0; draws.samplers.len()]);
        for ((position, _), drawn) in draws.samplers.iter().zip(&stretch) {
            columns[*position][start..start + length].copy_from_slice(&drawn[..length]);
        }
    }
    columns
}

/// Profit of scenarios given as columns.
fn profits(formula: &Formula, columns: &[Vec<f64>]) -> Vec<f64> {
    let profit = formula.profit_register();
    let program = formula.program().up_to(profit);
    let mut registers = program.registers();
    let n = columns.first().map_or(0, Vec::len);
    let mut profits = Vec::with_capacity(n);
    for start in (0..n).step_by(WIDTH) {
        let length = WIDTH.min(n - start);
        program.run(&mut registers, |parameter, out| {
            out[..length].copy_from_slice(&columns[parameter][start..start + length]);
        });
        profits.extend_from_slice(&registers.get(profit)[..length]);
    }
    profits
}
