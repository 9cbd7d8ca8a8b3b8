"""Figures of points: the redemption curve, what became of each period's points, and revenue put off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leverkit._lib import numbers
from leverkit._lib.text import mark, t
from leverkit.plots import theme
from leverkit.plots.choose import choose

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.effect import Deferral, Liability


#: What ages are counted in.
_AGES = {
    "day": mark("Days since the points were earned"),
    "week": mark("Weeks since the points were earned"),
    "month": mark("Months since the points were earned"),
    "quarter": mark("Quarters since the points were earned"),
    "year": mark("Years since the points were earned"),
}


def liability(found: Liability, kind: str | None = None) -> go.Figure:
    """The redemption "curve", or what became of each period's points ("cohorts")."""
    return choose(kind, {"curve": lambda: _curve(found), "cohorts": lambda: _cohorts(found)})


def _curve(found: Liability) -> go.Figure:
    table = found._tables["curve"]
    figure = theme.figure(t("How points are redeemed"), found._headline(), height=440)
    ages = table["age"].to_list()
    theme.band(figure, ages, table["lower"].to_list(), table["upper"].to_list())
    for column, label, colour in (
        ("redeemed_share", t("redeemed"), theme.ACCENT),
        ("open_share", t("still open"), theme.MUTED),
    ):
        shares = table[column].to_list()
        figure.add_scatter(
            x=ages,
            y=shares,
            mode="lines+markers",
            name=label,
            line={"color": colour, "width": 2.5},
            text=[numbers.percent(share) for share in shares],
            hovertemplate="%{text}<extra>" + label + "</extra>",
        )
    figure.update_xaxes(title_text=t(_AGES[found.params["period"]]), showgrid=False)
    figure.update_yaxes(title_text=t("Share of points"), **theme.share_ticks([0.0, 1.0]), range=[0, 1.02])
    figure.update_layout(showlegend=True)
    return figure


def _cohorts(found: Liability) -> go.Figure:
    table = found._tables["cohorts"]
    figure = theme.figure(t("What became of the points"), t("By the period in which they were earned"), height=440)
    will_lapse = table["outstanding"] - table["expected"]
    for values, label, colour in (
        (table["redeemed"], t("redeemed"), theme.ACCENT),
        (table["expected"], t("open, will be redeemed"), theme.SCALE[3]),
        (will_lapse, t("open, will not"), theme.RULE),
        (table["expired"], t("expired"), theme.MUTED),
    ):
        figure.add_bar(
            x=table["cohort"].to_list(),
            y=values.to_list(),
            name=label,
            marker_color=colour,
            hovertemplate="%{y:,.0f}<extra>" + label + "</extra>",
        )
    figure.update_yaxes(title_text=t("Points"))
    figure.update_layout(barmode="stack", showlegend=True)
    return figure


def deferral(found: Deferral, kind: str | None = None) -> go.Figure:
    """Revenue by period, and what is still put off ("revenue")."""
    return choose(kind, {"revenue": lambda: _revenue(found)})


def _revenue(found: Deferral) -> go.Figure:
    table = found._tables["table"]
    figure = theme.figure(t("When points become revenue"), found._headline(), height=400)
    for column, label, colour in (
        ("revenue", t("revenue of the period"), theme.ACCENT),
        ("liability", t("still put off"), theme.SCALE[2]),
    ):
        values = table[column].to_list()
        figure.add_bar(
            x=table["period"].to_list(),
            y=values,
            name=label,
            marker_color=colour,
            text=[numbers.money(value) for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{text}<extra>" + label + "</extra>",
        )
    figure.update_xaxes(title_text=t("Period"), tickvals=table["period"].to_list(), showgrid=False)
    figure.update_yaxes(title_text=t("Money"))
    figure.update_layout(barmode="group", showlegend=True)
    return figure
