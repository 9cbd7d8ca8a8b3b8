"""What the fitters share: arguments and results of `lifetimes`, built on the models of `leverkit.clv`.

Predictions use only `params_`, so parameters may be set as well as fitted.
"""

from __future__ import annotations

import pickle
import warnings
from os import PathLike
from typing import TYPE_CHECKING, Any

import pandas as pd

from leverkit._lib.writing import replacing
from leverkit.compat.lifetimes._rows import Rows
from leverkit.errors import ConvergenceError, ParameterError

if TYPE_CHECKING:
    from typing_extensions import Self

#: What steers the optimiser of `lifetimes`: taken and not needed, as the search here has exact gradients and several starts.
_OPTIMISER = frozenset(
    {"initial_params", "verbose", "tol", "iterative_fitting", "fit_method", "disp", "maxiter", "maxfun", "ftol", "gtol"}
)


class BaseFitter:
    """What all fitters share.

    Attributes
    ----------
    params_ : Series
        The estimates.
    standard_errors_ : Series
        Their standard errors; NaN if the likelihood has no curvature, which a warning reports.
    confidence_intervals_, summary : DataFrame
        95 % limits, 1.96 standard errors on each side.
    data : DataFrame
        The data passed to `fit`.
    """

    params_: pd.Series
    standard_errors_: pd.Series
    data: pd.DataFrame
    _covariance: pd.DataFrame | None

    def __init__(self, penalizer_coef: float = 0.0) -> None:
        self.penalizer_coef = penalizer_coef

    def __repr__(self) -> str:
        data: Any = getattr(self, "data", None)
        params = getattr(self, "params_", None)
        subjects = f" fitted with {data.shape[0]} subjects," if hasattr(data, "shape") else ""
        known = (
            "" if params is None else " " + ", ".join(f"{name}: {params[name]:.2f}" for name in sorted(params.keys()))
        )
        return f"<lifetimes.{type(self).__name__}{':' if subjects or known else ''}{subjects}{known}>"

    def _unload_params(self, *names: str) -> list[float]:
        if not hasattr(self, "params_"):
            raise ParameterError(f"{type(self).__name__} is not fitted: call fit first", parameter="params_")
        return [float(self.params_[name]) for name in names]

    def _take(self, model: Any, rows: Rows, index: Any) -> Self:
        """Keeps what a fitted model of leverkit found, with what it was fitted to."""
        for note in model.notes:
            warnings.warn(note, stacklevel=3)
        self.data = pd.DataFrame(rows.columns, index=index).astype({"frequency": int})
        self.params_ = pd.Series(model.parameters)
        self.standard_errors_ = pd.Series(model.standard_errors, dtype=float)
        found = model.covariance
        self._covariance = None if found is None else found.to_pandas().set_index("parameter").rename_axis(None)
        self._negative_log_likelihood_ = -model.log_likelihood / self.data["weights"].sum()
        self._bind()
        return self

    def _bind(self) -> None:
        """Names methods as attributes of their own, which some fitters have."""

    @property
    def confidence_intervals_(self) -> pd.DataFrame:
        """95 % limits of the parameters."""
        reach = 1.96 * self.standard_errors_
        return pd.DataFrame({"lower 95% bound": self.params_ - reach, "upper 95% bound": self.params_ + reach})

    @property
    def summary(self) -> pd.DataFrame:
        """One row per parameter: coef, se(coef), and its 95 % limits."""
        errors = pd.DataFrame({"coef": self.params_, "se(coef)": self.standard_errors_})
        return errors.join(self.confidence_intervals_)

    def save_model(
        self,
        path: str | PathLike[str],
        save_data: bool = True,
        save_generate_data_method: bool = True,
        values_to_save: list[Any] | None = None,
    ) -> None:
        """Writes the fitter to a file, with or without its data; `values_to_save` replace what is left out."""
        wanted = {"data": save_data, "generate_new_data": save_generate_data_method}
        left_out = [name for name, wants in wanted.items() if not wants]
        state = {name: value for name, value in vars(self).items() if not callable(value)}
        with replacing(path) as draft, draft.open("wb") as file:
            pickle.dump(state | dict(zip(left_out, values_to_save or [None, None], strict=False)), file)

    def load_model(self, path: str | PathLike[str]) -> None:
        """Reads what `save_model` wrote. Files that `lifetimes` saved hold its own code and cannot be read: fit again."""
        with open(path, "rb") as file:
            state = pickle.load(file)
        self._bind()
        vars(self).update(state)


class WithVariance(BaseFitter):
    """A fitter that gives the covariances of its parameters."""

    @property
    def variance_matrix_(self) -> pd.DataFrame:
        """Variances and covariances of the fitted parameters, from the curvature of the likelihood.

        Raises
        ------
        leverkit.ConvergenceError
            The likelihood is flat: the data cannot distinguish the parameters.
        """
        self._unload_params()
        if self._covariance is None:
            raise ConvergenceError(
                "variance_matrix_: the likelihood is flat; the data do not tell the parameters apart"
            )
        return self._covariance


def refuse_unknown(options: dict[str, Any]) -> None:
    if unknown := options.keys() - _OPTIMISER:
        raise TypeError(f"fit got an unexpected argument {', '.join(sorted(unknown))}")
