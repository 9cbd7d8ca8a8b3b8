"""The sections on brands: who is best at what and which places are free, and what is said of each beyond its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import listed, t, told
from leverkit.report.section import Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.survey import Image, Position

#: A map whose chance is above this is no finding.
_CHANCE = 0.05


def position_section(found: Position) -> Section:
    """Where brands stand on dimensions."""
    sentences = _best(found._tables["brands"]) + _free(found._tables["spaces"]) + _unnoticed(found)
    return Section(
        id="position",
        title=t("Where brands stand"),
        lead=" ".join(sentences),
        figures=[
            Figure(found.plot("scores"), t("Only filled points are sure to be the best of their row.")),
            Figure(found.plot("gaps"), t("Left of 0 another brand is better.")),
            *_at_once(found),
            *_facts(found),
        ],
        tables=[_brands(found._tables["brands"])],
        notes=[told(note) for note in found.notes],
        findings=sentences[:2],
        params={t("Survey of brands, respondents"): found.n},
        frames={f"position_{name}": found._tables[name] for name in ("table", "brands", "spaces")},
    )


def _best(brands: pl.DataFrame) -> list[str]:
    best = brands.filter(verdict="best at something")
    sentences = [
        t("{brand} is surely best: {blocks}.", brand=row["brand"], blocks=row["best_on"])
        for row in best.iter_rows(named=True)
    ]
    nowhere = brands.filter(verdict="black hole")["brand"].to_list()
    if nowhere:
        sentences.append(t("Best at nothing: {brands}.", brands=listed(nowhere)))
    return sentences or [t("No brand is surely best at anything.")]


def _free(spaces: pl.DataFrame) -> list[str]:
    free = spaces.filter(verdict="free").sort("importance", descending=True, nulls_last=True)["block"].to_list()
    return [t("Nobody's yet: {blocks}.", blocks=listed(free))] if free else []


def _unnoticed(found: Position) -> list[str]:
    """What a brand is best at in fact, and surely not in people's eyes."""
    if found.facts is None:
        return []
    rows = found._tables["facts"].filter(verdict="unnoticed").group_by("brand", maintain_order=True).agg("block")
    return [
        t("{brand} is best in fact, and people do not see it: {blocks}.", brand=brand, blocks=listed(blocks))
        for brand, blocks in rows.iter_rows()
    ]


def _at_once(found: Position) -> list[Figure]:
    """The map of three brands or more, where it shows more than chance: two are read better row by row."""
    if found.map_p_value is None or found.map_p_value > _CHANCE or found._tables["axes"].height < 2:
        return []
    return [Figure(found.plot("map"), t("A brand far along an arrow is above the others there."))]


def _facts(found: Position) -> list[Figure]:
    if found.facts is None:
        return []
    return [Figure(found.plot("facts"), t("A diamond left of its dot: better than people think."))]


def _brands(brands: pl.DataFrame) -> Table:
    columns = {
        "brand": Column(t("Brand"), is_text=True),
        "best_on": Column(t("Surely best at"), lambda blocks: blocks or "–", is_text=True),
        "best_on_none": Column(t("Best at nothing with probability"), numbers.percent, is_bar=True),
        "bottleneck": Column(t("Weakest at"), lambda block: block or "–", is_text=True),
        "verdict": Column(t("Verdict"), told, is_text=True),
    }
    return Table(t("Brands"), brands, columns)


def image_section(found: Image) -> Section:
    """What is said of brands beyond their size; the map only where it shows more than chance."""
    table = found._tables["table"]
    figures = [Figure(found.plot("cells"), t("A large brand is named more often everywhere: that is taken off."))]
    if found.map_p_value <= _CHANCE:
        figures.append(
            Figure(
                found.plot("map"),
                t("Brands near a statement are known for it; ellipses show how sure their places are."),
            )
        )
    sentences = _known_for(table)
    return Section(
        id="image",
        title=t("What brands are known for"),
        lead=" ".join(sentences),
        figures=figures,
        tables=[_cells(table)] if _sure(table).height else [],
        notes=[told(note) for note in found.notes],
        findings=sentences[:1],
        params={t("Image survey, respondents"): found.n},
        frames={f"image_{name}": found._tables[name] for name in ("table", "map", "axes")},
    )


def _sure(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col("verdict") != "can't tell").sort("deviation", descending=True)


def _known_for(table: pl.DataFrame) -> list[str]:
    strengths = _sure(table).filter(verdict="strength")
    if strengths.is_empty():
        return [t("No brand is surely known for anything beyond its size.")]
    return [
        t("{brand} is known for: {attributes}.", brand=brand, attributes=listed(own["attribute"].to_list()))
        for (brand,), own in strengths.group_by("brand", maintain_order=True)
    ]


def _points(value: numbers.Number | None) -> str:
    """Points with their sign."""
    text = numbers.decimal(value)
    return f"+{text}" if value is not None and value > 0 else text


def _cells(table: pl.DataFrame) -> Table:
    sure = _sure(table)
    limits = [numbers.limits(low, high, _points) for low, high in sure.select("lower", "upper").iter_rows()]
    columns = {
        "brand": Column(t("Brand"), is_text=True),
        "attribute": Column(t("Statement"), is_text=True),
        "share": Column(t("Said by"), numbers.percent, is_bar=True),
        "deviation": Column(t("Points more than expected"), _points),
        "limits": Column(t("Limits"), is_text=True),
    }
    return Table(
        t("Strengths and weaknesses"), sure.with_columns(pl.Series("limits", limits, dtype=pl.String)), columns
    )
