"""A ledger built beyond memory from many Parquet files, and analyses of it as it was opened, beside DuckDB's queries of the same files.

Memory is that which is not of a file: the pages of a mapped ledger can be taken back at any time, as those of the files that DuckDB reads. DuckDB gets
the memory that the build gets, and a folder to spill to.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

Check = dict[str, float]
MEMORY = "4GiB"
GAPS = """gaps as (
    select customer_id, day, date_diff('day', lag(day) over (partition by customer_id order by day), day) gap
    from (select distinct customer_id, day from lines))"""


def ledger_of(folder: str) -> Path:
    """Where the ledger of a folder of files is built."""
    return Path(folder).with_suffix(".ledger")


def build(folder: str) -> Check:
    import leverkit as lk

    roles = dict(customer="customer_id", time="day", amount="amount", product="product_id")
    to = ledger_of(folder)
    shutil.rmtree(to, ignore_errors=True)
    ledger = lk.Ledger.build(f"{folder}/*.parquet", to=to, memory=MEMORY, **roles)
    return {"customers": float(ledger.n_customers), "days": float(ledger.n_orders), "money": ledger.revenue}


def scores(ledger: Any) -> Check:
    import leverkit as lk

    customers = lk.rfm.score(ledger)._tables["customers"]
    return {"customers": float(customers.height), "money": customers["monetary"].sum()}


def limit_day(ledger: Any) -> Check:
    import leverkit as lk

    limits = lk.rfm.limit_day(ledger)._tables["limits"]
    return {"returned": float(limits["returned"].sum())}


def ladder(ledger: Any) -> Check:
    import leverkit as lk

    return {"reached": float(lk.funnel.ladder(ledger, rungs=10)._tables["table"]["customers"].sum())}


def triggers(ledger: Any) -> Check:
    import leverkit as lk

    lk.rfm.triggers(ledger)._tables["table"]
    return {}


def cohorts(ledger: Any) -> Check:
    import leverkit as lk

    return {"active": float(lk.rfm.cohorts(ledger)._tables["table"]["customers"].sum())}


def summary(ledger: Any) -> Check:
    import leverkit as lk

    found = lk.clv.summary(ledger)
    return {"customers": float(found.height), "repeats": float(found["frequency"].sum())}


def next_products(ledger: Any) -> Check:
    import leverkit as lk

    found = lk.funnel.next_products(ledger, start="first", horizon=36_500)
    table, repeats = found._tables["table"], found._tables["states"]["repeat_count"]
    return {"transitions": float(table["count"].sum() + repeats.sum())}


def norms(ledger: Any) -> Check:
    import leverkit as lk

    lk.rfm.norms(ledger)._tables["table"]
    return {}


def migration(ledger: Any) -> Check:
    import leverkit as lk

    dates = [f"2025-{month:02}-01" for month in range(1, 13)] + ["2026-01-01"]
    return {"moves": float(lk.rfm.migration(ledger, dates=dates)._tables["flows"]["customers"].sum())}


def entry_products(ledger: Any) -> Check:
    import leverkit as lk

    return {"products": float(lk.funnel.entry_products(ledger)._tables["table"].height)}


#: What no short query asks: beside one scoring.
ALONE: dict[str, Callable[[Any], Check]] = {
    "norms": norms,
    "migration over 12 months": migration,
    "entry products": entry_products,
}

#: What is asked, by its name: of the ledger, and in SQL, whose columns are what is checked.
ANALYSES: dict[str, tuple[Callable[[Any], Check], str]] = {
    "scores": (
        scores,
        """with measures as (select customer_id, max(day) last, count(distinct day) frequency, sum(amount) monetary from lines group by 1),
        scored as (select *, ntile(5) over (order by last) r, ntile(5) over (order by frequency) f, ntile(5) over (order by monetary) m from measures)
        select count(*) customers, sum(monetary) money, count(*) filter (r + f + m = 15) best from scored""",
    ),
    "limit day": (
        limit_day,
        f"""with {GAPS}, counts as (select gap, count(*) returned from gaps where gap is not null group by 1)
        select sum(returned) returned, count(*) steps from (select gap, returned, sum(returned) over (order by gap desc) at_risk from counts)""",
    ),
    "ladder": (
        ladder,
        """with orders as (select customer_id, count(distinct day) orders from lines group by 1)
        select sum(least(orders, 10)) reached from orders""",
    ),
    "triggers": (
        triggers,
        """with last as (select customer_id, max(day) last, count(distinct day) orders, sum(amount) money from lines group by 1),
        passed as (select *, (select max(last) from last) - last silent from last)
        select count(*) called, sum(money) at_risk from passed where silent > 90""",
    ),
    "cohorts": (
        cohorts,
        """with days as (select customer_id, date_trunc('month', day) as month, sum(amount) money from lines group by 1, 2),
        cohort as (select *, min(month) over (partition by customer_id) cohort from days),
        found as (select cohort, month, count(*) customers, sum(money) money from cohort group by 1, 2)
        select sum(customers) active from found""",
    ),
    "summary": (
        summary,
        """with days as (select customer_id, day, sum(amount) money from lines group by 1, 2),
        found as (select customer_id, count(*) - 1 frequency, max(day) - min(day) recency, avg(money) money from days group by 1)
        select count(*) customers, sum(frequency) repeats from found""",
    ),
    "next products": (
        next_products,
        """with days as (select distinct customer_id, day from lines),
        placed as (select *, row_number() over (partition by customer_id order by day) place from days qualify place <= 2),
        items as (select distinct customer_id, place, product_id from lines join placed using (customer_id, day)),
        pairs as (select a.product_id p, b.product_id q, count(*) n from items a join items b using (customer_id)
                  where a.place = 1 and b.place = 2 group by 1, 2)
        select sum(n) transitions, count(*) pairs from pairs""",
    ),
}

#: What DuckDB has to do at least where leverkit builds.
GROUPED = """select count(*) customers, sum(orders) as "days", sum(money) money
    from (select customer_id, count(distinct day) orders, sum(amount) money from lines group by 1)"""


def _asked(analysis: Callable[[Any], Check]) -> Callable[[str], dict[str, Any]]:
    def run(folder: str) -> dict[str, Any]:
        import leverkit as lk

        return watched(lambda: analysis(lk.Ledger.open(ledger_of(folder))))

    return run


def _queried(query: str) -> Callable[[str], dict[str, Any]]:
    def run(folder: str) -> dict[str, Any]:
        import duckdb

        spill = Path(folder).with_suffix(".spill")
        connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(spill)})
        connection.execute(f"create view lines as select * from '{folder}/*.parquet'")
        return watched(lambda: _row(connection.execute(query)))

    return run


def _row(found: Any) -> Check:
    names = [column[0] for column in found.description]
    return dict(zip(names, map(float, found.fetchone()), strict=True))


def watched(work: Callable[[], Check]) -> dict[str, Any]:
    """What comes of work, the time it took and the most memory, in MiB, that was not of a file."""
    with _peak() as peak:
        start = time.perf_counter()
        checks = work()
        wall = time.perf_counter() - start
    return {"wall": wall, "anonymous": peak[0], "checks": checks}


@contextmanager
def _peak() -> Iterator[list[float]]:
    peak, done = [_anonymous()], Event()

    def look() -> None:
        while not done.wait(0.01):
            peak[0] = max(peak[0], _anonymous())

    watcher = Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def _anonymous() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


Peer = Callable[[str], dict[str, Any]]
BUILD: dict[str, Peer] = {
    "leverkit, build": lambda folder: watched(lambda: build(folder)),
    "DuckDB, group by customer": _queried(GROUPED),
}
LEVERKIT: dict[str, Peer] = {name: _asked(analysis) for name, (analysis, _) in ANALYSES.items()} | {
    name: _asked(analysis) for name, analysis in ALONE.items()
}
DUCKDB: dict[str, Peer] = {name: _queried(query) for name, (_, query) in ANALYSES.items()}
