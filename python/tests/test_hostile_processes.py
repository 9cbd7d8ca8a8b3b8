"""Forks, spawns, threads, event loops and the servers that use them: an answer, or an error that says how to start the process; never a hang."""

from __future__ import annotations

import asyncio
import multiprocessing
import subprocess
import sys
import textwrap
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from results import SPREAD, VALUES, World

import leverkit as lk

KINDS = ("polars", "pandas", "pyarrow")
#: Seconds after which a process hangs.
HANGS = 120


@cache
def lines(kind: str) -> Any:
    """Made before a fork: what polars makes of them then uses its threads, which a child does not have."""
    frame = World().lines.head(400)
    return {"polars": lambda: frame, "pandas": frame.to_pandas, "pyarrow": frame.to_arrow}[kind]()


def ledger(kind: str) -> lk.Ledger:
    return lk.Ledger(
        lines(kind), customer="customer", time="day", amount="paid", product="product", quantity="units", order="order"
    )


def rows(table: Any) -> int:
    return int(table.num_rows) if hasattr(table, "num_rows") else len(table)


def work(kind: str) -> list[float]:
    """What touches every way from the engine to a frame: build, score, table, explain, measure, notes."""
    own = ledger(kind)
    scores = lk.rfm.score(own)
    found = lk.profit.measure(own, limit_day=60, replicates=20)
    simulated = lk.profit.Formula.minimal().simulate(VALUES, SPREAD, n=2000)
    customers = rows(scores.customers)
    assert customers == own.n_customers
    assert rows(own.to_frame()) == own.n_lines
    explained = scores.explain("c1")
    return [
        own.revenue,
        float(customers),
        float(len(str(explained)) > 0),
        float(rows(found.values)),
        float(rows(simulated.table)),
    ]


def in_a_script(code: str, *arguments: str) -> str:
    """Runs code in a process of its own, in which leverkit is used before anything else happens."""
    begin = f"""
    import sys
    sys.path.insert(0, {str(Path(__file__).parent)!r})
    import test_hostile_processes as tests
    """
    script = textwrap.dedent(begin) + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=HANGS, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_a_forked_child_answers_after_its_parent_did(kind: str) -> None:
    in_a_script(
        """
        import os, signal, sys, time, warnings
        warnings.simplefilter("ignore")
        kind = sys.argv[1]
        before = tests.work(kind)
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if tests.work(kind) == before else 3)
            except BaseException as error:
                print(type(error).__name__, error, file=sys.stderr)
                os._exit(4)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                sys.exit(os.waitstatus_to_exitcode(status))
            time.sleep(0.05)
        os.kill(child, signal.SIGKILL)
        sys.exit("the child hangs")
        """,
        kind,
    )


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_workers_that_are_started_anew_answer(method: str) -> None:
    before = work("polars")
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(work, ["polars", "pandas"], timeout=HANGS)) == [before, before]


def test_threads_answer_at_once_and_alike() -> None:
    before = work("polars")
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, ["polars"] * 32, timeout=HANGS)) == [before] * 32


def test_an_event_loop_goes_on_while_work_is_done() -> None:
    async def both() -> tuple[int, int]:
        # Long enough for the loop to turn on any machine.
        ticks, task = 0, asyncio.create_task(asyncio.to_thread(lambda: [work("polars") for _ in range(20)]))
        while not task.done():
            await asyncio.sleep(0.005)
            ticks += 1
        return ticks, len((await task)[0])

    ticks, answered = asyncio.run(both())
    assert ticks >= 2
    assert answered == 5


def test_results_come_back_from_loky() -> None:
    joblib = pytest.importorskip("joblib")
    before = work("polars")
    assert (
        joblib.Parallel(n_jobs=2, timeout=HANGS)(joblib.delayed(work)(kind) for kind in ("polars", "pyarrow"))
        == [before] * 2
    )


def test_gunicorn_that_preloads_answers_in_its_forked_workers(tmp_path: Path) -> None:
    pytest.importorskip("gunicorn")
    (tmp_path / "service.py").write_text(
        textwrap.dedent(
            f"""
            import sys
            sys.path.insert(0, {str(Path(__file__).parent)!r})
            import test_hostile_processes as tests
            BEFORE = {{kind: tests.work(kind) for kind in tests.KINDS}}

            def app(environ, start_response):
                kind = environ["PATH_INFO"].strip("/")
                start_response("200 OK", [("Content-Type", "text/plain")])
                return [str(tests.work(kind) == BEFORE[kind]).encode()]
            """
        )
    )
    in_a_script(
        """
        import socket, subprocess, sys, time, urllib.request
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--preload", "-w", "2", "-b", f"127.0.0.1:{port}", "--timeout", "60", "service:app"],
            cwd=sys.argv[1], stderr=subprocess.DEVNULL,
        )
        try:
            for kind in tests.KINDS * 2:
                for attempt in range(200):
                    try:
                        answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/{kind}", timeout=60).read()
                        break
                    except OSError:
                        time.sleep(0.3)
                else:
                    sys.exit("no answer")
                assert answer == b"True", (kind, answer)
        finally:
            server.terminate()
            server.wait(30)
        """,
        str(tmp_path),
    )


def test_a_frame_of_the_engine_needs_no_pool_of_polars() -> None:
    """Tables go to pandas and pyarrow as they are, by the capsule; the types are those that polars gave."""
    own = ledger("pyarrow")
    assert str(type(own.to_frame())).startswith("<class 'pyarrow")
    assert isinstance(ledger("polars").to_frame(), pl.DataFrame)


def test_celery_prefork_answers() -> None:
    pytest.importorskip("celery")
    pytest.importorskip("billiard")
    in_a_script(
        """
        from billiard.pool import Pool
        before = [tests.work(kind) for kind in tests.KINDS]
        pool = Pool(2)  # the pool of prefork
        try:
            assert pool.map_async(tests.work, tests.KINDS).get(timeout=90) == before
        finally:
            pool.terminate()
        """
    )
