"""The section on the quantity funnel, from counts or items of each level: how much came to each, and what is held back."""

from __future__ import annotations

from typing import Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.funnel import Quantities, quantities
from leverkit.plots import theme
from leverkit.report import recipe
from leverkit.report.section import Action, Column, Figure, Section, Table

#: A table has at most so many rows on the page; the exported one has them all.
_LISTED = 12
_FLAGS = {
    "entity": "--entity",
    "levels": "--level",
    "value": "--value",
    "by": "--by",
    "status": "--status",
    "days": "--days",
}


def quantities_section(frame: Any, **params: Any) -> Section:
    """Of what was recommended, how much was agreed and performed; `params` are those of `leverkit.funnel.quantities`."""
    found = quantities(frame, **params)
    figures = [
        Figure(found.plot("funnel"), t("Blue is what reached the level, red what was lost before it.")),
        Figure(found.plot("held_back"), t("If nobody were lost at the step, and the later steps stayed as they are.")),
    ]
    if found.params["by"]:
        figures.append(
            Figure(
                found.plot("groups"),
                t("Small groups are pulled towards the average, because few units carry little information."),
            )
        )
    return Section(
        id="quantities",
        title=t("From what was recommended to what was done"),
        lead=_lead(found),
        figures=figures,
        tables=[_levels(found)],
        notes=[told(note) for note in found.notes],
        findings=_findings(found),
        actions=_actions(found),
        params={t("Quantity funnel, levels"): " → ".join(found.params["levels"])},
        frames={f"quantities_{name}": table for name, table in found._tables.items()},
        python=[f"lk.funnel.quantities(frame{recipe.options(params)})"],
        command=f"leverkit quantities LEVELS{recipe.flags(params, _FLAGS)}",
    )


def _most(found: Quantities) -> dict[str, Any] | None:
    table = found._tables["table"].filter(pl.col("level") == found.bottleneck)
    return table.row(0, named=True) if table.height else None


def _findings(found: Quantities) -> list[str]:
    most = _most(found)
    if most is None:
        return []
    return [
        t(
            "Only {share} reach {level}: that step holds back {money}, and one percentage point of it is worth {point}.",
            share=numbers.percent(most["conversion"]),
            level=most["level"],
            money=numbers.short_money(most["held_back"]),
            point=numbers.money(most["point_value"]),
        )
    ]


def _actions(found: Quantities) -> list[Action]:
    most, table = _most(found), found._tables["entities"]
    if most is None or "value_lost" not in table.columns:
        return []
    open_ones = table.filter(pl.col("value_lost") > 0)
    who = t("Those who have not reached {level}", level=found.params["levels"][-1])
    what = t("Call them back, those with the largest amounts first.")
    return [Action(who, what, open_ones.height, float(open_ones["value_lost"].sum()), theme.WARNING)]


def _lead(found: Quantities) -> str:
    table = found._tables["table"]
    way = " → ".join(f"{numbers.count(row['quantity'])} {row['level']}" for row in table.iter_rows(named=True))
    most = table.filter(level=found.bottleneck) if found.bottleneck else table.head(0)
    if not most.height:
        return f"{way}."
    held = numbers.short_money(most["held_back"][0])
    return t("{way}; the largest loss is before {level}: {held}.", way=way, level=found.bottleneck, held=held)


def _levels(found: Quantities) -> Table:
    table = found._tables["table"]
    limits = [
        "–" if low is None else f"{numbers.percent(low)} – {numbers.percent(high)}"
        for low, high in table.select("lower", "upper").iter_rows()
    ]
    columns = {
        "level": Column(t("Level"), is_text=True),
        "quantity": Column(t("Units"), numbers.count),
        "conversion": Column(t("Get here"), numbers.percent, is_bar=True),
        "limits": Column(t("Limits"), is_text=True),
        "value": Column(t("Money"), numbers.money),
        "value_lost": Column(t("Lost before it"), numbers.money),
        "held_back": Column(t("Held back"), numbers.money),
        "point_value": Column(t("Value of one point"), numbers.money),
    }
    caption = t("Limits are clustered by entity, because units of one entity are not independent.")
    shown = table.with_columns(pl.Series("limits", limits, dtype=pl.String))
    return Table(t("Level by level"), shown, columns, caption)
