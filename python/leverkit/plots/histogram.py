"""Histograms that stay readable with heavy tails: where to put the axis and the bins, and how many fall in each.

The drawing is left to the figures. Only the counts reach the browser, never the values.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

#: Where percentile 99 is so many times percentile 1, a linear axis would put most customers in its first bin.
_LOG_FROM = 50.0
_BINS = 40
#: Share of values above zero from which on a log axis shows what there is.
_POSITIVE = 0.9
#: Smaller values are zero on an axis with greater ones, and their ratio is beyond floating point.
_LEAST = 1e-200
#: Differences of greater values are beyond floating point.
_MOST = 1e307
#: Bins of whole numbers on a log axis widen with the value, never narrow again: no comb of one and two values a bin.
_GROWTH = 0.12


@dataclass(frozen=True)
class Histogram:
    """Counts between ascending edges, and whether the axis is logarithmic.

    The first and last bin hold what lies `beyond` the axis as well. Bins of whole numbers begin and end halfway between
    two of them.
    """

    edges: list[float]
    counts: list[int]
    is_whole: bool
    is_log: bool
    beyond: int

    @property
    def least(self) -> float:
        """The first value of the first bin."""
        return self.edges[0] + 0.5 if self.is_whole else self.edges[0]

    def position(self, value: float) -> float:
        """Where a value lies on the axis, kept within it."""
        inside = min(max(value, self.edges[0]), self.edges[-1])
        return math.log10(inside) if self.is_log else inside

    def between(self, cut: float, *, is_upper: bool) -> float:
        """Where a cut point lies on the axis: with whole numbers halfway between the last value before it and the next.

        `is_upper` tells whether a value equal to the cut point lies before it.
        """
        if self.is_whole:
            cut = math.floor(cut) + 0.5 if is_upper else math.ceil(cut) - 0.5
        return self.position(cut)


def histogram(values: pl.Series) -> Histogram:
    """Counts of the known values; the axis ends near the 1st and 99th percentile where tails are long.

    >>> import polars as pl
    >>> histogram(pl.Series([1, 1, 2, 3])).counts
    [2, 1, 1]
    """
    known = values.drop_nulls().cast(pl.Float64)
    known = known.filter(known.is_finite()).clip(-_MOST, _MOST)
    if known.is_empty():
        return Histogram([0.0, 1.0], [0], is_whole=False, is_log=False, beyond=0)
    is_log = _is_heavy_tailed(known)
    low, high = _range(known.filter(known > _LEAST).log10() if is_log else known)
    low, high = (10**low, 10**high) if is_log else (low, high)
    # Whole numbers beyond 2^53 have no neighbours by which bins could grow.
    is_whole = bool((known == known.round()).all()) and high < 2**53
    edges = _edges(low, high, is_whole=is_whole, is_log=is_log)
    inside = known.clip(edges[0], edges[-1])
    return Histogram(edges, _counts(inside, edges), is_whole, is_log, beyond=int((known != inside).sum()))


def _is_heavy_tailed(known: pl.Series) -> bool:
    """Whether tails are long; a few values of nothing or less, such as of those who returned all, hinder no log axis."""
    positive = known.filter(known > _LEAST)
    if positive.len() < _POSITIVE * known.len():
        return False
    low, high = _quantiles(positive)
    return high / low >= _LOG_FROM


def _range(positions: pl.Series) -> tuple[float, float]:
    """From percentile 1 to 99 and half their distance further, or to the least and greatest value where these are nearer."""
    low, high = _quantiles(positions)
    margin = (high - low) / 2 or math.inf
    return max(_least(positions), low - margin), min(_greatest(positions), high + margin)


def _edges(low: float, high: float, *, is_whole: bool, is_log: bool) -> list[float]:
    if is_whole:
        widen: Callable[[float], float] = (
            (lambda edge: max(1, round(_GROWTH * edge))) if is_log else (lambda _: math.ceil((high - low + 1) / _BINS))
        )
        return _stepped(math.floor(low) - 0.5, high, widen)
    if low == high:
        half = 0.5 if abs(low) < 2**52 else abs(low) / 2
        return [low * 0.5, low * 1.5] if low > 0 else [low - half, low + half]
    steps = (step / _BINS for step in range(_BINS + 1))
    edges = (low * (high / low) ** step if is_log else low + (high - low) * step for step in steps)
    return list(dict.fromkeys(edges))  # numbers next to nothing lie too close for all bins


def _stepped(first: float, high: float, widen: Callable[[float], float]) -> list[float]:
    edges = [first]
    while edges[-1] < high:
        edges.append(edges[-1] + widen(edges[-1]))
    return edges


def _counts(inside: pl.Series, edges: list[float]) -> list[int]:
    inner = pl.Series(edges[1:-1], dtype=pl.Float64)
    found = dict(inner.search_sorted(inside, side="right").value_counts().iter_rows())
    return [found.get(index, 0) for index in range(len(edges) - 1)]


def _quantiles(values: pl.Series) -> tuple[float, float]:
    return float(values.quantile(0.01) or 0.0), float(values.quantile(0.99) or 0.0)


def _least(values: pl.Series) -> float:
    return float(values.min())  # type: ignore[arg-type]


def _greatest(values: pl.Series) -> float:
    return float(values.max())  # type: ignore[arg-type]


def round_ticks(low: float, high: float, *, is_log: bool) -> list[float]:
    """Round numbers within the axis: 1, 2, 5, 10 … where it is logarithmic, else evenly spaced.

    >>> round_ticks(1, 60, is_log=True)
    [1.0, 2.0, 5.0, 10.0, 20.0, 50.0]
    """
    if is_log:
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        ticks = [mantissa * 10.0**decade for decade in decades for mantissa in (1, 2, 5)]
    else:
        step = _round_step(high / 8 - low / 8)
        ticks = [step * index for index in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return [tick for tick in ticks if low <= tick <= high]


def _round_step(width: float) -> float:
    decade = max(10.0 ** math.floor(math.log10(max(width, sys.float_info.min))), sys.float_info.min)
    return next(mantissa * decade for mantissa in (1, 2, 5, 10) if mantissa * decade >= width)
