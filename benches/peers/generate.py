"""Files for the benches: seeded, made once, kept in data/."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

FOLDER = Path("data")


def order_lines(lines: int, customers: int, *, text_ids: bool = False) -> Path:
    """Order lines over two years in random order: activity by a gamma law (shape 0.8), amounts lognormal, every customer at least once."""
    path = FOLDER / f"lines_{lines}_{customers}{'_text' if text_ids else ''}.parquet"
    if path.exists():
        return path
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(7)
    shares = np.cumsum(random.gamma(0.8, 1.0, customers))
    drawn = np.searchsorted(shares, random.random(lines - customers) * shares[-1])
    ids = np.concatenate([np.arange(customers), drawn])
    random.shuffle(ids)
    seconds = random.integers(0, 731 * 86_400, lines)
    frame = pl.DataFrame(
        {
            "customer_id": pl.Series(ids, dtype=pl.Int64),
            "order_ts": pl.Series((1_704_067_200 + seconds) * 1_000_000).cast(pl.Datetime("us")),
            "amount": np.round(random.lognormal(3.5, 0.9, lines), 2),
        }
    )
    if text_ids:
        frame = frame.with_columns("C" + pl.col("customer_id").cast(pl.String).str.zfill(8))
    frame.write_parquet(path, compression="zstd", row_group_size=1_000_000)
    return path
