"""Pareto/NBD."""

from __future__ import annotations

from leverkit import clv
from leverkit.compat.lifetimes import generate_data
from leverkit.compat.lifetimes.fitters._timing import TimingFitter


class ParetoNBDFitter(TimingFitter):
    """Pareto/NBD, `leverkit.clv.ParetoNBDModel`: `params_` are r, alpha, s, beta.

    Parameters
    ----------
    penalizer_coef : float
        As for `BetaGeoFitter`.

    Examples
    --------
    >>> import pandas as pd
    >>> from leverkit.compat.lifetimes import ParetoNBDFitter
    >>> ptf = ParetoNBDFitter()
    >>> ptf.params_ = pd.Series({"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669})
    >>> print(round(ptf.conditional_probability_alive(26, 30.86, 31), 4))
    0.9979
    """

    _model = clv.ParetoNBDModel
    _names = ("r", "alpha", "s", "beta")
    _generate = staticmethod(generate_data.pareto_nbd_model)
