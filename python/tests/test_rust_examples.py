"""Every public function of Rust has a runnable example, or stands below until it gets one: the lists only get shorter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CRATES = Path(__file__).parents[2] / "crates"
FUNCTION = re.compile(r"^(?P<doc>(?:///[^\n]*\n)+)(?:#\[[^\n]*\n)*pub (?:const )?fn (?P<name>\w+)", re.M)

WITHOUT: dict[str, set[str]] = {
    "clv": set(),
    "core": set(),
    "effect": set(),
    "funnel": set(),
    "plan": set(),
    "pricing": set(),
    "profit": set(),
    "rfm": set(),
    "stats": set(),
    "survey": set(),
}


def without_example(crate: str) -> set[str]:
    """Public functions whose documentation has no example, by file and name."""
    source = CRATES / f"leverkit-{crate}/src"
    return {
        f"{file.relative_to(source).as_posix()}: {found['name']}"
        for file in source.rglob("*.rs")
        for found in FUNCTION.finditer(file.read_text(encoding="utf-8"))
        if "```" not in found["doc"]
    }


@pytest.mark.parametrize("crate", WITHOUT)
def test_every_public_function_has_an_example(crate: str) -> None:
    assert without_example(crate) == WITHOUT[crate], "write an example, or drop the name from the list"
