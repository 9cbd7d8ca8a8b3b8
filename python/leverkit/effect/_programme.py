"""A programme judged: several designs side by side, their placebos, the verdict, and the money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import Any, Literal, NamedTuple

import polars as pl

from leverkit import _engine
from leverkit._lib.frames import Roles, names_of, only, through
from leverkit._lib.inputs import Columns, names
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.text import t
from leverkit.effect._did import PreTrendTest
from leverkit.errors import DataError, SchemaError
from leverkit.ledger import engine_of

Period = Literal["day", "week", "month", "quarter", "year"]
Design = Literal["naive", "before_after", "did", "adjusted", "balanced", "matched"]


class Limits(NamedTuple):
    """An estimate with its limits."""

    estimate: float
    lower: float
    upper: float


class Relabelled(NamedTuple):
    """Joining dealt out at random: how many times, the share of them that a test would call an effect, and the p-value of the effect among them."""

    times: int
    false_alarms: float
    p_value: float


class Programme(Result):
    """A programme judged.

    Attributes
    ----------
    verdict : str
        "supported" (placebos pass, the designs agree, and the effect is not 0), "bracketed" (placebos pass, but the designs differ: the effect lies between them), "not
        identified" (a placebo fails, or none is possible: there is no number), or "no effect larger than" (placebos pass, the designs agree, the limits hold 0).
    reason : str
        Why.
    effect : Limits or None
        The effect on `outcome` (money per member and period) with its limits; null if it is not identified.
    bracket : Limits or None
        From the lowest to the highest limit of the designs "did" and "adjusted". It holds the effect if members were chosen for their level, or for what they did
        lately; nothing here says that they were if the verdict is "not identified".
    kept : Limits or None
        Of the members who would not have ordered in a period, the share who did, by "did"; null if the effect is not identified. The plan takes it in place of its
        assumption: ``lk.plan(ledger, assumptions={"kept": found})``.
    detectable : float or None
        The smallest effect that "did" sees with a power of 80 %, money per member and period.
    outcome : str
        What money is: "margin" if costs are known, else "spend".
    effects : frame
        One row per design and outcome. design: "naive" (members less others) and "before_after" (members since joining less before), which show what not to believe; "did"
        (difference-in-differences), "adjusted" (doubly robust on the path of orders and money before joining), "balanced" (entropy balancing on the same), "matched" (controls of the
        same cell of recency, frequency and money before joining). outcome: "active"
        (ordered at all), "orders", "spend", "margin", per member and period. Columns estimate, std_error, lower, upper, t, p_value, percent (share of what would have
        been), q_value, placebo with placebo_lower, placebo_upper and placebo_p (the same design as if members had joined earlier), status.
    event_study : frame
        The effect on `outcome` by event_time (periods since joining), with band_lower and band_upper that hold all rows at once.
    split : frame
        The effect on spend split by "did" into return, frequency and check: actual, counterfactual, effect (share) and money (per member and period), each with limits. Empty
        if the effect is not identified.
    money : frame
        item ("incremental_margin" or "incremental_spend", "reward_cost", "running_cost", "subsidy": rewards on what would have come anyway, "net", "roi"), money with
        lower and upper, over all members and periods.
    balance : frame
        One row per covariate of the adjusted design: members and controls (means), difference before and after weighing (in standard deviations), variance_ratio.
    groups : frame or None
        One row per group of members, judged by the same rules beside all controls: group, members, verdict, effect with lower and upper (null if not identified), did and adjusted (what both
        designs say, believed or not) with limits, reason. None without `by`.
    pre_trend : PreTrendTest or None
        The joint test of the effects before joining, on `outcome`.
    relabelled : Relabelled or None
        "did" with joining dealt out at random.
    start, end : date
        First and last day of the periods that are compared.
    n_members, n_controls, member_periods : int
        Members and controls that are compared, and members times their periods since joining.
    effective_controls : float or None
        Equally weighted controls that those of the adjusted design are worth.
    """

    verdict: str
    reason: str
    effect: Limits | None
    bracket: Limits | None
    kept: Limits | None
    detectable: float | None
    outcome: str
    effects: Frame
    event_study: Frame
    split: Frame
    money: Frame
    balance: Frame
    groups: Frame | None
    pre_trend: PreTrendTest | None
    relabelled: Relabelled | None
    start: dt.date
    end: dt.date
    n_members: int
    n_controls: int
    member_periods: int
    effective_controls: float | None

    def _remarks(self) -> Iterator[str]:
        yield self.reason

    @drawn_by("programme.programme")
    def plot(
        self,
        kind: Literal["designs", "event_study", "split"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """A Plotly figure: all "designs" with their placebos (default), the "event_study", or the "split" of the effect."""

    def as_share(self) -> dict[str, Any]:
        """What the plan takes in place of its assumption "kept": the share with limits, the members, and the grade "controlled".

        Raises
        ------
        DataError
            The effect is not identified.
        """
        if self.kept is None:
            raise DataError(f"the programme's effect is not identified, so it replaces no assumption: {self.reason}")
        return {**self.kept._asdict(), "n": self.n_members, "grade": "controlled"}

    def as_ratios(self) -> dict[str, Limits]:
        """By how much the programme multiplies a member's return, frequency and check, with limits.

        Raises
        ------
        DataError
            The effect is not identified.
        """
        if self.effect is None:
            raise DataError(f"the programme's effect is not identified, so nothing follows from it: {self.reason}")
        rows = self._tables["split"].iter_rows(named=True)
        return {
            row["factor"]: Limits(1 + row["effect"], 1 + row["effect_lower"], 1 + row["effect_upper"]) for row in rows
        }

    def to_lift_tests(self, *, channel: str, x: float = 0.0, periods: float = 1.0) -> Frame:
        """The programme as a lift test for a media mix model: the frame that pymc-marketing's ``add_lift_test_measurements`` takes.

        Parameters
        ----------
        channel : str
            The model's name of the programme's channel.
        x : float
            What was spent on the channel per period without the programme (money).
        periods : float
            Periods of the model in the time that is compared: money is divided by it.

        Returns
        -------
        frame
            One row: channel, x, delta_x (cost of the programme), delta_y (what it brought) and sigma (its standard error), money per period.

        Raises
        ------
        DataError
            The effect is not identified, or nothing was spent.
        """
        if self.effect is None:
            raise DataError(f"the programme's effect is not identified, so it is no lift test: {self.reason}")
        money = {row["item"]: row for row in self._tables["money"].iter_rows(named=True)}
        spent = money["running_cost"]["money"] + money["reward_cost"]["money"]
        if spent <= 0:
            raise DataError("nothing was spent on the programme: give running_cost or reward_cost")
        gain = money[f"incremental_{self.outcome}"]
        sigma = (gain["upper"] - gain["lower"]) / (2 * NormalDist().inv_cdf(0.5 + self.params["level"] / 2))
        row = {"channel": channel, "x": x, "delta_x": spent, "delta_y": gain["money"], "sigma": sigma}
        return self._to_native(pl.DataFrame([row]).with_columns(pl.col("delta_x", "delta_y", "sigma") / periods))

    def _headline(self) -> str:
        if self.effect is None:
            return t("Not identified: no number can be told")
        if self.verdict == "no effect larger than":
            most = max(abs(self.effect.lower), abs(self.effect.upper))
            return t("No effect larger than {most:,.2f} per member and period", most=most)
        if self.verdict == "bracketed":
            return t(
                "Bracketed: from {lower:,.2f} to {upper:,.2f} per member and period",
                lower=self.effect.lower,
                upper=self.effect.upper,
            )
        return t(
            "Supported: {effect:,.2f} per member and period ({lower:,.2f} to {upper:,.2f})",
            effect=self.effect.estimate,
            lower=self.effect.lower,
            upper=self.effect.upper,
        )


def programme(
    ledger: Any,
    members: Any,
    *,
    customer: str = "customer",
    joined: str = "joined",
    left: str | None = None,
    by: str | None = None,
    unit: str = "customer",
    period: Period = "month",
    days: int | None = None,
    outcomes: Columns = None,
    designs: Literal["all"] | Sequence[Design] = "all",
    covariates: Any = None,
    rewards: Any = None,
    point_cost: float = 1.0,
    running_cost: float = 0.0,
    reward_cost: float = 0.0,
    winsorise: float | None = None,
    placebo_level: float = 0.1,
    level: float = 0.95,
    relabellings: int = 200,
    draws: int = 2000,
    seed: int = 1,
) -> Programme:
    """Judges a loyalty programme, a campaign, or anything else that customers join: did it work, in money, and would it have come anyway?

    Customers are in if they ordered before anybody joined, so that nobody is chosen for what came later, and periods without an order count. Difference-in-differences is
    right if members were chosen for a lasting level; adjusting for the path of orders and money before joining is right if they were chosen for what they did lately. Only
    placebos tell which story holds, so both designs are run again as if members had joined earlier, and a number is given only if no placebo contradicts it.

    Parameters
    ----------
    ledger
        A `Ledger`.
    members
        A frame with one row per member.
    customer, joined : str
        Columns of members with the customer's id, as in the ledger, and the day of joining (null: has not joined).
    left : str, optional
        Column with the day of leaving; who left is counted, and the effect is that of having joined.
    by : str, optional
        Column by which members are judged apart, such as their tier, or how they came to join (chosen, self-selected, random).
    unit : str
        What joins: "customer", or a dimension of the ledger such as the shop, whose values `customer` then has. Below 30 units see `leverkit.effect.synthetic`.
    period : {"day", "week", "month", "quarter", "year"}
        Calendar periods over which outcomes are added up. Periods that the data do not hold to their end are left out.
    days : int, optional
        Instead of calendar periods, periods of so many days counted from the first joining, as suits a campaign.
    outcomes : str or list of str, optional
        Outcomes to look at beside money: "active", "orders", "spend", and "margin" with costs; all by default. Each is one more test to correct for.
    designs : "all" or list of str
        Designs to show. "did" and "adjusted" settle the verdict whether they are shown or not.
    covariates : frame, optional
        What else was known of customers before they could join, one row each: `customer`, the day ``date``, and numbers or flags. The design "adjusted" and "balanced" make controls
        alike in them too; one that is the same for all controls adjusts nothing, and is not in `balance`. A day from joining on (of who did not join: from the first joining on) is refused, because what is known later may be an effect.
    rewards : frame, optional
        What was redeemed: `customer`, ``date`` and ``redeemed`` (points), one row per redemption. Those of members since they joined, in the periods compared, are their cost.
    point_cost : float
        Money that a redeemed point costs.
    running_cost : float
        Money that a member costs per period, rewards aside.
    reward_cost : float
        Money of the rewards that members redeemed in the periods compared, if they are not listed.
    winsorise : float, optional
        A share such as 0.99: money of a period above this quantile (of periods with money before anybody joined) counts as the quantile; a note shows it. By default nothing is capped.
    placebo_level : float
        A placebo with a p-value below fails. It is higher than usual, because what a placebo does not see is taken as sound.
    level : float
        Confidence level.
    relabellings : int
        How often joining is dealt out at random.
    draws, seed : int
        Draws for the band of the event study, and the seed of all random numbers.

    Returns
    -------
    Programme
        Tables ``effects`` (design, outcome, estimate, std_error, lower, upper, t, p_value, percent, q_value, placebo, placebo_lower, placebo_upper,
        placebo_p, status); ``event_study`` (event_time, estimate, std_error, lower, upper, t, p_value, band_lower, band_upper); ``split`` (factor,
        actual, counterfactual, effect, effect_lower, effect_upper, money, money_lower, money_upper); ``money`` (item, money, lower, upper);
        ``balance`` (covariate, members, controls, difference, weighted_difference, variance_ratio); ``groups`` (group, members, verdict, effect, lower,
        upper, did, did_lower, did_upper, adjusted, adjusted_lower, adjusted_upper, reason). Values ``verdict``, ``reason``, ``effect``,
        ``bracket``, ``kept``, ``detectable``, ``outcome``, ``pre_trend``, ``relabelled``, ``start``, ``end``, ``n_members``, ``n_controls``,
        ``member_periods``, ``effective_controls``.

    Raises
    ------
    DataError
        No member is a customer of the ledger, no whole period lies before the first joining or from it on, points are negative, or covariates are no older than joining.
    ParameterError
        A design or an outcome is unknown, or both `rewards` and `reward_cost` are given.
    SchemaError
        A column is missing, or of another type.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> ledger = lk.datasets.company(months=12).ledger()
    >>> ids = ledger.to_frame()["customer"].unique().sort().head(5)
    >>> members = pl.DataFrame({"customer": ids, "joined": ["2024-06-01"] * 5})
    >>> lk.effect.programme(ledger, members, relabellings=0).verdict
    'not identified'
    """
    engine, to_native = engine_of(ledger, {})
    params: dict[str, Any] = {
        "customer": customer,
        "joined": joined,
        "left": left,
        "by": by,
        "unit": unit,
        "period": period,
        "days": days,
        "covariates": [],
        "outcomes": names(outcomes),
        "designs": [] if designs == "all" else names(designs),
        "point_cost": point_cost,
        "running_cost": running_cost,
        "reward_cost": reward_cost,
        "winsorise": winsorise,
        "placebo_level": placebo_level,
        "level": level,
        "relabellings": relabellings,
        "draws": draws,
        "seed": seed,
    }
    listed = only(members, [customer, joined, left, by], Roles(found=[customer], time=[joined, left]))
    redeemed = known = None
    if rewards is not None:
        redeemed = only(rewards, [customer, "date", "redeemed"], Roles(number=["redeemed"], time=["date"]))
    if covariates is not None:
        params["covariates"] = [name for name in names_of(covariates) if name not in (customer, "date")]
        if not params["covariates"]:
            raise SchemaError(
                f'covariates: there is no column beside "{customer}" and "date": give at least one number'
            )
        wanted = [customer, "date", *params["covariates"]]
        known = only(covariates, wanted, Roles(found=params["covariates"], time=["date"]))
    found = through(lambda table, **given: _engine.programme(engine, table, redeemed, known, **given), listed, **params)
    test, dealt = found.pre_trend_test, found.relabelled
    return Programme(
        found,
        to_native,
        params,
        without=() if by else ("groups",),
        effect=None if found.effect is None else Limits(*found.effect),
        bracket=None if found.bracket is None else Limits(*found.bracket),
        kept=None if found.kept is None else Limits(*found.kept),
        pre_trend=None if test is None else PreTrendTest(*test),
        relabelled=None if dealt is None else Relabelled(*dealt),
        start=dt.date.fromisoformat(found.periods[0]),
        end=dt.date.fromisoformat(found.last_day),
    )
