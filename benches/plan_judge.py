"""Judges the plan by companies whose levers are known: what it finds where nothing is, and how true it is where something is.

Half of the companies hold no lever, half hold one to three. A company follows from its number alone; what the plan says of it is one line of a file, so that a run
that was stopped goes on. Lines of another build of leverkit are not counted.

    python -m benches.plan_judge --companies 200 --write
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import polars as pl
from benches.plan_tables import tables

import leverkit as lk
from leverkit import _engine

PAGE = Path("docs/benchmarks/plan.md")
_BEGIN, _END = "<!-- judged: begin -->", "<!-- judged: end -->"

#: Sizes of planted levers, from and to.
_SIZES = {
    "leaking_rep": (0.03, 0.08), "leaking_category": (0.03, 0.08), "fading_channel": (0.2, 0.4), "low_price": (0.05, 0.2),
    "pair": (0.02, 0.1), "burning_entry": (0.4, 0.6),
}  # fmt: skip
#: The share of offers that is taken where no pair is planted.
_TAKEN = 0.05
#: What looks like a lever and is none.
_DECOYS = {"selected_entry": (0.4, 0.6), "lucky_month": (0.2, 0.4)}
#: The share that no data tell: what pulling a planted lever does, the plan is told.
_SHARES = {"leaking_rep": "closed", "leaking_category": "closed", "fading_channel": "reached", "burning_entry": "moved"}


def setting(number: int) -> dict[str, Any]:
    """The arguments of company `number`: of the even ones every second holds decoys and none a lever; the odd ones hold levers."""
    draw = random.Random(number)
    levers = draw.sample(list(_SIZES), draw.randint(1, 3)) if number % 2 else []
    decoys = [name for name in _DECOYS if draw.random() < 0.5] if number % 2 else list(_DECOYS) * (number % 4 == 2)
    sizes = {name: draw.uniform(*(_SIZES | _DECOYS)[name]) for name in [*levers, *decoys]}
    return {
        "levers": sizes,
        "customers": round(500 * 100 ** (draw.random() ** 2)),
        "months": draw.randint(12, 36),
        "sigma": draw.uniform(0.3, 1.5),
        "season": draw.uniform(0, 0.4),
        "trend": draw.uniform(-0.2, 0.2),
        "seed": number,
    }


def assumptions(levers: dict[str, float]) -> dict[str, dict[str, Any]]:
    """What pulling the planted levers does, as a test would tell it: it closes and moves all, and less discount loses no sale; of those to whom a pair is offered, as
    many take it as were planted. Where nothing is planted the plan is told the same: it is not to hide behind shares that nobody knows."""
    planted = [name for name in levers if name in _SIZES] or list(_SIZES)
    shares = {_SHARES[name]: 1.0 for name in planted if name in _SHARES}
    if "pair" in planted:
        shares["taken"] = levers.get("pair", _TAKEN)
    if any(name.startswith("leaking") for name in levers):
        shares["elasticity"] = 0.0
    return {
        name: {"estimate": share, "lower": share, "upper": share, "n": 1, "grade": "test"}
        for name, share in shares.items()
    }


def judge(number: int) -> dict[str, Any]:
    """What the plan says of a company, beside what is true."""
    begun = time.perf_counter()
    asked = setting(number)
    company = lk.datasets.company(**asked)
    said = {
        "number": number, "build": build(), **asked, "profit": _last_year(company.lines), "truth": company.truth.rows(named=True),
    }  # fmt: skip
    try:
        plan = lk.report.plan(company.ledger(), assumptions=assumptions(asked["levers"]))
    except lk.LeverkitError as error:
        return {**said, "error": str(error)}
    # What is not sure has no part in the plan; its money is what it brings alone.
    sure = pl.col("part").is_not_null()
    money = {"part": "alone", "lower": "alone_lower", "upper": "alone_upper"}
    told = [pl.when(sure).then(part).otherwise(alone).alias(part) for part, alone in money.items()]
    rows = plan.table.select("lever", "subject", "sure", "chance", *told).rows(named=True)
    seconds = round(time.perf_counter() - begun, 2)
    return {**said, "error": None, "a_year": plan.profit, "joint": list(plan.joint), "plan": rows, "seconds": seconds}


def _last_year(lines: pl.DataFrame) -> float:
    """Profit of the last twelve months of the lines."""
    year = lines.filter(pl.col("time") > pl.col("time").max().dt.offset_by("-12mo"))
    return float((year["paid"] - year["quantity"] * year["unit_cost"]).sum())


@cache
def build() -> str:
    """What decides an outcome: the engine, the simulator, and what it is asked for here."""
    simulator = sorted(Path(lk.datasets.__file__).parent.glob("*.py"))
    digest = hashlib.sha256()
    for file in [Path(_engine.__file__), Path(__file__), *simulator]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def known(results: Path) -> list[dict[str, Any]]:
    """What this build was judged by before."""
    lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    return [row for row in map(json.loads, lines) if row["build"] == build()]


def run(numbers: list[int], seconds: float | None) -> Iterator[dict[str, Any]]:
    """Judges the companies, each worker on a core of its own, and begins none after so many seconds."""
    # Workers import anew, so that they take this and do not crowd one another.
    os.environ |= {"RAYON_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        end = time.monotonic() + (seconds or float("inf"))
        asked = [pool.submit(judge, number) for number in numbers]
        for done in as_completed(asked):
            if not done.cancelled():
                yield done.result()
            if time.monotonic() > end:
                for waiting in asked:
                    waiting.cancel()


def page(rows: list[dict[str, Any]]) -> str:
    """The text between the markers."""
    return f"{len(rows)} companies, {dt.date.today():%B %Y}, leverkit {lk.__version__}.\n\n{tables(rows)}"


def write(text: str) -> None:
    """Puts the text between the markers of the page."""
    before, rest = PAGE.read_text(encoding="utf-8").split(_BEGIN)
    PAGE.write_text(f"{before}{_BEGIN}\n\n{text}\n{_END}{rest.split(_END)[1]}", encoding="utf-8")


def main() -> None:
    """Reads the options, judges what is not judged yet, and reports."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=200)
    parser.add_argument("--seconds", type=float, help="begin no company after so many")
    parser.add_argument("--results", type=Path, default=Path("target/plan_judge.jsonl"))
    parser.add_argument("--write", action="store_true", help=f"write the tables into {PAGE}")
    options = parser.parse_args()
    rows = known(options.results)
    missing = set(range(options.companies)) - {row["number"] for row in rows}
    options.results.parent.mkdir(parents=True, exist_ok=True)
    with options.results.open("a", encoding="utf-8") as file:
        for row in run(sorted(missing), options.seconds):
            print(json.dumps(row), file=file, flush=True)
            rows.append(row)
    text = page(sorted(rows, key=lambda row: row["number"]))
    write(text) if options.write else print(text)


if __name__ == "__main__":
    main()
