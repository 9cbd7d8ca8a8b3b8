"""The figure of KPIs: what each position earns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leverkit._lib import numbers
from leverkit._lib.text import t
from leverkit.plots import theme
from leverkit.plots.choose import choose

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.profit import Bonus


def bonus(found: Bonus, kind: str | None = None) -> go.Figure:
    """Bonus and what was earned of it, by position ("bars")."""
    return choose(kind, {"bars": lambda: _bonus(found)})


def _bonus(found: Bonus) -> go.Figure:
    table = found._tables["positions"]
    figure = theme.figure(
        t("Bonus by position"), t("Money when every plan is met, and money earned"), height=150 + 60 * table.height
    )
    for column, name, colour in (("bonus", t("plan met"), theme.RULE), ("earned", t("earned"), theme.ACCENT)):
        figure.add_bar(
            y=table["position"].to_list(),
            x=table[column].to_list(),
            name=name,
            orientation="h",
            marker={"color": colour},
            text=[numbers.money(value) for value in table[column]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}: %{{text}} {name}<extra></extra>",
        )
    figure.update_layout(barmode="group", showlegend=True, legend={"traceorder": "reversed"})
    figure.update_xaxes(rangemode="tozero", tickformat=",.0f")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure
