"""Files that users name: a path that can be one, and the text that a file holds."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from leverkit._lib.inputs import repr_of
from leverkit.errors import DataError, ParameterError

Place = str | os.PathLike[str]


def path_of(path: Place) -> Path:
    r"""A path by which a file can go.

    Raises
    ------
    ParameterError
        No file can have this name.

    >>> path_of("a\0b")
    Traceback (most recent call last):
    ...
    leverkit.errors.ParameterError: path: got 'a\x00b'; expected a name that a file can have
    """
    if not _is_name(path):
        raise ParameterError(f"path: got {repr_of(path)}; expected a name that a file can have", parameter="path")
    return Path(path)


def _is_name(path: Place) -> bool:
    """Whether a name is not empty, has no zero byte, and no half of a surrogate pair but those by which Python keeps bytes that are no text."""
    try:
        name = os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return bool(name) and b"\0" not in name


def text_in(path: Place) -> str:
    """The text of a file in UTF-8.

    Raises
    ------
    ParameterError
        No file can have this name.
    DataError
        The file holds another encoding, or no text; or its name is too long.
    OSError
        There is no such file, or nobody may read it.
    """
    try:
        return path_of(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise DataError(f"{repr_of(path)}: the name is too long for a file") from None
        raise
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is no text in UTF-8; save the file as UTF-8") from None
