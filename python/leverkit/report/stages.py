"""The section on the stage funnel, where an event log is given: who comes how far, where they stop, and what the rules make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.funnel import StageFunnel, stages
from leverkit.plots import stages as plots
from leverkit.plots import theme
from leverkit.report import recipe
from leverkit.report.section import Action, Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.funnel import StageAudit

_FLAGS = {
    "entity": "--entity",
    "time": "--time",
    "stage": "--event",
    "stages": "--stage",
    "window": "--window",
    "mode": "--mode",
    "ties": "--ties",
    "start": "--start",
    "by": "--by",
    "value": "--value",
}


def stages_section(events: Any, asked: Mapping[str, Any]) -> Section:
    """The funnel of an event log. `events` is what `leverkit.funnel.stages` takes, or its result; `asked` its keywords."""
    found = events if isinstance(events, StageFunnel) else stages(events, **asked)
    audit = found.audit()
    figures = [
        Figure(found.plot(), t("Each bar is the number of those who reached the stage in order and in time.")),
        Figure(found.plot("times"), t("If a curve is flat, nobody else gets there.")),
        Figure(audit.plot(), t("How much of the number is due to the rules by which the funnel is counted.")),
    ]
    frames = {
        "stages": found._tables["table"],
        "stages_times": found._tables["times"],
        "stages_audit": audit._tables["table"],
    }
    return Section(
        id="stages",
        title=t("The stage funnel"),
        lead=_lead(found),
        figures=figures,
        tables=[_table(found)],
        notes=[told(note) for note in [*found.notes, *audit.notes]],
        findings=_findings(found, audit),
        actions=_actions(found),
        params={t("Stage funnel, rules"): told(found.policy)},
        frames=frames,
        python=[f"lk.funnel.stages(events{recipe.options(asked)})"],
        command=f"leverkit stages EVENTS{recipe.flags(_on_one_line(asked), _FLAGS)}",
    )


def _on_one_line(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords with stages of several events as the command line writes them."""
    stages = [stage if isinstance(stage, str) else "|".join(stage) for stage in asked.get("stages", ())]
    return {**asked, "stages": stages}


def _whole(found: StageFunnel) -> pl.DataFrame:
    """All groups together."""
    table = found._tables["table"]
    whole = table.group_by("stage", maintain_order=True).agg(pl.col("reached", "dropped").sum())
    return whole.with_columns(share=pl.col("reached") / pl.col("reached").shift(1))


def _lead(found: StageFunnel) -> str:
    whole = _whole(found)
    first, last = whole.row(0, named=True), whole.row(-1, named=True)
    if first["reached"] == 0:
        return t("Nobody reached the first stage, {stage}.", stage=first["stage"])
    return t(
        "{last} of {first} who reached {from_stage} also reached {to_stage}: {share}.",
        last=numbers.count(last["reached"]),
        first=numbers.count(first["reached"]),
        from_stage=first["stage"],
        to_stage=last["stage"],
        share=numbers.percent(last["reached"] / first["reached"]),
    )


def _weakest(found: StageFunnel) -> dict[str, Any] | None:
    """The stage at which most stop."""
    whole = _whole(found)
    worst = whole.sort("dropped", descending=True, maintain_order=True).row(0, named=True)
    return worst if worst["dropped"] else None


def _findings(found: StageFunnel, audit: StageAudit) -> list[str]:
    findings = []
    worst = _weakest(found)
    if worst:
        findings.append(
            t(
                "Most are lost after {stage}: {dropped} of {reached} went no further.",
                stage=worst["stage"],
                dropped=numbers.count(worst["dropped"]),
                reached=numbers.count(worst["reached"]),
            )
        )
    low, high = audit.spread
    if low != high:
        findings.append(
            t(
                "Under other rules the same events give {low} to {high} conversions: only compare funnels that use the same rules.",
                low=numbers.count(low),
                high=numbers.count(high),
            )
        )
    return findings


def _actions(found: StageFunnel) -> list[Action]:
    worst = _weakest(found)
    if not worst:
        return []
    lost = found._engine.dropped(worst["stage"])
    value = pl.DataFrame(lost)["value"].sum()
    who = t("Stopped after {stage}", stage=worst["stage"])
    what = t("Call them back, those with the largest amounts first.")
    return [Action(who, what, int(worst["dropped"]), float(value or 0), theme.WARNING)]


def _table(found: StageFunnel) -> Table:
    table = found._tables["table"]
    limits = [
        "–" if low is None else t("{low} to {high}", low=numbers.percent(low), high=numbers.percent(high))
        for low, high in table.select("lower", "upper").iter_rows()
    ]
    columns = {
        "group": Column(t("Group"), lambda group: t("unknown") if group is None else str(group), is_text=True),
        "stage": Column(t("Stage"), is_text=True),
        "reached": Column(t("Got here"), numbers.count),
        "from_previous": Column(t("Of the stage before"), numbers.percent, is_bar=True),
        "limits": Column(t("Limits"), is_text=True),
        "from_first": Column(t("Of the first"), numbers.percent),
        "dropped": Column(t("Stopped here"), numbers.count),
        "median_time": Column(t("Median days"), plots.days),
        "value": Column(t("Money"), numbers.money),
    }
    if found.params["by"] is None:
        del columns["group"]
    if table["value"].null_count() == table.height:
        del columns["value"]
    caption = t("Stopped here: reached this stage and went no further. Median days are counted from the stage before.")
    return Table(t("From stage to stage"), table.with_columns(pl.Series("limits", limits)), columns, caption)
