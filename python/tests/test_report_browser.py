"""The report in a real browser, without a network: no error on the console, every figure drawn, and all that moves does what it says."""

import csv
import io
import json
import random
import shutil
import subprocess
from itertools import pairwise

import polars as pl
import pytest
from browser import browser

import leverkit as lk

HOSTILE = [
    '=HYPERLINK("https://example.com")',
    "<script>document.title='run'</script>",
    "<img src=x onerror=\"document.title='run'\">",
    "</script><script>document.title='run'</script>",
    '" onmouseover="document.title=\'run\'" x="',
    "@SUM(1+1)*cmd",
    "{{ 7 * 7 }}",
    "\u2028'; document.title='run'; //",
]


def lines():
    rows = [
        (f"{HOSTILE[c % 8]} {c}", f"2024-{k % 12 + 1:02}-{c % 28 + 1:02}", 3.0 * c if c % 9 else -1.0, HOSTILE[k % 8])
        for c in range(1, 201)
        for k in range(c % 8 + 1)
    ]
    return pl.DataFrame(
        [*rows, (None, "2024-01-01", 5.0, "x"), ("seven", "soon", 5.0, "x")],
        schema=["client", "day", "paid", "item"],
        orient="row",
    )


ROLES = {"customer": "client", "time": "day", "amount": "paid", "product": "item"}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The page of a shop whose names are meant to do harm, in both languages."""
    folder = tmp_path_factory.mktemp("hostile")
    for language in ("en", "ru"):
        lk.report.build(lines(), title=HOSTILE[3], language=language, **ROLES).save(folder / f"{language}.html")
    return folder


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """The page of a company with costs, and what it was made of."""
    made = lk.datasets.company(months=18)
    books = {"leads": made.leads, "spend": made.spend, "costs": made.costs, "limit_day": 90}
    report = lk.report.build(made.ledger(), title="Our shop", currency="EUR", limit_day={"horizon": 90}, profit=books)
    path = tmp_path_factory.mktemp("company") / "page.html"
    report.save(path)
    return report, path


@pytest.fixture(scope="module")
def page():
    with browser() as tab:
        yield tab


@pytest.fixture(autouse=True)
def on_a_desk(page):
    """Each test begins on a desktop, in light colours."""
    page.size(1200)
    page.media()
    page.console.clear()
    page.requests.clear()


def outside(page):
    return [address for address in page.requests.values() if not address.startswith(("file:", "data:", "blob:"))]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_figure_is_drawn_nothing_is_asked_and_no_name_runs(page, hostile, language):
    page.open(hostile / f"{language}.html")
    page.open_all()
    assert (
        page.run("figures().length")
        == page.run("document.querySelectorAll('.figure .main-svg:first-child').length")
        > 10
    )
    assert page.run("document.title") == HOSTILE[3]
    assert page.console == []
    assert outside(page) == []


def test_what_would_leave_the_page_or_run_in_it_is_stopped(page, hostile):
    page.open(hostile / "en.html")
    page.run("fetch('https://example.com').catch(() => 0)")
    page.run(
        "void document.body.append(Object.assign(document.createElement('img'), {src: 'https://example.com/x.png'}))"
    )
    page.run("void document.body.append(Object.assign(document.createElement('script'), {text: 'globalThis.ran = 1'}))")
    page.run("void document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"globalThis.ran = 2\">')")
    assert page.run("globalThis.ran ?? 0") == 0
    assert outside(page) == []
    assert len([said for said in page.console if "Content Security Policy" in said]) >= 3


#: What Plotly would take for markup of its own in a label.
ATTACKS = [
    "<img src=x onerror=\"fetch('http://attack.invalid/img')\">",
    '<span style="background:url(https://attack.invalid/style)">',
    "<a href='https://attack.invalid/link'>click</a>",
    "</script><script>fetch('https://attack.invalid/script')</script>",
    "<b>bold</b>",
]


def test_markup_in_names_of_products_and_channels_is_text_in_figures(page, tmp_path):
    rows = [
        (
            f"{ATTACKS[c % 5]} {c}",
            f"2024-{k % 12 + 1:02}-{c % 28 + 1:02}",
            3.0 + c % 7,
            ATTACKS[(c + k) % 5],
            ATTACKS[c % 5],
        )
        for c in range(120)
        for k in range(c % 8 + 1)
    ]
    names = ["client", "day", "paid", "item", "channel"]
    bought = pl.DataFrame(rows, schema=names, orient="row")
    lk.report.build(bought, dimensions=["channel"], **ROLES).save(tmp_path / "page.html")
    page.open(tmp_path / "page.html")
    page.open_all()
    reaches_out = (
        "['href', 'xlink:href', 'src', 'style'].some(name => one.getAttribute(name)?.includes('attack.invalid'))"
    )
    assert page.run(f"[...document.querySelectorAll('main *')].filter(one => {reaches_out}).length") == 0
    assert page.console == []
    assert outside(page) == []


SETTINGS = 1000


def test_the_what_if_computes_what_the_engine_computes(page, company):
    """A thousand settings drawn over all that the bounds allow, with nothing and with losses among them."""
    report, path = company
    page.open(path)
    formula, generator = lk.profit.Formula.full(), random.Random(1)
    sliders = next(section.what_if.sliders for section in report.sections if section.what_if)
    draw = [
        lambda s: s.value,
        lambda s: 0.0,
        lambda s: generator.uniform(s.low, s.high),
        lambda s: generator.random() * (s.upper or 10 * s.high),
    ]
    settings = [{one.name: generator.choice(draw)(one) for one in sliders} for _ in range(SETTINGS)]
    given = [[setting[one.name] for one in sliders] for setting in settings]
    found = page.run(f"{json.dumps(given)}.map(values => leverkitWhatIf.evaluate(values))")
    expected = formula.evaluate(pl.DataFrame(settings)).to_dicts()
    for row, (there, here) in enumerate(zip(found, expected, strict=True)):
        assert there.keys() == here.keys()
        for name in here:
            assert there[name] == pytest.approx(here[name], rel=1e-12, abs=1e-12), (row, name)


@pytest.mark.parametrize(
    "text", ["min(a, b / c)", "max(b / c, a)", "max(-a, b) - min(c, a * a) / (b + 1)", "a / b / c - -c * 1e-3"]
)
def test_any_formula_is_computed_as_the_engine_does(page, company, text):
    page.open(company[1])
    formula = lk.profit.Formula.from_expressions({"profit": text})
    for values in ([1.5, 2.0, 3.0], [0.0, 1e-9, 7.0], [4.0, -2.0, 0.5], [1e12, 3.0, 1e-12]):
        there = page.run(f"evaluate({json.dumps(formula.program)}, {values})")
        named = dict(zip(formula.program["parameters"], values, strict=True))
        assert there["profit"] == pytest.approx(formula.evaluate(named)["profit"], rel=1e-12)


def test_sliders_move_revenue_and_profit_and_the_address_keeps_them(page, company):
    _, path = company
    page.open(path)
    page.run("document.querySelector('#whatif details').open = true")
    today = page.run("document.querySelector('.totals [data-node=profit] b').textContent")
    page.run(
        "(() => { const one = document.getElementById('slider-frequency'); one.value = Number(one.max); one.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )
    moved = page.run("document.querySelector('.totals [data-node=profit] b').textContent")
    assert moved != today and "%" in page.run(
        "document.querySelector('.totals [data-node=profit] .change').textContent"
    )
    address = page.run("location.hash")
    assert address.startswith("#whatif=frequency:")
    page.open(path, address.replace("#whatif", "?again#whatif"))
    assert page.run("document.querySelector('.totals [data-node=profit] b').textContent") == moved
    page.run("document.querySelector('[data-whatif=reset]').click()")
    assert page.run("document.querySelector('.totals [data-node=profit] b').textContent") == today
    assert page.run("location.hash") == ""


def test_the_step_moves_each_parameter_by_a_fifth_as_the_lift_table_does(page, company):
    report, path = company
    page.open(path)
    values = {one.name: one.value for section in report.sections if section.what_if for one in section.what_if.sliders}
    page.run("document.querySelector('[data-whatif=step]').click()")
    setting = dict(part.split(":") for part in page.run("location.hash").removeprefix("#whatif=").split(","))
    table = (
        lk.profit.Formula.full().lift_table(values).table.filter(pl.col("rank").is_not_null() | (pl.col("value") > 0))
    )
    for name, value in table.select("parameter", "new_value").iter_rows():
        if name in setting:
            assert float(setting[name]) == pytest.approx(value, rel=1e-15)


def test_a_copied_scenario_is_read_by_the_command(page, company, tmp_path):
    _, path = company
    page.open(path)
    page.run(
        "void (globalThis.copied = [], navigator.clipboard && (navigator.clipboard.writeText = async text => { copied.push(text); }))"
    )
    page.run("document.querySelector('[data-whatif=step]').click()")
    page.run("document.querySelector('[data-whatif=toml]').click()")
    text = page.run("copied[0]")
    (tmp_path / "scenario.toml").write_text(text)
    from leverkit.cli.config import scenario

    values = scenario(str(tmp_path / "scenario.toml"))
    assert values["reach"] == pytest.approx(72_000)
    assert set(values) <= set(lk.profit.Formula.full().parameters["parameter"]) and len(values) > 15


def downloads(page, folder):
    page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))


def test_a_table_sorts_searches_shows_all_and_is_saved_with_harmless_names(page, hostile, tmp_path):
    page.open(hostile / "en.html")
    downloads(page, tmp_path)
    table = "document.getElementById('retention-table-1')"
    page.run("document.querySelector('#retention details').open = true")
    rows = f"{table}.querySelectorAll('tbody tr').length"
    first = page.run(rows)
    page.run(f"{table}.querySelector('[data-table=whole]').click()")
    assert page.run(rows) > first
    page.run(f"[...{table}.querySelectorAll('th button')].at(-1).click()")
    assert page.run(f"[...{table}.querySelectorAll('th')].at(-1).getAttribute('aria-sort')") == "descending"
    assert page.run(f"{table}.querySelectorAll('img, script:not([type])').length") == 0
    page.run(
        f"(() => {{ const box = {table}.querySelector('input'); box.value = '@sum'; box.dispatchEvent(new Event('input')); }})()"
    )
    assert 0 < page.run(rows) < 60 and page.run(f"{table}.querySelector('tbody td').textContent").startswith("@SUM")
    page.run(f"{table}.querySelector('[data-table=csv]').click()")
    until_there(tmp_path, "retention-table-1.csv")
    content = (tmp_path / "retention-table-1.csv").read_text(encoding="utf-8-sig")
    cells = [row[0] for row in csv.reader(io.StringIO(content))][1:]
    assert cells and all(cell.startswith("'@SUM") for cell in cells)


def until_there(folder, name):
    import time

    until = time.monotonic() + 20
    while not (folder / name).exists() or not (folder / name).stat().st_size:
        assert time.monotonic() < until, f"{name} was not saved; there are {[path.name for path in folder.iterdir()]}"
        time.sleep(0.1)


def test_a_figure_is_saved_as_png_and_svg_with_its_title(page, company, tmp_path):
    report, path = company
    page.open(path)
    page.media(dark=True)
    downloads(page, tmp_path)
    page.run("document.querySelector('#rfm details').open = true")
    for kind in ("png", "svg"):
        page.run(f"document.querySelector('#rfm [data-save={kind}]').click()")
        until_there(tmp_path, f"rfm-figure-1.{kind}")
    assert (tmp_path / "rfm-figure-1.png").read_bytes().startswith(b"\x89PNG")
    picture = (tmp_path / "rfm-figure-1.svg").read_text()
    figure = next(section for section in report.sections if section.id == "rfm").figures[0].figure
    assert picture.startswith("<svg") and figure.layout.title.text in picture
    assert "rgb(22, 29, 35)" not in picture, "a saved figure has light colours"


def test_a_row_marks_its_segment_in_the_figures(page, company):
    page.open(company[1])
    page.run("document.querySelector('#rfm details').open = true")
    page.run("Promise.all(all('#rfm .figure').map(one => draw(one))).then(() => true)")
    page.run(
        "document.querySelector('#rfm-table-1 tbody tr td').dispatchEvent(new MouseEvent('mouseover', {bubbles: true}))"
    )
    widths = page.run("Array.from(document.getElementById('rfm-figure-1').data[0].marker.line.width)")
    assert sorted(set(widths)) == [1, 5] and widths.count(5) == 1


def test_a_dark_page_has_dark_figures_and_paper_light_ones(page, company):
    page.open(company[1])
    page.run("document.querySelector('#rfm details').open = true")
    page.media(dark=True)
    page.run("draw(document.getElementById('rfm-figure-2')).then(() => true)")
    colour = "getComputedStyle(document.querySelector('#rfm-figure-2 .main-svg')).backgroundColor"
    assert page.run(colour) == "rgb(22, 29, 35)"
    assert page.run("getComputedStyle(document.querySelector('main')).backgroundColor") == "rgb(22, 29, 35)"
    page.run("void dispatchEvent(new Event('beforeprint'))")
    assert page.run(colour) == "rgb(255, 255, 255)"
    page.run("void dispatchEvent(new Event('afterprint'))")
    assert page.run(colour) == "rgb(22, 29, 35)"


def test_sections_fold_links_open_them_and_the_contents_follow(page, company):
    page.open(company[1])
    assert page.run("document.querySelectorAll('details.section[open]').length") == 0
    page.run("document.querySelector('.contents a[href=\"#retention\"]').click()")
    page.wait("document.querySelector('#retention details').open")
    page.wait("document.querySelector('.contents a[aria-current]')?.hash === '#retention'")
    page.run("document.querySelector('[data-do=open]').click()")
    assert page.run("document.querySelectorAll('details.section:not([open])').length") == 0


BEYOND = """(() => {
  document.querySelectorAll('details').forEach(fold => { fold.open = true; });
  const scrolls = part => %s;
  const parts = [...document.querySelectorAll('main *, nav *')].filter(part => !part.closest('svg') && !scrolls(part));
  return parts.filter(part => part.getBoundingClientRect().right > innerWidth + 1).map(part => part.outerHTML.slice(0, 120));
})()"""


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", [688, 390])
def test_nothing_is_wider_than_paper_or_a_phone_but_what_scrolls(page, hostile, language, width):
    """Paper is A4 without its margins, and does not scroll."""
    is_phone = width < 500
    page.size(width, is_phone=is_phone)
    page.media(paper=not is_phone)
    page.open(hostile / f"{language}.html")
    page.open_all()
    if not is_phone:
        page.run("void dispatchEvent(new Event('beforeprint'))")
    assert page.run(BEYOND % ("part.closest('.scroll, pre')" if is_phone else "false")) == []
    assert page.console == []


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """axe-core, from npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: axe-core did not look at the page")
    folder = tmp_path_factory.mktemp("axe")
    command = [
        npm,
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--prefix",
        folder,
        "axe-core@4.14.1",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"npm could not fetch axe-core: {done.stderr.strip()[-200:]}")
    return (folder / "node_modules/axe-core/axe.min.js").read_text()


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_serious(page, company, axe, dark):
    page.media(dark=dark)
    page.open(company[1])
    page.open_all()
    page.run(f"{axe}; true")
    found = page.run(
        "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(one => "
        "[one.impact, one.id, one.nodes.length, one.nodes[0].html.slice(0, 200), one.nodes[0].failureSummary]))"
    )
    assert not [one for one in found if one[0] in ("serious", "critical")]


def test_headings_go_down_one_step_at_a_time_and_figures_say_what_they_show(page, company):
    page.open(company[1])
    levels = page.run("[...document.querySelectorAll('h1, h2, h3, h4')].map(head => Number(head.tagName[1]))")
    assert levels[0] == 1 and all(after - before <= 1 for before, after in pairwise(levels))
    told = page.run("[...document.querySelectorAll('.figure')].map(one => one.getAttribute('aria-label'))")
    assert told and all(len(text) > 20 for text in told)


def test_the_keyboard_reaches_folds_tables_and_sliders(page, company):
    page.open(company[1])
    page.run("document.querySelector('#whatif summary').focus()")
    page.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r")
    page.call("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)
    assert page.run("document.querySelector('#whatif details').open")
    before = page.run("document.getElementById('slider-close_rate').value")
    page.run("document.getElementById('slider-close_rate').focus()")
    page.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowRight", code="ArrowRight", windowsVirtualKeyCode=39)
    assert page.run("document.getElementById('slider-close_rate').value") != before


def test_a_page_is_small(company):
    assert company[1].stat().st_size < 3_000_000


def test_an_error_on_a_page_is_noticed(page, tmp_path):
    (tmp_path / "broken.html").write_text("<!DOCTYPE html><script>nothing.here()</script>")
    page.open(tmp_path / "broken.html")
    assert any("nothing is not defined" in said for said in page.console)
    assert next(iter(page.requests.values())).startswith("file:")
