"""The first page says what to act on, in a director's words, and compares what can be compared."""

import datetime as dt
import re

import polars as pl
import pytest

import leverkit as lk
from leverkit.report.against import changes

#: What only an analyst would know: code, names with underscores, and methods.
ANALYST = re.compile(
    r"`|\w_\w|\b\w+=\w|\b(elasticity|coefficient|p-value|likelihood|NBD|Gamma|bootstrap|Shapley|ppml|beta|draws|quantile|null|DataFrame|Parquet)\b"
)


def shop(months, *, start=dt.date(2024, 1, 1), growth=1.0):
    """A shop where in month m each of ten old customers and m new ones orders once, for 10 × growth^m."""
    rows = []
    for month in range(months):
        day = dt.date(start.year + (start.month - 1 + month) // 12, (start.month - 1 + month) % 12 + 1, 1)
        people = [*range(10), *(100 * (month + 1) + new for new in range(month))]
        rows += [(f"c{one}", day + dt.timedelta(days=one % 28), 10.0 * growth**month) for one in people]
        rows.append(("c0", day.replace(day=28), 10.0 * growth**month))
    return pl.DataFrame(rows, schema=["client", "day", "paid"], orient="row")


def ledger(frame, **more):
    return lk.Ledger(frame, customer="client", time="day", amount="paid", **more)


def words(front):
    levers = [text for lever in [*front.sure, *front.unsure] for text in lever.values() if isinstance(text, str)]
    changed = [front.changes.sentence] if front.changes else [front.unchanged]
    return [
        *front.head,
        front.headline,
        front.lead,
        *levers,
        front.called,
        *changed,
        front.to_test,
        front.quality,
        *front.details,
    ]


def test_parts_of_a_change_add_up_to_it():
    found = changes(ledger(shop(6, growth=1.1)), "previous")
    parts = dict(found.table.frame.select("what", "part").iter_rows())
    change = parts.pop("Revenue")
    orders = {month: 11 + month for month in range(6)}
    assert change == pytest.approx(10 * (orders[5] * 1.1**5 - orders[4] * 1.1**4), rel=1e-12)
    assert sum(parts.values()) == pytest.approx(change, rel=1e-12)
    assert parts["New customers"] > 0 and parts["Customers who had bought before"] == 0


def test_the_last_whole_month_is_compared():
    whole = changes(ledger(shop(6)), "previous")
    assert (whole.now, whole.before) == ("2024-06", "2024-05")
    begun = shop(6).filter(pl.col("day") < dt.date(2024, 6, 20))
    assert changes(ledger(begun), "previous").now == "2024-05"


def test_a_year_ago_and_a_span_of_months():
    lines = ledger(shop(15))
    found = changes(lines, "year-ago")
    assert (found.now, found.before) == ("2025-03", "2024-03")
    span = changes(lines, "2024-02..2024-04")
    assert (span.now, span.before) == ("2025-01 to 2025-03", "2024-02 to 2024-04")
    assert changes(lines, "previous", "quarter").before == "2024-10 to 2024-12"


def test_what_cannot_be_compared_says_why():
    lines = ledger(shop(3))
    with pytest.raises(
        lk.DataError, match="2023-03 and 2024-03 are compared, and whole months are there from 2024-01 to 2024-03"
    ):
        changes(lines, "year-ago")
    with pytest.raises(
        lk.ParameterError, match='against: got \'yesterday\'; expected "previous", "year-ago" or months'
    ):
        changes(lines, "yesterday")
    with pytest.raises(lk.ParameterError, match="against"):
        changes(lines, "2024-05..2024-02")
    with pytest.raises(lk.DataError, match="whole months"):
        lk.report.build(lines, against="year-ago")
    front = lk.report.build(ledger(shop(1))).front
    assert front.changes is None and front.unchanged.startswith("Nothing is compared")


@pytest.fixture(scope="module")
def company():
    made = lk.datasets.company(months=18)
    books = {"leads": made.leads, "spend": made.spend, "costs": made.costs, "limit_day": 90}
    return lk.report.build(made.ledger(), title="Our shop", currency="EUR", limit_day={"horizon": 90}, profit=books)


def test_the_first_page_holds_no_word_for_analysts(company):
    assert not [text for text in words(company.front) if ANALYST.search(text)]
    shown = re.sub(r"<[^>]*>", " ", company._repr_html_().rpartition("</style>")[2])
    assert not ANALYST.search(shown)


def test_head_says_period_currency_and_what_is_compared(company):
    assert list(company.front.head) == ["2024-01-01 to 2025-06-30", "Money in EUR", "2025-06 compared with 2025-05"]


def test_only_calls_that_pay_are_listed(company):
    saving = company.front.calls.frame["expected_saving"]
    assert saving.min() > 0
    triggers = company.tables["rfm_triggers"]
    assert saving.len() == triggers.filter(pl.col("expected_saving") > 0).height
    assert f"{saving.len()} customers to call" in company.front.called


def test_sure_levers_stand_apart_from_those_that_are_not(company):
    table = company.plan.table
    assert len(company.front.sure) == min(table["sure"].sum(), 5)
    assert len(company.front.unsure) == min((~table["sure"]).sum(), 5)
    assert all(lever["grade"].startswith("not sure") for lever in company.front.unsure)


def test_where_frequency_and_price_move_revenue_alike_none_is_named_first():
    report = lk.report.build(ledger(shop(6)), profit={"limit_day": 20})
    finding = next(text for text in report.findings if "would change profit" in text)
    assert "would change profit alike" in finding
    assert "frequency" in finding and "list price" in finding


@pytest.mark.parametrize(
    ("language", "currency", "money"),
    [
        ("en", "EUR", "€1,234"),
        ("en", "CHF", "CHF\N{NO-BREAK SPACE}1,234"),
        ("ru", "RUB", "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}₽"),
    ],
)
def test_money_is_written_with_its_currency(language, currency, money):
    from leverkit._lib import numbers

    with lk.language(language), numbers.currency(currency):
        assert numbers.money(1234) == money
    with numbers.currency("USD"):
        assert numbers.money(-12.5) == "\N{MINUS SIGN}$12.50"
        assert numbers.short_money(4_600_000) == "$4.6\N{NO-BREAK SPACE}million"
        assert numbers.signed_money(5) == "+$5.00"
    assert numbers.money(1234) == "1,234"


def test_the_currency_of_a_ledger_reaches_results_figures_and_pages(company):
    lines = ledger(shop(8), currency="GBP")
    assert lines.currency == "GBP" and lines.between("2024-02-01").currency == "GBP"
    assert "average check £10.00" in str(lk.rfm.score(lines).plot().data[0].customdata)
    assert "£" in lk.report.build(lines).html.rpartition("<body")[2][:60_000]
    assert "€" in company.plan.headline + company.plan.caption + str(company.plan.table["evidence"].to_list())
    assert lk.Ledger(shop(2), customer="client", time="day", amount="paid").currency is None


def test_a_currency_is_a_code():
    with pytest.raises(lk.ParameterError, match="currency: got 'euro'; expected a code of three letters"):
        ledger(shop(1), currency="euro")
    with pytest.raises(lk.ParameterError, match="currency: got '€'"):
        lk.report.build(ledger(shop(1)), currency="€")
