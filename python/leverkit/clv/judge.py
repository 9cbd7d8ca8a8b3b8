"""Models compared with what actually happened: validation on a holdout, tracking over time, and the contest of families."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib.frames import kind_of
from leverkit._lib.progress import Progress, with_progress
from leverkit._lib.result import Figure, Frame, Result, drawn_by
from leverkit._lib.roles import DatedRoles, DateLike, Unpack
from leverkit._lib.text import t, told
from leverkit.clv.models import Length, _readable, _TimingModel, needs
from leverkit.clv.summaries import Unit
from leverkit.ledger import engine_of, iso


class Validation(Result):
    """How well a model predicted the holdout.

    Attributes
    ----------
    by_frequency : frame
        One row per number of repeat orders in calibration, with "7+" as the last: frequency, customers, and actual, predicted and naive orders per
        customer in the holdout.
    errors : frame
        The model and the naive baseline (everyone continues at their own rate, repeat orders divided by T): mae and rmse (orders per customer),
        actual and predicted (all orders), gini (how well customers are ranked; 1 is the best possible).
    """

    by_frequency: Frame
    errors: Frame

    def _remarks(self) -> Iterator[str]:
        yield "Naive: every customer continues at their own rate, repeat orders divided by T."

    @drawn_by("clv.calibration")
    def plot(
        self, kind: Literal["frequency"] | None = None, *, title: str | None = None, template: Any = None
    ) -> Figure:
        """Plotly bars: actual and predicted orders by frequency ("frequency")."""

    def _headline(self) -> str:
        model, naive = self._tables["errors"]["mae"]
        return t(
            "{name}: mean error {model:.3f} orders per customer in the holdout, naive {naive:.3f}",
            name=self.params["model"],
            model=model,
            naive=naive,
        )


class Tracking(Result):
    """Repeat orders over time, actual and expected, of customers who first ordered by the end of calibration.

    Attributes
    ----------
    table : frame
        One row per unit of time: period, end (its last day), holdout, actual and predicted (repeat orders in it), actual_cumulative, predicted_cumulative.
    """

    table: Frame

    @drawn_by("clv.tracking")
    def plot(
        self,
        kind: Literal["cumulative", "incremental"] | None = None,
        *,
        title: str | None = None,
        template: Any = None,
    ) -> Figure:
        """Plotly lines: "cumulative" (default) or "incremental" repeat orders."""

    def _headline(self) -> str:
        if self._tables["table"].is_empty():
            return t("Nothing to follow: the data have no complete {unit}", unit=told(self.params["unit"]))
        last = self._tables["table"].tail(1).to_dicts()[0]
        return t(
            "{actual:,.0f} repeat {actual:order|orders} by {end}, {expected:,.0f} expected",
            actual=last["actual_cumulative"],
            end=last["end"],
            expected=last["predicted_cumulative"],
        )


class Contest(Result):
    """Which model suits the customers.

    Attributes
    ----------
    table : frame
        One row per model, best first, with the naive baseline last: model, behind (log units behind the best), log_likelihood (of all histories),
        log_score (of what came after each calibration, mean over holdouts), mae, rmse, actual, predicted, gini (of orders in the holdouts), reason
        (why a model was not fitted).
    verdict : str
        The result in words.
    origins : list of str
        The last day of each calibration.
    """

    table: Frame
    verdict: str
    origins: list[str]

    @drawn_by("clv.contest")
    def plot(self, kind: Literal["behind"] | None = None, *, title: str | None = None, template: Any = None) -> Figure:
        """Plotly bars: how far each model is behind the best ("behind")."""

    def _headline(self) -> str:
        return told(self.verdict)


def validate(model: _TimingModel, summary: Any) -> Validation:
    """Compares a model's expected orders with those in the holdout.

    Parameters
    ----------
    model
        A model fitted to the calibration columns of `summary`.
    summary
        A summary made with `calibration_end`: it has frequency_holdout and T_holdout.

    Returns
    -------
    Validation
        Tables ``by_frequency`` (frequency, customers, actual, predicted, naive); ``errors`` (model, mae, rmse, actual, predicted, gini).

    Raises
    ------
    leverkit.SchemaError
        The summary has no holdout.

    Examples
    --------
    >>> import leverkit as lk
    >>> ledger = lk.datasets.company(months=18).ledger()
    >>> summary = lk.clv.summary(ledger, calibration_end="2024-12-31")
    >>> model = lk.clv.BetaGeoModel().fit(summary)
    >>> errors = lk.clv.validate(model, summary).errors
    >>> dict(zip(errors["model"], errors["mae"].round(2)))
    {'model': 2.26, 'naive': 3.34}
    """
    needs("model", model, _TimingModel)
    model._check_unit(summary)
    columns = [*model._columns, "frequency_holdout", "T_holdout"]
    engine = _engine.validate(model._fitted(), _readable(summary, columns, model._optional()))
    return Validation(engine, kind_of(summary), {"model": model._fitted().name})


def tracking(
    model: _TimingModel, ledger: Any, *, calibration_end: DateLike = None, **roles: Unpack[DatedRoles]
) -> Tracking:
    """Follows the customers who first ordered by the end of calibration through the whole ledger, one unit of the model's time after another.

    Parameters
    ----------
    model
        A model without covariates, fitted to customers up to `calibration_end`.
    ledger
        A `Ledger`, or order lines with the roles as keywords.
    calibration_end : date or ISO str, optional
        The last day of calibration; by default the last day seen.

    Returns
    -------
    Tracking
        Table ``table`` (period, end, holdout, actual, predicted, actual_cumulative, predicted_cumulative).

    Raises
    ------
    ParameterError
        The ledger spans more than a century, as with an `as_of` of 9999-12-31.

    Examples
    --------
    >>> import leverkit as lk
    >>> ledger = lk.datasets.company(months=18).ledger()
    >>> summary = lk.clv.summary(ledger, calibration_end="2024-12-31")
    >>> model = lk.clv.BetaGeoModel().fit(summary)
    >>> found = lk.clv.tracking(model, ledger, calibration_end="2024-12-31")
    >>> last = found.table.row(-1, named=True)
    >>> round(last["actual_cumulative"]), round(last["predicted_cumulative"])
    (14711, 14840)
    """
    needs("model", model, _TimingModel)
    engine, to_native = engine_of(ledger, roles)
    day = iso("calibration_end", calibration_end)
    found = _engine.tracking(model._fitted(), engine, unit=model.unit, calibration_end=day)
    params = {"model": model._fitted().name, "unit": model.unit, "calibration_end": found.calibration_end}
    return Tracking(found, to_native, params)


@with_progress("Contest")
def contest(
    ledger: Any,
    *,
    unit: Unit = "week",
    folds: int = 3,
    horizon: Length | None = None,
    progress: Progress = None,
    **roles: Unpack[DatedRoles],
) -> Contest:
    """Compares BG/NBD, MBG/NBD, Pareto/NBD and, if gaps are more regular than chance, MBG/CNBD-k by rolling holdout.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords.
    unit : {"day", "week", "month", "quarter", "year"}
        The unit of time.
    folds : int
        Number of holdouts.
    horizon : float or str, optional
        Length of a holdout, by default a quarter of the days seen.
    progress
        A function of the steps done and of all steps, a bar such as tqdm's, or False; by default a line where somebody watches, after a second.

    Returns
    -------
    Contest
        Table ``table`` (model, behind, log_likelihood, log_score, mae, rmse, actual, predicted, gini, reason). Values ``verdict``, ``origins``.

    Raises
    ------
    leverkit.ParameterError
        There are too few days of data for the holdouts.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = lk.datasets.complete_journey().filter(pl.col("household_id") <= 500)
    >>> found = lk.clv.contest(lines, customer="household_id", time="transaction_timestamp", amount="sales_value")
    >>> found.table["model"].to_list()
    ['MBG/CNBD-2', 'MBG/NBD', 'BG/NBD', 'Pareto/NBD', 'naive: own rate']
    """
    engine, to_native = engine_of(ledger, roles)
    length = _engine.length_in("horizon", horizon, unit) if isinstance(horizon, str) else horizon
    found = _engine.contest(engine, unit=unit, folds=folds, horizon=length)
    origins, horizon = found.origins
    return Contest(found, to_native, {"unit": unit, "folds": folds, "horizon": horizon}, origins=origins)
