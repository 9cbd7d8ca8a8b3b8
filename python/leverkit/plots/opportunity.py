"""Figures of opportunities: importance and satisfaction, and scores with their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leverkit._lib import numbers
from leverkit._lib.text import t
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import beside_points, label

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.survey import Opportunity

#: Most needs that are drawn below each other.
_MOST = 40


def opportunity(found: Opportunity, kind: str | None = None) -> go.Figure:
    """Importance and satisfaction ("map"), or "scores" with limits."""
    return choose(kind, {"map": lambda: _map(found), "scores": lambda: _scores(found)})


def _map(found: Opportunity) -> go.Figure:
    table = found._tables["table"]
    figure = theme.figure(
        t("What is important and badly served"),
        t("Each need; filled: surely above 10, or surely not"),
        height=620,
    )
    # The score is 10 on this line: I = 10 where it is served, 2I − S = 10 where it is not.
    figure.add_scatter(
        x=[0, 10, 10],
        y=[5, 10, 10],
        mode="lines",
        line={"color": theme.WARNING, "width": 1.5, "dash": "dash"},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=[0, 10],
        y=[0, 10],
        mode="lines",
        line={"color": theme.MUTED, "width": 1, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )
    span = (-0.3, 10.3)
    names = [label(need, 24) for need in table["need"]]
    points = table.select("satisfaction", "importance").rows()
    texts, positions = beside_points(points, names, span, span, figure.layout.height)
    is_opportunity = [(above or 0) > 0.5 for above in table["above_10"]]
    colours = [theme.WARNING if above else theme.ACCENT for above in is_opportunity]
    figure.add_scatter(
        x=table["satisfaction"].to_list(),
        y=table["importance"].to_list(),
        mode="markers+text",
        text=texts,
        textposition=positions,
        textfont={"size": 12, "color": theme.INK},
        cliponaxis=False,
        marker={
            "size": 10,
            "color": [
                colour if status == "clear" else theme.PAPER
                for colour, status in zip(colours, table["status"], strict=True)
            ],
            "line": {"color": colours, "width": 2},
        },
        customdata=[label(need, 60) for need in table["need"]],
        hovertemplate="%{customdata}: "
        + t("importance")
        + " %{y:.1f}, "
        + t("satisfaction")
        + " %{x:.1f}<extra></extra>",
        showlegend=False,
    )
    for x, y, text, anchor in (
        (0.1, 9.9, t("underserved"), "left"),
        (9.9, 0.1, t("overserved"), "right"),
    ):
        figure.add_annotation(
            x=x, y=y, text=text, showarrow=False, xanchor=anchor, font={"size": 13, "color": theme.MUTED}
        )
    figure.update_xaxes(title_text=t("Satisfaction, 0 to 10"), range=list(span))
    figure.update_yaxes(title_text=t("Importance, 0 to 10"), range=list(span))
    return figure


def _scores(found: Opportunity) -> go.Figure:
    table = found._tables["table"].head(_MOST)
    is_shrunk = table["shrunk"].null_count() == 0
    name = "shrunk" if is_shrunk else "score"
    figure = theme.figure(
        t("Opportunity scores"),
        t(
            "Score with its noise taken off and {level} limits; ring: the raw score",
            level=numbers.percent(found.params["level"]),
        )
        if is_shrunk
        else t("Raw score with {level} limits", level=numbers.percent(found.params["level"])),
        height=180 + 26 * max(table.height, 4),
    )
    places = list(range(table.height))
    figure.add_scatter(
        x=table[name].to_list(),
        y=places,
        mode="markers",
        marker={"size": 10, "color": theme.ACCENT},
        error_x={
            "type": "data",
            "array": (table[f"{name}_upper"] - table[name]).to_list(),
            "arrayminus": (table[name] - table[f"{name}_lower"]).to_list(),
            "color": theme.MUTED,
            "thickness": 1.5,
        },
        hovertemplate="%{x:.1f}<extra></extra>",
        showlegend=False,
    )
    if is_shrunk:
        figure.add_scatter(
            x=table["score"].to_list(),
            y=places,
            mode="markers",
            marker={
                "size": 8,
                "color": theme.INK,
                "line": {"color": theme.INK, "width": 1.2},
                "symbol": "circle-open",
            },
            hovertemplate=t("raw") + " %{x:.1f}<extra></extra>",
            showlegend=False,
        )
    figure.add_vline(x=10, line={"color": theme.WARNING, "dash": "dash", "width": 1.2})
    figure.update_yaxes(
        tickvals=places, ticktext=[label(need) for need in table["need"]], autorange="reversed", showgrid=False
    )
    return figure
