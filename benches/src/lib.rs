//! Order lines for the benches: seeded, in random order, customers of very different activity.

use leverkit::core::arrow_array::TimestampMicrosecondArray;
use leverkit::core::{Error, RecordBatch, batch};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// `n_lines` order lines of `n_customers` customers over two years. Activity falls with the square of a uniform number:
/// few customers buy much, most little.
///
/// # Errors
/// Never in practice: the columns have the same length.
pub fn order_lines(n_lines: usize, n_customers: u32) -> Result<RecordBatch, Error> {
    let mut random = Pcg64::seed_from_u64(7);
    let mut customers = Vec::with_capacity(n_lines);
    let mut micros = Vec::with_capacity(n_lines);
    let mut amounts = Vec::with_capacity(n_lines);
    for _ in 0..n_lines {
        customers.push((random.random::<f64>().powi(2) * f64::from(n_customers)) as i64);
        micros.push(1_704_067_200_000_000 + random.random_range(0..731 * 86_400i64) * 1_000_000);
        amounts.push((random.random::<f64>() * 10_000.0).round() / 100.0);
    }
    batch!("customer" => customers, "time" => TimestampMicrosecondArray::from(micros), "amount" => amounts)
}
