"""What a section of the report is made of. How it is laid out is left to the template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl


@dataclass(frozen=True)
class Tile:
    """A key figure: what it is, its value, and what puts it in scale."""

    label: str
    value: str
    note: str = ""


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
    """A table as it is shown: `frame` under the headings of `columns`, by column name; the `first` rows at once, the others when asked for."""

    title: str
    frame: pl.DataFrame
    columns: Mapping[str, Column]
    caption: str = ""
    #: Colours of rows by the value of the first column.
    colours: Mapping[str, str] = field(default_factory=dict)
    #: Rows that are shown at once; None for all.
    first: int | None = None

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The frame's first rows."""
        return self.frame.head(self.first or self.frame.height).to_dicts()


@dataclass(frozen=True)
class Action:
    """Something to do: with whom, what, and the money that is at stake."""

    who: str
    what: str
    customers: int
    revenue: float
    colour: str


@dataclass(frozen=True)
class Slider:
    """A parameter that can be moved: its value today, the range of its slider, its bounds, its norm and what is known of it."""

    name: str
    label: str
    told: str
    kind: str
    direction: str
    value: float
    low: float
    high: float
    lower: float | None
    upper: float | None
    norm: float | None
    is_assumed: bool


@dataclass(frozen=True)
class WhatIf:
    """A formula to move: its compiled program, its parameters, and its results as a tree."""

    program: Mapping[str, Any]
    sliders: Sequence[Slider]
    nodes: Sequence[Mapping[str, Any]]
    totals: Sequence[str]

    def has_parts(self, name: str) -> bool:
        """Whether other results stand below this one."""
        return any(node["parent"] == name for node in self.nodes)

    @property
    def data(self) -> dict[str, Any]:
        """What the page computes with."""
        return {"program": self.program, "parameters": [asdict(slider) for slider in self.sliders], "nodes": self.nodes}


@dataclass(frozen=True)
class Section:
    """One engine's part of the report.

    `findings` are sentences on what was found, the most important first; `actions` what to do, likewise.
    `params` tell how it was computed, `python` and `command` how to get the same: the calls behind ``ledger = …``, and the command with DATA for the file.
    `frames` are the tables behind the section, whole, for export.
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
    tiles: Sequence[Tile] = ()
    what_if: WhatIf | None = None
    python: Sequence[str] = ()
    command: str = ""
