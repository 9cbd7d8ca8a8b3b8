"""The page on best–worst choices."""

from __future__ import annotations

from benches.peers import maxdiff
from benches.peers.harness import intro, measure, table
from benches.peers.survey_files import ITEMS, PER_TASK, TASKS, tasks


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page; a respondent for each 2,000 of `lines`."""
    respondents = max(lines // 2000, 100)
    runs = measure("maxdiff.PEERS", list(maxdiff.PEERS), tasks(respondents), tasks(100), rounds)
    what = f"{respondents:,} respondents × {TASKS} tasks of {PER_TASK} out of {ITEMS} items."
    return f"""# Benchmarks: best–worst choices

{intro(what, rounds)}
All fit the logit of best–worst pairs. leverkit also checks that items hang together, clusters errors by respondent, and bootstraps scores (100 samples here). The package `maxdiff` counts only, unless jax and numpyro are
installed, and asks for an older pandas. Times exclude reading the file.

## The logit of best–worst pairs

{table(runs, "leverkit")}
"""
