"""The commands, each by the module of its topic.

Results go to files or standard output, messages to standard error. A wrong command exits with 2 before anything is read; failed work exits with 1 and
one message.
"""

from __future__ import annotations

from typing import Annotated

import typer

from leverkit import __version__
from leverkit.cli import (
    behaviour,
    clv,
    competitors,
    deal,
    demand,
    effect,
    house,
    indices,
    journeys,
    kano,
    ledger,
    liability,
    maxdiff,
    measured,
    needs,
    opportunity,
    plan,
    positioning,
    products,
    quantities,
    report,
    reverse,
    sample_size,
    scores,
    stages,
    synthetic,
    trial,
    willingness,
)

app: typer.Typer = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich"
)


def _say_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"leverkit {__version__}")
        raise typer.Exit


@app.callback()
def leverkit(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Shows the version and ends.")
    ] = False,
) -> None:
    """Finds the levers of profit in a company's order lines."""


for _topic in (report, plan, scores, clv, products, stages, journeys, quantities, reverse, measured):
    _topic.register(app)

pricing: typer.Typer = typer.Typer(
    no_args_is_help=True, help="Pricing in the deal, against competitors and in the market."
)
survey: typer.Typer = typer.Typer(
    no_args_is_help=True, help="What people need, what they would pay, and what follows for the product."
)
# Surveys stood under pricing before they had a group of their own.
for _topic in (deal, competitors, demand, indices, willingness):
    _topic.register(pricing)
for _topic in (behaviour, house, kano, maxdiff, needs, opportunity, positioning, sample_size, willingness):
    _topic.register(survey)
did_it_work: typer.Typer = typer.Typer(
    no_args_is_help=True, help="Did it work: the effect of programmes, campaigns and tests."
)
for _topic in (effect, trial, synthetic, liability):
    _topic.register(did_it_work)
saved_ledger: typer.Typer = typer.Typer(
    no_args_is_help=True, help="Ledgers that stay: built once, opened in an instant, with later lines added."
)
ledger.register(saved_ledger)
app.add_typer(did_it_work, name="effect")
app.add_typer(saved_ledger, name="ledger")
app.add_typer(pricing, name="pricing")
app.add_typer(survey, name="survey")
