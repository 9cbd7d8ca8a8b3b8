"""An export bound to the columns of one file: what makes order lines of it, and what of it has to be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

from leverkit._lib.inputs import repr_of
from leverkit.errors import DataError
from leverkit.reading import numbers
from leverkit.reading.shapes.rules import ABOVE, GROSS, LINE, NUMBER, FillDown, LeaveOut, Money, filled, number

#: The column that holds the money of a line where a shape makes it, and that of the customer where it is part of another.
MADE, BUYER = "line_amount", "buyer"
#: Roles of events, which order lines do not have.
EVENTS = ("entity", "event")
#: Rows from which the writing of numbers is judged.
_SAMPLE = 10_000
_BATCH = 100_000


@dataclass(frozen=True)
class Shape:
    """An export, with its rules bound to the columns of one file.

    Attributes
    ----------
    name, title : str
        What `shape=` takes, and what people call the export.
    roles : dict
        Columns by role, as `leverkit.Ledger` takes them; `entity` and `event` for exports of events.
    currency : str, optional
        The column that says the currency of the row.
    by_headers : bool
        Whether it was found by the headers of the file, rather than asked for.
    """

    name: str
    title: str
    roles: dict[str, Any]
    currency: str | None = None
    fill: FillDown | None = None
    leave_out: tuple[LeaveOut, ...] = ()
    money: Money | None = None
    buyer: tuple[str, str] | None = None
    micros: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()

    by_headers: bool = False

    def __str__(self) -> str:
        return f"{self.title} (shape {self.name}{', found by its headers' if self.by_headers else ''})"

    @property
    def ledger_roles(self) -> dict[str, Any]:
        """The roles of order lines, without those of events."""
        return {role: column for role, column in self.roles.items() if role not in EVENTS}

    def apply(self, frame: pl.LazyFrame, rows: int | None = None, **marks: Any) -> pl.LazyFrame:
        """The export as order lines or events: filled down, its money made, without the rows that are no sales.

        Parameters
        ----------
        frame
            Columns of text, as they stand in the file. Columns that no rule names stay as they are.
        rows : int, optional
            Only so many of the first rows.
        **marks
            `decimal`, `thousands` and `option` of `leverkit.reading.numbers.judge`, for the columns that the money is made of.

        Returns
        -------
        LazyFrame
            The columns of the file, ``line_amount`` (money of the line) where the shape makes it, ``buyer`` where the customer is part of
            another column.
        """
        lines = frame if rows is None else frame.head(rows)
        read = self._read(lines, self._numbers(frame, marks))
        done = self._made(read)
        if not (self.fill or (self.money and self.money.order)):
            return done
        return register_io_source(partial(self._gathered, read), schema=done.collect_schema())

    def _made(self, read: pl.LazyFrame) -> pl.LazyFrame:
        """The order lines of a frame whose columns the rules can use."""
        done = self._prepared(read).filter(self._reason().is_null())
        if self.money:
            done = done.with_columns(pl.col(LINE).alias(MADE)).drop(LINE, GROSS, ABOVE)
        made = [
            pl.from_epoch(pl.col(column).cast(pl.Int64), time_unit="us").dt.replace_time_zone("UTC").alias(column)
            for column in self.micros
        ]
        return done.select(pl.exclude(f"^{NUMBER}.*$")).with_columns(made)

    def _gathered(
        self,
        read: pl.LazyFrame,
        columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,
    ) -> Iterator[pl.DataFrame]:
        """What polars asks for. Orders are gathered and then joined to their rows: what is lazy would be read for each anew."""
        names = read.collect_schema().names()
        needed = {*(columns or names), *self._ruled()}
        held = read.select(name for name in names if name in needed or name.startswith(NUMBER)).collect(
            engine="streaming"
        )
        done = self._made(held.lazy())
        done = done if columns is None else done.select(columns)
        done = done if predicate is None else done.filter(predicate)
        yield from (
            (done if n_rows is None else done.head(n_rows))
            .collect(engine="streaming")
            .iter_slices(batch_size or _BATCH)
        )

    def tally(self, frame: pl.LazyFrame, **marks: Any) -> pl.DataFrame:
        """What becomes of the rows: `status` ("kept", or why not), `currency`, `rows`, `money`, `above` (orders whose total is above their lines).

        Raises
        ------
        DataError
            A value that the money is made of cannot be read.
        """
        currency = pl.col(self.currency).str.to_uppercase() if self.currency else pl.lit(None, pl.String)
        judged = self._numbers(frame, marks)
        columns = dict.fromkeys([*self._ruled(), *self._money_texts(), *(NUMBER + column for column in judged)])
        # Read once: orders are gathered and then joined to their rows, which reads a lazy frame twice.
        read = self._read(frame, judged).select(*columns).collect(engine="streaming").lazy()
        made = self._prepared(read)
        held = self._held()
        made = held.make(made) if held and not self.money else made
        counts = (
            made.with_columns(self._reason().fill_null("kept").alias("status"), currency.alias("currency"))
            .group_by("status", "currency")
            .agg(rows=pl.len(), money=self._worth(), above=self._above())
        )
        found, bad = pl.collect_all([counts.sort("status", "currency"), self._unreadable(read)])
        self._check_read(frame, bad)
        return found

    def notes(self, frame: pl.LazyFrame, **marks: Any) -> list[str]:
        """What a user should know of this file: rows left out with their money, several currencies, orders that do not add up, advice."""
        tally = self.tally(frame, **marks)
        return [*_left_out(tally), *_currencies(tally), *self._overshot(tally), *self.advice]

    def _read(self, frame: pl.LazyFrame, found: Mapping[str, numbers.Numbers | None]) -> pl.LazyFrame:
        """The frame with nulls for what means missing in the columns of the rules, and the numbers of the money beside their texts."""
        rows = self.fill.columns if self.fill else ()
        texts = [filled(column) for column in dict.fromkeys([*self._ruled(), *self._money_texts(), *rows])]
        # What means missing is no number either.
        values = [
            (read.expr(pl.col(column).cast(pl.String)).cast(pl.Float64) if read else pl.lit(None, pl.Float64)).alias(
                NUMBER + column
            )
            for column, read in found.items()
        ]
        return self._flat(frame).with_columns(*texts, *values)

    def _ruled(self) -> list[str]:
        """The columns that rules look into."""
        money = self.money
        rules = [*self.leave_out, *([money.negative] if money and money.negative else [])]
        one = [
            self.currency,
            self.fill.by if self.fill else None,
            self.buyer[0] if self.buyer else None,
            money.order.id if money and money.order else None,
        ]
        return list(dict.fromkeys([*filter(None, one), *self.micros, *(rule.column for rule in rules)]))

    def _money_texts(self) -> tuple[str, ...]:
        """The columns that the money is made of, as they are written."""
        return self.money.columns() if self.money else ()

    def _prepared(self, read: pl.LazyFrame) -> pl.LazyFrame:
        done = self.fill.apply(read) if self.fill else read
        if self.buyer:
            column, before = self.buyer
            done = done.with_columns(pl.col(column).str.split(before).list.first().alias(BUYER))
        return self.money.make(done) if self.money else done

    def _flat(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The fields of records, such as `ecommerce.purchase_revenue`, as columns of their own."""
        schema = frame.collect_schema()
        records = {name: dtype for name, dtype in schema.items() if isinstance(dtype, pl.Struct)}
        return frame.with_columns(
            pl.col(name).struct.field(field.name).alias(f"{name}.{field.name}")
            for name, dtype in records.items()
            for field in dtype.fields
        )

    def _reason(self) -> pl.Expr:
        """Why a row is left out; null where it is kept."""
        reasons = [rule.reason() for rule in self.leave_out]
        return pl.coalesce(reasons) if reasons else pl.lit(None, pl.String)

    def _worth(self) -> pl.Expr:
        """The money of rows: of those left out before discounts and refunds."""
        if not self._held():
            return pl.lit(None, pl.Float64)
        return pl.when(pl.col("status") == "kept").then(LINE).otherwise(GROSS).sum()

    def _held(self) -> Money | None:
        """How the money is made, or which columns hold it."""
        roles = ("amount",) if "amount" in self.roles else ("price", "quantity")
        held = tuple(self.roles[role] for role in roles if role in self.roles)
        return self.money or (Money(held) if held else None)

    def _above(self) -> pl.Expr:
        """How many orders have a total above their lines."""
        order = self.money.order if self.money else None
        return pl.col(order.id).filter(ABOVE).n_unique() if order else pl.lit(0)

    def _numbers(self, frame: pl.LazyFrame, marks: Mapping[str, Any]) -> dict[str, numbers.Numbers | None]:
        """How each column of the money is read, judged from its first rows."""
        money = self._held()
        columns = list(dict.fromkeys(money.columns())) if money else []
        texts = self._flat(frame).select(filled(column) for column in columns)
        sample = texts.head(_SAMPLE).collect()
        return {column: _judged(texts, sample[column].drop_nulls(), marks) for column in columns}

    def _unreadable(self, read: pl.LazyFrame) -> pl.LazyFrame:
        """For each column that the money is made of, and of micros, the first row with something that is no number."""
        reads = {column: number(column) for column in dict.fromkeys(self._money_texts())}
        reads |= {column: pl.col(column).cast(pl.Int64, strict=False) for column in self.micros}
        bad = {column: pl.col(column).is_not_null() & value.is_null() for column, value in reads.items()}
        rows = pl.int_range(pl.len())
        return read.select(rows.filter(wrong).first().alias(column) for column, wrong in bad.items())

    def _check_read(self, frame: pl.LazyFrame, bad: pl.DataFrame) -> None:
        rows = {
            column: row for column, row in (bad.row(0, named=True) if bad.height else {}).items() if row is not None
        }
        if rows:
            column, row = min(rows.items(), key=lambda found: found[1])
            value = self._flat(frame).select(filled(column)).slice(row, 1).collect().item()
            raise DataError(
                f"{self}: column {column!r}, row {row}: expected a number, got {repr_of(value)}; "
                "say how numbers are written (decimal), or read the file without its shape (none)",
                column=column,
                row=row,
                got=value,
                expected="a number",
            )

    def _overshot(self, tally: pl.DataFrame) -> list[str]:
        orders = int(tally.filter(pl.col("status") == "kept")["above"].sum())
        if not (orders and self.money and self.money.order):
            return []
        return [
            f"{_count(orders, 'order')}: {self.money.order.total} is above the lines, which are taken as they stand"
        ]


def _judged(texts: pl.LazyFrame, sample: pl.Series, marks: Mapping[str, Any]) -> numbers.Numbers | None:
    """How a column's numbers are written; the whole column is asked where the sample is not clear."""
    try:
        return numbers.judge(sample.name, sample, **marks)
    except numbers.Unclear:
        clear = (
            texts.filter(numbers.telling(pl.col(sample.name))).select(sample.name).head(_SAMPLE).collect().to_series()
        )
        return numbers.judge(sample.name, clear if clear.len() else sample, **marks)


def _left_out(tally: pl.DataFrame) -> list[str]:
    gone = tally.filter(pl.col("status") != "kept").group_by("status").agg(pl.col("rows", "money").sum()).sort("status")
    if not gone.height:
        return []
    reasons = "; ".join(f"{status}: {rows:,}, {money:,.2f}" for status, rows, money in gone.iter_rows())
    rows, total = gone["rows"].sum(), tally["rows"].sum()
    return [f"{rows:,} of {total:,} rows ({gone['money'].sum():,.2f}) are no sales and were left out ({reasons})"]


def _currencies(tally: pl.DataFrame) -> list[str]:
    money = tally.filter((pl.col("status") == "kept") & pl.col("currency").is_not_null())
    if money["currency"].n_unique() < 2:
        return []
    shares = ", ".join(
        f"{code} {amount:,.2f} in {_count(rows, 'row')}"
        for code, rows, amount in money.select("currency", "rows", "money").iter_rows()
    )
    return [f"several currencies that are added up as they stand: {shares}; read one at a time, or convert before"]


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
