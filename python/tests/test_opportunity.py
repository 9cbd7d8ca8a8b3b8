"""Opportunities and sizes of surveys: Ulwick's score, its noise, and how many answers are needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app

TEN = pl.DataFrame({"i": [5, 4, 5, 3, 4, 5, 4, 2, 5, 4], "s": [2, 3, 4, 2, 1, 3, 5, 2, 2, 4]})


def survey(n: int, shares: list[tuple[float, float]], seed: int = 1) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "who": np.tile(np.arange(n), len(shares)),
            "need": np.repeat([f"need {at:02}" for at in range(len(shares))], n),
            "i": np.concatenate([np.where(draw.random(n) < share, 5, 2) for share, _ in shares]),
            "s": np.concatenate([np.where(draw.random(n) < share, 4, 3) for _, share in shares]),
        }
    )


def opportunity(answers: object, **given: object) -> lk.survey.Opportunity:
    asked = {"need": "need", "importance": "i", "satisfaction": "s", "respondent": "who", "replicates": 500}
    return lk.survey.opportunity(answers, **(asked | given))  # type: ignore[arg-type]


def test_ten_answers_have_the_known_score() -> None:
    found = lk.survey.opportunity(TEN, need={"find it": ["i", "s"]})
    row = found.table.row(0, named=True)
    assert (row["importance"], row["satisfaction"], row["score"]) == (8.0, 3.0, 13.0)
    assert (row["band"], row["status"], row["shrunk"]) == ("high", "few", None)
    means = lk.survey.opportunity(TEN, need={"find it": ["i", "s"]}, measure="mean")
    assert means.table["score"][0] == pytest.approx(10.8)
    assert means.table["band"][0] is None
    assert "limits of 10, 12 and 15 do not hold" in " ".join(means.notes)


def test_the_first_score_is_not_overstated_once_its_noise_is_off() -> None:
    draw = np.random.default_rng(3)
    raw, shrunk = [], []
    for seed in range(40):
        shares = list(
            zip(draw.normal(0.62, 0.15, 50).clip(0.05, 0.98), draw.normal(0.55, 0.15, 50).clip(0.05, 0.98), strict=True)
        )
        truth = {f"need {at:02}": 10 * (i + max(i - s, 0)) for at, (i, s) in enumerate(shares)}
        table = opportunity(survey(60, shares, seed), replicates=50).table
        first = table.sort("score", descending=True).row(0, named=True)
        raw.append(first["score"] - truth[first["need"]])
        shrunk.append(table["shrunk"][0] - truth[table["need"][0]])
    noise = float(np.std(shrunk) / np.sqrt(len(shrunk)))
    assert np.mean(raw) > 0.4
    assert abs(np.mean(shrunk)) < 3 * noise


def test_noise_around_no_gap_is_taken_off() -> None:
    table = opportunity(survey(100, [(0.6, 0.6)] * 20)).table
    assert table["debiased"].mean() < table["score"].mean()
    assert (table["shrunk"].max() - table["shrunk"].min()) < (table["score"].max() - table["score"].min()) / 2


def test_labels_of_two_scales_are_settled_by_the_others_or_asked_about() -> None:
    words = {
        1: "not at all satisfied",
        2: "somewhat satisfied",
        3: "satisfied",
        4: "very satisfied",
        5: "extremely satisfied",
    }
    said = TEN.with_columns(pl.col("s").replace_strict(words))
    assert lk.survey.opportunity(said, need={"find it": ["i", "s"]}).table["score"][0] == 13.0
    unclear = TEN.with_columns(s=pl.lit("very satisfied"))
    with pytest.raises(lk.DataError, match="to know which scale was used"):
        lk.survey.opportunity(unclear, need={"find it": ["i", "s"]})


def test_segments_that_differ_are_found() -> None:
    answers = survey(300, [(0.7, 0.5), (0.6, 0.5), (0.5, 0.5)]).with_columns(
        half=pl.when(pl.col("who") < 150).then(pl.lit("old")).otherwise(pl.lit("new"))
    )
    answers = answers.with_columns(
        i=pl.when((pl.col("need") == "need 01") & (pl.col("half") == "old")).then(5).otherwise("i")
    )
    table = opportunity(answers, by="half").segments
    assert table.height == 6
    assert set(table.filter(pl.col("q_value") < 0.01)["need"]) == {"need 01"}
    assert table.filter(need="need 01", segment="old")["difference_lower"][0] > 0


def test_the_number_of_answers_keeps_what_it_promises() -> None:
    assert lk.survey.sample_size(half_width=0.05).answers == 381
    assert lk.survey.sample_size(half_width=0.05, population=500, response=0.5).asked == 434
    with pytest.raises(lk.ParameterError, match="half_width, categories: got neither"):
        lk.survey.sample_size()
    with pytest.raises(lk.ParameterError, match="what up to"):
        lk.survey.sample_size(categories=[0.4, 0.4, 0.2])


def test_a_kano_survey_of_the_planned_size_finds_the_category() -> None:
    shares = [0.45, 0.25, 0.2, 0.1]
    n = lk.survey.sample_size(categories=shares, power=0.8).answers
    pairs = [("like", "neutral"), ("like", "dislike"), ("neutral", "dislike"), ("neutral", "neutral")]
    draw = np.random.default_rng(1)
    drawn = {f"f{at}": draw.choice(4, n, p=shares) for at in range(200)}
    answers = pl.DataFrame(
        {
            f"{name}{side}": [pairs[code][at] for code in codes]
            for name, codes in drawn.items()
            for at, side in enumerate("+-")
        }
    )
    found = lk.survey.kano(answers, feature={name: [f"{name}+", f"{name}-"] for name in drawn}, replicates=10)
    assert 0.7 < (found.table["category"] == "A").mean() < 0.95


def test_commands_show_their_tables(tmp_path: Path) -> None:
    TEN.write_csv(tmp_path / "ten.csv")
    asked = ["survey", "opportunity", str(tmp_path / "ten.csv"), "--pair", "find=i,s"]
    shown = CliRunner().invoke(app, asked)
    assert shown.exit_code == 0, shown.output
    assert "13" in shown.output
    assert "381" in CliRunner().invoke(app, ["survey", "sample-size", "--half-width", "0.05"]).output
