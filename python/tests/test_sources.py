"""Lines from a file and from databases give the same report; what can go wrong on the way is said in one line, without passwords."""

import datetime as dt
import random
import sqlite3
import sys

import duckdb
import polars as pl
import postgres
import pytest
from pages import code_of
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

from leverkit.cli.app import app

QUERY = "SELECT * FROM lines"


def lines():
    """Four thousand lines of 300 customers: text ids, times of day, money in cents, a channel that is not always known."""
    chance = random.Random(7)
    start = dt.datetime(2023, 1, 1)
    rows = [
        (
            f"c{chance.randrange(300):03}",
            start + dt.timedelta(days=chance.randrange(500), hours=9, minutes=chance.randrange(600)),
            chance.randrange(100, 20_000) / 100,
            f"item {min(chance.randrange(12), chance.randrange(12))}",
            chance.randrange(1, 5),
            chance.choice(["shop", "web", None]),
        )
        for _ in range(4000)
    ]
    columns = ["customer_id", "order_time", "amount", "product_id", "quantity", "channel"]
    return pl.DataFrame(rows, schema=columns, orient="row").sort("order_time", "customer_id", "amount")


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"PGPASSWORD": "", "COLUMNS": "200"})


def to_sqlite(path):
    frame = lines().with_columns(pl.col("order_time").dt.strftime("%Y-%m-%d %H:%M:%S"))
    with sqlite3.connect(path) as base:
        base.execute(f"CREATE TABLE lines ({', '.join(frame.columns)})")
        base.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?)", frame.iter_rows())
    return path


def to_duckdb(path):
    frame = lines()  # noqa: F841  # DuckDB finds it by its name.
    with duckdb.connect(str(path)) as base:
        base.execute("CREATE TABLE lines AS SELECT * REPLACE (amount::DECIMAL(12, 2) AS amount) FROM frame")
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A PostgreSQL that holds the lines with money as numeric."""
    driver = pytest.importorskip("adbc_driver_postgresql.dbapi")
    with postgres.server(tmp_path_factory.mktemp("postgres")) as url:
        with driver.connect(url) as base, base.cursor() as cursor:
            cursor.adbc_ingest("came", lines().to_arrow())
            cursor.execute("CREATE TABLE lines AS SELECT * FROM came")
            cursor.execute("ALTER TABLE lines ALTER amount TYPE numeric(12, 2)")
            base.commit()
        yield url


def report_of(folder, *source):
    folder.mkdir()
    page, tables = folder / "page.html", folder / "tables"
    done = run("report", *source, "-o", page, "--tables", tables, "--product", "product_id", "--dimension", "channel")
    assert done.exit_code == 0, done.output
    return page.read_text(encoding="utf-8"), {path.name: pl.read_parquet(path) for path in sorted(tables.iterdir())}


@pytest.fixture(scope="module")
def from_parquet(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parquet")
    lines().write_parquet(folder / "lines.parquet")
    return report_of(folder / "report", folder / "lines.parquet")


@pytest.mark.parametrize("kind", ["sqlite", "duckdb", "postgres"])
def test_every_source_gives_the_same_report_and_tables(kind, tmp_path, from_parquet, request):
    if kind == "postgres":
        db = request.getfixturevalue("server")
    else:
        db = {"sqlite": to_sqlite, "duckdb": to_duckdb}[kind](tmp_path / f"lines.{kind}")
    page, tables = report_of(
        tmp_path / "report", "--db", db, "--query", f"{QUERY} ORDER BY order_time, customer_id, amount"
    )
    assert tables.keys() == from_parquet[1].keys()
    for name, table in tables.items():
        assert_frame_equal(table, from_parquet[1][name], check_exact=True)
    assert page == from_parquet[0]


@pytest.mark.parametrize("command", ["rfm", "funnel", "profit"])
def test_every_command_that_reads_lines_reads_a_database(command, tmp_path):
    done = run(command, "--db", to_duckdb(tmp_path / "lines.duckdb"), "--query", QUERY)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("make", [to_sqlite, to_duckdb])
def test_a_file_is_known_by_what_it_holds_and_by_its_address(make, tmp_path):
    path = make(tmp_path / "lines.db")
    kind = make.__name__.removeprefix("to_")
    for db in (path, f"{kind}:///{path}"):
        assert run("rfm", "--db", db, "--query", QUERY, "-o", tmp_path / "scores.csv").exit_code == 0
    assert pl.read_csv(tmp_path / "scores.csv").height == lines()["customer_id"].n_unique()


def test_the_query_may_stand_in_a_file_and_both_in_the_configuration(tmp_path):
    to_sqlite(tmp_path / "lines.sqlite")
    (tmp_path / "lines.sql").write_text(f"-- The lines of the shop\n{QUERY} WHERE channel = 'shop'")
    config = tmp_path / "leverkit.toml"
    config.write_text('[source]\ndb = "lines.sqlite"\nquery = "@lines.sql"\n')
    assert run("rfm", "--config", config, "-o", tmp_path / "scores.csv").exit_code == 0
    shop = lines().filter(pl.col("channel") == "shop")
    assert pl.read_csv(tmp_path / "scores.csv")["monetary"].sum() == pytest.approx(shop["amount"].sum())


def test_a_file_given_beside_a_database_is_read_and_that_is_said(tmp_path):
    lines().head(50).write_parquet(tmp_path / "few.parquet")
    done = run("rfm", tmp_path / "few.parquet", "--db", to_sqlite(tmp_path / "lines.sqlite"), "--query", QUERY)
    assert done.exit_code == 0
    assert "few.parquet is read, not the database" in done.stderr


def test_a_late_value_of_another_type_in_sqlite_is_no_error(tmp_path, monkeypatch):
    monkeypatch.setattr("leverkit.cli.database._BATCH", 2)
    with sqlite3.connect(tmp_path / "lines.sqlite") as base:
        base.execute("CREATE TABLE lines (customer, date, amount)")
        rows = [(1, "2024-01-01", 1), (2, "2024-01-02", None), (1, "2024-02-01", 2), (2, "2024-03-01", 2.5)]
        base.executemany("INSERT INTO lines VALUES (?, ?, ?)", rows)
    done = run("rfm", "--db", tmp_path / "lines.sqlite", "--query", QUERY, "-o", tmp_path / "scores.csv")
    assert done.exit_code == 0, done.output
    assert pl.read_csv(tmp_path / "scores.csv")["monetary"].to_list() == [3.0, 2.5]


@pytest.mark.parametrize("page", ["databases", "report"])
def test_the_code_of_the_pages_on_databases_and_reports_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for code in code_of(f"docs/how-to/{page}.md"):
        exec(code, names)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * FROM nothing", "nothing"),
        ("SELEC 1", "SELEC"),
        (f"{QUERY} WHERE 1 = 0", "the query gave no rows"),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite", "duckdb", "postgres"])
def test_a_query_that_fails_is_told_in_one_line_without_the_password(kind, query, message, tmp_path, request):
    if kind == "postgres":
        db = request.getfixturevalue("server")
    else:
        db = {"sqlite": to_sqlite, "duckdb": to_duckdb}[kind](tmp_path / f"lines.{kind}")
    done = run("rfm", "--db", db, "--query", query)
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
    assert message.lower() in done.stderr.lower()
    assert "geheim" not in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("before", "after"),
    [("127.0.0.1:", "127.0.0.1:1"), ("/postgres", "/nodb"), ("geheim-7", "geheim-8"), ("lever:", "geheim:")],
)
def test_a_server_that_does_not_let_in_is_told_without_the_password(server, before, after):
    done = run("rfm", "--db", server.replace(before, after), "--query", QUERY)
    assert done.exit_code == 1
    assert done.stderr.startswith("leverkit: cannot connect to postgresql://")
    assert "geheim-" not in done.output


WRITING = {
    "postgres": [
        f"WITH gone AS (DELETE FROM lines RETURNING *) {QUERY}",
        "DELETE FROM lines RETURNING *",
        "COPY (SELECT 1) TO PROGRAM 'touch {out}'",
        "COPY (SELECT 1) TO '{out}'",
        f"{QUERY}; COPY (SELECT 1) TO PROGRAM 'touch {{out}}'",
        f"SELECT 1) AS a; COPY (SELECT 1) TO PROGRAM 'touch {{out}}'; SELECT * FROM ({QUERY}",
        "SET default_transaction_read_only = off",
        "SELECT nextval('seen')",
    ],
    "duckdb": [
        "DELETE FROM lines",
        "COPY lines TO '{out}'",
        "EXPORT DATABASE '{out}'",
        "ATTACH '{out}' AS other",
        f"{QUERY}; COPY lines TO '{{out}}'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "INSTALL httpfs",
        "SET enable_external_access = true",
    ],
    "sqlite": [
        "DELETE FROM lines",
        "DELETE FROM lines RETURNING *",
        "ATTACH '{out}' AS other",
        "VACUUM INTO '{out}'",
        f"{QUERY}; DELETE FROM lines",
        "PRAGMA journal_mode = WAL",
        "SELECT load_extension('{out}')",
    ],
}


@pytest.mark.parametrize("kind", list(WRITING))
def test_nothing_is_written(kind, tmp_path, request):
    # The server runs under a user of its own, who could write here.
    tmp_path.chmod(0o777)
    out = tmp_path / "out"
    if kind == "postgres":
        db = request.getfixturevalue("server")
    else:
        db = {"sqlite": to_sqlite, "duckdb": to_duckdb}[kind](tmp_path / f"lines.{kind}")
    for statement in WRITING[kind]:
        done = run("rfm", "--db", db, "--query", statement.replace("{out}", str(out)))
        assert done.exit_code in (1, 2), (statement, done.output)
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert not out.exists(), statement
    done = run("rfm", "--db", db, "--query", f"{QUERY};", "-o", tmp_path / "scores.csv")
    assert done.exit_code == 0, done.output
    assert pl.read_csv(tmp_path / "scores.csv")["monetary"].sum() == pytest.approx(lines()["amount"].sum())


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://roberta:ge%40heim@127.0.0.1:1/shop",
        "postgresql://127.0.0.1:1/shop?user=roberta&password=ge%40heim",
        "postgresql://127.0.0.1:1/shop?password=ge@heim&application_name=secretary",
    ],
)
def test_of_an_address_only_host_and_database_are_told(url):
    pytest.importorskip("adbc_driver_postgresql.dbapi")
    done = run("rfm", "--db", url, "--query", QUERY)
    assert done.exit_code in (1, 2)
    assert not any(part in done.output for part in ("heim", "roberta", "secretary")), done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--db", "mysql://host/shop", "--query", QUERY], 'cannot read "mysql" databases'),
        (["--db", "missing.duckdb", "--query", QUERY], "there is no file missing.duckdb"),
        (["--db", "{text}", "--query", QUERY], "neither a DuckDB nor an SQLite file"),
        (["--db", "{sqlite}", "--query", "@missing.sql"], "missing.sql"),
        (["--db", "{sqlite}", "--query", " "], "the query is empty"),
        (["--db", "{sqlite}"], "give --query with --db"),
        (["--query", QUERY], "give DATA, or --db with --query"),
        ([], "give DATA, or --db with --query"),
        (["--db", "postgresql://lever:ge@heim@127.0.0.1/x", "--query", QUERY], "as %40"),
        (["--db", "postgresql://lever:ge/heim@127.0.0.1/x", "--query", QUERY], "as %40"),
    ],
)
def test_a_wrong_source_is_a_wrong_command(tmp_path, arguments, message):
    (tmp_path / "lines.txt").write_text("customer,date,amount\n")
    places = {"{text}": tmp_path / "lines.txt", "{sqlite}": to_sqlite(tmp_path / "lines.sqlite")}
    done = run("rfm", *[places.get(argument, argument) for argument in arguments])
    assert done.exit_code == 2
    assert message in done.stderr
    assert "heim" not in done.stderr


@pytest.mark.parametrize(("module", "db"), [("duckdb", "{duckdb}"), ("adbc_driver_postgresql", "postgresql://a@b/c")])
def test_without_its_driver_the_command_says_what_to_install(module, db, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, f"{module}.dbapi", None)
    with_file = tmp_path / "lines.duckdb"
    with_file.write_bytes(b"\0" * 8 + b"DUCK" + b"\0" * 8)
    done = run("rfm", "--db", str(with_file) if db == "{duckdb}" else db, "--query", QUERY)
    assert done.exit_code == 1
    assert 'pip install "leverkit[db]"' in done.stderr
