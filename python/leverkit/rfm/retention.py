"""Keeping customers: the limit day, norms of loyal customers, triggers, migration between segments, cohorts and tenure.

The engine computes; this module names things and converts frames and dates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.inputs import repr_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.roles import DatedRoles, DateLike, LineRoles, Unpack
from leverkit._lib.sql import Dialect, Lines, Returns
from leverkit._lib.text import day, t, told
from leverkit.errors import ParameterError
from leverkit.ledger import engine_of, iso
from leverkit.rfm._sql import limits_query

__all__ = [
    "Cohorts",
    "LimitDays",
    "Migration",
    "Norms",
    "Tenure",
    "Triggers",
    "cohorts",
    "limit_day",
    "migration",
    "norms",
    "tenure",
    "triggers",
]

Period = Literal["day", "week", "month", "quarter", "year"]


class LimitDays(Result):
    """How long customers may be silent before they become cold leads.

    Attributes
    ----------
    limits : frame
        One row per group: group, n (gaps between orders, the open ones included), returned (gaps that ended in an order), limit_day
        with lower and upper limit (days since the last order), horizon (days), mean_gap (days), gaps_for_half (number of gaps at which a customer's
        own rhythm has half of the weight), reason (why there is no limit day).
    customers : frame
        One row per customer: group, last_order, gaps, rhythm_days (days between orders, shrunk to the group's), limit_day,
        limit_date (the last day to call), days_left (from `as_of`; negative if past), return_chance (share, within the horizon).
    curve : frame
        One row per group and day: at_risk, returned, censored, survival (share not yet back) with std_error, lower and upper
        (Greenwood), return_chance within the horizon after that many silent days with chance_lower and chance_upper.
    horizon : int
        Days within which a return counts: as requested, or fewer if the data are too short, which a note reports.
    """

    limits: Frame
    customers: Frame
    curve: Frame
    horizon: int

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
        """The query that gives each customer's limit day in the warehouse, by the rhythm and the limit day estimated here: the list of `customers`, kept up to date without
        moving the lines. Cold leads are those with ``days_left < 0``.

        Parameters
        ----------
        table
            The table's name, also with its schema, such as "sales.order_lines"; names are written as they are stored.
        customer, time, amount, order, quantity
            Its columns, as in `leverkit.Ledger`.
        dialect
            The warehouse, as in `Scores.to_sql`. Equality is tested on DuckDB, PostgreSQL and SQLite.
        as_of : date or ISO str, optional
            The day from which to look back, by default the day after the table's last line; lines after it are left out.
        returns
            What lines below 0 do, as in `leverkit.Ledger`: "net" or "keep".

        Returns
        -------
        str
            A query with one row per customer with an order: customer, last_order, gaps, rhythm_days, limit_day (days), limit_date, days_left (negative if past).

        Raises
        ------
        ImportError
            sqlglot is not installed: ``pip install "leverkit[sql]"``.
        ParameterError
            An unknown dialect, or limit days by group: make those of all customers.

        Examples
        --------
        >>> import leverkit as lk
        >>> found = lk.rfm.limit_day(lk.datasets.shop(), customer="client", time="ordered_at", amount="paid")
        >>> sql = found.to_sql("order_lines", customer="client", time="ordered_at", amount="paid", dialect="postgres")
        >>> "days_left" in sql
        True
        """
        if self.params["by"] is not None:
            raise ParameterError(
                f"by: got {repr_of(self.params['by'])}; expected limit days of all customers, made without by",
                parameter="by",
            )
        columns = {"customer": customer, "time": time, "amount": amount, "order": order, "quantity": quantity}
        lines = Lines(table, columns, iso("as_of", as_of), returns)
        return limits_query(self._tables["limits"].row(0, named=True), lines, dialect)

    @drawn_by("retention.limit_day")
    def plot(
        self, kind: Literal["chance", "returns"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: "chance" of return by silent days with the limit day (default), or "returns", the return-time curve."""

    def _headline(self) -> str:
        return t(
            "Limit day: the chance of an order within {days} {days:day|days} falls under {share}",
            days=self.horizon,
            share=numbers.percent(self.params["p"]),
        )


class Norms(Result):
    """What keeps customers loyal: the values that best separate those who buy again from those who do not.

    Attributes
    ----------
    table : frame
        One row per measure (recency in days, orders_per_year, average_check in money, and all norms at once): direction, norm with
        lower and upper limit, youden (sensitivity + specificity − 1 in the windows that chose it), n and n_test (customers observed),
        share_above (of customers, within the norm), return_rate_above and return_rate_below (shares who bought again within and
        outside it), lift with its limits, reason (why there is no norm, or none with limits: these need 100 customers).
    windows : frame
        The days on which customers were observed: whether the window chose or tested the norms, customers, and how many returned.
    """

    table: Frame
    windows: Frame

    @drawn_by("retention.norms")
    def plot(self, kind: Literal["rates"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: how many return within each norm and outside it ("rates")."""

    def _headline(self) -> str:
        return t(
            "Norms: what separates customers who buy again within {days} {days:day|days}", days=self.params["horizon"]
        )


class Triggers(Result):
    """Whom to call in a range of days: those before their limit day first, then by the money that a call can save.

    Attributes
    ----------
    table : frame
        One row per customer: customer, date (the day to act), trigger ("limit_day": crosses their limit day in the range; "win_back":
        past it), segment, last_order, limit_date, value_at_risk (money of the year up to the last order), probability (share: not
        returning within the horizon), expected_loss (their product) and expected_value (what comes back by itself), money per year, saved (chance that a
        call saves who would be lost) and expected_saving (expected_loss · saved, money per year).
    """

    table: Frame

    @drawn_by("retention.triggers")
    def plot(
        self, kind: Literal["segments"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: expected loss by segment and trigger ("segments")."""

    def _headline(self) -> str:
        rows = self._tables["table"]
        crossing = rows.filter(pl.col("trigger") == "limit_day").height
        return t(
            "{crossing:,} {crossing:customer crosses|customers cross} their limit day from {start} to {end}, {past:,} {past:is|are} past it",
            crossing=crossing,
            start=day(self.params["start"]),
            end=day(self.params["end"]),
            past=rows.height - crossing,
        )


class Migration(Result):
    """How customers move between segments from date to date; each date has its own cut points.

    Attributes
    ----------
    flows : frame
        One row per flow: from_date, to_date, from_segment (null without an order by then), to_segment, customers, revenue (money
        after from_date, up to to_date), move ("new", "same", "up", "down" in the order of segments).
    moved_down : frame
        Customers who moved to a lower segment in the last step, best segment first: customer, from_segment, to_segment, revenue.
    segments : list of str
        All segments, best first.
    """

    flows: Frame
    moved_down: Frame
    segments: list[str]

    def matrix(self, *, share: bool = True) -> Any:
        """Transitions of all steps together: one row per earlier segment, one column per later segment.

        Parameters
        ----------
        share : bool
            Whether to return shares of the earlier segment's customers (each row adds up to 1) or their number.
        """
        return self._to_native(self._matrix(share))

    def _matrix(self, share: bool) -> pl.DataFrame:
        held = self._tables["flows"].drop_nulls("from_segment")
        cells = held.group_by("from_segment", "to_segment").agg(pl.col("customers").sum())
        if share:
            total = pl.col("customers").sum().over("from_segment")
            cells = cells.with_columns(customers=pl.col("customers") / total)
        wide = cells.pivot(on="to_segment", index="from_segment", values="customers", on_columns=self.segments)
        order = pl.col("from_segment").replace_strict(self.segments, range(len(self.segments)), return_dtype=pl.Int32)
        return wide.sort(order).fill_null(0)

    @drawn_by("retention.migration")
    def plot(
        self, kind: Literal["sankey", "matrix"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: "sankey" of the last step (default), or "matrix" of all steps together."""

    def _headline(self) -> str:
        dates = self.params["dates"]
        down = self._tables["moved_down"].height
        return t(
            "Migration over {dates} {dates:date|dates} to {last}: {down:,} {down:customer|customers} moved down in the last step",
            dates=len(dates),
            last=day(dates[-1]),
            down=down,
        )


class Cohorts(Result):
    """Customers by the period of their first order, followed period by period.

    Attributes
    ----------
    table : frame
        One row per cohort and period: cohort (first day of its period), period (number since then), cohort_size, customers (with an
        order), retention (share of the cohort) with retention_lower and retention_upper (Wilson), revenue (money),
        cumulative_revenue_per_customer (money), complete (whether the period is over).
    """

    table: Frame

    @drawn_by("retention.cohorts")
    def plot(
        self, kind: Literal["retention", "revenue"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly heat map: "retention" (default), or "revenue", cumulative per customer of the cohort."""

    def _headline(self) -> str:
        cohorts = self._tables["table"]["cohort"].n_unique()
        return t(
            "{cohorts} {cohorts:cohort|cohorts} by {period} of the first order",
            cohorts=cohorts,
            period=told(self.params["period"]),
        )


class Tenure(Result):
    """Customers by the time since their first order: what they brought, and how many of them still order.

    Attributes
    ----------
    table : frame
        One row per band, newest customers first: from_days and to_days (since the first order; null for the last band), customers, orders,
        orders_per_customer, revenue (money, net of returns), revenue_per_customer, active (customers with an order in the last `active_days`
        days), active_share (of the band) with active_lower and active_upper (Wilson); null without customers.
    without_order : int
        Customers who have returns but no order: they are in no band.
    """

    table: Frame
    without_order: int

    @drawn_by("retention.tenure")
    def plot(
        self, kind: Literal["active", "revenue"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the share of each band that is "active" (default), or "revenue" by band."""

    def _headline(self) -> str:
        table = self._tables["table"]
        return t(
            "{customers:,} {customers:customer|customers} by tenure, {active:,} of them with an order in the last {days} {days:day|days}",
            customers=table["customers"].sum(),
            active=table["active"].sum(),
            days=self.params["active_days"],
        )


def limit_day(
    ledger: Any,
    *,
    p: float = 0.10,
    horizon: int = 365,
    by: str | None = None,
    level: float = 0.95,
    as_of: DateLike = None,
    **roles: Unpack[LineRoles],
) -> LimitDays:
    """Estimates the limit day: how long a customer may be silent before becoming a cold lead.

    Gaps between orders, with the open last one right-censored, give the return-time curve S (Kaplan & Meier 1958). A customer who has been silent for
    d days returns within the horizon h with probability 1 − S(d + h)/S(d). The limit day is the first d where this probability is below `p`; its
    limits come from those of the probability, by Greenwood's variance. Customers' own limit days scale with their rhythm, shrunk towards the group's
    (Bühlmann & Straub 1970).

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords (``customer=…, time=…, amount=…``).
    p : float
        The probability of return (share) below which a customer is a cold lead.
    horizon : int
        Days within which a return counts; at most half of the days in the data are used.
    by : str, optional
        One limit day per "segment" (as it was one horizon ago), "entry_product" (the one with the most money in the first order), or value of a
        dimension (at the order that begins the gap).
    level : float
        Confidence level of the limits.
    as_of : date or ISO str, optional
        The day from which to look back, by default the ledger's; nothing after it is used.

    Returns
    -------
    LimitDays
        Tables ``limits`` (group, n, returned, limit_day, lower, upper, horizon, mean_gap, gaps_for_half, reason); ``customers`` (customer, group,
        last_order, gaps, rhythm_days, limit_day, limit_date, days_left, return_chance); ``curve`` (group, day, at_risk, returned, censored,
        survival, std_error, lower, upper, return_chance, chance_lower, chance_upper). Values ``horizon``.

    Raises
    ------
    ParameterError
        A parameter is out of its range.
    SchemaError
        There is no such dimension.
    DataError
        There is no order up to `as_of`.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({
    ...     "client": [1, 1, 1, 2, 3, 4],
    ...     "date": ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-02", "2024-01-03", "2024-03-01"],
    ...     "paid": [1, 1, 1, 1, 1, 1],
    ... })
    >>> found = lk.rfm.limit_day(lines, customer="client", time="date", amount="paid", horizon=20)
    >>> found.limits["limit_day"].to_list()
    [7]
    """
    engine, to_native = engine_of(ledger, roles)
    params: dict[str, Any] = {"p": p, "horizon": horizon, "by": by, "level": level}
    found = _engine.limit_day(engine, **params, as_of=iso("as_of", as_of))
    return LimitDays(found, to_native, {**params, "as_of": found.as_of})


def norms(
    ledger: Any,
    *,
    horizon: int = 90,
    level: float = 0.95,
    seed: int = 1,
    as_of: DateLike = None,
    **roles: Unpack[LineRoles],
) -> Norms:
    """Finds the recency, orders per year and average check that best separate customers who buy again from those who do not.

    Customers are observed as they were on up to five past days, one horizon apart, and followed for one horizon. All windows except the last choose
    each norm by the largest sensitivity + specificity − 1 (Youden 1950); the last one tests it. A norm whose lift is not above 1 in the test is
    withdrawn, with the reason.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords.
    horizon : int
        Days within which a customer must buy again to count as kept.
    level : float
        Confidence level of the limits.
    seed : int
        Seed of the bootstrap over customers for the limits of norm and lift.
    as_of : date or ISO str, optional
        The day from which to look back, by default the ledger's; nothing after it is used.

    Returns
    -------
    Norms
        Tables ``table`` (measure, direction, norm, lower, upper, youden, n, n_test, share_above, return_rate_above, return_rate_below, lift,
        lift_lower, lift_upper, reason); ``windows`` (date, use, customers, returned, return_rate).

    Raises
    ------
    ParameterError
        A parameter is out of its range.
    DataError
        There is no line up to `as_of`.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({"client": [1, 1, 2], "date": ["2024-01-01", "2024-01-05", "2024-01-02"], "paid": [1, 2, 3]})
    >>> lk.rfm.norms(lines, customer="client", time="date", amount="paid").table["reason"][0]
    'the data span 4 days; a norm takes at least 180 for a horizon of 90'
    """
    engine, to_native = engine_of(ledger, roles)
    params: dict[str, Any] = {"horizon": horizon, "level": level, "seed": seed, "as_of": iso("as_of", as_of)}
    return Norms(_engine.norms(engine, **params), to_native, params)


def triggers(
    ledger: Any,
    *,
    start: DateLike = None,
    end: DateLike = None,
    p: float = 0.10,
    horizon: int = 365,
    kept: float = 0.10,
    won_back: float = 0.03,
    **roles: Unpack[DatedRoles],
) -> Triggers:
    """Lists who crosses their limit day in a range of days, and who is past it, in order of the money that a call can save.

    The list is what is known on the eve of `start`: nothing later is used, whatever the ledger holds. If `start` lies beyond the ledger's days, whoever orders
    in between is still on the list, and a note says so. What a call saves nobody knows before it is tried: `kept`
    and `won_back` are assumed, less for customers whose chance of return has fallen under `p`, in proportion, and none for those who never return.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords.
    start : date or ISO str, optional
        The first day, by default the ledger's `as_of`.
    end : date or ISO str, optional
        The last day, by default six days after the first: a week.
    p, horizon
        As for `limit_day`.
    kept, won_back
        Shares of those who would be lost that a call saves: before the limit day, and after it.

    Returns
    -------
    Triggers
        Table ``table`` (customer, date, trigger, segment, last_order, limit_date, value_at_risk, probability, expected_loss, expected_value, saved,
        expected_saving).

    Raises
    ------
    ParameterError
        `end` is before `start`, or a parameter is out of its range.
    DataError
        There is no order before `start`.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({
    ...     "client": [1, 1, 1, 2, 3, 4],
    ...     "date": ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-02", "2024-01-03", "2024-03-01"],
    ...     "paid": [1, 1, 1, 1, 1, 1],
    ... })
    >>> calls = lk.rfm.triggers(lines, customer="client", time="date", amount="paid", horizon=20)
    >>> calls.table.sort("customer")["trigger"].to_list()
    ['win_back', 'win_back', 'win_back', 'limit_day']
    """
    engine, to_native = engine_of(ledger, roles)
    shares = {"kept": kept, "won_back": won_back}
    params: dict[str, Any] = {
        "start": iso("start", start),
        "end": iso("end", end),
        "p": p,
        "horizon": horizon,
        **shares,
    }
    found = _engine.triggers(engine, **params)
    known = {"start": found.start, "end": found.end, "horizon": found.horizon}
    return Triggers(found, to_native, {**params, **known})


def migration(
    ledger: Any,
    *,
    dates: Sequence[DateLike] | None = None,
    every: str = "1mo",
    bins: int = 5,
    **roles: Unpack[DatedRoles],
) -> Migration:
    """Scores customers at several dates and counts who moved between segments, in one pass over the lines.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords.
    dates : sequence of dates or ISO str, optional
        The dates; each is scored as ``score(ledger, as_of=date)`` would.
    every : str
        If `dates` is not given: the step back from the ledger's `as_of` to its first order, such as "1w", "1mo", "1q".
    bins : int
        Number of scores of each measure, 2 to 10, by quantiles.

    Returns
    -------
    Migration
        Tables ``flows`` (from_date, to_date, from_segment, to_segment, customers, revenue, move); ``moved_down`` (customer, from_segment, to_segment,
        revenue). Values ``segments``.

    Raises
    ------
    ParameterError
        There are fewer than two dates, or a parameter is out of its range.
    DataError
        A date is before the first order.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({"client": [1, 1, 2], "date": ["2024-01-05", "2024-02-05", "2024-01-31"], "paid": [10, 20, 30]})
    >>> moved = lk.rfm.migration(lines, customer="client", time="date", amount="paid", dates=["2024-01-31", "2024-02-06"], bins=2)
    >>> moved.flows["customers"].sum()
    2
    """
    engine, to_native = engine_of(ledger, roles)
    days = None if dates is None else [day for day in (iso("dates", date) for date in dates) if day is not None]
    params: dict[str, Any] = {"dates": days, "every": every, "bins": [bins] * 3}
    found = _engine.migration(engine, **params)
    return Migration(found, to_native, {**params, "dates": found.dates})


def cohorts(
    ledger: Any, *, period: Period = "month", level: float = 0.95, as_of: DateLike = None, **roles: Unpack[LineRoles]
) -> Cohorts:
    """Follows customers by the period of their first order: how many order again in each later period, and for how much.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods; weeks begin on Monday.
    level : float
        Confidence level of retention's limits (Wilson 1927).
    as_of : date or ISO str, optional
        The day from which to look back, by default the ledger's; nothing after it is used.

    Returns
    -------
    Cohorts
        Table ``table`` (cohort, period, cohort_size, customers, retention, retention_lower, retention_upper, revenue,
        cumulative_revenue_per_customer, complete).

    Raises
    ------
    ParameterError
        A parameter is out of its range, or there are more than 800 periods.
    DataError
        There is no order up to `as_of`.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({"client": [1, 1, 2], "date": ["2024-01-05", "2024-02-05", "2024-01-31"], "paid": [10, 20, 30]})
    >>> lk.rfm.cohorts(lines, customer="client", time="date", amount="paid").table["retention"].to_list()
    [1.0, 0.5]
    """
    engine, to_native = engine_of(ledger, roles)
    params: dict[str, Any] = {"period": period, "level": level, "as_of": iso("as_of", as_of)}
    return Cohorts(_engine.cohorts(engine, **params), to_native, params)


def tenure(
    ledger: Any,
    *,
    bands: Sequence[int] = (90, 180, 365, 730),
    active_days: int = 90,
    level: float = 0.95,
    as_of: DateLike = None,
    **roles: Unpack[LineRoles],
) -> Tenure:
    """Shows how long customers have been with the company, what each band of tenure brought, and what share of it still orders.

    Tenure is the number of days from a customer's first order in the data to the last day seen; a customer who ordered before the data begin
    has been with the company for longer than shown.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords (``customer=…, time=…, amount=…``).
    bands : sequence of int
        Days since the first order at which the second and each later band begins, ascending.
    active_days : int
        A customer with an order in so many last days is active.
    level : float
        Confidence level of the active share's limits (Wilson 1927).
    as_of : date or ISO str, optional
        The day from which to look back, by default the ledger's; nothing after it is used.

    Returns
    -------
    Tenure
        Table ``table`` (from_days, to_days, customers, orders, orders_per_customer, revenue, revenue_per_customer, active, active_share,
        active_lower, active_upper). Values ``without_order``.

    Raises
    ------
    ParameterError
        A parameter is out of its range.
    DataError
        There is no line up to `as_of`.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({"client": [1, 1, 2], "date": ["2023-01-05", "2024-01-05", "2024-01-31"], "paid": [10, 20, 30]})
    >>> found = lk.rfm.tenure(lines, customer="client", time="date", amount="paid", bands=[365])
    >>> found.table.select("from_days", "to_days", "customers", "revenue").rows()
    [(0, 364, 1, 30.0), (365, None, 1, 30.0)]
    """
    engine, to_native = engine_of(ledger, roles)
    params: dict[str, Any] = {"bands": list(bands), "active_days": active_days, "level": level}
    params["as_of"] = iso("as_of", as_of)
    return Tenure(_engine.tenure(engine, **params), to_native, params)
