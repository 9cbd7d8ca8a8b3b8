"""The section on pricing in the deal: what comes off the list price, how far prices lie apart, and where discounts leak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.plots.parts import labels, spoken
from leverkit.pricing import Leakage, PriceBand, Waterfall, leakage, price_band, waterfall
from leverkit.report import recipe
from leverkit.report.section import Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.ledger import Ledger

#: A dimension with more values than this is no group that a director would look at.
_MOST_VALUES = 40
_LISTED = 12


def deal_section(ledger: Ledger) -> Section | None:
    """Waterfall, price band and leaks of a ledger with discounts, or with list prices and quantities; none without."""
    roles = ledger.roles
    if not roles.get("discounts") and not (roles.get("list_price") and roles.get("quantity")):
        return None
    steps, group = _laid_out(ledger)
    # Units of different products do not compare: a gallon of fuel is no can of soup. Money does.
    band = price_band(ledger, by=group, weight="value")
    leaks = leakage(ledger, by=group)
    figures = [Figure(steps.plot(), t("From left to right: what is deducted from the list price, and what remains."))]
    tables = [_steps_table(steps)]
    if group:
        figures.append(Figure(steps.plot("shares"), t("What each group gives away of its list price.")))
        figures.append(
            Figure(
                band.plot("widths"),
                t("A wide bar means that prices differ widely within the group, and its low end can be raised."),
            )
        )
        figures.append(
            Figure(
                leaks.plot("bars"),
                t("Deals are compared within the same size, product and month where the data allow it."),
            )
        )
        tables.append(_band_table(band, group))
    else:
        figures.append(
            Figure(band.plot(), t("The wider the band, the more the same product is sold at different prices."))
        )
    return Section(
        id="pricing",
        title=t("Pricing in the deal"),
        lead=_lead(steps),
        figures=figures,
        tables=tables,
        notes=[*dict.fromkeys(told(note) for note in [*steps.notes, *band.notes, *leaks.notes]), _assumed(ledger)],
        findings=[*_findings(steps, band, group), *_leaking(leaks)],
        params={t("Pricing, by"): group or t("all lines")},
        frames={
            "pricing_waterfall": steps._tables["table"],
            "pricing_band": band._tables["table"],
            "pricing_band_histogram": band._tables["histogram"],
            "pricing_leakage": leaks._tables["table"],
        },
        python=[
            f"lk.pricing.waterfall(ledger{_by(group)})",
            f'lk.pricing.price_band(ledger{_by(group)}, weight="value")',
            f"lk.pricing.leakage(ledger{_by(group)})",
        ],
        command=recipe.REPORT,
    )


def _by(group: str | None) -> str:
    return f", by={group!r}" if group else ""


def _laid_out(ledger: Ledger) -> tuple[Waterfall, str | None]:
    """The waterfall by the first dimension that has a few values, and its name; of all lines where none has."""
    for name in ledger.roles.get("dimensions") or ():
        if len(ledger._inner.dimension_values(name)) > _MOST_VALUES:
            continue
        steps = waterfall(ledger, by=name)
        if 1 < steps._tables["table"][name].n_unique() <= _MOST_VALUES:
            return steps, name
    return waterfall(ledger), None


def _assumed(ledger: Ledger) -> str:
    if ledger.roles.get("list_price") and ledger.roles.get("quantity"):
        return t(
            "List value is list price × quantity; “other” is the remaining difference between it, the discounts and the amount paid."
        )
    return t("There is no list price: list value is the amount paid plus the discounts.")


def _lead(steps: Waterfall) -> str:
    total = steps._tables["total"]
    rows = {row["kind"]: row for row in total.iter_rows(named=True)}
    off = total.filter(pl.col("kind") == "component").sort("amount")
    listed, kept = numbers.money(rows["list"]["amount"]), numbers.percent(rows["pocket"]["share"])
    if not off.height or off["amount"][0] >= 0:
        return t("{kept} of {listed} at list price stay in the pocket.", kept=kept, listed=listed)
    return t(
        "{kept} of {listed} at list price stay in the pocket. Most goes to {name}: {money}, {share} of list price.",
        kept=kept,
        listed=listed,
        name=spoken(off["step"][0]),
        money=numbers.money(-off["amount"][0]),
        share=numbers.percent(None if off["share"][0] is None else -off["share"][0]),
    )


def _findings(steps: Waterfall, band: PriceBand, group: str | None) -> list[str]:
    table = band._tables["table"].sort("raise_value", descending=True)
    worth, lower, upper = band._tables["total"].select("raise_value", "raise_lower", "raise_upper").row(0)
    if worth <= 0:
        return []
    told = t(
        "Raising the tenth of sales with the lowest prices to the median price is worth {worth} ({lower} to {upper}), if customers stay.",
        worth=numbers.money(worth),
        lower=numbers.money(lower),
        upper=numbers.money(upper),
    )
    if group and table["raise_value"][0] > 0:
        told += " " + t(
            "The most in {group}: {money}.",
            group=labels(table.head(1), [group])[0],
            money=numbers.money(table["raise_value"][0]),
        )
    return [told]


def _leaking(leaks: Leakage) -> list[str]:
    """What can be closed, where a group leaks."""
    return [
        t(
            "{leaking} of {values} values of {column} give {money} ({lower} to {upper}) more than the others in comparable deals.",
            leaking=numbers.count(row["leaking"]),
            values=numbers.count(row["values"]),
            column=row["dimension"].replace("_", " "),
            money=numbers.money(row["closable"]),
            lower=numbers.money(row["lower"]),
            upper=numbers.money(row["upper"]),
        )
        for row in leaks._tables["totals"].filter(pl.col("leaking") > 0).iter_rows(named=True)
    ]


def _steps_table(steps: Waterfall) -> Table:
    columns = {
        "step": Column(t("Step"), spoken, is_text=True),
        "amount": Column(t("Money"), numbers.money),
        "share": Column(t("Of list price"), numbers.percent),
    }
    caption = t("Steps add up exactly; deductions are below zero.")
    return Table(t("From list price to pocket"), steps._tables["total"], columns, caption)


def _band_table(band: PriceBand, group: str) -> Table:
    table = band._tables["table"].sort("raise_value", descending=True)
    limits = [
        t("{lower} to {upper}", lower=numbers.money(low), upper=numbers.money(high))
        for low, high in table.select("raise_lower", "raise_upper").iter_rows()
    ]
    columns = {
        group: Column(
            group.replace("_", " ").capitalize(),
            lambda value: t("unknown") if value is None else str(value),
            is_text=True,
        ),
        "pocket_value": Column(t("Money"), numbers.money),
        "p10": Column(t("Lowest tenth up to"), numbers.percent),
        "p50": Column(t("Median"), numbers.percent),
        "p90": Column(t("Highest tenth from"), numbers.percent),
        "raise_value": Column(t("To gain"), numbers.money),
        "limits": Column(t("95 % limits"), is_text=True),
    }
    caption = t(
        "Pocket price as a share of list price, weighted by money; to gain: raising the lowest tenth to the median, at the same volume."
    )
    return Table(
        t("Where prices differ"),
        table.with_columns(pl.Series("limits", limits, dtype=pl.String)),
        columns,
        caption,
        first=_LISTED,
    )
