"""What a test found: arms that were drawn by lot, compared by what they were meant to receive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, kind_of, only, through
from leverkit._lib.inputs import Columns, names, pairs
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.roles import DateLike
from leverkit._lib.text import t
from leverkit.effect._programme import Period
from leverkit.errors import ParameterError
from leverkit.ledger import Ledger, iso

__all__ = ["Holdout", "holdout"]

#: What is there only where a test is followed over time.
_FOLLOWED = ("over_time", "trends")


class Holdout(Result):
    """What a test found.

    Attributes
    ----------
    effects : frame
        One row per arm, metric and method (difference, cuped, lin, ratio): is_main (the one to read), n_treated, n_control, treated and control (means as
        they are), estimate of the effect with std_error, lower, upper, t, p_value; lift (share of the control's mean) with lift_lower and lift_upper,
        q_value (corrected for all metrics and arms), reason (why there is no effect).
    parts : frame
        Of metrics that are 0 for some: arm, metric, part ("share" of units that have any, "amount" per unit that has), treated, control, the effect on
        the part, adds (to the effect on the mean: the two parts add up to it).
    quantiles : frame
        arm, metric, quantile, treated, control, effect with lower and upper (bootstrap).
    segments : frame
        arm, metric, dimension, segment, n_treated, n_control, the effect by the segment alone, shrunk (drawn towards the mean of all segments) with
        limits, q_value, differ_p (the p-value of all segments having one effect), reason.
    received : frame
        The effect on those who received the action because they were drawn: arm, metric, first_stage, f_statistic, estimate …, reason.
    uplift : frame
        By falling score: share (of units so far), n_treated, n_control, effect within the set, gain of treating all so far, by_lot; with limits.
    areas : frame
        arm, metric, auuc and qini of those curves with limits: a qini whose limits lie above 0 says that the score helps.
    over_time : frame or None
        One row per arm, metric and period of the test: arm, metric, start, the effect per unit in the period (estimate, std_error, lower, upper, t, p_value), total (since the first
        period) with total_lower and total_upper. None without `every`.
    trends : frame or None
        One row per arm and metric: arm, metric, periods, the change of the effect per period (estimate …), verdict ("fades", "grows", "changes" if the effect itself may be 0, "can't
        tell"). None without `every`.
    arms : frame
        arm, units; the control is the first.
    sample_ratio : tuple of float
        χ² and p-value of the arms' sizes against their shares.
    """

    effects: Frame
    parts: Frame
    quantiles: Frame
    segments: Frame
    received: Frame
    uplift: Frame
    areas: Frame
    over_time: Frame | None
    trends: Frame | None
    arms: Frame
    sample_ratio: tuple[float, float]

    @drawn_by("holdout.holdout")
    def plot(
        self,
        kind: Literal["effects", "segments", "uplift", "over_time"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: the "effects" with limits (default), those within "segments", the gain of treating by score ("uplift"), or the effect "over_time"."""

    @property
    def _main(self) -> pl.DataFrame:
        return self._tables["effects"].filter("is_main")

    def _headline(self) -> str:
        row = self._main.row(0, named=True)
        if row["estimate"] is None:
            return t("{arm}: no effect on {metric} can be estimated", arm=row["arm"], metric=row["metric"])
        return t(
            "{arm}: {metric} changes by {effect} ({lower} to {upper})",
            arm=row["arm"],
            metric=row["metric"],
            effect=numbers.signed(row["estimate"]),
            lower=numbers.signed(row["lower"]),
            upper=numbers.signed(row["upper"]),
        )


def holdout(
    data: Any,
    members: Any = None,
    *,
    arm: str = "arm",
    control: str = "control",
    metrics: Columns = None,
    before: Mapping[str, str] | None = None,
    ratios: Mapping[str, tuple[str, str]] | None = None,
    segments: Columns = None,
    received: str | None = None,
    score: str | None = None,
    bins: int = 10,
    quantiles: Sequence[float] = (),
    shares: Mapping[str, float] | None = None,
    customer: str = "customer",
    start: DateLike = None,
    end: DateLike = None,
    before_days: int | None = None,
    every: Period | None = None,
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 1,
) -> Holdout:
    """Reads a test whose arms were drawn by lot: the effect of what each arm was meant to receive (intention to treat).

    Every metric has the difference of means. If its value before the test is known, it has CUPED (Deng, Xu, Kohavi & Walker 2013) and Lin's (2013)
    regression with HC2 errors, which is then the one to read. Ratios, such as the average check, have the delta method over units: customers are the
    sample, not their orders.

    Parameters
    ----------
    data
        A `Ledger`, with the list of who was drawn in `members`; or a frame with one row per unit.
    members
        With a ledger: a frame with one row per customer who was drawn, whether or not they then bought.
    arm, control : str
        Column with the arm, and the name of the arm that nothing was done to.
    metrics : str or list of str, optional
        Columns that are compared; of a ledger spend, margin, orders, active and items, by default the first, third and fourth.
    before : mapping, optional
        Metrics with the columns of their values before the test; a ledger has them.
    ratios : mapping, optional
        Ratios of sums: name to (numerator, denominator); of a ledger by default ``{"check": ("spend", "orders")}``.
    segments : str or list of str, optional
        Columns with segments registered before the test.
    received : str, optional
        Column that is true or 1 for units that received the action.
    score : str, optional
        Column with a number, known before the test, by which units would be chosen, the greatest first.
    bins : int
        Sets of units into which the score is cut.
    quantiles : sequence of float
        Shares at which quantile effects are taken.
    shares : mapping, optional
        The share of each arm in the draw, for the check of their sizes; equal by default.
    customer : str
        Column of `members` with the customer.
    start, end : date or ISO str, optional
        The first and last day of the test; a ledger needs the first.
    before_days : int, optional
        Days before the start that estimates are adjusted for; by default as many as the test has.
    every : {"day", "week", "month", "quarter", "year"}, optional
        Calendar period by which the effect on customers of a ledger is followed over a test that goes on for long, such as a holdout that is kept for good: `over_time` and `trends`.
    level : float
        Confidence level.
    replicates, seed : int
        Draws of the quantiles' limits (Schultzberg & Ankargren 2022).

    Returns
    -------
    Holdout
        Tables ``effects`` (arm, metric, method, is_main, n_treated, n_control, treated, control, estimate, std_error, lower, upper, t, p_value, lift,
        lift_lower, lift_upper, q_value, reason); ``parts`` (arm, metric, part, treated, control, estimate, std_error, lower, upper, t, p_value,
        adds); ``quantiles`` (arm, metric, quantile, treated, control, effect, lower, upper); ``segments`` (arm, metric, dimension, segment,
        n_treated, n_control, estimate, std_error, lower, upper, t, p_value, shrunk, shrunk_lower, shrunk_upper, q_value, differ_p, reason);
        ``received`` (arm, metric, first_stage, f_statistic, estimate, std_error, lower, upper, t, p_value, reason); ``uplift`` (arm, metric, share,
        n_treated, n_control, effect, effect_lower, effect_upper, gain, gain_lower, gain_upper, by_lot); ``areas`` (arm, metric, auuc, auuc_lower,
        auuc_upper, qini, qini_lower, qini_upper); ``over_time`` (arm, metric, start, estimate, std_error, lower, upper, t, p_value, total, total_lower,
        total_upper); ``trends`` (arm, metric, periods, estimate, std_error, lower, upper, t, p_value, verdict); ``arms`` (arm, units). Values ``sample_ratio``.

    Raises
    ------
    DataError
        No unit is left, a customer comes twice, or all units are in one arm.
    ParameterError
        A parameter is out of its range, there is no unit in the control, or the test does not hold two whole periods of `every`.
    SchemaError
        A column or role is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> units = pl.DataFrame({
    ...     "arm": ["treated", "control"] * 6,
    ...     "spend": [15, 13, 11, 9, 6, 5, 11, 7, 8, 5, 17, 14],
    ...     "spend_before": [12, 12, 9, 9, 4, 5, 8, 7, 6, 6, 14, 13],
    ... })
    >>> found = lk.effect.holdout(units, metrics="spend", before={"spend": "spend_before"})
    >>> found.effects.filter("is_main").select("method", pl.col("estimate", "std_error").round(6)).row(0)
    ('lin', 2.308108, 0.238629)
    """
    is_ledger = isinstance(data, Ledger)
    if is_ledger and ratios is None:
        ratios = {"check": ("spend", "orders")}
    params: dict[str, Any] = {
        "arm": arm,
        "control": control,
        "metrics": names(metrics) or (["spend", "orders", "active"] if is_ledger else []),
        "before": pairs("before", before),
        "ratios": [(name, *columns) for name, columns in pairs("ratios", ratios)],
        "segments": names(segments),
        "received": received,
        "score": score,
        "bins": bins,
        "quantiles": list(quantiles),
        "shares": None if shares is None else pairs("shares", shares),
        "level": level,
        "replicates": replicates,
        "seed": seed,
    }
    if is_ledger:
        window = {
            "customer": customer,
            "start": iso("start", start),
            "end": iso("end", end),
            "before_days": before_days,
            "every": every,
        }
        return _of_ledger(data, members, params, window)
    if every is not None:
        raise ParameterError(f"every: got {every!r}; a frame of units has no days: give a Ledger", parameter="every")
    sums = [column for _, *columns in params["ratios"] for column in columns]
    numeric = [*params["metrics"], *dict(params["before"]).values(), *sums, score]
    found = [received, *params["segments"]]
    read = only(data, [arm, *numeric, *found], Roles(number=numeric, found=found))
    return Holdout(through(_engine.holdout, read, **params), kind_of(data), params, without=_FOLLOWED)


def _of_ledger(ledger: Ledger, members: Any, params: dict[str, Any], window: dict[str, Any]) -> Holdout:
    if members is None:
        raise ParameterError(
            "members: got None; expected a frame with one row per customer who was drawn", parameter="members"
        )
    if window["start"] is None:
        raise ParameterError("start: got None; expected the first day of the test", parameter="start")
    found = [params["received"], *params["segments"]]
    wanted = [window["customer"], params["arm"], params["score"], *found]
    drawn = only(members, wanted, Roles(number=[params["score"]], found=found))
    engine, to_native = ledger._inner, ledger._to_native
    result = through(lambda rows: _engine.holdout_of_ledger(engine, rows, window, **params), drawn)
    return Holdout(result, to_native, {**params, **window}, without=() if window["every"] else _FOLLOWED)
