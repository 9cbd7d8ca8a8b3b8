"""BG/BB."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leverkit import clv
from leverkit.compat.lifetimes import generate_data
from leverkit.compat.lifetimes._rows import Rows
from leverkit.compat.lifetimes.fitters._base import WithVariance, refuse_unknown
from leverkit.compat.lifetimes.fitters._timing import TimingFitter, history
from leverkit.errors import ParameterError

if TYPE_CHECKING:
    from typing_extensions import Self


class BetaGeoBetaBinomFitter(WithVariance, TimingFitter):
    """BG/BB for discrete occasions, `leverkit.clv.BetaGeoBetaBinomModel`: `params_` are alpha, beta, gamma, delta.

    Parameters
    ----------
    penalizer_coef : float
        L2 penalty: this times the sum of squared parameters.

    Examples
    --------
    >>> import pandas as pd
    >>> from leverkit.compat.lifetimes import BetaGeoBetaBinomFitter
    >>> bbtf = BetaGeoBetaBinomFitter()
    >>> bbtf.params_ = pd.Series({"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783})
    >>> print(round(bbtf.conditional_probability_alive(1, 6, 6, 6), 2))
    0.93
    """

    _model = clv.BetaGeoBetaBinomModel
    _names = ("alpha", "beta", "gamma", "delta")
    _time = "n_periods"
    _generate = staticmethod(generate_data.beta_geometric_beta_binom_model)

    def fit(  # type: ignore[override]
        self,
        frequency: Any,
        recency: Any,
        n_periods: Any,
        weights: Any = None,
        initial_params: Any = None,
        verbose: bool = False,
        tol: float | None = None,
        index: Any = None,
        **options: Any,
    ) -> Self:
        """Fits the model: occasions with an order after the first, the last of them, and how many there were; the rest as for the other fitters.

        Raises
        ------
        leverkit.DataError
            A history is impossible; the message names column and row, where `n_periods` is called T.
        leverkit.ConvergenceError
            No maximum was found; the message says what was tried.
        """
        refuse_unknown(options)
        rows = Rows.of(
            frequency=frequency, recency=recency, n_periods=n_periods, weights=1 if weights is None else weights
        )
        return self._take(self._search(rows), rows, index)

    def conditional_expected_number_of_purchases_up_to_time(
        self, m_periods_in_future: Any, frequency: Any, recency: Any, n_periods: Any
    ) -> Any:
        """Orders expected from each customer at the next `m_periods_in_future` occasions."""
        return super().conditional_expected_number_of_purchases_up_to_time(
            m_periods_in_future, frequency, recency, n_periods
        )

    def conditional_probability_alive(  # type: ignore[override]
        self, m_periods_in_future: Any, frequency: Any, recency: Any, n_periods: Any
    ) -> Any:
        """The probability that each customer is alive `m_periods_in_future` occasions after their history, equation (A10) of the paper."""
        model, rows = self._fitted(), Rows.of(t=m_periods_in_future, frequency=frequency, recency=recency, T=n_periods)
        return rows.by_time(
            lambda m, of: model.expected_probability_alive(history(of)).to_numpy() * self._stays(m, of["T"])
        )

    def _stays(self, m: float, n: Any) -> Any:
        """The chance that one who is alive after `n` occasions is so after `m` more: B(gamma, delta + n + m) / B(gamma, delta + n)."""
        if m < 0 or m % 1:
            raise ParameterError(
                f"m_periods_in_future: got {m:g}; expected a whole number of occasions, 0 or more",
                parameter="m_periods_in_future",
            )
        gamma, delta = self._unload_params("gamma", "delta")
        return math.prod((delta + n + i) / (gamma + delta + n + i) for i in range(int(m)))

    def expected_number_of_transactions_in_first_n_periods(self, n: int) -> pd.DataFrame:
        """How many of the customers of the fit are expected to order x times at their first `n` occasions, for each x among the data: column model."""
        customers = self.data.groupby("frequency")["weights"].sum()
        chances = [self.probability_of_n_purchases_up_to_time(n, x) for x in customers.index]
        return pd.DataFrame({"model": np.array(chances) * customers.sum()}, index=customers.index)
