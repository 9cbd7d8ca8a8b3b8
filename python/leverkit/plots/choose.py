"""Picks a figure by its name, and gives it its last touch: every result's `plot(kind)` goes through here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from leverkit._lib.inputs import repr_of
from leverkit.errors import ParameterError
from leverkit.plots import theme
from leverkit.plots.parts import PLOT, label, width

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Letters of a line of the subtitle.
_SUBTITLE = 120
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
        raise ParameterError(f"kind: got {repr_of(kind)}; expected {expected}", parameter="kind")
    return finished(figures[kind or next(iter(figures))]())


def finished(figure: go.Figure) -> go.Figure:
    """A figure whose names fit along its axes, and whose subtitle fits a notebook."""
    for name in figure.layout:
        if name.startswith(("xaxis", "yaxis")):
            _fit(figure.layout[name], list(_names(figure, name)), name[0])
    _wrap(figure)
    _room(figure)
    return figure


def _room(figure: go.Figure) -> None:
    """Room for the texts behind bars and points: on the right a margin, on the left of losses a part of the plot."""
    found = [(text, value) for trace in figure.data for text, value in _behind(trace)]
    gains, losses = ([width(text) for text, value in found if (value < 0) == is_loss] for is_loss in (False, True))
    if gains:
        figure.update_layout(margin_r=max(figure.layout.margin.r or 0, 14 + int(max(gains))))
    if losses and figure.layout.xaxis.range is None:
        ends = [value for _, value in found] + [0.0]
        low, high = min(ends), max(ends)
        share = min((10 + max(losses)) / PLOT, 0.6)
        figure.update_xaxes(range=[low - (high - low) * share / (1 - share), high])


def _behind(trace: Any) -> Iterator[tuple[str, float]]:
    """The texts of a trace that stand behind its bars or points, with their values."""
    is_bar = trace.type == "bar" and trace.orientation == "h"
    is_text = trace.type == "scatter" and trace.textposition == "middle right" and trace.cliponaxis is False
    if not (is_bar or is_text) or trace.text is None:
        return
    places = [trace.textposition] * len(trace.text) if isinstance(trace.textposition, str) else trace.textposition
    for text, place, value in zip(trace.text, places or (), trace.x, strict=False):
        if text and place in ("outside", "middle right"):
            yield text, value or 0.0


def _wrap(figure: go.Figure) -> None:
    """A long subtitle on several lines, for which the figure grows."""
    subtitle = figure.layout.title.subtitle
    lines = wrap(subtitle.text or "", _SUBTITLE)
    if len(lines) > 1:
        subtitle.text = "<br>".join(lines)
        more = theme.LINE * (len(lines) - 1)
        top = figure.layout.margin.t or figure.layout.template.layout.margin.t
        figure.update_layout(height=figure.layout.height + more, margin_t=top + more)


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
    texts = [name if _OWN.search(name) else label(unescape(name), _LETTERS[letter]) for name in names]
    is_crowded = letter == "x" and len(names) > _MOST_BELOW
    if texts != names or is_crowded:
        step = -(-len(names) // _MOST_BELOW) if is_crowded else 1
        axis.update(tickvals=names[::step], ticktext=texts[::step])
