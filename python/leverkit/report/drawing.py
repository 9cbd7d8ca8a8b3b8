"""A section's figure on the page: its title as a heading that wraps, the drawing below, and how narrow it may become.

What a figure shows is left to `plots`; where it stands, to the template; when it is drawn, to `scripts/figures.js`.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any

from leverkit._lib.text import current
from leverkit.plots.markup import as_read, as_text
from leverkit.report.security import embedded

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.report.section import Figure

#: Kinds of traces that the page's own build of Plotly can draw.
DRAWABLE = frozenset({"bar", "heatmap", "sankey", "scatter", "treemap", "waterfall"})
#: What a figure's title and subtitle take of its height; on the page they stand above it, where they wrap.
_TITLE_HEIGHT, _HEIGHT = 56, 450
#: Pixels of a letter of a tick label, of a bar's or cell's least width, and of one of several plots side by side.
_LETTER, _LEAST_BARS, _LEAST_CELL, _LEAST_PLOT = 6, 130, 34, 210


def drawn(figure: go.Figure) -> str:
    """A figure as data: as it is saved, with its title, and what is different on the page."""
    figure = as_text(figure)
    layout = figure.layout
    top = layout.margin.t if layout.margin.t is not None else layout.template.layout.margin.t
    on_page = {
        "title": {"text": ""},
        "margin": layout.margin.to_plotly_json() | {"t": max((top or 0) - _TITLE_HEIGHT, 12)},
        "height": height(figure),
    }
    config = {"responsive": True, "displayModeBar": False} | _locale()
    more = json.dumps({"onPage": on_page, "config": config}, ensure_ascii=False)
    # Plotly writes its own arrays; what the page adds stands beside them.
    return embedded(f"{figure.to_json()[:-1]},{more[1:]}")


def height(figure: go.Figure) -> int:
    """Pixels that the drawing takes on the page."""
    return int((figure.layout.height or _HEIGHT) - _TITLE_HEIGHT)


def told_of(figure: Figure) -> str:
    """What a figure shows, for those who hear the page: its title, its subtitle and how to read it."""
    heading = figure.figure.layout.title
    texts = (as_read(heading.text), as_read(heading.subtitle.text), figure.caption)
    return " ".join(text if text.endswith((".", "?", "!")) else f"{text}." for text in texts if text)


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
