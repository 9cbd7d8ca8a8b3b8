"""How results look in a notebook and on a terminal: numbers as a person writes them, what matters first, nothing that runs."""

from __future__ import annotations

import datetime as dt
import sys
from types import SimpleNamespace

import polars as pl
import pytest

import leverkit as lk
from leverkit._lib import cells, view


@pytest.fixture(scope="module")
def scores() -> lk.rfm.Scores:
    return lk.rfm.score(lk.datasets.company(months=6).ledger())


def written(frame: pl.DataFrame) -> list[tuple[str, ...]]:
    writers = cells.writers(frame)
    return [tuple(writers[name](value) for name, value in row.items()) for row in frame.iter_rows(named=True)]


def test_values_are_written_as_a_person_writes_them() -> None:
    frame = pl.DataFrame(
        {
            "customer": [1234567, 2],
            "customers": [1234567, None],
            "revenue": [225913.861, 12.5],
            "conversion": [0.4567, None],
            "lower": [0.4, None],
            "lift": [2.345, 1.0],
            "p_value": [0.00001, 0.04321],
            "day": [dt.date(2024, 1, 31), None],
            "at": [dt.datetime(2024, 1, 31, 9, 30), dt.datetime(2024, 1, 31)],
        }
    )
    assert written(frame) == [
        ("1234567", "1,234,567", "225,914", "46\xa0%", "40\xa0%", "2.345", "< 0.001", "2024-01-31", "2024-01-31 09:30"),
        ("2", "–", "12.50", "–", "–", "1", "0.043", "–", "2024-01-31"),
    ]


def test_what_matters_comes_first_and_the_rest_is_a_click_away() -> None:
    frame = pl.DataFrame({f"c{place}": [place] for place in range(12)})
    html = view.table(frame)
    shown, _, more = html.partition("<details>")
    assert "c7</th>" in shown and "c8</th>" not in shown
    assert "4 more columns" in more and "c11</th>" in more and "c0</th>" in more, "rows are known by their first column"
    chosen = view.table(frame, ["c9", "c1"]).partition("<details>")[0]
    assert chosen.index("c9</th>") < chosen.index("c1</th>") and "c0</th>" not in chosen


def test_a_long_table_says_how_much_more_there_is() -> None:
    frame = pl.DataFrame({"n": range(1234)})
    assert "1,214 more rows" in view.table(frame)
    assert "more rows" not in view.table(frame.head(20))


def test_a_page_has_headline_notes_and_no_row_of_types(scores: lk.rfm.Scores) -> None:
    html = scores._repr_html_()
    assert html.index("<h4>RFM scores of") < html.index("<table>")
    assert "f64" not in html and "shape:" not in html and "<script" not in html
    assert "Cut points are quantiles over all customers" in html
    with lk.language("ru"):
        assert "Оценки RFM на" in scores._repr_html_()


def test_a_formula_is_a_tree_with_its_values() -> None:
    formula = lk.profit.Formula.minimal()
    html = formula.tree({"leads": 1000, "conversion": 0.1, "price": 50, "quantity": 2})._repr_html_()
    assert html.count('<ul class="tree">') == 4, "revenue, orders, customers, and what these are made of"
    assert (
        "conversion = <b>10\N{NO-BREAK SPACE}%</b>" in html
        and "revenue = <b>10,000</b>" in html
        and "<small>orders * price</small>" in html
    )
    assert "<table" in html


def test_show_prints_on_a_terminal_with_rich_and_without(
    scores: lk.rfm.Scores, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    scores.show()
    told = capsys.readouterr().out
    assert "Champions" in told and "RFM scores of" in told and "f64" not in told
    monkeypatch.setitem(sys.modules, "rich.console", None)
    scores.show()
    assert "Champions" in capsys.readouterr().out


def test_show_displays_in_a_notebook(scores: lk.rfm.Scores, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    shell = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1))
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=shown.append))
    scores.show()
    assert shown == [scores]
