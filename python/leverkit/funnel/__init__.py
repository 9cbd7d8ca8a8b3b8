"""Funnels: what customers buy first, what next and when, what is bought together, and at which stage people stop."""

from __future__ import annotations

from leverkit.funnel._quantities import Quantities, quantities
from leverkit.funnel._reverse import Forward, Reverse, forward, reverse
from leverkit.funnel._stages import EventLog, StageAudit, StageComparison, StageFunnel, stages
from leverkit.funnel.journeys import Attribution, Journey, attribution, journey
from leverkit.funnel.products import (
    BasketRules,
    EntryProducts,
    Ladder,
    NextProducts,
    ProductRoles,
    Sequences,
    basket_rules,
    entry_products,
    ladder,
    next_products,
    roles,
    sequences,
)

__all__ = [
    "Attribution",
    "BasketRules",
    "EntryProducts",
    "EventLog",
    "Forward",
    "Journey",
    "Ladder",
    "NextProducts",
    "ProductRoles",
    "Quantities",
    "Reverse",
    "Sequences",
    "StageAudit",
    "StageComparison",
    "StageFunnel",
    "attribution",
    "basket_rules",
    "entry_products",
    "forward",
    "journey",
    "ladder",
    "next_products",
    "quantities",
    "reverse",
    "roles",
    "sequences",
    "stages",
]
