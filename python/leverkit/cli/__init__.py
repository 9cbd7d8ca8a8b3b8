"""The `leverkit` command.

Each topic registers its commands in `app`; what they share stands in `run`, options in `options`, the configuration file in `config`, files in and out in
`files`, and how a result is shown in `present`.
Typer and rich are optional extras, imported when the command runs.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line; the exit code is 0, 1 where the work failed, 2 where the command was wrong."""
    try:
        from leverkit.cli.app import app
    except ImportError as error:
        if error.name is None or error.name.startswith("leverkit"):
            raise
        sys.exit(f'leverkit: the command line needs {error.name}: pip install "leverkit[report]"')
    app()
