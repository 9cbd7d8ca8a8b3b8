"""Tests before they start: what they can show on the company's own customers, how many they need, and who is treated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, kind_of, only, through
from leverkit._lib.inputs import Columns, is_number, names, pairs, repr_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.roles import DateLike, LineRoles, Unpack
from leverkit._lib.text import t
from leverkit.errors import ParameterError
from leverkit.ledger import engine_of, iso

__all__ = ["Assignment", "TestDesign", "design", "randomise", "sample_ratio", "sample_size"]

Metric = Literal["spend", "margin", "orders", "active", "items", "check"]


class TestDesign(Result):
    """What tests of several lengths can show.

    Attributes
    ----------
    table : frame
        One row per length: weeks, customers (who could take part), mean and std_dev of the metric per customer, correlation with the weeks before,
        saving (share of customers that adjusting for them saves); the smallest effect that is found: smallest (in units of the metric), smallest_lift
        (share of the mean), smallest_money (money a year, with all these customers), each also with _adjusted; needed and needed_adjusted (customers in
        all groups, for the lift asked for), break_even_lift (the lift whose first year pays for the test), reason (why a length cannot be judged).
    false_alarms : frame
        What re-randomising the past shows. One row per estimate (difference, adjusted): false_alarms (share of tests that found something where nothing was
        done) and power (share that found the lift where it was planted), each with _lower and _upper (Wilson); expected_power by the formula, spread of
        the estimates and their mean std_error.
    weeks : int or None
        The shortest length at which the adjusted estimate finds the lift asked for.
    tried : int or None
        The length whose past was re-randomised.
    """

    __test__ = False  # no test of pytest's

    table: Frame
    false_alarms: Frame
    weeks: int | None
    tried: int | None

    @drawn_by("trial.design")
    def plot(
        self,
        kind: Literal["power", "money", "false_alarms"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: the smallest lift by length ("power", default), the same in "money" a year, or the "false_alarms" on the past."""

    def _headline(self) -> str:
        lift = numbers.percent(self.params["lift"])
        if self.weeks is None:
            return t("None of these tests would find a lift of {lift}", lift=lift)
        return t("A test of {n} {n:week|weeks} finds a lift of {lift}", n=self.weeks, lift=lift)


def design(
    ledger: Any,
    *,
    metric: Metric = "spend",
    weeks: Sequence[int] = (1, 2, 4, 8, 13),
    pre_weeks: int | None = None,
    active_days: int | None = None,
    share: float = 0.5,
    lift: float = 0.05,
    level: float = 0.95,
    power: float = 0.8,
    value: float | None = None,
    cost: float | None = None,
    replicates: int = 1000,
    seed: int = 1,
    as_of: DateLike = None,
    **roles: Unpack[LineRoles],
) -> TestDesign:
    """Says what a test on this ledger's customers could show, judged by the last weeks of its history: the smallest effect in per cent and in money,
    the customers and weeks that a lift needs, and how often a test finds something where there is nothing.

    For each length the last so many weeks are taken as the test, and as many before as the pre-period. Customers with an order before the start could
    take part. Adjusting for the pre-period saves the squared correlation of the customers (CUPED: Deng, Xu, Kohavi & Walker 2013). Then the past is
    re-randomised: each time every customer is treated by lot, and the means are compared.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords.
    metric : {"spend", "margin", "orders", "active", "items", "check"}
        What is measured of each customer; "active" is 1 with an order, so that its mean is the share who came back. "check" is money per order, a ratio of sums over customers
        with errors by the delta method.
    weeks : sequence of int
        Lengths of the test.
    pre_weeks : int, optional
        Weeks before the test that the estimate is adjusted for; by default as many as the test has.
    active_days : int, optional
        Only customers whose last order is at most so many days before the start take part.
    share : float
        Share of customers who are treated.
    lift : float
        The effect looked for, as a share of the mean.
    level, power : float
        Confidence level of the two-sided test, and the chance of finding the lift where there is one.
    value : float, optional
        Money that one unit of the metric is worth; by default 1 for spend and margin.
    cost : float, optional
        What the test costs (money): the lift that pays for it within a year is then told.
    replicates, seed : int
        Re-randomisations of the past.
    as_of : date or ISO str, optional
        The day at which the history ends, by default the ledger's; nothing from it on is used.

    Returns
    -------
    TestDesign
        Tables ``table`` (weeks, customers, mean, std_dev, correlation, saving, smallest, smallest_lift, smallest_money, smallest_adjusted,
        smallest_lift_adjusted, smallest_money_adjusted, needed, needed_adjusted, break_even_lift, reason); ``false_alarms`` (estimate, false_alarms,
        false_alarms_lower, false_alarms_upper, power, power_lower, power_upper, expected_power, spread, std_error). Values ``weeks``, ``tried``.

    Raises
    ------
    ParameterError
        A parameter is out of its range.
    SchemaError
        The metric needs a role that the ledger does not have.
    DataError
        The history is too short even for the shortest test.

    Examples
    --------
    >>> import datetime as dt, leverkit as lk, polars as pl
    >>> day = lambda line: dt.date(2024, 1, 1) + dt.timedelta(days=line * 7 % 180)
    >>> lines = pl.DataFrame([{"client": line % 97, "date": day(line), "paid": float(10 + line % 97 + line % 7)} for line in range(3000)])
    >>> found = lk.effect.design(lines, customer="client", time="date", amount="paid", weeks=[4, 8], lift=0.10)
    >>> found.table.select("weeks", "customers").rows()
    [(4, 97), (8, 97)]
    """
    engine, to_native = engine_of(ledger, roles)
    params: dict[str, Any] = {
        "metric": metric,
        "weeks": list(weeks),
        "pre_weeks": pre_weeks,
        "active_days": active_days,
        "share": share,
        "lift": lift,
        "level": level,
        "power": power,
        "value": value,
        "cost": cost,
        "replicates": replicates,
        "seed": seed,
        "as_of": iso("as_of", as_of),
    }
    return TestDesign(_engine.design(engine, **params), to_native, params)


class Assignment(Result):
    """Units with the arms they were drawn into.

    Attributes
    ----------
    table : frame
        One row per unit: the unit, arm, block (the number of its stratum, or of its set of matched neighbours).
    balance : frame
        One row per number and arm: column, arm, n, mean, difference (from the first arm's mean, in standard deviations of all units).
    """

    table: Frame
    balance: Frame

    @drawn_by("trial.randomise")
    def plot(self, kind: Literal["balance"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: how far the arms differ in the numbers of `balance` ("balance")."""

    def _headline(self) -> str:
        units = self._tables["table"].height
        return t("{n:,} {n:unit|units} in {arms} arms", n=units, arms=len(self.params["arms"]))


def randomise(
    units: Any,
    *,
    unit: str,
    arms: Mapping[str, float] | None = None,
    strata: Columns = None,
    match_on: str | None = None,
    balance: Columns = None,
    seed: int = 1,
) -> Assignment:
    """Draws units into arms by lot. The draw depends on the units and the seed, not on the order of rows.

    Within each stratum the arms keep their shares up to one unit, and overall too. With `match_on`, neighbours by that number form blocks of one unit
    per arm: matching on one prediction of the outcome, such as spend before, is the best stratification there is (Bai 2022).

    Parameters
    ----------
    units
        A frame with one row per unit: a customer, a shop, a city.
    unit : str
        Column with the unit.
    arms : mapping, optional
        Arms with their shares, which add up to 1; by default ``{"control": 0.5, "treated": 0.5}``.
    strata : str or list of str, optional
        Columns within whose combinations the arms keep their shares.
    match_on : str, optional
        Column with the number by which neighbours are matched; the arms must have equal shares.
    balance : str or list of str, optional
        Columns with numbers whose balance is reported.
    seed : int
        Seed of the draw.

    Returns
    -------
    Assignment
        Tables ``table`` (unit, arm, block); ``balance`` (column, arm, n, mean, difference).

    Raises
    ------
    DataError
        A unit comes twice, a number is unknown, or no unit is left.
    ParameterError
        The shares do not add up to 1.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> shops = pl.DataFrame({"shop": ["a", "b", "c", "d"], "sales": [10, 90, 11, 95]})
    >>> drawn = lk.effect.randomise(shops, unit="shop", match_on="sales").table
    >>> sorted(drawn["arm"])
    ['control', 'control', 'treated', 'treated']
    """
    params: dict[str, Any] = {
        "unit": unit,
        "arms": pairs("arms", arms or {"control": 0.5, "treated": 0.5}),
        "strata": names(strata),
        "match_on": match_on,
        "balance": names(balance),
        "seed": seed,
    }
    numeric = [match_on, *params["balance"]]
    data = only(units, [unit, *params["strata"], *numeric], Roles(number=numeric))
    return Assignment(through(_engine.randomise, data, **params), kind_of(units), params)


def sample_size(
    before: float,
    after: float,
    *,
    std_dev: float | None = None,
    power: float = 0.8,
    level: float = 0.95,
    formula: Literal["pooled", "unpooled", "arcsine"] = "pooled",
) -> float:
    """Units that each of two equal groups needs to tell two means, or two shares, apart; round it up.

    Parameters
    ----------
    before, after : float
        The mean without the action, and the one that is to be told from it; shares if `std_dev` is not given.
    std_dev : float, optional
        Standard deviation of the metric between units.
    power, level : float
        The chance of finding the difference, and the confidence level of the two-sided test.
    formula : {"pooled", "unpooled", "arcsine"}
        How the variance of shares is taken (Fleiss, Levin & Paik 2003; Cohen 1988).

    Raises
    ------
    ParameterError
        A share is out of its range, or there is nothing to tell apart.

    Examples
    --------
    >>> import leverkit as lk, math
    >>> math.ceil(lk.effect.sample_size(0.10, 0.12))
    3841
    """
    return _engine.sample_size(before=before, after=after, std_dev=std_dev, power=power, level=level, formula=formula)


def sample_ratio(counts: Mapping[str, int], shares: Mapping[str, float] | None = None) -> dict[str, float]:
    """Checks whether the arms of a test are as large as they were to be (Pearson's χ²). A p-value under 0.001 says that units were lost or assigned
    unevenly, and no effect can be trusted (Fabijan et al. 2019).

    Parameters
    ----------
    counts : mapping
        Units of each arm.
    shares : mapping, optional
        The share of each arm in the draw; equal by default.

    Returns
    -------
    dict
        chi2 and p_value.

    Raises
    ------
    ParameterError
        There are fewer than two arms, or an arm has no share above 0.

    Examples
    --------
    >>> import leverkit as lk
    >>> round(lk.effect.sample_ratio({"control": 10_000, "treated": 9_700})["p_value"], 6)
    0.032565
    """
    arms, given = pairs("counts", counts), dict(pairs("shares", shares))
    for arm, count in arms:
        if not (is_number(count) and 0 <= count < 2**63):
            raise ParameterError(f"counts: {arm}: got {repr_of(count)}; expected a number of units", parameter="counts")
    expected = [1.0 if shares is None else given.get(arm, 0.0) for arm, _ in arms]
    chi2, p_value = _engine.sample_ratio([count for _, count in arms], expected)
    return {"chi2": chi2, "p_value": p_value}
