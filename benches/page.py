"""How large the demo's page is and how soon it opens: `python -m benches.page report.html`. Fails beyond 3 MB, or 1.5 s in the median."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

sys.path.insert(0, "python/tests")

from browser import browser

ROUNDS, MOST_BYTES, MOST_SECONDS = 9, 3_000_000, 1.5
#: From the start of the navigation until everything is loaded and the first page is painted, in milliseconds.
OPENED = """new Promise(tell => setTimeout(() => tell(Math.max(
  performance.getEntriesByType('navigation')[0].loadEventEnd,
  ...performance.getEntriesByName('first-contentful-paint').map(one => one.startTime))), 50))"""


def main() -> int:
    """Opens the page several times in a new browser each."""
    file = Path(sys.argv[1] if len(sys.argv) > 1 else "report.html").resolve()
    seconds = []
    for _ in range(ROUNDS):
        with browser() as page:
            page.size(1200)
            page.open(file)
            seconds.append(page.run(OPENED) / 1000)
    size, median = file.stat().st_size, statistics.median(seconds)
    print(
        f"{file.name}: {size / 1e6:.2f} MB, opens in {median:.2f} s (median of {ROUNDS}, {min(seconds):.2f} to {max(seconds):.2f})"
    )
    return int(size > MOST_BYTES or median > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
