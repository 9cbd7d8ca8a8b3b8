"""Commands on surveys and price indices: `leverkit pricing van-westendorp`, `gabor-granger`, `conjoint` and `index`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

import leverkit as lk
from leverkit.cli import files
from leverkit.cli.options import ReadOptions, with_groups
from leverkit.cli.pricing import pricing
from leverkit.cli.run import one_message, say, steps

Survey = Annotated[
    Path, typer.Argument(help="Answers or sales: CSV, Excel, Parquet …", metavar="DATA", show_default=False)
]
Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Write the table here: .parquet, .csv, .json or .arrow.", metavar="FILE"),
]
Tables = Annotated[Path | None, typer.Option("--tables", help="Write every table here, as Parquet.", metavar="DIR")]
Figure = Annotated[
    Path | None, typer.Option("--figure", help="Draw the figure here, as a page of HTML.", metavar="FILE")
]


def _column(name: str, help: str) -> Any:
    return typer.Option(name, help=help, metavar="COLUMN", show_default=False)


@pricing.command("van-westendorp")
@with_groups
def van_westendorp(
    data: Survey,
    reading: ReadOptions,
    too_cheap: Annotated[str, _column("--too-cheap", "The price so low that quality is doubted.")],
    cheap: Annotated[str, _column("--cheap", "The price that is a bargain.")],
    expensive: Annotated[str, _column("--expensive", "The price that begins to be expensive.")],
    too_expensive: Annotated[str, _column("--too-expensive", "The price too high to buy.")],
    buy_cheap: Annotated[str | None, _column("--buy-cheap", "Intent to buy at the cheap price, 5 to 1.")] = None,
    buy_expensive: Annotated[
        str | None, _column("--buy-expensive", "Intent to buy at the expensive price, 5 to 1.")
    ] = None,
    weights: Annotated[str | None, _column("--weights", "Weight of the answer.")] = None,
    intersection: Annotated[
        str, typer.Option("--intersection", help="Where curves coincide: min, max, mean or median.", metavar="RULE")
    ] = "mean",
    range: Annotated[str, typer.Option("--range", help="accepted or narrower.", metavar="RULE")] = "accepted",
    output: Output = None,
    tables: Tables = None,
    figure: Figure = None,
) -> None:
    """The price sensitivity meter: which prices people accept."""
    _run(
        data,
        reading,
        output,
        tables,
        figure,
        "Reading answers",
        lambda frame: lk.pricing.van_westendorp(
            frame,
            too_cheap=too_cheap,
            cheap=cheap,
            expensive=expensive,
            too_expensive=too_expensive,
            buy_cheap=buy_cheap,
            buy_expensive=buy_expensive,
            weights=weights,
            intersection=intersection,
            range=range,  # type: ignore[arg-type]
        ),
        {"point": "Point", "price": "Price", "lower": "from", "upper": "to", "value": "Best"},
    )


@pricing.command("gabor-granger")
@with_groups
def gabor_granger(
    data: Survey,
    reading: ReadOptions,
    price: Annotated[str, _column("--price", "The price that was asked.")],
    buys: Annotated[str, _column("--buys", "True or 1 where the answer was yes.")],
    respondent: Annotated[str | None, _column("--respondent", "Who answered.")] = None,
    unit_cost: Annotated[float | None, typer.Option("--unit-cost", help="What a unit costs.", metavar="MONEY")] = None,
    output: Output = None,
    tables: Tables = None,
    figure: Figure = None,
) -> None:
    """Demand at stated prices, and the price of most revenue or profit."""
    _run(
        data,
        reading,
        output,
        tables,
        figure,
        "Reading answers",
        lambda frame: lk.pricing.gabor_granger(
            frame, price=price, buys=buys, respondent=respondent, unit_cost=unit_cost
        ),
        {
            "price": "Price",
            "asked": "Asked",
            "demand": "Demand",
            "demand_lower": "from",
            "demand_upper": "to",
            "revenue": "Revenue",
        },
    )


@pricing.command()
@with_groups
def conjoint(
    data: Survey,
    reading: ReadOptions,
    situation: Annotated[str, _column("--situation", "The choice situation.")],
    alternative: Annotated[str, _column("--alternative", "The alternative.")],
    chosen: Annotated[str, _column("--chosen", "True or 1 for the one chosen.")],
    attribute: Annotated[list[str] | None, _column("--attribute", "What alternatives offer; repeatable.")] = None,
    price: Annotated[str | None, _column("--price", "The price.")] = None,
    respondent: Annotated[str | None, _column("--respondent", "Who chose; errors are clustered by it.")] = None,
    coding: Annotated[str, typer.Option("--coding", help="dummy or effects.", metavar="NAME")] = "dummy",
    output: Output = None,
    tables: Tables = None,
    figure: Figure = None,
) -> None:
    """Part-worths from choices, and what people would pay."""
    _run(
        data,
        reading,
        output,
        tables,
        figure,
        "Following choices",
        lambda frame: lk.pricing.conjoint(
            frame,
            situation=situation,
            alternative=alternative,
            chosen=chosen,
            attributes=attribute or [],
            price=price,
            respondent=respondent,
            coding=coding,  # type: ignore[arg-type]
        ),
        {
            "term": "Term",
            "estimate": "Utility",
            "std_error": "Std. error",
            "lower": "from",
            "upper": "to",
            "p_value": "p",
        },
    )


@pricing.command()
@with_groups
def index(
    data: Survey,
    reading: ReadOptions,
    time: Annotated[str, _column("--time", "The period: numbers, dates or texts, in their order.")],
    product: Annotated[str, _column("--product", "What was sold.")],
    price: Annotated[str, _column("--price", "The price of a unit.")],
    quantity: Annotated[str, _column("--quantity", "Units.")],
    formula: Annotated[
        str, typer.Option("--formula", help="fisher, tornqvist, laspeyres … or geks-fisher …", metavar="NAME")
    ] = "fisher",
    base: Annotated[str, typer.Option("--base", help="fixed, chained or period.", metavar="NAME")] = "fixed",
    window: Annotated[
        int | None, typer.Option("--window", help="Periods of a window of GEKS; all by default.", metavar="N")
    ] = None,
    splice: Annotated[str, typer.Option("--splice", help="movement, window, half or mean.", metavar="NAME")] = "mean",
    output: Output = None,
    tables: Tables = None,
    figure: Figure = None,
) -> None:
    """A price index over time, with a guard against chain drift."""
    _run(
        data,
        reading,
        output,
        tables,
        figure,
        "Comparing prices",
        lambda frame: lk.pricing.price_index(
            frame,
            time=time,
            product=product,
            price=price,
            quantity=quantity,
            formula=formula,
            base=base,
            window=window,  # type: ignore[arg-type]
            splice=splice,  # type: ignore[arg-type]
        ),
        {
            time: "Period",
            "index": "Index",
            "lower": "from",
            "upper": "to",
            "products": "Products",
            "matched": "Matched",
            "coverage": "of revenue",
        },
    )


def _run(
    data: Path,
    reading: ReadOptions,
    output: Path | None,
    tables: Path | None,
    figure: Path | None,
    what: str,
    make: Any,
    shown: dict[str, str],
) -> None:
    """Reads, computes, writes what was asked for, and shows the first columns."""
    with one_message(), steps(2) as step:
        write = files.writer(output) if output else None
        step(f"Reading {data.name}")
        frame = files.opened(data, reading.given(), say)
        step(what)
        found = make(frame)
        if write:
            write(found._tables["table"])
        if tables:
            files.write_tables(dict(found._tables), tables)
        if figure:
            found.plot().write_html(figure)
    for note in [*found.notes, found._headline()]:
        say(note)
    _show(found._tables["table"], shown)


#: Most rows that are shown; the rest is left to the files.
_MOST = 60


def _show(table: pl.DataFrame, shown: dict[str, str]) -> None:
    laid_out = Table(*(Column(label, justify="right", no_wrap=True) for label in shown.values()), box=SIMPLE)
    for row in table.tail(_MOST).iter_rows(named=True):
        laid_out.add_row(*(_text(row[name] if name in row else row["time"]) for name in shown))
    Console().print(laid_out)


def _text(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
