"""The page: sections in, one HTML file out, with styles, scripts, data and Plotly inlined so that it opens without a network.

The sections' content is in their modules; their look in `page.html.j2` and `style.css`; what moves, in `scripts`. Other ways out, a workbook, paper and
Markdown, have modules of their own.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leverkit._lib import numbers
from leverkit._lib.text import current, day, language, t, told
from leverkit._lib.workbook import check as check_workbook
from leverkit._lib.writing import replacing
from leverkit.errors import ParameterError
from leverkit.plots.markup import as_read
from leverkit.report import dark, drawing, pdf, recipe, security, tables, workbook
from leverkit.report.front import Front
from leverkit.report.markdown import markdown
from leverkit.report.section import Action, Section, Tile

if TYPE_CHECKING:
    import jinja2
    import polars as pl

    from leverkit._plan import Plan

_HERE = Path(__file__).parent
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MISSING = 'reports need Jinja and Plotly: pip install "leverkit[report]"'
_SCRIPTS = ("page", "figures", "tables", "whatif")


@dataclass(frozen=True, repr=False)
class Report:
    """A finished report; see `leverkit.report.build`."""

    title: str
    as_of: dt.date
    tiles: Sequence[Tile]
    sections: Sequence[Section]
    language: str = "en"
    plan: Plan | None = None
    front: Front = field(default_factory=lambda: Front((), ""))
    currency: str | None = None
    #: The ledger's roles, for the calls that give the same.
    roles: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def html(self) -> str:
        """The whole page as one self-contained HTML document."""
        return self._render("page.html.j2", scripts=self._scripts(), texts=self._texts())

    def save(self, path: str | Path) -> None:
        """Writes the report, whole or not at all; the suffix says as what: a page that opens in any browser without a network (.html), a workbook (.xlsx),
        paper (.pdf, printed by an installed Chromium), or the first page for mail and chat (.md).

        Raises
        ------
        ParameterError
            Another suffix.
        LeverkitError
            A PDF, and no Chromium is found.
        ImportError
            A workbook, and XlsxWriter is not installed; the message says how to install it.
        """
        check(path)
        with replacing(path) as draft:
            _WRITERS[_suffix(path)](self, draft)

    def to_excel(self, path: str | Path) -> None:
        """Writes a workbook: the levers on the first sheet, then a sheet for each table.

        Raises
        ------
        ImportError
            XlsxWriter is not installed; the message says how to install it.
        """
        with replacing(path) as draft:
            workbook.write(self, draft)

    @property
    def markdown(self) -> str:
        """The first page as Markdown, for mail and chat."""
        return markdown(self)

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """All tables behind the report as polars frames, by name: `rfm_customers`, `rfm_segments`, `quality` …"""
        return {name: frame for section in self.sections for name, frame in section.frames.items()}

    @property
    def findings(self) -> list[str]:
        """The findings of the sections, most important first."""
        return [finding for section in self.sections for finding in section.findings]

    @property
    def actions(self) -> list[Action]:
        """What to do, most money at stake first."""
        return by_stake(self.sections)

    def in_python(self, section: Section) -> str:
        """What gives a section's results in Python."""
        return "\n".join([recipe.in_python(self.roles, self.currency), *section.python])

    def on_the_command_line(self, section: Section) -> str:
        """What gives a section's results on the command line."""
        return recipe.on_the_command_line(section.command, self.roles, self.currency)

    @contextmanager
    def voice(self) -> Iterator[None]:
        """The language and the currency of the report, for what is written of it within a block."""
        with language(self.language), numbers.currency(self.currency):
            yield

    def __repr__(self) -> str:
        sections = ", ".join(section.title for section in self.sections)
        return f"Report({self.title!r}, as of {self.as_of}: {sections})"

    def _repr_html_(self) -> str:
        """The first page; the sections are in the saved file."""
        return self._render("notebook.html.j2")

    def _scripts(self) -> list[str]:
        """Plotly, in the build that draws the page's figures, and the page's own scripts."""
        kinds = {trace.type for section in self.sections for drawn in section.figures for trace in drawn.figure.data}
        own = [(_HERE / "scripts" / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS]
        return [_plotly(kinds <= drawing.DRAWABLE), *own]

    def _texts(self) -> dict[str, Any]:
        """What the scripts say, and how they write numbers and colours."""
        with self.voice():
            form = current().format
            return {
                "copied": t("Copied"),
                "shown": t("{shown} of {rows}", shown="{shown}", rows="{rows}"),
                "money": numbers.in_currency("{number}"),
                "signs": {",": form["thousands"], ".": form["decimal"], "-": "\N{MINUS SIGN}"},
                "dark": dark.COLOURS,
            }

    def _render(self, template: str, **more: Any) -> str:
        from leverkit import __version__

        style = (_HERE / "style.css").read_text(encoding="utf-8")
        with self.voice():
            return _environment().get_template(template).render(report=self, version=__version__, style=style, **more)


def by_stake(sections: Sequence[Section]) -> list[Action]:
    """What to do, most money at stake first."""
    return sorted((action for section in sections for action in section.actions), key=lambda action: -action.revenue)


def _write(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8")


_WRITERS: dict[str, Callable[[Report, Path], None]] = {
    ".html": lambda report, path: _write(report.html, path),
    ".htm": lambda report, path: _write(report.html, path),
    ".xlsx": workbook.write,
    ".pdf": lambda report, path: pdf.write(report.html, path),
    ".md": lambda report, path: _write(report.markdown, path),
}
_NEEDS: dict[str, Callable[[], object]] = {".xlsx": check_workbook, ".pdf": pdf.browser}


def check(path: str | Path) -> None:
    """Refuses a suffix that no writer has, or whose writer lacks something, before any work is done.

    Raises
    ------
    ParameterError, LeverkitError, ImportError
        As `Report.save`.
    """
    suffix = _suffix(path)
    if suffix not in _WRITERS:
        known = ", ".join(_WRITERS)
        raise ParameterError(
            f"{path}: cannot write {suffix or 'a file without a suffix'}; known are {known}", parameter="path"
        )
    _NEEDS.get(suffix, lambda: None)()


def _suffix(path: str | Path) -> str:
    return Path(path).suffix.lower()


def _plotly(is_enough: bool) -> str:
    """The page's own build of Plotly; the whole library where a figure needs more."""
    if is_enough:
        return (_HERE / "scripts" / "plotly.min.js").read_text(encoding="utf-8")
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def _environment() -> jinja2.Environment:
    try:
        import jinja2
    except ImportError as error:
        raise ImportError(_MISSING) from error
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(count=numbers.count, money=numbers.short_money, words=_in_words, json=security.data)
    environment.globals.update(
        t=t,
        drawn=drawing.drawn,
        height=drawing.height,
        least_width=drawing.least_width,
        subtitle_of=drawing.subtitle_of,
        told_of=drawing.told_of,
        as_read=as_read,
        policy=security.policy,
        shown=tables.shown,
        table_data=tables.data_of,
        left_out=tables.left_out,
    )
    return environment


def _in_words(value: Any) -> str:
    """A parameter's value as it is read aloud: lists by commas, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_in_words(part)}" for key, part in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_in_words(part) for part in value)
    if isinstance(value, dt.date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return day(value)
    return numbers.number(value) if isinstance(value, (int, float)) else told(str(value))
