"""Which row of a table holds the names of its columns: reports have titles above it, exports blanks beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median, mode

from leverkit.reading import dates, numbers

Rows = Sequence[Sequence[str]]
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
        bare = name.strip().strip("\ufeff").strip()
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
    return header, notes


def passed_over(titles: Rows) -> list[str]:
    """What is said of the rows above the header."""
    told = [" ".join(cell.strip() for cell in row if cell.strip()) for row in titles if _filled(row)]
    if not told:
        return []
    rows = "1 line" if len(told) == 1 else f"{len(told)} lines"
    return [f"{rows} above the header passed over: {', '.join(told[:3])}{' …' if len(told) > 3 else ''}"]


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
