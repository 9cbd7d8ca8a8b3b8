"""A Spark of the tests' own: two executors with a core and a gigabyte each, real processes; without Java the test is skipped, and says so."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import leverkit as lk

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@contextmanager
def session(home: Path) -> Iterator[SparkSession]:
    """A session whose executors find leverkit where the tests do; it stops with the block."""
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("no Java (java) on PATH and no JAVA_HOME: nothing was run on Spark")
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_DIRS"] = str(home)
    path = os.pathsep.join([str(Path(lk.__file__).parents[1]), *sys.path])
    settings = {
        "spark.executorEnv.PYTHONPATH": path,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.adaptive.coalescePartitions.enabled": "false",
        "spark.sql.warehouse.dir": str(home / "warehouse"),
    }
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("leverkit")
    for name, value in settings.items():
        builder = builder.config(name, value)
    found = builder.getOrCreate()
    found.sparkContext.setLogLevel("OFF")
    try:
        yield found
    finally:
        found.stop()
