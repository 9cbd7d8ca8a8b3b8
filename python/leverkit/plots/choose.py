"""Picks a figure by its name: every result's `plot(kind)` goes through here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from leverkit.errors import ParameterError

if TYPE_CHECKING:
    import plotly.graph_objects as go


def choose(kind: str | None, figures: Mapping[str, Callable[[], go.Figure]]) -> go.Figure:
    """The figure of that name; the first where none is named.

    Raises
    ------
    ParameterError
        There is no figure of that name.
    """
    if kind is not None and kind not in figures:
        expected = " or ".join(f'"{name}"' for name in figures)
        raise ParameterError(f"kind: got {kind!r}; expected {expected}", parameter="kind")
    return figures[kind or next(iter(figures))]()
