"""Files for the benches of surveys of needs: seeded, written once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from benches.peers.willingness_files import FOLDER, written

#: Features of the Kano survey; items of a best–worst survey, with those of a task and the tasks of a respondent; statements and classes of need segments.
FEATURES, ITEMS, PER_TASK, TASKS, STATEMENTS, CLASSES = 40, 30, 5, 15, 20, 4
#: Statements of a very wide table.
WIDE = 300


def kano(respondents: int) -> Path:
    """Answers to pairs of questions, one row per respondent."""
    path = FOLDER / f"kano_{respondents}.parquet"
    if path.exists():
        return path
    random = np.random.default_rng(21)
    answers = {
        f"{side}_{feature}": random.choice(np.arange(1, 6, dtype=np.int8), respondents, p=chances)
        for feature in range(FEATURES)
        for side, chances in (
            ("with", random.dirichlet((4, 2, 3, 1, 0.5))),
            ("without", random.dirichlet((1, 1, 3, 2, 4))),
        )
    }
    return written(pl.DataFrame(answers), path)


def tasks(respondents: int) -> Path:
    """Best–worst choices by a logit of utilities that differ between people."""
    path = FOLDER / f"tasks_{respondents}.parquet"
    if path.exists():
        return path
    random = np.random.default_rng(22)
    n = respondents * TASKS
    who = np.repeat(np.arange(respondents), TASKS)
    shown = random.random((n, ITEMS)).argsort(1)[:, :PER_TASK]
    utility = np.linspace(-1, 1, ITEMS) + random.normal(0, 0.7, (respondents, ITEMS))
    felt = utility[who[:, None], shown] + random.gumbel(size=shown.shape)
    rows = np.arange(n)
    columns = {"who": who, **{f"item{place}": shown[:, place] for place in range(PER_TASK)}}
    columns |= {"best": shown[rows, felt.argmax(1)], "worst": shown[rows, felt.argmin(1)]}
    return written(pl.DataFrame(columns), path)


def statements(respondents: int, width: int = STATEMENTS) -> Path:
    """Yes or no to statements, by classes."""
    path = FOLDER / f"statements_{respondents}_{width}.parquet"
    if path.exists():
        return path
    random = np.random.default_rng(23)
    chances = random.uniform(0.1, 0.9, (CLASSES, width))
    said = random.random((respondents, width)) < chances[random.integers(0, CLASSES, respondents)]
    return written(pl.DataFrame({f"q{at}": said[:, at] for at in range(width)}), path)
