"""Whether customers still behave as a kept model says."""

from __future__ import annotations

from typing import Any, Literal

from leverkit._lib import numbers
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import in_words, t, told


class ModelDrift(Result):
    """Customers beside those that a model expects: whether it still describes them, or should be fitted anew.

    Attributes
    ----------
    table : frame
        One row per measure ("frequency", or "monetary_value" of a spend model): customers_before (from whom the model was made; null for given parameters), customers,
        psi (population stability index) and psi_by_chance (exceeded once in a hundred where nothing has changed), chi_squared, df and p_value of
        equal shares, verdict: "stable" (psi below 0.1), "moderate" (0.1 and more), "major" (0.25 and more: fit anew) or "unclear" (too few customers to tell).
    bins : frame
        One row per measure and bin (repeat orders, the last of 7 and more; fifths of expected spend): lower, upper, share_before (as the model
        expects), customers, share.
    """

    table: Frame
    bins: Frame

    @drawn_by("clv.drift")
    def plot(self, kind: Literal["shares"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """Plotly bars: shares of customers by bin, expected and actual ("shares")."""

    def _headline(self) -> str:
        row = self._tables["table"].row(0, named=True)
        return t(
            "{measure}: {verdict}, population stability index {psi} of {customers} {customers:customer|customers}",
            measure=in_words(row["measure"]),
            verdict=told(row["verdict"]),
            psi=numbers.decimal(row["psi"], 2),
            customers=numbers.count(row["customers"]),
        )
