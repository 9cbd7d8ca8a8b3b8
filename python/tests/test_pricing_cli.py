"""`leverkit pricing …`: what the commands read, show, write, and how they fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from leverkit.cli.app import app
from leverkit.datasets import deals, price_war

DEAL = ["--list-price", "list_price", "--quantity", "quantity"]
OFF = [
    "--component",
    "volume_discount",
    "--component",
    "promo=promotion",
    "--component",
    "rebate",
    "--component",
    "freight",
]
SHELF = ["--product", "product", "--seller", "seller", "--price", "price"]


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(app, ["pricing", *(str(argument) for argument in arguments)], env={"COLUMNS": "160"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pricing")
    made = deals(n=2000).deals.with_columns(paid=pl.col("pocket_price") * pl.col("quantity"))
    made.write_parquet(folder / "deals.parquet")
    price_war(weeks=30).write_csv(folder / "prices.csv")
    phones = {
        "brand": list("abcde"),
        "price": [10.0, 12.5, 13.0, 16.5, 18.0],
        "camera": [1, 2, 3, 4, 5],
        "os": list("xyxyx"),
    }
    pl.DataFrame(phones).write_csv(folder / "phones.csv")
    return folder


def test_the_waterfall_is_shown_from_list_price_to_margin(folder: Path) -> None:
    done = run(
        "waterfall",
        folder / "deals.parquet",
        *DEAL,
        *OFF,
        "--unit-cost",
        "unit_cost",
        "--on-invoice",
        "promo",
        "--by",
        "region",
    )
    assert done.exit_code == 0, done.stderr
    assert "at list price" in done.stderr
    for word in ("north", "promo", "invoice price", "pocket price", "margin"):
        assert word in done.stdout


COMMANDS = {
    "waterfall": ["deals.parquet", *DEAL, *OFF],
    "band": ["deals.parquet", *DEAL, "--pocket-price", "pocket_price", "--by", "region", "--floor", "0.8"],
    "leakage": ["deals.parquet", *DEAL, "--pocket-price", "pocket_price", "--by", "rep"],
    "score": ["deals.parquet", *DEAL, "--pocket-price", "pocket_price", "--peers", "group"],
    "bridge": [
        "deals.parquet",
        "--period",
        "date",
        "--base",
        "2023",
        "--against",
        "2024",
        "--key",
        "product",
        "--key",
        "region",
        "--quantity",
        "quantity",
        "--revenue",
        "paid",
    ],
    "position": ["prices.csv", *SHELF, "--own", "north", "--date", "date"],
    "leadership": ["prices.csv", *SHELF, "--date", "date", "--lags", "2"],
    "value-map": ["phones.csv", "--product", "brand", "--price", "price", "--attribute", "camera=2"],
    "hedonic": ["phones.csv", "--price", "price", "--attribute", "camera", "--attribute", "os", "--linear"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_a_table_and_writes_it(folder: Path, tmp_path: Path, command: str) -> None:
    data, *options = COMMANDS[command]
    shown = run(command, folder / data, *options)
    assert shown.exit_code == 0, shown.stderr
    assert len(shown.stdout.splitlines()) > 3
    written = run(command, folder / data, *options, "-o", tmp_path / "table.parquet")
    assert written.exit_code == 0
    assert written.stdout == ""
    assert pl.read_parquet(tmp_path / "table.parquet").height > 0


def test_the_bridge_at_every_grain(folder: Path) -> None:
    data, *options = COMMANDS["bridge"]
    done = run("bridge", folder / data, *options, "--grains")
    assert "product × region" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["waterfall", "deals.parquet", "--list-price", "lst_price"], 1, 'did you mean "list_price"'),
        (["waterfall", "deals.parquet", *DEAL, "--component", "x="], 2, "expected --component"),
        (["band", "deals.parquet", *DEAL], 2, "pocket_price"),
        (["band", "deals.parquet", *DEAL, "--basis", "piece"], 2, "expected unit or line"),
        (["position", "prices.csv", *SHELF, "--own", "nort"], 2, 'did you mean "north"'),
        (
            ["value-map", "phones.csv", "--product", "brand", "--price", "price", "--attribute", "camera=much"],
            2,
            "with a number",
        ),
        (["hedonic", "none.csv", "--price", "price", "--attribute", "camera"], 2, "there is no such file"),
        (["waterfall", "deals.parquet"], 2, "--list-price"),
    ],
)
def test_what_is_wrong_ends_with_one_message(folder: Path, arguments: list[str], code: int, message: str) -> None:
    command, data, *options = arguments
    done = run(command, folder / data, *options)
    assert done.exit_code == code
    assert message in done.stderr
