"""Roles are guessed from common column names, and never in silence where two columns are equally good."""

import polars as pl
import pytest

from leverkit.guess import guess_roles


def test_columns_of_the_complete_journey_are_recognised():
    schema = {
        "household_id": "Int64",
        "store_id": "Int64",
        "basket_id": "Int64",
        "product_id": "Int64",
        "quantity": "Int64",
        "sales_value": "Float64",
        "retail_disc": "Float64",
        "week": "Int64",
        "transaction_timestamp": "Datetime",
    }
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
        "InvoiceNo": "String",
        "StockCode": "String",
        "Description": "String",
        "Quantity": "Int64",
        "InvoiceDate": "Datetime",
        "UnitPrice": "Float64",
        "Customer ID": "Float64",
        "Country": "String",
    }
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


@pytest.mark.parametrize(
    ("column", "role"),
    [
        ("Net sales (EUR)", "amount"),
        ("Revenue [USD]", "amount"),
        ("amount_usd", "amount"),
        ("COGS/unit", "unit_cost"),
        ("Qty, pcs", "quantity"),
        ("Сумма, руб.", "amount"),
        ("Кол-во (шт.)", "quantity"),
    ],
)
def test_the_unit_of_a_column_is_not_part_of_its_name(column, role):
    assert guess_roles({column: "Float64"}).roles == {role: column}


def test_a_share_is_no_money():
    assert guess_roles({"Sales (%)": "Float64"}).roles == {}


def test_russian_names_are_recognised():
    schema = {
        "Контрагент": "String",
        "Дата продажи": "Date",
        "Сумма": "Float64",
        "Номер заказа": "String",
        "Номенклатура": "String",
        "Количество": "Int64",
        "Себестоимость": "Float64",
        "Магазин": "String",
    }
    assert guess_roles(schema).roles == {
        "customer": "Контрагент",
        "time": "Дата продажи",
        "amount": "Сумма",
        "order": "Номер заказа",
        "product": "Номенклатура",
        "quantity": "Количество",
        "unit_cost": "Себестоимость",
        "dimensions": ["Магазин"],
    }


@pytest.mark.parametrize("values", [["10", "20.5"], ["1 234,50", "7,00"], ["$1,234.50", "(15.00)"]])
def test_text_is_an_amount_where_its_values_are_numbers(values):
    sample = pl.DataFrame({"amount": values})
    assert guess_roles(sample.schema, sample).roles == {"amount": "amount"}


def test_text_is_no_amount_where_its_values_are_words():
    sample = pl.DataFrame({"total": ["high", "low"], "value": ["1.0", ""]})
    assert guess_roles(sample.schema, sample).roles == {"amount": "value"}


def test_a_clock_beside_a_date_is_not_the_time():
    sample = pl.DataFrame({"Date": ["2024-01-05"], "Time": ["10:15:00"]})
    assert guess_roles(sample.schema, sample).roles == {"time": "Date"}


def lines(total):
    return pl.DataFrame(
        {"order": ["1", "1", "2"], "unit_price": [5.0, 10.0, 7.0], "quantity": [2, 3, 1], "total": total}
    )


@pytest.mark.parametrize("as_text", [False, True])
def test_an_order_total_on_each_line_gives_way_to_price_and_quantity_that_add_up_to_it(as_text):
    sample = lines([40.0, 40.0, 7.0])
    sample = sample.cast(pl.String) if as_text else sample
    guesses = guess_roles(sample.schema, sample)
    assert guesses.roles == {"order": "order", "quantity": "quantity", "price": "unit_price"}
    assert "rather than total: price × quantity of an order adds up to it" in guesses.reasons["price"]


def test_an_order_total_that_holds_more_than_the_lines_is_left_open():
    sample = lines([45.0, 45.0, 7.0])
    guesses = guess_roles(sample.schema, sample)
    assert guesses.roles == {"order": "order", "quantity": "quantity"}
    assert guesses.unclear == {"amount": "total (the same on all lines of an order) or price × quantity"}


def test_an_amount_of_the_line_is_taken_before_price_and_quantity():
    sample = lines([10.0, 30.0, 7.0])
    assert guess_roles(sample.schema, sample).roles["amount"] == "total"


def test_lines_that_cost_the_same_do_not_make_an_amount_a_total():
    sample = pl.DataFrame({"order": ["1", "1"], "price": [10.0, 10.0], "quantity": [1, 1], "total": [10.0, 10.0]})
    assert guess_roles(sample.schema, sample).roles["amount"] == "total"


def test_without_order_ids_a_day_of_a_customer_is_the_order():
    sample = pl.DataFrame(
        {
            "customer": ["a", "a"],
            "date": ["2024-01-01"] * 2,
            "price": [10.0, 30.0],
            "quantity": [1, 1],
            "total": [40.0, 40.0],
        }
    )
    assert guess_roles(sample.schema, sample).roles["price"] == "price"


def test_columns_that_are_given_are_not_guessed_again():
    sample = lines([40.0, 40.0, 7.0])
    guesses = guess_roles(sample.schema, sample, given={"amount": "total", "order": "order"})
    assert guesses.roles == {"quantity": "quantity"}
