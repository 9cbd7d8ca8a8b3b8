"""Funnels: what customers buy first, what next and when, what is bought together, and at which stage people stop."""

from __future__ import annotations

from leverkit.funnel import _quantities, _reverse, _stages, journeys, products
from leverkit.funnel._quantities import *
from leverkit.funnel._reverse import *
from leverkit.funnel._stages import *
from leverkit.funnel.journeys import *
from leverkit.funnel.products import *

__all__ = [*_quantities.__all__, *_reverse.__all__, *_stages.__all__, *journeys.__all__, *products.__all__]


def __dir__() -> list[str]:
    return sorted(__all__)
