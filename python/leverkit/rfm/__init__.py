"""RFM: who is loyal, who is slipping away and how long there is to call them, who moved, who stayed.

`scores` holds recency, frequency and monetary scores with their segments; `retention` holds the tools against churn: the limit day, norms, triggers,
migration, cohorts and tenure.
"""

from __future__ import annotations

from leverkit.rfm import retention, scores
from leverkit.rfm.retention import *
from leverkit.rfm.scores import *

__all__ = [*retention.__all__, *scores.__all__]


def __dir__() -> list[str]:
    return sorted(__all__)
