"""The what-if: the formula as the page runs it, with today's values, and ranges in which it makes sense to move them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from leverkit._lib import numbers
from leverkit._lib.text import in_words, t
from leverkit.report.section import Slider, WhatIf

if TYPE_CHECKING:
    from leverkit.profit import Formula

#: A slider goes from half of today's value to its double, but for a value of nothing: then up to this share of the whole.
_LOW, _HIGH, _FROM_NOTHING = 0.5, 2.0, 0.5


def what_if(
    formula: Formula, values: Mapping[str, float], limits: Mapping[str, tuple[float, float]], assumed: Collection[str]
) -> WhatIf:
    """The formula at today's `values`; `limits` are those of the parameters that were measured, `assumed` names those that were not."""
    program = formula.program
    results = formula.evaluate(values)
    rows = formula.parameters.iter_rows(named=True)
    sliders = [
        _slider(row, values[name], limits.get(name), results, name in assumed)
        for row in rows
        if (name := row["parameter"])
    ]
    tree = formula.tree(values)._tables["table"]
    units = {node: _kind(unit) for node, unit in tree.select("node", "unit").iter_rows()}
    expressions = [name for name, _ in program["expressions"]]
    parents = dict(tree.select("node", "parent").iter_rows())
    nodes = [
        {"name": name, "label": in_words(name), "kind": units[name], "parent": parents[name]} for name in expressions
    ]
    totals = list(dict.fromkeys([program["revenue"], program["profit"]]))
    return WhatIf(program, sliders, nodes, totals)


def _slider(
    row: Mapping[str, Any],
    value: float,
    limits: tuple[float, float] | None,
    results: Mapping[str, float],
    is_assumed: bool,
) -> Slider:
    lower, upper = (None if bound is None or math.isinf(bound) else bound for bound in (row["lower"], row["upper"]))
    low, high = _range(row["kind"], value, results)
    low, high = max(low, lower or low), min(high, high if upper is None else upper)
    return Slider(
        name=row["parameter"],
        label=in_words(row["parameter"]),
        told=_told(row, value, limits, is_assumed),
        kind=row["kind"],
        direction=row["direction"],
        value=value,
        low=low,
        high=high,
        lower=lower,
        upper=upper,
        norm=row["norm"],
        is_assumed=is_assumed,
    )


def _told(row: Mapping[str, Any], value: float, limits: tuple[float, float] | None, is_assumed: bool) -> str:
    """Today's value, its limits and its norm, in a line; a value without data is called assumed."""
    kind, norm = row["kind"], row["norm"]
    today = write(kind, value)
    parts = [t("assumed {value}", value=today) if is_assumed else t("today {value}", value=today)]
    if limits is not None:
        parts.append(numbers.limits(*limits, lambda bound: write(kind, float(bound or 0))))
    if norm is not None:
        parts.append(t("norm {value}", value=write(kind, norm)))
    return ", ".join(parts)


def _range(kind: str, value: float, results: Mapping[str, float]) -> tuple[float, float]:
    """Where a parameter may sensibly go: around its value, or from nothing to a part of what there is of its kind."""
    if value:
        return min(_LOW * value, _HIGH * value), max(_LOW * value, _HIGH * value)
    if kind in ("share", "ratio"):
        return 0.0, _FROM_NOTHING
    # Money and counts are of very different sizes; a half of what an order brings is one that costs may have.
    size = results.get("average_check" if kind == "money" else "customers", 0.0)
    return 0.0, _FROM_NOTHING * abs(size) or 100.0


def _kind(unit: str | None) -> str:
    """How a result is written, by its unit."""
    if unit == "share":
        return "share"
    return "money" if (unit or "").startswith("money") else "number"


def write(kind: str, value: float) -> str:
    """A value of a slider as it is read."""
    if kind == "share":
        return numbers.percent(value)
    return numbers.money(value) if kind == "money" else numbers.number(value)
