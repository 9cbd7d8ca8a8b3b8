"""The reverse funnel, from a target back to what each stage must deliver; and the forward funnel, its inverse.

The engine computes; this module names things and converts dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import kind_of, polars_of
from leverkit._lib.inputs import finite, is_number, pairs, repr_of, text_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.roles import DateLike
from leverkit._lib.text import mark, t
from leverkit.errors import ParameterError
from leverkit.ledger import iso

__all__ = ["Forward", "Reverse", "forward", "reverse"]

#: Names and counts: pairs, a dict, or a frame of these two columns.
Stages = Sequence[tuple[str, int]] | Mapping[str, int] | Any
#: Money for one point of a conversion; or that, and the most points it can rise.
Improvement = float | tuple[float, float]


_TARGETS = {
    "orders": mark("{target:,.12g} {target:order|orders}"),
    "revenue": mark("{target:,.12g} of revenue"),
    "profit": mark("{target:,.12g} of profit"),
}


class Reverse(Result):
    """The way back from a target.

    Attributes
    ----------
    table : frame
        One row per stage: stage, seen, conversion (share of the stage before) with lower and upper (Beta posterior), needed (with the observed
        conversions) with needed_lower and needed_upper (with the limits of their posterior), confident (the smallest number for which the chance of
        the target is `confidence`; null if no number is enough), planned (what to expect here if the first stage delivers its confident number).
    paces : frame
        With dates, one row per stage: from (the first day), per_week, capacity, weeks_at_capacity, fits.
    weeks : frame
        With dates, one row per week and stage: week, start, stage, count.
    mix : frame
        With `available` and `improvements` or `cost_per_first`, the cheapest mix: stage, lever ("number" or "conversion"), from, to, cost.
    spend, confident_spend : float or None
        The cost of the number needed and of the confident number at the first stage.
    can_be_met : bool or None
        Whether the due date can be met.
    earliest : datetime.date or None
        The first day by which the target could be met.
    mix_cost : float or None
        The cost of the cheapest mix.
    """

    table: Frame
    paces: Frame
    weeks: Frame
    mix: Frame
    spend: float | None
    confident_spend: float | None
    can_be_met: bool | None
    earliest: dt.date | None
    mix_cost: float | None

    @property
    def first(self) -> int | None:
        """The confident number at the first stage: how many leads to get."""
        number: int | None = self._tables["table"]["confident"][0]
        return number

    @drawn_by("reverse.reverse")
    def plot(
        self, kind: Literal["funnel", "weeks", "mix"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: what each stage must deliver ("funnel", default), the "weeks", or the cheapest "mix"."""

    def _headline(self) -> str:
        name = self._tables["table"]["stage"][0]
        chance = numbers.percent(self.params["confidence"])
        target = t(_TARGETS[self.params["unit"]], target=self.params["target"])
        if self.first is None:
            return t("No number of {name} gives a {chance} chance of {target}", name=name, chance=chance, target=target)
        return t(
            "For a {chance} chance of {target} you need {first:,} at the first stage, {name}",
            chance=chance,
            target=target,
            first=self.first,
            name=name,
        )


def reverse(
    *,
    target: float,
    stages: Stages,
    confidence: float = 0.9,
    cost_per_first: float | None = None,
    unit: Literal["orders", "revenue", "profit"] = "orders",
    average_check: float | None = None,
    margin: float = 1.0,
    fixed_costs: float = 0.0,
    lags: Sequence[float] = (),
    start: DateLike = None,
    due: DateLike = None,
    capacity: Mapping[str, float] | None = None,
    available: float | None = None,
    improvements: Mapping[str, Improvement] | None = None,
) -> Reverse:
    """Works back from a target to what each stage must deliver.

    The stages are counts of one flow: of 5,000 leads, 2,000 were qualified and 400 ordered. `needed` uses these shares as they are, and is the exact
    inverse of `forward`. `confident` also allows for the limited data behind the shares (Beta posteriors under the prior of Jeffreys) and for chance:
    for example, the number of leads that meets the target in nine cases out of ten.

    Parameters
    ----------
    target : float
        The target.
    stages : list of (str, int), dict or frame
        Names and counts in order; at least two, none above the one before.
    confidence : float
        The probability with which the target should be met.
    cost_per_first : float, optional
        Cost of one unit at the first stage.
    unit : {"orders", "revenue", "profit"}
        What the target measures: numbers at the last stage, its money (needs `average_check`), or its profit (margin minus the cost of the first
        stage and fixed costs).
    average_check, margin, fixed_costs : float
        Money per unit at the last stage, the share of it that remains as margin, and fixed costs to be covered.
    lags : list of float
        Mean days from each stage to the next.
    start, due : date or ISO text
        Start and due date: both, or neither.
    capacity : dict
        The most that a stage can handle per week.
    available : float, optional
        How many there will be at the first stage anyway; with `improvements` or `cost_per_first`, the result includes the cheapest mix that closes
        the gap.
    improvements : dict
        By stage, the cost of one percentage point of the conversion that leads to it; or a pair of this cost and the most points by which it can
        rise.

    Returns
    -------
    Reverse
        Tables ``table`` (stage, seen, conversion, lower, upper, needed, needed_lower, needed_upper, confident, planned); ``paces`` (stage, from,
        per_week, capacity, weeks_at_capacity, fits); ``weeks`` (week, start, stage, count); ``mix`` (stage, lever, from, to, cost). Values ``spend``,
        ``confident_spend``, ``can_be_met``, ``earliest``, ``mix_cost``.

    Raises
    ------
    ParameterError
        Fewer than two stages, counts that rise or are 0, a name that is not a stage, a number out of range, or a first stage that costs more than it
        brings in.

    Examples
    --------
    >>> import leverkit as lk
    >>> found = lk.funnel.reverse(target=1000, stages=[("lead", 5000), ("qualified", 2000), ("order", 400)], confidence=0.9, cost_per_first=3)
    >>> found.table["needed"].to_list(), found.spend
    ([12500.0, 5000.0, 1000.0], 37500.0)
    """
    better = [_improvement(stage, cost) for stage, cost in pairs("improvements", improvements)]
    plan = {
        "lags": list(lags),
        "start": None if start is None else iso("start", start),
        "due": None if due is None else iso("due", due),
        "capacity": pairs("capacity", capacity),
    }
    params: dict[str, Any] = {
        "target": finite("target", target),
        "unit": unit,
        "stages": _stages(stages),
        "confidence": finite("confidence", confidence),
        "cost_per_first": cost_per_first,
        "average_check": average_check,
        "margin": margin,
        "fixed_costs": fixed_costs,
        "available": available,
    }
    for name in ("cost_per_first", "average_check", "margin", "fixed_costs", "available"):
        if params[name] is not None:
            params[name] = finite(name, params[name])
    if unit not in ("orders", "revenue", "profit"):
        raise ParameterError(f"unit: got {repr_of(unit)}; expected orders, revenue or profit", parameter="unit")
    found = _engine.reverse(**params, improvements=better, plan=plan)
    met, earliest = found.date or (None, None)
    return Reverse(
        found,
        kind_of(stages),
        {**params, **plan, "improvements": improvements},
        can_be_met=met,
        earliest=earliest and dt.date.fromisoformat(earliest),
        mix_cost=found.mixed and found.mixed[0],
    )


class Forward(Result):
    """What a number at the first stage leads to.

    Attributes
    ----------
    table : frame
        One row per stage: stage, expected, lower and upper (limits at the confidence level, from the uncertainty of the shares and from chance).
    chance : float or None
        The chance of reaching the target at the last stage.
    """

    table: Frame
    chance: float | None

    @drawn_by("reverse.forward")
    def plot(self, kind: Literal["funnel"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: what to expect at each stage ("funnel")."""

    def _headline(self) -> str:
        first, last = (self._tables["table"].row(at, named=True) for at in (0, -1))
        return t(
            "Of {first:,.0f} at {stage}, {lower:,.0f} to {upper:,.0f} come to {last} ({chance})",
            first=first["expected"],
            stage=first["stage"],
            lower=last["lower"],
            upper=last["upper"],
            last=last["stage"],
            chance=numbers.percent(self.params["confidence"]),
        )


def _improvement(stage: Any, cost: Any) -> dict[str, Any]:
    if not isinstance(cost, tuple):
        return {"stage": stage, "cost_per_point": cost}
    if len(cost) != 2:
        raise ParameterError(
            f"improvements: got {repr_of(cost)} for {repr_of(stage)}; expected the cost of a point, or it and the most points",
            parameter="improvements",
        )
    return {"stage": stage, "cost_per_point": cost[0], "most_points": cost[1]}


def forward(*, first: float, stages: Stages, target: float | None = None, confidence: float = 0.9) -> Forward:
    """Goes from a number at the first stage to the expected results, and the chance of reaching a target at the last stage.

    Parameters
    ----------
    first : float
        The number at the first stage; limits and the chance are for whole numbers.
    stages : list of (str, int), dict or frame
        As for `reverse`.
    target : float, optional
        The target number at the last stage.
    confidence : float
        Level of the limits.

    Returns
    -------
    Forward
        Table ``table`` (stage, expected, lower, upper). Values ``chance``.

    Raises
    ------
    ParameterError
        As `reverse`.

    Examples
    --------
    >>> import leverkit as lk
    >>> lk.funnel.forward(first=12_500, stages=[("lead", 5000), ("qualified", 2000), ("order", 400)]).table["expected"].to_list()
    [12500.0, 5000.0, 1000.0]
    """
    counts = _stages(stages)
    number = finite("first", first)
    target = None if target is None else finite("target", target)
    return Forward(
        _engine.forward(number, counts, target=target, confidence=confidence),
        kind_of(stages),
        {"first": number, "stages": counts, "target": target, "confidence": confidence},
    )


def _stages(stages: Stages) -> list[tuple[str, int]]:
    if hasattr(stages, "__arrow_c_stream__"):
        stages = polars_of(stages).rows()
    pairs = list(stages.items()) if isinstance(stages, Mapping) else [tuple(pair) for pair in stages]
    if any(len(pair) != 2 for pair in pairs):
        raise ParameterError("stages: expected pairs of a name and a count", parameter="stages")
    return [(text_of(name), _whole(f"stages: {text_of(name)}", count)) for name, count in pairs]


def _whole(name: str, count: Any) -> int:
    number = float(count) if is_number(count) and not isinstance(count, bool) else -1.0
    if not 0 <= number <= 10**15 or number % 1 or number != count:
        raise ParameterError(f"{name}: got {repr_of(count)}; expected a whole number from 0 to 10^15", parameter=name)
    return int(count)
