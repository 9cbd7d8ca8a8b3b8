"""The stage funnel: how many go from stage to stage of an event log, how long it takes, and where they stop.

The engine computes; this module names things and turns the different ways to write a stage into rules.
"""

from __future__ import annotations

import datetime as dt
import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib.frames import Roles, ToNative, from_engine, kind_of, only, through
from leverkit._lib.inputs import repr_of, text_of, texts
from leverkit._lib.numbers import counted
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t, told
from leverkit.errors import ParameterError
from leverkit.ledger import Ledger

__all__ = ["EventLog", "StageAudit", "StageComparison", "StageFunnel", "stages"]

#: A stage: an event; several events; or ``{"name": …, "events": …, "where": {column: value or values}}``.
Stage = str | int | Sequence[Any] | Mapping[str, Any]
Span = str | float | dt.timedelta | None

_Rule = dict[str, Any]


class EventLog:
    """Events of entities, grouped by entity and in time order; built once, for many funnels.

    Rows without an entity, a readable time between 1900 and 2100, or an event are left out and counted. Times with a zone are compared as
    instants; times without a zone are compared as they are.

    Parameters
    ----------
    events
        One row per event: polars (also lazy), pandas, pyarrow, DuckDB relation, narwhals, or anything with ``__arrow_c_stream__``.
    entity, time, event : str
        Columns of who, when (dates, datetimes of any unit and zone, or text in one format; anything finer than a microsecond is truncated), and what.
    value : str, optional
        Money of the event.
    properties : list of str
        Further columns for grouping, filtering and holding constant.
    time_format : str, optional
        How text of the time is written, such as "%d/%m/%Y"; by default what the values settle.

    Raises
    ------
    SchemaError
        A column is missing or has a type that cannot be used.
    DataError
        No row is left.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> events = pl.DataFrame({"who": [1, 1, 2], "at": ["2024-01-01", "2024-01-04", "2024-01-02"], "what": ["see", "buy", "see"]})
    >>> log = lk.funnel.EventLog(events, entity="who", time="at", event="what")
    >>> log.n_entities, log.n_events, log.names
    (2, 3, ['buy', 'see'])
    """

    def __init__(
        self,
        events: Any,
        *,
        entity: str,
        time: str,
        event: str,
        value: str | None = None,
        properties: Iterable[str] = (),
        time_format: str | None = None,
    ) -> None:
        roles = Roles(number=[value], time=[time], time_format=time_format)
        self._inner = _log(events, entity, time, event, value, list(properties), None, roles)
        self._to_native = kind_of(events)

    @property
    def n_entities(self) -> int:
        """Number of entities with an event."""
        return self._inner.n_entities

    @property
    def n_events(self) -> int:
        """Number of events."""
        return self._inner.n_events

    @property
    def names(self) -> list[str]:
        """Names of the events, sorted."""
        return sorted(self._inner.names)

    @property
    def left_out(self) -> dict[str, int]:
        """The number of input rows, and how many were left out for each reason."""
        counts: dict[str, int] = json.loads(self._inner.left_out())
        return counts

    @property
    def set_aside(self) -> dict[str, int]:
        """The old name of `left_out`."""
        warnings.warn("EventLog.set_aside is now EventLog.left_out", DeprecationWarning, stacklevel=2)
        return self.left_out

    def __repr__(self) -> str:
        entities, events = counted(self.n_entities, "entity", "entities"), counted(self.n_events, "event")
        return f"EventLog({entities}, {events} of {counted(len(self._inner.names), 'kind')})"


class StageFunnel(Result):
    """How many went from stage to stage.

    Attributes
    ----------
    table : frame
        One row per group and stage: group ("all" without `by`, null if unknown), stage, reached (entities), from_previous (share of those at the stage
        before) with lower and upper limit (Wilson), from_first with first_lower and first_upper, dropped (entities that reached this stage and went
        no further), median_time (days from the stage before), value (money of the events that first reached it), ties_lower and ties_upper
        (smallest and largest number of entities under the three rules for events at the same moment; equal if ties do not matter).
    times : frame
        One row per group, stage and beginning: since ("previous" stage or "first"), n, mean, p10, p25, p50, p75, p90, p95 (days).
    curves : frame
        One row per group, stage and percentile: days (since the first stage), share (of those at the first stage who had reached the stage by then).
    exits : frame
        What those who stopped did next, if all events were kept (``exits=True``, an `EventLog` or a `Ledger`): group, stage, event (null: nothing),
        entities, share.
    policy : str
        The rules as a sentence. `params` has them by name.
    """

    table: Frame
    times: Frame
    curves: Frame
    exits: Frame
    policy: str

    @classmethod
    def _make(cls, engine: Any, name: str) -> pl.DataFrame:
        return from_engine(engine.exits()) if name == "exits" else super()._make(engine, name)

    def dropped(self, stage: str) -> Any:
        """The entities that reached a stage and went no further, in the order of their ids: entity, group, stage, and time and value of the event
        that reached it.

        Raises
        ------
        ParameterError
            There is no such stage; the error names the nearest.
        """
        return self._to_native(from_engine(self._engine.dropped(text_of(stage))))

    def audit(self) -> StageAudit:
        """The same funnel under both values of `start`, four windows of both kinds, the three rules for ties, and in every mode; all groups together.

        Returns
        -------
        StageAudit
            Table ``table`` (mode, start, window, window_days, window_from, ties, first, last, conversion, ratio, used).
        """
        table, notes = self._engine.audit()
        return StageAudit({"table": from_engine(table)}, self._to_native, self.params, notes)

    def compare(
        self, against: StageFunnel | None = None, *, base_group: str | None = None, against_group: str | None = None
    ) -> StageComparison:
        """Compares this funnel with another one, or one group with another.

        Parameters
        ----------
        against : StageFunnel, optional
            A funnel with the same stages, for example for another period; by default this funnel itself, to compare two of its groups.
        base_group, against_group : str, optional
            Groups to compare; all together by default.

        Returns
        -------
        StageComparison
            Tables ``table`` (stage, base_reached, against_reached, base_from_previous, against_from_previous, difference, lower, upper,
            base_from_first, against_from_first, first_difference, first_lower, first_upper); ``mix`` (group, base_share, against_share,
            base_conversion, against_conversion, mix, rate).

        Raises
        ------
        ParameterError
            The stages differ, or there is no such group.
        """
        other = self if against is None else against
        engine = _engine.compare_stages(self._engine, other._engine, base_group=base_group, against_group=against_group)
        return StageComparison(engine, self._to_native, {"base_group": base_group, "against_group": against_group})

    _bars = ("from_first",)

    @drawn_by("stages.stage_funnel")
    def plot(
        self, kind: Literal["funnel", "times"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "funnel" (default), or the "times" to convert as curves."""

    def _headline(self) -> str:
        return t("Stage funnel: {policy}", policy=told(self.policy))


class StageAudit(Result):
    """The funnel under other rules.

    Attributes
    ----------
    table : frame
        One row per set of rules, starting with the one that was used: mode, start, window (in words), window_days, window_from, ties, first and last (entities at the
        first and the last stage), conversion (last ÷ first), ratio (of `last` to that under the rules used), used.
    """

    table: Frame

    @property
    def spread(self) -> tuple[int, int]:
        """The smallest and the largest number of entities at the last stage."""
        last = self._tables["table"]["last"].to_list()
        return min(last), max(last)

    @drawn_by("stages.audit")
    def plot(self, kind: Literal["spread"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: the last stage under each set of rules ("spread")."""

    def _headline(self) -> str:
        used = self._tables["table"]["last"][0]
        low, high = self.spread
        return t(
            "The same data under other rules: {low:,} to {high:,} at the last stage; {used:,} under the rules used",
            low=low,
            high=high,
            used=used,
        )


class StageComparison(Result):
    """A comparison of two funnels.

    Attributes
    ----------
    table : frame
        One row per stage: base_reached, against_reached, base_from_previous, against_from_previous, difference (second minus first) with lower and
        upper
        limit (Newcombe), base_from_first, against_from_first, first_difference with first_lower and first_upper.
    mix : frame
        If both have the same `by`, one row per group: base_share, against_share (of entities at the first stage), base_conversion, against_conversion (from the
        first to the last stage), mix and rate: what the group's changed share and its changed conversion add to the overall difference.
    """

    table: Frame
    mix: Frame

    @drawn_by("stages.comparison")
    def plot(
        self, kind: Literal["differences"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: differences of conversions with their limits ("differences")."""

    def _headline(self) -> str:
        return t("What changes from the first funnel to the second")


def stages(
    events: Any,
    *,
    entity: str | None = None,
    time: str | None = None,
    stage: str | None = None,
    stages: Sequence[Stage] | Mapping[str, Stage],
    window: Span = "30d",
    mode: str | Sequence[str] = "default",
    ties: Literal["input", "lenient", "strict"] = "input",
    by: str | None = None,
    value: str | None = None,
    exclude: Stage | Sequence[Stage] | None = None,
    start: Literal["any", "first"] = "any",
    window_from: Literal["first", "previous"] = "first",
    optional: Sequence[str] = (),
    hold: str | None = None,
    exits: bool = False,
    level: float = 0.95,
    time_format: str | None = None,
) -> StageFunnel:
    """Counts who goes from stage to stage, in order and within a time window.

    Parameters
    ----------
    events
        One row per event (any frame, also lazy), an `EventLog`, or a `Ledger`, whose customers are the entities and whose lines the events.
    entity, time, stage : str
        Columns of a frame: who, when, and the event. For a ledger, `stage` is "product" (default) or a dimension.
    stages : list or dict
        Two to 32 stages in order. A stage is an event; a list of alternative events; or a rule
        ``{"name": "Bought tea", "events": ["buy"], "where": {"product": ["green", "black"]}}``, in which `events` may be left out.
        A dict gives names: ``{"Seen": "visit", "In the cart": ["add", "quick_buy"]}``.
    window : str, int, timedelta or None
        The time within which the stages must come, both ends included: "30d", "12h", "90m", "45s", "2w", "1d12h", or days as a number. None means no
        limit.
    mode : str or list of str
        "default", or rules as in ClickHouse's windowFunnel, which can be combined: "strict_deduplication" (a repeated stage ends the search),
        "strict_order" (any event that is not the next stage ends it too), "strict_increase" (a stage must come later than the one before, as in the
        newest windowFunnel), "strict_increase_latest" (later than the latest event of the one before, as in older versions), "strict_once" (an event counts for only one stage), "allow_reentry" (with "strict_order": stages that come too early are ignored).
        "unordered" counts how many of the stages come within one window, in any order.
    ties : {"input", "lenient", "strict"}
        Events at the same moment are taken in input order, in the order of the stages (as in ClickHouse), or so that no stage follows another. The
        table shows the range between the rules, whichever is used.
    by : str, optional
        A column to group by: its value at the event that first reached a stage.
    value : str, optional
        A column with money.
    exclude : stage or list of stages, optional
        Events that break a chain, which must then start again, and that are not a stage between its ends; with "after" and "before" in the rule, only between these two stages; by default
        between the first and the last.
    start : {"any", "first"}
        Whether any event of the first stage may start a chain, or only the entity's first one.
    window_from : {"first", "previous"}
        Whether the window runs from the first stage, or separately from each stage to the next.
    optional : list of str
        Names of stages that may be skipped.
    hold : str, optional
        A column that must have the same value in all stages of a chain: the same product, the same contract.
    exits : bool
        Keeps all events of a frame, to show what those who stopped did next, and to audit strict order.
    level : float
        Of the limits.
    time_format : str, optional
        How text of a frame's time is written, such as "%d/%m/%Y"; by default what the values settle.

    Returns
    -------
    StageFunnel
        Tables ``table`` (group, stage, reached, from_previous, from_first, lower, upper, first_lower, first_upper, dropped, median_time, value,
        ties_lower, ties_upper); ``times`` (group, stage, since, n, mean, p10, p25, p50, p75, p90, p95); ``curves`` (group, stage, days, share);
        ``exits`` (group, stage, event, entities, share). Values ``policy``.

    Raises
    ------
    ParameterError
        Fewer than two stages, a stage without any event (the error names the nearest), a window that is not above 0, repeated stages when order does
        not matter, or incompatible rules.
    SchemaError
        A column is missing or has a type that cannot be used.
    DataError
        The log is empty.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> events = pl.DataFrame({
    ...     "who": [1, 1, 1, 2, 2, 3], "at": ["2024-01-01", "2024-01-02", "2024-01-05", "2024-01-01", "2024-03-01", "2024-01-09"],
    ...     "what": ["see", "cart", "buy", "see", "cart", "see"],
    ... })
    >>> found = lk.funnel.stages(events, entity="who", time="at", stage="what", stages=["see", "cart", "buy"], window="30d")
    >>> found.table["reached"].to_list()
    [3, 1, 1]
    >>> found.dropped("see")["who"].to_list()
    [2, 3]
    """
    modes = [mode] if isinstance(mode, str) else list(mode)
    asked: dict[str, Any] = {
        "window": _span(window),
        "window_from": window_from,
        "ties": ties,
        "optional": [text_of(name) for name in optional],
        "hold": hold,
        "by": by,
        "level": level,
    }
    question = _engine.StageQuestion(
        stages=_rules(stages),
        exclusions=_exclusions(exclude),
        modes=[name for name in modes if name != "default"],
        touch=start,
        **asked,
    )
    roles = Roles(number=[value], time=[time], time_format=time_format)
    log, to_native = _log_of(events, (entity, time, stage), value, question, roles, exits=exits)
    is_whole = exits or isinstance(events, (EventLog, Ledger))
    known = {"modes": modes, "start": start, **asked, "exclude": exclude}
    params = {"stages": question.names, **known, "policy": question.policy}
    without = () if is_whole else ("exits",)
    found = StageFunnel(_engine.stages(log, question), to_native, params, without=without, policy=question.policy)
    return found._also(roles.notes)


def _log_of(
    events: Any,
    columns: tuple[str | None, str | None, str | None],
    value: str | None,
    question: _engine.StageQuestion,
    roles: Roles,
    *,
    exits: bool,
) -> tuple[_engine.EventLog, ToNative]:
    entity, time, stage = columns
    if isinstance(events, Ledger):
        return _engine.EventLog.from_ledger(events._inner, stage or "product"), events._to_native
    if isinstance(events, EventLog):
        if any(columns) or value:
            raise TypeError("an EventLog has its columns already; leave out entity, time, stage and value")
        return events._inner, events._to_native
    if entity is None or time is None or stage is None:
        raise TypeError("a frame needs its columns: give entity=…, time=… and stage=…, or pass an EventLog")
    wanted = None if exits else question.wanted
    return _log(events, entity, time, stage, value, question.properties, wanted, roles), kind_of(events)


def _log(
    events: Any,
    entity: str,
    time: str,
    event: str,
    value: str | None,
    properties: list[str],
    wanted: list[str] | None,
    roles: Roles,
) -> _engine.EventLog:
    columns = [entity, time, event, *([value] if value else []), *properties]
    return through(
        _engine.EventLog,
        only(events, columns, roles),
        entity=entity,
        time=time,
        event=event,
        value=value,
        properties=properties,
        only=wanted,
    )


def _rules(stages: Sequence[Stage] | Mapping[str, Stage]) -> list[_Rule]:
    if isinstance(stages, str):
        raise TypeError(f"stages: expected a list of stages or a dict from names to stages, got {repr_of(stages)}")
    if isinstance(stages, Mapping):
        return [{**_rule(stage), "name": text_of(name)} for name, stage in stages.items()]
    return [_rule(stage) for stage in stages]


def _rule(stage: Stage) -> _Rule:
    if not isinstance(stage, Mapping):
        names = texts(stage)
        return {"name": " or ".join(names), "events": names, "conditions": []}
    unknown = set(stage) - {"name", "event", "events", "where", "after", "before"}
    if unknown:
        raise TypeError(f"a stage has no {sorted(unknown)[0]!r}; it has name, events and where")
    names = texts(stage.get("events", stage.get("event", [])))
    where = [(text_of(column), texts(values)) for column, values in dict(stage.get("where", {})).items()]
    default = " or ".join(names) or " and ".join(f"{column} = {'/'.join(values)}" for column, values in where)
    return {"name": str(stage.get("name", default)), "events": names, "conditions": where}


def _exclusions(exclude: Any) -> list[dict[str, Any]]:
    if exclude is None:
        return []
    many = exclude if isinstance(exclude, (list, tuple)) else [exclude]
    spans = [stage if isinstance(stage, Mapping) else {} for stage in many]
    return [
        {"rule": _rule(stage), "after": span.get("after"), "before": span.get("before")}
        for stage, span in zip(many, spans, strict=True)
    ]


def _span(window: Span) -> str | None:
    if window is None or isinstance(window, str):
        return window
    if isinstance(window, dt.timedelta):
        return f"{window // dt.timedelta(microseconds=1)}us"
    try:
        if isinstance(window, Integral):
            return f"{int(window)}d"
        return _span(dt.timedelta(days=float(window)))
    except Exception:  # whatever a number of another library says where it is none
        raise ParameterError(
            f"window: got {repr_of(window)}; expected a number of days above 0, or None for no limit",
            parameter="window",
        ) from None
