"""Figures of the market: models side by side, elasticities of groups with limits and status, demand and profit by price.

Every function takes a result of `leverkit.pricing` and returns a Plotly figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import fill, label, term

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.pricing import Elasticity, GroupElasticities, OptimalPrice

#: Most groups of a figure, those with the most revenue or rows; the others are left to the table.
_MOST = 30
_STATUS = {"ok": theme.ACCENT, "wrong sign": theme.WARNING}


def elasticity(found: Elasticity, kind: str | None = None) -> go.Figure:
    """The price in each model ("models"), or all terms of the estimate ("terms")."""
    return choose(kind, {"models": lambda: _models(found), "terms": lambda: _terms(found)})


def _dots(figure: go.Figure, names: list[str], rows: pl.DataFrame, colours: list[str]) -> None:
    """Estimates with their limits, one a line."""
    figure.add_scatter(
        y=names,
        x=rows["estimate"].to_list(),
        mode="markers",
        marker={"size": 10, "color": colours},
        error_x={
            "type": "data",
            "array": (rows["upper"] - rows["estimate"]).to_list(),
            "arrayminus": (rows["estimate"] - rows["lower"]).to_list(),
            "color": theme.MUTED,
            "thickness": 1.4,
            "width": 4,
        },
        hovertemplate="%{y}: %{x:.2f}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")


def _models(found: Elasticity) -> go.Figure:
    rows = found._tables["compared"].drop_nulls("estimate")
    names = {"OLS": t("OLS: all rows together"), "FE": t("FE: within effects"), "IV": t("IV: with instruments")}
    names |= {"Poisson": t("Poisson: all rows together"), "Poisson FE": t("Poisson FE: within effects")}
    figure = theme.figure(
        t("How sales respond to the price"),
        t(
            "Per cent of sales for one per cent of price, with 95 % limits; {rows} {rows:row|rows}",
            rows=numbers.count(found.n),
        ),
        height=170 + 46 * rows.height,
    )
    colours = [theme.ACCENT if model == found.model else theme.MUTED for model in rows["model"]]
    _dots(figure, [names[model] for model in rows["model"]], rows, colours)
    figure.add_vline(x=-1, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_xaxes(title_text=t("Elasticity; dotted: −1, below which a higher price loses revenue"))
    return figure


def _terms(found: Elasticity) -> go.Figure:
    rows = found._tables["table"].drop_nulls("estimate").filter(pl.col("term") != "intercept")
    figure = theme.figure(
        t("What affects sales"),
        t(
            "Coefficients with 95 % limits: {model}, {rows} {rows:row|rows}",
            model=found.model,
            rows=numbers.count(found.n),
        ),
        height=170 + 40 * rows.height,
    )
    _dots(figure, [term(name) for name in rows["term"]], rows, [theme.ACCENT] * rows.height)
    figure.add_vline(x=0, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_xaxes(title_text=t("Coefficient"))
    return figure


def group_elasticities(found: GroupElasticities, kind: str | None = None) -> go.Figure:
    """Groups with limits and status ("groups"), means of categories ("categories"), or own against shrunk estimates ("shrinkage")."""
    return choose(
        kind,
        {
            "groups": lambda: _groups(found),
            "categories": lambda: _categories(found),
            "shrinkage": lambda: _shrinkage(found),
        },
    )


def _names(found: GroupElasticities, table: pl.DataFrame) -> list[str]:
    keys = found.params["by"]
    return [" · ".join(label(row[key], 28 // len(keys)) for key in keys) for row in table.iter_rows(named=True)]


def _groups(found: GroupElasticities) -> go.Figure:
    every = found._tables["table"]
    size = pl.col("revenue").fill_null(pl.col("n"))
    table = every.drop_nulls("shrunk").sort(size, descending=True).head(_MOST).sort("category", "shrunk")
    usable = int((every["status"] == "ok").sum())
    figure = theme.figure(
        t("Elasticities by product, pulled towards their category"),
        t(
            "{usable} of {groups} can be used; the {shown} largest are shown with 95 % limits; red: the product's own estimate has the wrong sign",
            usable=numbers.count(usable),
            groups=numbers.count(every.height),
            shown=table.height,
        ),
        height=180 + 20 * max(table.height, 3),
    )
    shown = table.select(estimate="shrunk", lower="shrunk_lower", upper="shrunk_upper")
    names = [
        name if category is None else f"{label(name, 17)} ({label(category, 12)})"
        for name, category in zip(_names(found, table), table["category"], strict=True)
    ]
    _dots(figure, names, shown, [_STATUS.get(status, theme.MUTED) for status in table["status"]])
    figure.add_scatter(
        y=names,
        x=table["estimate"].to_list(),
        mode="markers",
        marker={"size": 6, "color": theme.PAPER, "line": {"color": theme.MUTED, "width": 1.2}},
        hovertemplate="%{y}: " + t("own estimate {value}", value="%{x:.2f}") + "<extra></extra>",
    )
    figure.add_vline(x=-1, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_xaxes(title_text=t("Elasticity; hollow: the product's own estimate; dotted: −1"))
    return figure


def _categories(found: GroupElasticities) -> go.Figure:
    table = (
        found._tables["categories"].drop_nulls("estimate").sort("groups", descending=True).head(_MOST).sort("estimate")
    )
    figure = theme.figure(
        t("Elasticities by category"),
        t(
            "Mean of the products' elasticities with 95 % limits; bar: where most products lie (two standard deviations)"
        ),
        height=180 + 26 * max(table.height, 3),
    )
    names = [t("all products") if name is None else label(name, 60) for name in table["category"]]
    figure.add_bar(
        y=names,
        x=(4 * table["deviation"]).to_list(),
        base=(table["estimate"] - 2 * table["deviation"]).to_list(),
        orientation="h",
        width=0.5,
        marker={"color": theme.SCALE[1]},
        hoverinfo="skip",
    )
    _dots(figure, names, table, [theme.ACCENT] * table.height)
    figure.add_vline(x=-1, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_xaxes(title_text=t("Elasticity"))
    return figure


def _shrinkage(found: GroupElasticities) -> go.Figure:
    table = found._tables["table"].drop_nulls("shrunk")
    wrong = int((table["estimate"] >= 0).sum())
    figure = theme.figure(
        t("Own estimates, and what remains after shrinking"),
        t(
            "{wrong} of {groups} own estimates are positive; {left} are after shrinking towards their category",
            wrong=numbers.count(wrong),
            groups=numbers.count(table.height),
            left=numbers.count((table["shrunk"] >= 0).sum()),
        ),
        height=470,
    )
    figure.add_scatter(
        x=table["estimate"].to_list(),
        y=table["shrunk"].to_list(),
        mode="markers",
        marker={"size": 5, "opacity": 0.6, "color": [_STATUS.get(status, theme.MUTED) for status in table["status"]]},
        customdata=_names(found, table),
        hovertemplate="%{customdata}: %{x:.2f} → %{y:.2f}<extra></extra>",
    )
    low, high = table["estimate"].quantile(0.005), table["estimate"].quantile(0.995)
    if low is not None and high is not None and low < high:
        figure.add_scatter(
            x=[low, high],
            y=[low, high],
            mode="lines",
            line={"color": theme.MUTED, "dash": "dot", "width": 1},
            hoverinfo="skip",
        )
        figure.update_xaxes(range=[low, high])
    figure.update_xaxes(title_text=t("Own estimate"))
    figure.update_yaxes(title_text=t("Shrunk estimate"))
    return figure


def optimal_price(found: OptimalPrice, kind: str | None = None) -> go.Figure:
    """Demand and profit by price with the best price and its band ("curve")."""
    return choose(kind, {"curve": lambda: _curve(found)})


def _curve(found: OptimalPrice) -> go.Figure:
    from plotly.subplots import make_subplots

    table = found._tables["curve"]
    if found.price is None:
        words = t("No best price: {reason}", reason=told(found.reason or ""))
    else:
        upper = t("no limit") if found.upper is None else numbers.decimal(found.upper, 2)
        limits = (
            ""
            if found.lower is None
            else t(" ({lower} to {upper})", lower=numbers.decimal(found.lower, 2), upper=upper)
        )
        words = t(
            "Best price {price}{limits}; unit cost {cost}",
            price=numbers.decimal(found.price, 2),
            limits=limits,
            cost=numbers.decimal(found.params["unit_cost"], 2),
        )
    title = t("What a price sells and earns")
    if not table.height:
        figure = theme.figure(title, words, height=240)
        fill(figure, t("No curve without today's price and quantity: set price and quantity."))
        return figure
    look = theme.figure(title, words, height=520)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    figure.update_layout(look.layout)
    prices = table["price"].to_list()
    for row, (name, colour) in enumerate((("quantity", theme.MUTED), ("profit", theme.ACCENT)), start=1):
        if table[f"{name}_lower"].null_count() < table.height:
            ends = [table[f"{name}_{end}"].to_list() for end in ("lower", "upper")]
            theme.band(figure, prices, *ends, row=row, col=1)
        figure.add_scatter(
            x=prices,
            y=table[name].to_list(),
            mode="lines",
            line={"color": colour, "width": 2.5},
            hovertemplate="%{x:,.2f}: %{y:,.3~s}<extra></extra>",
            row=row,
            col=1,
        )
    if found.price is not None:
        low, high = min(prices), max(prices)
        left = max(low, found.lower or found.price)
        right = min(high, high if found.upper is None and found.lower is not None else found.upper or found.price)
        figure.add_vrect(x0=left, x1=right, fillcolor=theme.ACCENT, opacity=0.08, line_width=0)
        figure.add_vline(x=found.price, line={"color": theme.ACCENT, "width": 1.5})
    if found.today is not None:
        figure.add_vline(x=found.today, line={"color": theme.INK, "width": 1, "dash": "dot"})
    figure.update_yaxes(title_text=t("Units"), row=1, col=1)
    figure.update_yaxes(title_text=t("Profit, money"), row=2, col=1)
    figure.update_xaxes(title_text=t("Price; line: the best, shaded: its limits; dotted: today's"), row=2, col=1)
    return figure
