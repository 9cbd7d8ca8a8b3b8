"""Need segments: published classes, planted segments, one segment where there is no more, StepMix as an oracle."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app

ITEMS = [f"q{item}" for item in range(8)]


def planted(n: int = 600, sizes: tuple[float, ...] = (0.6, 0.4), seed: int = 1, missing: float = 0.0) -> pl.DataFrame:
    """Respondents of planted segments, of whom each says yes to its own items."""
    draw = random.Random(seed)
    rows = []
    for who in range(n):
        segment = draw.choices(range(len(sizes)), sizes)[0]
        said = {
            name: None if draw.random() < missing else draw.random() < (0.85 if place % len(sizes) == segment else 0.15)
            for place, name in enumerate(ITEMS)
        }
        rows.append(
            {
                "who": who,
                "true": segment,
                **said,
                "age": draw.gauss(40 + 10 * segment, 10),
                "margin": draw.gauss(5 + segment, 2),
            }
        )
    return pl.DataFrame(rows)


def noise(n: int = 400, seed: int = 1) -> pl.DataFrame:
    draw = random.Random(seed)
    return pl.DataFrame(
        [{name: draw.random() < 0.2 + 0.07 * place for place, name in enumerate(ITEMS)} for _ in range(n)]
    )


def agreement(found: lk.survey.Needs, answers: pl.DataFrame) -> float:
    both = found.respondents.join(answers.select(respondent="who", true="true"), on="respondent")
    counts = both.group_by("segment", "true").len()
    return counts.group_by("segment").agg(pl.col("len").max())["len"].sum() / both.height


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_planted_segments_are_found(missing: float) -> None:
    answers = planted(missing=missing)
    found = lk.survey.needs(answers, items=ITEMS, respondent="who", covariates="age", outcomes="margin", k=range(1, 5))
    assert found.table.height == 2
    first = found.table.row(0, named=True)
    assert first["lower"] < 0.6 < first["upper"]
    assert agreement(found, answers) > 0.93
    # Segments differ by 1 in margin and by 10 years, one standard deviation: its log odds ratio is 0.1 a year.
    means = found.outcomes["mean"].to_list()
    assert means[1] - means[0] == pytest.approx(1, abs=0.4)
    age = found.covariates.row(0, named=True)
    assert age["lower"] < 0.1 < age["upper"]
    assert found.hit_rate > found.base_rate
    assert found.typing["agreement"].is_sorted() or found.typing["agreement"][-1] == 1.0


def test_where_nobody_differs_there_is_one_segment() -> None:
    found = lk.survey.needs(noise(), items=ITEMS, k=range(1, 4))
    assert found.table["size"].to_list() == [1.0]
    assert any("One segment" in note for note in found.notes)
    assert found.covariates is None


def test_items_of_all_kinds_go_together() -> None:
    draw = random.Random(5)
    rows = []
    for who in range(500):
        first = who % 2 == 0
        rows.append(
            {
                "flag": draw.random() < (0.9 if first else 0.1),
                "word": draw.choices("xyz", (6, 2, 2) if first else (2, 2, 6))[0],
                "scale": draw.choices(range(1, 6), (1, 1, 2, 4, 6) if first else (6, 4, 2, 1, 1))[0],
                "number": draw.gauss(3.0 if first else 0.0, 1.0),
            }
        )
    found = lk.survey.needs(pl.DataFrame(rows), items=["flag", "word", "scale", "number"], k=[1, 2, 3])
    assert found.notes[:3] == ["Read as nominal: flag, word.", "Read as ordinal: scale.", "Read as continuous: number."]
    assert found.table["size"].to_list() == pytest.approx([0.5, 0.5], abs=0.06)
    means = found.profile.filter(item="number")["value"].sort().to_list()
    assert means == pytest.approx([0.0, 3.0], abs=0.3)


def test_others_get_their_segment() -> None:
    answers = planted()
    found = lk.survey.needs(answers, items=ITEMS, respondent="who", k=[2])
    again = found.assign(answers.head(50))
    assert again["segment"].to_list() == found.respondents["segment"].head(50).to_list()
    nobody = found.assign(pl.DataFrame({name: [None] for name in ITEMS}, schema=dict.fromkeys(ITEMS, pl.Boolean)))
    assert nobody.row(0, named=True) == {"row": 0, "segment": None, "probability": None, "known": 0}


def test_labels_of_a_scale_are_in_its_order_in_both_languages() -> None:
    draw = random.Random(3)
    words = ["very unimportant", "не важно", "neutral", "важно", "very important"]
    rows = [
        {f"q{item}": draw.choices(words, [4, 3, 2, 1, 1] if who % 2 else [1, 1, 2, 3, 4])[0] for item in range(5)}
        for who in range(300)
    ]
    answers = pl.DataFrame(rows)
    other = answers.with_columns(pl.all().replace({"не важно": "unimportant"}))
    other = other.with_columns(pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("не знаю")).otherwise("q0").alias("q0"))
    found = lk.survey.needs(answers, items=answers.columns, k=[2])
    assert any("Read as ordinal: q0" in note for note in found.notes)
    assert found.profile.filter(segment=1, item="q0")["level"].to_list() == words
    mixed = lk.survey.needs(pl.concat([answers, other]), items=answers.columns, k=[2])
    levels = mixed.profile.filter(segment=1, item="q0")["level"].to_list()
    assert len(levels) == 5
    assert levels[0] == "very unimportant"


def test_strata_and_a_small_population_narrow_limits_and_repeated_rows_are_left_out() -> None:
    answers = planted(200).with_columns(town=pl.when(pl.col("true") == 0).then(pl.lit("n")).otherwise(pl.lit("s")))
    plain = lk.survey.needs(answers, items=ITEMS, respondent="who", k=[2])
    small = lk.survey.needs(answers, items=ITEMS, respondent="who", strata="town", population=220.0, k=[2])
    width = [float((found.table["upper"] - found.table["lower"]).sum()) for found in (plain, small)]
    assert width[1] < 0.6 * width[0]
    again = lk.survey.needs(pl.concat([answers, answers.head(5)]), items=ITEMS, respondent="who", k=[2])
    assert again.table["size"].to_list() == plain.table["size"].to_list()
    assert [(left[0], left[1]) for left in again._engine.left_out] == [
        ("a second answer of the respondent to the same question, left out", 5)
    ]


def test_weights_count() -> None:
    answers = planted().with_columns(weight=pl.when(pl.col("true") == 0).then(1.0).otherwise(3.0))
    found = lk.survey.needs(answers, items=ITEMS, weight="weight", k=[2])
    assert found.n < 600
    share = 0.4 * 3 / (0.4 * 3 + 0.6)
    assert found.table["size"][0] == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize(
    ("columns", "options", "says"),
    [
        ({"a": [1, 1, 1], "b": [1, 2, 1]}, {}, "equal answers"),
        ({"a": [str(n) for n in range(40)], "b": [1, 2] * 20}, {}, "40 different answers"),
        ({"a": [True, False] * 20, "b": [True, False] * 20}, {"k": [1, 2]}, "2 segments leave -2 degrees of freedom"),
        ({"a": ["x", "y"] * 20, "b": [True, False] * 20}, {"kinds": {"a": ["x", "z"]}}, '"y" in row 1.*one of x, z'),
        ({"a": ["x", "y"] * 20, "b": [True, False] * 20}, {"kinds": {"a": "continuous"}}, "numbers for a continuous"),
        ({"a": [None, None], "b": [None, None]}, {}, "equal answers"),
    ],
)
def test_what_is_no_question_is_refused(
    columns: dict[str, list[object]], options: dict[str, object], says: str
) -> None:
    with pytest.raises(lk.errors.LeverkitError, match=says):
        lk.survey.needs(pl.DataFrame(columns, strict=False), items=["a", "b"], **options)


def test_the_command_does_the_same(tmp_path: Path) -> None:
    planted().drop("true").write_csv(tmp_path / "answers.csv")
    items = [word for name in ITEMS for word in ("--item", name)]
    output = ["--respondent", "who", "--most", "2", "-o", str(tmp_path / "out.parquet")]
    done = CliRunner().invoke(app, ["survey", "needs", str(tmp_path / "answers.csv"), *items, *output])
    assert done.exit_code == 0, done.output
    assert pl.read_parquet(tmp_path / "out.parquet").height == 2


def baskets(orders: int = 2000, is_planted: bool = True) -> lk.Ledger:
    """Orders of two missions, each with five categories of its own, of 200 customers."""
    draw = random.Random(3)
    rows = []
    for order in range(orders):
        own = range(5 * (order % 3 == 0), 5 + 5 * (order % 3 == 0)) if is_planted else range(10)
        day = f"2024-01-{1 + order % 28:02}"
        rows += [(order % 200, order, day, f"p{category}", 10.0) for category in draw.sample(own, 3)]
    frame = pl.DataFrame(rows, schema=["who", "order", "day", "category", "paid"], orient="row")
    return lk.Ledger(frame, customer="who", time="day", amount="paid", order="order", product="category")


def test_missions_are_found_where_there_are_some_and_one_where_there_are_none() -> None:
    found = lk.survey.needs_from_baskets(baskets(), k=[1, 2, 3, 4])
    assert found.table["share"].to_list() == pytest.approx([2 / 3, 1 / 3], abs=0.01)
    assert found.table["orders"].to_list() == [1333, 667]
    assert found.table["revenue"].to_list() == [1333 * 30.0, 667 * 30.0]
    first = found.categories.filter(mission=1).head(5)["category"].sort().to_list()
    assert first == [f"p{category}" for category in range(5)]
    assert found.weekdays.group_by("mission").agg(pl.col("share").sum())["share"].to_list() == pytest.approx([1, 1])
    alone = lk.survey.needs_from_baskets(baskets(is_planted=False), k=[1, 2, 3])
    assert alone.table.height == 1


def test_missions_have_their_hours_where_times_have_a_clock() -> None:
    assert lk.survey.needs_from_baskets(baskets(), k=[2]).hours.is_empty()
    lines = baskets().to_frame()
    hour = pl.when(pl.col("order") % 3 == 0).then(9).otherwise(19)
    clocked = lines.with_columns(day=pl.col("day").cast(pl.Datetime("us")) + pl.duration(hours=hour))
    ledger = lk.Ledger(clocked, customer="who", time="day", amount="paid", order="order", product="category")
    found = lk.survey.needs_from_baskets(ledger, k=[2]).hours
    assert found.height == 48
    assert found.filter(pl.col("share") == 1.0).select("mission", "hour").rows() == [(1, 19), (2, 9)]


def churning(is_planted: bool, seed: int = 1) -> lk.Ledger:
    """Customers who order from both missions; where planted, those who drop the second in the middle third leave in the last more often."""
    draw = random.Random(seed)
    rows, order = [], 0
    for who in range(1500):
        drops, leaves = draw.random() < 0.4, draw.random()
        stays = leaves > (0.6 if is_planted and drops else 0.3)
        for third in range(3 if stays else 2):
            for _ in range(draw.randint(2, 4)):
                own = 5 if draw.random() < 0.5 and not (drops and third == 1) else 0
                day = dt.date(2024, 1, 1) + dt.timedelta(days=100 * third + draw.randint(0, 99))
                rows += [(who, order, day, f"p{own + category}", 10.0) for category in draw.sample(range(5), 3)]
                order += 1
    rows += [(0, -1, dt.date(2024, 1, 1), "p0", 1.0), (0, -2, dt.date(2024, 10, 26), "p0", 1.0)]
    frame = pl.DataFrame(rows, schema=["who", "order", "day", "category", "paid"], orient="row")
    return lk.Ledger(frame, customer="who", time="day", amount="paid", order="order", product="category")


def test_a_mission_whose_loss_foretells_leaving_is_told_from_one_whose_does_not() -> None:
    planted_row = _second_mission(churning(is_planted=True))
    assert planted_row["verdict"] == "higher"
    assert planted_row["lower"] < 0.3 < planted_row["upper"] + 0.1
    assert _second_mission(churning(is_planted=False))["verdict"] == "can't tell"


def _second_mission(ledger: lk.Ledger) -> dict[str, object]:
    found = lk.survey.needs_from_baskets(ledger, k=[2])
    own = found.categories.filter(category="p7").sort("share", descending=True)["mission"][0]
    return found.lost.filter(mission=own).row(0, named=True)


def test_few_orders_have_no_missions() -> None:
    with pytest.raises(lk.DataError, match="at least 100 are needed"):
        lk.survey.needs_from_baskets(baskets(orders=50))


def test_missions_need_customers_on_both_sides() -> None:
    lines = baskets().to_frame()
    roles: dict[str, Any] = {
        "customer": "who",
        "time": "day",
        "amount": "paid",
        "order": "order",
        "product": "category",
    }
    with pytest.raises(lk.DataError, match="none with a known category is left to fit missions to"):
        lk.survey.needs_from_baskets(lk.Ledger(lines.with_columns(who=pl.lit(7)), **roles))
    second = lines.with_columns(who=pl.col("who") % 2)
    unknown = second.with_columns(category=pl.when(pl.col("who") == 1).then("category"))
    with pytest.raises(lk.DataError, match="none with a known category is left to hold out"):
        lk.survey.needs_from_baskets(lk.Ledger(unknown, **roles))


def test_stepmix_finds_the_same_likelihood() -> None:
    stepmix = pytest.importorskip("stepmix.stepmix")
    answers = planted(sizes=(0.5, 0.3, 0.2))
    found = lk.survey.needs(answers, items=ITEMS, k=[3], simulations=19)
    matrix = answers.select(ITEMS).to_numpy().astype(int)
    model = stepmix.StepMix(
        n_components=3,
        measurement="binary",
        n_init=20,
        random_state=0,
        abs_tol=1e-12,
        rel_tol=0,
        max_iter=10000,
        verbose=0,
        progress_bar=0,
    ).fit(matrix)
    assert found.fits["log_likelihood"][0] == pytest.approx(model.score(matrix) * len(matrix), abs=1e-3)
    assert found.table["size"].to_list() == pytest.approx(sorted(np.asarray(model.weights_), reverse=True), abs=1e-3)
