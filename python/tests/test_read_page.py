"""The errors that the page "Read your data" shows are those that are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import xlsxwriter

import leverkit as lk
from leverkit.reading import as_roles, asking, open_source

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "read-data.md"


def shown() -> list[str]:
    """The errors of the table under "What is asked"."""
    section = PAGE.read_text(encoding="utf-8").split("## What is asked")[1].split("\n## ")[0]
    return re.findall(r"^\| `(.*?)` \|", section, flags=re.MULTILINE)


def orders(*rows: str, header: str = "client,date,amount", name: str = "orders.csv") -> dict[str, bytes]:
    return {name: "\n".join([header, *rows, ""]).encode()}


def of_time(*rows: str) -> dict[str, bytes]:
    return orders(*rows, header="client,time,amount")


DAYS = [f"ann,2024-01-{day % 28 + 1:02},1.5" for day in range(5000)]
#: For each of the errors the files that it is printed for, in the order of the page.
FILES: list[dict[str, bytes]] = [
    orders("ann,03/04/2024,10"),
    orders('ann,2024-01-05,"1,234"'),
    orders(*DAYS, "ann,2024-01-05,tbd"),
    orders("ann,25.12.2024,1", *["ann,26.12.2024,1"] * 6, "ann,12.25.2024,1"),
    orders("ann,25.12.2024,1", "ann,12.25.2024,1"),
    of_time("ann,2024-01-05 09:59:00,1", "ann,2024-01-05 09:59:00 +0200,1"),
    orders("ann,2024-01-05,$5", "ann,2024-01-05,5 €"),
    orders("ann,2024", "bob,2024,5", header="client,amount"),
    orders('"ann,1', header="client,amount"),
    {"orders.csv": "client,paid\nAyşe,1\nDoğan,2\n".encode("cp1254")},
    {"orders.csv": b"client,paid\n\xc3\x89va,1\nM\xfcller,2\n"},
    orders(*DAYS[:500], "client,date,amount"),
    {"orders.xls": b"<html><table><tr><td>client</td></tr></table></html>"},
    {"orders.xlsx": b""},
    {"a.csv": b"client,paid\nann,10.5\n", "b.csv": b'client,paid\nbob,"7,25"\n'},
    {"a.csv": b"client,date,paid\nann,2024-01-05,10\n", "readme.txt": b"These are exports.\n"},
]


def printed(files: dict[str, bytes], folder: Path) -> str:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    if "orders.xlsx" in files:
        with xlsxwriter.Workbook(folder / "orders.xlsx") as book:
            for sheet in ("Orders", "Returns"):
                book.add_worksheet(sheet).write_column(0, 0, ["client", "ann"])
    with pytest.raises(lk.LeverkitError) as caught:
        source = open_source([str(folder / name) for name in files], option=asking.command)
        kinds = {"date": "time", "time": "time", "amount": "number", "paid": "number"}
        as_roles(source, {name: kind for name, kind in kinds.items() if name in source.schema}).collect()  # type: ignore[misc]
    return str(caught.value)


@pytest.mark.parametrize("place", range(len(FILES)))
def test_an_error_is_shown_as_it_is_printed(place: int, tmp_path: Path) -> None:
    assert shown()[place] == printed(FILES[place], tmp_path)


def test_each_error_that_is_shown_is_printed() -> None:
    assert len(shown()) == len(FILES)
