"""The fitters, each in a module of the name that it has in `lifetimes`."""

from __future__ import annotations

from leverkit.compat.lifetimes.fitters._base import BaseFitter

__all__ = ["BaseFitter"]
