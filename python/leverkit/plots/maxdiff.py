"""Figures of best–worst choices: shares of preference and scores with their limits, and how often pairs are shown together."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

from leverkit._lib import numbers
from leverkit._lib.text import t
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import label

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.survey import MaxDiff, MaxDiffDesign


def maxdiff(found: MaxDiff, kind: str | None = None) -> go.Figure:
    """Shares of preference with limits ("shares"), or "scores"."""
    figures = {"shares": lambda: _bars(found, "share"), "scores": lambda: _bars(found, "score")}
    if found._tables["table"]["share"].null_count():
        del figures["shares"]
    return choose(kind, figures)


def _bars(found: MaxDiff, column: str) -> go.Figure:
    table = found._tables["table"]
    is_share = column == "share"
    figure = theme.figure(
        t("Share of preference") if is_share else t("Best less worst, of all times shown"),
        t(
            "{n} respondents, {tasks} tasks; with {level} limits",
            n=numbers.count(found.n),
            tasks=numbers.count(found.tasks),
            level=numbers.percent(found.params["level"]),
        ),
        height=160 + 30 * max(table.height, 4),
    )
    places = list(range(table.height))
    write = numbers.percent if is_share else numbers.signed_decimal
    figure.add_bar(
        y=places,
        x=table[column].to_list(),
        orientation="h",
        marker={"color": [theme.SCALE[4] if value >= 0 else "#e9a184" for value in table[column]]},
        error_x={
            "type": "data",
            "array": (table[f"{column}_upper"] - table[column]).to_list(),
            "arrayminus": (table[column] - table[f"{column}_lower"]).to_list(),
            "color": theme.INK,
            "thickness": 1.2,
        },
        customdata=[write(value) for value in table[column]],
        hovertemplate="%{customdata}<extra></extra>",
    )
    if is_share:
        figure.update_xaxes(**theme.share_ticks(table["share_upper"].to_list()), rangemode="tozero")
    else:
        figure.update_xaxes(tickformat="+.1f")
    figure.update_yaxes(
        tickvals=places, ticktext=[label(item) for item in table["item"]], autorange="reversed", showgrid=False
    )
    return figure


def design(found: MaxDiffDesign, kind: str | None = None) -> go.Figure:
    """How often pairs are shown together ("pairs")."""
    return choose(kind, {"pairs": lambda: _pairs(found)})


def _pairs(found: MaxDiffDesign) -> go.Figure:
    items = found.params["items"]
    shown: Counter[tuple[str, str]] = Counter()
    for _, task in found._tables["table"].group_by("version", "task"):
        for one, other in combinations(task["item"].to_list(), 2):
            shown[one, other] += 1
            shown[other, one] += 1
    figure = theme.figure(
        t("How often pairs are shown together"), found._headline(), height=190 + 26 * max(len(items), 4)
    )
    labels = [label(item) for item in items]
    figure.add_heatmap(
        x=list(range(len(items))),
        y=list(range(len(items))),
        z=[[shown[row, column] if row != column else None for column in items] for row in items],
        texttemplate="%{z}",
        showscale=False,
        xgap=2,
        ygap=2,
        hoverongaps=False,
        colorscale=[[at / 4, colour] for at, colour in enumerate(theme.SCALE)],
        hovertemplate="%{z}<extra></extra>",
    )
    figure.update_xaxes(tickvals=list(range(len(items))), ticktext=[label(item, 18) for item in items], showgrid=False)
    figure.update_yaxes(tickvals=list(range(len(items))), ticktext=labels, autorange="reversed", showgrid=False)
    return figure
