"""Which row of a table holds the names of its columns: reports have titles above it, exports blanks beside it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from statistics import median, mode

from leverkit._lib.numbers import counted
from leverkit.reading import dates, numbers

Rows = Sequence[Sequence[str]]
#: Characters that are not seen: zero-width ones, marks of direction and of the byte order, soft hyphens.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
#: A line that parts the header from the rows, as psql, sqlcmd and Markdown draw it.
_RULE = re.compile(r"\s*:?[-=+|]{2,}:?\s*")
_VALUE = re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.*|-?\d+[.,]\d+")


def row_of(rows: Rows) -> int:
    """The row with the names: the first that is as wide as the table, where those above it are plainly titles."""
    filled = [_filled(row) for row in rows]
    held = [count for count in filled if count]
    if not held:
        return 0
    usual, width = median(held), mode(len(row) for row, count in zip(rows, filled, strict=True) if count)
    first = next(at for at, count in enumerate(filled) if count)
    found = next((at for at in range(first, len(rows)) if not _is_title(rows[at], usual, width)), first)
    return found if found == first or _are_names(rows[found]) else first


def names_of(rows: Rows) -> tuple[list[str], list[str]]:
    """The names in the first row, each once, with names for columns that have none; and what is to be said of them."""
    header: list[str] = []
    notes = []
    for at, name in enumerate(_widened(rows)):
        bare = bare_name(name)
        plain = bare or f"column_{at + 1}"
        copies = 1
        while plain in header:
            copies += 1
            plain = f"{bare}_{copies}"
        if copies > 1:
            notes.append(f'a further column "{bare}" is read as "{plain}"')
        header.append(plain)
    if any(_VALUE.fullmatch(name) for name in header):
        notes.append(f"the first line is taken for the names of columns: {', '.join(header)}")
    notes += [f'the name "{name}" mixes letters of two alphabets that look alike' for name in header if _is_mixed(name)]
    return header, notes


def bare_name(name: str) -> str:
    """A name as it is seen: without blanks around it, characters that are not seen, and with one code for each letter."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", name).replace("\u00a0", " ").strip())


def is_rule(row: Sequence[str]) -> bool:
    """Whether a row is a line drawn below the header."""
    return any(row) and all(_RULE.fullmatch(cell) or not cell.strip() for cell in row)


def _is_mixed(name: str) -> bool:
    """Whether a word has Latin letters beside Cyrillic or Greek ones."""
    scripts = [
        {unicodedata.name(letter, "").split(" ")[0] for letter in word} for word in re.findall(r"[^\W\d_]+", name)
    ]
    return any("LATIN" in word and word & {"CYRILLIC", "GREEK"} for word in scripts)


def passed_over(titles: Rows) -> list[str]:
    """What is said of the rows above the header."""
    told = [" ".join(cell.strip() for cell in row if cell.strip()) for row in titles if _filled(row)]
    if not told:
        return []
    return [
        f"{counted(len(told), 'line')} above the header passed over: {', '.join(told[:3])}{' …' if len(told) > 3 else ''}"
    ]


def _widened(rows: Rows) -> list[str]:
    """The names, and blank ones for the separators that end the rows and not the header."""
    names = list(rows[0])
    beyond = [row[len(names) :] for row in rows[1:] if len(row) > len(names)]
    is_blank = all(not cell.strip() for row in beyond for cell in row)
    return names + [""] * max(map(len, beyond), default=0) if is_blank else names


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _is_title(row: Sequence[str], usual: float, width: int) -> bool:
    """Whether a row holds too little for names: half of what others hold, or less than they where it is shorter too."""
    filled, is_short = _filled(row), len(row) < width
    return (filled * 2 <= usual and (usual > 2 or is_short)) or (filled < usual and is_short)


def _are_names(row: Sequence[str]) -> bool:
    """Whether nothing in the row is a number or a date."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return bool(cells) and not any(numbers.may_be(cell) or dates.may_be(cell) for cell in cells)
