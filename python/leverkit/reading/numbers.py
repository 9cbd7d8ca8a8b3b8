"""Numbers as people write them: which marks a column uses, and the column read by them.

One way of writing a column. What its values cannot settle (is 1,234 a thousand or one and a bit?) is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from leverkit._lib.inputs import repr_of
from leverkit.errors import DataError, ParameterError
from leverkit.reading.asking import Option, python

_SIGNS = "$€£¥₽₴₸₹₺₩₪₫฿₦₱₡¢"
_CODES = [
    "AED",
    "ARS",
    "AUD",
    "BGN",
    "BRL",
    "BYN",
    "CAD",
    "CHF",
    "CLP",
    "CNY",
    "COP",
    "CZK",
    "DKK",
    "EGP",
    "EUR",
    "GBP",
    "GEL",
    "HKD",
    "HUF",
    "IDR",
    "ILS",
    "INR",
    "JPY",
    "KRW",
    "KZT",
    "MXN",
    "MYR",
    "NGN",
    "NOK",
    "NZD",
    "PEN",
    "PHP",
    "PLN",
    "RON",
    "RSD",
    "RUB",
    "SAR",
    "SEK",
    "SGD",
    "THB",
    "TRY",
    "TWD",
    "UAH",
    "USD",
    "UZS",
    "VND",
    "ZAR",
]
_WORDS = ["US$", "R$", "A$", "C$", "zł", "Kč", "Ft", "kr", "руб", "р", "грн", "тг", "лв"]
#: Ways of writing one currency. A bare $ may be any of the dollars, and ¥ is of two countries: beside a code they are not taken for it.
_SAME = [
    ("€", "EUR"),
    ("£", "GBP"),
    ("₽", "RUB", "руб", "р"),
    ("₴", "UAH", "грн"),
    ("₸", "KZT", "тг"),
    ("₹", "INR"),
    ("₺", "TRY"),
    ("₩", "KRW"),
    ("₪", "ILS"),
    ("₫", "VND"),
    ("฿", "THB"),
    ("₦", "NGN"),
    ("₱", "PHP"),
    ("US$", "USD"),
    ("A$", "AUD"),
    ("C$", "CAD"),
    ("R$", "BRL"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("Ft", "HUF"),
    ("лв", "BGN"),
]
_CURRENCY = "|".join([f"[{_SIGNS}]", *(re.escape(word) + r"\.?" for word in [*_CODES, *_WORDS])])
#: Spaces of four widths and three apostrophes: marks of thousands that are never anything else.
_SPACES = " \u00a0\u202f\u2009'’`"
_MINUS = "-−–"
_BODY = (
    rf"(?:[0-9]{{1,3}}(?:[{_SPACES}][0-9]{{3}})+(?:[.,][0-9]*)?|[0-9]{{1,3}}(?:,[0-9]{{2,3}})*,[0-9]{{3}}(?:\.[0-9]*)?|[0-9]{{1,3}}(?:\.[0-9]{{3}})+(?:,[0-9]*)?|[0-9]+(?:[.,][0-9]*)?"
    r"|[.,][0-9]+)"
)
_CELL = re.compile(
    rf"(?P<open>\()?[{_MINUS}+]?\s*(?P<before>{_CURRENCY})?\s*(?P<sign>[{_MINUS}])?\s*(?P<body>{_BODY})\s*"
    rf"(?P<percent>%)?\s*(?P<after>{_CURRENCY})?\s*[{_MINUS}]{{0,2}}(?(open)\))"
)
#: Nothing, as accounts write it beside a currency: $ -.
_NIL = re.compile(rf"(?:{_CURRENCY})\s*[{_MINUS}]|[{_MINUS}]\s*(?:{_CURRENCY})")
#: Dashes in place of minor units: 7,- is seven, not minus seven.
_DASHES = r"(\d[.,])[-−–—]{1,2}(\D*)$"
_PLAIN = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
#: Whole numbers that are rather names: with zeros before them, longer than a float holds, or after a plus as telephones are.
_NAME = re.compile(r"[-+]?0\d+|\+\d{7,}|\d{16,}")


class Unclear(DataError):
    """The values seen fit two readings: others of the column may settle it."""


@dataclass(frozen=True)
class Numbers:
    """How a column writes its numbers.

    Attributes
    ----------
    decimal
        The decimal mark; None where no value has one, so that a later mark would not be clear.
    thousands
        The marks that may stand between thousands.
    currency
        The sign or code that stands beside the numbers, of one currency at most.
    percent
        Whether they are percentages, which are read as shares.
    whole
        Whether they are integers, and are to stay so.
    plain
        Whether nothing but digits, a sign and a point was seen.
    dashes
        Whether dashes stand in place of minor units.
    """

    decimal: str | None = None
    thousands: str = _SPACES
    currency: str = ""
    percent: bool = False
    whole: bool = False
    plain: bool = True
    dashes: bool = False

    @property
    def dtype(self) -> pl.DataType:
        """The type of the column that is read."""
        return pl.Int64() if self.whole else pl.Float64()

    @property
    def expected(self) -> str:
        """What each value should be, for an error."""
        if self.whole:
            return "a whole number"
        marks = f' with the decimal mark "{self.decimal}"' if self.decimal else ""
        return f"a number{marks}{f' and {self.currency}' if self.currency else ''}{' and %' if self.percent else ''}"

    def helps(self, option: Option, text: str) -> str:
        """The option that would help with a value that does not fit."""
        cell = _CELL.fullmatch(text.strip())
        if self.whole and may_be(text.strip()):
            return f'say that the column holds numbers ({option("columns")}{{…: "number"}})'
        if cell is None:
            return f'give {option("null")}"{text}" if that means missing'
        currency = (cell["before"] or cell["after"] or self.currency).rstrip(".")
        if bool(cell["percent"]) != self.percent or currency not in _ways(self.currency):
            return "one column has one unit: write all of its values one way"
        other = "." if self.decimal == "," else ","
        return f'one column has one decimal mark: give {option("decimal")}"{other}" if that is it'

    @property
    def how(self) -> str:
        """What is said of it; nothing where there is nothing to say."""
        said = [f'decimal "{self.decimal}"'] if self.decimal == "," else []
        said += [f"{self.currency}"] if self.currency else []
        said += ["per cent as shares"] if self.percent else []
        return ", ".join(said)

    @cached_property
    def _pattern(self) -> str:
        """A regular expression that all values match."""
        marks = "".join(re.escape(mark) for mark in self.thousands if mark != self.decimal)
        grouped = rf"|\d{{1,3}}(?:[{marks}]\d{{2,3}})*[{marks}]\d{{3}}" if marks else ""
        decimals = rf"(?:{re.escape(self.decimal)}\d*)?" if self.decimal else ""
        before_minus = decimals.replace("*", "+")
        small = rf"|{re.escape(self.decimal)}\d+" if self.decimal else ""
        money = rf"(?:{self._currency})?\s*" if self.currency else ""
        percent = r"\s*%" if self.percent else ""
        body, minused = (rf"(?:(?:\d+{grouped}){end}{small}){percent}" for end in (decimals, before_minus))
        nil = rf"|{self._currency}\s*[{_MINUS}]|[{_MINUS}]\s*{self._currency}" if self.currency else ""
        sign = rf"[{_MINUS}+]?\s*"
        return rf"^(?:{sign}{money}{sign}{body}\s*{money}|\({money}{body}\s*{money}\)|{money}{minused}\s*{money}[{_MINUS}]{nil})$"

    @property
    def _currency(self) -> str:
        ways = (re.escape(way) + (r"\.?" if way[-1].isalpha() else "") for way in _ways(self.currency))
        return f"(?:{'|'.join(ways)})"

    def expr(self, text: pl.Expr) -> pl.Expr:
        """The numbers of a column of text; null where a value is not written so."""
        text = text.str.strip_chars()
        if self.plain and self.decimal != ",":
            number = text.cast(self.dtype, strict=False)
            return number if self.whole else number.fill_nan(None)
        text = text.str.replace(_DASHES, "$1$2") if self.dashes else text
        negative = text.str.contains(rf"^\(|[{_MINUS}]")
        bare = text.str.replace_all(self._currency, "") if self.currency else text
        digits = bare.str.replace_all(rf"[^\d{re.escape(self.decimal or '')}]", "")
        number = digits.str.replace(self.decimal or ".", ".", literal=True).cast(pl.Float64, strict=False)
        number = pl.when(negative).then(-number).otherwise(number)
        # What matches the pattern and has no digit is the dash of nothing.
        number = number.fill_null(0.0) if self.currency else number
        number = number / 100 if self.percent else number
        return pl.when(text.str.contains(self._pattern)).then(number)


def judge(
    column: str,
    texts: Iterable[str],
    *,
    decimal: str | None = None,
    thousands: str | None = None,
    option: Option = python,
    whole: bool = False,
) -> Numbers | None:
    """How the values are written; None where they are no numbers.

    Parameters
    ----------
    column
        Its name, for errors.
    texts
        Values that are not missing. Those that are no numbers are passed over: reading the column finds the first.
    decimal, thousands
        Marks that the user gave.
    whole
        Whether integers stay integers.

    Raises
    ------
    DataError
        The values fit two readings, or money of several currencies.
    """
    texts = [text.strip() for text in texts]
    if not decimal and not thousands and all(_PLAIN.fullmatch(text) for text in texts):
        has_mark = any("." in text or "e" in text.lower() for text in texts)
        if not _unclear_dots(texts):
            return Numbers("." if has_mark else None, whole=whole and not has_mark)
    cells = [cell for text in texts if (cell := _CELL.fullmatch(text))]
    if not cells:
        return None
    currency = _one_currency(column, cells, option)
    mark = decimal or _decimal(column, [cell["body"].strip() for cell in cells], thousands, option)
    separators = thousands if thousands is not None else _SPACES + {",": ".", ".": ","}.get(mark or "", "")
    percent = any(cell["percent"] for cell in cells)
    dashes = any(re.search(_DASHES, text) for text in texts)
    found = Numbers(mark, separators, currency, percent, plain=False, dashes=dashes)
    only_plain = all(_PLAIN.fullmatch(text) for text in texts) and mark in (None, ".") and not thousands
    return Numbers(mark, separators, plain=True, whole=whole and mark is None) if only_plain else found


def looks_like_names(texts: Iterable[str]) -> bool:
    """Whether some values are rather names than numbers: zeros before them, a plus, more digits than a number holds."""
    return any(_NAME.fullmatch(text) for text in texts)


def may_be(text: str) -> bool:
    """Whether a value is written as some numbers are."""
    return bool(_PLAIN.fullmatch(text) or _CELL.fullmatch(text) or _NIL.fullmatch(text))


def telling(text: pl.Expr) -> pl.Expr:
    """The values of a column that tell its decimal mark: those with a mark that is not before three last digits."""
    marked = text.str.contains(r"[.,]") & text.str.contains(r"\d")
    return marked & ~text.str.contains(r"^[^\d.,]*[1-9]\d{0,2}[.,]\d{3}[^\d.,]*$")


def check_marks(decimal: str | None, thousands: str | None) -> None:
    """The marks that a user may give."""
    for name, mark in (("decimal", decimal), ("thousands", thousands)):
        if mark is not None and (len(mark) != 1 or mark.isalnum()):
            raise ParameterError(f"{name}: got {repr_of(mark)}; expected one mark such as '.' or ','", parameter=name)
    if decimal is not None and decimal == thousands:
        raise ParameterError(f"thousands: got {repr_of(thousands)}, which is the decimal mark", parameter="thousands")


def _one_currency(column: str, cells: Sequence[re.Match[str]], option: Option) -> str:
    seen = [cell[side].rstrip(".") for cell in cells for side in ("before", "after") if cell[side]]
    several = list({_ways(currency): currency for currency in reversed(seen)}.values())[::-1]
    if len(several) > 1:
        raise DataError(
            f"{column}: money in several currencies ({', '.join(several)}) cannot be added up; read one at a time, or convert before",
            column=column,
        )
    return seen[0] if seen else ""


def _ways(currency: str) -> tuple[str, ...]:
    """All ways of writing a currency."""
    return next((ways for ways in _SAME if currency in ways), (currency,))


def _decimal(column: str, bodies: Sequence[str], thousands: str | None, option: Option) -> str | None:
    """The decimal mark that the values settle; None where none has a mark that could be one."""
    if thousands in (",", "."):
        return "." if thousands == "," else ","
    settled = {mark for body in bodies if (mark := _settled(body))}
    if len(settled) > 1:
        first = {mark: next(body for body in bodies if _settled(body) == mark) for mark in ".,"}
        raise DataError(
            f'{column}: {first["."]} has the decimal mark ".", {first[","]} has ","; one column has one: '
            f'give {option("decimal")}"." or {option("decimal")}"," to be told which rows do not fit',
            column=column,
        )
    unclear = next((body for body in bodies if re.search(r"[.,]", body)), None)
    if settled or unclear is None:
        return settled.pop() if settled else None
    mark = "," if "," in unclear else "."
    joined = re.sub(rf"[{_SPACES}.,]", "", unclear)
    raise Unclear(
        f"{column}: {unclear} may be {joined} or {unclear.replace(mark, '.')}: give {option('decimal')}"
        f'"{mark}" if the mark is a decimal one, {option("decimal")}"{"." if mark == "," else ","}" if it parts thousands',
        column=column,
        got=unclear,
    )


def _settled(body: str) -> str | None:
    """The decimal mark that one value settles; None where it has no mark, or may be read in two ways."""
    marks: list[str] = re.findall(r"[.,]", body)
    if len(set(marks)) == 2:
        return marks[-1]
    if not marks:
        return None
    mark, other = marks[0], "," if marks[0] == "." else "."
    if len(marks) > 1:
        return other
    before, after = re.split(r"[.,]", body)
    is_group = len(after) == 3 and 1 <= len(before) <= 3 and not before.startswith("0")
    return None if is_group else mark


def _unclear_dots(texts: Sequence[str]) -> bool:
    """Whether all that is there of decimals may as well be thousands: 1.234 and 12.500, and nothing else."""
    dotted = [text.lstrip("+-") for text in texts if "." in text or "e" in text.lower()]
    return bool(dotted) and all("e" not in text.lower() and _settled(text) is None for text in dotted)
