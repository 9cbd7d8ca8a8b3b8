"""Parameters as KPIs of positions, and the bonus that each carries."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import view
from leverkit._lib.frames import from_engine
from leverkit._lib.numbers import counted
from leverkit._lib.paths import text_in
from leverkit._lib.result import Figure, Frame, drawn_by
from leverkit._lib.text import mark
from leverkit.profit.formula import Values, pairs_of
from leverkit.profit.results import TableResult

__all__ = ["Bonus", "KpiSystem"]


class Bonus(TableResult):
    """What each KPI earned each position.

    Attributes
    ----------
    table : frame
        One row per position and KPI: plan, fact, attainment (fact over plan, or plan over fact if less is better; null for a fact of 0 there), share (of the bonus), bonus (money
        if the plan is met) and earned (money).
    positions : frame
        One row per position: bonus and earned, money, and attainment (their ratio).
    """

    positions: Frame

    @classmethod
    def _make(cls, engine: Any, name: str) -> pl.DataFrame:
        if name == "table":
            return super()._make(engine, name)
        totals = (
            super()
            ._make(engine, "table")
            .group_by("position", maintain_order=True)
            .agg(pl.col("bonus", "earned").sum())
        )
        return totals.with_columns(attainment=pl.col("earned") / pl.col("bonus"))

    _title = mark("Bonus by position")

    @drawn_by("kpi.bonus")
    def plot(self, kind: Literal["bars"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: bonus and the part earned, by position ("bars")."""


class KpiSystem:
    """Parameters as KPIs of positions, and the bonus that each carries: the five steps.

    1. `parameters`: each KPI with value, plan and the factors that influence it; 2. the positions for which it is decisive; 3. `positions`: the
    same by position; 4. `shares`: how many KPIs a position has and the share of its bonus that each carries; 5. `collection`: source,
    owner, period and quality of the numbers. `bonus` turns plan and fact into money.

    Examples
    --------
    >>> import leverkit as lk
    >>> system = lk.profit.KpiSystem.from_text('''
    ... kpi = [{parameter = "close_rate", value = 0.25, positions = ["seller"]}, {parameter = "items", value = 2.0, positions = ["seller"]}]
    ... position = [{name = "seller", bonus = 1000.0}]
    ... ''')
    >>> system.shares["share"].to_list()
    [0.5, 0.5]
    >>> system.bonus({"close_rate": 0.20, "items": 2.0}).table["earned"].to_list()
    [400.0, 500.0]
    """

    def __init__(self, engine: _engine.KpiSystem) -> None:
        self._inner = engine

    @classmethod
    def from_toml(cls, path: str | Path) -> KpiSystem:
        """Reads a file with ``[[kpi]]`` tables (parameter, value, plan, direction, factors, positions, source, owner, period, quality),
        ``[[position]]`` tables (name, bonus in money, weights) and, optionally, ``floor`` and ``cap`` of attainment.

        Raises
        ------
        ParameterError
            The file holds no valid system; the message names what is wrong.
        """
        return cls.from_text(text_in(path))

    @classmethod
    def from_text(cls, text: str) -> KpiSystem:
        """Reads a system from TOML text; see `from_toml`."""
        return cls(_engine.KpiSystem.from_toml(text))

    @property
    def parameters(self) -> pl.DataFrame:
        """Steps 1 and 2, one row per KPI: parameter, value, plan, direction, factors, positions, n_positions."""
        return from_engine(self._inner.table("parameters"))

    @property
    def positions(self) -> pl.DataFrame:
        """Step 3, one row per position and KPI: position, parameter, value, plan, factors."""
        return from_engine(self._inner.table("positions"))

    @property
    def shares(self) -> pl.DataFrame:
        """Step 4, one row per position and KPI: kpis (how many), mean_share, weight, share, bonus (money)."""
        return from_engine(self._inner.table("shares"))

    @property
    def collection(self) -> pl.DataFrame:
        """Step 5, one row per KPI: source, owner, period, quality."""
        return from_engine(self._inner.table("collection"))

    def bonus(self, results: Values) -> Bonus:
        """What each position earns for these facts.

        Returns
        -------
        Bonus
            Tables ``table`` (position, parameter, plan, fact, attainment, share, bonus, earned); ``positions`` (position, bonus, earned, attainment).

        Raises
        ------
        ParameterError, DataError
            A KPI has no fact, or a fact belongs to no KPI or is not a number.
        """
        return Bonus(self._inner.bonus(pairs_of(results)), {"results": dict(results)})

    def __repr__(self) -> str:
        return f"KpiSystem({counted(self.parameters.height, 'KPI')}, {counted(self.shares['position'].n_unique(), 'position')})"

    def _repr_html_(self) -> str:
        return view.page(repr(self), (), view.table(self.shares))
