"""How a text file is laid out: its separator, its header, its lines; found on a sample of its bytes."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mode
from typing import TextIO

from leverkit._lib.inputs import repr_of
from leverkit.errors import DataError, ParameterError
from leverkit.reading import header
from leverkit.reading.asking import Option

_SEPARATORS = ",;\t|"
_NAMES = {"\t": "tab", " ": "space"}
#: How Excel is kept from taking a text for a number.
FORMULA = r'^="(.*)"$'
#: Bytes of the head and of the tail that are looked at.
_HEAD, _TAIL = 1 << 18, 1 << 15
_ROWS = 1000


@dataclass(frozen=True)
class Text:
    """A text file, in UTF-8 once it was decoded.

    Attributes
    ----------
    separator, encoding
        As found or given.
    header
        The names of columns; one that comes twice, or is blank, gets a name of its own.
    rows
        Some records, from the head and from the tail.
    lead
        Lines before the header.
    rewrite
        Lines of a header that must be written anew for polars, as the rows end in separators that it lacks; else 0.
    formulas
        Columns whose values are written ="007", so that Excel leaves them as text.
    has_blank_lines
        Whether lines without anything were seen.
    rule
        Lines between the header and the rows that hold none: one drawn below the header.
    notes
        What a user should know of the header.
    """

    separator: str
    encoding: str
    header: list[str]
    rows: list[list[str]]
    lead: int
    rewrite: int
    formulas: list[str]
    has_blank_lines: bool
    rule: int
    notes: list[str]

    @property
    def how(self) -> str:
        """Separator and encoding, as they are said."""
        return f'"{_NAMES.get(self.separator, self.separator)}", {self.encoding}'


def needs_copy(path: Path, encoding: str) -> bool:
    """Whether the file must be written anew for polars: it reads UTF-8 with line feeds."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return encoding != "utf-8" or re.search(rb"\r(?!\n)", head[:-1]) is not None


def decode(path: Path, encoding: str, to: Path, label: str, option: Option) -> None:
    """Writes the file in UTF-8.

    Raises
    ------
    DataError
        Bytes that the encoding does not have; the message names the line.
    """
    line = 1
    try:
        with path.open(encoding=encoding, newline=None) as source, to.open("w", encoding="utf-8", newline="\n") as copy:
            for text in source:
                copy.write(text)
                line += 1
    except (UnicodeDecodeError, UnicodeError):
        raise DataError(f"{label}: line {line} is not {encoding}; give {option('encoding')}another") from None


def text_of(path: Path, encoding: str, separator: str | None, label: str, option: Option) -> Text:
    """Separator, header and sample of a file in UTF-8.

    Raises
    ------
    DataError
        The file is empty.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    whole = len(head) < _HEAD
    text = codecs.getincrementaldecoder("utf-8-sig")("replace").decode(head)
    if not text.strip():
        raise DataError(f"{label}: the file is empty")
    lead = len(text) - len(text.lstrip("\r\n"))
    lead = text[:lead].count("\n")
    text = text.lstrip("\r\n")
    hint = re.match(r'"?sep=(.)"?\r?\n', text, flags=re.IGNORECASE)
    if hint:
        # A line that Excel writes and reads.
        text, lead, separator = text[hint.end() :], lead + 1, separator or hint[1]
    chosen = _checked(separator) if separator else _separator(text)
    records = list(_records(text, chosen, whole=whole)) or [[text.strip()]]
    at = header.row_of(records)
    names, notes = header.names_of(records[at:])
    begin, end = (_lines_of(text, chosen, number) for number in (at, at + 1))
    rule = int(len(records) > at + 1 and header.is_rule(records[at + 1]))
    below = records[at + 1 + rule :]
    rows = [row for row in below if row]
    if not whole:
        rows += [row for row in _tail(path, chosen) if len(row) == len(names)]
    return Text(
        chosen,
        encoding,
        names,
        rows,
        lead + begin,
        end - begin if len(names) > len(records[at]) else 0,
        _formulas(names, rows),
        any(not row for row in below),
        rule,
        [*header.passed_over(records[:at]), *_alone(names, option), *notes],
    )


def _alone(names: list[str], option: Option) -> list[str]:
    """What is said of a table of one column whose name looks like several."""
    mark = re.search(r"\w\s*([,;:~^|]|\s{2,})\s*\w", names[0]) if len(names) == 1 else None
    return [f"there is one column; give {option('separator')}another if it holds several"] if mark else []


def _checked(separator: str) -> str:
    named = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|"}
    separator = named.get(separator.lower(), separator)
    if len(separator.encode()) != 1 or separator in '"\r\n':
        raise ParameterError(
            f'separator: got {repr_of(separator)}; expected one character such as ";" or tab', parameter="separator"
        )
    return separator


def _separator(text: str) -> str:
    """The mark that parts most records into equally many fields, those of the first line too; a comma where there is one column."""
    scores = {}
    for mark in _SEPARATORS:
        widths = [len(row) for row in _records(text[: 1 << 15], mark, whole=len(text) < 1 << 15) if row][:100]
        usual = mode(widths) if widths else 0
        if usual > 1:
            scores[mark] = (round(widths.count(usual) / len(widths), 1), widths[0] == usual, usual)
    return max(scores, key=lambda mark: scores[mark]) if scores else ","


def _records(text: str, separator: str, *, whole: bool) -> Iterator[list[str]]:
    """The records of a text, at most some thousands; the last is left out where it may be cut."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    last: list[str] | None = None
    try:
        for row in reader:
            if last is not None:
                yield last
            last = row
            if reader.line_num > _ROWS:
                break
        if whole and last is not None:
            yield last
    except csv.Error:
        # A value too long for the module csv: what stands before it will do.
        if last is not None:
            yield last


def _formulas(names: list[str], rows: list[list[str]]) -> list[str]:
    found = {at for row in rows for at, cell in enumerate(row) if re.fullmatch(FORMULA, cell)}
    return [name for at, name in enumerate(names) if at in found]


def with_header(path: Path, text: Text, to: Path) -> tuple[Path, Text]:
    """A copy of the file whose header has all columns, and ends on the line where it did."""
    lead = text.lead + text.rewrite - 1
    row = io.StringIO()
    csv.writer(row, delimiter=text.separator, lineterminator="\n").writerow(text.header)
    with path.open("rb") as source, to.open("wb") as copy:
        for _ in range(lead + 1):
            source.readline()
        copy.write(b"\n" * lead + row.getvalue().encode())
        shutil.copyfileobj(source, copy, 1 << 20)
    return to, replace(text, lead=lead, rewrite=0)


def _lines_of(text: str, separator: str, records: int) -> int:
    """How many lines the first records take."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    for _ in itertools.islice(reader, records):
        pass
    return reader.line_num


def _tail(path: Path, separator: str) -> list[list[str]]:
    """Records of the end of a file; none where a quoted field may span lines, as the first is then not clear."""
    with path.open("rb") as file:
        file.seek(-_TAIL, io.SEEK_END)
        tail = file.read().decode("utf-8", "replace")
    if '"' in tail:
        return []
    return [line.split(separator) for line in tail.splitlines()[1:]]


def misshapen(path: Path, text: Text, option: Option) -> str | None:
    """What is wrong with the first line that is no record of the table, and what helps; None where all are."""
    mark = re.escape(text.separator)
    stray = re.compile(rf'(?:^|{mark})[^"{mark}]+"')
    start = text.lead + 1
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(_lines(file, text.lead), delimiter=text.separator, strict=True)
        try:
            for row in reader:
                if len(row) > len(text.header):
                    return (
                        f"line {start} has {len(row)} fields, the header has {len(text.header)}; put quotes around a value that holds "
                        f"the separator, or give {option('separator')}another"
                    )
                if stray.search(text.separator.join(row)):
                    return f"line {start}: a quote stands inside a value; put the value in quotes and double the quote in it"
                start = text.lead + reader.line_num + 1
        except csv.Error:
            return f"line {start}: a quote is opened and not closed"
    return None


def _lines(file: TextIO, lead: int) -> Iterator[str]:
    """The lines from the header on."""
    return itertools.islice(file, lead, None)
