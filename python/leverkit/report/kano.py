"""The section on a Kano survey: what must not be missing, what pays with every step, what delights, and what nobody minds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import listed, t, told
from leverkit.plots.kano import verdict_in_words
from leverkit.report.section import Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.survey import Kano


def kano_section(found: Kano) -> Section:
    """Features by what they do to satisfaction, as far as it is sure."""
    sentences = _sentences(found._tables["table"])
    return Section(
        id="kano",
        title=t("Which features to build"),
        lead=" ".join(sentences),
        figures=[
            Figure(
                found.plot("map"), t("Features in the middle, and those whose ellipses cross the lines, are not sure.")
            ),
            Figure(found.plot("categories"), t("If many want a feature and many do not mind, ask who they are.")),
        ],
        tables=[_table(found._tables["table"])],
        notes=[told(note) for note in found.notes],
        findings=sentences[:2],
        params={t("Kano survey, respondents"): found.n},
        frames={f"kano_{name}": found._tables[name] for name in ("table", "categories", "continuous", "quality")},
    )


def _sentences(table: pl.DataFrame) -> list[str]:
    """One sentence for each category that features surely have, the most pressing first."""
    by_category: dict[str, Callable[[str], str]] = {
        "M": lambda features: t("Taken for granted, so that their lack angers: {features}.", features=features),
        "O": lambda features: t("The better they are, the more content people are: {features}.", features=features),
        "A": lambda features: t("Not missed, but a delight: {features}.", features=features),
        "R": lambda features: t("Most would rather not have them: {features}.", features=features),
        "I": lambda features: t("Nobody minds either way: {features}.", features=features),
    }
    clear = table.filter(status="clear")
    found = [
        say(listed(clear.filter(category=category)["feature"].to_list()))
        for category, say in by_category.items()
        if category in clear["category"]
    ]
    unsure = table.height - clear.height
    if unsure:
        found.append(t("Of {n} {n:feature|features} the answers do not say it surely.", n=numbers.count(unsure)))
    return found


def _table(table: pl.DataFrame) -> Table:
    columns = {
        "feature": Column(t("Feature"), is_text=True),
        "category": Column(t("What it is"), verdict_in_words, is_text=True),
        "probability": Column(t("Surely"), numbers.percent, is_bar=True),
        "better": Column(t("Satisfied if there"), numbers.percent),
        "worse": Column(t("Dissatisfied if missing"), lambda share: numbers.percent(None if share is None else -share)),
        "n": Column(t("Answers"), numbers.count),
    }
    return Table(
        t("Features"),
        table,
        columns,
        t(
            "Surely: the probability that the most frequent category leads in the whole base, not just among those asked."
        ),
    )
