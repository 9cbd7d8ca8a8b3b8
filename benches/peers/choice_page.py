"""The page on surveys and price indices."""

from __future__ import annotations

import statistics

from benches.peers import choice
from benches.peers.choice_files import answers, choices, sales
from benches.peers.harness import Runs, intro, measure, table

#: Answers to the meter, doubling.
_SIZES = (125_000, 250_000, 500_000, 1_000_000)


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page; a tenth as many choice situations and answers as `lines`."""
    situations, top = max(lines // 10, 1000), min(lines // 10, _SIZES[-1])
    logit = measure("choice.LOGIT", list(choice.LOGIT), choices(situations), choices(1000), rounds)
    sizes = [size * top // _SIZES[-1] for size in _SIZES]
    meters = {size: measure("choice.METER", list(choice.METER), answers(size), answers(1000), rounds) for size in sizes}
    index = measure("choice.INDEX", list(choice.INDEX), sales(30_000), sales(300), rounds)
    what = f"{situations:,} choice situations of 5 alternatives and 8 terms; up to {top:,} answers; 53 weeks of 30,000 products."
    return f"""# Benchmarks: surveys and price indices

{intro(what, rounds)}
## Multinomial logit

Estimates, standard errors and log-likelihood; leverkit also checks every situation, and has importance and willingness to pay with simulated limits. Reading the file is not counted.

{table(logit, "leverkit")}

## Price sensitivity meter with reach and revenue

Reading the file, the six points and both peaks, with bootstrap limits and with a single sample of the bootstrap. The work grows as that of a sort; beyond the cache each answer takes longer.

{_by_size(meters)}

## GEKS of Fisher

All 1,378 pairs of 53 weeks.

{table(index, "leverkit, with limits")}
"""


def _by_size(meters: dict[int, Runs]) -> str:
    lines = ["| answers | " + " | ".join(choice.METER) + " |", "|---:|" + "---:|" * len(choice.METER)]
    for size, runs in meters.items():
        walls = (f"{statistics.median(run['wall'] for run in runs[peer]):.3f} s" for peer in choice.METER)
        lines.append(f"| {size:,} | " + " | ".join(walls) + " |")
    return "\n".join(lines)
