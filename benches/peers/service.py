"""The latency of the service of examples/service under a steady load on loopback, while it reloads a newer ledger.

Requests are sent when they are due, whether or not the former ones were answered, and their latency counts from then: a service that stalls cannot hide it by
slowing the client down.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = Path("target/release/leverkit-service")
CONNECTIONS = 32


@dataclass
class Load:
    """What came of a load: milliseconds of each answer, when it was due, and which failed."""

    due: list[float] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    #: Of each reload, when it began and ended.
    reloads: list[tuple[float, float]] = field(default_factory=list)

    def during_reloads(self) -> list[float]:
        """Latencies of the requests that were due while the service reloaded."""
        pairs = zip(self.due, self.latency, strict=True)
        return [latency for due, latency in pairs if any(begin <= due < end for begin, end in self.reloads)]


def run(ledgers: tuple[Path, Path], customers: int, per_second: int, seconds: float) -> Load:
    """Loads the service for some seconds; each quarter of the time the other of two ledgers is moved into place and read."""
    live = ledgers[0].with_name("live.ledger")
    _move(ledgers[0], live)
    with _service(live) as port:
        load = Load()
        start = time.perf_counter() + 0.5
        reloading = threading.Thread(target=_reload, args=(ledgers, live, port, start, seconds, load))
        reloading.start()
        asyncio.run(_ask(port, customers, per_second, seconds, start, load))
        reloading.join()
    shutil.rmtree(live)
    return load


def _move(ledger: Path, live: Path) -> None:
    """A newer ledger takes the place of the one that is read: it is whole from the first moment on."""
    new, old = live.with_suffix(".new"), live.with_suffix(".old")
    shutil.copytree(ledger, new)
    if live.exists():
        live.rename(old)
    new.rename(live)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _service(ledger: Path) -> Iterator[int]:
    settings = ledger.with_suffix(".toml")
    settings.write_text(f'listen = "127.0.0.1:0"\ndata = "{ledger.resolve()}"\nhorizon = 30\nchance = 0.5\n')
    service = subprocess.Popen([PROGRAM, settings], stderr=subprocess.PIPE, text=True)
    try:
        assert service.stderr is not None
        told = service.stderr.readline()
        found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", told)
        if found is None:
            raise SystemExit(f"the service did not start: {told}")
        yield int(found[1])
    finally:
        service.terminate()
        service.wait()
        settings.unlink()


def _reload(ledgers: tuple[Path, Path], live: Path, port: int, start: float, seconds: float, load: Load) -> None:
    for quarter in (1, 2, 3):
        time.sleep(max(0.0, start + seconds * quarter / 4 - time.perf_counter()))
        _move(ledgers[quarter % 2], live)
        begin = time.perf_counter() - start
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", "/reload")
        answer = connection.getresponse()
        told = answer.read()
        if answer.status != 200:
            load.failed.append(f"reload: {answer.status} {told[:100]!r}")
        load.reloads.append((begin, time.perf_counter() - start))
        connection.close()


async def _ask(port: int, customers: int, per_second: int, seconds: float, start: float, load: Load) -> None:
    """One coroutine for each connection; the next free one takes the next request that is due."""
    due: asyncio.Queue[float] = asyncio.Queue()
    workers = [asyncio.create_task(_connection(port, customers, start, due, load)) for _ in range(CONNECTIONS)]
    for number in range(int(per_second * seconds)):
        when = number / per_second
        await asyncio.sleep(max(0.0, start + when - time.perf_counter()))
        due.put_nowait(when)
    await due.join()
    for worker in workers:
        worker.cancel()


async def _connection(port: int, customers: int, start: float, due: asyncio.Queue[float], load: Load) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    draw = random.Random(id(reader))
    while True:
        when = await due.get()
        customer = draw.randrange(customers)
        try:
            writer.write(f"GET /customers/{customer} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            body = await reader.readexactly(int(head.lower().partition("content-length:")[2].split()[0]))
            # A customer who never came is told so: that, too, is an answer.
            if head.split()[1] not in ("200", "404") or not json.loads(body):
                load.failed.append(head.splitlines()[0])
        except (OSError, asyncio.IncompleteReadError) as error:
            load.failed.append(repr(error))
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        load.due.append(when)
        load.latency.append(1000 * (time.perf_counter() - start - when))
        due.task_done()
