"""Files as one table: their sample, and the lazy frame that reads them and verifies each value on the way.

Plain numbers are parsed by polars' own reader, the rest is read as text and turned by expressions. Where the reader meets what the sample
did not show, reading goes on from there by text alone, which finds the value or the row to complain about.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from leverkit.errors import DataError, LeverkitError, SchemaError
from leverkit.reading import dates, encodings, files, header, missing, sheets, sniff
from leverkit.reading.asking import Option
from leverkit.reading.columns import Column, Kind, Options, Reader, check_columns
from leverkit.reading.dates import Dates
from leverkit.reading.files import File
from leverkit.reading.numbers import Numbers
from leverkit.reading.shapes import Shape, choose, names_of

_SAMPLE = 1000
_TEXT = "\0text "
#: Joins a column of days and one of clocks: `date+time`.
_JOIN = "+"


@dataclass(frozen=True)
class Part:
    """A file, or several of one schema, as a lazy frame.

    Attributes
    ----------
    label
        Its name for messages.
    scan
        The lines; of a text file as text, but for columns whose types are given.
    sample
        Some of them.
    text
        What the text file is written in; None for files that have types.
    path
        Where a text file lies.
    how, notes
        What is said of it, and of its header.
    """

    label: str
    scan: Callable[[Mapping[str, Any]], pl.LazyFrame]
    sample: pl.DataFrame
    how: str
    text: sniff.Text | None = None
    path: Path | None = None
    notes: Sequence[str] = ()

    @cached_property
    def schema(self) -> pl.Schema:
        """The columns as they stand in the file."""
        return self.scan({}).collect_schema()


@dataclass(frozen=True)
class Plan:
    """A column of the result: its type, the expression that makes it, or the reader that does so of its text or by polars' own type.

    One that is loose holds times as text in ISO 8601, and what is none as it stands.
    """

    name: str
    dtype: Any
    expr: pl.Expr
    reader: Reader | None = None
    native: Any = None
    is_loose: bool = False


class Source:
    """Files with what was said of them; `frame` reads them."""

    def __init__(
        self, paths: Any, options: Options, shape: Any, option: Option, tell: Callable[[str], None] | None = None
    ) -> None:
        self.tell: Callable[[str], None] | None = tell
        self.told: str = ""
        self.settled: dict[str, Any] = {}
        self.failure: LeverkitError | None = None
        self._room = files.Room()
        self._options, self._option = options, option
        self._missing = missing.texts(options.null)
        #: Columns of clocks with the column of days that they belong to.
        self._days: dict[str, str] = {}
        found = files.find(paths, self._room)
        self.notes: list[str] = files.copies(found)
        self.parts: list[Part] = self._parts(found)
        self.notes += _lacking(self.parts)
        headers = [name for part in self.parts for name in names_of(part.schema)]
        self.shape: Shape | None = choose(shape, dict.fromkeys(headers))
        self.shape_notes: list[str] = []
        self._check_options(found[0].kind, headers)
        if self.shape:
            self.parts = [self._shaped(self.shape)]
        # What a frame still reads must not be deleted under it: the copies go with the last of both.
        weakref.finalize(self, self._room.cleanup)

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The columns of all parts, as they stand in the files."""
        schema: dict[str, Any] = {}
        for part in self.parts:
            for name, dtype in part.schema.items():
                schema[name] = dtype if schema.get(name, dtype) == dtype else pl.String()
        return schema

    @cached_property
    def sample(self) -> pl.DataFrame:
        """Some rows of each part."""
        return pl.concat([part.sample for part in self.parts[:20]], how="diagonal_relaxed")

    @property
    def label(self) -> str:
        """The file, or how many there are."""
        first = self.parts[0].label
        return first if len(self.parts) == 1 else f"{len(self.parts)} files ({first} …)"

    def clock_of(self, name: str) -> str | None:
        """The column of days that a column of clocks was joined with."""
        return self._days.get(name)

    def looks_like_numbers(self, name: str) -> bool:
        """Whether all values of a column's sample are digits."""
        texts = self.sample[name].drop_nulls() if name in self.sample.columns else pl.Series([], dtype=pl.String)
        return texts.dtype == pl.String and len(texts) > 0 and bool(texts.str.contains(r"^\+?\d+$").all())

    def is_shortened(self, name: str) -> bool:
        """Whether a column's texts are numbers of which a spreadsheet has kept the first digits alone, such as 1.23E+11."""
        texts = self.sample[name] if name in self.sample.columns else pl.Series([], dtype=pl.String)
        return texts.dtype == pl.String and bool(texts.str.contains(r"^\d([.,]\d+)?E\+\d\d$").any())

    def frame(self, kinds: Mapping[str, Kind], rest: Kind) -> tuple[pl.LazyFrame, list[Plan]]:
        """The lines with the columns of `kinds` read as these say, and the others as `rest`; and what was planned."""
        wanted = {name: kinds.get(name, rest) for name in self.schema}
        wanted |= {name: kind for name, kind in kinds.items() if name not in wanted and self._joined(name)}
        plans = [self._plan(name, kind) for name, kind in wanted.items()]
        if self._is_as_stored(plans):
            return self.parts[0].scan({}), plans
        schema = pl.Schema({plan.name: plan.dtype for plan in plans})
        return register_io_source(partial(self._batches, plans), schema=schema), plans

    def _is_as_stored(self, plans: Sequence[Plan]) -> bool:
        """Whether a file with types needs nothing done: it is left to polars, which reads the parts of it that are needed."""
        plain = all(plan.dtype == self.schema.get(plan.name) and plan.dtype != pl.String for plan in plans)
        return plain and self._room.is_empty and len(self.parts) == 1 and self.parts[0].text is None

    def _check_options(self, kind: str, headers: Sequence[str]) -> None:
        """Formats of columns that there are; what is for another kind of file is said."""
        formats = self._options.dates
        if isinstance(formats, Mapping) and not self._options.where_open:
            check_columns("dates", [name for name in formats if not self._joined(name)], [*headers, *self.schema])
        for_kind = {"sheet": "sheet", "separator": "csv", "encoding": "csv"}
        self.notes += [
            f"{self._option(name).strip(' =')} has no meaning for {self.parts[0].how.split(',')[0]}"
            for name, other in for_kind.items()
            if getattr(self._options, name) is not None and kind != other
        ]

    # -- What files hold ---------------------------------------------------------------------------------------------

    def _parts(self, found: Sequence[File]) -> list[Part]:
        if found[0].kind in ("parquet", "arrow"):
            # Files of one schema are left to polars together.
            alike = len(found) == 1 or len({tuple(_schema_of(file).items()) for file in found}) == 1
            return [self._typed(found)] if alike else _of_one_table([self._typed([file]) for file in found])
        read = {"csv": self._text, "json": self._json, "sheet": self._sheet}[found[0].kind]
        return _of_one_table([_with_partitions(read(file), file) for file in found])

    def _typed(self, found: Sequence[File]) -> Part:
        paths = [file.path for file in found]
        scan = pl.scan_parquet if found[0].kind == "parquet" else pl.scan_ipc
        hive = any(file.partitions for file in found)
        label = found[0].label if len(found) == 1 else f"{len(found)} files ({found[0].label} …)"
        with _told(label):
            lines = scan(paths, hive_partitioning=hive)
            return Part(label, lambda _: lines, lines.head(_SAMPLE).collect(), found[0].kind)

    def _json(self, file: File) -> Part:
        with _told(file.label):
            with file.path.open("rb") as opened:
                is_list = opened.read(64).lstrip().startswith(b"[")
            lines = pl.read_json(file.path).lazy() if is_list else pl.scan_ndjson(file.path, infer_schema_length=None)
            sample = lines.head(_SAMPLE).collect()
        if sample.height == 1 and all(dtype.is_nested() for dtype in sample.dtypes):
            raise DataError(
                f"{file.label}: is one record that holds {', '.join(sample.columns)}; expected a record per line, or a list of records "
                '(in pandas to_json(orient="records", lines=True))'
            )
        return Part(file.label, lambda _: lines, sample, "json")

    def _sheet(self, file: File) -> Part:
        rows, name, notes = sheets.read(file.path, self._options.sheet, file.label, self._option)
        how = f'{file.suffix[1:]}, sheet "{name}"'
        return Part(file.label, lambda _: rows.lazy(), rows.head(_SAMPLE), how, notes=notes)

    def _text(self, file: File) -> Part:
        encoding = encodings.encoding_of(file.path, self._options.encoding, file.label, self._option)
        path = file.path
        if sniff.needs_copy(path, encoding.name):
            path = self._room.path / f"{id(file)}.utf8"
            sniff.decode(file.path, encoding.name, path, file.label, self._option)
        text = sniff.text_of(path, encoding.name, self._options.separator, file.label, self._option)
        if text.rewrite:
            path, text = sniff.with_header(path, text, self._room.path / f"{id(file)}.header")
        width = len(text.header)
        rows = [row[:width] + [""] * (width - len(row)) for row in text.rows]
        sample = pl.DataFrame(rows, schema=dict.fromkeys(text.header, pl.String), orient="row").with_columns(
            _bare(text)
        )
        scan = partial(_scan_text, path, text)
        return Part(
            file.label, scan, sample, f"{file.suffix[1:]}, {text.how}", text, path, [*encoding.notes, *text.notes]
        )

    def _shaped(self, shape: Shape) -> Part:
        """All files as the shape has them: one table, its money made and its orders filled down."""
        lines = pl.concat([part.scan({}) for part in self.parts], how="diagonal_relaxed")
        marks: dict[str, Any] = {
            "decimal": self._options.decimal,
            "thousands": self._options.thousands,
            "option": self._option,
        }
        self.shape_notes = shape.notes(lines, **marks)
        done = shape.apply(lines, **marks)
        # Most shapes keep most rows, so that the first of the file will do for a sample.
        sample = shape.apply(lines, rows=10 * _SAMPLE, **marks).head(_SAMPLE).collect()
        sample = sample if sample.height == _SAMPLE else done.head(_SAMPLE).collect()
        notes = [note for part in self.parts for note in part.notes]
        return Part(self.label, lambda _: done, sample, self.parts[0].how, notes=notes)

    # -- What becomes of columns -------------------------------------------------------------------------------------

    def _joined(self, name: str) -> list[str]:
        """The columns of a day and a clock that `day+clock` names, or of which the clock is asked for."""
        if name in self._days:
            return [self._days[name], name]
        parts = name.split(_JOIN)
        return parts if len(parts) == 2 and set(parts) <= set(self.schema) else []

    def _stored(self, name: str) -> pl.Expr:
        """A column as it stands in the file, with nulls for what means missing."""
        if joined := self._joined(name):
            parts = [missing.present(pl.col(part).cast(pl.String), self._missing) for part in joined]
            return pl.concat_str(parts, separator=" ").alias(name)
        column = pl.col(name)
        return missing.present(column, self._missing) if self.schema[name] == pl.String else column

    def _as_text(self, name: str) -> pl.Expr:
        dtype = self.schema.get(name, pl.String())
        stored = self._stored(name)
        if dtype.is_float():
            whole = stored.cast(pl.Int64, strict=False)
            return pl.when(whole.cast(dtype) == stored).then(whole.cast(pl.String)).otherwise(stored.cast(pl.String))
        return stored.cast(pl.String)

    def _plan(self, name: str, kind: Kind) -> Plan:
        dtype = self.schema.get(name, pl.String())
        if kind == "id" and dtype.is_integer():
            return Plan(name, dtype, pl.col(name))
        if kind in ("id", "text") and not dtype.is_nested():
            return Plan(name, pl.String(), self._as_text(name))
        if kind == "number" and dtype.is_numeric():
            return Plan(name, pl.Float64(), pl.col(name).cast(pl.Float64))
        if kind == "loose":
            plan = self._plan(name, "time")
            return replace(plan, dtype=pl.String(), is_loose=True) if isinstance(plan.reader, Dates) else plan
        if dtype == pl.String or (kind == "time" and dtype.is_numeric()):
            return self._judged(name, kind)
        return Plan(name, dtype, pl.col(name))

    def _judged(self, name: str, kind: Kind) -> Plan:
        if kind == "time":
            self._find_day(name)
        column = self._column(name)
        try:
            reader = column.reader(kind)
        except DataError as error:
            raise self._by_file(name, kind) or error from None
        if reader is None:
            # A column without values is of the type that its role needs.
            empty = {"number": pl.Float64(), "time": pl.Datetime("us")}.get(kind) if not column.sample else None
            return Plan(name, empty or pl.String(), self._stored(name).cast(empty) if empty else self._stored(name))
        native = self._native(name, reader)
        return Plan(name, reader.dtype, pl.col(name), reader, native)

    def _by_file(self, name: str, kind: Kind) -> DataError | None:
        """The error of a column that each file writes in its own way; None where a file by itself is not clear either."""
        ways: dict[str, str] = {}
        for part in [part for part in self.parts if name in part.schema]:
            column = self._column(name, part.sample)
            try:
                reader = column.reader(kind)
            except DataError:
                return None
            if reader and column.sample:
                ways.setdefault(reader.expected, f"{part.label} {column.sample[0]}")
        if len(ways) < 2:
            return None
        return DataError(
            f"{name}: one column has one format, the files have several ({', '.join(ways.values())}); read each by itself, and join them with polars.concat",
            column=name,
        )

    def _find_day(self, name: str) -> None:
        """Joins a column of clocks with the one column of days."""
        if name in self.schema and dates.only_clocks(self._column(name).sample):
            others = [other for other, dtype in self.schema.items() if other != name and dtype == pl.String]
            days = [other for other in others if dates.only_days(self._column(other).sample)]
            self._days |= {name: days[0]} if len(days) == 1 else {}

    def _native(self, name: str, reader: Reader) -> Any:
        """The type by which polars' own reader takes a column, where its sample is of plain numbers."""
        if not isinstance(reader, Numbers) or not reader.plain or self._options.null:
            return None
        if any(part.text is None or name in part.text.formulas for part in self.parts):
            return None
        texts = self.sample[name].drop_nulls()
        if texts.str.contains(r"\s").any() or texts.is_in(self._missing[1:]).any():
            return None
        return pl.Int64() if reader.decimal is None else pl.Float64()

    def _column(self, name: str, sample: pl.DataFrame | None = None) -> Column:
        sample = self.sample if sample is None else sample
        sample = sample.select(self._as_text(name).alias(name).drop_nulls().unique(maintain_order=True))
        return Column(
            name,
            sample[name].to_list(),
            self._options,
            self._option,
            partial(self._whole, name),
            partial(self._misfits, name),
        )

    def _whole(self, name: str, telling: Callable[[pl.Expr], pl.Expr]) -> list[str]:
        """Values of a whole column: those that tell most, and those of the sample."""
        text = self._as_text(name)
        found = self._everywhere(
            name, lambda lines: lines.select(text.alias(name)).filter(telling(pl.col(name))).unique().head(_SAMPLE)
        )
        return [*found[name].to_list(), *self._column(name).sample]

    def _misfits(self, name: str, formats: list[Dates]) -> list[int]:
        """For each format how many values of a whole column it does not read."""
        text = self._as_text(name)
        counts = [
            (form.expr(text).is_null() & text.is_not_null()).sum().alias(str(at)) for at, form in enumerate(formats)
        ]
        return list(self._everywhere(name, lambda lines: lines.select(counts)).sum().row(0))

    def _everywhere(self, name: str, ask: Callable[[pl.LazyFrame], pl.LazyFrame]) -> pl.DataFrame:
        found = []
        for part in [part for part in self.parts if name in part.schema or self._joined(name)]:
            try:
                found.append(ask(part.scan({})).collect(engine="streaming"))
            except pl.exceptions.PolarsError as error:
                raise self._complaint(part, error) from None
        return pl.concat(found)

    # -- Reading -----------------------------------------------------------------------------------------------------

    def _batches(
        self,
        plans: Sequence[Plan],
        columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,
    ) -> Iterator[pl.DataFrame]:
        """What polars asks for, batch by batch, each value verified."""
        wanted = [plan for plan in plans if columns is None or plan.name in columns]
        left = n_rows
        for part in self.parts:
            for batch in self._kept(self._read(part, wanted, batch_size)):
                batch = batch if left is None else batch.head(left)
                left = None if left is None else left - batch.height
                yield batch if predicate is None else batch.filter(predicate)
                if left == 0:
                    return

    def _kept(self, batches: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """The batches; the error that ends them is kept, as streams of Arrow hand on its text alone."""
        try:
            yield from batches
        except LeverkitError as error:
            self.failure = error
            raise

    def _read(self, part: Part, plans: Sequence[Plan], batch_size: int | None) -> Iterator[pl.DataFrame]:
        done = 0
        try:
            for batch in self._run(part, plans, 0, batch_size):
                yield batch
                done += batch.height
        except pl.exceptions.PolarsError as error:
            if all(plan.native is None for plan in plans):
                raise self._complaint(part, error) from None
            careful = [self._careful(plan) for plan in plans]
            try:
                yield from self._run(part, careful, done, batch_size)
            except pl.exceptions.PolarsError as again:
                raise self._complaint(part, again) from None

    def _careful(self, plan: Plan) -> Plan:
        """The same column read by text, its way of writing judged anew by all of it where the sample had no decimals."""
        if plan.native is None or not isinstance(plan.reader, Numbers):
            return plan
        reader = plan.reader
        if reader.decimal is None and not reader.whole:
            column = self._column(plan.name)
            reader = (
                replace(column, sample=self._whole(plan.name, lambda text: text.str.contains(r"[^\d]"))).numbers(
                    whole=False
                )
                or reader
            )
        return replace(plan, reader=reader, native=None)

    def _run(self, part: Part, plans: Sequence[Plan], start: int, batch_size: int | None) -> Iterator[pl.DataFrame]:
        """One part from a row on."""
        here = [plan for plan in plans if plan.name in part.schema or self._joined(plan.name)]
        natives = {plan.name: plan.native for plan in here if plan.native is not None}
        checked = [plan for plan in here if plan.reader is not None and plan.native is None]
        lines = part.scan(natives).slice(start) if start else part.scan(natives)
        lines = lines.select(
            *(self._raw(plan.name).alias(_TEXT + plan.name) for plan in checked),
            *(self._made(plan).alias(plan.name) for plan in here if plan not in checked),
        )
        lines = lines.with_columns(
            _first(plan.reader, pl.col(_TEXT + plan.name)).alias(plan.name) for plan in checked if plan.reader
        )
        absent = [pl.lit(None, plan.dtype).alias(plan.name) for plan in plans if plan not in here]
        names = [plan.name for plan in plans]
        row = start
        for batch in lines.collect_batches(engine="streaming", chunk_size=batch_size, maintain_order=True):
            for plan in checked:
                batch = self._verified(part, plan, batch, row)
            if not self._options.null:
                texts = [
                    name for name, dtype in batch.schema.items() if dtype == pl.String and not name.startswith(_TEXT)
                ]
                batch = missing.cleaned(batch, texts)
            row += batch.height
            yield batch.with_columns(absent).select(names) if absent else batch.select(names)

    def _raw(self, name: str) -> pl.Expr:
        """The text of a column, in which what means missing is looked for later, and only where something was not read."""
        is_text = name in self.schema and self.schema[name] == pl.String and not self._joined(name)
        return pl.col(name) if is_text and not self._options.null else self._as_text(name)

    def _made(self, plan: Plan) -> pl.Expr:
        """A column that no reader has to read."""
        if plan.native is not None:
            return _from_native(plan)
        return self._raw(plan.name) if plan.dtype == pl.String else plan.expr

    def _verified(self, part: Part, plan: Plan, batch: pl.DataFrame, start: int) -> pl.DataFrame:
        """The batch, each value of the column read; those that the first attempt left are tried again."""
        text, read = batch[_TEXT + plan.name], batch[plan.name]
        if isinstance(plan.reader, Dates) and not plan.reader.is_done(text, read):
            read = plan.reader.read(text).alias(plan.name)
            batch = batch.with_columns(read)
        if plan.is_loose:
            return batch.with_columns(dates.to_iso(read).fill_null(text))
        if plan.reader is None or read.null_count() == text.null_count():
            return batch
        unread = read.is_null() & ~(text.str.strip_chars().is_in(self._missing)).fill_null(True)
        if isinstance(plan.reader, Dates):
            unread &= ~dates.no_day(text)
        if not unread.any():
            return batch
        at = int(unread.arg_max() or 0)
        row, got = start + at, text[at]
        is_header = got.strip() == plan.name
        helps = "the header stands there again: take it out" if is_header else plan.reader.helps(self._option, got)
        raise DataError(
            f'{plan.name}: row {row} of {part.label} holds "{got}"; expected {plan.reader.expected}; {helps}',
            column=plan.name,
            row=row,
            got=got,
            expected=plan.reader.expected,
        )

    def _complaint(self, part: Part, error: Exception) -> DataError:
        """What went wrong in the words of whoever has the file, not of the reader."""
        told = str(error)
        if part.text and part.path and (wrong := sniff.misshapen(part.path, part.text, self._option)):
            return DataError(f"{part.label}: {wrong}")
        if "utf-8" in told and part.text:
            return DataError(
                f"{part.label}: a line is not {part.text.encoding}; give {self._option('encoding')}another such as cp1252"
            )
        return DataError(f"{part.label}: cannot be read: {told.splitlines()[0]}")


def _first(reader: Reader, text: pl.Expr) -> pl.Expr:
    return reader.first(text) if isinstance(reader, Dates) else reader.expr(text)


def _from_native(plan: Plan) -> pl.Expr:
    number = pl.col(plan.name).cast(plan.dtype)
    return number.fill_nan(None) if plan.native.is_float() else number


def _scan_text(path: Path, text: sniff.Text, natives: Mapping[str, Any]) -> pl.LazyFrame:
    """The lines of a text file as text, but for the types given."""
    scan = partial(
        pl.scan_csv, path, separator=text.separator, skip_lines=text.lead, skip_rows_after_header=text.rule, glob=False
    )
    # polars has names of its own for columns that are named twice, or not at all.
    names = scan(infer_schema=False).collect_schema().names()
    schema = {name: natives.get(plain, pl.String()) for name, plain in zip(names, text.header, strict=True)}
    lines = scan(schema=schema).rename(dict(zip(names, text.header, strict=True)))
    if text.has_blank_lines and len(schema) > 1:
        lines = lines.filter(~pl.all_horizontal(pl.all().is_null()))
    return lines.with_columns(_bare(text)) if text.formulas else lines


def _bare(text: sniff.Text) -> pl.Expr:
    """The columns that are written as formulas of a text, as that text."""
    return pl.col(text.formulas).str.replace(sniff.FORMULA, "$1")


def _schema_of(file: File) -> pl.Schema:
    read = pl.read_parquet_schema if file.kind == "parquet" else pl.read_ipc_schema
    with _told(file.label):
        return pl.Schema(read(file.path))


def _of_one_table(parts: list[Part]) -> list[Part]:
    """The files with one name for each column: names that differ by case, blanks and what is not seen alone are one.

    Raises
    ------
    DataError
        A file has no column in common with the others.
    """
    names: dict[str, str] = {}
    done: list[Part] = []
    for part in parts:
        own = {_key(name): name for name in part.schema}
        if done and not own.keys() & names.keys():
            raise DataError(
                f"{part.label}: has no column in common with {done[0].label} ({', '.join(part.schema)}; there {', '.join(done[0].schema)}); "
                "give the files of one table alone"
            )
        other = {
            name: names[key]
            for key, name in own.items()
            if names.get(key, name) != name and names[key] not in part.schema
        }
        done.append(_renamed(part, other) if other else part)
        names = {_key(name): name for name in done[-1].schema} | names
    tables = [pl.DataFrame(schema=part.schema) for part in done]
    common = pl.concat(tables, how="diagonal_relaxed").schema
    return [
        _typed_as(part, {name: common[name] for name, dtype in part.schema.items() if dtype != common[name]})
        for part in done
    ]


def _typed_as(part: Part, types: Mapping[str, Any]) -> Part:
    """The file with the types of columns that are of another type in others."""
    if not types:
        return part
    casts = [pl.col(name).cast(dtype) for name, dtype in types.items()]
    return replace(
        part, scan=lambda natives: part.scan(natives).with_columns(casts), sample=part.sample.with_columns(casts)
    )


def _key(name: str) -> str:
    return header.bare_name(name).casefold()


def _renamed(part: Part, names: dict[str, str]) -> Part:
    before = {new: old for old, new in names.items()}
    told = ", ".join(f'"{old}" as "{new}"' for old, new in names.items())
    text = part.text and replace(part.text, formulas=[names.get(name, name) for name in part.text.formulas])
    return replace(
        part,
        scan=lambda natives: part.scan({before.get(name, name): natives[name] for name in natives}).rename(names),
        sample=part.sample.rename(names),
        text=text,
        notes=[*part.notes, f"in {part.label} {told}"],
    )


def _lacking(parts: Sequence[Part]) -> list[str]:
    """What is said of columns that some files lack."""
    most = 5
    names = dict.fromkeys(name for part in parts for name in part.schema)
    without = {name: [part.label for part in parts if name not in part.schema] for name in names}
    told = [
        f'"{name}" is not in {labels[0]}{f" and {len(labels) - 1} more" if len(labels) > 1 else ""}'
        for name, labels in without.items()
        if labels
    ]
    more = [f"{len(told) - most} more columns are not in all files"] if len(told) > most else []
    return [f"{'; '.join([*told[:most], *more])}: null there"] if told else []


def _with_partitions(part: Part, file: File) -> Part:
    """With the columns that the file's folders name."""
    if not file.partitions:
        return part
    named = [pl.lit(value).alias(name) for name, value in file.partitions.items() if name not in part.sample.columns]
    return replace(
        part,
        scan=lambda natives: part.scan(
            {name: natives[name] for name in natives if name in part.sample.columns}
        ).with_columns(named),
        sample=part.sample.with_columns(named),
    )


class _told:
    """Errors of polars as one line of ours."""

    def __init__(self, label: str) -> None:
        self._label = label

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, pl.exceptions.SchemaError):
            raise SchemaError(f"{self._label}: {str(error).splitlines()[0]}") from None
        if isinstance(error, (pl.exceptions.PolarsError, OSError)):
            raise DataError(f"{self._label}: cannot be read: {str(error).splitlines()[0]}") from None
