"""Figures of price indices: the index with its limits, chain drift, and what made revenue change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leverkit._lib import numbers
from leverkit._lib.text import t
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import heading
from leverkit.pricing.indices import formula_of, name_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.pricing import PriceIndex


def price_index(found: PriceIndex, kind: str | None = None) -> go.Figure:
    """The index ("index"), chained against GEKS ("drift"), or what made revenue change ("turnover")."""
    figures = {"index": lambda: _index(found), "drift": lambda: _drift(found), "turnover": lambda: _turnover(found)}
    return choose(kind, figures)


def _times(found: PriceIndex, table: Any) -> list[Any]:
    """The periods; texts stay texts on the axis."""
    return list(table[table.columns[0]])


def _index(found: PriceIndex) -> go.Figure:
    table = found._tables["table"]
    is_step = found.params["base"] == "period"
    title = t("Prices against the period before") if is_step else t("The price index")
    figure = theme.figure(
        title,
        t(
            "{formula}; band: {level} limits, treating products as a sample",
            formula=formula_of(found.params),
            level=numbers.percent(found.params["level"]),
        ),
    )
    times = _times(found, table)
    known = table.drop_nulls(["lower", "upper"])
    inside = _times(found, known)
    theme.band(figure, inside, known["lower"].to_list(), known["upper"].to_list())
    figure.add_scatter(
        x=times,
        y=table["index"].to_list(),
        mode="lines",
        line={"color": theme.WARNING if found.alarm else theme.ACCENT, "width": 2.5},
        customdata=[
            t(
                "{matched} {matched:product|products} matched, {share} of revenue",
                matched=numbers.count(matched),
                share=numbers.percent(coverage),
            )
            for matched, coverage in table.select("matched", "coverage").iter_rows()
        ],
        hovertemplate="%{x}: %{y:.3f}; %{customdata}<extra></extra>",
    )
    if found.alarm:
        _guard_line(figure, found, times)
    figure.add_hline(y=1, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_xaxes(title_text=heading(found.params["time"]), showgrid=False)
    figure.update_yaxes(title_text=t("Index"), tickformat=".2f")
    return figure


def _guard_line(figure: go.Figure, found: PriceIndex, times: list[Any]) -> None:
    drift = found._tables["drift"]
    last = drift.row(-1, named=True)
    figure.add_scatter(
        x=times,
        y=drift["geks"].to_list(),
        mode="lines",
        line={"color": theme.INK, "width": 2},
        hovertemplate="GEKS %{x}: %{y:.3f}<extra></extra>",
    )
    _end_label(figure, times[-1], last["chained"], t("chained {value:.2f}", value=last["chained"]), theme.WARNING)
    _end_label(figure, times[-1], last["geks"], t("GEKS {value:.2f}", value=last["geks"]), theme.INK)
    figure.layout.title.subtitle.text = t(
        "Chain drift: the chained index differs by {share} from GEKS, which cannot drift; use GEKS or a fixed base",
        share=numbers.percent(abs(last["drift"])),
    )
    figure.update_layout(margin={"r": 110})


def _end_label(figure: go.Figure, x: Any, y: float, text: str, colour: str) -> None:
    figure.add_annotation(
        x=x,
        y=y,
        xanchor="left",
        xshift=6,
        showarrow=False,
        text=text,
        font={"size": 12, "color": colour},
        bgcolor=theme.PAPER,
    )


def _drift(found: PriceIndex) -> go.Figure:
    table = found._tables["drift"]
    times = _times(found, table)
    last = table.row(-1, named=True)
    figure = theme.figure(
        t("Chain drift"),
        t(
            "{formula} with the first period as base, chained, and GEKS over all periods, which cannot drift",
            formula=name_of(found.params["formula"].removeprefix("geks-")),
        ),
    )
    lines = (
        ("fixed", t("fixed base"), theme.MUTED),
        ("chained", t("chained"), theme.WARNING),
        ("geks", "GEKS", theme.ACCENT),
    )
    for name, label, colour in lines:
        value = "" if last[name] is None else f" {numbers.decimal(last[name], 2)}"
        figure.add_scatter(
            x=times,
            y=table[name].to_list(),
            mode="lines",
            name=label + value,
            line={"color": colour, "width": 2.5 if name != "fixed" else 1.5},
            hovertemplate=label + " %{x}: %{y:.3f}<extra></extra>",
        )
    levels = [value for value in table["chained"].to_list() if value is not None]
    far = max([*levels, *(1 / value for value in levels)], default=1.0)
    if far > 3:
        ticks = [0.1, 0.2, 0.5, 1, 2, 3, 5, 7, 10, 20, 50, 100]
        figure.update_yaxes(type="log", tickvals=ticks, ticktext=[numbers.number(tick) for tick in ticks])
    figure.add_hline(y=1, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title_text=heading(found.params["time"]), showgrid=False)
    figure.update_yaxes(title_text=t("Index"))
    return figure


def _turnover(found: PriceIndex) -> go.Figure:
    table = found._tables["turnover"].drop_nulls("change")
    times = _times(found, table)
    figure = theme.figure(
        t("What made revenue change"),
        t(
            "Money against the period before: prices and quantities of products in both, and products that came and went"
        ),
        height=460,
    )
    parts = (
        ("price", t("prices"), theme.ACCENT),
        ("quantity", t("quantities"), theme.SCALE[3]),
        ("entered", t("products that came"), "#dba437"),
        ("left", t("products that went"), theme.WARNING),
    )
    for name, label, colour in parts:
        figure.add_bar(
            x=times,
            y=table[name].to_list(),
            name=label,
            marker={"color": colour},
            customdata=[numbers.money(value) for value in table[name]],
            hovertemplate="%{x}: %{customdata}<extra>" + label + "</extra>",
        )
    figure.add_scatter(
        x=times,
        y=table["change"].to_list(),
        mode="lines+markers",
        name=t("revenue"),
        line={"color": theme.INK, "width": 1.5},
        marker={"size": 5},
        customdata=[numbers.money(value) for value in table["change"]],
        hovertemplate="%{x}: %{customdata}<extra>" + t("revenue") + "</extra>",
    )
    figure.update_layout(barmode="relative", showlegend=True, legend={"traceorder": "normal"})
    figure.update_xaxes(title_text=heading(found.params["time"]), showgrid=False)
    figure.update_yaxes(title_text=t("Money"), tickformat=",")
    return figure
