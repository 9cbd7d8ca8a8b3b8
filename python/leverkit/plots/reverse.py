"""Figures of the reverse and the forward funnel. Every function takes a result of `leverkit.funnel` and returns a Plotly figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import day, t
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import fill, label

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.funnel import Forward, Reverse


def reverse(found: Reverse, kind: str | None = None) -> go.Figure:
    """What each stage must deliver ("funnel"), the "weeks", or the cheapest "mix"."""
    return choose(kind, {"funnel": lambda: _funnel(found), "weeks": lambda: _weeks(found), "mix": lambda: _mix(found)})


def _funnel(found: Reverse) -> go.Figure:
    table = found._tables["table"]
    chance = numbers.percent(found.params["confidence"])
    figure = theme.figure(
        t("What each stage must deliver"),
        found._headline(),
        height=190 + 62 * table.height,
    )
    labels = [
        label(stage) if share is None else f"{label(stage)}<br>{numbers.percent(share)}"
        for stage, share in table.select("stage", "conversion").iter_rows()
    ]
    needed = table["needed"]
    figure.add_bar(
        y=labels,
        x=needed.to_list(),
        orientation="h",
        marker={"color": theme.SCALE[3]},
        error_x={
            "type": "data",
            "array": (table["needed_upper"] - needed).to_list(),
            "arrayminus": (needed - table["needed_lower"]).to_list(),
            "color": theme.INK,
            "thickness": 1.2,
            "width": 5,
        },
        name=t("needed with the observed conversions, with {chance} limits", chance=chance),
        text=[numbers.count(value) for value in needed],
        textposition="inside",
        insidetextanchor="start",
        hovertemplate="%{x:,.0f}<extra></extra>",
    )
    sure = table.with_columns(label=pl.Series(labels)).drop_nulls("confident")
    figure.add_scatter(
        y=sure["label"].to_list(),
        x=sure["confident"].to_list(),
        mode="markers+text",
        marker={"size": 13, "color": theme.WARNING, "symbol": "diamond"},
        text=[f"   {numbers.count(value)}" for value in sure["confident"]],
        textposition="middle right",
        textfont={"color": theme.WARNING},
        name=t("for a {chance} chance", chance=chance),
        hovertemplate="%{x:,.0f}<extra></extra>",
        cliponaxis=False,
    )
    figure.update_layout(showlegend=True)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    most = max([*table["needed_upper"], *sure["confident"]])
    figure.update_xaxes(range=[0, 1.15 * most])
    return figure


def _weeks(found: Reverse) -> go.Figure:
    table = found._tables["weeks"]
    figure = theme.figure(
        t("Week by week"),
        t("How many at each stage so that the target is met in time")
        if found.can_be_met or found.earliest is None
        else t("The date cannot be met; the earliest is {date}", date=day(found.earliest)),
        height=420,
    )
    stages = found._tables["table"]["stage"].to_list()
    for stage, colour in zip(stages, [theme.ACCENT, *list(theme.SEGMENT_COLOURS.values())[2:]], strict=False):
        part = table.filter(stage=stage)
        figure.add_scatter(
            x=part["start"].to_list(),
            y=part["count"].to_list(),
            name=label(stage, 20),
            mode="lines",
            line={"color": colour, "width": 2, "shape": "hv"},
            hovertemplate="%{x}: %{y:,.0f}<extra>%{fullData.name}</extra>",
        )
    if not table.height:
        fill(figure, t("No weeks to show: set start and due."))
    figure.update_layout(showlegend=True)
    figure.update_yaxes(title_text=t("Numbers per week"), rangemode="tozero")
    return figure


def _mix(found: Reverse) -> go.Figure:
    table = found._tables["mix"].filter(pl.col("to") > pl.col("from"))
    figure = theme.figure(
        t("The cheapest way to close the gap"),
        t("Money for each lever; {cost} in total", cost=numbers.money(found.mix_cost)),
        height=170 + 44 * max(table.height, 1),
    )
    write = [numbers.count if lever == "number" else numbers.percent for lever in table["lever"]]
    figure.add_bar(
        y=[
            f"{label(stage, 20)}: {show(low)} → {show(high)}"
            for show, (stage, low, high) in zip(write, table.select("stage", "from", "to").iter_rows(), strict=True)
        ],
        x=table["cost"].to_list(),
        orientation="h",
        marker={"color": theme.ACCENT},
        text=[numbers.money(cost) for cost in table["cost"]],
        textposition="auto",
        hovertemplate="%{y}: %{x:,.0f}<extra></extra>",
    )
    if not table.height:
        fill(
            figure,
            t("There is no gap to close.")
            if found._tables["mix"].height
            else t("Nothing to improve: set available, and improvements or cost_per_first."),
        )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def forward(found: Forward, kind: str | None = None) -> go.Figure:
    """What to expect at each stage ("funnel")."""
    return choose(kind, {"funnel": lambda: _forward(found)})


def _forward(found: Forward) -> go.Figure:
    table = found._tables["table"]
    figure = theme.figure(t("What to expect at each stage"), found._headline(), height=170 + 54 * table.height)
    expected = table["expected"]
    figure.add_bar(
        y=table["stage"].to_list(),
        x=expected.to_list(),
        orientation="h",
        marker={"color": theme.SCALE[3]},
        error_x={
            "type": "data",
            "array": (table["upper"] - expected).to_list(),
            "arrayminus": (expected - table["lower"]).to_list(),
            "color": theme.INK,
            "thickness": 1.2,
            "width": 5,
        },
        text=[numbers.count(value) for value in expected],
        textposition="inside",
        insidetextanchor="start",
        hovertemplate="%{y}: %{x:,.0f}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure
