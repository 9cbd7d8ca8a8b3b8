"""The sections on surveys, where answers are given: what clients need, and where to stand. Each method's section is in its topic's module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from leverkit import survey
from leverkit._lib.inputs import one_of
from leverkit._lib.result import Result
from leverkit.report import recipe
from leverkit.report.behaviour import met_needs_section, worth_section
from leverkit.report.kano import kano_section
from leverkit.report.maxdiff import maxdiff_section
from leverkit.report.needs import needs_section
from leverkit.report.opportunity import opportunity_section
from leverkit.report.positioning import image_section, position_section
from leverkit.report.section import Section


class _Method(NamedTuple):
    run: Callable[..., Result]
    section: Callable[[Any], Section]
    #: Whether it reads the ledger beside the answers.
    joins: bool = False


_METHODS: dict[str, _Method] = {
    "kano": _Method(survey.kano, kano_section),
    "maxdiff": _Method(survey.maxdiff, maxdiff_section),
    "opportunity": _Method(survey.opportunity, opportunity_section),
    "needs": _Method(survey.needs, needs_section),
    "image": _Method(survey.image, image_section),
    "position": _Method(survey.position, position_section),
    "worth": _Method(survey.worth, worth_section, joins=True),
    "met_needs": _Method(survey.met_needs, met_needs_section, joins=True),
}

_COMMAND = f"{recipe.REPORT} --answers ANSWERS --config leverkit.toml"


def survey_sections(ledger: Any, answers: Any, asked: Mapping[str, Any]) -> list[Section]:
    """A section for each method that is asked: by its keywords, which read `answers` (and the ledger), or by its result."""
    sections = []
    for name, how in asked.items():
        method = _METHODS[one_of("survey", name, _METHODS)]
        data = {"ledger": ledger, "answers": answers} if method.joins else {"answers": answers}
        sections.append(method.section(how) if isinstance(how, Result) else _asked(method, name, data, how))
    return sections


def _asked(method: _Method, name: str, data: Mapping[str, Any], how: Mapping[str, Any]) -> Section:
    """The section with the calls that give the same."""
    call = f"lk.survey.{name}({', '.join(data)}{recipe.options(how)})"
    return replace(method.section(method.run(*data.values(), **how)), python=[call], command=_COMMAND)
