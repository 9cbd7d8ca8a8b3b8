"""How counts, money and shares are written in the current language."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import TYPE_CHECKING, TypeGuard

from leverkit._lib.inputs import repr_of
from leverkit._lib.text import Written, current, t, written
from leverkit.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

#: How currencies are written that have a sign of their own; others are written by their code.
_SIGNS = {
    "EUR": "€",
    "USD": "$",
    "GBP": "£",
    "RUB": "₽",
    "JPY": "¥",
    "INR": "₹",
    "KZT": "₸",
    "UAH": "₴",
    "TRY": "₺",
    "ILS": "₪",
    "KRW": "₩",
}
_CODE = re.compile("[A-Z]{3}")
_now: ContextVar[str | None] = ContextVar("leverkit_currency", default=None)

#: What polars returns as the sum of a column.
Number = float | Decimal


@contextmanager
def currency(code: str | None) -> Iterator[None]:
    """Writes money in this currency within a block; None changes nothing."""
    token = _now.set(code or _now.get())
    try:
        yield
    finally:
        _now.reset(token)


def use(code: str | None) -> None:
    """Writes money in this currency from here on, as long as the context lasts."""
    _now.set(code)


def checked_currency(code: str | None) -> str | None:
    """A currency's code of three letters, or None.

    Raises
    ------
    ParameterError
        It is something else.
    """
    if code is not None and not _CODE.fullmatch(code):
        raise ParameterError(
            f'currency: got {repr_of(code)}; expected a code of three letters, such as "EUR"', parameter="currency"
        )
    return code


def unit() -> str:
    """The code of the currency in which money is written; empty where none is known."""
    return _now.get() or ""


def in_currency(text: str) -> str:
    """A number of money with the sign of its currency, on the side where the language has it."""
    code = _now.get()
    if code is None:
        return text
    sign = _SIGNS.get(code, code)
    if form := current().format.get("money"):
        return str(form).format(number=text, currency=sign)
    minus = "\N{MINUS SIGN}" if text.startswith("\N{MINUS SIGN}") else ""
    between = "\N{NO-BREAK SPACE}" if sign[-1].isalpha() else ""
    return f"{minus}{sign}{between}{text.removeprefix(minus)}"


def _is_known(value: Number | None) -> TypeGuard[Number]:
    """Whether there is a number: none is missing, and none is what no float can hold."""
    return value is not None and math.isfinite(value)


def count(value: Number | None) -> str:
    """A whole number with thousands separators: ``1,469,307``; a dash if unknown."""
    return written(f"{value:,.0f}", round(value)) if _is_known(value) else "–"


def counted(value: int, one: str, many: str | None = None) -> str:
    """A count with its noun in English, as a `repr` has it: ``1 customer``, ``2,500 customers``."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def number(value: Number | None) -> str:
    """A number of any size with its meaningful digits: ``12,000``, ``0.55``, ``2.4``; a dash if unknown."""
    if not _is_known(value) or abs(float(value)) >= 1000:
        return count(value)
    return written(f"{value:.4g}", float(value))


def decimal(value: Number | None, digits: int = 1) -> str:
    """A number with this many digits after the point: ``4.7``; a dash if unknown."""
    return written(f"{_unsigned_zero(float(value), digits):,.{digits}f}", float(value)) if _is_known(value) else "–"


def money(value: Number | None) -> str:
    """Money in the ledger's currency: ``€4,605,345``, and ``€31.20`` below a hundred; a dash if unknown."""
    if not _is_known(value):
        return "–"
    return Written(in_currency(decimal(value, 2) if abs(float(value)) < 100 else count(value)), float(value))


def signed_money(value: Number | None) -> str:
    """A change of money with its sign: ``+€4,605``."""
    text = money(value)
    return f"+{text}" if value is not None and value > 0 else text


def short_money(value: Number) -> str:
    """Money for headlines: ``€4.6 million``."""
    number = float(value)
    if abs(number) >= 1e9:
        return Written(in_currency(t("{number}\N{NO-BREAK SPACE}billion", number=decimal(number / 1e9))), number)
    if abs(number) >= 1e6:
        return Written(in_currency(t("{number}\N{NO-BREAK SPACE}million", number=decimal(number / 1e6))), number)
    return money(number)


def percent(share: Number | None) -> str:
    """A share in percent: ``46 %``, ``0.3 %``; a share close to none or all is never rounded to none or all."""
    if not _is_known(share):
        return "–"
    value = float(share)
    if 0 < abs(value) < 0.001:
        text = "< 0.1" if value > 0 else "> -0.1"
    elif 0.99 < value < 1:
        text = f"{min(100 * value, 99.9):.1f}"
    elif abs(value) >= 0.0995 or value == 0:
        text = f"{_unsigned_zero(100 * value, 0):,.0f}"
    else:
        text = f"{100 * value:.1f}"
    return written(f"{text} %".replace(" ", "\N{NO-BREAK SPACE}"), 100 * value)


def signed_percent(share: Number | None) -> str:
    """A change in percent with its sign: ``+20 %``."""
    text = percent(share)
    is_plain = share is not None and share > 0 and not text.startswith("<")
    return f"+{text}" if is_plain else text


def signed(value: Number | None) -> str:
    """A change with its sign: ``+2.31``, ``-0.4``."""
    text = number(value)
    return f"+{text}" if value is not None and value > 0 else text


def signed_decimal(value: Number | None, digits: int = 2) -> str:
    """A change with its sign and this many digits after the point: ``+2.31``, ``0.00``."""
    text = decimal(value, digits)
    return f"+{text}" if value is not None and round(float(value), digits) > 0 else text


def limits(low: Number | None, high: Number | None, write: Callable[[Number | None], str]) -> str:
    """An interval in words: ``46 % to 52 %``; a dash if there is none."""
    return "–" if not (_is_known(low) and _is_known(high)) else t("{low} to {high}", low=write(low), high=write(high))


def _unsigned_zero(value: float, digits: int) -> float:
    """A rounded value that never reads as minus nothing."""
    return round(value, digits) + 0.0
