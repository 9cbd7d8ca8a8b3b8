"""RFM: who is loyal, who is slipping away and how long there is to call them, who moved, who stayed.

`scores` holds recency, frequency and monetary scores with their segments; `retention` holds the tools against churn: the limit day, norms, triggers,
migration and cohorts.
"""

from __future__ import annotations

from leverkit.rfm.retention import (
    Cohorts,
    LimitDays,
    Migration,
    Norms,
    Triggers,
    cohorts,
    limit_day,
    migration,
    norms,
    triggers,
)
from leverkit.rfm.scores import ScoreModel, Scores, load, score

__all__ = [
    "Cohorts",
    "LimitDays",
    "Migration",
    "Norms",
    "ScoreModel",
    "Scores",
    "Triggers",
    "cohorts",
    "limit_day",
    "load",
    "migration",
    "norms",
    "score",
    "triggers",
]
