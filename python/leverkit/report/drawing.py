"""A section's figure on the page: its title as a heading that wraps, the drawing below, and how narrow it may become.

What a figure shows is left to `plots`; where it stands, to the template.
"""

from __future__ import annotations

from copy import copy
from itertools import chain
from typing import TYPE_CHECKING, Any

from leverkit._lib.text import current

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: What a figure's title and subtitle take of its height; on the page they stand above it, where they wrap.
_TITLE_HEIGHT = 56
#: Pixels of a letter of a tick label, of a bar's or cell's least width, and of one of several plots side by side.
_LETTER, _LEAST_BARS, _LEAST_CELL, _LEAST_PLOT = 6, 130, 34, 210


def draw(figure: go.Figure, name: str) -> str:
    """A figure without its title, as HTML that expects Plotly on the page."""
    drawn, layout = copy(figure), figure.layout
    top = layout.margin.t if layout.margin.t is not None else layout.template.layout.margin.t
    drawn.layout = layout.to_plotly_json() | {
        "title": None,
        "margin": layout.margin.to_plotly_json() | {"t": max((top or 0) - _TITLE_HEIGHT, 12)},
        "height": layout.height and layout.height - _TITLE_HEIGHT,
    }
    config = {"responsive": True, "displayModeBar": False} | _locale()
    html = drawn.to_html(full_html=False, include_plotlyjs=False, div_id=name, default_width="100%", config=config)
    return str(html)


def least_width(figure: go.Figure) -> int:
    """Pixels below which the figure would be clipped or unreadable: on a narrower screen it scrolls. 0: it fits everywhere."""
    return max([_beside(figure), *(_of_trace(trace, figure) for trace in figure.data)], default=0)


def _of_trace(trace: Any, figure: go.Figure) -> int:
    if trace.type == "bar" and trace.orientation == "h":
        return _letters(trace.y) + _LEAST_BARS + (figure.layout.margin.r or 0)
    if trace.type == "heatmap":
        return _letters(trace.y) + _LEAST_CELL * len(trace.x)
    return 0


def _beside(figure: go.Figure) -> int:
    """Plots side by side need their room whatever they show."""
    domains = {tuple(axis.domain) for axis in figure.select_xaxes() if axis.domain}
    return _LEAST_PLOT * len(domains) if len(domains) > 1 else 0


def _letters(labels: Any) -> int:
    lines = chain.from_iterable(str(label).split("<br>") for label in labels if label is not None)
    return _LETTER * max(map(len, lines), default=0)


def _locale() -> dict[str, Any]:
    """How Plotly writes months and days of the week, where the language says so."""
    spoken = current()
    names = ("months", "shortMonths", "days", "shortDays")
    dates = {name: spoken.format[name] for name in names if name in spoken.format}
    return {"locale": spoken.name, "locales": {spoken.name: {"format": dates}}} if dates else {}
