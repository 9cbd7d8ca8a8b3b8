"""The Ledger for Python: this module names roles, converts frames and dates, and leaves the work to the engine."""

from __future__ import annotations

import datetime as dt
import difflib
import inspect
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from types import CodeType
from typing import Any, Literal, cast

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers, view
from leverkit._lib.frames import (
    Roles,
    Told,
    ToNative,
    from_engine,
    kind_called,
    kind_of,
    name_of_kind,
    names_of,
    only,
    through,
)
from leverkit._lib.inputs import pairs, repr_of, texts
from leverkit._lib.numbers import counted
from leverkit._lib.paths import Place, path_of
from leverkit._lib.progress import Progress, shown
from leverkit._lib.result import Figure, dressed, figure_of
from leverkit._lib.roles import DatedRoles, DateLike, OnInvalid, Returns, Unpack
from leverkit.errors import DataError, ParameterError, SchemaError


class Ledger:
    """A company's order lines, grouped by customer and in time order. They are validated, encoded and sorted once.

    Parameters
    ----------
    data
        Order lines: polars (also lazy), pandas, pyarrow, DuckDB relation, narwhals, or anything with ``__arrow_c_stream__``. A path is short for
        ``leverkit.read(path)``: ids are then text, and `how` reports how the file was read.
    customer, time, amount : str
        Columns with who bought, when (dates, datetimes of any unit and zone, or text), and the money of the line. Times written as text are ISO 8601,
        or as `time_format` says; in files, any format that the values settle. `price` (money per unit) with `quantity` can replace `amount`.
    order : str, optional
        Order id within a customer. Without it, all lines of a customer on one day are one order.
    product, quantity, list_price, unit_cost : str, optional
        What was bought; units; money per unit before discounts; cost of goods in money per unit.
    discounts : dict of str to str, optional
        Discounts by name, each a column with money per line.
    dimensions : list of str, optional
        Columns to slice and group by: channel, store, region …; a single name counts as a list of one.
    returns : {"net", "drop", "keep"}
        What to do with lines whose amount or quantity is negative: they lower monetary value and do not count as orders ("net"), are left out and
        counted ("drop"), or are treated like any other line ("keep").
    on_invalid : {"reject", "raise"}
        Rows with a null customer, an unreadable time or a null or infinite amount are rejected and counted ("reject"), or are an error ("raise").
    time_zone : str, optional
        IANA zone in which days begin, by default that of the time column. Times without a zone are treated as local.
    as_of : date or ISO str, optional
        The day from which analyses look back, by default the day after the last line.
    time_format : str, optional
        The format of times written as text, such as "%d/%m/%Y" or "%m/%d/%Y %H:%M".
    clean : dict, optional
        What to fix while reading, as the notes advise: ``{"customer": ["trim", "casefold", "number"]}`` by role or dimension (without blanks and
        characters that are not seen; in lower case; 007 and 7.0 as 7), ``{"missing": {"customer": ["guest"]}}`` (ids that mean "no id"; a plain list
        applies to all ids), ``{"duplicates": "drop"}``.
    max_unreadable : float, optional
        The largest share of rows whose time is present but unreadable, by default 0.05; more is an error. For files the default is 0: the first such
        row is an error.
    currency : str, optional
        The currency of all money, such as "EUR": figures, tables of reports and sentences write it. Nothing is converted.
    progress
        A function of the steps done and of all steps, a bar such as tqdm's, or False; by default a line where somebody watches, after a second. While rows
        are read, done is their number and all steps are 0, as nobody knows them.

    Raises
    ------
    SchemaError
        A column is missing or has a type that its role cannot use.
    DataError
        No line is left; or a row is invalid and ``on_invalid="raise"``.
    ParameterError
        A parameter is out of its range.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({"client": ["ann", "bob", "ann"], "date": ["2024-01-05", "2024-01-06", "2024-02-01"], "paid": [20.0, 15.0, 30.0]})
    >>> ledger = lk.Ledger(lines, customer="client", time="date", amount="paid")
    >>> ledger.n_customers, ledger.n_orders, ledger.as_of
    (2, 3, datetime.date(2024, 2, 2))
    """

    _inner: _engine.Ledger
    _to_native: ToNative
    _how = ""
    #: The folder that it was opened from, and which edition it is.
    _home: tuple[str, str] | None = None

    def __init__(
        self,
        data: Any,
        *,
        customer: str,
        time: str,
        amount: str | None = None,
        order: str | None = None,
        product: str | None = None,
        price: str | None = None,
        quantity: str | None = None,
        unit_cost: str | None = None,
        list_price: str | None = None,
        discounts: Mapping[str, str] | None = None,
        dimensions: Iterable[str] = (),
        returns: Returns = "net",
        on_invalid: OnInvalid = "reject",
        time_zone: str | None = None,
        as_of: DateLike = None,
        time_format: str | None = None,
        clean: Mapping[str, Any] | None = None,
        max_unreadable: float | None = None,
        currency: str | None = None,
        progress: Progress = None,
    ) -> None:
        roles = dict(
            customer=customer,
            time=time,
            amount=amount,
            order=order,
            product=product,
            price=price,
            quantity=quantity,
            unit_cost=unit_cost,
            list_price=list_price,
            discounts=discounts,
            dimensions=dimensions,
            returns=returns,
            on_invalid=on_invalid,
            time_zone=time_zone,
            as_of=as_of,
            time_format=time_format,
            clean=clean,
            max_unreadable=max_unreadable,
        )
        numbers.checked_currency(currency)
        from leverkit.reading import source_of  # with the first ledger, not with the package

        source = source_of(data)
        with shown(progress, "Ledger"):
            self._inner = build(data if source is None else source, roles)
        self._to_native = _in_currency(kind_of(data), currency)
        self._how = "" if source is None else source.told

    @classmethod
    def _wrap(cls, engine: _engine.Ledger, to_native: ToNative) -> Ledger:
        ledger = cls.__new__(cls)
        ledger._inner = engine
        ledger._to_native = to_native
        return ledger

    @classmethod
    def open(cls, path: Place, *, as_of: DateLike = None, verify: bool = False) -> Ledger:
        """Opens a saved ledger. Its columns stay in the files, which are mapped into memory: it opens in milliseconds whatever its size, and
        processes share what they read.

        Parameters
        ----------
        path
            The folder to which `save` has written.
        as_of : date or ISO str, optional
            The day from which analyses look back, by default the saved one.
        verify : bool
            Read all files and compare them with their check sums. Without it sizes are compared, and what stands around the values.

        Raises
        ------
        FileNotFoundError
            There is nothing at `path`.
        DataError
            It is no saved ledger, it is damaged, or a newer leverkit wrote it.

        Examples
        --------
        >>> import leverkit as lk, tempfile
        >>> lines = {"client": ["ann", "bob"], "date": ["2024-01-05", "2024-01-06"], "paid": [20.0, 15.0]}
        >>> path = tempfile.mkdtemp() + "/shop.ledger"
        >>> lk.Ledger(lines, customer="client", time="date", amount="paid", currency="EUR").save(path)
        >>> ledger = lk.Ledger.open(path)
        >>> ledger.n_customers, ledger.currency
        (2, 'EUR')
        """
        folder = os.path.abspath(path_of(path))
        if not os.path.exists(folder):
            raise FileNotFoundError(f"{path}: there is no such folder; give the one to which a ledger was saved")
        engine, currency, how, frames, edition = _engine.Ledger.open(folder, as_of=iso("as_of", as_of), verify=verify)
        ledger = cls._wrap(engine, _in_currency(kind_called(frames), currency))
        ledger._how, ledger._home = how, (folder, edition)
        return ledger

    @classmethod
    def build(
        cls,
        data: Any,
        *,
        to: Place,
        memory: str = "4GiB",
        progress: Progress = None,
        **roles: Unpack[DatedRoles],
    ) -> Ledger:
        """Builds a saved ledger and opens it. The lines may be more than memory holds: they are read in batches, sorted in runs that wait on the
        disk, and put together by customer. The result is what `Ledger(data, …).save(to)` saves.

        Parameters
        ----------
        data
            Order lines as for a new ledger. For more than memory holds: a path, several files such as ``"orders/*.parquet"``, `leverkit.read`, a lazy
            frame, or a DuckDB relation.
        to
            The folder to save the ledger to. A ledger that is there is replaced as a whole, in one step.
        memory : str
            How much memory the build may use beside the program itself and the batches of whoever reads the lines, such as "4GiB" or "512MB"; at
            least 16MiB. The disk needs about twice the space of the ledger meanwhile.
        progress
            As for a new ledger.
        **roles
            The columns' roles and how lines are treated, with the currency, as for a new ledger.

        Raises
        ------
        SchemaError
            A column is missing or has a type that its role cannot use.
        DataError
            No line is left; the folder holds something else; or there are more than 4,294,967,294 lines: split the data by customer.
        ParameterError
            A parameter is out of its range.
        OSError
            The disk is full, or nothing may be written there. Nothing is left behind then, and a ledger that was there stays.

        Examples
        --------
        >>> import leverkit as lk, polars as pl, tempfile
        >>> folder = tempfile.mkdtemp()
        >>> for month in (1, 2):
        ...     lines = {"client": ["ann", "bob"], "date": [f"2024-0{month}-05"] * 2, "paid": [20.0, 15.0]}
        ...     pl.DataFrame(lines).write_parquet(f"{folder}/{month}.parquet")
        >>> roles = dict(customer="client", time="date", amount="paid")
        >>> ledger = lk.Ledger.build(f"{folder}/*.parquet", to=f"{folder}/shop.ledger", memory="1GiB", **roles)
        >>> ledger.n_customers, ledger.n_lines
        (2, 4)
        """
        _check_names(roles, False, sys._getframe().f_code)
        if "customer" not in roles or "time" not in roles:
            raise SchemaError(
                "the lines need their roles: give customer=…, time=… and amount=… (or price=… and quantity=…)"
            )
        if not isinstance(memory, str):
            raise TypeError(f'memory: expected text such as "4GiB" or "512MB", got {type(memory).__name__}')
        numbers.checked_currency(roles.get("currency"))
        from leverkit.reading import source_of

        source = source_of(data)
        lines, named = prepared(data if source is None else source, roles)
        about = dict(currency=roles.get("currency"), how="" if source is None else source.told)
        with shown(progress, "Ledger"):
            frames = name_of_kind(kind_of(data))
            through(_engine.Ledger.build, lines, os.path.abspath(path_of(to)), memory, **about, frames=frames, **named)
        return cls.open(to)

    def save(self, path: Place) -> None:
        """Saves the ledger as a folder of Arrow files, which `Ledger.open` opens again. All of it is kept: lines, roles, quality, rejected rows,
        currency and the kind of your frames.

        A ledger that is there already is replaced as a whole in one step: a reader finds the old one or the new one, and who has the old one open
        keeps it. If saving fails, nothing has changed.

        Raises
        ------
        DataError
            The folder holds something else, or there is no folder above it.
        OSError
            The disk is full, or nothing may be written there.
        """
        self._inner.save(os.path.abspath(path_of(path)), self.currency, self._how, name_of_kind(self._to_native))

    def append(
        self,
        lines: Any,
        *,
        duplicates: Literal["refuse", "replace"] = "refuse",
        time_format: str | None = None,
        progress: Progress = None,
    ) -> Ledger:
        """The ledger with later lines: the same as a ledger of all lines at once. Save it to keep it.

        Parameters
        ----------
        lines
            A frame or a file with the columns that the ledger was made of; they are read as its own lines were.
        duplicates : {"refuse", "replace"}
            What to do with orders that are in the ledger already (by order id within a customer; without order ids, by day): they are an error, or
            the new lines replace them.
        time_format : str, optional
            The format of times written as text in a frame, as for a new ledger.
        progress
            As for a new ledger.

        Raises
        ------
        DataError
            Orders are in the ledger already and ``duplicates="refuse"``; no line is left.
        SchemaError
            A column is missing, or its type is another than the ledger's.

        Examples
        --------
        >>> import leverkit as lk
        >>> monday = {"client": ["ann", "bob"], "date": ["2024-01-01", "2024-01-01"], "paid": [20.0, 15.0]}
        >>> ledger = lk.Ledger(monday, customer="client", time="date", amount="paid")
        >>> ledger.append({"client": ["ann"], "date": ["2024-01-02"], "paid": [30.0]}).n_orders
        3
        """
        from leverkit.reading import source_of

        roles = json.loads(self._inner.built_with())
        roles |= {"discounts": dict(roles["discounts"]), "time_format": time_format}
        source = source_of(lines)
        with shown(progress, "Ledger"):
            later = build(lines if source is None else source, roles, days_only=roles["days_only"])
            engine = self._inner.append(later, duplicates)
        ledger = self._wrap(engine, self._to_native)
        ledger._how = self._how
        return ledger

    @property
    def how(self) -> str:
        """How the ledger's file was read; empty for other data."""
        return self._how

    @property
    def n_customers(self) -> int:
        """Number of customers."""
        return self._inner.n_customers

    @property
    def n_orders(self) -> int:
        """Number of orders; returns without a purchase do not count."""
        return self._inner.n_orders

    @property
    def n_lines(self) -> int:
        """Number of lines."""
        return self._inner.n_lines

    @property
    def n_products(self) -> int | None:
        """Number of distinct products; None without the role."""
        return self._inner.n_products

    @property
    def revenue(self) -> float:
        """Money of all lines, net of returns."""
        return self._inner.revenue

    @property
    def start(self) -> dt.date | None:
        """The first day with a line; None in an empty slice."""
        return _date(self._inner.start)

    @property
    def end(self) -> dt.date | None:
        """The last day with a line; None in an empty slice."""
        return _date(self._inner.end)

    @property
    def as_of(self) -> dt.date:
        """The day from which analyses look back."""
        return dt.date.fromisoformat(self._inner.as_of)

    @property
    def currency(self) -> str | None:
        """The currency of all money; None if none was given."""
        return getattr(self._to_native, "currency", None)

    @property
    def roles(self) -> dict[str, Any]:
        """The roles and their columns, with the rules for returns and invalid rows."""
        roles: dict[str, Any] = json.loads(self._inner.roles())
        roles["discounts"] = dict(roles["discounts"])
        return {role: column for role, column in roles.items() if column not in (None, [], {})}

    @property
    def quality(self) -> Any:
        """What happened to the input rows: `status`, `reason`, `role`, `column`, `rows`, `share` (of input rows), `amount` (money)."""
        return self._to_native(self._quality())

    @property
    def set_aside(self) -> str | None:
        """A sentence that says which rows were rejected, why, and how much money they carry; None if all rows were kept."""
        return self._inner.set_aside

    @property
    def notes(self) -> list[str]:
        """What is clearly odd in the rows, how large it is and what to do about it: copies, different spellings of one id, signs, currencies, partial
        periods …"""
        rows = from_engine(self._inner.notes())
        return [f"{text}; {advice}." for text, advice in zip(rows["text"], rows["advice"], strict=True)]

    @property
    def rejected(self) -> Any:
        """The rejected rows: `row` (from 0), `role`, `column`, `value`, `reason`, `amount`."""
        return self._to_native(self._rejected())

    def _rejected(self) -> pl.DataFrame:
        return from_engine(self._inner.rejected())

    def _quality(self) -> pl.DataFrame:
        return from_engine(self._inner.quality())

    def to_frame(self) -> Any:
        """The lines in customer and time order, under their original column names; times are local, and numbers that are not known are null."""
        return self._to_native(from_engine(self._inner.to_frame()))

    def between(self, start: DateLike = None, end: DateLike = None) -> Ledger:
        """The lines from `start` to `end`, both included. `as_of` becomes the day after `end` if that is earlier."""
        return self._wrap(self._inner.between(iso("start", start), iso("end", end)), self._to_native)

    def where(self, **dimensions: Any) -> Ledger:
        """The lines whose dimension has the given value, or one of the given values: ``ledger.where(store_id=[330, 406])``."""
        engine = self._inner
        for dimension, values in dimensions.items():
            engine = _where(engine, dimension, texts(values))
        return self._wrap(engine, self._to_native)

    def with_product(self, dimension: str) -> Ledger:
        """The same lines at another product level: the dimension replaces the product."""
        return self._wrap(self._inner.with_product(dimension), self._to_native)

    def partition(self, parts: int) -> list[Ledger]:
        """Splits the ledger into at most `parts` ledgers with about equal numbers of lines; all lines of a customer are in one of them."""
        return [self._wrap(part, self._to_native) for part in self._inner.partition(parts)]

    @classmethod
    def concat(cls, ledgers: Iterable[Ledger]) -> Ledger:
        """Combines ledgers with the same roles; orders with the same id, or on the same day, become one."""
        ledgers = list(ledgers)
        for ledger in ledgers:
            if not isinstance(ledger, Ledger):
                raise TypeError(f"ledgers: expected each to be a Ledger, got {type(ledger).__name__}")
        engine = _engine.Ledger.concat([ledger._inner for ledger in ledgers])
        return cls._wrap(engine, ledgers[0]._to_native)

    def __repr__(self) -> str:
        home = f"; saved in {self._home[0]}" if self._home else ""
        read = f"; read by leverkit.read: {self._how}" if self._how else ""
        said = f"; {self.set_aside}" if self.set_aside else ""
        odd = f"; {counted(len(self.notes), 'note')} on the data in .notes" if self.notes else ""
        return (
            f"Ledger({counted(self.n_customers, 'customer')}, {counted(self.n_orders, 'order')}, {counted(self.n_lines, 'line')}, "
            f"{self.start} to {self.end}, as of {self.as_of}{home}{read}{said}{odd})"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        if self._home is None:
            raise TypeError(
                "a Ledger stays in its process: send the rows (ledger.to_frame()) or their path, and build it there; or save it, and send the one "
                "that Ledger.open gives: its path is sent"
            )
        return _reopened, (*self._home, self.as_of)

    def _repr_html_(self) -> str:
        with numbers.currency(self.currency):
            return view.page(repr(self), self.notes, view.table(self._quality()))

    def plot(self, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: rows kept and rejected, by reason."""
        return dressed(figure_of("ledger.quality_bar")(self), title, template)


def is_saved(path: Place) -> bool:
    """Whether a path is the folder of a saved ledger."""
    return all(os.path.isfile(os.path.join(path, name)) for name in ("manifest.json", "ledger.lock"))


def _reopened(path: str, edition: str, as_of: dt.date) -> Ledger:
    """The ledger that was sent by its path."""
    ledger = Ledger.open(path, as_of=as_of)
    if ledger._home != (path, edition):
        raise DataError(f"{path}: another ledger was saved there since this one was sent; open it again, and send that")
    return ledger


def build(data: Any, roles: Mapping[str, Any], *, days_only: bool = False, is_part: bool = False) -> _engine.Ledger:
    """Builds the engine's ledger; `days_only` drops the time of day for analyses that only need days, and a part may have no line."""
    lines, named = prepared(data, roles)
    return through(_engine.Ledger, lines, **named, days_only=days_only, is_part=is_part)


def prepared(data: Any, roles: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The columns with a role, ready for the engine, and the roles as it takes them."""
    named, discounts, dimensions = _columns(roles)
    columns = [column for column in [*named.values(), *discounts.values(), *dimensions] if column is not None]
    # A shape has rules of its own for statuses and currencies.
    from leverkit.reading import is_of_files

    names = [] if hasattr(data, "shape_notes") and data.shape else names_of(data)
    watched = [name for name in names if _WATCHED.search(name) and name not in columns]
    given = ("returns", "on_invalid", "time_zone", "max_unreadable")
    options = {name: roles[name] for name in given if roles.get(name) is not None}
    needs = Roles(
        other="id",
        number=[*(named[role] for role in _NUMBERS), *discounts.values()],
        time=[named["time"]],
        zone=roles.get("time_zone") or "own",
        time_format=roles.get("time_format"),
        is_loose=roles.get("max_unreadable") is not None,
        must_be_iso=True,
    )
    named |= dict(
        watched=watched,
        ids_as_text=is_of_files(data),
        clean=_cleaning(roles.get("clean")),
        discounts=list(discounts.items()),
        dimensions=dimensions,
        as_of=iso("as_of", roles.get("as_of")),
        **options,
    )
    return only(data, [*columns, *watched], needs), named


def _columns(roles: Mapping[str, Any]) -> tuple[dict[str, Any], Mapping[str, str], list[str]]:
    """The columns of single roles, of discounts and of dimensions."""
    discounts = roles.get("discounts") or {}
    if not isinstance(discounts, Mapping):
        raise TypeError(
            f'discounts: expected names and columns such as {{"loyalty": "retail_disc"}}, got {repr_of(discounts)}'
        )
    dimensions = roles.get("dimensions") or ()
    dimensions = [dimensions] if isinstance(dimensions, str) else list(dimensions)
    return {role: roles.get(role) for role in _COLUMN_ROLES}, discounts, dimensions


def columns_of(roles: Mapping[str, Any]) -> list[str]:
    """All columns with a role, each once."""
    named, discounts, dimensions = _columns(roles)
    columns = dict.fromkeys([*named.values(), *discounts.values(), *dimensions])
    return [column for column in columns if column is not None]


def _where(engine: _engine.Ledger, dimension: str, values: list[str]) -> _engine.Ledger:
    """The lines with these values; a whole number is found with and without a point, whichever the column's type has."""
    try:
        return engine.where_in(dimension, values)
    except ParameterError:
        other = [value.removesuffix(".0") if value.endswith(".0") else f"{value}.0" for value in values]
        if other == values or not all(map(_is_whole, values)):
            raise
        try:
            return engine.where_in(dimension, other)
        except ParameterError:
            pass
        raise


def _is_whole(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.0)?", text) is not None


def engine_of(ledger: Any, roles: Mapping[str, Any]) -> tuple[_engine.Ledger, ToNative]:
    """The engine's ledger of a `Ledger`, or of a frame with roles, for analyses that only need days: the time of day is dropped."""
    _check_names(roles, isinstance(ledger, Ledger), sys._getframe(1).f_code)
    if isinstance(ledger, Ledger):
        return ledger._inner, ledger._to_native
    _check_given(roles)
    native = _in_currency(kind_of(ledger), numbers.checked_currency(roles.get("currency")))
    built = build(ledger, roles, days_only=True)
    return built, _told(built, native)


def _check_given(roles: Mapping[str, Any]) -> None:
    if "customer" not in roles or "time" not in roles:
        raise SchemaError(
            "a frame needs its roles: give customer=…, time=… and amount=… (or price=… and quantity=…), or pass a Ledger"
        )


def part_of(data: Any, roles: Mapping[str, Any], *, days_only: bool) -> _engine.Ledger:
    """The engine's ledger of a frame with roles that is a part of all lines."""
    _check_given(roles)
    numbers.checked_currency(roles.get("currency"))
    return build(data, roles, days_only=days_only, is_part=True)


def concluded_of(
    engine: _engine.Ledger | _engine.Counts, kind: ToNative, currency: str | None, *, tells: bool
) -> Ledger:
    """The ledger of merged counts, whose results become frames of a kind; they tell the rejected rows where the lines came as frames. Counts that an
    analysis has of its own stand for the lines: it alone can be asked."""
    native = _in_currency(kind, currency)
    return Ledger._wrap(cast("_engine.Ledger", engine), _told(engine, native) if tells else native)


def _told(engine: _engine.Ledger | _engine.Counts, to_native: ToNative) -> ToNative:
    """The user's type of frame, with the rejected rows for the notes of every result."""
    if not engine.set_aside:
        return to_native
    return Told(to_native, (f"{engine.set_aside}.",), getattr(to_native, "currency", None))


def _in_currency(to_native: ToNative, currency: str | None) -> ToNative:
    """The user's type of frame, with the currency for all that writes money of the data."""
    return to_native if currency is None else Told(to_native, currency=currency)


def ledger_of(data: Any, roles: Mapping[str, Any]) -> Ledger:
    """A `Ledger`, or one made from a frame with roles."""
    _check_names(roles, isinstance(data, Ledger), sys._getframe(1).f_code)
    if isinstance(data, Ledger):
        return data
    ledger = Ledger(data, **roles)
    ledger._to_native = _told(ledger._inner, ledger._to_native)
    return ledger


def native_of(data: Any) -> ToNative:
    """How results become frames of the type that was passed in."""
    return data._to_native if isinstance(data, Ledger) else kind_of(data)


def _check_names(roles: Mapping[str, Any], is_ledger: bool, caller: CodeType) -> None:
    """Keywords that are not parameters must be roles; the error for a slip names the nearest parameter, or role of a frame."""
    unknown = sorted(set(roles) - ROLES)
    if unknown:
        parameters = caller.co_varnames[1 : caller.co_argcount + caller.co_kwonlyargcount]
        own, more = list(parameters), [] if is_ledger else sorted(ROLES - set(parameters))
        near = [*difflib.get_close_matches(unknown[0], own, 1), *difflib.get_close_matches(unknown[0], more, 1)]
        hint = f"did you mean {near[0]!r}?" if near else f"parameters are {', '.join(own)}."
        named = "" if near or is_ledger else f" Roles of a frame are {', '.join(more)}."
        raise TypeError(f"unknown argument {unknown[0]!r}; {hint}{named}")
    if is_ledger and roles:
        raise TypeError(f"a Ledger has its roles already; leave out {', '.join(sorted(roles))}")


def _cleaning(clean: Mapping[str, Any] | None) -> dict[str, Any]:
    """What to fix, in the form that the engine expects; a single step becomes a list of one."""
    if clean is not None and not isinstance(clean, Mapping):
        raise TypeError(f'clean: expected a mapping such as {{"customer": ["trim", "casefold"]}}, got {repr_of(clean)}')
    return {
        what: [how] if isinstance(how, str) and what != "duplicates" else how for what, how in pairs("clean", clean)
    }


#: Columns without a role whose name says that they may decide what a row is worth.
_WATCHED = re.compile(r"status|currency|статус|валюта", re.IGNORECASE)
ROLES = frozenset(inspect.signature(Ledger.__init__).parameters) - {"self", "data", "progress"}
_NUMBERS = ("amount", "price", "quantity", "unit_cost", "list_price")
_COLUMN_ROLES = ("customer", "time", "amount", "order", "product", "price", "quantity", "unit_cost", "list_price")


def iso(parameter: str, day: DateLike) -> str | None:
    """A day as ISO text; text is left to the engine to check."""
    if isinstance(day, dt.datetime):
        day = day.date()
    if day is None or isinstance(day, str):
        return day
    if isinstance(day, dt.date):
        return day.isoformat()
    raise TypeError(f"{parameter}: expected a date or ISO text such as '2024-01-31', got {type(day).__name__}")


def _date(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
