"""The clinic from the command line and in the report."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clinic = lk.datasets.clinic(leads=600)
    place = tmp_path_factory.mktemp("clinic")
    clinic.events.write_parquet(place / "events.parquet")
    clinic.plans.write_parquet(place / "plans.parquet")
    return place


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_quantities_are_written_and_shown(folder: Path) -> None:
    done = run(
        "quantities",
        folder / "plans.parquet",
        "--entity",
        "patient",
        "--level",
        "recommended",
        "--level",
        "agreed",
        "--level",
        "performed",
        "--value",
        "price",
        "--by",
        "doctor",
        "--days",
        365,
        "--tables",
        folder / "tables",
        "-o",
        folder / "levels.csv",
    )
    assert done.exit_code == 0, done.output
    assert "the largest loss is before performed" in done.stderr
    assert pl.read_csv(folder / "levels.csv")["level"].to_list() == ["recommended", "agreed", "performed"]
    assert pl.read_parquet(folder / "tables" / "quantities_groups.parquet")["dimension"].unique().to_list() == [
        "doctor"
    ]


def test_the_reverse_funnel_is_told(folder: Path) -> None:
    done = run(
        "reverse",
        "--target",
        1000,
        "--stage",
        "lead=5000",
        "--stage",
        "qualified=2000",
        "--stage",
        "order=400",
        "--cost-per-first",
        3,
        "--available",
        9000,
        "--improve",
        "order=500",
        "-o",
        folder / "reverse.csv",
    )
    assert done.exit_code == 0, done.output
    assert "chance of 1,000 orders you need" in done.stderr
    assert "Spend: 37,500 expected" in done.stderr
    assert pl.read_csv(folder / "reverse.csv")["needed"].to_list() == [12_500, 5000, 1000]
    wrong = run("reverse", "--target", 1000, "--stage", "lead=many")
    assert wrong.exit_code == 2
    assert 'got "lead=many"; expected --stage NAME=N' in wrong.stderr


def test_journeys_and_attribution_are_told(folder: Path) -> None:
    log = folder / "events.parquet"
    done = run(
        "journey", log, "--entity", "patient", "--time", "time", "--event", "event", "--tables", folder / "journey"
    )
    assert done.exit_code == 0, done.output
    assert "different paths" in done.stderr
    assert (folder / "journey" / "journey_step_matrix.parquet").is_file()
    done = run(
        "attribution",
        log,
        "--entity",
        "patient",
        "--time",
        "time",
        "--channel",
        "channel",
        "--conversion",
        "booked",
        "-o",
        folder / "owed.csv",
    )
    assert done.exit_code == 0, done.output
    assert set(pl.read_csv(folder / "owed.csv")["channel"]) == {"search", "social", "referral", "mail"}
    assert (
        run(
            "attribution",
            log,
            "--entity",
            "patient",
            "--time",
            "time",
            "--channel",
            "channel",
            "--conversion",
            "booked",
            "--method",
            "magic",
        ).exit_code
        == 2
    )


def test_the_report_has_sections_on_journeys_and_quantities(folder: Path) -> None:
    clinic = lk.datasets.clinic(leads=600)
    lines = pl.DataFrame({"c": [1, 1, 2], "t": ["2024-01-01", "2024-02-01", "2024-03-01"], "a": [10.0, 20.0, 30.0]})
    page = lk.report.build(
        lk.Ledger(lines, customer="c", time="t", amount="a"),
        events=clinic.events,
        stages={"entity": "patient", "time": "time", "stage": "event", "stages": ["touch", "consultation", "plan"]},
        journey={"entity": "patient", "time": "time", "event": "event", "channel": "channel"},
        quantities={
            "frame": clinic.plans,
            "entity": "patient",
            "levels": ["recommended", "agreed", "performed"],
            "value": "price",
            "by": "doctor",
        },
    )
    assert {"journey_transitions", "quantities_table"} <= set(page.tables)
    page.save(folder / "page.html")
    text = (folder / "page.html").read_text(encoding="utf-8")
    assert "From what was recommended to what was done" in text
    assert "Journeys" in text


def test_the_report_of_the_command_line_takes_quantities(folder: Path) -> None:
    lines = pl.DataFrame({"c": [1, 1, 2], "t": ["2024-01-01", "2024-02-01", "2024-03-01"], "a": [10.0, 20.0, 30.0]})
    lines.write_parquet(folder / "lines.parquet")
    arguments = [
        "report",
        folder / "lines.parquet",
        "--customer",
        "c",
        "--time",
        "t",
        "--amount",
        "a",
        "-o",
        folder / "page2.html",
    ]
    missing = run(*arguments, "--quantities", folder / "plans.parquet")
    assert missing.exit_code == 2
    assert "entity and levels in section [quantities]" in missing.stderr
    config = folder / "leverkit.toml"
    config.write_text(
        '[quantities]\nfile = "plans.parquet"\nentity = "patient"\nlevels = ["recommended", "agreed", "performed"]\nvalue = "price"\n'
    )
    done = run(*arguments, "--config", config)
    assert done.exit_code == 0, done.output
    assert "From what was recommended to what was done" in (folder / "page2.html").read_text(encoding="utf-8")
