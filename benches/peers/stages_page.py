"""The page on the stage funnel."""

from __future__ import annotations

from benches.peers import stages
from benches.peers.generate import events
from benches.peers.harness import intro, measure, table


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page; an event log has twice as many rows as the order lines of the other pages."""
    rows = 2 * lines
    path, warm_up = events(rows, rows // 20), events(20_000, 1_000)
    runs = measure("stages.PEERS", list(stages.PEERS), path, warm_up, rounds)
    what = f"{rows:,} events of 12 kinds by {rows // 20:,} users over 180 days, in random order."
    return f"""# Benchmarks: stage funnel

{intro(what, rounds)}
## Five stages within {stages.DAYS} days

Every run reads the file, except those from an EventLog; their memory includes the log with all events. leverkit computes conversions with limits, times, drop lists, the
range of results under different rules for ties, and the counts; the others compute only the counts.

{table(runs, "leverkit")}
"""
