"""The stage funnel against chDB, whose windowFunnel it agrees with in every mode, and by statements about small logs."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import chdb
import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app
from leverkit.datasets import campaign_journey

START = dt.datetime(2024, 1, 1)

#: All combinations that ClickHouse allows, but for those that add up to one of these.
MODES = [
    (),
    ("strict_deduplication",),
    ("strict_order",),
    ("strict_increase",),
    ("strict_once",),
    ("strict_order", "allow_reentry"),
    ("strict_order", "strict_increase"),
    ("strict_order", "strict_deduplication"),
    ("strict_order", "strict_once"),
    ("strict_order", "strict_once", "allow_reentry"),
    ("strict_order", "strict_increase", "strict_once", "strict_deduplication"),
    ("strict_deduplication", "strict_increase"),
    ("strict_deduplication", "strict_once"),
    ("strict_increase", "strict_once"),
]

#: Stages that differ, that overlap, and that come twice.
CHAINS: list[list[list[str]]] = [
    [["a"], ["b"], ["c"]],
    [["a"], ["b"], ["c"], ["d"], ["e"]],
    [["a"], ["b"], ["a"]],
    [["a"], ["a", "b"], ["b", "c"]],
    [["a", "b"], ["a", "b"], ["a", "b", "c"]],
]


def ours(modes: Sequence[str]) -> list[str]:
    """The modes that answer as chDB's windowFunnel, whose strict increase looks at the latest event of the stage before alone."""
    return ["strict_increase_latest" if mode == "strict_increase" else mode for mode in modes]


def events(rows: Iterable[tuple[Any, int, str]]) -> pl.DataFrame:
    """A log of entity, second and name."""
    frame = pl.DataFrame(list(rows), schema=["who", "second", "what"], orient="row")
    return frame.with_columns(at=pl.lit(START) + pl.duration(seconds="second"))


def funnel(frame: Any, stages: Any, **asked: Any) -> lk.funnel.StageFunnel:
    return lk.funnel.stages(frame, entity="who", time="at", stage="what", stages=stages, **asked)


def random_logs(seed: int, entities: int) -> pl.DataFrame:
    """Short logs of few moments, so that many events are tied, in random order; other events in between."""
    draw = random.Random(seed)
    rows = []
    for who in range(entities):
        moments, names = draw.choice([3, 6, 20]), "abcdex"[: draw.choice([3, 4, 6])]
        rows += [(who, draw.randrange(moments), draw.choice(names)) for _ in range(draw.randrange(1, 14))]
    draw.shuffle(rows)
    return events(rows)


def levels_of(found: lk.funnel.StageFunnel) -> dict[int, int]:
    """How far each entity came."""
    return {
        who: place
        for place, stage in enumerate(found.params["stages"], 1)
        for who in found.dropped(stage)["who"].to_list()
    }


def levels_of_chdb(
    frame: pl.DataFrame, chain: Sequence[Sequence[str]], window: int
) -> dict[tuple[str, ...], dict[int, int]]:
    """The levels of windowFunnel in all modes, from one query."""
    log = frame.select("who", "second", "what").to_arrow()
    assert log.num_rows == frame.height
    conditions = ", ".join("what in ({})".format(", ".join(f"'{name}'" for name in names)) for names in chain)
    columns = [
        f"windowFunnel({', '.join([str(window), *(repr(mode) for mode in modes)])})(toUInt64(second), {conditions}) as m{place}"
        for place, modes in enumerate(MODES)
    ]
    found = chdb.query(f"select who, {', '.join(columns)} from Python(log) group by who", "ArrowTable")
    whos = found["who"].to_pylist()
    return {
        modes: {who: level for who, level in zip(whos, found[f"m{place}"].to_pylist(), strict=True) if level > 0}
        for place, modes in enumerate(MODES)
    }


@pytest.mark.parametrize("chain", CHAINS)
def test_levels_are_chdb_s_in_every_mode(chain: list[list[str]]) -> None:
    frame = random_logs(len(chain) * 7 + len(chain[1]), 4000)
    log = lk.funnel.EventLog(frame, entity="who", time="at", event="what")
    for window in (1, 5, 100):
        theirs = levels_of_chdb(frame, chain, window)
        for modes in MODES:
            found = lk.funnel.stages(log, stages=chain, window=f"{window}s", mode=ours(modes), ties="lenient")
            assert levels_of(found) == theirs[modes], (window, modes)


def test_published_cases_of_click_house() -> None:
    """Those of 00632_aggregation_window_funnel.sql, and histories of our own, with the answers that chDB gives today."""
    users = ["abc", "adbc", "aabbcc", "aaaabbcc", "aabbdcc", "ccbbaa", "acb", "abacbc", "adcbabc"]
    frame = events((who, second, name) for who, names in enumerate(users) for second, name in enumerate(names))
    log = lk.funnel.EventLog(frame, entity="who", time="at", event="what")
    theirs = levels_of_chdb(frame, [["a"], ["b"], ["c"]], 86_400)
    assert [theirs[()][who] for who in range(7)] == [3, 3, 3, 3, 3, 1, 2], "as published"
    assert [theirs["strict_order",][who] for who in range(7)] == [3, 1, 3, 3, 2, 1, 1], "as published"
    for modes in MODES:
        found = lk.funnel.stages(log, stages=list("abc"), window="1d", mode=ours(modes), ties="lenient")
        assert levels_of(found) == theirs[modes], modes


def test_events_without_ties_are_the_same_by_every_rule() -> None:
    draw = random.Random(3)
    frame = events((who, second, draw.choice("abcd")) for who in range(500) for second in draw.sample(range(400), 12))
    tables = [funnel(frame, list("abc"), window="60s", ties=ties).table for ties in ("input", "lenient", "strict")]
    assert tables[0].equals(tables[1]) and tables[0].equals(tables[2])
    assert tables[0]["ties_lower"].equals(tables[0]["ties_upper"].alias("ties_lower"))


def test_the_interval_of_ties_is_that_of_the_rules() -> None:
    frame = random_logs(11, 2000)
    counts = {
        ties: funnel(frame, list("abc"), window="9s", ties=ties).table["reached"]
        for ties in ("input", "lenient", "strict")
    }
    found = funnel(frame, list("abc"), window="9s")
    assert found.table["ties_lower"].to_list() == counts["strict"].to_list()
    assert found.table["ties_upper"].to_list() == counts["lenient"].to_list()
    assert any("Ties matter" in note for note in found.notes)
    again = funnel(frame.sample(fraction=1.0, shuffle=True, seed=1), list("abc"), window="9s")
    assert again.table["ties_lower"].equals(found.table["ties_lower"]), (
        "lenient and strict do not depend on the order of rows"
    )
    assert again.table["ties_upper"].equals(found.table["ties_upper"])


def test_dates_alone_tie_and_the_rules_say_what_that_means() -> None:
    frame = events([("x", 0, "buy"), ("x", 0, "see"), ("y", 0, "see"), ("y", 0, "buy")]).with_columns(
        pl.col("at").dt.date()
    )
    reached = {
        ties: funnel(frame, ["see", "buy"], ties=ties).table["reached"][1] for ties in ("input", "lenient", "strict")
    }
    assert reached == {"input": 1, "lenient": 2, "strict": 0}


def test_the_table_is_what_its_columns_say() -> None:
    frame = events(
        [
            (1, 0, "a"),
            (1, 86_400, "b"),
            (2, 0, "a"),
            (2, 3 * 86_400, "b"),
            (2, 4 * 86_400, "c"),
            (3, 5, "a"),
            (4, 0, "b"),
        ]
    )
    frame = frame.with_columns(paid=pl.col("second") * 1.0)
    found = funnel(frame, list("abc"), value="paid")
    rows = found.table.to_dicts()
    assert [row["reached"] for row in rows] == [3, 2, 1]
    assert [row["dropped"] for row in rows] == [1, 1, 0]
    assert [row["from_previous"] for row in rows] == [None, pytest.approx(2 / 3), 0.5]
    assert [row["from_first"] for row in rows] == [1.0, pytest.approx(2 / 3), pytest.approx(1 / 3)]
    assert [row["median_time"] for row in rows] == [None, 2.0, 1.0]
    assert [row["value"] for row in rows] == [5.0, 4 * 86_400.0, 4 * 86_400.0]
    # Wilson's limits of 2 of 3: R, binom::binom.confint(2, 3, methods = "wilson").
    assert (rows[1]["lower"], rows[1]["upper"]) == pytest.approx((0.2076596, 0.9385081), abs=1e-6)
    since_first = found.times.filter(stage="c", since="first").row(0, named=True)
    assert (since_first["n"], since_first["p50"]) == (1, 4.0)
    assert found.curves.filter(stage="b")["share"].max() == pytest.approx(2 / 3)
    assert found.dropped("a").to_dicts() == [
        {"who": 3, "group": "all", "stage": "a", "time": START + dt.timedelta(seconds=5), "value": 5.0}
    ]


def test_groups_add_up_and_are_those_of_the_first_stage() -> None:
    frame = random_logs(5, 800).with_columns(channel=pl.col("who") % 3)
    frame = frame.with_columns(channel=pl.when(pl.col("who") < 50).then(None).otherwise("channel"))
    whole, parts = funnel(frame, list("abc")), funnel(frame, list("abc"), by="channel")
    assert parts.table["group"].unique(maintain_order=True).to_list() == ["0", "1", "2", None]
    for column in ("reached", "dropped"):
        assert (
            parts.table.group_by("stage", maintain_order=True)
            .agg(pl.col(column).sum())[column]
            .equals(whole.table[column])
        )
    one = funnel(frame.filter(channel=1), list("abc"))
    assert parts.table.filter(group="1")["reached"].equals(one.table["reached"])


def test_comparison_has_limits_and_splits_mix_from_rate() -> None:
    def period(shares: dict[str, tuple[int, int]]) -> lk.funnel.StageFunnel:
        rows = []
        for channel, (came, bought) in shares.items():
            rows += [(f"{channel}{n}", 0, "see", channel) for n in range(came)]
            rows += [(f"{channel}{n}", 9, "buy", channel) for n in range(bought)]
        frame = pl.DataFrame(rows, schema=["who", "second", "what", "channel"], orient="row")
        return funnel(
            frame.with_columns(at=pl.lit(START) + pl.duration(seconds="second")), ["see", "buy"], by="channel"
        )

    before = period({"ads": (100, 10), "mail": (100, 50)})
    after = period({"ads": (300, 30), "mail": (100, 60), "new": (50, 5)})
    found = before.compare(after)
    row = found.table.row(1, named=True)
    assert row["difference"] == pytest.approx(95 / 450 - 60 / 200)
    assert row["lower"] < row["difference"] < row["upper"] < 0.01
    assert found.mix["mix"].sum() + found.mix["rate"].sum() == pytest.approx(row["difference"], abs=1e-12)
    rates = dict(found.mix.select("group", "rate").iter_rows())
    assert rates["ads"] == rates["new"] == 0, "where a group's own conversion has not changed, all is mix"
    # Newcombe (1998), method 10, of 56/70 against 48/80: 0.0524 to 0.3339, as in his table II (a).
    pair = period({"a": (80, 48), "b": (70, 56)}).compare(base_group="a", against_group="b").table.row(1, named=True)
    assert (pair["difference"], pair["lower"], pair["upper"]) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    with pytest.raises(lk.ParameterError, match="same stages"):
        before.compare(funnel(events([(1, 0, "a"), (1, 1, "b")]), ["a", "b"]))
    with pytest.raises(lk.ParameterError, match="group"):
        before.compare(base_group="tv")


def test_rules_name_stages_and_filter_by_columns() -> None:
    frame = events([(1, 0, "see"), (1, 1, "buy"), (2, 0, "visit"), (2, 1, "buy"), (3, 0, "see"), (3, 1, "buy")])
    frame = frame.with_columns(product=pl.Series(["tea", "tea", "tea", "cup", "cup", "tea"]))
    bought = {"name": "Bought tea", "events": "buy", "where": {"product": ["tea"]}}
    found = funnel(frame, {"Came": ["see", "visit"], "Bought tea": bought})
    assert found.table.select("stage", "reached").rows() == [("Came", 3), ("Bought tea", 2)]
    assert funnel(frame, [["see", "visit"], "buy"], hold="product").table["reached"].to_list() == [3, 1]
    assert funnel(frame, ["see", {"where": {"product": "cup"}, "name": "cup"}]).table["reached"].to_list() == [2, 1]


def test_exclusions_optional_stages_and_windows_between_neighbours() -> None:
    frame = events(
        [
            (1, 0, "a"),
            (1, 1, "x"),
            (1, 2, "b"),
            (2, 0, "a"),
            (2, 50, "b"),
            (2, 99, "c"),
            (3, 0, "a"),
            (3, 5, "c"),
            (3, 6, "x"),
        ]
    )
    reached = lambda **asked: funnel(frame, list("abc"), **asked).table["reached"].to_list()  # noqa: E731
    assert reached(window="60s") == [3, 2, 0]
    assert reached(window="60s", exclude="x") == [3, 1, 0]
    assert reached(window="60s", exclude={"event": "x", "after": "b"}) == [3, 2, 0]
    assert reached(window="60s", optional=["b"]) == [3, 2, 1]
    assert reached(window=dt.timedelta(seconds=60), window_from="previous") == [3, 2, 1]
    assert reached(window=None) == reached(window=1) == [3, 2, 1]
    assert funnel(frame, ["c", "b", "a"], mode="unordered", window="99s").table["reached"].to_list() == [3, 3, 1]


def test_the_audit_shows_the_spread_and_what_was_used() -> None:
    frame = random_logs(2, 500)
    log = lk.funnel.EventLog(frame, entity="who", time="at", event="what")
    found = lk.funnel.stages(log, stages=list("abc"), window="4s")
    audit = found.audit()
    used = audit.table.row(0, named=True)
    assert (used["used"], used["last"], used["ratio"]) == (True, found.table["reached"][2], 1.0)
    assert audit.spread[0] < used["last"] < audit.spread[1]
    for row in audit.table.iter_rows(named=True):
        again = lk.funnel.stages(
            log,
            stages=list("abc"),
            window=row["window_days"] and f"{round(row['window_days'] * 86_400e6)}us",
            mode=row["mode"].split(", "),
            ties=row["ties"],
            start=row["start"],
            window_from=row["window_from"],
        )
        assert again.table["reached"][2] == row["last"], row
    assert {"strict_order", "strict_once", "unordered"} <= set(audit.table["mode"])
    short = funnel(frame, list("abc"), window="4s").audit()
    assert "strict_order" not in set(short.table["mode"]) and "EventLog" in short.notes[0]


def test_exits_are_the_next_event_of_those_who_stopped() -> None:
    frame = events(
        [(1, 0, "a"), (1, 1, "x"), (2, 0, "a"), (3, 0, "a"), (3, 1, "x"), (3, 2, "y"), (4, 0, "a"), (4, 1, "b")]
    )
    found = funnel(frame, ["a", "b"], exits=True)
    assert found.exits.select("stage", "event", "entities").rows() == [("a", "x", 2), ("a", None, 1)]
    assert found.exits["share"].sum() == pytest.approx(1.0)


def test_a_ledger_s_lines_are_events() -> None:
    lines = pl.DataFrame(
        {
            "who": [1, 1, 2, 2, 3, 3],
            "day": ["2024-01-01", "2024-01-05", "2024-01-01", "2024-03-01", "2024-01-01", "2024-01-02"],
            "paid": [10.0, 20.0, 10.0, 20.0, 10.0, -5.0],
            "product": ["tea", "cup", "tea", "cup", "tea", "cup"],
            "shop": ["n", "s", "n", "n", "s", "s"],
        }
    )
    ledger = lk.Ledger(lines, customer="who", time="day", amount="paid", product="product", dimensions=["shop"])
    found = lk.funnel.stages(ledger, stages=["tea", "cup"], window="30d")
    assert found.table["reached"].to_list() == [3, 1]
    assert found.table["value"].to_list() == [30.0, 20.0]
    assert any("returns" in note for note in found.notes)
    assert lk.funnel.stages(ledger, stage="shop", stages=["n", "s"]).table["reached"].to_list() == [2, 1]
    assert lk.funnel.stages(ledger, stages=["tea", "cup"], hold="shop", window=None).table["reached"].to_list() == [
        3,
        1,
    ]


def test_any_kind_of_frame_gives_the_same() -> None:
    frame = random_logs(8, 300)
    expected = funnel(frame, list("abc")).table
    assert funnel(frame.lazy(), list("abc")).table.equals(expected)
    assert pl.DataFrame(funnel(frame.to_arrow(), list("abc")).table).equals(expected)
    assert (
        pl.from_pandas(funnel(frame.to_pandas(), list("abc")).table)
        .select("reached")
        .equals(expected.select("reached"))
    )
    assert funnel(duckdb.from_arrow(frame.to_arrow()), list("abc")).table.pl()["reached"].equals(expected["reached"])
    numbered = frame.with_columns(what=pl.col("what").replace_strict(dict(zip("abcdex", range(6), strict=True))))
    assert funnel(numbered, [0, 1, 2]).table["reached"].equals(expected["reached"])
    assert funnel(frame.with_columns(pl.col("what").cast(pl.Categorical)), list("abc")).table.equals(expected)


def test_spans_are_right_across_the_change_to_summer_time() -> None:
    # In Paris the night of 31 March 2024 is an hour short: from 1:30 to 3:30 is one hour.
    times = ["2024-03-31T00:30:00+00:00", "2024-03-31T01:30:00+00:00"]
    frame = pl.DataFrame({"who": [1, 1], "at": times, "what": ["a", "b"]})
    zoned = frame.with_columns(pl.col("at").str.to_datetime(time_zone="UTC").dt.convert_time_zone("Europe/Paris"))
    for log in (frame, zoned):
        assert funnel(log, ["a", "b"], window="1h").table["reached"].to_list() == [1, 1]
        assert funnel(log, ["a", "b"], window="59m").table["reached"].to_list() == [1, 0]


def test_bad_input_is_named() -> None:
    frame = events([(1, 0, "visit"), (1, 1, "purchase")])
    with pytest.raises(lk.ParameterError, match='did you mean "purchase"'):
        funnel(frame, ["visit", "purchse"])
    with pytest.raises(lk.ParameterError, match="2 to 32 stages"):
        funnel(frame, ["visit"])
    for window in (0, "0d", "-3d", dt.timedelta(0)):
        with pytest.raises(lk.ParameterError, match="window"):
            funnel(frame, ["visit", "purchase"], window=window)
    with pytest.raises(lk.ParameterError, match="there twice"):
        funnel(frame, ["visit", "purchase", "visit"], mode="unordered")
    with pytest.raises(lk.ParameterError, match="strict_order"):
        funnel(frame, ["visit", "purchase"], mode="allow_reentry")
    with pytest.raises(lk.ParameterError, match="strict_deduplication"):
        funnel(frame, ["visit", "purchase"], mode="strict")
    with pytest.raises(lk.ParameterError, match="ties"):
        funnel(frame, ["visit", "purchase"], ties="random")
    with pytest.raises(lk.DataError, match="the log is empty"):
        funnel(frame.clear(), ["visit", "purchase"])
    with pytest.raises(lk.DataError, match="1 lack an entity"):
        funnel(frame.head(1).with_columns(who=pl.lit(None)), ["visit", "purchase"])
    with pytest.raises(lk.SchemaError, match='did you mean "what"'):
        lk.funnel.stages(frame, entity="who", time="at", stage="whatt", stages=["visit", "purchase"])
    with pytest.raises(lk.SchemaError, match="time"):
        lk.funnel.stages(frame, entity="who", time="second", stage="what", stages=["visit", "purchase"])
    with pytest.raises(lk.SchemaError, match="chanel"):
        funnel(frame, ["visit", "purchase"], by="chanel")
    with pytest.raises(lk.ParameterError, match="one of"):
        funnel(frame, ["visit", "purchase"]).dropped("visits")
    with pytest.raises(TypeError, match="list of stages"):
        funnel(frame, "visit")
    with pytest.raises(TypeError, match="entity"):
        lk.funnel.stages(frame, stages=["visit", "purchase"])


def test_rows_that_cannot_be_used_are_counted() -> None:
    frame = pl.DataFrame(
        {
            "who": [1, None, 1, 1, 2, 2],
            "at": ["2024-01-01", "2024-01-01", "nonsense", "2024-01-02", "2024-01-01", "9999-12-31"],
            "what": ["a", "a", "b", None, "a", "b"],
            "paid": [1.0, 2.0, 3.0, 4.0, float("nan"), float("inf")],
        }
    )
    found = funnel(frame, ["a", "b"], value="paid")
    assert found.table["reached"].to_list() == [2, 0]
    assert found.table["value"].to_list() == [1.0, 0.0]
    told = " ".join(found.notes)
    assert (
        "1 of 6 rows without an entity" in told
        and "2 of 6 rows without a readable time" in told
        and "1 event that reached a stage without a known value" in told
    )
    assert lk.funnel.EventLog(frame, entity="who", time="at", event="what").left_out["no_event"] == 1


def test_nobody_at_the_first_stage_is_a_funnel_of_noughts() -> None:
    frame = events([(1, 0, "b"), (1, 1, "c"), (2, 5, "a")]).with_columns(kind=pl.Series(["x", "x", "y"]))
    nobody = funnel(frame, [{"name": "c of y", "events": "c", "where": {"kind": "y"}}, "b"])
    assert nobody.table["reached"].to_list() == [0, 0]
    assert nobody.table["from_previous"].to_list() == [None, None]
    assert nobody.audit().spread == (0, 0)
    for kind in ("funnel", "times"):
        nobody.plot(kind)


def test_results_have_what_all_results_have() -> None:
    frame = random_logs(4, 200)
    found = funnel(frame, list("abc"), exits=True)
    assert (
        found.policy.startswith("3 stages in order, within 30 days of the first")
        and found.params["policy"] == found.policy
    )
    assert found.policy in found.notes[0] and found.policy in found._repr_html_()
    assert set(found.to_dict()) == {"table", "times", "curves", "exits", "params", "notes"}
    with pytest.raises(AttributeError):
        found.table = None  # type: ignore[misc]
    for figure in (found.plot(), found.plot("times"), found.audit().plot(), found.compare(found).plot()):
        assert figure.layout.title.text


def test_campaigns_lead_to_coupons_and_purchases() -> None:
    log = campaign_journey()
    found = lk.funnel.stages(
        log,
        entity="household_id",
        time="time",
        stage="event",
        stages=["campaign", "coupon", "purchase"],
        window="60d",
        hold="campaign_id",
        value="amount",
    )
    reached = found.table["reached"].to_list()
    sent = log.filter(event="campaign")["household_id"].n_unique()
    used = log.filter(event="coupon")["household_id"].n_unique()
    assert reached[0] == sent == 1559
    assert reached[2] <= reached[1] <= used


def test_the_command_writes_the_funnel_and_the_call_list(tmp_path: Path) -> None:
    frame = random_logs(6, 300)
    frame.write_parquet(tmp_path / "events.parquet")
    common = ["stages", str(tmp_path / "events.parquet"), "--entity", "who", "--time", "at", "--event", "what"]
    run = CliRunner().invoke(
        app,
        [
            *common,
            "--stage",
            "a",
            "--stage",
            "b|d",
            "--stage",
            "c",
            "--window",
            "9s",
            "--audit",
            "--dropped",
            str(tmp_path / "calls.csv"),
            "--tables",
            str(tmp_path / "tables"),
        ],
    )
    assert run.exit_code == 0, run.output
    expected = funnel(frame, ["a", ["b", "d"], "c"], window="9s")
    assert pl.read_parquet(tmp_path / "tables/stages.parquet").equals(expected.table)
    assert pl.read_csv(tmp_path / "calls.csv").height == expected.table["dropped"].sum()
    assert CliRunner().invoke(app, common).exit_code == 2
    assert CliRunner().invoke(app, [*common, "--stage", "a", "--stage", "zz"]).exit_code == 2


def test_the_report_has_a_section_where_there_is_a_log(ledger: lk.Ledger, tmp_path: Path) -> None:
    from leverkit.report.stages import stages_section

    asked = {
        "entity": "household_id",
        "time": "time",
        "stage": "event",
        "stages": ["campaign", "coupon", "purchase"],
        "hold": "campaign_id",
    }
    section = stages_section(campaign_journey(), {**asked, "value": "amount", "by": "campaign_type"})
    assert "of 1,559" in section.lead and section.actions and {"stages", "stages_audit"} <= set(section.frames)
    assert len(section.figures) == 3 and section.findings


def test_a_window_may_be_days_with_a_fraction_and_must_be_finite():
    log = pl.DataFrame({"who": [1, 1], "at": ["2024-01-01T00:00", "2024-01-02T12:00"], "what": ["see", "buy"]})

    def reached(window):
        found = lk.funnel.stages(log, entity="who", time="at", stage="what", stages=["see", "buy"], window=window)
        return found.table["reached"].to_list()

    assert reached(1.5) == [1, 1]
    assert reached(1.4) == [1, 0]
    for window in (float("nan"), float("inf")):
        with pytest.raises(lk.ParameterError, match="window: got"):
            reached(window)
