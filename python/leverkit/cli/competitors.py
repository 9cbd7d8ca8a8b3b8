"""`leverkit pricing position | value-map | hedonic | leadership`: pricing against competitors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli.config import UsageError
from leverkit.cli.options import OutputOptions, ReadOptions, column, with_groups
from leverkit.cli.present import analyse, number, text

_SHARE, _COUNT = numbers.percent, numbers.count

Prices = Annotated[
    Path, typer.Argument(help="Prices, one per row: CSV, Excel, Parquet …", metavar="DATA", show_default=False)
]
Product = Annotated[str, column("--product", "What is sold.")]
Seller = Annotated[str, column("--seller", "Who sells it.")]
Price = Annotated[str, column("--price", "The price, money.")]


@with_groups
def position(
    data: Prices,
    reading: ReadOptions,
    outputs: OutputOptions,
    product: Product,
    seller: Seller,
    price: Price,
    own: Annotated[str, typer.Option("--own", help="Your own name among the sellers.", metavar="NAME")],
    date: Annotated[str | None, column("--date", "The day of the price.")] = None,
    store: Annotated[str | None, column("--store", "Where prices are compared.")] = None,
    revenue: Annotated[str | None, column("--revenue", "Money of own sales, which weighs products.")] = None,
    key_item: Annotated[str | None, column("--key-item", "True for key-value items.")] = None,
    promotion: Annotated[str | None, column("--promotion", "True where the price is a promotion's.")] = None,
) -> None:
    """Own prices against each competitor's: index, gap, shares of products that are cheaper and dearer."""
    columns = {
        "date": ("Date", text),
        "competitor": ("Competitor", lambda name: name or "all"),
        "items": ("Items", text),
        "prices": ("Prices", text),
        "matched": ("Matched", _COUNT),
        "index": ("Index", number),
        "lower": ("from", number),
        "upper": ("to", number),
        "weighted_index": ("Weighted", number),
        "cheaper": ("Cheaper", _SHARE),
        "dearer": ("Dearer", _SHARE),
    }
    analyse(
        data,
        reading,
        outputs,
        lambda frame: lk.pricing.position(
            frame,
            product=product,
            seller=seller,
            price=price,
            own=own,
            date=date,
            store=store,
            revenue=revenue,
            key_item=key_item,
            promotion=promotion,
        ),
        columns,
    )


@with_groups
def value_map(
    data: Prices,
    reading: ReadOptions,
    outputs: OutputOptions,
    product: Product,
    price: Price,
    attribute: Annotated[
        list[str], column("--attribute", "Scores that customers value; repeatable.", "COLUMN[=WEIGHT]")
    ],
) -> None:
    """Prices against perceived value: who asks more than the value is worth, and the price to move to."""
    columns = {
        "product": ("Product", text),
        "value": ("Value", number),
        "price": ("Price", number),
        "fair_price": ("Fair price", number),
        "fair_lower": ("from", number),
        "fair_upper": ("to", number),
        "gap": ("Gap", number),
        "verdict": ("Verdict", text),
    }
    analyse(
        data,
        reading,
        outputs,
        lambda frame: lk.pricing.value_map(
            frame, product=product, price=price, attributes=dict(map(_weighted, attribute))
        ),
        columns,
    )


def _weighted(text: str) -> tuple[str, float]:
    name, _, weight = text.partition("=")
    try:
        return name, float(weight or 1)
    except ValueError as error:
        raise UsageError(f'got "{text}"; expected --attribute COLUMN=WEIGHT with a number') from error


@with_groups
def hedonic(
    data: Prices,
    reading: ReadOptions,
    outputs: OutputOptions,
    price: Price,
    attribute: Annotated[list[str], column("--attribute", "What explains the price; repeatable.")],
    linear: Annotated[bool, typer.Option("--linear", help="Explain the price instead of its logarithm.")] = False,
) -> None:
    """What each attribute adds to a price."""
    columns = {
        "term": ("Term", text),
        "estimate": ("Estimate", number),
        "std_error": ("Standard error", number),
        "money": ("Money", number),
        "money_lower": ("from", number),
        "money_upper": ("to", number),
        "share": ("of the price", _SHARE),
    }
    analyse(
        data,
        reading,
        outputs,
        lambda frame: lk.pricing.hedonic(frame, price=price, attributes=attribute, log=not linear),
        columns,
    )


@with_groups
def leadership(
    data: Prices,
    reading: ReadOptions,
    outputs: OutputOptions,
    product: Product,
    seller: Seller,
    price: Price,
    date: Annotated[str, column("--date", "The day of the price.")],
    lags: Annotated[int, typer.Option("--lags", help="How many dates to look back.", metavar="N")] = 4,
) -> None:
    """Whose price changes the others follow, and how fast."""
    columns = {
        "leader": ("Leader", text),
        "follower": ("Follower", text),
        "response": ("Response", number),
        "lower": ("from", number),
        "upper": ("to", number),
        "mean_days": ("Days", number),
        "q_value": ("q", lambda q: "–" if q is None else f"{q:.2g}"),
    }
    analyse(
        data,
        reading,
        outputs,
        lambda frame: lk.pricing.leadership(frame, product=product, seller=seller, price=price, date=date, lags=lags),
        columns,
    )


def register(group: typer.Typer) -> None:
    """Adds the commands to their group."""
    group.command("position")(position)
    group.command("value-map")(value_map)
    group.command("hedonic")(hedonic)
    group.command("leadership")(leadership)
