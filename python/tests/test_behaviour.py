"""What respondents do as customers: planted segments and needs are found, chance is called chance, and the ledger's sums are counted again."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app

START = dt.date(2023, 1, 1)


def company(n: int = 400, seed: int = 1, gap: float = 2.0) -> tuple[lk.Ledger, pl.DataFrame]:
    """Customers of two segments, of whom the hurried pay `gap` times as much an order; every second one answers."""
    draw = np.random.default_rng(seed)
    hurried = draw.random(n) < 0.4
    orders = 1 + draw.poisson(6, n)
    who = np.repeat(np.arange(n), orders)
    day = [START + dt.timedelta(days=int(at)) for at in draw.integers(0, 730, len(who))]
    paid = draw.gamma(4, 5, len(who)) * np.where(hurried[who], gap, 1.0)
    lines = pl.DataFrame({"customer": who, "day": day, "paid": paid, "cost": 0.6 * paid})
    answers = pl.DataFrame({"who": np.arange(n), "segment": np.where(hurried, "hurried", "thorough")})
    ledger = lk.Ledger(lines, customer="customer", time="day", amount="paid", unit_cost="cost")
    return ledger, answers.gather_every(2)


def cell(found: lk.survey.SegmentWorth, segment: str, measure: str) -> dict[str, object]:
    return found.table.filter(segment=segment, measure=measure).row(0, named=True)


def test_means_are_those_of_the_lines() -> None:
    ledger, answers = company()
    found = lk.survey.worth(ledger, answers, customer="who", days=365)
    lines = ledger.to_frame()
    last = lines["day"].max()
    year = lines.filter(pl.col("day") > last - dt.timedelta(days=365))
    spent = year.group_by("customer").agg(pl.col("paid").sum(), orders=pl.col("day").n_unique())
    both = answers.join(spent, left_on="who", right_on="customer", how="left").fill_null(0)
    for (segment,), own in both.group_by("segment"):
        assert cell(found, segment, "revenue")["value"] == pytest.approx(own["paid"].mean())
        assert cell(found, segment, "orders")["value"] == pytest.approx(own["orders"].mean())
        assert cell(found, segment, "check")["value"] == pytest.approx(own["paid"].sum() / own["orders"].sum())
        assert cell(found, segment, "margin")["value"] == pytest.approx(0.4 * own["paid"].mean())
    earlier = lines.filter(pl.col("day") <= last - dt.timedelta(days=365))["customer"].unique()
    there = both.filter(pl.col("who").is_in(earlier.implode()))
    own = there.filter(segment="hurried")
    assert cell(found, "hurried", "returned")["value"] == pytest.approx((own["orders"] > 0).mean())
    assert (found.n, found.unknown, found.without) == (200, 0, 200)
    assert found.segments["size"].sum() == pytest.approx(1.0)
    assert found.segments["revenue_share"].sum() == pytest.approx(1.0)
    by_group = found.groups.group_by("segment").agg(pl.col("value").sum())["value"]
    assert by_group.to_list() == pytest.approx([1.0, 1.0])


def test_a_segment_that_pays_more_is_found_and_one_that_does_not_is_not() -> None:
    ledger, answers = company()
    found = lk.survey.worth(ledger, answers, customer="who")
    assert cell(found, "hurried", "check")["verdict"] == "higher"
    assert cell(found, "hurried", "orders")["verdict"] == "can't tell"
    alarms = {"table": 0, "answered": 0}
    for seed in range(40):
        ledger, answers = company(seed=seed, gap=1.0)
        found = lk.survey.worth(ledger, answers, customer="who")
        for name in alarms:
            alarms[name] += int((getattr(found, name)["verdict"] != "can't tell").any())
    assert max(alarms.values()) <= 6  # 2 of 40 expected: a share of 5 % of false discoveries


def test_limits_hold_the_mean_of_all_customers() -> None:
    held = 0
    for seed in range(100):
        ledger, answers = company(seed=seed)
        row = lk.survey.worth(ledger, answers.with_columns(segment=pl.lit("all")), customer="who").table.row(
            0, named=True
        )
        year = ledger.to_frame().filter(pl.col("day") > pl.col("day").max() - dt.timedelta(days=365))
        held += row["lower"] <= year["paid"].sum() / ledger.n_customers <= row["upper"]
    assert held >= 93  # half of all customers answer, so 95 % limits of a large population hold more


def test_who_answers_is_compared_with_who_does_not() -> None:
    ledger, _ = company()
    spent = ledger.to_frame().group_by("customer").agg(pl.col("paid").sum()).sort("paid")
    rich = spent.tail(150).select(who="customer", segment=pl.lit("all"))
    found = lk.survey.worth(ledger, rich, customer="who")
    row = found.answered.filter(measure="revenue").row(0, named=True)
    assert (row["verdict"], row["value"] > row["others"]) == ("higher", True)
    assert any("not like the other customers in revenue" in note for note in found.notes)


def test_respondents_who_are_no_customers_are_told() -> None:
    ledger, answers = company()
    more = pl.DataFrame({"who": [10_001, 10_002], "segment": ["hurried", None]}).cast(answers.schema)
    found = lk.survey.worth(ledger, pl.concat([answers, more]), customer="who")
    assert found.unknown == 2
    assert any("2 respondents are no customers" in note for note in found.notes)
    with pytest.raises(lk.DataError, match="give the ids of the ledger"):
        lk.survey.worth(ledger, more, customer="who")
    with pytest.raises(lk.DataError, match="as in the respondent's other rows"):
        lk.survey.worth(ledger, pl.concat([answers, answers.with_columns(segment=pl.lit("x"))]), customer="who")


def test_weights_count_and_few_respondents_are_said() -> None:
    ledger, answers = company()
    heavy = answers.with_columns(weight=pl.when(pl.col("segment") == "hurried").then(3.0).otherwise(1.0))
    found = lk.survey.worth(ledger, heavy, customer="who", weight="weight")
    plain = lk.survey.worth(ledger, answers, customer="who")
    assert found.segments["size"][0] > plain.segments["size"][0]
    few = lk.survey.worth(ledger, answers.head(20), customer="who")
    assert any("fewer than 30 customers" in note for note in few.notes)


def test_need_segments_meet_money() -> None:
    ledger, answers = company()
    draw = np.random.default_rng(4)
    hurried = (answers["segment"] == "hurried").to_numpy()
    said = {f"q{item}": draw.random(len(hurried)) < np.where(hurried == (item < 3), 0.9, 0.15) for item in range(6)}
    needs = lk.survey.needs(
        answers.with_columns(**{name: pl.Series(flags) for name, flags in said.items()}),
        items=list(said),
        respondent="who",
        k=[1, 2],
    )
    found = lk.survey.worth(ledger, needs.respondents)
    assert sorted(found.table.filter(measure="check")["verdict"]) == ["higher", "lower"]


def satisfied(n: int = 1500, seed: int = 1, effect: float = 0.25) -> tuple[lk.Ledger, pl.DataFrame]:
    """Good customers return more and are more satisfied with the range, which does nothing; speed adds `effect` to the chance of return."""
    draw = np.random.default_rng(seed)
    good = draw.random(n)
    orders = 1 + draw.poisson(6 * good)
    fast = draw.random(n) < 0.5
    pleased = draw.random(n) < 0.2 + 0.6 * good
    returns = draw.random(n) < 0.15 + 0.4 * good + effect * fast
    who = np.repeat(np.arange(n), orders)
    before = [START + dt.timedelta(days=int(at)) for at in draw.integers(0, 300, len(who))]
    after = [dt.date(2023, 12, 1) + dt.timedelta(days=int(at)) for at in draw.integers(0, 60, int(returns.sum()))]
    lines = pl.DataFrame(
        {"customer": [*who, *np.nonzero(returns)[0], 0], "day": [*before, *after, dt.date(2024, 6, 1)]}
    )
    ledger = lk.Ledger(lines.with_columns(paid=10.0), customer="customer", time="day", amount="paid")
    answers = pl.DataFrame({"respondent": np.arange(n), "fast": np.where(fast, 5, 2), "range": np.where(pleased, 4, 3)})
    return ledger, answers


def test_a_need_that_matters_is_told_from_one_that_goes_with_good_customers() -> None:
    found = lk.survey.met_needs(*satisfied(), needs=["fast", "range"], on=dt.date(2023, 11, 15))
    fast, pleased = found.table.iter_rows(named=True)
    assert fast["verdict"] == "higher"
    assert fast["lower"] < 0.25 < fast["upper"]
    # Those pleased with the range return more, as good customers do; beside equal ones they do not.
    assert pleased["returned_met"] - pleased["returned_unmet"] > 0.05
    assert abs(pleased["effect"]) < 0.08
    assert fast["kept"] > fast["effect"]
    assert found.returned == pytest.approx(0.475, abs=0.05)


def test_limits_of_effects_hold_nothing_where_there_is_nothing() -> None:
    held = 0
    for seed in range(60):
        table = lk.survey.met_needs(*satisfied(600, seed, effect=0.0), needs="fast", on="2023-11-15").table
        held += table["lower"][0] <= 0.0 <= table["upper"][0]
    assert held >= 53


def test_a_met_need_enters_the_plan_with_its_grade() -> None:
    found = lk.survey.met_needs(*satisfied(), needs=["fast", "range"], on="2023-11-15")
    share = found.as_share("fast")
    assert (share["grade"], share["n"]) == ("observed", found.n)
    with pytest.raises(lk.ParameterError, match="expected one of fast, range"):
        found.as_share()
    ledger = lk.datasets.company(months=18).ledger()
    alone = lk.survey.met_needs(*satisfied(), needs="fast", on="2023-11-15")
    plan = lk.plan(ledger, limit_day={"horizon": 90}, assumptions={"kept": alone}, draws=500)
    row = plan.table.filter(lever="keep_customers").row(0, named=True)
    assert (row["assumed"], row["assumed_grade"], row["grade"]) == (
        alone.as_share()["estimate"],
        "observed",
        "observed",
    )


def test_the_day_of_the_answer_may_be_a_column_and_horizons_that_are_not_over_are_told() -> None:
    ledger, answers = satisfied()
    dated = answers.with_columns(day=pl.lit("2023-11-15"))
    same = lk.survey.met_needs(ledger, dated, needs="fast", asked="day")
    assert same.table.equals(lk.survey.met_needs(ledger, answers, needs="fast", on="2023-11-15").table)
    late = dated.with_columns(day=pl.when(pl.col("respondent") < 100).then(pl.lit("2024-05-01")).otherwise("day"))
    found = lk.survey.met_needs(ledger, late, needs="fast", asked="day")
    assert any("100 respondents left out whose 90 days" in note for note in found.notes)
    with pytest.raises(lk.ParameterError, match="the day of all"):
        lk.survey.met_needs(ledger, dated, needs="fast", asked="day", on="2023-11-15")
    with pytest.raises(lk.DataError, match="20 respondents can be compared"):
        lk.survey.met_needs(ledger, answers.head(20), needs="fast", on="2023-11-15")


def test_commands_show_their_tables(tmp_path: Path) -> None:
    ledger, answers = company()
    ledger.to_frame().write_csv(tmp_path / "lines.csv")
    answers.write_csv(tmp_path / "answers.csv")
    roles = ["--customer", "customer", "--time", "day", "--amount", "paid"]
    asked = ["survey", "worth", str(tmp_path / "lines.csv"), *roles, "--answers", str(tmp_path / "answers.csv")]
    shown = CliRunner().invoke(app, [*asked, "--respondent", "who", "-o", str(tmp_path / "worth.parquet")])
    assert shown.exit_code == 0, shown.output
    assert set(pl.read_parquet(tmp_path / "worth.parquet")["segment"]) == {"hurried", "thorough"}
    ledger, answers = satisfied()
    ledger.to_frame().write_csv(tmp_path / "lines.csv")
    answers.write_csv(tmp_path / "met.csv")
    asked = ["survey", "met-needs", str(tmp_path / "lines.csv"), *roles, "--answers", str(tmp_path / "met.csv")]
    shown = CliRunner().invoke(app, [*asked, "--need", "fast", "--on", "2023-11-15"])
    assert shown.exit_code == 0, shown.output
    assert "higher" in shown.output


def test_respondents_without_a_segment_are_told() -> None:
    ledger, answers = company()
    some = answers.with_columns(segment=pl.when(pl.col("who") < 20).then(None).otherwise(pl.col("segment")))
    found = lk.survey.worth(ledger, some, customer="who")
    assert "10 respondents have no segment: they count among those who answered alone." in found.notes
    assert found.n == answers.height and found.segments["n"].sum() == answers.height - 10
