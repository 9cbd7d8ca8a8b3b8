"""Best–worst choices: what matters most, from choices of the best and the worst of a few things at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, as_polars, kind_of, only, through
from leverkit._lib.inputs import names, one_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t


class MaxDiff(Result):
    """What best–worst choices say of each item.

    Attributes
    ----------
    table : frame
        One row per item, the highest score first: shown, best, worst (weighted counts), score ((best − worst) / shown) with bootstrap limits, the utility as estimate with
        std_error (clustered by respondent), lower, upper, t and p_value (of being that of the last item in the alphabet, which is 0), plain_std_error (as if all tasks
        were of different people), share of preference with limits, matters (with `anchor`: "matters", "does not matter" or "can't tell", by the limits of the utility), reason (why there is no
        utility, or no test of it).
    population : frame
        One row per item: mean utility of people (around a mean of 0, or from the threshold) and sd (how much people differ). Empty without `individual`.
    respondents : frame
        One row per respondent: tasks, rlh (geometric mean of the probabilities of their choices), chance (the same if all choices were equally likely), random (whether
        choices are no more consistent than those of 95 % of people who choose at random), shrinkage (how far utilities are pulled to those of all: 0 to 1).
    individuals : frame
        One row per respondent and item: utility (around a mean of 0, or from the threshold), std_error.
    log_likelihood : tuple of float or None
        Of the model, and of equally likely choices.
    pseudo_r_squared : float or None
        1 − the first over the second.
    n, tasks : int
        Number of respondents and of their tasks.
    """

    table: Frame
    population: Frame
    respondents: Frame
    individuals: Frame
    log_likelihood: tuple[float, float] | None
    pseudo_r_squared: float | None
    n: int
    tasks: int

    @drawn_by("maxdiff.maxdiff")
    def plot(
        self, kind: Literal["shares", "scores"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: "shares" of preference with limits (default), or "scores"."""

    def _headline(self) -> str:
        row = self._tables["table"].row(0, named=True)
        if row["share"] is None:
            return t("{n:,} respondents: {item} first by counts", n=self.n, item=row["item"])
        return t(
            "{n:,} respondents: {item} first, with {share} of preference",
            n=self.n,
            item=row["item"],
            share=numbers.percent(row["share"]),
        )


class MaxDiffDesign(Result):
    """Tasks of a best–worst survey.

    Attributes
    ----------
    table : frame
        One row per version, task and place: item.
    balance : frame
        One row per count: frequency (of items), pairs (shown together), places (of an item in a place), with least and most.
    is_balanced : bool
        Whether items, and pairs, are shown equally often: a balanced incomplete block design.
    """

    table: Frame
    balance: Frame
    is_balanced: bool

    @drawn_by("maxdiff.design")
    def plot(self, kind: Literal["pairs"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: how often pairs are shown together ("pairs")."""

    def _headline(self) -> str:
        rows = {row["count"]: row for row in self._tables["balance"].iter_rows(named=True)}
        return t("Each pair is shown {least} to {most} times", least=rows["pairs"]["least"], most=rows["pairs"]["most"])


def maxdiff(
    tasks: Any,
    *,
    respondent: str,
    shown: Sequence[str],
    best: str,
    worst: str,
    anchor: str | None = None,
    weight: str | None = None,
    strata: str | None = None,
    population: float | None = None,
    model: Literal["pairs", "sequential"] = "pairs",
    individual: bool = True,
    level: float = 0.95,
    replicates: int = 1000,
    seed: int = 1,
) -> MaxDiff:
    """Judges items by best–worst choices (Louviere, Flynn & Marley 2015): counts, utilities with errors clustered by respondent, shares of preference, and each
    person's own utilities by empirical Bayes.

    Items may be levels of attributes shown as a profile (case 2), named "attribute: level".

    Parameters
    ----------
    tasks
        A frame with one row per task.
    respondent : str
        Column with the respondent.
    shown : sequence of str
        Columns with the items shown, one for each place; null where a task had fewer.
    best, worst : str
        Columns with the best and the worst of the items shown.
    anchor : str, optional
        Column that says which of the items shown matter at all: "all", "some" or "none", in English or Russian (Lattery 2010). Utilities are then those above the threshold of mattering, which
        is 0, and `matters` says which items lie above it.
    weight, strata : str, optional
        Columns with the respondent's weight, and the stratum in which they were drawn.
    population : float, optional
        Number of people there are to be asked, if they are few.
    model : {"pairs", "sequential"}
        Whether people choose the pair with the greatest difference, or first the best and then the worst of the rest.
    individual : bool
        Whether each person's own utilities are estimated.
    level : float
        Confidence level.
    replicates, seed : int
        Bootstrap over respondents, for scores.

    Returns
    -------
    MaxDiff
        Tables ``table`` (item, shown, best, worst, score, score_lower, score_upper, estimate, std_error, lower, upper, t, p_value, plain_std_error,
        share, share_lower, share_upper, matters, reason); ``population`` (item, mean, sd); ``respondents`` (respondent, tasks, rlh, chance, random,
        shrinkage); ``individuals`` (respondent, item, utility, std_error). Values ``log_likelihood``, ``pseudo_r_squared``, ``n``, ``tasks``.

    Raises
    ------
    DataError
        No task can be used, or some items are never compared, not even through others.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> tasks = pl.DataFrame({"who": [1, 2, 3, 4], "a": ["tea"] * 4, "b": ["milk"] * 4, "c": ["beer"] * 4,
    ...     "best": ["tea", "tea", "milk", "beer"], "worst": ["beer", "milk", "tea", "milk"]})
    >>> lk.survey.maxdiff(tasks, respondent="who", shown=["a", "b", "c"], best="best", worst="worst").table["item"][0]
    'tea'
    """
    params = {
        "respondent": respondent,
        "shown": names(shown),
        "best": best,
        "worst": worst,
        "anchor": anchor,
        "weight": weight,
        "strata": strata,
        "population": population,
        "model": one_of("model", model, ("pairs", "sequential")),
        "individual": individual,
        "level": level,
        "replicates": replicates,
        "seed": seed,
    }
    data = only(tasks, [respondent, *names(shown), best, worst, anchor, weight, strata], Roles(number=[weight]))
    return MaxDiff(through(_engine.maxdiff, data, **params), kind_of(tasks), params)


def maxdiff_design(
    items: Sequence[str], *, per_task: int = 4, tasks: int = 10, versions: int = 1, seed: int = 1
) -> MaxDiffDesign:
    """Makes the tasks of a best–worst survey: every item, and every pair, about as often as any other, and every item in every place.

    Parameters
    ----------
    items : sequence of str
        What is to be compared.
    per_task : int
        Items of a task.
    tasks : int
        Tasks of a respondent.
    versions : int
        Versions of the questionnaire; respondents are spread over them.
    seed : int
        Seed of the search.

    Returns
    -------
    MaxDiffDesign
        Tables ``table`` (version, task, place, item); ``balance`` (count, least, most). Values ``is_balanced``.

    Raises
    ------
    ParameterError
        An item twice, or tasks too few to show or to compare all items.

    Examples
    --------
    >>> import leverkit as lk
    >>> lk.survey.maxdiff_design(list("abcdef"), per_task=3, tasks=10).is_balanced
    True
    """
    params = {"items": list(items), "per_task": per_task, "tasks": tasks, "versions": versions, "seed": seed}
    return MaxDiffDesign(_engine.maxdiff_design(**params), as_polars, params)
