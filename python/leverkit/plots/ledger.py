"""What became of the input rows, as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.plots import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.ledger import Ledger


def quality_bar(ledger: Ledger) -> go.Figure:
    """Rows kept and rows set aside by reason, each with its share of the rows that came in.

    Raises
    ------
    ImportError
        Plotly is not installed.
    """
    rows = ledger._quality().filter(pl.col("status") != "note")
    total, kept = rows["rows"].sum(), rows.filter(pl.col("status") == "kept")["rows"].sum()
    subtitle = t("{kept} of {rows} rows are in the analysis", kept=numbers.count(kept), rows=numbers.count(total))
    figure = theme.figure(t("Rows read"), subtitle, height=110 + 44 * max(rows.height, 1))
    figure.add_bar(
        y=[_label(row) for row in rows.iter_rows(named=True)],
        x=rows["rows"].to_list(),
        orientation="h",
        marker={"color": [theme.ACCENT if status == "kept" else theme.WARNING for status in rows["status"]]},
        text=[f"{numbers.count(row['rows'])} ({numbers.percent(row['share'])})" for row in rows.iter_rows(named=True)],
        textposition="auto",
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont={"size": 13, "color": theme.INK})
    figure.update_xaxes(visible=False, range=[0, max(total, 1)])
    return figure


def _label(row: dict[str, Any]) -> str:
    if row["status"] == "kept":
        return t("kept")
    reason = told(row["reason"])
    return f"{reason} ({row['column']})" if row["column"] else reason
