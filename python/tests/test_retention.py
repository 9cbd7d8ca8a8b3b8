"""Limit day, norms, triggers, migration, cohorts and tenure through Python, with lifelines and DuckDB as oracles on real data."""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import polars as pl
import pytest
from lifelines import KaplanMeierFitter

import leverkit as lk

ROLES = {"customer": "client", "time": "day", "amount": "paid"}


@pytest.fixture(scope="module")
def gaps(lines: pl.DataFrame) -> pl.DataFrame:
    """Days from each order to the next, and from the last to the end of the data."""
    end = lines["transaction_timestamp"].dt.date().max()
    orders = lines.group_by("household_id", "basket_id").agg(
        pl.col("transaction_timestamp").min().dt.date().alias("day")
    )
    following = pl.col("day").shift(-1).over("household_id")
    return orders.sort("household_id", "day").select(
        days=(following.fill_null(pl.lit(end)) - pl.col("day")).dt.total_days(), returned=following.is_not_null()
    )


def test_the_curve_agrees_with_lifelines(ledger: lk.Ledger, gaps: pl.DataFrame) -> None:
    fitted = KaplanMeierFitter().fit(gaps["days"].to_numpy(), gaps["returned"].to_numpy())
    curve = lk.rfm.limit_day(ledger).curve
    days = curve["day"].to_numpy()
    assert int(curve["returned"].sum()) == int(gaps["returned"].sum())
    assert np.abs(curve["survival"].to_numpy() - fitted.survival_function_at_times(days).to_numpy()).max() < 1e-9
    limits = fitted.confidence_interval_survival_function_.reindex(days, method="ffill").to_numpy()
    assert np.abs(curve["lower"].to_numpy() - limits[:, 0]).max() < 1e-9
    assert np.abs(curve["upper"].to_numpy() - limits[:, 1]).max() < 1e-9


def test_the_limit_day_is_where_the_chance_of_return_falls_under_p(ledger: lk.Ledger, gaps: pl.DataFrame) -> None:
    fitted = KaplanMeierFitter().fit(gaps["days"].to_numpy(), gaps["returned"].to_numpy())
    survival = fitted.survival_function_at_times(np.arange(366)).to_numpy()
    chance = 1 - survival[30:] / survival[:-30]
    found = lk.rfm.limit_day(ledger, horizon=30, p=0.5)
    row = found.limits.row(0, named=True)
    assert row["limit_day"] == int(np.argmax(chance < 0.5))
    assert row["lower"] <= row["limit_day"] <= row["upper"]
    customers = found.customers
    days = (customers["limit_date"] - customers["last_order"]).dt.total_days()
    assert days.to_list() == customers["limit_day"].to_list()
    assert (customers["days_left"] == (customers["limit_date"] - dt.date(2018, 1, 2)).dt.total_days()).all()


def test_a_group_s_limit_day_is_that_of_its_own_gaps(ledger: lk.Ledger) -> None:
    by = lk.rfm.limit_day(ledger, horizon=30, p=0.5, by="department")
    assert by.limits["n"].sum() == lk.rfm.limit_day(ledger).limits["n"].sum()
    entry = lk.rfm.limit_day(ledger.with_product("department"), horizon=30, p=0.5, by="entry_product")
    assert set(entry.limits["group"].drop_nulls()) <= set(by.limits["group"].drop_nulls())


def test_cohorts_equal_duckdb_cell_by_cell(lines: pl.DataFrame, ledger: lk.Ledger) -> None:
    for period in ("week", "month", "quarter"):
        expected = duckdb.sql(f"""
            with orders as (
                select household_id, sales_value, date_trunc('{period}', transaction_timestamp)::date as began,
                       min(date_trunc('{period}', transaction_timestamp)::date) over (partition by household_id) as cohort
                from lines)
            select cohort, date_diff('{period}', cohort, began)::int as period, count(distinct household_id) as customers,
                   sum(sales_value) as revenue
            from orders group by 1, 2 order by 1, 2
        """).pl()
        got = lk.rfm.cohorts(ledger, period=period).table
        active = got.filter(pl.col("customers") > 0)
        assert active.select("cohort", "period", "customers").equals(
            expected.select("cohort", "period", "customers").cast(
                dict(active.select("cohort", "period", "customers").schema)
            )
        )
        assert (active["revenue"] - expected["revenue"]).abs().max() < 1e-6
        sizes = got.filter(pl.col("period") == 0).select("cohort", size="customers")
        assert (
            got.join(sizes, on="cohort").select(pl.col("customers") / pl.col("size")).to_series() == got["retention"]
        ).all()


def test_cells_that_are_not_over_are_marked(ledger: lk.Ledger) -> None:
    table = lk.rfm.cohorts(ledger).table
    start = pl.col("cohort").dt.offset_by(pl.format("{}mo", pl.col("period") + 1))
    assert table.filter(pl.col("complete") != (start <= dt.date(2018, 1, 2))).is_empty()
    assert not table["complete"].all()


def test_migration_s_margins_are_the_scores_of_each_date(ledger: lk.Ledger) -> None:
    found = lk.rfm.migration(ledger, every="1q")
    for date in found.params["dates"][1:]:
        segments = lk.rfm.score(ledger, as_of=date).segments.filter(pl.col("customers") > 0)
        at = found.flows.filter(pl.col("to_date") == pl.lit(date).str.to_date())
        margins = dict(at.group_by("to_segment").agg(pl.col("customers").sum()).iter_rows())
        assert margins == dict(segments.select("segment", "customers").iter_rows())
    matrix = found.matrix()
    assert np.allclose(matrix.drop("from_segment").sum_horizontal(), 1)
    assert (
        found.matrix(share=False).drop("from_segment").sum_horizontal().sum()
        == found.flows.drop_nulls("from_segment")["customers"].sum()
    )


def test_triggers_come_before_the_limit_day_first_then_by_what_a_call_saves(ledger: lk.Ledger) -> None:
    found = lk.rfm.triggers(ledger, horizon=30, p=0.5)
    table = found.table
    assert table["trigger"].is_sorted()
    for _, rows in table.group_by("trigger"):
        assert rows["expected_saving"].is_sorted(descending=True)
    assert np.allclose(table["expected_loss"] * table["saved"], table["expected_saving"])
    assert np.allclose(table["value_at_risk"] * table["probability"], table["expected_loss"])
    crossing = table.filter(pl.col("trigger") == "limit_day")
    assert crossing.height > 0
    assert crossing["date"].is_between(dt.date(2018, 1, 2), dt.date(2018, 1, 8)).all()
    assert (table.filter(pl.col("trigger") == "win_back")["limit_date"] < dt.date(2018, 1, 2)).all()


def test_nobody_who_surely_returns_or_surely_does_not_is_worth_a_call(ledger: lk.Ledger) -> None:
    found = lk.rfm.triggers(ledger, horizon=30, p=0.5, kept=0.2, won_back=0.1)
    hopeless = found.table.filter(pl.col("probability").is_in([0.0, 1.0]))
    assert (hopeless["expected_saving"] == 0).all()
    before, after = (found.table.filter(pl.col("trigger") == trigger)["saved"] for trigger in ("limit_day", "win_back"))
    assert before.max() <= 0.2
    assert after.max() <= 0.1
    assert any("20 %" in note and "10 %" in note for note in found.notes)


def test_the_value_at_risk_is_the_money_of_the_year_up_to_the_last_order(
    lines: pl.DataFrame, ledger: lk.Ledger
) -> None:
    table = lk.rfm.triggers(ledger, start="2017-10-01", horizon=30, p=0.5).table
    spent = (
        lines.filter(pl.col("transaction_timestamp") < dt.datetime(2017, 10, 1))
        .group_by("household_id")
        .agg(pl.col("sales_value").sum())
    )
    joined = table.join(spent, left_on="customer", right_on="household_id", how="left")
    assert (joined["value_at_risk"] - joined["sales_value"]).abs().max() < 1e-6


def test_chances_of_return_are_what_came_true(ledger: lk.Ledger) -> None:
    """Forecast at the end of September, by fifths, against October: one curve for all, so within a tenth."""
    ordered = ledger.between("2017-10-01", "2017-10-30").to_frame()["household_id"].unique()
    forecast = lk.rfm.limit_day(ledger, horizon=30, as_of="2017-09-30").customers
    fifths = forecast.group_by((5 * pl.col("return_chance").rank("ordinal") / pl.len()).ceil()).agg(
        expected=pl.col("return_chance").mean(), came=pl.col("customer").is_in(ordered.implode()).mean()
    )
    assert (fifths["expected"] - fifths["came"]).abs().max() < 0.1
    assert fifths.sort("expected")["came"].is_sorted()


def test_norms_and_triggers_do_not_change_with_the_future(lines: pl.DataFrame, ledger: lk.Ledger) -> None:
    moved = lines.with_columns(
        pl.when(pl.col("transaction_timestamp") >= dt.datetime(2017, 9, 1))
        .then(pl.col("transaction_timestamp") + pl.duration(days=11))
        .otherwise(pl.col("transaction_timestamp")),
        pl.when(pl.col("transaction_timestamp") >= dt.datetime(2017, 9, 1))
        .then(9.0)
        .otherwise(pl.col("sales_value"))
        .alias("sales_value"),
    )
    other = lk.Ledger(
        moved, customer="household_id", time="transaction_timestamp", amount="sales_value", order="basket_id"
    )
    for one, two in (
        (lk.rfm.norms(ledger, as_of="2017-08-31").table, lk.rfm.norms(other, as_of="2017-08-31").table),
        (
            lk.rfm.triggers(ledger, start="2017-09-01", horizon=30, p=0.5).table,
            lk.rfm.triggers(other, start="2017-09-01", horizon=30, p=0.5).table,
        ),
    ):
        assert one.height > 0
        assert one.equals(two)


def test_frames_of_the_user_s_kind_come_back() -> None:
    import pandas as pd

    lines = pd.DataFrame(
        {"client": [1, 1, 2], "day": ["2024-01-01", "2024-02-01", "2024-01-15"], "paid": [1.0, 2.0, 3.0]}
    )
    for found in (lk.rfm.cohorts(lines, **ROLES).table, lk.rfm.limit_day(lines, **ROLES).limits):
        assert isinstance(found, pd.DataFrame)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda ledger: lk.rfm.limit_day(ledger, p=1.5), "p: got 1.5; expected a share above 0 and below 1"),
        (lambda ledger: lk.rfm.limit_day(ledger, horizon=0), "horizon: got 0; expected 1 to 36,500 days"),
        (lambda ledger: lk.rfm.norms(ledger, horizon=-1), "horizon: got -1; expected 1 to 36,500 days"),
        (lambda ledger: lk.rfm.triggers(ledger, start="2017-05-02", end="2017-05-01"), "end: got 2017-05-01"),
        (lambda ledger: lk.rfm.migration(ledger, every="month"), 'every: got "month"'),
        (lambda ledger: lk.rfm.migration(ledger, dates=["2017-05-01"]), "expected at least two days"),
        (lambda ledger: lk.rfm.cohorts(ledger, period="fortnight"), 'period: got "fortnight"'),
    ],
)
def test_wrong_parameters_are_named(ledger: lk.Ledger, call: object, says: str) -> None:
    with pytest.raises(lk.ParameterError) as error:
        call(ledger)  # type: ignore[operator]
    assert says in str(error.value)


def test_an_unknown_dimension_is_named_with_its_neighbours(ledger: lk.Ledger) -> None:
    with pytest.raises(lk.SchemaError, match=r"departement.*did you mean.*department"):
        lk.rfm.limit_day(ledger, by="departement")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("limit_day", [None, "chance", "returns"]),
        ("norms", [None]),
        ("triggers", [None]),
        ("migration", [None, "sankey", "matrix"]),
        ("cohorts", [None, "retention", "revenue"]),
        ("tenure", [None, "active", "revenue"]),
    ],
)
def test_every_result_draws_and_shows_itself(ledger: lk.Ledger, name: str, kinds: list[str | None]) -> None:
    found = getattr(lk.rfm, name)(ledger)
    for kind in kinds:
        assert len(found.plot(kind).to_json()) > 500
    with pytest.raises(lk.ParameterError, match="kind"):
        found.plot("pie")
    assert "<table" in found._repr_html_()
    assert set(found.to_dict()) >= {"params", "notes"}


def test_tenure_equals_duckdb_band_by_band(lines: pl.DataFrame, ledger: lk.Ledger) -> None:
    expected = duckdb.sql("""
        with customers as (
            select date_diff('day', min(transaction_timestamp)::date, (select max(transaction_timestamp)::date from lines)) as days,
                   date_diff('day', max(transaction_timestamp)::date, (select max(transaction_timestamp)::date from lines)) as silent,
                   count(distinct basket_id) as orders, sum(sales_value) as revenue
            from lines group by household_id)
        select (days >= 90)::int + (days >= 180)::int as band, count(*) as customers, sum(orders)::bigint as orders,
               count(*) filter (silent < 30) as active, sum(revenue) as revenue
        from customers group by 1 order by 1
    """).pl()
    got = lk.rfm.tenure(ledger, bands=[90, 180], active_days=30).table
    for name in ("customers", "orders", "active"):
        assert got[name].to_list() == expected[name].to_list()
    assert got["revenue"].to_list() == pytest.approx(expected["revenue"].to_list(), rel=1e-12)


def test_tenure_looks_back_from_the_day_asked_for() -> None:
    lines = pl.DataFrame(
        {"client": [1, 1, 2], "day": ["2023-01-01", "2023-12-31", "2024-01-05"], "paid": [1.0, 2.0, 4.0]}
    )
    found = lk.rfm.tenure(lines, **ROLES, bands=[364], as_of="2023-12-31")
    assert found.table.select("customers", "orders", "revenue").rows() == [(0, 0, 0.0), (1, 2, 3.0)]


@pytest.mark.parametrize("bands", [[0, 90], [90, 90], [180, 90]])
def test_bands_that_do_not_ascend_are_named(ledger: lk.Ledger, bands: list[int]) -> None:
    with pytest.raises(lk.ParameterError, match=r"bands: got .*; expected numbers of days above 0, ascending"):
        lk.rfm.tenure(ledger, bands=bands)
