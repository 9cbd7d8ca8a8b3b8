"""Measures how often intervals hold the truth: samples of 10, 40 and 300 are drawn from populations whose truth is known, and each interval is asked
for its 95 %.

    python -m benches.coverage --write         # the table of docs/concepts/uncertainty.md
    python -m benches.coverage --cases ladder --samples 200
    python -m benches.coverage --cases predictions --sizes 500
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl
from numpy.random import Generator, default_rng

import leverkit as lk

PAGE = Path("docs/concepts/uncertainty.md")
_BEGIN, _END = "<!-- coverage: begin -->", "<!-- coverage: end -->"
SIZES = (10, 40, 300)
LEVEL = 0.95
#: An interval that fewer samples than this share get is not given.
LEAST_GIVEN = 0.2
_START = dt.date(2022, 1, 1)

#: An interval beside the truth that it should hold: truth, lower, upper; None where no interval is given.
Told = tuple[float, float | None, float | None] | None


def _open(truth: float, lower: float | None, upper: float | None) -> Told:
    """An interval whose missing limit lies beyond all that can be seen."""
    return truth, -math.inf if lower is None else lower, math.inf if upper is None else upper


# The populations.


def _shop(rng: Generator, n: int, days: int) -> pl.DataFrame:
    """Order lines of customers who came on any day of the first half, order at a rate of their own, leave after an order with a chance, and spend with
    a long tail; those who spend more order more often."""
    first = rng.integers(0, days // 2, n)
    rate = rng.gamma(1.5, 1 / 60, n)
    check = rng.lognormal(math.log(40), 0.6, n) * (1 + 5 * rate)
    who: list[int] = []
    when: list[int] = []
    for customer in range(n):
        day = int(first[customer])
        while day <= days:
            who.append(customer)
            when.append(day)
            if rng.random() > 0.75:
                break
            day += 1 + int(rng.exponential(1 / rate[customer]))
    customers = np.array(who)
    paid = check[customers] * rng.lognormal(0, 0.4, customers.size)
    lines = pl.DataFrame({"customer": customers, "day": when, "paid": paid.round(2)})
    return lines.with_columns(day=pl.lit(_START) + pl.duration(days="day"))


def _ledger(lines: pl.DataFrame, days: int) -> lk.Ledger:
    return lk.Ledger(lines, customer="customer", time="day", amount="paid", as_of=_START + dt.timedelta(days=days))


# The intervals.


def ladder(rng: Generator, n: int) -> Iterator[Told]:
    """`lk.funnel.ladder`: share with a second order within 90 days."""
    row = lk.funnel.ladder(_ledger(_shop(rng, n, 360), 360), horizon=90, rungs=1).table.row(0, named=True)
    truth = 0.75 * (1 - (60 / (60 + 90)) ** 1.5)
    yield None if row["conversion"] is None else (truth, row["lower"], row["upper"])


@cache
def _true_limit_day() -> float:
    ledger = _ledger(_shop(default_rng(0), 100_000, 720), 720)
    return float(lk.rfm.limit_day(ledger, horizon=120).limits["limit_day"][0])


def limit_day(rng: Generator, n: int) -> Iterator[Told]:
    """`lk.rfm.limit_day`: the day on which the chance of return falls below 10 %."""
    row = lk.rfm.limit_day(_ledger(_shop(rng, n, 720), 720), horizon=120).limits.row(0, named=True)
    yield None if row["limit_day"] is None else _open(_true_limit_day(), row["lower"], row["upper"])


@cache
def _true_norm() -> float:
    ledger = _ledger(_shop(default_rng(0), 60_000, 720), 720)
    return float(lk.rfm.norms(ledger, horizon=60).table["norm"][0])


def norms(rng: Generator, n: int) -> Iterator[Told]:
    """`lk.rfm.norms`: the recency that separates best."""
    row = lk.rfm.norms(_ledger(_shop(rng, n, 720), 720), horizon=60).table.row(0, named=True)
    yield None if row["norm"] is None else (_true_norm(), row["lower"], row["upper"])


def elasticity(rng: Generator, n: int) -> Iterator[Told]:
    """`lk.pricing.elasticity`: products as clusters, product and week effects, errors that last."""
    weeks = rng.integers(20, 53, n)
    product = np.repeat(np.arange(n), weeks)
    week = np.concatenate([np.arange(52 - length, 52) for length in weeks])
    size, spread = rng.lognormal(0, 0.5, n), rng.lognormal(0, 0.5, n)
    log_price = _lasting(rng, weeks, 0.8) * 0.1 * spread[product] + size[product]
    log_units = 3 - 2 * log_price + 0.2 * np.sin(week / 8) + 0.3 * _lasting(rng, weeks, 0.7) * size[product]
    sales = pl.DataFrame({"product": product, "week": week, "price": np.exp(log_price), "units": np.exp(log_units)})
    found = lk.pricing.elasticity(
        sales, quantity="units", price="price", effects=["product", "week"], cluster="product"
    )
    row = found.table.row(0, named=True)
    yield (-2.0, row["lower"], row["upper"])


def _lasting(rng: Generator, lengths: np.ndarray, share: float) -> np.ndarray:
    """Series of variance 1 of which this share is left one step later, one after the other."""
    shocks = rng.standard_normal(int(lengths.sum())) * math.sqrt(1 - share**2)
    out, start = np.empty_like(shocks), 0
    for length in lengths:
        value = rng.standard_normal()
        for at in range(start, start + length):
            value = share * value + shocks[at]
            out[at] = value
        start += length
    return out


def quantities(rng: Generator, n: int) -> Iterator[Told]:
    """`lk.funnel.quantities`: units agreed of those recommended, skewed numbers, patients who differ."""
    recommended = 1 + rng.poisson(rng.gamma(0.7, 6, n))
    agreed = rng.binomial(recommended, rng.beta(1.2, 1.8, n))
    plans = pl.DataFrame({"patient": np.arange(n), "recommended": recommended, "agreed": agreed})
    row = lk.funnel.quantities(plans, entity="patient", levels=["recommended", "agreed"]).table.row(1, named=True)
    yield (0.4, row["lower"], row["upper"])


def reverse(rng: Generator, n: int) -> Iterator[Told]:
    """`lk.funnel.reverse`: shares of the stage before."""
    qualified = rng.binomial(n, 0.4)
    orders = rng.binomial(qualified, 0.3)
    if not orders:  # A stage that nobody reached is refused.
        yield None
        return
    table = lk.funnel.reverse(
        target=100, confidence=LEVEL, stages=[("lead", n), ("qualified", qualified), ("order", orders)]
    ).table
    yield (0.4, table["lower"][1], table["upper"][1])


def forward(rng: Generator, n: int) -> Iterator[Told]:
    """`lk.funnel.forward`: orders from as many leads again."""
    qualified = rng.binomial(n, 0.4)
    orders = rng.binomial(qualified, 0.3)
    if not orders:
        yield None
        return
    row = lk.funnel.forward(
        first=n, confidence=LEVEL, stages=[("lead", n), ("qualified", qualified), ("order", orders)]
    ).table
    yield (rng.binomial(n, 0.4 * 0.3), row["lower"][2], row["upper"][2])


def _deals(rng: Generator, n: int) -> pl.DataFrame:
    units = np.ceil(rng.lognormal(1, 1, n))
    share = 1 - rng.beta(2, 8, n) * (1 + 0.1 * np.log(units))
    listed = rng.lognormal(3, 0.5, n)
    return pl.DataFrame({"list": listed, "paid": listed * share, "units": units})


@cache
def _true_band() -> float:
    found = lk.pricing.price_band(
        _deals(default_rng(0), 1_000_000), list_price="list", pocket_price="paid", quantity="units"
    )
    return float(found.table["p50"][0])


def band(rng: Generator, n: int) -> Iterator[Told]:
    """`lk.pricing.price_band`: the median pocket price, weighted by units."""
    found = lk.pricing.price_band(_deals(rng, n), list_price="list", pocket_price="paid", quantity="units").table.row(
        0, named=True
    )
    yield (_true_band(), found["median_lower"], found["median_upper"])


def _sales(rng: Generator, n: int) -> pl.DataFrame:
    size = rng.lognormal(0, 1, n)
    moved = 0.05 + 0.08 * rng.standard_t(5, n) - 0.02 * np.log(size)
    sold = size * np.exp(-1.5 * moved + 0.3 * rng.standard_normal(n))
    price = rng.lognormal(2, 0.5, n)
    one = {"product": np.arange(n), "price": price, "units": 100 * size}
    two = {"product": np.arange(n), "price": price * np.exp(moved), "units": 100 * sold}
    return pl.concat([pl.DataFrame(one).with_columns(week=1), pl.DataFrame(two).with_columns(week=2)])


@cache
def _true_index(formula: str) -> float:
    sales = _sales(default_rng(0), 1_000_000)
    return float(
        lk.pricing.price_index(
            sales, time="week", product="product", price="price", quantity="units", formula=formula
        ).table["index"][1]
    )


def index(rng: Generator, n: int) -> Iterator[Told]:
    """`lk.pricing.price_index`: Fisher's, products as a sample of all."""
    found = lk.pricing.price_index(_sales(rng, n), time="week", product="product", price="price", quantity="units")
    row = found.table.row(1, named=True)
    yield (_true_index("fisher"), row["lower"], row["upper"])


def _buyers(rng: Generator, n: int) -> pl.DataFrame:
    """A month in which all order once, and one in which 40 % come back, those with a long tail of units more often."""
    taste = rng.lognormal(0, 0.5, n)
    first = pl.DataFrame({"customer": np.arange(n), "day": dt.date(2024, 1, 10), "units": 1, "paid": 20.0})
    back = np.flatnonzero(rng.random(n) < np.clip(0.4 * taste / math.exp(0.125), 0, 1))
    orders = 1 + rng.poisson(0.5 * taste[back])
    who = np.repeat(back, orders)
    units = 1 + rng.poisson(taste[who])
    days = pl.Series(rng.integers(1, 28, who.size))
    second = pl.DataFrame(
        {"customer": who, "units": units, "paid": units * 20.0 * rng.lognormal(0, 0.2, who.size), "at": days}
    )
    second = second.with_columns(day=pl.date(2024, 2, 1) + pl.duration(days="at")).select(first.columns)
    return pl.concat([first, second.with_columns(pl.col("units").cast(first["units"].dtype))])


def _measured(lines: pl.DataFrame) -> lk.profit.Measurement:
    ledger = lk.Ledger(lines, customer="customer", time="day", amount="paid", quantity="units", as_of="2024-02-29")
    return lk.profit.measure(ledger, limit_day=45)


@cache
def _true_parameters() -> dict[str, float]:
    return _measured(_buyers(default_rng(0), 300_000)).at("2024-02-01")


def lift_table(rng: Generator, n: int) -> Iterator[Told]:
    """`Formula.lift_table` of measured parameters: what a fifth more retention brings."""
    lines = _buyers(rng, n)
    if lines.height == n:  # Nobody came back.
        yield None
        return
    found, formula = _measured(lines), lk.profit.Formula.full()
    start = "2024-02-01"
    lift = formula.lift_table(
        found.at(start), uncertainty=found.uncertainty(start), correlations=found.correlations(start)
    ).table
    truth = formula.lift_table(_true_parameters() | {"base": float(n), "fixed_cost": 0.0}).table
    row, true = (table.row(by_predicate=pl.col("parameter") == "retention_rate", named=True) for table in (lift, truth))
    yield (true["profit_change"], row["profit_lower"], row["profit_upper"])


_ORDERS = {"r": 0.8, "alpha": 12.0, "s": 0.7, "beta": 25.0}
_SPEND = {"p": 6.0, "q": 4.0, "v": 15.0}


def _histories(rng: Generator, n: int) -> pl.DataFrame:
    """A Pareto/NBD shop, with spend by Gamma-Gamma, in weeks."""
    rate, leave = rng.gamma(_ORDERS["r"], 1 / _ORDERS["alpha"], n), rng.gamma(_ORDERS["s"], 1 / _ORDERS["beta"], n)
    age = rng.uniform(26, 78, n)
    alive = np.minimum(rng.exponential(1 / leave), age)
    frequency = rng.poisson(rate * alive)
    recency = np.where(frequency > 0, alive * rng.beta(np.maximum(frequency, 1), 1), 0.0)
    scale = rng.gamma(_SPEND["q"], 1 / _SPEND["v"], n)
    orders = np.maximum(frequency, 1)
    spend = np.where(frequency > 0, rng.gamma(_SPEND["p"] * orders, 1 / (scale * orders)), 0.0)
    return pl.DataFrame({"frequency": frequency, "recency": recency, "T": age, "monetary_value": spend})


def predictions(rng: Generator, n: int) -> Iterator[Told]:
    """`lk.clv.lifetime_value`: the expected value of all customers in the next year."""
    summary = _histories(rng, n)
    orders = lk.clv.ParetoNBDModel.of(**_ORDERS).expected_purchases(summary, future_t=52)
    x, mean = summary["frequency"], summary["monetary_value"]
    spend = _SPEND["p"] * (_SPEND["v"] + x * mean) / (_SPEND["p"] * x + _SPEND["q"] - 1)
    purchases, money = lk.clv.ParetoNBDModel().fit(summary), lk.clv.GammaGammaModel().fit(summary)
    found = lk.clv.lifetime_value(purchases=purchases, spend=money, summary=summary, horizon=52)
    yield (float((orders * spend).sum()), *found.total[1:])


CASES: dict[str, Callable[[Generator, int], Iterator[Told]]] = {
    of.__name__: of
    for of in (ladder, limit_day, norms, elasticity, quantities, reverse, forward, band, index, lift_table, predictions)
}


@dataclass
class Count:
    """How often an interval held the truth, and how often none was given."""

    held: int = 0
    missed: int = 0
    none: int = 0

    def add(self, told: Told) -> None:
        if told is None or any(limit is None or math.isnan(limit) for limit in told):
            self.none += 1
            return
        truth, lower, upper = told
        self.held += lower <= truth <= upper
        self.missed += not lower <= truth <= upper

    @property
    def given(self) -> int:
        return self.held + self.missed

    @property
    def share(self) -> float:
        """Of the intervals that were given, those that held the truth."""
        return self.held / max(self.given, 1)


def measure(name: str, n: int, samples: int) -> Count:
    """Counts over samples; each follows from its number alone."""
    count = Count()
    for number in range(samples):
        rng = default_rng([number, n, *name.encode()])
        try:
            for told in CASES[name](rng, n):
                count.add(told)
        except (lk.DataError, lk.ConvergenceError):
            count.none += 1
    return count


def table(found: dict[tuple[str, int], Count]) -> str:
    """Markdown: a line for each interval, a column for each size."""
    sizes = sorted({n for _, n in found})
    lines = ["| interval | " + " | ".join(f"n = {n}" for n in sizes) + " |", "|---|" + "---|" * len(sizes)]
    for name in dict.fromkeys(name for name, _ in found):
        cells = [_cell(found[name, n]) for n in sizes]
        told = (CASES[name].__doc__ or "").rstrip(".")
        lines.append(f"| {told} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(count: Count) -> str:
    given = count.given / (count.given + count.none)
    if given < LEAST_GIVEN:
        return "not given"
    return f"{count.share:.1%}".replace("%", " %") + (
        f" ({given:.0%} given)".replace("%", " %") if given < 0.995 else ""
    )


def write(text: str) -> None:
    """Puts the table between its marks on the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(_BEGIN)
    _, after = rest.split(_END)
    PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    jobs = [(name, n) for name in asked.cases for n in asked.sizes]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        counts = pool.map(measure, *zip(*jobs, strict=True), [asked.samples] * len(jobs))
        found = {}
        for (name, n), count in zip(jobs, counts, strict=True):
            found[name, n] = count
            print(f"{name} {n}: {_cell(count)}", flush=True)
    if asked.write:
        write(table(found))


if __name__ == "__main__":
    main()
