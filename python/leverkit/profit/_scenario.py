"""Values of a formula's parameters: given as a dict, a Series or a row of a frame, or measured; results come out as frames of the same kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from leverkit._lib.frames import ToNative, as_polars, kind_of, polars_of
from leverkit._lib.result import Result
from leverkit.errors import DataError

P = ParamSpec("P")
S = TypeVar("S")
R = TypeVar("R")


class Scenario(dict[str, float]):
    """A value for each parameter, with the kind of frame it came from.

    Of measured values also their 95 % limits, the distributions of those that are not sure, and how these move together.
    """

    to_native: ToNative
    limits: Mapping[str, tuple[float, float]]
    uncertainty: Mapping[str, Mapping[str, Any]]
    correlations: Mapping[tuple[str, str], float]

    @classmethod
    def of(
        cls,
        values: Any,
        to_native: ToNative = as_polars,
        *,
        limits: Mapping[str, tuple[float, float]] | None = None,
        uncertainty: Mapping[str, Mapping[str, Any]] | None = None,
        correlations: Mapping[tuple[str, str], float] | None = None,
    ) -> Scenario:
        made = cls(values)
        made.__dict__.update(
            to_native=to_native, limits=limits or {}, uncertainty=uncertainty or {}, correlations=correlations or {}
        )
        return made

    def __or__(self, other: Mapping[str, float]) -> Scenario:  # type: ignore[override]
        """Some values replaced: these are as sure as whoever sets them."""
        return Scenario.of(
            {**self, **other},
            self.to_native,
            limits={name: ends for name, ends in self.limits.items() if name not in other},
            uncertainty={name: spread for name, spread in self.uncertainty.items() if name not in other},
            correlations={pair: value for pair, value in self.correlations.items() if not other.keys() & set(pair)},
        )


def scenario_of(values: Any) -> Scenario:
    """Values as a scenario.

    Raises
    ------
    DataError
        A frame has no row, or several.
    """
    if isinstance(values, Scenario):
        return values
    if isinstance(values, Mapping):
        return Scenario.of(values)
    if hasattr(values, "to_frame") and hasattr(values, "index"):  # of pandas: a row of a frame, or values by name
        return Scenario.of(dict(values.items()), kind_of(values))
    frame = polars_of(values)
    if frame.height != 1:
        raise DataError(f"values: got {frame.height} rows; expected one, with a column for each parameter")
    return Scenario.of(frame.row(0, named=True), kind_of(values))


def in_kind(method: Callable[Concatenate[S, Any, P], R]) -> Callable[Concatenate[S, Any, P], R]:
    """Lets a method take its values in any form, and answer with frames of their kind."""

    @wraps(method)
    def run(self: S, values: Any, *arguments: P.args, **named: P.kwargs) -> R:
        scenario = scenario_of(values)
        found = method(self, scenario, *arguments, **named)
        if isinstance(found, Result):
            found.__dict__["_to_native"] = scenario.to_native
        return found

    return cast("Callable[Concatenate[S, Any, P], R]", run)
