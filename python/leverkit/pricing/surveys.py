"""What people would pay, by what they say and choose: price sensitivity meter, demand at stated prices, conjoint."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, from_engine, kind_of, only, polars_of, through
from leverkit._lib.result import Frame, Result, drawn_by
from leverkit._lib.text import t, told
from leverkit.errors import ParameterError
from leverkit.pricing._inputs import Columns, names, one_of

Intersection = Literal["min", "max", "mean", "median"]
RangeRule = Literal["accepted", "narrower"]
Coding = Literal["dummy", "effects"]

_POINTS = ("marginal_cheapness", "marginal_expensiveness", "indifference", "optimal")
_NARROWER = {"marginal_cheapness": "narrower_cheapness", "marginal_expensiveness": "narrower_expensiveness"}
#: Fewer answers than this say little of a market.
_FEW = 30


class Westendorp(Result):
    """What answers say of prices.

    Attributes
    ----------
    table : frame
        One row a point, the two of the narrower range and the prices of most reach and revenue among them: point, price with lower and upper (bootstrap over
        answers), first and last (prices between which the two curves coincide), value (reach, or revenue a respondent, at its best), reason.
    curves : frame
        price, and the shares of answers to whom it is too_cheap, cheap, expensive, too_expensive, not_cheap, not_expensive.
    reach, revenue : frame or None
        price and the share of respondents who would buy, price and money a respondent, of Newton, Miller & Smith; None without intents to buy.
    n : int
        Answers that count.
    """

    table: Frame
    curves: Frame
    reach: Frame | None
    revenue: Frame | None
    n: int

    @property
    def points(self) -> dict[str, float | None]:
        """marginal_cheapness and marginal_expensiveness, between which prices are accepted (by the range rule asked for), indifference and optimal. Money."""
        rows, is_narrow = self._rows(), self.params["range"] == "narrower"
        return {name: rows[_NARROWER.get(name, name) if is_narrow else name]["price"] for name in _POINTS}

    def _rows(self) -> dict[str, dict[str, Any]]:
        return {row["point"]: row for row in self._tables["table"].iter_rows(named=True)}

    def _remarks(self) -> Iterator[str]:
        rows = self._rows()
        reason = rows["optimal"]["reason"]
        if reason is not None:
            yield f"No point is given: {reason}."
        elif self.n < _FEW:
            yield f"{self.n} answers: look at the limits before using a price."
        for name in _POINTS:
            first, last = rows[name]["first"], rows[name]["last"]
            if first is not None and first < last:
                yield f"{name}: the curves coincide from {first:g} to {last:g}; the {self.params['intersection']} is taken."

    @drawn_by("surveys.van_westendorp", "curves", "reach")
    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: the four "curves" with the range and the points (default), or "reach" and revenue by price."""

    def _headline(self) -> str:
        low, high, _, optimal = (self.points[name] for name in _POINTS)
        if low is None or high is None or optimal is None:
            return t("{n:,} {n:answer is|answers are} too few for a price", n=self.n)
        return t(
            "{n:,} answers accept prices from {low:,.2f} to {high:,.2f}; the fewest object at {optimal:,.2f}",
            n=self.n,
            low=low,
            high=high,
            optimal=optimal,
        )


def van_westendorp(
    answers: Any,
    *,
    too_cheap: str,
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

    Points lie where two curves cross, by linear interpolation between the prices that were named. Answers that do not ascend strictly from too cheap to too
    expensive are left out and counted.

    Parameters
    ----------
    answers
        A frame with one row a respondent.
    too_cheap, cheap, expensive, too_expensive : str
        Columns of the four prices (money).
    intersection : str
        Which price stands for a stretch over which two curves coincide: "min", "max", "mean" or "median" of the prices named there.
    buy_cheap, buy_expensive : str, optional
        Columns of the intent to buy at the cheap and at the expensive price: reach and revenue are then given.
    weights : str, optional
        Column of the answers' weights.
    range : str
        "accepted": from "too cheap" × "not cheap" to "too expensive" × "not expensive", as van Westendorp has it; "narrower": from "too cheap" × "expensive" to
        "too expensive" × "cheap". The table has both.
    intents : dict of float to float, optional
        The probability to buy that each value of the scale stands for; by default 5, 4, 3, 2, 1 are 0.7, 0.5, 0.3, 0.1, 0.
    min_answers : int
        With fewer, points are null.
    level : float
        Confidence level.
    replicates, seed : int
        Bootstrap over answers; by default 1000 replicates, fewer where there are more than 100,000 answers.

    Raises
    ------
    DataError
        No answer can be used.
    ParameterError
        An unknown rule, or a scale without probabilities.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> tc, c = [3, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 10], [5, 6, 7, 8, 8, 9, 9, 10, 10, 11, 12, 12]
    >>> e, te = [9, 10, 11, 11, 12, 12, 13, 14, 14, 15, 16, 16], [12, 13, 13, 15, 15, 16, 17, 17, 18, 19, 20, 22]
    >>> answers = pl.DataFrame({"tc": tc, "c": c, "e": e, "te": te})
    >>> found = lk.pricing.van_westendorp(answers, too_cheap="tc", cheap="c", expensive="e", too_expensive="te")
    >>> found.points["marginal_cheapness"], found.points["marginal_expensiveness"], found.points["optimal"]
    (7.25, 14.0, 11.0)
    """
    scale = intents or {5: 0.7, 4: 0.5, 3: 0.3, 2: 0.1, 1: 0.0}
    params = {
        "too_cheap": too_cheap, "cheap": cheap, "expensive": expensive, "too_expensive": too_expensive,
        "intersection": one_of("intersection", intersection, ("min", "max", "mean", "median")),
        "buy_cheap": buy_cheap, "buy_expensive": buy_expensive, "weights": weights,
        "range": one_of("range", range, ("accepted", "narrower")),
        "intents": [(float(value), float(chance)) for value, chance in scale.items()],
        "min_answers": min_answers, "level": level, "replicates": replicates, "seed": seed,
    }  # fmt: skip
    columns = [too_cheap, cheap, expensive, too_expensive, buy_cheap, buy_expensive, weights]
    data = only(answers, columns, Roles(number=columns))
    found = through(_engine.van_westendorp, data, json.dumps(params))
    without = () if buy_cheap is not None else ("reach", "revenue")
    return Westendorp(found, kind_of(answers), {**params, "intents": dict(scale)}, without=without)


class GaborGranger(Result):
    """Demand and revenue at the prices that were asked.

    Attributes
    ----------
    table : frame
        One row a price: asked (respondents whose answer is known), share who would buy with share_lower and share_upper (Wilson), demand (the share made to fall
        with the price), revenue (price × demand, money a respondent), profit (null without a cost), each with _lower and _upper (bootstrap over respondents).
    best : frame
        aim ("revenue", and "profit" with a cost), price with lower and upper, value, at_end (true where the best may lie beyond the prices asked).
    n : int
        Respondents, or answers without.
    """

    table: Frame
    best: Frame
    n: int

    def _remarks(self) -> Iterator[str]:
        for row in self._tables["best"].filter("at_end").iter_rows(named=True):
            yield f"The most {row['aim']} lies at {row['price']:g}, an end of the prices asked: more may lie beyond it."

    @drawn_by("surveys.gabor_granger", "demand")
    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: demand and revenue by price ("demand")."""

    def _headline(self) -> str:
        row = self._tables["best"].row(-1, named=True)
        return t(
            "{n:,} respondents bring the most {aim} at {price:,.2f} ({lower:,.2f} to {upper:,.2f})",
            n=self.n, aim=told(row["aim"]), price=row["price"], lower=row["lower"], upper=row["upper"],
        )  # fmt: skip


def gabor_granger(
    answers: Any,
    *,
    price: str,
    buys: str,
    respondent: str | None = None,
    unit_cost: float | None = None,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 1,
) -> GaborGranger:
    """The demand curve from answers to "would you buy at this price?" (Gabor & Granger 1966), and the price of most revenue and profit.

    With respondents, whoever would buy at a price would at lower ones, and whoever refuses one refuses higher ones; prices between are unknown for them, as in
    questioning that stops. Those who contradict themselves are left out and counted.

    Parameters
    ----------
    answers
        A frame with one row a question asked.
    price, buys : str
        Columns of the price (money), and of the answer: true or 1 for yes.
    respondent : str, optional
        Column of who answered.
    unit_cost : float, optional
        What a unit costs (money): the price of most profit is then found too.
    level : float
        Confidence level.
    replicates, seed : int
        Bootstrap over respondents.

    Raises
    ------
    DataError
        No answer can be used, or one price alone was asked.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> answers = pl.DataFrame({"price": [5, 5, 5, 8, 8, 8], "buys": [True, True, True, True, True, False]})
    >>> lk.pricing.gabor_granger(answers, price="price", buys="buys").best["price"][0]
    8.0
    """
    params = {
        "price": price, "buys": buys, "respondent": respondent, "unit_cost": unit_cost, "level": level, "replicates": replicates, "seed": seed,
    }  # fmt: skip
    data = only(answers, [price, buys, respondent], Roles(number=[price], found=[buys]))
    return GaborGranger(through(_engine.gabor_granger, data, json.dumps(params)), kind_of(answers), params)


def _no_estimate(table: pl.DataFrame) -> list[str]:
    rows = table.filter(pl.col("reason").is_not_null())
    return [f"{row['term']}: no estimate, {row['reason']}." for row in rows.iter_rows(named=True)]


def _coded(coding: str, bases: dict[str, str]) -> list[str]:
    if not bases:
        return []
    against = ", ".join(f"{name} {value}" for name, value in bases.items())
    how = "the difference from the base" if coding == "dummy" else "the difference from the mean of the levels, without"
    return [f"Levels are in {coding} coding: a term is {how} {against}."]


class Conjoint(Result):
    """What choices say of attributes and prices.

    Attributes
    ----------
    table : frame
        One row a term: estimate, std_error, lower, upper, t (by the normal distribution), p_value; reason where it is not identified. A number's term is of one
        unit of it.
    part_worths : frame
        attribute, level, utility, std_error, lower, upper: every level, the bases among them, and the greatest value of a
        number against its least.
    importance : frame
        attribute, importance (range of its utilities over that of all attributes) with simulated limits.
    willingness_to_pay : frame
        term, willingness_to_pay (money, −β / β of the price), std_error, lower, upper by the delta method, simulated_lower and simulated_upper by Krinsky & Robb;
        reason where there is none.
    elasticities : frame
        alternative (whose demand), of (whose price), elasticity, std_error, lower, upper: the mean over the situations, weighted by the chance of choice. Only
        with a price.
    bases : dict of str to str
        For each attribute of texts or flags, the level without a term.
    log_likelihood, null_log_likelihood, pseudo_r_squared : float
        Of the model, of equal chances, and McFadden's 1 − their ratio.
    n, respondents : int
        Situations; respondents (None without).
    """

    table: Frame
    part_worths: Frame
    importance: Frame
    willingness_to_pay: Frame
    elasticities: Frame
    bases: dict[str, str]
    log_likelihood: float
    null_log_likelihood: float
    pseudo_r_squared: float
    n: int
    respondents: int | None

    def _remarks(self) -> Iterator[str]:
        yield from _no_estimate(self._tables["table"])
        yield from _coded(self.params["coding"], self.bases)
        missing = self._engine.why_no_elasticities
        if missing is not None:
            yield f"No elasticities: {missing}."
        if not (self.respondents or 0) > 1:
            yield "Errors take all situations as independent; name the respondent to cluster them by who chose."

    def simulate(self, products: Any, *, product: str | None = None) -> MarketSimulation:
        """Shares of products in a market where they are all that can be chosen.

        Parameters
        ----------
        products
            A frame with one row a product, and the columns of the attributes and of the price.
        product : str, optional
            Column of the products' names; numbers from 1 without.

        Raises
        ------
        ParameterError
            A level that the data did not have, or fewer than two products.
        SchemaError
            A column is missing.
        """
        labels = _labels(products, product)
        table = from_engine(
            through(
                self._engine.simulate, only(products, self._columns(), Roles(found=self._columns())), self._columns()
            )
        )
        table.insert_column(0, labels)
        params = {"product": product, "n": self.n}
        return MarketSimulation({"table": table}, kind_of(products), params, _beyond(self, products, None))

    def price_curve(self, products: Any, *, row: int, prices: Iterable[float]) -> PriceCurve:
        """The share of one product at these prices, the others' unchanged.

        Parameters
        ----------
        products
            As `simulate` takes them.
        row : int
            Which of them, from 0.
        prices : iterable of float
            Its prices (money).

        Raises
        ------
        ParameterError
            A row that is not there, a model without a price, or a level that the data did not have.
        """
        asked = [float(price) for price in prices]
        if row < 0:
            raise ParameterError(f"row: got {row}; expected at least 0", parameter="row")
        table = from_engine(
            through(
                self._engine.price_curve,
                only(products, self._columns(), Roles(found=self._columns())),
                self._columns(),
                row,
                asked,
            )
        )
        params = {"row": row, "prices": asked}
        return PriceCurve({"table": table}, kind_of(products), params, _beyond(self, products, asked))

    def _columns(self) -> list[str]:
        return [column for column in (*self._attributes(), self.params["price"]) if column is not None]

    def _attributes(self) -> list[str]:
        own = [self.params["alternative"]] if self.params["constants"] else []
        return [*own, *self.params["attributes"]]

    @drawn_by("surveys.conjoint", "part_worths", "importance", "willingness_to_pay", "elasticities")
    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: "part_worths" (default), "importance", "willingness_to_pay" or "elasticities"."""

    def _headline(self) -> str:
        top = self._tables["importance"].drop_nulls("importance").sort("importance", descending=True)
        fit = t("{n:,} choices explained with a pseudo-R² of {fit:.2f}", n=self.n, fit=self.pseudo_r_squared)
        if not top.height:
            return fit
        most = {"attribute": top["attribute"][0], "share": numbers.percent(top["importance"][0])}
        return t("{fit}; {attribute} matters most, {share}", fit=fit, **most)


def _labels(products: Any, product: str | None) -> pl.Series:
    frame = polars_of(products)
    if product is None:
        return pl.Series("product", [str(place + 1) for place in range(frame.height)])
    if product not in frame.columns:
        one_of("product", product, frame.columns)
    return frame[product].cast(pl.String).alias("product")


def _beyond(found: Conjoint, products: Any, prices: list[float] | None) -> list[str]:
    """Says where a simulation leaves what the data know."""
    price = found.params["price"]
    if price is None:
        return []
    seen = found._tables["part_worths"].filter(pl.col("attribute") == price)["level"].cast(pl.Float64)
    asked = prices if prices is not None else polars_of(products)[price].cast(pl.Float64).to_list()
    if min(asked, default=0.0) >= seen[0] and max(asked, default=0.0) <= seen[1]:
        return []
    return [f"Prices outside those of the data, {seen[0]:g} to {seen[1]:g}, are the model's word alone."]


class MarketSimulation(Result):
    """A simulated market.

    Attributes
    ----------
    table : frame
        product, utility, share with lower and upper (simulated), price, revenue (price × share, money a choice) with limits, own_elasticity.
    """

    table: Frame

    @drawn_by("surveys.market", "shares")
    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: the "shares" of the products."""

    def _headline(self) -> str:
        top = self._tables["table"].sort("share", descending=True).row(0, named=True)
        return t(
            "{product} would be chosen most, {share} of the time",
            product=top["product"],
            share=numbers.percent(top["share"]),
        )


class PriceCurve(Result):
    """The share of a product by its price.

    Attributes
    ----------
    table : frame
        price, utility, share with lower and upper (simulated), revenue (money a choice) with limits, own_elasticity.
    """

    table: Frame

    @drawn_by("surveys.price_curve", "curve")
    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: share and revenue by price ("curve")."""

    def _headline(self) -> str:
        top = self._tables["table"].sort("revenue", descending=True).row(0, named=True)
        return t(
            "Revenue is highest at {price:,.2f}, with {share} of choices",
            price=top["price"],
            share=numbers.percent(top["share"]),
        )


def conjoint(
    choices: Any,
    *,
    situation: str,
    alternative: str,
    chosen: str,
    attributes: Columns = (),
    price: str | None = None,
    respondent: str | None = None,
    constants: bool = False,
    coding: Coding = "dummy",
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 1,
) -> Conjoint:
    """Part-worths from choices, by the multinomial logit of McFadden (1974), with what follows from them: willingness to pay, elasticities, a market simulator.

    Parameters
    ----------
    choices
        A frame with one row an alternative of a choice situation.
    situation, alternative : str
        Columns of the situation, in which one alternative is chosen, and of the alternative.
    chosen : str
        Column that is true or 1 for the alternative that was chosen.
    attributes : list of str
        Columns of what alternatives offer. Numbers are taken as they are; texts and flags get a term for each level but the base, which is the most frequent one.
    price : str, optional
        Column of the price (money): willingness to pay and elasticities are then given.
    respondent : str, optional
        Column of who chose; errors are then clustered by respondent.
    constants : bool
        Whether alternatives have constants of their own, as brands do.
    coding : str
        "dummy": a level's term is its difference from the base; "effects": from the mean of all levels, to which the base's is minus the sum of the others'.
    level : float
        Confidence level.
    draws, seed : int
        Draws of the coefficients for simulated limits.

    Raises
    ------
    DataError
        No situation can be used.
    ParameterError
        No attribute, an unknown coding, or more than 128 terms.
    SchemaError
        A column is missing.

    Notes
    -----
    Situations with an unknown value, without or with two chosen alternatives, with one alternative alone, or with the same alternative twice are left out and
    counted. Terms that do not vary within situations, that others make up, or that part the chosen from the others perfectly are null with the reason. The
    logit shares out the demand of one alternative among the others in proportion to their shares (independence of irrelevant alternatives).

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> choices = pl.DataFrame({
    ...     "task": [1, 1, 2, 2, 3, 3, 4, 4], "option": ["a", "b"] * 4,
    ...     "price": [1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0, 1.0], "picked": [1, 0, 0, 1, 0, 1, 0, 1]})
    >>> found = lk.pricing.conjoint(choices, situation="task", alternative="option", chosen="picked", price="price")
    >>> round(found.table["estimate"][0], 4)  # three of four took the cheaper: −ln 3
    -1.0986
    """
    params = {
        "situation": situation, "alternative": alternative, "chosen": chosen, "attributes": names(attributes), "price": price,
        "respondent": respondent, "constants": constants, "coding": one_of("coding", coding, ("dummy", "effects")), "level": level,
        "draws": draws, "seed": seed,
    }  # fmt: skip
    columns = [situation, alternative, chosen, *names(attributes), price, respondent]
    data = only(choices, columns, Roles(found=[chosen, *names(attributes), price]))
    found = through(_engine.conjoint, data, json.dumps(params))
    likelihood, null = found.log_likelihood
    without = [] if found.why_no_elasticities is None else ["elasticities"]
    return Conjoint(
        found,
        kind_of(choices),
        params,
        without=without,
        bases=dict(found.bases),
        log_likelihood=likelihood,
        null_log_likelihood=null,
    )


class RatingConjoint(Result):
    """What ratings say of attributes.

    Attributes
    ----------
    table, part_worths, importance, willingness_to_pay : frame
        As of `Conjoint`, in points of the rating; tests by Student's t.
    bases : dict of str to str
        For each attribute of texts or flags, the level without a term.
    intercept, r_squared : float
        The rating of the bases with all numbers 0; share of the variance explained (None where ratings are all equal).
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
        yield from _no_estimate(self._tables["table"])
        yield from _coded(self.params["coding"], self.bases)

    @drawn_by("surveys.conjoint", "part_worths", "importance", "willingness_to_pay")
    def plot(self, kind: str | None = None) -> Any:
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
    """Part-worths from ratings of products, by least squares, with errors clustered by respondent (robust HC1 without).

    Parameters
    ----------
    ratings
        A frame with one row a rated product.
    rating : str
        Column of the rating.
    attributes, price, respondent, coding, level, draws, seed
        As of `conjoint`.

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
    >>> found = lk.pricing.rating_conjoint(ratings, rating="score", attributes=["brand"], price="price")
    >>> found.bases
    {'brand': 'x'}
    """
    params = {
        "rating": rating, "attributes": names(attributes), "price": price, "respondent": respondent,
        "coding": one_of("coding", coding, ("dummy", "effects")), "level": level, "draws": draws, "seed": seed,
    }  # fmt: skip
    columns = [rating, *names(attributes), price, respondent]
    data = only(ratings, columns, Roles(number=[rating], found=[*names(attributes), price]))
    found = through(_engine.rating_conjoint, data, json.dumps(params))
    return RatingConjoint(found, kind_of(ratings), params, bases=dict(found.bases))
