"""What both kinds of conjoint say of their terms."""

from __future__ import annotations

from typing import Literal

import polars as pl

Coding = Literal["dummy", "effects"]


def no_estimate(table: pl.DataFrame) -> list[str]:
    rows = table.filter(pl.col("reason").is_not_null())
    return [f"{row['term']}: no estimate, {row['reason']}." for row in rows.iter_rows(named=True)]


def coded(coding: str, bases: dict[str, str]) -> list[str]:
    if not bases:
        return []
    against = ", ".join(f"{name} {value}" for name, value in bases.items())
    how = "the difference from the base" if coding == "dummy" else "the difference from the mean of the levels, without"
    return [f"Levels are in {coding} coding: a term is {how} {against}."]
