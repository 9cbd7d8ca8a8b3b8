"""What the fitters of order times share."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl

from leverkit.clv.models import _TimingModel
from leverkit.compat.lifetimes._rows import Rows
from leverkit.compat.lifetimes.fitters._base import BaseFitter, refuse_unknown
from leverkit.compat.lifetimes.utils import _scale_time

if TYPE_CHECKING:
    from typing_extensions import Self


class TimingFitter(BaseFitter):
    """A model of when customers order; all fitters of order times have these methods."""

    _model: type[_TimingModel]
    _names: tuple[str, ...]
    _generate: Callable[..., pd.DataFrame]
    #: The column of how long a customer was observed.
    _time = "T"

    def fit(
        self,
        frequency: Any,
        recency: Any,
        T: Any,
        weights: Any = None,
        initial_params: Any = None,
        verbose: bool = False,
        tol: float | None = None,
        index: Any = None,
        **options: Any,
    ) -> Self:
        """Fits the model.

        Parameters
        ----------
        frequency, recency, T
            Repeat orders, time from the first to the last order, and time from the first order to the end of observation; one per customer.
        weights
            How many customers each row represents; by default one.
        index
            The index of `data`.
        initial_params, verbose, tol, **options
            Options for the optimiser of `lifetimes`; accepted but not needed.

        Raises
        ------
        leverkit.DataError
            A history is impossible; the message names column and row.
        leverkit.ConvergenceError
            No maximum was found; the message says what was tried.
        """
        refuse_unknown(options)
        rows = Rows.of(frequency=frequency, recency=recency, T=T, weights=1 if weights is None else weights)
        return self._take(self._search(rows), rows, index)

    def _search(self, rows: Rows) -> _TimingModel:
        frame = pl.DataFrame(rows.columns).rename({self._time: "T"})
        model = self._model(penalizer=self.penalizer_coef).fit(frame, weights="weights")
        self._scale = _scale_time(rows.columns[self._time])
        return model

    def _bind(self) -> None:
        self.predict: Callable[..., Any] = self.conditional_expected_number_of_purchases_up_to_time
        self.generate_new_data: Callable[..., pd.DataFrame] = self._simulate

    def _known(self) -> dict[str, Any]:
        return dict(zip(self._names, self._unload_params(*self._names), strict=True))

    def _fitted(self) -> _TimingModel:
        return self._model.of(**self._known())

    def _simulate(self, size: int = 1) -> pd.DataFrame:
        """Customers as the model sees them, observed as long as those of the fit, who come in turn."""
        observed = np.repeat(self.data[self._time], self.data["weights"].astype(int))
        return type(self)._generate(np.resize(observed, size), size=size, **self._known())

    def conditional_expected_number_of_purchases_up_to_time(self, t: Any, frequency: Any, recency: Any, T: Any) -> Any:
        """Orders expected from each customer in the next `t`. Returns a Series, an array or a number, like the history."""
        model, rows = self._fitted(), Rows.of(t=t, frequency=frequency, recency=recency, T=T)
        return rows.by_time(lambda time, of: model.expected_purchases(history(of), future_t=time))

    def conditional_probability_alive(self, frequency: Any, recency: Any, T: Any) -> Any:
        """The probability that each customer is still active at the end of their history."""
        rows = Rows.of(frequency=frequency, recency=recency, T=T)
        return rows.back(self._fitted().expected_probability_alive(history(rows.columns)).to_numpy())

    def conditional_probability_alive_matrix(
        self, max_frequency: int | None = None, max_recency: int | None = None
    ) -> Any:
        """P(alive) of customers of age `max_recency`: recencies down, frequencies across; as far as the data of the fit by default."""
        most = max_frequency or int(self.data["frequency"].max())
        age = max_recency or int(self.data["T"].max())
        recency, frequency = np.indices((age + 1, most + 1))
        return self.conditional_probability_alive(frequency, recency, age)

    def expected_number_of_purchases_up_to_time(self, t: Any) -> Any:
        """Repeat orders expected from a new customer within `t` after the first order."""
        model = self._fitted()
        return Rows.of(t=t).by_time(lambda time, _: model.expected_purchases_new_customer(t=time))

    def conditional_probability_of_n_purchases_up_to_time(
        self, n: int, t: Any, frequency: Any, recency: Any, T: Any
    ) -> Any:
        """The probability that each customer orders exactly `n` times in the next `t`."""
        model, rows = self._fitted(), Rows.of(t=t, frequency=frequency, recency=recency, T=T)
        n = operator.index(n)
        return rows.by_time(lambda time, of: model.expected_purchase_probability(history(of), n=n, future_t=time))

    def probability_of_n_purchases_up_to_time(self, t: Any, n: int) -> Any:
        """The probability that a new customer orders again exactly `n` times within `t` after the first order."""
        return self.conditional_probability_of_n_purchases_up_to_time(n, t, 0, 0, 0)


def history(columns: dict[str, Any]) -> pl.DataFrame:
    """Histories as the models read them. Without a repeat order there is none that recency could tell of, so it is not read."""
    x = columns["frequency"]
    return pl.DataFrame({"frequency": x, "recency": np.where(x == 0, 0, columns["recency"]), "T": columns["T"]})
