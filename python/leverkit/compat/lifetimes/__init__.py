"""leverkit's lifetime models under the names of the archived package `lifetimes` 0.11.3: pandas and numpy in, pandas and numpy out.

from leverkit.compat.lifetimes import BetaGeoFitter
from leverkit.compat.lifetimes.utils import summary_data_from_transaction_data

The models are those of `leverkit.clv`; docs/how-to/coming-from-lifetimes.md lists the differences from `lifetimes`.
"""

from __future__ import annotations

try:
    import pandas as _pandas  # noqa: F401
except ImportError as _error:
    raise ImportError("leverkit.compat.lifetimes needs pandas: pip install pandas") from _error

from leverkit.compat.lifetimes.fitters import BaseFitter
from leverkit.compat.lifetimes.fitters.beta_geo_beta_binom_fitter import BetaGeoBetaBinomFitter
from leverkit.compat.lifetimes.fitters.beta_geo_fitter import BetaGeoFitter
from leverkit.compat.lifetimes.fitters.gamma_gamma_fitter import GammaGammaFitter
from leverkit.compat.lifetimes.fitters.modified_beta_geo_fitter import ModifiedBetaGeoFitter
from leverkit.compat.lifetimes.fitters.pareto_nbd_fitter import ParetoNBDFitter

__all__ = [
    "BaseFitter",
    "BetaGeoBetaBinomFitter",
    "BetaGeoFitter",
    "GammaGammaFitter",
    "ModifiedBetaGeoFitter",
    "ParetoNBDFitter",
]

#: The version of `lifetimes` whose names these are.
__version__ = "0.11.3"
