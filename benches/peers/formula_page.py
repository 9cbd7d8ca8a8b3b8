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

20 parameters vary, half of them normal and half lognormal. Results are percentiles 1 to 99, the mean and the chance of a loss. numpy draws and evaluates whole columns.
Checks are rounded to 10,000, because the draws differ.

{table(scenarios, "leverkit")}

## Exact Shapley values of 22 parameters

numpy evaluates all 4,194,304 subsets as columns.

{table(shapley, "leverkit")}

## LMDI over {lines // 10:,} segments

The formula is the minimal one of four factors; to leverkit it is like any other. numpy's columns are already in order; polars joins the segments of both sides;
leverkit detects that they are in the same order, and splits each segment's change into volume, mix and rate as well. Its parts alone are what numpy does.

{table(lmdi, "leverkit")}

## Sobol's indices, N = 2^17

First-order and total indices of 22 parameters take 24 · 2^17 evaluations; checks are rounded to two digits. SALib uses two resamples for its limits.

{table(sobol, "leverkit")}
"""
