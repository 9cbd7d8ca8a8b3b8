"""Scores: recency, frequency and monetary value of every customer, their cut points and segments."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib.inputs import pairs, repr_of, texts
from leverkit._lib.paths import text_in
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.roles import DateLike, LineRoles, Unpack
from leverkit._lib.text import day, mark, t, told, written
from leverkit._lib.writing import write_text
from leverkit.errors import ParameterError
from leverkit.ledger import engine_of, iso
from leverkit.rfm._sql import Dialect, query

__all__ = [
    "ScoreModel",
    "Scores",
    "load",
    "score",
]

Method = Literal["quantile", "nested", "thresholds", "equal_width", "kmeans", "rank"]
Monetary = Literal["total", "average_check"]

_VALUES = {
    "recency": mark("{value} {value:day|days} since the last order"),
    "frequency": mark("{value} {value:order|orders}"),
    "monetary": mark("{value} spent"),
    "average_check": mark("{value} per order"),
}


class Scores(Result):
    """RFM scores of every customer, with everything that explains them.

    Attributes
    ----------
    customers : frame
        One row per customer, in the order of ids: customer, recency (days since the last order), frequency (orders), monetary (money),
        average_check, orders_per_year, tenure (days since the first order), lines, products (distinct), first_order, last_order,
        r, f, m (1 worst, 5 best; null for customers who only have returns), rfm (such as "543"), rfm_weighted, segment.
    cuts : frame
        One row per measure and score: bounds, which of them belongs to the bin, the observed values and the number of customers.
    segments : frame
        One row per segment: customers, revenue, shares, average check, median recency, orders, and what to do first.
    rule : str
        How the scores were made, in a sentence.
    """

    customers: Frame
    cuts: Frame
    segments: Frame
    rule: str

    _first = ("segment", "customers", "share_customers", "revenue", "share_revenue", "median_recency", "action")

    def explain(self, customer: Any) -> str:
        """Why a customer has these scores, in words.

        Raises
        ------
        ParameterError
            There is no such customer.
        """
        # Looked up by the engine: the threads of polars, which a filter would need, do not survive a fork.
        customers = self._tables["customers"]
        place = _engine.row_of(customers, "customer", texts([customer])[0])
        if place is None:
            expected = f"one of {len(customers):,} customers"
            raise ParameterError(f"customer: got {repr_of(customer)}; expected {expected}", parameter="customer")
        row = {name: customers[name][place] for name in customers.columns}
        if row["r"] is None:
            return t("{customer}: no scores, because there are returns but no order.", customer=customer)
        parts = [self._explain_score(row, measure) for measure in ("recency", "frequency", "monetary")]
        return t(
            "{customer} is in {segment}: {parts}.",
            customer=customer,
            segment=told(row["segment"]),
            parts="; ".join(parts),
        )

    def _explain_score(self, row: dict[str, Any], measure: str) -> str:
        score = row[measure[0]]
        group = f"r={row['r']}" if measure == "frequency" else f"r={row['r']}, f={row['f']}"
        table = self._tables["cuts"]
        own = zip(table["measure"], table["score"], table["within"], table["minimum"], table["maximum"], strict=True)
        cuts = [bounds for of, cut, within, *bounds in own if (of, cut) == (measure, score) and within in (None, group)]
        is_average = measure == "monetary" and self.params["monetary"] == "average_check"
        value = t(_VALUES["average_check" if is_average else measure], value=_number(row[measure]))
        low, high = map(_number, cuts[0]) if cuts else ("?", "?")
        span = low if low == high else f"{low}–{high}"
        return t(
            "{letter}={score} because {value} lies in {span}",
            letter=measure[0].upper(),
            score=str(score),
            value=value,
            span=span,
        )

    def apply(self, ledger: Any, as_of: DateLike = None, **roles: Unpack[LineRoles]) -> Scores:
        """Scores another ledger, or a later one, with these cut points.

        Returns
        -------
        Scores
            Tables ``customers`` (customer, recency, frequency, monetary, average_check, orders_per_year, tenure, lines, products, first_order,
            last_order, r, f, m, rfm, rfm_weighted, segment); ``cuts`` (measure, within, score, lower, upper, includes, minimum, maximum, customers);
            ``segments`` (segment, customers, share_customers, revenue, share_revenue, average_check, median_recency, orders, action). Values
            ``rule``.

        Raises
        ------
        ParameterError
            For ``method="rank"``: ranks have no meaning for other customers.
        """
        return _apply(self._engine.model, ledger, as_of, roles, self.params)

    def save(self, path: str | Path) -> None:
        """Writes parameters and cut points as JSON; `load` reads them."""
        write_text(path, self._engine.model.to_json())

    def to_sql(
        self,
        table: str,
        *,
        customer: str,
        time: str,
        amount: str,
        order: str | None = None,
        quantity: str | None = None,
        dialect: Dialect = "duckdb",
        as_of: DateLike = None,
        returns: Literal["net", "keep"] = "net",
    ) -> str:
        """The query that scores a table of order lines with these cut points in the warehouse: the same scores and segments as `apply`, without moving the lines.

        Parameters
        ----------
        table
            The table's name, also with its schema, such as "sales.order_lines"; names are written as they are stored (Snowflake: in capitals, unless they were quoted).
        customer, time, amount, order, quantity
            Its columns, as in `leverkit.Ledger`. A time's day is that of the warehouse: pass a column or a view in the zone of your days.
        dialect
            The warehouse: "bigquery", "databricks", "duckdb", "mysql", "postgres", "redshift", "snowflake", "spark", "sqlite" or "trino". Equality is tested on DuckDB,
            PostgreSQL and SQLite; sqlglot translates to the others.
        as_of : date or ISO str, optional
            The day from which to look back, by default the day after the table's last line; lines after it are left out.
        returns
            What lines below 0 do, as in `leverkit.Ledger`: they lower monetary value without being orders ("net"), or are lines like any other ("keep").

        Returns
        -------
        str
            A query with one row per customer: customer, recency (days), frequency (orders), monetary (money), r, f, m (null for customers with returns alone), segment.

        Raises
        ------
        ImportError
            sqlglot is not installed: ``pip install "leverkit[sql]"``.
        ParameterError
            An unknown dialect, or scores by ``method="rank"``, which have no cut points.

        Examples
        --------
        >>> import leverkit as lk
        >>> scores = lk.rfm.score(lk.datasets.shop(), customer="client", time="ordered_at", amount="paid")
        >>> sql = scores.to_sql("order_lines", customer="client", time="ordered_at", amount="paid", dialect="postgres")
        >>> sql.splitlines()[0]
        'WITH leverkit_rows AS ('
        """
        return ScoreModel(self._engine.model).to_sql(
            table,
            customer=customer,
            time=time,
            amount=amount,
            order=order,
            quantity=quantity,
            dialect=dialect,
            as_of=as_of,
            returns=returns,
        )

    @drawn_by("scores.plot")
    def plot(
        self,
        kind: Literal["treemap", "heatmap", "distributions"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: "treemap" of segments (default), "heatmap" of R×F, or "distributions" with the cut points."""

    def _headline(self) -> str:
        customers = self._tables["customers"].height
        return t(
            "RFM scores of {customers:,} {customers:customer|customers} as of {as_of}",
            customers=customers,
            as_of=day(self.params["as_of"]),
        )

    def _preview(self) -> pl.DataFrame:
        return self._tables["segments"]

    def _view(self) -> str:
        return super()._view() + f"<p>{escape(told(self.rule))}</p>"


class ScoreModel:
    """Saved parameters and cut points, to score customers the same way; see `load`."""

    def __init__(self, engine: _engine.ScoreModel) -> None:
        self._inner = engine

    @property
    def params(self) -> dict[str, Any]:
        """The parameters that the cut points were made with."""
        params: dict[str, Any] = json.loads(self._inner.to_json())["params"]
        return params

    def apply(self, ledger: Any, as_of: DateLike = None, **roles: Unpack[LineRoles]) -> Scores:
        """Scores a ledger with the saved cut points; see `Scores.apply`.

        Returns
        -------
        Scores
            Tables ``customers`` (customer, recency, frequency, monetary, average_check, orders_per_year, tenure, lines, products, first_order,
            last_order, r, f, m, rfm, rfm_weighted, segment); ``cuts`` (measure, within, score, lower, upper, includes, minimum, maximum, customers);
            ``segments`` (segment, customers, share_customers, revenue, share_revenue, average_check, median_recency, orders, action). Values
            ``rule``.
        """
        return _apply(self._inner, ledger, as_of, roles, self.params)

    def to_sql(
        self,
        table: str,
        *,
        customer: str,
        time: str,
        amount: str,
        order: str | None = None,
        quantity: str | None = None,
        dialect: Dialect = "duckdb",
        as_of: DateLike = None,
        returns: Literal["net", "keep"] = "net",
    ) -> str:
        """The query that scores a table of order lines with the saved cut points; see `Scores.to_sql`.

        Returns
        -------
        str
            A query with one row per customer: customer, recency, frequency, monetary, r, f, m, segment.
        """
        columns = {"customer": customer, "time": time, "amount": amount, "order": order, "quantity": quantity}
        return query(json.loads(self._inner.to_json()), table, dialect, columns, iso("as_of", as_of), returns)

    def save(self, path: str | Path) -> None:
        """Writes parameters and cut points as JSON."""
        write_text(path, self._inner.to_json())

    def __repr__(self) -> str:
        return f"ScoreModel({self.params['method']}, bins={self.params['bins']})"


def score(
    ledger: Any,
    *,
    as_of: DateLike = None,
    bins: int | Sequence[int] = 5,
    method: Method = "quantile",
    monetary: Monetary = "total",
    thresholds: Mapping[str, Sequence[float]] | None = None,
    segments: Mapping[str, Any] | str | Path | None = None,
    weights: Sequence[float] = (1, 1, 1),
    **roles: Unpack[LineRoles],
) -> Scores:
    """Scores the recency, frequency and monetary value of every customer and assigns each customer to a segment.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords (``customer=…, time=…, amount=…``).
    as_of : date or ISO str, optional
        The day from which to look back, by default the ledger's; lines after it are left out.
    bins : int or three ints
        Number of scores, 2 to 10, for all measures, or for recency, frequency and monetary separately.
    method : {"quantile", "nested", "thresholds", "equal_width", "kmeans", "rank"}
        How values become scores; `Scores.rule` explains it in words. All methods except "rank" give equal values equal scores.
    monetary : {"total", "average_check"}
        Money of all lines net of returns, or that divided by the number of orders.
    thresholds : dict, optional
        With ``method="thresholds"``: ascending cut points for "recency", "frequency" and "monetary". A recency up to and including a cut point gets
        the better score; so does a frequency or monetary value at or above a cut point.
    segments : dict or path, optional
        A segment map to replace the usual eleven segments: a TOML or JSON file, or a dict of the same shape.
    weights : three numbers
        Weights of R, F and M in `rfm_weighted`, their weighted mean.

    Returns
    -------
    Scores
        Tables ``customers`` (customer, recency, frequency, monetary, average_check, orders_per_year, tenure, lines, products, first_order,
        last_order, r, f, m, rfm, rfm_weighted, segment); ``cuts`` (measure, within, score, lower, upper, includes, minimum, maximum, customers);
        ``segments`` (segment, customers, share_customers, revenue, share_revenue, average_check, median_recency, orders, action). Values
        ``rule``.

    Raises
    ------
    ParameterError
        A parameter is out of its range, or a segment map leaves out a combination of scores or covers it twice.
    DataError
        No customer has an order up to `as_of`.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({"client": ["ann", "bob", "ann"], "date": ["2024-01-05", "2024-01-06", "2024-02-01"], "paid": [20.0, 15.0, 30.0]})
    >>> scores = lk.rfm.score(lines, customer="client", time="date", amount="paid", bins=2)
    >>> scores.customers["rfm"].to_list()
    ['222', '111']
    >>> scores.explain("ann")
    'ann is in Champions: R=2 because 1 day since the last order lies in 1; F=2 because 2 orders lies in 2; M=2 because 50 spent lies in 50.'
    """
    engine, to_native = engine_of(ledger, roles)
    each = [bins] * 3 if isinstance(bins, int) else list(bins)
    if len(each) != 3 or not all(hasattr(count, "__index__") for count in each):
        raise ParameterError(f"bins: got {repr_of(bins)}; expected a number, or three: (5, 5, 3)", parameter="bins")
    params: dict[str, Any] = {
        "as_of": iso("as_of", as_of),
        "bins": each,
        "method": method,
        "monetary": monetary,
        "weights": list(weights),
    }
    scores = _engine.score(
        engine,
        **params,
        thresholds=None if thresholds is None else {name: list(cuts) for name, cuts in pairs("thresholds", thresholds)},
        segments=_segments(segments),
    )
    return Scores(scores, to_native, {**params, "thresholds": thresholds, "as_of": scores.as_of})


def load(path: str | Path) -> ScoreModel:
    """Reads parameters and cut points that `Scores.save` wrote.

    Raises
    ------
    DataError
        The file holds no score model.

    Examples
    --------
    >>> import leverkit as lk, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "norms.json"
    >>> lk.rfm.score(lk.datasets.company(months=6).ledger(), bins=3).save(path)
    >>> lk.rfm.load(path).apply(lk.datasets.company(months=7).ledger()).notes
    ['Scored as of 2024-08-01 with cut points of 2024-07-01.']
    """
    return ScoreModel(_engine.ScoreModel.from_json(text_in(path)))


def _apply(
    model: _engine.ScoreModel, ledger: Any, as_of: DateLike, roles: Mapping[str, Any], params: Mapping[str, Any]
) -> Scores:
    engine, to_native = engine_of(ledger, roles)
    found = model.apply(engine, as_of=iso("as_of", as_of))
    return Scores(found, to_native, {**params, "as_of": found.as_of})


def _segments(segments: Mapping[str, Any] | str | Path | None) -> str | None:
    """A map of segments as text, TOML or JSON: the engine reads both."""
    if segments is None or isinstance(segments, Mapping):
        return None if segments is None else json.dumps(segments)
    return text_in(segments)


def _number(value: float | None) -> str:
    if value is None:
        return "?"
    return written(f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}", value)
