"""How an error names the option that helps: `--dates` on the command line, `dates=` in Python."""

from __future__ import annotations

from collections.abc import Callable

Option = Callable[[str], str]


def python(name: str) -> str:
    """A keyword of `leverkit.read`."""
    return f"{name}="


def command(name: str) -> str:
    """An option of the command line."""
    return f"--{name} "


def frame(name: str) -> str:
    """A keyword where a table was given, not a file: there is one, for times."""
    return "time_format=" if name == "dates" else f"{name}="
