"""The stage funnel: how many come from stage to stage of an event log, within what time, and where they stop.

The engine computes; this module names things and turns the ways of writing a stage into rules.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib.frames import Roles, ToNative, from_engine, kind_of, only, through
from leverkit._lib.result import Frame, Result, drawn_by
from leverkit._lib.text import t, told
from leverkit.errors import ParameterError
from leverkit.ledger import Ledger

#: A stage: an event; several events; or ``{"name": …, "events": …, "where": {column: value or values}}``.
Stage = str | int | Sequence[Any] | Mapping[str, Any]
Span = str | float | dt.timedelta | None

_Rule = dict[str, Any]


class EventLog:
    """Events of entities, grouped by entity and in time order; built once, for many funnels.

    Rows without an entity, a readable time between 1900 and 2100, or an event are left out and counted. Times with a zone are compared as
    instants; times without one as they stand.

    Parameters
    ----------
    events
        One row per event: polars (also lazy), pandas, pyarrow, DuckDB relation, narwhals, or anything with ``__arrow_c_stream__``.
    entity, time, event : str
        Columns of who, when (dates, datetimes of any unit and zone, or text of one format; finer than a microsecond is cut off), and what.
    value : str, optional
        Money of the event.
    properties : list of str
        Further columns to group, filter and hold constant by.
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
    def set_aside(self) -> dict[str, int]:
        """Rows that came in, and how many of them were left out for what reason."""
        counts: dict[str, int] = json.loads(self._inner.set_aside())
        return counts

    def __repr__(self) -> str:
        return f"EventLog({self.n_entities:,} entities, {self.n_events:,} events of {len(self._inner.names):,} kinds)"


class StageFunnel(Result):
    """How many came from stage to stage.

    Attributes
    ----------
    table : frame
        One row per group and stage: group ("all" without `by`, null where not known), stage, reached (entities), from_previous (share of those at the stage
        before) with lower and upper limit (Wilson), from_first with first_lower and first_upper, dropped (entities that came to this stage and
        no further), median_time (days from the stage before), value (money of the events that first reached it), ties_lower and ties_upper
        (entities at the stage under the three rules for events of one moment; equal where ties do not matter).
    times : frame
        One row per group, stage and beginning: since ("previous" stage or "first"), n, mean, p10, p25, p50, p75, p90, p95 (days).
    curves : frame
        One row per group, stage and percentile: days (since the first stage), share (of those at the first stage who had come there by then).
    exits : frame
        What those who stopped did next, where all events were kept (``exits=True``, an `EventLog` or a `Ledger`): group, stage, event (null: nothing),
        entities, share.
    policy : str
        The rules in a sentence. `params` has them by name.
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
        """The entities that came to a stage and no further, in the order of their ids: the entity, group, stage, time and value of the event
        that came there.

        Raises
        ------
        ParameterError
            There is no such stage; the nearest is offered.
        """
        return self._to_native(from_engine(self._engine.dropped(str(stage))))

    def audit(self) -> StageAudit:
        """The same funnel under both entries, four windows of both kinds, the three rules for ties, and in every mode; all groups together."""
        table, notes = self._engine.audit()
        return StageAudit({"table": from_engine(table)}, self._to_native, self.params, notes)

    def compare(
        self, against: StageFunnel | None = None, *, base_group: str | None = None, against_group: str | None = None
    ) -> StageComparison:
        """What changes from this funnel to another one, or from one group to another.

        Parameters
        ----------
        against : StageFunnel, optional
            Of another period, say, with the same stages; this funnel itself by default, to compare two of its groups.
        base_group, against_group : str, optional
            Groups to compare; all together by default.

        Raises
        ------
        ParameterError
            The stages differ, or there is no such group.
        """
        other = self if against is None else against
        engine = _engine.compare_stages(self._engine, other._engine, base_group=base_group, against_group=against_group)
        return StageComparison(engine, self._to_native, {"base_group": base_group, "against_group": against_group})

    @drawn_by("stages.stage_funnel", "funnel", "times")
    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: the "funnel" (default), or the "times" to convert as curves."""

    def _headline(self) -> str:
        return t("Stage funnel: {policy}", policy=told(self.policy))


class StageAudit(Result):
    """The funnel under other rules.

    Attributes
    ----------
    table : frame
        One row per set of rules, the one that was used first: mode, start, window (in words), window_days, window_from, ties, first and last (entities at the
        first and the last stage), conversion (last ÷ first), ratio (of last to that of the rules used), used.
    """

    table: Frame

    @property
    def spread(self) -> tuple[int, int]:
        """The least and the most entities at the last stage."""
        last = self._tables["table"]["last"].to_list()
        return min(last), max(last)

    @drawn_by("stages.audit", "spread")
    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: what each set of rules makes of the last stage ("spread")."""

    def _headline(self) -> str:
        used = self._tables["table"]["last"][0]
        low, high = self.spread
        return t(
            "The same data by other rules: {low:,} to {high:,} at the last stage; {used:,} by the rules used",
            low=low,
            high=high,
            used=used,
        )


class StageComparison(Result):
    """Two funnels beside each other.

    Attributes
    ----------
    table : frame
        One row per stage: base_reached, against_reached, base_from_previous, against_from_previous, difference (second less first) with lower and upper
        limit (Newcombe), base_from_first, against_from_first, first_difference with first_lower and first_upper.
    mix : frame
        Where both have the same `by`, one row per group: base_share, against_share (of entities at the first stage), base_conversion, against_conversion (from the
        first to the last stage), mix and rate: what the group's changed share and its changed conversion add to the difference of all.
    """

    table: Frame
    mix: Frame

    @drawn_by("stages.comparison", "differences")
    def plot(self, kind: str | None = None) -> Any:
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
    """Counts who comes from stage to stage, in order and in time.

    Parameters
    ----------
    events
        One row per event (any frame, also lazy), an `EventLog`, or a `Ledger`, whose customers are the entities and whose lines the events.
    entity, time, stage : str
        Columns of a frame: who, when, and the event. Of a ledger `stage` is "product" (default) or a dimension.
    stages : list or dict
        Two to 32 stages in order. A stage is an event; a list of events, any of which will do; or a rule
        ``{"name": "Bought tea", "events": ["buy"], "where": {"product": ["green", "black"]}}``, in which `events` may be left out.
        A dict gives names: ``{"Seen": "visit", "In the cart": ["add", "quick_buy"]}``.
    window : str, int, timedelta or None
        Within which the stages must come, both ends included: "30d", "12h", "90m", "45s", "2w", "1d12h", or days as a number. None is no limit.
    mode : str or list of str
        "default", or rules as in ClickHouse's windowFunnel, which can be put together: "strict_deduplication" (a stage that comes again ends the search),
        "strict_order" (so does any event that is not the next stage), "strict_increase" (a stage must come later than the latest event of the one
        before), "strict_once" (an event counts for one stage alone), "allow_reentry" (with "strict_order": stages before their turn are passed over).
        "unordered" counts how many of the stages come within one window, in any order.
    ties : {"input", "lenient", "strict"}
        Events of one moment stand as they came in, in the order of the stages (as in ClickHouse), or so that no stage follows another.
        The table has the interval between the rules, whichever is used.
    by : str, optional
        A column to group by: its value at the event that first reached a stage.
    value : str, optional
        A column with money.
    exclude : stage or list of stages, optional
        Events that break a chain, which then has to begin anew; with "after" and "before" in the rule between two stages, by default between the first
        and the last.
    start : {"any", "first"}
        Whether any event of the first stage may begin a chain, or the entity's first alone.
    window_from : {"first", "previous"}
        Whether the window runs from the first stage, or anew from each stage to the next.
    optional : list of str
        Names of stages that may be left out.
    hold : str, optional
        A column that must have the same value in all stages of a chain: the same product, the same contract.
    exits : bool
        Keeps all events of a frame, to tell what those who stopped did next, and to audit strict order.
    level : float
        Of the limits.
    time_format : str, optional
        How text of a frame's time is written, such as "%d/%m/%Y"; by default what the values settle.

    Raises
    ------
    ParameterError
        Fewer than two stages, a stage that no event has (the nearest is offered), a window that is not above 0, repeated stages where order does not
        matter, or rules that do not go together.
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
        "optional": [str(name) for name in optional],
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
        raise TypeError(f"stages: expected a list of stages or a dict from names to stages, got {stages!r}")
    if isinstance(stages, Mapping):
        return [{**_rule(stage), "name": str(name)} for name, stage in stages.items()]
    return [_rule(stage) for stage in stages]


def _rule(stage: Stage) -> _Rule:
    if not isinstance(stage, Mapping):
        names = _texts(stage)
        return {"name": " or ".join(names), "events": names, "conditions": []}
    unknown = set(stage) - {"name", "event", "events", "where", "after", "before"}
    if unknown:
        raise TypeError(f"a stage has no {sorted(unknown)[0]!r}; it has name, events and where")
    names = _texts(stage.get("events", stage.get("event", [])))
    where = [(str(column), _texts(values)) for column, values in dict(stage.get("where", {})).items()]
    default = " or ".join(names) or " and ".join(f"{column} = {'/'.join(values)}" for column, values in where)
    return {"name": str(stage.get("name", default)), "events": names, "conditions": where}


def _texts(values: Any) -> list[str]:
    many = values if isinstance(values, (list, tuple, set, frozenset)) else [values]
    return [_text(value) for value in (sorted(many) if isinstance(many, (set, frozenset)) else many)]


def _text(value: Any) -> str:
    """A value as the log writes it: flags are true and false there."""
    is_flag = isinstance(value, bool) or type(value).__name__ in ("bool_", "bool")
    return str(value).lower() if is_flag else str(value)


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
    if isinstance(window, Integral):
        return f"{int(window)}d"
    days = float(window)
    if not math.isfinite(days):
        raise ParameterError(
            f"window: got {days}; expected a number of days above 0, or None for no limit", parameter="window"
        )
    return _span(dt.timedelta(days=days))
