"""Figures of what a test found: effects with limits, within segments, and by score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from leverkit.effect import Holdout

#: Most rows that a figure has room for.
_MOST = 30


def holdout(found: Holdout, kind: str | None = None) -> go.Figure:
    """The "effects" with limits, those within "segments", the gain by score ("uplift"), or the effect "over_time"."""
    figures = {"effects": lambda: _effects(found)}
    if found._tables["segments"].height:
        figures["segments"] = lambda: _segments(found)
    if found._tables["uplift"].height:
        figures["uplift"] = lambda: _uplift(found)
    if found.over_time is not None:
        figures["over_time"] = lambda: _over_time(found)
    return choose(kind, figures)


def _over_time(found: Holdout) -> go.Figure:
    rows = found._tables["over_time"]
    metric = rows["metric"][0]
    trends = found._tables["trends"].filter(metric=metric)
    figure = theme.figure(
        t("How long the effect lasts: {metric}", metric=metric),
        "; ".join(f"{row['arm']}: {told(row['verdict'])}" for row in trends.iter_rows(named=True)),
        height=440,
    )
    arms = rows.filter(metric=metric)["arm"].unique(maintain_order=True).to_list()
    colours = theme.segment_colours(arms)
    for arm in arms:
        own = rows.filter(metric=metric, arm=arm).drop_nulls("estimate")
        if len(arms) == 1:
            theme.band(figure, own["start"].to_list(), own["lower"].to_list(), own["upper"].to_list())
        figure.add_scatter(
            x=own["start"].to_list(),
            y=own["estimate"].to_list(),
            mode="lines+markers",
            name=label(arm, 20),
            line={"color": colours[arm], "width": 2},
            hovertemplate="%{x|%Y-%m-%d}: %{y:,.2f}<extra>%{fullData.name}</extra>",
        )
    figure.add_hline(y=0, line={"color": theme.INK, "width": 1})
    figure.update_layout(showlegend=len(arms) > 1)
    figure.update_yaxes(title_text=t("Effect per unit and period"))
    return figure


def _effects(found: Holdout) -> go.Figure:
    rows = found._main.drop_nulls("lift").head(_MOST)
    labels = [f"{row['metric']} · {row['arm']}" for row in rows.iter_rows(named=True)]
    figure = theme.figure(t("What the test changed"), _level(found), height=180 + 48 * rows.height)
    _forest(figure, labels, rows, "lift")
    figure.update_xaxes(
        title_text=t("Change against the control"), **_ticks([*rows["lift_lower"], *rows["lift_upper"], 0.0])
    )
    return figure


def _level(found: Holdout) -> str:
    units = sum(found._tables["arms"]["units"])
    return t("{n} units, {level} limits", n=numbers.count(units), level=numbers.percent(found.params["level"]))


def _ticks(shares: Sequence[float]) -> dict[str, object]:
    return {**theme.share_ticks(list(shares)), "zeroline": False}


def _forest(figure: go.Figure, labels: list[str], rows: pl.DataFrame, column: str) -> None:
    """Points with their limits, one below the other; a point whose limits hold 0 is grey."""
    lower, upper = rows[f"{column}_lower"], rows[f"{column}_upper"]
    is_sure = ((lower > 0) | (upper < 0)).to_list()
    write = numbers.signed_percent if column == "lift" else numbers.signed
    figure.add_scatter(
        x=rows[column].to_list(),
        y=labels,
        mode="markers",
        marker={"size": 11, "color": [theme.ACCENT if sure else theme.MUTED for sure in is_sure]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": (upper - rows[column]).to_list(),
            "arrayminus": (rows[column] - lower).to_list(),
            "color": theme.MUTED,
            "thickness": 1.5,
        },
        text=[
            f"{write(value)} ({numbers.limits(low, high, write)})"
            for value, low, high in zip(rows[column], lower, upper, strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
    )
    for name, value in zip(labels, rows[column], strict=True):
        figure.add_annotation(
            x=value, y=name, yshift=14, showarrow=False, text=write(value), font={"size": 12, "color": theme.INK}
        )
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1})
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")


def _segments(found: Holdout) -> go.Figure:
    metric = found.params["metrics"][0]
    rows = found._tables["segments"].filter(metric=metric).drop_nulls("shrunk").head(_MOST)
    several = rows["arm"].n_unique() > 1
    labels = [
        f"{row['segment'] if row['segment'] is not None else '–'}" + (f" · {row['arm']}" if several else "")
        for row in rows.iter_rows(named=True)
    ]
    figure = theme.figure(
        t("Effects within segments: {metric}", metric=metric),
        t("Drawn towards their mean, {level} limits", level=numbers.percent(found.params["level"])),
        height=180 + 48 * rows.height,
    )
    _forest(figure, labels, rows, "shrunk")
    return figure


def _uplift(found: Holdout) -> go.Figure:
    first = found._tables["uplift"].row(0, named=True)
    rows = found._tables["uplift"].filter(arm=first["arm"], metric=first["metric"])
    area = found._tables["areas"].row(
        by_predicate=(pl.col("arm") == first["arm"]) & (pl.col("metric") == first["metric"]), named=True
    )
    figure = theme.figure(
        t("What choosing by score brings: {metric}", metric=first["metric"]),
        t(
            "Qini {qini} ({limits}); dashed: by lot",
            qini=numbers.signed(area["qini"]),
            limits=numbers.limits(area["qini_lower"], area["qini_upper"], numbers.signed),
        ),
        height=440,
    )
    shares = [0.0, *rows["share"]]
    theme.band(figure, shares, [0.0, *rows["gain_lower"]], [0.0, *rows["gain_upper"]])
    figure.add_scatter(
        x=shares,
        y=[0.0, *rows["gain"]],
        mode="lines+markers",
        name=t("by score"),
        line={"color": theme.ACCENT, "width": 2.5},
        hovertemplate="%{y:.3g}<extra>" + t("by score") + "</extra>",
    )
    figure.add_scatter(
        x=shares,
        y=[0.0, *rows["by_lot"]],
        mode="lines",
        name=t("by lot"),
        line={"color": theme.MUTED, "width": 1.5, "dash": "dash"},
        hoverinfo="skip",
    )
    figure.update_xaxes(
        title_text=t("Share of units treated, the greatest score first"), **theme.share_ticks([0.0, 1.0])
    )
    figure.update_yaxes(title_text=t("Gain per unit"))
    figure.update_layout(showlegend=True)
    return figure
