"""The section on a programme or campaign, where its members are given: did it work, in money, and would it have come anyway?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import day, t, told
from leverkit.effect import Holdout, Programme, holdout, programme
from leverkit.plots.programme import design_names
from leverkit.report import recipe
from leverkit.report.holdout import holdout_section
from leverkit.report.section import Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.ledger import Ledger

_FLAGS = {
    "customer": "--member",
    "joined": "--joined",
    "period": "--period",
    "days": "--days",
    "running_cost": "--running-cost",
    "reward_cost": "--reward-cost",
}
#: Keywords of a test among the ledger's customers stand in the settings alone.
_DRAWN = f"{recipe.REPORT} --members MEMBERS --config leverkit.toml"


def effect_section(ledger: Ledger, members: Any, asked: Mapping[str, Any]) -> Section:
    """The section on who took part. `members` is a frame, or what was found before; `asked` are the keywords of `leverkit.effect.programme`, or those of
    `leverkit.effect.holdout` if they name the arm."""
    if isinstance(members, (Programme, Holdout)):
        return _section_of(members)
    is_drawn = "arm" in asked
    section = _section_of((holdout if is_drawn else programme)(ledger, members, **asked))
    call = f"lk.effect.{'holdout' if is_drawn else 'programme'}(ledger, members{recipe.options(asked)})"
    return replace(section, python=[call], command=_DRAWN if is_drawn else _command(asked))


def _section_of(found: Programme | Holdout) -> Section:
    return holdout_section(found) if isinstance(found, Holdout) else programme_section(found)


def _command(asked: Mapping[str, Any]) -> str:
    return f"leverkit effect programme DATA --members MEMBERS{recipe.flags(asked, _FLAGS)}"


def programme_section(found: Programme) -> Section:
    """What the designs say of a programme, their placebos, and the money."""
    figures = [
        Figure(
            found.plot("designs"),
            t("A placebo is the same comparison for a time when nothing had been done: it must lie at 0."),
        )
    ]
    if not found._tables["event_study"].is_empty():
        figures.append(
            Figure(
                found.plot("event_study"), t("Before joining, to the left of the dashed line, points must lie at 0.")
            )
        )
    if not found._tables["split"].is_empty():
        figures.append(Figure(found.plot("split"), t("The three parts add up to the effect.")))
    tables = [_designs(found)] if found.effect is None else [_money(found), _designs(found)]
    return Section(
        id="programme",
        title=t("Did it work?"),
        lead=_lead(found),
        figures=figures,
        tables=tables,
        notes=[told(note) for note in found.notes if note != found.reason],
        findings=[_answer(found)],
        params={
            t("Programme, periods compared"): t("{low} to {high}", low=day(found.start), high=day(found.end)),
            t("Programme, members and others"): f"{numbers.count(found.n_members)}, {numbers.count(found.n_controls)}",
        },
        frames={
            f"programme_{name}": found._tables[name] for name in ("effects", "event_study", "split", "money", "balance")
        },
    )


def _lead(found: Programme) -> str:
    """The answer, the money, why, and what would have been said without looking closer."""
    parts = (_answer(found), _left_over(found), told(found.reason), _tempting(found), _next(found))
    return " ".join(text for text in parts if text)


def _span(found: Programme) -> str:
    """The time over which money is told."""
    if found.params["days"]:
        return t("in {n} {n:day|days}", n=found.params["days"])
    words = {
        "day": t("a day"),
        "week": t("a week"),
        "month": t("a month"),
        "quarter": t("a quarter"),
        "year": t("a year"),
    }
    return words[found.params["period"]]


def _answer(found: Programme) -> str:
    """The verdict in one sentence."""
    if found.effect is None:
        return t("It cannot be told from these data whether the programme worked.")
    words = {name: numbers.money(value) for name, value in found.effect._asdict().items()} | {"span": _span(found)}
    if found.verdict == "bracketed":
        return t(
            "What the programme changed depends on how members were chosen: from {lower} to {upper} per member {span}.",
            lower=words["lower"],
            upper=words["upper"],
            span=words["span"],
        )
    if found.verdict == "supported" and found.effect.estimate > 0:
        return t("The programme worked: it brings {estimate} per member {span} ({lower} to {upper}).", **words)
    if found.verdict == "supported":
        return t(
            "The programme did harm: what it changes is {estimate} per member {span} ({lower} to {upper}).", **words
        )
    return t(
        "No effect of the programme is to be seen; if there is one, it is no larger than {most} per member {span}.",
        most=numbers.money(max(abs(found.effect.lower), abs(found.effect.upper))),
        span=words["span"],
    )


def _left_over(found: Programme) -> str | None:
    """What all members brought, and what is left of it after costs."""
    if found.verdict != "supported":
        return None
    money = {row["item"]: row for row in found._tables["money"].iter_rows(named=True)}
    gain, net = money[f"incremental_{found.outcome}"], money["net"]
    return t(
        "In all that is {gain}; after costs {net} are left ({limits}).",
        gain=numbers.money(gain["money"]),
        net=numbers.money(net["money"]),
        limits=numbers.limits(net["lower"], net["upper"], numbers.money),
    )


def _tempting(found: Programme) -> str | None:
    """What a comparison of members with others would say, where nothing supports it."""
    naive = _effects(found).filter(design="naive").row(0, named=True)["estimate"]
    if naive is None or found.verdict == "supported":
        return None
    if naive <= 0:
        return None
    return t(
        "Members spend {naive} more {span} than others: that is who they are, and not what the programme did.",
        naive=numbers.money(naive),
        span=_span(found),
    )


def _next(found: Programme) -> str | None:
    """What would tell, where nothing does."""
    if found.effect is not None:
        return None
    return t("To know, leave out a tenth of those chosen by lot the next time, and compare them with the rest.")


def _effects(found: Programme) -> pl.DataFrame:
    return found._tables["effects"].filter(outcome=found.outcome)


def _limits(rows: pl.DataFrame) -> pl.Series:
    """Limits in words; none of what is known."""
    pairs = rows.select("lower", "upper").iter_rows()
    texts = [numbers.limits(low, high, numbers.money) if low != high else "–" for low, high in pairs]
    return pl.Series("limits", texts, dtype=pl.String)


def _money(found: Programme) -> Table:
    labels = {
        "incremental_margin": t("Margin that would not have come"),
        "incremental_spend": t("Spend that would not have come"),
        "reward_cost": t("Rewards redeemed"),
        "running_cost": t("Running cost"),
        "subsidy": t("Of the rewards, paid for what would have come anyway"),
        "net": t("Left over"),
        "roi": t("Left over per money of cost"),
    }
    rows = found._tables["money"].filter(pl.col("money").is_not_null())
    rows = rows.with_columns(_limits(rows))
    columns = {
        "item": Column(t("Money"), labels.__getitem__, is_text=True),
        "money": Column(t("In all"), numbers.money),
        "limits": Column(t("Limits"), is_text=True),
    }
    return Table(t("What it brought and cost"), rows, columns, t("Over all members and periods that are compared."))


def _designs(found: Programme) -> Table:
    rows = _effects(found).filter(pl.col("estimate").is_not_null())
    rows = rows.with_columns(_limits(rows))
    columns = {
        "design": Column(t("Design"), design_names().__getitem__, is_text=True),
        "estimate": Column(t("Effect"), numbers.money),
        "limits": Column(t("Limits"), is_text=True),
        "percent": Column(t("Of what would have been"), numbers.signed_percent),
        "placebo": Column(t("Placebo"), numbers.money),
        "status": Column(t("Judged"), told, is_text=True),
    }
    caption = t("Money per member and period. The placebo is the same comparison as if members had joined earlier.")
    return Table(t("What each design says"), rows, columns, caption)
