"""Likelihoods of the models by their papers' formulas, only for the variance matrix: fits and predictions come from the engine.

Parameters are positive; columns are numpy arrays. The formulas are logarithms of one history's likelihood.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

_ln_gamma = np.vectorize(math.lgamma, otypes=[float])


def _gammaln(values: Any) -> Any:
    distinct, which = np.unique(values, return_inverse=True)
    return _ln_gamma(distinct)[which].reshape(np.shape(values))


def _betaln(a: Any, b: Any) -> Any:
    return _gammaln(a) + _gammaln(b) - _gammaln(a + b)


def beta_geo(params: Any, x: Any, t_x: Any, T: Any) -> Any:
    """BG/NBD, Fader, Hardie & Lee (2005), equation (3) integrated: a customer has stayed after each repeat order but, perhaps, the last."""
    return _geometric(params, x, t_x, T, stayed=x)


def modified_beta_geo(params: Any, x: Any, t_x: Any, T: Any) -> Any:
    """MBG/NBD, Batislam, Denizel & Filiztekin (2007): the same, after the first order too."""
    return _geometric(params, x, t_x, T, stayed=x + 1)


def _geometric(params: Any, x: Any, t_x: Any, T: Any, stayed: Any) -> Any:
    """A customer who is alive, plus the odds of one who left after the last of the `stayed` orders after which one could leave."""
    r, alpha, a, b = params
    ln_alive = _gammaln(r + x) - math.lgamma(r) + r * math.log(alpha) - (r + x) * np.log(alpha + T)
    ln_alive += _betaln(a, b + stayed) - _betaln(a, b)
    ln_odds = math.log(a) - np.log(b + np.maximum(stayed, 1) - 1) + (r + x) * np.log((alpha + T) / (alpha + t_x))
    return ln_alive + np.where(stayed > 0, np.logaddexp(0, ln_odds), 0)


def beta_geo_beta_binom(params: Any, x: Any, t_x: Any, n: Any) -> Any:
    """BG/BB, Fader, Hardie & Shang (2010), equation (5)."""
    alpha, beta, gamma, delta = params

    def left_after(i: int) -> Any:
        ln = _betaln(alpha + x, beta + t_x - x + i) + _betaln(gamma + 1, delta + t_x + i)
        return np.where(i < n - t_x, ln, -np.inf)

    ln_alive = _betaln(alpha + x, beta + n - x) + _betaln(gamma, delta + n)
    ways = [ln_alive, *(left_after(i) for i in range(int(np.max(n - t_x))))]
    return np.logaddexp.reduce(ways) - _betaln(alpha, beta) - _betaln(gamma, delta)


def gamma_gamma(params: Any, x: Any, mean: Any) -> Any:
    """Gamma-Gamma, Fader & Hardie (2013), equation (1a)."""
    p, q, v = params
    ln_constant = _gammaln(p * x + q) - _gammaln(p * x) - math.lgamma(q) + q * math.log(v)
    return ln_constant + (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(x * mean + v)


def penalised(formula: Callable[..., Any], log_params: Any, columns: Any, weights: Any, penalizer: float) -> float:
    """The mean negative log-likelihood, plus the penalty times the sum of squared parameters."""
    params = np.exp(log_params)
    ln = formula(params, *map(np.asarray, columns))
    return float(-np.sum(weights * ln) / np.sum(weights) + penalizer * np.sum(params**2))


def curvature(of: Callable[[Any], float], at: Any, step: float = 1e-3) -> Any:
    """Second derivatives by central differences."""
    steps = step * np.eye(len(at))

    def second(one: Any, other: Any) -> float:
        return of(at + one + other) - of(at + one - other) - of(at - one + other) + of(at - one - other)

    return np.array([[second(one, other) for other in steps] for one in steps]) / (4 * step**2)
