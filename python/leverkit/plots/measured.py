"""The figure of measured parameters: how they go over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib.text import current, in_words, mark, t
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import label

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.profit import Measurement

_BY_PERIOD = {
    "day": mark("By day; bands are 95 % limits"),
    "week": mark("By week; bands are 95 % limits"),
    "month": mark("By month; bands are 95 % limits"),
    "quarter": mark("By quarter; bands are 95 % limits"),
    "year": mark("By year; bands are 95 % limits"),
}


def trend(found: Measurement, kind: str | None = None) -> go.Figure:
    """Measured parameters over time with their limits ("trend")."""
    return choose(kind, {"trend": lambda: _trend(found)})


def _trend(found: Measurement) -> go.Figure:
    table = found._tables["values"].filter(pl.col("source") != "assumed")
    by = found.params["by"]
    groups = [None] if by is None else table[by].unique(maintain_order=True).to_list()
    names = [
        name
        for name in table["parameter"].unique(maintain_order=True)
        if table.filter(parameter=name)["value"].ne(0).any()
    ]
    columns = 3
    rows = -(-len(names) // columns)
    figure = theme.figure(
        t("The profit formula over time"), t(_BY_PERIOD[found.params["period"]]), height=110 + 150 * rows
    )
    figure.set_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=[in_words(name) for name in names],
        horizontal_spacing=0.09,
        vertical_spacing=0.35 / rows,
    )
    for place, name in enumerate(names):
        where = {"row": place // columns + 1, "col": place % columns + 1}
        for group, colour in zip(groups, theme.GROUP_COLOURS, strict=False):
            part = (
                table.filter(parameter=name)
                if by is None
                else table.filter(pl.col("parameter") == name, pl.col(by) == group)
            )
            start = part["period_start"].to_list()
            if part["lower"].count() and by is None:
                theme.band(figure, start, part["lower"].to_list(), part["upper"].to_list(), **where)
            figure.add_scatter(
                x=start,
                y=part["value"].to_list(),
                mode="lines",
                line={"color": colour, "width": 2},
                name=label(group, 20),
                legendgroup=str(group),
                showlegend=by is not None and place == 0,
                hovertemplate=f"%{{x|{current().format['day']}}}: %{{y:.4g}}<extra>{in_words(name)}</extra>",
                **where,
            )
    figure.update_annotations(font_size=12, font_color=theme.INK)
    figure.update_xaxes(tickfont_size=10, nticks=3, tickangle=0, tickformat="%b %y")
    figure.update_yaxes(tickfont_size=10, nticks=4, rangemode="tozero")
    figure.update_layout(showlegend=by is not None, margin={"t": 100})
    return figure
