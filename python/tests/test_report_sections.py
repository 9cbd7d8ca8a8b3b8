"""Sections that are there if their data are given: whether a programme worked, and what a survey says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from results import MAKERS, World
from test_programme import company
from test_scores import ROLES, base, kinds
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app
from leverkit.cli.schema import METHODS
from leverkit.report import Section, tables
from leverkit.report.programme import effect_section
from leverkit.report.scores import clusters_section
from leverkit.report.section import Column, Table
from leverkit.report.survey import survey_sections

#: Words by which an English sentence is known; names and columns of data hold none of them.
ENGLISH = re.compile(r"\b(the|of|is|are|and|surely|best|which|not|placebo|members|respondents)\b", re.IGNORECASE)
RESULTS = {
    "kano": lk.survey.Kano,
    "maxdiff": lk.survey.MaxDiff,
    "opportunity": lk.survey.Opportunity,
    "needs": lk.survey.Needs,
    "image": lk.survey.Image,
    "position": lk.survey.Position,
    "worth": lk.survey.SegmentWorth,
    "met_needs": lk.survey.MetNeeds,
}


@pytest.fixture(scope="module")
def surveys() -> dict[str, Any]:
    world = World()
    return {name: MAKERS[kind](world) for name, kind in RESULTS.items()}


def texts(section: Section) -> list[str]:
    """All that a reader of the section sees."""
    found = [section.title, section.lead, *section.notes, *section.params, *section.findings]
    for figure in section.figures:
        found += [figure.figure.layout.title.text, figure.figure.layout.title.subtitle.text or "", figure.caption]
    for table in section.tables:
        found += [table.title, table.caption, *(column.label for column in table.columns.values())]
        found += [column.write(row[name]) for row in table.rows for name, column in table.columns.items()]
    return found


def section_of(effect: float, *, members: int | None = None, **asked: Any) -> Section:
    ledger, joined = company(2, effect=effect)
    return effect_section(ledger, joined.head(members) if members else joined, {"relabellings": 0, **asked})


def test_a_programme_that_worked_is_told_in_money() -> None:
    section = section_of(5.0)
    assert section.findings[0].startswith("The programme worked: it brings 5.34 per member a month (")
    assert [table.title for table in section.tables] == ["What it brought and cost", "What each design says"]
    assert len(section.figures) == 3
    assert {"programme_effects", "programme_money", "programme_split"} <= set(section.frames)


def test_a_programme_that_is_not_identified_has_no_money_and_says_what_would_tell() -> None:
    section = section_of(5.0, members=10)
    assert section.findings == ["It cannot be told from these data whether the programme worked."]
    assert "10 members; at least 30 are needed." in section.lead
    assert "leave out a tenth of those chosen by lot" in section.lead
    assert [table.title for table in section.tables] == ["What each design says"]


def test_members_drawn_by_lot_are_judged_as_a_test() -> None:
    ledger, joined = company(2, effect=5.0)
    everybody = ledger.to_frame()["customer"].unique().sort()
    drawn = pl.DataFrame({"customer": everybody}).with_columns(
        arm=pl.when(pl.col("customer").is_in(joined["customer"].implode()))
        .then(pl.lit("club"))
        .otherwise(pl.lit("control"))
    )
    section = effect_section(
        ledger, drawn, {"arm": "arm", "start": "2023-09-01", "shares": {"club": 0.4, "control": 0.6}}
    )
    assert section.findings[0].startswith("club changed spend by +")
    assert section.tables[0].frame["metric"].to_list() == ["spend", "orders", "active", "check"]


@pytest.mark.parametrize("name", METHODS)
def test_every_method_of_a_survey_has_a_section(name: str, surveys: dict[str, Any]) -> None:
    (section,) = survey_sections(None, None, {name: surveys[name]})
    assert section.lead and section.findings and section.figures
    assert all(figure.caption for figure in section.figures)


def test_an_unknown_method_is_named() -> None:
    with pytest.raises(lk.ParameterError, match="survey"):
        survey_sections(None, None, {"cano": {}})


@pytest.mark.parametrize("name", METHODS)
def test_a_section_of_a_survey_is_russian(name: str, surveys: dict[str, Any]) -> None:
    with lk.language("ru"):
        (section,) = survey_sections(None, None, {name: surveys[name]})
        assert not [text for text in texts(section) if ENGLISH.search(text)]


@pytest.mark.parametrize("members", [None, 10])
def test_the_section_of_a_programme_is_russian(members: int | None) -> None:
    with lk.language("ru"):
        section = section_of(5.0, members=members)
        assert section.title == "Сработало ли это?"
        assert not [text for text in texts(section) if ENGLISH.search(text)]


def test_the_command_takes_members_and_answers(tmp_path: Path) -> None:
    ledger, members = company(2, effect=5.0, customers=400)
    ledger.to_frame().write_parquet(tmp_path / "lines.parquet")
    members.write_csv(tmp_path / "members.csv")
    answers = pl.DataFrame({"with": ["нравится"] * 40, "without": ["не нравится"] * 30 + ["нейтрально"] * 10})
    answers.write_csv(tmp_path / "answers.csv")
    settings = '[programme]\nfile = "members.csv"\n[survey]\nfile = "answers.csv"\n'
    settings += '[survey.kano]\nfeature = { app = ["with", "without"] }\n'
    (tmp_path / "leverkit.toml").write_text(settings)
    page = tmp_path / "page.html"
    asked = ["report", str(tmp_path / "lines.parquet"), "--customer", "customer", "--time", "day", "--amount", "amount"]
    run = CliRunner().invoke(app, [*asked, "--config", str(tmp_path / "leverkit.toml"), "-o", str(page)])
    assert run.exit_code == 0, run.output
    written = page.read_text(encoding="utf-8")
    assert 'id="programme"' in written and 'id="kano"' in written
    assert "The better they are, the more content people are: app." in written


def test_answers_without_a_method_are_refused(tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_text("with,without\nlike,dislike\n")
    (tmp_path / "lines.csv").write_text("customer,day,amount\na,2024-01-01,10\n")
    asked = ["report", str(tmp_path / "lines.csv"), "--answers", str(tmp_path / "answers.csv")]
    run = CliRunner().invoke(app, [*asked, "-o", str(tmp_path / "page.html")])
    assert run.exit_code != 0
    assert "needs a method in section [survey]" in " ".join(run.output.split())


def test_what_stands_beside_a_section_gives_the_same_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    world = World()
    stages = {"entity": "who", "time": "at", "stage": "what", "stages": [[world.names[0]], *world.names[1:4]]}
    report = lk.report.build(
        world.ledger,
        limit_day={"horizon": 90},
        events=world.events,
        stages={**stages, "by": "group", "value": "paid"},
        journey={"entity": "who", "time": "at", "event": "what", "channel": "channel"},
        quantities={"frame": world.plans, "entity": "patient", "levels": list(world.names[:3]), "value": "price"},
        members=world.members,
        programme={"customer": "customer", "joined": "joined"},
    )
    (tmp_path / "scenario.toml").write_text("list_price = 50.0\n")
    members = world.members.drop_nulls()
    files = {"DATA": world.lines, "EVENTS": world.events, "LEVELS": world.plans, "MEMBERS": members}
    for name, frame in files.items():
        frame.write_parquet(f"{name}.parquet")
    for section in report.sections:
        if not section.python:
            continue
        words = shlex.split(report.on_the_command_line(section))
        assert words[0] == "leverkit", section.id
        asked = [f"{word}.parquet" if word in files else word for word in words[1:]]
        done = CliRunner().invoke(app, asked)
        assert done.exit_code == 0, f"{section.id}: {shlex.join(asked)}\n{done.output}"


def test_limits_of_a_norm_are_written_in_its_unit() -> None:
    report = lk.report.build(World().ledger, currency="EUR", limit_day={"horizon": 90})
    keeping = next(section for section in report.sections if section.id == "retention")
    norms = next(table.frame for table in keeping.tables if "return_rate_above" in table.columns)
    limits = dict(norms.drop_nulls("lower").select("measure", "limits").iter_rows())
    assert limits and all(("€" in text) == (measure == "average_check") for measure, text in limits.items())


def test_clusters_are_told_by_their_money_and_one_group_is_told_as_one() -> None:
    found = clusters_section(lk.Ledger(kinds(1, 600), **ROLES))
    assert len(found.figures) == 2
    assert re.fullmatch(r"The cluster “.+” is 50\s% of customers and brings .+ of revenue\.", found.findings[0])
    with lk.language("ru"):
        russian = texts(clusters_section(lk.Ledger(kinds(1, 600), **ROLES)))
    assert not [text for text in russian if ENGLISH.search(text)]
    one = clusters_section(lk.Ledger(base(5, 900), **ROLES))
    assert "They are one group" in one.lead and not one.findings and len(one.figures) == 1


def test_a_table_says_how_many_of_its_rows_the_page_holds() -> None:
    long = Table("Products", pl.DataFrame({"product": range(tables.MOST + 1)}), {"product": Column("Product", str)})
    assert tables.left_out(long) == "The page holds 2,000 of 2,001 rows; the exported tables have them all."
    assert len(tables.data_of(long, "products")["columns"][0]["values"]) == tables.MOST
    assert tables.left_out(Table("Products", long.frame.head(5), long.columns)) == ""
