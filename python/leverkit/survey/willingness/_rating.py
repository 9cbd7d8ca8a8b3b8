"""Rating-based conjoint: part-worths by least squares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, kind_of, only, through
from leverkit._lib.inputs import Columns, names, one_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.survey.willingness._terms import Coding, coded, no_estimate


class RatingConjoint(Result):
    """What ratings reveal about attributes.

    Attributes
    ----------
    table, part_worths, importance, willingness_to_pay : frame
        As in `Conjoint`, in points of the rating; tests by Student's t.
    bases : dict of str to str
        For each attribute of texts or flags, the level without a term.
    intercept, r_squared : float
        The rating of the bases with all numbers 0; share of the variance explained (None if all ratings are equal).
    n : int
        Ratings.
    """

    table: Frame
    part_worths: Frame
    importance: Frame
    willingness_to_pay: Frame
    bases: dict[str, str]
    intercept: float
    r_squared: float | None
    n: int

    def _remarks(self) -> Iterator[str]:
        yield from no_estimate(self._tables["table"])
        yield from coded(self.params["coding"], self.bases)

    @drawn_by("willingness.conjoint")
    def plot(
        self,
        kind: Literal["part_worths", "importance", "willingness_to_pay"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: "part_worths" (default), "importance" or "willingness_to_pay"."""

    def _headline(self) -> str:
        return t("Attributes explain {share} of {n:,} ratings", share=numbers.percent(self.r_squared), n=self.n)


def rating_conjoint(
    ratings: Any,
    *,
    rating: str,
    attributes: Columns,
    price: str | None = None,
    respondent: str | None = None,
    coding: Coding = "dummy",
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 1,
) -> RatingConjoint:
    """Estimates part-worths from ratings of products, by least squares, with errors clustered by respondent (CR2 below 40; robust HC1
    without respondents).

    Parameters
    ----------
    ratings
        A frame with one row per rated product.
    rating : str
        Column with the rating.
    attributes, price, respondent, coding, level, draws, seed
        As for `conjoint`.

    Returns
    -------
    RatingConjoint
        Tables ``table`` (term, estimate, std_error, lower, upper, t, p_value, reason); ``part_worths`` (attribute, level, utility, std_error, lower,
        upper); ``importance`` (attribute, importance, lower, upper); ``willingness_to_pay`` (term, willingness_to_pay, std_error, lower, upper,
        simulated_lower, simulated_upper, reason). Values ``bases``, ``intercept``, ``r_squared``, ``n``.

    Raises
    ------
    DataError
        No rating can be used, or fewer ratings than terms.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> ratings = pl.DataFrame({"score": [9.0, 6.1, 7.0, 4.0, 8.9], "brand": list("xyxyx"), "price": [1, 1, 2, 2, 1]})
    >>> found = lk.survey.rating_conjoint(ratings, rating="score", attributes=["brand"], price="price")
    >>> found.bases
    {'brand': 'x'}
    """
    params = {
        "rating": rating,
        "attributes": names(attributes),
        "price": price,
        "respondent": respondent,
        "coding": one_of("coding", coding, ("dummy", "effects")),
        "level": level,
        "draws": draws,
        "seed": seed,
    }
    columns = [rating, *names(attributes), price, respondent]
    data = only(ratings, columns, Roles(number=[rating], found=[*names(attributes), price]))
    found = through(_engine.rating_conjoint, data, **params)
    return RatingConjoint(found, kind_of(ratings), params, bases=dict(found.bases))
