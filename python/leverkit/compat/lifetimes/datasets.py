"""The data sets of `lifetimes`, read from that package if it is installed; none of its code is loaded."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from typing import Any

import pandas as pd

from leverkit._lib.inputs import repr_of
from leverkit.errors import ParameterError

__all__ = [
    "load_cdnow_summary",
    "load_cdnow_summary_data_with_monetary_value",
    "load_dataset",
    "load_donations",
    "load_transaction_data",
]


def load_dataset(filename: str, **kwargs: Any) -> pd.DataFrame:
    """A data set by the name of its file; `kwargs` go to `pandas.read_csv`.

    Raises
    ------
    ImportError
        The package is not installed; the message says how to install it.
    leverkit.ParameterError
        It has no such file.
    """
    try:
        found = {file.name: file for file in files("lifetimes") or [] if file.parent.name == "datasets"}
    except PackageNotFoundError as error:
        raise ImportError('the data sets are those of lifetimes: pip install --no-deps "lifetimes==0.11.3"') from error
    if filename not in found:
        known = ", ".join(sorted(name for name in found if name.endswith(("csv", "txt"))))
        raise ParameterError(f"filename: got {repr_of(filename)}; expected one of {known}", parameter="filename")
    return pd.read_csv(str(found[filename].locate()), **kwargs)


def load_donations(**kwargs: Any) -> pd.DataFrame:
    """Donors of a charity by history: frequency, recency, periods, weights (Fader, Hardie & Shang 2010)."""
    return load_dataset("donations.csv", **kwargs)


def load_cdnow_summary(**kwargs: Any) -> pd.DataFrame:
    """Customers of CDNOW, times in weeks: ID, frequency, recency, T (Fader, Hardie & Lee 2005)."""
    return load_dataset("cdnow_customers_summary.csv", **kwargs)


def load_cdnow_summary_data_with_monetary_value(**kwargs: Any) -> pd.DataFrame:
    """The same by customer_id, with the mean value of a repeat order: frequency, recency, T, monetary_value."""
    frame = load_dataset("cdnow_customers_summary_with_transactions.csv", **kwargs)
    return frame.set_axis(["customer_id", "frequency", "recency", "T", "monetary_value"], axis=1).set_index(
        "customer_id"
    )


def load_transaction_data(**kwargs: Any) -> pd.DataFrame:
    """Simulated orders of one year: date, id."""
    return load_dataset("example_transactions.csv", **kwargs)
