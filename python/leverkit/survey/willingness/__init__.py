"""What people would pay, from what they say and choose: price sensitivity meter, demand at stated prices, conjoint."""

from __future__ import annotations

from leverkit.survey.willingness._conjoint import Conjoint, MarketSimulation, PriceCurve, conjoint
from leverkit.survey.willingness._gabor_granger import GaborGranger, gabor_granger
from leverkit.survey.willingness._rating import RatingConjoint, rating_conjoint
from leverkit.survey.willingness._van_westendorp import Westendorp, van_westendorp

__all__ = [
    "Conjoint",
    "GaborGranger",
    "MarketSimulation",
    "PriceCurve",
    "RatingConjoint",
    "Westendorp",
    "conjoint",
    "gabor_granger",
    "rating_conjoint",
    "van_westendorp",
]
