"""The profit formula: how profit is made, where the bottleneck is, and how one parameter affects the whole.

`formula` holds the formula and `results` its answers; `measured` fills its parameters from order lines and books; `kpi` turns them into KPIs of
positions.
"""

from __future__ import annotations

from leverkit.profit import formula, kpi, measured, results
from leverkit.profit.formula import *
from leverkit.profit.kpi import *
from leverkit.profit.measured import *
from leverkit.profit.results import *

__all__ = [*formula.__all__, *kpi.__all__, *measured.__all__, *results.__all__]


def __dir__() -> list[str]:
    return sorted(__all__)
