"""Choice-based conjoint: part-worths, what people would pay, and simulated markets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, from_engine, kind_of, names_of_rows, only, polars_of, through
from leverkit._lib.inputs import Columns, at_least, finite, names, one_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.survey.willingness._terms import Coding, coded, no_estimate


class Conjoint(Result):
    """What choices reveal about attributes and prices.

    Attributes
    ----------
    table : frame
        One row per term: estimate, std_error, lower, upper, t (by the normal distribution; Student's with fewer than 40 respondents), p_value; reason if it
        is not identified. A number's term is per unit.
    part_worths : frame
        attribute, level, utility, std_error, lower, upper: every level, including the bases, and for a number its largest value compared with its
        smallest.
    importance : frame
        attribute, importance (range of its utilities over that of all attributes) with simulated limits.
    willingness_to_pay : frame
        term, willingness_to_pay (money, −β / β of the price), std_error, lower, upper by the delta method, simulated_lower and simulated_upper by
        Krinsky & Robb; reason if there is none.
    elasticities : frame
        alternative (whose demand), of (whose price), elasticity, std_error, lower, upper: the mean over the situations, weighted by the probability
        of choice. Only with a price.
    bases : dict of str to str
        For each attribute of texts or flags, the level without a term.
    log_likelihood, null_log_likelihood, pseudo_r_squared : float
        Of the model, of equal probabilities, and McFadden's 1 − their ratio.
    n, respondents : int
        Number of situations; number of respondents (None if not given).
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

    @classmethod
    def _make(cls, engine: Any, name: str) -> pl.DataFrame:
        return from_engine(engine.elasticities()) if name == "elasticities" else super()._make(engine, name)

    def _remarks(self) -> Iterator[str]:
        yield from no_estimate(self._tables["table"])
        yield from coded(self.params["coding"], self.bases)
        missing = self._engine.why_no_elasticities
        if missing is not None:
            yield f"No elasticities: {missing}."
        if not (self.respondents or 0) > 1:
            yield "Errors take all situations as independent; name the respondent to cluster them by who chose."

    def simulate(self, products: Any, *, product: str | None = None) -> MarketSimulation:
        """Simulates the shares of products in a market where there is nothing else to choose.

        Parameters
        ----------
        products
            A frame with one row per product, with the columns of the attributes and the price.
        product : str, optional
            Column with the products' names; without it, they are numbered from 1.

        Returns
        -------
        MarketSimulation
            Table ``table`` (product, utility, share, lower, upper, price, revenue, revenue_lower, revenue_upper, own_elasticity).

        Raises
        ------
        ParameterError
            A level that is not in the data, or fewer than two products.
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
        """The share of one product at these prices, with the others' prices unchanged.

        Parameters
        ----------
        products
            As `simulate` takes them.
        row : int
            Which of them, from 0.
        prices : iterable of float
            Its prices (money).

        Returns
        -------
        PriceCurve
            Table ``table`` (utility, share, lower, upper, price, revenue, revenue_lower, revenue_upper, own_elasticity).

        Raises
        ------
        ParameterError
            A row that does not exist, a model without a price, or a level that is not in the data.
        """
        asked = [finite("prices", price) for price in prices]
        at_least("row", row, 0)
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

    @drawn_by("willingness.conjoint")
    def plot(
        self,
        kind: Literal["part_worths", "importance", "willingness_to_pay", "elasticities"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: "part_worths" (default), "importance", "willingness_to_pay" or "elasticities"."""

    def _headline(self) -> str:
        top = self._tables["importance"].drop_nulls("importance").sort("importance", descending=True)
        fit = t("{n:,} {n:choice|choices} explained with a pseudo-R² of {fit:.2f}", n=self.n, fit=self.pseudo_r_squared)
        if not top.height:
            return fit
        most = {"attribute": top["attribute"][0], "share": numbers.percent(top["importance"][0])}
        return t("{fit}; {attribute} matters most, {share}", fit=fit, **most)


def _labels(products: Any, product: str | None) -> pl.Series:
    frame = polars_of(products)
    if product is None:
        return pl.Series("product", [str(place + 1) for place in range(frame.height)])
    return names_of_rows(frame, product, "product").cast(pl.String, strict=False).alias("product")


def _beyond(found: Conjoint, products: Any, prices: list[float] | None) -> list[str]:
    """Says where a simulation leaves what the data know."""
    price = found.params["price"]
    if price is None:
        return []
    seen = found._tables["part_worths"].filter(pl.col("attribute") == price)["level"].cast(pl.Float64)
    asked = (
        prices
        if prices is not None
        else polars_of(products)[price].cast(pl.Float64, strict=False).drop_nulls().to_list()
    )
    if min(asked, default=0.0) >= seen[0] and max(asked, default=0.0) <= seen[1]:
        return []
    return [f"Prices outside those of the data, {seen[0]:g} to {seen[1]:g}, are the model's word alone."]


class MarketSimulation(Result):
    """A simulated market.

    Attributes
    ----------
    table : frame
        product, utility, share with lower and upper (simulated), price, revenue (price × share, money per choice) with limits, own_elasticity.
    """

    table: Frame

    @drawn_by("willingness.market")
    def plot(self, kind: Literal["shares"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
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
        price, utility, share with lower and upper (simulated), revenue (money per choice) with limits, own_elasticity.
    """

    table: Frame

    @drawn_by("willingness.price_curve")
    def plot(self, kind: Literal["curve"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
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
    """Estimates part-worths from choices, by the multinomial logit of McFadden (1974), with willingness to pay, elasticities and a market simulator.

    Parameters
    ----------
    choices
        A frame with one row per alternative of a choice situation.
    situation, alternative : str
        Columns with the situation, in which one alternative is chosen, and with the alternative.
    chosen : str
        Column that is true or 1 for the alternative that was chosen.
    attributes : list of str
        Columns that describe the alternatives. Numbers are used as they are; texts and flags get a term for each level except the base, which is the
        most frequent one.
    price : str, optional
        Column with the price (money), needed for willingness to pay and elasticities.
    respondent : str, optional
        Column with the respondent; errors are then clustered by respondent (CR2 below 40).
    constants : bool
        Whether alternatives, such as brands, have their own constants.
    coding : str
        "dummy": a level's term is its difference from the base; "effects": its difference from the mean of all levels, and the base's term is minus
        the sum of the others.
    level : float
        Confidence level.
    draws, seed : int
        Draws of the coefficients for simulated limits.

    Returns
    -------
    Conjoint
        Tables ``table`` (term, estimate, std_error, lower, upper, t, p_value, reason); ``part_worths`` (attribute, level, utility, std_error,
        lower, upper); ``importance`` (attribute, importance, lower, upper); ``willingness_to_pay`` (term, willingness_to_pay, std_error, lower,
        upper, simulated_lower, simulated_upper, reason); ``elasticities`` (alternative, of, elasticity, std_error, lower, upper). Values
        ``bases``, ``log_likelihood``, ``null_log_likelihood``, ``pseudo_r_squared``, ``n``, ``respondents``.

    Raises
    ------
    DataError
        No situation can be used, or `chosen` holds what is no choice.
    ParameterError
        No attribute, an unknown coding, or more than 128 terms.
    SchemaError
        A column is missing.

    Notes
    -----
    Situations are left out and counted if they have an unknown value, no chosen alternative or two, only one alternative, or the same alternative
    twice. A term is null, with the reason, if it does not vary within situations, is a combination of others, or separates the chosen alternatives
    perfectly from the others. The logit distributes the demand of one alternative among the others in proportion to their shares (independence of
    irrelevant alternatives).

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> choices = pl.DataFrame({
    ...     "task": [1, 1, 2, 2, 3, 3, 4, 4], "option": ["a", "b"] * 4,
    ...     "price": [1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0, 1.0], "picked": [1, 0, 0, 1, 0, 1, 0, 1]})
    >>> found = lk.survey.conjoint(choices, situation="task", alternative="option", chosen="picked", price="price")
    >>> round(found.table["estimate"][0], 4)  # three of four took the cheaper: −ln 3
    -1.0986
    """
    params = {
        "situation": situation,
        "alternative": alternative,
        "chosen": chosen,
        "attributes": names(attributes),
        "price": price,
        "respondent": respondent,
        "constants": constants,
        "coding": one_of("coding", coding, ("dummy", "effects")),
        "level": level,
        "draws": draws,
        "seed": seed,
    }
    columns = [situation, alternative, chosen, *names(attributes), price, respondent]
    data = only(choices, columns, Roles(found=[chosen, *names(attributes), price]))
    found = through(_engine.conjoint, data, **params)
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
