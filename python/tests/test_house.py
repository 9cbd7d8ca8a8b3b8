"""Comparisons and the house of quality: published values, what is refused, the picture, the command."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app

#: Saaty (2008): consumption of drinks in the US.
DRINKS = ["coffee", "wine", "tea", "beer", "sodas", "milk", "water"]
TIMES = [
    [1, 9, 5, 2, 1, 1, 1 / 2],
    [1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
    [1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9],
    [1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3],
    [1, 9, 4, 2, 1, 2, 1 / 2],
    [1, 9, 3, 1, 1 / 2, 1, 1 / 3],
    [2, 9, 9, 3, 2, 3, 1],
]
WEIGHTS = [0.177457, 0.019149, 0.041831, 0.116417, 0.189572, 0.128781, 0.326793]
#: The random index that AHPy takes from Saaty & Tran (2007), by the number of items.
AHPY_INDEX = {3: 0.52, 7: 1.35}
NEEDS = {"x": 5, "y": 3, "z": 2}
PARTS = ["a", "b", "c", "d"]
STRENGTHS = [[9, 3, 0, 0], [3, 9, 1, 0], [0, 1, 9, 9]]


def test_drinks_weigh_what_saaty_says() -> None:
    found = lk.survey.ahp(TIMES, items=DRINKS)
    weights = dict(found.table.select("item", "weight").iter_rows())
    assert [round(weights[name], 6) for name in DRINKS] == WEIGHTS
    assert found.eigenvalue == pytest.approx(7.176629, abs=1e-6)
    assert found.consistency_index == pytest.approx(0.029438, abs=1e-6)
    assert found.consistency_ratio == pytest.approx(0.022302, abs=1e-6)
    simulated = lk.survey.ahp(TIMES, items=DRINKS, random_index="simulated")
    assert simulated.random_index == pytest.approx(1.339, abs=0.015)


def test_ahpy_finds_the_same_weights_and_consistency() -> None:
    """Its ratio has another random index, so consistency is compared by its index."""
    ahpy = pytest.importorskip("ahpy")
    for times, items in ((TIMES, DRINKS), ([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]], ["x", "y", "z"])):
        pairs = {
            (items[one], items[two]): times[one][two] for one in range(len(items)) for two in range(one + 1, len(items))
        }
        theirs = ahpy.Compare("all", pairs, precision=9, random_index="saaty")
        found = lk.survey.ahp(times, items=items)
        weights = dict(found.table.select("item", "weight").iter_rows())
        assert weights == pytest.approx(dict(theirs.target_weights), abs=1e-8)
        assert found.consistency_index is not None
        assert theirs.consistency_ratio * AHPY_INDEX[len(items)] == pytest.approx(found.consistency_index, abs=1e-8)


def test_judges_are_put_together_by_geometric_means() -> None:
    rows = [("p", "x", "y", 2.0), ("q", "x", "y", 8.0), ("r", "x", "y", 4.0)]
    found = lk.survey.ahp(pl.DataFrame(rows, schema=["judge", "first", "second", "value"], orient="row"), judge="judge")
    assert found.table["weight"].to_list() == pytest.approx([0.8, 0.2])
    assert found.judges.height == 3
    assert found.concordance is not None


def test_the_house_has_the_importances_of_the_formulas() -> None:
    roof = [[1, 0.3, 0, 0], [0.3, 1, 0, 0], [0, 0, 1, 0.1], [0, 0, 0.1, 1]]
    table = lk.survey.house_of_quality(NEEDS, PARTS, STRENGTHS, roof).table
    assert table["raw"].to_list() == pytest.approx([5.4, 4.4, 2.1, 1.8])
    assert table["relative"].to_list() == pytest.approx([0.394161, 0.321168, 0.153285, 0.131387], abs=1e-6)
    assert table["lyman"].to_list() == pytest.approx([0.444231, 0.343219, 0.117814, 0.094737], abs=1e-6)
    assert table["wasserman"].to_list() == pytest.approx([0.422547, 0.370015, 0.111803, 0.095635], abs=1e-6)


def test_respondents_make_the_weights_and_their_uncertainty() -> None:
    answers = pl.DataFrame({"x": [5, 5, 4, None, 5], "y": [3, 3, 3, 1, 3], "z": [2, 2, 3, 1, 2]})
    found = lk.survey.house_of_quality(["x", "y", "z"], PARTS, STRENGTHS, answers=answers)
    assert found.needs["weight"].to_list() == pytest.approx([0.475, 0.3, 0.225])
    assert (found.needs["lower"] < found.needs["upper"]).to_list() == [True, False, True]
    assert found.notes[0] == "1 of 5 respondents left out: no answer on one of the needs."


def test_respondents_may_answer_in_words_with_weights_and_strata() -> None:
    answers = pl.DataFrame(
        {
            "who": list("abcd"),
            "x": ["очень важно", "very important", "важно", "important"],
            "y": ["не важно", "not important", "neutral", "don't know"],
            "z": [1, 2, 1, 1],
            "w": [1.0, 1.0, 2.0, 1.0],
            "town": ["n", "n", "s", "s"],
        }
    )
    found = lk.survey.house_of_quality(
        ["x", "y", "z"], PARTS, STRENGTHS, answers=answers, respondent="who", weight="w", strata="town"
    )
    # x (5 + 5 + 2 · 4) / 4, y (2 + 2 + 2 · 3) / 4, z (1 + 2 + 2 · 1) / 4
    assert found.needs["weight"].to_list() == pytest.approx([4.5 / 8.25, 2.5 / 8.25, 1.25 / 8.25])
    assert found.notes[0] == "1 of 4 respondents left out: no answer on one of the needs."
    own = lk.survey.house_of_quality(
        ["x"], ["engine"], [[9]], answers=pl.DataFrame({"x": ["A", "B"]}), answer_scale={"A": 5, "B": 3}
    )
    assert own.needs["weight"].to_list() == [1.0]


def test_a_roof_that_leaves_nothing_is_refused() -> None:
    roof = [[1, -0.9, -0.9, 0], [-0.9, 1, 0, 0], [-0.9, 0, 1, 0], [0, 0, 0, 1]]
    found = lk.survey.house_of_quality(NEEDS, PARTS, STRENGTHS, roof)
    assert found.table["wasserman"].null_count() == 4
    assert any(note.startswith("No importance after Wasserman") for note in found.notes)
    with pytest.raises(lk.DataError, match="the roof leaves need"):
        lk.survey.house_of_quality(NEEDS, PARTS, STRENGTHS, roof, method="wasserman")


@pytest.mark.parametrize(
    ("comparisons", "says"),
    [
        ([[1, 3], [1 / 2, 1]], "must be reciprocal"),
        ([[1, 0], [0, 1]], "expected a number above 0"),
        ([[1, None], [None, 1]], "no row"),
    ],
)
def test_what_is_no_comparison_is_refused(comparisons: list[list[float | None]], says: str) -> None:
    with pytest.raises(lk.errors.LeverkitError, match=says if says != "no row" else "no chain|fewer|none"):
        lk.survey.ahp(comparisons, items=["x", "y"])


def test_what_fits_no_house_is_named() -> None:
    with pytest.raises(lk.ParameterError, match="a strength of the scale: 9, 3, 1 or 0"):
        lk.survey.house_of_quality(NEEDS, PARTS, [[9, 4, 0, 0], [3, 9, 1, 0], [0, 1, 9, 9]])
    with pytest.raises(lk.SchemaError, match="expected 3 × 4"):
        lk.survey.house_of_quality(NEEDS, PARTS, [[9, 3, 0, 0]])
    cells = pl.DataFrame({"need": ["x"], "characteristic": ["colour "], "strength": [9]})
    with pytest.raises(lk.ParameterError, match=r'"colour ".*did you mean "colour"'):
        lk.survey.house_of_quality(NEEDS, ["colour", "weight"], cells)


def test_the_picture_is_a_house(tmp_path: Path) -> None:
    names = ["<b>a</b>", "b & c", "c", "d"]
    roof = [[1, 0.3, 0, -0.2], [0.3, 1, 0, 0], [0, 0, 1, 0], [-0.2, 0, 0, 1]]
    picture = lk.survey.house_of_quality(NEEDS, names, STRENGTHS, roof).svg(tmp_path / "house.svg")
    tree = ET.fromstring(picture)
    texts = [node.text for node in tree.iter() if node.tag.endswith("text")]
    assert {"+", "−", "<b>a</b>", "b & c"} <= set(texts)
    assert (tmp_path / "house.svg").read_text(encoding="utf-8") == picture


def test_the_commands_do_the_same(tmp_path: Path) -> None:
    pairs = [(DRINKS[one], DRINKS[two], TIMES[one][two]) for one in range(7) for two in range(one + 1, 7)]
    pl.DataFrame(pairs, schema=["first", "second", "value"], orient="row").write_csv(tmp_path / "pairs.csv")
    done = CliRunner().invoke(app, ["survey", "ahp", str(tmp_path / "pairs.csv"), "-o", str(tmp_path / "out.parquet")])
    assert done.exit_code == 0, done.output
    weights = dict(pl.read_parquet(tmp_path / "out.parquet").select("item", "weight").iter_rows())
    assert [round(weights[name], 5) for name in DRINKS] == [round(weight, 5) for weight in WEIGHTS]

    pl.DataFrame({"need": list(NEEDS), "weight": list(NEEDS.values())}).write_csv(tmp_path / "needs.csv")
    pl.DataFrame({"characteristic": PARTS, "cost": [1.5, 2.5, 1.0, 2.0]}).write_csv(tmp_path / "parts.csv")
    cells = [
        (need, part, strength)
        for need, row in zip(NEEDS, STRENGTHS, strict=True)
        for part, strength in zip(PARTS, row, strict=True)
    ]
    pl.DataFrame(cells, schema=["need", "characteristic", "strength"], orient="row").write_csv(tmp_path / "cells.csv")
    files = ["--needs", str(tmp_path / "needs.csv"), "--characteristics", str(tmp_path / "parts.csv")]
    output = ["-o", str(tmp_path / "house.parquet"), "--svg", str(tmp_path / "house.svg")]
    done = CliRunner().invoke(app, ["survey", "house", str(tmp_path / "cells.csv"), *files, *output])
    assert done.exit_code == 0, done.output
    assert pl.read_parquet(tmp_path / "house.parquet")["raw"].to_list() == pytest.approx([5.4, 4.4, 2.1, 1.8])
    assert (tmp_path / "house.svg").read_text(encoding="utf-8").startswith("<svg")
