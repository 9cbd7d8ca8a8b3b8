"""Funnels over Spark: functions of `leverkit.funnel`, with their parameters and results."""

from __future__ import annotations

from leverkit import funnel as _own
from leverkit.spark._run import Over, over

__all__ = [
    "attribution",
    "basket_rules",
    "entry_products",
    "journey",
    "ladder",
    "next_products",
    "quantities",
    "roles",
    "sequences",
    "stages",
]

ladder: Over[_own.Ladder] = over("funnel.ladder")
entry_products: Over[_own.EntryProducts] = over("funnel.entry_products")
next_products: Over[_own.NextProducts] = over("funnel.next_products")
roles: Over[_own.ProductRoles] = over("funnel.roles")
basket_rules: Over[_own.BasketRules] = over("funnel.basket_rules")
sequences: Over[_own.Sequences] = over("funnel.sequences")
stages: Over[_own.StageFunnel] = over("funnel.stages")
journey: Over[_own.Journey] = over("funnel.journey")
attribution: Over[_own.Attribution] = over("funnel.attribution")
quantities: Over[_own.Quantities] = over("funnel.quantities")
