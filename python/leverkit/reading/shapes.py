"""Exports that people download: which one a file is, what its columns mean, and what makes order lines of it.

A shape is a TOML file (`shapes/*.toml`, or the user's own). Its rules are few: fields that stand on the first row of an order are
filled down, rows that are no sales are left out and counted, the money of a line is made where no column holds it. Reading files is
left to `reading`, the judging of other numbers and of dates too: a shape works on columns of text.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from leverkit.errors import DataError, ParameterError, SchemaError
from leverkit.reading.numbers import judge
from leverkit.reading.shape_rules import FillDown, LeaveOut, Money, Numbers, Order, filled

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: The column that holds the money of a line where a shape makes it.
MADE = "line_amount"
_BUYER = "buyer"
#: Rows from which the writing of numbers is judged.
_SAMPLE = 10_000
_FOLDER = Path(__file__).with_suffix("")
_KEYS = {
    "shape": [
        "title", "headers", "by_name_only", "roles", "fill_down", "leave_out", "amount", "currency", "buyer", "micros",
        "notes",
    ],
    "fill_down": ["by", "except"],
    "leave_out": ["column", "values", "keeps"],
    "amount": ["of", "times", "minus", "minor_units", "negative", "order"],
    "negative": ["column", "values"],
    "order": ["id", "total", "discount", "refund", "refund_of"],
    "buyer": ["column", "before"],
}  # fmt: skip
_LEDGER = ("customer", "time", "amount", "order", "product", "price", "quantity", "list_price", "unit_cost")
_EVENTS = ("entity", "event")


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

    def __str__(self) -> str:
        return f"{self.title} (shape {self.name})"

    @property
    def ledger_roles(self) -> dict[str, Any]:
        """The roles of order lines, without those of events."""
        return {role: column for role, column in self.roles.items() if role not in _EVENTS}

    def apply(self, frame: pl.LazyFrame, **marks: Any) -> pl.LazyFrame:
        """The export as order lines or events: filled down, its money made, without the rows that are no sales.

        Parameters
        ----------
        frame
            Columns of text, as they stand in the file. Columns that no rule names stay as they are.
        **marks
            `decimal`, `thousands` and `option` of `leverkit.reading.numbers.judge`, for the columns that the money is made of.

        Returns
        -------
        LazyFrame
            The columns of the file, ``line_amount`` (money of the line) where the shape makes it, ``buyer`` where the customer is part of
            another column.
        """
        done = self._prepared(frame, self._numbers(frame, marks)).filter(self._reason().is_null())
        made = [
            pl.from_epoch(filled(column).cast(pl.Int64), time_unit="us").dt.replace_time_zone("UTC").alias(column)
            for column in self.micros
        ]
        return done.with_columns(made) if made else done

    def tally(self, frame: pl.LazyFrame, **marks: Any) -> pl.DataFrame:
        """What becomes of the rows: `status` ("kept", or why not), `currency`, `rows`, `money` (null where it cannot be read).

        Raises
        ------
        DataError
            A value that the money is made of cannot be read.
        """
        number = self._numbers(frame, marks)
        currency = filled(self.currency).str.to_uppercase() if self.currency else pl.lit(None, pl.String)
        counts = (
            self._prepared(frame, number)
            .group_by(self._reason().fill_null("kept").alias("status"), currency.alias("currency"))
            .agg(rows=pl.len(), money=self._worth(number).sum())
        )
        found, bad = pl.collect_all([counts.sort("status", "currency"), self._unreadable(self._flat(frame), number)])
        self._check_read(bad)
        return found

    def notes(self, frame: pl.LazyFrame, **marks: Any) -> list[str]:
        """What a user should know of this file: rows left out with their money, several currencies, orders that do not add up, advice."""
        tally = self.tally(frame, **marks)
        return [
            *_left_out(tally),
            *_currencies(tally),
            *self._overshot(frame, self._numbers(frame, marks)),
            *self.advice,
        ]

    def _prepared(self, frame: pl.LazyFrame, number: Numbers) -> pl.LazyFrame:
        flat = self._flat(frame)
        done = self.fill.apply(flat) if self.fill else flat
        if self.buyer:
            column, before = self.buyer
            done = done.with_columns(filled(column).str.split(before).list.first().alias(_BUYER))
        return done.with_columns(self.money.expr(number).alias(MADE)) if self.money else done

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

    def _worth(self, number: Numbers) -> pl.Expr:
        """The money of a row: of those left out before discounts and refunds; for counting only where the shape makes none."""
        worth = self._money()
        if not worth:
            return pl.lit(None, pl.Float64)
        made = pl.col(MADE) if self.money else worth.expr(number)
        return pl.when(self._reason().is_null()).then(made).otherwise(worth.gross(number))

    def _money(self) -> Money | None:
        """How the money is made, or which columns hold it."""
        roles = ("amount",) if "amount" in self.roles else ("price", "quantity")
        held = tuple(self.roles[role] for role in roles if role in self.roles)
        return self.money or (Money(held) if held else None)

    def _numbers(self, frame: pl.LazyFrame, marks: Mapping[str, Any]) -> Numbers:
        """How each column of the money is read, judged from its first rows."""
        money = self._money()
        columns = list(dict.fromkeys(money.columns())) if money else []
        sample = self._flat(frame).select(filled(column) for column in columns).head(_SAMPLE).collect()
        judged = {column: judge(column, sample[column].drop_nulls(), **marks) for column in columns}

        def number(column: str) -> pl.Expr:
            found = judged[column]
            return found.expr(filled(column)).cast(pl.Float64) if found else pl.lit(None, pl.Float64)

        return number

    def _unreadable(self, frame: pl.LazyFrame, number: Numbers) -> pl.LazyFrame:
        """The first row and value of each column that the money is made of that are there and no number."""
        columns = dict.fromkeys(self.money.columns()) if self.money else {}
        reads = {column: number(column) for column in columns}
        reads |= {column: filled(column).cast(pl.Int64, strict=False) for column in self.micros}
        numbered = frame.with_row_index("row")
        found = [
            numbered.filter(filled(column).is_not_null() & read.is_null())
            .head(1)
            .select("row", column=pl.lit(column), value=filled(column))
            for column, read in reads.items()
        ]
        return pl.concat(found).sort("row") if found else pl.LazyFrame({"row": []})

    def _check_read(self, bad: pl.DataFrame) -> None:
        if bad.height:
            row, column, value = bad.row(0)
            raise DataError(
                f"{self}: column {column!r}, row {row}: expected a number, got {value!r}; "
                "say how numbers are written (decimal), or read the file without its shape (none)",
                column=column, row=row, got=value, expected="a number",
            )  # fmt: skip

    def _overshot(self, frame: pl.LazyFrame, number: Numbers) -> list[str]:
        if not (self.money and self.money.order and self.money.order.total):
            return []
        order = self.money.order
        above = self._prepared(frame, number).filter(self._reason().is_null() & self.money.overshoots(number))
        orders = above.select(pl.col(order.id).n_unique()).collect().item()
        note = f"{_count(orders, 'order')}: {order.total} is above the lines, which are taken as they stand"
        return [note] if orders else []


def names_of(schema: Mapping[str, pl.DataType]) -> list[str]:
    """The columns of a schema, and the fields of its records as `record.field`."""
    fields = [
        f"{name}.{field.name}"
        for name, dtype in schema.items()
        if isinstance(dtype, pl.Struct)
        for field in dtype.fields
    ]
    return [*schema, *fields]


def known() -> list[str]:
    """The names of the shapes that come with leverkit."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def choose(shape: str | Path | None, headers: Iterable[str]) -> Shape | None:
    """The shape asked for, or the one that the headers are of; None where there is none, or for `"none"`.

    Parameters
    ----------
    shape
        A name, a TOML file, a folder of TOML files one of which fits the headers, or "none".
    headers
        The columns of the file (`names_of` its schema).

    Raises
    ------
    ParameterError
        There is no such shape, or its file is wrong.
    SchemaError
        The file lacks the columns of the shape.
    """
    headers = list(headers)
    if shape is None:
        return find(headers)
    if str(shape).lower() == "none":
        return None
    if not Path(shape).is_dir():
        return load(shape, headers)
    found = find(headers, Path(shape))
    if found is None:
        raise SchemaError(f"shape: none of {shape} fits; the columns are {', '.join(headers)}")
    return found


def find(headers: Iterable[str], folder: Path | None = None) -> Shape | None:
    """The shape whose headers are all there; of several the one that asks for most; None where two ask for equally many."""
    headers = list(headers)
    fitting = []
    for path in sorted((folder or _FOLDER).glob("*.toml")):
        content = _content(path)
        if not content.get("by_name_only") and not _missing(content, headers):
            fitting.append((len(content["headers"]), path))
    best = [path for asked, path in fitting if asked == max(fitting)[0]]
    return _bound(best[0], _content(best[0]), headers) if len(best) == 1 else None


def load(shape: str | Path, headers: Iterable[str]) -> Shape:
    """The shape of this name or TOML file, bound to the columns of a file; errors as in `choose`."""
    headers = list(headers)
    path = Path(shape) if str(shape).endswith(".toml") else _FOLDER / f"{shape}.toml"
    if not path.is_file():
        near = difflib.get_close_matches(str(shape), known(), n=1)
        hint = (
            f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known())}, or give a TOML file or a folder"
        )
        raise ParameterError(f"shape: got {str(shape)!r}; {hint}", parameter="shape", got=str(shape))
    content = _content(path)
    missing = _missing(content, headers)
    if missing:
        other = find(headers)
        hint = f"its headers are those of {other}" if other else f"the columns are {', '.join(headers)}"
        raise SchemaError(f"shape {path.stem}: the file has no column {' and no column '.join(missing)}; {hint}")
    return _bound(path, content, headers)


def _content(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ParameterError(f"shape {path}: {error}", parameter="shape") from error
    _check_keys(path, "shape", content)
    if not content.get("headers") or not content.get("roles"):
        raise ParameterError(f"shape {path}: it needs headers = […] and a section [roles]", parameter="shape")
    if (
        any(way.get("minor_units") for way in content.get("amount", []))
        and content.get("currency") not in content["headers"]
    ):
        raise ParameterError(f"shape {path}: minor_units needs currency = …, one of the headers", parameter="shape")
    unknown = set(content["roles"]) - {*_LEDGER, *_EVENTS, "dimensions", "discounts"}
    if unknown:
        raise ParameterError(f"shape {path}: unknown role {sorted(unknown)[0]!r}", parameter="shape")
    return content


def _check_keys(path: Path, what: str, content: Mapping[str, Any]) -> None:
    """Every key is known, in every part."""
    for key, value in content.items():
        if key not in _KEYS[what]:
            raise ParameterError(
                f"shape {path}: unknown {key!r} in {what}; known are {', '.join(_KEYS[what])}", parameter="shape"
            )
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict) and key in _KEYS:
                _check_keys(path, key, part)


def _missing(content: Mapping[str, Any], headers: list[str]) -> list[str]:
    """The headers of the shape that the file lacks, each with the other names that it may have."""
    return [repr(_either(asked)) for asked in content["headers"] if _column(asked, headers) is None]


def _either(asked: str | list[str]) -> str:
    return asked if isinstance(asked, str) else " or ".join(asked)


def _column(asked: str | list[str], headers: list[str]) -> str | None:
    """The first of the names that the file has; case and blanks do not matter."""
    there = {_same(header): header for header in reversed(headers)}
    names = [asked] if isinstance(asked, str) else asked
    return next((there[_same(name)] for name in names if _same(name) in there), None)


def _same(name: str) -> str:
    return " ".join(name.replace("\ufeff", "").split()).casefold()


def _all(asked: Iterable[str | list[str]], headers: list[str]) -> tuple[str, ...]:
    """Those of the columns that the file has."""
    found = [_column(each, headers) for each in asked]
    return tuple(column for column in found if column is not None)


def _bound(path: Path, content: Mapping[str, Any], headers: list[str]) -> Shape:
    """The shape with its rules on the columns that this file has; a rule whose columns it lacks falls away."""
    money = _money(content, headers)
    buyer = content.get("buyer")
    source = _column(buyer["column"], headers) if buyer else None
    roles = _roles(content["roles"], headers)
    roles |= {"amount": MADE} if money else {}
    roles |= {"customer": _BUYER} if source else {}
    return Shape(
        name=path.stem,
        title=content.get("title", path.stem),
        roles=roles,
        currency=_column(content["currency"], headers) if "currency" in content else None,
        fill=_fill(content.get("fill_down"), headers),
        leave_out=tuple(rule for rule in (_rule(part, headers) for part in content.get("leave_out", [])) if rule),
        money=money,
        buyer=(source, buyer["before"]) if buyer and source else None,
        micros=_all(content.get("micros", []), headers),
        advice=tuple(content.get("notes", [])),
    )


def _roles(asked: Mapping[str, Any], headers: list[str]) -> dict[str, Any]:
    roles: dict[str, Any] = {role: _column(asked[role], headers) for role in (*_LEDGER, *_EVENTS) if role in asked}
    roles["dimensions"] = list(_all(asked.get("dimensions", []), headers))
    discounts = {name: _column(column, headers) for name, column in asked.get("discounts", {}).items()}
    roles["discounts"] = {name: column for name, column in discounts.items() if column}
    return {role: column for role, column in roles.items() if column}


def _fill(asked: Mapping[str, Any] | None, headers: list[str]) -> FillDown | None:
    by = _column(asked["by"], headers) if asked else None
    if asked is None or by is None:
        return None
    lines = tuple(_same(start) for start in asked.get("except", []))
    return FillDown(by, tuple(name for name in headers if name != by and not _same(name).startswith(lines or ("\0",))))


def _rule(asked: Mapping[str, Any], headers: list[str]) -> LeaveOut | None:
    column = _column(asked["column"], headers)
    values, keeps = (tuple(value.lower() for value in asked.get(key, [])) for key in ("values", "keeps"))
    return LeaveOut(column, values, keeps) if column else None


def _money(content: Mapping[str, Any], headers: list[str]) -> Money | None:
    """The first way of making the money whose columns are all there."""
    for way in content.get("amount", []):
        asked = [way["of"]] if "of" in way else way["times"]
        times = _all(asked, headers)
        if len(times) == len(asked):
            currency = _column(content["currency"], headers) if way.get("minor_units") else None
            negative = _rule(way["negative"], headers) if "negative" in way else None
            minus = _all(way.get("minus", []), headers)
            return Money(times, minus, currency, negative, _order(way.get("order"), headers))
    return None


def _order(asked: Mapping[str, Any] | None, headers: list[str]) -> Order | None:
    id = _column(asked["id"], headers) if asked else None
    if asked is None or id is None:
        return None
    total, discount, refund = (_column(asked.get(key, []), headers) for key in ("total", "discount", "refund"))
    paid = asked.get("refund_of", [])
    known = _all(paid[:1], headers) and _all(paid, headers)
    return Order(id, total, discount, refund, known)


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
    shares = ", ".join(f"{code} {amount:,.2f} in {_count(rows, 'row')}" for _, code, rows, amount in money.iter_rows())
    return [f"several currencies that are added up as they stand: {shares}; read one at a time, or convert before"]


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
