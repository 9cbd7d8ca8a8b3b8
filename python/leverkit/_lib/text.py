"""Texts for people, in their language: English is in the code, other languages are in tables of the same templates.

``t("{share} of customers return", share="40 %")`` is the sentence in the current language; `told` does the same for sentences that the engine wrote.
A language is a folder in `texts`: `format.toml` says how numbers, days and nouns are written, the other files hold templates, one file per topic;
`engine/` holds the engine's texts. A text without a translation stays English.
"""

from __future__ import annotations

import datetime as dt
import re
import string
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, cached_property, wraps
from gettext import c2py
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from leverkit._lib.inputs import repr_of, text_of
from leverkit.errors import ParameterError

P = ParamSpec("P")
R = TypeVar("R")

_TEXTS = Path(__file__).parents[1] / "texts"
_ENGLISH = {"decimal": ".", "thousands": ",", "day": "%Y-%m-%d", "month": "%Y-%m", "quarter": "{year} Q{quarter}"}
_now: ContextVar[str] = ContextVar("leverkit_language", default="en")


def _one_or_many(number: float) -> int:
    return 0 if abs(number) == 1 else 1


class Written(str):
    """A number as it is written, which still knows its value: the noun beside it asks for it."""

    number: float

    def __new__(cls, text: str, number: float) -> Written:
        made = super().__new__(cls, text)
        made.number = number
        return made

    def __reduce__(self) -> tuple[type[Written], tuple[str, float]]:
        """What a copy is made of."""
        return Written, (str(self), self.number)


@dataclass(frozen=True)
class Language:
    """A language's templates by the English ones, and how it writes numbers and days."""

    name: str
    templates: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    format: Mapping[str, Any] = field(default_factory=lambda: _ENGLISH)

    @cached_property
    def form_of(self) -> Callable[[float], int]:
        """Which of a noun's forms goes with a number: by the rule of the folder, which is written as in the headers of gettext."""
        if "plural" not in self.format:
            return _one_or_many
        of_whole, of_fraction = c2py(self.format["plural"]), self.format.get("fraction", 1)
        return lambda number: of_whole(int(abs(number))) if number == int(number) else of_fraction

    @cached_property
    def signs(self) -> dict[int, str]:
        """What becomes of the signs in a number that Python wrote."""
        return str.maketrans({",": self.format["thousands"], ".": self.format["decimal"], "-": "\N{MINUS SIGN}"})

    @cached_property
    def patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """What recognises the engine's sentences with values in them, the longest templates first."""
        with_values = sorted((text for text in self.said if "{" in text), key=len, reverse=True)
        return [(_pattern(text), self.said[text]) for text in with_values]


@contextmanager
def language(name: str | None) -> Iterator[None]:
    """Sets the language of figures and reports within a block: ``with lk.language("ru"): scores.plot()``. None changes nothing.

    Raises
    ------
    leverkit.ParameterError
        There are no texts in this language.

    Examples
    --------
    >>> import leverkit as lk
    >>> scores = lk.rfm.score(lk.datasets.company(months=6).ledger())
    >>> with lk.language("ru"):
    ...     figure = scores.plot("heatmap")
    >>> figure.layout.title.text
    'Давность и частота'
    """
    if name is not None and name not in languages():
        known = " or ".join(f'"{some}"' for some in languages())
        raise ParameterError(f"language: got {repr_of(name)}; expected {known}", parameter="language")
    token = _now.set(name or _now.get())
    try:
        yield
    finally:
        _now.reset(token)


def in_its_language(run: Callable[P, R]) -> Callable[P, R]:
    """Lets what a function's keyword `language` names hold while it runs."""

    @wraps(run)
    def within(*arguments: P.args, **options: P.kwargs) -> R:
        name = options.get("language")
        with language(name if name is None else text_of(name)):
            return run(*arguments, **options)

    return within


def languages() -> list[str]:
    """The languages that have texts."""
    return ["en", *sorted(folder.name for folder in _TEXTS.iterdir() if (folder / "format.toml").is_file())]


def current() -> Language:
    """The current language."""
    return _load(_now.get())


def t(template: str, **values: object) -> str:
    """A template in the current language, with its values filled in; ``{n:form|forms}`` is the noun's form for ``n``.

    >>> t("{n} {n:order|orders}", n=1)
    '1 order'
    """
    spoken = current()
    # A template that was not translated has English forms.
    form_of = spoken.form_of if template in spoken.templates else _one_or_many
    return _Writer(form_of).vformat(spoken.templates.get(template, template), (), values)


def mark(template: str) -> str:
    """A template that a constant holds, for `t` to fill in later."""
    return template


def told(text: str) -> str:
    """A name or sentence of the engine in the current language; what is made of several is told part by part. Unknown texts stay unchanged."""
    said = current().said
    return said[text] if text in said else _in_parts(text) or _counted(text) or text


def _known(text: str) -> str | None:
    """A text that the language has, as a whole or with values in it."""
    spoken = current()
    if text in spoken.said:
        return spoken.said[text]
    for pattern, template in spoken.patterns:
        found = pattern.fullmatch(text)
        if found:
            values = {name: _read(value) for name, value in found.groupdict().items()}
            return _Writer(spoken.form_of).vformat(template, (), values)
    return None


def _in_parts(text: str) -> str | None:
    """Sentences, and lists of reasons with their counts: "no customer (2), no time (1)". All of the parts are told, or none is."""
    for mark, between in _BETWEEN:
        parts = between.split(text)
        told_parts = [_counted(part) for part in parts] if len(parts) > 1 else []
        if told_parts and None not in told_parts:
            return mark.join(part for part in told_parts if part)
    return None


def _counted(text: str) -> str | None:
    """A text that the language has, also with a count behind it."""
    count = _COUNT.fullmatch(text)
    reason = _known(count[1]) if count else None
    return f"{reason} ({_read(count[2])})" if count and reason is not None else _known(text)


def in_words(name: str) -> str:
    """The engine's name of a parameter or rule as it is read: ``retention rate``."""
    return told(name.replace("_", " "))


def written(text: str, number: float) -> Written:
    """A number that Python wrote, such as ``-1,234.5``, with the separators of the language and a true minus."""
    return Written(text.translate(current().signs), number)


def day(value: dt.date | str) -> str:
    """A day as the language writes it; ISO text is taken for one."""
    date = dt.date.fromisoformat(value) if isinstance(value, str) else value
    return date.strftime(current().format["day"])


def listed(names: list[str]) -> str:
    """Names one after the other: a, b and c."""
    *before, last = names
    return t("{names} and {last}", names=", ".join(before), last=last) if before else last


class _Writer(string.Formatter):
    """Fills values into a template of a language, whose rule says which form of a noun goes with a number."""

    def __init__(self, form_of: Callable[[float], int]) -> None:
        self._form_of = form_of

    def format_field(self, value: Any, spec: str) -> str:
        if "|" in spec:
            forms = spec.split("|")
            return forms[min(self._form_of(_quantity(value)), len(forms) - 1)]
        if isinstance(value, dt.date):
            return day(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return written(format(value, spec), value)
        return format(value, spec)


def _quantity(value: Any) -> float:
    """The number in a value; of a text that another hand wrote its digits, so that no page fails for a noun."""
    number = getattr(value, "number", value)
    if isinstance(number, str):
        number = re.sub(r"\D", "", number) or 0
    return float(number or 0)


#: What stands between sentences, and between the items of a list.
_BETWEEN = [(" ", re.compile(r"(?<=\.) ")), ("; ", re.compile("; ")), (", ", re.compile(", "))]
_COUNT = re.compile(r"(.+) \((\d[\d,]*)\)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
#: A number as the engine or Python writes it: its sign, its currency, its digits, and whether it is percent.
_NUMBER = re.compile(
    r"([-+\N{MINUS SIGN}]?)([$€£¥₹₸₴₺₪₩₽]|[A-Z]{3}\N{NO-BREAK SPACE})?(\d[\d,]*(?:\.\d+)?)([ \N{NO-BREAK SPACE}]?%)?"
)


def _pattern(template: str) -> re.Pattern[str]:
    parts = string.Formatter().parse(template)
    return re.compile("".join(re.escape(text) + _placed(name, spec) for text, name, spec, _ in parts), re.DOTALL)


def _placed(name: str | None, spec: str | None) -> str:
    """What a place of a template matches: a value, or one of a noun's forms."""
    if spec and "|" in spec:
        return f"(?:{'|'.join(map(re.escape, spec.split('|')))})"
    return f"(?P<{name}>.+?)" if name else ""


def _read(value: str) -> str:
    """A value out of the engine's sentence, as the language writes it."""
    if _DAY.fullmatch(value):
        return day(value)
    found = _NUMBER.fullmatch(value)
    return told(value) if found is None else _number(*found.groups())


def _number(sign: str, currency: str | None, digits: str, percent: str | None) -> Written:
    """The engine writes whole numbers without separators; four digits read well, and may be a year."""
    sign = sign.replace("\N{MINUS SIGN}", "-")
    number = float(sign + digits.replace(",", ""))
    whole, *decimals = digits.split(".")
    whole = f"{int(whole):,}" if len(whole) > 4 and "," not in whole else whole
    text = written(sign + ".".join([whole, *decimals]), number)
    if currency:
        form = current().format.get("money", "{currency}{number}")
        return Written(form.format(number=text, currency=currency.strip()), number)
    return Written(f"{text}\N{NO-BREAK SPACE}%", number) if percent else text


@cache
def _load(name: str) -> Language:
    if name == "en":
        return Language("en")
    folder = _TEXTS / name
    tables = [path for path in sorted(folder.glob("*.toml")) if path.name != "format.toml"]
    templates, said = _read_all(tables), _read_all(sorted(folder.glob("engine/*.toml")))
    return Language(name, templates, said, _toml(folder / "format.toml"))


def _read_all(paths: list[Path]) -> dict[str, str]:
    return {english: text for path in paths for english, text in _toml(path).items()}


def _toml(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(path.read_text(encoding="utf-8"))
