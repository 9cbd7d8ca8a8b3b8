"""Queries for warehouses: order lines as a ledger knows them, in standard SQL, which sqlglot turns into each dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from leverkit._lib.inputs import repr_of
from leverkit.errors import ParameterError

Dialect = Literal[
    "bigquery", "databricks", "duckdb", "mysql", "postgres", "redshift", "snowflake", "spark", "sqlite", "trino"
]
Returns = Literal["net", "keep"]

_GREATEST = 1.7976931348623157e308
#: SQLite takes 500 selects in one union.
_MOST_ROWS = 400
_LINES = """
leverkit_rows AS (
  SELECT {customer} AS customer, TS_OR_DS_TO_DATE({time}) AS day, {time} AS moment, {order} AS order_id, {product} AS product,
    CAST({quantity} AS DOUBLE) AS quantity, CAST({amount} AS DOUBLE) AS money
  FROM {table}
  WHERE NOT {customer} IS NULL AND NOT {time} IS NULL
),
leverkit_lines AS (
  SELECT customer, day, moment, order_id, product, quantity, CASE WHEN quantity < 0 AND money > 0 THEN -money ELSE money END AS money
  FROM leverkit_rows
  WHERE money BETWEEN -{greatest} AND {greatest}{until}
),
leverkit_orders AS (
  SELECT customer, order_id, MIN(day) AS day, MIN(moment) AS moment
  FROM leverkit_lines
  WHERE {buys}
  GROUP BY customer, order_id, CASE WHEN order_id IS NULL THEN day END
)"""


@dataclass(frozen=True)
class Lines:
    """A table of order lines in a warehouse: its name, the columns of its roles, the last day that counts, and what lines below 0 do."""

    table: str
    columns: Mapping[str, str | None]
    as_of: str | None = None
    returns: str = "net"

    @property
    def buys(self) -> str:
        """Which lines buy."""
        return "1 = 1" if self.returns == "keep" else "money >= 0 AND COALESCE(quantity, 0) >= 0"

    def expressions(self) -> str:
        """The common table expressions ``leverkit_lines`` (customer, day, moment, order_id, product, quantity, money) and ``leverkit_orders`` (customer, order_id, day, moment)."""
        roles = ("customer", "time", "amount", "order", "quantity", "product")
        return _LINES.strip().format(
            **{role: name(self.columns.get(role)) for role in roles},
            table=".".join(map(name, self.table.split("."))),
            greatest=_GREATEST,
            until="" if self.as_of is None else f" AND day <= {date(self.as_of)}",
            buys=self.buys,
        )

    def days_since(self, day: str) -> str:
        """Days from a column with a day to the day from which one looks back: by default the day after the last line."""
        if self.as_of is None:
            return f"DATEDIFF((SELECT MAX(day) FROM leverkit_lines), {day}) + 1"
        return f"DATEDIFF({date(self.as_of)}, {day})"


def translated(query: str, dialect: str) -> str:
    """A query of standard SQL in a dialect."""
    try:
        import sqlglot
    except ImportError as error:
        raise ImportError('SQL needs sqlglot: pip install "leverkit[sql]"') from error
    if dialect not in get_args(Dialect):
        expected = f"one of {', '.join(get_args(Dialect))}"
        raise ParameterError(f"dialect: got {repr_of(dialect)}; expected {expected}", parameter="dialect")
    return sqlglot.transpile(query, write=dialect, pretty=True)[0]


def name(column: str | None) -> str:
    """A name as the warehouse stores it."""
    return "NULL" if column is None else '"' + column.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as a value."""
    return "'" + value.replace("'", "''") + "'"


def date(day: str) -> str:
    """A day as a value."""
    return f"CAST('{day}' AS DATE)"


def added(day: str, days: str) -> str:
    """The day so many days after another."""
    return f"CAST(DATE_ADD({day}, {days}, 'DAY') AS DATE)"


def value(given: Any) -> str:
    """A value of a table: text in quotes, numbers as they are; floats to the last bit."""
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        raise ParameterError(
            f"ids: got {type(given).__name__}; expected text or numbers, which a query can hold", parameter="table"
        )
    return text(given) if isinstance(given, str) else repr(given)


def rows_of(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Common table expressions that end with `table`, which holds the rows."""
    select = [
        "SELECT " + ", ".join(f"{value(cell)} AS {column}" for cell, column in zip(row, columns, strict=True))
        for row in rows
    ]
    parts = [" UNION ALL ".join(select[start : start + _MOST_ROWS]) for start in range(0, len(select), _MOST_ROWS)]
    if len(parts) == 1:
        return f"{table} AS ({parts[0]})"
    named = [f"{table}_{place} AS ({part})" for place, part in enumerate(parts)]
    union = " UNION ALL ".join(f"SELECT * FROM {table}_{place}" for place in range(len(parts)))
    return ",\n".join([*named, f"{table} AS ({union})"])
