"""The documentation is true: its code runs, its site builds without a warning, and its reference names every public name.

A page is a script: its python, sh and toml blocks run from top to bottom, in one namespace and one empty folder with a shop's
files. A text block right after a python block is what it prints. A toml block that begins with a file's name is that file. A block that
is not run has a comment before it that says why: ``<!-- not run: needs a cluster -->``. A page with tabs, such as ``=== "pandas"``, runs once for each
name of them, with the blocks of that tab alone.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import zlib
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import duckdb
import polars as pl
import pytest
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Rust in the README runs as leverkit's crate documentation; in the site it is cut out of files that cargo tests.
RUN_BY_CARGO = "rust"


class Block(NamedTuple):
    language: str
    code: str
    line: int
    reason: str | None  # why it is not run
    printed: str | None  # what the page says it prints


BLOCK = re.compile(
    r"^(?:<!-- not run: *(?P<reason>[^\n]*?) *-->\n)?```(?P<language>[^\n]*)\n(?P<code>.*?)^```$"
    r"(?=(?:\n+```text\n(?P<printed>.*?)^```$)?)",
    re.M | re.S,
)


TAB = re.compile(r'^=== "(?P<name>[^"\n]+)"\n(?P<body>(?:(?:    [^\n]*)?\n)+)', re.M)


def tabs(page: Path) -> list[str]:
    """The names of a page's tabs; one empty name without any."""
    return list(dict.fromkeys(found["name"] for found in TAB.finditer(page.read_text(encoding="utf-8")))) or [""]


def with_tab(page: Path, tab: str) -> str:
    """The page with the content of one kind of tab in place; lines keep their numbers."""

    def shown(found: re.Match[str]) -> str:
        body = (
            re.sub(r"^    ", "", found["body"], flags=re.M)
            if found["name"] == tab
            else "\n" * found["body"].count("\n")
        )
        return "\n" + body

    return TAB.sub(shown, page.read_text(encoding="utf-8"))


def blocks(page: Path, tab: str = "") -> list[Block]:
    """The page's fenced blocks, from top to bottom; of tabs those of one name."""
    text = with_tab(page, tab)
    return [
        Block(
            found["language"], found["code"], text[: found.start("code")].count("\n"), found["reason"], found["printed"]
        )
        for found in BLOCK.finditer(text)
    ]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that pages name: a shop's order lines, and its books as CSV."""
    folder = tmp_path_factory.mktemp("shop")
    company = lk.datasets.company(months=12)
    lines = company.lines.rename({"customer": "client", "day": "ordered_at", "amount": "paid"})
    lines = lines.with_columns(category=pl.col("product").replace({"basic": "standard", "plus": "standard"}))
    # The README asks after a customer by name.
    lines = lines.with_columns(client=pl.col("client").replace({lines["client"][0]: "ann"}))
    lines.write_parquet(folder / "orders.parquet")
    lines.write_csv(folder / "orders.csv")
    lines.filter(pl.col("ordered_at") >= pl.date(2024, 10, 1)).write_parquet(folder / "new_orders.parquet")
    for book in ("leads", "spend", "costs"):
        getattr(company, book).write_csv(folder / f"{book}.csv")
    clinic = lk.datasets.clinic()
    clinic.events.write_parquet(folder / "events.parquet")
    clinic.plans.write_parquet(folder / "plans.parquet")
    lk.datasets.deals(2_000).deals.write_parquet(folder / "deals.parquet")
    _write_databases(folder, lines)
    return folder


def _write_databases(folder: Path, lines: pl.DataFrame) -> None:
    """The order lines as table order_lines of a DuckDB and an SQLite file, and a query of them."""
    (folder / "lines.sql").write_text("SELECT * FROM order_lines", encoding="utf-8")
    with duckdb.connect(folder / "shop.duckdb") as connection:
        connection.execute("CREATE TABLE order_lines AS SELECT * FROM lines")
    connection = sqlite3.connect(folder / "shop.sqlite")
    names = [f'"{name}"' for name in lines.columns]  # order is a word of SQL
    connection.execute(f"CREATE TABLE order_lines ({', '.join(names)})")
    rows = lines.with_columns(pl.col("ordered_at").cast(pl.String)).rows()
    connection.executemany(f"INSERT INTO order_lines VALUES ({', '.join('?' * lines.width)})", rows)
    connection.commit()
    connection.close()


@pytest.fixture
def in_shop(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Works in an empty folder with the shop's files."""
    for file in shop.iterdir():
        shutil.copy(file, tmp_path)  # a page may write over them
    monkeypatch.chdir(tmp_path)


RUNS = [pytest.param(page, tab, id=f"{name(page)} {tab}".strip()) for page in PAGES for tab in tabs(page)]


@pytest.mark.parametrize(("page", "tab"), RUNS)
@pytest.mark.usefixtures("in_shop")
def test_the_code_of_a_page_runs(page: Path, tab: str) -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for block in blocks(page, tab):
        if block.reason is None and block.language in RUNNERS:
            RUNNERS[block.language](block, f"{name(page)}", namespace)


def _run_python(block: Block, page: str, namespace: dict[str, Any]) -> None:
    # Moved down to its line on the page, which is where an error then points.
    code = compile("\n" * block.line + block.code, page, "exec")
    with redirect_stdout(StringIO()) as printed:
        exec(code, namespace)
    if block.printed is not None:
        said, done = block.printed.split(), printed.getvalue().split()
        assert said == done, (
            f"{page}, line {block.line}: the page says\n{block.printed}\nbut it prints\n{printed.getvalue()}"
        )


def _run_sh(block: Block, page: str, _: dict[str, Any]) -> None:
    for line in block.code.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words:
            assert words[0] == "leverkit", (
                f"{page}, line {block.line}: only leverkit runs here; say why {words[0]} is not run"
            )
            done = CliRunner().invoke(app, words[1:])
            assert done.exit_code == 0, f"{page}: {line}\n{done.output}"


def _read_toml(block: Block, _: str, __: dict[str, Any]) -> None:
    tomllib.loads(block.code)
    if file := re.match(r"# ([\w-]+\.toml)\n", block.code):
        Path(file[1]).write_text(block.code, encoding="utf-8")


RUNNERS = {"python": _run_python, "sh": _run_sh, "toml": _read_toml}


@pytest.mark.parametrize(("page", "tab"), RUNS)
def test_every_block_says_what_it_is_and_why_it_does_not_run(page: Path, tab: str) -> None:
    fences = re.findall(r"^ *(?:```|~~~)", with_tab(page, tab), re.M)
    assert len(fences) == 2 * len(blocks(page, tab)), (
        f"{name(page)}: a block that is not seen; fences are ``` at the line's begin"
    )
    for block in blocks(page, tab):
        where = f"{name(page)}, line {block.line}"
        assert block.language, f"{where}: say the language; text where it is none"
        assert block.reason is None or len(block.reason) > 10, f"{where}: say why it is not run"
        if block.language == RUN_BY_CARGO and page.name != "README.md":
            assert re.fullmatch(r' *--8<-- "[^"]+"\n', block.code), f"{where}: cut Rust out of a file that cargo tests"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly: a warning is an error. Not with --quiet, which hides warnings from --strict too."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def _public_modules() -> list[ModuleType]:
    """leverkit and what it exports, engine by engine."""
    modules = (getattr(lk, name) for name in lk.__all__)
    return [lk, *(module for module in modules if isinstance(module, ModuleType))]


def test_the_reference_names_every_public_name(site: Path) -> None:
    inventory = (site / "objects.inv").read_bytes()
    lines = zlib.decompress(inventory[inventory.index(b"zlib.\n") + 6 :]).decode().splitlines()
    documented = {line.partition(" ")[0] for line in lines}
    public = {f"{module.__name__}.{name}" for module in _public_modules() for name in module.__all__}
    assert public - documented - {"leverkit.__version__"} == set()


def test_every_engine_has_a_page_of_reference_and_the_home_page_leads_to_every_how_to(site: Path) -> None:
    for module in _public_modules():
        page = module.__name__.removeprefix("leverkit").lstrip(".") or "ledger"
        assert (site / "reference" / page / "index.html").exists(), f"docs/reference/{page}.md is missing"
    home = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    guides = [name(page).removeprefix("docs/") for page in PAGES if page.parent.name in ("how-to", "concepts")]
    assert [page for page in guides if page not in home] == []


def test_every_public_name_has_a_docstring_and_what_people_call_has_an_example() -> None:
    missing = [
        f"{module.__name__}.{name}"
        for module in _public_modules()
        for name in module.__all__
        if callable(thing := getattr(module, name)) and not _explained(thing)
    ]
    assert missing == []


def _explained(thing: Any) -> bool:
    doc = thing.__doc__ or ""
    # Exceptions and results are not made by hand: the functions that give them have the example.
    made_by_hand = not isinstance(thing, type) or "Parameters\n" in doc
    return bool(doc) and (not made_by_hand or ">>>" in doc)


def test_import_of_a_public_module_by_its_own_name() -> None:
    assert all(import_module(module.__name__) is module for module in _public_modules())


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_is_a_page_with_all_its_figures(path: Path, site: Path) -> None:
    page = (site / "notebooks" / path.stem / "index.html").read_text(encoding="utf-8")
    shown = path.read_text(encoding="utf-8").count('"application/vnd.plotly.v1+json"')
    assert page.count("Plotly.newPlot(") == shown
