"""The plan over Spark."""

from __future__ import annotations

from leverkit._plan import Plan
from leverkit.spark._run import Over, over

plan: Over[Plan] = over("plan")
