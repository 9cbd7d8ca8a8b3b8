"""The fitters, each in a module with the same name as in `lifetimes`."""

from __future__ import annotations

from leverkit.compat.lifetimes.fitters._base import BaseFitter

__all__ = ["BaseFitter"]
