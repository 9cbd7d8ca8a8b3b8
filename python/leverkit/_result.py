"""What every result has: tables as attributes in the user's kind of frame, parameters, notes, a plot and a look in Jupyter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from leverkit._frames import ToNative, from_engine

if TYPE_CHECKING:
    from typing_extensions import Self


class Tables(Mapping[str, pl.DataFrame]):
    """The tables of a result as polars frames, each made when it is first asked for."""

    #: The engine's result, for analyses that go on from it; None for tables that come from elsewhere.
    engine: Any = None

    def __init__(self, makers: Mapping[str, Callable[[], pl.DataFrame]]) -> None:
        self._makers = makers
        self._made: dict[str, pl.DataFrame] = {}

    @classmethod
    def of(cls, engine: Any, *names: str) -> Tables:
        """The tables that the engine's result has methods for."""

        def maker(name: str) -> Callable[[], pl.DataFrame]:
            return lambda: from_engine(getattr(engine, name)())

        tables = cls({name: maker(name) for name in names})
        tables.engine = engine
        return tables

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class Result:
    """Base of all results. Frozen; tables are attributes, frames of the kind that went in.

    Attributes
    ----------
    params : dict
        What the result was computed with.
    notes : list of str
        What was left out and what to know before using the numbers.
    """

    _tables: Tables
    params: dict[str, Any]
    notes: list[str]

    def __init__(self, tables: Tables, to_native: ToNative, params: dict[str, Any], notes: list[str]) -> None:
        object.__setattr__(self, "_tables", tables)
        object.__setattr__(self, "_to_native", to_native)
        object.__setattr__(self, "params", params)
        object.__setattr__(self, "notes", notes)

    def _also(self, notes: list[str]) -> Self:
        """The result with what was to be said of the reading of its data."""
        object.__setattr__(self, "notes", [*notes, *self.notes])
        return self

    def __getattr__(self, name: str) -> Any:
        tables = self.__dict__.get("_tables", {})
        if name in tables:
            return self.__dict__["_to_native"](tables[name])
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}; its tables are {', '.join(tables)}")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: make a new one instead of setting {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._tables]

    def to_dict(self) -> dict[str, Any]:
        """Tables as lists of rows, with parameters and notes: plain Python values."""
        tables = {name: table.to_dicts() for name, table in self._tables.items()}
        return {**tables, "params": dict(self.params), "notes": list(self.notes)}

    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure of the result."""
        raise NotImplementedError

    def _headline(self) -> str:
        """What `_repr_html_` says above the table."""
        return type(self).__name__

    def _preview(self) -> pl.DataFrame:
        """The table that `_repr_html_` shows."""
        return next(iter(self._tables.values()))

    def __repr__(self) -> str:
        return f"{self._headline()}\n{self._preview()}"

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{note}</li>" for note in self.notes)
        return f"<h4>{self._headline()}</h4>{self._preview()._repr_html_()}<ul>{notes}</ul>"
