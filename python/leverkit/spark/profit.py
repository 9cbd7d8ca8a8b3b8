"""Measured parameters over Spark: functions of `leverkit.profit`, with their parameters and results."""

from __future__ import annotations

from leverkit import profit as _own
from leverkit.spark._run import Over, over

__all__ = ["measure"]

measure: Over[_own.Measurement] = over("profit.measure")
