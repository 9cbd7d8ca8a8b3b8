"""What figures share: names that fit, names of groups, labels beside lines and points, the steps of a waterfall."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib.numbers import percent
from leverkit._lib.text import t
from leverkit.plots import theme

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import plotly.graph_objects as go

#: Most groups of a figure; the others are left to the table.
MOST = 15
#: Pixels of a small Latin letter, of any other sign, of a picture, and of a line of small text.
_LETTER, _SIGN, _EMOJI, _LINE = 6.6, 8.4, 16, 18
#: Pixels of the plot on a phone, where what parts parts on any wider screen, and of the narrowest one, beside long names.
PHONE, PLOT = 255, 130
_SMALL = frozenset("abcdefghijklmnopqrstuvwxyz .,:;'|\N{NO-BREAK SPACE}")
#: Pixels between a figure's lines and the words beside them.
_GAP = 17
#: Pixels of a figure's height that titles and axes take.
_AROUND = 170


def short(name: object, most: int = 28) -> str:
    """A name on one line; a long one loses its middle, as names of a kind often begin alike."""
    line = t("unknown") if name is None else " ".join(str(name).split())
    tail = most // 3
    return line if len(line) <= most else f"{line[: most - tail - 1].rstrip()}…{line[-tail:].lstrip()}"


def width(text: str) -> float:
    """Pixels that a text takes at most, by its longest line; markup takes none."""
    lines = re.sub(r"</?[bi]>", "", unescape(text.replace("<br>", "\n"))).split("\n")
    return max(sum(map(_wide, line)) for line in lines)


def _wide(sign: str) -> float:
    return _LETTER if sign in _SMALL else _SIGN if sign < "\N{MAHJONG TILE EAST WIND}" else _EMOJI


def label(name: object, most: int = 28) -> str:
    """A name of the data as figures show it: short, and no markup."""
    return short(name, most).replace("<", "&lt;").replace(">", "&gt;")


def plain(name: object) -> str:
    """A name of the data whole, and no markup: for an axis that goes on by names."""
    return str(name).replace("<", "&lt;").replace(">", "&gt;")


def heading(column: str) -> str:
    """A column's name as the title of an axis: ``Start of week``."""
    name = label(column.replace("_", " "), 40)
    return name[:1].upper() + name[1:]


def term(name: str) -> str:
    """A term of an equation: ``brand[north]`` reads as ``brand: north``."""
    column, bracket, value = name.partition("[")
    return f"{label(column, 13)}: {label(value.removesuffix(']'), 17)}" if bracket else label(name)


def percents(shares: Sequence[float | None]) -> list[str]:
    """Shares in words, for texts and what a pointer shows: Plotly writes no space before the sign."""
    return [percent(share) for share in shares]


def before_and_now(figure: go.Figure, bins: pl.DataFrame, names: Sequence[str], told: tuple[str, str]) -> None:
    """Bars of the shares of each bin before and now, side by side, under the names that the figure gives these."""
    colours = (theme.SEGMENT_COLOURS["About to Sleep"], theme.ACCENT)
    for column, name, colour in zip(("share_before", "share"), told, colours, strict=True):
        figure.add_bar(
            x=names,
            y=bins[column].to_list(),
            name=name,
            marker={"color": colour},
            customdata=percents(bins[column].to_list()),
            hovertemplate=f"%{{x}}: %{{customdata}}<extra>{name}</extra>",
        )
    figure.update_layout(barmode="group", showlegend=True)
    figure.update_xaxes(type="category")
    ticks = theme.share_ticks([*bins["share_before"], *bins["share"]])
    figure.update_yaxes(title_text=t("Share of customers"), rangemode="tozero", **ticks)


def annotate(figure: go.Figure, notes: Iterable[dict[str, Any]]) -> None:
    """Adds annotations together: Plotly checks each that is added alone with all those before it."""
    figure.layout.annotations = [*figure.layout.annotations, *notes]


def fill(figure: go.Figure, text: str) -> None:
    """Says why there is nothing to draw, in place of empty axes."""
    figure.add_annotation(
        text=text, showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper", font={"color": theme.MUTED}
    )
    figure.update_xaxes(visible=False).update_yaxes(visible=False)


def beside_points(
    points: Sequence[tuple[float, float]],
    names: Sequence[str],
    across: tuple[float, float],
    up: tuple[float, float],
    height: int,
) -> tuple[list[str], list[str]]:
    """Where the names of points stand, the most important first: texts and positions. A name without room is left to the pointer.

    `across` and `up` are the ranges of the axes.
    """
    tall = height - _AROUND
    at = [(PHONE * (x - across[0]) / (across[1] - across[0]), tall * (y - up[0]) / (up[1] - up[0])) for x, y in points]
    taken: list[tuple[float, _Box]] = []
    texts, positions = [], []
    for (x, y), name in zip(at, names, strict=True):
        boxes = {} if not name else _boxes(x, y, width(name))
        free = (
            place
            for place, box in boxes.items()
            if _is_inside(box, tall) and not any(_meet((x, box), other) for other in taken)
        )
        place = next(free, None)
        texts.append(name if place else "")
        positions.append(place or "top center")
        taken += [(x, boxes[place])] if place else []
    return texts, positions


def tall_by_wide(height: int) -> float:
    """How much taller than wide a plot is on a phone."""
    return (height - _AROUND) / PHONE


#: Left, right, bottom, top.
_Box = tuple[float, float, float, float]


def _boxes(x: float, y: float, wide: float) -> dict[str, _Box]:
    """The boxes of a name above, below and beside its point."""
    gap, above = 8, 3
    return {
        "top center": (x - wide / 2, x + wide / 2, y + above, y + above + _LINE),
        "bottom center": (x - wide / 2, x + wide / 2, y - above - _LINE, y - above),
        "middle right": (x + gap, x + gap + wide, y - _LINE / 2, y + _LINE / 2),
        "middle left": (x - gap - wide, x - gap, y - _LINE / 2, y + _LINE / 2),
    }


def _is_inside(box: _Box, tall: float) -> bool:
    return box[0] >= 0 and box[1] <= PHONE and box[2] >= -_LINE / 2 and box[3] <= tall + _LINE / 2


def _meet(one: tuple[float, _Box], other: tuple[float, _Box]) -> bool:
    """Whether the names of two points meet here, or on a wider screen: those that have changed sides pass through each other as their points part."""
    (x, a), (other_x, b) = one, other
    is_beside = a[1] <= b[0] or b[1] <= a[0]
    is_crossed = (a[0] - b[0]) * (x - other_x) < 0
    return (not is_beside or is_crossed) and a[2] < b[3] and b[2] < a[3]


def around(values: Sequence[float | None], room: float = 0.1) -> tuple[float, float]:
    """The range of an axis with room around the values."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    wide = (high - low) or abs(high) or 1.0
    return low - room * wide, high + room * wide


def at_ends(figure: go.Figure, ends: Sequence[tuple[float, str, str]], up: tuple[float, float]) -> None:
    """The names of lines beside their ends, each in its line's colour, so far apart that none covers another: height, name, colour.

    `up` is the range of the axis, which gets it.
    """
    scale = (figure.layout.height - _AROUND) / (up[1] - up[0])
    below = 8 - _LINE  # Above the numbers of the other axis.
    notes: list[dict[str, Any]] = []
    for y, name, colour in sorted(ends, key=lambda end: end[0]):
        here = (y - up[0]) * scale
        below = max(here, below + _LINE)
        beside = {"x": 1, "xref": "paper", "y": y, "yshift": below - here, "xshift": 6, "xanchor": "left"}
        words = {"text": label(name, 18), "font": {"size": 12, "color": colour}}
        notes.append({**beside, "showarrow": False, **words})
    annotate(figure, notes)
    figure.update_layout(margin={"r": 18 + int(max((width(label(name, 18)) for _, name, _ in ends), default=0))})
    figure.update_yaxes(range=list(up))


def marks(figure: go.Figure, known: Sequence[tuple[float, str, str]], middle: float) -> None:
    """Vertical lines with their words above the plot: height on the axis, words, colour. Each has a line of its own, towards the middle, so that none
    covers another or leaves the figure."""
    for place, (x, words, colour) in enumerate(sorted(known)):
        figure.add_vline(x=x, line={"color": colour, "width": 1.5, "dash": "dash"})
        figure.add_annotation(
            x=x,
            y=1,
            yref="paper",
            yshift=_GAP * (len(known) - 1 - place),
            yanchor="bottom",
            xanchor="left" if x < middle else "right",
            showarrow=False,
            text=words,
            font={"size": 12, "color": colour},
        )
    figure.update_layout(margin={"t": 82 + _GAP * len(known)})


def spoken(name: str) -> str:
    """The name of a step, effect or zone as people read it; a user's own name as it is."""
    known = {
        "list price": t("list price"),
        "invoice price": t("invoice price"),
        "pocket price": t("pocket price"),
        "cost": t("cost"),
        "margin": t("margin"),
        "base": t("base"),
        "against": t("against"),
        "price": t("price"),
        "volume": t("volume"),
        "mix": t("mix"),
        "new": t("new"),
        "lost": t("lost"),
        "currency": t("currency"),
        "without_units": t("without units"),
        "other": t("other"),
        "below floor": t("below floor"),
        "floor to target": t("floor to target"),
        "target to stretch": t("target to stretch"),
        "stretch": t("stretch"),
    }
    return known.get(name, name.replace("_", " "))


def labels(table: pl.DataFrame, keys: list[str]) -> list[str]:
    """The values of each group's keys, as one name."""
    return [_label(keys, row) for row in table.iter_rows(named=True)]


def _label(keys: list[str], row: dict[str, Any]) -> str:
    return " · ".join(label(row[key], 28 // len(keys)) for key in keys) or t("all deals")


def steps(figure: go.Figure, names: list[str], amounts: list[float], measures: list[str], texts: list[str]) -> None:
    figure.add_waterfall(
        x=names,
        y=amounts,
        measure=measures,
        text=texts,
        textposition="outside",
        cliponaxis=False,
        increasing={"marker": {"color": theme.ACCENT}},
        decreasing={"marker": {"color": theme.WARNING}},
        totals={"marker": {"color": theme.MUTED}},
        connector={"line": {"color": theme.RULE}},
        hovertemplate="%{x}: %{text}<extra></extra>",
    )
    figure.update_xaxes(showgrid=False)
