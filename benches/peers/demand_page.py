"""The page on elasticity."""

from __future__ import annotations

from benches.peers import demand
from benches.peers.generate import movers, panel
from benches.peers.harness import intro, measure, table


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page."""
    products = max(lines // 2000, 2)
    path, warm_up = panel(products), panel(10)
    effects = measure("demand.EFFECTS", list(demand.EFFECTS), path, warm_up, rounds)
    hard = measure("demand.HARD", list(demand.HARD), movers(lines // 10), movers(2400), rounds)
    slopes = measure("demand.SLOPES", list(demand.SLOPES), path, warm_up, rounds)
    what = f"{2000 * products:,} rows: {products:,} products, 200 weeks, 10 stores."
    return f"""# Benchmarks: elasticity

{intro(what, rounds)}
## Product and week effects, errors clustered by product

The data are a frame in memory; the second of two runs counts. leverkit also computes the pooled estimate.

{table(effects, "leverkit")}

## Three effects that hardly overlap

{lines // 10:,} months of {lines // 240:,} clients, of whom one in a hundred goes on to another of {lines // 6000:,} reps each month; clients, reps and months are absorbed. pyfixest's default,
alternating projections, ends without an answer after 10,000 steps; by sparse least squares it has one.

{table(hard, "leverkit")}

## An elasticity for each product

Times include reading the file. DuckDB computes only the slope of quantity on price; the second row is leverkit's of the same model.

{table(slopes, next(iter(demand.SLOPES)))}
"""
