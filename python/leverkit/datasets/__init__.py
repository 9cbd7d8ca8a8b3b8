"""Data to try leverkit on: real ones from packages of their own, which are optional, and simulated ones whose truth is known."""

from __future__ import annotations

from leverkit.datasets.choices import SimulatedChoices, choices, electricity
from leverkit.datasets.clinic import Clinic, clinic
from leverkit.datasets.company import Company, company
from leverkit.datasets.journey import campaign_journey, complete_journey, complete_journey_promotions
from leverkit.datasets.prices import SimulatedDeals, deals, price_war

__all__ = [
    "Clinic",
    "Company",
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
]
