"""leverkit finds the levers of profit in a company's own transactions.

import leverkit as lk
ledger = lk.Ledger(df, customer="client", time="date", amount="paid")
scores = lk.rfm.score(ledger)
scores.plot()
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from leverkit import _engine
from leverkit._lib.text import language
from leverkit.errors import (
    ConvergenceError,
    DataError,
    InternalError,
    LeverkitError,
    ParameterError,
    SchemaError,
)
from leverkit.ledger import Ledger

if TYPE_CHECKING:
    from leverkit import clv, compat, datasets, effect, funnel, pricing, profit, reading, report, rfm, spark, survey
    from leverkit._counts import conclude, counts, merge
    from leverkit._plan import plan
    from leverkit.reading import read

__version__ = _engine.VERSION

if _engine.DEBUG_BUILD:
    warnings.warn(
        "leverkit was compiled without optimisation and is many times slower; build it with `maturin develop --release`",
        stacklevel=2,
    )

__all__ = [
    "ConvergenceError",
    "DataError",
    "InternalError",
    "Ledger",
    "LeverkitError",
    "ParameterError",
    "SchemaError",
    "__version__",
    "clv",
    "compat",
    "conclude",
    "counts",
    "datasets",
    "effect",
    "funnel",
    "language",
    "merge",
    "plan",
    "pricing",
    "profit",
    "read",
    "reading",
    "report",
    "rfm",
    "spark",
    "survey",
]

_MODULES = frozenset(
    {
        "clv",
        "compat",
        "datasets",
        "effect",
        "funnel",
        "pricing",
        "profit",
        "reading",
        "report",
        "rfm",
        "spark",
        "survey",
    }
)
#: Functions that stand beside the modules, by the module that they are in.
_FUNCTIONS = {
    "conclude": "leverkit._counts",
    "counts": "leverkit._counts",
    "merge": "leverkit._counts",
    "plan": "leverkit._plan",
    "read": "leverkit.reading",
}


def __getattr__(name: str) -> Any:
    # An engine is loaded when it is first named, so that a program pays for what it uses.
    if name in _FUNCTIONS:
        return getattr(import_module(_FUNCTIONS[name]), name)
    if name in _MODULES:
        return import_module(f"leverkit.{name}")
    raise AttributeError(f"module 'leverkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
