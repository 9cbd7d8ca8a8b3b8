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

__all__ = [
    "BasketRules",
    "EntryProducts",
    "Ladder",
    "NextProducts",
    "ProductRoles",
    "Sequences",
    "basket_rules",
    "entry_products",
    "ladder",
    "next_products",
    "roles",
    "sequences",
]
