"""The first page, which a director reads: what the plan says, whom to call, what changed, what to test, and how good the data are.

It holds no word that needs an analyst; those stand in the sections below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leverkit._lib import numbers
from leverkit._lib.text import day, t
from leverkit.errors import DataError
from leverkit.report.against import Changes, changes
from leverkit.report.section import Section, Table

if TYPE_CHECKING:
    from leverkit._plan import Plan
    from leverkit.ledger import Ledger

#: Levers of each kind that are shown; the rest is in the section on the plan.
_LEVERS = 5


@dataclass(frozen=True)
class Front:
    """What stands above the sections."""

    head: Sequence[str]
    headline: str
    lead: str = ""
    sure: Sequence[Mapping[str, str]] = ()
    unsure: Sequence[Mapping[str, str]] = ()
    more: str = ""
    calls: Table | None = None
    called: str = ""
    changes: Changes | None = None
    unchanged: str = ""
    to_test: str = ""
    quality: str = ""
    details: Sequence[str] = ()


def front(
    ledger: Ledger,
    plan: Plan | None,
    sections: Sequence[Section],
    calls: Table | None,
    quality: tuple[str, Sequence[str]],
    against: str | None,
    period: str,
) -> Front:
    """The first page of a ledger, from its plan, whom to call and what the sections found."""
    found, why = _changes(ledger, against, period)
    levers = [] if plan is None else plan.first(None)
    sure = [lever for lever in levers if lever["is_sure"]]
    unsure = [lever for lever in levers if not lever["is_sure"]]
    findings = [finding for section in sections for finding in section.findings]
    return Front(
        head=_head(ledger, found),
        headline=plan.headline if plan is not None and plan.has_levers else next(iter(findings), ""),
        lead=plan.lead if plan is not None else "",
        sure=sure[:_LEVERS],
        unsure=unsure[:_LEVERS],
        more=_more(len(sure[_LEVERS:]) + len(unsure[_LEVERS:])),
        calls=calls,
        called=_called(calls),
        changes=found,
        unchanged=why,
        to_test="" if plan is None else plan.to_test,
        quality=quality[0],
        details=quality[1],
    )


def _head(ledger: Ledger, found: Changes | None) -> list[str]:
    """Period, currency, and what is compared."""
    head = [t("{start} to {end}", start=day(ledger.start), end=day(ledger.end))] if ledger.start and ledger.end else []
    head += [t("Money in {currency}", currency=numbers.unit())] if numbers.unit() else []
    head += [t("{now} compared with {before}", now=found.now, before=found.before)] if found else []
    return head


def _more(rest: int) -> str:
    return t("{rest} more {rest:lever is|levers are} in the section on the plan.", rest=rest) if rest else ""


def _changes(ledger: Ledger, against: str | None, period: str) -> tuple[Changes | None, str]:
    """What changed, or why that is not known. A comparison that was asked for and cannot be made is an error."""
    try:
        return changes(ledger, against or "previous", period), ""
    except DataError as error:
        if against is not None:
            raise
        return None, t("Nothing is compared: {reason}.", reason=str(error))


def _called(calls: Table | None) -> str:
    if calls is None:
        return t("No call of this week pays: nobody is near their limit day.")
    saved = calls.frame["expected_saving"].sum()
    return t(
        "{customers} {customers:customer|customers} to call; the calls save {money} of a year's revenue, as far as it is known.",
        customers=numbers.count(calls.frame.height),
        money=numbers.short_money(saved),
    )
