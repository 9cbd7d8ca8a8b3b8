"""Order lines to what the fitters read, and what follows from a fitted one: the functions of `lifetimes.utils`.

Lines of one period (`freq`, of pandas: "D", "W", "M", "h" …) are one order. Times count whole periods, over `freq_multiplier`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from leverkit._lib.inputs import repr_of
from leverkit.compat.lifetimes._rows import Rows
from leverkit.errors import ConvergenceError, DataError, ParameterError, SchemaError

__all__ = [
    "ConvergenceError",
    "calculate_alive_path",
    "calibration_and_holdout_data",
    "expected_cumulative_transactions",
    "summary_data_from_transaction_data",
]

#: Units of time in a month.
_MONTH = {"W": 4.345, "M": 1.0, "D": 30.0, "H": 720.0}


def summary_data_from_transaction_data(
    transactions: pd.DataFrame,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None = None,
    datetime_format: str | None = None,
    observation_period_end: Any = None,
    freq: str = "D",
    freq_multiplier: float = 1,
    include_first_transaction: bool = False,
) -> pd.DataFrame:
    """What the fitters need to know of each customer.

    Parameters
    ----------
    transactions
        Order lines.
    customer_id_col, datetime_col, monetary_value_col : str
        Names of columns.
    datetime_format : str, optional
        How text of a time is written.
    observation_period_end : date_like, optional
        Lines after it are left out; by default the last line's time.
    freq, freq_multiplier
        The period, and how many of them are a unit of recency and T.
    include_first_transaction : bool
        Whether the first order counts in frequency and monetary_value; not for the fitters.

    Returns
    -------
    DataFrame
        One row per customer: frequency (repeat orders), recency (time from the first to the last order), T (time from the first order to the end),
        monetary_value (mean money of a repeat order, 0 without one).

    Raises
    ------
    leverkit.SchemaError
        A column is missing.
    leverkit.DataError
        A value is missing or a time cannot be read: the message names column and row.

    Examples
    --------
    >>> import pandas as pd
    >>> from leverkit.compat.lifetimes.utils import summary_data_from_transaction_data
    >>> lines = pd.DataFrame({"id": [1, 1, 2], "date": ["2024-01-01", "2024-01-08", "2024-01-05"]})
    >>> summary_data_from_transaction_data(lines, "id", "date", observation_period_end="2024-01-31")
        frequency  recency     T
    id
    1         1.0      7.0  30.0
    2         0.0      0.0  26.0
    """
    lines = _lines(transactions, customer_id_col, datetime_col, monetary_value_col, datetime_format)
    end = _end(lines, datetime_col, datetime_format, observation_period_end)
    orders = _find_first_transactions(
        lines, customer_id_col, datetime_col, monetary_value_col, observation_period_end=end, freq=freq
    )
    counted = orders if include_first_transaction else orders[~orders["first"]]
    at = orders[datetime_col].astype("int64").groupby(orders[customer_id_col]).agg(["min", "max"])
    found = pd.DataFrame(
        {
            "frequency": counted.groupby(customer_id_col).size().reindex(at.index, fill_value=0),
            "recency": (at["max"] - at["min"]) / freq_multiplier,
            "T": (end.to_period(freq).ordinal - at["min"]) / freq_multiplier,
        }
    )
    if monetary_value_col:
        found["monetary_value"] = counted.groupby(customer_id_col)[monetary_value_col].mean()
    return found.fillna(0).astype(float)


def calibration_and_holdout_data(
    transactions: pd.DataFrame,
    customer_id_col: str,
    datetime_col: str,
    calibration_period_end: Any,
    observation_period_end: Any = None,
    freq: str = "D",
    freq_multiplier: float = 1,
    datetime_format: str | None = None,
    monetary_value_col: str | None = None,
    include_first_transaction: bool = False,
) -> pd.DataFrame:
    """The summary until `calibration_period_end`, and what those customers did after it; parameters as for `summary_data_from_transaction_data`.

    Returns
    -------
    DataFrame
        One row per customer of the calibration: the summary's columns with _cal, frequency_holdout (periods with an order in the holdout),
        monetary_value_holdout (mean money of a line in it), duration_holdout.

    Raises
    ------
    leverkit.DataError
        No line falls into the holdout, or a value is missing.
    """
    lines = _lines(transactions, customer_id_col, datetime_col, monetary_value_col, datetime_format)
    until = pd.to_datetime(calibration_period_end, format=datetime_format)
    end = _end(lines, datetime_col, datetime_format, observation_period_end)
    holdout = lines[(lines[datetime_col] > until) & (lines[datetime_col] <= end)]
    if holdout.empty:
        raise DataError(
            f"There is no data available after calibration_period_end ({until}) until observation_period_end ({end}); "
            f"{datetime_col} runs from {lines[datetime_col].min()} to {lines[datetime_col].max()}"
        )
    found = summary_data_from_transaction_data(
        lines[lines[datetime_col] <= until],
        customer_id_col,
        datetime_col,
        monetary_value_col,
        observation_period_end=until,
        freq=freq,
        freq_multiplier=freq_multiplier,
        include_first_transaction=include_first_transaction,
    ).add_suffix("_cal")
    by_customer = holdout.assign(**{datetime_col: holdout[datetime_col].dt.to_period(freq)}).groupby(customer_id_col)
    found["frequency_holdout"] = by_customer[datetime_col].nunique()
    if monetary_value_col:
        found["monetary_value_holdout"] = by_customer[monetary_value_col].mean()
    found["duration_holdout"] = (end.to_period(freq).ordinal - until.to_period(freq).ordinal) / freq_multiplier
    return found.fillna(0)


def calculate_alive_path(
    model: Any, transactions: pd.DataFrame, datetime_col: str, t: int, freq: str = "D"
) -> pd.Series:
    """P(alive) of one customer at each age from 0 to `t` periods, by the orders until then.

    Parameters
    ----------
    model
        A fitter of when customers order.
    transactions
        The customer's order lines.
    datetime_col : str
        The column of times.
    t : int
        The last age; ages go on to the last order where that is later.
    freq : str
        The period.
    """
    periods = pd.to_datetime(transactions[datetime_col]).dt.to_period(freq).astype("int64")
    steps = periods - periods.min()
    age = np.arange(max(t, steps.max()) + 1)
    ordered = np.isin(age, steps)
    recency = np.maximum.accumulate(np.where(ordered, age, 0))
    return pd.Series(model.conditional_probability_alive(np.cumsum(ordered) - 1, recency, age))


def expected_cumulative_transactions(
    model: Any,
    transactions: pd.DataFrame,
    datetime_col: str,
    customer_id_col: str,
    t: int,
    datetime_format: str | None = None,
    freq: str = "D",
    freq_multiplier: int = 1,
    set_index_date: bool = False,
) -> pd.DataFrame:
    """Repeat orders since the first line, actual and expected of the customers who had come by then (Fader, Hardie & Lee 2005, brucehardie.com/notes/008).

    Parameters
    ----------
    model
        A fitter of when customers order, in units of `freq_multiplier` periods.
    transactions, datetime_col, customer_id_col, datetime_format
        As for `summary_data_from_transaction_data`.
    t : int
        How many periods to follow.
    freq, freq_multiplier
        The period, and after how many of them to count.
    set_index_date : bool
        Periods as the index, instead of numbers.

    Returns
    -------
    DataFrame
        One row per `freq_multiplier` periods: actual, predicted; both cumulative.
    """
    lines = _lines(transactions, customer_id_col, datetime_col, None, datetime_format)
    start = lines[datetime_col].min().to_period(freq)
    end = (start + t).to_timestamp()
    orders = _find_first_transactions(lines, customer_id_col, datetime_col, observation_period_end=end, freq=freq)
    periods = pd.period_range(start, periods=t + 1)
    each = orders.groupby(["first", datetime_col]).size().unstack("first", fill_value=0)
    each = each.reindex(index=periods, columns=[True, False], fill_value=0)
    ages = np.arange(t + 1) / freq_multiplier
    # Those who came in each period, times what is expected of their age.
    predicted = np.convolve(each[True], model.expected_number_of_purchases_up_to_time(ages))[: t + 1]
    actual = np.concatenate([[0], np.cumsum(each[False])])
    at = np.arange(freq_multiplier, t + 1, freq_multiplier)
    index = periods[at - 1] if set_index_date else range(len(at))
    return pd.DataFrame({"actual": actual[at], "predicted": predicted[at]}, index=index)


def _find_first_transactions(
    transactions: pd.DataFrame,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None = None,
    datetime_format: str | None = None,
    observation_period_end: Any = None,
    freq: str = "D",
) -> pd.DataFrame:
    """One row per customer and period with a line, in that order, with the sum of the money and whether it is the customer's first."""
    lines = _lines(transactions, customer_id_col, datetime_col, monetary_value_col, datetime_format)
    end = _end(lines, datetime_col, datetime_format, observation_period_end).to_period(freq)
    lines[datetime_col] = lines[datetime_col].dt.to_period(freq)
    if lines[datetime_col].min() > end:
        raise DataError(
            f"{datetime_col}: no line until observation_period_end ({end}); the first is of {lines[datetime_col].min()}"
        )
    lines = lines[lines[datetime_col] <= end]
    order = [customer_id_col, datetime_col]
    if monetary_value_col:
        orders = lines.groupby(order, as_index=False).sum()
    else:
        orders = lines.drop_duplicates().sort_values(order, ignore_index=True)
    return orders.assign(first=~orders.duplicated(customer_id_col))


def _lines(
    transactions: pd.DataFrame,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None,
    datetime_format: str | None,
) -> pd.DataFrame:
    """A copy of the columns that are needed, times read. A line that could not be used is refused, not dropped."""
    columns = [column for column in (customer_id_col, datetime_col, monetary_value_col) if column]
    if missing := [column for column in columns if column not in transactions]:
        raise SchemaError(f"no column {missing[0]!r}; there are {', '.join(map(str, transactions))}", column=missing[0])
    if transactions.empty:
        raise DataError("transactions: no rows; expected at least one order line")
    lines = transactions[columns].copy()
    for column in columns:
        if (nulls := np.flatnonzero(lines[column].isna())).size:
            raise DataError(
                f"{column}: row {nulls[0]} holds null, as {nulls.size} rows do; fill them or leave them out",
                column=column,
                row=int(nulls[0]),
            )
    lines[datetime_col] = _times(lines[datetime_col], datetime_format)
    return lines


def _times(values: pd.Series, datetime_format: str | None) -> pd.Series:
    read = pd.to_datetime(values, format=datetime_format, errors="coerce")
    if (unread := np.flatnonzero(read.isna())).size:
        got = values.iloc[unread[0]]
        raise DataError(
            f"{values.name}: row {unread[0]} holds {got!r}; expected a time; datetime_format says how they are written",
            column=str(values.name),
            row=int(unread[0]),
            got=str(got),
        )
    return read


def _end(lines: pd.DataFrame, datetime_col: str, datetime_format: str | None, given: Any) -> pd.Timestamp:
    """The time given, or that of the last line."""
    return lines[datetime_col].max() if given is None else pd.to_datetime(given, format=datetime_format)


def _customer_lifetime_value(
    transaction_prediction_model: Any,
    frequency: Any,
    recency: Any,
    T: Any,
    monetary_value: Any,
    time: int = 12,
    discount_rate: float = 0.01,
    freq: str = "D",
) -> pd.Series:
    """Orders expected in each of `time` months, times their money, discounted at the month's end by a month's rate."""
    if freq.upper() not in _MONTH:
        raise ParameterError(f"freq: got {repr_of(freq)}; expected {', '.join(_MONTH)}", parameter="freq")
    rows = Rows.of(frequency=frequency, recency=recency, T=T, spend=monetary_value)
    history = [rows.columns[name] for name in ("frequency", "recency", "T")]
    months = np.arange(time + 1)
    until = [transaction_prediction_model.predict(month * _MONTH[freq.upper()], *history) for month in months]
    discounted = np.diff(until, axis=0) / (1 + discount_rate) ** months[1:, None]
    return pd.Series(discounted.sum(axis=0) * rows.columns["spend"], index=rows.index, name="clv")


def _scale_time(age: Any) -> float:
    """What makes the largest age 1."""
    return 1.0 / float(np.max(age))


def _check_inputs(frequency: Any, recency: Any = None, T: Any = None, monetary_value: Any = None) -> None:
    """Refuses values that cannot be.

    Raises
    ------
    leverkit.DataError
        The message names column and row.
    """
    known = {"frequency": frequency, "recency": recency, "T": T, "monetary_value": monetary_value}
    columns = Rows.of(**{name: values for name, values in known.items() if values is not None}).columns
    x, t_x = columns["frequency"], columns.get("recency", np.array(0.0))
    wrong = {
        "frequency": ((x < 0) | (x % 1 != 0), "a whole number of repeat orders"),
        "recency": (
            (t_x < 0) | (t_x > columns.get("T", np.inf)) | ((x == 0) & (t_x > 0)),
            "a time up to T, 0 where frequency is 0",
        ),
        "monetary_value": (columns.get("monetary_value", np.array(1.0)) <= 0, "money above 0"),
    }
    for name, (rows, expected) in wrong.items():
        if rows.any():
            row = int(np.flatnonzero(rows)[0])
            raise DataError(
                f"{name}: row {row} holds {columns[name][row]:g}; expected {expected}",
                column=name,
                row=row,
                expected=expected,
            )
