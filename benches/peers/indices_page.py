"""The page on price indices."""

from __future__ import annotations

from benches.peers import indices
from benches.peers.generate import sales
from benches.peers.harness import intro, measure, table


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page; the file is the same whatever `lines` is."""
    index = measure("indices.INDEX", list(indices.INDEX), sales(30_000), sales(300), rounds)
    return f"""# Benchmarks: price indices

{intro("53 weeks of 30,000 products.", rounds)}
## GEKS of Fisher

All 1,378 pairs of 53 weeks.

{table(index, "leverkit, with limits")}
"""
