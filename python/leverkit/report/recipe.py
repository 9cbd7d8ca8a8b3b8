"""How to get the same again: the calls of a section in Python and on the command line, with the ledger's own columns.

A section names its calls; what they run on, the ledger and its roles, is written here once for all.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

#: The command that writes the tables of every section.
REPORT = "leverkit report DATA --tables tables"
#: Rules of the ledger that need no word where they are at their defaults.
_DEFAULTS = {"returns": "net", "on_invalid": "reject", "days_only": False}


def in_python(roles: Mapping[str, Any], currency: str | None) -> str:
    """The ledger as it is made in Python; `lines` stands for the data."""
    named = ", ".join(f"{role}={value!r}" for role, value in _said(roles, currency).items())
    return f"import leverkit as lk\n\nledger = lk.Ledger(lines, {named})"


def on_the_command_line(command: str, roles: Mapping[str, Any], currency: str | None) -> str:
    """A command with the file, which DATA stands for, and the ledger's roles: ``leverkit rfm DATA --customer client …``; commands of other files as they are."""
    name, data, options = command.partition(" DATA")
    return f"{name}{data}{_flags(_said(roles, currency))}{options}" if data else command


def _said(roles: Mapping[str, Any], currency: str | None) -> dict[str, Any]:
    said = {role: value for role, value in roles.items() if _DEFAULTS.get(role) != value}
    return said if currency is None else said | {"currency": currency}


def _flags(said: Mapping[str, Any]) -> str:
    pairs = [pair for role, value in said.items() for pair in _pairs(role, value)]
    return "".join(f" --{role.replace('_', '-')} {shlex.quote(value)}" for role, value in pairs)


def _pairs(role: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [("discount", f"{name}={column}") for name, column in value.items()]
    if isinstance(value, (list, tuple)):
        return [(role.removesuffix("s"), str(one)) for one in value]
    return [(role, str(value))]


def options(given: Mapping[str, Any]) -> str:
    """Keywords of a call as they are written behind its ledger: ``, p=0.5, horizon=30``."""
    return "".join(f", {name}={value!r}" for name, value in given.items())


def flags(given: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The same on the command line, where its option has the given name: `` --chance 0.5``; of several values one after the other."""
    said = [(names[name], one) for name, value in given.items() if name in names for one in _each(value)]
    return "".join(f" {option} {shlex.quote(str(one))}" for option, one in said)


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]
