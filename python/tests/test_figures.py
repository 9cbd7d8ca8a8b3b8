"""Every figure is legible: in a real browser no two of its texts overlap and none leaves its frame, however many groups and however long their names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from browser import Page, browser
from results import HOSTILE, MAKERS, PLAIN, START, World, name_of

import leverkit as lk

LONG = tuple(f"Branch of the north-western district, number {place}" for place in range(1, 33))
WORLDS = {
    1: World(groups=1, names=PLAIN),
    2: World(groups=2, names=LONG),
    8: World(groups=8, names=HOSTILE),
    40: World(groups=40, names=(*HOSTILE, *LONG)),
}
DESKTOP, PHONE = 1200, 390


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser() as tab:
        yield tab


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("figures")


@cache
def drawn(groups: int, folder: Path) -> Path:
    """A page with every kind of figure of every result."""
    sections = []
    for kind, make in MAKERS.items():
        found = make(WORLDS[groups])
        figures = [lk.report.Figure(found.plot(figure), figure) for figure in kind.plot.kinds]
        sections.append(lk.report.Section(name_of(kind), kind.__name__, "", figures))
    path = folder / f"{groups}.html"
    lk.report.page.Report("Figures", START, (), sections).save(path)
    return path


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("groups", WORLDS)
def test_no_text_covers_another_or_leaves_the_frame(page: Page, folder: Path, groups: int, width: int) -> None:
    """On a desk figures are as they are saved, on a phone as the page shows them."""
    page.size(width, is_phone=width == PHONE)
    page.open(drawn(groups, folder))
    page.run(f"{Path(__file__).with_name('figures.js').read_text()}; true")
    found = page.run(f"faults({width if width == DESKTOP else 0})")
    assert not found, "\n".join(found)
