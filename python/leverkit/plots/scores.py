"""Figures of RFM scores: the segments as a treemap, recency by frequency as a heat map, the measures with their cut points.

Every function takes the `Scores` of `leverkit.rfm.score`, or the clusters of `leverkit.rfm.clusters`, and returns a Plotly figure.
"""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import in_words, mark, t, told
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.histogram import Histogram, histogram, round_ticks
from leverkit.plots.parts import annotate, before_and_now, fill

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.rfm import CustomerClusters, Scores

_LETTERS = {"recency": "R", "frequency": "F", "monetary": "M"}
_AXES = {
    "recency": mark("<b>Recency</b>, days since the last order"),
    "frequency": mark("<b>Frequency</b>, orders"),
    "monetary": mark("<b>Monetary</b>, money"),
}
_BARS = {
    "recency": mark("{values} days since the last order: {customers} {customers:customer|customers}"),
    "frequency": mark("{values} orders: {customers} {customers:customer|customers}"),
    "monetary": mark("{values} money: {customers} {customers:customer|customers}"),
}
_AREAS = {
    "customers": mark("Area: customers. Colour: {colour}, the darker the higher."),
    "revenue": mark("Area: revenue. Colour: {colour}, the darker the higher."),
}
_LABEL, _DETAILS = "<b>%{label}</b>", "<br>%{customdata[0]}<br>%{customdata[1]}"
#: Share of the treemap's area below which a segment has room for its name only.
_ROOM = 0.03
#: Pixels of an axis on a phone and of a letter: a band without room for its values in words leaves them to the table.
_PHONE, _LETTER = 290, 7
#: Letters that the name of a score takes.
_NAME = 3


def plot(scores: Scores, kind: str | None = None) -> go.Figure:
    """The figure of that name: ``"treemap"`` (default), ``"heatmap"``, ``"distributions"`` or ``"drift"``.

    Raises
    ------
    ImportError
        Plotly is not installed.
    leverkit.ParameterError
        There is no figure of that name.
    """
    return choose(
        kind,
        {
            "treemap": lambda: segment_treemap(scores),
            "heatmap": lambda: rf_heatmap(scores),
            "distributions": lambda: distributions(scores),
            "drift": lambda: _drift(scores),
        },
    )


def segment_treemap(
    scores: Scores,
    *,
    area: Literal["customers", "revenue"] = "customers",
    colour: Literal["average_check", "revenue_per_customer"] = "average_check",
) -> go.Figure:
    """The segments as areas: how many customers (or how much revenue), the darker the larger their average check.

    Hovering shows what to do with the segment. Segments without customers are left out, and a segment whose
    returns exceed its purchases has no revenue to draw.
    """
    segments = scores._tables["segments"].filter(pl.col("customers") > 0, pl.col(area) > 0)
    segments = segments.with_columns(revenue_per_customer=pl.col("revenue") / pl.col("customers"))
    subtitle = t(_AREAS[area], colour=in_words(colour))
    figure = theme.figure(t("Segments"), subtitle, height=480)
    figure.add_treemap(
        labels=[told(name) for name in segments["segment"]],
        parents=[""] * segments.height,
        values=segments[area].to_list(),
        customdata=[_segment_texts(row) for row in segments.iter_rows(named=True)],
        texttemplate=[_LABEL + (_DETAILS if share >= _ROOM else "") for share in segments[area] / segments[area].sum()],
        hovertemplate=_LABEL + _DETAILS + "<br>%{customdata[2]}<br><br>%{customdata[3]}<extra></extra>",
        marker={
            "colors": segments[colour].to_list(),
            "colorscale": theme.SCALE,
            "line": {"color": theme.PAPER, "width": 2},
            "pad": {"t": 0, "l": 0, "r": 0, "b": 0},
        },
        tiling={"pad": 2},
        textfont={"size": 14, "color": theme.INK},
        pathbar={"visible": False},
    )
    # A name without room at a readable size is left to the pointer.
    figure.update_layout(margin={"l": 4, "r": 4, "b": 4}, uniformtext={"mode": "hide", "minsize": 10})
    return figure


def _segment_texts(row: dict[str, Any]) -> list[str]:
    return [
        t(
            "{customers} {customers:customer|customers} ({share})",
            customers=numbers.count(row["customers"]),
            share=numbers.percent(row["share_customers"]),
        ),
        t("{share} of revenue", share=numbers.percent(row["share_revenue"])),
        t(
            "average check {check}, {days} {days:day|days} since the last order (median)",
            check=numbers.money(row["average_check"]),
            days=numbers.count(row["median_recency"]),
        ),
        _wrapped(told(row["action"] or "")),
    ]


def _wrapped(text: str) -> str:
    return "<br>".join(textwrap.wrap(text, 60))


def rf_heatmap(scores: Scores) -> go.Figure:
    """Customers by recency and frequency score, each cell with its share of revenue; best at the top right."""
    scored = scores._tables["customers"].drop_nulls(["r", "f"])
    # Average check times orders is revenue whichever measure the monetary score stands for.
    revenue = pl.col("average_check") * pl.col("frequency")
    cells = scored.group_by("r", "f").agg(customers=pl.len(), revenue=revenue.sum())
    found = {(r, f): (customers, money) for r, f, customers, money in cells.iter_rows()}
    recencies, frequencies = (list(range(1, _scores_of(scores, measure) + 1)) for measure in ("recency", "frequency"))
    total = cells["revenue"].sum()
    grid = [[found.get((r, f)) for f in frequencies] for r in recencies]
    figure = theme.figure(t("Recency by frequency"), _heatmap_subtitle(scores), height=480)
    figure.add_heatmap(
        x=[f"F{f}" for f in frequencies],
        y=[f"R{r}" for r in recencies],
        z=[[cell and cell[0] for cell in row] for row in grid],
        text=[[_cell_text(cell, total) for cell in row] for row in grid],
        texttemplate="%{text}",
        textfont={"size": 13, "color": theme.INK},
        hovertemplate="%{y} %{x}<br>%{text}<extra></extra>",
        hoverongaps=False,
        colorscale=theme.SCALE,
        zmin=0,
        xgap=3,
        ygap=3,
        showscale=False,
    )
    figure.update_xaxes(title_text=t("Frequency score: more orders to the right"), showgrid=False, type="category")
    figure.update_yaxes(title_text=t("Recency score: later orders to the top"), showgrid=False, type="category")
    return figure


def _scores_of(scores: Scores, measure: str) -> int:
    highest = scores._tables["cuts"].filter(pl.col("measure") == measure)["score"].max()
    return highest if isinstance(highest, int) else 1


def _heatmap_subtitle(scores: Scores) -> str:
    customers = scores._tables["customers"]
    unscored = customers["r"].null_count()
    left_out = t("; {n} with returns only have no score", n=numbers.count(unscored)) if unscored else ""
    scored = numbers.count(customers.height - unscored)
    return t("{customers} {customers:customer|customers} and their share of revenue", customers=scored) + left_out


def _cell_text(cell: tuple[int, float] | None, total: numbers.Number) -> str:
    if cell is None:
        return ""
    customers, revenue = cell
    share = f"<br>{numbers.percent(revenue / float(total))}" if total > 0 else ""
    return f"<b>{numbers.count(customers)}</b>{share}"


def distributions(scores: Scores) -> go.Figure:
    """Histograms of recency, frequency and monetary value, each cut where its scores change.

    The axis is logarithmic where values spread over orders of magnitude; what lies beyond its ends is counted in the
    outermost bars. With nested binning, cut points of frequency and monetary value differ from group to group and with
    `method="rank"` there are none: then the bars stand alone.
    """
    figure = theme.figure(
        t("How the measures are spread, and where scores change"),
        f"{t('Bars: number of customers.')} {_cut_hint(scores)}",
        height=860,
    )
    figure.update_layout(
        grid={"rows": 3, "columns": 1, "pattern": "independent", "ygap": 0.45}, margin={"t": 116}, bargap=0
    )
    for row, measure in enumerate(_LETTERS, start=1):
        _add_distribution(figure, scores, measure, "" if row == 1 else str(row))
    return figure


def _cut_hint(scores: Scores) -> str:
    return {
        "rank": t("Scores are ranks: there are no cut points"),
        "nested": t("Dotted lines: cut points; those that hold within another score only are not drawn"),
    }.get(scores.params["method"], t("Dotted lines: cut points"))


def _add_distribution(figure: go.Figure, scores: Scores, measure: str, axis: str) -> None:
    values = scores._tables["customers"].filter(pl.col("r").is_not_null())[measure]
    bars = histogram(values)
    ends = [bars.position(edge) for edge in bars.edges]
    ticks = round_ticks(bars.least, bars.edges[-1], is_log=bars.is_log)
    figure.add_bar(
        x=[(left + right) / 2 for left, right in pairwise(ends)],
        width=[right - left for left, right in pairwise(ends)],
        y=bars.counts,
        customdata=[_bar_text(bars, index, measure) for index in range(len(bars.counts))],
        hovertemplate="%{customdata}<extra></extra>",
        marker={"color": theme.ACCENT, "line": {"color": theme.PAPER, "width": 0.5}},
        xaxis=f"x{axis}",
        yaxis=f"y{axis}",
    )
    title = {"text": _axis_title(bars, measure)}
    shown = {"tickvals": [bars.position(tick) for tick in ticks], "ticktext": [_tick_text(tick) for tick in ticks]}
    figure.update_layout(
        {
            f"xaxis{axis}": {"title": title, "showgrid": False, "range": [ends[0], ends[-1]], **shown},
            f"yaxis{axis}": {"tickformat": ",d", "nticks": 5, "rangemode": "tozero"},
        }
    )
    _add_bands(figure, scores, measure, bars, axis)


def _tick_text(tick: float) -> str:
    return numbers.number(tick) if 0 < abs(tick) < 1 else numbers.count(tick)


def _axis_title(bars: Histogram, measure: str) -> str:
    scale = t(" (log scale)") if bars.is_log else ""
    beyond = (
        t(
            "; {customers} {customers:customer beyond the axis is|customers beyond the axis are} in its end bars",
            customers=numbers.count(bars.beyond),
        )
        if bars.beyond
        else ""
    )
    return t(_AXES[measure]) + scale + beyond


def _bar_text(bars: Histogram, index: int, measure: str) -> str:
    low, high = bars.edges[index], bars.edges[index + 1]
    values = numbers.limits(low, high, numbers.money)
    if measure != "monetary":
        first, last = round(low + 0.5), round(high - 0.5)
        values = numbers.count(first) if first >= last else numbers.limits(first, last, numbers.count)
    return t(_BARS[measure], values=values, customers=numbers.count(bars.counts[index]))


def _add_bands(figure: go.Figure, scores: Scores, measure: str, bars: Histogram, axis: str) -> None:
    """A line at each cut point, and above the bars each score with the values that earn it."""
    cuts = scores._tables["cuts"].filter(
        pl.col("measure") == measure, pl.col("within").is_null(), pl.col("includes") != "rank", pl.col("customers") > 0
    )
    start, end = bars.position(bars.edges[0]), bars.position(bars.edges[-1])
    lines: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    where = {"xref": f"x{axis}", "yref": f"y{axis} domain"}
    for cut in cuts.iter_rows(named=True):
        is_upper = cut["includes"] == "upper"
        low = start if cut["lower"] is None else bars.between(cut["lower"], is_upper=is_upper)
        high = end if cut["upper"] is None else bars.between(cut["upper"], is_upper=is_upper)
        if low > start:
            look = {"color": theme.INK, "width": 1, "dash": "dot"}
            lines.append({"type": "line", "x0": low, "x1": low, "y0": 0, "y1": 1, "line": look, **where})
        values = span(cut["minimum"], cut["maximum"])
        room = _PHONE * (high - low) / (end - start) / _LETTER
        name = f"<b>{_LETTERS[measure]}{cut['score']}</b>" if room >= _NAME else ""
        text = f"{name}<br>{values if room >= len(values) else ' '}"
        font = {"size": 12, "color": theme.INK}
        place = {"x": (low + high) / 2, "y": 1, "yanchor": "bottom", **where}
        notes.append({"text": text, "showarrow": False, "font": font, **place})
    annotate(figure, notes)
    figure.layout.shapes = [*figure.layout.shapes, *lines]


def _drift(scores: Scores) -> go.Figure:
    """Shares of customers by score, of those who made the cut points and of those who were scored with them."""
    title = t("Are customers still those of the cut points?")
    if scores.drift is None:
        figure = theme.figure(title)
        fill(figure, t("These customers made the cut points: apply them to others"))
        return figure
    rows, bins = scores._tables["drift"].to_dicts(), scores._tables["drift_bins"]
    indices = [f"{_LETTERS[row['measure']]} {numbers.decimal(row['psi'], 2)} ({told(row['verdict'])})" for row in rows]
    figure = theme.figure(
        title,
        t("Population stability index: {indices}; from 0.25 on make the cut points anew", indices=", ".join(indices)),
    )
    names = [f"{_LETTERS[measure]}{place}" for measure, place in bins.select("measure", "bin").iter_rows()]
    before_and_now(figure, bins, names, (t("those of the cut points"), t("these customers")))
    figure.update_xaxes(title_text=t("Score, 1 the worst"))
    return figure


def span(least: float | None, greatest: float | None) -> str:
    """The observed values of a score in words.

    >>> span(7, 11)
    '7–11'
    """
    if least is None or greatest is None:
        return t("no customer")
    texts = [numbers.count(value) if value == round(value) else numbers.money(value) for value in (least, greatest)]
    return texts[0] if texts[0] == texts[1] else "–".join(texts)


def clusters(found: CustomerClusters, kind: str | None = None) -> go.Figure:
    """The "shares" of clusters (default), or what speaks for their "number"."""
    return choose(kind, {"shares": lambda: _cluster_shares(found), "number": lambda: _cluster_number(found)})


def _cluster_shares(found: CustomerClusters) -> go.Figure:
    rows = found._tables["table"]
    names = [f"{place}. {cluster_name(name)}" for place, name in zip(rows["cluster"], rows["name"], strict=True)]
    figure = theme.figure(
        t("Clusters of customers"),
        t("Shares of customers and of revenue; hover for the medians of a cluster"),
        height=140 + 60 * rows.height,
    )
    details = [
        t(
            "{recency} days since the last order, {frequency} orders, average check {check}",
            recency=numbers.count(row["recency"]),
            frequency=numbers.number(row["frequency"]),
            check=numbers.money(row["average_check"]),
        )
        for row in rows.iter_rows(named=True)
    ]
    series = (
        ("share_customers", t("customers"), theme.ACCENT),
        ("share_revenue", t("revenue"), theme.SEGMENT_COLOURS["About to Sleep"]),
    )
    for column, name, colour in series:
        figure.add_bar(
            x=rows[column].to_list(),
            y=names,
            orientation="h",
            name=name,
            marker={"color": colour},
            text=[numbers.percent(share) for share in rows[column]],
            textposition="auto",
            customdata=details,
            hovertemplate="%{y}: %{text}<br>%{customdata}<extra>" + name + "</extra>",
        )
    figure.update_layout(barmode="group", showlegend=True)
    figure.update_xaxes(**theme.share_ticks([*rows["share_customers"], *rows["share_revenue"]]), rangemode="tozero")
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure


def _cluster_number(found: CustomerClusters) -> go.Figure:
    fits = found._tables["fits"]
    chosen = fits.filter("chosen")["k"].to_list()
    figure = theme.figure(
        t("How many clusters are found again?"),
        t(
            "Agreement of other samples, 1 is the same; from 0.8 on clusters are stable. Full: the number that was judged right."
        ),
    )
    figure.add_bar(
        x=[str(k) for k in fits["k"]],
        y=fits["stability"].to_list(),
        marker={"color": [theme.ACCENT if k in chosen else theme.RULE for k in fits["k"]]},
        customdata=[numbers.decimal(gap, 2) for gap in fits["gap"]],
        hovertemplate=t("{k} clusters: agreement {y}, gap {gap}", k="%{x}", y="%{y:.2f}", gap="%{customdata}")
        + "<extra></extra>",
    )
    figure.add_hline(y=0.8, line={"color": theme.WARNING, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(title_text=t("Number of clusters"), type="category")
    figure.update_yaxes(title_text=t("Agreement"), rangemode="tozero")
    return figure


def cluster_name(name: str) -> str:
    """The name of a cluster, word by word: what is distinct about its customers."""
    return ", ".join(told(word) for word in name.split(", "))
