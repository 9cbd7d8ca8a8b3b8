"""Figures of lifetime models: P(alive) and expected orders over frequency and recency, calibration, tracking, the contest and who holds the value.

Every function takes a model or a result of `leverkit.clv` and returns a Plotly figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import day, mark, t, told
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import before_and_now, percents

if TYPE_CHECKING:
    from collections.abc import Callable

    import plotly.graph_objects as go

    from leverkit.clv import Contest, LifetimeValues, ModelDrift, Tracking, Validation
    from leverkit.clv.models import _TimingModel

#: Cells of a heat map along each axis.
_RECENCY_STEPS = 40
_MOST_ORDERS = 20
_UNITS = {
    "day": mark("days"),
    "week": mark("weeks"),
    "month": mark("months"),
    "quarter": mark("quarters"),
    "year": mark("years"),
}


def matrix(model: _TimingModel, kind: str | None, until: float) -> go.Figure:
    """A heat map over frequency and recency of a customer of age `until`: "alive", or "purchases" in the next period as long."""
    return choose(kind, {"alive": lambda: _alive(model, until), "purchases": lambda: _purchases(model, until)})


def _grid(model: _TimingModel, until: float) -> pl.DataFrame:
    """Histories of age `until`; of a model of occasions those that can be: whole numbers, no more orders than occasions."""
    is_discrete = model._family == "beta_geo_beta_binom"
    count = min(_RECENCY_STEPS, max(1, round(until))) if is_discrete else _RECENCY_STEPS
    steps = [until * step / count for step in range(count + 1)]
    if is_discrete:
        until, steps = float(round(until)), [float(round(step)) for step in steps]
    cells = [
        {"frequency": orders, "recency": recency, "T": until, "log_gaps": 0.0}
        for orders in range(_MOST_ORDERS + 1)
        for recency in steps
        if (orders == 0) == (recency == 0.0) and not (is_discrete and orders > recency)
    ]
    return pl.DataFrame(cells)


def _alive(model: _TimingModel, until: float) -> go.Figure:
    grid = _grid(model, until)
    title = t("Who is still a customer")
    subtitle = t(
        "P(alive) of customers whose first order was {until} {units} ago",
        until=numbers.number(until),
        units=t(_UNITS[model.unit]),
    )
    return _heat(model, grid, model.expected_probability_alive(grid), (title, subtitle), numbers.percent, most=1.0)


def _purchases(model: _TimingModel, until: float) -> go.Figure:
    grid = _grid(model, until)
    title = t("Orders to come")
    subtitle = t(
        "Expected in the next {until} {units}, for customers whose first order was equally long ago",
        until=numbers.number(until),
        units=t(_UNITS[model.unit]),
    )
    return _heat(model, grid, model.expected_purchases(grid, future_t=until), (title, subtitle), numbers.decimal)


def _heat(
    model: _TimingModel,
    grid: pl.DataFrame,
    values: Any,
    titles: tuple[str, str],
    write: Callable[[float | None], str],
    most: float | None = None,
) -> go.Figure:
    wide = (
        grid.select("frequency", "recency", value=values)
        # Steps of an age near 0 fall together.
        .pivot(on="frequency", index="recency", values="value", aggregate_function="first")
        .sort("recency")
    )
    figure = theme.figure(*titles, height=520)
    orders = [int(name) for name in wide.columns[1:]]
    figure.add_heatmap(
        x=orders,
        y=wide["recency"].to_list(),
        z=wide.select(wide.columns[1:]).rows(),
        text=[[write(value) for value in row] for row in wide.select(wide.columns[1:]).rows()],
        colorscale=theme.SCALE,
        zmin=0,
        zmax=most,
        colorbar={"outlinewidth": 0, "thickness": 14, **({} if most is None else theme.share_ticks([most]))},
        hovertemplate=t(
            "{x} repeat orders, the last {y} {units} after the first: {z}",
            x="%{x}",
            y="%{y:.0f}",
            z="%{text}",
            units=t(_UNITS[model.unit]),
        )
        + "<extra></extra>",
    )
    figure.update_xaxes(title_text=t("Repeat orders"), showgrid=False, dtick=5)
    figure.update_yaxes(
        title_text=t("Time of the last order after the first, {units}", units=t(_UNITS[model.unit])), showgrid=False
    )
    return figure


def calibration(found: Validation, kind: str | None = None) -> go.Figure:
    """Actual and predicted orders of the holdout by frequency in calibration ("frequency")."""
    return choose(kind, {"frequency": lambda: _calibration(found)})


def _calibration(found: Validation) -> go.Figure:
    table, errors = found._tables["by_frequency"], found._tables["errors"]
    model, naive = errors["mae"]
    figure = theme.figure(
        t("{model}: orders in the holdout", model=found.params["model"]),
        t("Mean error {model:.2f} orders per customer; naive {naive:.2f}", model=model, naive=naive),
    )
    series = (
        ("actual", t("actual"), theme.ACCENT),
        ("predicted", t("predicted"), theme.SEGMENT_COLOURS["About to Sleep"]),
        ("naive", t("naive: own rate"), theme.RULE),
    )
    for column, name, colour in series:
        figure.add_bar(
            x=table["frequency"].to_list(),
            y=table[column].to_list(),
            name=name,
            marker={"color": colour},
            customdata=table["customers"].to_list(),
            hovertemplate=t(
                "{x} repeat orders, {n} customers: {y} orders",
                x="%{x}",
                n="%{customdata:,}",
                y="%{y:.2f}",
            )
            + f"<extra>{name}</extra>",
        )
    figure.update_layout(barmode="group", showlegend=True)
    figure.update_xaxes(title_text=t("Repeat orders in calibration"), type="category")
    figure.update_yaxes(title_text=t("Orders per customer in the holdout"), rangemode="tozero")
    return figure


def drift(found: ModelDrift, kind: str | None = None) -> go.Figure:
    """Shares of customers by bin, as the model expects and as they are ("shares")."""
    return choose(kind, {"shares": lambda: _drift(found)})


def _drift(found: ModelDrift) -> go.Figure:
    row, bins = found._tables["table"].row(0, named=True), found._tables["bins"]
    figure = theme.figure(
        t("Do customers still behave as the model says?"),
        t(
            "Population stability index {psi}; from 0.1 on the model is worth a look, from 0.25 on fit it anew",
            psi=numbers.decimal(row["psi"], 2),
        ),
    )
    is_orders = row["measure"] == "frequency"
    names = [str(place) for place in bins["bin"]]
    if is_orders:
        names[-1] += "+"
    before_and_now(figure, bins, names, (t("as the model expects"), t("actual")))
    figure.update_xaxes(title_text=t("Repeat orders") if is_orders else t("Fifth of expected spend, the lowest first"))
    return figure


def tracking(found: Tracking, kind: str | None = None) -> go.Figure:
    """Repeat orders over time, "cumulative" or "incremental"."""
    return choose(
        kind,
        {
            "cumulative": lambda: _tracking(found, "_cumulative", t("Repeat orders so far")),
            "incremental": lambda: _tracking(found, "", t("Repeat orders in each period")),
        },
    )


def _tracking(found: Tracking, which: str, what: str) -> go.Figure:
    table = found._tables["table"]
    figure = theme.figure(
        t("{model}: expected and actual orders", model=found.params["model"]),
        t(
            "Customers who first ordered by {day}; the model did not see their later orders",
            day=day(found.params["calibration_end"]),
        ),
    )
    for column, name, colour, dash in (
        ("actual", t("actual"), theme.ACCENT, "solid"),
        ("predicted", t("expected"), theme.WARNING, "dash"),
    ):
        figure.add_scatter(
            x=table["end"].to_list(),
            y=table[column + which].to_list(),
            name=name,
            mode="lines",
            line={"color": colour, "width": 2.5, "dash": dash},
            hovertemplate="%{x}: %{y:,.0f}" + f"<extra>{name}</extra>",
        )
    figure.add_vline(x=found.params["calibration_end"], line={"color": theme.MUTED, "width": 1, "dash": "dot"})
    figure.update_layout(showlegend=True)
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(title_text=what, rangemode="tozero")
    return figure


def contest(found: Contest, kind: str | None = None) -> go.Figure:
    """How far each model is behind the best, in log units ("behind")."""
    return choose(kind, {"behind": lambda: _contest(found)})


def _contest(found: Contest) -> go.Figure:
    table = found._tables["table"].drop_nulls("behind")
    figure = theme.figure(
        t("Which model suits these customers"), told(found.verdict), height=140 + 60 * max(table.height, 1)
    )
    behind = table["behind"].to_list()
    figure.add_bar(
        y=table["model"].to_list(),
        x=behind,
        orientation="h",
        marker={"color": [theme.ACCENT if value == 0 else theme.MUTED for value in behind]},
        text=[t("best") if value == 0 else numbers.decimal(value) for value in behind],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:,.1f}<extra></extra>",
    )
    figure.update_xaxes(
        title_text=t("Log units behind the best"), range=[0, max([*behind, 1.0]) * 1.15], showgrid=False
    )
    figure.update_yaxes(autorange="reversed")
    return figure


def concentration(found: LifetimeValues, kind: str | None = None) -> go.Figure:
    """How the value of all customers is shared among them, from the most valuable down ("concentration")."""
    return choose(kind, {"concentration": lambda: _concentration(found)})


def _concentration(found: LifetimeValues) -> go.Figure:
    values = found._tables["customers"]["lifetime_value"].drop_nulls().sort(descending=True)
    shares = values.cum_sum() / values.sum()
    places = sorted({round(place * (values.len() - 1) / 200) for place in range(201)}) if values.len() else []
    estimate, lower, upper = found.total
    horizon, value = told(found.params["horizon"] or t("an unlimited horizon")), numbers.money(estimate)
    if lower is None or upper is None:
        what = t("Lifetime value within {horizon}: {value}, limits unknown", horizon=horizon, value=value)
    else:
        what = t(
            "Lifetime value within {horizon}: {value} ({lower} to {upper})",
            horizon=horizon,
            value=value,
            lower=numbers.money(lower),
            upper=numbers.money(upper),
        )
    figure = theme.figure(t("Who holds the value"), what)
    figure.add_scatter(
        x=[(place + 1) / values.len() for place in places],
        y=[shares[place] for place in places],
        mode="lines",
        fill="tozeroy",
        line={"color": theme.ACCENT, "width": 2.5},
        customdata=[[*percents([(place + 1) / values.len(), shares[place]])] for place in places],
        hovertemplate=t("the most valuable {x} hold {y}", x="%{customdata[0]}", y="%{customdata[1]}")
        + "<extra></extra>",
    )
    figure.update_xaxes(
        title_text=t("Customers, most valuable first"),
        range=[0, 1],
        showgrid=False,
        **theme.share_ticks([0.0, 1.0]),
    )
    figure.update_yaxes(title_text=t("Share of the value"), range=[0, 1.02], **theme.share_ticks([0.0, 1.0]))
    return figure
