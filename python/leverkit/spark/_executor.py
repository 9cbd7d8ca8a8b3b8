"""What runs on the executors: a partition's rows become counts, and counts of all columns those of one analysis.

Spark sends these objects by the names of their classes, so that leverkit has to be installed there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leverkit import _counts, _engine
from leverkit._lib.frames import from_engine
from leverkit.errors import LeverkitError
from leverkit.ledger import part_of

if TYPE_CHECKING:
    import pyarrow as pa

    Batches = Iterator[pa.RecordBatch]

#: The column with the number that Spark gives a row before the shuffle, which tells the order of rows.
ROW = "__leverkit_row"
#: So many lines travel in one value: Spark's values end at two gigabytes.
LINES = 4_000_000
#: So many of the rows that are set aside are kept.
KEPT = 1_000
EVERYTHING: dict[str, Any] = {**dict.fromkeys(_counts.COLUMNS, True), "dimensions": None}


@dataclass(frozen=True)
class Lines:
    """Makes counts of a partition's order lines, with all columns that have a role, and says what became of the rows."""

    roles: Mapping[str, Any]

    def __call__(self, batches: Batches) -> Batches:
        table = _in_order(batches)
        if table is None:
            return
        try:
            engine = part_of(table, self.roles, days_only=False)
        except LeverkitError as error:
            yield _batch(counts=[b""], about=[_failed(error)])
            return
        about = _about(engine, table[ROW])
        pieces = engine.partition(-(-engine.n_lines // LINES)) if engine.n_lines > LINES else [engine]
        for place, piece in enumerate(pieces):
            yield _batch(counts=[_engine.count_lines(piece, EVERYTHING, {}, [])], about=[None if place else about])


@dataclass(frozen=True)
class Analysed:
    """Makes the counts of one analysis of those of all columns."""

    reads: Mapping[str, Any]
    question: Mapping[str, Any]

    def __call__(self, batches: Batches) -> Batches:
        for batch in batches:
            for counts in batch.column(0):
                yield _batch(counts=[_engine.recount(counts.as_py(), self.reads, self.question)])


@dataclass(frozen=True)
class Rows:
    """Makes counts of a partition's rows of whole entities."""

    columns: tuple[str, ...]
    entity: str | None
    question: Mapping[str, Any]

    def __call__(self, batches: Batches) -> Batches:
        table = _in_order(batches)
        if table is not None:
            yield _batch(counts=[_engine.count_rows(table, list(self.columns), self.entity, self.question)])


def _in_order(batches: Batches) -> Any:
    """A partition's rows in the order that they had before the shuffle; none where it is empty."""
    import pyarrow as pa

    # A task has one core; more threads would take those of its neighbours.
    os.environ.setdefault("LEVERKIT_MAX_THREADS", "1")
    found = list(batches)
    table = pa.Table.from_batches(found) if found else None
    return table.sort_by(ROW) if table is not None and table.num_rows else None


def _batch(**columns: list[Any]) -> Any:
    import pyarrow as pa

    types = {"counts": pa.binary(), "about": pa.string()}
    return pa.RecordBatch.from_pydict({name: pa.array(values, types[name]) for name, values in columns.items()})


def _about(engine: _engine.Ledger, rows: Any) -> str:
    """What became of a partition's rows, as JSON."""
    import pyarrow as pa

    rejected = from_engine(engine.rejected()).head(KEPT)
    numbers = rows.take(pa.array(rejected["row"].to_list(), pa.int64())).to_pylist()
    about = {
        "customers": engine.n_customers,
        "orders": engine.n_orders,
        "lines": engine.n_lines,
        "start": engine.start,
        "end": engine.end,
        "quality": from_engine(engine.quality()).to_dicts(),
        "rejected": [{**row, "row": number} for row, number in zip(rejected.to_dicts(), numbers, strict=True)],
    }
    return json.dumps(about)


def _failed(error: LeverkitError) -> str:
    return json.dumps({"error": type(error).__name__, "message": str(error)})
