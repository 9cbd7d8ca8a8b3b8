"""Ctrl-C stops the work, not the prompt alone: the call is back at once, its threads come to rest, the next call is answered; and progress is told."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import polars as pl
import pytest
from results import SPREAD, VALUES, World

import leverkit as lk

#: Seconds within which a call is back and the next one answered, and the most work that the stopped one's threads may still do: in seconds of their own, which others on the machine do not
#: lengthen.
BACK, WORK = 0.2, 0.5


@cache
def world() -> World:
    return World()


@cache
def large() -> lk.Ledger:
    return lk.datasets.company({}, customers=20_000, months=24).ledger()


@cache
def fitted() -> tuple[lk.clv.ModifiedBetaGeoModel, pl.DataFrame]:
    summary = lk.clv.summary(large())
    return lk.clv.ModifiedBetaGeoModel().fit(summary), summary


LONG: dict[str, Callable[[], Any]] = {
    "bootstrap": lambda: fitted()[0].bootstrap(fitted()[1], replicates=100_000),
    "simulate": lambda: lk.profit.Formula.minimal().simulate(VALUES, SPREAD, n=5_000_000_000),
    "sobol": lambda: lk.profit.Formula.minimal().sobol(VALUES, SPREAD, n=1 << 24),
    "measure": lambda: lk.profit.measure(large(), limit_day=60, replicates=1_000_000),
    "ahp": lambda: lk.survey.ahp(world().comparisons, judge="judge", draws=100_000),
    "kano": lambda: lk.survey.kano(
        world().needs,
        feature="feature",
        functional="with",
        dysfunctional="without",
        respondent="who",
        replicates=1_000_000,
    ),
    "opportunity": lambda: lk.survey.opportunity(
        world().needs,
        need="feature",
        importance="important",
        satisfaction="satisfied",
        respondent="who",
        replicates=1_000_000,
    ),
    "image": lambda: lk.survey.image(
        world().ticks, respondent="who", brand="brand", attribute="says", picked="picked", replicates=100_000
    ),
    "gabor_granger": lambda: lk.pricing.gabor_granger(
        world().asked, price="price", buys="buys", respondent="who", replicates=100_000
    ),
    "did": lambda: lk.effect.did(
        world().panel, unit="unit", period="month", outcome="sales", first_treated="treated", draws=1_000_000
    ),
    "programme": lambda: lk.effect.programme(large(), members(), relabellings=100_000),
    "design": lambda: lk.effect.design(large(), weeks=list(range(1, 100)), lift=0.2, replicates=100_000),
    "holdout": lambda: lk.effect.holdout(
        world().tested, control=world().names[0], metrics="spend", before={"spend": "before"}, replicates=1_000_000
    ),
    "liability": lambda: lk.effect.liability(world().points, point_cost=0.01, expires_after=9, replicates=100_000),
    "maxdiff": lambda: lk.survey.maxdiff(
        world().choices,
        respondent="who",
        shown=["place 0", "place 1", "place 2"],
        best="best",
        worst="worst",
        replicates=1_000_000,
    ),
    "maxdiff_design": lambda: lk.survey.maxdiff_design(
        [f"item {at}" for at in range(1000)], per_task=20, tasks=1000, versions=1000
    ),
    "migration": lambda: lk.rfm.migration(large(), every="1d"),
    "contest": lambda: lk.clv.contest(large(), folds=20),
    "house_of_quality": lambda: lk.survey.house_of_quality(*house(), draws=100_000),
    "sequences": lambda: lk.funnel.sequences(large(), min_support=0.0001, max_length=6),
    "basket_rules": lambda: lk.funnel.basket_rules(large(), min_support=1e-9, max_size=5),
    "missions": lambda: lk.survey.needs_from_baskets(large(), k=list(range(1, 12))),
}


def members() -> pl.DataFrame:
    frame = large().to_frame()
    customers = frame.get_column(frame.columns[0]).unique(maintain_order=True)
    return pl.DataFrame({"customer": customers, "joined": ["2023-06-01"] * len(customers)})


def house() -> tuple[Any, Any, Any]:
    names = list(world().names)
    cells = [
        {"need": need, "characteristic": part, "strength": (9, 3, 1)[len(need + part) % 3]}
        for need in names[:4]
        for part in names[4:]
    ]
    return (
        pl.DataFrame({"need": names[:4], "weight": [4, 3, 2, 1]}),
        pl.DataFrame({"characteristic": names[4:]}),
        pl.DataFrame(cells),
    )


def seconds_of_work() -> float:
    used = os.times()
    return used.user + used.system


def interrupted_after(seconds: float, work: Callable[[], Any]) -> tuple[float, bool]:
    """How long the call took to come back after Ctrl-C, and whether it was interrupted at all."""
    sent: list[float] = []

    def send() -> None:
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(seconds, send)
    timer.start()
    try:
        work()
    except KeyboardInterrupt:
        return time.monotonic() - sent[0], True
    finally:
        timer.cancel()
        timer.join()
    return 0.0, False


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Ctrl-C reaches Python also where the tests run in the background, where shells ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("name", LONG)
def test_after_ctrl_c_the_work_stops_and_the_next_call_is_answered(name: str) -> None:
    fitted()
    moment = random.Random(name).uniform(0.1, 0.5)
    back, was_interrupted = interrupted_after(moment, LONG[name])
    if not was_interrupted:
        pytest.skip(f"{name} was done before it was interrupted")
    assert back < BACK
    begun = time.monotonic()
    assert lk.profit.Formula.minimal().simulate(VALUES, SPREAD, n=1000).params["n"] == 1000
    assert time.monotonic() - begun < BACK
    _come_to_rest()


def _come_to_rest() -> None:
    begun, until = seconds_of_work(), time.monotonic() + 30
    while time.monotonic() < until:
        before = seconds_of_work()
        time.sleep(0.1)
        if seconds_of_work() - before < 0.03:
            break
    assert seconds_of_work() - begun < WORK


def test_progress_is_told_to_a_function_and_to_a_bar() -> None:
    class Bar:
        n, total = 0, None

        def update(self, more: int) -> None:
            self.n += more

    told: list[tuple[int, int]] = []
    simulate = lk.profit.Formula.minimal().simulate
    simulate(VALUES, SPREAD, n=20_000_000, progress=lambda done, expected: told.append((done, expected)))
    done = [done for done, expected in told if expected]
    assert done
    assert done == sorted(done)
    assert all(done <= expected for done, expected in told if expected)
    bar = Bar()
    simulate(VALUES, SPREAD, n=20_000_000, progress=bar)
    assert bar.n > 0
    with pytest.raises(TypeError, match="progress: expected a function of done and expected"):
        simulate(VALUES, SPREAD, n=1000, progress="yes")


def test_an_error_of_the_function_that_is_told_stops_the_work() -> None:
    def stop(done: int, expected: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        lk.profit.Formula.minimal().simulate(VALUES, SPREAD, n=5_000_000_000, progress=stop)
    _come_to_rest()


def test_a_line_shows_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    simulate = lk.profit.Formula.minimal().simulate
    simulate(VALUES, SPREAD, n=5_000_000)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("leverkit._lib.progress._is_watched", lambda: True)
    monkeypatch.setattr("leverkit._lib.progress._PATIENCE", 0.0)
    simulate(VALUES, SPREAD, n=20_000_000)
    shown = capsys.readouterr().err
    assert "Simulation" in shown
    assert "%" in shown
    assert shown.endswith("\r")
    simulate(VALUES, SPREAD, n=5_000_000, progress=False)
    assert capsys.readouterr().err == ""
