"""The demo data in Russian: no English is left in a report, a headline, a note, an explanation or a figure, and numbers are written as Russian writes them.

What a page or a figure may hold in Latin letters are names: those of the data, of columns, and of leverkit's own code where code is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from html import unescape
from typing import Any

import polars as pl
import pytest
from results import MAKERS
from test_results import LATIN, RUSSIAN, sentences, written_in_english

import leverkit as lk
from leverkit._lib.text import told
from leverkit.cli.schema import METHODS

#: A number with the sign of English: a hyphen.
HYPHEN = re.compile(r"(?<![\w.-])-\d")
#: A day as data write it.
DAY = re.compile(r"\b\d{4}-\d\d(-\d\d)?\b")
#: What is no text: programs, styles, data and code; texts of figures are read from them.
UNREAD = re.compile(r"<(script|style|pre)\b.*?</\1>|<[^>]*>", re.DOTALL)
Made = tuple[lk.report.Report, str]
Make = Callable[[], Made]
LEVELS = ["recommended", "agreed", "performed"]
EVENTS = {"entity": "patient", "time": "time"}


@cache
def company() -> Any:
    return lk.datasets.company(months=24)


def shop() -> Made:
    made = company()
    books = {"leads": made.leads, "spend": made.spend, "costs": made.costs, "limit_day": 90}
    report = lk.report.build(
        made.ledger(), title="Магазин", currency="EUR", language="ru", limit_day={"horizon": 90}, profit=books
    )
    return report, names_of(made.lines, made.costs)


def planted() -> Made:
    levers = {"leaking_rep": 0.1, "fading_channel": 0.6, "pair": 0.5, "burning_entry": 0.5}
    made = lk.datasets.company(levers, customers=800, months=24)
    return lk.report.build(made.ledger(), language="ru"), names_of(made.lines)


def grocer() -> Made:
    """A tenth of the households, with their campaigns."""
    is_drawn = pl.col("household_id").cast(pl.Int64) % 10 == 0
    lines, sent = (frame.filter(is_drawn) for frame in (lk.datasets.complete_journey(), lk.datasets.campaign_journey()))
    who = {"entity": "household_id", "time": "time"}
    report = lk.report.build(
        lines,
        customer="household_id",
        time="transaction_timestamp",
        amount="sales_value",
        order="basket_id",
        product="product_id",
        quantity="quantity",
        discounts={"loyalty": "retail_disc", "match": "coupon_match_disc"},
        dimensions=["store_id", "department", "product_category"],
        language="ru",
        currency="USD",
        limit_day={"horizon": 30, "p": 0.5},
        funnel={"product": "product_category"},
        events=sent,
        stages={**who, "stage": "event", "stages": ["campaign", "coupon", "purchase"], "by": "campaign_type"},
        journey={**who, "event": "event", "channel": "campaign_type"},
    )
    return report, names_of(lines, sent)


def clinic() -> Made:
    made = lk.datasets.clinic(leads=1_500)
    done = made.plans.filter(pl.col("performed") > 0).with_columns(paid=pl.col("price") * pl.col("performed"))
    roles = {"customer": "patient", "time": "date", "amount": "paid", "product": "procedure", "quantity": "performed"}
    stages = ["touch", "consultation", "plan", "treatment"]
    levels = ["recommended", "agreed", "performed"]
    who = {"entity": "patient", "time": "time"}
    report = lk.report.build(
        lk.Ledger(done, dimensions=["doctor", "channel"], **roles),
        language="ru",
        events=made.events,
        stages={**who, "stage": "event", "stages": stages, "value": "value"},
        journey={**who, "event": "event", "channel": "channel"},
        quantities={"frame": made.plans, "entity": "patient", "levels": levels, "value": "price", "by": "doctor"},
    )
    return report, names_of(made.plans, made.events)


def manufacturer() -> Made:
    paid, promoted = (pl.col(name) * pl.col("quantity") for name in ("pocket_price", "promotion"))
    sold = lk.datasets.deals(n=4_000).deals.with_columns(paid=paid, promoted=promoted)
    report = lk.report.build(
        sold,
        customer="customer",
        time="date",
        amount="paid",
        product="product",
        quantity="quantity",
        list_price="list_price",
        unit_cost="unit_cost",
        discounts={"promotion": "promoted"},
        dimensions=["rep", "region", "group"],
        language="ru",
    )
    return report, names_of(sold)


def surveyed() -> Made:
    """Programmes and surveys have no demo data: theirs are made up, with Russian names."""
    kinds = {kind.__name__.lower(): kind for kind in MAKERS if kind.__module__.startswith("leverkit.survey")}
    kinds |= {"worth": lk.survey.SegmentWorth, "met_needs": lk.survey.MetNeeds}
    with lk.language("ru"):
        found = {name: MAKERS[kinds[name]](RUSSIAN) for name in METHODS}
        members = MAKERS[lk.effect.Programme](RUSSIAN)
    report = lk.report.build(
        RUSSIAN.ledger, language="ru", limit_day={"horizon": 90}, answers=RUSSIAN.needs, survey=found, members=members
    )
    return report, ""


REPORTS = (shop, planted, grocer, clinic, manufacturer, surveyed)
every_report = pytest.mark.parametrize("make", REPORTS, ids=lambda make: make.__name__)


def names_of(*frames: pl.DataFrame) -> str:
    """All texts of the data and the names of their columns, one a line."""
    cells = [str(cell) for frame in frames for column in frame.select(pl.col(pl.String)) for cell in column.unique()]
    return "\n".join([*cells, *(column for frame in frames for column in frame.columns)])


def read(html: str) -> list[str]:
    """The texts of a page as they are read."""
    return [line.strip() for line in unescape(UNREAD.sub("\n", html)).splitlines() if line.strip()]


def drawn(report: lk.report.Report) -> Iterator[str]:
    """The texts of its figures."""
    for section in report.sections:
        for figure in section.figures:
            yield from sentences(json.loads(figure.figure.to_json()))


def english(texts: Iterable[str], names: str) -> list[str]:
    """The texts with three Latin words in a row that are no name of the data, whole or shortened."""
    return [text for text in texts if any(part not in names for run in LATIN.findall(text) for part in run.split(", "))]


def written_wrongly(texts: Iterable[str], names: str) -> list[str]:
    return [
        text for text in texts if text not in names and (written_in_english(text) or HYPHEN.search(DAY.sub("", text)))
    ]


@every_report
def test_no_english_sentence_and_no_english_number_is_left(make: Make) -> None:
    report, names = make()
    page = report.html.replace(f"leverkit {lk.__version__}", "leverkit")
    texts = [*read(page), *read(report._repr_html_()), *report.markdown.splitlines(), *drawn(report)]
    assert not english(texts, names)
    assert not written_wrongly(texts, names)


def test_scores_are_explained_in_russian() -> None:
    ledger = company().ledger()
    with lk.language("ru"):
        scores = lk.rfm.score(ledger)
        texts = [scores.explain(customer) for customer in scores.customers["customer"].head(20)]
    assert all("клиент" in text or "потому что" in text for text in texts)
    assert not english(texts, "")
    assert not written_wrongly(texts, "")


def results_of_prices() -> Iterator[Any]:
    """What the demo data without a report are for."""
    prices = lk.datasets.price_war(weeks=60, products=20)
    seen = {"product": "product", "seller": "seller", "price": "price", "date": "date"}
    yield lk.pricing.position(prices, own="north", revenue="revenue", **seen)
    yield lk.pricing.leadership(prices, **seen)
    chosen = lk.datasets.choices(respondents=100).choices
    answers = {"situation": "task", "alternative": "option", "chosen": "chosen", "respondent": "respondent"}
    yield lk.pricing.conjoint(chosen, attributes=["brand", "storage"], price="price", draws=100, **answers)


def test_results_on_competitors_and_choices_are_russian() -> None:
    for found in results_of_prices():
        with lk.language("ru"):
            texts = [found._headline(), *map(told, found.notes), *read(found._repr_html_())]
            for kind in type(found).plot.kinds:
                texts += sentences(json.loads(found.plot(kind).to_json()))
        assert not english(texts, "")
        assert not written_wrongly(texts, "")
