"""Which lever first: the levers that all engines found, in one table, in money per year, without counting the same money twice.

The engine finds and joins the levers; this module describes each of them in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from leverkit import _engine
from leverkit._lib import numbers
from leverkit._lib.result import Frame, Result, drawn_by
from leverkit._lib.text import in_words, t
from leverkit.errors import ParameterError
from leverkit.ledger import ledger_of
from leverkit.profit.measured import books_of, entries


class Plan(Result):
    """Levers of all engines, sorted by their part of the joint effect, largest first.

    Attributes
    ----------
    table : frame
        One row per lever: rank, lever, engine, parameter (of the profit formula) that it changes, subject, value, new_value, capped (stopped by a
        bound), claimed with claimed_lower and claimed_upper (money per year according to its engine), alone with limits (profit per year of this
        lever alone), part with lower and upper (profit per year in the plan), effort (money per year), net (part minus effort), n, assumption,
        assumed with limits (share that no data show), what (to do), evidence.
    facts : frame
        One row per lever and number that supports it: lever, fact, value.
    overlaps : frame
        One row per pair: first, second, overlap (profit per year that both claim; below 0 if they reinforce each other).
    left_out : frame
        One row per lever that is not in the plan: lever, reason.
    profit : float
        Annual profit before any change, by the formula.
    joint : tuple of float
        What all levers together add to it, with limits: the total of the plan.
    claimed : float
        The sum of what each claims alone; the difference from `joint` is what they share.
    """

    table: Frame
    facts: Frame
    overlaps: Frame
    left_out: Frame
    profit: float
    joint: tuple[float, float, float]
    claimed: float

    @classmethod
    def _make(cls, engine: Any, name: str) -> pl.DataFrame:
        table = super()._make(engine, name)
        return _in_words(table, super()._make(engine, "facts")) if name == "table" else table

    @drawn_by("plan.plan", "levers", "overlaps")
    def plot(self, kind: str | None = None) -> Any:
        """A Plotly figure: "levers", each with its limits, alone and in the plan (default), or "overlaps", what pairs of levers share."""

    @property
    def has_levers(self) -> bool:
        """Whether there is any lever in the data."""
        return len(self._tables["table"]) > 0

    @property
    def headline(self) -> str:
        """The plan in a sentence, for the top of a report."""
        return self._headline() + "."

    @property
    def lead(self) -> str:
        """What the numbers beside the levers are."""
        if self.params["knows_costs"]:
            return t(
                "Profit a year, each lever with its part of what all bring together, so that no money counts twice."
            )
        return t("Revenue a year, each lever with its part of what all bring together, so that no money counts twice.")

    @property
    def caption(self) -> str:
        """What stands below the levers: how they relate to one another, and what is not data."""
        rest = len(self._tables["table"]) - 5
        more = "" if rest <= 0 else t("{rest} more {rest:lever is|levers are} in the table plan_table. ", rest=rest)
        costs = "" if self.params["knows_costs"] else t("No costs are known, so profit equals revenue here.") + " "
        claimed = t("Counted one by one the levers claim {claimed}.", claimed=numbers.short_money(self.claimed)) + " "
        return (
            more
            + costs
            + claimed
            + t(
                "{level} limits of {draws} draws through the profit formula, which makes {profit} a year at the rate of the last complete period. What an action brings is assumed until it is tried: set your own shares.",
                level=numbers.percent(self.params["level"]),
                draws=numbers.count(self.params["draws"]),
                profit=numbers.short_money(self.profit),
            )
        )

    def first(self, number: int) -> list[dict[str, str]]:
        """The first levers as they are read: what, evidence, money and limits."""
        return [
            {
                "what": row["what"],
                "evidence": row["evidence"] + ".",
                "money": numbers.short_money(row["part"]),
                "limits": t(
                    "{low} to {high}", low=numbers.short_money(row["lower"]), high=numbers.short_money(row["upper"])
                ),
            }
            for row in self._tables["table"].head(number).iter_rows(named=True)
        ]

    def _headline(self) -> str:
        money, lower, upper = (numbers.short_money(value) for value in self.joint)
        if self.params["knows_costs"]:
            return t(
                "All levers together bring {money} of profit a year ({lower} to {upper})",
                money=money,
                lower=lower,
                upper=upper,
            )
        return t(
            "All levers together bring {money} of revenue a year ({lower} to {upper})",
            money=money,
            lower=lower,
            upper=upper,
        )


def plan(
    ledger: Any,
    *,
    effort: Mapping[str, float] | None = None,
    assumptions: Mapping[str, tuple[float, float, float]] | None = None,
    limit_day: Mapping[str, Any] | None = None,
    product: str | None = None,
    profit: Mapping[str, Any] | None = None,
    draws: int = 1000,
    seed: int = 1,
    level: float = 0.95,
    **roles: Any,
) -> Plan:
    """Joins the levers of all engines through the profit formula, and shows which to pull first.

    Each engine estimates how much money is at stake: customers near their limit day (`leverkit.rfm.triggers`), entry products that burn traffic
    (`leverkit.funnel.entry_products`), products that go together (`leverkit.funnel.basket_rules`), discounts that the size of deals does not explain
    (`leverkit.pricing.leakage`), prices away from their optimum (`leverkit.pricing.optimal_price`), parameters below what the company's own best quarter of periods reached (`leverkit.profit.measure`). Which part
    of it an action brings is an assumption until it is tried; `assumptions` sets it. The formula is then moved by every set of levers: a lever's
    part is its Shapley value (1953), and parts add up to the joint effect. Limits are those of `draws` of the levers' money.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords.
    effort
        Money per year that a lever costs, by its name; the plan is then ranked by what remains.
    assumptions
        Shares (lower, expected, upper) by name: ``kept`` (of the customers who would be lost, those who stay when called), ``won_back`` (of those past
        their limit day), ``moved`` (of customers who enter with a product that burns traffic), ``taken`` (of recommendations), ``closed`` (of
        unexplained discounts), ``reached`` (of the way to a norm).
    limit_day
        `p` and `horizon` for `leverkit.rfm.triggers`.
    product
        A dimension to use as the product level.
    profit
        Parameters for `leverkit.profit.measure`, and as ``scenario`` values that complete or replace the measured ones.
    draws, seed, level
        Of the limits.

    Raises
    ------
    ParameterError
        An unknown lever in `effort` or name in `assumptions`, a share out of order, or `by` in `profit`.

    Examples
    --------
    >>> import leverkit as lk
    >>> found = lk.plan(lk.datasets.company(months=18).ledger(), limit_day={"horizon": 90}, assumptions={"kept": (0.1, 0.2, 0.3)})
    >>> bool(abs(found.table["part"].sum() - found.joint[0]) < 1e-6 * abs(found.joint[0]))
    True
    """
    ledger = ledger_of(ledger, roles)
    options = dict(profit or {})
    if options.pop("by", None) is not None:
        raise ParameterError("profit: got by; expected the whole company: a plan is of one formula", parameter="profit")
    notes: list[str] = []
    leads, spend, costs = (options.pop(name, None) for name in ("leads", "spend", "costs"))
    books = books_of(leads, spend, costs, None, notes)
    scenario = dict(options.pop("scenario", None) or {})
    shares = {name: list(share) for name, share in (assumptions or {}).items()}
    params: dict[str, Any] = {"draws": draws, "seed": seed, "level": level}
    engine = _engine.plan(
        ledger._inner,
        product=product,
        books=entries(books),
        scenario=list(scenario.items()),
        shares=list(shares.items()),
        effort=list((effort or {}).items()),
        replicates_seed=options.pop("seed", 1),
        **(limit_day or {}),
        **options,
        **params,
    )
    known = {"assumptions": shares, "effort": dict(effort or {}), "knows_costs": engine.knows_costs}
    said = {"periods": engine.periods, **params, **known}
    return Plan(engine, ledger._to_native, said, [*notes, *engine.notes])


def _in_words(table: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """The table with what to do and what it rests on as sentences."""
    known = {lever: dict(rows.select("fact", "value").iter_rows()) for (lever,), rows in facts.group_by("lever")}
    words = [_words(row, known.get(row["lever"], {})) for row in table.iter_rows(named=True)]
    return table.with_columns(
        what=pl.Series([what for what, _ in words], dtype=pl.String),
        evidence=pl.Series([evidence for _, evidence in words], dtype=pl.String),
    )


def _words(row: Mapping[str, Any], facts: Mapping[str, float]) -> tuple[str, str]:
    """What to do, and what that rests on."""
    assumed = {name: numbers.percent(row[name]) for name in ("assumed", "assumed_lower", "assumed_upper")}
    money = {name: numbers.short_money(value) for name, value in facts.items()}
    counts = {name: numbers.count(value) for name, value in facts.items()}
    if row["lever"] == "keep_customers":
        return t("Call customers before their limit day"), t(
            "Every {days} days {customers} customers cross their limit day, and each time {loss} a year of theirs would be lost. Assumed: {assumed} of it is kept ({assumed_lower} to {assumed_upper})",
            customers=counts["customers"],
            days=counts["days"],
            loss=money["expected_loss"],
            **assumed,
        )
    if row["lever"] == "win_back":
        return t("Win back customers who are past their limit day"), t(
            "{customers} customers are past their limit day; they brought {loss} a year that will not return by itself. Assumed: {assumed} of it comes back ({assumed_lower} to {assumed_upper})",
            customers=counts["customers"],
            loss=money["expected_loss"],
            **assumed,
        )
    if row["lever"] == "shift_entries":
        return t("Bring new customers in with products that build a base"), t(
            "{customers} customers entered with products that burn traffic and brought {worst} each in {days} days, those of the best entries {best}; they chose themselves. Assumed: {assumed} can be moved ({assumed_lower} to {assumed_upper})",
            customers=counts["customers"],
            days=counts["horizon_days"],
            worst=numbers.money(facts["revenue_after_worst"]),
            best=numbers.money(facts["revenue_after_best"]),
            **assumed,
        )
    if row["lever"] == "recommend":
        return t("Recommend the product that goes with the basket"), t(
            "{rules} rules that chance does not explain; {orders} orders lacked the second product, worth {each} an order. Assumed: {assumed} take it ({assumed_lower} to {assumed_upper})",
            rules=counts["rules"],
            orders=counts["orders"],
            each=numbers.money(facts["money_each"]),
            **assumed,
        )
    if row["lever"] == "move_prices":
        return t("Move prices to where they earn most"), t(
            "{products} products whose demand and cost are known; their best prices lie within those seen. Others' prices are taken to stay",
            products=counts["products"],
        )
    if row["lever"] == "close_leaks":
        return t("Close the leaks in discounts by {column}", column=row["subject"].replace("_", " ")), t(
            "{values} values of {column} give {money} more than deals of their size explain. Assumed: {assumed} of it can be closed ({assumed_lower} to {assumed_upper})",
            values=counts["values"],
            column=row["subject"].replace("_", " "),
            money=money["unexplained"],
            **assumed,
        )
    return t("Bring {parameter} to its norm", parameter=in_words(row["subject"])), t(
        "{value} now, {norm} in the best quarter of periods. Assumed: {assumed} of the way is gone ({assumed_lower} to {assumed_upper})",
        value=numbers.number(facts["value"]),
        norm=numbers.number(facts["norm"]),
        **assumed,
    )
