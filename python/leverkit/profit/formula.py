"""The formula: how profit is made, where the bottleneck is, and how one parameter affects the whole.

The engine parses, checks and computes; this module names things.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import polars as pl

from leverkit import _engine
from leverkit._lib import view
from leverkit._lib.frames import as_polars, from_engine, kind_of, names_of_rows, polars_of
from leverkit._lib.inputs import pairs, repr_of
from leverkit._lib.numbers import counted
from leverkit._lib.paths import text_in
from leverkit._lib.progress import Progress, with_progress
from leverkit.errors import DataError, ParameterError, SchemaError
from leverkit.profit._scenario import in_kind, scenario_of
from leverkit.profit.results import (
    Attribution,
    Bottlenecks,
    BreakEven,
    Elasticities,
    Interactions,
    LiftTable,
    Plan,
    SegmentAttribution,
    Simulation,
    SobolIndices,
    Tornado,
    Tree,
)

if TYPE_CHECKING:
    from leverkit.effect import Programme

__all__ = ["Formula", "WithEffect"]

#: A value for each parameter; also a Series or a frame of one row.
Values = Mapping[str, float] | Any
#: How far a parameter moves where nobody says.
_STEP = 0.20
Method = Literal["shapley", "lmdi", "sequential"]

#: The parameter that each factor of a programme's effect moves.
_MOVED = {"return": "retention_rate", "frequency": "frequency", "check": "items"}


class WithEffect(NamedTuple):
    """Values of parameters with a programme's effect put in, and the distributions of those that it moves."""

    values: dict[str, float]
    uncertainty: dict[str, dict[str, Any]]


class Formula:
    """A profit formula: named parameters (unit, kind, good direction, bounds, norm) and expressions, as data.

    Make one with `full` (22 parameters), `minimal` (leads × conversion × price × quantity), `from_toml` or `from_expressions`.
    Values are given by name; a share outside 0–1, a negative count, a missing or an unknown parameter is an error that names it.

    Examples
    --------
    >>> import leverkit as lk
    >>> formula = lk.profit.Formula.minimal()
    >>> values = {"leads": 1000, "conversion": 0.1, "price": 50, "quantity": 2}
    >>> formula.evaluate(values)["revenue"]
    10000.0
    >>> round(1 + formula.lift_table(values).table["profit_lift"][-1], 4)
    2.0736
    """

    def __init__(self, engine: _engine.Formula) -> None:
        self._inner = engine

    @classmethod
    def full(cls) -> Formula:
        """The full formula with 22 parameters, from reach to tax."""
        return cls(_engine.Formula.full())

    @classmethod
    def minimal(cls) -> Formula:
        """Leads × conversion × price × quantity."""
        return cls(_engine.Formula.minimal())

    @classmethod
    def from_toml(cls, path: str | Path) -> Formula:
        """Reads a formula: ``name``, ``revenue``, ``profit``, and ``[[parameter]]`` and ``[[expression]]`` tables.

        Raises
        ------
        ParameterError
            The file holds no valid formula: it has unknown names (the error names the nearest) or circular definitions, or adds money to something
            that is not money.
        """
        return cls(_engine.Formula.from_toml(text_in(path)))

    @classmethod
    def from_expressions(cls, expressions: Mapping[str, str], *, name: str = "own") -> Formula:
        """Makes a formula from named expressions; all other names in them are parameters, whose values are not checked.

        Profit is the expression ``profit``, or the last one; revenue is the expression ``revenue``, or profit.

        Raises
        ------
        ParameterError
            An expression cannot be read, or expressions depend on each other in a circle.

        Examples
        --------
        >>> import leverkit as lk
        >>> formula = lk.profit.Formula.from_expressions({"revenue": "price * units", "profit": "revenue - cost * units"})
        >>> formula.evaluate({"price": 5, "units": 10, "cost": 3})
        {'revenue': 50.0, 'profit': 20.0}
        """
        return cls(_engine.Formula.from_expressions(name, pairs("expressions", expressions)))

    @property
    def name(self) -> str:
        """The formula's name."""
        return self._inner.name

    @property
    def parameters(self) -> pl.DataFrame:
        """One row per parameter: parameter, letter, unit, kind, direction (the good one), lower, upper, norm, meaning."""
        return from_engine(self._inner.table("parameters"))

    @property
    def expressions(self) -> pl.DataFrame:
        """One row per expression: expression, unit, formula."""
        return from_engine(self._inner.table("expressions"))

    @property
    def program(self) -> dict[str, Any]:
        """The compiled program as data, for an interpreter elsewhere, such as a page.

        ``operations`` run in order, each into a register of its own: ``["parameter", position]``, ``["number", value]``, and ``["add", left, right]``,
        ``"subtract"``, ``"multiply"``, ``"divide"``, ``"min"`` and ``"max"`` of two earlier registers. ``parameters`` are names by position, ``expressions``
        pairs of a name and its register; ``revenue`` and ``profit`` name two of them.

        Examples
        --------
        >>> import leverkit as lk
        >>> program = lk.profit.Formula.from_expressions({"profit": "(price - 2) * units"}).program
        >>> program["operations"]
        [['parameter', 0], ['parameter', 1], ['number', 2.0], ['subtract', 0, 2], ['multiply', 3, 1]]
        >>> program["expressions"]
        [['profit', 4]]
        """
        program: dict[str, Any] = json.loads(self._inner.program())
        return program

    def evaluate(self, values: Any) -> Any:
        """Computes revenue, profit and every intermediate expression: a dict for a dict, a frame for a frame with one row per scenario.

        Raises
        ------
        ParameterError
            A parameter is missing or unknown.
        DataError
            A value is out of its bounds, or a result is not a finite number; the message names parameter and row.
        """
        if isinstance(values, Mapping):
            return dict(self._inner.point(pairs_of(values)))
        return kind_of(values)(from_engine(self._inner.evaluate(values)))

    @in_kind
    def with_effect(self, values: Values, found: Programme, *, share: float = 1.0, periods: float = 1.0) -> WithEffect:
        """Puts a programme's measured effect into the values, with its uncertainty: both go into `simulate` or `lift_table`.

        Its effect on return multiplies the retention rate, that on frequency the frequency, that on the check the items of an order; rewards add to the discount
        rate, and running cost to the service cost.

        Parameters
        ----------
        values : dict
            A value for each parameter, without the programme.
        found : Programme
            What `leverkit.effect.programme` found.
        share : float
            The share of customers who would be members.
        periods : float
            How many of the programme's periods the formula's period has, for the running cost.

        Raises
        ------
        DataError
            The programme's effect is not identified.
        ParameterError
            A parameter that the programme moves is not in the values.

        Examples
        --------
        >>> import leverkit as lk, polars as pl
        >>> ledger = lk.datasets.company(months=12).ledger()
        >>> ids = ledger.to_frame()["customer"].unique().sort().head(5)
        >>> found = lk.effect.programme(ledger, pl.DataFrame({"customer": ids, "joined": ["2024-06-01"] * 5}), relabellings=0)
        >>> values = {"retention_rate": 0.5, "frequency": 2.0, "items": 1.5}
        >>> lk.profit.Formula.full().with_effect(values, found)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        leverkit.errors.DataError: the programme's effect is not identified, so nothing follows from it: ...
        """
        ratios = found.as_ratios()
        moved = {factor: name for factor, name in _MOVED.items() if factor in ratios}
        missing = [name for name in moved.values() if name not in values]
        if missing:
            raise ParameterError(
                f"values: there is no {missing[0]}, which the programme moves; expected {', '.join(moved.values())}",
                parameter="values",
            )
        z = NormalDist().inv_cdf(0.5 + found.params["level"] / 2)
        put: dict[str, float] = {}
        spread: dict[str, dict[str, Any]] = {}
        for factor, name in moved.items():
            ratio = ratios[factor]
            put[name] = values[name] * (1 + share * (ratio.estimate - 1))
            std = values[name] * share * (ratio.upper - ratio.lower) / (2 * z)
            spread[name] = {"kind": "normal", "mean": put[name], "std": std}
        put |= _costs(values, found, share, periods)
        return WithEffect({**values, **put}, spread)

    @in_kind
    def lift_table(
        self,
        values: Values,
        *,
        step: float = 0.20,
        responses: Mapping[tuple[str, str], float] | None = None,
        uncertainty: Mapping[str, Mapping[str, Any]] | None = None,
        correlations: Mapping[tuple[str, str], float] | None = None,
        seed: int = 1,
    ) -> LiftTable:
        """The 20–20–20–20 table: each parameter moved by `step` in its good direction (a cost falls), alone and all together.

        Parameters
        ----------
        values : dict
            A value for each parameter.
        step : float
            The share by which each moves; values stop at their bounds, and such rows are marked.
        responses : dict, optional
            ``{(cause, effect): elasticity}``: raising the cause by 1 % moves the effect by this many per cent, such as
            ``{("list_price", "close_rate"): -1.5}``. The table has both columns, without and with responses.
        uncertainty : dict, optional
            A distribution per parameter, as in `simulate`: the change in profit then has limits, from 10,000 scenarios with this `seed`.
        correlations : dict, optional
            How uncertain parameters move together, as in `simulate`.

        Returns
        -------
        LiftTable
            Table ``table`` (rank, parameter, value, new_value, capped, revenue_change, revenue_lift, profit_change, profit_lift,
            profit_change_with_responses, profit_lower, profit_upper).

        Raises
        ------
        ParameterError, DataError
            As `evaluate`; or a step outside (0, 1], or an invalid distribution or correlation.
        """
        given = _between("responses", responses)
        spreads = None if uncertainty is None else _spreads(uncertainty)
        together = _together(correlations)
        return LiftTable(
            self._inner.lift_table(
                pairs_of(values), step=step, responses=given, uncertainty=spreads, correlations=together, seed=seed
            ),
            {"formula": self.name, "values": dict(values), "step": step, "responses": dict(responses or {})},
        )

    @in_kind
    def elasticities(self, values: Values) -> Elasticities:
        """Exact derivatives of profit, and its elasticities.

        Returns
        -------
        Elasticities
            Table ``table`` (parameter, value, derivative, elasticity).

        Raises
        ------
        ParameterError, DataError
            As `evaluate`.
        """
        params = {"formula": self.name, "values": dict(values)}
        return Elasticities(self._inner.elasticities(pairs_of(values)), params)

    @in_kind
    def interactions(self, values: Values, *, step: float = 0.20) -> Interactions:
        """What pairs of parameters bring beyond the sum of each alone, when each moves by `step` in its good direction.

        Returns
        -------
        Interactions
            Table ``table`` (first, second, together, interaction).

        Raises
        ------
        ParameterError, DataError
            As `lift_table`.
        """
        params = {"formula": self.name, "values": dict(values), "step": step}
        return Interactions(self._inner.interactions(pairs_of(values), step=step), params)

    @in_kind
    def tornado(self, values: Values, *, low: Values | None = None, high: Values | None = None) -> Tornado:
        """Profit with each parameter alone at its low and its high value; parameters not named in `low` and `high` stay unchanged.

        Without `low` or `high` each parameter goes to its limits: the 95 % limits of measured values (`Measurement.at`), else 20 % down and up, within
        its bounds.

        Returns
        -------
        Tornado
            Table ``table`` (parameter, low, high, profit_low, profit_high).

        Raises
        ------
        ParameterError, DataError
            As `evaluate`.
        """
        low = self._end(values, -1) if low is None else dict(pairs("low", low))
        high = self._end(values, 1) if high is None else dict(pairs("high", high))
        params = {"formula": self.name, "values": dict(values), "low": low, "high": high}
        return Tornado(self._inner.tornado(pairs_of(values), pairs_of(low), pairs_of(high)), params)

    @in_kind
    def bottlenecks(self, values: Values, *, norms: Values | None = None) -> Bottlenecks:
        """Each parameter's distance from its norm times its effect on profit: the money lost there. `norms` override those of the formula.

        Returns
        -------
        Bottlenecks
            Table ``table`` (parameter, value, norm, elasticity, money_left, profit_change).

        Raises
        ------
        ParameterError, DataError
            As `evaluate`, for the norms too.
        """
        norms = dict(pairs("norms", norms))
        params = {"formula": self.name, "values": dict(values), "norms": norms}
        return Bottlenecks(self._inner.bottlenecks(pairs_of(values), pairs_of(norms)), params)

    @in_kind
    def attribute(self, before: Values, after: Values, *, method: Method = "shapley") -> Attribution:
        """Explains the change in profit between two scenarios by the parameters; the parts add up to the change.

        Parameters
        ----------
        before, after : dict
            A value for each parameter: two periods, or plan and fact.
        method : {"shapley", "lmdi", "sequential"}
            The mean over all orders of change (Shapley 1953, exact); logarithmic means (LMDI-I, Ang 2004); or one after the other in the
            order of the formula.

        Returns
        -------
        Attribution
            Table ``table`` (parameter, before, after, part, share).

        Raises
        ------
        ParameterError, DataError
            As `evaluate`; or Shapley with more than 25 changed parameters.

        Examples
        --------
        >>> import leverkit as lk
        >>> formula = lk.profit.Formula.minimal()
        >>> before = {"leads": 1000, "conversion": 0.1, "price": 50, "quantity": 2}
        >>> formula.attribute(before, before | {"leads": 1200}).table["part"].to_list()
        [2000.0, 0.0, 0.0, 0.0]
        """
        after = scenario_of(after)
        profit = [self._profit(values) for values in (before, after)]
        params = {"formula": self.name, "method": method, "profit_before": profit[0], "profit_after": profit[1]}
        return Attribution(self._inner.attribute(pairs_of(before), pairs_of(after), method=method), params)

    def attribute_segments(
        self, before: Any, after: Any, *, segment: str, size: str = "customers", method: Method = "lmdi"
    ) -> SegmentAttribution:
        """Explains the change in profit by segment: growth of the whole, shift between segments, and change within each.

        Profit of a segment = size of the whole × the segment's share of it × profit per unit of size; each of the three has its Shapley
        part. A second table has the parts of the parameters in each segment. Both add up to the change.

        Parameters
        ----------
        before, after : frame
            One row per segment, with a column for each parameter. A segment on only one side is new or lost: it has zeros on the other.
        segment : str
            The column with the segment names.
        size : str
            The expression that counts the whole and its parts.
        method : {"lmdi", "shapley", "sequential"}
            How the parameters' parts are found; see `attribute`.

        Returns
        -------
        SegmentAttribution
            Tables ``segments`` (segment, before, after, volume, mix, rate); ``table`` (segment, and the parameters).

        Raises
        ------
        SchemaError
            The column of segments is missing.
        ParameterError, DataError
            As `evaluate`; also a segment that occurs twice, or an unknown size.

        Examples
        --------
        >>> import leverkit as lk, polars as pl
        >>> formula = lk.profit.Formula.minimal()
        >>> shop = {"segment": ["web", "shop"], "leads": [1000, 500], "conversion": [0.1, 0.2], "price": [50, 40], "quantity": [2, 1]}
        >>> before, after = pl.DataFrame(shop), pl.DataFrame(shop | {"leads": [1000, 600]})
        >>> formula.attribute_segments(before, after, segment="segment").segments["after"].to_list()
        [10000.0, 4800.0]
        """
        if size not in self.expressions["expression"].to_list():
            known = ", ".join(self.expressions["expression"])
            raise ParameterError(f"size: got {repr_of(size)}; expected one of {known}", parameter="size")
        names, aligned = _aligned(before, after, segment, self.parameters["parameter"].to_list())
        segments, parts = map(from_engine, self._inner.attribute_segments(*aligned, size=size, method=method))
        tables = {
            "segments": pl.concat([names, segments], how="horizontal"),
            "table": pl.concat([names, parts], how="horizontal"),
        }
        params = {"formula": self.name, "size": size, "method": method}
        return SegmentAttribution(tables, kind_of(before), params)

    @in_kind
    def tree(self, values: Values) -> Tree:
        """The formula as a tree with its values: each expression above its parts, down to the parameters.

        Returns
        -------
        Tree
            Table ``table`` (node, parent, value, unit, formula).

        Raises
        ------
        ParameterError, DataError
            As `evaluate`.
        """
        given, nodes = dict(pairs_of(values)), dict(self._inner.point(pairs_of(values)))
        parameters = self.parameters.select("unit", node="parameter", formula=pl.lit("")).with_columns(
            value=pl.col("node").replace_strict(given, return_dtype=pl.Float64)
        )
        expressions = self.expressions.select("unit", "formula", node="expression").with_columns(
            value=pl.col("node").replace_strict(nodes, return_dtype=pl.Float64)
        )
        known = {*parameters["node"], *expressions["node"]}
        parent: dict[str, str] = {}
        for node, formula in expressions.select("node", "formula").iter_rows():
            for name in re.findall(r"[A-Za-z_]\w*", formula):
                if name in known:
                    parent.setdefault(name, node)
        columns = ["node", "parent", "value", "unit", "formula"]
        table = pl.concat([expressions, parameters], how="diagonal").with_columns(
            parent=pl.col("node").replace_strict(parent, default=None, return_dtype=pl.String)
        )
        return Tree(table.select(columns), {"formula": self.name, "values": dict(values)})

    @in_kind
    def break_even(self, values: Values) -> BreakEven:
        """The value of each parameter at which profit is zero, with the others unchanged; null with a reason if there is none.

        Returns
        -------
        BreakEven
            Table ``table`` (parameter, value, break_even, room, reason).

        Raises
        ------
        ParameterError, DataError
            As `evaluate`.
        """
        return BreakEven(self._inner.break_even(pairs_of(values)), {"formula": self.name, "values": dict(values)})

    @in_kind
    def plan(
        self,
        values: Values,
        *,
        target: Mapping[str, float] | None = None,
        budget: float | None = None,
        effort: Mapping[str, Mapping[str, float]],
        maximize: str = "profit",
    ) -> Plan:
        """The cheapest way to a target, or the best result for a budget, given how each lever responds to spending.

        Parameters
        ----------
        values : dict
            A value for each parameter.
        target : dict, optional
            One expression with the value to reach, such as ``{"profit": 1e6}``. The cost of the effort itself is not subtracted.
        budget : float, optional
            Instead of a target: money to spend so that the expression `maximize` is as large as possible.
        effort : dict
            A curve per parameter: ``{"close_rate": {"limit": 0.35, "half": 20_000}}`` brings the close rate halfway to 0.35 for 20,000, three
            quarters of the way for 40,000, and never past it.

        Returns
        -------
        Plan
            Table ``table`` (parameter, value, new_value, effort, return_on_effort). Values ``before``, ``after``, ``effort``.

        Raises
        ------
        ParameterError
            The levers cannot reach the target (the message says what they can reach), or a curve is invalid.
        DataError
            As `evaluate`.

        Examples
        --------
        >>> import leverkit as lk
        >>> values = {"leads": 1000, "conversion": 0.1, "price": 50, "quantity": 2}
        >>> levers = {"leads": {"limit": 2000, "half": 1000}, "price": {"limit": 60, "half": 500}}
        >>> plan = lk.profit.Formula.minimal().plan(values, target={"revenue": 15_000}, effort=levers)
        >>> round(plan.after), plan.effort < 1500
        (15000, True)
        """
        curves = [_curve(name, curve) for name, curve in pairs("effort", effort)]
        if target is None:
            node, wanted = maximize, None
        else:
            node, wanted = _one("target", target)
        found = self._inner.plan(pairs_of(values), node, target=wanted, budget=budget, efforts=curves)
        params = {
            "formula": self.name,
            "node": node,
            "target": wanted,
            "budget": budget,
            "effort": {name: dict(pairs("effort", curve)) for name, curve in pairs("effort", effort)},
        }
        table, before, after, money = found
        return Plan(table, params, before=before, after=after, effort=money)

    @with_progress("Simulation")
    @in_kind
    def simulate(
        self,
        values: Values,
        uncertainty: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        n: int = 1_000_000,
        seed: int = 1,
        correlations: Mapping[tuple[str, str], float] | None = None,
        target: float | None = None,
        progress: Progress = None,
    ) -> Simulation:
        """Revenue and profit over `n` scenarios in which some parameters are uncertain.

        Parameters
        ----------
        values : dict
            A value for each parameter; those in `uncertainty` are drawn instead.
        uncertainty : dict, optional
            By default that of measured values (`Measurement.at`), else each parameter uniform from 20 % below to 20 % above, within its bounds.
            A distribution per parameter: ``{"kind": "normal", "mean": …, "std": …}``, ``lognormal`` (median, sigma), ``uniform`` (low, high),
            ``triangular`` or ``pert`` (low, mode, high), ``beta`` (a, b), ``empirical`` (values).
        n, seed : int
            Number of scenarios, and the seed: the same seed gives the same numbers on any number of threads.
        correlations : dict, optional
            ``{(first, second): correlation}`` of the normal scores (Gaussian copula); by default those that were measured, with measured uncertainty.
        target : float, optional
            Profit (money) for which to compute the probability of reaching it.
        progress
            A function of the steps done and of all steps, a bar such as tqdm's, or False; by default a line where somebody watches, after a second.

        Returns
        -------
        Simulation
            Tables ``table`` (measure, mean, mean_lower, mean_upper, std, p10, p50, p90); ``percentiles`` (percentile, revenue, profit); ``chances``
            (event, probability, lower, upper).

        Raises
        ------
        ParameterError, DataError
            As `evaluate`; or a distribution or correlations are invalid.

        Examples
        --------
        >>> import leverkit as lk
        >>> values = {"leads": 1000, "conversion": 0.1, "price": 50, "quantity": 2}
        >>> spread = {"price": {"kind": "normal", "mean": 50, "std": 5}}
        >>> found = lk.profit.Formula.minimal().simulate(values, spread, n=100_000, target=10_000)
        >>> found.chances["probability"].round(1).to_list()
        [0.0, 0.5]
        """
        scenario = scenario_of(values)
        if uncertainty is None:
            uncertainty = self._spreads(scenario)
            correlations = scenario.correlations if correlations is None else correlations
        spreads = _spreads(uncertainty)
        engine = self._inner.simulate(
            pairs_of(values), spreads, correlations=_together(correlations), n=n, seed=seed, target=target
        )
        params = {
            "formula": self.name,
            "values": dict(values),
            "uncertainty": spreads,
            "correlations": dict(correlations or {}),
            "n": n,
            "seed": seed,
            "target": target,
        }
        notes = [
            f"{name}: {times:,} of {n:,} draws lay beyond its bounds and were moved to them."
            for name, times in engine.clipped
        ]
        return Simulation(engine, as_polars, params, notes)

    @in_kind
    def sobol(
        self, values: Values, uncertainty: Mapping[str, Mapping[str, Any]], *, n: int = 32_768, seed: int = 1
    ) -> SobolIndices:
        """Which uncertain parameter matters: shares of profit's variance, alone (first order) and with all interactions (total).

        Estimators of Saltelli et al. (2010) and Jansen (1999) over `n` points of Sobol's sequence; parameters are assumed to be independent.

        Returns
        -------
        SobolIndices
            Table ``table`` (parameter, first, first_lower, first_upper, total, total_lower, total_upper).

        Raises
        ------
        ParameterError, DataError
            As `simulate`; or more than 32 uncertain parameters.
        """
        spreads = _spreads(uncertainty)
        params = {"formula": self.name, "values": dict(values), "uncertainty": spreads, "n": n, "seed": seed}
        return SobolIndices(self._inner.sobol(pairs_of(values), spreads, n=n, seed=seed), params)

    def solve(self, values: Values, *, target: Mapping[str, float], parameter: str) -> float:
        """The value of a parameter at which an expression reaches a target, with the others unchanged: the one nearest to the current value.

        Raises
        ------
        ParameterError
            The target cannot be reached; the message says what can be.

        Examples
        --------
        >>> import leverkit as lk
        >>> values = {"leads": 1000, "conversion": 0.1, "price": 50, "quantity": 2}
        >>> round(lk.profit.Formula.minimal().solve(values, target={"revenue": 20_000}, parameter="leads"), 6)
        2000.0
        """
        node, wanted = _one("target", target)
        return self._inner.solve(pairs_of(values), node, wanted, parameter)

    def _end(self, values: Values, side: int) -> dict[str, float]:
        """How low, or high, each parameter is taken to go."""
        measured = scenario_of(values).limits
        ends = {name: (1 + side * _STEP) * float(value) for name, value in values.items()}
        ends |= {name: limits[side > 0] for name, limits in measured.items()}
        bounds = {
            name: (low, high) for name, low, high in self.parameters.select("parameter", "lower", "upper").iter_rows()
        }
        return {name: _within(end, *bounds.get(name, (None, None))) for name, end in ends.items()}

    def _spreads(self, values: Values) -> Mapping[str, Mapping[str, Any]]:
        """How unsure each parameter is taken to be."""
        low, high = self._end(values, -1), self._end(values, 1)
        wide = {
            name: {"kind": "uniform", "low": low[name], "high": high[name]} for name in low if low[name] < high[name]
        }
        return scenario_of(values).uncertainty or wide

    def _profit(self, values: Values) -> float:
        results = self._inner.point(pairs_of(values))
        return dict(results).get("profit", results[-1][1])

    def __repr__(self) -> str:
        return f"Formula({self.name!r}, {counted(self.parameters.height, 'parameter')}, {counted(self.expressions.height, 'expression')})"

    def _repr_html_(self) -> str:
        first = ("parameter", "letter", "unit", "meaning")
        return view.page(repr(self), (), view.table(self.expressions), view.table(self.parameters, first))


def _within(value: float, lower: float | None, upper: float | None) -> float:
    """A value inside its bounds."""
    return min(max(value, value if lower is None else lower), value if upper is None else upper)


def _costs(values: Values, found: Programme, share: float, periods: float) -> dict[str, float]:
    """What rewards and running cost make of the discount rate and the service cost, where the formula has them."""
    spent = found.member_periods * math.prod(row["actual"] for row in found._tables["split"].iter_rows(named=True))
    costs = {}
    if "discount_rate" in values and spent > 0:
        rewards = share * found.params["reward_cost"] / spent
        costs["discount_rate"] = 1 - (1 - values["discount_rate"]) * (1 - rewards)
    if "service_cost" in values:
        costs["service_cost"] = values["service_cost"] + share * found.params["running_cost"] * periods
    return costs


def pairs_of(values: Values) -> list[tuple[str, float]]:
    """Values by name as the engine takes them."""
    return [(name, _number(name, value)) for name, value in pairs("values", values)]


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except Exception:  # whatever a number of another library says where it is none
        raise DataError(f"{name}: got {repr_of(value)}; expected a number") from None


def _spreads(uncertainty: Any) -> dict[str, dict[str, Any]]:
    """A distribution for each parameter."""
    return {name: dict(pairs(f"uncertainty of {name}", spread)) for name, spread in pairs("uncertainty", uncertainty)}


def _between(parameter: str, given: Any) -> list[tuple[str, str, float]]:
    """Numbers by two names."""
    for names, _ in pairs(parameter, given):
        if not (isinstance(names, tuple) and len(names) == 2):
            raise ParameterError(f'{parameter}: got {repr_of(names)}; expected two names, such as ("price", "leads")')
    return [(*names, _number(parameter, value)) for names, value in pairs(parameter, given)]


def _together(correlations: Mapping[tuple[str, str], float] | None) -> list[tuple[str, str, float]]:
    return _between("correlations", correlations)


def _curve(name: str, curve: Values) -> tuple[str, float, float]:
    if set(curve) != {"limit", "half"}:
        given = ", ".join(curve) or "nothing"
        raise ParameterError(f"effort: {name} has {given}; expected limit and half", parameter="effort")
    return name, _number(f"effort of {name}, limit", curve["limit"]), _number(f"effort of {name}, half", curve["half"])


def _one(parameter: str, target: Values) -> tuple[str, float]:
    named = pairs(parameter, target)
    if len(named) != 1:
        raise ParameterError(
            f"{parameter}: got {len(named)} expressions; expected one, such as {{'profit': 1e6}}", parameter=parameter
        )
    ((node, wanted),) = named
    return node, _number(f"{parameter} of {node}", wanted)


def _aligned(
    before: Any, after: Any, segment: str, parameters: list[str]
) -> tuple[pl.DataFrame, tuple[pl.DataFrame, pl.DataFrame]]:
    """The segments, and both sides in their order; a segment on one side only has zeros on the other."""
    start, end = polars_of(before), polars_of(after)
    first, last = names_of_rows(start, segment, "before"), names_of_rows(end, segment, "after")
    if first.equals(last):
        return start.select(segment), (start, end)
    for side, frame, keys in (("before", start, first), ("after", end, last)):
        key, times = max(Counter(keys).items(), key=lambda counted: counted[1], default=(None, 0))
        if times > 1:
            raise DataError(f"{side}: segment {key!r} stands {times} times; expected a row for each")
        for name in parameters:
            if name in frame.columns and frame[name].has_nulls():
                raise DataError(f"{side}: column {name!r} holds a null; expected a number for each segment")
    if first.dtype != last.dtype:
        raise SchemaError(f"after: column {segment!r} holds {last.dtype}; expected {first.dtype}, as before")
    names = list(dict.fromkeys([*first, *last]))
    sides = (_in_order(frame, keys, names, parameters) for frame, keys in ((start, first), (end, last)))
    return pl.DataFrame({segment: pl.Series(names, dtype=first.dtype)}), (next(sides), next(sides))


def _in_order(frame: pl.DataFrame, keys: pl.Series, names: list[Any], parameters: list[str]) -> pl.DataFrame:
    """The columns of the parameters with a row for each name; zeros where a name is not among the keys."""
    places = {key: place for place, key in enumerate(keys)}
    rows = pl.Series([places.get(name) for name in names], dtype=pl.UInt32)
    return frame.select(pl.col(name).gather(rows) for name in parameters if name in frame.columns).fill_null(0)
