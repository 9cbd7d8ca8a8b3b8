"""From paths to files: globs, folders, partitions, standard input, and what is inside .gz, .zst and .zip."""

from __future__ import annotations

import glob
import gzip
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from leverkit.errors import DataError, ParameterError

KINDS = {
    ".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv",
    ".jsonl": "json", ".ndjson": "json", ".json": "json",
    ".parquet": "parquet", ".pq": "parquet", ".arrow": "arrow", ".ipc": "arrow", ".feather": "arrow",
    ".xlsx": "sheet", ".xlsm": "sheet", ".xlsb": "sheet", ".xls": "sheet", ".ods": "sheet",
}  # fmt: skip
PACKED = (".gz", ".zst", ".zip")
Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


@dataclass(frozen=True)
class File:
    """A file that can be read as it lies on the disk.

    Attributes
    ----------
    path
        Where it lies: for what came packed or by standard input a copy.
    label
        Its name for messages.
    kind
        csv, json, parquet, arrow or sheet.
    suffix
        The end of its name.
    partitions
        Values of columns that its folders name (``year=2024``).
    """

    path: Path
    label: str
    kind: str
    suffix: str
    partitions: dict[str, str] = field(default_factory=dict)


def find(paths: Paths, room: TemporaryDirectory[str]) -> list[File]:
    """The files of paths, folders and globs, in their order; copies of what is packed go to `room`.

    Raises
    ------
    FileNotFoundError
        A path or glob has no file.
    ParameterError
        A file is of no kind that can be read, or files are of several kinds.
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    if not given:
        raise ParameterError("paths: got none; expected a file, a folder, a glob or a list of them", parameter="paths")
    found = [file for path in given for file in _found(os.fspath(path), room)]
    kinds = {file.kind: file.label for file in reversed(found)}
    if len(kinds) > 1:
        raise ParameterError(
            f"paths: {' and '.join(kinds.values())} are of different kinds; read one kind at a time", parameter="paths"
        )
    return found


def _found(path: str, room: TemporaryDirectory[str]) -> Iterator[File]:
    if path == "-":
        yield from _standard_input(room)
    elif Path(path).is_dir():
        inside = sorted(file for file in Path(path).rglob("*") if _is_data(file, Path(path)))
        if not inside:
            raise FileNotFoundError(f"{path}: there is no file in this folder that can be read")
        for file in inside:
            yield from _unpacked(file, room, _partitions(file.relative_to(path)))
    elif Path(path).is_file():
        yield from _unpacked(Path(path), room, {})
    elif matches := sorted(glob.glob(path, recursive=True)):
        for match in matches:
            yield from _unpacked(Path(match), room, _partitions(Path(match))) if Path(match).is_file() else ()
    else:
        raise FileNotFoundError(f"{path}: there is no such file")


def _is_data(file: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
    return file.is_file() and not hidden and _inner(file.name).suffix.lower() in KINDS


def _inner(name: str) -> Path:
    """The name without the suffix of what packs it."""
    path = Path(name)
    return path.with_suffix("") if path.suffix.lower() in PACKED and Path(path.stem).suffix else path


def _partitions(path: Path) -> dict[str, str]:
    return dict(part.split("=", 1) for part in path.parts[:-1] if re.fullmatch(r"[^=]+=[^=]*", part))


def _unpacked(path: Path, room: TemporaryDirectory[str], partitions: dict[str, str]) -> Iterator[File]:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        for file in _members(path, room):
            yield replace(file, partitions=partitions)
        return
    kind = _kind(_inner(path.name), path)
    if suffix == ".xls" and not _is_workbook(path):
        kind, suffix = "csv", ".txt"
    if suffix in PACKED:
        unpack: Any = gzip.open if suffix == ".gz" else _zstandard
        yield File(_copy(unpack(path), path, room), path.name, kind, _inner(path.name).suffix.lower(), partitions)
    else:
        yield File(path, path.name, kind, suffix, partitions)


def _kind(name: Path, path: Path) -> str:
    try:
        return KINDS[name.suffix.lower()]
    except KeyError:
        raise ParameterError(
            f"{path}: cannot read {name.suffix or 'a file without a suffix'}; known are {', '.join([*KINDS, *PACKED])}",
            parameter="paths",
        ) from None


def _is_workbook(path: Path) -> bool:
    """Whether a file named .xls is a workbook: shops and banks call text so, for Excel to open it.

    Raises
    ------
    DataError
        It is a web page.
    """
    with path.open("rb") as file:
        head = file.read(512).lstrip(b"\xef\xbb\xbf \r\n\t")
    if re.match(rb"<(!doctype|html|head|table|style|meta|\?xml)", head, flags=re.IGNORECASE):
        raise DataError(
            f"{path.name}: is a web page named {path.suffix}; open it in a spreadsheet and save it as .xlsx or .csv"
        )
    # A text has no byte of zero, but for UTF-16, which begins with its mark.
    return b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _members(path: Path, room: TemporaryDirectory[str]) -> Iterator[File]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not re.search(r"/$|(^|/)[._]", name)]
            readable = [name for name in names if Path(name).suffix.lower() in KINDS]
            if not readable:
                raise ParameterError(f"{path}: holds no file that can be read", parameter="paths")
            for name in readable:
                copy = _copy(archive.open(name), Path(name), room)
                yield File(copy, f"{path.name}/{name}", _kind(Path(name), path), Path(name).suffix.lower())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{path}: cannot be unpacked: {error}") from None


def _zstandard(path: Path) -> IO[bytes]:
    try:
        import zstandard
    except ImportError:
        raise ImportError('.zst files need the package zstandard: pip install "leverkit[read]"') from None
    opened: IO[bytes] = zstandard.open(path, "rb")
    return opened


def _copy(source: IO[bytes], path: Path, room: TemporaryDirectory[str]) -> Path:
    to = Path(room.name) / f"{len(os.listdir(room.name))}{_inner(path.name).suffix}"
    try:
        with source, to.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"{path}: cannot be unpacked: {error}") from None
    return to


def _standard_input(room: TemporaryDirectory[str]) -> Iterator[File]:
    to = Path(room.name) / "stdin"
    with to.open("wb") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy, 1 << 20)
    with to.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"\x1f\x8b") or head.startswith(b"\x28\xb5\x2f\xfd"):
        packed = to.rename(to.with_suffix(".csv.gz" if head[0] == 0x1F else ".csv.zst"))
        for file_ in _unpacked(packed, room, {}):
            yield replace(file_, label="standard input")
        return
    kind, suffix = next((kind for start, kind in _MAGIC.items() if head.startswith(start)), ("csv", ".csv"))
    yield File(to.rename(to.with_suffix(suffix)), "standard input", kind, suffix)


#: What files begin with; other input is text.
_MAGIC = {
    b"PAR1": ("parquet", ".parquet"), b"ARROW1": ("arrow", ".arrow"), b"PK\x03\x04": ("sheet", ".xlsx"),
    b"\xd0\xcf\x11\xe0": ("sheet", ".xls"), b"{": ("json", ".jsonl"),
}  # fmt: skip
