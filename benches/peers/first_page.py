"""The first page of the benchmarks: one line for each job, from the tables of all pages, and whether the stated ratios are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benches.peers.floor import FLOOR

#: How many times as long as leverkit the fastest peer takes at least, by topic and job; `make bench` fails where one is missed twice by more than `SLACK`.
STATED = {
    ("clv", "BG/NBD, 1,000,000 customers"): 30.0,
    ("clv", "Pareto/NBD, 100,000 customers"): 50.0,
    ("clv", "Pareto/NBD, 1,000,000 customers"): 50.0,
    ("clv", "The summary from order lines"): 12.0,
    ("deal", "The price–volume–mix bridge by product and segment"): 1.2,
    ("deal", "The bridge by customer and product"): 1.2,
    ("demand", "Product and week effects, errors clustered by product"): 10.0,
    ("demand", "Three effects that hardly overlap"): 2.0,
    ("demand", "An elasticity for each product"): 0.5,
    ("did", "Group–time effects"): 7.0,
    ("formula", "10,000,000 scenarios"): 7.0,
    ("formula", "Exact Shapley values of 22 parameters"): 15.0,
    ("formula", "LMDI over 1,000,000 segments"): 1.0,
    ("formula", "Sobol's indices, N = 2^17"): 50.0,
    ("indices", "GEKS of Fisher"): 1.2,
    ("journeys", "Transitions between events"): 1.2,
    ("needs", "Four latent classes from ten starts"): 12.0,
    ("products", "From the first order's products to the second's"): 1.5,
    ("products", "Products bought together"): 1.0,
    ("programme", "From order lines to a verdict"): 1.5,
    ("scores", "From the file, integer ids"): 1.0,
    ("scores", "From the file, text ids"): 1.2,
    ("scores", "From a built Ledger"): 5.0,
    ("stages", "Five stages within 30 days"): 5.0,
    ("willingness", "Multinomial logit"): 3.0,
}
SLACK = 0.15

_ROW = re.compile(r"^\| (?P<name>[^|]+?) \| (?P<seconds>[\d.]+) \| (?P<ratio>[\d.]+) \|", re.MULTILINE)


@dataclass(frozen=True)
class Job:
    """What is timed on a page: leverkit's seconds, the fastest peer with its multiple of them, and that of reading alone."""

    topic: str
    name: str
    seconds: float
    peer: str
    ratio: float
    floor: float | None


def jobs(topic: str, page: str) -> Iterator[Job]:
    """The jobs of a page that have a peer; each is a heading with a table whose first row is leverkit's."""
    for part in page.split("\n## ")[1:]:
        rows = {row["name"]: (float(row["seconds"]), float(row["ratio"])) for row in _ROW.finditer(part)}
        ours = [name for name in rows if name.startswith("leverkit")]
        peers = {name: ratio for name, (_, ratio) in rows.items() if name not in ours and FLOOR not in name}
        if not ours or not peers:
            continue
        fastest = min(peers, key=peers.__getitem__)
        floor = next((ratio for name, (_, ratio) in rows.items() if FLOOR in name), None)
        yield Job(topic, part.splitlines()[0], rows[ours[0]][0], fastest, peers[fastest], floor)


def missed(found: list[Job]) -> list[Job]:
    """The jobs whose stated ratio is missed by more than the slack."""
    return [job for job in found if job.ratio < STATED.get((job.topic, job.name), 0.0) * (1 - SLACK)]


def read(folder: Path) -> list[Job]:
    """The jobs of all pages in a folder."""
    pages = sorted(page for page in folder.glob("*.md") if page.stem != "index")
    return [job for page in pages for job in jobs(page.stem, page.read_text(encoding="utf-8"))]


def write(found: list[Job]) -> str:
    """The page."""
    lines = [
        f"| [{job.name}]({job.topic}.md) | {job.seconds:.3f} | {job.peer} | {job.ratio:.2f} | {job.floor or '–'} |"
        for job in found
    ]
    table = "\n".join(lines)
    return f"""# Benchmarks

Written by `make bench` from the pages of the topics, which name sizes, machine and versions and show all peers. A ratio above 1 says how many times as long as leverkit
the fastest peer takes, one below 1 that the peer is faster. *Reading alone* is what reading all columns of the file costs, in the same unit; jobs that need few of them can take less.
Peers whose name says "lines" or "counts alone" do less work.

| job | leverkit, s | fastest peer | × leverkit | reading alone |
|---|---:|---|---:|---:|
{table}
"""
