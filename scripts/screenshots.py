"""The pictures of the report in the documentation: desktop, phone, dark and what-if, taken by a real browser."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import leverkit as lk

sys.path.insert(0, "python/tests")

from browser import Page, browser

FOLDER = Path("docs/images")


def report() -> lk.report.Report:
    """The report of a made-up company with books, in which one lever was tested."""
    company = lk.datasets.company(months=24)
    books = {"leads": company.leads, "spend": company.spend, "costs": company.costs, "limit_day": 90}
    tested = {"kept": {"estimate": 0.2, "lower": 0.1, "upper": 0.3, "n": 800, "grade": "test"}}
    return lk.report.build(
        company.ledger(),
        title="A made-up company",
        currency="EUR",
        limit_day={"horizon": 90},
        profit=books,
        levers={"assumptions": tested},
    )


def what_if(page: Page) -> None:
    """Opens the what-if, and moves every parameter by a fifth."""
    page.run("(() => { document.querySelector('#whatif details').open = true; location.hash = '#whatif'; })()")
    page.run("document.querySelector('[data-whatif=step]').click()")
    page.run("document.getElementById('whatif').scrollIntoView()")


def main() -> None:
    """Takes the pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, browser() as page:
        file = Path(folder) / "report.html"
        report().save(file)
        for name, width, height, dark in [
            ("desktop", 1200, 1500, False),
            ("phone", 390, 844, False),
            ("dark", 1200, 900, True),
        ]:
            page.size(width, height, is_phone=width < 500)
            page.media(dark=dark)
            page.open(file)
            page.picture(FOLDER / f"report-{name}.png", whole=False)
        page.size(1200, 900)
        page.media()
        page.open(file)
        what_if(page)
        page.picture(FOLDER / "report-what-if.png", whole=False)


if __name__ == "__main__":
    main()
