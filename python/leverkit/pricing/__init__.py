"""Pricing on three levels: is the price right for the market, against competitors, and in each deal."""

from __future__ import annotations

from leverkit.pricing.bridge import Bridge, price_volume_mix
from leverkit.pricing.competitors import (
    Hedonic,
    Leadership,
    Position,
    ValueMap,
    hedonic,
    leadership,
    position,
    value_map,
)
from leverkit.pricing.deals import (
    DealScores,
    Leakage,
    PriceBand,
    Waterfall,
    deal_score,
    leakage,
    price_band,
    waterfall,
)

__all__ = [
    "Bridge",
    "DealScores",
    "Hedonic",
    "Leadership",
    "Leakage",
    "Position",
    "PriceBand",
    "ValueMap",
    "Waterfall",
    "deal_score",
    "hedonic",
    "leadership",
    "leakage",
    "position",
    "price_band",
    "price_volume_mix",
    "value_map",
    "waterfall",
]
