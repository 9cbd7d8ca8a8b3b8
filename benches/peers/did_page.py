"""The page on difference-in-differences."""

from __future__ import annotations

from benches.peers import did
from benches.peers.effect_files import PERIODS, panel
from benches.peers.harness import intro, measure, table


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page; a unit for each 50 of `lines`."""
    units = max(lines // 50, 500)
    runs = measure("did.PEERS", list(did.PEERS), panel(units), panel(500), rounds)
    what = f"{units:,} units × {PERIODS} periods, treated in twelve cohorts or never."
    return f"""# Benchmarks: difference-in-differences

{intro(what, rounds)}
leverkit estimates everything that follows from each cohort's means and covariance at once: group–time effects with four aggregations, Sun–Abraham, imputation, two-way fixed effects with their decomposition, bands, pre-trends and bounds.
Peers estimate one thing each. Times exclude reading the file.

## Group–time effects

{table(runs, "leverkit, all estimators")}
"""
