# Generated from the Rust side by `make stubs`; do not edit.
"""
The compiled part of leverkit; use the `leverkit` package instead of this module.
"""

from _typeshed import SupportsGetItem, SupportsLenAndGetItem
from os import PathLike
from typing_extensions import CapsuleType
from typing import Any, Final, SupportsFloat, SupportsIndex, final

__all__ = ["DEBUG_BUILD", "VERSION", "Ahp", "Assignment", "Attribution", "BasketRules", "BrandPosition", "Bridge", "ClvSummary", "Cohorts", "Conjoint", "Contest", "Correspondence", "Counts", "CustomerClusters", "DealScores", "Deals", "Deferral", "Did", "Drift", "Elasticity", "EntryProducts", "EventLog", "Formula", "Forward", "Frame", "GaborGranger", "GroupElasticities", "Hedonic", "Holdout", "HouseChoice", "HouseOfQuality", "Image", "Journey", "Kano", "KpiSystem", "Ladder", "Leadership", "Leakage", "Ledger", "Liability", "LifetimeValues", "LimitDays", "MaxDiff", "MaxDiffDesign", "MeasuredSegments", "Measurement", "MetNeeds", "Migration", "Missions", "ModelDrift", "Monitor", "Needs", "NextProducts", "Norms", "Opportunity", "OptimalPrice", "Plan", "Position", "PriceBand", "PriceIndex", "Priorities", "ProductRoles", "Programme", "Quantities", "RatingConjoint", "Reverse", "SampleSize", "ScoreModel", "Scores", "SegmentWorth", "Sequences", "Similarity", "Simulation", "SpendModel", "StageComparison", "StageFunnel", "StageQuestion", "Synthetic", "Tenure", "TestDesign", "TimingModel", "Tracking", "Triggers", "Validation", "ValueMap", "Waterfall", "Westendorp", "ahp", "answered_house", "attribution", "basket_rules", "bounds", "brand_position", "break_even_volume", "clusters", "clv_summary", "cohorts", "compare_stages", "conjoint", "contest", "correspondence", "count_lines", "count_rows", "defaults", "deferral", "design", "did", "dormant_after", "elasticity", "elasticity_by", "entry_products", "fit_spend", "fit_timing", "forward", "gabor_granger", "hedonic", "hide_small", "holdout", "holdout_of_ledger", "house_of_quality", "image", "journey", "kano", "ladder", "leadership", "ledger_bridge", "length_in", "liability", "lifetime_value", "limit_day", "market_grid", "market_panel", "maxdiff", "maxdiff_design", "measure_formula", "measure_segments", "merge_counts", "met_needs", "migration", "monitor", "needs", "needs_from_baskets", "next_products", "norms", "opportunity", "optimal_price", "plan", "position", "price_index", "price_volume_mix", "programme", "quantities", "randomise", "rating_conjoint", "recount", "reverse", "roles", "row_of", "sample_ratio", "sample_size", "score", "sequences", "similarity", "spend_of", "stages", "subsidy", "survey_size", "synthetic", "tenure", "timing_of", "tracking", "triggers", "validate", "value_map", "van_westendorp", "waterfall", "worth"]

DEBUG_BUILD: Final[bool]
"""
Whether this is a debug build, many times slower.
"""

VERSION: Final[str]
"""
The version of the package.
"""

@final
class Ahp:
    """
    Weights of items, and how consistent the comparisons are.
    """
    @property
    def concordance(self, /) -> tuple[float, float] | None:
        """
        Kendall's W of the judges, and the p-value of no agreement.
        """
    @property
    def consistency_index(self, /) -> float: ...
    @property
    def consistency_ratio(self, /) -> float | None: ...
    @property
    def eigenvalue(self, /) -> float: ...
    @property
    def geometric_index(self, /) -> float | None: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def random_index(self, /) -> float | None: ...
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Assignment:
    """
    Units with the arms they were drawn into.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Attribution:
    """
    Which channels conversions are owed to.
    """
    @property
    def conversions(self, /) -> float: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def unconverted(self, /) -> int: ...
    @property
    def value(self, /) -> float | None: ...

@final
class BasketRules:
    """
    What is bought together.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def market(self, /) -> tuple[int, int]:
        """
        Orders with a known product, and pairs that could have been bought together.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class BrandPosition:
    """
    Where brands stand.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def map_p_value(self, /) -> float | None: ...
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Bridge:
    """
    What lies between two periods.
    """
    def drill(self, /, by: SupportsGetItem[int, str]) -> Frame: ...
    def granularity(self, /) -> Frame: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class ClvSummary:
    """
    What the models need to know of each customer.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    def with_log_gaps(self, /) -> Frame:
        """
        The table with the logarithms of gaps.
        """

@final
class Cohorts:
    """
    Retention and revenue of cohorts.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Conjoint:
    """
    What choices say of attributes and prices.
    """
    @property
    def bases(self, /) -> list[tuple[str, str]]:
        """
        For each attribute of levels, the one that has no term.
        """
    def elasticities(self, /) -> Frame: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def log_likelihood(self, /) -> tuple[float, float]:
        """
        The log-likelihood, and that of all alternatives being equally likely.
        """
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def price_curve(self, /, data: Any, columns: SupportsGetItem[int, str], row: int, prices: SupportsGetItem[int, SupportsFloat | SupportsIndex]) -> Frame:
        """
        The shares of the product in this row at these prices.
        """
    @property
    def pseudo_r_squared(self, /) -> float: ...
    @property
    def respondents(self, /) -> int | None: ...
    def simulate(self, /, data: Any, columns: SupportsGetItem[int, str]) -> Frame:
        """
        Shares of products in a market of their own; `columns` are those that are read.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def why_no_elasticities(self, /) -> str | None:
        """
        Why there are no elasticities.
        """

@final
class Contest:
    """
    Which family suits the customers.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def origins(self, /) -> tuple[list[str], float]:
        """
        The last days of calibration, and the length of a holdout.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def verdict(self, /) -> str: ...

@final
class Correspondence:
    """
    A table of counts and its map.
    """
    @property
    def chi_squared(self, /) -> float: ...
    @property
    def df(self, /) -> float: ...
    @property
    def inertia(self, /) -> float: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def map_p_value(self, /) -> float: ...
    @property
    def n(self, /) -> float: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def p_value(self, /) -> float: ...
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Counts:
    """
    Counts that were read, to be concluded.
    """
    @property
    def analysis(self, /) -> str: ...
    def beside(self, /) -> list[tuple[str, Frame]]:
        """
        The tables that the analysis takes beside what was counted, by the names of its parameters.
        """
    @property
    def currency(self, /) -> str | None: ...
    @property
    def frames(self, /) -> str:
        """
        The kind of frame that results become.
        """
    @property
    def is_own(self, /) -> bool:
        """
        Whether they are an analysis' own: it is concluded from them, and not from lines.
        """
    def ledger(self, /) -> Ledger | None:
        """
        The order lines, or what is known beside them; none where the counts are of another table.
        """
    @staticmethod
    def of_bytes(bytes: bytes | bytearray) -> Counts: ...
    @property
    def params(self, /) -> str:
        """
        The parameters of the analysis, as JSON.
        """
    def rows(self, /) -> Frame | None:
        """
        The rows, entity by entity; none where the counts are of order lines.
        """
    @property
    def set_aside(self, /) -> str | None:
        """
        What was set aside and why, in a sentence; none where nothing was, or where the counts are of another table.
        """
    @property
    def tells(self, /) -> bool:
        """
        Whether results tell which rows were set aside.
        """

@final
class CustomerClusters:
    """
    Clusters of customers, and what speaks for their number.
    """
    @property
    def as_of(self, /) -> str:
        """
        The day from which measures look back.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class DealScores:
    """
    What deals like this one were sold for.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def size_edges(self, /) -> list[float]:
        """
        Upper edges of the bands of size but the last.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Deals:
    """
    Rows with a list price and what came off it.
    """
    def __new__(cls, /, data: Any, roles: Any, others: SupportsGetItem[int, str]) -> Deals:
        """
        `others` are further columns that analyses group by.
        """
    def deal_score(self, /, **given: Any) -> DealScores: ...
    @staticmethod
    def from_ledger(ledger: Ledger) -> Deals: ...
    @property
    def has_units(self, /) -> bool: ...
    def leakage(self, /, **given: Any) -> Leakage: ...
    def price_band(self, /, **given: Any) -> PriceBand: ...
    def waterfall(self, /, **given: Any) -> Waterfall: ...

@final
class Deferral:
    """
    Revenue that points put off.
    """
    @property
    def goods(self, /) -> float:
        """
        Revenue of the goods, at once.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def points(self, /) -> float:
        """
        The price of the points.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Did:
    """
    Effects of a treatment that units came to at different times.
    """
    @property
    def breakdown(self, /) -> float | None: ...
    @property
    def detectable_bias(self, /) -> float | None: ...
    @property
    def detectable_slope(self, /) -> float | None: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def pre_trend_test(self, /) -> tuple[float, int, float] | None:
        """
        The joint test of the periods before treatment: statistic, degrees of freedom, p-value.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Drift:
    """
    Two waves of a Kano survey compared.
    """
    @property
    def in_both(self, /) -> int:
        """
        Respondents of both waves.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Elasticity:
    """
    An elasticity with everything that explains it.
    """
    @property
    def clusters(self, /) -> list[tuple[str, int]]:
        """
        Clusters of each kind.
        """
    @property
    def correction(self, /) -> str: ...
    @property
    def df(self, /) -> float | None: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def levels(self, /) -> list[tuple[str, int]]:
        """
        Levels of each effect.
        """
    @property
    def model(self, /) -> str: ...
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def prices(self, /) -> tuple[float, float]:
        """
        Lowest and highest price used.
        """
    @property
    def r_squared_within(self, /) -> float | None: ...
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class EntryProducts:
    """
    What customers enter with, and what becomes of them.
    """
    @property
    def conversion(self, /) -> tuple[float, float, float] | None:
        """
        Share of all customers with a second order within the horizon, with its limits.
        """
    @property
    def horizon(self, /) -> int:
        """
        Days of the comparison.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class EventLog:
    """
    Events of entities, grouped and in time order.
    """
    def __new__(cls, /, data: Any, *, only: SupportsGetItem[int, str] | None = None, **columns: Any) -> EventLog:
        """
        With `only`, events of other names are counted and not kept. The further arguments are the columns.
        """
    @staticmethod
    def from_ledger(ledger: Ledger, event: str) -> EventLog:
        """
        The lines of a ledger as events, named by the product or a dimension.
        """
    def left_out(self, /) -> str:
        """
        Rows that came in and those left out, by reason, as JSON.
        """
    @property
    def n_entities(self, /) -> int: ...
    @property
    def n_events(self, /) -> int: ...
    @property
    def names(self, /) -> list[str]:
        """
        Names of all events that came in.
        """

@final
class Formula:
    """
    A formula of profit, checked and compiled.
    """
    def attribute(self, /, before: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], after: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], *, method: str) -> Frame:
        """
        The change of profit by parameter.
        """
    def attribute_rows(self, /, before: Any, after: Any, *, method: str) -> Frame:
        """
        The parts of the parameters in the change of profit of each row: tables with a column for each parameter, rows that belong together.
        """
    def attribute_segments(self, /, before: Any, after: Any, *, size: str, method: str) -> tuple[Frame, Frame]:
        """
        Volume, mix and rate of each row's change of profit, and the parts of the parameters.
        """
    def bottlenecks(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], norms: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]]) -> Frame:
        """
        `norms` stand over those of the formula.
        """
    def break_even(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]]) -> Frame:
        """
        Where profit is 0, by parameter.
        """
    def elasticities(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]]) -> Frame: ...
    def evaluate(self, /, scenarios: Any) -> Frame:
        """
        All expressions for each row of a table with a column for each parameter.
        """
    @staticmethod
    def from_expressions(name: str, expressions: SupportsGetItem[int, tuple[str, str]]) -> Formula: ...
    @staticmethod
    def from_toml(text: str) -> Formula: ...
    @staticmethod
    def full() -> Formula:
        """
        The full formula of 22 parameters.
        """
    def interactions(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], *, step: SupportsFloat | SupportsIndex) -> Frame: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    def lift_table(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], *, step: SupportsFloat | SupportsIndex, responses: SupportsGetItem[int, tuple[str, str, SupportsFloat | SupportsIndex]], uncertainty: Any | None, correlations: SupportsGetItem[int, tuple[str, str, SupportsFloat | SupportsIndex]], seed: int) -> Frame:
        """
        The 20–20–20–20 table. `responses` are (cause, effect, elasticity); `uncertainty` is a distribution by parameter.
        """
    @staticmethod
    def minimal() -> Formula:
        """
        Leads × conversion × price × quantity.
        """
    @property
    def name(self, /) -> str: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def plan(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], node: str, *, target: SupportsFloat | SupportsIndex | None, budget: SupportsFloat | SupportsIndex | None, efforts: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex, SupportsFloat | SupportsIndex]]) -> tuple[Frame, float, float, float]:
        """
        How to spread money over levers, with the expression before and after, and the money in all. `efforts` are (parameter, limit, half).
        """
    def point(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]]) -> list[tuple[str, float]]:
        """
        All expressions of one scenario, by name.
        """
    def program(self, /) -> str:
        """
        The compiled program as JSON.
        """
    def simulate(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], uncertainty: Any, *, correlations: SupportsGetItem[int, tuple[str, str, SupportsFloat | SupportsIndex]], n: int, seed: int, target: SupportsFloat | SupportsIndex | None) -> Simulation:
        """
        Profit over many scenarios. `uncertainty` is a distribution by parameter.
        """
    def sobol(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], uncertainty: Any, *, n: int, seed: int) -> Frame:
        """
        Sobol's indices of profit.
        """
    def solve(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], node: str, target: SupportsFloat | SupportsIndex, parameter: str) -> float:
        """
        The value of a parameter at which an expression reaches a target.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    def tornado(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], low: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], high: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]]) -> Frame:
        """
        Parameters that `low` and `high` do not name stay at their values.
        """

@final
class Forward:
    """
    From a number at the first stage to what comes of it.
    """
    @property
    def chance(self, /) -> float | None: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Frame:
    """
    A table on its way to Python; any library that reads the Arrow C stream takes it without a copy.
    """
    def __arrow_c_stream__(self, /, requested_schema: Any | None = None) -> CapsuleType:
        """
        The table as an Arrow C stream.
        """
    def __len__(self, /) -> int:
        """
        Number of rows.
        """

@final
class GaborGranger:
    """
    Demand and revenue by price.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class GroupElasticities:
    """
    Elasticities of groups.
    """
    @property
    def correction(self, /) -> str: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Hedonic:
    """
    What each attribute is worth.
    """
    @property
    def bases(self, /) -> list[tuple[str, str]]:
        """
        For each attribute of texts or flags, the value that the others are compared with.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def r_squared(self, /) -> float | None: ...
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Holdout:
    """
    What a test found.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def sample_ratio(self, /) -> tuple[float, float]:
        """
        χ² and p-value of the arms' sizes against their shares.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class HouseChoice:
    """
    What to improve for a budget.
    """
    @property
    def importance(self, /) -> float: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def spent(self, /) -> float: ...
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class HouseOfQuality:
    """
    How characteristics serve needs.
    """
    @property
    def alpha(self, /) -> float | None:
        """
        Krippendorff's alpha of the judges of relations.
        """
    def cascade(self, /, house: Any) -> HouseOfQuality:
        """
        The next house, whose needs are the characteristics of this one.
        """
    def choose(self, /, budget: SupportsFloat | SupportsIndex, conflict: SupportsFloat | SupportsIndex) -> HouseChoice:
        """
        What to improve for a budget.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Image:
    """
    The image of brands.
    """
    @property
    def inertia(self, /) -> float: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def map_p_value(self, /) -> float: ...
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Journey:
    """
    What follows what.
    """
    @property
    def distinct_paths(self, /) -> int: ...
    @property
    def entities(self, /) -> int: ...
    @property
    def events(self, /) -> int: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Kano:
    """
    What a Kano survey says.
    """
    def drift(self, /, later: Kano, same_people: bool) -> Drift:
        """
        Compares with a later wave.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def priorities(self, /, data: Any, **given: Any) -> Priorities:
        """
        Features against a table of costs.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class KpiSystem:
    """
    KPIs by position, and the bonus that they carry.
    """
    def bonus(self, /, results: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]]) -> Frame:
        """
        What each KPI earned each position.
        """
    @staticmethod
    def from_toml(text: str) -> KpiSystem: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Ladder:
    """
    From order to order, with censoring handled.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Leadership:
    """
    Who follows whom.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Leakage:
    """
    Discounts against those of comparable deals.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def size(self, /) -> str:
        """
        What made deals large.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Ledger:
    """
    A company's order lines, validated, encoded and sorted once.
    """
    def __new__(cls, /, data: Any, *, as_of: str | None = None, is_part: bool = False, **roles: Any) -> Ledger:
        """
        The further arguments are the roles. A part of all customers may have no line.
        """
    def append(self, /, later: Ledger, duplicates: str) -> Ledger:
        """
        The ledger with the lines of another one, which come later.
        """
    @property
    def as_of(self, /) -> str: ...
    def between(self, /, start: str | None = None, end: str | None = None) -> Ledger:
        """
        The lines from `start` to `end`, both included.
        """
    @staticmethod
    def build(data: Any, path: str | PathLike[str], memory: str, *, currency: str | None = None, how: str, frames: str, as_of: str | None = None, **roles: Any) -> None:
        """
        Builds a saved ledger of rows that may be more than memory holds. What is known beside the lines is kept with it; the further arguments
        are the roles.
        """
    def built_with(self, /) -> str:
        """
        The roles that were asked for when it was built, as JSON.
        """
    @staticmethod
    def concat(ledgers: SupportsGetItem[int, Ledger]) -> Ledger:
        """
        Ledgers with the same roles put together.
        """
    def customers_until(self, /, last: str) -> int:
        """
        How many customers have a line on this day or before it.
        """
    def dimension_values(self, /, dimension: str) -> list[str]:
        """
        The values of a dimension, as text.
        """
    @property
    def end(self, /) -> str | None: ...
    @property
    def n_customers(self, /) -> int: ...
    @property
    def n_lines(self, /) -> int: ...
    @property
    def n_orders(self, /) -> int: ...
    @property
    def n_products(self, /) -> int | None:
        """
        Distinct products; none without the role.
        """
    def notes(self, /) -> Frame:
        """
        What is odd in the rows, and what to do about it: kind, role, column, value, rows, amount, text, advice.
        """
    @staticmethod
    def open(path: str | PathLike[str], *, as_of: str | None = None, verify: bool = False) -> tuple[Ledger, str | None, str, str, str]:
        """
        A saved ledger with its currency, how its file was read, the kind of its frames, and the edition.
        """
    def partition(self, /, parts: int) -> list[Ledger]:
        """
        Parts with whole customers.
        """
    def quality(self, /) -> Frame: ...
    def rejected(self, /) -> Frame: ...
    @property
    def revenue(self, /) -> float:
        """
        The money of all lines, net of returns.
        """
    def roles(self, /) -> str:
        """
        The roles as JSON.
        """
    def save(self, /, path: str | PathLike[str], currency: str | None, how: str, frames: str) -> str:
        """
        Saves the ledger as a folder; returns the edition. What is known beside the lines is kept with it.
        """
    @property
    def set_aside(self, /) -> str | None:
        """
        What was set aside and why, in a sentence; none where nothing was.
        """
    @property
    def start(self, /) -> str | None: ...
    def to_frame(self, /) -> Frame: ...
    def where_in(self, /, dimension: str, values: SupportsGetItem[int, str]) -> Ledger:
        """
        The lines whose dimension has one of the values.
        """
    def with_product(self, /, dimension: str) -> Ledger:
        """
        The same lines with a dimension in the product's place.
        """

@final
class Liability:
    """
    What points will cost.
    """
    @property
    def customers(self, /) -> int: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def liability(self, /) -> tuple[float, float, float]:
        """
        What open points will cost, money, with limits.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def outstanding(self, /) -> float: ...
    @property
    def redemption_rate(self, /) -> tuple[float, float, float]:
        """
        The share of points that is redeemed at last, with limits.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class LifetimeValues:
    """
    The value of each customer.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def total(self, /) -> tuple[float, float, float]:
        """
        The value of all customers with its limits.
        """

@final
class LimitDays:
    """
    Limit days of groups and customers, with the curves they come from.
    """
    @property
    def as_of(self, /) -> str:
        """
        The day from which they look back.
        """
    @property
    def horizon(self, /) -> int:
        """
        The horizon in days that the data allow.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class MaxDiff:
    """
    What best–worst choices say.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def log_likelihood(self, /) -> tuple[float, float] | None:
        """
        The log-likelihood, and that of all choices being equally likely.
        """
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def pseudo_r_squared(self, /) -> float | None: ...
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def tasks(self, /) -> int: ...

@final
class MaxDiffDesign:
    """
    Tasks of a best–worst survey.
    """
    @property
    def is_balanced(self, /) -> bool:
        """
        Whether pairs are shown equally often.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class MeasuredSegments:
    """
    The same for each value of a dimension.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Measurement:
    """
    The parameters of the full formula by period.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class MetNeeds:
    """
    Needs held against return.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def returned(self, /) -> float: ...
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def unknown(self, /) -> int: ...

@final
class Migration:
    """
    Who moved between segments from date to date.
    """
    @property
    def dates(self, /) -> list[str]:
        """
        The dates, ascending.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def segments(self, /) -> list[str]:
        """
        The segments' names, best first.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Missions:
    """
    Missions of orders.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class ModelDrift:
    """
    Whether customers have drifted from what a model says of them.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Monitor:
    """
    A running test, watched.
    """
    @property
    def decision(self, /) -> str:
        """
        What to do after the last look.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Needs:
    """
    Segments by needs.
    """
    def assign(self, /, data: Any, columns: SupportsGetItem[int, str]) -> Frame:
        """
        The segments of other respondents; `columns` are those that are read.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def n(self, /) -> float: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def told_by_covariates(self, /) -> tuple[float, float, float] | None:
        """
        Pseudo-R², hit rate and base rate of covariates; none without, or with one segment.
        """

@final
class NextProducts:
    """
    What follows each product.
    """
    def due(self, /, ledger: Ledger, date: str, *, days: int, exclude_owned: bool) -> Frame:
        """
        Customers whose best next product falls due in the days from a date on.
        """
    @property
    def last(self, /) -> NextProducts | None:
        """
        Where two orders are known, the same by the product of the last alone.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def recommend(self, /, ledger: Ledger, customers: SupportsGetItem[int, str] | None, *, k: int, exclude_owned: bool) -> Frame:
        """
        The best next products of customers, named by their ids as text; of all where none are named.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Norms:
    """
    The norms that keep a customer loyal.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Opportunity:
    """
    Needs by opportunity.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class OptimalPrice:
    """
    The price that earns most.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def price(self, /) -> tuple[float | None, float | None, float | None]:
        """
        The price with its limits.
        """
    @property
    def reason(self, /) -> str | None: ...
    def simulate(self, /, prices: SupportsGetItem[int, SupportsFloat | SupportsIndex]) -> Frame: ...
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def today(self, /) -> float | None:
        """
        Today's price.
        """

@final
class Plan:
    """
    Which lever first.
    """
    @property
    def claimed(self, /) -> float:
        """
        What sure levers claim alone, added up.
        """
    @property
    def joint(self, /) -> tuple[float, float, float]:
        """
        What all sure levers add together, with limits.
        """
    @property
    def knows_costs(self, /) -> bool:
        """
        Whether any cost is known.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def periods(self, /) -> float:
        """
        Periods of the formula in a year.
        """
    @property
    def profit(self, /) -> float:
        """
        Profit a year before.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def test_first(self, /) -> str | None:
        """
        The lever to test first.
        """

@final
class Position:
    """
    Where own prices stand among competitors'.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def rank(self, /) -> tuple[int, int]:
        """
        Own rank on the last day, and of how many.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class PriceBand:
    """
    How far apart pocket prices are.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def weight(self, /) -> str:
        """
        What deals weighed.
        """

@final
class PriceIndex:
    """
    A price index over time.
    """
    @property
    def alarm(self, /) -> bool:
        """
        Whether chaining has drifted further than was allowed.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def thin(self, /) -> bool:
        """
        Whether the products that the last period is compared over make less than a tenth of its revenue.
        """

@final
class Priorities:
    """
    Features in the order in which they pay.
    """
    @property
    def is_money(self, /) -> bool:
        """
        Whether the stake is money.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class ProductRoles:
    """
    Roles of products.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Programme:
    """
    A programme judged.
    """
    @property
    def bracket(self, /) -> tuple[float, float, float] | None: ...
    @property
    def detectable(self, /) -> float | None: ...
    @property
    def effect(self, /) -> tuple[float, float, float] | None:
        """
        The effect on money per member and period.
        """
    @property
    def effective_controls(self, /) -> float | None: ...
    @property
    def kept(self, /) -> tuple[float, float, float] | None: ...
    @property
    def last_day(self, /) -> str: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def member_periods(self, /) -> int: ...
    @property
    def n_controls(self, /) -> int: ...
    @property
    def n_members(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def outcome(self, /) -> str: ...
    @property
    def periods(self, /) -> list[str]:
        """
        First days of the periods.
        """
    @property
    def pre_trend_test(self, /) -> tuple[float, int, float] | None:
        """
        The joint test of the periods before joining: statistic, degrees of freedom, p-value.
        """
    @property
    def reason(self, /) -> str: ...
    @property
    def relabelled(self, /) -> tuple[int, float, float] | None:
        """
        Joining dealt out at random: times, share of false alarms, p-value.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def verdict(self, /) -> str: ...

@final
class Quantities:
    """
    Of what was recommended, how much was agreed and performed.
    """
    @property
    def bottleneck(self, /) -> str | None:
        """
        The level whose step holds most back.
        """
    @property
    def days(self, /) -> float | None: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class RatingConjoint:
    """
    What ratings say of attributes.
    """
    @property
    def bases(self, /) -> list[tuple[str, str]]:
        """
        For each attribute of levels, the one that has no term.
        """
    @property
    def intercept(self, /) -> float: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def r_squared(self, /) -> float | None: ...
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Reverse:
    """
    From a target back to what each stage must bring.
    """
    @property
    def confident_spend(self, /) -> float | None: ...
    @property
    def date(self, /) -> tuple[bool, str] | None:
        """
        Whether the date can be met, and the earliest that could; none without dates.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def mixed(self, /) -> tuple[float, float, float, float] | None:
        """
        The mix's cost, what is expected without and with it, and what is wanted.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def spend(self, /) -> float | None: ...
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class SampleSize:
    """
    How many answers a survey needs.
    """
    @property
    def answers(self, /) -> int: ...
    @property
    def asked(self, /) -> int:
        """
        People to ask, given how many answer.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class ScoreModel:
    """
    Parameters and cut points of scores.
    """
    def apply(self, /, ledger: Ledger, *, as_of: str | None = None) -> Scores: ...
    @staticmethod
    def from_json(text: str) -> ScoreModel: ...
    def to_json(self, /) -> str: ...

@final
class Scores:
    """
    Scores of every customer with all that explains them.
    """
    @property
    def as_of(self, /) -> str:
        """
        The day from which the customers were scored.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def model(self, /) -> ScoreModel:
        """
        Parameters and cut points, to score other customers the same way.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def rule(self, /) -> str:
        """
        How the scores were made, in a sentence.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class SegmentWorth:
    """
    What segments of respondents are worth.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def unknown(self, /) -> int: ...
    @property
    def without(self, /) -> int: ...

@final
class Sequences:
    """
    What is bought one after the other.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Similarity:
    """
    A map of what is alike.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def p_value(self, /) -> float: ...
    @property
    def stress(self, /) -> float: ...
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Simulation:
    """
    What came of many scenarios.
    """
    @property
    def clipped(self, /) -> list[tuple[str, int]]:
        """
        How often a draw was moved to its parameter's bound.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class SpendModel:
    """
    A fitted model of what customers spend.
    """
    @property
    def aic(self, /) -> float: ...
    @property
    def convergence(self, /) -> tuple[float, int, int, int, float]: ...
    @property
    def covariance(self, /) -> list[list[float]] | None:
        """
        The covariance of the values, row by row.
        """
    def drift(self, /, data: Any) -> ModelDrift:
        """
        Whether the customers of a summary spend as the model says.
        """
    def estimates(self, /, level: SupportsFloat | SupportsIndex) -> Frame: ...
    def expected(self, /, data: Any) -> Frame:
        """
        Money expected of an order of each customer.
        """
    @property
    def independence(self, /) -> tuple[float, float, float, float, float, int, bool] | None:
        """
        Spearman's correlation of spend and frequency, its limits and p-value, Pearson's, customers, and whether independence holds.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def log_likelihood(self, /) -> float: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def parameters(self, /) -> list[tuple[str, float, float | None]]:
        """
        Names, values and standard errors.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class StageComparison:
    """
    The difference between two funnels.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class StageFunnel:
    """
    A funnel over an event log.
    """
    def audit(self, /) -> tuple[Frame, list[str]]:
        """
        The funnel under other rules, and what could not be recomputed.
        """
    def dropped(self, /, stage: str) -> Frame: ...
    def exits(self, /) -> Frame:
        """
        What those who stopped did next; an error where events that are no stage were not kept.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class StageQuestion:
    """
    What a stage funnel is asked, checked.
    """
    def __new__(cls, /, *, window: str | None, **given: Any) -> StageQuestion:
        """
        `window` is a span such as "30d", or none for no limit.
        """
    @property
    def names(self, /) -> list[str]:
        """
        Names of the stages.
        """
    @property
    def policy(self, /) -> str:
        """
        The rules in a sentence.
        """
    @property
    def properties(self, /) -> list[str]:
        """
        The further columns that it needs.
        """
    @property
    def wanted(self, /) -> list[str] | None:
        """
        The events that the funnel looks at; none where it looks at all.
        """

@final
class Synthetic:
    """
    What the treated would have done.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Tenure:
    """
    Customers by the time since their first order.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def without_order(self, /) -> int:
        """
        Customers who have returns but no order.
        """

@final
class TestDesign:
    """
    What tests of several lengths can show.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """
    @property
    def tried(self, /) -> int | None:
        """
        The length whose past was re-randomised.
        """
    @property
    def weeks(self, /) -> int | None:
        """
        The shortest length that would find the lift asked for.
        """

@final
class TimingModel:
    """
    A fitted model of when customers order.
    """
    @property
    def aic(self, /) -> float: ...
    def bootstrap(self, /, data: Any, replicates: int, seed: int) -> Frame:
        """
        Parameters of refits to customers drawn with replacement, a column each.
        """
    @property
    def convergence(self, /) -> tuple[float, int, int, int, float]: ...
    @property
    def covariance(self, /) -> list[list[float]] | None:
        """
        The covariance of the values, row by row.
        """
    def drift(self, /, data: Any) -> ModelDrift:
        """
        Whether the customers of a summary order as the model says.
        """
    def estimates(self, /, level: SupportsFloat | SupportsIndex) -> Frame: ...
    def expected_new(self, /, t: SupportsFloat | SupportsIndex) -> float: ...
    def expected_purchases(self, /, data: Any, t: SupportsFloat | SupportsIndex) -> Frame: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def log_likelihood(self, /) -> float: ...
    @property
    def name(self, /) -> str: ...
    def next_order(self, /, data: Any, horizon: SupportsFloat | SupportsIndex, level: SupportsFloat | SupportsIndex, threshold: SupportsFloat | SupportsIndex) -> Frame: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def parameters(self, /) -> list[tuple[str, float, float | None]]:
        """
        Names, values and standard errors.
        """
    def probability_alive(self, /, data: Any, t: SupportsFloat | SupportsIndex) -> Frame: ...
    def purchase_probability(self, /, data: Any, t: SupportsFloat | SupportsIndex, n: int) -> Frame: ...
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Tracking:
    """
    Repeat orders over time, actual and expected.
    """
    @property
    def calibration_end(self, /) -> str: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Triggers:
    """
    Whom to call in a range of days.
    """
    @property
    def end(self, /) -> str:
        """
        The last day of the range.
        """
    @property
    def horizon(self, /) -> int:
        """
        The horizon in days within which a return counts.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def start(self, /) -> str:
        """
        The first day of the range.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Validation:
    """
    How well a model foretold the holdout.
    """
    @property
    def customers(self, /) -> int: ...
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class ValueMap:
    """
    What products ask against what they offer.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def r_squared(self, /) -> float | None: ...
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Waterfall:
    """
    From list price to margin.
    """
    def compare(self, /, by: str, base: str, against: str) -> Frame:
        """
        Two values of a column that it was laid out by.
        """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

@final
class Westendorp:
    """
    What answers say of prices.
    """
    @property
    def left_out(self, /) -> list[tuple[str, int, int, float | None]]:
        """
        The rows that were left out, by reason.
        """
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    @property
    def range(self, /) -> tuple[str, str]:
        """
        The names of the points that bound the range of prices.
        """
    def table(self, /, name: str) -> Frame:
        """
        A table by its name.
        """
    @property
    def tables(self, /) -> list[str]:
        """
        The names of its tables, the main one first.
        """

def ahp(data: Any, **given: Any) -> Ahp: ...

def answered_house(answers: Any, house: Any, asked: Any, **given: Any) -> HouseOfQuality:
    """
    The same with weights by answers; `asked` says who gave them.
    """

def attribution(data: Any, *, window: str | None, **given: Any) -> Attribution:
    """
    `window` is a span such as "30d", or none for no limit.
    """

def basket_rules(ledger: Ledger, **given: Any) -> BasketRules: ...

def bounds(**given: Any) -> Frame:
    """
    Bounds for several looks.
    """

def brand_position(data: Any, **given: Any) -> BrandPosition: ...
def break_even_volume(price_change: SupportsFloat | SupportsIndex, contribution_margin: SupportsFloat | SupportsIndex) -> float: ...

def clusters(ledger: Ledger, **given: Any) -> CustomerClusters:
    """
    Finds clusters of customers.
    """

def clv_summary(ledger: Ledger, **given: Any) -> ClvSummary:
    """
    Summarises customers.
    """

def cohorts(ledger: Ledger | Counts, **given: Any) -> Cohorts:
    """
    Follows cohorts.
    """

def compare_stages(base: StageFunnel, against: StageFunnel, *, base_group: str | None = None, against_group: str | None = None) -> StageComparison: ...
def conjoint(data: Any, **given: Any) -> Conjoint: ...

def contest(ledger: Ledger, **given: Any) -> Contest:
    """
    Holds the contest.
    """

def correspondence(data: Any, **given: Any) -> Correspondence: ...

def count_lines(ledger: Ledger, reads: Any, question: Any, beside: SupportsGetItem[int, tuple[str, SupportsGetItem[int, str], Any]]) -> bytes:
    """
    The counts of an analysis of order lines, with the tables that it takes beside them, by the names of its parameters and with their columns.
    """

def count_rows(data: Any, columns: SupportsGetItem[int, str], entity: str | None, question: Any) -> bytes:
    """
    The counts of an analysis of another table, of which these columns are kept.
    """

def defaults() -> dict[str, Any]:
    """
    The defaults of each analysis by its name: those that `analyses!` lists, and those whose functions are written by hand.
    """

def deferral(**given: Any) -> Deferral:
    """
    Shares a price between goods and points, and releases the points' part.
    """

def design(ledger: Ledger, **given: Any) -> TestDesign:
    """
    What tests on the ledger's customers could show.
    """

def did(data: Any, **given: Any) -> Did: ...

def dormant_after(ledger: Ledger) -> tuple[int, str | None]:
    """
    Days of silence after which customers count as dormant, and a note where they are no limit day.
    """

def elasticity(data: Any, **given: Any) -> Elasticity: ...
def elasticity_by(data: Any, **given: Any) -> GroupElasticities: ...
def entry_products(ledger: Ledger, **given: Any) -> EntryProducts: ...

def fit_spend(data: Any, *, weights: str | None, penalizer: SupportsFloat | SupportsIndex) -> SpendModel:
    """
    Fits a model of spend.
    """

def fit_timing(data: Any, *, family: str, k: int, weights: str | None, **given: Any) -> TimingModel:
    """
    Fits a model of when customers order.
    """

def forward(first: SupportsFloat | SupportsIndex, stages: SupportsGetItem[int, tuple[str, SupportsIndex]], *, target: SupportsFloat | SupportsIndex | None, confidence: SupportsFloat | SupportsIndex) -> Forward: ...
def gabor_granger(data: Any, **given: Any) -> GaborGranger: ...
def hedonic(data: Any, **given: Any) -> Hedonic: ...

def hide_small(data: Any, columns: SupportsGetItem[int, str], **given: Any) -> tuple[Frame, int]:
    """
    A table of groups, `columns` of it, without what it tells of few; and how many rows are hidden.
    """

def holdout(data: Any, **given: Any) -> Holdout:
    """
    Compares the arms of a test.
    """

def holdout_of_ledger(ledger: Ledger, drawn: Any, window: dict[str, Any], **given: Any) -> Holdout:
    """
    Compares the arms of a test by what a ledger has of the customers drawn.
    """

def house_of_quality(house: Any, **given: Any) -> HouseOfQuality: ...
def image(data: Any, **given: Any) -> Image: ...
def journey(log: EventLog, **given: Any) -> Journey: ...
def kano(data: Any, **given: Any) -> Kano: ...
def ladder(ledger: Ledger | Counts, **given: Any) -> Ladder: ...
def leadership(data: Any, **given: Any) -> Leadership: ...

def ledger_bridge(ledger: Ledger, **given: Any) -> Bridge:
    """
    The bridge of a ledger's lines.
    """

def length_in(parameter: str, text: str, unit: str) -> float:
    """
    A length of time such as "12 months" in a unit.
    """

def liability(data: Any, **given: Any) -> Liability:
    """
    What open points will cost.
    """

def lifetime_value(purchases: TimingModel, spend: SpendModel, data: Any, **given: Any) -> LifetimeValues:
    """
    Values customers.
    """

def limit_day(ledger: Ledger, **given: Any) -> LimitDays:
    """
    Estimates limit days.
    """

def market_grid(ledger: Ledger) -> tuple[Frame, int]:
    """
    The same with weeks without sales between a product's first and last sale filled in, and how many those are.
    """

def market_panel(ledger: Ledger) -> Frame:
    """
    Units and money of each product and week of a ledger.
    """

def maxdiff(data: Any, **given: Any) -> MaxDiff: ...

def maxdiff_design(**given: Any) -> MaxDiffDesign:
    """
    Tasks of a best–worst survey.
    """

def measure_formula(ledger: Ledger, *, books: Any, **given: Any) -> Measurement:
    """
    Measures the full formula.
    """

def measure_segments(ledger: Ledger, *, by: str, books: Any, **given: Any) -> MeasuredSegments:
    """
    Measures the full formula for each value of a dimension.
    """

def merge_counts(parts: SupportsGetItem[int, bytes | bytearray]) -> bytes:
    """
    Puts counts together.
    """

def met_needs(ledger: Ledger, data: Any, on: str | None, **given: Any) -> MetNeeds:
    """
    Met needs held against return; `on` is the ISO day of all answers.
    """

def migration(ledger: Ledger, **given: Any) -> Migration:
    """
    Follows customers between segments.
    """

def monitor(data: Any, **given: Any) -> Monitor:
    """
    Whether a running test may stop.
    """

def needs(data: Any, **given: Any) -> Needs: ...
def needs_from_baskets(ledger: Ledger, **given: Any) -> Missions: ...
def next_products(ledger: Ledger, **given: Any) -> NextProducts: ...

def norms(ledger: Ledger, **given: Any) -> Norms:
    """
    Finds norms.
    """

def opportunity(data: Any, **given: Any) -> Opportunity: ...
def optimal_price(**given: Any) -> OptimalPrice: ...

def plan(ledger: Ledger, *, shares: SupportsGetItem[int, tuple[str, Any]] = ..., **given: Any) -> Plan:
    """
    Makes levers of what the engines find in a ledger and joins them. `shares` are the assumptions by name, each as the engine reads it.
    """

def position(data: Any, **given: Any) -> Position: ...
def price_index(data: Any, **given: Any) -> PriceIndex: ...
def price_volume_mix(data: Any, **given: Any) -> Bridge: ...

def programme(ledger: Ledger, members: Any, redeemed: Any | None, known: Any | None, **given: Any) -> Programme:
    """
    Judges a programme by the members that the table lists, with what is known beside their lines.
    """

def quantities(data: Any, **given: Any) -> Quantities: ...

def randomise(data: Any, **given: Any) -> Assignment:
    """
    Draws units into arms.
    """

def rating_conjoint(data: Any, **given: Any) -> RatingConjoint: ...

def recount(counts: bytes | bytearray, reads: Any, question: Any) -> bytes:
    """
    The counts for another question, of lines whose customers are known to be in no other part.
    """

def reverse(**given: Any) -> Reverse: ...
def roles(ledger: Ledger, **given: Any) -> ProductRoles: ...

def row_of(data: Any, column: str, text: str) -> int | None:
    """
    The first row of a table whose value in a column is written so; none if there is no such row.
    """

def sample_ratio(counts: SupportsGetItem[int, SupportsIndex], shares: SupportsGetItem[int, SupportsFloat | SupportsIndex]) -> tuple[float, float]:
    """
    χ² and p-value of the arms' sizes.
    """

def sample_size(**given: Any) -> float:
    """
    Units that each of two groups needs.
    """

def score(ledger: Ledger, *, segments: str | None = None, **given: Any) -> Scores:
    """
    Scores the customers of a ledger. `segments` is JSON or TOML.
    """

def sequences(ledger: Ledger, **given: Any) -> Sequences: ...
def similarity(data: Any, **given: Any) -> Similarity: ...

def spend_of(values: SupportsLenAndGetItem[SupportsFloat | SupportsIndex]) -> SpendModel:
    """
    A model of spend with given parameters.
    """

def stages(log: EventLog, question: StageQuestion) -> StageFunnel: ...

def subsidy(rewards: SupportsFloat | SupportsIndex, spend: SupportsFloat | SupportsIndex, effect: tuple[SupportsFloat | SupportsIndex, SupportsFloat | SupportsIndex, SupportsFloat | SupportsIndex]) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """
    The part of rewards that was paid on purchases which would have come anyway: its share and money, each with limits.
    """

def survey_size(**given: Any) -> SampleSize:
    """
    How many answers a survey needs.
    """

def synthetic(data: Any, **given: Any) -> Synthetic:
    """
    Compares a few treated units with a weighted mean of the others.
    """

def tenure(ledger: Ledger, **given: Any) -> Tenure:
    """
    Lays customers out by the time since their first order.
    """

def timing_of(family: str, k: int, values: SupportsLenAndGetItem[SupportsFloat | SupportsIndex]) -> TimingModel:
    """
    A model with given parameters.
    """

def tracking(model: TimingModel, ledger: Ledger, *, unit: str, calibration_end: str | None) -> Tracking:
    """
    Follows a model through a ledger.
    """

def triggers(ledger: Ledger, **given: Any) -> Triggers:
    """
    Lists triggers.
    """

def validate(model: TimingModel, data: Any) -> Validation:
    """
    Compares a model with the holdout.
    """

def value_map(data: Any, **given: Any) -> ValueMap: ...
def van_westendorp(data: Any, **given: Any) -> Westendorp: ...

def waterfall(data: Any, roles: Any, others: SupportsGetItem[int, str], **given: Any) -> Waterfall:
    """
    A waterfall of a table, batch by batch; `others` are the columns that it is laid out by.
    """

def worth(ledger: Ledger, data: Any, **given: Any) -> SegmentWorth:
    """
    What segments of respondents are worth, and which segments by recency, frequency and money they are in.
    """
