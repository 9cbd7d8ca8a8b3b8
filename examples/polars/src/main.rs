//! Scores the customers of a polars data frame: the frame goes in without a copy and the segments come out as one.

use std::error::Error;

use leverkit::polars::prelude::*;
use leverkit::rfm::{ScoreParams, score};
use leverkit::{Ledger, Roles};

// --8<-- [start:main]
fn main() -> Result<(), Box<dyn Error>> {
    let lines = df!(
        "client" => ["ann", "bob", "ann", "eve"],
        "ordered_at" => ["2024-01-05", "2024-01-06", "2024-02-01", "2023-01-01"],
        "paid" => [20.0, 15.0, 30.0, 5.0],
    )?;
    let ledger = Ledger::from_frame(&lines, &Roles::new("client", "ordered_at").amount("paid"))?;
    let scores = score(&ledger, &ScoreParams::default())?;
    let segments: DataFrame = scores.segments_batch()?.to_frame()?;
    for (segment, customers) in
        segments.column("segment")?.str()?.iter().zip(segments.column("customers")?.i64()?.iter())
    {
        if let (Some(segment), Some(customers @ 1..)) = (segment, customers) {
            println!("{segment}: {customers}");
        }
    }
    Ok(())
}
// --8<-- [end:main]
