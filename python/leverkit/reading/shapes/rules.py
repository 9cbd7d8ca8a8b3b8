"""The rules that a shape is made of, as expressions over columns of text: filling down, leaving rows out, making the money of a line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import mul

import polars as pl

from leverkit.reading.missing import present, texts

#: Currencies without minor units, and those with a thousand of them; all others have a hundred (ISO 4217).
_WHOLE = [
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "JPY",
    "KMF",
    "KRW",
    "MGA",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
]
_THOUSAND = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]

#: Columns made on the way: names that no file has. That of a column's numbers begins with `NUMBER`.
NUMBER = "\0number "
LINE, GROSS, ABOVE = "\0line", "\0gross", "\0above"
_KEPT, _OF_ORDER = "\0kept", "\0of order"


def filled(column: str) -> pl.Expr:
    """The column's text without blanks around it; null where it means missing."""
    return present(pl.col(column).cast(pl.String).str.strip_chars(), texts())


def number(column: str) -> pl.Expr:
    """The numbers of a column."""
    return pl.col(NUMBER + column)


@dataclass(frozen=True)
class FillDown:
    """Fields of an order that stand on its first row only, brought to its other rows."""

    by: str
    columns: tuple[str, ...]

    def apply(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with the nulls of an order filled from the row of the order that has the field, wherever it stands."""
        names = frame.collect_schema().names()
        columns = [name for column in self.columns for name in (column, NUMBER + column) if name in names]
        keyed = frame.with_columns(pl.col(self.by).forward_fill())
        # The greatest is the only one, and several times faster to find than the first that is not null; a join beats a window for each.
        fields = keyed.group_by(self.by).agg(pl.col(columns).max().name.suffix(_OF_ORDER))
        joined = keyed.join(fields, on=self.by, how="left", maintain_order="left")
        filled_down = joined.with_columns(pl.coalesce(name, f"{name}{_OF_ORDER}").alias(name) for name in columns)
        return filled_down.select(names)


@dataclass(frozen=True)
class LeaveOut:
    """Rows that are no sales: whose column has one of the values, or none of those it `keeps`, or anything at all."""

    column: str
    values: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()

    def reason(self) -> pl.Expr:
        """What the column says of a row that is left out, such as `Status: failed`; null for the others."""
        # In lower case, so that `Refunded` and `refunded` are one status.
        said = pl.col(self.column).str.to_lowercase()
        if self.keeps:
            hit, said = ~said.is_in(self.keeps).fill_null(False), said.fill_null("blank")
        elif self.values:
            hit = said.is_in(self.values)
        else:
            return pl.when(said.is_not_null()).then(pl.lit(self.column))
        return pl.when(hit).then(pl.format("{}: {}", pl.lit(self.column), said))


@dataclass(frozen=True)
class Order:
    """Money of whole orders, repeated on or filled down to their rows, that is shared out among the lines."""

    id: str
    total: str | None = None
    discount: str | None = None
    refund: str | None = None
    refund_of: tuple[str, ...] = ()

    def columns(self) -> tuple[str, ...]:
        """The columns with money."""
        return tuple(name for name in (self.total, self.discount, self.refund, *self.refund_of) if name)

    def share_out(self, lines: pl.LazyFrame) -> pl.LazyFrame:
        """The lines with what is left of their money once the order's discount and refund are shared out in proportion.

        `ABOVE` says of which orders the total is above the lines, so that it cannot be their sum less a discount.
        """
        orders = lines.group_by(self.id).agg(
            pl.len().alias("\0lines"),
            pl.col(LINE, GROSS).sum(),
            pl.col([NUMBER + name for name in dict.fromkeys(self.columns())]).max(),
        )
        total = number(self.total) if self.total else pl.lit(None, pl.Float64)
        shares = orders.select(
            self.id,
            (self._kept(total) * (1.0 - self._refunded(total))).alias(_KEPT),
            (total > pl.col(GROSS) + 0.01 * pl.col("\0lines")).alias(ABOVE),
        )
        return lines.join(shares, on=self.id, how="left", maintain_order="left").with_columns(
            pl.col(LINE) * pl.col(_KEPT).fill_null(1.0)
        )

    def _kept(self, total: pl.Expr) -> pl.Expr:
        """The part that the discount of the order leaves: up to its total, or else by its discount.

        The order's discount holds those of its lines, so that what the lines have lost already is not taken twice.
        """
        lines, gross = pl.col(LINE), pl.col(GROSS)
        if self.discount:
            discount = number(self.discount).abs().fill_null(0.0)
            total = pl.coalesce(total, gross - pl.max_horizontal(discount, gross - lines))
        return pl.when((lines > 0) & (total >= 0) & (total < lines)).then(total / lines).otherwise(1.0)

    def _refunded(self, total: pl.Expr) -> pl.Expr:
        """The part that was refunded of what was paid for goods."""
        if not self.refund:
            return pl.lit(0.0)
        paid, *beside = (number(column) for column in self.refund_of) if self.refund_of else (total,)
        goods = paid - pl.sum_horizontal([part.fill_null(0.0) for part in beside]) if beside else paid
        return (number(self.refund).abs() / goods).fill_nan(None).clip(0.0, 1.0).fill_null(0.0)


@dataclass(frozen=True)
class Money:
    """How the money of a line is made: a product of columns, less others, in major units, with its share of the order's."""

    times: tuple[str, ...]
    minus: tuple[str, ...] = ()
    minor_units: str | None = None
    negative: LeaveOut | None = None
    order: Order | None = None

    def columns(self) -> tuple[str, ...]:
        """The columns that are read as numbers."""
        return (*self.times, *self.minus, *(self.order.columns() if self.order else ()))

    def make(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with the money of each line, `LINE`, and before anything is taken off, `GROSS`."""
        gross = reduce(mul, (number(column) for column in self.times))
        # What is taken off is stored with either sign.
        less = [number(column).abs().fill_null(0.0) for column in self.minus]
        line = gross - pl.sum_horizontal(less) if less else gross
        lines = frame.with_columns(gross.alias(GROSS), line.alias(LINE))
        lines = self.order.share_out(lines) if self.order else lines.with_columns(pl.lit(False).alias(ABOVE))
        if self.negative:
            returned = self.negative.reason().is_not_null()
            lines = lines.with_columns(pl.when(returned).then(-pl.col(LINE).abs()).otherwise(LINE).alias(LINE))
        return lines.with_columns(pl.col(LINE, GROSS) / _units(self.minor_units)) if self.minor_units else lines


def _units(currency: str) -> pl.Expr:
    code = pl.col(currency).str.to_uppercase()
    return pl.when(code.is_in(_WHOLE)).then(1.0).when(code.is_in(_THOUSAND)).then(1000.0).otherwise(100.0)
