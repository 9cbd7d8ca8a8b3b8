"""Effects over Spark: functions of `leverkit.effect`, with their parameters and results."""

from __future__ import annotations

from leverkit import effect as _own
from leverkit.spark._run import Over, over

__all__ = ["design", "did", "holdout", "liability", "programme"]

design: Over[_own.TestDesign] = over("effect.design")
programme: Over[_own.Programme] = over("effect.programme")
did: Over[_own.Did] = over("effect.did")
holdout: Over[_own.Holdout] = over("effect.holdout")
liability: Over[_own.Liability] = over("effect.liability")
