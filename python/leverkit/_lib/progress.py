"""How far long work has come: what a call's `progress` gets, or a line where somebody watches.

The engine counts the steps of the outermost loop that has them; a waiting call passes them on here, some twenty times a second.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

#: What is done and of how many steps, 0 where that is not known: while rows are read it is their number.
Tell = Callable[[int, int], Any]
#: What the keyword `progress` takes: a function, a bar such as tqdm's, False for silence, None for a line where somebody watches.
Progress = Tell | Any | bool | None

#: Work that takes less time needs no line.
_PATIENCE = 1.0
_now: ContextVar[Tell | None] = ContextVar("leverkit_progress", default=None)


def tell(done: int, expected: int) -> None:
    """Passes on how far the engine has come; the engine calls it."""
    told = _now.get()
    if told is not None:
        told(done, expected)


@contextmanager
def shown(progress: Progress, what: str) -> Iterator[None]:
    """Shows how far the calls of the engine within the block have come. In a block of another one only that one shows."""
    if _now.get() is not None and progress is None:
        yield
        return
    line = _Line(what)
    token = _now.set(line if progress is None or progress is True else _told_to(progress))
    try:
        yield
    finally:
        _now.reset(token)
        line.clear()


def with_progress(what: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Lets a function's keyword `progress` show how far it has come; `what` says so in a line."""

    def declare(run: Callable[P, R]) -> Callable[P, R]:
        @wraps(run)
        def within(*arguments: P.args, **options: P.kwargs) -> R:
            with shown(options.get("progress"), what):
                return run(*arguments, **options)

        return within

    return declare


def _silent(done: int, expected: int) -> None:
    """Nobody wants to know."""


def _told_to(progress: Any) -> Tell:
    if progress is False:
        return _silent
    if hasattr(progress, "update") and hasattr(progress, "n"):
        return _bar(progress)
    if not callable(progress):
        raise TypeError(
            f"progress: expected a function of done and expected, a bar such as tqdm's, or False; got {type(progress).__name__}"
        )
    return progress  # type: ignore[no-any-return]


def _bar(bar: Any) -> Tell:
    def update(done: int, expected: int) -> None:
        bar.total = expected or None
        bar.update(done - bar.n)

    return update


class _Line:
    """A line on standard error that is written over and goes when the work is done; only where a person looks."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._begun = time.monotonic()
        self._is_watched = _is_watched()
        self._width = 0

    def __call__(self, done: int, expected: int) -> None:
        seconds = time.monotonic() - self._begun
        if not self._is_watched or seconds < _PATIENCE:
            return
        part = f"{min(done / expected, 1.0):4.0%}  " if expected else f"{done:,}  " if done else ""
        self._write(f"{self._what}  {part}{seconds:.0f} s")

    def clear(self) -> None:
        if self._width:
            self._write("")
            sys.stderr.write("\r")
            sys.stderr.flush()

    def _write(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = len(text)


def _is_watched() -> bool:
    """Whether standard error is a terminal, or a notebook."""
    return "ipykernel" in sys.modules or bool(getattr(sys.stderr, "isatty", lambda: False)())
