"""Times leverkit beside its peers and writes a page for each topic under docs/benchmarks."""

from __future__ import annotations

import argparse
from pathlib import Path

from benches.peers import (
    clv_page,
    deal_page,
    demand_page,
    did_page,
    formula_page,
    indices_page,
    journeys_page,
    kano_page,
    maxdiff_page,
    needs_page,
    products_page,
    programme_page,
    read_page,
    scores_page,
    stages_page,
    willingness_page,
)

PAGES = {
    "clv": clv_page.page,
    "deal": deal_page.page,
    "demand": demand_page.page,
    "did": did_page.page,
    "formula": formula_page.page,
    "indices": indices_page.page,
    "journeys": journeys_page.page,
    "kano": kano_page.page,
    "maxdiff": maxdiff_page.page,
    "needs": needs_page.page,
    "products": products_page.page,
    "programme": programme_page.page,
    "read": read_page.page,
    "scores": scores_page.page,
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
        file = options.output / f"{topic}.md"
        file.write_text(PAGES[topic](options.rounds, options.lines), encoding="utf-8")
        print(f"wrote {file}")


if __name__ == "__main__":
    main()
