"""The section on the plan: all levers with what supports them, how they overlap, and what was left out and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import in_words, t, told
from leverkit.report.section import Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit._plan import Plan

#: Levers left out that are shown at once.
_LISTED = 8


def plan_section(found: Plan) -> Section:
    """The levers of a plan, and what it left out."""
    figures = []
    if found.has_levers:
        figures.append(
            Figure(found.plot("levers"), t("Each lever alone, and its part in what all sure levers bring together."))
        )
    if found._tables["overlaps"].height:
        figures.append(Figure(found.plot("overlaps"), t("What pairs of levers both claim, so that it counts once.")))
    return Section(
        id="plan",
        title=t("The plan of levers"),
        lead=found.lead if found.has_levers else t("No lever is found; the table says why."),
        figures=figures,
        tables=[*([_levers(found)] if found.has_levers else []), *_left_out(found)],
        notes=[*([found.caption] if found.has_levers else []), *(told(note) for note in found.notes)],
        frames={f"plan_{name}": frame for name, frame in found._tables.items()},
        python=["plan = lk.plan(ledger)", "plan.table"],
        command="leverkit plan DATA",
    )


def _levers(found: Plan) -> Table:
    table = found._tables["table"]
    limits = [numbers.limits(low, high, numbers.money) for low, high in table.select("lower", "upper").iter_rows()]
    columns = {
        "what": Column(t("Lever"), is_text=True),
        "grade": Column(t("Evidence"), in_words, is_text=True),
        "alone": Column(t("Alone"), numbers.money),
        "part": Column(t("In the plan"), numbers.money),
        "limits": Column(t("Limits"), is_text=True),
        "chance": Column(t("Chance to earn"), numbers.percent, is_bar=True),
        "value_of_knowing": Column(t("Worth knowing"), numbers.money),
        "evidence": Column(t("What it rests on"), is_text=True),
    }
    caption = t(
        "Money a year. A lever that is not sure has no part in the plan. Worth knowing: what a test that told the truth would be worth."
    )
    return Table(t("All levers"), table.with_columns(limits=pl.Series(limits, dtype=pl.String)), columns, caption)


def _left_out(found: Plan) -> list[Table]:
    table = found._tables["left_out"]
    columns = {
        "lever": Column(t("Lever"), _named, is_text=True),
        "reason": Column(t("Reason"), told, is_text=True),
    }
    return [Table(t("Left out of the plan"), table, columns, first=_LISTED)] if table.height else []


def _named(lever: str) -> str:
    if lever.startswith("to_norm_"):
        return t("Bring {parameter} to its norm", parameter=in_words(lever.removeprefix("to_norm_")))
    if lever.startswith("close_leaks_"):
        return t(
            "Close the leaks in discounts by {column}", column=lever.removeprefix("close_leaks_").replace("_", " ")
        )
    return _names().get(lever, lever)


def _names() -> dict[str, str]:
    """What levers do, where nothing is known of them but their names."""
    return {
        "keep_customers": t("Call customers before their limit day"),
        "win_back": t("Win back customers who are past their limit day"),
        "revive_segments": t("Bring back the repeat orders of a segment that fades"),
        "shift_entries": t("Bring new customers in with products that build a base"),
        "recommend": t("Recommend the product that goes with the basket"),
        "move_prices": t("Move prices to where they earn most"),
        "close_leaks": t("Close the leaks in discounts"),
    }
