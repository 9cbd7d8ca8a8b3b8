"""Points that were earned: how many will be redeemed, what they will cost, and what of rewards was paid for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, as_polars, kind_of, only, through
from leverkit._lib.inputs import finite, repr_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.roles import DateLike
from leverkit._lib.text import t
from leverkit.errors import ParameterError
from leverkit.ledger import iso

__all__ = ["Deferral", "Liability", "deferral", "liability", "subsidy"]

#: An estimate with its lower and upper limit.
Limits = tuple[float, float, float]


class Liability(Result):
    """What points that were earned will cost.

    Attributes
    ----------
    cohorts : frame
        One row per period of earning: cohort (its first day), earned, redeemed, expired, outstanding and expected (to be redeemed of those), all in
        points; liability (money).
    curve : frame
        One row per age (periods since the earning): at_risk, redeemed, expired (points), redeemed_share by its end with lower and upper (bootstrap over
        customers), open_share.
    triangle : frame
        One row per period of earning and age: cohort, age, at_risk, redeemed, expired (points), is_complete.
    redemption_rate : tuple of float
        The share of points that is redeemed at last, with its limits; breakage is 1 minus it.
    outstanding : float
        Points that are open.
    liability : tuple of float
        What those will cost (money), with limits.
    customers : int
        Customers who earned points.
    """

    cohorts: Frame
    curve: Frame
    triangle: Frame
    redemption_rate: Limits
    outstanding: float
    liability: Limits
    customers: int

    @property
    def breakage(self) -> Limits:
        """The share of points that is never redeemed, with its limits."""
        estimate, lower, upper = self.redemption_rate
        return 1 - estimate, 1 - upper, 1 - lower

    @drawn_by("liability.liability")
    def plot(
        self, kind: Literal["curve", "cohorts"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the redemption "curve" (default), or what became of each period's points ("cohorts")."""

    def _headline(self) -> str:
        rate, lower, upper = self.redemption_rate
        return t(
            "{rate} of points will be redeemed ({limits}); open points will cost {money}",
            rate=numbers.percent(rate),
            limits=numbers.limits(lower, upper, numbers.percent),
            money=numbers.short_money(self.liability[0]),
        )


def liability(
    points: Any,
    *,
    customer: str = "customer",
    date: str = "date",
    earned: str = "earned",
    redeemed: str = "redeemed",
    expired: str | None = None,
    period: Literal["day", "week", "month", "quarter", "year"] = "month",
    point_cost: float = 1.0,
    expires_after: int | None = None,
    as_of: DateLike = None,
    level: float = 0.95,
    replicates: int | None = None,
    seed: int = 1,
) -> Liability:
    """Values points that were earned and are still open.

    Redemptions take a customer's oldest points first. The redemption curve weighs every point alike (Kaplan & Meier 1958; where points lapse, the share
    redeemed is Aalen & Johansen's, 1978); open points are censored, and a period that is not over counts for balances alone. The liability is the open
    points times the chance, at their age, that they will be redeemed, times what a point costs.

    Parameters
    ----------
    points
        A frame with one row per movement of a customer's points.
    customer, date : str
        Columns with the customer and the day.
    earned, redeemed : str
        Columns with points earned and redeemed, as positive numbers; a null is none.
    expired : str, optional
        Column with points that lapsed.
    period : {"day", "week", "month", "quarter", "year"}
        The period by which earnings and ages are counted.
    point_cost : float
        What a point costs when it is redeemed (money).
    expires_after : int, optional
        Periods after which what is left of an earning lapses.
    as_of : date or ISO str, optional
        The day on which the points are valued; by default the day after the last row.
    level : float
        Confidence level.
    replicates, seed : int
        Bootstrap over customers; by default 1,000 samples, fewer where there are many customers.

    Returns
    -------
    Liability
        Tables ``cohorts`` (cohort, earned, redeemed, expired, outstanding, expected, liability); ``curve`` (age, at_risk, redeemed, expired,
        redeemed_share, lower, upper, open_share); ``triangle`` (cohort, age, at_risk, redeemed, expired, is_complete). Values ``redemption_rate``,
        ``outstanding``, ``liability``, ``customers``.

    Raises
    ------
    DataError
        Points are negative, or none were earned.
    ParameterError
        A parameter is out of its range.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> points = pl.DataFrame({
    ...     "customer": ["ann", "bob", "ann"], "date": ["2024-01-05", "2024-01-09", "2024-02-29"],
    ...     "earned": [100, 100, None], "redeemed": [None, None, 80],
    ... })
    >>> found = lk.effect.liability(points, point_cost=0.01)
    >>> found.redemption_rate[0], found.outstanding
    (0.4, 120.0)
    """
    params: dict[str, Any] = {
        "customer": customer,
        "date": date,
        "earned": earned,
        "redeemed": redeemed,
        "expired": expired,
        "period": period,
        "point_cost": point_cost,
        "expires_after": expires_after,
        "as_of": iso("as_of", as_of),
        "level": level,
        "replicates": replicates,
        "seed": seed,
    }
    numeric = [earned, redeemed, expired]
    data = only(points, [customer, date, *numeric], Roles(number=numeric, time=[date]))
    return Liability(through(_engine.liability, data, **params), kind_of(points), params)


class Deferral(Result):
    """When the price of points becomes revenue.

    Attributes
    ----------
    table : frame
        One row per period: period (from 1), redeemed (so far) and expected (in all), in points; released (so far), revenue (of the period) and liability
        (still put off), money.
    goods : float
        Revenue of the goods, at once.
    points : float
        The price of the points, put off.
    """

    table: Frame
    goods: float
    points: float

    @drawn_by("liability.deferral")
    def plot(self, kind: Literal["revenue"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: revenue by period, and what is still put off ("revenue")."""

    def _headline(self) -> str:
        left = self._tables["table"]["liability"][-1]
        return t(
            "{points} of the price is put off; {left} is left",
            points=numbers.short_money(self.points),
            left=numbers.short_money(left),
        )


def deferral(
    *, paid: float, goods: float, points: float, redeemed: Sequence[float], expected: Sequence[float]
) -> Deferral:
    """Shares a price between goods and points, and says when the points' part becomes revenue, under IFRS 15 (74, B46) and ASC 606.

    The price is shared by stand-alone prices. The points' part is released as points are redeemed, in proportion to those expected to be redeemed in all; a
    new estimate catches up on the periods before.

    Parameters
    ----------
    paid : float
        What customers paid (money).
    goods, points : float
        Stand-alone prices of the goods, and of the points expected to be redeemed.
    redeemed : sequence of float
        Points redeemed in each period.
    expected : sequence of float
        Points expected, at the end of each period, to be redeemed in all.

    Returns
    -------
    Deferral
        Table ``table`` (period, redeemed, expected, released, revenue, liability). Values ``goods``, ``points``.

    Raises
    ------
    ParameterError
        A price is not above 0, or fewer points are expected than were redeemed.

    Examples
    --------
    IFRS 15, illustrative example 52:

    >>> import leverkit as lk
    >>> found = lk.effect.deferral(paid=100_000, goods=100_000, points=9_500, redeemed=[4_500, 4_000], expected=[9_500, 9_700])
    >>> found.table["revenue"].round().to_list()
    [4110.0, 3493.0]
    """
    params: dict[str, Any] = {
        "paid": paid,
        "goods": goods,
        "points": points,
        "redeemed": list(redeemed),
        "expected": list(expected),
    }
    return Deferral(_engine.deferral(**params), as_polars, params)


def subsidy(*, rewards: float, spend: float, effect: float | Limits) -> dict[str, Limits]:
    """What of rewards was paid on purchases that would have come anyway. Rewards are taken to be earned evenly on all spend.

    Parameters
    ----------
    rewards : float
        What the rewards cost (money).
    spend : float
        What members spent.
    effect : float or tuple of float
        What of it the programme brought, or that with its lower and upper limit.

    Returns
    -------
    dict
        share (of the rewards) and money, each an estimate with its lower and upper limit.

    Raises
    ------
    ParameterError
        Money is negative, or limits are out of order.

    Examples
    --------
    >>> import leverkit as lk
    >>> lk.effect.subsidy(rewards=50_000, spend=1_000_000, effect=(200_000, 100_000, 300_000))["money"]
    (40000.0, 35000.0, 45000.0)
    """
    three = [effect] * 3 if isinstance(effect, (int, float)) else list(effect)
    if len(three) != 3:
        raise ParameterError(f"effect: got {repr_of(effect)}; expected an estimate with its limits", parameter="effect")
    estimate, lower, upper = (finite("effect", one) for one in three)
    share, money = _engine.subsidy(finite("rewards", rewards), finite("spend", spend), (estimate, lower, upper))
    return {"share": share, "money": money}
