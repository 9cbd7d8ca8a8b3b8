"""Numbers, arrays and Series in, the same type out: inputs are checked once, and a result has their index and shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from leverkit.errors import DataError


@dataclass(frozen=True)
class Rows:
    """Columns of equal length, and the shape or index that their result gets."""

    columns: dict[str, Any]
    shape: tuple[int, ...]
    index: pd.Index | None

    @classmethod
    def of(cls, **given: Any) -> Rows:
        """Reads columns; a single number stands for a whole column.

        Raises
        ------
        leverkit.DataError
            A value is not a number, or columns do not match; the message names column and row.
        """
        index = _common_index(given)
        arrays = {name: _numbers(name, values) for name, values in given.items()}
        try:
            wide = np.broadcast_arrays(*arrays.values())
        except ValueError:
            lengths = ", ".join(f"{name} has {array.size}" for name, array in arrays.items())
            raise DataError(f"{lengths} values; expected as many of each") from None
        return cls(dict(zip(given, (array.ravel() for array in wide), strict=True)), wide[0].shape, index)

    def back(self, values: Any) -> Any:
        """One value per row as a Series, an array, or a number, like the input columns."""
        if self.index is not None:
            return pd.Series(values, index=self.index)
        return np.reshape(values, self.shape) if self.shape else np.float64(values[0])

    def by_time(self, of: Callable[[float, dict[str, Any]], Any]) -> Any:
        """One value per row, asked for together where the column t is the same: `of` gets the time and the rows that have it."""
        found = np.empty(len(self.columns["t"]))
        times, which = np.unique(self.columns["t"], return_inverse=True)
        for place, time in enumerate(times):
            at = which == place
            found[at] = of(float(time), {name: column[at] for name, column in self.columns.items()})
        return self.back(found)


def _common_index(given: dict[str, Any]) -> pd.Index | None:
    """The index that all Series have: rows of different ones do not belong together by their place."""
    series = {name: values for name, values in given.items() if isinstance(values, pd.Series)}
    if not series:
        return None
    (first, head), *others = series.items()
    for name, values in others:
        if not values.index.equals(head.index):
            raise DataError(f"{name}: its index is not that of {first}; align the two first", column=name)
    return head.index


def _numbers(name: str, values: Any) -> Any:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        array = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(float, na_value=np.nan)
    if np.isnan(array).any():
        row = int(np.flatnonzero(np.isnan(array))[0])
        got = str(np.ravel(np.asarray(values, dtype=object))[row])
        raise DataError(
            f"{name}: row {row} holds {got}; expected a number", column=name, row=row, got=got, expected="a number"
        )
    return array
