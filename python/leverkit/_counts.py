"""Counts as values: an analysis is counted over parts of the customers, anywhere, and concluded from the merged counts.

The bytes are the engine's; this module knows which columns each analysis reads, and passes parameters on.
"""

from __future__ import annotations

import datetime as dt
import difflib
import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from leverkit import _engine
from leverkit._lib.frames import Roles, from_engine, kind_called, kind_of, name_of_kind, names_of, only, through
from leverkit._lib.inputs import one_of, repr_of
from leverkit.errors import DataError, ParameterError, SchemaError
from leverkit.ledger import ROLES, Ledger, concluded_of, iso, part_of

__all__ = ["conclude", "counts", "merge"]


@dataclass(frozen=True)
class Beside:
    """A table that an analysis takes beside what is counted: it travels with the counts, with the columns that are read.

    Attributes
    ----------
    text, found, number, time
        Columns by what they are needed for, as in `Roles`: by the parameters that name them, or by their own names.
    others
        Whether all other columns are read, too, as what they are.
    """

    text: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    number: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    others: bool = False

    def columns(self, table: Any, params: Mapping[str, Any]) -> tuple[list[str], Roles]:
        """The columns of a table that are read, and as what."""

        def named(names: tuple[str, ...]) -> list[str]:
            return [text for name in names for text in texts_of(params.get(name) if name in params else name)]

        text, found, number, time = map(named, (self.text, self.found, self.number, self.time))
        known = [*text, *found, *number, *time]
        there = names_of(_source_of(table) or table)
        more = [name for name in there if name not in known] if self.others else []
        columns = [name for name in dict.fromkeys([*known, *more]) if name in there]
        return columns, Roles(found=[*found, *more], number=number, time=time)


@dataclass(frozen=True)
class Analysis:
    """An analysis that can be counted in parts.

    Attributes
    ----------
    place, function
        The module and its function.
    reads
        The columns of a ledger that it reads, beside customer, time and amount; others, such as dimensions, are read where a parameter names them.
    asked
        Columns that it reads where a parameter has this value.
    everything
        Whether it reads all columns there are.
    lines_alone
        Whether it does not matter to it which lines are of one order.
    orders_alone
        Whether it reads no more of customers than the days of their orders, where it looks at no groups.
    adds_up
        Whether it reads no more of a customer's lines in one of its periods than their money, their costs and the days of orders, unless others than customers are its units.
    of_rows
        Whether it reads other frames than order lines, by entity.
    entity
        The parameter that names the column of their entities.
    of_rows_alone
        Whether each row is an entity of its own where that is None.
    beside
        The tables that it takes beside the data, by the parameters' names.
    of_frames, of_ledgers
        Whether it takes a frame of order lines, and a ledger.
    has_own
        Whether it has counts of its own, which are small, and not the lines that it reads.
    """

    place: str
    function: str
    reads: tuple[str, ...] = ()
    asked: tuple[tuple[str, str], ...] = ()
    everything: bool = False
    of_rows: bool = False
    of_frames: bool = True
    of_ledgers: bool = True
    has_own: bool = False
    entity: str = "entity"
    of_rows_alone: bool = False
    beside: Mapping[str, Beside] = field(default_factory=dict)
    lines_alone: bool = False
    orders_alone: bool = False
    adds_up: bool = False

    @property
    def run(self) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(import_module(self.place), self.function)
        return found

    @property
    def parameters(self) -> list[str]:
        """The names of its own parameters."""
        return list(self.defaults)

    @property
    def defaults(self) -> dict[str, Any]:
        """Its own parameters with their defaults; `inspect.Parameter.empty` where there is none."""
        parameters = list(inspect.signature(self.run).parameters.values())[1:]
        return {each.name: each.default for each in parameters if each.kind is not each.VAR_KEYWORD}

    def reading(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """What the engine is told of the columns that are read."""
        texts = set(texts_of(params))
        read = {*self.reads, *(column for value, column in self.asked if value in texts)}
        dimensions = None if self.everything else sorted(texts)
        columns = {name: self.everything or name in read for name in COLUMNS}
        alone = self.orders_alone and params.get("by") is None
        less = {"lines_alone": self.lines_alone, "orders_alone": alone, "added_up": self._added_up(params)}
        return {**columns, "dimensions": dimensions, **less}

    def _added_up(self, params: Mapping[str, Any]) -> str | None:
        """The periods in which the lines of a customer become one: days, where periods begin on the day that somebody joined."""
        asked = {**self.defaults, **params}
        if not self.adds_up or asked["unit"] != "customer":
            return None
        period = "day" if asked["days"] is not None else asked["period"]
        return period if period in PERIODS else None


#: The calendar's periods.
PERIODS = ("day", "week", "month", "quarter", "year")
#: Columns of a ledger that do not travel where nobody reads them.
COLUMNS = ("clock", "order", "product", "quantity", "list_price", "unit_cost", "discounts")
_PRICES = ("quantity", "list_price", "discounts")
_MONEY = ("quantity", "list_price", "unit_cost", "discounts")
_ENTRY = (("entry_product", "product"),)
_BOOKS = {
    "leads": Beside(time=("date",), others=True),
    "spend": Beside(text=("by",), number=("amount", "contacts"), time=("date",)),
    "costs": Beside(text=("item", "by"), number=("amount",), time=("date",)),
}
_MEMBERS = Beside(text=("customer", "by"), time=("joined", "left"))
_REWARDS = Beside(text=("customer",), number=("redeemed",), time=("date",))
_KNOWN = Beside(text=("customer",), time=("date",), others=True)
_SEGMENTS = Beside(text=("strata",), found=("customer", "segment"), number=("weight",))
_ANSWERS = Beside(found=("customer", "needs"), time=("asked",))
_DRAWN = Beside(text=("customer", "arm"), found=("received", "segments"), number=("score",))

ANALYSES = {
    "rfm.score": Analysis("leverkit.rfm", "score", ("product",), lines_alone=True),
    "rfm.limit_day": Analysis("leverkit.rfm", "limit_day", asked=_ENTRY, orders_alone=True),
    "rfm.norms": Analysis("leverkit.rfm", "norms", lines_alone=True),
    "rfm.triggers": Analysis("leverkit.rfm", "triggers", lines_alone=True),
    "rfm.migration": Analysis("leverkit.rfm", "migration", lines_alone=True),
    "rfm.cohorts": Analysis("leverkit.rfm", "cohorts", has_own=True),
    "rfm.tenure": Analysis("leverkit.rfm", "tenure", lines_alone=True),
    "rfm.clusters": Analysis("leverkit.rfm", "clusters", ("product",), lines_alone=True),
    "clv.summary": Analysis("leverkit.clv", "summary", lines_alone=True),
    "clv.contest": Analysis("leverkit.clv", "contest", lines_alone=True),
    "funnel.ladder": Analysis("leverkit.funnel", "ladder", ("quantity", "unit_cost"), asked=_ENTRY, has_own=True),
    "funnel.entry_products": Analysis("leverkit.funnel", "entry_products", ("product", "quantity", "unit_cost")),
    "funnel.next_products": Analysis("leverkit.funnel", "next_products", ("product", "quantity")),
    "funnel.roles": Analysis("leverkit.funnel", "roles", ("product", "quantity")),
    "funnel.basket_rules": Analysis("leverkit.funnel", "basket_rules", ("product", "quantity", "unit_cost")),
    "funnel.sequences": Analysis("leverkit.funnel", "sequences", ("product", "quantity")),
    "funnel.stages": Analysis("leverkit.funnel", "stages", ("clock", "quantity"), of_rows=True),
    "funnel.journey": Analysis("leverkit.funnel", "journey", of_rows=True, of_ledgers=False),
    "funnel.attribution": Analysis("leverkit.funnel", "attribution", of_rows=True, of_ledgers=False),
    "funnel.quantities": Analysis("leverkit.funnel", "quantities", of_rows=True, of_ledgers=False),
    "pricing.waterfall": Analysis("leverkit.pricing", "waterfall", _MONEY, of_frames=False),
    "pricing.price_band": Analysis("leverkit.pricing", "price_band", _PRICES, of_frames=False),
    "pricing.leakage": Analysis("leverkit.pricing", "leakage", ("product", *_PRICES), of_frames=False),
    "pricing.deal_score": Analysis("leverkit.pricing", "deal_score", _PRICES, of_frames=False),
    "pricing.price_volume_mix": Analysis(
        "leverkit.pricing", "price_volume_mix", ("clock", "product", "quantity"), of_frames=False
    ),
    "profit.measure": Analysis("leverkit.profit", "measure", _MONEY, beside=_BOOKS),
    "effect.design": Analysis("leverkit.effect", "design", ("quantity", "unit_cost"), lines_alone=True),
    "effect.programme": Analysis(
        "leverkit.effect",
        "programme",
        ("quantity", "unit_cost"),
        of_frames=False,
        adds_up=True,
        beside={"members": _MEMBERS, "rewards": _REWARDS, "covariates": _KNOWN},
    ),
    "effect.holdout": Analysis(
        "leverkit.effect",
        "holdout",
        ("quantity", "unit_cost"),
        of_frames=False,
        lines_alone=True,
        beside={"members": _DRAWN},
    ),
    "effect.did": Analysis("leverkit.effect", "did", of_rows=True, of_ledgers=False, entity="unit", of_rows_alone=True),
    "effect.liability": Analysis("leverkit.effect", "liability", of_rows=True, of_ledgers=False, entity="customer"),
    "survey.needs_from_baskets": Analysis("leverkit.survey", "needs_from_baskets", ("clock", "product")),
    "survey.worth": Analysis(
        "leverkit.survey",
        "worth",
        ("quantity", "unit_cost"),
        of_frames=False,
        lines_alone=True,
        beside={"answers": _SEGMENTS},
    ),
    "survey.met_needs": Analysis(
        "leverkit.survey", "met_needs", of_frames=False, lines_alone=True, beside={"answers": _ANSWERS}
    ),
    "plan": Analysis("leverkit._plan", "plan", everything=True),
}


def counts(analysis: str, data: Any, **params: Any) -> bytes:
    """What an analysis counts over a part of the customers, as bytes: send them anywhere, `merge` them with those of the other parts, and `conclude`.

    Any partition of the customers gives the same result as all of them at once, to the last bit: customers may be split in any way, as long as each
    is whole in one part. Cohorts and the ladder have counts of their own, which are small. Else the columns of order lines that the analysis reads
    travel, coded and sorted; of other frames the columns that its parameters name.

    Parameters
    ----------
    analysis : str
        The name of its function: "limit_day", or with its module: "rfm.limit_day".
    data
        A `Ledger`; or a frame of order lines with their roles as keywords, of which there may be none left in a part; or, for analyses of events
        and plans, a frame with whole entities.
    **params
        The parameters of the analysis: numbers, texts, dates, and lists and dicts of them; and the tables that it takes beside the data, such as the members of a programme, which
        are the same for all parts.

    Returns
    -------
    bytes
        The counts, with a version and a check sum.

    Raises
    ------
    ParameterError
        There is no such analysis, or a parameter is none that bytes can hold.
    SchemaError
        A column is missing, or a role.

    Examples
    --------
    >>> import leverkit as lk
    >>> ledger = lk.datasets.company(months=9).ledger()
    >>> parts = [lk.counts("limit_day", part, p=0.2) for part in ledger.partition(3)]
    >>> found = lk.conclude(lk.merge(parts))
    >>> found.limits.equals(lk.rfm.limit_day(ledger, p=0.2).limits)
    True
    """
    name = full_name(analysis)
    asked = ANALYSES[name]
    roles = _roles(asked, data, params)
    given = {parameter: value for parameter, value in params.items() if parameter not in roles}
    tables = tables_of(asked, given)
    given = {parameter: value for parameter, value in given.items() if parameter not in tables}
    question = _question(name, given, data, roles)
    if asked.of_rows and not isinstance(data, Ledger):
        return _rows(asked, data, given, question)
    reads = asked.reading(given)
    if isinstance(data, Ledger):
        if not asked.of_ledgers:
            raise SchemaError(f"{name} is counted of a frame, by entity; got a Ledger")
        return _engine.count_lines(data._inner, reads, question, _beside(asked, tables, given))
    if not asked.of_frames:
        raise SchemaError(f"{name} is counted of a Ledger: make one of the frame, with its roles")
    engine = part_of(data, roles, days_only=not asked.everything)
    return _engine.count_lines(engine, reads, question, _beside(asked, tables, given))


def merge(parts: Iterable[bytes]) -> bytes:
    """Merges the counts of an analysis over parts of the customers: in any order, all at once or step by step.

    Raises
    ------
    DataError
        There are none; they are damaged, of a newer leverkit, of other analyses or parameters; or a customer is in two parts.

    Examples
    --------
    >>> import leverkit as lk
    >>> first = {"client": ["ann", "ann"], "date": ["2024-01-05", "2024-02-01"], "paid": [20.0, 30.0]}
    >>> second = {"client": ["bob"], "date": ["2024-01-06"], "paid": [15.0]}
    >>> counts = [lk.counts("cohorts", part, customer="client", time="date", amount="paid") for part in (second, first)]
    >>> lk.conclude(lk.merge(counts)).table["customers"].to_list()
    [2, 1]
    """
    if isinstance(parts, (bytes, bytearray, memoryview)):
        raise TypeError("merge: got the counts of one part; give those of all parts as a list")
    return _engine.merge_counts([_as_bytes(part) for part in parts])


def conclude(counts: bytes) -> Any:
    """The result of the analysis, as its function returns it: of one part, or of the merged counts of all.

    Raises
    ------
    DataError
        The bytes are damaged or no counts; no line is left; what the analysis itself raises.

    Examples
    --------
    >>> import leverkit as lk
    >>> lines = {"client": ["ann", "bob"], "date": ["2024-01-05", "2024-01-06"], "paid": [20.0, 15.0]}
    >>> counts = lk.counts("score", lines, customer="client", time="date", amount="paid", bins=2)
    >>> lk.conclude(counts).customers["monetary"].to_list()
    [20.0, 15.0]
    """
    return concluded(counts)


def concluded(counts: bytes, native: Callable[[Any], Any] | None = None, **more: Any) -> Any:
    """The result, whose frames are of another kind where one is given; `more` are parameters that bytes do not hold."""
    read = _engine.Counts.of_bytes(_as_bytes(counts))
    run, params = _question_of(read)
    params |= {name: from_engine(table) for name, table in read.beside()} | more
    ledger = read.ledger()
    kind = native or kind_called(read.frames)
    if ledger is not None:
        return run(concluded_of(read if read.is_own else ledger, kind, read.currency, tells=read.tells), **params)
    rows = from_engine(read.rows())
    return run(kind(rows) if native is None else rows, **params)


def _question_of(read: _engine.Counts) -> tuple[Callable[..., Any], dict[str, Any]]:
    """The function and its parameters: counts may be of a leverkit that knows others, and a check sum does not tell who wrote it."""
    asked = ANALYSES.get(read.analysis)
    try:
        params = json.loads(read.params)
    except ValueError:
        params = None
    if asked and isinstance(params, dict) and set(params) <= set(asked.parameters):
        return asked.run, params
    raise DataError(
        f"counts: got an analysis or parameters that this leverkit does not know, {repr_of(read.analysis)} with {repr_of(read.params)}; use the same leverkit everywhere"
    )


def full_name(analysis: str) -> str:
    """The name of an analysis with its module."""
    if not isinstance(analysis, str):
        raise TypeError(
            f'counts: expected the name of an analysis first, such as "limit_day", then the data; got {type(analysis).__name__}'
        )
    short = {name.rpartition(".")[2]: name for name in ANALYSES}
    near = difflib.get_close_matches(analysis.rpartition(".")[2], short, 1)
    if analysis not in {*ANALYSES, *short} and near:
        raise ParameterError(f'analysis: got {analysis!r}; did you mean "{short[near[0]]}"?', parameter="analysis")
    return short.get(analysis) or one_of("analysis", analysis, ANALYSES)


def with_names(asked: Analysis, first: tuple[Any, ...], params: dict[str, Any]) -> dict[str, Any]:
    """Parameters by name, of which the first may have been given without."""
    free = [
        each.name
        for each in inspect.signature(asked.run).parameters.values()
        if each.kind is each.POSITIONAL_OR_KEYWORD
    ][1:]
    if len(first) > len(free):
        raise TypeError(f"{asked.function}: got {1 + len(first)} arguments without a name; expected {1 + len(free)}")
    given = dict(zip(free, first, strict=False))
    twice = next((name for name in given if name in params), None)
    if twice is not None:
        raise TypeError(f"{asked.function}: got {twice!r} twice, with and without its name")
    check_names(asked, params)
    return {**given, **params}


def tables_of(asked: Analysis, params: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the parameters that are tables beside the data."""
    return {name: value for name, value in params.items() if name in asked.beside and value is not None}


def _beside(asked: Analysis, tables: Mapping[str, Any], given: Mapping[str, Any]) -> list[tuple[str, list[str], Any]]:
    """Tables with the columns that are read, for the engine."""
    found = []
    for name, table in sorted(tables.items()):
        columns, roles = asked.beside[name].columns(table, {**asked.defaults, **given})
        found.append((name, columns, only(table, columns, roles)))
    return found


def _as_bytes(counts: Any) -> bytes:
    if not isinstance(counts, (bytes, bytearray, memoryview)):
        raise TypeError(f"counts: expected bytes, as leverkit.counts returns them; got {type(counts).__name__}")
    return bytes(counts)


def _roles(asked: Analysis, data: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the keywords that are roles of a frame of order lines; an error for keywords that are nothing."""
    own = asked.parameters
    has_roles = not (isinstance(data, Ledger) or asked.of_rows)
    roles = {name: value for name, value in params.items() if has_roles and name in ROLES and name not in own}
    check_names(asked, {name: value for name, value in params.items() if name not in roles}, ROLES if has_roles else ())
    return roles


def check_names(asked: Analysis, params: Mapping[str, Any], roles: Iterable[str] = ()) -> None:
    """Keywords must be parameters of the analysis; the error for a slip names the nearest parameter, or role."""
    own = asked.parameters
    unknown = next((name for name in params if name not in own), None)
    if unknown is None:
        return
    near = difflib.get_close_matches(unknown, [*own, *roles], 1)
    hint = f"did you mean {near[0]!r}?" if near else f"parameters are {', '.join(own)}."
    raise TypeError(f"unknown argument {unknown!r}; {hint}")


def _question(name: str, given: Mapping[str, Any], data: Any, roles: Mapping[str, Any]) -> dict[str, Any]:
    """What the counts are for, and what whoever concludes has to know."""
    is_ledger = isinstance(data, Ledger)
    return {
        "analysis": name,
        "params": as_json(given),
        "frames": name_of_kind(data._to_native if is_ledger else kind_of(data)),
        "currency": data.currency if is_ledger else roles.get("currency"),
        "tells": not is_ledger,
    }


def as_json(params: Mapping[str, Any]) -> str:
    """Parameters as counts keep them."""
    return json.dumps({each: _plain(each, params[each]) for each in sorted(params)})


def _plain(parameter: str, value: Any) -> Any:
    """A parameter as JSON has it."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dt.date):
        return iso(parameter, value)
    if isinstance(value, Mapping):
        return {str(key): _plain(parameter, item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, range)):
        return [_plain(parameter, item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    if hasattr(value, "item") and not hasattr(value, "__len__"):  # a number of numpy
        return _plain(parameter, value.item())
    raise ParameterError(
        f"{parameter}: got {type(value).__name__}; expected numbers, texts, dates, and lists or dicts of them: counts keep their parameters",
        parameter=parameter,
    )


def texts_of(value: Any) -> Iterator[str]:
    """All texts in parameters."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts_of(key)
            yield from texts_of(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from texts_of(item)


def _rows(asked: Analysis, data: Any, given: Mapping[str, Any], question: Mapping[str, Any]) -> bytes:
    """The rows of a frame with those columns that parameters name."""
    if _source_of(data):
        # A file's columns are read by what they are needed for, which only the analysis knows.
        raise SchemaError(
            f"{asked.function} is counted of a frame; got a file: read it first, as leverkit.read(…).collect() does"
        )
    columns, entity = columns_of_rows(asked, given, names_of(data))
    return through(_engine.count_rows, only(data, columns), columns, entity, question)


def _source_of(data: Any) -> Any:
    """The files behind a path or a frame of `read`; None of other frames."""
    from leverkit.reading import source_of  # with the first table, not with the package

    return source_of(data)


def columns_of_rows(asked: Analysis, given: Mapping[str, Any], names: Iterable[str]) -> tuple[list[str], str | None]:
    """Those of a frame's columns that parameters name, and the column of its entities; None where each row is one."""
    params = {**asked.defaults, **given}
    entity = params[asked.entity]
    if entity is None and asked.of_rows_alone:
        return [name for name in dict.fromkeys(texts_of(params)) if name in names], None
    if not isinstance(entity, str):
        role = asked.entity
        raise SchemaError(f"{role}: no column given; name the column of those whose rows belong together", role=role)
    return list(dict.fromkeys([*(name for name in texts_of(params) if name in names), entity])), entity
