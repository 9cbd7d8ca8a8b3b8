"""The page on growth: seconds and memory of six jobs at three sizes, with a figure on logarithmic axes."""

from __future__ import annotations

import math
import statistics
from pathlib import Path

from benches.peers.generate import events, panel, shop_files
from benches.peers.growth import JOBS
from benches.peers.harness import intro, run_once

FIGURE = Path("docs/images/growth.svg")
NAMES = {
    "ledger": "build a ledger, reading the files included",
    "scores": "RFM scores from a ledger",
    "ladder": "order ladder from a ledger",
    "rules": "basket rules from a ledger",
    "funnel": "five stages from an event log",
    "elasticity": "elasticities by product from a frame",
}
#: Seconds and MiB by size, of each job.
Curves = dict[str, list[tuple[float, float]]]


def page(rounds: int, lines: int) -> str:
    """Runs and writes the page and its figure; the largest size is that of the lines asked for."""
    sizes = [lines // 100, lines // 10, lines]
    rounds = min(rounds, 3)
    curves = {job: [_median(job, size, rounds) for size in sizes] for job in JOBS}
    _draw(sizes, curves)
    what = (
        f"order lines, events or weeks of a product in a store, {sizes[0]:,} to {sizes[-1]:,} of them, ten in the mean of a customer and of a user, and 2,000 of a\n"
        "product. The data that a job begins with are read before the clock starts."
    )
    rows = "\n".join(_row(job, sizes, curves[job]) for job in JOBS)
    return f"""# Benchmarks: growth

{intro(what, rounds)}
*Power* is that of the size by which time grew over the last step, and over both: 1 means ten times the time for ten times the lines. Memory is the peak of the process, its data
and the packages included.

![Seconds and memory by size, on logarithmic axes](../images/{FIGURE.name})

| job | {" | ".join(f"{size:,}, s" for size in sizes)} | power, last step | power | {" | ".join(f"{size:,}, MiB" for size in sizes)} |
|---|{"---:|" * (2 + 2 * len(sizes))}
{rows}
"""


def _data(job: str, size: int) -> Path:
    if job == "funnel":
        return events(size, size // 10)
    if job == "elasticity":
        return panel(size // 2000)
    return shop_files(size, size // 10)


def _median(job: str, size: int, rounds: int) -> tuple[float, float]:
    runs = [run_once("growth.JOBS", job, str(_data(job, size)), str(_data(job, 20_000))) for _ in range(rounds)]
    failed = next((run["failed"] for run in runs if "failed" in run), None)
    if failed:
        raise SystemExit(f"{job} of {size}: {failed}")
    wall, memory = (statistics.median(run[key] for run in runs) for key in ("wall", "memory"))
    return wall, memory


def _power(start: float, end: float, steps: int) -> float:
    return math.log10(end / start) / steps


def _row(job: str, sizes: list[int], curve: list[tuple[float, float]]) -> str:
    seconds, memory = ([point[part] for point in curve] for part in (0, 1))
    steps = len(sizes) - 1
    cells = [f"{second:.3f}" for second in seconds]
    cells += [f"{_power(seconds[-2], seconds[-1], 1):.2f}", f"{_power(seconds[0], seconds[-1], steps):.2f}"]
    return f"| {NAMES[job]} | {' | '.join([*cells, *(f'{size:.0f}' for size in memory)])} |"


def _draw(sizes: list[int], curves: Curves) -> None:
    import matplotlib

    matplotlib.use("svg")
    # One file for one set of numbers: names of elements are not drawn by chance.
    matplotlib.rcParams["svg.hashsalt"] = "growth"
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
    for part, (panel_of, title) in enumerate(zip(panels, ("seconds", "peak memory, MiB"), strict=True)):
        for job, curve in curves.items():
            panel_of.plot(sizes, [point[part] for point in curve], marker="o", label=job)
        panel_of.set(xscale="log", yscale="log", xlabel="lines", title=title)
        panel_of.grid(alpha=0.3)
    # A line of slope one, to judge the others by.
    first = min(curve[0][0] for curve in curves.values())
    panels[0].plot(
        sizes, [first * size / sizes[0] for size in sizes], linestyle=":", color="grey", label="in proportion"
    )
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right center", frameon=False)
    FIGURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(FIGURE, metadata={"Date": None})
    pyplot.close(figure)
