"""The profit formula: scenarios, Shapley values, LMDI by segment and Sobol's indices. One function a peer; each gets the number of
scenarios, parameters, segments or points as text, and returns what is checked.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from typing import Any

Check = dict[str, float]

VALUES = {
    "reach": 1e5,
    "response_rate": 0.1,
    "lead_rate": 0.3,
    "qualified_rate": 0.5,
    "close_rate": 0.2,
    "base": 5000.0,
    "retention_rate": 0.6,
    "dormant": 3000.0,
    "reactivation_rate": 0.05,
    "referral_rate": 0.02,
    "frequency": 2.5,
    "items": 3.0,
    "list_price": 20.0,
    "discount_rate": 0.1,
    "upsell_rate": 0.05,
    "return_rate": 0.03,
    "unit_cost": 9.0,
    "order_cost": 3.0,
    "contact_cost": 0.2,
    "service_cost": 1.5,
    "fixed_cost": 50_000.0,
    "tax_rate": 0.2,
}
#: Normal and lognormal, which numpy draws fastest.
SPREAD = {
    name: {"kind": "normal", "mean": value, "std": value / 10}
    if place % 2
    else {"kind": "lognormal", "median": value, "sigma": 0.1}
    for place, (name, value) in enumerate(VALUES.items())
    if name not in ("fixed_cost", "tax_rate")
}


def _profit(p: Any, maximum: Callable[[Any, float], Any]) -> Any:
    new = p["reach"] * p["response_rate"] * p["lead_rate"] * p["qualified_rate"] * p["close_rate"]
    kept = p["base"] * p["retention_rate"]
    customers = new + kept + p["dormant"] * p["reactivation_rate"] + kept * p["referral_rate"]
    orders = customers * p["frequency"]
    check = p["items"] * p["list_price"] * (1 - p["discount_rate"]) * (1 + p["upsell_rate"]) * (1 - p["return_rate"])
    goods = orders * p["items"] * (1 + p["upsell_rate"]) * p["unit_cost"]
    other = orders * p["order_cost"] + customers * p["service_cost"] + p["reach"] * p["contact_cost"] + p["fixed_cost"]
    before_tax = orders * check - goods - other
    return before_tax - p["tax_rate"] * maximum(before_tax, 0.0)


def scenarios_leverkit(n: str) -> Check:
    import leverkit as lk

    found = lk.profit.Formula.full().simulate(VALUES, SPREAD, n=int(n))
    row = found._tables["table"].row(1, named=True)
    return {"mean": round(row["mean"], -4), "p90": round(row["p90"], -4)}


def scenarios_numpy(n: str) -> Check:
    import numpy as np

    random = np.random.default_rng(1)

    def draw(name: str) -> Any:
        spread = SPREAD.get(name)
        if spread is None:
            return VALUES[name]
        if spread["kind"] == "normal":
            return random.normal(spread["mean"], spread["std"], int(n)).clip(0)
        return spread["median"] * np.exp(spread["sigma"] * random.standard_normal(int(n)))

    profit = _profit({name: draw(name) for name in VALUES}, np.maximum)
    quantiles = np.percentile(profit, range(1, 100))
    return {"mean": round(float(profit.mean()), -4), "p90": round(float(quantiles[89]), -4)}


def shapley_leverkit(_: str) -> Check:
    import leverkit as lk

    after = {name: value * 0.95 for name, value in VALUES.items()}
    parts = lk.profit.Formula.full().attribute(VALUES, after)._tables["table"]
    return dict(parts.select("parameter", "part").iter_rows())


def shapley_numpy(n: str) -> Check:
    """All 2^22 subsets as columns of bits, then each parameter's weighted sum."""
    import numpy as np

    m = len(VALUES) if int(n) >= len(VALUES) else int(n)
    names = list(VALUES)[:m]
    subsets = np.arange(1 << m, dtype=np.uint32)
    scenario = {
        name: np.where(subsets >> place & 1 == 1, VALUES[name] * 0.95, VALUES[name]) for place, name in enumerate(names)
    }
    profit = _profit({**VALUES, **scenario}, np.maximum) + np.zeros(1 << m)
    size = np.bitwise_count(subsets)
    weights = np.array([factorial(s) * factorial(m - s - 1) / factorial(m) for s in range(m)] + [0.0])
    parts = {}
    for place, name in enumerate(names):
        inside = subsets >> place & 1 == 1
        parts[name] = float(
            (weights[size[inside] - 1] * profit[inside]).sum() - (weights[size[~inside]] * profit[~inside]).sum()
        )
    return parts


def _segments(n: str) -> tuple[Any, Any]:
    import numpy as np
    import polars as pl

    random = np.random.default_rng(3)
    size = int(n)

    def side() -> Any:
        return pl.DataFrame(
            {
                "segment": np.arange(size),
                "leads": random.uniform(10, 1000, size),
                "conversion": random.uniform(0.01, 0.5, size),
                "price": random.uniform(5, 50, size),
                "quantity": random.uniform(1, 3, size),
            }
        )

    return side(), side()


def _timed(run: Callable[[], Any], sums: Callable[[Any], Check]) -> dict[str, Any]:
    """Times the work alone: making the data is none of it."""
    import time

    start = time.perf_counter()
    result = run()
    wall = time.perf_counter() - start
    return {"wall": wall, "checks": sums(result)}


FACTORS = ("leads", "conversion", "price", "quantity")


def lmdi_leverkit(n: str) -> dict[str, Any]:
    import leverkit as lk

    before, after = _segments(n)
    formula = lk.profit.Formula.minimal()
    return _timed(
        lambda: formula.attribute_segments(before, after, segment="segment").table,
        lambda table: {name: table[name].sum() for name in FACTORS},
    )


def lmdi_parts(n: str) -> dict[str, Any]:
    """What numpy does, and no more: the engine's parts of the parameters, without volume, mix and rate."""
    import leverkit as lk

    before, after = _segments(n)
    inner = lk.profit.Formula.minimal()._inner
    return _timed(
        lambda: lk._lib.frames.from_engine(inner.attribute_rows(before, after, method="lmdi")),
        lambda table: {name: table[name].sum() for name in FACTORS},
    )


def lmdi_numpy(n: str) -> dict[str, Any]:
    import numpy as np

    before, after = ({name: frame[name].to_numpy() for name in FACTORS} for frame in _segments(n))

    def run() -> Any:
        start, end = (np.prod([side[name] for name in FACTORS], axis=0) for side in (before, after))
        mean = np.where(start == end, start, (end - start) / np.log(end / start))
        return {name: mean * np.log(after[name] / before[name]) for name in FACTORS}

    return _timed(run, lambda parts: {name: float(part.sum()) for name, part in parts.items()})


def lmdi_polars(n: str) -> dict[str, Any]:
    import polars as pl

    before, after = _segments(n)

    def run() -> Any:
        both = before.join(after, on="segment", suffix="_after")
        start = pl.col("leads") * pl.col("conversion") * pl.col("price") * pl.col("quantity")
        end = pl.col("leads_after") * pl.col("conversion_after") * pl.col("price_after") * pl.col("quantity_after")
        mean = pl.when(start == end).then(start).otherwise((end - start) / (end / start).log())
        parts = (
            both.lazy()
            .with_columns(mean=mean)
            .select(
                "segment",
                *[(pl.col("mean") * (pl.col(f"{name}_after") / pl.col(name)).log()).alias(name) for name in FACTORS],
            )
        )
        return parts.collect()

    return _timed(run, lambda parts: {name: parts[name].sum() for name in FACTORS})


def sobol_leverkit(n: str) -> Check:
    import leverkit as lk

    spread = {name: {"kind": "uniform", "low": 0.8 * value, "high": value} for name, value in VALUES.items()}
    table = lk.profit.Formula.full().sobol(VALUES, spread, n=int(n))._tables["table"]
    return {name: round(total, 2) for name, total in table.select("parameter", "total").iter_rows()}


def sobol_salib(n: str) -> Check:
    import numpy as np
    from SALib.analyze import sobol
    from SALib.sample import sobol as sample

    problem = {
        "num_vars": len(VALUES),
        "names": list(VALUES),
        "bounds": [[0.8 * value, value] for value in VALUES.values()],
    }
    points = sample.sample(problem, int(n), calc_second_order=False)
    profit = _profit(dict(zip(VALUES, points.T, strict=True)), np.maximum)
    found = sobol.analyze(problem, profit, calc_second_order=False, num_resamples=2)
    return {name: round(float(total), 2) for name, total in zip(VALUES, found["ST"], strict=True)}


SCENARIOS: dict[str, Callable[[str], Check]] = {"leverkit": scenarios_leverkit, "numpy": scenarios_numpy}
SHAPLEY: dict[str, Callable[[str], Check]] = {"leverkit": shapley_leverkit, "numpy": shapley_numpy}
LMDI: dict[str, Callable[[str], dict[str, Any]]] = {
    "leverkit": lmdi_leverkit,
    "leverkit, parts alone": lmdi_parts,
    "numpy": lmdi_numpy,
    "polars": lmdi_polars,
}
SOBOL: dict[str, Callable[[str], Check]] = {"leverkit": sobol_leverkit, "SALib *": sobol_salib}
