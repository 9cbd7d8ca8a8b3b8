"""Pricing in the deal over Spark: functions of `leverkit.pricing`, with their parameters and results."""

from __future__ import annotations

from leverkit import pricing as _own
from leverkit.spark._run import Over, over

__all__ = ["deal_score", "leakage", "price_band", "price_volume_mix", "waterfall"]

waterfall: Over[_own.Waterfall] = over("pricing.waterfall")
price_band: Over[_own.PriceBand] = over("pricing.price_band")
leakage: Over[_own.Leakage] = over("pricing.leakage")
deal_score: Over[_own.DealScores] = over("pricing.deal_score")
price_volume_mix: Over[_own.Bridge] = over("pricing.price_volume_mix")
