"""Surveys: what people need, what they would pay, and what follows for the product. `leverkit.pricing` has the names about prices, too."""

from __future__ import annotations

from leverkit.survey._needs import Missions, Needs, needs, needs_from_baskets
from leverkit.survey.house import Ahp, HouseChoice, HouseOfQuality, ahp, house_of_quality
from leverkit.survey.positioning import Correspondence, Image, Position, correspondence, image, position
from leverkit.survey.willingness import (
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
    "Ahp",
    "Conjoint",
    "Correspondence",
    "GaborGranger",
    "HouseChoice",
    "HouseOfQuality",
    "Image",
    "MarketSimulation",
    "Missions",
    "Needs",
    "Position",
    "PriceCurve",
    "RatingConjoint",
    "Westendorp",
    "ahp",
    "conjoint",
    "correspondence",
    "gabor_granger",
    "house_of_quality",
    "image",
    "needs",
    "needs_from_baskets",
    "position",
    "rating_conjoint",
    "van_westendorp",
]
