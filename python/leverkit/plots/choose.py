"""Picks a figure by its name, and gives it its last touch: every result's `plot(kind)` goes through here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from leverkit.errors import ParameterError
from leverkit.plots.parts import label

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Letters of a name on the left of a figure and below it.
_LETTERS = {"y": 32, "x": 18}
#: Names below a figure that a phone has room for, upright.
_MOST_BELOW = 18
#: Markup of the figures' own, and what Plotly would take for a number or a day.
_OWN, _NO_NAME = re.compile(r"</?(b|br|i)>"), re.compile(r"[\d\s.,:+-]*(T[\d:.]+)?")


def choose(kind: str | None, figures: Mapping[str, Callable[[], go.Figure]]) -> go.Figure:
    """The figure of that name; the first where none is named.

    Raises
    ------
    ParameterError
        There is no figure of that name.
    """
    if kind is not None and kind not in figures:
        expected = " or ".join(f'"{name}"' for name in figures)
        raise ParameterError(f"kind: got {kind!r}; expected {expected}", parameter="kind")
    return finished(figures[kind or next(iter(figures))]())


def finished(figure: go.Figure) -> go.Figure:
    """A figure whose names fit along its axes."""
    for name in figure.layout:
        if name.startswith(("xaxis", "yaxis")):
            _fit(figure.layout[name], list(_names(figure, name)), name[0])
    return figure


def _names(figure: go.Figure, axis: str) -> Iterator[str]:
    """The names along an axis, in the order of its traces."""
    letter, place = axis[0], axis.replace("axis", "")
    for trace in figure.data:
        if letter in trace and (trace[f"{letter}axis"] or letter) == place:
            yield from (value for value in (() if trace[letter] is None else trace[letter]) if isinstance(value, str))


def _fit(axis: Any, found: list[str], letter: str) -> None:
    """Names as a figure has room for them; the axis goes on by the full ones, so that none are taken for one."""
    names = list(dict.fromkeys(found))
    if axis.ticktext is not None or all(axis.type != "category" and _NO_NAME.fullmatch(name) for name in names):
        return
    texts = [name if _OWN.search(name) else label(name, _LETTERS[letter]) for name in names]
    is_crowded = letter == "x" and len(names) > _MOST_BELOW
    if texts != names or is_crowded:
        step = -(-len(names) // _MOST_BELOW) if is_crowded else 1
        axis.update(tickvals=names[::step], ticktext=texts[::step])
