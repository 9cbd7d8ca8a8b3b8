"""Figures of few treated units: the path against its synthetic control, the placebos, the donors' weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import mark, t
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import heading

if TYPE_CHECKING:
    from typing import Any

    import plotly.graph_objects as go

    from leverkit.effect import Synthetic

#: Most donors that a figure has room for.
_MOST = 20
_METHODS = {
    "synthetic": (mark("synthetic control"), theme.WARNING, "solid"),
    "synthetic_did": (mark("synthetic difference-in-differences"), theme.MUTED, "dash"),
}


def synthetic(found: Synthetic, kind: str | None = None) -> go.Figure:
    """The "paths" observed and synthetic, the gap among its "placebos", or the donors' "weights"."""
    figures = {
        "paths": lambda: _paths(found),
        "placebos": lambda: _placebos(found),
        "weights": lambda: _weights(found),
    }
    return choose(kind, figures)


def _times(times: pl.Series) -> list[Any]:
    """Periods as numbers where they are, so that an axis has room for them."""
    numeric = times.cast(pl.Float64, strict=False)
    return (times if numeric.null_count() else numeric).to_list()


def _start(figure: go.Figure, found: Synthetic) -> None:
    table = found._tables["paths"]
    first = _times(table.filter("is_after")["time"])[0]
    figure.add_vline(x=first, line={"color": theme.INK, "width": 1, "dash": "dash"})


def _paths(found: Synthetic) -> go.Figure:
    table = found._tables["paths"]
    figure = theme.figure(t("What happened, and what would have"), found._headline(), height=460)
    times = _times(table["time"])
    lines = [("observed", t("observed"), theme.ACCENT, "solid")]
    lines += [(name, t(label), colour, dash) for name, (label, colour, dash) in _METHODS.items()]
    for column, label, colour, dash in lines:
        figure.add_scatter(
            x=times,
            y=table[column].to_list(),
            mode="lines",
            name=label,
            line={"color": colour, "width": 2.5 if dash == "solid" else 1.5, "dash": dash},
            hovertemplate="%{y:,.4g}<extra>" + label + "</extra>",
        )
    _start(figure, found)
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(title_text=heading(found.params["outcome"]))
    figure.update_layout(showlegend=True)
    return figure


def _placebos(found: Synthetic) -> go.Figure:
    gaps, units = found._tables["placebo_gaps"], found._tables["placebos"]
    p_value = found._tables["effects"]["p_value"][0]
    figure = theme.figure(
        t("The gap among its placebos"),
        t("Grey: every other unit in the treated's place; p = {p}", p=numbers.decimal(p_value, 3)),
        height=460,
    )
    *others, own = reversed(units["unit"].to_list())
    for unit in [*others, own]:
        path = gaps.filter(unit=unit)
        is_own = unit == own
        figure.add_scatter(
            x=_times(path["time"]),
            y=path["gap"].to_list(),
            mode="lines",
            name=unit,
            showlegend=False,
            line={"color": theme.ACCENT if is_own else "#c3cad0", "width": 3 if is_own else 1},
            hovertemplate="%{y:,.4g}<extra></extra>",
        )
    figure.add_hline(y=0, line={"color": theme.INK, "width": 1})
    _start(figure, found)
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(title_text=t("Gap"))
    return figure


def _weights(found: Synthetic) -> go.Figure:
    table = found._tables["weights"].filter(pl.col("synthetic") > 0.0005).sort("synthetic", descending=True).head(_MOST)
    figure = theme.figure(
        t("Of whom the synthetic control is made"),
        t("{n} of {all} donors", n=numbers.count(table.height), all=numbers.count(found._tables["weights"].height)),
        height=160 + 32 * max(table.height, 3),
    )
    shares = table["synthetic"].to_list()
    figure.add_bar(
        x=shares,
        y=table["unit"].to_list(),
        orientation="h",
        marker_color=theme.ACCENT,
        text=[numbers.percent(share) for share in shares],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{text}<extra></extra>",
    )
    figure.update_xaxes(**theme.share_ticks(shares), range=[0, 1.15 * max(shares, default=1.0)])
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure
