"""The figure of a survey's size: what more answers bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leverkit._lib import numbers
from leverkit._lib.text import t
from leverkit.plots import theme
from leverkit.plots.choose import choose
from leverkit.plots.parts import percents

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from leverkit.survey import SampleSize


def sample_size(found: SampleSize, kind: str | None = None) -> go.Figure:
    """What more answers bring ("answers")."""
    return choose(kind, {"answers": lambda: _answers(found)})


def _answers(found: SampleSize) -> go.Figure:
    table = found._tables["table"]
    is_share = table["half_width"].null_count() < table.height
    values = table["half_width" if is_share else "right"]
    figure = theme.figure(
        t("Half-width of the interval by number of answers")
        if is_share
        else t("Probability to declare the right category by number of answers"),
        t("{n} answers are needed", n=numbers.count(found.answers)),
        height=420,
    )
    figure.add_scatter(
        x=table["answers"].to_list(),
        y=values.to_list(),
        mode="lines+markers",
        line={"color": theme.ACCENT, "width": 2.5},
        customdata=percents(values.to_list()),
        hovertemplate="%{x:,}: %{customdata}<extra></extra>",
    )
    figure.add_vline(x=found.answers, line={"color": theme.INK, "width": 1, "dash": "dash"})
    figure.update_xaxes(title_text=t("Answers"), rangemode="tozero")
    figure.update_yaxes(**theme.share_ticks(values.to_list()), rangemode="tozero")
    return figure
