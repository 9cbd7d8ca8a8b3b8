"""What changed: the last whole month, quarter or year of the lines against one before it, and what the change of revenue comes from."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.inputs import repr_of
from leverkit._lib.text import current, t
from leverkit.errors import DataError, ParameterError
from leverkit.profit import Formula
from leverkit.report.section import Column, Table

if TYPE_CHECKING:
    from leverkit.ledger import Ledger

#: Months of a period; of shorter ones the month is compared.
_MONTHS = {"quarter": 3, "year": 12}
_SPAN = re.compile(r"(\d{4})-(\d{2})\.\.(\d{4})-(\d{2})")
#: Lines may begin so many days late, or end so many days early, in a month that counts as whole: shops are closed on holidays.
_SLACK = dt.timedelta(days=3)
_FORMULA = "(known_customers + new_customers) * orders_per_customer * average_check"


@dataclass(frozen=True)
class Span:
    """Whole months, counted from year 0."""

    first: int
    length: int

    @property
    def start(self) -> dt.date:
        return _day(self.first)

    @property
    def end(self) -> dt.date:
        return _day(self.first + self.length) - dt.timedelta(days=1)

    @property
    def label(self) -> str:
        """As it is read: a month, or the first and the last."""
        first, last = (day.strftime(current().format["month"]) for day in (self.start, self.end))
        return first if self.length == 1 else t("{start} to {end}", start=first, end=last)


@dataclass(frozen=True)
class Changes:
    """What changed between two periods: a sentence, and a table of what it comes from."""

    now: str
    before: str
    sentence: str
    table: Table


def changes(ledger: Ledger, against: str, period: str = "month") -> Changes:
    """Compares the last whole months with those that `against` names.

    Raises
    ------
    ParameterError
        `against` is none of "previous", "year-ago" and a span of months such as "2024-01..2024-06".
    DataError
        The lines do not hold both periods.
    """
    now, before = _spans(ledger, against, _MONTHS.get(period, 1))
    values = [_values(ledger, span) for span in (before, now)]
    for span, found in zip((before, now), values, strict=True):
        if not found["orders"]:
            raise DataError(t("there are no orders in {period}", period=span.label))
    return Changes(now.label, before.label, _sentence(values, now, before), _table(values, now, before))


def _spans(ledger: Ledger, against: str, length: int) -> tuple[Span, Span]:
    """The period that is looked at, and the one before."""
    given = _SPAN.fullmatch(against)
    if given:
        first, last = _month(*map(int, given.groups()[:2])), _month(*map(int, given.groups()[2:]))
        length = last - first + 1
    if (given and length < 1) or (not given and against not in ("previous", "year-ago")):
        raise ParameterError(
            f'against: got {repr_of(against)}; expected "previous", "year-ago" or months such as "2024-01..2024-06"',
            parameter="against",
        )
    held = _held(ledger)
    now = Span(held.first + held.length - length, length)
    before = Span(first if given else now.first - (12 if against == "year-ago" else length), length)
    if before.first < held.first or now.first <= before.first:
        raise DataError(
            t(
                "{before} and {now} are compared, and whole months are there from {start} to {end}",
                before=before.label,
                now=now.label,
                start=Span(held.first, 1).label,
                end=Span(held.first + held.length - 1, 1).label,
            )
        )
    return now, before


def _held(ledger: Ledger) -> Span:
    """The months that the lines hold whole."""
    start, end = ledger.start or ledger.as_of, ledger.end or ledger.as_of
    first, last = _month(start.year, start.month), _month(end.year, end.month)
    first += start - _day(first) > _SLACK
    last -= Span(last, 1).end - end > _SLACK
    return Span(first, max(last - first + 1, 0))


def _month(year: int, month: int) -> int:
    return 12 * year + month - 1


def _day(month: int) -> dt.date:
    return dt.date(month // 12, month % 12 + 1, 1)


def _values(ledger: Ledger, span: Span) -> dict[str, float]:
    part = ledger.between(span.start, span.end)
    customers, orders, revenue = part.n_customers, part.n_orders, part.revenue
    known_until = ledger._inner.customers_until
    new = known_until(span.end.isoformat()) - known_until((span.start - dt.timedelta(days=1)).isoformat())
    return {
        "revenue": revenue,
        "customers": customers,
        "new_customers": new,
        "known_customers": customers - new,
        "orders": orders,
        "orders_per_customer": orders / max(customers, 1),
        "average_check": revenue / max(orders, 1),
    }


def _parts(values: list[dict[str, float]]) -> dict[str, float]:
    """The money by which each part changed the revenue; together they are the change."""
    formula = Formula.from_expressions({"revenue": _FORMULA})
    names = formula.parameters["parameter"].to_list()
    before, now = ({name: found[name] for name in names} for found in values)
    return dict(formula.attribute(before, now)._tables["table"].select("parameter", "part").iter_rows())


def _rows() -> dict[str, tuple[str, Any]]:
    """What is compared: how it is called, and written."""
    return {
        "revenue": (t("Revenue"), numbers.short_money),
        "known_customers": (t("Customers who had bought before"), numbers.count),
        "new_customers": (t("New customers"), numbers.count),
        "orders_per_customer": (t("Orders per customer"), lambda value: numbers.decimal(value, 2)),
        "average_check": (t("Average check"), numbers.money),
    }


def _table(values: list[dict[str, float]], now: Span, before: Span) -> Table:
    old, new = values
    parts = {"revenue": new["revenue"] - old["revenue"]} | _parts(values)
    rows = [
        {
            "what": label,
            "before": write(old[name]),
            "now": write(new[name]),
            "change": new[name] / old[name] - 1 if old[name] else None,
            "part": parts[name],
        }
        for name, (label, write) in _rows().items()
    ]
    schema = {"what": pl.String, "before": pl.String, "now": pl.String, "change": pl.Float64, "part": pl.Float64}
    columns = {
        "what": Column("", is_text=True),
        "before": Column(before.label),
        "now": Column(now.label),
        "change": Column(t("Change"), numbers.signed_percent),
        "part": Column(t("In money"), numbers.signed_money),
    }
    return Table("", pl.DataFrame(rows, schema=schema, orient="row"), columns)


def _sentence(values: list[dict[str, float]], now: Span, before: Span) -> str:
    old, new = (found["revenue"] for found in values)
    parts = sorted(_parts(values).items(), key=lambda part: -abs(part[1]))
    name, money = parts[0]
    told = t(
        "Revenue in {now} is {new}, after {old} in {before}: {change}.",
        now=now.label,
        new=numbers.short_money(new),
        old=numbers.short_money(old),
        before=before.label,
        change=numbers.signed_percent(new / old - 1) if old > 0 else numbers.signed_money(new - old),
    )
    if not money:
        return told
    return (
        told
        + " "
        + t(
            "The most comes from this: {what} ({money}).",
            what=_rows()[name][0].lower(),
            money=numbers.signed_money(money),
        )
    )
