"""Kano surveys with a bootstrap over respondents. There is no peer on PyPI: what one would write with numpy stands beside leverkit."""

from __future__ import annotations

import time
from typing import Any

from benches.peers.survey_files import FEATURES

REPLICATES = 10_000
#: The evaluation table of Berger et al. (1993): rows are answers with the feature, columns without it.
_TABLE = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")


def leverkit(path: str) -> dict[str, Any]:
    import polars as pl

    import leverkit as lk

    answers = pl.read_parquet(path)
    features = {f"feature {at:02}": [f"with_{at}", f"without_{at}"] for at in range(FEATURES)}
    scale = {1: "like", 2: "must-be", 3: "neutral", 4: "live with", 5: "dislike"}
    start = time.perf_counter()
    found = lk.survey.kano(answers, feature=features, scale=scale, replicates=REPLICATES)
    wall = time.perf_counter() - start
    return {"wall": wall, "checks": {"better": found.table["better"].sum(), "worse": found.table["worse"].sum()}}


def numpy(path: str) -> dict[str, Any]:
    """Counts of categories, and limits of better and worse by multinomial draws of each feature."""
    import numpy as np
    import polars as pl

    answers = pl.read_parquet(path)
    start = time.perf_counter()
    letters = np.array([["AOMIRQ".index(letter) for letter in row] for row in _TABLE])
    random, better, worse = np.random.default_rng(1), 0.0, 0.0
    for at in range(FEATURES):
        category = letters[answers[f"with_{at}"].to_numpy() - 1, answers[f"without_{at}"].to_numpy() - 1]
        counts = np.bincount(category, minlength=6)
        drawn = random.multinomial(counts.sum(), counts / counts.sum(), REPLICATES)
        for a, b, sign in ((0, 1, 1.0), (1, 2, -1.0)):
            np.quantile(sign * (drawn[:, a] + drawn[:, b]) / drawn[:, :4].sum(1), (0.025, 0.975))
        better += float((counts[0] + counts[1]) / counts[:4].sum())
        worse -= float((counts[1] + counts[2]) / counts[:4].sum())
    wall = time.perf_counter() - start
    return {"wall": wall, "checks": {"better": better, "worse": worse}}


PEERS = {"leverkit": leverkit, "numpy, multinomial draws": numpy}
