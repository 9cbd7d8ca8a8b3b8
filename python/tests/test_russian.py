"""Numbers inside the engine's sentences in Russian, and a third language, which is a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import leverkit as lk
from leverkit._lib import text as _text
from leverkit._lib.text import t, told


@pytest.mark.parametrize(
    ("said", "russian"),
    [
        ("3 rows, \N{MINUS SIGN}34,313 of money: no customer (row 2 is the first).", "\N{MINUS SIGN}34\u00a0313"),
        ("3 rows, -34,313 of money: no customer (row 2 is the first).", "\N{MINUS SIGN}34\u00a0313"),
    ],
)
def test_a_number_in_a_sentence_of_the_engine_is_written_as_russian_does(said: str, russian: str) -> None:
    with lk.language("ru"):
        assert russian in told(said)


@pytest.fixture
def third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A language of a few texts, whose nouns have one form for 0 and 1, and fractions that of one."""
    folder = tmp_path / "xx"
    (folder / "engine").mkdir(parents=True)
    (folder / "format.toml").write_text(
        'decimal = ","\nthousands = "."\nday = "%d/%m/%Y"\nmonth = "%m/%Y"\nquarter = "{quarter}/{year}"\n'
        'plural = "n > 1"\nfraction = 0\n',
        encoding="utf-8",
    )
    (folder / "scores.toml").write_text(
        '"Segments" = "Segmentoj"\n"{n} {n:order|orders}" = "{n} {n:mendo|mendoj}"\n', encoding="utf-8"
    )
    (folder / "engine" / "scores.toml").write_text('"Champions" = "Campioni"\n', encoding="utf-8")
    monkeypatch.setattr(_text, "_TEXTS", tmp_path)
    _text._load.cache_clear()
    yield "xx"
    _text._load.cache_clear()


def test_a_third_language_is_a_folder_and_no_code(third: str) -> None:
    lines = pl.DataFrame(
        {"c": [1, 1, 2, 3], "t": ["2024-01-01", "2024-02-01", "2024-02-02", "2024-03-31"], "a": 1234.5}
    )
    with lk.language(third):
        assert [t("{n} {n:order|orders}", n=n) for n in (0, 1, 1.5, 2)] == [
            "0 mendo",
            "1 mendo",
            "1,5 mendo",
            "2 mendoj",
        ]
        assert (told("Champions"), told("Lost"), t("Customers")) == ("Campioni", "Lost", "Customers")
        figure = lk.rfm.score(lines, customer="c", time="t", amount="a").plot()
    assert figure.layout.title.text == "Segmentoj"
    page = lk.report.build(lines, customer="c", time="t", amount="a", language=third).html
    assert '<html lang="xx">' in page and "01/04/2024" in page
    assert '"separators":",."' in page


def test_a_language_without_a_folder_names_those_that_have_one(third: str) -> None:
    with pytest.raises(lk.ParameterError, match=r'expected "en" or "xx"'), lk.language("ru"):
        pass
