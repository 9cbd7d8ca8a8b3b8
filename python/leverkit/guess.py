"""Guesses which column plays which role from common column names.

A guess is never silent: each comes with its reason, and where two columns are equally good none is taken and both are
named. Reading the data and saying so to the user is left to the command line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

#: For each role the usual names, in lower case without separators; the names of an earlier group are better.
_NAMES: dict[str, list[set[str]]] = {
    "customer": [
        {
            "customerid",
            "customerkey",
            "customernumber",
            "customerno",
            "clientid",
            "householdid",
            "householdkey",
            "userid",
            "memberid",
            "buyerid",
            "custid",
            "accountid",
        },
        {"customer", "client", "household", "user", "member", "buyer", "cust", "account", "customercode", "email"},
    ],
    "time": [
        {
            "transactiontimestamp",
            "transactiondate",
            "transactiontime",
            "invoicedate",
            "orderdate",
            "ordertime",
            "ordertimestamp",
            "purchasedate",
            "saledate",
            "orderedat",
            "purchasedat",
            "salesdate",
            "orderpurchasetimestamp",
        },
        {"timestamp", "datetime", "date", "time", "ts", "day", "createdat"},
    ],
    "amount": [
        {
            "salesvalue",
            "salesamount",
            "lineamount",
            "linetotal",
            "netamount",
            "netsales",
            "netrevenue",
            "extendedprice",
        },
        {"amount", "revenue", "sales", "total", "totalprice", "totalamount", "value", "spend", "turnover"},
        {"paid", "amountpaid", "pricepaid"},
    ],
    "order": [
        {
            "orderid",
            "ordernumber",
            "orderno",
            "basketid",
            "invoiceid",
            "invoiceno",
            "invoicenumber",
            "invoice",
            "transactionid",
            "receiptid",
            "checkid",
        },
        {"order", "basket", "transaction", "receipt", "ticket", "bill"},
    ],
    "product": [
        {
            "productid",
            "productkey",
            "productcode",
            "stockcode",
            "sku",
            "skuid",
            "itemid",
            "articleid",
            "upc",
            "ean",
            "gtin",
            "asin",
        },
        {"product", "item", "article", "productname"},
    ],
    "quantity": [{"quantity", "qty", "units", "quantityordered", "unitssold", "orderqty"}],
    "price": [{"unitprice", "priceperunit", "priceeach", "netprice"}, {"price"}],
    "list_price": [{"listprice", "grossprice", "regularprice", "catalogprice", "rrp", "msrp"}],
    "unit_cost": [{"unitcost", "costperunit", "cogs", "unitcogs", "purchaseprice"}, {"cost"}],
}
_DIMENSIONS = {
    "storeid",
    "store",
    "shop",
    "shopid",
    "channel",
    "saleschannel",
    "region",
    "country",
    "city",
    "state",
    "territory",
}
_NUMBERS = {"amount", "quantity", "price", "list_price", "unit_cost"}


@dataclass(frozen=True)
class Guesses:
    """Columns by role (`dimensions` holds a list), why each was taken, and what was left open because it is not clear."""

    roles: dict[str, str | list[str]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    unclear: dict[str, str] = field(default_factory=dict)


def guess_roles(columns: Mapping[str, str | pl.DataType]) -> Guesses:
    """Guesses the roles of a frame's columns from their names, and from their types where these rule a role out.

    A price is guessed only where no column is the amount, because amount says more: it is net of discounts.

    Parameters
    ----------
    columns
        Types by column name: a polars schema, or the types' names.

    Examples
    --------
    >>> guesses = guess_roles({"household_id": "Int64", "InvoiceDate": "Date", "total": "Float64", "revenue": "Float64"})
    >>> guesses.roles
    {'customer': 'household_id', 'time': 'InvoiceDate'}
    >>> guesses.unclear
    {'amount': 'total or revenue'}
    """
    guesses = Guesses()
    for role in _NAMES:
        has_amount = "amount" in guesses.roles or "amount" in guesses.unclear
        if role != "price" or not has_amount:
            _guess(role, columns, guesses)
    dimensions = [column for column in columns if _plain(column) in _DIMENSIONS]
    if dimensions:
        guesses.roles["dimensions"] = dimensions
        guesses.reasons["dimensions"] = "guessed from their names"
    return guesses


def _guess(role: str, columns: Mapping[str, str | pl.DataType], guesses: Guesses) -> None:
    fitting = [column for column, dtype in columns.items() if _fits(role, str(dtype))]
    groups = [[column for column in fitting if _plain(column) in names] for names in _NAMES[role]]
    best, *lesser = [group for group in groups if group] or [[]]
    if len(best) == 1:
        guesses.roles[role] = best[0]
        others = " or ".join(column for group in lesser for column in group)
        guesses.reasons[role] = f"guessed from its name, rather than {others}" if others else "guessed from its name"
    elif best:
        guesses.unclear[role] = " or ".join(best)


def _plain(column: str) -> str:
    """A name without case, spaces and separators: `Customer ID`, `customer_id` and `CustomerID` are one."""
    return re.sub(r"[^a-z0-9]", "", column.lower())


def _fits(role: str, dtype: str) -> bool:
    is_number = dtype.startswith(("Int", "UInt", "Float", "Decimal"))
    if role in _NUMBERS:
        return is_number
    if role == "time":
        return dtype.startswith(("Date", "String", "Utf8", "Object"))
    # Ids may be floats: that is what integers with missing values become in pandas.
    return not dtype.startswith(("Date", "Bool", "List", "Struct"))
