"""What all commands share: how they read the lines, speak, show progress and end. What they do is left to the modules of their topics."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

import leverkit as lk
from leverkit._lib import numbers
from leverkit._lib.progress import shown
from leverkit.cli import database, files, saved
from leverkit.cli.config import Settings, UsageError, fill_roles, option
from leverkit.ledger import is_saved
from leverkit.reading.source import Source

#: What makes a ledger of lines and roles.
Make = Callable[..., lk.Ledger]
#: Rows by whose values roles are guessed.
_SAMPLE = 10_000
#: How a note writes what would mend it, for Python.
_CLEAN = re.compile(r"set clean=(\{.*\})")
#: What moves the cursor, colours or turns the direction of a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_aside = Console(stderr=True, highlight=False)

Data = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Order lines: CSV, Excel, Parquet, JSON lines …, a folder, a saved ledger, or - for standard input; left out with --db.",
        metavar="DATA",
        show_default=False,
        default_factory=lambda: None,
    ),
]


def read_ledger(data: list[Path] | None, chosen: Settings, step: Any, make: Make = lk.Ledger) -> lk.Ledger:
    """The lines of the file, or of the database where no file is given, as a ledger; of a file only the columns with a role are read."""
    if not data:
        return _from_database(chosen, step, make)
    if chosen.source:
        say(f"{data[0]} is read, not the database: leave DATA out to read that")
    if len(data) == 1 and is_saved(data[0]):
        return _opened(data[0], chosen, step)
    source = files.opened(data, chosen.read, say)
    roles = fill_roles(chosen.roles, pl.Schema(source.schema), say, source.sample, source.shape)
    step(f"Reading {source.label}")
    built = _built(source, roles, chosen, make)
    say_of(built)
    _keep(chosen, roles, source)
    return built


def _opened(path: Path, chosen: Settings, step: Any) -> lk.Ledger:
    """A saved ledger: what was settled when it was built stays so."""
    if chosen.save:
        raise UsageError("--save-config keeps how lines are read; a saved ledger holds that itself")
    given = [*chosen.roles, *chosen.ledger.keys() - {"as_of"}]
    if given:
        say(f"{path} is a saved ledger and has its roles: {', '.join(map(option, sorted(given)))} left out")
    step(f"Opening {path}")
    opened = lk.Ledger.open(path, as_of=chosen.ledger.get("as_of"))
    numbers.use(opened.currency)
    say_of(opened)
    return opened


def _from_database(chosen: Settings, step: Any, make: Make) -> lk.Ledger:
    url, query = chosen.source.get("db"), chosen.source.get("query")
    if url is None or query is None:
        missing = "DATA, or --db with --query" if url is None else "--query with --db"
        raise UsageError(f"nothing to read: give {missing}")
    step(f"Reading {database.shown(url)}")
    lines = database.read(url, query)
    roles = fill_roles(chosen.roles, lines.schema, say, lines.head(_SAMPLE))
    built = _built(lines, roles, chosen, make)
    say_of(built)
    _keep(chosen, roles)
    return built


def _built(lines: Any, roles: Mapping[str, Any], chosen: Settings, make: Make) -> lk.Ledger:
    """The ledger; what the command says of money from here on has its currency."""
    built = make(lines, **roles, **chosen.ledger)
    numbers.use(built.currency)
    return built


def say_of(built: lk.Ledger) -> None:
    """What was set aside of the lines, and what is odd in them."""
    if built.set_aside:
        say(built.set_aside)
    for note in built.notes:
        say("note: " + _CLEAN.sub(lambda found: f"give {_as_options(found[1])}", note))


def _as_options(clean: str) -> str:
    """What a note advises to clean, as the command line takes it."""
    steps: dict[str, Any] = json.loads(clean)
    if isinstance(missing := steps.get("missing"), dict):
        steps["missing"] = [text for texts in missing.values() for text in texts]
    pairs = {what: how if isinstance(how, str) else "+".join(how) for what, how in steps.items()}
    return " ".join(f"--clean {shlex.quote(f'{what}={how}')}" for what, how in pairs.items())


def events_of(asked: Mapping[str, Any], source: Source) -> dict[str, Any]:
    """What was asked, with the columns of the file's shape for roles of events that were not set."""
    roles = source.shape.roles if source.shape else {}
    found = {role: roles[role] for role in asked if role in roles and not asked[role]}
    if found and source.shape:
        said = "; ".join(f"{role} = {column}" for role, column in found.items())
        say(f"{said} (shape {source.shape.name}; set {option(next(iter(found)))} and the like to change)")
    return {**asked, **found}


def _keep(chosen: Settings, roles: Mapping[str, Any], source: Source | None = None) -> None:
    """Keeps what was settled where `--save-config` says; roles that the shape has come with the shape."""
    if chosen.save is None:
        return
    shape, settled = (source.shape, source.settled) if source else (None, {})
    own = {role: column for role, column in roles.items() if not (shape and shape.roles.get(role) == column)}
    read = settled | ({"shape": shape.name} if shape else {}) | chosen.read
    saved.write(chosen.save, {"roles": own, "read": read, "ledger": chosen.ledger})
    say(f"kept the roles and how the file was read in {chosen.save}: give --config {chosen.save} next time")


def say(message: str) -> None:
    """Says something on the way, to standard error."""
    _aside.print(as_text(message), soft_wrap=True)


def as_text(message: str) -> Text:
    """A text as it is: names in it neither mark up nor control the terminal."""
    return Text(_CONTROL.sub(lambda sign: repr(sign[0])[1:-1], message))


@contextmanager
def steps(total: int) -> Iterator[Any]:
    """A progress bar on a terminal, nothing in a pipe; calling it begins the next step."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    # The bar shows the steps of the command; those of the engines would write over it.
    with (
        shown(False, ""),
        Progress(*columns, console=_aside, transient=True, disable=not _aside.is_terminal) as progress,
    ):
        task = progress.add_task("", total=total)
        begun = iter(range(total))
        yield lambda what: progress.update(task, description=what, completed=next(begun))


@contextmanager
def one_message() -> Iterator[None]:
    """Turns what can go wrong into one message and an exit code."""
    try:
        yield
    except (UsageError, lk.ParameterError) as error:
        say(f"leverkit: {error}")
        raise typer.Exit(2) from error
    except (lk.LeverkitError, OSError, ImportError) as error:
        say(f"leverkit: {error}")
        raise typer.Exit(1) from error
    except pl.exceptions.PolarsError as error:
        # The lines after the first advise on options of polars that this command does not have.
        say(f"leverkit: {str(error).splitlines()[0]}")
        raise typer.Exit(1) from error
