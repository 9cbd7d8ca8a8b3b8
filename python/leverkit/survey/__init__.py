"""Surveys: what people need, what they would pay, and what follows for the product. `leverkit.pricing` has the names about prices, too."""

from __future__ import annotations

from leverkit.survey._behaviour import MetNeeds, SegmentWorth, met_needs, worth
from leverkit.survey._kano import Drift, Kano, Priorities, kano
from leverkit.survey._maxdiff import MaxDiff, MaxDiffDesign, maxdiff, maxdiff_design
from leverkit.survey._needs import Missions, Needs, needs, needs_from_baskets
from leverkit.survey._opportunity import Opportunity, opportunity
from leverkit.survey._sample_size import SampleSize, sample_size
from leverkit.survey.house import Ahp, HouseChoice, HouseOfQuality, ahp, house_of_quality
from leverkit.survey.positioning import (
    Correspondence,
    Image,
    Position,
    Similarity,
    correspondence,
    image,
    position,
    similarity,
)
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
    "Drift",
    "GaborGranger",
    "HouseChoice",
    "HouseOfQuality",
    "Image",
    "Kano",
    "MarketSimulation",
    "MaxDiff",
    "MaxDiffDesign",
    "MetNeeds",
    "Missions",
    "Needs",
    "Opportunity",
    "Position",
    "PriceCurve",
    "Priorities",
    "RatingConjoint",
    "SampleSize",
    "SegmentWorth",
    "Similarity",
    "Westendorp",
    "ahp",
    "conjoint",
    "correspondence",
    "gabor_granger",
    "house_of_quality",
    "image",
    "kano",
    "maxdiff",
    "maxdiff_design",
    "met_needs",
    "needs",
    "needs_from_baskets",
    "opportunity",
    "position",
    "rating_conjoint",
    "sample_size",
    "similarity",
    "van_westendorp",
    "worth",
]


def __dir__() -> list[str]:
    return sorted(__all__)
