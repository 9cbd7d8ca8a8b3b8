"""RFM through Python, with DuckDB as the oracle."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leverkit as lk

ROLES = {"customer": "client", "time": "day", "amount": "paid"}


def test_measures_equal_duckdb_on_real_data(lines: pl.DataFrame, ledger: lk.Ledger) -> None:
    expected = duckdb.sql("""
        select household_id as customer, date '2018-01-01' - max(transaction_timestamp::date) as recency,
               count(distinct basket_id) as frequency, sum(sales_value) as monetary, count(*) as lines,
               count(distinct product_id) as products, min(transaction_timestamp::date) as first_order
        from lines group by 1 order by 1
    """).pl()
    got = lk.rfm.score(ledger, as_of="2018-01-01").customers
    for column in ("customer", "recency", "frequency", "lines", "products", "first_order"):
        assert got[column].cast(expected[column].dtype).to_list() == expected[column].to_list(), column
    assert (got["monetary"] - expected["monetary"]).abs().max() < 1e-6


def test_ranks_equal_the_counts_of_duckdb_ntile(ledger: lk.Ledger) -> None:
    got = lk.rfm.score(ledger, method="rank").customers
    for measure, score, order in (("recency", "r", "desc"), ("frequency", "f", "asc"), ("monetary", "m", "asc")):
        ntile = duckdb.sql(f"select ntile(5) over (order by {measure} {order}) as bin from got").pl()
        assert (
            got[score].value_counts(sort=False).sort(score)["count"].to_list()
            == ntile["bin"].value_counts(sort=False).sort("bin")["count"].to_list()
        )


def test_quantile_cut_points_equal_duckdb(ledger: lk.Ledger) -> None:
    scores = lk.rfm.score(ledger)
    customers = scores.customers
    for measure in ("recency", "frequency", "monetary"):
        query = f"select unnest(quantile_cont({measure}::double, [0.2, 0.4, 0.6, 0.8])) as edge from customers"
        edges = duckdb.query_df(customers.to_pandas(), "customers", query).pl()["edge"].to_list()
        got = (
            scores.cuts.filter((pl.col("measure") == measure) & pl.col("upper").is_not_null())["upper"].sort().to_list()
        )
        assert got == pytest.approx(edges, rel=1e-12)


values = st.lists(st.tuples(st.integers(0, 30), st.dates(), st.integers(0, 9)), min_size=1, max_size=120)


@settings(max_examples=100, deadline=None)
@given(values, st.sampled_from(["quantile", "equal_width", "kmeans"]), st.integers(2, 10))
def test_equal_values_get_equal_scores(rows: list[tuple[object, ...]], method: str, bins: int) -> None:
    frame = pl.DataFrame(rows, schema={"client": pl.Int64, "day": pl.Date, "paid": pl.Float64}, orient="row")
    frame = frame.filter(pl.col("day").is_between(pl.date(1900, 1, 1), pl.date(2100, 12, 31)))
    if frame.is_empty():
        return
    customers = lk.rfm.score(frame, **ROLES, method=method, bins=bins).customers
    for measure, score in (("recency", "r"), ("frequency", "f"), ("monetary", "m")):
        assert customers.group_by(measure).agg(pl.col(score).n_unique())[score].max() == 1


def test_margins_of_segments_are_the_customers(ledger: lk.Ledger) -> None:
    scores = lk.rfm.score(ledger)
    segments = scores.segments
    assert segments["customers"].sum() == ledger.n_customers
    assert segments["orders"].sum() == ledger.n_orders
    assert segments["revenue"].sum() == pytest.approx(ledger.revenue)
    assert segments["share_revenue"].sum() == pytest.approx(1)
    assert segments["segment"].to_list()[0] == "Champions" and segments.height == 11


def test_saved_cut_points_score_other_customers(ledger: lk.Ledger, tmp_path: Path) -> None:
    scores = lk.rfm.score(ledger.between(end="2017-06-30"), method="nested")
    scores.save(tmp_path / "norms.json")
    model = lk.rfm.load(tmp_path / "norms.json")
    later = model.apply(ledger)
    assert later.customers.height == ledger.n_customers
    assert "cut points of 2017-07-01" in later.notes[0]
    assert model.apply(ledger.between(end="2017-06-30")).customers.equals(scores.customers)
    with pytest.raises(lk.ParameterError, match="ranks hold only"):
        lk.rfm.score(ledger, method="rank").apply(ledger)
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(lk.DataError, match="score model"):
        lk.rfm.load(tmp_path / "bad.json")


def test_the_company_s_own_segments(ledger: lk.Ledger, tmp_path: Path) -> None:
    segments = {
        "scale": 3,
        "segment": [
            {"name": "keep", "action": "thank", "rules": [{"r": [2, 3]}]},
            {"name": "win back", "action": "call", "rules": [{"r": [1, 1]}]},
        ],
    }
    (tmp_path / "segments.json").write_text(json.dumps(segments))
    for given_as in (segments, tmp_path / "segments.json"):
        scores = lk.rfm.score(ledger, bins=3, segments=given_as)
        assert scores.segments["segment"].to_list() == ["keep", "win back"]
        assert set(scores.customers.filter(pl.col("r") == 1)["segment"]) == {"win back"}
    segments["segment"].pop()
    with pytest.raises(lk.ParameterError, match="fall in no segment"):
        lk.rfm.score(ledger, bins=3, segments=segments)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"bins": 11}, "bins: got 11; expected 2 to 10"),
        ({"bins": -1}, "bins: got -1"),
        ({"bins": 400}, "bins: got 400"),
        ({"bins": "five"}, "bins: got 'five'; expected a number, or three"),
        ({"bins": (5, 5)}, r"bins: got \(5, 5\); expected a number, or three"),
        ({"method": "magic"}, 'method: got "magic"; expected "quantile"'),
        ({"monetary": "margin"}, 'monetary: got "margin"'),
        ({"weights": (0, 0, 0)}, "weights"),
        ({"method": "thresholds"}, "thresholds: got none"),
        ({"method": "thresholds", "thresholds": {"recency": [3, 1], "frequency": [1], "monetary": [1]}}, "ascending"),
        ({"method": "thresholds", "thresholds": {"recency": [3]}}, "thresholds"),
        ({"thresholds": {"recency": [3], "frequency": [1], "monetary": [1]}}, 'method="thresholds"'),
    ],
)
def test_parameters_out_of_range_are_named(ledger: lk.Ledger, parameters: dict[str, object], says: str) -> None:
    with pytest.raises(lk.ParameterError, match=says):
        lk.rfm.score(ledger, **parameters)


def test_roles_go_with_frames_and_not_with_ledgers(ledger: lk.Ledger, lines: pl.DataFrame) -> None:
    with pytest.raises(TypeError, match="leave out customer"):
        lk.rfm.score(ledger, customer="household_id")
    with pytest.raises(lk.SchemaError, match="give customer="):
        lk.rfm.score(lines)
    with pytest.raises(TypeError, match="unknown argument 'custmer'"):
        lk.rfm.score(lines, custmer="household_id")


def test_a_lazy_frame_with_a_missing_column_names_the_columns(lines: pl.DataFrame) -> None:
    with pytest.raises(lk.SchemaError, match=r'no column "household".*"household_id"'):
        lk.rfm.score(lines.lazy(), customer="household", time="transaction_timestamp", amount="sales_value")


def test_one_customer_and_all_equal_values_have_scores_and_a_note() -> None:
    one = pl.DataFrame({"client": [1], "day": ["2024-01-01"], "paid": [5.0]})
    equal = pl.concat([one, one.with_columns(client=pl.lit(2, pl.Int64))])
    for frame in (one, equal):
        scores = lk.rfm.score(frame, **ROLES)
        assert scores.customers["rfm"].unique().to_list() == ["511"]
        assert "uses 1 of 5 scores" in scores.notes[0]


def test_results_are_frozen_and_explain_themselves(ledger: lk.Ledger) -> None:
    scores = lk.rfm.score(ledger)
    with pytest.raises(AttributeError, match="frozen"):
        scores.customers = None
    with pytest.raises(AttributeError, match="its tables are customers, cuts, segments"):
        _ = scores.people
    first = scores.customers.row(0, named=True)
    assert scores.explain(first["customer"]).startswith(
        f"{first['customer']} is in {first['segment']}: R={first['r']} because"
    )
    assert set(scores.to_dict()) == {"customers", "cuts", "segments", "params", "notes"}
    assert scores.params["as_of"] == "2018-01-02"
    assert "<table" in scores._repr_html_() and "quantiles" in scores._repr_html_()
    with pytest.raises(lk.ParameterError, match="customer: got 'nobody'; expected one of "):
        scores.explain("nobody")
