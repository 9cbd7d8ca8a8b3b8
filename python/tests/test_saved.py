"""`--save-config` keeps what a run settled, so that the next one guesses nothing; no file is lost for it."""

import sys

import polars as pl
import pytest
from typer.testing import CliRunner

from leverkit.cli.app import app

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "lines.csv"
    path.write_text(
        "client_id,sale_date,revenue,channel\n" + "".join(f"{c},2024-01-{c:02},10.5,web\n" for c in range(1, 25))
    )
    return path


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_next_run_with_what_was_kept_guesses_nothing(lines, tmp_path):
    kept = tmp_path / "leverkit.toml"
    first = run("rfm", lines, "--as-of", "2024-03-01", "--save-config", kept, "-o", tmp_path / "first.csv")
    assert first.exit_code == 0, first.stderr
    assert "customer = client_id (guessed from its name" in first.stderr
    assert f"give --config {kept} next time" in first.stderr
    second = run("rfm", lines, "--config", kept, "-o", tmp_path / "second.csv")
    assert "guessed" not in second.stderr
    assert pl.read_csv(tmp_path / "second.csv").equals(pl.read_csv(tmp_path / "first.csv"))


def test_roles_that_were_set_are_kept_beside_guesses(lines, tmp_path):
    kept = tmp_path / "leverkit.toml"
    assert run("rfm", lines, "--customer", "channel", "--save-config", kept).exit_code == 0
    roles = tomllib.loads(kept.read_text(encoding="utf-8"))["roles"]
    assert roles == {"customer": "channel", "time": "sale_date", "amount": "revenue"}


def test_a_file_that_is_there_is_not_written_over(lines, tmp_path):
    kept = tmp_path / "leverkit.toml"
    kept.write_text("[rfm]\nbins = 4\n")
    done = run("rfm", lines, "--save-config", kept)
    assert done.exit_code == 2
    assert "is there already; give another name, or --config" in done.stderr
    assert kept.read_text() == "[rfm]\nbins = 4\n"


def test_the_file_of_the_run_itself_keeps_its_other_sections(lines, tmp_path):
    kept = tmp_path / "leverkit.toml"
    kept.write_text('[rfm]\nbins = 4\n[roles]\nproduct = "channel"\n')
    assert run("rfm", lines, "--config", kept, "--save-config", kept).exit_code == 0
    content = tomllib.loads(kept.read_text(encoding="utf-8"))
    assert content["rfm"] == {"bins": 4}
    assert content["roles"]["product"] == "channel"
    assert content["roles"]["customer"] == "client_id"


def test_a_run_that_fails_keeps_nothing(lines, tmp_path):
    kept = tmp_path / "leverkit.toml"
    assert run("rfm", lines, "--amount", "no_such", "--save-config", kept).exit_code == 1
    assert not kept.exists()


def test_names_in_any_script_are_kept(tmp_path):
    path, kept = tmp_path / "lines.csv", tmp_path / "leverkit.toml"
    path.write_text(
        "Клиент,Дата,Сумма\n" + "".join(f"к{c},2024-01-{c:02},10.5\n" for c in range(1, 25)), encoding="utf-8"
    )
    assert run("rfm", path, "--save-config", kept).exit_code == 0
    roles = tomllib.loads(kept.read_text(encoding="utf-8"))["roles"]
    assert roles == {"customer": "Клиент", "time": "Дата", "amount": "Сумма"}


def test_a_format_that_one_file_settled_reads_the_next_that_leaves_it_open(tmp_path):
    kept, first, second = tmp_path / "leverkit.toml", tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text("client,date,amount\n" + "".join(f"c{n},01/{n:02}/2024,5\n" for n in range(1, 25)))
    second.write_text("client,date,amount\n" + "".join(f"c{n},02/{n:02}/2024,5\n" for n in range(1, 12)))
    assert run("rfm", second).exit_code == 1
    assert run("rfm", first, "--save-config", kept).exit_code == 0
    assert tomllib.loads(kept.read_text(encoding="utf-8"))["read"] == {"dates": {"date": "%m/%d/%Y"}}
    done = run("rfm", second, "--config", kept, "-o", tmp_path / "scores.parquet")
    assert done.exit_code == 0, done.stderr
    assert pl.read_parquet(tmp_path / "scores.parquet")["recency"].max() == 11


def test_a_decimal_comma_that_was_found_is_kept(tmp_path):
    kept, path = tmp_path / "leverkit.toml", tmp_path / "lines.csv"
    path.write_text("client;date;amount\n" + "".join(f"c{n};2024-01-{n:02};{n},50\n" for n in range(1, 25)))
    assert run("rfm", path, "--save-config", kept).exit_code == 0
    assert tomllib.loads(kept.read_text(encoding="utf-8"))["read"] == {"decimal": ","}
