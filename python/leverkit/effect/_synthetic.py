"""A few treated units, such as shops or cities, against a weighted mean of the others."""

from __future__ import annotations

from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, kind_of, only, through
from leverkit._lib.inputs import Columns, repr_of, texts
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.errors import ParameterError

__all__ = ["Synthetic", "synthetic"]


class Synthetic(Result):
    """What the treated units would have done, by four methods, with placebos.

    Attributes
    ----------
    effects : frame
        One row per method (synthetic, synthetic_did, augmented, did): effect (mean gap from the start on), lift (share of the counterfactual), std_error
        (standard deviation of the donors' placebos), lower and upper (of synthetic control conformal, and null if the periods are too few; else by the
        standard error), p_value (the rank among all units: of the ratio of errors after and before for synthetic control, else of the effect's size),
        rmspe (root mean square of the gaps before the start).
    paths : frame
        One row per period: time, is_after, observed, and the counterfactual by each method.
    weights : frame
        One row per donor: unit, and its weight in synthetic, synthetic_did and augmented.
    time_weights : frame
        One row per period before the start: time, weight in synthetic difference-in-differences.
    placebos : frame
        One row per unit in the treated's place, the treated first: unit, is_treated, rmspe_before, rmspe_after, ratio, effect.
    placebo_gaps : frame
        One row per unit and period: unit, time, gap.
    earlier : frame
        Starts at which nothing happened: start, effect (from then to the real start), rmspe.
    """

    effects: Frame
    paths: Frame
    weights: Frame
    time_weights: Frame
    placebos: Frame
    placebo_gaps: Frame
    earlier: Frame

    @drawn_by("synthetic.synthetic")
    def plot(
        self,
        kind: Literal["paths", "placebos", "weights"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: the "paths" observed and synthetic (default), the gap among its "placebos", or the donors' "weights"."""

    def _headline(self) -> str:
        row = self._tables["effects"].row(0, named=True)
        return t(
            "{treated}: {effect} per period against its synthetic control (p = {p})",
            treated=" + ".join(self.params["treated"]),
            effect=numbers.signed(row["effect"]),
            p=numbers.decimal(row["p_value"], 3),
        )


def synthetic(
    panel: Any, *, unit: str, time: str, outcome: str, treated: Columns, start: Any, level: float = 0.95
) -> Synthetic:
    """Compares a few treated units with a weighted mean of the others.

    Four methods stand side by side: synthetic control by the outcomes before the start (Abadie, Diamond & Hainmueller 2010), synthetic
    difference-in-differences (Arkhangelsky, Athey, Hirshberg, Imbens & Wager 2021), ridge-augmented synthetic control (Ben-Michael, Feller & Rothstein 2021)
    and plain difference-in-differences. Placebos put every donor into the treated's place, and earlier periods into the start's. Limits of synthetic
    control are conformal (Chernozhukov, Wüthrich & Zhu 2021).

    Parameters
    ----------
    panel
        A frame with one row per unit and period. A donor without an outcome in some period is left out.
    unit, time, outcome : str
        Columns.
    treated : str or list of str
        The treated unit, or units, of which the mean is taken.
    start
        The first treated period: a value of `time`.
    level : float
        Confidence level.

    Returns
    -------
    Synthetic
        Tables ``effects`` (method, effect, lift, std_error, lower, upper, p_value, rmspe); ``paths`` (time, is_after, observed, synthetic,
        synthetic_did, augmented, did); ``weights`` (unit, synthetic, synthetic_did, augmented); ``time_weights`` (time, weight); ``placebos`` (unit,
        is_treated, rmspe_before, rmspe_after, ratio, effect); ``placebo_gaps`` (unit, time, gap); ``earlier`` (start, effect, rmspe).

    Raises
    ------
    DataError
        There are fewer than 3 periods before the start or fewer than 2 donors, a treated unit lacks an outcome, or a unit has two rows for a period.
    ParameterError
        There is no such unit or period.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> sales = {"a": [2, 3, 4, 9], "b": [1, 2, 3, 4], "c": [3, 4, 5, 6]}
    >>> panel = pl.DataFrame([{"shop": shop, "month": month, "sales": value} for shop, path in sales.items() for month, value in enumerate(path)])
    >>> found = lk.effect.synthetic(panel, unit="shop", time="month", outcome="sales", treated="a", start=3)
    >>> round(found.effects["effect"][0], 6)
    4.0
    """
    begins = texts(start)
    if len(begins) != 1:
        raise ParameterError(f"start: got {repr_of(start)}; expected one period", parameter="start")
    params: dict[str, Any] = {
        "unit": unit,
        "time": time,
        "outcome": outcome,
        "treated": texts(treated),
        "start": begins[0],
        "level": level,
    }
    data = only(panel, [unit, time, outcome], Roles(number=[outcome], found=[unit, time]))
    return Synthetic(through(_engine.synthetic, data, **params), kind_of(panel), params)
