"""Journeys against pandas, attribution against hand-solved chains and simulation."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leverkit as lk

METHODS = ["first", "last", "linear", "position", "time_decay", "markov", "shapley"]


def log_of(journeys: list[str]) -> pl.DataFrame:
    """An event a letter, a day apart; an upper-case letter converts."""
    rows = [
        (who, f"2024-01-{day + 1:02}", letter.lower(), letter.isupper(), 10.0)
        for who, letters in enumerate(journeys)
        for day, letter in enumerate(letters)
    ]
    return pl.DataFrame(rows, schema=["who", "at", "what", "bought", "money"], orient="row")


def credit(journeys: list[str], method: str) -> dict[str, float]:
    found = lk.funnel.attribution(
        log_of(journeys), entity="who", time="at", channel="what", conversion="bought", value="money", method=method
    )
    table = found.table
    assert table["conversions"].sum() == pytest.approx(found.conversions)
    assert table["value"].sum() == pytest.approx(10 * found.conversions)
    return dict(table.select("channel", "conversions").iter_rows())


# journeys --------------------------------------------------------------------------------------------------------------


def test_a_journey_counted_by_hand() -> None:
    found = lk.funnel.journey(log_of(["aab", "ab", "aba", "c"]), entity="who", time="at", event="what")
    steps = {(row["from"], row["to"]): row for row in found.transitions.iter_rows(named=True)}
    assert steps["(start)", "a"]["count"] == 3
    assert steps["a", "b"]["count"] == 3
    assert steps["a", "a"]["count"] == 1
    assert steps["a", "b"]["probability"] == 3 / 5
    assert steps["a", "b"]["median_days"] == 1
    assert found.paths["path"].to_list() == ["a → a → b", "a → b", "a → b → a", "c"]
    loops = {(row["event"], row["via"]): row["count"] for row in found.loops.iter_rows(named=True)}
    assert loops == {("a", None): 1, ("a", "b"): 1}
    third = dict(found.step_matrix.filter(step=3).select("event", "share").iter_rows())
    assert third == {"a": 0.25, "b": 0.25, "(end)": 0.5}


def test_transitions_are_those_of_pandas() -> None:
    draw = random.Random(4)
    journeys = ["".join(draw.choice("abcd") for _ in range(draw.randrange(1, 9))) for _ in range(300)]
    frame = log_of(journeys)
    found = lk.funnel.journey(
        frame.sample(fraction=1, shuffle=True, seed=1), entity="who", time="at", event="what"
    ).transitions
    pairs = pd.DataFrame(
        [pair for letters in journeys for pair in itertools.pairwise(["(start)", *letters, "(end)"])],
        columns=["from", "to"],
    )
    expected = pairs.value_counts().to_dict()
    assert {(a, b): n for a, b, n in found.select("from", "to", "count").iter_rows()} == expected
    shares = pairs.groupby("from")["to"].value_counts(normalize=True).to_dict()
    assert {(a, b): p for a, b, p in found.select("from", "to", "probability").iter_rows()} == pytest.approx(shares)


def test_repeats_collapse_where_asked() -> None:
    found = lk.funnel.journey(log_of(["aaab", "ab"]), entity="who", time="at", event="what", collapse=True)
    assert found.paths.select("path", "entities").rows() == [("a → b", 2)]
    assert found.loops.height == 0


def test_long_paths_are_known_by_their_beginning() -> None:
    found = lk.funnel.journey(log_of(["abcab", "abc", "abcc"]), entity="who", time="at", event="what", steps=3)
    assert found.paths.select("path", "entities").rows() == [("a → b → c → …", 2), ("a → b → c", 1)]


def test_where_those_of_a_channel_stopped() -> None:
    log = log_of(["ab", "a", "abc", "b"]).with_columns(
        by=pl.when(pl.col("who") < 2).then(pl.lit("ads")).when(pl.col("who") == 2).then(pl.lit("mail"))
    )
    found = lk.funnel.journey(log, entity="who", time="at", event="what", channel="by")
    stopped = {(a, b): n for a, b, n in found.stopped.select("channel", "stopped_at", "entities").iter_rows()}
    assert stopped == {("ads", "b"): 1, ("ads", "a"): 1, ("mail", "c"): 1, (None, "b"): 1}
    staged = lk.funnel.journey(log, entity="who", time="at", event="what", channel="by", stages=["a", "c"]).stopped
    stopped = {(a, b): n for a, b, n in staged.select("channel", "stopped_at", "entities").iter_rows()}
    assert stopped == {("ads", "a"): 2, ("mail", "c"): 1, (None, None): 1}


def test_an_event_log_is_built_once() -> None:
    frame = log_of(["ab", "ba"])
    log = lk.funnel.EventLog(frame, entity="who", time="at", event="what")
    assert lk.funnel.journey(log).transitions.equals(
        lk.funnel.journey(frame, entity="who", time="at", event="what").transitions
    )


def test_mistakes_in_journeys_are_named() -> None:
    frame = log_of(["ab"])
    for arguments, error, message in (
        ({"event": "whatt"}, lk.SchemaError, 'did you mean "what"'),
        ({"steps": 0}, lk.ParameterError, "steps"),
        ({"steps": 99}, lk.ParameterError, "steps: got 99; expected 1 to 50"),
        ({"stages": ["z"]}, lk.ParameterError, "stages"),
        ({"stages": ["a", "a"]}, lk.ParameterError, "twice"),
        ({"level": 0}, lk.ParameterError, "level"),
    ):
        with pytest.raises(error, match=message):
            lk.funnel.journey(frame, **{"entity": "who", "time": "at", "event": "what", **arguments})
    with pytest.raises(lk.DataError, match="empty"):
        lk.funnel.journey(frame.head(0), entity="who", time="at", event="what")
    many = pl.DataFrame({"who": [1] * 600, "at": ["2024-01-01"] * 600, "what": [f"e{i}" for i in range(600)]})
    with pytest.raises(lk.ParameterError, match="600 kinds"):
        lk.funnel.journey(many, entity="who", time="at", event="what")


# attribution -----------------------------------------------------------------------------------------------------------


def test_rules_by_hand() -> None:
    one = ["abcA"]
    assert credit(one, "first") == {"a": 1, "b": 0, "c": 0}
    assert credit(["abC"], "last") == {"a": 0, "b": 0, "c": 1}
    assert credit(one, "linear") == {"a": 0.5, "b": 0.25, "c": 0.25}
    assert credit(["abcD"], "position") == pytest.approx({"a": 0.4, "b": 0.1, "c": 0.1, "d": 0.4})
    assert credit(["aB"], "position") == {"a": 0.5, "b": 0.5}
    decay = credit(["aB"], "time_decay")
    assert decay["a"] / decay["b"] == pytest.approx(2 ** (-1 / 7))


def test_shapley_by_hand() -> None:
    """Coalitions by brute force: v(S) counts conversions whose channels all lie in S."""
    journeys = ["A", "aB", "abC", "bC", "B", "ab", "c"]
    paths = [frozenset(letters.lower()) for letters in journeys if letters[-1].isupper()]

    def worth(coalition: frozenset[str]) -> int:
        return sum(path <= coalition for path in paths)

    expected = dict.fromkeys("abc", 0.0)
    for order in itertools.permutations("abc"):
        for place, channel in enumerate(order):
            before = frozenset(order[:place])
            expected[channel] += (worth(before | {channel}) - worth(before)) / 6
    assert credit(journeys, "shapley") == pytest.approx(expected)


def test_markov_by_hand() -> None:
    # a → b converts, a alone and b alone do not always: start goes to a with 2/3, to b with 1/3; a leads on to b with 1/2; b converts with 1/2.
    # P = 2/3 · 1/2 · 1/2 + 1/3 · 1/2 = 1/3. Without a 1/6 is left, without b nothing: effects 1/2 and 1.
    found = lk.funnel.attribution(
        log_of(["aB", "a", "b"]), entity="who", time="at", channel="what", conversion="bought"
    )
    table = {row["channel"]: row for row in found.table.iter_rows(named=True)}
    assert table["a"]["removal_effect"] == pytest.approx(0.5)
    assert table["b"]["removal_effect"] == pytest.approx(1)
    assert (table["a"]["conversions"], table["b"]["conversions"]) == pytest.approx((1 / 3, 2 / 3))


def removal_by_walking(journeys: list[str], removed: str, walks: int, draw: random.Random) -> float:
    """Share of walks on the chain that convert when all that comes to a channel is lost."""
    steps: dict[str, list[str]] = {}
    for letters in journeys:
        path = ["start", *letters.lower(), "yes" if letters[-1].isupper() else "no"]
        for state, following in itertools.pairwise(path):
            steps.setdefault(state, []).append(following)
    converted = 0
    for _ in range(walks):
        state = "start"
        while state not in ("yes", "no", removed):
            state = draw.choice(steps[state])
        converted += state == "yes"
    return converted / walks


def test_removal_effects_are_those_of_walking_the_chain() -> None:
    draw = random.Random(8)
    journeys = []
    for _ in range(200):
        letters = "".join(draw.choice("abcd") for _ in range(draw.randrange(1, 6)))
        journeys.append(letters[:-1] + letters[-1].upper() if draw.random() < 0.4 else letters)
    found = lk.funnel.attribution(log_of(journeys), entity="who", time="at", channel="what", conversion="bought")
    walks = 40_000
    whole = sum(letters[-1].isupper() for letters in journeys) / len(journeys)
    for row in found.table.iter_rows(named=True):
        left = removal_by_walking(journeys, row["channel"], walks, draw)
        error = (0.25 / walks) ** 0.5 / whole
        assert row["removal_effect"] == pytest.approx(1 - left / whole, abs=4 * error)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("abcABC", min_size=1, max_size=6), min_size=1, max_size=10), st.sampled_from(METHODS))
def test_whatever_the_paths_nobody_is_owed_less_than_nothing_and_sums_are_kept(
    journeys: list[str], method: str
) -> None:
    owed = credit(journeys, method)
    assert all(value >= 0 for value in owed.values())
    assert sum(owed.values()) == pytest.approx(sum(letter.isupper() for letters in journeys for letter in letters))


def test_conversions_without_a_touch_have_a_row_of_their_own() -> None:
    log = log_of(["aB", "C"]).with_columns(what=pl.when(pl.col("what") != "c").then(pl.col("what")))
    found = lk.funnel.attribution(log, entity="who", time="at", channel="what", conversion="bought")
    assert found.table["channel"].to_list() == ["a", "b", None]
    assert found.conversions == 2 == found.table["conversions"].sum()
    assert any("no touch before" in note for note in found.notes)


def test_limits_of_shares_cover_the_truth() -> None:
    draw = random.Random(5)
    kept = 0
    for _ in range(100):
        journeys = [
            (draw.choices("ab", [3, 1])[0] if draw.random() < 0.5 else "a") + ("B" if draw.random() < 0.3 else "A")
            for _ in range(400)
        ]
        found = lk.funnel.attribution(
            log_of(journeys), entity="who", time="at", channel="what", conversion="bought", method="last"
        )
        row = found.table.row(by_predicate=pl.col("channel") == "b", named=True)
        kept += row["lower"] <= 0.3 <= row["upper"]
    assert 88 <= kept <= 100


def test_the_clinic_s_best_channel_is_found() -> None:
    clinic = lk.datasets.clinic(leads=3000)
    found = lk.funnel.attribution(
        clinic.events, entity="patient", time="time", channel="channel", conversion="booked", method="last"
    )
    per_touch = found.table.drop_nulls("channel").with_columns(rate=pl.col("conversions") / pl.col("touches"))
    for row in per_touch.iter_rows(named=True):
        assert row["rate"] == pytest.approx(clinic.truth["book"][row["channel"]], abs=0.05)


def test_mistakes_in_attribution_are_named() -> None:
    frame = log_of(["aB"])
    arguments = {"entity": "who", "time": "at", "channel": "what", "conversion": "bought"}
    for more, error, message in (
        ({"method": "magic"}, lk.ParameterError, "method: got 'magic'"),
        ({"channel": "whatt"}, lk.SchemaError, 'did you mean "what"'),
        ({"half_life": 0}, lk.ParameterError, "half_life"),
        ({"conversion": "what"}, lk.SchemaError, "conversion"),
    ):
        with pytest.raises(error, match=message):
            lk.funnel.attribution(frame, **(arguments | more))
    below = frame.with_columns(bought=pl.lit(-1))
    with pytest.raises(lk.DataError, match='row 0 of column "bought" holds -1; expected a flag'):
        lk.funnel.attribution(below, **arguments)
    with pytest.raises(lk.DataError):
        lk.funnel.attribution(frame.head(0), **arguments)
    nobody = lk.funnel.attribution(log_of(["ab", "a"]), **arguments)
    assert nobody.conversions == 0
    assert any("No conversion" in note for note in nobody.notes)


SCRIPT = """
import leverkit as lk
c = lk.datasets.clinic(leads=1500)
found = lk.funnel.attribution(c.events, entity="patient", time="time", channel="channel", conversion="booked")
journey = lk.funnel.journey(c.events, entity="patient", time="time", event="event")
plans = lk.funnel.quantities(c.plans, entity="patient", levels=["recommended", "agreed", "performed"], value="price", by="doctor")
print(found.to_dict(), journey.to_dict(), plans.to_dict())
"""


def test_results_are_the_same_on_any_number_of_threads() -> None:
    def run(threads: int) -> str:
        return subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={"LEVERKIT_MAX_THREADS": str(threads)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert run(1) == run(2) == run(4)


def test_every_figure_can_be_drawn() -> None:
    clinic = lk.datasets.clinic(leads=200)
    found = lk.funnel.journey(clinic.events, entity="patient", time="time", event="event", channel="channel")
    for kind in ("sankey", "step_matrix", "transitions", "stopped"):
        assert "NaN" not in found.plot(kind).to_json()
    for log in (clinic.events, clinic.events.head(1)):
        owed = lk.funnel.attribution(log, entity="patient", time="time", channel="channel", conversion="booked")
        for kind in ("bars", "methods"):
            assert "NaN" not in owed.plot(kind).to_json()
