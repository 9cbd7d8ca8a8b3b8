"""The page on need segments."""

from __future__ import annotations

from benches.peers import needs
from benches.peers.harness import intro, measure, table
from benches.peers.survey_files import CLASSES, STATEMENTS, WIDE, statements


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page; a respondent for each 500 of `lines`."""
    respondents = max(lines // 500, 200)
    runs = measure("needs.PEERS", list(needs.PEERS), statements(respondents), statements(200), rounds)
    wide = measure(
        "needs.WIDE_PEERS", list(needs.WIDE_PEERS), statements(respondents // 4, WIDE), statements(200, WIDE), rounds
    )
    what = f"{respondents:,} respondents, {STATEMENTS} statements, {CLASSES} classes, {needs.STARTS} starts."
    return f"""# Benchmarks: need segments

{intro(what, rounds)}
The same answer is the same log-likelihood, to one digit. leverkit also refits ten bootstrap samples for limits and stability, and finds the shortest set of questions that tells the class. Times exclude reading the file.

## Four latent classes from ten starts

{table(runs, "leverkit")}

## A very wide table: {respondents // 4:,} respondents, {WIDE} statements

Partitions such as k-modes are often used where a table is too wide for latent classes. Here latent classes read it as it is, and say how sure each respondent's class is.

{table(wide, "leverkit")}
"""
