"""The report says what the data say, and is one file that needs nothing from outside."""

import datetime as dt
import re
import subprocess
import sys

import polars as pl
import pytest

import leverkit as lk
from leverkit.report import Action, Report, Section


def lines():
    """A hundred customers: the higher the number, the more orders, the larger, and the later the last."""
    rows = [
        (customer, dt.date(2024, 1, 1) + dt.timedelta(days=customer + 30 * order), 5.0 * customer, f"p{order}")
        for customer in range(1, 101)
        for order in range(customer // 10 + 1)
    ]
    return pl.DataFrame(rows, schema=["client", "day", "paid", "item"], orient="row")


def ledger(frame=None, **more):
    return lk.Ledger(
        lines() if frame is None else frame, customer="client", time="day", amount="paid", product="item", **more
    )


@pytest.fixture(scope="module")
def report():
    return lk.report.build(ledger(), title="Our customers")


def without_scripts(html):
    return re.sub(r"<(script|style).*?</\1>", "", html, flags=re.DOTALL)


def test_the_page_asks_nothing_of_the_network(report):
    markup = without_scripts(report.html)
    assert not re.search(r"""(src|href)\s*=\s*["'](?!data:|#)""", markup)
    assert "@import" not in report.html.split("<script>")[0]
    assert report.html.count("plotly.js v") == 1


def test_the_same_ledger_makes_the_same_page(report):
    assert lk.report.build(ledger(), title="Our customers").html == report.html


def test_the_page_shows_title_key_figures_and_every_section(report):
    markup = without_scripts(report.html)
    assert "<h1>Our customers</h1>" in markup
    for text in ("<b>100</b>", 'id="rfm"', 'id="data"', "How this was computed", f"leverkit {lk.__version__}"):
        assert text in markup


def test_every_segment_stands_in_the_page_with_its_action(report):
    markup = without_scripts(report.html)
    for row in report.tables["rfm_segments"].iter_rows(named=True):
        assert row["action"] in markup
        assert row["segment"].replace("'", "&#39;") in markup


def test_the_headline_names_the_fewest_segments_that_bring_half_of_the_revenue(report):
    segments = report.tables["rfm_segments"].sort("revenue", descending=True)
    named = [name for name in segments["segment"] if name in report.findings[0]]
    share = segments.filter(pl.col("segment").is_in(named))["share_revenue"].sum()
    smallest = segments.filter(pl.col("segment").is_in(named))["share_revenue"].min()
    assert named == segments["segment"].head(len(named)).to_list()
    assert share >= 0.5 > share - smallest


def test_customers_slipping_away_are_counted_with_what_they_were_worth():
    frame = lines()
    gone = pl.DataFrame(
        [(500, dt.date(2024, 1, 1) + dt.timedelta(days=day), 900.0, "p") for day in range(9)],
        schema=frame.schema,
        orient="row",
    )
    report = lk.report.build(ledger(pl.concat([frame, gone])))
    slipping = report.tables["rfm_segments"].filter(pl.col("segment").is_in(["At Risk", "Can't Lose Them"]))
    told = next(finding for finding in report.findings if "slipping away" in finding)
    assert told.startswith(f"{slipping['customers'].sum()} good customers")
    assert f"{slipping['revenue'].sum():,.0f}" in told


def test_actions_come_in_order_of_the_revenue_at_stake(report):
    stakes = [action.revenue for action in report.actions]
    assert stakes == sorted(stakes, reverse=True)


def test_every_table_is_at_hand_whole(report):
    retention = {"limit_days", "limit_day_customers", "limit_day_curve", "triggers", "norms", "migration", "moved_down"}
    names = {"customers", "cuts", "segments", "cohorts", *retention}
    parts = ("ladder", "entry_products", "entry_steps", "next_products", "next_states", "basket_rules")
    funnel = {f"funnel_{name}" for name in parts}
    profit = {f"profit_{name}" for name in ("values", "periods", "lift", "missing")}
    plan = {f"plan_{name}" for name in ("table", "facts", "overlaps", "left_out")}
    worth = {f"clv_{name}" for name in ("customers", "segments", "parameters")}
    alike = {f"clusters_{name}" for name in ("table", "customers", "fits")}
    known = {f"rfm_{name}" for name in names} | profit | plan | worth | funnel | alike
    assert set(report.tables) == known | {"quality", "rejected"}
    assert report.tables["rfm_customers"].height == 100


def test_rejected_rows_are_shown_with_reason_and_money():
    broken = pl.DataFrame(
        {"client": [None], "day": [dt.date(2024, 5, 1)], "paid": [4321.0], "item": ["p"]}, schema=lines().schema
    )
    markup = without_scripts(lk.report.build(ledger(pl.concat([lines(), broken]))).html)
    for text in ("null customer", "4,321", "were rejected"):
        assert text in markup


def test_without_rejected_rows_the_page_says_so(report):
    assert "none had to be rejected" in report.html


@pytest.mark.parametrize("rows", [1, 2])
def test_tiny_data_make_a_page(rows):
    assert "<h1>" in lk.report.build(ledger(lines().head(rows))).html


def test_without_revenue_the_page_says_so():
    frame = lines().with_columns(paid=pl.lit(0.0))
    first = lk.report.build(ledger(frame)).findings[0]
    assert first == "There is no revenue to distribute: purchases do not exceed returns."


def test_names_from_the_data_cannot_break_the_page():
    frame = lines().rename({"client": "<script>alert(1)</script>"})
    built = lk.Ledger(frame, customer="<script>alert(1)</script>", time="day", amount="paid")
    assert "<script>alert" not in lk.report.build(built).html


def test_scores_can_be_handed_over_or_asked_for():
    scores = lk.rfm.score(ledger(), bins=3)
    assert lk.report.build(ledger(), rfm=scores).html == lk.report.build(ledger(), rfm={"bins": 3}).html


def test_a_frame_with_roles_will_do(report):
    built = lk.report.build(
        lines(), title="Our customers", customer="client", time="day", amount="paid", product="item"
    )
    assert built.html == report.html


def test_another_engines_section_joins_without_touching_the_rest(report):
    extra = Section(
        id="extra",
        title="Levers",
        lead="What else.",
        findings=["Prices are low."],
        actions=[Action("Prices", "Raise them", 0, 1e9, "#000")],
    )
    joined = Report(report.title, report.as_of, report.tiles, [*report.sections, extra])
    assert '<section id="extra"' in joined.html
    assert joined.findings[-1] == "Prices are low."
    assert joined.actions[0].who == "Prices"


def test_a_notebook_shows_the_top_of_the_page_without_plotly(report):
    shown = report._repr_html_()
    assert report.front.headline in shown
    assert "<script" not in shown
    assert len(shown) < 30_000


def test_without_jinja_leverkit_works_and_a_report_says_what_to_install():
    program = """
import sys
sys.modules["jinja2"] = None
import leverkit as lk, polars as pl
lines = pl.DataFrame({"c": [1], "t": ["2024-01-01"], "a": [1.0]})
try:
    lk.report.build(lines, customer="c", time="t", amount="a").html
except ImportError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == 'reports need Jinja and Plotly: pip install "leverkit[report]"'
