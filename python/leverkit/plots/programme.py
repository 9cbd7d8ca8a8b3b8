"""Figures of a judged programme: all designs with their placebos, the event study, and the split of the effect."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t
from leverkit.plots import theme
from leverkit.plots.choose import choose

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.effect import Programme

#: Letters of a line of a design's name.
_LINE = 16


def programme(found: Programme, kind: str | None = None) -> go.Figure:
    """All "designs" with their placebos, the "event_study", or the "split" of the effect."""
    figures = {
        "designs": lambda: _designs(found),
        "event_study": lambda: _event_study(found),
        "split": lambda: _split(found),
    }
    return choose(kind, figures)


def design_names() -> dict[str, str]:
    """Designs in words."""
    return {
        "naive": t("members less others"),
        "before_after": t("after less before"),
        "did": t("difference-in-differences"),
        "adjusted": t("adjusted for the path"),
        "balanced": t("entropy balancing"),
        "matched": t("matched controls"),
    }


def _designs(found: Programme) -> go.Figure:
    labels = design_names()
    rows = found._tables["effects"].filter((pl.col("outcome") == found.outcome) & pl.col("estimate").is_not_null())
    figure = theme.figure(t("What each design says, and its placebo"), found._headline(), height=130 + 56 * rows.height)
    names = ["<br>".join(textwrap.wrap(labels[design], _LINE)) for design in rows["design"]]
    believed = [not status.startswith("not") for status in rows["status"]]
    colours = [theme.ACCENT if one else theme.MUTED for one in believed]
    placebo = ("placebo", "placebo_lower", "placebo_upper")
    for label, columns, colour, symbol, shift in (
        (t("effect"), ("estimate", "lower", "upper"), colours, "circle", 0.14),
        (t("placebo: as if joined earlier"), placebo, [theme.WARNING] * rows.height, "diamond-open", -0.14),
    ):
        estimate, lower, upper = (rows[name].to_list() for name in columns)
        for place, (value, low, high, one) in enumerate(zip(estimate, lower, upper, colour, strict=True)):
            if value is None:
                continue
            figure.add_scatter(
                x=[low, high],
                y=[place + shift] * 2,
                mode="lines",
                line={"color": one, "width": 2},
                hoverinfo="skip",
                showlegend=False,
            )
        figure.add_scatter(
            x=estimate,
            y=[place + shift for place in range(rows.height)],
            mode="markers",
            name=label,
            marker={"color": colour, "size": 10, "symbol": symbol},
            hovertemplate="%{x:,.2f}<extra>" + label + "</extra>",
        )
    figure.add_vline(x=0, line={"color": theme.INK, "width": 1})
    figure.update_yaxes(tickvals=list(range(rows.height)), ticktext=names, autorange="reversed", showgrid=False)
    figure.update_xaxes(title_text=t("Money per member and period"))
    figure.update_layout(showlegend=True)
    return figure


def _event_study(found: Programme) -> go.Figure:
    table = found._tables["event_study"]
    subtitle = t(
        "Difference-in-differences; the band holds all periods at once, with {level} confidence",
        level=numbers.percent(found.params["level"]),
    )
    figure = theme.figure(t("Effect by periods since joining"), subtitle, height=420)
    banded = table.drop_nulls(["band_lower", "band_upper"])
    theme.band(figure, banded["event_time"].to_list(), banded["band_lower"].to_list(), banded["band_upper"].to_list())
    for side, colour in ((table["event_time"] < 0, theme.MUTED), (table["event_time"] >= 0, theme.ACCENT)):
        part = table.filter(side)
        figure.add_scatter(
            x=part["event_time"].to_list(),
            y=part["estimate"].to_list(),
            mode="markers+lines",
            line={"color": colour, "width": 2},
            marker={"color": colour, "size": 8},
            hovertemplate="%{x}: %{y:,.2f}<extra></extra>",
        )
    figure.add_hline(y=0, line={"color": theme.INK, "width": 1})
    figure.add_vline(x=-0.5, line={"color": theme.RULE, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(title_text=t("Periods since joining"))
    figure.update_yaxes(title_text=t("Money per member and period"))
    return figure


def _split(found: Programme) -> go.Figure:
    table = found._tables["split"]
    if table.is_empty():
        return theme.figure(t("Where the effect comes from"), found._headline(), height=200)
    labels = {"return": t("return"), "frequency": t("frequency"), "check": t("check")}
    names = [labels[factor] for factor in table["factor"]]
    money = table["money"].to_list()
    figure = theme.figure(
        t("Where the effect comes from"),
        t("Spend per member and period: customers who return, their orders, and the money of an order"),
        height=400,
    )
    figure.add_waterfall(
        x=[*names, t("effect")],
        y=[*money, sum(money)],
        measure=["relative"] * len(names) + ["total"],
        text=[numbers.money(value) for value in [*money, sum(money)]],
        textposition="outside",
        cliponaxis=False,
        increasing={"marker": {"color": theme.ACCENT}},
        decreasing={"marker": {"color": theme.WARNING}},
        totals={"marker": {"color": theme.INK}},
        connector={"line": {"color": theme.RULE}},
    )
    figure.update_yaxes(title_text=t("Money per member and period"))
    return figure
