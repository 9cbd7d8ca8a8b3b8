"""The profit formula: how profit is made, where the bottleneck is, and what moving one parameter does to the whole.

The engine parses, checks and computes; this module names things and draws.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._frames import from_engine, kind_of
from leverkit._result import Result, Tables
from leverkit.errors import ParameterError

Values = Mapping[str, float]
Method = Literal["shapley", "lmdi", "sequential"]


class _Table(Result):
    """A result with one table."""

    _title = ""

    def __init__(self, make: Callable[[], Any], params: dict[str, Any], notes: list[str] | None = None) -> None:
        table = from_engine(make())  # Made at once: wrong values are an error of the call, not of a later look.
        super().__init__(Tables({"table": lambda: table}), lambda frame: frame, params, notes or [])

    def _headline(self) -> str:
        return self._title


class LiftTable(_Table):
    """The 20–20–20–20 table.

    Attributes
    ----------
    table : frame
        One row a parameter, by change of profit, and a last one for all together: rank, parameter, value, new_value, capped (a bound
        stopped the step), revenue_change and profit_change (money), revenue_lift and profit_lift (shares), and
        profit_change_with_responses (money, where other parameters respond).
    """

    _title = "What moving each parameter brings"

    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: change of profit by parameter ("bars")."""
        from leverkit.plots import profit

        return profit.lift(self, kind)


class Elasticities(_Table):
    """Derivatives and elasticities of profit.

    Attributes
    ----------
    table : frame
        One row a parameter: value, derivative (money of profit for one more of it), elasticity (per cent of profit for one per cent).
    """

    _title = "Per cent of profit for each per cent of a parameter"

    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: elasticities by parameter ("bars")."""
        from leverkit.plots import profit

        return profit.elasticities(self, kind)


class Interactions(_Table):
    """What two parameters moved together bring beyond the sum of each alone.

    Attributes
    ----------
    table : frame
        One row a pair, the largest first: first, second, together and interaction (money of profit).
    """

    _title = "What pairs bring beyond each alone"

    def plot(self, kind: str | None = None) -> Any:
        """A Plotly heat map of the pairs ("heatmap")."""
        from leverkit.plots import profit

        return profit.interactions(self, kind)


class Tornado(_Table):
    """Profit with each parameter alone at its low and its high value.

    Attributes
    ----------
    table : frame
        One row a parameter, the widest first: low, high (values), profit_low, profit_high (money).
    """

    _title = "Profit between low and high values"

    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure ("tornado")."""
        from leverkit.plots import profit

        return profit.tornado(self, kind)


class Bottlenecks(_Table):
    """Parameters against their norms.

    Attributes
    ----------
    table : frame
        One row a parameter with a norm, most money first: value, norm, elasticity, money_left (derivative of profit × what is missing)
        and profit_change (with the parameter at its norm), money; 0 where the norm is kept.
    """

    _title = "Money left where parameters fall short of their norms"

    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: money left by parameter ("bars")."""
        from leverkit.plots import profit

        return profit.bottlenecks(self, kind)


class Attribution(_Table):
    """The change of profit between two scenarios, by parameter.

    Attributes
    ----------
    table : frame
        One row a parameter: before, after (values), part (money of the change) and share (of the change). The parts add up to it.
    """

    _title = "Where the change of profit comes from"

    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: the way from the profit before to that after ("waterfall")."""
        from leverkit.plots import profit

        return profit.waterfall(self, kind)


class SobolIndices(_Table):
    """Shares of profit's variance by uncertain parameter.

    Attributes
    ----------
    table : frame
        One row a parameter: first (alone) and total (with all interactions), each with lower and upper 95 % limit.
    """

    _title = "Which uncertainty matters"

    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: first and total indices by parameter ("bars")."""
        from leverkit.plots import profit

        return profit.sobol(self, kind)


class Simulation(Result):
    """Revenue and profit over many scenarios.

    Attributes
    ----------
    table : frame
        One row for revenue, one for profit: mean with 95 % limits (by the number of scenarios), std, p10, p50, p90, money.
    percentiles : frame
        One row a percentile from 1 to 99: revenue, profit (money).
    chances : frame
        One row an event, a loss and the target reached: probability with 95 % limits.
    """

    def __init__(self, engine: _engine.Simulation, params: dict[str, Any]) -> None:
        notes = [
            f"{name}: {times:,} of {params['n']:,} draws lay beyond its bounds and were moved to them."
            for name, times in engine.clipped
        ]
        super().__init__(Tables.of(engine, "table", "percentiles", "chances"), lambda frame: frame, params, notes)

    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: the fan of profit's percentiles ("fan")."""
        from leverkit.plots import profit

        return profit.fan(self, kind)

    def _headline(self) -> str:
        return f"Revenue and profit over {self.params['n']:,} scenarios"


class Formula:
    """A formula of profit: named parameters (unit, kind, good direction, bounds, norm) and expressions, as data.

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
        """The formula of 22 parameters, from reach to tax."""
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
            The file holds no formula: unknown names (the nearest is offered), circles, money added to what is no money.
        """
        return cls(_engine.Formula.from_toml(Path(path).read_text(encoding="utf-8")))

    @classmethod
    def from_expressions(cls, expressions: Mapping[str, str], *, name: str = "own") -> Formula:
        """A formula from named expressions; names that are none of them are its parameters, of which nothing is checked.

        Profit is the expression ``profit``, or the last; revenue the expression ``revenue``, or profit.

        Raises
        ------
        ParameterError
            An expression cannot be read, or expressions need each other.

        Examples
        --------
        >>> import leverkit as lk
        >>> formula = lk.profit.Formula.from_expressions({"revenue": "price * units", "profit": "revenue - cost * units"})
        >>> formula.evaluate({"price": 5, "units": 10, "cost": 3})
        {'revenue': 50.0, 'profit': 20.0}
        """
        return cls(_engine.Formula.from_expressions(name, list(expressions.items())))

    @property
    def name(self) -> str:
        """The formula's name."""
        return self._inner.name

    @property
    def parameters(self) -> pl.DataFrame:
        """One row a parameter: parameter, letter, unit, kind, direction (the good one), lower, upper, norm, meaning."""
        return from_engine(self._inner.parameters())

    @property
    def expressions(self) -> pl.DataFrame:
        """One row an expression: expression, unit, formula."""
        return from_engine(self._inner.expressions())

    def evaluate(self, values: Any) -> Any:
        """Revenue, profit and every expression between: of a dict as a dict, of a frame with a row for each scenario as a frame.

        Raises
        ------
        ParameterError
            A parameter is missing or unknown.
        DataError
            A value is out of its bounds, or a result is no finite number; the message names parameter and row.
        """
        if isinstance(values, Mapping):
            return dict(self._inner.point(_pairs(values)))
        return kind_of(values)(from_engine(self._inner.evaluate(values)))

    def lift_table(
        self, values: Values, *, step: float = 0.20, responses: Mapping[tuple[str, str], float] | None = None
    ) -> LiftTable:
        """The 20–20–20–20 table: each parameter moved by `step` in its good direction (a cost falls), alone and all together.

        Parameters
        ----------
        values : dict
            A value for each parameter.
        step : float
            The share by which each moves; values stop at their bounds, which is marked.
        responses : dict, optional
            ``{(cause, effect): elasticity}``: raising the cause by 1 % moves the effect by so many per cent, such as
            ``{("list_price", "close_rate"): -1.5}``. The table has both columns, without and with responses.

        Raises
        ------
        ParameterError, DataError
            As `evaluate`; or a step outside (0, 1].
        """
        given = [(cause, effect, elasticity) for (cause, effect), elasticity in (responses or {}).items()]
        return LiftTable(
            lambda: self._inner.lift_table(_pairs(values), step=step, responses=given),
            {"formula": self.name, "values": dict(values), "step": step, "responses": dict(responses or {})},
        )

    def elasticities(self, values: Values) -> Elasticities:
        """Exact derivatives of profit, and its elasticities.

        Raises
        ------
        ParameterError, DataError
            As `evaluate`.
        """
        params = {"formula": self.name, "values": dict(values)}
        return Elasticities(lambda: self._inner.elasticities(_pairs(values)), params)

    def interactions(self, values: Values, *, step: float = 0.20) -> Interactions:
        """What pairs of parameters bring beyond each alone, when each moves by `step` in its good direction.

        Raises
        ------
        ParameterError, DataError
            As `lift_table`.
        """
        params = {"formula": self.name, "values": dict(values), "step": step}
        return Interactions(lambda: self._inner.interactions(_pairs(values), step=step), params)

    def tornado(self, values: Values, *, low: Values, high: Values) -> Tornado:
        """Profit with each parameter alone at its low and its high value; those not named in `low` and `high` stay.

        Raises
        ------
        ParameterError, DataError
            As `evaluate`.
        """
        params = {"formula": self.name, "values": dict(values), "low": dict(low), "high": dict(high)}
        return Tornado(lambda: self._inner.tornado(_pairs(values), _pairs(low), _pairs(high)), params)

    def bottlenecks(self, values: Values, *, norms: Values | None = None) -> Bottlenecks:
        """Each parameter against its norm times what it moves: the money left there. `norms` stand over those of the formula.

        Raises
        ------
        ParameterError, DataError
            As `evaluate`, for the norms too.
        """
        params = {"formula": self.name, "values": dict(values), "norms": dict(norms or {})}
        return Bottlenecks(lambda: self._inner.bottlenecks(_pairs(values), _pairs(norms or {})), params)

    def attribute(self, before: Values, after: Values, *, method: Method = "shapley") -> Attribution:
        """Explains the change of profit between two scenarios by the parameters; the parts add up to the change.

        Parameters
        ----------
        before, after : dict
            A value for each parameter: two periods, or plan and fact.
        method : {"shapley", "lmdi", "sequential"}
            The mean over all orders of change (Shapley 1953, exact); logarithmic means (LMDI-I, Ang 2004); or one after the other in the
            order of the formula.

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
        profit = [self._profit(values) for values in (before, after)]
        params = {"formula": self.name, "method": method, "profit_before": profit[0], "profit_after": profit[1]}
        return Attribution(lambda: self._inner.attribute(_pairs(before), _pairs(after), method=method), params)

    def simulate(
        self,
        values: Values,
        uncertainty: Mapping[str, Mapping[str, Any]],
        *,
        n: int = 1_000_000,
        seed: int = 1,
        correlations: Mapping[tuple[str, str], float] | None = None,
        target: float | None = None,
    ) -> Simulation:
        """Revenue and profit over `n` scenarios in which some parameters are spread instead of known.

        Parameters
        ----------
        values : dict
            A value for each parameter; those in `uncertainty` are drawn instead.
        uncertainty : dict
            A distribution by parameter: ``{"kind": "normal", "mean": …, "std": …}``, ``lognormal`` (median, sigma), ``uniform`` (low, high),
            ``triangular`` or ``pert`` (low, mode, high), ``beta`` (a, b), ``empirical`` (values).
        n, seed : int
            How many scenarios, and the seed: the same seed gives the same numbers on any number of threads.
        correlations : dict, optional
            ``{(first, second): correlation}`` of the normal scores (Gaussian copula).
        target : float, optional
            Profit whose chance is wanted, in money.

        Raises
        ------
        ParameterError, DataError
            As `evaluate`; or a distribution or correlations that cannot be.

        Examples
        --------
        >>> import leverkit as lk
        >>> values = {"leads": 1000, "conversion": 0.1, "price": 50, "quantity": 2}
        >>> spread = {"price": {"kind": "normal", "mean": 50, "std": 5}}
        >>> found = lk.profit.Formula.minimal().simulate(values, spread, n=100_000, target=10_000)
        >>> found.chances["probability"].round(1).to_list()
        [0.0, 0.5]
        """
        pairs = [(a, b, float(value)) for (a, b), value in (correlations or {}).items()]
        spreads = {name: dict(spread) for name, spread in uncertainty.items()}
        engine = self._inner.simulate(
            _pairs(values), json.dumps(spreads), correlations=pairs, n=n, seed=seed, target=target
        )
        params = {
            "formula": self.name, "values": dict(values), "uncertainty": spreads, "correlations": dict(correlations or {}),
            "n": n, "seed": seed, "target": target,
        }  # fmt: skip
        return Simulation(engine, params)

    def sobol(
        self, values: Values, uncertainty: Mapping[str, Mapping[str, Any]], *, n: int = 32_768, seed: int = 1
    ) -> SobolIndices:
        """Which uncertain parameter matters: shares of profit's variance, alone (first order) and with all interactions (total).

        Estimators of Saltelli et al. (2010) and Jansen (1999) over `n` points of Sobol's sequence; parameters are taken to be independent.

        Raises
        ------
        ParameterError, DataError
            As `simulate`; or more than 32 uncertain parameters.
        """
        spreads = {name: dict(spread) for name, spread in uncertainty.items()}
        params = {"formula": self.name, "values": dict(values), "uncertainty": spreads, "n": n, "seed": seed}
        return SobolIndices(lambda: self._inner.sobol(_pairs(values), json.dumps(spreads), n=n, seed=seed), params)

    def solve(self, values: Values, *, target: Mapping[str, float], parameter: str) -> float:
        """The value of a parameter at which an expression reaches a target, others as they are: the nearest to the present value.

        Raises
        ------
        ParameterError
            The target cannot be reached; the message says what can.

        Examples
        --------
        >>> import leverkit as lk
        >>> values = {"leads": 1000, "conversion": 0.1, "price": 50, "quantity": 2}
        >>> round(lk.profit.Formula.minimal().solve(values, target={"revenue": 20_000}, parameter="leads"), 6)
        2000.0
        """
        if len(target) != 1:
            raise ParameterError(
                f"target: got {len(target)} expressions; expected one, such as {{'profit': 1e6}}",
                parameter="target",
            )
        ((node, wanted),) = target.items()
        return self._inner.solve(_pairs(values), node, float(wanted), parameter)

    def _profit(self, values: Values) -> float:
        results = self._inner.point(_pairs(values))
        return dict(results).get("profit", results[-1][1])

    def __repr__(self) -> str:
        return f"Formula({self.name!r}, {self.parameters.height} parameters, {self.expressions.height} expressions)"

    def _repr_html_(self) -> str:
        return f"<h4>{self!r}</h4>{self.expressions._repr_html_()}{self.parameters._repr_html_()}"


def _pairs(values: Values) -> list[tuple[str, float]]:
    return [(name, float(value)) for name, value in values.items()]


class Bonus(_Table):
    """What each KPI earned each position.

    Attributes
    ----------
    table : frame
        One row a position and KPI: plan, fact, attainment (fact over plan, or plan over fact where less is better), share (of the
        bonus), bonus (money when the plan is met) and earned (money).
    positions : frame
        One row a position: bonus and earned, money, and attainment (their ratio).
    """

    _title = "Bonus by position"

    def __init__(self, make: Callable[[], Any], params: dict[str, Any]) -> None:
        table = from_engine(make())
        totals = table.group_by("position", maintain_order=True).agg(pl.col("bonus", "earned").sum())
        totals = totals.with_columns(attainment=pl.col("earned") / pl.col("bonus"))
        makers: dict[str, Callable[[], pl.DataFrame]] = {"table": lambda: table, "positions": lambda: totals}
        Result.__init__(self, Tables(makers), lambda frame: frame, params, [])

    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: bonus and what was earned of it, by position ("bars")."""
        from leverkit.plots import profit

        return profit.bonus(self, kind)


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
        ``[[position]]`` tables (name, bonus in money, weights) and, if wanted, ``floor`` and ``cap`` of attainment.

        Raises
        ------
        ParameterError
            The file holds no such system; the message names what does not fit.
        """
        return cls.from_text(Path(path).read_text(encoding="utf-8"))

    @classmethod
    def from_text(cls, text: str) -> KpiSystem:
        """Reads a system from TOML text; see `from_toml`."""
        return cls(_engine.KpiSystem.from_toml(text))

    @property
    def parameters(self) -> pl.DataFrame:
        """Steps 1 and 2, a row a KPI: parameter, value, plan, direction, factors, positions, n_positions."""
        return from_engine(self._inner.parameters())

    @property
    def positions(self) -> pl.DataFrame:
        """Step 3, a row a position and KPI: position, parameter, value, plan, factors."""
        return from_engine(self._inner.positions())

    @property
    def shares(self) -> pl.DataFrame:
        """Step 4, a row a position and KPI: kpis (how many), mean_share, weight, share, bonus (money)."""
        return from_engine(self._inner.shares())

    @property
    def collection(self) -> pl.DataFrame:
        """Step 5, a row a KPI: source, owner, period, quality."""
        return from_engine(self._inner.collection())

    def bonus(self, results: Values) -> Bonus:
        """What each position earns for these facts.

        Raises
        ------
        ParameterError, DataError
            A KPI has no fact, a fact belongs to none, or is no number.
        """
        return Bonus(lambda: self._inner.bonus(_pairs(results)), {"results": dict(results)})

    def __repr__(self) -> str:
        return f"KpiSystem({self.parameters.height} KPIs, {self.shares['position'].n_unique()} positions)"

    def _repr_html_(self) -> str:
        return f"<h4>{self!r}</h4>{self.shares._repr_html_()}"
