"""Price indices over time: fixed base, chained, period on period, and multilateral."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, kind_of, only, through
from leverkit._lib.inputs import one_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t

__all__ = ["PriceIndex", "price_index"]

Base = Literal["fixed", "chained", "period"]
Splice = Literal["movement", "window", "half", "mean"]

#: Formulas between two periods.
FORMULAS = ("laspeyres", "paasche", "fisher", "tornqvist", "walsh", "jevons", "dutot", "carli", "sato-vartia")
_GEKS = tuple(f"geks-{name}" for name in ("fisher", "tornqvist", "walsh", "jevons", "dutot", "sato-vartia"))


class PriceIndex(Result):
    """A price index over time.

    Attributes
    ----------
    table : frame
        One row per period: its column of time, index (1 in the base period; with base="period" the ratio to the period before) with lower and upper
        (treating products as a sample), change (from the period before), products, matched (also sold in the period of comparison), coverage (their
        share of the period's revenue), reason if there is no index.
    drift : frame
        One row per period: fixed, chained and geks (the formula with the first period as base, chained, and its GEKS over all periods), drift
        (chained over GEKS minus 1).
    turnover : frame
        One row per period: revenue, change and its parts (money): price and quantity of the products in both periods, entered, left;
        products_entered, products_returned (among those that entered), products_left.
    alarm : bool
        Whether the index is chained and differs from GEKS by more than `drift_alarm` in the last period.
    thin : bool
        Whether the products that the last period is compared over make less than a tenth of its revenue.
    """

    table: Frame
    drift: Frame
    turnover: Frame
    alarm: bool
    thin: bool

    @drawn_by("indices.price_index")
    def plot(
        self,
        kind: Literal["index", "drift", "turnover"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: the "index" with its limits (default), "drift" with fixed base, chained and GEKS, or "turnover" of revenue."""

    def _headline(self) -> str:
        known = self._tables["table"].drop_nulls("index")
        if not known.height:
            return t("No two periods share a product")
        last = known.row(-1)
        index = known["index"][-1]
        if self.thin:
            share = numbers.percent(known["coverage"][-1])
            return t("Prices of {period} are compared over {share} of its revenue only", period=last[0], share=share)
        against = t("the period before") if self.params["base"] == "period" else self._tables["table"].row(0)[0]
        return t(
            "Prices of {period} are {change} against {against} by {formula}",
            period=last[0],
            change=numbers.signed_percent(index - 1),
            against=against,
            formula=formula_of(self.params),
        )


def name_of(formula: str) -> str:
    """A formula by the names of those it is called after: ``GEKS–Fisher``."""
    return formula.title().replace("Geks-", "GEKS\N{EN DASH}")


def formula_of(params: Mapping[str, Any]) -> str:
    """The formula of an index and what it is compared with, in words: ``Fisher, chained``."""
    formula, base = params["formula"], params["base"]
    words = {"fixed": t("fixed base"), "chained": t("chained"), "period": t("the period before")}
    return f"{name_of(formula)}, {t('over all periods') if formula.startswith('geks') else words[base]}"


def price_index(
    frame: Any,
    *,
    time: str,
    product: str,
    price: str,
    quantity: str,
    formula: str = "fisher",
    base: Base = "fixed",
    window: int | None = None,
    splice: Splice = "mean",
    level: float = 0.95,
    drift_alarm: float = 0.05,
) -> PriceIndex:
    """Computes a price index over time, with a check for chain drift, and the products that entered and left.

    Rows of a product in a period are added up; its price is the unit value, revenue divided by quantity. Two periods are compared over the products
    sold in both.

    Parameters
    ----------
    frame
        A frame with one row per sale, or the sales of a product in a period.
    time : str
        Column with the period: numbers, dates, a category with a declared order (`pl.Enum`, an ordered pandas categorical), or text whose order in time
        can be told, such as "2024-01", "2024 Q1" or "Jan 2024".
    product : str
        Column with the product.
    price, quantity : str
        Columns with the price per unit (money) and with the units.
    formula : str
        "laspeyres", "paasche", "fisher", "tornqvist", "walsh", "sato-vartia", or the unweighted "jevons", "dutot", "carli"; "geks-fisher", "geks-tornqvist",
        "geks-walsh", "geks-jevons", "geks-dutot", "geks-sato-vartia" for the multilateral index, which cannot drift.
    base : str
        "fixed": against the first period; "chained": ratios from each period to the next, multiplied; "period": each against the one before.
    window : int, optional
        Number of periods in a GEKS window; later windows are spliced on, so that published values are not revised. All periods by default.
    splice : str
        "movement", "window", "half" or "mean".
    level : float
        Confidence level.
    drift_alarm : float
        How far a chained index may differ from GEKS in the last period, as a share of it.

    Returns
    -------
    PriceIndex
        Tables ``table`` (week, index, lower, upper, change, products, matched, coverage, reason); ``drift`` (week, fixed, chained, geks, drift);
        ``turnover`` (week, revenue, change, price, quantity, entered, left, products_entered, products_returned, products_left). Values ``alarm``,
        ``thin``.

    Raises
    ------
    DataError
        No row can be used, there is only one period, or the order of the periods cannot be told.
    ParameterError
        An unknown formula, or GEKS of one that is not time-reversible.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> sales = pl.DataFrame({"week": [1, 1, 2, 2], "sku": list("abab"), "price": [10.0, 4, 12, 3], "units": [5, 10, 4, 20]})
    >>> found = lk.pricing.price_index(sales, time="week", product="sku", price="price", quantity="units", formula="paasche")
    >>> round(found.table["index"][1], 9)
    0.9
    """
    one_of("formula", formula, (*FORMULAS, *_GEKS))
    shown = {
        "time": time,
        "product": product,
        "price": price,
        "quantity": quantity,
        "formula": formula,
        "base": one_of("base", base, ("fixed", "chained", "period")),
        "window": window,
        "splice": one_of("splice", splice, ("movement", "window", "half", "mean")),
        "level": level,
        "drift_alarm": drift_alarm,
    }
    params = {**shown, "formula": formula.removeprefix("geks-"), "geks": formula.startswith("geks-")}
    data = only(frame, [time, product, price, quantity], Roles(number=[price, quantity], found=[time]))
    return PriceIndex(through(_engine.price_index, data, **params), kind_of(frame), shown)
