"""Files: a full disk leaves the old file whole, spreadsheets run no names, terminals obey none, a folder that is missing is told before the work."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from results import World
from typer.testing import CliRunner

import leverkit as lk
from leverkit._lib.writing import replacing, write_text
from leverkit.cli.app import app

ATTACKS = ["=1+1", "+cmd|' /C calc'!A0", "-1+1", "@SUM(A1)", "\t=1", "\r=1"]
HARMLESS = ["-12.5", "+7 (921) 555-00-11", "a=b", "", "1 - 2"]


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def orders(names: list[str]) -> pl.DataFrame:
    days = [f"2024-{1 + at % 9:02}-{1 + at:02}" for at in range(len(names))]
    return pl.DataFrame({"client": names, "day": days, "paid": [10.0] * len(names)})


ROLES = ("--customer", "client", "--time", "day", "--amount", "paid")

WRITERS: dict[str, Callable[[Path], Any]] = {
    "page.html": lambda path: lk.report.build(World().ledger).save(path),
    "scores.json": lambda path: lk.rfm.score(World().ledger).save(path),
    "house.svg": lambda path: World().house.svg(path),
    "scores.csv": lambda path: run("rfm", World().lines.pipe(_saved, path.parent), *_roles(), "-o", path),
    "scores.parquet": lambda path: run("rfm", World().lines.pipe(_saved, path.parent), *_roles(), "-o", path),
    "tables/rfm_scores.parquet": lambda path: run(
        "rfm", World().lines.pipe(_saved, path.parents[1]), *_roles(), "--tables", path.parent
    ),
}


def _saved(lines: pl.DataFrame, folder: Path) -> Path:
    lines.write_parquet(folder / "lines.parquet")
    return folder / "lines.parquet"


def _roles() -> tuple[str, ...]:
    return ("--customer", "customer", "--time", "day", "--amount", "paid")


@pytest.mark.parametrize("name", ["page.html", "scores.json", "house.svg", "scores.csv", "scores.parquet"])
def test_a_full_disk_leaves_the_old_file_as_it_was(name: str, tmp_path: Path) -> None:
    """The limit of a process's files stands for the disk; it holds in a process of its own."""
    path = tmp_path / name
    path.write_text("the old file")
    code = f"""
import resource, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
import test_hostile_files as tests
path = Path({str(path)!r})
tests.World().lines.pipe(tests._saved, path.parent)
tests._saved = lambda lines, folder: folder / "lines.parquet"
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    done = tests.WRITERS[{name!r}](path)
    failed = getattr(done, "exit_code", 0) != 0
except Exception as error:
    failed = True
sys.exit(0 if failed else 1)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert path.read_text() == "the old file"
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted({"lines.parquet", name})


def test_a_write_that_ends_half_way_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_text(path, "old")
    path.chmod(0o640)
    with pytest.raises(ZeroDivisionError), replacing(path) as draft:
        draft.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    write_text(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)
    link = tmp_path / "link.html"
    link.symlink_to(path)
    write_text(link, "newer")
    assert link.is_symlink()
    assert path.read_text() == "newer"
    with replacing(os.devnull) as draft:
        draft.write_text("gone")


@pytest.mark.skipif(os.name != "posix", reason="the limit of a file's size is of POSIX")
def test_the_limit_that_stands_for_a_full_disk_is_there() -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)


def test_names_that_a_spreadsheet_would_run_are_text(tmp_path: Path) -> None:
    orders([*ATTACKS, *HARMLESS[:3]] * 2).rename({"client": "=client"}).write_parquet(tmp_path / "orders.parquet")
    roles = ("--customer", "=client", *ROLES[2:])
    for suffix in ("csv", "parquet"):
        done = run("rfm", tmp_path / "orders.parquet", *roles, "-o", tmp_path / f"scores.{suffix}")
        assert done.exit_code == 0, done.output
    exact = pl.read_parquet(tmp_path / "scores.parquet")
    assert set(exact["customer"]) == {*ATTACKS, *HARMLESS[:3]}
    safe = pl.read_csv(tmp_path / "scores.csv", infer_schema=False)
    assert set(safe["customer"]) == {*("'" + name for name in ATTACKS), *HARMLESS[:3]}


def test_names_do_not_reach_the_terminal_as_commands(tmp_path: Path) -> None:
    name = "\x1b[2Jpaid\x07\u202e[red]"
    orders(["a", "b", "c"]).rename({"paid": name}).write_parquet(tmp_path / "orders.parquet")
    done = run("rfm", tmp_path / "orders.parquet", "--customer", "client", "--time", "day", "--amount", "piad")
    shown = done.output + done.stderr
    assert done.exit_code != 0
    assert "[red]" in shown
    assert not any(sign in shown for sign in "\x1b\x07\u202e")


def test_a_folder_that_is_missing_is_told_before_the_work(tmp_path: Path) -> None:
    orders(["a", "b", "a"]).write_parquet(tmp_path / "orders.parquet")
    for option in ("-o",):
        done = run("rfm", tmp_path / "orders.parquet", *ROLES, option, tmp_path / "none" / "scores.csv")
        assert done.exit_code == 1
        assert "there is no folder" in done.stderr
        assert "customers" not in done.stderr
    done = run("report", tmp_path / "orders.parquet", *ROLES, "-o", tmp_path / "none" / "report.html")
    assert "there is no folder" in done.stderr


#: Names that no file can have: a byte of zero, half of a surrogate pair.
NAMELESS = ["a\0b", "\ud800"]
PLACES: dict[str, Callable[[str], Any]] = {
    "read": lambda path: lk.read(path),
    "analysis": lambda path: lk.rfm.score(path, customer="a", time="b"),
    "ledger": lambda path: lk.Ledger.open(path),
    "ledger saved": lambda path: World().ledger.save(path),
    "scores": lambda path: lk.rfm.score(World().ledger).save(path),
    "scores loaded": lambda path: lk.rfm.load(path),
    "segments": lambda path: lk.rfm.score(World().ledger, segments=path),
    "formula": lambda path: lk.profit.Formula.from_toml(path),
    "kpi": lambda path: lk.profit.KpiSystem.from_toml(path),
    "house": lambda path: World().house.svg(path),
    "report": lambda path: lk.report.build(World().ledger).save(f"{path}.html"),
}


@pytest.mark.parametrize("name", NAMELESS)
@pytest.mark.parametrize("place", PLACES)
def test_a_path_that_no_file_can_have_is_refused(place: str, name: str) -> None:
    with pytest.raises(lk.ParameterError, match=r"path: got .* expected a name that a file can have"):
        PLACES[place](name)


@pytest.mark.parametrize("place", ["scores loaded", "segments", "formula", "kpi"])
def test_no_name_at_all_is_refused(place: str) -> None:
    with pytest.raises(lk.ParameterError, match=r"path: got ''; expected a name that a file can have"):
        PLACES[place]("")


@pytest.mark.parametrize("place", ["scores loaded", "segments", "formula", "kpi"])
def test_a_file_in_another_encoding_is_said_to_be_none_in_utf_8(place: str, tmp_path: Path) -> None:
    path = tmp_path / "old.toml"
    path.write_bytes("name = 'Прибыль'".encode("cp1251"))
    with pytest.raises(lk.DataError, match=r"old\.toml: byte 8 is no text in UTF-8; save the file as UTF-8"):
        PLACES[place](str(path))


def test_a_sign_that_begins_a_file_in_utf_8_is_no_part_of_its_text(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        "name = 'own'\nrevenue = 'r'\nprofit = 'r'\n[[parameter]]\nname = 'p'\nkind = 'money'\n[[expression]]\nname = 'r'\nformula = 'p * 2'",
        encoding="utf-8-sig",
    )
    assert lk.profit.Formula.from_toml(path).evaluate({"p": 2.0})["r"] == 4.0
