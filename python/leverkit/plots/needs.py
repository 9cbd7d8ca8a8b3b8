"""Figures of need segments: what each wants, how many there are, and which questions tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import fill, label

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.survey import Missions, Needs

#: Most rows of a profile that a figure draws: those in which segments differ most.
_MOST = 30


def needs(found: Needs, kind: str | None = None) -> go.Figure:
    """What segments say ("profile"), how many there are ("fits"), or the questions that tell them ("typing")."""
    figures = {"profile": lambda: _profile(found), "fits": lambda: _fits(found), "typing": lambda: _typing(found)}
    return choose(kind, figures)


def _profile(found: Needs) -> go.Figure:
    sizes = found._tables["table"]["size"].to_list()
    rows = _differing(found._tables["profile"], len(sizes))
    figure = theme.figure(
        t("What segments want"),
        t("Share of a segment that gives the answer, in percent; dark where a segment differs from all beyond chance"),
        height=170 + 26 * len(rows),
    )
    columns = [
        t("Segment {number}, {size}", number=place + 1, size=numbers.percent(size)) for place, size in enumerate(sizes)
    ]
    for row in rows:
        name = (
            label(row["item"], 30)
            if row["level"] is None
            else f"{label(row['item'], 26)}: {label(told(row['level']), 14)}"
        )
        for column, cell in zip(columns, row["cells"], strict=True):
            is_sure = cell["verdict"] != "can't tell"
            share = cell["value"] - cell["overall"]
            colour = theme.MUTED if not is_sure else theme.ACCENT if share > 0 else theme.WARNING
            value = numbers.number(cell["value"]) if row["level"] is None else numbers.percent(cell["value"])
            limits = numbers.limits(
                cell["lower"], cell["upper"], numbers.number if row["level"] is None else numbers.percent
            )
            figure.add_scatter(
                x=[column],
                y=[name],
                mode="text",
                text=[f"<b>{value}</b>" if is_sure else value],
                textfont={"color": colour, "size": 13},
                hovertemplate=f"{limits}<extra></extra>",
            )
    figure.update_layout(margin={"t": 104})
    figure.update_xaxes(side="top", type="category", showgrid=False, range=[-0.5, len(sizes) - 0.5])
    figure.update_yaxes(autorange="reversed", type="category")
    return figure


def _differing(profile: pl.DataFrame, segments: int) -> list[dict[str, Any]]:
    """The answers in which segments differ most, in the order of items; of two answers the second, as the first is the rest."""
    cells = profile.to_dicts()
    width = len(cells) // segments
    items = [cell["item"] for cell in cells[:width]]
    rows = []
    for place in range(width):
        if items.count(items[place]) == 2 and items.index(items[place]) == place:
            continue
        own = [cells[segment * width + place] for segment in range(segments)]
        spread = max(cell["value"] for cell in own) - min(cell["value"] for cell in own)
        rows.append({"item": own[0]["item"], "level": own[0]["level"], "cells": own, "spread": spread, "place": place})
    chosen = sorted(rows, key=lambda row: (row["level"] is not None, -row["spread"]))[:_MOST]
    return sorted(chosen, key=lambda row: row["place"])


def _fits(found: Needs) -> go.Figure:
    rows = found._tables["fits"].to_dicts()
    figure = theme.figure(
        t("How many segments there are"),
        t("Lower is better; the number chosen is also shown by a test and stable"),
        height=420,
    )
    for name, text, colour in (("bic", "BIC", theme.ACCENT), ("icl", "ICL", theme.MUTED)):
        figure.add_scatter(
            x=[row["k"] for row in rows],
            y=[row[name] for row in rows],
            mode="lines+markers",
            name=text,
            line={"color": colour, "width": 2},
            marker={"size": 8},
            hovertemplate=f"%{{x}}: %{{y:,.0f}}<extra>{text}</extra>",
        )
    chosen = next((row for row in rows if row["status"] == "chosen"), None)
    if chosen is not None:
        figure.add_scatter(
            x=[chosen["k"]],
            y=[chosen["bic"]],
            mode="markers",
            showlegend=False,
            marker={"size": 16, "color": theme.WARNING, "symbol": "circle-open", "line": {"width": 3}},
            hovertemplate=t("chosen") + "<extra></extra>",
        )
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title_text=t("Number of segments"), dtick=1)
    figure.update_yaxes(title_text=t("Criterion"))
    return figure


def _typing(found: Needs) -> go.Figure:
    rows = found._tables["typing"].to_dicts()
    figure = theme.figure(
        t("Which questions tell the segment"),
        t("Share of respondents whom the questions so far put where all would, cross-validated"),
        height=160 + 28 * max(len(rows), 2),
    )
    figure.add_scatter(
        x=[row["agreement"] for row in rows],
        y=[f"{row['questions']}. {label(row['item'], 30)}" for row in rows],
        mode="lines+markers",
        line={"color": theme.ACCENT, "width": 2},
        marker={"size": 9},
        customdata=[numbers.percent(row["agreement"]) for row in rows],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    ticks = theme.share_ticks([*(row["agreement"] for row in rows), 1.0])
    figure.update_xaxes(title_text=t("Agreement"), range=[0, 1.02], **ticks)
    figure.update_yaxes(autorange="reversed")
    if not rows:
        fill(figure, t("One segment: there is nothing to tell"))
    return figure


def missions(found: Missions, kind: str | None = None) -> go.Figure:
    """What missions are made of ("categories"), on which "weekdays" and at which "hours" they come, or which are "lost" before customers leave."""
    figures = {
        "categories": lambda: _mission_categories(found),
        "weekdays": lambda: _weekdays(found),
        "hours": lambda: _hours(found),
        "lost": lambda: _lost(found),
    }
    return choose(kind, figures)


def _mission_names(found: Missions) -> list[str]:
    rows = found._tables["table"].iter_rows(named=True)
    return [t("Mission {number}, {share}", number=row["mission"], share=numbers.percent(row["share"])) for row in rows]


def _heat(figure: go.Figure, x: list[str], y: list[str], shares: list[list[float]]) -> None:
    figure.add_heatmap(
        x=x,
        y=y,
        z=shares,
        text=[[numbers.percent(share) for share in row] for row in shares],
        texttemplate="%{text}",
        colorscale=theme.SCALE,
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="%{y}, %{x}: %{text}<extra></extra>",
    )
    figure.update_layout(margin={"t": 104})
    figure.update_xaxes(side="top", showgrid=False, type="category", tickangle=0)
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")


def _mission_categories(found: Missions) -> go.Figure:
    names, rows = _mission_names(found), found._tables["categories"]
    most = rows.group_by("category").agg(pl.col("share").max()).sort("share", "category", descending=[True, False])
    categories = most["category"].head(_MOST).to_list()
    shares = {(row["mission"], row["category"]): row["share"] for row in rows.iter_rows(named=True)}
    figure = theme.figure(
        t("What missions are made of"),
        t("Share of a category in what is bought on the mission"),
        height=190 + 26 * len(categories),
    )
    grid = [[shares[place + 1, category] for place in range(len(names))] for category in categories]
    _heat(figure, [name.replace(", ", "<br>") for name in names], [str(category) for category in categories], grid)
    return figure


def _weekdays(found: Missions) -> go.Figure:
    names, rows = _mission_names(found), found._tables["weekdays"]
    days = [t("Mon"), t("Tue"), t("Wed"), t("Thu"), t("Fri"), t("Sat"), t("Sun")]
    figure = theme.figure(
        t("When missions come"), t("Share of a mission's orders by weekday"), height=190 + 34 * len(names)
    )
    grid = [rows.filter(rows["mission"] == place + 1)["share"].to_list() for place in range(len(names))]
    _heat(figure, days, names, grid)
    return figure


def _hours(found: Missions) -> go.Figure:
    names, rows = _mission_names(found), found._tables["hours"]
    figure = theme.figure(
        t("At what hour missions come"), t("Share of a mission's orders by hour of the day"), height=420
    )
    for place, name in enumerate(names):
        own = rows.filter(rows["mission"] == place + 1)
        figure.add_scatter(
            x=own["hour"].to_list(),
            y=own["share"].to_list(),
            mode="lines",
            name=name,
            customdata=[numbers.percent(share) for share in own["share"]],
            hovertemplate="%{x}:00, %{customdata}<extra></extra>",
        )
    figure.update_layout(showlegend=not rows.is_empty())
    figure.update_xaxes(title_text=t("Hour"), dtick=3, range=[0, 23])
    figure.update_yaxes(**theme.share_ticks(rows["share"].to_list()), rangemode="tozero")
    if rows.is_empty():
        fill(figure, t("Times have no clock"))
    return figure


def _lost(found: Missions) -> go.Figure:
    rows = [row for row in found._tables["lost"].iter_rows(named=True) if row["difference"] is not None]
    names = dict(zip(found._tables["table"]["mission"], _mission_names(found), strict=True))
    figure = theme.figure(
        t("Who gave a mission up, and left"),
        t("More left than of those who kept it, orders being equal; filled: beyond chance"),
        height=180 + 34 * max(len(rows), 3),
    )
    sure = [row["verdict"] != "can't tell" for row in rows]
    figure.add_scatter(
        x=[100 * row["difference"] for row in rows],
        y=[names[row["mission"]] for row in rows],
        mode="markers",
        marker={
            "size": 10,
            "color": [theme.WARNING if is_sure else theme.PAPER for is_sure in sure],
            "line": {"color": theme.WARNING, "width": 2},
        },
        error_x={
            "type": "data",
            "array": [100 * (row["upper"] - row["difference"]) for row in rows],
            "arrayminus": [100 * (row["difference"] - row["lower"]) for row in rows],
            "color": theme.MUTED,
            "thickness": 1.5,
        },
        customdata=[[numbers.percent(row["lost"]), numbers.count(row["had"])] for row in rows],
        hovertemplate="%{y}: "
        + t("{lost} of {had} gave it up", lost="%{customdata[0]}", had="%{customdata[1]}")
        + "<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": theme.RULE, "width": 1.2})
    figure.update_xaxes(title_text=t("Percentage points"))
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    if not rows:
        fill(figure, t("Nobody can be compared"))
    return figure
