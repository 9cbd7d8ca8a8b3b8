"""The colours of figures on a dark page, by those of a light one: what was dark on light is light on dark, so that texts keep their contrast."""

from __future__ import annotations

from leverkit.plots import theme

_SCALE = ("#1d2a32", "#214352", "#295b6e", "#33748b", "#4590a9")
_SEGMENTS = (
    "#93d1e6",
    "#6cbbd6",
    "#5aa9c2",
    "#2f6f86",
    "#24505f",
    "#6e5310",
    "#8f6a1a",
    "#e58f68",
    "#f2ab93",
    "#59636b",
    "#8a949c",
)
#: A light page's colours, and what they become.
COLOURS = {
    theme.PAPER: "#161d23",
    theme.INK: "#e6edf2",
    theme.MUTED: "#a7b4be",
    theme.RULE: "#35424c",
    theme.ACCENT: "#5dbbda",
    theme.WARNING: "#f0916a",
    **dict(zip(theme.SCALE, _SCALE, strict=True)),
    **dict(zip(theme.SEGMENT_COLOURS.values(), _SEGMENTS, strict=True)),
}
