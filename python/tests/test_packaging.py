"""What users install: the shop in the package is what its script makes, the first example needs no other package, crates say what they are."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import polars as pl
import pytest
from pages import code_of
from polars.testing import assert_frame_equal

import leverkit as lk

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
#: What `pip install leverkit` brings along, with what that brings along.
BROUGHT = {"leverkit", "polars", "_polars_runtime_32", "narwhals", "charset_normalizer", "tomli", "typing_extensions"}
OTHERS = packages_distributions().keys() - BROUGHT
ALONE = f"""
import sys

class Alone:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in {OTHERS!r} else self.finder.find_spec(name, path, target)

sys.meta_path[:] = map(Alone, sys.meta_path)
"""


def test_the_shop_is_what_its_script_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import shop

    assert_frame_equal(shop.lines(), lk.datasets.shop())
    assert (ROOT / shop.FILE).stat().st_size < 300_000


def test_the_shop_s_planted_pair_is_found_and_nothing_else_sells_together() -> None:
    rules = lk.funnel.basket_rules(
        lk.datasets.shop(), customer="client", time="ordered_at", amount="paid", order="order", product="product"
    ).table
    assert sorted(rules["antecedent"]) == ["dark chocolate", "earl grey"]


def test_the_shop_s_generous_rep_leaks() -> None:
    lines = lk.datasets.shop().with_columns(off=1 - pl.col("paid") / (pl.col("quantity") * pl.col("list_price")))
    given = lines.group_by("rep").agg(pl.col("off").mean()).sort("off")
    assert given["rep"][-1] == "Eva"


def example(page: str) -> str:
    """The first example of a page, with polars where it has tabs, as far as it asks for no figure."""
    return "\n".join(line for block in code_of(page)[:3] for line in block.splitlines() if ".plot(" not in line)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(example("README.md").partition("import polars")[0], id="README"),
        pytest.param(example("docs/getting-started.md"), id="getting started"),
        pytest.param((ROOT / "scripts/smoke.py").read_text(encoding="utf-8"), id="smoke test"),
    ],
)
def test_an_example_needs_nothing_that_leverkit_does_not_bring_along(code: str) -> None:
    program = f"{ALONE}\nexec({code!r}, {{'__name__': '__main__'}})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT / "python", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def features(*selected: str) -> dict[str, set[str]]:
    """All features of each crate that a build of these packages compiles."""
    edges = "normal,dev,no-proc-macro"
    command = ["cargo", "tree", "--format", "{p}|{f}", "--prefix", "none", "--edges", edges, *selected]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found: dict[str, set[str]] = {}
    for line in filter(None, told.splitlines()):
        crate, _, of_crate = line.removesuffix(" (*)").partition("|")
        found.setdefault(crate, set()).update(of_crate.split(","))
    return found


def test_the_wheel_is_compiled_of_what_the_tests_compile() -> None:
    tests, wheel = features("--workspace"), features("--package", "leverkit-py")
    apart = {crate.split()[0] for crate, of_crate in wheel.items() if of_crate != tests[crate]} - {"leverkit"}
    assert not apart, "name them in crates/leverkit-py/Cargo.toml with the features that the tests turn on"


CRATES = [
    path for path in sorted((ROOT / "crates").glob("*/Cargo.toml")) if "publish = false" not in path.read_text("utf-8")
]


@pytest.mark.parametrize("path", CRATES, ids=lambda path: path.parent.name)
def test_a_crate_says_what_it_is(path: Path) -> None:
    package = tomllib.loads(path.read_text(encoding="utf-8"))["package"]
    assert {"description", "readme", "keywords", "categories", "metadata"} <= package.keys()
    assert len(package["keywords"]) <= 5 and all(len(word) <= 20 for word in package["keywords"])
    assert package["metadata"]["docs"]["rs"]["all-features"]
    readme = (path.parent / package["readme"]).read_text(encoding="utf-8")
    assert readme.startswith(f"# {package['name']}\n") and "```rust\n" in readme


@pytest.mark.parametrize("path", CRATES, ids=lambda path: path.parent.name)
def test_a_crate_s_readme_is_its_documentation_and_so_run_by_cargo(path: Path) -> None:
    first = (path.parent / "src/lib.rs").read_text(encoding="utf-8").splitlines()[0]
    assert first == '#![doc = include_str!("../README.md")]'
