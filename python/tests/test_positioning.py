"""Images and maps: published values, planted images, chance that is called chance, prince as an oracle."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app
from leverkit.report.survey import survey_sections

#: The table of R's `ca` (Nenadić & Greenacre 2007).
STAFF, SMOKES = ["SM", "JM", "SE", "JE", "SC"], ["none", "light", "medium", "heavy"]
COUNTS = [[4, 2, 3, 2], [4, 3, 7, 4], [25, 10, 12, 4], [18, 24, 33, 13], [10, 6, 7, 2]]
SMOKE = pl.DataFrame(
    [(staff, smokes, COUNTS[row][column]) for row, staff in enumerate(STAFF) for column, smokes in enumerate(SMOKES)],
    schema=["staff", "smokes", "n"],
    orient="row",
)


def ticks(n: int = 300, seed: int = 1, planted: float = 0.3, wave: int = 0) -> pl.DataFrame:
    """Ticks of respondents; brand a is fresher by `planted` than others in wave 0, and in wave 1 cheaper."""
    draw = random.Random(seed)
    rows = []
    for who in range(n):
        for brand, size in (("a", 0.5), ("b", 0.3), ("c", 0.2)):
            for said in ("fresh", "cheap", "kind", "fast"):
                own = planted if (brand, said) == ("a", "cheap" if wave else "fresh") else 0.0
                rows.append((f"{wave}-{who}", wave, brand, said, draw.random() < size + own))
    return pl.DataFrame(rows, schema=["who", "wave", "brand", "says", "picked"], orient="row")


COLUMNS = {"respondent": "who", "brand": "brand", "attribute": "says", "picked": "picked"}


def test_smoke_has_the_axes_of_ca_and_is_no_finding() -> None:
    found = lk.survey.correspondence(SMOKE, row="staff", column="smokes", count="n")
    assert found.axes["inertia"].to_list() == pytest.approx([0.0747591059, 0.0100171805, 0.0004135741], abs=1e-9)
    assert found.inertia == pytest.approx(0.0851898605, abs=1e-9)
    assert (found.chi_squared, found.p_value) == pytest.approx((16.4416, 0.172), abs=5e-4)
    place = found.table.filter(name="SM").row(0, named=True)
    assert (abs(place["x"]), abs(place["y"])) == pytest.approx((0.065768, 0.193737), abs=1e-6)
    assert any("no more than chance" in note for note in found.notes)


def test_prince_finds_the_same_places() -> None:
    prince = pytest.importorskip("prince")
    import pandas as pd

    frame = pd.DataFrame(COUNTS, index=STAFF, columns=SMOKES)
    there = np.abs(prince.CA(n_components=2).fit(frame).row_coordinates(frame).to_numpy())
    found = lk.survey.correspondence(SMOKE, row="staff", column="smokes", count="n")
    rows = {row["name"]: row for row in found.table.iter_rows(named=True)}
    here = np.abs([[rows[name]["x"], rows[name]["y"]] for name in STAFF])
    assert here == pytest.approx(there, abs=1e-9)


def test_what_was_planted_in_an_image_is_found_and_nothing_else() -> None:
    found = lk.survey.image(ticks(n=600), **COLUMNS)
    told = found.table.filter(pl.col("verdict") == "strength").select("brand", "attribute").rows()
    assert ("a", "fresh") in told
    assert found.map_p_value < 0.01
    assert found.n == 600


def test_an_image_of_sizes_alone_is_none() -> None:
    found = [lk.survey.image(ticks(seed=seed, planted=0.0), **COLUMNS) for seed in range(20)]
    assert sum(image.map_p_value <= 0.05 for image in found) <= 3
    assert sum((image.table["verdict"] != "can't tell").any() for image in found) <= 3


def test_a_brand_that_moved_is_told_from_those_that_did_not() -> None:
    answers = pl.concat([ticks(n=500), ticks(n=500, seed=2, wave=1)])
    moves = dict(lk.survey.image(answers, **COLUMNS, wave="wave").moves.select("brand", "verdict").iter_rows())
    assert moves["a"] == "moved"
    with pytest.raises(lk.ParameterError, match="two waves"):
        lk.survey.image(ticks(), **COLUMNS, wave="wave")


def test_ticks_may_be_words_and_respondents_have_weights_and_strata() -> None:
    answers = ticks().with_columns(weight=pl.when(pl.col("who").str.ends_with("7")).then(3.0).otherwise(1.0))
    plain = lk.survey.image(answers, **COLUMNS, weight="weight")
    words = answers.with_columns(picked=pl.when("picked").then(pl.lit("да")).otherwise(pl.lit("no")))
    assert lk.survey.image(words, **COLUMNS, weight="weight").table.equals(plain.table)
    marks = answers.with_columns(picked=pl.when("picked").then(pl.lit("x")).otherwise(pl.lit("-")))
    marked = lk.survey.image(marks, **COLUMNS, weight="weight", scale={"x": "yes", "-": "no"})
    assert marked.table.equals(plain.table)
    # Three rows of a weight of 3 count as three respondents.
    thrice = pl.concat([answers, *(answers.filter(weight=3.0).with_columns(who=pl.col("who") + twin) for twin in "ab")])
    assert lk.survey.image(thrice, **COLUMNS).table["share"].to_list() == pytest.approx(plain.table["share"].to_list())
    few = lk.survey.image(answers, **COLUMNS, population=301.0)
    assert (few.table["upper"] - few.table["lower"]).max() < 0.2 * (plain.table["upper"] - plain.table["lower"]).max()
    with pytest.raises(lk.DataError, match=r'"perhaps" of respondent "0-0"'):
        lk.survey.image(words.with_columns(picked=pl.lit("perhaps")), **COLUMNS)


def test_a_weight_that_differs_within_a_respondent_is_refused() -> None:
    answers = ticks().with_columns(weight=1.0 + pl.int_range(pl.len()))
    with pytest.raises(lk.DataError, match="as in the respondent's other rows"):
        lk.survey.image(answers, **COLUMNS, weight="weight")


def test_supplementary_rows_do_not_form_the_map() -> None:
    twin = pl.concat([SMOKE, SMOKE.filter(staff="SE").with_columns(staff=pl.lit("twin"))])
    found = lk.survey.correspondence(twin, row="staff", column="smokes", count="n", supplementary="twin")
    rows = {row["name"]: row for row in found.table.iter_rows(named=True)}
    assert (rows["twin"]["x"], rows["twin"]["y"]) == pytest.approx((rows["SE"]["x"], rows["SE"]["y"]))
    assert found.inertia == pytest.approx(0.0851898605, abs=1e-9)


def test_a_brand_that_is_only_shown_forms_neither_map_nor_expectation() -> None:
    answers = ticks(n=400)
    twin = answers.filter(brand="a").with_columns(brand=pl.lit("ideal"))
    plain = lk.survey.image(answers, **COLUMNS)
    found = lk.survey.image(pl.concat([answers, twin]), **COLUMNS, supplementary="ideal")
    assert found.table.equals(plain.table)
    assert found.inertia == plain.inertia
    rows = {row["name"]: row for row in found.map.iter_rows(named=True)}
    assert (rows["ideal"]["x"], rows["ideal"]["y"]) == pytest.approx((rows["a"]["x"], rows["a"]["y"]))
    assert rows["ideal"]["kind"] == "supplementary"
    assert rows["ideal"]["sd_x"] > 0
    with pytest.raises(lk.ParameterError, match="names of brands"):
        lk.survey.image(answers, **COLUMNS, supplementary="nobody")


def test_scores_are_held_against_facts() -> None:
    rows = [
        (who, brand, says, best + (who % 2))
        for who in range(80)
        for says, best in (("cheap", (4, 2)), ("quick", (4, 2)), ("big", (3, 3)))
        for brand, best in zip("ab", best, strict=True)
    ]
    ratings = pl.DataFrame(rows, schema=["who", "brand", "says", "rating"], orient="row")
    asked = {"respondent": "who", "brand": "brand", "statement": "says", "value": "rating"}
    scheme = {name: name for name in ("cheap", "quick", "big")}
    facts = {"cheap": {"a": 1.1, "b": 0.9}, "quick": {"a": -3.0, "b": -1.0}, "big": {"a": 200, "b": 100}}
    found = lk.survey.position(ratings, **asked, scheme=scheme, facts=facts)
    told = {(row["block"], row["brand"]): row["verdict"] for row in found.facts.iter_rows(named=True)}
    assert told["cheap", "a"] == "earned"
    assert (told["quick", "a"], told["quick", "b"]) == ("unearned", "unnoticed")
    assert told["cheap", "b"] == "not best"
    assert lk.survey.position(ratings, **asked, scheme=scheme).facts is None
    with pytest.raises(lk.ParameterError, match="brands of the answers: a, b"):
        lk.survey.position(ratings, **asked, scheme=scheme, facts={"cheap": {"c": 1.0}})
    (section,) = survey_sections(None, ratings, {"position": {**asked, "scheme": scheme, "facts": facts}})
    assert "b is best in fact, and people do not see it: quick." in section.lead
    assert len(section.figures) == 3


def test_the_command_takes_facts(tmp_path: Path) -> None:
    rows = [(who, brand, "cheap", (4 if brand == "a" else 2) + who % 2) for who in range(60) for brand in "ab"]
    pl.DataFrame(rows, schema=["who", "brand", "says", "rating"], orient="row").write_csv(tmp_path / "ratings.csv")
    columns = ["--respondent", "who", "--brand", "brand", "--statement", "says", "--value", "rating"]
    asked = ["survey", "position", str(tmp_path / "ratings.csv"), *columns, "--block", "cheap=cheap"]
    facts = ["--fact", "cheap:a=1.5", "--fact", "cheap:b=2"]
    run = CliRunner().invoke(app, [*asked, *facts, "--tables", str(tmp_path / "{name}.csv")])
    assert run.exit_code == 0, run.output
    assert pl.read_csv(tmp_path / "facts.csv")["verdict"].to_list() == ["unearned", "unnoticed"]
    run = CliRunner().invoke(app, [*asked, "--fact", "cheap=2"])
    assert "expected DIMENSION:BRAND=NUMBER" in " ".join(run.output.split())


def test_what_nobody_ticked_is_left_out_by_name() -> None:
    answers = ticks().with_columns(picked=pl.col("picked") & (pl.col("says") != "kind"))
    found = lk.survey.image(answers, **COLUMNS)
    assert "kind" not in found.table["attribute"]
    assert any("Nobody ticked kind" in note for note in found.notes)


def test_what_is_no_count_is_refused() -> None:
    with pytest.raises(lk.ParameterError, match=r"-1 in row 0.*whole number"):
        lk.survey.correspondence(SMOKE.with_columns(n=pl.lit(-1)), row="staff", column="smokes", count="n")
    with pytest.raises(lk.DataError, match="at least two of each"):
        lk.survey.correspondence(SMOKE.filter(staff="SM"), row="staff", column="smokes", count="n")


RATED = {"respondent": "who", "brand": "brand", "statement": "says", "value": "rating"}


def ratings(n: int = 200, seed: int = 1) -> pl.DataFrame:
    """Brand a is cheapest, c lags everywhere; belief in b decides whether it is chosen."""
    draw = random.Random(seed)
    worth = {("a", "cheap"): 4.2, ("c", "cheap"): 2.5, ("c", "quick"): 2.5}
    rows = []
    for who in range(n):
        for brand in "abc":
            said = {says: draw.gauss(worth.get((brand, says), 3.4), 1) for says in ("cheap", "quick")}
            chosen = draw.random() < 1 / (1 + np.exp(-1.0 * (said["cheap"] - 3.4)))
            rows += [(who, brand, says, rating, chosen) for says, rating in said.items()]
    return pl.DataFrame(rows, schema=["who", "brand", "says", "rating", "chosen"], orient="row")


def test_who_is_best_at_what_is_told_only_where_it_is_sure() -> None:
    found = lk.survey.position(ratings(), **RATED, scheme={"cheap": "cheap", "quick": "quick"}, choice="chosen")
    brands = {row["brand"]: row for row in found.brands.iter_rows(named=True)}
    assert brands["a"]["best_on"] == "cheap"
    assert brands["c"]["verdict"] == "black hole"
    assert found.spaces.filter(block="cheap")["verdict"].item() == "taken"
    # a and b are equally quick: either leads with 0.9 by chance in a fifth of samples.
    blocks = {"cheap": "cheap", "quick": "quick"}
    again = [lk.survey.position(ratings(seed=seed), **RATED, scheme=blocks, replicates=200) for seed in range(10)]
    assert sum(other.spaces.filter(block="quick")["verdict"].item() == "free" for other in again) >= 6
    gap = found.table.filter(brand="a", block="cheap").row(0, named=True)
    assert gap["gap_lower"] > 0
    drivers = {row["block"]: row for row in found.drivers.iter_rows(named=True)}
    assert abs(drivers["cheap"]["estimate"] - 1.0) < 3 * drivers["cheap"]["std_error"]
    assert drivers["cheap"]["share"] > 0.9
    assert sum(row["share"] for row in drivers.values()) == pytest.approx(1)


def test_rdb_is_a_funnel_with_rivals() -> None:
    rows = [
        (who, brand, says, 5 if who % 10 < most else 2)
        for who in range(100)
        for brand, levels in (("a", (8, 6, 4)), ("b", (8, 3, 3)))
        for says, most in zip(("resonance", "differentiation", "belief"), levels, strict=True)
    ]
    answers = pl.DataFrame(rows, schema=["who", "brand", "says", "rating"], orient="row")
    found = lk.survey.position(answers, **RATED, scheme="rdb")
    assert found.funnel["share"].to_list() == pytest.approx([0.8, 0.6, 0.4, 0.8, 0.3, 0.3])
    rivals = dict(found.rivals.select("block", "verdict").iter_rows())
    assert rivals == {"resonance": "can't tell", "differentiation": "ahead", "belief": "ahead"}
    # 30 and 0 who say so of one brand alone: 2 · 2⁻³⁰.
    assert found.rivals.filter(block="differentiation")["p_value"][0] == pytest.approx(2 * 0.5**30)
    assert dict(found.brands.select("brand", "bottleneck").iter_rows())["b"] == "differentiation"


def test_what_fits_no_scheme_is_named() -> None:
    with pytest.raises(lk.ParameterError, match=r'"big".*statements that the answers have'):
        lk.survey.position(ratings(), **RATED)
    with pytest.raises(lk.DataError, match="one brand"):
        lk.survey.position(ratings().filter(brand="a"), **RATED, scheme={"cheap": "cheap"})
    found = lk.survey.position(ratings(), **RATED, scheme={"cheap": "cheap"})
    assert "Statements of no block are left out: quick." in found.notes


def test_the_command_does_the_same(tmp_path: Path) -> None:
    ticks(n=60).with_columns(pl.col("picked").cast(pl.Int8)).write_csv(tmp_path / "ticks.csv")
    names = ["--respondent", "who", "--brand", "brand", "--attribute", "says", "--picked", "picked"]
    done = CliRunner().invoke(
        app, ["survey", "image", str(tmp_path / "ticks.csv"), *names, "-o", str(tmp_path / "out.parquet")]
    )
    assert done.exit_code == 0, done.output
    assert pl.read_parquet(tmp_path / "out.parquet").height == 12
    ratings(n=40).drop("chosen").write_csv(tmp_path / "ratings.csv")
    names = [
        "--respondent",
        "who",
        "--brand",
        "brand",
        "--statement",
        "says",
        "--value",
        "rating",
        "--block",
        "low=cheap",
    ]
    done = CliRunner().invoke(
        app, ["survey", "position", str(tmp_path / "ratings.csv"), *names, "-o", str(tmp_path / "out.parquet")]
    )
    assert done.exit_code == 0, done.output
    assert pl.read_parquet(tmp_path / "out.parquet").height == 3


def test_answers_in_words_with_weights_and_strata_place_brands() -> None:
    rows = [
        (who, brand, says, 5 if who % 10 < most else 2, "n" if who < 40 else "s", 2.0 if who % 2 else 1.0)
        for who in range(100)
        for brand, most in (("a", 7), ("b", 4))
        for says in ("resonance", "differentiation", "belief")
    ]
    columns = ["who", "brand", "says", "rating", "town", "weight"]
    answers = pl.DataFrame(rows, schema=columns, orient="row")
    asked = {**RATED, "scheme": "rdb", "weight": "weight", "strata": "town"}
    found = lk.survey.position(answers, **asked)
    # Of ten, seven say so of a: 0, 2, 4, 6 with a weight of 1 and 1, 3, 5 with 2; four of b.
    assert found.funnel["share"].to_list() == pytest.approx([10 / 15] * 3 + [6 / 15] * 3)
    spoken = pl.when(pl.col("rating") == 5).then(pl.lit("полностью согласен")).otherwise(pl.lit("disagree"))
    words = lk.survey.position(answers.with_columns(rating=spoken), **asked)
    assert words.table.equals(found.table)
    assert words.rivals["p_value"].to_list() == pytest.approx(found.rivals["p_value"].to_list())
    assert set(found.rivals["verdict"]) == {"ahead"}
    marks = pl.when(pl.col("rating") == 5).then(pl.lit("++")).otherwise(pl.lit("-"))
    marked = lk.survey.position(
        answers.with_columns(rating=marks), **asked, scale={"++": "strongly agree", "-": "disagree"}
    )
    assert marked.table.equals(found.table)


def test_a_biplot_is_the_singular_values_of_the_centred_scores() -> None:
    found = lk.survey.position(ratings(n=400), **RATED, scheme={"cheap": "cheap", "quick": "quick"})
    scores = found.table.pivot(index="brand", on="block", values="score").select("cheap", "quick").to_numpy()
    centred = scores - scores.mean(axis=0)
    sizes = np.linalg.svd(centred, compute_uv=False)
    assert found.axes["inertia"].to_list() == pytest.approx(sizes**2 / 3)
    rows = {row["name"]: row for row in found.map.iter_rows(named=True)}
    places = np.array([[rows[name]["x"], rows[name]["y"]] for name in "abc"])
    directions = np.array([[rows[name]["x"], rows[name]["y"]] for name in ("cheap", "quick")])
    assert places @ directions.T == pytest.approx(centred)
    assert found.map["quality"].to_list() == pytest.approx([1.0] * 5)
    assert found.map_p_value < 0.01


def test_brands_that_are_rated_alike_have_no_map() -> None:
    draw = random.Random(3)
    frames = [
        pl.DataFrame(
            [
                (who, brand, says, 3 + (who % 3) + draw.gauss(0, 1))
                for who in range(60)
                for brand in "abcd"
                for says in ("cheap", "quick", "near")
            ],
            schema=["who", "brand", "says", "rating"],
            orient="row",
        )
        for _ in range(40)
    ]
    scheme = {name: name for name in ("cheap", "quick", "near")}
    found = [lk.survey.position(frame, **RATED, scheme=scheme, replicates=200) for frame in frames]
    assert sum(position.map_p_value <= 0.05 for position in found) <= 5
    assert any("no more than chance" in note for note in found[0].notes) == (found[0].map_p_value > 0.05)
    same = frames[0].with_columns(rating=pl.lit(3.0))
    found = lk.survey.position(same, **RATED, scheme=scheme, replicates=200)
    assert found.map.is_empty()
    assert found.map_p_value is None
    assert "All brands have the same scores" in found.plot("map").to_json()


def test_respondents_of_one_brand_each_exchange_their_answers() -> None:
    draw = random.Random(4)
    rows = [
        (who, "abc"[who % 3], says, draw.gauss(4 if (who % 3 == 0) and says == "cheap" else 3, 1))
        for who in range(300)
        for says in ("cheap", "quick")
    ]
    answers = pl.DataFrame(rows, schema=["who", "brand", "says", "rating"], orient="row")
    found = lk.survey.position(answers, **RATED, scheme={"cheap": "cheap", "quick": "quick"}, replicates=200)
    assert found.map_p_value < 0.01


PAIRS = {"respondent": "who", "one": "one", "other": "other", "value": "unlike"}
#: Six brands on a plane.
PLANE = {"a": (0, 0), "b": (3, 0), "c": (3, 2), "d": (0, 2), "e": (1.5, 3.5), "f": (1, 0.5)}


def compared(n: int = 50, noise: float = 0.5, seed: int = 1, *, planted: bool = True) -> pl.DataFrame:
    """How unlike respondents find pairs, 1 being the same."""
    draw = random.Random(seed)
    names = list(PLANE)
    rows = []
    for who in range(n):
        for place, one in enumerate(names):
            for other in names[place + 1 :]:
                apart = float(np.hypot(*np.subtract(PLANE[one], PLANE[other]))) if planted else 2.0
                rows.append((who, one, other, 1 + abs(apart + draw.gauss(0, noise))))
    return pl.DataFrame(rows, schema=["who", "one", "other", "unlike"], orient="row")


def distances(found: lk.survey.Similarity) -> np.ndarray:
    """Distances on the map, pair by pair."""
    return found.pairs["distance"].to_numpy()


def test_a_plane_is_found_again_whichever_way_the_scale_goes() -> None:
    exact = compared(n=3, noise=0.0)
    wanted = [
        np.hypot(*np.subtract(PLANE[one], PLANE[other])) for one, other in exact[:15].select("one", "other").rows()
    ]
    for method in ("smacof", "classical"):
        found = lk.survey.similarity(exact, **PAIRS, same=1, method=method, replicates=100)
        assert distances(found) == pytest.approx(wanted, abs=1e-4)
        assert found.stress < 1e-4
    turned = exact.with_columns(unlike=10 - pl.col("unlike"), one="other", other="one")
    assert distances(lk.survey.similarity(turned, **PAIRS, same=9, replicates=100)) == pytest.approx(wanted, abs=1e-4)


def test_scikit_learn_finds_no_lower_stress() -> None:
    manifold = pytest.importorskip("sklearn.manifold")
    draw = np.random.default_rng(5)
    names = list("abcdefghi")
    pairs = [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]
    for _ in range(5):
        unlike = draw.uniform(1, 8, len(pairs))
        square = np.zeros((9, 9))
        for (one, other), value in zip(pairs, unlike, strict=True):
            square[names.index(one), names.index(other)] = square[names.index(other), names.index(one)] = value
        answers = pl.DataFrame(
            {"who": 1, "one": [a for a, _ in pairs], "other": [b for _, b in pairs], "unlike": unlike}
        )
        found = lk.survey.similarity(answers, **PAIRS, same=0, replicates=100)
        there = manifold.MDS(
            n_components=2,
            metric="precomputed",
            init="random",
            n_init=50,
            max_iter=3000,
            eps=1e-12,
            random_state=1,
            normalized_stress=False,
        ).fit(square)
        # Ours is of both triangles, theirs of one.
        stress = np.sqrt(2 * there.stress_ / (square**2).sum())
        assert found.stress <= stress + 1e-6
        own = found.table.select("x", "y").to_numpy()
        apart = np.linalg.norm(own[:, None] - own[None], axis=2)
        assert found.stress == pytest.approx(np.sqrt(((square - apart) ** 2).sum() / (square**2).sum()))
        # Classical scaling by numpy.
        centre = np.eye(9) - 1 / 9
        values, vectors = np.linalg.eigh(-0.5 * centre @ square**2 @ centre)
        there = np.abs(vectors[:, [-1, -2]] * np.sqrt(values[[-1, -2]]))
        own = lk.survey.similarity(answers, **PAIRS, same=0, method="classical", replicates=100).table.select("x", "y")
        assert np.abs(own.to_numpy()) == pytest.approx(there, abs=1e-8)


def test_what_is_not_alike_by_more_than_chance_is_called_chance() -> None:
    assert lk.survey.similarity(compared(), **PAIRS, same=1).p_value < 0.01
    found = [
        lk.survey.similarity(compared(n=20, seed=seed, planted=False), **PAIRS, same=1, replicates=100)
        for seed in range(40)
    ]
    assert sum(one.p_value <= 0.05 for one in found) <= 5
    doubted = next(one for one in found if one.p_value > 0.05)
    assert any("no more than chance" in note for note in doubted.notes)


def test_ellipses_of_similarity_hold_the_truth() -> None:
    # Of a plane with noise, distances between the places of two samples are those that their scatter tells.
    one, other = (lk.survey.similarity(compared(n=200, seed=seed), **PAIRS, same=1) for seed in (1, 2))
    apart = np.abs(one.table.select("x", "y").to_numpy() - other.table.select("x", "y").to_numpy())
    spread = one.table.select("sd_x", "sd_y").to_numpy() * np.sqrt(2)
    assert (apart < 3.5 * spread).all()


def test_pairs_that_cannot_make_a_map_are_refused() -> None:
    answers = compared(n=3)
    with pytest.raises(lk.ParameterError, match='"the same": all answers on one side'):
        lk.survey.similarity(answers, **PAIRS, same=2.5)
    with pytest.raises(lk.ParameterError, match='"a" beside itself in row 0'):
        lk.survey.similarity(answers.with_columns(other="one"), **PAIRS, same=1)
    with pytest.raises(lk.DataError, match='nobody compared "a" with "b"'):
        lk.survey.similarity(answers.filter(~((pl.col("one") == "a") & (pl.col("other") == "b"))), **PAIRS, same=1)
    with pytest.raises(lk.DataError, match="2 items were compared"):
        lk.survey.similarity(answers.filter(one="a", other="b"), **PAIRS, same=1)
    with pytest.raises(lk.DataError, match="all pairs are said to be the same"):
        lk.survey.similarity(answers.with_columns(unlike=pl.lit(1)), **PAIRS, same=1)
    few = lk.survey.similarity(
        answers.filter(pl.col("one").is_in(["a", "b"]) & pl.col("other").is_in(["b", "c"])), **PAIRS, same=1
    )
    assert any("3 items fit a plane nearly always" in note for note in few.notes)
    words = answers.with_columns(unlike=pl.lit("alike"))
    with pytest.raises(lk.DataError, match="alike"):
        lk.survey.similarity(words, **PAIRS, same=1)


def test_the_command_maps_what_is_alike(tmp_path: Path) -> None:
    compared(n=10).write_csv(tmp_path / "pairs.csv")
    columns = ["--respondent", "who", "--one", "one", "--other", "other", "--value", "unlike", "--same", "1"]
    run = CliRunner().invoke(app, ["survey", "similarity", str(tmp_path / "pairs.csv"), *columns])
    assert run.exit_code == 0, run.output
    assert "stress" in run.output
