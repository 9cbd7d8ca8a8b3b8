"""Files are written whole or not at all: an interrupted run leaves the old file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A file beside `path` to write into, which takes its place at the end of the block; if that fails, nothing has changed.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "page.html"
    >>> with replacing(file) as draft:
    ...     _ = draft.write_text("done")
    >>> file.read_text()
    'done'
    """
    path = Path(path)
    # A link stays one, and the suffix stays, as some writers go by it.
    place = path.resolve()
    draft = place.with_name(f".{os.getpid()}.{place.name}")
    try:
        yield draft
        if place.exists():
            draft.chmod(place.stat().st_mode)
        os.replace(draft, place)
    finally:
        draft.unlink(missing_ok=True)


def write_text(path: str | Path, text: str) -> None:
    """Writes a text, whole or not at all."""
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8")
