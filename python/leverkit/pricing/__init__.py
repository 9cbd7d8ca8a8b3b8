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
from leverkit.pricing.market import (
    Elasticity,
    GroupElasticities,
    OptimalPrice,
    break_even_volume,
    elasticity,
    optimal_price,
)

__all__ = [
    "Bridge",
    "DealScores",
    "Elasticity",
    "GroupElasticities",
    "Hedonic",
    "Leadership",
    "Leakage",
    "OptimalPrice",
    "Position",
    "PriceBand",
    "ValueMap",
    "Waterfall",
    "break_even_volume",
    "deal_score",
    "elasticity",
    "hedonic",
    "leadership",
    "leakage",
    "optimal_price",
    "position",
    "price_band",
    "price_volume_mix",
    "value_map",
    "waterfall",
]
