"""The page on counts: what travels for each analysis that is counted in parts, how many bytes, and whether they grow with the lines."""

from __future__ import annotations

from typing import Any

import polars as pl

import leverkit as lk
from leverkit._counts import ANALYSES, COLUMNS, Analysis

#: Each order's lines come so many times, to see what a further line costs.
TIMES = 3
#: Parameters of those that read other rows than lines; here these are the lines, as events of a customer.
OF_ROWS: dict[str, dict[str, Any]] = {
    "funnel.stages": {"entity": "customer", "time": "day", "stage": "product", "stages": ["tea", "mug"]},
    "funnel.journey": {"entity": "customer", "time": "day", "event": "product"},
    "funnel.attribution": {"entity": "customer", "time": "day", "channel": "channel", "conversion": "product"},
    "funnel.quantities": {"entity": "customer", "levels": ["quantity", "amount"]},
    "effect.did": {"unit": "customer", "period": "day", "outcome": "amount", "first_treated": "order"},
    "effect.liability": {"date": "day", "earned": "amount", "redeemed": "quantity"},
}
Row = tuple[str, str, float, float, float]


def page(_rounds: int, _lines: int) -> str:
    """Counts and writes the page; sizes do not vary from run to run."""
    lines = company().lines
    rows = table(lines)
    customers = lines["customer"].n_unique()
    body = "\n".join(
        f"| `{name}` | {what} | {of_line:.1f} | {of_customer:.0f} | {further:.1f} |"
        for name, what, of_line, of_customer, further in rows
    )
    return f"""# Benchmarks: what counts weigh

Written by `make bench TOPIC=counts`: the bytes that `lk.counts` returns for each analysis, of the simulated company `lk.datasets.company(months=12)` with {lines.height:,} order lines of {customers:,} customers, all with its
defaults. *A further line* is what bytes grow by where each order has {TIMES} times as many lines: about 0 where they do not grow with the lines. Tables beside the lines, such as members and books, come on top.

| analysis | what travels | bytes per line | per customer | per further line |
|---|---|---:|---:|---:|
{body}

*Counts of its own* are sums by period, day or rung; beside them travel eight bytes for each customer, by which one in two parts is found, and which stay behind over Spark. *Customers by period* are a line for each customer and
period with its money and costs, and the day of each order; *days of orders* have no line, as long as no groups are asked for. *Lines* are coded and sorted; of *rows* the columns that parameters name travel as they came: here the company's lines stand for events.
Dimensions travel where a parameter names them.
"""


def company() -> lk.datasets.Company:
    """The company whose lines are counted."""
    return lk.datasets.company(months=12)


def table(lines: pl.DataFrame) -> list[Row]:
    """A row for each analysis: its name, what travels, bytes per line, per customer, and per further line."""
    often = pl.concat([lines] * TIMES)
    ledgers = [_ledger(each) for each in (lines, often)]
    found = []
    for name, asked in ANALYSES.items():
        parts = ledgers if asked.of_ledgers and name not in OF_ROWS else (lines, often)
        once, more = (len(lk.counts(name, part, **OF_ROWS.get(name, {}))) for part in parts)
        further = (more - once) / (often.height - lines.height)
        found.append((name, what_travels(asked), once / lines.height, once / lines["customer"].n_unique(), further))
    return found


def what_travels(asked: Analysis) -> str:
    """In words, what an analysis' counts are."""
    if asked.has_own:
        return "counts of its own"
    if asked.orders_alone:
        return "days of orders"
    if asked.adds_up:
        return "customers by period"
    if asked.of_rows:
        return "rows"
    more = COLUMNS if asked.everything else asked.reads
    always = ["day", "amount", *([] if asked.lines_alone else ["order"])]
    return "lines: " + ", ".join([*always, *(column for column in more if column != "order")])


def _ledger(lines: pl.DataFrame) -> lk.Ledger:
    return lk.Ledger(
        lines,
        customer="customer",
        time="day",
        amount="amount",
        order="order",
        product="product",
        quantity="quantity",
        list_price="list_price",
        unit_cost="unit_cost",
        dimensions=["channel"],
    )
