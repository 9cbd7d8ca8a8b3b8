"""The parameters of the full formula, measured from order lines and from records of marketing and costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib.frames import Roles, polars_of
from leverkit._lib.inputs import repr_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by, table_of
from leverkit._lib.roles import DatedRoles, DateLike, Unpack
from leverkit._lib.text import t, told
from leverkit.errors import DataError, ParameterError, SchemaError
from leverkit.ledger import engine_of, iso
from leverkit.profit._scenario import Scenario
from leverkit.reading import frames

__all__ = ["Measurement", "measure"]

Period = Literal["day", "week", "month", "quarter", "year"]

_COUNTS = ("contacts", "responses", "leads", "qualified")
_COSTS = ("order_cost", "service_cost", "fixed_cost", "tax")
_BOOKS = (*_COUNTS, "spend", *_COSTS)


class Measurement(Result):
    """The 22 parameters by period, and by segment if requested.

    Attributes
    ----------
    values : frame
        One row per period (and segment) and parameter: period_start, period_end, complete (the lines cover the whole period, and before it as many
        days as the limit day looks back), value with lower and upper 95 % limit (null for counts and totals, which are known, and where a single customer tells),
        n (what it was divided by), source ("lines", "books" or "assumed").
    periods : frame
        One row per period (and segment): customers with an order, new ones, orders, revenue (money, net of returns).
    missing : frame
        One row per parameter that could not be measured: assumed (the value used instead, which keeps revenue exact) and needed (what would measure
        it).
    spreads : frame
        One row per period (and segment), uncertain parameter and number of its distribution: kind, number, value; `uncertainty` puts them together.
    pairs : frame
        One row per period (and segment) and pair of parameters that the same customers tell: first, second, correlation.
    limit_day : int
        Days of silence after which a customer is dormant.
    """

    values: Frame
    periods: Frame
    missing: Frame
    spreads: Frame
    pairs: Frame
    limit_day: int

    def at(self, period: DateLike = None, *, segment: str | None = None) -> dict[str, float]:
        """The parameters of one period, ready for the formula: the period that starts on this day, by default the last complete one.

        The dict remembers how sure each value is, and the kind of frame that the ledger was made of: the formula's results come in it.

        Raises
        ------
        ParameterError
            There is no such period or segment; the message lists those that exist.
        """
        rows = self._rows(period, segment)
        limits = rows.drop_nulls(["lower", "upper"]).select("parameter", "lower", "upper").iter_rows()
        return Scenario.of(
            rows.select("parameter", "value").iter_rows(),
            self._to_native,
            limits={name: (lower, upper) for name, lower, upper in limits},
            uncertainty=self.uncertainty(period, segment=segment),
            correlations=self.correlations(period, segment=segment),
        )

    def uncertainty(self, period: DateLike = None, *, segment: str | None = None) -> dict[str, dict[str, Any]]:
        """How unsure one period's parameters are, for `Formula.simulate` and `Formula.lift_table`: beta distributions of shares, lognormal ones of amounts.

        Raises
        ------
        ParameterError
            As `at`.
        """
        rows = self._of_period("spreads", period, segment).select("parameter", "kind", "number", "value")
        found: dict[str, dict[str, Any]] = {}
        for parameter, kind, number, value in rows.iter_rows():
            found.setdefault(parameter, {"kind": kind})[number] = value
        return found

    def correlations(self, period: DateLike = None, *, segment: str | None = None) -> dict[tuple[str, str], float]:
        """How the uncertain parameters of one period move together, as the same customers tell them, for `Formula.simulate` and `Formula.lift_table`.

        Raises
        ------
        ParameterError
            As `at`.
        """
        rows = self._of_period("pairs", period, segment).select("first", "second", "correlation")
        return {(first, second): correlation for first, second, correlation in rows.iter_rows()}

    def _of_period(self, name: str, period: DateLike, segment: str | None) -> pl.DataFrame:
        """The rows of a table that belong to one period, and segment."""
        own = self._rows(period, segment).select("period_start", *self._by()).unique()
        return self._tables[name].join(own, on=own.columns, how="semi", nulls_equal=True)

    def _by(self) -> list[str]:
        return [] if self.params["by"] is None else [self.params["by"]]

    def _rows(self, period: DateLike, segment: str | None) -> pl.DataFrame:
        rows = self._tables["values"]
        by = self.params["by"]
        if by is not None:
            known = rows[by].unique(maintain_order=True).to_list()
            if segment not in known:
                raise ParameterError(
                    f"segment: got {repr_of(segment)}; expected one of {', '.join(known)}", parameter="segment"
                )
            rows = rows.filter(pl.col(by) == segment)
        elif segment is not None:
            raise ParameterError(
                f"segment: got {repr_of(segment)}; expected none: it was measured as a whole", parameter="segment"
            )
        starts = rows["period_start"].cast(pl.String)
        complete = starts.filter(rows["complete"])
        start = iso("period", period) or str((complete if len(complete) else starts)[-1])
        found = rows.filter(starts == start)
        if not found.height:
            raise ParameterError(
                f"period: got {start}; expected the first day of a period from {starts.to_list()[0]} to {starts.to_list()[-1]}",
                parameter="period",
            )
        return found

    @drawn_by("measured.trend")
    def plot(self, kind: Literal["trend"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: measured parameters over time with their limits ("trend")."""

    def _headline(self) -> str:
        periods = self._tables["periods"]
        return t(
            "The profit formula measured over {periods} {periods:period|periods} ({period}); dormant after {days} {days:day|days}; {missing} of 22 parameters need more data",
            periods=periods["period_start"].n_unique(),
            period=told(self.params["period"]),
            days=self.limit_day,
            missing=self._tables["missing"]["parameter"].n_unique(),
        )


def measure(
    ledger: Any,
    *,
    leads: Any = None,
    spend: Any = None,
    costs: Any = None,
    period: Period = "month",
    by: str | None = None,
    limit_day: int | None = None,
    replicates: int = 1000,
    seed: int = 1,
    **roles: Unpack[DatedRoles],
) -> Measurement:
    """Measures the full formula's parameters by period. The formula with measured values reproduces the period's revenue.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords.
    leads : frame, optional
        Counts by day: ``date`` and any of ``contacts``, ``responses``, ``leads``, ``qualified``. Rows add up.
    spend : frame, optional
        Marketing spend by day: ``date``, ``amount`` and, if known, ``contacts``.
    costs : frame, optional
        Other costs by day: ``date``, ``item`` ("order_cost", "service_cost", "fixed_cost" or "tax") and ``amount``.
    period : {"day", "week", "month", "quarter", "year"}
        The calendar period.
    by : str, optional
        A dimension of the ledger: measures each of its values separately. Tables with a column of this name are split by it; others are left out, and
        their parameters are listed in `missing`.
    limit_day : int, optional
        Days of silence after which a customer is dormant; by default that of `leverkit.rfm.limit_day`. If the data cannot tell it, it is the day by
        which nine in ten gaps between orders have ended, which a note reports.
    replicates, seed : int
        Replicates and seed of the bootstrap over customers for the limits.

    Returns
    -------
    Measurement
        Tables ``values`` (group, period_start, period_end, complete, parameter, value, lower, upper, n, source); ``periods`` (group, period_start,
        period_end, complete, customers, new, orders, revenue); ``missing`` (group, parameter, assumed, needed); ``spreads``
        (group, period_start, parameter, kind, number, value); ``pairs`` (group, period_start, first, second, correlation). Values ``limit_day``.

    Raises
    ------
    SchemaError
        A table lacks a column.
    DataError
        A table holds a null or a negative number, or text that is not a date; the message names the row.
    ParameterError
        A stage has fewer counts than the stage after it, or the limit day is out of range.

    Examples
    --------
    >>> import leverkit as lk
    >>> company = lk.datasets.company(months=9)
    >>> found = lk.profit.measure(company.ledger(), leads=company.leads, spend=company.spend, costs=company.costs, limit_day=90)
    >>> abs(lk.profit.Formula.full().evaluate(found.at())["revenue"] - found.periods.filter("complete")["revenue"][-1]) < 1e-6
    True
    """
    inner, to_native = engine_of(ledger, roles)
    days, note = _engine.dormant_after(inner) if limit_day is None else (limit_day, None)
    notes = [] if note is None else [note]
    books = books_of(leads, spend, costs, by, notes)
    options: dict[str, Any] = {"period": period, "limit_day": days, "replicates": replicates, "seed": seed}
    found: _engine.Measurement | _engine.MeasuredSegments
    if by is None:
        found = _engine.measure_formula(inner, books=entries(books), **options)
    else:
        found = _engine.measure_segments(inner, by=by, books=entries(books, by), **options)
    periods = table_of(found, "periods")
    if not periods["complete"].any():
        notes.append(
            f"No {period} is held whole by the lines with {days} days before it: base and dormant customers are counted short."
        )
    # Value by value: the threads of polars, which a filter would need, do not survive a fork.
    known = zip(periods["period_start"], periods["orders"], periods["revenue"], strict=True)
    empty = [start for start, orders, revenue in known if orders == 0 and revenue not in (0, None)]
    notes += [f"{start}: refunds without a sale, which no values of the formula give back." for start in empty]
    return Measurement(found, to_native, {**options, "by": by}, notes, limit_day=days)


def books_of(leads: Any, spend: Any, costs: Any, by: str | None, notes: list[str]) -> pl.DataFrame:
    """All books in one table: a day, the segment where they have it, and a column for each kind of count and money."""
    parts = []
    if leads is not None:
        frame = _table("leads", leads, ["date"], notes)
        counts = [name for name in _COUNTS if name in frame.columns]
        if not counts:
            raise SchemaError(f"leads: no column of {', '.join(_COUNTS)}; there are {', '.join(frame.columns)}")
        parts.append(frame.select("date", *_segment(frame, by), *counts))
    if spend is not None:
        frame = _table("spend", spend, ["date", "amount"], notes)
        contacts = [name for name in ("contacts",) if name in frame.columns]
        if contacts and parts and "contacts" in parts[0].columns:
            raise SchemaError("spend: contacts stand in the leads table too; leave them in one of both")
        parts.append(frame.select("date", *_segment(frame, by), *contacts, spend="amount"))
    if costs is not None:
        frame = _table("costs", costs, ["date", "item", "amount"], notes)
        unknown = frame.filter(~pl.col("item").is_in(_COSTS))["item"]
        if len(unknown):
            raise DataError(f"costs: unknown item {unknown[0]!r}; expected one of {', '.join(_COSTS)}")
        items = [pl.when(pl.col("item") == name).then("amount").alias(name) for name in _COSTS]
        parts.append(frame.select("date", *_segment(frame, by), *items))
    if not parts:
        return pl.DataFrame(schema={"date": pl.Date})
    if by is not None:
        parts = [part for part in parts if by in part.columns] or [parts[0].clear()]
    return pl.concat(parts, how="diagonal_relaxed")


def _segment(frame: pl.DataFrame, by: str | None) -> Sequence[pl.Expr]:
    return [pl.col(by).cast(pl.String)] if by is not None and by in frame.columns else []


def _table(name: str, data: Any, needed: Sequence[str], notes: list[str]) -> pl.DataFrame:
    """A table of the books with its dates as dates and its numbers as numbers; nulls are errors."""
    frame = given = polars_of(data, Roles(number=[*_COUNTS, "amount"], time=["date"]))
    for column in needed:
        if column not in frame.columns:
            raise SchemaError(f"{name}: no column {column!r}; there are {', '.join(frame.columns)}")
    frame, form = _dated(name, frame, notes)
    frame = frame.with_columns(pl.col("date").cast(pl.Date, strict=False))
    numbers = [column for column in (*_COUNTS, "amount") if column in frame.columns]
    frame = frame.with_columns(pl.col(numbers).cast(pl.Float64, strict=False))
    for column in ["date", *numbers]:
        nulls = frame[column].is_null() if column == "date" else frame[column].is_null() | frame[column].is_nan()
        if nulls.any():
            row = nulls.to_list().index(True)
            got, kind = given[column][row], form if column == "date" else "a number"
            raise DataError(f"{name}: column {column!r} holds {got!r} in row {row}; expected {kind}")
    return frame


def _dated(name: str, frame: pl.DataFrame, notes: list[str]) -> tuple[pl.DataFrame, str]:
    """The table with dates of text read by the one format that they have, null where one is not; and what each should be."""
    if frame["date"].dtype != pl.String:
        return frame, "a date"
    try:
        reader = frames.reader(frame.lazy(), "date", "time", None)
    except DataError as error:
        raise DataError(f"{name}: {error}", column="date", row=error.row, got=error.got) from None
    if reader is None:
        return frame.with_columns(date=pl.lit(None, pl.Date)), "an ISO date"
    notes.extend([f"{name}: date read {reader.how}."] if reader.how else [])
    expected = reader.expected if reader.how else "an ISO date"
    return frame.with_columns(reader.expr(pl.col("date"))), expected


def entries(books: pl.DataFrame, by: str | None = None) -> list[dict[str, Any]]:
    """The books by day, and by segment where they have it, as the engine takes them."""
    if books.is_empty():
        return []
    books = books.with_columns(segment=pl.col(by) if by in books.columns else pl.lit(None, pl.String))
    known = [name for name in _BOOKS if name in books.columns]
    sums = [pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in known]
    rows = books.group_by("date", "segment").agg(sums).sort("date", "segment")
    return rows.select("segment", *known, day=pl.col("date").cast(pl.String)).to_dicts()
