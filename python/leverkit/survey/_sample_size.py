"""How many answers a survey needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib.frames import as_polars
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t


class SampleSize(Result):
    """How many answers a survey needs.

    Attributes
    ----------
    table : frame
        One row per number of answers, fewer and more than needed: answers, asked (people to ask), half_width (of the share's interval) or right (probability to declare
        the right category); the other is null.
    answers : int
        Answers needed.
    asked : int
        People to ask, given how many answer.
    """

    table: Frame
    answers: int
    asked: int

    @drawn_by("sample_size.sample_size")
    def plot(self, kind: Literal["answers"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: what more answers bring ("answers")."""

    def _headline(self) -> str:
        return t("{answers:,} answers are needed; ask {asked:,} people", answers=self.answers, asked=self.asked)


def sample_size(
    *,
    half_width: float | None = None,
    share: float = 0.5,
    categories: Sequence[float] = (),
    power: float = 0.8,
    certainty: float = 0.96,
    level: float = 0.95,
    population: float | None = None,
    design_effect: float = 1.0,
    response: float = 1.0,
) -> SampleSize:
    """Number of answers needed for a share's interval of a given width, or to find the most frequent category, such as that of a Kano feature.

    Parameters
    ----------
    half_width : float, optional
        Half of the width of the interval (Wilson's) of a share: 0.05 for ± 5 points.
    share : float
        The share that is expected; 0.5 needs the most answers.
    categories : sequence of float, optional
        Expected shares of the categories, which add up to 1, instead of `half_width`.
    power : float
        Probability with which the leading category is to be declared.
    certainty : float
        As for `kano`.
    level : float
        Confidence level.
    population : float, optional
        Number of people there are to be asked, if they are few.
    design_effect : float
        By how much weights raise variances (n over Kish's effective n); 1 without weights.
    response : float
        The share of people asked who answer.

    Returns
    -------
    SampleSize
        Table ``table`` (answers, asked, half_width, right). Values ``answers``, ``asked``.

    Raises
    ------
    ParameterError
        A parameter is out of range, or no number of answers would do, as with two categories that lead together.

    Examples
    --------
    >>> import leverkit as lk
    >>> lk.survey.sample_size(half_width=0.05).answers
    381
    >>> lk.survey.sample_size(half_width=0.05, population=500, response=0.5).asked
    434
    """
    params = {
        "half_width": half_width,
        "share": share,
        "categories": list(categories),
        "power": power,
        "certainty": certainty,
        "level": level,
        "population": population,
        "design_effect": design_effect,
        "response": response,
    }
    return SampleSize(_engine.survey_size(**params), as_polars, params)
