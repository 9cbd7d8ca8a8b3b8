"""MBG/NBD."""

from __future__ import annotations

from leverkit import clv
from leverkit.compat.lifetimes import generate_data
from leverkit.compat.lifetimes.fitters.beta_geo_fitter import BetaGeoFitter


class ModifiedBetaGeoFitter(BetaGeoFitter):
    """MBG/NBD, `leverkit.clv.ModifiedBetaGeoModel`: `params_` are r, alpha, a, b.

    Parameters
    ----------
    penalizer_coef : float
        As for `BetaGeoFitter`.

    Examples
    --------
    >>> import pandas as pd
    >>> from leverkit.compat.lifetimes import ModifiedBetaGeoFitter
    >>> mbgf = ModifiedBetaGeoFitter()
    >>> mbgf.params_ = pd.Series({"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614})
    >>> mbgf.conditional_probability_alive(0, 0, 38.86).round(3)
    array([0.39])
    """

    _model = clv.ModifiedBetaGeoModel
    _generate = staticmethod(generate_data.modified_beta_geometric_nbd_model)
