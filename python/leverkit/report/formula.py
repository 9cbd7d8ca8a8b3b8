"""The section on the profit formula: what makes the money, and what moving one parameter brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import in_words, listed, mark, t, told
from leverkit.errors import ParameterError
from leverkit.profit import Formula, Measurement, measure
from leverkit.report import recipe
from leverkit.report.section import Column, Figure, Section, Table
from leverkit.report.whatif import what_if
from leverkit.rfm import limit_day

if TYPE_CHECKING:
    from leverkit.ledger import Ledger

_STEP = 0.20
#: Changes of profit that differ by less, relative to the greatest, are the same.
_ALIKE = 1e-9
_IN_PERIOD = {
    "day": mark("On the day {start}"),
    "week": mark("In the week from {start}"),
    "month": mark("In the month from {start}"),
    "quarter": mark("In the quarter from {start}"),
    "year": mark("In the year from {start}"),
}


def formula_sections(ledger: Ledger, limit: Mapping[str, Any], chosen: Mapping[str, Any]) -> list[Section]:
    """The what-if, and the measured formula of the last complete period. `limit` holds parameters of `leverkit.rfm.limit_day`; `chosen` those of
    `leverkit.profit.measure`, as `scenario` values that complete or replace the measured ones, and as `formula` one of the company's own."""
    options = dict(chosen)
    scenario = dict(options.pop("scenario", {}))
    own = options.pop("formula", None)
    if options.get("limit_day") is None and limit:
        options["limit_day"] = limit_day(ledger, **limit)._tables["limits"]["limit_day"][0]
    try:
        found = measure(ledger, **options)
    except ParameterError as error:
        return [_unmeasured(t("The formula is not measured: {reason}.", reason=told(str(error))))]
    measured = _measured(found, {name: value for name, value in scenario.items() if name in found.at()})
    return [_what_if(own or Formula.full(), found, scenario), measured]


def _unmeasured(why: str) -> Section:
    return Section(id="profit", title=t("The profit formula"), lead=why)


def _what_if(formula: Formula, found: Measurement, scenario: Mapping[str, float]) -> Section:
    """The formula with sliders: the full one, or the company's own, whose parameters are those measured or of the scenario."""
    known = found.at() | dict(scenario)
    names = formula.parameters["parameter"].to_list()
    lacking = [name for name in names if name not in known]
    if lacking:
        raise ParameterError(
            f"profit: the formula needs {', '.join(lacking)}, which the data do not measure; expected a scenario with a value of each",
            parameter="profit",
        )
    rows = found._rows(None, None).filter(~pl.col("parameter").is_in(list(scenario)))
    limits = {
        name: (low, high)
        for name, low, high in rows.drop_nulls("lower").select("parameter", "lower", "upper").iter_rows()
    }
    assumed = set(rows.filter(source="assumed")["parameter"])
    return Section(
        id="whatif",
        title=t("What if"),
        lead=t(
            "Move a parameter and see what revenue and profit of one {period} become. Values in italics are assumed, not measured.",
            period=told(found.params["period"]),
        ),
        what_if=what_if(formula, {name: known[name] for name in names}, limits, assumed),
        python=["formula = lk.profit.Formula.full()", "formula.evaluate(lk.profit.measure(ledger).at())"],
        command="leverkit profit DATA --scenario scenario.toml",
    )


def _measured(found: Measurement, scenario: dict[str, float]) -> Section:
    formula = Formula.full()
    values = found.at() | scenario
    results = formula.evaluate(values)
    known = {name: spread for name, spread in found.uncertainty().items() if name not in scenario}
    together = {pair: value for pair, value in found.correlations().items() if known.keys() >= {*pair}}
    lift = formula.lift_table(values, step=_STEP, uncertainty=known or None, correlations=together)
    table = lift._tables["table"]
    missing = found._tables["missing"].filter(~pl.col("parameter").is_in(list(scenario)))
    plain = {"period": found.params["period"], "limit_day": found.limit_day}
    return Section(
        id="profit",
        title=t("The profit formula"),
        lead=_lead(found, values, results, missing),
        figures=[
            Figure(
                lift.plot(),
                t(
                    "Each parameter alone, with the others unchanged. Thin lines are 95 % limits of the measured values."
                ),
            ),
            Figure(formula.tree(values).plot(), t("Black: parameters. Blue: results.")),
            Figure(found.plot(), t("Bands are 95 % limits; counts and totals are known and have none.")),
        ],
        tables=[_lift_table(table, missing["parameter"].to_list()), _missing_table(missing)],
        notes=[told(note) for note in found.notes] + _scenario_notes(scenario),
        findings=_findings(table),
        params={t("Formula, period"): found.params["period"], t("Formula, dormant after days"): found.limit_day},
        frames={
            "profit_values": found._tables["values"],
            "profit_periods": found._tables["periods"],
            "profit_lift": table,
            "profit_missing": missing,
        },
        python=[
            f"found = lk.profit.measure(ledger{recipe.options(plain)})",
            "lk.profit.Formula.full().lift_table(found.at(), uncertainty=found.uncertainty(), correlations=found.correlations())",
        ],
        command=f"leverkit profit DATA{recipe.flags(plain, {'period': '--period', 'limit_day': '--limit-day'})}",
    )


def _scenario_notes(scenario: Mapping[str, float]) -> list[str]:
    names = ", ".join(in_words(name) for name in scenario)
    return [t("Set by the scenario, not measured: {names}.", names=names)] if scenario else []


def knows_costs(values: Mapping[str, float]) -> bool:
    """Whether any cost is known: without one profit is revenue."""
    return any(values[cost] for cost in ("unit_cost", "order_cost", "contact_cost", "service_cost", "fixed_cost"))


def _lead(found: Measurement, values: Mapping[str, float], results: Mapping[str, float], missing: pl.DataFrame) -> str:
    periods = found._tables["periods"]
    last = (periods.filter("complete") if periods["complete"].any() else periods).row(-1, named=True)
    in_period = _IN_PERIOD[found.params["period"]]
    lead = t(
        "{when}, {customers} {customers:customer|customers} placed {orders} {orders:order|orders} of {check} on average: revenue {revenue}.",
        when=t(in_period, start=last["period_start"]),
        customers=numbers.count(results["customers"]),
        orders=numbers.count(results["orders"]),
        check=numbers.money(results["average_check"]),
        revenue=numbers.money(results["revenue"]),
    )
    more = t("{n} of 22 parameters need more data.", n=numbers.count(missing.height))
    if not knows_costs(values):
        return f"{lead} {t('No costs are known, so profit equals revenue here.')} {more}"
    return f"{lead} {t('Profit: {profit}.', profit=numbers.money(results['profit']))} {more}"


def _findings(table: pl.DataFrame) -> list[str]:
    ranked = table.drop_nulls("rank")
    best = ranked.row(0, named=True)
    change = best["profit_change"]
    # Factors of one product move it alike: which of them stands first is no finding.
    alike = ranked.filter((pl.col("profit_change") - change).abs() <= _ALIKE * abs(change))
    if alike.height > 1:
        return [
            t(
                "{step} of each of these would change profit alike, by {money} per period, with the others unchanged: {parameters}. Which of them is easiest to move decides.",
                step=numbers.percent(_STEP),
                money=numbers.money(change),
                parameters=listed([in_words(name) for name in alike["parameter"]]),
            )
        ]
    money = numbers.money(best["profit_change"])
    if best["profit_lower"] is not None:
        money += f" ({numbers.limits(best['profit_lower'], best['profit_upper'], numbers.money)})"
    return [
        t(
            "{step} of {parameter} would change profit the most: by {money} per period, with the others unchanged.",
            step=numbers.percent(_STEP),
            parameter=in_words(best["parameter"]),
            money=money,
        )
    ]


def _lift_table(table: pl.DataFrame, assumed: list[str]) -> Table:
    moving = table.filter((pl.col("profit_change") != 0) | pl.col("rank").is_null())
    limits = [
        numbers.limits(low, high, numbers.money)
        for low, high in moving.select("profit_lower", "profit_upper").iter_rows()
    ]
    shown = moving.with_columns(
        pl.col("parameter").is_in(assumed).alias("assumed"), limits=pl.Series(limits, dtype=pl.String)
    )
    columns = {
        "parameter": Column(t("Parameter"), in_words, is_text=True),
        "assumed": Column(
            t("Known by"), lambda assumed: t("assumption") if assumed else t("measurement"), is_text=True
        ),
        "value": Column(t("Value"), numbers.number),
        "new_value": Column(t("After the step"), numbers.number),
        "revenue_change": Column(t("Revenue"), numbers.money),
        "profit_change": Column(t("Profit"), numbers.money),
        "profit_lift": Column(t("of profit"), numbers.percent),
        "limits": Column(t("95 % limits"), is_text=True),
        "capped": Column(t("At its bound"), lambda capped: t("yes") if capped else "", is_text=True),
    }
    caption = t(
        "The 20–20–20–20 table: each parameter moved by 20 % in its good direction (costs down); parameters that change nothing are left out."
    )
    return Table(t("What {step} of each parameter brings", step=numbers.percent(_STEP)), shown, columns, caption)


def _missing_table(missing: pl.DataFrame) -> Table:
    columns = {
        "parameter": Column(t("Parameter"), in_words, is_text=True),
        "assumed": Column(t("Taken as"), told, is_text=True),
        "needed": Column(t("What would measure it"), told, is_text=True),
    }
    caption = t("With these values the measured revenue stays exact.")
    return Table(t("What is not measured yet"), missing, columns, caption)
