"""Best–worst choices: against published packages on 60 people's choices, and on simulated people whose utilities are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app

TASKS = pl.read_csv(Path(__file__).parent / "data" / "maxdiff.csv")
SHOWN = ["item1", "item2", "item3"]


def maxdiff(tasks: object = TASKS, **given: object) -> lk.survey.MaxDiff:
    asked = {"respondent": "person", "shown": SHOWN, "best": "best", "worst": "worst", "replicates": 200}
    return lk.survey.maxdiff(tasks, **(asked | given))  # type: ignore[arg-type]


def in_order(found: lk.survey.MaxDiff, column: str) -> list[float]:
    return found.table.sort("item")[column].to_list()


def test_counts_are_those_of_maxdiff_3() -> None:
    """The package maxdiff 3.0.3 on the same choices."""
    scores = in_order(maxdiff(individual=False), "score")
    assert scores == pytest.approx([0.633333, 0.283333, 0.033333, -0.026667, -0.33, -0.593333], abs=5e-7)


def test_the_model_of_pairs_has_the_known_maximum() -> None:
    """By BFGS of scipy, with errors by the sandwich of people without a correction."""
    found = maxdiff(individual=False)
    assert found.log_likelihood[0] == pytest.approx(-875.0512857, abs=5e-8)
    known = [2.016284, 1.397922, 1.016659, 0.927832, 0.468533, 0.0]
    assert in_order(found, "estimate") == pytest.approx(known, abs=1e-6)
    assert in_order(found, "plain_std_error")[0] == pytest.approx(0.13236, abs=5e-6)
    clustered = [0.178504, 0.15348, 0.150271, 0.144018, 0.138064]
    assert in_order(found, "std_error")[:5] == pytest.approx(clustered, abs=1e-6)
    shares = np.exp(known) / np.exp(known).sum()
    assert in_order(found, "share") == pytest.approx(list(shares), abs=1e-6)


def test_the_sequential_model_is_that_of_clogit() -> None:
    """`survival::clogit` of R, the best of all and then the worst of the rest."""
    found = maxdiff(model="sequential", individual=False)
    assert found.log_likelihood[0] == pytest.approx(-877.5233577, abs=5e-8)
    known = [2.55289, 1.751122, 1.266096, 1.20891, 0.629139, 0.0]
    assert in_order(found, "estimate") == pytest.approx(known, abs=1e-6)


def simulated(people: int, tasks: int, seed: int = 1) -> tuple[pl.DataFrame, np.ndarray]:
    draw = np.random.default_rng(seed)
    design = lk.survey.maxdiff_design([f"i{at}" for at in range(8)], per_task=4, tasks=tasks).table
    blocks = [task["item"].to_list() for _, task in design.group_by("task", maintain_order=True)]
    utilities = np.linspace(1.5, -1.5, 8) + draw.normal(0, 1.0, (people, 8))
    rows = []
    for person in range(people):
        for block in blocks:
            codes = [int(item[1:]) for item in block]
            pairs = [(a, b) for a in codes for b in codes if a != b]
            weights = np.exp([utilities[person, a] - utilities[person, b] for a, b in pairs])
            best, worst = pairs[draw.choice(len(pairs), p=weights / weights.sum())]
            rows.append(
                {
                    "who": person,
                    **{f"p{at}": item for at, item in enumerate(block)},
                    "best": f"i{best}",
                    "worst": f"i{worst}",
                }
            )
    return pl.DataFrame(rows), utilities - utilities.mean(1, keepdims=True)


def test_each_persons_utilities_are_found_again() -> None:
    tasks, truth = simulated(200, 12)
    found = lk.survey.maxdiff(
        tasks, respondent="who", shown=[f"p{at}" for at in range(4)], best="best", worst="worst", replicates=50
    )
    own = found.individuals.pivot("item", index="respondent", values="utility").sort("respondent")
    estimated = own.select(f"i{at}" for at in range(8)).to_numpy()
    assert np.corrcoef(estimated.ravel(), truth.ravel())[0, 1] > 0.88
    # Own utilities are nearer than the mean of all: what empirical Bayes is for.
    error = lambda of: np.sqrt(((of - truth) ** 2).mean())  # noqa: E731
    assert error(estimated) < 0.75 * error(np.broadcast_to(truth.mean(0), truth.shape))
    # Laplace's approximation sees a little less difference between people than there is, √(7/8) around their own means.
    assert found.population["sd"].mean() == pytest.approx(0.935, rel=0.25)
    assert found.respondents["random"].mean() < 0.1


def anchored(people: int = 400, seed: int = 1) -> tuple[pl.DataFrame, dict[str, float]]:
    """Choices by the sequential logit of utilities above the threshold of mattering, which is 0, and whether all of a task matter, some or none."""
    draw = np.random.default_rng(seed)
    truth = {f"i{at}": utility for at, utility in enumerate((1.5, 1.0, 0.5, 0.0, -0.5, -1.0))}
    design = lk.survey.maxdiff_design(list(truth), per_task=3, tasks=10).table
    blocks = [task["item"].to_list() for _, task in design.group_by("task", maintain_order=True)]
    rows = []
    for person in range(people):
        for block in blocks:
            felt = {item: truth[item] + draw.gumbel() - draw.gumbel() for item in block}
            first, *_, last = sorted(block, key=lambda item: -felt[item])
            said = "all" if felt[last] > 0 else "none" if felt[first] < 0 else "some"
            columns = {f"item{place + 1}": item for place, item in enumerate(block)}
            rows.append({"person": person, **columns, "best": first, "worst": last, "matter": said})
    return pl.DataFrame(rows), truth


def test_the_threshold_of_mattering_is_found() -> None:
    tasks, truth = anchored()
    found = maxdiff(tasks, anchor="matter", model="sequential")
    rows = {row["item"]: row for row in found.table.iter_rows(named=True)}
    assert set(rows) == set(truth)
    told = [rows[item]["matters"] for item in ("i0", "i1", "i4", "i5")]
    assert told == ["matters", "matters", "does not matter", "does not matter"]
    assert sorted(rows, key=lambda item: -rows[item]["estimate"]) == list(truth)
    assert sum(row["share"] for row in rows.values()) == pytest.approx(1.0)
    plain = maxdiff(tasks, model="sequential")
    assert in_order(found, "score") == in_order(plain, "score")
    assert (found.tasks, plain.tasks) == (4000, 4000)
    assert plain.table["matters"].null_count() == 6
    assert set(found.individuals["item"]) == set(truth)
    russian = tasks.with_columns(
        matter=pl.col("matter").replace({"all": "Все", "some": "некоторые", "none": "никакие"})
    )
    assert maxdiff(russian, anchor="matter", model="sequential").table.equals(found.table)


def test_an_answer_about_mattering_that_is_none_is_refused() -> None:
    tasks, _ = anchored(people=20)
    with pytest.raises(lk.DataError, match="all, some or none"):
        maxdiff(tasks.with_columns(matter=pl.lit("perhaps")), anchor="matter")


def test_people_who_choose_at_random_are_told() -> None:
    tasks, _ = simulated(150, 12)
    draw = np.random.default_rng(5)
    rows = []
    for row in tasks.iter_rows(named=True):
        if row["who"] < 30:
            best, worst = draw.choice([row[f"p{at}"] for at in range(4)], 2, replace=False)
            row |= {"best": str(best), "worst": str(worst)}
        rows.append(row)
    found = lk.survey.maxdiff(
        pl.DataFrame(rows),
        respondent="who",
        shown=[f"p{at}" for at in range(4)],
        best="best",
        worst="worst",
        replicates=50,
    )
    people = found.respondents.sort("respondent")
    assert people["random"].head(30).mean() > 0.8
    assert people["random"].tail(120).mean() < 0.1
    assert "choose no more consistently" in " ".join(found.notes)


def test_weights_count_people_more_than_once() -> None:
    weighted = maxdiff(
        TASKS.with_columns(w=pl.when(pl.col("person") <= 20).then(2.0).otherwise(1.0)), weight="w", individual=False
    )
    twice = pl.concat([TASKS, TASKS.filter(pl.col("person") <= 20).with_columns(pl.col("person") + 100)])
    repeated = maxdiff(twice, individual=False)
    assert in_order(weighted, "estimate") == pytest.approx(in_order(repeated, "estimate"), abs=1e-8)
    assert in_order(weighted, "score") == pytest.approx(in_order(repeated, "score"))


def test_tasks_that_cannot_be_used_are_counted() -> None:
    bad = pl.DataFrame(
        {
            "person": [1, 1, 1, 1],
            "item1": ["A", "A", "A", "A"],
            "item2": ["B", "A", "B", "B"],
            "item3": ["C", "C", "C", "C"],
            "best": ["A", "A", "D", None],
            "worst": ["A", "C", "C", "C"],
        }
    )
    notes = " ".join(maxdiff(pl.concat([TASKS.drop("task"), bad.cast({"person": pl.Int64})]), individual=False).notes)
    for said in (
        "1 tasks whose best is the worst",
        "1 tasks that show an item twice",
        "1 tasks whose best or worst was not shown",
        "1 tasks without a best",
    ):
        assert said in notes
    with pytest.raises(lk.DataError, match="1 tasks whose best is the worst"):
        maxdiff(bad.head(1), individual=False)


def test_items_that_are_never_compared_are_refused() -> None:
    apart = pl.DataFrame(
        {"person": [1, 2], "item1": ["A", "C"], "item2": ["B", "D"], "best": ["A", "C"], "worst": ["B", "D"]}
    )
    with pytest.raises(lk.DataError, match="never compared"):
        maxdiff(apart, shown=["item1", "item2"])


def test_an_item_that_always_wins_has_a_score_but_no_utility() -> None:
    rows = TASKS.filter((pl.col("best") == "A") | ~pl.any_horizontal(pl.col(SHOWN) == "A"))
    found = maxdiff(rows)
    assert found.table["estimate"].null_count() == 6
    assert found.table["item"][0] == "A"
    assert "A are always, or never, preferred" in found.table["reason"][0]
    assert found.individuals.height == 0


@pytest.mark.parametrize(("items", "per_task", "tasks"), [(7, 3, 7), (6, 3, 10), (9, 3, 12), (13, 4, 13)])
def test_balanced_designs_are_found_where_they_exist(items: int, per_task: int, tasks: int) -> None:
    found = lk.survey.maxdiff_design([f"i{at}" for at in range(items)], per_task=per_task, tasks=tasks)
    rows = {row["count"]: (row["least"], row["most"]) for row in found.balance.iter_rows(named=True)}
    assert found.is_balanced, rows
    places = rows["places"]
    assert places[1] - places[0] <= 2


def test_designs_that_cannot_work_are_refused() -> None:
    with pytest.raises(lk.ParameterError, match="places are too few"):
        lk.survey.maxdiff_design(list("abcdefgh"), per_task=3, tasks=2)
    with pytest.raises(lk.ParameterError, match="items: got"):
        lk.survey.maxdiff_design(["a", "a", "b"], per_task=2, tasks=4)
    with pytest.raises(lk.ParameterError, match="never compared"):
        lk.survey.maxdiff_design(list("abcdef"), per_task=2, tasks=3)


def test_the_command_shows_shares(tmp_path: Path) -> None:
    TASKS.write_csv(tmp_path / "tasks.csv")
    asked = [
        "survey",
        "maxdiff",
        str(tmp_path / "tasks.csv"),
        "--respondent",
        "person",
        "--best",
        "best",
        "--worst",
        "worst",
    ]
    shown = CliRunner().invoke(app, [*asked, *(part for name in SHOWN for part in ("--shown", name))])
    assert shown.exit_code == 0, shown.output
    made = CliRunner().invoke(app, ["survey", "maxdiff-design", "a", "b", "c", "d", "--per-task", "2", "--tasks", "6"])
    assert made.exit_code == 0, made.output
