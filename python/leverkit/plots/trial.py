"""Figures of tests before they start: what they can show, false alarms on the past, and how alike the arms are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import mark, t
from leverkit.plots import theme
from leverkit.plots.choose import choose

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.effect import Assignment, TestDesign

#: The estimates in words.
_ESTIMATES = {"difference": mark("difference of means"), "adjusted": mark("adjusted for the weeks before")}


def design(found: TestDesign, kind: str | None = None) -> go.Figure:
    """The smallest lift by length ("power"), the same in "money" a year, or the "false_alarms" on the past."""
    figures = {"power": lambda: _curves(found, "smallest_lift")}
    if found._tables["table"]["smallest_money"].count():
        figures["money"] = lambda: _curves(found, "smallest_money")
    figures["false_alarms"] = lambda: _false_alarms(found)
    return choose(kind, figures)


def _curves(found: TestDesign, column: str) -> go.Figure:
    table = found._tables["table"].drop_nulls(column)
    is_lift = column == "smallest_lift"
    write = numbers.percent if is_lift else numbers.short_money
    title = (
        t("The smallest lift that a test finds")
        if is_lift
        else t("The smallest effect that a test finds, in money per year")
    )
    figure = theme.figure(title, _customers(found, table), height=460)
    weeks = table["weeks"].to_list()
    for name, suffix, colour in (("difference", "", theme.MUTED), ("adjusted", "_adjusted", theme.ACCENT)):
        values = table[column + suffix].to_list()
        figure.add_scatter(
            x=weeks,
            y=values,
            mode="lines+markers+text",
            name=t(_ESTIMATES[name]),
            line={"color": colour, "width": 2.5},
            text=[write(value) for value in values],
            textposition="bottom center" if suffix else "top center",
            textfont={"size": 12, "color": colour},
            hovertemplate="%{text}<extra>" + t(_ESTIMATES[name]) + "</extra>",
        )
    if is_lift:
        asked = found.params["lift"]
        figure.add_hline(y=asked, line={"color": theme.WARNING, "width": 1.5, "dash": "dash"})
        words = t("asked for: {lift}", lift=numbers.percent(asked))
        figure.add_annotation(
            x=1,
            xref="paper",
            xanchor="right",
            y=asked,
            yanchor="bottom",
            showarrow=False,
            text=words,
            font={"size": 12, "color": theme.WARNING},
        )
        figure.update_yaxes(**theme.share_ticks([*table["smallest_lift"], asked]), rangemode="tozero")
    else:
        figure.update_yaxes(rangemode="tozero", tickformat="~s")
    figure.update_xaxes(title_text=t("Weeks of the test"), tickvals=weeks, showgrid=False)
    figure.update_layout(showlegend=True)
    return figure


def _customers(found: TestDesign, table: pl.DataFrame) -> str:
    low, high = table["customers"].min(), table["customers"].max()
    customers = (
        numbers.count(_number(high)) if low == high else numbers.limits(_number(low), _number(high), numbers.count)
    )
    return t(
        "{customers} customers, power {power}, level {level}",
        customers=customers,
        power=numbers.percent(found.params["power"]),
        level=numbers.percent(found.params["level"]),
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _false_alarms(found: TestDesign) -> go.Figure:
    table = found._tables["false_alarms"]
    weeks = found.tried
    figure = theme.figure(
        t("What tests would have found on the past"),
        t("{n} re-randomisations of {weeks} weeks", n=numbers.count(found.params["replicates"]), weeks=weeks),
        height=380,
    )
    names = [t(_ESTIMATES[name]) for name in table["estimate"]]
    for column, label, colour in (
        ("false_alarms", t("found where there is nothing"), theme.WARNING),
        ("power", t("found where the lift is planted"), theme.ACCENT),
    ):
        shares = table[column].to_list()
        figure.add_bar(
            y=names,
            x=shares,
            orientation="h",
            name=label,
            marker_color=colour,
            text=[numbers.percent(share) for share in shares],
            textposition="outside",
            cliponaxis=False,
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (table[f"{column}_upper"] - table[column]).to_list(),
                "arrayminus": (table[column] - table[f"{column}_lower"]).to_list(),
                "color": theme.INK,
                "thickness": 1,
            },
            hovertemplate="%{text}<extra>" + label + "</extra>",
        )
    figure.add_vline(x=1 - found.params["level"], line={"color": theme.INK, "width": 1, "dash": "dash"})
    figure.update_xaxes(**theme.share_ticks([0.0, 1.0]), range=[0, 1.12])
    figure.update_yaxes(showgrid=False)
    figure.update_layout(showlegend=True, barmode="group")
    return figure


def randomise(found: Assignment, kind: str | None = None) -> go.Figure:
    """How far the arms differ ("balance")."""
    return choose(kind, {"balance": lambda: _balance(found)})


def _balance(found: Assignment) -> go.Figure:
    table = found._tables["balance"].drop_nulls("difference")
    first = found.params["arms"][0][0]
    others = [name for name, _ in found.params["arms"][1:]]
    figure = theme.figure(
        t("How alike the arms are"), t("Difference of means from {arm}, in standard deviations", arm=first), height=380
    )
    colours = [theme.ACCENT, theme.WARNING, *theme.SEGMENT_COLOURS.values()]
    for place, arm in enumerate(others):
        own = table.filter(arm=arm)
        figure.add_scatter(
            x=own["difference"].to_list(),
            y=own["column"].to_list(),
            mode="markers",
            name=arm,
            marker={"size": 11, "color": colours[place % len(colours)]},
            hovertemplate="%{x:.3f}<extra></extra>",
        )
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1})
    reach = max([0.1, *(abs(value) for value in table["difference"])]) * 1.2
    figure.update_xaxes(range=[-reach, reach])
    figure.update_layout(showlegend=len(others) > 1)
    return figure
