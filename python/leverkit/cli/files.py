"""Files in and out of the command line, by suffix: Parquet, CSV, Arrow IPC; JSON for results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import polars as pl

from leverkit.cli.config import UsageError

T = TypeVar("T")
_WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    ".parquet": pl.DataFrame.write_parquet,
    ".csv": pl.DataFrame.write_csv,
    ".arrow": pl.DataFrame.write_ipc,
    ".json": pl.DataFrame.write_json,
}
_READERS: dict[str, Callable[..., pl.LazyFrame]] = {
    ".parquet": pl.scan_parquet,
    ".csv": pl.scan_csv,
    ".arrow": pl.scan_ipc,
    ".ipc": pl.scan_ipc,
    ".feather": pl.scan_ipc,
}


def scan(path: Path, text: set[str] | None = None) -> pl.LazyFrame:
    """The file's lines, unread as yet.

    Columns named in `text` are read from CSV as they stand: an id such as 007 is not the number 7.
    """
    reader = _by_suffix(_READERS, path, "read")
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    if reader is pl.scan_csv:
        kept = dict.fromkeys(text or (), pl.String)
        return pl.scan_csv(path, try_parse_dates=True, infer_schema_length=10_000, schema_overrides=kept)
    return reader(path)


def writer(path: Path) -> Callable[[pl.DataFrame], None]:
    """What writes a frame to the file; to be asked for before the work begins, so that a wrong name costs nothing."""
    write = _by_suffix(_WRITERS, path, "write")
    return lambda frame: write(frame, path)


def write_tables(tables: dict[str, pl.DataFrame], folder: Path) -> None:
    """Writes each table as Parquet under its name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        frame.write_parquet(folder / f"{name}.parquet")


def _by_suffix(known: dict[str, T], path: Path, verb: str) -> T:
    try:
        return known[path.suffix.lower()]
    except KeyError:
        raise UsageError(
            f"{path}: cannot {verb} {path.suffix or 'a file without a suffix'}; known are {', '.join(known)}"
        ) from None
