"""Kano's model: which features people take for granted, want more of, are delighted by, or do not care about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, kind_of, only, through
from leverkit._lib.inputs import one_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.survey._answers import Items, answer_params, read

#: The categories in words.
CATEGORIES = {
    "M": "must-be",
    "O": "one-dimensional",
    "A": "attractive",
    "I": "indifferent",
    "R": "reverse",
    "Q": "questionable",
}


class Kano(Result):
    """What a Kano survey says of each feature.

    Attributes
    ----------
    table : frame
        One row per feature: n, counts A, O, M, I, R, Q (weighted counts are scaled to n), category (the verdict: a letter, "A or O", or "can't tell"), probability
        (that the mode leads), mode, second, rule (M > O > A > I within the tolerance), strength (first less second share) and total_strength (A + O + M) with
        limits, better and worse with limits and standard errors, their corr, fong_limit (answers) and fong (whether Fong's test calls the mode; for the
        record), p_value and q_value (of mode and second being equally frequent), status ("clear", "unclear", "split", "few"), flipped, incomplete (pairs).
    categories : frame
        One row per feature and category: count, share, probability (that it is the largest).
    continuous : frame
        One row per feature: means functional and dysfunctional with _sd and _se, covariance, importance-weighted means, quadrant with probability, p_A, p_O,
        p_M, p_I, stable (whether other scales in use give the same quadrant).
    segments : frame
        One row per segment and feature, with counts, verdict and coefficients. Empty without `by`.
    differences : frame
        One row per feature: whether segments differ: statistic (likelihood ratio), df, p_value, q_value, test. Empty without `by`.
    ellipses : frame
        Points of the ellipses in which features lie: map ("coefficients", "continuous"), feature, x, y.
    quality : frame
        One row per check: respondents, dont_know, unanswered, straight_lining, speeding, contradictory: how many respondents and answers show it, and whether they
        were dropped.
    n : int
        Number of respondents.
    """

    table: Frame
    categories: Frame
    continuous: Frame
    segments: Frame
    differences: Frame
    ellipses: Frame
    quality: Frame
    n: int

    @drawn_by("kano.kano")
    def plot(
        self,
        kind: Literal["map", "categories", "continuous"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: better and worse with ellipses ("map", default), shares of the "categories", or the "continuous" map."""

    def drift(self, later: Kano, *, same_people: bool = False) -> Drift:
        """Compares this survey with a later wave: which features moved, such as from attractive to must-be.

        Parameters
        ----------
        later : Kano
            The second wave, with features of the same names.
        same_people : bool
            Whether both waves asked the same people, under the same ids; what they say twice is then not taken as independent.

        Returns
        -------
        Drift
            Table ``table`` (feature, from, to, better, better_lower, better_upper, worse, worse_lower, worse_upper, p_value, q_value, moved). Values
            ``in_both``.

        Raises
        ------
        ParameterError
            No feature is in both waves, or no respondent where `same_people` says so.
        """
        params = {"same_people": same_people}
        return Drift(self._engine.drift(later._engine, same_people), self._to_native, params)

    def priorities(
        self,
        costs: Any,
        *,
        feature: str = "feature",
        cost: str = "cost",
        reach: str | None = None,
        margin: str | None = None,
        replicates: int = 1000,
        seed: int = 1,
    ) -> Priorities:
        """Orders features by what is at stake per money of cost: customers to whom they matter, or the margin of these customers.

        A survey does not tell what people would pay for a feature, or whether they would leave without it; nothing of the kind is assumed.

        Parameters
        ----------
        costs
            A frame with one row per feature.
        feature, cost : str
            Columns with the feature's name in the survey and its cost (money above 0).
        reach : str, optional
            Column with the share of customers whom the feature reaches; 1 without it.
        margin : str, optional
            Column with the margin of these customers (money); the stake is then money, otherwise a share of customers.
        replicates, seed : int
            Bootstrap over respondents.

        Returns
        -------
        Priorities
            Table ``table`` (order, feature, category, cost, reach, satisfied, satisfied_lower, satisfied_upper, dissatisfied, dissatisfied_lower,
            dissatisfied_upper, stake, stake_lower, stake_upper, per_cost, per_cost_lower, per_cost_upper, first). Values ``is_money``.

        Raises
        ------
        DataError
            An unknown feature, a feature twice, a cost that is not above 0 or a reach that is no share.
        SchemaError
            A column is missing.
        """
        params = {
            "feature": feature,
            "cost": cost,
            "reach": reach,
            "margin": margin,
            "replicates": replicates,
            "seed": seed,
        }
        data = only(costs, [feature, cost, reach, margin], Roles(number=[cost, reach, margin]))
        return Priorities(through(self._engine.priorities, data, **params), kind_of(costs), params)

    def _remarks(self) -> Iterator[str]:
        split = self._tables["table"].filter(status="split")["feature"].to_list()
        if split:
            yield f"Many want {', '.join(split)} and many would rather not have it: look at segments."

    def _headline(self) -> str:
        table = self._tables["table"]
        clear = table.filter(pl.col("status") == "clear").height
        return t("{clear} of {n} features have a clear category", clear=clear, n=table.height)


class Drift(Result):
    """Two waves of a Kano survey compared.

    Attributes
    ----------
    table : frame
        One row per feature: from and to (verdicts), the changes of better and worse with limits, p_value (of neither having moved), q_value (among all features),
        moved (q at most 0.05).
    in_both : int
        Number of respondents of both waves; 0 if waves asked different people.
    """

    table: Frame
    in_both: int

    @drawn_by("kano.drift")
    def plot(self, kind: Literal["arrows"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: changes of better and worse by feature ("arrows")."""

    def _headline(self) -> str:
        table = self._tables["table"]
        moved = table.filter("moved")["feature"].to_list()
        if not moved:
            return t("None of {n} features surely moved", n=table.height)
        return t("Moved: {features}", features=", ".join(moved))


class Priorities(Result):
    """Features in the order in which they pay.

    Attributes
    ----------
    table : frame
        One row per feature, the most at stake per money first: order, category, cost, reach, satisfied (share of customers whom it would satisfy), dissatisfied (share
        whom its absence dissatisfies), stake (customers to whom it matters, a share or their margin in money) and per_cost, each with limits, first (the
        probability that no other feature has more at stake per money).
    is_money : bool
        Whether the stake is money.
    """

    table: Frame
    is_money: bool

    @drawn_by("kano.priorities")
    def plot(self, kind: Literal["stake"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: what is at stake per money of cost ("stake")."""

    def _headline(self) -> str:
        row = self._tables["table"].row(0, named=True)
        return t(
            "First: {feature}, first in {share} of resamples",
            feature=row["feature"],
            share=numbers.percent(row["first"]),
        )


def kano(
    answers: Any,
    *,
    feature: Items,
    functional: str | None = None,
    dysfunctional: str | None = None,
    importance: str | None = None,
    respondent: str | None = None,
    question: str | None = None,
    answer: str | None = None,
    by: str | None = None,
    weight: str | None = None,
    strata: str | None = None,
    seconds: str | None = None,
    population: float | None = None,
    scale: Mapping[Any, Any] | None = None,
    drop: str | Iterable[str] = (),
    evaluation: Literal["berger", "pouliot", "three"] = "berger",
    reverse: Literal["leave", "flip"] = "leave",
    certainty: float = 0.96,
    tolerance: float = 0.05,
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 1,
) -> Kano:
    """Judges features by pairs of answers: how people would feel if a feature were there, and if it were not (Kano et al. 1984; Berger et al. 1993).

    A category is declared if the probability that it leads is at least `certainty`, by the Dirichlet distribution with Jeffreys' prior; otherwise the categories that
    may lead are named. Of two categories that are equally frequent, one is declared in at most 8 % of surveys; rules that look at the counts alone do so in 28 to
    63 %.

    Parameters
    ----------
    answers
        A frame of answers, in one of three layouts: one row per respondent and feature (`feature`, `functional` and `dysfunctional` are columns); one row per
        respondent (`feature` is a dict of each feature's two columns, or three with its importance); one row per answer (`question` and `answer` are columns, `functional`
        and `dysfunctional` the values of `question`).
    feature, functional, dysfunctional : str
        Columns with the feature and the two answers. Answers are labels in English or Russian ("like", "must-be", "neutral", "live with", "dislike" and usual
        wordings), or numbers from 1 for like to 5 for dislike.
    importance : str, optional
        Column with the importance of the feature to the respondent, 1 to 10.
    respondent : str
        Column with the respondent; needed unless there is one row per respondent.
    question, answer : str, optional
        Columns of a table with one row per answer.
    by : str, optional
        Column with the segment of the respondent: features are also judged by segment, and segments are compared.
    weight, strata, seconds : str, optional
        Columns with the respondent's weight, the stratum in which they were drawn, and the time they took.
    population : float, optional
        Number of people there are to be asked, if they are few.
    scale : dict, optional
        What answers stand for if they are written in another way, such as ``{5: "like", …, 1: "dislike"}``.
    drop : str or sequence of str
        Respondents to leave out: "straight_lining", "speeding", "contradictory". All are counted in `quality` anyway.
    evaluation : {"berger", "pouliot", "three"}
        The evaluation table; "three" is that of three answers (like, neutral, dislike).
    reverse : {"leave", "flip"}
        "flip" judges the absence of features that more people would rather not have than have.
    certainty : float
        Probability from which a category is declared.
    tolerance : float
        By the rule M > O > A > I, a category precedes one that leads it by less than this share.
    level : float
        Confidence level.
    replicates, seed : int
        Bootstrap over respondents.

    Returns
    -------
    Kano
        Tables ``table`` (feature, n, A, O, M, I, R, Q, category, probability, mode, second, rule, strength, strength_lower, strength_upper,
        total_strength, total_strength_lower, total_strength_upper, better, better_lower, better_upper, worse, worse_lower, worse_upper,
        better_se, worse_se, corr, fong_limit, fong, p_value, q_value, status, flipped, incomplete); ``categories`` (feature, category, count,
        share, probability); ``continuous`` (feature, n, functional, functional_sd, functional_se, dysfunctional, dysfunctional_sd,
        dysfunctional_se, covariance, weighted_functional, weighted_dysfunctional, quadrant, probability, p_A, p_O, p_M, p_I, stable);
        ``segments`` (segment, feature, n, A, O, M, I, R, Q, category, probability, mode, second, status, better, better_lower, better_upper,
        worse, worse_lower, worse_upper, better_se, worse_se, corr); ``differences`` (feature, statistic, df, p_value, q_value, test);
        ``ellipses`` (map, feature, x, y); ``quality`` (check, respondents, answers, share, dropped). Values ``n``.

    Raises
    ------
    DataError
        An answer is not on the scale (the error names the respondent and the nearest label), or no answer can be used.
    ParameterError
        Numbers seem to be coded the other way; the error says how to tell.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> answers = pl.DataFrame({"with": ["like"] * 40, "without": ["dislike"] * 30 + ["neutral"] * 10})
    >>> found = lk.survey.kano(answers, feature={"app": ["with", "without"]})
    >>> found.table["category"][0], round(found.table["worse"][0], 2)
    ('O', -0.75)
    """
    asked = {"functional": functional, "dysfunctional": dysfunctional}
    table = answer_params(
        feature,
        asked | ({"importance": importance} if importance else {}),
        item_role="feature",
        respondent=respondent,
        question=question,
        answer=answer,
        scale=scale,
        weight=weight,
        strata=strata,
        by=by,
        seconds=seconds,
        population=population,
        drop=drop,
    )
    params = {
        "answers": table,
        "evaluation": one_of("evaluation", evaluation, ("berger", "pouliot", "three")),
        "reverse": one_of("reverse", reverse, ("leave", "flip")),
        "certainty": certainty,
        "tolerance": tolerance,
        "level": level,
        "replicates": replicates,
        "seed": seed,
    }
    return Kano(through(_engine.kano, read(answers, table), **params), kind_of(answers), params)
