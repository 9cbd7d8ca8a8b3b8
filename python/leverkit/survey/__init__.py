"""Surveys: what people say they would pay, and what their choices reveal. `leverkit.pricing` has the same names."""

from __future__ import annotations

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
