"""`leverkit survey worth | met-needs`: what respondents say beside what they do as customers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli import files
from leverkit.cli.config import settings
from leverkit.cli.options import LedgerOptions, OutputOptions, ReadOptions, Strata, Weight, column, setting, with_groups
from leverkit.cli.present import Columns, digits, number, present, text
from leverkit.cli.run import Data, read_ledger, say, steps

Answers = Annotated[Path, setting("--answers", "Answers: one row per respondent.", "FILE")]
Respondent = Annotated[
    str, setting("--respondent", "The answers' column with the customer: respondent (default).", "COLUMN")
]

_WORTH: Columns = {
    "segment": ("Segment", text),
    "measure": ("Measure", text),
    "n": ("Respondents", numbers.count),
    "value": ("Value", number),
    "lower": ("from", number),
    "upper": ("to", number),
    "others": ("Others", number),
    "verdict": ("Verdict", text),
}
_MET: Columns = {
    "need": ("Need", text),
    "met": ("Met", numbers.percent),
    "effect": ("Effect", digits),
    "lower": ("from", digits),
    "upper": ("to", digits),
    "kept": ("Kept", numbers.percent),
    "verdict": ("Verdict", text),
}


@with_groups
def worth(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    outputs: OutputOptions,
    answers: Answers,
    respondent: Respondent = "respondent",
    segment: Annotated[
        str, setting("--segment", "The answers' column with the segment: segment (default).", "COLUMN")
    ] = "segment",
    weight: Weight = None,
    strata: Strata = None,
    days: Annotated[int, setting("--days", "Days over which money is added up: 365 (default).", "DAYS")] = 365,
) -> None:
    """What segments of respondents are worth: their money, orders and return as customers."""
    with steps(2) as step:
        outputs.check()
        built, listed = _both(data, ledger, reading, answers, step)
        found = lk.survey.worth(
            built, listed, customer=respondent, segment=segment, weight=weight, strata=strata, days=days
        )
    present(found, outputs, _WORTH)


@with_groups
def met_needs(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    outputs: OutputOptions,
    answers: Answers,
    need: Annotated[list[str], column("--need", "How well a need is met; repeat for each.")],
    respondent: Respondent = "respondent",
    asked: Annotated[str | None, column("--asked", "The day of the answer.")] = None,
    on: Annotated[str | None, setting("--on", "The day of all answers.", "DAY")] = None,
    met: Annotated[float, setting("--met", "From this answer on a need is met: 4 (default).", "ANSWER")] = 4.0,
    horizon: Annotated[int, setting("--horizon", "Days to return within: 90 (default).", "DAYS")] = 90,
) -> None:
    """Whether customers whose needs are met return more often: an observed difference."""
    with steps(2) as step:
        outputs.check()
        built, listed = _both(data, ledger, reading, answers, step)
        asked_of = {"customer": respondent, "asked": asked, "on": on, "met": met, "horizon": horizon}
        found = lk.survey.met_needs(built, listed, needs=need, **asked_of)  # type: ignore[arg-type]
    present(found, outputs, _MET)


def _both(
    data: list[Path] | None,
    ledger: LedgerOptions,
    reading: ReadOptions,
    answers: Path,
    step: Callable[[str], None],
) -> tuple[lk.Ledger, Any]:
    """The ledger, and the answers read as its lines were."""
    built = read_ledger(data, settings(ledger.config, ledger.by_section() | reading.by_section()), step)
    listed = files.beside(answers, reading.given(), say)
    step("Joining answers")
    return built, listed


def register(group: typer.Typer) -> None:
    """Adds the commands to their group."""
    group.command("worth")(worth)
    group.command("met-needs")(met_needs)
