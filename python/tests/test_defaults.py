"""Defaults of parameters stand once, in the engine: those that the signatures of the face show are the same."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import leverkit as lk
from leverkit import _engine

#: Defaults that the face writes in another way, and what the engine has.
WRITTEN_OTHERWISE: dict[tuple[str, str], tuple[Any, Any]] = {
    ("effect.programme", "designs"): ("all", []),
    ("effect.programme", "outcomes"): (None, []),
    ("rfm.score", "bins"): (5, [5, 5, 5]),
    ("rfm.migration", "bins"): (5, [5, 5, 5]),
    ("funnel.quantities", "by"): (None, []),
    ("funnel.reverse", "improvements"): (None, []),
    ("funnel.stages", "window"): ("30d", 30 * 86_400 * 10**6),
}

#: Parameters of one name that mean different things.
OF_ANOTHER_MEANING = {
    ("effect.programme", "covariates"): "a frame, whose columns the engine is told",
    ("rfm.score", "segments"): "a file or a dict, none for the usual map",
    ("profit.measure", "limit_day"): "none for the limit day that the data tell",
    ("report.plan", "assumptions"): "those that replace the engine's",
    ("report.plan", "effort"): "a dict",
}


def _shown(name: str) -> dict[str, Any]:
    module, function = name.split(".")
    parameters = inspect.signature(getattr(getattr(lk, module), function)).parameters.values()
    return {of.name: _listed(of.default) for of in parameters if of.default is not of.empty}


def _of_engine(name: str) -> dict[str, Any]:
    return {parameter: _listed(default) for parameter, default in _engine.defaults()[name].items()}


def _listed(default: Any) -> Any:
    """Sequences as lists: whether a signature writes a tuple does not count."""
    return list(default) if isinstance(default, tuple) else default


@pytest.mark.parametrize("name", _engine.defaults())
def test_the_face_shows_the_defaults_of_the_engine(name: str) -> None:
    shown, engine = _shown(name), _of_engine(name)
    for parameter in shown.keys() & engine.keys():
        if (name, parameter) not in OF_ANOTHER_MEANING:
            same = (engine[parameter], engine[parameter])
            assert (shown[parameter], engine[parameter]) == WRITTEN_OTHERWISE.get((name, parameter), same), parameter


def test_every_exception_is_needed() -> None:
    for name, parameter in [*WRITTEN_OTHERWISE, *OF_ANOTHER_MEANING]:
        assert _shown(name)[parameter] != _of_engine(name)[parameter], f"{name}: {parameter}"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"horizn": 30}, "horizn"),
        ({"horizon": -1}, "horizon: got -1; expected 1 to 36,500 days"),
        ({"horizon": "soon"}, 'horizon: got "soon"; expected a whole number'),
        ({"as_of": "soon"}, 'as_of: got "soon"; expected an ISO date'),
    ],
)
def test_an_argument_that_does_not_fit_is_named(arguments: dict[str, Any], says: str) -> None:
    ledger = lk.datasets.company(months=2).ledger()
    with pytest.raises(lk.ParameterError, match=says):
        _engine.norms(ledger._inner, **arguments)


def test_a_flag_is_true_or_false() -> None:
    events = lk.datasets.company(months=2).ledger()
    with pytest.raises(lk.ParameterError, match='collapse: got "no"; expected true or false'):
        _engine.journey(_engine.EventLog.from_ledger(events._inner, "product"), collapse="no")
