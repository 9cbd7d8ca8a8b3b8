"""Exports that people download are known by their headers and become order lines; what is no sale is left out and told."""

import datetime as dt
import re
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from typer.testing import CliRunner

import leverkit as lk
from leverkit.cli.app import app
from leverkit.errors import DataError, ParameterError, SchemaError
from leverkit.reading import shapes
from leverkit.reading.numbers import judge

# One small invented file for each shape: separator, rows as they stand in the file, and what they come to.
FILES = {
    "shopify": (
        ",",
        """Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at,Refunded Amount,Lineitem discount
#1001,ann@shop.test,paid,2024-01-05 09:59:00 +0200,EUR,45.00,6.00,0.00,51.00,TEN,5.00,2024-01-05 09:58:00 +0200,2,Cup,15.00,C-1,,0.00,0.00
#1001,,,,,,,,,,,2024-01-05 09:58:00 +0200,1,Tray,20.00,T-1,,,0.00
#1002,bob@shop.test,partially_refunded,2024-02-01 12:00:00 +0200,EUR,100.00,10.00,0.00,110.00,,0.00,2024-02-01 12:00:00 +0200,1,Lamp,100.00,L-1,,20.00,0.00
#1003,ann@shop.test,refunded,2024-02-03 12:00:00 +0200,EUR,15.00,0.00,0.00,15.00,,0.00,2024-02-03 12:00:00 +0200,1,Cup,15.00,C-1,,15.00,0.00
#1004,cid@shop.test,pending,,EUR,30.00,0.00,0.00,30.00,,0.00,2024-02-04 12:00:00 +0200,2,Cup,15.00,C-1,2024-02-05 08:00:00 +0200,0.00,0.00
#1005,cid@shop.test,paid,2024-03-01 08:00:00 +0200,EUR,27.00,0.00,0.00,27.00,,0.00,2024-03-01 08:00:00 +0200,2,Cup,15.00,C-1,,0.00,3.00
""",
        {"revenue": 45 + 80 + 27, "orders": 3, "customers": 3, "left_out": 2},
    ),
    "woocommerce": (
        ",",
        """Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),Net Sales,Attribution
2024-01-05 10:00:00,11,€40.00,completed,Ann Lee,new,2× Cup,2,,40,Direct
2024-01-06 10:00:00,12,€25.00,refunded,Bob Ray,new,1× Tray,1,,25,Direct
2024-01-09 10:00:00,12,-€25.00,refunded,Bob Ray,new,1× Tray,-1,,-25,Direct
2024-01-10 10:00:00,13,€60.00,failed,Cid Orr,new,1× Lamp,1,,60,Direct
2024-02-01 10:00:00,14,€15.00,processing,Ann Lee,returning,1× Cup,1,,15,Direct
""",
        {"revenue": 55, "orders": 3, "customers": 2, "left_out": 1},
    ),
    "woocommerce_lines": (
        ",",
        """Order Number,Order Status,Order Date,Email (Billing),Item Name,SKU,Quantity (- Refund),Item Cost,Order Total Amount
21,Completed,2024-01-05 10:00,ann@shop.test,Cup,C-1,1,10.00,40.00
21,Completed,2024-01-05 10:00,ann@shop.test,Tray,T-1,2,15.00,40.00
22,Cancelled,2024-01-06 10:00,bob@shop.test,Cup,C-1,1,10.00,10.00
23,Processing,2024-01-07 10:00,bob@shop.test,Cup,C-1,3,10.00,30.00
""",
        {"revenue": 70, "orders": 2, "customers": 2, "left_out": 1},
    ),
    "magento": (
        ",",
        """ID,Purchase Point,Purchase Date,Bill-to Name,Ship-to Name,Grand Total (Base),Grand Total (Purchased),Status,Customer Email,Customer Group,Subtotal,Shipping and Handling,Total Refunded
000000031,Main,"Jan 5, 2024, 10:12:45 AM",Ann Lee,Ann Lee,"$1,050.00","$1,050.00",Complete,ann@shop.test,General,$1000.00,$50.00,$0.00
000000032,Main,"Jan 6, 2024, 10:12:45 AM",Bob Ray,Bob Ray,$80.00,$80.00,Processing,bob@shop.test,General,$80.00,$0.00,$30.00
000000033,Main,"Jan 7, 2024, 10:12:45 AM",Cid Orr,Cid Orr,$99.00,$99.00,Canceled,cid@shop.test,General,$99.00,$0.00,
000000034,Main,"Jan 8, 2024, 10:12:45 AM",Cid Orr,Cid Orr,$20.00,$20.00,Closed,cid@shop.test,General,$20.00,$0.00,$20.00
""",
        {"revenue": 1100, "orders": 2, "customers": 2, "left_out": 2},
    ),
    "square": (
        ",",
        """Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Modifiers Applied,Gross Sales,Discounts,Net Sales,Tax,Transaction ID,Payment ID,Device Name,Notes,Details,Event Type,Location,Dining Option,Customer ID,Customer Name
2024-01-05,10:15:00,Eastern Time (US & Canada),Ware,Cup,2,Regular,C-1,,$30.00,-$5.00,$25.00,$2.00,T1,P1,Till,,,Payment,Main,,K1,Ann Lee
2024-01-05,10:15:00,Eastern Time (US & Canada),Ware,Lamp,1,Regular,L-1,,"$1,200.00",$0.00,"$1,200.00",$96.00,T1,P1,Till,,,Payment,Main,,K1,Ann Lee
2024-01-08,11:00:00,Eastern Time (US & Canada),Ware,Cup,-1,Regular,C-1,,($15.00),$2.50,($12.50),($1.00),T2,P1,Till,,,Refund,Main,,K1,Ann Lee
2024-01-09,12:00:00,Eastern Time (US & Canada),Ware,Tray,1,Regular,T-1,,$20.00,$0.00,$20.00,$1.60,T3,P3,Till,,,Payment,Main,,K2,Bob Ray
""",
        {"revenue": 1232.5, "orders": 2, "customers": 2, "left_out": 0},
    ),
    "stripe": (
        ",",
        """id,Description,Seller Message,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,Converted Amount Refunded,Fee,Tax,Converted Currency,Mode,Status,Statement Descriptor,Customer ID,Customer Description,Customer Email,Captured
ch_1,Plan,Payment complete.,2024-01-05 10:00:00,20.00,0.00,usd,18.00,0.00,0.90,0.00,eur,Live,Paid,SHOP,cus_1,,ann@shop.test,true
ch_2,Plan,Payment complete.,2024-01-06 10:00:00,50.00,20.00,eur,50.00,20.00,1.50,0.00,eur,Live,Paid,SHOP,cus_2,,bob@shop.test,true
ch_3,Plan,Declined.,2024-01-07 10:00:00,50.00,0.00,eur,,,0.00,0.00,,Live,Failed,SHOP,cus_3,,cid@shop.test,false
ch_4,Plan,Payment complete.,2024-01-08 10:00:00,12.00,12.00,eur,12.00,12.00,0.50,0.00,eur,Live,Refunded,SHOP,cus_3,,cid@shop.test,true
ch_5,Plan,Payment complete.,2024-02-05 10:00:00,20.00,0.00,usd,18.00,0.00,0.90,0.00,eur,Live,Paid,SHOP,cus_1,,ann@shop.test,true
""",
        {"revenue": 66, "orders": 3, "customers": 2, "left_out": 2},
    ),
    "stripe_charges": (
        ",",
        """id,amount,amount_refunded,captured,created,currency,customer_id,paid,refunded,status
ch_1,2000,0,true,2024-01-05 10:00:00,usd,cus_1,true,false,succeeded
ch_2,5000,2000,true,2024-01-06 10:00:00,usd,cus_2,true,false,succeeded
ch_3,5000,0,false,2024-01-07 10:00:00,usd,cus_3,false,false,failed
ch_4,1200,1200,true,2024-01-08 10:00:00,usd,cus_3,true,true,succeeded
""",
        {"revenue": 50, "orders": 2, "customers": 2, "left_out": 2},
    ),
    "1c": (
        ";",
        """Дата;Регистратор;Контрагент;Номенклатура;Количество;Сумма
05.01.2024;Реализация 1;ООО Ромашка;Чашка;2;1\u00a0200,50
05.01.2024;Реализация 1;ООО Ромашка;Поднос;1;300,00
18.01.2024;Возврат 1;ООО Ромашка;Поднос;-1;-300,00
19.02.2024;Реализация 2;ИП Лилия;Чашка;1;600,25
Итого;;;;3;1\u00a0800,75
""",
        {"revenue": 1800.75, "orders": 2, "customers": 2, "left_out": 1},
    ),
    "ozon": (
        ";",
        """Номер заказа;Номер отправления;Принят в обработку;Дата отгрузки;Статус;Наименование товара;Ozon ID;Артикул;Ваша цена;Код валюты отправления;Оплачено покупателем;Количество
0100-0001;0100-0001-1;2024-01-05 10:00:00;2024-01-06 10:00:00;Доставлен;Чашка;71;C-1;1200,50;RUB;1100,00;2
0100-0002;0100-0002-1;2024-02-05 10:00:00;2024-02-06 10:00:00;Доставлен;Поднос;72;T-1;300,00;RUB;290,00;1
0207-0004;0207-0004-1;2024-02-07 10:00:00;2024-02-08 10:00:00;Отменён;Чашка;71;C-1;1200,50;RUB;1200,50;1
0333-0001;0333-0001-1;2024-02-09 10:00:00;2024-02-10 10:00:00;Доставляется;Чашка;71;C-1;1200,50;RUB;1200,50;1
""",
        {"revenue": 3901.5, "orders": 3, "customers": 2, "left_out": 1},
    ),
    "wildberries": (
        ";",
        """№;Номер поставки;Предмет;Код номенклатуры;Бренд;Артикул поставщика;Тип документа;Обоснование для оплаты;Дата заказа покупателем;Дата продажи;Кол-во;Цена розничная;Вайлдберриз реализовал Товар (Пр);Srid
1;501;Чашки;71;Дом;C-1;Продажа;Продажа;2024-01-04;2024-01-05;1;900;700,50;s1
2;501;Подносы;72;Дом;T-1;Продажа;Продажа;2024-01-05;2024-01-07;1;500;400;s2
3;501;Подносы;72;Дом;T-1;Возврат;Возврат;2024-01-05;2024-01-15;1;500;400;s2
4;501;Чашки;71;Дом;C-1;Продажа;Логистика;2024-01-05;2024-01-07;0;0;0;s1
5;501;Чашки;71;Дом;C-1;Продажа;Продажа;2024-01-09;2024-01-11;1;900;710;s3
""",
        {"revenue": 1410.5, "orders": 3, "customers": 3, "left_out": 1},
    ),
    "ga4_purchases": (
        ",",
        """event_date,event_timestamp,event_name,user_pseudo_id,ecommerce.transaction_id,ecommerce.purchase_revenue
20240105,1704448800000000,page_view,u1.1,,
20240105,1704448860000000,purchase,u1.1,A1,40.5
20240106,1704535200000000,purchase,u2.2,A2,10
20240107,1704621600000000,refund,u2.2,A2,
""",
        {"revenue": 50.5, "orders": 2, "customers": 2, "left_out": 2},
    ),
    "online_retail": (
        ",",
        """InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
700001,A1,CUP,6,2010-12-01 08:26:00,2.5,90001,France
700001,B2,TRAY,1,2010-12-01 08:26:00,4,90001,France
C700002,B2,TRAY,-1,2010-12-03 09:00:00,4,90001,France
700003,A1,CUP,2,2010-12-04 10:00:00,3,90002,Spain
""",
        {"revenue": 21, "orders": 2, "customers": 2, "left_out": 0},
    ),
}


def frame_of(text, separator=","):
    return pl.read_csv(text.encode(), infer_schema=False, separator=separator).lazy()


def lines_of(name):
    """The export of this name as the shape leaves it: customer, order and money of each line."""
    separator, text, _ = FILES[name]
    frame = frame_of(text, separator)
    shape = shapes.load(name, frame.collect_schema())
    roles, lines = shape.roles, shape.apply(frame).collect()
    columns = [roles["amount"]] if "amount" in roles else [roles["price"], roles["quantity"]]
    money = [judge(column, lines[column].cast(pl.String)).expr(pl.col(column).cast(pl.String)) for column in columns]
    return lines.select(customer=roles["customer"], order=roles["order"], money=money[0] * (money[1:] or [1])[0])


@pytest.mark.parametrize("name", FILES)
def test_an_export_gives_its_revenue_orders_and_customers(name):
    expected, lines = FILES[name][2], lines_of(name)
    assert lines["money"].sum() == pytest.approx(expected["revenue"])
    assert lines.filter(pl.col("money") > 0)["order"].n_unique() == expected["orders"]
    assert lines["customer"].n_unique() == expected["customers"]


@pytest.mark.parametrize("name", FILES)
def test_an_export_becomes_a_ledger_with_the_roles_of_its_shape(tmp_path, name):
    _, text, expected = FILES[name]
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")
    lines = lk.read(path, shape="ga4_purchases" if name == "ga4_purchases" else None)
    ledger = lk.Ledger(lines, **lines.how.roles)
    assert ledger.revenue == pytest.approx(expected["revenue"])
    assert (ledger.n_orders, ledger.n_customers) == (expected["orders"], expected["customers"])
    assert f"(shape {name}{'' if name == 'ga4_purchases' else ', found by its headers'})" in str(lines.how)


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
@pytest.mark.parametrize("name", ["shopify", "stripe_charges", "wildberries", "online_retail"])
def test_an_export_that_another_tool_gave_types_is_the_same_ledger(tmp_path, name, kind):
    separator, text, expected = FILES[name]
    frame = frame_of(text, separator).collect()
    numbers = [
        column for column in frame.columns if frame[column].drop_nulls().str.contains(r"^-?\d+([.,]\d+)?$").all()
    ]
    typed = frame.with_columns(pl.col(numbers).str.replace(",", ".").cast(pl.Float64))
    path = tmp_path / f"export.{kind}"
    (typed.write_parquet if kind == "parquet" else typed.write_ndjson)(path)
    lines = lk.read(path)
    ledger = lk.Ledger(lines, **lines.how.roles)
    assert ledger.revenue == pytest.approx(expected["revenue"])
    assert (ledger.n_orders, ledger.n_customers) == (expected["orders"], expected["customers"])


def workbook(path, rows):
    """The rows as people have them in a workbook: numbers as numbers, days as days, under a title."""
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy hh:mm:ss"})
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Export")
        for at, row in enumerate(rows, start=2):
            for place, cell in enumerate(row):
                if cell and re.fullmatch(r"-?\d[\d\s]*([.,]\d+)?", cell):
                    sheet.write_number(at, place, float(re.sub(r"\s", "", cell).replace(",", ".")))
                elif cell and re.fullmatch(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?", cell):
                    sheet.write_datetime(at, place, dt.datetime.fromisoformat(cell), day)
                else:
                    sheet.write(at, place, cell)


@pytest.mark.parametrize("name", FILES)
def test_an_export_as_a_workbook_is_the_same_ledger(tmp_path, name):
    separator, text, expected = FILES[name]
    frame = frame_of(text, separator).collect()
    workbook(tmp_path / "export.xlsx", [frame.columns, *frame.rows()])
    lines = lk.read(tmp_path / "export.xlsx", shape="ga4_purchases" if name == "ga4_purchases" else None)
    ledger = lk.Ledger(lines, **lines.how.roles)
    assert ledger.revenue == pytest.approx(expected["revenue"])
    assert (ledger.n_orders, ledger.n_customers) == (expected["orders"], expected["customers"])
    assert "above the header passed over: Export" in str(lines.how)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251", "cp866", "utf-16"])
def test_a_report_of_1c_is_read_under_its_titles_and_without_its_last_line(tmp_path, encoding):
    rows = [
        "Отчет о продажах;;;;;",
        'Отбор:;Организация Равно "ООО Цветы";;;;',
        ";;;;;",
        "Контрагент;Номенклатура;Регистратор;Дата;Количество;Сумма",
        "ООО Север;Кружка;Реализация 1;05.01.2024 12:30:11;2;1 200,50",
        "ООО Север;Поднос;Реализация 1;05.01.2024 12:30:11;1;300,00",
        "ИП Юрина;Лампа;Реализация 2;17.02.2024 9:05:00;1;2 500,00",
        "Итого;;;;4;4 000,50",
    ]
    path = tmp_path / "report.csv"
    path.write_bytes("\r\n".join(rows).encode(encoding))
    lines = lk.read(path)
    ledger = lk.Ledger(lines, **lines.how.roles)
    assert (ledger.n_customers, ledger.n_orders, ledger.revenue) == (2, 2, 4000.5)
    assert any("2 lines above the header passed over: Отчет о продажах" in note for note in lines.how.notes)
    assert any("1 of 4 rows (4,000.50) are no sales" in note for note in lines.how.notes)


@pytest.mark.parametrize("name", FILES)
def test_the_command_line_needs_no_role_for_an_export(tmp_path, name):
    _, text, expected = FILES[name]
    path, scores = tmp_path / "export.csv", tmp_path / "scores.parquet"
    path.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["rfm", str(path), "--shape", name, "-o", str(scores)])
    assert done.exit_code == 0, done.stderr
    assert pl.read_parquet(scores)["monetary"].sum() == pytest.approx(expected["revenue"])
    assert f"(shape {name}; set --customer and the like to change)" in done.stderr
    assert ("are no sales and were left out" in done.stderr) == (expected["left_out"] > 0)


@pytest.mark.parametrize("command", ["report", "funnel", "profit", "clv"])
def test_every_command_of_order_lines_knows_an_export(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    rows = [
        f"#{n},c{n % 20}@x.test,paid,EUR,,,0,0,0,2024-{1 + n % 6:02}-{1 + n % 28:02} 10:00:00 +0200,2,{5 + n % 7},0"
        for n in range(120)
    ]
    (tmp_path / "orders_export.csv").write_text(SHOPIFY + "\n".join(rows), encoding="utf-8")
    done = CliRunner().invoke(app, [command, "orders_export.csv"])
    assert done.exit_code == 0, done.stderr
    assert "read as Shopify orders (shape shopify, found by its headers)" in done.stderr


def test_the_shape_is_kept_with_the_settings_and_its_roles_come_with_it(tmp_path):
    (tmp_path / "orders.csv").write_text(FILES["shopify"][1], encoding="utf-8")
    kept = tmp_path / "leverkit.toml"
    arguments = ["rfm", str(tmp_path / "orders.csv")]
    assert CliRunner().invoke(app, [*arguments, "--product", "Lineitem sku", "--save-config", str(kept)]).exit_code == 0
    assert kept.read_text(encoding="utf-8") == '[roles]\nproduct = "Lineitem sku"\n\n[read]\nshape = "shopify"\n'
    again = CliRunner().invoke(app, [*arguments, "--config", str(kept)])
    assert again.exit_code == 0, again.stderr
    assert "guessed" not in again.stderr


def test_a_shape_of_ones_own_is_kept_as_seen_from_the_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "till.toml").write_text(OWN)
    (tmp_path / "till.csv").write_text(TILL)
    (tmp_path / "kept").mkdir()
    first = CliRunner().invoke(
        app, ["rfm", "till.csv", "--shape", "shapes/till.toml", "--save-config", "kept/leverkit.toml"]
    )
    assert first.exit_code == 0, first.stderr
    assert 'shape = "../shapes/till.toml"' in (tmp_path / "kept" / "leverkit.toml").read_text()
    again = CliRunner().invoke(app, ["rfm", "till.csv", "--config", "kept/leverkit.toml"])
    assert again.exit_code == 0, again.stderr
    assert "read as Our till (shape till)" in again.stderr


@pytest.mark.parametrize("name", [name for name in FILES if name != "ga4_purchases"])
def test_an_export_is_known_by_its_headers(name):
    separator, text, _ = FILES[name]
    found = shapes.find(frame_of(text, separator).collect_schema())
    assert found.name == name


@pytest.mark.parametrize("name", FILES)
def test_rows_that_are_no_sales_are_counted_and_told(name):
    separator, text, expected = FILES[name]
    frame = frame_of(text, separator)
    shape = shapes.load(name, frame.collect_schema())
    tally = shape.tally(frame)
    gone = tally.filter(pl.col("status") != "kept")["rows"].sum()
    assert gone == expected["left_out"]
    assert tally["rows"].sum() == frame.collect().height
    assert any("are no sales and were left out" in note for note in shape.notes(frame)) == (gone > 0)


def test_every_shape_has_a_file_of_its_own_here():
    assert {*FILES, "ga4"} == set(shapes.known())


def test_what_is_left_out_is_told_with_its_reason_and_its_money():
    separator, text, _ = FILES["shopify"]
    frame = frame_of(text, separator)
    note, *_ = shapes.load("shopify", frame.collect_schema()).notes(frame)
    assert note == (
        "2 of 6 rows (45.00) are no sales and were left out (Cancelled at: 1, 30.00; Financial Status: refunded: 1, 15.00)"
    )


def test_headers_of_another_kind_are_no_shape():
    assert shapes.find(["customer_id", "date", "amount"]) is None


def test_case_blanks_and_a_byte_order_mark_in_headers_do_not_matter():
    headers = ["\ufeffname", "EMAIL ", "Financial  Status", "lineitem quantity", "lineitem price", "Created at"]
    assert shapes.find(headers).roles["customer"] == "EMAIL "


def test_the_shape_can_be_switched_off():
    separator, text, _ = FILES["square"]
    assert shapes.choose("none", frame_of(text, separator).collect_schema()) is None


SHOPIFY = "Name,Email,Financial Status,Currency,Subtotal,Total,Shipping,Discount Amount,Refunded Amount,Created at,Lineitem quantity,Lineitem price,Lineitem discount\n"


def shopify_money(*rows):
    frame = frame_of(SHOPIFY + "\n".join(rows))
    shape = shapes.load("shopify", frame.collect_schema())
    return shape.apply(frame).collect()["line_amount"].to_list(), shape.notes(frame)


def test_an_order_discount_is_shared_out_in_proportion_to_the_lines():
    money, _ = shopify_money("#1,a@x.test,paid,EUR,90,90,0,10,0,2024-01-01,1,75,0", "#1,,,,,,,,,2024-01-01,1,25,0")
    assert money == pytest.approx([67.5, 22.5])


def test_a_discount_of_a_line_stays_with_its_line():
    money, _ = shopify_money("#1,a@x.test,paid,EUR,90,90,0,10,0,2024-01-01,1,75,10", "#1,,,,,,,,,2024-01-01,1,25,0")
    assert money == pytest.approx([65, 25])


def test_without_a_subtotal_the_discount_of_the_order_holds_those_of_its_lines():
    rows = "#1,a@x.test,paid,EUR,,90,0,10,0,2024-01-01,1,75,6", "#1,,,,,,,,,2024-01-01,1,25,0"
    money, _ = shopify_money(*rows)
    assert sum(money) == pytest.approx(90)


def test_a_refund_takes_goods_and_their_tax_but_no_shipping():
    money, _ = shopify_money("#1,a@x.test,partially_refunded,EUR,100,130,10,0,24,2024-01-01,1,100,0")
    assert money == pytest.approx([80])


def test_a_subtotal_above_the_lines_is_told_and_the_lines_are_taken_as_they_stand():
    money, notes = shopify_money("#1,a@x.test,paid,EUR,50,50,0,0,0,2024-01-01,1,40,0")
    assert money == pytest.approx([40])
    assert "1 order: Subtotal is above the lines, which are taken as they stand" in notes


def test_several_currencies_are_told():
    _, notes = shopify_money(
        "#1,a@x.test,paid,EUR,40,40,0,0,0,2024-01-01,1,40,0", "#2,b@x.test,paid,USD,10,10,0,0,0,2024-01-01,1,10,0"
    )
    assert any(
        note.startswith("several currencies that are added up as they stand: EUR 40.00 in 1 row, USD 10.00")
        for note in notes
    )


def test_a_price_that_alone_has_two_readings_is_settled_by_others_of_its_column():
    rows = [f"#{n},a@x.test,paid,EUR,,,0,0,0,2024-01-01,1,{price},0" for n, price in enumerate(["1.234"] * 3 + ["2.5"])]
    assert sum(shopify_money(*rows)[0]) == pytest.approx(3 * 1.234 + 2.5)
    with pytest.raises(DataError, match=r"Lineitem price: 1.234 may be 1234 or 1.234"):
        shopify_money(*rows[:3])


def test_a_price_that_cannot_be_read_is_named():
    with pytest.raises(DataError, match=r"column 'Lineitem price', row 1: expected a number, got '12 or so'"):
        shopify_money(
            "#1,a@x.test,paid,EUR,40,40,0,0,0,2024-01-01,1,40,0",
            "#2,b@x.test,paid,USD,10,10,0,0,0,2024-01-01,1,12 or so,0",
        )


def test_minor_units_depend_on_the_currency():
    frame = frame_of(
        "id,amount,amount_refunded,created,currency,status\n1,2000,0,1,usd,succeeded\n2,2000,0,1,jpy,succeeded\n3,2000,0,1,kwd,succeeded"
    )
    lines = shapes.load("stripe_charges", frame.collect_schema()).apply(frame).collect()
    assert lines["line_amount"].to_list() == [20, 2000, 2]


def test_events_of_ga4_keep_all_rows_and_become_instants():
    frame = frame_of(FILES["ga4_purchases"][1])
    shape = shapes.find(frame.collect_schema())
    events = shape.apply(frame).collect()
    assert shape.roles == {"entity": "user_pseudo_id", "time": "event_timestamp", "event": "event_name"}
    assert events.height == 4
    assert events["event_timestamp"].dtype == pl.Datetime("us", "UTC")
    assert str(events["event_timestamp"][0]) == "2024-01-05 10:00:00+00:00"


EVENTS = "event_date,event_timestamp,event_name,user_pseudo_id,channel,buys\n" + "".join(
    f"20240105,{1704448800000000 + 60_000_000 * n},{('page_view', 'purchase')[n % 2]},u{n // 2},web,{n % 2}\n"
    for n in range(8)
)


@pytest.mark.parametrize(
    "arguments",
    [
        ["stages", "--stage", "page_view", "--stage", "purchase"],
        ["journey"],
        ["attribution", "--channel", "channel", "--conversion", "buys"],
    ],
)
def test_the_columns_of_events_come_from_the_shape(tmp_path, arguments):
    (tmp_path / "events.csv").write_text(EVENTS)
    command, *rest = arguments
    done = CliRunner().invoke(app, [command, str(tmp_path / "events.csv"), *rest])
    assert done.exit_code == 0, done.stderr
    assert "entity = user_pseudo_id; time = event_timestamp" in done.stderr


def test_columns_of_events_that_neither_option_nor_shape_names_are_asked_for(tmp_path):
    (tmp_path / "events.csv").write_text("who,when,what\na,2024-01-01,x\n")
    done = CliRunner().invoke(app, ["journey", str(tmp_path / "events.csv"), "--time", "when"])
    assert done.exit_code == 2
    assert "set --entity and --event; the columns are who, when, what" in done.stderr


def test_fields_of_records_are_reached_by_a_point():
    frame = pl.LazyFrame(
        {
            "event_timestamp": [1704448860000000],
            "event_name": ["purchase"],
            "user_pseudo_id": ["u1"],
            "ecommerce": [{"transaction_id": "A1", "purchase_revenue": 40.5}],
        }
    )
    shape = shapes.load("ga4_purchases", shapes.names_of(frame.collect_schema()))
    lines = shape.apply(frame).collect()
    assert lines.select(shape.roles["order"], shape.roles["amount"]).row(0) == ("A1", 40.5)


OWN = """
title = "Our till"
headers = ["Till", "Slip"]
[roles]
customer = "Card"
time = "Day"
order = "Slip"
[[leave_out]]
column = "Kind"
values = ["void"]
[[amount]]
times = ["Each", "Pieces"]
minus = ["Rebate"]
"""
TILL = "Till,Slip,Card,Day,Kind,Each,Pieces\n1,s1,k1,2024-01-01,sale,2.5,4\n1,s2,k1,2024-01-02,void,2.5,4\n"


@pytest.mark.parametrize("by", ["file", "folder"])
def test_a_shape_of_ones_own_is_a_file_or_one_of_a_folder(tmp_path, by):
    (tmp_path / "till.toml").write_text(OWN)
    (tmp_path / "other.toml").write_text(OWN.replace('"Slip"]', '"Bon"]'))
    frame = frame_of(TILL)
    shape = shapes.choose(tmp_path / "till.toml" if by == "file" else tmp_path, frame.collect_schema())
    assert str(shape) == f"Our till (shape till{', found by its headers' if by == 'folder' else ''})"
    assert shape.apply(frame).collect()["line_amount"].to_list() == [10]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("headers", "header"), r"till.toml: unknown 'header' in shape; known are title, headers"),
        (("[roles]", "[roles]\nbuyer = 'x'"), "unknown role 'buyer'"),
        (("minus", "less"), "unknown 'less' in amount; known are of, times"),
        (('times = ["Each", "Pieces"]', ""), "amount needs of or times"),
        (('column = "Kind"', ""), "leave_out needs column"),
        (("[[leave_out]]", "[leave_out]"), r"leave_out is a list: leave_out = \[…\] or \[\[leave_out\]\]"),
        (('times = ["Each", "Pieces"]', 'of = "Each"\nminor_units = true'), "minor_units needs currency"),
        (("title =", "title"), "till.toml: "),
        (('"Our till"', "5"), "title is 5; expected text"),
        (('["Till", "Slip"]', "[1]"), "headers is 1; expected the name of a column, or a list of names"),
        (('["Till", "Slip"]', "[[]]"), r"headers is \[\]; expected the name of a column"),
        (('"Card"', "7"), "customer is 7; expected the name of a column"),
        (("[roles]", "[[roles]]"), r"roles is \[\{.*\}\]; expected a table"),
        (("[roles]", "[roles]\ndiscounts = 'x'"), "discounts is 'x'; expected a table"),
        (("[roles]", "[roles]\ndimensions = 'x'"), "dimensions is a list"),
        (('["void"]', "[1]"), "values is 1; expected text"),
        (('times = ["Each", "Pieces"]', 'of = "Each"\nminor_units = 1'), "minor_units is 1; expected true or false"),
        (("[[amount]]", "amount = [1]\n[[leave_out]]"), "till.toml: "),
        (("title", "notes = 9" + "9" * 5000 + "\ntitle"), "till.toml: "),
        (("title", "notes = " + "[" * 5000 + "\ntitle"), "till.toml: "),
    ],
)
def test_a_wrong_shape_is_named_with_what_is_wrong(tmp_path, change, message):
    (tmp_path / "till.toml").write_text(OWN.replace(*change))
    with pytest.raises(ParameterError, match=message):
        shapes.load(tmp_path / "till.toml", ["Till", "Slip"])


def test_a_shape_that_is_no_name_is_refused():
    with pytest.raises(ParameterError, match="shape: got 5; expected a name, a TOML file or a folder"):
        shapes.choose(5, ["Till"])
    with pytest.raises(ParameterError, match="shape: got 'xxx"):
        shapes.choose("x" * 3000, ["Till"])


def test_a_folder_of_the_name_of_a_shape_does_not_hide_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "square").mkdir()
    assert shapes.choose("square", frame_of(FILES["square"][1]).collect_schema()).title == "Square item sales"


def test_a_name_close_to_a_shape_is_offered():
    with pytest.raises(ParameterError, match=r"got .shopfy.; did you mean .shopify."):
        shapes.load("shopfy", ["a"])


def test_a_file_of_another_export_is_told_which_one():
    headers = frame_of(FILES["stripe_charges"][1]).collect_schema().names()
    with pytest.raises(SchemaError, match="its headers are those of shape stripe_charges, Stripe charges"):
        shapes.load("stripe", headers)


def test_shapes_travel_with_the_package():
    assert Path(shapes.__file__).with_name("shopify.toml").is_file()
