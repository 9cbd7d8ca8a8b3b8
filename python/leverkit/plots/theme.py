"""The look that all figures and the report share: colours, fonts, one Plotly template.

The module of each topic decides what a figure shows. This module can be imported without Plotly, so that the report and the command line can use the
colours.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from leverkit._lib.numbers import decimal
from leverkit._lib.text import current

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

ACCENT = "#0b6e8f"
WARNING = "#b4471f"
INK = "#1f2a33"
MUTED = "#66727c"
RULE = "#dfe4e8"
PAPER = "#ffffff"
FONT = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"

#: Pixels of small letters, in which widths are told.
SMALL = 12
#: Pixels of a line of the subtitle.
LINE = 18

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

#: Of groups side by side, told apart by hue and lightness; more than these nobody can follow.
GROUP_COLOURS = [ACCENT, WARNING, "#dba437", "#7d5a8c", "#5f9ea0", "#7b848c"]


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
    look = _LAYOUT | {"separators": current().format["decimal"] + current().format["thousands"]}
    return go.Figure(layout={"template": {"layout": look}, "title": heading, "height": height})


def share_ticks(shares: Sequence[float | None], most: int = 5, *, from_zero: bool = True) -> dict[str, Any]:
    """Ticks of an axis of shares at round percentages, written as everywhere: Plotly writes no space before the sign."""
    known = [share for share in shares if share is not None and math.isfinite(share)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    low = min(low, 0.0) if from_zero or low == high else low
    if low == high == 0:
        return {"tickvals": [0], "ticktext": [_tick(0.0, digits=0)]}
    steps = ((digit, power) for power in range(-8, 300) for digit in (1, 2, 5))
    digit, power = next(step for step in steps if high - low <= most * step[0] * 10.0 ** step[1])
    step = digit * 10.0**power
    # Beyond the greatest share there is room up to all of them, where the axis goes on.
    ticks = [
        step * place for place in range(math.floor(low / step), math.floor(max(high, min(1.0, 2 * high)) / step) + 1)
    ]
    return {"tickvals": ticks, "ticktext": [_tick(tick, digits=max(0, -2 - power)) for tick in ticks]}


def _tick(share: float, digits: int) -> str:
    """A share with as many digits as its neighbours on the axis."""
    return f"{decimal(100 * share, digits)}\N{NO-BREAK SPACE}%"


def band(figure: go.Figure, x: Sequence[Any], lower: Sequence[Any], upper: Sequence[Any], **where: Any) -> None:
    """Fills what lies between limits; `where` says in which part of the figure, or how it looks."""
    look = {"fillcolor": SCALE[1], "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False, **where}
    figure.add_scatter(x=[*x, *reversed(x)], y=[*upper, *reversed(lower)], mode="lines", fill="toself", **look)


_AXIS: dict[str, Any] = {
    "gridcolor": RULE,
    "linecolor": RULE,
    "zeroline": False,
    "automargin": True,
    "ticks": "",
    "title": {"font": {"size": 13, "color": MUTED}, "standoff": 10},
    "tickfont": {"size": 12, "color": MUTED},
    "exponentformat": "none",
    "separatethousands": True,
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
    "margin": {"l": 12, "r": 12, "t": 76, "b": 12},
    # Away from each other where both axes begin.
    "xaxis": _AXIS | {"ticklabelstandoff": 6},
    "yaxis": _AXIS | {"ticklabelstandoff": 4},
    "hoverlabel": {"bgcolor": PAPER, "bordercolor": RULE, "font": {"family": FONT, "size": 13, "color": INK}},
    "showlegend": False,
    # Below all else, whatever the height of the figure.
    "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 0, "yref": "container", "yanchor": "bottom"},
    "bargap": 0.25,
}
