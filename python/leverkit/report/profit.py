"""The section on the profit formula: what makes the money, and what moving one parameter brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit.errors import ParameterError
from leverkit.plots import profit as plots
from leverkit.plots import theme
from leverkit.profit import Formula, Measurement, measure
from leverkit.report.section import Column, Figure, Section, Table
from leverkit.rfm import limit_day

if TYPE_CHECKING:
    from leverkit.ledger import Ledger

_STEP = 0.20


def profit_section(ledger: Ledger, limit: Mapping[str, Any], chosen: Mapping[str, Any]) -> Section:
    """The measured formula of the last complete period. `limit` holds parameters of `leverkit.rfm.limit_day`; `chosen` those of
    `leverkit.profit.measure`, and as `scenario` values that complete or replace the measured ones."""
    options = dict(chosen)
    scenario = dict(options.pop("scenario", {}))
    if options.get("limit_day") is None and limit:
        options["limit_day"] = limit_day(ledger, **limit)._tables["limits"]["limit_day"][0]
    try:
        found = measure(ledger, **options)
    except ParameterError as error:
        return _unmeasured(f"The formula is not measured: {error}.")
    return _measured(found, scenario)


def _unmeasured(why: str) -> Section:
    return Section(id="profit", title="The profit formula", lead=why)


def _measured(found: Measurement, scenario: dict[str, float]) -> Section:
    formula = Formula.full()
    values = found.at() | scenario
    results = formula.evaluate(values)
    known = {name: spread for name, spread in found.uncertainty().items() if name not in scenario}
    lift = formula.lift_table(values, step=_STEP, uncertainty=known or None)
    table = lift._tables["table"]
    missing = found._tables["missing"].filter(~pl.col("parameter").is_in(list(scenario)))
    return Section(
        id="profit",
        title="The profit formula",
        lead=_lead(found, values, results, missing),
        figures=[
            Figure(lift.plot(), "Each parameter alone, others as they are. Thin lines are 95 % limits of what was measured."),
            Figure(formula.tree(values).plot(), "Black: parameters. Blue: what they make."),
            Figure(plots.trend(found), "Bands are 95 % limits; counts and totals are known and have none."),
        ],
        tables=[_lift_table(table), _missing_table(missing)],
        notes=[*found.notes, *([f"Set by the scenario, not measured: {', '.join(scenario)}."] if scenario else [])],
        findings=_findings(table),
        params={"Formula, period": found.params["period"], "Formula, dormant after days": found.limit_day},
        frames={"profit_values": found._tables["values"], "profit_periods": found._tables["periods"], "profit_lift": table, "profit_missing": missing},
    )  # fmt: skip


def _lead(found: Measurement, values: Mapping[str, float], results: Mapping[str, float], missing: pl.DataFrame) -> str:
    periods = found._tables["periods"]
    last = (periods.filter("complete") if periods["complete"].any() else periods).row(-1, named=True)
    what = f"In the {found.params['period']} from {last['period_start']}, {theme.count(results['customers'])} customers placed "
    what += f"{theme.count(results['orders'])} orders of {theme.money(results['average_check'])} each: revenue {theme.money(results['revenue'])}"
    costs = ("unit_cost", "order_cost", "contact_cost", "service_cost", "fixed_cost")
    if not any(values[cost] for cost in costs):
        return f"{what}. No costs are known, so profit stands for revenue here; {missing.height} of 22 parameters need more data."
    return f"{what}, profit {theme.money(results['profit'])}. {missing.height} of 22 parameters need more data."


def _findings(table: pl.DataFrame) -> list[str]:
    best = table.drop_nulls("rank").row(0, named=True)
    limits = (
        "" if best["profit_lower"] is None
        else f" ({theme.money(best['profit_lower'])} to {theme.money(best['profit_upper'])})"
    )  # fmt: skip
    name = best["parameter"].replace("_", " ")
    return [
        f"{theme.percent(_STEP)} of {name} would move profit most: by {theme.money(best['profit_change'])}{limits} a period, others as they are."
    ]


def _value(value: float | None) -> str:
    return "–" if value is None else theme.count(value) if abs(value) >= 1000 else f"{value:.4g}"


def _lift_table(table: pl.DataFrame) -> Table:
    moving = table.filter((pl.col("profit_change") != 0) | pl.col("rank").is_null())
    limits = [
        "–" if low is None else f"{theme.money(low)} to {theme.money(high)}"
        for low, high in moving.select("profit_lower", "profit_upper").iter_rows()
    ]
    shown = moving.with_columns(limits=pl.Series(limits, dtype=pl.String))
    columns = {
        "parameter": Column("Parameter", lambda name: str(name).replace("_", " "), is_text=True),
        "value": Column("Value", _value),
        "new_value": Column("After the step", _value),
        "revenue_change": Column("Revenue", theme.money),
        "profit_change": Column("Profit", theme.money),
        "profit_lift": Column("of profit", theme.percent),
        "limits": Column("95 % limits", is_text=True),
        "capped": Column("At its bound", lambda capped: "yes" if capped else "", is_text=True),
    }
    caption = "The 20–20–20–20 table: each parameter moved by 20 % in its good direction, costs down; what changes nothing is left out."
    return Table("What 20 % of each parameter brings", shown, columns, caption)


def _missing_table(missing: pl.DataFrame) -> Table:
    columns = {
        "parameter": Column("Parameter", lambda name: str(name).replace("_", " "), is_text=True),
        "assumed": Column("Taken as", is_text=True),
        "needed": Column("What would measure it", is_text=True),
    }
    return Table("What is not measured yet", missing, columns, "With these values the measured revenue stays exact.")
