"""Figures of difference-in-differences: effects by time since treatment with their band, and by cohort and period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leverkit._lib import numbers
from leverkit._lib.text import t
from leverkit.plots import theme
from leverkit.plots.choose import choose

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.effect import Did


def did(found: Did, kind: str | None = None) -> go.Figure:
    """Effects by time since treatment ("event_study"), or by cohort and period ("group_time")."""
    return choose(kind, {"event_study": lambda: _event_study(found), "group_time": lambda: _group_time(found)})


def _event_study(found: Did) -> go.Figure:
    table = found._tables["event_study"]
    figure = theme.figure(t("Effect by time since treatment"), _pre_trend(found), height=440)
    banded = table.drop_nulls(["band_lower", "band_upper"])
    times = banded["event_time"].to_list()
    theme.band(figure, times, banded["band_lower"].to_list(), banded["band_upper"].to_list())
    for side, colour in ((table["event_time"] < 0, theme.MUTED), (table["event_time"] >= 0, theme.ACCENT)):
        part = table.filter(side)
        figure.add_scatter(
            x=part["event_time"].to_list(),
            y=part["estimate"].to_list(),
            error_y={
                "array": (part["upper"] - part["estimate"]).fill_null(0).to_list(),
                "color": colour,
                "thickness": 1.5,
                "width": 0,
            },
            mode="markers+lines",
            line={"color": colour, "width": 2},
            marker={"color": colour, "size": 8},
            hovertemplate="%{x}: %{y:,.4g}<extra></extra>",
        )
    figure.add_hline(y=0, line={"color": theme.INK, "width": 1})
    figure.add_vline(x=-0.5, line={"color": theme.RULE, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(title_text=t("Periods since the first treated one"), dtick=1 if len(table) < 20 else None)
    figure.update_yaxes(title_text=t("Effect"))
    return figure


def _pre_trend(found: Did) -> str:
    if found.pre_trend is None:
        return t("No period before treatment shows whether trends were parallel")
    p = found.pre_trend.p_value
    text = t("p < 0.001") if p < 0.001 else t("p = {p:.3f}", p=p)
    return t(
        "Bars: {level} limits of each; band: of all at once. Test of no difference before treatment: {text}",
        level=numbers.percent(found.params["level"]),
        text=text,
    )


def _group_time(found: Did) -> go.Figure:
    table = found._tables["group_time"]
    cells = {(row["cohort"], row["period"]): row["estimate"] for row in table.iter_rows(named=True)}
    cohorts = table["cohort"].unique(maintain_order=True).to_list()
    # The cohort with the most periods has them in the order of time.
    longest = table.filter(table["cohort"] == table["cohort"].mode().sort()[0])
    periods = longest["period"].to_list()
    values = [[cells.get((cohort, period)) for period in periods] for cohort in cohorts]
    most = max((abs(value) for row in values for value in row if value is not None), default=1.0) or 1.0
    figure = theme.figure(
        t("Effect by cohort and period"),
        t("Rows: first treated period; before it, effects should be near 0"),
        height=180 + 34 * len(cohorts),
    )
    figure.add_heatmap(
        x=periods,
        y=cohorts,
        z=values,
        zmin=-most,
        zmax=most,
        colorscale=[[0, "#d8693a"], [0.5, theme.PAPER], [1, "#58a5bc"]],
        texttemplate="%{z:,.3g}" if len(periods) <= 14 else None,
        xgap=2,
        ygap=2,
        showscale=len(periods) > 14,
        colorbar={"title": {"text": t("Effect")}, "outlinewidth": 0, "nticks": 4},
        hovertemplate="%{y} → %{x}: %{z:,.4g}<extra></extra>",
    )
    figure.update_xaxes(title_text=t("Period"), type="category", showgrid=False)
    figure.update_yaxes(title_text=t("First treated"), type="category", autorange="reversed", showgrid=False)
    return figure
