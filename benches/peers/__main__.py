"""Times leverkit beside its peers and writes a page for each engine under docs/benchmarks."""

from __future__ import annotations

import argparse
from pathlib import Path

from benches.peers import (
    choice_page,
    clv_page,
    elasticity_page,
    funnel_page,
    journey_page,
    pricing_page,
    profit_page,
    read_page,
    rfm_page,
    stages_page,
)

PAGES = {
    "surveys": choice_page.page,
    "clv": clv_page.page,
    "elasticity": elasticity_page.page,
    "funnel": funnel_page.page,
    "journey": journey_page.page,
    "pricing": pricing_page.page,
    "profit": profit_page.page,
    "read": read_page.page,
    "rfm": rfm_page.page,
    "stages": stages_page.page,
}


def main() -> None:
    """Reads the options, runs, writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engines", nargs="*", choices=[*PAGES, []], default=list(PAGES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=10_000_000, help="order lines of the file that engines read")
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks"))
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    for engine in options.engines:
        file = options.output / f"{engine}.md"
        file.write_text(PAGES[engine](options.rounds, options.lines), encoding="utf-8")
        print(f"wrote {file}")


if __name__ == "__main__":
    main()
