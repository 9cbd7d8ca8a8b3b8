"""Opportunities: what is important to people and badly served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib.frames import kind_of, through
from leverkit._lib.inputs import one_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.survey._answers import Items, answer_params, read


class Opportunity(Result):
    """Needs by opportunity.

    Attributes
    ----------
    table : frame
        One row per need, the highest score first: n, importance and satisfaction (0 to 10), score (I + max(I − S, 0)) with bootstrap limits, debiased (less what noise
        adds to it), shrunk (with its noise taken off) with limits, above_10, among_top and overserved (probabilities), band ("extreme" above 15, "high" above 12,
        "worth a look" above 10, "served", "overserved"; of the shrunk score), status ("clear" if it surely is, or surely is not, above 10; else "unclear", or
        "few").
    segments : frame
        One row per segment and need: importance, satisfaction, score and its difference from all other respondents, with limits, p_value, q_value. Empty
        without `by`.
    quality : frame
        One row per check of the answers.
    n : int
        Number of respondents.
    """

    table: Frame
    segments: Frame
    quality: Frame
    n: int

    @drawn_by("opportunity.opportunity")
    def plot(
        self, kind: Literal["map", "scores"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: importance and satisfaction ("map", default), or "scores" with limits."""

    def _headline(self) -> str:
        table = self._tables["table"]
        sure = table.filter((table["status"] == "clear") & (table["above_10"].fill_null(0) > 0.5))
        if sure.is_empty():
            return t("None of {n} needs is surely an opportunity", n=table.height)
        return t(
            "{sure} of {n} needs are surely opportunities; first {need}",
            sure=sure.height,
            n=table.height,
            need=sure["need"][0],
        )


def opportunity(
    answers: Any,
    *,
    need: Items,
    importance: str | None = None,
    satisfaction: str | None = None,
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
    measure: Literal["top2", "mean"] = "top2",
    top: int = 10,
    certainty: float = 0.9,
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 1,
) -> Opportunity:
    """Scores needs by importance and satisfaction: I + max(I − S, 0), both ten times the share of answers 4 and 5 (Ulwick 2002).

    The highest raw score of a survey is too high: of 50 needs and 60 respondents by 0.7 points, and noise around I = S can only raise a score. `shrunk` takes the noise off:
    importance and gap are pulled to those of all needs, as far as their own answers are unsure (empirical Bayes).

    Parameters
    ----------
    answers
        A frame of answers, in one of three layouts: one row per respondent and need, one row per respondent (`need` is a dict of each need's two columns), or one
        row per answer (`question` and `answer` are columns, `importance` and `satisfaction` the values of `question`).
    need, importance, satisfaction : str
        Columns with the need and the two answers: numbers from 1 to 5, or labels in English or Russian. Labels that belong to two scales ("very satisfied" is 4 or 5) are
        settled by the others, or asked about.
    respondent : str
        Column with the respondent; needed unless there is one row per respondent.
    question, answer, by, weight, strata, seconds, population, scale, drop
        As for `kano`.
    measure : {"top2", "mean"}
        "mean" takes twice the mean instead of Ulwick's share; his limits do not hold for it.
    top : int
        For how many places the probability to be among the first is given.
    certainty : float
        Probability from which a need is called an opportunity, or none.
    level : float
        Confidence level.
    replicates, seed : int
        Bootstrap over respondents, and draws of the scores with their noise taken off.

    Returns
    -------
    Opportunity
        Tables ``table`` (need, n, importance, satisfaction, score, score_lower, score_upper, debiased, shrunk, shrunk_lower, shrunk_upper, above_10,
        among_top, overserved, band, status); ``segments`` (segment, need, n, importance, satisfaction, score, score_lower, score_upper, difference,
        difference_lower, difference_upper, p_value, q_value); ``quality`` (check, respondents, answers, share, dropped). Values ``n``.

    Raises
    ------
    DataError
        An answer is not on its scale, or no answer can be used.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> answers = pl.DataFrame({"i": [5, 4, 5, 3, 4, 5, 4, 2, 5, 4], "s": [2, 3, 4, 2, 1, 3, 5, 2, 2, 4]})
    >>> lk.survey.opportunity(answers, need={"find it fast": ["i", "s"]}).table["score"][0]
    13.0
    """
    table = answer_params(
        need,
        {"importance": importance, "satisfaction": satisfaction},
        item_role="need",
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
        "measure": one_of("measure", measure, ("top2", "mean")),
        "top": top,
        "certainty": certainty,
        "level": level,
        "replicates": replicates,
        "seed": seed,
    }
    return Opportunity(through(_engine.opportunity, read(answers, table), **params), kind_of(answers), params)
