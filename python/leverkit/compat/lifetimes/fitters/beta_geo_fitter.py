"""BG/NBD."""

from __future__ import annotations

from typing import Any

import numpy as np

from leverkit import clv
from leverkit.clv.models import _TimingModel
from leverkit.compat.lifetimes import generate_data
from leverkit.compat.lifetimes.fitters._base import WithVariance
from leverkit.compat.lifetimes.fitters._timing import TimingFitter


class BetaGeoFitter(WithVariance, TimingFitter):
    """BG/NBD, `leverkit.clv.BetaGeoModel`: `params_` are r, alpha, a, b.

    Parameters
    ----------
    penalizer_coef : float
        L2 penalty: this times the sum of squared parameters, with time scaled so that the longest T is 10.

    Examples
    --------
    >>> import pandas as pd
    >>> from leverkit.compat.lifetimes import BetaGeoFitter
    >>> bgf = BetaGeoFitter()
    >>> bgf.params_ = pd.Series({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> print(round(bgf.conditional_expected_number_of_purchases_up_to_time(39, 2, 30.43, 38.86), 3))
    1.226
    """

    _model: type[_TimingModel] = clv.BetaGeoModel
    _names = ("r", "alpha", "a", "b")
    _generate = staticmethod(generate_data.beta_geometric_nbd_model)

    def conditional_probability_alive(self, frequency: Any, recency: Any, T: Any) -> Any:
        """The probability that each customer is still active at the end of their history, as an array; in BG/NBD it is 1 for all without a repeat
        order."""
        return np.atleast_1d(super().conditional_probability_alive(frequency, recency, T))
