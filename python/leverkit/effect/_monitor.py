"""When to stop a test: bounds for looks on the way, estimates after an early stop, and limits that hold at all times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, from_engine, kind_of, only, through
from leverkit._lib.inputs import repr_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.errors import ParameterError

__all__ = ["Monitor", "bounds", "monitor"]

#: As many as the engine takes; more are not even laid out.
_MOST_LOOKS = 1000


class Monitor(Result):
    """A running test, watched.

    Attributes
    ----------
    table : frame
        One row per look: look, n, information (share of the planned units), estimate, std_error, z, bound (null where no test could stop yet), spent
        (error up to this look), plain_false_alarms (chance that a plain test at each look so far finds something where there is nothing), lower and
        upper (limits that hold at all looks together), sequence_lower and sequence_upper (at all times together, looked at or not), decision.
    stopped : frame
        The row of a stopped test, else none: look, estimate (median-unbiased), lower, upper, p_value, corrected for the looks before.
    decision : str
        "effect" (the bound is crossed: stop), "go on", or "no effect shown" (all planned units are seen).
    """

    table: Frame
    stopped: Frame
    decision: str

    @drawn_by("monitor.monitor")
    def plot(
        self, kind: Literal["bounds", "sequence"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: z-values and their "bounds" (default), or the estimate with the confidence "sequence"."""

    def _headline(self) -> str:
        look = self._tables["table"].row(-1, named=True)
        seen = numbers.percent(look["information"])
        if self.decision == "go on":
            return t("Go on: after {seen} of the planned units nothing is settled", seen=seen)
        row = self._tables["stopped"].row(0, named=True)
        told = {name: numbers.signed(row[name]) for name in ("estimate", "lower", "upper")}
        if self.decision == "effect":
            return t("Stop: an effect of {estimate} ({lower} to {upper})", **told)
        return t("All is seen and no effect is shown: {estimate} ({lower} to {upper})", **told)


def monitor(
    looks: Any,
    *,
    planned: float,
    n: str = "n",
    estimate: str = "estimate",
    std_error: str = "std_error",
    spending: Literal["obrien_fleming", "pocock"] = "obrien_fleming",
    level: float = 0.95,
    tuned_at: float | None = None,
) -> Monitor:
    """Watches a running test: may it stop, and what does it say then?

    A plain test at each of 20 looks finds something where there is nothing in 25 % of tests. Here the error is spent by the share of the planned units
    that each look has seen, whenever the looks come (Lan & DeMets 1983), so that all looks together have 5 %. An estimate after an early stop is too
    good; it is corrected by the stage-wise order (Tsiatis, Rosner & Mehta 1984). For dashboards that are looked at daily there is a confidence sequence
    (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2021), which holds at all times together.

    Parameters
    ----------
    looks
        A frame with one row per look, in order: the effect of all units so far.
    planned : float
        Units, in all arms, that the whole test was planned for.
    n, estimate, std_error : str
        Columns with the units so far, the effect, and its standard error.
    spending : {"obrien_fleming", "pocock"}
        How the error is spent: little at first, or about evenly.
    level : float
        Confidence level of the two-sided test.
    tuned_at : float, optional
        Units at which the confidence sequence is narrowest; by default those planned.

    Returns
    -------
    Monitor
        Tables ``table`` (look, n, information, estimate, std_error, z, bound, spent, plain_false_alarms, lower, upper, sequence_lower,
        sequence_upper, decision); ``stopped`` (look, estimate, lower, upper, p_value). Values ``decision``.

    Raises
    ------
    DataError
        There is no look, a look has no error, or not more units than the one before.
    ParameterError
        A parameter is out of its range.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> looks = pl.DataFrame({"n": [500, 1000], "estimate": [1.0, 1.2], "std_error": [0.5, 0.35]})
    >>> found = lk.effect.monitor(looks, planned=2000)
    >>> found.table["decision"].to_list()
    ['go on', 'effect']
    """
    params: dict[str, Any] = {
        "n": n,
        "estimate": estimate,
        "std_error": std_error,
        "planned": planned,
        "spending": spending,
        "level": level,
        "tuned_at": tuned_at,
    }
    numeric = [n, estimate, std_error]
    data = only(looks, numeric, Roles(number=numeric))
    return Monitor(through(_engine.monitor, data, **params), kind_of(looks), params)


def bounds(
    looks: int | Sequence[float] = 5,
    *,
    rule: Literal["pocock", "obrien_fleming", "spending_obrien_fleming", "spending_pocock"] = "spending_obrien_fleming",
    level: float = 0.95,
) -> pl.DataFrame:
    """Bounds for several looks at a test, by numerical integration, so that all of them together have its error.

    Parameters
    ----------
    looks : int or sequence of float
        The number of looks at equal distances, or the shares of the planned units at each.
    rule : str
        "pocock" (1977) and "obrien_fleming" (1979) for looks that come as planned; "spending_obrien_fleming" and "spending_pocock" (Lan & DeMets 1983)
        for looks at any time.
    level : float
        Confidence level of the two-sided test.

    Returns
    -------
    polars.DataFrame
        One row per look: look, information, bound (z-value; null where no test could stop yet), spent (error so far), plain_false_alarms (of a plain test
        at each look so far).

    Raises
    ------
    ParameterError
        The looks do not rise, or the level is out of its range.

    Examples
    --------
    >>> import leverkit as lk
    >>> lk.effect.bounds(5, rule="obrien_fleming")["bound"].round(3).to_list()
    [4.562, 3.226, 2.634, 2.281, 2.04]
    """
    if isinstance(looks, int) and looks > _MOST_LOOKS:
        raise ParameterError(f"looks: got {repr_of(looks)}; expected at most {_MOST_LOOKS:,}", parameter="looks")
    shares = [(look + 1) / looks for look in range(looks)] if isinstance(looks, int) else list(looks)
    return from_engine(_engine.bounds(looks=shares, rule=rule, level=level))
