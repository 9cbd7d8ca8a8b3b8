"""What people say beside what they do: segments of respondents with their money, and met needs with return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.frames import Roles, only, through
from leverkit._lib.inputs import Columns, names, one_of
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.roles import DateLike
from leverkit._lib.text import t
from leverkit.errors import DataError, ParameterError
from leverkit.ledger import engine_of, iso
from leverkit.survey._answers import as_scale


class SegmentWorth(Result):
    """What segments of respondents are worth.

    Attributes
    ----------
    table : frame
        One row per segment and measure: segment, measure ("revenue", "margin" and "orders" per customer; "check" per order; "returned", the share of those who had ordered before
        who ordered again), n (respondents of the segment), value with lower and upper, others (of the other segments), difference with difference_lower and
        difference_upper, p_value, q_value, verdict ("higher", "lower", "can't tell").
    segments : frame
        One row per segment: segment, n, size (share of the respondents) with size_lower and size_upper, revenue_share (of their revenue) with revenue_lower and revenue_upper.
    groups : frame
        One row per segment of answers and segment by recency, frequency and money: segment, group, n, value (share) with lower and upper, others, difference with limits,
        p_value, q_value, verdict.
    answered : frame
        One row per measure: n, value of those who answered, others (customers who did not), difference with limits, p_value, q_value, verdict. Segments stand for all customers
        as far as these are alike.
    n : int
        Respondents who are customers of the ledger.
    unknown : int
        Respondents who are not.
    without : int
        Customers who did not answer.
    """

    table: Frame
    segments: Frame
    groups: Frame
    answered: Frame
    n: int
    unknown: int
    without: int

    @drawn_by("behaviour.worth")
    def plot(
        self,
        kind: Literal["shares", "measures", "groups"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: "shares" of respondents and of their revenue (default), the "measures" of segments against the others', or their "groups" by recency, frequency and money."""

    def _headline(self) -> str:
        rows = self._tables["table"].filter(measure="revenue").sort("value", descending=True, maintain_order=True)
        first = rows.row(0, named=True)
        if first["verdict"] != "higher":
            return t("No segment surely spends more than the others")
        return t(
            "Segment {segment} spends most: {value} a customer ({lower} to {upper}), others {others}",
            segment=first["segment"],
            **{name: numbers.short_money(first[name]) for name in ("value", "lower", "upper", "others")},
        )


def worth(
    ledger: Any,
    answers: Any,
    *,
    customer: str = "respondent",
    segment: str = "segment",
    weight: str | None = None,
    strata: str | None = None,
    population: float | None = None,
    days: int = 365,
    fdr: float = 0.05,
    level: float = 0.95,
) -> SegmentWorth:
    """Tells what segments of respondents are worth: the money, orders and return of those who are customers, and which segments by recency, frequency and money they are in.

    Segments may be those of `needs` (``lk.survey.worth(ledger, found.respondents)``), or any column of a survey, such as that by which `kano` or `opportunity` were split. Those who
    answer are seldom like those who do not: `answered` compares them.

    Parameters
    ----------
    ledger
        A `Ledger`. The last `days` before its `as_of` are added up.
    answers
        A frame of respondents; several rows of one have the same segment.
    customer, segment : str
        Columns with the respondent's id, as the ledger has it for the customer, and the segment.
    weight, strata : str, optional
        Columns with the respondent's weight, and the stratum in which they were drawn.
    population : float, optional
        Number of people there are to be asked, if they are few.
    days : int
        Days over which money and orders are added up; who ordered before them and again within has returned.
    fdr : float
        Share of false discoveries among comparisons (Benjamini & Hochberg 1995).
    level : float
        Confidence level.

    Returns
    -------
    SegmentWorth
        Tables ``table`` (segment, measure, n, value, lower, upper, others, difference, difference_lower, difference_upper, p_value, q_value, verdict); ``segments`` (segment, n,
        size, size_lower, size_upper, revenue_share, revenue_lower, revenue_upper); ``groups`` (segment, group, n, value, lower, upper, others, difference, difference_lower,
        difference_upper, p_value, q_value, verdict); ``answered`` (measure, n, value, lower, upper, others, difference, difference_lower, difference_upper, p_value, q_value,
        verdict). Values ``n``, ``unknown``, ``without``.

    Raises
    ------
    DataError
        No respondent is a customer of the ledger, none has a segment, or a respondent has two.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> ledger = lk.datasets.company(months=12).ledger()
    >>> spent = ledger.to_frame().group_by("customer").agg(pl.col("amount").sum()).sort("customer")
    >>> wants = pl.when(pl.col("amount") > pl.col("amount").median()).then(pl.lit("more")).otherwise(pl.lit("less"))
    >>> found = lk.survey.worth(ledger, spent.select(respondent="customer", segment=wants))
    >>> found.table.filter(measure="revenue").select("segment", "verdict").rows()
    [('less', 'lower'), ('more', 'higher')]
    """
    engine, to_native = engine_of(ledger, {})
    params = {
        "customer": customer,
        "segment": segment,
        "weight": weight,
        "strata": strata,
        "population": population,
        "days": days,
        "fdr": fdr,
        "level": level,
    }
    data = only(answers, [customer, segment, weight, strata], Roles(found=[customer, segment], number=[weight]))
    found = through(lambda table, **given: _engine.worth(engine, table, **given), data, **params)
    return SegmentWorth(found, to_native, params)


class MetNeeds(Result):
    """Met needs held against return.

    Attributes
    ----------
    table : frame
        One row per need: need, n, met (share of respondents), returned_met and returned_unmet (shares who ordered again), effect (points by which more of those whose need is not met would
        return if they were like the others, all else equal) with std_error, lower and upper, p_value, q_value, kept (of those of them who do not return, the share who would) with
        kept_lower and kept_upper, verdict ("higher", "lower", "can't tell").
    n : int
        Respondents who are compared.
    returned : float
        The share of them who ordered again.
    unknown : int
        Respondents who are no customers of the ledger.
    """

    table: Frame
    n: int
    returned: float
    unknown: int

    @drawn_by("behaviour.met_needs")
    def plot(self, kind: Literal["effects"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """A Plotly figure: the "effects" of met needs on return, with limits."""

    def as_share(self, need: str | None = None) -> dict[str, Any]:
        """What the plan takes in place of its assumption "kept": of the customers who would be lost, those who stay if the need is met, with limits and the grade "observed".

        Parameters
        ----------
        need : str, optional
            The need; may be left out if there is one.

        Raises
        ------
        DataError
            Nothing can be said of the need: it is met for all, or for none.
        ParameterError
            No such need, or several and none is named.
        """
        known = self._tables["table"]["need"].to_list()
        if need is None and len(known) > 1:
            raise ParameterError(f"need: got none; expected one of {', '.join(known)}", parameter="need")
        name = known[0] if need is None else one_of("need", need, known)
        row = self._tables["table"].row(by_predicate=pl.col("need") == name, named=True)
        if row["kept"] is None:
            raise DataError(f"{name} is met for all respondents, or for none: nothing says what meeting it does")
        limits = {"estimate": row["kept"], "lower": row["kept_lower"], "upper": row["kept_upper"]}
        return {**limits, "n": self.n, "grade": "observed"}

    def _headline(self) -> str:
        sure = self._tables["table"].filter(verdict="higher").sort("effect", descending=True, maintain_order=True)
        if sure.is_empty():
            return t("No met need surely goes with more return")
        row = sure.row(0, named=True)
        return t(
            "{need}: where it is met, {effect} more return ({lower} to {upper}); an observed difference",
            need=row["need"],
            **{name: numbers.percent(row[name]) for name in ("effect", "lower", "upper")},
        )


def met_needs(
    ledger: Any,
    answers: Any,
    *,
    needs: Columns,
    customer: str = "respondent",
    asked: str | None = None,
    on: DateLike = None,
    met: float = 4.0,
    horizon: int = 90,
    scale: Mapping[Any, Any] | None = None,
    fdr: float = 0.05,
    level: float = 0.95,
) -> MetNeeds:
    """Holds met needs against return: do customers who say that a need is met order again more often than those who say that it is not?

    A logit of having ordered within `horizon` days after the answer, on all needs and on orders, money and days of silence before it, so that good customers are compared with good
    ones. It is an observed difference, not an effect: those whose need is met may be others in ways that no order shows. ``lk.plan(ledger, assumptions={"kept": found})`` takes it
    with this grade.

    Parameters
    ----------
    ledger
        A `Ledger` that goes on for `horizon` days after the answers.
    answers
        A frame with one row per respondent.
    needs : str or list of str
        Columns that say how well each need is met: ratings, 1 and 0, or labels of agreement or of yes and no in English or Russian.
    customer : str
        Column with the respondent's id, as the ledger has it for the customer.
    asked : str, optional
        Column with the day of the answer.
    on : date or ISO str, optional
        The day of all answers, if there is no such column.
    met : float
        From this answer on a need is met: 4 of 5, or 1 for yes.
    horizon : int
        Days after the answer within which an order is a return.
    scale : dict, optional
        What answers stand for if they are written in another way.
    fdr : float
        Share of false discoveries among needs (Benjamini & Hochberg 1995).
    level : float
        Confidence level.

    Returns
    -------
    MetNeeds
        Tables ``table`` (need, n, met, returned_met, returned_unmet, effect, std_error, lower, upper, p_value, q_value, kept, kept_lower, kept_upper, verdict). Values ``n``,
        ``returned``, ``unknown``.

    Raises
    ------
    DataError
        No respondent is a customer of the ledger, fewer than 30 can be compared, all or none returned, or needs go together so closely that they cannot be told apart.
    ParameterError
        Both `asked` and `on`, or neither.
    SchemaError
        A column is missing.

    Examples
    --------
    >>> import datetime as dt
    >>> import leverkit as lk, polars as pl
    >>> first, again, last = dt.date(2024, 1, 10), dt.date(2024, 3, 1), dt.date(2024, 9, 1)
    >>> rows = [(who, first) for who in range(200)] + [(who, again) for who in range(200) if who % 10 < (8 if who % 2 else 3)] + [(0, last)]
    >>> ledger = lk.Ledger(pl.DataFrame([(*row, 10.0) for row in rows], schema=["who", "day", "paid"], orient="row"), customer="who", time="day", amount="paid")
    >>> answers = pl.DataFrame({"who": range(200), "easy": [5 if who % 2 else 2 for who in range(200)]})
    >>> found = lk.survey.met_needs(ledger, answers, customer="who", needs="easy", on="2024-02-01")
    >>> found.table["verdict"][0], found.as_share()["grade"]
    ('higher', 'observed')
    """
    engine, to_native = engine_of(ledger, {})
    params = {
        "customer": customer,
        "needs": names(needs),
        "scale": as_scale(scale),
        "met": met,
        "asked": asked,
        "horizon": horizon,
        "fdr": fdr,
        "level": level,
    }
    day = iso("on", on)
    data = only(answers, [customer, *names(needs), asked], Roles(found=[customer, *names(needs)], time=[asked]))
    found = through(lambda table, **given: _engine.met_needs(engine, table, day, **given), data, **params)
    return MetNeeds(found, to_native, {**params, "on": day})
