"""What editors and type checkers see: roles and kinds of figures by name, and slips that are found before anything runs."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

import polars as pl
import pytest
from mypy import api

import leverkit as lk
from leverkit._lib import roles

LINES = pl.DataFrame({"c": ["a", "b"], "t": ["2024-01-05", "2024-02-05"], "a": [1.0, 2.0]})
OWN = {"customer": "c", "time": "t", "amount": "a"}
SLIPS = {
    "lk.rfm.score(ledger, bin=4)": 'Unexpected keyword argument "bin" for "score"; did you mean "bins"?',
    "lk.rfm.score(ledger, customer=4)": 'Argument "customer" to "score" has incompatible type "int"',
    'lk.rfm.limit_day(ledger).plot("chances")': 'Argument 1 to "plot" of "LimitDays" has incompatible type "Literal[\'chances\']"',
    "lk.rfm.limit_day(ledger).limit": '"LimitDays" has no attribute "limit"',
    'lk.rfm.cohorts(ledger, period="months")': 'Argument "period" to "cohorts" has incompatible type',
}


def test_a_type_checker_finds_each_slip(tmp_path: Path) -> None:
    program = tmp_path / "slips.py"
    program.write_text("\n".join(["import leverkit as lk", "ledger: lk.Ledger", *SLIPS]), encoding="utf-8")
    config = Path(__file__).parents[2] / "pyproject.toml"
    told, _, _ = api.run(
        [str(program), "--config-file", str(config), "--no-pretty", f"--python-executable={sys.executable}"]
    )
    found = [line for line in told.splitlines() if "slips.py" in line and "error:" in line]
    assert len(found) == len(SLIPS), told
    assert all(error in line for error, line in zip(SLIPS.values(), found, strict=True)), told


def test_the_roles_of_functions_are_those_of_the_ledger() -> None:
    known = set(inspect.signature(lk.Ledger).parameters) - {"data", "progress"}
    basic = set(roles.BasicRoles.__annotations__)
    assert basic | {"order", "product"} == set(roles.LineRoles.__annotations__)
    assert set(roles.DatedRoles.__annotations__) == known
    assert set(roles.ChainRoles.__annotations__) == known - {"order"}
    assert set(roles.LevelRoles.__annotations__) == known - {"product"}


def test_a_slip_is_told_the_nearest_parameter_of_the_function_first() -> None:
    ledger = lk.Ledger(LINES, **OWN)
    with pytest.raises(TypeError, match=re.escape("unknown argument 'bin'; did you mean 'bins'?") + "$"):
        lk.rfm.score(ledger, bin=4)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"unknown argument 'custmer'; did you mean 'customer'\?$"):
        lk.rfm.score(LINES, custmer="c", time="t", amount="a")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"'xyz'; parameters are as_of, .*, weights\.$"):
        lk.rfm.score(ledger, xyz=4)  # type: ignore[call-arg]
    with pytest.raises(
        TypeError, match=r"'xyz'; parameters are as_of, .* Roles of a frame are amount, .*, unit_cost\.$"
    ):
        lk.rfm.score(LINES, xyz=4, **OWN)  # type: ignore[call-arg, arg-type]


def test_a_figure_takes_a_title_of_the_user_s_own() -> None:
    cohorts = lk.rfm.cohorts(LINES, **OWN)  # type: ignore[arg-type]
    assert cohorts.plot(title="Ours").layout.title.text == "Ours"
    assert cohorts.plot("revenue", title="Ours").layout.title.text == "Ours"
    assert cohorts.plot().layout.title.text not in (None, "Ours")
    assert lk.Ledger(LINES, **OWN).plot(title="Ours").layout.title.text == "Ours"
