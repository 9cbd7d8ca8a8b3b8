"""Figures of journeys and channel attribution. Every function takes a result of `leverkit.funnel` and returns a Plotly figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import in_words, t, told
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import label, percents

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.funnel import Attribution, Journey

#: Events that a figure can hold and stay readable; steps that a Sankey can.
_EVENTS, _STEPS = 12, 6
_START, _END, _OTHER = "(start)", "(end)", "(other)"


def _palette(names: list[str]) -> dict[str, str]:
    colours = [theme.ACCENT, *list(theme.SEGMENT_COLOURS.values())[2:9]]
    found = {name: colours[place % len(colours)] for place, name in enumerate(names)}
    return found | {_END: theme.RULE, _OTHER: theme.SEGMENT_COLOURS["Hibernating"]}


def _short(name: str, width: int = 24) -> str:
    return label(told(name) if name in (_START, _END, _OTHER) else name, width)


def journey(found: Journey, kind: str | None = None) -> go.Figure:
    """The "sankey" of steps, the "step_matrix", the "transitions" as a heat map, or where channels "stopped"."""
    return choose(
        kind,
        {
            "sankey": lambda: _sankey(found),
            "step_matrix": lambda: _step_matrix(found),
            "transitions": lambda: _transitions(found),
            "stopped": lambda: _stopped(found),
        },
    )


def _most(found: Journey, n: int = _EVENTS) -> list[str]:
    """The most frequent events."""
    counts = found._tables["transitions"].filter(pl.col("from") != _START)
    totals = counts.group_by("from", maintain_order=True).agg(pl.col("count").sum())
    names: list[str] = totals.sort("count", descending=True, maintain_order=True).head(n)["from"].to_list()
    return names


def _rest(column: str, names: list[str]) -> pl.Expr:
    return pl.when(pl.col(column).is_in([*names, _END])).then(pl.col(column)).otherwise(pl.lit(_OTHER)).alias(column)


def _sankey(found: Journey) -> go.Figure:
    names = _most(found, 8)
    flows = (
        found._tables["flows"].filter(pl.col("step") < _STEPS).with_columns(_rest("from", names), _rest("to", names))
    )
    flows = flows.group_by("step", "from", "to", maintain_order=True).agg(pl.col("entities").sum())
    order = [*names, _OTHER, _END]
    nodes: dict[tuple[int, str], int] = {}
    for step, name in sorted(
        {(row[0], row[1]) for row in flows.select("step", "from").iter_rows()}
        | {(row[0] + 1, row[1]) for row in flows.select("step", "to").iter_rows()},
        key=lambda node: (node[0], order.index(node[1])),
    ):
        nodes[step, name] = len(nodes)
    sizes = {node: 0 for node in nodes}
    for row in flows.iter_rows(named=True):
        sizes[row["step"] + 1, row["to"]] += row["entities"]
        if row["step"] == 1:
            sizes[1, row["from"]] += row["entities"]
    colours = _palette(names)
    figure = theme.figure(
        t("What follows what"),
        t(
            "The first {steps} {steps:step|steps} of {entities} {entities:entity|entities}; a band's width shows how many go that way",
            steps=min(_STEPS, found.params["steps"]),
            entities=numbers.count(found.n_entities),
        ),
        height=520,
    )
    figure.add_sankey(
        arrangement="snap",
        node={
            "label": [
                f"{_short(name, 14)} {numbers.percent(size / found.n_entities)}"
                if size > 0.02 * found.n_entities
                else ""
                for (_, name), size in sizes.items()
            ],
            "color": [colours[name] for _, name in nodes],
            "pad": 16,
            "thickness": 14,
            "line": {"width": 0},
            "customdata": [t("{name}, step {step}", name=_short(name), step=step) for step, name in nodes],
            "hovertemplate": "%{customdata}: %{value:,}<extra></extra>",
        },
        link={
            "source": [nodes[row["step"], row["from"]] for row in flows.iter_rows(named=True)],
            "target": [nodes[row["step"] + 1, row["to"]] for row in flows.iter_rows(named=True)],
            "value": flows["entities"].to_list(),
            "color": "rgba(120,140,155,0.22)",
            "hovertemplate": "%{source.customdata} → %{target.customdata}: %{value:,}<extra></extra>",
        },
        textfont={"size": 11, "color": theme.INK},
    )
    return figure


def _grid(figure: go.Figure, x: list[str], y: list[str], z: list[list[float | None]], texts: list[list[str]]) -> None:
    figure.add_heatmap(
        x=x,
        y=y,
        z=z,
        zmin=0,
        zmax=max((value for row in z for value in row if value is not None), default=1.0) or 1.0,
        text=texts,
        texttemplate="%{text}",
        textfont={"size": 11, "color": theme.INK},
        colorscale=theme.SCALE,
        showscale=False,
        xgap=1,
        ygap=1,
        hovertemplate="%{y}, %{x}: %{text}<extra></extra>",
        hoverongaps=False,
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False, type="category")


def _step_matrix(found: Journey) -> go.Figure:
    names = _most(found)
    table = found._tables["step_matrix"].with_columns(_rest("event", names))
    table = table.group_by("step", "event", maintain_order=True).agg(pl.col("share").sum())
    cells = {(row[0], row[1]): row[2] for row in table.iter_rows()}
    rows = [name for name in [*names, _OTHER, _END] if any(event == name for _, event in cells)]
    steps = list(range(1, found.params["steps"] + 1))
    z = [[cells.get((step, name)) for step in steps] for name in rows]
    figure = theme.figure(
        t("Where they are at each step"),
        t("Share of all entities at the n-th step; those at the end stay there"),
        height=170 + 30 * len(rows),
    )
    texts = [["" if value is None else numbers.percent(value) for value in row] for row in z]
    _grid(figure, [str(step) for step in steps], [_short(name) for name in rows], z, texts)
    figure.update_xaxes(title_text=t("Step"))
    return figure


def _transitions(found: Journey) -> go.Figure:
    names = _most(found)
    cells = {(row["from"], row["to"]): row for row in found._tables["transitions"].iter_rows(named=True)}
    columns = [*names, _END]
    rows = [_START, *names]
    z = [[cells[a, b]["probability"] if (a, b) in cells else None for b in columns] for a in rows]
    texts = [["" if value is None else numbers.percent(value) for value in row] for row in z]
    figure = theme.figure(
        t("From event to event"),
        t("Share of what follows the event on the left; the {n} most frequent events", n=len(names)),
        height=190 + 30 * len(rows),
    )
    _grid(figure, [_short(name, 16) for name in columns], [_short(name) for name in rows], z, texts)
    return figure


def _stopped(found: Journey) -> go.Figure:
    table = found._tables["stopped"]
    channels = table.group_by("channel", maintain_order=True).agg(pl.col("entities").sum())
    channels = channels.sort("entities", descending=True, maintain_order=True).head(_EVENTS)
    stops = table.group_by("stopped_at", maintain_order=True).agg(pl.col("entities").sum())
    order = found.params["stages"] or stops.sort("entities", descending=True)["stopped_at"].drop_nulls().to_list()[:8]
    cells = {(row["channel"], row["stopped_at"]): row for row in table.iter_rows(named=True)}
    figure = theme.figure(
        t("Where entities of each channel stopped"),
        t("Share of the channel's entities by the last event or stage they reached"),
        height=170 + 36 * channels.height,
    )
    colours = [theme.SEGMENT_COLOURS["Hibernating"], *theme.SCALE[1:], theme.ACCENT]
    labels = [label(name, 24) for name in channels["channel"]]
    for place, stop in enumerate([None, *order]):
        shares = [cells.get((channel, stop), {}).get("share", 0.0) for channel in channels["channel"]]
        if not any(shares):
            continue
        figure.add_bar(
            y=[f"{label} ({numbers.count(n)})" for label, n in zip(labels, channels["entities"], strict=True)],
            x=shares,
            orientation="h",
            name=t("before the first") if stop is None else label(stop),
            marker={"color": colours[min(place, len(colours) - 1)]},
            text=[numbers.percent(share) if share > 0.05 else "" for share in shares],
            textposition="inside",
            insidetextanchor="middle",
            customdata=percents(shares),
            hovertemplate="%{y}: %{customdata}<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(barmode="stack", showlegend=True, legend={"traceorder": "normal"})
    figure.update_xaxes(range=[0, 1], **theme.share_ticks([1.0]))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def attribution(found: Attribution, kind: str | None = None) -> go.Figure:
    """What channels are owed ("bars"), or all "methods" side by side."""
    return choose(kind, {"bars": lambda: _bars(found), "methods": lambda: _methods(found)})


def _bars(found: Attribution) -> go.Figure:
    table = found._tables["table"].drop_nulls(["channel", "share"]).head(20)
    share = table["share"]
    figure = theme.figure(
        t("Which channels get credit for conversions"),
        t(
            "{conversions} {conversions:conversion|conversions} by {method}, with {level} limits",
            conversions=numbers.count(found.conversions),
            method=in_words(found.params["method"]),
            level=numbers.percent(found.params["level"]),
        ),
        height=150 + 34 * table.height,
    )
    figure.add_bar(
        y=[_short(name) for name in table["channel"]],
        x=share.to_list(),
        orientation="h",
        marker={"color": theme.ACCENT},
        error_x={
            "type": "data",
            "array": (table["upper"] - share).fill_null(0).to_list(),
            "arrayminus": (share - table["lower"]).fill_null(0).to_list(),
            "color": theme.INK,
            "thickness": 1.2,
            "width": 4,
        },
        customdata=[
            t(
                "{conversions} {conversions:conversion|conversions} of {touches} {touches:touch|touches}",
                conversions=numbers.decimal(n),
                touches=numbers.count(touches),
            )
            for n, touches in table.select("conversions", "touches").iter_rows()
        ],
        text=[numbers.percent(value) for value in share],
        textposition="inside",
        insidetextanchor="start",
        hovertemplate="%{y}: %{text}<br>%{customdata}<extra></extra>",
    )
    figure.update_xaxes(rangemode="tozero", **theme.share_ticks(table["upper"].to_list()))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def _methods(found: Attribution) -> go.Figure:
    table = found._tables["methods"].drop_nulls(["channel", "share"])
    channels = found._tables["table"].drop_nulls("channel").head(_EVENTS)["channel"].to_list()
    methods = table["method"].unique(maintain_order=True).to_list()
    cells = {(row["method"], row["channel"]): row["share"] for row in table.iter_rows(named=True)}
    z = [[cells.get((method, channel)) for method in methods] for channel in channels]
    figure = theme.figure(
        t("The same conversions by seven methods"),
        t("Share of conversions credited to each channel"),
        height=180 + 32 * len(channels),
    )
    texts = [["" if value is None else numbers.percent(value) for value in row] for row in z]
    _grid(figure, [in_words(name) for name in methods], [_short(name) for name in channels], z, texts)
    return figure
