"""Figures of what respondents do: segments with their money, and met needs with return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import label

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.survey import MetNeeds, SegmentWorth

#: Most needs that are drawn below each other.
_MOST = 40


def worth(found: SegmentWorth, kind: str | None = None) -> go.Figure:
    """Shares of respondents and of revenue ("shares"), "measures" of segments, or their "groups"."""
    figures = {
        "shares": lambda: _shares(found),
        "measures": lambda: _measures(found),
        "groups": lambda: _groups(found),
    }
    return choose(kind, figures)


def _shares(found: SegmentWorth) -> go.Figure:
    table = found._tables["segments"]
    figure = theme.figure(
        t("What segments are, and what they bring"),
        t(
            "Share of {n} respondents who are customers, and of their revenue; with {level} limits",
            n=numbers.count(found.n),
            level=numbers.percent(found.params["level"]),
        ),
        height=170 + 62 * max(table.height, 2),
    )
    columns = (
        ("size", "size", t("of respondents"), theme.MUTED, -0.14),
        ("revenue_share", "revenue", t("of revenue"), theme.ACCENT, 0.14),
    )
    for value, limit, name, colour, shift in columns:
        rows = [row for row in table.with_row_index("place").iter_rows(named=True) if row[value] is not None]
        figure.add_scatter(
            x=[row[value] for row in rows],
            y=[row["place"] + shift for row in rows],
            mode="markers",
            name=name,
            marker={"size": 11, "color": colour},
            error_x=_limits(rows, value, f"{limit}_lower", f"{limit}_upper", colour),
            customdata=[numbers.limits(row[f"{limit}_lower"], row[f"{limit}_upper"], numbers.percent) for row in rows],
            hovertemplate=name + ": %{customdata}<extra></extra>",
        )
    figure.update_layout(showlegend=True)
    figure.update_xaxes(**theme.share_ticks([*table["size_upper"], *table["revenue_upper"]]), rangemode="tozero")
    figure.update_yaxes(
        tickvals=list(range(table.height)),
        ticktext=[label(segment) for segment in table["segment"]],
        autorange="reversed",
        showgrid=False,
    )
    return figure


def _limits(rows: list[dict[str, Any]], value: str, lower: str, upper: str, colour: str) -> dict[str, Any]:
    return {
        "type": "data",
        "array": [row[upper] - row[value] for row in rows],
        "arrayminus": [row[value] - row[lower] for row in rows],
        "color": colour,
        "thickness": 1.5,
    }


def _written(measure: str, value: float) -> str:
    """A measure as it is read."""
    if measure == "returned":
        return numbers.percent(value)
    return numbers.number(value) if measure == "orders" else numbers.short_money(value)


def _measures(found: SegmentWorth) -> go.Figure:
    words = {
        "revenue": t("revenue per customer"),
        "margin": t("margin per customer"),
        "orders": t("orders per customer"),
        "check": t("money per order"),
        "returned": t("ordered again"),
    }
    rows = found._tables["table"].to_dicts()
    cells = [
        (row["segment"], words[row["measure"]], _written(row["measure"], row["value"]), row["verdict"]) for row in rows
    ]
    subtitle = t(
        "In the last {days} days; coloured where beyond chance",
        days=found.params["days"],
    )
    return _grid(t("What segments do"), subtitle, cells)


def _groups(found: SegmentWorth) -> go.Figure:
    rows = found._tables["groups"].to_dicts()
    cells = [(row["segment"], told(row["group"]), numbers.percent(row["value"]), row["verdict"]) for row in rows]
    subtitle = t("Shares by recency, frequency and money; coloured where beyond chance")
    return _grid(t("How good customers the segments are"), subtitle, cells)


def _grid(title: str, subtitle: str, cells: list[tuple[str, str, str, str]]) -> go.Figure:
    """A table of texts, segments across, coloured by their verdicts."""
    down = list(dict.fromkeys(cell[1] for cell in cells))
    figure = theme.figure(title, subtitle, height=190 + 30 * max(len(down), 2))
    colours = {"higher": theme.ACCENT, "lower": theme.WARNING, "can't tell": theme.MUTED}
    figure.add_scatter(
        x=[label(segment, 24) for segment, *_ in cells],
        y=[name for _, name, *_ in cells],
        mode="text",
        text=[text if verdict == "can't tell" else f"<b>{text}</b>" for *_, text, verdict in cells],
        textfont={"color": [colours[verdict] for *_, verdict in cells], "size": 13},
        hoverinfo="skip",
    )
    across = len(dict.fromkeys(cell[0] for cell in cells))
    figure.update_layout(margin={"t": 104})
    figure.update_xaxes(side="top", type="category", showgrid=False, range=[-0.5, across - 0.5])
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    return figure


def met_needs(found: MetNeeds, kind: str | None = None) -> go.Figure:
    """Effects of met needs on return ("effects")."""
    return choose(kind, {"effects": lambda: _effects(found)})


def _effects(found: MetNeeds) -> go.Figure:
    rows = [row for row in found._tables["table"].iter_rows(named=True) if row["effect"] is not None]
    rows = sorted(rows, key=lambda row: -row["effect"])[:_MOST]
    figure = theme.figure(
        t("Whether met needs go with return"),
        t(
            "More return within {days} days, customers alike before; an observed difference",
            days=found.params["horizon"],
        ),
        height=180 + 30 * max(len(rows), 3),
    )
    colours = [theme.MUTED if row["verdict"] == "can't tell" else theme.ACCENT for row in rows]
    figure.add_scatter(
        x=[100 * row["effect"] for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        marker={"size": 10, "color": colours},
        error_x={
            "type": "data",
            "array": [100 * (row["upper"] - row["effect"]) for row in rows],
            "arrayminus": [100 * (row["effect"] - row["lower"]) for row in rows],
            "color": theme.MUTED,
            "thickness": 1.5,
        },
        customdata=[numbers.limits(row["lower"], row["upper"], numbers.percent) for row in rows],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": theme.RULE, "width": 1.2})
    figure.update_xaxes(title_text=t("Points of return"))
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[label(row["need"]) for row in rows],
        autorange="reversed",
        showgrid=False,
    )
    return figure
