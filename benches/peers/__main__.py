"""Times leverkit beside its peers and writes a page for each topic under docs/benchmarks, and a first page of all; fails where a stated ratio is missed twice."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benches.peers import (
    clv_page,
    counts_page,
    deal_page,
    demand_page,
    did_page,
    first_page,
    formula_page,
    growth_page,
    indices_page,
    journeys_page,
    kano_page,
    maxdiff_page,
    needs_page,
    products_page,
    programme_page,
    read_page,
    scale_page,
    scores_page,
    service_page,
    spark_page,
    stages_page,
    willingness_page,
)

PAGES = {
    "clv": clv_page.page,
    "counts": counts_page.page,
    "deal": deal_page.page,
    "demand": demand_page.page,
    "did": did_page.page,
    "formula": formula_page.page,
    "growth": growth_page.page,
    "indices": indices_page.page,
    "journeys": journeys_page.page,
    "kano": kano_page.page,
    "maxdiff": maxdiff_page.page,
    "needs": needs_page.page,
    "products": products_page.page,
    "programme": programme_page.page,
    "read": read_page.page,
    "scale": scale_page.page,
    "scores": scores_page.page,
    "service": service_page.page,
    "spark": spark_page.page,
    "stages": stages_page.page,
    "willingness": willingness_page.page,
}


def main() -> None:
    """Reads the options, runs, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("topics", nargs="*", choices=[*PAGES, []], default=list(PAGES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=10_000_000, help="order lines of the file that engines read")
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for topic in options.topics:
        _run(topic, options)
    again = {job.topic for job in _missed(options)}
    for topic in sorted(again):
        _run(topic, options)
    found = first_page.read(options.output)
    (options.output / "index.md").write_text(first_page.write(found), encoding="utf-8")
    if again and (missed := _missed(options)):
        sys.exit("missed twice: " + "; ".join(f"{job.name}: {job.ratio} times {job.peer}" for job in missed))


def _run(topic: str, options: argparse.Namespace) -> None:
    file = options.output / f"{topic}.md"
    file.write_text(PAGES[topic](options.rounds, options.lines), encoding="utf-8")
    print(f"wrote {file}")


def _missed(options: argparse.Namespace) -> list[first_page.Job]:
    """The jobs of the topics that ran whose stated ratio is missed."""
    return [job for job in first_page.missed(first_page.read(options.output)) if job.topic in options.topics]


if __name__ == "__main__":
    main()
