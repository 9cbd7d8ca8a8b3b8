"""The page on lifetime models."""

from __future__ import annotations

from benches.peers import clv
from benches.peers.generate import orders, summaries
from benches.peers.harness import intro, measure, table


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page. Pareto/NBD takes lifetimes minutes, so it is fitted to a tenth of the customers there."""
    customers = lines // 10
    path, tenth, warm_up = summaries(customers), summaries(customers // 10), summaries(2_000)
    bg = measure("clv.BG", list(clv.BG), path, warm_up, rounds)
    pareto = measure("clv.PARETO", list(clv.PARETO), tenth, warm_up, min(rounds, 2))
    by_map = measure("clv.PARETO_MAP", list(clv.PARETO_MAP), path, warm_up, 1)
    summary = measure("clv.SUMMARY", list(clv.SUMMARY), orders(lines, customers), orders(20_000, 2_000), rounds)
    what = f"{customers:,} customers simulated from BG/NBD with CDNOW's parameters, times in whole days; {lines:,} order lines for the summary."
    return f"""# Benchmarks: lifetime models

{intro(what, rounds)}
One independent formula computes the log-likelihood at each tool's parameters. lifetimes and pymc-marketing run in a separate environment, because lifetimes requires older packages.

## BG/NBD, {customers:,} customers

{table(bg, "leverkit")}

## Pareto/NBD, {customers // 10:,} customers

{table(pareto, "leverkit")}

## Pareto/NBD, {customers:,} customers

pymc-marketing's fastest way, under its own priors: its parameters are near the greatest likelihood, and not at it. One run, as it takes a minute or more.

{table(by_map, "leverkit")}

## The summary from order lines

Times include reading the file.

{table(summary, "leverkit")}
"""
