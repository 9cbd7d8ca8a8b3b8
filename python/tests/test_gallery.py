"""The gallery shows every kind of figure, each beside the call that draws it; `make gallery` writes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from results import MAKERS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def gallery(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import gallery

    return gallery


def test_every_figure_of_every_result_is_on_the_page(gallery) -> None:
    page = gallery.PAGE.read_text(encoding="utf-8")
    figures = [(kind, figure) for kind in MAKERS for figure in kind.plot.kinds]
    assert len(figures) > 140
    for kind, figure in figures:
        file = gallery.picture(kind, figure)
        assert file.exists(), f"{file} is missing: make gallery"
        assert f"({file.relative_to('docs')})" in page, f"{kind.__name__}, {figure} is not shown: make gallery"


def test_the_page_shows_the_calls_of_today(gallery) -> None:
    assert gallery.PAGE.read_text(encoding="utf-8") == gallery.page(), "make gallery"


def test_the_pictures_are_those_of_the_page_and_small(gallery) -> None:
    pictures = list(gallery.FOLDER.iterdir())
    assert {file.name for file in pictures} == {
        gallery.picture(kind, figure).name for kind in MAKERS for figure in kind.plot.kinds
    }
    assert sum(file.stat().st_size for file in pictures) < 4_000_000
