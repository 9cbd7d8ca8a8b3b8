"""The options that several commands share, as groups. What they mean is left to the ledger and the scores.

Typer reads options from a command's signature. `with_groups` lets a command take a whole group as one parameter.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from leverkit._lib.text import languages
from leverkit.cli import files
from leverkit.cli.config import UsageError
from leverkit.cli.run import one_message

_SOURCE, _READING, _ROLES, _LINES, _SCORES, _LIMIT, _FUNNEL, _PROFIT, _PAGE = (
    "Database",
    "Reading files",
    "Columns",
    "Lines",
    "Scores",
    "Limit day",
    "Product funnel",
    "Profit formula",
    "Page",
)

Events = Annotated[Path, typer.Argument(help="Events: CSV, Excel, Parquet …", metavar="EVENTS", show_default=False)]
Answers = Annotated[Path, typer.Argument(help="Answers: CSV, Excel, Parquet …", metavar="DATA", show_default=False)]


def _option(name: str, help: str, panel: str, metavar: str = "COLUMN") -> Any:
    return typer.Option(name, help=help, rich_help_panel=panel, metavar=metavar, show_default=False)


def column(name: str, help: str, metavar: str = "COLUMN") -> Any:
    """An option that names a column."""
    return _option(name, help, _ROLES, metavar)


def setting(name: str, help: str, metavar: str) -> Any:
    """An option that says how, with its default told in its help."""
    return typer.Option(name, help=help, metavar=metavar, show_default=False)


# What surveys have in common: who answered, and how much the answer counts.
Respondent = Annotated[str, column("--respondent", "Who answered.")]
MaybeRespondent = Annotated[str | None, column("--respondent", "Who answered.")]
Weight = Annotated[str | None, column("--weight", "Weight of the respondent.")]
Strata = Annotated[str | None, column("--strata", "The stratum in which the respondent was drawn.")]


@dataclasses.dataclass
class LedgerOptions:
    """Where the lines come from if not from a file, which column is what, and how lines are treated."""

    db: Annotated[
        str | None,
        _option(
            "--db", "Instead of DATA: a DuckDB or SQLite file, or postgresql://user@host/name.", _SOURCE, "DATABASE"
        ),
    ] = None
    query: Annotated[
        str | None, _option("--query", "SQL that gives the lines, or @ and the file that holds it.", _SOURCE, "SQL")
    ] = None
    customer: Annotated[str | None, _option("--customer", "Who bought.", _ROLES)] = None
    time: Annotated[str | None, _option("--time", "When: dates, datetimes or ISO texts.", _ROLES)] = None
    amount: Annotated[str | None, _option("--amount", "Money paid for the line.", _ROLES)] = None
    order: Annotated[str | None, _option("--order", "Order id; without it a customer's day is an order.", _ROLES)] = (
        None
    )
    product: Annotated[str | None, _option("--product", "What was bought.", _ROLES)] = None
    price: Annotated[str | None, _option("--price", "Money a unit: with quantity instead of the amount.", _ROLES)] = (
        None
    )
    quantity: Annotated[str | None, _option("--quantity", "Units of the line.", _ROLES)] = None
    list_price: Annotated[str | None, _option("--list-price", "Money a unit before discounts.", _ROLES)] = None
    unit_cost: Annotated[str | None, _option("--unit-cost", "Cost of a unit.", _ROLES)] = None
    discount: Annotated[
        list[str] | None, _option("--discount", "A discount's money; repeatable.", _ROLES, "NAME=COLUMN")
    ] = None
    dimension: Annotated[list[str] | None, _option("--dimension", "A column to group by; repeatable.", _ROLES)] = None
    returns: Annotated[
        str | None, _option("--returns", "Negative lines: net (default), drop or keep.", _LINES, "HOW")
    ] = None
    on_invalid: Annotated[
        str | None, _option("--on-invalid", "Unusable lines: reject (default) or raise.", _LINES, "HOW")
    ] = None
    time_zone: Annotated[str | None, _option("--time-zone", "The zone in which days begin.", _LINES, "ZONE")] = None
    clean: Annotated[
        list[str] | None,
        _option(
            "--clean",
            "What to fix, as the notes advise: customer=trim+casefold+number, missing=guest+0, duplicates=drop; repeatable.",
            _LINES,
            "WHAT=HOW",
        ),
    ] = None
    max_unreadable: Annotated[
        float | None,
        _option("--max-unreadable", "Share of lines whose time may be unreadable; by default 0.05.", _LINES, "SHARE"),
    ] = None
    currency: Annotated[
        str | None,
        _option("--currency", "The currency of all money, such as EUR: it is written everywhere.", _LINES, "CODE"),
    ] = None
    as_of: Annotated[
        str | None,
        _option("--as-of", "The day to look back from; by default that after the last line.", _LINES, "DATE"),
    ] = None
    config: Annotated[
        Path | None,
        _option(
            "--config",
            "Settings as TOML: sections source, roles, read, ledger, rfm, limit_day, funnel, stages, quantities, profit, levers, programme, survey and report.",
            _LINES,
            "FILE",
        ),
    ] = None
    save_config: Annotated[
        Path | None,
        _option(
            "--save-config",
            "Save the roles, guessed or set, and how the file was read here, for --config of the next run.",
            _LINES,
            "FILE",
        ),
    ] = None

    def by_section(self) -> dict[str, dict[str, Any]]:
        """The options under the names and sections of the configuration file."""
        values = dataclasses.asdict(self)
        source = {key: values.pop(key) for key in ("db", "query")}
        save = values.pop("save_config")
        plain = ("returns", "on_invalid", "time_zone", "as_of", "max_unreadable", "currency")
        ledger = {key: values.pop(key) for key in plain}
        ledger["clean"] = dict(_steps(text) for text in values.pop("clean") or [])
        discounts = dict(_pair(text, "--discount NAME=COLUMN") for text in values.pop("discount") or [])
        roles = values | {"discounts": discounts, "dimensions": values.pop("dimension")}
        return {
            "roles": {key: value for key, value in roles.items() if key not in ("config", "dimension")},
            "ledger": ledger,
            "source": source,
            "save": {"file": save},
        }


@dataclasses.dataclass
class ReadOptions:
    """How files are read, where that is not to be found from them."""

    shape: Annotated[
        str | None,
        _option(
            "--shape",
            "The known export: shopify, stripe, 1c …, a TOML file, a folder of them, or none; by default recognised by the headers.",
            _READING,
            "NAME",
        ),
    ] = None
    sheet: Annotated[str | None, _option("--sheet", "The sheet of a workbook.", _READING, "NAME")] = None
    separator: Annotated[str | None, _option("--separator", "What stands between columns.", _READING, "MARK")] = None
    encoding: Annotated[str | None, _option("--encoding", "utf-8, utf-16, cp1251, latin-1 …", _READING, "NAME")] = None
    decimal: Annotated[str | None, _option("--decimal", "The decimal mark of numbers.", _READING, "MARK")] = None
    thousands: Annotated[str | None, _option("--thousands", "The mark between thousands.", _READING, "MARK")] = None
    dates: Annotated[
        list[str] | None,
        _option(
            "--dates",
            "The format of dates, such as %d.%m.%Y; COLUMN=FORMAT for one column, repeatable.",
            _READING,
            "FORMAT",
        ),
    ] = None
    null: Annotated[list[str] | None, _option("--null", "A text that means missing; repeatable.", _READING, "TEXT")] = (
        None
    )

    def by_section(self) -> dict[str, dict[str, Any]]:
        """The options under the names and sections of the configuration file."""
        return {"read": dataclasses.asdict(self) | {"dates": _formats(self.dates or [])}}

    def given(self) -> dict[str, Any]:
        """The options that were given, as keywords of `leverkit.read`."""
        return {name: value for name, value in self.by_section()["read"].items() if value not in (None, [])}


def _formats(given: list[str]) -> str | dict[str, str] | None:
    """One format for all columns, or those of single columns."""
    whole = [text for text in given if "=" not in text]
    if len(whole) > 1 or (whole and len(given) > 1):
        raise UsageError("--dates: give one format for all columns, or COLUMN=FORMAT for each")
    return whole[0] if whole else dict(_pair(text, "--dates COLUMN=FORMAT") for text in given) or None


@dataclasses.dataclass
class OutputOptions:
    """Where a result goes besides the terminal."""

    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Write the table here: .parquet, .csv, .json or .arrow.", metavar="FILE"),
    ] = None
    tables: Annotated[
        Path | None,
        typer.Option(
            "--tables",
            help="Write every table here: a folder (Parquet), a workbook (.xlsx), or files such as tables/{name}.csv.",
            metavar="WHERE",
        ),
    ] = None
    figure: Annotated[
        Path | None, typer.Option("--figure", help="Draw the figure here, as a page of HTML.", metavar="FILE")
    ] = None

    def check(self) -> None:
        """A file of a kind that is not known is refused before anything is read."""
        if self.output:
            files.writer(self.output)
        if self.tables:
            files.tables_writer(self.tables)
        if self.figure:
            files.check_page(self.figure)


@dataclasses.dataclass
class ReportOptions:
    """How the page speaks, and what it compares."""

    title: Annotated[str | None, _option("--title", "The page's title, such as the company's name.", _PAGE, "TEXT")] = (
        None
    )
    lang: Annotated[
        str | None, _option("--lang", f"The page's language: {' or '.join(languages())}.", _PAGE, "NAME")
    ] = None
    against: Annotated[
        str | None,
        _option(
            "--against",
            "What the last months are compared with: previous (default), year-ago, or months such as 2024-01..2024-06.",
            _PAGE,
            "WHAT",
        ),
    ] = None

    def by_section(self) -> dict[str, dict[str, Any]]:
        """The options under the names and sections of the configuration file."""
        return {"report": {"title": self.title, "language": self.lang, "against": self.against}}


@dataclasses.dataclass
class RfmOptions:
    """How customers are scored."""

    bins: Annotated[str | None, _option("--bins", "Scores of each measure, such as 5 or 5,5,3.", _SCORES, "N")] = None
    method: Annotated[
        str | None,
        _option("--method", "quantile (default), nested, thresholds, equal_width, kmeans or rank.", _SCORES, "NAME"),
    ] = None
    monetary: Annotated[str | None, _option("--monetary", "total (default) or average_check.", _SCORES, "NAME")] = None
    thresholds: Annotated[
        list[str] | None,
        _option(
            "--thresholds", "Cut points of a measure, such as recency=30,90,365; repeatable.", _SCORES, "MEASURE=N,N"
        ),
    ] = None
    segments: Annotated[
        str | None, _option("--segments", "Your own map of segments, TOML or JSON.", _SCORES, "FILE")
    ] = None

    def by_section(self) -> dict[str, dict[str, Any]]:
        """The options under the names and sections of the configuration file."""
        thresholds = dict(_pair(text, "--thresholds MEASURE=N,N") for text in self.thresholds or [])
        bins = _numbers(self.bins, int, "--bins") if self.bins else None
        rfm = dataclasses.asdict(self) | {
            "bins": bins[0] if bins and len(bins) == 1 else bins,
            "thresholds": {measure: _numbers(cuts, float, "--thresholds") for measure, cuts in thresholds.items()},
        }
        return {"rfm": rfm}


@dataclasses.dataclass
class LimitOptions:
    """When a silent customer is a cold lead."""

    chance: Annotated[
        float | None,
        _option("--chance", "Chance of return under which a customer is a cold lead; 0.1 by default.", _LIMIT, "SHARE"),
    ] = None
    horizon: Annotated[
        int | None, _option("--horizon", "Days within which a return counts; 365 by default.", _LIMIT, "DAYS")
    ] = None

    def by_section(self) -> dict[str, dict[str, Any]]:
        """The options under the names and sections of the configuration file."""
        return {"limit_day": {"p": self.chance, "horizon": self.horizon}}


@dataclasses.dataclass
class FunnelOptions:
    """At what level the product funnel looks at products."""

    product_level: Annotated[
        str | None, _option("--product-level", "A dimension to take for the product, such as a category.", _FUNNEL)
    ] = None

    def by_section(self) -> dict[str, dict[str, Any]]:
        """The options under the names and sections of the configuration file."""
        return {"funnel": {"product": self.product_level}}


@dataclasses.dataclass
class ProfitOptions:
    """What the profit formula is measured with."""

    leads: Annotated[
        str | None, _option("--leads", "Counts by date: contacts, responses, leads, qualified.", _PROFIT, "FILE")
    ] = None
    spend: Annotated[str | None, _option("--spend", "Marketing money by date: amount, contacts.", _PROFIT, "FILE")] = (
        None
    )
    costs: Annotated[str | None, _option("--costs", "Other money by date: item, amount.", _PROFIT, "FILE")] = None
    period: Annotated[
        str | None, _option("--period", "day, week, month (default), quarter or year.", _PROFIT, "NAME")
    ] = None
    limit_days: Annotated[
        int | None, _option("--limit-day", "Days of silence after which a customer is dormant.", _PROFIT, "DAYS")
    ] = None
    scenario: Annotated[
        str | None, _option("--scenario", "Values of parameters that the data lack, as TOML.", _PROFIT, "FILE")
    ] = None

    def by_section(self) -> dict[str, dict[str, Any]]:
        """The options under the names and sections of the configuration file."""
        values = dataclasses.asdict(self)
        return {"profit": {"limit_day": values.pop("limit_days"), **values}}


def _steps(text: str) -> tuple[str, str | list[str]]:
    """What to mend and how: `duplicates` takes one word, ids and texts that mean missing take several."""
    what, how = _pair(text, "--clean WHAT=HOW")
    return what, how if what == "duplicates" else how.split("+")


def _pair(text: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise UsageError(f'got "{text}"; expected {form}')
    return name, value


def _numbers(text: str, kind: Callable[[str], Any], option: str) -> list[Any]:
    try:
        return [kind(part) for part in text.split(",")]
    except ValueError as error:
        raise UsageError(f'{option}: got "{text}"; expected numbers with commas between them') from error


def with_groups(command: Callable[..., None]) -> Callable[..., None]:
    """Lets a command take groups of options: each dataclass among its parameters becomes its fields on the command line. What goes wrong ends in one message."""
    signature = inspect.signature(command, eval_str=True)
    groups: dict[str, Any] = {
        name: part.annotation
        for name, part in signature.parameters.items()
        if dataclasses.is_dataclass(part.annotation)
    }

    @functools.wraps(command)
    def run(**values: Any) -> None:
        with one_message():
            for name, group in groups.items():
                values[name] = group(**{field.name: values.pop(field.name) for field in dataclasses.fields(group)})
            # What a command sets for its texts, such as the currency, ends with it.
            copy_context().run(command, **values)

    parameters = [flat for part in signature.parameters.values() for flat in _flattened(part)]
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {part.name: part.annotation for part in parameters}
    return run


def _flattened(part: inspect.Parameter) -> list[inspect.Parameter]:
    if not dataclasses.is_dataclass(part.annotation):
        return [part.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
    hints = get_type_hints(part.annotation, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in dataclasses.fields(part.annotation)
    ]
