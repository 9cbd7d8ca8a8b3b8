"""Gamma-Gamma."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl

from leverkit import clv
from leverkit.compat.lifetimes._rows import Rows
from leverkit.compat.lifetimes.fitters._base import WithVariance, refuse_unknown
from leverkit.compat.lifetimes.fitters._timing import TimingFitter
from leverkit.compat.lifetimes.utils import _customer_lifetime_value
from leverkit.errors import ConvergenceError, DataError

if TYPE_CHECKING:
    from typing_extensions import Self


class GammaGammaFitter(WithVariance):
    """Gamma-Gamma, `leverkit.clv.GammaGammaModel`: what customers spend on an order; `params_` are p, q, v.

    Parameters
    ----------
    penalizer_coef : float
        L2 penalty: this times the sum of squared parameters, with money scaled by mean spend.

    Examples
    --------
    >>> import pandas as pd
    >>> from leverkit.compat.lifetimes import GammaGammaFitter
    >>> ggf = GammaGammaFitter()
    >>> ggf.params_ = pd.Series({"p": 6.25, "q": 3.74, "v": 15.44})
    >>> print(round(ggf.conditional_expected_average_profit(2, 22.35), 2))
    24.66
    """

    def fit(
        self,
        frequency: Any,
        monetary_value: Any,
        weights: Any = None,
        initial_params: Any = None,
        verbose: bool = False,
        tol: float | None = None,
        index: Any = None,
        q_constraint: bool = False,
        **options: Any,
    ) -> Self:
        """Fits the model.

        Parameters
        ----------
        frequency, monetary_value
            Repeat orders and the mean money of one; one per customer. Customers without a repeat order carry no information and may stay in; those
            whose mean is not above 0 are left out, which a warning reports.
        weights, index, initial_params, verbose, tol, **options
            As for `BetaGeoFitter`.
        q_constraint : bool
            Reject a fit whose q is not above 1, because mean spend over all customers then does not exist.

        Raises
        ------
        leverkit.DataError
            A value is impossible; the message names column and row.
        leverkit.ConvergenceError
            No maximum was found, or none with q above 1.
        """
        refuse_unknown(options)
        rows = Rows.of(frequency=frequency, monetary_value=monetary_value, weights=1 if weights is None else weights)
        model = clv.GammaGammaModel(penalizer=self.penalizer_coef).fit(pl.DataFrame(rows.columns), weights="weights")
        if q_constraint and model.parameters["q"] <= 1:
            raise ConvergenceError(
                f"q is {model.parameters['q']:.3f}: spend is so uneven that its mean over all customers does not exist; fit without q_constraint, or "
                "without the customers who spend most"
            )
        return self._take(model, rows, index)

    def conditional_expected_average_profit(self, frequency: Any = None, monetary_value: Any = None) -> Any:
        """The expected money per order of each customer, equation (5) of Fader & Hardie (2013); by default for the customers of the fit.

        Raises
        ------
        leverkit.DataError
            It does not exist, because q is not above 1 and the customer has no repeat order of positive value.
        """
        x = self.data["frequency"] if frequency is None else frequency
        mean = self.data["monetary_value"] if monetary_value is None else monetary_value
        rows, (p, q, v) = Rows.of(frequency=x, monetary_value=mean), self._unload_params("p", "q", "v")
        orders = np.where(rows.columns["monetary_value"] > 0, rows.columns["frequency"], 0)
        weight = p * orders + q - 1
        if (weight <= 0).any():
            row = int(np.flatnonzero(weight <= 0)[0])
            raise DataError(
                f"frequency: row {row} holds {orders[row]:g} repeat orders of positive value; with q = {q:.3f}, not above 1, its expected spend does not "
                "exist; leave such customers out",
                column="frequency",
                row=row,
            )
        return rows.back(p * (v + orders * rows.columns["monetary_value"]) / weight)

    def customer_lifetime_value(
        self,
        transaction_prediction_model: TimingFitter,
        frequency: Any,
        recency: Any,
        T: Any,
        monetary_value: Any,
        time: int = 12,
        discount_rate: float = 0.01,
        freq: str = "D",
    ) -> pd.Series:
        """The value of each customer in the next `time` months, money, discounted at the end of each month.

        Parameters
        ----------
        transaction_prediction_model
            A fitter of when customers order.
        frequency, recency, T, monetary_value
            The customers' histories.
        time : int
            Months.
        discount_rate : float
            Monthly rate.
        freq : {"D", "H", "M", "W"}
            The unit of recency and T.

        Returns
        -------
        Series
            One value per customer, named clv, with the index of `frequency`.
        """
        spend = self.conditional_expected_average_profit(frequency, monetary_value)
        return _customer_lifetime_value(
            transaction_prediction_model, frequency, recency, T, spend, time, discount_rate, freq=freq
        )
