"""Text is text in figures: Plotly reads HTML in labels, and names of products, channels and columns may hold any.

Every figure passes through here on its way to the user and to the page, so that no figure needs to think of it.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: What the figures themselves are written with; any other sign that could begin markup is shown as it is.
_FOREIGN = re.compile(r"<(?!br>|/?b>|/?extra>)")


def as_text(figure: go.Figure) -> go.Figure:
    """The figure with its texts as they are read: ``<img src=x>`` in a name is shown, not drawn. Figures without any are unchanged."""
    import plotly.graph_objects as go

    parts = figure.to_dict()
    shown = _shown(parts)
    return figure if shown is parts else go.Figure(shown)


def text_parts(figure: go.Figure) -> dict[str, Any]:
    """The figure as data, with its texts as `as_text` has them."""
    parts: dict[str, Any] = _shown(figure.to_dict())
    return parts


def as_read(text: str | None) -> str:
    """A text of a figure as it is read, for a page that escapes it by itself.

    >>> as_read("Next after &lt;tea>")
    'Next after <tea>'
    """
    return unescape(text or "")


def _shown(part: Any) -> Any:
    """The part with its markup shown; the part itself where it has none."""
    if isinstance(part, str):
        return _FOREIGN.sub("&lt;", part) if "<" in part else part
    if isinstance(part, dict):
        shown = {name: _shown(value) for name, value in part.items()}
        return shown if any(shown[name] is not value for name, value in part.items()) else part
    if str(getattr(part, "dtype", "")) == "object":
        return _shown(part.tolist())
    if isinstance(part, (list, tuple)):
        values = [_shown(value) for value in part]
        return values if any(new is not old for new, old in zip(values, part, strict=True)) else part
    return part
