"""The `leverkit` command.

Each topic registers its commands in `app`. Shared code is in `run`, options in `options`, the configuration file in `config`, input and output files
in `files`, and the display of results in `present`.
Typer and rich are optional extras, imported when the command runs.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line; the exit code is 0 on success, 1 if the work failed, 2 if the command was wrong."""
    try:
        from leverkit.cli.app import app
    except ImportError as error:
        if error.name is None or error.name.startswith("leverkit"):
            raise
        sys.exit(f'leverkit: the command line needs {error.name}: pip install "leverkit[report]"')
    app()
