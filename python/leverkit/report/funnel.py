"""The section on the product funnel: who orders again, what brings them in, what comes next and what goes together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

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

#: A table of products has at most so many rows on the page; the exported one has them all.
_LISTED = 12
#: More products than this are articles: pairs of them are too many to tell a director of.
_MOST_PRODUCTS = 20_000


def funnel_section(ledger: Ledger, product: str | None, horizon: int | None) -> Section:
    """The ladder of all ledgers; entry products, next products and pairs where there are products. `product` names a dimension to take as
    the product level, such as a category; `horizon` the days within which the next order counts, by default as many as the data allow."""
    leveled = ledger if product is None else ledger.with_product(product)
    days = (ledger.end - ledger.start).days + 1 if ledger.start and ledger.end else 1
    horizon = horizon or next((some for some in (365, 180, 90, 30, 7) if 2 * some <= days), max(days // 2, 1))
    steps = ladder(leveled, horizon=horizon)
    if leveled.n_products is None:
        return _section(steps, None, None, None, ["Entry products, next products and pairs need a column of products."])
    entries = entry_products(leveled, horizons=sorted({max(horizon // 4, 1), max(horizon // 2, 1), horizon} - {0}))
    notes = [f"Products are those of {leveled.roles['product']}.", *entries.notes]
    if leveled.n_products > _MOST_PRODUCTS:
        notes.append("There are too many products for tables of pairs: name a category with --product-level.")
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
            "Orders that are still to come are accounted for; those of the last weeks are not counted as lost.",
        )
    ]
    tables = [_ladder_table(steps)]
    frames = {"funnel_ladder": steps._tables["table"]}
    if entries is not None:
        figures.append(
            Figure(entries.plot(), "Blue brings customers back more than the others, red less; grey is not told apart.")
        )
        tables.append(_entry_table(entries))
        frames |= {"funnel_entry_products": entries._tables["table"], "funnel_entry_steps": entries._tables["steps"]}
    if following is not None:
        figures.append(
            Figure(
                following.plot(),
                "Read from left: after this product, how much more often than by chance does that one come?",
            )
        )
        frames |= {
            "funnel_next_products": following._tables["table"],
            "funnel_next_states": following._tables["states"],
        }
    if rules is not None:
        figures.append(Figure(rules.plot(), "Money of orders beyond those that chance would bring."))
        tables.append(_rule_table(rules))
        frames["funnel_basket_rules"] = rules._tables["table"]
    return Section(
        id="funnel",
        title="The product funnel",
        lead=_lead(steps),
        figures=figures,
        tables=tables,
        notes=notes,
        findings=_findings(entries, rules),
        actions=_actions(entries),
        params={"Funnel, horizon in days": steps.params["horizon"]},
        frames=frames,
    )


def _lead(steps: Ladder) -> str:
    rows = list(steps._tables["table"].iter_rows(named=True))
    first = rows[0]
    if first["conversion"] is None:
        return f"{theme.count(first['customers'])} customers placed a first order; {first['reason']}."
    told = f"{theme.percent(first['conversion'])} of {theme.count(first['customers'])} customers place a second order within {steps.params['horizon']} days"
    if len(rows) > 1 and rows[1]["conversion"] is not None:
        told += f", {theme.percent(rows[1]['conversion'])} of these a third"
    lost = max(
        (row for row in rows if row["revenue_lost"] is not None), key=lambda row: row["revenue_lost"], default=None
    )
    if lost is not None:
        told += f". Most money is lost after order {lost['order']}: {theme.money(lost['revenue_lost'])}"
    return told + "."


def _findings(entries: EntryProducts | None, rules: BasketRules | None) -> list[str]:
    told = []
    if entries is not None:
        apart = entries._tables["table"].filter(pl.col("verdict") != "unclear").sort("difference", descending=True)
        if apart.height:
            best = apart.row(0, named=True)
            told.append(
                f"{theme.percent(best['conversion'])} of those who enter with {best['product']} come back within {entries.horizon} days, "
                f"against {theme.percent(entries.conversion)} of all."
            )
    if rules is not None and rules._tables["table"].height:
        best = rules._tables["table"].row(0, named=True)
        told.append(
            f"{best['antecedent']} and {best['consequent']} stand in {theme.count(best['count'])} orders together, {best['count'] / best['expected']:.1f} "
            "times as often as chance would have it."
        )
    return told


def _actions(entries: EntryProducts | None) -> list[Action]:
    if entries is None:
        return []
    table = entries._tables["table"]
    what = {
        "builds base": (
            "Products that build a base",
            "Bring new customers in with these: they return more than others.",
            theme.ACCENT,
        ),
        "burns traffic": (
            "Products that burn traffic",
            "Spend less on bringing customers in with these, or offer them something next.",
            theme.WARNING,
        ),
    }
    actions = []
    for verdict, (who, text, colour) in what.items():
        part = table.filter(pl.col("verdict") == verdict)
        if part.height:
            names = ", ".join(map(str, part.head(3)["product"]))
            revenue = (part["revenue"].fill_null(0) * part["followed"]).sum()
            actions.append(Action(f"{who}: {names}", text, int(part["customers"].sum()), float(revenue), colour))
    return actions


def _days(value: float | None) -> str:
    return "–" if value is None else theme.count(value)


def _limits(table: pl.DataFrame) -> pl.Series:
    texts = [
        "–" if low is None else f"{theme.percent(low)} to {theme.percent(high)}"
        for low, high in table.select("lower", "upper").iter_rows()
    ]
    return pl.Series("limits", texts, dtype=pl.String)


def _ladder_table(steps: Ladder) -> Table:
    table = steps._tables["table"]
    columns = {
        "order": Column("After order"),
        "customers": Column("Customers", theme.count),
        "conversion": Column("Order again", theme.percent, is_bar=True),
        "limits": Column("95 % limits", is_text=True),
        "median_days": Column("Median days", _days),
        "average_check": Column("Average check", theme.money),
        "revenue_lost": Column("Lost here", theme.money),
        "reason": Column("", lambda reason: reason or "", is_text=True),
    }
    caption = "Lost here: customers who do not place the next order within the horizon, times its average check."
    return Table("From order to order", table.with_columns(_limits(table)), columns, caption)


def _entry_table(entries: EntryProducts) -> Table:
    table = (
        entries._tables["table"].sort(pl.col("verdict") == "unclear", -pl.col("customers").cast(pl.Int64)).head(_LISTED)
    )
    columns = {
        "product": Column("Enter with", is_text=True),
        "customers": Column("Customers", theme.count),
        "conversion": Column("Come back", theme.percent, is_bar=True),
        "limits": Column("95 % limits", is_text=True),
        "median_days": Column("Median days", _days),
        "revenue": Column("Money each", theme.money),
        "verdict": Column("Verdict", is_text=True),
    }
    caption = f"Within {entries.horizon} days, against customers who entered without the product; at most 5 % of verdicts by chance."
    return Table("What customers enter with", table.with_columns(_limits(table)), columns, caption)


def _rule_table(rules: BasketRules) -> Table:
    columns: dict[str, Any] = {
        "antecedent": Column("Who buys", is_text=True),
        "consequent": Column("buys too", is_text=True),
        "count": Column("Orders", theme.count),
        "expected": Column("by chance", theme.count),
        "confidence": Column("Of its buyers", theme.percent),
        "lift": Column("Lift", lambda lift: f"{lift:.1f}"),
        "margin": Column("Money beyond chance", theme.money),
    }
    caption = f"{rules._headline()}."
    return Table("What goes together", rules._tables["table"].head(_LISTED), columns, caption)
