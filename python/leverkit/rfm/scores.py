"""Scores: recency, frequency and monetary value of every customer, their cut points and segments; and clusters of customers by such measures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib.inputs import names, pairs, repr_of, texts
from leverkit._lib.paths import text_in
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.roles import DateLike, LineRoles, Unpack
from leverkit._lib.sql import Dialect, Lines, Returns
from leverkit._lib.text import day, mark, t, told, written
from leverkit._lib.writing import write_text
from leverkit.errors import ParameterError
from leverkit.ledger import engine_of, iso
from leverkit.rfm._sql import scores_query

__all__ = [
    "CustomerClusters",
    "ScoreModel",
    "Scores",
    "clusters",
    "load",
    "score",
]

Method = Literal["quantile", "nested", "thresholds", "equal_width", "kmeans", "rank"]
Monetary = Literal["total", "average_check"]
ClusterMeasure = Literal["recency", "frequency", "monetary", "average_check", "orders_per_year", "tenure", "products"]

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
    drift : frame or None
        Of `apply`: whether the customers have drifted from those of the cut points. One row per measure: customers_before, customers, psi (population stability
        index) and psi_by_chance (exceeded once in a hundred where nothing has changed), chi_squared, df and p_value of equal shares, verdict: "stable" (psi
        below 0.1), "moderate" (0.1 and more), "major" (0.25 and more: make the cut points anew) or "unclear" (too few customers to tell).
    drift_bins : frame or None
        One row per measure and score (bin): lower, upper (null if they differ from group to group), share_before, customers, share.
    rule : str
        How the scores were made, in a sentence.
    """

    customers: Frame
    cuts: Frame
    segments: Frame
    drift: Frame | None
    drift_bins: Frame | None
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
        """Scores another ledger, or a later one, with these cut points, and says whether its customers have drifted from those of the cut points.

        Returns
        -------
        Scores
            Tables ``customers`` (customer, recency, frequency, monetary, average_check, orders_per_year, tenure, lines, products, first_order,
            last_order, r, f, m, rfm, rfm_weighted, segment); ``cuts`` (measure, within, score, lower, upper, includes, minimum, maximum, customers);
            ``segments`` (segment, customers, share_customers, revenue, share_revenue, average_check, median_recency, orders, action); ``drift``
            (measure, customers_before, customers, psi, psi_by_chance, chi_squared, df, p_value, verdict); ``drift_bins`` (measure, bin, lower, upper,
            share_before, customers, share). Values ``rule``.

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
        returns: Returns = "net",
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
        kind: Literal["treemap", "heatmap", "distributions", "drift"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: "treemap" of segments (default), "heatmap" of R×F, "distributions" with the cut points, or the "drift" of customers from those of the cut points."""

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
            ``segments`` (segment, customers, share_customers, revenue, share_revenue, average_check, median_recency, orders, action); ``drift``
            (measure, customers_before, customers, psi, psi_by_chance, chi_squared, df, p_value, verdict); ``drift_bins`` (measure, bin, lower, upper,
            share_before, customers, share). Values ``rule``.
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
        returns: Returns = "net",
    ) -> str:
        """The query that scores a table of order lines with the saved cut points; see `Scores.to_sql`.

        Returns
        -------
        str
            A query with one row per customer: customer, recency, frequency, monetary, r, f, m, segment.
        """
        columns = {"customer": customer, "time": time, "amount": amount, "order": order, "quantity": quantity}
        lines = Lines(table, columns, iso("as_of", as_of), returns)
        return scores_query(json.loads(self._inner.to_json()), lines, dialect)

    def save(self, path: str | Path) -> None:
        """Writes parameters and cut points as JSON."""
        write_text(path, self._inner.to_json())

    def __repr__(self) -> str:
        return f"ScoreModel({self.params['method']}, bins={self.params['bins']})"


class CustomerClusters(Result):
    """Clusters of customers by behaviour, and what speaks for their number.

    Attributes
    ----------
    table : frame
        One row per cluster, the largest first: cluster (its number), name (what is distinct about its customers), customers, share_customers, revenue (money), share_revenue, the
        medians of recency (days), frequency (orders), monetary (money), average_check (money), orders_per_year, tenure (days) and products (distinct; null if
        the ledger knows none), stability (how surely it is found again: the mean overlap with the most similar cluster of other samples, 0 to 1).
    customers : frame
        One row per customer with an order: customer, cluster, name.
    fits : frame
        One row per number of clusters: k, explained (share of the spread that lies between clusters), gap with gap_error (how much closer customers are than
        without clusters), stability (agreement of other samples, 0 to 1), chosen.
    """

    table: Frame
    customers: Frame
    fits: Frame

    _first = (
        "name",
        "customers",
        "share_customers",
        "revenue",
        "share_revenue",
        "recency",
        "frequency",
        "average_check",
    )

    @drawn_by("scores.clusters")
    def plot(
        self, kind: Literal["shares", "number"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: "shares" of customers and revenue by cluster (default), or the stability of each "number" of clusters."""

    def _headline(self) -> str:
        rows = self._tables["table"]
        if rows.height == 1:
            return t(
                "One group of {n:,} {n:customer|customers}: no clusters that chance would not have",
                n=rows["customers"][0],
            )
        return t(
            "{k} {k:cluster|clusters} of {n:,} {n:customer|customers}",
            k=rows.height,
            n=self._tables["customers"].height,
        )


def clusters(
    ledger: Any,
    *,
    as_of: DateLike = None,
    measures: Sequence[ClusterMeasure] = ("recency", "frequency", "average_check"),
    number: int | None = None,
    most: int = 8,
    replicates: int = 20,
    seed: int = 1,
    **roles: Unpack[LineRoles],
) -> CustomerClusters:
    """Groups customers by what they do, without rules, by k-means. How many groups there are is judged by their stability, and may be one.

    Measures are compared by the logarithms of their ratio to the median, in standard deviations: money in any unit gives the same clusters.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords.
    as_of : date or ISO str, optional
        The day from which to look back, by default the ledger's; lines after it are left out.
    measures : list of str
        By which customers are alike: of "recency", "frequency", "monetary", "average_check", "orders_per_year", "tenure" and "products".
    number : int, optional
        How many clusters, 1 to 20. By default the number that is found again most surely in other samples (agreement of 0.8 or more), if its customers are closer to
        each other than without clusters; otherwise one.
    most : int
        The largest number that is judged, 1 to 20.
    replicates : int
        Samples by which each number is judged, of at most 2,000 customers.
    seed : int
        Of samples and starts.

    Returns
    -------
    CustomerClusters
        Tables ``table`` (cluster, name, customers, share_customers, revenue, share_revenue, recency, frequency, monetary, average_check,
        orders_per_year, tenure, products, stability); ``customers`` (customer, cluster, name); ``fits`` (k, explained, gap, gap_error, stability, chosen).

    Raises
    ------
    ParameterError
        A parameter is out of its range, a measure is unknown or given twice, or "products" of a ledger without them.
    DataError
        No customer has an order up to `as_of`.

    Examples
    --------
    >>> import leverkit as lk
    >>> found = lk.rfm.clusters(lk.datasets.company(months=6).ledger(), number=2)
    >>> found.table.select("name", "customers").rows()
    [('recent, frequent', 464), ('long silent, seldom', 373)]
    """
    inner, to_native = engine_of(ledger, roles)
    params: dict[str, Any] = {
        "as_of": iso("as_of", as_of),
        "measures": names(measures),
        "number": number,
        "most": most,
        "replicates": replicates,
        "seed": seed,
    }
    found = _engine.clusters(inner, **params)
    return CustomerClusters(found, to_native, {**params, "as_of": found.as_of})


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
    params |= {"thresholds": thresholds, "as_of": scores.as_of}
    return Scores(scores, to_native, params, without=("drift", "drift_bins"))


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
    ['Scored as of 2024-08-01 with cut points of 2024-07-01.', 'The customers have not drifted.']
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
