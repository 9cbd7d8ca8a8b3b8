"""The page: sections in, one HTML file out, with styles, data and Plotly inlined so that it opens without a network.

The sections' content is in their modules, their look in `page.html.j2` and `style.css`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leverkit._lib import numbers
from leverkit._lib.text import day, language, t, told
from leverkit.report.drawing import draw, least_width
from leverkit.report.section import Action, Section

if TYPE_CHECKING:
    import jinja2
    import polars as pl

    from leverkit._plan import Plan

_HERE = Path(__file__).parent
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MISSING = 'reports need Jinja and Plotly: pip install "leverkit[report]"'


@dataclass(frozen=True)
class Tile:
    """A key figure at the top of the page: what it is, its value, and what puts it in scale."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, repr=False)
class Report:
    """A finished report; see `leverkit.report.build`."""

    title: str
    as_of: dt.date
    tiles: Sequence[Tile]
    sections: Sequence[Section]
    language: str = "en"
    plan: Plan | None = None

    @cached_property
    def html(self) -> str:
        """The whole page as one self-contained HTML document."""
        try:
            from plotly.offline import get_plotlyjs
        except ImportError as error:
            raise ImportError(_MISSING) from error
        return self._render("page.html.j2", plotly=get_plotlyjs())

    def save(self, path: str | Path) -> None:
        """Writes the page to a file that opens in any browser, without a network."""
        Path(path).write_text(self.html, encoding="utf-8")

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """All tables behind the report as polars frames, by name: `rfm_customers`, `rfm_segments`, `quality` …"""
        levers = {} if self.plan is None else {f"plan_{name}": frame for name, frame in self.plan._tables.items()}
        return levers | {name: frame for section in self.sections for name, frame in section.frames.items()}

    @property
    def findings(self) -> list[str]:
        """The findings of the sections, most important first."""
        return [finding for section in self.sections for finding in section.findings]

    @property
    def actions(self) -> list[Action]:
        """What to do, most money at stake first."""
        return sorted((action for section in self.sections for action in section.actions), key=lambda a: -a.revenue)

    def __repr__(self) -> str:
        sections = ", ".join(section.title for section in self.sections)
        return f"Report({self.title!r}, as of {self.as_of}: {sections})"

    def _repr_html_(self) -> str:
        """The top of the page: key figures, findings and actions; the figures are in the saved file."""
        return self._render("notebook.html.j2")

    def _render(self, template: str, **more: Any) -> str:
        from leverkit import __version__

        style = (_HERE / "style.css").read_text(encoding="utf-8")
        with language(self.language):
            return _environment().get_template(template).render(report=self, version=__version__, style=style, **more)


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
    environment.filters.update(count=numbers.count, money=numbers.short_money, words=_in_words)
    environment.globals.update(t=t, draw=draw, least_width=least_width)
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
