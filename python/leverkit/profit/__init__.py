"""The profit formula: how profit is made, where the bottleneck is, and how one parameter affects the whole.

`formula` holds the formula and `results` its answers; `measured` fills its parameters from order lines and books; `kpi` turns them into KPIs of
positions.
"""

from __future__ import annotations

from leverkit.profit.formula import Formula
from leverkit.profit.kpi import Bonus, KpiSystem
from leverkit.profit.measured import Measurement, measure
from leverkit.profit.results import (
    Attribution,
    Bottlenecks,
    BreakEven,
    Elasticities,
    Interactions,
    LiftTable,
    Plan,
    SegmentAttribution,
    Simulation,
    SobolIndices,
    Tornado,
    Tree,
)

__all__ = [
    "Attribution",
    "Bonus",
    "Bottlenecks",
    "BreakEven",
    "Elasticities",
    "Formula",
    "Interactions",
    "KpiSystem",
    "LiftTable",
    "Measurement",
    "Plan",
    "SegmentAttribution",
    "Simulation",
    "SobolIndices",
    "Tornado",
    "Tree",
    "measure",
]
