"""The page on willingness to pay."""

from __future__ import annotations

import statistics

from benches.peers import willingness
from benches.peers.harness import Runs, intro, measure, table
from benches.peers.willingness_files import answers, choices

#: Answers to the meter, doubling.
_SIZES = (125_000, 250_000, 500_000, 1_000_000)


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page; a tenth as many choice situations and answers as `lines`."""
    situations, top = max(lines // 10, 1000), min(lines // 10, _SIZES[-1])
    logit = measure("willingness.LOGIT", list(willingness.LOGIT), choices(situations), choices(1000), rounds)
    sizes = [size * top // _SIZES[-1] for size in _SIZES]
    meters = {
        size: measure("willingness.METER", list(willingness.METER), answers(size), answers(1000), rounds)
        for size in sizes
    }
    what = f"{situations:,} choice situations of 5 alternatives and 8 terms; up to {top:,} answers."
    return f"""# Benchmarks: willingness to pay

{intro(what, rounds)}
## Multinomial logit

Results are estimates, standard errors and log-likelihood. leverkit also checks every situation, and computes importance and willingness to pay with simulated limits. Times exclude reading the file.

{table(logit, "leverkit")}

## Price sensitivity meter with reach and revenue

Times include reading the file, the six points and both peaks, with full bootstrap limits and with a single bootstrap sample. The work grows like that of a sort; beyond the cache, each answer takes longer.

{_by_size(meters)}
"""


def _by_size(meters: dict[int, Runs]) -> str:
    lines = ["| answers | " + " | ".join(willingness.METER) + " |", "|---:|" + "---:|" * len(willingness.METER)]
    for size, runs in meters.items():
        walls = (f"{statistics.median(run['wall'] for run in runs[peer]):.3f} s" for peer in willingness.METER)
        lines.append(f"| {size:,} | " + " | ".join(walls) + " |")
    return "\n".join(lines)
