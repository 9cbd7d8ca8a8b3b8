"""The section on need segments: how many kinds of people there are by what they want, and what each wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import listed, t, told
from leverkit.report.section import Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.survey import Needs

#: So many answers tell a segment in the table; the exported one has them all.
_TOLD = 4


def needs_section(found: Needs) -> Section:
    """Segments by needs, as far as they hold."""
    is_one = found._tables["table"].height == 1
    figures = [
        Figure(
            found.plot("fits"),
            t("More segments always fit better; only those that a test and new samples confirm are told."),
        )
    ]
    if not is_one:
        figures.insert(0, Figure(found.plot("profile"), t("Bold: surely different from all respondents together.")))
        figures.append(Figure(found.plot("typing"), t("So few questions find a new person's segment.")))
    return Section(
        id="needs",
        title=t("Who wants what"),
        lead=" ".join(_sentences(found)),
        figures=figures,
        tables=[] if is_one else [_table(found)],
        notes=[told(note) for note in found.notes],
        findings=_sentences(found)[:1],
        params={t("Need segments, respondents"): found.n},
        frames={f"needs_{name}": found._tables[name] for name in ("table", "profile", "fits", "typing")},
    )


def _sentences(found: Needs) -> list[str]:
    sizes = found._tables["table"]["size"].to_list()
    if len(sizes) == 1:
        return [t("People want the same: the answers show no segments that would hold in another sample.")]
    first = t(
        "There are {k} kinds of people by what they want: {sizes}.",
        k=numbers.count(len(sizes)),
        sizes=listed([numbers.percent(size) for size in sizes]),
    )
    return [first, *_demography(found)]


def _demography(found: Needs) -> list[str]:
    """How far age, sex and the like would have guessed it."""
    if found.hit_rate is None or found.base_rate is None:
        return []
    hit, base = numbers.percent(found.hit_rate), numbers.percent(found.base_rate)
    if found.hit_rate <= found.base_rate:
        return [
            t(
                "What else is known of people does not tell it: it guesses {hit}, and always naming the largest {base}.",
                hit=hit,
                base=base,
            )
        ]
    return [
        t(
            "What else is known of people guesses the segment of {hit}; always naming the largest guesses {base}.",
            hit=hit,
            base=base,
        )
    ]


def _table(found: Needs) -> Table:
    profile = _telling(found._tables["profile"])
    rows = []
    for row in found._tables["table"].iter_rows(named=True):
        own = profile.filter(segment=row["segment"]).sort("off", descending=True, maintain_order=True)
        rows.append(
            {
                "segment": t("Segment {number}, {size}", number=row["segment"], size=numbers.percent(row["size"])),
                "limits": numbers.limits(row["lower"], row["upper"], numbers.percent),
                **{verdict: _answers(own.filter(verdict=verdict)) for verdict in ("higher", "lower")},
            }
        )
    columns = {
        "segment": Column(t("Segment"), is_text=True),
        "limits": Column(t("Limits"), is_text=True),
        "higher": Column(t("More often than others"), is_text=True),
        "lower": Column(t("Less often than others"), is_text=True),
    }
    return Table(t("Segments by needs"), pl.DataFrame(rows), columns)


def _telling(profile: pl.DataFrame) -> pl.DataFrame:
    """Answers with how far they are from all; of two the second, as the first is the rest."""
    of_two = pl.len().over("segment", "item") == 2
    is_first = pl.int_range(pl.len()).over("segment", "item") == 0
    return profile.filter(~(of_two & is_first)).with_columns(off=(pl.col("value") - pl.col("overall")).abs())


def _answers(rows: pl.DataFrame) -> str:
    """The answers in which a segment differs most."""
    answers = [
        row["item"] if row["level"] is None else f"{row['item']}: {told(row['level'])}"
        for row in rows.head(_TOLD).iter_rows(named=True)
    ]
    return "; ".join(answers) or "–"
