"""What a text file is written in: its encoding, its separator, its header; found on a sample of its bytes."""

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

from leverkit.errors import DataError, ParameterError
from leverkit.reading import header
from leverkit.reading.asking import Option

_SEPARATORS = ",;\t|"
_NAMES = {"\t": "tab", " ": "space"}
#: How Excel is kept from taking a text for a number.
FORMULA = r'^="(.*)"$'
#: Bytes of the head and of the tail that are looked at, and the size up to which a file is checked whole for its encoding.
_HEAD, _TAIL, _WHOLE = 1 << 18, 1 << 15, 1 << 23
_ROWS = 1000
#: Encodings of Latin letters, with those of alphabets beside ASCII: of the West, of Portuguese, of the North, Icelandic; Polish, Czech and
#: Slovak, Hungarian, Romanian, Croatian and Slovene; Turkish.
_LATIN = {
    "cp1252": ("àâäçéèêëîïôöœùûüÿßáíñóúìòªº", "áâãàçéêíóôõúüªº", "åäöæøéü", "áðéíóúýþæö"),
    "cp1250": ("ąćęłńóśźż", "áäčďéěíĺľňóôŕřšťúůýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
    "cp1254": ("âçğıîöşüû\u0307",),
    "mac_roman": (),
}
_CYRILLIC = ["cp1251", "koi8_r", "cp866"]
_OTHERS = ["cp1253", "cp1255", "cp1256", "gb18030", "shift_jis", "big5", "euc_kr"]
#: Two thirds of what is written in Russian, Ukrainian or Bulgarian.
_USUAL = "оеаинтсрвлкм"
#: What may follow a letter and is none.
_MARKS = "’‘“”«»„–—…№™®©°€\u00a0"


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
    """One of the encodings of a byte a character, judged by the words that hold other than ASCII; or of the East."""
    words = b" ".join(re.findall(rb"[\w\x80-\xff]*[\x80-\xff][\w\x80-\xff]*", content)[:2000])
    latin = b"".join(re.findall(rb"[A-Za-z]", words))
    # Words of other scripts have next to no Latin letter, and are runs of such bytes.
    is_other = len(latin) * 4 < len(words.replace(b" ", b"")) and re.search(rb"[\x80-\xff]{3}", words)
    found = (_cyrillic(words) or _other(words) if is_other else None) or _latin(words) or _other(words)
    if not found:
        raise DataError(
            f"{label}: the encoding is not clear; give {option('encoding')}a name such as cp1251, cp1252 or gb18030"
        )
    return found


def _latin(words: bytes) -> str | None:
    """The first of the encodings in which all letters are of one alphabet; else the first in which the words look like words."""
    fitting = [name for name in _LATIN if _are_words(words, name)]
    for name in fitting:
        letters = {letter for letter in words.decode(name).lower() if letter > "\x7f" and letter.isalpha()}
        if any(letters <= set(alphabet) for alphabet in _LATIN[name]):
            return name
    return fitting[0] if fitting else None


def _cyrillic(words: bytes) -> str | None:
    """The encoding in which the words look like words, of letters most of which are the usual ones of Slavic languages."""
    shares = {}
    for name in [name for name in _CYRILLIC if _are_words(words, name)]:
        letters = [letter for letter in words.decode(name).lower() if letter > "\x7f"]
        shares[name] = sum(letter in _USUAL for letter in letters) / len(letters)
    best = max(shares, key=lambda name: shares[name], default=None)
    return best if best and shares[best] > 0.5 else None


def _are_words(words: bytes, encoding: str) -> bool:
    """Whether no letter is followed by a sign of no writing, and no small one by a capital other than those of McDonald."""
    try:
        text = words.decode(encoding)
    except UnicodeDecodeError:
        return False
    pairs = [(one, next_) for one, next_ in itertools.pairwise(text) if one.isalpha() and next_ > "\x7f"]
    return not any(
        (one.islower() and next_.isupper()) or not (next_.isalpha() or next_ in _MARKS) for one, next_ in pairs
    )


def _other(words: bytes) -> str | None:
    """What a library takes the words for, of encodings of other scripts; None where several will do."""
    from charset_normalizer import from_bytes

    found = list(from_bytes(words, cp_isolation=_OTHERS))
    close = [match for match in found if match.chaos < found[0].chaos + 0.05]
    return str(close[0].encoding) if len(close) == 1 else None


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
    rows = [row for row in records[at + 1 :] if row]
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
        any(not row for row in records[at + 1 :]),
        [*header.passed_over(records[:at]), *notes],
    )


def _checked(separator: str) -> str:
    named = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|"}
    separator = named.get(separator.lower(), separator)
    if len(separator.encode()) != 1 or separator in '"\r\n':
        raise ParameterError(
            f'separator: got {separator!r}; expected one character such as ";" or tab', parameter="separator"
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
        return


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
