"""`import leverkit` is quick: it loads polars and the engine, and each module when it is first named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import leverkit as lk

HEAVY = ("duckdb", "jinja2", "narwhals", "numpy", "pandas", "plotly", "pyarrow", "rich", "typer")
PACKAGE = Path(lk.__file__).parent


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_import_loads_no_optional_package() -> None:
    loaded = _python(f"import leverkit, sys; print([name for name in {HEAVY} if name in sys.modules])")
    assert loaded == "[]"


def test_import_loads_no_engine_before_it_is_named() -> None:
    code = "import leverkit as lk, sys; a = 'leverkit.rfm' in sys.modules; lk.rfm.score; print(a, 'leverkit.rfm' in sys.modules)"
    assert _python(code) == "False True"


def test_import_costs_little_beside_polars() -> None:
    code = "import polars; from time import perf_counter as now; start = now(); import leverkit; print(now() - start)"
    fastest = min(float(_python(code)) for _ in range(5))
    assert fastest < 0.15  # seconds; about 0.005 on an idle machine


def test_every_public_name_is_there_and_listed() -> None:
    assert all(hasattr(lk, name) for name in lk.__all__)
    assert set(dir(lk)) == set(lk.__all__)
    # The command line and the figures are reached through the command and through results.
    packages = {path.parent.name for path in PACKAGE.glob("[!_]*/__init__.py")} - {"cli", "plots"}
    assert packages <= set(lk.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rfmm'"):
        lk.rfmm  # noqa: B018
