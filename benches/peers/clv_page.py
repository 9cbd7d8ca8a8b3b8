"""The page on lifetime models."""

from __future__ import annotations

from benches.peers import clv
from benches.peers.generate import orders, summaries
from benches.peers.harness import intro, measure, table


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page. Pareto/NBD takes lifetimes minutes, so it is fitted to a tenth of the customers."""
    customers = lines // 10
    path, tenth, warm_up = summaries(customers), summaries(customers // 10), summaries(2_000)
    bg = measure("clv.BG", list(clv.BG), path, warm_up, rounds)
    pareto = measure("clv.PARETO", list(clv.PARETO), tenth, warm_up, min(rounds, 2))
    summary = measure("clv.SUMMARY", list(clv.SUMMARY), orders(lines, customers), orders(20_000, 2_000), rounds)
    what = f"{customers:,} customers simulated from BG/NBD with CDNOW's parameters, times in whole days; {lines:,} order lines for the summary."
    return f"""# Benchmarks: lifetime models

{intro(what, rounds)}
One independent formula computes the log-likelihood at each tool's parameters. lifetimes runs in a separate environment, because it requires older packages.

## BG/NBD, {customers:,} customers

{table(bg, "leverkit")}

## Pareto/NBD, {customers // 10:,} customers

{table(pareto, "leverkit")}

## The summary from order lines

Times include reading the file.

{table(summary, "leverkit")}
"""
