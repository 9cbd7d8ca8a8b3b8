"""The page on pricing."""

from __future__ import annotations

from benches.peers import deal
from benches.peers.generate import deals
from benches.peers.harness import intro, measure, table


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page."""
    path, warm_up = deals(lines), deals(20_000)
    waterfall = measure("deal.WATERFALL", list(deal.WATERFALL), path, warm_up, rounds)
    by_segment = measure("deal.BY_SEGMENT", list(deal.BY_SEGMENT), path, warm_up, rounds)
    by_customer = measure("deal.BY_CUSTOMER", list(deal.BY_CUSTOMER), path, warm_up, rounds)
    what = f"{lines:,} deals of 50,000 customers and 5,000 products, six discounts each, read from Parquet."
    return f"""# Benchmarks: pricing

{intro(what, rounds)}
## The waterfall by region, segment and channel

List price, six components, cost and margin of 336 groups. leverkit also checks every number and makes steps and groups add up exactly.

{table(waterfall, "leverkit")}

## The price–volume–mix bridge by product and segment

There are 35,000 items. leverkit keeps them for drilling down, with a residual of exactly zero.

{table(by_segment, "leverkit")}

## The bridge by customer and product

There are nearly ten million items, because most deals are separate items. Here volume and mix are small differences of large sums. leverkit's are exact on
a grid far below a cent, which shows in their ninth digit.

{table(by_customer, "leverkit")}
"""
