"""The page on Kano surveys."""

from __future__ import annotations

from benches.peers import kano
from benches.peers.harness import intro, measure, table
from benches.peers.survey_files import FEATURES
from benches.peers.survey_files import kano as answers


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page; a respondent for each 2,000 of `lines`."""
    respondents = max(lines // 2000, 100)
    runs = measure("kano.PEERS", list(kano.PEERS), answers(respondents), answers(100), rounds)
    what = f"{respondents:,} respondents, {FEATURES} features, {kano.REPLICATES:,} bootstrap samples."
    return f"""# Benchmarks: Kano surveys

{intro(what, rounds)}
leverkit draws respondents, so that weights and strata count and features keep their correlation; it also gives probabilities of categories, the continuous map, ellipses and tests. No package on PyPI
analyses Kano surveys. Times exclude reading the file.

## A bootstrap over respondents

{table(runs, "leverkit")}
"""
