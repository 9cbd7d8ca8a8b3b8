"""The report as a workbook, as paper, as Markdown and as tables; written whole or not at all."""

import datetime as dt
import os

import polars as pl
import pytest
from browser import chromium

import leverkit as lk
from leverkit._lib.writing import replacing
from leverkit.report import pdf

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "<b>bold</b>",
    "a|b",
    "*x*",
    "\tindented",
    "https://example.com",
]


def lines():
    rows = [
        (
            f"{HOSTILE[c % len(HOSTILE)]} {c}",
            dt.date(2024, 1, 1) + dt.timedelta(days=(c * 7 + 31 * k) % 364),
            3.0 * c,
            HOSTILE[k % len(HOSTILE)],
        )
        for c in range(1, 121)
        for k in range(c % 8 + 1)
    ]
    return pl.DataFrame(rows, schema=["client", "day", "paid", "item"], orient="row")


@pytest.fixture(scope="module")
def report():
    return lk.report.build(
        lines(), title="A | B", customer="client", time="day", amount="paid", product="item", currency="USD"
    )


@pytest.fixture(scope="module")
def book(report, tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "report.xlsx"
    report.to_excel(path)
    return path


def sheets(book):
    import fastexcel

    return fastexcel.read_excel(book).sheet_names


def part(book, name):
    import zipfile

    return zipfile.ZipFile(book).read(name).decode()


def test_the_first_sheet_is_the_levers_and_every_table_has_its_own(report, book):
    assert sheets(book)[0] == "Levers"
    assert len(sheets(book)) == 1 + len(report.tables)


def test_a_sheet_holds_its_table(report, book):
    read = pl.read_excel(book, sheet_name="rfm segments" if "rfm segments" in sheets(book) else "rfm_segments")
    assert read["segment"].to_list() == report.tables["rfm_segments"]["segment"].to_list()
    assert read["revenue"].to_list() == pytest.approx(report.tables["rfm_segments"]["revenue"].to_list())


def test_names_in_a_workbook_are_texts(book):
    import zipfile

    names = [name for name in zipfile.ZipFile(book).namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any("<f>" in part(book, name) for name in names)
    assert "quotePrefix" in part(book, "xl/styles.xml")


def test_sheets_have_frozen_heads_filters_and_widths(book):
    sheet = part(book, "xl/worksheets/sheet2.xml")
    assert 'state="frozen"' in sheet and "<autoFilter" in sheet and "<cols>" in sheet


def test_excel_draws_a_chart_of_the_levers(tmp_path):
    company = lk.datasets.company(months=18)
    report = lk.report.build(company.ledger(), limit_day={"horizon": 90}, profit={"limit_day": 90})
    report.save(tmp_path / "report.xlsx")
    assert "<c:barChart>" in part(tmp_path / "report.xlsx", "xl/charts/chart1.xml")


def test_markdown_is_the_first_page_with_names_as_texts(report):
    text = report.markdown
    assert text.startswith("# A \\| B\n")
    assert report.front.quality in text.replace("\\", "")
    body = [line for line in text.splitlines() if line.startswith("|")]
    columns = {len(line.replace("\\|", "").split("|")) for line in body}
    assert columns <= {6, 7}
    assert "<b>" not in text


def test_paper_is_printed_whole(report, tmp_path):
    chromium()
    report.save(tmp_path / "report.pdf")
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") >= 5


def test_without_a_browser_a_pdf_says_what_to_install(report, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(pdf, "_ON_MAC", ())
    with pytest.raises(lk.LeverkitError, match="install Chromium, Chrome or Edge"):
        report.save(tmp_path / "report.pdf")


def test_another_suffix_is_refused(report, tmp_path):
    with pytest.raises(
        lk.ParameterError, match=r"report\.docx: cannot write \.docx; known are \.html, \.htm, \.xlsx, \.pdf, \.md"
    ):
        report.save(tmp_path / "report.docx")
    assert not list(tmp_path.iterdir())


def test_an_interrupted_run_leaves_the_old_page(report, tmp_path):
    page = tmp_path / "report.html"
    page.write_text("old")
    with pytest.raises(KeyboardInterrupt), replacing(page) as draft:
        draft.write_text("half")
        raise KeyboardInterrupt
    assert page.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.html"]


def test_a_file_keeps_its_mode_and_a_link_stays_one(tmp_path):
    page, link = tmp_path / "page.md", tmp_path / "latest.md"
    page.write_text("old")
    page.chmod(0o640)
    link.symlink_to(page)
    with replacing(link) as draft:
        draft.write_text("new")
    assert link.is_symlink() and page.read_text() == "new"
    assert page.stat().st_mode & 0o777 == 0o640


def run(*arguments):
    from typer.testing import CliRunner

    from leverkit.cli.app import app

    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def data(tmp_path):
    lines().write_parquet(tmp_path / "lines.parquet")
    return tmp_path / "lines.parquet"


ROLES = ("--customer", "client", "--time", "day", "--amount", "paid", "--product", "item")


def test_the_command_writes_what_the_suffix_says(data, tmp_path):
    out = tmp_path / "report.md"
    done = run("report", data, *ROLES, "--currency", "EUR", "--title", "Shop", "--against", "previous", "-o", out)
    assert done.exit_code == 0, done.output
    assert out.read_text().startswith("# Shop\n") and "€" in out.read_text()


def test_a_wrong_suffix_is_refused_before_anything_is_read(tmp_path):
    for arguments, told in [
        (("-o", tmp_path / "report.doc"), "cannot write .doc"),
        (("--tables", tmp_path / "tables.csv"), "tables/{name}.csv"),
    ]:
        done = run("report", tmp_path / "missing.parquet", *arguments)
        assert done.exit_code == 2 and told in done.output.replace("\n", "")
    done = run("funnel", tmp_path / "missing.parquet", "--tables", tmp_path / "tables.csv")
    assert done.exit_code == 2


def test_tables_are_written_as_parquet_as_csv_and_as_one_workbook(data, tmp_path):
    for target in ("tables", "csv/{name}.csv", "tables.xlsx"):
        done = run("report", data, *ROLES, "-o", tmp_path / "page.html", "--tables", tmp_path / target)
        assert done.exit_code == 0, done.output
    names = {path.stem for path in (tmp_path / "tables").iterdir()}
    assert names == {path.stem for path in (tmp_path / "csv").iterdir()} and "rfm_customers" in names
    assert len(sheets(tmp_path / "tables.xlsx")) == len(names)


def test_names_in_csv_tables_are_no_formulas(data, tmp_path):
    run("report", data, *ROLES, "-o", tmp_path / "page.html", "--tables", tmp_path / "{name}.csv")
    customers = pl.read_csv(tmp_path / "rfm_customers.csv")["customer"].to_list()
    assert len(customers) == 120 and not [name for name in customers if name[0] in "=+-@\t"]
    assert "'+1 1" in customers


def test_what_a_command_says_of_currency_ends_with_it(data):
    done = run("rfm", data, *ROLES, "--currency", "EUR")
    assert "€" in done.output
    assert "€" not in run("rfm", data, *ROLES).output
    assert run("rfm", data, *ROLES, "--currency", "euro").exit_code == 2
