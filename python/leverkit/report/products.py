"""The section on the product funnel: who orders again, what brings them in, what comes next and what goes together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import mark, t, told
from leverkit.funnel import (
    BasketRules,
    EntryProducts,
    Ladder,
    NextProducts,
    basket_rules,
    entry_products,
    ladder,
    next_products,
)
from leverkit.plots import theme
from leverkit.report.section import Action, Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.ledger import Ledger

_VERDICTS = {
    "builds base": (
        mark("Products that build a base: {products}"),
        mark("Bring new customers in with these: they return more than others."),
        theme.ACCENT,
    ),
    "burns traffic": (
        mark("Products that burn traffic: {products}"),
        mark("Spend less on bringing customers in with these, or offer them something next."),
        theme.WARNING,
    ),
}
#: A table of products has at most so many rows on the page; the exported one has them all.
_LISTED = 12
#: More products than this are articles: pairs of them are too many to tell a director of.
_MOST_PRODUCTS = 20_000


def products_section(ledger: Ledger, product: str | None, horizon: int | None) -> Section:
    """The ladder of all ledgers; entry products, next products and pairs where there are products. `product` names a dimension to take as
    the product level, such as a category; `horizon` the days within which the next order counts, by default as many as the data allow."""
    leveled = ledger if product is None else ledger.with_product(product)
    days = (ledger.end - ledger.start).days + 1 if ledger.start and ledger.end else 1
    horizon = horizon or next((some for some in (365, 180, 90, 30, 7) if 2 * some <= days), max(days // 2, 1))
    steps = ladder(leveled, horizon=horizon)
    if leveled.n_products is None:
        note = t("Entry products, next products and pairs need a column of products.")
        return _section(steps, None, None, None, [note])
    entries = entry_products(leveled, horizons=sorted({max(horizon // 4, 1), max(horizon // 2, 1), horizon} - {0}))
    source = t("Products are those of {column}.", column=leveled.roles["product"])
    notes = [source, *(told(note) for note in entries.notes)]
    if leveled.n_products > _MOST_PRODUCTS:
        notes.append(t("There are too many products for tables of pairs: choose a product level, such as a category."))
        return _section(steps, entries, None, None, notes)
    return _section(steps, entries, next_products(leveled, horizon=min(horizon, 90)), basket_rules(leveled), notes)


def _section(
    steps: Ladder,
    entries: EntryProducts | None,
    following: NextProducts | None,
    rules: BasketRules | None,
    notes: list[str],
) -> Section:
    figures = [
        Figure(
            steps.plot(),
            t("Orders that are still to come are allowed for: customers of the last weeks are not counted as lost."),
        )
    ]
    tables = [_ladder_table(steps)]
    frames = {"funnel_ladder": steps._tables["table"]}
    if entries is not None:
        figures.append(
            Figure(
                entries.plot(),
                t(
                    "Blue brings customers back more often than the others, red less often; grey cannot be distinguished."
                ),
            )
        )
        tables.append(_entry_table(entries))
        frames |= {"funnel_entry_products": entries._tables["table"], "funnel_entry_steps": entries._tables["steps"]}
    if following is not None:
        figures.append(
            Figure(
                following.plot(),
                t(
                    "Read from the left: after this product, how much more often than by chance does the other one follow?"
                ),
            )
        )
        frames |= {
            "funnel_next_products": following._tables["table"],
            "funnel_next_states": following._tables["states"],
        }
    if rules is not None:
        figures.append(Figure(rules.plot(), t("Money of orders beyond those expected by chance.")))
        tables.append(_rule_table(rules))
        frames["funnel_basket_rules"] = rules._tables["table"]
    return Section(
        id="funnel",
        title=t("The product funnel"),
        lead=_lead(steps),
        figures=figures,
        tables=tables,
        notes=notes,
        findings=_findings(entries, rules),
        actions=_actions(entries),
        params={t("Funnel, horizon in days"): steps.params["horizon"]},
        frames=frames,
        python=_calls(horizon := steps.params["horizon"], entries is not None, following is not None),
        command=f"leverkit funnel DATA --within {horizon}",
    )


def _calls(horizon: int, has_products: bool, has_pairs: bool) -> list[str]:
    """What gives the same in Python."""
    calls = [f"lk.funnel.ladder(ledger, horizon={horizon})"]
    calls += ["lk.funnel.entry_products(ledger)"] if has_products else []
    calls += (
        [f"lk.funnel.next_products(ledger, horizon={min(horizon, 90)})", "lk.funnel.basket_rules(ledger)"]
        if has_pairs
        else []
    )
    return calls


def _lead(steps: Ladder) -> str:
    rows = list(steps._tables["table"].iter_rows(named=True))
    first = rows[0]
    if first["conversion"] is None:
        return t(
            "{customers} {customers:customer|customers} placed a first order; {reason}.",
            customers=numbers.count(first["customers"]),
            reason=told(first["reason"]),
        )
    lead = t(
        "{share} of {customers} {customers:customer|customers} place a second order within {days} {days:day|days}.",
        share=numbers.percent(first["conversion"]),
        customers=numbers.count(first["customers"]),
        days=numbers.count(steps.params["horizon"]),
    )
    if len(rows) > 1 and rows[1]["conversion"] is not None:
        lead += " " + t("Of these, {share} place a third order.", share=numbers.percent(rows[1]["conversion"]))
    lost = max(
        (row for row in rows if row["revenue_lost"] is not None), key=lambda row: row["revenue_lost"], default=None
    )
    if lost is not None:
        lead += " " + t(
            "Most money is lost after order {order}: {money}.",
            order=lost["order"],
            money=numbers.money(lost["revenue_lost"]),
        )
    return lead


def _findings(entries: EntryProducts | None, rules: BasketRules | None) -> list[str]:
    found = []
    if entries is not None:
        apart = entries._tables["table"].filter(pl.col("verdict") != "unclear").sort("difference", descending=True)
        if apart.height:
            best = apart.row(0, named=True)
            found.append(
                t(
                    "{share} of those who enter with {product} come back within {days} {days:day|days}, compared with {all} overall.",
                    share=numbers.percent(best["conversion"]),
                    product=best["product"],
                    days=numbers.count(entries.horizon),
                    all=numbers.percent(entries.conversion),
                )
            )
    if rules is not None and rules._tables["table"].height:
        best = rules._tables["table"].row(0, named=True)
        found.append(
            t(
                "{first} and {second} are in {orders} {orders:order|orders} together, {times} times as often as expected by chance.",
                first=best["antecedent"],
                second=best["consequent"],
                orders=numbers.count(best["count"]),
                times=numbers.decimal(best["count"] / best["expected"]),
            )
        )
    return found


def _actions(entries: EntryProducts | None) -> list[Action]:
    if entries is None:
        return []
    table = entries._tables["table"]
    actions = []
    for verdict, (who, text, colour) in _VERDICTS.items():
        part = table.filter(pl.col("verdict") == verdict)
        if part.height:
            names = ", ".join(map(str, part.head(3)["product"]))
            revenue = (part["revenue"].fill_null(0) * part["followed"]).sum()
            actions.append(
                Action(t(who, products=names), t(text), int(part["customers"].sum()), float(revenue), colour)
            )
    return actions


def _limits(table: pl.DataFrame) -> pl.Series:
    texts = [numbers.limits(low, high, numbers.percent) for low, high in table.select("lower", "upper").iter_rows()]
    return pl.Series("limits", texts, dtype=pl.String)


def _ladder_table(steps: Ladder) -> Table:
    table = steps._tables["table"]
    columns = {
        "order": Column(t("After order")),
        "customers": Column(t("Customers"), numbers.count),
        "conversion": Column(t("Order again"), numbers.percent, is_bar=True),
        "limits": Column(t("95 % limits"), is_text=True),
        "median_days": Column(t("Median days"), numbers.count),
        "average_check": Column(t("Average check"), numbers.money),
        "revenue_lost": Column(t("Lost here"), numbers.money),
        "reason": Column("", lambda reason: told(reason or ""), is_text=True),
    }
    if table["reason"].null_count() == table.height:
        del columns["reason"]
    caption = t("Lost here: customers who do not place the next order within the horizon, times its average check.")
    return Table(t("From order to order"), table.with_columns(_limits(table)), columns, caption)


def _entry_table(entries: EntryProducts) -> Table:
    table = entries._tables["table"].sort(pl.col("verdict") == "unclear", -pl.col("customers").cast(pl.Int64))
    columns = {
        "product": Column(t("Enter with"), is_text=True),
        "customers": Column(t("Customers"), numbers.count),
        "conversion": Column(t("Come back"), numbers.percent, is_bar=True),
        "limits": Column(t("95 % limits"), is_text=True),
        "median_days": Column(t("Median days"), numbers.count),
        "revenue": Column(t("Money per customer"), numbers.money),
        "verdict": Column(t("Verdict"), told, is_text=True),
    }
    caption = t(
        "Within {days} {days:day|days}, against customers who entered without the product; at most {share} of verdicts by chance.",
        days=numbers.count(entries.horizon),
        share=numbers.percent(entries.params["fdr"]),
    )
    return Table(t("What customers enter with"), table.with_columns(_limits(table)), columns, caption, first=_LISTED)


def _rule_table(rules: BasketRules) -> Table:
    columns: dict[str, Any] = {
        "antecedent": Column(t("Who buys"), is_text=True),
        "consequent": Column(t("buys too"), is_text=True),
        "count": Column(t("Orders"), numbers.count),
        "expected": Column(t("by chance"), numbers.count),
        "confidence": Column(t("Of its buyers"), numbers.percent),
        "lift": Column(t("Lift"), numbers.decimal),
        "margin": Column(t("Money beyond chance"), numbers.money),
    }
    caption = t(
        "{rules} {rules:rule|rules} out of {pairs} {pairs:pair|pairs} in {orders} {orders:order|orders}; at most {share} of them by chance.",
        rules=numbers.count(rules._tables["table"].height),
        pairs=numbers.count(rules.params["tests"]),
        orders=numbers.count(rules.params["n_orders"]),
        share=numbers.percent(rules.params["fdr"]),
    )
    return Table(t("What is bought together"), rules._tables["table"], columns, caption, first=_LISTED)
