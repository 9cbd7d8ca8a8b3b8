"""Pricing against competitors: price indices and gaps, the value map, hedonic regression, and who follows whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, kind_of, only, through
from leverkit._lib.inputs import Columns, at_least, finite, names, pairs, text_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t

__all__ = ["Hedonic", "Leadership", "Position", "ValueMap", "hedonic", "leadership", "position", "value_map"]


class Position(Result):
    """Own prices compared with those of competitors.

    Attributes
    ----------
    table : frame
        One row per date, competitor (null for the geometric mean of all) and scope: items ("all" or "key"), prices ("all" or "regular"), matched
        (products that both sell), own_products, index (100 × geometric mean of own price over theirs) with lower and upper, weighted_index (by own revenue) with limits,
        all_products_index (matched or not), median_gap (own over theirs minus 1), cheaper, equal, dearer (shares of the matched products).
    products : frame
        One row per date and product: own (price), competitors, lowest, median, highest (their prices), gap_to_lowest, gap_to_median, rank (1 is the cheapest),
        key_item, promotion.
    rank : tuple of int
        Own rank over all matched products on the last date (1 is the cheapest), and the number of sellers.
    """

    table: Frame
    products: Frame
    rank: tuple[int, int]

    @drawn_by("competitors.position")
    def plot(
        self, kind: Literal["index", "gaps"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "index" by competitor, over time if there are dates (default), or the "gaps" of products."""

    def _headline(self) -> str:
        place, sellers = self.rank
        return t(
            "{own} is number {place} of {sellers} from the cheapest",
            own=self.params["own"],
            place=place,
            sellers=sellers,
        )


def position(
    prices: Any,
    *,
    product: str,
    seller: str,
    price: str,
    own: Any,
    date: str | None = None,
    store: str | None = None,
    revenue: str | None = None,
    key_item: str | None = None,
    promotion: str | None = None,
    level: float = 0.95,
) -> Position:
    """Compares own prices with those of each competitor and of all together: index, gap, rank, shares of cheaper and more expensive products.

    Indices are geometric means of price ratios (Jevons), so that theirs over ours is the reciprocal of ours over theirs.

    Parameters
    ----------
    prices
        A frame with one row per price.
    product, seller, price : str
        Columns with the product, the seller and the price (money).
    own
        Your own name among the sellers.
    date, store : str, optional
        Columns with the day of the price, and with the store within which prices are compared.
    revenue : str, optional
        Column with the money of own sales, used to weight products.
    key_item, promotion : str, optional
        Columns that are true for key-value items, and for promotion prices: the result then also has indices of key items and of regular prices.
    level : float
        Confidence level.

    Returns
    -------
    Position
        Tables ``table`` (date, competitor, items, prices, matched, own_products, index, lower, upper, weighted_index, weighted_lower, weighted_upper,
        all_products_index, median_gap, cheaper, equal, dearer); ``products`` (date, product, own, competitors, lowest, median, highest,
        gap_to_lowest, gap_to_median, rank, key_item, promotion). Values ``rank``.

    Raises
    ------
    ParameterError
        `own` is not among the sellers.
    DataError
        No row has a positive price.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> prices = pl.DataFrame({"sku": ["a", "a", "b", "b"], "shop": ["us", "them"] * 2, "price": [9.0, 10.0, 22.0, 20.0]})
    >>> found = lk.pricing.position(prices, product="sku", seller="shop", price="price", own="us")
    >>> found.table.select("matched", "cheaper", "dearer").row(0), found.rank
    ((2, 0.5, 0.5), (1, 2))
    """
    params = {
        "product": product,
        "seller": seller,
        "price": price,
        "own": text_of(own),
        "date": date,
        "store": store,
        "revenue": revenue,
        "key_item": key_item,
        "promotion": promotion,
        "level": level,
    }
    columns = [product, seller, price, date, store, revenue, key_item, promotion]
    data = only(prices, columns, Roles(number=[price, revenue], time=[date], found=[key_item, promotion]))
    return Position(through(_engine.position, data, **params), kind_of(prices), params)


class ValueMap(Result):
    """Products' prices compared with what they offer.

    Attributes
    ----------
    table : frame
        One row per product: value (weighted mean of its attributes), price, fair_price (the line at its value: the price to move to) with fair_lower
        and fair_upper, premium_taken (price minus mean price), premium_earned (slope × (value − mean value)), gap (price minus fair price) with
        gap_lower and gap_upper (bootstrap over products), money; probability_above (share of the bootstrap samples above the line), verdict ("overpriced", "fair" or
        "underpriced").
    line : frame
        Intercept and slope of the value-equivalence line: term, estimate, std_error, lower, upper, t, p_value.
    r_squared : float or None
        Share of the variance of prices that value explains; None if all prices are equal.
    """

    table: Frame
    line: Frame
    r_squared: float | None

    def _remarks(self) -> Iterator[str]:
        if self._tables["line"]["lower"][1] <= 0:
            yield "The slope of the line is not surely above zero: prices do not follow this value, and fair prices say little."

    @drawn_by("competitors.value_map")
    def plot(self, kind: Literal["map"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: prices against value with the line and its band ("map")."""

    def _headline(self) -> str:
        verdicts = self._tables["table"]["verdict"]
        return t(
            "{over} {over:product costs|products cost} more than their value justifies, {under} less; value explains {share} of prices",
            over=verdicts.eq("overpriced").sum(),
            under=verdicts.eq("underpriced").sum(),
            share=numbers.percent(self.r_squared),
        )


def value_map(
    products: Any,
    *,
    product: str,
    price: str,
    attributes: Mapping[str, float],
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 1,
) -> ValueMap:
    """Fits the value-equivalence line, price = a + b · value, by ordinary least squares, and compares each product with it (Gale 1994).

    Parameters
    ----------
    products
        A frame with one row per product.
    product, price : str
        Columns with its name and its price (money).
    attributes : dict of str to float
        Columns with scores, all on the same scale, with their weights; weights are divided by their sum.
    level : float
        Confidence level.
    replicates, seed : int
        Bootstrap over products.

    Returns
    -------
    ValueMap
        Tables ``table`` (product, value, price, fair_price, fair_lower, fair_upper, premium_taken, premium_earned, gap, gap_lower, gap_upper,
        probability_above, verdict); ``line`` (term, estimate, std_error, lower, upper, t, p_value, reason). Values ``r_squared``.

    Raises
    ------
    ParameterError
        Weights that are not positive numbers.
    DataError
        Fewer than three products, or all with the same value.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> phones = pl.DataFrame({"brand": list("abcd"), "price": [10.0, 12.0, 13.0, 16.0], "camera": [1, 2, 3, 4]})
    >>> found = lk.pricing.value_map(phones, product="brand", price="price", attributes={"camera": 1})
    >>> round(found.line["estimate"][1], 6)
    1.9
    """
    weights = [(name, finite("attributes", weight)) for name, weight in pairs("attributes", attributes)]
    params = {
        "product": product,
        "price": price,
        "attributes": weights,
        "level": level,
        "replicates": replicates,
        "seed": seed,
    }
    data = only(products, [product, price, *attributes], Roles(number=[price, *attributes]))
    found = through(_engine.value_map, data, **params)
    return ValueMap(found, kind_of(products), {**params, "attributes": dict(attributes)})


class Hedonic(Result):
    """What each attribute adds to a price.

    Attributes
    ----------
    table : frame
        One row per term: estimate, std_error, lower, upper, t, p_value; money and share that it adds to the price, with limits (money at the mean
        price); reason if it is not identified.
    bases : dict
        For each attribute with texts or flags, the value with which the others are compared.
    n : int
        Prices.
    r_squared : float or None
        Share of the variance explained; None if all prices are equal.
    """

    table: Frame
    bases: dict[str, str]
    n: int
    r_squared: float | None

    @drawn_by("competitors.hedonic")
    def plot(self, kind: Literal["bars"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: what each attribute adds, with its limits ("bars")."""

    def _headline(self) -> str:
        return t(
            "Attributes explain {share} of {n:,} {n:price|prices}", share=numbers.percent(self.r_squared), n=self.n
        )


def hedonic(products: Any, *, price: str, attributes: Columns, log: bool = True, level: float = 0.95) -> Hedonic:
    """Explains prices by attributes (Rosen 1974), by least squares with the robust covariance HC1.

    With logarithms, a number's coefficient b adds exp(b) − 1 of the price per unit; that of a text or flag adds exp(b − s²/2) − 1, with s its
    standard error (Kennedy 1981).

    Parameters
    ----------
    products
        A frame with one row per price.
    price : str
        Column of the price, money.
    attributes : list of str
        Columns that explain it: numbers as they are, texts and flags as one term for each value except the most frequent.
    log : bool
        Whether to explain the logarithm of the price.
    level : float
        Confidence level.

    Returns
    -------
    Hedonic
        Table ``table`` (term, estimate, std_error, lower, upper, t, p_value, reason, money, money_lower, money_upper, share, share_lower,
        share_upper). Values ``bases``, ``n``, ``r_squared``.

    Raises
    ------
    DataError
        Fewer prices than terms, or no complete row.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> flats = pl.DataFrame({"price": [10.0, 12.1, 20.0, 23.9, 30.1], "size": [1, 1, 2, 2, 3], "view": ["yard", "sea", "yard", "sea", "yard"]})
    >>> found = lk.pricing.hedonic(flats, price="price", attributes=["size", "view"], log=False)
    >>> found.bases, found.table["term"].to_list()
    ({'view': 'yard'}, ['intercept', 'size', 'view[sea]'])
    """
    params = {"price": price, "attributes": names(attributes), "log": log, "level": level}
    found = through(
        _engine.hedonic,
        only(products, [price, *names(attributes)], Roles(number=[price], found=names(attributes))),
        **params,
    )
    return Hedonic(found, kind_of(products), {**params, "covariance": "HC1"}, bases=dict(found.bases))


class Leadership(Result):
    """Who follows whom, and how fast.

    Attributes
    ----------
    table : frame
        One row per ordered pair of sellers, most certain first: leader, follower, n (price changes), products, response (per cent by which the
        follower moves for each per cent of the leader, over all lags) with std_error, lower and upper, mean_lag (dates), mean_days, p_value, q_value, reason.
    lags : frame
        One row per pair and lag: response, std_error, lower, upper, p_value.
    """

    table: Frame
    lags: Frame

    def _remarks(self) -> Iterator[str]:
        yield "Earlier does not mean caused: both may follow something that one of them hears first."

    @drawn_by("competitors.leadership")
    def plot(
        self, kind: Literal["heatmap", "lags"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "heatmap" of responses (default), or the responses by "lags" of the most certain pairs."""

    def _headline(self) -> str:
        sure = self._tables["table"].filter(self._tables["table"]["q_value"] < 0.05)
        if not sure.height:
            return t("No seller certainly follows another")
        best = sure.row(0, named=True)
        return t(
            "{pairs} {pairs:pair|pairs} of sellers follow each other; surest: {follower} follows {leader}",
            pairs=sure.height,
            follower=best["follower"],
            leader=best["leader"],
        )


def leadership(
    prices: Any, *, product: str, seller: str, price: str, date: str, lags: int = 4, level: float = 0.95
) -> Leadership:
    """Explains changes in one seller's prices by earlier changes in another's, beyond its own earlier changes (Granger 1969), for each pair of
    sellers.

    Parameters
    ----------
    prices
        A frame with one row per price.
    product, seller, price, date : str
        Columns with the product, the seller, the price (money) and its day.
    lags : int
        How many dates to look back.
    level : float
        Confidence level. Errors are clustered by product (CR2 below 40 products), robust (HC1) with fewer than five.

    Returns
    -------
    Leadership
        Tables ``table`` (leader, follower, n, products, response, std_error, lower, upper, mean_lag, mean_days, p_value, q_value, reason); ``lags``
        (leader, follower, lag, response, std_error, lower, upper, p_value).

    Raises
    ------
    DataError
        There is only one seller.
    ParameterError
        `lags` is below 1.

    Examples
    --------
    >>> import leverkit as lk
    >>> prices = lk.datasets.price_war(weeks=60, seed=1)
    >>> found = lk.pricing.leadership(prices, product="product", seller="seller", price="price", date="date", lags=2)
    >>> found.table.select("leader", "follower").row(0)
    ('north', 'south')
    """
    at_least("lags", lags, 1)
    params = {"product": product, "seller": seller, "price": price, "date": date, "lags": lags, "level": level}
    found = through(
        _engine.leadership,
        only(prices, [product, seller, price, date], Roles(number=[price], time=[date])),
        **params,
    )
    return Leadership(found, kind_of(prices), params)
