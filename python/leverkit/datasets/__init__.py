"""Data to try leverkit on: real ones from packages of their own, which are optional, and simulated ones whose truth is known."""

from __future__ import annotations

from leverkit.datasets.journey import complete_journey
from leverkit.datasets.prices import SimulatedDeals, deals, price_war
from leverkit.datasets.simulated import Company, company

__all__ = ["Company", "SimulatedDeals", "company", "complete_journey", "deals", "price_war"]
