"""Interfaces of other packages, for programs that migrate to leverkit: `leverkit.compat.lifetimes`.

Each interface is loaded on first use: it may need packages that leverkit does not.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["lifetimes"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return import_module(f"leverkit.compat.{name}")
    raise AttributeError(f"module 'leverkit.compat' has no attribute {name!r}")
