"""Figures of the product funnel: the ladder, entry products, next products, roles, pairs and sequences.

Every function takes a result of `leverkit.funnel` and returns a Plotly figure.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.histogram import round_ticks
from leverkit.plots.parts import annotate, around, at_ends, beside_points, fill, label, percents, plain, width

if TYPE_CHECKING:
    from collections.abc import Mapping

    import plotly.graph_objects as go

    from leverkit.funnel import BasketRules, EntryProducts, Ladder, NextProducts, ProductRoles, Sequences

#: Products that a figure can hold and stay readable.
_SHOWN = 20
#: Entry products that have their names beside them.
_NAMED = 5

_VERDICTS = {"builds base": theme.ACCENT, "burns traffic": theme.WARNING, "unclear": "#aab1b7"}

_ROLES = {
    "entry": theme.ACCENT,
    "repeat": theme.SEGMENT_COLOURS["Potential Loyalist"],
    "upsell": theme.SEGMENT_COLOURS["About to Sleep"],
    "cross_sell": theme.SEGMENT_COLOURS["At Risk"],
    "core": theme.SEGMENT_COLOURS["Hibernating"],
}


def ladder(found: Ladder, kind: str | None = None) -> go.Figure:
    """Conversions step by step ("ladder"), or the days to the next order ("curves")."""
    return choose(kind, {"ladder": lambda: _ladder(found), "curves": lambda: _curves(found)})


def _ladder(found: Ladder) -> go.Figure:
    table = found._tables["table"]
    groups = table["group"].unique(maintain_order=True).to_list()
    figure = theme.figure(t("Who orders again"), _ladder_words(found, groups), height=420)
    if len(groups) == 1:
        _rungs(figure, table.drop_nulls("conversion"))
    else:
        _lines_of_groups(figure, table, _largest(table))
    if table["conversion"].null_count() == table.height:
        fill(figure, told(table["reason"][0]))
    figure.update_xaxes(title_text=t("From order to order"), showgrid=False, type="category")
    return figure


def _ladder_words(found: Ladder, groups: list[Any]) -> str:
    days = numbers.count(found.params["horizon"])
    if len(groups) == 1:
        return t(
            "Share who place the next order within {days} {days:day|days}, with 95 % limits; customers below", days=days
        )
    if len(groups) <= len(theme.GROUP_COLOURS):
        return t("Share who place the next order within {days} {days:day|days}, with 95 % limits", days=days)
    return t(
        "Share who place the next order within {days} {days:day|days}, with 95 % limits; the {most} largest groups",
        days=days,
        most=len(theme.GROUP_COLOURS),
    )


def _largest(table: pl.DataFrame) -> list[Any]:
    """The groups with most customers that can still be told apart."""
    firsts = table.group_by("group", maintain_order=True).agg(pl.col("customers").first())
    firsts = firsts.sort("customers", descending=True, maintain_order=True).head(len(theme.GROUP_COLOURS))
    return firsts["group"].to_list()


def _rungs(figure: go.Figure, part: pl.DataFrame) -> None:
    figure.add_bar(
        x=[
            f"{order} → {order + 1}<br>{numbers.count(n)}" for order, n in part.select("order", "customers").iter_rows()
        ],
        y=part["conversion"].to_list(),
        marker={"color": theme.ACCENT},
        error_y=_limits(part, theme.INK),
        text=percents(part["conversion"].to_list()),
        textposition="inside",
        insidetextanchor="start",
        customdata=_rung_texts(part),
        hovertemplate="%{x}: %{customdata}<extra></extra>",
    )
    figure.update_yaxes(range=[0, 1.05], **theme.share_ticks([1.0]))


def _lines_of_groups(figure: go.Figure, table: pl.DataFrame, groups: list[Any]) -> None:
    """A line for each group, named at its end."""
    ends = []
    for group, colour in zip(groups, theme.GROUP_COLOURS, strict=False):
        part = table.filter(pl.col("group").eq_missing(group)).drop_nulls("conversion")
        steps = [f"{order} → {order + 1}" for order in part["order"]]
        figure.add_scatter(
            x=steps,
            y=part["conversion"].to_list(),
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            marker={"size": 8},
            error_y=_limits(part, colour),
            customdata=_rung_texts(part),
            hovertemplate="%{x}: %{customdata}<extra>" + label(group) + "</extra>",
        )
        if steps:
            ends.append((part["conversion"][-1], group, colour))
    shown = table.filter(pl.col("group").is_in(groups, nulls_equal=True))
    limits = [*shown["lower"], *shown["upper"]]
    at_ends(figure, ends, around(limits))
    figure.update_yaxes(**theme.share_ticks(limits, from_zero=False))


def _limits(part: pl.DataFrame, colour: str) -> dict[str, Any]:
    share = part["conversion"]
    return {
        "type": "data",
        "array": (part["upper"] - share).to_list(),
        "arrayminus": (share - part["lower"]).to_list(),
        "color": colour,
        "thickness": 1.2,
        "width": 4,
    }


def _rung_texts(part: pl.DataFrame) -> list[str]:
    return [
        numbers.percent(row["conversion"])
        + "<br>"
        + t(
            "{customers} {customers:customer|customers}, average check {check}, {lost} lost here",
            customers=numbers.count(row["customers"]),
            check=numbers.money(row["average_check"]),
            lost=numbers.money(row["revenue_lost"]),
        )
        for row in part.iter_rows(named=True)
    ]


def _curves(found: Ladder) -> go.Figure:
    curves = found._tables["curves"].filter(pl.col("day") <= found.params["horizon"])
    first = curves["group"].unique(maintain_order=True).to_list()[0]
    curves = curves.filter(pl.col("group").eq_missing(first))
    figure = theme.figure(t("Days to the next order"), t("Share who have placed it, by the previous order"), height=420)
    orders = curves["order"].unique(maintain_order=True).to_list()[:5]
    for order, colour in zip(orders, [theme.ACCENT, *theme.SCALE[:0:-1]], strict=False):
        part = curves.filter(order=order)
        figure.add_scatter(
            x=part["day"].to_list(),
            y=(1 - part["survival"]).to_list(),
            mode="lines",
            line={"color": colour, "width": 2, "shape": "hv"},
            name=t("after order {order}", order=order),
            customdata=[numbers.percent(1 - survival) for survival in part["survival"]],
            hovertemplate=t(
                "after order {order}, {days} days later: {share}",
                order=order,
                days="%{x}",
                share="%{customdata}",
            )
            + "<extra></extra>",
        )
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title_text=t("Days since the previous order"))
    figure.update_yaxes(rangemode="tozero", **theme.share_ticks((1 - curves["survival"]).to_list()))
    return figure


def entry_products(found: EntryProducts, kind: str | None = None) -> go.Figure:
    """Conversion against customers, value as size, verdict as colour ("scatter")."""
    return choose(kind, {"scatter": lambda: _entry(found)})


def _entry(found: EntryProducts) -> go.Figure:
    table = found._tables["table"].drop_nulls("conversion").sort("customers", descending=True, maintain_order=True)
    figure = theme.figure(
        t("What customers enter with"),
        t(
            "Share with a second order within {days} {days:day|days} against customers; larger dots bring more money per customer",
            days=numbers.count(found.horizon),
        ),
        height=520,
    )
    across = around([math.log10(customers) for customers in table["customers"]] or [0.0, 1.0])
    low, high = around([*table["conversion"], *([] if found.conversion is None else [found.conversion])])
    up = (max(low, -0.02), high)
    _entry_points(figure, table, across, up)
    if found.conversion is not None:
        words = {"text": t("all customers"), "font": {"color": theme.MUTED}, "xanchor": "right", "yanchor": "bottom"}
        figure.add_hline(y=found.conversion, line={"color": theme.MUTED, "dash": "dot"}, annotation=words)
    figure.update_layout(showlegend=True)
    ticks = round_ticks(1, max([10, *table["customers"]]), is_log=True)
    figure.update_xaxes(
        title_text=t("Customers whose first order contained it"),
        type="log",
        range=list(across),
        tickvals=ticks,
        ticktext=[numbers.count(tick) for tick in ticks],
    )
    shares = theme.share_ticks(list(up), from_zero=False)
    figure.update_yaxes(title_text=t("Share with a second order"), range=list(up), **shares)
    return figure


def _entry_points(figure: go.Figure, table: pl.DataFrame, across: tuple[float, float], up: tuple[float, float]) -> None:
    """The products by their verdict; the largest have names, and what is unclear stays in the background."""
    rows = table.with_columns(
        size=8 + 18 * (pl.col("revenue").fill_null(0) / pl.col("revenue").max().clip(1e-9)).clip(0)
    )
    points = [
        (math.log10(customers), share) for customers, share in table.select("customers", "conversion").iter_rows()
    ]
    names = [label(name, 20) if place < _NAMED else "" for place, name in enumerate(table["product"])]
    texts, positions = beside_points(points, names, across, up, figure.layout.height)
    rows = rows.with_columns(text=pl.Series(texts, dtype=pl.String), position=pl.Series(positions, dtype=pl.String))
    for verdict, colour in _VERDICTS.items():
        part = rows.filter(verdict=verdict)
        is_unclear = verdict == "unclear"
        figure.add_scatter(
            x=part["customers"].to_list(),
            y=part["conversion"].to_list(),
            mode="markers+text",
            marker={
                "size": part["size"].to_list(),
                "color": theme.PAPER if is_unclear else colour,
                "opacity": 0.6 if is_unclear else 0.8,
                "line": {"color": colour, "width": 1 if is_unclear else 0},
            },
            text=part["text"].to_list(),
            textposition=part["position"].to_list(),
            textfont={"size": 11, "color": theme.INK},
            name=told(verdict),
            customdata=[_entry_text(row) for row in part.iter_rows(named=True)],
            hovertemplate="%{customdata}<extra></extra>",
        )


def _entry_text(row: dict[str, Any]) -> str:
    limits = numbers.limits(row["lower"], row["upper"], numbers.percent)
    return f"{label(row['product'], 60)}: {numbers.percent(row['conversion'])} ({limits})<br>" + t(
        "{customers} {customers:customer|customers}, {money} each",
        customers=numbers.count(row["customers"]),
        money=numbers.money(row["revenue"]),
    )


def next_products(found: NextProducts, kind: str | None = None) -> go.Figure:
    """Probabilities between the most bought products ("heatmap"), or their "sankey"."""
    return choose(kind, {"heatmap": lambda: _heatmap(found), "sankey": lambda: _sankey(found)})


def _of_last(found: NextProducts, name: str) -> pl.DataFrame:
    """A table by the last product alone, also where two orders are known."""
    return found._tables[f"last_{name}" if f"last_{name}" in found._tables else name]


def _most_bought(states: pl.DataFrame, n: int) -> list[Any]:
    return states.sort("n", descending=True, maintain_order=True).head(n)["product"].to_list()


def _heatmap(found: NextProducts) -> go.Figure:
    names = _most_bought(_of_last(found, "states"), _SHOWN)
    table = _of_last(found, "table").filter(pl.col("product").is_in(names) & pl.col("next").is_in(names))
    cells = {(row["product"], row["next"]): row for row in table.iter_rows(named=True)}
    lifts = [[cells.get((a, b), {}).get("lift") for b in names] for a in names]
    texts = [
        [
            ""
            if (a, b) not in cells
            else t(
                "{times} {times:time|times}, median {days} {days:day|days}",
                times=numbers.count(cells[a, b]["count"]),
                days=numbers.count(cells[a, b]["median_days"]),
            )
            for b in names
        ]
        for a in names
    ]
    figure = theme.figure(
        t("What comes next"),
        t(
            "Lift over chance within {days} {days:day|days}, the {n} most bought products; blue more than chance, red less",
            days=numbers.count(found.params["horizon"]),
            n=len(names),
        ),
        height=240 + 24 * len(names),
    )
    figure.add_heatmap(
        x=[plain(name) for name in names],
        y=[plain(name) for name in names],
        z=[[None if lift is None else math.log2(max(lift, 1e-3)) for lift in row] for row in lifts],
        zmin=-2,
        zmax=2,
        colorscale=[[0, theme.WARNING], [0.5, theme.PAPER], [1, theme.ACCENT]],
        text=texts,
        customdata=[[None if lift is None else numbers.decimal(lift, 2) for lift in row] for row in lifts],
        hovertemplate=f"%{{y}} → %{{x}}: {t('lift {lift}', lift='%{customdata}')}<br>%{{text}}<extra></extra>",
        hoverongaps=False,
        xgap=1,
        ygap=1,
        showscale=False,
    )
    if not cells:
        fill(figure, t("Nobody ordered again"))
    figure.update_xaxes(tickangle=-45, showgrid=False, title_text=t("next product"))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def _sankey(found: NextProducts) -> go.Figure:
    names = _most_bought(_of_last(found, "states"), 8)
    states = _of_last(found, "states").filter(pl.col("product").is_in(names))
    table = _of_last(found, "table").filter(pl.col("product").is_in(names))
    weight = {row["product"]: row["n"] for row in states.iter_rows(named=True)}
    flows = [
        (
            row["product"],
            row["next"] if row["next"] in names else "other products",
            row["probability"] * weight[row["product"]],
        )
        for row in table.iter_rows(named=True)
    ]
    flows += [(row["product"], row["product"], row["repeat"] * row["n"]) for row in states.iter_rows(named=True)]
    flows += [(row["product"], "no order", row["nothing"] * row["n"]) for row in states.iter_rows(named=True)]
    totals: dict[tuple[Any, Any], float] = {}
    for start, end, value in flows:
        totals[start, end] = totals.get((start, end), 0.0) + value
    ends = [*names, "other products", "no order"]
    figure = theme.figure(
        t("From product to product"),
        t("What comes next within {days} {days:day|days}", days=numbers.count(found.params["horizon"])),
        height=520,
    )
    figure.add_sankey(
        node={
            "label": [label(told(str(name)), 20) for name in [*names, *ends]],
            "color": [theme.ACCENT] * len(names) + [theme.ACCENT] * len(names) + [theme.MUTED, theme.RULE],
            "pad": 14,
        },
        link={
            "source": [names.index(start) for start, _ in totals],
            "target": [len(names) + ends.index(end) for _, end in totals],
            "value": list(totals.values()),
            "color": [theme.RULE if end == "no order" else theme.SCALE[2] for _, end in totals],
        },
    )
    return figure


def roles(found: ProductRoles, kind: str | None = None) -> go.Figure:
    """Shares of occasions of the most bought products ("bars")."""
    return choose(kind, {"bars": lambda: _roles(found)})


def _roles(found: ProductRoles) -> go.Figure:
    table = found._tables["table"].head(_SHOWN)
    figure = theme.figure(
        t("The roles of products"),
        t("On which occasions the most bought products are bought; the role is after the name"),
        height=170 + 26 * table.height,
    )
    names = [
        f"{label(row['product'], 18)} · {told(row['role'].replace('_', '-'))}" for row in table.iter_rows(named=True)
    ]
    for role, colour in _ROLES.items():
        figure.add_bar(
            y=names,
            x=table[role].to_list(),
            name=told(role.replace("_", "-")),
            orientation="h",
            marker={"color": colour},
            customdata=[numbers.percent(share) for share in table[role]],
            hovertemplate=f"%{{y}}: %{{customdata}} {told(role.replace('_', '-'))}<extra></extra>",
        )
    figure.update_layout(barmode="stack", showlegend=True, legend={"traceorder": "normal"})
    figure.update_xaxes(range=[0, 1], **theme.share_ticks([1.0]))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def basket_rules(found: BasketRules, kind: str | None = None) -> go.Figure:
    """The rules with most margin ("bars"), or their "network"."""
    return choose(kind, {"bars": lambda: _rule_bars(found), "network": lambda: _network(found)})


def _side(value: Any) -> str:
    return " + ".join(map(str, value)) if isinstance(value, list) else str(value)


def _rule_bars(found: BasketRules) -> go.Figure:
    table = found._tables["table"].head(_SHOWN)
    figure = theme.figure(
        t("What is bought together"),
        t("Money beyond chance, followed by the lift"),
        height=150 + 26 * max(table.height, 2),
    )
    rows = list(table.iter_rows(named=True))
    figure.add_bar(
        y=[f"{label(_side(row['antecedent']), 15)} → {label(row['consequent'], 13)}" for row in rows],
        x=[row["margin"] for row in rows],
        orientation="h",
        marker={"color": theme.ACCENT},
        text=[f"{numbers.money(row['margin'])}, {t('lift {lift}', lift=numbers.decimal(row['lift']))}" for row in rows],
        textposition="outside",
        cliponaxis=False,
        customdata=[
            t(
                "{orders} {orders:order|orders}, {expected} by chance",
                orders=numbers.count(row["count"]),
                expected=numbers.count(row["expected"]),
            )
            for row in rows
        ],
        hovertemplate="%{y}<br>%{text}<br>%{customdata}<extra></extra>",
    )
    if not rows:
        fill(figure, t("Nothing is bought together more often than by chance"))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(tickformat=",.0f", rangemode="tozero")
    return figure


def _network(found: BasketRules) -> go.Figure:
    """What is bought on the left, what goes with it on the right; each side in the order that crosses fewest lines."""
    pairs = found._tables["table"].head(_SHOWN)
    links = [(_side(row["antecedent"]), str(row["consequent"]), row["margin"]) for row in pairs.iter_rows(named=True)]
    left = {name: -place for place, name in enumerate(dict.fromkeys(link[0] for link in links))}
    middles: dict[str, list[int]] = {}
    for start, end, _ in links:
        middles.setdefault(end, []).append(left[start])
    ends = sorted(middles, key=lambda name: -sum(middles[name]) / len(middles[name]))
    gap = max(len(left) - 1, 1) / max(len(ends) - 1, 1)
    right = {name: -place * gap for place, name in enumerate(ends)}
    figure = theme.figure(
        t("What is bought together"),
        t("Left: what is bought; right: what goes with it; the wider a line, the more money beyond chance"),
        height=150 + 26 * max(len(left), len(right), 3),
    )
    most = max([1e-9, *(margin for *_, margin in links)])
    for start, end, margin in links:
        figure.add_scatter(
            x=[0, 0.3, 0.7, 1],
            y=[left[start], left[start], right[end], right[end]],
            mode="lines",
            line={"color": theme.SCALE[3], "width": 1 + 6 * margin / most, "shape": "spline"},
            hoverinfo="skip",
        )
    if links:
        _sides(figure, left, right)
    else:
        fill(figure, t("Nothing is bought together more often than by chance"))
    return figure


def _sides(figure: go.Figure, left: Mapping[str, float], right: Mapping[str, float]) -> None:
    """The names of both sides, at the ends of their lines."""
    notes: list[dict[str, Any]] = [
        {
            "x": x,
            "y": y,
            "xshift": 6 if x else -6,
            "xanchor": anchor,
            "text": label(name, 18),
            "showarrow": False,
            "font": {"size": 11},
            "hovertext": label(name, 80),
        }
        for x, anchor, names in ((0, "right", left), (1, "left", right))
        for name, y in names.items()
    ]
    annotate(figure, notes)
    room = [12 + int(max(width(label(name, 18)) for name in names)) for names in (left, right)]
    figure.update_layout(margin={"l": room[0], "r": room[1]})
    figure.update_xaxes(visible=False, range=[0, 1])
    figure.update_yaxes(visible=False, range=[min(*left.values(), *right.values()) - 0.6, 0.6])


def sequences(found: Sequences, kind: str | None = None) -> go.Figure:
    """The most frequent sequences of two products and more ("bars")."""
    return choose(kind, {"bars": lambda: _sequences(found)})


def _sequences(found: Sequences) -> go.Figure:
    table = found._tables["table"].filter(pl.col("length") > 1).head(_SHOWN)
    figure = theme.figure(
        t("One after the other"), t("Customers who bought these in this order"), height=150 + 26 * max(table.height, 2)
    )
    figure.add_bar(
        y=[
            " → ".join(label(product, 28 // len(row["products"])) for product in row["products"])
            for row in table.iter_rows(named=True)
        ],
        x=table["customers"].to_list(),
        orientation="h",
        marker={"color": theme.ACCENT},
        text=[
            f"{numbers.count(n)} ({numbers.percent(share)})"
            for n, share in table.select("customers", "support").iter_rows()
        ],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    if not table.height:
        fill(figure, t("No sequence of two products reaches the support"))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure
