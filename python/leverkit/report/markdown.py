"""The first page as Markdown, for mail and chat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leverkit._lib.text import t
from leverkit.report.tables import shown

if TYPE_CHECKING:
    from leverkit.report.page import (
        Report,  # Its type alone: a report names its writers, and they name what they write.
    )
    from leverkit.report.section import Table

#: Rows of whom to call: a message is no list for a CRM.
_CALLS = 10
_BREAKS = re.compile(r"[ \t\r\n]+")
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def markdown(report: Report) -> str:
    """The first page; names of the data are text in it, whatever signs they hold."""
    with report.voice():
        return "\n\n".join(part for part in _parts(report) if part) + "\n"


def _parts(report: Report) -> Iterable[str]:
    front = report.front
    yield f"# {_text(report.title)}"
    yield _text(" · ".join(front.head))
    yield f"**{_text(front.headline)}**" if front.headline else ""
    if front.sure or front.unsure:
        yield from _levers(front)
    yield f"## {t('Whom to call this week')}"
    yield _text(front.called)
    yield _table(front.calls, _CALLS) if front.calls is not None else ""
    yield f"## {t('What changed')}"
    yield _text(front.changes.sentence if front.changes else front.unchanged)
    yield _table(front.changes.table) if front.changes else ""
    yield f"## {t('What to test first')}\n\n{_text(front.to_test)}" if front.to_test else ""
    yield _text(front.quality)


def _levers(front: Any) -> Iterable[str]:
    for title, levers in ((t("Sure levers"), front.sure), (t("Not sure yet"), front.unsure)):
        if levers:
            yield f"## {title}"
            yield _grid([t("Lever"), t("Money"), t("Limits"), t("Evidence")], [_lever(lever) for lever in levers])
    yield _text(front.more)


def _lever(lever: Mapping[str, str]) -> list[str]:
    return [lever["what"], lever["money"], lever["limits"], lever["grade"]]


def _table(table: Table, rows: int | None = None) -> str:
    frame = table.frame if rows is None else table.frame.head(rows)
    cells = [[shown(column, row[name]) for name, column in table.columns.items()] for row in frame.to_dicts()]
    return _grid([column.label for column in table.columns.values()], cells)


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [[_text(head) for head in heads], ["---"] * len(heads), *([_text(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text(text: str) -> str:
    """A text in which no sign has a meaning, on one line."""
    return _SIGNS.sub(r"\\\1", _BREAKS.sub(" ", str(text)).strip())
