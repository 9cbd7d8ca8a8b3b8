"""A section's figure on the page: its title as a heading that wraps, the drawing below, and how narrow it may become.

What a figure shows is left to `plots`; where it stands, to the template; when it is drawn, to `scripts/figures.js`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from leverkit._lib.text import current
from leverkit.plots import theme
from leverkit.plots.markup import as_read, text_parts
from leverkit.plots.parts import PLOT, width
from leverkit.report.security import embedded

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.report.section import Figure

#: Kinds of traces that the page's own build of Plotly can draw.
DRAWABLE = frozenset({"bar", "heatmap", "sankey", "scatter", "treemap", "waterfall"})
#: What a figure's title and subtitle take of its height; on the page they stand above it, where they wrap.
_TITLE_HEIGHT, _HEIGHT = 56, 450
#: Pixels of the least width of a cell, of the flows between two columns, and of one of several plots side by side.
_LEAST_CELL, _LEAST_FLOW, _LEAST_PLOT = 34, 70, 210


def drawn(figure: go.Figure) -> str:
    """A figure as data: as it is saved, with its title, and what is different on the page."""
    from plotly.io import to_json

    layout = figure.layout
    top = layout.margin.t if layout.margin.t is not None else layout.template.layout.margin.t
    on_page = {
        "title": {"text": ""},
        "margin": layout.margin.to_plotly_json() | {"t": max((top or 0) - _title_height(figure), 12)},
        "height": height(figure),
    }
    config = {"responsive": True, "displayModeBar": False} | _locale()
    more = json.dumps({"onPage": on_page, "config": config}, ensure_ascii=False)
    # Plotly writes its own arrays; what the page adds stands beside them.
    return embedded(f"{to_json(text_parts(figure), validate=False)[:-1]},{more[1:]}")


def height(figure: go.Figure) -> int:
    """Pixels that the drawing takes on the page."""
    return int((figure.layout.height or _HEIGHT) - _title_height(figure))


def _title_height(figure: go.Figure) -> int:
    return _TITLE_HEIGHT + theme.LINE * (figure.layout.title.subtitle.text or "").count("<br>")


def subtitle_of(figure: go.Figure) -> str:
    """The subtitle as it is read: on a page it wraps by itself."""
    return as_read(figure.layout.title.subtitle.text).replace("<br>", " ")


def told_of(figure: Figure) -> str:
    """What a figure shows, for those who hear the page: its title, its subtitle and how to read it."""
    texts = (as_read(figure.figure.layout.title.text), subtitle_of(figure.figure), figure.caption)
    return " ".join(text if text.endswith((".", "?", "!")) else f"{text}." for text in texts if text)


def least_width(figure: go.Figure) -> int:
    """Pixels below which the figure would be clipped or unreadable: on a narrower screen it scrolls. 0: it fits everywhere."""
    return int(max([_beside(figure), *(_of_trace(trace, figure) for trace in figure.data)]))


def _of_trace(trace: Any, figure: go.Figure) -> float:
    if trace.type == "sankey":
        return _columns(trace.link) * (_LEAST_FLOW + _widest(trace.node.label))
    if trace.type == "heatmap":
        texts = (text for row in (trace.text if trace.texttemplate else None) or () for text in row)
        cells = _widest(texts) * (trace.textfont.size or theme.SMALL) / theme.SMALL
        return _widest(_rows(trace, figure)) + max(_LEAST_CELL, 6 + cells) * len(trace.x)
    names = _rows(trace, figure)
    return _widest(names) + PLOT + (figure.layout.margin.r or 0) if names else 0


def _rows(trace: Any, figure: go.Figure) -> list[str]:
    """The names along the vertical axis of a trace."""
    if "yaxis" not in trace:
        return []
    shown = figure.layout[(trace.yaxis or "y").replace("y", "yaxis")].ticktext
    return [name for name in (trace.y if shown is None else shown) if isinstance(name, str)]


def _columns(link: Any) -> int:
    """The columns of flows, which are in their order."""
    depths: dict[int, int] = {}
    for source, target in zip(link.source, link.target, strict=True):
        depths[target] = max(depths.get(target, 0), depths.get(source, 0) + 1)
    return 1 + max(depths.values(), default=0)


def _widest(texts: Iterable[str]) -> float:
    return max(map(width, texts), default=0)


def _beside(figure: go.Figure) -> int:
    """Plots side by side need their room whatever they show."""
    domains = {tuple(axis.domain) for axis in figure.select_xaxes() if axis.domain}
    return _LEAST_PLOT * len(domains) if len(domains) > 1 else 0


def _locale() -> dict[str, Any]:
    """How Plotly writes months and days of the week, where the language says so."""
    spoken = current()
    names = ("months", "shortMonths", "days", "shortDays")
    dates = {name: spoken.format[name] for name in names if name in spoken.format}
    return {"locale": spoken.name, "locales": {spoken.name: {"format": dates}}} if dates else {}
