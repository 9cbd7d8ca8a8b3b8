"""The quantity funnel: how much of what was recommended was agreed and performed, and what the losses cost.

The engine computes; this module names things and converts frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, kind_of, only, through
from leverkit._lib.inputs import text_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t

__all__ = ["Quantities", "quantities"]


class Quantities(Result):
    """The quantity funnel.

    Attributes
    ----------
    table : frame
        One row per level: level, quantity (units), entities (with a unit), per_entity (average units per entity); conversion with lower and upper (units ÷ units
        of the level before; limits clustered by entity), entity_conversion with entity_lower and entity_upper (mean of the entities' own), from_first with
        first_lower and first_upper; held_back (money that would also reach the last level if nobody were lost before this level) with held_back_lower and
        held_back_upper; point_value (one more percentage point of conversion, over the days of the data) with limits, and the same per year; value,
        value_lost (money, before this level), contribution (this step's part of the change from the first level's money to the last's); most_chance
        (share of the bootstrap draws in which it holds back the most); median_days (of items with dates). Without a value, held_back and point_value
        are units of the last level.
    groups : frame
        One row per column of `by`, its value and a level: dimension, group, level, entities, before, quantity (units), conversion with limits, shrunk with limits
        (pulled towards the overall conversion, the more the smaller the group), value, value_lost.
    entities : frame
        One row per entity, largest loss first: whom to call back.
    bottleneck : str or None
        The level whose step holds back the most.
    days : float or None
        Days that the data cover.
    """

    table: Frame
    groups: Frame
    entities: Frame
    bottleneck: str | None
    days: float | None

    @drawn_by("quantities.quantities")
    def plot(
        self,
        kind: Literal["funnel", "groups", "held_back"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: the "funnel" with what each step loses (default), the "groups" with their limits, or what is "held_back"."""

    def _headline(self) -> str:
        table = self._tables["table"]
        way = " → ".join(f"{numbers.count(row['quantity'])} {row['level']}" for row in table.iter_rows(named=True))
        most = table.filter(level=self.bottleneck) if self.bottleneck else table.head(0)
        if not most.height:
            return way
        held = numbers.short_money(most["held_back"][0])
        return t("{way}; the largest loss is before {level}: {held}", way=way, level=self.bottleneck, held=held)


def quantities(
    frame: Any,
    *,
    entity: str,
    levels: Sequence[str],
    value: str | float | Sequence[str] | None = None,
    by: str | Iterable[str] | None = None,
    status: str | None = None,
    days: float | None = None,
    confidence: float = 0.95,
    time_format: str | None = None,
) -> Quantities:
    """Follows quantities from level to level: recommended, agreed, performed.

    A row is an entity, or part of one, with a number for each level; or an item, with a date for each level that it has reached, or with a status.

    Parameters
    ----------
    frame
        Polars (also lazy), pandas, pyarrow, DuckDB relation, narwhals, or anything with ``__arrow_c_stream__``.
    entity : str
        Column of patients, customers or deals. Units of one entity are not independent of each other.
    levels : list of str
        The levels, in order: columns of numbers; columns of dates, if a row is an item that came as far as its last date; or, with `status`, its
        values.
    value : str, float or list of str, optional
        Money per unit, as a column or a number; or for each level a column of total money.
    by : str or list of str, optional
        Columns whose values are compared, such as doctor, channel or procedure.
    status : str, optional
        Column with the level that an item has reached.
    days : float, optional
        Days that the data cover, to compute what a point is worth per year. Not needed for items with dates.
    confidence : float
        Level of the limits.
    time_format : str, optional
        How text of dates is written, such as "%d/%m/%Y"; by default what the values settle.

    Returns
    -------
    Quantities
        Tables ``table`` (level, quantity, entities, per_entity, conversion, lower, upper, entity_conversion, entity_lower, entity_upper, from_first,
        first_lower, first_upper, held_back, held_back_lower, held_back_upper, point_value, point_lower, point_upper, point_value_a_year,
        point_a_year_lower, point_a_year_upper, value, value_lost, contribution, most_chance, median_days); ``groups`` (dimension, group, level,
        entities, before, quantity, conversion, lower, upper, shrunk, shrunk_lower, shrunk_upper, value, value_lost); ``entities`` (entity,
        conversion, value, value_lost). Values ``bottleneck``, ``days``.

    Raises
    ------
    SchemaError
        A column is missing or has a type that cannot be used.
    DataError
        No row can be used.
    ParameterError
        Fewer than two levels, a status that is not a level (the error names the nearest), or a number out of range.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> plans = pl.DataFrame({"patient": [1, 2], "recommended": [12, 8], "agreed": [9, 6], "performed": [4, 1]})
    >>> found = lk.funnel.quantities(plans, entity="patient", levels=["recommended", "agreed", "performed"], value=100.0)
    >>> found.table.select("quantity", "value_lost").rows()
    [(20.0, None), (15.0, 500.0), (5.0, 1000.0)]
    """
    by = [by] if isinstance(by, str) else list(by or ())
    params: dict[str, Any] = {
        "entity": entity,
        "levels": [text_of(level) for level in levels],
        "status": status,
        "by": by,
        "days": days,
        "confidence": confidence,
        "value": value if value is None or isinstance(value, (str, int, float)) else list(value),
    }
    values = [value] if isinstance(value, str) else [] if value is None or isinstance(value, (int, float)) else value
    columns = [entity, *([status] if status else params["levels"]), *values, *by]
    roles = Roles(number=values, level=[] if status else params["levels"], time_format=time_format)
    found = through(_engine.quantities, only(frame, columns, roles), **params)
    return Quantities(found, kind_of(frame), params | {"days": found.days})._also(roles.notes)
