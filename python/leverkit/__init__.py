"""leverkit finds the levers of profit in a company's own transactions.

import leverkit as lk
ledger = lk.Ledger(df, customer="client", time="date", amount="paid")
scores = lk.rfm.score(ledger)
scores.plot()
"""

from __future__ import annotations

import warnings

from leverkit import _engine, clv, datasets, funnel, pricing, profit, report, rfm
from leverkit._text import language
from leverkit.errors import (
    ConvergenceError,
    DataError,
    InternalError,
    LeverkitError,
    ParameterError,
    SchemaError,
)
from leverkit.ledger import Ledger

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
    "datasets",
    "funnel",
    "language",
    "pricing",
    "profit",
    "report",
    "rfm",
]
