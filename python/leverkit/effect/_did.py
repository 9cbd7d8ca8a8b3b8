"""Difference-in-differences with staggered joining: effects by cohort and period, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from leverkit import _engine
from leverkit._lib.frames import Roles, kind_of, only, through
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t


class PreTrendTest(NamedTuple):
    """A joint test that all effects before treatment are 0: chi-squared, its degrees of freedom, and the p-value."""

    statistic: float
    df: int
    p_value: float


class Did(Result):
    """Effects of a treatment that units came to at different times.

    Attributes
    ----------
    effects : frame
        Mean effects on the treated, one row per estimator: "simple" (treated cohorts and periods, by size), "dynamic" (over times since treatment), "group" (over
        cohorts), "calendar" (over periods), and without covariates also "sun_abraham", "imputation" and "two_way" (two-way fixed effects, for diagnosis). Columns estimate,
        std_error, lower, upper, t, p_value, wild_p (with fewer than 50 clusters, the p-value by redrawn clusters: believe it rather than p_value), and the reason if there is no estimate.
    group_time : frame
        One row per cohort and period: event_time (periods since the first treated one), estimate with std_error, lower, upper, t, p_value, band_lower and band_upper (limits
        that hold all rows at once), n_treated, n_control.
    event_study : frame
        The same by event_time.
    by_cohort, by_period : frame
        The same by cohort and by period, over treated periods.
    sensitivity : frame
        Limits of the mean over times since treatment if trends differ after treatment by up to `times` the greatest change between neighbouring periods before it
        (Rambachan & Roth 2023): lower, upper. Empty without two periods before treatment.
    bacon : frame
        What two-way fixed effects average (Goodman-Bacon 2021): treated and control cohort (null: never treated), kind ("never", "later", or "earlier", which is biased
        where effects grow), weight, effect.
    cohorts : frame
        Units by first treated period: cohort (null: never), n_units.
    pre_trend : PreTrendTest or None
        The joint test of the effects before treatment.
    detectable_slope, detectable_bias : float or None
        The difference in trends, per period, that the test sees with a power of 80 % (Roth 2022), and by how much it would move the mean effect: a test that passes rules
        out no less.
    breakdown : float or None
        How many times as much as before treatment trends may differ after it until the limits hold 0; null if they always do, or not within 10 times.
    """

    effects: Frame
    group_time: Frame
    event_study: Frame
    by_cohort: Frame
    by_period: Frame
    sensitivity: Frame
    bacon: Frame
    cohorts: Frame
    pre_trend: PreTrendTest | None
    detectable_slope: float | None
    detectable_bias: float | None
    breakdown: float | None

    def _remarks(self) -> Iterator[str]:
        if self.pre_trend is not None and self.pre_trend.p_value < 0.05:
            yield "Units that were treated moved apart from their controls before treatment: the effects are not to be trusted."

    @drawn_by("did.did")
    def plot(
        self,
        kind: Literal["event_study", "group_time"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: effects by time since treatment ("event_study", default), or by cohort and period ("group_time")."""

    def _headline(self) -> str:
        row = self._tables["effects"].row(0, named=True)
        return t(
            "Mean effect on the treated {effect:,.4g} ({lower:,.4g} to {upper:,.4g})",
            effect=row["estimate"],
            lower=row["lower"],
            upper=row["upper"],
        )


def did(
    panel: Any,
    *,
    unit: str | None,
    period: str,
    outcome: str,
    first_treated: str,
    covariates: Sequence[str] = (),
    adjustment: str = "doubly_robust",
    cluster: str | None = None,
    weight: str | None = None,
    control: str = "never",
    base: str = "varying",
    anticipation: int = 0,
    balance: int | None = None,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 1,
) -> Did:
    """Estimates effects of a treatment on a panel of units, each of which is treated from some period on, or never (Callaway & Sant'Anna 2021).

    The effect on a cohort in a period is its change since the last period before treatment, less the change of its controls. All estimators and errors follow from
    each cohort's mean path and covariance, which are counted in one pass.

    Parameters
    ----------
    panel
        A frame with one row per unit and period. Units that lack a period, or are treated from the first one on, are left out and counted.
    unit : str or None
        Column with the unit; None for repeated cross-sections, such as surveys that ask others each time: every row is another unit then, and there are neither covariates, weights, nor
        the estimators that follow units ("sun_abraham", "imputation", "two_way", ``bacon``).
    period, outcome : str
        Columns with the period (number, date, or text whose order in time can be told), and what is measured.
    first_treated : str
        Column with the unit's first treated period, null if it is never treated.
    covariates : sequence of str
        Columns with what was known of a unit; their values in the last period before treatment count.
    adjustment : {"doubly_robust", "regression", "weighting"}
        How covariates are adjusted for (Sant'Anna & Zhao 2020): a regression of the change among controls, weights by the odds of treatment, or both.
    cluster : str, optional
        Column of groups whose units vary together, such as shops; by default units are independent.
    weight : str, optional
        Column with how much a unit counts, the same in all its rows; not with covariates.
    control : {"never", "not_yet"}
        Compare with units that are never treated, or also with those that are not treated yet.
    base : {"varying", "universal"}
        Before treatment, count changes from the period before ("varying"), or from the last period before treatment, as after it ("universal").
    anticipation : int
        Periods before treatment in which it may have had an effect already.
    balance : int, optional
        Event study of cohorts that are seen at least so many periods after the first, up to then.
    level : float
        Confidence level.
    draws, seed : int
        Draws for the bands that hold a whole curve.

    Returns
    -------
    Did
        Tables ``effects`` (estimator, estimate, std_error, lower, upper, t, p_value, wild_p, reason); ``group_time`` (cohort, period, event_time, estimate,
        std_error, lower, upper, t, p_value, band_lower, band_upper, n_treated, n_control); ``event_study`` (event_time, estimate, std_error, lower,
        upper, t, p_value, band_lower, band_upper); ``by_cohort`` (cohort, estimate, std_error, lower, upper, t, p_value, band_lower, band_upper);
        ``by_period`` (period, estimate, std_error, lower, upper, t, p_value, band_lower, band_upper); ``sensitivity`` (times, lower, upper);
        ``bacon`` (treated, control, kind, weight, effect); ``cohorts`` (cohort, n_units). Values ``pre_trend``, ``detectable_slope``,
        ``detectable_bias``, ``breakdown``.

    Raises
    ------
    DataError
        A unit is twice in a period or has two first treated periods; no unit is treated, or there is no control; of repeated cross-sections, a cohort has no row in a period.
    SchemaError
        A column is missing, or of another type.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> panel = pl.DataFrame({"shop": [1, 1, 2, 2, 3, 3, 4, 4], "year": [2023, 2024] * 4, "sales": [10.0, 15.0, 11.0, 16.5, 9.0, 11.0, 8.0, 10.5]})
    >>> panel = panel.with_columns(opened=pl.when(pl.col("shop") < 3).then(2024))
    >>> found = lk.effect.did(panel, unit="shop", period="year", outcome="sales", first_treated="opened")
    >>> round(found.effects["estimate"][0], 6)
    3.0
    """
    params = {
        "unit": unit,
        "period": period,
        "outcome": outcome,
        "first_treated": first_treated,
        "covariates": list(covariates),
        "adjustment": adjustment,
        "cluster": cluster,
        "weight": weight,
        "control": control,
        "base": base,
        "anticipation": anticipation,
        "balance": balance,
        "level": level,
        "draws": draws,
        "seed": seed,
    }
    roles = Roles(number=[outcome, weight, *covariates], found=[unit, period, first_treated, cluster])
    data = only(panel, [unit, period, outcome, first_treated, cluster, weight, *covariates], roles)
    found = through(_engine.did, data, **params)
    test = None if found.pre_trend_test is None else PreTrendTest(*found.pre_trend_test)
    return Did(found, kind_of(panel), params, pre_trend=test)
