"""Figures of pricing: waterfall, price band, discounts and their norm, deal scores, bridge, price position, value map, attributes, leadership.

Every function takes a result of `leverkit.pricing` and returns a Plotly figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit.plots import theme
from leverkit.plots.choose import choose

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.pricing import (
        Bridge,
        DealScores,
        Hedonic,
        Leadership,
        Leakage,
        Position,
        PriceBand,
        ValueMap,
        Waterfall,
    )

#: Most groups of a figure; the others are left to the table.
_MOST = 15
_SUBTOTALS = ("list", "invoice", "pocket", "margin")


def _label(keys: list[str], row: dict[str, Any]) -> str:
    """The values of a group's keys, as one name."""
    return " · ".join("unknown" if row[key] is None else str(row[key]) for key in keys) or "all deals"


def _labels(table: pl.DataFrame, keys: list[str]) -> list[str]:
    return [_label(keys, row) for row in table.iter_rows(named=True)]


def _steps(figure: go.Figure, names: list[str], amounts: list[float], measures: list[str], texts: list[str]) -> None:
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


def waterfall(found: Waterfall, kind: str | None = None) -> go.Figure:
    """From list price to margin ("waterfall"), or shares of list price by group ("shares")."""
    return choose(kind, {"waterfall": lambda: _waterfall(found), "shares": lambda: _shares(found)})


def _waterfall(found: Waterfall) -> go.Figure:
    total = found._tables["total"]
    pocket = total.filter(pl.col("kind") == "pocket").row(0, named=True)
    kept = "" if pocket["share"] is None else f": {theme.percent(pocket['share'])} of list price stay in the pocket"
    figure = theme.figure("The pocket-price waterfall", f"{theme.count(total['rows'][0])} deals{kept}", height=460)
    measures = [
        "absolute" if kind == "list" else "total" if kind in _SUBTOTALS else "relative" for kind in total["kind"]
    ]
    texts = [
        f"{theme.short_money(row['amount'])}<br>{theme.percent(row['share'])}" for row in total.iter_rows(named=True)
    ]
    _steps(figure, [name.replace("_", " ") for name in total["step"]], total["amount"].to_list(), measures, texts)
    figure.update_yaxes(title_text="Money", tickformat="~s", rangemode="tozero")
    figure.update_layout(margin={"t": 100})
    return figure


def _shares(found: Waterfall) -> go.Figure:
    table, keys = found._tables["table"], found.params["by"]
    listed = table.filter(pl.col("kind") == "list").sort("amount", descending=True).head(_MOST)
    figure = theme.figure(
        "What comes off the list price, by group",
        f"Shares of list price; {'the ' + str(_MOST) + ' largest groups' if listed.height == _MOST else 'largest groups first'}",
        height=190 + 30 * listed.height,
    )
    names = _labels(listed, keys)
    colours = [*list(theme.SEGMENT_COLOURS.values())[5:], *list(theme.SEGMENT_COLOURS.values())[:5]]
    parts = table.filter(pl.col("kind").is_in(["component", "cost"]))["step"].unique(maintain_order=True).to_list()
    final = "margin" if "margin" in table["kind"] else "pocket"
    bars = [*((step, {"step": step}, -1.0) for step in parts), (final, {"kind": final}, 1.0)]
    for place, (step, where, sign) in enumerate(bars):
        rows = table.filter(pl.all_horizontal([pl.col(name) == value for name, value in where.items()]))
        share = dict(zip(_labels(rows, keys), rows["share"], strict=True))
        values = [sign * (share.get(name) or 0.0) for name in names]
        figure.add_bar(
            y=names,
            x=values,
            orientation="h",
            name=step.replace("_", " "),
            marker={"color": theme.ACCENT if step == final else colours[place % len(colours)]},
            text=[theme.percent(value) if abs(value) > 0.04 else "" for value in values],
            textposition="inside",
            insidetextanchor="middle",
            hovertemplate="%{y}: %{x:.1%}<extra>" + step + "</extra>",
        )
    figure.update_layout(
        barmode="relative", showlegend=True, legend={"orientation": "h", "y": -0.12, "traceorder": "normal"}
    )
    figure.update_xaxes(tickformat=".0%")
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
        "The pocket-price band",
        f"Share of {found.params['weights']} sold at each pocket price; {theme.count(table['deals'].sum())} deals",
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
            f"{100 * low:.{digits}f} to {100 * high:.{digits}f} %"
            for low, high in bins.select("from", "to").iter_rows()
        ],
        hovertemplate="%{customdata} of list price: %{y:.1%} of volume<extra></extra>",
    )
    if table.height == 1:
        marks = table.row(0, named=True)
        for name, label in (("p10", "lowest tenth"), ("p50", "median"), ("p90", "highest tenth")):
            figure.add_vline(x=marks[name], line={"color": theme.INK, "width": 1, "dash": "dot"})
            figure.add_annotation(
                x=marks[name], y=1.0, yref="paper", yanchor="bottom", showarrow=False, text=f"{label}<br>{100 * marks[name]:.1f} %",
                font={"size": 11, "color": theme.MUTED},
            )  # fmt: skip
        figure.update_layout(margin={"t": 110})
    figure.update_xaxes(title_text="Pocket price, share of list price", tickformat=".0%", showgrid=False)
    figure.update_yaxes(title_text="Share of volume", tickformat=".0%")
    return figure


def _widths(found: PriceBand) -> go.Figure:
    keys = found.params["by"]
    table = found._tables["table"].sort("raise_value", descending=True).head(_MOST)
    figure = theme.figure(
        "Where prices lie far apart",
        "Pocket price by group: from the lowest to the highest tenth of the volume, and the median; the most to gain first",
        height=150 + 30 * table.height,
    )
    names = _labels(table, keys)
    spread = (table["p90"] - table["p10"]).to_list()
    figure.add_bar(
        y=names,
        x=spread,
        base=table["p10"].to_list(),
        orientation="h",
        width=0.5,
        marker={"color": theme.SCALE[3]},
        customdata=list(zip(table["p10"], table["p90"], strict=True)),
        hovertemplate="%{y}: %{customdata[0]:.1%} to %{customdata[1]:.1%}<extra></extra>",
    )
    figure.add_scatter(
        y=names,
        x=table["p50"].to_list(),
        mode="markers",
        marker={"color": theme.INK, "size": 10, "symbol": "line-ns", "line": {"width": 2, "color": theme.INK}},
        hovertemplate="%{y}: median %{x:.1%}<extra></extra>",
    )
    for name, row in zip(names, table.iter_rows(named=True), strict=True):
        figure.add_annotation(
            x=row["p90"], y=name, xanchor="left", showarrow=False, text=f"  {theme.short_money(row['raise_value'])} to gain",
            font={"size": 12, "color": theme.MUTED},
        )  # fmt: skip
    figure.update_layout(margin={"r": 130})
    figure.update_xaxes(title_text="Pocket price, share of list price", tickformat=".0%")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def leakage(found: Leakage, kind: str | None = None) -> go.Figure:
    """Deals with the norm and outliers ("scatter"), or unexplained money by value ("bars")."""
    return choose(kind, {"scatter": lambda: _scatter(found), "bars": lambda: _leaks(found)})


def _scatter(found: Leakage) -> go.Figure:
    sample, norm = found._tables["sample"], found._tables["norm"]
    outliers = found._tables["outliers"].filter(pl.col("z") > 0).head(500)
    whole = found._tables["table"].row(0, named=True)
    figure = theme.figure(
        "Discounts against the size of deals",
        f"{theme.count(whole['deals'])} deals, {theme.count(sample.height)} of them drawn; line: what is normal; red: "
        f"{theme.count(whole['outliers'])} far above it",
        height=470,
    )
    figure.add_scatter(
        x=sample["size"].to_list(),
        y=sample["discount"].to_list(),
        mode="markers",
        marker={"color": theme.SCALE[4], "size": 4, "opacity": 0.5},
        hovertemplate="size %{x:,.0f}: %{y:.1%} off<extra></extra>",
    )
    figure.add_scatter(
        x=outliers["size"].to_list(),
        y=outliers["discount"].to_list(),
        mode="markers",
        marker={"color": theme.WARNING, "size": 6},
        customdata=list(zip(outliers["row"], [theme.money(money) for money in outliers["money"]], strict=True)),
        hovertemplate="row %{customdata[0]}: %{y:.1%} off, %{customdata[1]} beyond the norm<extra></extra>",
    )
    figure.add_scatter(
        x=norm["size"].to_list(),
        y=norm["discount"].to_list(),
        mode="lines",
        line={"color": theme.INK, "width": 2.5},
        hovertemplate="size %{x:,.0f}: %{y:.1%} is normal<extra></extra>",
    )
    unit = "units" if found.params["size"] == "quantity" else "money at list price"
    figure.update_xaxes(title_text=f"Size of the deal, {unit}", type="log", tickformat="~s", dtick=1, showgrid=False)
    figure.update_yaxes(title_text="Discount, share of list price", tickformat=".0%")
    return figure


def _leaks(found: Leakage) -> go.Figure:
    rows = found._tables["table"].filter(pl.col("dimension").is_not_null())
    table = rows.sort(pl.col("unexplained").abs(), descending=True).head(_MOST).sort("unexplained", descending=True)
    figure = theme.figure(
        "Who gives away more than the size of the deal explains",
        "Money beyond the norm with 95 % limits; blue: less than normal",
        height=150 + 28 * max(table.height, 3),
    )
    values = table["unexplained"].to_list()
    up, down = (
        (table["upper"] - table["unexplained"]).fill_null(0),
        (table["unexplained"] - table["lower"]).fill_null(0),
    )
    figure.add_bar(
        y=[f"{row['dimension']}: {row['value']}" for row in table.iter_rows(named=True)],
        x=values,
        orientation="h",
        marker={"color": [theme.WARNING if value > 0 else theme.ACCENT for value in values]},
        error_x={
            "type": "data",
            "array": up.to_list(),
            "arrayminus": down.to_list(),
            "color": theme.INK,
            "thickness": 1.2,
            "width": 3,
        },
        customdata=[theme.money(value) for value in values],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.update_xaxes(title_text="Unexplained discount, money", tickformat="~s")
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
        "Where deals stand among their peers",
        f"Share of money at list price; raising deals below target to it is worth {theme.short_money(table['opportunity'].sum())}",
        height=360,
    )
    for row in table.iter_rows(named=True):
        figure.add_bar(
            x=[row["zone"]],
            y=[row["list_value"] / total],
            marker={"color": _ZONES[row["zone"]]},
            text=f"{theme.count(row['deals'])} deals<br>{theme.percent(row['list_value'] / total)}",
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{x}: %{text}<extra></extra>",
        )
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figure.update_layout(margin={"t": 100})
    return figure


def _peers(found: DealScores) -> go.Figure:
    table = found._tables["peers"].filter(pl.col("scored") > 0).sort("opportunity", descending=True).head(_MOST)
    keys = table.columns[: table.columns.index("depth")]
    names = []
    for row in table.iter_rows(named=True):
        parts = [f"{key} {row[key]}" if key == "size band" else str(row[key]) for key in keys if row[key] is not None]
        names.append(" · ".join(parts) or "all deals")
    figure = theme.figure(
        "Peers with the most to gain",
        "Pocket price from floor to stretch (bar) and target (line), shares of list price",
        height=150 + 30 * table.height,
    )
    figure.add_bar(
        y=names,
        x=(table["stretch"] - table["floor"]).to_list(),
        base=table["floor"].to_list(),
        orientation="h",
        width=0.5,
        marker={"color": theme.SCALE[3]},
        customdata=list(zip(table["floor"], table["stretch"], table["deals"], strict=True)),
        hovertemplate="%{y}: %{customdata[0]:.1%} to %{customdata[1]:.1%}, %{customdata[2]:,} deals<extra></extra>",
    )
    figure.add_scatter(
        y=names,
        x=table["target"].to_list(),
        mode="markers",
        marker={"symbol": "line-ns", "size": 10, "line": {"width": 2, "color": theme.INK}},
        hovertemplate="%{y}: target %{x:.1%}<extra></extra>",
    )
    for name, row in zip(names, table.iter_rows(named=True), strict=True):
        figure.add_annotation(
            x=row["stretch"], y=name, xanchor="left", showarrow=False, text=f"  {theme.short_money(row['opportunity'])} to gain",
            font={"size": 12, "color": theme.MUTED},
        )  # fmt: skip
    figure.update_layout(margin={"r": 130})
    figure.update_xaxes(tickformat=".0%")
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
    figure = theme.figure(
        f"Why {found.params['measure']} changed",
        f"From {theme.money(base)} to {theme.money(against)}; items are {' × '.join(found.params['keys'])}",
        height=460,
    )
    measures = ["absolute", *["relative"] * (rows.height - 2), "total"]
    texts = [theme.short_money(amount) for amount in rows["amount"]]
    _steps(figure, rows["effect"].to_list(), rows["amount"].to_list(), measures, texts)
    # The steps are small beside both ends: the axis begins below the lowest of them.
    heights = [base]
    for amount in rows["amount"].to_list()[1:-1]:
        heights.append(heights[-1] + amount)
    low, high = min(heights), max(heights)
    room = 0.4 * max(high - low, 1e-9)
    bottom = low - room if low - room > 0 else 0 if low >= 0 else low - room
    figure.update_yaxes(
        title_text="Money" + (", axis cut" if bottom > 0 else ""), tickformat="~s", range=[bottom, high + room]
    )
    return figure


_EFFECT_COLOURS = {
    "price": "#0a4a62",
    "volume": "#4f9fb8",
    "mix": "#bcdbe5",
    "new": "#f0c75e",
    "lost": "#a33417",
    "currency": "#7b848c",
    "cost": "#d8693a",
}


def _stacked(table: pl.DataFrame, names: list[str], figure: go.Figure) -> go.Figure:
    for effect, colour in _EFFECT_COLOURS.items():
        if effect in table.columns:
            figure.add_bar(
                y=names,
                x=table[effect].to_list(),
                orientation="h",
                name=effect,
                marker={"color": colour},
                customdata=[theme.money(value) for value in table[effect]],
                hovertemplate="%{y}: %{customdata}<extra>" + effect + "</extra>",
            )
    figure.add_scatter(
        y=names,
        x=table["change"].to_list(),
        mode="markers",
        name="change",
        marker={"symbol": "line-ns", "size": 12, "line": {"width": 2.5, "color": theme.INK}},
        customdata=[theme.money(value) for value in table["change"]],
        hovertemplate="%{y}: %{customdata} in all<extra></extra>",
    )
    figure.update_layout(barmode="relative", showlegend=True, legend={"orientation": "h", "y": -0.14})
    figure.update_xaxes(tickformat="~s")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def _drill(found: Bridge) -> go.Figure:
    from leverkit._frames import from_engine

    key = found.params["keys"][0]
    table = from_engine(found._found.drill([key])).sort(pl.col("change").abs(), descending=True).head(_MOST)
    figure = theme.figure(
        f"What changed, by {key.replace('_', ' ')}",
        "Money of each effect, the largest changes first; black: the change in all",
        height=190 + 32 * table.height,
    )
    return _stacked(table, _labels(table, [key]), figure)


def _granularity(found: Bridge) -> go.Figure:
    table = found._granularity()
    names = [f"{keys} ({items:,})" for keys, items in table.select("keys", "items").iter_rows()]
    figure = theme.figure(
        "The same change, cut differently",
        "What counts as price and what as mix depends on the item; in brackets the number of items",
        height=210 + 36 * table.height,
    )
    return _stacked(table, names, figure)


def position(found: Position, kind: str | None = None) -> go.Figure:
    """Price index by competitor, over time where there are dates ("index"), or the gaps of products ("gaps")."""
    return choose(kind, {"index": lambda: _index(found), "gaps": lambda: _gaps(found)})


def _index(found: Position) -> go.Figure:
    table = found._tables["table"].filter((pl.col("items") == "all") & (pl.col("prices") == "all"))
    table = table.with_columns(pl.col("competitor").fill_null("all competitors"))
    title = f"Prices of {found.params['own']} against competitors"
    if table["date"].n_unique() > 1:
        figure = theme.figure(title, "100: equal prices; above: dearer. Band: 95 % limits against all competitors")
        colours = list(theme.SEGMENT_COLOURS.values())[1:]
        everyone = table.filter(pl.col("competitor") == "all competitors").drop_nulls("index")
        figure.add_scatter(
            x=[*everyone["date"], *reversed(everyone["date"].to_list())],
            y=[*everyone["upper"], *reversed(everyone["lower"].to_list())],
            fill="toself",
            fillcolor=theme.SCALE[1],
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
        for place, ((name,), rows) in enumerate(table.group_by("competitor", maintain_order=True)):
            colour = theme.INK if name == "all competitors" else colours[place % len(colours)]
            figure.add_scatter(
                x=rows["date"].to_list(),
                y=rows["index"].to_list(),
                mode="lines",
                name=str(name),
                line={"color": colour, "width": 2.5 if name == "all competitors" else 1.8},
                hovertemplate="%{x|%d %b %Y}: %{y:.1f}<extra>" + str(name) + "</extra>",
            )
        figure.add_hline(y=100, line={"color": theme.MUTED, "dash": "dot", "width": 1})
        figure.update_layout(showlegend=True, legend={"orientation": "h", "y": -0.15})
        figure.update_yaxes(title_text="Price index")
        return figure
    figure = theme.figure(title, "100: equal prices; above: dearer. Lines: 95 % limits", height=170 + 36 * table.height)
    known = table.drop_nulls("index")
    figure.add_scatter(
        y=known["competitor"].to_list(),
        x=known["index"].to_list(),
        mode="markers+text",
        marker={"size": 11, "color": [theme.WARNING if value > 100 else theme.ACCENT for value in known["index"]]},
        text=[f"{value:.1f}" for value in known["index"]],
        textposition="top center",
        error_x={
            "type": "data",
            "array": (known["upper"] - known["index"]).to_list(),
            "arrayminus": (known["index"] - known["lower"]).to_list(),
            "color": theme.MUTED,
        },
        customdata=known["matched"].to_list(),
        hovertemplate="%{y}: %{x:.1f} over %{customdata} products<extra></extra>",
    )
    figure.add_vline(x=100, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_xaxes(title_text="Price index")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def _gaps(found: Position) -> go.Figure:
    table = found._tables["products"].drop_nulls("gap_to_median")
    last = table.filter(pl.col("date").eq_missing(table["date"].max()))
    last = last.sort(pl.col("gap_to_median").abs(), descending=True).head(_MOST).sort("gap_to_median", descending=True)
    keys = [key for key in (found.params["product"], found.params["store"]) if key]
    figure = theme.figure(
        "Products furthest from the competitors' median",
        "Own price over theirs less 1" + (f", {last['date'][0]:%d %b %Y}" if last.height and last["date"][0] else ""),
        height=150 + 28 * max(last.height, 3),
    )
    values = last["gap_to_median"].to_list()
    figure.add_bar(
        y=_labels(last, keys),
        x=values,
        orientation="h",
        marker={"color": [theme.WARNING if value > 0 else theme.ACCENT for value in values]},
        text=[f"{100 * value:+.1f} %" for value in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_xaxes(tickformat=".0%")
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
        "The value map",
        f"A point of value is worth {slope['estimate']:,.2f} ({slope['lower']:,.2f} to {slope['upper']:,.2f}); band: 95 % limits of the line; "
        "red: dear for its value, blue: cheap",
        height=480,
    )
    values = table["value"].to_list()
    figure.add_scatter(
        x=[*values, *reversed(values)],
        y=[*table["fair_upper"], *reversed(table["fair_lower"].to_list())],
        fill="toself",
        fillcolor=theme.SCALE[1],
        line={"width": 0},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=values,
        y=table["fair_price"].to_list(),
        mode="lines",
        line={"color": theme.INK, "width": 1.5},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=values,
        y=table["price"].to_list(),
        mode="markers+text" if table.height <= 30 else "markers",
        marker={"size": 11, "color": [_VERDICTS[verdict] for verdict in table["verdict"]]},
        text=table["product"].to_list(),
        textposition="top center",
        customdata=list(zip(table["fair_price"], table["verdict"], strict=True)),
        hovertemplate="%{text}: %{y:,.2f}, fair %{customdata[0]:,.2f} (%{customdata[1]})<extra></extra>",
    )
    figure.update_xaxes(title_text="Perceived value, weighted score")
    figure.update_yaxes(title_text="Price, money")
    return figure


def hedonic(found: Hedonic, kind: str | None = None) -> go.Figure:
    """What each attribute adds to the price ("bars")."""
    return choose(kind, {"bars": lambda: _attributes(found)})


def _attributes(found: Hedonic) -> go.Figure:
    table = found._tables["table"].drop_nulls("money")
    unit, scale = ("share", 1.0) if found.params["log"] else ("money", 1.0)
    middle, low, high = (table[f"{unit}{end}"] * scale for end in ("", "_lower", "_upper"))
    bases = ", ".join(f"{name} {value}" for name, value in found.bases.items())
    figure = theme.figure(
        "What each attribute is worth",
        "Share of the price" if unit == "share" else "Money" + (f"; compared with {bases}" if bases else ""),
        height=160 + 32 * table.height,
    )
    if bases and unit == "share":
        figure.layout.title.subtitle.text += f"; compared with {bases}"
    figure.add_scatter(
        y=table["term"].to_list(),
        x=middle.to_list(),
        mode="markers",
        marker={"size": 10, "color": [theme.ACCENT if value > 0 else theme.WARNING for value in middle]},
        error_x={
            "type": "data",
            "array": (high - middle).to_list(),
            "arrayminus": (middle - low).to_list(),
            "color": theme.MUTED,
        },
        customdata=[theme.money(value) for value in table["money"]],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.add_vline(x=0, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_xaxes(tickformat=".0%" if unit == "share" else "~s")
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
            "" if value is None else f"{value:+.2f}" + (" *" if (leader, follower) in sure else "")
            for follower, value in zip(names, row, strict=True)
        ]
        for leader, row in zip(names, grid, strict=True)
    ]
    figure = theme.figure(
        "Whose prices the others follow",
        f"Per cent that the follower moves within {found.params['lags']} dates for each per cent of the leader; * surely (5 % false discoveries)",
        height=200 + 44 * len(names),
    )
    figure.add_heatmap(
        x=names, y=names, z=grid, text=text, texttemplate="%{text}", zmin=-1, zmax=1, showscale=False, xgap=2, ygap=2,
        colorscale=[[0, theme.WARNING], [0.5, theme.PAPER], [1, theme.SCALE[4]]], hoverongaps=False,
        hovertemplate="%{x} follows %{y}: %{text}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title_text="Follower", showgrid=False, type="category")
    figure.update_yaxes(title_text="Leader", autorange="reversed", showgrid=False, type="category")
    return figure


def _lags(found: Leadership) -> go.Figure:
    pairs = found._tables["table"].drop_nulls("response").head(4)
    figure = theme.figure("How fast prices follow", "Response by lag with 95 % limits, the surest pairs")
    colours = [theme.ACCENT, theme.WARNING, "#dba437", theme.MUTED]
    for colour, pair in zip(colours, pairs.iter_rows(named=True), strict=False):
        rows = found._tables["lags"].filter(
            (pl.col("leader") == pair["leader"]) & (pl.col("follower") == pair["follower"])
        )
        figure.add_scatter(
            x=rows["lag"].to_list(),
            y=rows["response"].to_list(),
            mode="lines+markers",
            name=f"{pair['follower']} after {pair['leader']}",
            line={"color": colour, "width": 2},
            error_y={
                "type": "data",
                "array": (rows["upper"] - rows["response"]).to_list(),
                "arrayminus": (rows["response"] - rows["lower"]).to_list(),
                "color": colour,
                "thickness": 1,
            },
            hovertemplate="lag %{x}: %{y:+.2f}<extra></extra>",
        )
    figure.add_hline(y=0, line={"color": theme.MUTED, "dash": "dot", "width": 1})
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": -0.18})
    figure.update_xaxes(title_text="Dates later", dtick=1)
    figure.update_yaxes(title_text="Per cent for each per cent")
    return figure
