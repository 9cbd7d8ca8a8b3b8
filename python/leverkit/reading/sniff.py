"""What a text file is written in: its encoding, its separator, its header; found on a sample of its bytes."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from leverkit.errors import DataError, ParameterError
from leverkit.reading.asking import Option

_SEPARATORS = ",;\t|"
_NAMES = {"\t": "tab", " ": "space"}
#: Bytes of the head and of the tail that are looked at, and the size up to which a file is checked whole for its encoding.
_HEAD, _TAIL, _WHOLE = 1 << 18, 1 << 15, 1 << 23
_ROWS = 1000
_LEGACY = ["cp1251", "cp1252"]


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
    has_blank_lines
        Whether lines without anything were seen.
    notes
        What a user should know of the header.
    """

    separator: str
    encoding: str
    header: list[str]
    rows: list[list[str]]
    lead: int
    has_blank_lines: bool
    notes: list[str]

    @property
    def how(self) -> str:
        """Separator and encoding, as they are said."""
        return f'"{_NAMES.get(self.separator, self.separator)}", {self.encoding}'


def encoding_of(path: Path, given: str | None, label: str, option: Option) -> str:
    """The encoding of a file: as given, or as its bytes tell.

    Raises
    ------
    ParameterError
        There is no such encoding.
    DataError
        The bytes fit none of those known.
    """
    if given is not None:
        try:
            return codecs.lookup(given).name
        except LookupError:
            raise ParameterError(
                f"encoding: got {given!r}; expected a name such as utf-8, cp1251 or cp1252", parameter="encoding"
            ) from None
    parts = _parts(path)
    head = parts[0]
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = [head[:1000][at::2].count(0) for at in (0, 1)]
    if max(zeros) > 300 or max(zeros) * 3 > len(head):
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    if all(_is_utf8(part) for part in parts):
        return "utf-8"
    return _legacy(b"\n".join(parts), label, option)


def _parts(path: Path) -> list[bytes]:
    """The file, or of a big one its head, middle and tail."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= _WHOLE:
            return [file.read()]
        parts = []
        for start in (0, size // 2, size - _HEAD):
            file.seek(start)
            parts.append(file.read(_HEAD))
        return parts


def _is_utf8(part: bytes) -> bool:
    """Whether the bytes are UTF-8; a character may be cut at either end."""
    start = next((at for at, byte in enumerate(part[:4]) if byte & 0xC0 != 0x80), 0)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(part[start:])
    except UnicodeDecodeError:
        return False
    return True


def _legacy(content: bytes, label: str, option: Option) -> str:
    """One of the encodings of a byte a character, judged by the words that hold other than ASCII."""
    from charset_normalizer import from_bytes

    words = b" ".join(re.findall(rb"[\w\x80-\xff]*[\x80-\xff][\w\x80-\xff]*", content)[:2000])
    # Cyrillic words are runs of such bytes, Western ones hold a single one here and there.
    runs = re.findall(rb"[\xa8\xb8\xc0-\xff]+", words)
    longest = max(map(len, runs), default=0)
    if longest < 3:
        return _decodable(content, "cp1252", "latin-1")
    best = from_bytes(words, cp_isolation=_LEGACY).best()
    if best is None:
        raise DataError(f"{label}: the encoding is not clear; give {option('encoding')}a name such as cp1251 or cp1252")
    return str(best.encoding) if best.encoding != "cp1252" else _decodable(content, "cp1252", "latin-1")


def _decodable(content: bytes, first: str, other: str) -> str:
    try:
        content.decode(first)
    except UnicodeDecodeError:
        return other
    return first


def needs_copy(path: Path, encoding: str) -> bool:
    """Whether the file must be written anew for polars: it reads UTF-8 with line feeds."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return encoding != "utf-8" or (b"\r" in head and b"\n" not in head)


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
    records = list(_records(text, chosen, whole=whole))
    header, notes = _header(records[0] if records else [text.strip()])
    rows = [row for row in records[1:] if row]
    blank = any(not row for row in records[1:])
    if not whole:
        rows += [row for row in _tail(path, chosen) if len(row) == len(header)]
    return Text(chosen, encoding, header, rows, lead, blank, notes)


def _checked(separator: str) -> str:
    named = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|"}
    separator = named.get(separator.lower(), separator)
    if len(separator.encode()) != 1 or separator in '"\r\n':
        raise ParameterError(
            f'separator: got {separator!r}; expected one character such as ";" or tab', parameter="separator"
        )
    return separator


def _separator(text: str) -> str:
    """The mark that parts most records into as many fields as the header; a comma where there is one column."""
    scores = {}
    for mark in _SEPARATORS:
        widths = [len(row) for row in _records(text[: 1 << 15], mark, whole=len(text) < 1 << 15) if row][:100]
        if widths and widths[0] > 1:
            scores[mark] = (round(sum(width == widths[0] for width in widths) / len(widths), 1), widths[0])
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
        return


def _tail(path: Path, separator: str) -> list[list[str]]:
    """Records of the end of a file; none where a quoted field may span lines, as the first is then not clear."""
    with path.open("rb") as file:
        file.seek(-_TAIL, io.SEEK_END)
        tail = file.read().decode("utf-8", "replace")
    if '"' in tail:
        return []
    return [line.split(separator) for line in tail.splitlines()[1:]]


def _header(names: list[str]) -> tuple[list[str], list[str]]:
    header: list[str] = []
    notes = []
    for at, name in enumerate(names):
        plain = name.strip() or f"column_{at + 1}"
        copies = 1
        while plain in header:
            copies += 1
            plain = f"{name.strip()}_{copies}"
        if copies > 1:
            notes.append(f'a further column "{name.strip()}" is read as "{plain}"')
        header.append(plain)
    if any(re.fullmatch(r"\d{4}-\d\d-\d\d.*|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}.*|-?\d+[.,]\d+", name) for name in header):
        notes.append(f"the first line is taken for the names of columns: {', '.join(header)}")
    return header, notes


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
