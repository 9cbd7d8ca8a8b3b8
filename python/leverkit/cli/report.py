"""The command of the report: `leverkit report DATA …`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit._lib.writing import check_room
from leverkit.cli import files
from leverkit.cli.config import UsageError, scenario, settings
from leverkit.cli.measured import books_of
from leverkit.cli.options import (
    FunnelOptions,
    LedgerOptions,
    LimitOptions,
    ProfitOptions,
    ReadOptions,
    ReportOptions,
    with_groups,
)
from leverkit.cli.quantities import asked_quantities
from leverkit.cli.run import Data, read_ledger, say, steps
from leverkit.cli.schema import METHODS
from leverkit.cli.stages import asked_of


@with_groups
def report(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    limit: LimitOptions,
    funnel: FunnelOptions,
    profit: ProfitOptions,
    look: ReportOptions,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            help="What to write: a page (.html), a workbook (.xlsx), paper (.pdf), or the first page for mail and chat (.md).",
            metavar="FILE",
        ),
    ] = Path("report.html"),
    tables: Annotated[
        Path | None,
        typer.Option(
            "--tables",
            help="Also write every table here: a folder (Parquet), a workbook (.xlsx), or files such as tables/{name}.csv.",
            metavar="WHERE",
        ),
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(
            "--events", help="An event log for the stage funnel; see the section stages of --config.", metavar="FILE"
        ),
    ] = None,
    levels: Annotated[
        Path | None,
        typer.Option(
            "--quantities",
            help="Counts or items for the quantity funnel; see the section quantities of --config.",
            metavar="FILE",
        ),
    ] = None,
    members: Annotated[
        Path | None,
        typer.Option(
            "--members",
            help="Members of a programme or campaign, to see whether it worked; see the section programme of --config.",
            metavar="FILE",
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", help="Answers of a survey; see the section survey of --config.", metavar="FILE"),
    ] = None,
) -> None:
    """One HTML page to act on: the levers, whom to call, what changed, what to test; behind it every analysis, and how good the data are."""
    with steps(3) as step:
        lk.report.page.check(output)
        check_room(output)
        write_tables = files.tables_writer(tables) if tables else None
        given = (
            ledger.by_section() | reading.by_section() | limit.by_section() | funnel.by_section() | profit.by_section()
        )
        given |= look.by_section()
        chosen = settings(ledger.config, given)
        log = events or chosen.stages.get("file")
        asked = asked_of(chosen.stages) if log else {}
        counts = asked_quantities(levels, chosen.quantities, chosen.read)
        joined, programme = _beside("programme", members, chosen.programme, chosen.read)
        answered, survey = _beside("survey", answers, chosen.survey, chosen.read)
        if answered is not None and not survey:
            raise UsageError(f"--answers needs a method in section [survey] of --config: {', '.join(METHODS)}")
        books = books_of(chosen) | {"scenario": scenario(chosen.profit.get("scenario"))}
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
            members=joined,
            programme=programme,
            answers=answered,
            survey=survey,
            **chosen.report,
        )
        step("Writing the page")
        page.save(output)
        if write_tables:
            write_tables(page.tables)
    written = f"{output}, and {len(page.tables)} tables in {tables}" if tables else str(output)
    say(f"{numbers.count(built.n_lines)} lines of {numbers.count(built.n_customers)} customers: wrote {written}")


def _beside(
    section: str, given: Path | None, chosen: Mapping[str, Any], read: Mapping[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """The further table of a section, from the option or the configuration, with the section's keywords; none of them without a table."""
    file = given or chosen.get("file")
    if not file:
        if chosen:
            raise UsageError(f"[{section}]: got no file; name one in the section, or on the command line")
        return None, {}
    keywords = {name: value for name, value in chosen.items() if name != "file"}
    return files.beside(Path(file), read, say), keywords


def register(group: typer.Typer) -> None:
    """Adds the command to its group."""
    group.command("report")(report)
