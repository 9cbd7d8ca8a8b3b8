"""Counts what the judge of the plan saw: one table of companies without levers, one lever by lever, one of planted levers."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Any

Row = dict[str, Any]

#: The plan's lever that finds a planted one, and the column whose planted value it must name.
FINDERS: dict[str, tuple[str, str | None]] = {
    "leaking_rep": ("close_leaks_rep", None),
    "leaking_category": ("close_leaks_category", None),
    "fading_channel": ("revive_segments", "channel"),
    "low_price": ("move_prices", None),
    "pair": ("recommend", None),
    "burning_entry": ("shift_entries", None),
}


def tables(rows: list[Row]) -> str:
    """All tables in Markdown."""
    judged = [row for row in rows if row["error"] is None]
    empty = [row for row in judged if not planted(row)]
    full = [row for row in judged if planted(row)]
    failed = f"{len(rows) - len(judged)} companies had no plan, but an error.\n\n" if len(judged) < len(rows) else ""
    return failed + "\n".join([_of_nothing(empty), _by_lever(empty), _of_planted(full)])


def planted(row: Row) -> list[Row]:
    """The levers of a company that are worth money, the most first."""
    return [lever for lever in row["truth"] if lever["lever"] in FINDERS]


def finds(said: Row, lever: Row) -> bool:
    """Whether a line of the plan is about a planted lever."""
    name, column = FINDERS[lever["lever"]]
    return said["lever"] == name and (
        column is None or (said["subject"].startswith(f"{column}: ") and lever["subject"] in said["subject"])
    )


def finding(row: Row, lever: Row) -> Row | None:
    """The first line of the plan that is about a planted lever."""
    return next((said for said in row["plan"] if finds(said, lever)), None)


def is_inside(row: Row, lever: Row) -> bool:
    """Whether the limits of the plan hold a lever's truth; a plan without it says that it is nothing."""
    said = finding(row, lever)
    return said is not None and said["lower"] <= lever["money"] <= said["upper"]


def stands_first(row: Row) -> bool:
    """Whether the plan begins with the greatest planted lever."""
    return bool(row["plan"]) and finds(row["plan"][0], planted(row)[0])


def is_sure(row: Row, lever: Row) -> bool:
    """Whether the plan takes a lever for sure."""
    said = finding(row, lever)
    return said is not None and said["sure"]


def bias(row: Row, lever: Row) -> float | None:
    """What the plan says more than is true, of a lever that it found."""
    said = finding(row, lever)
    return None if said is None else said["part"] / lever["money"] - 1


def mean(values: Iterable[float]) -> float:
    """The mean, or not a number where there is nothing."""
    known = list(values)
    return sum(known) / len(known) if known else float("nan")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share == share else "–"


def _table(title: str, head: list[str], lines: list[list[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join([f"### {title}", "", *("| " + " | ".join(cells) + " |" for cells in [head, rule, *lines]), ""])


def _of_nothing(rows: list[Row]) -> str:
    """How often a plan is sure of money where there is none, and of how much."""
    kinds = {
        "nothing at all": [row for row in rows if not row["levers"]],
        "a lucky month, and an entry product that chooses its customers": [row for row in rows if row["levers"]],
        "all": rows,
    }
    lines = [[name, str(len(some)), *map(_percent, _nothing(some))] for name, some in kinds.items()]
    head = [
        "planted",
        "companies",
        "joint lower limit above 0",
        "mean headline, of profit",
        "profit a year, off the last year's",
    ]
    return _table("Companies without a lever", head, lines)


def _nothing(rows: list[Row]) -> list[float]:
    return [
        mean(row["joint"][1] > 0 for row in rows),
        mean(row["joint"][0] / row["profit"] for row in rows),
        mean(abs(row["a_year"] / row["profit"] - 1) for row in rows),
    ]


def _by_lever(rows: list[Row]) -> str:
    """Which levers find the money that is not there."""
    of: dict[str, list[tuple[Row, Row]]] = {}
    for row in rows:
        for said in row["plan"]:
            of.setdefault(said["lever"], []).append((row, said))
    lines = [
        [name, _percent(len(found) / len(rows)), _percent(sum(said["sure"] for _, said in found) / len(rows)), _percent(sum(said["part"] / row["profit"] for row, said in found) / len(rows))]
        for name, found in of.items()
    ]  # fmt: skip
    lines.sort(key=lambda line: -float(line[3].split()[0]))
    head = ["lever", "in the plan", "sure", "mean money, of profit"]
    return _table("Which levers find it", head, lines)


def _of_planted(rows: list[Row]) -> str:
    """How true the plan is of the levers that are there."""
    all_levers = [(row, lever) for row in rows for lever in planted(row)]
    by_kind = {name: [(row, lever) for row, lever in all_levers if lever["lever"] == name] for name in FINDERS}
    lines = [_line(name, some) for name, some in {**by_kind, "all": all_levers}.items()]
    head = [
        "planted",
        "levers",
        "worth, of profit",
        "in the plan",
        "sure",
        "truth inside the limits, where in the plan",
        "median bias",
        "first where it is the greatest",
    ]
    return _table("Companies with planted levers", head, lines)


def _line(name: str, levers: list[tuple[Row, Row]]) -> list[str]:
    biases = [value for value in (bias(row, lever) for row, lever in levers) if value is not None]
    greatest = [row for row, lever in levers if planted(row)[0] is lever]
    found = [(row, lever) for row, lever in levers if finding(row, lever) is not None]
    return [
        name, str(len(levers)), _percent(mean(lever["money"] / row["profit"] for row, lever in levers)),
        _percent(len(found) / len(levers) if levers else float("nan")), _percent(mean(is_sure(row, lever) for row, lever in levers)),
        _percent(mean(is_inside(row, lever) for row, lever in found)),
        f"{100 * median(biases):+.0f} %" if biases else "–", _percent(mean(stands_first(row) for row in greatest)),
    ]  # fmt: skip
