"""What a section of the report is made of. How it is laid out is left to the template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl


@dataclass(frozen=True)
class Figure:
    """A Plotly figure and a sentence on how to read it."""

    figure: go.Figure
    caption: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, how to write a value, and whether it holds text (set left) or numbers."""

    label: str
    write: Callable[[Any], str] = str
    is_text: bool = False
    is_bar: bool = False


@dataclass(frozen=True)
class Table:
    """A table as it is shown: `rows` of a frame under the headings of `columns`, by column name."""

    title: str
    frame: pl.DataFrame
    columns: Mapping[str, Column]
    caption: str = ""
    #: Colours of rows by the value of the first column.
    colours: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The frame's rows."""
        return self.frame.to_dicts()


@dataclass(frozen=True)
class Action:
    """Something to do: with whom, what, and the money that is at stake."""

    who: str
    what: str
    customers: int
    revenue: float
    colour: str


@dataclass(frozen=True)
class Section:
    """One engine's part of the report.

    `findings` are sentences for the top of the page, the most important first; `actions` what to do, likewise.
    `params` go to the foot of the page. `frames` are the tables behind the section, whole, for export.
    """

    id: str
    title: str
    lead: str
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    findings: Sequence[str] = ()
    actions: Sequence[Action] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
