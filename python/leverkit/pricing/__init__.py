"""Pricing on three levels: is the price right for the market, against competitors, and in each deal?"""

from __future__ import annotations

from leverkit.pricing import competitors, deal, demand, indices
from leverkit.pricing.competitors import *
from leverkit.pricing.deal import *
from leverkit.pricing.demand import *
from leverkit.pricing.indices import *
from leverkit.survey import willingness
from leverkit.survey.willingness import *

__all__ = [*competitors.__all__, *deal.__all__, *demand.__all__, *indices.__all__, *willingness.__all__]


def __dir__() -> list[str]:
    return sorted(__all__)
