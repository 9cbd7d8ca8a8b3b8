"""Random calls of everything public: `make fuzz`, or `python python/tests/fuzz.py --calls 1000 --seed 7`.

A call starts as one of the sane calls of `face`. Its tables become small and odd, and come from any library; its parameters are edge values of any type. Whatever comes is a result or an
error of leverkit: no other exception, no error in leverkit itself, no call over ten seconds, no number that is not finite, no row lost. A call that breaks
this is made smaller as long as it still does, and printed as a snippet.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import inspect
import io
import math
import random
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import face
import polars as pl
import pyarrow as pa
import pyarrow.compute
from face import Call

import leverkit as lk
from leverkit._lib.result import Result

#: Seconds of work that a call may take.
LIMIT = 10.0
WHOLE = (-(2**63) - 1, -(2**63), -1, 0, 1, 2, 3, 5, 12, 2**31 - 1, 2**31, 2**63, 2**64 + 1, 10**400)
REAL = (math.nan, math.inf, -math.inf, -1.0, -0.0, 0.0, 5e-324, 1e-9, 0.05, 0.5, 1 - 1e-16, 1.0, 1.5, 1e12, 1e308)
TEXT = (
    "",
    " ",
    "nope",
    "\0",
    "\ud800",
    "é",
    "1d",
    "30d",
    "month",
    "2024-01-01",
    "9999-12-31",
    "x" * 3000,
    "<b>",
    "{0}",
    "%s",
)
OTHER = (
    None,
    True,
    False,
    [],
    {},
    (),
    set(),
    b"x",
    object(),
    dt.date(1900, 1, 1),
    dt.datetime(9999, 12, 31),
    [None],
    [[]],
    {"a": None},
    [1, "a"],
)
TYPES: tuple[Any, ...] = (
    pl.Int8, pl.Int64, pl.UInt64, pl.Int128, pl.Float32, pl.Float64, pl.String, pl.Boolean, pl.Date, pl.Time, pl.Binary, pl.Categorical, pl.Null,
    pl.Datetime("ms"), pl.Datetime("us", "Europe/Berlin"), pl.Datetime("ns"), pl.Duration("us"), pl.Decimal(20, 4), pl.List(pl.Int64), pl.Struct({"a": pl.Int64}),
)  # fmt: skip
EXTREMES: tuple[Any, ...] = (None, 0, -1, 1, 1e308, -1e308, math.nan, math.inf, 2**40, 1e-300)


class Broken(Exception):
    """What a call may not do."""


@dataclass(frozen=True)
class TableOf:
    """A frame as another library has it, or of types that polars does not have."""

    lines: pl.DataFrame
    kind: str

    def made(self) -> Any:
        return LIBRARIES[self.kind](self.lines)


@dataclass(frozen=True)
class LedgerOf:
    """A ledger, by its lines and roles, so that both can be made smaller."""

    lines: pl.DataFrame
    roles: dict[str, Any]
    kind: str = "polars"

    def made(self) -> lk.Ledger:
        return lk.Ledger(LIBRARIES[self.kind](self.lines), **self.roles)


def arrow(frame: pl.DataFrame) -> pa.Table:
    """pyarrow knows no integers of 128 bits."""
    return frame.with_columns(pl.col(pl.Int128, pl.UInt128).cast(pl.Float64)).to_arrow()


def pandas(frame: pl.DataFrame) -> Any:
    """pandas knows no time of day with nanoseconds."""
    return arrow(frame.with_columns(pl.col(pl.Time).cast(pl.String))).to_pandas()


def dictionaries(frame: pl.DataFrame) -> pa.Table:
    return _columns(frame, lambda column: column.dictionary_encode())


def runs(frame: pl.DataFrame) -> pa.Table:
    return _columns(frame, lambda column: pa.compute.run_end_encode(column))


def views(frame: pl.DataFrame) -> pa.Table:
    return _columns(frame, lambda column: column.cast(pa.string_view()))


def halves(frame: pl.DataFrame) -> pa.Table:
    return _columns(frame, lambda column: column.cast(pa.float16()))


def wide(frame: pl.DataFrame) -> pa.Table:
    return _columns(frame, lambda column: column.cast(pa.decimal256(76, 4)))


def seconds(frame: pl.DataFrame) -> pa.Table:
    return _columns(frame, lambda column: column.cast(pa.timestamp("s", "+05:30")))


def _columns(frame: pl.DataFrame, changed: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pa.Table:
    """Those columns changed that can be."""

    def of(column: pa.ChunkedArray) -> pa.ChunkedArray:
        try:
            return changed(column)
        except Exception:  # pyarrow has no such cast for it
            return column

    table = arrow(frame)
    return pa.table([of(column) for column in table.columns], names=table.column_names)


def chunks(frame: pl.DataFrame) -> pa.Table:
    """A chunk of each row, and empty ones between them."""
    table = arrow(frame)
    parts = [table.slice(0, 0), *(table.slice(row, 1) for row in range(min(table.num_rows, 5))), table.slice(5)]
    return pa.concat_tables([*parts, table.slice(0, 0)])


def twice(frame: pl.DataFrame) -> pa.Table:
    """Two columns of one name."""
    table = arrow(frame)
    return table.append_column(table.schema.field(0), table.column(0))


def records(frame: pl.DataFrame) -> pa.RecordBatchReader:
    return arrow(frame).to_reader(max_chunksize=7)


LIBRARIES: dict[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda frame: frame,
    "pl.DataFrame.lazy": pl.DataFrame.lazy,
    **{
        f"fuzz.{of.__name__}": of
        for of in (arrow, pandas, dictionaries, runs, views, halves, wide, seconds, chunks, twice, records)
    },
}


@dataclass(frozen=True)
class File:
    """What `read` gets: a name, which tells a kind, and content that may be another."""

    name: str
    content: bytes


def read(file: File, **options: Any) -> pl.DataFrame:
    with TemporaryDirectory() as folder:
        path = Path(folder, file.name)
        path.write_bytes(file.content)
        return lk.read(path, **options).collect()


FILES = ("a.csv", "a.csv", "a.csv", "a.tsv", "a.txt", "a.jsonl", "a.json", "a.parquet", "a.arrow", "a.xlsx", "a.csv.gz")
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1251", "latin-1")
#: What a byte or a run of them may become.
BITS = (
    b"",
    b"\0",
    b'"',
    b"\n",
    b"\r",
    b",",
    b";",
    b"\xff",
    b"1 234,5",
    b"31/12/2024",
    b"2024-02-30",
    b"x" * 5000,
    b"{",
    b"PAR1",
)

ROLES = {
    "customer": "customer", "time": "day", "amount": "paid", "order": "order", "product": "product", "quantity": "units",
    "unit_cost": "cost", "list_price": "listed", "discounts": {"rebate": "off"}, "dimensions": ["group"],
}  # fmt: skip


@cache
def _lines() -> pl.DataFrame:
    """Made once: it takes as long as ten calls."""
    return face.World().lines


def drawn(number: int, seed: int, only: str | None = None) -> Call:
    """The call of a number: the same for the same seed."""
    dice = random.Random(seed * 1_000_003 + number)
    if dice.random() < 0.03 if only is None else only == "read":
        return _reading(dice)
    known = face.calls()
    call = dice.choice(known[only or dice.choice(sorted(known))])
    of_ledger = call.name.startswith("Ledger.") and isinstance(call.arguments[0], lk.Ledger)
    own = [_ledger(dice)] if of_ledger else []
    arguments = (*own, *(_changed(argument, dice) for argument in call.arguments[len(own) :]))
    keywords = {name: _changed(value, dice) for name, value in call.keywords.items()}
    for name in _unset(call):
        if dice.random() < 0.15:
            keywords[name] = _odd(None, dice)
    if call.name == "Formula.simulate":
        keywords["n"] = 1000  # as many scenarios are drawn as are asked for, in minutes where they are many
    return replace(call, arguments=arguments, keywords=keywords)


def _reading(dice: random.Random) -> Call:
    """A file of lines, bent here and there."""
    lines = _frame(_lines().head(30), dice)
    texts = lines.select(_cast(column, pl.String) for column in lines)
    text = texts.write_csv(separator=dice.choice(",;\t|"))
    content = text.encode(dice.choice(ENCODINGS), "replace")
    for _ in range(dice.choice((0, 0, 1, 2, 5))):
        start = dice.randrange(len(content) + 1)
        content = content[:start] + dice.choice(BITS) + content[start + dice.choice((0, 0, 1, 40, 2000)) :]
    call = Call("read", read, (File(dice.choice(FILES), content),))
    options = inspect.signature(lk.read).parameters
    odd = {name: _odd(None, dice) for name in list(options)[1:] if dice.random() < 0.03}
    return replace(call, keywords=odd)


def _unset(call: Call) -> list[str]:
    parameters = inspect.signature(call.function).parameters.values()
    named = [of.name for of in parameters if of.kind is of.KEYWORD_ONLY]
    return [name for name in named if name not in call.keywords]


def _ledger(dice: random.Random) -> LedgerOf:
    return LedgerOf(_frame(_lines(), dice), _roles(dice), _library(dice))


def _library(dice: random.Random) -> str:
    return "polars" if dice.random() < 0.7 else dice.choice(list(LIBRARIES))


def _changed(value: Any, dice: random.Random) -> Any:
    if isinstance(value, lk.Ledger):
        return _ledger(dice) if dice.random() < 0.98 else _odd(None, dice)
    if isinstance(value, pl.DataFrame):
        return TableOf(_frame(value, dice), _library(dice)) if dice.random() < 0.98 else _odd(None, dice)
    if isinstance(value, dict) and value and dice.random() < 0.2:
        name = dice.choice(list(value))
        return {**value, name if dice.random() < 0.8 else dice.choice(TEXT): _odd(value[name], dice)}
    if isinstance(value, (list, tuple)) and value and dice.random() < 0.2:
        place = dice.randrange(len(value))
        return type(value)([*value[:place], _odd(value[place], dice), *value[place + 1 :]])
    is_own = type(value).__module__.startswith("leverkit") or callable(value)
    return value if is_own or dice.random() < 0.8 else _odd(value, dice)


def _odd(value: Any, dice: random.Random) -> Any:
    """An edge value, mostly of the type of the one before."""
    pools: list[tuple[Any, ...]] = [WHOLE, REAL, TEXT, OTHER]
    own = (
        [WHOLE]
        if isinstance(value, int)
        else [REAL]
        if isinstance(value, float)
        else [TEXT]
        if isinstance(value, str)
        else []
    )
    return dice.choice(dice.choice(own if own and dice.random() < 0.6 else pools))


def _roles(dice: random.Random) -> dict[str, Any]:
    roles = {
        name: column for name, column in ROLES.items() if name in ("customer", "time", "amount") or dice.random() < 0.8
    }
    if dice.random() < 0.2:
        roles[dice.choice(list(roles))] = dice.choice([*ROLES.values(), "nope", *OTHER])
    if dice.random() < 0.2:
        roles[dice.choice(("returns", "on_invalid", "as_of", "time_zone", "clean", "max_unreadable"))] = _odd(
            None, dice
        )
    return roles


def _frame(frame: pl.DataFrame, dice: random.Random) -> pl.DataFrame:
    rows = min(dice.choice((0, 1, 2, 3, 10, 50, 200)), frame.height)
    part = frame.sample(rows, seed=dice.randrange(2**31)) if dice.random() < 0.5 else frame.head(rows)
    for _ in range(dice.choice((0, 0, 1, 1, 2, 4))):
        part = _odd_column(part, dice)
    return part


def _odd_column(frame: pl.DataFrame, dice: random.Random) -> pl.DataFrame:
    name = dice.choice(frame.columns)
    column = frame[name]
    match dice.randrange(6):
        case 0:
            column = _cast(column, dice.choice(TYPES))
        case 1:
            column = pl.Series(name, [dice.choice(EXTREMES) for _ in column], strict=False)
        case 2:
            column = pl.Series(name, [None if dice.random() < 0.3 else value for value in column], dtype=column.dtype)
        case 3:
            column = pl.Series(name, [column[0]] * len(column) if len(column) else [], dtype=column.dtype)
        case 4:
            column = pl.Series(name, [dice.choice(TEXT).replace("\ud800", "?") for _ in column], dtype=pl.String)
        case _:
            return frame.drop(name) if frame.width > 1 else frame
    return frame.with_columns(column)


def _cast(column: pl.Series, dtype: Any) -> pl.Series:
    try:
        return column.cast(dtype, strict=False)
    except Exception:  # polars has no such cast: nulls of the type
        return pl.Series(column.name, [None] * len(column), dtype=dtype)


def checked(call: Call) -> str:
    """Runs a call and says what came of it; raises `Broken` for what may not come."""
    try:
        with _limited(), warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            arguments = [_made(argument) for argument in call.arguments]
            keywords = {name: _made(value) for name, value in call.keywords.items()}
            for given, argument in zip(call.arguments, arguments, strict=True):
                if isinstance(given, LedgerOf):
                    _check_rows(given, argument)
            came = replace(call, arguments=tuple(arguments), keywords=keywords).run()
            return _digest(came)
    except (lk.InternalError, TimeoutError) as error:
        raise Broken(f"{type(error).__name__}: {error}") from error
    except (lk.LeverkitError, TypeError, FileNotFoundError) as error:  # a text in a table's place is a path
        return f"{type(error).__name__}: {error}"
    except Broken:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        raise Broken(f"{type(error).__name__}: {error}") from error


def _made(given: Any) -> Any:
    return given.made() if isinstance(given, (LedgerOf, TableOf)) else given


def _check_rows(given: LedgerOf, ledger: lk.Ledger) -> None:
    if given.roles.get("returns", "net") == "drop" or given.roles.get("clean"):
        return
    rejected = ledger.rejected
    rejected = rejected.height if isinstance(rejected, pl.DataFrame) else pl.DataFrame(rejected).height
    if ledger.n_lines + rejected != given.lines.height:
        raise Broken(f"{ledger.n_lines} lines and {rejected} rejected of {given.lines.height} rows")


def _digest(came: Any) -> str:
    """A digest of all that came; numbers that are not finite may not come."""
    if isinstance(came, Result):
        parts = [f"{name}: {_digest(came._tables[name])}" for name in came._tables]
        return hashlib.sha256("\n".join([*parts, *came.notes]).encode("utf-8", "replace")).hexdigest()
    if not isinstance(came, pl.DataFrame) and hasattr(came, "columns") and hasattr(came, "__arrow_c_stream__"):
        came = pl.DataFrame(came)
    if isinstance(came, pl.DataFrame):
        # Customers of a summary are what came in, whatever they are.
        for column in came.select(pl.col(pl.Float32, pl.Float64).exclude("customer")):
            odd = column.is_nan() | column.is_infinite()
            if odd.any():
                raise Broken(f"{column.name} holds {column.filter(odd)[0]}")
        # polars writes no binary columns as JSON.
        came = came.with_columns(pl.col(pl.Binary).bin.encode("hex"))
        return hashlib.sha256(came.write_json().encode("utf-8", "replace")).hexdigest()
    return type(came).__name__


#: The clock of the process, so that others on the machine do not count, and that of the wall, by which nothing may stand still.
CLOCKS = ((signal.ITIMER_PROF, signal.SIGPROF, LIMIT), (signal.ITIMER_REAL, signal.SIGALRM, 12 * LIMIT))


@contextmanager
def _limited() -> Iterator[None]:
    def over(*_: Any) -> None:
        raise TimeoutError(f"more than {LIMIT:.0f} s")

    before = [signal.signal(sign, over) for _, sign, _ in CLOCKS]
    for clock, _, seconds in CLOCKS:
        signal.setitimer(clock, seconds)
    try:
        yield
    finally:
        for (clock, sign, _), handler in zip(CLOCKS, before, strict=True):
            signal.setitimer(clock, 0)
            signal.signal(sign, handler)


def reduced(call: Call, breaks: Callable[[Call], bool]) -> Call:
    """The smallest call near by that still breaks: fewer rows, columns and keywords."""
    smaller = next((candidate for candidate in _smaller(call) if breaks(candidate)), None)
    return call if smaller is None else reduced(smaller, breaks)


def _smaller(call: Call) -> Iterator[Call]:
    for name in call.keywords:
        yield replace(call, keywords={other: value for other, value in call.keywords.items() if other != name})
    for place, argument in enumerate(call.arguments):
        for part in _parts(argument):
            yield replace(call, arguments=(*call.arguments[:place], part, *call.arguments[place + 1 :]))
    for name, value in call.keywords.items():
        for part in _parts(value):
            yield replace(call, keywords={**call.keywords, name: part})


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, File):
        yield from (replace(value, content=content) for content in _fewer(value.content))
    if isinstance(value, TableOf):
        yield from (replace(value, lines=lines) for lines in _parts(value.lines))
        if value.kind != "polars":
            yield replace(value, kind="polars")
    if isinstance(value, LedgerOf):
        yield from (replace(value, lines=lines) for lines in _parts(value.lines))
        if value.kind != "polars":
            yield replace(value, kind="polars")
        for role in value.roles:
            yield replace(value, roles={name: column for name, column in value.roles.items() if name != role})
    if isinstance(value, pl.DataFrame):
        yield from _fewer(value)
        if value.width > 1:
            yield from (value.drop(name) for name in value.columns)


def _fewer(value: Any) -> Iterator[Any]:
    """A frame without some of its rows, or bytes without some of them."""
    step = max(len(value) // 2, 1)
    while len(value) and step:
        for at in range(0, len(value), step):
            first, last = value[:at], value[at + step :]
            yield pl.concat([first, last]) if isinstance(value, pl.DataFrame) else first + last
        step //= 2


def snippet(call: Call) -> str:
    """The call as code to paste."""
    lines = ["import datetime, decimal, math", "import leverkit as lk, polars as pl", "from math import inf, nan"]
    shown = [_code(argument, lines) for argument in call.arguments]
    shown += [f"{name}={_code(value, lines)}" for name, value in call.keywords.items()]
    return "\n".join([*lines, f"lk.{call.name}({', '.join(shown)})"])


def _code(value: Any, lines: list[str]) -> str:
    if isinstance(value, LedgerOf):
        roles = ", ".join(f"{name}={_code(column, lines)}" for name, column in value.roles.items())
        return f"lk.Ledger({_code(TableOf(value.lines, value.kind), lines)}, {roles})"
    if isinstance(value, TableOf):
        lines.extend(["import fuzz"] if value.kind.startswith("fuzz") else [])
        frame = _code(value.lines, lines)
        return frame if value.kind == "polars" else f"{value.kind}({frame})"
    if isinstance(value, File):
        lines.append(f"open({value.name!r}, 'wb').write({value.content!r})")
        return repr(value.name)
    if isinstance(value, pl.DataFrame):
        schema = ", ".join(f"{name!r}: pl.{dtype!r}" for name, dtype in value.schema.items())
        name = f"frame_{len(lines)}"
        lines.append(f"{name} = pl.DataFrame({value.to_dict(as_series=False)!r}, schema={{{schema}}}, strict=False)")
        return name
    return repr(value)


def failures(
    first: int, calls: int, seed: int, told: Callable[[str], None] = lambda text: None, only: str | None = None
) -> list[str]:
    """Snippets of the calls that break, each made smaller; `only` names a function, or "read"."""
    found: dict[str, str] = {}
    for number in range(first, first + calls):
        call = drawn(number, seed, only)
        try:
            said = checked(call)
            told(f"{number} {call.name}: {said}")
        except Broken as broken:
            why = str(broken)
            kind = f"{call.name}: {why[:60]}"
            if kind not in found:
                found[kind] = f"# {number} of seed {seed}: {call.name}\n# {why}\n{snippet(_made_small(call, why))}"
                print(found[kind], flush=True)
    return list(found.values())


def _made_small(call: Call, why: str) -> Call:
    until = time.monotonic() + (30 if "TimeoutError" not in why else 0)

    def breaks(candidate: Call) -> bool:
        if time.monotonic() > until:
            return False
        try:
            checked(candidate)
        except Broken as broken:
            return str(broken)[:25] == why[:25]
        return False

    return reduced(call, breaks)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="a function by its name, such as rfm.score, or read")
    parser.add_argument("--tell", action="store_true", help="print what came of every call")
    asked = parser.parse_args()
    found = failures(asked.first, asked.calls, asked.seed, print if asked.tell else lambda text: None, asked.only)
    print(f"{asked.calls} calls of {len(face.calls())} functions: {len(found)} kinds of failures", file=sys.stderr)
    return len(found) > 0


if __name__ == "__main__":
    sys.exit(main())
