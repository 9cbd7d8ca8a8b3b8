"""The section on journeys, from an event log: what follows what, and the usual paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.funnel import Journey, journey
from leverkit.report import recipe
from leverkit.report.section import Column, Figure, Section, Table

#: A table has at most so many rows on the page; the exported one has them all.
_LISTED = 12
_FLAGS = {name: f"--{name}" for name in ("entity", "time", "event", "channel", "steps")}


def journeys_section(events: Any, params: Mapping[str, Any]) -> Section:
    """What follows what in an event log; `params` are those of `leverkit.funnel.journey`."""
    found = journey(events, **params)
    figures = [
        Figure(
            found.plot("sankey"), t("From left to right: the first steps of all entities, and how many go each way.")
        ),
        Figure(found.plot("step_matrix"), t("Each column adds up to all entities.")),
    ]
    if found.params["channel"]:
        figures.append(Figure(found.plot("stopped"), t("By the channel they came through.")))
    tables = {
        f"journey_{name}": found._tables[name] for name in ("transitions", "paths", "loops", "step_matrix", "stopped")
    }
    return Section(
        id="journey",
        title=t("Journeys"),
        lead=_lead(found),
        figures=figures,
        tables=[_paths(found)],
        notes=[told(note) for note in found.notes],
        params={t("Journeys, steps"): found.params["steps"]},
        frames=tables,
        python=[f"lk.funnel.journey(events{recipe.options(params)})"],
        command=f"leverkit journey EVENTS{recipe.flags(params, _FLAGS)}",
    )


def _lead(found: Journey) -> str:
    lead = t(
        "{entities} {entities:entity|entities} took {paths} different {paths:path|paths}.",
        entities=numbers.count(found.n_entities),
        paths=numbers.count(found.distinct_paths),
    )
    paths = found._tables["paths"]
    if not paths.height:
        return lead
    first = paths.row(0, named=True)
    most = t(
        "The most frequent one, {path}, was taken by {share}.",
        path=first["path"],
        share=numbers.percent(first["share"]),
    )
    return f"{lead} {most}"


def _paths(found: Journey) -> Table:
    columns = {
        "path": Column(t("Path"), is_text=True),
        "entities": Column(t("Entities"), numbers.count),
        "share": Column(t("of all"), numbers.percent, is_bar=True),
        "mean_days": Column(t("Days"), numbers.decimal),
    }
    caption = t("Days from the first event of the path to the last, on average.")
    return Table(t("The most frequent paths"), found._tables["paths"], columns, caption, first=_LISTED)
