"""The page on journeys."""

from __future__ import annotations

from benches.peers import journeys
from benches.peers.generate import events
from benches.peers.harness import intro, measure, table


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page; an event log has as many rows as the order lines of the other pages."""
    path, warm_up = events(lines, lines // 20), events(20_000, 1_000)
    runs = measure("journeys.PEERS", list(journeys.PEERS), path, warm_up, rounds)
    what = f"{lines:,} events of 12 kinds by {lines // 20:,} users over 180 days, in random order."
    return f"""# Benchmarks: journeys

{intro(what, rounds)}
## Transitions between events

Results are the count and median time of every transition; every run reads the file. leverkit also computes limits, paths, loops, the step matrix and flows; the others compute only the transitions.

{table(runs, "leverkit")}
"""
