"""What people read is complete in every language, and numbers, days and nouns follow it."""

import ast
import datetime as dt
import re
import string
from pathlib import Path

import jinja2
import polars as pl
import pytest

import leverkit as lk
from leverkit._lib import numbers
from leverkit._lib import text as _text
from leverkit._lib.text import day, language, languages, listed, t, told, written
from leverkit.report.quantities import quantities_section
from leverkit.report.stages import stages_section

ROOT = Path(lk.__file__).parent
OTHERS = [name for name in languages() if name != "en"]


def templates_of_code():
    """Every literal that is handed to `t` or `mark`, with its place."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_text = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("t", "mark")
            if is_text and node.args and isinstance(node.args[0], ast.Constant):
                yield f"{path.name}:{node.lineno}", node.args[0].value


def templates_of_pages():
    for path in sorted((ROOT / "report").glob("*.j2")):
        tree = jinja2.Environment().parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(jinja2.nodes.Call):
            if isinstance(call.node, jinja2.nodes.Name) and call.node.name == "t":
                yield f"{path.name}:{call.lineno}", call.args[0].value


def names_in(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("name", OTHERS)
def test_every_template_of_the_report_and_its_figures_is_translated(name):
    known = _text._load(name).templates
    missing = [f"{place}: {text}" for place, text in [*templates_of_code(), *templates_of_pages()] if text not in known]
    assert not missing, f"not in leverkit/texts/{name}/*.toml:\n" + "\n".join(missing)


@pytest.mark.parametrize("name", OTHERS)
def test_a_translation_fills_in_the_same_values(name):
    spoken = _text._load(name)
    for table in (spoken.templates, spoken.said):
        wrong = [english for english, text in table.items() if names_in(english) != names_in(text)]
        assert not wrong


@pytest.mark.parametrize("name", OTHERS)
def test_a_translation_is_used_and_stands_once(name):
    folder = ROOT / "texts" / name
    used = {text for _, text in [*templates_of_code(), *templates_of_pages()]}
    seen = {}
    for path in sorted(folder.glob("*.toml")):
        for english, text in ({} if path.name == "format.toml" else _text._toml(path)).items():
            assert english in used, f"{path.name}: nobody says {english!r}"
            assert english not in seen, f"{path.name}: {english!r} stands in {seen[english]} too"
            seen[english] = path.name
            assert text.strip()


@pytest.mark.parametrize("name", OTHERS)
def test_what_the_engines_name_is_translated(name):
    said = _text._load(name).said
    formula = lk.profit.Formula.full()
    company = lk.datasets.company(months=4)
    scores = lk.rfm.score(company.ledger())
    measured = lk.profit.measure(company.ledger(), limit_day=60)
    nodes = formula.tree(measured.at())._tables["table"]["node"]
    names = {node.replace("_", " ") for node in nodes} | set(measured._tables["missing"]["needed"])
    names |= set(scores._tables["segments"]["segment"]) | set(scores._tables["segments"]["action"]) | {scores.rule}
    assert not {text for text in names if text not in said}


def test_the_russian_report_of_a_company_holds_no_english_sentence():
    company = lk.datasets.company(months=14)
    report = lk.report.build(company.ledger(), language="ru", profit={"limit_day": 60})
    texts = [*report.findings, report.title, *(f"{tile.label} {tile.note}" for tile in report.tiles)]
    texts += [f"{action.who} {action.what}" for action in report.actions]
    for section in report.sections:
        texts += [section.title, section.lead, *section.notes, *section.params]
        texts += [figure.figure.layout.title.text + figure.caption for figure in section.figures]
        for table in section.tables:
            texts += [table.title, table.caption, *(column.label for column in table.columns.values())]
    english = re.compile(r"\b(the|of|customers?|orders?|days?|is|are|limit|revenue|and)\b")
    assert not [text for text in texts if english.search(text)]


def test_a_lifetime_model_shows_itself_in_russian():
    orders = lk.clv.summary(lk.datasets.company(months=14).ledger())
    model = lk.clv.ModifiedBetaGeoModel()
    with language("ru"):
        assert "параметры не оценены" in model._repr_html_()
        shown = model.fit(orders)._repr_html_().rpartition("<ul>")[2]
    assert not re.search("[A-Za-z]+ [a-z]+ [a-z]+", shown)


def test_a_page_says_its_language_and_writes_its_numbers():
    lines = pl.DataFrame({"c": [1, 2], "t": [dt.date(2024, 3, 1)] * 2, "a": [1234.5, 1e6]})
    page = lk.report.build(lines, customer="c", time="t", amount="a", language="ru").html
    assert '<html lang="ru">' in page
    assert "1\N{NO-BREAK SPACE}001\N{NO-BREAK SPACE}234" in page or "1,0\N{NO-BREAK SPACE}млн" in page
    assert "02.03.2024" in page
    assert '"separators":",\\u00a0"' in page


def test_an_unknown_language_names_those_that_there_are():
    with (
        pytest.raises(lk.ParameterError, match=r"language: got 'klingon'; expected \"en\" or \"ru\""),
        language("klingon"),
    ):
        pass


def test_a_language_lasts_as_long_as_its_block():
    with language("ru"):
        assert t("Customers") == "Клиенты"
        with language("en"):
            assert t("Customers") == "Customers"
        with language(None):
            assert t("Customers") == "Клиенты"
    assert t("Customers") == "Customers"


def test_what_has_no_translation_stays_english():
    with language("ru"):
        assert t("Nobody wrote this {n} {n:time|times}", n=2) == "Nobody wrote this 2 times"
        assert told("A company's own segment {with} braces") == "A company's own segment {with} braces"


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "0 клиентов"),
        (1, "1 клиент"),
        (2, "2 клиента"),
        (5, "5 клиентов"),
        (11, "11 клиентов"),
        (12, "12 клиентов"),
        (21, "21 клиент"),
        (22, "22 клиента"),
        (111, "111 клиентов"),
        (1_001, "1\N{NO-BREAK SPACE}001 клиент"),
        (1.5, "1,5 клиента"),
    ],
)
def test_a_noun_takes_the_form_of_its_number(n, text):
    with language("ru"):
        number = numbers.count(n) if n == int(n) else numbers.decimal(n)
        assert t("{customers} {customers:customer|customers}", customers=number) == text


def test_a_number_that_another_hand_wrote_bends_its_noun_too():
    texts = [t("{n:day|days}", n=n) for n in ("1", "1,001", "unknown", None, 1)]
    assert texts == ["day", "days", "days", "days", "day"]


def test_english_knows_one_and_many():
    assert [t("{n} {n:day|days}", n=numbers.count(n)) for n in (0, 1, 2)] == ["0 days", "1 day", "2 days"]


def test_numbers_days_and_shares_follow_the_language():
    with language("ru"):
        texts = [
            numbers.money(4605345.2),
            numbers.money(-31.2),
            numbers.percent(0.0345),
            numbers.percent(0.00001),
            numbers.short_money(4605345),
            numbers.number(0.0125),
            numbers.limits(1, 2, numbers.count),
            day("2024-12-31"),
            day(dt.date(2024, 1, 2)),
            t("{n:.1f}", n=1234.56),
        ]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts] == [
        "4 605 345",
        "\N{MINUS SIGN}31,20",
        "3,5 %",
        "< 0,1 %",
        "4,6 млн",
        "0,0125",
        "1 – 2",
        "31.12.2024",
        "02.01.2024",
        "1234,6",
    ]
    assert "\N{NO-BREAK SPACE}%" in texts[2]


def test_a_sentence_of_the_engine_is_recognised_by_its_template():
    with language("ru"):
        assert told("3 customers have returns but no order: listed without scores.").startswith(
            "3 клиента с возвратами"
        )
        assert (
            told("21 customers came after 2024-02-03: left out.")
            == "21 клиент пришёл после 03.02.2024: в расчёт не вошли."
        )
        assert told("12487 entry products with fewer than 20 customers are left out.").endswith(
            "12\N{NO-BREAK SPACE}487."
        )
        reason = "nobody is followed for the 30 days of the horizon"
        assert (
            told(f"No limit day: {reason}.") == "Лимитного дня нет: никого не удалось проследить все 30 дней горизонта."
        )


def test_names_are_listed_with_the_languages_and():
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
    with language("ru"):
        assert listed(["a", "b", "c"]) == "a, b и c"


def test_a_written_number_can_be_copied():
    import copy
    import pickle

    number = written("1,234.5", 1234.5)
    for again in (copy.deepcopy(number), pickle.loads(pickle.dumps(number))):
        assert (again, again.number) == ("1,234.5", 1234.5)


def test_the_sections_of_an_event_log_and_of_quantities_hold_no_english_sentence():
    events = pl.DataFrame(
        {
            "who": [1, 1, 2, 3, None],
            "at": ["2024-01-01", "2024-01-02", "2024-01-01", "2024-01-03", "2024-01-04"],
            "what": ["see", "buy", "see", "see", "see"],
        }
    )
    shares = pl.DataFrame({"who": ["a", "b"], "advised": [12, 8], "done": [3, 2]})
    with language("ru"):
        sections = [
            stages_section(events, {"entity": "who", "time": "at", "stage": "what", "stages": ["see", "buy"]}),
            quantities_section(shares, entity="who", levels=["advised", "done"]),
        ]
    texts = [
        text for section in sections for text in (section.lead, *section.notes, *map(str, section.params.values()))
    ]
    english = re.compile(r"\b(the|of|rows?|stages?|is|are|most|events?|value)\b")
    assert not [text for text in texts if english.search(text)]


def test_what_elasticity_says_has_russian_words():
    with language("ru"):
        assert (
            told("6140 of 7882 groups with revenue of 2636778: ok.")
            == "6140 из 7882 товаров с выручкой 2\u00a0636\u00a0778: годится."
        )
        assert told("wrong sign") == "неверный знак"


@pytest.mark.parametrize(
    ("said", "russian"),
    [
        (
            "3 of 5 rows (60 %, 36.00) were set aside: no customer (2), duplicate dropped (1).",
            "Исключено строк: 3 из 5 (60\u00a0%, 36,00). Причина: нет клиента (2), копия исключена (1).",
        ),
        (
            "1 of 40 rows (2.5 %) were set aside: no amount. 2 rows: price unknown, row left out (row 3 is the first).",
            "Исключено строк: 1 из 40 (2,5\u00a0%). Причина: нет суммы. 2 строки: цена неизвестна, строка не учтена (первая\u00a0– строка 3).",
        ),
        ("no customer (2), a reason of tomorrow (1)", "no customer (2), a reason of tomorrow (1)"),
    ],
)
def test_what_is_made_of_parts_is_told_part_by_part_or_not_at_all(said, russian):
    with language("ru"):
        assert told(said) == russian


def test_every_reason_for_which_rows_are_left_out_is_translated():
    source = (ROOT.parents[1] / "crates/leverkit-core/src/left_out.rs").read_text(encoding="utf-8")
    reasons = [text.replace('\\"', '"') for text in re.findall(r'Self::\w+ => (?:\{\s*)?"((?:[^"\\]|\\.)*)"', source)]
    known = _text._load("ru").said
    assert len(reasons) > 40
    assert not [text for text in reasons if text not in known]
