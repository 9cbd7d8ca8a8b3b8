"""The commands of the pricing engine: `leverkit pricing …`."""

from __future__ import annotations

import typer

pricing = typer.Typer(no_args_is_help=True, help="Pricing in the deal, against competitors and in the market.")
