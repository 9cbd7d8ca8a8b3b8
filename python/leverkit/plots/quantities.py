"""Figures of the quantity funnel. Every function takes a result of `leverkit.funnel` and returns a Plotly figure."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import PHONE, fill, heading, label, width

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.funnel import Quantities

_GROUPS = 20


def quantities(found: Quantities, kind: str | None = None) -> go.Figure:
    """The "funnel" with what each step loses, the "groups" with their limits, or what is "held_back"."""
    return choose(
        kind,
        {"funnel": lambda: _funnel(found), "groups": lambda: _groups(found), "held_back": lambda: _held_back(found)},
    )


def _number(value: float) -> str:
    return numbers.count(value) if value >= 100 or value == round(value) else numbers.decimal(value)


def _funnel(found: Quantities) -> go.Figure:
    table = found._tables["table"]
    has_value = table["value"].null_count() < table.height
    amounts = table["value"] if has_value else table["quantity"]
    levels = table["level"].to_list()
    figure = theme.figure(
        t("From level to level"),
        t("Money at each level, and what each step loses") if has_value else t("Units at each level"),
        height=160 + 84 * table.height,
    )
    lost = [0.0, *(before - here for before, here in itertools.pairwise(amounts))]
    texts = []
    for row, amount in zip(table.iter_rows(named=True), amounts, strict=True):
        text = f"<b>{_number(row['quantity'])}</b>"
        if has_value:
            text += f" · {numbers.short_money(amount)}"
        if row["conversion"] is not None:
            text += f"<br>{numbers.percent(row['conversion'])}"
            if row["lower"] is not None:
                text += f" ({numbers.limits(row['lower'], row['upper'], numbers.percent)})"
        texts.append(text)
    scale = PHONE / (max(amounts) or 1.0)
    is_inside = [scale * amount > width(text) for text, amount in zip(texts, amounts, strict=True)]
    figure.add_bar(
        y=levels,
        x=amounts.to_list(),
        orientation="h",
        marker={"color": theme.SCALE[4]},
        name=t("reached"),
        text=texts,
        textposition=["inside" if inside else "outside" for inside in is_inside],
        insidetextanchor="start",
        textfont={"color": theme.INK, "size": 13},
        hovertemplate="%{y}: %{x:,.0f}<extra></extra>",
        cliponaxis=False,
    )
    # Where the text of a short bar stands outside, what is lost is told on hover and by the bar's length alone.
    figure.add_bar(
        y=levels,
        x=[max(value, 0.0) for value in lost],
        base=amounts.to_list(),
        orientation="h",
        marker={"color": theme.WARNING, "opacity": 0.28},
        name=t("lost before it"),
        text=[
            t("−{lost}", lost=numbers.short_money(value) if has_value else _number(value))
            if value > 0 and inside
            else ""
            for value, inside in zip(lost, is_inside, strict=True)
        ],
        textposition="inside",
        insidetextanchor="end",
        textfont={"color": theme.WARNING, "size": 12},
        hovertemplate="%{y}: %{x:,.0f}<extra></extra>",
    )
    figure.update_layout(barmode="overlay", showlegend=True)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(rangemode="tozero", title_text=t("Money") if has_value else t("Units"))
    return figure


def _errors(table: pl.DataFrame, estimate: str, lower: str, upper: str) -> dict[str, Any]:
    middle = table[estimate]
    return {
        "type": "data",
        "array": (table[upper] - middle).fill_null(0).to_list(),
        "arrayminus": (middle - table[lower]).fill_null(0).to_list(),
        "color": theme.INK,
        "thickness": 1.2,
        "width": 4,
    }


def _groups(found: Quantities) -> go.Figure:
    table = found._tables["groups"]
    level = found.bottleneck or found.params["levels"][-1]
    shown = table.filter(pl.col("level") == level).drop_nulls("conversion")
    dimension = shown["dimension"][0] if shown.height else ""
    shown = shown.filter(dimension=dimension).sort("shrunk", descending=True).head(_GROUPS)
    figure = theme.figure(
        t("{dimension}: share that reaches {level}", dimension=heading(dimension), level=label(level)),
        t("Grey: the group's own share, with limits; blue: pulled towards the average, the more the smaller the group"),
        height=170 + 30 * max(shown.height, 1),
    )
    if not shown.height:
        fill(figure, t("No column to compare by: set by."))
        return figure
    names = [label(name, 60) for name in shown["group"]]
    for column, colour, name, errors in (
        ("conversion", theme.SEGMENT_COLOURS["Hibernating"], t("own"), _errors(shown, "conversion", "lower", "upper")),
        ("shrunk", theme.ACCENT, t("pulled towards the average"), None),
    ):
        figure.add_scatter(
            y=names,
            x=shown[column].to_list(),
            mode="markers",
            marker={"size": 11, "color": colour},
            error_x=errors,
            name=name,
            customdata=[
                t(
                    "{share}, {entities} {entities:entity|entities}",
                    share=numbers.percent(share),
                    entities=numbers.count(entities),
                )
                for share, entities in shown.select(column, "entities").iter_rows()
            ],
            hovertemplate="%{y}: %{customdata}<extra></extra>",
        )
    whole = found._tables["table"].filter(level=level)["conversion"][0]
    figure.add_vline(
        x=whole,
        line={"color": theme.MUTED, "dash": "dot"},
        annotation={"text": t("all"), "font": {"color": theme.MUTED}, "yref": "paper", "y": -0.02, "yanchor": "bottom"},
    )
    figure.update_layout(showlegend=True)
    figure.update_xaxes(**theme.share_ticks([*shown["lower"], *shown["upper"], whole], from_zero=False))
    figure.update_yaxes(autorange="reversed", type="category")
    return figure


def _held_back(found: Quantities) -> go.Figure:
    table = found._tables["table"].drop_nulls("held_back")
    has_value = table["value"].null_count() < max(table.height, 1)
    figure = theme.figure(
        t("What each step holds back"),
        t(
            "Money that would also reach the last level if nobody were lost at the step and the later steps stayed as they are"
        )
        if has_value
        else t(
            "Units that would also reach the last level if nobody were lost at the step and the later steps stayed as they are"
        ),
        height=170 + 44 * max(table.height, 1),
    )
    figure.add_bar(
        y=[t("to {level}", level=label(level, 24)) for level in table["level"]],
        x=table["held_back"].to_list(),
        orientation="h",
        marker={"color": [theme.WARNING if level == found.bottleneck else theme.SCALE[3] for level in table["level"]]},
        error_x=_errors(table, "held_back", "held_back_lower", "held_back_upper"),
        text=[numbers.short_money(value) for value in table["held_back"]],
        textposition="inside",
        insidetextanchor="start",
        hovertemplate="%{y}: %{x:,.0f}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure
