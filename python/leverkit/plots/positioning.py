"""Figures of where brands stand: what is said of each beyond chance, scores, and maps with ellipses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import around, beside_points, fill, label, tall_by_wide

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import polars as pl

    from leverkit.survey import Correspondence, Image, Position, Similarity

#: From this p-value on, a map is no finding.
_CHANCE = 0.05
#: Radius of an ellipse that holds 95 % of a normal distribution in two dimensions.
_RADIUS = math.sqrt(-2 * math.log(0.05))
#: Length of the longest arrow by the farthest point: shorter, so that neither hides the other.
_ARROWS = 0.8


def image(found: Image, kind: str | None = None) -> go.Figure:
    """What is said of each brand ("cells"), the map of brands and attributes ("map"), or brands with attributes as arrows ("biplot")."""
    figures = {
        "cells": lambda: _image_cells(found),
        "map": lambda: _image_map(found),
        "biplot": lambda: _biplot(t("What tells brands apart"), found._tables["map"], "brand", found),
    }
    return choose(kind, figures)


def correspondence(found: Correspondence, kind: str | None = None) -> go.Figure:
    """The map of rows and columns ("map"), rows with columns as arrows ("biplot"), or the table's cells ("cells")."""
    figures = {
        "map": lambda: _counts_map(found),
        "biplot": lambda: _biplot(t("What tells rows apart"), found._tables["table"], "row", found),
        "cells": lambda: _count_cells(found),
    }
    return choose(kind, figures)


def similarity(found: Similarity, kind: str | None = None) -> go.Figure:
    """The map of items ("map"), or distances beside dissimilarities ("fit")."""
    return choose(kind, {"map": lambda: _similarity_map(found), "fit": lambda: _fit(found)})


def _image_cells(found: Image) -> go.Figure:
    rows = found._tables["table"].to_dicts()
    cells = [(row["brand"], row["attribute"], row["deviation"], row["verdict"] != "can't tell") for row in rows]
    return _cells(
        t("What is said of each brand beyond its size"),
        t("Points of {n} respondents above what is expected; bold where it is beyond chance", n=numbers.count(found.n)),
        cells,
        1,
    )


def _count_cells(found: Correspondence) -> go.Figure:
    rows = found._tables["cells"].to_dicts()
    cells = [(row["row"], row["column"], row["residual"], row["q_value"] <= _CHANCE) for row in rows]
    return _cells(
        t("Where counts differ from what is expected"),
        t("Adjusted residuals; bold where it is beyond chance"),
        cells,
        2,
    )


def _cells(title: str, subtitle: str, cells: list[tuple[str, str, float, bool]], digits: int) -> go.Figure:
    """A grid of numbers, coloured by how far they are from nothing."""
    across = list(dict.fromkeys(cell[0] for cell in cells))
    down = list(dict.fromkeys(cell[1] for cell in cells))
    values = {(one, other): (value, is_sure) for one, other, value, is_sure in cells}
    most = max((abs(value) for value, is_sure in values.values() if is_sure), default=1.0) or 1.0
    figure = theme.figure(title, subtitle, height=190 + 30 * len(down))
    grid = [[values[one, other] for one in across] for other in down]
    figure.add_heatmap(
        x=across,
        y=down,
        z=[[value if is_sure else 0 for value, is_sure in row] for row in grid],
        text=[
            [f"<b>{_signed(value, digits)}</b>" if is_sure else _signed(value, digits) for value, is_sure in row]
            for row in grid
        ],
        texttemplate="%{text}",
        colorscale=[[0, "#e8b9a8"], [0.5, theme.PAPER], [1, theme.SCALE[2]]],
        zmin=-most,
        zmax=most,
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="%{x}, %{y}: %{text}<extra></extra>",
    )
    figure.update_layout(margin={"t": 104})
    figure.update_xaxes(side="top", showgrid=False, type="category")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def _signed(value: float, digits: int) -> str:
    return numbers.signed_decimal(value, digits)


def _image_map(found: Image) -> go.Figure:
    points = found._tables["map"].to_dicts()
    moves = None if found.moves is None else found._tables["moves"]
    # Annotations do not widen the axes; points that nobody sees do.
    ends = {} if moves is None else {axis: [*moves[f"from_{axis}"], *moves[f"to_{axis}"]] for axis in "xy"}
    axes = found._tables["axes"].to_dicts()
    figure = _map(t("The map of brands"), points, "brand", axes, found.map_p_value, ends)
    if moves is not None:
        figure.add_scatter(x=ends["x"], y=ends["y"], mode="markers", marker={"opacity": 0}, hoverinfo="skip")
        for row in moves.iter_rows(named=True):
            is_sure = row["verdict"] == "moved"
            figure.add_annotation(
                x=row["to_x"],
                y=row["to_y"],
                ax=row["from_x"],
                ay=row["from_y"],
                xref="x",
                yref="y",
                axref="x",
                ayref="y",
                text="",
                showarrow=True,
                arrowhead=2,
                arrowwidth=2,
                arrowcolor=theme.WARNING if is_sure else theme.RULE,
            )
    return figure


def _counts_map(found: Correspondence) -> go.Figure:
    return _map(
        t("The map of rows and columns"),
        found._tables["table"].to_dicts(),
        "row",
        found._tables["axes"].to_dicts(),
        found.map_p_value,
    )


def _biplot(title: str, points: pl.DataFrame, first: str, found: Image | Correspondence) -> go.Figure:
    """Rows in principal and columns in contribution coordinates (Greenacre 2013): an arrow's square along an axis is what the column adds to it."""
    axes = found._tables["axes"].to_dicts()
    size = [math.sqrt(axis["inertia"]) if axis["inertia"] > 0 else math.inf for axis in [*axes, {"inertia": 0.0}]][:2]
    rows = points.to_dicts()
    for row in rows:
        if row["kind"] not in (first, "supplementary"):
            row |= {axis: row[axis] * math.sqrt(row["mass"]) / size[at] for at, axis in enumerate("xy")}
    return _map(title, rows, first, axes, found.map_p_value, arrows=True)


def _position_map(found: Position) -> go.Figure:
    """Brands by their scores, with dimensions as arrows."""
    title, points = t("Brands on all dimensions at once"), found._tables["map"].to_dicts()
    if found.map_p_value is None:
        figure = theme.figure(title)
        fill(figure, t("All brands have the same scores"))
        return figure
    return _map(title, points, "brand", found._tables["axes"].to_dicts(), found.map_p_value, arrows=True)


def _similarity_map(found: Similarity) -> go.Figure:
    points = [row | {"kind": "item", "name": row["item"]} for row in found._tables["table"].to_dicts()]
    return _map(t("What people find alike"), points, "item", [], found.p_value)


def _fit(found: Similarity) -> go.Figure:
    """Shepard's diagram: what respondents said, and what the map shows of it."""
    rows = found._tables["pairs"].to_dicts()
    figure = theme.figure(
        t("What the map keeps of the answers"),
        t("One point per pair; on the line where the map is right, stress {stress:.3f}", stress=found.stress),
    )
    most = max(max(row["dissimilarity"], row["distance"]) for row in rows)
    figure.add_scatter(x=[0, most], y=[0, most], mode="lines", line={"color": theme.RULE, "width": 1}, hoverinfo="skip")
    figure.add_scatter(
        x=[row["dissimilarity"] for row in rows],
        y=[row["distance"] for row in rows],
        mode="markers",
        marker={"size": 8, "color": theme.ACCENT},
        customdata=[f"{label(row['one'])} – {label(row['other'])}" for row in rows],
        hovertemplate="%{customdata}: %{x:.2f}, %{y:.2f}<extra></extra>",
    )
    figure.update_xaxes(title_text=t("How unlike they are said to be"), rangemode="tozero")
    figure.update_yaxes(title_text=t("Distance on the map"), rangemode="tozero")
    return figure


def _map(
    title: str,
    points: list[dict[str, Any]],
    first: str,
    axes: list[dict[str, Any]],
    p_value: float,
    ends: Mapping[str, list[float]] = MappingProxyType({}),
    *,
    arrows: bool = False,
) -> go.Figure:
    """Points, and room for the ends of arrows, with the ellipses that hold 95 % of bootstrap samples; pale, and said to be no finding, where it may be chance.

    With `arrows`, points other than the first kind are directions, as long as the figure has room.
    """
    if arrows:
        points = _directed(points, first)
    is_chance = p_value > _CHANCE
    subtitle = (
        t("No more than chance (p = {p:.3f}): distances mean nothing", p=p_value)
        if is_chance
        else t("Ellipses hold 95 % of samples; beyond chance (p = {p:.3f})", p=p_value)
    )
    figure = theme.figure(title, subtitle, height=560)
    ordered = sorted(points, key=lambda point: -(point.get("inertia") or 0))
    x, y = ([*_reach(points, axis, first), *ends.get(axis, [])] for axis in "xy")
    ranges = _square(x, y, figure.layout.height)
    names = [label(point["name"], 20) for point in ordered]
    beside = beside_points([(point["x"], point["y"]) for point in ordered], names, *ranges, figure.layout.height)
    for point, text, position in zip(ordered, *beside, strict=True):
        is_first = point["kind"] == first
        colour = theme.RULE if is_chance else theme.ACCENT if is_first else theme.WARNING
        if point["sd_x"] is not None and is_first:
            x, y = _ellipse(point)
            figure.add_scatter(
                x=x,
                y=y,
                mode="lines",
                fill="toself",
                fillcolor=colour,
                opacity=0.18,
                line={"width": 0},
                hoverinfo="skip",
            )
        is_arrow = arrows and point["kind"] not in (first, "supplementary")
        if is_arrow:
            figure.add_scatter(
                x=[0, point["x"]],
                y=[0, point["y"]],
                mode="lines",
                line={"color": colour, "width": 1.5},
                hoverinfo="skip",
            )
        figure.add_scatter(
            x=[point["x"]],
            y=[point["y"]],
            mode="markers+text",
            text=[text],
            textposition=position,
            customdata=[label(point["name"], 60)],
            textfont={"size": 12, "color": theme.MUTED if is_chance else colour},
            marker={
                "size": 9 if is_first else 7,
                "color": colour,
                "symbol": "circle" if is_first else "arrow" if is_arrow else "diamond",
                "angle": math.degrees(math.atan2(point["x"], point["y"])) if is_arrow else 0,
                "line": {"width": 1, "color": theme.MUTED},
            },
            hovertemplate="%{customdata}<extra></extra>",
        )
    for axis, update in enumerate((figure.update_xaxes, figure.update_yaxes)):
        update(zeroline=True, zerolinecolor=theme.RULE)
        if axes:
            share = numbers.percent(axes[axis]["share"]) if axis < len(axes) else "–"
            update(title_text=t("Axis {axis}, {share} of inertia", axis=axis + 1, share=share))
    figure.update_xaxes(range=list(ranges[0]))
    figure.update_yaxes(range=list(ranges[1]), scaleanchor="x", scaleratio=1)
    return figure


def _directed(points: list[dict[str, Any]], first: str) -> list[dict[str, Any]]:
    """The points, with directions lengthened or shortened alike to what the others take."""
    is_direction = [point["kind"] not in (first, "supplementary") for point in points]
    lengths = [math.hypot(point["x"], point["y"]) for point in points]
    longest = {
        wanted: max((length for length, own in zip(lengths, is_direction, strict=True) if own == wanted), default=0.0)
        for wanted in (True, False)
    }
    scale = _ARROWS * longest[False] / longest[True] if longest[True] else 1.0
    return [
        point | {"x": scale * point["x"], "y": scale * point["y"]} if own else point
        for point, own in zip(points, is_direction, strict=True)
    ]


def _reach(points: list[dict[str, Any]], axis: str, first: str) -> list[float]:
    """From where to where points and their ellipses go along an axis."""
    radii = [_RADIUS * (point[f"sd_{axis}"] or 0.0) * (point["kind"] == first) for point in points]
    return [point[axis] + side * radius for point, radius in zip(points, radii, strict=True) for side in (-1.0, 1.0)]


def _square(x: list[float], y: list[float], height: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ranges that a phone shows of a map whose axes have one scale: its width is what there is least of."""
    across = around(x, 0.1)
    middle, half = (min(y) + max(y)) / 2, (across[1] - across[0]) * tall_by_wide(height) / 2
    return across, (middle - half, middle + half)


def _ellipse(point: dict[str, Any], steps: int = 48) -> tuple[list[float], list[float]]:
    """The curve that holds 95 % of a normal scatter around the point."""
    turns = [2 * math.pi * step / steps for step in range(steps + 1)]
    r = point["correlation"]
    rest = math.sqrt(max(0.0, 1 - r * r))
    x = [point["x"] + _RADIUS * point["sd_x"] * math.cos(turn) for turn in turns]
    y = [point["y"] + _RADIUS * point["sd_y"] * (r * math.cos(turn) + rest * math.sin(turn)) for turn in turns]
    return x, y


def position(found: Position, kind: str | None = None) -> go.Figure:
    """The scores of brands by dimension ("scores"), their gaps to the best of the others ("gaps"), their map ("map"), or their places in fact and in people's eyes ("facts")."""
    figures = {
        "scores": lambda: _scores(found),
        "gaps": lambda: _gaps(found),
        "map": lambda: _position_map(found),
        "facts": lambda: _facts(found),
    }
    return choose(kind, figures)


def _facts(found: Position) -> go.Figure:
    rows = (
        [] if found.facts is None else found._tables["facts"].sort("block", "fact_rank", maintain_order=True).to_dicts()
    )
    figure = theme.figure(
        t("What is so, and what people see"),
        t("Place of a brand among those that were measured; filled: what people see is sure"),
        height=170 + 26 * max(len(rows), 2),
    )
    if not rows:
        fill(figure, t("Nothing was measured: give facts"))
        return figure
    for place, row in enumerate(rows):
        figure.add_scatter(
            x=[row["fact_rank"], row["score_rank"]],
            y=[place, place],
            mode="lines",
            line={"color": theme.RULE, "width": 2},
            hoverinfo="skip",
            showlegend=False,
        )
    is_sure = [row["verdict"] != "can't tell" for row in rows]
    for ranks, name, symbol, colour, fills in (
        ("fact_rank", t("in fact"), "diamond", theme.MUTED, [True] * len(rows)),
        ("score_rank", t("in people's eyes"), "circle", theme.ACCENT, is_sure),
    ):
        figure.add_scatter(
            x=[row[ranks] for row in rows],
            y=list(range(len(rows))),
            mode="markers",
            name=name,
            marker={
                "symbol": symbol,
                "size": 10 if symbol == "circle" else 14,
                "color": [colour if is_filled else theme.PAPER for is_filled in fills],
                "line": {"width": 2, "color": colour},
            },
            customdata=[told(row["verdict"]) for row in rows],
            hovertemplate="%{x}: %{customdata}<extra>%{fullData.name}</extra>",
        )
    most = max(max(row["fact_rank"], row["score_rank"]) for row in rows)
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title_text=t("Place, 1 the best"), range=[0.5, most + 0.5], dtick=max(1, most // 8))
    names = [f"{label(row['block'], 16)} · {label(row['brand'], 16)}" for row in rows]
    figure.update_yaxes(tickvals=list(range(len(rows))), ticktext=names, autorange="reversed")
    return figure


def _scores(found: Position) -> go.Figure:
    return _by_block(
        found,
        t("Where brands stand"),
        t(
            "{n} respondents, {level} limits; filled: best for sure",
            n=numbers.count(found.n),
            level=numbers.percent(found.params["level"]),
        ),
        ("score", "lower", "upper"),
    )


def _gaps(found: Position) -> go.Figure:
    figure = _by_block(
        found,
        t("How far brands are ahead of the best of the others"),
        t(
            "Limits hold for all of them at once, {level}; filled: best for sure",
            level=numbers.percent(found.params["level"]),
        ),
        ("gap", "gap_lower", "gap_upper"),
    )
    figure.add_vline(x=0, line={"color": theme.MUTED, "width": 1})
    return figure


def _by_block(found: Position, title: str, subtitle: str, columns: tuple[str, str, str]) -> go.Figure:
    """A row for each block and brand, brand by brand in a colour of its own."""
    rows = found._tables["table"].to_dicts()
    value, low, high = columns
    brands = list(dict.fromkeys(row["brand"] for row in rows))
    blocks = list(dict.fromkeys(row["block"] for row in rows))
    colours = theme.segment_colours(brands)
    figure = theme.figure(title, subtitle, height=170 + (18 * len(brands) + 14) * len(blocks))
    for place, brand in enumerate(brands):
        own = [row for row in rows if row["brand"] == brand]
        # Neighbours stand on lines of their own around the middle of their block.
        shift = 0.7 * ((place + 0.5) / len(brands) - 0.5)
        is_best = [row["verdict"] == "best" for row in own]
        figure.add_scatter(
            x=[row[value] for row in own],
            y=[blocks.index(row["block"]) + shift for row in own],
            mode="markers",
            name=label(brand, 20),
            marker={
                "size": 10,
                "color": [colours[brand] if best else theme.PAPER for best in is_best],
                "line": {"width": 2, "color": colours[brand]},
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [row[high] - row[value] for row in own],
                "arrayminus": [row[value] - row[low] for row in own],
                "color": colours[brand],
                "thickness": 1.5,
            },
            hovertemplate="%{x:.2f}<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(showlegend=True)
    figure.update_yaxes(
        tickvals=list(range(len(blocks))), ticktext=[label(block, 24) for block in blocks], autorange="reversed"
    )
    return figure
