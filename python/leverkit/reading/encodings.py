"""The encoding of a text file: UTF by its form, others by what their bytes would be as words of the languages that use them.

An encoding of a byte a character reads any bytes, so that only the words tell it apart. Each language's letters beside ASCII stand in the
order of their frequency, the first being the most frequent, and count by Zipf's law: the n-th is 1/n as likely as the first. Where the words are
about as likely in another encoding, with other letters, the user is asked, with both readings.
"""

from __future__ import annotations

import codecs
import itertools
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import log10
from pathlib import Path

from leverkit._lib.inputs import repr_of
from leverkit.errors import DataError, ParameterError
from leverkit.reading.asking import Option
from leverkit.reading.dates import MONTHS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: Bytes of a part of a file that is looked at, and the size up to which a file is looked at whole.
_PART, _WHOLE = 1 << 18, 1 << 23
#: Words that are looked at.
_WORDS = 300
#: Languages by encoding: their letters beside ASCII by frequency (Wikipedia, "Letter frequency", and the pages on the alphabets), and how much
#: rarer their files are than others, as a power of ten.
_LANGUAGES: dict[str, list[tuple[str, float]]] = {
    "cp1252": [
        ("üäößé", 0),
        ("éèàêçîôâûùïœëæÿ", 0),
        ("óíáéñúü", 0),
        ("ãçáéíóêõúâàôü", 0),
        ("àèìùòé", 0),
        ("äåöé", 0),
        ("øåæéöä", 0),
        ("éñöçëüïáí", 0),
        ("àéèíóçúòïü", 0.5),
        ("ðáíþöéýóæú", 1),
    ],
    "cp1250": [
        ("łąężóśćńź", 0.3),
        ("íáéěýřčšžůúóťňď", 0.3),
        ("áíéčýžšúľťôňäóďĺŕ", 0.3),
        ("áéöőüíóűú", 0.3),
        ("ăîşţâ", 0.3),
        ("čšžćđ", 0.3),
    ],
    "cp1251": [
        ("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", 0),
        ("оаниітврескаудмпязьгбчхцюжйїєфшщґ", 0),
        ("аиоентрсвлкдпмзгбучъяжцщхюйшфь", 0.3),
        ("аоиенртјсукдвмпљглбзчшђжцњћхфџ", 0.5),
    ],
    "cp1253": [("αοιετσνηυρπκμλςωδάγέθίχφόβήξύζώψϊϋΐ", 0.5)],
    "cp1254": [("ıüşöçği̇âîû", 0)],
    "cp1255": [("יוהלארתבשמנדחקפעםכטגזסןצףךץ", 0)],
    "cp1256": [("اليمونرتبةعدسفهكقأحجشطصىخإذضئثزءغآؤظپچژگ", 0)],
    "cp1257": [("ėšųžūįąčę", 1.5), ("āīēšūžņļģķč", 1.5), ("äõüöšž", 1.5)],
    "cp874": [("านรอกเงมยลวดทสตั่ป้บคหิแจพชีขใุไูโ์ะำ็ถผซณศญธภฟฝ", 0.3)],
}
#: Encodings of the same letters that are rarer, with the power of ten.
_ELDER = {
    "koi8_r": ("cp1251", 1.5),
    "cp866": ("cp1251", 1.0),
    "iso8859_2": ("cp1250", 1.5),
    "iso8859_15": ("cp1252", 2.0),
    "mac_roman": ("cp1252", 2.0),
    "cp850": ("cp1252", 2.0),
}
_EAST = ["gb18030", "shift_jis", "big5", "euc_kr"]
#: Signs beside letters, as people write them.
_SIGNS = "’‘“”«»„–—…№™®©€£\u00a0"
#: How likely, as powers of ten, a letter of no language of the encoding is, a sign, any other sign, and a word that is written as none is.
_STRANGE, _SIGN, _ODD, _NO_WORD = -3.0, -1.0, -4.0, -2.5
#: A word of another language than the rest of the file.
_GUEST = -1.5
#: How much likelier than any other an encoding must be not to be asked for, and not to be shown with the other reading.
_ASKED, _SHOWN = 0.7, 3.0
#: Letters that are less likely than this on average, and a little more for few of them, are none of any language.
_LEAST, _SLACK = -1.7, 1.0


@dataclass(frozen=True)
class Encoding:
    """An encoding, and what is said where another is near: how a word looks in both."""

    name: str
    notes: tuple[str, ...] = ()


def encoding_of(path: Path, given: str | None, label: str, option: Option) -> Encoding:
    """The encoding of a file: as given, or as its bytes tell.

    Raises
    ------
    ParameterError
        There is no such encoding.
    DataError
        The bytes fit none of those known, or several.
    """
    if given is not None:
        try:
            return Encoding(codecs.lookup(given).name)
        except (LookupError, ValueError):  # no such name, or none that a codec can have
            raise ParameterError(
                f"encoding: got {repr_of(given)}; expected a name such as utf-8, cp1251 or cp1252", parameter="encoding"
            ) from None
    parts = _parts(path)
    if wide := _wide(parts[0]):
        return Encoding(wide)
    if all(_is_utf8(part) for part in parts):
        return Encoding("utf-8")
    content = b"\n".join(parts)
    _check_no_mixture(content, label, option)
    return _by_words(content, label, option)


def _parts(path: Path) -> list[bytes]:
    """The file, or of a big one its head, middle and tail."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= _WHOLE:
            return [file.read()]
        parts = []
        for start in (0, size // 2, size - _PART):
            file.seek(start)
            parts.append(file.read(_PART))
        return parts


def _wide(head: bytes) -> str | None:
    """UTF-16 or UTF-32, which begin with their mark, or have a byte of zero in each letter of ASCII."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = [head[:1000][at::2].count(0) for at in (0, 1)]
    if max(zeros) > 300 or max(zeros) * 3 > len(head):
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    return None


def _is_utf8(part: bytes) -> bool:
    """Whether the bytes are UTF-8; a character may be cut at either end."""
    start = next((at for at, byte in enumerate(part[:4]) if byte & 0xC0 != 0x80), 0)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(part[start:])
    except UnicodeDecodeError:
        return False
    return True


def _check_no_mixture(content: bytes, label: str, option: Option) -> None:
    """Most words are UTF-8 and some are not: two exports were put into one file."""
    words = re.findall(rb"[\x80-\xff]+", content)[:_WORDS]
    strange = [word for word in words if not _decodes(word)]
    if strange and len(strange) * 2 <= len(words):
        line = next(at for at, row in enumerate(content.split(b"\n"), 1) if not _decodes(row))
        raise DataError(
            f"{label}: line {line} is not utf-8, as others are; write the file anew in one encoding, or give {option('encoding')}a name such as cp1252"
        )


def _decodes(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _by_words(content: bytes, label: str, option: Option) -> Encoding:
    words = list(dict.fromkeys(re.findall(rb"[\w\x80-\xff]*[\x80-\xff][\w\x80-\xff]*", content)))[:_WORDS]
    fits = {name: fit for name in [*_LANGUAGES, *_ELDER] if (fit := _fit(words, name)) is not None}
    names = sorted(fits, key=lambda name: -fits[name])
    if not names:
        return Encoding(_eastern(words, label, option))
    best, *others = names
    differing = ((name, _differing(words, best, name)) for name in others)
    other, word = next(((name, word) for name, word in differing if word is not None), (None, None))
    if other is None or word is None or fits[best] - fits[other] >= _SHOWN:
        return Encoding(best)
    readings = [f"{name} ({word.decode(name)})" for name in (best, other)]
    if fits[best] - fits[other] < _ASKED:
        raise DataError(
            f"{label}: the encoding is not clear; give {option('encoding')}a name such as {' or '.join(readings)}"
        )
    return Encoding(best, (f"{best} reads {word.decode(best)}, {other} would read {word.decode(other)}",))


def _differing(words: list[bytes], one: str, other: str) -> bytes | None:
    """The first word that two encodings read differently."""
    return next((word for word in words if word.decode(one) != word.decode(other)), None)


def _fit(words: list[bytes], encoding: str) -> float | None:
    """How likely the words are in the best of the encoding's languages, as a power of ten; None where they are none."""
    family, rarity = _ELDER.get(encoding, (encoding, 0.0))
    try:
        texts = [word.decode(encoding) for word in words]
    except UnicodeDecodeError:
        return None
    languages = _LANGUAGES[family]
    by_word = [[_likelihood(text, letters) for letters, _ in languages] for text in texts]
    form = sum(_form(text) for text in texts)
    letters = sum(letter > "\x7f" for text in texts for letter in text)
    if sum(map(max, by_word)) + form < (_LEAST - _beside(languages[0][0])) * letters - _SLACK:
        return None
    per_language = [
        sum(max(fit[at], max(fit) + _GUEST) for fit in by_word) - rare for at, (_, rare) in enumerate(languages)
    ]
    return max(per_language) + form - rarity


def _likelihood(word: str, alphabet: str) -> float:
    """How likely the letters of a word are in a language."""
    if word.lower() in _known():
        return 0.0
    ranks, beside = _ranks(alphabet), _beside(alphabet)
    return sum(_letter(letter, ranks) - beside * letter.isalpha() for letter in word.lower() if letter > "\x7f")


@cache
def _known() -> frozenset[str]:
    """Words that say by themselves what they are: months, names of columns, units."""
    names = tomllib.loads((Path(__file__).parents[1] / "guess.toml").read_text(encoding="utf-8"))
    columns = (name for groups in names.values() for group in groups for name in group)
    return frozenset(
        word for word in (*MONTHS, *columns, "руб", "коп", "шт", "тг", "грн", "zł", "kč") if not word.isascii()
    )


@cache
def _ranks(alphabet: str) -> dict[str, float]:
    letters = dict.fromkeys(alphabet)
    total = sum(1 / rank for rank in range(1, len(letters) + 1))
    return {letter: -log10(rank * total) for rank, letter in enumerate(letters, 1)}


def _beside(alphabet: str) -> float:
    """How rare letters beside ASCII are in a language's words, as a power of ten: of those in Latin letters one letter in ten is."""
    return 1.0 if _is_latin(alphabet[0]) else 0.0


def _letter(letter: str, ranks: dict[str, float]) -> float:
    if letter in ranks:
        return ranks[letter]
    if letter in _SIGNS:
        return _SIGN
    return _STRANGE if unicodedata.category(letter)[0] in "LM" else _ODD


def _form(word: str) -> float:
    """What a word costs that no one writes so: capitals within it, letters of two scripts, signs between letters, letters at digits."""
    parts = [part for part in re.split(r"[’‘\u00a0\s]", word) if not part.isascii() and any(map(str.isalpha, part))]
    odd = sum(
        not (part.islower() or part.isupper() or (part[0].isupper() and part[1:].islower())) and part.lower() != part
        for part in parts
    )
    pairs = list(itertools.pairwise(word))
    mixed = any(one.isalpha() and next_.isalpha() and _is_latin(one) != _is_latin(next_) for one, next_ in pairs)
    numbered = any(one.isdigit() and next_.isalpha() and next_ > "\x7f" for one, next_ in pairs)
    base = "".join(letter for letter in word if unicodedata.category(letter)[0] != "M")
    parted = re.search(r"[^\w’‘“«„–—\u00a0\s-][^\W\d_]", base) is not None
    shouted = len(word) > 1 and word.isupper()
    cost: float = _NO_WORD * (odd + 2 * mixed + parted + numbered) + _NO_WORD / 4 * shouted
    return cost


@cache
def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN")


def _eastern(words: list[bytes], label: str, option: Option) -> str:
    """What a library takes the words for, of encodings of the East; where several will do it is asked."""
    from charset_normalizer import from_bytes

    found = list(from_bytes(b" ".join(words), cp_isolation=_EAST))
    close = [match for match in found if match.chaos < found[0].chaos + 0.05]
    if len(close) == 1:
        return str(close[0].encoding)
    raise DataError(
        f"{label}: the encoding is not clear; give {option('encoding')}a name such as {' or '.join(_readable(words))}"
    )


def _readable(words: list[bytes]) -> Iterator[str]:
    """Encodings that have all of the bytes, with a word as it looks in them."""
    for name in [*_EAST, "cp1251", "cp1252"]:
        try:
            yield f"{name} ({b' '.join(words).decode(name).split()[0]})"
        except UnicodeDecodeError:
            continue
