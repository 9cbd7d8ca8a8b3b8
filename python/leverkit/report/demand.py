"""The section on the market: how sales answer prices, of all products and of the largest ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import from_engine
from leverkit._lib.text import t, told
from leverkit.errors import LeverkitError
from leverkit.pricing import Elasticity, GroupElasticities, elasticity
from leverkit.report import recipe
from leverkit.report.section import Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.ledger import Ledger

_LISTED = 12
#: Products with fewer weeks of sales say little of prices.
_WEEKS = 26
#: Fewer products or rows than this are no market.
_PRODUCTS, _ROWS = 20, 1000


def demand_section(ledger: Ledger, category: str | None = None) -> Section | None:
    """How sales answer prices; None where the ledger has no products and quantities, or prices that hardly change. `category` names a dimension to draw
    products to."""
    if not {"product", "quantity"} <= set(ledger.roles):
        return None
    weekly = from_engine(_engine.market_panel(ledger._inner)).filter(pl.len().over("product") >= _WEEKS)
    if weekly.height < _ROWS or weekly["product"].n_unique() < _PRODUCTS:
        return None
    try:
        whole = elasticity(weekly, quantity="quantity", price="price", effects=["product", "week"], cluster=["product"])
        groups = elasticity(
            weekly,
            quantity="quantity",
            price="price",
            by="product",
            category=category,
            period="week",
            min_periods=_WEEKS,
        )
    except LeverkitError:
        # Prices that never change are no fault of the ledger; there is nothing to say of them.
        return None
    if not isinstance(whole, Elasticity) or not isinstance(groups, GroupElasticities):
        return None
    return _section(whole, groups)


def _section(whole: Elasticity, groups: GroupElasticities) -> Section | None:
    price = whole._tables["table"].row(0, named=True)
    if price["lower"] is None or not (groups._tables["table"]["status"] == "ok").any():
        return None
    lead = t(
        "When a product's price rises by one per cent, its sales change by {value} % ({lower} to {upper}), products compared with themselves week by week.",
        value=_two_digits(price["estimate"]),
        lower=_two_digits(price["lower"]),
        upper=_two_digits(price["upper"]),
    )
    caption = t(
        "If the estimates differ, products of different prices were mixed; the blue one compares products with themselves."
    )
    return Section(
        id="market",
        title=t("Prices in the market"),
        lead=lead,
        figures=[
            Figure(whole.plot(), caption),
            Figure(
                groups.plot(), t("Left of the dotted line a lower price brings more revenue, right of it a higher one.")
            ),
        ],
        tables=[_table(groups)],
        notes=[told(note) for note in dict.fromkeys([*whole.notes, *groups.notes])],
        findings=_findings(groups),
        params={t("Elasticity, fewest weeks of a product"): _WEEKS},
        frames={
            "market_elasticity": whole._tables["table"],
            "market_models": whole._tables["compared"],
            "market_products": groups._tables["table"],
        },
        python=['lk.report.build(ledger).tables["market_products"]'],
        command=recipe.REPORT,
    )


def _findings(groups: GroupElasticities) -> list[str]:
    usable = groups._tables["table"].filter(pl.col("status") == "ok")
    firm = usable.filter(pl.col("shrunk_lower") > -1)
    if not firm.height:
        return []
    return [
        t(
            "{products} products with {money} of revenue sell nearly as much at a higher price: their elasticity is certainly above −1.",
            products=numbers.count(firm.height),
            money=numbers.money(firm["revenue"].sum()),
        )
    ]


def _two_digits(value: numbers.Number | None) -> str:
    return numbers.decimal(value, 2)


def _limits(of: Mapping[str, numbers.Number | None]) -> str:
    return numbers.limits(of["shrunk_lower"], of["shrunk_upper"], _two_digits)


def _table(groups: GroupElasticities) -> Table:
    table = groups._tables["table"].sort("revenue", descending=True, nulls_last=True)
    columns = {
        "product": Column(t("Product"), is_text=True),
        "revenue": Column(t("Revenue"), numbers.money),
        "periods": Column(t("Weeks"), numbers.count),
        "shrunk": Column(t("Elasticity"), _two_digits),
        "limits": Column(t("95 % limits"), _limits, is_text=True),
        "status": Column(t("Status"), told, is_text=True),
    }
    caption = t(
        "Each product's own weeks, pulled towards the mean of its category. What the data cannot tell has no number."
    )
    return Table(
        t("The largest products"),
        table.with_columns(limits=pl.struct("shrunk_lower", "shrunk_upper")),
        columns,
        caption,
        first=_LISTED,
    )
