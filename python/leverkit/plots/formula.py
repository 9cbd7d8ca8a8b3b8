"""Figures of the profit formula: lift, elasticities, interactions, tornado, bottlenecks and the way from one profit to another.

Every function takes a result of the formula and returns a Plotly figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import in_words, t
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import annotate, marks, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    import plotly.graph_objects as go

    from leverkit import profit


#: Pixels of a line of the tree, and the steps that its longest label takes.
_LINE, _LABEL = 21, 9
#: Share of the widest bar below which a tornado's bar has no room for its values.
_ROOM = 0.15


def _bars(table: pl.DataFrame, column: str, texts: list[str], figure: go.Figure) -> go.Figure:
    """Horizontal bars from the first row down, losses in the colour of a warning."""
    values = table[column].fill_null(0).to_list()
    figure.add_bar(
        y=[in_words(parameter) for parameter in table["parameter"]],
        x=values,
        orientation="h",
        marker={"color": [theme.WARNING if value < 0 else theme.ACCENT for value in values]},
        text=texts,
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    low, high = min([0.0, *values]), max([0.0, *values])
    if low < 0:
        # The values of losses stand left of their bars, and names left of those.
        figure.update_xaxes(range=[low - 0.25 * (high - low), high + 0.05 * (high - low)])
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(height=130 + 26 * max(table.height, 3))
    return figure


def lift(found: profit.LiftTable, kind: str | None = None) -> go.Figure:
    """Change of profit by parameter ("bars")."""
    return choose(kind, {"bars": lambda: _lift(found)})


def _lift(found: profit.LiftTable) -> go.Figure:
    table = found._tables["table"]
    alone, together = table.filter(pl.col("rank").is_not_null()), table.filter(pl.col("rank").is_null())
    moving = alone.filter(pl.col("profit_change") != 0)
    alone = moving if moving.height else alone
    all_change = together.row(0, named=True)
    share = "" if all_change["profit_lift"] is None else f" ({numbers.signed_percent(all_change['profit_lift'])})"
    figure = theme.figure(
        t("What {step} of each parameter brings", step=numbers.percent(found.params["step"])),
        t(
            "Change in profit with one parameter moved in its good direction; all together {money}",
            money=numbers.money(all_change["profit_change"]) + share,
        ),
    )
    texts = [
        f"{numbers.money(row['profit_change'])}"
        + ("" if row["profit_lift"] is None else f" ({numbers.signed_percent(row['profit_lift'])})")
        + (t(", at its bound") if row["capped"] else "")
        for row in alone.iter_rows(named=True)
    ]
    _bars(alone, "profit_change", texts, figure)
    if alone["profit_lower"].count():
        change = alone["profit_change"]
        up, down = (alone["profit_upper"] - change).to_list(), (change - alone["profit_lower"]).to_list()
        limits = {"type": "data", "array": up, "arrayminus": down, "color": theme.INK, "thickness": 1.2, "width": 3}
        figure.update_traces(error_x=limits, textposition="none")
        figure.add_scatter(
            x=alone["profit_upper"].to_list(),
            y=[in_words(parameter) for parameter in alone["parameter"]],
            mode="text",
            text=[f"  {text}" for text in texts],
            textposition="middle right",
            cliponaxis=False,
            hoverinfo="skip",
        )
    return figure


def elasticities(found: profit.Elasticities, kind: str | None = None) -> go.Figure:
    """Elasticities of profit by parameter ("bars")."""
    return choose(kind, {"bars": lambda: _elasticities(found)})


def _elasticities(found: profit.Elasticities) -> go.Figure:
    table = found._tables["table"].sort(pl.col("elasticity").abs(), descending=True, nulls_last=True)
    figure = theme.figure(t("What profit depends on"), t("Per cent of profit for each per cent of a parameter"))
    texts = ["–" if value is None else t("{value:+.2f}", value=value) for value in table["elasticity"]]
    return _bars(table, "elasticity", texts, figure)


def bottlenecks(found: profit.Bottlenecks, kind: str | None = None) -> go.Figure:
    """Money left by parameter ("bars")."""
    return choose(kind, {"bars": lambda: _bottlenecks(found)})


def _bottlenecks(found: profit.Bottlenecks) -> go.Figure:
    table = found._tables["table"]
    figure = theme.figure(t("Where the bottleneck is"), t("Profit lost because a parameter falls short of its norm"))
    texts = [
        t(
            "{money} ({value}, norm {norm})",
            money=numbers.money(row["money_left"]),
            value=numbers.number(row["value"]),
            norm=numbers.number(row["norm"]),
        )
        for row in table.iter_rows(named=True)
    ]
    return _bars(table, "money_left", texts, figure)


def interactions(found: profit.Interactions, kind: str | None = None) -> go.Figure:
    """A heat map of the pairs ("heatmap")."""
    return choose(kind, {"heatmap": lambda: _interactions(found)})


def _interactions(found: profit.Interactions) -> go.Figure:
    table = found._tables["table"]
    names = list(dict.fromkeys([*table["first"], *table["second"]]))
    pairs = {(row["first"], row["second"]): row["interaction"] for row in table.iter_rows(named=True)}
    grid = [[pairs.get((a, b), pairs.get((b, a))) for b in names] for a in names]
    widest = max((abs(value) for value in pairs.values()), default=1.0) or 1.0
    figure = theme.figure(
        t("What pairs bring together"), t("Profit beyond the sum of each alone, in money"), height=180 + 24 * len(names)
    )
    figure.add_heatmap(
        x=[in_words(name) for name in names],
        y=[in_words(name) for name in names],
        z=grid,
        zmin=-widest,
        zmax=widest,
        colorscale=[[0, theme.WARNING], [0.5, theme.PAPER], [1, theme.ACCENT]],
        hovertemplate="%{y} × %{x}: %{z:,.0f}<extra></extra>",
        hoverongaps=False,
        xgap=1,
        ygap=1,
        showscale=False,
    )
    figure.update_xaxes(tickangle=-45, showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def tornado(found: profit.Tornado, kind: str | None = None) -> go.Figure:
    """Profit between the low and high value of each parameter ("tornado")."""
    return choose(kind, {"tornado": lambda: _tornado(found)})


def _tornado(found: profit.Tornado) -> go.Figure:
    table = found._tables["table"].filter(pl.col("low") != pl.col("high"))
    figure = theme.figure(
        t("How far profit can move"),
        t("Profit with one parameter at its low (grey) and its high value (blue)"),
        height=130 + 34 * table.height,
    )
    widths = (table["profit_high"] - table["profit_low"]).to_list()
    widest = max((abs(width) for width in widths), default=0.0)
    for column, value, colour in (("profit_low", "low", theme.MUTED), ("profit_high", "high", theme.ACCENT)):
        outward = ["right" if (width > 0) == (value == "high") else "left" for width in widths]
        figure.add_scatter(
            y=[in_words(parameter) for parameter in table["parameter"]],
            x=table[column].to_list(),
            mode="markers+text",
            marker={"size": 12, "color": colour},
            text=[
                numbers.number(number) if abs(width) >= _ROOM * widest else ""
                for number, width in zip(table[value], widths, strict=True)
            ],
            textposition=[f"middle {side}" for side in outward],
            cliponaxis=False,
            customdata=[numbers.number(number) for number in table[value]],
            hovertemplate=t(
                "{parameter} at {value}: profit {profit}", parameter="%{y}", value="%{customdata}", profit="%{x:,.0f}"
            )
            + "<extra></extra>",
        )
    for row in table.iter_rows(named=True):
        figure.add_shape(
            type="line",
            x0=row["profit_low"],
            x1=row["profit_high"],
            y0=in_words(row["parameter"]),
            y1=in_words(row["parameter"]),
            line={"color": theme.RULE, "width": 6},
            layer="below",
        )
    figure.update_xaxes(title_text=t("Profit, money"), tickformat=",.0f")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def waterfall(found: profit.Attribution, kind: str | None = None) -> go.Figure:
    """The way from the profit before to that after ("waterfall"); parts of nothing are left out."""
    return choose(kind, {"waterfall": lambda: _waterfall(found)})


def _waterfall(found: profit.Attribution) -> go.Figure:
    parts = found._tables["table"].filter(pl.col("part") != 0).sort(pl.col("part").abs(), descending=True)
    before, after = found.params["profit_before"], found.params["profit_after"]
    figure = theme.figure(
        t("Where the change in profit comes from"),
        t(
            "From {before} to {after}, attributed by {method}",
            before=numbers.money(before),
            after=numbers.money(after),
            method=found.params["method"],
        ),
        height=480,
    )
    names = [t("before"), *(in_words(name) for name in parts["parameter"]), t("after")]
    figure.add_waterfall(
        x=names,
        y=[before, *parts["part"], after],
        measure=["absolute", *["relative"] * parts.height, "total"],
        text=[numbers.money(value) for value in [before, *parts["part"], after]],
        textposition="outside",
        cliponaxis=False,
        increasing={"marker": {"color": theme.ACCENT}},
        decreasing={"marker": {"color": theme.WARNING}},
        totals={"marker": {"color": theme.MUTED}},
        connector={"line": {"color": theme.RULE}},
        hovertemplate="%{x}: %{text}<extra></extra>",
    )
    figure.update_xaxes(tickangle=-40, showgrid=False)
    figure.update_yaxes(title_text=t("Profit, money"), tickformat=",.0f")
    return figure


def sobol(found: profit.SobolIndices, kind: str | None = None) -> go.Figure:
    """First and total indices by parameter ("bars")."""
    return choose(kind, {"bars": lambda: _sobol(found)})


def _sobol(found: profit.SobolIndices) -> go.Figure:
    table = found._tables["table"].sort("total", descending=True)
    figure = theme.figure(
        t("Which uncertainty matters"),
        t("Share of profit's variance: alone, and with all interactions"),
        height=150 + 44 * table.height,
    )
    for column, name, colour in (
        ("total", t("with interactions"), theme.MUTED),
        ("first", t("alone"), theme.ACCENT),
    ):
        figure.add_bar(
            y=[in_words(parameter) for parameter in table["parameter"]],
            x=table[column].to_list(),
            name=name,
            orientation="h",
            marker={"color": colour},
            text=[numbers.decimal(share, 2) for share in table[column]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}: %{{text}} {name}<extra></extra>",
        )
    figure.update_layout(barmode="group", showlegend=True, legend={"traceorder": "reversed"})
    figure.update_xaxes(rangemode="tozero", **theme.share_ticks(table["total"].to_list()))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def fan(found: profit.Simulation, kind: str | None = None) -> go.Figure:
    """Profit by percentile, in bands around the median ("fan")."""
    return choose(kind, {"fan": lambda: _fan(found)})


def _fan(found: profit.Simulation) -> go.Figure:
    percentiles = dict(found._tables["percentiles"].select("percentile", "profit").iter_rows())
    row = found._tables["table"].row(by_predicate=pl.col("measure") == "profit", named=True)
    loss = found._tables["chances"].row(0, named=True)["probability"]
    figure = theme.figure(
        t("The range of possible profit"),
        t(
            "Median {median}; four in five scenarios from {low} to {high}; a loss in {loss}",
            median=numbers.money(row["p50"]),
            low=numbers.money(row["p10"]),
            high=numbers.money(row["p90"]),
            loss=numbers.percent(loss),
        ),
        height=360,
    )
    for low, high, shade in ((5, 95, 1), (10, 90, 2), (25, 75, 4)):
        figure.add_bar(
            x=[percentiles[high] - percentiles[low]],
            base=[percentiles[low]],
            y=[in_words("profit")],
            orientation="h",
            width=0.5,
            marker={"color": theme.SCALE[shade], "line": {"width": 0}},
            hovertemplate=t(
                "{share} of scenarios: {low} to {high}",
                share=numbers.percent((high - low) / 100),
                low=numbers.money(percentiles[low]),
                high=numbers.money(percentiles[high]),
            )
            + "<extra></extra>",
        )
    named = ((percentiles[50], t("median"), theme.INK), (found.params["target"], t("target"), theme.WARNING))
    marks(figure, [mark for mark in named if mark[0] is not None], (percentiles[5] + percentiles[95]) / 2)
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(title_text=t("Profit, money: 50, 80 and 90 % of scenarios"), tickformat=",.0f")
    figure.update_yaxes(visible=False)
    return figure


def segments(found: profit.SegmentAttribution, kind: str | None = None) -> go.Figure:
    """Volume, mix and rate by segment ("bars")."""
    return choose(kind, {"bars": lambda: _segments(found)})


def _segments(found: profit.SegmentAttribution) -> go.Figure:
    table = found._tables["segments"]
    name = table.columns[0]
    change = (table["after"] - table["before"]).sum()
    figure = theme.figure(
        t("Where the change in profit comes from, by segment"),
        t(
            "Change {change}: growth of the whole, shift between segments, and change within each",
            change=numbers.money(change),
        ),
        height=170 + 60 * table.height,
    )
    for column, label, colour in (
        ("volume", t("growth of the whole"), theme.MUTED),
        ("mix", t("shift between segments"), theme.SCALE[4]),
        ("rate", t("profit per unit"), theme.ACCENT),
    ):
        figure.add_bar(
            y=[plain(segment) for segment in table[name]],
            x=table[column].to_list(),
            name=label,
            orientation="h",
            marker={"color": colour},
            text=[numbers.money(value) for value in table[column]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}: %{{text}} {label}<extra></extra>",
        )
    figure.update_layout(barmode="group", showlegend=True, legend={"traceorder": "reversed"})
    figure.update_xaxes(title_text=t("Change in profit, money"), tickformat=",.0f")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def break_even(found: profit.BreakEven, kind: str | None = None) -> go.Figure:
    """The room of each parameter until profit is gone ("bars")."""
    return choose(kind, {"bars": lambda: _break_even(found)})


def _break_even(found: profit.BreakEven) -> go.Figure:
    table = found._tables["table"].drop_nulls("room")
    figure = theme.figure(
        t("How far each parameter can move"),
        t("Change in the parameter at which profit is zero, with the others unchanged"),
    )
    texts = [
        t("{change}, to {value}", change=numbers.signed_percent(row["room"]), value=numbers.number(row["break_even"]))
        for row in table.iter_rows(named=True)
    ]
    # Beyond a tripled value nobody asks how far exactly.
    _bars(table.with_columns(pl.col("room").clip(-2, 2)), "room", texts, figure)
    figure.update_traces(marker={"color": theme.ACCENT}, textposition="none")
    # All in one column: beside bars to the left they would cover the names.
    figure.add_scatter(
        x=[2.2] * table.height,
        y=[in_words(parameter) for parameter in table["parameter"]],
        mode="text",
        text=texts,
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.update_xaxes(range=[-2.2, 2.2], **theme.share_ticks([-2.0, 2.0], most=4))
    return figure


def plan(found: profit.Plan, kind: str | None = None) -> go.Figure:
    """Money by lever ("bars")."""
    return choose(kind, {"bars": lambda: _plan(found)})


def _plan(found: profit.Plan) -> go.Figure:
    table = found._tables["table"]
    figure = theme.figure(
        t("Where to spend"),
        t(
            "{effort} bring {node} from {before} to {after}",
            effort=numbers.money(found.effort),
            node=in_words(found.params["node"]),
            before=numbers.money(found.before),
            after=numbers.money(found.after),
        ),
    )
    texts = [
        f"{numbers.money(row['effort'])}: {numbers.number(row['value'])} → {numbers.number(row['new_value'])}"
        for row in table.iter_rows(named=True)
    ]
    _bars(table, "effort", texts, figure)
    figure.update_xaxes(title_text=t("Effort, money"), tickformat=",.0f", rangemode="tozero")
    return figure


def tree(found: profit.Tree, kind: str | None = None) -> go.Figure:
    """The driver tree ("tree")."""
    return choose(kind, {"tree": lambda: _tree(found)})


def _tree(found: profit.Tree) -> go.Figure:
    rows = {row["node"]: row for row in found._tables["table"].iter_rows(named=True)}
    places = _outline(rows)
    figure = theme.figure(t("How profit is made"), t("Each value above its parts"), height=90 + _LINE * len(places))
    lines_x: list[float | None] = []
    lines_y: list[float | None] = []
    for node, (depth, line) in places.items():
        parent = rows[node]["parent"]
        if parent is not None:
            lines_x += [depth - 0.8, depth - 0.8, depth - 0.1, None]
            lines_y += [places[parent][1] + 0.4, line, line, None]
    figure.add_scatter(x=lines_x, y=lines_y, mode="lines", line={"color": theme.RULE, "width": 1.5}, hoverinfo="skip")
    annotate(figure, [_of_node(rows[node], *place) for node, place in places.items()])
    deepest = max(depth for depth, _ in places.values())
    figure.update_xaxes(visible=False, range=[-0.05, deepest + _LABEL])
    figure.update_yaxes(visible=False, range=[len(places) - 0.4, -0.6])
    return figure


def _of_node(row: Mapping[str, Any], depth: int, line: int) -> dict[str, Any]:
    return {
        "x": depth,
        "y": line,
        "xanchor": "left",
        "showarrow": False,
        "align": "left",
        "font": {"color": theme.ACCENT if row["formula"] else theme.INK, "size": 12},
        "text": f"{in_words(row['node'])} <b>{numbers.number(row['value'])}</b>",
        "hovertext": row["formula"] or row["unit"],
    }


def _outline(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """The depth and the line of each node: what it is made of stands below it, one step in."""
    children: dict[str | None, list[str]] = {}
    for row in rows.values():
        children.setdefault(row["parent"], []).append(row["node"])
    places: dict[str, tuple[int, int]] = {}
    waiting = [(root, 0) for root in reversed(children[None])]
    while waiting:
        node, depth = waiting.pop()
        places[node] = (depth, len(places))
        waiting += [(child, depth + 1) for child in reversed(children.get(node, []))]
    return places
