"""The market level for people: figures, the command, the section of the report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app
from leverkit.report.demand import demand_section


def sales(weeks: int = 40, products: int = 40) -> pl.DataFrame:
    random = np.random.default_rng(3)
    product, week = np.repeat(np.arange(products), weeks), np.tile(np.arange(weeks), products)
    price = np.exp(random.normal(0.5, 0.15, len(week)))
    units = np.ceil(40 * price**-1.6 * np.exp(random.normal(0, 0.2, len(week))))
    return pl.DataFrame(
        {
            "product": product,
            "week": week,
            "price": price,
            "units": units,
            "cost": price * 0.5 + random.random(len(week)) * 0.1,
        }
    )


def test_every_figure_is_drawn() -> None:
    frame = sales()
    whole = lk.pricing.elasticity(frame, quantity="units", price="price", effects=["product"], instruments=["cost"])
    groups = lk.pricing.elasticity(frame, quantity="units", price="price", by="product")
    best = lk.pricing.optimal_price(whole, unit_cost=0.7)
    refused = lk.pricing.optimal_price(-0.5, unit_cost=0.7, price_range=(1.0, 2.0))
    for found, kinds in (
        (whole, ["models", "terms"]),
        (groups, ["groups", "categories", "shrinkage"]),
        (best, ["curve"]),
        (refused, ["curve"]),
    ):
        for kind in [None, *kinds]:
            assert found.plot(kind).data
        assert found._repr_html_() and found.to_dict()["params"]
        with pytest.raises(lk.ParameterError):
            found.plot("nonsense")


def test_the_command_says_and_writes(tmp_path: Path) -> None:
    file, out = tmp_path / "sales.parquet", tmp_path / "table.csv"
    sales().write_parquet(file)
    command = ["pricing", "elasticity", str(file), "--quantity", "units", "--price", "price", "--effect", "product"]
    shown = CliRunner().invoke(app, command)
    assert shown.exit_code == 0 and "FE" in shown.output
    written = CliRunner().invoke(app, [*command, "--cluster", "product", "-o", str(out)])
    assert written.exit_code == 0 and pl.read_csv(out)["term"].to_list() == ["price"]
    by = CliRunner().invoke(app, [*command, "--by", "product", "-o", str(out)])
    assert by.exit_code == 0 and pl.read_csv(out).height == 40
    wrong = CliRunner().invoke(app, [*command, "--effect", "nonsense"])
    assert wrong.exit_code == 1 and "nonsense" in wrong.output


def test_the_report_speaks_of_prices_where_they_vary() -> None:
    frame = sales().with_columns(
        day=pl.date(2024, 1, 1) + pl.duration(weeks=pl.col("week")), paid=pl.col("price") * pl.col("units")
    )
    roles = dict(customer="product", time="day", amount="paid", product="product")
    section = demand_section(lk.Ledger(frame, **roles, quantity="units"))
    assert section is not None and "sales change by" in section.lead and len(section.figures) == 2
    assert demand_section(lk.Ledger(frame, **roles)) is None
    fixed = frame.with_columns(paid=3 * pl.col("units"))
    assert demand_section(lk.Ledger(fixed, **roles, quantity="units")) is None
