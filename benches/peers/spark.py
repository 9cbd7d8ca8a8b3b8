"""A ledger over Spark and analyses of it, on one executor and on two: real processes on one machine, a core each, and what they send.

Bytes are those that Spark itself counts in its log of events.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PARTITIONS = 8
LEDGER = "the ledger"
#: Each session pays for its start by itself, outside the clock.
NO_WARM_UP = "none"


def analyses() -> dict[str, Callable[[Any], Any]]:
    """What is asked of the ledger, by its name; those with counts of their own come first."""
    import leverkit as lk

    over = lk.spark
    return {
        "cohorts": over.rfm.cohorts,
        "ladder": over.funnel.ladder,
        "limit day": over.rfm.limit_day,
        "scores": over.rfm.score,
        "next products": over.funnel.next_products,
    }


def _on(executors: int) -> Callable[[str], dict[str, Any]]:
    def run(folder: str) -> dict[str, Any]:
        if folder == NO_WARM_UP:
            return {}
        with tempfile.TemporaryDirectory() as home:
            with _session(executors, Path(home)) as spark:
                seconds, checks = _timed(spark, folder)
            sent = _sent(Path(home) / "events")
        return {"wall": sum(seconds.values()), "seconds": seconds, "sent": sent, "checks": checks}

    return run


def _timed(spark: SparkSession, folder: str) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds by the name of what was done, and numbers that have to be the same on any number of executors."""
    import leverkit as lk

    lines = spark.read.parquet(folder)
    lines.limit(1).mapInArrow(_as_they_are, lines.schema).collect()  # Executors start their Python outside the clock.
    seconds, checks = {}, {}
    spark.sparkContext.setJobGroup(LEDGER, LEDGER)
    start = time.perf_counter()
    ledger = lk.spark.Ledger(lines, customer="customer_id", time="day", amount="amount", product="product_id")
    checks["lines"] = float(ledger.n_lines)
    seconds[LEDGER] = time.perf_counter() - start
    for name, analysis in analyses().items():
        spark.sparkContext.setJobGroup(name, name)
        start = time.perf_counter()
        found = analysis(ledger)
        seconds[name] = time.perf_counter() - start
        checks[name] = float(sum(table.height for table in found._tables.values()))
    return seconds, checks


def _as_they_are(batches: Iterator[Any]) -> Iterator[Any]:
    yield from batches


@contextmanager
def _session(executors: int, home: Path) -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession

    import leverkit as lk

    (home / "events").mkdir()
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_DIRS"] = str(home)
    # An executor has a core, and so have the threads of the engine in it.
    settings = {
        "spark.executorEnv.PYTHONPATH": os.pathsep.join([str(Path(lk.__file__).parents[1]), *sys.path]),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(PARTITIONS),
        "spark.sql.adaptive.coalescePartitions.enabled": "false",
        "spark.sql.warehouse.dir": str(home / "warehouse"),
        "spark.eventLog.enabled": "true",
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": (home / "events").as_uri(),
    }
    builder = SparkSession.builder.master(f"local-cluster[{executors},1,2048]").appName("bench")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    try:
        yield spark
    finally:
        spark.stop()


def _sent(folder: Path) -> dict[str, dict[str, int]]:
    """Bytes that were shuffled and that went to the driver, by the name of what was done."""
    of_stage: dict[int, str] = {}
    found: dict[str, dict[str, int]] = {}
    for line in (line for file in folder.iterdir() for line in file.read_text(encoding="utf-8").splitlines()):
        event = json.loads(line)
        if event["Event"] == "SparkListenerJobStart":
            name = event["Properties"].get("spark.jobGroup.id")
            of_stage |= dict.fromkeys(event["Stage IDs"], name) if name else {}
        elif event["Event"] == "SparkListenerTaskEnd" and event["Stage ID"] in of_stage:
            sums = found.setdefault(of_stage[event["Stage ID"]], {"shuffled": 0, "to the driver": 0})
            metrics = event.get("Task Metrics") or {}
            sums["shuffled"] += metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
            sums["to the driver"] += metrics.get("Result Size", 0)
    return found


PEERS: dict[str, Callable[[str], dict[str, Any]]] = {"1 executor": _on(1), "2 executors": _on(2)}
