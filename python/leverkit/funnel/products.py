"""The product funnel: the ladder of repeat purchases, entry products, next products, roles, baskets and sequences.

The engine computes; this module names things and converts frames and dates. `product` can be any level: build the ledger with the column, or use
``ledger.with_product("category")``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import from_engine
from leverkit._lib.inputs import repr_of, texts
from leverkit._lib.result import Figure, Frame, Result, drawn_by, table_of
from leverkit._lib.roles import ChainRoles, DatedRoles, DateLike, Unpack
from leverkit._lib.sql import Dialect, Lines, Returns
from leverkit._lib.text import t, told
from leverkit.errors import ParameterError
from leverkit.funnel._sql import due_query
from leverkit.ledger import engine_of, iso

__all__ = [
    "BasketRules",
    "EntryProducts",
    "Ladder",
    "NextProducts",
    "ProductRoles",
    "Sequences",
    "basket_rules",
    "entry_products",
    "ladder",
    "next_products",
    "roles",
    "sequences",
]


class Ladder(Result):
    """From order to order, allowing for customers who are still new.

    Attributes
    ----------
    table : frame
        One row per group and step: order (reached; the step leads to the next), customers, returned (seen to place the next), conversion with
        lower and upper limit (share who place the next within the horizon, by Kaplan and Meier with Greenwood's limits), naive_conversion
        (returned within it ÷ customers) and naive_median_days (of those who returned) for comparison, median_days (null if fewer than half return),
        average_check and average_margin (money of this order), revenue_lost (money of those who do not place the next), followed (share of customers
        observed through the horizon), reason (why a conversion is missing or rests on few customers).
    curves : frame
        One row per group, step and day: at_risk, returned, censored, survival (share not yet back) with std_error, lower and upper.
    """

    table: Frame
    curves: Frame

    _first = ("group", "order", "customers", "conversion", "lower", "upper", "median_days", "average_check")
    _bars = ("conversion",)

    @drawn_by("products.ladder")
    def plot(
        self, kind: Literal["ladder", "curves"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "ladder" of conversions (default), or "curves" of the days to the next order."""

    def _headline(self) -> str:
        return t(
            "The ladder of repeat purchases: who orders again within {days} {days:day|days}",
            days=self.params["horizon"],
        )


class EntryProducts(Result):
    """What customers buy first, and how they develop.

    Attributes
    ----------
    table : frame
        One row per product of first orders, most customers first: customers, share, conversion (share with a second order within the horizon)
        with lower and upper, shrunk (the same, pulled towards the average, the more the fewer customers the product has), difference from customers
        who entered without it, with limits, p_value, q_value (Benjamini & Hochberg), verdict ("builds base", "burns traffic" or
        "unclear"), median_days to the second order, followed (customers observed through the horizon) with their revenue and margin within it (money
        per customer, including the first order).
    steps : frame
        One row per product, order (2 or 3) and horizon (days since the first order): conversion, lower, upper.
    horizon : int
        Days of the comparison: the longest horizon through which half of the customers could be followed.
    conversion : float or None
        Share of all customers with a second order within it.
    """

    table: Frame
    steps: Frame
    horizon: int
    conversion: float | None

    _first = ("product", "customers", "share", "conversion", "lower", "upper", "verdict", "revenue")
    _bars = ("conversion",)

    @drawn_by("products.entry_products")
    def plot(self, kind: Literal["scatter"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: conversion against customers with value as colour ("scatter")."""

    def _headline(self) -> str:
        verdicts = self._tables["table"]["verdict"]
        return t(
            "{build} entry {build:product builds|products build} a base, {burn} {burn:burns|burn} traffic: second orders within {days} {days:day|days}",
            build=verdicts.eq("builds base").sum(),
            burn=verdicts.eq("burns traffic").sum(),
            days=self.horizon,
        )


class NextProducts(Result):
    """What follows each product, and when.

    Attributes
    ----------
    table : frame
        One row per product and next product, the most probable first (of equals that with more orders, then by name): count (orders whose next one within
        the horizon held it), conversion (count ÷ orders with the product), probability with lower and upper limit (of being what comes next: an order with several products is divided
        among them, and orders that are still open are allowed for), lift, median_days, revenue (money). With ``order=2`` also before, a product of
        the second-last order.
    states : frame
        One row per product: n (orders with it), returned, and the shares nothing (no order within the horizon), repeat (the same product
        again) and unknown; together with the probabilities in the table they add up to one.
    last_table, last_states : frame or None
        With ``order=2``, the same for the last product alone, whatever came before it: each order counts once.
    """

    table: Frame
    states: Frame
    last_table: Frame | None
    last_states: Frame | None
    _ledger: _engine.Ledger

    @classmethod
    def _make(cls, engine: Any, name: str) -> pl.DataFrame:
        of_last = name.startswith("last_")
        return table_of(engine.last if of_last else engine, name.removeprefix("last_"))

    def recommend(self, customers: Iterable[Any] | None = None, k: int = 5, *, exclude_owned: bool = False) -> Any:
        """The `k` best next products of each customer: customer, rank, next, probability, because (the product that contributes most), last_order,
        due
        (last order + median days), expected_revenue (money).

        Parameters
        ----------
        customers : iterable, optional
            Ids of customers; all by default.
        k : int
            How many for each.
        exclude_owned : bool
            Leaves out what the customer has bought before.

        Raises
        ------
        ParameterError
            A customer is not in the ledger, or `k` is less than 1.
        """
        names = None if customers is None else texts(customers)
        return self._to_native(
            from_engine(self._engine.recommend(self._ledger, names, k=k, exclude_owned=exclude_owned))
        )

    def due(self, date: DateLike, *, days: int = 7, exclude_owned: bool = False) -> Any:
        """Customers whose best next product falls due within `days` days from `date`, most expected money first; columns as in `recommend`.

        Raises
        ------
        ParameterError
            An invalid date, or days out of range.
        """
        engine = self._engine.due(self._ledger, iso("date", date) or "", days=days, exclude_owned=exclude_owned)
        return self._to_native(from_engine(engine))

    def to_sql(
        self,
        table: str,
        *,
        date: DateLike,
        days: int = 7,
        exclude_owned: bool = False,
        customer: str,
        time: str,
        amount: str,
        product: str,
        order: str | None = None,
        quantity: str | None = None,
        dialect: Dialect = "duckdb",
        returns: Returns = "net",
    ) -> str:
        """The query that lists in the warehouse whose best next product falls due, by the transitions found here: the same customers, products and days as `due`.

        Parameters
        ----------
        table
            The table's name, also with its schema, such as "sales.order_lines"; names are written as they are stored.
        date, days, exclude_owned
            As for `due`.
        customer, time, amount, product, order, quantity
            Columns of the table, as in `leverkit.Ledger`. Of two orders at the same moment the one with the larger id is the last.
        dialect
            The warehouse, as in `leverkit.rfm.Scores.to_sql`. Equality is tested on DuckDB, PostgreSQL and SQLite.
        returns
            What lines below 0 do, as in `leverkit.Ledger`: "net" or "keep".

        Returns
        -------
        str
            A query with one row per customer, most expected money first: customer, next, probability, because, last_order, due, expected_revenue (money).

        Raises
        ------
        ImportError
            sqlglot is not installed: ``pip install "leverkit[sql]"``.
        ParameterError
            An unknown dialect, an invalid date, days below 1, no transitions, or products that are neither text nor numbers.

        Examples
        --------
        >>> import leverkit as lk
        >>> roles = {"customer": "client", "time": "ordered_at", "amount": "paid", "product": "category"}
        >>> found = lk.funnel.next_products(lk.datasets.shop(), **roles)
        >>> found.to_sql("order_lines", date="2023-01-01", **roles, dialect="postgres").splitlines()[0]
        'WITH leverkit_rows AS ('
        """
        day = iso("date", date)
        if day is None:
            raise ParameterError("date: got None; expected the first day of the list", parameter="date")
        if not isinstance(days, int) or days < 1:
            raise ParameterError(f"days: got {repr_of(days)}; expected 1 or more", parameter="days")
        found = self._tables["table"]
        if found.is_empty():
            raise ParameterError("table: got no transition; expected customers who came back", parameter="table")
        columns = {
            "customer": customer,
            "time": time,
            "amount": amount,
            "order": order,
            "quantity": quantity,
            "product": product,
        }
        return due_query(
            found,
            self._tables["states"],
            Lines(table, columns, None, returns),
            dialect,
            day=day,
            length=days,
            exclude_owned=exclude_owned,
        )

    @drawn_by("products.next_products")
    def plot(
        self, kind: Literal["heatmap", "sankey"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: "heatmap" of the most bought products (default), or their "sankey"."""

    def _headline(self) -> str:
        return t("What comes next within {days} {days:day|days}", days=self.params["horizon"])


class ProductRoles(Result):
    """The role of each product.

    Attributes
    ----------
    table : frame
        One row per product, most bought first: count (orders), role, lift (share of the role's occasion over that of all products), price
        (money per unit), and the share of each occasion: entry, repeat, upsell, cross_sell, core.
    rules : frame
        One row per role: its share among all purchases and its rule in words.
    """

    table: Frame
    rules: Frame

    @drawn_by("products.roles")
    def plot(self, kind: Literal["bars"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: shares of occasions of the most bought products ("bars")."""

    def _headline(self) -> str:
        counts = self._tables["table"]["role"].value_counts(sort=True)
        return t(
            "Roles: {roles}", roles=", ".join(f"{n} {told(role.replace('_', '-'))}" for role, n in counts.iter_rows())
        )


class BasketRules(Result):
    """Products bought together more often than by chance.

    Attributes
    ----------
    table : frame
        One row per rule, largest margin first: antecedent, consequent, count (orders with both), expected (orders by chance), support,
        confidence, lift, leverage, conviction, zhang, p_value (Poisson, given the sizes of orders), q_value (Benjamini & Hochberg over all
        pairs), margin (money beyond chance; revenue if no unit costs are known).
    itemsets : frame
        Sets of products that reach `min_support`, if `max_size` asks for more than pairs: products, size, count, support.
    """

    table: Frame
    itemsets: Frame

    @drawn_by("products.basket_rules")
    def plot(
        self, kind: Literal["bars", "network"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the rules with most margin as "bars" (default), or as a "network"."""

    def _headline(self) -> str:
        rows = self._tables["table"].height
        return t(
            "{rows:,} {rows:rule|rules} out of {pairs:,} pairs in {orders:,} {orders:order|orders}; at most {share} of them by chance",
            rows=rows,
            pairs=self.params["tests"],
            orders=self.params["n_orders"],
            share=numbers.percent(self.params["fdr"]),
        )


class Sequences(Result):
    """Products bought one after the other.

    Attributes
    ----------
    table : frame
        One row per sequence, most frequent first: products (in time order, each in a later order), length, customers, support (share of customers),
        closed (no longer sequence that contains it has as many customers).
    """

    table: Frame

    @drawn_by("products.sequences")
    def plot(self, kind: Literal["bars"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: the most frequent sequences of two products and more ("bars")."""

    def _headline(self) -> str:
        table = self._tables["table"]
        least = self.params["min_support"] or min(table["support"].to_list(), default=0.0)
        return t(
            "{n:,} {n:sequence|sequences} of at least {share} of customers",
            n=table.height,
            share=numbers.percent(least),
        )


def ladder(
    ledger: Any,
    *,
    rungs: int = 10,
    horizon: int = 365,
    by: str | None = None,
    level: float = 0.95,
    **roles: Unpack[DatedRoles],
) -> Ladder:
    """Follows customers from the first order to the second, the third and so on. Every customer's last gap is still open, and is treated as such.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords.
    rungs : int
        How many steps to follow.
    horizon : int
        Days within which the next order counts.
    by : str, optional
        "entry_product" (the one with the most money in the first order), or a dimension, at the first order.
    level : float
        Of the limits.

    Returns
    -------
    Ladder
        Tables ``table`` (group, order, customers, returned, conversion, lower, upper, naive_conversion, median_days, naive_median_days,
        average_check, average_margin, revenue_lost, followed, reason); ``curves`` (group, order, day, at_risk, returned, censored, survival,
        std_error, lower, upper).

    Raises
    ------
    ParameterError
        Rungs or a horizon out of range, more than 1,000 groups, or no products although the groups need them.
    DataError
        No customer has an order.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({"c": [1, 1, 2, 3], "t": ["2024-01-01", "2024-01-11", "2024-01-01", "2024-03-01"], "a": [10, 20, 30, 40]})
    >>> found = lk.funnel.ladder(lines, customer="c", time="t", amount="a", horizon=30)
    >>> found.table.select("customers", "returned", "conversion", "naive_conversion").row(0)
    (3, 1, 0.5, 0.3333333333333333)
    """
    inner, to_native = engine_of(ledger, roles)
    params = {"rungs": rungs, "horizon": horizon, "by": by, "level": level}
    return Ladder(_engine.ladder(inner, rungs=rungs, horizon=horizon, by=by, level=level), to_native, params)


def entry_products(
    ledger: Any,
    *,
    horizons: Sequence[int] = (30, 60, 90, 365),
    min_customers: int = 20,
    fdr: float = 0.05,
    level: float = 0.95,
    **roles: Unpack[DatedRoles],
) -> EntryProducts:
    """Shows which first products build a base, and which burn traffic. Every product of a customer's first order counts.

    Parameters
    ----------
    ledger
        A `Ledger` with products, or order lines with the roles as keywords.
    horizons : sequence of int
        Days within which second and third orders count, in ascending order.
    min_customers : int
        Products with fewer customers are left out, and counted in the notes.
    fdr : float
        Share of false discoveries among the verdicts.
    level : float
        Of the limits.

    Returns
    -------
    EntryProducts
        Tables ``table`` (product, customers, share, conversion, lower, upper, shrunk, difference, difference_lower, difference_upper, p_value,
        q_value, verdict, median_days, followed, revenue, margin); ``steps`` (product, order, horizon, conversion, lower, upper). Values ``horizon``,
        ``conversion``.

    Raises
    ------
    ParameterError
        Horizons that do not ascend, or a ledger without products.
    DataError
        No customer has an order.

    Examples
    --------
    >>> import leverkit as lk
    >>> found = lk.funnel.entry_products(lk.datasets.company(months=6).ledger(), horizons=(30, 60))
    >>> found.table.select("product", "customers", "verdict").row(0)
    ('basic', 294, 'unclear')
    """
    inner, to_native = engine_of(ledger, roles)
    params = {"horizons": list(horizons), "min_customers": min_customers, "fdr": fdr, "level": level}
    engine = _engine.entry_products(inner, horizons=list(horizons), min_customers=min_customers, fdr=fdr, level=level)
    return EntryProducts(engine, to_native, params, conversion=engine.conversion and engine.conversion[0])


def next_products(
    ledger: Any,
    *,
    horizon: int = 90,
    order: Literal[1, 2] = 1,
    start: Literal["any", "first"] = "any",
    top: int | None = None,
    level: float = 0.95,
    **roles: Unpack[ChainRoles],
) -> NextProducts:
    """Goes from the products of one order to those of the next, as competing risks.

    Parameters
    ----------
    ledger
        A `Ledger` with products, or order lines with the roles as keywords.
    horizon : int
        Days within which the next order counts.
    order : {1, 2}
        How many past orders to use: the last one, or the last two (one product of each).
    start : {"any", "first"}
        From every order, or only from customers' first orders.
    top : int, optional
        How many next products to keep per product; all by default.
    level : float
        Of the limits.

    Returns
    -------
    NextProducts
        Tables ``table`` (product, next, count, conversion, probability, lower, upper, lift, median_days, revenue); ``states`` (product, n, returned,
        nothing, repeat, unknown, repeat_count, known).

    Raises
    ------
    ParameterError
        A parameter out of range, or a ledger without products.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({"c": [1, 1, 2, 2, 3], "t": ["2024-01-01", "2024-01-11", "2024-01-01", "2024-01-06", "2024-01-01"],
    ...     "a": [10.0] * 5, "p": ["tea", "cup", "tea", "tea", "tea"]})
    >>> found = lk.funnel.next_products(lines, customer="c", time="t", amount="a", product="p", horizon=10)
    >>> found.table.select("product", "next", "count", "median_days").rows()
    [('tea', 'cup', 1, 10.0)]
    """
    inner, to_native = engine_of(ledger, roles)
    params = {"horizon": horizon, "order": order, "start": start, "top": top, "level": level}
    engine = _engine.next_products(inner, horizon=horizon, order=order, start=start, top=top, level=level)
    without = ("last_table", "last_states") if engine.last is None else ()
    return NextProducts(engine, to_native, params, without=without, _ledger=inner)


def roles(
    ledger: Any, *, category: str | None = None, alpha: float = 0.001, **roles: Unpack[DatedRoles]
) -> ProductRoles:
    """Finds the role of each product: the occasion (first order, repeat, upsell, cross-sell) on which it is bought more often than other products, if
    any.

    Parameters
    ----------
    ledger
        A `Ledger` with products, or order lines with the roles as keywords.
    category : str, optional
        The dimension that holds each product's category; without it there is neither upsell nor cross-sell.
    alpha : float
        The p-value below which a product's many purchases on an occasion are not attributed to chance (exact binomial test).

    Returns
    -------
    ProductRoles
        Tables ``table`` (product, count, role, lift, price, entry, repeat, upsell, cross_sell, core); ``rules`` (role, share, rule).

    Raises
    ------
    ParameterError
        A ledger without products, or an `alpha` outside (0, 1).
    SchemaError
        The category is not a dimension.

    Examples
    --------
    >>> import leverkit as lk
    >>> found = lk.funnel.roles(lk.datasets.company(months=6).ledger())
    >>> found.table.select("product", "count", "role").row(0)
    ('basic', 1075, 'core')
    """
    inner, to_native = engine_of(ledger, roles)
    notes = (
        []
        if category
        else ["Without a category there is neither upsell nor cross-sell: name the dimension that holds it."]
    )
    engine = _engine.roles(inner, category=category, alpha=alpha)
    return ProductRoles(engine, to_native, {"category": category, "alpha": alpha}, notes)


def basket_rules(
    ledger: Any, *, fdr: float = 0.05, max_size: int = 2, min_support: float = 0.001, **roles: Unpack[DatedRoles]
) -> BasketRules:
    """Finds what is bought together: all pairs, judged by an exact test and a false discovery rate instead of a minimum support, most money first.

    Parameters
    ----------
    ledger
        A `Ledger` with products, or order lines with the roles as keywords.
    fdr : float
        Share of false discoveries among the rules; 1 returns every pair that was ever bought together.
    max_size : int
        The largest number of products in a rule. Sets of three and more with at least `min_support` are found by Eclat.
    min_support : float
        Share of orders that such sets must reach; it does not apply to pairs.

    Returns
    -------
    BasketRules
        Tables ``table`` (antecedent, consequent, count, expected, support, confidence, lift, leverage, conviction, zhang, p_value, q_value, margin);
        ``itemsets`` (products, size, count, support).

    Raises
    ------
    ParameterError
        A parameter out of range, or a ledger without products.
    DataError
        No order has a known product.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> orders = pl.DataFrame({"o": [o for o in range(40) for _ in (0, 1)], "p": ["cup", "tea"] * 20 + ["pen", "ink"] * 20})
    >>> lines = orders.with_columns(c=pl.col("o"), t=pl.lit("2024-01-01"), a=pl.lit(2.0))
    >>> found = lk.funnel.basket_rules(lines, customer="c", time="t", amount="a", product="p")
    >>> found.table.select("antecedent", "consequent", "count", "lift").row(0)
    ('cup', 'tea', 20, 2.0)
    """
    inner, to_native = engine_of(ledger, roles)
    params = {"fdr": fdr, "max_size": max_size, "min_support": min_support}
    found = _engine.basket_rules(inner, fdr=fdr, max_size=max_size, min_support=min_support)
    orders, tests = found.market
    return BasketRules(found, to_native, {**params, "n_orders": orders, "tests": tests})


def sequences(
    ledger: Any,
    *,
    min_support: float | None = None,
    max_length: int = 4,
    max_gap: int | None = None,
    **roles: Unpack[DatedRoles],
) -> Sequences:
    """Finds sequences across orders by PrefixSpan: products of one order, then of a later one, and so on.

    Parameters
    ----------
    ledger
        A `Ledger` with products, or order lines with the roles as keywords.
    min_support : float, optional
        Share of customers who must have the sequence. By default the 1,000 closed sequences that most customers have: those that no longer one with as many
        customers holds. A note says how many customers the last of them has.
    max_length : int
        The largest number of products in a sequence.
    max_gap : int, optional
        The largest number of days from one of its orders to the next.

    Returns
    -------
    Sequences
        Table ``table`` (products, length, customers, support, closed).

    Raises
    ------
    ParameterError
        A parameter out of range, or a ledger without products.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({"c": [1, 1, 2, 2, 3], "t": ["2024-01-01", "2024-01-11", "2024-01-01", "2024-01-06", "2024-01-01"],
    ...     "a": [10.0] * 5, "p": ["tea", "cup", "tea", "cup", "tea"]})
    >>> found = lk.funnel.sequences(lines, customer="c", time="t", amount="a", product="p", min_support=0.5)
    >>> found.table.select("products", "customers").rows()
    [(['tea'], 3), (['cup'], 2), (['tea', 'cup'], 2)]
    """
    inner, to_native = engine_of(ledger, roles)
    params = {"min_support": min_support, "max_length": max_length, "max_gap": max_gap}
    engine = _engine.sequences(inner, min_support=min_support, max_length=max_length, max_gap=max_gap)
    return Sequences(engine, to_native, params)
