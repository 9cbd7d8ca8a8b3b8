"""Finds the shape of a file, and reads shapes from their TOML files."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from leverkit._lib.inputs import repr_of
from leverkit.errors import ParameterError, SchemaError
from leverkit.reading.shapes.check import LEDGER, check
from leverkit.reading.shapes.rules import FillDown, LeaveOut, Money, Order
from leverkit.reading.shapes.shape import BUYER, EVENTS, MADE, Shape

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FOLDER = Path(__file__).parent


def names_of(schema: Mapping[str, pl.DataType]) -> list[str]:
    """The columns of a schema, and the fields of its records as `record.field`."""
    fields = [
        f"{name}.{field.name}"
        for name, dtype in schema.items()
        if isinstance(dtype, pl.Struct)
        for field in dtype.fields
    ]
    return [*schema, *fields]


def known() -> list[str]:
    """The names of the shapes that come with leverkit."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def choose(shape: str | Path | None, headers: Iterable[str]) -> Shape | None:
    """The shape asked for, or the one that the headers are of; None where there is none, or for `"none"`.

    Parameters
    ----------
    shape
        A name, a TOML file, a folder of TOML files one of which fits the headers, or "none".
    headers
        The columns of the file (`names_of` its schema).

    Raises
    ------
    ParameterError
        There is no such shape, or its file is wrong.
    SchemaError
        The file lacks the columns of the shape.
    """
    headers = list(headers)
    if shape is None:
        return find(headers)
    if not isinstance(shape, (str, Path)):
        raise ParameterError(
            f"shape: got {repr_of(shape)}; expected a name, a TOML file or a folder", parameter="shape"
        )
    if str(shape).lower() == "none":
        return None
    if str(shape) in known() or not _is(shape, Path.is_dir):
        return load(shape, headers)
    found = find(headers, Path(shape))
    if found is None:
        raise SchemaError(f"shape: none of {shape} fits; the columns are {', '.join(headers)}")
    return found


def _is(path: str | Path, kind: Callable[[Path], bool]) -> bool:
    """Whether there is a folder, or a file; a name that is too long names nothing."""
    try:
        return kind(Path(path))
    except OSError:
        return False


def find(headers: Iterable[str], folder: Path | None = None) -> Shape | None:
    """The shape whose headers are all there; of several the one that asks for most; None where two ask for equally many."""
    headers = list(headers)
    fitting = []
    for path in sorted((folder or _FOLDER).glob("*.toml")):
        content = _content(path)
        if not content.get("by_name_only") and not _missing(content, headers):
            fitting.append((len(content["headers"]), path))
    best = [path for asked, path in fitting if asked == max(fitting)[0]]
    return replace(_bound(best[0], _content(best[0]), headers), by_headers=True) if len(best) == 1 else None


def load(shape: str | Path, headers: Iterable[str]) -> Shape:
    """The shape of this name or TOML file, bound to the columns of a file; errors as in `choose`."""
    headers = list(headers)
    path = Path(shape) if str(shape).endswith(".toml") else _FOLDER / f"{shape}.toml"
    if not _is(path, Path.is_file):
        near = difflib.get_close_matches(str(shape), known(), n=1)
        hint = (
            f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known())}, or give a TOML file or a folder"
        )
        raise ParameterError(f"shape: got {str(shape)!r}; {hint}", parameter="shape", got=str(shape))
    content = _content(path)
    missing = _missing(content, headers)
    if missing:
        other = find(headers)
        hint = (
            f"its headers are those of shape {other.name}, {other.title}"
            if other
            else f"the columns are {', '.join(headers)}"
        )
        raise SchemaError(f"shape {path.stem}: the file has no column {' and no column '.join(missing)}; {hint}")
    return _bound(path, content, headers)


def _content(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise ParameterError(f"shape {path}: {error}", parameter="shape") from error
    check(path, content)
    return content


def _missing(content: Mapping[str, Any], headers: list[str]) -> list[str]:
    """The headers of the shape that the file lacks, each with the other names that it may have."""
    return [repr(_either(asked)) for asked in content["headers"] if _column(asked, headers) is None]


def _either(asked: str | list[str]) -> str:
    return asked if isinstance(asked, str) else " or ".join(asked)


def _column(asked: str | list[str], headers: list[str]) -> str | None:
    """The first of the names that the file has; case and blanks do not matter."""
    there = {_same(header): header for header in reversed(headers)}
    names = [asked] if isinstance(asked, str) else asked
    return next((there[_same(name)] for name in names if _same(name) in there), None)


def _same(name: str) -> str:
    return " ".join(name.replace("\ufeff", "").split()).casefold()


def _all(asked: Iterable[str | list[str]], headers: list[str]) -> tuple[str, ...]:
    """Those of the columns that the file has."""
    found = [_column(each, headers) for each in asked]
    return tuple(column for column in found if column is not None)


def _bound(path: Path, content: Mapping[str, Any], headers: list[str]) -> Shape:
    """The shape with its rules on the columns that this file has; a rule whose columns it lacks falls away."""
    money = _money(content, headers)
    buyer = content.get("buyer")
    source = _column(buyer["column"], headers) if buyer else None
    roles = _roles(content["roles"], headers)
    roles |= {"amount": MADE} if money else {}
    roles = {"customer": BUYER, **roles} if source else roles
    return Shape(
        name=path.stem,
        title=content.get("title", path.stem),
        roles=roles,
        currency=_column(content["currency"], headers) if "currency" in content else None,
        fill=_fill(content.get("fill_down"), headers),
        leave_out=tuple(rule for rule in (_rule(part, headers) for part in content.get("leave_out", [])) if rule),
        money=money,
        buyer=(source, buyer["before"]) if buyer and source else None,
        micros=_all(content.get("micros", []), headers),
        advice=tuple(content.get("notes", [])),
    )


def _roles(asked: Mapping[str, Any], headers: list[str]) -> dict[str, Any]:
    roles: dict[str, Any] = {role: _column(asked[role], headers) for role in (*LEDGER, *EVENTS) if role in asked}
    roles["dimensions"] = list(_all(asked.get("dimensions", []), headers))
    discounts = {name: _column(column, headers) for name, column in asked.get("discounts", {}).items()}
    roles["discounts"] = {name: column for name, column in discounts.items() if column}
    return {role: column for role, column in roles.items() if column}


def _fill(asked: Mapping[str, Any] | None, headers: list[str]) -> FillDown | None:
    by = _column(asked["by"], headers) if asked else None
    if asked is None or by is None:
        return None
    lines = tuple(_same(start) for start in asked.get("except", []))
    return FillDown(by, tuple(name for name in headers if name != by and not _same(name).startswith(lines or ("\0",))))


def _rule(asked: Mapping[str, Any], headers: list[str]) -> LeaveOut | None:
    column = _column(asked["column"], headers)
    values, keeps = (tuple(value.lower() for value in asked.get(key, [])) for key in ("values", "keeps"))
    return LeaveOut(column, values, keeps) if column else None


def _money(content: Mapping[str, Any], headers: list[str]) -> Money | None:
    """The first way of making the money whose columns are all there."""
    for way in content.get("amount", []):
        asked = [way["of"]] if "of" in way else way["times"]
        times = _all(asked, headers)
        if len(times) == len(asked):
            currency = _column(content["currency"], headers) if way.get("minor_units") else None
            negative = _rule(way["negative"], headers) if "negative" in way else None
            minus = _all(way.get("minus", []), headers)
            return Money(times, minus, currency, negative, _order(way.get("order"), headers))
    return None


def _order(asked: Mapping[str, Any] | None, headers: list[str]) -> Order | None:
    id = _column(asked["id"], headers) if asked else None
    if asked is None or id is None:
        return None
    total, discount, refund = (_column(asked.get(key, []), headers) for key in ("total", "discount", "refund"))
    paid = asked.get("refund_of", [])
    known = _all(paid[:1], headers) and _all(paid, headers)
    return Order(id, total, discount, refund, known)
