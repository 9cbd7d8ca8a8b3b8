"""Inputs that the functions of all topics share: columns by name, and values from a list."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from leverkit.errors import ParameterError

Columns = str | Iterable[str] | None


def names(columns: Columns) -> list[str]:
    """One column, several or none, as a list."""
    return [columns] if isinstance(columns, str) else list(columns or ())


def pairs(parameter: str, given: Any) -> list[tuple[Any, Any]]:
    """Names with their values, none where nothing is given, or an error that says what came instead.

    >>> pairs("arms", {"a": 0.5, "b": 0.5})
    [('a', 0.5), ('b', 0.5)]
    """
    if given is not None and not isinstance(given, Mapping):
        got = type(given).__name__
        raise ParameterError(f"{parameter}: got {got}; expected a dict of names with their values", parameter=parameter)
    return list((given or {}).items())


def repr_of(value: Any) -> str:
    """A value as errors write it: by its type where Python does not write it, such as a whole number of more than 4,300 digits.

    >>> repr_of("a"), repr_of(10**5000)
    ("'a'", 'a value of type int')
    """
    try:
        return repr(value)
    except Exception:
        return f"a value of type {type(value).__name__}"


def is_number(value: Any) -> bool:
    """Whether a value is a finite number, or text of one."""
    try:
        return abs(float(value)) < float("inf")
    except Exception:  # whatever a number of another library says where it is none
        return False


def finite(parameter: str, value: Any) -> float:
    """A finite number, or an error that says what came instead.

    >>> finite("budget", "12.5")
    12.5
    """
    if not is_number(value):
        raise ParameterError(f"{parameter}: got {repr_of(value)}; expected a number", parameter=parameter)
    return float(value)


def at_least(parameter: str, value: Any, least: int) -> None:
    """Refuses a count below the least one that makes sense; how great it may be is left to the engine.

    >>> at_least("lags", 0, 1)
    Traceback (most recent call last):
    ...
    leverkit.errors.ParameterError: lags: got 0; expected at least 1
    """
    if not isinstance(value, int) and not is_number(value):
        raise TypeError(f"{parameter}: expected a whole number, got {repr_of(value)}")
    if value < least:
        raise ParameterError(f"{parameter}: got {repr_of(value)}; expected at least {least}", parameter=parameter)


def text_of(value: Any) -> str:
    """A name as text; one that Python does not write goes by its type, and names nothing.

    >>> text_of("tea"), text_of(7), text_of(10**5000)
    ('tea', '7', 'a value of type int')
    """
    try:
        return str(value)
    except Exception:
        return repr_of(value)


def texts(values: Any) -> list[str]:
    """One value or several, as the text by which the engine knows the values of a column.

    >>> texts([True, 3, "a"])
    ['true', '3', 'a']
    """
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        values = [values]
    found = [_text(value) for value in values]
    return sorted(found) if isinstance(values, (set, frozenset)) else found


def _text(value: Any) -> str:
    """Flags are true and false, also those of numpy, and times have a space before the hour."""
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return text_of(value)


def one_of(parameter: str, value: str, known: Iterable[str]) -> str:
    """A value from a list, or an error that names the nearest one."""
    choices = list(known)
    if value in choices:
        return value
    near = difflib.get_close_matches(text_of(value), choices, 1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise ParameterError(f"{parameter}: got {repr_of(value)}; expected {', '.join(choices)}{hint}", parameter=parameter)
