"""Every public function and method, found by inspection, with one sane call of each.

Sane calls are those by which `results.MAKERS` makes the results, and those that need no argument. What neither calls is called in `MORE`, or is in
`LEFT_OUT` with a reason: a new function cannot be forgotten.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, wraps
from types import ModuleType
from typing import Any

from results import MAKERS, MINIMAL, PLAIN, VALUES, World

import leverkit as lk
from leverkit._lib.result import Result

#: Arguments and keywords.
Sane = tuple[tuple[Any, ...], dict[str, Any]]

MODULES = (lk.clv, lk.effect, lk.funnel, lk.pricing, lk.profit, lk.report, lk.rfm, lk.survey)


@dataclass(frozen=True)
class Call:
    """A call of something public; a method's first argument is what it belongs to."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)

    def run(self) -> Any:
        return self.function(*self.arguments, **self.keywords)


def public() -> dict[str, Callable[..., Any]]:
    """The functions of the modules, and the methods of their classes and of the Ledger; each once, under the name of where it is defined."""
    found: dict[str, Callable[..., Any]] = {"plan": lk.plan}
    for module, name, thing in _things():
        if inspect.isfunction(thing) and thing not in found.values():
            found[_short(module, name)] = thing
    for kind in classes():
        found |= dict(_methods(kind))
    return found


def _short(module: ModuleType, name: str) -> str:
    return f"{module.__name__.removeprefix('leverkit.')}.{name}"


@cache
def classes() -> tuple[type, ...]:
    kinds = [thing for _, _, thing in _things() if inspect.isclass(thing)]
    return tuple(dict.fromkeys([lk.Ledger, *kinds]))


def _things() -> Iterator[tuple[ModuleType, str, Any]]:
    for module in MODULES:
        for name in module.__all__:
            yield module, name, getattr(module, name)


def _methods(kind: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, method in inspect.getmembers(kind, inspect.isroutine):
        if not name.startswith("_") and (inspect.isfunction(method) or inspect.ismethod(method)):
            yield method.__qualname__, method


def _of(made: Callable[[World], Any], *arguments: Any, **keywords: Any) -> Callable[[World], Sane]:
    """A call with what the world makes first."""
    return lambda world: ((made(world), *arguments), keywords)


def _model(world: World) -> lk.clv.ModifiedBetaGeoModel:
    return world.models[0]


#: Calls that no maker makes, by their name.
MORE: dict[str, Callable[[World], Sane]] = {
    "Ledger.between": _of(lambda w: w.ledger, "2024-02-01", "2024-06-01"),
    "Ledger.where": _of(lambda w: w.ledger, group="north"),
    "Ledger.partition": _of(lambda w: w.ledger, 3),
    "Ledger.with_product": _of(lambda w: w.ledger, "group"),
    "Ledger.concat": lambda w: (([w.ledger.between(None, "2024-06-01"), w.ledger.between("2024-06-02", None)],), {}),
    "Ledger.to_frame": _of(lambda w: w.ledger),
    "Ledger.plot": _of(lambda w: w.ledger),
    "Scores.explain": lambda w: ((lk.rfm.score(w.ledger), "c1"), {}),
    "Scores.apply": lambda w: ((lk.rfm.score(w.ledger), w.ledger), {}),
    "Result.hide_small": lambda w: ((lk.rfm.score(w.ledger), "segments"), {"least": 20}),
    "Plan.first": lambda w: ((lk.plan(w.ledger, limit_day={"horizon": 90}, draws=100), 2), {}),
    "StageFunnel.dropped": _of(lambda w: w.stages, PLAIN[0]),
    "NextProducts.due": lambda w: ((lk.funnel.next_products(w.ledger), "2025-01-01"), {}),
    "Needs.assign": lambda w: ((MAKERS[lk.survey.Needs](w), w.wants), {}),
    "Bridge.drill": lambda w: ((MAKERS[lk.pricing.Bridge](w), "group"), {}),
    "Waterfall.compare": lambda w: ((MAKERS[lk.pricing.Waterfall](w), "north", "south"), {}),
    "OptimalPrice.simulate": lambda w: ((MAKERS[lk.pricing.OptimalPrice](w), [1.0, 2.0]), {}),
    "_TimingModel.fit": lambda w: ((lk.clv.ModifiedBetaGeoModel(), w.summary), {}),
    "_WithCovariates.fit": lambda w: ((lk.clv.ParetoNBDModel(), w.summary), {}),
    "GammaGammaModel.fit": lambda w: ((lk.clv.GammaGammaModel(), w.summary), {}),
    "GammaGammaModel.expected_customer_spend": lambda w: ((w.models[1], w.summary), {}),
    "_TimingModel.bootstrap": lambda w: ((_model(w), w.summary), {"replicates": 3}),
    "_TimingModel.drift": lambda w: ((_model(w), w.summary), {}),
    "GammaGammaModel.drift": lambda w: ((w.models[1], w.summary), {}),
    "_TimingModel.next_order": lambda w: ((_model(w), w.summary), {}),
    "_TimingModel.expected_purchases": lambda w: ((_model(w), w.summary), {"future_t": 10}),
    "_TimingModel.expected_purchases_new_customer": _of(_model, t=10),
    "_TimingModel.expected_purchase_probability": lambda w: ((_model(w), w.summary), {"n": 2}),
    "_TimingModel.expected_probability_alive": lambda w: ((_model(w), w.summary), {}),
    "_TimingModel.plot": _of(_model),
    "_Model.summary": _of(_model),
    "_Model.to_dict": _of(_model),
    "Formula.from_expressions": lambda w: (
        ({"revenue": "price * units", "profit": "revenue - min(cost, 3) * units"},),
        {},
    ),
    "Formula.evaluate": lambda w: ((MINIMAL, VALUES), {}),
    "Formula.solve": lambda w: ((MINIMAL, VALUES), {"target": {"revenue": 12_000.0}, "parameter": "leads"}),
    "Formula.with_effect": lambda w: ((lk.profit.Formula.full(), {}, MAKERS[lk.effect.Programme](w)), {}),
    "Programme.to_lift_tests": lambda w: ((MAKERS[lk.effect.Programme](w),), {"channel": "mail"}),
    "effect.sample_size": lambda w: ((0.1, 0.12), {}),
    "effect.sample_ratio": lambda w: (({"a": 100, "b": 120},), {}),
    "effect.bounds": lambda w: ((5,), {}),
    "effect.subsidy": lambda w: ((), {"rewards": 100.0, "spend": 1000.0, "effect": 50.0}),
    "pricing.break_even_volume": lambda w: ((), {"price_change": -0.05, "contribution_margin": 0.4}),
    "report.build": _of(lambda w: w.ledger),
}

#: What has no call of its own here, and why.
LEFT_OUT: dict[str, str] = {
    "Formula.from_toml": "read by `cargo fuzz`",
    "Formula.full": "takes nothing",
    "Formula.minimal": "takes nothing",
    "KpiSystem.from_toml": "reads a file",
    "KpiSystem.from_text": "every KPI of the results is made by it",
    "Ledger.save": "writes a folder",
    "Ledger.open": "reads a folder",
    "Ledger.build": "writes a folder",
    "Ledger.append": "of a saved ledger: reads and writes a folder",
    "LimitDays.to_sql": "held to the engine in three databases",
    "NextProducts.to_sql": "held to the engine in three databases",
    "Scores.to_sql": "held to the engine in three databases",
    "ScoreModel.to_sql": "as Scores.to_sql",
    "Scores.save": "writes a file",
    "ScoreModel.save": "writes a file",
    "ScoreModel.apply": "as Scores.apply",
    "Report.save": "writes a file",
    "Report.to_excel": "writes a file",
    "Report.in_python": "says how the report was made",
    "Report.on_the_command_line": "says how the report was made",
    "Report.voice": "the language of the report",
    "rfm.load": "reads a file",
    "_TimingModel.of": "its parameters are those of the family",
    "GammaGammaModel.of": "its parameters are those of the family",
    "HouseOfQuality.cascade": "as house_of_quality",
    "Plan.design_test": "as effect.design",
}


@cache
def calls() -> dict[str, list[Call]]:
    """The sane calls, by name."""
    world, found = World(), {}
    known = public()
    names = {function: name for name, function in known.items()}
    with _recorded(found, names):
        for make in MAKERS.values():
            made = make(World())
            if isinstance(made, Result):
                _without_arguments(made, found)
    for name, function in known.items():
        first = next(iter(inspect.signature(function).parameters.values()), None)
        if name not in found and first is not None and first.name == "ledger" and not _needed(function, 1):
            found[name] = [Call(name, function, (world.ledger,))]
    for name, more in MORE.items():
        if name in known:
            arguments, keywords = more(world)
            found.setdefault(name, []).append(Call(name, known[name], arguments, keywords))
    return found


def _needed(function: Callable[..., Any], after: int) -> list[str]:
    parameters = list(inspect.signature(function).parameters.values())[after:]
    variable = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [of.name for of in parameters if of.default is of.empty and of.kind not in variable]


def _without_arguments(made: Any, found: dict[str, list[Call]]) -> None:
    kind = type(made)
    for name, method in _methods(kind):
        if inspect.isfunction(method) and not _needed(method, 1):
            found.setdefault(name, [Call(name, method, (made,))])


@contextmanager
def _recorded(found: dict[str, list[Call]], names: dict[Any, str]) -> Iterator[None]:
    """Keeps the calls of what is public that are made in the block."""
    undo: list[Callable[[], None]] = []

    def watch(owner: Any, attribute: str, function: Callable[..., Any]) -> None:
        name = names[function]

        @wraps(function)
        def watched(*arguments: Any, **keywords: Any) -> Any:
            known = found.setdefault(name, [])
            if len(known) < 3:
                known.append(Call(name, function, arguments, keywords))
            return function(*arguments, **keywords)

        setattr(owner, attribute, watched)
        undo.append(lambda: setattr(owner, attribute, function))

    for module, attribute, thing in _things():
        if inspect.isfunction(thing):
            watch(module, attribute, thing)
    for kind in classes():
        for attribute, method in list(vars(kind).items()):
            if inspect.isfunction(method) and method in names:
                watch(kind, attribute, method)
    try:
        yield
    finally:
        for back in reversed(undo):
            with suppress(AttributeError, TypeError):
                back()
