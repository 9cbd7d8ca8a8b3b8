"""Kano: categories, coefficients and what a survey cannot tell; against the example of R's stp25kano, counted again by polars."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app

#: A pair of answers of each category.
PAIRS = {
    "M": ("neutral", "dislike"),
    "O": ("like", "dislike"),
    "A": ("like", "neutral"),
    "I": ("neutral", "neutral"),
    "R": ("dislike", "like"),
    "Q": ("like", "like"),
}

#: Counts M O A I R Q of 296 people, from the README of stp25kano, with better and worse.
SURVEY = {
    "Service app": ((95, 123, 45, 33, 0, 0), 0.567568, -0.736486),
    "Excellent service": ((101, 54, 54, 81, 3, 3), 0.372414, -0.534483),
    "Hotline": ((15, 24, 121, 124, 6, 6), 0.510563, -0.137324),
    "Loan machine": ((65, 87, 93, 51, 0, 0), 0.608108, -0.513514),
    "Ready-to-use return": ((9, 18, 83, 177, 6, 3), 0.351916, -0.094077),
}


def answers_of(features: dict[str, tuple[int, ...]]) -> pl.DataFrame:
    rows = []
    for feature, counts in features.items():
        pairs = [pair for pair, count in zip(PAIRS.values(), counts, strict=True) for _ in range(count)]
        rows += [
            {"who": who, "feature": feature, "with": has, "without": lacks} for who, (has, lacks) in enumerate(pairs)
        ]
    return pl.DataFrame(rows)


def kano(answers: object, **given: object) -> lk.survey.Kano:
    asked = {
        "feature": "feature",
        "functional": "with",
        "dysfunctional": "without",
        "respondent": "who",
        "replicates": 200,
    }
    return lk.survey.kano(answers, **(asked | given))  # type: ignore[arg-type]


ANSWERS = answers_of({name: counts for name, (counts, _, _) in SURVEY.items()})


def test_coefficients_and_tests_are_those_of_the_example() -> None:
    table = {row["feature"]: row for row in kano(ANSWERS).table.iter_rows(named=True)}
    for feature, (counts, better, worse) in SURVEY.items():
        row = table[feature]
        assert [row[letter] for letter in "MOAIRQ"] == pytest.approx(list(counts))
        assert (row["better"], row["worse"]) == pytest.approx((better, worse), abs=5e-7)
    app_row = table["Service app"]
    assert (app_row["strength"], app_row["total_strength"]) == pytest.approx((0.0946, 0.8885), abs=5e-5)
    assert app_row["fong_limit"] == pytest.approx(19.3636, abs=5e-5)
    assert app_row["p_value"] == pytest.approx(0.05639, abs=5e-6)
    assert table["Excellent service"]["fong_limit"] == pytest.approx(18.5247, abs=5e-5)
    assert (table["Hotline"]["mode"], table["Hotline"]["rule"]) == ("I", "A")
    assert (table["Loan machine"]["mode"], table["Loan machine"]["rule"]) == ("A", "O")


def test_a_category_is_declared_only_where_it_surely_leads() -> None:
    table = {row["feature"]: row for row in kano(ANSWERS).table.iter_rows(named=True)}
    verdicts = {feature: (row["category"], row["status"]) for feature, row in table.items()}
    assert verdicts["Service app"] == ("O", "clear")
    assert verdicts["Excellent service"] == ("M or I", "unclear"), "Fong calls it, p = 0.137 does not"
    assert verdicts["Hotline"] == ("I or A", "unclear")
    assert verdicts["Ready-to-use return"] == ("I", "clear")
    assert table["Excellent service"]["fong"]
    assert table["Service app"]["probability"] == pytest.approx(0.97, abs=5e-3)
    assert table["Hotline"]["probability"] == pytest.approx(0.577, abs=2e-3)


def test_ten_pairs_have_the_known_place_on_the_continuous_map() -> None:
    words = ["like", "must-be", "neutral", "live with", "dislike"]
    pairs = [(1, 5), (1, 3), (2, 5), (1, 4), (3, 5), (1, 5), (2, 4), (1, 3), (3, 3), (1, 5)]
    answers = pl.DataFrame({"with": [words[a - 1] for a, _ in pairs], "without": [words[b - 1] for _, b in pairs]})
    found = lk.survey.kano(answers, feature={"f": ["with", "without"]})
    row = found.continuous.row(0, named=True)
    assert (row["functional"], row["dysfunctional"]) == pytest.approx((2.8, 2.4))
    assert (row["functional_sd"], row["dysfunctional_sd"]) == pytest.approx((1.686548, 1.837873), abs=5e-7)
    assert row["covariance"] == pytest.approx(0.088889, abs=5e-7)
    assert found.table.select("O", "A", "M", "I").row(0) == pytest.approx((3, 3, 2, 2))
    assert found.table["status"][0] == "few"


def test_wide_long_and_tall_tables_say_the_same() -> None:
    long = answers_of({"a": (20, 30, 25, 15, 5, 5), "b": (50, 10, 10, 20, 5, 5)})
    wide = long.pivot("feature", index="who", values=["with", "without"])
    tall = long.unpivot(["with", "without"], index=["who", "feature"], variable_name="asked", value_name="said")
    pairs = {name: [f"with_{name}", f"without_{name}"] for name in ("a", "b")}
    of_long = kano(long).table
    assert lk.survey.kano(wide, feature=pairs, respondent="who", replicates=200).table.equals(of_long)
    assert kano(tall, question="asked", answer="said").table.equals(of_long)


def test_russian_labels_and_numbers_are_read() -> None:
    english = answers_of({"a": (20, 30, 25, 15, 5, 5)})
    words = {"like": "Мне нравится", "neutral": "Мне всё равно", "dislike": "Мне не нравится"}
    codes = {"like": 1, "neutral": 3, "dislike": 5}
    columns = ["with", "without"]
    russian = english.with_columns(pl.col(columns).replace_strict(words))
    numbered = english.with_columns(pl.col(columns).replace_strict(codes))
    turned = english.with_columns(pl.col(columns).replace_strict(codes) * -1 + 6)
    wanted = kano(english).table
    assert kano(russian).table.equals(wanted)
    assert kano(numbered).table.equals(wanted)
    assert "1 is read as like" in " ".join(kano(numbered).notes)
    with pytest.raises(lk.ParameterError, match="scale: got numbers"):
        kano(turned)
    assert kano(turned, scale={5: "like", 3: "neutral", 1: "dislike"}).table.equals(wanted)


def test_an_answer_off_the_scale_is_named_with_its_respondent_and_the_nearest_label() -> None:
    said = ["dislke" if at == 7 else said for at, said in enumerate(ANSWERS["with"])]
    with pytest.raises(lk.DataError, match=r'"dislke" of respondent "7" in row 7.*did you mean "dislike"'):
        kano(ANSWERS.with_columns(pl.Series("with", said)))


def test_doubts_are_counted_and_dropped_only_when_asked() -> None:
    rows = []
    for who in range(60):
        for at in range(5):
            pair = ("like", "like") if who < 3 else PAIRS["MOAI"[(who + at) % 4]]
            rows.append(
                {"who": who, "feature": f"f{at}", "with": pair[0], "without": pair[1], "took": 10 if who < 6 else 100}
            )
    answers = pl.DataFrame(rows)
    found = kano(answers, seconds="took")
    checks = {row["check"]: row for row in found.quality.iter_rows(named=True)}
    assert (checks["straight_lining"]["respondents"], checks["speeding"]["respondents"]) == (3, 6)
    assert (checks["contradictory"]["respondents"], checks["contradictory"]["answers"]) == (3, 15)
    assert found.n == 60
    assert kano(answers, seconds="took", drop=["contradictory", "speeding"]).n == 54
    with pytest.raises(lk.ParameterError, match="drop: got speeding"):
        kano(answers, drop="speeding")


def test_what_is_missing_is_counted() -> None:
    answers = ANSWERS.with_columns(
        pl.Series("without", [None if at < 4 else said for at, said in enumerate(ANSWERS["without"])]),
        pl.Series("who", [None if at == 5 else who for at, who in enumerate(ANSWERS["who"])]),
    )
    found = kano(pl.concat([answers, ANSWERS[10:12]]))
    notes = " ".join(found.notes)
    assert "4 pairs of answers" in notes
    assert "respondent unknown" in notes
    assert "second answer" in notes


def test_weights_strata_and_a_small_population_change_what_is_sure() -> None:
    answers = ANSWERS.with_columns(
        weight=pl.col("who").map_elements(lambda who: 1.0 if who % 2 else 5.0, pl.Float64), region=pl.col("who") % 3
    )
    plain, weighted = kano(answers), kano(answers, weight="weight", strata="region")
    width = lambda found: (found.table["better_upper"] - found.table["better_lower"]).mean()  # noqa: E731
    assert width(weighted) > width(plain) > width(kano(answers, population=400))
    with pytest.raises(lk.ParameterError, match="more than the 296 respondents"):
        kano(answers, population=100)
    with pytest.raises(lk.DataError, match="as in the respondent's other rows"):
        kano(answers.with_columns(weight=pl.int_range(pl.len()) + 1), weight="weight")


def test_bootstrap_limits_are_those_of_resampled_people() -> None:
    """The fast way draws counts; with all weights 1 but one it draws people."""
    row = kano(ANSWERS, replicates=4000).table.filter(feature="Service app").row(0, named=True)
    weights = ANSWERS.with_columns(w=pl.when(pl.col("who") == 0).then(1.0 + 1e-9).otherwise(1.0))
    slow = kano(weights, weight="w", replicates=4000).table.filter(feature="Service app").row(0, named=True)
    for limit in ("strength_lower", "strength_upper", "total_strength_lower", "total_strength_upper"):
        assert row[limit] == pytest.approx(slow[limit], abs=0.012), limit


def test_two_waves_and_costs_are_set_beside_the_survey() -> None:
    later = answers_of({"Hotline": (121, 24, 15, 124, 6, 6), "Loan machine": SURVEY["Loan machine"][0]})
    drift = kano(ANSWERS).drift(kano(later))
    moved = dict(drift.table.select("feature", "moved").iter_rows())
    assert moved == {"Hotline": True, "Loan machine": False}
    costs = pl.DataFrame({"feature": ["Hotline", "Service app"], "cost": [100.0, 100.0], "worth": [5e3, 5e3]})
    found = kano(ANSWERS).priorities(costs, margin="worth")
    assert found.is_money
    assert found.table["feature"][0] == "Service app"
    assert found.table["stake"][0] == pytest.approx(5e3 * 263 / 296)
    with pytest.raises(lk.DataError, match='did you mean "Hotline"'):
        kano(ANSWERS).priorities(pl.DataFrame({"feature": ["Hotlin"], "cost": [1.0]}))
    with pytest.raises(lk.DataError, match="a cost above 0"):
        kano(ANSWERS).priorities(pl.DataFrame({"feature": ["Hotline"], "cost": [0.0]}))


def test_segments_are_compared_among_all_features() -> None:
    draw = random.Random(1)
    rows = [
        {
            "who": who,
            "segment": "new" if who % 2 else None if who == 0 else "old",
            "feature": feature,
            "with": pair[0],
            "without": pair[1],
        }
        for who in range(300)
        for feature in ("same", "other")
        for pair in [PAIRS["A" if feature == "other" and who % 2 else draw.choice("MOAI")]]
    ]
    found = kano(pl.DataFrame(rows), by="segment")
    q = dict(found.differences.select("feature", "q_value").iter_rows())
    assert q["other"] < 1e-6
    assert q["same"] > 0.01
    assert found.segments.height == 4


def test_the_command_reads_pairs_of_columns(tmp_path: Path) -> None:
    answers = pl.DataFrame({"w": ["like"] * 40, "wo": ["dislike"] * 40})
    answers.write_csv(tmp_path / "answers.csv")
    shown = CliRunner().invoke(app, ["survey", "kano", str(tmp_path / "answers.csv"), "--pair", "app=w,wo"])
    assert shown.exit_code == 0, shown.output
    assert "app" in shown.output
    assert CliRunner().invoke(app, ["survey", "kano", str(tmp_path / "answers.csv"), "--pair", "app"]).exit_code == 2
