"""Plans of tests over Spark: functions of `leverkit.effect`, with their parameters and results."""

from __future__ import annotations

from leverkit import effect as _own
from leverkit.spark._run import Over, over

__all__ = ["design"]

design: Over[_own.TestDesign] = over("effect.design")
