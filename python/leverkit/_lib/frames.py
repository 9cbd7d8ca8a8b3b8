"""Tables in and out: any Arrow-compatible frame can be passed in, and results come out as frames of the same type.

The type is remembered as a function from a polars frame to the user's type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

import polars as pl

from leverkit._lib.inputs import repr_of
from leverkit.errors import DataError, LeverkitError, ParameterError, SchemaError

if TYPE_CHECKING:
    from leverkit.reading.columns import Kind, Reader
    from leverkit.reading.dates import Dates
    from leverkit.reading.source import Source

#: How the engine begins what the source of a table said when it failed.
_SOURCE = "the table could not be read: "
#: Rows by which text is known to be ISO 8601.
_HEAD = 1000
#: Rows of a piece from which on the engine takes pieces one by one.
_LARGE = 1 << 16
#: A type of pandas with a fixed offset from UTC, for which there is no zone by name.
_OFFSET = re.compile(r"^datetime64\[\w+, (UTC)?[+-]\d\d:\d\d\]$")
T = TypeVar("T")
ToNative = Callable[[pl.DataFrame], Any]


def kind_of(data: Any) -> ToNative:
    """How to turn a polars frame into the type of `data`; polars if that is unclear."""
    if isinstance(data, (pl.DataFrame, pl.LazyFrame)):
        return as_polars
    module = type(data).__module__.partition(".")[0]
    return _kinds().get(module.removeprefix("_"), as_polars)


def name_of_kind(to_native: ToNative) -> str:
    """The library whose frames come out, by which a saved ledger remembers them."""
    made = to_native.to_native if isinstance(to_native, Told) else to_native
    return next((name for name, kind in _kinds().items() if kind is made), "polars")


def kind_called(name: str) -> ToNative:
    """How frames of a library are made; those of polars where it is not installed."""
    kind = _kinds().get(name)
    return kind if kind and find_spec(name) else as_polars


def _kinds() -> dict[str, ToNative]:
    return {"pandas": _to_pandas, "pyarrow": _to_pyarrow, "narwhals": _to_narwhals, "duckdb": _to_duckdb}


@dataclass(frozen=True)
class Told:
    """How to turn a polars frame into the user's kind, with what every result of these data says first, and the currency of its money."""

    to_native: ToNative
    notes: tuple[str, ...] = ()
    currency: str | None = None

    def __call__(self, frame: pl.DataFrame) -> Any:
        return self.to_native(frame)


@contextmanager
def of_producer(source: Source | None = None) -> Iterator[None]:
    """Passes on what a lazy frame, or the files behind it, say where they cannot be read."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        raise _unreadable(str(error), source) from None


def _unreadable(told: str, source: Source | None) -> DataError:
    """What cannot be read, and why; what follows the first line advises on options of whatever read it."""
    told = told.splitlines()[0]
    if source:
        return DataError(f"{source.label}: cannot be read: {told}")
    return DataError(f"the lazy frame cannot be read: {told}; leverkit.read reads files as they are")


def names_of(data: Any) -> list[str]:
    """The names of a frame's columns; none if they cannot be known without reading."""
    data = _native(data)
    if isinstance(data, Mapping):
        return [name for name in data if isinstance(name, str)]
    if isinstance(data, pl.LazyFrame):
        with of_producer():
            return data.collect_schema().names()
    if isinstance(schema := getattr(data, "schema", None), dict):  # files, polars
        return list(schema)
    names = getattr(data, "column_names", getattr(data, "columns", ()))  # pyarrow, and all others
    return [name for name in names if isinstance(name, str)]


def as_polars(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


def _to_pandas(frame: pl.DataFrame) -> Any:
    return _to_pyarrow(frame).to_pandas(date_as_object=False)


def _to_pyarrow(frame: pl.DataFrame) -> Any:
    """By the capsule, without the threads of polars, which do not survive a fork; texts as libraries knew them before views."""
    import pyarrow as pa

    table = pa.table(frame)
    return table.cast(pa.schema([field.with_type(_without_views(field.type)) for field in table.schema]))


def _without_views(dtype: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_string_view(dtype):
        return pa.large_string()
    if pa.types.is_binary_view(dtype):
        return pa.large_binary()
    if pa.types.is_large_list(dtype):
        return pa.large_list(_without_views(dtype.value_type))
    if pa.types.is_dictionary(dtype):
        return pa.dictionary(dtype.index_type, _without_views(dtype.value_type), dtype.ordered)
    return dtype


def _to_narwhals(frame: pl.DataFrame) -> Any:
    import narwhals as nw

    return nw.from_native(frame)


def _to_duckdb(frame: pl.DataFrame) -> Any:
    import duckdb

    return duckdb.from_arrow(_to_pyarrow(frame))


def _native(data: Any) -> Any:
    """The frame inside a narwhals frame; anything else unchanged. Narwhals need not be imported: whoever made the frame has done so."""
    return data.to_native() if type(data).__module__.partition(".")[0] == "narwhals" else data


def only(data: Any, columns: Iterable[str | None], roles: Roles | None = None) -> Any:
    """The needed columns of a frame, ready for the engine; lazy frames come batch by batch from the streaming engine.

    Files are read as the roles need, and text with the role of time is read as dates. A missing column is left to the engine, whose error names the
    existing columns.
    """
    from leverkit.reading import as_roles, source_of  # with the first table, not with the package

    roles = roles or Roles()
    wanted = [column for column in dict.fromkeys(columns) if column is not None]
    source = source_of(data)
    data = as_roles(source, roles.kinds(wanted)) if source else _native(data)
    if isinstance(data, Mapping):
        data = _made(data)
    if not source:
        with of_producer():
            data = _text_read(data, wanted, roles)
    if isinstance(data, pl.LazyFrame):
        with of_producer(source):
            known = data.collect_schema()
        schema = {name: dtype for name, dtype in known.items() if "\0" not in name}
        found = [name for name in wanted if name in schema]
        if len(found) < len(wanted):
            return pl.DataFrame(schema=schema)
        return _Stream(data.select(found).collect_batches(engine="streaming"), source)
    return _in_pieces(_check_names(data)) if isinstance(data, pl.DataFrame) else data


def _in_pieces(frame: pl.DataFrame) -> pl.DataFrame | pl.Series:
    """The frame, or a column of structs where it has large pieces: a frame polars puts together before it hands it over."""
    has_large_pieces = 1 < frame.n_chunks() <= frame.height // _LARGE
    return frame.to_struct() if has_large_pieces and pl.Object not in frame.dtypes else frame


def _check_names(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame; Arrow passes names on as C has them, which end at a byte of zero."""
    broken = next((name for name in frame.columns if "\0" in name), None)
    if broken is not None:
        raise SchemaError(
            f"a column is named {broken!r}, with a byte of zero in it; rename it, or look whether this is a table at all"
        )
    return frame


@dataclass(frozen=True)
class _Stream:
    """Batches of a lazy frame on their way to the engine, with the files that they come from."""

    batches: Any
    source: Source | None

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.batches.__arrow_c_stream__(requested_schema)


def through(function: Callable[..., T], data: Any, *arguments: Any, **named: Any) -> T:
    """Calls the engine with a table. An error while reading the table is reported in its original form, not as the stream passes it on.

    Raises
    ------
    LeverkitError
        The engine's error, or that of the file.
    """
    try:
        return function(data, *arguments, **named)
    except LeverkitError as error:
        if not isinstance(data, _Stream) or not str(error).startswith(_SOURCE):
            raise
        if data.source and data.source.failure:
            raise data.source.failure from None
        raise _unreadable(str(error).removeprefix(_SOURCE), data.source) from None


@dataclass(frozen=True)
class Roles:
    """What the columns of a frame are needed for.

    Attributes
    ----------
    other
        What all others are in files: "text", or "id", where the engine makes texts of whole numbers.
    number, time
        Columns that must be numbers, or times.
    level
        Columns that are numbers or times.
    found
        Columns that are what their values are: numbers, dates or flags.
    zone
        The zone in which days begin; "own" for that of the column. Else times with a zone are instants.
    time_format
        How text of a time is written, where the user says so.
    is_loose
        Whether what is no time is left in its column of a file, for the engine to count.
    must_be_iso
        Whether text of a time is to be ISO 8601 where its format is not given.
    notes
        Where to say how it was read.
    """

    other: Kind = "text"
    number: Iterable[str | None] = ()
    time: Iterable[str | None] = ()
    level: Iterable[str | None] = ()
    found: Iterable[str | None] = ()
    zone: str | None = None
    time_format: str | None = None
    is_loose: bool = False
    must_be_iso: bool = False
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not (self.time_format is None or isinstance(self.time_format, str)):
            raise ParameterError(
                f'time_format: got {repr_of(self.time_format)}; expected text such as "%d/%m/%Y"',
                parameter="time_format",
            )

    def kinds(self, columns: Iterable[str]) -> dict[str, Kind]:
        """The kind of each column, as files are read."""
        kinds: dict[str, Kind] = dict.fromkeys(columns, self.other)
        time = "loose" if self.is_loose else "time"
        for kind, names in (("number", self.number), (time, self.time), ("level", self.level), ("found", self.found)):
            kinds |= dict.fromkeys([name for name in names if name is not None], kind)  # type: ignore[arg-type]
        return kinds

    def read_text(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """A frame whose text times are in the form that the engine reads; unreadable ones stay text, for the engine to count."""
        from leverkit.reading import frames

        schema = frame.collect_schema()
        for name in self.time:
            if (
                name is None
                or schema.get(name) != pl.String
                or (self.time_format is None and frames.is_iso(frame, name))
            ):
                continue
            reader = frames.reader(frame, name, "time", self.time_format)
            if self.time_format is None and self.must_be_iso and not (_is_dates(reader) and reader.is_iso):
                _check_iso(frame, name, reader)
                continue
            if _is_dates(reader):
                frame = frames.to_iso(frame, name, reader)
                self._say(name, reader)
        return self._with_levels(
            frame, [name for name in self.level if name is not None and schema.get(name) == pl.String]
        )

    def _with_levels(self, frame: pl.LazyFrame, names: list[str]) -> pl.LazyFrame:
        """Levels of text as numbers or times; one without values is of the type of the others."""
        from leverkit.reading import frames

        empty = []
        for name in names:
            reader = frames.reader(frame, name, "level", self.time_format)
            if reader is None:
                empty.append(name)
            else:
                frame = frames.read(frame, name, reader)
                self._say(name, reader)
        types = {dtype for name, dtype in frame.collect_schema().items() if name in self.level and name not in empty}
        dated = any(dtype.is_temporal() for dtype in types)
        return frame.with_columns(pl.lit(None, pl.Date() if dated else pl.Float64()).alias(name) for name in empty)

    def _say(self, name: str, reader: Reader) -> None:
        self.notes.extend([f"{name}: read {reader.how}."] if reader.how else [])


def _is_dates(reader: Reader | None) -> TypeGuard[Dates]:
    from leverkit.reading.dates import Dates

    return isinstance(reader, Dates)


def _check_iso(frame: pl.LazyFrame, name: str, reader: Reader | None) -> None:
    from leverkit.reading import frames

    found = frames.none_is_iso(frame, name)
    if found is None:
        return
    unread, rows, first = found
    hint = f'time_format="{reader.format}"' if _is_dates(reader) and "%" in reader.format else "time_format=…"
    raise DataError(
        f'time: column "{name}": {unread:,} of {rows:,} rows could not be read, first {first!r}; expected ISO 8601 or {hint}',
        role="time",
        column=name,
        got=first,
        expected="ISO 8601",
    )


def _text_read(data: Any, columns: list[str], roles: Roles) -> Any:
    """The frame as it is where no text plays the time; else with that text read."""
    from leverkit.reading import dates

    if isinstance(data, pl.LazyFrame):
        return roles.read_text(data)
    data = _of_pandas(data, columns, roles) if type(data).__module__.partition(".")[0] == "pandas" else data
    times = [name for name in roles.time if name is not None and _is_text(data, name)]
    levels = [name for name in roles.level if name is not None and _is_text(data, name)]
    # The engine's own threads are left alone where they have nothing to do: a forked process has none.
    if not levels and roles.time_format is None and all(dates.begins_iso(_first(data, name)) for name in times):
        return data
    if not times and not levels:
        return data
    frame = data if isinstance(data, pl.DataFrame) else polars_of(data)
    read = roles.read_text(frame.lazy())
    return read.collect()


def _is_text(data: Any, name: str) -> bool:
    """Whether a column is there and of text, by the types of polars, pandas, pyarrow and DuckDB."""
    if isinstance(data, pl.DataFrame):
        return data.schema.get(name) == pl.String
    names = list(getattr(data, "column_names", getattr(data, "columns", ())))
    if names.count(name) != 1:  # of two columns of one name the engine complains
        return False
    types = getattr(data, "dtypes", None)
    dtype = (
        data.schema.field(name).type
        if types is None
        else types[names.index(name)]
        if isinstance(types, list)
        else types[name]
    )
    return str(dtype).lower() in (
        "object",
        "str",
        "string",
        "large_string",
        "string_view",
        "varchar",
        "string[python]",
        "string[pyarrow]",
    )


def _first(data: Any, name: str) -> list[Any]:
    """Values of the first rows."""
    column = polars_of(data)[name] if type(data).__module__.partition(".")[0] in ("duckdb", "_duckdb") else data[name]
    head = column[:_HEAD]
    return list(head.to_pylist() if hasattr(head, "to_pylist") else head.to_list())


def _of_pandas(data: Any, columns: list[str], roles: Roles) -> Any:
    """The columns that are needed; those that mix numbers and text become text, as Arrow has no such columns, and fixed offsets no zones."""
    there = data[[name for name in columns if name in data.columns]]
    if len(there.columns) < len(columns):
        return data
    twice = there.columns[there.columns.duplicated()]
    if len(twice):
        raise SchemaError(f'two columns are called "{twice[0]}"; rename one of them', column=str(twice[0]))
    mixed = {
        name: _texts(there[name]) for name in columns if str(there[name].dtype) == "object" and _is_mixed(there[name])
    }
    fixed = {name: _from_offset(there[name], roles.zone) for name in columns if _OFFSET.search(str(there[name].dtype))}
    return there.assign(**mixed, **fixed) if mixed or fixed else there


def _from_offset(times: Any, zone: str | None) -> Any:
    """Times of a fixed offset as local ones where days begin by it, else as instants."""
    return times.dt.tz_localize(None) if zone == "own" else times.dt.tz_convert("UTC")


def _is_mixed(values: Any) -> bool:
    kinds = {type(value) for value in values.dropna()}
    return str in kinds and len(kinds) > 1


def _texts(values: Any) -> Any:
    return values.map(
        lambda value: str(int(value)) if isinstance(value, float) and value.is_integer() else str(value),
        na_action="ignore",
    )


def from_engine(frame: Any) -> pl.DataFrame:
    """A table of the engine as a polars frame, without a copy."""
    try:
        return pl.DataFrame(frame)
    except pl.exceptions.PanicException as error:  # ids keep their type, which polars may not have
        raise SchemaError(
            f"polars has no type for a column of ids ({error}); cast ids that are wide decimals to text"
        ) from None
    except pl.exceptions.ComputeError as error:
        raise SchemaError(f"polars has no type for a column of the result ({error}); cast it before") from None


def names_of_rows(frame: pl.DataFrame, column: str, role: str) -> pl.Series:
    """A column whose values name the rows; lists and structs name nothing.

    Raises
    ------
    SchemaError
        There is no such column, or its type names nothing.
    """
    if column not in frame.columns:
        raise SchemaError(f"{role}: no column {repr_of(column)}; there are {', '.join(frame.columns)}", role=role)
    names = frame[column]
    if names.dtype.is_nested() or names.dtype == pl.Object:
        raise SchemaError(
            f'{role}: column "{column}" holds {names.dtype}; expected names: text, numbers, flags or dates',
            role=role,
            column=column,
        )
    return names


def polars_of(data: Any, roles: Roles | None = None) -> pl.DataFrame:
    """Any frame as a polars frame, whole; files that `leverkit.read` reads as the roles need."""
    from leverkit.reading import as_roles, source_of

    source = None if isinstance(data, str) else source_of(data)
    data = as_roles(source, (roles or Roles()).kinds(source.schema)) if source else _native(data)
    if isinstance(data, pl.LazyFrame):
        with of_producer(source):
            return data.collect()
    if isinstance(data, Mapping) or hasattr(data, "__arrow_c_stream__"):
        return _made(data)
    raise SchemaError(f"expected a table (polars, pandas, pyarrow, DuckDB …); got {type(data).__name__}")


def _made(data: Any) -> pl.DataFrame:
    """A polars frame of a dict or of another library's table, some of which polars cannot hold, such as two columns of one name."""
    try:
        return pl.DataFrame(data, strict=False)
    except (Exception, pl.exceptions.PanicException) as error:
        told = (str(error).splitlines() or [type(error).__name__])[0]
        raise SchemaError(f"polars makes no frame of this {type(data).__name__}: {told}") from None
