"""Simulates the shop that comes with the package, `leverkit.datasets.shop`, and writes its order lines."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from leverkit.datasets import company

FILE = Path("python/leverkit/datasets/shop.parquet")
LEVERS = {"fading_channel": 0.4, "leaking_rep": 0.06, "pair": 0.1, "low_price": 0.15}
PRODUCTS = {
    "coffee": ("house blend", "espresso beans", "decaf"),
    "tea": ("green tea", "earl grey", "herbal tea"),
    "sweets": ("dark chocolate", "almond biscuits", "honey"),
    "gear": ("paper filters", "travel mug", "hand grinder"),
}
REPS = ("Anna", "Boris", "Clara", "Daniel", "Eva", "Felix")


def names() -> dict[str, dict[str, str]]:
    """What the shop calls the products, categories and reps that the simulator numbers. Product 1, 5 and 9 are of category 1."""
    placed = [group[row] for row in range(3) for group in PRODUCTS.values()]
    columns = {"product": placed, "category": PRODUCTS, "rep": REPS}
    return {column: {f"{column} {at}": name for at, name in enumerate(to, 1)} for column, to in columns.items()}


def lines() -> pl.DataFrame:
    """The order lines, always the same."""
    made = company(LEVERS, customers=600, months=24, seed=1).lines
    named = [pl.col(column).replace_strict(to) for column, to in names().items()]
    return made.with_columns(named).rename({"time": "ordered_at"})


if __name__ == "__main__":
    lines().write_parquet(FILE, compression="zstd", compression_level=19)
    print(f"wrote {FILE}: {FILE.stat().st_size:,} bytes")
