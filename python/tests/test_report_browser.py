"""The report in a real browser, without a network: no error on the console, every figure drawn."""

import os
import re
import shutil
import subprocess

import polars as pl
import pytest

import leverkit as lk

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=20000",
    # Whatever the page asks of a host goes nowhere.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--dump-dom",
]


def chromium():
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium found on PATH or in $CHROMIUM: the report was not opened in a browser")
    return found


def opened(page, profile):
    """The page after its scripts ran, and what the browser wrote to its console."""
    command = [chromium(), *FLAGS, f"--user-data-dir={profile}", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, re.findall(r"CONSOLE.*", done.stderr)


def lines():
    rows = [
        (c, f"2024-{k % 12 + 1:02}-{c % 28 + 1:02}", 3.0 * c if c % 9 else -1.0)
        for c in range(1, 201)
        for k in range(c % 8 + 1)
    ]
    return pl.DataFrame(
        [*rows, (None, "2024-01-01", 5.0), (7, "soon", 5.0)], schema=["client", "day", "paid"], orient="row"
    )


def test_every_figure_is_drawn_and_the_console_stays_silent(tmp_path):
    report = lk.report.build(lines(), customer="client", time="day", amount="paid")
    report.save(tmp_path / "report.html")
    page, console = opened(tmp_path / "report.html", tmp_path / "profile")
    assert console == []
    plots = re.findall(
        r'<div id="[^"]+" class="plotly-graph-div js-plotly-plot".*?(?=<div id="[^"]+" class="plotly-graph-div|<footer)',
        page,
        flags=re.DOTALL,
    )
    assert len(plots) == sum(len(section.figures) for section in report.sections) > 0
    assert all('class="main-svg"' in plot for plot in plots)


WIDER = """<script>addEventListener("load", () => {
  %s
  document.documentElement.style.width = "%dpx";
  const scrolls = part => part.closest(".plot, .table") && %s;
  const beyond = [...document.querySelectorAll("main *")].filter(part => !part.closest("svg") && !scrolls(part));
  const found = beyond.filter(part => part.getBoundingClientRect().right > %d + 1).map(part => part.outerHTML.slice(0, 80));
  document.title = "WIDER " + JSON.stringify(found);
})</script>"""


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(("medium", "width"), [("print", 688), ("(max-width: 640px)", 390)])
def test_nothing_is_wider_than_paper_or_a_phone_but_what_scrolls(tmp_path, language, medium, width):
    """The rules of the medium are made those of the screen; paper is A4 without its margins, and does not scroll."""
    html = lk.report.build(lines(), customer="client", time="day", amount="paid", language=language).html
    before, scrolls = ("dispatchEvent(new Event('beforeprint'));", "false") if medium == "print" else ("", "true")
    measured = html.replace(f"@media {medium}", "@media all") + WIDER % (before, width, scrolls, width)
    assert f"@media {medium}" in html
    (tmp_path / "page.html").write_text(measured, encoding="utf-8")
    page, console = opened(tmp_path / "page.html", tmp_path / "profile")
    assert console == []
    assert re.search(r"<title>(.*?)</title>", page).group(1) == "WIDER []"


def test_an_error_on_a_page_is_noticed(tmp_path):
    page = tmp_path / "broken.html"
    page.write_text("<!DOCTYPE html><script>nothing.here()</script>")
    assert any("nothing is not defined" in message for message in opened(page, tmp_path / "profile")[1])
