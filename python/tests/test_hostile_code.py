"""Unsafe code stands in named modules alone, each block with its reason; whoever adds a module adds it here, and to review."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Modules with unsafe code, and what for.
UNSAFE = {
    "crates/leverkit-core/src/gather.rs": "vectors are filled in parallel before their length is set",
    "crates/leverkit-core/src/ledger.rs": "the same, by customer",
    "crates/leverkit-core/src/saved/build/growth.rs": "numbers are written as the bytes that they are",
    "crates/leverkit-core/src/saved/file.rs": "files are mapped into memory",
    "crates/leverkit-core/src/shared.rs": "a slice of a mapped file, whose alignment and length are checked",
    "crates/leverkit-core/src/shuffle.rs": "rows are dealt into buckets by many threads at once",
    "crates/leverkit-core/src/texts.rs": "an array is made of parts that were checked",
    "crates/leverkit-polars/src/lib.rs": "the C data interface",
    "crates/leverkit-profit/src/formula/logarithm.rs": "instructions of a processor that was asked for them",
    "crates/leverkit-py/src/frame.rs": "the C data interface",
    "crates/leverkit-stats/src/room.rs": "advice on memory to the system",
}
_USE = re.compile(r"^\s*(?!//).*\bunsafe\b(?! code)", re.MULTILINE)


def sources() -> list[Path]:
    return [path for part in ("crates", "examples", "benches") for path in sorted((ROOT / part).rglob("*.rs"))]


def test_unsafe_code_is_in_the_named_modules() -> None:
    found = {str(path.relative_to(ROOT)) for path in sources() if _USE.search(path.read_text(encoding="utf-8"))}
    assert found == set(UNSAFE)


@pytest.mark.parametrize("name", UNSAFE)
def test_every_unsafe_block_says_why_it_is_sound(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    for at, line in enumerate(lines):
        if _USE.match(line) and "unsafe fn" not in line:
            before = "\n".join(lines[max(at - 8, 0) : at + 1])
            assert "SAFETY" in before or "# Safety" in before, f"{name}:{at + 1}: {line.strip()}"
