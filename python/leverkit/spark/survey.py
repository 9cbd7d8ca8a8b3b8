"""Needs from baskets over Spark: functions of `leverkit.survey`, with their parameters and results."""

from __future__ import annotations

from leverkit import survey as _own
from leverkit.spark._run import Over, over

__all__ = ["needs_from_baskets"]

needs_from_baskets: Over[_own.Missions] = over("survey.needs_from_baskets")
