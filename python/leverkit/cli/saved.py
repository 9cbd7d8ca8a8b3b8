"""Keeps what a run settled, its roles and how the file was read, as a `leverkit.toml` with which the next run has nothing to guess."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leverkit._lib.writing import write_text

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def write(path: Path, sections: Mapping[str, Mapping[str, Any]]) -> None:
    """Writes the sections, in the place of those of the same name; all or nothing, whatever happens on the way."""
    import tomli_w

    content = tomllib.loads(path.read_text(encoding="utf-8-sig")) if path.exists() else {}
    content |= {name: dict(values) for name, values in sections.items() if values}
    _make_relative(content, path.parent)
    write_text(path, tomli_w.dumps(content))


def _make_relative(content: dict[str, Any], folder: Path) -> None:
    """A shape of one's own is looked for beside the file of settings."""
    shape = content.get("read", {}).get("shape")
    if shape and Path(shape).exists():
        content["read"]["shape"] = os.path.relpath(shape, folder)
