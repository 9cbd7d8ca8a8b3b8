"""Latent classes of yes and no: ten starts of four classes. One function a peer; each keeps time itself, as reading is the same for all."""

from __future__ import annotations

import time
from typing import Any

from benches.peers.survey_files import CLASSES

STARTS = 10


def leverkit(path: str) -> dict[str, Any]:
    """With the least of what judges the classes: ten bootstrap refits."""
    found, wall = _leverkit(path, refits=10)
    return {"wall": wall, "checks": {"log-likelihood": round(found.fits["log_likelihood"][0], 1)}}


def leverkit_fit(path: str) -> dict[str, Any]:
    """What peers do: as refits cost alike, ten of them cost what twenty cost more than ten."""
    found, ten = _leverkit(path, refits=10)
    _, twenty = _leverkit(path, refits=20)
    return {"wall": 2 * ten - twenty, "checks": {"log-likelihood": round(found.fits["log_likelihood"][0], 1)}}


def _leverkit(path: str, *, refits: int) -> tuple[Any, float]:
    import polars as pl

    import leverkit as lk

    answers = pl.read_parquet(path)
    start = time.perf_counter()
    found = lk.survey.needs(answers, items=answers.columns, k=[CLASSES], starts=STARTS, refits=refits)
    return found, time.perf_counter() - start


def stepmix(path: str) -> dict[str, Any]:
    import polars as pl
    from stepmix.stepmix import StepMix

    answers = pl.read_parquet(path).to_numpy().astype(int)
    start = time.perf_counter()
    model = StepMix(CLASSES, measurement="binary", n_init=STARTS, random_state=0, verbose=0, progress_bar=0)
    likelihood = model.fit(answers).score(answers) * len(answers)
    return {"wall": time.perf_counter() - start, "checks": {"log-likelihood": round(float(likelihood), 1)}}


def kmodes(path: str) -> dict[str, Any]:
    """One start, where the others have ten."""
    import polars as pl
    from kmodes.kmodes import KModes

    answers = pl.read_parquet(path).to_numpy().astype(int)
    start = time.perf_counter()
    KModes(CLASSES, init="Cao", n_init=1, random_state=0).fit(answers)
    return {"wall": time.perf_counter() - start, "checks": {}}


PEERS = {"leverkit": leverkit, "leverkit, the fit alone": leverkit_fit, "StepMix": stepmix}
WIDE_PEERS = {"leverkit": leverkit, "leverkit, the fit alone": leverkit_fit, "kmodes, one start": kmodes}
