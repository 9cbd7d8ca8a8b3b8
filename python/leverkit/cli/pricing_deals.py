"""`leverkit pricing waterfall | band | leakage | score | bridge`: pricing in the deal."""

from __future__ import annotations

from typing import Annotated

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli.options import ReadOptions, with_groups
from leverkit.cli.pricing import pricing
from leverkit.cli.pricing_options import By, DealOptions, Deals, Output, analyse, column, grouped, number, text

_MONEY, _SHARE, _COUNT = numbers.money, numbers.percent, numbers.count


@pricing.command()
@with_groups
def waterfall(
    data: Deals,
    reading: ReadOptions,
    deals: DealOptions,
    unit_cost: Annotated[str | None, column("--unit-cost", "Cost of the goods.")] = None,
    on_invoice: Annotated[
        list[str] | None,
        typer.Option("--on-invoice", help="A component that stands on the invoice; repeatable.", metavar="NAME"),
    ] = None,
    by: By = None,
    output: Output = None,
) -> None:
    """From list price through what comes off it to pocket price and margin."""
    columns = {
        "step": ("Step", text),
        "amount": ("Money", _MONEY),
        "share": ("of list price", _SHARE),
        "per_unit": ("a unit", number),
    }
    analyse(
        data,
        output,
        reading,
        lambda frame: lk.pricing.waterfall(
            frame, **deals.roles(), unit_cost=unit_cost, on_invoice=on_invoice or (), by=by
        ),
        grouped(by, columns),
    )


@pricing.command()
@with_groups
def band(
    data: Deals,
    reading: ReadOptions,
    deals: DealOptions,
    by: By = None,
    floor: Annotated[
        float | None, typer.Option(help="A share of list price below which no deal should be.", metavar="SHARE")
    ] = None,
    output: Output = None,
) -> None:
    """How far apart pocket prices are, and what raising the lowest tenth to the median is worth."""
    columns = {
        "deals": ("Deals", _COUNT),
        "pocket_value": ("Money", _MONEY),
        "p10": ("Lowest tenth", _SHARE),
        "p50": ("Median", _SHARE),
        "p90": ("Highest tenth", _SHARE),
        "below_floor": ("Below floor", _SHARE),
        "raise_value": ("To gain", _MONEY),
        "raise_lower": ("from", _MONEY),
        "raise_upper": ("to", _MONEY),
    }
    analyse(
        data,
        output,
        reading,
        lambda frame: lk.pricing.price_band(frame, **deals.roles(), by=by, floor=floor),
        grouped(by, columns),
    )


@pricing.command()
@with_groups
def leakage(
    data: Deals,
    reading: ReadOptions,
    deals: DealOptions,
    by: By = None,
    quantile: Annotated[
        float, typer.Option(help="Which quantile of the discounts of a size is the norm.", metavar="SHARE")
    ] = 0.5,
    output: Output = None,
) -> None:
    """Discounts that the size of deals does not explain, by customer, rep or region."""
    columns = {
        "dimension": ("Column", text),
        "value": ("Value", text),
        "deals": ("Deals", _COUNT),
        "discount": ("Discount", _MONEY),
        "unexplained": ("Beyond the norm", _MONEY),
        "lower": ("from", _MONEY),
        "upper": ("to", _MONEY),
        "unexplained_share": ("of list price", _SHARE),
        "outliers": ("Far above", _COUNT),
    }
    analyse(
        data,
        output,
        reading,
        lambda frame: lk.pricing.leakage(frame, **deals.roles(), by=by, quantile=quantile),
        columns,
    )


@pricing.command()
@with_groups
def score(
    data: Deals,
    reading: ReadOptions,
    deals: DealOptions,
    peers: Annotated[
        list[str] | None,
        typer.Option(
            "--peers", help="A column that makes deals alike; repeatable, the most telling first.", metavar="COLUMN"
        ),
    ] = None,
    output: Output = None,
) -> None:
    """Each deal among its peers, with floor, target and stretch price."""
    columns = {
        "row": ("Row", _COUNT),
        "peers": ("Peers", _COUNT),
        "price": ("Price", _SHARE),
        "floor": ("Floor", _SHARE),
        "target": ("Target", _SHARE),
        "stretch": ("Stretch", _SHARE),
        "zone": ("Zone", text),
        "opportunity": ("To gain", _MONEY),
    }
    analyse(data, output, reading, lambda frame: lk.pricing.deal_score(frame, **deals.roles(), peers=peers), columns)


@pricing.command()
@with_groups
def bridge(
    data: Deals,
    reading: ReadOptions,
    period: Annotated[str, column("--period", "Tells both sides apart: a period, or plan and fact.")],
    base: Annotated[
        list[str], typer.Option("--base", help="A value of it; repeatable. Of dates also years and months.")
    ],
    against: Annotated[list[str], typer.Option("--against", help="A value on the other side; repeatable.")],
    key: Annotated[list[str], column("--key", "Whose values together are an item with one price; repeatable.")],
    quantity: Annotated[str, column("--quantity", "Units of the row.")],
    revenue: Annotated[str, column("--revenue", "Money of the row.")],
    local_revenue: Annotated[str | None, column("--local-revenue", "The same in the currency of the sale.")] = None,
    cost: Annotated[str | None, column("--cost", "Cost of the row: a bridge of margin.")] = None,
    grains: Annotated[bool, typer.Option("--grains", help="The split at every grain instead.")] = False,
    output: Output = None,
) -> None:
    """Price, volume, mix, new and lost items between two periods, or plan and fact."""
    columns = {"effect": ("Effect", text), "amount": ("Money", _MONEY), "share": ("of the base", _SHARE)}
    effects = ("change", "price", "volume", "mix", "new", "lost", "currency", "cost")
    by_grain = {"keys": ("Item", text), "items": ("Items", _COUNT)} | {
        name: (name.capitalize(), _MONEY) for name in effects
    }
    analyse(
        data,
        output,
        reading,
        lambda frame: lk.pricing.price_volume_mix(
            frame,
            period=period,
            base=base,
            against=against,
            keys=key,
            quantity=quantity,
            revenue=revenue,
            local_revenue=local_revenue,
            cost=cost,
        ),
        by_grain if grains else columns,
        pick=lambda found: found._granularity() if grains else found._tables["bridge"],
    )
