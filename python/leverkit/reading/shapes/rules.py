"""The rules that a shape is made of, as expressions over columns of text: filling down, leaving rows out, making the money of a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import mul

import polars as pl

from leverkit.reading.missing import present, texts

#: Currencies without minor units, and those with a thousand of them; all others have a hundred (ISO 4217).
_WHOLE = ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]  # fmt: skip
_THOUSAND = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]

#: Reads a column as numbers.
Numbers = Callable[[str], pl.Expr]


def filled(column: str) -> pl.Expr:
    """The column's text without blanks around it; null where it means missing."""
    return present(pl.col(column).cast(pl.String).str.strip_chars(), texts())


def plain(column: str) -> pl.Expr:
    """The column's text in lower case, so that `Refunded` and `refunded` are one status."""
    return filled(column).str.to_lowercase()


@dataclass(frozen=True)
class FillDown:
    """Fields of an order that stand on its first row only, brought to its other rows."""

    by: str
    columns: tuple[str, ...]

    def apply(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The frame with the blanks of an order filled from the first row of the order that has the field."""
        keyed = frame.with_columns(filled(self.by).forward_fill())
        return keyed.with_columns(
            pl.coalesce(filled(column), filled(column).drop_nulls().first().over(self.by)).alias(column)
            for column in self.columns
        )


@dataclass(frozen=True)
class LeaveOut:
    """Rows that are no sales: whose column has one of the values, or none of those it `keeps`, or anything at all."""

    column: str
    values: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()

    def reason(self) -> pl.Expr:
        """What the column says of a row that is left out, such as `Status: failed`; null for the others."""
        said = plain(self.column)
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

    def expr(self, number: Numbers) -> pl.Expr:
        """The money of each line."""
        gross = self._product(number)
        # What is taken off is stored with either sign.
        less = [number(column).abs().fill_null(0.0) for column in self.minus]
        line = gross - pl.sum_horizontal(less) if less else gross
        if self.order:
            line = line * _kept_share(self.order, gross, line, number)
        if self.negative:
            line = pl.when(self.negative.reason().is_not_null()).then(-line.abs()).otherwise(line)
        return line / _units(self.minor_units) if self.minor_units else line

    def gross(self, number: Numbers) -> pl.Expr:
        """The money of each line before anything is taken off."""
        gross = self._product(number)
        return gross / _units(self.minor_units) if self.minor_units else gross

    def _product(self, number: Numbers) -> pl.Expr:
        return reduce(mul, (number(column) for column in self.times))

    def overshoots(self, number: Numbers) -> pl.Expr:
        """Whether an order's total is above its lines, so that it cannot be their sum less a discount."""
        if not (self.order and self.order.total):
            return pl.lit(False)
        lines = self._product(number).sum().over(self.order.id)
        return (number(self.order.total) > lines + 0.01 * pl.len().over(self.order.id)).fill_null(False)


def _kept_share(order: Order, gross: pl.Expr, line: pl.Expr, number: Numbers) -> pl.Expr:
    """The part of a line's money that is left once the order's discount and refund are shared out in proportion."""
    lines = line.sum().over(order.id)
    target = _target(order, gross, line, number)
    kept = pl.when((lines > 0) & (target >= 0) & (target < lines)).then(target / lines).otherwise(1.0)
    if not order.refund:
        return kept
    paid, *beside = (number(column) for column in order.refund_of) if order.refund_of else (target,)
    goods = paid - pl.sum_horizontal([part.fill_null(0.0) for part in beside]) if beside else paid
    refunded = (number(order.refund).abs() / goods).fill_nan(None).clip(0.0, 1.0).fill_null(0.0)
    return kept * (1.0 - refunded)


def _target(order: Order, gross: pl.Expr, line: pl.Expr, number: Numbers) -> pl.Expr:
    """What the lines of an order come to: its total, or else the lines less its discount.

    The order's discount holds those of its lines, so that what the lines have lost already is not taken twice.
    """
    targets = [number(order.total)] if order.total else []
    if order.discount:
        taken = (gross - line).sum().over(order.id)
        discount = number(order.discount).abs().fill_null(0.0)
        targets.append(gross.sum().over(order.id) - pl.max_horizontal(discount, taken))
    return pl.coalesce(targets) if targets else line.sum().over(order.id)


def _units(currency: str) -> pl.Expr:
    code = filled(currency).str.to_uppercase()
    return pl.when(code.is_in(_WHOLE)).then(1.0).when(code.is_in(_THOUSAND)).then(1000.0).otherwise(100.0)
