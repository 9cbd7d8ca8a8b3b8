"""Journeys and channel attribution: what follows what, where people stop, and which channels get credit for conversions.

The engine computes; this module names things and converts frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, kind_of, only, through
from leverkit._lib.inputs import at_least, repr_of, text_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import in_words, t
from leverkit.errors import ParameterError
from leverkit.funnel._stages import EventLog, Span, _span

__all__ = ["Attribution", "Journey", "attribution", "journey"]

Method = Literal["first", "last", "linear", "position", "time_decay", "markov", "shapley"]

_METHODS = ("first", "last", "linear", "position", "time_decay", "markov", "shapley")


class Journey(Result):
    """The journey map.

    Attributes
    ----------
    transitions : frame
        One row per event and next event: from ("(start)" before the first), to ("(end)" after the last), count, probability (of what follows the event) with
        lower and upper limit (Wilson), median_days, mean_days between them.
    paths : frame
        The most frequent paths: path, length, entities, share (of all entities), mean_days (from its first to its last event). A path that continues
        ends in "…".
    loops : frame
        Events that return: event, via (the one event between; null if it is repeated immediately), count, entities, share.
    step_matrix : frame
        One row per step (from 1) and event: entities, share; "(end)" holds all who have reached their end. Shares of a step add up to 1.
    flows : frame
        One row per step, event and next event: step, from, to, entities. The Sankey draws this table.
    stopped : frame
        Where entities of each channel stopped: channel, stopped_at (last event, or furthest stage), entities, share (of the channel's).
    n_entities, n_events, distinct_paths : int
        Sizes.
    """

    transitions: Frame
    paths: Frame
    loops: Frame
    step_matrix: Frame
    flows: Frame
    stopped: Frame
    n_entities: int
    n_events: int
    distinct_paths: int

    @drawn_by("journeys.journey")
    def plot(
        self,
        kind: Literal["sankey", "step_matrix", "transitions", "stopped"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: the "sankey" of steps (default), the "step_matrix", the "transitions" as a heat map, or where channels "stopped"."""

    def _headline(self) -> str:
        return t(
            "{events:,} {events:event|events} of {entities:,} {entities:entity|entities} on {paths:,} different {paths:path|paths}",
            events=self.n_events,
            entities=self.n_entities,
            paths=self.distinct_paths,
        )


def journey(
    events: Any,
    *,
    entity: str | None = None,
    time: str | None = None,
    event: str | None = None,
    channel: str | None = None,
    stages: Sequence[str] = (),
    steps: int = 10,
    paths: int = 20,
    collapse: bool = False,
    level: float = 0.95,
    time_format: str | None = None,
) -> Journey:
    """Builds the journey map of an event log: transitions, paths, loops, steps, and where entities stop.

    An entity's events are in time order; events at the same moment are in input order.

    Parameters
    ----------
    events
        One row per event, or an `EventLog` (then without columns; its `properties` must hold the channel).
    entity, time, event : str
        Columns of who, when and what.
    channel : str, optional
        Column whose first known value is the channel that an entity came through.
    stages : list of str
        Events that are stages, in order: an entity stopped at the furthest one it reached. Without stages, it stopped at its last event.
    steps : int
        Steps of the step matrix and of paths (at most 50); longer paths are identified by their beginning.
    paths : int
        How many paths to list.
    collapse : bool
        Whether an event that is repeated immediately counts once.
    level : float
        Level of the limits.
    time_format : str, optional
        How text of the time is written, such as "%d/%m/%Y"; by default what the values settle.

    Returns
    -------
    Journey
        Tables ``transitions`` (from, to, count, probability, lower, upper, median_days, mean_days); ``paths`` (path, length, entities, share,
        mean_days); ``loops`` (event, via, count, entities, share); ``step_matrix`` (step, event, entities, share); ``flows`` (step, from, to,
        entities); ``stopped`` (channel, stopped_at, entities, share). Values ``n_entities``, ``n_events``, ``distinct_paths``.

    Raises
    ------
    SchemaError
        A column is missing or has a type that cannot be used.
    DataError
        No row is left.
    ParameterError
        More than 500 kinds of events, a stage that is not an event (the error names the nearest), or a number out of range.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> events = pl.DataFrame({"who": [1, 1, 2], "at": ["2024-01-01", "2024-01-03", "2024-01-01"], "what": ["see", "buy", "see"]})
    >>> lk.funnel.journey(events, entity="who", time="at", event="what").paths["path"].to_list()
    ['see', 'see → buy']
    """
    roles = Roles(time=[time], time_format=time_format)
    if isinstance(events, EventLog):
        if entity or time or event:
            raise TypeError("an EventLog has its columns already; leave out entity, time and event")
        log, to_native = events._inner, events._to_native
    else:
        if entity is None or time is None or event is None:
            raise TypeError("a frame needs its columns: give entity=…, time=… and event=…, or pass an EventLog")
        properties = [channel] if channel else []
        data = only(events, [entity, time, event, *properties], roles)
        log = through(_engine.EventLog, data, entity=entity, time=time, event=event, properties=properties)
        to_native = kind_of(events)
    for name, number in (("steps", steps), ("paths", paths)):
        at_least(name, number, 1)
    params = {
        "channel": channel,
        "stages": [text_of(stage) for stage in stages],
        "steps": steps,
        "paths": paths,
        "collapse": collapse,
        "level": level,
    }
    found = _engine.journey(log, **params)
    result = Journey(found, to_native, params, n_entities=found.entities, n_events=found.events)
    return result._also(roles.notes)


class Attribution(Result):
    """Which channels get credit for conversions.

    Attributes
    ----------
    table : frame
        One row per channel, most credit first, by the requested method: channel (null: conversions without a touch), touches, entities, conversions, share with lower
        and upper limit (of conversions with a touch; jackknife over groups of entities), value (money), removal_effect (share of conversions that would be
        lost without it), ties_lower and ties_upper (conversions under the three rules for rows of one moment).
    methods : frame
        One row per method and channel: method, channel, conversions, share, lower, upper, value, ties_lower, ties_upper.
    conversions : float
        Conversions; the rows of each method add up to them.
    value : float or None
        Money of conversions.
    unconverted : int
        Paths that did not convert.
    """

    table: Frame
    methods: Frame
    conversions: float
    value: float | None
    unconverted: int

    @drawn_by("journeys.attribution")
    def plot(
        self, kind: Literal["bars", "methods"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "bars" of credit by channel (default), or all "methods" side by side."""

    def _headline(self) -> str:
        table = self._tables["table"].drop_nulls("channel")
        method = in_words(self.params["method"])
        if not table.height or not self.conversions:
            return t(
                "{conversions:,.0f} {conversions:conversion|conversions} by {method}",
                conversions=self.conversions,
                method=method,
            )
        best = table.row(0, named=True)
        return t(
            "{conversions:,.0f} {conversions:conversion|conversions} by {method}: {channel} gets the most credit, {share}",
            conversions=self.conversions,
            method=method,
            share=numbers.percent(best["share"]),
            channel=best["channel"],
        )


def attribution(
    events: Any,
    *,
    entity: str,
    time: str,
    channel: str,
    conversion: str,
    value: str | None = None,
    method: Method = "markov",
    half_life: float = 7.0,
    window: Span = None,
    ties: Literal["lenient", "strict", "input"] = "lenient",
    level: float = 0.95,
    time_format: str | None = None,
) -> Attribution:
    """Distributes conversions among the channels that led to them.

    An entity's touches since its last conversion, or since its first event, form a path; touches after the last conversion form a path that did not
    convert. All methods are computed at once; `method` chooses the one in the table. All are deterministic, none gives a channel negative credit, and
    each adds up to the conversions.

    Parameters
    ----------
    events
        One row per touch, a conversion or both, in any order.
    entity, time : str
        Columns of who and when.
    channel : str
        Column of the touch's channel; null if the row is not a touch.
    conversion : str
        Column of flags: true or 1 for a conversion; two conversions are two rows. In a row with a channel, the touch comes before the conversion.
    value : str, optional
        Column of the conversion's money.
    method : str
        "first", "last", "linear", "position" (40–20–40), "time_decay", "markov" (removal effects, solved as an absorbing chain) or "shapley".
    half_life : float
        Days after which time decay halves a touch's weight.
    window : str, int, timedelta or None
        How long before a conversion touches count: "30d", "12h", or days as a number. None, the default, means no limit.
    ties : {"lenient", "strict", "input"}
        The order of rows at the same moment, such as a day if times are dates: touches before conversions ("lenient"), conversions before the touches of
        other rows ("strict"), or input order ("input"). With the first two, touches at the same moment count equally in all their orders, so the order of
        rows does not matter. The tables show the range between the rules.
    level : float
        Level of the limits.
    time_format : str, optional
        How text of the time is written, such as "%d/%m/%Y"; by default what the values settle.

    Returns
    -------
    Attribution
        Tables ``table`` (channel, touches, entities, conversions, share, lower, upper, value, removal_effect, ties_lower, ties_upper);
        ``methods`` (method, channel, conversions, share, lower, upper, value, ties_lower, ties_upper). Values ``conversions``, ``value``,
        ``unconverted``.

    Raises
    ------
    SchemaError
        A column is missing or has a type that cannot be used.
    DataError
        No row is left, or a conversion is no flag.
    ParameterError
        An unknown method, or more than 200 channels.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> touches = pl.DataFrame({"who": [1, 1, 2], "at": ["2024-01-01", "2024-01-02", "2024-01-01"], "by": ["ads", "mail", "ads"], "bought": [0, 1, 0]})
    >>> lk.funnel.attribution(touches, entity="who", time="at", channel="by", conversion="bought").table["conversions"].sum()
    1.0
    """
    if method not in _METHODS:
        raise ParameterError(
            f"method: got {repr_of(method)}; expected {', '.join(_METHODS[:-1])} or {_METHODS[-1]}", parameter="method"
        )
    params = {
        "entity": entity,
        "time": time,
        "channel": channel,
        "conversion": conversion,
        "value": value,
        "method": method,
        "half_life": half_life,
        "ties": ties,
        "level": level,
    }
    columns = [entity, time, channel, conversion, *([value] if value else [])]
    roles = Roles(number=[value], time=[time], found=[conversion], time_format=time_format)
    span = _span(window)
    found = through(_engine.attribution, only(events, columns, roles), **params, window=span)
    return Attribution(found, kind_of(events), {**params, "window": span})._also(roles.notes)
