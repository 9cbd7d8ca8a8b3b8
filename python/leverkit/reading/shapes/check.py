"""What may stand in the TOML file of a shape: keys, their types, and those that are needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from leverkit._lib.inputs import repr_of
from leverkit.errors import ParameterError
from leverkit.reading.shapes.shape import EVENTS

_KEYS = {
    "shape": [
        "title",
        "headers",
        "by_name_only",
        "roles",
        "fill_down",
        "leave_out",
        "amount",
        "currency",
        "buyer",
        "micros",
        "notes",
    ],
    "fill_down": ["by", "except"],
    "leave_out": ["column", "values", "keeps"],
    "amount": ["of", "times", "minus", "minor_units", "negative", "order"],
    "negative": ["column", "values"],
    "order": ["id", "total", "discount", "refund", "refund_of"],
    "buyer": ["column", "before"],
}
_NEEDED = {
    "shape": ["headers", "roles"],
    "fill_down": ["by"],
    "leave_out": ["column"],
    "negative": ["column", "values"],
    "order": ["id"],
    "buyer": ["column", "before"],
}
LEDGER = ("customer", "time", "amount", "order", "product", "price", "quantity", "list_price", "unit_cost")
_TABLES = ("leave_out", "amount")
_TEXTS = ("notes", "values", "keeps", "except")
_COLUMNS = ("headers", "micros", "times", "minus", "refund_of", "dimensions")
_LISTS = (*_TABLES, *_TEXTS, *_COLUMNS)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_column(value: Any) -> bool:
    return _is_text(value) or (isinstance(value, list) and bool(value) and all(map(_is_text, value)))


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


_COLUMN = (_is_column, "the name of a column, or a list of names that it may have")
#: What a key holds, or each of its list; keys that are not here are the names of a column.
_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("title", "before", *_TEXTS), (_is_text, "text")),
    **dict.fromkeys(("by_name_only", "minor_units"), (lambda value: isinstance(value, bool), "true or false")),
    **dict.fromkeys(
        ("roles", "discounts", "fill_down", "negative", "order", "buyer", *_TABLES), (_is_table, "a table")
    ),
}


def check(path: Path, content: Mapping[str, Any]) -> None:
    """Refuses what is no shape.

    Raises
    ------
    ParameterError
        A key is unknown or missing, or holds something of another type.
    """
    _check_keys(path, "shape", content)
    minor = any(way.get("minor_units") for way in content.get("amount", []))
    if minor and content.get("currency") not in content["headers"]:
        raise ParameterError(f"shape {path}: minor_units needs currency = …, one of the headers", parameter="shape")
    roles = content["roles"]
    unknown = set(roles) - {*LEDGER, *EVENTS, "dimensions", "discounts"}
    if unknown:
        raise ParameterError(f"shape {path}: unknown role {min(unknown)!r}", parameter="shape")
    for role, value in roles.items():
        # An order is a column here, and a table elsewhere.
        _check_kind(path, role, value, None if role in ("dimensions", "discounts") else _COLUMN)
    for name, value in roles.get("discounts", {}).items():
        _check_kind(path, name, value, _COLUMN)


def _check_keys(path: Path, what: str, content: Mapping[str, Any]) -> None:
    """Every key is known and those that are needed are there, in every part; each holds what it should."""
    for key, value in content.items():
        if key not in _KEYS[what]:
            raise ParameterError(
                f"shape {path}: unknown {key!r} in {what}; known are {', '.join(_KEYS[what])}", parameter="shape"
            )
        _check_kind(path, key, value)
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict) and key in _KEYS:
                _check_keys(path, key, part)
    needed = [key for key in _NEEDED.get(what, []) if key not in content]
    if needed or (what == "amount" and not {"of", "times"} & content.keys()):
        raise ParameterError(f"shape {path}: {what} needs {' and '.join(needed or ['of or times'])}", parameter="shape")


def _check_kind(path: Path, key: str, value: Any, kind: tuple[Callable[[Any], bool], str] | None = None) -> None:
    if kind is None and key in _LISTS and not isinstance(value, list):
        raise ParameterError(f"shape {path}: {key} is a list: {key} = […] or [[{key}]]", parameter="shape")
    parts = value if kind is None and key in _LISTS else [value]
    is_kind, words = kind or _KINDS.get(key, _COLUMN)
    for part in parts:
        if not is_kind(part):
            raise ParameterError(f"shape {path}: {key} is {repr_of(part)}; expected {words}", parameter="shape")
