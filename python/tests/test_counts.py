"""Counts as values: any parts of the customers, in any order and through bytes, give the result of the whole to the last bit."""

from __future__ import annotations

import datetime as dt
import inspect
import random
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from benches.peers.counts_page import what_travels
from polars.testing import assert_frame_equal
from results import World

import leverkit as lk
from leverkit import _counts
from leverkit._lib.result import Result

WORLD = World(groups=2)
STAGES = list(WORLD.names[:4])
#: Tables that are given beside the lines.
DRAWN = WORLD.tested.select("customer", "arm", "group", "got", "score")
BESIDE: dict[str, pl.DataFrame] = {
    "rewards": pl.DataFrame(
        {"customer": ["c0", "c1", "c4", "c2"], "date": ["2024-11-05"] * 4, "redeemed": [30, 20, 10, 5]}
    ),
    "covariates": WORLD.members.select(
        "customer", date=dt.date(2024, 1, 1), age=pl.int_range(pl.len()) % 7, phone=pl.int_range(pl.len()) % 3 > 0
    ),
}
SHOPS = pl.DataFrame({"customer": [WORLD.group_names[0], "nowhere"], "joined": ["2024-08-05", "2024-09-01"]})
LEADS = pl.DataFrame({"date": [dt.date(2024, 6, 5), dt.date(2024, 7, 5)], "leads": [1000, 900]})
#: Parameters where the defaults do not suit the small data, or do not show what is read.
PARAMS: dict[str, list[dict[str, Any]]] = {
    "rfm.score": [{}, {"bins": 3, "as_of": dt.date(2024, 12, 1), "monetary": "average_check"}],
    "rfm.limit_day": [{"horizon": 90, "by": by} for by in (None, "group", "segment", "entry_product")],
    "rfm.triggers": [{"horizon": 90}],
    "rfm.clusters": [{"replicates": 5, "most": 3, "measures": ["recency", "products"]}],
    "clv.summary": [{}, {"calibration_end": "2024-12-01"}],
    "clv.contest": [{"folds": 1}],
    "rfm.cohorts": [{}, {"period": "week", "as_of": dt.date(2024, 12, 1)}],
    "funnel.ladder": [{"rungs": 4, "horizon": 90, "by": by} for by in (None, "group", "entry_product")],
    "funnel.roles": [{}, {"category": "group"}],
    "funnel.basket_rules": [{"fdr": 0.9}],
    "funnel.sequences": [{"min_support": 0.02, "max_length": 2}],
    "effect.design": [
        {"weeks": [4, 8], "lift": 0.2, "replicates": 100, "metric": metric} for metric in ("spend", "margin", "items")
    ],
    "pricing.waterfall": [{}, {"by": "group"}],
    "pricing.price_volume_mix": [
        {"period": "group", "base": "north", "against": "south", "keys": ["product"]},
        {"base": "2024-01-02 23:20:00", "against": "2024-01-04 02:13:00"},
        {
            "period": "group",
            "base": "north",
            "against": "south",
            "keys": "order",
            "quantity": "cost",
            "revenue": "off",
        },
        {"period": "group", "base": "north", "against": "south", "keys": "product", "cost": "off"},
    ],
    "pricing.leakage": [{"by": ["group"]}, {"by": ["product", "order"]}],
    "effect.programme": [
        {"members": WORLD.members, "by": "tier", "relabellings": 5, "draws": 100, "running_cost": 1.0},
        {"members": WORLD.members, "days": 28, "winsorise": 0.9, "relabellings": 0, "draws": 100, **BESIDE},
        {"members": SHOPS, "unit": "group", "period": "quarter", "relabellings": 2, "draws": 100},
    ],
    "effect.holdout": [
        {
            "members": DRAWN,
            "control": WORLD.names[0],
            "metrics": ["spend", "orders", metric],
            "start": "2024-09-01",
            "every": "month",
            "segments": "group",
            "received": "got",
            "score": "score",
            "replicates": 100,
        }
        for metric in ("margin", "items")
    ],
    "profit.measure": [
        {"limit_day": 60, "replicates": 20, "leads": LEADS},
        {"limit_day": 60, "replicates": 20, "by": "group"},
    ],
    "survey.needs_from_baskets": [{"k": [1, 2]}],
    "survey.worth": [{"answers": WORLD.satisfied}],
    "survey.met_needs": [{"answers": WORLD.satisfied, "needs": list(WORLD.names[:2]), "on": dt.date(2024, 10, 1)}],
    "plan": [{"limit_day": {"horizon": 90}, "draws": 50}],
    "funnel.stages": [{"stage": "product", "stages": STAGES, "by": "group"}],
}
PANEL = {"unit": "unit", "period": "month", "outcome": "sales", "first_treated": "treated", "draws": 100}
#: Analyses of other rows than order lines: the rows, and the parameters.
OF_ROWS: list[tuple[str, pl.DataFrame, dict[str, Any]]] = [
    (
        "funnel.stages",
        WORLD.events,
        {"entity": "who", "time": "at", "stage": "what", "stages": STAGES, "by": "group", "value": "paid"},
    ),
    ("funnel.journey", WORLD.events, {"entity": "who", "time": "at", "event": "what", "channel": "channel"}),
    (
        "funnel.attribution",
        WORLD.events,
        {"entity": "who", "time": "at", "channel": "channel", "conversion": "bought", "value": "paid"},
    ),
    (
        "funnel.quantities",
        WORLD.plans,
        {"entity": "patient", "levels": list(WORLD.names[:3]), "value": "price", "by": "group"},
    ),
    ("effect.did", WORLD.panel, PANEL),
    ("effect.did", WORLD.panel.with_columns(far=pl.col("unit").str.slice(1, 1)), {**PANEL, "cluster": "far"}),
    (
        "effect.did",
        WORLD.panel.with_columns(size=pl.col("unit").str.len_chars().cast(pl.Int64)),
        {**PANEL, "covariates": ["size"]},
    ),
    ("effect.did", WORLD.panel, {**PANEL, "unit": None}),
    ("effect.did", WORLD.panel, {**PANEL, "unit": None, "cluster": "unit"}),
    ("effect.liability", WORLD.points, {"point_cost": 0.01, "expires_after": 9, "replicates": 100}),
]
OF_LEDGERS = [name for name, asked in _counts.ANALYSES.items() if asked.of_ledgers]
CASES = [(name, params) for name in OF_LEDGERS for params in PARAMS.get(name, [{}])]
ROLES = dict(customer="customer", time="at", amount="paid")
BY_NAME = ["funnel.stages", *(name for name in _counts.ANALYSES if name.startswith("pricing."))]
#: Analyses of a ledger that are not counted, and why.
NOT_COUNTED = {
    "clv.tracking": "its first argument is a fitted model",
    "pricing.elasticity": "its rows are weeks of products, over all customers",
    "report.build": "a report is made where its ledger is",
    "report.plan": "plan",
}


def told(value: Any) -> str:
    """A case in words; tables by their names."""
    if not isinstance(value, dict):
        return "" if isinstance(value, pl.DataFrame) else str(value)
    return str({name: "…" if isinstance(one, pl.DataFrame) else one for name, one in value.items()})


def lines() -> pl.DataFrame:
    """The world's lines with a clock, refunds, a free line that came back, unknown values and rows that are set aside."""
    draw = random.Random(4)
    frame = WORLD.lines
    clock = [dt.datetime.combine(day, dt.time(draw.randrange(24), draw.randrange(60))) for day in frame["day"]]
    frame = frame.with_columns(pl.Series("at", clock))
    back = frame.gather_every(29).with_columns(
        at=pl.col("at") + dt.timedelta(days=3), paid=-pl.col("paid"), units=-pl.col("units"), off=pl.lit(0.0)
    )
    free = frame.gather_every(53).with_columns(paid=pl.lit(0.0), units=-pl.col("units"), off=pl.lit(0.0))
    lost = frame.gather_every(97).with_columns(customer=pl.lit(None, pl.String))
    unknown = pl.when(pl.int_range(pl.len()) % 31 > 0)
    return pl.concat([frame, back, free, lost]).with_columns(
        cost=unknown.then("cost"), product=unknown.then("product"), listed=unknown.then("listed")
    )


LINES = lines()


def ledger_of(frame: pl.DataFrame, **more: Any) -> lk.Ledger:
    return lk.Ledger(
        frame,
        **ROLES,
        order="order",
        product="product",
        quantity="units",
        unit_cost="cost",
        discounts={"promo": "off"},
        dimensions=["group"],
        **{"list_price": "listed", **more},
    )


LEDGER = ledger_of(LINES, currency="EUR")
#: Without list prices, discounts lead from what was paid to the list value.
UNLISTED = ledger_of(LINES, list_price=None)


def split(frame: pl.DataFrame, by: str, parts: int) -> list[pl.DataFrame]:
    """Whole customers, or entities, in each part; the order of parts is not theirs."""
    place = frame[by].hash(seed=1) % parts
    found = [frame.filter(place == part) for part in range(parts)]
    random.Random(parts).shuffle(found)
    return found


def shuffled(values: list[Any]) -> list[Any]:
    return random.Random(2).sample(values, len(values))


def assert_same(found: Any, whole: Any) -> None:
    if not isinstance(whole, Result):
        assert_frame_equal(pl.DataFrame(found), pl.DataFrame(whole), check_exact=True)
        return
    assert list(found._tables) == list(whole._tables)
    for name, table in whole._tables.items():
        assert found._tables[name].schema == table.schema
        assert repr(found._tables[name].rows()) == repr(table.rows()), name  # repr of a float tells every bit
    assert found.params == whole.params
    for name in type(whole)._names(of_tables=False):
        if not name.startswith("_"):
            assert getattr(found, name) == getattr(whole, name), name


@pytest.mark.parametrize(("name", "params"), CASES, ids=told)
def test_parts_of_a_ledger_are_the_whole_to_the_last_bit(name: str, params: dict[str, Any]) -> None:
    whole = _counts.ANALYSES[name].run(LEDGER, **params)
    for parts in (1, 2, 7):
        counted = [lk.counts(name, part, **params) for part in shuffled(LEDGER.partition(parts))]
        found = lk.conclude(lk.merge(counted))
        assert_same(found, whole)
        if isinstance(whole, Result):
            assert found.notes == whole.notes


@pytest.mark.parametrize("parts", [1, 2, 7])
@pytest.mark.parametrize("name", ["rfm.score", "rfm.cohorts", "funnel.entry_products", "profit.measure", "plan"])
def test_parts_of_a_frame_are_the_whole_to_the_last_bit(name: str, parts: int) -> None:
    roles = {**ROLES, "product": "product", "quantity": "units", "unit_cost": "cost", "currency": "EUR"}
    if name == "plan":
        del roles["product"]
    params = PARAMS.get(name, [{}])[0]
    whole = _counts.ANALYSES[name].run(LINES, **roles, **params)
    counted = [lk.counts(name, part, **roles, **params) for part in split(LINES, "customer", parts)]
    found = lk.conclude(lk.merge(counted))
    assert_same(found, whole)
    assert (found.notes, found._currency) == (whole.notes, "EUR")


@pytest.mark.parametrize(("name", "rows", "params"), OF_ROWS, ids=told)
def test_parts_of_other_rows_are_the_whole_to_the_last_bit(
    name: str, rows: pl.DataFrame, params: dict[str, Any]
) -> None:
    whole = _counts.ANALYSES[name].run(rows, **params)
    for parts in (1, 2, 7):
        counted = [lk.counts(name, part, **params) for part in split(rows, entity_of(name, params), parts)]
        assert_same(lk.conclude(lk.merge(counted)), whole)


def entity_of(name: str, params: dict[str, Any]) -> str:
    """The column whose rows belong together; where each row is an entity, any."""
    asked = _counts.ANALYSES[name]
    return params.get(asked.entity, asked.defaults[asked.entity]) or params["outcome"]


def test_counts_can_be_merged_step_by_step_and_as_a_pool_returns_them() -> None:
    parts = [part.to_arrow() for part in split(LINES, "customer", 3)]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        counted = list(pool.map(count, parts))
    two = lk.merge(counted[:2])
    found = lk.conclude(lk.merge([counted[2], two]))
    assert_same(found, lk.rfm.limit_day(LINES.to_arrow(), **ROLES, horizon=90))
    assert type(found.limits).__module__.startswith("pyarrow")


def count(part: Any) -> bytes:
    return lk.counts("limit_day", part, **ROLES, horizon=90)


@pytest.mark.parametrize("name", sorted(set(OF_LEDGERS)))
def test_every_column_that_travels_is_read(name: str) -> None:
    asked = _counts.ANALYSES[name]
    unread = {*asked.reads, *(column for _, column in asked.asked)}
    # Where columns are named, the one of orders may be.
    unread |= set() if asked.lines_alone or asked.has_own or name in BY_NAME else {"lines_alone"}
    for params, ledger in product(PARAMS.get(name, [{}]), (LEDGER, UNLISTED)):
        whole = asked.run(ledger, **params)
        unread -= {column for column in unread if is_read(name, params, column, ledger, whole)}
    assert not unread


def is_read(name: str, params: dict[str, Any], column: str, ledger: lk.Ledger, whole: Any) -> bool:
    """Whether the result is another without the column, or with lines of which it is not known whose orders they are."""
    asked = _counts.ANALYSES[name]
    tables = _counts.tables_of(asked, params)
    given = {parameter: value for parameter, value in params.items() if parameter not in tables}
    reads = {**asked.reading(given), column: column == "lines_alone"}
    question, beside = _counts._question(name, given, ledger, {}), _counts._beside(asked, tables, given)
    try:
        assert_same(lk.conclude(_counts._engine.count_lines(ledger._inner, reads, question, beside)), whole)
    except (lk.LeverkitError, AssertionError):
        return True
    return False


def test_every_analysis_of_a_ledger_is_counted_or_says_why_not() -> None:
    found = set()
    for package in ("rfm", "clv", "funnel", "pricing", "profit", "effect", "survey", "report"):
        module = getattr(lk, package)
        for name in module.__all__:
            function = getattr(module, name)
            if inspect.isfunction(function) and "ledger" in inspect.signature(function).parameters:
                found.add(f"{package}.{name}")
    assert found - set(_counts.ANALYSES) - set(NOT_COUNTED) == set()


def test_the_page_on_what_counts_weigh_says_what_travels_for_each() -> None:
    page = (Path(__file__).parents[2] / "docs" / "benchmarks" / "counts.md").read_text(encoding="utf-8")
    for name, asked in _counts.ANALYSES.items():
        assert f"| `{name}` | {what_travels(asked)} |" in page, "make bench TOPIC=counts"


def test_few_columns_travel() -> None:
    size = len(lk.counts("limit_day", LEDGER))
    assert size < 30 * LEDGER.n_lines < len(lk.counts("plan", LEDGER))


@pytest.mark.parametrize(
    "name", [name for name, asked in _counts.ANALYSES.items() if asked.orders_alone or asked.adds_up]
)
def test_counts_that_need_no_lines_do_not_grow_with_them(name: str) -> None:
    lines = LINES.drop_nulls("customer")
    once, often = (len(lk.counts(name, ledger_of(pl.concat([lines] * times)))) for times in (1, 3))
    assert often < 1.01 * once < len(lk.counts("score", ledger_of(lines)))


OWN = [name for name, asked in _counts.ANALYSES.items() if asked.has_own]


@pytest.mark.parametrize("name", OWN)
def test_counts_of_its_own_do_not_grow_with_the_lines(name: str) -> None:
    lines = LINES.drop_nulls("customer")  # Of the rows that are set aside some are kept.
    often = pl.concat([lines, *[lines.with_columns(paid=pl.col("paid") * cents / 7) for cents in range(1, 10)]])
    once, tenfold = (len(lk.counts(name, frame, **ROLES, order="order")) for frame in (lines, often))
    assert tenfold < 1.2 * once  # Exact sums of more values have more digits.
    assert _counts._engine.Counts.of_bytes(lk.counts(name, LEDGER)).is_own


@pytest.mark.parametrize("name", OWN)
def test_counts_of_its_own_know_a_customer_in_two_parts(name: str) -> None:
    first, second = split(LINES, "customer", 2)
    twice = pl.concat([second, first.filter(pl.col("customer") == pl.col("customer").max()).head(1)])
    with pytest.raises(lk.DataError, match=r"1 customer is in two parts; split the rows by customer"):
        lk.merge([lk.counts(name, first, **ROLES), lk.counts(name, twice, **ROLES)])
    merged = lk.merge([lk.counts(name, first, **ROLES)])
    with pytest.raises(lk.DataError, match=r'the customer "c\d+" is in two parts'):
        lk.merge([merged, merged])


@pytest.mark.parametrize("name", [*OWN, "rfm.score"])
@pytest.mark.parametrize("ids", [[2.0, 3.5], ["2", "3"]])
def test_ids_of_two_types_are_refused(name: str, ids: list[Any]) -> None:
    frames = [pl.DataFrame({"customer": each, "at": ["2024-01-05"] * 2, "paid": [5.0, 6.0]}) for each in ([1, 2], ids)]
    with pytest.raises(lk.SchemaError, match=r'customer: column "customer" has type (f64|str); expected i64'):
        lk.merge([lk.counts(name, frame, **ROLES) for frame in frames])


@pytest.mark.parametrize("name", OWN)
def test_counts_of_its_own_are_of_their_parameters_and_no_others(name: str) -> None:
    first, second = split(LINES, "customer", 2)
    with pytest.raises(lk.DataError, match="counts of one set of parameters"):
        lk.merge([lk.counts(name, first, **ROLES), lk.counts(name, second, **ROLES, level=0.9)])
    with pytest.raises(lk.ParameterError, match="level: got 2"):
        lk.counts(name, first, **ROLES, level=2)
    with pytest.raises(lk.DataError, match="damaged"):
        lk.conclude(lk.counts(name, first, **ROLES)[:-1])
    question = {**_counts._question(name, {}, LEDGER, {}), "analysis": name}
    old = _counts._engine.recount(lk.counts("plan", LEDGER), _counts.ANALYSES[name].reading({}), question)
    assert_same(lk.conclude(old), _counts.ANALYSES[name].run(LEDGER))


@pytest.mark.parametrize("as_of", ["2024-09-15", "2025-12-01", dt.datetime(2024, 9, 15, 12)])
def test_a_day_to_look_back_from_is_that_of_all_parts(as_of: Any) -> None:
    whole = lk.rfm.cohorts(LINES, **ROLES, as_of=as_of)
    counted = [lk.counts("cohorts", part, **ROLES, as_of=as_of) for part in split(LINES, "customer", 3)]
    assert_same(lk.conclude(lk.merge(counted)), whole)


def test_a_slice_that_was_cut_is_counted_as_it_is() -> None:
    part = LEDGER.between("2024-03-01", "2024-10-31")
    for name in OWN:
        counted = [lk.counts(name, each) for each in shuffled(part.partition(4))]
        assert_same(lk.conclude(lk.merge(counted)), _counts.ANALYSES[name].run(part))


@pytest.mark.parametrize("kind", ["dict", "file"])
def test_rows_and_tables_beside_may_be_dicts_and_files(kind: str, tmp_path: Path) -> None:
    def made(frame: pl.DataFrame, name: str) -> Any:
        if kind == "dict":
            return frame.to_dict(as_series=False)
        frame.write_csv(tmp_path / f"{name}.csv")
        return str(tmp_path / f"{name}.csv")

    panel = made(WORLD.panel, "panel")
    if kind == "file":
        with pytest.raises(lk.SchemaError, match=r"did is counted of a frame; got a file: read it first"):
            lk.counts("did", panel, **PANEL)
        panel = lk.read(panel).collect()
    assert_same(lk.conclude(lk.counts("did", panel, **PANEL)), lk.effect.did(WORLD.panel, **PANEL))
    members, known = made(WORLD.members, "members"), made(BESIDE["covariates"], "known")
    params = {"relabellings": 0, "draws": 100}
    found = lk.conclude(lk.counts("programme", LEDGER, members=members, covariates=known, **params))
    assert_same(found, lk.effect.programme(LEDGER, WORLD.members, covariates=BESIDE["covariates"], **params))


def test_rows_set_aside_are_counted_over_all_parts() -> None:
    found = lk.conclude(lk.merge([lk.counts("score", part, **ROLES) for part in split(LINES, "customer", 3)]))
    lost = LINES["customer"].null_count()
    assert found.notes[0].startswith(f"{lost} of {LINES.height} rows")


def test_a_part_may_have_no_line_but_not_all_of_them() -> None:
    nobody = LINES.filter(pl.col("customer").is_null())
    parts = [LINES.clear(), nobody, LINES.drop_nulls("customer")]
    counted = [lk.counts("score", part, **ROLES) for part in parts]
    assert_same(lk.conclude(lk.merge(counted)), lk.rfm.score(LINES, **ROLES))
    with pytest.raises(lk.DataError, match=r"no order lines: \d+ rows came in"):
        lk.conclude(lk.merge(counted[:2]))


@pytest.mark.parametrize(
    "asked", [{"analysis": "rfm.later"}, {"params": '{"later": 1}'}, {"params": "[]"}, {"params": "{"}]
)
def test_counts_of_an_analysis_that_is_not_known_are_refused(asked: dict[str, str]) -> None:
    question = {**_counts._question("rfm.score", {}, LEDGER, {}), "analysis": "rfm.score", **asked}
    counts = _counts._engine.recount(lk.counts("plan", LEDGER), _counts.ANALYSES["plan"].reading({}), question)
    with pytest.raises(lk.DataError, match=r"does not know, .* use the same leverkit everywhere"):
        lk.conclude(counts)


def test_the_kind_of_frame_and_the_currency_come_back() -> None:
    frame = LINES.to_pandas()
    found = lk.conclude(lk.merge([lk.counts("cohorts", frame, **ROLES, currency="USD")]))
    assert isinstance(found.table, pd.DataFrame)
    assert found._currency == "USD"


def test_what_does_not_fit_together_is_told() -> None:
    parts = split(LINES, "customer", 2)
    one, two = (lk.counts("score", part, **ROLES) for part in parts)
    with pytest.raises(lk.DataError, match=r'the customer "c\d+" is in two parts; split the rows by customer'):
        lk.merge([one, two, one])
    with pytest.raises(
        lk.DataError, match=r"counts of one analysis, rfm\.score, cannot be merged with counts of another, rfm\.cohorts"
    ):
        lk.merge([one, lk.counts("cohorts", parts[1], **ROLES)])
    with pytest.raises(lk.DataError, match="counts of one set of parameters"):
        lk.merge([one, lk.counts("score", parts[1], **ROLES, bins=3)])
    with pytest.raises(lk.DataError, match="there are no counts to merge"):
        lk.merge([])
    with pytest.raises(TypeError, match="merge: got the counts of one part; give those of all parts as a list"):
        lk.merge(one)
    assert_same(lk.conclude(memoryview(one)), lk.conclude(one))
    with pytest.raises(lk.DataError, match="damaged"):
        lk.conclude(one[:-9])
    with pytest.raises(lk.DataError, match="these bytes are no counts"):
        lk.conclude(b"nothing")
    with pytest.raises(TypeError, match="expected bytes"):
        lk.conclude("nothing")


def test_what_cannot_be_counted_is_told() -> None:
    for slip, name in {"limit_days": "rfm.limit_day", "cohort": "rfm.cohorts", "rfm.ladder": "funnel.ladder"}.items():
        with pytest.raises(lk.ParameterError, match=f'did you mean "{name}"'):
            lk.counts(slip, LEDGER)
    with pytest.raises(lk.ParameterError, match=r"analysis: got 'nothing'; expected rfm\.score"):
        lk.counts("nothing", LEDGER)
    with pytest.raises(TypeError, match=r"expected the name of an analysis first.*; got DataFrame"):
        lk.counts(LINES, "cohorts")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unknown argument 'horizn'; did you mean 'horizon'"):
        lk.counts("limit_day", LEDGER, horizn=3)
    with pytest.raises(TypeError, match="unknown argument 'customer'"):
        lk.counts("limit_day", LEDGER, customer="customer")
    with pytest.raises(lk.SchemaError, match="a frame needs its roles"):
        lk.counts("limit_day", LINES)
    with pytest.raises(lk.ParameterError, match=r"bins: got DataFrame; expected numbers, texts, dates"):
        lk.counts("score", LEDGER, bins=LINES)
    with pytest.raises(lk.SchemaError, match=r"pricing\.waterfall is counted of a Ledger"):
        lk.counts("waterfall", LINES, quantity="units")
    with pytest.raises(lk.SchemaError, match="entity: no column given"):
        lk.counts("journey", WORLD.events, time="at", event="what")
    with pytest.raises(lk.SchemaError, match=r"funnel\.journey is counted of a frame, by entity; got a Ledger"):
        lk.counts("journey", LEDGER, entity="customer")
    with pytest.raises(lk.SchemaError, match="unit: no column given"):
        lk.counts("did", WORLD.panel, **{**PANEL, "unit": 3})


def test_tables_beside_the_lines_are_the_same_in_all_parts_and_only_columns_that_are_read_travel() -> None:
    params = {"relabellings": 0, "draws": 100}
    members = WORLD.members.with_columns(email=pl.lit("nobody@example.org"))
    parts = LEDGER.partition(2)
    counted = [lk.counts("programme", part, members=members, **params) for part in parts]
    assert all(b"example.org" not in each for each in counted)
    assert_same(lk.conclude(lk.merge(counted)), lk.effect.programme(LEDGER, members, **params))
    for other in (members.reverse(), members.head(9), members.drop("tier").with_columns(joined=None)):
        with pytest.raises(lk.DataError, match="members: some counts have another table beside them"):
            lk.merge([counted[0], lk.counts("programme", parts[1], members=other, **params)])
    with pytest.raises(
        lk.DataError, match=r'have the tables \["members"\] beside them, others \["members", "rewards"\]'
    ):
        lk.merge([counted[0], lk.counts("programme", parts[1], members=members, rewards=BESIDE["rewards"], **params)])


@pytest.mark.parametrize(
    "kind", [pl.DataFrame.to_pandas, pl.DataFrame.to_arrow, pl.DataFrame.lazy, pl.DataFrame.to_dict]
)
def test_tables_beside_the_lines_may_be_of_any_kind(kind: Any) -> None:
    params = {"relabellings": 0, "draws": 100}
    found = lk.conclude(lk.counts("programme", LEDGER, members=kind(WORLD.members), **params))
    assert_same(found, lk.effect.programme(LEDGER, WORLD.members, **params))
