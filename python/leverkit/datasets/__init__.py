"""Data to try leverkit on: a shop that comes with the package, real data from optional packages, and simulated data whose truth is known."""

from __future__ import annotations

from leverkit.datasets._shop import shop
from leverkit.datasets.companies import PlantedCompany, company
from leverkit.datasets.journey import campaign_journey, complete_journey, complete_journey_promotions
from leverkit.datasets.patients import Clinic, clinic
from leverkit.datasets.prices import SimulatedDeals, deals, price_war
from leverkit.datasets.simulated import Company
from leverkit.datasets.survey import SimulatedChoices, choices, electricity

__all__ = [
    "Clinic",
    "Company",
    "PlantedCompany",
    "SimulatedChoices",
    "SimulatedDeals",
    "campaign_journey",
    "choices",
    "clinic",
    "company",
    "complete_journey",
    "complete_journey_promotions",
    "deals",
    "electricity",
    "price_war",
    "shop",
]


def __dir__() -> list[str]:
    return sorted(__all__)
