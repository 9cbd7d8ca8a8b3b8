"""The page on the profit formula."""

from __future__ import annotations

from benches.peers import formula
from benches.peers.harness import intro, measure, table


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page."""
    scenarios = measure("formula.SCENARIOS", list(formula.SCENARIOS), lines, 10_000, rounds)
    shapley = measure("formula.SHAPLEY", list(formula.SHAPLEY), 22, 4, rounds)
    lmdi = measure("formula.LMDI", list(formula.LMDI), lines // 10, 1000, rounds)
    sobol = measure("formula.SOBOL", list(formula.SOBOL), 1 << 17, 1 << 8, rounds)
    return f"""# Benchmarks: profit formula

{intro("the full formula of 22 parameters.", rounds)}
## {lines:,} scenarios

20 parameters are spread, half normal and half lognormal; percentiles 1 to 99, mean and chance of a loss. numpy draws and evaluates whole columns.
Checks are rounded to 10,000, as draws differ.

{table(scenarios, "leverkit")}

## Exact Shapley values of 22 parameters

numpy evaluates all 4,194,304 subsets as columns.

{table(shapley, "leverkit")}

## LMDI over {lines // 10:,} segments

The minimal formula of four factors, any formula to leverkit. numpy has its columns in order already; polars joins the segments of both sides,
leverkit finds that they stand in the same order.

{table(lmdi, "leverkit")}

## Sobol's indices, N = 2^17

First and total indices of 22 parameters, 24 · 2^17 evaluations; checks are rounded to two digits. SALib with two resamples for its limits.

{table(sobol, "leverkit")}
"""
