"""Order lines out of a database: DuckDB and SQLite files, PostgreSQL servers.

What the columns mean is left to the ledger. Of an address only host and database reach a message. Nothing is written: one query is run, files are opened
to read, DuckDB may touch no other file, SQLite may only select, and PostgreSQL's transaction only reads. What functions of a PostgreSQL server do beyond its
tables is left to the rights of the user.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import polars as pl

from leverkit.cli.config import UsageError
from leverkit.errors import DataError

_EXPECTED = (
    "expected a DuckDB or SQLite file, or an address such as postgresql://user@host/name, duckdb:///lines.duckdb or "
    "sqlite:///lines.sqlite"
)
_ONE_QUERY = "--query: expected one query that gives rows, such as SELECT …; nothing else is run"
#: A DuckDB file and nothing beside it: no other file, no address, no extension, and no way to change that.
_ALONE: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "lock_configuration": "true",
}
#: Parts of an address that may be shown: where it leads, not who goes there.
_OPEN = ("host", "hostaddr", "port", "dbname", "sslmode")
#: Rows of SQLite that become a frame at a time: enough for speed, few enough not to hold all as Python values.
_BATCH = 200_000


def read(url: str, query: str) -> pl.DataFrame:
    """The rows of an SQL query. `query` is its text, or ``@`` and the name of a file that holds it.

    Raises
    ------
    UsageError
        The address is none, or a file is not there.
    ImportError
        The driver is not installed; the message says how to install it.
    leverkit.DataError
        The database cannot be reached, does not understand the query, or gives no rows.
    """
    reader, address = _reader(url)
    lines = reader(address, _sql(query))
    if lines.is_empty():
        raise DataError(f"the query gave no rows from {shown(url)}")
    return lines


def shown(url: str) -> str:
    """Host and database of an address, or the file."""
    scheme, colon, _ = url.partition("://")
    address = urlsplit(url)
    host = address.netloc.rpartition("@")[2]
    return f"{scheme}://{host}{address.path}" if colon and scheme.startswith("postgres") else url


def _sql(query: str) -> str:
    try:
        sql = Path(query[1:]).read_text(encoding="utf-8-sig") if query.startswith("@") else query
    except OSError as error:
        raise UsageError(f"--query: {error}") from error
    if not sql.strip():
        raise UsageError("--query: the query is empty")
    return sql


def _reader(url: str) -> tuple[Callable[[str, str], pl.DataFrame], str]:
    scheme, colon, rest = url.partition("://")
    if colon and scheme in ("postgresql", "postgres"):
        _check_password(url)
        return _postgres, url
    readers = {"duckdb": _duckdb, "sqlite": _sqlite}
    if colon:
        if scheme not in readers:
            raise UsageError(f'--db: cannot read "{scheme}" databases; {_EXPECTED}')
        # Three slashes begin a path beside the command, four one from the root, as SQLAlchemy has it.
        path = rest.removeprefix("/")
        return readers[scheme], str(_file(path))
    return readers[_kind(_file(url))], url


def _file(path: str) -> Path:
    if not Path(path).is_file():
        raise UsageError(f"--db: there is no file {path}; {_EXPECTED}")
    return Path(path)


def _kind(path: Path) -> str:
    """What wrote the file, by its first bytes."""
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"SQLite format 3"):
        return "sqlite"
    if head[8:12] == b"DUCK":
        return "duckdb"
    raise UsageError(f"--db: {path} is neither a DuckDB nor an SQLite file; a file of lines is given as DATA")


def _check_password(url: str) -> None:
    """Signs that end a password too early would put the rest of it into the host, and so into messages."""
    address = urlsplit(url)
    if url.count("@") > 1 or ("@" in url and "@" not in address.netloc and not address.query):
        raise UsageError("--db: write @, /, ? and # in a password as %40, %2F, %3F and %23")


def _duckdb(path: str, sql: str) -> pl.DataFrame:
    try:
        import duckdb
    except ImportError as error:
        raise ImportError('DuckDB files need the driver duckdb: pip install "leverkit[db]"') from error
    with _told(path, duckdb.Error, "cannot open"):
        connection = duckdb.connect(path, read_only=True, config=_ALONE)
    with closing(connection), _told(path, duckdb.Error):
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise UsageError(_ONE_QUERY)
        return pl.DataFrame(connection.sql(sql))


def _sqlite(path: str, sql: str) -> pl.DataFrame:
    with (
        _told(path, sqlite3.Error),
        closing(sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)) as base,
    ):
        base.set_authorizer(_only_select)
        cursor = base.execute(sql)
        names = [column[0] for column in cursor.description or ()]
        return _frame(names, cursor) if names else pl.DataFrame()


def _only_select(action: int, what: str | None, *_: str | None) -> int:
    reads = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE)
    may = action in reads or (action == sqlite3.SQLITE_FUNCTION and what != "load_extension")
    return sqlite3.SQLITE_OK if may else sqlite3.SQLITE_DENY


def _frame(names: list[str], cursor: sqlite3.Cursor) -> pl.DataFrame:
    """SQLite has types for values, not for columns: each batch finds its own, and all find what holds both."""
    batches = iter(lambda: cursor.fetchmany(_BATCH), [])
    frames = [pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None) for rows in batches]
    return pl.concat(frames, how="vertical_relaxed") if frames else pl.DataFrame(schema=names)


def _postgres(url: str, sql: str) -> pl.DataFrame:
    try:
        import adbc_driver_postgresql.dbapi as driver
    except ImportError as error:
        raise ImportError('PostgreSQL needs the driver adbc-driver-postgresql: pip install "leverkit[db]"') from error
    with _told(url, driver.Error, "cannot connect to"):
        connection = driver.connect(url)
    with closing(connection), _told(url, driver.Error), closing(connection.cursor()) as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        connection.commit()
        # A server prepares one statement alone, and in brackets only a query can stand: the first tells errors as they are.
        cursor.adbc_prepare(sql)
        cursor.execute(f"SELECT * FROM (\n{sql.strip().rstrip(';')}\n) AS lines")
        return _numbers(pl.DataFrame(cursor.fetch_arrow()))


def _numbers(lines: pl.DataFrame) -> pl.DataFrame:
    """The numeric type of PostgreSQL comes as text, as Arrow has none so wide: whole numbers where all are, else floats."""
    return lines.with_columns(
        _number(column.ext.storage()) for column in lines if isinstance(column.dtype, pl.Extension)
    )


def _number(text: pl.Series) -> pl.Series:
    whole = text.cast(pl.Int64, strict=False)
    return whole if whole.null_count() == text.null_count() else text.cast(pl.Float64)


@contextmanager
def _told(url: str, kind: Any, doing: str = "the query failed in") -> Iterator[None]:
    """The database's first line, without passwords and the driver's own words, as one error."""
    try:
        yield
    except kind as error:
        words = re.sub(r"^[A-Z_]+: (\[libpq\] )?|Failed to \w+( query)?: |ERROR: +", "", str(error).strip())
        first = (words.splitlines() or [type(error).__name__])[0]
        raise DataError(f"{doing} {shown(url)}: {_without(first, url)}") from None


def _without(text: str, url: str) -> str:
    """The text with stars for what the address has beside host and database, however it is written."""
    address = urlsplit(url)
    user, _, password = address.netloc.rpartition("@")[0].partition(":")
    options = [pair.partition("=")[::2] for pair in address.query.split("&")]
    hidden = [password, user, *(value for name, value in options if name not in _OPEN)]
    for part in hidden:
        for form in sorted({part, unquote(part), quote(unquote(part), safe="")}, key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", "***", text) if form else text
    return text
