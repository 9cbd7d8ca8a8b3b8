"""Figures show what the tables say, whatever the data look like."""

import datetime as dt
import subprocess
import sys

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import leverkit as lk
from leverkit._lib import numbers
from leverkit.plots import scores as plots
from leverkit.plots import theme
from leverkit.plots.histogram import histogram, round_ticks
from leverkit.plots.ledger import quality_bar

KINDS = ["treemap", "heatmap", "distributions"]
START = dt.date(2024, 1, 1)


def ledger_of(rows):
    """A ledger of (customer, day since the start, amount)."""
    customers, days, amounts = zip(*rows, strict=True)
    dates = [None if day is None else START + dt.timedelta(days=day) for day in days]
    frame = pl.DataFrame(
        {"c": customers, "t": dates, "a": amounts}, schema={"c": pl.Int64, "t": pl.Date, "a": pl.Float64}
    )
    return lk.Ledger(frame, customer="c", time="t", amount="a")


MANY = [
    (customer, day * (customer % 7 + 1), 10.0 * customer)
    for customer in range(1, 101)
    for day in range(customer % 5 + 1)
]
CASES = {
    "many customers": MANY,
    "one customer": [(1, 0, 10.0)],
    "all equal": [(customer, 0, 10.0) for customer in range(20)],
    "no money": [(customer, customer, 0.0) for customer in range(20)],
    "returns only for some": [*MANY, (900, 3, -5.0), (901, 4, -7.0)],
    "more returned than bought": [*MANY, (1, 200, -10_000.0)],
    "heavy tail": [*MANY, (999, 50, 1e9)],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES)
def test_every_figure_can_be_drawn(case, kind):
    figure = lk.rfm.score(ledger_of(CASES[case])).plot(kind)
    assert "NaN" not in figure.to_json()


@pytest.mark.parametrize("method", ["nested", "rank", "equal_width", "kmeans"])
def test_distributions_can_be_drawn_for_every_method(method):
    figure = lk.rfm.score(ledger_of(MANY), method=method).plot("distributions")
    assert len(figure.data) == 3


def test_rank_scores_have_no_cut_points_to_draw():
    figure = lk.rfm.score(ledger_of(MANY), method="rank").plot("distributions")
    assert len(figure.layout.shapes) == 0


def test_an_unknown_kind_names_those_that_there_are():
    with pytest.raises(lk.ParameterError, match=r"got 'pie'; expected \"treemap\""):
        lk.rfm.score(ledger_of(MANY)).plot("pie")


@pytest.mark.parametrize("area", ["customers", "revenue"])
def test_the_treemap_holds_every_segment_that_has_customers(area):
    scores = lk.rfm.score(ledger_of(MANY))
    drawn = plots.segment_treemap(scores, area=area).data[0]
    held = scores.segments.filter(pl.col("customers") > 0)
    assert dict(zip(drawn.labels, drawn.values, strict=True)) == dict(zip(held["segment"], held[area], strict=True))


def test_the_heat_map_counts_every_scored_customer_once():
    scores = lk.rfm.score(ledger_of(CASES["returns only for some"]))
    drawn = plots.rf_heatmap(scores).data[0]
    assert sum(cell or 0 for row in drawn.z for cell in row) == 100
    assert "2 with returns only have no score" in scores.plot("heatmap").layout.title.subtitle.text


def test_the_bars_of_a_distribution_add_up_to_the_customers():
    figure = lk.rfm.score(ledger_of(CASES["heavy tail"])).plot("distributions")
    assert [sum(bars.y) for bars in figure.data] == [101, 101, 101]


def test_a_figure_of_many_customers_ships_no_values():
    few = lk.rfm.score(ledger_of(MANY)).plot("distributions").to_json()
    many = (
        lk.rfm.score(ledger_of([(customer, customer % 300, customer % 997 + 1.0) for customer in range(20_000)]))
        .plot("distributions")
        .to_json()
    )
    assert len(many) < 3 * len(few)


def test_the_quality_figure_shows_rows_kept_and_rows_set_aside():
    bars = quality_bar(ledger_of([(1, 0, 10.0), (None, 1, 5.0), (2, None, 5.0), (3, 2, float("nan"))])).data[0]
    assert dict(zip(bars.y, bars.x, strict=True)) == {
        "kept": 1,
        "null customer (c)": 1,
        "null time (t)": 1,
        "null amount (a)": 1,
    }


reals = st.floats(min_value=-1e9, max_value=1e9) | st.integers(min_value=-1000, max_value=1000).map(float)


@given(st.lists(reals, max_size=60))
@example([0.0, 5e-324])
def test_a_histogram_counts_each_value_once_between_ascending_edges(values):
    found = histogram(pl.Series(values, dtype=pl.Float64))
    assert sum(found.counts) == len(values)
    assert found.edges == sorted(set(found.edges))
    assert len(found.edges) == len(found.counts) + 1


def test_a_histogram_of_a_heavy_tail_is_logarithmic_and_says_what_lies_beyond():
    found = histogram(pl.Series([float(value) for value in range(1, 1001)] + [1e12]))
    assert found.is_log
    assert found.beyond == 1
    assert found.edges[-1] < 1e9


def test_a_cut_point_between_whole_numbers_lies_between_their_bars():
    found = histogram(pl.Series([1, 2, 3, 4]))
    assert found.between(2.0, is_upper=True) == found.between(2.4, is_upper=True) == 2.5
    assert found.between(2.0, is_upper=False) == 1.5


def test_ticks_are_round_and_within_the_axis():
    assert round_ticks(0.7, 60, is_log=True) == [1, 2, 5, 10, 20, 50]
    assert round_ticks(-0.5, 20.5, is_log=False) == [0, 5, 10, 15, 20]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (-0.0, "0 %"),
        (1.0, "100 %"),
        (0.99999, "99.9 %"),
        (0.46, "46 %"),
        (0.0997, "10 %"),
        (0.034, "3.4 %"),
        (0.00001, "< 0.1 %"),
        (-0.0003, "> \N{MINUS SIGN}0.1 %"),
        (None, "–"),
    ],
)
def test_a_share_never_reads_as_none_or_all_when_it_is_not(share, text):
    assert numbers.percent(share).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("shares", "from_zero", "texts"),
    [
        ([0.9, 1.0], True, ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]),
        ([0.91, 1.0], False, ["90 %", "92 %", "94 %", "96 %", "98 %", "100 %"]),
        ([0.5, 0.5], False, ["0 %", "10 %", "20 %", "30 %", "40 %", "50 %", "60 %", "70 %", "80 %", "90 %", "100 %"]),
        ([-1.0, 2.0, None, float("inf")], True, ["\N{MINUS SIGN}100 %", "0 %", "100 %", "200 %"]),
        ([], True, ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]),
        ([0.0], True, ["0 %"]),
    ],
)
def test_an_axis_of_shares_has_few_round_ticks(shares, from_zero, texts):
    found = theme.share_ticks(shares, from_zero=from_zero)["ticktext"]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in found] == texts


def test_money_reads_with_separators_and_a_true_minus():
    assert [numbers.money(value) for value in (4605345.2, 31.2, -1234.5, -0.0, None)] == [
        "4,605,345",
        "31.20",
        "\N{MINUS SIGN}1,234",
        "0.00",
        "–",
    ]
    assert numbers.short_money(4605345).replace("\N{NO-BREAK SPACE}", " ") == "4.6 million"


def test_each_default_segment_has_its_own_colour():
    names = lk.rfm.score(ledger_of(MANY)).segments["segment"].to_list()
    assert names == list(theme.SEGMENT_COLOURS)
    assert len(set(theme.segment_colours(names).values())) == len(names)
    assert theme.segment_colours(["Good", "Bad"]) == {
        "Good": theme.SEGMENT_COLOURS["Champions"],
        "Bad": theme.SEGMENT_COLOURS["Lost"],
    }


def test_without_plotly_leverkit_works_and_a_plot_says_what_to_install():
    program = """
import sys
sys.modules["plotly"] = None
import leverkit as lk, polars as pl
scores = lk.rfm.score(pl.DataFrame({"c": [1], "t": ["2024-01-01"], "a": [1.0]}), customer="c", time="t", amount="a")
try:
    scores.plot()
except ImportError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == 'plots need Plotly: pip install "leverkit[plot]"'
