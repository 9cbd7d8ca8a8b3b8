"""Files are written whole or not at all: a full disk, or an end half-way, leaves the old file as it was.

All that leverkit writes for its users goes through here; what a file holds is left to the callers.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from leverkit._lib.paths import Place, path_of


@contextmanager
def replacing(path: Place) -> Iterator[Path]:
    """A file beside `path` to write into, which takes its place at the end of the block; if that fails, nothing has changed.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "page.html"
    >>> with replacing(file) as draft:
    ...     _ = draft.write_text("done")
    >>> file.read_text()
    'done'
    """
    target = path_of(path).resolve()  # what a link points to is replaced, not the link
    if target.exists() and not target.is_file():  # a device, or a pipe: there is nothing to keep
        yield target
        return
    # The suffix stays, as some writers go by it.
    draft = target.with_name(f".{secrets.token_hex(8)}.{target.name[-100:]}")
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        yield draft
        _to_disk(draft)
        if target.exists():
            draft.chmod(target.stat().st_mode & 0o777)
        draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def write_text(path: Place, text: str) -> None:
    """Writes a text as UTF-8, whole or not at all."""
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8")


def check_room(path: Place) -> None:
    """Refuses a path to which nothing can be written, to be asked before the work begins.

    Raises
    ------
    OSError
        There is no such folder, or nobody may write to it.
    """
    folder = path_of(path).resolve().parent
    if not folder.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {folder}; make it first")
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"{path}: nothing may be written to {folder}")


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
