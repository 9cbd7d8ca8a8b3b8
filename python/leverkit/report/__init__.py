"""One self-contained HTML page of everything leverkit finds in a ledger.

`build` runs the engines and passes each result to a section; a new engine adds a module with its section and a line in `build`. `section` defines
what a section is, and `page` builds the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leverkit._lib.roles import DatedRoles, Unpack
from leverkit._lib.text import current, in_its_language, t
from leverkit._plan import Plan, plan
from leverkit.errors import DataError
from leverkit.ledger import Ledger, ledger_of
from leverkit.report.clv import clv_section
from leverkit.report.deal import deal_section
from leverkit.report.demand import demand_section
from leverkit.report.formula import formula_section
from leverkit.report.journeys import journeys_section
from leverkit.report.ledger import ledger_section, tiles
from leverkit.report.page import Report, Tile
from leverkit.report.products import products_section
from leverkit.report.programme import effect_section
from leverkit.report.quantities import quantities_section
from leverkit.report.retention import retention_section
from leverkit.report.scores import scores_section
from leverkit.report.section import Action, Column, Figure, Section, Table
from leverkit.report.stages import stages_section
from leverkit.report.survey import survey_sections
from leverkit.rfm import Scores, score

__all__ = ["Action", "Column", "Figure", "Plan", "Report", "Section", "Table", "Tile", "build", "plan"]


@in_its_language
def build(
    ledger: Any,
    *,
    title: str | None = None,
    language: str | None = None,
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
    **roles: Unpack[DatedRoles],
) -> Report:
    """Builds a report of the ledger: headline, RFM scores of customers, whom to call before they are lost, what each is worth, the product funnel,
    pricing in the deal (if there are discounts or list prices), the profit formula, and data quality.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords (``customer=…, time=…, amount=…``).
    title
        The page's title; by default "Customer report".
    language
        ``"en"`` or ``"ru"``; by default the current language (`leverkit.language`), or English if none was set.
    rfm
        Scores computed earlier, or parameters for `leverkit.rfm.score`; by default its defaults.
    limit_day
        `p` and `horizon` for `leverkit.rfm.limit_day` and `triggers`, by default theirs; the product funnel uses the horizon too. If customers order
        often, a short horizon is more informative: a grocer asks who comes back within a month.

    funnel
        ``product``: a dimension to use as the product level of the product funnel, such as a category.
    profit
        Parameters for `leverkit.profit.measure`, such as leads, spend and costs; and as ``scenario`` values that complete or replace the
        measured ones.
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
        Methods of `leverkit.survey` ("kano", "maxdiff", "opportunity", "needs", "image", "position"), each with its keywords for `answers`, or with its result.

    Raises
    ------
    ImportError
        Plotly or Jinja is not installed; the message says how to install them.
    leverkit.ParameterError
        A parameter of the scores is out of its range, or the language is not available.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({"client": [1, 1, 2], "day": ["2024-01-01", "2024-02-01", "2024-03-01"], "paid": [10, 20, 30]})
    >>> report = lk.report.build(lk.Ledger(lines, customer="client", time="day", amount="paid"))
    >>> report.save("report.html")  # doctest: +SKIP
    """
    ledger = ledger_of(ledger, roles)
    scores = rfm if isinstance(rfm, Scores) else score(ledger, **(rfm or {}))
    possible = [
        scores_section(scores),
        retention_section(ledger, limit_day or {}),
        clv_section(ledger, scores),
        products_section(ledger, (funnel or {}).get("product"), (limit_day or {}).get("horizon")),
        deal_section(ledger),
        demand_section(ledger),
        *([] if events is None else [stages_section(events, stages or {})]),
        *([] if events is None or journey is None else [journeys_section(events, journey)]),
        *([] if quantities is None else [quantities_section(**quantities)]),
        *([] if members is None else [effect_section(ledger, members, programme or {})]),
        *survey_sections(answers, survey or {}),
        formula_section(ledger, limit_day or {}, profit or {}),
        ledger_section(ledger),
    ]
    sections = [section for section in possible if section is not None]
    found = _plan(ledger, limit_day or {}, (funnel or {}).get("product"), profit or {}, levers or {})
    return Report(title or t("Customer report"), ledger.as_of, tiles(ledger), sections, current().name, found)


def _plan(
    ledger: Ledger,
    limit_day: Mapping[str, Any],
    product: str | None,
    profit: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Plan | None:
    """The levers, where the formula can be measured."""
    try:
        return plan(ledger, limit_day=limit_day, product=product, profit=profit, **options)
    except DataError:
        return None
