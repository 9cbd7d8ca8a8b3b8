"""Settings of a run: `leverkit.toml`, what the command line says over it, and guesses where both are silent."""

from __future__ import annotations

import datetime as dt
import difflib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from leverkit._lib.text import language
from leverkit.cli.schema import SECTIONS
from leverkit.guess import guess_roles
from leverkit.reading.shapes import Shape

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: Settings of the profit formula that name files of their own.
BOOKS = ("leads", "spend", "costs")


class UsageError(Exception):
    """The command or its configuration is wrong; nothing was computed."""


@dataclass
class Settings:
    """The database to read, and keyword arguments for the ledger's roles, the reading of files, the treatment of the lines, the scores, the limit day, the funnel, the stages, the quantities, the profit formula, the levers, the programme, the survey and the report; and where to keep what was settled."""

    source: dict[str, Any] = field(default_factory=dict)
    roles: dict[str, Any] = field(default_factory=dict)
    read: dict[str, Any] = field(default_factory=dict)
    ledger: dict[str, Any] = field(default_factory=dict)
    rfm: dict[str, Any] = field(default_factory=dict)
    limit_day: dict[str, Any] = field(default_factory=dict)
    funnel: dict[str, Any] = field(default_factory=dict)
    stages: dict[str, Any] = field(default_factory=dict)
    quantities: dict[str, Any] = field(default_factory=dict)
    profit: dict[str, Any] = field(default_factory=dict)
    levers: dict[str, Any] = field(default_factory=dict)
    programme: dict[str, Any] = field(default_factory=dict)
    survey: dict[str, Any] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    save: Path | None = None


def settings(config: Path | None, options: Mapping[str, Mapping[str, Any]]) -> Settings:
    """The file's settings with those of the command line over them; an option that was not given is None or empty."""
    merged = _read(config) if config else {section: {} for section in SECTIONS}
    save = options.get("save", {}).get("file")
    if save:
        _check_free(save, config)
    for section, given in options.items():
        if section == "save":
            continue
        merged[section] |= {key: value for key, value in given.items() if value not in (None, [], {})}
    as_of = merged["ledger"].get("as_of")
    if isinstance(as_of, str):
        merged["ledger"]["as_of"] = _date(as_of)
    # Asked for before anything is read, so that a wrong name costs nothing.
    with language(merged["report"].get("language")):
        return Settings(**merged, save=save)


def _check_free(path: Path, config: Path | None) -> None:
    """A file that is there already is written over only where this run took its settings from it, so that nothing gets lost."""
    if path.exists() and not (config and config.exists() and path.samefile(config)):
        raise UsageError(
            f"--save-config: {path} is there already; give another name, or --config {path} as well, which keeps its other sections"
        )


def _read(path: Path) -> dict[str, dict[str, Any]]:
    content = _toml(path)
    _check_names(path, "section", content, list(SECTIONS))
    for section, values in content.items():
        if not isinstance(values, dict):
            raise UsageError(f"{path}: {section} must be a section: [{section}]")
        _check_names(path, f"key in [{section}]", values, list(SECTIONS[section]))
        _check_values(path, section, values)
    segments = content.get("rfm", {}).get("segments")
    if isinstance(segments, str):
        content["rfm"]["segments"] = str(path.parent / segments)
    for section in ("stages", "quantities", "programme", "survey"):
        if isinstance(content.get(section, {}).get("file"), str):
            content[section]["file"] = str(path.parent / content[section]["file"])
    profit = content.get("profit", {})
    profit |= {name: str(path.parent / profit[name]) for name in BOOKS if name in profit}
    if isinstance(profit.get("scenario"), str):
        profit["scenario"] = str(path.parent / profit["scenario"])
    shape = content.get("read", {}).get("shape")
    if shape and (path.parent / shape).exists():
        content["read"]["shape"] = str(path.parent / shape)
    content["source"] = _beside(path, content.get("source", {}))
    report = content.get("report", {})
    report |= {"language": report.pop("lang")} if "lang" in report else {}
    return {section: dict(content.get(section, {})) for section in SECTIONS}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Windows writes a mark before it
    # Values that cannot be, such as the month 13 or brackets in brackets without end, are errors of other kinds.
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: {error}") from error


def _beside(path: Path, source: Mapping[str, str]) -> dict[str, str]:
    """The database, and the file that holds the query, as seen from the configuration file."""
    beside = dict(source)
    if "://" not in source.get("db", "://"):
        beside["db"] = str(path.parent / source["db"])
    if source.get("query", "").startswith("@"):
        beside["query"] = f"@{path.parent / source['query'][1:]}"
    return beside


def scenario(value: Mapping[str, Any] | str | None) -> dict[str, float]:
    """Values of parameters, given as they are or as a TOML file of names and numbers."""
    if isinstance(value, str):
        value = _toml(Path(value))
    for name, number in (value or {}).items():
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise UsageError(f"scenario: {name} is {number!r}; expected a number")
    return dict(value or {})


def _check_names(path: Path, what: str, found: Mapping[str, Any], known: list[str]) -> None:
    for name in found:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(known)}"
            raise UsageError(f'{path}: unknown {what}: "{name}"; {hint}')


def _check_values(path: Path, section: str, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        kind = SECTIONS[section][key]
        if not kind.holds(value):
            raise UsageError(f"{path}: [{section}] {key} is {value!r}; expected {kind.words}")


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f'as of: got "{text}"; expected a date such as 2024-12-31') from error


def fill_roles(
    roles: dict[str, Any],
    schema: pl.Schema,
    say: Callable[[str], None],
    sample: pl.DataFrame | None = None,
    shape: Shape | None = None,
) -> dict[str, Any]:
    """The roles that were set, those of the file's shape, or else guesses for those that were not; each guess and each doubt is said.

    Raises
    ------
    UsageError
        A role without which there is no ledger is neither set nor clear.
    """
    filled = roles | (_of_shape(roles, shape, say) if shape else _guessed(roles, schema, say, sample))
    _check_complete(filled, schema)
    return filled


def _of_shape(roles: dict[str, Any], shape: Shape, say: Callable[[str], None]) -> dict[str, Any]:
    open_roles = {
        role: column
        for role, column in shape.ledger_roles.items()
        if role not in roles and not _is_settled(role, roles)
    }
    if open_roles:
        shown = "; ".join(f"{role} = {_shown(column)}" for role, column in open_roles.items())
        say(f"{shown} (shape {shape.name}; set {option(next(iter(open_roles)))} and the like to change)")
    return open_roles


def _guessed(
    roles: dict[str, Any], schema: pl.Schema, say: Callable[[str], None], sample: pl.DataFrame | None
) -> dict[str, Any]:
    guesses = guess_roles(schema, sample, roles)
    for role, column in guesses.roles.items():
        say(f"{role} = {_shown(column)} ({guesses.reasons[role]}; set {option(role)} to change)")
    for role, columns in guesses.unclear.items():
        say(f"{role}: {columns}? Not guessed; set {option(role)}")
    return dict(guesses.roles)


def _shown(column: str | list[str]) -> str:
    return ", ".join(column) if isinstance(column, list) else column


def _is_settled(role: str, roles: Mapping[str, Any]) -> bool:
    """Whether the money is already told by the other way of telling it: an amount, or a price."""
    return (role == "amount" and "price" in roles) or (role == "price" and "amount" in roles)


def _check_complete(roles: Mapping[str, Any], schema: pl.Schema) -> None:
    missing = [role for role in ("customer", "time") if role not in roles]
    if "amount" not in roles and not {"price", "quantity"} <= roles.keys():
        missing.append("amount")
    if missing:
        options = " and ".join(option(role) for role in missing)
        raise UsageError(f"set {options}; the columns are {', '.join(schema)}")


def option(role: str) -> str:
    """The command line's option for a role: ``--list-price``, ``--dimension``."""
    return "--" + role.removesuffix("s").replace("_", "-")
