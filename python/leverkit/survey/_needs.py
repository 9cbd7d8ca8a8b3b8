"""Need segments: who wants what, and how many kinds of respondents there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, from_engine, kind_of, only, through
from leverkit._lib.inputs import Columns, names, one_of, pairs, texts
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.roles import DatedRoles, Unpack
from leverkit._lib.text import t
from leverkit.ledger import engine_of

ItemKind = Literal["nominal", "ordinal", "continuous"]


class Needs(Result):
    """Segments of respondents who answer alike, told only as far as they hold.

    Attributes
    ----------
    table : frame
        One row per segment, the greatest first: segment, size (share) with lower and upper, sureness (mean probability of those assigned to it).
    fits : frame
        One row per number of segments: k, log_likelihood, parameters, aic, bic, icl, entropy (1 if all assignments are sure), g_squared with df and p_value, followed
        (starts followed to the end), reached (those that came to this likelihood), bootstrap_p (of one segment fewer), stability (mean adjusted Rand index of
        bootstrap refits), status.
    profile : frame
        One row per segment, item and answer: segment, item, level (null for a number), value (share, or mean) with lower and upper, overall, verdict
        ("higher", "lower", "can't tell").
    respondents : frame
        One row per respondent: respondent (or the row, from 0), segment, probability.
    covariates : frame or None
        One row per segment except the greatest, and term: segment, term, estimate (log odds against the greatest segment), std_error, lower, upper, p_value. None without
        covariates or with one segment.
    outcomes : frame or None
        One row per outcome and segment: outcome, segment, mean with lower and upper, overall, verdict. None without outcomes.
    typing : frame
        One row per question added: questions, item, agreement (the share of respondents whom these questions put where all would, cross-validated).
    n : float
        Number of respondents; Kish's effective number with weights.
    pseudo_r_squared, hit_rate, base_rate : float or None
        What covariates tell of segments: McFadden's R², the share of segments that they guess, and that of always guessing the greatest.
    """

    table: Frame
    fits: Frame
    profile: Frame
    respondents: Frame
    covariates: Frame | None
    outcomes: Frame | None
    typing: Frame
    n: float
    pseudo_r_squared: float | None
    hit_rate: float | None
    base_rate: float | None

    def assign(self, answers: Any) -> Frame:
        """The segments of respondents who were not in the sample, by their answers to the same items.

        Returns
        -------
        frame
            One row per row: row (from 0), segment, probability, known (items answered). Without any known answer, segment is null.

        Raises
        ------
        SchemaError
            A column is missing.
        """
        columns = [item["name"] for item in self.params["items"]]
        data = only(answers, columns, Roles(found=columns))
        return kind_of(answers)(from_engine(through(self._engine.assign, data, columns)))

    @drawn_by("needs.needs")
    def plot(
        self,
        kind: Literal["profile", "fits", "typing"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: the "profile" of segments (default), the "fits" of numbers of segments, or the "typing" tool."""

    def _headline(self) -> str:
        segments = self._tables["table"]
        if segments.height == 1:
            return t("One segment: {n} respondents differ no more than by chance", n=numbers.count(self.n))
        sizes = ", ".join(numbers.percent(size) for size in segments["size"])
        return t("{k} segments of {n} respondents: {sizes}", k=segments.height, n=numbers.count(self.n), sizes=sizes)


def needs(
    answers: Any,
    *,
    items: Columns,
    kinds: Mapping[str, ItemKind | Sequence[str]] | None = None,
    respondent: str | None = None,
    weight: str | None = None,
    strata: str | None = None,
    population: float | None = None,
    covariates: Columns = (),
    outcomes: Columns = (),
    k: int | Iterable[int] = (1, 2, 3, 4, 5, 6),
    starts: int = 20,
    refits: int = 30,
    simulations: int | None = None,
    stable: float = 0.8,
    level: float = 0.95,
    seed: int = 1,
) -> Needs:
    """Finds segments of respondents who want the same: latent classes (Lazarsfeld & Henry 1968; Goodman 1974), within which answers are independent.

    Each number of segments is fitted from many starts. From the best by BIC downwards, a number is chosen if a bootstrap likelihood-ratio test (McLachlan 1987)
    shows it against one fewer (p ≤ 0.05) and bootstrap refits assign respondents alike (adjusted Rand index ≥ `stable`). One segment is always among the
    answers. Demography comes last: `covariates` tell how far it guesses segments that were found without it.

    Parameters
    ----------
    answers
        A frame with one row per respondent.
    items : str or list of str
        Columns with the answers; missing ones are taken as missing at random.
    kinds : dict, optional
        For a column, "nominal", "ordinal" or "continuous", or the list of its answers in order. By default texts and flags are nominal, up to eleven whole
        numbers are ordinal, and other numbers are continuous; a note tells how items were read. Texts that are the labels of a scale in English or Russian
        (importance, satisfaction, agreement, Kano, yes and no) are ordinal in its order, and "don't know" is no answer.
    respondent, weight, strata : str, optional
        Columns with the respondent's id and weight, and the stratum in which they were drawn. Of several rows of a respondent the first counts.
    population : float, optional
        Number of people there are to be asked, if they are few.
    covariates : str or list of str
        Columns that may tell who is in which segment; a logit with the weights of Bolck, Croon & Hagenaars (2004).
    outcomes : str or list of str
        Numeric columns compared between segments, such as margin or visits.
    k : int or iterable of int
        Numbers of segments that are tried, up to 12.
    starts : int
        Random starts of each fit; the best fifth are followed to the end.
    refits, simulations : int
        Bootstrap refits, and samples of the likelihood-ratio test (99; 39 above 2,000 respondents, 19 above 10,000).
    stable : float
        The mean adjusted Rand index that refits must reach.
    level : float
        Confidence level.
    seed : int
        Of starts, refits and simulations.

    Returns
    -------
    Needs
        Tables ``table`` (segment, size, lower, upper, sureness); ``fits`` (k, log_likelihood, parameters, aic, bic, icl, entropy, g_squared, df,
        p_value, followed, reached, bootstrap_p, stability, status); ``profile`` (segment, item, level, value, lower, upper, overall, verdict);
        ``respondents`` (respondent, segment, probability); ``covariates`` (segment, term, estimate, std_error, lower, upper, p_value); ``outcomes``
        (outcome, segment, mean, lower, upper, overall, verdict); ``typing`` (questions, item, agreement). Values ``n``, ``pseudo_r_squared``,
        ``hit_rate``, ``base_rate``.

    Raises
    ------
    DataError
        Nobody answered, or more segments than the patterns of answers can tell apart.
    ParameterError
        An item with equal answers, or with too many to choose from.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> people = range(400)
    >>> answers = pl.DataFrame({f"q{item}": [(who % 4 == 0) != ((who * 7 + item * 3) % 11 == 0) for who in people] for item in range(6)})
    >>> found = lk.survey.needs(answers, items=answers.columns, k=[1, 2, 3])
    >>> found.table["size"].round(2).to_list()
    [0.75, 0.25]
    """
    asked = names(items)
    known = dict(pairs("kinds", kinds))
    for name in known:
        one_of("kinds", name, asked)
    params = {
        "items": [_item(name, known.get(name)) for name in asked],
        "respondent": respondent,
        "weight": weight,
        "strata": strata,
        "population": population,
        "covariates": names(covariates),
        "outcomes": names(outcomes),
        "k": [k] if isinstance(k, int) else list(k),
        "starts": starts,
        "refits": refits,
        "simulations": simulations,
        "stable": stable,
        "level": level,
        "seed": seed,
    }
    columns = [*asked, respondent, weight, strata, *names(covariates), *names(outcomes)]
    data = only(answers, columns, Roles(found=[*asked, *names(covariates)], number=[weight, *names(outcomes)]))
    found = through(_engine.needs, data, **params)
    told = found.told_by_covariates
    without = [name for name, has in (("covariates", told is not None), ("outcomes", bool(names(outcomes)))) if not has]
    values: dict[str, Any] = dict(
        zip(("pseudo_r_squared", "hit_rate", "base_rate"), told or (None, None, None), strict=True)
    )
    return Needs(found, kind_of(answers), params, without=without, **values)


def _item(name: str, kind: str | Sequence[str] | None) -> dict[str, Any]:
    if kind is None:
        return {"name": name}
    if isinstance(kind, str):
        return {"name": name, "kind": one_of("kinds", kind, ("nominal", "ordinal", "continuous"))}
    return {"name": name, "levels": texts(kind)}


class Missions(Result):
    """What people come for, found in what they buy together.

    Attributes
    ----------
    table : frame
        One row per mission, the most frequent first: mission, categories (that tell it apart), share (of orders), orders, revenue (money), order_value (money), customers.
    fits : frame
        One row per number of missions: k, held_out (mean log-likelihood of an order of customers held out), behind (the best) with std_error, is_chosen.
    categories : frame
        One row per mission and category: mission, category, share (of what is bought on it), lift.
    weekdays : frame
        mission, weekday (1 is Monday), share (of its orders).
    hours : frame
        mission, hour (0 to 23), share (of its orders). Empty if times have no clock.
    customers : frame
        One row per customer: customer, mission (of most orders), share (of the customer's orders), missions, orders.
    lost : frame
        One row per mission: mission, had (customers who had it in the first third of the time and ordered in the second), lost (share without it in the second) with lost_lower and
        lost_upper, left_after (share of those who then ordered nothing in the last third), left_otherwise (of those who kept it), difference (among customers with as many orders in the second third)
        with lower and upper, p_value, q_value, verdict ("higher": who gives it up leaves more; "lower", "can't tell").
    n : int
        Orders with a known category.
    """

    table: Frame
    fits: Frame
    categories: Frame
    weekdays: Frame
    hours: Frame
    customers: Frame
    lost: Frame
    n: int

    @drawn_by("needs.missions")
    def plot(
        self,
        kind: Literal["categories", "weekdays", "hours", "lost"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: the "categories" of missions (default), the "weekdays" or "hours" of their orders, or those "lost" before customers left."""

    def _headline(self) -> str:
        missions = self._tables["table"]
        if missions.height == 1:
            return t("One mission: {n} orders differ no more than by chance", n=numbers.count(self.n))
        shares = ", ".join(numbers.percent(share) for share in missions["share"])
        return t("{k} missions of {n} orders: {shares}", k=missions.height, n=numbers.count(self.n), shares=shares)


def needs_from_baskets(
    ledger: Any,
    *,
    k: int | Iterable[int] = (1, 2, 3, 4, 5, 6, 7, 8),
    level: float = 0.95,
    seed: int = 1,
    **roles: Unpack[DatedRoles],
) -> Missions:
    """Finds the missions of orders: bags of categories that are bought together (a mixture of multinomials; Nigam et al. 2000).

    The number of missions is the least that foretells orders of customers held out as well as the best does, within one standard error or 0.001.

    Parameters
    ----------
    ledger
        A `Ledger` with a product, best the category: ``ledger.with_product("category")``; or a frame, whose roles follow as keywords.
    k : int or iterable of int
        Numbers of missions that are tried, up to 50.
    level : float
        Confidence level of what became of customers who gave a mission up.
    seed : int
        Of the starts.

    Returns
    -------
    Missions
        Tables ``table`` (mission, categories, share, orders, revenue, order_value, customers); ``fits`` (k, held_out, behind, std_error,
        is_chosen); ``categories`` (mission, category, share, lift); ``weekdays`` (mission, weekday, share); ``hours`` (mission, hour,
        share); ``customers`` (customer, mission, share, missions, orders); ``lost`` (mission, had, lost, lost_lower, lost_upper, left_after,
        left_otherwise, difference, lower, upper, p_value, q_value, verdict). Values ``n``.

    Raises
    ------
    DataError
        Fewer than 100 orders with a known category, or so few customers that none is left to fit missions to, or to hold out.
    ParameterError
        No product, or more than 2,000 of them.

    Examples
    --------
    >>> import leverkit as lk
    >>> found = lk.survey.needs_from_baskets(lk.datasets.company(months=6).ledger(), k=[1, 2, 3])
    >>> found.fits["k"].to_list()
    [1, 2, 3]
    """
    engine, to_native = engine_of(ledger, roles)
    params = {"k": [k] if isinstance(k, int) else list(k), "level": level, "seed": seed}
    return Missions(_engine.needs_from_baskets(engine, **params), to_native, params)
