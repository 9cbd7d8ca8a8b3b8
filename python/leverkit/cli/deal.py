"""`leverkit pricing waterfall | band | leakage | score | bridge`: pricing in the deal."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli.config import UsageError
from leverkit.cli.options import OutputOptions, ReadOptions, column, with_groups
from leverkit.cli.present import analyse, grouped, number, text

_MONEY, _SHARE, _COUNT = numbers.money, numbers.percent, numbers.count

Deals = Annotated[
    Path, typer.Argument(help="Deals, one per row: CSV, Excel, Parquet …", metavar="DATA", show_default=False)
]
By = Annotated[list[str] | None, typer.Option("--by", help="A column to group by; repeatable.", metavar="COLUMN")]


@dataclasses.dataclass
class DealOptions:
    """Which column of the deals is what."""

    list_price: Annotated[str, column("--list-price", "The price before anything comes off.")]
    component: Annotated[
        list[str] | None, column("--component", "What comes off; repeatable, in order.", "[NAME=]COLUMN")
    ] = None
    pocket_price: Annotated[str | None, column("--pocket-price", "The price after all discounts.")] = None
    quantity: Annotated[str | None, column("--quantity", "Units of the deal; money is then per unit.")] = None
    basis: Annotated[str | None, column("--basis", "unit or line: whether money is per unit or of the row.", "HOW")] = (
        None
    )

    def roles(self) -> dict[str, Any]:
        """The keywords of the functions of `leverkit.pricing`."""
        if self.basis not in (None, "unit", "line"):
            raise UsageError(f'--basis: got "{self.basis}"; expected unit or line')
        components = dict(_component(text) for text in self.component or [])
        return {name: value for name, value in dataclasses.asdict(self).items() if name != "component"} | {
            "components": components or None
        }


def _component(text: str) -> tuple[str, str]:
    name, equals, column = text.partition("=")
    if not name or (equals and not column):
        raise UsageError(f'got "{text}"; expected --component COLUMN or --component NAME=COLUMN')
    return name, column or name


@with_groups
def waterfall(
    data: Deals,
    reading: ReadOptions,
    outputs: OutputOptions,
    deals: DealOptions,
    unit_cost: Annotated[str | None, column("--unit-cost", "Cost of the goods.")] = None,
    on_invoice: Annotated[
        list[str] | None,
        typer.Option("--on-invoice", help="A component on the invoice; repeatable.", metavar="NAME"),
    ] = None,
    by: By = None,
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
        reading,
        outputs,
        lambda frame: lk.pricing.waterfall(
            frame, **deals.roles(), unit_cost=unit_cost, on_invoice=on_invoice or (), by=by
        ),
        grouped(by, columns),
    )


@with_groups
def band(
    data: Deals,
    reading: ReadOptions,
    outputs: OutputOptions,
    deals: DealOptions,
    by: By = None,
    floor: Annotated[
        float | None, typer.Option(help="A share of list price below which no deal should be.", metavar="SHARE")
    ] = None,
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
        reading,
        outputs,
        lambda frame: lk.pricing.price_band(frame, **deals.roles(), by=by, floor=floor),
        grouped(by, columns),
    )


@with_groups
def leakage(
    data: Deals,
    reading: ReadOptions,
    outputs: OutputOptions,
    deals: DealOptions,
    by: By = None,
    customer: Annotated[str | None, column("--customer", "Who bought.")] = None,
    order: Annotated[str | None, column("--order", "Rows of one order.")] = None,
    product: Annotated[str | None, column("--product", "What was sold.")] = None,
    time: Annotated[str | None, column("--time", "When.")] = None,
    quantile: Annotated[
        float,
        typer.Option(
            help="The quantile of the discounts for a size that is the norm for single deals.", metavar="SHARE"
        ),
    ] = 0.5,
) -> None:
    """Who gives more than the others in comparable deals: by customer, rep or region."""
    columns = {
        "dimension": ("Column", text),
        "value": ("Value", text),
        "deals": ("Deals", _COUNT),
        "discount": ("Discount", _MONEY),
        "excess": ("Beyond the others", _MONEY),
        "lower": ("from", _MONEY),
        "upper": ("to", _MONEY),
        "excess_share": ("of list price", _SHARE),
        "closable": ("To close", _MONEY),
        "q_value": ("q-value", number),
        "outliers": ("Far above", _COUNT),
    }
    analyse(
        data,
        reading,
        outputs,
        lambda frame: lk.pricing.leakage(
            frame,
            **deals.roles(),
            customer=customer,
            order=order,
            product=product,
            time=time,
            by=by,
            quantile=quantile,
        ),
        columns,
    )


@with_groups
def score(
    data: Deals,
    reading: ReadOptions,
    outputs: OutputOptions,
    deals: DealOptions,
    peers: Annotated[
        list[str] | None,
        typer.Option(
            "--peers", help="A column that makes deals comparable; repeatable, most important first.", metavar="COLUMN"
        ),
    ] = None,
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
    analyse(data, reading, outputs, lambda frame: lk.pricing.deal_score(frame, **deals.roles(), peers=peers), columns)


@with_groups
def bridge(
    data: Deals,
    reading: ReadOptions,
    outputs: OutputOptions,
    period: Annotated[str, column("--period", "Tells both sides apart: a period, or plan and fact.")],
    base: Annotated[
        list[str], typer.Option("--base", help="One of its values; repeatable. For dates also years and months.")
    ],
    against: Annotated[list[str], typer.Option("--against", help="A value on the other side; repeatable.")],
    key: Annotated[list[str], column("--key", "Whose values together are an item with one price; repeatable.")],
    quantity: Annotated[str, column("--quantity", "Units of the row.")],
    revenue: Annotated[str, column("--revenue", "Money of the row.")],
    local_revenue: Annotated[str | None, column("--local-revenue", "The same in the currency of the sale.")] = None,
    cost: Annotated[str | None, column("--cost", "Cost of the row: a bridge of margin.")] = None,
    grains: Annotated[bool, typer.Option("--grains", help="Show the split with every set of keys instead.")] = False,
) -> None:
    """Price, volume, mix, new and lost items between two periods, or plan and fact."""
    columns = {"effect": ("Effect", text), "amount": ("Money", _MONEY), "share": ("of the base", _SHARE)}
    effects = ("change", "price", "volume", "mix", "new", "lost", "currency", "cost", "without_units")
    by_grain = {"keys": ("Item", text), "items": ("Items", _COUNT)} | {
        name: (name.replace("_", " ").capitalize(), _MONEY) for name in effects
    }
    analyse(
        data,
        reading,
        outputs,
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


def register(group: typer.Typer) -> None:
    """Adds the commands to their group."""
    for command in (waterfall, band, leakage, score, bridge):
        group.command()(command)
