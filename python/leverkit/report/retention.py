"""The section on keeping customers: until when to call them, whom to call now, what keeps them, who moved and who stayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from leverkit.errors import DataError, ParameterError
from leverkit.plots import retention as plots
from leverkit.plots import theme
from leverkit.report.section import Action, Column, Figure, Section, Table
from leverkit.rfm import Cohorts, LimitDays, Migration, Norms, Triggers, cohorts, limit_day, migration, norms, triggers

if TYPE_CHECKING:
    from leverkit.ledger import Ledger

R = TypeVar("R")

#: Customers that the page lists; the exported table has them all.
_LISTED = 20


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
                notes.append(f"There is no {what}: {error}.")
                return None

        found = cls(
            limits=limit_day(ledger, **limit),
            triggers=triggers(ledger, **limit),
            norms=norms(ledger),
            migration=attempt(lambda: migration(ledger), "migration by month"),
            cohorts=attempt(lambda: cohorts(ledger), "table of monthly cohorts"),
            notes=notes,
        )
        results = (found.limits, found.triggers, found.norms, found.cohorts)
        notes.extend(dict.fromkeys(note for result in results if result is not None for note in result.notes))
        return found


def retention_section(ledger: Ledger, limit: Mapping[str, Any]) -> Section:
    """The limit day, triggers, norms, migration and cohorts. `limit` holds parameters of `leverkit.rfm.limit_day`."""
    found = _Found.of(ledger, limit)
    return Section(
        id="retention",
        title="Keeping customers",
        lead=_lead(found.limits),
        figures=_figures(found),
        tables=[_trigger_table(found.triggers), _norm_table(found.norms)],
        notes=found.notes,
        findings=_findings(found),
        actions=_actions(found),
        params={"Limit day, chance of return": found.limits.params["p"], "Limit day, horizon": found.limits.horizon},
        frames=_frames(found),
    )


def _lead(limits: LimitDays) -> str:
    row = limits._tables["limits"].row(0, named=True)
    chance = f"the chance that a silent customer orders within {limits.horizon} days"
    if row["limit_day"] is None:
        return f"The limit day is where {chance} falls under {theme.percent(limits.params['p'])}. Here {row['reason']}."
    return (
        f"After {theme.count(row['limit_day'])} days without an order {chance} falls under {theme.percent(limits.params['p'])}: "
        "that is the limit day, until which to call. Each customer has their own, by the rhythm of their orders."
    )


def _figures(found: _Found) -> list[Figure]:
    figures = [
        Figure(
            found.limits.plot(), "The band shows the limits of the estimate: it widens where few stay silent so long."
        ),
        Figure(
            found.triggers.plot(), "Money of the year before each customer's last order, times the chance to lose it."
        ),
        Figure(found.norms.plot(), "Each norm was chosen on earlier windows and is judged on the last."),
    ]
    if found.migration is not None:
        figures.append(
            Figure(
                found.migration.plot(),
                "Segments compare customers with one another on each date: some always move down.",
            )
        )
    if found.cohorts is not None:
        figures.append(
            Figure(found.cohorts.plot(), "A row is a cohort; read it from left to right to see how many still order.")
        )
    return figures


def _findings(found: _Found) -> list[str]:
    crossing = found.triggers._tables["table"].filter(pl.col("trigger") == "limit_day")
    told = []
    if crossing.height:
        value = theme.short_money(crossing["value_at_risk"].sum())
        told.append(
            f"{theme.count(crossing.height)} customers cross their limit day from {found.triggers.params['start']} to "
            f"{found.triggers.params['end']}; they spent {value} in the year up to their last order."
        )
    kept = found.norms._tables["table"].filter(pl.col("measure") != "all").drop_nulls("norm")
    if kept.height:
        best = kept.sort("lift", descending=True).row(0, named=True)
        told.append(
            f"Customers with {plots.norm_text(best)} stay: {theme.percent(best['return_rate_above'])} of them bought again within "
            f"{found.norms.params['horizon']} days, {theme.percent(best['return_rate_below'])} of the others."
        )
    return told


def _actions(found: _Found) -> list[Action]:
    rows = found.triggers._tables["table"]
    what = {
        "limit_day": (
            "Crossing the limit day",
            "Call before the date in the list: after it they are cold leads.",
            theme.WARNING,
        ),
        "win_back": (
            "Past the limit day",
            "Win back those with the most expected value; let the others go.",
            theme.MUTED,
        ),
    }
    actions = []
    for trigger, (who, action, colour) in what.items():
        part = rows.filter(pl.col("trigger") == trigger)
        if part.height:
            actions.append(Action(who, action, part.height, float(part["value_at_risk"].sum()), colour))
    return actions


def _trigger_table(found: Triggers) -> Table:
    rows = found._tables["table"]
    columns = {
        "customer": Column("Customer", is_text=True),
        "trigger": Column(
            "Why", lambda trigger: {"limit_day": "limit day", "win_back": "win back"}[trigger], is_text=True
        ),
        "date": Column("Call by", is_text=True),
        "segment": Column("Segment", is_text=True),
        "last_order": Column("Last order", is_text=True),
        "value_at_risk": Column("Year's money", theme.money),
        "probability": Column("Chance to lose", theme.percent, is_bar=True),
        "expected_loss": Column("Expected loss", theme.money),
    }
    caption = f"The {_LISTED} of {theme.count(rows.height)} with the greatest expected loss; --tables exports all, for your CRM."
    if not rows.height:
        caption = "Nobody has crossed a limit day or does so in this week."
    return Table("Whom to call this week", rows.head(_LISTED), columns, caption)


def _norm_table(found: Norms) -> Table:
    rows = found._tables["table"].filter(pl.col("measure") != "all")
    shown = rows.with_columns(
        text=pl.Series([plots.norm_text(row) for row in rows.iter_rows(named=True)], dtype=pl.String),
        limits=pl.Series(
            [
                "–" if row["lower"] is None else f"{theme.money(row['lower'])} to {theme.money(row['upper'])}"
                for row in rows.iter_rows(named=True)
            ],
            dtype=pl.String,
        ),
    )
    columns = {
        "measure": Column("Measure", lambda name: str(name).replace("_", " ").capitalize(), is_text=True),
        "text": Column("Norm", is_text=True),
        "limits": Column("95 % limits", is_text=True),
        "share_above": Column("Within it", theme.percent, is_bar=True),
        "return_rate_above": Column("return, within", theme.percent),
        "return_rate_below": Column("return, outside", theme.percent),
        "lift": Column("Lift", lambda lift: "–" if lift is None else f"{lift:.2f}"),
        "reason": Column("Why none", lambda reason: reason or "", is_text=True),
    }
    return Table(
        "The norms of a loyal customer", shown, columns, "Lift: the share who return within the norm, over that of all."
    )


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
