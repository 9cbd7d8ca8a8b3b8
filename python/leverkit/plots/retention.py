"""Figures of what keeps customers: the limit day, norms, triggers, migration, cohorts and tenure.

Every function takes a result of `leverkit.rfm` and returns a Plotly figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import current, day, mark, t, told
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import at_ends, fill, label

if TYPE_CHECKING:
    from collections.abc import Callable

    import plotly.graph_objects as go

    from leverkit.rfm import Cohorts, LimitDays, Migration, Norms, Tenure, Triggers

#: Fewer open gaps than this tell nothing: curves end there.
_FEWEST_AT_RISK = 10
#: Share of customers below which a node of the Sankey has no room for its name.
_SANKEY_ROOM = 0.015
#: More periods than this have no room for numbers.
_MOST_NUMBERS = 26
#: Bands of more groups than this cover each other.
_MOST_BANDS = 3
_TRIGGERS = {
    "limit_day": (mark("crosses the limit day"), theme.WARNING),
    "win_back": (mark("past it, to win back"), theme.MUTED),
}
#: Of each measure its name, and its norm in words.
MEASURES = {
    "recency": (mark("Recency"), mark("{direction} {value} {value:day|days} since the last order")),
    "orders_per_year": (mark("Frequency"), mark("{direction} {value} {value:order|orders} per year")),
    "average_check": (mark("Average check"), mark("{direction} {value} money")),
    "all": (mark("All norms at once"), ""),
}
_COHORTS = {
    "retention": {
        "day": mark("Cohorts by day of the first order (customers), share with an order"),
        "week": mark("Cohorts by week of the first order (customers), share with an order"),
        "month": mark("Cohorts by month of the first order (customers), share with an order"),
        "quarter": mark("Cohorts by quarter of the first order (customers), share with an order"),
        "year": mark("Cohorts by year of the first order (customers), share with an order"),
    },
    "cumulative_revenue_per_customer": {
        "day": mark("Cohorts by day of the first order (customers), revenue so far for each customer"),
        "week": mark("Cohorts by week of the first order (customers), revenue so far for each customer"),
        "month": mark("Cohorts by month of the first order (customers), revenue so far for each customer"),
        "quarter": mark("Cohorts by quarter of the first order (customers), revenue so far for each customer"),
        "year": mark("Cohorts by year of the first order (customers), revenue so far for each customer"),
    },
}
_SINCE = {
    "day": mark("Days since the first order; grey: not over yet"),
    "week": mark("Weeks since the first order; grey: not over yet"),
    "month": mark("Months since the first order; grey: not over yet"),
    "quarter": mark("Quarters since the first order; grey: not over yet"),
    "year": mark("Years since the first order; grey: not over yet"),
}


def limit_day(limits: LimitDays, kind: str | None = None) -> go.Figure:
    """The chance of return by silent days with the limit day ("chance"), or the return-time curve ("returns")."""
    return choose(kind, {"chance": lambda: _chance(limits), "returns": lambda: _returns(limits)})


def _chance(limits: LimitDays) -> go.Figure:
    table, p = limits._tables["limits"], limits.params["p"]
    what = t("Chance of an order within {days} {days:day|days}", days=numbers.count(limits.horizon))
    figure = theme.figure(t("How long a customer may be silent"), _limit_words(limits), height=440)
    uppers: list[float | None] = [p]
    ends = []
    for place, (group, curve) in enumerate(_curves(limits)):
        known = curve.drop_nulls("return_chance")
        colour = _colour(table, place)
        if table.height <= _MOST_BANDS:
            _add_band(figure, known, "chance_lower", "chance_upper", colour)
        _add_line(figure, known, known["return_chance"], group, colour, what)
        uppers += known["chance_upper" if table.height <= _MOST_BANDS else "return_chance"].to_list()
        ends += [(known["return_chance"][-1], group, colour)] if known.height else []
    figure.add_hline(
        y=p,
        line={"color": theme.INK, "width": 1, "dash": "dot"},
        annotation={
            "text": t("{share}: a cold lead", share=numbers.percent(p)),
            "font": {"color": theme.MUTED},
            "yanchor": "bottom",
            "showarrow": False,
        },
    )
    if table.height == 1:
        _mark_limit(figure, table.row(0, named=True))
    figure.update_xaxes(title_text=t("Days since the last order"), rangemode="tozero", showgrid=False)
    figure.update_yaxes(title_text=what, rangemode="tozero", **theme.share_ticks(uppers))
    if table.height > 1:
        at_ends(figure, ends, (0.0, 1.05 * max(upper for upper in uppers if upper is not None)))
    return figure


def _limit_words(limits: LimitDays) -> str:
    table = limits._tables["limits"]
    row = table.row(0, named=True)
    if table.height > 1:
        found = table["limit_day"].drop_nulls().len()
        return t("{found} of {groups} groups have a limit day; the largest are shown", found=found, groups=table.height)
    if row["limit_day"] is None:
        return t("No limit day: {reason}", reason=told(row["reason"]))
    return t(
        "Limit day {day}, {level} limits {lower} to {upper}, from {gaps} {gaps:gap|gaps} between orders",
        day=numbers.count(row["limit_day"]),
        level=numbers.percent(limits.params["level"]),
        lower=numbers.count(row["lower"]),
        upper=t("open") if row["upper"] is None else numbers.count(row["upper"]),
        gaps=numbers.count(row["n"]),
    )


def _curves(limits: LimitDays) -> list[tuple[str, pl.DataFrame]]:
    """The curves of the largest groups, largest first."""
    largest = (
        limits._tables["limits"].sort("n", descending=True, maintain_order=True)["group"].head(len(theme.GROUP_COLOURS))
    )
    curve = limits._tables["curve"].filter(pl.col("at_risk") >= _FEWEST_AT_RISK)
    return [(group or t("unknown"), curve.filter(pl.col("group").eq_missing(pl.lit(group)))) for group in largest]


def _colour(table: pl.DataFrame, place: int) -> str:
    if table.height == 1:
        return theme.ACCENT
    return theme.GROUP_COLOURS[place]


def _add_band(figure: go.Figure, curve: pl.DataFrame, lower: str, upper: str, colour: str) -> None:
    days = curve["day"].to_list()
    theme.band(figure, days, curve[lower].to_list(), curve[upper].to_list(), fillcolor=colour, opacity=0.15)


def _add_line(figure: go.Figure, curve: pl.DataFrame, shares: pl.Series, group: str, colour: str, what: str) -> None:
    figure.add_scatter(
        x=curve["day"].to_list(),
        y=shares.to_list(),
        customdata=[numbers.percent(share) for share in shares],
        name=group,
        mode="lines",
        line={"color": colour, "width": 2.5},
        hovertemplate=f"{t('day')} %{{x}}: %{{customdata}}<br>{what}<extra>{label(group) if group != 'all' else ''}</extra>",
    )


def _mark_limit(figure: go.Figure, row: dict[str, Any]) -> None:
    if row["limit_day"] is None:
        return
    if row["upper"] is not None:
        figure.add_vrect(x0=row["lower"], x1=row["upper"], fillcolor=theme.WARNING, opacity=0.12, line_width=0)
    figure.add_vline(
        x=row["limit_day"],
        line={"color": theme.WARNING, "width": 2},
        annotation={
            "text": f"<b>{t('limit day {day}', day=numbers.count(row['limit_day']))}</b>",
            "font": {"color": theme.WARNING, "size": 14},
            "xanchor": "left",
            "showarrow": False,
        },
    )


def _returns(limits: LimitDays) -> go.Figure:
    table = limits._tables["limits"]
    figure = theme.figure(
        t("When customers come back"), t("Share of gaps between orders that last longer (Kaplan–Meier)"), height=440
    )
    ends = []
    for place, (group, curve) in enumerate(_curves(limits)):
        colour = _colour(table, place)
        if table.height <= _MOST_BANDS:
            _add_band(figure, curve, "lower", "upper", colour)
        _add_line(figure, curve, curve["survival"], group, colour, t("have not ordered again"))
        ends += [(curve["survival"][-1], group, colour)] if curve.height else []
    if table.height == 1:
        _mark_limit(figure, table.row(0, named=True))
    figure.update_xaxes(title_text=t("Days since the last order"), rangemode="tozero", showgrid=False)
    figure.update_yaxes(title_text=t("Not yet back"), range=[0, 1.02], **theme.share_ticks([1.0]))
    if table.height > 1:
        at_ends(figure, ends, (0.0, 1.02))
    return figure


def norms(found: Norms, kind: str | None = None) -> go.Figure:
    """How many customers return within each norm ("rates") and outside it."""
    return choose(kind, {"rates": lambda: _rates(found)})


def _rates(found: Norms) -> go.Figure:
    table = found._tables["table"].drop_nulls("return_rate_above")
    figure = theme.figure(
        t("What keeps a customer loyal"),
        t(
            "Share of customers who bought again within {days} {days:day|days}, in the window that tests the norms",
            days=numbers.count(found.params["horizon"]),
        ),
        height=120 + 90 * max(table.height, 1),
    )
    names = [_norm_label(row) for row in table.iter_rows(named=True)]
    for column, name, colour in (
        ("return_rate_below", t("outside the norm"), theme.MUTED),
        ("return_rate_above", t("within the norm"), theme.ACCENT),
    ):
        shares = table[column].to_list()
        figure.add_bar(
            y=names,
            x=shares,
            name=name,
            orientation="h",
            marker={"color": colour},
            text=[numbers.percent(share) for share in shares],
            textposition="outside",
            hovertemplate=t("{share} of customers {which} bought again", share="%{text}", which=name)
            + "<extra></extra>",
        )
    figure.update_layout(barmode="group", showlegend=True, legend={"traceorder": "reversed"})
    figure.update_xaxes(range=[0, 1.12], showgrid=False, **theme.share_ticks([1.0]))
    figure.update_yaxes(autorange="reversed")
    return figure


def _norm_label(row: dict[str, Any]) -> str:
    name, has_norm = MEASURES[row["measure"]]
    return f"<b>{t(name)}</b><br>{norm_text(row)}" if has_norm else f"<b>{t(name)}</b>"


def norm_text(row: dict[str, Any]) -> str:
    """A norm in words, such as ``at most 15 days since the last order``."""
    template = MEASURES[row["measure"]][1]
    if row["norm"] is None or not template:
        return t("no norm") if template else ""
    return t(template, direction=told(row["direction"]), value=writer_of(row["measure"])(row["norm"]))


def writer_of(measure: str) -> Callable[[Any], str]:
    """How a norm of this measure is written: as money, or as days and orders with the digits that they have."""
    return numbers.money if measure == "average_check" else lambda value: numbers.number(float(f"{value:.3g}"))


def triggers(found: Triggers, kind: str | None = None) -> go.Figure:
    """Expected loss by segment and trigger ("segments")."""
    return choose(kind, {"segments": lambda: _trigger_bars(found)})


def _trigger_bars(found: Triggers) -> go.Figure:
    rows = found._tables["table"]
    sums = rows.group_by("segment", "trigger", maintain_order=True).agg(
        customers=pl.len(), loss=pl.col("expected_loss").sum(), value=pl.col("value_at_risk").sum()
    )
    sums = sums.sort("loss", "segment", descending=True)
    totals = sums.group_by("segment").agg(pl.col("loss").sum()).sort("loss", "segment", descending=True)
    order = totals["segment"].to_list()
    subtitle = t(
        "Expected loss, money per year, of customers to call from {start} to {end}",
        start=day(found.params["start"]),
        end=day(found.params["end"]),
    )
    figure = theme.figure(t("Who is about to be lost"), subtitle, height=140 + 40 * max(len(order), 2))
    for trigger, (words, colour) in _TRIGGERS.items():
        part = sums.filter(pl.col("trigger") == trigger)
        figure.add_bar(
            y=[told(name) for name in part["segment"]],
            x=part["loss"].to_list(),
            name=t(words),
            orientation="h",
            marker={"color": colour},
            customdata=[
                t(
                    "{customers} {customers:customer|customers}, {money} per year at risk",
                    customers=numbers.count(row["customers"]),
                    money=numbers.money(row["value"]),
                )
                for row in part.iter_rows(named=True)
            ],
            hovertemplate="%{y}: %{x:,.0f}<br>%{customdata}<extra>" + t(words) + "</extra>",
        )
    figure.update_layout(barmode="stack", showlegend=True)
    figure.update_xaxes(title_text=t("Expected loss, money per year"), rangemode="tozero")
    figure.update_yaxes(categoryorder="array", categoryarray=[told(name) for name in order[::-1]], showgrid=False)
    if not order:
        fill(figure, t("Nobody crosses the limit day"))
    return figure


def migration(found: Migration, kind: str | None = None) -> go.Figure:
    """Flows of the last step ("sankey"), or shares of all steps together ("matrix")."""
    return choose(kind, {"sankey": lambda: _sankey(found), "matrix": lambda: _matrix(found)})


def _sankey(found: Migration) -> go.Figure:
    before, after = found.params["dates"][-2:]
    flows = found._tables["flows"].filter(pl.col("to_date") == pl.lit(after).str.to_date())
    flows = flows.with_columns(pl.col("from_segment").fill_null("no order yet"))
    colours = theme.segment_colours(found.segments) | {"no order yet": theme.RULE}
    left = [name for name in colours if name in flows["from_segment"].to_list()]
    right = [name for name in found.segments if name in flows["to_segment"].to_list()]
    down = flows.filter(pl.col("move") == "down")["customers"].sum()
    figure = theme.figure(
        t("Who moved"),
        t(
            "Customers by segment on {before} (left) and {after} (right); {down} moved down (red)",
            before=day(before),
            after=day(after),
            down=numbers.count(down),
        ),
        height=560,
    )
    figure.add_sankey(
        arrangement="fixed",
        node={
            "label": _node_labels(flows, "from_segment", left) + _node_labels(flows, "to_segment", right),
            "color": [colours[name] for name in left + right],
            "pad": 12,
            "thickness": 14,
            "line": {"width": 0},
            "x": [0.001] * len(left) + [0.999] * len(right),
            "y": _heights(flows, "from_segment", left) + _heights(flows, "to_segment", right),
        },
        link={
            "source": [left.index(name) for name in flows["from_segment"]],
            "target": [len(left) + right.index(name) for name in flows["to_segment"]],
            "value": flows["customers"].to_list(),
            "color": ["rgba(180,71,31,0.45)" if move == "down" else "rgba(102,114,124,0.18)" for move in flows["move"]],
            "customdata": [
                f"{told(row['from_segment'])} → {told(row['to_segment'])}<br>"
                + t(
                    "{customers} {customers:customer|customers}, revenue {money}",
                    customers=numbers.count(row["customers"]),
                    money=numbers.money(row["revenue"]),
                )
                for row in flows.iter_rows(named=True)
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        textfont={"size": 13, "color": theme.INK},
    )
    figure.update_layout(margin={"l": 8, "r": 8, "b": 16})
    return figure


def _node_labels(flows: pl.DataFrame, column: str, names: list[str]) -> list[str]:
    sizes = dict(flows.group_by(column).agg(pl.col("customers").sum()).iter_rows())
    total = sum(sizes.values())
    return [told(name) if sizes[name] >= _SANKEY_ROOM * total else "" for name in names]


def _heights(flows: pl.DataFrame, column: str, names: list[str]) -> list[float]:
    """The middle of each node from the top, in the given order, as Plotly wants it for fixed nodes."""
    sizes = dict(flows.group_by(column).agg(pl.col("customers").sum()).iter_rows())
    total = sum(sizes.values())
    middles, above = [], 0
    for name in names:
        middles.append(min(max((above + sizes[name] / 2) / total, 0.001), 0.999))
        above += sizes[name]
    return middles


def _matrix(found: Migration) -> go.Figure:
    shares = found._matrix(share=True)
    steps = len(found.params["dates"]) - 1
    figure = theme.figure(
        t("Where customers go"),
        t(
            "Shares of each segment's customers by their segment on the next date, {steps} {steps:step|steps} together",
            steps=steps,
        ),
        height=560,
    )
    columns = shares.columns[1:]
    values = shares.select(columns).rows()
    figure.add_heatmap(
        x=[told(name) for name in columns],
        y=[told(name) for name in shares["from_segment"]],
        z=values,
        text=[[numbers.percent(share) if share > 0 else "" for share in row] for row in values],
        texttemplate="%{text}",
        textfont={"size": 12, "color": theme.INK},
        hovertemplate="%{y} → %{x}: %{text}<extra></extra>",
        colorscale=theme.SCALE,
        showscale=False,
        xgap=2,
        ygap=2,
    )
    figure.update_xaxes(side="top", showgrid=False, tickangle=-35)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(margin={"t": 190})
    return figure


def cohorts(found: Cohorts, kind: str | None = None) -> go.Figure:
    """A heat map of "retention", or of cumulative "revenue" for each customer; incomplete cells are grey."""
    return choose(
        kind,
        {
            "retention": lambda: _cohort_map(found, "retention", numbers.percent, t("Who stays")),
            "revenue": lambda: _cohort_map(
                found, "cumulative_revenue_per_customer", numbers.money, t("What a customer brings in")
            ),
        },
    )


def _cohort_map(found: Cohorts, column: str, write: Callable[[float], str], title: str) -> go.Figure:
    table, period = found._tables["table"], found.params["period"]
    sizes = table.filter(pl.col("period") == 0)
    names = [
        f"{_cohort_name(row['cohort'], period)} ({numbers.count(row['cohort_size'])})"
        for row in sizes.iter_rows(named=True)
    ]
    rows = dict(zip(sizes["cohort"], range(len(names)), strict=True))
    width = int(table["period"].max()) + 1  # type: ignore[arg-type]  # A whole number: the table has rows.
    figure = theme.figure(title, t(_COHORTS[column][period]), height=150 + 34 * len(names))
    for complete, scale in ((True, theme.SCALE), (False, ["#f4f5f6", "#d9dde0"])):
        grid: list[list[float | None]] = [[None] * width for _ in names]
        # Everybody has an order in the first period: its 100 % would outshine the others.
        part = table.filter(pl.col("complete") == complete, (pl.col("period") > 0) | (column != "retention"))
        for cohort, place, value in part.select("cohort", "period", column).iter_rows():
            grid[rows[cohort]][place] = value
        figure.add_heatmap(
            x=list(range(width)),
            y=names,
            z=grid,
            text=[["" if value is None else write(value) for value in row] for row in grid],
            texttemplate="%{text}" if width <= _MOST_NUMBERS else "",
            textfont={"size": 11, "color": theme.INK if complete else theme.MUTED},
            hovertemplate=f"%{{y}}, {told(period)} %{{x}}: %{{text}}{'' if complete else t(', not over yet')}<extra></extra>",
            hoverongaps=False,
            colorscale=scale,
            showscale=False,
            zmin=0,
            xgap=2,
            ygap=2,
        )
    figure.update_xaxes(
        title_text=t(_SINCE[period]),
        showgrid=False,
        dtick=1 if width <= _MOST_NUMBERS else 10,
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def _cohort_name(start: Any, period: str) -> str:
    form = current().format
    if period == "quarter":
        return str(form["quarter"].format(year=start.year, quarter=(start.month + 2) // 3))
    return str(start.strftime({"month": form["month"], "year": "%Y"}.get(period, form["day"])))


def tenure(found: Tenure, kind: str | None = None) -> go.Figure:
    """The share of each band of tenure that is "active", or "revenue" by band."""
    return choose(kind, {"active": lambda: _active_by_tenure(found), "revenue": lambda: _revenue_by_tenure(found)})


def _active_by_tenure(found: Tenure) -> go.Figure:
    table = found._tables["table"].drop_nulls("active_share")
    days = found.params["active_days"]
    figure = theme.figure(
        t("Who still orders, by tenure"),
        t("Share of customers with an order in the last {days} {days:day|days}, with limits", days=days),
    )
    share, lower, upper = (table[name] for name in ("active_share", "active_lower", "active_upper"))
    error = {"array": upper - share, "arrayminus": share - lower, "color": theme.MUTED}
    _add_bands(figure, table, share, numbers.percent, error_y=error)
    figure.update_yaxes(**theme.share_ticks(upper.to_list()))
    return figure


def _revenue_by_tenure(found: Tenure) -> go.Figure:
    table = found._tables["table"]
    figure = theme.figure(t("What customers brought, by tenure"), t("Money of all orders of each band's customers"))
    _add_bands(figure, table, table["revenue"], numbers.money)
    return figure


def _add_bands(
    figure: go.Figure, table: pl.DataFrame, values: pl.Series, write: Callable[[Any], str], **bars: Any
) -> None:
    figure.add_bar(
        x=[_band_name(row) for row in table.iter_rows(named=True)],
        y=values.to_list(),
        text=[write(value) for value in values],
        textposition="inside",
        insidetextanchor="start",
        marker_color=theme.ACCENT,
        hovertemplate="%{x}: %{text}<extra></extra>",
        **bars,
    )
    figure.update_xaxes(title_text=t("Days since the first order (customers)"), type="category", showgrid=False)
    figure.update_yaxes(rangemode="tozero")


def _band_name(row: dict[str, Any]) -> str:
    days = f"{row['from_days']}+" if row["to_days"] is None else f"{row['from_days']}–{row['to_days']}"
    return f"{days} ({numbers.count(row['customers'])})"
