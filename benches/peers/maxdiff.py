"""Best–worst choices: counts and the logit. One function a peer; each keeps time itself, as reading is the same for all."""

from __future__ import annotations

import time
from typing import Any

from benches.peers.survey_files import PER_TASK

_SHOWN = [f"item{place}" for place in range(PER_TASK)]


def leverkit(path: str) -> dict[str, Any]:
    return _leverkit(path, individual=False)


def leverkit_individual(path: str) -> dict[str, Any]:
    """With each person's own utilities."""
    return _leverkit(path, individual=True)


def _leverkit(path: str, *, individual: bool) -> dict[str, Any]:
    import polars as pl

    import leverkit as lk

    tasks = pl.read_parquet(path)
    start = time.perf_counter()
    found = lk.survey.maxdiff(
        tasks, respondent="who", shown=_SHOWN, best="best", worst="worst", individual=individual, replicates=100
    )
    wall = time.perf_counter() - start
    likelihood = None if found.log_likelihood is None else found.log_likelihood[0]
    return {"wall": wall, "checks": {"log-likelihood": round(likelihood or 0.0, 4)}}


def numpy(path: str) -> dict[str, Any]:
    """The logit of best–worst pairs by Newton's steps, on tasks that are known to be complete."""
    import numpy as np
    import polars as pl

    tasks = pl.read_parquet(path)
    start = time.perf_counter()
    shown = tasks.select(_SHOWN).to_numpy()
    rows = np.arange(len(shown))
    best = (shown == tasks["best"].to_numpy()[:, None]).argmax(1)
    worst = (shown == tasks["worst"].to_numpy()[:, None]).argmax(1)
    pairs = [(a, b) for a in range(PER_TASK) for b in range(PER_TASK) if a != b]
    first, second = shown[:, [a for a, _ in pairs]], shown[:, [b for _, b in pairs]]
    chosen = np.array([[pairs.index((a, b)) if a != b else 0 for b in range(PER_TASK)] for a in range(PER_TASK)])
    items = int(shown.max()) + 1
    value = np.zeros(items)
    for _ in range(30):
        felt = value[first] - value[second]
        p = np.exp(felt - felt.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        gradient = np.bincount(tasks["best"].to_numpy(), minlength=items) - np.bincount(
            tasks["worst"].to_numpy(), minlength=items
        ).astype(float)
        gradient -= np.bincount(first.ravel(), p.ravel(), items) - np.bincount(second.ravel(), p.ravel(), items)
        mean = np.zeros((len(shown), items))
        np.add.at(mean, (rows[:, None], first), p)
        np.add.at(mean, (rows[:, None], second), -p)
        information = -mean.T @ mean
        for (a, b), share in zip(pairs, p.T, strict=True):
            one, other = shown[:, a], shown[:, b]
            np.add.at(information, (one, one), share)
            np.add.at(information, (other, other), share)
            np.add.at(information, (one, other), -share)
            np.add.at(information, (other, one), -share)
        step = np.zeros(items)
        step[:-1] = np.linalg.solve(information[:-1, :-1], gradient[:-1])
        if gradient @ step < 2e-10:
            break
        value += step
    likelihood = float(np.log(p[rows, chosen[best, worst]]).sum())
    return {"wall": time.perf_counter() - start, "checks": {"log-likelihood": round(likelihood, 4)}}


PEERS = {
    "leverkit": leverkit,
    "leverkit, with utilities of each person": leverkit_individual,
    "numpy, Newton": numpy,
}
