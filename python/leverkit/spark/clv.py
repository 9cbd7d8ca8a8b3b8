"""Histories of lifetime value over Spark: functions of `leverkit.clv`, with their parameters and results."""

from __future__ import annotations

from typing import Any

from leverkit import clv as _own
from leverkit.spark._run import Over, over

__all__ = ["contest", "summary"]

summary: Over[Any] = over("clv.summary")
contest: Over[_own.Contest] = over("clv.contest")
