"""Figures of surveys: the price sensitivity meter, demand at stated prices, conjoint and its market simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import around, label, marks, percents, term

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.pricing import Conjoint, GaborGranger, MarketSimulation, PriceCurve, RatingConjoint, Westendorp

#: Most points of a curve that a figure draws.
_MOST = 2000


def van_westendorp(found: Westendorp, kind: str | None = None) -> go.Figure:
    """The four curves with the range and the points ("curves"), or reach and revenue by price ("reach")."""
    figures = {"curves": lambda: _curves(found)}
    if found.reach is not None:
        figures["reach"] = lambda: _reach(found)
    return choose(kind, figures)


def _thinned(table: pl.DataFrame) -> pl.DataFrame:
    return table if table.height <= _MOST else table.gather_every(-(-table.height // _MOST))


def _curves(found: Westendorp) -> go.Figure:
    points = found.points
    table = _thinned(found._tables["curves"])
    figure = theme.figure(t("What prices people accept"), _accepted(found), height=500)
    is_narrow = found.params["range"] == "narrower"
    middle = ("cheap", "expensive") if is_narrow else ("not_cheap", "not_expensive")
    lines = (
        ("too_cheap", t("too cheap"), theme.ACCENT, "solid"),
        (middle[0], t("cheap") if is_narrow else t("not cheap"), theme.ACCENT, "dot"),
        (middle[1], t("expensive") if is_narrow else t("not expensive"), theme.WARNING, "dot"),
        ("too_expensive", t("too expensive"), theme.WARNING, "solid"),
    )
    low, high = points["marginal_cheapness"], points["marginal_expensiveness"]
    if low is not None and high is not None:
        figure.add_vrect(x0=low, x1=high, fillcolor=theme.SCALE[0], line_width=0, layer="below")
    asked = lines if found.params["too_cheap"] is not None else lines[1:]
    for name, words, colour, dash in asked:
        figure.add_scatter(
            x=table["price"].to_list(),
            y=table[name].to_list(),
            mode="lines",
            name=words,
            line={"color": colour, "width": 2.5, "dash": dash},
            customdata=percents(table[name].to_list()),
            hovertemplate=t("{share} at {price}", share="%{customdata}", price="%{x:,.2f}") + f"<extra>{words}</extra>",
        )
    spoken = {
        "marginal_cheapness": t("lowest accepted"),
        "optimal": t("optimal"),
        "indifference": t("indifference"),
        "marginal_expensiveness": t("highest accepted"),
    }
    known = [(price, name) for name in spoken if (price := points[name]) is not None]
    named = [(price, f"{spoken[name]} {numbers.decimal(price, 2)}", theme.INK) for price, name in known]
    marks(figure, named, sum(around(table["price"].to_list())) / 2)
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title_text=t("Price, money"), showgrid=False)
    figure.update_yaxes(title_text=t("Share of answers"), range=[0, 1.001], **theme.share_ticks([1.0]))
    return figure


def _accepted(found: Westendorp) -> str:
    rows = {row["point"]: row for row in found._tables["table"].iter_rows(named=True)}
    row = rows["optimal"]
    if row["price"] is None and rows["indifference"]["price"] is not None:
        return t("{n} {n:answer|answers}; which price is too cheap was not asked", n=numbers.count(found.n))
    if row["price"] is None:
        return t("{n} {n:answer|answers}: too few for a price", n=numbers.count(found.n))
    return t(
        "{n} {n:answer|answers}; the optimal price lies between {lower:,.2f} and {upper:,.2f} with {level} confidence",
        n=numbers.count(found.n),
        lower=row["lower"],
        upper=row["upper"],
        level=numbers.percent(found.params["level"]),
    )


def _reach(found: Westendorp) -> go.Figure:
    reach, revenue = _thinned(found._tables["reach"]), _thinned(found._tables["revenue"])
    best = {row["point"]: row for row in found._tables["table"].iter_rows(named=True)}
    figure = theme.figure(
        t("Reach and revenue by price"),
        t(
            "{n} {n:respondent|respondents}; reach: share who would buy; revenue: money per respondent",
            n=numbers.count(found.n),
        ),
        height=460,
    )
    _two_lines(
        figure,
        reach["price"].to_list(),
        (t("reach"), reach["reach"].to_list()),
        (t("revenue"), revenue["revenue"].to_list()),
    )
    prices = {name: best[name]["price"] for name in ("reach", "revenue")}
    lowest = min((price for price in prices.values() if price is not None), default=None)
    for name, axis in (("reach", "y"), ("revenue", "y2")):
        row = best[name]
        if row["price"] is not None:
            figure.add_scatter(
                x=[row["price"]],
                y=[row["value"]],
                yaxis=axis,
                mode="markers",
                showlegend=False,
                marker={"size": 10, "color": theme.INK},
                hovertemplate=t("best") + ": %{x:,.2f}<extra></extra>",
            )
            figure.add_annotation(
                x=row["price"],
                y=row["value"],
                yref=axis,
                yanchor="bottom",
                yshift=6,
                # Away from the other.
                xanchor="right" if row["price"] == lowest else "left",
                showarrow=False,
                text=numbers.decimal(row["price"], 2),
                font={"size": 12, "color": theme.INK},
            )
    return figure


def _two_lines(
    figure: go.Figure, prices: list[float], share: tuple[str, list[float]], money: tuple[str, list[float]]
) -> None:
    """A share on the left axis and money on the right."""
    both = ((share, theme.ACCENT, "y", numbers.percent), (money, theme.WARNING, "y2", numbers.money))
    for (words, values), colour, axis, write in both:
        figure.add_scatter(
            x=prices,
            y=values,
            yaxis=axis,
            mode="lines",
            name=words,
            line={"color": colour, "width": 2.5},
            customdata=[write(value) for value in values],
            hovertemplate=t("{share} at {price}", share="%{customdata}", price="%{x:,.2f}") + f"<extra>{words}</extra>",
        )
    figure.update_layout(
        showlegend=True,
        yaxis2={
            "overlaying": "y",
            "side": "right",
            "tickmode": "auto",
            "nticks": 7,
            "tickformat": "~g",
            "rangemode": "tozero",
            "showgrid": False,
            "automargin": True,
            "zeroline": False,
            "title": {"text": t("Money"), "font": {"size": 13, "color": theme.MUTED}},
            "tickfont": {"size": 12, "color": theme.MUTED},
        },
    )
    figure.update_xaxes(title_text=t("Price, money"), showgrid=False)
    ticks = theme.share_ticks(share[1])
    figure.update_yaxes(title_text=share[0].capitalize(), rangemode="tozero", selector={"side": None}, **ticks)


def gabor_granger(found: GaborGranger, kind: str | None = None) -> go.Figure:
    """Demand and revenue by price ("demand")."""
    return choose(kind, {"demand": lambda: _demand(found)})


def _demand(found: GaborGranger) -> go.Figure:
    table = found._tables["table"]
    bests = found._tables["best"].to_dicts()
    figure = theme.figure(t("Demand and revenue by price"), _best(found, bests), height=460)
    prices = table["price"].to_list()
    theme.band(figure, prices, table["demand_lower"].to_list(), table["demand_upper"].to_list())
    money = bests[-1]["aim"] if bests else "revenue"
    _two_lines(figure, prices, (t("demand"), table["demand"].to_list()), (told(money), table[money].to_list()))
    figure.add_scatter(
        x=prices,
        y=table["share"].to_list(),
        mode="markers",
        name=t("share of yes"),
        marker={"color": theme.INK, "size": 6},
        customdata=percents(table["share"].to_list()),
        hovertemplate=t("{share} at {price}", share="%{customdata}", price="%{x:,.2f}")
        + f"<extra>{t('share of yes')}</extra>",
    )
    for best in bests[-1:]:
        figure.add_vline(x=best["price"], line={"color": theme.INK, "width": 1, "dash": "dash"})
    return figure


def _best(found: GaborGranger, bests: list[dict[str, Any]]) -> str:
    """What the figure says of the best price."""
    if not bests:
        return t("{n} {n:respondent|respondents}; nobody would buy", n=numbers.count(found.n))
    return t(
        "{n} {n:respondent|respondents}; most {aim} at {price:,.2f} ({lower:,.2f} to {upper:,.2f})",
        n=numbers.count(found.n),
        **{**bests[-1], "aim": told(bests[-1]["aim"])},
    )


def conjoint(found: Conjoint | RatingConjoint, kind: str | None = None) -> go.Figure:
    """Part-worths ("part_worths"), "importance", "willingness_to_pay", or "elasticities"."""
    figures = {
        "part_worths": lambda: _part_worths(found),
        "importance": lambda: _importance(found),
        "willingness_to_pay": lambda: _willingness(found),
    }
    if "elasticities" in found._tables:
        figures["elasticities"] = lambda: _elasticities(found)
    return choose(kind, figures)


def _points(
    figure: go.Figure, names: list[str], middle: pl.Series, lower: pl.Series, upper: pl.Series, form: str
) -> None:
    """Estimates with their limits, one below the other."""
    figure.add_scatter(
        y=names,
        x=middle.to_list(),
        mode="markers",
        marker={"size": 10, "color": [theme.ACCENT if value >= 0 else theme.WARNING for value in middle]},
        error_x={
            "type": "data",
            "array": (upper - middle).fill_null(0).to_list(),
            "arrayminus": (middle - lower).fill_null(0).to_list(),
            "color": theme.MUTED,
            "thickness": 1.5,
        },
        hovertemplate="%{y}: %{x:" + form + "}<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")


def _part_worths(found: Conjoint | RatingConjoint) -> go.Figure:
    table = found._tables["part_worths"].drop_nulls("utility")
    figure = theme.figure(
        t("What people like"),
        t(
            "Utility of every level, and of the smallest and largest values of numbers, with {level} limits",
            level=numbers.percent(found.params["level"]),
        ),
        height=150 + 28 * max(table.height, 4),
    )
    names = [f"{label(row['attribute'], 13)}: {label(_level(row['level']), 17)}" for row in table.iter_rows(named=True)]
    _points(figure, names, table["utility"], table["lower"], table["upper"], ".3f")
    figure.update_xaxes(title_text=t("Utility"))
    return figure


def _level(level: str) -> str:
    """A level's name; a number as numbers are written."""
    try:
        return numbers.number(float(level))
    except ValueError:
        return level


def _importance(found: Conjoint | RatingConjoint) -> go.Figure:
    table = found._tables["importance"].drop_nulls("importance").sort("importance", descending=True)
    figure = theme.figure(
        t("What matters most"),
        t("Range of an attribute's utilities divided by the sum of all ranges, with simulated limits"),
        height=150 + 36 * max(table.height, 3),
    )
    figure.add_bar(
        y=table["attribute"].to_list(),
        x=table["importance"].to_list(),
        orientation="h",
        marker={"color": theme.SCALE[4]},
        error_x={
            "type": "data",
            "array": (table["upper"] - table["importance"]).fill_null(0).to_list(),
            "arrayminus": (table["importance"] - table["lower"]).fill_null(0).to_list(),
            "color": theme.INK,
            "thickness": 1.2,
        },
        customdata=percents(table["importance"].to_list()),
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.update_xaxes(rangemode="tozero", **theme.share_ticks(table["upper"].to_list()))
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def _willingness(found: Conjoint | RatingConjoint) -> go.Figure:
    table = found._tables["willingness_to_pay"].drop_nulls("willingness_to_pay")
    figure = theme.figure(
        t("What people would pay for it"),
        t(
            "Money per unit of a number, or for a level compared with its base, with {level} limits",
            level=numbers.percent(found.params["level"]),
        ),
        height=150 + 32 * max(table.height, 3),
    )
    _points(
        figure,
        [term(name) for name in table["term"]],
        table["willingness_to_pay"],
        table["lower"],
        table["upper"],
        ",.2f",
    )
    figure.update_xaxes(title_text=t("Money"))
    return figure


def _elasticities(found: Conjoint | RatingConjoint) -> go.Figure:
    table = found._tables["elasticities"]
    names = table["alternative"].unique(maintain_order=True).to_list()
    grid = [table.filter(alternative=name)["elasticity"].to_list() for name in names]
    most = max((abs(value) for row in grid for value in row if value is not None), default=1.0)
    figure = theme.figure(
        t("How demand responds to prices"),
        t("Per cent of demand (rows) for each per cent of price (columns)"),
        height=190 + 44 * len(names),
    )
    figure.add_heatmap(
        x=names,
        y=names,
        z=grid,
        text=[["" if value is None else numbers.signed_decimal(value) for value in row] for row in grid],
        texttemplate="%{text}",
        zmin=-most,
        zmax=most,
        showscale=False,
        xgap=2,
        ygap=2,
        hoverongaps=False,
        colorscale=[[0, "#e9a184"], [0.5, theme.PAPER], [1, theme.SCALE[4]]],
        hovertemplate=t("demand for {one}, price of {other}: {value}", one="%{y}", other="%{x}", value="%{text}")
        + "<extra></extra>",
    )
    figure.update_xaxes(title_text=t("Price of"), showgrid=False, type="category")
    figure.update_yaxes(title_text=t("Demand for"), autorange="reversed", showgrid=False, type="category")
    return figure


def market(found: MarketSimulation, kind: str | None = None) -> go.Figure:
    """The shares of the products ("shares")."""
    return choose(kind, {"shares": lambda: _shares(found)})


def _shares(found: MarketSimulation) -> go.Figure:
    table = found._tables["table"].sort("share", descending=True)
    figure = theme.figure(
        t("The simulated market"),
        t("Share of choices with simulated limits"),
        height=150 + 40 * table.height,
    )
    figure.add_bar(
        y=table["product"].to_list(),
        x=table["share"].to_list(),
        orientation="h",
        marker={"color": theme.SCALE[4]},
        error_x={
            "type": "data",
            "array": (table["upper"] - table["share"]).fill_null(0).to_list(),
            "arrayminus": (table["share"] - table["lower"]).fill_null(0).to_list(),
            "color": theme.INK,
            "thickness": 1.2,
        },
        customdata=percents(table["share"].to_list()),
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    for row in table.iter_rows(named=True):
        price = "" if row["price"] is None else " " + t("at {price:,.2f}", price=row["price"])
        figure.add_annotation(
            x=row["upper"] or row["share"],
            y=row["product"],
            xanchor="left",
            showarrow=False,
            text=f"  {numbers.percent(row['share'])}{price}",
            font={"size": 12, "color": theme.MUTED},
        )
    figure.update_layout(margin={"r": 120})
    shares = [*table["upper"].drop_nulls(), *table["share"]]
    figure.update_xaxes(range=[0, 1.02 * max(shares)], **theme.share_ticks(shares))
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def price_curve(found: PriceCurve, kind: str | None = None) -> go.Figure:
    """Share and revenue by price ("curve")."""
    return choose(kind, {"curve": lambda: _price_curve(found)})


def _price_curve(found: PriceCurve) -> go.Figure:
    table = found._tables["table"].sort("price")
    figure = theme.figure(
        t("Share and revenue by price"),
        t("Band: simulated limits of the share; revenue: money per choice"),
        height=460,
    )
    prices = table["price"].to_list()
    known = table.drop_nulls("lower")
    theme.band(figure, known["price"].to_list(), known["lower"].to_list(), known["upper"].to_list())
    _two_lines(figure, prices, (t("share"), table["share"].to_list()), (t("revenue"), table["revenue"].to_list()))
    return figure
