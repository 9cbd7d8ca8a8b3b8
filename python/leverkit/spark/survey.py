"""Surveys beside order lines over Spark: functions of `leverkit.survey`, with their parameters and results."""

from __future__ import annotations

from leverkit import survey as _own
from leverkit.spark._run import Over, over

__all__ = ["met_needs", "needs_from_baskets", "worth"]

needs_from_baskets: Over[_own.Missions] = over("survey.needs_from_baskets")
worth: Over[_own.SegmentWorth] = over("survey.worth")
met_needs: Over[_own.MetNeeds] = over("survey.met_needs")
