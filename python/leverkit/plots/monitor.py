"""Figures of running tests: z-values with their bounds, and the confidence sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leverkit._lib import numbers
from leverkit._lib.text import t
from leverkit.plots import theme
from leverkit.plots.choose import choose

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.effect import Monitor

#: Bounds farther out are drawn at the edge: nothing could cross them.
_EDGE = 5.0


def monitor(found: Monitor, kind: str | None = None) -> go.Figure:
    """z-values and their "bounds", or the estimate with its confidence "sequence"."""
    return choose(kind, {"bounds": lambda: _bounds(found), "sequence": lambda: _sequence(found)})


def _bounds(found: Monitor) -> go.Figure:
    table = found._tables["table"]
    figure = theme.figure(t("May the test stop?"), found._headline(), height=440)
    shares = table["information"].to_list()
    reach = max(_EDGE, 1.15 * max(abs(z) for z in table["z"]))
    bounds = [reach if bound is None else min(bound, reach) for bound in table["bound"]]
    for sign in (1, -1):
        figure.add_scatter(
            x=shares,
            y=[sign * bound for bound in bounds],
            mode="lines+markers",
            name=t("bound"),
            showlegend=sign > 0,
            line={"color": theme.WARNING, "width": 2},
            marker={"size": 6},
            hovertemplate="%{y:.2f}<extra>" + t("bound") + "</extra>",
        )
    figure.add_scatter(
        x=shares,
        y=table["z"].to_list(),
        mode="lines+markers",
        name=t("z of the effect"),
        line={"color": theme.ACCENT, "width": 2.5},
        marker={"size": 9},
        hovertemplate="z = %{y:.2f}<extra></extra>",
    )
    figure.update_xaxes(
        title_text=t("Share of the planned units"), **theme.share_ticks([0.0, *shares]), range=[0, max(1.02, *shares)]
    )
    figure.update_yaxes(title_text="z", range=[-reach * 1.05, reach * 1.05])
    figure.update_layout(showlegend=True)
    return figure


def _sequence(found: Monitor) -> go.Figure:
    table = found._tables["table"]
    figure = theme.figure(
        t("The effect so far"),
        t("Band: {level} limits that hold at all times together", level=numbers.percent(found.params["level"])),
        height=440,
    )
    n = table["n"].to_list()
    theme.band(figure, n, table["sequence_lower"].to_list(), table["sequence_upper"].to_list())
    figure.add_scatter(
        x=n,
        y=table["estimate"].to_list(),
        mode="lines+markers",
        line={"color": theme.ACCENT, "width": 2.5},
        hovertemplate="%{y:.4g}<extra></extra>",
    )
    figure.add_hline(y=0, line={"color": theme.INK, "width": 1})
    figure.update_xaxes(title_text=t("Units so far"), showgrid=False)
    figure.update_yaxes(title_text=t("Effect"))
    return figure
