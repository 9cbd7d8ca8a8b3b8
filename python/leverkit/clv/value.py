"""Lifetime value: expected orders times what they are worth."""

from __future__ import annotations

import math
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib.frames import kind_of, polars_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by, table_of
from leverkit._lib.text import t, told
from leverkit.clv.models import GammaGammaModel, Length, _TimingModel, needs


class LifetimeValues(Result):
    """The value of each customer within a horizon, or for all time.

    Attributes
    ----------
    customers : frame
        One row per customer of the summary: customer (if the summary has it), probability_alive, expected_purchases (not discounted; null without a
        horizon), discounted_purchases, expected_spend (money of an order), lifetime_value (discounted, times the margin), lower and upper (limits of the expectation from the uncertainty of the
        parameters, not limits of what one customer will do).
    total : tuple of float
        The value of all customers with its limits, which are None if a model has no standard errors, or with fewer than 500 customers.
    """

    customers: Frame
    total: tuple[float, float | None, float | None]

    @drawn_by("clv.concentration")
    def plot(
        self, kind: Literal["concentration"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: how the total value is distributed among customers ("concentration")."""

    def _headline(self) -> str:
        estimate, lower, upper = self.total
        limits = (
            "" if lower is None or upper is None else t(" ({lower:,.0f} to {upper:,.0f})", lower=lower, upper=upper)
        )
        return t(
            "Lifetime value within {horizon}: {value:,.0f}{limits}",
            horizon=told(self.params["horizon"] or t("an unlimited horizon")),
            value=estimate,
            limits=limits,
        )


def lifetime_value(
    *,
    purchases: _TimingModel,
    spend: GammaGammaModel,
    summary: Any,
    horizon: Length | None = 52,
    discount_rate: float = 0.0,
    margin: float = 1.0,
    level: float = 0.95,
) -> LifetimeValues:
    """The value of each customer: orders expected within the horizon, discounted, times the expected value of an order and the margin.

    Parameters
    ----------
    purchases
        A fitted model of orders, such as `ParetoNBDModel`.
    spend
        A fitted `GammaGammaModel`.
    summary
        The summary with frequency, recency, T and monetary_value.
    horizon : float or str, optional
        How far to look ahead: a number of the model's units of time, or a length such as "12 months". None means all time: the discounted expected
        residual transactions (DERT) of Fader, Hardie & Lee (2005), which need a discount above 0.
    discount_rate : float
        Annual rate: with 0.1, money in one year is worth 1 / 1.1 today.
    margin : float
        Profit per unit of money that customers spend.
    level : float
        Confidence level of the limits.

    Returns
    -------
    LifetimeValues
        Table ``customers`` (customer, probability_alive, expected_purchases, discounted_purchases, expected_spend, lifetime_value, lower, upper).
        Values ``total``.

    Raises
    ------
    leverkit.ParameterError
        A parameter is out of its range.
    leverkit.DataError
        A history cannot be: the message names column and row.

    Examples
    --------
    >>> import leverkit as lk
    >>> summary = lk.clv.summary(lk.datasets.company(months=18).ledger())
    >>> orders, spend = lk.clv.BetaGeoModel().fit(summary), lk.clv.GammaGammaModel().fit(summary)
    >>> value = lk.clv.lifetime_value(
    ...     purchases=orders, spend=spend, summary=summary, horizon="12 months", discount_rate=0.1, margin=0.3
    ... )
    >>> value.customers.columns
    ['customer', 'probability_alive', 'expected_purchases', 'discounted_purchases', 'expected_spend', 'lifetime_value', 'lower', 'upper']
    """
    needs("purchases", purchases, _TimingModel)
    needs("spend", spend, GammaGammaModel)
    purchases._check_unit(summary)
    given = polars_of(summary)
    engine = _engine.lifetime_value(
        purchases._fitted(),
        spend._fitted(),
        given,
        horizon=None if horizon is None else purchases._length("horizon", horizon),
        discount_rate=discount_rate,
        margin=margin,
        unit=purchases.unit,
        level=level,
    )
    customers = pl.concat([given.select(pl.col("^customer$")), table_of(engine, "table")], how="horizontal")
    estimate, lower, upper = engine.total
    known = not (math.isnan(lower) or math.isnan(upper))
    params = {
        "horizon": horizon if horizon is None or isinstance(horizon, str) else f"{horizon:g} {purchases.unit}s",
        "discount_rate": discount_rate,
        "margin": margin,
        "level": level,
    }
    total = (estimate, lower if known else None, upper if known else None)
    return LifetimeValues({"customers": customers}, kind_of(summary), params, engine.notes, total=total)
