"""The demo: the Complete Journey data as a Parquet file, and `leverkit report` on it, with more of its options if any: `demo.py --lang ru`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl

from leverkit.datasets import complete_journey

DATA = Path("data/complete_journey.parquet")
ROLES = [
    "--customer",
    "household_id",
    "--time",
    "transaction_timestamp",
    "--amount",
    "sales_value",
    "--order",
    "basket_id",
    "--product",
    "product_id",
    "--quantity",
    "quantity",
    "--discount",
    "loyalty=retail_disc",
    "--discount",
    "match=coupon_match_disc",
    "--dimension",
    "store_id",
    "--dimension",
    "department",
    "--dimension",
    "product_category",
]

# Households buy food every few days and nearly all come back some day: what tells is who comes back within a month.
LIMIT = ["--horizon", "30", "--chance", "0.5"]

# Fuel is counted in thousandths, thousands to a tank, where no other line has more than 144 units: a tank is one.
FILLED = pl.when(pl.col("quantity") > 500).then(1).otherwise(pl.col("quantity")).alias("quantity")

# Categories tell more than 92,331 articles.
LEVEL = ["--product-level", "product_category"]


def main() -> int:
    """Writes the data once, then the report."""
    if not DATA.exists():
        DATA.parent.mkdir(exist_ok=True)
        complete_journey().with_columns(FILLED).write_parquet(DATA)
    command = [
        str(Path(sys.executable).with_name("leverkit")),
        "report",
        str(DATA),
        *ROLES,
        *LIMIT,
        *LEVEL,
        "-o",
        "report.html",
        *sys.argv[1:],
    ]
    return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
