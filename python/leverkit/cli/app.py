"""The commands: read the lines, run the engines, write what came out.

Results go to files or standard output, everything said on the way to standard error. A wrong command exits with 2 before
anything is read, failed work with 1 and one message.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli import clv, files, market, pricing_competitors, pricing_deals, surveys  # noqa: F401  their commands join the group
from leverkit.cli.config import BOOKS, Settings, UsageError, scenario, settings
from leverkit.cli.journey import attribution, journey
from leverkit.cli.options import (
    FunnelOptions,
    LedgerOptions,
    LimitOptions,
    ProfitOptions,
    ReadOptions,
    ReportOptions,
    RfmOptions,
    with_groups,
)
from leverkit.cli.pricing import pricing
from leverkit.cli.quantities import asked_quantities, quantities, reverse
from leverkit.cli.run import Data, one_message, read_ledger, say, steps
from leverkit.cli.stages import asked_of, stages

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")
app.add_typer(pricing, name="pricing")
for command in (clv.clv, stages, journey, attribution, quantities, reverse):
    app.command()(command)


@app.callback()
def leverkit() -> None:
    """Finds the levers of profit in a company's order lines."""


@app.command()
@with_groups
def report(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    limit: LimitOptions,
    funnel: FunnelOptions,
    profit: ProfitOptions,
    look: ReportOptions,
    output: Annotated[Path, typer.Option("-o", "--output", help="The page to write.", metavar="FILE")] = Path(
        "report.html"
    ),
    tables: Annotated[
        Path | None, typer.Option("--tables", help="Also write every table here, as Parquet.", metavar="DIR")
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(
            "--events", help="An event log for the stage funnel; section stages of --config says how.", metavar="FILE"
        ),
    ] = None,
    levels: Annotated[
        Path | None,
        typer.Option(
            "--quantities",
            help="Counts or items for the quantity funnel; section quantities of --config says how.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """One HTML page: who earns the money, who is slipping away, what to do, and how good the data are."""
    with one_message(), steps(3) as step:
        files.check_page(output)
        given = (
            ledger.by_section() | reading.by_section() | limit.by_section() | funnel.by_section() | profit.by_section()
        )
        given |= look.by_section()
        chosen = settings(ledger.config, given)
        log = events or chosen.stages.get("file")
        asked = asked_of(chosen.stages) if log else {}
        counts = asked_quantities(levels, chosen.quantities, chosen.read)
        books = _books(chosen) | {"scenario": scenario(chosen.profit.get("scenario"))}
        built = read_ledger(data, chosen, step)
        step("Running the engines")
        page = lk.report.build(
            built,
            rfm=chosen.rfm,
            limit_day=chosen.limit_day,
            funnel=chosen.funnel,
            profit=books,
            events=files.beside(Path(log), chosen.read, say) if log else None,
            stages=asked,
            journey={name: asked[name] for name in ("entity", "time")} | {"event": asked["stage"]} if log else None,
            quantities=counts,
            levers=chosen.levers,
            **chosen.report,
        )
        step("Writing the page")
        page.save(output)
        if tables:
            files.write_tables(page.tables, tables)
    written = f"{output}, and {len(page.tables)} tables in {tables}" if tables else str(output)
    say(f"{numbers.count(built.n_lines)} lines of {numbers.count(built.n_customers)} customers: wrote {written}")


@app.command()
@with_groups
def rfm(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    scoring: RfmOptions,
    limit: LimitOptions,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Write the customers here: .parquet, .csv, .json or .arrow.", metavar="FILE"
        ),
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", help="Keep the cut points and segments, as JSON.", metavar="FILE")
    ] = None,
    apply: Annotated[
        Path | None, typer.Option("--apply", help="Score with cut points kept before.", metavar="FILE")
    ] = None,
    triggers: Annotated[
        Path | None,
        typer.Option(
            "--triggers",
            help="Write whom to call in the next seven days here, for a CRM: .csv, .parquet, .json or .arrow.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """RFM scores of each customer; without -o the segments are shown."""
    with one_message(), steps(2) as step:
        chosen = settings(
            ledger.config, ledger.by_section() | reading.by_section() | scoring.by_section() | limit.by_section()
        )
        if apply and any(scoring.by_section()["rfm"].values()):
            raise UsageError(
                "--apply scores as was done before: bins, method, monetary, thresholds and segments cannot be set with it"
            )
        write = files.writer(output) if output else None
        write_triggers = files.writer(triggers) if triggers else None
        built = read_ledger(data, chosen, step)
        step("Scoring customers")
        scores = lk.rfm.load(apply).apply(built) if apply else lk.rfm.score(built, **chosen.rfm)
        if save:
            scores.save(save)
        if write:
            write(scores._tables["customers"])
        notes = list(scores.notes)
        if write_triggers:
            calls = lk.rfm.triggers(built, **chosen.limit_day)
            write_triggers(calls._tables["table"])
            notes += [*calls.notes, f"{calls._headline()}: wrote {triggers}"]
    for note in notes:
        say(note)
    if not output:
        _show_segments(scores._tables["segments"])


@app.command()
@with_groups
def funnel(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    level: FunnelOptions,
    horizon: Annotated[
        int, typer.Option("--within", help="Days within which the next order counts.", metavar="DAYS")
    ] = 90,
    tables: Annotated[
        Path | None, typer.Option("--tables", help="Write every table here, as Parquet.", metavar="DIR")
    ] = None,
    due: Annotated[
        Path | None,
        typer.Option(
            "--due",
            help="Write to whom to offer what in the next seven days here, for a CRM: .csv, .parquet, .json or .arrow.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """The product funnel: who orders again, what brings them back, what comes next and what goes together."""
    with one_message(), steps(2) as step:
        chosen = settings(ledger.config, ledger.by_section() | reading.by_section() | level.by_section())
        write = files.writer(due) if due else None
        built = read_ledger(data, chosen, step)
        product = chosen.funnel.get("product")
        built = built.with_product(product) if product else built
        step("Following customers")
        ladder = lk.funnel.ladder(built, horizon=horizon)
        found: dict[str, Any] = {"ladder": ladder}
        if "product" in built.roles:
            found |= {
                "entry_products": lk.funnel.entry_products(built, horizons=sorted({max(horizon // 3, 1), horizon})),
                "next_products": lk.funnel.next_products(built, horizon=horizon),
                "basket_rules": lk.funnel.basket_rules(built),
            }
        if write and "next_products" not in found:
            raise UsageError("--due needs products: set --product")
        if write:
            write(found["next_products"].due(built.as_of))
        if tables:
            files.write_tables({f"funnel_{name}": result._tables["table"] for name, result in found.items()}, tables)
    for result in found.values():
        say(result._headline())
    _show_ladder(ladder._tables["table"])


@app.command()
@with_groups
def profit(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    measuring: ProfitOptions,
    limit: LimitOptions,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Write the parameters here: .parquet, .csv, .json or .arrow.", metavar="FILE"
        ),
    ] = None,
) -> None:
    """The profit formula: its parameters by period, and what 20 % of each would bring."""
    with one_message(), steps(2) as step:
        chosen = settings(
            ledger.config, ledger.by_section() | reading.by_section() | measuring.by_section() | limit.by_section()
        )
        write = files.writer(output) if output else None
        books, given = _books(chosen), scenario(chosen.profit.get("scenario"))
        built = read_ledger(data, chosen, step)
        step("Measuring")
        if "limit_day" not in books and chosen.limit_day:
            books["limit_day"] = lk.rfm.limit_day(built, **chosen.limit_day)._tables["limits"]["limit_day"][0]
        found = lk.profit.measure(built, **books)
        if write:
            write(found._tables["values"])
        formula = lk.profit.Formula.full()
        table = formula.lift_table(found.at() | given)._tables["table"]
    for note in [*found.notes, found._headline()]:
        say(note)
    _show_lift(table)


def _books(chosen: Settings) -> dict[str, Any]:
    """Parameters of `leverkit.profit.measure`, with the books read."""
    given = {name: value for name, value in chosen.profit.items() if name != "scenario"}
    return given | {name: files.beside(Path(given[name]), chosen.read, say) for name in BOOKS if name in given}


def _show_segments(segments: pl.DataFrame) -> None:
    headings = ("Customers", "of all", "Revenue", "of all", "Average check", "Days since last order")
    shown = Table(
        Column("Segment", no_wrap=True),
        *(Column(label, justify="right", min_width=9) for label in headings),
        box=SIMPLE,
    )
    for row in segments.iter_rows(named=True):
        shown.add_row(
            row["segment"],
            numbers.count(row["customers"]),
            numbers.percent(row["share_customers"]),
            numbers.money(row["revenue"]),
            numbers.percent(row["share_revenue"]),
            numbers.money(row["average_check"]),
            numbers.count(row["median_recency"]),
        )
    Console().print(shown)


def _show_ladder(table: pl.DataFrame) -> None:
    headings = ("Customers", "order again", "from", "to", "Median days", "Average check", "Lost here")
    shown = Table(
        Column("After order", no_wrap=True),
        *(Column(label, justify="right") for label in headings),
        box=SIMPLE,
        collapse_padding=True,
        pad_edge=False,
    )
    for row in table.iter_rows(named=True):
        shown.add_row(
            str(row["order"]),
            numbers.count(row["customers"]),
            numbers.percent(row["conversion"]),
            numbers.percent(row["lower"]),
            numbers.percent(row["upper"]),
            numbers.count(row["median_days"]),
            numbers.money(row["average_check"]),
            numbers.money(row["revenue_lost"]),
        )
    Console().print(shown)


def _show_lift(table: pl.DataFrame) -> None:
    headings = ("Value", "+20 %", "Revenue", "Profit", "of profit")
    shown = Table(
        Column("Parameter", no_wrap=True), *(Column(label, justify="right") for label in headings), box=SIMPLE
    )
    for row in table.filter((pl.col("profit_change") != 0) | pl.col("rank").is_null()).iter_rows(named=True):
        values = (
            "" if value is None else f"{value:,.4g}" if value < 1000 else numbers.count(value)
            for value in (row["value"], row["new_value"])
        )
        shown.add_row(
            row["parameter"].replace("_", " "),
            *values,
            numbers.money(row["revenue_change"]),
            numbers.money(row["profit_change"]),
            numbers.percent(row["profit_lift"]),
        )
    Console().print(shown)
