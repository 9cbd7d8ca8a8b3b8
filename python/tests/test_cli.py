"""The command line: what it reads, what it guesses aloud, what it writes, and how it fails."""

import datetime as dt
import json
import subprocess
import sys

import polars as pl
import pytest
from typer.testing import CliRunner

from leverkit.cli.app import app


@pytest.fixture
def lines():
    rows = [
        (f"{c:03}", dt.date(2024, 1, 1) + dt.timedelta(days=c % 50 + 20 * k), 1.5 * c)
        for c in range(1, 61)
        for k in range(c % 4 + 1)
    ]
    return pl.DataFrame(rows, schema=["customer_id", "order_date", "amount"], orient="row")


@pytest.fixture
def parquet(tmp_path, lines):
    path = tmp_path / "lines.parquet"
    lines.write_parquet(path)
    return path


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_report_writes_one_page_and_says_what_it_guessed(parquet, tmp_path):
    done = run("report", parquet, "-o", tmp_path / "page.html", "--tables", tmp_path / "tables")
    assert done.exit_code == 0
    assert "customer = customer_id (guessed from its name; set --customer to change)" in done.stderr
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert pl.read_parquet(tmp_path / "tables" / "rfm_customers.parquet").height == 60


@pytest.mark.parametrize("how", ["option", "file"])
def test_the_page_speaks_the_language_asked_for(parquet, tmp_path, how):
    (tmp_path / "leverkit.toml").write_text('[report]\nlang = "ru"\n')
    asked = ["--lang", "ru"] if how == "option" else ["--config", tmp_path / "leverkit.toml"]
    done = run("report", parquet, "-o", tmp_path / "page.html", *asked)
    assert done.exit_code == 0, done.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert '<html lang="ru">' in page
    assert "Кому звонить на этой неделе" in page


def test_a_language_without_texts_is_a_wrong_command(tmp_path):
    done = run("report", tmp_path / "missing.parquet", "--lang", "xx")
    assert done.exit_code == 2
    assert """language: got 'xx'; expected "en" or "ru\"""" in done.stderr


def test_triggers_are_written_for_the_crm(parquet, tmp_path):
    done = run("rfm", parquet, "--triggers", tmp_path / "calls.csv", "--horizon", 20, "--chance", 0.3)
    assert done.exit_code == 0
    assert "past it: wrote" in done.stderr
    calls = pl.read_csv(tmp_path / "calls.csv")
    assert calls.columns[:4] == ["customer", "date", "trigger", "segment"]
    assert calls.height > 0


def test_a_wrong_chance_is_named(parquet, tmp_path):
    done = run("report", parquet, "-o", tmp_path / "page.html", "--chance", 3)
    assert done.exit_code == 2
    assert "p: got 3" in done.stderr


@pytest.mark.parametrize("suffix", ["parquet", "csv", "arrow"])
def test_the_same_lines_give_the_same_scores_from_every_format(tmp_path, lines, suffix):
    data, scores = tmp_path / f"lines.{suffix}", tmp_path / "scores.parquet"
    {"parquet": lines.write_parquet, "csv": lines.write_csv, "arrow": lines.write_ipc}[suffix](data)
    assert run("rfm", data, "-o", scores).exit_code == 0
    found = pl.read_parquet(scores)
    assert found["customer"].to_list() == [f"{c:03}" for c in range(1, 61)]
    assert found["monetary"].sum() == pytest.approx(lines["amount"].sum())


def test_an_id_in_a_csv_keeps_its_leading_zeros(tmp_path):
    data = tmp_path / "lines.csv"
    data.write_text("customer_id,order_date,amount\n007,2024-01-01,5\n7,2024-01-02,6\n")
    assert run("rfm", data, "-o", tmp_path / "scores.csv").exit_code == 0
    assert pl.read_csv(tmp_path / "scores.csv", infer_schema=False)["customer"].to_list() == ["007", "7"]


@pytest.mark.parametrize("suffix", ["parquet", "csv", "json", "arrow"])
def test_scores_are_written_in_the_format_of_the_name(parquet, tmp_path, suffix):
    path = tmp_path / f"scores.{suffix}"
    assert run("rfm", parquet, "-o", path).exit_code == 0
    read = {"parquet": pl.read_parquet, "csv": pl.read_csv, "json": pl.read_json, "arrow": pl.read_ipc}[suffix]
    assert read(path).height == 60


def test_without_a_file_the_segments_are_shown(parquet):
    done = run("rfm", parquet)
    assert done.exit_code == 0
    assert "Champions" in done.stdout
    assert "guessed" not in done.stdout


def test_saved_cut_points_score_again_alike(parquet, tmp_path):
    assert (
        run("rfm", parquet, "--bins", "3", "--save", tmp_path / "cuts.json", "-o", tmp_path / "a.parquet").exit_code
        == 0
    )
    assert run("rfm", parquet, "--apply", tmp_path / "cuts.json", "-o", tmp_path / "b.parquet").exit_code == 0
    assert pl.read_parquet(tmp_path / "a.parquet").equals(pl.read_parquet(tmp_path / "b.parquet"))


def test_a_companys_own_norms_can_be_given(parquet, tmp_path):
    norms = ["recency=10,30", "frequency=2,3", "monetary=50,100"]
    options = [part for norm in norms for part in ("--thresholds", norm)]
    assert run("rfm", parquet, "--method", "thresholds", *options, "-o", tmp_path / "s.parquet").exit_code == 0
    scores = pl.read_parquet(tmp_path / "s.parquet")
    assert scores.filter(pl.col("frequency") >= 3)["f"].unique().to_list() == [3]


def test_an_option_wins_over_the_file_and_the_file_over_a_guess(parquet, tmp_path, lines):
    lines.with_columns(other=pl.lit("x"), third=pl.lit("y")).write_parquet(parquet)
    config = tmp_path / "leverkit.toml"
    config.write_text('[roles]\ncustomer = "other"\n')
    assert run("rfm", parquet, "--config", config, "-o", tmp_path / "file.csv").exit_code == 0
    assert run("rfm", parquet, "--config", config, "--customer", "third", "-o", tmp_path / "option.csv").exit_code == 0
    assert pl.read_csv(tmp_path / "file.csv")["customer"].to_list() == ["x"]
    assert pl.read_csv(tmp_path / "option.csv")["customer"].to_list() == ["y"]


def test_every_section_of_the_file_counts(parquet, tmp_path):
    config = tmp_path / "leverkit.toml"
    config.write_text('[ledger]\nas_of = 2025-01-01\n[rfm]\nbins = [4, 4, 4]\n[report]\ntitle = "Ours"\n')
    assert run("report", parquet, "--config", config, "-o", tmp_path / "page.html").exit_code == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for text in ("<h1>Ours</h1>", "2025-01-01", "4, 4, 4"):
        assert text in page


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[roles]\ncustmer = "x"', 'unknown key in [roles]: "custmer"; did you mean "customer"?'),
        ("[rmf]\nbins = 5", 'unknown section: "rmf"; did you mean "rfm"?'),
        ("rfm = 5", "rfm must be a section: [rfm]"),
        ("[rfm", "leverkit.toml"),
        ("[ledger]\nclean = 'trim'", "[ledger] clean is 'trim'; expected a table such as { customer = "),
        ('[ledger]\nmax_unreadable = "few"', "[ledger] max_unreadable is 'few'; expected a share such as 0.05"),
        ("[ledger]\nmax_unreadable = 5", "max_unreadable: got 5; expected a share from 0 to 1"),
        ('[ledger.clean]\ncustomer = "shout"', 'expected "trim", "casefold" or "number"'),
        ("[read]\ndecimal = 1", "[read] decimal is 1; expected a text"),
        ("[roles]\ndimensions = 5", "[roles] dimensions is 5; expected a list of columns"),
        ("[limit_day]\nhorizon = true", "[limit_day] horizon is True; expected a number of days"),
        ('[ledger]\nas_of = "soon"', 'as of: got "soon"; expected a date such as 2024-12-31'),
    ],
)
def test_a_wrong_file_is_a_wrong_command(parquet, tmp_path, content, message):
    config = tmp_path / "leverkit.toml"
    config.write_text(content)
    done = run("report", parquet, "--config", config)
    assert done.exit_code == 2
    assert message in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["rfm"],
        ["rfm", "{data}", "--bins", "five"],
        ["rfm", "{data}", "--bins", "11"],
        ["rfm", "{data}", "--method", "guesswork"],
        ["rfm", "{data}", "--thresholds", "recency"],
        ["rfm", "{data}", "-o", "scores.xlsx"],
        ["rfm", "{data}", "--apply", "cuts.json", "--bins", "3"],
        ["rfm", "missing.parquet"],
        ["rfm", "lines.xlsx"],
        ["report", "{data}", "--discount", "loyalty"],
        ["report", "{data}", "--no-such-option"],
    ],
)
def test_a_wrong_command_exits_with_2(parquet, arguments):
    done = run(*[parquet if argument == "{data}" else argument for argument in arguments])
    assert done.exit_code == 2
    assert done.stderr
    assert "Traceback" not in done.output


def test_failed_work_exits_with_1_and_one_message(parquet, tmp_path, lines):
    lines.with_columns(customer_id=None).write_parquet(parquet)
    done = run("report", parquet, "-o", tmp_path / "page.html")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith("leverkit: ")
    assert "Traceback" not in done.output
    assert not (tmp_path / "page.html").exists()


def test_a_column_that_is_not_there_is_named_with_the_nearest(parquet):
    done = run("rfm", parquet, "--amount", "amuont")
    assert done.exit_code == 1
    assert 'did you mean "amount"?' in done.stderr


def test_columns_that_are_not_clear_are_asked_for(parquet, lines):
    lines.rename({"customer_id": "a", "amount": "b"}).write_parquet(parquet)
    done = run("report", parquet)
    assert done.exit_code == 2
    assert "set --customer and --amount; the columns are a, order_date, b" in done.stderr


def test_two_equally_good_columns_are_named(parquet, lines):
    lines.with_columns(user_id=pl.col("customer_id")).write_parquet(parquet)
    done = run("report", parquet)
    assert done.exit_code == 2
    assert "customer: customer_id or user_id? Not guessed; set --customer" in done.stderr


def test_a_map_of_segments_is_found_beside_the_file_that_names_it(parquet, tmp_path):
    (tmp_path / "ours.json").write_text(
        json.dumps({"scale": 5, "segment": [{"name": "Everyone", "action": "Greet", "rules": [{}]}]})
    )
    config = tmp_path / "leverkit.toml"
    config.write_text('[rfm]\nsegments = "ours.json"\n')
    done = run("rfm", parquet, "--config", config)
    assert done.exit_code == 0, done.stderr
    assert "Everyone" in done.stdout


def test_in_a_pipe_there_is_no_progress_bar(parquet, tmp_path):
    command = [sys.executable, "-c", "from leverkit.cli import main; main()", "rfm", str(parquet)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "\x1b" not in done.stdout + done.stderr
    assert "━" not in done.stderr


def test_without_its_extra_the_command_says_what_to_install():
    program = "import sys; sys.modules['typer'] = None; from leverkit.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == 'leverkit: the command line needs typer: pip install "leverkit[report]"'


def test_python_m_leverkit_is_the_command():
    done = subprocess.run([sys.executable, "-m", "leverkit", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "report" in done.stdout


def test_an_order_total_on_each_line_is_not_counted_on_each_line(tmp_path):
    data = tmp_path / "lines.csv"
    data.write_text(
        "customer_id,order_id,order_date,unit_price,quantity,total\n"
        + "".join(
            f"c{n},o{n},2024-01-{n:02},5.00,2,40.00\nc{n},o{n},2024-01-{n:02},10.00,3,40.00\n" for n in range(1, 21)
        )
    )
    done = run("rfm", data, "-o", tmp_path / "scores.parquet")
    assert done.exit_code == 0, done.stderr
    assert (
        "price = unit_price (guessed from its name, rather than total: price × quantity of an order adds up to it"
        in done.stderr
    )
    assert pl.read_parquet(tmp_path / "scores.parquet")["monetary"].to_list() == [40.0] * 20


def test_a_plan_without_a_lever_says_why(tmp_path):
    lines = tmp_path / "lines.csv"
    lines.write_text("customer_id,date,amount\n1,2024-01-05,10\n2,2024-01-06,20\n", encoding="utf-8")
    done = run("plan", lines)
    assert done.exit_code == 0
    assert "No lever is found" in done.stderr
    assert "left out: keep_customers, no customer crosses their limit day" in done.stderr
