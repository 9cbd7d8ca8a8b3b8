"""Figures of Kano surveys: the better–worse map with ellipses, shares of categories, the continuous map, two waves, what is at stake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import beside_points, label

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.survey import Drift, Kano, Priorities

#: Categories in the order of the bars, with their colours.
_COLOURS = {
    "M": "#b4471f",
    "O": "#d9a441",
    "A": "#0b6e8f",
    "I": "#c3ccd2",
    "R": "#7d5a8c",
    "Q": "#4d5860",
}


def kano(found: Kano, kind: str | None = None) -> go.Figure:
    """Better and worse with ellipses ("map"), shares of "categories", or the "continuous" map."""
    figures = {
        "map": lambda: _map(found),
        "categories": lambda: _categories(found),
        "continuous": lambda: _continuous(found),
    }
    return choose(kind, figures)


def _word(letter: str) -> str:
    words = {
        "M": t("must-be"),
        "O": t("one-dimensional"),
        "A": t("attractive"),
        "I": t("indifferent"),
        "R": t("reverse"),
        "Q": t("questionable"),
    }
    return words[letter]


def verdict_in_words(category: str) -> str:
    """A verdict as it is read: "must-be", "attractive or one-dimensional"."""
    one, _, other = category.partition(" or ")
    if other:
        return t("{one} or {other}", one=_word(one), other=_word(other))
    return t("can't tell") if category == "can't tell" else _word(category)


def _verdict(category: str) -> str:
    one, _, other = category.partition(" or ")
    if other:
        return t("{one} or {other}", one=one, other=other)
    return t("can't tell") if category == "can't tell" else category


def _map(found: Kano) -> go.Figure:
    rows = found._tables["table"].drop_nulls(["better", "worse"])
    figure = theme.figure(
        t("What a feature does to satisfaction"),
        t("Each feature with its {level} ellipse; filled: the category is clear", level=_level(found)),
        height=620,
    )
    _quadrants(figure, (-1.0, 0.0), (0.0, 1.0), (-0.5, 0.5), ("A", "O", "I", "M"), is_left_worse=True)
    _ellipses(figure, found, "coefficients", rows)
    across, up = (0.04, -1.04), (-0.04, 1.04)
    sure = (rows["status"] == "clear").to_list()
    _points(figure, rows, ("worse", "better"), (across, up), rows["mode"].to_list(), sure)
    figure.update_xaxes(title_text=t("Worse: dissatisfied if it is missing"), range=list(across), showgrid=False)
    figure.update_yaxes(title_text=t("Better: satisfied if it is there"), range=list(up), showgrid=False)
    return figure


def _continuous(found: Kano) -> go.Figure:
    rows = found._tables["continuous"]
    figure = theme.figure(
        t("Features on the continuous map"),
        t(
            "Mean answers with their {level} ellipses; filled: the quadrant has a probability of 95 % or more",
            level=_level(found),
        ),
        height=620,
    )
    _quadrants(figure, (-2.0, 4.0), (-2.0, 4.0), (2.0, 2.0), ("A", "O", "I", "M"))
    _ellipses(figure, found, "continuous", rows)
    sure = (rows["probability"] >= 0.95).to_list()
    span = (-2.1, 4.1)
    _points(figure, rows, ("dysfunctional", "functional"), (span, span), rows["quadrant"].to_list(), sure)
    figure.update_xaxes(title_text=t("Without the feature: −2 like to 4 dislike"), range=list(span), showgrid=False)
    figure.update_yaxes(title_text=t("With the feature: −2 dislike to 4 like"), range=list(span), showgrid=False)
    return figure


def _level(found: Any) -> str:
    return numbers.percent(found.params["level"])


def _quadrants(
    figure: go.Figure,
    across: tuple[float, float],
    up: tuple[float, float],
    middle: tuple[float, float],
    letters: tuple[str, str, str, str],
    *,
    is_left_worse: bool = False,
) -> None:
    """Lines through the middle, and the name of each quadrant in its corner."""
    figure.add_hline(y=middle[1], line={"color": theme.RULE, "width": 1.5})
    figure.add_vline(x=middle[0], line={"color": theme.RULE, "width": 1.5})
    left, right = (across[1], across[0]) if is_left_worse else across
    corners = ((left, up[1]), (right, up[1]), (left, up[0]), (right, up[0]))
    for letter, (x, y) in zip(letters, corners, strict=True):
        figure.add_annotation(
            x=x,
            y=y,
            text=_word(letter).capitalize(),
            showarrow=False,
            xanchor="left" if x == left else "right",
            yanchor="top" if y == up[1] else "bottom",
            font={"size": 13, "color": theme.MUTED},
        )


def _ellipses(figure: go.Figure, found: Kano, name: str, rows: pl.DataFrame) -> None:
    points = found._tables["ellipses"].filter(map=name)
    for row in rows.iter_rows(named=True):
        own = points.filter(feature=row["feature"])
        figure.add_scatter(
            x=own["x"].to_list(),
            y=own["y"].to_list(),
            mode="lines",
            fill="toself",
            fillcolor="rgba(11, 110, 143, 0.08)",
            line={"color": "rgba(11, 110, 143, 0.35)", "width": 1},
            hoverinfo="skip",
            showlegend=False,
        )


def _points(
    figure: go.Figure,
    rows: pl.DataFrame,
    columns: tuple[str, str],
    ranges: tuple[tuple[float, float], tuple[float, float]],
    letters: list[str],
    sure: list[bool],
) -> None:
    colours = [_COLOURS[letter] for letter in letters]
    names = [label(name, 24) for name in rows["feature"]]
    texts, positions = beside_points(rows.select(columns).rows(), names, *ranges, figure.layout.height)
    x, y = columns
    figure.add_scatter(
        x=rows[x].to_list(),
        y=rows[y].to_list(),
        mode="markers+text",
        text=texts,
        textposition=positions,
        textfont={"size": 12, "color": theme.INK},
        cliponaxis=False,
        marker={
            "size": 11,
            "color": [colour if is_sure else theme.PAPER for colour, is_sure in zip(colours, sure, strict=True)],
            "line": {"color": colours, "width": 2},
        },
        customdata=[label(name, 60) for name in rows["feature"]],
        hovertemplate="%{customdata}: %{y:.2f}, %{x:.2f}<extra></extra>",
        showlegend=False,
    )


def _categories(found: Kano) -> go.Figure:
    table, shares = found._tables["table"], found._tables["categories"]
    figure = theme.figure(
        t("How people see each feature"),
        t(
            "Shares of answers; beside each feature its verdict, and the probability that the most frequent category leads"
        ),
        height=190 + 34 * table.height,
    )
    names = [label(name) for name in table["feature"]]
    places = list(range(len(names)))
    for letter, colour in _COLOURS.items():
        own = shares.filter(category=letter)
        if own["count"].sum() == 0:
            continue
        figure.add_bar(
            y=places,
            x=own["share"].to_list(),
            orientation="h",
            name=_word(letter),
            marker={"color": colour},
            text=[numbers.percent(share) if share >= 0.07 else "" for share in own["share"]],
            textposition="inside",
            insidetextanchor="middle",
            customdata=[
                t(
                    "{share}, leads with probability {chance}",
                    share=numbers.percent(share),
                    chance=numbers.percent(chance),
                )
                for share, chance in own.select("share", "probability").iter_rows()
            ],
            hovertemplate="%{customdata}<extra>" + _word(letter) + "</extra>",
        )
    verdicts = [
        f"{_verdict(row['category'])} · {numbers.percent(row['probability'])}" for row in table.iter_rows(named=True)
    ]
    for place, verdict in zip(places, verdicts, strict=True):
        figure.add_annotation(
            x=1.01,
            xref="paper",
            y=place,
            xanchor="left",
            text=verdict,
            showarrow=False,
            font={"size": 12, "color": theme.INK},
        )
    figure.update_layout(
        barmode="stack",
        showlegend=True,
        legend={"traceorder": "normal"},
        margin={"r": 120},
    )
    figure.update_xaxes(**theme.share_ticks([0.0, 1.0]), range=[0, 1], showgrid=False)
    figure.update_yaxes(tickvals=places, ticktext=names, autorange="reversed", showgrid=False)
    return figure


def drift(found: Drift, kind: str | None = None) -> go.Figure:
    """Changes of better and worse by feature ("arrows")."""
    return choose(kind, {"arrows": lambda: _drift(found)})


def _drift(found: Drift) -> go.Figure:
    table = found._tables["table"]
    figure = theme.figure(
        t("What moved between two waves"),
        t("Change of better and worse with limits; filled: moved, among all features"),
        height=190 + 44 * table.height,
    )
    names = [label(name) for name in table["feature"]]
    for shift, (name, words, colour) in zip(
        (-0.14, 0.14), (("better", t("better"), theme.ACCENT), ("worse", t("worse"), theme.WARNING)), strict=True
    ):
        figure.add_scatter(
            x=table[name].to_list(),
            y=[place + shift for place in range(table.height)],
            mode="markers",
            name=words,
            marker={
                "size": 10,
                "color": [colour if moved else theme.PAPER for moved in table["moved"]],
                "line": {"color": colour, "width": 2},
            },
            error_x={
                "type": "data",
                "array": (table[f"{name}_upper"] - table[name]).to_list(),
                "arrayminus": (table[name] - table[f"{name}_lower"]).to_list(),
                "color": theme.MUTED,
                "thickness": 1.5,
            },
            hovertemplate="%{x:+.2f}<extra>" + words + "</extra>",
        )
    figure.add_vline(x=0, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_layout(showlegend=True)
    figure.update_xaxes(tickformat="+.2f")
    figure.update_yaxes(tickvals=list(range(table.height)), ticktext=names, autorange="reversed", showgrid=False)
    return figure


def priorities(found: Priorities, kind: str | None = None) -> go.Figure:
    """What is at stake per money of cost ("stake")."""
    return choose(kind, {"stake": lambda: _stake(found)})


def _stake(found: Priorities) -> go.Figure:
    table = found._tables["table"]
    title = t("Margin at stake per money of cost") if found.is_money else t("Customers at stake per money of cost")
    figure = theme.figure(title, t("With bootstrap limits"), height=170 + 34 * max(table.height, 3))
    figure.add_bar(
        y=list(range(table.height)),
        x=table["per_cost"].to_list(),
        orientation="h",
        marker={"color": theme.SCALE[4]},
        error_x={
            "type": "data",
            "array": (table["per_cost_upper"] - table["per_cost"]).to_list(),
            "arrayminus": (table["per_cost"] - table["per_cost_lower"]).to_list(),
            "color": theme.INK,
            "thickness": 1.2,
        },
        customdata=[t("first with probability {chance}", chance=numbers.percent(chance)) for chance in table["first"]],
        hovertemplate="%{x:.3g}, %{customdata}<extra></extra>",
    )
    names = [label(name) for name in table["feature"]]
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(tickvals=list(range(table.height)), ticktext=names, autorange="reversed", showgrid=False)
    return figure
