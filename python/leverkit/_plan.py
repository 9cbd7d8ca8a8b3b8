"""Which lever first: the levers that all engines found, in one table, in money per year, without counting the same money twice.

The engine finds and joins the levers; this module describes each of them in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.inputs import pairs
from leverkit._lib.progress import Progress, with_progress
from leverkit._lib.result import Figure, Frame, Result, drawn_by, in_its_currency
from leverkit._lib.roles import LevelRoles, Unpack
from leverkit._lib.text import in_words, t
from leverkit.effect import Programme
from leverkit.errors import LeverkitError, ParameterError
from leverkit.ledger import ledger_of
from leverkit.profit.measured import books_of, entries
from leverkit.survey import MetNeeds

if TYPE_CHECKING:
    from leverkit.effect import TestDesign

#: Lower, expected and upper share; or what a test found, with estimate, lower, upper, n and grade.
Share = tuple[float, float, float] | Mapping[str, Any] | Programme | MetNeeds


#: What knowing a lever is worth is said from this share of its money on.
_WORTH_SAYING = 0.01


class Plan(Result):
    """Levers of all engines: the sure ones, the greatest part of the joint effect first, then those that are not sure.

    A lever is sure where it earns money in 95 % of the worlds that were drawn and rests on no rule of thumb: what share of the money an action brings was tried, or set.

    Attributes
    ----------
    table : frame
        One row per lever: rank, lever, engine, parameter (of the profit formula, through which it works), subject, sure, grade (how its money is known: test,
        controlled, model, observed or assumption, the weakest part that it needs), value, new_value, capped (stopped by a bound), claimed with claimed_lower and
        claimed_upper (money per year as its engine tells it), alone with limits (profit per year of this lever alone), part with lower and upper (profit per year in
        the plan; null where it is not sure), chance (share of worlds in which it earns money), first (in which it is worth most), value_of_knowing (money a
        year), test_size (customers or orders in each of two groups of a test, where it is one of two shares), test_control and test_treated (those shares), effort (money per year), net (part, or alone where
        it is not sure, less effort), n, assumption, assumed_grade, assumed with limits (share of what is at stake that the action brings), what (to do), evidence.
    facts : frame
        One row per lever and number that supports it: lever, fact, value.
    overlaps : frame
        One row per pair: first, second, overlap (profit per year that both claim; below 0 if they reinforce each other).
    left_out : frame
        One row per lever that is not in the plan: lever, reason.
    profit : float
        Annual profit before any change, by the formula.
    joint : tuple of float
        What all sure levers together add to it, with limits: the total of the plan.
    claimed : float
        What they claim alone, added up; the difference to `joint` is what they share.
    test_first : str or None
        The lever that is not sure and whose uncertainty costs most: what to test first.
    """

    table: Frame
    facts: Frame
    overlaps: Frame
    left_out: Frame
    profit: float
    joint: tuple[float, float, float]
    claimed: float
    test_first: str | None

    @classmethod
    def _make(cls, engine: Any, name: str) -> pl.DataFrame:
        table = super()._make(engine, name)
        return _in_words(table, super()._make(engine, "facts")) if name == "table" else table

    _first = ("what", "sure", "grade", "claimed", "part", "lower", "upper", "net")

    @drawn_by("plan.plan")
    def plot(
        self, kind: Literal["levers", "overlaps"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """A Plotly figure: "levers", each with its limits, alone and in the plan (default), or "overlaps", what pairs of levers share."""

    @property
    def has_levers(self) -> bool:
        """Whether the data hold a lever at all, sure or not."""
        return len(self._tables["table"]) > 0

    @property
    @in_its_currency
    def headline(self) -> str:
        """The plan in a sentence, for the top of a report."""
        return self._headline() + "."

    @property
    def lead(self) -> str:
        """What the numbers beside the levers are."""
        if self.params["knows_costs"]:
            return t(
                "Profit a year, each sure lever with its part of what all bring together, so that no money counts twice. What is not sure stands below and in no sum."
            )
        return t(
            "Revenue a year, each sure lever with its part of what all bring together, so that no money counts twice. What is not sure stands below and in no sum."
        )

    @property
    @in_its_currency
    def caption(self) -> str:
        """What stands below the levers: how they relate to one another, and what is not data."""
        costs = "" if self.params["knows_costs"] else t("No costs are known, so profit equals revenue here.") + " "
        claimed = t("Counted one by one the levers claim {claimed}.", claimed=numbers.short_money(self.claimed)) + " "
        claimed = claimed if self.joint[0] else ""
        return (
            costs
            + claimed
            + t(
                "{level} limits of {draws} draws through the profit formula, which makes {profit} a year. What an action brings is assumed until it is tried: put in what your own test found.",
                level=numbers.percent(self.params["level"]),
                draws=numbers.count(self.params["draws"]),
                profit=numbers.short_money(self.profit),
            )
        )

    @property
    @in_its_currency
    def to_test(self) -> str:
        """What to test first, in a sentence; empty where there is nothing."""
        if self.test_first is None:
            return ""
        row = self._tables["table"].row(by_predicate=pl.col("lever") == self.test_first, named=True)
        known, cost, size = {"what": row["what"]}, row["value_of_knowing"], row["test_size"]
        if not size:
            how = t(" on a part of it")
        elif 2 * size <= row["n"]:
            how = t(" in a test of two groups of {size}, drawn by lot", size=numbers.count(size))
        else:
            how = t(
                " in a test of two groups, drawn by lot; {size} in each would show the effect that is assumed, so smaller ones show only a larger one",
                size=numbers.count(size),
            )
        is_worth = cost > _WORTH_SAYING * abs(row["claimed"])
        worth = t(": to know what it brings is worth {cost} a year", cost=numbers.short_money(cost)) if is_worth else ""
        return t("Test first: {what}{how}{worth}.", how=how, worth=worth, **known)

    def design_test(self, ledger: Any, **settings: Any) -> TestDesign:
        """What a test of the lever to test first could show on this ledger's customers: `leverkit.effect.design`, for the lift that the plan expects.

        A lever whose test compares two shares is tested on the share of customers who order again, any other on what they spend.

        Parameters
        ----------
        ledger
            The `Ledger` that the plan was made of.
        **settings
            Of `leverkit.effect.design`: the length in weeks, the share treated, the cost. They replace what the plan hands over.

        Raises
        ------
        LeverkitError
            No lever is to be tested: all are sure, or there is none.
        """
        from leverkit.effect import design  # with the first test, not with the package

        if self.test_first is None:
            raise LeverkitError("no lever is to be tested: all of them are sure, or there is none")
        row = self._tables["table"].row(by_predicate=pl.col("lever") == self.test_first, named=True)
        control, treated = row["test_control"], row["test_treated"]
        if control:
            asked = {"metric": "active", "lift": abs(treated / control - 1)}
        else:
            asked = {"metric": "spend", "lift": abs(row["alone"] / self.profit)}
        return design(ledger, **{"cost": row["effort"], **asked, **settings})

    @in_its_currency
    def first(self, number: int | None = None) -> list[dict[str, Any]]:
        """The first levers as they are read, or all: what, evidence, grade, money and limits, of the part in the plan where it is sure, else of the lever
        alone; and is_sure."""
        return [_read(row) for row in self._tables["table"].to_dicts()[:number]]

    def _headline(self) -> str:
        if not self.has_levers:
            return t("No lever is found")
        if not self._tables["table"]["sure"].any():
            table = self._tables["table"].filter(lever=self.test_first or "")
            tests = [t("Test first: {what}{how}{worth}.", what=what, how="", worth="") for what in table["what"]]
            return ". ".join([t("No lever is sure yet"), *tests]).removesuffix(".")
        money, lower, upper = (numbers.short_money(value) for value in self.joint)
        if self.params["knows_costs"]:
            return t(
                "All sure levers together bring {money} of profit a year ({lower} to {upper})",
                money=money,
                lower=lower,
                upper=upper,
            )
        return t(
            "All sure levers together bring {money} of revenue a year ({lower} to {upper})",
            money=money,
            lower=lower,
            upper=upper,
        )


def _read(row: Mapping[str, Any]) -> dict[str, Any]:
    """A lever as it is read."""
    names = ("part", "lower", "upper") if row["sure"] else ("alone", "alone_lower", "alone_upper")
    money, low, high = (numbers.short_money(row[name]) for name in names)
    grade = in_words(row["grade"]) if row["sure"] else t("not sure: {grade}", grade=in_words(row["grade"]))
    return {
        "what": row["what"],
        "evidence": row["evidence"] + ".",
        "grade": grade,
        "money": money,
        "limits": t("{low} to {high}", low=low, high=high),
        "is_sure": row["sure"],
    }


@with_progress("Plan")
def plan(
    ledger: Any,
    *,
    effort: Mapping[str, float] | None = None,
    assumptions: Mapping[str, Share] | None = None,
    limit_day: Mapping[str, Any] | None = None,
    product: str | None = None,
    profit: Mapping[str, Any] | None = None,
    draws: int = 2000,
    seed: int = 1,
    level: float = 0.95,
    progress: Progress = None,
    **roles: Unpack[LevelRoles],
) -> Plan:
    """Joins the levers of all engines through the profit formula, and shows which to pull first.

    Each engine tells how much money is at stake: customers near their limit day (`leverkit.rfm.triggers`), entry products that burn traffic
    (`leverkit.funnel.entry_products`), products that go together (`leverkit.funnel.basket_rules`), discounts that comparable deals do not
    explain (`leverkit.pricing.leakage`), prices off their optimum by the elasticity of each product, parameters below what the company's own good periods reached
    without season and luck (`leverkit.profit.measure`). Which part of it an action brings is an assumption until it is tried; `assumptions` sets it, or takes what a
    test found. Less discount and higher prices lose sales: such levers go through the elasticity and need unit costs.

    All money is drawn, in the same worlds. A lever is sure where it earns money in 95 % of them and rests on no rule of thumb: what share of the money an action brings was tried, or set. The formula is moved by every
    set of sure levers: a lever's part is its Shapley value (1953), and parts add up to the joint effect. What is not sure is in the table, and in no sum.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords.
    effort
        Money per year that a lever costs, by its name; the plan is then ranked by what remains.
    assumptions
        By name shares (lower, expected, upper), a result of `leverkit.effect.programme` or of `leverkit.survey.met_needs`, or a measured effect ``{"estimate": …, "lower": …, "upper": …, "n": …, "grade": "test"}`` (grade: test, controlled,
        model or observed), by which the lever's grade rises: ``kept`` (of the customers who would be lost, those who stay when called), ``won_back`` (of those past
        their limit day), ``moved`` (of customers who enter with a product that burns traffic), ``caused`` (of the difference between their money and that of others, what the product
        does and not who chose it), ``taken`` (of recommendations), ``closed`` (of unexplained discounts), ``reached`` (of the way to a norm, or back to what a segment
        ordered); ``elasticity`` (per cent of quantity for each per cent of price, where the lines do not tell it) and ``growth`` (of sales from the last year to the
        next, where the company's own past does not tell it).
    limit_day
        `p` and `horizon` for `leverkit.rfm.triggers`.
    product
        A dimension to use as the product level.
    profit
        Parameters for `leverkit.profit.measure`, and as ``scenario`` values that complete or replace the measured ones.
    draws, seed, level
        Worlds that are drawn, their seed, and the level of the limits.
    progress
        A function of the steps done and of all steps, a bar such as tqdm's, or False; by default a line where somebody watches, after a second.

    Returns
    -------
    Plan
        Tables ``table`` (rank, lever, engine, parameter, subject, sure, grade, value, new_value, capped, claimed, claimed_lower, claimed_upper,
        alone, alone_lower, alone_upper, part, lower, upper, chance, first, value_of_knowing, test_size, test_control, test_treated, effort, net, n,
        assumption, assumed_grade, assumed, assumed_lower, assumed_upper, what, evidence); ``facts`` (lever, fact, value); ``overlaps`` (first,
        second, overlap); ``left_out`` (lever, reason). Values ``profit``, ``joint``, ``claimed``, ``test_first``.

    Raises
    ------
    ParameterError
        An unknown lever in `effort` or name in `assumptions`, a share out of order or with a part missing, or `by` in `profit`.

    Examples
    --------
    >>> import leverkit as lk
    >>> tested = {"kept": {"estimate": 0.2, "lower": 0.1, "upper": 0.3, "n": 800, "grade": "test"}}
    >>> found = lk.plan(lk.datasets.company(months=18).ledger(), limit_day={"horizon": 90}, assumptions=tested)
    >>> bool(abs(found.table["part"].sum() - found.joint[0]) < 1e-6 * abs(found.joint[0]))
    True
    """
    ledger = ledger_of(ledger, roles)
    options = dict(pairs("profit", profit))
    if options.pop("by", None) is not None:
        raise ParameterError("profit: got by; expected the whole company: a plan is of one formula", parameter="profit")
    notes: list[str] = []
    leads, spend, costs = (options.pop(name, None) for name in ("leads", "spend", "costs"))
    books = books_of(leads, spend, costs, None, notes)
    scenario = dict(options.pop("scenario", None) or {})
    assumed = {
        name: share.as_share() if isinstance(share, (Programme, MetNeeds)) else share
        for name, share in pairs("assumptions", assumptions)
    }
    shares = [_share(name, share) for name, share in assumed.items()]
    params: dict[str, Any] = {"draws": draws, "seed": seed, "level": level}
    engine = _engine.plan(
        ledger._inner,
        product=product,
        books=entries(books),
        scenario=list(scenario.items()),
        shares=shares,
        effort=pairs("effort", effort),
        replicates_seed=options.pop("seed", 1),
        **(limit_day or {}),
        **options,
        **params,
    )
    known = {"assumptions": assumed, "effort": dict(effort or {}), "knows_costs": engine.knows_costs}
    said = {"periods": engine.periods, **params, **known}
    return Plan(engine, ledger._to_native, said, [*notes, *engine.notes])


def _share(name: str, share: tuple[float, float, float] | Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A share as the engine takes it."""
    if isinstance(share, Mapping):
        keys = ("estimate", "lower", "upper", "n", "grade")
        if set(share) != set(keys):
            raise ParameterError(
                f"assumptions: got {sorted(share)} for {name}; expected {', '.join(keys)}", parameter="assumptions"
            )
        return name, dict(share)
    if len(share) != 3:
        raise ParameterError(
            f"assumptions: got {len(share)} numbers for {name}; expected lower, expected and upper",
            parameter="assumptions",
        )
    return name, dict(zip(("lower", "estimate", "upper"), share, strict=True))


def _in_words(table: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """The table with what to do and what it rests on as sentences."""
    known: dict[str, dict[str, float]] = {}
    for lever, fact, value in zip(facts["lever"], facts["fact"], facts["value"], strict=True):
        known.setdefault(lever, {})[fact] = value
    words = [_words(row, known.get(row["lever"], {})) for row in table.iter_rows(named=True)]
    return table.with_columns(
        what=pl.Series([what for what, _ in words], dtype=pl.String),
        evidence=pl.Series([evidence for _, evidence in words], dtype=pl.String),
    )


def _words(row: Mapping[str, Any], facts: Mapping[str, float]) -> tuple[str, str]:
    """What to do, and what that rests on."""
    assumed = {name: numbers.percent(row[name]) for name in ("assumed", "assumed_lower", "assumed_upper")}
    assumed["known"] = t("Assumed") if row["assumed_grade"] == "assumption" else t("Measured")
    money = {name: numbers.short_money(value) for name, value in facts.items()}
    counts = {name: numbers.count(value) for name, value in facts.items()}
    if row["lever"] == "keep_customers":
        return t("Call customers before their limit day"), t(
            "{customers} customers a year cross their limit day, and {loss} a year of theirs would be lost. {known}: {assumed} of it is kept ({assumed_lower} to {assumed_upper})",
            customers=counts["customers"],
            loss=money["expected_loss"],
            **assumed,
        )
    if row["lever"] == "win_back":
        return t("Win back customers who are past their limit day"), t(
            "{customers} customers are past their limit day; {loss} a year of theirs can still be reached and will not return by itself. {known}: {assumed} of it comes back ({assumed_lower} to {assumed_upper})",
            customers=counts["customers"],
            loss=money["expected_loss"],
            **assumed,
        )
    if row["lever"] == "shift_entries":
        return t("Bring new customers in with products that build a base"), t(
            "{customers} customers a year enter with products that burn traffic and bring {loss} less each in {days} days than customers of other entries; they chose themselves, and that it is the product's doing is taken for {caused} likely. {known}: {assumed} can be moved ({assumed_lower} to {assumed_upper})",
            customers=counts["customers"],
            days=counts["horizon_days"],
            loss=numbers.money(facts["loss_each"]),
            caused=numbers.percent(facts["caused"]),
            **assumed,
        )
    if row["lever"] == "revive_segments":
        return t("Bring back the repeat orders of {segments}", segments=row["subject"]), t(
            "{customers} customers order again {fewer} less often in the last half-year than the others' change explains, which loses {loss} a year. {known}: {assumed} of the way back is gone ({assumed_lower} to {assumed_upper})",
            customers=counts["customers"],
            fewer=numbers.percent(facts["fewer"]),
            loss=money["loss"],
            **assumed,
        )
    if row["lever"] == "recommend":
        return t("Recommend the product that goes with the basket"), t(
            "{rules} {rules:rule|rules} that chance does not explain; {orders} orders a year lack the second product, worth {each} an order. {known}: {assumed} take it ({assumed_lower} to {assumed_upper})",
            rules=counts["rules"],
            orders=counts["orders"],
            each=numbers.money(facts["money_each"]),
            **assumed,
        )
    if row["lever"] == "move_prices":
        return t("Move prices to where they earn most"), t(
            "{products} products whose demand and cost are known, those too whose profit may fall; their best prices lie within those seen. Others' prices are taken to stay",
            products=counts["products"],
        )
    if row["lever"].startswith("close_leaks_"):
        return t("Close the leaks in discounts by {column}", column=row["subject"].replace("_", " ")), t(
            "{values} {values:value|values} of {column} {values:gives|give} {money} a year more than comparable deals explain; a price higher by 1 % loses {lost} % of what is sold. {known}: {assumed} of it can be closed ({assumed_lower} to {assumed_upper})",
            values=counts["values"],
            column=row["subject"].replace("_", " "),
            money=money["closable"],
            lost=numbers.number(abs(facts["elasticity"])),
            **assumed,
        )
    return t("Bring {parameter} to its norm", parameter=in_words(row["subject"])), t(
        "{value} lately, {norm} in a good quarter of periods, season and luck taken out. {known}: {assumed} of the way is gone ({assumed_lower} to {assumed_upper})",
        value=numbers.number(facts["value"]),
        norm=numbers.number(facts["norm"]),
        **assumed,
    )
