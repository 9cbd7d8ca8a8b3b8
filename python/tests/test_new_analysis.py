"""`make new-analysis` lays out files that fit the tree as it is."""

from __future__ import annotations

import ast
import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from leverkit._lib import text as texts

ROOT = Path(__file__).parents[2]
READ = ("*.rs", "*.py", "*.md", "*.toml")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("new_analysis", ROOT / "scripts/new_analysis.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks for its own module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The sources of the engines, the wrapper, the face, its tests and the concept pages."""
    for part in ("crates", "python/leverkit", "python/tests", "docs/concepts"):
        for pattern in READ:
            for path in (ROOT / part).rglob(pattern):
                there = tmp_path / path.relative_to(ROOT)
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, there)
    return tmp_path


@pytest.mark.parametrize("topic", ["products", "retention", "scores"])
def test_a_new_analysis_fits_the_tree(script: ModuleType, tree: Path, topic: str) -> None:
    touched = script.lay_out(script.find(tree, topic, "sample_layout"))
    assert len(touched) <= (13 if topic == "scores" else 12), "a topic's first is listed among the defaults"
    for path in touched:
        text = path.read_text(encoding="utf-8")
        assert "${" not in text
        said = path.parent.name == "engine" or path.name == "defaults.rs"
        assert said or any(name in text for name in ("SampleLayout", "sample_layout", "Sample layout")), path
        if path.suffix == ".py":
            ast.parse(text)
        if path.suffix == ".toml":
            assert texts._toml(path)


def test_its_names_are_listed_once_in_every_place(script: ModuleType, tree: Path) -> None:
    script.lay_out(script.find(tree, "retention", "sample_layout"))
    face = ast.parse((tree / "python/leverkit/rfm/retention.py").read_text(encoding="utf-8"))
    defined = [node.name for node in face.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))]
    assert (defined.count("SampleLayout"), defined.count("sample_layout")) == (1, 1)
    assert defined.index("SampleLayout") < defined.index("limit_day"), "results come before functions"
    topic = (tree / "crates/leverkit-rfm/src/retention/mod.rs").read_text(encoding="utf-8")
    assert topic.count("mod sample_layout;\n") == 1
    assert topic.count("SampleLayoutParams") == 1


@pytest.mark.parametrize(
    ("topic", "name", "says"),
    [
        ("retention", "cohorts", "retention has cohorts or Cohorts already"),
        ("retention", "Sample Layout", "expected small letters and underscores"),
        (
            "retentoin",
            "sample_layout",
            "expected a topic with analyses of a ledger: trial, products, retention, scores$",
        ),
        ("deal", "sample_layout", "scores; its analyses take more than a ledger, or other tables: copy the nearest"),
        ("clv", "sample_layout", "scores; its analyses take more than a ledger, or other tables: copy the nearest"),
    ],
)
def test_what_cannot_be_laid_out_is_refused(script: ModuleType, topic: str, name: str, says: str) -> None:
    with pytest.raises(script.Refused, match=says):
        script.find(ROOT, topic, name)


def test_nothing_is_written_where_a_place_is_missing(script: ModuleType, tree: Path) -> None:
    figures = tree / "python/leverkit/plots/retention.py"
    figures.write_text("nothing of use\n", encoding="utf-8")
    before = {path: path.read_bytes() for path in tree.rglob("*.*")}
    with pytest.raises(script.Refused, match=r"plots/retention\.py: found no place like"):
        script.lay_out(script.find(tree, "retention", "sample_layout"))
    assert {path: path.read_bytes() for path in tree.rglob("*.*")} == before
