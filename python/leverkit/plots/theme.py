"""The look that all figures and the report share: colours, fonts, number formats, one Plotly template.

What a figure shows is left to the module of its engine. This module imports without Plotly, so that the report and the
command line can use the colours and formats alone.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

#: What polars returns as the sum of a column.
Number = float | Decimal

ACCENT = "#0b6e8f"
WARNING = "#b4471f"
INK = "#1f2a33"
MUTED = "#66727c"
RULE = "#dfe4e8"
PAPER = "#ffffff"
FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"

#: From few to many; one hue, so that it survives a grey printer and every kind of colour blindness, and light enough
#: for dark text all along.
SCALE = ["#f1f7f9", "#d3e7ee", "#abd2de", "#80bbcd", "#58a5bc"]

#: Blue for those who stay, amber for those who waver, red for those who slip away, grey for those who are gone:
#: told apart by lightness where hues are not.
SEGMENT_COLOURS = {
    "Champions": "#0a4a62",
    "Loyal": "#1f7c9a",
    "Potential Loyalist": "#4f9fb8",
    "New": "#8fc3d3",
    "Promising": "#bcdbe5",
    "Need Attention": "#f0c75e",
    "About to Sleep": "#dba437",
    "At Risk": "#d8693a",
    "Can't Lose Them": "#a33417",
    "Hibernating": "#aab1b7",
    "Lost": "#7b848c",
}


def segment_colours(segments: Sequence[str]) -> dict[str, str]:
    """A colour for each segment: its fixed one, or for a company's own names one by their place, best first."""
    palette = list(SEGMENT_COLOURS.values())
    step = (len(palette) - 1) / max(len(segments) - 1, 1)
    return {name: SEGMENT_COLOURS.get(name, palette[round(place * step)]) for place, name in enumerate(segments)}


def figure(title: str, subtitle: str = "", *, height: int = 440) -> go.Figure:
    """An empty figure in leverkit's look.

    Raises
    ------
    ImportError
        Plotly is not installed; the message says how to install it.
    """
    try:
        import plotly.graph_objects as go
    except ImportError as error:
        raise ImportError('plots need Plotly: pip install "leverkit[plot]"') from error
    heading = {"text": title, "subtitle": {"text": subtitle}}
    return go.Figure(layout={"template": go.layout.Template(layout=_LAYOUT), "title": heading, "height": height})


_AXIS: dict[str, Any] = {
    "gridcolor": RULE,
    "linecolor": RULE,
    "zeroline": False,
    "automargin": True,
    "ticks": "",
    "title": {"font": {"size": 13, "color": MUTED}, "standoff": 10},
    "tickfont": {"size": 12, "color": MUTED},
}

_LAYOUT: dict[str, Any] = {
    "font": {"family": FONT, "size": 13, "color": INK},
    "title": {
        "x": 0,
        "xref": "container",
        "xanchor": "left",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "pad": {"t": 14, "l": 4},
        "font": {"size": 17, "color": INK},
        "subtitle": {"font": {"size": 13, "color": MUTED}},
    },
    "paper_bgcolor": PAPER,
    "plot_bgcolor": PAPER,
    "colorway": [ACCENT, *SEGMENT_COLOURS.values()],
    "colorscale": {"sequential": SCALE},
    "separators": ".,",
    "margin": {"l": 12, "r": 12, "t": 76, "b": 12},
    "xaxis": _AXIS,
    "yaxis": _AXIS,
    "hoverlabel": {"bgcolor": PAPER, "bordercolor": RULE, "font": {"family": FONT, "size": 13, "color": INK}},
    "showlegend": False,
    "bargap": 0.25,
}


def count(value: Number | None) -> str:
    """A whole number with thousands separators: ``1,469,307``; a dash where unknown."""
    return "–" if value is None else f"{value:,.0f}"


def money(value: Number | None) -> str:
    """Money in the ledger's currency: ``4,605,345``, and ``31.20`` below a hundred; a dash where unknown."""
    if value is None:
        return "–"
    number = float(value)
    text = f"{_unsigned_zero(number, 2):,.2f}" if abs(number) < 100 else f"{number:,.0f}"
    return text.replace("-", "\N{MINUS SIGN}")


def short_money(value: Number) -> str:
    """Money for headlines: ``4.6 million``."""
    number = float(value)
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if abs(number) >= size:
            return f"{number / size:,.1f}\N{NO-BREAK SPACE}{word}".replace("-", "\N{MINUS SIGN}")
    return money(number)


def percent(share: Number | None) -> str:
    """A share of one in percent: ``46 %``, ``0.3 %``; a share near none or all never reads as none or all."""
    if share is None:
        return "–"
    value = float(share)
    if 0 < abs(value) < 0.001:
        text = "< 0.1" if value > 0 else "> -0.1"
    elif 0.99 < value < 1:
        text = f"{min(100 * value, 99.9):.1f}"
    elif abs(value) >= 0.0995 or value == 0:
        text = f"{_unsigned_zero(100 * value, 0):.0f}"
    else:
        text = f"{100 * value:.1f}"
    return f"{text} %".replace(" ", "\N{NO-BREAK SPACE}").replace("-", "\N{MINUS SIGN}")


def _unsigned_zero(value: float, digits: int) -> float:
    """A rounded value that never reads as minus nothing."""
    return round(value, digits) + 0.0
