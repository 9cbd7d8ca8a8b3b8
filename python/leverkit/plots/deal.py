"""Figures of pricing in the deal: waterfall, price band, discounts and their norm, deal scores, bridge.

Every function takes a result of `leverkit.pricing` and returns a Plotly figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import MOST, annotate, around, label, labels, marks, percents, spoken, steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import plotly.graph_objects as go

    from leverkit.pricing import Bridge, DealScores, Leakage, PriceBand, Waterfall

_SUBTOTALS = ("list", "invoice", "pocket", "margin")


def waterfall(found: Waterfall, kind: str | None = None) -> go.Figure:
    """From list price to margin ("waterfall"), or shares of list price by group ("shares")."""
    return choose(kind, {"waterfall": lambda: _waterfall(found), "shares": lambda: _shares(found)})


def _waterfall(found: Waterfall) -> go.Figure:
    total = found._tables["total"]
    pocket = total.filter(pl.col("kind") == "pocket").row(0, named=True)
    deals = numbers.count(total["rows"][0])
    subtitle = (
        t("{deals} {deals:deal|deals}", deals=deals)
        if pocket["share"] is None
        else t(
            "{deals} {deals:deal|deals}: {share} of list price stay in the pocket",
            deals=deals,
            share=numbers.percent(pocket["share"]),
        )
    )
    figure = theme.figure(t("The pocket-price waterfall"), subtitle, height=460)
    measures = [
        "absolute" if kind == "list" else "total" if kind in _SUBTOTALS else "relative" for kind in total["kind"]
    ]
    texts = [
        f"{numbers.short_money(row['amount'])}<br>{numbers.percent(row['share'])}"
        for row in total.iter_rows(named=True)
    ]
    steps(figure, [spoken(name) for name in total["step"]], total["amount"].to_list(), measures, texts)
    figure.update_yaxes(title_text=t("Money"), tickformat=",", rangemode="tozero")
    figure.update_layout(margin={"t": 100})
    return figure


def _shares(found: Waterfall) -> go.Figure:
    table, keys = found._tables["table"], found.params["by"]
    listed = table.filter(pl.col("kind") == "list").sort("amount", descending=True).head(MOST)
    figure = theme.figure(
        t("Deductions from the list price, by group"),
        t("Shares of list price; the {most} largest groups", most=MOST)
        if listed.height == MOST
        else t("Shares of list price; largest groups first"),
        height=190 + 30 * listed.height,
    )
    names = labels(listed, keys)
    colours = [*list(theme.SEGMENT_COLOURS.values())[5:], *list(theme.SEGMENT_COLOURS.values())[:5]]
    parts = table.filter(pl.col("kind").is_in(["component", "cost"]))["step"].unique(maintain_order=True).to_list()
    final = "margin" if "margin" in table["kind"] else "pocket"
    final_name = "margin" if final == "margin" else "pocket price"
    bars = [*((step, {"step": step}, -1.0) for step in parts), (final, {"kind": final}, 1.0)]
    for place, (step, where, sign) in enumerate(bars):
        rows = table.filter(pl.all_horizontal([pl.col(name) == value for name, value in where.items()]))
        share = dict(zip(labels(rows, keys), rows["share"], strict=True))
        values = [sign * (share.get(name) or 0.0) for name in names]
        figure.add_bar(
            y=names,
            x=values,
            orientation="h",
            name=label(spoken(final_name if step == final else step), 20),
            marker={"color": theme.ACCENT if step == final else colours[place % len(colours)]},
            text=[numbers.percent(value) if abs(value) > 0.04 else "" for value in values],
            textposition="inside",
            insidetextanchor="middle",
            customdata=percents(values),
            hovertemplate="%{y}: %{customdata}<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(barmode="relative", showlegend=True, legend={"traceorder": "normal"})
    figure.update_xaxes(**theme.share_ticks([*table["share"], 1.0]))
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def price_band(found: PriceBand, kind: str | None = None) -> go.Figure:
    """Volume by pocket price ("band"), or the widths of the bands by group ("widths")."""
    return choose(kind, {"band": lambda: _band(found), "widths": lambda: _widths(found)})


def _band(found: PriceBand) -> go.Figure:
    bins = found._tables["histogram"].group_by("from", "to", maintain_order=True).agg(pl.col("volume").sum())
    table = found._tables["table"]
    width = bins["to"][0] - bins["from"][0]
    digits = 0 if width >= 0.01 else 1
    share = (bins["volume"] / bins["volume"].sum()).to_list()
    figure = theme.figure(
        t("The pocket-price band"),
        (
            t(
                "Share of units sold at each pocket price; {deals} {deals:deal|deals}",
                deals=numbers.count(table["deals"].sum()),
            )
            if found.params["weight"] == "quantity"
            else t(
                "Share of money sold at each pocket price; {deals} {deals:deal|deals}",
                deals=numbers.count(table["deals"].sum()),
            )
        ),
    )
    floor = found.params["floor"]
    figure.add_bar(
        x=((bins["from"] + bins["to"]) / 2).to_list(),
        y=share,
        width=0.92 * width,
        marker={
            "color": [
                theme.WARNING if floor is not None and low < floor - 1e-9 else theme.ACCENT for low in bins["from"]
            ]
        },
        customdata=[
            t(
                "{low} to {high}\N{NO-BREAK SPACE}%",
                low=numbers.decimal(100 * low, digits),
                high=numbers.decimal(100 * high, digits),
            )
            for low, high in bins.select("from", "to").iter_rows()
        ],
        text=percents(share),
        textposition="none",
        hovertemplate=t("{band} of list price: {share} of volume", band="%{customdata}", share="%{text}")
        + "<extra></extra>",
    )
    if table.height == 1:
        _tenths(figure, table.row(0, named=True), (bins["from"][0] + bins["to"][-1]) / 2)
    ends = theme.share_ticks([*bins["from"], *bins["to"]], from_zero=False)
    figure.update_xaxes(title_text=t("Pocket price, share of list price"), showgrid=False, **ends)
    figure.update_yaxes(title_text=t("Share of volume"), **theme.share_ticks(share))
    return figure


def _tenths(figure: go.Figure, row: dict[str, Any], middle: float) -> None:
    """Where the lowest and highest tenth and the median lie."""
    known = (("p10", t("lowest tenth")), ("p50", t("median")), ("p90", t("highest tenth")))
    named = [(row[name], f"{words} {numbers.percent(row[name])}", theme.INK) for name, words in known]
    marks(figure, named, middle)


def _widths(found: PriceBand) -> go.Figure:
    keys = found.params["by"]
    table = found._tables["table"].sort("raise_value", descending=True).head(MOST)
    figure = theme.figure(
        t("Where prices differ widely"),
        t(
            "Pocket price by group: from the lowest to the highest tenth of the volume, and the median; largest gain first"
        ),
        height=150 + 30 * table.height,
    )
    names = labels(table, keys)
    spread = (table["p90"] - table["p10"]).to_list()
    figure.add_bar(
        y=names,
        x=spread,
        base=table["p10"].to_list(),
        orientation="h",
        width=0.5,
        marker={"color": theme.SCALE[3]},
        customdata=[numbers.limits(low, high, numbers.percent) for low, high in table.select("p10", "p90").iter_rows()],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.add_scatter(
        y=names,
        x=table["p50"].to_list(),
        mode="markers",
        marker={"color": theme.INK, "size": 10, "symbol": "line-ns", "line": {"width": 2, "color": theme.INK}},
        customdata=percents(table["p50"].to_list()),
        hovertemplate="%{y}: " + t("median") + " %{customdata}<extra></extra>",
    )
    annotate(figure, _gains(names, table["p90"], table["raise_value"]))
    figure.update_layout(margin={"r": 130})
    ends = [*table["p10"], *table["p90"]]
    ticks = theme.share_ticks(ends, most=4, from_zero=False)
    figure.update_xaxes(title_text=t("Pocket price, share of list price"), range=list(around(ends, 0.05)), **ticks)
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def _gains(names: Sequence[str], ends: Iterable[float], gains: Iterable[float]) -> Iterator[dict[str, Any]]:
    """What is to gain, beside the end of each bar."""
    for name, end, gain in zip(names, ends, gains, strict=True):
        yield {
            "x": end,
            "y": name,
            "xanchor": "left",
            "showarrow": False,
            "text": "  " + t("{money} to gain", money=numbers.short_money(gain)),
            "font": {"size": 12, "color": theme.MUTED},
        }


def leakage(found: Leakage, kind: str | None = None) -> go.Figure:
    """Deals with the norm and outliers ("scatter"), or what each value gives beyond the others ("bars")."""
    return choose(kind, {"scatter": lambda: _scatter(found), "bars": lambda: _leaks(found)})


def _scatter(found: Leakage) -> go.Figure:
    sample, norm = found._tables["sample"], found._tables["norm"]
    outliers = found._tables["outliers"].filter(pl.col("z") > 0).head(500)
    whole = found._tables["table"].row(0, named=True)
    figure = theme.figure(
        t("Discounts against the size of deals"),
        t(
            "{deals} {deals:deal|deals}, {drawn} shown; line: what is normal; red: {outliers} far above it",
            deals=numbers.count(whole["deals"]),
            drawn=numbers.count(sample.height),
            outliers=numbers.count(whole["outliers"]),
        ),
        height=470,
    )
    figure.add_scatter(
        x=sample["size"].to_list(),
        y=sample["discount"].to_list(),
        mode="markers",
        marker={"color": theme.SCALE[4], "size": 4, "opacity": 0.5},
        customdata=percents(sample["discount"].to_list()),
        hovertemplate=t("size {size}: {share} off", size="%{x:,.0f}", share="%{customdata}") + "<extra></extra>",
    )
    figure.add_scatter(
        x=outliers["size"].to_list(),
        y=outliers["discount"].to_list(),
        mode="markers",
        marker={"color": theme.WARNING, "size": 6},
        customdata=[
            [row, numbers.money(money), numbers.percent(share)]
            for row, money, share in outliers.select("row", "money", "discount").iter_rows()
        ],
        hovertemplate=t(
            "row {row}: {share} off, {money} beyond the norm",
            row="%{customdata[0]}",
            share="%{customdata[2]}",
            money="%{customdata[1]}",
        )
        + "<extra></extra>",
    )
    figure.add_scatter(
        x=norm["size"].to_list(),
        y=norm["discount"].to_list(),
        mode="lines",
        line={"color": theme.INK, "width": 2.5},
        customdata=percents(norm["discount"].to_list()),
        hovertemplate=t("size {size}: {share} is normal", size="%{x:,.0f}", share="%{customdata}") + "<extra></extra>",
    )
    by_units = found.params["size"] == "quantity"
    title = t("Size of the deal, units") if by_units else t("Size of the deal, money at list price")
    figure.update_xaxes(title_text=title, type="log", tickformat=",", dtick=1, showgrid=False)
    shares = theme.share_ticks([*sample["discount"], *outliers["discount"]])
    figure.update_yaxes(title_text=t("Discount, share of list price"), **shares)
    return figure


def _leaks(found: Leakage) -> go.Figure:
    rows = found._tables["table"].filter(pl.col("excess").is_not_null())
    table = rows.sort(pl.col("excess").abs(), descending=True).head(MOST).sort("excess", descending=True)
    figure = theme.figure(
        t("Who gives more than the others in comparable deals"),
        t(
            "Money beyond what comparable deals are given, with {level} limits; red: more than chance explains",
            level=numbers.percent(found.params["level"]),
        ),
        height=150 + 28 * max(table.height, 3),
    )
    excess = table["excess"]
    figure.add_bar(
        y=[f"{label(row['dimension'], 12)}: {label(row['value'], 18)}" for row in table.iter_rows(named=True)],
        x=excess.to_list(),
        orientation="h",
        marker={"color": [theme.WARNING if leaks else theme.ACCENT for leaks in table["closable_lower"].is_not_null()]},
        error_x={
            "type": "data",
            "array": (table["upper"] - excess).fill_null(0).to_list(),
            "arrayminus": (excess - table["lower"]).fill_null(0).to_list(),
            "color": theme.INK,
            "thickness": 1.2,
            "width": 3,
        },
        customdata=[numbers.money(value) for value in excess],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.update_xaxes(title_text=t("Discount beyond that of the others, money"), tickformat=",")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


_ZONES = {
    "below floor": theme.WARNING,
    "floor to target": "#f0c75e",
    "target to stretch": theme.SCALE[4],
    "stretch": theme.ACCENT,
}


def deal_score(found: DealScores, kind: str | None = None) -> go.Figure:
    """Deals by zone ("zones"), or the groups of peers with the most to gain ("peers")."""
    return choose(kind, {"zones": lambda: _zones(found), "peers": lambda: _peers(found)})


def _zones(found: DealScores) -> go.Figure:
    table = found._tables["zones"]
    total = table["list_value"].sum()
    figure = theme.figure(
        t("Where deals stand among their peers"),
        t(
            "Share of money at list price; raising deals below target to it is worth {money}",
            money=numbers.short_money(table["opportunity"].sum()),
        ),
        height=360,
    )
    for row in table.iter_rows(named=True):
        figure.add_bar(
            x=[spoken(row["zone"])],
            y=[row["list_value"] / total],
            marker={"color": _ZONES[row["zone"]]},
            text=t("{deals} {deals:deal|deals}", deals=numbers.count(row["deals"]))
            + f"<br>{numbers.percent(row['list_value'] / total)}",
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{x}: %{text}<extra></extra>",
        )
    figure.update_xaxes(showgrid=False)
    shares = [value / total for value in table["list_value"]]
    figure.update_yaxes(range=[0, 1.25 * max(shares, default=1.0)], **theme.share_ticks(shares))
    return figure


def _peers(found: DealScores) -> go.Figure:
    table = found._tables["peers"].filter(pl.col("scored") > 0).sort("opportunity", descending=True).head(MOST)
    keys = table.columns[: table.columns.index("depth")]
    names = []
    for row in table.iter_rows(named=True):
        parts = [
            t("size band {band}", band=row[key]) if key == "size band" else label(row[key], 20)
            for key in keys
            if row[key] is not None
        ]
        names.append(" · ".join(parts) or t("all deals"))
    figure = theme.figure(
        t("Peers with the most to gain"),
        t("Pocket price from floor to stretch (bar) and target (line), shares of list price"),
        height=150 + 30 * table.height,
    )
    figure.add_bar(
        y=names,
        x=(table["stretch"] - table["floor"]).to_list(),
        base=table["floor"].to_list(),
        orientation="h",
        width=0.5,
        marker={"color": theme.SCALE[3]},
        customdata=[
            [numbers.percent(low), numbers.percent(high), numbers.count(deals)]
            for low, high, deals in table.select("floor", "stretch", "deals").iter_rows()
        ],
        hovertemplate=t(
            "{peers}: {low} to {high}, deals: {deals}",
            peers="%{y}",
            low="%{customdata[0]}",
            high="%{customdata[1]}",
            deals="%{customdata[2]}",
        )
        + "<extra></extra>",
    )
    figure.add_scatter(
        y=names,
        x=table["target"].to_list(),
        mode="markers",
        marker={"symbol": "line-ns", "size": 10, "line": {"width": 2, "color": theme.INK}},
        customdata=percents(table["target"].to_list()),
        hovertemplate="%{y}: " + t("target") + " %{customdata}<extra></extra>",
    )
    annotate(figure, _gains(names, table["stretch"], table["opportunity"]))
    figure.update_layout(margin={"r": 130})
    ends = [*table["floor"], *table["stretch"]]
    figure.update_xaxes(range=list(around(ends, 0.05)), **theme.share_ticks(ends, most=4, from_zero=False))
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def bridge(found: Bridge, kind: str | None = None) -> go.Figure:
    """From base to against ("bridge"), the effects by value of the first key ("drill"), or at every grain ("granularity")."""
    return choose(
        kind,
        {"bridge": lambda: _bridge(found), "drill": lambda: _drill(found), "granularity": lambda: _granularity(found)},
    )


def _bridge(found: Bridge) -> go.Figure:
    rows = found._tables["bridge"]
    base, against = rows["amount"][0], rows["amount"][-1]
    effects = rows[1:-1]
    figure = theme.figure(
        t("Why margin changed") if found.params["measure"] == "margin" else t("Why revenue changed"),
        t(
            "From {base} to {against}; items are {keys}",
            base=numbers.money(base),
            against=numbers.money(against),
            keys=" × ".join(label(key.replace("_", " ")) for key in found.params["keys"]),
        ),
        height=460,
    )
    # The steps are small beside both ends, so they alone are drawn: an axis that is cut would show the ends wrong.
    amounts = [*effects["amount"], against - base]
    names = [*(spoken(effect) for effect in effects["effect"]), t("change")]
    texts = [numbers.short_money(amount) for amount in amounts]
    steps(figure, names, amounts, [*["relative"] * effects.height, "total"], texts)
    figure.update_yaxes(title_text=t("Change, money"), tickformat=",", zeroline=True, zerolinecolor=theme.MUTED)
    return figure


_EFFECT_COLOURS = {
    "price": "#0a4a62",
    "volume": "#4f9fb8",
    "mix": "#bcdbe5",
    "new": "#f0c75e",
    "lost": "#a33417",
    "currency": "#7b848c",
    "cost": "#d8693a",
    "without_units": "#b9a7c9",
}


def _stacked(table: pl.DataFrame, names: list[str], figure: go.Figure) -> go.Figure:
    for effect, colour in _EFFECT_COLOURS.items():
        if effect in table.columns:
            figure.add_bar(
                y=names,
                x=table[effect].to_list(),
                orientation="h",
                name=spoken(effect),
                marker={"color": colour},
                customdata=[numbers.money(value) for value in table[effect]],
                hovertemplate="%{y}: %{customdata}<extra>" + spoken(effect) + "</extra>",
            )
    figure.add_scatter(
        y=names,
        x=table["change"].to_list(),
        mode="markers",
        name=t("change"),
        marker={"symbol": "line-ns", "size": 12, "line": {"width": 2.5, "color": theme.INK}},
        customdata=[numbers.money(value) for value in table["change"]],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.update_layout(barmode="relative", showlegend=True)
    figure.update_xaxes(tickformat=",")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def _drill(found: Bridge) -> go.Figure:
    from leverkit._lib.frames import from_engine

    key = found.params["keys"][0]
    table = from_engine(found._engine.drill([key])).sort(pl.col("change").abs(), descending=True).head(MOST)
    figure = theme.figure(
        t("What changed, by {key}", key=label(key.replace("_", " "))),
        t("Money of each effect, largest changes first; black: total change"),
        height=190 + 32 * table.height,
    )
    return _stacked(table, labels(table, [key]), figure)


def _granularity(found: Bridge) -> go.Figure:
    table = found._granularity()
    names = [f"{label(keys)} ({numbers.count(items)})" for keys, items in table.select("keys", "items").iter_rows()]
    figure = theme.figure(
        t("The same change, split differently"),
        t("The split into price and mix depends on the item; the number of items is in brackets"),
        height=210 + 36 * table.height,
    )
    return _stacked(table, names, figure)
