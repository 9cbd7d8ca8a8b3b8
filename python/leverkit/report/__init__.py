"""One self-contained HTML page of everything leverkit finds in a ledger: a first page to act on, and behind it a section for each analysis.

`build` runs the engines and passes each result to a section; a new engine adds a module with its section and a line in `build`. `section` defines
what a section is, `front` is the first page, and `page` builds the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leverkit._lib import numbers
from leverkit._lib.inputs import pairs
from leverkit._lib.progress import Progress, with_progress
from leverkit._lib.roles import DatedRoles, Unpack
from leverkit._lib.text import current, in_its_language, t
from leverkit._plan import Plan, plan
from leverkit.errors import DataError
from leverkit.ledger import Ledger, ledger_of
from leverkit.profit import Formula
from leverkit.report.clv import clv_section
from leverkit.report.deal import deal_section
from leverkit.report.demand import demand_section
from leverkit.report.formula import formula_sections
from leverkit.report.front import front
from leverkit.report.journeys import journeys_section
from leverkit.report.ledger import ledger_section, quality_line, tiles
from leverkit.report.levers import plan_section
from leverkit.report.page import Report, by_stake
from leverkit.report.products import products_section
from leverkit.report.programme import effect_section
from leverkit.report.quantities import quantities_section
from leverkit.report.retention import calls_of, retention_section
from leverkit.report.scores import clusters_section, scores_section
from leverkit.report.section import Action, Column, Figure, Section, Table, Tile
from leverkit.report.stages import stages_section
from leverkit.report.survey import survey_sections
from leverkit.rfm import Scores, score

__all__ = ["Action", "Column", "Figure", "Plan", "Report", "Section", "Table", "Tile", "build", "plan"]

#: Things to do that the overview lists.
_ACTIONS = 6


@with_progress("Report")
@in_its_language
def build(
    ledger: Any,
    *,
    title: str | None = None,
    language: str | None = None,
    against: str | None = None,
    rfm: Scores | Mapping[str, Any] | None = None,
    limit_day: Mapping[str, Any] | None = None,
    funnel: Mapping[str, Any] | None = None,
    profit: Mapping[str, Any] | None = None,
    levers: Mapping[str, Any] | None = None,
    events: Any = None,
    stages: Mapping[str, Any] | None = None,
    journey: Mapping[str, Any] | None = None,
    quantities: Mapping[str, Any] | None = None,
    members: Any = None,
    programme: Mapping[str, Any] | None = None,
    answers: Any = None,
    survey: Mapping[str, Any] | None = None,
    progress: Progress = None,
    **roles: Unpack[DatedRoles],
) -> Report:
    """Builds a report of the ledger. A first page to act on: the levers that are sure and those that are not, whom to call, what changed, what to test
    first. Behind it the plan, a what-if, RFM scores of customers, whom to call before they are lost, what each is worth, the product funnel,
    pricing in the deal (if there are discounts or list prices), the profit formula, and data quality.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords (``customer=…, time=…, amount=…``).
    title
        The page's title, such as the company's name; by default "Customer report".
    language
        ``"en"`` or ``"ru"``; by default the current language (`leverkit.language`), or English if none was set.
    against
        What the last whole month (or quarter or year, by ``period`` of `profit`) is compared with: ``"previous"``, ``"year-ago"``, or a span of months such
        as ``"2024-01..2024-06"``, with which as many of the last months are compared. By default "previous", if the lines hold it.
    rfm
        Scores computed earlier, or parameters for `leverkit.rfm.score`; by default its defaults.
    limit_day
        `p` and `horizon` for `leverkit.rfm.limit_day` and `triggers`, by default theirs; the product funnel uses the horizon too. If customers order
        often, a short horizon is more informative: a grocer asks who comes back within a month.

    funnel
        ``product``: a dimension to use as the product level of the product funnel, such as a category.
    profit
        Parameters for `leverkit.profit.measure`, such as leads, spend and costs; as ``scenario`` values that complete or replace the
        measured ones; and as ``formula`` a `leverkit.profit.Formula` of the company's own for the what-if.
    levers
        Parameters for `leverkit.report.plan`: effort and assumptions of the levers on the first page.
    events
        An event log for a section on the stage funnel: what `leverkit.funnel.stages` takes, or its result.
    stages
        Keywords of `leverkit.funnel.stages`.
    journey
        Keywords of `leverkit.funnel.journey` for a section on the journeys of the same events, such as entity, time and event; `{}` for an `EventLog`.
    quantities
        Keywords of `leverkit.funnel.quantities` for a section on the quantity funnel, with the table itself as ``frame``.
    members
        Members of a programme or campaign for a section on whether it worked: what `leverkit.effect.programme` takes, or its result or that of
        `leverkit.effect.holdout`.
    programme
        Keywords of `leverkit.effect.programme`, such as ``joined`` and ``days``; of `leverkit.effect.holdout` if members were drawn by lot and ``arm`` names the column.
    answers
        Answers of a survey for sections on what clients need and where brands stand.
    survey
        Methods of `leverkit.survey` ("kano", "maxdiff", "opportunity", "needs", "image", "position", "worth", "met_needs"), each with its keywords for `answers`, or with its result.
    progress
        A function of the steps done and of all steps, a bar such as tqdm's, or False; by default a line where somebody watches, after a second.
    **roles
        Roles of order lines, as `leverkit.Ledger` takes them. A ``currency`` such as "EUR" is taken with a ledger too, and by default its own.

    Raises
    ------
    ImportError
        Plotly or Jinja is not installed; the message says how to install them.
    leverkit.ParameterError
        A parameter of the scores is out of its range, the language is not available, or the currency is no code of three letters.
    leverkit.DataError
        `against` was given, and the lines do not hold both periods.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({"client": [1, 1, 2], "day": ["2024-01-01", "2024-02-01", "2024-03-01"], "paid": [10, 20, 30]})
    >>> report = lk.report.build(lk.Ledger(lines, customer="client", time="day", amount="paid"))
    >>> report.save("report.html")  # doctest: +SKIP
    """
    currency = numbers.checked_currency(roles.pop("currency", None))
    ledger = ledger_of(ledger, roles)
    currency = currency or ledger.currency
    with numbers.currency(currency):
        scores = rfm if isinstance(rfm, Scores) else score(ledger, **(rfm or {}))
        limit, measured = dict(pairs("limit_day", limit_day)), dict(pairs("profit", profit))
        product = dict(pairs("funnel", funnel)).get("product")
        found = _plan(ledger, limit, product, measured, dict(pairs("levers", levers)))
        keeping = retention_section(ledger, limit)
        possible = [
            *([] if found is None else [plan_section(found)]),
            *(formula := formula_sections(ledger, limit, measured))[:-1],
            scores_section(scores),
            clusters_section(ledger),
            keeping,
            clv_section(ledger, scores),
            products_section(ledger, product, limit.get("horizon")),
            deal_section(ledger),
            demand_section(ledger),
            *([] if events is None else [stages_section(events, stages or {})]),
            *([] if events is None or journey is None else [journeys_section(events, journey)]),
            *([] if quantities is None else [quantities_section(**quantities)]),
            *([] if members is None else [effect_section(ledger, members, programme or {})]),
            *survey_sections(ledger, answers, dict(pairs("survey", survey))),
            formula[-1],
            ledger_section(ledger),
        ]
        sections = [section for section in possible if section is not None]
        period = measured.get("period") or "month"
        first = front(ledger, found, sections, calls_of(keeping), quality_line(ledger), against, period)
        numbered = tiles(ledger)
        overview = Section(
            id="overview",
            title=t("In numbers"),
            lead=t("Customers to act on, sorted by the revenue that they have brought in so far."),
            tiles=numbered,
            actions=by_stake(sections)[:_ACTIONS],
        )
        return Report(
            title or t("Customer report"),
            ledger.as_of,
            numbered,
            [overview, *sections],
            current().name,
            found,
            first,
            currency,
            ledger.roles,
        )


def _of_full(profit: Mapping[str, Any]) -> dict[str, Any]:
    """What of the parameters the full formula takes, where the company has a formula of its own."""
    if "formula" not in profit:
        return dict(profit)
    known = Formula.full().parameters["parameter"].to_list()
    scenario = {name: value for name, value in pairs("scenario", profit.get("scenario")) if name in known}
    return {name: value for name, value in profit.items() if name != "formula"} | {"scenario": scenario}


def _plan(
    ledger: Ledger,
    limit_day: Mapping[str, Any],
    product: str | None,
    profit: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Plan | None:
    """The levers, where the formula can be measured."""
    measured = _of_full(profit)
    try:
        return plan(ledger, limit_day=limit_day, product=product, profit=measured, **options)
    except DataError:
        return None


def __dir__() -> list[str]:
    return sorted(__all__)
