"""What `leverkit.toml` may hold: every section, its keys, and what the value of each is. What the values mean is left to the analyses.

The settings are checked by this, and the page docs/reference/settings.md is made of it (`python scripts/settings.py`).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """What a value is: in words that follow "expected", and how it is known."""

    words: str
    holds: Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _either(*kinds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: any(kind(value) for kind in kinds)


def _list(item: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(item, value))


def _table(item: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(map(item, value.values()))


_is_texts = _either(_is_text, _list(_is_text))
_is_numbers = _list(_is_number)

TEXT = Kind("a text", _is_text)
COLUMN = Kind("the name of a column", _is_text)
COLUMNS = Kind("the name of a column, or a list of them", _is_texts)
FILE = Kind("the name of a file", _is_text)
FLAG = Kind("true or false", _is_flag)
NUMBER = Kind("a number", _is_number)
WHOLE = Kind("a whole number", _is_whole)
SHARE = Kind("a share such as 0.1", _is_number)
DAYS = Kind("a number of days", _is_whole)
WINDOW = Kind('a time such as "30d", or a number of days', _either(_is_text, _is_number))

DATE = Kind(
    "a date such as 2024-12-31",
    lambda value: _is_text(value) or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)),
)

#: Methods of a survey, each with a table of its keywords.
METHODS = ("kano", "maxdiff", "opportunity", "needs", "image", "position", "worth", "met_needs")

SECTIONS: dict[str, dict[str, Kind]] = {
    "source": {
        "db": Kind("a file, or the address of a database", _is_text),
        "query": Kind("SQL, or @ and a file", _is_text),
    },
    "roles": {
        **dict.fromkeys(
            ("customer", "time", "amount", "order", "product", "price", "quantity", "list_price", "unit_cost"), COLUMN
        ),
        "discounts": Kind('a table of names and columns, such as { loyalty = "rebate" }', _table(_is_text)),
        "dimensions": Kind("a list of columns", _is_texts),
    },
    "read": {
        **dict.fromkeys(("shape", "sheet", "separator", "encoding", "decimal", "thousands"), TEXT),
        "dates": Kind('a format such as "%d.%m.%Y", or a table of them by column', _either(_is_text, _table(_is_text))),
        "null": Kind("a text, or a list of them", _is_texts),
    },
    "ledger": {
        "returns": Kind('"net", "drop" or "keep"', _is_text),
        "on_invalid": Kind('"reject" or "raise"', _is_text),
        "time_zone": Kind('an IANA zone such as "Europe/Paris"', _is_text),
        "as_of": DATE,
        "clean": Kind(
            'a table such as { customer = ["trim", "casefold"], duplicates = "drop" }',
            _table(_either(_is_texts, _table(_is_texts))),
        ),
        "max_unreadable": Kind("a share such as 0.05", _is_number),
        "currency": Kind('a code of three letters, such as "EUR"', _is_text),
    },
    "rfm": {
        "bins": Kind("a whole number, or a list of three", _either(_is_whole, _list(_is_whole))),
        "method": Kind("the name of a method", _is_text),
        "monetary": Kind('"total" or "average_check"', _is_text),
        "thresholds": Kind("a table of lists of numbers, such as { recency = [30, 90] }", _table(_is_numbers)),
        "segments": FILE,
        "weights": Kind("a list of three numbers", _is_numbers),
    },
    "limit_day": {"p": SHARE, "horizon": DAYS},
    "funnel": {"product": COLUMN},
    "stages": {
        "file": FILE,
        **dict.fromkeys(("entity", "time", "event", "stage", "value", "by", "hold"), COLUMN),
        "stages": Kind(
            "a list of events, or of tables with name, events and where",
            _list(_either(_is_text, lambda value: isinstance(value, dict))),
        ),
        "window": WINDOW,
        **dict.fromkeys(("window_from", "ties", "start"), TEXT),
        "mode": Kind("the name of a mode, or a list of them", _is_texts),
        "exclude": Kind(
            "an event, a table, or a list of them",
            _either(
                _is_texts,
                lambda value: isinstance(value, dict),
                _list(lambda value: isinstance(value, (str, dict, list))),
            ),
        ),
        "optional": Kind("a stage, or a list of them", _is_texts),
        "exits": FLAG,
    },
    "quantities": {
        "file": FILE,
        "entity": COLUMN,
        "levels": COLUMNS,
        "value": Kind(
            "a column, the money of a unit, or a list of either",
            _either(_is_text, _is_number, _list(_either(_is_text, _is_number))),
        ),
        "by": COLUMNS,
        "status": COLUMN,
        "days": NUMBER,
    },
    "profit": {
        **dict.fromkeys(("leads", "spend", "costs"), FILE),
        "period": Kind('"month", "quarter" or "year"', _is_text),
        "limit_day": DAYS,
        "scenario": Kind("a file, or a table of parameters and numbers", _either(_is_text, _table(_is_number))),
    },
    "levers": {
        "effort": Kind("a table of levers and money", _table(_is_number)),
        "assumptions": Kind(
            "a table of effects, each a number or a list of a number and its limits",
            _table(_either(_is_number, _is_numbers, lambda value: isinstance(value, dict))),
        ),
    },
    "programme": {
        "file": FILE,
        **dict.fromkeys(("customer", "joined", "arm"), COLUMN),
        "period": Kind('"week", "month", "quarter" or "year"', _is_text),
        "days": DAYS,
        **dict.fromkeys(("running_cost", "reward_cost"), NUMBER),
        "control": Kind("the arm that was left alone", _either(_is_text, _is_number, _is_flag)),
        "shares": Kind("a table of arms and shares", _table(_is_number)),
        **dict.fromkeys(("start", "end"), DATE),
    },
    "survey": {
        "file": FILE,
        **dict.fromkeys(METHODS, Kind("a table of its keywords", lambda value: isinstance(value, dict))),
    },
    "report": {
        "title": TEXT,
        "lang": Kind('a language such as "ru"', _is_text),
        "against": Kind('"previous", "year-ago", or months such as "2024-01..2024-06"', _is_text),
    },
}

_HEAD = """# Settings

What `leverkit.toml` may hold: the file of `--config`, and of `--save-config`. Files are looked for beside it. An option of the command line is stronger than
a setting. Every key is checked before anything is read.
"""


def page() -> str:
    """The page of the settings, as Markdown."""
    return "\n".join([_HEAD, *(_section(name, keys) for name, keys in SECTIONS.items())])


def _section(name: str, keys: dict[str, Kind]) -> str:
    rows = "".join(f"| `{key}` | {kind.words} |\n" for key, kind in keys.items())
    return f"## [{name}]\n\n| key | value |\n|---|---|\n{rows}"
