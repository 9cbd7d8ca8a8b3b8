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
from leverkit.pricing.indices import PriceIndex, price_index
from leverkit.pricing.market import (
    Elasticity,
    GroupElasticities,
    OptimalPrice,
    break_even_volume,
    elasticity,
    optimal_price,
)
from leverkit.pricing.surveys import (
    Conjoint,
    GaborGranger,
    MarketSimulation,
    PriceCurve,
    RatingConjoint,
    Westendorp,
    conjoint,
    gabor_granger,
    rating_conjoint,
    van_westendorp,
)

__all__ = [
    "Bridge",
    "Conjoint",
    "DealScores",
    "Elasticity",
    "GaborGranger",
    "GroupElasticities",
    "Hedonic",
    "Leadership",
    "Leakage",
    "MarketSimulation",
    "OptimalPrice",
    "Position",
    "PriceBand",
    "PriceCurve",
    "PriceIndex",
    "RatingConjoint",
    "ValueMap",
    "Waterfall",
    "Westendorp",
    "break_even_volume",
    "conjoint",
    "deal_score",
    "elasticity",
    "gabor_granger",
    "hedonic",
    "leadership",
    "leakage",
    "optimal_price",
    "position",
    "price_band",
    "price_index",
    "price_volume_mix",
    "rating_conjoint",
    "value_map",
    "van_westendorp",
    "waterfall",
]
