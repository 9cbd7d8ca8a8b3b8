"""Figures of the stage funnel: the funnel itself, times to convert, what other rules would say, and two funnels beside each other.

Every function takes a result of `leverkit.funnel` and returns a Plotly figure.
"""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import in_words, t
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import fill, label, percents

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.funnel import StageAudit, StageComparison, StageFunnel

#: Sets of rules that a figure of an audit shows.
_RULES = 24


def stage_funnel(found: StageFunnel, kind: str | None = None) -> go.Figure:
    """Entities at each stage ("funnel"), or, of those who came there, the share by the days since the first stage ("times")."""
    return choose(kind, {"funnel": lambda: _funnel(found), "times": lambda: _times(found)})


def _largest(table: pl.DataFrame) -> list[Any]:
    """The groups with most entities at the first stage."""
    firsts = table.group_by("group", maintain_order=True).agg(pl.col("reached").first())
    return (
        firsts.sort("reached", descending=True, maintain_order=True).head(len(theme.GROUP_COLOURS))["group"].to_list()
    )


def _funnel(found: StageFunnel) -> go.Figure:
    table = found._tables["table"]
    groups = _largest(table)
    figure = theme.figure(
        t("From stage to stage"),
        t("Entities at each stage, the share of those at the stage before, and that of the first stage"),
        height=max(300, 130 + 62 * table["stage"].n_unique() * (1 if len(groups) == 1 else min(len(groups), 3))),
    )
    for group, colour in zip(groups, theme.GROUP_COLOURS, strict=False):
        part = table.filter(pl.col("group").eq_missing(group))
        rows = list(part.iter_rows(named=True))
        figure.add_bar(
            y=[label(row["stage"]) for row in rows],
            x=[row["reached"] for row in rows],
            orientation="h",
            name=label(group),
            marker={"color": colour},
            text=[_label(row) for row in rows],
            textposition="outside",
            cliponaxis=False,
            customdata=[_hover(row) for row in rows],
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.update_layout(barmode="group", showlegend=len(groups) > 1)
    figure.update_xaxes(tickformat=",", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def _label(row: dict[str, Any]) -> str:
    if row["from_previous"] is None:
        return numbers.count(row["reached"])
    if row["from_previous"] == row["from_first"]:
        return t(
            "{reached} · {previous}",
            reached=numbers.count(row["reached"]),
            previous=numbers.percent(row["from_previous"]),
        )
    return t(
        "{reached} · {previous}, of the first {first}",
        reached=numbers.count(row["reached"]),
        previous=numbers.percent(row["from_previous"]),
        first=numbers.percent(row["from_first"]),
    )


def _hover(row: dict[str, Any]) -> str:
    lines = [f"{label(row['stage'])}: {numbers.count(row['reached'])}"]
    if row["from_previous"] is not None:
        lines.append(
            t(
                "{share} of the stage before ({lower} to {upper})",
                share=numbers.percent(row["from_previous"]),
                lower=numbers.percent(row["lower"]),
                upper=numbers.percent(row["upper"]),
            )
        )
    if row["median_time"] is not None:
        lines.append(t("half got there within {days} {days:day|days}", days=days(row["median_time"])))
    if row["ties_lower"] != row["ties_upper"]:
        low, high = numbers.count(row["ties_lower"]), numbers.count(row["ties_upper"])
        lines.append(t("{low} to {high} by the rule for ties", low=low, high=high))
    return "<br>".join(lines)


def days(value: float | None) -> str:
    """Days with one digit where they are few."""
    return numbers.decimal(value) if value is not None and value < 10 else numbers.count(value)


def _times(found: StageFunnel) -> go.Figure:
    curves = found._tables["curves"]
    group = _largest(found._tables["table"])[0]
    part = curves.filter(pl.col("group").eq_missing(group))
    named = "" if found.params["by"] is None else f" · {label(group)}"
    figure = theme.figure(
        t("Time to convert") + named,
        t("Of those who reached a stage, the share who had reached it by then"),
        height=420,
    )
    names = part["stage"].unique(maintain_order=True).to_list()
    for name, colour in zip(names, cycle(theme.GROUP_COLOURS), strict=False):
        curve = part.filter(pl.col("stage") == name)
        shares = curve["share"] / curve["share"].max()
        figure.add_scatter(
            x=curve["days"].to_list(),
            y=shares.to_list(),
            mode="lines",
            line={"color": colour, "width": 2},
            name=label(name),
            customdata=percents(shares.to_list()),
            hovertemplate=t("{share} within {days} days", share="%{customdata}", days="%{x:.1f}")
            + "<extra>%{fullData.name}</extra>",
        )
    if not names:
        fill(figure, t("Nobody reached a second stage"))
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title_text=t("Days since the first stage"), rangemode="tozero")
    figure.update_yaxes(rangemode="tozero", **theme.share_ticks([0.0, 1.0]))
    return figure


def audit(found: StageAudit, kind: str | None = None) -> go.Figure:
    """What each set of rules makes of the last stage ("spread")."""
    return choose(kind, {"spread": lambda: _spread(found)})


def _spread(found: StageAudit) -> go.Figure:
    table = found._tables["table"]
    used = table.row(0, named=True)
    # Rules that come to the same number say it once; the spread's ends are always shown.
    kept = table.unique("last", maintain_order=True).sort("last", maintain_order=True)
    if kept.height > _RULES:
        places = sorted({round(place * (kept.height - 1) / (_RULES - 1)) for place in range(_RULES)})
        kept = kept[places]
    rows = list(kept.iter_rows(named=True))
    low, high = found.spread
    figure = theme.figure(
        t("The same data under other rules"),
        t(
            "Entities at the last stage: {low} to {high}; the rules used are blue",
            low=numbers.count(low),
            high=numbers.count(high),
        ),
        height=150 + 22 * max(len(rows), 3),
    )
    figure.add_bar(
        y=[_rules(row, used) for row in rows],
        x=[row["last"] for row in rows],
        orientation="h",
        marker={"color": [theme.ACCENT if row["last"] == used["last"] else theme.SCALE[2] for row in rows]},
        text=[numbers.count(row["last"]) for row in rows],
        textposition="outside",
        cliponaxis=False,
        customdata=[numbers.percent(row["conversion"]) for row in rows],
        hovertemplate="%{y}: %{text} (%{customdata})<extra></extra>",
    )
    figure.update_xaxes(tickformat=",", rangemode="tozero")
    figure.update_yaxes(showgrid=False, type="category")
    return figure


def _rules(row: dict[str, Any], used: dict[str, Any]) -> str:
    """How a set of rules differs from the one that was used."""
    if row["used"]:
        return t("the rules used")
    told = []
    if row["mode"] != used["mode"]:
        told.append(in_words(row["mode"]))
    if row["start"] != used["start"]:
        told.append(t("first touch") if row["start"] == "first" else t("any touch"))
    if row["window"] != used["window"]:
        told.append(t("no window") if row["window_days"] is None else t("window {window}", window=_window(row)))
    if row["window_from"] != used["window_from"]:
        told.append(t("from the stage before") if row["window_from"] == "previous" else t("from the first stage"))
    if row["ties"] != used["ties"]:
        told.append(t("ties {rule}", rule=in_words(row["ties"])))
    return "<br>".join([", ".join(told[:2]), *([", ".join(told[2:])] if told[2:] else [])])


def _window(row: dict[str, Any]) -> str:
    return t("{days} {days:day|days}", days=days(row["window_days"]))


def comparison(found: StageComparison, kind: str | None = None) -> go.Figure:
    """Differences of conversions from stage to stage with their limits ("differences")."""
    return choose(kind, {"differences": lambda: _differences(found)})


def _differences(found: StageComparison) -> go.Figure:
    table = found._tables["table"].drop_nulls("difference")
    figure = theme.figure(
        t("What differs"),
        t("Share of the stage before, second funnel minus the first, with limits; grey if it may be chance"),
        height=140 + 54 * max(table.height, 2),
    )
    rows = list(table.iter_rows(named=True))
    sure = [row["lower"] > 0 or row["upper"] < 0 for row in rows]
    figure.add_scatter(
        y=[label(row["stage"]) for row in rows],
        x=[row["difference"] for row in rows],
        mode="markers",
        marker={
            "size": 11,
            "color": [
                theme.MUTED if not is_sure else theme.ACCENT if row["difference"] > 0 else theme.WARNING
                for row, is_sure in zip(rows, sure, strict=True)
            ],
        },
        error_x={
            "type": "data",
            "array": [row["upper"] - row["difference"] for row in rows],
            "arrayminus": [row["difference"] - row["lower"] for row in rows],
            "color": theme.MUTED,
            "thickness": 1.4,
        },
        customdata=[
            f"{numbers.percent(row['base_from_previous'])} → {numbers.percent(row['against_from_previous'])}"
            for row in rows
        ],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": theme.RULE, "width": 2})
    figure.update_xaxes(**theme.share_ticks([*table["lower"], *table["upper"]], from_zero=False))
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure
