"""Inputs that the functions of all topics share: columns by name, and values from a list."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from leverkit.errors import ParameterError

Columns = str | Iterable[str] | None


def names(columns: Columns) -> list[str]:
    """One column, several or none, as a list."""
    return [columns] if isinstance(columns, str) else list(columns or ())


def one_of(parameter: str, value: str, known: Iterable[str]) -> str:
    """A value from a list, or an error that names the nearest one."""
    choices = list(known)
    if value in choices:
        return value
    near = difflib.get_close_matches(str(value), choices, 1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise ParameterError(f"{parameter}: got {value!r}; expected {', '.join(choices)}{hint}", parameter=parameter)
