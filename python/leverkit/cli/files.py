"""Files in and out of the command line: in by `leverkit.reading`, out by suffix: Parquet, CSV, Arrow IPC, JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from leverkit.cli.config import UsageError
from leverkit.reading import asking, open_source
from leverkit.reading.source import Source

T = TypeVar("T")
_WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    ".parquet": pl.DataFrame.write_parquet,
    ".csv": pl.DataFrame.write_csv,
    ".arrow": pl.DataFrame.write_ipc,
    ".json": pl.DataFrame.write_json,
}


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
    return lambda frame: write(frame, path)


def check_page(path: Path) -> None:
    """The page is HTML: another suffix is refused before anything is read."""
    _by_suffix(dict.fromkeys((".html", ".htm")), path, "write")


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
