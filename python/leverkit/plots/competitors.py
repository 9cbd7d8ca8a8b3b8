"""Figures of pricing against competitors: price index and gaps, the value map, what attributes are worth, who follows whom.

Every function takes a result of `leverkit.pricing` and returns a Plotly figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import day, t, told
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import MOST, around, beside_points, label, labels, term

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.pricing import Hedonic, Leadership, Position, ValueMap


def position(found: Position, kind: str | None = None) -> go.Figure:
    """Price index by competitor, over time where there are dates ("index"), or the gaps of products ("gaps")."""
    return choose(kind, {"index": lambda: _index(found), "gaps": lambda: _gaps(found)})


def _index(found: Position) -> go.Figure:
    table = found._tables["table"].filter((pl.col("items") == "all") & (pl.col("prices") == "all"))
    everybody = t("all competitors")
    table = table.with_columns(pl.col("competitor").fill_null(everybody))
    title = t("Prices of {own} against competitors", own=label(found.params["own"]))
    level = numbers.percent(found.params["level"])
    if table["date"].n_unique() > 1:
        reading = t(
            "100: equal prices; above: more expensive. Band: {level} limits against all competitors", level=level
        )
        figure = theme.figure(title, reading)
        everyone = table.filter(pl.col("competitor") == everybody).drop_nulls("index")
        dates, lower, upper = (everyone[name].to_list() for name in ("date", "lower", "upper"))
        theme.band(figure, dates, lower, upper)
        others = list(dict.fromkeys(name for name in table["competitor"] if name != everybody))
        colours = dict(zip(others, theme.GROUP_COLOURS, strict=False)) | {everybody: theme.INK}
        for (name,), rows in table.group_by("competitor", maintain_order=True):
            if name not in colours:
                continue
            colour = colours[str(name)]
            figure.add_scatter(
                x=rows["date"].to_list(),
                y=rows["index"].to_list(),
                mode="lines",
                name=label(name, 20),
                line={"color": colour, "width": 2.5 if name == everybody else 1.8},
                hovertemplate="%{x|%d %b %Y}: %{y:.1f}<extra>%{fullData.name}</extra>",
            )
        figure.add_hline(y=100, line={"color": theme.MUTED, "dash": "dot", "width": 1})
        figure.update_layout(showlegend=True)
        figure.update_yaxes(title_text=t("Price index"))
        return figure
    reading = t("100: equal prices; above: more expensive. Lines: {level} limits", level=level)
    figure = theme.figure(title, reading, height=170 + 36 * table.height)
    known = table.drop_nulls("index")
    figure.add_scatter(
        y=known["competitor"].to_list(),
        x=known["index"].to_list(),
        mode="markers+text",
        marker={"size": 11, "color": [theme.WARNING if value > 100 else theme.ACCENT for value in known["index"]]},
        text=[numbers.decimal(value) for value in known["index"]],
        textposition="top center",
        error_x={
            "type": "data",
            "array": (known["upper"] - known["index"]).to_list(),
            "arrayminus": (known["index"] - known["lower"]).to_list(),
            "color": theme.MUTED,
        },
        customdata=[
            t("{index} over {n} {n:product|products}", index=numbers.decimal(index), n=numbers.count(n))
            for index, n in known.select("index", "matched").iter_rows()
        ],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.add_vline(x=100, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_xaxes(title_text=t("Price index"))
    # Room for the number above the first marker.
    figure.update_yaxes(range=[table.height - 0.5, -0.8], showgrid=False, type="category")
    return figure


def _gaps(found: Position) -> go.Figure:
    table = found._tables["products"].drop_nulls("gap_to_median")
    last = table.filter(pl.col("date").eq_missing(table["date"].max()))
    last = last.sort(pl.col("gap_to_median").abs(), descending=True).head(MOST).sort("gap_to_median", descending=True)
    keys = [key for key in (found.params["product"], found.params["store"]) if key]
    figure = theme.figure(
        t("Products furthest from the competitors' median"),
        t("Own price over theirs minus 1, {date}", date=day(last["date"][0]))
        if last.height and last["date"][0]
        else t("Own price over theirs minus 1"),
        height=150 + 28 * max(last.height, 3),
    )
    values = last["gap_to_median"].to_list()
    figure.add_bar(
        y=labels(last, keys),
        x=values,
        orientation="h",
        marker={"color": [theme.WARNING if value > 0 else theme.ACCENT for value in values]},
        text=[numbers.signed_percent(value) for value in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_xaxes(**theme.share_ticks(values))
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


_VERDICTS = {"overpriced": theme.WARNING, "fair": theme.MUTED, "underpriced": theme.ACCENT}


def value_map(found: ValueMap, kind: str | None = None) -> go.Figure:
    """Prices against value with the line and its band ("map")."""
    return choose(kind, {"map": lambda: _map(found)})


def _map(found: ValueMap) -> go.Figure:
    table = found._tables["table"].sort("value")
    slope = found._tables["line"].row(1, named=True)
    figure = theme.figure(
        t("The value map"),
        t(
            "A point of value is worth {slope} ({lower} to {upper}); band: {level} limits of the line; red: expensive for its value, blue: cheap",
            slope=numbers.decimal(slope["estimate"], 2),
            lower=numbers.decimal(slope["lower"], 2),
            upper=numbers.decimal(slope["upper"], 2),
            level=numbers.percent(found.params["level"]),
        ),
        height=480,
    )
    values = table["value"].to_list()
    theme.band(figure, values, table["fair_lower"].to_list(), table["fair_upper"].to_list())
    figure.add_scatter(
        x=values,
        y=table["fair_price"].to_list(),
        mode="lines",
        line={"color": theme.INK, "width": 1.5},
        hoverinfo="skip",
    )
    across = around(values)
    up = around([*table["price"], *table["fair_lower"], *table["fair_upper"]])
    # Those off the line have their names first.
    far = table.with_row_index("place").sort(
        pl.col("verdict") == "fair", (pl.col("gap")).abs(), descending=[False, True]
    )
    order = far["place"].to_list()
    points = table.select("value", "price").rows()
    names = [label(name, 20) for name in table["product"]]
    placed = zip(
        *beside_points([points[at] for at in order], [names[at] for at in order], across, up, 480), strict=True
    )
    beside = dict(zip(order, placed, strict=True))
    figure.add_scatter(
        x=values,
        y=table["price"].to_list(),
        mode="markers+text",
        marker={"size": 11, "color": [_VERDICTS[verdict] for verdict in table["verdict"]]},
        text=[beside[at][0] for at in range(table.height)],
        textposition=[beside[at][1] for at in range(table.height)],
        textfont={"size": 12},
        customdata=[
            t(
                "{name}: {price}, fair {fair} ({verdict})",
                name=label(row["product"], 60),
                price=numbers.money(row["price"]),
                fair=numbers.money(row["fair_price"]),
                verdict=told(row["verdict"]),
            )
            for row in table.iter_rows(named=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.update_xaxes(range=list(across))
    figure.update_yaxes(range=list(up))
    figure.update_xaxes(title_text=t("Perceived value, weighted score"))
    figure.update_yaxes(title_text=t("Price, money"))
    return figure


def hedonic(found: Hedonic, kind: str | None = None) -> go.Figure:
    """What each attribute adds to the price ("bars")."""
    return choose(kind, {"bars": lambda: _attributes(found)})


def _attributes(found: Hedonic) -> go.Figure:
    table = found._tables["table"].drop_nulls("money")
    unit = "share" if found.params["log"] else "money"
    middle, low, high = (table[f"{unit}{end}"] for end in ("", "_lower", "_upper"))
    reading = t("Share of the price") if unit == "share" else t("Money")
    if found.bases:
        bases = ", ".join(f"{label(name)}: {label(value)}" for name, value in found.bases.items())
        reading = t("{what}; compared with {bases}", what=reading, bases=bases)
    figure = theme.figure(
        t("What each attribute is worth"),
        reading,
        height=160 + 32 * table.height,
    )
    figure.add_scatter(
        y=[term(name) for name in table["term"]],
        x=middle.to_list(),
        mode="markers",
        marker={"size": 10, "color": [theme.ACCENT if value > 0 else theme.WARNING for value in middle]},
        error_x={
            "type": "data",
            "array": (high - middle).to_list(),
            "arrayminus": (middle - low).to_list(),
            "color": theme.MUTED,
        },
        customdata=[numbers.money(value) for value in table["money"]],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_xaxes(**theme.share_ticks([*low, *high]) if unit == "share" else {"tickformat": ","})
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def leadership(found: Leadership, kind: str | None = None) -> go.Figure:
    """Responses of followers to leaders ("heatmap"), or by lag for the surest pairs ("lags")."""
    return choose(kind, {"heatmap": lambda: _responses(found), "lags": lambda: _lags(found)})


def _responses(found: Leadership) -> go.Figure:
    table = found._tables["table"]
    names = sorted({*table["leader"], *table["follower"]})
    cells = {(row["leader"], row["follower"]): row for row in table.iter_rows(named=True)}
    sure = {pair for pair, row in cells.items() if row["q_value"] is not None and row["q_value"] < 0.05}
    grid = [[(cells.get((leader, follower)) or {}).get("response") for follower in names] for leader in names]
    text = [
        [
            "" if value is None else numbers.signed_decimal(value) + (" *" if (leader, follower) in sure else "")
            for follower, value in zip(names, row, strict=True)
        ]
        for leader, row in zip(names, grid, strict=True)
    ]
    figure = theme.figure(
        t("Whose prices the others follow"),
        t(
            "Per cent by which the follower moves within {lags} dates for each per cent of the leader; * significant (5 % false discoveries)",
            lags=found.params["lags"],
        ),
        height=200 + 44 * len(names),
    )
    figure.add_heatmap(
        x=names,
        y=names,
        z=grid,
        text=text,
        texttemplate="%{text}",
        zmin=-1,
        zmax=1,
        showscale=False,
        xgap=2,
        ygap=2,
        colorscale=[[0, theme.WARNING], [0.5, theme.PAPER], [1, theme.SCALE[4]]],
        hoverongaps=False,
        hovertemplate=t("{follower} follows {leader}: {response}", follower="%{x}", leader="%{y}", response="%{text}")
        + "<extra></extra>",
    )
    figure.update_xaxes(title_text=t("Follower"), showgrid=False, type="category")
    figure.update_yaxes(title_text=t("Leader"), autorange="reversed", showgrid=False, type="category")
    return figure


def _lags(found: Leadership) -> go.Figure:
    pairs = found._tables["table"].drop_nulls("response").head(4)
    figure = theme.figure(
        t("How fast prices follow"),
        t("Response by lag with {level} limits, most certain pairs", level=numbers.percent(found.params["level"])),
    )
    colours = [theme.ACCENT, theme.WARNING, "#dba437", theme.MUTED]
    for colour, pair in zip(colours, pairs.iter_rows(named=True), strict=False):
        rows = found._tables["lags"].filter(
            (pl.col("leader") == pair["leader"]) & (pl.col("follower") == pair["follower"])
        )
        figure.add_scatter(
            x=rows["lag"].to_list(),
            y=rows["response"].to_list(),
            mode="lines+markers",
            name=t("{follower} after {leader}", follower=label(pair["follower"], 16), leader=label(pair["leader"], 16)),
            line={"color": colour, "width": 2},
            error_y={
                "type": "data",
                "array": (rows["upper"] - rows["response"]).to_list(),
                "arrayminus": (rows["response"] - rows["lower"]).to_list(),
                "color": colour,
                "thickness": 1,
            },
            hovertemplate=t("{lag} later: {response}", lag="%{x}", response="%{y:+.2f}") + "<extra></extra>",
        )
    figure.add_hline(y=0, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title_text=t("Dates later"), dtick=1)
    figure.update_yaxes(title_text=t("Per cent for each per cent"))
    return figure
