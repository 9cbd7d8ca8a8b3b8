"""The product funnel: what customers buy first, what next and when, who stops, and what goes together."""

from __future__ import annotations

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
from leverkit.funnel.stages import EventLog, StageAudit, StageComparison, StageFunnel, stages

__all__ = [
    "BasketRules",
    "EntryProducts",
    "EventLog",
    "Ladder",
    "NextProducts",
    "ProductRoles",
    "Sequences",
    "StageAudit",
    "StageComparison",
    "StageFunnel",
    "basket_rules",
    "entry_products",
    "ladder",
    "next_products",
    "roles",
    "sequences",
    "stages",
]
