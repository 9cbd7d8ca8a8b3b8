"""What the models need to know about each customer."""

from __future__ import annotations

import warnings
from typing import Any, Literal

from leverkit import _engine
from leverkit._lib.frames import from_engine
from leverkit._lib.roles import DatedRoles, DateLike, Unpack
from leverkit.ledger import engine_of, iso

Unit = Literal["day", "week", "month", "quarter", "year"]

#: Where a summary keeps its unit: in `attrs` of pandas, in the metadata of pyarrow's schema, else as an attribute of the frame.
_MARK = "_leverkit_unit"


def marked(frame: Any, unit: str) -> Any:
    """The frame, remembering the unit of its times, so that a model of another unit is refused."""
    kind = type(frame).__module__.partition(".")[0]
    if kind == "pandas":
        frame.attrs[_MARK] = unit
    elif kind == "pyarrow":
        return frame.replace_schema_metadata({**(frame.schema.metadata or {}), _MARK: unit})
    elif kind == "polars":
        setattr(frame, _MARK, unit)
    return frame


def unit_of(frame: Any) -> str | None:
    """The unit of a summary's times; None where the frame cannot tell, such as a selection from a polars frame."""
    kind = type(frame).__module__.partition(".")[0]
    if kind == "pandas":
        return getattr(frame, "attrs", {}).get(_MARK)
    if kind == "pyarrow":
        found = (getattr(getattr(frame, "schema", None), "metadata", None) or {}).get(_MARK.encode())
        return None if found is None else str(found.decode())
    return getattr(frame, _MARK, None) if kind == "polars" else None


def summary(
    ledger: Any,
    *,
    unit: Unit = "week",
    period: Unit = "day",
    calibration_end: DateLike = None,
    end: DateLike = None,
    log_gaps: bool = False,
    **roles: Unpack[DatedRoles],
) -> Any:
    """Frequency, recency, T and mean spend of every customer, defined as in `lifetimes` and `pymc-marketing`.

    Parameters
    ----------
    ledger
        A `Ledger`, or order lines with the roles as keywords.
    unit : {"day", "week", "month", "quarter", "year"}
        The unit of recency and T. The frame remembers it and models adopt it; selections from a polars or DuckDB frame lose it, so pass the same unit
        to the models. A month is 30.4375 days.
    period : {"day", "week", "month", "quarter", "year"}
        Orders in one period are one transaction. Unless it is a day, times count whole periods and `unit` must be the same, as
        `BetaGeoBetaBinomModel` needs.
    calibration_end : date or ISO str, optional
        The last day of calibration. The days after it, up to `end`, are the holdout; customers who first order in it are left out.
    end : date or ISO str, optional
        The last day of observation, by default the ledger's last day.
    log_gaps : bool
        Adds the sum of the logarithms of the gaps between orders, which `RegularTimingModel` needs.

    Returns
    -------
    frame
        One row per customer: customer, frequency (repeat orders), recency (time from the first to the last order), T (time from the first order to the end
        of calibration), monetary_value (mean money of a repeat order, net of returns; 0 without one); with a holdout also frequency_holdout,
        T_holdout and monetary_value_holdout. A warning reports what was left out.

    Raises
    ------
    leverkit.DataError
        No customer has an order by the end of calibration.
    leverkit.ParameterError
        `calibration_end` is outside the days of the data, or unit and period do not match.

    Examples
    --------
    >>> import leverkit as lk, polars as pl
    >>> lines = pl.DataFrame({"client": [1, 1, 1], "day": ["2024-01-01", "2024-01-08", "2024-01-29"], "paid": [5.0, 10.0, 20.0]})
    >>> ledger = lk.Ledger(lines, customer="client", time="day", amount="paid")
    >>> lk.clv.summary(ledger).row(0)
    (1, 2, 4.0, 4.0, 15.0)
    """
    engine, to_native = engine_of(ledger, roles)
    found = _engine.clv_summary(
        engine,
        unit=unit,
        period=period,
        calibration_end=iso("calibration_end", calibration_end),
        end=iso("end", end),
    )
    for note in [*getattr(to_native, "notes", ()), *found.notes]:
        warnings.warn(note, stacklevel=2)
    return marked(to_native(from_engine(found.with_log_gaps() if log_gaps else found.table("table"))), unit)
