"""Figures of the plan: levers with their limits, and what pairs of them share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import fill

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit._plan import Plan


def plan(found: Plan, kind: str | None = None) -> go.Figure:
    """Levers alone and in the plan ("levers"), or what pairs share ("overlaps")."""
    return choose(kind, {"levers": lambda: _levers(found), "overlaps": lambda: _overlaps(found)})


def _levers(found: Plan) -> go.Figure:
    table = found._tables["table"]
    names = table["what"].to_list()
    figure = theme.figure(t("Which lever first"), found._headline(), height=170 + 54 * max(table.height, 1))
    part = table["part"].fill_null(table["alone"])
    lower, upper = table["lower"].fill_null(table["alone_lower"]), table["upper"].fill_null(table["alone_upper"])
    colors = [theme.ACCENT if sure else theme.SCALE[1] for sure in table["sure"]]
    figure.add_bar(
        y=names,
        x=table["alone"].to_list(),
        orientation="h",
        name=t("alone"),
        width=0.62,
        marker={"color": theme.SCALE[2]},
        hovertemplate="%{y}: %{x:,.0f}<extra></extra>",
    )
    figure.add_bar(
        y=names,
        x=part.to_list(),
        orientation="h",
        name=t("its part in the plan; pale where it is not sure"),
        width=0.34,
        marker={"color": colors},
        hovertemplate="%{y}: %{x:,.0f}<extra></extra>",
        error_x={
            "type": "data",
            "array": (upper - part).to_list(),
            "arrayminus": (part - lower).to_list(),
            "color": theme.INK,
            "thickness": 1.2,
            "width": 4,
        },
    )
    figure.update_layout(barmode="overlay", showlegend=True)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(title=t("Profit a year"))
    return figure


def _overlaps(found: Plan) -> go.Figure:
    table = found._tables["table"].filter(pl.col("sure"))
    names = dict(zip(table["lever"], table["what"], strict=True))
    order = table["lever"].to_list()
    money = {(row["first"], row["second"]): row["overlap"] for row in found._tables["overlaps"].iter_rows(named=True)}
    cells = [
        [
            money.get((first, second), money.get((second, first))) if at < place else None
            for at, first in enumerate(order)
        ]
        for place, second in enumerate(order)
    ]
    figure = theme.figure(
        t("What levers share"),
        t("Profit a year that both claim; below zero they help each other"),
        height=220 + 48 * len(order),
    )
    figure.add_heatmap(
        x=[names[lever] for lever in order],
        y=[names[lever] for lever in order],
        z=cells,
        zmid=0,
        hoverongaps=False,
        colorscale=[[0, theme.WARNING], [0.5, theme.PAPER], [1, theme.ACCENT]],
        showscale=False,
        text=[["" if cell is None else numbers.money(cell) for cell in row] for row in cells],
        texttemplate="%{text}",
        hovertemplate="%{y}, %{x}: %{text}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(tickangle=-30, showgrid=False)
    if len(order) < 2:
        fill(figure, t("Fewer than two levers are sure: nothing is shared"))
    return figure
