"""The roles that a frame of order lines can have, as keywords: so that editors complete them and type checkers find a slip."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias, TypedDict

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = [
    "BasicRoles",
    "ChainRoles",
    "DateLike",
    "DatedRoles",
    "LevelRoles",
    "LineRoles",
    "OnInvalid",
    "Returns",
    "Unpack",
]

Returns: TypeAlias = Literal["net", "drop", "keep"]
OnInvalid: TypeAlias = Literal["reject", "raise"]
DateLike: TypeAlias = dt.date | str | None


class BasicRoles(TypedDict, total=False):
    """What every function of order lines takes beside its own parameters; the columns' meaning is that of `leverkit.Ledger`."""

    customer: str
    time: str
    amount: str | None
    price: str | None
    quantity: str | None
    unit_cost: str | None
    list_price: str | None
    discounts: Mapping[str, str] | None
    dimensions: Iterable[str]
    returns: Returns
    on_invalid: OnInvalid
    time_zone: str | None
    time_format: str | None
    clean: Mapping[str, Any] | None
    max_unreadable: float | None
    currency: str | None


class LineRoles(BasicRoles, total=False):
    """For functions with a day of their own from which they look back."""

    order: str | None
    product: str | None


class DatedRoles(LineRoles, total=False):
    """For functions that look back from the ledger's day."""

    as_of: DateLike


class ChainRoles(BasicRoles, total=False):
    """For functions whose `order` is that of a chain, not a column."""

    product: str | None
    as_of: DateLike


class LevelRoles(BasicRoles, total=False):
    """For functions whose `product` is a level of products, not a column."""

    order: str | None
    as_of: DateLike
