"""`leverkit effect design | holdout | monitor`: tests before they start, when they are over, and while they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import leverkit as lk
from leverkit._lib import numbers
from leverkit.cli.config import UsageError, settings
from leverkit.cli.options import LedgerOptions, OutputOptions, ReadOptions, column, setting, with_groups
from leverkit.cli.present import Columns, analyse, digits, present, text
from leverkit.cli.run import Data, read_ledger, say, steps

Table = Annotated[Path, typer.Argument(help="A table: CSV, Excel, Parquet …", metavar="DATA", show_default=False)]

_DESIGN: Columns = {
    "weeks": ("Weeks", text),
    "customers": ("Customers", numbers.count),
    "smallest_lift": ("Smallest lift", numbers.percent),
    "smallest_lift_adjusted": ("adjusted", numbers.percent),
    "smallest_money_adjusted": ("Money a year", numbers.money),
    "needed_adjusted": ("Needed", numbers.count),
    "break_even_lift": ("Pays from", numbers.percent),
    "reason": ("", text),
}
_EFFECTS: Columns = {
    "arm": ("Arm", text),
    "metric": ("Metric", text),
    "method": ("Method", text),
    "control": ("Control", digits),
    "estimate": ("Effect", digits),
    "lower": ("from", digits),
    "upper": ("to", digits),
    "lift": ("Lift", numbers.signed_percent),
    "q_value": ("q", digits),
}
_LOOKS: Columns = {
    "look": ("Look", text),
    "information": ("Seen", numbers.percent),
    "estimate": ("Effect", digits),
    "z": ("z", digits),
    "bound": ("Bound", digits),
    "plain_false_alarms": ("Plain test", numbers.percent),
    "decision": ("Decision", text),
}


@with_groups
def design(
    data: Data,
    ledger: LedgerOptions,
    reading: ReadOptions,
    outputs: OutputOptions,
    metric: Annotated[str, setting("--metric", "spend (default), margin, orders, active or items.", "NAME")] = "spend",
    weeks: Annotated[
        list[int] | None, setting("--weeks", "A length of the test; repeatable. By default 1, 2, 4, 8, 13.", "N")
    ] = None,
    active_days: Annotated[
        int | None, setting("--active-days", "Only customers with an order in so many days.", "DAYS")
    ] = None,
    share: Annotated[float, setting("--share", "Share of customers who are treated; 0.5 by default.", "SHARE")] = 0.5,
    lift: Annotated[float, setting("--lift", "The effect looked for; 0.05 by default.", "SHARE")] = 0.05,
    power: Annotated[float, setting("--power", "Chance of finding it; 0.8 by default.", "SHARE")] = 0.8,
    value: Annotated[float | None, setting("--value", "What one unit of the metric is worth.", "MONEY")] = None,
    cost: Annotated[float | None, setting("--cost", "What the test costs.", "MONEY")] = None,
) -> None:
    """What a test on your own customers can show: the smallest effect in per cent and money, and false alarms on the past."""
    outputs.check()
    with steps(2) as step:
        built = read_ledger(data, settings(ledger.config, ledger.by_section() | reading.by_section()), step)
        step("Re-randomising the past")
        asked: dict[str, Any] = {"metric": metric, "active_days": active_days, "share": share, "lift": lift}
        asked |= {"power": power, "value": value, "cost": cost}
        if weeks:
            asked["weeks"] = weeks
        found = lk.effect.design(built, **asked)
    present(found, outputs, _DESIGN)
    for row in found._tables["false_alarms"].iter_rows(named=True):
        say(
            f"{row['estimate']}: {numbers.percent(row['false_alarms'])} false alarms on {found.tried} weeks of the past, "
            f"the lift is found in {numbers.percent(row['power'])}"
        )


@with_groups
def holdout(
    data: Table,
    reading: ReadOptions,
    outputs: OutputOptions,
    metric: Annotated[list[str], column("--metric", "What is compared; repeatable.")],
    arm: Annotated[str, column("--arm", "The arm that the unit was drawn into; arm by default.")] = "arm",
    control: Annotated[
        str, setting("--control", "The arm nothing was done to; control by default.", "NAME")
    ] = "control",
    before: Annotated[
        list[str] | None, column("--before", "A metric before the test; repeatable.", "METRIC=COLUMN")
    ] = None,
    ratio: Annotated[list[str] | None, column("--ratio", "A ratio of sums; repeatable.", "NAME=COLUMN/COLUMN")] = None,
    segment: Annotated[list[str] | None, column("--segment", "Segments registered before; repeatable.")] = None,
    received: Annotated[str | None, column("--received", "1 for those who received it.")] = None,
    score: Annotated[str | None, column("--score", "A number by which units would be chosen.")] = None,
) -> None:
    """What a test found: arms that were drawn by lot, one row per unit."""
    asked: dict[str, Any] = {
        "arm": arm,
        "control": control,
        "metrics": metric,
        "before": dict(_pair(one, "--before METRIC=COLUMN") for one in before or []),
        "ratios": dict(_ratio(one) for one in ratio or []),
        "segments": segment,
        "received": received,
        "score": score,
    }
    analyse(
        data,
        reading,
        outputs,
        lambda units: lk.effect.holdout(units, **asked),
        _EFFECTS,
        pick=lambda found: found._tables["effects"],
        prefix="holdout_",
    )


@with_groups
def monitor(
    data: Table,
    reading: ReadOptions,
    outputs: OutputOptions,
    planned: Annotated[float, setting("--planned", "Units that the whole test was planned for.", "N")],
    n: Annotated[str, column("--n", "Units so far; n by default.")] = "n",
    estimate: Annotated[str, column("--estimate", "The effect so far; estimate by default.")] = "estimate",
    std_error: Annotated[str, column("--std-error", "Its standard error; std_error by default.")] = "std_error",
    spending: Annotated[str, setting("--spending", "obrien_fleming (default) or pocock.", "NAME")] = "obrien_fleming",
) -> None:
    """Whether a running test may stop: one row per look."""
    asked: dict[str, Any] = {"planned": planned, "n": n, "estimate": estimate, "std_error": std_error}
    asked["spending"] = spending
    analyse(data, reading, outputs, lambda looks: lk.effect.monitor(looks, **asked), _LOOKS, prefix="monitor_")


def _pair(text: str, form: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if not name or not value:
        raise UsageError(f'got "{text}"; expected {form}')
    return name, value


def _ratio(text: str) -> tuple[str, tuple[str, str]]:
    form = "--ratio NAME=COLUMN/COLUMN"
    name, columns = _pair(text, form)
    above, _, below = columns.partition("/")
    if not above or not below:
        raise UsageError(f'got "{text}"; expected {form}')
    return name, (above, below)


def register(group: typer.Typer) -> None:
    """Adds the commands to their group."""
    group.command("design")(design)
    group.command("holdout")(holdout)
    group.command("monitor")(monitor)
