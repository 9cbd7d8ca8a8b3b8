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

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.funnel import BasketRules, EntryProducts, Ladder, NextProducts, ProductRoles, Sequences

#: Products that a figure can hold and stay readable.
_SHOWN = 20

_VERDICTS = {"builds base": theme.ACCENT, "burns traffic": theme.WARNING, "unclear": "#aab1b7"}

_ROLES = {
    "entry": theme.ACCENT,
    "repeat": theme.SEGMENT_COLOURS["Potential Loyalist"],
    "upsell": theme.SEGMENT_COLOURS["About to Sleep"],
    "cross_sell": theme.SEGMENT_COLOURS["At Risk"],
    "core": theme.SEGMENT_COLOURS["Hibernating"],
}


def _text(value: Any, width: int = 28) -> str:
    """A product's name, short enough for an axis."""
    text = str(value)
    return text if len(text) <= width else text[: width - 1] + "…"


def ladder(found: Ladder, kind: str | None = None) -> go.Figure:
    """Conversions step by step ("ladder"), or the days to the next order ("curves")."""
    return choose(kind, {"ladder": lambda: _ladder(found), "curves": lambda: _curves(found)})


def _ladder(found: Ladder) -> go.Figure:
    table = found._tables["table"]
    groups = table["group"].unique(maintain_order=True).to_list()
    horizon = found.params["horizon"]
    figure = theme.figure(
        t("Who orders again"),
        t(
            "Share who place the next order within {days} {days:day|days}, with 95 % limits; customers below",
            days=numbers.count(horizon),
        ),
        height=420,
    )
    for group, colour in zip(groups, _palette(len(groups)), strict=True):
        part = table.filter(pl.col("group").eq_missing(group)).drop_nulls("conversion")
        share = part["conversion"]
        figure.add_bar(
            x=_steps(part),
            y=share.to_list(),
            name=t("unknown") if group is None else str(group),
            marker={"color": colour},
            error_y={
                "type": "data",
                "array": (part["upper"] - share).to_list(),
                "arrayminus": (share - part["lower"]).to_list(),
                "color": theme.INK,
                "thickness": 1.2,
                "width": 4,
            },
            text=[numbers.percent(value) for value in share] if len(groups) == 1 else None,
            textposition="inside",
            insidetextanchor="start",
            customdata=[
                numbers.percent(row["conversion"])
                + "<br>"
                + t(
                    "{customers} {customers:customer|customers}, average check {check}, {lost} lost here",
                    customers=numbers.count(row["customers"]),
                    check=numbers.money(row["average_check"]),
                    lost=numbers.money(row["revenue_lost"]),
                )
                for row in part.iter_rows(named=True)
            ],
            hovertemplate="%{x}: %{customdata}<extra></extra>",
        )
    if table["conversion"].null_count() == table.height:
        figure.add_annotation(text=told(table["reason"][0]), showarrow=False, font={"color": theme.MUTED})
    figure.update_layout(barmode="group", showlegend=len(groups) > 1)
    figure.update_yaxes(range=[0, 1.05], **theme.share_ticks([1.0]))
    figure.update_xaxes(title_text=t("From order to order"), showgrid=False, type="category")
    return figure


def _steps(part: pl.DataFrame) -> list[str]:
    return [
        f"{order} → {order + 1}<br>{numbers.count(n)}" for order, n in part.select("order", "customers").iter_rows()
    ]


def _palette(n: int) -> list[str]:
    colours = [theme.ACCENT, theme.WARNING, *theme.SEGMENT_COLOURS.values()]
    return [colours[place % len(colours)] for place in range(n)]


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
    table = found._tables["table"].drop_nulls("conversion")
    figure = theme.figure(
        t("What customers enter with"),
        t(
            "Share with a second order within {days} {days:day|days} against customers; larger dots bring more money per customer",
            days=numbers.count(found.horizon),
        ),
        height=520,
    )
    money = table["revenue"].fill_null(0)
    most = max([1e-9, *money])
    for verdict, colour in _VERDICTS.items():
        part = table.with_columns(size=10 + 22 * (money / most).clip(0)).filter(verdict=verdict)
        named = part.sort("customers", descending=True).head(5 if verdict != "unclear" else 0)["product"].to_list()
        figure.add_scatter(
            x=part["customers"].to_list(),
            y=part["conversion"].to_list(),
            mode="markers+text",
            marker={"size": part["size"].to_list(), "color": colour, "opacity": 0.75, "line": {"width": 0}},
            text=[_text(product, 20) if product in named else "" for product in part["product"]],
            textposition="top center",
            textfont={"size": 10},
            name=told(verdict),
            customdata=[
                f"{_text(row['product'])}: {numbers.percent(row['conversion'])} ({numbers.limits(row['lower'], row['upper'], numbers.percent)})<br>"
                + t(
                    "{customers} {customers:customer|customers}, {money} each",
                    customers=numbers.count(row["customers"]),
                    money=numbers.money(row["revenue"]),
                )
                for row in part.iter_rows(named=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    if found.conversion is not None:
        label = {"text": t("all customers"), "font": {"color": theme.MUTED}}
        figure.add_hline(y=found.conversion, line={"color": theme.MUTED, "dash": "dot"}, annotation=label)
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"})
    ticks = round_ticks(1, max([10, *table["customers"]]), is_log=True)
    figure.update_xaxes(
        title_text=t("Customers whose first order contained it"),
        type="log",
        tickvals=ticks,
        ticktext=[numbers.count(tick) for tick in ticks],
    )
    figure.update_yaxes(
        title_text=t("Share with a second order"), **theme.share_ticks(table["conversion"].to_list(), from_zero=False)
    )
    return figure


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
        x=[_text(name, 22) for name in names],
        y=[_text(name, 22) for name in names],
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
            "label": [_text(told(str(name)), 24) for name in [*names, *ends]],
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
        f"{_text(row['product'], 24)} · {told(row['role'].replace('_', '-'))}" for row in table.iter_rows(named=True)
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
    figure.update_layout(
        barmode="stack", showlegend=True, legend={"orientation": "h", "y": -0.1, "traceorder": "normal"}
    )
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
        y=[f"{_text(_side(row['antecedent']), 30)} → {_text(row['consequent'], 24)}" for row in rows],
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
        figure.add_annotation(
            text=t("Nothing is bought together more often than by chance"), showarrow=False, font={"color": theme.MUTED}
        )
        figure.update_xaxes(visible=False).update_yaxes(visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(tickformat=",.0f", rangemode="tozero")
    figure.update_layout(margin={"r": 150})
    return figure


def _network(found: BasketRules) -> go.Figure:
    """Products on a circle in the order of their links, so that neighbours go together; the wider a line, the more money."""
    pairs = found._tables["table"].head(4 * _SHOWN)
    links: dict[tuple[str, str], float] = {}
    for row in pairs.iter_rows(named=True):
        ends = sorted([_side(row["antecedent"]), str(row["consequent"])])
        links[ends[0], ends[1]] = max(links.get((ends[0], ends[1]), 0.0), row["margin"])
    names = list(dict.fromkeys(name for ends in links for name in ends))
    places = {name: 2 * math.pi * place / max(len(names), 1) for place, name in enumerate(names)}
    most = max([1e-9, *links.values()])
    figure = theme.figure(
        t("What is bought together"),
        t("Products on a circle; the wider a line, the more money beyond chance"),
        height=640,
    )
    for (a, b), margin in links.items():
        figure.add_scatter(
            x=[math.cos(places[a]), math.cos(places[b])],
            y=[math.sin(places[a]), math.sin(places[b])],
            mode="lines",
            line={"color": theme.SCALE[3], "width": 1 + 6 * margin / most},
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[math.cos(place) for place in places.values()],
        y=[math.sin(place) for place in places.values()],
        mode="markers+text",
        marker={"size": 9, "color": theme.ACCENT},
        text=[_text(name, 18) for name in names],
        textposition=["middle right" if math.cos(place) >= 0 else "middle left" for place in places.values()],
        textfont={"size": 10},
        cliponaxis=False,
        hovertemplate="%{text}<extra></extra>",
    )
    figure.update_xaxes(visible=False, range=[-1.7, 1.7])
    figure.update_yaxes(visible=False, range=[-1.15, 1.15], scaleanchor="x")
    return figure


def sequences(found: Sequences, kind: str | None = None) -> go.Figure:
    """The most frequent sequences of two products and more ("bars")."""
    return choose(kind, {"bars": lambda: _sequences(found)})


def _sequences(found: Sequences) -> go.Figure:
    table = found._tables["table"].filter(pl.col("length") > 1).head(_SHOWN)
    figure = theme.figure(
        t("One after the other"), t("Customers who bought these in this order"), height=150 + 26 * max(table.height, 2)
    )
    figure.add_bar(
        y=[" → ".join(_text(product, 18) for product in row["products"]) for row in table.iter_rows(named=True)],
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
        figure.add_annotation(
            text=t("No sequence of two products reaches the support"), showarrow=False, font={"color": theme.MUTED}
        )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(margin={"r": 120})
    return figure
