"""The formula's answers: one result for each question."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from leverkit._lib import view
from leverkit._lib.frames import as_polars, from_engine
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import in_words, mark, t

__all__ = [
    "Attribution",
    "Bottlenecks",
    "BreakEven",
    "Elasticities",
    "Interactions",
    "LiftTable",
    "Plan",
    "SegmentAttribution",
    "Simulation",
    "SobolIndices",
    "Tornado",
    "Tree",
]


class TableResult(Result):
    """A result with one table."""

    table: Frame

    _title: ClassVar[str] = ""

    def __init__(self, table: Any, params: dict[str, Any], **values: Any) -> None:
        super().__init__({"table": from_engine(table)}, as_polars, params, **values)

    def _headline(self) -> str:
        return t(self._title)


class LiftTable(TableResult):
    """The 20–20–20–20 table.

    Attributes
    ----------
    table : frame
        One row per parameter, sorted by change in profit, and a last one for all together: rank, parameter, value, new_value, capped (a bound
        stopped the step), revenue_change and profit_change (money), revenue_lift and profit_lift (shares),
        profit_change_with_responses (money, if other parameters respond), and profit_lower and profit_upper (95 % limits of the change if parameters
        are uncertain).
    """

    _title = mark("What moving each parameter brings")

    @drawn_by("formula.lift")
    def plot(self, kind: Literal["bars"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: change in profit by parameter, with limits if parameters are uncertain ("bars")."""


class Elasticities(TableResult):
    """Derivatives and elasticities of profit.

    Attributes
    ----------
    table : frame
        One row per parameter: value, derivative (profit per additional unit), elasticity (per cent of profit per one per cent).
    """

    _title = mark("Per cent of profit for each per cent of a parameter")

    @drawn_by("formula.elasticities")
    def plot(self, kind: Literal["bars"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: elasticities by parameter ("bars")."""


class Interactions(TableResult):
    """What two parameters moved together bring beyond the sum of each alone.

    Attributes
    ----------
    table : frame
        One row per pair, largest first: first, second, together and interaction (money of profit).
    """

    _title = mark("What pairs bring beyond each alone")

    @drawn_by("formula.interactions")
    def plot(self, kind: Literal["heatmap"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly heat map of the pairs ("heatmap")."""


class Tornado(TableResult):
    """Profit with each parameter alone at its low and its high value.

    Attributes
    ----------
    table : frame
        One row per parameter, widest range first: low, high (values), profit_low, profit_high (money).
    """

    _title = mark("Profit between low and high values")

    @drawn_by("formula.tornado")
    def plot(self, kind: Literal["tornado"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure ("tornado")."""


class Bottlenecks(TableResult):
    """Parameters compared with their norms.

    Attributes
    ----------
    table : frame
        One row per parameter with a norm, most money first: value, norm, elasticity, money_left (derivative of profit × distance from the norm) and
        profit_change (with the parameter at its norm), money; 0 if the norm is met.
    """

    _title = mark("Money lost because parameters fall short of their norms")

    @drawn_by("formula.bottlenecks")
    def plot(self, kind: Literal["bars"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: money left by parameter ("bars")."""


class Attribution(TableResult):
    """The change in profit between two scenarios, by parameter.

    Attributes
    ----------
    table : frame
        One row per parameter: before, after (values), part (money of the change) and share (of the change). The parts add up to it.
    """

    _title = mark("Where the change in profit comes from")

    @drawn_by("formula.waterfall")
    def plot(
        self, kind: Literal["waterfall"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the steps from the profit before to the profit after ("waterfall")."""


class SegmentAttribution(Result):
    """The change in profit by segment.

    Attributes
    ----------
    segments : frame
        One row per segment: profit before and after, and the parts of the change: volume (the whole grew or shrank), mix (the segment's share
        changed) and rate (profit per unit of size changed), money.
    table : frame
        One row per segment with a column for each parameter: its part, money of the change.
    """

    segments: Frame
    table: Frame

    @drawn_by("formula.segments")
    def plot(self, kind: Literal["bars"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: volume, mix and rate by segment ("bars")."""

    def _headline(self) -> str:
        return t(
            "Where the change in profit comes from, by segment of {size}",
            size=in_words(self.params["size"]),
        )


class Tree(TableResult):
    """The formula as a tree with its values.

    Attributes
    ----------
    table : frame
        One row per expression or parameter: node, parent (the expression it is part of), value, unit, formula ("" for parameters).
    """

    _title = mark("How profit is made")

    @drawn_by("formula.tree")
    def plot(self, kind: Literal["tree"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: the driver tree ("tree")."""

    def _view(self) -> str:
        return view.tree(self._preview()) + super()._view()


class BreakEven(TableResult):
    """Where profit is zero.

    Attributes
    ----------
    table : frame
        One row per parameter, least room first: value, break_even (its value at zero profit, with the others unchanged), room (how far it may move,
        as a share of its value), reason (why there is none).
    """

    _title = mark("How far each parameter can move before profit is gone")

    @drawn_by("formula.break_even")
    def plot(self, kind: Literal["bars"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: the room of each parameter ("bars")."""


class Plan(TableResult):
    """How to allocate money to levers.

    Attributes
    ----------
    table : frame
        One row per lever, most money first: value, new_value, effort (money), return_on_effort (what the next unit of money adds).
    before, after : float
        The expression without and with the plan, before the cost of the effort.
    effort : float
        Total money.
    """

    before: float
    after: float
    effort: float

    @drawn_by("formula.plan")
    def plot(self, kind: Literal["bars"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: money by lever ("bars")."""

    def _headline(self) -> str:
        return t(
            "{effort:,.0f} of effort bring {node} from {before:,.0f} to {after:,.0f}",
            effort=self.effort,
            node=in_words(self.params["node"]),
            before=self.before,
            after=self.after,
        )


class SobolIndices(TableResult):
    """Shares of profit's variance by uncertain parameter.

    Attributes
    ----------
    table : frame
        One row per parameter: first (alone) and total (with all interactions), each with lower and upper 95 % limit.
    """

    _title = mark("Which uncertainty matters")

    @drawn_by("formula.sobol")
    def plot(self, kind: Literal["bars"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: first and total indices by parameter ("bars")."""


class Simulation(Result):
    """Revenue and profit over many scenarios.

    Attributes
    ----------
    table : frame
        One row for revenue, one for profit: mean with 95 % limits (from the number of scenarios), std, p10, p50, p90, money.
    percentiles : frame
        One row per percentile from 1 to 99: revenue, profit (money).
    chances : frame
        One row per event (a loss; the target reached): probability with 95 % limits.
    """

    table: Frame
    percentiles: Frame
    chances: Frame

    @drawn_by("formula.fan")
    def plot(self, kind: Literal["fan"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: the fan of profit's percentiles ("fan")."""

    def _headline(self) -> str:
        return t("Revenue and profit over {n:,} {n:scenario|scenarios}", n=self.params["n"])
