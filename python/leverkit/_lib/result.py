"""What every result has: tables as attributes in the user's type of frame, parameters, notes, a plot and a view in Jupyter.

A result declares what it holds, and the base class does the rest::

    class LimitDays(Result):
        customers: Frame  # a table of the engine's result
        horizon: int  # a value of it

        @drawn_by("retention.limit_day")
        def plot(self, kind: Literal["chance", "returns"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
            \"\"\"A Plotly figure: the "chance" of return (default), or the "returns".\"\"\"
"""

from __future__ import annotations

import copy
import datetime as dt
import inspect
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import partial, wraps
from importlib import import_module
from itertools import starmap
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeAlias, TypeVar, cast

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers, view
from leverkit._lib.frames import ToNative, from_engine
from leverkit._lib.inputs import repr_of
from leverkit._lib.text import current, language, told
from leverkit.errors import LeverkitError, ParameterError

#: A table, in the kind of frame that went in.
Frame: TypeAlias = Any

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from rich.table import Table as RichTable
    from typing_extensions import Self

    #: A Plotly figure, which is imported with the first one.
    Figure: TypeAlias = go.Figure
else:
    Figure = Any

P = ParamSpec("P")
R = TypeVar("R")
_Plot = TypeVar("_Plot", bound=Callable[..., Any])


def table_of(engine: Any, name: str) -> pl.DataFrame:
    """A table by its name: of the engine's result, or of tables that were made here."""
    return engine[name] if isinstance(engine, Mapping) else from_engine(engine.table(name))


def picture_of(place: str) -> Callable[..., Any]:
    """A function of `leverkit.plots`, such as "house.svg": pictures know results by name, and results their pictures."""
    module, _, name = place.partition(".")
    return cast(Callable[..., Any], getattr(import_module(f"leverkit.plots.{module}"), name))


def figure_of(place: str) -> Callable[..., Any]:
    """As `picture_of`, for a Plotly figure: markup in its texts is shown as text."""
    draw = picture_of(place)

    @wraps(draw)
    def drawn(*arguments: Any) -> Any:
        from leverkit.plots.markup import as_text

        return as_text(draw(*arguments))

    return drawn


def dressed(figure: Figure, title: str | None, template: Any) -> Figure:
    """The figure with a title of the user's own, and a template of Plotly's laid over leverkit's look: its name, names joined by "+", or itself."""
    if title is not None:
        if not isinstance(title, str):
            raise TypeError(f"title: got {type(title).__name__}; expected text")
        figure.update_layout(title_text=title)
    if template is not None:
        from plotly.io import templates

        try:
            figure.update_layout(template=templates.merge_templates(figure.layout.template, template))
        except Exception:  # Plotly writes what it refuses, if it can
            known = ", ".join(templates)
            raise ParameterError(
                f"template: got {repr_of(template)}; expected a template of Plotly's, or the name of one: {known}",
                parameter="template",
            ) from None
    return figure


def priced(figure: Figure) -> Figure:
    """The figure whose axes say the currency instead of "money", where it is known."""
    unit, word = numbers.unit(), current().format.get("unit", "money")
    for axis in [*figure.select_xaxes(), *figure.select_yaxes()] if unit else []:
        if axis.title.text:
            axis.title.text = re.sub(rf", {word}\b", f", {unit}", axis.title.text)
    return figure


def drawn_by(place: str) -> Callable[[_Plot], _Plot]:
    """Lets a result's `plot` draw with a function of `leverkit.plots`, such as "retention.limit_day"; the first kind of its signature is the default."""

    def declare(plot: _Plot) -> _Plot:
        @wraps(plot)
        def draw(self: Result, kind: str | None = None, *, title: str | None = None, template: Any = None) -> Any:
            with numbers.currency(self._currency):
                return dressed(priced(figure_of(place)(self, kind)), title, template)

        kinds = re.findall(r"['\"](\w+)['\"]", plot.__annotations__["kind"])
        setattr(draw, "kinds", tuple(kinds))  # noqa: B010 a function has no such attribute for mypy
        return cast(_Plot, draw)

    return declare


def in_its_currency(say: Callable[P, R]) -> Callable[P, R]:
    """Lets what a method of a result says of money have the currency of the data."""

    @wraps(say)
    def said(*arguments: P.args, **options: P.kwargs) -> R:
        with numbers.currency(arguments[0]._currency):  # type: ignore[attr-defined]
            return say(*arguments, **options)

    return said


class Tables(Mapping[str, pl.DataFrame]):
    """The tables of a result as polars frames, each made when it is first asked for."""

    def __init__(self, names: Iterable[str], make: Callable[[str], pl.DataFrame]) -> None:
        self._names = tuple(names)
        self._make = make
        self._made: dict[str, pl.DataFrame] = {}

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __reduce__(self) -> tuple[Any, ...]:
        """All tables, made: what makes them stays in its process."""
        made = dict(self)
        return Tables, (tuple(made), made.__getitem__)


class Result:
    """Base class of all results. A result is frozen; its tables are attributes, frames of the type that was passed in.

    Results can be pickled and copied. After pickling, a method that needs the engine's own result, such as a drill, asks you to compute it again.

    Attributes
    ----------
    params : dict
        The parameters of the computation.
    notes : list of str
        What was left out and what to know before using the numbers.
    """

    params: dict[str, Any]
    notes: list[str]

    _tables: Tables
    _to_native: ToNative
    #: The engine's result, or the tables that were made of it.
    _engine: Any
    _declared: ClassVar[dict[str, str]] = {}
    #: The columns of the preview that matter, where these are not its first; and its shares that have a bar.
    _first: ClassVar[tuple[str, ...]] = ()
    _bars: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls._declared = {**cls._declared, **inspect.get_annotations(cls)}

    def __init__(
        self,
        engine: Any,
        to_native: ToNative,
        params: dict[str, Any],
        notes: list[str] | None = None,
        *,
        without: Iterable[str] = (),
        **values: Any,
    ) -> None:
        """Takes what the class declares from the engine's result by its name, but for the `values` given; `without` names tables that there are none of."""
        names = [name for name in self._names(of_tables=True) if name not in without]
        wanted = [name for name in self._names(of_tables=False) if name not in values]
        self.__dict__.update(
            values,
            **{name: getattr(engine, name) for name in wanted},
            _engine=engine,
            _tables=Tables(names, partial(self._make_told, engine, getattr(to_native, "currency", None))),
            _to_native=to_native,
            params=params,
        )
        said = _said(engine) if notes is None else notes
        self.__dict__["notes"] = [*getattr(to_native, "notes", ()), *said, *self._remarks()]

    @classmethod
    def _names(cls, *, of_tables: bool) -> list[str]:
        """The public names that the class declares: tables, or values."""
        return [
            name
            for name, kind in cls._declared.items()
            if not name.startswith("_") and kind.startswith("Frame") == of_tables
        ]

    @classmethod
    def _make(cls, engine: Any, name: str) -> pl.DataFrame:
        """A table, when it is first asked for."""
        return table_of(engine, name)

    @classmethod
    def _make_told(cls, engine: Any, currency: str | None, name: str) -> pl.DataFrame:
        """A table, whose sentences write money in the currency of the data."""
        with numbers.currency(currency):
            return cls._make(engine, name)

    def _remarks(self) -> Iterable[str]:
        """Notes that follow from the tables."""
        return ()

    def _also(self, notes: list[str]) -> Self:
        """The result with what was to be said of the reading of its data."""
        self.__dict__["notes"] = [*notes, *self.notes]
        return self

    if not TYPE_CHECKING:  # a checker sees what is declared, and finds a slip

        def __getattr__(self, name: str) -> Any:
            return self._get(name)

    def _get(self, name: str) -> Any:
        """A table, in the kind of frame that went in; or an error that says what there is."""
        tables = self.__dict__.get("_tables", {})
        if name in tables:
            return self.__dict__["_to_native"](tables[name])
        if self._declared.get(name) == "Frame | None":
            return None
        if tables and (name == "_engine" or (name.startswith("_") and name in self._declared)):
            raise LeverkitError(
                f"{type(self).__name__} came out of another process with its tables alone: compute it again for more"
            )
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}; its tables are {', '.join(tables)}")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: make a new one instead of setting {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._tables]

    def __getstate__(self) -> dict[str, Any]:
        """All but what holds the engine, which stays in its process."""
        return {name: value for name, value in self.__dict__.items() if name in _KEPT or not name.startswith("_")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __copy__(self) -> Any:
        return self._with(self.__dict__)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Copies values, parameters and notes; tables and the engine's result do not change and are shared."""
        own = {name: value for name, value in self.__dict__.items() if not name.startswith("_")}
        return self._with({**self.__dict__, **copy.deepcopy(own, memo)})

    def _with(self, state: Mapping[str, Any]) -> Any:
        made = object.__new__(type(self))
        made.__dict__.update(state)
        return made

    def to_dict(self) -> dict[str, Any]:
        """Tables as lists of rows, with parameters and notes, ready for JSON: dates are ISO text, and numbers that are not finite are None."""
        return cast(dict[str, Any], plain({**self._tables, "params": self.params, "notes": self.notes}))

    def hide_small(
        self,
        table: str | None = None,
        *,
        least: int = 10,
        count: str = "customers",
        within: str | Iterable[str] = (),
        keep: str | Iterable[str] = (),
    ) -> Frame:
        """A table of groups to pass on, without what it tells of few people: all but the names of groups with fewer than `least` is null.

        One hidden group could be had by subtraction from the total. So where one alone is hidden, or all hidden ones together have fewer than `least`, the next
        smallest is hidden as well.

        Parameters
        ----------
        table : str, optional
            Its name, by default the one that is shown, or else the first that has the column `count`.
        least : int
            k of k-anonymity: groups of 1 to `least` − 1 people are hidden.
        count : str
            The column that counts the people of a group.
        within : str or list of str
            Columns within whose values groups add up to a total that others may know, such as the date of flows between segments.
        keep : str or list of str
            Columns that stay beside text, such as the number of a group.

        Returns
        -------
        frame
            The table, in the type of frame that was passed in.

        Raises
        ------
        ParameterError
            `least` is below 2, or there is no table with such a column.
        SchemaError
            A column is not in the table, or `count` holds no numbers.

        Examples
        --------
        >>> import leverkit as lk
        >>> scores = lk.rfm.score(lk.datasets.company(months=6).ledger())
        >>> scores.hide_small("segments", least=50)["customers"].null_count()
        4
        """
        tables = [self._preview(), *self._tables.values()] if table is None else [self._tables.get(table)]
        rows = next((rows for rows in tables if rows is not None and count in rows.columns), None)
        if rows is None:
            known = ", ".join(self._tables)
            raise ParameterError(
                f"table: got {repr_of(table)}; expected one with the column {repr_of(count)}, of {known}",
                parameter="table",
            )
        listed = {"within": within, "keep": keep}
        chosen = {name: [given] if isinstance(given, str) else list(given) for name, given in listed.items()}
        found, _ = _engine.hide_small(rows, rows.columns, count=count, least=least, **chosen)
        return self._to_native(from_engine(found))

    def plot(self, *args: Any, **named: Any) -> Figure:
        """A Plotly figure of the result."""
        raise NotImplementedError

    @property
    def _currency(self) -> str | None:
        """The currency of the data's money, if it is known."""
        return getattr(self._to_native, "currency", None)

    def _headline(self) -> str:
        """What `_repr_html_` says above the table."""
        return type(self).__name__

    def _preview(self) -> pl.DataFrame:
        """The table that `_repr_html_` shows."""
        return next(iter(self._tables.values()))

    def _view(self) -> str:
        """What `_repr_html_` shows below headline and notes."""
        return view.table(self._preview(), self._first, self._bars)

    def show(self) -> None:
        """Shows headline, notes and table: in a notebook, or on a terminal (with colours where rich is installed)."""
        if view.is_notebook():
            from IPython.display import display

            display(self)  # type: ignore[no-untyped-call]
            return
        try:
            from rich.console import Console
        except ImportError:
            print(self, *self.notes, sep="\n")
            return
        console = Console()
        console.print(self)
        for note in self.notes:
            console.print(f"• {told(note)}", markup=False, highlight=False)

    @in_its_currency
    def __repr__(self) -> str:
        return f"{self._headline()}\n{self._preview()}"

    @in_its_currency
    def __rich__(self) -> RichTable:
        return view.printed(self._headline(), self._preview(), self._first)

    @in_its_currency
    def _repr_html_(self) -> str:
        return view.page(self._headline(), self.notes, self._view())


#: What a pickled result keeps besides its public values.
_KEPT = ("_tables", "_to_native")


def plain(value: Any) -> Any:
    """A value as JSON has it; a key of several names becomes one."""
    if isinstance(value, pl.DataFrame):
        return plain(value.to_dicts())
    if isinstance(value, Mapping):
        return {
            ", ".join(map(str, key)) if isinstance(key, tuple) else str(key): plain(item) for key, item in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (float, Decimal)):
        return float(value) if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def _said(engine: Any) -> list[str]:
    """What the engine left out, and what it says besides; notes of results are English in every language."""
    with language("en"):
        return [*starmap(_told, getattr(engine, "left_out", [])), *getattr(engine, "notes", [])]


def _told(reason: str, rows: int, first_row: int, money: float | None) -> str:
    worth = "" if money is None else f", {numbers.money(money)} of money"
    return f"{numbers.counted(rows, 'row')}{worth}: {reason} (row {first_row} is the first)."
