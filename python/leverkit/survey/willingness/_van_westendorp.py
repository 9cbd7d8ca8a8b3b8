"""The price sensitivity meter: the range of prices that people accept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib.frames import Roles, kind_of, only, through
from leverkit._lib.inputs import finite, one_of, pairs
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t

Intersection = Literal["min", "max", "mean", "median"]
RangeRule = Literal["accepted", "narrower"]

_POINTS = ("marginal_cheapness", "marginal_expensiveness", "indifference", "optimal")
_NARROWER = {"marginal_cheapness": "narrower_cheapness", "marginal_expensiveness": "narrower_expensiveness"}
#: Fewer answers than this say little of a market.
_FEW = 30


class Westendorp(Result):
    """What answers reveal about prices.

    Attributes
    ----------
    table : frame
        One row per point, including the two of the narrower range and the prices with the most reach and revenue: point, price with lower and upper
        (bootstrap over answers), first and last (prices between which the two curves coincide), value (the highest reach, or revenue per respondent),
        reason.
    curves : frame
        price, and the shares of answers for which it is too_cheap, cheap, expensive, too_expensive, not_cheap, not_expensive.
    reach, revenue : frame or None
        price and the share of respondents who would buy; price and money per respondent (Newton, Miller & Smith). None without intents to buy.
    n : int
        Number of valid answers.
    """

    table: Frame
    curves: Frame
    reach: Frame | None
    revenue: Frame | None
    n: int

    @property
    def points(self) -> dict[str, float | None]:
        """marginal_cheapness and marginal_expensiveness (the limits of the accepted range, by the chosen `range`), indifference and optimal. Money."""
        rows, is_narrow = self._rows(), self.params["range"] == "narrower"
        return {name: rows[_NARROWER.get(name, name) if is_narrow else name]["price"] for name in _POINTS}

    def _rows(self) -> dict[str, dict[str, Any]]:
        return {row["point"]: row for row in self._tables["table"].iter_rows(named=True)}

    def _remarks(self) -> Iterator[str]:
        rows = self._rows()
        reason = rows["indifference"]["reason"]
        if reason is not None:
            yield f"No point is given: {reason}."
        elif self.params["too_cheap"] is None:
            yield "Nobody was asked which price is too cheap: the lowest accepted and the optimal price are unknown."
        elif self.n < _FEW:
            yield f"{self.n} answers: look at the limits before using a price."
        for name in _POINTS:
            first, last = rows[name]["first"], rows[name]["last"]
            if first is not None and first < last:
                yield f"{name}: the curves coincide from {first:g} to {last:g}; the {self.params['intersection']} is taken."

    @drawn_by("willingness.van_westendorp")
    def plot(
        self, kind: Literal["curves", "reach"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: the four "curves" with the range and the points (default), or "reach" and revenue by price."""

    def _headline(self) -> str:
        low, high, _, optimal = (self.points[name] for name in _POINTS)
        if high is not None and optimal is None:
            return t("{n:,} {n:answer accepts|answers accept} prices up to {high:,.2f}", n=self.n, high=high)
        if low is None or high is None or optimal is None:
            return t("{n:,} {n:answer is|answers are} too few for a price", n=self.n)
        return t(
            "{n:,} {n:answer accepts|answers accept} prices from {low:,.2f} to {high:,.2f}; fewest object at {optimal:,.2f}",
            n=self.n,
            low=low,
            high=high,
            optimal=optimal,
        )


def van_westendorp(
    answers: Any,
    *,
    too_cheap: str | None = None,
    cheap: str,
    expensive: str,
    too_expensive: str,
    intersection: Intersection = "mean",
    buy_cheap: str | None = None,
    buy_expensive: str | None = None,
    weights: str | None = None,
    range: RangeRule = "accepted",
    intents: Mapping[float, float] | None = None,
    min_answers: int = 10,
    level: float = 0.95,
    replicates: int | None = None,
    seed: int = 1,
) -> Westendorp:
    """The price sensitivity meter of van Westendorp (1976), with the extension of Newton, Miller & Smith (1993).

    Points lie where two curves cross, by linear interpolation between the named prices. Answers that do not ascend strictly from too cheap to too
    expensive are left out and counted.

    Parameters
    ----------
    answers
        A frame with one row per respondent.
    too_cheap, cheap, expensive, too_expensive : str
        Columns with the four prices (money). Without `too_cheap` the points that need it (marginal_cheapness, optimal) are null.
    intersection : str
        Which price to report if two curves coincide over a range: "min", "max", "mean" or "median" of the prices named there.
    buy_cheap, buy_expensive : str, optional
        Columns with the intent to buy at the cheap and at the expensive price, needed for reach and revenue.
    weights : str, optional
        Column with the answers' weights.
    range : str
        "accepted": from "too cheap" × "not cheap" to "too expensive" × "not expensive", as van Westendorp has it; "narrower": from "too cheap" × "expensive" to
        "too expensive" × "cheap". The table has both.
    intents : dict of float to float, optional
        The probability of buying for each value of the scale; by default 5, 4, 3, 2, 1 are 0.7, 0.5, 0.3, 0.1, 0.
    min_answers : int
        With fewer answers, points are null.
    level : float
        Confidence level.
    replicates, seed : int
        Bootstrap over answers; by default 1000 replicates, fewer with more than 100,000 answers.

    Returns
    -------
    Westendorp
        Tables ``table`` (point, price, lower, upper, first, last, value, reason); ``curves`` (price, too_cheap, cheap, expensive, too_expensive,
        not_cheap, not_expensive); ``reach`` (price, reach); ``revenue`` (price, revenue). Values ``n``.

    Raises
    ------
    DataError
        No answer can be used.
    ParameterError
        An unknown rule, a scale without probabilities, or intents to buy without `too_cheap`.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> tc, c = [3, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 10], [5, 6, 7, 8, 8, 9, 9, 10, 10, 11, 12, 12]
    >>> e, te = [9, 10, 11, 11, 12, 12, 13, 14, 14, 15, 16, 16], [12, 13, 13, 15, 15, 16, 17, 17, 18, 19, 20, 22]
    >>> answers = pl.DataFrame({"tc": tc, "c": c, "e": e, "te": te})
    >>> found = lk.survey.van_westendorp(answers, too_cheap="tc", cheap="c", expensive="e", too_expensive="te")
    >>> found.points["marginal_cheapness"], found.points["marginal_expensiveness"], found.points["optimal"]
    (7.25, 14.0, 11.0)
    """
    scale = intents or {5: 0.7, 4: 0.5, 3: 0.3, 2: 0.1, 1: 0.0}
    params = {
        "too_cheap": too_cheap,
        "cheap": cheap,
        "expensive": expensive,
        "too_expensive": too_expensive,
        "intersection": one_of("intersection", intersection, ("min", "max", "mean", "median")),
        "buy_cheap": buy_cheap,
        "buy_expensive": buy_expensive,
        "weights": weights,
        "range": one_of("range", range, ("accepted", "narrower")),
        "intents": [(finite("intents", value), finite("intents", chance)) for value, chance in pairs("intents", scale)],
        "min_answers": min_answers,
        "level": level,
        "replicates": replicates,
        "seed": seed,
    }
    columns = [too_cheap, cheap, expensive, too_expensive, buy_cheap, buy_expensive, weights]
    data = only(answers, columns, Roles(number=columns))
    found = through(_engine.van_westendorp, data, **params)
    without = () if buy_cheap is not None else ("reach", "revenue")
    return Westendorp(found, kind_of(answers), {**params, "intents": dict(scale)}, without=without)
