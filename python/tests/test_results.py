"""What holds for every result: numbers or a reason, the same bits however they are computed, JSON, copies, safe pages, figures.

The suite runs over all results of `results.MAKERS`; a new analysis cannot escape it.
"""

from __future__ import annotations

import copy
import gc
import json
import math
import os
import pickle
import re
import subprocess
import sys
import weakref
from collections.abc import Iterator
from functools import cache
from html import unescape
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from results import HOSTILE, MAKERS, World, name_of

import leverkit as lk
from leverkit._lib.result import Result
from leverkit._lib.text import told
from leverkit.profit.results import TableResult

#: Classes that results are built on.
BASES = {TableResult}
WORLDS = {
    "one group": World(groups=1),
    "two groups": World(groups=2),
    "eight groups": World(groups=8),
    "hostile names": World(groups=8, names=HOSTILE),
}


def null(column: str) -> pl.Expr:
    return pl.col(column).is_null()


#: Tables with a column of reasons, and what it explains: the nulls of a column.
EXPLAINED = {
    (lk.effect.Programme, "groups"): null("effect"),
    (lk.effect.Did, "effects"): null("estimate"),
    (lk.clv.Contest, "table"): null("mae"),
    (lk.effect.Holdout, "effects"): null("estimate"),
    (lk.effect.Holdout, "received"): null("estimate"),
    (lk.effect.Holdout, "segments"): null("estimate"),
    (lk.effect.TestDesign, "table"): null("mean"),
    (lk.funnel.Ladder, "table"): null("conversion"),
    (lk.pricing.Conjoint, "table"): null("estimate"),
    (lk.pricing.Conjoint, "willingness_to_pay"): null("willingness_to_pay"),
    (lk.pricing.Elasticity, "compared"): null("estimate"),
    (lk.pricing.Elasticity, "table"): null("estimate"),
    (lk.pricing.GroupElasticities, "table"): null("estimate"),
    (lk.pricing.Hedonic, "table"): null("estimate"),
    (lk.pricing.Leadership, "table"): null("response"),
    # The first row is all deals, whom nobody is compared with.
    (lk.pricing.Leakage, "table"): pl.col("dimension").is_not_null() & null("lower"),
    (lk.pricing.OptimalPrice, "table"): null("price"),
    (lk.pricing.PriceIndex, "table"): null("index"),
    (lk.pricing.RatingConjoint, "table"): null("estimate"),
    (lk.pricing.RatingConjoint, "willingness_to_pay"): null("willingness_to_pay"),
    (lk.pricing.ValueMap, "line"): null("estimate"),
    (lk.pricing.Westendorp, "table"): null("price"),
    (lk.survey.Position, "drivers"): null("estimate"),
    (lk.profit.BreakEven, "table"): null("break_even"),
    (lk.rfm.LimitDays, "limits"): null("limit_day"),
    (lk.rfm.Norms, "table"): null("norm") & (pl.col("measure") != "all"),
    # The last item is what utilities are measured from.
    (lk.survey.MaxDiff, "table"): null("p_value"),
}
#: Tables in which a reason is the row itself, and explains no other column.
REASONS = {
    (lk.pricing.Elasticity, "left_out"),
    (lk.pricing.GroupElasticities, "left_out"),
    (lk.report.Plan, "left_out"),
}

SUMS = "sums of floats in the order of rows differ in their last digits"
#: What the order of rows may change, by class; all else is the same to the last bit.
ROUNDED = {
    lk.effect.Holdout: SUMS,
    lk.pricing.Waterfall: SUMS,
    lk.pricing.Leakage: SUMS,
    lk.pricing.DealScores: SUMS,
    lk.pricing.Bridge: SUMS,
    lk.pricing.ValueMap: SUMS,
    lk.pricing.Hedonic: SUMS,
    lk.pricing.Elasticity: SUMS,
    lk.pricing.GroupElasticities: SUMS,
    lk.pricing.Conjoint: SUMS,
    lk.pricing.RatingConjoint: SUMS,
    lk.pricing.MarketSimulation: SUMS,
    lk.pricing.PriceCurve: SUMS,
    lk.report.Plan: SUMS,
    lk.survey.Needs: SUMS,
    lk.survey.Position: SUMS,
    lk.pricing.Westendorp: "see BY_PLACE",
}
#: Columns that follow the place of rows, by class.
BY_PLACE: dict[type[Result], tuple[set[str], str]] = {
    lk.pricing.DealScores: ({"row"}, "deals are named by their row"),
    lk.pricing.Leakage: ({"row"}, "deals are named by their row"),
    lk.pricing.ValueMap: (
        {"fair_lower", "fair_upper", "gap_lower", "gap_upper", "probability_above", "verdict"},
        "the bootstrap draws products by their place",
    ),
    lk.pricing.Westendorp: ({"lower", "upper"}, "the bootstrap draws answers by their place"),
}

RUSSIAN = World(names=("север", "юг", "запад", "восток", "верх", "низ", "внутри", "снаружи"))
#: Words that English sentences can hardly do without, and that no column of the data is called.
ENGLISH = re.compile(
    r"\b(the|of|is|are|and|or|to|from|with|within|by|that|this|none|unknown|profit|more|than|beyond)\b", re.I
)
#: Three Latin words in a row; no name of the Russian data has any.
LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]*(?:,? +[A-Za-z][A-Za-z'’-]*){2,}")

#: Numbers as English writes them, but for days: 24.12.2024.
ENGLISH_NUMBER, RUSSIAN_DAY = re.compile(r"\d\.\d|\d\d,\d{3}\b|\d%"), re.compile(r"\b\d\d\.(\d\d\.)?\d{4}\b")

every_result = pytest.mark.parametrize("kind", MAKERS, ids=name_of)
every_world = pytest.mark.parametrize("world", WORLDS)


@cache
def made(kind: type[Result], world: str = "two groups") -> Any:
    return MAKERS[kind](WORLDS[world])


def results() -> set[type[Result]]:
    """All subclasses of `Result` in leverkit."""
    for module in walk_packages(lk.__path__, "leverkit."):
        if not module.name.endswith(("__main__", "_engine")):
            import_module(module.name)

    def below(kind: type[Result]) -> set[type[Result]]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    return {kind for kind in below(Result) - {Result} - BASES if kind.__module__.startswith("leverkit.")}


def test_every_result_has_a_maker() -> None:
    assert results() == set(MAKERS), "add a maker to python/tests/results.py"


@every_world
@every_result
def test_every_float_is_finite_or_null(kind: type[Result], world: str) -> None:
    found = made(kind, world)
    assert found._preview().height, "an empty table proves nothing"
    for name, table in found._tables.items():
        floats = table.select(pl.col(pl.Float64, pl.Float32))
        wrong = [column.name for column in floats if not column.is_finite().fill_null(True).all()]
        assert not wrong, f"{name}: {wrong}"


@every_world
@every_result
def test_what_is_not_known_has_its_reason(kind: type[Result], world: str) -> None:
    for name, table in made(kind, world)._tables.items():
        if "reason" in table.columns and (kind, name) not in REASONS:
            unknown = table.filter(EXPLAINED[kind, name])
            assert unknown["reason"].null_count() == 0, f"{name}: {unknown}"


def digests(threads: int) -> str:
    program = Path(__file__).with_name("results.py")
    environment = {**os.environ, "LEVERKIT_MAX_THREADS": str(threads), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_number_of_threads_changes_no_bit() -> None:
    one = digests(1)
    assert len(one.splitlines()) == len(MAKERS)
    assert digests(2) == one
    assert digests(4) == one


@every_result
def test_the_order_of_rows_changes_nothing_but_what_is_said(kind: type[Result]) -> None:
    found, shuffled = made(kind), MAKERS[kind](World(groups=2, order=7))
    moved, _ = BY_PLACE.get(kind, (set(), ""))
    for name, table in found._tables.items():
        there, again = table.drop(moved, strict=False), shuffled._tables[name].drop(moved, strict=False)
        if kind not in ROUNDED:
            assert repr(again.rows()) == repr(there.rows()), name
            continue
        for before, after in zip(in_order(there), in_order(again), strict=True):
            assert all(map(is_close, before, after)), f"{name}: {before} and {after}"


def in_order(table: pl.DataFrame) -> list[tuple[Any, ...]]:
    """The rows in an order of their own, in which last digits do not count."""
    rounded = [f"{value:.6g}" if isinstance(value, float) else str(value) for row in table.rows() for value in row]
    keys = [rounded[place * table.width : (place + 1) * table.width] for place in range(table.height)]
    return [row for _, row in sorted(zip(keys, table.rows(), strict=True), key=lambda pair: pair[0])]


def is_close(before: Any, after: Any) -> bool:
    if isinstance(before, float) and isinstance(after, float):
        return math.isclose(before, after, rel_tol=1e-9, abs_tol=1e-9)
    return bool(before == after)


@every_world
@every_result
def test_to_dict_is_json(kind: type[Result], world: str) -> None:
    found = made(kind, world)
    told = found.to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert set(told) == {*found._tables, "params", "notes"}
    assert all(len(told[name]) == table.height for name, table in found._tables.items())


def of_pickle(found: Any) -> Any:
    return pickle.loads(pickle.dumps(found))


@pytest.mark.parametrize("again", [of_pickle, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
@every_result
def test_a_copy_is_equal(kind: type[Result], again: Any) -> None:
    found = made(kind)
    twin = again(found)
    assert list(twin._tables) == list(found._tables)
    for name, table in found._tables.items():
        assert_frame_equal(twin._tables[name], table, check_exact=True)
        assert_frame_equal(getattr(twin, name), getattr(found, name), check_exact=True)
    values = {name: getattr(found, name) for name in kind._names(of_tables=False)}
    assert {name: getattr(twin, name) for name in values} == values
    assert (twin.params, twin.notes, repr(twin)) == (found.params, found.notes, repr(found))


def test_a_deep_copy_shares_nothing_that_can_be_changed() -> None:
    found = made(lk.rfm.Scores)
    twin = copy.deepcopy(found)
    twin.params["bins"] = "changed"
    twin.notes.append("more")
    assert (found.params["bins"], found.notes) != ("changed", twin.notes)


def test_a_copy_keeps_the_kind_of_frame() -> None:
    lines = WORLDS["two groups"].lines.to_pandas()
    found = lk.rfm.score(lines, customer="customer", time="day", amount="paid")
    for twin in (of_pickle(found), copy.deepcopy(found)):
        assert type(twin.customers) is type(found.customers)


GOES_ON = {
    lk.rfm.Scores: lambda found: found.save("never.json"),
    lk.funnel.NextProducts: lambda found: found.recommend(),
    lk.funnel.StageFunnel: lambda found: found.audit(),
    lk.pricing.Bridge: lambda found: found.drill("group"),
    lk.pricing.Waterfall: lambda found: found.compare("north", "south"),
    lk.pricing.OptimalPrice: lambda found: found.simulate([1.0]),
    lk.pricing.Conjoint: lambda found: found.simulate(WORLDS["two groups"].market),
}


@pytest.mark.parametrize("kind", GOES_ON, ids=name_of)
def test_what_goes_on_from_the_engine_s_result_asks_to_compute_again(kind: type[Result], tmp_path: Path) -> None:
    with pytest.raises(lk.errors.LeverkitError, match=f"{kind.__name__} came out of another process.*compute it again"):
        GOES_ON[kind](of_pickle(made(kind)))


def test_a_table_that_was_not_made_is_no_attribute() -> None:
    world = WORLDS["two groups"]
    found = lk.funnel.stages(world.events, entity="who", time="at", stage="what", stages=list(world.names[:2]))
    for twin in (found, of_pickle(found)):
        assert not hasattr(twin, "exits")
    answers = {"too_cheap": "too_cheap", "cheap": "cheap", "expensive": "expensive", "too_expensive": "too_expensive"}
    assert of_pickle(lk.pricing.van_westendorp(world.answers, **answers)).reach is None


def test_a_result_is_gone_when_nobody_holds_it() -> None:
    found = lk.rfm.score(WORLDS["two groups"].ledger)
    assert found.customers.height
    gone = weakref.ref(found)
    gc.disable()  # large tables do not wait for the collector
    try:
        del found
        assert gone() is None
    finally:
        gc.enable()


@every_result
def test_a_result_is_frozen_and_names_its_tables(kind: type[Result]) -> None:
    found = made(kind)
    with pytest.raises(AttributeError, match="frozen"):
        found.params = {}
    with pytest.raises(AttributeError, match=f"its tables are {', '.join(found._tables)}"):
        _ = found.nothing_of_that_name
    assert set(found._tables) <= set(dir(found))


def test_every_table_and_value_is_told_in_the_docstring() -> None:
    untold = [
        f"{name_of(kind)}.{name}"
        for kind in MAKERS
        for name in kind._declared
        if not name.startswith("_") and not re.search(rf"^    (\w+, )*{name}(, \w+)* : ", kind.__doc__ or "", re.M)
    ]
    assert not untold


@every_result
def test_a_page_runs_nothing_that_stands_in_a_name(kind: type[Result]) -> None:
    found = made(kind, "hostile names")
    page = found._repr_html_()
    assert "<h4>" in page and "<table" in page
    assert "<img" not in page and "<br>{0}" not in page
    assert repr(found)


@every_world
@pytest.mark.parametrize(("kind", "figure"), [(kind, figure) for kind in MAKERS for figure in kind.plot.kinds], ids=str)
def test_every_figure_is_drawn(kind: type[Result], figure: str, world: str) -> None:
    assert len(made(kind, world).plot(figure).to_json()) > 500


@every_result
def test_every_share_is_written_with_a_space(kind: type[Result]) -> None:
    for figure in kind.plot.kinds:
        drawn = json.loads(made(kind).plot(figure).to_json())
        drawn["layout"].pop("template")
        assert not re.search(r"\.\d%", json.dumps(drawn)), figure


def test_a_figure_takes_a_title_and_a_template_of_plotly() -> None:
    figure = made(lk.rfm.Scores).plot("heatmap", title="Who buys", template="plotly_dark")
    look = figure.layout.template.layout
    assert figure.layout.title.text == "Who buys"
    assert (look.paper_bgcolor, look.legend.yref) == ("rgb(17,17,17)", "container")


@every_result
def test_the_figures_declared_are_those_that_there_are(kind: type[Result]) -> None:
    kinds = kind.plot.kinds
    with pytest.raises(lk.ParameterError) as told:
        made(kind).plot("no such figure")
    assert re.findall(r'"(\w+)"', str(told.value).partition("expected")[2]) == list(kinds)
    assert made(kind).plot().to_json() == made(kind).plot(kinds[0]).to_json(), "the first is the default"
    assert all(f'"{name}"' in kind.plot.__doc__ for name in kinds), "help(…plot) names every kind"


def sentences(node: Any, place: str = "") -> Iterator[str]:
    """What people read in a figure: titles, names, labels, what a pointer shows."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name not in ("template", "colorscale"):
                yield from sentences(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from sentences(value, place)
    elif isinstance(node, str) and place in (
        "text",
        "name",
        "hovertemplate",
        "hovertext",
        "x",
        "y",
        "label",
        "ticktext",
        "customdata",
    ):
        yield re.sub(r"%\{[^}]*\}|<[^>]*>", "", node)


def written_in_english(text: str) -> bool:
    """Whether a text has a number that Russian would write otherwise."""
    return ENGLISH_NUMBER.search(RUSSIAN_DAY.sub("", text)) is not None


@every_result
def test_no_english_sentence_reaches_a_russian_figure_or_page(kind: type[Result]) -> None:
    found = MAKERS[kind](RUSSIAN)
    with lk.language("ru"):
        texts = [found._headline(), *map(told, found.notes)]
        for figure in kind.plot.kinds:
            texts += sentences(json.loads(found.plot(figure).to_json()))
        page = found._repr_html_()
    assert not [text for text in texts if ENGLISH.search(text) or LATIN.search(text)]
    assert not [text for text in texts if written_in_english(text)]
    assert not LATIN.search(re.sub("<table.*</table>|<style.*</style>|<[^>]*>", "\n", page, flags=re.S))


def test_no_english_sentence_reaches_a_section_of_a_russian_report() -> None:
    world = RUSSIAN
    stages = {"entity": "who", "time": "at", "stage": "what", "stages": list(world.names[:4]), "by": "group"}
    report = lk.report.build(
        world.ledger,
        language="ru",
        limit_day={"horizon": 90},
        events=world.events,
        stages={**stages, "value": "paid"},
        journey={"entity": "who", "time": "at", "event": "what", "channel": "channel"},
        quantities={"frame": world.plans, "entity": "patient", "levels": list(world.names[:3]), "value": "price"},
    )
    assert len(report.sections) == 14
    read = re.sub("<(script|style|pre)\\b.*?</\\1>|<[^>]*>", "\n", report.html, flags=re.S)
    figures = [figure.figure for section in report.sections for figure in section.figures]
    drawn = [text for figure in figures for text in sentences(json.loads(figure.to_json()))]
    assert not [text for text in (*unescape(read).splitlines(), *drawn) if LATIN.search(text)]
