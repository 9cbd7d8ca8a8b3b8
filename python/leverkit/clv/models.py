"""The models: fitted by maximum likelihood with exact gradients, with method names familiar to users of `lifetimes` and `pymc-marketing`.

The engine computes; this module names things and converts frames and lengths of time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import view
from leverkit._lib.frames import Roles, ToNative, from_engine, kind_of, of_producer, only
from leverkit._lib.inputs import finite, repr_of
from leverkit._lib.progress import Progress, with_progress
from leverkit._lib.result import Figure, dressed, figure_of
from leverkit._lib.text import t
from leverkit.clv.drift import ModelDrift
from leverkit.clv.summaries import Unit, unit_of
from leverkit.errors import LeverkitError, ParameterError

if TYPE_CHECKING:
    from typing_extensions import Self

_UNITS: tuple[Unit, ...] = ("day", "week", "month", "quarter", "year")

#: A length of time: a number of the model's units, or a number and a unit such as "12 months".
Length = float | str


class _Model:
    """What all models share: parameters, their uncertainty, and a report on the fit.

    Attributes
    ----------
    parameters : dict of str to float
        The estimates, in the summary's unit of time.
    standard_errors : dict of str to float or None
        From the observed information; None if the likelihood has no curvature.
    log_likelihood, aic : float
        For all customers, in the summary's unit of time, without penalty.
    convergence : dict
        customers, distinct histories, starts, evaluations of the likelihood, and the largest remaining slope.
    notes : list of str
        Which parameters the data cannot distinguish, and what was left out.
    """

    _engine_: Any = None
    _to_native: ToNative
    _name: str

    def _fitted(self) -> Any:
        if self._engine_ is None:
            raise LeverkitError(f"{type(self).__name__} is not fitted: call fit(summary) first")
        return self._engine_

    @property
    def parameters(self) -> dict[str, float]:
        """The estimates."""
        return {name: value for name, value, _ in self._fitted().parameters}

    @property
    def standard_errors(self) -> dict[str, float | None]:
        """Standard errors from the observed information."""
        return {name: error for name, _, error in self._fitted().parameters}

    @property
    def covariance(self) -> Any:
        """Covariances of the parameters: parameter, and a column per parameter. None if the likelihood has no curvature, or the parameters were given."""
        cells = self._fitted().covariance
        if cells is None:
            return None
        names = list(self.parameters)
        return self._to_native(pl.DataFrame({"parameter": names, **dict(zip(names, map(list, cells), strict=True))}))

    @property
    def log_likelihood(self) -> float:
        """The log-likelihood of all customers."""
        return float(self._fitted().log_likelihood)

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return float(self._fitted().aic)

    @property
    def convergence(self) -> dict[str, float]:
        """How the fit went."""
        names = ("customers", "histories", "starts", "evaluations", "slope")
        return dict(zip(names, self._fitted().convergence, strict=True))

    @property
    def notes(self) -> list[str]:
        """What to know before using the numbers."""
        return list(self._fitted().notes)

    @property
    def params(self) -> dict[str, Any]:
        """What the model was made with."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def to_dict(self) -> dict[str, Any]:
        """Parameters, their standard errors, and how the fit went: plain Python values."""
        names = ("parameters", "standard_errors", "log_likelihood", "aic", "convergence", "notes", "params")
        return {"model": type(self).__name__, **{name: getattr(self, name) for name in names}}

    def summary(self, *, level: float = 0.95) -> Any:
        """One row per parameter: parameter, estimate, std_error, lower, upper. Limits are computed on the log scale and transformed back."""
        return self._to_native(from_engine(self._fitted().estimates(level)))

    def __repr__(self) -> str:
        if self._engine_ is None:
            return f"{type(self).__name__}()"
        values = ", ".join(f"{name}={value:.4g}" for name, value in self.parameters.items())
        return f"{type(self).__name__}({values}; log-likelihood {self.log_likelihood:,.2f})"

    def _repr_html_(self) -> str:
        if self._engine_ is None:
            return view.page(f"{type(self).__name__}, {t('not fitted')}", ())
        return view.page(repr(self), self.notes, view.table(from_engine(self._engine_.estimates(0.95))))


class _TimingModel(_Model):
    """A model of when customers order and leave.

    Parameters
    ----------
    unit : {"day", "week", "month", "quarter", "year"}, optional
        The unit of the summary's times, used to interpret lengths such as "12 months". The default is the unit that the summary remembers, otherwise
        weeks; a summary in another unit is an error.
    penalizer : float
        L2 penalty: this times the sum of squared parameters, with time scaled so that the longest T is 10 (in `lifetimes` it is 1).
    """

    _family: str
    _k = 1
    _is_told = False

    def __init__(self, *, unit: Unit | None = None, penalizer: float = 0.0) -> None:
        if unit is not None and unit not in _UNITS:
            raise ParameterError(f"unit: got {repr_of(unit)}; expected {', '.join(_UNITS)}", parameter="unit")
        self._is_told = unit is not None
        self.unit: Unit = unit or "week"
        self.penalizer = penalizer

    def fit(self, summary: Any, *, weights: str | None = None) -> Self:
        """Fits the model to a summary with columns frequency, recency and T; `weights` names a column with the number of customers that a row
        represents.

        Raises
        ------
        leverkit.ConvergenceError
            No maximum was found; the message says what was tried.
        leverkit.DataError
            A history is impossible; the message names column and row.
        """
        return self._fit(summary, weights, [], [])

    def _take_unit(self, summary: Any) -> None:
        """A model that was told no unit takes the summary's; one that was told another refuses."""
        known = unit_of(summary)
        if known is not None and not self._is_told:
            self.unit = next(unit for unit in _UNITS if unit == known)
        self._check_unit(summary)

    def _check_unit(self, summary: Any) -> None:
        known = unit_of(summary)
        if known is not None and known != self.unit:
            raise ParameterError(
                f'unit: the summary is in {known}s, the model in {self.unit}s; make both with unit="{known}" or unit="{self.unit}"',
                parameter="unit",
            )

    def _fit(self, summary: Any, weights: str | None, purchase: Sequence[str], dropout: Sequence[str]) -> Self:
        self._take_unit(summary)
        self._to_native = kind_of(summary)
        columns = ["frequency", "recency", "T", *purchase, *dropout, *([weights] if weights else [])]
        self._columns = list(dict.fromkeys(["frequency", "recency", "T", *purchase, *dropout]))
        self._engine_ = _engine.fit_timing(
            _readable(summary, columns, self._optional()),
            family=self._family,
            k=self._k,
            weights=weights,
            penalizer=self.penalizer,
            purchase_covariates=list(purchase),
            dropout_covariates=list(dropout),
        )
        return self

    @classmethod
    def of(cls, *, unit: Unit = "week", **parameters: float) -> Self:
        """A model with given parameters, published or saved: ``BetaGeoModel.of(r=0.243, alpha=4.414, a=0.793, b=2.426)``."""
        model = cls(unit=unit)
        model._engine_ = _engine.timing_of(cls._family, cls._k, _in_order(cls, _NAMES[cls._family], parameters))
        model._to_native = kind_of(pl.DataFrame())
        model._columns = ["frequency", "recency", "T"]
        return model

    def _optional(self) -> list[str]:
        return []

    def _length(self, parameter: str, t: Length) -> float:
        if isinstance(t, str):
            return _engine.length_in(parameter, t, self.unit)
        if not isinstance(t, Real):
            raise ParameterError(
                f'{parameter}: got {repr_of(t)}; expected a number of {self.unit}s, or such as "12 months"',
                parameter=parameter,
            )
        try:
            return float(t)
        except OverflowError:
            return math.inf  # which the engine refuses with its words

    def _read(self, summary: Any) -> Any:
        self._fitted()
        self._check_unit(summary)
        return _readable(summary, self._columns, self._optional())

    def expected_probability_alive(self, summary: Any, *, future_t: Length = 0) -> Any:
        """The probability that each customer is still active `future_t` after the end of their history, by default at the end itself.

        BG/BB counts time in occasions: 0 is after the last occasion that was observed, 1 is the next one, which the paper (Fader, Hardie & Shang 2010)
        prints. A column of the summary's type of frame.
        """
        t = self._length("future_t", future_t)
        return _column(self._fitted().probability_alive(self._read(summary), t), summary)

    def expected_purchases(self, summary: Any, *, future_t: Length = 52) -> Any:
        """Orders expected from each customer within `future_t`. A column of the summary's type of frame."""
        t = self._length("future_t", future_t)
        return _column(self._fitted().expected_purchases(self._read(summary), t), summary)

    def expected_purchases_new_customer(self, *, t: Length = 52) -> float:
        """Orders expected from a new customer within `t` after the first order."""
        return float(self._fitted().expected_new(self._length("t", t)))

    def expected_purchase_probability(self, summary: Any, *, n: int, future_t: Length = 52) -> Any:
        """The probability that each customer orders exactly `n` times within `future_t`. A column of the summary's type of frame."""
        t = self._length("future_t", future_t)
        return _column(self._fitted().purchase_probability(self._read(summary), t, n), summary)

    def next_order(self, summary: Any, *, horizon: Length = 52, level: float = 0.8, threshold: float = 0.5) -> Any:
        """When the next order is expected, and when silence makes a customer lost.

        Returns
        -------
        frame
            One row per customer: probability_alive; returns (the probability of an order within the horizon); median, lower and upper (time from the
            end of the history to that order if it comes within the horizon, with the middle `level` of its distribution); lost_after (further silence
            until P(alive) is below `threshold`; 0 if it already is, null if silence never brings it there).
        """
        t = self._length("horizon", horizon)
        found = from_engine(self._fitted().next_order(self._read(summary), t, level, threshold))
        return kind_of(summary)(found)

    def drift(self, summary: Any) -> ModelDrift:
        """Whether the customers of a summary still order as the model says: how many have 0, 1 … 7 and more repeat orders, and how many it expects to.

        Time since the first order is accounted for, so customers who have merely grown older have not drifted. Best asked of customers who came after
        the fit.

        Returns
        -------
        ModelDrift
            Tables ``table`` (measure, customers_before, customers, psi, psi_by_chance, chi_squared, df, p_value, verdict); ``bins`` (measure, bin, lower,
            upper, share_before, customers, share).

        Raises
        ------
        leverkit.DataError
            A history is impossible; the message names column and row.

        Examples
        --------
        >>> import leverkit as lk
        >>> summary = lk.clv.summary(lk.datasets.company(months=18).ledger())
        >>> model = lk.clv.ModifiedBetaGeoModel().fit(summary)
        >>> model.drift(summary).table.select("customers", "verdict").row(0)
        (2513, 'stable')
        """
        found = self._fitted().drift(self._read(summary))
        return ModelDrift(found, kind_of(summary), {"model": type(self).__name__})

    @with_progress("Bootstrap")
    def bootstrap(self, summary: Any, *, replicates: int = 200, seed: int = 1, progress: Progress = None) -> Any:
        """Parameters of refits to customers drawn with replacement, one row per refit; refits that find no maximum are left out.

        `progress` is a function of the refits done and of all, a bar such as tqdm's, or False; by default a line where somebody watches.
        """
        return self._to_native(from_engine(self._fitted().bootstrap(self._read(summary), replicates, seed)))

    def plot(
        self,
        kind: Literal["alive", "purchases"] | None = None,
        *,
        until: Length = 52,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly heat map over frequency and recency for a customer of age `until`: "alive" (P(alive), default) or "purchases" in a following
        period of the same length."""
        age = self._length("until", until)
        if not 0 < age < math.inf:
            raise ParameterError(f"until: got {repr_of(until)}; expected a length above 0", parameter="until")
        return dressed(figure_of("clv.matrix")(self, kind, age), title, template)

    # The names of `lifetimes`.
    conditional_probability_alive = expected_probability_alive


class _WithCovariates(_TimingModel):
    """A timing model whose rates may depend on customer attributes that do not change over time."""

    def fit(
        self,
        summary: Any,
        *,
        weights: str | None = None,
        purchase_covariates: Sequence[str] = (),
        dropout_covariates: Sequence[str] = (),
    ) -> Self:
        """Fits the model to a summary with columns frequency, recency and T, and numeric columns of covariates.

        Parameters
        ----------
        summary
            A frame of `leverkit.clv.summary`, or any with these columns.
        weights : str, optional
            Column with the number of customers that a row represents.
        purchase_covariates, dropout_covariates : list of str
            Columns that affect the rate of orders, and leaving: with a coefficient of 0.1, each unit makes the rate of orders 1.1 times as high.

        Raises
        ------
        leverkit.ConvergenceError
            No maximum was found; the message says what was tried.
        leverkit.DataError
            A history is impossible; the message names column and row.
        """
        return self._fit(summary, weights, purchase_covariates, dropout_covariates)


class BetaGeoModel(_WithCovariates):
    """BG/NBD (Fader, Hardie & Lee 2005). P(alive) of every customer without a repeat order is 1; to study churn, use `ParetoNBDModel` or
    `ModifiedBetaGeoModel`.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> model = lk.clv.BetaGeoModel.of(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> customer = pl.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
    >>> round(model.expected_purchases(customer, future_t="39 weeks")[0], 3)
    1.226
    """

    _family = "beta_geo"


class ModifiedBetaGeoModel(_TimingModel):
    """MBG/NBD (Batislam, Denizel & Filiztekin 2007): a customer may leave after the first order too."""

    _family = "modified_beta_geo"


class ParetoNBDModel(_WithCovariates):
    """Pareto/NBD (Schmittlein, Morrison & Colombo 1987): a customer may leave at any time."""

    _family = "pareto_nbd"


class BetaGeoBetaBinomModel(_TimingModel):
    """BG/BB (Fader, Hardie & Shang 2010) for discrete occasions: T is their number, and recency is the number of the last one with an order. Make the
    summary with ``unit="month", period="month"`` or similar.
    """

    _family = "beta_geo_beta_binom"


class RegularTimingModel(_TimingModel):
    """MBG/CNBD-k (Reutterer, Platzer & Schröder 2021): MBG/NBD for customers whose gaps are more regular than chance; the larger `k`, the more
    regular. Make the summary with ``log_gaps=True``.

    Parameters
    ----------
    k : int
        Regularity: gaps are Erlang-k; 1 is MBG/NBD.
    unit, penalizer
        As for the other models.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = lk.datasets.complete_journey().filter(pl.col("household_id") <= 500)
    >>> summary = lk.clv.summary(lines, customer="household_id", time="transaction_timestamp", amount="sales_value", log_gaps=True)
    >>> regular, chance = lk.clv.RegularTimingModel(k=2).fit(summary), lk.clv.ModifiedBetaGeoModel().fit(summary)
    >>> regular.log_likelihood > chance.log_likelihood
    True
    """

    _family = "regular"

    def __init__(self, *, k: int = 2, unit: Unit | None = None, penalizer: float = 0.0) -> None:
        super().__init__(unit=unit, penalizer=penalizer)
        self.k = k
        self._k = k

    def _optional(self) -> list[str]:
        return ["log_gaps"]


class GammaGammaModel(_Model):
    """Gamma-Gamma (Fader & Hardie 2013): what customers spend on an order. It requires spend and frequency to be independent, which `fit` tests.

    Attributes
    ----------
    independence : dict
        Spearman's rank correlation of spend and frequency with 95 % limits and p-value, Pearson's, customers, and whether independence holds; None of given
        parameters.
    """

    def __init__(self, *, penalizer: float = 0.0) -> None:
        self.penalizer = penalizer

    def fit(self, summary: Any, *, weights: str | None = None) -> Self:
        """Fits the model to columns frequency and monetary_value. Customers without a repeat order say nothing about spend. Those whose repeat orders
        are worth nothing or less are left out, which a note reports.

        Raises
        ------
        leverkit.ConvergenceError
            No maximum was found; the message says what was tried.
        leverkit.DataError
            A value is impossible; the message names column and row.
        """
        self._to_native = kind_of(summary)
        columns = ["frequency", "monetary_value", *([weights] if weights else [])]
        self._engine_ = _engine.fit_spend(_readable(summary, columns, []), weights=weights, penalizer=self.penalizer)
        return self

    @classmethod
    def of(cls, **parameters: float) -> Self:
        """A model with given parameters, published or saved: ``GammaGammaModel.of(p=6.25, q=3.74, v=15.44)``."""
        model = cls()
        model._engine_ = _engine.spend_of(_in_order(cls, ("p", "q", "v"), parameters))
        model._to_native = kind_of(pl.DataFrame())
        return model

    @property
    def independence(self) -> dict[str, float | bool] | None:
        """The test of independence of spend and frequency; None of given parameters."""
        found = self._fitted().independence
        if found is None:
            return None
        names = ("spearman", "lower", "upper", "p_value", "pearson", "customers", "holds")
        return dict(zip(names, found, strict=True))

    def expected_customer_spend(self, summary: Any) -> Any:
        """The expected money per order of each customer, between their own mean and the overall mean. Null if it does not exist."""
        found = self._fitted().expected(_readable(summary, ["frequency", "monetary_value"], []))
        return _column(found, summary)

    def drift(self, summary: Any) -> ModelDrift:
        """Whether the customers of a summary still spend as the model says: their mean spend in fifths of what it expects of as many orders.

        Returns
        -------
        ModelDrift
            Tables ``table`` (measure, customers_before, customers, psi, psi_by_chance, chi_squared, df, p_value, verdict); ``bins`` (measure, bin, lower,
            upper, share_before, customers, share).

        Raises
        ------
        leverkit.DataError
            A value is impossible; the message names column and row.
        """
        found = self._fitted().drift(_readable(summary, ["frequency", "monetary_value"], []))
        return ModelDrift(found, kind_of(summary), {"model": type(self).__name__})

    # The name of `lifetimes`.
    conditional_expected_average_profit = expected_customer_spend


def needs(parameter: str, model: Any, kind: type[_Model]) -> None:
    """Refuses a model of another kind, such as one of spend where one of orders is asked for."""
    if not isinstance(model, kind):
        expected = "a model of orders such as ParetoNBDModel()" if kind is _TimingModel else f"a {kind.__name__}()"
        raise ParameterError(
            f"{parameter}: got {type(model).__name__}; expected {expected}, fitted", parameter=parameter
        )


def _in_order(model: type[_Model], names: Sequence[str], given: dict[str, float]) -> list[float]:
    """Given parameters in the order of these names."""
    if set(given) != set(names):
        raise TypeError(f"{model.__name__}.of needs {', '.join(names)}; got {', '.join(given) or 'nothing'}")
    return [finite(name, given[name]) for name in names]


_NAMES = {
    "beta_geo": ("r", "alpha", "a", "b"),
    "modified_beta_geo": ("r", "alpha", "a", "b"),
    "pareto_nbd": ("r", "alpha", "s", "beta"),
    "beta_geo_beta_binom": ("alpha", "beta", "gamma", "delta"),
    "regular": ("r", "alpha", "a", "b"),
}


def _readable(summary: Any, columns: list[str], optional: list[str]) -> Any:
    """The summary as the engine reads it; lazy frames are collected, as one column may be asked for twice."""
    if isinstance(summary, pl.LazyFrame):
        from leverkit.reading import source_of  # as in `only`

        with of_producer(source_of(summary)):
            names = summary.collect_schema().names()
            wanted = [name for name in dict.fromkeys([*columns, *optional]) if name in names]
            return summary.select(wanted).collect(engine="streaming")
    return only(summary, columns, Roles(number=columns))


def _column(found: Any, summary: Any) -> Any:
    """A prediction as a column of the summary's kind: a Series of polars or pandas (with the summary's index), a pyarrow column, else a frame."""
    frame = from_engine(found)
    name = frame.columns[0]
    native = kind_of(summary)(frame)
    kind = type(summary).__module__.partition(".")[0]
    if kind == "pandas":
        return native[name].set_axis(summary.index)
    if kind in ("duckdb", "_duckdb", "narwhals"):
        return native
    return native[name]
