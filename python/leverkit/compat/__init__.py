"""Faces in the shape of other packages, for programs that move to leverkit: `leverkit.compat.lifetimes`.

A face is loaded when it is first named: it may need packages that leverkit does not.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["lifetimes"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return import_module(f"leverkit.compat.{name}")
    raise AttributeError(f"module 'leverkit.compat' has no attribute {name!r}")
