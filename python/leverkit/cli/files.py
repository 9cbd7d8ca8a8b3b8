"""Files in and out of the command line: in by `leverkit.reading`, out by suffix: Parquet, CSV, Arrow IPC, JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from leverkit._lib import workbook
from leverkit._lib.spreadsheet import flat, harmless
from leverkit._lib.writing import check_room, replacing
from leverkit.cli.config import UsageError
from leverkit.reading import asking, open_source
from leverkit.reading.source import Source

T = TypeVar("T")
_WRITERS: dict[str, Callable[[pl.DataFrame, Path], Any]] = {
    ".parquet": pl.DataFrame.write_parquet,
    ".csv": lambda frame, path: harmless(flat(frame)).write_csv(path),
    ".arrow": pl.DataFrame.write_ipc,
    ".json": pl.DataFrame.write_json,
}
#: What stands for the name of a table in the name of its file.
_NAME = "{name}"


def opened(paths: Path | Sequence[Path], given: Mapping[str, Any], say: Callable[[str], None]) -> Source:
    """The files of the command, judged on a sample; how they are read is said once that is settled by what they are needed for."""
    try:
        names = [str(path) for path in paths] if isinstance(paths, Sequence) else str(paths)
        return open_source(names, option=asking.command, tell=say, **given)
    except FileNotFoundError as error:
        raise UsageError(str(error)) from None


def beside(path: Path, given: Mapping[str, Any], say: Callable[[str], None]) -> Source:
    """A further file of a command: it is judged by itself, and what was said of the first counts where it leaves something open."""
    kept = {name: given[name] for name in ("dates", "decimal", "null") if name in given}
    return opened(path, {**kept, "shape": "none", "where_open": True}, say)


def writer(path: Path) -> Callable[[pl.DataFrame], None]:
    """What writes a frame to the file; to be asked for before the work begins, so that a wrong name costs nothing."""
    write = _by_suffix(_WRITERS, path, "write")
    check_room(path)
    return lambda frame: _whole(write, frame, path)


def _whole(write: Callable[[pl.DataFrame, Path], Any], frame: pl.DataFrame, path: Path) -> None:
    with replacing(path) as draft:
        write(frame, draft)


def check_page(path: Path) -> None:
    """A figure is a page of HTML: another suffix is refused before anything is read."""
    _by_suffix(dict.fromkeys((".html", ".htm")), path, "write")
    check_room(path)


def tables_writer(target: Path) -> Callable[[Mapping[str, pl.DataFrame]], None]:
    """What writes tables by their names: into a folder as Parquet, into one workbook (.xlsx), or into files such as ``tables/{name}.csv``. To be asked for
    before the work begins, so that a wrong name costs nothing."""
    if target.suffix.lower() == ".xlsx":
        workbook.check()
        check_room(target)
        return lambda tables: _book(tables, target)
    if _NAME in target.name:
        write = _by_suffix(_WRITERS, target, "write")
        return lambda tables: _each(tables, target, write)
    if target.suffix and not target.is_dir():
        raise UsageError(
            f"{target}: cannot write tables as {target.suffix} in one file; give a folder (Parquet), a workbook (.xlsx), or files such as "
            f"{target.with_suffix('') / ('{name}' + target.suffix)}"
        )
    return lambda tables: _each(tables, target / "{name}.parquet", pl.DataFrame.write_parquet)


def _book(tables: Mapping[str, pl.DataFrame], path: Path) -> None:
    with replacing(path) as draft:
        workbook.write_tables(tables, draft)


def _each(tables: Mapping[str, pl.DataFrame], form: Path, write: Callable[[pl.DataFrame, Path], Any]) -> None:
    form.parent.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        _whole(write, frame, form.with_name(form.name.replace(_NAME, name)))


def _by_suffix(known: dict[str, T], path: Path, verb: str) -> T:
    try:
        return known[path.suffix.lower()]
    except KeyError:
        raise UsageError(
            f"{path}: cannot {verb} {path.suffix or 'a file without a suffix'}; known are {', '.join(known)}"
        ) from None
