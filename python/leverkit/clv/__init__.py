"""What each customer is worth: when customers order again, when they have left for good, and what they spend.

`summary` computes what the models need, `models` holds the models of orders and of spend, `value` combines them into a lifetime value, and `judge`
compares models with what actually happened.

summary = lk.clv.summary(ledger, calibration_end="1997-09-30")
orders = lk.clv.ParetoNBDModel().fit(summary)
orders.expected_purchases(summary, future_t="12 months")
"""

from __future__ import annotations

from leverkit.clv.drift import ModelDrift
from leverkit.clv.judge import Contest, Tracking, Validation, contest, tracking, validate
from leverkit.clv.models import (
    BetaGeoBetaBinomModel,
    BetaGeoModel,
    GammaGammaModel,
    ModifiedBetaGeoModel,
    ParetoNBDModel,
    RegularTimingModel,
)
from leverkit.clv.summaries import summary
from leverkit.clv.value import LifetimeValues, lifetime_value

__all__ = [
    "BetaGeoBetaBinomModel",
    "BetaGeoModel",
    "Contest",
    "GammaGammaModel",
    "LifetimeValues",
    "ModelDrift",
    "ModifiedBetaGeoModel",
    "ParetoNBDModel",
    "RegularTimingModel",
    "Tracking",
    "Validation",
    "contest",
    "lifetime_value",
    "summary",
    "tracking",
    "validate",
]


def __dir__() -> list[str]:
    return sorted(__all__)
