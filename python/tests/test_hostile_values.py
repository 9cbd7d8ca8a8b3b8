"""What random calls found: odd values end with an error of leverkit that says what was expected, or with nulls where nothing can be computed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fuzz
import polars as pl
import pytest
from results import MINIMAL, VALUES, World

import leverkit as lk

SHOP = {"leads": [1000.0, 500.0], "conversion": [0.1, 0.2], "price": [50.0, 40.0], "quantity": [2.0, 1.0]}
MARKET = pl.DataFrame({"brand": ["north", "south"], "price": [5.0, 6.0], "name": [{"a": 1}, {"a": 2}]})


class Failing:
    """A table whose library cannot give it."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        raise ValueError("no table today")


def shops(keys: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({"shop": keys, **SHOP})


REFUSED: dict[str, tuple[Callable[[World], Any], type[Exception], str]] = {
    "keys that name nothing": (
        lambda _: MINIMAL.attribute_segments(shops([[1], [2]]), shops([[2], [1]]), segment="shop"),
        lk.SchemaError,
        r'before: column "shop" holds List\(Int64\); expected names',
    ),
    "keys of another type": (
        lambda _: MINIMAL.attribute_segments(shops([1, 2]), shops(["1", "2"]), segment="shop"),
        lk.SchemaError,
        "after: column 'shop' holds String; expected Int64",
    ),
    "names that are structs": (
        lambda world: world.conjoint.simulate(MARKET, product="name"),
        lk.SchemaError,
        r'product: column "name" holds Struct',
    ),
    "looks without end": (lambda _: lk.effect.bounds(10**400), lk.ParameterError, "looks: .* at most 1,000"),
    "counts that are text": (lambda _: lk.effect.sample_ratio("\0"), lk.ParameterError, "counts: got str"),  # type: ignore[arg-type]
    "dates that are a number": (
        lambda _: lk.read(__file__, dates=12),
        lk.ParameterError,
        "dates: got 12; expected text",
    ),  # type: ignore[arg-type]
    "a path that is too long": (lambda _: lk.rfm.score("x" * 3000, customer="a", time="b"), lk.DataError, "too long"),
    "a map of segments whose name is too long": (
        lambda world: lk.rfm.score(world.ledger, segments="x" * 3000),
        lk.DataError,
        "the name is too long for a file",
    ),
    "a horizon beyond all customers": (
        lambda world: world.models[0].next_order(world.summary, horizon=1e308),
        lk.ParameterError,
        "horizon: got .*; expected a time from 0 to 1,000,000",
    ),
    "a time that would take sums over orders without end": (
        lambda world: world.models[0].expected_probability_alive(world.summary, future_t=1e12),
        lk.ParameterError,
        "future_t: got .*; expected a time from 0 to 1,000,000",
    ),
    "a customer older than all calendars": (
        lambda world: world.models[0].next_order(pl.DataFrame({"frequency": [0], "recency": [0.0], "T": [1e308]})),
        lk.DataError,
        "T: row 0 holds .*; expected a time from 0 to 1,000,000,000",
    ),
    "a lazy frame that cannot be made": (
        lambda _: lk.rfm.score(pl.LazyFrame({"a": [1]}).select("z"), customer="z", time="a"),
        lk.DataError,
        "the lazy frame cannot be read",
    ),
    "two numbers for three": (
        lambda _: lk.effect.subsidy(rewards=1.0, spend=2.0, effect=(1.0, 2.0)),  # type: ignore[arg-type]
        lk.ParameterError,
        "effect: got .* an estimate with its limits",
    ),
    "money beyond all floats": (
        lambda _: lk.effect.subsidy(rewards=10**400, spend=1000.0, effect=50.0),
        lk.ParameterError,
        "rewards: got 1000+; expected a number",
    ),
    "a weight that is blank": (
        lambda world: lk.pricing.value_map(MARKET, product="brand", price="price", attributes={"quality": " "}),
        lk.ParameterError,
        "attributes: got ' '; expected a number",
    ),
    "ends that are text": (lambda _: MINIMAL.tornado(VALUES, high="nope"), lk.ParameterError, "high: got str"),
    "a distribution that is text": (
        lambda _: MINIMAL.simulate(VALUES, {"price": "normal"}),  # type: ignore[dict-item]
        lk.ParameterError,
        "uncertainty of price: got str; expected a dict",
    ),
    "one name for two": (
        lambda _: MINIMAL.lift_table(VALUES, responses={"price": 1.0}),  # type: ignore[dict-item]
        lk.ParameterError,
        "responses: got 'price'; expected two names",
    ),
    "kinds that are text": (lambda _: lk.read(__file__, columns="é"), lk.ParameterError, "columns: got str"),  # type: ignore[arg-type]
    "an age without end": (
        lambda world: world.models[0].plot(until=float("inf")),
        lk.ParameterError,
        "until: got inf; expected a length above 0",
    ),
    "a list for a section": (
        lambda world: lk.report.build(world.ledger, funnel=[[]]),  # type: ignore[arg-type]
        lk.ParameterError,
        "funnel: got list; expected a dict",
    ),
    "a number for methods": (
        lambda world: lk.report.build(world.ledger, survey=-1.0),  # type: ignore[arg-type]
        lk.ParameterError,
        "survey: got float; expected a dict",
    ),
    "fewer than no units": (
        lambda _: lk.effect.sample_ratio({"a": -(2**63), "b": 120}),
        lk.ParameterError,
        "counts: a: got -9223372036854775808; expected a number of units",
    ),
    "a format that is a number": (
        lambda world: lk.funnel.journey(world.lines, entity="customer", time="day", event="product", time_format=12),  # type: ignore[arg-type]
        lk.ParameterError,
        "time_format: got 12; expected text",
    ),
    "no start": (
        lambda world: lk.effect.synthetic(
            world.panel, unit="unit", time="month", outcome="sales", treated="s1", start=set()
        ),
        lk.ParameterError,
        "start: got set.*; expected one period",
    ),
    "a price beyond all floats": (
        lambda _: lk.pricing.break_even_volume(price_change=10**400, contribution_margin=0.4),
        lk.ParameterError,
        "price_change: got 1000+; expected a number",
    ),
    "judges whom nobody knows": (
        lambda _: lk.survey.ahp(
            pl.DataFrame(
                {"first": ["a"], "second": ["b"], "value": [2.0], "judge": pl.Series([None], dtype=pl.String)}
            ),
            judge="judge",
        ),
        lk.DataError,
        "ahp: ",
    ),
    "columns of several lengths": (
        lambda _: lk.rfm.score({"a": [1, 2], "b": ["2024-01-01"]}, customer="a", time="b"),
        lk.SchemaError,
        "polars makes no frame of this dict: ",
    ),
    "two columns of one name": (
        lambda world: lk.clv.lifetime_value(
            purchases=world.models[0], spend=world.models[1], summary=fuzz.twice(world.summary)
        ),
        lk.SchemaError,
        "polars makes no frame of this Table: ",
    ),
    "two columns of text with the name of the time": (
        lambda _: lk.rfm.score(
            fuzz.twice(pl.DataFrame({"day": ["2024-01-01"], "who": [1], "paid": [1.0]})),
            customer="who",
            time="day",
            amount="paid",
        ),
        lk.SchemaError,
        'there are two columns called "day"|two columns',
    ),
    "decimals that polars does not have": (
        lambda world: lk.clv.lifetime_value(
            purchases=world.models[0], spend=world.models[1], summary=fuzz.wide(world.summary)
        ),
        lk.SchemaError,
        "polars makes no frame of this Table: ",
    ),
    "ids of a type that polars does not have": (
        lambda _: lk.Ledger(
            fuzz.wide(pl.DataFrame({"who": [1], "day": ["2024-01-01"], "paid": [1.0]})),
            customer="who",
            time="day",
            amount="paid",
        ).to_frame(),
        lk.SchemaError,
        "polars has no type for a column of ids .* cast ids that are wide decimals to text",
    ),
    "a lazy summary that cannot be made": (
        lambda world: world.models[0].expected_purchases(world.summary.lazy().select("z")),
        lk.DataError,
        "the lazy frame cannot be read",
    ),
    "a library that fails": (
        lambda _: lk.rfm.score(Failing(), customer="a", time="b"),
        lk.SchemaError,
        "its library cannot hand over the table: no table today",
    ),
    "a window beyond all days": (
        lambda world: lk.funnel.stages(world.ledger, stages=list(world.names[:2]), window=1e308),
        lk.ParameterError,
        "window: got 1e.308; expected a number of days",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_odd_values_are_refused_with_words(name: str) -> None:
    call, kind, words = REFUSED[name]
    with pytest.raises(kind, match=words):
        call(World())


def test_an_age_near_zero_is_drawn() -> None:
    assert World().models[0].plot(until=5e-324).data


def test_an_arrow_file_that_is_none_is_said_to_be_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.arrow").write_bytes(b"")
    with pytest.raises(lk.DataError, match=r"a\.arrow: cannot be read"):
        lk.read(tmp_path / "a.arrow").collect()


@pytest.mark.parametrize("name", ["\ud800", "\0", "no such"])
def test_an_encoding_that_there_is_not_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("day,paid\n2024-01-01,5\n")
    with pytest.raises(lk.ParameterError, match=r"encoding: got .* expected a name such as utf-8"):
        lk.read(tmp_path / "a.csv", encoding=name)


@pytest.mark.parametrize("keys", [[True, False], ["web", "shop"], [1.5, None]])
def test_flags_and_numbers_name_segments(keys: list[Any]) -> None:
    """In another order they are the same segments; one that is gone has zeros."""
    found = MINIMAL.attribute_segments(shops(keys), shops(keys)[::-1], segment="shop")
    assert found.segments["shop"].to_list() == keys
    assert found.segments["before"].to_list() == found.segments["after"].to_list() == [10_000.0, 4000.0]
    gone = MINIMAL.attribute_segments(shops(keys), shops(keys)[:1], segment="shop")
    assert gone.segments["after"].to_list() == [10_000.0, 0.0]


#: Half of a surrogate pair: text that only Python can hold.
HALF = "\ud800"
WITH_HALF: dict[str, Callable[[World], Any]] = {
    "where": lambda world: world.ledger.where(group=HALF),
    "between": lambda world: world.ledger.between(HALF),
    "with_product": lambda world: world.ledger.with_product(HALF),
    "score": lambda world: lk.rfm.score(world.ledger, method=HALF),
    "window": lambda world: lk.funnel.stages(world.ledger, stages=list(world.names[:2]), window=HALF),
    "dropped": lambda world: world.stages.dropped(HALF),
    "future_t": lambda world: world.models[0].expected_purchases(world.summary, future_t=HALF),
    "evaluate": lambda _: MINIMAL.evaluate({**VALUES, HALF: 1.0}),
    "solve": lambda _: MINIMAL.solve(VALUES, target={HALF: 1.0}, parameter="leads"),
    "from_expressions": lambda _: lk.profit.Formula.from_expressions({"profit": HALF}),
}


@pytest.mark.parametrize("name", WITH_HALF)
def test_half_a_surrogate_pair_is_an_unknown_name(name: str) -> None:
    with pytest.raises(lk.LeverkitError):
        WITH_HALF[name](World())


@pytest.mark.parametrize("option", ["null", "decimal", "thousands", "separator", "sheet", "dates"])
def test_an_option_of_a_file_is_no_half_a_surrogate_pair(option: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n4,2024-01-05\n")
    with pytest.raises(lk.ParameterError, match=f"{option}: got .*surrogate pairs"):
        lk.read(tmp_path / "a.csv", **{option: HALF})
    if option == "null":
        with pytest.raises(lk.ParameterError, match="null: got"):
            lk.read(tmp_path / "a.csv", null=["x", HALF])


def bought(ids: pl.Series) -> lk.Ledger:
    days = [f"2024-01-{day:02}" for day in range(1, len(ids) + 1)]
    return lk.Ledger(
        pl.DataFrame({"id": ids, "day": days, "paid": [10.0] * len(ids)}), customer="id", time="day", amount="paid"
    )


@pytest.mark.parametrize("dtype", [pl.Int128, pl.UInt128])
def test_integers_of_128_bits_are_ids_like_any_other(dtype: Any) -> None:
    great = 2**127 - 1 if dtype == pl.Int128 else 2**128 - 1
    ledger = bought(pl.Series([great, great, 1, None], dtype=dtype))
    assert (ledger.n_customers, ledger.n_lines, ledger.revenue, ledger.rejected.height) == (2, 3, 30.0, 1)
    assert "is in" in lk.rfm.score(ledger).explain(1)


def test_a_holdout_without_orders_has_no_gini_and_says_so() -> None:
    days = [f"2023-{month:02}-{day:02}" for day in range(1, 21) for month in (1, 2, 3)]
    lines = pl.DataFrame({"id": [at // 3 for at in range(60)], "day": days, "paid": [10.0] * 60})
    lines = lines.vstack(pl.DataFrame({"id": [99], "day": ["2024-12-31"], "paid": [1.0]}))
    found = lk.clv.contest(lk.Ledger(lines, customer="id", time="day", amount="paid"), folds=1)
    assert found.table["gini"].null_count() == found.table.height
    assert "Nobody ordered in 1 of 1 holdouts: Gini coefficients are those of the others." in found.notes


def test_a_contest_that_expects_no_number_says_so() -> None:
    days = ["2024-09-24", "2024-11-14", "2025-04-29", "2024-10-24"]
    lines = pl.DataFrame({"id": ["c41", "c214", "c21", "c41"], "day": days, "paid": [36.0, 45.0, 66.5, 30.0]})
    table = lk.clv.contest(lk.Ledger(lines, customer="id", time="day", amount="paid")).table
    unknown = table.filter(pl.col("mae").is_null() & (pl.col("model") != "naive: own rate"))
    assert unknown["reason"].null_count() == 0


def test_sums_beyond_all_numbers_are_null() -> None:
    wards = pl.DataFrame({"who": ["a", "b"], "beds": [1e308, 1e308], "nights": [1.0, 2.0]})
    found = lk.funnel.quantities(wards, entity="who", levels=["beds", "nights"])
    for table in found._tables.values():
        for column in table.select(pl.col(pl.Float64)):
            assert column.drop_nulls().is_finite().all(), column.name


def test_attributes_that_part_the_chosen_from_the_others_have_reasons_and_no_worths() -> None:
    tasks = [task for task in range(8) for _ in range(2)]
    choices = pl.DataFrame(
        {
            "task": tasks,
            "option": ["left", "right"] * 8,
            "brand": ["x", "y"] * 4 + ["x", "z"] * 4,
            "price": [3.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 3.0, 1.0, 3.0, 2.0, 3.0, 3.0, 1.0, 1.0, 2.0],
            "picked": [1, 0] * 8,
        }
    )
    found = lk.survey.conjoint(
        choices, situation="task", alternative="option", chosen="picked", attributes="brand", price="price"
    )
    assert found.table.filter(pl.col("estimate").is_null())["reason"].null_count() == 0
    for table in found._tables.values():
        for column in table.select(pl.col(pl.Float64)):
            assert column.drop_nulls().is_finite().all(), column.name


def test_a_day_beyond_all_calendars_is_refused_with_the_number_of_periods() -> None:
    ledger = World().ledger
    with pytest.raises(lk.ParameterError, match=r"period: got .* periods; expected at most"):
        lk.rfm.cohorts(ledger, as_of="9999-12-31", period="day")
    with pytest.raises(lk.ParameterError, match=r"every: got .* dates; expected at most"):
        lk.rfm.migration(World().lines, **_roles(), as_of="9999-12-31", every="1d")
    ledger = lk.Ledger(World().lines, **_roles(), as_of="9999-12-31")
    with pytest.raises(
        lk.ParameterError, match=r"as_of: got .* days from 2024-.* to 9999-12-30; expected at most 36525"
    ):
        lk.clv.tracking(World().models[0], ledger, calibration_end="2024-12-26")


def _roles() -> dict[str, Any]:
    return {"customer": "customer", "time": "day", "amount": "paid"}


def test_periods_of_a_fixed_offset_come_back_in_utc() -> None:
    lines = pl.DataFrame(
        {
            "week": [dt.date(2024, 7, 22), dt.date(2024, 2, 5)],
            "product": ["tea", "tea"],
            "price": [9.0, 8.0],
            "units": [2.0, 1.0],
        }
    )
    found = lk.pricing.price_index(fuzz.seconds(lines), time="week", product="product", price="price", quantity="units")
    assert [str(week) for week in found.table["week"]] == ["2024-02-05 00:00:00+00:00", "2024-07-22 00:00:00+00:00"]


def test_a_level_is_a_share() -> None:
    with pytest.raises(lk.ParameterError, match="level: got 5"):
        World().models[0].summary(level=5)


def test_unknown_numbers_of_the_lines_are_null_in_every_library() -> None:
    unknown = [1.0, None, float("nan"), float("inf")]
    lines = {"who": [1] * 4, "day": [f"2024-01-0{at}" for at in range(1, 5)], "paid": [5.0] * 4, "off": unknown}
    lines |= {"units": unknown, "listed": unknown, "cost": unknown}
    roles = {"quantity": "units", "list_price": "listed", "unit_cost": "cost", "discounts": {"rebate": "off"}}
    for kind in ("polars", "fuzz.arrow"):
        table = fuzz.LIBRARIES[kind](pl.DataFrame(lines))
        frame = pl.DataFrame(lk.Ledger(table, customer="who", time="day", amount="paid", **roles).to_frame())
        for name in ("off", "units", "listed", "cost"):
            assert frame[name].to_list() == [1.0, None, None, None], (kind, name)


def test_an_infinity_is_no_id() -> None:
    ledger = bought(pl.Series([1.5, float("inf"), float("-inf"), float("nan")]))
    assert (ledger.n_customers, ledger.n_lines) == (1, 1)
    assert ledger.rejected["value"].to_list() == ["inf", "-inf", "NaN"]


def test_models_of_two_customers_have_no_limits_beyond_all_numbers() -> None:
    world = World()
    model = lk.clv.ModifiedBetaGeoModel().fit(world.summary.head(2))
    assert "–" in model._repr_html_() or model.summary()["upper"].drop_nulls().is_finite().all()
    assert model.summary().select(pl.col(pl.Float64).drop_nulls().is_finite().all()).row(0) == (True,) * 4


def test_money_beyond_all_numbers_is_written_as_unknown() -> None:
    lines = pl.DataFrame({"who": [1, 2], "day": ["2024-01-01", "2024-01-02"], "paid": [1e308, 1e308]})
    ledger = lk.Ledger(lines, customer="who", time="day", amount="paid")
    assert "–" in ledger._repr_html_()
    assert "Ledger" in repr(ledger)


def test_numbers_that_lie_too_close_or_too_far_apart_are_drawn() -> None:
    from leverkit.plots.histogram import histogram, round_ticks

    for values in ([1e17, 1e17 + 32], [5e-324, 1e-323], [-1.7e308, 1.7e308], [1e300] * 3, [float("inf"), 1.0]):
        found = histogram(pl.Series(values, dtype=pl.Float64))
        assert 0 < len(found.counts) <= 100
        assert found.edges == sorted(found.edges)
    assert len(round_ticks(0.0, 5e-324, is_log=False)) < 100
