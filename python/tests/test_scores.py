"""RFM through Python, with DuckDB as the oracle."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app

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


def base(seed: int, customers: int, slow: float = 1.0) -> pl.DataFrame:
    """Customers of a year who order at random, `slow` times as seldom."""
    draw = np.random.default_rng(seed)
    rows = [
        (f"{seed}-{who}", dt.date(2024, 1, 1) + dt.timedelta(days=int(day)), float(draw.lognormal(3, 0.5)))
        for who in range(customers)
        for day in draw.integers(0, 366, 1 + draw.poisson(6 / slow))
    ]
    return pl.DataFrame(rows, schema=["client", "day", "paid"], orient="row")


def test_customers_of_the_same_kind_have_not_drifted_and_others_have() -> None:
    kept = lk.rfm.score(base(1, 2000), **ROLES)
    assert kept.drift is None and kept.drift_bins is None
    same = kept.apply(base(2, 1500), **ROLES)
    assert same.drift["verdict"].to_list() == ["stable"] * 3 and same.notes[1:] == ["The customers have not drifted."]
    others = kept.apply(base(3, 1500, slow=3), **ROLES)
    verdicts = dict(others.drift.select("measure", "verdict").iter_rows())
    assert verdicts["frequency"] == verdicts["recency"] == "major"
    assert any(note.startswith("frequency has drifted far") and "anew" in note for note in others.notes)


def test_drift_is_that_of_the_customers_by_score() -> None:
    kept = lk.rfm.score(base(1, 2000), **ROLES)
    found = kept.apply(base(3, 300, slow=1.3), **ROLES)
    then, now = (scores.customers["f"].value_counts().sort("f")["count"].to_list() for scores in (kept, found))
    test = chi2_contingency([then, now], correction=False)
    row = found.drift.row(1, named=True)
    assert (row["chi_squared"], row["df"], row["p_value"]) == pytest.approx((test.statistic, test.dof, test.pvalue))
    p, q = np.array(then) / sum(then), np.array(now) / sum(now)
    assert row["psi"] == pytest.approx(((q - p) * np.log(q / p)).sum())
    bins = found.drift_bins.filter(pl.col("measure") == "frequency")
    assert bins["customers"].to_list() == now and bins["share_before"].to_list() == pytest.approx(p)
    assert (bins["lower"].null_count(), bins["upper"].null_count()) == (1, 1)


def test_a_few_customers_raise_no_alarm() -> None:
    kept = lk.rfm.score(base(1, 2000), **ROLES)
    verdicts = [
        verdict for seed in range(20, 40) for verdict in kept.apply(base(seed, 25), **ROLES).drift["verdict"].to_list()
    ]
    assert verdicts.count("unclear") >= 58
    few = kept.apply(base(20, 25), **ROLES)
    assert any("too few customers to tell" in note for note in few.notes)


def test_drift_is_told_from_the_customers_of_the_cut_points_however_often_they_are_applied(tmp_path: Path) -> None:
    kept = lk.rfm.score(base(1, 2000), **ROLES, method="nested")
    others = kept.apply(base(3, 1500, slow=3), **ROLES)
    others.save(tmp_path / "norms.json")
    again = lk.rfm.load(tmp_path / "norms.json").apply(base(4, 1500, slow=3), **ROLES)
    assert again.drift["verdict"][0] == others.drift["verdict"][0] == "major"
    assert again.drift["customers_before"].to_list() == [2000] * 3


def kinds(seed: int, n: int) -> pl.DataFrame:
    """Half of the customers order once and little, half often and much."""
    draw = np.random.default_rng(seed)
    rows = []
    for who in range(n):
        often = who % 2 == 1
        for day in draw.integers(300 if often else 0, 366 if often else 200, 25 if often else 1):
            paid = float(draw.lognormal(6 if often else 2, 0.2))
            rows.append((who, dt.date(2024, 1, 1) + dt.timedelta(days=int(day)), paid))
    return pl.DataFrame(rows, schema=["client", "day", "paid"], orient="row")


def test_clusters_are_found_where_there_are_some() -> None:
    found = lk.rfm.clusters(kinds(1, 600), **ROLES)
    assert found.table["customers"].to_list() == [300, 300]
    assert found.fits.filter("chosen")["k"].to_list() == [2]
    assert min(found.table["stability"]) > 0.95
    of = found.customers.with_columns(often=pl.col("customer") % 2)
    assert of.group_by("cluster").agg(pl.col("often").n_unique())["often"].to_list() == [1, 1]
    names = set(found.table["name"])
    assert all(("seldom" in name) != ("frequent" in name) or "checks" in name for name in names) and len(names) == 2


def test_customers_without_clusters_are_one_group() -> None:
    found = lk.rfm.clusters(base(5, 900), **ROLES)
    assert found.table.height == 1 and found.table["stability"].to_list() == [None]
    assert "one group" in found.notes[-1] and "no clusters" in repr(found)


def test_clusters_do_not_depend_on_the_unit_of_money_and_the_number_can_be_given() -> None:
    lines = kinds(2, 300)
    one = lk.rfm.clusters(lines, **ROLES, number=3)
    other = lk.rfm.clusters(lines.with_columns(pl.col("paid") * 0.01), **ROLES, number=3)
    assert one.table.height == 3 and one.customers.equals(other.customers)
    assert "was given: 3" in one.notes[-1]
    margins = one.table.select(pl.col("customers", "share_customers", "share_revenue").sum()).row(0)
    assert margins == pytest.approx((300, 1, 1))


def test_a_large_base_is_judged_by_a_sample() -> None:
    found = lk.rfm.clusters(kinds(3, 5000), **ROLES, most=3)
    assert found.customers.height == 5000 and found.table["customers"].to_list() == [2500, 2500]


def test_the_command_shows_clusters_and_writes_their_customers(tmp_path: Path) -> None:
    kinds(1, 600).write_parquet(tmp_path / "lines.parquet")
    asked = ["clusters", str(tmp_path / "lines.parquet"), "--measure", "frequency", "--measure", "average_check"]
    roles = [word for role, column in ROLES.items() for word in (f"--{role}", column)]
    done = CliRunner().invoke(app, [*asked, *roles, "--most", "3", "--tables", str(tmp_path / "tables")])
    assert done.exit_code == 0, done.output
    assert "2 clusters of 600 customers" in done.output and "frequent, large checks" in done.output
    assert pl.read_parquet(tmp_path / "tables" / "customers.parquet")["cluster"].n_unique() == 2
    wrong = CliRunner().invoke(app, [*asked, *roles, "--measure", "margin"])
    assert wrong.exit_code == 2 and "margin" in wrong.output


def test_parameters_of_clusters_are_checked() -> None:
    lines = kinds(1, 20)
    for given_as, says in (
        ({"measures": []}, "one measure or more, each once"),
        ({"measures": ["recency", "recency"]}, "one measure or more, each once"),
        ({"measures": ["margin"]}, 'got "margin"'),
        ({"measures": ["products"]}, "it has no products"),
        ({"number": 0}, "number: got 0; expected 1 to 20"),
        ({"most": 21}, "most: got 21; expected 1 to 20"),
    ):
        with pytest.raises(lk.ParameterError, match=says):
            lk.rfm.clusters(lines, **ROLES, **given_as)
    same = lk.rfm.clusters(pl.DataFrame({"client": [1, 2], "day": ["2024-01-01"] * 2, "paid": [5.0] * 2}), **ROLES)
    assert same.table["customers"].to_list() == [2] and "is the same for all customers" in same.notes[0]


def test_small_groups_are_hidden_with_those_that_would_give_them_away() -> None:
    scores = lk.rfm.score(base(1, 60), **ROLES)
    segments, safe = scores.segments, scores.hide_small("segments", least=8)
    few = segments.filter(pl.col("customers").is_between(1, 7))
    hidden = safe.filter(pl.col("customers").is_null())
    assert few.height >= 1 and hidden.height >= 2
    assert set(few["segment"]) <= set(hidden["segment"]) and safe["segment"].equals(segments["segment"])
    assert segments.filter(pl.col("segment").is_in(hidden["segment"].to_list()))["customers"].sum() >= 8
    assert hidden.drop("segment", "action").null_count().row(0) == (hidden.height,) * (hidden.width - 2)
    assert not segments["customers"].eq(1).any() and scores.hide_small(least=2).equals(segments)


def test_what_cannot_be_hidden_is_refused() -> None:
    scores = lk.rfm.score(base(1, 60), **ROLES)
    with pytest.raises(lk.ParameterError, match="least: got 1; expected 2 people or more"):
        scores.hide_small("segments", least=1)
    with pytest.raises(lk.ParameterError, match="table: got 'groups'; expected one with the column 'customers'"):
        scores.hide_small("groups")
    with pytest.raises(lk.SchemaError, match="segmnt"):
        scores.hide_small("segments", keep="segmnt")


def test_in_pandas_all_of_it_is_pandas() -> None:
    import pandas as pd

    lines = base(1, 200).to_pandas()
    scores = lk.rfm.score(lines, **ROLES)
    assert isinstance(scores.hide_small("segments"), pd.DataFrame)
    assert isinstance(scores.apply(lines, **ROLES).drift, pd.DataFrame)
    assert isinstance(lk.rfm.clusters(lines, **ROLES).table, pd.DataFrame)
