"""The effect of a programme, a campaign, a test: did it work, in money, and would it have come anyway?"""

from __future__ import annotations

from leverkit.effect._did import Did, PreTrendTest, did
from leverkit.effect._holdout import Holdout, holdout
from leverkit.effect._liability import Deferral, Liability, deferral, liability, subsidy
from leverkit.effect._monitor import Monitor, bounds, monitor
from leverkit.effect._programme import Limits, Programme, Relabelled, programme
from leverkit.effect._synthetic import Synthetic, synthetic
from leverkit.effect.trial import Assignment, TestDesign, design, randomise, sample_ratio, sample_size

__all__ = [
    "Assignment",
    "Deferral",
    "Did",
    "Holdout",
    "Liability",
    "Limits",
    "Monitor",
    "PreTrendTest",
    "Programme",
    "Relabelled",
    "Synthetic",
    "TestDesign",
    "bounds",
    "deferral",
    "design",
    "did",
    "holdout",
    "liability",
    "monitor",
    "programme",
    "randomise",
    "sample_ratio",
    "sample_size",
    "subsidy",
    "synthetic",
]


def __dir__() -> list[str]:
    return sorted(__all__)
