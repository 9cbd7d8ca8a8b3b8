"""Surveys at their edges: codes of yes and no, nobody who buys, the choice of nothing."""

from __future__ import annotations

import polars as pl
import pytest

import leverkit as lk


def test_answers_of_one_and_two_are_asked_for() -> None:
    answers = pl.DataFrame({"price": [5, 5, 8, 8], "buys": [1, 2, 1, 2]})
    with pytest.raises(lk.DataError, match=r'column "buys" holds 2 in row 1; expected true and false, or 1'):
        lk.survey.gabor_granger(answers, price="price", buys="buys")


def test_where_nobody_buys_there_is_no_best_price() -> None:
    answers = pl.DataFrame({"price": [5, 5, 8, 8], "buys": [0, 0, 0, 0]})
    found = lk.survey.gabor_granger(answers, price="price", buys="buys", unit_cost=1.0)
    assert found.best.is_empty()
    assert any("there is no best price" in note for note in found.notes)
    assert "None of 4 respondents" in repr(found)
    assert "nobody would buy" in found.plot().layout.title.subtitle.text


def test_flags_of_positions_are_read_as_those_of_answers() -> None:
    prices = pl.DataFrame({"sku": ["a", "a"], "shop": ["us", "them"], "price": [9.0, 10.0], "promo": [2, 0]})
    with pytest.raises(lk.DataError, match="promotion"):
        lk.pricing.position(prices, product="sku", seller="shop", price="price", own="us", promotion="promo")


def tasks(price_of_none: float | None) -> pl.DataFrame:
    rows = [
        (task, option, price_of_none if option == "none" else 1.0 + (task * (1 + place) + place) % 5, place == task % 3)
        for task in range(30)
        for place, option in enumerate(["left", "right", "none"])
    ]
    return pl.DataFrame(rows, schema=["task", "option", "price", "picked"], orient="row")


def asked(choices: pl.DataFrame, **further: object) -> lk.survey.Conjoint:
    return lk.survey.conjoint(
        choices, situation="task", alternative="option", chosen="picked", price="price", **further
    )


def test_the_choice_of_nothing_without_a_constant_is_told() -> None:
    assert any("Alternative none has the same price" in note for note in asked(tasks(0.0)).notes)
    assert not any("Alternative none" in note for note in asked(tasks(0.0), constants=True).notes)


def test_the_choice_of_nothing_without_values_is_told() -> None:
    with pytest.raises(lk.DataError, match=r"Alternative none has no price .* constants=True"):
        asked(tasks(None))


def test_tasks_of_one_number_of_several_respondents_are_told_apart_by_advice() -> None:
    twice = pl.concat([tasks(0.0), tasks(0.0)])
    with pytest.raises(lk.DataError, match="make the situation of respondent and task"):
        asked(twice)


def test_the_name_of_the_chosen_alternative_is_understood() -> None:
    flags = tasks(0.0)
    named = flags.with_columns(picked=pl.col("option").filter(pl.col("picked")).first().over("task"))
    assert asked(named).table.equals(asked(flags).table)
    assert any("names the chosen alternative" in note for note in asked(named).notes)


def test_a_meter_without_too_cheap_has_the_other_points() -> None:
    four = {"tc": [3, 4, 5, 5, 6, 6, 7, 7, 8, 8], "c": [5, 6, 7, 8, 8, 9, 9, 10, 10, 11]}
    four |= {"e": [9, 10, 11, 11, 12, 12, 13, 14, 14, 15], "te": [12, 13, 13, 15, 15, 16, 17, 17, 18, 19]}
    asked = {"cheap": "c", "expensive": "e", "too_expensive": "te"}
    answers = pl.DataFrame(four)
    whole = lk.survey.van_westendorp(answers, too_cheap="tc", **asked)
    found = lk.survey.van_westendorp(answers.drop("tc"), **asked)
    assert found.points["marginal_cheapness"] is None and found.points["optimal"] is None
    for name in ("indifference", "marginal_expensiveness"):
        assert found.points[name] == whole.points[name]
    assert found.curves["too_cheap"].null_count() == found.curves.height
    assert "accept prices up to" in repr(found)
    assert any("which price is too cheap" in note for note in found.notes)
    assert "too cheap" not in [trace.name for trace in found.plot().data]
    with pytest.raises(lk.ParameterError, match="too_cheap"):
        lk.survey.van_westendorp(answers.with_columns(b=5), buy_cheap="b", buy_expensive="b", **asked)


def test_few_respondents_widen_the_limits_of_ratings() -> None:
    """Two answers of each of six respondents: Student's t has at most five degrees of freedom."""
    ratings = pl.DataFrame(
        {
            "who": [who for who in range(6) for _ in range(2)],
            "size": [0.0, 1.0] * 6,
            "score": [5, 8, 4, 6, 7, 8, 5, 9, 6, 6, 4, 8],
        }
    )
    found = lk.survey.rating_conjoint(ratings, rating="score", attributes=["size"], respondent="who")
    row = found.table.row(by_predicate=pl.col("term") == "size", named=True)
    # Each respondent's difference is one value: the mean of 3, 2, 1, 4, 0, 4 with the error of a sample of six.
    differences = pl.Series([3, 2, 1, 4, 0, 4], dtype=pl.Float64)
    assert row["estimate"] == pytest.approx(differences.mean())
    assert row["std_error"] == pytest.approx(differences.std() / 6**0.5)
    assert (row["upper"] - row["estimate"]) / row["std_error"] == pytest.approx(2.5706, abs=1e-3)


def test_answers_without_a_respondent_are_nobodys() -> None:
    rows = {"who": ["a", "a", None, None], "price": [5, 8, 5, 8], "buys": [1, 1, 0, 1]}
    found = lk.survey.gabor_granger(pl.DataFrame(rows), price="price", buys="buys", respondent="who")
    assert found.n == 1
    assert any("2 rows: respondent unknown" in note for note in found.notes)
