"""Pricing in the market: the elasticity of demand, overall and by product, and the most profitable price."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, ToNative, from_engine, kind_of, only, through
from leverkit._lib.inputs import Columns, at_least, finite, is_number, names, repr_of, text_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t, told
from leverkit.errors import ParameterError, SchemaError
from leverkit.ledger import Ledger, native_of

__all__ = ["Elasticity", "GroupElasticities", "OptimalPrice", "break_even_volume", "elasticity", "optimal_price"]

Model = Literal["ols", "ppml"]
Demand = Literal["constant", "linear", "logit"]


class Elasticity(Result):
    """How sales respond to the price.

    Attributes
    ----------
    table : frame
        One row per term, starting with the price: term, estimate, std_error, lower, upper, t, p_value, reason (why there is no estimate).
    tests : frame
        Tests of instruments: test ("first stage", "Durbin–Wu–Hausman"), statistic (F), df1, df2, p_value, reading. Empty without instruments.
    left_out : frame
        One row per reason: reason, rows, first_row (from 0), money (price times quantity; null with ``log=False``).
    compared : frame
        One row per model: see `compare`.
    model : str
        "OLS", "FE" (with effects), "IV", "Poisson" or "Poisson FE": what the table holds.
    n : int
        Rows used.
    levels, clusters : dict
        Number of levels of each effect, and of clusters of each kind.
    correction : str
        The small-sample correction of the standard errors.
    df : float or None
        Degrees of freedom of Student's t for the price; None if limits are normal (PPML).
    r_squared_within : float or None
        Share of the variance within effects that the model explains.
    price_range : tuple of float
        Lowest and highest price used.
    """

    table: Frame
    tests: Frame
    left_out: Frame
    compared: Frame
    model: str
    n: int
    levels: dict[str, int]
    clusters: dict[str, int]
    correction: str
    df: float | None
    r_squared_within: float | None
    price_range: tuple[float, float]

    def compare(self) -> Any:
        """OLS, FE and IV side by side on the same rows: model, estimate, std_error, lower, upper, t, p_value, n, reason.

        If OLS and FE differ, OLS mixed products of different prices; if FE and IV differ, prices responded to demand. `tests` and `notes` say how
        certain this is.
        """
        return self.compared

    @drawn_by("demand.elasticity")
    def plot(
        self, kind: Literal["models", "terms"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the "models" side by side (default), or the "terms"."""

    def _headline(self) -> str:
        price = self._tables["table"].row(0, named=True)
        if price["estimate"] is None:
            reason = price["reason"] or "columns too far apart in size to compute with"
            return t(
                "No elasticity: {reason}; {model}, {n:,} {n:row|rows}", reason=told(reason), model=self.model, n=self.n
            )
        known = {"lower": price["lower"], "upper": price["upper"]}
        limits = "" if price["lower"] is None else t(" ({lower:.2f} to {upper:.2f})", **known)
        return t(
            "One per cent on the price changes sales by {estimate:.2f} %{limits}; {model}, {n:,} {n:row|rows}",
            estimate=price["estimate"],
            limits=limits,
            model=self.model,
            n=self.n,
        )


class GroupElasticities(Result):
    """How sales of each group respond to the price.

    Attributes
    ----------
    table : frame
        One row per group: the columns of `by`, category, n (rows), periods, revenue, estimate, std_error, lower, upper, t, p_value, shrunk, shrunk_std_error,
        shrunk_lower, shrunk_upper, weight_of_category (0 to 1), status ("ok", "wrong sign", "no price variation", "too few weeks"), reason. What is
        not identified is null.
    categories : frame
        One row per category: category, groups, estimate (mean elasticity) with std_error, lower, upper, t, p_value, deviation (standard deviation of true
        elasticities), borrowed (it has few groups, which are pulled towards the mean of all).
    left_out : frame
        One row per reason: reason, rows, first_row (from 0), money (price times quantity).
    n : int
        Rows used.
    correction : str
        The small-sample correction of the standard errors.
    """

    table: Frame
    categories: Frame
    left_out: Frame
    n: int
    correction: str

    def compare(self) -> Any:
        """Not available by group.

        Raises
        ------
        ParameterError
            Always: leave out `by` to compare OLS, FE and IV.
        """
        raise ParameterError("compare: got groups; expected one elasticity of all: leave out by", parameter="by")

    @drawn_by("demand.group_elasticities")
    def plot(
        self,
        kind: Literal["groups", "categories", "shrinkage"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: the "groups" with limits and status (default), the "categories", or "shrinkage" from own to shrunk estimates."""

    def _headline(self) -> str:
        table = self._tables["table"]
        usable = int((table["status"] == "ok").sum())
        wrong = int((table["status"] == "wrong sign").sum())
        return t(
            "{usable:,} of {all:,} elasticities can be used; {wrong:,} have the wrong sign",
            usable=usable,
            all=table.height,
            wrong=wrong,
        )


def elasticity(
    frame: Any,
    *,
    quantity: str | None = None,
    price: str | None = None,
    effects: Columns = None,
    cluster: Columns = None,
    controls: Columns = None,
    instruments: Columns = None,
    by: Columns = None,
    log: bool = True,
    cross_prices: Columns = None,
    category: str | None = None,
    period: str | None = None,
    min_periods: int = 10,
    model: Model = "ols",
    errors: Literal["iid", "robust"] = "iid",
    small: Literal["cr2", "fixest"] = "cr2",
    level: float = 0.95,
) -> Elasticity | GroupElasticities:
    """Estimates the elasticity of demand: the percentage change in sales when the price rises by one per cent.

    The model is ``ln q = β ln p + γ'controls + effects + ε``, by least squares with effects absorbed, and with instruments by two-stage least
    squares. With ``model="ppml"`` it is ``E q = exp(…)``, by Poisson pseudo maximum likelihood, which keeps rows without sales (Santos Silva &
    Tenreyro 2006).

    Parameters
    ----------
    frame
        A frame with one row per product, week, store, …; or a `Ledger`, whose lines are added up by product and week (columns product, week,
        quantity, price, revenue and the dimensions). Effects then default to product and week, clusters to product. With ``model="ppml"`` the
        weeks without sales between a product's first and last sale count as zeros, at the price of the sale before; a note says how many.
    quantity, price : str
        Columns with units sold and with the price, money per unit.
    effects : str or list of str
        Columns whose levels are compared only with themselves. "product^store" makes each combination a level. A row that is the only one of a level
        is left out.
    cluster : str or list of str
        One or two columns within which errors are correlated; none for equal variances, or robust errors with ``errors="robust"``.
    controls, cross_prices : str or list of str
        Further columns of numbers or flags that affect demand, such as promotion and display; and prices of other products, which also enter as
        logarithms.
    instruments : str or list of str
        Columns that move the price and affect demand only through the price, such as costs.
    by : str or list of str
        Columns whose values each get their own elasticity, estimated from their own rows and pulled towards the mean of their category (empirical
        Bayes).
    log : bool
        Whether to take logarithms. With False, columns are used as they are: pass logarithms yourself, otherwise the coefficient is not an
        elasticity.
    category : str, optional
        With `by`: the column with the groups' category. By default groups are pulled towards the mean of all, and
        so are groups without a category.
    period : str, optional
        With `by`: the column with the week. A group needs `min_periods` weeks; without this column, as many rows.
    model : {"ols", "ppml"}
        How quantities are explained.
    small : {"cr2", "fixest"}
        How errors in few clusters are corrected. "cr2": below 40 clusters CR2 with Satterthwaite's degrees of freedom (Bell & McCaffrey 2002;
        Pustejovsky & Tipton 2018), else CRV1. "fixest": CRV1 with the factors of fixest and pyfixest, whose intervals are too narrow with few
        clusters. `correction` says which was used.
    level : float
        Confidence level.

    Returns
    -------
    Elasticity or, with `by`, GroupElasticities

    Raises
    ------
    DataError
        No row can be used, the price does not vary within effects, or there are more coefficients than rows.
    ParameterError
        Parameters that do not go together.
    SchemaError
        A column is missing or is not numeric.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> sales = pl.DataFrame({"sku": ["a", "a", "a", "b", "b", "b"], "price": [1.0, 2.0, 4.0, 10.0, 20.0, 40.0], "units": [64.0, 16, 4, 640, 160, 40]})
    >>> found = lk.pricing.elasticity(sales, quantity="units", price="price", effects=["sku"])
    >>> round(found.table["estimate"][0], 6), found.model
    (-2.0, 'FE')
    """
    native = native_of(frame)
    notes: list[str] = []
    if isinstance(frame, Ledger):
        frame, notes = _panel(frame, model)
        quantity, price, period = quantity or "quantity", price or "price", period or ("week" if by else None)
        groups = names(by)
        if effects is None:
            effects = [] if groups else ["product", "week"]
        if cluster is None:
            cluster = ["week"] if groups else ["product"]
    for role, column in (("quantity", quantity), ("price", price)):
        if column is None:
            raise SchemaError(f"{role}: no column given; name it, or pass a Ledger that has it", role=role)
    at_least("min_periods", min_periods, 1)
    params = {
        "quantity": quantity,
        "price": price,
        "effects": names(effects),
        "cluster": names(cluster),
        "controls": names(controls),
        "cross_prices": names(cross_prices),
        "instruments": names(instruments),
        "by": names(by),
        "category": category,
        "period": period,
        "min_periods": min_periods,
        "log": log,
        "model": model,
        "errors": errors,
        "small": small,
        "level": level,
    }
    others = [period, *names(controls), *names(cross_prices), *names(instruments)]
    data = only(frame, _columns(params), Roles(number=[quantity, price], found=others))
    if params["by"]:
        return GroupElasticities(through(_engine.elasticity_by, data, **params), native, params)._also(notes)
    found = through(_engine.elasticity, data, **params)
    levels, clusters = dict(found.levels), dict(found.clusters)
    fitted = Elasticity(found, native, params, levels=levels, clusters=clusters, price_range=found.prices)
    return fitted._also(notes)


def _panel(ledger: Ledger, model: Model) -> tuple[pl.DataFrame, list[str]]:
    """Products by week, for a model that counts zeros with the weeks in which a product did not sell; and what is to be said of those."""
    if model != "ppml":
        return from_engine(_engine.market_panel(ledger._inner)), []
    grid, filled = _engine.market_grid(ledger._inner)
    panel = from_engine(grid)
    if not filled:
        return panel, []
    return panel, [
        f"{filled} of {panel.height} rows are weeks without sales between a product's first and last sale: none sold, at the price of the sale before."
    ]


def _columns(params: dict[str, Any]) -> list[str]:
    single = [params[role] for role in ("quantity", "price", "category", "period") if params[role] is not None]
    several = [name for role in ("controls", "cross_prices", "instruments", "by") for name in params[role]]
    crossed = [part for role in ("effects", "cluster") for name in params[role] for part in text_of(name).split("^")]
    return [*single, *several, *crossed]


class OptimalPrice(Result):
    """The most profitable price, or the reason why there is none.

    Attributes
    ----------
    price, lower, upper : float or None
        The price, with limits from those of the elasticity. None if refused; `upper` is also None if demand may be inelastic.
    reason : str or None
        Why there is no price.
    today : float or None
        The price at which the elasticity is assumed to hold.
    table : frame
        One row: price, lower, upper, today, profit, profit_lower, profit_upper, profit_today, reason.
    curve : frame
        One row per price: price, quantity, revenue, profit, each with _lower and _upper, and extrapolated (outside the prices observed).
    """

    table: Frame
    curve: Frame
    price: float | None
    lower: float | None
    upper: float | None
    reason: str | None
    today: float | None

    def simulate(self, prices: Iterable[float]) -> Any:
        """Computes what these prices would earn; columns as in `curve`.

        Raises
        ------
        ParameterError
            A price is not above 0, or today's price is unknown.
        """
        return self._to_native(from_engine(self._engine.simulate([finite("prices", price) for price in prices])))

    @drawn_by("demand.optimal_price")
    def plot(self, kind: Literal["curve"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: demand and profit by price with the best price and its band ("curve")."""

    def _headline(self) -> str:
        if self.price is None:
            return t("No best price: {reason}", reason=told(self.reason or ""))
        upper = t("no limit") if self.upper is None else numbers.decimal(self.upper, 2)
        limits = (
            "" if self.lower is None else t(" ({lower} to {upper})", lower=numbers.decimal(self.lower, 2), upper=upper)
        )
        return t("The best price is {price:,.2f}{limits}", price=self.price, limits=limits)


def optimal_price(
    elasticity: Any,
    *,
    unit_cost: float,
    price_range: tuple[float, float] | None = None,
    demand: Demand = "constant",
    price: float | None = None,
    quantity: float = 1.0,
    share: float | None = None,
) -> OptimalPrice:
    """The price with the highest profit, from the elasticity's interval and the cost of a unit.

    With constant elasticity ε, it is ``c·ε/(1 + ε)`` (Lerner 1934); with linear demand, halfway between the cost and the price at which nobody buys;
    with a logit, where ``p − c = 1/(b(1 − s))``. It is refused, with `price` None and a `reason`, if the price lies outside the observed prices,
    if \\|ε\\| ≤ 1 with constant elasticity, or if ε ≥ 0 with the other two, whose demand grows more elastic with the price.

    Parameters
    ----------
    elasticity
        A number below zero; a tuple (estimate, lower, upper); or a result of `elasticity`, which also gives the `price_range`.
    unit_cost : float
        Cost of one more unit, money. 0 only with linear or logit demand: at a constant elasticity every lower price would then earn more.
    price_range : tuple of float, optional
        Lowest and highest price observed.
    demand : {"constant", "linear", "logit"}
        How demand falls with the price.
    price : float, optional
        Today's price, at which the elasticity holds; by default the geometric mean of the range.
    quantity : float
        Units sold at today's price; by default 1, so that quantities are relative to today's.
    share : float, optional
        With "logit": the share of possible buyers who buy at today's price.

    Raises
    ------
    ParameterError
        A number out of range.

    Examples
    --------
    >>> import leverkit as lk
    >>> found = lk.pricing.optimal_price((-2.0, -2.5, -1.5), unit_cost=6.0, price_range=(8.0, 20.0))
    >>> found.price, found.lower, found.upper
    (12.0, 10.0, 18.0)
    >>> lk.pricing.optimal_price(-0.8, unit_cost=6.0, price_range=(8.0, 20.0)).reason[:20]
    'demand is inelastic '
    """
    to_native: ToNative = kind_of(None)
    if isinstance(elasticity, Elasticity):
        found, to_native = elasticity._tables["table"].row(0, named=True), elasticity._to_native
        interval = [found["estimate"], found["lower"], found["upper"]]
        price_range = price_range or elasticity.price_range
    elif isinstance(elasticity, (tuple, list)) and len(elasticity) == 3:
        interval = list(elasticity)
    else:
        interval = [elasticity, None, None]
    if not _is_number(interval[0]):
        got = "none" if interval[0] is None else f"{type(interval[0]).__name__} {interval[0]!r:.60}"
        raise ParameterError(
            f"elasticity: got {got}; expected a number, (estimate, lower, upper) or a result of elasticity without by",
            parameter="elasticity",
        )
    if price_range is not None and not (isinstance(price_range, (tuple, list)) and len(price_range) == 2):
        raise ParameterError(
            f"price_range: got {repr_of(price_range)}; expected the lowest and the highest price observed, such as (8.0, 20.0)",
            parameter="price_range",
        )
    given = {"price": price, "quantity": quantity, "share": share}
    ends = [("price_range", end) for end in price_range or ()] + [("elasticity", end) for end in interval]
    optional = [(name, value) for name, value in [*given.items(), *ends] if value is not None]
    for name, value in [("unit_cost", unit_cost), *optional]:
        if not (_is_number(value) and is_number(value)):
            raise ParameterError(f"{name}: got {repr_of(value)}; expected a number", parameter=name)
    params = {
        "elasticity": interval,
        "unit_cost": unit_cost,
        "price_range": None if price_range is None else list(price_range),
        "demand": demand,
        "price": price,
        "quantity": quantity,
        "share": share,
    }
    numeric = {**params, "elasticity": [None if end is None else float(end) for end in interval]}
    best = _engine.optimal_price(**numeric)
    price, lower, upper = best.price
    return OptimalPrice(best, to_native, params, price=price, lower=lower, upper=upper)


def _is_number(value: Any) -> bool:
    """Whether a value is a number of Python or numpy, which flags are not."""
    return isinstance(value, Real) and not isinstance(value, bool)


def break_even_volume(*, price_change: float, contribution_margin: float) -> float:
    """The change in volume that keeps the contribution constant after a price change: ``−ΔP/(CM + ΔP)`` (Smith & Nagle 1994).

    Parameters
    ----------
    price_change : float
        Price change as a share of the price: −0.05 for five per cent less.
    contribution_margin : float
        Price minus variable cost, as a share of the price.

    Returns
    -------
    float
        Change in volume, as a share of the volume.

    Raises
    ------
    ParameterError
        The price would fall to the cost or below it, so that no volume makes up for it; or a share is out of range.

    Examples
    --------
    >>> import leverkit as lk
    >>> round(lk.pricing.break_even_volume(price_change=-0.05, contribution_margin=0.3), 6)
    0.2
    """
    for name, value in (("price_change", price_change), ("contribution_margin", contribution_margin)):
        if not _is_number(value):
            raise ParameterError(f"{name}: got {repr_of(value)}; expected a share, such as 0.05", parameter=name)
    # A price that stays is no change: never minus nothing.
    change, margin = finite("price_change", price_change), finite("contribution_margin", contribution_margin)
    return _engine.break_even_volume(change, margin) + 0.0
