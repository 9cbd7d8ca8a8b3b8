"""Pricing in the deal: the pocket-price waterfall and band, leakage, deal scores, and the bridge between two periods.

The engine computes; these modules name things and convert frames. `deals` is a frame with its columns named, or a `Ledger` with a list price or
discounts. Money columns are per unit if `quantity` is given, otherwise per row; `basis` overrides this.
"""

from __future__ import annotations

from leverkit.pricing.deal._band import PriceBand, price_band
from leverkit.pricing.deal._bridge import Bridge, price_volume_mix
from leverkit.pricing.deal._leakage import Leakage, leakage
from leverkit.pricing.deal._score import DealScores, deal_score
from leverkit.pricing.deal._waterfall import Waterfall, waterfall

__all__ = [
    "Bridge",
    "DealScores",
    "Leakage",
    "PriceBand",
    "Waterfall",
    "deal_score",
    "leakage",
    "price_band",
    "price_volume_mix",
    "waterfall",
]
