"""From paths to files: globs, folders, partitions, standard input, and what is inside .gz, .zst and .zip."""

from __future__ import annotations

import filecmp
import glob
import gzip
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from urllib.parse import unquote

from leverkit._lib.paths import path_of
from leverkit.errors import DataError, ParameterError

KINDS = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt"), "csv"),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), "json"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".arrow", ".ipc", ".feather"), "arrow"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), "sheet"),
}
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


class Room:
    """A folder for copies of what is packed, made when the first one comes: most files need none."""

    @cached_property
    def path(self) -> Path:
        self._folder = TemporaryDirectory(prefix="leverkit-")
        return Path(self._folder.name)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was copied."""
        return "path" not in self.__dict__

    def cleanup(self) -> None:
        """Delete the copies."""
        if not self.is_empty:
            self._folder.cleanup()


def find(paths: Paths, room: Room) -> list[File]:
    """The files of paths, folders and globs, in their order; copies of what is packed go to `room`.

    Raises
    ------
    FileNotFoundError
        A path or glob has no file.
    DataError
        The system does not let a file be read.
    ParameterError
        A file is of no kind that can be read, or files are of several kinds.
    """
    given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    if not given:
        raise ParameterError("paths: got none; expected a file, a folder, a glob or a list of them", parameter="paths")
    try:
        found = [file for path in given for file in _found(os.fspath(path_of(path)), room)]
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DataError(f"{error.filename}: {error.strerror}") from None
    kinds = {file.kind: file.label for file in reversed(found)}
    if len(kinds) > 1:
        raise ParameterError(
            f"paths: {' and '.join(kinds.values())} are of different kinds; read one kind at a time", parameter="paths"
        )
    return found


def _found(path: str, room: Room) -> Iterator[File]:
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
    return file.is_file() and not hidden and _inner(file.name).suffix.lower() in (*KINDS, ".zip")


def _inner(name: str) -> Path:
    """The name without the suffix of what packs it."""
    path = Path(name)
    return path.with_suffix("") if path.suffix.lower() in PACKED and Path(path.stem).suffix else path


def _partitions(path: Path) -> dict[str, str]:
    """Columns that the folders name, as Hive writes them: signs of no file name in per cent, and a name for what is missing."""
    named = dict(part.split("=", 1) for part in path.parts[:-1] if re.fullmatch(r"[^=]+=[^=]*", part))
    return {name: "" if value == "__HIVE_DEFAULT_PARTITION__" else unquote(value) for name, value in named.items()}


def _unpacked(
    path: Path, room: Room, partitions: dict[str, str], label: str = "", named: Path | None = None
) -> Iterator[File]:
    """The files in a file. What they begin with tells what they are, whatever their name says; where that tells nothing, the name does."""
    label, named = label or path.name, named or Path(path.name)
    with path.open("rb") as file:
        head = file.read(512)
    said = named.suffix.lower() if named.suffix.lower() in PACKED else None
    pack = next((suffix for magic, suffix in _PACKS.items() if head.startswith(magic)), said)
    if pack == ".zip" and not _is_workbook(path):
        for file_ in _members(path, room, label):
            yield replace(file_, partitions=partitions)
    elif pack in (".gz", ".zst"):
        unpack: Callable[[Path], IO[bytes]] = gzip.open if pack == ".gz" else _zstandard  # type: ignore[assignment]
        copy = _copy(unpack(path), path, room)
        yield from _unpacked(copy, room, partitions, label, _inner(named.name))
    else:
        kind, suffix = _kind(head, path if path.name == label else Path(label), named)
        yield File(path, label, kind, suffix, partitions)


def _kind(head: bytes, path: Path, named: Path) -> tuple[str, str]:
    """What a file is, and the suffix of such files.

    Raises
    ------
    DataError
        It is a web page.
    ParameterError
        Neither its content nor its name tells.
    """
    suffix = _inner(named.name).suffix.lower()
    by_content = next((told for magic, told in _MAGIC.items() if head.startswith(magic)), None)
    if by_content:
        return (by_content[0], suffix) if KINDS.get(suffix) == by_content[0] else by_content
    if suffix not in KINDS:
        raise ParameterError(
            f"{path}: cannot read {suffix or 'a file without a suffix'}; known are {', '.join([*KINDS, *PACKED])}",
            parameter="paths",
        )
    kind = KINDS[suffix]
    if kind not in ("csv", "json", "sheet"):
        return kind, suffix
    if _PAGE.match(head.lstrip(b"\xef\xbb\xbf \r\n\t")):
        raise DataError(
            f"{named.name}: is a web page named {suffix}; open it in a spreadsheet and save it as .xlsx or .csv"
        )
    if _RECORD.match(head):
        return "json", suffix if kind == "json" else ".json"
    # Shops and banks call text .xls, for Excel to open it.
    return ("csv", ".txt") if suffix == ".xls" else (kind, suffix)


def _is_workbook(path: Path) -> bool:
    """Whether an archive is a workbook: of Excel, or of LibreOffice."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return path.suffix.lower() != ".zip"
    return bool(names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml", "[Content_Types].xml"})


def _members(path: Path, room: Room, label: str) -> Iterator[File]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not re.search(r"/$|(^|/)[._]", name)]
            readable = [name for name in names if _inner(name).suffix.lower() in KINDS]
            if not readable:
                raise ParameterError(f"{path}: holds no file that can be read", parameter="paths")
            for name in readable:
                copy = _copy(archive.open(name), Path(name), room)
                yield from _unpacked(copy, room, {}, f"{label}/{name}", Path(Path(name).name))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{path}: cannot be unpacked: {error}") from None


def _zstandard(path: Path) -> IO[bytes]:
    try:
        import zstandard
    except ImportError:
        raise ImportError('.zst files need the package zstandard: pip install "leverkit[read]"') from None
    opened: IO[bytes] = zstandard.open(path, "rb")
    return opened


def _copy(source: IO[bytes], path: Path, room: Room) -> Path:
    to = room.path / f"{len(os.listdir(room.path))}{_inner(path.name).suffix}"
    try:
        with source, to.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    except (OSError, EOFError, ValueError) as error:
        raise DataError(f"{path}: cannot be unpacked: {error}") from None
    return to


def _standard_input(room: Room) -> Iterator[File]:
    to = room.path / "stdin"
    with to.open("wb") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy, 1 << 20)
    yield from _unpacked(to, room, {}, "standard input", Path("stdin.csv"))


def copies(found: Sequence[File]) -> list[str]:
    """What is said of files that are the same, byte for byte: an export that lies there twice."""
    notes = []
    by_size: dict[int, list[File]] = {}
    for file in found:
        same_size = by_size.setdefault(file.path.stat().st_size, [])
        twin = next((other for other in same_size if filecmp.cmp(other.path, file.path, shallow=False)), None)
        if twin and twin.partitions == file.partitions:
            notes.append(f"{twin.label} and {file.label} are the same, byte for byte: their rows count twice")
        else:
            same_size.append(file)
    return notes


#: What packed files begin with.
_PACKS = {b"\x1f\x8b": ".gz", b"\x28\xb5\x2f\xfd": ".zst", b"PK\x03\x04": ".zip"}
#: What files begin with, whatever their name; other files are what their name says.
_MAGIC = {
    b"PAR1": ("parquet", ".parquet"),
    b"ARROW1": ("arrow", ".arrow"),
    b"PK\x03\x04": ("sheet", ".xlsx"),
    b"\xd0\xcf\x11\xe0": ("sheet", ".xls"),
}
#: How web pages begin, and records of JSON.
_PAGE = re.compile(rb"<(!doctype|html|head|table|style|meta|\?xml)", flags=re.IGNORECASE)
_RECORD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*\"")
