"""KPIs of positions and the bonus that each carries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import leverkit as lk

KPIS = """
floor = 0.5
[[kpi]]
parameter = "close_rate"
value = 0.25
plan = 0.30
factors = ["script", "training"]
positions = ["seller", "head of sales"]
source = "CRM"
owner = "head of sales"
period = "month"
quality = "complete"
[[kpi]]
parameter = "contact_cost"
value = 0.05
plan = 0.04
direction = "down"
positions = ["head of sales"]
[[position]]
name = "seller"
bonus = 30000.0
[[position]]
name = "head of sales"
bonus = 60000.0
weights = { close_rate = 2.0 }
"""


def test_five_steps_and_a_bonus(tmp_path: Path) -> None:
    path = tmp_path / "kpi.toml"
    path.write_text(KPIS, encoding="utf-8")
    system = lk.profit.KpiSystem.from_toml(path)
    assert system.parameters["n_positions"].to_list() == [2, 1]
    assert system.positions["position"].to_list() == ["seller", "head of sales", "head of sales"]
    assert system.shares["bonus"].to_list() == [30000, 40000, 20000]
    assert system.collection["source"].to_list() == ["CRM", ""]
    found = system.bonus({"close_rate": 0.27, "contact_cost": 0.10})
    assert np.allclose(found.table["earned"], [27000, 36000, 0])
    assert np.allclose(found.positions["attainment"], [0.9, 0.6])
    assert len(found.plot().to_json()) > 500
    with pytest.raises(lk.ParameterError, match="contact_cost: no value given"):
        system.bonus({"close_rate": 0.27})
