"""How often the contest picks the family that the customers come from: `python scripts/clv_contest.py [runs] [customers]`.

Customers arrive over the first 12 weeks of 78, BG/NBD and MBG/NBD by CDNOW's parameters, regular timing by those of MBG/NBD with Erlang-3 gaps.
Pareto/NBD has livelier customers: at CDNOW's parameters the likelihoods of Pareto/NBD and MBG/NBD on 20,000 customers differ by about one log unit
either way, whichever made them, and no contest can tell. The last line shows that.
"""

from __future__ import annotations

import sys
from collections import Counter

import numpy as np
import polars as pl

import leverkit as lk

WEEKS = 78.0
#: What wins, k, and the parameters: r, alpha, a (or s), b (or beta).
FAMILIES = {
    "BG/NBD": ("BG/NBD", 1, (0.243, 4.414, 0.793, 2.426)),
    "MBG/NBD": ("MBG/NBD", 1, (0.525, 6.183, 0.891, 1.614)),
    "Pareto/NBD": ("Pareto/NBD", 1, (1.5, 15.0, 1.2, 30.0)),
    "regular": ("MBG/CNBD-", 3, (0.525, 6.183, 0.891, 1.614)),
    "Pareto/NBD like CDNOW": ("Pareto/NBD", 1, (0.553, 10.578, 0.606, 11.669)),
}


def lines(family: str, n: int, random: np.random.Generator) -> pl.DataFrame:
    """Order lines of n customers of a family, to the day."""
    first = random.uniform(0, 12, n)
    _, shape, (r, alpha, a, b) = FAMILIES[family]
    rate = random.gamma(r, 1 / alpha, n)
    if family.startswith("Pareto"):
        end = first + random.exponential(1.0, n) / random.gamma(a, 1 / b, n)
        leave = np.zeros(n)
    else:
        end, leave = np.full(n, np.inf), random.beta(a, b, n)
    who, when = [np.arange(n)], [first]
    clock, alive = first.copy(), np.arange(n)
    if family != "BG/NBD":
        alive = alive[random.random(n) >= leave]
    while alive.size:
        with np.errstate(divide="ignore", over="ignore"):
            clock[alive] += random.gamma(shape, 1 / shape, alive.size) / rate[alive]
        alive = alive[clock[alive] <= np.minimum(WEEKS, end[alive])]
        who.append(alive)
        when.append(clock[alive].copy())
        alive = alive[random.random(alive.size) >= leave[alive]]
    days = pl.Series((np.concatenate(when) * 7).astype(np.int32)).cast(pl.Date)
    return pl.DataFrame({"customer": np.concatenate(who), "date": days, "amount": np.ones(days.len())})


def main() -> None:
    """Runs and prints who won how often."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    customers = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    for family, (wanted, _, _) in FAMILIES.items():
        won: Counter[str] = Counter()
        for seed in range(runs):
            found = lk.clv.contest(
                lines(family, customers, np.random.default_rng(seed)), customer="customer", time="date", amount="amount"
            )
            won[found.table["model"][0]] += 1
        right = sum(count for model, count in won.items() if model.startswith(wanted))
        print(f"{family}: right in {right} of {runs}; {dict(won)}", flush=True)


if __name__ == "__main__":
    main()
