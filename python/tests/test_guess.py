"""Roles are guessed from common column names, and never in silence where two columns are equally good."""

import polars as pl
import pytest

from leverkit.guess import guess_roles


def test_columns_of_the_complete_journey_are_recognised():
    schema = {
        "household_id": "Int64", "store_id": "Int64", "basket_id": "Int64", "product_id": "Int64", "quantity": "Int64",
        "sales_value": "Float64", "retail_disc": "Float64", "week": "Int64", "transaction_timestamp": "Datetime",
    }  # fmt: skip
    assert guess_roles(schema).roles == {
        "customer": "household_id",
        "time": "transaction_timestamp",
        "amount": "sales_value",
        "order": "basket_id",
        "product": "product_id",
        "quantity": "quantity",
        "dimensions": ["store_id"],
    }


def test_columns_of_online_retail_are_recognised_with_price_and_quantity_for_the_amount():
    schema = {
        "InvoiceNo": "String", "StockCode": "String", "Description": "String", "Quantity": "Int64",
        "InvoiceDate": "Datetime", "UnitPrice": "Float64", "Customer ID": "Float64", "Country": "String",
    }  # fmt: skip
    assert guess_roles(schema).roles == {
        "customer": "Customer ID",
        "time": "InvoiceDate",
        "order": "InvoiceNo",
        "product": "StockCode",
        "quantity": "Quantity",
        "price": "UnitPrice",
        "dimensions": ["Country"],
    }


def test_two_equally_good_columns_are_both_named_and_none_is_taken():
    guesses = guess_roles({"user_id": "Int64", "client_id": "Int64"})
    assert guesses.roles == {}
    assert guesses.unclear == {"customer": "user_id or client_id"}


def test_an_id_is_better_than_a_name_and_the_reason_says_so():
    guesses = guess_roles({"customer": "String", "customer_id": "Int64"})
    assert guesses.roles == {"customer": "customer_id"}
    assert guesses.reasons == {"customer": "guessed from its name, rather than customer"}


@pytest.mark.parametrize("schema", [{"amount": "String"}, {"order_date": "Float64"}, {"customer_id": "Date"}])
def test_a_type_that_a_role_cannot_use_rules_the_column_out(schema):
    assert guess_roles(schema).roles == {}


def test_a_price_is_not_taken_where_the_amount_is_unclear():
    guesses = guess_roles({"total": "Float64", "revenue": "Float64", "price": "Float64", "quantity": "Int64"})
    assert guesses.roles == {"quantity": "quantity"}
    assert guesses.unclear == {"amount": "total or revenue"}


def test_a_polars_schema_will_do():
    schema = pl.Schema({"client": pl.String, "date": pl.Date, "amount": pl.Decimal(10, 2)})
    assert guess_roles(schema).roles == {"customer": "client", "time": "date", "amount": "amount"}


def test_unknown_names_are_left_alone():
    guesses = guess_roles({"foo": "Int64", "bar": "Float64"})
    assert (guesses.roles, guesses.unclear) == ({}, {})


def test_the_names_of_the_readme_are_recognised_and_an_amount_is_better_than_what_was_paid():
    schema = {"client": "String", "ordered_at": "Date", "paid": "Float64"}
    assert guess_roles(schema).roles == {"customer": "client", "time": "ordered_at", "amount": "paid"}
    assert guess_roles(schema | {"amount": "Float64"}).roles["amount"] == "amount"
