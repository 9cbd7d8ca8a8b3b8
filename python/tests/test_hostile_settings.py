"""leverkit.toml: every key of every section with values of every type is read or refused in one sentence, and the page of settings is that of the code."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from leverkit.cli.config import UsageError, settings
from leverkit.cli.schema import SECTIONS, page

VALUES: list[Any] = [
    1, -1, 20240101, 2**62, 1e9, 0.5, True, "text", "", "-", [], [1], ["a"], [[1]], [True, 1], {}, {"a": 1}, {"a": "b"}, {"a": {"b": []}},
    dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, 12), dt.time(1, 2),
]  # fmt: skip


@pytest.mark.parametrize(("section", "key"), [(section, key) for section, keys in SECTIONS.items() for key in keys])
def test_a_value_is_read_or_refused_with_what_is_expected(section: str, key: str, tmp_path: Path) -> None:
    path = tmp_path / "leverkit.toml"
    for value in VALUES:
        path.write_text(tomli_w.dumps({section: {key: value}}))
        kind = SECTIONS[section][key]
        if kind.holds(value):
            try:
                settings(path, {})
            except UsageError as error:  # a text that is no date
                assert "as of" in str(error)
            except Exception as error:
                # A language that there is not is told by the library.
                assert (section, key, type(error).__name__) == ("report", "lang", "ParameterError"), error
        else:
            with pytest.raises(UsageError, match="expected"):
                settings(path, {})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"[roles]\ncustomer = 1", "[roles] customer is 1; expected the name of a column"),
        (b"[ledger]\nas_of = 20240101", "[ledger] as_of is 20240101; expected a date such as 2024-12-31"),
        (b"[rfm]\nbins = 1e400", "[rfm] bins is inf; expected a whole number, or a list of three"),
        (b"[rfm]\nthresholds = 5", "[rfm] thresholds is 5; expected a table of lists of numbers"),
        (b"[limit_day]\nhorizon = 1e9", "[limit_day] horizon is 1000000000.0; expected a number of days"),
        (b"[levers]\neffort = 1", "[levers] effort is 1; expected a table of levers and money"),
        (b"[roles]\ncustomer = '\xff'", "can't decode byte 0xff"),
        (b"[ledger]\nas_of = 2024-13-45", "leverkit.toml: "),
        (b"a = " + b"[" * 5000, "leverkit.toml: "),
        (b"a = " + b"9" * 5000, "leverkit.toml: "),
        (b"roles = 5", "roles must be a section: [roles]"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(text: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "leverkit.toml"
    path.write_bytes(text)
    with pytest.raises(UsageError) as caught:
        settings(path, {})
    assert told in str(caught.value)


def test_the_page_of_settings_is_that_of_the_code() -> None:
    path = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
    assert path.read_text(encoding="utf-8") == page(), "run `python scripts/settings.py`"
