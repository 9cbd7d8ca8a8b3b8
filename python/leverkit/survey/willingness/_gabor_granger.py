"""Demand and revenue at stated prices, from answers to whether people would buy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib.frames import Roles, kind_of, only, through
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t, told


class GaborGranger(Result):
    """Demand and revenue at the prices asked.

    Attributes
    ----------
    table : frame
        One row per price: asked (respondents whose answer is known), share who would buy with share_lower and share_upper (Wilson), demand (the share made to fall
        with the price), revenue (price × demand, money per respondent), profit (null without a cost), each with _lower and _upper (bootstrap over respondents).
    best : frame
        aim ("revenue", and "profit" with a cost), price with lower and upper, value, at_end (true if the best price may lie beyond those asked).
        Empty if nobody would buy at any price.
    n : int
        Number of respondents, or of answers if respondents are not given.
    """

    table: Frame
    best: Frame
    n: int

    def _remarks(self) -> Iterator[str]:
        if self._tables["best"].is_empty():
            yield "Nobody would buy at any of the prices asked: there is no best price."
        for row in self._tables["best"].filter("at_end").iter_rows(named=True):
            yield f"The most {row['aim']} lies at {row['price']:g}, an end of the prices asked: more may lie beyond it."

    @drawn_by("willingness.gabor_granger")
    def plot(self, kind: Literal["demand"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: demand and revenue by price ("demand")."""

    def _headline(self) -> str:
        if self._tables["best"].is_empty():
            return t("None of {n:,} {n:respondent|respondents} would buy at any of the prices asked", n=self.n)
        row = self._tables["best"].row(-1, named=True)
        return t(
            "{n:,} {n:respondent|respondents}: most {aim} at {price:,.2f} ({lower:,.2f} to {upper:,.2f})",
            n=self.n,
            aim=told(row["aim"]),
            price=row["price"],
            lower=row["lower"],
            upper=row["upper"],
        )


def gabor_granger(
    answers: Any,
    *,
    price: str,
    buys: str,
    respondent: str | None = None,
    unit_cost: float | None = None,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 1,
) -> GaborGranger:
    """Estimates the demand curve from answers to "would you buy at this price?" (Gabor & Granger 1966), and the prices with the most revenue and
    profit.

    With respondents, anyone who would buy at a price would also buy at lower prices, and anyone who refuses a price refuses higher ones; prices in
    between are unknown, as in a survey that stops early. Respondents who contradict themselves are left out and counted.

    Parameters
    ----------
    answers
        A frame with one row per question asked.
    price, buys : str
        Columns with the price (money) and the answer: true or 1 for yes.
    respondent : str, optional
        Column with the respondent.
    unit_cost : float, optional
        Cost per unit (money), needed to find the most profitable price.
    level : float
        Confidence level.
    replicates, seed : int
        Bootstrap over respondents.

    Returns
    -------
    GaborGranger
        Tables ``table`` (price, asked, share, share_lower, share_upper, demand, demand_lower, demand_upper, revenue, revenue_lower, revenue_upper,
        profit, profit_lower, profit_upper); ``best`` (aim, price, lower, upper, value, at_end). Values ``n``.

    Raises
    ------
    DataError
        No answer can be used, only one price was asked, or an answer is neither yes nor no, such as a 2.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> answers = pl.DataFrame({"price": [5, 5, 5, 8, 8, 8], "buys": [True, True, True, True, True, False]})
    >>> lk.survey.gabor_granger(answers, price="price", buys="buys").best["price"][0]
    8.0
    """
    params = {
        "price": price,
        "buys": buys,
        "respondent": respondent,
        "unit_cost": unit_cost,
        "level": level,
        "replicates": replicates,
        "seed": seed,
    }
    data = only(answers, [price, buys, respondent], Roles(number=[price], found=[buys]))
    return GaborGranger(through(_engine.gabor_granger, data, **params), kind_of(answers), params)
