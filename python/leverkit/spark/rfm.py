"""RFM over Spark: functions of `leverkit.rfm`, with their parameters and results."""

from __future__ import annotations

from leverkit import rfm as _own
from leverkit.spark._run import Over, over

__all__ = ["clusters", "cohorts", "limit_day", "migration", "norms", "score", "tenure", "triggers"]

score: Over[_own.Scores] = over("rfm.score")
limit_day: Over[_own.LimitDays] = over("rfm.limit_day")
norms: Over[_own.Norms] = over("rfm.norms")
triggers: Over[_own.Triggers] = over("rfm.triggers")
migration: Over[_own.Migration] = over("rfm.migration")
cohorts: Over[_own.Cohorts] = over("rfm.cohorts")
tenure: Over[_own.Tenure] = over("rfm.tenure")
clusters: Over[_own.CustomerClusters] = over("rfm.clusters")
