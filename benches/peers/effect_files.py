"""Files for the benches of effects: a panel whose units are treated at different times, and a company with a programme. Seeded, written once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
from benches.peers.willingness_files import FOLDER, written

PERIODS = 24


def panel(units: int) -> Path:
    """Half of the units are never treated, the others from one of twelve periods on, with effects that grow and differ."""
    path = FOLDER / f"panel_{units}.parquet"
    if path.exists():
        return path
    random = np.random.default_rng(31)
    level, period = random.gamma(2, 20, units), np.arange(1, PERIODS + 1)
    first = np.where(random.random(units) < 0.5, 0, random.integers(7, 19, units))
    since = period - first[:, None]
    is_treated = (first[:, None] > 0) & (since >= 0)
    effect = np.where(is_treated, 2 + 0.5 * np.minimum(since, 6) + 0.1 * (18 - first[:, None]), 0)
    outcome = level[:, None] + 0.3 * period + effect + random.normal(0, 15, (units, PERIODS))
    columns = {
        "unit": np.repeat(np.arange(units), PERIODS),
        "period": np.tile(period, units),
        "first": np.repeat(first, PERIODS),
        "outcome": outcome.ravel(),
    }
    return written(pl.DataFrame(columns), path)


def orders(customers: int) -> Path:
    """Two years of orders at rates of customers' own, about one a month; a third joins a programme in the second year."""
    path = FOLDER / f"programme_{customers}.parquet"
    if path.exists():
        return path
    random = np.random.default_rng(32)
    rate = random.gamma(2, 0.5, customers)
    joined = np.where(random.random(customers) < 1 / 3, random.integers(13, 19, customers), PERIODS + 1)
    counts = random.poisson(np.repeat(rate, PERIODS).reshape(customers, PERIODS))
    counts[:, 0] += 1
    who, month = np.nonzero(counts)
    who, month = np.repeat(who, counts[who, month]), np.repeat(month, counts[who, month])
    amount = random.gamma(4, 5, len(who)) + 2.0 * (month >= joined[who])
    first = dt.date(2022, 1, 1)
    day = np.datetime64(first) + (month * 30.4 + random.integers(0, 30, len(who))).astype("timedelta64[D]")
    start = np.datetime64(first) + (joined * 30.4).astype("timedelta64[D]")
    lines = pl.DataFrame({"customer": who, "day": day, "amount": amount, "joined": start[who]})
    lines = lines.with_columns(joined=pl.when(pl.Series(joined[who] <= PERIODS)).then("joined"))
    return written(lines, path)
