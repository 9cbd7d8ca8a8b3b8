# Generated from the Rust side by `make stubs`; do not edit.
"""
The compiled part of leverkit; use the `leverkit` package instead of this module.
"""

from _typeshed import SupportsGetItem, SupportsLenAndGetItem
from typing_extensions import CapsuleType
from typing import Any, Final, SupportsFloat, SupportsIndex, final

__all__ = ["DEBUG_BUILD", "VERSION", "Attribution", "BasketRules", "Bridge", "ClvSummary", "Cohorts", "Conjoint", "Contest", "DealScores", "Deals", "Elasticity", "EntryProducts", "EventLog", "Formula", "Forward", "Frame", "GaborGranger", "GroupElasticities", "Hedonic", "Journey", "KpiSystem", "Ladder", "Leadership", "Leakage", "Ledger", "LifetimeValues", "LimitDays", "MeasuredSegments", "Measurement", "Migration", "NextProducts", "Norms", "OptimalPrice", "Plan", "Position", "PriceBand", "PriceIndex", "ProductRoles", "Quantities", "RatingConjoint", "Reverse", "ScoreModel", "Scores", "Sequences", "Simulation", "SpendModel", "StageComparison", "StageFunnel", "StageQuestion", "TimingModel", "Tracking", "Triggers", "Validation", "ValueMap", "Waterfall", "Westendorp", "attribution", "basket_rules", "break_even_volume", "clv_summary", "cohorts", "compare_stages", "conjoint", "contest", "dormant_after", "elasticity", "elasticity_by", "entry_products", "fit_spend", "fit_timing", "forward", "gabor_granger", "hedonic", "journey", "ladder", "leadership", "length_in", "lifetime_value", "limit_day", "market_panel", "measure_formula", "measure_segments", "migration", "next_products", "norms", "optimal_price", "plan", "position", "price_index", "price_volume_mix", "quantities", "rating_conjoint", "reverse", "roles", "score", "sequences", "stages", "timing_of", "tracking", "triggers", "validate", "value_map", "van_westendorp", "waterfall"]

DEBUG_BUILD: Final[bool]
"""
Whether this is a debug build, many times slower.
"""

VERSION: Final[str]
"""
The version of the package.
"""

@final
class Attribution:
    """
    Which channels conversions are owed to.
    """
    @property
    def conversions(self, /) -> float: ...
    def methods(self, /) -> Frame: ...
    @property
    def notes(self, /) -> list[str]: ...
    def table(self, /) -> Frame: ...
    @property
    def unconverted(self, /) -> int: ...
    @property
    def value(self, /) -> float | None: ...

@final
class BasketRules:
    """
    What is bought together.
    """
    def itemsets(self, /) -> Frame: ...
    @property
    def market(self, /) -> tuple[int, int, float]:
        """
        Orders with a known product, pairs that could have been bought together, and the correction for the sizes of orders.
        """
    def table(self, /) -> Frame: ...

@final
class Bridge:
    """
    What lies between two periods.
    """
    def bridge(self, /) -> Frame: ...
    def by_key(self, /) -> Frame: ...
    def drill(self, /, by: SupportsGetItem[int, str]) -> Frame: ...
    def granularity(self, /) -> Frame: ...
    def left_out(self, /) -> Frame: ...

@final
class ClvSummary:
    """
    What the models need to know of each customer.
    """
    @property
    def notes(self, /) -> list[str]: ...
    def table(self, /, log_gaps: bool) -> Frame: ...

@final
class Cohorts:
    """
    Retention and revenue of cohorts.
    """
    @property
    def notes(self, /) -> list[str]: ...
    def table(self, /) -> Frame: ...

@final
class Conjoint:
    """
    What choices say of attributes and prices.
    """
    @property
    def bases(self, /) -> list[tuple[str, str]]: ...
    def elasticities(self, /) -> Frame: ...
    def importance(self, /) -> Frame: ...
    def left_out(self, /) -> Frame: ...
    @property
    def log_likelihood(self, /) -> tuple[float, float]:
        """
        The log-likelihood, and that of all alternatives being equally likely.
        """
    @property
    def n(self, /) -> int: ...
    def part_worths(self, /) -> Frame: ...
    def price_curve(self, /, data: Any, columns: SupportsGetItem[int, str], row: SupportsIndex, prices: SupportsGetItem[int, SupportsFloat | SupportsIndex]) -> Frame:
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
    def table(self, /) -> Frame: ...
    @property
    def why_no_elasticities(self, /) -> str | None:
        """
        Why there are no elasticities.
        """
    def willingness_to_pay(self, /) -> Frame: ...

@final
class Contest:
    """
    Which family suits the customers.
    """
    @property
    def notes(self, /) -> list[str]: ...
    @property
    def origins(self, /) -> tuple[list[str], float]:
        """
        The last days of calibration, and the length of a holdout.
        """
    def table(self, /) -> Frame: ...
    @property
    def verdict(self, /) -> str: ...

@final
class DealScores:
    """
    What deals like this one were sold for.
    """
    def left_out(self, /) -> Frame: ...
    def peers(self, /) -> Frame: ...
    @property
    def size_edges(self, /) -> list[float]:
        """
        Upper edges of the bands of size but the last.
        """
    def table(self, /) -> Frame: ...
    def zones(self, /) -> Frame: ...

@final
class Deals:
    """
    Rows with a list price and what came off it.
    """
    def __new__(cls, /, data: Any, roles: str, others: SupportsGetItem[int, str]) -> Deals:
        """
        `others` are further columns that analyses group by.
        """
    def deal_score(self, /, text: str) -> DealScores: ...
    @staticmethod
    def from_ledger(ledger: Ledger) -> Deals: ...
    @property
    def has_units(self, /) -> bool: ...
    def leakage(self, /, text: str) -> Leakage: ...
    def price_band(self, /, text: str) -> PriceBand: ...
    def waterfall(self, /, text: str) -> Waterfall: ...

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
    def compared(self, /) -> Frame: ...
    @property
    def correction(self, /) -> str: ...
    @property
    def df(self, /) -> float | None: ...
    def left_out(self, /) -> Frame: ...
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
    def notes(self, /) -> list[str]: ...
    @property
    def prices(self, /) -> tuple[float, float]:
        """
        Lowest and highest price used.
        """
    @property
    def r_squared_within(self, /) -> float | None: ...
    def table(self, /) -> Frame: ...
    def tests(self, /) -> Frame: ...

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
    def notes(self, /) -> list[str]: ...
    def steps(self, /) -> Frame: ...
    def table(self, /) -> Frame: ...

@final
class EventLog:
    """
    Events of entities, grouped and in time order.
    """
    def __new__(cls, /, data: Any, *, entity: str, time: str, event: str, value: str | None = None, properties: SupportsGetItem[int, str] = ..., only: SupportsGetItem[int, str] | None = None) -> EventLog:
        """
        With `only`, events of other names are counted and not kept.
        """
    @staticmethod
    def from_ledger(ledger: Ledger, event: str) -> EventLog:
        """
        The lines of a ledger as events, named by the product or a dimension.
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
    def set_aside(self, /) -> str:
        """
        Rows that came in and those left out, by reason, as JSON.
        """

@final
class Formula:
    """
    A formula of profit, checked and compiled.
    """
    def attribute(self, /, before: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], after: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], *, method: str = "shapley") -> Frame:
        """
        The change of profit by parameter.
        """
    def attribute_rows(self, /, before: Any, after: Any, *, method: str = "lmdi") -> Frame:
        """
        The parts of the parameters in the change of profit of each row: tables with a column for each parameter, rows that belong together.
        """
    def attribute_segments(self, /, before: Any, after: Any, *, size: str) -> Frame:
        """
        Volume, mix and rate of each row's change of profit.
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
    def expressions(self, /) -> Frame: ...
    @staticmethod
    def from_expressions(name: str, expressions: SupportsGetItem[int, tuple[str, str]]) -> Formula: ...
    @staticmethod
    def from_toml(text: str) -> Formula: ...
    @staticmethod
    def full() -> Formula:
        """
        The full formula of 22 parameters.
        """
    def interactions(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], *, step: SupportsFloat | SupportsIndex = 0.20) -> Frame: ...
    def lift_table(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], *, step: SupportsFloat | SupportsIndex = 0.20, responses: SupportsGetItem[int, tuple[str, str, SupportsFloat | SupportsIndex]] = ..., uncertainty: str | None = None, seed: SupportsIndex = 1) -> Frame:
        """
        The 20–20–20–20 table. `responses` are (cause, effect, elasticity); `uncertainty` is JSON: a distribution by parameter.
        """
    @staticmethod
    def minimal() -> Formula:
        """
        Leads × conversion × price × quantity.
        """
    @property
    def name(self, /) -> str: ...
    def parameters(self, /) -> Frame: ...
    def plan(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], node: str, *, target: SupportsFloat | SupportsIndex | None = None, budget: SupportsFloat | SupportsIndex | None = None, efforts: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex, SupportsFloat | SupportsIndex]]) -> tuple[Frame, float, float, float]:
        """
        How to spread money over levers, with the expression before and after, and the money in all. `efforts` are (parameter, limit, half).
        """
    def point(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]]) -> list[tuple[str, float]]:
        """
        All expressions of one scenario, by name.
        """
    def simulate(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], uncertainty: str, *, correlations: SupportsGetItem[int, tuple[str, str, SupportsFloat | SupportsIndex]] = ..., n: SupportsIndex = 1000000, seed: SupportsIndex = 1, target: SupportsFloat | SupportsIndex | None = None) -> Simulation:
        """
        Profit over many scenarios. `uncertainty` is JSON: a distribution by parameter.
        """
    def sobol(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], uncertainty: str, *, n: SupportsIndex = 32768, seed: SupportsIndex = 1) -> Frame:
        """
        Sobol's indices of profit.
        """
    def solve(self, /, values: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]], node: str, target: SupportsFloat | SupportsIndex, parameter: str) -> float:
        """
        The value of a parameter at which an expression reaches a target.
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
    def table(self, /) -> Frame: ...

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
    def best(self, /) -> Frame: ...
    def left_out(self, /) -> Frame: ...
    @property
    def n(self, /) -> int: ...
    def table(self, /) -> Frame: ...

@final
class GroupElasticities:
    """
    Elasticities of groups.
    """
    def categories(self, /) -> Frame: ...
    @property
    def correction(self, /) -> str: ...
    def left_out(self, /) -> Frame: ...
    @property
    def n(self, /) -> int: ...
    @property
    def notes(self, /) -> list[str]: ...
    def table(self, /) -> Frame: ...

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
    def left_out(self, /) -> Frame: ...
    @property
    def n(self, /) -> int: ...
    @property
    def r_squared(self, /) -> float | None: ...
    def table(self, /) -> Frame: ...

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
    def flows(self, /) -> Frame: ...
    def loops(self, /) -> Frame: ...
    @property
    def notes(self, /) -> list[str]: ...
    def paths(self, /) -> Frame: ...
    def step_matrix(self, /) -> Frame: ...
    def stopped(self, /) -> Frame: ...
    def transitions(self, /) -> Frame: ...

@final
class KpiSystem:
    """
    KPIs by position, and the bonus that they carry.
    """
    def bonus(self, /, results: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]]) -> Frame:
        """
        What each KPI earned each position.
        """
    def collection(self, /) -> Frame: ...
    @staticmethod
    def from_toml(text: str) -> KpiSystem: ...
    def parameters(self, /) -> Frame: ...
    def positions(self, /) -> Frame: ...
    def shares(self, /) -> Frame: ...

@final
class Ladder:
    """
    From order to order, with censoring handled.
    """
    def curves(self, /) -> Frame: ...
    def table(self, /) -> Frame: ...

@final
class Leadership:
    """
    Who follows whom.
    """
    def lags(self, /) -> Frame: ...
    def left_out(self, /) -> Frame: ...
    def table(self, /) -> Frame: ...

@final
class Leakage:
    """
    Discounts that the size of deals does not explain.
    """
    def left_out(self, /) -> Frame: ...
    def norm(self, /) -> Frame: ...
    def outliers(self, /) -> Frame: ...
    def sample(self, /) -> Frame: ...
    @property
    def size(self, /) -> str:
        """
        What made deals large.
        """
    def table(self, /) -> Frame: ...

@final
class Ledger:
    """
    A company's order lines, validated, encoded and sorted once.
    """
    def __new__(cls, /, data: Any, *, customer: str, time: str, amount: str | None = None, price: str | None = None, quantity: str | None = None, order: str | None = None, product: str | None = None, list_price: str | None = None, unit_cost: str | None = None, discounts: SupportsGetItem[int, tuple[str, str]] = ..., dimensions: SupportsGetItem[int, str] = ..., returns: str = "net", on_invalid: str = "reject", time_zone: str | None = None, as_of: str | None = None, days_only: bool = False, time_format: str | None = None, watched: SupportsGetItem[int, str] = ..., clean: str = "{}", max_unreadable: SupportsFloat | SupportsIndex | None = None) -> Ledger: ...
    @property
    def as_of(self, /) -> str: ...
    def between(self, /, start: str | None = None, end: str | None = None) -> Ledger:
        """
        The lines from `start` to `end`, both included.
        """
    @staticmethod
    def concat(ledgers: SupportsGetItem[int, Ledger]) -> Ledger:
        """
        Ledgers with the same roles put together.
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
    def partition(self, /, parts: SupportsIndex) -> list[Ledger]:
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
class LifetimeValues:
    """
    The value of each customer.
    """
    @property
    def notes(self, /) -> list[str]: ...
    def table(self, /) -> Frame: ...
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
    def curve(self, /) -> Frame: ...
    def customers(self, /) -> Frame: ...
    @property
    def horizon(self, /) -> int:
        """
        The horizon in days that the data allow.
        """
    def limits(self, /) -> Frame: ...
    @property
    def notes(self, /) -> list[str]: ...

@final
class MeasuredSegments:
    """
    The same for each value of a dimension.
    """
    def missing(self, /) -> Frame: ...
    def periods(self, /) -> Frame: ...
    def values(self, /) -> Frame: ...

@final
class Measurement:
    """
    The parameters of the full formula by period.
    """
    def missing(self, /) -> Frame: ...
    def periods(self, /) -> Frame: ...
    def values(self, /) -> Frame: ...

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
    def flows(self, /) -> Frame: ...
    def moved_down(self, /) -> Frame: ...
    @property
    def segments(self, /) -> list[str]:
        """
        The segments' names, best first.
        """

@final
class NextProducts:
    """
    What follows each product.
    """
    def due(self, /, ledger: Ledger, date: str, *, days: SupportsIndex, exclude_owned: bool) -> Frame:
        """
        Customers whose best next product falls due in the days from a date on.
        """
    def recommend(self, /, ledger: Ledger, customers: SupportsGetItem[int, str] | None, *, k: SupportsIndex, exclude_owned: bool) -> Frame:
        """
        The best next products of customers, named by their ids as text; of all where none are named.
        """
    def states(self, /) -> Frame: ...
    def table(self, /) -> Frame: ...

@final
class Norms:
    """
    The norms that keep a customer loyal.
    """
    @property
    def notes(self, /) -> list[str]: ...
    def table(self, /) -> Frame: ...
    def windows(self, /) -> Frame: ...

@final
class OptimalPrice:
    """
    The price that earns most.
    """
    def curve(self, /) -> Frame: ...
    @property
    def notes(self, /) -> list[str]: ...
    @property
    def price(self, /) -> tuple[float | None, float | None, float | None]:
        """
        The price with its limits.
        """
    @property
    def reason(self, /) -> str | None: ...
    def simulate(self, /, prices: SupportsGetItem[int, SupportsFloat | SupportsIndex]) -> Frame: ...
    def table(self, /) -> Frame: ...
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
        What levers claim alone, added up.
        """
    def facts(self, /) -> Frame: ...
    @property
    def joint(self, /) -> tuple[float, float, float]:
        """
        What all levers add together, with limits.
        """
    @property
    def knows_costs(self, /) -> bool:
        """
        Whether any cost is known.
        """
    def left_out(self, /) -> Frame: ...
    @property
    def notes(self, /) -> list[str]: ...
    def overlaps(self, /) -> Frame: ...
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
    def table(self, /) -> Frame: ...

@final
class Position:
    """
    Where own prices stand among competitors'.
    """
    def left_out(self, /) -> Frame: ...
    def products(self, /) -> Frame: ...
    @property
    def rank(self, /) -> tuple[int, int]:
        """
        Own rank on the last day, and of how many.
        """
    def table(self, /) -> Frame: ...

@final
class PriceBand:
    """
    How far apart pocket prices are.
    """
    def histogram(self, /) -> Frame: ...
    def left_out(self, /) -> Frame: ...
    def table(self, /) -> Frame: ...
    def total(self, /) -> Frame: ...
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
    def drift(self, /) -> Frame: ...
    def left_out(self, /) -> Frame: ...
    @property
    def notes(self, /) -> list[str]:
        """
        What to know before using the numbers.
        """
    def table(self, /) -> Frame: ...
    def turnover(self, /) -> Frame: ...

@final
class ProductRoles:
    """
    Roles of products.
    """
    def rules(self, /) -> Frame: ...
    def table(self, /) -> Frame: ...

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
    def entities(self, /) -> Frame: ...
    def groups(self, /) -> Frame: ...
    @property
    def notes(self, /) -> list[str]: ...
    def table(self, /) -> Frame: ...

@final
class RatingConjoint:
    """
    What ratings say of attributes.
    """
    @property
    def bases(self, /) -> list[tuple[str, str]]: ...
    def importance(self, /) -> Frame: ...
    @property
    def intercept(self, /) -> float: ...
    def left_out(self, /) -> Frame: ...
    @property
    def n(self, /) -> int: ...
    def part_worths(self, /) -> Frame: ...
    @property
    def r_squared(self, /) -> float | None: ...
    def table(self, /) -> Frame: ...
    def willingness_to_pay(self, /) -> Frame: ...

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
    def mix(self, /) -> Frame: ...
    @property
    def mixed(self, /) -> tuple[float, float, float, float] | None:
        """
        The mix's cost, what is expected without and with it, and what is wanted.
        """
    @property
    def notes(self, /) -> list[str]: ...
    def paces(self, /) -> Frame: ...
    @property
    def spend(self, /) -> float | None: ...
    def table(self, /) -> Frame: ...
    def weeks(self, /) -> Frame: ...

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
    def customers(self, /) -> Frame: ...
    def cuts(self, /) -> Frame: ...
    @property
    def model(self, /) -> ScoreModel:
        """
        Parameters and cut points, to score other customers the same way.
        """
    @property
    def notes(self, /) -> list[str]:
        """
        What was left out, and which measure uses fewer scores.
        """
    @property
    def rule(self, /) -> str:
        """
        How the scores were made, in a sentence.
        """
    def segments(self, /) -> Frame: ...

@final
class Sequences:
    """
    What is bought one after the other.
    """
    def table(self, /) -> Frame: ...

@final
class Simulation:
    """
    What came of many scenarios.
    """
    def chances(self, /) -> Frame: ...
    @property
    def clipped(self, /) -> list[tuple[str, int]]:
        """
        How often a draw was moved to its parameter's bound.
        """
    def percentiles(self, /) -> Frame: ...
    def table(self, /) -> Frame: ...

@final
class SpendModel:
    """
    A fitted model of what customers spend.
    """
    @property
    def aic(self, /) -> float: ...
    @property
    def convergence(self, /) -> tuple[float, int, int, int, float]:
        """
        Customers, distinct histories, starts, evaluations and the last slope.
        """
    def estimates(self, /, level: SupportsFloat | SupportsIndex) -> Frame: ...
    def expected(self, /, data: Any) -> Frame:
        """
        Money expected of an order of each customer.
        """
    @property
    def independence(self, /) -> tuple[float, float, float, float, float, int, bool]:
        """
        Spearman's correlation of spend and frequency, its limits and p-value, Pearson's, customers, and whether independence holds.
        """
    @property
    def log_likelihood(self, /) -> float: ...
    @property
    def notes(self, /) -> list[str]: ...
    def parameters(self, /) -> list[tuple[str, float, float | None]]:
        """
        Names, values and standard errors.
        """

@final
class StageComparison:
    """
    The difference between two funnels.
    """
    def mix(self, /) -> Frame: ...
    @property
    def notes(self, /) -> list[str]: ...
    def table(self, /) -> Frame: ...

@final
class StageFunnel:
    """
    A funnel over an event log.
    """
    def audit(self, /) -> tuple[Frame, list[str]]:
        """
        The funnel under other rules, and what could not be recomputed.
        """
    def curves(self, /) -> Frame: ...
    def dropped(self, /, stage: str) -> Frame: ...
    def exits(self, /) -> Frame: ...
    @property
    def notes(self, /) -> list[str]: ...
    def table(self, /) -> Frame: ...
    def times(self, /) -> Frame: ...

@final
class StageQuestion:
    """
    What a stage funnel is asked, checked.
    """
    def __new__(cls, /, *, stages: SupportsGetItem[int, tuple[str, SupportsGetItem[int, str], SupportsGetItem[int, tuple[str, SupportsGetItem[int, str]]]]], window: str | None, window_from: str, modes: SupportsGetItem[int, str], ties: str, start: str, optional: SupportsGetItem[int, str], exclude: SupportsGetItem[int, tuple[tuple[str, SupportsGetItem[int, str], SupportsGetItem[int, tuple[str, SupportsGetItem[int, str]]]], str | None, str | None]], hold: str | None, by: str | None, level: SupportsFloat | SupportsIndex) -> StageQuestion: ...
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
class TimingModel:
    """
    A fitted model of when customers order.
    """
    @property
    def aic(self, /) -> float: ...
    def bootstrap(self, /, data: Any, replicates: SupportsIndex, seed: SupportsIndex) -> Frame:
        """
        Parameters of refits to customers drawn with replacement, a column each.
        """
    @property
    def convergence(self, /) -> tuple[float, int, int, int, float]:
        """
        Customers, distinct histories, starts, evaluations and the last slope.
        """
    def estimates(self, /, level: SupportsFloat | SupportsIndex) -> Frame: ...
    def expected_new(self, /, t: SupportsFloat | SupportsIndex) -> float: ...
    def expected_purchases(self, /, data: Any, t: SupportsFloat | SupportsIndex) -> Frame: ...
    @property
    def log_likelihood(self, /) -> float: ...
    @property
    def name(self, /) -> str: ...
    def next_order(self, /, data: Any, horizon: SupportsFloat | SupportsIndex, level: SupportsFloat | SupportsIndex, threshold: SupportsFloat | SupportsIndex) -> Frame: ...
    @property
    def notes(self, /) -> list[str]: ...
    def parameters(self, /) -> list[tuple[str, float, float | None]]:
        """
        Names, values and standard errors.
        """
    def probability_alive(self, /, data: Any) -> Frame: ...
    def purchase_probability(self, /, data: Any, t: SupportsFloat | SupportsIndex, n: SupportsIndex) -> Frame: ...

@final
class Tracking:
    """
    Repeat orders over time, actual and expected.
    """
    @property
    def calibration_end(self, /) -> str: ...
    def table(self, /) -> Frame: ...

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
    def notes(self, /) -> list[str]: ...
    @property
    def start(self, /) -> str:
        """
        The first day of the range.
        """
    def table(self, /) -> Frame: ...

@final
class Validation:
    """
    How well a model foretold the holdout.
    """
    def by_frequency(self, /) -> Frame: ...
    @property
    def customers(self, /) -> int: ...
    def errors(self, /) -> Frame: ...

@final
class ValueMap:
    """
    What products ask against what they offer.
    """
    def left_out(self, /) -> Frame: ...
    def line(self, /) -> Frame: ...
    @property
    def r_squared(self, /) -> float | None: ...
    def table(self, /) -> Frame: ...

@final
class Waterfall:
    """
    From list price to margin.
    """
    def compare(self, /, by: str, base: str, against: str) -> Frame:
        """
        Two values of a column that it was laid out by.
        """
    def left_out(self, /) -> Frame: ...
    def table(self, /) -> Frame: ...
    def total(self, /) -> Frame: ...

@final
class Westendorp:
    """
    What answers say of prices.
    """
    def curves(self, /) -> Frame: ...
    def left_out(self, /) -> Frame: ...
    @property
    def n(self, /) -> int: ...
    @property
    def range(self, /) -> tuple[str, str]:
        """
        The names of the points that bound the range of prices.
        """
    def reach(self, /) -> Frame: ...
    def revenue(self, /) -> Frame: ...
    def table(self, /) -> Frame: ...

def attribution(data: Any, text: str) -> Attribution: ...
def basket_rules(ledger: Ledger, *, fdr: SupportsFloat | SupportsIndex = 0.05, max_size: SupportsIndex = 2, min_support: SupportsFloat | SupportsIndex = 0.001) -> BasketRules: ...
def break_even_volume(price_change: SupportsFloat | SupportsIndex, contribution_margin: SupportsFloat | SupportsIndex) -> float: ...

def clv_summary(ledger: Ledger, *, unit: str = "week", period: str = "day", calibration_end: str | None = None, end: str | None = None) -> ClvSummary:
    """
    Summarises customers.
    """

def cohorts(ledger: Ledger, *, period: str = "month", level: SupportsFloat | SupportsIndex = 0.95, as_of: str | None = None) -> Cohorts:
    """
    Follows cohorts.
    """

def compare_stages(base: StageFunnel, against: StageFunnel, *, base_group: str | None = None, against_group: str | None = None) -> StageComparison: ...
def conjoint(data: Any, text: str) -> Conjoint: ...

def contest(ledger: Ledger, *, unit: str = "week", folds: SupportsIndex = 3, horizon: SupportsFloat | SupportsIndex | None = None) -> Contest:
    """
    Holds the contest.
    """

def dormant_after(ledger: Ledger) -> tuple[int, str | None]:
    """
    Days of silence after which customers count as dormant, and a note where they are no limit day.
    """

def elasticity(data: Any, text: str) -> Elasticity: ...
def elasticity_by(data: Any, text: str) -> GroupElasticities: ...
def entry_products(ledger: Ledger, *, horizons: SupportsGetItem[int, SupportsIndex], min_customers: SupportsIndex = 20, fdr: SupportsFloat | SupportsIndex = 0.05, level: SupportsFloat | SupportsIndex = 0.95) -> EntryProducts: ...

def fit_spend(data: Any, *, weights: str | None = None, penalizer: SupportsFloat | SupportsIndex = 0.0) -> SpendModel:
    """
    Fits a model of spend.
    """

def fit_timing(data: Any, *, family: str, k: SupportsIndex = 1, weights: str | None = None, penalizer: SupportsFloat | SupportsIndex = 0.0, purchase_covariates: SupportsGetItem[int, str] = ..., dropout_covariates: SupportsGetItem[int, str] = ...) -> TimingModel:
    """
    Fits a model of when customers order.
    """

def forward(first: SupportsFloat | SupportsIndex, stages: SupportsGetItem[int, tuple[str, SupportsIndex]], *, target: SupportsFloat | SupportsIndex | None, confidence: SupportsFloat | SupportsIndex) -> Forward: ...
def gabor_granger(data: Any, text: str) -> GaborGranger: ...
def hedonic(data: Any, text: str) -> Hedonic: ...
def journey(log: EventLog, text: str) -> Journey: ...
def ladder(ledger: Ledger, *, rungs: SupportsIndex = 10, horizon: SupportsIndex = 365, by: str | None = None, level: SupportsFloat | SupportsIndex = 0.95) -> Ladder: ...
def leadership(data: Any, text: str) -> Leadership: ...

def length_in(parameter: str, text: str, unit: str) -> float:
    """
    A length of time such as "12 months" in a unit.
    """

def lifetime_value(purchases: TimingModel, spend: SpendModel, data: Any, *, horizon: SupportsFloat | SupportsIndex, discount_rate: SupportsFloat | SupportsIndex, margin: SupportsFloat | SupportsIndex, unit: str, level: SupportsFloat | SupportsIndex) -> LifetimeValues:
    """
    Values customers.
    """

def limit_day(ledger: Ledger, *, p: SupportsFloat | SupportsIndex = 0.10, horizon: SupportsIndex = 365, by: str | None = None, level: SupportsFloat | SupportsIndex = 0.95, as_of: str | None = None) -> LimitDays:
    """
    Estimates limit days.
    """

def market_panel(ledger: Ledger) -> Frame:
    """
    Units and money of each product and week of a ledger.
    """

def measure_formula(ledger: Ledger, *, books: SupportsGetItem[int, tuple[str, str | None, SupportsLenAndGetItem[SupportsFloat | SupportsIndex | None]]], period: str, limit_day: SupportsIndex, replicates: SupportsIndex = 1000, seed: SupportsIndex = 1) -> Measurement:
    """
    Measures the full formula.
    """

def measure_segments(ledger: Ledger, *, by: str, books: SupportsGetItem[int, tuple[str, str | None, SupportsLenAndGetItem[SupportsFloat | SupportsIndex | None]]], period: str, limit_day: SupportsIndex, replicates: SupportsIndex = 1000, seed: SupportsIndex = 1) -> MeasuredSegments:
    """
    Measures the full formula for each value of a dimension.
    """

def migration(ledger: Ledger, *, dates: SupportsGetItem[int, str] | None = None, every: str = "1mo", bins: SupportsLenAndGetItem[SupportsIndex] = ...) -> Migration:
    """
    Follows customers between segments.
    """

def next_products(ledger: Ledger, *, horizon: SupportsIndex = 90, order: SupportsIndex = 1, start: str = "any", top: SupportsIndex | None = None, level: SupportsFloat | SupportsIndex = 0.95) -> NextProducts: ...

def norms(ledger: Ledger, *, horizon: SupportsIndex = 90, level: SupportsFloat | SupportsIndex = 0.95, seed: SupportsIndex = 1, as_of: str | None = None) -> Norms:
    """
    Finds norms.
    """

def optimal_price(text: str) -> OptimalPrice: ...

def plan(ledger: Ledger, *, p: SupportsFloat | SupportsIndex = 0.10, horizon: SupportsIndex = 365, product: str | None = None, period: str = "month", limit_day: SupportsIndex | None = None, replicates: SupportsIndex = 1000, replicates_seed: SupportsIndex = 1, books: SupportsGetItem[int, tuple[str, str | None, SupportsLenAndGetItem[SupportsFloat | SupportsIndex | None]]] = ..., scenario: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]] = ..., assumptions: SupportsGetItem[int, tuple[str, SupportsGetItem[int, SupportsFloat | SupportsIndex]]] = ..., effort: SupportsGetItem[int, tuple[str, SupportsFloat | SupportsIndex]] = ..., draws: SupportsIndex = 1000, seed: SupportsIndex = 1, level: SupportsFloat | SupportsIndex = 0.95) -> Plan:
    """
    Makes levers of what the engines find in a ledger and joins them. `assumptions` are lower, expected and upper share by name.
    """

def position(data: Any, text: str) -> Position: ...
def price_index(data: Any, text: str) -> PriceIndex: ...
def price_volume_mix(data: Any, text: str) -> Bridge: ...
def quantities(data: Any, text: str) -> Quantities: ...
def rating_conjoint(data: Any, text: str) -> RatingConjoint: ...
def reverse(text: str) -> Reverse: ...
def roles(ledger: Ledger, *, category: str | None = None, alpha: SupportsFloat | SupportsIndex = 0.001) -> ProductRoles: ...

def score(ledger: Ledger, *, as_of: str | None = None, bins: SupportsLenAndGetItem[SupportsIndex] = ..., method: str = "quantile", monetary: str = "total", thresholds: str | None = None, segments: str | None = None, weights: SupportsLenAndGetItem[SupportsFloat | SupportsIndex] = ...) -> Scores:
    """
    Scores the customers of a ledger. `thresholds` is JSON, `segments` JSON or TOML.
    """

def sequences(ledger: Ledger, *, min_support: SupportsFloat | SupportsIndex = 0.001, max_length: SupportsIndex = 4, max_gap: SupportsIndex | None = None) -> Sequences: ...
def stages(log: EventLog, question: StageQuestion) -> StageFunnel: ...

def timing_of(family: str, k: SupportsIndex, values: SupportsLenAndGetItem[SupportsFloat | SupportsIndex]) -> TimingModel:
    """
    A model with given parameters.
    """

def tracking(model: TimingModel, ledger: Ledger, *, unit: str = "week", calibration_end: str | None = None) -> Tracking:
    """
    Follows a model through a ledger.
    """

def triggers(ledger: Ledger, *, start: str | None = None, end: str | None = None, p: SupportsFloat | SupportsIndex = 0.10, horizon: SupportsIndex = 365) -> Triggers:
    """
    Lists triggers.
    """

def validate(model: TimingModel, data: Any) -> Validation:
    """
    Compares a model with the holdout.
    """

def value_map(data: Any, text: str) -> ValueMap: ...
def van_westendorp(data: Any, text: str) -> Westendorp: ...

def waterfall(data: Any, roles: str, others: SupportsGetItem[int, str], text: str) -> Waterfall:
    """
    A waterfall of a table, batch by batch; `others` are the columns that it is laid out by.
    """
