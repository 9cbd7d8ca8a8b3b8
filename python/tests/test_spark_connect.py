"""Over Spark Connect, whose client has no Java, results are those of one machine, too. A client and a classic session do not live in one process: this file is also the
program that the test starts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import leverkit as lk


def test_over_connect_results_are_those_of_one_machine(tmp_path: Path) -> None:
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("no Java (java) on PATH and no JAVA_HOME: nothing was run on Spark Connect")
    pytest.importorskip(
        "grpc", reason='no grpcio, which pip install "pyspark[connect]" brings: nothing was run on Spark Connect'
    )
    path = os.pathsep.join([str(Path(lk.__file__).parents[1]), *sys.path])
    home = {"SPARK_LOCAL_DIRS": str(tmp_path), "PYSPARK_PYTHON": sys.executable, "PYTHONPATH": path}
    run = subprocess.run(
        [sys.executable, __file__],
        env={**os.environ, **home},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert run.stdout.split() == ["same"] * 5


def main() -> None:
    from pyspark.sql import SparkSession
    from test_counts import LINES, assert_same
    from test_spark import ALL, frame

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.executorEnv.PYTHONPATH": os.environ["PYTHONPATH"],
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "3",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.remote("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    whole, ledger = lk.Ledger(LINES, **ALL), lk.spark.Ledger(frame(spark, LINES), **ALL)
    analyses = {
        "rfm.score": {},
        "rfm.cohorts": {"period": "week"},
        "rfm.limit_day": {"horizon": 90},
        "funnel.ladder": {"rungs": 4, "horizon": 90, "by": "group"},
        "profit.measure": {"limit_day": 60, "replicates": 20},
    }
    for name, params in analyses.items():
        engine, _, function = name.partition(".")
        found, own = (getattr(getattr(place, engine), function) for place in (lk.spark, lk))
        assert_same(found(ledger, **params), own(whole, **params))
        print("same")
    ledger.unpersist()
    spark.stop()


if __name__ == "__main__":
    main()
