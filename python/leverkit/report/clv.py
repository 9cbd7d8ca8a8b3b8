"""The section on what customers are worth: their value by segment, what is about to be lost, and how far the model may be trusted."""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from leverkit._lib import numbers
from leverkit._lib.text import t, told
from leverkit.clv import (
    GammaGammaModel,
    LifetimeValues,
    ModifiedBetaGeoModel,
    ParetoNBDModel,
    lifetime_value,
    summary,
    tracking,
    validate,
)
from leverkit.errors import ConvergenceError, LeverkitError
from leverkit.report.section import Column, Figure, Section, Table

if TYPE_CHECKING:
    from leverkit.clv import Tracking, Validation
    from leverkit.clv.models import _TimingModel
    from leverkit.ledger import Ledger
    from leverkit.rfm import Scores

_HORIZON = "12 months"
#: A holdout is the last quarter of the days seen.
_HELD_OUT = 0.25
#: A sum of predicted orders this far from the actual one is a model that does not fit.
_TOLERANCE = 0.15


@dataclass
class _Found:
    """The models and how the first of them did on the last quarter of the days."""

    orders: _TimingModel
    spend: GammaGammaModel
    value: LifetimeValues
    validation: Validation
    tracking: Tracking
    notes: list[str]

    @classmethod
    def of(cls, ledger: Ledger) -> _Found:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            cut = ledger.as_of - dt.timedelta(
                days=max(1, round(_HELD_OUT * (ledger.as_of - (ledger.start or ledger.as_of)).days))
            )
            known, whole = _native(summary(ledger, calibration_end=cut)), _native(summary(ledger))
        notes = [str(warning.message) for warning in caught]
        judged, validation, orders = _best(known, whole, notes)
        spend = GammaGammaModel().fit(whole)
        value = lifetime_value(purchases=orders, spend=spend, summary=whole, horizon=_HORIZON)
        notes += [*orders.notes, *spend.notes, *value.notes]
        followed = tracking(judged, ledger, calibration_end=cut)
        return cls(orders, spend, value, validation, followed, list(dict.fromkeys(notes)))


def _native(frame: object) -> pl.DataFrame:
    return pl.DataFrame(frame)  # type: ignore[arg-type]


def _best(known: pl.DataFrame, whole: pl.DataFrame, notes: list[str]) -> tuple[_TimingModel, Validation, _TimingModel]:
    """Of the models that can tell who has left, the one that foretold the holdout with the smaller error, fitted to what was known then and to all."""
    tried: list[tuple[_TimingModel, Validation, _TimingModel]] = []
    failure: ConvergenceError | None = None
    kinds: dict[str, type[_TimingModel]] = {"Pareto/NBD": ParetoNBDModel, "MBG/NBD": ModifiedBetaGeoModel}
    for name, kind in kinds.items():
        try:
            # Fitted to all first: where those have no maximum, what was known then is not needed.
            fitted, model = kind().fit(whole), kind().fit(known)
            tried.append((model, validate(model, known), fitted))
        except ConvergenceError as error:
            failure = error
            notes.append(
                t("{model} finds no maximum of its likelihood for these customers and is left out.", model=name)
            )
    if not tried and failure is not None:
        raise failure
    return min(tried, key=lambda one: one[1]._tables["errors"]["rmse"][0])


def clv_section(ledger: Ledger, scores: Scores) -> Section:
    """Lifetime value of the next twelve months by the segments of `scores`."""
    try:
        found = _Found.of(ledger)
    except LeverkitError as error:
        why = t("Lifetime value is not estimated: {error}", error=told(str(error)))
        return Section(id="clv", title=t("What customers are worth"), lead=why)
    table = _by_segment(found.value, scores)
    return Section(
        id="clv",
        title=t("What customers are worth"),
        lead=_lead(found),
        figures=[
            Figure(
                found.value.plot(), t("Expected revenue of the next twelve months, customers in order of their value.")
            ),
            Figure(
                found.validation.plot(),
                t("The model only knew orders before the holdout. Naive: everyone continues at their own rate."),
            ),
            Figure(
                found.tracking.plot("incremental"),
                t("The model predicts these repeat orders only from the days of first orders."),
            ),
        ],
        tables=[_table(table)],
        notes=[told(note) for note in found.notes],
        findings=_findings(found, table),
        params={
            t("Lifetime value, model"): found.validation.params["model"],
            t("Lifetime value, horizon"): told(_HORIZON),
        },
        frames={
            "clv_customers": found.value._tables["customers"],
            "clv_segments": table,
            "clv_parameters": _native(found.orders.summary()),
        },
        python=[
            "orders = lk.clv.summary(ledger)",
            f"model = lk.clv.{type(found.orders).__name__}().fit(orders)",
            "spend = lk.clv.GammaGammaModel().fit(orders)",
            f'lk.clv.lifetime_value(purchases=model, spend=spend, summary=orders, horizon="{_HORIZON}")',
        ],
        command="leverkit clv DATA",
    )


def _miss(found: _Found) -> float:
    """Predicted over actual orders of the holdout, less one."""
    row = found.validation._tables["errors"].row(0, named=True)
    return float(row["predicted"] / row["actual"] - 1) if row["actual"] else float("inf")


def _lead(found: _Found) -> str:
    estimate, lower, upper = found.value.total
    model, naive = found.validation._tables["errors"]["mae"]
    model_name = found.validation.params["model"]
    if lower is None or upper is None:
        what = t(
            "Today's customers are expected to bring {value} of revenue in the next twelve months, by {model} and Gamma-Gamma; the data give no limits.",
            value=numbers.short_money(estimate),
            model=model_name,
        )
    else:
        what = t(
            "Today's customers are expected to bring {value} ({lower} to {upper}) of revenue in the next twelve months, by {model} and Gamma-Gamma.",
            value=numbers.short_money(estimate),
            lower=numbers.short_money(lower),
            upper=numbers.short_money(upper),
            model=model_name,
        )
    miss = _miss(found)
    if abs(miss) > _TOLERANCE or model >= naive:
        errors = found.validation._tables["errors"].row(0, named=True)
        warning = t(
            "The model does not fit well: in the last quarter it expected {predicted} orders and {actual} came; its mean error is {model:.2f} orders a customer (naive {naive:.2f}). Take values for a ranking, not for a budget.",
            predicted=numbers.count(errors["predicted"]),
            actual=numbers.count(errors["actual"]),
            model=model,
            naive=naive,
        )
        return f"{what} {warning}"
    trust = t(
        "In the last quarter its mean error was {model:.2f} orders per customer; that of the naive guess was {naive:.2f}.",
        model=model,
        naive=naive,
    )
    return f"{what} {trust}"


def _by_segment(value: LifetimeValues, scores: Scores) -> pl.DataFrame:
    """Value, and what is expected to be lost: the value that customers would have if all were alive, less what they have."""
    segments = scores._tables["customers"].select("customer", "segment")
    joined = value._tables["customers"].join(segments, on="customer", how="left")
    alive = pl.col("probability_alive")
    at_stake = pl.when(alive > 0).then(pl.col("lifetime_value") * (1 - alive) / alive)
    # Sums in one order are the same on every run, to the last bit.
    table = joined.group_by("segment", maintain_order=True).agg(
        customers=pl.len(),
        probability_alive=alive.mean(),
        expected_purchases=pl.col("expected_purchases").mean(),
        value_per_customer=pl.col("lifetime_value").mean(),
        lifetime_value=pl.col("lifetime_value").sum(),
        expected_loss=at_stake.sum(),
    )
    return table.sort("lifetime_value", descending=True)


def _table(table: pl.DataFrame) -> Table:
    columns = {
        "segment": Column(t("Segment"), told, is_text=True),
        "customers": Column(t("Customers"), numbers.count),
        "probability_alive": Column(t("P(alive)"), numbers.percent),
        "expected_purchases": Column(t("Orders expected"), numbers.decimal),
        "value_per_customer": Column(t("Value per customer"), numbers.money),
        "lifetime_value": Column(t("Total value"), numbers.money),
        "expected_loss": Column(t("Lost to churn"), numbers.money),
    }
    caption = t(
        "Means and sums of the next twelve months. Lost to churn: what those who have probably left would have brought."
    )
    return Table(t("Value by segment"), table, columns, caption)


def _findings(found: _Found, table: pl.DataFrame) -> list[str]:
    values = found.value._tables["customers"]["lifetime_value"].drop_nulls().sort(descending=True)
    if values.sum() <= 0 or abs(_miss(found)) > _TOLERANCE:
        return []
    top = float(values.head(max(1, values.len() // 10)).sum()) / float(values.sum())
    return [
        t(
            "The most valuable tenth of customers holds {share} of the revenue expected in the next twelve months; {loss} is expected to be lost to churn.",
            share=numbers.percent(top),
            loss=numbers.short_money(table["expected_loss"].sum()),
        )
    ]
