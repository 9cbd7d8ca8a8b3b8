"""Every door of everything public: wherever a call takes a number, a text or a flag, values that only Python can hold are refused with words."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import face
import pytest
from face import Call

import leverkit as lk


class Faulty:
    """What cannot be shown, and is no number, though it says so."""

    def __repr__(self) -> str:
        raise RuntimeError("no words for it")

    def __float__(self) -> float:
        raise ArithmeticError("no number either")


ODD: dict[str, Any] = {
    "beyond all floats": 10**400,
    "beyond what Python writes": -(10**5000),
    "a decimal that signals": Decimal("sNaN"),
    "half a surrogate pair": "\ud800",
    "what cannot be shown": Faulty(),
}


def doors(call: Call, odd: Any) -> Iterator[tuple[str, Call]]:
    """The call with the value in the place of each number, text or flag in turn, and in that of each keyword that is not set."""
    for place, argument in enumerate(call.arguments):
        for where, changed in _changed(argument, odd):
            yield (
                f"{place}{where}",
                replace(call, arguments=(*call.arguments[:place], changed, *call.arguments[place + 1 :])),
            )
    for name, value in call.keywords.items():
        for where, changed in _changed(value, odd):
            yield f"{name}{where}", replace(call, keywords={**call.keywords, name: changed})
    for name, of in inspect.signature(call.function).parameters.items():
        if of.kind is of.KEYWORD_ONLY and name not in call.keywords:
            yield name, replace(call, keywords={**call.keywords, name: odd})


def _changed(value: Any, odd: Any) -> Iterator[tuple[str, Any]]:
    if value is None or isinstance(value, (int, float, str)):
        yield "", odd
    elif isinstance(value, dict):
        for name, part in value.items():
            for where, changed in _changed(part, odd):
                yield f"[{name!r}]{where}", {**value, name: changed}
    elif isinstance(value, (list, tuple)):
        for place, part in enumerate(value):
            for where, changed in _changed(part, odd):
                yield f"[{place}]{where}", type(value)([*value[:place], changed, *value[place + 1 :]])


@pytest.mark.parametrize("name", ODD)
def test_odd_values_end_with_an_error_of_leverkit_at_every_door(name: str, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    wrong, asked = [], 0
    for calls in face.calls().values():
        for where, call in doors(calls[0], ODD[name]):
            asked += 1
            try:
                call.run()
            except lk.InternalError as error:
                wrong.append(f"{call.name}, {where}: {error}")
            except (lk.LeverkitError, TypeError, FileNotFoundError):  # a text in a table's place is a path
                pass
            except Exception as error:
                wrong.append(f"{call.name}, {where}: {type(error).__name__}: {str(error)[:200]}")
    assert not wrong, "\n".join(wrong)
    assert asked > 500
