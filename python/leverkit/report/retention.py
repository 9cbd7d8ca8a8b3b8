"""The section on keeping customers: until when to call them, whom to call now, what keeps them, who moved and who stayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import day, mark, t, told
from leverkit.errors import DataError, ParameterError
from leverkit.plots import retention as plots
from leverkit.plots import theme
from leverkit.report import recipe
from leverkit.report.section import Action, Column, Figure, Section, Table
from leverkit.rfm import Cohorts, LimitDays, Migration, Norms, Triggers, cohorts, limit_day, migration, norms, triggers

if TYPE_CHECKING:
    from leverkit.ledger import Ledger

R = TypeVar("R")

_FLAGS = {"p": "--chance", "horizon": "--horizon"}

_WHY = {"limit_day": mark("limit day"), "win_back": mark("win back")}
_ACTIONS = {
    "limit_day": (
        mark("Crossing the limit day"),
        mark("Call before the date in the list: after it they are cold leads."),
        theme.WARNING,
    ),
    "win_back": (
        mark("Past the limit day"),
        mark("Win back those with the highest expected value; let the others go."),
        theme.MUTED,
    ),
}
#: Customers that the page lists; the exported table has them all.
_LISTED = 20
#: Those that the first page shows of whom to call.
_CALLS = 8


@dataclass
class _Found:
    """The results, or None with a note where the data are too short for one."""

    limits: LimitDays
    triggers: Triggers
    norms: Norms
    migration: Migration | None
    cohorts: Cohorts | None
    notes: list[str]

    @classmethod
    def of(cls, ledger: Ledger, limit: Mapping[str, Any]) -> _Found:
        notes: list[str] = []

        def attempt(run: Callable[[], R], what: str) -> R | None:
            try:
                return run()
            except (DataError, ParameterError) as error:
                notes.append(t(what, reason=told(str(error))))
                return None

        found = cls(
            limits=limit_day(ledger, **limit),
            triggers=triggers(ledger, **limit),
            norms=norms(ledger),
            migration=attempt(lambda: migration(ledger), mark("There is no migration by month: {reason}.")),
            cohorts=attempt(lambda: cohorts(ledger), mark("There is no table of monthly cohorts: {reason}.")),
            notes=notes,
        )
        results = (found.limits, found.triggers, found.norms, found.cohorts)
        notes.extend(dict.fromkeys(told(note) for result in results if result is not None for note in result.notes))
        return found


def retention_section(ledger: Ledger, limit: Mapping[str, Any]) -> Section:
    """The limit day, triggers, norms, migration and cohorts. `limit` holds parameters of `leverkit.rfm.limit_day`."""
    found = _Found.of(ledger, limit)
    return Section(
        id="retention",
        title=t("Keeping customers"),
        lead=_lead(found.limits),
        figures=_figures(found),
        tables=[_trigger_table(found.triggers), _norm_table(found.norms)],
        notes=found.notes,
        findings=_findings(found),
        actions=_actions(found),
        params={
            t("Limit day, chance of return"): numbers.percent(found.limits.params["p"]),
            t("Limit day, horizon in days"): found.limits.horizon,
        },
        frames=_frames(found),
        python=[
            *(f"lk.rfm.{name}(ledger{recipe.options(limit)})" for name in ("limit_day", "triggers")),
            *(f"lk.rfm.{name}(ledger)" for name in ("norms", "migration", "cohorts")),
        ],
        command=f"leverkit plan DATA{recipe.flags(limit, _FLAGS)} --calls calls.csv",
    )


def _lead(limits: LimitDays) -> str:
    row = limits._tables["limits"].row(0, named=True)
    words = {"horizon": numbers.count(limits.horizon), "p": numbers.percent(limits.params["p"])}
    if row["limit_day"] is None:
        return t(
            "The limit day is where the chance that a silent customer orders within {horizon} {horizon:day|days} falls under {p}. Here {reason}.",
            reason=told(row["reason"]),
            **words,
        )
    return t(
        "After {days} {days:day|days} without an order the chance that a silent customer orders within {horizon} {horizon:day|days} falls under {p}: "
        "that is the limit day, until which to call. Each customer has their own, by the rhythm of their orders.",
        days=numbers.count(row["limit_day"]),
        **words,
    )


def _figures(found: _Found) -> list[Figure]:
    figures = [
        Figure(
            found.limits.plot(),
            t("The band shows the limits of the estimate: it widens where few stay silent so long."),
        ),
        Figure(
            found.triggers.plot(),
            t("Money of the year before each customer's last order, times the chance to lose it."),
        ),
        Figure(found.norms.plot(), t("Each norm was chosen on earlier windows and tested on the last.")),
    ]
    if found.migration is not None:
        figures.append(
            Figure(
                found.migration.plot(),
                t("Segments compare customers with one another on each date: some always move down."),
            )
        )
    if found.cohorts is not None:
        figures.append(
            Figure(
                found.cohorts.plot(), t("Each row is a cohort; read it from left to right to see how many still order.")
            )
        )
    return figures


def _findings(found: _Found) -> list[str]:
    crossing = found.triggers._tables["table"].filter(pl.col("trigger") == "limit_day")
    found_out = []
    if crossing.height:
        found_out.append(
            t(
                "{customers} {customers:customer crosses|customers cross} their limit day from {start} to {end}; they spent {value} in the year up to their last order.",
                customers=numbers.count(crossing.height),
                start=day(found.triggers.params["start"]),
                end=day(found.triggers.params["end"]),
                value=numbers.short_money(crossing["value_at_risk"].sum()),
            )
        )
    kept = found.norms._tables["table"].filter(pl.col("measure") != "all").drop_nulls("norm")
    if kept.height:
        best = kept.sort("lift", descending=True).row(0, named=True)
        found_out.append(
            t(
                "Customers with {norm} stay: {within} of them bought again within {days} {days:day|days}, {outside} of the others.",
                norm=plots.norm_text(best),
                within=numbers.percent(best["return_rate_above"]),
                days=numbers.count(found.norms.params["horizon"]),
                outside=numbers.percent(best["return_rate_below"]),
            )
        )
    return found_out


def _actions(found: _Found) -> list[Action]:
    rows = found.triggers._tables["table"]
    actions = []
    for trigger, (who, action, colour) in _ACTIONS.items():
        part = rows.filter(pl.col("trigger") == trigger)
        if part.height:
            actions.append(Action(t(who), t(action), part.height, float(part["value_at_risk"].sum()), colour))
    return actions


def calls_of(section: Section) -> Table | None:
    """Whom to call this week: those of the section whose call saves money; None where there is nobody."""
    table = section.tables[0]
    pays = table.frame.filter(pl.col("expected_saving") > 0)
    shown = ("customer", "date", "trigger", "value_at_risk", "expected_saving")
    columns = {name: table.columns[name] for name in shown}
    return Table("", pays, columns, first=_CALLS) if pays.height else None


def _trigger_table(found: Triggers) -> Table:
    rows = found._tables["table"]
    columns = {
        "customer": Column(t("Customer"), is_text=True),
        "trigger": Column(t("Why"), lambda trigger: t(_WHY[trigger]), is_text=True),
        "date": Column(t("Call by"), day, is_text=True),
        "segment": Column(t("Segment"), told, is_text=True),
        "last_order": Column(t("Last order"), day, is_text=True),
        "value_at_risk": Column(t("Year's money"), numbers.money),
        "probability": Column(t("Chance to lose"), numbers.percent, is_bar=True),
        "expected_loss": Column(t("Expected loss"), numbers.money),
        "expected_saving": Column(t("A call can save"), numbers.money),
    }
    caption = (
        t("Those before their limit day come first, then those whom a call can save the most of.")
        if rows.height
        else t("Nobody has crossed a limit day or does so in this week.")
    )
    return Table(t("Whom to call this week"), rows, columns, caption, first=_LISTED)


def _norm_table(found: Norms) -> Table:
    rows = found._tables["table"].filter(pl.col("measure") != "all")
    shown = rows.with_columns(
        text=pl.Series([plots.norm_text(row) for row in rows.iter_rows(named=True)], dtype=pl.String),
        limits=pl.Series(
            [
                numbers.limits(row["lower"], row["upper"], plots.writer_of(row["measure"]))
                for row in rows.iter_rows(named=True)
            ],
            dtype=pl.String,
        ),
    )
    columns = {
        "measure": Column(t("Measure"), lambda name: t(plots.MEASURES[name][0]), is_text=True),
        "text": Column(t("Norm"), is_text=True),
        "limits": Column(t("95 % limits"), is_text=True),
        "share_above": Column(t("Within it"), numbers.percent, is_bar=True),
        "return_rate_above": Column(t("return, within"), numbers.percent),
        "return_rate_below": Column(t("return, outside"), numbers.percent),
        "lift": Column(t("Lift"), lambda lift: numbers.decimal(lift, 2)),
        "reason": Column(t("Why there is none"), lambda reason: told(reason or ""), is_text=True),
    }
    caption = t("Lift: the share who return within the norm, divided by the share of all who return.")
    return Table(t("The norms of loyal customers"), shown, columns, caption)


def _frames(found: _Found) -> dict[str, pl.DataFrame]:
    frames = {
        "limit_days": found.limits._tables["limits"],
        "limit_day_customers": found.limits._tables["customers"],
        "limit_day_curve": found.limits._tables["curve"],
        "triggers": found.triggers._tables["table"],
        "norms": found.norms._tables["table"],
    }
    if found.migration is not None:
        frames |= {"migration": found.migration._tables["flows"], "moved_down": found.migration._tables["moved_down"]}
    if found.cohorts is not None:
        frames["cohorts"] = found.cohorts._tables["table"]
    return {f"rfm_{name}": frame for name, frame in frames.items()}
