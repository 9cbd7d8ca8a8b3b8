"""Figures of comparisons and of the house of quality; the house itself is an SVG picture."""

from __future__ import annotations

from html import escape
from itertools import combinations
from typing import TYPE_CHECKING, Any

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import beside_points, label, short

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.survey import Ahp, HouseChoice, HouseOfQuality


def _height(rows: int) -> int:
    return 150 + 30 * rows


def ahp(found: Ahp, kind: str | None = None) -> go.Figure:
    """The weights with limits ("weights"), or comparisons against the ratios of the weights ("judgements")."""
    return choose(kind, {"weights": lambda: _weights(found), "judgements": lambda: _judgements(found)})


def _intervals(
    figure: go.Figure, names: list[str], rows: list[dict[str, Any]], value: str, low: str, high: str
) -> None:
    figure.add_scatter(
        x=[row[value] for row in rows],
        y=names,
        mode="markers",
        marker={"size": 10, "color": theme.ACCENT},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [row[high] - row[value] for row in rows],
            "arrayminus": [row[value] - row[low] for row in rows],
            "color": theme.MUTED,
            "thickness": 1.5,
        },
        customdata=[numbers.number(row[value]) for row in rows],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.update_yaxes(type="category")


def _weights(found: Ahp) -> go.Figure:
    rows = found._tables["table"].sort("weight").to_dicts()
    ratio = found.consistency_ratio
    consistent = t("consistency is not known") if ratio is None else t("consistency ratio {ratio:.3f}", ratio=ratio)
    level = numbers.percent(found.params["level"])
    figure = theme.figure(
        t("Weights by pairwise comparisons"),
        t("{level} limits; {consistent}", level=level, consistent=consistent),
        height=_height(len(rows)),
    )
    _intervals(figure, [str(row["item"]) for row in rows], rows, "weight", "lower", "upper")
    figure.update_xaxes(title_text=t("Weight"), rangemode="tozero", **theme.share_ticks([row["upper"] for row in rows]))
    return figure


def _judgements(found: Ahp) -> go.Figure:
    rows = found._tables["judgements"].to_dicts()
    figure = theme.figure(
        t("Comparisons and what the weights say"), t("On the line, a comparison agrees with all others"), height=460
    )
    values = [row[name] for row in rows for name in ("value", "fitted")]
    low, high = min(values) * 0.8, max(values) * 1.25
    figure.add_scatter(
        x=[low, high], y=[low, high], mode="lines", line={"color": theme.MUTED, "dash": "dot"}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=[row["fitted"] for row in rows],
        y=[row["value"] for row in rows],
        mode="markers",
        marker={"size": 10, "color": [theme.WARNING, *[theme.ACCENT] * (len(rows) - 1)]},
        text=[f"{label(row['first'])} : {label(row['second'])}" for row in rows],
        hovertemplate="%{text}<br>%{y:.2f} : %{x:.2f}<extra></extra>",
    )
    if found.consistency_ratio:
        worst = rows[0]
        figure.add_annotation(
            x=_log(worst["fitted"]),
            y=_log(worst["value"]),
            text=f"{label(worst['first'], 14)} : {label(worst['second'], 14)}",
            showarrow=False,
            yshift=16,
            xanchor="left" if worst["fitted"] < (low * high) ** 0.5 else "right",
            font={"size": 12, "color": theme.WARNING},
        )
    ticks = [1 / 9, 1 / 5, 1 / 3, 1, 3, 5, 9]
    axis = {"type": "log", "tickvals": ticks, "ticktext": ["1/9", "1/5", "1/3", "1", "3", "5", "9"]}
    figure.update_xaxes(title_text=t("Ratio of the weights"), **axis)
    figure.update_yaxes(title_text=t("Comparison"), **axis)
    return figure


def _log(value: float) -> float:
    from math import log10

    return log10(value)


def house_of_quality(found: HouseOfQuality, kind: str | None = None) -> go.Figure:
    """The places of characteristics with limits."""
    return choose(kind, {"ranks": lambda: _ranks(found)})


#: What a verdict looks like.
_VERDICTS = {"top": theme.ACCENT, "can't tell": theme.MUTED, "not top": theme.RULE}


def _ranks(found: HouseOfQuality) -> go.Figure:
    rows = found._tables["table"].sort("rank", descending=True).to_dicts()
    figure = theme.figure(
        t("Which characteristics come first"),
        t(
            "Place by importance with {level} limits; dark: among the first {top} for sure",
            level=numbers.percent(found.params["level"]),
            top=found.params["top"],
        ),
        height=_height(len(rows)),
    )
    names = [str(row["characteristic"]) for row in rows]
    _intervals(figure, names, rows, "rank", "rank_lower", "rank_upper")
    figure.data[0].marker.color = [_VERDICTS[row["verdict"]] for row in rows]
    figure.data[0].marker.line = {"color": theme.MUTED, "width": 1}
    for name, row in zip(names, rows, strict=True):
        figure.add_annotation(
            x=1,
            xref="paper",
            y=name,
            xanchor="left",
            showarrow=False,
            text=numbers.percent(row["relative"]),
            font={"size": 12, "color": theme.MUTED},
        )
    figure.update_layout(margin={"r": 60})
    figure.update_xaxes(title_text=t("Place"), dtick=max(1, len(rows) // 10), range=[0.5, len(rows) + 0.5])
    return figure


def choice(found: HouseChoice, kind: str | None = None) -> go.Figure:
    """Importance by cost, the chosen ones dark."""
    return choose(kind, {"choice": lambda: _choice(found)})


def _choice(found: HouseChoice) -> go.Figure:
    rows = found._tables["table"].to_dicts()
    figure = theme.figure(t("What to improve for the budget"), found._headline(), height=440)
    # Room for the names of the outermost.
    widest, tallest = (1.15 * max(row[name] for row in rows) or 1.0 for name in ("cost", "importance"))
    across, up = (-0.05 * widest, widest), (0.0, tallest)
    names = [label(row["characteristic"], 22) for row in rows]
    points = [(row["cost"], row["importance"]) for row in rows]
    texts, positions = beside_points(points, names, across, up, figure.layout.height)
    figure.add_scatter(
        x=[row["cost"] for row in rows],
        y=[row["importance"] for row in rows],
        mode="markers+text",
        cliponaxis=False,
        text=texts,
        textposition=positions,
        textfont={"size": 12, "color": theme.MUTED},
        marker={
            "size": 12,
            "color": [theme.ACCENT if row["is_chosen"] else theme.RULE for row in rows],
            "line": {"color": theme.MUTED, "width": 1},
        },
        customdata=[f"{label(row['characteristic'], 60)}: {numbers.percent(row['probability'])}" for row in rows],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.update_xaxes(title_text=t("Cost, money"), range=list(across))
    figure.update_yaxes(
        title_text=t("Importance"), range=list(up), **theme.share_ticks([row["importance"] for row in rows])
    )
    return figure


#: Sizes of the picture: a column, a row, the column of needs, the headings.
_COLUMN, _ROW, _NEEDS, _HEAD, _SIDE = 54, 30, 250, 150, 64


def svg(found: HouseOfQuality) -> str:
    """The house: needs and weights to the left, characteristics above, strengths inside, the roof on top, importance below, ratings to the right."""
    table, needs = found._tables["table"].to_dicts(), found._tables["needs"].to_dicts()
    columns, rows = len(table), len(needs)
    roof = columns * _COLUMN / 2 if found.params["roof"] else 0
    left, top = _NEEDS + _SIDE, 30 + roof + _HEAD
    sides = _sides(needs)
    width, height = left + columns * _COLUMN + len(sides) * _SIDE + 20, top + rows * _ROW + 5 * _ROW + 40
    right, bottom = left + columns * _COLUMN, top + rows * _ROW
    parts = [_text(10, 20, t("House of quality"), size=16, weight="bold")]
    parts += _roof_lines(found, table, left, 30 + roof)
    for place, row in enumerate(table):
        x = left + (place + 0.5) * _COLUMN
        parts.append(
            f'<g transform="translate({x + 4:.1f} {top - 8:.1f}) rotate(-90)">{_text(0, 0, short(row["characteristic"], 20))}</g>'
        )
    parts.append(_text(left - 8, top - 8, t("Weight"), anchor="end", colour=theme.MUTED))
    for place, row in enumerate(needs):
        y = top + (place + 0.5) * _ROW + 4
        parts.append(_text(10, y, short(row["need"], 32)))
        parts.append(_text(left - 8, y, numbers.percent(row["weight"]), anchor="end"))
    strongest = max(found.params["scale"])
    for place, row in enumerate(found._tables["relations"].iter_rows(named=True)):
        x = left + (place % columns + 0.5) * _COLUMN
        y = top + (place // columns + 0.5) * _ROW
        parts.append(_strength(x, y, row["strength"], strongest))
    for place, (heading, values) in enumerate(sides):
        x = right + (place + 0.5) * _SIDE
        parts.append(
            f'<g transform="translate({x + 4:.1f} {top - 8:.1f}) rotate(-90)">{_text(0, 0, short(heading, 20), colour=theme.MUTED)}</g>'
        )
        parts += [
            _text(x, top + (at + 0.5) * _ROW + 4, numbers.number(value), anchor="middle")
            for at, value in enumerate(values)
        ]
    parts += _floor(table, left, bottom)
    frame = [
        *(_line(left + at * _COLUMN, top - _HEAD, left + at * _COLUMN, bottom + 3 * _ROW) for at in range(columns + 1)),
        *(_line(10, top + at * _ROW, right + len(sides) * _SIDE, top + at * _ROW) for at in range(rows + 1)),
        *(_line(10, bottom + at * _ROW, right, bottom + at * _ROW) for at in range(1, 4)),
        _line(left, top - _HEAD, right, top - _HEAD),
    ]
    legend = _legend(found, left, bottom + 4.2 * _ROW)
    body = "".join([*frame, *parts, *legend])
    style = f'font-family="{escape(theme.FONT)}" font-size="12" fill="{theme.INK}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" '
        f'role="img" aria-label="{escape(t("House of quality"))}" {style}><rect width="100%" height="100%" fill="{theme.PAPER}"/>{body}</svg>'
    )


def _sides(needs: list[dict[str, Any]]) -> list[tuple[str, list[Any]]]:
    """What stands to the right of the house, as far as it is known."""
    columns = [(t("Our rating"), "current"), (t("Planned"), "planned"), (t("Best competitor"), "best_rating")]
    known = [(heading, [row[name] for row in needs]) for heading, name in columns]
    return [(heading, values) for heading, values in known if any(value is not None for value in values)]


def _roof_lines(found: HouseOfQuality, table: list[dict[str, Any]], left: float, base: float) -> list[str]:
    """The roof: a cell for each pair, a sign where they go together or stand in each other's way."""
    if not found.params["roof"]:
        return []
    signs = {frozenset((cell["first"], cell["second"])): cell["correlation"] for cell in found.params["roof"]}
    names, half = [row["characteristic"] for row in table], _COLUMN / 2
    ends = len(names)
    lines = []
    for at in range(ends):
        x = left + at * _COLUMN
        lines.append(_line(x, base, x + (ends - at) * half, base - (ends - at) * half))
        lines.append(_line(x + _COLUMN, base, x + _COLUMN - (at + 1) * half, base - (at + 1) * half))
    for one, other in combinations(range(ends), 2):
        number = signs.get(frozenset((names[one], names[other])), 0.0)
        if number:
            x, y = left + (one + other + 1) * half, base - (other - one) * half
            colour = theme.ACCENT if number > 0 else theme.WARNING
            lines.append(
                _text(x, y + 5, "+" if number > 0 else "−", size=17, anchor="middle", colour=colour, weight="bold")
            )
    return lines


def _strength(x: float, y: float, strength: float, strongest: float) -> str:
    """A disc for the strongest, a ring for what is in between, a triangle for what is weak."""
    share = strength / strongest
    if share <= 0:
        return ""
    if share > 2 / 3:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="{theme.ACCENT}"/>'
    if share > 0.2:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="none" stroke="{theme.ACCENT}" stroke-width="2"/>'
    return f'<path d="M{x:.1f} {y - 6:.1f}l7 12h-14z" fill="none" stroke="{theme.MUTED}" stroke-width="1.5"/>'


def _floor(table: list[dict[str, Any]], left: float, bottom: float) -> list[str]:
    """Importance with bars, places with limits, targets."""
    most = max(row["relative"] for row in table)
    parts = [
        _text(10, bottom + (at + 0.5) * _ROW + 4, heading, colour=theme.MUTED)
        for at, heading in enumerate((t("Importance"), t("Place"), t("Target")))
    ]
    for place, row in enumerate(table):
        x = left + (place + 0.5) * _COLUMN
        tall = 10 * row["relative"] / most
        parts.append(
            f'<rect x="{x - 20:.1f}" y="{bottom + _ROW - 2 - tall:.1f}" width="40" height="{tall:.1f}" fill="{theme.SCALE[2]}"/>'
        )
        parts.append(_text(x, bottom + 0.5 * _ROW + 3, numbers.percent(row["relative"]), anchor="middle"))
        low, high = round(row["rank_lower"]), round(row["rank_upper"])
        places = f"{round(row['rank'])}" if low == high else f"{round(row['rank'])} ({low}–{high})"
        parts.append(_text(x, bottom + 1.5 * _ROW + 4, places, anchor="middle"))
        parts.append(_text(x, bottom + 2.5 * _ROW + 4, short(row["target"] or "", 8), anchor="middle", size=11))
    return parts


def _legend(found: HouseOfQuality, left: float, y: float) -> list[str]:
    strong, *_ = scale = found.params["scale"]
    labels = (t("strong"), t("medium"), t("weak"))
    parts = []
    for place, (word, strength) in enumerate(zip(labels, (strong, strong / 2, strong / 10), strict=True)):
        x = 20 + 110 * place
        parts += [_strength(x, y, strength, max(scale)), _text(x + 14, y + 4, word, colour=theme.MUTED)]
    return parts


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: int = 12,
    colour: str = theme.INK,
    weight: str = "normal",
) -> str:
    look = f'text-anchor="{anchor}" font-size="{size}" fill="{colour}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(told(text))}</text>'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{theme.RULE}"/>'
