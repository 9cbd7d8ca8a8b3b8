"""Files for the benches of willingness to pay: seeded, written once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

FOLDER = Path("data")
#: Alternatives of a situation, and terms of each.
ALTERNATIVES, TERMS = 5, 8
BETA = np.array([-1.2, 0.8, 0.5, -0.4, 0.3, 0.9, -0.7, 0.2])


def choices(situations: int) -> Path:
    """Choices by a logit: `situations` × 5 alternatives × a price of four values, four flags and three numbers."""
    path = FOLDER / f"choices_{situations}.parquet"
    if path.exists():
        return path
    random = np.random.default_rng(11)
    x = random.normal(size=(situations, ALTERNATIVES, TERMS))
    x[:, :, 0] = random.choice([0.5, 1.0, 1.5, 2.0], (situations, ALTERNATIVES))
    x[:, :, 1:5] = random.integers(0, 2, (situations, ALTERNATIVES, 4))
    chosen = (x @ BETA + random.gumbel(size=(situations, ALTERNATIVES))).argmax(1)
    alternatives = np.arange(ALTERNATIVES)
    columns = {
        "task": np.repeat(np.arange(situations, dtype=np.int32), ALTERNATIVES),
        "option": np.tile(alternatives.astype(np.int8), situations),
        "chosen": (alternatives == chosen[:, None]).reshape(-1),
        **{name: x[:, :, at].reshape(-1) for at, name in enumerate(terms())},
    }
    return written(pl.DataFrame(columns), path)


def terms() -> list[str]:
    """The columns of the terms, the price first."""
    return ["price", *(f"x{at}" for at in range(1, TERMS))]


def answers(n: int) -> Path:
    """Answers to a price sensitivity meter to the cent, with intents."""
    path = FOLDER / f"answers_{n}.parquet"
    if path.exists():
        return path
    random = np.random.default_rng(12)
    means = (("too_cheap", 8.5, 1.0), ("cheap", 10.0, 1.0), ("expensive", 12.0, 0.75), ("too_expensive", 13.0, 1.0))
    columns = {name: np.round(random.normal(mean, spread, n), 2) for name, mean, spread in means}
    columns |= {name: random.integers(1, 6, n) for name in ("buy_cheap", "buy_expensive")}
    return written(pl.DataFrame(columns), path)


def written(frame: pl.DataFrame, path: Path) -> Path:
    """Writes a frame, and gives its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(path)
    return path
