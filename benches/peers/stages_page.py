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

The file is read in every run but those from an EventLog, whose memory is that of the log with all events. leverkit gives conversions with limits, times, drop lists and the
interval of ties with the counts; the others give the counts.

{table(runs, "leverkit")}
"""
