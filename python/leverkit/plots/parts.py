"""What figures of pricing share: names of groups, and the steps of a waterfall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib.text import t
from leverkit.plots import theme

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Most groups of a figure; the others are left to the table.
MOST = 15


def spoken(name: str) -> str:
    """The name of a step, effect or zone as people read it; a user's own name as it is."""
    known = {
        "list price": t("list price"),
        "invoice price": t("invoice price"),
        "pocket price": t("pocket price"),
        "cost": t("cost"),
        "margin": t("margin"),
        "base": t("base"),
        "against": t("against"),
        "price": t("price"),
        "volume": t("volume"),
        "mix": t("mix"),
        "new": t("new"),
        "lost": t("lost"),
        "currency": t("currency"),
        "without_units": t("without units"),
        "below floor": t("below floor"),
        "floor to target": t("floor to target"),
        "target to stretch": t("target to stretch"),
        "stretch": t("stretch"),
    }
    return known.get(name, name.replace("_", " "))


def labels(table: pl.DataFrame, keys: list[str]) -> list[str]:
    """The values of each group's keys, as one name."""
    return [_label(keys, row) for row in table.iter_rows(named=True)]


def _label(keys: list[str], row: dict[str, Any]) -> str:
    return " · ".join(t("unknown") if row[key] is None else str(row[key]) for key in keys) or t("all deals")


def steps(figure: go.Figure, names: list[str], amounts: list[float], measures: list[str], texts: list[str]) -> None:
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
