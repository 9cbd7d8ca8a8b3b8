"""The section on a test whose arms were drawn by lot: what each arm was worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.report.section import Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.effect import Holdout

#: Below this p-value the arms are not as large as they were drawn.
_UNEVEN = 0.001


def holdout_section(found: Holdout) -> Section:
    """What a test found: the effect of each arm on each metric, as it was drawn."""
    figures = [Figure(found.plot("effects"), t("An effect is sure where its line does not cross 0."))]
    if not found._tables["segments"].is_empty():
        figures.append(
            Figure(
                found.plot("segments"), t("Drawn towards the mean: the best of many segments is best by chance, too.")
            )
        )
    return Section(
        id="programme",
        title=t("Did it work?"),
        lead=" ".join(_sentences(found)),
        figures=figures,
        tables=[_table(found)],
        notes=[told(note) for note in found.notes],
        findings=_sentences(found)[:1],
        params={t("Test, units in each arm"): _arms(found)},
        frames={f"holdout_{name}": found._tables[name] for name in ("effects", "parts", "segments", "arms")},
    )


def _sentences(found: Holdout) -> list[str]:
    if found.sample_ratio[1] < _UNEVEN:
        return [t("The arms are not as large as they were drawn: units were lost, and no effect can be trusted.")]
    return [_sentence(row) for row in found._main.iter_rows(named=True)]


def _sentence(row: dict[str, object]) -> str:
    names = {"arm": str(row["arm"]), "metric": told(str(row["metric"]))}
    if row["estimate"] is None:
        return t("{arm}: no effect on {metric} can be estimated.", **names)
    limits = {name: numbers.signed(row[name]) for name in ("estimate", "lower", "upper")}  # type: ignore[arg-type]
    if row["lower"] > 0 or row["upper"] < 0:  # type: ignore[operator]
        return t("{arm} changed {metric} by {estimate} per customer ({lower} to {upper}).", **names, **limits)
    return t(
        "{arm}: no effect on {metric} is sure; it lies between {lower} and {upper} per customer.", **names, **limits
    )


def _arms(found: Holdout) -> dict[str, int]:
    return dict(found._tables["arms"].select("arm", "units").iter_rows())


def _table(found: Holdout) -> Table:
    rows = found._main
    limits = [numbers.limits(low, high, numbers.signed) for low, high in rows.select("lower", "upper").iter_rows()]
    columns = {
        "arm": Column(t("Arm"), is_text=True),
        "metric": Column(t("Metric"), told, is_text=True),
        "treated": Column(t("Treated"), numbers.number),
        "control": Column(t("Control"), numbers.number),
        "estimate": Column(t("Effect"), numbers.signed),
        "limits": Column(t("Limits"), is_text=True),
        "lift": Column(t("Of the control"), numbers.signed_percent),
    }
    caption = t("Means per customer who was drawn, whether or not they received anything or bought.")
    return Table(
        t("What each arm was worth"), rows.with_columns(pl.Series("limits", limits, dtype=pl.String)), columns, caption
    )
